/* SPDX-License-Identifier: MIT */
/*
 * Messages through the GnuTLS session: one record each. The session copies; records of the AEAD
 * suites go another way.
 */
#include <string.h>

#include "core/buffer.h"
#include "tls/record.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* --- EncryptMessage ------------------------------------------------------------------------- */

struct envelope {
    SecBuffer *header, *data, *trailer;
};

static bool envelope_open(struct envelope *envelope, const SecBufferDesc *message)
{
    envelope->header = buffer_find(message, SECBUFFER_STREAM_HEADER);
    envelope->data = buffer_find(message, SECBUFFER_DATA);
    envelope->trailer = buffer_find(message, SECBUFFER_STREAM_TRAILER);
    return envelope->header != NULL && envelope->data != NULL && envelope->trailer != NULL &&
           buffer_count(message, SECBUFFER_DATA) == 1;
}

/* The record in a row over the three buffers, of which the middle one keeps its size. */
static SECURITY_STATUS envelope_fill(const struct envelope *envelope, const struct tls_sizes *sizes,
                                     const uint8_t *record, size_t size)
{
    size_t before = sizes->header, within = envelope->data->cbBuffer;

    if (size < before + within || envelope->header->cbBuffer < before ||
        envelope->trailer->cbBuffer < size - before - within)
        return SEC_E_BUFFER_TOO_SMALL;
    memcpy(envelope->header->pvBuffer, record, before);
    if (within != 0)
        memcpy(envelope->data->pvBuffer, record + before, within);
    memcpy(envelope->trailer->pvBuffer, record + before + within, size - before - within);
    envelope->header->cbBuffer = (ULONG)before;
    envelope->trailer->cbBuffer = (ULONG)(size - before - within);
    return SEC_E_OK;
}

static int seal_data(struct tls_ctx *tls, const SecBuffer *data)
{
    ssize_t sent =
        gnutls_record_send(tls->session, data->cbBuffer == 0 ? "" : data->pvBuffer, data->cbBuffer);

    return sent < 0 ? (int)sent : GNUTLS_E_SUCCESS;
}

/* fQOP SECQOP_WRAP_OOB_DATA: the data are the level and the description of an alert. */
static int seal_alert(struct tls_ctx *tls, const SecBuffer *data)
{
    const uint8_t *alert = data->pvBuffer;

    if (data->cbBuffer != 2)
        return GNUTLS_E_INVALID_REQUEST;
    return gnutls_alert_send(tls->session, alert[0], alert[1]);
}

static SECURITY_STATUS seal(struct tls_ctx *tls, ULONG qop, const struct envelope *envelope)
{
    struct tls_sizes sizes;
    SECURITY_STATUS status;
    int code;

    if (tls->closing == TLS_CLOSED || tls->renegotiating)
        return SEC_E_CONTEXT_EXPIRED;
    if (envelope->data->cbBuffer > RECORD_DATA_MAX)
        return SEC_E_ENCRYPT_FAILURE;
    tls_sizes_get(tls, &sizes);
    if (envelope->header->cbBuffer < sizes.header)
        return SEC_E_BUFFER_TOO_SMALL;
    code = qop == SECQOP_WRAP_OOB_DATA ? seal_alert(tls, envelope->data)
                                       : seal_data(tls, envelope->data);
    status = code == GNUTLS_E_SUCCESS
                 ? envelope_fill(envelope, &sizes, tls->out.data, tls->out.size)
                 : tls_status("gnutls_record_send", code, GNUTLS_A_CLOSE_NOTIFY);
    /* A record that went nowhere leaves a gap that the peer does not forgive. */
    if (status != SEC_E_OK)
        tls->base.state = CTX_DEAD;
    return status;
}

SECURITY_STATUS tlspkg_msg_seal(struct ctx *ctx, ULONG qop, const SecBufferDesc *message,
                                ULONG sequence)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    struct envelope envelope;
    SECURITY_STATUS status;

    (void)sequence;
    if (qop != 0 && qop != SECQOP_WRAP_OOB_DATA)
        return SEC_E_QOP_NOT_SUPPORTED;
    if (!envelope_open(&envelope, message))
        return SEC_E_INVALID_TOKEN;
    pthread_mutex_lock(&tls->sending);
    status = seal(tls, qop, &envelope);
    tls->out.size = 0;
    pthread_mutex_unlock(&tls->sending);
    return status;
}

/* --- DecryptMessage ------------------------------------------------------------------------- */

/* The four buffers of the answer, in the order in which the caller has them. */
enum { SLOT_HEADER, SLOT_DATA, SLOT_TRAILER, SLOT_EXTRA, SLOTS };

struct answer {
    SecBuffer *slots[SLOTS];
    uint8_t *stream;
    size_t size;
    struct record record;
    struct tls_sizes sizes;
};

/* One DATA buffer and three EMPTY ones. */
static bool answer_open(struct answer *answer, const SecBufferDesc *message)
{
    unsigned count = 0;
    const SecBuffer *data = buffer_find(message, SECBUFFER_DATA);

    if (data == NULL || buffer_count(message, SECBUFFER_DATA) != 1)
        return false;
    for (ULONG i = 0; i < message->cBuffers && count < SLOTS; i++) {
        ULONG type = buffer_type(&message->pBuffers[i]);

        if (type == SECBUFFER_DATA || type == SECBUFFER_EMPTY)
            answer->slots[count++] = &message->pBuffers[i];
    }
    answer->stream = data->pvBuffer;
    answer->size = data->cbBuffer;
    return count == SLOTS;
}

