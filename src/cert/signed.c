/* SPDX-License-Identifier: MIT */
/* What is signed: hashes of certificates and their parts, signatures made and checked. */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cert/encode.h"
#include "cert/keyhandle.h"
#include "cert/provider.h"
#include "cert/publickey.h"
#include "cert/scheme.h"
#include "core/native.h"
#include "core/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HASH_MAX     64

/* --- Hashes --------------------------------------------------------------------------------- */

static const struct {
    ALG_ID id;
    const char *name;
    gnutls_digest_algorithm_t hash;
} hashes[] = {
    {CALG_MD5, "MD5", GNUTLS_DIG_MD5},           {CALG_SHA1, "SHA1", GNUTLS_DIG_SHA1},
    {CALG_SHA_256, "SHA256", GNUTLS_DIG_SHA256}, {CALG_SHA_384, "SHA384", GNUTLS_DIG_SHA384},
    {CALG_SHA_512, "SHA512", GNUTLS_DIG_SHA512},
};

static gnutls_digest_algorithm_t hash_of_id(ALG_ID id)
{
    for (size_t i = 0; i < COUNT(hashes); i++)
        if (hashes[i].id == id)
            return hashes[i].hash;
    return GNUTLS_DIG_UNKNOWN;
}

static gnutls_digest_algorithm_t hash_of_name(LPCWSTR wide)
{
    gnutls_digest_algorithm_t hash = GNUTLS_DIG_UNKNOWN;
    char *name = NULL;

    if (wide == NULL || text_from_w(wide, &name) != SEC_E_OK)
        return hash;
    for (size_t i = 0; i < COUNT(hashes); i++)
        if (strcmp(hashes[i].name, name) == 0)
            hash = hashes[i].hash;
    free(name);
    return hash;
}

