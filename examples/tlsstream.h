/* SPDX-License-Identifier: MIT */
/*
 * A TLS connection by Schannel's functions, for either end: handshake, records, close_notify.
 * Ordinary Windows code.
 */
#ifndef EXAMPLES_TLSSTREAM_H
#define EXAMPLES_TLSSTREAM_H

#define SCHANNEL_USE_BLACKLISTS /* SCH_CREDENTIALS, the way to TLS 1.3 */
#include "common.h"

#include <subauth.h>
#include <wincrypt.h>
#include <schannel.h>

/* More than the largest record, so that the rest of one and the next fit. */
#define STREAM_ROOM 32768

struct stream {
    SOCKET socket;
    CredHandle *credential;
    char *server; /* whom the client wants to reach; NULL: this end is the server */
    CtxtHandle context;
    int begun; /* there is a context */
    int legs;
    ULONG flags;
    SecPkgContext_StreamSizes sizes;
    ULONG held; /* octets in room that were received and not used yet */
    unsigned char room[STREAM_ROOM];
    struct tally tally;
};

/*
 * stream_open: the handshake; on failure the peer has been told, and there is nothing to close.
 * stream_receive: one record. data has room for STREAM_ROOM octets; *size may be 0, since not every
 * record has data. SEC_I_CONTEXT_EXPIRED is the peer's close_notify.
 * stream_close: says close_notify and frees the context.
 */
SECURITY_STATUS stream_open(struct stream *stream, SOCKET s, CredHandle *credential, char *server);
SECURITY_STATUS stream_send(struct stream *stream, const void *data, ULONG size);
SECURITY_STATUS stream_receive(struct stream *stream, void *data, ULONG *size);
SECURITY_STATUS stream_shutdown(struct stream *stream);
void stream_free(struct stream *stream);

/* Prints what was negotiated, and whose certificate the peer has shown. */
int stream_print(struct stream *stream);

#endif
