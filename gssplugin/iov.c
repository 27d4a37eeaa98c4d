/* SPDX-License-Identifier: MIT */
/*
 * Messages in several buffers (gss_wrap_iov() and its like), sealed where they stand. Kerberos' and
 * NTLM's tokens go in HEADER, as SSPI has them in TOKEN, and TRAILER stays empty; a TLS record has
 * its ends in both.
 */
#include <stdlib.h>
#include <string.h>

#include "mech.h"

#include <schannel.h>

#define NOT_OFFERED UINT32_MAX

/* GSS's types of buffers, and SSPI's for messages and for records. */
static const struct {
    OM_uint32 gss;
    ULONG plain, record;
} type_table[] = {
    {GSS_IOV_BUFFER_TYPE_EMPTY, SECBUFFER_EMPTY, SECBUFFER_EMPTY},
    {GSS_IOV_BUFFER_TYPE_HEADER, SECBUFFER_TOKEN, SECBUFFER_STREAM_HEADER},
    {GSS_IOV_BUFFER_TYPE_DATA, SECBUFFER_DATA, SECBUFFER_DATA},
    {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, NOT_OFFERED},
    {GSS_IOV_BUFFER_TYPE_PADDING, SECBUFFER_PADDING, SECBUFFER_EMPTY},
    {GSS_IOV_BUFFER_TYPE_TRAILER, SECBUFFER_EMPTY, SECBUFFER_STREAM_TRAILER},
};

static ULONG type_of(const struct context *context, const gss_iov_buffer_desc *iov)
{
    for (size_t i = 0; i < COUNT(type_table); i++)
        if (type_table[i].gss == GSS_IOV_BUFFER_TYPE(iov->type))
            return context->mech->stream ? type_table[i].record : type_table[i].plain;
    return NOT_OFFERED;
}

/* --- Lengths -------------------------------------------------------------------------------- */

struct lengths {
    size_t header, padding, trailer;
};

static SECURITY_STATUS lengths_of(struct context *context, struct lengths *lengths)
{
    SecPkgContext_StreamSizes record;
    SecPkgContext_Sizes plain;
    SECURITY_STATUS status = context_check(context);

    if (status != SEC_E_OK)
        return status;
    if (context->mech->stream) {
        status = QueryContextAttributesA(&context->handle, SECPKG_ATTR_STREAM_SIZES, &record);
        if (status == SEC_E_OK)
            *lengths = (struct lengths){record.cbHeader, 0, record.cbTrailer};
        return status;
    }
    status = QueryContextAttributesA(&context->handle, SECPKG_ATTR_SIZES, &plain);
    if (status == SEC_E_OK)
        *lengths = (struct lengths){plain.cbSecurityTrailer, plain.cbBlockSize, 0};
    return status;
}

/* NULL for a buffer whose length is the caller's. */
static const size_t *length_for(const struct lengths *lengths, const gss_iov_buffer_desc *iov)
{
    switch (GSS_IOV_BUFFER_TYPE(iov->type)) {
    case GSS_IOV_BUFFER_TYPE_HEADER:
        return &lengths->header;
    case GSS_IOV_BUFFER_TYPE_PADDING:
        return &lengths->padding;
    case GSS_IOV_BUFFER_TYPE_TRAILER:
        return &lengths->trailer;
    default:
        return NULL;
    }
}

SECURITY_STATUS iov_lengths(struct context *context, gss_iov_buffer_desc *iov, int count)
{
    struct lengths lengths;
    SECURITY_STATUS status = lengths_of(context, &lengths);

    for (int i = 0; i < count && status == SEC_E_OK; i++) {
        const size_t *length = length_for(&lengths, &iov[i]);

        if (length != NULL)
            iov[i].buffer.length = *length;
    }
    return status;
}

/* Room for what the mechanism adds: the caller's, if it is enough, or ours if so asked. */
static SECURITY_STATUS room_make(gss_iov_buffer_desc *iov, const size_t *length)
{
    if (length == NULL)
        return SEC_E_OK;
    if ((iov->type & GSS_IOV_BUFFER_FLAG_ALLOCATE) && *length != 0) {
        iov->buffer.value = malloc(*length);
        if (iov->buffer.value == NULL)
            return SEC_E_INSUFFICIENT_MEMORY;
        iov->type |= GSS_IOV_BUFFER_FLAG_ALLOCATED;
    } else if (*length != 0 && iov->buffer.length < *length) {
        return SEC_E_BUFFER_TOO_SMALL;
    }
    iov->buffer.length = *length;
    return SEC_E_OK;
}

/* What was allocated for a call that fails is not the caller's to free. */
static void rooms_drop(gss_iov_buffer_desc *iov, int count)
{
    for (int i = 0; i < count; i++)
        if (iov[i].type & GSS_IOV_BUFFER_FLAG_ALLOCATED) {
            free(iov[i].buffer.value);
            iov[i].buffer = (gss_buffer_desc){0, NULL};
            iov[i].type &= ~(OM_uint32)GSS_IOV_BUFFER_FLAG_ALLOCATED;
        }
}

/* --- Lists ---------------------------------------------------------------------------------- */

/* The same buffers for SSPI; to be freed. */
static SECURITY_STATUS list_make(const struct context *context, const gss_iov_buffer_desc *iov,
                                 int count, SecBuffer **list)
{
    *list = count <= 0 ? NULL : calloc((size_t)count, sizeof(**list));
    if (*list == NULL)
        return count <= 0 ? SEC_E_INVALID_TOKEN : SEC_E_INSUFFICIENT_MEMORY;
    for (int i = 0; i < count; i++) {
        ULONG type = type_of(context, &iov[i]);

        if (type == NOT_OFFERED || iov[i].buffer.length > UINT32_MAX)
            return SEC_E_UNSUPPORTED_FUNCTION;
        (*list)[i] = (SecBuffer){(ULONG)iov[i].buffer.length, type, iov[i].buffer.value};
    }
    return SEC_E_OK;
}

