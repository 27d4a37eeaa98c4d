/* SPDX-License-Identifier: MIT */
/* Comparing, hashing, signing, checking and showing certificates and what they are made of. */
#define CRYPT_OID_INFO_HAS_EXTRA_FIELDS
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <ncrypt.h>
#include <wincrypt.h>

#include "lib/certs.h"
#include "lib/check_main.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         4096

static PCCERT_CONTEXT context_of(const struct certs_form *form, unsigned key,
                                 gnutls_x509_crt_t issuer, unsigned issuer_key)
{
    gnutls_x509_crt_t crt = certs_make(form, key, issuer, issuer_key);
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    return context;
}

static void wide_is(LPCWSTR wide, const char *text)
{
    for (size_t i = 0; i <= strlen(text); i++)
        ck_assert_uint_eq(wide[i], (unsigned char)text[i]);
}

/* --- Comparing ------------------------------------------------------------------------------ */

static const struct number_case {
    const char *a;
    DWORD a_size;
    const char *b;
    DWORD b_size;
    BOOL same;
} numbers[] = {
    {"\x01", 1, "\x01", 1, TRUE},      {"\x01\x00\x00", 3, "\x01", 1, TRUE},
    {"\xff", 1, "\xff\xff", 2, TRUE},  {"\x80\x00", 2, "\x80", 1, FALSE}, /* 128 and -128 */
    {"\x01\x02", 2, "\x02", 1, FALSE}, {"", 0, "", 0, TRUE},
    {"\x00", 1, "\x00\x00", 2, TRUE},
};

START_TEST(numbers_are_compared)
{
    const struct number_case *one = &numbers[_i];
    CRYPT_INTEGER_BLOB a = {one->a_size, malloc(one->a_size + 1)};
    CRYPT_INTEGER_BLOB b = {one->b_size, malloc(one->b_size + 1)};

    memcpy(a.pbData, one->a, one->a_size);
    memcpy(b.pbData, one->b, one->b_size);
    ck_assert_int_eq(CertCompareIntegerBlob(&a, &b), one->same);
    ck_assert_int_eq(CertCompareIntegerBlob(&b, &a), one->same);
    free(a.pbData);
    free(b.pbData);
}
END_TEST

START_TEST(certificates_are_compared)
{
    struct certs_form form = {.name = "CN=x", .serial = 7}, other = {.name = "CN=y", .serial = 7};
    struct certs_form later = {.name = "CN=x", .serial = 8};
    PCCERT_CONTEXT a = context_of(&form, 0, NULL, 0), b = context_of(&form, 1, NULL, 1);
    PCCERT_CONTEXT c = context_of(&other, 0, NULL, 0), d = context_of(&later, 0, NULL, 0);
    CERT_PUBLIC_KEY_INFO key = a->pCertInfo->SubjectPublicKeyInfo;

    ck_assert(CertCompareCertificate(X509_ASN_ENCODING, a->pCertInfo, b->pCertInfo));
    ck_assert(!CertCompareCertificate(X509_ASN_ENCODING, a->pCertInfo, c->pCertInfo));
    ck_assert(!CertCompareCertificate(X509_ASN_ENCODING, a->pCertInfo, d->pCertInfo));
    ck_assert(CertCompareCertificateName(X509_ASN_ENCODING, &a->pCertInfo->Subject,
                                         &d->pCertInfo->Issuer));
    ck_assert(!CertCompareCertificateName(X509_ASN_ENCODING, &a->pCertInfo->Subject,
                                          &c->pCertInfo->Subject));
    ck_assert(
        CertComparePublicKeyInfo(X509_ASN_ENCODING, &key, &c->pCertInfo->SubjectPublicKeyInfo));
    ck_assert(
        !CertComparePublicKeyInfo(X509_ASN_ENCODING, &key, &b->pCertInfo->SubjectPublicKeyInfo));
    key.Algorithm.Parameters.cbData = 0; /* no curve */
    ck_assert(
        !CertComparePublicKeyInfo(X509_ASN_ENCODING, &key, &c->pCertInfo->SubjectPublicKeyInfo));
    CertFreeCertificateContext(a);
    CertFreeCertificateContext(b);
    CertFreeCertificateContext(c);
    CertFreeCertificateContext(d);
    certs_end();
}
END_TEST

START_TEST(keys_have_a_length)
{
    static const struct {
        unsigned key;
        DWORD bits;
    } lengths[] = {{0, 256}, {CERTS_RSA_1024, 1024}};
    struct certs_form form = {.name = "CN=x"};
    char unknown[] = "1.2.3.4";

    for (size_t i = 0; i < COUNT(lengths); i++) {
        PCCERT_CONTEXT context = context_of(&form, lengths[i].key, NULL, lengths[i].key);
        CERT_PUBLIC_KEY_INFO key = context->pCertInfo->SubjectPublicKeyInfo;

        ck_assert_uint_eq(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), lengths[i].bits);
        key.Algorithm.pszObjId = unknown;
        ck_assert_uint_eq(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), 0);
        ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_PUBLIC_KEY);
        CertFreeCertificateContext(context);
    }
    certs_end();
}
END_TEST

