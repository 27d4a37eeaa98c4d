/* SPDX-License-Identifier: MIT */
/* Properties of certificates and revocation lists: every shape, computed ones, copies. */
#include <gnutls/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/store.h"

#define BYTES(text) ((BYTE *)(uintptr_t)(text))

static void expect_error(BOOL done, DWORD error)
{
    ck_assert(!done);
    ck_assert_uint_eq(GetLastError(), error);
}

/* --- Shapes --------------------------------------------------------------------------------- */

START_TEST(test_blob)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    CRYPT_DATA_BLOB blob = {5, BYTES("12345")}, empty = {0, NULL}, bad = {5, NULL};
    BYTE room[8];
    DWORD size = 77;

    expect_error(CertGetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, NULL, &size),
                 (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert(CertSetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, 0, &blob));
    ck_assert(CertGetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, NULL, &size));
    ck_assert_uint_eq(size, 5);
    size = 4;
    expect_error(CertGetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, room, &size),
                 ERROR_MORE_DATA);
    ck_assert_uint_eq(size, 5);
    size = sizeof(room);
    ck_assert(CertGetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, room, &size));
    ck_assert_uint_eq(size, 5);
    ck_assert_mem_eq(room, "12345", 5);
    ck_assert(CertSetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, 0, &empty));
    ck_assert(CertGetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, room, &size));
    ck_assert_uint_eq(size, 0);
    expect_error(CertSetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, 0, &bad),
                 (DWORD)E_INVALIDARG);
    ck_assert(CertSetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, 0, NULL));
    ck_assert(CertSetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, 0, NULL));
    expect_error(CertGetCertificateContextProperty(context, CERT_DESCRIPTION_PROP_ID, room, &size),
                 (DWORD)CRYPT_E_NOT_FOUND);
    CertFreeCertificateContext(context);
}
END_TEST

/* The caller's copy may go; what is given points into the caller's room alone. */
START_TEST(test_key_prov_info)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    WCHAR container[] = u"a container", provider[] = u"a provider";
    BYTE data[] = {1, 2, 3};
    CRYPT_KEY_PROV_PARAM param = {PP_KEYEXCHANGE_PIN, data, sizeof(data), 4};
    CRYPT_KEY_PROV_INFO info = {container, provider, PROV_RSA_AES, 6, 1, &param, AT_KEYEXCHANGE};
    CRYPT_KEY_PROV_INFO *got;
    DWORD size = 0;

    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    memset(container, 'x', sizeof(container));
    memset(data, 9, sizeof(data));
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, NULL, &size));
    got = malloc(size);
    size--;
    expect_error(CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, got, &size),
                 ERROR_MORE_DATA);
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, got, &size));
    ck_assert_mem_eq(got->pwszContainerName, u"a container", 24);
    ck_assert_mem_eq(got->pwszProvName, u"a provider", 22);
    ck_assert_uint_eq(got->dwProvType, PROV_RSA_AES);
    ck_assert_uint_eq(got->dwFlags, 6);
    ck_assert_uint_eq(got->cProvParam, 1);
    ck_assert_uint_eq(got->rgProvParam->dwParam, PP_KEYEXCHANGE_PIN);
    ck_assert_uint_eq(got->rgProvParam->cbData, 3);
    ck_assert_mem_eq(got->rgProvParam->pbData, "\1\2\3", 3);
    ck_assert((const void *)got->pwszContainerName >= (const void *)(got + 1));
    ck_assert((const BYTE *)got->pwszProvName < (const BYTE *)got + size);
    free(got);
    info.rgProvParam = NULL;
    expect_error(CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info),
                 (DWORD)E_INVALIDARG);
    CertFreeCertificateContext(context);
}
END_TEST

/* Handles that this test closes itself, so that no more than their values count. */
#define KEEP CERT_STORE_NO_CRYPT_RELEASE_FLAG

static bool handle_is(PCCERT_CONTEXT context, DWORD id, ULONG_PTR value)
{
    ULONG_PTR handle = 0;
    DWORD size = sizeof(handle);

    return CertGetCertificateContextProperty(context, id, &handle, &size) &&
           size == sizeof(handle) && handle == value;
}

