/* SPDX-License-Identifier: MIT */
/*
 * The private key of a certificate. It comes from where it was put: the slot of an import (PEM,
 * PKCS #12), an open handle (CERT_KEY_CONTEXT and its like), or the name of a container
 * (CERT_KEY_PROV_INFO).
 */
#include <pthread.h>
#include <stdlib.h>

#include "cert/context.h"
#include "cert/keyfile.h"
#include "cert/keyhandle.h"
#include "cert/keyring.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"

/* --- Finding it ----------------------------------------------------------------------------- */

/* A property's bytes, to be wiped and freed; NULL when there is none. */
static void *property_get(PCCERT_CONTEXT context, DWORD id, size_t least)
{
    DWORD size = 0;
    void *data;

    if (!CertGetCertificateContextProperty(context, id, NULL, &size) || size < least)
        return NULL;
    data = calloc(1, size);
    if (data != NULL && !CertGetCertificateContextProperty(context, id, data, &size)) {
        memory_wipe_free(data);
        data = NULL;
    }
    return data;
}

/* A program that sets the bare handle does not say which of its keys it means: it has one. */
static SECURITY_STATUS key_of_provider(HCRYPTPROV provider, DWORD spec, struct cert_key **out)
{
    DWORD first = spec == AT_SIGNATURE ? AT_SIGNATURE : AT_KEYEXCHANGE;
    SECURITY_STATUS status = provider_handle_key(provider, first, out);

    return status == NTE_NO_KEY
               ? provider_handle_key(provider, AT_SIGNATURE + AT_KEYEXCHANGE - first, out)
               : status;
}

static SECURITY_STATUS key_of_handle(const CERT_KEY_CONTEXT *held, struct cert_key **out)
{
    return held->dwKeySpec == CERT_NCRYPT_KEY_SPEC || ncrypt_handle_is(held->hNCryptKey)
               ? ncrypt_handle_key(held->hNCryptKey, out)
               : key_of_provider(held->hCryptProv, held->dwKeySpec, out);
}

/* The PIN among the parameters of a CRYPT_KEY_PROV_INFO, a terminated text. */
static const char *pin_of_info(const CRYPT_KEY_PROV_INFO *info)
{
    for (DWORD i = 0; i < info->cProvParam; i++) {
        const CRYPT_KEY_PROV_PARAM *param = &info->rgProvParam[i];

        if ((param->dwParam == PP_KEYEXCHANGE_PIN || param->dwParam == PP_SIGNATURE_PIN) &&
            param->cbData > 0 && param->pbData[param->cbData - 1] == '\0')
            return (const char *)param->pbData;
    }
    return NULL;
}

/* A dwProvType of 0 means CNG, which has one key under a name. */
static DWORD spec_of_info(const CRYPT_KEY_PROV_INFO *info)
{
    if (info->dwKeySpec == AT_KEYEXCHANGE || info->dwKeySpec == AT_SIGNATURE)
        return info->dwKeySpec;
    return info->dwProvType == 0 ? KEYFILE_CNG : AT_KEYEXCHANGE;
}

static SECURITY_STATUS key_of_name(const char *name, const CRYPT_KEY_PROV_INFO *info,
                                   struct cert_key **out)
{
    if (cert_key_is_url(name))
        return cert_key_open_url(name, pin_of_info(info), out);
    *out = keyring_find(name);
    return *out != NULL ? SEC_E_OK : keyfile_load(name, spec_of_info(info), out);
}

struct cert_key *cert_key_in_memory(const CRYPT_KEY_PROV_INFO *info)
{
    char *name = NULL;
    struct cert_key *key = NULL;

    if (text_from_w(info->pwszContainerName, &name) == SEC_E_OK && name != NULL)
        key = keyring_find(name);
    string_wipe_free(name);
    return key;
}

