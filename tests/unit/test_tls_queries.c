/* SPDX-License-Identifier: MIT */
/*
 * All attributes of TLS contexts and credentials: what they say, when they say it, and to whom
 * (Microsoft, "QueryContextAttributes (Schannel)", "QueryCredentialsAttributes (Schannel)").
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <credssp.h>
#include <gnutls/crypto.h>

#include "cert/cert.h"
#include "lib/check_main.h"
#include "lib/duel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define V12_NO_TICKETS "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS"

#define SERVERS                                                                                    \
    (SP_PROT_TLS1_0_SERVER | SP_PROT_TLS1_1_SERVER | SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER)

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

static SECURITY_STATUS query(struct stream *stream, ULONG attribute, void *buffer)
{
    return QueryContextAttributesA(&stream->ctx, attribute, buffer);
}

static bool text_is(const WCHAR *text, const char *expected)
{
    size_t i = 0;

    while (expected[i] != '\0' && text[i] == (unsigned char)expected[i])
        i++;
    return expected[i] == '\0' && text[i] == 0;
}

/* --- When and to whom ----------------------------------------------------------------------- */

enum { CLIENT = 1, SERVER = 2, EITHER = CLIENT | SERVER };

/* The size of the structure, who may ask, whether before the end, and what is to be freed. */
static const struct attribute {
    ULONG number, size;
    unsigned role;
    bool early;
    SECURITY_STATUS answer; /* of a client of TLS 1.2 that shows no certificate, to a bare server */
    int pointers;           /* how many there are for FreeContextBuffer() ... */
    size_t offsets[2];      /* ... and where */
} attributes[] = {
#define PLAIN(name, type, role, early)                                                             \
    {                                                                                              \
        SECPKG_ATTR_##name, sizeof(type), role, early, SEC_E_OK, 0,                                \
        {                                                                                          \
            0, 0                                                                                   \
        }                                                                                          \
    }
#define POINTER(name, type, role, early, field)                                                    \
    {                                                                                              \
        SECPKG_ATTR_##name, sizeof(type), role, early, SEC_E_OK, 1,                                \
        {                                                                                          \
            offsetof(type, field), 0                                                               \
        }                                                                                          \
    }
#define REFUSED(name, type, role, early, status)                                                   \
    {                                                                                              \
        SECPKG_ATTR_##name, sizeof(type), role, early, status, 0,                                  \
        {                                                                                          \
            0, 0                                                                                   \
        }                                                                                          \
    }
    PLAIN(SIZES, SecPkgContext_Sizes, EITHER, false),
    PLAIN(LIFESPAN, SecPkgContext_Lifespan, EITHER, false),
    PLAIN(STREAM_SIZES, SecPkgContext_StreamSizes, EITHER, false),
    {SECPKG_ATTR_KEY_INFO,
     sizeof(SecPkgContext_KeyInfoA),
     EITHER,
     false,
     SEC_E_OK,
     2,
     {offsetof(SecPkgContext_KeyInfoA, sSignatureAlgorithmName),
      offsetof(SecPkgContext_KeyInfoA, sEncryptAlgorithmName)}},
    POINTER(PACKAGE_INFO, SecPkgContext_PackageInfoA, EITHER, true, PackageInfo),
    PLAIN(FLAGS, SecPkgContext_Flags, EITHER, false),
    PLAIN(APPLICATION_PROTOCOL, SecPkgContext_ApplicationProtocol, EITHER, false),
    POINTER(NEGOTIATED_TLS_EXTENSIONS, SecPkgContext_NegotiatedTlsExtensions, EITHER, false,
            Extensions),
    PLAIN(CONNECTION_INFO, SecPkgContext_ConnectionInfo, EITHER, false),
    PLAIN(CONNECTION_INFO_EX, SecPkgContext_ConnectionInfoEx, EITHER, false),
    PLAIN(CIPHER_INFO, SecPkgContext_CipherInfo, EITHER, false),
    PLAIN(SESSION_INFO, SecPkgContext_SessionInfo, EITHER, false),
    PLAIN(EAP_KEY_BLOCK, SecPkgContext_EapKeyBlock, EITHER, false),
    REFUSED(KEYING_MATERIAL, SecPkgContext_KeyingMaterial, EITHER, false, SEC_E_OUT_OF_SEQUENCE),
    POINTER(UNIQUE_BINDINGS, SecPkgContext_Bindings, EITHER, false, Bindings),
    POINTER(ENDPOINT_BINDINGS, SecPkgContext_Bindings, EITHER, false, Bindings),
    PLAIN(REMOTE_CERT_CONTEXT, PCCERT_CONTEXT, EITHER, true),
    PLAIN(REMOTE_CERT_CHAIN, PCCERT_CONTEXT, EITHER, true),
    POINTER(REMOTE_CERTIFICATES, SecPkgContext_Certificates, EITHER, true, pbCertificateChain),
    REFUSED(LOCAL_CERT_CONTEXT, PCCERT_CONTEXT, EITHER, true, SEC_E_NO_CREDENTIALS),
    POINTER(ISSUER_LIST_EX, SecPkgContext_IssuerListInfoEx, CLIENT, true, aIssuers),
    REFUSED(CERT_CHECK_RESULT, SecPkgContext_CertificateValidationResult, EITHER, true,
            SEC_E_UNSUPPORTED_FUNCTION),
    REFUSED(CERT_CHECK_RESULT_INPROC, SecPkgContext_CertificateValidationResult, EITHER, true,
            SEC_E_UNSUPPORTED_FUNCTION),
    PLAIN(SERVER_AUTH_FLAGS, SecPkgContext_Flags, CLIENT, false),
    /* other packages' */
    REFUSED(NAMES, SecPkgContext_NamesA, 0, true, SEC_E_UNSUPPORTED_FUNCTION),
    REFUSED(SESSION_KEY, SecPkgContext_SessionKey, 0, true, SEC_E_UNSUPPORTED_FUNCTION),
    REFUSED(NEGOTIATION_INFO, SecPkgContext_NegotiationInfoA, 0, true, SEC_E_UNSUPPORTED_FUNCTION),
};

