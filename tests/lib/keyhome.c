/* SPDX-License-Identifier: MIT */
#include "lib/keyhome.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

PCCERT_CONTEXT keyhome_certificate(unsigned key)
{
    struct certs_form form = {.name = "CN=key.example"};
    gnutls_x509_crt_t crt = certs_make(&form, key, NULL, key);
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    return context;
}
