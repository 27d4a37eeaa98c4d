/* SPDX-License-Identifier: MIT */
/*
 * Messages of Negotiate. A token is what EncryptMessage() leaves in TOKEN, DATA and PADDING, one
 * behind the other, which is also what gss_wrap() of Kerberos and NTLM gives; a program that calls
 * the package itself opens it as STREAM and DATA.
 */
#include <string.h>

#include "mech.h"

static SECURITY_STATUS sizes_of(struct context *context, SecPkgContext_Sizes *sizes)
{
    SECURITY_STATUS status = context_check(context);

    return status == SEC_E_OK ? QueryContextAttributesA(&context->handle, SECPKG_ATTR_SIZES, sizes)
                              : status;
}

/* Closes up the gaps that a part shorter than its room has left behind. */
static void parts_join(struct octets *token, const SecBuffer *parts, size_t count)
{
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        memmove(token->data + used, parts[i].pvBuffer, parts[i].cbBuffer);
        used += parts[i].cbBuffer;
    }
    token->size = used;
}

static SECURITY_STATUS plain_wrap(struct context *context, bool seal, const gss_buffer_desc *input,
                                  struct octets *token)
{
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status = sizes_of(context, &sizes);
    SecBuffer parts[3];
    SecBufferDesc message = {SECBUFFER_VERSION, COUNT(parts), parts};

    if (status == SEC_E_OK && input->length > UINT32_MAX / 2)
        status = SEC_E_INVALID_PARAMETER;
    if (status == SEC_E_OK)
        status = octets_reserve(token, sizes.cbSecurityTrailer + input->length + sizes.cbBlockSize);
    if (status != SEC_E_OK)
        return status;
    parts[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, token->data};
    parts[1] =
        (SecBuffer){(ULONG)input->length, SECBUFFER_DATA, token->data + sizes.cbSecurityTrailer};
    parts[2] = (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING,
                           token->data + sizes.cbSecurityTrailer + input->length};
    if (input->length != 0)
        memcpy(parts[1].pvBuffer, input->value, input->length);
    status = EncryptMessage(&context->handle, seal ? 0 : SECQOP_WRAP_NO_ENCRYPT, &message, 0);
    if (status == SEC_E_OK)
        parts_join(token, parts, COUNT(parts));
    return status;
}

static SECURITY_STATUS plain_unwrap(struct context *context, const gss_buffer_desc *token,
                                    bool *sealed, struct octets *output)
{
    SECURITY_STATUS status = context_check(context);
    SecBuffer parts[2];
    SecBufferDesc message = {SECBUFFER_VERSION, COUNT(parts), parts};
    ULONG qop = 0;

    if (status == SEC_E_OK && (token->length == 0 || token->length > UINT32_MAX / 2))
        status = SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK)
        status = octets_add(output, token->value, token->length);
    if (status != SEC_E_OK)
        return status;
    parts[0] = (SecBuffer){(ULONG)output->size, SECBUFFER_STREAM, output->data};
    parts[1] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    status = DecryptMessage(&context->handle, &message, 0, &qop);
    if (status != SEC_E_OK)
        return status;
    *sealed = qop != SECQOP_WRAP_NO_ENCRYPT;
    memmove(output->data, parts[1].pvBuffer, parts[1].cbBuffer);
    output->size = parts[1].cbBuffer;
    return SEC_E_OK;
}

SECURITY_STATUS message_wrap(struct context *context, bool *seal, const gss_buffer_desc *input,
                             struct octets *token)
{
    if (!context->mech->stream)
        return plain_wrap(context, *seal, input, token);
    *seal = true; /* TLS has nothing less */
    return record_wrap(context, input, token);
}

SECURITY_STATUS message_unwrap(struct context *context, const gss_buffer_desc *token, bool *sealed,
                               struct octets *output)
{
    *sealed = true;
    return context->mech->stream ? record_unwrap(context, token, output)
                                 : plain_unwrap(context, token, sealed, output);
}

/* --- Signatures ----------------------------------------------------------------------------- */

static void signature_fill(SecBuffer parts[2], const gss_buffer_desc *message, void *token,
                           size_t size)
{
    parts[0] = (SecBuffer){(ULONG)message->length, SECBUFFER_DATA, message->value};
    parts[1] = (SecBuffer){(ULONG)size, SECBUFFER_TOKEN, token};
}

SECURITY_STATUS message_sign(struct context *context, const gss_buffer_desc *message,
                             struct octets *token)
{
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status = sizes_of(context, &sizes);
    SecBuffer parts[2];
    SecBufferDesc list = {SECBUFFER_VERSION, COUNT(parts), parts};

    if (status == SEC_E_OK && sizes.cbMaxSignature == 0)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (status == SEC_E_OK && message->length > UINT32_MAX)
        status = SEC_E_INVALID_PARAMETER;
    if (status == SEC_E_OK)
        status = octets_reserve(token, sizes.cbMaxSignature);
    if (status != SEC_E_OK)
        return status;
    signature_fill(parts, message, token->data, sizes.cbMaxSignature);
    status = MakeSignature(&context->handle, 0, &list, 0);
    token->size = status == SEC_E_OK ? parts[1].cbBuffer : 0;
    return status;
}

SECURITY_STATUS message_verify(struct context *context, const gss_buffer_desc *message,
                               const gss_buffer_desc *token)
{
    SECURITY_STATUS status = context_check(context);
    SecBuffer parts[2];
    SecBufferDesc list = {SECBUFFER_VERSION, COUNT(parts), parts};
    ULONG qop = 0;

    if (status == SEC_E_OK && (message->length > UINT32_MAX || token->length > UINT32_MAX))
        status = SEC_E_INVALID_PARAMETER;
    if (status != SEC_E_OK)
        return status;
    signature_fill(parts, message, token->value, token->length);
    return VerifySignature(&context->handle, &list, 0, &qop);
}

/* --- Sizes ---------------------------------------------------------------------------------- */

SECURITY_STATUS message_limit(struct context *context, bool seal, OM_uint32 token,
                              OM_uint32 *message)
{
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status;
    ULONG64 around;

    (void)seal; /* the packages have one size for both */
    *message = 0;
    if (context->mech->stream)
        return record_limit(context, token, message);
    status = sizes_of(context, &sizes);
    if (status != SEC_E_OK)
        return status;
    around = (ULONG64)sizes.cbSecurityTrailer + sizes.cbBlockSize;
    *message = token > around ? (OM_uint32)(token - around) : 0;
    return SEC_E_OK;
}
