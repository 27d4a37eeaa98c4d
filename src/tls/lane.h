/* SPDX-License-Identifier: MIT */
/*
 * One direction's records, sealed and opened in the caller's own memory with the session's keys: no
 * copy, no allocation. What is not application data remains the session's; whoever has the keys
 * counts the records, so they change hands explicitly. Precedent: GnuTLS does the same for kernel
 * TLS.
 */
#ifndef SSPI_TLS_LANE_H
#define SSPI_TLS_LANE_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/record.h"

/* How a cipher makes its nonce, and what a record has before and after its text. */
struct lane_shape {
    uint8_t salt;     /* octets of the key's IV */
    uint8_t explicit; /* octets of the nonce that are sent (RFC 5288 3), else the IV is XORed */
    uint8_t tag;
    bool inner_type; /* TLS 1.3: the content type is sealed too */
};

struct lane {
    gnutls_aead_cipher_hd_t aead; /* NULL: these records are the session's */
    struct lane_shape shape;
    uint8_t iv[12];
    uint64_t sequence; /* of the next record */
};

/* Takes the keys and the count from the session; leaves aead NULL where they are not understood. */
void lane_take(struct lane *lane, gnutls_session_t session, bool reading);

/* Gives the count back: before any call that lets the session read or write. A GnuTLS code. */
int lane_give(const struct lane *lane, gnutls_session_t session, bool reading);

void lane_close(struct lane *lane);

/* Octets before and after the data of a sealed record. */
static inline size_t lane_head(const struct lane *lane)
{
    return RECORD_HEAD + lane->shape.explicit;
}

static inline size_t lane_tail(const struct lane *lane)
{
    return lane->shape.tag + (lane->shape.inner_type ? 1U : 0U);
}

/*
 * Seals size octets of data in place: lane_head() octets go to head, lane_tail() ones to tail,
 * which may follow the data directly, and then it is fastest. A GnuTLS code; nothing is counted on
 * failure.
 */
int lane_seal(struct lane *lane, uint8_t *head, uint8_t *data, size_t size, uint8_t *tail);

/*
 * Opens a record in place: its text begins at lane_head(), is *size octets long (without padding),
 * and of the type *type. On failure the record holds nothing of use: the caller wipes it.
 */
int lane_open(struct lane *lane, uint8_t *record, size_t record_size, enum record_type *type,
              size_t *size);

/* Undoes the lane_open() that was the last: the record is as it came, and not counted. */
int lane_close_again(struct lane *lane, uint8_t *record, size_t record_size);

#endif
