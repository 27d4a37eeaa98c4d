/* SPDX-License-Identifier: MIT */
/* CertSetCertificateContextProperty() and its kin. */
#include <stdlib.h>
#include <string.h>

#include "cert/bag.h"
#include "cert/hashprop.h"
#include "cert/keyring.h"
#include "cert/store.h"

/* --- Set ------------------------------------------------------------------------------------ */

/* The parts of a key handle: all are faces of CERT_KEY_CONTEXT. */
static bool is_handle(DWORD id)
{
    return id == CERT_KEY_PROV_HANDLE_PROP_ID || id == CERT_NCRYPT_KEY_HANDLE_PROP_ID ||
           id == CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID || id == CERT_KEY_CONTEXT_PROP_ID;
}

static DWORD stored_id(DWORD id)
{
    return is_handle(id) ? CERT_KEY_CONTEXT_PROP_ID : id;
}

/* A handle comes by value, in place of the pointer. */
static struct cert_property *take_handle(DWORD id, DWORD flags, const void *data)
{
    CERT_KEY_CONTEXT key = {.cbSize = sizeof(key),
                            .hCryptProv = (HCRYPTPROV)data,
                            .dwKeySpec = id == CERT_KEY_PROV_HANDLE_PROP_ID ? AT_SIGNATURE
                                                                            : CERT_NCRYPT_KEY_SPEC};

    return cert_property_new(CERT_KEY_CONTEXT_PROP_ID, flags, &key, sizeof(key));
}

static struct cert_property *take_prov_info(DWORD id, DWORD flags, const void *data)
{
    const CRYPT_KEY_PROV_INFO *info = data;

    bool fine = info->cProvParam == 0 || info->rgProvParam != NULL;

    (void)id;
    for (DWORD i = 0; fine && i < info->cProvParam; i++)
        fine = info->rgProvParam[i].cbData == 0 || info->rgProvParam[i].pbData != NULL;
    if (!fine) {
        win_fail(E_INVALIDARG);
        return NULL;
    }
    return cert_property_prov_info(info, flags);
}

static struct cert_property *take_key_context(DWORD id, DWORD flags, const void *data)
{
    const CERT_KEY_CONTEXT *key = data;

    if (key->cbSize != sizeof(*key)) {
        win_fail(E_INVALIDARG);
        return NULL;
    }
    return cert_property_new(id, flags, key, sizeof(*key));
}

static struct cert_property *take_number(DWORD id, DWORD flags, const void *data)
{
    return cert_property_new(id, flags, data, sizeof(DWORD));
}

static struct cert_property *take_time(DWORD id, DWORD flags, const void *data)
{
    return cert_property_new(id, flags, data, sizeof(FILETIME));
}

static struct cert_property *take_blob(DWORD id, DWORD flags, const void *data)
{
    const CRYPT_DATA_BLOB *blob = data;

    if (blob->cbData > 0 && blob->pbData == NULL) {
        win_fail(E_INVALIDARG);
        return NULL;
    }
    return cert_property_new(id, flags, blob->pbData, blob->cbData);
}

typedef struct cert_property *take_fn(DWORD id, DWORD flags, const void *data);

/* What pvData is; a CRYPT_DATA_BLOB for all others. NULL: not to be set. */
static const struct {
    DWORD id;
    take_fn *take;
} shapes[] = {
    {CERT_KEY_PROV_HANDLE_PROP_ID, take_handle},
    {CERT_KEY_PROV_INFO_PROP_ID, take_prov_info},
    {CERT_KEY_CONTEXT_PROP_ID, take_key_context},
    {CERT_KEY_SPEC_PROP_ID, take_number},
    {CERT_ACCESS_STATE_PROP_ID, NULL},
    {CERT_DATE_STAMP_PROP_ID, take_time},
    {CERT_NCRYPT_KEY_HANDLE_PROP_ID, take_handle},
    {CERT_HCRYPTPROV_OR_NCRYPT_KEY_HANDLE_PROP_ID, take_handle},
};

static take_fn *shape_of(DWORD id)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].id == id)
            return shapes[i].take;
    return take_blob;
}

/* What the container in memory of the certificate's key is. */
static bool key_described(struct cert_element *element, struct keyring_info *described)
{
    struct object *key = element->datum->kind == CERT_KIND_CERTIFICATE
                             ? cert_context_slot_get(cert_element_cert(element))
                             : NULL;
    bool is = key != NULL && keyring_describe((struct cert_key *)key, described);

    object_unref(key);
    return is;
}