START_TEST(test_key_handles)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    CERT_KEY_CONTEXT key = {sizeof(key), {0x5678}, AT_KEYEXCHANGE};
    DWORD size = sizeof(key), spec = 0;

    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_HANDLE_PROP_ID, KEEP,
                                                (const void *)0x1234));
    ck_assert(handle_is(context, CERT_KEY_PROV_HANDLE_PROP_ID, 0x1234));
    ck_assert(handle_is(context, CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID, 0x1234));
    expect_error(
        CertGetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, NULL, &size),
        (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert(CertSetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, KEEP,
                                                (const void *)0x4321));
    ck_assert(handle_is(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0x4321));
    ck_assert(!handle_is(context, CERT_KEY_PROV_HANDLE_PROP_ID, 0x1234));
    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_CONTEXT_PROP_ID, KEEP, &key));
    memset(&key, 0, sizeof(key));
    size = sizeof(key);
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_CONTEXT_PROP_ID, &key, &size));
    ck_assert_uint_eq(key.hCryptProv, 0x5678);
    size = sizeof(spec);
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_SPEC_PROP_ID, &spec, &size));
    ck_assert_uint_eq(spec, AT_KEYEXCHANGE);
    /* A handle is one certificate's: a copy has none. */
    {
        HCERTSTORE store = store_memory();
        PCCERT_CONTEXT copy = NULL;

        ck_assert(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_NEW, &copy));
        ck_assert(!handle_is(copy, CERT_KEY_PROV_HANDLE_PROP_ID, 0x5678));
        CertFreeCertificateContext(copy);
        CertCloseStore(store, 0);
    }
    key.cbSize = 3;
    expect_error(CertSetCertificateContextProperty(context, CERT_KEY_CONTEXT_PROP_ID, KEEP, &key),
                 (DWORD)E_INVALIDARG);
    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_HANDLE_PROP_ID, 0, NULL));
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 0), 0);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_numbers_and_times)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    DWORD spec = AT_SIGNATURE, size = sizeof(spec), state = 1;
    FILETIME time = {1, 2}, got = {0, 0};

    expect_error(CertGetCertificateContextProperty(context, CERT_KEY_SPEC_PROP_ID, &spec, &size),
                 (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_SPEC_PROP_ID, 0, &spec));
    spec = 0;
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_SPEC_PROP_ID, &spec, &size));
    ck_assert_uint_eq(spec, AT_SIGNATURE);
    ck_assert(CertSetCertificateContextProperty(context, CERT_DATE_STAMP_PROP_ID, 0, &time));
    size = sizeof(got);
    ck_assert(CertGetCertificateContextProperty(context, CERT_DATE_STAMP_PROP_ID, &got, &size));
    ck_assert_mem_eq(&got, &time, sizeof(time));
    size = sizeof(state);
    ck_assert(CertGetCertificateContextProperty(context, CERT_ACCESS_STATE_PROP_ID, &state, &size));
    ck_assert_uint_eq(state, 0);
    expect_error(CertSetCertificateContextProperty(context, CERT_ACCESS_STATE_PROP_ID, 0, &state),
                 (DWORD)E_INVALIDARG);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_refuses)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    DWORD size = 0;

    expect_error(CertSetCertificateContextProperty(context, 0, 0, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertSetCertificateContextProperty(context, 0x10000, 0, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertSetCertificateContextProperty(NULL, 1, 0, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertGetCertificateContextProperty(context, 0, NULL, &size), (DWORD)E_INVALIDARG);
    expect_error(CertGetCertificateContextProperty(context, 3, NULL, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertGetCertificateContextProperty(NULL, 3, NULL, &size), (DWORD)E_INVALIDARG);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(NULL, 0), 0);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_enumerates_in_order)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    CRYPT_DATA_BLOB blob = {1, BYTES("x")};
    static const DWORD ids[] = {0xffff, 11, 0x8000, 13};

    for (size_t i = 0; i < 4; i++)
        ck_assert(CertSetCertificateContextProperty(context, ids[i], 0, &blob));
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 0), 11);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 11), 13);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 13), 0x8000);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 0x8000), 0xffff);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 0xffff), 0);
    CertFreeCertificateContext(context);
}
END_TEST

