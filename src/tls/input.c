/* SPDX-License-Identifier: MIT */
/* What a leg has of the peer's stream: which record is next, what it may be, and what is left over.
 */
#include "tls/input.h"

#include <string.h>

#include "core/buffer.h"

#define MESSAGE_HEAD 4U /* octets of a handshake message before its body: type and length */

/* After SEC_I_INCOMPLETE_CREDENTIALS the same input comes once more, or none. */
SECURITY_STATUS input_open(struct input *stream, struct tls_ctx *tls, const SecBufferDesc *in)
{
    const SecBuffer *token = buffer_find(in, SECBUFFER_TOKEN);

    *stream = (struct input){.data = (const uint8_t *)""};
    if (token == NULL || token->pvBuffer == NULL || token->cbBuffer == 0)
        return SEC_E_OK;
    stream->data = token->pvBuffer;
    stream->size = token->cbBuffer;
    if (stream->size < tls->parked) {
        stream->missing = tls->parked - stream->size;
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    stream->used = tls->parked;
    return SEC_E_OK;
}

/* RFC 5246 7.4.1.1: a server may ask for the first hello as well; with what, GnuTLS would not like.
 */
void input_skip_request(struct input *stream, const struct tls_ctx *tls)
{
    static const uint8_t hello_request[] = {0, 4, 0, 0, 0, 0};
    struct record record;
    size_t missing;

    if (!tls->base.inbound &&
        record_find(stream->data, stream->size, &record, &missing) == SEC_E_OK &&
        record.type == RECORD_HANDSHAKE && record.size == 3 + sizeof(hello_request) &&
        memcmp(stream->data + 3, hello_request, sizeof(hello_request)) == 0)
        stream->used = record.size;
}

void tls_input_left(struct tls_ctx *tls, const SecBufferDesc *in, size_t used,
                    SECURITY_STATUS status)
{
    const SecBuffer *token = buffer_find(in, SECBUFFER_TOKEN);
    SecBuffer *report = buffer_find(in, SECBUFFER_EMPTY);

    if (token == NULL || token->cbBuffer <= used)
        return;
    if (tls->base.pending.token.data != NULL)
        tls->base.pending.extra = token->cbBuffer - used;
    if (status < 0 || report == NULL)
        return;
    report->BufferType = SECBUFFER_EXTRA;
    report->cbBuffer = token->cbBuffer - (ULONG)used;
    report->pvBuffer = (uint8_t *)token->pvBuffer + used;
}

static void input_report_missing(const struct input *stream, const SecBufferDesc *in)
{
    SecBuffer *report = buffer_find(in, SECBUFFER_EMPTY);

    if (report == NULL)
        return;
    report->BufferType = SECBUFFER_MISSING;
    report->cbBuffer = (ULONG)stream->missing;
}

/* The second buffer tells how much of the first is left, or how much is to come. */
void input_report(const struct input *stream, struct tls_ctx *tls, const SecBufferDesc *in,
                  SECURITY_STATUS status)
{
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        input_report_missing(stream, in);
    else if (status != SEC_I_INCOMPLETE_CREDENTIALS && stream->used < stream->size)
        tls_input_left(tls, in, stream->used, status);
}

SECURITY_STATUS input_find(struct input *stream, struct record *record)
{
    return record_find(stream->data + stream->used, stream->size - stream->used, record,
                       &stream->missing);
}

/* What the session reads next. */
void input_take(struct input *stream, const struct record *record, struct tls_ctx *tls)
{
    if (record->type == RECORD_CHANGE_CIPHER_SPEC)
        tls->keys_changed = true;
    tls->in.data = stream->data + stream->used;
    tls->in.size = stream->last = record->size;
    stream->used += record->size;
}

/* Data may come before the end of another handshake, under the keys of the one before. */
bool input_is_early(const struct record *record, const struct tls_ctx *tls)
{
    return record->type == RECORD_DATA && tls->established != 0 && !tls->keys_changed;
}

/* In clear everybody can see it. What the next record goes on with may be anything. */
static bool messages_may_ask(const uint8_t *data, size_t size)
{
    while (size >= MESSAGE_HEAD && data[0] != GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST) {
        size_t message = MESSAGE_HEAD + ((size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3]);

        if (message > size)
            return true;
        data += message;
        size -= message;
    }
    return size != 0;
}

/*
 * May a client be asked for a certificate by the record that is read next? Nobody asks once the
 * keys have changed (RFC 5246 7.3), or where a session is taken up again (RFC 8446 4.3.2).
 */
bool input_may_ask(const struct input *stream, const struct record *record,
                   const struct tls_ctx *tls)
{
    if (tls->base.inbound || tls->may_go_without)
        return false;
    if (tls->established != 0)
        return true; /* it is sealed */
    if (record->type == RECORD_HANDSHAKE)
        return !tls->keys_changed && messages_may_ask(stream->data + stream->used + RECORD_HEAD,
                                                      record->size - RECORD_HEAD);
    return record->type == RECORD_DATA && !gnutls_session_is_resumed(tls->session);
}

/* The session reads on by itself while that is its handshake's. Not inlined: most of its calls for
 * octets need no further record. */
__attribute__((noinline)) bool tls_input_next(struct tls_ctx *tls)
{
    struct record record;

    if (tls->stream == NULL || input_find(tls->stream, &record) != SEC_E_OK ||
        input_is_early(&record, tls) ||
        (tls->fiber == NULL && input_may_ask(tls->stream, &record, tls)))
        return false;
    input_take(tls->stream, &record, tls);
    return true;
}

/* With what is held for it the caller comes to DecryptMessage(), with octets that were read. */
void input_keep_last(struct input *stream, const SecBufferDesc *in, struct tls_ctx *tls)
{
    if (tls->held == NULL || tls->held->size == 0 || buffer_find(in, SECBUFFER_EMPTY) == NULL)
        return;
    tls->held->record = stream->last;
    stream->used -= stream->last;
}
