/* SPDX-License-Identifier: MIT */
/*
 * TLS where nothing is left to chance: GnuTLS gets its random octets from here and its time too, so
 * that flights which were kept answer an end of the library as they once did, up to Finished. With
 * another GnuTLS they may fall behind, and then they are inputs like others.
 */
#ifndef FUZZ_TLSWORLD_H
#define FUZZ_TLSWORLD_H

#include "fuzz.h"

#include <gnutls/gnutls.h>

#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <schannel.h>
#include <sspi.h>

/* What an end is like: the first octet of an input. */
#define TLS_WORLD_1_2         0x01 /* no version above */
#define TLS_WORLD_1_3         0x02 /* none below; with both bits, both versions */
#define TLS_WORLD_CERTIFICATE 0x04 /* a client has one, a server asks for one */
#define TLS_WORLD_VALIDATE    0x08 /* the peer's is looked at */
#define TLS_WORLD_ALPN        0x10
#define TLS_WORLD_SMALL       0x20 /* the end brings its own memory, and not enough of it at first */
#define TLS_WORLD_PIECES      0x40 /* the stream comes in pieces of so many octets */
#define TLS_WORLD_RENEW       0x80 /* once established, it is the end that begins anew */
#define TLS_WORLD_PIECE       61

/* Makes the certificate; once in a process. */
void tls_world(void);

/* The random octets of one party; both begin anew. */
enum tls_party { TLS_PARTY_OURS, TLS_PARTY_PEER, TLS_PARTIES };
void tls_world_restart(void);
void tls_world_turn(enum tls_party party);

/* ---- Octets on their way -------------------------------------------------------------------- */

struct tls_flow {
    uint8_t *data; /* of size octets exactly */
    size_t size;
};

void tls_flow_add(struct tls_flow *flow, const void *data, size_t size);
void tls_flow_drop(struct tls_flow *flow, size_t size); /* from its front */

/* ---- An end of the library ------------------------------------------------------------------ */

struct tls_end {
    bool server;
    uint8_t options;
    CredHandle cred;
    CtxtHandle ctx;
    bool open, established, over;
    bool renewed; /* RENEW has been done */
    bool met;     /* it was established once */
    SECURITY_STATUS status;
    size_t left;              /* of the input, after the record that was decrypted last */
    struct tls_flow in, *out; /* out: NULL where nobody listens */
};

/* With a credential of its own. */
void tls_end_open(struct tls_end *end, bool server, uint8_t options, struct tls_flow *out);
void tls_end_close(struct tls_end *end);

/* Legs and messages, until what has arrived is used up or the end is over. */
void tls_end_run(struct tls_end *end);

/* DecryptMessage() of what has arrived: its promises, and the data, which lie in end->in still. */
SECURITY_STATUS tls_end_decrypt(struct tls_end *end, const uint8_t **data, size_t *size);

/* ---- A bare GnuTLS end ---------------------------------------------------------------------- */

struct tls_peer {
    gnutls_session_t session;
    gnutls_certificate_credentials_t x509;
    struct tls_flow in, *out;
};

/* It has the world's certificate. */
void tls_peer_open(struct tls_peer *peer, bool server, const char *priority, struct tls_flow *out);
void tls_peer_close(struct tls_peer *peer);

/* A handshake of both, as far as it goes; true when both are done. */
bool tls_world_meet(struct tls_end *end, struct tls_peer *peer);

/* Plays an input of the targets tls_client and tls_server; whether there was a connection. */
bool tls_world_play(bool server, const uint8_t *data, size_t size);

#endif
