/* SPDX-License-Identifier: MIT */
/*
 * A server's nonces. None is kept: each carries the time at which it was made and a keyed hash, by
 * which the process knows its own. What is kept, in a bounded table, is how often those that led to
 * a logon have been used. RFC 7616 5.4, 5.5
 */
#ifndef SSPI_DIGEST_NONCE_H
#define SSPI_DIGEST_NONCE_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

/* 8 octets of time, 16 of chance, 16 of the keyed hash; as hexadecimal digits. */
#define DIGEST_NONCE_SIZE (2 * 40 + 1)

/* Seconds for which a nonce is good. */
#define DIGEST_NONCE_LIFE 600

/* A nonce is for this realm and algorithm alone. */
SECURITY_STATUS digest_nonce_make(const char *realm, const char *algorithm,
                                  char nonce[DIGEST_NONCE_SIZE])
    __attribute__((warn_unused_result));

/* Whether it is one of this process, for both of them, and is not too old. */
bool digest_nonce_is_good(const char *nonce, const char *realm, const char *algorithm);

enum digest_use {
    DIGEST_USE_NEW,
    DIGEST_USE_REPLAYED, /* it was used with this count */
    DIGEST_USE_UNKNOWN   /* it may have been: the table no longer knows */
};

/* Notes a good nonce's use with a count from 1 on. */
enum digest_use digest_nonce_use(const char *nonce, uint32_t count);

#endif
