/* SPDX-License-Identifier: MIT */
/* The frame of a TLS record (RFC 8446 5.1): how much of a stream belongs together. */
#ifndef SSPI_TLS_RECORD_H
#define SSPI_TLS_RECORD_H

#include <sspi.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_HEAD 5U

/* RFC 5246 6.2.3: no record's body is longer; TLS 1.3 allows less, which is checked on opening. */
#define RECORD_BODY_MAX (16384U + 2048U)
#define RECORD_DATA_MAX 16384U

enum record_type {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23
};

struct record {
    enum record_type type;
    size_t size; /* octets with the head */
};

/*
 * Looks at the record that data begins with. Returns SEC_E_OK when all of it is there;
 * SEC_E_INCOMPLETE_MESSAGE with the number of octets to come in *missing, as far as it is known
 * yet; SEC_E_INVALID_TOKEN when this is not TLS.
 */
SECURITY_STATUS record_find(const uint8_t *data, size_t size, struct record *record,
                            size_t *missing) __attribute__((warn_unused_result));

#endif
