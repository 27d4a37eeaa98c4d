/* SPDX-License-Identifier: MIT */
/* ncrypt.dll: properties, as tables of what can be read and set. */
#include <stdlib.h>
#include <string.h>

#include "cert/keyblob.h"
#include "cert/cng.h"
#include "core/secret.h"
#include "core/text.h"

#define RSA_BITS_MIN  1024
#define RSA_BITS_MAX  16384
#define RSA_BITS_STEP 64

/* The room and the size of an answer. */
struct answer {
    PBYTE room;
    DWORD room_size;
    DWORD *result;
};

static SECURITY_STATUS answer_dword(const struct answer *answer, DWORD value)
{
    return ncrypt_answer(&value, sizeof(value), answer->room, answer->room_size, answer->result);
}

static SECURITY_STATUS answer_text(const struct answer *answer, const char *text)
{
    SECURITY_STATUS status;
    SEC_WCHAR *wide;
    size_t units;

    if (text == NULL)
        return NTE_NOT_FOUND;
    if (text_to_w(text, &wide, &units) != SEC_E_OK)
        return NTE_NO_MEMORY;
    status = ncrypt_answer(wide, (units + 1) * sizeof(*wide), answer->room, answer->room_size,
                           answer->result);
    memory_wipe_free(wide);
    return status;
}

/* --- Of keys -------------------------------------------------------------------------------- */

static SECURITY_STATUS get_name(const struct ncrypt_key *key, const struct answer *answer)
{
    return answer_text(answer, key->name);
}

static const char *algorithm_name(const struct ncrypt_key *key)
{
    switch (key->length) {
    case 256:
        return "ECDSA_P256";
    case 384:
        return "ECDSA_P384";
    default:
        return "ECDSA_P521";
    }
}

static SECURITY_STATUS get_algorithm(const struct ncrypt_key *key, const struct answer *answer)
{
    if (key->algorithm == GNUTLS_PK_RSA)
        return answer_text(answer, "RSA");
    return key->algorithm == GNUTLS_PK_ECDSA ? answer_text(answer, algorithm_name(key))
                                             : NTE_NOT_SUPPORTED;
}

static SECURITY_STATUS get_group(const struct ncrypt_key *key, const struct answer *answer)
{
    if (key->algorithm == GNUTLS_PK_RSA)
        return answer_text(answer, "RSA");
    return key->algorithm == GNUTLS_PK_ECDSA ? answer_text(answer, "ECDSA") : NTE_NOT_SUPPORTED;
}

static SECURITY_STATUS get_length(const struct ncrypt_key *key, const struct answer *answer)
{
    return answer_dword(answer, key->length);
}

static SECURITY_STATUS get_policy(const struct ncrypt_key *key, const struct answer *answer)
{
    return answer_dword(answer, key->policy);
}

static SECURITY_STATUS get_usage(const struct ncrypt_key *key, const struct answer *answer)
{
    return answer_dword(answer, key->usage);
}

/* No key is the machine's. */
static SECURITY_STATUS get_type(const struct ncrypt_key *key, const struct answer *answer)
{
    (void)key;
    return answer_dword(answer, 0);
}

static SECURITY_STATUS get_impl(const struct ncrypt_key *key, const struct answer *answer)
{
    return answer_dword(answer, key->name != NULL && cert_key_is_url(key->name)
                                    ? NCRYPT_IMPL_HARDWARE_FLAG
                                    : NCRYPT_IMPL_SOFTWARE_FLAG);
}

static SECURITY_STATUS get_provider(const struct ncrypt_key *key, const struct answer *answer)
{
    NCRYPT_PROV_HANDLE provider = 0;
    SECURITY_STATUS status;

    (void)key;
    /* One is opened only for a caller that takes it. */
    if (answer->room == NULL || answer->room_size < sizeof(provider))
        return ncrypt_answer(&provider, sizeof(provider), answer->room, answer->room_size,
                             answer->result);
    status = NCryptOpenStorageProvider(&provider, NULL, 0);
    return status != SEC_E_OK ? status
                              : ncrypt_answer(&provider, sizeof(provider), answer->room,
                                              answer->room_size, answer->result);
}

static SECURITY_STATUS set_length(struct ncrypt_key *key, DWORD bits)
{
    if (key->algorithm != GNUTLS_PK_RSA || key->key != NULL)
        return bits == key->length ? SEC_E_OK : NTE_NOT_SUPPORTED;
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % RSA_BITS_STEP != 0)
        return NTE_INVALID_PARAMETER;
    key->length = bits;
    return SEC_E_OK;
}

static SECURITY_STATUS set_policy(struct ncrypt_key *key, DWORD policy)
{
    key->policy = policy;
    return SEC_E_OK;
}

static SECURITY_STATUS set_usage(struct ncrypt_key *key, DWORD usage)
{
    key->usage = usage;
    return SEC_E_OK;
}

static const struct {
    const char *name;
    SECURITY_STATUS (*get)(const struct ncrypt_key *key, const struct answer *answer);
    SECURITY_STATUS (*set)(struct ncrypt_key *key, DWORD value); /* before the key is made */
} key_properties[] = {
    {"Name", get_name, NULL},
    {"Unique Name", get_name, NULL},
    {"Algorithm Name", get_algorithm, NULL},
    {"Algorithm Group", get_group, NULL},
    {"Length", get_length, set_length},
    {"Export Policy", get_policy, set_policy},
    {"Key Usage", get_usage, set_usage},
    {"Key Type", get_type, NULL},
    {"Impl Type", get_impl, NULL},
    {"Provider Handle", get_provider, NULL},
};

