/* SPDX-License-Identifier: MIT */
/* Security contexts: the legs of a negotiation, deletion, export and import. */
#include "api/api.h"
#include "core/buffer.h"
#include "core/flagname.h"
#include "core/native.h"
#include "core/status.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "core/trace.h"

#include <string.h>

#define TRACE_TEXT 256

struct ctx *api_ctx_pin(PCtxtHandle handle)
{
    struct ctx *ctx = (struct ctx *)handle_pin(handle, HANDLE_CONTEXT);

    native_error_clear();
    if (ctx == NULL)
        api_ctx_missing(handle);
    return ctx;
}

void api_ctx_missing(PCtxtHandle handle)
{
    native_error_clear();
    native_error_set("the context's handle is %s",
                     handle == NULL ? "NULL" : "none: no leg has made it, or it was deleted since");
}

void api_ctx_unpin(struct ctx *ctx)
{
    if (ctx != NULL)
        handle_unpin(&ctx->handled);
}

/* What a failed leg leaves in the caller's TOKEN buffer: no bytes, unless an error token was given.
 */
static void leg_clear_output(const struct leg *leg, const struct ctx *ctx, SECURITY_STATUS status)
{
    bool kept =
        status == SEC_E_INCOMPLETE_MESSAGE || (ctx != NULL && status == ctx->package->too_small);

    if (status < 0 && !leg->emitted && !kept)
        buffer_token_clear(leg->out);
}

/* The input is the same as last time: what was left of it is told now that the call succeeds. */
static void leg_report_extra(const struct leg *leg, size_t extra)
{
    const SecBuffer *token = buffer_find(leg->in, SECBUFFER_TOKEN);
    SecBuffer *report = buffer_find(leg->in, SECBUFFER_EMPTY);

    if (extra == 0 || token == NULL || report == NULL || token->cbBuffer < extra)
        return;
    report->BufferType = SECBUFFER_EXTRA;
    report->cbBuffer = (ULONG)extra;
    report->pvBuffer = (uint8_t *)token->pvBuffer + (token->cbBuffer - extra);
}

/* The token that did not fit last time, without asking the mechanism again. */
static SECURITY_STATUS leg_resume(struct ctx *ctx, struct leg *leg)
{
    struct blob token = ctx->pending.token;
    SECURITY_STATUS status;

    memset(&ctx->pending.token, 0, sizeof(token));
    leg->attributes = ctx->pending.attributes;
    status = ctx_emit(ctx, leg, token.data, token.size, ctx->pending.status);
    blob_wipe(&token);
    if (status < 0)
        return status;
    leg_report_extra(leg, ctx->pending.extra);
    ctx->pending.extra = 0;
    return status;
}

static SECURITY_STATUS leg_call(struct ctx **ctx, struct leg *leg, bool inbound,
                                const struct package_ops *ops)
{
    SECURITY_STATUS (*run)(struct ctx **, struct leg *) = inbound ? ops->ctx_accept : ops->ctx_init;

    return run != NULL ? run(ctx, leg)
                       : native_refuse(SEC_E_UNSUPPORTED_FUNCTION, "the package has no %s",
                                       inbound ? "server's side" : "client's side");
}

/* The first leg: a context is made and gets its handle. */
static SECURITY_STATUS leg_first(struct leg *leg, bool inbound, PCtxtHandle new_handle)
{
    struct ctx *ctx = NULL;
    SECURITY_STATUS status, opened;

    if (leg->cred == NULL || new_handle == NULL)
        return native_refuse(SEC_E_INVALID_HANDLE,
                             "%s is NULL, and a first leg, whose phContext is NULL, needs it",
                             leg->cred == NULL ? "phCredential" : "phNewContext");
    if (!(leg->cred->use & (inbound ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND)))
        return native_refuse(SEC_E_NO_CREDENTIALS,
                             "the credential is a %s: it was acquired with SECPKG_CRED_%s",
                             inbound ? "client's" : "server's", inbound ? "OUTBOUND" : "INBOUND");
    status = leg_call(&ctx, leg, inbound, leg->over != NULL ? leg->over : leg->cred->package->ops);
    leg_clear_output(leg, ctx, status);
    if (ctx == NULL)
        return status;
    opened = handle_open(&ctx->handled, HANDLE_CONTEXT, new_handle);
    object_unref(&ctx->handled.object); /* the table has its own */
    return opened == SEC_E_OK ? status : opened;
}

static SECURITY_STATUS leg_next_locked(struct ctx *ctx, struct leg *leg, bool inbound)
{
    SECURITY_STATUS status;

    if (ctx->inbound != inbound || (leg->over != NULL && leg->over != ctx->package->ops))
        return native_refuse(SEC_E_INVALID_HANDLE, "the context is of another call: a %s%s",
                             ctx->inbound ? "server's" : "client's",
                             leg->over != NULL ? ", or not of SASL" : "");
    if (ctx->pending.token.data != NULL)
        status = leg_resume(ctx, leg);
    else if (ctx->state == CTX_DEAD)
        status = native_refuse(SEC_E_CONTEXT_EXPIRED,
                               "an earlier call failed, and ended the context: begin another");
    else
        status = leg_call(&ctx, leg, inbound, ctx->package->ops);
    leg_clear_output(leg, ctx, status);
    return status;
}

