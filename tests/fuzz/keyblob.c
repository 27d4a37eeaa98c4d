/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: keys as blobs, of CryptImportKey() and NCryptImportKey().  The input: which of their
 * forms, then the blob.  A key that was taken can be exported, and that is taken again.
 */
#include "fuzz.h"
#include "codes.h"

#include <stdlib.h>
#include <string.h>

/* GnuTLS 3.7 forgets a number when it refuses the primes of an RSA key; its frames cannot be told
 * apart without their pointers. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libgnutls.so\n";
}

static HCRYPTPROV provider;
static NCRYPT_PROV_HANDLE storage;

/* No names of keys are in the input, so nothing is written to a folder. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    fuzz_check(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT),
               "there is a provider");
    fuzz_check(NCryptOpenStorageProvider(&storage, NULL, 0) == ERROR_SUCCESS,
               "there is a storage provider");
    return 0;
}

struct keyblob {
    BYTE *data;
    DWORD size;
};

/* An RSA key has more than one exponent; the second way through chooses the same as the first. */
static void keyblob_compare(struct keyblob one, struct keyblob other)
{
    fuzz_check(one.data != NULL && other.data != NULL, "it can be exported again");
    fuzz_check(one.size == other.size && memcmp(one.data, other.data, one.size) == 0,
               "as the same");
    free(one.data);
    free(other.data);
}

/* ---- CryptImportKey ------------------------------------------------------------------------- */

static struct keyblob capi_export(HCRYPTKEY key, DWORD type)
{
    struct keyblob blob = {NULL, 0};

    if (!CryptExportKey(key, 0, type, 0, NULL, &blob.size))
        return blob;
    blob.data = malloc(blob.size);
    fuzz_check(blob.data != NULL && CryptExportKey(key, 0, type, 0, blob.data, &blob.size),
               "the size asked for does");
    return blob;
}

static struct keyblob capi_again(struct keyblob blob, DWORD type)
{
    struct keyblob again;
    HCRYPTKEY key = 0;

    fuzz_check(CryptImportKey(provider, blob.data, blob.size, 0, CRYPT_EXPORTABLE, &key),
               "what was exported can be imported");
    again = capi_export(key, type);
    CryptDestroyKey(key);
    return again;
}

static void capi_round_trip(HCRYPTKEY key, DWORD type)
{
    struct keyblob blob = capi_export(key, type), again, last;

    if (blob.data == NULL)
        return;
    again = capi_again(blob, type);
    last = capi_again(again, type);
    keyblob_compare(again, last);
    free(blob.data);
}

static void play_capi(const BYTE *data, DWORD size)
{
    HCRYPTKEY key = 0;

    SetLastError(0);
    if (!CryptImportKey(provider, data, size, 0, CRYPT_EXPORTABLE, &key)) {
        fuzz_check(GetLastError() != 0 && key == 0, "a failure has a reason and no key");
        return;
    }
    capi_round_trip(key, PUBLICKEYBLOB);
    capi_round_trip(key, PRIVATEKEYBLOB);
    CryptDestroyKey(key);
}

/* ---- NCryptImportKey ------------------------------------------------------------------------ */

static SECURITY_STATUS cng_import(LPCWSTR kind, BYTE *data, DWORD size, NCRYPT_KEY_HANDLE *key)
{
    DWORD policy = NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;
    SECURITY_STATUS status =
        NCryptImportKey(storage, 0, kind, NULL, key, data, size, NCRYPT_DO_NOT_FINALIZE_FLAG);

    if (status == ERROR_SUCCESS) {
        NCryptSetProperty(*key, NCRYPT_EXPORT_POLICY_PROPERTY, (BYTE *)&policy, sizeof policy, 0);
        status = NCryptFinalizeKey(*key, 0);
    }
    return status;
}

static struct keyblob cng_export(NCRYPT_KEY_HANDLE key, LPCWSTR kind)
{
    struct keyblob blob = {NULL, 0};

    if (NCryptExportKey(key, 0, kind, NULL, NULL, 0, &blob.size, 0) != ERROR_SUCCESS)
        return blob;
    blob.data = malloc(blob.size);
    fuzz_check(blob.data != NULL && NCryptExportKey(key, 0, kind, NULL, blob.data, blob.size,
                                                    &blob.size, 0) == ERROR_SUCCESS,
               "the size asked for does");
    return blob;
}

static struct keyblob cng_again(struct keyblob blob, LPCWSTR kind)
{
    struct keyblob again;
    NCRYPT_KEY_HANDLE key = 0;

    fuzz_check(cng_import(kind, blob.data, blob.size, &key) == ERROR_SUCCESS,
               "what was exported can be imported");
    again = cng_export(key, kind);
    NCryptFreeObject(key);
    return again;
}

static void cng_round_trip(NCRYPT_KEY_HANDLE key, LPCWSTR kind)
{
    struct keyblob blob = cng_export(key, kind), again, last;

    if (blob.data == NULL)
        return;
    again = cng_again(blob, kind);
    last = cng_again(again, kind);
    keyblob_compare(again, last);
    free(blob.data);
}

static void play_cng(LPCWSTR kind, BYTE *data, DWORD size)
{
    NCRYPT_KEY_HANDLE key = 0;

    if (cng_import(kind, data, size, &key) == ERROR_SUCCESS)
        for (size_t i = 0; i < ARRAYSIZE(code_blobs); i++)
            cng_round_trip(key, code_blobs[i]);
    if (key != 0)
        NCryptFreeObject(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t form = fuzz_u8(&input) % (ARRAYSIZE(code_blobs) + 1);
    size_t length;
    BYTE *blob = fuzz_rest(&input, &length);

    if (form == ARRAYSIZE(code_blobs))
        play_capi(blob, (DWORD)length);
    else
        play_cng(code_blobs[form], blob, (DWORD)length);
    free(blob);
    return 0;
}