START_TEST(times_are_compared)
{
    CERT_INFO info = {.NotBefore = {10, 1}, .NotAfter = {20, 1}};
    CERT_INFO inner = {.NotBefore = {10, 1}, .NotAfter = {19, 1}};
    FILETIME times[] = {{9, 1}, {10, 1}, {20, 1}, {21, 1}};
    static const LONG want[] = {-1, 0, 0, 1};

    for (size_t i = 0; i < COUNT(times); i++)
        ck_assert_int_eq(CertVerifyTimeValidity(&times[i], &info), want[i]);
    ck_assert_int_eq(CertVerifyTimeValidity(NULL, &info), 1); /* 1601 is over */
    ck_assert(CertVerifyValidityNesting(&inner, &info));
    ck_assert(!CertVerifyValidityNesting(&info, &inner));
}
END_TEST

START_TEST(attributes_are_found)
{
    char cn[] = szOID_COMMON_NAME, o[] = szOID_ORGANIZATION_NAME;
    BYTE x[] = {'x'}, upper[] = {'X'};
    WCHAR wide[] = {'x', 0};
    CERT_RDN_ATTR asked = {cn, CERT_RDN_ANY_TYPE, {1, x}};
    CERT_RDN rdn = {1, &asked};
    BYTE der[64];
    CERT_NAME_BLOB name = {sizeof(der), der};
    CRYPT_ATTRIBUTE list[] = {{o, 0, NULL}, {cn, 0, NULL}};

    ck_assert(CertStrToNameA(X509_ASN_ENCODING, "O=y, CN=x", CERT_X500_NAME_STR, NULL, der,
                             &name.cbData, NULL));
    ck_assert(CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, 0, &name, &rdn));
    asked.Value.pbData = upper;
    ck_assert(!CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, 0, &name, &rdn));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NO_MATCH);
    ck_assert(CertIsRDNAttrsInCertificateName(
        X509_ASN_ENCODING, CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG, &name, &rdn));
    asked.Value = (CERT_RDN_VALUE_BLOB){0, (BYTE *)wide};
    ck_assert(CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, CERT_UNICODE_IS_RDN_ATTRS_FLAG,
                                              &name, &rdn));
    asked.Value = (CERT_RDN_VALUE_BLOB){0, NULL};
    asked.dwValueType = CERT_RDN_UTF8_STRING; /* it is a PrintableString */
    ck_assert(!CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, 0, &name, &rdn));
    asked = (CERT_RDN_ATTR){NULL, CERT_RDN_ANY_TYPE, {1, x}};
    ck_assert(CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, 0, &name, &rdn));
    name.cbData--;
    ck_assert(!CertIsRDNAttrsInCertificateName(X509_ASN_ENCODING, 0, &name, &rdn));
    ck_assert_ptr_eq(CertFindAttribute(cn, 2, list), &list[1]);
    ck_assert_ptr_null(CertFindAttribute("1.2", 2, list));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
}
END_TEST

/* --- What a key is for ---------------------------------------------------------------------- */

START_TEST(key_usage_is_read)
{
    struct certs_form form = {.name = "CN=x", .usage = GNUTLS_KEY_DIGITAL_SIGNATURE};
    struct certs_form none = {.name = "CN=x"};
    PCCERT_CONTEXT with = context_of(&form, 0, NULL, 0), without = context_of(&none, 0, NULL, 0);
    BYTE usage[3] = {1, 2, 3};

    ck_assert(CertGetIntendedKeyUsage(X509_ASN_ENCODING, with->pCertInfo, usage, sizeof(usage)));
    ck_assert_uint_eq(usage[0], CERT_DIGITAL_SIGNATURE_KEY_USAGE);
    ck_assert_uint_eq(usage[1] | usage[2], 0);
    ck_assert(
        !CertGetIntendedKeyUsage(X509_ASN_ENCODING, without->pCertInfo, usage, sizeof(usage)));
    ck_assert_uint_eq(GetLastError(), 0);
    ck_assert_uint_eq(usage[0], 0);
    CertFreeCertificateContext(with);
    CertFreeCertificateContext(without);
    certs_end();
}
END_TEST

