/* SPDX-License-Identifier: MIT */
/* ncrypt.dll: providers and the life of keys. */
#include "cert/cng.h"

#include <stdlib.h>
#include <string.h>

#include "cert/keyblob.h"
#include "cert/keyfile.h"
#include "cert/keyring.h"
#include "cert/sign.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

#define RSA_BITS 2048

SECURITY_STATUS ncrypt_text(LPCWSTR wide, char **text)
{
    SECURITY_STATUS status;

    if (wide == NULL)
        return NTE_INVALID_PARAMETER;
    status = text_from_w(wide, text);
    if (status == SEC_E_OK)
        return status;
    return status == SEC_E_INSUFFICIENT_MEMORY ? NTE_NO_MEMORY : NTE_INVALID_PARAMETER;
}

SECURITY_STATUS ncrypt_answer(const void *data, size_t size, PBYTE room, DWORD room_size,
                              DWORD *result)
{
    *result = (DWORD)size;
    if (room == NULL)
        return SEC_E_OK;
    if (room_size < size)
        return NTE_BUFFER_TOO_SMALL;
    memcpy(room, data, size);
    return SEC_E_OK;
}

/* --- Providers ------------------------------------------------------------------------------ */

static void provider_destroy(struct object *object)
{
    free(object);
}

const struct object_class ncrypt_provider_class = {"key storage provider", provider_destroy};

/* All of Windows' keep their keys in one place here. */
static const char *const provider_names[] = {
    NCRYPT_PROVIDER_NAME,
    "Microsoft Platform Crypto Provider",
    "Microsoft Smart Card Key Storage Provider",
};

static SECURITY_STATUS provider_known(LPCWSTR wide)
{
    SECURITY_STATUS status;
    char *name;

    if (wide == NULL)
        return SEC_E_OK;
    status = ncrypt_text(wide, &name);
    if (status != SEC_E_OK)
        return status;
    status = NTE_BAD_PROVIDER;
    for (size_t i = 0; i < ARRAYSIZE(provider_names); i++)
        if (text_equal_nocase(name, provider_names[i]))
            status = SEC_E_OK;
    free(name);
    return status;
}

WIN_API SECURITY_STATUS sspi_NCryptOpenStorageProvider(NCRYPT_PROV_HANDLE *phProvider,
                                                       LPCWSTR pszProviderName, DWORD dwFlags)
{
    struct ncrypt_provider *provider;
    SECURITY_STATUS status;

    if (phProvider == NULL)
        return NTE_INVALID_PARAMETER;
    *phProvider = 0;
    if (dwFlags & ~(DWORD)NCRYPT_SILENT_FLAG)
        return NTE_BAD_FLAGS;
    status = provider_known(pszProviderName);
    if (status != SEC_E_OK)
        return status;
    provider = calloc(1, sizeof(*provider));
    if (provider == NULL)
        return NTE_NO_MEMORY;
    object_init(&provider->object, &ncrypt_provider_class);
    *phProvider = key_handle_of(provider);
    return SEC_E_OK;
}

WIN_API SECURITY_STATUS sspi_NCryptEnumStorageProviders(DWORD *pdwProviderCount,
                                                        NCryptProviderName **ppProviderList,
                                                        DWORD dwFlags)
{
    /* One block: the struct, then its two texts. */
    struct {
        NCryptProviderName name;
        WCHAR text[sizeof(NCRYPT_PROVIDER_NAME)];
        WCHAR comment[1];
    } * list;

    (void)dwFlags;
    if (pdwProviderCount == NULL || ppProviderList == NULL)
        return NTE_INVALID_PARAMETER;
    list = calloc(1, sizeof(*list));
    if (list == NULL)
        return NTE_NO_MEMORY;
    win_text_copy(NCRYPT_PROVIDER_NAME, true, list->text);
    list->name.pszName = list->text;
    list->name.pszComment = list->comment;
    *pdwProviderCount = 1;
    *ppProviderList = &list->name;
    return SEC_E_OK;
}

