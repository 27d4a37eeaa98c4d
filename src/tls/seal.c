/* SPDX-License-Identifier: MIT */
/* EncryptMessage: one record, sealed by a lane in the caller's memory or by the session. */
#include <string.h>

#include "core/native.h"
#include "core/buffer.h"
#include "tls/record.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* RFC 8446 5.5: no more records with one key of AES-GCM; GnuTLS' own limit is the same. */
#define RECORDS_PER_KEY (UINT64_C(1) << 24)

/* --- The caller's buffers ------------------------------------------------------------------- */

struct envelope {
    SecBuffer *header, *data, *trailer;
};

/* In any order; others besides are left alone. */
static bool envelope_search(struct envelope *envelope, const SecBufferDesc *message)
{
    *envelope = (struct envelope){NULL, NULL, NULL};
    for (ULONG i = 0; i < message->cBuffers; i++) {
        SecBuffer *buffer = &message->pBuffers[i];
        ULONG type = buffer_type(buffer);
        SecBuffer **place = type == SECBUFFER_STREAM_HEADER    ? &envelope->header
                            : type == SECBUFFER_DATA           ? &envelope->data
                            : type == SECBUFFER_STREAM_TRAILER ? &envelope->trailer
                                                               : NULL;

        if (place != NULL && *place != NULL)
            return false;
        if (place != NULL)
            *place = buffer;
    }
    return envelope->header != NULL && envelope->data != NULL && envelope->trailer != NULL;
}

/* All programs have them in this one. */
static inline bool envelope_open(struct envelope *envelope, const SecBufferDesc *message)
{
    SecBuffer *buffers = message->pBuffers;

    if (message->cBuffers != 4 || buffer_type(&buffers[0]) != SECBUFFER_STREAM_HEADER ||
        buffer_type(&buffers[1]) != SECBUFFER_DATA ||
        buffer_type(&buffers[2]) != SECBUFFER_STREAM_TRAILER ||
        buffer_type(&buffers[3]) != SECBUFFER_EMPTY)
        return envelope_search(envelope, message);
    *envelope = (struct envelope){&buffers[0], &buffers[1], &buffers[2]};
    return true;
}

static bool envelope_holds(const struct envelope *envelope, size_t before, size_t after)
{
    return envelope->header->cbBuffer >= before && envelope->trailer->cbBuffer >= after;
}

static SECURITY_STATUS envelope_small(const struct envelope *envelope)
{
    return native_refuse(SEC_E_BUFFER_TOO_SMALL,
                         "a header of %u octets or a trailer of %u is too small: "
                         "SECPKG_ATTR_STREAM_SIZES says how large they are",
                         (unsigned)envelope->header->cbBuffer,
                         (unsigned)envelope->trailer->cbBuffer);
}

/* What has been written, in a row over the three buffers, of which the middle one keeps its size.
 */
static SECURITY_STATUS envelope_fill(const struct envelope *envelope, size_t before,
                                     const uint8_t *record, size_t size)
{
    size_t within = envelope->data->cbBuffer;

    if (size < before + within || !envelope_holds(envelope, before, size - before - within))
        return envelope_small(envelope);
    memcpy(envelope->header->pvBuffer, record, before);
    if (within != 0)
        memcpy(envelope->data->pvBuffer, record + before, within);
    memcpy(envelope->trailer->pvBuffer, record + before + within, size - before - within);
    envelope->header->cbBuffer = (ULONG)before;
    envelope->trailer->cbBuffer = (ULONG)(size - before - within);
    return SEC_E_OK;
}

/* --- By the session ------------------------------------------------------------------------- */

static int session_send(struct tls_ctx *tls, ULONG qop, const SecBuffer *data)
{
    const uint8_t *octets = data->cbBuffer == 0 ? (const uint8_t *)"" : data->pvBuffer;
    ssize_t sent;

    if (qop == SECQOP_WRAP_OOB_DATA) /* the level and the description of an alert */
        return data->cbBuffer == 2 ? gnutls_alert_send(tls->session, octets[0], octets[1])
                                   : GNUTLS_E_INVALID_REQUEST;
    sent = gnutls_record_send(tls->session, octets, data->cbBuffer);
    return sent < 0 ? (int)sent : GNUTLS_E_SUCCESS;
}

static SECURITY_STATUS seal_by_session(struct tls_ctx *tls, ULONG qop,
                                       const struct envelope *envelope)
{
    struct tls_sizes sizes;
    int code;

    tls_sizes_get(tls, &sizes);
    if (!envelope_holds(envelope, sizes.header, sizes.trailer_least))
        return envelope_small(envelope);
    code = lane_give(&tls->write_lane, tls->session, false);
    if (code == GNUTLS_E_SUCCESS)
        code = session_send(tls, qop, envelope->data);
    if (tls->write_lane.aead != NULL)
        lane_take(&tls->write_lane, tls->session, false);
    if (code != GNUTLS_E_SUCCESS)
        return tls_status("gnutls_record_send", code, GNUTLS_A_CLOSE_NOTIFY);
    return envelope_fill(envelope, sizes.header, tls->out.data, tls->out.size) == SEC_E_OK
               ? SEC_E_OK
               : SEC_E_INTERNAL_ERROR; /* what is gone from the session cannot be had again */
}

/* --- By the lane ---------------------------------------------------------------------------- */

/*
 * New keys go before the data (RFC 8446 4.6.3): GnuTLS would send them with its own next record,
 * which never comes. What cbTrailer has room for takes both records, one behind the other.
 */
