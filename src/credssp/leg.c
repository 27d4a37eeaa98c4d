/* SPDX-License-Identifier: MIT */
/* A leg of either role: TLS until it is there, then messages within its records. */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "credssp/credssp.h"

/* --- Messages ------------------------------------------------------------------------------- */

/* [MS-CSSP] 3.1.5: what a peer says once holds for all its messages. */
static SECURITY_STATUS version_check(struct credssp_ctx *ctx, const struct tsrequest *request)
{
    if (ctx->peer_version == 0)
        ctx->peer_version = request->version;
    if (request->version != ctx->peer_version)
        return credssp_refuse(SEC_E_MESSAGE_ALTERED, "the peer has changed its version midway");
    if (credssp_version(ctx) < ctx->policy.version_min[ctx->base.inbound])
        return credssp_refuse(SEC_E_UNSUPPORTED_FUNCTION,
                              "the peer's version does not bind the server's key safely");
    return SEC_E_OK;
}

static SECURITY_STATUS message_take(struct credssp_ctx *ctx, struct credssp_leg *io, size_t size)
{
    struct tsrequest request;
    SECURITY_STATUS status;

    if (ctx->in.size != size)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "more octets than one message where one is due");
    status = tsrequest_decode(&request, ctx->in.data, size);
    if (status == SEC_E_OK)
        status = version_check(ctx, &request);
    if (status == SEC_E_OK)
        status = ctx->base.inbound ? credssp_server_step(ctx, io, &request)
                                   : credssp_client_step(ctx, io, &request);
    blob_wipe(&ctx->in);
    return status;
}

/* What the records so far have brought; a message may be cut anywhere. */
static SECURITY_STATUS message_look(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    size_t size;
    SECURITY_STATUS status = tsrequest_frame(ctx->in.data, ctx->in.size, &size);

    if (status == SEC_E_OK && (size == 0 || size > ctx->in.size))
        return SEC_I_CONTINUE_NEEDED;
    if (status == SEC_E_OK)
        status = message_take(ctx, io, size);
    if (status < 0 && ctx->base.inbound)
        credssp_server_fail(ctx, io, status);
    return status;
}

/* --- Records -------------------------------------------------------------------------------- */

static SECURITY_STATUS record_result(SECURITY_STATUS status)
{
    switch (status) {
    case SEC_I_CONTEXT_EXPIRED:
        return credssp_refuse(SEC_E_CONTEXT_EXPIRED, "the peer has closed TLS before the end");
    case SEC_I_RENEGOTIATE:
        return credssp_refuse(SEC_E_INVALID_TOKEN, "the peer asks for another TLS handshake");
    case SEC_E_OK:
    case SEC_E_INCOMPLETE_MESSAGE:
        return status;
    default:
        return credssp_refuse(status, "a record of TLS does not open");
    }
}

/* The record that work starts with; the message it ends, if any. */
static SECURITY_STATUS record_take(struct credssp_ctx *ctx, struct credssp_leg *io, uint8_t *work,
                                   size_t size)
{
    size_t used, before = ctx->in.size;
    SECURITY_STATUS status =
        record_result(inner_tls_receive(ctx->tls, work, size, &ctx->in, &used, &io->missing));

    if (status != SEC_E_OK)
        return status;
    io->in_used += used;
    if (ctx->in.size > TSREQUEST_MAX)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "a message too large");
    return ctx->in.size == before ? SEC_I_CONTINUE_NEEDED : message_look(ctx, io);
}

/*
 * Records until a message has been answered, the end, or a cut. Nothing can follow an answer that
 * the peer has not had yet.
 */