SECURITY_STATUS cert_key_of_info(const CRYPT_KEY_PROV_INFO *info, struct cert_key **out)
{
    char *name = NULL;
    SECURITY_STATUS status = text_from_w(info->pwszContainerName, &name);

    if (name == NULL)
        return status == SEC_E_INSUFFICIENT_MEMORY ? NTE_NO_MEMORY : NTE_BAD_KEYSET_PARAM;
    status = key_of_name(name, info, out);
    string_wipe_free(name);
    return status;
}

static SECURITY_STATUS key_of_slot(PCCERT_CONTEXT context, struct cert_key **out)
{
    struct object *object = cert_context_slot_get(context);

    if (object == NULL)
        return CRYPT_E_NO_KEY_PROPERTY;
    *out = (struct cert_key *)object;
    return SEC_E_OK;
}

/* Where a key may be named, in the order of nearness. */
SECURITY_STATUS cert_key_find(PCCERT_CONTEXT context, struct cert_key **out)
{
    SECURITY_STATUS status = key_of_slot(context, out);
    CRYPT_KEY_PROV_INFO *info;
    CERT_KEY_CONTEXT held;

    if (status == SEC_E_OK)
        return status;
    if (cert_context_handle_get(context, &held)) {
        status = key_of_handle(&held, out);
        cert_key_handle_close(&held);
        /* What is no handle of ours, a pointer to one for instance, hides no name. */
        if (status == SEC_E_OK)
            return status;
    }
    info = property_get(context, CERT_KEY_PROV_INFO_PROP_ID, sizeof(*info));
    if (info != NULL) {
        status = cert_key_of_info(info, out);
        memory_wipe_free(info);
    }
    return status;
}

SECURITY_STATUS cert_context_key(PCCERT_CONTEXT context, gnutls_privkey_t *key)
{
    struct cert_key *found;
    SECURITY_STATUS status = cert_key_find(context, &found);

    if (status == SEC_E_OK) {
        if (cert_key_fits(found, cert_context_crt(context))) {
            status = cert_key_copy(found, key);
        } else {
            native_error_set("the private key is not the certificate's");
            status = NTE_BAD_PUBLIC_KEY;
        }
        cert_key_unref(found);
    }
    if (status == SEC_E_OK)
        return status;
    return status == NTE_NO_MEMORY ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_NO_CREDENTIALS;
}

BOOL cert_context_key_attach(PCCERT_CONTEXT context, gnutls_privkey_t key)
{
    struct cert_key *object;
    /* Whoever attaches a key had it in the open. */
    SECURITY_STATUS status = cert_key_own(key, true, &object);

    if (status != SEC_E_OK)
        return win_fail((DWORD)status);
    cert_context_slot_set(context, &object->object);
    cert_key_unref(object);
    return TRUE;
}

/* --- Handles that a property holds ---------------------------------------------------------- */

static struct object *handle_object(const CERT_KEY_CONTEXT *held)
{
    return ncrypt_handle_is(held->hNCryptKey) || provider_handle_is(held->hCryptProv)
               ? (struct object *)held->hCryptProv
               : NULL;
}

void cert_key_handle_hold(const CERT_KEY_CONTEXT *held)
{
    struct object *object = handle_object(held);

    if (object != NULL)
        object_ref(object);
}

void cert_key_handle_close(const CERT_KEY_CONTEXT *held)
{
    object_unref(handle_object(held));
}

/* --- CryptAcquireCertificatePrivateKey ------------------------------------------------------ */

/* What a caller is given. */
struct acquired {
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle;
    DWORD spec;
    BOOL callers; /* to be freed by it */
};

/* Guards the step from "no handle is cached" to "this one is". */
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;

#define NCRYPT_ALLOWED                                                                             \
    (CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG |                  \
     CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG)
#define NCRYPT_PREFERRED (CRYPT_ACQUIRE_PREFER_NCRYPT_KEY_FLAG | CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG)