/* Room with a known end, to the octet. */
static void *room_make(const struct attribute *attribute)
{
    DWORD version = SECPKGCONTEXT_CIPHERINFO_V1;
    void *room = calloc(1, attribute->size);

    if (attribute->number == SECPKG_ATTR_CIPHER_INFO)
        memcpy(room, &version, sizeof(version));
    return room;
}

static void room_free(const struct attribute *attribute, uint8_t *room, SECURITY_STATUS status)
{
    PCCERT_CONTEXT cert;
    void *pointer;

    for (int i = 0; status == SEC_E_OK && i < attribute->pointers; i++) {
        memcpy(&pointer, room + attribute->offsets[i], sizeof(pointer));
        ck_assert_int_eq(FreeContextBuffer(pointer), SEC_E_OK);
    }
    if (status == SEC_E_OK && (attribute->number == SECPKG_ATTR_REMOTE_CERT_CONTEXT ||
                               attribute->number == SECPKG_ATTR_REMOTE_CERT_CHAIN ||
                               attribute->number == SECPKG_ATTR_LOCAL_CERT_CONTEXT)) {
        memcpy(&cert, room, sizeof(cert));
        ck_assert(CertFreeCertificateContext(cert));
    }
    free(room);
}

static SECURITY_STATUS ask(struct stream *stream, const struct attribute *attribute)
{
    void *room = room_make(attribute);
    SECURITY_STATUS status = query(stream, attribute->number, room);

    room_free(attribute, room, status);
    return status;
}

START_TEST(attributes_before_the_end)
{
    const struct attribute *attribute = &attributes[_i / 2];
    bool serves = _i % 2;
    SECURITY_STATUS expected = attribute->early ? attribute->answer : SEC_E_INVALID_HANDLE;
    struct duel duel;

    duel_begin(&duel, serves, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    if (serves)
        ck_assert_int_eq(gnutls_handshake(duel.theirs.session), GNUTLS_E_AGAIN);
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
    if (!(attribute->role & (serves ? SERVER : CLIENT)))
        expected = SEC_E_UNSUPPORTED_FUNCTION;
    else if (attribute->number == SECPKG_ATTR_LOCAL_CERT_CONTEXT && serves)
        expected = SEC_E_OK; /* it has been shown */
    else if (attribute->number == SECPKG_ATTR_REMOTE_CERT_CONTEXT ||
             attribute->number == SECPKG_ATTR_REMOTE_CERT_CHAIN ||
             attribute->number == SECPKG_ATTR_REMOTE_CERTIFICATES)
        expected = SEC_E_NO_CREDENTIALS; /* not here yet */
    ck_assert_int_eq(ask(&duel.ours, attribute), expected);
    duel_end(&duel);
}
END_TEST

START_TEST(attributes_of_a_client)
{
    const struct attribute *attribute = &attributes[_i];
    struct duel duel;
    uint8_t *room = room_make(attribute);
    SECURITY_STATUS status;

    duel_meet(&duel, false, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    ck_assert_int_eq(
        QueryContextAttributesExA(&duel.ours.ctx, attribute->number, room, attribute->size - 1),
        SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(
        QueryContextAttributesExW(&duel.ours.ctx, attribute->number, room, attribute->size - 1),
        SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(query(&duel.ours, attribute->number, NULL), SEC_E_INVALID_PARAMETER);
    status = QueryContextAttributesExA(&duel.ours.ctx, attribute->number, room, attribute->size);
    ck_assert_int_eq(status, attribute->answer);
    room_free(attribute, room, status);
    room = room_make(attribute);
    status = QueryContextAttributesExW(&duel.ours.ctx, attribute->number, room, attribute->size);
    ck_assert_int_eq(status, attribute->answer);
    room_free(attribute, room, status);
    duel_end(&duel);
}
END_TEST

/* A connection that has been closed has still been one; of one that broke little is left. */
START_TEST(attributes_after_the_end)
{
    const struct attribute *attribute = &attributes[_i / 2];
    bool broken = _i % 2;
    struct duel duel;
    uint8_t data[64];
    size_t size;

    duel_meet(&duel, false, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    if (broken) {
        ck_assert_int_eq(gnutls_record_send(duel.theirs.session, "x", 1), 1);
        duel.ours.in.data[duel.ours.in.size - 1] ^= 1;
        ck_assert_int_lt(stream_open(&duel.ours, data, &size), 0);
    } else {
        stream_shutdown(&duel.ours, &duel.theirs.in);
        gnutls_bye(duel.theirs.session, GNUTLS_SHUT_WR);
        ck_assert_int_eq(stream_open(&duel.ours, data, &size), SEC_I_CONTEXT_EXPIRED);
    }
    ck_assert_int_eq(ask(&duel.ours, attribute),
                     broken && !attribute->early ? SEC_E_CONTEXT_EXPIRED : attribute->answer);
    duel_end(&duel);
}
END_TEST

START_TEST(attributes_that_nobody_has)
{
    static const ULONG nobodys[] = {0x7fffffff, SECPKG_ATTR_UI_INFO, SECPKG_ATTR_SUPPORTED_ALGS};
    CtxtHandle none = {0, 0};
    uint8_t room[64];
    struct duel duel;

    duel_meet(&duel, false, 0, "NORMAL", IDENT_EC);
    for (unsigned i = 0; i < COUNT(nobodys); i++) {
        ck_assert_int_eq(query(&duel.ours, nobodys[i], room), SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(QueryContextAttributesExA(&duel.ours.ctx, nobodys[i], room, sizeof(room)),
                         SEC_E_UNSUPPORTED_FUNCTION);
    }
    ck_assert_int_eq(QueryContextAttributesA(&none, SECPKG_ATTR_SIZES, room), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(QueryContextAttributesW(NULL, SECPKG_ATTR_SIZES, room), SEC_E_INVALID_HANDLE);
    duel_end(&duel);
}
END_TEST

/* --- The connection ------------------------------------------------------------------------- */

#define UNIX_EPOCH INT64_C(116444736000000000) /* in units of 100 ns since 1601 */
#define SECOND     INT64_C(10000000)

static int64_t local_now(void)
{
    time_t now = time(NULL);
    struct tm local;

    localtime_r(&now, &local);
    return UNIX_EPOCH + ((int64_t)now + local.tm_gmtoff) * SECOND;
}

START_TEST(lifespan_begins_with_the_connection)
{
    int64_t before = local_now();
    SecPkgContext_Lifespan span;
    struct duel duel;

    duel_meet(&duel, _i % 2, versions[_i / 2], ident_priority(versions[_i / 2]), IDENT_EC);
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_LIFESPAN, &span), SEC_E_OK);
    ck_assert_int_ge(span.tsStart.QuadPart, before);
    ck_assert_int_le(span.tsStart.QuadPart, local_now());
    ck_assert_int_eq(span.tsExpiry.QuadPart, INT64_MAX);
    duel_end(&duel);
}
END_TEST

static const struct package {
    const char *asked, *name;
    WORD rpc;
} packages[] = {
    {UNISP_NAME_A, UNISP_NAME_A, UNISP_RPC_ID},
    {SCHANNEL_NAME_A, SCHANNEL_NAME_A, UNISP_RPC_ID},
    {"Default TLS SSP", UNISP_NAME_A, UNISP_RPC_ID},
};

START_TEST(package_is_named)
{
    const struct package *package = &packages[_i];
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};
    SecPkgContext_PackageInfoA narrow;
    SecPkgContext_PackageInfoW wide;
    struct duel duel;

    duel_open(&duel, false, "NORMAL", IDENT_EC);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)package->asked,
                                               SECPKG_CRED_OUTBOUND, NULL, &auth, NULL, NULL,
                                               &duel.ours.cred, NULL),
                     SEC_E_OK);
    duel.ours.cred_open = true;
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_PACKAGE_INFO, &narrow), SEC_E_OK);
    ck_assert_str_eq(narrow.PackageInfo->Name, package->name);
    ck_assert_uint_eq(narrow.PackageInfo->wRPCID, package->rpc);
    ck_assert_uint_eq(narrow.PackageInfo->wVersion, 1);
    ck_assert_uint_gt(narrow.PackageInfo->cbMaxToken, 16384);
    ck_assert(narrow.PackageInfo->fCapabilities & SECPKG_FLAG_STREAM);
    ck_assert_int_eq(QueryContextAttributesW(&duel.ours.ctx, SECPKG_ATTR_PACKAGE_INFO, &wide),
                     SEC_E_OK);
    ck_assert(text_is(wide.PackageInfo->Name, package->name));
    ck_assert(text_is(wide.PackageInfo->Comment, narrow.PackageInfo->Comment));
    ck_assert_uint_eq(wide.PackageInfo->fCapabilities, narrow.PackageInfo->fCapabilities);
    FreeContextBuffer(narrow.PackageInfo);
    FreeContextBuffer(wide.PackageInfo);
    duel_end(&duel);
}
END_TEST

