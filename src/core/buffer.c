/* SPDX-License-Identifier: MIT */
/* SecBufferDesc. */
#include "core/buffer.h"

#include <string.h>

#include "core/native.h"
#include "core/secret.h"

/* The library allocates a token on request; a MISSING buffer is a number, and may be left over from
 * an earlier call. */
static bool needs_address(const SecBuffer *buffer)
{
    ULONG type = buffer_type(buffer);

    return type != SECBUFFER_TOKEN && type != SECBUFFER_EMPTY && type != SECBUFFER_MISSING;
}

SECURITY_STATUS buffer_list_check(const SecBufferDesc *list)
{
    if (list == NULL || list->cBuffers == 0)
        return SEC_E_OK;
    if (list->cBuffers > BUFFER_COUNT_MAX || list->pBuffers == NULL)
        return native_refuse(
            SEC_E_INVALID_TOKEN, "a list of %u buffers%s: at most %u go", (unsigned)list->cBuffers,
            list->pBuffers == NULL ? " whose pBuffers is NULL" : "", BUFFER_COUNT_MAX);
    for (ULONG i = 0; i < list->cBuffers; i++) {
        const SecBuffer *buffer = &list->pBuffers[i];

        if (buffer->pvBuffer == NULL && buffer->cbBuffer != 0 && needs_address(buffer))
            return native_refuse(
                SEC_E_INVALID_TOKEN, "buffer %u of the list, type %u, has %u octets and no address",
                (unsigned)i, (unsigned)buffer_type(buffer), (unsigned)buffer->cbBuffer);
    }
    return SEC_E_OK;
}

SecBuffer *buffer_find(const SecBufferDesc *list, ULONG type)
{
    for (ULONG i = 0; list != NULL && i < list->cBuffers; i++)
        if (buffer_type(&list->pBuffers[i]) == type)
            return &list->pBuffers[i];
    return NULL;
}

unsigned buffer_count(const SecBufferDesc *list, ULONG type)
{
    unsigned count = 0;

    for (ULONG i = 0; list != NULL && i < list->cBuffers; i++)
        if (buffer_type(&list->pBuffers[i]) == type)
            count++;
    return count;
}

uint64_t buffer_octets(const SecBufferDesc *list, ULONG type)
{
    uint64_t octets = 0;

    for (ULONG i = 0; list != NULL && i < list->cBuffers; i++)
        if (buffer_type(&list->pBuffers[i]) == type)
            octets += list->pBuffers[i].cbBuffer;
    return octets;
}

SECURITY_STATUS buffer_token_put(const SecBufferDesc *list, const void *token, size_t size,
                                 bool allocate, SECURITY_STATUS too_small)
{
    SecBuffer *buffer = buffer_find(list, SECBUFFER_TOKEN);

    if (size == 0) {
        buffer_token_clear(list);
        return SEC_E_OK;
    }
    if (buffer == NULL)
        return native_refuse(SEC_E_INVALID_TOKEN,
                             "there is a token to send, and pOutput has no SECBUFFER_TOKEN for it");
    if (size > UINT32_MAX)
        return SEC_E_INTERNAL_ERROR;
    if (allocate) {
        buffer->cbBuffer = 0;
        buffer->pvBuffer = memory_copy(token, size);
        if (buffer->pvBuffer == NULL)
            return SEC_E_INSUFFICIENT_MEMORY;
    } else if (buffer->pvBuffer == NULL || buffer->cbBuffer < size) {
        ULONG room = buffer->pvBuffer == NULL ? 0 : buffer->cbBuffer;

        buffer->cbBuffer = (ULONG)size;
        return native_refuse(too_small,
                             "the token has %u octets, and SECBUFFER_TOKEN of pOutput room for %u",
                             (unsigned)size, (unsigned)room);
    } else {
        memcpy(buffer->pvBuffer, token, size);
    }
    buffer->cbBuffer = (ULONG)size;
    return SEC_E_OK;
}

void buffer_token_clear(const SecBufferDesc *list)
{
    SecBuffer *buffer = buffer_find(list, SECBUFFER_TOKEN);

    if (buffer != NULL)
        buffer->cbBuffer = 0;
}
