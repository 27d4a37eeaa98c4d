/* SPDX-License-Identifier: MIT */
/*
 * Connections of TLS whose two ends are in this process: by SSPI, by GnuTLS itself, by OpenSSL.
 * Each way does what a program would write for it, with the same versions, ciphers and
 * certificates.
 */
#ifndef TESTS_BENCH_TLS_H
#define TESTS_BENCH_TLS_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_setting {
    bool tls13, rsa, resumed; /* resumed: from the second connection on */
    unsigned bits;            /* of AES-GCM */
    void *logon;              /* the identity that CredSSP hands over; NULL: TLS alone */
};

/* A message and what a way may use before and after its data. */
#define TLS_ROOM 64U
struct tls_message {
    uint8_t *data;
    size_t size;
};

struct tls_way {
    const char *name;
    void *(*open)(const struct tls_setting *); /* the credentials of both ends */
    void (*close)(void *ends);
    void *(*connect)(void *ends); /* the whole handshake, and tickets to their reader */
    void (*disconnect)(void *pair);
    bool (*is_resumed)(void *pair);
    unsigned (*bits)(void *pair); /* of its cipher; NULL where it cannot be another's */

    /* The client seals the message, the server opens it; the data are there again afterwards. */
    void (*exchange)(void *pair, const struct tls_message *);
};

extern const struct tls_way tls_ours, tls_gnutls;
#ifdef HAVE_OPENSSL
extern const struct tls_way tls_openssl;
#endif

/* The server's certificate and key as PEM, made at the first call. */
const gnutls_datum_t *tls_pem(bool rsa);

/* The size of a leg's memory: no flight of ours is longer. */
#define TLS_FLIGHT   16384U
#define TLS_TARGET   "bench.example"
#define LOGON_TARGET "HTTP/localhost"

#endif
