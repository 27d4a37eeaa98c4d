/* SPDX-License-Identifier: MIT */
/* CryptoAPI: providers, containers, RSA keys, hashes and signatures; self-signed certificates. */
#include <gnutls/crypto.h>
#include <ncrypt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <windows.h>

#include "cert/cert.h"
#include "lib/certs.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"

static void expect_error(BOOL done, DWORD error)
{
    ck_assert(!done);
    ck_assert_uint_eq(GetLastError(), error);
}

static HCRYPTPROV memory(void)
{
    HCRYPTPROV provider = 0;

    ck_assert(CryptAcquireContext(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    return provider;
}

static HCRYPTPROV container(LPCSTR name, DWORD flags)
{
    HCRYPTPROV provider = 0;

    ck_assert(CryptAcquireContextA(&provider, name, MS_ENHANCED_PROV_A, PROV_RSA_FULL, flags));
    return provider;
}

/* --- Providers ------------------------------------------------------------------------------ */

START_TEST(test_container_lives)
{
    HCRYPTPROV provider = 0, other = 0;
    HCRYPTKEY key = 0;

    expect_error(CryptAcquireContextA(&provider, "c", NULL, PROV_RSA_FULL, 0),
                 (DWORD)NTE_BAD_KEYSET);
    provider = container("c", CRYPT_NEWKEYSET | CRYPT_MACHINE_KEYSET);
    expect_error(CryptAcquireContextW(&other, SSPI_W("c"), NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET),
                 (DWORD)NTE_EXISTS);
    expect_error(CryptGetUserKey(provider, AT_SIGNATURE, &key), (DWORD)NTE_NO_KEY);
    ck_assert(CryptGenKey(provider, AT_SIGNATURE, 1024U << 16 | CRYPT_EXPORTABLE, &key));
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(provider, 0));

    provider = container("c", 0);
    expect_error(CryptGetUserKey(provider, AT_KEYEXCHANGE, &key), (DWORD)NTE_NO_KEY);
    ck_assert(CryptGetUserKey(provider, AT_SIGNATURE, &key));
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(provider, 0));
    ck_assert(CryptAcquireContextA(&provider, "c", NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET));
    ck_assert_uint_eq(provider, 0);
    expect_error(CryptAcquireContextA(&provider, "c", NULL, PROV_RSA_FULL, 0),
                 (DWORD)NTE_BAD_KEYSET);
}
END_TEST

static const struct {
    LPCSTR container, provider;
    DWORD type, flags, error;
} refused[] = {
    {NULL, NULL, PROV_DSS, CRYPT_VERIFYCONTEXT, (DWORD)NTE_PROV_TYPE_NOT_DEF},
    {NULL, MS_ENHANCED_PROV_A, PROV_RSA_AES, CRYPT_VERIFYCONTEXT, (DWORD)NTE_PROV_TYPE_NO_MATCH},
    {NULL, "Somebody's", PROV_RSA_FULL, CRYPT_VERIFYCONTEXT, (DWORD)NTE_KEYSET_NOT_DEF},
    {"c", NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT, (DWORD)NTE_BAD_FLAGS},
    {"c", NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET, (DWORD)NTE_BAD_FLAGS},
    {"c", NULL, PROV_RSA_FULL, 0x1, (DWORD)NTE_BAD_FLAGS},
    {"c", NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET, (DWORD)NTE_BAD_KEYSET},
    {"\xff", NULL, PROV_RSA_FULL, 0, (DWORD)NTE_BAD_KEYSET_PARAM},
    {"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234", NULL,
     PROV_RSA_FULL, CRYPT_NEWKEYSET, (DWORD)NTE_BAD_KEYSET_PARAM},
    {"pkcs11:token=none", NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET, (DWORD)NTE_PERM},
};

START_TEST(test_provider_refused)
{
    HCRYPTPROV provider = 1;

    expect_error(CryptAcquireContextA(&provider, refused[_i].container, refused[_i].provider,
                                      refused[_i].type, refused[_i].flags),
                 refused[_i].error);
    ck_assert_uint_eq(provider, 0);
}
END_TEST

