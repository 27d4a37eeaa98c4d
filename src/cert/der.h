/* SPDX-License-Identifier: MIT */
/*
 * DER by libtasn1, and the one block of memory that a decoded structure is. Everything found points
 * into the caller's octets, or is copied behind the structure.
 */
#ifndef SSPI_CERT_DER_H
#define SSPI_CERT_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <wincrypt.h>

#include "core/asn.h"

/* --- Reading -------------------------------------------------------------------------------- */

struct der {
    asn1_node node;
    const uint8_t *data;
    size_t size;
    DWORD flags; /* the caller's CRYPT_DECODE_* or CRYPT_ENCODE_* */
};

/*
 * Decodes one value of a type of pkix.asn, strictly and to the last octet. GetLastError() says why
 * not: CRYPT_E_ASN1_EOD for too little, CRYPT_E_ASN1_BADTAG for something else,
 * CRYPT_E_ASN1_CORRUPT.
 */
bool der_open(struct der *der, const char *type, const void *data, size_t size);
void der_close(struct der *der);

/* An element by its path ("a.b.?1.c"): as it is encoded, and its contents alone. */
struct asn_part der_element(const struct der *der, const char *path);
struct asn_part der_contents(const struct der *der, const char *path);

/* Whether an OPTIONAL element is there, of whatever type. */
bool der_has(const struct der *der, const char *path);

/* How many elements a SEQUENCE OF or SET OF has; 0 for one that is absent. */
unsigned der_count(const struct der *der, const char *path);

/* The contents of one TLV that fills part. False when it does not. */
bool der_strip(struct asn_part part, struct asn_part *contents);

/* --- Writing -------------------------------------------------------------------------------- */

/*
 * A value of a type without contents, for asn1_write_value(); and its DER, to be freed with free().
 * False and NULL come with the error set: CRYPT_E_ASN1_BADARGS for what cannot be encoded.
 */
bool der_new(struct der *der, const char *type);
uint8_t *der_encode(const struct der *der, size_t *size);

/* --- The block ------------------------------------------------------------------------------ */

/*
 * Memory that is handed out from one block. The same code runs twice: the first time each piece is
 * one of its own, to learn what they come to.
 */
struct arena_piece;

struct arena {
    uint8_t *block;
    size_t size, used;
    struct arena_piece *pieces; /* while counting */
};

/* Zeroed, aligned for anything; NULL when memory ran out, which the caller passes on. */
void *arena_take(struct arena *arena, size_t size);

/* A string's or an INTEGER's copy; the latter turned round, as Windows has its numbers. */
char *arena_text(struct arena *arena, const char *text);
bool arena_integer(struct arena *arena, struct asn_part part, CRYPT_INTEGER_BLOB *blob);
bool arena_unsigned(struct arena *arena, struct asn_part part, CRYPT_UINT_BLOB *blob);

/*
 * Makes a structure: fill takes it from the arena first, and the rest after it. Returns the block,
 * to be freed with free(), or NULL with the error set. *size, unless NULL, is the block's.
 */
void *arena_build(bool (*fill)(struct arena *arena, const void *input), const void *input,
                  size_t *size);

/* The same in two steps, for a block of the caller's. */
bool arena_measure(bool (*fill)(struct arena *arena, const void *input), const void *input,
                   size_t *size);
bool arena_fill(bool (*fill)(struct arena *arena, const void *input), const void *input,
                void *block, size_t size);

/* --- Fields that many structures have ------------------------------------------------------- */

bool der_oid(const struct der *der, const char *path, struct arena *arena, char **text);
bool der_boolean(const struct der *der, const char *path); /* FALSE where it is absent */
bool der_time(const struct der *der, const char *path, FILETIME *time); /* either of X.509's two */
bool der_utc_time(const struct der *der, const char *path, FILETIME *time);

/* The contents of a BIT STRING as bits. */
bool der_part_bits(struct asn_part part, CRYPT_BIT_BLOB *blob);

#endif
