/* SPDX-License-Identifier: MIT */
/* Acting for a client: impersonation and access tokens. */
#include "api/api.h"
#include "core/token.h"
#include "core/trace.h"

/* A new reference to the token of an established context. */
static SECURITY_STATUS token_of(PCtxtHandle handle, struct token **token)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL && ctx->state == CTX_ESTABLISHED)
        status = package_call(ctx, ctx_token, ctx, token);
    api_ctx_unpin(ctx);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY ImpersonateSecurityContext(PCtxtHandle phContext)
{
    struct token *token;
    SECURITY_STATUS status = token_of(phContext, &token);

    if (status == SEC_E_OK) {
        status = token_impersonate(token);
        token_unref(token);
    }
    return trace_result("ImpersonateSecurityContext", status);
}

/* The context is only looked up: reverting ends whatever identity the thread has. */
SSPI_API SECURITY_STATUS SEC_ENTRY RevertSecurityContext(PCtxtHandle phContext)
{
    struct ctx *ctx = api_ctx_pin(phContext);
    SECURITY_STATUS status = ctx == NULL ? SEC_E_INVALID_HANDLE : token_impersonate(NULL);

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
