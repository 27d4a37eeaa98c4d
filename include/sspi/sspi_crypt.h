/* SPDX-License-Identifier: MIT */
/* Keys, hashes and PKCS #12: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CRYPT_H
#define GSS_SSPI_CRYPT_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- CryptoAPI: providers ------------------------------------------------------------------- */

/*
 * The functions of advapi32 are macros for functions sspi_Name of this library; those of crypt32,
 * below, are exported by their own names. Each BOOL function returns TRUE, or FALSE and sets
 * GetLastError(). Handles may be used by several threads, but a hash by one at a time; one that was
 * closed must not be used. Sizes are in bytes; a NULL buffer asks for the size, one too small is
 * ERROR_MORE_DATA.
 */

#define CRYPT_NOHASHOID     0x00000001
#define CRYPT_IMPL_HARDWARE 1
#define CRYPT_IMPL_SOFTWARE 2
#define CRYPT_ENCRYPT       0x0001
#define CRYPT_DECRYPT       0x0002
#define CRYPT_EXPORT        0x0004
#define CRYPT_READ          0x0008
#define CRYPT_WRITE         0x0010
#define CRYPT_MAC           0x0020

/*
 * Opens a provider, for CryptReleaseContext().
 *
 * szContainer  where keys are: a name, NULL for "default", or the RFC 7512 URI of a key on a token.
 *              See <ncrypt.h> for what a name means; the sets of names are one.
 * szProvider   one of the MS_*_PROV names, or NULL; they differ in name only
 * dwProvType   PROV_RSA_FULL, PROV_RSA_AES or PROV_RSA_SCHANNEL
 * dwFlags      CRYPT_VERIFYCONTEXT: no container (szContainer NULL or ""), keys stay in memory.
 *              CRYPT_NEWKEYSET makes a container, CRYPT_DELETEKEYSET deletes one with its keys
 *              and gives no handle. CRYPT_MACHINE_KEYSET, CRYPT_SILENT change nothing.
 *
 * Errors: NTE_BAD_KEYSET (no such container), NTE_EXISTS, NTE_BAD_KEYSET_PARAM (the name cannot be
 * one), NTE_PROV_TYPE_NOT_DEF, NTE_PROV_TYPE_NO_MATCH, NTE_KEYSET_NOT_DEF (no such provider),
 * NTE_BAD_FLAGS, NTE_PERM.
 */
BOOL sspi_CryptAcquireContextA(HCRYPTPROV *phProv, LPCSTR szContainer, LPCSTR szProvider,
                               DWORD dwProvType, DWORD dwFlags);
BOOL sspi_CryptAcquireContextW(HCRYPTPROV *phProv, LPCWSTR szContainer, LPCWSTR szProvider,
                               DWORD dwProvType, DWORD dwFlags);
#define CryptAcquireContextA sspi_CryptAcquireContextA
#define CryptAcquireContextW sspi_CryptAcquireContextW
#define CryptAcquireContext  SSPI_AW(sspi_CryptAcquireContext)

/* One more reference, and one less; keys and hashes of a provider outlive it. dwFlags is 0. */
BOOL sspi_CryptContextAddRef(HCRYPTPROV hProv, DWORD *pdwReserved, DWORD dwFlags);
BOOL sspi_CryptReleaseContext(HCRYPTPROV hProv, DWORD dwFlags);
#define CryptContextAddRef  sspi_CryptContextAddRef
#define CryptReleaseContext sspi_CryptReleaseContext

/* Random octets that are fit for keys. */
BOOL sspi_CryptGenRandom(HCRYPTPROV hProv, DWORD dwLen, BYTE *pbBuffer);
#define CryptGenRandom sspi_CryptGenRandom

/*
 * A fact of a provider: PP_NAME, PP_CONTAINER, PP_UNIQUE_CONTAINER (text in UTF-8), PP_PROVTYPE,
 * PP_IMPTYPE, PP_VERSION, PP_KEYSPEC (DWORD); PP_ENUMALGS, PP_ENUMALGS_EX and PP_ENUMCONTAINERS one
 * after the other, with CRYPT_FIRST in dwFlags to begin, until ERROR_NO_MORE_ITEMS. NTE_BAD_TYPE
 * for another one.
 */
