/* SPDX-License-Identifier: MIT */
/* A leg's input: the caller's stream, record by record. */
#ifndef SSPI_TLS_INPUT_H
#define SSPI_TLS_INPUT_H

#include "tls/record.h"
#include "tls/tlspkg.h"

/* What the caller's token holds, and how far it has been read. */
struct input {
    const uint8_t *data;
    size_t size, used, missing;
    size_t last; /* octets of the record that was read last */
};

/* SEC_E_INCOMPLETE_MESSAGE where less comes than a parked leg has read already. */
SECURITY_STATUS input_open(struct input *stream, struct tls_ctx *tls, const SecBufferDesc *in);

/* Passes over a HelloRequest that it begins with. */
void input_skip_request(struct input *stream, const struct tls_ctx *tls);

/* The next record, as record_find() says; and the session is given it. */
SECURITY_STATUS input_find(struct input *stream, struct record *record);
void input_take(struct input *stream, const struct record *record, struct tls_ctx *tls);

/* Once it was taken: is it data that came before the keys of another handshake? */
bool input_is_early(const struct record *record, const struct tls_ctx *tls);

/* Before it is taken: may it ask a client for a certificate? */
bool input_may_ask(const struct input *stream, const struct record *record,
                   const struct tls_ctx *tls);

/* At the leg's end: what the caller gets back, and what it is told of it. */
void input_keep_last(struct input *stream, const SecBufferDesc *in, struct tls_ctx *tls);
void input_report(const struct input *stream, struct tls_ctx *tls, const SecBufferDesc *in,
                  SECURITY_STATUS status);

#endif