static CERT_ENHKEY_USAGE *usage_of(PCCERT_CONTEXT context, DWORD flags, DWORD error)
{
    CERT_ENHKEY_USAGE *usage;
    DWORD size = 0;

    ck_assert(CertGetEnhancedKeyUsage(context, flags, NULL, &size));
    usage = malloc(size);
    size--;
    ck_assert(!CertGetEnhancedKeyUsage(context, flags, usage, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert(CertGetEnhancedKeyUsage(context, flags, usage, &size));
    ck_assert_uint_eq(GetLastError(), error);
    return usage;
}

/* A usage of no bits has no octets to copy, which a sanitizer would tell. */
START_TEST(key_usage_may_be_none)
{
    static BYTE no_bits[] = {3, 1, 0};
    static char oid[] = szOID_KEY_USAGE;
    CERT_EXTENSION extension = {oid, FALSE, {sizeof(no_bits), no_bits}};
    CERT_INFO info = {.cExtension = 1, .rgExtension = &extension};
    BYTE usage[2] = {1, 2};

    ck_assert(CertGetIntendedKeyUsage(X509_ASN_ENCODING, &info, usage, sizeof(usage)));
    ck_assert_uint_eq(usage[0] | usage[1], 0);
}
END_TEST

/* What certificates of these purposes are all for. */
static int valid_usages(const char *const *purposes, DWORD count, LPSTR *list, DWORD room)
{
    PCCERT_CONTEXT contexts[3];
    DWORD size = 0, sized = room;
    int number = -2, again = -2;

    for (DWORD i = 0; i < count; i++) {
        struct certs_form form = {.name = "CN=x", .purpose = purposes[i]};

        contexts[i] = context_of(&form, 0, NULL, 0);
    }
    ck_assert(CertGetValidUsages(count, contexts, &number, NULL, &size));
    ck_assert(CertGetValidUsages(count, contexts, &again, list, &sized));
    ck_assert_int_eq(number, again);
    ck_assert_uint_eq(size, sized);
    if (size > 0) {
        sized = size - 1;
        ck_assert(!CertGetValidUsages(count, contexts, &again, list, &sized));
        ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
        ck_assert_uint_eq(sized, size);
    }
    for (DWORD i = 0; i < count; i++)
        CertFreeCertificateContext(contexts[i]);
    return number;
}

START_TEST(purposes_of_several_are_what_all_allow)
{
    static const char both[] = szOID_PKIX_KP_SERVER_AUTH " " szOID_PKIX_KP_CLIENT_AUTH;
    static const char *const server[] = {both, NULL, szOID_PKIX_KP_SERVER_AUTH},
                             *const all[] = {NULL, both}, *const any[] = {NULL, NULL},
                             *const nothing[] = {szOID_PKIX_KP_SERVER_AUTH,
                                                 szOID_PKIX_KP_CLIENT_AUTH, NULL};
    LPSTR room[64];
    PCCERT_CONTEXT context = NULL;
    DWORD size = sizeof(room);
    int number;

    ck_assert_int_eq(valid_usages(server, 3, room, sizeof(room)), 1);
    ck_assert_str_eq(room[0], szOID_PKIX_KP_SERVER_AUTH);
    ck_assert_int_eq(valid_usages(all, 2, room, sizeof(room)), 2);
    ck_assert_str_eq(room[1], szOID_PKIX_KP_CLIENT_AUTH);
    ck_assert_int_eq(valid_usages(any, 2, room, sizeof(room)), -1);
    ck_assert_int_eq(valid_usages(nothing, 3, room, sizeof(room)), 0);
    ck_assert(!CertGetValidUsages(0, &context, &number, room, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    certs_end();
}
END_TEST

START_TEST(purposes_are_what_both_allow)
{
    struct certs_form form = {.name = "CN=x",
                              .purpose = szOID_PKIX_KP_SERVER_AUTH " " szOID_PKIX_KP_CLIENT_AUTH};
    struct certs_form none = {.name = "CN=x"};
    PCCERT_CONTEXT context = context_of(&form, 0, NULL, 0), free_one;
    static BYTE client[] = {0x30, 0x14, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3,
                            2,    0x06, 0x08, 0x2b, 6,    1, 5, 5, 7, 3, 3};
    CRYPT_DATA_BLOB blob = {sizeof(client), client};
    CERT_ENHKEY_USAGE *usage = usage_of(context, 0, 0);

    ck_assert_uint_eq(usage->cUsageIdentifier, 2);
    free(usage);
    ck_assert(CertSetCertificateContextProperty(context, CERT_ENHKEY_USAGE_PROP_ID, 0, &blob));
    usage = usage_of(context, 0, 0);
    ck_assert_uint_eq(usage->cUsageIdentifier, 1);
    ck_assert_str_eq(usage->rgpszUsageIdentifier[0], szOID_PKIX_KP_CLIENT_AUTH);
    free(usage);
    usage = usage_of(context, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG, 0);
    ck_assert_uint_eq(usage->cUsageIdentifier, 2);
    ck_assert_str_eq(usage->rgpszUsageIdentifier[0], szOID_PKIX_KP_SERVER_AUTH);
    free(usage);
    usage = usage_of(context, CERT_FIND_PROP_ONLY_ENHKEY_USAGE_FLAG, 0);
    ck_assert_str_eq(usage->rgpszUsageIdentifier[1], szOID_PKIX_KP_CODE_SIGNING);
    free(usage);
    free_one = context_of(&none, 0, NULL, 0);
    usage = usage_of(free_one, 0, (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert_uint_eq(usage->cUsageIdentifier, 0);
    free(usage);
    CertFreeCertificateContext(free_one);
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

/* --- Hashes and signatures ------------------------------------------------------------------ */

START_TEST(hashes_are_the_known_ones)
{
    static const BYTE sha1[] = {0xa9, 0x99, 0x3e, 0x36}, sha256[] = {0xba, 0x78, 0x16, 0xbf};
    static const WCHAR name[] = {'S', 'H', 'A', '2', '5', '6', 0}, bad[] = {'X', 0};
    const BYTE abc[] = "abc";
    BYTE value[64];
    DWORD size = 0;

    ck_assert(CryptHashCertificate(0, 0, 0, abc, 3, NULL, &size));
    ck_assert_uint_eq(size, 20);
    ck_assert(CryptHashCertificate(0, 0, 0, abc, 3, value, &size));
    ck_assert_mem_eq(value, sha1, 4);
    ck_assert(!CryptHashCertificate2(name, 0, NULL, abc, 3, value, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert_uint_eq(size, 32);
    ck_assert(CryptHashCertificate2(name, 0, NULL, abc, 3, value, &size));
    ck_assert_mem_eq(value, sha256, 4);
    ck_assert(!CryptHashCertificate2(bad, 0, NULL, abc, 3, value, &size));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_ALGID);
    ck_assert(!CryptHashCertificate(0, CALG_RC4, 0, abc, 3, value, &size));
}
END_TEST

/* The properties of a certificate know the same values by another way. */
START_TEST(parts_have_their_hashes)
{
    struct certs_form form = {.name = "CN=x"};
    PCCERT_CONTEXT context = context_of(&form, CERTS_RSA_1024, NULL, CERTS_RSA_1024);
    BYTE is[64], want[64];
    DWORD size = sizeof(is), want_size = sizeof(want);

    ck_assert(CryptHashToBeSigned(0, X509_ASN_ENCODING, context->pbCertEncoded,
                                  context->cbCertEncoded, is, &size));
    ck_assert(
        CertGetCertificateContextProperty(context, CERT_SIGNATURE_HASH_PROP_ID, want, &want_size));
    ck_assert_uint_eq(size, want_size);
    ck_assert_mem_eq(is, want, size);
    size = sizeof(is);
    ck_assert(CryptHashPublicKeyInfo(0, CALG_SHA_256, 0, X509_ASN_ENCODING,
                                     &context->pCertInfo->SubjectPublicKeyInfo, is, &size));
    want_size = sizeof(want);
    {
        gnutls_pubkey_t key;
        size_t made = sizeof(want);

        ck_assert_int_eq(gnutls_pubkey_init(&key), 0);
        ck_assert_int_eq(gnutls_pubkey_import_x509_raw(
                             key, &(gnutls_datum_t){context->pbCertEncoded, context->cbCertEncoded},
                             GNUTLS_X509_FMT_DER, 0),
                         0);
        ck_assert_int_eq(gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, want, &made), 0);
        gnutls_pubkey_deinit(key);
        ck_assert_uint_eq(size, made);
    }
    ck_assert_mem_eq(is, want, size);
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

START_TEST(signatures_are_checked)
{
    struct certs_form form = {.name = "CN=ca", .authority = 1}, leaf_form = {.name = "CN=leaf"};
    unsigned key = _i == 0 ? 0 : CERTS_RSA_1024;
    gnutls_x509_crt_t ca_crt = certs_make(&form, key, NULL, key);
    gnutls_datum_t ca_der = certs_der(ca_crt);
    PCCERT_CONTEXT ca = CertCreateCertificateContext(X509_ASN_ENCODING, ca_der.data, ca_der.size);
    PCCERT_CONTEXT leaf = context_of(&leaf_form, 2, ca_crt, key);
    CERT_PUBLIC_KEY_INFO *good = &ca->pCertInfo->SubjectPublicKeyInfo;
    BYTE *altered = malloc(leaf->cbCertEncoded);

    ck_assert(CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, leaf->pbCertEncoded,
                                              leaf->cbCertEncoded, good));
    ck_assert(!CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, leaf->pbCertEncoded,
                                               leaf->cbCertEncoded,
                                               &leaf->pCertInfo->SubjectPublicKeyInfo));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_SIGNATURE);
    for (DWORD at = 0; at < leaf->cbCertEncoded; at += 5) {
        memcpy(altered, leaf->pbCertEncoded, leaf->cbCertEncoded);
        altered[at] ^= 1;
        ck_assert(!CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, altered,
                                                   leaf->cbCertEncoded, good));
        ck_assert(
            !CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, leaf->pbCertEncoded, at, good));
    }
    ck_assert(CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT, (void *)(uintptr_t)leaf,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT, (void *)(uintptr_t)ca, 0, NULL));
    ck_assert(CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT, (void *)(uintptr_t)ca,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_NULL, NULL, 0, NULL));
    ck_assert(!CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT, (void *)(uintptr_t)leaf,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_NULL, NULL, 0, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_SIGNATURE);
    ck_assert(!CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, 99, NULL, CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY, good, 0, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    free(altered);
    CertFreeCertificateContext(leaf);
    CertFreeCertificateContext(ca);
    gnutls_free(ca_der.data);
    gnutls_x509_crt_deinit(ca_crt);
    certs_end();
}
END_TEST

/* A key of a provider signs a certificate, which that key's info and GnuTLS then confirm. */
START_TEST(certificate_is_signed)
{
    struct certs_form form = {.name = "CN=x"};
    PCCERT_CONTEXT context = context_of(&form, CERTS_RSA_1024, NULL, CERTS_RSA_1024);
    char sha256[] = szOID_RSA_SHA256RSA, wrong[] = szOID_ECDSA_SHA256;
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {sha256, {0, NULL}};
    CERT_INFO info = *context->pCertInfo;
    CERT_PUBLIC_KEY_INFO *key;
    BYTE der[ROOM], room[ROOM];
    DWORD size = sizeof(der), key_size = sizeof(room);
    HCRYPTPROV provider;
    HCRYPTKEY handle;

    ck_assert(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT));
    ck_assert(CryptGenKey(provider, AT_SIGNATURE, 1024U << 16, &handle));
    key = (CERT_PUBLIC_KEY_INFO *)(void *)room;
    ck_assert(CryptExportPublicKeyInfo(provider, AT_SIGNATURE, X509_ASN_ENCODING, key, &key_size));
    ck_assert_str_eq(key->Algorithm.pszObjId, szOID_RSA_RSA);
    info.SubjectPublicKeyInfo = *key;
    info.SignatureAlgorithm = algorithm;
    ck_assert(CryptSignAndEncodeCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                            X509_CERT_TO_BE_SIGNED, &info, &algorithm, NULL, der,
                                            &size));
    ck_assert(CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, der, size, key));
    {
        gnutls_x509_crt_t crt;
        unsigned status = 0;

        ck_assert_int_eq(gnutls_x509_crt_init(&crt), 0);
        ck_assert_int_eq(
            gnutls_x509_crt_import(crt, &(gnutls_datum_t){der, size}, GNUTLS_X509_FMT_DER), 0);
        ck_assert_int_eq(gnutls_x509_crt_verify(crt, &crt, 1, GNUTLS_VERIFY_ALLOW_BROKEN, &status),
                         0);
        ck_assert(!(status & (GNUTLS_CERT_SIGNATURE_FAILURE)));
        gnutls_x509_crt_deinit(crt);
    }
    algorithm.pszObjId = wrong;
    ck_assert(!CryptSignAndEncodeCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                             X509_CERT_TO_BE_SIGNED, &info, &algorithm, NULL, der,
                                             &size));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_ALGID);
    CryptDestroyKey(handle);
    CryptReleaseContext(provider, 0);
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

