/* SPDX-License-Identifier: MIT */
/*
 * A bag of properties, and the key beside them. Three shapes: bytes as they came,
 * CRYPT_KEY_PROV_INFO, which is kept as one block that points into itself, and the key handle,
 * which is one property, CERT_KEY_CONTEXT, behind several numbers.
 */
#include "cert/bag.h"

#include <stdlib.h>
#include <string.h>

#include "core/secret.h"

#define KEY_PROV_INFO CERT_KEY_PROV_INFO_PROP_ID
#define KEY_CONTEXT   CERT_KEY_CONTEXT_PROP_ID

/* --- The bag -------------------------------------------------------------------------------- */

struct cert_property *cert_property_new(DWORD id, DWORD flags, const void *data, size_t size)
{
    struct cert_property *property = NULL;

    if (size <= UINT32_MAX - sizeof(*property))
        property = calloc(1, sizeof(*property) + size);
    if (property == NULL) {
        win_fail(E_OUTOFMEMORY);
        return NULL;
    }
    property->id = id;
    property->flags = flags;
    property->size = (DWORD)size;
    if (data != NULL && size > 0)
        memcpy(property->data, data, size);
    return property;
}

void cert_property_free(struct cert_property *property)
{
    if (property == NULL)
        return;
    if (property->id == KEY_CONTEXT && (property->flags & CERT_STORE_NO_CRYPT_RELEASE_FLAG) == 0)
        cert_key_handle_close((const void *)property->data);
    memory_wipe_free(property);
}

static void bag_destroy(struct object *object)
{
    struct cert_bag *bag = (struct cert_bag *)object;

    while (bag->first != NULL) {
        struct cert_property *property = bag->first;

        bag->first = property->next;
        cert_property_free(property);
    }
    object_unref(bag->key);
    pthread_mutex_destroy(&bag->lock);
    free(bag);
}

static const struct object_class bag_class = {"certificate properties", bag_destroy};

struct cert_bag *cert_bag_new(void)
{
    struct cert_bag *bag = calloc(1, sizeof(*bag));

    if (bag != NULL) {
        object_init(&bag->object, &bag_class);
        pthread_mutex_init(&bag->lock, NULL);
    }
    return bag;
}

/* Where a property is, or would be: the list is in the order of numbers. */
static struct cert_property **bag_place(struct cert_bag *bag, DWORD id)
{
    struct cert_property **place = &bag->first;

    while (*place != NULL && (*place)->id < id)
        place = &(*place)->next;
    return place;
}

const struct cert_property *cert_bag_find(struct cert_bag *bag, DWORD id)
{
    struct cert_property *found = *bag_place(bag, id);

    return found != NULL && found->id == id ? found : NULL;
}

struct cert_property *cert_bag_exchange(struct cert_bag *bag, DWORD id,
                                        struct cert_property *property)
{
    struct cert_property **place = bag_place(bag, id);
    struct cert_property *former = *place;

    if (former != NULL && former->id != id)
        former = NULL;
    if (former != NULL)
        *place = former->next;
    if (property != NULL) {
        property->next = *place;
        *place = property;
    }
    return former;
}

/* --- CRYPT_KEY_PROV_INFO -------------------------------------------------------------------- */

static size_t wide_size(LPCWSTR text)
{
    size_t units = 0;

    if (text == NULL)
        return 0;
    while (text[units] != 0)
        units++;
    return (units + 1) * sizeof(WCHAR);
}

/* The parts come after the struct, those with pointers first: all stay aligned. */
size_t cert_prov_info_size(const CRYPT_KEY_PROV_INFO *info)
{
    size_t size = sizeof(*info) + info->cProvParam * sizeof(*info->rgProvParam) +
                  wide_size(info->pwszContainerName) + wide_size(info->pwszProvName);

    for (DWORD i = 0; i < info->cProvParam; i++)
        size += info->rgProvParam[i].cbData;
    return size;
}

static void *part_put(BYTE **at, const void *part, size_t size)
{
    void *put = *at;

    if (part == NULL)
        return NULL;
    memcpy(put, part, size);
    *at += size;
    return put;
}

