/* SPDX-License-Identifier: MIT */
/*
 * The legs of both roles. Each takes what it can of the caller's stream, record by record, and
 * answers with what is to be sent (Microsoft, "Creating an Schannel Security Context").
 */
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/secret.h"
#include "tls/input.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* --- One leg -------------------------------------------------------------------------------- */

/* GnuTLS takes an ECDH point of another length than the curve's for a mistake of ours. */
static SECURITY_STATUS handshake_failed(struct tls_ctx *tls, int code)
{
    SECURITY_STATUS status;

    if (code == GNUTLS_E_INVALID_REQUEST)
        code = GNUTLS_E_ILLEGAL_PARAMETER;
    status = tls_status("gnutls_handshake", code, gnutls_alert_get(tls->session));
    if (tls->verified && tls->verdict != 0 && code != GNUTLS_E_FATAL_ALERT_RECEIVED)
        status = tls_status_of_verdict(tls->verdict);
    tls_alert_for(tls, code);
    ctx_become(&tls->base, CTX_DEAD);
    return status;
}

/*
 * Gives the session its next record. Several may fill a call, and the last one may be cut short.
 * *code is what comes of it.
 */
static SECURITY_STATUS input_next(struct input *stream, struct tls_ctx *tls, int *code)
{
    struct record record;
    SECURITY_STATUS status = input_find(stream, &record);
    bool may_ask;

    if (status != SEC_E_OK)
        return status;
    may_ask = input_may_ask(stream, &record, tls);
    input_take(stream, &record, tls);
    if (!input_is_early(&record, tls))
        *code = tls_handshake_advance(tls, may_ask);
    else if ((*code = tls_held_receive(tls, record.size)) == GNUTLS_E_SUCCESS)
        *code = GNUTLS_E_AGAIN;
    return SEC_E_OK;
}

/* Reads what there is until the handshake is over or wants something. */
static SECURITY_STATUS handshake_read(struct tls_ctx *tls, struct input *stream, int code)
{
    while (code == GNUTLS_E_AGAIN && !tls->waiting) {
        SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
        bool begun = stream->used != 0 || tls->out.size != 0;

        if (stream->used < stream->size || !begun)
            status = input_next(stream, tls, &code);
        if (status == SEC_E_INCOMPLETE_MESSAGE && begun)
            status = SEC_I_CONTINUE_NEEDED;
        if (status == SEC_E_INVALID_TOKEN) {
            native_error_set("what came is no record of TLS: does the other end speak it there?");
            ctx_become(&tls->base, CTX_DEAD); /* nobody knows where the next record begins */
        }
        if (status != SEC_E_OK)
            return status;
    }
    if (tls->waiting) {
        tls->parked = stream->used;
        return SEC_I_INCOMPLETE_CREDENTIALS;
    }
    return code == GNUTLS_E_SUCCESS ? SEC_E_OK : handshake_failed(tls, code);
}

/* The peer of a session that is taken up again was looked at when it was new, if it had to be. */
static bool session_was_verified(const struct tls_ctx *tls)
{
    unsigned count = 0;

    return tls_ctx_validates(tls) &&
           (!tls->base.inbound || gnutls_certificate_get_peers(tls->session, &count) != NULL);
}

/* GnuTLS calls tls_verify_peer() where certificates are used, and nothing else is offered; a server
 * that came past it all the same, whatever the system's priorities say, is nobody. */
