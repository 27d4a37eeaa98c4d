/* SPDX-License-Identifier: MIT */
/* The keys of EAP-TLS: RFC 5216 2.3, and RFC 9190 2.3 for TLS 1.3. */
#include <gnutls/crypto.h>
#include <string.h>

#include "tls/query.h"
#include "tls/status.h"

#define RANDOM 32U /* octets of each end's */
#define IVS    sizeof(((SecPkgContext_EapKeyBlock *)0)->rgbIVs)

static const char label[] = "client EAP encryption";

#define SEED (sizeof(label) - 1 + RANDOM + RANDOM)

/* P_hash of RFC 5246 5 with a secret of no octets, which GnuTLS' own calls do not take. */
static int expand_without_secret(gnutls_mac_algorithm_t mac, const uint8_t *seed, uint8_t *out)
{
    uint8_t chain[64 + SEED], block[64];
    size_t size = gnutls_hmac_get_len(mac);
    int code = gnutls_hmac_fast(mac, "", 0, seed, SEED, chain);

    memcpy(chain + size, seed, SEED);
    for (size_t done = 0; done < IVS && code == GNUTLS_E_SUCCESS; done += size) {
        code = gnutls_hmac_fast(mac, "", 0, chain, size + SEED, block);
        for (size_t i = 0; i < size && done + i < IVS; i++)
            out[done + i] ^= block[i];
        if (code == GNUTLS_E_SUCCESS)
            code = gnutls_hmac_fast(mac, "", 0, chain, size, block);
        memcpy(chain, block, size);
    }
    return code;
}

/* Before TLS 1.2 two hashes share the work (RFC 4346 5), each with its half of nothing. */
static int ivs_make(gnutls_session_t session, uint8_t *ivs)
{
    gnutls_datum_t client, server;
    uint8_t seed[SEED];
    int code;

    gnutls_session_get_random(session, &client, &server);
    if (client.size != RANDOM || server.size != RANDOM)
        return GNUTLS_E_INTERNAL_ERROR;
    memcpy(seed, label, sizeof(label) - 1);
    memcpy(seed + sizeof(label) - 1, client.data, RANDOM);
    memcpy(seed + sizeof(label) - 1 + RANDOM, server.data, RANDOM);
    if (gnutls_protocol_get_version(session) == GNUTLS_TLS1_2)
        return expand_without_secret((gnutls_mac_algorithm_t)gnutls_prf_hash_get(session), seed,
                                     ivs);
    code = expand_without_secret(GNUTLS_MAC_MD5, seed, ivs);
    return code == GNUTLS_E_SUCCESS ? expand_without_secret(GNUTLS_MAC_SHA1, seed, ivs) : code;
}

static int keys_make_13(gnutls_session_t session, char *keys, size_t size)
{
    static const char label_13[] = "EXPORTER_EAP_TLS_Key_Material";
    static const char type[] = {0x0d}; /* EAP-TLS */

    return gnutls_prf_rfc5705(session, sizeof(label_13) - 1, label_13, sizeof(type), type, size,
                              keys);
}

SECURITY_STATUS tls_query_eap_key_block(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_EapKeyBlock block;
    int code;

    memset(&block, 0, sizeof(block));
    if (gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3) {
        code = keys_make_13(tls->session, (char *)block.rgbKeys, sizeof(block.rgbKeys));
    } else {
        code = gnutls_prf(tls->session, sizeof(label) - 1, label, 0, 0, NULL, sizeof(block.rgbKeys),
                          (char *)block.rgbKeys);
        if (code == GNUTLS_E_SUCCESS)
            code = ivs_make(tls->session, block.rgbIVs);
    }
    if (code == GNUTLS_E_SUCCESS)
        memcpy(buffer, &block, sizeof(block));
    gnutls_memset(&block, 0, sizeof(block));
    return code == GNUTLS_E_SUCCESS ? SEC_E_OK
                                    : tls_status("gnutls_prf", code, GNUTLS_A_CLOSE_NOTIFY);
}
