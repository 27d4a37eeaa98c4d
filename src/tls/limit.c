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

static size_t number_at(const uint8_t *octets)
{
    return (size_t)octets[0] << 8 | octets[1];
}

/* Past so many octets, and past a part that has its length before it, in so many octets; NULL where
 * they are not there. */
static const uint8_t *skip(const uint8_t *at, const uint8_t *end, size_t size)
{
    return at != NULL && size <= (size_t)(end - at) ? at + size : NULL;
}

static const uint8_t *skip_vector(const uint8_t *at, const uint8_t *end, size_t length_size)
{
    const uint8_t *body = skip(at, end, length_size);

    return body == NULL ? NULL : skip(body, end, length_size == 1 ? at[0] : number_at(at));
}

/* Behind the fixed part and the session's id come a client's lists or a server's choices. */
static const uint8_t *extensions_find(const uint8_t *at, const uint8_t *end, unsigned type)
{
    if (type != GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS)
        at = skip_vector(skip(at, end, HELLO_FIXED), end, 1);
    if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO)
        at = skip_vector(skip_vector(at, end, 2), end, 1);
    if (type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        at = skip(at, end, HELLO_CHOICES);
    return skip_vector(at, end, 2) == end ? at + 2 : NULL;
}

/* What cannot be read is the handshake's to refuse. */
static size_t limit_read(const gnutls_datum_t *message, unsigned type)
{
    const uint8_t *end = message->data + message->size;
    const uint8_t *at = extensions_find(message->data, end, type);
    size_t left = at == NULL ? 0 : (size_t)(end - at);

    while (left >= EXTENSION_HEAD) {
        size_t size = EXTENSION_HEAD + number_at(at + 2);

        if (size > left)
            return 0;
        if (number_at(at) == RECORD_SIZE_LIMIT)
            return size == EXTENSION_HEAD + 2 ? number_at(at + EXTENSION_HEAD) : 0;
        at += size;
        left -= size;
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
    /* A message without a body has no octets, and no address. */
    tls->peer_limit = message->size == 0 ? 0 : limit_read(message, type);
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
