/* SPDX-License-Identifier: MIT */
/* Keys: blobs, containers, handles of CNG and CryptoAPI, and those of certificates. */
#include <bcrypt.h>
#include <ncrypt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <windows.h>

#include "cert/cert.h"
#include "lib/certs.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"

#define EC_P256 1

static void expect_error(BOOL done, DWORD error)
{
    ck_assert(!done);
    ck_assert_uint_eq(GetLastError(), error);
}

static NCRYPT_PROV_HANDLE storage(void)
{
    NCRYPT_PROV_HANDLE provider = 0;

    ck_assert_int_eq(NCryptOpenStorageProvider(&provider, MS_KEY_STORAGE_PROVIDER, 0), 0);
    return provider;
}

/* The private key that a certificate has, used once: what is signed with it can be checked. */
static void expect_usable(PCCERT_CONTEXT context)
{
    gnutls_datum_t text = {(unsigned char[]){1, 2, 3}, 3}, signature = {NULL, 0};
    gnutls_privkey_t key = NULL;
    gnutls_pubkey_t public;

    ck_assert_int_eq(cert_context_key(context, &key), SEC_E_OK);
    ck_assert_int_eq(gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA256, 0, &text, &signature), 0);
    gnutls_pubkey_init(&public);
    ck_assert_int_eq(gnutls_pubkey_import_x509(public, cert_context_crt(context), 0), 0);
    ck_assert_int_ge(
        gnutls_pubkey_verify_data2(
            public,
            gnutls_pk_to_sign(gnutls_pubkey_get_pk_algorithm(public, NULL), GNUTLS_DIG_SHA256), 0,
            &text, &signature),
        0);
    gnutls_pubkey_deinit(public);
    gnutls_free(signature.data);
    gnutls_privkey_deinit(key);
}

/* --- Blobs of CNG --------------------------------------------------------------------------- */

static NCRYPT_KEY_HANDLE create(LPCWSTR algorithm, LPCWSTR name, DWORD policy)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = 0;

    ck_assert_int_eq(NCryptCreatePersistedKey(provider, &key, algorithm, name, 0, 0), 0);
    ck_assert_int_eq(
        NCryptSetProperty(key, NCRYPT_EXPORT_POLICY_PROPERTY, (PBYTE)&policy, sizeof(policy), 0),
        0);
    ck_assert_int_eq(NCryptFinalizeKey(key, 0), 0);
    ck_assert_int_eq(NCryptFreeObject(provider), 0);
    return key;
}

#define PLAIN (NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG)

static const struct {
    LPCWSTR algorithm, type;
    bool secret;
    DWORD free; /* the private exponent at the end: there is more than one for a key */
} blobs[] = {
    {NCRYPT_RSA_ALGORITHM, BCRYPT_RSAPUBLIC_BLOB, false, 0},
    {NCRYPT_RSA_ALGORITHM, BCRYPT_RSAPRIVATE_BLOB, true, 0},
    {NCRYPT_RSA_ALGORITHM, BCRYPT_RSAFULLPRIVATE_BLOB, true, 256},
    {NCRYPT_RSA_ALGORITHM, BCRYPT_PUBLIC_KEY_BLOB, false, 0},
    {NCRYPT_RSA_ALGORITHM, BCRYPT_PRIVATE_KEY_BLOB, true, 0},
    {NCRYPT_RSA_ALGORITHM, LEGACY_RSAPUBLIC_BLOB, false, 0},
    {NCRYPT_RSA_ALGORITHM, LEGACY_RSAPRIVATE_BLOB, true, 256},
    {NCRYPT_RSA_ALGORITHM, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, true, 0},
    {NCRYPT_ECDSA_P256_ALGORITHM, BCRYPT_ECCPUBLIC_BLOB, false, 0},
    {NCRYPT_ECDSA_P256_ALGORITHM, BCRYPT_ECCPRIVATE_BLOB, true, 0},
    {NCRYPT_ECDSA_P384_ALGORITHM, BCRYPT_ECCPRIVATE_BLOB, true, 0},
    {NCRYPT_ECDSA_P521_ALGORITHM, BCRYPT_ECCPRIVATE_BLOB, true, 0},
    {NCRYPT_ECDSA_P384_ALGORITHM, BCRYPT_PRIVATE_KEY_BLOB, true, 0},
    {NCRYPT_ECDH_P256_ALGORITHM, BCRYPT_PUBLIC_KEY_BLOB, false, 0},
    {NCRYPT_ECDSA_P521_ALGORITHM, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, true, 0},
};

