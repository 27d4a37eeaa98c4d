/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: PKCS #12.  The input: flags (1), a password (UTF-16), and the file.  What was
 * imported can be exported, and imported again as much.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ncrypt.h>
#include <wincrypt.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

struct counts {
    unsigned certificates, keys;
};

static struct counts store_count(HCERTSTORE store)
{
    struct counts counts = {0, 0};
    PCCERT_CONTEXT context = NULL;

    while ((context = CertEnumCertificatesInStore(store, context)) != NULL) {
        HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key = 0;
        DWORD spec = 0;
        BOOL mine = FALSE;

        counts.certificates++;
        if (CryptAcquireCertificatePrivateKey(context, CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, NULL,
                                              &key, &spec, &mine)) {
            counts.keys++;
            if (mine && spec == CERT_NCRYPT_KEY_SPEC)
                NCryptFreeObject(key);
            else if (mine)
                CryptReleaseContext(key, 0);
        }
    }
    return counts;
}

/* Certificates go out once each: a file may have one twice. */
static void export_and_import(HCERTSTORE store, LPCWSTR password)
{
    CRYPT_DATA_BLOB blob = {0, NULL};
    struct counts before = store_count(store), after;
    HCERTSTORE again;

    if (!PFXExportCertStoreEx(store, &blob, password, NULL, EXPORT_PRIVATE_KEYS))
        return;
    blob.pbData = malloc(blob.cbData);
    fuzz_check(blob.pbData != NULL, "memory");
    if (PFXExportCertStoreEx(store, &blob, password, NULL, EXPORT_PRIVATE_KEYS)) {
        again = PFXImportCertStore(&blob, password, CRYPT_EXPORTABLE);
        fuzz_check(again != NULL, "what was exported can be imported");
        after = store_count(again);
        fuzz_check(after.certificates == before.certificates, "no certificate is lost");
        fuzz_check(after.keys <= before.keys, "no key is made");
        CertCloseStore(again, 0);
    }
    free(blob.pbData);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    DWORD flags = fuzz_u8(&input) % 2 ? CRYPT_EXPORTABLE : 0;
    WCHAR *password = (WCHAR *)(void *)fuzz_text(&input);
    size_t length;
    CRYPT_DATA_BLOB blob = {0, fuzz_rest(&input, &length)};
    HCERTSTORE store;
    BOOL verified;

    blob.cbData = (DWORD)length;
    verified = PFXVerifyPassword(&blob, password, 0);
    SetLastError(0);
    store = PFXImportCertStore(&blob, password, flags);
    if (store != NULL) {
        fuzz_check(PFXIsPFXBlob(&blob), "only a PFX is imported");
        fuzz_check(verified, "only with its password");
        export_and_import(store, password);
        CertCloseStore(store, 0);
    } else {
        fuzz_check(GetLastError() != 0, "a failure has a reason");
    }
    free(blob.pbData);
    free(password);
    return 0;
}
