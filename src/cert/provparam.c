/* SPDX-License-Identifier: MIT */
/* CryptoAPI: what a provider says of itself, and which there are. */
#include <stdlib.h>
#include <string.h>

#include "cert/provider.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

/* --- Texts and numbers ---------------------------------------------------------------------- */

static SECURITY_STATUS answer_text(const char *text, BYTE *data, DWORD *size)
{
    return provider_answer(text, strlen(text) + 1, data, size);
}

/* The same in the form of the call. */
static SECURITY_STATUS answer_name(const char *text, bool wide, void *data, DWORD *size)
{
    size_t unit = wide ? sizeof(WCHAR) : 1;
    size_t need = (win_text_length(text, wide) + 1) * unit;
    DWORD had = *size;

    *size = (DWORD)need;
    if (data == NULL)
        return SEC_E_OK;
    if (had < need)
        return ERROR_MORE_DATA;
    win_text_copy(text, wide, data);
    return SEC_E_OK;
}

/* --- Algorithms ----------------------------------------------------------------------------- */

static const struct {
    ALG_ID id;
    DWORD usual, least, most; /* bits */
    const char *name, *long_name;
} algorithms[] = {
    {CALG_RSA_KEYX, 2048, 1024, 16384, "RSA_KEYX", "RSA Key Exchange"},
    {CALG_RSA_SIGN, 2048, 1024, 16384, "RSA_SIGN", "RSA Signature"},
    {CALG_MD5, 128, 128, 128, "MD5", "Message Digest 5 (MD5)"},
    {CALG_SHA1, 160, 160, 160, "SHA-1", "Secure Hash Algorithm (SHA-1)"},
    {CALG_SHA_256, 256, 256, 256, "SHA-256", "Secure Hash Algorithm 2 (SHA-256)"},
    {CALG_SHA_384, 384, 384, 384, "SHA-384", "Secure Hash Algorithm 2 (SHA-384)"},
    {CALG_SHA_512, 512, 512, 512, "SHA-512", "Secure Hash Algorithm 2 (SHA-512)"},
    {CALG_SSL3_SHAMD5, 288, 288, 288, "SSL3 SHAMD5", "SSL3 SHAMD5"},
};

static SECURITY_STATUS algorithm_answer(unsigned index, BYTE *data, DWORD *size)
{
    PROV_ENUMALGS entry = {0};

    entry.aiAlgid = algorithms[index].id;
    entry.dwBitLen = algorithms[index].usual;
    entry.dwNameLen = (DWORD)strlen(algorithms[index].name) + 1;
    memcpy(entry.szName, algorithms[index].name, entry.dwNameLen);
    return provider_answer(&entry, sizeof(entry), data, size);
}

static SECURITY_STATUS algorithm_answer_ex(unsigned index, BYTE *data, DWORD *size)
{
    PROV_ENUMALGS_EX entry = {0};

    entry.aiAlgid = algorithms[index].id;
    entry.dwDefaultLen = algorithms[index].usual;
    entry.dwMinLen = algorithms[index].least;
    entry.dwMaxLen = algorithms[index].most;
    entry.dwNameLen = (DWORD)strlen(algorithms[index].name) + 1;
    memcpy(entry.szName, algorithms[index].name, entry.dwNameLen);
    entry.dwLongNameLen = (DWORD)strlen(algorithms[index].long_name) + 1;
    memcpy(entry.szLongName, algorithms[index].long_name, entry.dwLongNameLen);
    return provider_answer(&entry, sizeof(entry), data, size);
}

/* --- Enumerations --------------------------------------------------------------------------- */

/* One step: where it stands moves on only when the caller has got the entry. */
static SECURITY_STATUS step(unsigned *next, DWORD flags, unsigned count, BYTE *data, DWORD *size,
                            SECURITY_STATUS (*answer)(unsigned index, BYTE *data, DWORD *size))
{
    SECURITY_STATUS status;

    if (flags & CRYPT_FIRST)
        *next = 0;
    if (*next >= count)
        return ERROR_NO_MORE_ITEMS;
    status = answer(*next, data, size);
    if (status == SEC_E_OK && data != NULL)
        (*next)++;
    return status;
}

