/* SPDX-License-Identifier: MIT */
/*
 * Keys of the key storage providers, and the functions of ncrypt.dll that programs with
 * certificates call. Each plain name is a macro for a function sspi_Name of this library.
 */
#ifndef GSS_SSPI_NCRYPT_H
#define GSS_SSPI_NCRYPT_H

#include "bcrypt.h"
#include "wincrypt.h"

#define MS_KEY_STORAGE_PROVIDER            SSPI_W("Microsoft Software Key Storage Provider")
#define MS_PLATFORM_CRYPTO_PROVIDER        SSPI_W("Microsoft Platform Crypto Provider")
#define MS_SMART_CARD_KEY_STORAGE_PROVIDER SSPI_W("Microsoft Smart Card Key Storage Provider")

#define NCRYPT_RSA_ALGORITHM        BCRYPT_RSA_ALGORITHM
#define NCRYPT_DH_ALGORITHM         BCRYPT_DH_ALGORITHM
#define NCRYPT_ECDSA_P256_ALGORITHM BCRYPT_ECDSA_P256_ALGORITHM
#define NCRYPT_ECDSA_P384_ALGORITHM BCRYPT_ECDSA_P384_ALGORITHM
#define NCRYPT_ECDSA_P521_ALGORITHM BCRYPT_ECDSA_P521_ALGORITHM
#define NCRYPT_ECDH_P256_ALGORITHM  BCRYPT_ECDH_P256_ALGORITHM
#define NCRYPT_ECDH_P384_ALGORITHM  BCRYPT_ECDH_P384_ALGORITHM
#define NCRYPT_ECDH_P521_ALGORITHM  BCRYPT_ECDH_P521_ALGORITHM

#define NCRYPT_NAME_PROPERTY            SSPI_W("Name")
#define NCRYPT_UNIQUE_NAME_PROPERTY     SSPI_W("Unique Name")
#define NCRYPT_ALGORITHM_PROPERTY       SSPI_W("Algorithm Name")
#define NCRYPT_LENGTH_PROPERTY          SSPI_W("Length")
#define NCRYPT_ALGORITHM_GROUP_PROPERTY SSPI_W("Algorithm Group")
#define NCRYPT_EXPORT_POLICY_PROPERTY   SSPI_W("Export Policy")
#define NCRYPT_KEY_USAGE_PROPERTY       SSPI_W("Key Usage")
#define NCRYPT_KEY_TYPE_PROPERTY        SSPI_W("Key Type")
#define NCRYPT_CERTIFICATE_PROPERTY     SSPI_W("SmartCardKeyCertificate")
#define NCRYPT_PROVIDER_HANDLE_PROPERTY SSPI_W("Provider Handle")
#define NCRYPT_PIN_PROPERTY             SSPI_W("SmartCardPin")

#define NCRYPT_MACHINE_KEY_FLAG            0x20
#define NCRYPT_SILENT_FLAG                 0x40
#define NCRYPT_OVERWRITE_KEY_FLAG          0x80
#define NCRYPT_PERSIST_FLAG                0x80000000
#define NCRYPT_DO_NOT_FINALIZE_FLAG        0x400
#define NCRYPT_ALLOW_EXPORT_FLAG           0x1
#define NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG 0x2

#define NCRYPT_PKCS7_ENVELOPE_BLOB    SSPI_W("PKCS7_ENVELOPE")
#define NCRYPT_PKCS8_PRIVATE_KEY_BLOB SSPI_W("PKCS8_PRIVATEKEY")

#define NCRYPTBUFFER_VERSION        0
#define NCRYPTBUFFER_PKCS_ALG_OID   41
#define NCRYPTBUFFER_PKCS_ALG_PARAM 42
#define NCRYPTBUFFER_PKCS_KEY_NAME  45
#define NCRYPTBUFFER_PKCS_SECRET    46

typedef BCryptBuffer NCryptBuffer, *PNCryptBuffer;
typedef BCryptBufferDesc NCryptBufferDesc, *PNCryptBufferDesc;

#define NCRYPT_ECDSA_ALGORITHM       BCRYPT_ECDSA_ALGORITHM
#define NCRYPT_ECDH_ALGORITHM        BCRYPT_ECDH_ALGORITHM
#define NCRYPT_RSA_ALGORITHM_GROUP   NCRYPT_RSA_ALGORITHM
#define NCRYPT_ECDSA_ALGORITHM_GROUP SSPI_W("ECDSA")
#define NCRYPT_IMPL_TYPE_PROPERTY    SSPI_W("Impl Type")

#define NCRYPT_PAD_PKCS1_FLAG BCRYPT_PAD_PKCS1
#define NCRYPT_PAD_PSS_FLAG   BCRYPT_PAD_PSS

#define NCRYPT_IMPL_HARDWARE_FLAG 0x1
#define NCRYPT_IMPL_SOFTWARE_FLAG 0x2