START_TEST(session_is_known_by_its_id)
{
    SecPkgContext_SessionInfo info;
    unsigned char id[32];
    size_t size = sizeof(id);
    struct duel duel;

    duel_meet(&duel, _i, SP_PROT_TLS1_2, V12_NO_TICKETS, IDENT_EC);
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_SESSION_INFO, &info), SEC_E_OK);
    ck_assert_uint_eq(info.dwFlags, 0);
    ck_assert_int_eq(gnutls_session_get_id(duel.theirs.session, id, &size), 0);
    ck_assert_uint_eq(info.cbSessionId, size);
    ck_assert_mem_eq(info.rgbSessionId, id, size);
    duel_end(&duel);
}
END_TEST

#define ALPN_H2 "\x9\0\0\0\2\0\0\0\3\0\2h2"

static const struct extensions {
    bool serves, alpn;
    const char *priority;
    DWORD version;
    unsigned count;
    unsigned short types[4];
} extensions[] = {
    {false, false, "", SP_PROT_TLS1_2, 2, {23, 0xff01, 0, 0}},
    {false, true, "", SP_PROT_TLS1_2, 3, {16, 23, 0xff01, 0}},
    {true, false, "", SP_PROT_TLS1_2, 3, {0, 23, 0xff01, 0}},
    {true, true, "", SP_PROT_TLS1_2, 4, {0, 16, 23, 0xff01}},
    {false, false, ":%NO_SESSION_HASH", SP_PROT_TLS1_2, 1, {0xff01, 0, 0, 0}},
    {false, false, "", SP_PROT_TLS1_3, 0, {0, 0, 0, 0}},
    {false, true, "", SP_PROT_TLS1_3, 1, {16, 0, 0, 0}},
    {true, true, "", SP_PROT_TLS1_3, 2, {0, 16, 0, 0}},
};