BOOL sspi_CryptGetProvParam(HCRYPTPROV hProv, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                            DWORD dwFlags);
#define CryptGetProvParam sspi_CryptGetProvParam

/* PP_KEYEXCHANGE_PIN or PP_SIGNATURE_PIN, text in UTF-8, for a key on a token. NTE_BAD_TYPE. */
BOOL sspi_CryptSetProvParam(HCRYPTPROV hProv, DWORD dwParam, const BYTE *pbData, DWORD dwFlags);
#define CryptSetProvParam sspi_CryptSetProvParam

/*
 * The providers and their types by number from 0, until ERROR_NO_MORE_ITEMS; and the one that a
 * type means by default. *pcbProvName counts bytes with the terminator. pdwReserved is NULL.
 */
BOOL sspi_CryptEnumProvidersA(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags, DWORD *pdwProvType,
                              LPSTR szProvName, DWORD *pcbProvName);
BOOL sspi_CryptEnumProvidersW(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags, DWORD *pdwProvType,
                              LPWSTR szProvName, DWORD *pcbProvName);
BOOL sspi_CryptEnumProviderTypesA(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags,
                                  DWORD *pdwProvType, LPSTR szTypeName, DWORD *pcbTypeName);
BOOL sspi_CryptEnumProviderTypesW(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags,
                                  DWORD *pdwProvType, LPWSTR szTypeName, DWORD *pcbTypeName);
BOOL sspi_CryptGetDefaultProviderA(DWORD dwProvType, DWORD *pdwReserved, DWORD dwFlags,
                                   LPSTR pszProvName, DWORD *pcbProvName);
BOOL sspi_CryptGetDefaultProviderW(DWORD dwProvType, DWORD *pdwReserved, DWORD dwFlags,
                                   LPWSTR pszProvName, DWORD *pcbProvName);
#define CryptEnumProvidersA      sspi_CryptEnumProvidersA
#define CryptEnumProvidersW      sspi_CryptEnumProvidersW
#define CryptEnumProviders       SSPI_AW(sspi_CryptEnumProviders)
#define CryptEnumProviderTypesA  sspi_CryptEnumProviderTypesA
#define CryptEnumProviderTypesW  sspi_CryptEnumProviderTypesW
#define CryptEnumProviderTypes   SSPI_AW(sspi_CryptEnumProviderTypes)
#define CryptGetDefaultProviderA sspi_CryptGetDefaultProviderA
#define CryptGetDefaultProviderW sspi_CryptGetDefaultProviderW
#define CryptGetDefaultProvider  SSPI_AW(sspi_CryptGetDefaultProvider)

/* --- CryptoAPI: keys ------------------------------------------------------------------------ */

/*
 * Makes an RSA key pair in the provider's container, in place of the one that was there.
 *
 * Algid    AT_KEYEXCHANGE, AT_SIGNATURE, CALG_RSA_KEYX or CALG_RSA_SIGN; NTE_BAD_ALGID else
 * dwFlags  bits of the key in the upper half (1024 to 16384; 0 means 2048, where Windows makes
 * 1024), CRYPT_EXPORTABLE
 */
BOOL sspi_CryptGenKey(HCRYPTPROV hProv, ALG_ID Algid, DWORD dwFlags, HCRYPTKEY *phKey);
#define CryptGenKey sspi_CryptGenKey

/* A provider's own key. NTE_NO_KEY when its container has none of that kind. */
BOOL sspi_CryptGetUserKey(HCRYPTPROV hProv, DWORD dwKeySpec, HCRYPTKEY *phUserKey);
#define CryptGetUserKey sspi_CryptGetUserKey

/*
 * Makes a key of a PRIVATEKEYBLOB, which becomes the provider's own as by CryptGenKey(), or of
 * a PUBLICKEYBLOB. hPubKey is 0; dwFlags has CRYPT_EXPORTABLE. NTE_BAD_DATA for a blob that is none
 * or whose numbers do not belong together, NTE_BAD_TYPE for another kind, as all symmetric keys
 * are, NTE_BAD_VER, NTE_BAD_ALGID.
 */
