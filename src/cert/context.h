/* SPDX-License-Identifier: MIT */
/*
 * What a PCCERT_CONTEXT and a PCCRL_CONTEXT are inside.
 *
 * Three layers, each counted. A datum is the immutable encoding with what was decoded from it;
 * copies of a context share it. A bag holds the properties and the key; a copy has its own, a link
 * has its original's. An element is the context itself: the struct that programs see comes first.
 *
 * An element of a store has one reference of the store's and one of each holder. A holder's
 * reference takes one of the store too (cert_element_hold), so a store lives until its last context
 * is freed; the store's own does not, or neither would ever go.
 */
#ifndef SSPI_CERT_CONTEXT_H
#define SSPI_CERT_CONTEXT_H

#include <stdint.h>

#include "cert/cert.h"
#include "core/object.h"

struct cert_store;

enum cert_kind { CERT_KIND_CERTIFICATE, CERT_KIND_CRL, CERT_KINDS };

struct cert_datum {
    struct object object;
    enum cert_kind kind;
    void *info; /* CERT_INFO or CRL_INFO, one allocation; its blobs point into der */
    union {
        gnutls_x509_crt_t crt;
        gnutls_x509_crl_t crl;
    } parsed;
    DWORD size;
    BYTE der[];
};

struct cert_bag;

struct cert_element {
    union {
        CERT_CONTEXT cert;
        CRL_CONTEXT crl;
    } face; /* first, and alike in both */
    struct object object;
    struct cert_datum *datum;
    struct cert_bag *bag;
    struct cert_store *store;    /* NULL: in none */
    struct cert_element *origin; /* in a collection: the held element of the store it comes from */
    uint64_t sibling;            /* in a collection: which store that is */
    /* Under the store's lock: the list, in the order of position. A removed element keeps its
     * position, so that an enumeration that stands on it can go on. */
    struct cert_element *next, *previous;
    uint64_t position;
    bool listed;
};

_Static_assert(sizeof(CERT_CONTEXT) == sizeof(CRL_CONTEXT), "a certificate and a CRL look alike");
_Static_assert(offsetof(CERT_CONTEXT, hCertStore) == offsetof(CRL_CONTEXT, hCertStore),
               "a certificate and a CRL look alike");

/* The element behind a program's context; NULL for NULL. */
struct cert_element *cert_element_from(const void *context);

static inline PCCERT_CONTEXT cert_element_cert(const struct cert_element *element)
{
    return element == NULL ? NULL : &element->face.cert;
}

static inline PCCRL_CONTEXT cert_element_crl(const struct cert_element *element)
{
    return element == NULL ? NULL : &element->face.crl;
}

/*
 * A new element for an encoding that is copied: held by the caller, in no store. NULL with the
 * error set, CRYPT_E_ASN1_* for what is not DER of that kind.
 */
struct cert_element *cert_element_decode(enum cert_kind kind, const void *der, size_t size);

/*
 * An element of the same datum for a store, NULL for none; held by nobody but the caller's one
 * plain reference (object_unref). A copy gets copies of the properties but the key handles; a link
 * shares them. NULL without memory, with the error set.
 */
struct cert_element *cert_element_copy(const struct cert_element *from, struct cert_store *store);
struct cert_element *cert_element_link(const struct cert_element *from, struct cert_store *store);

/* A holder's reference, and its release; NULL is allowed. Returns the element. */
struct cert_element *cert_element_hold(struct cert_element *element);
void cert_element_release(struct cert_element *element);

/* Whether two have the same encoding. */
bool cert_element_equal(const struct cert_element *a, const struct cert_element *b);

/*
 * The key slot: one counted object of key.c's that copies and links of a context share. get gives a
 * reference or NULL; set takes one of its own and drops that of the former; NULL empties the slot.
 */
struct object *cert_context_slot_get(PCCERT_CONTEXT context);
void cert_context_slot_set(PCCERT_CONTEXT context, struct object *key);

/* The key handle among the properties, with a reference to what it is; FALSE: there is none. */
bool cert_context_handle_get(PCCERT_CONTEXT context, CERT_KEY_CONTEXT *held);

/* Takes a reference to what such a handle is, and drops one, if it is ours: keyprov.c. */
void cert_key_handle_hold(const CERT_KEY_CONTEXT *held);
void cert_key_handle_close(const CERT_KEY_CONTEXT *held);

#endif