START_TEST(extensions_that_were_agreed_upon)
{
    const struct extensions *row = &extensions[_i];
    SecPkgContext_NegotiatedTlsExtensions answer;
    gnutls_datum_t h2 = {(unsigned char *)(uintptr_t) "h2", 2};
    char priority[128];
    struct duel duel;

    snprintf(priority, sizeof(priority), "%s%s", ident_priority(row->version), row->priority);
    duel_begin(&duel, row->serves, row->version, priority, IDENT_EC);
    if (row->serves)
        gnutls_server_name_set(duel.theirs.session, GNUTLS_NAME_DNS, "localhost", 9);
    if (row->alpn) {
        duel.ours.alpn = ALPN_H2;
        duel.ours.alpn_size = sizeof(ALPN_H2) - 1;
        gnutls_alpn_set_protocols(duel.theirs.session, &h2, 1, 0);
    }
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, &answer), SEC_E_OK);
    ck_assert_uint_eq(answer.ExtensionsCount, row->count);
    for (unsigned i = 0; i < row->count; i++)
        ck_assert_uint_eq(answer.Extensions[i], row->types[i]);
    FreeContextBuffer(answer.Extensions);
    duel_end(&duel);
}
END_TEST

/* --- Keys of EAP-TLS ------------------------------------------------------------------------ */

static const char eap_label[] = "client EAP encryption";

/* RFC 5246 5 of no secret: HMAC takes no key for a block of zeros. */
static void expand(gnutls_mac_algorithm_t mac, const uint8_t *seed, size_t size, uint8_t *out,
                   size_t wanted)
{
    static const uint8_t zeros[128];
    size_t block = mac == GNUTLS_MAC_SHA384 ? 128 : 64, length = gnutls_hmac_get_len(mac);
    uint8_t a[64], piece[64], text[256];

    ck_assert_int_eq(gnutls_hmac_fast(mac, zeros, block, seed, size, a), 0);
    for (size_t at = 0; at < wanted; at += length) {
        memcpy(text, a, length);
        memcpy(text + length, seed, size);
        ck_assert_int_eq(gnutls_hmac_fast(mac, zeros, block, text, length + size, piece), 0);
        for (size_t i = 0; i < length && at + i < wanted; i++)
            out[at + i] ^= piece[i];
        ck_assert_int_eq(gnutls_hmac_fast(mac, zeros, block, text, length, a), 0);
    }
}

static const struct eap {
    DWORD protocol;
    const char *priority;
    gnutls_mac_algorithm_t first, second; /* TLS 1.0 and 1.1 use both */
} eaps[] = {
    {SP_PROT_TLS1_0, "NORMAL:-VERS-ALL:+VERS-TLS1.0", GNUTLS_MAC_MD5, GNUTLS_MAC_SHA1},
    {SP_PROT_TLS1_1, "NORMAL:-VERS-ALL:+VERS-TLS1.1", GNUTLS_MAC_MD5, GNUTLS_MAC_SHA1},
    {SP_PROT_TLS1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM", GNUTLS_MAC_SHA256,
     GNUTLS_MAC_UNKNOWN},
    {SP_PROT_TLS1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM", GNUTLS_MAC_SHA384,
     GNUTLS_MAC_UNKNOWN},
};

/* RFC 5216 2.3: the keys of the master secret, the IVs of none. */
START_TEST(eap_keys_of_every_version)
{
    const struct eap *row = &eaps[_i / 2];
    bool serves = _i % 2;
    SecPkgContext_EapKeyBlock block;
    uint8_t seed[sizeof(eap_label) - 1 + 64], ivs[sizeof(block.rgbIVs)] = {0};
    char keys[sizeof(block.rgbKeys)];
    gnutls_datum_t client, server;
    struct duel duel;
    SCHANNEL_CRED auth = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                          .grbitEnabledProtocols = row->protocol,
                          .cCreds = serves};

    duel_open(&duel, serves, row->priority, IDENT_RSA);
    auth.paCred = &duel.ident.cert;
    ck_assert_int_eq(stream_acquire(&duel.ours, &auth), SEC_E_OK);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_EAP_KEY_BLOCK, &block), SEC_E_OK);
    ck_assert_int_eq(gnutls_prf(duel.theirs.session, sizeof(eap_label) - 1, eap_label, 0, 0, NULL,
                                sizeof(keys), keys),
                     0);
    ck_assert_mem_eq(block.rgbKeys, keys, sizeof(keys));
    gnutls_session_get_random(duel.theirs.session, &client, &server);
    memcpy(seed, eap_label, sizeof(eap_label) - 1);
    memcpy(seed + sizeof(eap_label) - 1, client.data, 32);
    memcpy(seed + sizeof(eap_label) - 1 + 32, server.data, 32);
    expand(row->first, seed, sizeof(seed), ivs, sizeof(ivs));
    if (row->second != GNUTLS_MAC_UNKNOWN)
        expand(row->second, seed, sizeof(seed), ivs, sizeof(ivs));
    ck_assert_mem_eq(block.rgbIVs, ivs, sizeof(ivs));
    duel_end(&duel);
}
END_TEST

/* RFC 9190 2.3 has no IVs. */
START_TEST(eap_has_no_ivs_in_tls_1_3)
{
    static const uint8_t zeros[64];
    SecPkgContext_EapKeyBlock block;
    struct duel duel;

    duel_meet(&duel, _i, SP_PROT_TLS1_3, ident_priority(SP_PROT_TLS1_3), IDENT_EC);
    memset(&block, 0xa5, sizeof(block));
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_EAP_KEY_BLOCK, &block), SEC_E_OK);
    ck_assert_mem_eq(block.rgbIVs, zeros, sizeof(block.rgbIVs));
    ck_assert_mem_ne(block.rgbKeys, zeros, sizeof(zeros));
    duel_end(&duel);
}
END_TEST

/* --- Certificates --------------------------------------------------------------------------- */

enum { ROOT_KEY = 1, ISSUER_KEY, LEAF_KEY };

/* A root in a file, where clients look for it, an issuer and an end. */
struct chain {
    gnutls_x509_crt_t root, certs[2];
    char file[DUEL_PATH];
};

