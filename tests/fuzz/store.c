/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what files and blobs may hold (src/cert/content.h, src/cert/serial.h).  The input:
 * PEM, DER, PKCS #7 or a serialized store.  What is accepted is whole, and can be written and read
 * again.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <windows.h>

#include <wincrypt.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static unsigned count(HCERTSTORE store)
{
    PCCERT_CONTEXT crt = NULL;
    PCCRL_CONTEXT crl = NULL;
    unsigned found = 0;

    while ((crt = CertEnumCertificatesInStore(store, crt)) != NULL) {
        fuzz_check(crt->hCertStore == store, "a certificate is in the store that shows it");
        fuzz_check(crt->pCertInfo->Subject.cbData <= crt->cbCertEncoded, "a name is a part");
        found++;
    }
    while ((crl = CertEnumCRLsInStore(store, crl)) != NULL) {
        fuzz_check(crl->hCertStore == store, "a list is in the store that shows it");
        found++;
    }
    return found;
}

/* Every property of every certificate can be had in the size that is told. */
static void read_properties(HCERTSTORE store)
{
    PCCERT_CONTEXT crt = NULL;

    while ((crt = CertEnumCertificatesInStore(store, crt)) != NULL) {
        DWORD id = 0;

        while ((id = CertEnumCertificateContextProperties(crt, id)) != 0) {
            DWORD size = 0;
            void *data;

            fuzz_check(CertGetCertificateContextProperty(crt, id, NULL, &size), "a size");
            data = malloc(size > 0 ? size : 1);
            fuzz_check(data != NULL, "memory");
            fuzz_check(CertGetCertificateContextProperty(crt, id, data, &size), "a property");
            free(data);
        }
    }
}

static void round_trip(HCERTSTORE store)
{
    CRYPT_DATA_BLOB blob = {0, NULL};
    HCERTSTORE again;

    fuzz_check(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0),
        "the size of a store");
    blob.pbData = malloc(blob.cbData);
    fuzz_check(blob.pbData != NULL, "memory");
    fuzz_check(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0),
        "what can be read can be written");
    again = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &blob);
    fuzz_check(again != NULL, "what was written can be read");
    fuzz_check(count(again) == count(store), "nothing is lost");
    CertCloseStore(again, 0);
    free(blob.pbData);
}

static void try_provider(LPCSTR provider, CRYPT_DATA_BLOB *blob)
{
    HCERTSTORE store = CertOpenStore(provider, 0, 0, 0, blob);

    if (store == NULL)
        return;
    read_properties(store);
    round_trip(store);
    CertCloseStore(store, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    size_t length;
    void *bytes = fuzz_rest(&input, &length);
    CERT_BLOB blob = {(DWORD)length, bytes};
    HCERTSTORE store = NULL;
    DWORD content = 0;

    if (CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                         CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, &content, NULL, &store, NULL, NULL)) {
        fuzz_check((store == NULL) == (content == CERT_QUERY_CONTENT_PFX),
                   "all but a PFX is a store");
        if (store != NULL) {
            read_properties(store);
            round_trip(store);
        }
        CertCloseStore(store, 0);
    }
    try_provider(CERT_STORE_PROV_PKCS7, &blob);
    try_provider(CERT_STORE_PROV_SERIALIZED, &blob);
    free(bytes);
    return 0;
}