START_TEST(test_provider_tells)
{
    HCRYPTPROV provider = container("pc", CRYPT_NEWKEYSET);
    char text[128];
    DWORD value = 0, size = sizeof(value), count = 0;
    PROV_ENUMALGS_EX algorithm;

    ck_assert(CryptGetProvParam(provider, PP_PROVTYPE, (BYTE *)&value, &size, 0));
    ck_assert_uint_eq(value, PROV_RSA_FULL);
    size = sizeof(text);
    ck_assert(CryptGetProvParam(provider, PP_NAME, (BYTE *)text, &size, 0));
    ck_assert_str_eq(text, MS_ENHANCED_PROV_A);
    size = 2;
    expect_error(CryptGetProvParam(provider, PP_CONTAINER, (BYTE *)text, &size, 0),
                 ERROR_MORE_DATA);
    ck_assert_uint_eq(size, 3);
    ck_assert(CryptGetProvParam(provider, PP_CONTAINER, (BYTE *)text, &size, 0));
    ck_assert_str_eq(text, "pc");
    size = sizeof(algorithm);
    for (DWORD flags = CRYPT_FIRST;
         CryptGetProvParam(provider, PP_ENUMALGS_EX, (BYTE *)&algorithm, &size, flags); flags = 0) {
        ck_assert_uint_eq(algorithm.dwNameLen, strlen(algorithm.szName) + 1);
        ck_assert_uint_eq(algorithm.dwLongNameLen, strlen(algorithm.szLongName) + 1);
        ck_assert_uint_le(algorithm.dwMinLen, algorithm.dwDefaultLen);
        count++;
    }
    ck_assert_uint_eq(GetLastError(), ERROR_NO_MORE_ITEMS);
    ck_assert_uint_ge(count, 7);
    size = sizeof(text);
    ck_assert(CryptGetProvParam(provider, PP_ENUMCONTAINERS, (BYTE *)text, &size, CRYPT_FIRST));
    ck_assert_str_eq(text, "pc");
    expect_error(CryptGetProvParam(provider, PP_ENUMCONTAINERS, (BYTE *)text, &size, CRYPT_NEXT),
                 ERROR_NO_MORE_ITEMS);
    expect_error(CryptGetProvParam(provider, PP_SGC_INFO, (BYTE *)text, &size, 0),
                 (DWORD)NTE_BAD_TYPE);
    ck_assert(CryptReleaseContext(provider, 0));
    expect_error(CryptGetProvParam(0, PP_NAME, (BYTE *)text, &size, 0), (DWORD)NTE_BAD_UID);
}
END_TEST

START_TEST(test_providers_are_listed)
{
    char text[128];
    WCHAR wide[128];
    DWORD type, size, size_wide, index = 0;

    for (;; index++) {
        HCRYPTPROV provider;

        size = sizeof(text);
        size_wide = sizeof(wide);
        if (!CryptEnumProvidersA(index, NULL, 0, &type, text, &size))
            break;
        ck_assert(CryptEnumProvidersW(index, NULL, 0, &type, wide, &size_wide));
        ck_assert_uint_eq(size_wide, 2 * size);
        ck_assert(CryptAcquireContextW(&provider, NULL, wide, type, CRYPT_VERIFYCONTEXT));
        ck_assert(CryptReleaseContext(provider, 0));
        ck_assert(CryptGetDefaultProviderA(type, NULL, 0, NULL, &size));
    }
    ck_assert_uint_eq(GetLastError(), ERROR_NO_MORE_ITEMS);
    ck_assert_uint_ge(index, 4);
    size = 3;
    expect_error(CryptEnumProvidersA(0, NULL, 0, &type, text, &size), ERROR_MORE_DATA);
    ck_assert_uint_eq(size, sizeof(MS_STRONG_PROV_A));
    for (index = 0; CryptEnumProviderTypesA(index, NULL, 0, &type, NULL, &size);)
        index++;
    ck_assert_uint_eq(index, 3);
    expect_error(CryptGetDefaultProviderW(PROV_DSS, NULL, 0, NULL, &size),
                 (DWORD)NTE_PROV_TYPE_NOT_DEF);
}
END_TEST

