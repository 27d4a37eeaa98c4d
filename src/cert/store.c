/* SPDX-License-Identifier: MIT */
/* Stores: lists of contexts, in the order in which they were added. */
#include "cert/store.h"

#include <stdlib.h>
#include <string.h>

void cert_store_clear(struct cert_store *store)
{
    for (int kind = 0; kind < CERT_KINDS; kind++) {
        struct cert_list *list = &store->lists[kind];

        while (list->first != NULL) {
            struct cert_element *element = list->first;

            list->first = element->next;
            element->listed = false;
            object_unref(&element->object);
        }
        list->last = NULL;
    }
}

/* Nobody holds the store or one of its contexts any more. */
static void store_destroy(struct object *object)
{
    struct cert_store *store = (struct cert_store *)object;

    if (store->dirty && store->backing != NULL && store->backing->commit != NULL)
        store->backing->commit(store);
    cert_store_clear(store);
    cert_collection_clear(store);
    pthread_mutex_destroy(&store->lock);
    free(store->path);
    free(store);
}

const struct object_class cert_store_class = {"certificate store", store_destroy};

struct cert_store *cert_store_from(HCERTSTORE handle)
{
    struct cert_store *store = handle;

    if (store != NULL && object_is(&store->object, &cert_store_class))
        return store;
    win_fail(E_INVALIDARG);
    return NULL;
}

struct cert_store *cert_store_new(void)
{
    struct cert_store *store = calloc(1, sizeof(*store));

    if (store == NULL) {
        win_fail(E_OUTOFMEMORY);
        return NULL;
    }
    object_init(&store->object, &cert_store_class);
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

/* Under the lock, before the list is looked at: the system stores are read at first use. */
static BOOL store_load(struct cert_store *store)
{
    if (store->loaded || store->backing == NULL || store->backing->load == NULL)
        return TRUE;
    store->loaded = store->backing->load(store);
    return store->loaded;
}

/* --- The list ------------------------------------------------------------------------------- */

static struct cert_list *list_of(struct cert_store *store, const struct cert_element *element)
{
    return &store->lists[element->datum->kind];
}

void cert_store_append(struct cert_store *store, struct cert_element *element)
{
    struct cert_list *list = list_of(store, element);

    element->position = ++store->position;
    element->listed = true;
    element->next = NULL;
    element->previous = list->last;
    *(list->last == NULL ? &list->first : &list->last->next) = element;
    list->last = element;
}

/* The list's reference goes to the caller. */
static void list_remove(struct cert_store *store, struct cert_element *element)
{
    struct cert_list *list = list_of(store, element);

    *(element->previous == NULL ? &list->first : &element->previous->next) = element->next;
    *(element->next == NULL ? &list->last : &element->next->previous) = element->previous;
    element->next = element->previous = NULL;
    element->listed = false;
}

/* In its place, so that no enumeration meets the same certificate twice. */
static void list_replace(struct cert_store *store, struct cert_element *former,
                         struct cert_element *element)
{
    struct cert_list *list = list_of(store, element);

    element->position = former->position;
    element->listed = true;
    element->next = former->next;
    element->previous = former->previous;
    *(former->previous == NULL ? &list->first : &former->previous->next) = element;
    *(former->next == NULL ? &list->last : &former->next->previous) = element;
    former->next = former->previous = NULL;
    former->listed = false;
}

struct cert_element *cert_store_next(struct cert_store *store, enum cert_kind kind,
                                     struct cert_element *before)
{
    struct cert_element *next = NULL;

