/* SPDX-License-Identifier: MIT */
/*
 * The agreement on a security layer: the server offers layers and says how much it can receive, the
 * client answers with one of them, its own size and the identity it wants to act as. Both messages
 * are signed and not sealed. RFC 4752 3.1, 3.2, 3.3.
 */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "core/wrap.h"
#include "sasl/sasl.h"

#define HEAD_SIZE 4

SECURITY_STATUS sasl_refuse(SECURITY_STATUS status, const char *why)
{
    native_error_set("SASL: %s", why);
    return status;
}

/* --- Messages ------------------------------------------------------------------------------- */

struct head {
    unsigned layers;
    uint32_t size;
};

static struct head head_read(const uint8_t *at)
{
    return (struct head){at[0], (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]};
}

static SECURITY_STATUS head_send(struct sasl_ctx *ctx, struct head head, const struct blob *authz,
                                 struct blob *out)
{
    struct blob plain = {malloc(HEAD_SIZE + authz->size), HEAD_SIZE + authz->size};
    uint8_t *at = plain.data;
    SECURITY_STATUS status;

    if (at == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    at[0] = (uint8_t)head.layers;
    at[1] = (uint8_t)(head.size >> 16);
    at[2] = (uint8_t)(head.size >> 8);
    at[3] = (uint8_t)head.size;
    if (authz->size != 0)
        memcpy(at + HEAD_SIZE, authz->data, authz->size);
    status = ctx_wrap(ctx->below, SECQOP_WRAP_NO_ENCRYPT, &plain, out);
    blob_wipe(&plain);
    return status;
}

static SECURITY_STATUS head_receive(struct sasl_ctx *ctx, const SecBuffer *token,
                                    struct blob *plain)
{
    ULONG qop;
    SECURITY_STATUS status = ctx_unwrap(ctx->below, token->pvBuffer, token->cbBuffer, plain, &qop);

