/* SPDX-License-Identifier: MIT */
/* CryptoAPI: contexts of providers, and random numbers. */
#include "cert/provider.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cert/keyring.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

/* Of a type the first is the default. */
const struct provider_kind provider_kinds[] = {
    {MS_STRONG_PROV_A, PROV_RSA_FULL, "RSA Full (Signature and Key Exchange)"},
    {MS_ENHANCED_PROV_A, PROV_RSA_FULL, "RSA Full (Signature and Key Exchange)"},
    {MS_DEF_PROV_A, PROV_RSA_FULL, "RSA Full (Signature and Key Exchange)"},
    {MS_SCARD_PROV_A, PROV_RSA_FULL, "RSA Full (Signature and Key Exchange)"},
    {MS_DEF_RSA_SCHANNEL_PROV_A, PROV_RSA_SCHANNEL, "RSA SChannel"},
    {MS_ENH_RSA_AES_PROV_A, PROV_RSA_AES, "RSA Full and AES"},
};

const unsigned provider_kind_count = ARRAYSIZE(provider_kinds);

/* The container of a program that names none. */
#define DEFAULT_CONTAINER "default"

SECURITY_STATUS provider_answer(const void *data, size_t size, BYTE *room, DWORD *room_size)
{
    DWORD had = *room_size;

    *room_size = (DWORD)size;
    if (room == NULL)
        return SEC_E_OK;
    if (had < size)
        return ERROR_MORE_DATA;
    memcpy(room, data, size);
    return SEC_E_OK;
}

/* --- The object ----------------------------------------------------------------------------- */

static void provider_destroy(struct object *object)
{
    struct provider *provider = (struct provider *)object;

    for (size_t i = 0; i < KEYFILE_KINDS; i++)
        cert_key_unref(provider->keys[i]);
    string_wipe_free(provider->container); /* a URI may have a PIN */
    string_wipe_free(provider->pin);
    pthread_mutex_destroy(&provider->lock);
    free(provider);
}

const struct object_class provider_class = {"key provider", provider_destroy};

/* Takes the container's name over, also when it fails. */
static struct provider *provider_new(const struct provider_kind *kind, char *container)
{
    struct provider *provider = calloc(1, sizeof(*provider));

    if (provider == NULL) {
        string_wipe_free(container);
        return NULL;
    }
    object_init(&provider->object, &provider_class);
    pthread_mutex_init(&provider->lock, NULL);
    provider->kind = kind;
    provider->container = container;
    provider->memory = container == NULL;
    return provider;
}

static SECURITY_STATUS load_key(struct provider *provider, DWORD spec)
{
    if (provider->memory)
        return NTE_NO_KEY;
    /* A token's key is one, whatever it is asked for as. */
    return cert_key_is_url(provider->container)
               ? cert_key_open_url(provider->container, provider->pin, &provider->keys[spec])
               : keyfile_load(provider->container, spec, &provider->keys[spec]);
}

SECURITY_STATUS provider_get_key(struct provider *provider, DWORD spec, struct cert_key **out)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (spec != AT_KEYEXCHANGE && spec != AT_SIGNATURE)
        return NTE_BAD_KEY;
    pthread_mutex_lock(&provider->lock);
    if (provider->keys[spec] == NULL)
        status = load_key(provider, spec);
    if (status == SEC_E_OK)
        *out = cert_key_ref(provider->keys[spec]);
    pthread_mutex_unlock(&provider->lock);
    return status;
}

SECURITY_STATUS provider_set_key(struct provider *provider, DWORD spec, struct cert_key *key)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (!provider->memory)
        status = cert_key_is_url(provider->container)
                     ? NTE_PERM
                     : keyfile_save(provider->container, spec, key);
    if (status != SEC_E_OK)
        return status;
    pthread_mutex_lock(&provider->lock);
    cert_key_unref(provider->keys[spec]);
    provider->keys[spec] = cert_key_ref(key);
    pthread_mutex_unlock(&provider->lock);
    return SEC_E_OK;
}

/* --- For certificates ----------------------------------------------------------------------- */

SECURITY_STATUS provider_handle_key(HCRYPTPROV handle, DWORD spec, struct cert_key **out)
{
    struct provider *provider = key_handle_object(handle, &provider_class);

    return provider == NULL ? NTE_BAD_UID : provider_get_key(provider, spec, out);
}

