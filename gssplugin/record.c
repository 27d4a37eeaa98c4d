/* SPDX-License-Identifier: MIT */
/*
 * Messages as TLS records. A token is the records of one gss_wrap(), as many as the message needs;
 * whoever calls the package itself may put as many into a token as he likes, and what they hold
 * together is the message.
 */
#include <string.h>

#include "mech.h"

#include <schannel.h>

static SECURITY_STATUS sizes_of(struct context *context, SecPkgContext_StreamSizes *sizes)
{
    SECURITY_STATUS status = context_check(context);

    return status == SEC_E_OK
               ? QueryContextAttributesA(&context->handle, SECPKG_ATTR_STREAM_SIZES, sizes)
               : status;
}

static SECURITY_STATUS one_wrap(struct context *context, const SecPkgContext_StreamSizes *sizes,
                                const unsigned char *data, size_t size, struct octets *token)
{
    SecBuffer parts[4];
    SecBufferDesc message = {SECBUFFER_VERSION, COUNT(parts), parts};
    unsigned char *at;
    SECURITY_STATUS status = octets_reserve(token, sizes->cbHeader + size + sizes->cbTrailer);

    if (status != SEC_E_OK)
        return status;
    at = token->data + token->size;
    parts[0] = (SecBuffer){sizes->cbHeader, SECBUFFER_STREAM_HEADER, at};
    parts[1] = (SecBuffer){(ULONG)size, SECBUFFER_DATA, at + sizes->cbHeader};
    parts[2] = (SecBuffer){sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, at + sizes->cbHeader + size};
    parts[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    if (size != 0)
        memcpy(parts[1].pvBuffer, data, size);
    status = EncryptMessage(&context->handle, 0, &message, 0);
    if (status != SEC_E_OK)
        return status;
    for (size_t i = 0; i < 3; i++) {
        memmove(token->data + token->size, parts[i].pvBuffer, parts[i].cbBuffer);
        token->size += parts[i].cbBuffer;
    }
    return SEC_E_OK;
}

SECURITY_STATUS record_wrap(struct context *context, const gss_buffer_desc *input,
                            struct octets *token)
{
    SecPkgContext_StreamSizes sizes;
    const unsigned char *data = input->value;
    size_t left = input->length, each;
    SECURITY_STATUS status = sizes_of(context, &sizes);

    if (status == SEC_E_OK && sizes.cbMaximumMessage == 0)
        status = SEC_E_INTERNAL_ERROR;
    if (status == SEC_E_OK) {
        each = left / sizes.cbMaximumMessage + 1;
        status = octets_reserve(token, left + each * (sizes.cbHeader + sizes.cbTrailer));
    }
    if (status != SEC_E_OK)
        return status;
    do {
        each = left > sizes.cbMaximumMessage ? sizes.cbMaximumMessage : left;
        status = one_wrap(context, &sizes, data, each, token);
        data = data == NULL ? NULL : data + each;
        left -= each;
    } while (left != 0 && status == SEC_E_OK);
    return status;
}

static const SecBuffer *part_find(const SecBuffer *parts, size_t count, ULONG type)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].BufferType == type)
            return &parts[i];
    return NULL;
}

/* Opens the first record of *at in place and moves its data to *out. */
static SECURITY_STATUS one_unwrap(struct context *context, unsigned char **at, size_t *left,
                                  unsigned char **out)
{
    SecBuffer parts[4] = {{(ULONG)*left, SECBUFFER_DATA, *at}};
    SecBufferDesc message = {SECBUFFER_VERSION, COUNT(parts), parts};
    const SecBuffer *data, *extra;
    ULONG qop;
    SECURITY_STATUS status = DecryptMessage(&context->handle, &message, 0, &qop);

    if (status != SEC_E_OK)
        return status == SEC_I_RENEGOTIATE ? SEC_E_UNSUPPORTED_FUNCTION : status;
    data = part_find(parts, COUNT(parts), SECBUFFER_DATA);
    extra = part_find(parts, COUNT(parts), SECBUFFER_EXTRA);
    if (data != NULL && data->cbBuffer != 0) {
        memmove(*out, data->pvBuffer, data->cbBuffer);
        *out += data->cbBuffer;
    }
    *at = extra == NULL ? *at + *left : *at + (*left - extra->cbBuffer);
    *left = extra == NULL ? 0 : extra->cbBuffer;
    return SEC_E_OK;
}

/* All records of a token; what they hold, one behind the other. The peer may end with the last. */
static SECURITY_STATUS records_open(struct context *context, const void *data, size_t size,
                                    struct octets *output)
{
    SECURITY_STATUS status =
        size == 0 || size > UINT32_MAX ? SEC_E_INVALID_TOKEN : octets_add(output, data, size);
    unsigned char *at = output->data, *out = output->data;

    while (status == SEC_E_OK && size != 0)
        status = one_unwrap(context, &at, &size, &out);
    if (status == SEC_I_CONTEXT_EXPIRED) {
        context->closed = true;
        status = out != output->data ? SEC_E_OK : status;
    }
    output->size = status == SEC_E_OK ? (size_t)(out - output->data) : 0;
    return status;
}

SECURITY_STATUS record_unwrap(struct context *context, const gss_buffer_desc *token,
                              struct octets *output)
{
    SECURITY_STATUS status = context_check(context);

    return status == SEC_E_OK ? records_open(context, token->value, token->length, output) : status;
}

SECURITY_STATUS record_absorb(struct context *context, const void *data, size_t size)
{
    struct octets message = {0};
    SECURITY_STATUS status = records_open(context, data, size, &message);

    if (status == SEC_E_OK && message.size != 0)
        status = SEC_E_INVALID_TOKEN;
    octets_free(&message);
    return status;
}

/* Tickets and new keys are for TLS itself; close_notify ends the context. */
SECURITY_STATUS record_control(struct context *context, const gss_buffer_desc *token)
{
    SECURITY_STATUS status =
        context->mech->stream ? context_check(context) : SEC_E_UNSUPPORTED_FUNCTION;

    if (status == SEC_E_OK)
        status = record_absorb(context, token->value, token->length);
    return status == SEC_I_CONTEXT_EXPIRED ? SEC_E_OK : status;
}

/* So many records of the greatest size, and what is left for one more. */
SECURITY_STATUS record_limit(struct context *context, OM_uint32 token, OM_uint32 *message)
{
    SecPkgContext_StreamSizes sizes;
    SECURITY_STATUS status = sizes_of(context, &sizes);
    OM_uint32 around, whole, rest;

    if (status != SEC_E_OK)
        return status;
    around = sizes.cbHeader + sizes.cbTrailer;
    whole = token / (around + sizes.cbMaximumMessage);
    rest = token % (around + sizes.cbMaximumMessage);
    *message = whole * sizes.cbMaximumMessage + (rest > around ? rest - around : 0);
    return SEC_E_OK;
}