/* A key in memory is its container's: who names that has the key. */
static void key_take(struct cert_element *element, const CRYPT_KEY_PROV_INFO *info)
{
    struct cert_key *key = cert_key_in_memory(info);

    if (key != NULL)
        cert_context_slot_set(cert_element_cert(element), &key->object);
    cert_key_unref(key);
}

/* Who takes the name away takes the key away. */
static void key_follow(struct cert_element *element, const CRYPT_KEY_PROV_INFO *info, bool named)
{
    struct keyring_info described;

    if (element->datum->kind != CERT_KIND_CERTIFICATE)
        return;
    if (info != NULL)
        key_take(element, info);
    else if (named || key_described(element, &described))
        cert_context_slot_set(cert_element_cert(element), NULL);
}

static BOOL property_set(struct cert_element *element, DWORD id, DWORD flags, const void *data)
{
    take_fn *take = shape_of(id);
    struct cert_property *property = NULL;

    if (element == NULL || id == 0 || id > CERT_LAST_USER_PROP_ID || take == NULL)
        return win_fail(E_INVALIDARG);
    if (data != NULL) {
        property = take(id, flags & CERT_STORE_NO_CRYPT_RELEASE_FLAG, data);
        if (property == NULL)
            return FALSE;
    }
    pthread_mutex_lock(&element->bag->lock);
    property = cert_bag_exchange(element->bag, stored_id(id), property);
    pthread_mutex_unlock(&element->bag->lock);
    if (id == CERT_KEY_PROV_INFO_PROP_ID)
        key_follow(element, data, property != NULL);
    cert_property_free(property);
    if ((flags & CERT_SET_PROPERTY_INHIBIT_PERSIST_FLAG) != 0 || is_handle(id))
        return TRUE;
    return cert_store_update(element) || (flags & CERT_SET_PROPERTY_IGNORE_PERSIST_ERROR_FLAG) != 0;
}

/* --- Get ------------------------------------------------------------------------------------ */

/* Bytes for the caller: the size alone when there is no room to fill. */
static BOOL give(const void *data, size_t size, void *room, DWORD *room_size)
{
    DWORD there = *room_size;

    *room_size = (DWORD)size;
    if (room == NULL)
        return TRUE;
    if (there < size)
        return win_fail(ERROR_MORE_DATA);
    if (size > 0)
        memcpy(room, data, size);
    return TRUE;
}

static BOOL give_prov_info(const CRYPT_KEY_PROV_INFO *info, void *room, DWORD *room_size)
{
    DWORD there = *room_size;

    *room_size = (DWORD)cert_prov_info_size(info);
    if (room == NULL)
        return TRUE;
    if (there < *room_size)
        return win_fail(ERROR_MORE_DATA);
    cert_prov_info_copy(info, room);
    return TRUE;
}

/* One of the numbers behind which the key handle is. */
static BOOL give_handle(const CERT_KEY_CONTEXT *key, DWORD id, void *room, DWORD *room_size)
{
    bool ncrypt = key->dwKeySpec == CERT_NCRYPT_KEY_SPEC;

    if (id == CERT_KEY_CONTEXT_PROP_ID)
        return give(key, sizeof(*key), room, room_size);
    if ((id == CERT_KEY_PROV_HANDLE_PROP_ID && ncrypt) ||
        (id == CERT_NCRYPT_KEY_HANDLE_PROP_ID && !ncrypt))
        return win_fail(CRYPT_E_NOT_FOUND);
    return give(&key->hCryptProv, sizeof(key->hCryptProv), room, room_size);
}

/* CERT_KEY_SPEC follows from a key's other properties unless it was set. */
static bool bag_tells(struct cert_bag *bag, DWORD id)
{
    return cert_bag_find(bag, stored_id(id)) != NULL ||
           (id == CERT_KEY_SPEC_PROP_ID &&
            (cert_bag_find(bag, CERT_KEY_CONTEXT_PROP_ID) != NULL ||
             cert_bag_find(bag, CERT_KEY_PROV_INFO_PROP_ID) != NULL));
}

static BOOL give_key_spec(struct cert_bag *bag, void *room, DWORD *room_size)
{
    const struct cert_property *key = cert_bag_find(bag, CERT_KEY_CONTEXT_PROP_ID);
    const struct cert_property *info = cert_bag_find(bag, CERT_KEY_PROV_INFO_PROP_ID);
    DWORD spec;

    if (key != NULL)
        memcpy(&spec, key->data + offsetof(CERT_KEY_CONTEXT, dwKeySpec), sizeof(spec));
    else
        memcpy(&spec, info->data + offsetof(CRYPT_KEY_PROV_INFO, dwKeySpec), sizeof(spec));
    return give(&spec, sizeof(spec), room, room_size);
}