static BYTE *export_blob(NCRYPT_KEY_HANDLE key, LPCWSTR type, DWORD *size)
{
    BYTE *blob;
    DWORD less;

    ck_assert_int_eq(NCryptExportKey(key, 0, type, NULL, NULL, 0, size, 0), 0);
    blob = malloc(*size);
    ck_assert_int_eq(NCryptExportKey(key, 0, type, NULL, blob, *size - 1, &less, 0),
                     NTE_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(less, *size);
    ck_assert_int_eq(NCryptExportKey(key, 0, type, NULL, blob, *size, size, 0), 0);
    return blob;
}

/* A blob comes back the same through an import that lets it out again. */
START_TEST(test_cng_blob_returns)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(blobs[_i].algorithm, NULL, PLAIN), again = 0;
    DWORD size, size_again, policy = PLAIN;
    BYTE *blob = export_blob(key, blobs[_i].type, &size), *blob_again;

    ck_assert_int_eq(NCryptImportKey(provider, 0, blobs[_i].type, NULL, &again, blob, size,
                                     NCRYPT_DO_NOT_FINALIZE_FLAG),
                     0);
    ck_assert_int_eq(NCryptExportKey(again, 0, blobs[_i].type, NULL, NULL, 0, &size_again, 0),
                     NTE_BAD_KEY_STATE);
    ck_assert_int_eq(
        NCryptSetProperty(again, NCRYPT_EXPORT_POLICY_PROPERTY, (PBYTE)&policy, sizeof(policy), 0),
        0);
    ck_assert_int_eq(NCryptFinalizeKey(again, 0), 0);
    blob_again = export_blob(again, blobs[_i].type, &size_again);
    ck_assert_uint_eq(size_again, size);
    ck_assert_mem_eq(blob_again, blob, size - blobs[_i].free);
    NCryptFreeObject(again);
    free(blob_again);

    /* Without a word of it, the secret half stays in. */
    ck_assert_int_eq(NCryptImportKey(provider, 0, blobs[_i].type, NULL, &again, blob, size, 0), 0);
    ck_assert_int_eq(NCryptExportKey(again, 0, blobs[_i].type, NULL, NULL, 0, &size_again, 0),
                     blobs[_i].secret ? NTE_BAD_KEY_STATE : 0);
    NCryptFreeObject(again);
    free(blob);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

/* Each part of a blob is refused, in memory that ends where it does. */
START_TEST(test_cng_blob_cut)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(blobs[_i].algorithm, NULL, PLAIN), again = 0;
    DWORD size;
    BYTE *blob = export_blob(key, blobs[_i].type, &size);

    for (DWORD part = 0; part < size; part++) {
        BYTE *cut = malloc(part > 0 ? part : 1);

        memcpy(cut, blob, part);
        ck_assert_int_ne(NCryptImportKey(provider, 0, blobs[_i].type, NULL, &again, cut, part, 0),
                         0);
        ck_assert_uint_eq(again, 0);
        free(cut);
    }
    free(blob);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

/* A flipped bit in what makes the key never gives the same key; mostly it gives none. */
START_TEST(test_cng_blob_flipped)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(NCRYPT_ECDSA_P256_ALGORITHM, NULL, PLAIN), again = 0;
    DWORD size;
    BYTE *blob = export_blob(key, BCRYPT_ECCPRIVATE_BLOB, &size);

    for (DWORD bit = 0; bit < 8 * size; bit++) {
        SECURITY_STATUS status;

        blob[bit / 8] ^= (BYTE)(1 << bit % 8);
        status = NCryptImportKey(provider, 0, BCRYPT_ECCPRIVATE_BLOB, NULL, &again, blob, size, 0);
        ck_assert_int_ne(status, 0);
        blob[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    free(blob);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

START_TEST(test_cng_blob_flipped_rsa)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(NCRYPT_RSA_ALGORITHM, NULL, PLAIN), again = 0;
    DWORD size;
    BYTE *blob = export_blob(key, BCRYPT_RSAPRIVATE_BLOB, &size);

    /* The header by the bit, the long numbers by the byte; many an exponent would be as good. */
    for (DWORD bit = 0; bit < 8 * size; bit += bit < 8 * 24 ? 1 : 8) {
        SECURITY_STATUS status;

        if (bit / 8 >= 24 && bit / 8 < 27)
            continue;
        blob[bit / 8] ^= (BYTE)(1 << bit % 8);
        status = NCryptImportKey(provider, 0, BCRYPT_RSAPRIVATE_BLOB, NULL, &again, blob, size, 0);
        ck_assert_msg(status != 0, "bit %u", bit);
        blob[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    /* An exponent of 1 is consistent, and signs nothing. */
    memcpy(blob + 24, (BYTE[]){0, 0, 1}, 3);
    ck_assert_int_eq(
        NCryptImportKey(provider, 0, BCRYPT_RSAPRIVATE_BLOB, NULL, &again, blob, size, 0),
        NTE_BAD_DATA);
    free(blob);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

/* PKCS #8 has an EC key's public half at its end, where another's would not belong to the key. */
START_TEST(test_cng_pkcs8_flipped)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(NCRYPT_ECDSA_P256_ALGORITHM, NULL, PLAIN), again = 0;
    LPCWSTR type = NCRYPT_PKCS8_PRIVATE_KEY_BLOB;
    DWORD size;
    BYTE *blob = export_blob(key, type, &size);

    for (DWORD bit = 8 * (size - 64); bit < 8 * size; bit++) {
        blob[bit / 8] ^= (BYTE)(1 << bit % 8);
        ck_assert_int_eq(NCryptImportKey(provider, 0, type, NULL, &again, blob, size, 0),
                         NTE_BAD_DATA);
        blob[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    free(blob);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

START_TEST(test_cng_sealed_pkcs8)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = 0;
    WCHAR password[] = {'p', 0xe4, 0}, wrong[] = {'q', 0};
    NCryptBuffer secret = {sizeof(password), NCRYPTBUFFER_PKCS_SECRET, password};
    NCryptBufferDesc list = {NCRYPTBUFFER_VERSION, 1, &secret};
    gnutls_datum_t der;
    LPCWSTR type = NCRYPT_PKCS8_PRIVATE_KEY_BLOB;

    ck_assert_int_eq(gnutls_x509_privkey_export2_pkcs8(certs_key(EC_P256), GNUTLS_X509_FMT_DER,
                                                       "p\xc3\xa4", GNUTLS_PKCS_PBES2_AES_256,
                                                       &der),
                     0);
    ck_assert_int_eq(NCryptImportKey(provider, 0, type, &list, &key, der.data, der.size, 0), 0);
    NCryptFreeObject(key);
    secret.pvBuffer = wrong;
    secret.cbBuffer = sizeof(wrong);
    ck_assert_int_eq(NCryptImportKey(provider, 0, type, &list, &key, der.data, der.size, 0),
                     NTE_INCORRECT_PASSWORD);
    ck_assert_int_eq(NCryptImportKey(provider, 0, type, NULL, &key, der.data, der.size, 0),
                     NTE_INCORRECT_PASSWORD);
    gnutls_free(der.data);
    NCryptFreeObject(provider);
}
END_TEST

/* --- Keys that are kept --------------------------------------------------------------------- */

static mode_t mode_of(const char *leaf)
{
    struct stat info;

    ck_assert_int_eq(stat(keyhome_path(leaf), &info), 0);
    return info.st_mode & 07777;
}

START_TEST(test_cng_key_is_kept)
{
    NCRYPT_PROV_HANDLE provider = storage();
    LPCWSTR name = SSPI_W(".a/b \u00e4");
    NCRYPT_KEY_HANDLE key = create(NCRYPT_ECDSA_P256_ALGORITHM, name, 0), again = 0;
    WCHAR text[32];
    DWORD size, size_again, policy = 1;
    BYTE *public = export_blob(key, BCRYPT_ECCPUBLIC_BLOB, &size), *same;

    ck_assert_uint_eq(mode_of("sspi/keys"), 0700);
    ck_assert_uint_eq(mode_of("sspi/keys/%2Ea%2Fb%20%C3%A4"), 0700);
    ck_assert_uint_eq(mode_of("sspi/keys/%2Ea%2Fb%20%C3%A4/key.pem"), 0600);
    NCryptFreeObject(key);

    ck_assert_int_eq(NCryptOpenKey(provider, &again, name, 0, 0), 0);
    same = export_blob(again, BCRYPT_ECCPUBLIC_BLOB, &size_again);
    ck_assert_uint_eq(size, size_again);
    ck_assert_mem_eq(public, same, size);
    ck_assert_int_eq(NCryptExportKey(again, 0, BCRYPT_ECCPRIVATE_BLOB, NULL, NULL, 0, &size, 0),
                     NTE_BAD_KEY_STATE);
    ck_assert_int_eq(
        NCryptGetProperty(again, NCRYPT_NAME_PROPERTY, (PBYTE)text, sizeof(text), &size, 0), 0);
    ck_assert_uint_eq(size, 7 * sizeof(WCHAR));
    ck_assert_mem_eq(text, name, size);
    ck_assert_int_eq(NCryptGetProperty(again, NCRYPT_EXPORT_POLICY_PROPERTY, (PBYTE)&policy,
                                       sizeof(policy), &size, 0),
                     0);
    ck_assert_uint_eq(policy, 0);

    ck_assert_int_eq(NCryptCreatePersistedKey(provider, &key, NCRYPT_RSA_ALGORITHM, name, 0, 0),
                     NTE_EXISTS);
    ck_assert_int_eq(NCryptDeleteKey(again, 0), 0);
    ck_assert_int_eq(NCryptOpenKey(provider, &again, name, 0, 0), NTE_BAD_KEYSET);
    ck_assert_int_eq(access(keyhome_path("sspi/keys/%2Ea%2Fb%20%C3%A4"), F_OK), -1);
    free(public);
    free(same);
    NCryptFreeObject(provider);
}
END_TEST

/* A key's file that others can read or write is no key; nor is one that holds something else. */
START_TEST(test_cng_key_file_is_guarded)
{
    NCRYPT_PROV_HANDLE provider = storage();
    LPCWSTR name = SSPI_W("guarded");
    NCRYPT_KEY_HANDLE key = create(NCRYPT_ECDSA_P256_ALGORITHM, name, 0);
    const char *path = keyhome_path("sspi/keys/guarded/key.pem");

    NCryptFreeObject(key);
    ck_assert_int_eq(chmod(path, 0640), 0);
    ck_assert_int_eq(NCryptOpenKey(provider, &key, name, 0, 0), NTE_KEYSET_ENTRY_BAD);
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert_int_eq(NCryptOpenKey(provider, &key, name, 0, 0), 0);
    NCryptFreeObject(key);
    ck_assert_int_eq(truncate(path, 40), 0);
    ck_assert_int_eq(NCryptOpenKey(provider, &key, name, 0, 0), NTE_KEYSET_ENTRY_BAD);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/zero", path), 0);
    ck_assert_int_lt(NCryptOpenKey(provider, &key, name, 0, 0), 0);
    ck_assert_int_eq(NCryptOpenKey(provider, &key, SSPI_W(""), 0, 0), NTE_BAD_KEYSET_PARAM);
    NCryptFreeObject(provider);
}
END_TEST

START_TEST(test_cng_import_by_name)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(NCRYPT_RSA_ALGORITHM, NULL, PLAIN), kept = 0;
    WCHAR name[] = {'n', 0};
    NCryptBuffer buffer = {sizeof(name), NCRYPTBUFFER_PKCS_KEY_NAME, name};
    NCryptBufferDesc list = {NCRYPTBUFFER_VERSION, 1, &buffer};
    LPCWSTR type = BCRYPT_RSAFULLPRIVATE_BLOB;
    DWORD size;
    BYTE *blob = export_blob(key, type, &size);

    ck_assert_int_eq(NCryptImportKey(provider, 0, type, &list, &kept, blob, size, 0), 0);
    NCryptFreeObject(kept);
    ck_assert_int_eq(NCryptImportKey(provider, 0, type, &list, &kept, blob, size, 0), NTE_EXISTS);
    ck_assert_int_eq(
        NCryptImportKey(provider, 0, type, &list, &kept, blob, size, NCRYPT_OVERWRITE_KEY_FLAG), 0);
    NCryptFreeObject(kept);
    ck_assert_int_eq(NCryptOpenKey(provider, &kept, name, 0, 0), 0);
    NCryptFreeObject(kept);
    free(blob);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

START_TEST(test_cng_refuses)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = create(NCRYPT_ECDSA_P256_ALGORITHM, NULL, 0), other = 0;
    NCRYPT_PROV_HANDLE none = 0;
    DWORD value = 512, size = 0;
    BYTE octet = 0;

    ck_assert_int_eq(NCryptOpenStorageProvider(&none, SSPI_W("Nobody's"), 0), NTE_BAD_PROVIDER);
    ck_assert_int_eq(NCryptOpenStorageProvider(NULL, NULL, 0), NTE_INVALID_PARAMETER);
    ck_assert_int_eq(NCryptFreeObject(0), NTE_INVALID_HANDLE);
    ck_assert_int_eq(NCryptOpenKey(key, &other, SSPI_W("x"), 0, 0), NTE_INVALID_HANDLE);
    ck_assert_int_eq(NCryptOpenKey(provider, &other, NULL, 0, 0), NTE_INVALID_PARAMETER);
    ck_assert_int_eq(NCryptOpenKey(provider, &other, SSPI_W("x"), 0, 0), NTE_BAD_KEYSET);
    ck_assert_int_eq(NCryptCreatePersistedKey(provider, &other, SSPI_W("DSA"), NULL, 0, 0),
                     NTE_NOT_SUPPORTED);
    ck_assert_int_eq(NCryptImportKey(provider, 0, SSPI_W("NOBLOB"), NULL, &other, &octet, 1, 0),
                     NTE_NOT_SUPPORTED);
    ck_assert_int_eq(
        NCryptImportKey(provider, key, BCRYPT_ECCPRIVATE_BLOB, NULL, &other, &octet, 1, 0),
        NTE_NOT_SUPPORTED);
    ck_assert_int_eq(
        NCryptSetProperty(key, NCRYPT_LENGTH_PROPERTY, (PBYTE)&value, sizeof(value), 0),
        NTE_BAD_KEY_STATE);
    ck_assert_int_eq(NCryptGetProperty(key, NCRYPT_NAME_PROPERTY, NULL, 0, &size, 0),
                     NTE_NOT_FOUND);
    ck_assert_int_eq(NCryptGetProperty(key, SSPI_W("Colour"), NULL, 0, &size, 0),
                     NTE_NOT_SUPPORTED);
    ck_assert(NCryptIsKeyHandle(key));
    ck_assert(!NCryptIsKeyHandle(provider));
    ck_assert_int_eq(NCryptFinalizeKey(key, 0), NTE_BAD_KEY_STATE);
    NCryptFreeObject(key);

    ck_assert_int_eq(NCryptCreatePersistedKey(provider, &key, NCRYPT_RSA_ALGORITHM, NULL, 0, 0), 0);
    ck_assert_int_eq(
        NCryptSetProperty(key, NCRYPT_LENGTH_PROPERTY, (PBYTE)&value, sizeof(value), 0),
        NTE_INVALID_PARAMETER);
    ck_assert_int_eq(NCryptSignHash(key, NULL, &octet, 1, NULL, 0, &size, 0), NTE_BAD_KEY_STATE);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}
END_TEST

static const struct {
    LPCWSTR algorithm, name, group;
    DWORD bits;
} described[] = {
    {NCRYPT_RSA_ALGORITHM, NCRYPT_RSA_ALGORITHM, NCRYPT_RSA_ALGORITHM_GROUP, 2048},
    {NCRYPT_ECDSA_P256_ALGORITHM, NCRYPT_ECDSA_P256_ALGORITHM, NCRYPT_ECDSA_ALGORITHM_GROUP, 256},
    {NCRYPT_ECDSA_P384_ALGORITHM, NCRYPT_ECDSA_P384_ALGORITHM, NCRYPT_ECDSA_ALGORITHM_GROUP, 384},
    {NCRYPT_ECDSA_P521_ALGORITHM, NCRYPT_ECDSA_P521_ALGORITHM, NCRYPT_ECDSA_ALGORITHM_GROUP, 521},
};

static void expect_property(NCRYPT_HANDLE handle, LPCWSTR property, const void *value, DWORD size)
{
    BYTE data[128];
    DWORD got = 0;

    ck_assert_int_eq(NCryptGetProperty(handle, property, NULL, 0, &got, 0), 0);
    ck_assert_uint_eq(got, size);
    ck_assert_int_eq(NCryptGetProperty(handle, property, data, size - 1, &got, 0),
                     NTE_BUFFER_TOO_SMALL);
    ck_assert_int_eq(NCryptGetProperty(handle, property, data, sizeof(data), &got, 0), 0);
    ck_assert_mem_eq(data, value, size);
}

static DWORD wide_bytes(LPCWSTR text)
{
    DWORD units = 0;

    while (text[units++] != 0)
        ;
    return units * (DWORD)sizeof(WCHAR);
}

START_TEST(test_cng_describes_a_key)
{
    NCRYPT_KEY_HANDLE key = create(described[_i].algorithm, NULL, PLAIN);
    NCRYPT_PROV_HANDLE provider = 0;
    DWORD policy = PLAIN, impl = NCRYPT_IMPL_SOFTWARE_FLAG, type = 0, size;

    expect_property(key, NCRYPT_ALGORITHM_PROPERTY, described[_i].name,
                    wide_bytes(described[_i].name));
    expect_property(key, NCRYPT_ALGORITHM_GROUP_PROPERTY, described[_i].group,
                    wide_bytes(described[_i].group));
    expect_property(key, NCRYPT_LENGTH_PROPERTY, &described[_i].bits, sizeof(DWORD));
    expect_property(key, NCRYPT_EXPORT_POLICY_PROPERTY, &policy, sizeof(DWORD));
    expect_property(key, NCRYPT_IMPL_TYPE_PROPERTY, &impl, sizeof(DWORD));
    expect_property(key, NCRYPT_KEY_TYPE_PROPERTY, &type, sizeof(DWORD));
    ck_assert_int_eq(NCryptGetProperty(key, NCRYPT_PROVIDER_HANDLE_PROPERTY, (PBYTE)&provider,
                                       sizeof(provider), &size, 0),
                     0);
    expect_property(provider, NCRYPT_NAME_PROPERTY, MS_KEY_STORAGE_PROVIDER,
                    wide_bytes(MS_KEY_STORAGE_PROVIDER));
    NCryptFreeObject(provider);
    NCryptFreeObject(key);
}
END_TEST

/* --- Signatures of CNG ---------------------------------------------------------------------- */

START_TEST(test_cng_signs)
{
    bool rsa = _i == 0;
    NCRYPT_KEY_HANDLE key = create(described[_i].algorithm, NULL, 0);
    BCRYPT_PKCS1_PADDING_INFO pkcs1 = {BCRYPT_SHA256_ALGORITHM};
    BCRYPT_PSS_PADDING_INFO pss = {BCRYPT_SHA256_ALGORITHM, 32};
    BYTE hash[32] = {1, 2, 3}, signature[256];
    DWORD size = 0, flags = rsa ? NCRYPT_PAD_PKCS1_FLAG : 0;
    void *padding = rsa ? &pkcs1 : NULL;

    ck_assert_int_eq(NCryptSignHash(key, padding, hash, sizeof(hash), NULL, 0, &size, flags), 0);
    ck_assert_uint_eq(size, rsa ? 256 : 2 * ((described[_i].bits + 7) / 8));
    ck_assert_int_eq(
        NCryptSignHash(key, padding, hash, sizeof(hash), signature, size - 1, &size, flags),
        NTE_BUFFER_TOO_SMALL);
    for (int round = 0; round < 32; round++) {
        ck_assert_int_eq(NCryptSignHash(key, padding, hash, sizeof(hash), signature,
                                        sizeof(signature), &size, flags),
                         0);
        ck_assert_int_eq(
            NCryptVerifySignature(key, padding, hash, sizeof(hash), signature, size, flags), 0);
    }
    signature[size / 2] ^= 1;
    ck_assert_int_eq(
        NCryptVerifySignature(key, padding, hash, sizeof(hash), signature, size, flags),
        NTE_BAD_SIGNATURE);
    ck_assert_int_eq(
        NCryptVerifySignature(key, padding, hash, sizeof(hash), signature, size - 1, flags),
        NTE_BAD_SIGNATURE);
    ck_assert_int_eq(
        NCryptSignHash(key, padding, hash, 5, signature, sizeof(signature), &size, flags),
        rsa ? NTE_BAD_LEN : NTE_BAD_ALGID);
    ck_assert_int_eq(NCryptSignHash(key, &pss, hash, sizeof(hash), signature, sizeof(signature),
                                    &size, NCRYPT_PAD_PSS_FLAG),
                     rsa ? 0 : NTE_BAD_FLAGS);
    if (rsa) {
        ck_assert_int_eq(NCryptVerifySignature(key, &pss, hash, sizeof(hash), signature, size,
                                               NCRYPT_PAD_PSS_FLAG),
                         0);
        pss.cbSalt = 20;
        ck_assert_int_eq(NCryptSignHash(key, &pss, hash, sizeof(hash), signature, sizeof(signature),
                                        &size, NCRYPT_PAD_PSS_FLAG),
                         NTE_NOT_SUPPORTED);
    }
    NCryptFreeObject(key);
}
END_TEST

/* --- Keys of certificates ------------------------------------------------------------------- */

static NCRYPT_KEY_HANDLE import_key(unsigned number, NCryptBufferDesc *list)
{
    NCRYPT_PROV_HANDLE provider = storage();
    NCRYPT_KEY_HANDLE key = 0;
    gnutls_datum_t der;

    ck_assert_int_eq(gnutls_x509_privkey_export2_pkcs8(certs_key(number), GNUTLS_X509_FMT_DER, NULL,
                                                       GNUTLS_PKCS_PLAIN, &der),
                     0);
    ck_assert_int_eq(NCryptImportKey(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, list, &key,
                                     der.data, der.size, 0),
                     0);
    gnutls_free(der.data);
    NCryptFreeObject(provider);
    return key;
}

/* The ways in which Windows programs say which key is a certificate's. */
START_TEST(test_certificate_with_ncrypt_handle)
{
    PCCERT_CONTEXT context = keyhome_certificate(EC_P256);
    NCRYPT_KEY_HANDLE key = import_key(EC_P256, NULL);
    gnutls_privkey_t secret = NULL;

    ck_assert_int_eq(cert_context_key(context, &secret), SEC_E_NO_CREDENTIALS);
    /* The certificate owns the handle from now on. */
    ck_assert(CertSetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0,
                                                (const void *)key));
    expect_usable(context);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_certificate_with_handle_of_its_own)
{
    PCCERT_CONTEXT context = keyhome_certificate(EC_P256);
    NCRYPT_KEY_HANDLE key = import_key(EC_P256, NULL);
    CERT_KEY_CONTEXT held = {sizeof(held), {key}, CERT_NCRYPT_KEY_SPEC};

    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_CONTEXT_PROP_ID,
                                                CERT_STORE_NO_CRYPT_RELEASE_FLAG, &held));
    expect_usable(context);
    CertFreeCertificateContext(context);
    ck_assert(NCryptIsKeyHandle(key));
    ck_assert_int_eq(NCryptFreeObject(key), 0);
}
END_TEST

START_TEST(test_certificate_with_container)
{
    PCCERT_CONTEXT context = keyhome_certificate(EC_P256);
    WCHAR name[] = {'s', 'r', 'v', 0};
    NCryptBuffer buffer = {sizeof(name), NCRYPTBUFFER_PKCS_KEY_NAME, name};
    NCryptBufferDesc list = {NCRYPTBUFFER_VERSION, 1, &buffer};
    NCRYPT_KEY_HANDLE key = import_key(EC_P256, &list);
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = name};
    gnutls_privkey_t secret = NULL;

    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    expect_usable(context);
    ck_assert_int_eq(NCryptDeleteKey(key, 0), 0);
    ck_assert_int_eq(cert_context_key(context, &secret), SEC_E_NO_CREDENTIALS);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_certificate_refuses_anothers_key)
{
    PCCERT_CONTEXT context = keyhome_certificate(EC_P256);
    NCRYPT_KEY_HANDLE key = import_key(EC_P256 + 1, NULL);
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle = 0;
    gnutls_privkey_t secret = NULL;

    ck_assert(CertSetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0,
                                                (const void *)key));
    ck_assert_int_eq(cert_context_key(context, &secret), SEC_E_NO_CREDENTIALS);
    expect_error(CryptAcquireCertificatePrivateKey(
                     context, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_COMPARE_KEY_FLAG,
                     NULL, &handle, NULL, NULL),
                 (DWORD)NTE_BAD_PUBLIC_KEY);
    CertFreeCertificateContext(context);
}
END_TEST

