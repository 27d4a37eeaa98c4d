/* SPDX-License-Identifier: MIT */
/* Certificate stores inside: lists of elements, or collections of other stores. */
#ifndef SSPI_CERT_STORE_H
#define SSPI_CERT_STORE_H

#include "cert/bag.h"
#include "cert/context.h"

struct cert_store;

/*
 * What keeps a store's content beyond memory. Each is called under the store's lock; a FALSE comes
 * with the error set and leaves the list as it was.
 */
struct cert_backing {
    BOOL (*load)(struct cert_store *store);
    BOOL (*add)(struct cert_store *store, struct cert_element *element);
    BOOL (*remove)(struct cert_store *store, struct cert_element *element);
    BOOL (*commit)(struct cert_store *store); /* CertControlStore and the last close */
};

/* A store in a collection. */
struct cert_sibling {
    struct cert_sibling *next;
    uint64_t id;
    DWORD flags;
    DWORD priority;
    struct cert_store *store;
};

struct cert_list {
    struct cert_element *first, *last;
};

struct cert_store {
    struct object object;
    pthread_mutex_t lock; /* guards what follows */
    struct cert_list lists[CERT_KINDS];
    uint64_t position; /* the last one given */
    bool collection;
    struct cert_sibling *siblings; /* of a collection, by falling priority */
    const struct cert_backing *backing;
    char *path; /* of the backing */
    bool loaded;
    bool dirty;
    bool read_only;
    DWORD access; /* CERT_ACCESS_STATE_PROP_ID */
};

extern const struct object_class cert_store_class;

/* The store of a handle; NULL with E_INVALIDARG set when it is none. No reference is taken. */
struct cert_store *cert_store_from(HCERTSTORE handle);

/* A new, empty one; NULL without memory, with the error set. */
struct cert_store *cert_store_new(void);

/* For a backing's load(): puts an element at the end and takes over its plain reference. */
void cert_store_append(struct cert_store *store, struct cert_element *element);

/* Drops what a list has and nobody can hold yet, or holds any more. */
void cert_store_clear(struct cert_store *store);

/*
 * Puts a copy (or a link) of an element into a store by a CERT_STORE_ADD_* rule; *out, if not NULL,
 * gets the stored one, held. FALSE with CRYPT_E_EXISTS, E_INVALIDARG, E_ACCESSDENIED ...
 */
BOOL cert_store_add(struct cert_store *store, struct cert_element *element, DWORD rule, bool link,
                    struct cert_element **out);

/* Decodes and adds in one step. */
BOOL cert_store_add_der(struct cert_store *store, enum cert_kind kind, const void *der, size_t size,
                        DWORD rule, struct cert_element **out);

/* The element after one, or the first: held; before is released. NULL at the end. */
struct cert_element *cert_store_next(struct cert_store *store, enum cert_kind kind,
                                     struct cert_element *before);

/* Takes an element out of its store. It stays valid for its holders. */
BOOL cert_store_remove(struct cert_element *element);

/* Has the backing, if any, keep an element whose properties changed. */
BOOL cert_store_update(struct cert_element *element);

/* The same for collections, which have no list of their own: collection.c. */
BOOL cert_collection_add(struct cert_store *store, struct cert_element *element, DWORD rule,
                         bool link, struct cert_element **out);
struct cert_element *cert_collection_next(struct cert_store *store, enum cert_kind kind,
                                          struct cert_element *before);
void cert_collection_clear(struct cert_store *store);

/* Openers of CertOpenStore(): a store, or NULL with the error set. */
struct cert_store *cert_store_open_file(DWORD flags, const void *handle);
struct cert_store *cert_store_open_filename(DWORD flags, const char *name);
struct cert_store *cert_store_open_pkcs7(DWORD flags, const void *blob);
struct cert_store *cert_store_open_serialized(DWORD flags, const void *blob);
struct cert_store *cert_store_open_system(DWORD flags, const char *name);

#endif