static BOOL hash_give(gnutls_digest_algorithm_t hash, const void *data, size_t size, BYTE *room,
                      DWORD *room_size)
{
    BYTE value[HASH_MAX];

    if (hash == GNUTLS_DIG_UNKNOWN)
        return win_fail(NTE_BAD_ALGID);
    if ((data == NULL && size != 0) || room_size == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (gnutls_hash_fast(hash, data, size, value) != GNUTLS_E_SUCCESS)
        return win_fail(NTE_BAD_ALGID); /* a policy of the system forbids it */
    return provider_result(provider_answer(value, gnutls_hash_get_len(hash), room, room_size));
}

WIN_API BOOL CryptHashCertificate(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                                  const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                  DWORD *pcbComputedHash)
{
    (void)hCryptProv;
    (void)dwFlags;
    return hash_give(hash_of_id(Algid == 0 ? CALG_SHA1 : Algid), pbEncoded, cbEncoded,
                     pbComputedHash, pcbComputedHash);
}

WIN_API BOOL CryptHashCertificate2(LPCWSTR pwszCNGHashAlgid, DWORD dwFlags, void *pvReserved,
                                   const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                   DWORD *pcbComputedHash)
{
    (void)dwFlags;
    (void)pvReserved;
    return hash_give(hash_of_name(pwszCNGHashAlgid), pbEncoded, cbEncoded, pbComputedHash,
                     pcbComputedHash);
}

WIN_API BOOL CryptHashPublicKeyInfo(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                                    DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pInfo,
                                    BYTE *pbComputedHash, DWORD *pcbComputedHash)
{
    size_t size;
    uint8_t *der;
    BOOL given;

    (void)hCryptProv;
    (void)dwFlags;
    (void)dwCertEncodingType;
    if (pInfo == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    der = struct_encode(X509_PUBLIC_KEY_INFO, pInfo, &size);
    if (der == NULL)
        return FALSE;
    given = hash_give(hash_of_id(Algid == 0 ? CALG_MD5 : Algid), der, size, pbComputedHash,
                      pcbComputedHash);
    free(der);
    return given;
}

/* --- What is signed ------------------------------------------------------------------------- */

/* To be freed with LocalFree(); its signature is big-endian. NULL with the error set. */
static CERT_SIGNED_CONTENT_INFO *content_decode(const BYTE *data, DWORD size)
{
    CERT_SIGNED_CONTENT_INFO *content = NULL;
    DWORD room = 0;

    return CryptDecodeObjectEx(X509_ASN_ENCODING, X509_CERT, data, size,
                               CRYPT_DECODE_ALLOC_FLAG |
                                   CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG,
                               NULL, &content, &room)
               ? content
               : NULL;
}

WIN_API BOOL CryptHashToBeSigned(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                 const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                                 DWORD *pcbComputedHash)
{
    CERT_SIGNED_CONTENT_INFO *content = content_decode(pbEncoded, cbEncoded);
    struct cert_scheme scheme;
    SECURITY_STATUS status;
    BOOL given;

    (void)hCryptProv;
    (void)dwCertEncodingType;
    if (content == NULL)
        return FALSE;
    status = cert_scheme_read(&content->SignatureAlgorithm, &scheme);
    given = status == SEC_E_OK
                ? hash_give(scheme.hash, content->ToBeSigned.pbData, content->ToBeSigned.cbData,
                            pbComputedHash, pcbComputedHash)
                : win_fail((DWORD)status);
    LocalFree(content);
    return given;
}

/* --- Checking ------------------------------------------------------------------------------- */

static BOOL content_check(const CERT_SIGNED_CONTENT_INFO *content, const CERT_PUBLIC_KEY_INFO *info)
{
    gnutls_pubkey_t key;
    SECURITY_STATUS status;

    if (!public_key_import(info, &key))
        return FALSE;
    status = cert_scheme_check(content, key);
    gnutls_pubkey_deinit(key);
    return provider_result(status);
}

static BOOL blob_check(const CRYPT_DATA_BLOB *blob, const CERT_PUBLIC_KEY_INFO *key)
{
    CERT_SIGNED_CONTENT_INFO *content = content_decode(blob->pbData, blob->cbData);
    BOOL good = content != NULL && content_check(content, key);

    LocalFree(content);
    return good;
}

WIN_API BOOL CryptVerifyCertificateSignature(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                             const BYTE *pbEncoded, DWORD cbEncoded,
                                             PCERT_PUBLIC_KEY_INFO pPublicKey)
{
    const CRYPT_DATA_BLOB blob = {cbEncoded, (BYTE *)(uintptr_t)pbEncoded};

    (void)hCryptProv;
    (void)dwCertEncodingType;
    native_error_clear();
    return pPublicKey == NULL ? win_fail(ERROR_INVALID_PARAMETER) : blob_check(&blob, pPublicKey);
}

static bool subject_of(DWORD type, void *subject, CRYPT_DATA_BLOB *blob)
{
    PCCERT_CONTEXT cert = subject;
    PCCRL_CONTEXT crl = subject;

    switch (subject == NULL ? 0 : type) {
    case CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB:
        *blob = *(const CRYPT_DATA_BLOB *)subject;
        return true;
    case CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT:
        *blob = (CRYPT_DATA_BLOB){cert->cbCertEncoded, cert->pbCertEncoded};
        return true;
    case CRYPT_VERIFY_CERT_SIGN_SUBJECT_CRL:
        *blob = (CRYPT_DATA_BLOB){crl->cbCrlEncoded, crl->pbCrlEncoded};
        return true;
    default:
        return false;
    }
}

/* The key that is to have signed; NULL for the subject's own, which a certificate alone has. */
static const CERT_PUBLIC_KEY_INFO *issuer_of(DWORD type, void *issuer, DWORD subject_type,
                                             void *subject)
{
    PCCERT_CONTEXT cert = issuer;
    PCCERT_CHAIN_CONTEXT chain = issuer;

    if (type == CRYPT_VERIFY_CERT_SIGN_ISSUER_NULL && issuer == NULL)
        cert = subject_type == CRYPT_VERIFY_CERT_SIGN_SUBJECT_CERT ? subject : NULL;
    else if (type == CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY)
        return issuer;
    else if (type == CRYPT_VERIFY_CERT_SIGN_ISSUER_CHAIN && issuer != NULL)
        cert = chain->rgpChain[0]->rgpElement[0]->pCertContext;
    else if (type != CRYPT_VERIFY_CERT_SIGN_ISSUER_CERT)
        cert = NULL;
    return cert == NULL ? NULL : &cert->pCertInfo->SubjectPublicKeyInfo;
}

WIN_API BOOL CryptVerifyCertificateSignatureEx(HCRYPTPROV_LEGACY hCryptProv,
                                               DWORD dwCertEncodingType, DWORD dwSubjectType,
                                               void *pvSubject, DWORD dwIssuerType, void *pvIssuer,
                                               DWORD dwFlags, void *pvExtra)
{
    const CERT_PUBLIC_KEY_INFO *key = issuer_of(dwIssuerType, pvIssuer, dwSubjectType, pvSubject);
    CRYPT_DATA_BLOB blob;

    (void)hCryptProv;
    (void)dwCertEncodingType;
    (void)pvExtra;
    native_error_clear();
    if (dwFlags & ~(DWORD)CRYPT_VERIFY_CERT_SIGN_DISABLE_MD2_MD4_FLAG || key == NULL ||
        !subject_of(dwSubjectType, pvSubject, &blob))
        return win_fail(E_INVALIDARG);
    return blob_check(&blob, key);
}

/* --- Signing -------------------------------------------------------------------------------- */

/* The signature by a handle's key, big-endian, for gnutls_free(). */
static SECURITY_STATUS handle_sign(ULONG_PTR handle, DWORD spec,
                                   const CRYPT_ALGORITHM_IDENTIFIER *algorithm,
                                   const CRYPT_DATA_BLOB *blob, gnutls_datum_t *signature)
{
    const gnutls_datum_t data = {blob->pbData, blob->cbData};
    struct cert_scheme scheme;
    struct cert_key *key;
    SECURITY_STATUS status;

    if (algorithm == NULL)
        return E_INVALIDARG;
    status = cert_scheme_read(algorithm, &scheme);
    if (status == SEC_E_OK)
        status = ncrypt_handle_is(handle) ? ncrypt_handle_key(handle, &key)
                                          : provider_handle_key(handle, spec, &key);
    if (status != SEC_E_OK)
        return status;
    status = cert_scheme_sign(&scheme, key, &data, signature);
    cert_key_unref(key);
    return status;
}

static void turn(BYTE *data, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        BYTE first = data[i];

        data[i] = data[size - 1 - i];
        data[size - 1 - i] = first;
    }
}

WIN_API BOOL CryptSignCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                  DWORD dwKeySpec, DWORD dwCertEncodingType,
                                  const BYTE *pbEncodedToBeSigned, DWORD cbEncodedToBeSigned,
                                  PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                  const void *pvHashAuxInfo, BYTE *pbSignature, DWORD *pcbSignature)
{
    const CRYPT_DATA_BLOB blob = {cbEncodedToBeSigned, (BYTE *)(uintptr_t)pbEncodedToBeSigned};
    gnutls_datum_t signature = {NULL, 0};
    SECURITY_STATUS status;

    (void)dwCertEncodingType;
    (void)pvHashAuxInfo;
    native_error_clear();
    if (pbEncodedToBeSigned == NULL || pcbSignature == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    status = handle_sign(hCryptProvOrNCryptKey, dwKeySpec, pSignatureAlgorithm, &blob, &signature);
    if (status == SEC_E_OK) {
        turn(signature.data, signature.size);
        status = provider_answer(signature.data, signature.size, pbSignature, pcbSignature);
    }
    gnutls_free(signature.data);
    return provider_result(status);
}

WIN_API BOOL CryptSignAndEncodeCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                           DWORD dwKeySpec, DWORD dwCertEncodingType,
                                           LPCSTR lpszStructType, const void *pvStructInfo,
                                           PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                           const void *pvHashAuxInfo, BYTE *pbEncoded,
                                           DWORD *pcbEncoded)
{
    CERT_SIGNED_CONTENT_INFO content = {.ToBeSigned = {0, NULL}};
    gnutls_datum_t signature = {NULL, 0};
    SECURITY_STATUS status;
    BOOL given;

    (void)pvHashAuxInfo;
    native_error_clear();
    if (!CryptEncodeObjectEx(dwCertEncodingType, lpszStructType, pvStructInfo,
                             CRYPT_ENCODE_ALLOC_FLAG, NULL, &content.ToBeSigned.pbData,
                             &content.ToBeSigned.cbData))
        return FALSE;
    status = handle_sign(hCryptProvOrNCryptKey, dwKeySpec, pSignatureAlgorithm, &content.ToBeSigned,
                         &signature);
    if (status == SEC_E_OK) {
        content.SignatureAlgorithm = *pSignatureAlgorithm;
        content.Signature = (CRYPT_BIT_BLOB){signature.size, signature.data, 0};
        given = CryptEncodeObjectEx(dwCertEncodingType, X509_CERT, &content,
                                    CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG, NULL, pbEncoded,
                                    pcbEncoded);
    } else {
        given = win_fail((DWORD)status);
    }
    gnutls_free(signature.data);
    LocalFree(content.ToBeSigned.pbData);
    return given;
}