BOOL sspi_CryptImportKey(HCRYPTPROV hProv, const BYTE *pbData, DWORD dwDataLen, HCRYPTKEY hPubKey,
                         DWORD dwFlags, HCRYPTKEY *phKey);
#define CryptImportKey sspi_CryptImportKey

/*
 * Writes a key as PUBLICKEYBLOB or PRIVATEKEYBLOB. hExpKey and dwFlags are 0. NTE_BAD_KEY_STATE for
 * the private half of a key without CRYPT_EXPORTABLE, NTE_BAD_TYPE.
 */
BOOL sspi_CryptExportKey(HCRYPTKEY hKey, HCRYPTKEY hExpKey, DWORD dwBlobType, DWORD dwFlags,
                         BYTE *pbData, DWORD *pdwDataLen);
#define CryptExportKey sspi_CryptExportKey

/* KP_ALGID, KP_KEYLEN, KP_BLOCKLEN (both in bits), KP_PERMISSIONS; NTE_BAD_TYPE. */
BOOL sspi_CryptGetKeyParam(HCRYPTKEY hKey, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                           DWORD dwFlags);
#define CryptGetKeyParam sspi_CryptGetKeyParam

/* Frees a key's handle; the key stays in its container. */
BOOL sspi_CryptDestroyKey(HCRYPTKEY hKey);
#define CryptDestroyKey sspi_CryptDestroyKey

/* --- CryptoAPI: hashes ---------------------------------------------------------------------- */

/*
 * Begins a hash: CALG_MD5, CALG_SHA1, CALG_SHA_256, CALG_SHA_384, CALG_SHA_512, or CALG_SSL3_SHAMD5
 * whose 36 octets HP_HASHVAL sets. hKey and dwFlags are 0. NTE_BAD_ALGID for another one.
 */
BOOL sspi_CryptCreateHash(HCRYPTPROV hProv, ALG_ID Algid, HCRYPTKEY hKey, DWORD dwFlags,
                          HCRYPTHASH *phHash);
#define CryptCreateHash sspi_CryptCreateHash

/* A hash in the same state. */
BOOL sspi_CryptDuplicateHash(HCRYPTHASH hHash, DWORD *pdwReserved, DWORD dwFlags,
                             HCRYPTHASH *phHash);
#define CryptDuplicateHash sspi_CryptDuplicateHash

/* Hashes more. NTE_BAD_HASH_STATE once the value was asked for or set. dwFlags is 0. */
BOOL sspi_CryptHashData(HCRYPTHASH hHash, const BYTE *pbData, DWORD dwDataLen, DWORD dwFlags);
#define CryptHashData sspi_CryptHashData

/* HP_ALGID, HP_HASHSIZE (DWORD), HP_HASHVAL, which ends the hash; NTE_BAD_TYPE. */
BOOL sspi_CryptGetHashParam(HCRYPTHASH hHash, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                            DWORD dwFlags);
#define CryptGetHashParam sspi_CryptGetHashParam

/* HP_HASHVAL: the value, as long as the algorithm's, instead of hashing. NTE_BAD_TYPE. */
BOOL sspi_CryptSetHashParam(HCRYPTHASH hHash, DWORD dwParam, const BYTE *pbData, DWORD dwFlags);
#define CryptSetHashParam sspi_CryptSetHashParam

BOOL sspi_CryptDestroyHash(HCRYPTHASH hHash);
#define CryptDestroyHash sspi_CryptDestroyHash

/*
 * Signs a hash, which ends it, with a key of the provider it was created with: RSASSA-PKCS1-v1_5,
 * little-endian as Windows has it.
 *
 * sDescription  NULL; ERROR_INVALID_PARAMETER else
 * dwFlags       0 or CRYPT_NOHASHOID: no DigestInfo
 */
BOOL sspi_CryptSignHashA(HCRYPTHASH hHash, DWORD dwKeySpec, LPCSTR szDescription, DWORD dwFlags,
                         BYTE *pbSignature, DWORD *pdwSigLen);
BOOL sspi_CryptSignHashW(HCRYPTHASH hHash, DWORD dwKeySpec, LPCWSTR szDescription, DWORD dwFlags,
                         BYTE *pbSignature, DWORD *pdwSigLen);
