/* SPDX-License-Identifier: MIT */
/* A server's steps. [MS-CSSP] 3.1.5 */
#include <stdio.h>
#include <string.h>

#include <windows.h>

#include <schannel.h>

#include "core/native.h"
#include "credssp/credssp.h"
#include "credssp/ntstatus.h"

#define LOGON_REQUEST                                                                              \
    (ASC_REQ_MUTUAL_AUTH | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |                       \
     ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY)

/* The first one counts; it is said again, or not, and never another. */
static SECURITY_STATUS nonce_take(struct credssp_ctx *ctx, struct asn_part nonce)
{
    if (nonce.data == NULL)
        return SEC_E_OK;
    if (!ctx->has_nonce)
        memcpy(ctx->nonce, nonce.data, sizeof(ctx->nonce));
    ctx->has_nonce = true;
    return memcmp(ctx->nonce, nonce.data, sizeof(ctx->nonce)) == 0
               ? SEC_E_OK
               : credssp_refuse(SEC_E_MESSAGE_ALTERED, "the client has changed its nonce midway");
}

/* --- The logon ------------------------------------------------------------------------------ */

/* The logon's last token, where there is one, goes with the answer. */
static SECURITY_STATUS binding_answer(struct credssp_ctx *ctx, struct credssp_leg *io,
                                      const struct tsrequest *request, struct asn_part token)
{
    SECURITY_STATUS status = credssp_binding_verify(ctx, request->pubkey_auth);

    if (status == SEC_E_OK)
        status = credssp_binding_send(ctx, io, token);
    if (status != SEC_E_OK)
        return status;
    ctx->step = STEP_CREDENTIALS;
    return SEC_I_CONTINUE_NEEDED;
}

static SECURITY_STATUS token_send(struct credssp_ctx *ctx, struct credssp_leg *io,
                                  struct asn_part token)
{
    struct tsrequest answer = {.token = token};
    SECURITY_STATUS status = credssp_send(ctx, io, &answer);

    return status == SEC_E_OK ? SEC_I_CONTINUE_NEEDED : status;
}

/* A client in the middle of SPNEGO binds in its next message, when it has our last token. */
static SECURITY_STATUS logon_answer(struct credssp_ctx *ctx, struct credssp_leg *io,
                                    const struct tsrequest *request, SECURITY_STATUS status,
                                    struct asn_part token)
{
    if (status < 0)
        return status;
    if (request->pubkey_auth.data == NULL)
        return token_send(ctx, io, token);
    if (status != SEC_E_OK)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "the client binds before the logon is over");
    return binding_answer(ctx, io, request, token);
}

static SECURITY_STATUS logon_advance(struct credssp_ctx *ctx, struct credssp_leg *io,
                                     const struct tsrequest *request)
{
    const struct credssp_cred *cred = (const struct credssp_cred *)ctx->base.cred;
    struct inner_leg step = {.request = LOGON_REQUEST, .in = request->token};
    SECURITY_STATUS status = inner_leg_run(ctx, &ctx->negotiate, cred->negotiate, &step);
    struct asn_part token = {step.out.size == 0 ? NULL : step.out.data, step.out.size};

    io->leg->expiry = step.expiry;
    status = logon_answer(ctx, io, request, status, token);
    blob_wipe(&step.out);
    return status;
}

static bool logon_is_over(const struct credssp_ctx *ctx)
{
    return ctx->negotiate != NULL && ctx->negotiate->state == CTX_ESTABLISHED;
}

static SECURITY_STATUS tokens_take(struct credssp_ctx *ctx, struct credssp_leg *io,
                                   const struct tsrequest *request)
{
    if (request->auth_info.data != NULL)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "credentials before the binding");
    if (request->token.data != NULL && !logon_is_over(ctx))
        return logon_advance(ctx, io, request);
    if (request->token.data != NULL || request->pubkey_auth.data == NULL || !logon_is_over(ctx))
        return credssp_refuse(SEC_E_INVALID_TOKEN,
                              "neither a token nor a binding where one is due");
    return binding_answer(ctx, io, request, (struct asn_part){NULL, 0});
}

/* --- The end -------------------------------------------------------------------------------- */

static SECURITY_STATUS creds_take(struct credssp_ctx *ctx, const struct tsrequest *request)
{
    struct blob plain;
    SECURITY_STATUS status;

    if (request->auth_info.data == NULL || request->token.data != NULL ||
        request->pubkey_auth.data != NULL)
        return credssp_refuse(SEC_E_INVALID_TOKEN, "something else than the client's credentials");
    status = inner_unwrap(ctx->negotiate, request->auth_info, &plain);
    if (status == SEC_E_OK)
        status = tscreds_decode(&ctx->creds, plain.data, plain.size);
    blob_wipe(&plain);
    if (status != SEC_E_OK)
        return status;
    if (ctx->creds.type != TSCREDS_PASSWORD || ctx->creds.u.password.user[0] != '\0')
        ctx->attributes |= ASC_RET_DELEGATE;
    ctx->step = STEP_DONE;
    return SEC_E_OK;
}

SECURITY_STATUS credssp_server_step(struct credssp_ctx *ctx, struct credssp_leg *io,
                                    const struct tsrequest *request)
{
    SECURITY_STATUS status = nonce_take(ctx, request->nonce);

    if (status == SEC_E_OK && request->failed)
        status = credssp_refuse(SEC_E_INVALID_TOKEN, "a client with an error code");
    if (status != SEC_E_OK)
        return status;
    return ctx->step == STEP_CREDENTIALS ? creds_take(ctx, request) : tokens_take(ctx, io, request);
}

/* --- Failing -------------------------------------------------------------------------------- */

static DWORD alert_of(SECURITY_STATUS why)
{
    switch (why) {
    case SEC_E_LOGON_DENIED:
        return TLS1_ALERT_ACCESS_DENIED;
    case SEC_E_UNSUPPORTED_FUNCTION: /* the version is below what policy wants */
        return TLS1_ALERT_INSUFFIENT_SECURITY;
    default:
        return TLS1_ALERT_INTERNAL_ERROR;
    }
}

/* Why the leg failed is told to the caller, not that TLS could say so. */
static void alert_send(struct credssp_ctx *ctx, struct credssp_leg *io, SECURITY_STATUS why)
{
    const struct credssp_cred *cred = (const struct credssp_cred *)ctx->base.cred;
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, alert_of(why)};
    SecBuffer token = {sizeof(alert), SECBUFFER_TOKEN, &alert};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    struct inner_leg step = {.target = NULL};
    char cause[NATIVE_ERROR_SIZE];

    snprintf(cause, sizeof(cause), "%s", native_error_get());
    if (package_call(ctx->tls, ctx_control, ctx->tls, &list) == SEC_E_OK &&
        inner_leg_run(ctx, &ctx->tls, cred->tls, &step) == SEC_E_OK) {
        blob_wipe(&io->out);
        io->out = step.out;
    }
    native_error_clear();
    native_error_set("%s", cause);
}

/* [MS-CSSP] 2.2.1: versions 2 and 5 know no error code. They hear an alert, as from Windows. */
void credssp_server_fail(struct credssp_ctx *ctx, struct credssp_leg *io, SECURITY_STATUS why)
{
    struct tsrequest answer = {.failed = true, .error = ntstatus_of(why)};

    if (ctx->peer_version == 2 || ctx->peer_version == 5)
        alert_send(ctx, io, why);
    else if (ctx->peer_version >= 3 && credssp_send(ctx, io, &answer) != SEC_E_OK)
        blob_wipe(&io->out);
}