WIN_API SECURITY_STATUS sspi_NCryptFreeBuffer(PVOID pvInput)
{
    free(pvInput);
    return SEC_E_OK;
}

/* --- Keys ----------------------------------------------------------------------------------- */

static void ncrypt_key_destroy(struct object *object)
{
    struct ncrypt_key *handle = (struct ncrypt_key *)object;

    cert_key_unref(handle->key);
    string_wipe_free(handle->name); /* a URI may have a PIN */
    pthread_mutex_destroy(&handle->lock);
    free(handle);
}

const struct object_class ncrypt_key_class = {"key handle", ncrypt_key_destroy};

/* Takes the name over, also when it fails. */
static struct ncrypt_key *handle_new(char *name, DWORD spec)
{
    struct ncrypt_key *handle = calloc(1, sizeof(*handle));

    if (handle == NULL) {
        string_wipe_free(name);
        return NULL;
    }
    object_init(&handle->object, &ncrypt_key_class);
    pthread_mutex_init(&handle->lock, NULL);
    handle->name = name;
    handle->spec = spec;
    handle->usage = NCRYPT_ALLOW_ALL_USAGES;
    return handle;
}

/* Gives a handle its key, whose reference it takes over. */
static void handle_set_key(struct ncrypt_key *handle, struct cert_key *key)
{
    handle->key = key;
    handle->algorithm = key->algorithm;
    handle->length = key->bits;
    handle->made = true;
    if (key->exportable)
        handle->policy = NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;
}

SECURITY_STATUS ncrypt_handle_new(struct cert_key *key, NCRYPT_KEY_HANDLE *out)
{
    char text[KEYRING_NAME_SIZE];
    char *name = NULL;
    struct ncrypt_key *handle;

    if (keyring_name(key, text) && (name = strdup(text)) == NULL)
        return NTE_NO_MEMORY;
    handle = handle_new(name, KEYFILE_CNG);
    if (handle == NULL)
        return NTE_NO_MEMORY;
    handle->memory = name != NULL;
    handle_set_key(handle, cert_key_ref(key));
    *out = key_handle_of(handle);
    return SEC_E_OK;
}

bool ncrypt_handle_is(NCRYPT_KEY_HANDLE handle)
{
    return key_handle_object(handle, &ncrypt_key_class) != NULL;
}

/* Why a handle has no key: it waits for a PIN, or for NCryptFinalizeKey(). */
static SECURITY_STATUS handle_unready(const struct ncrypt_key *handle)
{
    return handle->made ? NTE_INCORRECT_PASSWORD : NTE_BAD_KEY_STATE;
}

SECURITY_STATUS ncrypt_handle_key(NCRYPT_KEY_HANDLE handle, struct cert_key **out)
{
    struct ncrypt_key *self = key_handle_object(handle, &ncrypt_key_class);
    SECURITY_STATUS status = SEC_E_OK;

    if (self == NULL)
        return NTE_INVALID_HANDLE;
    pthread_mutex_lock(&self->lock);
    if (self->made && self->key != NULL)
        *out = cert_key_ref(self->key);
    else
        status = handle_unready(self);
    pthread_mutex_unlock(&self->lock);
    return status;
}

WIN_API BOOL sspi_NCryptIsKeyHandle(NCRYPT_KEY_HANDLE hKey)
{
    return ncrypt_handle_is(hKey);
}

WIN_API SECURITY_STATUS sspi_NCryptFreeObject(NCRYPT_HANDLE hObject)
{
    struct object *object = key_handle_object(hObject, &ncrypt_key_class);

    if (object == NULL)
        object = key_handle_object(hObject, &ncrypt_provider_class);
    if (object == NULL)
        return NTE_INVALID_HANDLE;
    object_unref(object);
    return SEC_E_OK;
}

/* --- Opening -------------------------------------------------------------------------------- */

