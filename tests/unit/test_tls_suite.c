/* SPDX-License-Identifier: MIT */
/*
 * Every cipher suite that GnuTLS and Windows share, by a handshake and messages both ways: numbers,
 * names and sizes (IANA, "TLS Cipher Suites"; Microsoft, "SecPkgContext_ConnectionInfo",
 * "SecPkgContext_CipherInfo", "Get-TlsCipherSuite").
 *
 * What GnuTLS leaves out by default it takes from the system's policy, which is a file of ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/duel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- What there is -------------------------------------------------------------------------- */

enum { RSA_KX, DHE_RSA, ECDHE_RSA, ECDHE_ECDSA, ANY_KX };

/* least and most: Windows' bounds for any connection with it. */
static const struct exchange {
    const char *priority, *certificate, *name;
    ALG_ID id;
    DWORD bits, least, most;
} exchanges[] = {
    [RSA_KX] = {"RSA", "RSA", "RSA", CALG_RSA_KEYX, 2048, 512, 16384},
    [DHE_RSA] = {"DHE-RSA", "RSA", "DH", CALG_DH_EPHEM, 2048, 1024, 4096},
    [ECDHE_RSA] = {"ECDHE-RSA", "RSA", "ECDH", CALG_ECDH_EPHEM, 256, 0, 65536},
    [ECDHE_ECDSA] = {"ECDHE-ECDSA", "ECDSA", "ECDH", CALG_ECDH_EPHEM, 256, 0, 65536},
    [ANY_KX] = {"ECDHE-RSA", "", "", 0, 0, 0, 0},
};

enum {
    AES_128_GCM,
    AES_256_GCM,
    AES_128_CCM,
    AES_256_CCM,
    AES_128_CCM_8,
    AES_256_CCM_8,
    AES_128_CBC,
    AES_256_CBC,
    TRIPLE_DES,
    CHACHA20
};

/* What TLS 1.2 sends before and after the data; 0 octets of tag: a MAC and padding. */
static const struct cipher {
    const char *priority, *name;
    ALG_ID id;
    DWORD bits, block, head, tag;
} ciphers[] = {
    [AES_128_GCM] = {"AES-128-GCM", "AES", CALG_AES_128, 128, 16, 8, 16},
    [AES_256_GCM] = {"AES-256-GCM", "AES", CALG_AES_256, 256, 16, 8, 16},
    [AES_128_CCM] = {"AES-128-CCM", "AES", CALG_AES_128, 128, 16, 8, 16},
    [AES_256_CCM] = {"AES-256-CCM", "AES", CALG_AES_256, 256, 16, 8, 16},
    [AES_128_CCM_8] = {"AES-128-CCM-8", "AES", CALG_AES_128, 128, 16, 8, 8},
    [AES_256_CCM_8] = {"AES-256-CCM-8", "AES", CALG_AES_256, 256, 16, 8, 8},
    [AES_128_CBC] = {"AES-128-CBC", "AES", CALG_AES_128, 128, 16, 16, 0},
    [AES_256_CBC] = {"AES-256-CBC", "AES", CALG_AES_256, 256, 16, 16, 0},
    [TRIPLE_DES] = {"3DES-CBC", "3DES", CALG_3DES, 168, 8, 8, 0},
    [CHACHA20] = {"CHACHA20-POLY1305", "CHACHA20_POLY1305", 0, 256, 1, 0, 16},
};

enum { SHA1, SHA256, SHA384 };

static const struct hash {
    const char *name;
    ALG_ID id;
    DWORD bits;
} hashes[] = {
    [SHA1] = {"SHA1", CALG_SHA1, 160},
    [SHA256] = {"SHA256", CALG_SHA_256, 256},
    [SHA384] = {"SHA384", CALG_SHA_384, 384},
};