void cert_prov_info_copy(const CRYPT_KEY_PROV_INFO *info, void *room)
{
    CRYPT_KEY_PROV_INFO copy = *info;
    CRYPT_KEY_PROV_PARAM *params = NULL;
    BYTE *at = (BYTE *)room + sizeof(copy);

    if (info->cProvParam > 0)
        params = part_put(&at, info->rgProvParam, info->cProvParam * sizeof(*params));
    copy.rgProvParam = params;
    copy.pwszContainerName =
        part_put(&at, info->pwszContainerName, wide_size(info->pwszContainerName));
    copy.pwszProvName = part_put(&at, info->pwszProvName, wide_size(info->pwszProvName));
    for (DWORD i = 0; i < info->cProvParam; i++)
        params[i].pbData = part_put(&at, info->rgProvParam[i].pbData, info->rgProvParam[i].cbData);
    memcpy(room, &copy, sizeof(copy));
}

struct cert_property *cert_property_prov_info(const CRYPT_KEY_PROV_INFO *info, DWORD flags)
{
    struct cert_property *property =
        cert_property_new(KEY_PROV_INFO, flags, NULL, cert_prov_info_size(info));

    if (property != NULL)
        cert_prov_info_copy(info, property->data);
    return property;
}

/* --- Copies --------------------------------------------------------------------------------- */

static struct cert_property *property_copy(const struct cert_property *from)
{
    if (from->id == KEY_PROV_INFO)
        return cert_property_prov_info((const void *)from->data, from->flags);
    return cert_property_new(from->id, from->flags, from->data, from->size);
}

/* A key handle stays with its context: CertAddCertificateContextToStore(). */
static bool bag_fill(struct cert_bag *bag, const struct cert_bag *from)
{
    for (const struct cert_property *p = from->first; p != NULL; p = p->next) {
        struct cert_property *copy;

        if (p->id == KEY_CONTEXT)
            continue;
        copy = property_copy(p);
        if (copy == NULL)
            return false;
        cert_bag_exchange(bag, copy->id, copy);
    }
    if (from->key != NULL) {
        object_ref(from->key);
        bag->key = from->key;
    }
    return true;
}

struct cert_bag *cert_bag_copy(struct cert_bag *from)
{
    struct cert_bag *bag = cert_bag_new();
    bool whole;

    if (bag == NULL) {
        win_fail(E_OUTOFMEMORY);
        return NULL;
    }
    pthread_mutex_lock(&from->lock);
    whole = bag_fill(bag, from);
    pthread_mutex_unlock(&from->lock);
    if (whole)
        return bag;
    object_unref(&bag->object);
    return NULL;
}

/* By way of a copy, so that never two bags are locked at once. */
bool cert_bag_inherit(struct cert_bag *bag, struct cert_bag *from)
{
    struct cert_bag *copy = cert_bag_copy(from);

    if (copy == NULL)
        return false;
    pthread_mutex_lock(&bag->lock);
    for (struct cert_property *p = copy->first, *next; p != NULL; p = next) {
        next = p->next;
        if (cert_bag_find(bag, p->id) == NULL)
            cert_bag_exchange(bag, p->id, cert_bag_exchange(copy, p->id, NULL));
    }
    if (bag->key == NULL) {
        bag->key = copy->key;
        copy->key = NULL;
    }
    pthread_mutex_unlock(&bag->lock);
    object_unref(&copy->object);
    return true;
}

bool cert_context_handle_get(PCCERT_CONTEXT context, CERT_KEY_CONTEXT *held)
{
    struct cert_bag *bag = cert_element_from(context)->bag;
    const struct cert_property *found;

    pthread_mutex_lock(&bag->lock);
    found = cert_bag_find(bag, KEY_CONTEXT);
    if (found != NULL) {
        memcpy(held, found->data, sizeof(*held));
        cert_key_handle_hold(held);
    }
    pthread_mutex_unlock(&bag->lock);
    return found != NULL;
}

struct object *cert_context_slot_get(PCCERT_CONTEXT context)
{
    struct cert_bag *bag = cert_element_from(context)->bag;
    struct object *key;

    pthread_mutex_lock(&bag->lock);
    key = bag->key;
    if (key != NULL)
        object_ref(key);
    pthread_mutex_unlock(&bag->lock);
    return key;
}

void cert_context_slot_set(PCCERT_CONTEXT context, struct object *key)
{
    struct cert_bag *bag = cert_element_from(context)->bag;
    struct object *former;

    if (key != NULL)
        object_ref(key);
    pthread_mutex_lock(&bag->lock);
    former = bag->key;
    bag->key = key;
    pthread_mutex_unlock(&bag->lock);
    object_unref(former);
}