/* --- RSASSA-PSS ----------------------------------------------------------------------------- */

/* SHA-256, MGF1 with it, a salt of 32 octets; and what follows the OID in some certificate. */
static const BYTE pss_parameters[] = {
    0x30, 0x34, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
    0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48,
    0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
    0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20};

static PCCERT_CONTEXT pss_certificate(const void *parameters, DWORD size)
{
    static char pss[] = szOID_RSA_SSA_PSS;
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {pss, {size, (BYTE *)(uintptr_t)parameters}};
    BYTE name[] = {0x30, 0};
    CERT_NAME_BLOB subject = {sizeof(name), name};

    return CertCreateSelfSignCertificate(0, &subject, 0, NULL, &algorithm, NULL, NULL, NULL);
}

/* An octet of the parameters beside the signature, from their end, is another. */
static DWORD altered(PCCERT_CONTEXT context, size_t from_end, BYTE octet)
{
    BYTE *der = malloc(context->cbCertEncoded), *at = NULL;
    DWORD error = 0;

    memcpy(der, context->pbCertEncoded, context->cbCertEncoded);
    for (DWORD i = 0; i + sizeof(pss_parameters) <= context->cbCertEncoded; i++)
        if (memcmp(der + i, pss_parameters, sizeof(pss_parameters)) == 0)
            at = der + i; /* the last: the first is within what is signed */
    ck_assert_ptr_nonnull(at);
    at[sizeof(pss_parameters) - from_end] = octet;
    if (!CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, der, context->cbCertEncoded,
                                         &context->pCertInfo->SubjectPublicKeyInfo))
        error = GetLastError();
    free(der);
    return error;
}

