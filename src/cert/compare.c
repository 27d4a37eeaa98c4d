/* SPDX-License-Identifier: MIT */
/* Comparing certificates, names, keys and times. */
#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>

#include "cert/key.h"
#include "cert/publickey.h"
#include "win/win.h"

static bool blob_equal(const CRYPT_DATA_BLOB *a, const CRYPT_DATA_BLOB *b)
{
    return a->cbData == b->cbData &&
           (a->cbData == 0 || memcmp(a->pbData, b->pbData, a->cbData) == 0);
}

/* --- Numbers, names, keys ------------------------------------------------------------------- */

/* The octets of a little-endian number but those that only repeat its sign. */
static DWORD significant(const CRYPT_INTEGER_BLOB *number)
{
    DWORD size = number->cbData;
    const BYTE *data = number->pbData;

    while (size > 1 && ((data[size - 1] == 0 && !(data[size - 2] & 0x80)) ||
                        (data[size - 1] == 0xff && (data[size - 2] & 0x80))))
        size--;
    return size;
}

WIN_API BOOL CertCompareIntegerBlob(PCRYPT_INTEGER_BLOB pInt1, PCRYPT_INTEGER_BLOB pInt2)
{
    const CRYPT_INTEGER_BLOB a = {significant(pInt1), pInt1->pbData};
    const CRYPT_INTEGER_BLOB b = {significant(pInt2), pInt2->pbData};

    return blob_equal(&a, &b);
}

WIN_API BOOL CertCompareCertificateName(DWORD dwCertEncodingType, PCERT_NAME_BLOB pCertName1,
                                        PCERT_NAME_BLOB pCertName2)
{
    (void)dwCertEncodingType;
    return blob_equal(pCertName1, pCertName2);
}

/* RFC 5280 4.1.2.2: an issuer gives a number once. */
WIN_API BOOL CertCompareCertificate(DWORD dwCertEncodingType, PCERT_INFO pCertId1,
                                    PCERT_INFO pCertId2)
{
    return CertCompareCertificateName(dwCertEncodingType, &pCertId1->Issuer, &pCertId2->Issuer) &&
           CertCompareIntegerBlob(&pCertId1->SerialNumber, &pCertId2->SerialNumber);
}

/* RFC 3279 2.3.1: NULL is what an RSA key has for none. */
static bool has_parameters(const CRYPT_ALGORITHM_IDENTIFIER *algorithm)
{
    return algorithm->Parameters.cbData > 2 ||
           (algorithm->Parameters.cbData == 2 && algorithm->Parameters.pbData[0] != 5);
}

WIN_API BOOL CertComparePublicKeyInfo(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey1,
                                      PCERT_PUBLIC_KEY_INFO pPublicKey2)
{
    const CRYPT_ALGORITHM_IDENTIFIER *a = &pPublicKey1->Algorithm, *b = &pPublicKey2->Algorithm;
    const CRYPT_BIT_BLOB *bits = &pPublicKey1->PublicKey, *others = &pPublicKey2->PublicKey;

    (void)dwCertEncodingType;
    return strcmp(a->pszObjId, b->pszObjId) == 0 && has_parameters(a) == has_parameters(b) &&
           (!has_parameters(a) || blob_equal(&a->Parameters, &b->Parameters)) &&
           bits->cbData == others->cbData && bits->cUnusedBits == others->cUnusedBits &&
           (bits->cbData == 0 || memcmp(bits->pbData, others->pbData, bits->cbData) == 0);
}

WIN_API DWORD CertGetPublicKeyLength(DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pPublicKey)
{
    gnutls_pubkey_t key;
    unsigned bits = 0;
    int algorithm;

    (void)dwCertEncodingType;
    if (!public_key_import(pPublicKey, &key))
        return 0;
    algorithm = gnutls_pubkey_get_pk_algorithm(key, &bits);
    gnutls_pubkey_deinit(key);
    if (algorithm < 0)
        win_fail(NTE_BAD_PUBLIC_KEY);
    return algorithm < 0 ? 0 : cert_key_bits(algorithm, bits);
}

/* --- Times ---------------------------------------------------------------------------------- */

WIN_API LONG CertVerifyTimeValidity(LPFILETIME pTimeToVerify, PCERT_INFO pCertInfo)
{
    FILETIME now;

    if (pTimeToVerify == NULL) {
        GetSystemTimeAsFileTime(&now);
        pTimeToVerify = &now;
    }
    if (CompareFileTime(pTimeToVerify, &pCertInfo->NotBefore) < 0)
        return -1;
    return CompareFileTime(pTimeToVerify, &pCertInfo->NotAfter) > 0 ? 1 : 0;
}

