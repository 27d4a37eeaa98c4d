/* SPDX-License-Identifier: MIT */
/* Writes the corpus of the target "store": one input of each form, into FOLDER/store. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>

#include <wincrypt.h>

#include "lib/certs.h"

static const char *folder;

static void save(const char *name, const void *data, size_t size)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/store", folder);
    mkdir(path, 0777);
    snprintf(path, sizeof(path), "%s/store/%s", folder, name);
    file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
}

static void save_store(const char *name, HCERTSTORE store, DWORD as)
{
    CRYPT_DATA_BLOB blob = {0, NULL};

    if (!CertSaveStore(store, 0, as, CERT_STORE_SAVE_TO_MEMORY, &blob, 0))
        exit(EXIT_FAILURE);
    blob.pbData = malloc(blob.cbData);
    if (blob.pbData == NULL || !CertSaveStore(store, 0, as, CERT_STORE_SAVE_TO_MEMORY, &blob, 0))
        exit(EXIT_FAILURE);
    save(name, blob.pbData, blob.cbData);
    free(blob.pbData);
}

static void set_properties(PCCERT_CONTEXT context)
{
    CRYPT_KEY_PROV_PARAM param = {PP_KEYEXCHANGE_PIN, (BYTE *)(uintptr_t) "1234", 5, 0};
    CRYPT_KEY_PROV_INFO info = {(LPWSTR)(uintptr_t)u"container",
                                (LPWSTR)(uintptr_t)u"provider",
                                PROV_RSA_AES,
                                0,
                                1,
                                &param,
                                AT_KEYEXCHANGE};
    CRYPT_DATA_BLOB name = {10, (BYTE *)(uintptr_t)u"name"};

    CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info);
    CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &name);
}

int main(int argc, char **argv)
{
    const struct certs_form form = {.name = "CN=The Root", .authority = 1};
    gnutls_x509_crt_t crt = certs_make(&form, 0, NULL, 0);
    const struct certs_list list = {.revoked = crt};
    gnutls_datum_t der = certs_der(crt), crl = certs_list(&list, crt, 0), pem, key, base64;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    PCCERT_CONTEXT context = NULL;
    char bundle[8192];

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return EXIT_FAILURE;
    }
    folder = argv[1];
    if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) != 0 ||
        gnutls_x509_privkey_export2_pkcs8(certs_key(0), GNUTLS_X509_FMT_PEM, NULL,
                                          GNUTLS_PKCS_PLAIN, &key) != 0 ||
        gnutls_base64_encode2(&der, &base64) != 0)
        return EXIT_FAILURE;
    save("a-certificate", der.data, der.size);
    save("a-list", crl.data, crl.size);
    save("a-certificate-in-base64", base64.data, base64.size);
    snprintf(bundle, sizeof(bundle), "a comment\n%.*s%.*s", (int)pem.size, pem.data, (int)key.size,
             key.data);
    save("a-certificate-with-its-key", bundle, strlen(bundle));
    CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, der.size,
                                     CERT_STORE_ADD_NEW, &context);
    CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, crl.data, crl.size, CERT_STORE_ADD_NEW,
                             NULL);
    set_properties(context);
    save_store("a-message", store, CERT_STORE_SAVE_AS_PKCS7);
    save_store("a-serialized-store", store, CERT_STORE_SAVE_AS_STORE);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    gnutls_free(base64.data);
    gnutls_free(key.data);
    gnutls_free(pem.data);
    gnutls_free(crl.data);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    certs_end();
    return EXIT_SUCCESS;
}