static SECURITY_STATUS seal_with_new_keys(struct tls_ctx *tls, const struct envelope *envelope)
{
    struct lane *lane = &tls->write_lane;
    size_t size = envelope->data->cbBuffer;
    uint8_t *record;
    int code;

    if (!envelope_holds(envelope, lane_head(lane), lane_tail(lane) + TLS_KEY_UPDATE_RECORD))
        return envelope_small(envelope);
    atomic_store_explicit(&tls->update_wanted, false, memory_order_relaxed);
    code = lane_give(lane, tls->session, false);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_session_key_update(tls->session, 0);
    lane_take(lane, tls->session, false);
    if (code == GNUTLS_E_SUCCESS && lane->aead == NULL)
        code = GNUTLS_E_INTERNAL_ERROR;
    if (code == GNUTLS_E_SUCCESS &&
        !tls_output_reserve(tls, lane_head(lane) + size + lane_tail(lane)))
        code = GNUTLS_E_MEMORY_ERROR;
    if (code != GNUTLS_E_SUCCESS)
        return tls_status("gnutls_session_key_update", code, GNUTLS_A_CLOSE_NOTIFY);
    record = tls->out.data + tls->out.size;
    if (size != 0)
        memcpy(record + lane_head(lane), envelope->data->pvBuffer, size);
    code = lane_seal(lane, record, record + lane_head(lane), size, record + lane_head(lane) + size);
    if (code != GNUTLS_E_SUCCESS) {
        gnutls_memset(record, 0, lane_head(lane) + size); /* it may still be readable */
        return tls_status("gnutls_aead_cipher_encrypt", code, GNUTLS_A_CLOSE_NOTIFY);
    }
    return envelope_fill(envelope, lane_head(lane), tls->out.data,
                         tls->out.size + lane_head(lane) + size + lane_tail(lane)) == SEC_E_OK
               ? SEC_E_OK
               : SEC_E_INTERNAL_ERROR; /* the peer has to have both, or none */
}

static bool wants_new_keys(struct tls_ctx *tls)
{
    if (!tls->write_lane.shape.inner_type)
        return false;
    return tls->write_lane.sequence >= RECORDS_PER_KEY ||
           atomic_load_explicit(&tls->update_wanted, memory_order_relaxed);
}

static SECURITY_STATUS seal_by_lane(struct tls_ctx *tls, const struct envelope *envelope)
{
    struct lane *lane = &tls->write_lane;
    size_t head = lane_head(lane), tail = lane_tail(lane);
    uint8_t *data = envelope->data->pvBuffer;
    int code;

    if (wants_new_keys(tls))
        return seal_with_new_keys(tls, envelope);
    if (!envelope_holds(envelope, head, tail))
        return envelope_small(envelope);
    if (envelope->data->cbBuffer == 0)
        data = envelope->trailer->pvBuffer;
    code = lane_seal(lane, envelope->header->pvBuffer, data, envelope->data->cbBuffer,
                     envelope->trailer->pvBuffer);
    if (code != GNUTLS_E_SUCCESS)
        return tls_status("gnutls_aead_cipher_encrypt", code, GNUTLS_A_CLOSE_NOTIFY);
    envelope->header->cbBuffer = (ULONG)head;
    envelope->trailer->cbBuffer = (ULONG)tail;
    return SEC_E_OK;
}

/* --- The call ------------------------------------------------------------------------------- */

static SECURITY_STATUS seal(struct tls_ctx *tls, ULONG qop, const struct envelope *envelope)
{
    /* The caller has looked at the state, but before it had the lock: a leg may have come between.
     */
    if (tls->base.state != CTX_ESTABLISHED || tls->closing == TLS_CLOSED || tls->renegotiating)
        return SEC_E_CONTEXT_EXPIRED;
    if (envelope->data->cbBuffer > tls->data_max)
        return native_refuse(SEC_E_ENCRYPT_FAILURE,
                             "%u octets at once: SECPKG_ATTR_STREAM_SIZES allows %u",
                             (unsigned)envelope->data->cbBuffer, (unsigned)tls->data_max);
    if (qop == 0 && tls->write_lane.aead != NULL)
        return seal_by_lane(tls, envelope);
    if (qop == 0 && envelope->data->cbBuffer == 0)
        return SEC_E_UNSUPPORTED_FUNCTION; /* GnuTLS sends no empty record */
    return seal_by_session(tls, qop, envelope);
}

/* A record that was counted and went nowhere is a gap that the peer does not forgive. */
static bool leaves_a_gap(SECURITY_STATUS status)
{
    return status < 0 && status != SEC_E_CONTEXT_EXPIRED && status != SEC_E_ENCRYPT_FAILURE &&
           status != SEC_E_UNSUPPORTED_FUNCTION && status != SEC_E_BUFFER_TOO_SMALL;
}

SECURITY_STATUS tlspkg_msg_seal(struct ctx *ctx, ULONG qop, const SecBufferDesc *message,
                                ULONG sequence)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    struct envelope envelope;
    SECURITY_STATUS status;

    (void)sequence;
    if (qop != 0 && qop != SECQOP_WRAP_OOB_DATA)
        return native_refuse(SEC_E_QOP_NOT_SUPPORTED, "fQOP is 0x%x: 0 or SECQOP_WRAP_OOB_DATA",
                             (unsigned)qop);
    if (!envelope_open(&envelope, message))
        return native_refuse(SEC_E_INVALID_TOKEN,
                             "a record is SECBUFFER_STREAM_HEADER, SECBUFFER_DATA and "
                             "SECBUFFER_STREAM_TRAILER, each with an address");
    if (!atomic_load_explicit(&tls->lanes_settled, memory_order_acquire))
        tls_lanes_settle(tls);
    latch_take(&tls->sending);
    status = seal(tls, qop, &envelope);
    if (leaves_a_gap(status))
        ctx_become(&tls->base, CTX_DEAD);
    tls->out.size = 0;
    latch_leave(&tls->sending);
    return status;
}