/* A container in memory has one key, which is nobody's for signatures alone. */
static struct cert_key *key_in_memory(const struct ncrypt_key *handle)
{
    return handle->spec == AT_SIGNATURE ? NULL : keyring_find(handle->name);
}

static SECURITY_STATUS handle_load(struct ncrypt_key *handle)
{
    struct cert_key *key = key_in_memory(handle);
    bool token = cert_key_is_url(handle->name);
    SECURITY_STATUS status = SEC_E_OK;

    handle->memory = key != NULL;
    if (!handle->memory)
        status = token ? cert_key_open_url(handle->name, NULL, &key)
                       : keyfile_load(handle->name, handle->spec, &key);
    if (status == SEC_E_OK)
        handle_set_key(handle, key);
    if (token && status == NTE_INCORRECT_PASSWORD) {
        /* NCRYPT_PIN_PROPERTY is still to come. */
        handle->made = true;
        return SEC_E_OK;
    }
    return status == NTE_NO_KEY ? NTE_BAD_KEYSET : status;
}

WIN_API SECURITY_STATUS sspi_NCryptOpenKey(NCRYPT_PROV_HANDLE hProvider, NCRYPT_KEY_HANDLE *phKey,
                                           LPCWSTR pszKeyName, DWORD dwLegacyKeySpec, DWORD dwFlags)
{
    struct ncrypt_key *handle;
    SECURITY_STATUS status;
    char *name;

    if (key_handle_object(hProvider, &ncrypt_provider_class) == NULL)
        return NTE_INVALID_HANDLE;
    if (phKey == NULL)
        return NTE_INVALID_PARAMETER;
    *phKey = 0;
    if (dwFlags & ~(DWORD)(NCRYPT_SILENT_FLAG | NCRYPT_MACHINE_KEY_FLAG))
        return NTE_BAD_FLAGS;
    status = ncrypt_text(pszKeyName, &name);
    if (status != SEC_E_OK)
        return status;
    handle = handle_new(name, dwLegacyKeySpec);
    if (handle == NULL)
        return NTE_NO_MEMORY;
    status = handle_load(handle);
    if (status == SEC_E_OK)
        *phKey = key_handle_of(handle);
    else
        object_unref(&handle->object);
    return status;
}

/* --- Making --------------------------------------------------------------------------------- */

/* Whether a key of this name may be kept: nothing is there yet, or it may be written over. */
static SECURITY_STATUS name_is_free(const char *name, DWORD spec, DWORD flags)
{
    struct cert_key *key;
    SECURITY_STATUS status;

    if (name == NULL)
        return SEC_E_OK;
    if (cert_key_is_url(name))
        return NTE_NOT_SUPPORTED;
    if (spec >= KEYFILE_KINDS)
        return NTE_INVALID_PARAMETER;
    key = keyring_find(name);
    if (key != NULL) {
        cert_key_unref(key);
        return NTE_EXISTS; /* it would stand in front of what is written */
    }
    status = keyfile_load(name, spec, &key);
    if (status == NTE_BAD_KEYSET || status == NTE_NO_KEY)
        return SEC_E_OK;
    if (status == SEC_E_OK)
        cert_key_unref(key);
    /* A file that cannot be read is a key too; a name that cannot be one is not. */
    if (status != SEC_E_OK && status != NTE_KEYSET_ENTRY_BAD)
        return status;
    return flags & NCRYPT_OVERWRITE_KEY_FLAG ? SEC_E_OK : NTE_EXISTS;
}

static SECURITY_STATUS key_keep(const char *name, DWORD spec, const struct cert_key *key)
{
    SECURITY_STATUS status = keyfile_create(name);

    return status == SEC_E_OK || status == NTE_EXISTS ? keyfile_save(name, spec, key) : status;
}