#define CryptSignHashA sspi_CryptSignHashA
#define CryptSignHashW sspi_CryptSignHashW
#define CryptSignHash  SSPI_AW(sspi_CryptSignHash)

/* Checks such a signature of a hash, which it ends: NTE_BAD_SIGNATURE. */
BOOL sspi_CryptVerifySignatureA(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                HCRYPTKEY hPubKey, LPCSTR szDescription, DWORD dwFlags);
BOOL sspi_CryptVerifySignatureW(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                HCRYPTKEY hPubKey, LPCWSTR szDescription, DWORD dwFlags);
#define CryptVerifySignatureA sspi_CryptVerifySignatureA
#define CryptVerifySignatureW sspi_CryptVerifySignatureW
#define CryptVerifySignature  SSPI_AW(sspi_CryptVerifySignature)

/* --- Keys of certificates ------------------------------------------------------------------- */

/*
 * A handle of a certificate's private key: attached by a PEM or PKCS #12 import, or named by the
 * properties CERT_KEY_CONTEXT, CERT_NCRYPT_KEY_HANDLE, CERT_KEY_PROV_INFO.
 *
 * dwFlags       CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, ..PREFER.., ..ONLY..: which kinds of handle
 * the caller takes; an EC key has CNG's only, so that NTE_BAD_PROV_TYPE without one of them.
 * CRYPT_ACQUIRE_CACHE_FLAG keeps the handle with the certificate. CRYPT_ACQUIRE_COMPARE_KEY_FLAG:
 * NTE_BAD_PUBLIC_KEY if it is another certificate's. pvParameters  not used *pdwKeySpec
 * AT_KEYEXCHANGE or AT_SIGNATURE with an HCRYPTPROV, CERT_NCRYPT_KEY_SPEC
 * *pfCallerFreeProvOrNCryptKey  whether the caller frees it, with CryptReleaseContext() or
 *               NCryptFreeObject(); both may be NULL
 *
 * CRYPT_E_NO_KEY_PROPERTY: the certificate has no key. NTE_BAD_KEYSET: the one it names is gone.
 */
BOOL CryptAcquireCertificatePrivateKey(PCCERT_CONTEXT pCert, DWORD dwFlags, void *pvParameters,
                                       HCRYPTPROV_OR_NCRYPT_KEY_HANDLE *phCryptProvOrNCryptKey,
                                       DWORD *pdwKeySpec, BOOL *pfCallerFreeProvOrNCryptKey);

/* --- Hashes and signatures of certificates -------------------------------------------------- */

/*
 * A hash of octets, of a public key's DER, or of what in a signed thing is signed, by the hash that
 * its signature names. Algid is a CALG_*, 0 for SHA-1 (of a key MD5); pwszCNGHashAlgid "MD5",
 * "SHA1", "SHA256", "SHA384" or "SHA512". hCryptProv, dwFlags and pvReserved are not looked at.
 * FALSE with NTE_BAD_ALGID, ERROR_MORE_DATA, CRYPT_E_ASN1_*.
 */
BOOL CryptHashCertificate(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                          const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                          DWORD *pcbComputedHash);
BOOL CryptHashCertificate2(LPCWSTR pwszCNGHashAlgid, DWORD dwFlags, void *pvReserved,
                           const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                           DWORD *pcbComputedHash);
BOOL CryptHashPublicKeyInfo(HCRYPTPROV_LEGACY hCryptProv, ALG_ID Algid, DWORD dwFlags,
                            DWORD dwCertEncodingType, PCERT_PUBLIC_KEY_INFO pInfo,
                            BYTE *pbComputedHash, DWORD *pcbComputedHash);
BOOL CryptHashToBeSigned(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                         const BYTE *pbEncoded, DWORD cbEncoded, BYTE *pbComputedHash,
                         DWORD *pcbComputedHash);

