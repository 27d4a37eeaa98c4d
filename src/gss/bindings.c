/* SPDX-License-Identifier: MIT */
/* Channel bindings. */
#include "gss/bindings.h"

#include <gnutls/crypto.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"

/* Both forms, as one: offsets count from the start of either. */
struct view {
    const void *base;
    ULONG size, first; /* of all, and where parts may begin */
    SEC_CHANNEL_BINDINGS head;
    bool audit;
};

_Static_assert(sizeof(SEC_CHANNEL_BINDINGS_EX) -
                       offsetof(SEC_CHANNEL_BINDINGS_EX, dwInitiatorAddrType) ==
                   sizeof(SEC_CHANNEL_BINDINGS),
               "the longer form ends with the shorter one");

static bool view_longer(struct view *view, const SecBuffer *buffer)
{
    SEC_CHANNEL_BINDINGS_EX head;

    if (buffer->cbBuffer < sizeof(head))
        return false;
    memcpy(&head, buffer->pvBuffer, sizeof(head));
    memcpy(&view->head, &head.dwInitiatorAddrType, sizeof(view->head));
    view->size = head.cbStructureLength;
    view->first = head.cbHeaderLength;
    view->audit = head.flags & SEC_CHANNEL_BINDINGS_AUDIT_BINDINGS;
    return !(head.flags & ~(ULONG)SEC_CHANNEL_BINDINGS_VALID_FLAGS) &&
           view->size <= buffer->cbBuffer && view->first >= sizeof(head) &&
           view->first <= view->size;
}

static bool view_open(struct view *view, const SecBuffer *buffer)
{
    if (buffer->cbBuffer < sizeof(view->head))
        return false;
    memcpy(&view->head, buffer->pvBuffer, sizeof(view->head));
    view->base = buffer->pvBuffer;
    view->size = buffer->cbBuffer;
    view->first = sizeof(view->head);
    view->audit = false;
    return view->head.dwInitiatorAddrType != SEC_CHANNEL_BINDINGS_EX_MAGIC ||
           view_longer(view, buffer);
}

static bool part_ok(const struct view *view, ULONG offset, ULONG length)
{
    return length == 0 ||
           (offset >= view->first && offset <= view->size && length <= view->size - offset);
}

static bool view_ok(const struct view *view)
{
    const SEC_CHANNEL_BINDINGS *head = &view->head;

    return part_ok(view, head->dwInitiatorOffset, head->cbInitiatorLength) &&
           part_ok(view, head->dwAcceptorOffset, head->cbAcceptorLength) &&
           part_ok(view, head->dwApplicationDataOffset, head->cbApplicationDataLength);
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

static struct bindings *bindings_make(const struct view *view)
{
    const SEC_CHANNEL_BINDINGS *head = &view->head;
    const void *base = view->base;
    struct bindings *made = calloc(1, sizeof(*made) + (size_t)head->cbInitiatorLength +
                                          head->cbAcceptorLength + head->cbApplicationDataLength);
    unsigned char *at;

    if (made == NULL)
        return NULL;
    at = made->data;
    made->audit = view->audit;
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
    struct view view;
    struct bindings *made;

    if (buffer == NULL || buffer->cbBuffer == 0)
        return SEC_E_OK;
    if (!view_open(&view, buffer) || !view_ok(&view))
        return SEC_E_BAD_BINDINGS;
    made = bindings_make(&view);
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

static unsigned char *number_put(unsigned char *at, OM_uint32 number)
{
    for (int i = 0; i < 4; i++)
        *at++ = (unsigned char)(number >> 8 * i);
    return at;
}

static unsigned char *address_put(unsigned char *at, OM_uint32 type, const gss_buffer_desc *address)
{
    at = number_put(number_put(at, type), (OM_uint32)address->length);
    if (address->length != 0)
        memcpy(at, address->value, address->length);
    return at + address->length;
}

bool bindings_hash(const struct bindings *bindings, uint8_t hash[BINDINGS_HASH_SIZE])
{
    const struct gss_channel_bindings_struct *gss = &bindings->gss;
    size_t size = 20 + gss->initiator_address.length + gss->acceptor_address.length +
                  gss->application_data.length;
    unsigned char *text = malloc(size), *at = text;
    bool done;

    if (text == NULL)
        return false;
    at = address_put(at, gss->initiator_addrtype, &gss->initiator_address);
    at = address_put(at, gss->acceptor_addrtype, &gss->acceptor_address);
    at = number_put(at, (OM_uint32)gss->application_data.length);
    if (gss->application_data.length != 0)
        memcpy(at, gss->application_data.value, gss->application_data.length);
    done = gnutls_hash_fast(GNUTLS_DIG_MD5, text, size, hash) == 0;
    free(text);
    return done;
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