static bool flags_allow(DWORD flags, bool ncrypt)
{
    return ncrypt ? (flags & NCRYPT_ALLOWED) != 0
                  : (flags & CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG) == 0;
}

/* The handle that the certificate has, if it is of a kind that the caller takes. */
static bool acquire_held(PCCERT_CONTEXT context, DWORD flags, struct acquired *got)
{
    CERT_KEY_CONTEXT held;
    bool good = false;

    if (!cert_context_handle_get(context, &held))
        return false;
    good = flags_allow(flags, ncrypt_handle_is(held.hNCryptKey));
    if (good) {
        got->handle = held.hCryptProv;
        got->spec = held.dwKeySpec;
        got->callers = FALSE;
    }
    cert_key_handle_close(&held);
    return good;
}

static SECURITY_STATUS acquire_new(struct cert_key *key, DWORD flags, struct acquired *got)
{
    /* CryptoAPI has RSA keys only. */
    bool ncrypt = key->algorithm != GNUTLS_PK_RSA || flags & NCRYPT_PREFERRED;

    if (!flags_allow(flags, ncrypt))
        return NTE_BAD_PROV_TYPE;
    got->callers = TRUE;
    got->spec = ncrypt ? CERT_NCRYPT_KEY_SPEC : AT_KEYEXCHANGE;
    return ncrypt ? ncrypt_handle_new(key, &got->handle) : provider_handle_new(key, &got->handle);
}

/* Without the memory to keep it, the handle is the caller's; also where there is one already, of
 * another kind, which somebody may be using. */
static void acquire_cache(PCCERT_CONTEXT context, struct acquired *got)
{
    CERT_KEY_CONTEXT held = {sizeof(held), {got->handle}, got->spec}, other;

    if (cert_context_handle_get(context, &other))
        cert_key_handle_close(&other);
    else if (CertSetCertificateContextProperty(context, CERT_KEY_CONTEXT_PROP_ID, 0, &held))
        got->callers = FALSE;
}

static SECURITY_STATUS acquire(PCCERT_CONTEXT context, DWORD flags, struct acquired *got)
{
    struct cert_key *key;
    SECURITY_STATUS status = cert_key_find(context, &key);

    if (status != SEC_E_OK)
        return status;
    if (flags & CRYPT_ACQUIRE_COMPARE_KEY_FLAG && !cert_key_fits(key, cert_context_crt(context)))
        status = NTE_BAD_PUBLIC_KEY;
    else if (!acquire_held(context, flags, got)) {
        status = acquire_new(key, flags, got);
        if (status == SEC_E_OK && flags & CRYPT_ACQUIRE_CACHE_FLAG)
            acquire_cache(context, got);
    }
    cert_key_unref(key);
    return status;
}

WIN_API BOOL
CryptAcquireCertificatePrivateKey(PCCERT_CONTEXT pCert, DWORD dwFlags, void *pvParameters,
                                  HCRYPTPROV_OR_NCRYPT_KEY_HANDLE *phCryptProvOrNCryptKey,
                                  DWORD *pdwKeySpec, BOOL *pfCallerFreeProvOrNCryptKey)
{
    struct acquired got = {0, 0, FALSE};
    SECURITY_STATUS status;

    (void)pvParameters;
    if (pCert == NULL || phCryptProvOrNCryptKey == NULL)
        return win_fail((DWORD)E_INVALIDARG);
    native_error_clear();
    pthread_mutex_lock(&cache_lock);
    status = acquire(pCert, dwFlags, &got);
    pthread_mutex_unlock(&cache_lock);
    *phCryptProvOrNCryptKey = got.handle;
    if (pdwKeySpec != NULL)
        *pdwKeySpec = got.spec;
    if (pfCallerFreeProvOrNCryptKey != NULL)
        *pfCallerFreeProvOrNCryptKey = got.callers;
    return status == SEC_E_OK ? TRUE : win_fail((DWORD)status);
}
