/* SPDX-License-Identifier: MIT */
/*
 * A context's legs. The package's come first, RFC 4752 3.1, 3.2: when its client has done, the
 * server may still have a token for it, and has an empty answer then. Where the profile agrees on a
 * layer that comes afterwards; elsewhere the end of the package's legs is the end.
 */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/timestamp.h"
#include "sasl/sasl.h"

static void ctx_destroy(struct object *object)
{
    struct sasl_ctx *ctx = (struct sasl_ctx *)object;

    if (ctx->below != NULL)
        object_unref(&ctx->below->handled.object);
    blob_wipe(&ctx->authz);
    ctx_base_fini(&ctx->base);
    memory_wipe_free(ctx);
}

const struct object_class sasl_ctx_class = {"SASL context", ctx_destroy};

const struct package_ops sasl_ops;

static struct sasl_ctx *ctx_make(const struct leg *leg, const struct sasl_profile *profile,
                                 bool inbound)
{
    struct sasl_ctx *ctx = calloc(1, sizeof(*ctx));

    if (ctx == NULL)
        return NULL;
    ctx->face = *leg->cred->package;
    ctx->face.ops = &sasl_ops;
    ctx_base_init(&ctx->base, &sasl_ctx_class, &ctx->face, leg->cred, leg, inbound);
    ctx->profile = profile;
    ctx->send_size = ctx->receive_size = SASL_SIZE_DEFAULT;
    ctx->authz_processing = Sasl_AuthZIDProcessed;
    timestamp_set(&ctx->expiry, TIMESTAMP_NEVER);
    return ctx;
}

/* --- The package's legs --------------------------------------------------------------------- */

/*
 * What the package is asked for. RFC 4752 3.1: who wants a layer asks for all of these; and the
 * agreement itself is signed, so that there is always integrity.
 */
static ULONG64 request_below(const struct sasl_ctx *ctx)
{
    ULONG64 request = ctx->base.request | ISC_REQ_ALLOCATE_MEMORY;

    if (ctx->base.inbound || !ctx->profile->agrees)
        return request;
    if (request & (ISC_REQ_INTEGRITY | ISC_REQ_CONFIDENTIALITY))
        request |= ISC_REQ_INTEGRITY | ISC_REQ_MUTUAL_AUTH | ISC_REQ_SEQUENCE_DETECT;
    return request & ~(ULONG64)ISC_REQ_NO_INTEGRITY;
}

/* Who asks for an attribute may come during the first leg, so it must not see half a context. */
static void below_set(struct sasl_ctx *ctx, struct ctx *below)
{
    below->signs_anyway = ctx->profile->agrees;
    handle_alone_begin(&ctx->base.handled);
    ctx->below = below;
    handle_alone_end(&ctx->base.handled);
}