/* Takes the container's name over. */
static SECURITY_STATUS memory_open(struct cert_key *key, const struct provider_kind *kind,
                                   char *container, HCRYPTPROV *out)
{
    struct provider *provider = provider_new(kind, container);

    if (provider == NULL)
        return NTE_NO_MEMORY;
    provider->memory = true;
    provider->keys[AT_KEYEXCHANGE] = cert_key_ref(key);
    *out = key_handle_of(provider);
    return SEC_E_OK;
}

SECURITY_STATUS provider_handle_new(struct cert_key *key, HCRYPTPROV *out)
{
    char name[KEYRING_NAME_SIZE];
    char *container = NULL;

    if (keyring_name(key, name) && (container = strdup(name)) == NULL)
        return NTE_NO_MEMORY;
    return memory_open(key, &provider_kinds[0], container, out);
}

bool provider_handle_is(HCRYPTPROV handle)
{
    return key_handle_object(handle, &provider_class) != NULL;
}

void provider_handle_ref(HCRYPTPROV handle)
{
    struct provider *provider = key_handle_object(handle, &provider_class);

    if (provider != NULL)
        object_ref(&provider->object);
}

/* --- CryptAcquireContext -------------------------------------------------------------------- */

static SECURITY_STATUS kind_of(const char *name, DWORD type, const struct provider_kind **kind)
{
    bool named = false;

    for (unsigned i = 0; i < provider_kind_count; i++) {
        bool same =
            name == NULL || *name == '\0' || text_equal_nocase(name, provider_kinds[i].name);

        named = named || (same && name != NULL && *name != '\0');
        if (same && provider_kinds[i].type == type) {
            *kind = &provider_kinds[i];
            return SEC_E_OK;
        }
    }
    if (named)
        return NTE_PROV_TYPE_NO_MATCH;
    return name == NULL || *name == '\0' ? NTE_PROV_TYPE_NOT_DEF : NTE_KEYSET_NOT_DEF;
}

#define ACQUIRE_FLAGS                                                                              \
    (CRYPT_VERIFYCONTEXT | CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET | CRYPT_MACHINE_KEYSET |           \
     CRYPT_SILENT | CRYPT_DEFAULT_CONTAINER_OPTIONAL)

/* What the flags ask of the container. */
static SECURITY_STATUS container_ready(const char *container, DWORD flags)
{
    if (cert_key_is_url(container))
        return flags & (CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET) ? NTE_PERM : SEC_E_OK;
    if (flags & CRYPT_DELETEKEYSET)
        return keyfile_delete(container);
    return flags & CRYPT_NEWKEYSET ? keyfile_create(container) : keyfile_exists(container);
}

/* CryptoAPI sees RSA keys alone. Takes the container's name over. */
static SECURITY_STATUS memory_acquire(struct cert_key *key, char *container,
                                      const struct provider_kind *kind, DWORD flags,
                                      HCRYPTPROV *out)
{
    SECURITY_STATUS status = key->algorithm != GNUTLS_PK_RSA ? NTE_BAD_KEYSET
                             : flags & CRYPT_NEWKEYSET       ? NTE_EXISTS
                                                             : SEC_E_OK;

    if (status == SEC_E_OK && (flags & CRYPT_DELETEKEYSET) == 0)
        return memory_open(key, kind, container, out);
    if (status == SEC_E_OK)
        keyring_delete(container);
    string_wipe_free(container);
    return status;
}

/* Takes the container's name over. */
static SECURITY_STATUS disk_acquire(char *container, const struct provider_kind *kind, DWORD flags,
                                    HCRYPTPROV *out)
{
    struct provider *provider;
    SECURITY_STATUS status = SEC_E_OK;

    if (container != NULL)
        status = container_ready(container, flags);
    if (status != SEC_E_OK || flags & CRYPT_DELETEKEYSET) {
        string_wipe_free(container);
        return status;
    }
    provider = provider_new(kind, container);
    if (provider == NULL)
        return NTE_NO_MEMORY;
    *out = key_handle_of(provider);
    return SEC_E_OK;
}

