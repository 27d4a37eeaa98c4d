/* SPDX-License-Identifier: MIT */
/*
 * Messages and attributes: the package's. Under an agreed layer a message must be protected as that
 * says, no less and no more, and be no larger than the receiver has told: RFC 4752 3.3.
 */
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "sasl/sasl.h"

/* --- What was agreed on --------------------------------------------------------------------- */

static SECURITY_STATUS layer_check(const struct sasl_ctx *ctx)
{
    return ctx->layer == LAYER_NONE
               ? sasl_refuse(SEC_E_UNSUPPORTED_FUNCTION, "no security layer was agreed on")
               : SEC_E_OK;
}

/* A message that goes out. */
static SECURITY_STATUS seal_check(const struct sasl_ctx *ctx, ULONG qop, const SecBufferDesc *list)
{
    SECURITY_STATUS status = layer_check(ctx);

    if (status != SEC_E_OK)
        return status;
    if (qop != (ctx->layer == LAYER_SEAL ? 0 : SECQOP_WRAP_NO_ENCRYPT))
        return sasl_refuse(SEC_E_QOP_NOT_SUPPORTED,
                           ctx->layer == LAYER_SEAL
                               ? "the agreed layer seals its messages"
                               : "the agreed layer only signs: SECQOP_WRAP_NO_ENCRYPT");
    if (buffer_octets(list, SECBUFFER_DATA) > ctx->send_data)
        return sasl_refuse(SEC_E_ENCRYPT_FAILURE,
                           "more data than a message can have: SASL_OPTION_SEND_SIZE");
    return SEC_E_OK;
}

/* A message that came. */
static SECURITY_STATUS unseal_check(const struct sasl_ctx *ctx, const SecBufferDesc *list)
{
    SECURITY_STATUS status = layer_check(ctx);
    uint64_t size = buffer_find(list, SECBUFFER_STREAM) != NULL
                        ? buffer_octets(list, SECBUFFER_STREAM)
                        : buffer_octets(list, SECBUFFER_TOKEN) +
                              buffer_octets(list, SECBUFFER_DATA) +
                              buffer_octets(list, SECBUFFER_PADDING);

    if (status == SEC_E_OK && size > ctx->receive_size)
        status = sasl_refuse(SEC_E_INVALID_TOKEN,
                             "a message larger than what was told: SASL_OPTION_RECV_SIZE");
    return status;
}

static void data_wipe(const SecBufferDesc *list)
{
    for (ULONG i = 0; i < list->cBuffers; i++)
        if (buffer_type(&list->pBuffers[i]) == SECBUFFER_DATA && list->pBuffers[i].pvBuffer != NULL)
            explicit_bzero(list->pBuffers[i].pvBuffer, list->pBuffers[i].cbBuffer);
}

/* --- Messages ------------------------------------------------------------------------------- */

/* A message may end the context below. */
static SECURITY_STATUS message_end(struct sasl_ctx *ctx, SECURITY_STATUS status)
{
    if (ctx->below->state == CTX_DEAD)
        ctx_become(&ctx->base, CTX_DEAD);
    return status;
}

SECURITY_STATUS sasl_msg_seal(struct ctx *base, ULONG qop, const SecBufferDesc *list,
                              ULONG sequence)
{
    struct sasl_ctx *ctx = (struct sasl_ctx *)base;
    SECURITY_STATUS status = ctx->profile->agrees ? seal_check(ctx, qop, list) : SEC_E_OK;

    if (status == SEC_E_OK)
        status = package_call(ctx->below, msg_seal, ctx->below, qop, list, sequence);
    return message_end(ctx, status);
}

SECURITY_STATUS sasl_msg_unseal(struct ctx *base, const SecBufferDesc *list, ULONG sequence,
                                ULONG *qop)
{
    struct sasl_ctx *ctx = (struct sasl_ctx *)base;
    ULONG found = 0;
    SECURITY_STATUS status = ctx->profile->agrees ? unseal_check(ctx, list) : SEC_E_OK;

    if (status == SEC_E_OK)
        status = package_call(ctx->below, msg_unseal, ctx->below, list, sequence, &found);
    if (status == SEC_E_OK && ctx->layer == LAYER_SEAL && found == SECQOP_WRAP_NO_ENCRYPT) {
        data_wipe(list);
        ctx_become(&ctx->base, CTX_DEAD);
        return sasl_refuse(SEC_E_MESSAGE_ALTERED, "a message that is not sealed as was agreed on");
    }
    if (status == SEC_E_OK && qop != NULL)
        *qop = found;
    return message_end(ctx, status);
}

