/* SPDX-License-Identifier: MIT */
/* DecryptMessage: one record, opened by a lane in the caller's memory or by the session. */
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "tls/record.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* GnuTLS bears as many before it calls them a flood. */
#define EMPTY_MAX 200

/* --- The caller's buffers ------------------------------------------------------------------- */

/* The four buffers of the answer, in the order in which the caller has them. */
enum { SLOT_HEADER, SLOT_DATA, SLOT_TRAILER, SLOT_EXTRA, SLOTS };

struct answer {
    SecBuffer *slots[SLOTS];
    uint8_t *stream;
    size_t size;
    struct record record;
};

/* One DATA buffer and three EMPTY ones, in any order; others besides are left alone. */
static bool answer_search(struct answer *answer, const SecBufferDesc *message)
{
    unsigned count = 0;
    const SecBuffer *data = NULL;

    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *buffer = &message->pBuffers[i];
        ULONG type = buffer_type(buffer);

        if (type == SECBUFFER_DATA && data != NULL)
            return false;
        if (type == SECBUFFER_DATA)
            data = buffer;
        if ((type == SECBUFFER_DATA || type == SECBUFFER_EMPTY) && count < SLOTS)
            answer->slots[count++] = buffer;
    }
    if (data == NULL || count < SLOTS)
        return false;
    answer->stream = data->pvBuffer;
    answer->size = data->cbBuffer;
    return true;
}

/* All programs have the data first. */
static inline bool answer_open(struct answer *answer, const SecBufferDesc *message)
{
    SecBuffer *buffers = message->pBuffers;

    if (message->cBuffers != SLOTS || buffer_type(&buffers[0]) != SECBUFFER_DATA ||
        (buffer_type(&buffers[1]) | buffer_type(&buffers[2]) | buffer_type(&buffers[3])) !=
            SECBUFFER_EMPTY)
        return answer_search(answer, message);
    for (unsigned i = 0; i < SLOTS; i++)
        answer->slots[i] = &buffers[i];
    answer->stream = buffers[0].pvBuffer;
    answer->size = buffers[0].cbBuffer;
    return true;
}

static void slot_set(SecBuffer *slot, ULONG type, uint8_t *data, size_t size)
{
    slot->BufferType = type;
    slot->pvBuffer = data;
    slot->cbBuffer = (ULONG)size;
}

/* As Windows does it: the first two say how much; what the caller brought stays where it was. */
static SECURITY_STATUS answer_missing(const struct answer *answer, size_t missing)
{
    for (unsigned i = 0; i < 2; i++) {
        answer->slots[i]->BufferType = SECBUFFER_MISSING;
        answer->slots[i]->cbBuffer = (ULONG)missing;
    }
    return SEC_E_INCOMPLETE_MESSAGE;
}

/* The record's data are size octets at head; what follows the record is the caller's again. */
static void answer_fill(const struct answer *answer, size_t head, size_t size)
{
    uint8_t *data = answer->stream + head, *end = answer->stream + answer->record.size;
    size_t left = answer->size - answer->record.size;

    slot_set(answer->slots[SLOT_HEADER], SECBUFFER_STREAM_HEADER, answer->stream, head);
    slot_set(answer->slots[SLOT_DATA], SECBUFFER_DATA, data, size);
    slot_set(answer->slots[SLOT_TRAILER], SECBUFFER_STREAM_TRAILER, data + size,
             (size_t)(end - data) - size);
    if (left != 0)
        slot_set(answer->slots[SLOT_EXTRA], SECBUFFER_EXTRA, end, left);
    else
        slot_set(answer->slots[SLOT_EXTRA], SECBUFFER_EMPTY, NULL, 0);
}

/* The record held nothing for the caller. */
static SECURITY_STATUS answer_nothing(const struct answer *answer, SECURITY_STATUS status)
{
    answer_fill(answer, RECORD_HEAD, 0);
    return status;
}

/* What a failed opening leaves in the caller's memory may be plain text that nobody vouches for. */
static SECURITY_STATUS unseal_failed(struct tls_ctx *tls, const struct answer *answer,
                                     const char *what, int code)
{
    gnutls_memset(answer->stream, 0, answer->record.size);
    ctx_become(&tls->base, CTX_DEAD);
    return tls_status(what, code, gnutls_alert_get(tls->session));
}

/* --- By the session ------------------------------------------------------------------------- */

/* Tickets, new keys and warnings need no answer; strict programs want to see them (SSPI_SCHANNEL).
 */