    if (store->collection)
        return cert_collection_next(store, kind, before);
    if (before != NULL && before->store != store) {
        cert_element_release(before);
        win_fail(E_INVALIDARG);
        return NULL;
    }
    pthread_mutex_lock(&store->lock);
    store_load(store);
    if (before != NULL && before->listed) {
        next = before->next;
    } else {
        next = store->lists[kind].first;
        while (before != NULL && next != NULL && next->position <= before->position)
            next = next->next;
    }
    cert_element_hold(next);
    pthread_mutex_unlock(&store->lock);
    cert_element_release(before);
    return next;
}

/* --- Adding --------------------------------------------------------------------------------- */

/* A list names one issuer once, RFC 5280 5.2.4: a full one, and one of changes. */
static bool crl_is_delta(const CRL_INFO *info)
{
    for (DWORD i = 0; i < info->cExtension; i++)
        if (strcmp(info->rgExtension[i].pszObjId, szOID_DELTA_CRL_INDICATOR) == 0)
            return true;
    return false;
}

static bool crl_same(const struct cert_element *a, const struct cert_element *b)
{
    const CRL_INFO *x = a->datum->info;
    const CRL_INFO *y = b->datum->info;

    return x->Issuer.cbData == y->Issuer.cbData &&
           memcmp(x->Issuer.pbData, y->Issuer.pbData, x->Issuer.cbData) == 0 &&
           crl_is_delta(x) == crl_is_delta(y);
}

static const FILETIME *cert_time(const struct cert_element *element)
{
    return &((const CERT_INFO *)element->datum->info)->NotBefore;
}

static const FILETIME *crl_time(const struct cert_element *element)
{
    return &((const CRL_INFO *)element->datum->info)->ThisUpdate;
}

/* What counts as the same, and from when it is. */
static const struct {
    bool (*same)(const struct cert_element *a, const struct cert_element *b);
    const FILETIME *(*time)(const struct cert_element *element);
} matches[CERT_KINDS] = {
    [CERT_KIND_CERTIFICATE] = {cert_element_equal, cert_time},
    [CERT_KIND_CRL] = {crl_same, crl_time},
};

static struct cert_element *store_match(struct cert_store *store,
                                        const struct cert_element *element)
{
    enum cert_kind kind = element->datum->kind;
    struct cert_element *found = store->lists[kind].first;

    while (found != NULL && !matches[kind].same(found, element))
        found = found->next;
    return found;
}

static bool is_newer(const struct cert_element *a, const struct cert_element *b)
{
    const FILETIME *x = matches[a->datum->kind].time(a);
    const FILETIME *y = matches[b->datum->kind].time(b);

    return x->dwHighDateTime != y->dwHighDateTime ? x->dwHighDateTime > y->dwHighDateTime
                                                  : x->dwLowDateTime > y->dwLowDateTime;
}

/* What an existing match means, by CERT_STORE_ADD_*. */
enum meeting { REFUSE, KEEP, REPLACE, BESIDE };

static const struct {
    enum meeting meeting;
    bool newer; /* REFUSE one that is not */
    bool inherit;
} rules[] = {
    [CERT_STORE_ADD_NEW] = {REFUSE, false, false},
    [CERT_STORE_ADD_USE_EXISTING] = {KEEP, false, false},
    [CERT_STORE_ADD_REPLACE_EXISTING] = {REPLACE, false, false},
    [CERT_STORE_ADD_ALWAYS] = {BESIDE, false, false},
    [CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES] = {REPLACE, false, true},
    [CERT_STORE_ADD_NEWER] = {REPLACE, true, false},
    [CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES] = {REPLACE, true, true},
};

/*
 * Under the lock: the new element in the list, in place of the former if there is one. It is kept
 * before the former goes, so that a failure loses nothing.
 */
static BOOL store_put(struct cert_store *store, struct cert_element *former,
                      struct cert_element *element)
{
    const struct cert_backing *backing = store->backing;

    if (backing != NULL && backing->add != NULL && !backing->add(store, element))
        return FALSE;
    if (former != NULL && backing != NULL && backing->remove != NULL &&
        !cert_element_equal(former, element) && !backing->remove(store, former))
        return FALSE;
    if (former != NULL)
        list_replace(store, former, element);
    else
        cert_store_append(store, element);
    store->dirty = true;
    return TRUE;
}

/* A store on disk has a certificate once, whatever the rule. */
static bool keeps_both(const struct cert_store *store, DWORD rule)
{
    return rules[rule].meeting == BESIDE && (store->backing == NULL || store->backing->add == NULL);
}

/* Under the lock: *stored is what the store has in the end, *former what it had. */
static BOOL store_settle(struct cert_store *store, struct cert_element *element, DWORD rule,
                         bool link, struct cert_element **stored, struct cert_element **former)
{
    struct cert_element *match;

    if (!store_load(store))
        return FALSE;
    if (store->read_only)
        return win_fail(E_ACCESSDENIED);
    match = keeps_both(store, rule) ? NULL : store_match(store, element);
    if (match != NULL &&
        (rules[rule].meeting == REFUSE || (rules[rule].newer && !is_newer(element, match))))
        return win_fail(CRYPT_E_EXISTS);
    if (match != NULL && rules[rule].meeting == KEEP) {
        *stored = match;
        return cert_bag_inherit(match->bag, element->bag);
    }
    *stored = link ? cert_element_link(element, store) : cert_element_copy(element, store);
    if (*stored == NULL)
        return FALSE;
    if ((match == NULL || !rules[rule].inherit || cert_bag_inherit((*stored)->bag, match->bag)) &&
        store_put(store, match, *stored)) {
        *former = match;
        return TRUE;
    }
    object_unref(&(*stored)->object);
    return FALSE;
}

BOOL cert_store_add(struct cert_store *store, struct cert_element *element, DWORD rule, bool link,
                    struct cert_element **out)
{
    struct cert_element *stored = NULL, *former = NULL;
    BOOL done;