START_TEST(test_random_octets)
{
    HCRYPTPROV provider = memory();
    BYTE one[32] = {0}, other[32] = {0};

    ck_assert(CryptContextAddRef(provider, NULL, 0));
    ck_assert(CryptReleaseContext(provider, 0));
    ck_assert(CryptGenRandom(provider, sizeof(one), one));
    ck_assert(CryptGenRandom(provider, sizeof(other), other));
    ck_assert_mem_ne(one, other, sizeof(one));
    ck_assert(CryptReleaseContext(provider, 0));
    expect_error(CryptGenRandom(0, sizeof(one), one), ERROR_INVALID_PARAMETER);
    expect_error(CryptReleaseContext(0, 0), ERROR_INVALID_PARAMETER);
}
END_TEST

/* --- Keys ----------------------------------------------------------------------------------- */

static BYTE *export_key(HCRYPTKEY key, DWORD kind, DWORD *size)
{
    BYTE *blob;

    *size = 0;
    ck_assert(CryptExportKey(key, 0, kind, 0, NULL, size));
    blob = malloc(*size);
    (*size)--;
    expect_error(CryptExportKey(key, 0, kind, 0, blob, size), ERROR_MORE_DATA);
    ck_assert(CryptExportKey(key, 0, kind, 0, blob, size));
    return blob;
}

START_TEST(test_key_travels)
{
    HCRYPTPROV first = memory(), second = memory();
    HCRYPTKEY key = 0, again = 0;
    DWORD size, size_again, value = 0, size_value = sizeof(value);
    BYTE *blob, *blob_again;

    ck_assert(CryptGenKey(first, CALG_RSA_KEYX, CRYPT_EXPORTABLE, &key));
    ck_assert(CryptGetKeyParam(key, KP_KEYLEN, (BYTE *)&value, &size_value, 0));
    ck_assert_uint_eq(value, 2048);
    blob = export_key(key, PRIVATEKEYBLOB, &size);
    ck_assert_uint_eq(size, 8 + 12 + 9 * 128);
    ck_assert(CryptImportKey(second, blob, size, 0, 0, &again));
    ck_assert(CryptGetKeyParam(again, KP_ALGID, (BYTE *)&value, &size_value, 0));
    ck_assert_uint_eq(value, CALG_RSA_KEYX);
    expect_error(CryptExportKey(again, 0, PRIVATEKEYBLOB, 0, NULL, &size_again),
                 (DWORD)NTE_BAD_KEY_STATE);
    free(blob);
    blob = export_key(key, PUBLICKEYBLOB, &size);
    blob_again = export_key(again, PUBLICKEYBLOB, &size_again);
    ck_assert_uint_eq(size, size_again);
    ck_assert_mem_eq(blob, blob_again, size);
    expect_error(CryptExportKey(again, 0, SIMPLEBLOB, 0, NULL, &size_again), (DWORD)NTE_BAD_TYPE);
    free(blob);
    free(blob_again);
    ck_assert(CryptDestroyKey(again));
    ck_assert(CryptGetUserKey(second, AT_KEYEXCHANGE, &again));
    ck_assert(CryptDestroyKey(again));
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(first, 0));
    ck_assert(CryptReleaseContext(second, 0));
    expect_error(CryptDestroyKey(0), (DWORD)NTE_BAD_KEY);
}
END_TEST

