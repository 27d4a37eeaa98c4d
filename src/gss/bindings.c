/* SPDX-License-Identifier: MIT */
/* Channel bindings. */
#include "gss/bindings.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"

static bool part_ok(ULONG size, ULONG offset, ULONG length)
{
    return length == 0 ||
           (offset >= sizeof(SEC_CHANNEL_BINDINGS) && offset <= size && length <= size - offset);
}

/* Copies one part and says where. */
static unsigned char *part_copy(gss_buffer_t out, unsigned char *at, const void *base, ULONG offset,
                                ULONG length)
{
    out->length = length;
    out->value = at;
    if (length != 0)
        memcpy(at, (const char *)base + offset, length);
    return at + length;
}

static struct bindings *bindings_make(const void *base, const SEC_CHANNEL_BINDINGS *head)
{
    struct bindings *made = calloc(1, sizeof(*made) + (size_t)head->cbInitiatorLength +
                                          head->cbAcceptorLength + head->cbApplicationDataLength);
    unsigned char *at;

    if (made == NULL)
        return NULL;
    at = made->data;
    made->gss.initiator_addrtype = head->dwInitiatorAddrType;
    made->gss.acceptor_addrtype = head->dwAcceptorAddrType;
    at = part_copy(&made->gss.initiator_address, at, base, head->dwInitiatorOffset,
                   head->cbInitiatorLength);
    at = part_copy(&made->gss.acceptor_address, at, base, head->dwAcceptorOffset,
                   head->cbAcceptorLength);
    part_copy(&made->gss.application_data, at, base, head->dwApplicationDataOffset,
              head->cbApplicationDataLength);
    return made;
}

SECURITY_STATUS bindings_read(const SecBufferDesc *list, struct bindings **out)
{
    SecBuffer *buffer = buffer_find(list, SECBUFFER_CHANNEL_BINDINGS);
    SEC_CHANNEL_BINDINGS head;
    struct bindings *made;

    if (buffer == NULL || buffer->cbBuffer == 0)
        return SEC_E_OK;
    if (buffer->cbBuffer < sizeof(head))
        return SEC_E_BAD_BINDINGS;
    memcpy(&head, buffer->pvBuffer, sizeof(head));
    if (!part_ok(buffer->cbBuffer, head.dwInitiatorOffset, head.cbInitiatorLength) ||
        !part_ok(buffer->cbBuffer, head.dwAcceptorOffset, head.cbAcceptorLength) ||
        !part_ok(buffer->cbBuffer, head.dwApplicationDataOffset, head.cbApplicationDataLength))
        return SEC_E_BAD_BINDINGS;
    made = bindings_make(buffer->pvBuffer, &head);
    if (made == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    free(*out);
    *out = made;
    return SEC_E_OK;
}

gss_channel_bindings_t bindings_gss(struct bindings *bindings)
{
    return bindings == NULL ? GSS_C_NO_CHANNEL_BINDINGS : &bindings->gss;
}

struct bindings *bindings_copy(const struct bindings *from)
{
    size_t data;
    struct bindings *copy;

    if (from == NULL)
        return NULL;
    data = from->gss.initiator_address.length + from->gss.acceptor_address.length +
           from->gss.application_data.length;
    copy = malloc(sizeof(*copy) + data);
    if (copy == NULL)
        return NULL;
    memcpy(copy, from, sizeof(*copy) + data);
    copy->gss.initiator_address.value = copy->data;
    copy->gss.acceptor_address.value = copy->data + copy->gss.initiator_address.length;
    copy->gss.application_data.value =
        (unsigned char *)copy->gss.acceptor_address.value + copy->gss.acceptor_address.length;
    return copy;
}
