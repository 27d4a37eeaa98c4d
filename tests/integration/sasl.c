/* SPDX-License-Identifier: MIT */
/*
 * SASL's calls, ours at both ends: profiles, security layers and their sizes, identities to act as,
 * buffers that are too small, and calls in the wrong order.
 */
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* --- Profiles ------------------------------------------------------------------------------- */

static const struct profile {
    const char *name, *package;
} profiles[] = {{"GSSAPI", "Kerberos"}, {"GSS-SPNEGO", "Negotiate"}, {"DIGEST-MD5", "WDigest"}};

static bool has_package(const char *name)
{
    PSecPkgInfoA info;

    if (QuerySecurityPackageInfoA((SEC_CHAR *)(uintptr_t)name, &info) != SEC_E_OK)
        return false;
    FreeContextBuffer(info);
    return true;
}

/* A profile is there when its package is. */
START_TEST(lists_profiles)
{
    LPSTR list;
    LPWSTR wide;
    ULONG count = 99, found = 0;
    const char *at;

    assert_status(SaslEnumerateProfilesA(&list, &count), SEC_E_OK);
    at = list;
    for (int i = 0; i < COUNT(profiles); i++)
        if (has_package(profiles[i].package)) {
            ck_assert_str_eq(at, profiles[i].name);
            at += strlen(at) + 1;
            found++;
        }
    ck_assert_uint_eq(count, found);
    ck_assert_int_eq(*at, '\0');
    assert_status(SaslEnumerateProfilesW(&wide, &count), SEC_E_OK);
    ck_assert_uint_eq(count, found);
    for (const char *c = list; c <= at; c++)
        ck_assert_uint_eq(wide[c - list], (unsigned char)*c);
    FreeContextBuffer(list);
    FreeContextBuffer(wide);
    assert_status(SaslEnumerateProfilesA(NULL, &count), SEC_E_INVALID_PARAMETER);
    assert_status(SaslEnumerateProfilesW(&wide, NULL), SEC_E_INVALID_PARAMETER);
}
END_TEST

static SECURITY_STATUS package_of(const char *name, PSecPkgInfoA *info)
{
    return SaslGetProfilePackageA((LPSTR)(uintptr_t)name, info);
}

START_TEST(knows_packages)
{
    PSecPkgInfoA info;
    PSecPkgInfoW wide;
    SEC_WCHAR *name;

    for (int i = 0; i < COUNT(profiles); i++) {
        if (!has_package(profiles[i].package)) {
            assert_status(package_of(profiles[i].name, &info), SEC_E_SECPKG_NOT_FOUND);
            continue;
        }
        assert_status(package_of(profiles[i].name, &info), SEC_E_OK);
        ck_assert_str_eq(info->Name, profiles[i].package);
        name = wide_text(profiles[i].name, NULL);
        assert_status(SaslGetProfilePackageW(name, &wide), SEC_E_OK);
        ck_assert_uint_eq(wide->cbMaxToken, info->cbMaxToken);
        free(name);
        FreeContextBuffer(wide);
        FreeContextBuffer(info);
    }
    assert_status(package_of("EXTERNAL", &info), SEC_E_SECPKG_NOT_FOUND);
    assert_status(package_of("Kerberos", &info), SEC_E_SECPKG_NOT_FOUND); /* is no mechanism */
    assert_status(package_of("", &info), SEC_E_SECPKG_NOT_FOUND);
    assert_status(package_of(NULL, &info), SEC_E_SECPKG_NOT_FOUND);
    assert_status(package_of("\xff", &info), SEC_E_INVALID_PARAMETER);
    assert_status(package_of("GSSAPI", NULL), SEC_E_INVALID_PARAMETER);
}
END_TEST

/* With exactly these octets, for the sanitizer to see what is read behind them. */
static SECURITY_STATUS identify(const void *data, size_t size, PSecPkgInfoA *info)
{
    void *exact = malloc(size == 0 ? 1 : size);
    SecBuffer token = {(ULONG)size, SECBUFFER_TOKEN, exact};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status;

    ck_assert_ptr_nonnull(exact);
    memcpy(exact, data, size);
    status = SaslIdentifyPackageA(&list, info);
    free(exact);
    return status;
}

static const struct way {
    const char *package, *list, *negotiated, *user;
} ways[] = {{"Kerberos", NULL, "Kerberos", "alice@LOOPBACK.TEST"},
            {"Negotiate", "!ntlm", "Kerberos", "alice@LOOPBACK.TEST"},
            {"Negotiate", "!kerberos", "NTLM", "LOOPBACK\\alice"}};

static void way_acquire(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);

    pair_init(pair);
    pair->sasl = true;
    pair_acquire(pair, way->package, way->list == NULL ? NULL : &id);
}

/* The mechanism's OID ends within the first octets: shorter than that it is nobody's. */
START_TEST(identifies_tokens)
{
    const struct way *way = &ways[_i];
    bool known = false;
    PSecPkgInfoA info;
    struct pair pair;

    way_acquire(&pair, way);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    for (ULONG size = 0; size <= pair.to_server.size; size++) {
        SECURITY_STATUS status = identify(pair.to_server.data, size, &info);

        if (status != SEC_E_OK) {
            assert_status(status, SEC_E_SECPKG_NOT_FOUND);
            ck_assert(!known); /* once enough is there it stays so */
            continue;
        }
        known = true;
        ck_assert_str_eq(info->Name, way->package);
        FreeContextBuffer(info);
    }
    ck_assert(known);
    pair_free(&pair);
}
END_TEST