static void slot_set(SecBuffer *slot, ULONG type, uint8_t *data, size_t size)
{
    slot->BufferType = type;
    slot->pvBuffer = data;
    slot->cbBuffer = (ULONG)size;
}

/* As Windows does it: the first two tell how much is missing, what the caller brought is his to
 * keep. */
static SECURITY_STATUS answer_missing(const struct answer *answer, size_t missing)
{
    for (unsigned i = 0; i < 2; i++) {
        answer->slots[i]->BufferType = SECBUFFER_MISSING;
        answer->slots[i]->cbBuffer = (ULONG)missing;
    }
    return SEC_E_INCOMPLETE_MESSAGE;
}

static void answer_fill(const struct answer *answer, size_t plain)
{
    uint8_t *data = answer->stream + answer->sizes.header;
    uint8_t *end = answer->stream + answer->record.size;
    size_t left = answer->size - answer->record.size;

    if (answer->record.size < answer->sizes.header + plain)
        data = end - plain; /* a short record of another kind: an alert, a ticket */
    slot_set(answer->slots[SLOT_HEADER], SECBUFFER_STREAM_HEADER, answer->stream,
             (size_t)(data - answer->stream));
    slot_set(answer->slots[SLOT_DATA], SECBUFFER_DATA, data, plain);
    slot_set(answer->slots[SLOT_TRAILER], SECBUFFER_STREAM_TRAILER, data + plain,
             (size_t)(end - data) - plain);
    if (left != 0)
        slot_set(answer->slots[SLOT_EXTRA], SECBUFFER_EXTRA, end, left);
    else
        slot_set(answer->slots[SLOT_EXTRA], SECBUFFER_EMPTY, NULL, 0);
}

/* What a failed opening leaves of the record in the caller's memory may be plain text. */
static SECURITY_STATUS unseal_failed(struct tls_ctx *tls, const struct answer *answer, int code)
{
    gnutls_memset(answer->stream, 0, answer->record.size);
    tls->base.state = CTX_DEAD;
    return tls_status("gnutls_record_recv", code, gnutls_alert_get(tls->session));
}

/* The status that goes with what gnutls_record_recv() said. */
static SECURITY_STATUS unseal_result(struct tls_ctx *tls, const struct answer *answer, ssize_t got)
{
    switch (got) {
    case 0:
        tls->closed_by_peer = true;
        answer_fill(answer, 0);
        return SEC_I_CONTEXT_EXPIRED;
    case GNUTLS_E_AGAIN: /* an empty message, tickets, new keys */
    case GNUTLS_E_INTERRUPTED:
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        answer_fill(answer, 0);
        return SEC_E_OK;
    case GNUTLS_E_REHANDSHAKE:
        tls->renegotiating = true;
        answer_fill(answer, 0);
        return SEC_I_RENEGOTIATE;
    default:
        if (got < 0)
            return unseal_failed(tls, answer, (int)got);
        answer_fill(answer, (size_t)got);
        return SEC_E_OK;
    }
}

static SECURITY_STATUS unseal(struct tls_ctx *tls, struct answer *answer)
{
    size_t missing = 0;
    SECURITY_STATUS status;
    ssize_t got;

    if (tls->renegotiating)
        return SEC_E_CONTEXT_EXPIRED;
    if (tls->closed_by_peer)
        return SEC_I_CONTEXT_EXPIRED;
    status = record_find(answer->stream, answer->size, &answer->record, &missing);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return answer_missing(answer, missing);
    if (status != SEC_E_OK) {
        tls->base.state = CTX_DEAD;
        return status;
    }
    tls_sizes_get(tls, &answer->sizes);
    tls->in.data = answer->stream;
    tls->in.size = answer->record.size;
    got = gnutls_record_recv(tls->session, answer->stream + RECORD_HEAD,
                             answer->record.size - RECORD_HEAD);
    if (got > 0)
        memmove(answer->stream + answer->sizes.header, answer->stream + RECORD_HEAD, (size_t)got);
    return unseal_result(tls, answer, got);
}

SECURITY_STATUS tlspkg_msg_unseal(struct ctx *ctx, const SecBufferDesc *message, ULONG sequence,
                                  ULONG *qop)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    struct answer answer;
    SECURITY_STATUS status;

    (void)sequence;
    if (!answer_open(&answer, message))
        return SEC_E_INVALID_TOKEN;
    if (qop != NULL)
        *qop = 0;
    pthread_mutex_lock(&tls->receiving);
    status = unseal(tls, &answer);
    pthread_mutex_unlock(&tls->receiving);
    return status;
}

/* Records that belong to no handshake are DecryptMessage()'s: all of them go back as EXTRA. */
SECURITY_STATUS tls_absorb(struct tls_ctx *tls, struct leg *leg)
{
    const SecBuffer *token = buffer_find(leg->in, SECBUFFER_TOKEN);
    SecBuffer *extra = buffer_find(leg->in, SECBUFFER_EMPTY);

    if (extra != NULL)
        slot_set(extra, SECBUFFER_EXTRA, token->pvBuffer, token->cbBuffer);
    return ctx_emit(&tls->base, leg, NULL, 0, SEC_E_OK);
}
