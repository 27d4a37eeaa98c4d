/* SPDX-License-Identifier: MIT */
/* CryptoAPI: hashes and their signatures, which Windows writes little-endian. */
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cert/provider.h"
#include "cert/sign.h"
#include "core/native.h"

#define HASH_MAX 64

static const struct hash_kind {
    ALG_ID id;
    gnutls_digest_algorithm_t hash; /* UNKNOWN: only a value that is set */
    DWORD size;
} hash_kinds[] = {
    {CALG_MD5, GNUTLS_DIG_MD5, 16},        {CALG_SHA1, GNUTLS_DIG_SHA1, 20},
    {CALG_SHA_256, GNUTLS_DIG_SHA256, 32}, {CALG_SHA_384, GNUTLS_DIG_SHA384, 48},
    {CALG_SHA_512, GNUTLS_DIG_SHA512, 64}, {CALG_SSL3_SHAMD5, GNUTLS_DIG_UNKNOWN, 36},
};

/* An HCRYPTHASH. */
struct hash {
    struct object object;
    const struct hash_kind *kind;
    struct provider *provider;
    gnutls_hash_hd_t running; /* NULL once the value is there */
    bool ended;
    BYTE value[HASH_MAX];
};

static void hash_destroy(struct object *object)
{
    struct hash *self = (struct hash *)object;

    if (self->running != NULL)
        gnutls_hash_deinit(self->running, NULL);
    object_unref(&self->provider->object);
    explicit_bzero(self->value, sizeof(self->value));
    free(self);
}

static const struct object_class hash_class = {"hash", hash_destroy};

static SECURITY_STATUS hash_new(const struct hash_kind *kind, struct provider *provider,
                                struct hash **out)
{
    struct hash *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NTE_NO_MEMORY;
    object_init(&self->object, &hash_class);
    self->kind = kind;
    self->provider = provider;
    object_ref(&provider->object);
    *out = self;
    return SEC_E_OK;
}

/* What a new or a copied hash gives its caller, running or not. */
static SECURITY_STATUS hash_open(struct hash *self, int code, HCRYPTHASH *out)
{
    if (code == GNUTLS_E_SUCCESS) {
        *out = key_handle_of(self);
        return SEC_E_OK;
    }
    self->running = NULL;
    object_unref(&self->object);
    return cert_key_status("gnutls_hash_init", code, NTE_BAD_ALGID);
}

static SECURITY_STATUS hash_create(struct provider *provider, ALG_ID id, HCRYPTHASH *out)
{
    for (size_t i = 0; i < ARRAYSIZE(hash_kinds); i++) {
        const struct hash_kind *kind = &hash_kinds[i];
        int code = GNUTLS_E_SUCCESS;
        SECURITY_STATUS status;
        struct hash *self;

        if (kind->id != id)
            continue;
        status = hash_new(kind, provider, &self);
        if (status != SEC_E_OK)
            return status;
        if (kind->hash != GNUTLS_DIG_UNKNOWN)
            code = gnutls_hash_init(&self->running, kind->hash);
        return hash_open(self, code, out);
    }
    return NTE_BAD_ALGID;
}