    if (rule < CERT_STORE_ADD_NEW || rule > CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES)
        return win_fail(E_INVALIDARG);
    if (store->collection)
        return cert_collection_add(store, element, rule, link, out);
    pthread_mutex_lock(&store->lock);
    done = store_settle(store, element, rule, link, &stored, &former);
    if (done && out != NULL)
        *out = cert_element_hold(stored);
    pthread_mutex_unlock(&store->lock);
    if (former != NULL)
        object_unref(&former->object);
    return done;
}

BOOL cert_store_add_der(struct cert_store *store, enum cert_kind kind, const void *der, size_t size,
                        DWORD rule, struct cert_element **out)
{
    struct cert_element *element = cert_element_decode(kind, der, size);
    BOOL done = element != NULL && cert_store_add(store, element, rule, false, out);

    cert_element_release(element);
    return done;
}

BOOL cert_store_remove(struct cert_element *element)
{
    struct cert_store *store = element->store;
    const struct cert_backing *backing;
    BOOL done = TRUE;
    bool listed;

    if (element->origin != NULL)
        return cert_store_remove(element->origin);
    if (store == NULL)
        return TRUE;
    pthread_mutex_lock(&store->lock);
    backing = store->backing;
    listed = element->listed;
    if (listed && store->read_only)
        done = win_fail(E_ACCESSDENIED);
    else if (listed && backing != NULL && backing->remove != NULL)
        done = backing->remove(store, element);
    if (listed && done) {
        list_remove(store, element);
        store->dirty = true;
    }
    pthread_mutex_unlock(&store->lock);
    if (listed && done)
        object_unref(&element->object);
    return done;
}

/* A read-only store lets properties change in memory. */
BOOL cert_store_update(struct cert_element *element)
{
    struct cert_store *store = element->store;
    BOOL done = TRUE;

    if (element->origin != NULL)
        return cert_store_update(element->origin);
    if (store == NULL)
        return TRUE;
    pthread_mutex_lock(&store->lock);
    if (element->listed && !store->read_only) {
        store->dirty = true;
        if (store->backing != NULL && store->backing->add != NULL)
            done = store->backing->add(store, element);
    }
    pthread_mutex_unlock(&store->lock);
    return done;
}

/* --- Windows' names ------------------------------------------------------------------------- */

static PCCERT_CONTEXT face_of(struct cert_element *element, PCCERT_CONTEXT *out)
{
    if (out != NULL)
        *out = cert_element_cert(element);
    return cert_element_cert(element);
}

static BOOL certificate_add(HCERTSTORE handle, struct cert_element *element, DWORD rule, bool link,
                            PCCERT_CONTEXT *out)
{
    struct cert_store *store = cert_store_from(handle);
    struct cert_element *stored = NULL;

    if (out != NULL)
        *out = NULL;
    if (store == NULL || element == NULL)
        return win_fail(E_INVALIDARG);
    if (!cert_store_add(store, element, rule, link, out == NULL ? NULL : &stored))
        return FALSE;
    face_of(stored, out);
    return TRUE;
}

WIN_API BOOL CertAddCertificateContextToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                              DWORD dwAddDisposition,
                                              PCCERT_CONTEXT *ppStoreContext)
{
    struct cert_element *element = cert_element_from(pCertContext);

    /* Without a store it is only copied. */
    if (hCertStore == NULL && element != NULL && ppStoreContext != NULL)
        return face_of(cert_element_copy(element, NULL), ppStoreContext) != NULL;
    return certificate_add(hCertStore, element, dwAddDisposition, false, ppStoreContext);
}

WIN_API BOOL CertAddCertificateLinkToStore(HCERTSTORE hCertStore, PCCERT_CONTEXT pCertContext,
                                           DWORD dwAddDisposition, PCCERT_CONTEXT *ppStoreContext)
{
    return certificate_add(hCertStore, cert_element_from(pCertContext), dwAddDisposition, true,
                           ppStoreContext);
}

WIN_API BOOL CertAddEncodedCertificateToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                              const BYTE *pbCertEncoded, DWORD cbCertEncoded,
                                              DWORD dwAddDisposition, PCCERT_CONTEXT *ppCertContext)
{
    PCCERT_CONTEXT context =
        CertCreateCertificateContext(dwCertEncodingType, pbCertEncoded, cbCertEncoded);
    BOOL done;

    if (ppCertContext != NULL)
        *ppCertContext = NULL;
    if (context == NULL)
        return FALSE;
    done = CertAddCertificateContextToStore(hCertStore, context, dwAddDisposition, ppCertContext);
    CertFreeCertificateContext(context);
    return done;
}

WIN_API PCCERT_CONTEXT CertEnumCertificatesInStore(HCERTSTORE hCertStore,
                                                   PCCERT_CONTEXT pPrevCertContext)
{
    struct cert_store *store = cert_store_from(hCertStore);
    struct cert_element *before = cert_element_from(pPrevCertContext);
    struct cert_element *next;

    if (store == NULL) {
        cert_element_release(before);
        return NULL;
    }
    win_fail(CRYPT_E_NOT_FOUND);
    next = cert_store_next(store, CERT_KIND_CERTIFICATE, before);
    if (next == NULL && !win_no_memory())
        win_fail(CRYPT_E_NOT_FOUND);
    return cert_element_cert(next);
}

WIN_API BOOL CertDeleteCertificateFromStore(PCCERT_CONTEXT pCertContext)
{
    struct cert_element *element = cert_element_from(pCertContext);
    BOOL done = element == NULL || cert_store_remove(element);

    cert_element_release(element);
    return done;
}