/*
 * Whether a key signed a certificate, revocation list or request. That alone: a signature with MD5
 * or SHA-1 is checked like any other; CertGetCertificateChain() says whether it will do.
 *
 * - dwSubjectType, pvSubject: CRYPT_VERIFY_CERT_SIGN_SUBJECT_BLOB (a CRYPT_DATA_BLOB), _CERT, _CRL.
 * - dwIssuerType, pvIssuer: CRYPT_VERIFY_CERT_SIGN_ISSUER_PUBKEY (a CERT_PUBLIC_KEY_INFO), _CERT,
 *   _CHAIN (its first certificate), or _NULL with a certificate as the subject for its own key.
 * - dwFlags: CRYPT_VERIFY_CERT_SIGN_DISABLE_MD2_MD4_FLAG, which always holds. pvExtra is NULL.
 *
 * FALSE with NTE_BAD_SIGNATURE; NTE_BAD_ALGID, also for RSASSA-PSS with another hash than SHA-256,
 * SHA-384 or SHA-512, or with another one for its mask; NTE_BAD_PUBLIC_KEY, CRYPT_E_ASN1_*,
 * E_INVALIDARG.
 */
BOOL CryptVerifyCertificateSignature(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                     const BYTE *pbEncoded, DWORD cbEncoded,
                                     PCERT_PUBLIC_KEY_INFO pPublicKey);
BOOL CryptVerifyCertificateSignatureEx(HCRYPTPROV_LEGACY hCryptProv, DWORD dwCertEncodingType,
                                       DWORD dwSubjectType, void *pvSubject, DWORD dwIssuerType,
                                       void *pvIssuer, DWORD dwFlags, void *pvExtra);

/*
 * Signs DER with the key of a provider (dwKeySpec: AT_*) or an NCrypt handle, by the OID of the
 * algorithm and the parameters of RSASSA-PSS. CryptSignCertificate() gives the signature alone, its
 * last octet first, as CERT_SIGNED_CONTENT_INFO has it; CryptSignAndEncodeCertificate() encodes the
 * structure (X509_CERT_TO_BE_SIGNED ...) and gives the whole. pvHashAuxInfo is NULL. FALSE with
 * NTE_BAD_ALGID for an algorithm that is not the key's, NTE_NOT_SUPPORTED for a salt of RSASSA-PSS
 * that is shorter than the hash, NTE_NO_KEY, ERROR_MORE_DATA.
 */
BOOL CryptSignCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey, DWORD dwKeySpec,
                          DWORD dwCertEncodingType, const BYTE *pbEncodedToBeSigned,
                          DWORD cbEncodedToBeSigned,
                          PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                          const void *pvHashAuxInfo, BYTE *pbSignature, DWORD *pcbSignature);
BOOL CryptSignAndEncodeCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                   DWORD dwKeySpec, DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                   const void *pvStructInfo,
                                   PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                   const void *pvHashAuxInfo, BYTE *pbEncoded, DWORD *pcbEncoded);

/*
 * The public half of a provider's or an NCrypt handle's key as certificates have it, one block at
 * pInfo; pszPublicKeyObjId is NULL or the key's own OID, the others are not looked at.
 */
BOOL CryptExportPublicKeyInfo(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                              DWORD dwKeySpec, DWORD dwCertEncodingType,
                              PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo);
BOOL CryptExportPublicKeyInfoEx(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                DWORD dwKeySpec, DWORD dwCertEncodingType, LPSTR pszPublicKeyObjId,
                                DWORD dwFlags, void *pvAuxInfo, PCERT_PUBLIC_KEY_INFO pInfo,
                                DWORD *pcbInfo);

/*
 * The way back, of an RSA key: a handle for CryptDestroyKey(). aiKeyAlg is CALG_RSA_KEYX,
 * CALG_RSA_SIGN or 0 for the first. NTE_BAD_ALGID for other keys, CRYPT_E_ASN1_*.
 */
BOOL CryptImportPublicKeyInfo(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                              PCERT_PUBLIC_KEY_INFO pInfo, HCRYPTKEY *phKey);
BOOL CryptImportPublicKeyInfoEx(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                PCERT_PUBLIC_KEY_INFO pInfo, ALG_ID aiKeyAlg, DWORD dwFlags,
                                void *pvAuxInfo, HCRYPTKEY *phKey);

/* --- PKCS #12 ------------------------------------------------------------------------------- */