static SECURITY_STATUS choose_algorithm(struct ncrypt_key *handle, LPCWSTR wide)
{
    gnutls_ecc_curve_t curve;
    SECURITY_STATUS status;
    char *name;

    status = ncrypt_text(wide, &name);
    if (status != SEC_E_OK)
        return status;
    curve = key_curve_from(name);
    if (strcmp(name, "RSA") == 0 || strcmp(name, "RSA_SIGN") == 0) {
        handle->algorithm = GNUTLS_PK_RSA;
        handle->length = RSA_BITS;
    } else if (curve != GNUTLS_ECC_CURVE_INVALID) {
        handle->algorithm = GNUTLS_PK_ECDSA;
        handle->length = (DWORD)gnutls_ecc_curve_get_size(curve) * 8;
        if (curve == GNUTLS_ECC_CURVE_SECP521R1)
            handle->length = 521;
    } else {
        status = NTE_NOT_SUPPORTED;
    }
    free(name);
    return status;
}

/* A name may be NULL; then so is *text. */
static SECURITY_STATUS optional_text(LPCWSTR wide, char **text)
{
    *text = NULL;
    return wide == NULL ? SEC_E_OK : ncrypt_text(wide, text);
}

WIN_API SECURITY_STATUS sspi_NCryptCreatePersistedKey(NCRYPT_PROV_HANDLE hProvider,
                                                      NCRYPT_KEY_HANDLE *phKey, LPCWSTR pszAlgId,
                                                      LPCWSTR pszKeyName, DWORD dwLegacyKeySpec,
                                                      DWORD dwFlags)
{
    struct ncrypt_key *handle;
    SECURITY_STATUS status;
    char *name;

    if (key_handle_object(hProvider, &ncrypt_provider_class) == NULL)
        return NTE_INVALID_HANDLE;
    if (phKey == NULL)
        return NTE_INVALID_PARAMETER;
    *phKey = 0;
    if (dwFlags &
        ~(DWORD)(NCRYPT_SILENT_FLAG | NCRYPT_MACHINE_KEY_FLAG | NCRYPT_OVERWRITE_KEY_FLAG))
        return NTE_BAD_FLAGS;
    status = optional_text(pszKeyName, &name);
    if (status != SEC_E_OK)
        return status;
    handle = handle_new(name, dwLegacyKeySpec);
    if (handle == NULL)
        return NTE_NO_MEMORY;
    status = choose_algorithm(handle, pszAlgId);
    if (status == SEC_E_OK)
        status = name_is_free(handle->name, dwLegacyKeySpec, dwFlags);
    if (status == SEC_E_OK)
        *phKey = key_handle_of(handle);
    else
        object_unref(&handle->object);
    return status;
}

static unsigned generation_bits(const struct ncrypt_key *handle)
{
    gnutls_ecc_curve_t curve;

    if (handle->algorithm == GNUTLS_PK_RSA)
        return handle->length;
    curve = handle->length == 256   ? GNUTLS_ECC_CURVE_SECP256R1
            : handle->length == 384 ? GNUTLS_ECC_CURVE_SECP384R1
                                    : GNUTLS_ECC_CURVE_SECP521R1;
    return (unsigned)GNUTLS_CURVE_TO_BITS(curve);
}

/* The secret half alone leaves the process, and only as plain text: the other flag wants a key to
 * wrap it in, which there is none. */
static bool policy_exports(DWORD policy)
{
    return (policy & NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG) != 0;
}

/* What an import left open, or a new key. */
static SECURITY_STATUS handle_make(struct ncrypt_key *handle)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (handle->key == NULL)
        status = cert_key_generate(handle->algorithm, generation_bits(handle),
                                   policy_exports(handle->policy), &handle->key);
    else
        handle->key->exportable = policy_exports(handle->policy);
    if (status == SEC_E_OK && handle->name != NULL)
        status = key_keep(handle->name, handle->spec, handle->key);
    handle->made = status == SEC_E_OK;
    return status;
}

WIN_API SECURITY_STATUS sspi_NCryptFinalizeKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags)
{
    struct ncrypt_key *handle = key_handle_object(hKey, &ncrypt_key_class);
    SECURITY_STATUS status = NTE_BAD_KEY_STATE;

    (void)dwFlags;
    if (handle == NULL)
        return NTE_INVALID_HANDLE;
    pthread_mutex_lock(&handle->lock);
    if (!handle->made)
        status = handle_make(handle);
    pthread_mutex_unlock(&handle->lock);
    return status;
}