    if (status != SEC_E_OK)
        return sasl_refuse(status, "the peer's message about layers does not open");
    if (plain->size >= HEAD_SIZE)
        return SEC_E_OK;
    blob_wipe(plain);
    return sasl_refuse(SEC_E_INVALID_TOKEN, "the peer's message about layers is too short");
}

/* --- Layers --------------------------------------------------------------------------------- */

#define PROTECTING (LAYER_SIGN | LAYER_SEAL)

/* ISC_REQ_*, ASC_REQ_*, ISC_RET_* and ASC_RET_* differ. */
#define ASKED(ctx, bit)                                                                            \
    (((ctx)->base.request & ((ctx)->base.inbound ? ASC_REQ_##bit : ISC_REQ_##bit)) != 0)
#define RET(ctx, bit)     ((ctx)->base.inbound ? (ULONG)ASC_RET_##bit : (ULONG)ISC_RET_##bit)
#define GRANTED(ctx, bit) (((ctx)->attributes & RET(ctx, bit)) != 0)

/* What the program asks for at least; without a size to receive there is none. */
static unsigned layers_wanted(const struct sasl_ctx *ctx)
{
    unsigned wanted = LAYER_NONE | PROTECTING;

    if (ASKED(ctx, CONFIDENTIALITY))
        wanted = LAYER_SEAL;
    else if (ASKED(ctx, INTEGRITY))
        wanted = PROTECTING;
    return ctx->receive_size == 0 ? wanted & LAYER_NONE : wanted;
}

/* Of these, what the context below can do. */
static unsigned layers_usable(const struct sasl_ctx *ctx)
{
    unsigned usable = LAYER_NONE;

    if (GRANTED(ctx, INTEGRITY))
        usable |= LAYER_SIGN;
    if (GRANTED(ctx, CONFIDENTIALITY))
        usable |= LAYER_SEAL;
    return usable & layers_wanted(ctx);
}

static unsigned layer_weakest(unsigned layers)
{
    return layers & -layers;
}

static unsigned layer_strongest(unsigned layers)
{
    return layers & LAYER_SEAL   ? LAYER_SEAL
           : layers & LAYER_SIGN ? LAYER_SIGN
                                 : layers & LAYER_NONE;
}

ULONG sasl_layer_attributes(const struct sasl_ctx *ctx)
{
    ULONG integrity = RET(ctx, INTEGRITY), confidentiality = RET(ctx, CONFIDENTIALITY);
    ULONG rest = ctx->attributes & ~(integrity | confidentiality);

    if (ctx->layer == LAYER_SEAL)
        return rest | integrity | confidentiality;
    return ctx->layer == LAYER_SIGN ? rest | integrity : rest;
}

/* Microsoft (SASL_OPTION_SEND_SIZE): less block, trailer and signature. */
static SECURITY_STATUS send_data_of(const struct sasl_ctx *ctx, uint32_t peer, uint32_t *data)
{
    uint32_t size = peer < ctx->send_size ? peer : ctx->send_size;
    SecPkgContext_Sizes sizes;
    uint64_t spent;
    SECURITY_STATUS status =
        package_call(ctx->below, ctx_query, ctx->below, SECPKG_ATTR_SIZES, &sizes);

    if (status != SEC_E_OK)
        return status;
    spent = (uint64_t)sizes.cbBlockSize + sizes.cbSecurityTrailer + sizes.cbMaxSignature;
    if (size <= spent)
        return sasl_refuse(SEC_E_QOP_NOT_SUPPORTED,
                           "messages of the agreed size have no room for data");
    *data = size - (uint32_t)spent;
    return SEC_E_OK;
}

/* The layer is agreed on, with the size that the peer can receive. */
static SECURITY_STATUS layer_settle(struct sasl_ctx *ctx, struct head peer)
{
    uint32_t data = 0;
    SECURITY_STATUS status =
        peer.layers == LAYER_NONE ? SEC_E_OK : send_data_of(ctx, peer.size, &data);

    if (status == SEC_E_OK) {
        ctx->layer = peer.layers;
        ctx->send_data = data;
    }
    return status;
}

/* --- The three messages' ends --------------------------------------------------------------- */

static uint32_t size_told(const struct sasl_ctx *ctx, unsigned layers)
{
    return layers & PROTECTING ? ctx->receive_size : 0;
}

SECURITY_STATUS sasl_layer_offer(struct sasl_ctx *ctx, struct blob *out)
{
    static const struct blob nothing;
    unsigned layers = layers_usable(ctx);

    if (layers == 0)
        return sasl_refuse(SEC_E_QOP_NOT_SUPPORTED,
                           "the context has none of the security layers that are asked for");
    ctx->layer = layers;
    return head_send(ctx, (struct head){layers, size_told(ctx, layers)}, &nothing, out);
}

static SECURITY_STATUS offer_read(struct sasl_ctx *ctx, const SecBuffer *token, struct head *head)
{
    struct blob plain = {NULL, 0};
    SECURITY_STATUS status = head_receive(ctx, token, &plain);

    if (status != SEC_E_OK)
        return status;
    *head = head_read(plain.data);
    if (plain.size != HEAD_SIZE)
        status = sasl_refuse(SEC_E_INVALID_TOKEN, "the server's offer of layers is too long");
    blob_wipe(&plain);
    return status;
}

SECURITY_STATUS sasl_layer_choose(struct sasl_ctx *ctx, const SecBuffer *offer, struct blob *out)
{
    struct head head;
    SECURITY_STATUS status = offer_read(ctx, offer, &head);

    if (status != SEC_E_OK)
        return status;
    if (ctx->authz.size != 0 && ctx->authz_processing == Sasl_AuthZIDForbidden)
        return sasl_refuse(SEC_E_ALGORITHM_MISMATCH, "an authorisation identity is forbidden");
    head.layers = layer_weakest(head.layers & layers_usable(ctx));
    if (head.layers == 0)
        return sasl_refuse(SEC_E_QOP_NOT_SUPPORTED,
                           "the server offers none of the security layers that are asked for");
    status = layer_settle(ctx, head);
    if (status != SEC_E_OK)
        return status;
    head.size = size_told(ctx, head.layers);
    return head_send(ctx, head, &ctx->authz, out);
}

SECURITY_STATUS sasl_authz_check(const void *text, size_t size)
{
    char *copy = NULL;
    SECURITY_STATUS status = text_from_utf8(text, size, &copy);

    if (copy != NULL)
        string_wipe_free(copy);
    return status;
}

static SECURITY_STATUS authz_accept(struct sasl_ctx *ctx, const uint8_t *text, size_t size)
{
    SECURITY_STATUS status;

    if (size == 0)
        return SEC_E_OK;
    if (ctx->authz_processing == Sasl_AuthZIDForbidden)
        return sasl_refuse(SEC_E_ALGORITHM_MISMATCH,
                           "the client wants to act as somebody, which is forbidden");
    status = sasl_authz_check(text, size);
    if (status == SEC_E_INVALID_PARAMETER)
        return sasl_refuse(SEC_E_INVALID_TOKEN, "the authorisation identity is no text");
    if (status != SEC_E_OK)
        return status;
    ctx->authz = (struct blob){memory_copy(text, size), size};
    return ctx->authz.data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

/*
 * Samba's client names every layer that is weaker as well, and means the strongest. It and its
 * server tell a size where there is no layer, too: nobody reads it then.
 */
static SECURITY_STATUS choice_take(struct sasl_ctx *ctx, const struct blob *plain)
{
    struct head head = head_read(plain->data);
    SECURITY_STATUS status;

    head.layers = layer_strongest(head.layers & ctx->layer);
    if (head.layers == 0)
        return sasl_refuse(SEC_E_INVALID_TOKEN, "the client's choice is not one of the offer");
    status = authz_accept(ctx, (const uint8_t *)plain->data + HEAD_SIZE, plain->size - HEAD_SIZE);
    return status == SEC_E_OK ? layer_settle(ctx, head) : status;
}

SECURITY_STATUS sasl_layer_accept(struct sasl_ctx *ctx, const SecBuffer *choice)
{
    struct blob plain = {NULL, 0};
    SECURITY_STATUS status = head_receive(ctx, choice, &plain);

    if (status == SEC_E_OK)
        status = choice_take(ctx, &plain);
    blob_wipe(&plain);
    return status;
}