/* Under the lock: one of those that bag_tells(). */
static BOOL give_stored(struct cert_bag *bag, DWORD id, void *room, DWORD *room_size)
{
    const struct cert_property *found = cert_bag_find(bag, stored_id(id));

    if (found == NULL)
        return give_key_spec(bag, room, room_size);
    if (is_handle(id))
        return give_handle((const void *)found->data, id, room, room_size);
    if (id == CERT_KEY_PROV_INFO_PROP_ID)
        return give_prov_info((const void *)found->data, room, room_size);
    return give(found->data, found->size, room, room_size);
}

static BOOL give_key(struct cert_element *element, DWORD id, void *room, DWORD *room_size)
{
    struct keyring_info described;

    if (!key_described(element, &described))
        return win_fail(CRYPT_E_NOT_FOUND);
    return id == CERT_KEY_PROV_INFO_PROP_ID
               ? give_prov_info(&described.info, room, room_size)
               : give(&described.info.dwKeySpec, sizeof(described.info.dwKeySpec), room, room_size);
}

static BOOL give_computed(struct cert_element *element, DWORD id, void *room, DWORD *room_size)
{
    BYTE value[CERT_HASH_MAX];
    size_t size;

    if (id == CERT_ACCESS_STATE_PROP_ID) {
        DWORD access = element->store == NULL ? 0 : element->store->access;

        return give(&access, sizeof(access), room, room_size);
    }
    if (id == CERT_KEY_PROV_INFO_PROP_ID || id == CERT_KEY_SPEC_PROP_ID)
        return give_key(element, id, room, room_size);
    size = cert_hash_property(element, id, value);
    return size == 0 ? win_fail(CRYPT_E_NOT_FOUND) : give(value, size, room, room_size);
}

static BOOL property_get(struct cert_element *element, DWORD id, void *room, DWORD *room_size)
{
    BOOL found;
    bool stored;

    if (element == NULL || id == 0 || room_size == NULL)
        return win_fail(E_INVALIDARG);
    pthread_mutex_lock(&element->bag->lock);
    stored = bag_tells(element->bag, id);
    found = stored && give_stored(element->bag, id, room, room_size);
    pthread_mutex_unlock(&element->bag->lock);
    return stored ? found : give_computed(element, id, room, room_size);
}

static DWORD property_next(struct cert_element *element, DWORD id)
{
    const struct cert_property *property;
    struct keyring_info described;
    bool is_key = false;
    DWORD next = 0;

    if (element == NULL)
        return 0;
    if (id < CERT_KEY_PROV_INFO_PROP_ID)
        is_key = key_described(element, &described);
    pthread_mutex_lock(&element->bag->lock);
    property = element->bag->first;
    while (property != NULL && property->id <= id)
        property = property->next;
    if (property != NULL)
        next = property->id;
    pthread_mutex_unlock(&element->bag->lock);
    return is_key && (next == 0 || next > CERT_KEY_PROV_INFO_PROP_ID) ? CERT_KEY_PROV_INFO_PROP_ID
                                                                      : next;
}

/* --- Windows' names ------------------------------------------------------------------------- */

WIN_API BOOL CertSetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                               DWORD dwFlags, const void *pvData)
{
    return property_set(cert_element_from(pCertContext), dwPropId, dwFlags, pvData);
}

WIN_API BOOL CertGetCertificateContextProperty(PCCERT_CONTEXT pCertContext, DWORD dwPropId,
                                               void *pvData, DWORD *pcbData)
{
    return property_get(cert_element_from(pCertContext), dwPropId, pvData, pcbData);
}

WIN_API DWORD CertEnumCertificateContextProperties(PCCERT_CONTEXT pCertContext, DWORD dwPropId)
{
    return property_next(cert_element_from(pCertContext), dwPropId);
}

WIN_API BOOL CertSetCRLContextProperty(PCCRL_CONTEXT pCrlContext, DWORD dwPropId, DWORD dwFlags,
                                       const void *pvData)
{
    return property_set(cert_element_from(pCrlContext), dwPropId, dwFlags, pvData);
}

WIN_API BOOL CertGetCRLContextProperty(PCCRL_CONTEXT pCrlContext, DWORD dwPropId, void *pvData,
                                       DWORD *pcbData)
{
    return property_get(cert_element_from(pCrlContext), dwPropId, pvData, pcbData);
}

WIN_API DWORD CertEnumCRLContextProperties(PCCRL_CONTEXT pCrlContext, DWORD dwPropId)
{
    return property_next(cert_element_from(pCrlContext), dwPropId);
}
