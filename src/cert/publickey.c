/* SPDX-License-Identifier: MIT */
/* CryptExportPublicKeyInfo, CryptImportPublicKeyInfo: keys of handles as certificates have them. */
#include "cert/publickey.h"

#include <stdlib.h>
#include <string.h>

#include "cert/encode.h"
#include "cert/keyhandle.h"
#include "core/native.h"
#include "win/win.h"

bool public_key_import(const CERT_PUBLIC_KEY_INFO *info, gnutls_pubkey_t *out)
{
    size_t size;
    uint8_t *data = struct_encode(X509_PUBLIC_KEY_INFO, info, &size);
    gnutls_datum_t der = {data, (unsigned)size};
    int code;

    if (data == NULL)
        return false;
    code = gnutls_pubkey_init(out);
    if (code == GNUTLS_E_SUCCESS) {
        code = gnutls_pubkey_import(*out, &der, GNUTLS_X509_FMT_DER);
        if (code != GNUTLS_E_SUCCESS)
            gnutls_pubkey_deinit(*out);
    }
    free(data);
    return code == GNUTLS_E_SUCCESS || win_fail(NTE_BAD_PUBLIC_KEY);
}

/* --- Export --------------------------------------------------------------------------------- */

static SECURITY_STATUS public_der(ULONG_PTR handle, DWORD spec, gnutls_datum_t *der)
{
    struct cert_key *key;
    SECURITY_STATUS status = ncrypt_handle_is(handle) ? ncrypt_handle_key(handle, &key)
                                                      : provider_handle_key(handle, spec, &key);
    int code;

    if (status != SEC_E_OK)
        return status;
    code = gnutls_pubkey_export2(key->public, GNUTLS_X509_FMT_DER, der);
    cert_key_unref(key);
    return code == GNUTLS_E_SUCCESS ? SEC_E_OK
                                    : cert_key_status("gnutls_pubkey_export2", code, NTE_FAIL);
}

WIN_API BOOL CryptExportPublicKeyInfoEx(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                        DWORD dwKeySpec, DWORD dwCertEncodingType,
                                        LPSTR pszPublicKeyObjId, DWORD dwFlags, void *pvAuxInfo,
                                        PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo)
{
    gnutls_datum_t der = {NULL, 0};
    SECURITY_STATUS status;
    BOOL given;

    (void)dwFlags;
    (void)pvAuxInfo;
    native_error_clear();
    if (pszPublicKeyObjId != NULL && strcmp(pszPublicKeyObjId, szOID_RSA_RSA) != 0 &&
        strcmp(pszPublicKeyObjId, szOID_ECC_PUBLIC_KEY) != 0)
        return win_fail(ERROR_FILE_NOT_FOUND); /* no other way of writing a key is known */
    status = public_der(hCryptProvOrNCryptKey, dwKeySpec, &der);
    if (status != SEC_E_OK)
        return win_fail((DWORD)status);
    given = CryptDecodeObject(dwCertEncodingType, X509_PUBLIC_KEY_INFO, der.data, der.size, 0,
                              pInfo, pcbInfo);
    gnutls_free(der.data);
    return given;
}

WIN_API BOOL CryptExportPublicKeyInfo(HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey,
                                      DWORD dwKeySpec, DWORD dwCertEncodingType,
                                      PCERT_PUBLIC_KEY_INFO pInfo, DWORD *pcbInfo)
{
    return CryptExportPublicKeyInfoEx(hCryptProvOrNCryptKey, dwKeySpec, dwCertEncodingType, NULL, 0,
                                      NULL, pInfo, pcbInfo);
}

/* --- Import --------------------------------------------------------------------------------- */

WIN_API BOOL CryptImportPublicKeyInfoEx(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                        PCERT_PUBLIC_KEY_INFO pInfo, ALG_ID aiKeyAlg, DWORD dwFlags,
                                        void *pvAuxInfo, HCRYPTKEY *phKey)
{
    PUBLICKEYSTRUC *blob = NULL;
    DWORD size = 0;
    BOOL imported;

    (void)dwFlags;
    (void)pvAuxInfo;
    if (pInfo == NULL || phKey == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (strcmp(pInfo->Algorithm.pszObjId, szOID_RSA_RSA) != 0)
        return win_fail(NTE_BAD_ALGID); /* CryptoAPI has no elliptic curves */
    if (!CryptDecodeObjectEx(dwCertEncodingType, RSA_CSP_PUBLICKEYBLOB, pInfo->PublicKey.pbData,
                             pInfo->PublicKey.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &blob, &size))
        return FALSE;
    if (aiKeyAlg != 0)
        blob->aiKeyAlg = aiKeyAlg;
    imported = sspi_CryptImportKey(hCryptProv, (const BYTE *)blob, size, 0, 0, phKey);
    LocalFree(blob);
    return imported;
}

WIN_API BOOL CryptImportPublicKeyInfo(HCRYPTPROV hCryptProv, DWORD dwCertEncodingType,
                                      PCERT_PUBLIC_KEY_INFO pInfo, HCRYPTKEY *phKey)
{
    return CryptImportPublicKeyInfoEx(hCryptProv, dwCertEncodingType, pInfo, 0, 0, NULL, phKey);
}
