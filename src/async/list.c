/* SPDX-License-Identifier: MIT */
/* Buffer lists: a copy for the worker, and back. */
#include <stdint.h>
#include <string.h>

#include "async/async.h"
#include "core/buffer.h"
#include "core/secret.h"

#include <stdlib.h>

#define ALIGN(size) (((size) + 15) & ~(size_t)15)

/* Elsewhere the address may be left over from anything. */
static bool has_octets(const struct async_list *list, ULONG i)
{
    const SecBuffer *buffer = &list->theirs[i];
    ULONG type = buffer_type(buffer);

    return !list->allocates && buffer->pvBuffer != NULL && type != SECBUFFER_EMPTY &&
           type != SECBUFFER_MISSING;
}

static size_t heads_size(const struct async_list *list)
{
    return ALIGN(2 * list->desc.cBuffers * sizeof(SecBuffer));
}

static size_t list_size(const struct async_list *list)
{
    size_t size = heads_size(list);

    for (ULONG i = 0; i < list->desc.cBuffers; i++)
        if (has_octets(list, i))
            size += ALIGN(list->theirs[i].cbBuffer);
    return size;
}

/* An output buffer is copied, too: what a call leaves alone is the same afterwards. */
static void list_fill(struct async_list *list, uint8_t *octets)
{
    for (ULONG i = 0; i < list->desc.cBuffers; i++) {
        SecBuffer *ours = &list->ours[i];

        *ours = list->theirs[i];
        if (has_octets(list, i)) {
            memcpy(octets, ours->pvBuffer, ours->cbBuffer);
            ours->pvBuffer = octets;
            octets += ALIGN(ours->cbBuffer);
        } else {
            ours->pvBuffer = NULL;
        }
        list->given[i] = *ours;
    }
}

SECURITY_STATUS async_list_copy(struct async_list *list, PSecBufferDesc theirs, bool allocates)
{
    SECURITY_STATUS status = buffer_list_check(theirs);

    *list = (struct async_list){.allocates = allocates};
    if (status != SEC_E_OK || theirs == NULL)
        return status;
    list->theirs = theirs->pBuffers;
    list->desc = (SecBufferDesc){theirs->ulVersion, theirs->cBuffers, NULL};
    list->ours = malloc(list_size(list) + 1);
    if (list->ours == NULL) {
        list->desc.cBuffers = 0;
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    list->given = list->ours + theirs->cBuffers;
    list->desc.pBuffers = list->ours;
    list_fill(list, (uint8_t *)list->ours + heads_size(list));
    return SEC_E_OK;
}

PSecBufferDesc async_list_desc(struct async_list *list)
{
    return list->ours == NULL ? NULL : &list->desc;
}

static bool was_allocated(const struct async_list *list, ULONG i)
{
    return list->ours[i].pvBuffer != list->given[i].pvBuffer;
}

void async_list_deliver(struct async_list *list)
{
    for (ULONG i = 0; i < list->desc.cBuffers; i++) {
        const SecBuffer *ours = &list->ours[i];
        SecBuffer *theirs = &list->theirs[i];

        if (was_allocated(list, i))
            theirs->pvBuffer = ours->pvBuffer;
        else if (ours->pvBuffer != NULL && ours->cbBuffer <= list->given[i].cbBuffer)
            memcpy(theirs->pvBuffer, ours->pvBuffer, ours->cbBuffer);
        theirs->cbBuffer = ours->cbBuffer;
        theirs->BufferType = ours->BufferType;
    }
}

/* The address in the program's octets that corresponds to one in the copy's. */
static void *address_back(const struct async_list *list, const void *at)
{
    for (ULONG i = 0; i < list->desc.cBuffers; i++) {
        const SecBuffer *given = &list->given[i];
        uintptr_t offset = (uintptr_t)at - (uintptr_t)given->pvBuffer;

        if (given->pvBuffer != NULL && offset <= given->cbBuffer)
            return (uint8_t *)list->theirs[i].pvBuffer + offset;
    }
    return NULL;
}

void async_list_report(struct async_list *list)
{
    for (ULONG i = 0; i < list->desc.cBuffers; i++) {
        const SecBuffer *ours = &list->ours[i];
        SecBuffer *theirs = &list->theirs[i];

        if (buffer_type(&list->given[i]) != SECBUFFER_EMPTY)
            continue;
        theirs->BufferType = ours->BufferType;
        theirs->cbBuffer = ours->cbBuffer;
        if (was_allocated(list, i))
            theirs->pvBuffer = address_back(list, ours->pvBuffer);
    }
}

void async_list_discard(struct async_list *list)
{
    for (ULONG i = 0; i < list->desc.cBuffers; i++)
        if (was_allocated(list, i))
            FreeContextBuffer(list->ours[i].pvBuffer);
}

void async_list_fini(struct async_list *list)
{
    memory_wipe_free(list->ours);
}