#define NCRYPT_ALLOW_DECRYPT_FLAG       0x1
#define NCRYPT_ALLOW_SIGNING_FLAG       0x2
#define NCRYPT_ALLOW_KEY_AGREEMENT_FLAG 0x4
#define NCRYPT_ALLOW_ALL_USAGES         0xffffff

typedef struct NCryptProviderName {
    LPWSTR pszName;
    LPWSTR pszComment;
} NCryptProviderName;

typedef struct NCryptKeyName {
    LPWSTR pszName;
    LPWSTR pszAlgid;
    DWORD dwLegacyKeySpec;
    DWORD dwFlags;
} NCryptKeyName;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Each function returns ERROR_SUCCESS, or one of: NTE_INVALID_HANDLE, NTE_INVALID_PARAMETER,
 * NTE_NO_MEMORY, and what it names itself. A handle that was freed must not be used again.
 *
 * A key that has a name lies in the folder of that name in the user's $XDG_DATA_HOME/sspi/keys
 * (~/.local/share/sspi/keys), in a PKCS #8 file that only its user may read. Unlike on Windows it
 * is not encrypted, and there is one set of names: CRYPT_MACHINE_KEYSET and NCRYPT_MACHINE_KEY_FLAG
 * change nothing. A name of the form "pkcs11:..." (RFC 7512) is a key on a token, whose PIN is
 * NCRYPT_PIN_PROPERTY, or the first line of the file in the URI's pin-source, or its pin-value.
 * Names have at most 84 bytes of UTF-8 else.
 */

/*
 * Opens a provider, to be freed with NCryptFreeObject(). There is one, in software; each of
 * Windows' names means it, and NULL does. NTE_BAD_PROVIDER for another name.
 */
SECURITY_STATUS sspi_NCryptOpenStorageProvider(NCRYPT_PROV_HANDLE *phProvider,
                                               LPCWSTR pszProviderName, DWORD dwFlags);
#define NCryptOpenStorageProvider sspi_NCryptOpenStorageProvider

/* The one provider's name in *ppProviderList, for NCryptFreeBuffer(). */
SECURITY_STATUS sspi_NCryptEnumStorageProviders(DWORD *pdwProviderCount,
                                                NCryptProviderName **ppProviderList, DWORD dwFlags);
#define NCryptEnumStorageProviders sspi_NCryptEnumStorageProviders

/* Frees what NCryptEnumStorageProviders() gave; NULL is allowed. */
SECURITY_STATUS sspi_NCryptFreeBuffer(PVOID pvInput);
#define NCryptFreeBuffer sspi_NCryptFreeBuffer

/*
 * Opens a key by name.
 *
 * dwLegacyKeySpec  0, or AT_KEYEXCHANGE or AT_SIGNATURE for one that CryptoAPI made
 *
 * NTE_BAD_KEYSET: there is none. A key on a token that asks for a PIN, which its name does not have
 * ("pin-value"), opens, and waits for NCRYPT_PIN_PROPERTY: NTE_INCORRECT_PASSWORD until then.
 */
SECURITY_STATUS sspi_NCryptOpenKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE *phKey,
                                   LPCWSTR pszKeyName, DWORD dwLegacyKeySpec, DWORD dwFlags);
#define NCryptOpenKey sspi_NCryptOpenKey

/*
 * Begins a new key, which NCryptFinalizeKey() makes and keeps.
 *
 * pszAlgId    NCRYPT_RSA_ALGORITHM (2048 bits unless NCRYPT_LENGTH_PROPERTY says otherwise) or
 *             NCRYPT_ECDSA_P256_ALGORITHM ... P521, or the ECDH names of the same curves
 * pszKeyName  NULL for a key that nobody keeps
 * dwFlags     NCRYPT_OVERWRITE_KEY_FLAG
 *
 * NTE_EXISTS: there is such a key. NTE_NOT_SUPPORTED: no such algorithm.
 */
SECURITY_STATUS sspi_NCryptCreatePersistedKey(NCRYPT_PROV_HANDLE hProvider,
                                              NCRYPT_KEY_HANDLE *phKey, LPCWSTR pszAlgId,
                                              LPCWSTR pszKeyName, DWORD dwLegacyKeySpec,
                                              DWORD dwFlags);
#define NCryptCreatePersistedKey sspi_NCryptCreatePersistedKey

/* Makes a key that was begun; it can be used, and its properties no longer be set. */
SECURITY_STATUS sspi_NCryptFinalizeKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags);
#define NCryptFinalizeKey sspi_NCryptFinalizeKey

/*
 * Makes a key of a blob, which may be wiped then.
 *
 * hImportKey      0
 * pszBlobType     BCRYPT_RSA*BLOB, BCRYPT_ECC*_BLOB (P-256, P-384, P-521), LEGACY_RSA*_BLOB,
 *                 BCRYPT_PUBLIC_KEY_BLOB, BCRYPT_PRIVATE_KEY_BLOB, NCRYPT_PKCS8_PRIVATE_KEY_BLOB
 * pParameterList  NULL, or NCRYPTBUFFER_PKCS_KEY_NAME (the name to keep it by) and
 *                 NCRYPTBUFFER_PKCS_SECRET (the password of an encrypted PKCS #8 blob): text in
 *                 UTF-16 with its terminator
 * dwFlags         NCRYPT_OVERWRITE_KEY_FLAG; NCRYPT_DO_NOT_FINALIZE_FLAG to set properties first
 *
 * NTE_BAD_DATA for a blob that is none or whose numbers do not belong together, NTE_EXISTS,
 * NTE_INCORRECT_PASSWORD, NTE_NOT_SUPPORTED for another type.
 */