static SECURITY_STATUS below_call(struct sasl_ctx *ctx, struct leg *leg)
{
    const struct package_ops *ops = ctx->base.cred->package->ops;
    SECURITY_STATUS (*run)
    (struct ctx **, struct leg *) = ctx->base.inbound ? ops->ctx_accept : ops->ctx_init;
    struct ctx *below = ctx->below;
    SECURITY_STATUS status;

    if (below != NULL && below->state == CTX_DEAD)
        return SEC_E_CONTEXT_EXPIRED;
    if (run == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = run(&below, leg);
    if (below != ctx->below)
        below_set(ctx, below);
    return status;
}

/* The program's buffers but the token's, which is this context's own. */
static void output_fill(SecBufferDesc *list, const SecBufferDesc *theirs)
{
    list->pBuffers[0] = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    list->cBuffers = 1;
    for (ULONG i = 0; theirs != NULL && i < theirs->cBuffers; i++)
        if (buffer_type(&theirs->pBuffers[i]) != SECBUFFER_TOKEN)
            list->pBuffers[list->cBuffers++] = theirs->pBuffers[i];
}

static void output_return(const SecBufferDesc *list, const SecBufferDesc *theirs)
{
    const SecBuffer *next = list->pBuffers + 1;

    for (ULONG i = 0; theirs != NULL && i < theirs->cBuffers; i++)
        if (buffer_type(&theirs->pBuffers[i]) != SECBUFFER_TOKEN)
            theirs->pBuffers[i] = *next++;
}

static SECURITY_STATUS below_leg(struct sasl_ctx *ctx, const struct leg *leg, struct blob *out)
{
    SecBuffer buffers[BUFFER_COUNT_MAX + 1], *token = buffers;
    SecBufferDesc list = {SECBUFFER_VERSION, 0, buffers};
    struct leg below = *leg;
    SECURITY_STATUS status;

    output_fill(&list, leg->out);
    below.over = NULL;
    below.out = &list;
    below.request = request_below(ctx);
    if (ctx->below == NULL)
        below.cred = ctx->base.cred;
    status = below_call(ctx, &below);
    output_return(&list, leg->out);
    *out = (struct blob){token->pvBuffer, token->pvBuffer == NULL ? 0 : token->cbBuffer};
    ctx->attributes = below.attributes & ~(ULONG)ISC_RET_ALLOCATED_MEMORY;
    ctx->expiry = below.expiry;
    return status;
}

/* --- Steps ---------------------------------------------------------------------------------- */

static bool token_empty(const SecBuffer *token)
{
    return token == NULL || token->pvBuffer == NULL || token->cbBuffer == 0;
}

static SECURITY_STATUS offer_make(struct sasl_ctx *ctx, struct blob *out)
{
    SECURITY_STATUS status = sasl_layer_offer(ctx, out);

    if (status != SEC_E_OK)
        return status;
    ctx->step = SASL_CHOICE;
    return SEC_I_CONTINUE_NEEDED;
}

/* The package's legs are over. */
static SECURITY_STATUS tokens_end(struct sasl_ctx *ctx, struct blob *out)
{
    if (!ctx->profile->agrees) {
        ctx->step = SASL_DONE;
        return SEC_E_OK;
    }
    ctx->step = SASL_OFFER;
    return ctx->base.inbound && out->size == 0 ? offer_make(ctx, out) : SEC_I_CONTINUE_NEEDED;
}

/* Of what comes before a client's first token a server knows nothing; it asks once. */
static SECURITY_STATUS tokens_step(struct sasl_ctx *ctx, const struct leg *leg,
                                   const SecBuffer *token, struct blob *out)
{
    SECURITY_STATUS status;

    if (ctx->base.inbound && ctx->below == NULL && !ctx->profile->server_first &&
        token_empty(token)) {
        if (ctx->waited)
            return sasl_refuse(SEC_E_INVALID_TOKEN, "the client has no token");
        ctx->waited = true;
        return SEC_I_CONTINUE_NEEDED;
    }
    status = below_leg(ctx, leg, out);
    return status == SEC_E_OK ? tokens_end(ctx, out) : status;
}

static SECURITY_STATUS server_round(struct sasl_ctx *ctx, const SecBuffer *token, struct blob *out)
{
    SECURITY_STATUS status;

    if (ctx->step == SASL_OFFER)
        return token_empty(token)
                   ? offer_make(ctx, out)
                   : sasl_refuse(SEC_E_INVALID_TOKEN, "the client has more to say than it should");
    if (token_empty(token))
        return sasl_refuse(SEC_E_INVALID_TOKEN, "the client chooses no layer");
    status = sasl_layer_accept(ctx, token);
    if (status == SEC_E_OK)
        ctx->step = SASL_DONE;
    return status;
}

static SECURITY_STATUS client_round(struct sasl_ctx *ctx, const SecBuffer *token, struct blob *out)
{
    SECURITY_STATUS status;

    if (token_empty(token))
        return sasl_refuse(SEC_E_INVALID_TOKEN, "the server offers no layer");
    status = sasl_layer_choose(ctx, token, out);
    if (status == SEC_E_OK)
        ctx->step = SASL_DONE;
    return status;
}

/* Options may be asked for and set meanwhile. */
static SECURITY_STATUS round_step(struct sasl_ctx *ctx, const SecBuffer *token, struct blob *out)
{
    SECURITY_STATUS status;

    handle_alone_begin(&ctx->base.handled);
    status = ctx->base.inbound ? server_round(ctx, token, out) : client_round(ctx, token, out);
    handle_alone_end(&ctx->base.handled);
    return status;
}

static SECURITY_STATUS leg_step(struct sasl_ctx *ctx, const struct leg *leg, struct blob *out)
{
    const SecBuffer *token = buffer_find(leg->in, SECBUFFER_TOKEN);

    return ctx->step == SASL_TOKENS ? tokens_step(ctx, leg, token, out)
                                    : round_step(ctx, token, out);
}

/* --- A leg ---------------------------------------------------------------------------------- */

/* Where the package agrees on nothing here, its context's state is this one's. */
static enum ctx_state state_after(const struct sasl_ctx *ctx, SECURITY_STATUS status)
{
    if (status < 0)
        return CTX_DEAD;
    if (ctx->profile->agrees || ctx->below == NULL)
        return ctx->step == SASL_DONE ? CTX_ESTABLISHED : CTX_NEGOTIATING;
    return ctx->below->state;
}

/*
 * A server may ask once more where a client has done, with nothing to say (Cyrus SASL, after NTLM
 * in GSS-SPNEGO): the answer is nothing too.
 */
static SECURITY_STATUS leg_after(struct sasl_ctx *ctx, struct leg *leg)
{
    if (ctx->base.inbound || !token_empty(buffer_find(leg->in, SECBUFFER_TOKEN)))
        return sasl_refuse(SEC_E_OUT_OF_SEQUENCE, "the exchange is over");
    leg->attributes = sasl_attributes(ctx);
    leg->expiry = ctx->expiry;
    return ctx_emit(&ctx->base, leg, NULL, 0, SEC_E_OK);
}

static SECURITY_STATUS leg_run(struct sasl_ctx *ctx, struct leg *leg)
{
    struct blob out = {NULL, 0};
    SECURITY_STATUS status;

    if (ctx->step == SASL_DONE)
        return leg_after(ctx, leg);
    status = leg_step(ctx, leg, &out);
    leg->attributes = sasl_attributes(ctx);
    leg->expiry = ctx->expiry;
    ctx_become(&ctx->base, state_after(ctx, status));
    status = ctx_emit(&ctx->base, leg, out.data, out.size, status);
    blob_wipe(&out);
    return status;
}

static SECURITY_STATUS leg_first(struct ctx **base, struct leg *leg, bool inbound)
{
    const struct sasl_profile *profile = sasl_profile_of(leg->cred->package);
    struct sasl_ctx *made;
    SECURITY_STATUS status;

    native_error_clear();
    if (profile == NULL)
        return sasl_refuse(SEC_E_SECPKG_NOT_FOUND, "no mechanism of SASL is served by the package");
    made = ctx_make(leg, profile, inbound);
    if (made == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = leg_run(made, leg);
    /* Where the token found no room the context waits. */
    if (status >= 0 || made->base.pending.token.data != NULL)
        *base = &made->base;
    else
        object_unref(&made->base.handled.object);
    return status;
}

static SECURITY_STATUS leg_later(struct sasl_ctx *ctx, struct leg *leg)
{
    native_error_clear();
    /* Who gives the memory for a token is said with each call. */
    ctx->base.request &= ~(ULONG64)ISC_REQ_ALLOCATE_MEMORY;
    ctx->base.request |= leg->request & ISC_REQ_ALLOCATE_MEMORY;
    return leg_run(ctx, leg);
}

static SECURITY_STATUS leg_of(struct ctx **base, struct leg *leg, bool inbound)
{
    if (leg->over == NULL) /* SASL's contexts go on by SASL's calls */
        return SEC_E_INVALID_HANDLE;
    return *base == NULL ? leg_first(base, leg, inbound) : leg_later((struct sasl_ctx *)*base, leg);
}

static SECURITY_STATUS sasl_ctx_init(struct ctx **base, struct leg *leg)
{
    return leg_of(base, leg, false);
}

static SECURITY_STATUS sasl_ctx_accept(struct ctx **base, struct leg *leg)
{
    return leg_of(base, leg, true);
}

const struct package_ops sasl_ops = {
    .ctx_init = sasl_ctx_init,
    .ctx_accept = sasl_ctx_accept,
    .ctx_complete = sasl_ctx_complete,
    .ctx_control = sasl_ctx_control,
    .ctx_query = sasl_ctx_query,
    .ctx_set = sasl_ctx_set,
    .ctx_export = sasl_ctx_export,
    .ctx_token = sasl_ctx_token,
    .msg_sign = sasl_msg_sign,
    .msg_verify = sasl_msg_verify,
    .msg_seal = sasl_msg_seal,
    .msg_unseal = sasl_msg_unseal,
};