START_TEST(test_key_blob_cut_and_flipped)
{
    HCRYPTPROV provider = memory();
    HCRYPTKEY key = 0, again = 0;
    DWORD size;
    BYTE *blob;

    ck_assert(CryptGenKey(provider, AT_SIGNATURE, 1024U << 16 | CRYPT_EXPORTABLE, &key));
    blob = export_key(key, PRIVATEKEYBLOB, &size);
    for (DWORD part = 0; part < size; part++) {
        BYTE *cut = malloc(part > 0 ? part : 1);

        memcpy(cut, blob, part);
        expect_error(CryptImportKey(provider, cut, part, 0, 0, &again), (DWORD)NTE_BAD_DATA);
        free(cut);
    }
    /* Type, version and algorithm may be others; the numbers must belong together. */
    for (DWORD octet = 8; octet < 20 + 128 + 128; octet++) {
        if (octet >= 16 && octet < 20)
            continue; /* many an exponent would do */
        blob[octet] ^= 2;
        expect_error(CryptImportKey(provider, blob, size, 0, 0, &again), (DWORD)NTE_BAD_DATA);
        blob[octet] ^= 2;
    }
    blob[1] = 3;
    expect_error(CryptImportKey(provider, blob, size, 0, 0, &again), (DWORD)NTE_BAD_VER);
    blob[0] = SIMPLEBLOB;
    expect_error(CryptImportKey(provider, blob, size, 0, 0, &again), (DWORD)NTE_BAD_TYPE);
    expect_error(CryptImportKey(provider, blob, size, key, 0, &again), (DWORD)NTE_BAD_KEY);
    free(blob);
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(provider, 0));
}
END_TEST

/* --- Hashes --------------------------------------------------------------------------------- */

static const struct {
    ALG_ID id;
    gnutls_digest_algorithm_t hash;
} hashes[] = {
    {CALG_MD5, GNUTLS_DIG_MD5},        {CALG_SHA1, GNUTLS_DIG_SHA1},
    {CALG_SHA_256, GNUTLS_DIG_SHA256}, {CALG_SHA_384, GNUTLS_DIG_SHA384},
    {CALG_SHA_512, GNUTLS_DIG_SHA512},
};

START_TEST(test_hash_is_the_hash)
{
    HCRYPTPROV provider = memory();
    HCRYPTHASH hash = 0, copy = 0;
    BYTE expected[64], value[64];
    DWORD size = 0, length = 0, size_length = sizeof(length);

    gnutls_hash_fast(hashes[_i].hash, "abcdef", 6, expected);
    ck_assert(CryptCreateHash(provider, hashes[_i].id, 0, 0, &hash));
    ck_assert(CryptReleaseContext(provider, 0));
    ck_assert(CryptHashData(hash, (const BYTE *)"abc", 3, 0));
    ck_assert(CryptDuplicateHash(hash, NULL, 0, &copy));
    ck_assert(CryptHashData(hash, (const BYTE *)"def", 3, 0));
    ck_assert(CryptGetHashParam(hash, HP_HASHSIZE, (BYTE *)&length, &size_length, 0));
    ck_assert_uint_eq(length, gnutls_hash_get_len(hashes[_i].hash));
    ck_assert(CryptGetHashParam(hash, HP_HASHVAL, NULL, &size, 0));
    ck_assert_uint_eq(size, length);
    size--;
    expect_error(CryptGetHashParam(hash, HP_HASHVAL, value, &size, 0), ERROR_MORE_DATA);
    ck_assert(CryptGetHashParam(hash, HP_HASHVAL, value, &size, 0));
    ck_assert_mem_eq(value, expected, size);
    expect_error(CryptHashData(hash, (const BYTE *)"g", 1, 0), (DWORD)NTE_BAD_HASH_STATE);
    ck_assert(CryptDestroyHash(hash));

    ck_assert(CryptHashData(copy, (const BYTE *)"def", 3, 0));
    ck_assert(CryptGetHashParam(copy, HP_HASHVAL, value, &size, 0));
    ck_assert_mem_eq(value, expected, size);
    expect_error(CryptGetHashParam(copy, HP_HMAC_INFO, value, &size, 0), (DWORD)NTE_BAD_TYPE);
    ck_assert(CryptDestroyHash(copy));
}
END_TEST