static SECURITY_STATUS acquire(char *container, const struct provider_kind *kind, DWORD flags,
                               HCRYPTPROV *out)
{
    struct cert_key *key = container == NULL ? NULL : keyring_find(container);
    SECURITY_STATUS status;

    if (key == NULL)
        return disk_acquire(container, kind, flags, out);
    status = memory_acquire(key, container, kind, flags, out);
    cert_key_unref(key);
    return status;
}

static SECURITY_STATUS container_name(const void *container, bool wide, DWORD flags, char **name)
{
    SECURITY_STATUS status;

    *name = NULL;
    status = text_from_caller(container, wide, name);
    if (status != SEC_E_OK)
        return status == SEC_E_INSUFFICIENT_MEMORY ? NTE_NO_MEMORY : NTE_BAD_KEYSET_PARAM;
    if ((flags & CRYPT_VERIFYCONTEXT) == CRYPT_VERIFYCONTEXT) {
        bool none = *name == NULL || **name == '\0';

        string_wipe_free(*name);
        *name = NULL;
        return none ? SEC_E_OK : NTE_BAD_FLAGS;
    }
    if (*name != NULL && **name != '\0')
        return SEC_E_OK;
    free(*name);
    *name = strdup(DEFAULT_CONTAINER);
    return *name == NULL ? NTE_NO_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS acquire_by_text(HCRYPTPROV *out, const void *container, const void *provider,
                                       DWORD type, DWORD flags, bool wide)
{
    const struct provider_kind *kind = NULL;
    char *name = NULL, *folder;
    SECURITY_STATUS status;

    if (out == NULL)
        return ERROR_INVALID_PARAMETER;
    *out = 0;
    if (flags & ~(DWORD)ACQUIRE_FLAGS || (flags & CRYPT_NEWKEYSET && flags & CRYPT_DELETEKEYSET) ||
        ((flags & CRYPT_VERIFYCONTEXT) && (flags & (CRYPT_NEWKEYSET | CRYPT_DELETEKEYSET))))
        return NTE_BAD_FLAGS;
    status = text_from_caller(provider, wide, &name);
    if (status != SEC_E_OK)
        return status == SEC_E_INSUFFICIENT_MEMORY ? NTE_NO_MEMORY : NTE_KEYSET_NOT_DEF;
    status = kind_of(name, type, &kind);
    free(name);
    if (status != SEC_E_OK)
        return status;
    status = container_name(container, wide, flags, &folder);
    return status == SEC_E_OK ? acquire(folder, kind, flags, out) : status;
}

WIN_API BOOL sspi_CryptAcquireContextA(HCRYPTPROV *phProv, LPCSTR szContainer, LPCSTR szProvider,
                                       DWORD dwProvType, DWORD dwFlags)
{
    native_error_clear();
    return provider_result(
        acquire_by_text(phProv, szContainer, szProvider, dwProvType, dwFlags, false));
}

WIN_API BOOL sspi_CryptAcquireContextW(HCRYPTPROV *phProv, LPCWSTR szContainer, LPCWSTR szProvider,
                                       DWORD dwProvType, DWORD dwFlags)
{
    native_error_clear();
    return provider_result(
        acquire_by_text(phProv, szContainer, szProvider, dwProvType, dwFlags, true));
}

WIN_API BOOL sspi_CryptContextAddRef(HCRYPTPROV hProv, DWORD *pdwReserved, DWORD dwFlags)
{
    if (pdwReserved != NULL || dwFlags != 0)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!provider_handle_is(hProv))
        return win_fail(ERROR_INVALID_PARAMETER);
    provider_handle_ref(hProv);
    return TRUE;
}

WIN_API BOOL sspi_CryptReleaseContext(HCRYPTPROV hProv, DWORD dwFlags)
{
    struct provider *provider = key_handle_object(hProv, &provider_class);

    if (provider == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwFlags != 0)
        return win_fail((DWORD)NTE_BAD_FLAGS);
    object_unref(&provider->object);
    return TRUE;
}

WIN_API BOOL sspi_CryptGenRandom(HCRYPTPROV hProv, DWORD dwLen, BYTE *pbBuffer)
{
    if (!provider_handle_is(hProv) || pbBuffer == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    return provider_result(
        cert_key_status("gnutls_rnd", gnutls_rnd(GNUTLS_RND_RANDOM, pbBuffer, dwLen), NTE_FAIL));
}
