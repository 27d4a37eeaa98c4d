/* SPDX-License-Identifier: MIT */
/* A client's steps. [MS-CSSP] 3.1.5 */
#include <gnutls/crypto.h>
#include <string.h>

#include <windows.h>

#include <credssp.h>

#include "core/native.h"
#include "credssp/credssp.h"
#include "credssp/ntstatus.h"

/* The logon is mutual where it can be, and its messages are sealed in order. */
#define LOGON_REQUEST                                                                              \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |                       \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)

static SECURITY_STATUS token_send(struct credssp_ctx *ctx, struct credssp_leg *io,
                                  struct asn_part token)
{
    struct tsrequest request = {.token = token};
    SECURITY_STATUS status = credssp_send(ctx, io, &request);

    return status == SEC_E_OK ? SEC_I_CONTINUE_NEEDED : status;
}

/* --- To whom ------------------------------------------------------------------------------- */

static const struct credssp_cred *cred_of(const struct credssp_ctx *ctx)
{
    return (const struct credssp_cred *)ctx->base.cred;
}

static SECURITY_STATUS policy_ask(const struct credssp_ctx *ctx, bool server_known)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (ctx->base.request & ISC_REQ_DELEGATE)
        status = policy_allows(&ctx->policy, cred_of(ctx)->submit.kind, ctx->target, server_known);
    if (status == SEC_E_POLICY_NLTM_ONLY)
        native_error_set("policy gives %s no credentials: only its knowledge of the account proves "
                         "it, and %sWhenNTLMOnly in %s has not its name",
                         ctx->target, policy_setting(cred_of(ctx)->submit.kind), policy_file());
    if (status == SEC_E_DELEGATION_POLICY)
        native_error_set("policy gives %s no credentials: %s in %s has not its name, or a setting "
                         "that denies them has",
                         ctx->target, policy_setting(cred_of(ctx)->submit.kind), policy_file());
    return status;
}

/* What will fail at the end in any case is not begun. */
SECURITY_STATUS credssp_client_check(const struct credssp_ctx *ctx)
{
    SECURITY_STATUS status = policy_ask(ctx, true);

    if (status != SEC_E_OK || !(ctx->base.request & ISC_REQ_DELEGATE))
        return status;
    if (cred_of(ctx)->submit.creds.type != 0)
        return SEC_E_OK;
    return credssp_refuse(SEC_E_NO_CREDENTIALS,
                          "there is no password to hand over, neither named nor saved");
}

/* NTLM proves no more of a server than that it, or somebody it asks, knows the account. */
static SECURITY_STATUS server_check(struct credssp_ctx *ctx, ULONG attributes)
{
    SecPkgContext_Flags by_tls = {0};
    SECURITY_STATUS status =
        package_call(ctx->tls, ctx_query, ctx->tls, SECPKG_ATTR_SERVER_AUTH_FLAGS, &by_tls);

    if (status != SEC_E_OK)
        return status;
    ctx->server_auth =
        by_tls.Flags | ((attributes & ISC_RET_MUTUAL_AUTH) ? CREDSSP_SERVER_AUTH_NEGOTIATE : 0);
    if ((ctx->base.request & ISC_REQ_MUTUAL_AUTH) && ctx->server_auth == 0)
        return credssp_refuse(SEC_E_MUTUAL_AUTH_FAILED,
                              "neither Kerberos nor a certificate proves who the server is");
    return policy_ask(ctx, ctx->server_auth != 0);
}

/* --- The logon ------------------------------------------------------------------------------ */

/* The last token goes out with the binding, to a server that may have what comes after it. */
static SECURITY_STATUS logon_end(struct credssp_ctx *ctx, struct credssp_leg *io,
                                 const struct inner_leg *step, struct asn_part token)
{
    SECURITY_STATUS status = server_check(ctx, step->attributes);

    io->leg->expiry = step->expiry;
    if (status == SEC_E_OK)
        status = credssp_binding_send(ctx, io, token);
    if (status != SEC_E_OK)
        return status;
    ctx->step = STEP_BINDING;
    return SEC_I_CONTINUE_NEEDED;
}

static SECURITY_STATUS logon_advance(struct credssp_ctx *ctx, struct credssp_leg *io,
                                     struct asn_part token)
{
    struct inner_leg step = {.target = ctx->target, .request = LOGON_REQUEST, .in = token};
    SECURITY_STATUS status = inner_leg_run(ctx, &ctx->negotiate, cred_of(ctx)->negotiate, &step);
    struct asn_part out = {step.out.size == 0 ? NULL : step.out.data, step.out.size};

    if (status == SEC_E_OK)
        status = logon_end(ctx, io, &step, out);
    else if (status == SEC_I_CONTINUE_NEEDED)
        status = token_send(ctx, io, out);
    blob_wipe(&step.out);
    return status;
}

SECURITY_STATUS credssp_client_begin(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    if (gnutls_rnd(GNUTLS_RND_NONCE, ctx->nonce, sizeof(ctx->nonce)) != 0)
        return SEC_E_INTERNAL_ERROR;
    ctx->has_nonce = true;
    return logon_advance(ctx, io, (struct asn_part){NULL, 0});
}

/* --- The end -------------------------------------------------------------------------------- */

static SECURITY_STATUS creds_send(struct credssp_ctx *ctx, struct credssp_leg *io)
{
    /* Without DELEGATE a set of credentials goes out that has none in it. */
    static const struct tscreds none = {.type = TSCREDS_PASSWORD};
    bool delegates = (ctx->base.request & ISC_REQ_DELEGATE) != 0;
    struct blob der, sealed = {NULL, 0};
    SECURITY_STATUS status = tscreds_encode(delegates ? &cred_of(ctx)->submit.creds : &none, &der);

    if (status == SEC_E_OK)
        status = inner_wrap(ctx->negotiate, &der, &sealed);
    blob_wipe(&der);
    if (status == SEC_E_OK) {
        struct tsrequest request = {.auth_info = {sealed.data, sealed.size}};

        status = credssp_send(ctx, io, &request);
        ctx->attributes |=
            (delegates ? ISC_RET_DELEGATE : 0) | (ctx->server_auth != 0 ? ISC_RET_MUTUAL_AUTH : 0) |
            (ctx->server_auth & CREDSSP_SERVER_AUTH_CERTIFICATE ? 0
                                                                : ISC_RET_MANUAL_CRED_VALIDATION);
        ctx->step = STEP_DONE;
    }
    blob_wipe(&sealed);
    return status;
}

/* Nothing of the user's leaves before the server has shown that it has the key of TLS. */
static SECURITY_STATUS binding_answered(struct credssp_ctx *ctx, struct credssp_leg *io,
                                        const struct tsrequest *request)
{
    SECURITY_STATUS status;

    if (request->pubkey_auth.data == NULL || request->auth_info.data != NULL)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "the server does not answer the binding");
    status = credssp_binding_verify(ctx, request->pubkey_auth);
    return status == SEC_E_OK ? creds_send(ctx, io) : status;
}

SECURITY_STATUS credssp_client_step(struct credssp_ctx *ctx, struct credssp_leg *io,
                                    const struct tsrequest *request)
{
    if (request->failed)
        return ntstatus_refused(request->error);
    if (ctx->step == STEP_BINDING)
        return binding_answered(ctx, io, request);
    if (request->token.data == NULL || request->pubkey_auth.data != NULL ||
        request->auth_info.data != NULL)
        return credssp_refuse(SEC_E_INVALID_TOKEN,
                              "the server sends something else than its token");
    return logon_advance(ctx, io, request->token);
}
