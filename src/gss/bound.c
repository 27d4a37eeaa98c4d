/* SPDX-License-Identifier: MIT */
/*
 * Whether a client is bound to the server's channel (Microsoft: Extended Protection for
 * Authentication).
 */
#include "gss/bound.h"

#include <gssapi/gssapi_ext.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "gss/bindings.h"
#include "gss/ntlmtoken.h"

/* Without the bindings the server has, [MS-SPNG] and EPA call a context bound only on request. */
SECURITY_STATUS bound_require(const struct gss_context *context)
{
    if (context->bindings == NULL || context->bindings->audit ||
        (context->granted & GSS_C_CHANNEL_BOUND_FLAG) ||
        (context->base.request & ASC_REQ_ALLOW_MISSING_BINDINGS))
        return SEC_E_OK;
    native_error_set("the client sent no channel bindings, and this server requires them");
    return SEC_E_BAD_BINDINGS;
}

#define MATCHED                                                                                    \
    (SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_VALID_MATCHED)
#define MISMATCH                                                                                   \
    (SEC_CHANNEL_BINDINGS_RESULT_CLIENT_SUPPORT | SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISMATCH)

static ULONG missing(const struct gss_context *context)
{
    return SEC_CHANNEL_BINDINGS_RESULT_ABSENT |
           (context->base.request & ASC_REQ_ALLOW_MISSING_BINDINGS
                ? SEC_CHANNEL_BINDINGS_RESULT_VALID_MISSING
                : SEC_CHANNEL_BINDINGS_RESULT_NOTVALID_MISSING);
}

/* An NTLM client shows the hash of its own. */
static ULONG verdict_ntlm(const struct gss_context *context, const gss_buffer_desc *token)
{
    const uint8_t *theirs = ntlmtoken_bindings(token);
    uint8_t ours[BINDINGS_HASH_SIZE];

    if (theirs == NULL)
        return missing(context);
    return bindings_hash(context->bindings, ours) && memcmp(ours, theirs, sizeof(ours)) == 0
               ? MATCHED
               : MISMATCH;
}

static ULONG verdict(const struct gss_context *context, const gss_buffer_desc *token,
                     SECURITY_STATUS said)
{
    if (context->bindings == NULL || (said != SEC_E_OK && said != SEC_E_BAD_BINDINGS))
        return 0;
    if (ntlmtoken_has_authenticate(token))
        return verdict_ntlm(context, token);
    if (context->bound_elsewhere || said == SEC_E_BAD_BINDINGS)
        return MISMATCH; /* Kerberos passes a client without any */
    return context->granted & GSS_C_CHANNEL_BOUND_FLAG ? MATCHED : missing(context);
}

void bound_tell(const struct gss_context *context, const struct leg *call,
                const gss_buffer_desc *token, SECURITY_STATUS said)
{
    SecBuffer *buffer = buffer_find(call->out, SECBUFFER_CHANNEL_BINDINGS_RESULT);
    SEC_CHANNEL_BINDINGS_RESULT result;

    if (buffer == NULL || buffer->pvBuffer == NULL || buffer->cbBuffer < sizeof(result))
        return;
    result.flags = verdict(context, token, said);
    memcpy(buffer->pvBuffer, &result, sizeof(result));
    buffer->cbBuffer = sizeof(result);
}