/* Containers may come and go meanwhile: then one is passed over, or told twice. */
static SECURITY_STATUS step_container(struct provider *provider, DWORD flags, BYTE *data,
                                      DWORD *size)
{
    char **names;
    unsigned count;
    SECURITY_STATUS status;

    if (flags & CRYPT_FIRST)
        provider->container_next = 0;
    status = keyfile_list(&names, &count);
    if (status != SEC_E_OK)
        return status;
    if (provider->container_next >= count) {
        status = ERROR_NO_MORE_ITEMS;
    } else {
        status = answer_text(names[provider->container_next], data, size);
        if (status == SEC_E_OK && data != NULL)
            provider->container_next++;
    }
    while (count > 0)
        free(names[--count]);
    free(names);
    return status;
}

/* --- CryptGetProvParam, CryptSetProvParam --------------------------------------------------- */

static SECURITY_STATUS number_of(const struct provider *provider, DWORD parameter, DWORD *value)
{
    switch (parameter) {
    case PP_PROVTYPE:
        *value = provider->kind->type;
        return SEC_E_OK;
    case PP_IMPTYPE:
        *value = cert_key_is_url(provider->container) ? CRYPT_IMPL_HARDWARE : CRYPT_IMPL_SOFTWARE;
        return SEC_E_OK;
    case PP_VERSION:
        *value = 0x200; /* 2.0, as Windows' own say */
        return SEC_E_OK;
    case PP_KEYSPEC:
        *value = AT_KEYEXCHANGE | AT_SIGNATURE;
        return SEC_E_OK;
    default:
        return NTE_BAD_TYPE;
    }
}

static SECURITY_STATUS get_parameter(struct provider *provider, DWORD parameter, BYTE *data,
                                     DWORD *size, DWORD flags)
{
    SECURITY_STATUS status;
    DWORD value;

    switch (parameter) {
    case PP_NAME:
        return answer_text(provider->kind->name, data, size);
    case PP_CONTAINER:
    case PP_UNIQUE_CONTAINER:
        return provider->container == NULL ? NTE_NO_KEY
                                           : answer_text(provider->container, data, size);
    case PP_ENUMALGS:
        return step(&provider->algorithm_next, flags, ARRAYSIZE(algorithms), data, size,
                    algorithm_answer);
    case PP_ENUMALGS_EX:
        return step(&provider->algorithm_next, flags, ARRAYSIZE(algorithms), data, size,
                    algorithm_answer_ex);
    case PP_ENUMCONTAINERS:
        return step_container(provider, flags, data, size);
    default:
        status = number_of(provider, parameter, &value);
        return status == SEC_E_OK ? provider_answer(&value, sizeof(value), data, size) : status;
    }
}