SECURITY_STATUS sasl_msg_sign(struct ctx *base, ULONG qop, const SecBufferDesc *list,
                              ULONG sequence)
{
    struct sasl_ctx *ctx = (struct sasl_ctx *)base;
    SECURITY_STATUS status = ctx->profile->agrees ? layer_check(ctx) : SEC_E_OK;

    if (status == SEC_E_OK)
        status = package_call(ctx->below, msg_sign, ctx->below, qop, list, sequence);
    return message_end(ctx, status);
}

SECURITY_STATUS sasl_msg_verify(struct ctx *base, const SecBufferDesc *list, ULONG sequence,
                                ULONG *qop)
{
    struct sasl_ctx *ctx = (struct sasl_ctx *)base;
    SECURITY_STATUS status = ctx->profile->agrees ? layer_check(ctx) : SEC_E_OK;

    if (status == SEC_E_OK)
        status = package_call(ctx->below, msg_verify, ctx->below, list, sequence, qop);
    return message_end(ctx, status);
}

/* --- Attributes ----------------------------------------------------------------------------- */

ULONG sasl_attributes(const struct sasl_ctx *ctx)
{
    return ctx->profile->agrees && ctx->step == SASL_DONE ? sasl_layer_attributes(ctx)
                                                          : ctx->attributes;
}

static bool is_agreed(const struct sasl_ctx *ctx)
{
    return ctx->profile->agrees && ctx->base.state == CTX_ESTABLISHED;
}

/* What the agreement has changed of the package's answer. */
static void answer_adapt(const struct sasl_ctx *ctx, ULONG attribute, void *buffer)
{
    if (attribute == SECPKG_ATTR_FLAGS)
        ((PSecPkgContext_Flags)buffer)->Flags = sasl_layer_attributes(ctx);
    else if (attribute == SECPKG_ATTR_STREAM_SIZES)
        ((PSecPkgContext_StreamSizes)buffer)->cbMaximumMessage = ctx->send_data;
}

/*
 * The package finds nobody to keep out, since its context has no handle: that is done here. NULL
 * where there is none yet.
 */
static struct ctx *below_open(struct ctx *base)
{
    handle_alone_begin(&base->handled);
    return ((struct sasl_ctx *)base)->below;
}

static SECURITY_STATUS below_close(struct ctx *base, SECURITY_STATUS status)
{
    handle_alone_end(&base->handled);
    return status;
}

SECURITY_STATUS sasl_ctx_query(struct ctx *base, ULONG attribute, void *buffer)
{
    struct ctx *below = below_open(base);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (base->state == CTX_DEAD)
        status = SEC_E_CONTEXT_EXPIRED;
    else if (below != NULL)
        status = package_call(below, ctx_query, below, attribute, buffer);
    if (status == SEC_E_OK && is_agreed((struct sasl_ctx *)base))
        answer_adapt((struct sasl_ctx *)base, attribute, buffer);
    return below_close(base, status);
}

SECURITY_STATUS sasl_ctx_set(struct ctx *base, ULONG attribute, const void *buffer, ULONG size)
{
    struct ctx *below = below_open(base);

    return below_close(base, below == NULL
                                 ? SEC_E_INVALID_HANDLE
                                 : package_call(below, ctx_set, below, attribute, buffer, size));
}

SECURITY_STATUS sasl_ctx_control(struct ctx *base, const SecBufferDesc *list)
{
    struct ctx *below = below_open(base);

    return below_close(base, below == NULL ? SEC_E_INVALID_HANDLE
                                           : package_call(below, ctx_control, below, list));
}

SECURITY_STATUS sasl_ctx_complete(struct ctx *base, const SecBufferDesc *list)
{
    struct ctx *below = below_open(base);
    SECURITY_STATUS status = SEC_E_OK;

    if (below != NULL && below->package->ops->ctx_complete != NULL) {
        status = below->package->ops->ctx_complete(below, list);
        if (!((struct sasl_ctx *)base)->profile->agrees)
            ctx_become(base, below->state);
    }
    return below_close(base, status);
}

/* The context below: another process goes on with it as one of the package. */
SECURITY_STATUS sasl_ctx_export(struct ctx *base, ULONG flags, struct blob *packed)
{
    struct ctx *below = below_open(base);

    return below_close(base, base->state != CTX_ESTABLISHED
                                 ? SEC_E_INVALID_HANDLE
                                 : package_call(below, ctx_export, below, flags, packed));
}

/* The caller has looked at the state. */
SECURITY_STATUS sasl_ctx_token(struct ctx *base, struct token **token)
{
    struct ctx *below = below_open(base);

    return below_close(base, package_call(below, ctx_token, below, token));
}
