/* SPDX-License-Identifier: MIT */
/*
 * Cipher suites: IANA, "TLS Cipher Suites"; Microsoft, "SecPkgContext_ConnectionInfo" and
 * "Get-TlsCipherSuite".
 */
#include "tls/suite.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
    gnutls_protocol_t version;
    DWORD client, server;
} protocols[] = {
    {GNUTLS_TLS1_0, SP_PROT_TLS1_0_CLIENT, SP_PROT_TLS1_0_SERVER},
    {GNUTLS_TLS1_1, SP_PROT_TLS1_1_CLIENT, SP_PROT_TLS1_1_SERVER},
    {GNUTLS_TLS1_2, SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER},
    {GNUTLS_TLS1_3, SP_PROT_TLS1_3_CLIENT, SP_PROT_TLS1_3_SERVER},
};

DWORD suite_protocol(gnutls_session_t session, bool inbound)
{
    gnutls_protocol_t version = gnutls_protocol_get_version(session);

    for (size_t i = 0; i < COUNT(protocols); i++)
        if (protocols[i].version == version)
            return inbound ? protocols[i].server : protocols[i].client;
    return 0;
}

static const struct suite suites[] = {
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    {0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0x1301, "TLS_AES_128_GCM_SHA256"},
    {0x1302, "TLS_AES_256_GCM_SHA384"},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    {0x1304, "TLS_AES_128_CCM_SHA256"},
    {0x1305, "TLS_AES_128_CCM_8_SHA256"},
    {0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    {0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    {0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {0xc09c, "TLS_RSA_WITH_AES_128_CCM"},
    {0xc09d, "TLS_RSA_WITH_AES_256_CCM"},
    {0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"},
    {0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"},
    {0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"},
    {0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"},
    {0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8"},
    {0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8"},
    {0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
    {0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    {0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
};

/* GnuTLS knows the number of a session's suite by its three parts only. */
static WORD suite_number(gnutls_session_t session)
{
    gnutls_kx_algorithm_t kx = gnutls_kx_get(session), suite_kx;
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session), suite_cipher;
    gnutls_mac_algorithm_t mac = gnutls_mac_get(session), suite_mac;
    bool has_kx = gnutls_protocol_get_version(session) < GNUTLS_TLS1_3;
    gnutls_protocol_t least;
    unsigned char id[2];

    for (size_t i = 0;
         gnutls_cipher_suite_info(i, id, &suite_kx, &suite_cipher, &suite_mac, &least) != NULL; i++)
        if (suite_cipher == cipher && suite_mac == mac && (least >= GNUTLS_TLS1_3) == !has_kx &&
            (!has_kx || suite_kx == kx))
            return (WORD)(id[0] << 8 | id[1]);
    return 0;
}

struct suite suite_of(gnutls_session_t session)
{
    struct suite suite = {suite_number(session), ""};

    for (size_t i = 0; i < COUNT(suites); i++)
        if (suites[i].id == suite.id)
            return suites[i];
    return suite;
}

static const struct {
    gnutls_cipher_algorithm_t cipher;
    struct suite_cipher is;
} ciphers[] = {
    {GNUTLS_CIPHER_AES_128_GCM, {"AES", CALG_AES_128, 128, 16}},
    {GNUTLS_CIPHER_AES_256_GCM, {"AES", CALG_AES_256, 256, 16}},
    {GNUTLS_CIPHER_AES_128_CCM, {"AES", CALG_AES_128, 128, 16}},
    {GNUTLS_CIPHER_AES_256_CCM, {"AES", CALG_AES_256, 256, 16}},
    {GNUTLS_CIPHER_AES_128_CCM_8, {"AES", CALG_AES_128, 128, 16}},
    {GNUTLS_CIPHER_AES_256_CCM_8, {"AES", CALG_AES_256, 256, 16}},
    {GNUTLS_CIPHER_AES_128_CBC, {"AES", CALG_AES_128, 128, 16}},
    {GNUTLS_CIPHER_AES_256_CBC, {"AES", CALG_AES_256, 256, 16}},
    {GNUTLS_CIPHER_3DES_CBC, {"3DES", CALG_3DES, 168, 8}},
    {GNUTLS_CIPHER_CHACHA20_POLY1305, {"CHACHA20_POLY1305", 0, 256, 1}},
};

struct suite_cipher suite_cipher_of(gnutls_session_t session)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session);

    for (size_t i = 0; i < COUNT(ciphers); i++)
        if (ciphers[i].cipher == cipher)
            return ciphers[i].is;
    return (struct suite_cipher){"", 0, 0, 0};
}

static const struct {
    gnutls_mac_algorithm_t mac;
    gnutls_digest_algorithm_t digest;
    struct suite_hash is;
} hashes[] = {
    {GNUTLS_MAC_SHA1, GNUTLS_DIG_SHA1, {"SHA1", CALG_SHA1, 160}},
    {GNUTLS_MAC_SHA256, GNUTLS_DIG_SHA256, {"SHA256", CALG_SHA_256, 256}},
    {GNUTLS_MAC_SHA384, GNUTLS_DIG_SHA384, {"SHA384", CALG_SHA_384, 384}},
    {GNUTLS_MAC_MD5, GNUTLS_DIG_MD5, {"MD5", CALG_MD5, 128}},
};

/* The hash of an AEAD suite protects no record; it derives the keys. */
struct suite_hash suite_hash_of(gnutls_session_t session)
{
    gnutls_mac_algorithm_t mac = gnutls_mac_get(session);
    gnutls_digest_algorithm_t digest = gnutls_prf_hash_get(session);

    for (size_t i = 0; i < COUNT(hashes); i++) {
        struct suite_hash hash = hashes[i].is;

        if (mac == GNUTLS_MAC_AEAD && hashes[i].digest == digest) {
            hash.bits = 0;
            return hash;
        }
        if (hashes[i].mac == mac)
            return hash;
    }
    return (struct suite_hash){"", 0, 0};
}

static DWORD server_key_bits(gnutls_session_t session, bool inbound)
{
    unsigned count = 0, bits = 0;
    const gnutls_datum_t *raw = inbound ? gnutls_certificate_get_ours(session)
                                        : gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t cert;

    if (raw == NULL || gnutls_x509_crt_init(&cert) != GNUTLS_E_SUCCESS)
        return 0;
    if (gnutls_x509_crt_import(cert, raw, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS)
        gnutls_x509_crt_get_pk_algorithm(cert, &bits);
    gnutls_x509_crt_deinit(cert);
    return bits;
}

static DWORD group_bits(gnutls_session_t session)
{
    static const struct {
        gnutls_group_t group;
        DWORD bits;
    } groups[] = {
        {GNUTLS_GROUP_SECP256R1, 256},  {GNUTLS_GROUP_SECP384R1, 384},
        {GNUTLS_GROUP_SECP521R1, 521},  {GNUTLS_GROUP_X25519, 255},
        {GNUTLS_GROUP_X448, 448},       {GNUTLS_GROUP_FFDHE2048, 2048},
        {GNUTLS_GROUP_FFDHE3072, 3072}, {GNUTLS_GROUP_FFDHE4096, 4096},
        {GNUTLS_GROUP_FFDHE6144, 6144}, {GNUTLS_GROUP_FFDHE8192, 8192},
    };
    gnutls_group_t group = gnutls_group_get(session);
    int bits = gnutls_dh_get_prime_bits(session); /* a group of the server's own */

    for (size_t i = 0; i < COUNT(groups); i++)
        if (groups[i].group == group)
            return groups[i].bits;
    return bits > 0 ? (DWORD)bits : 0;
}

/* What Windows says of its suites with these; those of TLS 1.3 have no exchange of their own. */
static const struct {
    gnutls_kx_algorithm_t kx;
    const char *certificate;
    struct suite_exchange is;
} exchanges[] = {
    {GNUTLS_KX_ECDHE_ECDSA, "ECDSA", {"ECDH", CALG_ECDH_EPHEM, 0, 0, 65536}},
    {GNUTLS_KX_ECDHE_RSA, "RSA", {"ECDH", CALG_ECDH_EPHEM, 0, 0, 65536}},
    {GNUTLS_KX_DHE_RSA, "RSA", {"DH", CALG_DH_EPHEM, 0, 1024, 4096}},
    {GNUTLS_KX_RSA, "RSA", {"RSA", CALG_RSA_KEYX, 0, 512, 16384}},
};

static size_t exchange_find(gnutls_session_t session)
{
    gnutls_kx_algorithm_t kx = gnutls_kx_get(session);
    size_t i = 0;

    if (gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3)
        return COUNT(exchanges);
    while (i < COUNT(exchanges) && exchanges[i].kx != kx)
        i++;
    return i;
}

struct suite_exchange suite_exchange_of(gnutls_session_t session, bool inbound)
{
    size_t found = exchange_find(session);
    struct suite_exchange exchange = {"", 0, 0, 0, 0};

    if (found < COUNT(exchanges)) {
        exchange = exchanges[found].is;
        exchange.bits = exchanges[found].kx == GNUTLS_KX_RSA ? server_key_bits(session, inbound)
                                                             : group_bits(session);
    }
    return exchange;
}

const char *suite_certificate_of(gnutls_session_t session)
{
    size_t found = exchange_find(session);

    return found < COUNT(exchanges) ? exchanges[found].certificate : "";
}