START_TEST(test_hash_refuses)
{
    HCRYPTPROV provider = memory();
    HCRYPTHASH hash = 0;
    BYTE value[64] = {0};
    DWORD size = sizeof(value);

    expect_error(CryptCreateHash(provider, CALG_HMAC, 0, 0, &hash), (DWORD)NTE_BAD_ALGID);
    expect_error(CryptCreateHash(0, CALG_SHA1, 0, 0, &hash), (DWORD)NTE_BAD_UID);
    expect_error(CryptHashData(0, value, 1, 0), (DWORD)NTE_BAD_HASH);
    expect_error(CryptHashData(provider, value, 1, 0), (DWORD)NTE_BAD_HASH);
    ck_assert(CryptCreateHash(provider, CALG_SSL3_SHAMD5, 0, 0, &hash));
    expect_error(CryptHashData(hash, value, 1, 0), (DWORD)NTE_BAD_HASH_STATE);
    expect_error(CryptGetHashParam(hash, HP_HASHVAL, value, &size, 0), (DWORD)NTE_BAD_HASH_STATE);
    ck_assert(CryptSetHashParam(hash, HP_HASHVAL, value, 0));
    ck_assert(CryptGetHashParam(hash, HP_HASHVAL, value, &size, 0));
    ck_assert_uint_eq(size, 36);
    expect_error(CryptSetHashParam(hash, HP_HASHVAL, value, 0), (DWORD)NTE_BAD_HASH_STATE);
    ck_assert(CryptDestroyHash(hash));
    ck_assert(CryptReleaseContext(provider, 0));
}
END_TEST

/* The value of a hash that a signature is over, in each of the forms. */
static HCRYPTHASH hash_of(HCRYPTPROV provider, ALG_ID id)
{
    static const BYTE value[36] = {1, 2, 3};
    HCRYPTHASH hash = 0;

    ck_assert(CryptCreateHash(provider, id, 0, 0, &hash));
    if (id == CALG_SSL3_SHAMD5)
        ck_assert(CryptSetHashParam(hash, HP_HASHVAL, value, 0));
    else
        ck_assert(CryptHashData(hash, (const BYTE *)"text", 4, 0));
    return hash;
}

static const struct {
    ALG_ID id;
    DWORD flags;
    gnutls_sign_algorithm_t sign; /* how GnuTLS checks it, or UNKNOWN */
} signed_by[] = {
    {CALG_MD5, 0, GNUTLS_SIGN_RSA_MD5},
    {CALG_SHA1, 0, GNUTLS_SIGN_RSA_SHA1},
    {CALG_SHA_256, 0, GNUTLS_SIGN_RSA_SHA256},
    {CALG_SHA_512, 0, GNUTLS_SIGN_RSA_SHA512},
    {CALG_SHA_256, CRYPT_NOHASHOID, GNUTLS_SIGN_UNKNOWN},
    {CALG_SSL3_SHAMD5, 0, GNUTLS_SIGN_UNKNOWN},
};

/* GnuTLS, which reads big-endian, agrees with what CryptSignHash() wrote. */
static void expect_signed(HCRYPTKEY key, gnutls_sign_algorithm_t sign, const BYTE *signature,
                          DWORD size)
{
    gnutls_datum_t text = {(unsigned char[]){'t', 'e', 'x', 't'}, 4}, view, n, e;
    BYTE turned[256], modulus[256], exponent[] = {1, 0, 1};
    gnutls_pubkey_t public;
    DWORD blob_size;
    BYTE *blob = export_key(key, PUBLICKEYBLOB, &blob_size);

    ck_assert_uint_eq(size, 256);
    for (DWORD i = 0; i < size; i++) {
        turned[i] = signature[size - 1 - i];
        modulus[i] = blob[blob_size - 1 - i];
    }
    n = (gnutls_datum_t){modulus, 256};
    e = (gnutls_datum_t){exponent, 3};
    view = (gnutls_datum_t){turned, 256};
    gnutls_pubkey_init(&public);
    ck_assert_int_eq(gnutls_pubkey_import_rsa_raw(public, &n, &e), 0);
    ck_assert_int_ge(
        gnutls_pubkey_verify_data2(public, sign, GNUTLS_VERIFY_ALLOW_BROKEN, &text, &view), 0);
    gnutls_pubkey_deinit(public);
    free(blob);
}

