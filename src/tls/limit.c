/* SPDX-License-Identifier: MIT */
/*
 * The largest record that the peer takes (RFC 8449). GnuTLS keeps to it where it sends data by
 * itself and tells nobody, so the peer's word is read as it comes.
 */
#include "tls/record.h"
#include "tls/tlspkg.h"

#define RECORD_SIZE_LIMIT 28U
#define LIMIT_LEAST       512U /* GnuTLS agrees to no less, and then nothing is agreed */
#define HELLO_FIXED       34U  /* RFC 8446 4.1.2: version and random, before the session's id */
#define HELLO_CHOICES     3U   /* a server's suite and compression */
#define EXTENSION_HEAD    4U   /* its type and its length */

static bool octets_take(gnutls_datum_t *from, size_t size, gnutls_datum_t *part)
{
    if (size > from->size)
        return false;
    *part = (gnutls_datum_t){from->data, (unsigned)size};
    from->data += size;
    from->size -= (unsigned)size;
    return true;
}

static size_t number_at(const uint8_t *octets)
{
    return (size_t)octets[0] << 8 | octets[1];
}

/* A part that has its length before it, in so many octets. */
static bool vector_take(gnutls_datum_t *from, size_t length_size, gnutls_datum_t *part)
{
    gnutls_datum_t length;

    return octets_take(from, length_size, &length) &&
           octets_take(from, length_size == 1 ? length.data[0] : number_at(length.data), part);
}

/* Behind the fixed part and the session's id come a client's lists or a server's choices. */
static bool extensions_find(gnutls_datum_t rest, unsigned type, gnutls_datum_t *extensions)
{
    gnutls_datum_t part;
    bool found = true;

    if (type != GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS)
        found = octets_take(&rest, HELLO_FIXED, &part) && vector_take(&rest, 1, &part);
    if (found && type == GNUTLS_HANDSHAKE_CLIENT_HELLO)
        found = vector_take(&rest, 2, &part) && vector_take(&rest, 1, &part);
    if (found && type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        found = octets_take(&rest, HELLO_CHOICES, &part);
    return found && vector_take(&rest, 2, extensions);
}

/* What cannot be read is the handshake's to refuse. */
static size_t limit_read(const gnutls_datum_t *message, unsigned type)
{
    gnutls_datum_t extensions;

    if (!extensions_find(*message, type, &extensions))
        return 0;
    while (extensions.size >= EXTENSION_HEAD) {
        const uint8_t *head = extensions.data;
        unsigned size = EXTENSION_HEAD + (unsigned)number_at(head + 2);

        if (size > extensions.size)
            break;
        if (number_at(head) == RECORD_SIZE_LIMIT && size == EXTENSION_HEAD + 2)
            return number_at(head + EXTENSION_HEAD);
        extensions.data += size;
        extensions.size -= size;
    }
    return 0;
}

static int message_read(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                        const gnutls_datum_t *message);

/* GnuTLS calls for one kind of message or for all. */
static void listen_for(struct tls_ctx *tls, gnutls_handshake_description_t type)
{
    gnutls_handshake_set_hook_function(tls->session, type, GNUTLS_HOOK_POST, message_read);
}

static int message_read(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                        const gnutls_datum_t *message)
{
    struct tls_ctx *tls = gnutls_session_get_ptr(session);

    (void)when;
    if (!incoming)
        return 0;
    tls->peer_limit = limit_read(message, type);
    if (type == GNUTLS_HANDSHAKE_SERVER_HELLO &&
        gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3)
        listen_for(tls, GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS);
    return 0;
}

void tls_limit_listen(struct tls_ctx *tls)
{
    listen_for(tls,
               tls->base.inbound ? GNUTLS_HANDSHAKE_CLIENT_HELLO : GNUTLS_HANDSHAKE_SERVER_HELLO);
}

size_t tls_limit_get(const struct tls_ctx *tls)
{
    size_t most = gnutls_record_get_max_size(tls->session), limit = tls->peer_limit;

    if (limit < LIMIT_LEAST)
        return most;
    if (gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3)
        limit--; /* RFC 8449 4: of the octets that are sealed, one is the type */
    return limit < most ? limit : most;
}
