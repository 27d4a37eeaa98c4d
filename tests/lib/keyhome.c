/* SPDX-License-Identifier: MIT */
#include "lib/keyhome.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cert/cert.h"
#include "lib/certs.h"

static char folder[256];

void keyhome_begin(void)
{
    const char *temporary = getenv("TMPDIR");

    snprintf(folder, sizeof(folder), "%s/keys.XXXXXX", temporary == NULL ? "/tmp" : temporary);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("XDG_DATA_HOME", folder, 1);
}

static int discard(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void keyhome_end(void)
{
    ck_assert_int_eq(nftw(folder, discard, 8, FTW_DEPTH | FTW_PHYS), 0);
    unsetenv("XDG_DATA_HOME");
    certs_end();
}

const char *keyhome_path(const char *leaf)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/%s", folder, leaf);
    return path;
}

PCCERT_CONTEXT keyhome_context(const struct certs_form *form, unsigned key)
{
    gnutls_x509_crt_t crt = certs_make(form, key, NULL, key);
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    return context;
}

PCCERT_CONTEXT keyhome_certificate(unsigned key)
{
    return keyhome_context(&(struct certs_form){.name = "CN=key.example"}, key);
}

CRYPT_DATA_BLOB keyhome_pfx(unsigned key, LPCWSTR password)
{
    PCCERT_CONTEXT context = keyhome_certificate(key);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    CRYPT_DATA_BLOB pfx = {0, NULL};
    gnutls_privkey_t private;

    certs_must(gnutls_privkey_init(&private) == 0);
    certs_must(gnutls_privkey_import_x509(private, certs_key(key), GNUTLS_PRIVKEY_IMPORT_COPY) ==
               0);
    ck_assert(cert_context_key_attach(context, private));
    ck_assert(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_ALWAYS, NULL));
    ck_assert(PFXExportCertStoreEx(store, &pfx, password, NULL, EXPORT_PRIVATE_KEYS));
    pfx.pbData = malloc(pfx.cbData);
    ck_assert(PFXExportCertStoreEx(store, &pfx, password, NULL, EXPORT_PRIVATE_KEYS));
    CertCloseStore(store, 0);
    CertFreeCertificateContext(context);
    return pfx;
}