static void chain_make(struct chain *chain, const char *name)
{
    const struct certs_form root = {.name = "CN=The Root", .authority = 1};
    const struct certs_form issuer = {.name = "CN=An Issuer", .authority = 1};
    const struct certs_form leaf = {.name = "CN=The End", .alt = name};

    chain->root = certs_make(&root, ROOT_KEY, NULL, 0);
    chain->certs[1] = certs_make(&issuer, ISSUER_KEY, chain->root, ROOT_KEY);
    chain->certs[0] = certs_make(&leaf, LEAF_KEY, chain->certs[1], ISSUER_KEY);
    duel_root(chain->root, chain->file);
}

static void chain_free(struct chain *chain)
{
    unlink(chain->file);
    gnutls_x509_crt_deinit(chain->root);
    gnutls_x509_crt_deinit(chain->certs[0]);
    gnutls_x509_crt_deinit(chain->certs[1]);
}

static void cert_is(PCCERT_CONTEXT cert, gnutls_x509_crt_t expected)
{
    gnutls_datum_t der = certs_der(expected);

    ck_assert_uint_eq(cert->cbCertEncoded, der.size);
    ck_assert_mem_eq(cert->pbCertEncoded, der.data, der.size);
    gnutls_free(der.data);
}

static void remote_is(struct stream *stream, const struct chain *chain)
{
    static const ULONG numbers[] = {SECPKG_ATTR_REMOTE_CERT_CONTEXT, SECPKG_ATTR_REMOTE_CERT_CHAIN};
    gnutls_datum_t first = certs_der(chain->certs[0]), second = certs_der(chain->certs[1]);
    SecPkgContext_Certificates all;
    PCCERT_CONTEXT cert, other;

    for (unsigned i = 0; i < COUNT(numbers); i++) {
        ck_assert_int_eq(query(stream, numbers[i], &cert), SEC_E_OK);
        cert_is(cert, chain->certs[0]);
        other = CertEnumCertificatesInStore(cert->hCertStore, NULL);
        other = CertEnumCertificatesInStore(cert->hCertStore, other);
        ck_assert_ptr_nonnull(other);
        ck_assert_ptr_null(CertEnumCertificatesInStore(cert->hCertStore, other));
        CertFreeCertificateContext(cert);
    }
    ck_assert_int_eq(query(stream, SECPKG_ATTR_REMOTE_CERTIFICATES, &all), SEC_E_OK);
    ck_assert_uint_eq(all.cCertificates, 2);
    ck_assert_uint_eq(all.cbCertificateChain, first.size + second.size);
    ck_assert_mem_eq(all.pbCertificateChain, first.data, first.size);
    ck_assert_mem_eq(all.pbCertificateChain + first.size, second.data, second.size);
    FreeContextBuffer(all.pbCertificateChain);
    gnutls_free(first.data);
    gnutls_free(second.data);
}

static void check_is(struct stream *stream, DWORD trust, HRESULT verdict)
{
    static const ULONG numbers[] = {SECPKG_ATTR_CERT_CHECK_RESULT,
                                    SECPKG_ATTR_CERT_CHECK_RESULT_INPROC};

    for (unsigned i = 0; i < COUNT(numbers); i++) {
        SecPkgContext_CertificateValidationResult result = {1, 1};

        ck_assert_int_eq(query(stream, numbers[i], &result), SEC_E_OK);
        ck_assert_uint_eq(result.dwChainErrorStatus, trust);
        ck_assert_int_eq(result.hrVerifyChainStatus, verdict);
    }
}

/* Looked at and good; looked at by the program; looked at and refused. */
static const struct judged {
    const char *name;
    DWORD flags;
    ULONG auth;
    DWORD trust;
    HRESULT verdict;
} judgeds[] = {
    {"dns:localhost", 0, CREDSSP_SERVER_AUTH_CERTIFICATE, 0, 0},
    {"dns:localhost", SCH_CRED_MANUAL_CRED_VALIDATION, 0, 0, 0},
    {"dns:example.com", SCH_CRED_MANUAL_CRED_VALIDATION, 0, 0, 0},
    {"dns:example.com", 0, 0, 0, CERT_E_CN_NO_MATCH},
};

START_TEST(certificate_of_the_server)
{
    const struct judged *row = &judgeds[_i / 2];
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~versions[_i % 2]};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = row->flags,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    SecPkgContext_CertificateValidationResult result;
    SecPkgContext_Flags flags;
    PCCERT_CONTEXT own;
    struct chain chain;
    struct duel duel;

    chain_make(&chain, row->name);
    memset(&duel, 0, sizeof(duel));
    ident_make(&duel.ident, "CN=nobody", IDENT_EC);
    stream_init(&duel.ours, false);
    bare_open(&duel.theirs, true, ident_priority(versions[_i % 2]), NULL, &duel.ours.in);
    ck_assert_int_eq(
        gnutls_certificate_set_x509_key(duel.theirs.x509, chain.certs, 2, certs_key(LEAF_KEY)), 0);
    ck_assert_int_eq(stream_acquire(&duel.ours, &auth), SEC_E_OK);
    duel_shake(&duel);
    ck_assert_int_eq(duel.ours.status, row->verdict == 0 ? SEC_E_OK : SEC_E_WRONG_PRINCIPAL);
    remote_is(&duel.ours, &chain);
    ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &own), SEC_E_NO_CREDENTIALS);
    if (row->flags & SCH_CRED_MANUAL_CRED_VALIDATION)
        ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_CERT_CHECK_RESULT, &result),
                         SEC_E_UNSUPPORTED_FUNCTION);
    else
        check_is(&duel.ours, row->trust, row->verdict);
    if (row->verdict == 0) {
        ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags), SEC_E_OK);
        ck_assert_uint_eq(flags.Flags, row->auth);
    }
    duel_end(&duel);
    chain_free(&chain);
}
END_TEST