/* A later leg. A second call on a handle that is in one is refused, not queued. */
static SECURITY_STATUS leg_next(struct leg *leg, bool inbound, PCtxtHandle handle,
                                PCtxtHandle new_handle)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status;

    if (ctx == NULL)
        return SEC_E_INVALID_HANDLE;
    if (ctx_enter(ctx)) {
        status = leg_next_locked(ctx, leg, inbound);
        ctx_leave(ctx);
    } else {
        status = native_refuse(SEC_E_OUT_OF_SEQUENCE, "another thread is in a leg of this context");
    }
    if (new_handle != NULL && new_handle != handle)
        *new_handle = *handle;
    api_ctx_unpin(ctx);
    return status;
}

static void leg_trace(const char *call, const struct leg *leg, bool first, bool inbound)
{
    char flags[TRACE_TEXT], in[TRACE_TEXT];

    trace_write("%s %s target=%s request=%s in=%s", call, first ? "first" : "next",
                leg->target ? leg->target : "(none)",
                flag_names(leg->request, inbound, flags, sizeof(flags)),
                trace_buffers(leg->in, in, sizeof(in)));
}

static void leg_trace_end(const char *call, const struct leg *leg, bool inbound,
                          SECURITY_STATUS status)
{
    char flags[TRACE_TEXT], out[TRACE_TEXT];

    trace_write("%s -> 0x%08x %s attributes=%s out=%s", call, (unsigned)status, status_name(status),
                flag_names(leg->attributes, inbound, flags, sizeof(flags)),
                trace_buffers(leg->out, out, sizeof(out)));
}

static SECURITY_STATUS leg_dispatch(struct leg *leg, bool inbound, PCredHandle credential,
                                    PCtxtHandle handle, PCtxtHandle new_handle)
{
    SECURITY_STATUS status = buffer_list_check(leg->in);

    if (status == SEC_E_OK)
        status = buffer_list_check(leg->out);
    if (status != SEC_E_OK)
        return status;
    if (credential != NULL && (leg->cred = api_cred_pin(credential)) == NULL)
        return SEC_E_INVALID_HANDLE;
    status = handle == NULL ? leg_first(leg, inbound, new_handle)
                            : leg_next(leg, inbound, handle, new_handle);
    api_cred_unpin(leg->cred);
    return status;
}

SECURITY_STATUS api_leg_run(const char *call, struct leg *leg, bool inbound, PCredHandle credential,
                            PCtxtHandle handle, PCtxtHandle new_handle, PULONG attributes,
                            PTimeStamp expiry)
{
    SECURITY_STATUS status;

    native_error_clear();
    timestamp_set(&leg->expiry, TIMESTAMP_NEVER);
    if (trace_enabled())
        leg_trace(call, leg, handle == NULL, inbound);
    status = leg_dispatch(leg, inbound, credential, handle, new_handle);
    if (attributes != NULL)
        *attributes = leg->attributes;
    if (expiry != NULL && status >= 0)
        timestamp_copy(expiry, &leg->expiry);
    if (trace_enabled())
        leg_trace_end(call, leg, inbound, status);
    return status;
}