static SECURITY_STATUS session_consumed(struct tls_ctx *tls, const struct answer *answer)
{
    if (!tls_is_strict() || gnutls_protocol_get_version(tls->session) < GNUTLS_TLS1_3)
        return answer_nothing(answer, SEC_E_OK);
    tls->renegotiating = true;
    tls->shown = answer->record.size;
    answer_fill(answer, RECORD_HEAD, 0);
    slot_set(answer->slots[SLOT_EXTRA], SECBUFFER_EXTRA, answer->stream, answer->size);
    return SEC_I_RENEGOTIATE;
}

static SECURITY_STATUS session_result(struct tls_ctx *tls, const struct answer *answer, ssize_t got)
{
    switch (got) {
    case 0:
        tls->closed_by_peer = true;
        return answer_nothing(answer, SEC_I_CONTEXT_EXPIRED);
    case GNUTLS_E_AGAIN:
        if (gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3)
            tls_session_remember(tls);
        return session_consumed(tls, answer);
    case GNUTLS_E_INTERRUPTED:
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        return session_consumed(tls, answer);
    case GNUTLS_E_REHANDSHAKE:
        tls->renegotiating = true;
        return answer_nothing(answer, SEC_I_RENEGOTIATE);
    default:
        if (got < 0)
            return unseal_failed(tls, answer, "gnutls_record_recv", (int)got);
        answer_fill(answer, RECORD_HEAD, (size_t)got);
        return SEC_E_OK;
    }
}

/* GnuTLS reads the whole record before it writes the data to where that was. */
static ssize_t session_receive(struct tls_ctx *tls, const struct answer *answer)
{
    ssize_t got;

    tls->in.data = answer->stream;
    tls->in.size = answer->record.size;
    got = gnutls_record_recv(tls->session, answer->stream + RECORD_HEAD,
                             answer->record.size - RECORD_HEAD);
    tls->in.size = 0; /* it is the caller's memory */
    return got;
}

/* What is not data may change what the other direction goes by. */
static SECURITY_STATUS unseal_by_session(struct tls_ctx *tls, const struct answer *answer)
{
    ssize_t got = session_receive(tls, answer);
    SECURITY_STATUS status;

    if (got > 0)
        return session_result(tls, answer, got);
    latch_take(&tls->sending);
    status = session_result(tls, answer, got);
    latch_leave(&tls->sending);
    return status;
}

/* --- By the lane ---------------------------------------------------------------------------- */

#define KEY_UPDATE       24
#define UPDATE_REQUESTED 1

/* Takes the next octets of a handshake message; returns how many. */
static size_t fragment_take(struct tls_fragment *fragment, const uint8_t *text, size_t size)
{
    size_t part = fragment->left < size ? fragment->left : size;

    if (fragment->left != 0) {
        fragment->left -= (uint32_t)part;
        return part;
    }
    fragment->head[fragment->have++] = *text;
    if (fragment->have == sizeof(fragment->head)) {
        fragment->have = 0;
        fragment->left =
            (uint32_t)(fragment->head[1] << 16 | fragment->head[2] << 8 | fragment->head[3]);
    }
    return 1;
}

/*
 * RFC 8446 5.1: no other record may come between the parts of a handshake message, and new keys
 * are for the next record: false where more follows them in theirs. RFC 8446 4.6.3: GnuTLS puts
 * its answer to a request for new keys off until it sends data itself, which it never will.
 */
static bool fragments_note(struct tls_ctx *tls, const uint8_t *text, size_t size)
{
    struct tls_fragment *fragment = &tls->fragment;

    while (size != 0) {
        size_t part = fragment_take(fragment, text, size);

        text += part;
        size -= part;
        if (fragment->have != 0 || fragment->left != 0 || fragment->head[0] != KEY_UPDATE)
            continue;
        if (text[-1] == UPDATE_REQUESTED)
            atomic_store_explicit(&tls->update_wanted, true, memory_order_relaxed);
        if (size != 0)
            return false;
    }
    return true;
}

/* The session has to see this record, at its place in both counts. */
static SECURITY_STATUS hand_over(struct tls_ctx *tls, const struct answer *answer)
{
    SECURITY_STATUS status;
    ssize_t got;

    latch_take(&tls->sending);
    got = tls_lanes_give(tls);
    if (got == GNUTLS_E_SUCCESS) {
        got = session_receive(tls, answer);
        tls_lanes_take(tls);
    }
    if (got > 0) /* data were the lane's to open */
        got = GNUTLS_E_UNEXPECTED_PACKET;
    status = session_result(tls, answer, got);
    latch_leave(&tls->sending);
    return status;
}

/* TLS 1.3 told only by opening it that this record is not data. It is closed as it was. */
static SECURITY_STATUS close_and_hand_over(struct tls_ctx *tls, const struct answer *answer,
                                           enum record_type type, const uint8_t *text, size_t size)
{
    int code;