static const struct suite {
    DWORD number;
    const char *name;
    int exchange, cipher, hash;
} suites[] = {
    {0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", RSA_KX, TRIPLE_DES, SHA1},
    {0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", DHE_RSA, TRIPLE_DES, SHA1},
    {0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", RSA_KX, AES_128_CBC, SHA1},
    {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", DHE_RSA, AES_128_CBC, SHA1},
    {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", RSA_KX, AES_256_CBC, SHA1},
    {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", DHE_RSA, AES_256_CBC, SHA1},
    {0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", RSA_KX, AES_128_CBC, SHA256},
    {0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", RSA_KX, AES_256_CBC, SHA256},
    {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", DHE_RSA, AES_128_CBC, SHA256},
    {0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", DHE_RSA, AES_256_CBC, SHA256},
    {0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", RSA_KX, AES_128_GCM, SHA256},
    {0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", RSA_KX, AES_256_GCM, SHA384},
    {0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", DHE_RSA, AES_128_GCM, SHA256},
    {0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", DHE_RSA, AES_256_GCM, SHA384},
    {0x1301, "TLS_AES_128_GCM_SHA256", ANY_KX, AES_128_GCM, SHA256},
    {0x1302, "TLS_AES_256_GCM_SHA384", ANY_KX, AES_256_GCM, SHA384},
    {0x1303, "TLS_CHACHA20_POLY1305_SHA256", ANY_KX, CHACHA20, SHA256},
    {0x1304, "TLS_AES_128_CCM_SHA256", ANY_KX, AES_128_CCM, SHA256},
    {0x1305, "TLS_AES_128_CCM_8_SHA256", ANY_KX, AES_128_CCM_8, SHA256},
    {0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", ECDHE_ECDSA, TRIPLE_DES, SHA1},
    {0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", ECDHE_ECDSA, AES_128_CBC, SHA1},
    {0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", ECDHE_ECDSA, AES_256_CBC, SHA1},
    {0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", ECDHE_RSA, TRIPLE_DES, SHA1},
    {0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", ECDHE_RSA, AES_128_CBC, SHA1},
    {0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", ECDHE_RSA, AES_256_CBC, SHA1},
    {0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", ECDHE_ECDSA, AES_128_CBC, SHA256},
    {0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", ECDHE_ECDSA, AES_256_CBC, SHA384},
    {0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", ECDHE_RSA, AES_128_CBC, SHA256},
    {0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", ECDHE_RSA, AES_256_CBC, SHA384},
    {0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ECDHE_ECDSA, AES_128_GCM, SHA256},
    {0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", ECDHE_ECDSA, AES_256_GCM, SHA384},
    {0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ECDHE_RSA, AES_128_GCM, SHA256},
    {0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ECDHE_RSA, AES_256_GCM, SHA384},
    {0xc09c, "TLS_RSA_WITH_AES_128_CCM", RSA_KX, AES_128_CCM, SHA256},
    {0xc09d, "TLS_RSA_WITH_AES_256_CCM", RSA_KX, AES_256_CCM, SHA256},
    {0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", DHE_RSA, AES_128_CCM, SHA256},
    {0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", DHE_RSA, AES_256_CCM, SHA256},
    {0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8", RSA_KX, AES_128_CCM_8, SHA256},
    {0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8", RSA_KX, AES_256_CCM_8, SHA256},
    {0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", DHE_RSA, AES_128_CCM_8, SHA256},
    {0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", DHE_RSA, AES_256_CCM_8, SHA256},
    {0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", ECDHE_ECDSA, AES_128_CCM, SHA256},
    {0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", ECDHE_ECDSA, AES_256_CCM, SHA256},
    {0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", ECDHE_ECDSA, AES_128_CCM_8, SHA256},
    {0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", ECDHE_ECDSA, AES_256_CCM_8, SHA256},
    {0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ECDHE_RSA, CHACHA20, SHA256},
    {0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ECDHE_ECDSA, CHACHA20, SHA256},
    {0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", DHE_RSA, CHACHA20, SHA256},
};

/* --- One connection ------------------------------------------------------------------------- */

static const struct version {
    DWORD protocol, number;
    const char *priority;
} versions[] = {
    {SP_PROT_TLS1_0, 0x301, "VERS-TLS1.0"},
    {SP_PROT_TLS1_1, 0x302, "VERS-TLS1.1"},
    {SP_PROT_TLS1_2, 0x303, "VERS-TLS1.2"},
    {SP_PROT_TLS1_3, 0x304, "VERS-TLS1.3"},
};

enum { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

#define SIDE                                                                                       \
    (SP_PROT_TLS1_0_CLIENT | SP_PROT_TLS1_1_CLIENT | SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT)

static void priority_make(char text[256], const struct suite *suite, const struct version *version)
{
    const struct cipher *cipher = &ciphers[suite->cipher];

    snprintf(text, 256,
             "NORMAL:-VERS-ALL:+%s:-CIPHER-ALL:+%s:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-FFDHE2048:"
             "-KX-ALL:+%s:-MAC-ALL:+%s",
             version->priority, cipher->priority, exchanges[suite->exchange].priority,
             cipher->tag != 0 ? "AEAD" : hashes[suite->hash].name);
}

/* The older structure has the older versions. */
static void acquire(struct duel *duel, const struct version *version)
{
    SCHANNEL_CRED auth = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                          .grbitEnabledProtocols = version->protocol,
                          .cCreds = duel->ours.server,
                          .paCred = &duel->ident.cert};

    if (version->protocol == SP_PROT_TLS1_3)
        ck_assert_int_eq(ident_acquire(&duel->ours, version->protocol,
                                       duel->ours.server ? &duel->ident : NULL, 0),
                         SEC_E_OK);
    else
        ck_assert_int_eq(stream_acquire(&duel->ours, &auth), SEC_E_OK);
}

static void query(struct duel *duel, ULONG attribute, void *buffer)
{
    ck_assert_int_eq(QueryContextAttributesA(&duel->ours.ctx, attribute, buffer), SEC_E_OK);
}

static void text_is(const WCHAR *text, const char *expected)
{
    char narrow[SZ_ALG_MAX_SIZE];
    size_t i = 0;

    for (; text[i] != 0; i++)
        narrow[i] = (char)text[i];
    narrow[i] = '\0';
    ck_assert_str_eq(narrow, expected);
}

static void connection_is(struct duel *duel, const struct suite *suite,
                          const struct version *version)
{
    const struct cipher *cipher = &ciphers[suite->cipher];
    const struct hash *hash = &hashes[suite->hash];
    const struct exchange *exchange = &exchanges[suite->exchange];
    DWORD protocol = version->protocol & (duel->ours.server ? ~(DWORD)SIDE : (DWORD)SIDE);
    DWORD strength = cipher->tag == 0 ? hash->bits : 0; /* it makes no MACs */
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_ConnectionInfoEx info_ex;

    query(duel, SECPKG_ATTR_CONNECTION_INFO, &info);
    ck_assert_uint_eq(info.dwProtocol, protocol);
    ck_assert_uint_eq(info.aiCipher, cipher->id);
    ck_assert_uint_eq(info.dwCipherStrength, cipher->bits);
    ck_assert_uint_eq(info.aiHash, hash->id);
    ck_assert_uint_eq(info.dwHashStrength, strength);
    ck_assert_uint_eq(info.aiExch, exchange->id);
    ck_assert_uint_eq(info.dwExchStrength, exchange->bits);
    query(duel, SECPKG_ATTR_CONNECTION_INFO_EX, &info_ex);
    ck_assert_uint_eq(info_ex.dwVersion, SECPKGCONTEXT_CONNECTION_INFO_EX_V1);
    ck_assert_uint_eq(info_ex.dwProtocol, protocol);
    text_is(info_ex.szCipher, cipher->name);
    ck_assert_uint_eq(info_ex.dwCipherStrength, cipher->bits);
    text_is(info_ex.szHash, hash->name);
    ck_assert_uint_eq(info_ex.dwHashStrength, strength);
    text_is(info_ex.szExchange, exchange->name);
    ck_assert_uint_eq(info_ex.dwExchStrength, exchange->bits);
}

static void cipher_is(struct duel *duel, const struct suite *suite, const struct version *version)
{
    const struct cipher *cipher = &ciphers[suite->cipher];
    const struct hash *hash = &hashes[suite->hash];
    const struct exchange *exchange = &exchanges[suite->exchange];
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    SecPkgContext_KeyInfoA key;

    query(duel, SECPKG_ATTR_CIPHER_INFO, &info);
    ck_assert_uint_eq(info.dwProtocol, version->number);
    ck_assert_uint_eq(info.dwCipherSuite, suite->number);
    ck_assert_uint_eq(info.dwBaseCipherSuite, suite->number);
    text_is(info.szCipherSuite, suite->name);
    text_is(info.szCipher, cipher->name);
    ck_assert_uint_eq(info.dwCipherLen, cipher->bits);
    ck_assert_uint_eq(info.dwCipherBlockLen, cipher->block);
    text_is(info.szHash, cipher->tag == 0 ? hash->name : "");
    ck_assert_uint_eq(info.dwHashLen, cipher->tag == 0 ? hash->bits : 0);
    text_is(info.szExchange, exchange->name);
    ck_assert_uint_eq(info.dwMinExchangeLen, exchange->least);
    ck_assert_uint_eq(info.dwMaxExchangeLen, exchange->most);
    text_is(info.szCertificate, exchange->certificate);
    ck_assert_uint_eq(info.dwKeyType, 0);
    query(duel, SECPKG_ATTR_KEY_INFO, &key);
    ck_assert_str_eq(key.sEncryptAlgorithmName, cipher->name);
    ck_assert_str_eq(key.sSignatureAlgorithmName, hash->name);
    ck_assert_uint_eq(key.KeySize, cipher->bits);
    ck_assert_uint_eq(key.EncryptAlgorithm, cipher->id);
    ck_assert_uint_eq(key.SignatureAlgorithm, hash->id);
    FreeContextBuffer(key.sEncryptAlgorithmName);
    FreeContextBuffer(key.sSignatureAlgorithmName);
}

#define KEY_UPDATE 27 /* may go before the data (RFC 8446 4.6.3) */

static void sizes_are(struct duel *duel, const struct suite *suite, const struct version *version)
{
    const struct cipher *cipher = &ciphers[suite->cipher];
    SecPkgContext_StreamSizes stream;
    SecPkgContext_Sizes sizes;
    DWORD header = 5 + cipher->head, trailer = cipher->tag;

    if (cipher->tag == 0)
        trailer = hashes[suite->hash].bits / 8 + cipher->block;
    if (version->number == 0x301) /* RFC 2246 6.2.3.2: its IV is what went before */
        header = 5;
    if (version->number == 0x304) {
        header = 5;
        trailer = cipher->tag + 1 + KEY_UPDATE;
    }
    query(duel, SECPKG_ATTR_STREAM_SIZES, &stream);
    ck_assert_uint_eq(stream.cbHeader, header);
    ck_assert_uint_eq(stream.cbTrailer, trailer);
    ck_assert_uint_eq(stream.cbMaximumMessage, 16384);
    ck_assert_uint_eq(stream.cBuffers, 4);
    ck_assert_uint_eq(stream.cbBlockSize, cipher->block);
    query(duel, SECPKG_ATTR_SIZES, &sizes);
    ck_assert_uint_eq(sizes.cbSecurityTrailer, header + trailer);
    ck_assert_uint_eq(sizes.cbBlockSize, cipher->block);
    ck_assert_uint_eq(sizes.cbMaxSignature, 0);
    ck_assert_uint_gt(sizes.cbMaxToken, 16384);
}

/* Tickets come first, and are nothing to the program. */
static ssize_t receive(struct duel *duel, void *data, size_t size)
{
    ssize_t got = GNUTLS_E_AGAIN;

    while (got == GNUTLS_E_AGAIN && duel->theirs.in.size != 0)
        got = gnutls_record_recv(duel->theirs.session, data, size);
    return got;
}

/* The least and the most there can be in one message, both ways. */
static void messages_pass(struct duel *duel)
{
    static uint8_t sent[16384], got[20000];
    static const size_t lengths[] = {1, 15, 16, 17, 16384};
    size_t size;

    for (unsigned i = 0; i < COUNT(lengths); i++) {
        memset(sent, 'a' + (int)i, sizeof(sent));
        ck_assert_int_eq(stream_seal(&duel->ours, sent, lengths[i], i % 2, &duel->theirs.in),
                         SEC_E_OK);
        ck_assert_int_eq(receive(duel, got, sizeof(got)), lengths[i]);
        ck_assert_mem_eq(got, sent, lengths[i]);
        ck_assert_int_eq(gnutls_record_send(duel->theirs.session, sent, lengths[i]), lengths[i]);
        for (size_t all = 0; all < lengths[i]; all += size) { /* TLS 1.0 sends one octet ahead */
            ck_assert_int_eq(stream_open(&duel->ours, got + all, &size), SEC_E_OK);
            ck_assert_uint_le(all + size, lengths[i]);
        }
        ck_assert_mem_eq(got, sent, lengths[i]);
    }
}

static void suite_serves(const struct suite *suite, const struct version *version, bool ours_serves)
{
    char priority[256];
    struct duel duel;

    priority_make(priority, suite, version);
    duel_open(&duel, ours_serves, priority, suite->exchange == ECDHE_ECDSA ? IDENT_EC : IDENT_RSA);
    acquire(&duel, version);
    ck_assert_int_eq(bare_shake(&duel.theirs, &duel.ours), 0);
    ck_assert_int_eq(duel.ours.status, SEC_E_OK);
    connection_is(&duel, suite, version);
    cipher_is(&duel, suite, version);
    sizes_are(&duel, suite, version);
    messages_pass(&duel);
    duel_end(&duel);
}

START_TEST(suites_of_the_table)
{
    const struct suite *suite = &suites[_i / 2];

    suite_serves(suite, &versions[suite->exchange == ANY_KX ? TLS_1_3 : TLS_1_2], _i % 2);
}
END_TEST

/* Those with SHA-1 are all that the older versions have. */
START_TEST(suites_of_older_versions)
{
    const struct suite *suite = &suites[_i / 4];

    if (suite->hash == SHA1)
        suite_serves(suite, &versions[_i / 2 % 2 ? TLS_1_1 : TLS_1_0], _i % 2);
}
END_TEST

/* Windows has no Camellia: the number is IANA's, and the rest is empty. */
START_TEST(suite_that_windows_has_not)
{
    SecPkgContext_CipherInfo cipher = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    SecPkgContext_ConnectionInfo info;
    struct duel duel;

    duel_meet(&duel, _i, SP_PROT_TLS1_2,
              "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CAMELLIA-128-GCM:-KX-ALL:+ECDHE-RSA",
              IDENT_RSA);
    query(&duel, SECPKG_ATTR_CIPHER_INFO, &cipher);
    ck_assert_uint_eq(cipher.dwCipherSuite, 0xc08a);
    text_is(cipher.szCipherSuite, "");
    text_is(cipher.szCipher, "");
    text_is(cipher.szExchange, "ECDH");
    query(&duel, SECPKG_ATTR_CONNECTION_INFO, &info);
    ck_assert_uint_eq(info.aiCipher, 0);
    ck_assert_uint_eq(info.dwCipherStrength, 0);
    ck_assert_uint_eq(info.aiHash, CALG_SHA_256);
    messages_pass(&duel);
    duel_end(&duel);
}
END_TEST

/* --- Groups --------------------------------------------------------------------------------- */

static const struct group {
    const char *name;
    int exchange;
    DWORD bits;
} groups[] = {
    {"SECP256R1", ECDHE_RSA, 256}, {"SECP384R1", ECDHE_RSA, 384}, {"SECP521R1", ECDHE_RSA, 521},
    {"X25519", ECDHE_RSA, 255},    {"X448", ECDHE_RSA, 448},      {"FFDHE2048", DHE_RSA, 2048},
    {"FFDHE3072", DHE_RSA, 3072},  {"FFDHE4096", DHE_RSA, 4096},
};

START_TEST(strengths_of_exchanges)
{
    const struct group *group = &groups[_i / 2];
    char priority[256];
    SecPkgContext_ConnectionInfo info;
    struct duel duel;

    snprintf(priority, sizeof(priority),
             "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+%s:-GROUP-ALL:+GROUP-%s",
             exchanges[group->exchange].priority, group->name);
    duel_meet(&duel, _i % 2, SP_PROT_TLS1_2, priority, IDENT_RSA);
    query(&duel, SECPKG_ATTR_CONNECTION_INFO, &info);
    ck_assert_uint_eq(info.aiExch, exchanges[group->exchange].id);
    ck_assert_uint_eq(info.dwExchStrength, group->bits);
    duel_end(&duel);
}
END_TEST

/* --- What credentials take away ------------------------------------------------------------- */

#define CIPHER TlsParametersCngAlgUsageCipher
#define DIGEST TlsParametersCngAlgUsageDigest
#define KX     TlsParametersCngAlgUsageKeyExchange
#define SIGN   TlsParametersCngAlgUsageSignature
#define STRONG SCH_USE_STRONG_CRYPTO

/* A CRYPTO_SETTINGS, or a list of supported algorithms with one in it; and what is left then. */
static const struct ban {
    DWORD flags;
    eTlsAlgorithmUsage usage;
    const char *name, *mode;
    DWORD least, greatest;
    ALG_ID listed;
    DWORD suite;
    bool left;
} bans[] = {
    {0, CIPHER, NULL, NULL, 0, 0, 0, 0xc012, true},
    {0, CIPHER, NULL, NULL, 0, 0, 0, 0xc0ae, true},
    {STRONG, CIPHER, NULL, NULL, 0, 0, 0, 0xc012, false},
    {STRONG, CIPHER, NULL, NULL, 0, 0, 0, 0xc0ae, false},
    {STRONG, CIPHER, NULL, NULL, 0, 0, 0, 0xc0a1, false},
    {STRONG, CIPHER, NULL, NULL, 0, 0, 0, 0xc02f, true},
    {STRONG, CIPHER, NULL, NULL, 0, 0, 0, 0xc013, true},
    {STRONG, CIPHER, NULL, NULL, 0, 0, 0, 0x1303, true},
    {0, CIPHER, "AES", "ChainingModeGCM", 0, 0, 0, 0xc02f, false},
    {0, CIPHER, "AES", "ChainingModeGCM", 0, 0, 0, 0x1301, false},
    {0, CIPHER, "AES", "ChainingModeGCM", 0, 0, 0, 0xc0ac, true},
    {0, CIPHER, "AES", "ChainingModeGCM", 0, 0, 0, 0xc013, true},
    {0, CIPHER, "AES", "ChainingModeCCM", 0, 0, 0, 0xc02f, true},
    {0, CIPHER, "AES", "ChainingModeCCM", 0, 0, 0, 0xc0ac, false},
    {0, CIPHER, "AES", "ChainingModeCCM", 0, 0, 0, 0xc0ae, false},
    {0, CIPHER, "AES", "ChainingModeCBC", 0, 0, 0, 0xc013, false},
    {0, CIPHER, "AES", "ChainingModeCBC", 0, 0, 0, 0xc012, true},
    {0, CIPHER, "AES", "ChainingMode", 0, 0, 0, 0xc013, true},
    {0, CIPHER, "AES", NULL, 256, 0, 0, 0xc02f, false},
    {0, CIPHER, "AES", NULL, 256, 0, 0, 0xc030, true},
    {0, CIPHER, "AES", NULL, 0, 128, 0, 0xc030, false},
    {0, CIPHER, "AES", NULL, 0, 128, 0, 0xc02f, true},
    {0, CIPHER, "AES", NULL, 128, 256, 0, 0xc030, true},
    {0, CIPHER, "AES", "ChainingModeGCM", 0, 128, 0, 0xc02f, true},
    {0, CIPHER, "AES", "ChainingModeGCM", 0, 128, 0, 0xc030, false},
    {0, CIPHER, "3DES", NULL, 0, 0, 0, 0xc012, false},
    {0, CIPHER, "CHACHA20_POLY1305", NULL, 0, 0, 0, 0xcca8, false},
    {0, CIPHER, "CHACHA20_POLY1305", NULL, 0, 0, 0, 0x1303, false},
    {0, DIGEST, "AES", NULL, 0, 0, 0, 0xc02f, true},
    {0, DIGEST, "SHA1", NULL, 0, 0, 0, 0xc013, false},
    {0, DIGEST, "SHA1", NULL, 0, 0, 0, 0xc027, true},
    {0, DIGEST, "SHA256", NULL, 0, 0, 0, 0xc027, false},
    {0, DIGEST, "SHA256", NULL, 0, 0, 0, 0xc02f, true},
    {0, DIGEST, "SHA384", NULL, 0, 0, 0, 0xc028, false},
    {0, KX, "ECDH", NULL, 0, 0, 0, 0xc02f, false},
    {0, KX, "ECDH", NULL, 0, 0, 0, 0xc02b, false},
    {0, KX, "ECDH", NULL, 0, 0, 0, 0x009e, true},
    {0, KX, "DH", NULL, 0, 0, 0, 0x009e, false},
    {0, KX, "RSA", NULL, 0, 0, 0, 0x009c, false},
    {0, KX, "RSA", NULL, 0, 0, 0, 0xc02f, true},
    {0, SIGN, "RSA", NULL, 0, 0, 0, 0xc02f, false},
    {0, SIGN, "RSA", NULL, 0, 0, 0, 0xc02b, true},
    {0, SIGN, "ECDSA", NULL, 0, 0, 0, 0xc02b, false},
    {0, SIGN, "ECDSA", NULL, 0, 0, 0, 0xc02f, true},
    {0, CIPHER, NULL, NULL, 0, 0, CALG_AES_128, 0xc02f, true},
    {0, CIPHER, NULL, NULL, 0, 0, CALG_AES_128, 0xc030, false},
    {0, CIPHER, NULL, NULL, 0, 0, CALG_AES_128, 0xcca8, false},
    {0, CIPHER, NULL, NULL, 0, 0, CALG_3DES, 0xc012, true},
    {0, CIPHER, NULL, NULL, 0, 0, CALG_3DES, 0xc013, false},
    {0, DIGEST, NULL, NULL, 0, 0, CALG_SHA1, 0xc013, true},
    {0, DIGEST, NULL, NULL, 0, 0, CALG_SHA1, 0xc027, false},
    {0, KX, NULL, NULL, 0, 0, CALG_ECDH_EPHEM, 0xc02b, true},
    {0, KX, NULL, NULL, 0, 0, CALG_ECDH_EPHEM, 0x009e, false},
    {0, KX, NULL, NULL, 0, 0, CALG_DH_EPHEM, 0x009e, true},
    {0, KX, NULL, NULL, 0, 0, CALG_RSA_KEYX, 0x009c, true},
    {0, KX, NULL, NULL, 0, 0, CALG_RSA_KEYX, 0xc02f, false},
    {0, SIGN, NULL, NULL, 0, 0, CALG_RSA_SIGN, 0xc02b, false},
    {0, SIGN, NULL, NULL, 0, 0, CALG_ECDSA, 0xc02f, false},
    {0, SIGN, NULL, NULL, 0, 0, CALG_ECDSA, 0xc02b, true},
};

static UNICODE_STRING wide(const char *text, WCHAR room[64])
{
    USHORT length = 0;

    for (; text != NULL && text[length] != '\0'; length++)
        room[length] = (WCHAR)(unsigned char)text[length];
    length *= (USHORT)sizeof(WCHAR);
    return (UNICODE_STRING){length, length, room};
}

static SECURITY_STATUS acquire_without(struct duel *duel, const struct ban *ban)
{
    WCHAR name[64], mode[64];
    UNICODE_STRING modes[] = {wide(ban->mode, mode)};
    ALG_ID listed[] = {ban->listed};
    CRYPTO_SETTINGS setting = {.eAlgorithmUsage = ban->usage,
                               .strCngAlgId = wide(ban->name, name),
                               .cChainingModes = ban->mode != NULL,
                               .rgstrChainingModes = modes,
                               .dwMinBitLength = ban->least,
                               .dwMaxBitLength = ban->greatest};
    TLS_PARAMETERS parameters = {.cDisabledCrypto = ban->name != NULL, .pDisabledCrypto = &setting};
    SCH_CREDENTIALS newer = {.dwVersion = SCH_CREDENTIALS_VERSION,
                             .dwFlags = ban->flags,
                             .cCreds = 1,
                             .paCred = &duel->ident.cert,
                             .cTlsParameters = 1,
                             .pTlsParameters = &parameters};
    SCHANNEL_CRED older = {.dwVersion = SCHANNEL_CRED_VERSION,
                           .dwFlags = ban->flags,
                           .cCreds = 1,
                           .paCred = &duel->ident.cert,
                           .cSupportedAlgs = 1,
                           .palgSupportedAlgs = listed};

    return stream_acquire(&duel->ours, ban->listed == 0 ? (void *)&newer : (void *)&older);
}

START_TEST(credentials_take_away)
{
    const struct ban *ban = &bans[_i];
    const struct suite *suite = suites;
    char priority[256];
    struct duel duel;

    while (suite->number != ban->suite)
        suite++;
    priority_make(priority, suite, &versions[suite->exchange == ANY_KX ? TLS_1_3 : TLS_1_2]);
    duel_open(&duel, true, priority, suite->exchange == ECDHE_ECDSA ? IDENT_EC : IDENT_RSA);
    ck_assert_int_eq(acquire_without(&duel, ban), SEC_E_OK);
    ck_assert_int_eq(duel_shake(&duel), ban->left ? SEC_E_OK : SEC_E_ALGORITHM_MISMATCH);
    duel_end(&duel);
}
END_TEST

/* --- The program ---------------------------------------------------------------------------- */

/* A key takes long to make: all tests have this process's. */
static void keys_make(void)
{
    certs_key(IDENT_RSA);
}

static Suite *suite(void)
{
    Suite *s = suite_create("TLS suites");
    TCase *tc = tcase_create("suites");

    tcase_add_unchecked_fixture(tc, keys_make, certs_end);
    tcase_add_loop_test(tc, suites_of_the_table, 0, 2 * COUNT(suites));
    tcase_add_loop_test(tc, suites_of_older_versions, 0, 4 * COUNT(suites));
    tcase_add_loop_test(tc, suite_that_windows_has_not, 0, 2);
    tcase_add_loop_test(tc, strengths_of_exchanges, 0, 2 * COUNT(groups));
    tcase_add_loop_test(tc, credentials_take_away, 0, COUNT(bans));
    suite_add_tcase(s, tc);
    return s;
}

/* GnuTLS reads the policy before main(). */
static int run_again(char **argv)
{
    static const char policy[] =
        "[overrides]\ndefault-priority-string = NORMAL:+RSA:+3DES-CBC:"
        "+AES-128-CCM-8:+AES-256-CCM-8:+CAMELLIA-128-GCM:+SHA256:+SHA384\n";
    char path[] = "/tmp/tls-suite-XXXXXX";
    int number = mkstemp(path);

    if (number < 0 || write(number, policy, sizeof(policy) - 1) != sizeof(policy) - 1)
        return EXIT_FAILURE;
    setenv("GNUTLS_SYSTEM_PRIORITY_FILE", path, 1);
    execv("/proc/self/exe", argv);
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    const char *path = getenv("GNUTLS_SYSTEM_PRIORITY_FILE");

    (void)argc;
    if (path == NULL || strncmp(path, "/tmp/tls-suite-", 15) != 0)
        return run_again(argv);
    unlink(path);
    return check_main(suite);
}