SECURITY_STATUS api_leg_initialize(const char *call, struct leg *leg, const void *target,
                                   PCredHandle credential, PCtxtHandle handle,
                                   PCtxtHandle new_handle, PULONG attributes, PTimeStamp expiry)
{
    char *name = NULL;
    SECURITY_STATUS status = leg->wide ? text_from_w(target, &name) : text_check_a(target);

    native_error_clear();
    if (status == SEC_E_INVALID_PARAMETER)
        status = native_refuse(SEC_E_TARGET_UNKNOWN, "the target's name is no %s",
                               leg->wide ? "UTF-16" : "UTF-8");
    if (status == SEC_E_OK) {
        leg->target = leg->wide ? name : target;
        status = api_leg_run(call, leg, false, credential, handle, new_handle, attributes, expiry);
    }
    if (name != NULL)
        string_wipe_free(name);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextA(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_CHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry)
{
    struct leg leg = {
        .request = fContextReq, .data_rep = TargetDataRep, .in = pInput, .out = pOutput};

    (void)Reserved1;
    (void)Reserved2;
    return api_leg_initialize("InitializeSecurityContext", &leg, pszTargetName, phCredential,
                              phContext, phNewContext, pfContextAttr, ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY InitializeSecurityContextW(
    PCredHandle phCredential, PCtxtHandle phContext, SEC_WCHAR *pszTargetName, ULONG fContextReq,
    ULONG Reserved1, ULONG TargetDataRep, PSecBufferDesc pInput, ULONG Reserved2,
    PCtxtHandle phNewContext, PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry)
{
    struct leg leg = {.request = fContextReq, .data_rep = TargetDataRep, .in = pInput};

    (void)Reserved1;
    (void)Reserved2;
    leg.out = pOutput;
    leg.wide = true;
    return api_leg_initialize("InitializeSecurityContext", &leg, pszTargetName, phCredential,
                              phContext, phNewContext, pfContextAttr, ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext, PSecBufferDesc pInput,
                      ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
                      PSecBufferDesc pOutput, PULONG pfContextAttr, PTimeStamp ptsExpiry)
{
    struct leg leg = {
        .request = fContextReq, .data_rep = TargetDataRep, .in = pInput, .out = pOutput};

    return api_leg_run("AcceptSecurityContext", &leg, true, phCredential, phContext, phNewContext,
                       pfContextAttr, ptsExpiry);
}

/*
 * Few legs leave anything to be completed (gss/complete.c); otherwise a context in good order has
 * nothing to do: programs that call this whenever the slot is there go on.
 */
SSPI_API SECURITY_STATUS SEC_ENTRY CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken)
{
    struct ctx *ctx = api_ctx_pin(phContext);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL) {
        status = buffer_list_check(pToken);
        if (status == SEC_E_OK && ctx->state == CTX_DEAD)
            status = SEC_E_CONTEXT_EXPIRED;
        if (status == SEC_E_OK && ctx->package->ops->ctx_complete != NULL)
            status = ctx->package->ops->ctx_complete(ctx, pToken);
    }
    api_ctx_unpin(ctx);
    return trace_result("CompleteAuthToken", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput)
{
    struct ctx *ctx = api_ctx_pin(phContext);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL) {
        status = pInput == NULL ? SEC_E_INTERNAL_ERROR : buffer_list_check(pInput);
        if (status == SEC_E_OK)
            status = package_call(ctx, ctx_control, ctx, pInput);
    }
    api_ctx_unpin(ctx);
    return trace_result("ApplyControlToken", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY DeleteSecurityContext(PCtxtHandle phContext)
{
    SECURITY_STATUS status = handle_close(phContext, HANDLE_CONTEXT);

    if (status != SEC_E_OK)
        api_ctx_missing(phContext);
    return trace_result("DeleteSecurityContext", status);
}

/* pToken receives no token handle: what the importing process needs is all in the packed bytes. */
SSPI_API SECURITY_STATUS SEC_ENTRY ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                                         PSecBuffer pPackedContext, PVOID *pToken)
{
    struct ctx *ctx = api_ctx_pin(phContext);
    struct blob packed = {NULL, 0};
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL && pPackedContext != NULL) {
        status = package_call(ctx, ctx_export, ctx, fFlags, &packed);
        if (status == SEC_E_OK) {
            pPackedContext->BufferType = SECBUFFER_EMPTY;
            pPackedContext->cbBuffer = (ULONG)packed.size;
            pPackedContext->pvBuffer = packed.data; /* freed with FreeContextBuffer */
            if (pToken != NULL)
                *pToken = NULL;
        }
    } else if (ctx != NULL) {
        status = SEC_E_INVALID_PARAMETER;
    }
    api_ctx_unpin(ctx);
    if (status == SEC_E_OK && (fFlags & SECPKG_CONTEXT_EXPORT_DELETE_OLD))
        handle_close(phContext, HANDLE_CONTEXT);
    return trace_result("ExportSecurityContext", status);
}

static SECURITY_STATUS context_open(const struct package *package, const SecBuffer *packed,
                                    PCtxtHandle handle)
{
    struct blob blob;
    struct ctx *ctx = NULL;
    SECURITY_STATUS status;

    if (packed == NULL || packed->pvBuffer == NULL || packed->cbBuffer == 0)
        return native_refuse(SEC_E_INVALID_TOKEN, "pPackedContext is empty");
    if (handle == NULL)
        return native_refuse(SEC_E_INVALID_HANDLE, "phContext is NULL: it receives the handle");
    if (package->ops->ctx_import == NULL)
        return package_lacks(package);
    blob.data = packed->pvBuffer;
    blob.size = packed->cbBuffer;
    status = package->ops->ctx_import(package, &blob, &ctx);
    if (status != SEC_E_OK)
        return status;
    status = handle_open(&ctx->handled, HANDLE_CONTEXT, handle);
    object_unref(&ctx->handled.object);
    return status;
}

static SECURITY_STATUS context_import(const void *package_name, bool wide, const SecBuffer *packed,
                                      PCtxtHandle handle)
{
    const struct package *package;
    SECURITY_STATUS status = api_package_find(package_name, wide, package_wanted, &package);

    if (status == SEC_E_OK)
        status = context_open(package, packed, handle);
    return trace_result("ImportSecurityContext", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextA(SEC_CHAR *pszPackage,
                                                          PSecBuffer pPackedContext, PVOID Token,
                                                          PCtxtHandle phContext)
{
    (void)Token;
    return context_import(pszPackage, false, pPackedContext, phContext);
}

SSPI_API SECURITY_STATUS SEC_ENTRY ImportSecurityContextW(SEC_WCHAR *pszPackage,
                                                          PSecBuffer pPackedContext, PVOID Token,
                                                          PCtxtHandle phContext)
{
    (void)Token;
    return context_import(pszPackage, true, pPackedContext, phContext);
}