WIN_API BOOL sspi_CryptGetProvParam(HCRYPTPROV hProv, DWORD dwParam, BYTE *pbData,
                                    DWORD *pdwDataLen, DWORD dwFlags)
{
    struct provider *provider = key_handle_object(hProv, &provider_class);
    SECURITY_STATUS status;

    if (provider == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    if (pdwDataLen == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    native_error_clear();
    pthread_mutex_lock(&provider->lock);
    status = get_parameter(provider, dwParam, pbData, pdwDataLen, dwFlags);
    pthread_mutex_unlock(&provider->lock);
    return provider_result(status);
}

/* A token's key that was open under the former PIN stays so with who holds it. */
static void set_pin(struct provider *provider, char *pin)
{
    pthread_mutex_lock(&provider->lock);
    string_wipe_free(provider->pin);
    provider->pin = pin;
    for (DWORD spec = 0; spec < KEYFILE_KINDS && cert_key_is_url(provider->container); spec++) {
        cert_key_unref(provider->keys[spec]);
        provider->keys[spec] = NULL;
    }
    pthread_mutex_unlock(&provider->lock);
}

WIN_API BOOL sspi_CryptSetProvParam(HCRYPTPROV hProv, DWORD dwParam, const BYTE *pbData,
                                    DWORD dwFlags)
{
    struct provider *provider = key_handle_object(hProv, &provider_class);
    char *pin = NULL;

    (void)dwFlags;
    if (provider == NULL)
        return win_fail((DWORD)NTE_BAD_UID);
    if (dwParam != PP_KEYEXCHANGE_PIN && dwParam != PP_SIGNATURE_PIN)
        return win_fail((DWORD)NTE_BAD_TYPE);
    if (text_from_a((const char *)pbData, &pin) != SEC_E_OK)
        return win_fail(ERROR_INVALID_PARAMETER);
    set_pin(provider, pin); /* NULL forgets it */
    return TRUE;
}

/* --- CryptEnumProviders and the like -------------------------------------------------------- */

static BOOL enum_providers(DWORD index, const DWORD *reserved, DWORD flags, DWORD *type, void *name,
                           DWORD *size, bool wide)
{
    if (reserved != NULL || type == NULL || size == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (flags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    if (index >= provider_kind_count)
        return win_fail(ERROR_NO_MORE_ITEMS);
    *type = provider_kinds[index].type;
    return provider_result(answer_name(provider_kinds[index].name, wide, name, size));
}

WIN_API BOOL sspi_CryptEnumProvidersA(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags,
                                      DWORD *pdwProvType, LPSTR szProvName, DWORD *pcbProvName)
{
    return enum_providers(dwIndex, pdwReserved, dwFlags, pdwProvType, szProvName, pcbProvName,
                          false);
}

WIN_API BOOL sspi_CryptEnumProvidersW(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags,
                                      DWORD *pdwProvType, LPWSTR szProvName, DWORD *pcbProvName)
{
    return enum_providers(dwIndex, pdwReserved, dwFlags, pdwProvType, szProvName, pcbProvName,
                          true);
}

/* The kinds of one type stand together. */
static const struct provider_kind *type_by_index(DWORD index)
{
    for (unsigned i = 0; i < provider_kind_count; i++)
        if ((i == 0 || provider_kinds[i].type != provider_kinds[i - 1].type) && index-- == 0)
            return &provider_kinds[i];
    return NULL;
}

static BOOL enum_types(DWORD index, const DWORD *reserved, DWORD flags, DWORD *type, void *name,
                       DWORD *size, bool wide)
{
    const struct provider_kind *kind = type_by_index(index);

    if (reserved != NULL || type == NULL || size == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (flags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    if (kind == NULL)
        return win_fail(ERROR_NO_MORE_ITEMS);
    *type = kind->type;
    return provider_result(answer_name(kind->type_name, wide, name, size));
}

WIN_API BOOL sspi_CryptEnumProviderTypesA(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags,
                                          DWORD *pdwProvType, LPSTR szTypeName, DWORD *pcbTypeName)
{
    return enum_types(dwIndex, pdwReserved, dwFlags, pdwProvType, szTypeName, pcbTypeName, false);
}

WIN_API BOOL sspi_CryptEnumProviderTypesW(DWORD dwIndex, DWORD *pdwReserved, DWORD dwFlags,
                                          DWORD *pdwProvType, LPWSTR szTypeName, DWORD *pcbTypeName)
{
    return enum_types(dwIndex, pdwReserved, dwFlags, pdwProvType, szTypeName, pcbTypeName, true);
}

static BOOL default_provider(DWORD type, const DWORD *reserved, void *name, DWORD *size, bool wide)
{
    if (reserved != NULL || size == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    for (unsigned i = 0; i < provider_kind_count; i++)
        if (provider_kinds[i].type == type)
            return provider_result(answer_name(provider_kinds[i].name, wide, name, size));
    return win_fail((DWORD)NTE_PROV_TYPE_NOT_DEF);
}

/* dwFlags asks for the machine's default or the user's: there is one. */
WIN_API BOOL sspi_CryptGetDefaultProviderA(DWORD dwProvType, DWORD *pdwReserved, DWORD dwFlags,
                                           LPSTR pszProvName, DWORD *pcbProvName)
{
    (void)dwFlags;
    return default_provider(dwProvType, pdwReserved, pszProvName, pcbProvName, false);
}

WIN_API BOOL sspi_CryptGetDefaultProviderW(DWORD dwProvType, DWORD *pdwReserved, DWORD dwFlags,
                                           LPWSTR pszProvName, DWORD *pcbProvName)
{
    (void)dwFlags;
    return default_provider(dwProvType, pdwReserved, pszProvName, pcbProvName, true);
}