WIN_API BOOL CertVerifyValidityNesting(PCERT_INFO pSubjectInfo, PCERT_INFO pIssuerInfo)
{
    return CertVerifyTimeValidity(&pSubjectInfo->NotBefore, pIssuerInfo) == 0 &&
           CertVerifyTimeValidity(&pSubjectInfo->NotAfter, pIssuerInfo) == 0;
}

/* --- Attributes ----------------------------------------------------------------------------- */

WIN_API PCRYPT_ATTRIBUTE CertFindAttribute(LPCSTR pszObjId, DWORD cAttr, CRYPT_ATTRIBUTE rgAttr[])
{
    for (DWORD i = 0; pszObjId != NULL && rgAttr != NULL && i < cAttr; i++)
        if (strcmp(rgAttr[i].pszObjId, pszObjId) == 0)
            return &rgAttr[i];
    win_fail(CRYPT_E_NOT_FOUND);
    return NULL;
}

static int lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool value_matches(const CERT_RDN_VALUE_BLOB *is, const CERT_RDN_VALUE_BLOB *asked,
                          DWORD flags)
{
    if (asked->pbData == NULL)
        return true;
    if (!(flags & CERT_CASE_INSENSITIVE_IS_RDN_ATTRS_FLAG))
        return blob_equal(is, asked);
    for (DWORD i = 0; is->cbData == asked->cbData && i < is->cbData; i++)
        if (lower(is->pbData[i]) != lower(asked->pbData[i]))
            return false;
    return is->cbData == asked->cbData;
}

static size_t units_length(const BYTE *text)
{
    const WCHAR *units = (const WCHAR *)(const void *)text;
    size_t count = 0;

    while (units[count] != 0)
        count++;
    return count;
}

/* What the caller leaves out matches anything. Text of size 0 ends with its NUL. */
static bool attribute_matches(const CERT_RDN_ATTR *is, const CERT_RDN_ATTR *asked, DWORD flags)
{
    CERT_RDN_VALUE_BLOB value = asked->Value;

    if ((flags & CERT_UNICODE_IS_RDN_ATTRS_FLAG) && value.pbData != NULL && value.cbData == 0)
        value.cbData = (DWORD)(units_length(value.pbData) * sizeof(WCHAR));
    return (asked->pszObjId == NULL || strcmp(is->pszObjId, asked->pszObjId) == 0) &&
           (asked->dwValueType == CERT_RDN_ANY_TYPE || is->dwValueType == asked->dwValueType) &&
           value_matches(&is->Value, &value, flags);
}

static bool name_has(const CERT_NAME_INFO *name, const CERT_RDN_ATTR *asked, DWORD flags)
{
    for (DWORD i = 0; i < name->cRDN; i++)
        for (DWORD k = 0; k < name->rgRDN[i].cRDNAttr; k++)
            if (attribute_matches(&name->rgRDN[i].rgRDNAttr[k], asked, flags))
                return true;
    return false;
}

WIN_API BOOL CertIsRDNAttrsInCertificateName(DWORD dwCertEncodingType, DWORD dwFlags,
                                             PCERT_NAME_BLOB pCertName, PCERT_RDN pRDN)
{
    LPCSTR form = dwFlags & CERT_UNICODE_IS_RDN_ATTRS_FLAG ? X509_UNICODE_NAME : X509_NAME;
    CERT_NAME_INFO *name = NULL;
    DWORD size = 0;
    BOOL matches = TRUE;

    if (!CryptDecodeObjectEx(dwCertEncodingType, form, pCertName->pbData, pCertName->cbData,
                             CRYPT_DECODE_ALLOC_FLAG, NULL, &name, &size))
        return FALSE;
    for (DWORD i = 0; matches && i < pRDN->cRDNAttr; i++)
        matches = name_has(name, &pRDN->rgRDNAttr[i], dwFlags);
    LocalFree(name);
    return matches || win_fail(CRYPT_E_NO_MATCH);
}

/* --- Memory --------------------------------------------------------------------------------- */

WIN_API LPVOID CryptMemAlloc(ULONG cbSize)
{
    return malloc(cbSize);
}

WIN_API LPVOID CryptMemRealloc(LPVOID pv, ULONG cbSize)
{
    return realloc(pv, cbSize == 0 ? 1 : cbSize);
}

WIN_API VOID CryptMemFree(LPVOID pv)
{
    free(pv);
}
