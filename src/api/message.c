/* SPDX-License-Identifier: MIT */
/*
 * Messages on an established context. This path neither copies nor allocates above the seam. A
 * message is alone with its context, where the package does not see to that itself: Windows
 * programs seal in one thread and open in another.
 */
#include "api/api.h"
#include "core/buffer.h"
#include "core/native.h"
#include "core/status.h"
#include "core/trace.h"

#define TRACE_TEXT 256

__attribute__((cold)) static SECURITY_STATUS message_refuse(enum ctx_state state)
{
    return state == CTX_DEAD
               ? native_refuse(SEC_E_CONTEXT_EXPIRED,
                               "an earlier call failed, and ended the context: begin another")
               : native_refuse(SEC_E_INVALID_HANDLE,
                               "the negotiation is not over: there are no keys for messages yet");
}

/* Only an established context has keys; a dead one says so. */
static SECURITY_STATUS message_check(const struct ctx *ctx, const SecBufferDesc *message)
{
    enum ctx_state state = atomic_load_explicit(&ctx->state, memory_order_acquire);

    native_error_clear();
    if (state != CTX_ESTABLISHED)
        return message_refuse(state);
    return message != NULL ? buffer_list_check(message)
                           : native_refuse(SEC_E_INVALID_TOKEN, "pMessage is NULL");
}

/* Apart from the message path, which does not pay for it. */
__attribute__((cold, noinline)) static void message_trace(const char *call,
                                                          const SecBufferDesc *message,
                                                          SECURITY_STATUS status)
{
    char text[TRACE_TEXT];

    trace_write("%s %s -> 0x%08x %s", call, trace_buffers(message, text, sizeof(text)),
                (unsigned)status, status_name(status));
}

/* The context of a message call, or NULL with the reason in *status. */
static inline struct ctx *message_open(PCtxtHandle handle, const SecBufferDesc *message,
                                       SECURITY_STATUS *status)
{
    struct ctx *ctx = (struct ctx *)handle_pin_alone(handle, HANDLE_CONTEXT);

    *status = ctx == NULL ? SEC_E_INVALID_HANDLE : message_check(ctx, message);
    if (*status == SEC_E_OK)
        return ctx;
    if (ctx != NULL)
        handle_unpin_alone(&ctx->handled);
    else
        api_ctx_missing(handle);
    return NULL;
}

static inline SECURITY_STATUS message_close(struct ctx *ctx, SECURITY_STATUS status)
{
    handle_unpin_alone(&ctx->handled);
    return status;
}

static inline SECURITY_STATUS message_result(const char *call, const SecBufferDesc *message,
                                             SECURITY_STATUS status)
{
    if (trace_enabled())
        message_trace(call, message, status);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY MakeSignature(PCtxtHandle phContext, ULONG fQOP,
                                                 PSecBufferDesc pMessage, ULONG MessageSeqNo)
{
    SECURITY_STATUS status;
    struct ctx *ctx = message_open(phContext, pMessage, &status);

    if (ctx != NULL)
        status = message_close(ctx, package_call(ctx, msg_sign, ctx, fQOP, pMessage, MessageSeqNo));
    return message_result("MakeSignature", pMessage, status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                                   ULONG MessageSeqNo, PULONG pfQOP)
{
    SECURITY_STATUS status;
    struct ctx *ctx = message_open(phContext, pMessage, &status);

    if (ctx != NULL)
        status =
            message_close(ctx, package_call(ctx, msg_verify, ctx, pMessage, MessageSeqNo, pfQOP));
    return message_result("VerifySignature", pMessage, status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY EncryptMessage(PCtxtHandle phContext, ULONG fQOP,
                                                  PSecBufferDesc pMessage, ULONG MessageSeqNo)
{
    SECURITY_STATUS status;
    struct ctx *ctx = message_open(phContext, pMessage, &status);

    if (ctx != NULL)
        status = message_close(ctx, package_call(ctx, msg_seal, ctx, fQOP, pMessage, MessageSeqNo));
    return message_result("EncryptMessage", pMessage, status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                                  ULONG MessageSeqNo, PULONG pfQOP)
{
    SECURITY_STATUS status;
    struct ctx *ctx = message_open(phContext, pMessage, &status);

    if (ctx != NULL)
        status =
            message_close(ctx, package_call(ctx, msg_unseal, ctx, pMessage, MessageSeqNo, pfQOP));
    return message_result("DecryptMessage", pMessage, status);
}

/* The names that Windows NT 4 gave the two; secur32 still exports them. */
SSPI_API SECURITY_STATUS SEC_ENTRY SealMessage(PCtxtHandle phContext, ULONG fQOP,
                                               PSecBufferDesc pMessage, ULONG MessageSeqNo)
{
    return EncryptMessage(phContext, fQOP, pMessage, MessageSeqNo);
}

SSPI_API SECURITY_STATUS SEC_ENTRY UnsealMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                                 ULONG MessageSeqNo, PULONG pfQOP)
{
    return DecryptMessage(phContext, pMessage, MessageSeqNo, pfQOP);
}
