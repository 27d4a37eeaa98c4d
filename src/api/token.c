/* SPDX-License-Identifier: MIT */
/* Acting for a client: impersonation and access tokens. */
#include "api/api.h"
#include "core/native.h"
#include "core/token.h"
#include "core/trace.h"

/* A new reference to the token of an established context. */
static SECURITY_STATUS token_of(PCtxtHandle handle, struct token **token)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL && ctx->state == CTX_ESTABLISHED)
        status = package_call(ctx, ctx_token, ctx, token);
    else if (ctx != NULL)
        native_error_set("the client is not known: the negotiation is not over, or has failed");
    api_ctx_unpin(ctx);
    return status;
}

static SECURITY_STATUS impersonate_by_token(PCtxtHandle handle)
{
    struct token *token;
    SECURITY_STATUS status = token_of(handle, &token);

    if (status == SEC_E_OK) {
        status = token_impersonate(token);
        token_unref(token);
    }
    return status;
}

/* Packages that do it themselves. */
static bool impersonates(const struct ctx *ctx)
{
    return ctx != NULL && ctx->package->ops->ctx_impersonate != NULL;
}

SSPI_API SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext)
{
    struct ctx *ctx = api_ctx_pin(phContext);
    SECURITY_STATUS status = impersonates(ctx) ? ctx->package->ops->ctx_impersonate(ctx, true)
                                               : impersonate_by_token(phContext);

    api_ctx_unpin(ctx);
    return trace_result("ImpersonateSecurityContext", status);
}

/* The context is only looked up: reverting ends whatever identity the thread has. */
SSPI_API SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext)
{
    struct ctx *ctx = api_ctx_pin(phContext);
    SECURITY_STATUS status = ctx == NULL ? SEC_E_INVALID_HANDLE : token_impersonate(NULL);

    if (status == SEC_E_OK && impersonates(ctx))
        status = ctx->package->ops->ctx_impersonate(ctx, false);
    api_ctx_unpin(ctx);
    return trace_result("RevertSecurityContext", status);
}

/* The handle is the caller's; CloseHandle() frees it. */
SSPI_API SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, PVOID *phToken)
{
    struct token *token;
    SECURITY_STATUS status =
        phToken == NULL ? SEC_E_INVALID_PARAMETER : token_of(phContext, &token);

    if (status == SEC_E_OK)
        *phToken = token_object(token);
    return trace_result("QuerySecurityContextToken", status);
}