/* What the package has used of the room it was given; nobody frees a buffer of no octets. */
static void list_return(const SecBuffer *list, gss_iov_buffer_desc *iov, int count)
{
    static const struct lengths none;

    for (int i = 0; i < count; i++) {
        if (length_for(&none, &iov[i]) == NULL)
            continue;
        iov[i].buffer.length = list[i].BufferType == SECBUFFER_EMPTY ? 0 : list[i].cbBuffer;
        if (iov[i].buffer.length == 0)
            rooms_drop(&iov[i], 1);
    }
}

SECURITY_STATUS iov_wrap(struct context *context, bool *seal, gss_iov_buffer_desc *iov, int count)
{
    struct lengths lengths;
    SecBuffer *list = NULL;
    SecBufferDesc message = {SECBUFFER_VERSION, (ULONG)count, NULL};
    SECURITY_STATUS status = lengths_of(context, &lengths);

    if (context->mech->stream)
        *seal = true;
    for (int i = 0; i < count && status == SEC_E_OK; i++)
        status = room_make(&iov[i], length_for(&lengths, &iov[i]));
    if (status == SEC_E_OK)
        status = list_make(context, iov, count, &list);
    message.pBuffers = list;
    if (status == SEC_E_OK)
        status = EncryptMessage(&context->handle, *seal ? 0 : SECQOP_WRAP_NO_ENCRYPT, &message, 0);
    if (status == SEC_E_OK)
        list_return(list, iov, count);
    else
        rooms_drop(iov, count);
    free(list);
    return status;
}

/* --- Opening -------------------------------------------------------------------------------- */

static gss_iov_buffer_desc *iov_find(gss_iov_buffer_desc *iov, int count, OM_uint32 type)
{
    for (int i = 0; i < count; i++)
        if (GSS_IOV_BUFFER_TYPE(iov[i].type) == type)
            return &iov[i];
    return NULL;
}

static SECURITY_STATUS parts_unwrap(struct context *context, bool *sealed, gss_iov_buffer_desc *iov,
                                    int count)
{
    SecBuffer *list = NULL;
    SecBufferDesc message = {SECBUFFER_VERSION, (ULONG)count, NULL};
    ULONG qop = 0;
    SECURITY_STATUS status = list_make(context, iov, count, &list);

    message.pBuffers = list;
    if (status == SEC_E_OK)
        status = DecryptMessage(&context->handle, &message, 0, &qop);
    *sealed = qop != SECQOP_WRAP_NO_ENCRYPT;
    free(list);
    return status;
}

/* A whole token in STREAM: the data stay in it, unless they are wanted elsewhere. */
static SECURITY_STATUS stream_unwrap(struct context *context, bool *sealed,
                                     const gss_buffer_desc *token, gss_iov_buffer_desc *data)
{
    struct octets message = {0};
    SECURITY_STATUS status = message_unwrap(context, token, sealed, &message);

    if (status == SEC_E_OK && (data->type & GSS_IOV_BUFFER_FLAG_ALLOCATE)) {
        octets_give(&message, &data->buffer);
        data->type |= GSS_IOV_BUFFER_FLAG_ALLOCATED;
    } else if (status == SEC_E_OK) {
        memcpy(token->value, message.data, message.size);
        data->buffer = (gss_buffer_desc){message.size, token->value};
    }
    octets_free(&message);
    return status;
}

/* The parts of a record behind each other, and its data back where they were. */
static SECURITY_STATUS record_parts_unwrap(struct context *context, gss_iov_buffer_desc *iov,
                                           int count)
{
    static const OM_uint32 order[] = {GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_DATA,
                                      GSS_IOV_BUFFER_TYPE_TRAILER};
    gss_iov_buffer_desc *data = iov_find(iov, count, GSS_IOV_BUFFER_TYPE_DATA);
    struct octets record = {0}, message = {0};
    gss_buffer_desc token;
    SECURITY_STATUS status = data == NULL ? SEC_E_INVALID_TOKEN : SEC_E_OK;

    for (size_t i = 0; i < COUNT(order) && status == SEC_E_OK; i++) {
        const gss_iov_buffer_desc *part = iov_find(iov, count, order[i]);

        if (part != NULL)
            status = octets_add(&record, part->buffer.value, part->buffer.length);
    }
    token = (gss_buffer_desc){record.size, record.data};
    if (status == SEC_E_OK)
        status = record_unwrap(context, &token, &message);
    if (status == SEC_E_OK && message.size > data->buffer.length)
        status = SEC_E_BUFFER_TOO_SMALL;
    if (status == SEC_E_OK) {
        memcpy(data->buffer.value, message.data, message.size);
        data->buffer.length = message.size;
    }
    octets_free(&record);
    octets_free(&message);
    return status;
}

SECURITY_STATUS iov_unwrap(struct context *context, bool *sealed, gss_iov_buffer_desc *iov,
                           int count)
{
    gss_iov_buffer_desc *stream = iov_find(iov, count, GSS_IOV_BUFFER_TYPE_STREAM);
    gss_iov_buffer_desc *data = iov_find(iov, count, GSS_IOV_BUFFER_TYPE_DATA);
    SECURITY_STATUS status = context_check(context);

    *sealed = true;
    if (status != SEC_E_OK)
        return status;
    if (stream != NULL)
        return data == NULL ? SEC_E_INVALID_TOKEN
                            : stream_unwrap(context, sealed, &stream->buffer, data);
    return context->mech->stream ? record_parts_unwrap(context, iov, count)
                                 : parts_unwrap(context, sealed, iov, count);
}
