/* SPDX-License-Identifier: MIT */
/*
 * One end of a TLS connection by SSPI, over memory: what a program does with sockets, with every
 * promise about buffers looked at on the way. The other end may be another of these, or a bare
 * GnuTLS session.
 */
#ifndef TESTS_LIB_STREAM_H
#define TESTS_LIB_STREAM_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <schannel.h>
#include <sspi.h>

/* Octets on their way to somebody. */
struct flow {
    uint8_t *data;
    size_t size, capacity;
};

void flow_add(struct flow *flow, const void *data, size_t size);
void flow_drop(struct flow *flow, size_t size); /* from its front */
void flow_free(struct flow *flow);

struct stream {
    bool server;
    CredHandle cred;
    bool cred_open;
    CtxtHandle ctx;
    bool ctx_open, closing;

    /* what stream_leg() asks for */
    const char *target;
    ULONG request;    /* besides ALLOCATE_MEMORY */
    size_t chunk;     /* octets more that arrive before each call; 0: all that there are */
    const void *alpn; /* a SECBUFFER_APPLICATION_PROTOCOLS for the first leg */
    ULONG alpn_size;
    CredHandle *second; /* for SEC_I_INCOMPLETE_CREDENTIALS; NULL: the same again */

    /* what came of it */
    SECURITY_STATUS status; /* of the last leg */
    ULONG flags;
    unsigned legs, asked; /* calls, and times that a certificate was asked for */
    uint8_t alert[2];     /* from the ALERT buffer */
    struct flow in;       /* what the peer has sent and nobody has read yet */
    size_t arrived;       /* how much of it this end has been shown */
    SecPkgContext_StreamSizes sizes;
    unsigned kept; /* messages that a handshake had kept for stream_open() */
};

/* Zeros, and what a program usually asks for. */
void stream_init(struct stream *stream, bool server);

/* Acquires the credential; auth is pAuthData. */
SECURITY_STATUS stream_acquire(struct stream *stream, const void *auth);

/* One call; what it says to send is appended to out. */
SECURITY_STATUS stream_leg(struct stream *stream, struct flow *out);

/* Legs of both until both are done, one has failed, or nothing moves any more. True when done. */
bool stream_shake(struct stream *client, struct stream *server);

/* The same, and the test fails with what was said when it does not work. */
void stream_establish(struct stream *client, struct stream *server);

/* Seals a message, contiguous or with each buffer elsewhere; the record is appended to out. */
SECURITY_STATUS stream_seal(struct stream *stream, const void *data, size_t size, bool scattered,
                            struct flow *out);

/*
 * Opens the next record of stream->in, which is taken out of it. data has room for a whole record's
 * text; *size is 0 where there was none. SEC_E_INCOMPLETE_MESSAGE leaves all as it was.
 */
SECURITY_STATUS stream_open(struct stream *stream, void *data, size_t *size);

/* Sends text one way and reads it the other, whatever else arrives before it. */
void stream_say(struct stream *from, struct stream *to, const char *text);

/* Sends close_notify. */
void stream_shutdown(struct stream *stream, struct flow *out);

/* Deletes the context; the credential as well. */
void stream_close(struct stream *stream);
void stream_free(struct stream *stream);

/* --- A bare GnuTLS end ---------------------------------------------------------------------- */

struct bare {
    gnutls_session_t session;
    gnutls_certificate_credentials_t x509;
    struct flow in, *out; /* out: the other end's input */
};

/* priority and, for a server, the PEM file with key and certificates; NULL: none. */
void bare_open(struct bare *bare, bool server, const char *priority, const char *pem,
               struct flow *out);
void bare_close(struct bare *bare);

/* Legs of both until done or failed; what gnutls_handshake() said last. */
int bare_shake(struct bare *bare, struct stream *stream);

#endif
