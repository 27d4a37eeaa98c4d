/* SPDX-License-Identifier: MIT */
/*
 * DER by libtasn1: values of the types that asn1Parser compiled from a module. Decoding is strict
 * and goes to the last octet; what is found points into the caller's octets. The tree that libtasn1
 * makes has copies of all values, so it is wiped when it goes. Below are the trees, whose calls
 * answer with libtasn1's codes; upon them a set of calls with statuses. Certificates have their own
 * (cert/der.h), with Windows' errors.
 */
#ifndef SSPI_CORE_ASN_H
#define SSPI_CORE_ASN_H

#include <libtasn1.h>
#include <sspi.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/secret.h"

/* --- Trees ---------------------------------------------------------------------------------- */

/* Octets of the input; data NULL: the element is absent. */
struct asn_part {
    const uint8_t *data;
    size_t size;
};

/* The contents of the TLV that data begins with; data NULL when not all of it is there. */
struct asn_part asn_tlv(const void *data, size_t size);

/* What asn1Parser made of a module, and libtasn1's tree of that: made at first use, kept for all.
 */
struct asn_module {
    const asn1_static_node *table;
    _Atomic(asn1_node) definitions;
};

/* A value without contents; one that is decoded, of which nothing is left on failure. error has
 * room for ASN1_MAX_ERROR_DESCRIPTION_SIZE. */
int asn_tree_new(struct asn_module *module, const char *type, asn1_node *tree);
int asn_tree_decode(struct asn_module *module, const char *type, struct asn_part der,
                    asn1_node *tree, char *error);
void asn_tree_free(asn1_node *tree);

/* The DER, to be freed with blob_wipe(). */
int asn_tree_encode(asn1_node tree, struct blob *der, char *error);

/* The octets of an element by its path ("a.b.?1.c"), with all its tags. */
struct asn_part asn_tree_element(asn1_node tree, struct asn_part der, const char *path);

/* How many elements a SEQUENCE OF or SET OF has; 0 for one that is absent. */
unsigned asn_tree_count(asn1_node tree, const char *path);

/* --- With statuses -------------------------------------------------------------------------- */

struct asn {
    asn1_node node;
    const uint8_t *data; /* what was decoded; NULL in a value that is being made */
    size_t size;
};

/*
 * Decodes one value of a type ("MODULE.Type") of a module. No more than max octets
 * are looked at, which bounds the work that malformed DER can ask for. Returns SEC_E_OK, else
 * nothing is to be closed: SEC_E_INVALID_TOKEN with the native error, SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS asn_open(struct asn *asn, struct asn_module *module, const char *type,
                         const void *data, size_t size, size_t max)
    __attribute__((warn_unused_result));

/* A value without contents, to be written to. SEC_E_INSUFFICIENT_MEMORY. */
SECURITY_STATUS asn_new(struct asn *asn, struct asn_module *module, const char *type)
    __attribute__((warn_unused_result));

void asn_close(struct asn *asn);

/* The contents of an element by its path ("a.b.?1.c"), without tags and length. All context tags of
 * the module must be EXPLICIT. */
struct asn_part asn_contents(const struct asn *asn, const char *path);

/* How many elements a SEQUENCE OF has; 0 for one that is absent. */
unsigned asn_count(const struct asn *asn, const char *path);

/* An INTEGER of 0 to UINT32_MAX, or of -2^31 on where a sign is a mistake of the encoder's. */
bool asn_uint32(const struct asn *asn, const char *path, uint32_t *value);

/*
 * Writes one element: octets, an INTEGER, an OPTIONAL one's absence, a new last element of a
 * SEQUENCE OF ("?LAST" in the path then). False when memory ran out; nothing else can fail with a
 * path that the module has.
 */
bool asn_put(const struct asn *asn, const char *path, const void *data, size_t size);
bool asn_put_uint32(const struct asn *asn, const char *path, uint32_t value);
bool asn_omit(const struct asn *asn, const char *path);
bool asn_append(const struct asn *asn, const char *path);

/* The DER, to be freed with blob_wipe(). SEC_E_INSUFFICIENT_MEMORY, SEC_E_INTERNAL_ERROR. */
SECURITY_STATUS asn_encode(const struct asn *asn, struct blob *der)
    __attribute__((warn_unused_result));

#endif
