/* SPDX-License-Identifier: MIT */
/* CryptoAPI: keys. */
#include <stdlib.h>

#include "cert/keyblob.h"
#include "cert/provider.h"
#include "core/native.h"

#define RSA_BITS      2048
#define RSA_BITS_MIN  1024
#define RSA_BITS_MAX  16384
#define RSA_BITS_STEP 64

static void provider_key_destroy(struct object *object)
{
    struct provider_key *self = (struct provider_key *)object;

    cert_key_unref(self->key);
    free(self);
}

const struct object_class provider_key_class = {"key handle", provider_key_destroy};

/* Takes the key's reference over, also when it fails. */
static SECURITY_STATUS key_handle_open(struct cert_key *key, ALG_ID algorithm, HCRYPTKEY *out)
{
    struct provider_key *self = calloc(1, sizeof(*self));

    if (self == NULL) {
        cert_key_unref(key);
        return NTE_NO_MEMORY;
    }
    object_init(&self->object, &provider_key_class);
    self->key = key;
    self->algorithm = algorithm;
    *out = key_handle_of(self);
    return SEC_E_OK;
}

SECURITY_STATUS keyhandle_key(HCRYPTKEY handle, struct cert_key **out)
{
    struct provider_key *self = key_handle_object(handle, &provider_key_class);

    if (self == NULL)
        return NTE_BAD_KEY;
    *out = cert_key_ref(self->key);
    return SEC_E_OK;
}

/* The two kinds of key are one, but for what they are said to be for. */
static ALG_ID algorithm_of_spec(DWORD spec)
{
    return spec == AT_SIGNATURE ? CALG_RSA_SIGN : CALG_RSA_KEYX;
}

static DWORD spec_of_algorithm(ALG_ID algorithm)
{
    switch (algorithm) {
    case AT_KEYEXCHANGE:
    case CALG_RSA_KEYX:
        return AT_KEYEXCHANGE;
    case AT_SIGNATURE:
    case CALG_RSA_SIGN:
        return AT_SIGNATURE;
    default:
        return 0;
    }
}

static SECURITY_STATUS generate(struct provider *provider, DWORD spec, DWORD flags, HCRYPTKEY *out)
{
    DWORD bits = flags >> 16 == 0 ? RSA_BITS : flags >> 16;
    struct cert_key *key;
    SECURITY_STATUS status;

    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % RSA_BITS_STEP != 0)
        return NTE_BAD_FLAGS;
    status = cert_key_generate(GNUTLS_PK_RSA, bits, (flags & CRYPT_EXPORTABLE) != 0, &key);
    if (status != SEC_E_OK)
        return status;
    status = provider_set_key(provider, spec, key);
    if (status == SEC_E_OK)
        return key_handle_open(key, algorithm_of_spec(spec), out);
    cert_key_unref(key);
    return status;
}

WIN_API BOOL sspi_CryptGenKey(HCRYPTPROV hProv, ALG_ID Algid, DWORD dwFlags, HCRYPTKEY *phKey)
{
    struct provider *provider = key_handle_object(hProv, &provider_class);
    DWORD spec = spec_of_algorithm(Algid);

    if (provider == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    if (phKey == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (spec == 0)
        return win_fail((DWORD)NTE_BAD_ALGID);
    native_error_clear();
    return provider_result(generate(provider, spec, dwFlags, phKey));
}

WIN_API BOOL sspi_CryptGetUserKey(HCRYPTPROV hProv, DWORD dwKeySpec, HCRYPTKEY *phUserKey)
{
    struct cert_key *key;
    SECURITY_STATUS status;

    if (phUserKey == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    native_error_clear();
    status = provider_handle_key(hProv, dwKeySpec, &key);
    if (status == SEC_E_OK)
        status = key_handle_open(key, algorithm_of_spec(dwKeySpec), phUserKey);
    return provider_result(status);
}

static SECURITY_STATUS import(struct provider *provider, const BYTE *data, DWORD size, DWORD flags,
                              HCRYPTKEY *out)
{
    struct cert_key *key;
    ALG_ID algorithm;
    SECURITY_STATUS status;

    status = key_from_capi(data, size, (flags & CRYPT_EXPORTABLE) != 0, &algorithm, &key);
    if (status != SEC_E_OK)
        return status;
    if (key->secret != NULL)
        status = provider_set_key(provider, spec_of_algorithm(algorithm), key);
    if (status == SEC_E_OK)
        return key_handle_open(key, algorithm, out);
    cert_key_unref(key);
    return status;
}

WIN_API BOOL sspi_CryptImportKey(HCRYPTPROV hProv, const BYTE *pbData, DWORD dwDataLen,
                                 HCRYPTKEY hPubKey, DWORD dwFlags, HCRYPTKEY *phKey)
{
    struct provider *provider = key_handle_object(hProv, &provider_class);

    if (provider == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    if (pbData == NULL || phKey == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (hPubKey != 0) /* nothing is wrapped in another key here */
        return win_fail((DWORD)NTE_BAD_KEY);
    if (dwFlags & ~(DWORD)(CRYPT_EXPORTABLE | CRYPT_USER_PROTECTED))
        return win_fail((DWORD)NTE_BAD_FLAGS);
    native_error_clear();
    return provider_result(import(provider, pbData, dwDataLen, dwFlags, phKey));
}

WIN_API BOOL sspi_CryptExportKey(HCRYPTKEY hKey, HCRYPTKEY hExpKey, DWORD dwBlobType, DWORD dwFlags,
                                 BYTE *pbData, DWORD *pdwDataLen)
{
    struct provider_key *self = key_handle_object(hKey, &provider_key_class);

    if (self == NULL || hExpKey != 0)
        return win_fail((DWORD)NTE_BAD_KEY);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    if (pdwDataLen == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    native_error_clear();
    return provider_result(key_to_capi(self->key, dwBlobType, self->algorithm, pbData, pdwDataLen));
}

static SECURITY_STATUS key_parameter(const struct provider_key *self, DWORD parameter, DWORD *value)
{
    switch (parameter) {
    case KP_ALGID:
        *value = self->algorithm;
        return SEC_E_OK;
    case KP_KEYLEN:
    case KP_BLOCKLEN: /* of RSA they are the same */
        *value = self->key->bits;
        return SEC_E_OK;
    case KP_PERMISSIONS:
        *value = CRYPT_ENCRYPT | CRYPT_DECRYPT | CRYPT_READ | CRYPT_WRITE | CRYPT_MAC;
        if (self->key->exportable)
            *value |= CRYPT_EXPORT;
        return SEC_E_OK;
    default:
        return NTE_BAD_TYPE;
    }
}

WIN_API BOOL sspi_CryptGetKeyParam(HCRYPTKEY hKey, DWORD dwParam, BYTE *pbData, DWORD *pdwDataLen,
                                   DWORD dwFlags)
{
    struct provider_key *self = key_handle_object(hKey, &provider_key_class);
    SECURITY_STATUS status;
    DWORD value;

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_KEY);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    if (pdwDataLen == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    status = key_parameter(self, dwParam, &value);
    if (status == SEC_E_OK)
        status = provider_answer(&value, sizeof(value), pbData, pdwDataLen);
    return provider_result(status);
}

WIN_API BOOL sspi_CryptDestroyKey(HCRYPTKEY hKey)
{
    struct provider_key *self = key_handle_object(hKey, &provider_key_class);

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_KEY);
    object_unref(&self->object);
    return TRUE;
}