START_TEST(pss_is_checked)
{
    PCCERT_CONTEXT context = pss_certificate(pss_parameters, sizeof(pss_parameters));
    BYTE hash[32];
    DWORD size = sizeof(hash);

    ck_assert_ptr_nonnull(context);
    ck_assert(CryptVerifyCertificateSignatureEx(
        0, X509_ASN_ENCODING, CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT, (void *)(uintptr_t)context,
        CRYPT_VERIFY_CERT_SIGN_ISSUER_NULL, NULL, 0, NULL));
    ck_assert(CryptHashToBeSigned(0, X509_ASN_ENCODING, context->pbCertEncoded,
                                  context->cbCertEncoded, hash, &size));
    ck_assert_uint_eq(size, 32);
    ck_assert_uint_eq(altered(context, 1, 0x20), 0);
    ck_assert_uint_eq(altered(context, 1, 0x21), (DWORD)NTE_BAD_SIGNATURE);  /* the salt */
    ck_assert_uint_eq(altered(context, 1, 0x7f), (DWORD)NTE_BAD_SIGNATURE);  /* as long as can be */
    ck_assert_uint_eq(altered(context, 1, 0x80), (DWORD)CRYPT_E_ASN1_LARGE); /* less than none */
    ck_assert_uint_eq(altered(context, 8, 0x02), (DWORD)NTE_BAD_ALGID);      /* the mask's hash */
    ck_assert_uint_eq(altered(context, 23, 0x09), (DWORD)NTE_BAD_ALGID);     /* another mask */
    ck_assert_uint_eq(altered(context, 3, 0x04), (DWORD)CRYPT_E_ASN1_CORRUPT); /* no number */
    CertFreeCertificateContext(context);
}
END_TEST

