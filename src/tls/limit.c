/* SPDX-License-Identifier: MIT */
/*
 * The largest record that the peer takes (RFC 8449). GnuTLS keeps to it where it sends data by
 * itself and tells nobody, so the peer's word is read as it comes.
 */
#include "tls/record.h"
#include "tls/tlspkg.h"

#define RECORD_SIZE_LIMIT 28U
#define LIMIT_LEAST       512U /* GnuTLS agrees to no less, and then nothing is agreed */
#define HELLO_FIXED       34U  /* RFC 5246 7.4.1.3: of a ServerHello, before the session's id */
#define HELLO_CHOICES     3U   /* and behind it, suite and compression */

static int extension_read(void *context, unsigned type, const unsigned char *data, unsigned size)
{
    struct tls_ctx *tls = context;

    if (type == RECORD_SIZE_LIMIT && size == 2)
        tls->peer_limit = (size_t)data[0] << 8 | data[1];
    return 0;
}

/* The extensions of a ServerHello; of none where it has none. */
static gnutls_datum_t server_extensions(const gnutls_datum_t *hello)
{
    gnutls_datum_t extensions = {NULL, 0};
    size_t before = HELLO_FIXED + 1 + HELLO_CHOICES;

    if (hello->size > HELLO_FIXED)
        before += hello->data[HELLO_FIXED];
    if (hello->size > before)
        extensions = (gnutls_datum_t){hello->data + before, hello->size - (unsigned)before};
    return extensions;
}

static int message_read(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                        const gnutls_datum_t *message)
{
    struct tls_ctx *tls = gnutls_session_get_ptr(session);
    gnutls_datum_t extensions = *message;

    (void)when;
    if (!incoming)
        return 0;
    if (type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        extensions = server_extensions(message);
    if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO || type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        tls->peer_limit = 0;
    else if (type != GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS)
        return 0;
    /* What cannot be read is the handshake's to refuse. */
    if (extensions.size != 0)
        gnutls_ext_raw_parse(
            tls, extension_read, &extensions,
            type == GNUTLS_HANDSHAKE_CLIENT_HELLO ? GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO : 0);
    return 0;
}

void tls_limit_listen(struct tls_ctx *tls)
{
    gnutls_handshake_set_hook_function(tls->session, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_POST,
                                       message_read);
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
