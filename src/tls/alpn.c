/* SPDX-License-Identifier: MIT */
/* Application protocols (RFC 7301), from Windows' buffer to GnuTLS. */
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "tls/status.h"
#include "tls/tlspkg.h"

/* GnuTLS takes no more, and no longer ones. */
#define ALPN_MAX      8
#define ALPN_NAME_MAX 31

/* A view into the caller's buffer; what is taken is known to be there. */
struct view {
    const uint8_t *data;
    size_t size;
};

static bool view_take(struct view *from, size_t size, struct view *part)
{
    if (size > from->size)
        return false;
    *part = (struct view){from->data, size};
    from->data += size;
    from->size -= size;
    return true;
}

static bool view_number(struct view *from, void *number, size_t size)
{
    struct view part;

    if (!view_take(from, size, &part))
        return false;
    memcpy(number, part.data, size);
    return true;
}

struct protocols {
    gnutls_datum_t names[ALPN_MAX];
    unsigned count;
    bool beyond; /* there are some that GnuTLS would not take */
};

/* One list: an octet of length before each name, none of them empty. */
static bool names_read(struct view list, struct protocols *protocols)
{
    while (list.size != 0) {
        uint8_t length;
        struct view name;

        if (!view_number(&list, &length, 1) || length == 0 || !view_take(&list, length, &name))
            return false;
        if (protocols->count == ALPN_MAX || length > ALPN_NAME_MAX) {
            protocols->beyond = true;
            continue;
        }
        protocols->names[protocols->count].data = (unsigned char *)(uintptr_t)name.data;
        protocols->names[protocols->count++].size = length;
    }
    return true;
}

/* SEC_APPLICATION_PROTOCOLS: lists, each with its kind; NPN is a thing of the past and skipped. */
static bool lists_read(struct view all, struct protocols *protocols)
{
    uint32_t size, kind;
    uint16_t list_size;
    struct view lists, list;

    if (!view_number(&all, &size, 4) || !view_take(&all, size, &lists))
        return false;
    while (lists.size != 0) {
        if (!view_number(&lists, &kind, 4) || !view_number(&lists, &list_size, 2) ||
            !view_take(&lists, list_size, &list))
            return false;
        if (kind == SecApplicationProtocolNegotiationExt_ALPN && !names_read(list, protocols))
            return false;
    }
    return true;
}

static SECURITY_STATUS lists_set(struct tls_ctx *tls, const SecBuffer *buffer)
{
    struct protocols protocols = {.count = 0};
    int code;

    if (!lists_read((struct view){buffer->pvBuffer, buffer->cbBuffer}, &protocols))
        return SEC_E_INVALID_TOKEN;
    if (protocols.beyond) {
        native_error_set("GnuTLS takes %d application protocols of %d octets", ALPN_MAX,
                         ALPN_NAME_MAX);
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    if (protocols.count == 0)
        return SEC_E_OK;
    code = gnutls_alpn_set_protocols(
        tls->session, protocols.names, protocols.count,
        tls->base.inbound ? GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE : 0);
    return code == GNUTLS_E_SUCCESS
               ? SEC_E_OK
               : tls_status("gnutls_alpn_set_protocols", code, GNUTLS_A_CLOSE_NOTIFY);
}

SECURITY_STATUS tls_alpn_set(struct tls_ctx *tls, const SecBufferDesc *in)
{
    const SecBuffer *buffer = buffer_find(in, SECBUFFER_APPLICATION_PROTOCOLS);

    return buffer == NULL || buffer->cbBuffer == 0 ? SEC_E_OK : lists_set(tls, buffer);
}
