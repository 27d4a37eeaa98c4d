/* SPDX-License-Identifier: MIT */
/*
 * Functions of crypt32 where they have nothing to give: what is not there, not of a kind they know,
 * or no argument at all. What they do when all is well is tested elsewhere, by subject.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/store.h"

#define expect_error(call, error)                                                                  \
    do {                                                                                           \
        SetLastError(0);                                                                           \
        ck_assert(!(call));                                                                        \
        ck_assert_uint_eq(GetLastError(), (DWORD)(error));                                         \
    } while (0)

static PCCRL_CONTEXT crl_new(void)
{
    gnutls_datum_t der = store_crl();
    PCCRL_CONTEXT crl = CertCreateCRLContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(crl);
    gnutls_free(der.data);
    return crl;
}

/* --- Stores --------------------------------------------------------------------------------- */

START_TEST(test_links)
{
    HCERTSTORE store = store_memory();
    PCCERT_CONTEXT end = store_context(STORE_END);
    PCCRL_CONTEXT crl = crl_new(), stored = NULL;

    ck_assert(CertAddCertificateLinkToStore(store, end, CERT_STORE_ADD_ALWAYS, NULL));
    expect_error(CertAddCertificateLinkToStore(store, end, CERT_STORE_ADD_NEW, NULL),
                 CRYPT_E_EXISTS);
    ck_assert(CertAddCRLLinkToStore(store, crl, CERT_STORE_ADD_NEW, NULL));
    expect_error(CertAddCRLLinkToStore(store, crl, CERT_STORE_ADD_NEW, NULL), CRYPT_E_EXISTS);
    ck_assert(CertAddCRLContextToStore(store, crl, CERT_STORE_ADD_REPLACE_EXISTING, &stored));
    ck_assert_ptr_eq(stored->hCertStore, store);
    ck_assert(CertDeleteCRLFromStore(stored));
    ck_assert_ptr_null(CertEnumCRLsInStore(store, NULL));
    CertFreeCRLContext(crl);
    CertFreeCertificateContext(end);
    ck_assert(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}
END_TEST

START_TEST(test_nothing_there)
{
    HCERTSTORE store = store_memory(), collection;
    PCCERT_CONTEXT end = store_context(STORE_END);
    PCCRL_CONTEXT crl = crl_new();
    CRYPT_DATA_BLOB blob = {0, NULL};

    collection = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    ck_assert_ptr_nonnull(collection);
    ck_assert_ptr_null(CertDuplicateStore(NULL));
    ck_assert_ptr_null(CertDuplicateCRLContext(NULL));
    ck_assert_ptr_null(CertEnumCRLsInStore(store, NULL));
    expect_error(CertGetSubjectCertificateFromStore(store, X509_ASN_ENCODING, end->pCertInfo),
                 CRYPT_E_NOT_FOUND);
    ck_assert_int_eq((int)CertEnumCRLContextProperties(crl, CERT_LAST_USER_PROP_ID), 0);
    expect_error(CertSetCRLContextProperty(crl, 0, 0, &blob), E_INVALIDARG);
    ck_assert(CertAddStoreToCollection(collection, store, 0, 0));
    CertRemoveStoreFromCollection(collection, collection); /* is not in it, and nothing happens */
    ck_assert_ptr_null(CertEnumCertificatesInStore(collection, NULL));
    CertRemoveStoreFromCollection(collection, store);
    ck_assert(CertFreeCTLContext(NULL));
    ck_assert(!CertFreeCTLContext((PCCTL_CONTEXT)(const void *)end)); /* nobody was given one */
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    CertFreeCRLContext(crl);
    CertFreeCertificateContext(end);
    CertCloseStore(collection, 0);
    CertCloseStore(store, 0);
}
END_TEST

/* --- Names and extensions ------------------------------------------------------------------- */

static CERT_NAME_INFO *name_of(PCCERT_CONTEXT context)
{
    CERT_NAME_BLOB *subject = &context->pCertInfo->Subject;
    CERT_NAME_INFO *name = NULL;
    DWORD size = 0;

    ck_assert(CryptDecodeObjectEx(X509_ASN_ENCODING, X509_NAME, subject->pbData, subject->cbData,
                                  CRYPT_DECODE_ALLOC_FLAG, NULL, &name, &size));
    return name;
}

START_TEST(test_parts_of_names)
{
    PCCERT_CONTEXT end = store_context(STORE_END);
    CERT_INFO *info = end->pCertInfo;
    CERT_NAME_INFO *name = name_of(end);
    PCERT_RDN_ATTR attribute = CertFindRDNAttr(szOID_COMMON_NAME, name);

    ck_assert_ptr_nonnull(attribute);
    ck_assert_str_eq(attribute->pszObjId, szOID_COMMON_NAME);
    expect_error(CertFindRDNAttr(szOID_STREET_ADDRESS, name), CRYPT_E_NOT_FOUND);
    expect_error(CertFindRDNAttr(NULL, name), CRYPT_E_NOT_FOUND);
    expect_error(CertFindRDNAttr(szOID_COMMON_NAME, NULL), CRYPT_E_NOT_FOUND);
    ck_assert_ptr_eq(
        CertFindExtension(info->rgExtension[0].pszObjId, info->cExtension, info->rgExtension),
        &info->rgExtension[0]);
    expect_error(CertFindExtension("1.2.3", info->cExtension, info->rgExtension),
                 CRYPT_E_NOT_FOUND);
    LocalFree(name);
    CertFreeCertificateContext(end);
}
END_TEST

START_TEST(test_wide_names)
{
    BYTE name[64];
    DWORD size = sizeof(name);
    LPCWSTR where = u"";

    ck_assert(
        CertStrToNameW(X509_ASN_ENCODING, u"CN=a", CERT_X500_NAME_STR, NULL, name, &size, &where));
    ck_assert_ptr_null(where);
    ck_assert_uint_eq(size, 14);
    ck_assert_uint_eq(name[size - 1], 'a');
    size = 3;
    expect_error(
        CertStrToNameW(X509_ASN_ENCODING, u"CN=a", CERT_X500_NAME_STR, NULL, name, &size, NULL),
        ERROR_MORE_DATA);
}
END_TEST

/* Without the certificates' keys, since there are none. */
START_TEST(test_pfx)
{
    HCERTSTORE store = store_memory();
    CRYPT_DATA_BLOB pfx = {0, NULL};

    CertFreeCertificateContext(store_put(store, STORE_END));
    ck_assert(PFXExportCertStore(store, &pfx, u"password", 0));
    ck_assert_uint_gt(pfx.cbData, 0);
    pfx.pbData = malloc(pfx.cbData);
    ck_assert(PFXExportCertStore(store, &pfx, u"password", 0));
    ck_assert(PFXVerifyPassword(&pfx, u"password", 0));
    free(pfx.pbData);
    CertCloseStore(store, 0);
}
END_TEST

/* --- Encoding ------------------------------------------------------------------------------- */

START_TEST(test_encoding)
{
    static const BYTE octets[] = {1, 2, 3};
    CRYPT_DATA_BLOB blob = {3, (BYTE *)(uintptr_t)octets};
    WCHAR text[2];
    DWORD size = 2;
    BYTE *der = NULL;

    expect_error(CryptBinaryToStringW(octets, 3, CRYPT_STRING_BASE64, text, &size),
                 ERROR_MORE_DATA);
    expect_error(CryptEncodeObjectEx(X509_ASN_ENCODING, "1.2.3", &blob, CRYPT_ENCODE_ALLOC_FLAG,
                                     NULL, &der, &size),
                 ERROR_FILE_NOT_FOUND);
    expect_error(CryptEncodeObjectEx(X509_ASN_ENCODING, X509_OCTET_STRING, NULL,
                                     CRYPT_ENCODE_ALLOC_FLAG, NULL, &der, &size),
                 ERROR_INVALID_PARAMETER);
}
END_TEST

START_TEST(test_memory)
{
    char *block = CryptMemAlloc(4);

    ck_assert_ptr_nonnull(block);
    memcpy(block, "abc", 4);
    block = CryptMemRealloc(block, 4096);
    ck_assert_ptr_nonnull(block);
    ck_assert_str_eq(block, "abc");
    CryptMemFree(block);
    CryptMemFree(NULL);
}
END_TEST

/* --- Keys, hashes and signatures ------------------------------------------------------------ */

START_TEST(test_hashes)
{
    PCCERT_CONTEXT end = store_context(STORE_END);
    BYTE hash[64];
    DWORD size = sizeof(hash);

    expect_error(CryptHashPublicKeyInfo(0, CALG_SHA1, 0, X509_ASN_ENCODING, NULL, hash, &size),
                 ERROR_INVALID_PARAMETER);
    size = 3;
    expect_error(CryptHashPublicKeyInfo(0, CALG_SHA1, 0, X509_ASN_ENCODING,
                                        &end->pCertInfo->SubjectPublicKeyInfo, hash, &size),
                 ERROR_MORE_DATA);
    size = sizeof(hash);
    ck_assert(!CryptHashToBeSigned(0, X509_ASN_ENCODING, (const BYTE *)"0", 1, hash, &size));
    CertFreeCertificateContext(end);
}
END_TEST

START_TEST(test_keys)
{
    gnutls_x509_crt_t rsa =
        certs_make(&(struct certs_form){.name = "CN=rsa"}, CERTS_RSA_2048, NULL, CERTS_RSA_2048);
    gnutls_datum_t der = certs_der(rsa);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    PCCERT_CONTEXT curve = store_context(STORE_END);
    CERT_PUBLIC_KEY_INFO *info = &context->pCertInfo->SubjectPublicKeyInfo;
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {.pszObjId =
                                                (char *)(uintptr_t) "1.2.840.113549.1.1.11"};
    HCRYPTPROV provider;
    HCRYPTKEY key;
    BYTE octets[512];
    DWORD size = sizeof(octets);

    ck_assert(CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    ck_assert(CryptImportPublicKeyInfoEx(provider, X509_ASN_ENCODING, info, CALG_RSA_SIGN, 0, NULL,
                                         &key));
    ck_assert(CryptDestroyKey(key));
    expect_error(CryptImportPublicKeyInfoEx(provider, X509_ASN_ENCODING,
                                            &curve->pCertInfo->SubjectPublicKeyInfo, 0, 0, NULL,
                                            &key),
                 NTE_BAD_ALGID);
    expect_error(CryptImportPublicKeyInfoEx(provider, X509_ASN_ENCODING, NULL, 0, 0, NULL, &key),
                 ERROR_INVALID_PARAMETER);
    /* a provider without a key of its own has none to give, and none to sign with */
    ck_assert(!CryptExportPublicKeyInfo(provider, AT_SIGNATURE, X509_ASN_ENCODING, NULL, &size));
    ck_assert(!CryptExportPublicKeyInfoEx(provider, AT_SIGNATURE, X509_ASN_ENCODING,
                                          (char *)(uintptr_t) "1.2.3", 0, NULL, NULL, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    size = sizeof(octets);
    ck_assert(!CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, octets, 3,
                                    &algorithm, NULL, octets, &size));
    expect_error(CryptSignCertificate(provider, AT_SIGNATURE, X509_ASN_ENCODING, NULL, 0,
                                      &algorithm, NULL, octets, &size),
                 ERROR_INVALID_PARAMETER);
    ck_assert(CryptReleaseContext(provider, 0));
    CertFreeCertificateContext(curve);
    CertFreeCertificateContext(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(rsa);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("crypt32, refused");
    TCase *tc = tcase_create("refused");

    tcase_add_checked_fixture(tc, NULL, store_end);
    tcase_add_test(tc, test_links);
    tcase_add_test(tc, test_nothing_there);
    tcase_add_test(tc, test_parts_of_names);
    tcase_add_test(tc, test_wide_names);
    tcase_add_test(tc, test_pfx);
    tcase_add_test(tc, test_encoding);
    tcase_add_test(tc, test_memory);
    tcase_add_test(tc, test_hashes);
    tcase_add_test(tc, test_keys);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