static SECURITY_STATUS records_take(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    size_t rest = io->in_size - io->in_used, answered = io->out.size, begun = io->in_used;
    uint8_t *work = memory_copy(io->in + io->in_used, rest);
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;

    if (work == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    while (status == SEC_I_CONTINUE_NEEDED && io->in_used < io->in_size && io->out.size == answered)
        status = record_take(ctx, io, work + (io->in_used - begun), io->in_size - io->in_used);
    memory_wipe_free(work);
    /* What there was before the cut has been taken: the rest is told as what is left. */
    return status == SEC_E_INCOMPLETE_MESSAGE && io->in_used != 0 ? SEC_I_CONTINUE_NEEDED : status;
}

/* --- TLS ------------------------------------------------------------------------------------ */

/* What is asked of TLS: always, and where the caller asks for it; a client, a server. */
static const struct {
    ULONG64 always, passed;
    ULONG error; /* that alerts were asked for; they always are, and go out where they should */
} tls_flags[] = {
    {ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |
         ISC_REQ_EXTENDED_ERROR | ISC_REQ_STREAM,
     ISC_REQ_CONNECTION | ISC_REQ_INTEGRITY | ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_EXTENDED_ERROR},
    {ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY |
         ASC_REQ_EXTENDED_ERROR | ASC_REQ_STREAM,
     ASC_REQ_CONNECTION | ASC_REQ_INTEGRITY, ASC_RET_EXTENDED_ERROR},
};

static SECURITY_STATUS tls_established(struct credssp_ctx *ctx, struct credssp_leg *io,
                                       ULONG attributes)
{
    SECURITY_STATUS status = inner_server_key(ctx->tls, &ctx->key);

    if (status == SEC_E_OK)
        status = package_call(ctx->tls, ctx_query, ctx->tls, SECPKG_ATTR_STREAM_SIZES, &ctx->sizes);
    if (status != SEC_E_OK)
        return status;
    if (!ctx_tells_errors(&ctx->base))
        attributes &= ~tls_flags[ctx->base.inbound].error;
    ctx->step = STEP_TOKENS;
    ctx->attributes = attributes & ~(ULONG)ISC_RET_ALLOCATED_MEMORY;
    return ctx->base.inbound ? SEC_I_CONTINUE_NEEDED : credssp_client_begin(ctx, io);
}

static SECURITY_STATUS tls_advance(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    const struct credssp_cred *cred = (const struct credssp_cred *)ctx->base.cred;
    bool inbound = ctx->base.inbound;
    struct inner_leg step = {.target = ctx->host,
                             .request = tls_flags[inbound].always |
                                        (io->leg->request & tls_flags[inbound].passed),
                             .in = {io->in, io->in_size}};
    SECURITY_STATUS status = inner_leg_run(ctx, &ctx->tls, cred->tls, &step);

    io->out = step.out;
    io->missing = step.missing;
    if (status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_INCOMPLETE_CREDENTIALS || status < 0)
        return status;
    io->in_used = io->in_size - step.extra;
    return status == SEC_E_OK ? tls_established(ctx, io, step.attributes) : status;
}

/* --- The leg -------------------------------------------------------------------------------- */

static SECURITY_STATUS input_open(struct credssp_leg *io)
{
    const SecBuffer *token = buffer_find(io->leg->in, SECBUFFER_TOKEN);

    if (token == NULL || token->cbBuffer == 0)
        return SEC_E_OK;
    if (token->pvBuffer == NULL)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "octets of the peer that are not there");
    io->in = token->pvBuffer;
    io->in_size = token->cbBuffer;
    return SEC_E_OK;
}

/* As Schannel reports it. */
static void input_report(const struct credssp_leg *io, SECURITY_STATUS status)
{
    SecBuffer *report = buffer_find(io->leg->in, SECBUFFER_EMPTY);
    size_t left = io->in_size - io->in_used;

    if (report == NULL)
        return;
    if (status == SEC_E_INCOMPLETE_MESSAGE) {
        report->BufferType = SECBUFFER_MISSING;
        report->cbBuffer = (ULONG)io->missing;
    } else if (status >= 0 && status != SEC_I_INCOMPLETE_CREDENTIALS && left != 0) {
        report->BufferType = SECBUFFER_EXTRA;
        report->cbBuffer = (ULONG)left;
        report->pvBuffer = (void *)(uintptr_t)(io->in + io->in_used);
    }
}

static SECURITY_STATUS leg_steps(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;

    if (ctx->step == STEP_TLS)
        status = tls_advance(ctx, io);
    else if (io->in_size == 0)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "nothing of the peer to go on with");
    if (status == SEC_I_CONTINUE_NEEDED && ctx->step != STEP_TLS && io->in_used < io->in_size)
        status = records_take(ctx, io);
    return status;
}

static SECURITY_STATUS leg_end(struct credssp_ctx *ctx, struct credssp_leg *io,
                               SECURITY_STATUS status)
{
    if (status == SEC_E_OK)
        ctx_become(&ctx->base, CTX_ESTABLISHED);
    else if (status < 0 && status != SEC_E_INCOMPLETE_MESSAGE)
        ctx_become(&ctx->base, CTX_DEAD);
    io->leg->attributes |= ctx->attributes;
    /* As Schannel, which says so even where there was nothing to send. */
    if (ctx->base.request & ISC_REQ_ALLOCATE_MEMORY)
        io->leg->attributes |= ISC_RET_ALLOCATED_MEMORY;
    input_report(io, status);
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return status;
    return ctx_emit(&ctx->base, io->leg, io->out.data, io->out.size, status);
}

/* What ApplyControlToken() has asked for. Who closes before the end has logged nobody on. */
static SECURITY_STATUS leg_close(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    const struct credssp_cred *cred = (const struct credssp_cred *)ctx->base.cred;
    struct inner_leg step = {.target = ctx->host};
    SECURITY_STATUS status = inner_leg_run(ctx, &ctx->tls, cred->tls, &step);

    if (ctx->step != STEP_DONE)
        ctx_become(&ctx->base, CTX_DEAD);
    io->out = step.out;
    io->leg->attributes |= ctx->attributes;
    return status == SEC_E_OK ? ctx_emit(&ctx->base, io->leg, io->out.data, io->out.size, SEC_E_OK)
                              : status;
}

SECURITY_STATUS credssp_leg_run(struct credssp_ctx *ctx, struct leg *leg)
{
    struct credssp_leg io = {.leg = leg};
    SECURITY_STATUS status = input_open(&io);

    if (status != SEC_E_OK)
        return status;
    status = ctx->closing ? leg_close(ctx, &io) : leg_end(ctx, &io, leg_steps(ctx, &io));
    blob_wipe(&io.out);
    return status;
}