START_TEST(test_hash_is_signed)
{
    HCRYPTPROV provider = memory();
    HCRYPTKEY key = 0;
    HCRYPTHASH hash = hash_of(provider, signed_by[_i].id), same;
    DWORD flags = signed_by[_i].flags, size = 0;
    BYTE signature[256];

    expect_error(CryptSignHash(hash, AT_SIGNATURE, NULL, flags, NULL, &size), (DWORD)NTE_NO_KEY);
    ck_assert(CryptGenKey(provider, AT_SIGNATURE, 0, &key));
    ck_assert(CryptSignHash(hash, AT_SIGNATURE, NULL, flags, NULL, &size));
    ck_assert_uint_eq(size, sizeof(signature));
    size--;
    expect_error(CryptSignHash(hash, AT_SIGNATURE, NULL, flags, signature, &size), ERROR_MORE_DATA);
    ck_assert(CryptSignHash(hash, AT_SIGNATURE, NULL, flags, signature, &size));
    expect_error(CryptSignHashA(hash, AT_SIGNATURE, "why", flags, signature, &size),
                 ERROR_INVALID_PARAMETER);
    if (signed_by[_i].sign != GNUTLS_SIGN_UNKNOWN)
        expect_signed(key, signed_by[_i].sign, signature, size);
    same = hash_of(provider, signed_by[_i].id);
    ck_assert(CryptVerifySignature(same, signature, size, key, NULL, flags));
    expect_error(CryptVerifySignature(same, signature, size - 1, key, NULL, flags),
                 (DWORD)NTE_BAD_SIGNATURE);
    signature[7] ^= 1;
    expect_error(CryptVerifySignature(same, signature, size, key, NULL, flags),
                 (DWORD)NTE_BAD_SIGNATURE);
    ck_assert(CryptDestroyHash(hash));
    ck_assert(CryptDestroyHash(same));
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(provider, 0));
}
END_TEST

/* --- With certificates ---------------------------------------------------------------------- */

/* CN=me */
static BYTE name_der[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                          0x55, 0x04, 0x03, 0x0c, 0x02, 'm',  'e'};

static void expect_self_signed(PCCERT_CONTEXT context, gnutls_sign_algorithm_t sign)
{
    gnutls_x509_crt_t crt = cert_context_crt(context);
    gnutls_privkey_t key = NULL;
    unsigned verify = 0;

    ck_assert_int_eq(gnutls_x509_crt_get_signature_algorithm(crt), (int)sign);
    ck_assert_int_eq(gnutls_x509_crt_get_version(crt), 3);
    ck_assert_int_eq(gnutls_x509_crt_verify(crt, &crt, 1, GNUTLS_VERIFY_ALLOW_BROKEN, &verify), 0);
    ck_assert_uint_eq(verify & GNUTLS_CERT_SIGNATURE_FAILURE, 0);
    ck_assert(gnutls_x509_crt_check_issuer(crt, crt));
    ck_assert_int_eq(cert_context_key(context, &key), SEC_E_OK);
    gnutls_privkey_deinit(key);
}

