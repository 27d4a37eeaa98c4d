/* SPDX-License-Identifier: MIT */
/* ncrypt.dll: signatures. */
#include <stdlib.h>
#include <string.h>

#include "cert/cng.h"
#include "cert/sign.h"
#include "core/native.h"

static const struct {
    const char *name;
    gnutls_digest_algorithm_t hash;
} hash_names[] = {
    {"MD5", GNUTLS_DIG_MD5},       {"SHA1", GNUTLS_DIG_SHA1},     {"SHA256", GNUTLS_DIG_SHA256},
    {"SHA384", GNUTLS_DIG_SHA384}, {"SHA512", GNUTLS_DIG_SHA512},
};

static SECURITY_STATUS hash_of_name(LPCWSTR wide, gnutls_digest_algorithm_t *hash)
{
    SECURITY_STATUS status;
    char *name;

    status = ncrypt_text(wide, &name);
    if (status != SEC_E_OK)
        return status;
    status = NTE_BAD_ALGID;
    for (size_t i = 0; i < ARRAYSIZE(hash_names); i++)
        if (strcmp(name, hash_names[i].name) == 0) {
            *hash = hash_names[i].hash;
            status = SEC_E_OK;
        }
    free(name);
    return status;
}

/* What is to be done to a hash value. */
struct manner {
    enum sign_form form;
    gnutls_digest_algorithm_t hash;
};

static SECURITY_STATUS manner_pkcs1(const VOID *info, DWORD size, struct manner *manner)
{
    const BCRYPT_PKCS1_PADDING_INFO *padding = info;

    (void)size;
    manner->form = padding->pszAlgId == NULL ? SIGN_PKCS1_RAW : SIGN_PKCS1;
    return padding->pszAlgId == NULL ? SEC_E_OK : hash_of_name(padding->pszAlgId, &manner->hash);
}

static SECURITY_STATUS manner_pss(const VOID *info, DWORD size, struct manner *manner)
{
    const BCRYPT_PSS_PADDING_INFO *padding = info;

    manner->form = SIGN_PSS;
    /* GnuTLS makes the salt that TLS and RFC 8017 want, and no other. */
    if (padding->cbSalt != size) {
        native_error_set("a PSS salt must be as long as the hash");
        return NTE_NOT_SUPPORTED;
    }
    return hash_of_name(padding->pszAlgId, &manner->hash);
}

static SECURITY_STATUS manner_choose(const struct cert_key *key, const VOID *info, DWORD size,
                                     DWORD flags, struct manner *manner)
{
    *manner = (struct manner){SIGN_ECDSA, GNUTLS_DIG_UNKNOWN};
    if (key->algorithm == GNUTLS_PK_ECDSA) {
        manner->hash = sign_hash_of_size(size);
        return flags & (NCRYPT_PAD_PKCS1_FLAG | NCRYPT_PAD_PSS_FLAG) ? NTE_BAD_FLAGS : SEC_E_OK;
    }
    if (info == NULL)
        return NTE_INVALID_PARAMETER;
    switch (flags & ~(DWORD)NCRYPT_SILENT_FLAG) {
    case NCRYPT_PAD_PKCS1_FLAG:
        return manner_pkcs1(info, size, manner);
    case NCRYPT_PAD_PSS_FLAG:
        return manner_pss(info, size, manner);
    default:
        return NTE_BAD_FLAGS;
    }
}

static SECURITY_STATUS sign_into(const struct cert_key *key, const struct manner *manner,
                                 const BYTE *value, DWORD size, PBYTE room, DWORD room_size,
                                 DWORD *result)
{
    gnutls_datum_t signature = {NULL, 0};
    SECURITY_STATUS status;

    *result = sign_size(key);
    if (room == NULL)
        return SEC_E_OK;
    if (room_size < *result)
        return NTE_BUFFER_TOO_SMALL;
    status = sign_hash(key, manner->form, manner->hash, value, size, &signature);
    if (status == SEC_E_OK)
        status = ncrypt_answer(signature.data, signature.size, room, room_size, result);
    cert_key_datum_wipe(&signature);
    return status;
}

WIN_API SECURITY_STATUS sspi_NCryptSignHash(NCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo,
                                            PBYTE pbHashValue, DWORD cbHashValue, PBYTE pbSignature,
                                            DWORD cbSignature, DWORD *pcbResult, DWORD dwFlags)
{
    struct cert_key *key;
    struct manner manner;
    SECURITY_STATUS status;

    if (pbHashValue == NULL || pcbResult == NULL)
        return NTE_INVALID_PARAMETER;
    native_error_clear();
    status = ncrypt_handle_key(hKey, &key);
    if (status != SEC_E_OK)
        return status;
    status = manner_choose(key, pPaddingInfo, cbHashValue, dwFlags, &manner);
    if (status == SEC_E_OK)
        status =
            sign_into(key, &manner, pbHashValue, cbHashValue, pbSignature, cbSignature, pcbResult);
    cert_key_unref(key);
    return status;
}

WIN_API SECURITY_STATUS sspi_NCryptVerifySignature(NCRYPT_KEY_HANDLE hKey, VOID *pPaddingInfo,
                                                   PBYTE pbHashValue, DWORD cbHashValue,
                                                   PBYTE pbSignature, DWORD cbSignature,
                                                   DWORD dwFlags)
{
    gnutls_datum_t signature = {pbSignature, cbSignature};
    struct cert_key *key;
    struct manner manner;
    SECURITY_STATUS status;

    if (pbHashValue == NULL || pbSignature == NULL)
        return NTE_INVALID_PARAMETER;
    native_error_clear();
    status = ncrypt_handle_key(hKey, &key);
    if (status != SEC_E_OK)
        return status;
    status = manner_choose(key, pPaddingInfo, cbHashValue, dwFlags, &manner);
    if (status == SEC_E_OK)
        status = sign_check(key, manner.form, manner.hash, pbHashValue, cbHashValue, &signature);
    cert_key_unref(key);
    return status;
}