SECURITY_STATUS sspi_NCryptImportKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE hImportKey,
                                     LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                     NCRYPT_KEY_HANDLE *phKey, PBYTE pbData, DWORD cbData,
                                     DWORD dwFlags);
#define NCryptImportKey sspi_NCryptImportKey

/*
 * Writes a key as a blob of a type as above; pbOutput NULL asks for the size in *pcbResult.
 *
 * The secret half needs NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG in NCRYPT_EXPORT_POLICY_PROPERTY, else
 * NTE_BAD_KEY_STATE (Windows: NTE_NOT_SUPPORTED). hExportKey is 0, pParameterList NULL.
 * NTE_BUFFER_TOO_SMALL.
 */
SECURITY_STATUS sspi_NCryptExportKey(NCRYPT_KEY_HANDLE hKey, NCRYPT_KEY_HANDLE hExportKey,
                                     LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                     PBYTE pbOutput, DWORD cbOutput, DWORD *pcbResult,
                                     DWORD dwFlags);
#define NCryptExportKey sspi_NCryptExportKey

/*
 * A property of a key: NCRYPT_NAME_PROPERTY, UNIQUE_NAME, ALGORITHM, ALGORITHM_GROUP (text),
 * LENGTH in bits, EXPORT_POLICY, KEY_USAGE, KEY_TYPE, IMPL_TYPE (DWORD), PROVIDER_HANDLE (to be
 * freed); of a provider: NCRYPT_NAME_PROPERTY, IMPL_TYPE. Sizes in bytes, text with its terminator.
 *
 * NTE_NOT_SUPPORTED for another one, NTE_NOT_FOUND for the name of a key that has none,
 * NTE_BUFFER_TOO_SMALL with the size in *pcbResult.
 */
SECURITY_STATUS sspi_NCryptGetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty, PBYTE pbOutput,
                                       DWORD cbOutput, DWORD *pcbResult, DWORD dwFlags);
#define NCryptGetProperty sspi_NCryptGetProperty

/*
 * Sets NCRYPT_LENGTH_PROPERTY, EXPORT_POLICY or KEY_USAGE (DWORD; usage is kept and restricts
 * nothing) of a key that is not made yet, else NTE_BAD_KEY_STATE; NCRYPT_PIN_PROPERTY of a key
 * on a token. NTE_NOT_SUPPORTED for another one.
 */
SECURITY_STATUS sspi_NCryptSetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty, PBYTE pbInput,
                                       DWORD cbInput, DWORD dwFlags);
#define NCryptSetProperty sspi_NCryptSetProperty

/*
 * Signs a hash value; pbSignature NULL asks for the size.
 *
 * RSA needs NCRYPT_PAD_PKCS1_FLAG with a BCRYPT_PKCS1_PADDING_INFO (a NULL name: no DigestInfo) or
 * NCRYPT_PAD_PSS_FLAG with a BCRYPT_PSS_PADDING_INFO whose salt is as long as the hash. An EC
 * signature is r and s, each as long as the curve's order; the hash is known by its size.
 * NTE_BAD_ALGID, NTE_BAD_LEN, NTE_BUFFER_TOO_SMALL.
 */
SECURITY_STATUS sspi_NCryptSignHash(NCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo, PBYTE pbHashValue,
                                    DWORD cbHashValue, PBYTE pbSignature, DWORD cbSignature,
                                    DWORD *pcbResult, DWORD dwFlags);
#define NCryptSignHash sspi_NCryptSignHash

/* Checks one: NTE_BAD_SIGNATURE. */
SECURITY_STATUS sspi_NCryptVerifySignature(NCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo,
                                           PBYTE pbHashValue, DWORD cbHashValue, PBYTE pbSignature,
                                           DWORD cbSignature, DWORD dwFlags);
#define NCryptVerifySignature sspi_NCryptVerifySignature

/* Removes a key from where it is kept, and frees the handle. NTE_PERM for one on a token. */
SECURITY_STATUS sspi_NCryptDeleteKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags);
#define NCryptDeleteKey sspi_NCryptDeleteKey

/* Frees a provider's or a key's handle. */
SECURITY_STATUS sspi_NCryptFreeObject(NCRYPT_HANDLE hObject);
#define NCryptFreeObject sspi_NCryptFreeObject

/* Whether a handle is a key's of these functions. */
BOOL sspi_NCryptIsKeyHandle(NCRYPT_KEY_HANDLE hKey);
#define NCryptIsKeyHandle sspi_NCryptIsKeyHandle

#ifdef __cplusplus
}
#endif

#endif