START_TEST(test_self_signed_by_provider)
{
    HCRYPTPROV provider = memory();
    HCRYPTKEY key = 0;
    CERT_NAME_BLOB name = {sizeof(name_der), name_der};
    BYTE usage[] = {3, 2, 7, 0x80};
    char oid[] = "2.5.29.15", sha512[] = "1.2.840.113549.1.1.13";
    CERT_EXTENSION extension = {oid, TRUE, {sizeof(usage), usage}};
    CERT_EXTENSIONS extensions = {1, &extension};
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {sha512, {0, NULL}};
    SYSTEMTIME from = {
        .wYear = 2049, .wMonth = 12, .wDay = 31, .wHour = 23, .wMinute = 59, .wSecond = 58};
    SYSTEMTIME until = {.wYear = 2050, .wMonth = 1, .wDay = 2};
    PCCERT_CONTEXT context;
    unsigned bits = 0, critical = 0;

    ck_assert(CryptGenKey(provider, AT_KEYEXCHANGE, 0, &key));
    context = CertCreateSelfSignCertificate(provider, &name, 0, NULL, &algorithm, &from, &until,
                                            &extensions);
    ck_assert_ptr_nonnull(context);
    expect_self_signed(context, GNUTLS_SIGN_RSA_SHA512);
    ck_assert_int_eq(gnutls_x509_crt_get_key_usage(cert_context_crt(context), &bits, &critical), 0);
    ck_assert_uint_eq(bits, GNUTLS_KEY_DIGITAL_SIGNATURE);
    ck_assert_uint_ne(critical, 0);
    ck_assert_int_eq(gnutls_x509_crt_get_activation_time(cert_context_crt(context)), 2524607998);
    ck_assert_int_eq(gnutls_x509_crt_get_expiration_time(cert_context_crt(context)), 2524694400);
    CertFreeCertificateContext(context);
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(provider, 0));
}
END_TEST