static void attach(PCCERT_CONTEXT context, unsigned number)
{
    gnutls_privkey_t key;

    gnutls_privkey_init(&key);
    ck_assert_int_eq(gnutls_privkey_import_x509(key, certs_key(number), GNUTLS_PRIVKEY_IMPORT_COPY),
                     0);
    ck_assert(cert_context_key_attach(context, key));
}

START_TEST(test_acquire_gives_a_handle)
{
    PCCERT_CONTEXT context = keyhome_certificate(CERTS_RSA_2048);
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle = 0, again = 0;
    HCRYPTKEY key = 0;
    BOOL callers = FALSE;
    DWORD spec = 0;

    expect_error(CryptAcquireCertificatePrivateKey(context, 0, NULL, &handle, &spec, &callers),
                 (DWORD)CRYPT_E_NO_KEY_PROPERTY);
    attach(context, CERTS_RSA_2048);
    ck_assert(CryptAcquireCertificatePrivateKey(context, CRYPT_ACQUIRE_COMPARE_KEY_FLAG, NULL,
                                                &handle, &spec, &callers));
    ck_assert_uint_eq(spec, AT_KEYEXCHANGE);
    ck_assert(callers);
    ck_assert(CryptGetUserKey(handle, spec, &key));
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(handle, 0));

    ck_assert(CryptAcquireCertificatePrivateKey(context, CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG, NULL,
                                                &handle, &spec, &callers));
    ck_assert_uint_eq(spec, CERT_NCRYPT_KEY_SPEC);
    ck_assert(NCryptIsKeyHandle(handle));
    NCryptFreeObject(handle);

    /* Kept with the certificate it is one and the same, and the certificate's. */
    ck_assert(CryptAcquireCertificatePrivateKey(
        context, CRYPT_ACQUIRE_CACHE_FLAG | CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG, NULL, &handle,
        &spec, &callers));
    ck_assert(!callers);
    ck_assert(CryptAcquireCertificatePrivateKey(
        context, CRYPT_ACQUIRE_CACHE_FLAG | CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG, NULL, &again, &spec,
        &callers));
    ck_assert_uint_eq(again, handle);
    ck_assert_uint_eq(spec, CERT_NCRYPT_KEY_SPEC);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_acquire_of_ec_needs_cng)
{
    PCCERT_CONTEXT context = keyhome_certificate(EC_P256);
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle = 0;
    DWORD spec = 0;

    attach(context, EC_P256);
    expect_error(CryptAcquireCertificatePrivateKey(context, 0, NULL, &handle, &spec, NULL),
                 (DWORD)NTE_BAD_PROV_TYPE);
    ck_assert(CryptAcquireCertificatePrivateKey(context, CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, NULL,
                                                &handle, &spec, NULL));
    ck_assert_uint_eq(spec, CERT_NCRYPT_KEY_SPEC);
    NCryptFreeObject(handle);
    expect_error(CryptAcquireCertificatePrivateKey(NULL, 0, NULL, &handle, &spec, NULL),
                 (DWORD)E_INVALIDARG);
    CertFreeCertificateContext(context);
}
END_TEST

