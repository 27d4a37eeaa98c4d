/* SPDX-License-Identifier: MIT */
/* The properties of a context, and its key. */
#ifndef SSPI_CERT_BAG_H
#define SSPI_CERT_BAG_H

#include <pthread.h>

#include "cert/context.h"

/* One property; data is aligned for any struct. */
struct cert_property {
    struct cert_property *next;
    DWORD id;
    DWORD flags; /* CERT_STORE_NO_CRYPT_RELEASE_FLAG */
    DWORD size;
    _Alignas(max_align_t) BYTE data[];
};

struct cert_bag {
    struct object object;
    pthread_mutex_t lock; /* guards the rest; no other lock is taken under it */
    struct cert_property *first;
    struct object *key; /* what key.c attached, or NULL */
};

/* An empty bag, or one with copies of what may be copied. NULL without memory. */
struct cert_bag *cert_bag_new(void);
struct cert_bag *cert_bag_copy(struct cert_bag *from);

/* Adds what the other bag has and this one has not. False without memory, with the error set. */
bool cert_bag_inherit(struct cert_bag *bag, struct cert_bag *from);

/* Under the lock: a property or NULL; puts one in place of the former, which is returned (NULL only
 * takes it out). */
const struct cert_property *cert_bag_find(struct cert_bag *bag, DWORD id);
struct cert_property *cert_bag_exchange(struct cert_bag *bag, DWORD id,
                                        struct cert_property *property);

/* A property of bytes, zero for NULL data; and one that copies a CRYPT_KEY_PROV_INFO with what it
 * points at. NULL without memory. */
struct cert_property *cert_property_new(DWORD id, DWORD flags, const void *data, size_t size);
struct cert_property *cert_property_prov_info(const CRYPT_KEY_PROV_INFO *info, DWORD flags);

/* Closes a key handle, wipes, frees; NULL is allowed. Not under a lock. */
void cert_property_free(struct cert_property *property);

/* The room a CRYPT_KEY_PROV_INFO takes in one piece, and a copy there that points into itself. */
size_t cert_prov_info_size(const CRYPT_KEY_PROV_INFO *info);
void cert_prov_info_copy(const CRYPT_KEY_PROV_INFO *info, void *room);

#endif