/* RFC 4055 3.1: a signature's parameters must be there. */
START_TEST(pss_without_terms_is_refused)
{
    static const BYTE sha1[] = {0x30, 0x00}, null[] = {0x05, 0x00};

    ck_assert_ptr_null(pss_certificate(NULL, 0));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    ck_assert_ptr_null(pss_certificate(null, sizeof(null)));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_BADTAG);
    ck_assert_ptr_null(pss_certificate(sha1, sizeof(sha1)));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_ALGID);
}
END_TEST

/* A key for PSS alone needs no parameters, and gets no NULL for them. */
START_TEST(pss_key_has_a_length)
{
    PCCERT_CONTEXT context = pss_certificate(pss_parameters, sizeof(pss_parameters));
    static char pss[] = szOID_RSA_SSA_PSS;
    CERT_PUBLIC_KEY_INFO key;

    ck_assert_ptr_nonnull(context);
    key = context->pCertInfo->SubjectPublicKeyInfo;
    key.Algorithm = (CRYPT_ALGORITHM_IDENTIFIER){pss, {0, NULL}};
    ck_assert_uint_eq(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), 2048);
    ck_assert(CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, context->pbCertEncoded,
                                              context->cbCertEncoded, &key));
    key.Algorithm.Parameters =
        (CRYPT_OBJID_BLOB){sizeof(pss_parameters), (BYTE *)(uintptr_t)pss_parameters};
    ck_assert_uint_eq(CertGetPublicKeyLength(X509_ASN_ENCODING, &key), 2048);
    ck_assert(CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, context->pbCertEncoded,
                                              context->cbCertEncoded, &key));
    CertFreeCertificateContext(context);
}
END_TEST

/* The signature alone is little-endian, as CryptVerifySignature() takes it. */
START_TEST(signature_fits_cryptoapi)
{
    char sha256[] = szOID_RSA_SHA256RSA;
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {sha256, {0, NULL}};
    BYTE signature[256], room[ROOM];
    DWORD size = 0, key_size = sizeof(room);
    CERT_PUBLIC_KEY_INFO *info = (CERT_PUBLIC_KEY_INFO *)(void *)room;
    HCRYPTPROV provider;
    HCRYPTKEY handle, imported;
    HCRYPTHASH hash;

    ck_assert(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    ck_assert(CryptGenKey(provider, AT_SIGNATURE, 1024U << 16, &handle));
    ck_assert(CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, (const BYTE *)"abc",
                                   3, &algorithm, NULL, NULL, &size));
    ck_assert_uint_eq(size, 128);
    size = sizeof(signature);
    ck_assert(CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, (const BYTE *)"abc",
                                   3, &algorithm, NULL, signature, &size));
    ck_assert(CryptExportPublicKeyInfoEx(provider, AT_SIGNATURE, X509_ASN_ENCODING, NULL, 0, NULL,
                                         info, &key_size));
    ck_assert(CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING, info, &imported));
    ck_assert(CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash));
    ck_assert(CryptHashData(hash, (const BYTE *)"abc", 3, 0));
    ck_assert(CryptVerifySignatureA(hash, signature, size, imported, NULL, 0));
    CryptDestroyHash(hash);
    CryptDestroyKey(imported);
    info->PublicKey.cbData--;
    ck_assert(!CryptImportPublicKeyInfo(provider, X509_ASN_ENCODING, info, &imported));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    CryptDestroyKey(handle);
    CryptReleaseContext(provider, 0);
}
END_TEST

/* --- Object identifiers --------------------------------------------------------------------- */