static SECURITY_STATUS handshake_unseen(struct tls_ctx *tls)
{
    native_error_set("the server was let in without a look at its certificate");
    tls_alert_send(tls, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
    tls_session_forget(tls);
    ctx_become(&tls->base, CTX_DEAD);
    return SEC_E_CERT_UNKNOWN;
}

static SECURITY_STATUS handshake_done(struct tls_ctx *tls)
{
    tls->renegotiating = false;
    tls->empty = 0;
    if (gnutls_session_is_resumed(tls->session))
        tls->verified = session_was_verified(tls);
    if (!tls->verified && !tls->base.inbound && tls_ctx_validates(tls))
        return handshake_unseen(tls);
    tls->established = time(NULL);
    tls_session_remember(tls);
    tls_lanes_put_off(tls);
    ctx_become(&tls->base, CTX_ESTABLISHED);
    return SEC_E_OK;
}

/*
 * What every TLS connection has, what was asked and done, and nothing else: curl takes a context
 * only if it gets exactly what it asked for. So integrity is named only to those who ask for it.
 * What is echoed has one bit for the wish and for the answer.
 */
static const struct attributes {
    ULONG always, authenticated; /* the latter once the peer was looked at */
    ULONG echoed;
} attributes_of[] = {
    [false] = {ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY |
                   ISC_RET_STREAM,
               ISC_RET_MUTUAL_AUTH,
               ISC_RET_INTEGRITY | ISC_RET_EXTENDED_ERROR | ISC_RET_CONNECTION |
                   ISC_RET_USED_SUPPLIED_CREDS | ISC_RET_MANUAL_CRED_VALIDATION},
    [true] = {ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY |
                  ASC_RET_STREAM,
              ASC_RET_MUTUAL_AUTH, ASC_RET_INTEGRITY | ASC_RET_EXTENDED_ERROR | ASC_RET_CONNECTION},
};

_Static_assert((int)ISC_REQ_INTEGRITY == (int)ISC_RET_INTEGRITY &&
                   (int)ISC_REQ_EXTENDED_ERROR == (int)ISC_RET_EXTENDED_ERROR &&
                   (int)ISC_REQ_CONNECTION == (int)ISC_RET_CONNECTION &&
                   (int)ISC_REQ_USE_SUPPLIED_CREDS == (int)ISC_RET_USED_SUPPLIED_CREDS &&
                   (int)ISC_REQ_MANUAL_CRED_VALIDATION == (int)ISC_RET_MANUAL_CRED_VALIDATION &&
                   (int)ASC_REQ_INTEGRITY == (int)ASC_RET_INTEGRITY &&
                   (int)ASC_REQ_EXTENDED_ERROR == (int)ASC_RET_EXTENDED_ERROR &&
                   (int)ASC_REQ_CONNECTION == (int)ASC_RET_CONNECTION,
               "one bit for the wish and for the answer");

static ULONG handshake_attributes(const struct tls_ctx *tls)
{
    const struct attributes *own = &attributes_of[tls->base.inbound];
    ULONG attributes = own->always | ((ULONG)tls->base.request & own->echoed);

    if (tls->verified && tls->verdict == 0 && (tls->base.request & ISC_REQ_MUTUAL_AUTH))
        attributes |= own->authenticated;
    return attributes;
}

_Static_assert((int)ISC_REQ_MUTUAL_AUTH == (int)ASC_REQ_MUTUAL_AUTH, "one bit for both roles");

/*
 * Microsoft: an ALERT buffer gets what is sent when the call fails, which takes EXTENDED_ERROR.
 * After a success it is empty, as on Windows: programs send what it has.
 */
static void leg_report_alert(const struct tls_ctx *tls, const struct leg *leg,
                             SECURITY_STATUS status)
{
    SecBuffer *buffer = buffer_find(leg->out, SECBUFFER_ALERT);

    if (buffer != NULL && status >= 0)
        buffer->cbBuffer = 0;
    if (buffer == NULL || status >= 0 || tls->alert[0] == 0 || !ctx_tells_errors(&tls->base))
        return;
    if (tls->base.request & ISC_REQ_ALLOCATE_MEMORY)
        buffer->pvBuffer = memory_copy(tls->alert, sizeof(tls->alert));
    else if (buffer->pvBuffer != NULL && buffer->cbBuffer >= sizeof(tls->alert))
        memcpy(buffer->pvBuffer, tls->alert, sizeof(tls->alert));
    else
        return;
    buffer->cbBuffer = buffer->pvBuffer == NULL ? 0 : sizeof(tls->alert);
}

/* As on Windows, an EMPTY buffer serves where the caller names none for the token. */
static const SecBuffer *leg_token(const struct leg *leg)
{
    SecBuffer *token = buffer_find(leg->out, SECBUFFER_TOKEN);

    if (token == NULL && (token = buffer_find(leg->out, SECBUFFER_EMPTY)) != NULL)
        token->BufferType = SECBUFFER_TOKEN;
    return token;
}

/* A caller without a buffer of its own gets one even unasked, as on Windows. */
static void leg_memory(struct tls_ctx *tls, const struct leg *leg)
{
    const SecBuffer *token = leg_token(leg);

    tls->base.request &= ~(ULONG64)ISC_REQ_ALLOCATE_MEMORY;
    tls->base.request |= leg->request & ISC_REQ_ALLOCATE_MEMORY;
    if (token != NULL && token->pvBuffer == NULL)
        tls->base.request |= ISC_REQ_ALLOCATE_MEMORY;
}

static SECURITY_STATUS leg_answer(struct tls_ctx *tls, struct leg *leg, SECURITY_STATUS status)
{
    tls->attributes = leg->attributes = handshake_attributes(tls);
    /* Windows says so even where there was nothing to send, and its callers ask at the end. */
    if (leg->request & ISC_REQ_ALLOCATE_MEMORY)
        leg->attributes |= ISC_RET_ALLOCATED_MEMORY;
    leg_report_alert(tls, leg, status);
    if (status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_INCOMPLETE_CREDENTIALS)
        return status;
    status = ctx_emit(&tls->base, leg, tls->out.data, tls->out.size, status);
    tls_output_clear(tls);
    return status;
}

/* Nothing comes of a new server's first step but that it waits, and any message serves for that. */
static bool session_must_begin(const struct tls_ctx *tls, const struct input *stream)
{
    if (tls->first && tls->base.inbound && tls->established == 0)
        return stream->size == 0 || stream->data[0] != RECORD_HANDSHAKE;
    return tls->first || tls->waiting;
}

static SECURITY_STATUS leg_handshake(struct tls_ctx *tls, struct leg *leg)
{
    struct input stream;
    SECURITY_STATUS status = input_open(&stream, tls, leg->in);
    int code = GNUTLS_E_AGAIN;

    if (status == SEC_E_OK) {
        if (tls->first)
            input_skip_request(&stream, tls);
        if (session_must_begin(tls, &stream))
            code = tls_handshake_advance(tls, false);
        tls->first = false;
        tls->parked = 0;
        tls->stream = &stream;
        status = handshake_read(tls, &stream, code);
        tls->stream = NULL;
        tls->in.size = 0; /* it is the caller's memory */
    }
    if (status == SEC_E_OK)
        status = handshake_done(tls);
    if (status == SEC_E_OK)
        input_keep_last(&stream, leg->in, tls);
    status = leg_answer(tls, leg, status);
    input_report(&stream, tls, leg->in, status);
    return status;
}

/* --- After the handshake -------------------------------------------------------------------- */

/* TLS 1.3 has none; there the keys can be renewed, which needs no leg. */
static SECURITY_STATUS leg_renegotiate(struct tls_ctx *tls, struct leg *leg)
{
    int code;

    if (gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (tls->held != NULL && tls->held->given < tls->held->size)
        return SEC_E_OUT_OF_SEQUENCE; /* the data of the last one come first */
    code = tls_lanes_give(tls);
    if (code == GNUTLS_E_SUCCESS && tls->base.inbound && !tls->renegotiating) {
        code = gnutls_rehandshake(tls->session); /* the client's answer comes among its data */
        tls_lanes_take(tls);
        if (code == GNUTLS_E_SUCCESS)
            return leg_answer(tls, leg, SEC_I_CONTINUE_NEEDED);
    }
    if (code != GNUTLS_E_SUCCESS)
        return tls_status("gnutls_rehandshake", code, gnutls_alert_get(tls->session));
    tls_lanes_close(tls); /* from here on the session counts alone, with the old keys too */
    ctx_become(&tls->base, CTX_NEGOTIATING);
    tls->empty = 0;
    tls->keys_changed = false;
    tls->verified = false; /* whoever answers now was looked at by nobody */
    tls->first = true;
    return leg_handshake(tls, leg);
}

/* Records that are no handshake's are DecryptMessage()'s, but the one that a strict program saw. */
static SECURITY_STATUS leg_absorb(struct tls_ctx *tls, struct leg *leg)
{
    const SecBuffer *token = buffer_find(leg->in, SECBUFFER_TOKEN);

    tls_input_left(tls, leg->in, token == NULL || token->cbBuffer < tls->shown ? 0 : tls->shown,
                   SEC_E_OK);
    tls->renegotiating = false;
    tls->shown = 0;
    return ctx_emit(&tls->base, leg, NULL, 0, SEC_E_OK);
}

static SECURITY_STATUS leg_established(struct tls_ctx *tls, struct leg *leg)
{
    const SecBuffer *token = buffer_find(leg->in, SECBUFFER_TOKEN);

    if (tls->shown != 0 || (token != NULL && token->cbBuffer != 0 && !tls->renegotiating))
        return leg_absorb(tls, leg);
    return leg_renegotiate(tls, leg);
}

/*
 * The leg's credential takes the place of the first one's: SEC_I_INCOMPLETE_CREDENTIALS. What the
 * session points at is the first one's for good, so it has to stay, whatever its owner does.
 */
static void leg_credential(struct tls_ctx *tls, struct leg *leg)
{
    if (!tls->waiting || leg->cred == NULL || leg->cred == tls->base.cred)
        return;
    object_ref(&leg->cred->handled.object);
    if (tls->begun_with == NULL)
        tls->begun_with = tls->base.cred;
    else
        object_unref(&tls->base.cred->handled.object);
    tls->base.cred = leg->cred;
}

static SECURITY_STATUS leg_choose(struct tls_ctx *tls, struct leg *leg)
{
    if (tls->closing != TLS_OPEN)
        return tls_close(tls, leg);
    if (tls->base.state == CTX_ESTABLISHED)
        return leg_established(tls, leg);
    return leg_handshake(tls, leg);
}

/* What most legs have to say. */
#define LEG_OUTPUT 2048

static SECURITY_STATUS leg_run(struct tls_ctx *tls, struct leg *leg)
{
    uint8_t output[LEG_OUTPUT];
    SECURITY_STATUS status;

    leg_memory(tls, leg);
    tls->may_go_without = (leg->request & ISC_REQ_USE_SUPPLIED_CREDS) != 0;
    tls_output_lend(tls, output, sizeof(output));
    status = leg_choose(tls, leg);
    tls_output_take_back(tls);
    return status;
}

static SECURITY_STATUS leg_first(struct ctx **ctx, struct leg *leg, bool inbound)
{
    struct tls_ctx *tls;
    SECURITY_STATUS status = tls_session_new((struct tls_cred *)leg->cred, leg, inbound, &tls);

    if (status != SEC_E_OK)
        return status;
    tls->first = true;
    status = tls_alpn_set(tls, leg->in);
    if (status == SEC_E_OK) {
        tls_lock(tls);
        status = leg_run(tls, leg);
        tls_unlock(tls);
    }
    /* Where the token found no room the context waits; where memory was wanting there is none. */
    if (status >= 0 || tls->base.pending.token.data != NULL)
        *ctx = &tls->base;
    else
        object_unref(&tls->base.handled.object);
    return status;
}

static bool cred_fits(const struct tls_ctx *tls, const struct cred *cred)
{
    return cred->package->ops == &tlspkg_ops &&
           (cred->use & (tls->base.inbound ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND)) != 0;
}

static SECURITY_STATUS leg_later(struct tls_ctx *tls, struct leg *leg)
{
    SECURITY_STATUS status;

    native_error_clear();
    if (leg->cred != NULL && !cred_fits(tls, leg->cred))
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    tls_lock(tls);
    leg_credential(tls, leg);
    status = leg_run(tls, leg);
    tls_unlock(tls);
    return status;
}

/* Microsoft: DELEGATE and PROMPT_FOR_CREDS are not for this package; DTLS is off. */
#define ISC_REFUSED (ISC_REQ_DELEGATE | ISC_REQ_PROMPT_FOR_CREDS | ISC_REQ_DATAGRAM)
#define ASC_REFUSED (ASC_REQ_DELEGATE | ASC_REQ_DATAGRAM)

static SECURITY_STATUS flags_refuse(void)
{
    return native_refuse(SEC_E_UNSUPPORTED_FUNCTION,
                         "DELEGATE, PROMPT_FOR_CREDS and DATAGRAM are no flags of Schannel");
}

SECURITY_STATUS tlspkg_ctx_init(struct ctx **ctx, struct leg *leg)
{
    if (*ctx != NULL)
        return leg_later((struct tls_ctx *)*ctx, leg);
    return leg->request & ISC_REFUSED ? flags_refuse() : leg_first(ctx, leg, false);
}

SECURITY_STATUS tlspkg_ctx_accept(struct ctx **ctx, struct leg *leg)
{
    if (*ctx != NULL)
        return leg_later((struct tls_ctx *)*ctx, leg);
    return leg->request & ASC_REFUSED ? flags_refuse() : leg_first(ctx, leg, true);
}
