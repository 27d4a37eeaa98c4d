/* SPDX-License-Identifier: MIT */
/* What both roles send and check. [MS-CSSP] 3.1.5 */
#include "core/native.h"
#include "credssp/binding.h"
#include "credssp/credssp.h"

SECURITY_STATUS credssp_refuse(SECURITY_STATUS status, const char *why)
{
    native_error_set("CredSSP: %s", why);
    return status;
}

uint32_t credssp_version(const struct credssp_ctx *ctx)
{
    return ctx->peer_version < CREDSSP_VERSION ? ctx->peer_version : CREDSSP_VERSION;
}

/* A client's nonce goes into every message: servers read it in the first, or in the binding's. */
static bool nonce_is_due(const struct credssp_ctx *ctx)
{
    return !ctx->base.inbound &&
           (ctx->peer_version == 0 || credssp_version(ctx) >= BINDING_VERSION_HASHED);
}

SECURITY_STATUS credssp_send(struct credssp_ctx *ctx, struct credssp_leg *io,
                             struct tsrequest *request)
{
    struct blob der;
    SECURITY_STATUS status;

    request->version = CREDSSP_VERSION;
    if (nonce_is_due(ctx))
        request->nonce = (struct asn_part){ctx->nonce, sizeof(ctx->nonce)};
    status = tsrequest_encode(request, &der);
    if (status == SEC_E_OK)
        status = inner_tls_send(ctx->tls, &ctx->sizes, &der, &io->out);
    blob_wipe(&der);
    return status;
}

/* --- The binding ---------------------------------------------------------------------------- */

static SECURITY_STATUS value_make(const struct credssp_ctx *ctx, bool by_client, struct blob *value)
{
    *value = (struct blob){NULL, 0};
    if (credssp_version(ctx) >= BINDING_VERSION_HASHED && !ctx->has_nonce)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "the client binds without a nonce");
    return binding_make(credssp_version(ctx), by_client,
                        (struct asn_part){ctx->key.data, ctx->key.size}, ctx->nonce, value);
}

SECURITY_STATUS credssp_binding_send(struct credssp_ctx *ctx, struct credssp_leg *io,
                                     struct asn_part token)
{
    struct blob value, sealed = {NULL, 0};
    SECURITY_STATUS status = value_make(ctx, !ctx->base.inbound, &value);

    if (status == SEC_E_OK)
        status = inner_wrap(ctx->negotiate, &value, &sealed);
    blob_wipe(&value);
    if (status == SEC_E_OK)
        status = credssp_send(
            ctx, io,
            &(struct tsrequest){.token = token, .pubkey_auth = {sealed.data, sealed.size}});
    blob_wipe(&sealed);
    return status;
}

SECURITY_STATUS credssp_binding_verify(struct credssp_ctx *ctx, struct asn_part sealed)
{
    struct blob expected, plain = {NULL, 0};
    SECURITY_STATUS status = value_make(ctx, ctx->base.inbound, &expected);

    if (status == SEC_E_OK)
        status = inner_unwrap(ctx->negotiate, sealed, &plain);
    if (status == SEC_E_OK && !binding_equal(&expected, (struct asn_part){plain.data, plain.size}))
        status = credssp_refuse(SEC_E_MUTUAL_AUTH_FAILED,
                                "both ends see different keys: somebody is in between");
    blob_wipe(&plain);
    blob_wipe(&expected);
    return status;
}
