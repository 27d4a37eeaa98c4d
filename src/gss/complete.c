/* SPDX-License-Identifier: MIT */
/*
 * A server that names its accounts when the client has answered already, which is how FreeRDP 2
 * does it: AcceptSecurityContext says SEC_I_COMPLETE_NEEDED, SetContextAttributes brings the file,
 * CompleteAuthToken ends the leg. So for it the answer to an NTLM challenge waits here. It is a raw
 * one: SPNEGO would have a last token to send. Nobody else gets that status, which a program that
 * takes all but errors for success would let a client in by.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/text.h"
#include "core/winpr.h"
#include "gss/gsspkg.h"
#include "gss/ntlmtoken.h"

bool gss_accept_may_wait(const struct gss_context *context)
{
    return context->base.request == WINPR_2_ASC_REQ && !account_is_named(&context->accounts);
}

bool gss_accept_must_wait(const struct gss_context *context, const struct leg *call)
{
    const SecBuffer *buffer = buffer_find(call->in, SECBUFFER_TOKEN);
    gss_buffer_desc token = {buffer == NULL ? 0 : buffer->cbBuffer,
                             buffer == NULL ? NULL : buffer->pvBuffer};

    return gss_accept_may_wait(context) && context->gss != GSS_C_NO_CONTEXT &&
           ntlmtoken_is_authenticate(&token);
}

SECURITY_STATUS gss_accept_wait(struct gss_context *context, struct leg *call)
{
    const SecBuffer *buffer = buffer_find(call->in, SECBUFFER_TOKEN);
    SECURITY_STATUS status = bindings_read(call->in, &context->bindings);

    if (status != SEC_E_OK)
        return status;
    context->waiting.data = memory_copy(buffer->pvBuffer, buffer->cbBuffer);
    context->waiting.size = buffer->cbBuffer;
    if (context->waiting.data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    return ctx_emit(&context->base, call, "", 0, SEC_I_COMPLETE_NEEDED);
}

static SECURITY_STATUS complete(struct gss_context *context, const SecBufferDesc *out)
{
    struct blob token = context->waiting;
    SecBuffer buffer = {(ULONG)token.size, SECBUFFER_TOKEN, token.data};
    SecBufferDesc in = {SECBUFFER_VERSION, 1, &buffer};
    struct leg call = {.request = context->base.request, .in = &in, .out = out};
    SECURITY_STATUS status;

    if (token.data == NULL)
        return SEC_E_OK; /* a server that calls this after every leg */
    context->waiting = (struct blob){NULL, 0};
    status = gss_accept_leg(context, &call, false);
    blob_wipe(&token);
    if (status < 0)
        ctx_become(&context->base, CTX_DEAD);
    return status;
}

static SECURITY_STATUS sam_file_set(struct gss_context *context, const char *path, ULONG size)
{
    size_t length = path == NULL ? 0 : strnlen(path, size);
    char *copy = NULL;
    SECURITY_STATUS status;

    if (length == 0 || length >= PATH_MAX)
        return SEC_E_INVALID_PARAMETER;
    status = text_from_utf8(path, length, &copy);
    if (status != SEC_E_OK)
        return status;
    free(context->sam_file);
    context->sam_file = copy;
    context->accounts.sam_file = copy;
    return SEC_E_OK;
}

/* The function itself is what is passed, by its address and without a size. */
static SECURITY_STATUS hash_set(struct gss_context *context, ULONG attribute, const void *buffer)
{
    if (attribute == WINPR_ATTR_NTLM_HASH_CB)
        memcpy((void *)&context->hash.callback, (const void *)&buffer, sizeof(buffer));
    else
        context->hash.argument = (void *)(uintptr_t)buffer;
    context->accounts.hash = context->hash.callback != NULL ? &context->hash : NULL;
    return SEC_E_OK;
}

/*
 * WinPR 3.27 has other attributes by these numbers, a client's name and its length: so they are a
 * function and its argument only where an answer waits for accounts, and where no size is said.
 */
static bool is_hash(const struct gss_context *context, ULONG attribute, ULONG size)
{
    return (attribute == WINPR_ATTR_NTLM_HASH_CB || attribute == WINPR_ATTR_NTLM_HASH_CB_DATA) &&
           context->waiting.data != NULL && size == 0;
}

/* Only before the client is let in or turned away. */
static SECURITY_STATUS attribute_set(struct gss_context *context, ULONG attribute,
                                     const void *buffer, ULONG size)
{
    if (is_hash(context, attribute, size))
        return hash_set(context, attribute, buffer);
    if (attribute != WINPR_ATTR_NTLM_SAM_FILE || !context->base.inbound)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (context->base.state != CTX_NEGOTIATING)
        return SEC_E_OUT_OF_SEQUENCE;
    return sam_file_set(context, buffer, size);
}

/* Both change what a leg works with: during one they are refused, as another leg would be. */
SECURITY_STATUS gsspkg_ctx_complete(struct ctx *ctx, const SecBufferDesc *token)
{
    SECURITY_STATUS status = SEC_E_OUT_OF_SEQUENCE;

    native_error_clear();
    if (ctx_enter(ctx)) {
        status = complete((struct gss_context *)ctx, token);
        ctx_leave(ctx);
    }
    return status;
}

SECURITY_STATUS gsspkg_ctx_set(struct ctx *ctx, ULONG attribute, const void *buffer, ULONG size)
{
    SECURITY_STATUS status = SEC_E_OUT_OF_SEQUENCE;

    native_error_clear();
    if (ctx_enter(ctx)) {
        status = attribute_set((struct gss_context *)ctx, attribute, buffer, size);
        ctx_leave(ctx);
    }
    return status;
}