/* --- Computed ------------------------------------------------------------------------------- */

static void expect_value(PCCERT_CONTEXT context, DWORD id, const void *value, DWORD size)
{
    BYTE room[64];
    DWORD got = sizeof(room);

    ck_assert(CertGetCertificateContextProperty(context, id, room, &got));
    ck_assert_uint_eq(got, size);
    ck_assert_mem_eq(room, value, size);
}

static void expect_hash(PCCERT_CONTEXT context, DWORD id, gnutls_digest_algorithm_t algorithm,
                        const void *data, size_t size)
{
    BYTE hash[64];

    ck_assert_int_eq(gnutls_hash_fast(algorithm, data, size, hash), 0);
    expect_value(context, id, hash, gnutls_hash_get_len(algorithm));
}

START_TEST(test_hashes)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    const CERT_INFO *info = context->pCertInfo;
    const BYTE *der = context->pbCertEncoded;
    BYTE value[64];
    size_t size = sizeof(value);
    DWORD bits = 256;

    expect_hash(context, CERT_SHA1_HASH_PROP_ID, GNUTLS_DIG_SHA1, der, context->cbCertEncoded);
    expect_hash(context, CERT_MD5_HASH_PROP_ID, GNUTLS_DIG_MD5, der, context->cbCertEncoded);
    expect_hash(context, CERT_SHA256_HASH_PROP_ID, GNUTLS_DIG_SHA256, der, context->cbCertEncoded);
    expect_hash(context, CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID, GNUTLS_DIG_MD5,
                info->SubjectPublicKeyInfo.PublicKey.pbData,
                info->SubjectPublicKeyInfo.PublicKey.cbData);
    expect_hash(context, CERT_SUBJECT_NAME_MD5_HASH_PROP_ID, GNUTLS_DIG_MD5, info->Subject.pbData,
                info->Subject.cbData);
    {
        BYTE both[512];
        DWORD issuer = info->Issuer.cbData;

        memcpy(both, info->Issuer.pbData, issuer);
        memcpy(both + issuer, info->SerialNumber.pbData, info->SerialNumber.cbData);
        expect_hash(context, CERT_ISSUER_SERIAL_NUMBER_MD5_HASH_PROP_ID, GNUTLS_DIG_MD5, both,
                    issuer + info->SerialNumber.cbData);
    }
    ck_assert_int_eq(gnutls_x509_crt_get_subject_key_id(store_crt(STORE_END), value, &size, NULL),
                     0);
    expect_value(context, CERT_KEY_IDENTIFIER_PROP_ID, value, (DWORD)size);
    expect_value(context, CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID, &bits, sizeof(bits));
    CertFreeCertificateContext(context);
}
END_TEST

/* Without the extension it is the key's own hash. */
START_TEST(test_key_identifier_without_one)
{
    const struct certs_form form = {.name = "CN=plain", .no_key_ids = true};
    gnutls_x509_crt_t crt = certs_make(&form, 0, NULL, 0);
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(1, der.data, der.size);
    BYTE value[20];
    size_t size = sizeof(value);

    ck_assert_int_eq(gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA1, value, &size), 0);
    expect_value(context, CERT_KEY_IDENTIFIER_PROP_ID, value, sizeof(value));
    CertFreeCertificateContext(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
}
END_TEST