    /* RFC 8446 5.4: a record of nothing is for data only. */
    if (size == 0 || (type == RECORD_HANDSHAKE && !fragments_note(tls, text, size)))
        return unseal_failed(tls, answer, "record order", GNUTLS_E_UNEXPECTED_PACKET);
    code = lane_close_again(&tls->read_lane, answer->stream, answer->record.size);
    if (code != GNUTLS_E_SUCCESS)
        return unseal_failed(tls, answer, "gnutls_aead_cipher_encrypt", code);
    return hand_over(tls, answer);
}

static bool data_is_due(struct tls_ctx *tls, size_t size)
{
    tls->empty = size == 0 ? tls->empty + 1 : 0;
    return tls->fragment.have == 0 && tls->fragment.left == 0 && tls->empty <= EMPTY_MAX;
}

static SECURITY_STATUS unseal_by_lane(struct tls_ctx *tls, const struct answer *answer)
{
    struct lane *lane = &tls->read_lane;
    size_t size;
    enum record_type type;
    int code;

    if (answer->record.type != RECORD_DATA)
        return hand_over(tls, answer);
    code = lane_open(lane, answer->stream, answer->record.size, &type, &size);
    if (code != GNUTLS_E_SUCCESS)
        return unseal_failed(tls, answer, "gnutls_aead_cipher_decrypt", code);
    if (type != RECORD_DATA)
        return close_and_hand_over(tls, answer, type, answer->stream + lane_head(lane), size);
    if (!data_is_due(tls, size))
        return unseal_failed(tls, answer, "record order", GNUTLS_E_UNEXPECTED_PACKET);
    answer_fill(answer, lane_head(lane), size);
    return SEC_E_OK;
}

/* --- What a handshake has kept -------------------------------------------------------------- */

/* The data are ours until the next call; the caller's octets stand for them. */
static SECURITY_STATUS unseal_held(struct tls_ctx *tls, struct answer *answer,
                                   const struct tls_held_piece *piece)
{
    if (answer->size < piece->octets)
        return answer_missing(answer, piece->octets - answer->size);
    answer->record.size = piece->octets;
    answer_fill(answer, piece->octets, 0);
    slot_set(answer->slots[SLOT_DATA], SECBUFFER_DATA, piece->data, piece->size);
    tls_held_taken(tls, piece);
    return SEC_E_OK;
}

/* --- The call ------------------------------------------------------------------------------- */

/* RFC 8446 5.2: every protected record says that it is data. GnuTLS does not look. */
static bool type_is_allowed(const struct tls_ctx *tls, enum record_type type)
{
    return type == RECORD_DATA || gnutls_protocol_get_version(tls->session) < GNUTLS_TLS1_3;
}

static SECURITY_STATUS unseal(struct tls_ctx *tls, struct answer *answer)
{
    struct tls_held_piece piece;
    size_t missing = 0;
    SECURITY_STATUS status;

    if (tls->base.state != CTX_ESTABLISHED || tls->renegotiating) /* since the lock was taken */
        return SEC_E_CONTEXT_EXPIRED;
    if (tls->held != NULL && tls_held_next(tls, &piece))
        return unseal_held(tls, answer, &piece);
    if (tls->closed_by_peer)
        return SEC_I_CONTEXT_EXPIRED;
    status = record_find(answer->stream, answer->size, &answer->record, &missing);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return answer_missing(answer, missing);
    if (status != SEC_E_OK) {
        ctx_become(&tls->base, CTX_DEAD);
        return status;
    }
    if (!type_is_allowed(tls, answer->record.type))
        return unseal_failed(tls, answer, "record type", GNUTLS_E_UNEXPECTED_PACKET);
    return tls->read_lane.aead != NULL ? unseal_by_lane(tls, answer)
                                       : unseal_by_session(tls, answer);
}

SECURITY_STATUS tlspkg_msg_unseal(struct ctx *ctx, const SecBufferDesc *message, ULONG sequence,
                                  ULONG *qop)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    struct answer answer;
    SECURITY_STATUS status;

    (void)sequence;
    if (!answer_open(&answer, message))
        return native_refuse(SEC_E_INVALID_TOKEN,
                             "one SECBUFFER_DATA with what has come is wanted, and three "
                             "SECBUFFER_EMPTY");
    if (qop != NULL)
        *qop = 0;
    if (!atomic_load_explicit(&tls->lanes_settled, memory_order_acquire))
        tls_lanes_settle(tls);
    latch_take(&tls->receiving);
    status = unseal(tls, &answer);
    latch_leave(&tls->receiving);
    return status;
}