/* What each shows is what the other sees. */
START_TEST(certificates_of_both)
{
    struct ident idents[2];
    struct stream ends[2];
    PCCERT_CONTEXT own, seen;

    ident_make(&idents[0], "CN=client", 3);
    ident_make(&idents[1], "CN=server", 4);
    for (unsigned i = 0; i < 2; i++) {
        stream_init(&ends[i], i == 1);
        ck_assert_int_eq(ident_acquire(&ends[i], versions[_i], &idents[i], 0), SEC_E_OK);
    }
    ends[1].request |= ASC_REQ_MUTUAL_AUTH;
    stream_establish(&ends[0], &ends[1]);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(query(&ends[i], SECPKG_ATTR_LOCAL_CERT_CONTEXT, &own), SEC_E_OK);
        cert_is(own, idents[i].crt);
        ck_assert_int_eq(query(&ends[1 - i], SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen), SEC_E_OK);
        cert_is(seen, idents[i].crt);
        CertFreeCertificateContext(own);
        CertFreeCertificateContext(seen);
    }
    for (unsigned i = 0; i < 2; i++) {
        stream_free(&ends[i]);
        ident_free(&idents[i]);
    }
    certs_end();
}
END_TEST

/* --- What a program sets -------------------------------------------------------------------- */

static char label[] = "EXPORTER-Test";
static UCHAR octets[] = {1, 2, 3};

static const struct setting {
    ULONG attribute;
    SecPkgContext_KeyingMaterialInfo info;
    ULONG size;
    SECURITY_STATUS status;
} settings[] = {
#define INFO sizeof(SecPkgContext_KeyingMaterialInfo)
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {14, label, 0, NULL, 32}, INFO, SEC_E_OK},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {14, label, 3, octets, 32}, INFO + 8, SEC_E_OK},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {13, label, 3, octets, 1}, INFO, SEC_E_OK},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {14, label, 0, NULL, 32}, 0, SEC_E_BUFFER_TOO_SMALL},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {14, NULL, 0, NULL, 32}, INFO, SEC_E_INVALID_PARAMETER},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {14, label, 3, NULL, 32}, INFO, SEC_E_INVALID_PARAMETER},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO, {14, label, 0, NULL, 0}, INFO, SEC_E_INVALID_PARAMETER},
    {SECPKG_ATTR_KEYING_MATERIAL_INFO,
     {14, label, 0, NULL, 0x10000},
     INFO,
     SEC_E_INVALID_PARAMETER},
    {SECPKG_ATTR_KEYING_MATERIAL, {14, label, 0, NULL, 32}, INFO, SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_ATTR_APP_DATA, {14, label, 0, NULL, 32}, INFO, SEC_E_UNSUPPORTED_FUNCTION},
};

START_TEST(settings_of_contexts)
{
    const struct setting *row = &settings[_i / 2];
    SecPkgContext_KeyingMaterialInfo info = row->info;
    SecPkgContext_KeyingMaterial material;
    struct duel duel;

    duel_meet(&duel, false, versions[_i % 2], ident_priority(versions[_i % 2]), IDENT_EC);
    ck_assert_int_eq(SetContextAttributesW(&duel.ours.ctx, row->attribute, &info, row->size),
                     row->status);
    if (row->status == SEC_E_OK) {
        ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_KEYING_MATERIAL, &material), SEC_E_OK);
        ck_assert_uint_eq(material.cbKeyingMaterial, info.cbKeyingMaterial);
        FreeContextBuffer(material.pbKeyingMaterial);
    } else {
        ck_assert_int_eq(query(&duel.ours, SECPKG_ATTR_KEYING_MATERIAL, &material),
                         SEC_E_OUT_OF_SEQUENCE);
    }
    ck_assert_int_eq(SetContextAttributesA(&duel.ours.ctx, row->attribute, NULL, 8),
                     SEC_E_INVALID_PARAMETER);
    duel_end(&duel);
}
END_TEST

/* --- Credentials ---------------------------------------------------------------------------- */

static SECURITY_STATUS acquire(CredHandle *cred, ULONG use, const void *auth)
{
    char package[] = UNISP_NAME_A;

    return AcquireCredentialsHandleA(NULL, package, use, NULL, (void *)(uintptr_t)auth, NULL, NULL,
                                     cred, NULL);
}

static ALG_ID some[] = {CALG_AES_128, CALG_SHA_256, CALG_ECDH_EPHEM};

#define ALL_12_13 (SP_PROT_TLS1_2 | SP_PROT_TLS1_3)

static const struct credential {
    SCHANNEL_CRED older; /* dwVersion 0: the newer one */
    SCH_CREDENTIALS newer;
    DWORD protocols, least, greatest;
    unsigned count;
    ALG_ID algorithms[11];
} credentials[] = {
    {{.dwVersion = 0},
     {.dwVersion = SCH_CREDENTIALS_VERSION},
     ALL_12_13,
     128,
     256,
     8,
     {CALG_AES_256, CALG_AES_128, CALG_SHA_384, CALG_SHA_256, CALG_SHA1, CALG_ECDH_EPHEM,
      CALG_DH_EPHEM, CALG_RSA_KEYX}},
    {{.dwVersion = SCHANNEL_CRED_VERSION}, {.dwVersion = 0}, SP_PROT_TLS1_2, 128, 256, 0, {0}},
    {{.dwVersion = SCHANNEL_CRED_VERSION,
      .grbitEnabledProtocols = SP_PROT_TLS1_0 | SP_PROT_TLS1_1_CLIENT},
     {.dwVersion = 0},
     SP_PROT_TLS1_0 | SP_PROT_TLS1_1_CLIENT,
     128,
     256,
     0,
     {0}},
    {{.dwVersion = SCHANNEL_CRED_VERSION, .dwMinimumCipherStrength = 200},
     {.dwVersion = 0},
     SP_PROT_TLS1_2,
     256,
     256,
     0,
     {0}},
    {{.dwVersion = SCHANNEL_CRED_VERSION, .cSupportedAlgs = COUNT(some), .palgSupportedAlgs = some},
     {.dwVersion = 0},
     SP_PROT_TLS1_2,
     128,
     128,
     3 + 2,
     {CALG_AES_128, CALG_SHA_256, CALG_ECDH_EPHEM, CALG_RSA_SIGN, CALG_ECDSA}},
};