/*
 * Certificates, CRLs and keys of a PKCS #12 file, in a new store in memory, for CertCloseStore().
 *
 * pPFX        the file's content
 * szPassword  its password; NULL and "" mean the same
 * dwFlags     CRYPT_EXPORTABLE: the keys may be exported. PKCS12_NO_PERSIST_KEY: they have no
 *             container. PKCS12_ONLY_CERTIFICATES: they are left out. The others change nothing.
 *
 * A key stays with its certificates in memory and is gone with them. So does its container, which
 * CERT_KEY_PROV_INFO names and CryptAcquireContext() or NCryptOpenKey() of this process opens.
 *
 * NULL: ERROR_INVALID_PASSWORD; CRYPT_E_BAD_ENCODE for what is not such a file, has no MAC, or asks
 * for more than two million rounds of hashing for one part, or 64 million for all.
 */
HCERTSTORE PFXImportCertStore(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags);

/* Whether a blob looks like one; and whether that is its password. dwFlags is 0. */
BOOL PFXIsPFXBlob(CRYPT_DATA_BLOB *pPFX);
BOOL PFXVerifyPassword(CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword, DWORD dwFlags);

/*
 * Writes a store's certificates as PKCS #12, with the keys that EXPORT_PRIVATE_KEYS asks for: PBES2
 * with AES-256 and HMAC-SHA-256, which Windows reads since Windows 10 1709.
 *
 * pPFX        pbData NULL asks for the size in cbData, which is an upper bound; else cbData is the
 *             room, and then what was written. ERROR_MORE_DATA.
 * szPassword  NULL and "" mean an empty one
 * pvPara      not used
 * dwFlags     EXPORT_PRIVATE_KEYS; REPORT_NO_PRIVATE_KEY: CRYPT_E_NOT_FOUND for a certificate
 *             without a key; REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY: NTE_BAD_KEY_STATE for a key
 * that may not be exported, which is left out else.
 *
 * A friendly name goes along when it is ASCII. CRYPT_E_NOT_FOUND for a store without certificates.
 */
BOOL PFXExportCertStoreEx(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                          void *pvPara, DWORD dwFlags);
BOOL PFXExportCertStore(HCERTSTORE hStore, CRYPT_DATA_BLOB *pPFX, LPCWSTR szPassword,
                        DWORD dwFlags);

/* --- Certificates of one's own -------------------------------------------------------------- */

/*
 * Makes a certificate of version 3 whose issuer is its subject, for CertFreeCertificateContext().
 *
 * - hCryptProvOrNCryptKey: whose key is certified, an NCrypt key or a provider; 0 for
 * pKeyProvInfo's.
 * - pSubjectIssuerBlob: the name in DER, as CertStrToName() makes it.
 * - dwFlags: 0 or CERT_CREATE_SELFSIGN_NO_KEY_INFO, so that the certificate comes without its key.
 *   CERT_CREATE_SELFSIGN_NO_SIGN is E_INVALIDARG: nothing is made without a signature.
 * - pKeyProvInfo: becomes the property CERT_KEY_PROV_INFO. Where no handle is given it names the
 *   key, and an RSA key of 2048 bits is made when there is none. NULL with no handle: such a key
 *   that lives with the certificate only.
 * - pSignatureAlgorithm: as CryptSignCertificate() has it; NULL: PKCS #1 or ECDSA with SHA-256.
 * - pStartTime, pEndTime: in UTC; NULL: now, and a year after the start.
 * - pExtensions: NULL, or what to put in.
 *
 * NULL: E_INVALIDARG for a name, time or extension that cannot be one, CRYPT_E_ASN1_*,
 * NTE_BAD_ALGID for an algorithm that is not the key's, NTE_NO_KEY.
 */
PCCERT_CONTEXT CertCreateSelfSignCertificate(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                             PCERT_NAME_BLOB pSubjectIssuerBlob, DWORD dwFlags,
                                             PCRYPT_KEY_PROV_INFO pKeyProvInfo,
                                             PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm,
                                             PSYSTEMTIME pStartTime, PSYSTEMTIME pEndTime,
                                             PCERT_EXTENSIONS pExtensions);

#ifdef __cplusplus
}
#endif

#endif