static SECURITY_STATUS key_get(struct ncrypt_key *key, const char *name,
                               const struct answer *answer)
{
    SECURITY_STATUS status = NTE_NOT_SUPPORTED;

    pthread_mutex_lock(&key->lock);
    for (size_t i = 0; i < ARRAYSIZE(key_properties); i++)
        if (strcmp(name, key_properties[i].name) == 0)
            status = key_properties[i].get(key, answer);
    pthread_mutex_unlock(&key->lock);
    return status;
}

/* --- Of providers --------------------------------------------------------------------------- */

static SECURITY_STATUS provider_get(const char *name, const struct answer *answer)
{
    if (strcmp(name, "Name") == 0)
        return answer_text(answer, NCRYPT_PROVIDER_NAME);
    if (strcmp(name, "Impl Type") == 0)
        return answer_dword(answer, NCRYPT_IMPL_SOFTWARE_FLAG);
    return NTE_NOT_SUPPORTED;
}

WIN_API SECURITY_STATUS sspi_NCryptGetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty,
                                               PBYTE pbOutput, DWORD cbOutput, DWORD *pcbResult,
                                               DWORD dwFlags)
{
    struct answer answer = {pbOutput, cbOutput, pcbResult};
    struct ncrypt_key *key = key_handle_object(hObject, &ncrypt_key_class);
    SECURITY_STATUS status;
    char *name;

    (void)dwFlags;
    if (key == NULL && key_handle_object(hObject, &ncrypt_provider_class) == NULL)
        return NTE_INVALID_HANDLE;
    if (pcbResult == NULL)
        return NTE_INVALID_PARAMETER;
    status = ncrypt_text(pszProperty, &name);
    if (status != SEC_E_OK)
        return status;
    status = key != NULL ? key_get(key, name, &answer) : provider_get(name, &answer);
    free(name);
    return status;
}

/* --- Setting -------------------------------------------------------------------------------- */

static SECURITY_STATUS key_set(struct ncrypt_key *key, const char *name, const BYTE *data,
                               DWORD size)
{
    DWORD value;

    for (size_t i = 0; i < ARRAYSIZE(key_properties); i++) {
        if (strcmp(name, key_properties[i].name) != 0 || key_properties[i].set == NULL)
            continue;
        if (key->made)
            return NTE_BAD_KEY_STATE;
        if (size != sizeof(value))
            return NTE_BAD_LEN;
        memcpy(&value, data, sizeof(value));
        return key_properties[i].set(key, value);
    }
    return NTE_NOT_SUPPORTED;
}

/* The PIN as text in UTF-16, with or without its terminator. */
static SECURITY_STATUS pin_read(const BYTE *data, DWORD size, char **pin)
{
    SEC_WCHAR *wide = calloc(size / sizeof(*wide) + 1, sizeof(*wide));
    SECURITY_STATUS status;

    if (wide == NULL)
        return NTE_NO_MEMORY;
    memcpy(wide, data, size - size % sizeof(*wide));
    status = text_from_w(wide, pin);
    memory_wipe_free(wide);
    return status == SEC_E_OK ? status : NTE_INVALID_PARAMETER;
}

static SECURITY_STATUS key_set_pin(struct ncrypt_key *key, const BYTE *data, DWORD size)
{
    struct cert_key *opened;
    SECURITY_STATUS status;
    char *pin;

    if (key->name == NULL || !cert_key_is_url(key->name))
        return NTE_NOT_SUPPORTED;
    status = pin_read(data, size, &pin);
    if (status != SEC_E_OK)
        return status;
    status = cert_key_open_url(key->name, pin, &opened);
    string_wipe_free(pin);
    if (status != SEC_E_OK)
        return status;
    cert_key_unref(key->key);
    key->key = opened;
    key->algorithm = opened->algorithm;
    key->length = opened->bits;
    return SEC_E_OK;
}

WIN_API SECURITY_STATUS sspi_NCryptSetProperty(NCRYPT_HANDLE hObject, LPCWSTR pszProperty,
                                               PBYTE pbInput, DWORD cbInput, DWORD dwFlags)
{
    struct ncrypt_key *key = key_handle_object(hObject, &ncrypt_key_class);
    SECURITY_STATUS status;
    char *name;

    (void)dwFlags; /* NCRYPT_PERSIST_FLAG: what is kept, is */
    if (key == NULL)
        return key_handle_object(hObject, &ncrypt_provider_class) == NULL ? NTE_INVALID_HANDLE
                                                                          : NTE_NOT_SUPPORTED;
    if (pbInput == NULL)
        return NTE_INVALID_PARAMETER;
    status = ncrypt_text(pszProperty, &name);
    if (status != SEC_E_OK)
        return status;
    pthread_mutex_lock(&key->lock);
    status = strcmp(name, "SmartCardPin") == 0 ? key_set_pin(key, pbInput, cbInput)
                                               : key_set(key, name, pbInput, cbInput);
    pthread_mutex_unlock(&key->lock);
    free(name);
    return status;
}