/* The hash that is signed: the signature holds for it, and for no other. */
START_TEST(test_signature_hash)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    BYTE hash[32], value[256];
    DWORD size = sizeof(hash);
    size_t signature_size = sizeof(value);
    gnutls_pubkey_t key;
    gnutls_datum_t digest = {hash, sizeof(hash)}, signature = {value, 0};

    ck_assert(CertGetCertificateContextProperty(context, CERT_SIGNATURE_HASH_PROP_ID, hash, &size));
    ck_assert_uint_eq(size, sizeof(hash));
    ck_assert_int_eq(
        gnutls_x509_crt_get_signature(store_crt(STORE_END), (char *)value, &signature_size), 0);
    signature.size = (unsigned)signature_size;
    ck_assert_int_eq(gnutls_pubkey_init(&key), 0);
    ck_assert_int_eq(gnutls_pubkey_import_x509(key, store_crt(STORE_AUTHORITY), 0), 0);
    ck_assert_int_ge(
        gnutls_pubkey_verify_hash2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &digest, &signature), 0);
    hash[0] ^= 1;
    ck_assert_int_lt(
        gnutls_pubkey_verify_hash2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &digest, &signature), 0);
    gnutls_pubkey_deinit(key);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_revocation_lists_have_them_too)
{
    gnutls_datum_t der = store_crl();
    PCCRL_CONTEXT context = CertCreateCRLContext(X509_ASN_ENCODING, der.data, der.size);
    CRYPT_DATA_BLOB blob = {3, BYTES("abc")};
    BYTE hash[20], got[20];
    DWORD size = sizeof(got);

    ck_assert_ptr_nonnull(context);
    ck_assert_int_eq(gnutls_hash_fast(GNUTLS_DIG_SHA1, der.data, der.size, hash), 0);
    ck_assert(CertGetCRLContextProperty(context, CERT_SHA1_HASH_PROP_ID, got, &size));
    ck_assert_mem_eq(got, hash, sizeof(hash));
    expect_error(CertGetCRLContextProperty(context, CERT_KEY_IDENTIFIER_PROP_ID, NULL, &size),
                 (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert(CertSetCRLContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &blob));
    ck_assert_uint_eq(CertEnumCRLContextProperties(context, 0), CERT_FRIENDLY_NAME_PROP_ID);
    ck_assert(CertFreeCRLContext(context));
    gnutls_free(der.data);
}
END_TEST

/* --- Revocation lists in stores ------------------------------------------------------------- */

static unsigned crls_found(HCERTSTORE store, DWORD flags, DWORD type, const void *para)
{
    PCCRL_CONTEXT context = NULL;
    unsigned count = 0;

    while ((context = CertFindCRLInStore(store, X509_ASN_ENCODING, flags, type, para, context)) !=
           NULL)
        count++;
    return count;
}

START_TEST(test_crl_in_store)
{
    HCERTSTORE store = store_memory();
    gnutls_datum_t der = store_crl();
    PCCRL_CONTEXT crl = NULL, other = NULL;
    PCCERT_CONTEXT authority = store_context(STORE_AUTHORITY), root = store_context(STORE_ROOT);
    PCCERT_CONTEXT end = store_context(STORE_END);
    CRL_FIND_ISSUED_FOR_PARA pair = {end, authority};
    PCRL_ENTRY entry = NULL;

    ck_assert(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, der.data, der.size,
                                       CERT_STORE_ADD_NEW, &crl));
    ck_assert_ptr_eq(crl->hCertStore, store);
    expect_error(CertAddCRLContextToStore(store, crl, CERT_STORE_ADD_NEW, NULL),
                 (DWORD)CRYPT_E_EXISTS);
    ck_assert_uint_eq(crls_found(store, 0, CRL_FIND_ANY, NULL), 1);
    ck_assert_uint_eq(crls_found(store, 0, CRL_FIND_ISSUED_BY, NULL), 1);
    ck_assert_uint_eq(crls_found(store, 0, CRL_FIND_ISSUED_BY, authority), 1);
    ck_assert_uint_eq(
        crls_found(store, CRL_FIND_ISSUED_BY_SIGNATURE_FLAG, CRL_FIND_ISSUED_BY, authority), 1);
    ck_assert_uint_eq(crls_found(store, 0, CRL_FIND_ISSUED_BY, root), 0);
    ck_assert_uint_eq(crls_found(store, 0, CRL_FIND_EXISTING, crl), 1);
    ck_assert_uint_eq(crls_found(store, 0, CRL_FIND_ISSUED_FOR, &pair), 1);
    ck_assert_ptr_null(CertFindCRLInStore(store, 1, 0, 99, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert(CertFindCertificateInCRL(end, crl, 0, NULL, &entry));
    ck_assert_ptr_nonnull(entry);
    ck_assert(CertFindCertificateInCRL(authority, crl, 0, NULL, &entry));
    ck_assert_ptr_null(entry);
    expect_error(CertFindCertificateInCRL(NULL, crl, 0, NULL, &entry), (DWORD)E_INVALIDARG);
    other = CertDuplicateCRLContext(crl);
    ck_assert_ptr_eq(other, crl);
    ck_assert(CertDeleteCRLFromStore(other));
    ck_assert_uint_eq(store_count_crls(store), 0);
    ck_assert(CertAddCRLLinkToStore(store, crl, CERT_STORE_ADD_ALWAYS, NULL));
    ck_assert_uint_eq(store_count_crls(store), 1);
    CertFreeCRLContext(crl);
    CertFreeCertificateContext(authority);
    CertFreeCertificateContext(root);
    CertFreeCertificateContext(end);
    CertCloseStore(store, 0);
    gnutls_free(der.data);
}
END_TEST

/* A later list of the same issuer takes the place of the former; an earlier one does not. */
START_TEST(test_crl_newer)
{
    HCERTSTORE store = store_memory();
    time_t now = time(NULL);
    struct certs_list list = {.revoked = store_crt(STORE_END), .from = now - 1000};
    gnutls_datum_t old = certs_list(&list, store_crt(STORE_AUTHORITY), STORE_AUTHORITY), new;

    list.from = now - 500;
    new = certs_list(&list, store_crt(STORE_AUTHORITY), STORE_AUTHORITY);
    ck_assert(CertAddEncodedCRLToStore(store, 1, old.data, old.size, CERT_STORE_ADD_NEWER, NULL));
    expect_error(CertAddEncodedCRLToStore(store, 1, old.data, old.size, CERT_STORE_ADD_NEWER, NULL),
                 (DWORD)CRYPT_E_EXISTS);
    ck_assert(CertAddEncodedCRLToStore(store, 1, new.data, new.size, CERT_STORE_ADD_NEWER, NULL));
    expect_error(CertAddEncodedCRLToStore(store, 1, old.data, old.size, CERT_STORE_ADD_NEWER, NULL),
                 (DWORD)CRYPT_E_EXISTS);
    ck_assert_uint_eq(store_count_crls(store), 1);
    CertCloseStore(store, 0);
    gnutls_free(old.data);
    gnutls_free(new.data);
}
END_TEST

START_TEST(test_crl_damage)
{
    gnutls_datum_t der = store_crl();

    for (unsigned size = 0; size < der.size; size++) {
        BYTE *part = malloc(size > 0 ? size : 1);

        memcpy(part, der.data, size);
        ck_assert_ptr_null(CertCreateCRLContext(X509_ASN_ENCODING, part, size));
        free(part);
    }
    for (unsigned bit = 0; bit < 8 * der.size; bit++) {
        der.data[bit / 8] ^= (BYTE)(1 << bit % 8);
        CertFreeCRLContext(CertCreateCRLContext(X509_ASN_ENCODING, der.data, der.size));
        der.data[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    ck_assert_ptr_null(CertCreateCRLContext(0, der.data, der.size));
    gnutls_free(der.data);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("cert_property");
    TCase *property = tcase_create("property"), *crl = tcase_create("crl");

    tcase_add_checked_fixture(property, NULL, store_end);
    tcase_add_test(property, test_blob);
    tcase_add_test(property, test_key_prov_info);
    tcase_add_test(property, test_key_handles);
    tcase_add_test(property, test_numbers_and_times);
    tcase_add_test(property, test_refuses);
    tcase_add_test(property, test_enumerates_in_order);
    tcase_add_test(property, test_hashes);
    tcase_add_test(property, test_key_identifier_without_one);
    tcase_add_test(property, test_signature_hash);
    suite_add_tcase(suite, property);
    tcase_add_checked_fixture(crl, NULL, store_end);
    tcase_add_test(crl, test_revocation_lists_have_them_too);
    tcase_add_test(crl, test_crl_in_store);
    tcase_add_test(crl, test_crl_newer);
    tcase_add_test(crl, test_crl_damage);
    tcase_set_timeout(crl, 60);
    suite_add_tcase(suite, crl);
    return suite;
}

CHECK_MAIN(suite)