START_TEST(identifies_others)
{
    static const char digest[] = "charset=utf-8,username=\"alice\"", ntlm[] = "NTLMSSP\0\1\0\0\0";
    static const uint8_t long_form[] = {0x60, 0x88, 0, 0, 0, 0, 0, 0, 0, 9, 6, 6};
    SecBuffer other = {4, SECBUFFER_DATA, (void *)(uintptr_t) "data"}, no_address = {4, 1, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &other};
    PSecPkgInfoA info;
    PSecPkgInfoW wide;

    assert_status(identify(ntlm, sizeof(ntlm), &info), SEC_E_OK);
    ck_assert_str_eq(info->Name, "Negotiate"); /* as Active Directory takes it */
    FreeContextBuffer(info);
    assert_status(identify(digest, strlen(digest), &info),
                  has_package("WDigest") ? SEC_E_OK : SEC_E_SECPKG_NOT_FOUND);
    if (has_package("WDigest"))
        FreeContextBuffer(info);
    assert_status(identify("anything", 8, &info), SEC_E_SECPKG_NOT_FOUND);
    assert_status(identify(long_form, sizeof(long_form), &info), SEC_E_SECPKG_NOT_FOUND);
    assert_status(SaslIdentifyPackageW(&list, &wide), SEC_E_SECPKG_NOT_FOUND); /* no TOKEN */
    assert_status(SaslIdentifyPackageW(NULL, &wide), SEC_E_SECPKG_NOT_FOUND);
    list.pBuffers = &no_address;
    assert_status(SaslIdentifyPackageW(&list, &wide), SEC_E_INVALID_TOKEN);
    other = (SecBuffer){sizeof(ntlm), SECBUFFER_TOKEN, (void *)(uintptr_t)ntlm};
    list.pBuffers = &other;
    assert_status(SaslIdentifyPackageW(&list, &wide), SEC_E_OK);
    ck_assert_uint_eq(wide->Name[0], 'N');
    FreeContextBuffer(wide);
    assert_status(SaslIdentifyPackageW(&list, NULL), SEC_E_INVALID_PARAMETER);
    assert_status(SaslIdentifyPackageA(&list, NULL), SEC_E_INVALID_PARAMETER);
}
END_TEST

/* --- Messages ------------------------------------------------------------------------------- */

struct message {
    unsigned char wire[70000];
    ULONG size;
};

/* Seals size octets; the status of EncryptMessage(). */
static SECURITY_STATUS message_seal(CtxtHandle *from, ULONG qop, ULONG size, struct message *out)
{
    SecPkgContext_Sizes sizes;
    SecBuffer parts[3];
    SecBufferDesc list = {SECBUFFER_VERSION, 3, parts};
    SECURITY_STATUS status = QueryContextAttributesA(from, SECPKG_ATTR_SIZES, &sizes);

    assert_status(status, SEC_E_OK);
    parts[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, out->wire};
    parts[1] = (SecBuffer){size, SECBUFFER_DATA, out->wire + sizes.cbSecurityTrailer};
    parts[2] = (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING,
                           out->wire + sizes.cbSecurityTrailer + size};
    memset(parts[1].pvBuffer, 'x', size);
    status = EncryptMessage(from, qop, &list, 0);
    if (status == SEC_E_OK) {
        ULONG rest = size + parts[2].cbBuffer;

        memmove(out->wire + parts[0].cbBuffer, parts[1].pvBuffer, rest);
        out->size = parts[0].cbBuffer + rest;
    }
    return status;
}