START_TEST(oids_are_known)
{
    static const WCHAR name[] = {'S', 'H', 'A', '2', '5', '6', 'r', 's', 'a', 0};
    static const WCHAR hash[] = {'S', 'H', 'A', '3', '8', '4', 0},
                       ec[] = {'E', 'C', 'D', 'S', 'A', 0};
    char server[] = szOID_PKIX_KP_SERVER_AUTH, unknown[] = "1.2.3", pss[] = szOID_RSA_SSA_PSS;
    ALG_ID pair[2] = {CALG_SHA1, CALG_RSA_SIGN};
    LPCWSTR names[2] = {hash, ec};
    PCCRYPT_OID_INFO info = CryptFindOIDInfo(CRYPT_OID_INFO_OID_KEY, server, 0);

    ck_assert_ptr_nonnull(info);
    ck_assert_uint_eq(info->cbSize, sizeof(*info));
    ck_assert_uint_eq(info->dwGroupId, CRYPT_ENHKEY_USAGE_OID_GROUP_ID);
    wide_is(info->pwszName, "Server Authentication");
    ck_assert_ptr_null(
        CryptFindOIDInfo(CRYPT_OID_INFO_OID_KEY, server, CRYPT_HASH_ALG_OID_GROUP_ID));
    ck_assert_ptr_null(CryptFindOIDInfo(CRYPT_OID_INFO_OID_KEY, unknown, 0));
    ck_assert_ptr_null(CryptFindOIDInfo(99, server, 0));
    info = CryptFindOIDInfo(CRYPT_OID_INFO_NAME_KEY, (void *)(uintptr_t)name, 0);
    ck_assert_str_eq(info->pszOID, szOID_RSA_SHA256RSA);
    ck_assert_uint_eq(info->Algid, CALG_SHA_256);
    info = CryptFindOIDInfo(CRYPT_OID_INFO_SIGN_KEY, pair, 0);
    ck_assert_str_eq(info->pszOID, szOID_RSA_SHA1RSA);
    info = CryptFindOIDInfo(CRYPT_OID_INFO_CNG_SIGN_KEY, names, 0);
    ck_assert_str_eq(info->pszOID, szOID_ECDSA_SHA384);
    info = CryptFindOIDInfo(CRYPT_OID_INFO_OID_KEY, pss, CRYPT_SIGN_ALG_OID_GROUP_ID);
    wide_is(info->pwszName, "RSASSA-PSS");
    wide_is(info->pwszCNGAlgid, "CryptOIDInfoHashParameters");
    wide_is(info->pwszCNGExtraAlgid, "RSA");
    ck_assert_uint_eq(info->Algid, CALG_OID_INFO_PARAMETERS);
    ck_assert_uint_eq(CertOIDToAlgId(szOID_RSA_SSA_PSS), 0);
    ck_assert_ptr_null(CertAlgIdToOID(CALG_OID_INFO_PARAMETERS));
    ck_assert_uint_eq(CertOIDToAlgId(szOID_NIST_sha256), CALG_SHA_256);
    ck_assert_uint_eq(CertOIDToAlgId(szOID_RSA_RSA), CALG_RSA_KEYX);
    ck_assert_uint_eq(CertOIDToAlgId(szOID_COMMON_NAME), 0);
    ck_assert_str_eq(CertAlgIdToOID(CALG_SHA1), szOID_OIWSEC_sha1);
    ck_assert_ptr_null(CertAlgIdToOID(CALG_MAC));
}
END_TEST

static BOOL WINAPI count_three(PCCRYPT_OID_INFO info, void *count)
{
    ck_assert_uint_eq(info->dwGroupId, CRYPT_HASH_ALG_OID_GROUP_ID);
    return ++*(int *)count < 3;
}

static BOOL count_one(PCCRYPT_OID_INFO info, void *count)
{
    (void)info;
    return ++*(int *)count > 0;
}

START_TEST(oids_are_listed)
{
    int count = 0;

    ck_assert(!CryptEnumOIDInfo(CRYPT_HASH_ALG_OID_GROUP_ID, 0, &count, count_three));
    ck_assert_int_eq(count, 3);
    count = 0;
    ck_assert(CryptEnumOIDInfo(CRYPT_HASH_ALG_OID_GROUP_ID, 0, &count, count_one));
    ck_assert_int_gt(count, 3);
}
END_TEST

/* --- For people ----------------------------------------------------------------------------- */

static const struct text_case {
    LPCSTR type;
    const char *hex;
    DWORD form;
    const char *text; /* NULL: refused */
} texts[] = {
    {szOID_SUBJECT_ALT_NAME2, "300982016187047f000001", 0, "DNS Name=a, IP Address=127.0.0.1"},
    {szOID_SUBJECT_ALT_NAME2, "300982016187047f000001", CRYPT_FORMAT_STR_MULTI_LINE,
     "DNS Name=a\r\nIP Address=127.0.0.1\r\n"},
    {X509_ALTERNATE_NAME, "3012871000000000000000000000000000000001", 0, "IP Address=::1"},
    {X509_ALTERNATE_NAME, "300c810361406286017888022a03", 0,
     "RFC822 Name=a@b, URL=x, Registered ID=1.2.3"},
    {X509_ALTERNATE_NAME, "3010a40e300c310a3008060355040a0c016f", 0, "Directory Address:O=o"},
    {X509_ALTERNATE_NAME, "3013a011060a2b060104018237140203a0030c0175", 0,
     "Other Name:Principal Name=u"},
    {szOID_KEY_USAGE, "030205a0", 0, "Digital Signature, Key Encipherment (a0)"},
    {szOID_KEY_USAGE, "03020106", 0, "Certificate Signing, Off-line CRL Signing, CRL Signing (06)"},
    {szOID_ENHANCED_KEY_USAGE, "300e06082b0601050507030106022a03", 0,
     "Server Authentication (1.3.6.1.5.5.7.3.1), Unknown Key Usage (1.2.3)"},
    {szOID_BASIC_CONSTRAINTS2, "30060101ff020105", 0, "Subject Type=CA, Path Length Constraint=5"},
    {szOID_BASIC_CONSTRAINTS2, "3000", 0, "Subject Type=End Entity, Path Length Constraint=None"},
    {szOID_SUBJECT_KEY_IDENTIFIER, "0402abcd", 0, "ab cd"},
    {szOID_AUTHORITY_KEY_IDENTIFIER2, "30088002abcd82020102", 0,
     "KeyID=ab cd, Certificate SerialNumber=01 02"},
    {X509_NAME, "300c310a3008060355040a0c016f", 0, "O=o"},
    {"1.2.3", "0402abcd", 0, "04 02 ab cd"},
    {"1.2.3", "0402abcd", CRYPT_FORMAT_STR_NO_HEX, NULL},
    {szOID_KEY_USAGE, "0302", 0, "03 02"},
    {szOID_KEY_USAGE, "0302", CRYPT_FORMAT_STR_NO_HEX, NULL},
};