static void algorithms_are(CredHandle *cred, const struct credential *row)
{
    SecPkgCred_SupportedAlgs answer;

    ck_assert_int_eq(QueryCredentialsAttributesA(cred, SECPKG_ATTR_SUPPORTED_ALGS, &answer),
                     SEC_E_OK);
    for (unsigned i = 0; i < row->count; i++) {
        bool found = false;

        for (DWORD at = 0; at < answer.cSupportedAlgs && !found; at++)
            found = answer.palgSupportedAlgs[at] == row->algorithms[i];
        ck_assert_msg(found, "0x%x", row->algorithms[i]);
    }
    for (DWORD at = 0; row->count != 0 && at < answer.cSupportedAlgs; at++) {
        ALG_ID id = answer.palgSupportedAlgs[at];
        bool named = id == CALG_RSA_SIGN || id == CALG_ECDSA; /* signatures are never all gone */

        for (unsigned i = 0; i < row->count && !named; i++)
            named = id == row->algorithms[i];
        ck_assert_msg(named, "0x%x", id);
        for (DWORD other = 0; other < at; other++)
            ck_assert_uint_ne(answer.palgSupportedAlgs[other], id);
    }
    ck_assert_int_eq(FreeContextBuffer(answer.palgSupportedAlgs), SEC_E_OK);
}

START_TEST(attributes_of_credentials)
{
    const struct credential *row = &credentials[_i / 2];
    bool serves = _i % 2;
    SCHANNEL_CRED older = row->older;
    SCH_CREDENTIALS newer = row->newer;
    SecPkgCred_CipherStrengths strengths;
    SecPkgCred_SupportedProtocols protocols;
    struct ident ident;
    CredHandle cred;
    PCCERT_CONTEXT cert;

    ident_make(&ident, "CN=localhost", IDENT_EC);
    older.cCreds = newer.cCreds = serves;
    older.paCred = newer.paCred = &ident.cert;
    ck_assert_int_eq(acquire(&cred, serves ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                             older.dwVersion == 0 ? (void *)&newer : (void *)&older),
                     SEC_E_OK);
    ck_assert_int_eq(
        QueryCredentialsAttributesA(&cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols), SEC_E_OK);
    ck_assert_uint_eq(protocols.grbitProtocol,
                      row->protocols & (serves ? SERVERS : ~(DWORD)SERVERS));
    ck_assert_int_eq(QueryCredentialsAttributesA(&cred, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths),
                     SEC_E_OK);
    ck_assert_uint_eq(strengths.dwMinimumCipherStrength, row->least);
    ck_assert_uint_eq(strengths.dwMaximumCipherStrength, row->greatest);
    algorithms_are(&cred, row);
    ck_assert_int_eq(QueryCredentialsAttributesA(&cred, SECPKG_CRED_ATTR_CERT, &cert),
                     serves ? SEC_E_OK : SEC_E_NO_CREDENTIALS);
    if (serves) {
        cert_is(cert, ident.crt);
        CertFreeCertificateContext(cert);
    }
    ck_assert_int_eq(FreeCredentialsHandle(&cred), SEC_E_OK);
    ident_free(&ident);
    certs_end();
}
END_TEST

static const struct {
    ULONG number, size;
    SECURITY_STATUS status;
} credential_attributes[] = {
    {SECPKG_ATTR_SUPPORTED_ALGS, sizeof(SecPkgCred_SupportedAlgs), SEC_E_OK},
    {SECPKG_ATTR_CIPHER_STRENGTHS, sizeof(SecPkgCred_CipherStrengths), SEC_E_OK},
    {SECPKG_ATTR_SUPPORTED_PROTOCOLS, sizeof(SecPkgCred_SupportedProtocols), SEC_E_OK},
    {SECPKG_CRED_ATTR_CERT, sizeof(PCCERT_CONTEXT), SEC_E_NO_CREDENTIALS},
    {SECPKG_CRED_ATTR_NAMES, sizeof(SecPkgCredentials_NamesA), SEC_E_NO_CREDENTIALS},
};