WIN_API BOOL sspi_CryptCreateHash(HCRYPTPROV hProv, ALG_ID Algid, HCRYPTKEY hKey, DWORD dwFlags,
                                  HCRYPTHASH *phHash)
{
    struct provider *provider = key_handle_object(hProv, &provider_class);

    if (provider == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    if (phHash == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (hKey != 0)
        return win_fail((DWORD)NTE_BAD_KEY);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    native_error_clear();
    return provider_result(hash_create(provider, Algid, phHash));
}

static SECURITY_STATUS hash_copy(const struct hash *from, HCRYPTHASH *out)
{
    int code = GNUTLS_E_SUCCESS;
    SECURITY_STATUS status;
    struct hash *self;

    status = hash_new(from->kind, from->provider, &self);
    if (status != SEC_E_OK)
        return status;
    self->ended = from->ended;
    memcpy(self->value, from->value, sizeof(self->value));
    if (from->running != NULL) {
        self->running = gnutls_hash_copy(from->running);
        if (self->running == NULL)
            code = GNUTLS_E_MEMORY_ERROR;
    }
    return hash_open(self, code, out);
}

WIN_API BOOL sspi_CryptDuplicateHash(HCRYPTHASH hHash, DWORD *pdwReserved, DWORD dwFlags,
                                     HCRYPTHASH *phHash)
{
    struct hash *self = key_handle_object(hHash, &hash_class);

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    if (pdwReserved != NULL || phHash == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    return provider_result(hash_copy(self, phHash));
}

WIN_API BOOL sspi_CryptHashData(HCRYPTHASH hHash, const BYTE *pbData, DWORD dwDataLen,
                                DWORD dwFlags)
{
    struct hash *self = key_handle_object(hHash, &hash_class);

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    if (pbData == NULL && dwDataLen > 0)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    if (self->running == NULL)
        return win_fail((DWORD)NTE_BAD_HASH_STATE);
    if (dwDataLen == 0)
        return TRUE;
    return provider_result(
        cert_key_status("gnutls_hash", gnutls_hash(self->running, pbData, dwDataLen), NTE_FAIL));
}

/* Has the value of a hash; NTE_BAD_HASH_STATE for one that is to be set and was not. */
static SECURITY_STATUS hash_end(struct hash *self)
{
    if (self->running != NULL) {
        gnutls_hash_deinit(self->running, self->value);
        self->running = NULL;
        self->ended = true;
    }
    return self->ended ? SEC_E_OK : NTE_BAD_HASH_STATE;
}

static SECURITY_STATUS get_value(struct hash *self, BYTE *data, DWORD *size)
{
    SECURITY_STATUS status = SEC_E_OK;

    /* Asking for the size ends nothing, nor does a buffer that cannot take the value. */
    if (data != NULL && *size >= self->kind->size)
        status = hash_end(self);
    return status == SEC_E_OK ? provider_answer(self->value, self->kind->size, data, size) : status;
}

WIN_API BOOL sspi_CryptGetHashParam(HCRYPTHASH hHash, DWORD dwParam, BYTE *pbData,
                                    DWORD *pdwDataLen, DWORD dwFlags)
{
    struct hash *self = key_handle_object(hHash, &hash_class);

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    if (pdwDataLen == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    switch (dwParam) {
    case HP_ALGID:
        return provider_result(
            provider_answer(&self->kind->id, sizeof(self->kind->id), pbData, pdwDataLen));
    case HP_HASHSIZE:
        return provider_result(
            provider_answer(&self->kind->size, sizeof(self->kind->size), pbData, pdwDataLen));
    case HP_HASHVAL:
        return provider_result(get_value(self, pbData, pdwDataLen));
    default:
        return win_fail((DWORD)NTE_BAD_TYPE);
    }
}

WIN_API BOOL sspi_CryptSetHashParam(HCRYPTHASH hHash, DWORD dwParam, const BYTE *pbData,
                                    DWORD dwFlags)
{
    struct hash *self = key_handle_object(hHash, &hash_class);

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    if (pbData == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwParam != HP_HASHVAL)
        return win_fail((DWORD)NTE_BAD_TYPE);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    if (self->ended)
        return win_fail((DWORD)NTE_BAD_HASH_STATE);
    if (self->running != NULL)
        gnutls_hash_deinit(self->running, NULL);
    self->running = NULL;
    memcpy(self->value, pbData, self->kind->size);
    self->ended = true;
    return TRUE;
}

WIN_API BOOL sspi_CryptDestroyHash(HCRYPTHASH hHash)
{
    struct hash *self = key_handle_object(hHash, &hash_class);

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    object_unref(&self->object);
    return TRUE;
}

/* --- Signatures ----------------------------------------------------------------------------- */

static enum sign_form form_of(const struct hash *self, DWORD flags)
{
    return self->kind->hash == GNUTLS_DIG_UNKNOWN || flags & CRYPT_NOHASHOID ? SIGN_PKCS1_RAW
                                                                             : SIGN_PKCS1;
}

static void reverse(BYTE *data, size_t size)
{
    for (size_t i = 0; i < size / 2; i++) {
        BYTE octet = data[i];

        data[i] = data[size - 1 - i];
        data[size - 1 - i] = octet;
    }
}

static SECURITY_STATUS sign_value(struct hash *self, const struct cert_key *key, DWORD flags,
                                  BYTE *room, DWORD *size)
{
    gnutls_datum_t signature = {NULL, 0};
    SECURITY_STATUS status;

    if (room == NULL || *size < sign_size(key))
        return provider_answer(NULL, sign_size(key), room, size);
    status = hash_end(self);
    if (status == SEC_E_OK)
        status = sign_hash(key, form_of(self, flags), self->kind->hash, self->value,
                           self->kind->size, &signature);
    if (status == SEC_E_OK) {
        reverse(signature.data, signature.size);
        status = provider_answer(signature.data, signature.size, room, size);
    }
    cert_key_datum_wipe(&signature);
    return status;
}

static BOOL sign(HCRYPTHASH handle, DWORD spec, const void *description, DWORD flags, BYTE *room,
                 DWORD *size)
{
    struct hash *self = key_handle_object(handle, &hash_class);
    struct cert_key *key;
    SECURITY_STATUS status;

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    if (description != NULL || size == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (flags & ~(DWORD)CRYPT_NOHASHOID)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    native_error_clear();
    status = provider_get_key(self->provider, spec, &key);
    if (status != SEC_E_OK)
        return provider_result(status);
    status = sign_value(self, key, flags, room, size);
    cert_key_unref(key);
    return provider_result(status);
}

WIN_API BOOL sspi_CryptSignHashA(HCRYPTHASH hHash, DWORD dwKeySpec, LPCSTR szDescription,
                                 DWORD dwFlags, BYTE *pbSignature, DWORD *pdwSigLen)
{
    return sign(hHash, dwKeySpec, szDescription, dwFlags, pbSignature, pdwSigLen);
}

WIN_API BOOL sspi_CryptSignHashW(HCRYPTHASH hHash, DWORD dwKeySpec, LPCWSTR szDescription,
                                 DWORD dwFlags, BYTE *pbSignature, DWORD *pdwSigLen)
{
    return sign(hHash, dwKeySpec, szDescription, dwFlags, pbSignature, pdwSigLen);
}

static SECURITY_STATUS check_value(struct hash *self, const struct cert_key *key, DWORD flags,
                                   const BYTE *data, DWORD size)
{
    gnutls_datum_t signature;
    SECURITY_STATUS status;

    if (size != sign_size(key))
        return NTE_BAD_SIGNATURE;
    status = hash_end(self);
    if (status != SEC_E_OK)
        return status;
    signature = (gnutls_datum_t){malloc(size), size};
    if (signature.data == NULL)
        return NTE_NO_MEMORY;
    memcpy(signature.data, data, size);
    reverse(signature.data, size);
    status = sign_check(key, form_of(self, flags), self->kind->hash, self->value, self->kind->size,
                        &signature);
    free(signature.data);
    return status;
}

static BOOL verify(HCRYPTHASH handle, const BYTE *data, DWORD size, HCRYPTKEY public,
                   const void *description, DWORD flags)
{
    struct hash *self = key_handle_object(handle, &hash_class);
    struct cert_key *key;
    SECURITY_STATUS status;

    if (self == NULL)
        return win_fail((DWORD)NTE_BAD_HASH);
    if (description != NULL || data == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (flags & ~(DWORD)CRYPT_NOHASHOID)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    native_error_clear();
    status = keyhandle_key(public, &key);
    if (status != SEC_E_OK)
        return provider_result(status);
    status = check_value(self, key, flags, data, size);
    cert_key_unref(key);
    return provider_result(status);
}

WIN_API BOOL sspi_CryptVerifySignatureA(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                        HCRYPTKEY hPubKey, LPCSTR szDescription, DWORD dwFlags)
{
    return verify(hHash, pbSignature, dwSigLen, hPubKey, szDescription, dwFlags);
}

WIN_API BOOL sspi_CryptVerifySignatureW(HCRYPTHASH hHash, const BYTE *pbSignature, DWORD dwSigLen,
                                        HCRYPTKEY hPubKey, LPCWSTR szDescription, DWORD dwFlags)
{
    return verify(hHash, pbSignature, dwSigLen, hPubKey, szDescription, dwFlags);
}