/* Opens it and looks that size octets are in it. */
static SECURITY_STATUS message_open(CtxtHandle *to, struct message *in, ULONG size, ULONG *qop)
{
    SecBuffer parts[] = {{in->size, SECBUFFER_STREAM, in->wire}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status = DecryptMessage(to, &list, 0, qop);

    if (status == SEC_E_OK) {
        ck_assert_uint_eq(parts[1].cbBuffer, size);
        for (ULONG i = 0; i < size; i++)
            ck_assert_uint_eq(((unsigned char *)parts[1].pvBuffer)[i], 'x');
    }
    return status;
}

static void assert_message(CtxtHandle *from, CtxtHandle *to, ULONG qop, ULONG size)
{
    static struct message message;
    ULONG found = 99;

    assert_status(message_seal(from, qop, size, &message), SEC_E_OK);
    assert_status(message_open(to, &message, size, &found), SEC_E_OK);
    ck_assert_uint_eq(found, qop);
}

/* --- Layers --------------------------------------------------------------------------------- */

#define I_CONF  ISC_REQ_CONFIDENTIALITY
#define I_INTEG ISC_REQ_INTEGRITY
#define A_CONF  ASC_REQ_CONFIDENTIALITY
#define A_INTEG ASC_REQ_INTEGRITY
#define PLAIN   SECQOP_WRAP_NO_ENCRYPT

enum { NONE, SIGN, SEAL };

/* What each asks for is the least it takes: the weakest layer that suits both. */
static const struct agreement {
    ULONG isc, asc;
    SECURITY_STATUS client;
    int layer;
} agreements[] = {
    {0, 0, SEC_E_OK, NONE},
    {0, A_INTEG, SEC_E_OK, SIGN},
    {0, A_CONF, SEC_E_OK, SEAL},
    {I_INTEG, 0, SEC_E_OK, SIGN},
    {I_INTEG, A_INTEG, SEC_E_OK, SIGN},
    {I_INTEG, A_CONF, SEC_E_OK, SEAL},
    {I_CONF, 0, SEC_E_OK, SEAL},
    {I_CONF, A_INTEG, SEC_E_OK, SEAL},
    {I_CONF | I_INTEG, A_CONF | A_INTEG, SEC_E_OK, SEAL},
    {ISC_REQ_NO_INTEGRITY, 0, SEC_E_OK, NONE}, /* the agreement itself is signed all the same */
    {ISC_REQ_MUTUAL_AUTH, 0, SEC_E_OK, NONE},
};

static ULONG flags_of(CtxtHandle *context)
{
    SecPkgContext_Flags flags;

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
    return flags.Flags;
}

/* Messages under the layer, and that no others are made. */
static void assert_layer(struct pair *pair, int layer)
{
    static struct message message;
    ULONG right = layer == SEAL ? 0 : PLAIN;

    if (layer == NONE) {
        assert_status(message_seal(&pair->client, 0, 10, &message), SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(message_seal(&pair->server, PLAIN, 10, &message), SEC_E_UNSUPPORTED_FUNCTION);
        message.size = 100;
        assert_status(message_open(&pair->client, &message, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION);
        return;
    }
    assert_status(message_seal(&pair->client, right ^ PLAIN, 10, &message),
                  SEC_E_QOP_NOT_SUPPORTED);
    for (ULONG size = 0; size < 300; size += 23) {
        assert_message(&pair->client, &pair->server, right, size);
        assert_message(&pair->server, &pair->client, right, size);
    }
}

START_TEST(layers)
{
    const struct agreement *agreement = &agreements[_i];
    ULONG both = ISC_RET_INTEGRITY | ISC_RET_CONFIDENTIALITY;
    ULONG a_both = ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY;
    struct pair pair;

    way_acquire(&pair, &ways[0]);
    pair.isc = agreement->isc;
    pair.asc = agreement->asc;
    pair_establish(&pair);
    ck_assert_uint_eq(pair.client_flags & both, agreement->layer == SEAL   ? both
                                                : agreement->layer == SIGN ? ISC_RET_INTEGRITY
                                                                           : 0);
    ck_assert_uint_eq(pair.server_flags & a_both, agreement->layer == SEAL   ? a_both
                                                  : agreement->layer == SIGN ? ASC_RET_INTEGRITY
                                                                             : 0);
    ck_assert_uint_eq(flags_of(&pair.client), pair.client_flags);
    ck_assert_uint_eq(flags_of(&pair.server), pair.server_flags);
    assert_peers(&pair.client, &pair.server, "Kerberos", "alice@LOOPBACK.TEST");
    assert_layer(&pair, agreement->layer);
    pair_free(&pair);
}
END_TEST

/* Under GSS-SPNEGO there is no agreement: the context's own protection is the layer. */
START_TEST(layers_of_spnego)
{
    const struct way *way = &ways[1 + _i]; /* those of Negotiate */
    struct pair pair;
    ULONG size = 7;

    way_acquire(&pair, way);
    pair_establish(&pair);
    ck_assert_int_eq(pair.legs, strcmp(way->negotiated, "NTLM") == 0 ? 3 : 2);
    assert_peers(&pair.client, &pair.server, way->negotiated, way->user);
    assert_message(&pair.client, &pair.server, 0, 1000);
    assert_message(&pair.server, &pair.client, 0, 1000);
    assert_status(
        SaslGetContextOption(&pair.client, SASL_OPTION_SEND_SIZE, &size, sizeof(size), NULL),
        SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(
        SaslSetContextOption(&pair.server, SASL_OPTION_AUTHZ_STRING, (void *)(uintptr_t) "bob", 3),
        SEC_E_UNSUPPORTED_FUNCTION);
    pair_free(&pair);
}
END_TEST

START_TEST(wide_calls)
{
    SEC_WCHAR *target = wide_text("HTTP/localhost", NULL);
    static unsigned char token[PAIR_TOKEN_MAX];
    SecBuffer out = {sizeof(token), SECBUFFER_TOKEN, token};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &out};
    static const SEC_WCHAR broken[] = {0xd800, 0};
    ULONG attributes;
    struct pair pair;

    way_acquire(&pair, &ways[0]);
    assert_status(SaslInitializeSecurityContextW(&pair.client_cred, NULL, target, PAIR_ISC, 0, 0,
                                                 NULL, 0, &pair.client, &list, &attributes, NULL),
                  SEC_I_CONTINUE_NEEDED);
    pair.client_open = true;
    pair.client_status = SEC_I_CONTINUE_NEEDED;
    memcpy(pair.to_server.data, token, out.cbBuffer);
    pair.to_server.size = out.cbBuffer;
    ck_assert(pair_finish(&pair));
    assert_layer(&pair, SEAL);
    assert_status(SaslInitializeSecurityContextW(&pair.client_cred, NULL, (LPWSTR)(uintptr_t)broken,
                                                 0, 0, 0, NULL, 0, &pair.client, &list, &attributes,
                                                 NULL),
                  SEC_E_TARGET_UNKNOWN);
    free(target);
    pair_free(&pair);
}
END_TEST

/* --- Options -------------------------------------------------------------------------------- */

static ULONG option_of(CtxtHandle *context, ULONG option)
{
    ULONG value = 0, needed = 0;

    assert_status(SaslGetContextOption(context, option, &value, sizeof(value), &needed), SEC_E_OK);
    ck_assert_uint_eq(needed, sizeof(value));
    return value;
}

static SECURITY_STATUS option_put(CtxtHandle *context, ULONG option, ULONG value)
{
    return SaslSetContextOption(context, option, &value, sizeof(value));
}

/* Both contexts are there, and nothing has been agreed on yet: the server has waited for a token.
 */
static void both_open(struct pair *pair)
{
    way_acquire(pair, &ways[0]);
    assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(pair->to_client.size, 0);
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
}

static ULONG overhead(CtxtHandle *context)
{
    SecPkgContext_Sizes sizes;

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    return sizes.cbBlockSize + sizes.cbSecurityTrailer + sizes.cbMaxSignature;
}

START_TEST(sizes_by_default)
{
    SecPkgContext_StreamSizes sizes;
    struct pair pair;

    both_open(&pair);
    ck_assert_uint_eq(option_of(&pair.client, SASL_OPTION_SEND_SIZE), 0xffff);
    ck_assert_uint_eq(option_of(&pair.server, SASL_OPTION_RECV_SIZE), 0xffff);
    ck_assert(pair_finish(&pair));
    ck_assert_uint_eq(option_of(&pair.client, SASL_OPTION_SEND_SIZE),
                      0xffff - overhead(&pair.client));
    ck_assert_uint_eq(option_of(&pair.server, SASL_OPTION_RECV_SIZE), 0xffff);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_STREAM_SIZES, &sizes),
                  SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaximumMessage, option_of(&pair.client, SASL_OPTION_SEND_SIZE));
    pair_free(&pair);
}
END_TEST

/* Whose size is the smaller counts; a message that is too long is neither sent nor read. */
static const struct limit {
    ULONG send, receive; /* the client's, the server's */
} limits[] = {{0xffff, 400}, {400, 0xffff}, {0xffffff, 0xffffff}, {2000, 1000}, {1000, 2000}};

START_TEST(sizes_agreed)
{
    const struct limit *limit = &limits[_i];
    ULONG least = limit->send < limit->receive ? limit->send : limit->receive, data;
    static struct message message;
    struct pair pair;

    both_open(&pair);
    assert_status(option_put(&pair.client, SASL_OPTION_SEND_SIZE, limit->send), SEC_E_OK);
    assert_status(option_put(&pair.server, SASL_OPTION_RECV_SIZE, limit->receive), SEC_E_OK);
    ck_assert(pair_finish(&pair));
    data = option_of(&pair.client, SASL_OPTION_SEND_SIZE);
    ck_assert_uint_eq(data, least - overhead(&pair.client));
    if (data < 60000) {
        assert_status(message_seal(&pair.client, 0, data + 1, &message), SEC_E_ENCRYPT_FAILURE);
        assert_message(&pair.client, &pair.server, 0, data);
        ck_assert_uint_le(message.size, limit->receive);
    }
    assert_message(&pair.server, &pair.client, 0, 60000); /* the other way has its own */
    pair_free(&pair);
}
END_TEST

/* A size of nothing offers no layer. */
START_TEST(size_of_nothing)
{
    struct pair pair;

    both_open(&pair);
    pair.asc = 0;
    assert_status(option_put(&pair.server, SASL_OPTION_RECV_SIZE, 0), SEC_E_OK);
    ck_assert(!pair_finish(&pair));
    /* The client asks for a layer; the server's first leg asked for one too. */
    ck_assert(pair.client_status == SEC_E_QOP_NOT_SUPPORTED ||
              pair.server_status == SEC_E_QOP_NOT_SUPPORTED);
    pair_free(&pair);
}
END_TEST

START_TEST(size_of_nothing_without_layer)
{
    struct pair pair;

    way_acquire(&pair, &ways[0]);
    pair.isc = pair.asc = 0;
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    if (_i == 0)
        assert_status(option_put(&pair.server, SASL_OPTION_RECV_SIZE, 0), SEC_E_OK);
    else
        assert_status(option_put(&pair.client, SASL_OPTION_RECV_SIZE, 0), SEC_E_OK);
    ck_assert(pair_finish(&pair));
    assert_layer(&pair, NONE);
    pair_free(&pair);
}
END_TEST

/* What is left beside the mechanism's own octets must be something. */
START_TEST(size_of_too_little)
{
    struct pair pair;

    both_open(&pair);
    assert_status(option_put(&pair.server, SASL_OPTION_RECV_SIZE, 40), SEC_E_OK);
    ck_assert(!pair_finish(&pair));
    assert_status(pair.client_status, SEC_E_QOP_NOT_SUPPORTED);
    assert_native("no room for data");
    pair_free(&pair);
}
END_TEST

START_TEST(options_refused)
{
    ULONG value = 5, needed = 0;
    uint16_t small;
    struct pair pair, plain;

    both_open(&pair);
    assert_status(option_put(&pair.client, SASL_OPTION_SEND_SIZE, 0x1000000),
                  SEC_E_INVALID_PARAMETER);
    assert_status(option_put(&pair.client, SASL_OPTION_RECV_SIZE, 0xffffffff),
                  SEC_E_INVALID_PARAMETER);
    assert_status(option_put(&pair.client, SASL_OPTION_AUTHZ_PROCESSING, 2),
                  SEC_E_INVALID_PARAMETER);
    for (ULONG option = 0; option < 9; option += option == 0 ? 5 : 1) {
        assert_status(option_put(&pair.client, option, 1), SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(SaslGetContextOption(&pair.client, option, &value, sizeof(value), NULL),
                      SEC_E_UNSUPPORTED_FUNCTION);
    }
    assert_status(SaslSetContextOption(&pair.client, SASL_OPTION_RECV_SIZE, &small, sizeof(small)),
                  SEC_E_BUFFER_TOO_SMALL);
    assert_status(SaslSetContextOption(&pair.client, SASL_OPTION_RECV_SIZE, NULL, 4),
                  SEC_E_INVALID_PARAMETER);
    assert_status(
        SaslGetContextOption(&pair.client, SASL_OPTION_RECV_SIZE, &small, sizeof(small), &needed),
        SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(needed, sizeof(ULONG));
    assert_status(SaslGetContextOption(&pair.client, SASL_OPTION_RECV_SIZE, NULL, 4, NULL),
                  SEC_E_INVALID_PARAMETER);
    assert_status(SaslGetContextOption(NULL, SASL_OPTION_RECV_SIZE, &value, 4, NULL),
                  SEC_E_INVALID_HANDLE);
    assert_status(option_put(NULL, SASL_OPTION_RECV_SIZE, 4), SEC_E_INVALID_HANDLE);
    ck_assert(pair_finish(&pair));
    for (ULONG option = SASL_OPTION_SEND_SIZE; option <= SASL_OPTION_AUTHZ_PROCESSING; option++)
        assert_status(option_put(&pair.client, option, 1), SEC_E_OUT_OF_SEQUENCE);
    pair_free(&pair);
    /* A context that is not SASL's has none. */
    pair_init(&plain);
    pair_acquire(&plain, "Kerberos", NULL);
    pair_establish(&plain);
    assert_status(option_put(&plain.client, SASL_OPTION_SEND_SIZE, 100), SEC_E_INVALID_HANDLE);
    assert_status(SaslGetContextOption(&plain.client, SASL_OPTION_SEND_SIZE, &value, 4, NULL),
                  SEC_E_INVALID_HANDLE);
    pair_free(&plain);
}
END_TEST

/* --- Whom the client wants to act as -------------------------------------------------------- */

static SECURITY_STATUS authz_put(CtxtHandle *context, const char *text)
{
    return SaslSetContextOption(context, SASL_OPTION_AUTHZ_STRING, (void *)(uintptr_t)text,
                                (ULONG)strlen(text));
}

START_TEST(authz_reaches_the_server)
{
    static const char *const names[] = {"bob", "", "u:bob", "J\xc3\xbcrgen", "dn:cn=a,dc=test"};
    char text[64];
    ULONG needed = 99;
    struct pair pair;

    both_open(&pair);
    assert_status(authz_put(&pair.client, "somebody else"), SEC_E_OK); /* the last counts */
    assert_status(authz_put(&pair.client, names[_i]), SEC_E_OK);
    ck_assert(pair_finish(&pair));
    assert_status(
        SaslGetContextOption(&pair.server, SASL_OPTION_AUTHZ_STRING, text, sizeof(text), &needed),
        SEC_E_OK);
    ck_assert_uint_eq(needed, strlen(names[_i]));
    ck_assert_mem_eq(text, names[_i], needed);
    if (needed != 0)
        assert_status(
            SaslGetContextOption(&pair.server, SASL_OPTION_AUTHZ_STRING, text, needed - 1, &needed),
            SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(needed, strlen(names[_i]));
    ck_assert_str_eq(context_user(&pair.server),
                     "alice@LOOPBACK.TEST"); /* that is another matter */
    pair_free(&pair);
}
END_TEST

START_TEST(authz_forbidden_by_the_server)
{
    char text[8];
    struct pair pair;

    both_open(&pair);
    assert_status(option_put(&pair.server, SASL_OPTION_AUTHZ_PROCESSING, Sasl_AuthZIDForbidden),
                  SEC_E_OK);
    if (_i == 0)
        assert_status(authz_put(&pair.client, "bob"), SEC_E_OK);
    ck_assert(pair_finish(&pair) == (_i != 0));
    assert_status(pair.server_status, _i == 0 ? SEC_E_ALGORITHM_MISMATCH : SEC_E_OK);
    assert_status(
        SaslGetContextOption(&pair.server, SASL_OPTION_AUTHZ_STRING, text, sizeof(text), NULL),
        SEC_E_UNSUPPORTED_FUNCTION);
    pair_free(&pair);
}
END_TEST

START_TEST(authz_refused_by_the_client)
{
    static const char nul[] = {'b', 0, 'b'};
    struct pair pair;

    both_open(&pair);
    assert_status(authz_put(&pair.client, "\xc3"), SEC_E_INVALID_PARAMETER);
    assert_status(SaslSetContextOption(&pair.client, SASL_OPTION_AUTHZ_STRING,
                                       (void *)(uintptr_t)nul, sizeof(nul)),
                  SEC_E_INVALID_PARAMETER);
    assert_status(authz_put(&pair.server, "bob"), SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(authz_put(&pair.client, "bob"), SEC_E_OK);
    assert_status(option_put(&pair.client, SASL_OPTION_AUTHZ_PROCESSING, Sasl_AuthZIDForbidden),
                  SEC_E_OK);
    assert_status(authz_put(&pair.client, "eve"), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert(!pair_finish(&pair));
    assert_status(pair.client_status, SEC_E_ALGORITHM_MISMATCH);
    pair_free(&pair);
}
END_TEST

/* --- Order ---------------------------------------------------------------------------------- */

/* A SASL context goes on by SASL's calls, another one by the others. */
START_TEST(calls_mixed)
{
    struct pair pair;

    both_open(&pair);
    pair.sasl = false;
    assert_status(pair_accept(&pair), SEC_E_INVALID_HANDLE);
    assert_status(pair_initialize(&pair), SEC_E_INVALID_HANDLE);
    pair_close(&pair);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    pair.sasl = true;
    assert_status(pair_initialize(&pair), SEC_E_INVALID_HANDLE);
    pair_free(&pair);
}
END_TEST

START_TEST(calls_too_early)
{
    static struct message message;
    SecPkgContext_Sizes sizes;
    SecBuffer parts[] = {{60, SECBUFFER_TOKEN, message.wire}, {4, SECBUFFER_DATA, message.wire}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SecBuffer packed;
    void *token;
    struct pair pair;

    both_open(&pair);
    assert_status(QueryContextAttributesA(&pair.server, SECPKG_ATTR_SIZES, &sizes),
                  SEC_E_INVALID_HANDLE);
    assert_status(SetContextAttributesA(&pair.server, SECPKG_ATTR_SIZES, &sizes, sizeof(sizes)),
                  SEC_E_INVALID_HANDLE);
    assert_status(ApplyControlToken(&pair.server, &list), SEC_E_INVALID_HANDLE);
    assert_status(CompleteAuthToken(&pair.server, &list), SEC_E_OK);
    for (;;) { /* the mechanism's part may be over, but the agreement is not */
        assert_status(EncryptMessage(&pair.server, 0, &list, 0), SEC_E_INVALID_HANDLE);
        assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_INVALID_HANDLE);
        assert_status(QuerySecurityContextToken(&pair.server, &token), SEC_E_INVALID_HANDLE);
        assert_status(ExportSecurityContext(&pair.server, 0, &packed, NULL), SEC_E_INVALID_HANDLE);
        if (pair_accept(&pair) != SEC_I_CONTINUE_NEEDED)
            break;
        ck_assert_int_ge(pair_initialize(&pair), 0);
    }
    assert_status(pair.server_status, SEC_E_OK);
    assert_status(QuerySecurityContextToken(&pair.server, &token), SEC_E_OK);
    CloseHandle(token);
    pair_free(&pair);
}
END_TEST

/* After the end, and with the other role's call; the context stays as it is. */
START_TEST(calls_too_late)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &out};
    ULONG attributes;
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    pair_establish(&pair);
    assert_status(pair_accept(&pair), SEC_E_OUT_OF_SEQUENCE);
    pair.to_client.size = 9;
    assert_status(pair_initialize(&pair), SEC_E_OUT_OF_SEQUENCE);
    pair.to_client.size = 0; /* a server that has nothing to say and asks is told as much */
    assert_status(pair_initialize(&pair), SEC_E_OK);
    ck_assert_uint_eq(pair.to_server.size, 0);
    assert_status(SaslAcceptSecurityContext(NULL, &pair.client, NULL, 0, 0, &pair.client, &list,
                                            &attributes, NULL),
                  SEC_E_INVALID_HANDLE);
    assert_message(&pair.client, &pair.server, 0, 100);
    pair_free(&pair);
}
END_TEST

/* A server asks for the missing first token once; a client has to have an offer. */
START_TEST(tokens_missing)
{
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_E_INVALID_TOKEN);
    assert_status(pair_accept(&pair), SEC_E_CONTEXT_EXPIRED);
    if (_i == 0) {
        pair_close(&pair);
        assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
        for (int i = 0; i < 3; i++) { /* AP-REQ; nothing, and the offer */
            ck_assert_int_ge(pair_accept(&pair), 0);
            if (i == 1)
                break;
            ck_assert_int_ge(pair_initialize(&pair), 0);
        }
        pair.to_client.size = 0;
        assert_status(pair_initialize(&pair), SEC_E_INVALID_TOKEN);
        assert_native("offers no layer");
        pair.to_server.size = 0;
        assert_status(pair_accept(&pair), SEC_E_INVALID_TOKEN);
        assert_native("chooses no layer");
    }
    pair_free(&pair);
}
END_TEST

/* The client's answer to the last token of the mechanism is empty. */
START_TEST(tokens_superfluous)
{
    struct pair pair;

    way_acquire(&pair, &ways[0]);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(pair.to_server.size, 0);
    pair.to_server.size = 3;
    assert_status(pair_accept(&pair), SEC_E_INVALID_TOKEN);
    assert_status(pair_accept(&pair), SEC_E_CONTEXT_EXPIRED);
    pair_free(&pair);
}
END_TEST

/* Packages that serve no mechanism, credentials for the other role, no credential. */
START_TEST(credentials_unfit)
{
    struct pair pair;

    pair_init(&pair);
    pair.sasl = true;
    pair_acquire(&pair, "NTLM", NULL);
    assert_status(pair_initialize(&pair), SEC_E_SECPKG_NOT_FOUND);
    ck_assert(!pair.client_open);
    pair.to_server.size = 8;
    assert_status(pair_accept(&pair), SEC_E_SECPKG_NOT_FOUND);
    pair_free(&pair);
    way_acquire(&pair, &ways[0]);
    {
        CredHandle client = pair.client_cred;

        pair.client_cred = pair.server_cred;
        assert_status(pair_initialize(&pair), SEC_E_NO_CREDENTIALS);
        pair.client_cred = client;
    }
    pair.target = "nosuch/localhost";
    assert_status(pair_initialize(&pair), SEC_E_TARGET_UNKNOWN);
    ck_assert(!pair.client_open);
    pair_free(&pair);
}
END_TEST

/* --- Room ----------------------------------------------------------------------------------- */

/* One leg with so much room; the token of the other side goes in. */
static SECURITY_STATUS leg_with(struct pair *pair, bool client, ULONG room, SecBuffer *out)
{
    struct pair_token *from = client ? &pair->to_client : &pair->to_server;
    struct pair_token *to = client ? &pair->to_server : &pair->to_client;
    SecBuffer in = {from->size, SECBUFFER_TOKEN, from->data};
    SecBufferDesc inputs = {SECBUFFER_VERSION, 1, &in}, outputs = {SECBUFFER_VERSION, 1, out};
    bool *open = client ? &pair->client_open : &pair->server_open;
    CtxtHandle *context = client ? &pair->client : &pair->server;
    SECURITY_STATUS status;
    ULONG attributes;

    *out = (SecBuffer){room, SECBUFFER_TOKEN, to->data};
    status = client
                 ? SaslInitializeSecurityContextA(&pair->client_cred, *open ? context : NULL,
                                                  (LPSTR)(uintptr_t)pair->target, pair->isc, 0, 0,
                                                  &inputs, 0, context, &outputs, &attributes, NULL)
                 : SaslAcceptSecurityContext(&pair->server_cred, *open ? context : NULL, &inputs,
                                             pair->asc, 0, context, &outputs, &attributes, NULL);
    *open = *open || status >= 0 || status == SEC_E_BUFFER_TOO_SMALL;
    return status;
}

/* Each leg is called with no room first, and says how much it needs. */
static SECURITY_STATUS leg_twice(struct pair *pair, bool client)
{
    SecBuffer out;
    SECURITY_STATUS status = leg_with(pair, client, 0, &out);

    if (status == SEC_E_BUFFER_TOO_SMALL) {
        ULONG needed = out.cbBuffer;

        ck_assert_uint_gt(needed, 0);
        assert_status(leg_with(pair, client, needed - 1, &out), SEC_E_BUFFER_TOO_SMALL);
        status = leg_with(pair, client, needed, &out);
        ck_assert_uint_eq(out.cbBuffer, needed);
    }
    (client ? &pair->to_server : &pair->to_client)->size = out.cbBuffer;
    return status;
}

START_TEST(room_too_small)
{
    SECURITY_STATUS client = SEC_I_CONTINUE_NEEDED, server = SEC_I_CONTINUE_NEEDED;
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    for (int i = 0; i < PAIR_LEGS_MAX && (client != SEC_E_OK || server != SEC_E_OK); i++) {
        if (client != SEC_E_OK)
            ck_assert_int_ge(client = leg_twice(&pair, true), 0);
        if (server != SEC_E_OK)
            ck_assert_int_ge(server = leg_twice(&pair, false), 0);
    }
    assert_status(client, SEC_E_OK);
    assert_status(server, SEC_E_OK);
    assert_message(&pair.client, &pair.server, 0, 100);
    pair_free(&pair);
}
END_TEST

START_TEST(room_allocated)
{
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    pair.isc |= ISC_REQ_ALLOCATE_MEMORY;
    pair.asc |= ASC_REQ_ALLOCATE_MEMORY;
    pair_establish(&pair);
    assert_message(&pair.client, &pair.server, 0, 100);
    pair_free(&pair);
}
END_TEST

/* --- The handle ----------------------------------------------------------------------------- */

/* It is good for every call on a context; what is exported is the package's. */
START_TEST(handle_is_a_context)
{
    SecBuffer packed;
    CtxtHandle imported;
    struct pair pair;

    way_acquire(&pair, &ways[0]);
    pair_establish(&pair);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    assert_status(
        ExportSecurityContext(&pair.server, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, NULL),
        SEC_E_OK);
    pair.server_open = false;
    assert_status(
        ImportSecurityContextA((SEC_CHAR *)(uintptr_t) "Kerberos", &packed, NULL, &imported),
        SEC_E_OK);
    assert_message(&pair.client, &imported, 0, 100);
    FreeContextBuffer(packed.pvBuffer);
    assert_status(DeleteSecurityContext(&imported), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/* The credential may go first, as with other contexts. */
START_TEST(credential_goes_first)
{
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(FreeCredentialsHandle(&pair.server_cred), SEC_E_OK);
    pair.server_cred_open = false;
    for (int i = 0; i < PAIR_LEGS_MAX && pair.client_status != SEC_E_OK; i++) {
        SecBuffer in = {0, SECBUFFER_TOKEN, pair.to_server.data};
        SecBuffer out = {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair.to_client.data};
        SecBufferDesc inputs = {SECBUFFER_VERSION, 1, &in}, outputs = {SECBUFFER_VERSION, 1, &out};
        ULONG attributes;

        ck_assert_int_ge(pair_initialize(&pair), 0);
        in.cbBuffer = pair.to_server.size;
        ck_assert_int_ge(SaslAcceptSecurityContext(NULL, &pair.server, &inputs, pair.asc, 0, NULL,
                                                   &outputs, &attributes, NULL),
                         0);
        pair.to_client.size = out.cbBuffer;
    }
    assert_message(&pair.client, &pair.server, 0, 100);
    pair_free(&pair);
}
END_TEST

/* --- DIGEST-MD5 ----------------------------------------------------------------------------- */

/* MD5 of alice:test:pass. */
static SECURITY_STATUS find_alice(void *argument, const char *user, const char *realm,
                                  const char *algorithm, unsigned char *hash, size_t size)
{
    static const unsigned char right[] = {0x8d, 0x67, 0xe4, 0x87, 0xa9, 0x2c, 0x59, 0xbf,
                                          0xa4, 0x71, 0x70, 0x52, 0xd3, 0x45, 0xef, 0xf7};

    (void)argument;
    (void)algorithm;
    if (strcmp(user, "alice") != 0 || strcmp(realm, "test") != 0 || size != sizeof(right))
        return SEC_E_LOGON_DENIED;
    memcpy(hash, right, size);
    return SEC_E_OK;
}

static void digest_acquire(struct pair *pair)
{
    struct sspi_digest_server settings = {.realm = "test", .find = find_alice};
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_a("alice", "test", "pass");

    pair_init(pair);
    pair->sasl = true;
    pair->target = "ldap/localhost";
    pair->isc = ISC_REQ_INTEGRITY | ISC_REQ_MUTUAL_AUTH;
    pair->asc = ASC_REQ_INTEGRITY;
    pair_acquire(pair, "WDigest", &alice);
    assert_status(SetCredentialsAttributesA(&pair->server_cred, SSPI_CRED_ATTR_DIGEST_SERVER,
                                            &settings, sizeof(settings)),
                  SEC_E_OK);
}

/* The server speaks first; these are the challenge, the response, and the server's proof. */
static SECURITY_STATUS digest_leg(struct pair *pair, int leg)
{
    return leg % 2 == 0 ? pair_accept(pair) : pair_initialize(pair);
}

#define DIGEST_LEGS 4 /* calls: the last takes the proof */

static struct pair_token *digest_token(struct pair *pair, int leg)
{
    return leg % 2 == 0 ? &pair->to_client : &pair->to_server;
}

START_TEST(digest_exchange)
{
    unsigned char signature[16], text[] = "text";
    SecBuffer parts[] = {{sizeof(signature), SECBUFFER_TOKEN, signature},
                         {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    ULONG size;
    struct pair pair;

    digest_acquire(&pair);
    for (int leg = 0; leg < DIGEST_LEGS; leg++)
        ck_assert_int_ge(digest_leg(&pair, leg), 0);
    assert_status(pair.client_status, SEC_E_OK);
    assert_status(pair.server_status, SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(context_user(&pair.server), "alice"));
    assert_status(MakeSignature(&pair.client, 0, &list, 0), SEC_E_OK);
    assert_status(VerifySignature(&pair.server, &list, 0, NULL), SEC_E_OK);
    assert_status(SaslGetContextOption(&pair.server, SASL_OPTION_SEND_SIZE, &size, 4, NULL),
                  SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(pair_accept(&pair), SEC_E_OUT_OF_SEQUENCE);
    pair_free(&pair);
}
END_TEST

/*
 * What comes of a token that is not as it was sent: the end, or what would have come anyway. The
 * token's size.
 */
static ULONG digest_altered(struct pair *pair, int leg, ULONG change)
{
    struct pair_token *token = digest_token(pair, leg);
    ULONG size;

    for (int before = 0; before <= leg; before++)
        ck_assert_int_ge(digest_leg(pair, before), 0);
    size = token->size;
    if (change < 8 * size)
        token->data[change / 8] ^= (unsigned char)(1U << change % 8);
    else
        token->size = change - 8 * size;
    for (int after = leg + 1; after < DIGEST_LEGS; after++)
        if (digest_leg(pair, after) < 0)
            break;
    if (pair->server_open && pair->server_status == SEC_E_OK)
        ck_assert_ptr_nonnull(strstr(context_user(&pair->server), "alice"));
    return size;
}

/* RFC 2831 2.1: a directive that is not known, as an altered name makes it, is passed over. */
START_TEST(digest_tokens_altered)
{
    unsigned refused = 0, all = 0;
    struct pair pair;

    digest_acquire(&pair);
    for (ULONG change = 0, size = 1; change < 9 * size; change++, all++) {
        size = digest_altered(&pair, _i, change);
        refused += pair.client_status < 0 || pair.server_status < 0;
        pair_close(&pair);
    }
    ck_assert_uint_gt(refused, all / 2);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sasl");

    suite_add(s, lists_profiles, 1);
    suite_add(s, knows_packages, 1);
    suite_add(s, identifies_tokens, COUNT(ways));
    suite_add(s, identifies_others, 1);
    suite_add(s, layers, COUNT(agreements));
    suite_add(s, wide_calls, 1);
    suite_add(s, sizes_by_default, 1);
    suite_add(s, sizes_agreed, COUNT(limits));
    suite_add(s, size_of_nothing, 1);
    suite_add(s, size_of_nothing_without_layer, 2);
    suite_add(s, size_of_too_little, 1);
    suite_add(s, options_refused, 1);
    suite_add(s, authz_reaches_the_server, 5);
    suite_add(s, authz_forbidden_by_the_server, 2);
    suite_add(s, authz_refused_by_the_client, 1);
    suite_add(s, calls_mixed, 1);
    suite_add(s, calls_too_early, 1);
    suite_add(s, calls_too_late, COUNT(ways));
    suite_add(s, tokens_missing, COUNT(ways));
    suite_add(s, tokens_superfluous, 1);
    suite_add(s, credentials_unfit, 1);
    suite_add(s, room_too_small, COUNT(ways));
    suite_add(s, room_allocated, COUNT(ways));
    suite_add(s, handle_is_a_context, 1);
    suite_add(s, credential_goes_first, 1);
    if (has_package("WDigest")) {
        suite_add(s, digest_exchange, 1);
        suite_add(s, digest_tokens_altered, DIGEST_LEGS - 1);
    }
    suite_add(s, layers_of_spnego, COUNT(ways) - 1);
    return s;
}

CHECK_MAIN(suite)