/* --- The whole ------------------------------------------------------------------------------ */

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static TCase *with_home(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);

    tcase_add_checked_fixture(tcase, keyhome_begin, keyhome_end);
    suite_add_tcase(suite, tcase);
    return tcase;
}

static Suite *suite(void)
{
    Suite *suite = suite_create("keys");
    TCase *cng = with_home(suite, "cng");
    TCase *certificate = with_home(suite, "certificate");

    tcase_add_loop_test(cng, test_cng_blob_returns, 0, COUNT(blobs));
    tcase_add_loop_test(cng, test_cng_blob_cut, 0, COUNT(blobs));
    tcase_add_test(cng, test_cng_blob_flipped);
    tcase_add_test(cng, test_cng_blob_flipped_rsa);
    tcase_add_test(cng, test_cng_pkcs8_flipped);
    tcase_add_test(cng, test_cng_sealed_pkcs8);
    tcase_add_test(cng, test_cng_key_is_kept);
    tcase_add_test(cng, test_cng_key_file_is_guarded);
    tcase_add_test(cng, test_cng_import_by_name);
    tcase_add_test(cng, test_cng_refuses);
    tcase_add_loop_test(cng, test_cng_describes_a_key, 0, COUNT(described));
    tcase_add_loop_test(cng, test_cng_signs, 0, COUNT(described));
    tcase_add_test(certificate, test_certificate_with_ncrypt_handle);
    tcase_add_test(certificate, test_certificate_with_handle_of_its_own);
    tcase_add_test(certificate, test_certificate_with_container);
    tcase_add_test(certificate, test_certificate_refuses_anothers_key);
    tcase_add_test(certificate, test_acquire_gives_a_handle);
    tcase_add_test(certificate, test_acquire_of_ec_needs_cng);
    return suite;
}

CHECK_MAIN(suite)