START_TEST(test_self_signed_by_name)
{
    CERT_NAME_BLOB name = {sizeof(name_der), name_der};
    WCHAR text[] = {'k', 0};
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = text};
    NCRYPT_PROV_HANDLE storage = 0;
    NCRYPT_KEY_HANDLE key = 0;
    char oid[] = "1.2.840.113549.1.1.11";
    CRYPT_ALGORITHM_IDENTIFIER rsa = {oid, {0, NULL}};
    PCCERT_CONTEXT context;
    gnutls_privkey_t secret = NULL;

    ck_assert_int_eq(NCryptOpenStorageProvider(&storage, NULL, 0), 0);
    ck_assert_int_eq(
        NCryptCreatePersistedKey(storage, &key, NCRYPT_ECDSA_P256_ALGORITHM, text, 0, 0), 0);
    ck_assert_int_eq(NCryptFinalizeKey(key, 0), 0);
    context = CertCreateSelfSignCertificate(0, &name, 0, &info, NULL, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(context);
    expect_self_signed(context, GNUTLS_SIGN_ECDSA_SHA256);
    CertFreeCertificateContext(context);

    context = CertCreateSelfSignCertificate(key, &name, CERT_CREATE_SELFSIGN_NO_KEY_INFO, NULL,
                                            NULL, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(context);
    ck_assert_int_eq(cert_context_key(context, &secret), SEC_E_NO_CREDENTIALS);
    CertFreeCertificateContext(context);
    ck_assert_ptr_null(CertCreateSelfSignCertificate(key, &name, 0, NULL, &rsa, NULL, NULL, NULL));
    expect_error(FALSE, (DWORD)NTE_BAD_ALGID);
    name.cbData--;
    ck_assert_ptr_null(CertCreateSelfSignCertificate(key, &name, 0, NULL, NULL, NULL, NULL, NULL));
    expect_error(CertCreateSelfSignCertificate(key, NULL, 0, NULL, NULL, NULL, NULL, NULL) != NULL,
                 (DWORD)E_INVALIDARG);
    NCryptDeleteKey(key, 0);
    NCryptFreeObject(storage);
}
END_TEST

/* Programs import a blob into a provider and give the provider to the certificate. */
START_TEST(test_self_signed_with_new_key)
{
    CERT_NAME_BLOB name = {sizeof(name_der), name_der};
    WCHAR text[] = {'n', 'e', 'w', 0};
    CRYPT_KEY_PROV_INFO info = {
        .pwszContainerName = text, .dwProvType = PROV_RSA_FULL, .dwKeySpec = AT_SIGNATURE};
    PCCERT_CONTEXT context =
        CertCreateSelfSignCertificate(0, &name, 0, &info, NULL, NULL, NULL, NULL);
    HCRYPTPROV provider;
    HCRYPTKEY key = 0;

    ck_assert_ptr_nonnull(context);
    expect_self_signed(context, GNUTLS_SIGN_RSA_SHA256);
    CertFreeCertificateContext(context);
    provider = container("new", 0);
    ck_assert(CryptGetUserKey(provider, AT_SIGNATURE, &key));
    ck_assert(CryptDestroyKey(key));
    ck_assert(CryptReleaseContext(provider, 0));
}
END_TEST

START_TEST(test_certificate_with_provider)
{
    PCCERT_CONTEXT context = keyhome_certificate(CERTS_RSA_2048);
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle = 0;
    HCRYPTPROV provider = memory();
    NCRYPT_KEY_HANDLE cng = 0;
    NCRYPT_PROV_HANDLE storage = 0;
    HCRYPTKEY key = 0;
    gnutls_privkey_t secret = NULL;
    gnutls_datum_t der;
    DWORD size = 0, policy = NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;
    BYTE *blob;
    BOOL callers = TRUE;

    ck_assert_int_eq(gnutls_x509_privkey_export2_pkcs8(certs_key(CERTS_RSA_2048),
                                                       GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN,
                                                       &der),
                     0);
    ck_assert_int_eq(NCryptOpenStorageProvider(&storage, NULL, 0), 0);
    ck_assert_int_eq(NCryptImportKey(storage, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, &cng,
                                     der.data, der.size, NCRYPT_DO_NOT_FINALIZE_FLAG),
                     0);
    gnutls_free(der.data);
    ck_assert_int_eq(NCryptSetProperty(cng, NCRYPT_EXPORT_POLICY_PROPERTY, (PBYTE)&policy, 4, 0),
                     0);
    ck_assert_int_eq(NCryptFinalizeKey(cng, 0), 0);
    ck_assert_int_eq(NCryptExportKey(cng, 0, LEGACY_RSAPRIVATE_BLOB, NULL, NULL, 0, &size, 0), 0);
    blob = malloc(size);
    ck_assert_int_eq(NCryptExportKey(cng, 0, LEGACY_RSAPRIVATE_BLOB, NULL, blob, size, &size, 0),
                     0);
    ck_assert(CryptImportKey(provider, blob, size, 0, 0, &key));
    free(blob);
    ck_assert(CryptDestroyKey(key));
    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_HANDLE_PROP_ID, 0,
                                                (const void *)provider));
    ck_assert_int_eq(cert_context_key(context, &secret), SEC_E_OK);
    gnutls_privkey_deinit(secret);
    ck_assert(CryptAcquireCertificatePrivateKey(context, 0, NULL, &handle, NULL, &callers));
    ck_assert_uint_eq(handle, provider);
    ck_assert(!callers);
    CertFreeCertificateContext(context);
    NCryptFreeObject(cng);
    NCryptFreeObject(storage);
}
END_TEST

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
    Suite *suite = suite_create("cryptoapi");
    TCase *provider = with_home(suite, "provider");
    TCase *key = with_home(suite, "key");
    TCase *hash = with_home(suite, "hash");
    TCase *certificate = with_home(suite, "certificate");

    tcase_add_test(provider, test_container_lives);
    tcase_add_loop_test(provider, test_provider_refused, 0, COUNT(refused));
    tcase_add_test(provider, test_provider_tells);
    tcase_add_test(provider, test_providers_are_listed);
    tcase_add_test(provider, test_random_octets);
    tcase_add_test(key, test_key_travels);
    tcase_add_test(key, test_key_blob_cut_and_flipped);
    tcase_add_loop_test(hash, test_hash_is_the_hash, 0, COUNT(hashes));
    tcase_add_test(hash, test_hash_refuses);
    tcase_add_loop_test(hash, test_hash_is_signed, 0, COUNT(signed_by));
    tcase_add_test(certificate, test_self_signed_by_provider);
    tcase_add_test(certificate, test_self_signed_by_name);
    tcase_add_test(certificate, test_self_signed_with_new_key);
    tcase_add_test(certificate, test_certificate_with_provider);
    return suite;
}

CHECK_MAIN(suite)
