/* SPDX-License-Identifier: MIT */
/*
 * Collections: stores that show what others hold. A context found through one is a link whose store
 * is the collection.
 */
#include <stdlib.h>

#include "cert/store.h"

/* Taken before any store's lock: no two threads make two collections contain each other. */
static pthread_mutex_t joining = PTHREAD_MUTEX_INITIALIZER;

void cert_collection_clear(struct cert_store *store)
{
    while (store->siblings != NULL) {
        struct cert_sibling *sibling = store->siblings;

        store->siblings = sibling->next;
        object_unref(&sibling->store->object);
        free(sibling);
    }
}

/* Those that want to be written to, or all; the one after an id, or the first. A reference. */
static struct cert_store *sibling_after(struct cert_store *store, uint64_t id, DWORD flags,
                                        uint64_t *found)
{
    struct cert_sibling *sibling;
    struct cert_store *result = NULL;

    pthread_mutex_lock(&store->lock);
    sibling = store->siblings;
    if (id != 0) {
        while (sibling != NULL && sibling->id != id)
            sibling = sibling->next;
        sibling = sibling == NULL ? NULL : sibling->next;
    }
    while (sibling != NULL && (sibling->flags & flags) != flags)
        sibling = sibling->next;
    if (sibling != NULL) {
        *found = sibling->id;
        result = sibling->store;
        object_ref(&result->object);
    }
    pthread_mutex_unlock(&store->lock);
    return result;
}

/* What a sibling has, seen through the collection: held. Takes over the reference to origin. */
static struct cert_element *collection_link(struct cert_store *store, struct cert_element *origin,
                                            uint64_t sibling)
{
    struct cert_element *link = cert_element_link(origin, store);

    if (link == NULL) {
        cert_element_release(origin);
        return NULL;
    }
    link->origin = origin;
    link->sibling = sibling;
    object_ref(&store->object);
    return link;
}

struct cert_element *cert_collection_next(struct cert_store *store, enum cert_kind kind,
                                          struct cert_element *before)
{
    uint64_t id = 0;
    struct cert_store *sibling;
    struct cert_element *found = NULL;

    if (before != NULL && before->store == store && before->origin != NULL) {
        id = before->sibling;
        found = cert_store_next(before->origin->store, kind, cert_element_hold(before->origin));
    } else if (before != NULL) {
        cert_element_release(before);
        win_fail(E_INVALIDARG);
        return NULL;
    }
    cert_element_release(before);
    while (found == NULL && (sibling = sibling_after(store, id, 0, &id)) != NULL) {
        found = cert_store_next(sibling, kind, NULL);
        object_unref(&sibling->object);
    }
    return found == NULL ? NULL : collection_link(store, found, id);
}

/* The first store that may be written to takes it. */
BOOL cert_collection_add(struct cert_store *store, struct cert_element *element, DWORD rule,
                         bool link, struct cert_element **out)
{
    uint64_t id = 0;
    struct cert_element *stored = NULL;
    struct cert_store *sibling = sibling_after(store, 0, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, &id);
    BOOL done;

    if (sibling == NULL)
        return win_fail(E_ACCESSDENIED);
    done = cert_store_add(sibling, element, rule, link, out == NULL ? NULL : &stored);
    object_unref(&sibling->object);
    if (!done || out == NULL)
        return done;
    *out = collection_link(store, stored, id);
    return *out != NULL;
}

/* Whether a store is the other or has it inside, at any depth. */
static bool contains(struct cert_store *store, const struct cert_store *other)
{
    struct cert_store *sibling;
    uint64_t id = 0;
    bool found = store == other;

    while (!found && (sibling = sibling_after(store, id, 0, &id)) != NULL) {
        found = contains(sibling, other);
        object_unref(&sibling->object);
    }
    return found;
}

static void collection_insert(struct cert_store *store, struct cert_sibling *sibling)
{
    struct cert_sibling **place = &store->siblings;

    pthread_mutex_lock(&store->lock);
    while (*place != NULL && (*place)->priority >= sibling->priority)
        place = &(*place)->next;
    sibling->id = ++store->position;
    sibling->next = *place;
    *place = sibling;
    pthread_mutex_unlock(&store->lock);
}

WIN_API BOOL CertAddStoreToCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore,
                                      DWORD dwUpdateFlags, DWORD dwPriority)
{
    struct cert_store *store = cert_store_from(hCollectionStore);
    struct cert_store *other;
    struct cert_sibling *sibling;
    bool circle;

    if (store == NULL || !store->collection)
        return win_fail(E_INVALIDARG);
    if (hSiblingStore == NULL)
        return TRUE;
    other = cert_store_from(hSiblingStore);
    if (other == NULL)
        return FALSE;
    sibling = calloc(1, sizeof(*sibling));
    if (sibling == NULL)
        return win_fail(E_OUTOFMEMORY);
    sibling->store = other;
    sibling->flags = dwUpdateFlags;
    sibling->priority = dwPriority;
    pthread_mutex_lock(&joining);
    circle = contains(other, store);
    if (!circle) {
        object_ref(&other->object);
        collection_insert(store, sibling);
    }
    pthread_mutex_unlock(&joining);
    if (!circle)
        return TRUE;
    free(sibling);
    return win_fail(E_INVALIDARG);
}

WIN_API void CertRemoveStoreFromCollection(HCERTSTORE hCollectionStore, HCERTSTORE hSiblingStore)
{
    struct cert_store *store = cert_store_from(hCollectionStore);
    struct cert_sibling **place, *found = NULL;

    if (store == NULL)
        return;
    pthread_mutex_lock(&store->lock);
    place = &store->siblings;
    while (*place != NULL && (*place)->store != hSiblingStore)
        place = &(*place)->next;
    found = *place;
    if (found != NULL)
        *place = found->next;
    pthread_mutex_unlock(&store->lock);
    if (found != NULL)
        object_unref(&found->store->object);
    free(found);
}
