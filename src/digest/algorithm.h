/* SPDX-License-Identifier: MIT */
/* The hash algorithms of Digest: RFC 2617 3.2.1, RFC 7616 3.3, RFC 2831 2.1.1. */
#ifndef SSPI_DIGEST_ALGORITHM_H
#define SSPI_DIGEST_ALGORITHM_H

#include <gnutls/crypto.h>
#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_HASH_MAX 32U
#define DIGEST_HEX_SIZE (2 * DIGEST_HASH_MAX + 1)

struct digest_algorithm {
    const char *name;
    gnutls_digest_algorithm_t hash;
    gnutls_mac_algorithm_t mac;
    unsigned size; /* octets of a hash */
    bool session;  /* A1 has the nonces of both sides in it */
};

/* Ended by one without a name; the strongest is the first. */
extern const struct digest_algorithm digest_algorithms[];

/* By its name without regard to case; NULL is MD5, the default of RFC 2617. NULL: not known. */
const struct digest_algorithm *digest_algorithm_find(const char *name);

struct digest_part {
    const void *data;
    size_t size;
};

/*
 * The hash of the parts with a colon between each two of them. SEC_E_OK, or
 * SEC_E_ALGORITHM_MISMATCH where GnuTLS may not use the algorithm (FIPS 140).
 */
SECURITY_STATUS digest_hash(const struct digest_algorithm *, const struct digest_part *parts,
                            size_t count, uint8_t *out) __attribute__((warn_unused_result));

/* The keyed hash, HMAC, of parts with nothing between them. */
SECURITY_STATUS digest_mac(const struct digest_algorithm *, const struct digest_part *key,
                           const struct digest_part *parts, size_t count, uint8_t *out)
    __attribute__((warn_unused_result));

/* Random octets as lower-case hexadecimal digits; text has 2 * size + 1 characters. */
SECURITY_STATUS digest_random_hex(size_t size, char *text) __attribute__((warn_unused_result));

/* The octets of exactly so many pairs of lower-case hexadecimal digits; false: it is not that. */
bool digest_hex_read(const char *hex, uint8_t *octets, size_t size);

/* Whether a text, or NULL, could be a hash by the algorithm. */
bool digest_is_hash(const struct digest_algorithm *, const char *hex);

/* Whether two texts are equal, in a time that tells nothing about where they differ. */
bool digest_equal(const char *a, const char *b);

#endif