START_TEST(sizes_of_credential_attributes)
{
    ULONG number = credential_attributes[_i].number, size = credential_attributes[_i].size;
    SECURITY_STATUS status = credential_attributes[_i].status;
    void *room = malloc(size), *list;
    CredHandle cred, none = {0, 0};

    ck_assert_int_eq(acquire(&cred, SECPKG_CRED_OUTBOUND, NULL), SEC_E_OK);
    ck_assert_int_eq(QueryCredentialsAttributesExA(&cred, number, room, size - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(QueryCredentialsAttributesExW(&cred, number, room, size - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(QueryCredentialsAttributesA(&cred, number, NULL), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(QueryCredentialsAttributesA(&none, number, room), SEC_E_INVALID_HANDLE);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(i == 0 ? QueryCredentialsAttributesExA(&cred, number, room, size)
                                : QueryCredentialsAttributesExW(&cred, number, room, size),
                         status);
        if (number == SECPKG_ATTR_SUPPORTED_ALGS) {
            memcpy(&list, (uint8_t *)room + offsetof(SecPkgCred_SupportedAlgs, palgSupportedAlgs),
                   sizeof(list));
            FreeContextBuffer(list);
        }
    }
    ck_assert_int_eq(QueryCredentialsAttributesW(&cred, 0x7fffffff, room),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(QueryCredentialsAttributesExW(&cred, 0x7fffffff, room, size),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(SetCredentialsAttributesW(&cred, number, room, size),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(FreeCredentialsHandle(&cred), SEC_E_OK);
    free(room);
}
END_TEST

/* A server's chain comes from the store that its certificate is in; the root on request only. */
START_TEST(root_is_sent_on_request)
{
    struct chain chain;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    gnutls_x509_crt_t all[3];
    gnutls_privkey_t key;
    gnutls_datum_t der;
    PCCERT_CONTEXT cert = NULL;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = _i ? SCH_SEND_ROOT_CERT : 0,
                            .cCreds = 1,
                            .paCred = &cert};
    const gnutls_datum_t *shown;
    unsigned count = 0;
    struct duel duel;

    chain_make(&chain, "dns:localhost");
    memcpy(all, (gnutls_x509_crt_t[]){chain.root, chain.certs[1], chain.certs[0]}, sizeof(all));
    for (unsigned i = 0; i < 3; i++) {
        der = certs_der(all[i]);
        ck_assert(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, der.size,
                                                   CERT_STORE_ADD_ALWAYS, i == 2 ? &cert : NULL));
        gnutls_free(der.data);
    }
    ck_assert_int_eq(gnutls_privkey_init(&key), 0);
    ck_assert_int_eq(
        gnutls_privkey_import_x509(key, certs_key(LEAF_KEY), GNUTLS_PRIVKEY_IMPORT_COPY), 0);
    ck_assert(cert_context_key_attach(cert, key));
    duel_open(&duel, true, "NORMAL", IDENT_EC);
    ck_assert_int_eq(stream_acquire(&duel.ours, &auth), SEC_E_OK);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    shown = gnutls_certificate_get_peers(duel.theirs.session, &count);
    ck_assert_ptr_nonnull(shown);
    ck_assert_uint_eq(count, _i ? 3 : 2);
    duel_end(&duel);
    CertFreeCertificateContext(cert);
    CertCloseStore(store, 0);
    chain_free(&chain);
}
END_TEST

/* A certificate without its key, with another's, and one that is none. */
START_TEST(certificates_that_are_no_credentials)
{
    struct ident ident, other;
    gnutls_datum_t der;
    gnutls_privkey_t key;
    PCCERT_CONTEXT cert;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1, .paCred = &cert};
    CredHandle cred;

    ident_make(&ident, "CN=localhost", IDENT_EC);
    ident_make(&other, "CN=localhost", 5);
    der = certs_der(ident.crt);
    cert = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    gnutls_free(der.data);
    if (_i / 2 == 1) {
        ck_assert_int_eq(gnutls_privkey_init(&key), 0);
        ck_assert_int_eq(gnutls_privkey_import_x509(key, certs_key(5), GNUTLS_PRIVKEY_IMPORT_COPY),
                         0);
        if (!cert_context_key_attach(cert, key))
            gnutls_privkey_deinit(key);
    } else if (_i / 2 == 2) {
        CertFreeCertificateContext(cert);
        cert = NULL;
    }
    ck_assert_int_eq(acquire(&cred, _i % 2 ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, &auth),
                     SEC_E_NO_CREDENTIALS);
    CertFreeCertificateContext(cert);
    ident_free(&ident);
    ident_free(&other);
    certs_end();
}
END_TEST

/* A key takes long to make: all tests have this process's. */
static void keys_make(void)
{
    certs_key(IDENT_RSA);
}

static Suite *suite(void)
{
    Suite *s = suite_create("TLS queries");
    TCase *tc = tcase_create("times");

    tcase_add_loop_test(tc, attributes_before_the_end, 0, 2 * COUNT(attributes));
    tcase_add_loop_test(tc, attributes_of_a_client, 0, COUNT(attributes));
    tcase_add_loop_test(tc, attributes_after_the_end, 0, 2 * COUNT(attributes));
    tcase_add_test(tc, attributes_that_nobody_has);
    suite_add_tcase(s, tc);
    tc = tcase_create("connection");
    tcase_add_unchecked_fixture(tc, keys_make, certs_end);
    tcase_add_loop_test(tc, lifespan_begins_with_the_connection, 0, 4);
    tcase_add_loop_test(tc, package_is_named, 0, COUNT(packages));
    tcase_add_loop_test(tc, session_is_known_by_its_id, 0, 2);
    tcase_add_loop_test(tc, extensions_that_were_agreed_upon, 0, COUNT(extensions));
    tcase_add_loop_test(tc, eap_keys_of_every_version, 0, 2 * COUNT(eaps));
    tcase_add_loop_test(tc, eap_has_no_ivs_in_tls_1_3, 0, 2);
    suite_add_tcase(s, tc);
    tc = tcase_create("certificates");
    tcase_add_loop_test(tc, certificate_of_the_server, 0, 2 * COUNT(judgeds));
    tcase_add_loop_test(tc, certificates_of_both, 0, 2);
    suite_add_tcase(s, tc);
    tc = tcase_create("settings");
    tcase_add_loop_test(tc, settings_of_contexts, 0, 2 * COUNT(settings));
    suite_add_tcase(s, tc);
    tc = tcase_create("credentials");
    tcase_add_loop_test(tc, attributes_of_credentials, 0, 2 * COUNT(credentials));
    tcase_add_loop_test(tc, root_is_sent_on_request, 0, 2);
    tcase_add_loop_test(tc, certificates_that_are_no_credentials, 0, 6);
    tcase_add_loop_test(tc, sizes_of_credential_attributes, 0, COUNT(credential_attributes));
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
