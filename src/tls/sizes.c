/* SPDX-License-Identifier: MIT */
/* What TLS adds to a message: RFC 5246 6.2.3, RFC 8446 5.2. */
#include <gnutls/crypto.h>

#include "tls/record.h"
#include "tls/tlspkg.h"

#define TYPE_OCTET      1U /* RFC 8446 5.2: the content type goes inside */
#define EXPLICIT_NONCE  8U /* RFC 5288 3 */
#define CHACHA_EXPLICIT 0U /* RFC 7905 2: nothing of its nonce is sent */

static bool cipher_is_chacha(gnutls_cipher_algorithm_t cipher)
{
    return cipher == GNUTLS_CIPHER_CHACHA20_POLY1305;
}

static void sizes_aead(gnutls_cipher_algorithm_t cipher, struct tls_sizes *sizes)
{
    sizes->header = RECORD_HEAD + (cipher_is_chacha(cipher) ? CHACHA_EXPLICIT : EXPLICIT_NONCE);
    sizes->trailer = gnutls_cipher_get_tag_size(cipher);
}

/* RFC 5246 6.2.3.2: an IV of its own since TLS 1.1, then MAC and padding. */
static void sizes_cbc(gnutls_cipher_algorithm_t cipher, gnutls_mac_algorithm_t mac, bool has_iv,
                      struct tls_sizes *sizes)
{
    sizes->header = RECORD_HEAD + (has_iv ? gnutls_cipher_get_iv_size(cipher) : 0);
    sizes->trailer = (ULONG)gnutls_mac_get_key_size(mac) + sizes->block;
}

void tls_sizes_get(const struct tls_ctx *tls, struct tls_sizes *sizes)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(tls->session);
    gnutls_protocol_t version = gnutls_protocol_get_version(tls->session);

    /* Windows says 16 of GCM as well, and 1 of a stream. */
    sizes->block = cipher_is_chacha(cipher) ? 1 : gnutls_cipher_get_block_size(cipher);
    if (version >= GNUTLS_TLS1_3) {
        sizes->header = RECORD_HEAD;
        sizes->trailer = TYPE_OCTET + gnutls_cipher_get_tag_size(cipher) + TLS_KEY_UPDATE_RECORD;
        sizes->trailer_least = sizes->trailer - TLS_KEY_UPDATE_RECORD;
        return;
    }
    if (gnutls_cipher_get_tag_size(cipher) != 0)
        sizes_aead(cipher, sizes);
    else
        sizes_cbc(cipher, gnutls_mac_get(tls->session), version >= GNUTLS_TLS1_1, sizes);
    sizes->trailer_least = sizes->trailer;
}