START_TEST(der_becomes_readable)
{
    const struct text_case *one = &texts[_i];
    BYTE der[64];
    DWORD der_size = sizeof(der), size = 0;
    WCHAR *wide;

    ck_assert(CryptStringToBinaryA(one->hex, 0, CRYPT_STRING_HEXRAW, der, &der_size, NULL, NULL));
    if (one->text == NULL) {
        ck_assert(!CryptFormatObject(X509_ASN_ENCODING, 0, one->form | CRYPT_FORMAT_STR_NO_HEX,
                                     NULL, one->type, der, der_size, NULL, &size));
        ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
        return;
    }
    ck_assert(CryptFormatObject(X509_ASN_ENCODING, 0, one->form, NULL, one->type, der, der_size,
                                NULL, &size));
    ck_assert_uint_eq(size, (strlen(one->text) + 1) * sizeof(WCHAR));
    wide = malloc(size);
    size--;
    ck_assert(!CryptFormatObject(X509_ASN_ENCODING, 0, one->form, NULL, one->type, der, der_size,
                                 wide, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert(CryptFormatObject(X509_ASN_ENCODING, 0, one->form, NULL, one->type, der, der_size,
                                wide, &size));
    wide_is(wide, one->text);
    free(wide);
}
END_TEST

START_TEST(altered_der_is_shown_somehow)
{
    const struct text_case *one = &texts[_i];
    BYTE der[64];
    DWORD der_size = sizeof(der), size;

    ck_assert(CryptStringToBinaryA(one->hex, 0, CRYPT_STRING_HEXRAW, der, &der_size, NULL, NULL));
    for (DWORD bit = 0; bit < der_size * 8; bit++) {
        BYTE *altered = malloc(der_size);

        memcpy(altered, der, der_size);
        altered[bit / 8] ^= (BYTE)(1U << bit % 8);
        ck_assert(CryptFormatObject(X509_ASN_ENCODING, 0, 0, NULL, one->type, altered, der_size,
                                    NULL, &size));
        free(altered);
    }
}
END_TEST

START_TEST(memory_is_had)
{
    char *memory = CryptMemAlloc(3);

    memcpy(memory, "ab", 3);
    memory = CryptMemRealloc(memory, ROOM);
    ck_assert_str_eq(memory, "ab");
    CryptMemFree(memory);
    CryptMemFree(NULL);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("compare");
    TCase *tc = tcase_create("comparing");

    tcase_add_loop_test(tc, numbers_are_compared, 0, COUNT(numbers));
    tcase_add_test(tc, certificates_are_compared);
    tcase_add_test(tc, keys_have_a_length);
    tcase_add_test(tc, times_are_compared);
    tcase_add_test(tc, attributes_are_found);
    tcase_add_test(tc, key_usage_is_read);
    tcase_add_test(tc, key_usage_may_be_none);
    tcase_add_test(tc, purposes_are_what_both_allow);
    tcase_add_test(tc, purposes_of_several_are_what_all_allow);
    suite_add_tcase(s, tc);
    tc = tcase_create("signing");
    tcase_add_test(tc, hashes_are_the_known_ones);
    tcase_add_test(tc, parts_have_their_hashes);
    tcase_add_loop_test(tc, signatures_are_checked, 0, 2);
    tcase_add_test(tc, certificate_is_signed);
    tcase_add_test(tc, signature_fits_cryptoapi);
    tcase_add_test(tc, pss_is_checked);
    tcase_add_test(tc, pss_without_terms_is_refused);
    tcase_add_test(tc, pss_key_has_a_length);
    suite_add_tcase(s, tc);
    tc = tcase_create("showing");
    tcase_add_test(tc, oids_are_known);
    tcase_add_test(tc, oids_are_listed);
    tcase_add_loop_test(tc, der_becomes_readable, 0, COUNT(texts));
    tcase_add_loop_test(tc, altered_der_is_shown_somehow, 0, COUNT(texts));
    tcase_add_test(tc, memory_is_had);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