/* --- Importing ------------------------------------------------------------------------------ */

struct import_parameters {
    char *name;
    char *secret;
};

static void import_parameters_free(struct import_parameters *parameters)
{
    free(parameters->name);
    string_wipe_free(parameters->secret);
}

/* A text of a parameter list: it must have its terminator inside the length given. */
static SECURITY_STATUS parameter_text(const NCryptBuffer *buffer, char **text)
{
    size_t units = buffer->cbBuffer / sizeof(WCHAR), length = 0;
    const WCHAR *wide = buffer->pvBuffer;
    SECURITY_STATUS status;

    if (wide == NULL || *text != NULL)
        return NTE_INVALID_PARAMETER;
    while (length < units && wide[length] != 0)
        length++;
    status = text_from_utf16(wide, length, text);
    if (status == SEC_E_OK && *text == NULL)
        status = NTE_INVALID_PARAMETER;
    if (status == SEC_E_INSUFFICIENT_MEMORY)
        return NTE_NO_MEMORY;
    return status == SEC_E_OK ? status : NTE_INVALID_PARAMETER;
}

static SECURITY_STATUS import_parameters_read(const NCryptBufferDesc *list,
                                              struct import_parameters *parameters)
{
    SECURITY_STATUS status = SEC_E_OK;

    *parameters = (struct import_parameters){NULL, NULL};
    if (list == NULL)
        return SEC_E_OK;
    if (list->ulVersion != NCRYPTBUFFER_VERSION || (list->cBuffers > 0 && list->pBuffers == NULL))
        return NTE_INVALID_PARAMETER;
    for (ULONG i = 0; i < list->cBuffers && status == SEC_E_OK; i++)
        switch (list->pBuffers[i].BufferType) {
        case NCRYPTBUFFER_PKCS_KEY_NAME:
            status = parameter_text(&list->pBuffers[i], &parameters->name);
            break;
        case NCRYPTBUFFER_PKCS_SECRET:
            status = parameter_text(&list->pBuffers[i], &parameters->secret);
            break;
        default: /* of algorithms, which the blob names itself */
            break;
        }
    return status;
}

static SECURITY_STATUS import_blob(LPCWSTR wide, const char *secret, const BYTE *data, DWORD size,
                                   struct cert_key **key)
{
    unsigned rounds = CERT_KEY_ROUNDS_MAX;
    SECURITY_STATUS status;
    char *type;

    status = ncrypt_text(wide, &type);
    if (status != SEC_E_OK)
        return status;
    if (secret != NULL && strcmp(type, "PKCS8_PRIVATEKEY") == 0)
        status = cert_key_from_sealed(data, size, secret, false, &rounds, key);
    else
        status = key_from_cng(type, data, size, false, key);
    free(type);
    return status;
}

/* Takes the key over, also when it fails. */
static SECURITY_STATUS import_finish(struct import_parameters *parameters, struct cert_key *key,
                                     DWORD flags, NCRYPT_KEY_HANDLE *out)
{
    struct ncrypt_key *handle = handle_new(parameters->name, KEYFILE_CNG);
    SECURITY_STATUS status = SEC_E_OK;

    parameters->name = NULL;
    if (handle == NULL) {
        cert_key_unref(key);
        return NTE_NO_MEMORY;
    }
    handle_set_key(handle, key);
    handle->made = false;
    if (handle->name != NULL && key->secret == NULL)
        status = NTE_NO_KEY; /* a public half is nothing to keep */
    if (status == SEC_E_OK && (flags & NCRYPT_DO_NOT_FINALIZE_FLAG) == 0)
        status = handle_make(handle);
    if (status == SEC_E_OK)
        *out = key_handle_of(handle);
    else
        object_unref(&handle->object);
    return status;
}

#define IMPORT_FLAGS                                                                               \
    (NCRYPT_SILENT_FLAG | NCRYPT_MACHINE_KEY_FLAG | NCRYPT_OVERWRITE_KEY_FLAG |                    \
     NCRYPT_DO_NOT_FINALIZE_FLAG | NCRYPT_PERSIST_FLAG)

WIN_API SECURITY_STATUS sspi_NCryptImportKey(NCRYPT_PROV_HANDLE hProvider,
                                             NCRYPT_KEY_HANDLE hImportKey, LPCWSTR pszBlobType,
                                             NCryptBufferDesc *pParameterList,
                                             NCRYPT_KEY_HANDLE *phKey, PBYTE pbData, DWORD cbData,
                                             DWORD dwFlags)
{
    struct import_parameters parameters = {NULL, NULL};
    struct cert_key *key = NULL;
    SECURITY_STATUS status;

    if (key_handle_object(hProvider, &ncrypt_provider_class) == NULL)
        return NTE_INVALID_HANDLE;
    if (phKey == NULL)
        return NTE_INVALID_PARAMETER;
    *phKey = 0;
    if (hImportKey != 0)
        return NTE_NOT_SUPPORTED;
    if (dwFlags & ~(DWORD)IMPORT_FLAGS)
        return NTE_BAD_FLAGS;
    native_error_clear();
    status = import_parameters_read(pParameterList, &parameters);
    if (status == SEC_E_OK)
        status = name_is_free(parameters.name, KEYFILE_CNG, dwFlags);
    if (status == SEC_E_OK)
        status = import_blob(pszBlobType, parameters.secret, pbData, cbData, &key);
    if (status == SEC_E_OK)
        status = import_finish(&parameters, key, dwFlags, phKey);
    import_parameters_free(&parameters);
    return status;
}

WIN_API SECURITY_STATUS sspi_NCryptExportKey(NCRYPT_KEY_HANDLE hKey, NCRYPT_KEY_HANDLE hExportKey,
                                             LPCWSTR pszBlobType, NCryptBufferDesc *pParameterList,
                                             PBYTE pbOutput, DWORD cbOutput, DWORD *pcbResult,
                                             DWORD dwFlags)
{
    struct cert_key *key;
    SECURITY_STATUS status;
    char *type;

    if (pcbResult == NULL)
        return NTE_INVALID_PARAMETER;
    if (hExportKey != 0 || pParameterList != NULL)
        return NTE_NOT_SUPPORTED;
    if (dwFlags & ~(DWORD)NCRYPT_SILENT_FLAG)
        return NTE_BAD_FLAGS;
    status = ncrypt_handle_key(hKey, &key);
    if (status != SEC_E_OK)
        return status;
    status = ncrypt_text(pszBlobType, &type);
    if (status == SEC_E_OK) {
        *pcbResult = cbOutput;
        status = key_to_cng(key, type, pbOutput, pcbResult);
        free(type);
    }
    cert_key_unref(key);
    return status == ERROR_MORE_DATA ? NTE_BUFFER_TOO_SMALL : status;
}

/* --- Deleting ------------------------------------------------------------------------------- */

WIN_API SECURITY_STATUS sspi_NCryptDeleteKey(NCRYPT_KEY_HANDLE hKey, DWORD dwFlags)
{
    struct ncrypt_key *handle = key_handle_object(hKey, &ncrypt_key_class);
    SECURITY_STATUS status = SEC_E_OK;

    if (handle == NULL)
        return NTE_INVALID_HANDLE;
    if (dwFlags & ~(DWORD)NCRYPT_SILENT_FLAG)
        return NTE_BAD_FLAGS;
    if (cert_key_is_url(handle->name))
        return NTE_PERM;
    if (handle->memory)
        keyring_delete(handle->name);
    else if (handle->name != NULL && handle->made)
        status = keyfile_remove(handle->name, handle->spec);
    if (status == SEC_E_OK)
        object_unref(&handle->object);
    return status;
}
