/* SPDX-License-Identifier: MIT */
/*
 * Attributes of contexts and credentials: which can be had from whom and when, what they hold, and
 * that a refusal leaves the buffer alone.
 */
#include <sspi.h>
#include <credssp.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct way {
    const char *package, *list;
    bool ntlm;
} ways[] = {
    {"Kerberos", NULL, false},
    {"NTLM", NULL, true},
    {"Negotiate", NULL, false},
    {"Negotiate", "!kerberos", true},
};

static void open_way(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(way->list);

    pair_init(pair);
    pair_acquire(pair, way->package, way->list != NULL ? &list : NULL);
}

/* --- The table ------------------------------------------------------------------------------ */

/*
 * One letter for each of: Kerberos' client and server, NTLM's client and server, a client and a
 * server before the end. Y: yes; U: SEC_E_UNSUPPORTED_FUNCTION; H: SEC_E_INVALID_HANDLE.
 */
static const struct row {
    ULONG attribute;
    const char *expected;
    ULONG size; /* of its structure; 0: no package here has it */
} rows[] = {
    {SECPKG_ATTR_SIZES, "YYYYHH", sizeof(SecPkgContext_Sizes)},
    {SECPKG_ATTR_NAMES, "YYYYHH", sizeof(SecPkgContext_NamesA)},
    {SECPKG_ATTR_LIFESPAN, "YYYYHH", sizeof(SecPkgContext_Lifespan)},
    {SECPKG_ATTR_DCE_INFO, "YYYYHH", sizeof(SecPkgContext_DceInfo)},
    {SECPKG_ATTR_STREAM_SIZES, "YYUUHH", sizeof(SecPkgContext_StreamSizes)},
    {SECPKG_ATTR_KEY_INFO, "YYYYHH", sizeof(SecPkgContext_KeyInfoA)},
    {SECPKG_ATTR_AUTHORITY, "YYYYHH", sizeof(SecPkgContext_AuthorityA)},
    {SECPKG_ATTR_PASSWORD_EXPIRY, "UUUUHU",
     sizeof(SecPkgContext_PasswordExpiry)}, /* nobody here has logged on by password */
    {SECPKG_ATTR_SESSION_KEY, "YYYYHH", sizeof(SecPkgContext_SessionKey)},
    {SECPKG_ATTR_PACKAGE_INFO, "YYYYYY", sizeof(SecPkgContext_PackageInfoA)},
    {SECPKG_ATTR_NEGOTIATION_INFO, "YYYYYY", sizeof(SecPkgContext_NegotiationInfoA)},
    {SECPKG_ATTR_NATIVE_NAMES, "YYYYHH", sizeof(SecPkgContext_NativeNamesA)},
    {SECPKG_ATTR_FLAGS, "YYYYHH", sizeof(SecPkgContext_Flags)},
    {SECPKG_ATTR_TARGET_INFORMATION, "YUYUYU", sizeof(SecPkgContext_TargetInformation)},
    {SECPKG_ATTR_ACCESS_TOKEN, "UYUYUH", sizeof(SecPkgContext_AccessToken)},
    {SECPKG_ATTR_TARGET, "YUYUYU", sizeof(SecPkgContext_Target)},
    {SECPKG_ATTR_AUTHENTICATION_ID, "YYYYHH", sizeof(SecPkgContext_AuthzID)},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, "UYUUUH", sizeof(SecPkgContext_ClientSpecifiedTarget)},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, "UYUYUY", sizeof(SecPkgContext_LastClientTokenStatus)},
    {SECPKG_ATTR_USER_FLAGS, "UUUUUU", 0},
    {SECPKG_ATTR_PROTO_INFO, "UUUUUU", 0},
    {SECPKG_ATTR_USE_VALIDATED, "UUUUUU", 0},
    {SECPKG_ATTR_CREDENTIAL_NAME, "UUUUUU", 0},
    {SECPKG_ATTR_LOGOFF_TIME, "UUUUUU", 0},
    {SECPKG_ATTR_UNIQUE_BINDINGS, "UUUUUU", sizeof(SecPkgContext_Bindings)},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, "UUUUUU", sizeof(SecPkgContext_Bindings)},
    {SECPKG_ATTR_CREDS, "UUUUUU", sizeof(SecPkgContext_ClientCreds)},
    {SECPKG_ATTR_CONNECTION_INFO, "UUUUUU", sizeof(SecPkgContext_ConnectionInfo)},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, "UUUUUU", sizeof(PCCERT_CONTEXT)},
    {0x7654, "UUUUUU", 0},
    {0xffffffff, "UUUUUU", 0},
};

static SECURITY_STATUS status_of(char letter)
{
    return letter == 'Y'   ? SEC_E_OK
           : letter == 'U' ? SEC_E_UNSUPPORTED_FUNCTION
                           : SEC_E_INVALID_HANDLE;
}

#define FILL 0xa5

/* Whatever a buffer was given, freed. All that is text or a copy comes first in its structure. */
static void result_free(ULONG attribute, void *buffer)
{
    PSecPkgContext_NativeNamesA names = buffer;
    PSecPkgContext_KeyInfoA key = buffer;

    switch (attribute) {
    case SECPKG_ATTR_NATIVE_NAMES:
        FreeContextBuffer(names->sClientName);
        FreeContextBuffer(names->sServerName);
        break;
    case SECPKG_ATTR_KEY_INFO:
        FreeContextBuffer(key->sSignatureAlgorithmName);
        FreeContextBuffer(key->sEncryptAlgorithmName);
        break;
    case SECPKG_ATTR_NAMES:
    case SECPKG_ATTR_AUTHORITY:
    case SECPKG_ATTR_PACKAGE_INFO:
    case SECPKG_ATTR_NEGOTIATION_INFO:
    case SECPKG_ATTR_CLIENT_SPECIFIED_TARGET:
        FreeContextBuffer(*(void **)buffer);
        break;
    case SECPKG_ATTR_SESSION_KEY:
        FreeContextBuffer(((PSecPkgContext_SessionKey)buffer)->SessionKey);
        break;
    case SECPKG_ATTR_DCE_INFO:
        FreeContextBuffer(((PSecPkgContext_DceInfo)buffer)->pPac);
        break;
    case SECPKG_ATTR_TARGET_INFORMATION:
        FreeContextBuffer(((PSecPkgContext_TargetInformation)buffer)->MarshalledTargetInfo);
        break;
    case SECPKG_ATTR_TARGET:
        FreeContextBuffer(((PSecPkgContext_Target)buffer)->Target);
        break;
    case SECPKG_ATTR_AUTHENTICATION_ID:
        FreeContextBuffer(((PSecPkgContext_AuthzID)buffer)->AuthzID);
        break;
    case SECPKG_ATTR_ACCESS_TOKEN:
        ck_assert(CloseHandle(((PSecPkgContext_AccessToken)buffer)->AccessToken));
        break;
    }
}

union room {
    unsigned char octets[256];
    void *align;
};

static SECURITY_STATUS query(CtxtHandle *context, ULONG attribute, union room *room, ULONG size,
                             int form)
{
    memset(room, FILL, sizeof(*room));
    switch (form) {
    case 0:
        return QueryContextAttributesA(context, attribute, room);
    case 1:
        return QueryContextAttributesW(context, attribute, room);
    case 2:
        return QueryContextAttributesExA(context, attribute, room, size);
    default:
        return QueryContextAttributesExW(context, attribute, room, size);
    }
}

static void assert_untouched(const union room *room, size_t from)
{
    for (size_t i = from; i < sizeof(*room); i++)
        ck_assert_uint_eq(room->octets[i], FILL);
}

/* One attribute in every form of the call; nothing is written behind its structure. */
static void ask(CtxtHandle *context, const struct row *row, int column, const char *where)
{
    SECURITY_STATUS expected = status_of(row->expected[column]), got;
    union room room;

    for (int form = 0; form < 4; form++) {
        ULONG size = row->size != 0 ? row->size : sizeof(room);

        got = query(context, row->attribute, &room, size, form);
        ck_assert_msg(got == expected, "%s, attribute 0x%x, form %d: %s, not %s; %s", where,
                      (unsigned)row->attribute, form, sspi_status_name(got),
                      sspi_status_name(expected), sspi_native_error());
        assert_untouched(&room, got == SEC_E_OK ? row->size : 0);
        if (got == SEC_E_OK)
            result_free(row->attribute, &room);
        if (form < 2)
            continue;
        got = query(context, row->attribute, &room, size - 1, form);
        ck_assert_msg(got == (row->size != 0 ? SEC_E_BUFFER_TOO_SMALL : SEC_E_UNSUPPORTED_FUNCTION),
                      "%s, attribute 0x%x in %u octets: %s", where, (unsigned)row->attribute,
                      (unsigned)size - 1, sspi_status_name(got));
        assert_untouched(&room, 0);
    }
}

START_TEST(table)
{
    const struct way *way = &ways[_i];
    struct pair pair;

    open_way(&pair, way);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    for (int i = 0; i < COUNT(rows); i++)
        ask(&pair.client, &rows[i], 4, "a client before the end");
    if (way->ntlm) {
        assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
        for (int i = 0; i < COUNT(rows); i++)
            ask(&pair.server, &rows[i], 5, "a server before the end");
    }
    pair_close(&pair);
    pair.to_client.size = 0;
    pair_establish(&pair);
    for (int i = 0; i < COUNT(rows); i++) {
        ask(&pair.client, &rows[i], way->ntlm ? 2 : 0, "the client");
        ask(&pair.server, &rows[i], way->ntlm ? 3 : 1, "the server");
    }
    for (int form = 0; form < 2; form++)
        assert_status((form ? QueryContextAttributesW
                            : QueryContextAttributesA)(&pair.client, SECPKG_ATTR_SIZES, NULL),
                      SEC_E_INVALID_PARAMETER);
    pair_free(&pair);
}
END_TEST

/* The server of DCE style waits for a third token: it knows its client, but does not say. */
START_TEST(table_before_the_third_token)
{
    struct pair pair;

    pair_init(&pair);
    pair.isc |= ISC_REQ_USE_DCE_STYLE;
    pair.asc |= ASC_REQ_USE_DCE_STYLE;
    pair_acquire(&pair, _i ? "Negotiate" : "Kerberos", NULL);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    for (int i = 0; i < COUNT(rows); i++)
        ask(&pair.server, &rows[i], 5, "a server of DCE style before the end");
    ck_assert_int_ge(pair_initialize(&pair), 0);
    ck_assert(pair_finish(&pair));
    for (int i = 0; i < COUNT(rows); i++)
        ask(&pair.server, &rows[i], 1, "a server of DCE style");
    pair_free(&pair);
}
END_TEST

/* What is no context, or no more. */
START_TEST(no_context)
{
    struct pair pair;
    CtxtHandle none[4];
    union room room;

    open_way(&pair, &ways[_i]);
    pair_establish(&pair);
    SecInvalidateHandle(&none[0]);
    memset(&none[1], 0, sizeof(none[1]));
    none[2] = pair.client_cred; /* of another kind */
    none[3] = pair.client;      /* deleted, below */
    pair_close(&pair);
    for (int i = 0; i < COUNT(rows); i++)
        for (int form = 0; form < 4; form++) {
            SECURITY_STATUS expected =
                form >= 2 && rows[i].size == 0 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_INVALID_HANDLE;

            for (int which = 0; which < COUNT(none); which++) {
                assert_status(query(&none[which], rows[i].attribute, &room, sizeof(room), form),
                              expected);
                assert_untouched(&room, 0);
            }
        }
    pair_free(&pair);
}
END_TEST

/* No attribute of a context here can be set. */
START_TEST(nothing_is_set)
{
    unsigned char data[64] = {0};
    struct pair pair;

    open_way(&pair, &ways[_i]);
    pair_establish(&pair);
    for (int i = 0; i < COUNT(rows); i++) {
        assert_status(SetContextAttributesA(&pair.client, rows[i].attribute, data, sizeof(data)),
                      SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(SetContextAttributesW(&pair.server, rows[i].attribute, data, sizeof(data)),
                      SEC_E_UNSUPPORTED_FUNCTION);
    }
    pair_message(&pair.client, &pair.server, "as before");
    pair_free(&pair);
}
END_TEST

/* --- What they hold ------------------------------------------------------------------------- */

static void assert_text_w(const SEC_WCHAR *got, const char *expected)
{
    SEC_WCHAR *wide = wide_text(expected, NULL);
    size_t i = 0;

    for (; wide[i] != 0; i++)
        ck_assert_uint_eq(got[i], wide[i]);
    ck_assert_uint_eq(got[i], 0);
    free(wide);
}

static const char *user_of(const struct way *way)
{
    return way->ntlm ? "LOOPBACK\\alice" : "alice@LOOPBACK.TEST";
}

static void assert_text_free_w(SEC_WCHAR *got, const char *expected)
{
    assert_text_w(got, expected);
    assert_status(FreeContextBuffer(got), SEC_E_OK);
}

static void assert_text_free_a(SEC_CHAR *got, const char *expected)
{
    ck_assert_str_eq(got, expected);
    assert_status(FreeContextBuffer(got), SEC_E_OK);
}

#define ASK(form, context, name, buffer)                                                           \
    assert_status(QueryContextAttributes##form(context, SECPKG_ATTR_##name, buffer), SEC_E_OK)

/* Both ends and both forms say the same of the client, by every name it has. */
START_TEST(same_at_both_ends)
{
    const struct way *way = &ways[_i];
    const char *authority = way->ntlm ? "LOOPBACK" : "LOOPBACK.TEST";
    struct pair pair;

    open_way(&pair, way);
    pair_establish(&pair);
    for (int end = 0; end < 2; end++) {
        CtxtHandle *context = end ? &pair.server : &pair.client;
        /* An NTLM server has no name that its client proved to know. */
        const char *server = !way->ntlm ? "HTTP/localhost@LOOPBACK.TEST"
                             : end      ? ""
                                        : "HTTP/localhost";
        SecPkgContext_NamesA names_a;
        SecPkgContext_NamesW names_w;
        SecPkgContext_NativeNamesA native_a;
        SecPkgContext_NativeNamesW native_w;
        SecPkgContext_AuthorityA authority_a;
        SecPkgContext_AuthorityW authority_w;
        SecPkgContext_AuthzID id;
        SecPkgContext_DceInfo dce;

        ASK(A, context, NAMES, &names_a);
        assert_text_free_a(names_a.sUserName, user_of(way));
        ASK(W, context, NAMES, &names_w);
        assert_text_free_w(names_w.sUserName, user_of(way));
        ASK(A, context, AUTHORITY, &authority_a);
        assert_text_free_a(authority_a.sAuthorityName, authority);
        ASK(W, context, AUTHORITY, &authority_w);
        assert_text_free_w(authority_w.sAuthorityName, authority);
        ASK(A, context, AUTHENTICATION_ID, &id);
        ck_assert_uint_eq(id.AuthzIDLength, strlen(user_of(way)));
        assert_text_free_a(id.AuthzID, user_of(way));
        ASK(A, context, DCE_INFO, &dce);
        ck_assert_uint_eq(dce.AuthzSvc, 1); /* RPC_C_AUTHZ_NAME */
        assert_text_free_w(dce.pPac, user_of(way));
        ASK(A, context, NATIVE_NAMES, &native_a);
        assert_text_free_a(native_a.sClientName, user_of(way));
        assert_text_free_a(native_a.sServerName, server);
        ASK(W, context, NATIVE_NAMES, &native_w);
        assert_text_free_w(native_w.sClientName, user_of(way));
        assert_text_free_w(native_w.sServerName, server);
    }
    pair_free(&pair);
}
END_TEST

/* What the client said it wants to reach, from its first leg on. */
START_TEST(asked_target)
{
    const struct way *way = &ways[_i];
    SecPkgContext_TargetInformation info;
    SecPkgContext_Target target;
    SecPkgContext_LastClientTokenStatus last;
    struct pair pair;

    open_way(&pair, way);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    for (int done = 0; done < 2; done++) {
        SEC_WCHAR *wide = wide_text("HTTP/localhost", NULL);

        ASK(W, &pair.client, TARGET_INFORMATION, &info);
        ck_assert_uint_eq(info.MarshalledTargetInfoLength, 28);
        ck_assert_mem_eq(info.MarshalledTargetInfo, wide, 28);
        FreeContextBuffer(info.MarshalledTargetInfo);
        ASK(A, &pair.client, TARGET, &target);
        ck_assert_uint_eq(target.TargetLength, 14);
        ck_assert_mem_eq(target.Target, "HTTP/localhost", 14);
        FreeContextBuffer(target.Target);
        free(wide);
        if (done)
            break;
        if (way->ntlm) {
            assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
            ASK(A, &pair.server, LAST_CLIENT_TOKEN_STATUS, &last);
            ck_assert_int_eq(last.LastClientTokenStatus, SecPkgAttrLastClientTokenNo);
            assert_status(pair_initialize(&pair), SEC_E_OK);
        }
        ck_assert(pair_finish(&pair));
    }
    pair_free(&pair);
}
END_TEST

/* Windows has none for NTLM; for Kerberos they are those of a message in four buffers. */
START_TEST(stream_sizes)
{
    const struct way *way = &ways[_i];
    SecPkgContext_StreamSizes stream[2];
    SecPkgContext_Sizes sizes;
    PSecPkgInfoA package;
    struct pair pair;

    open_way(&pair, way);
    pair_establish(&pair);
    ASK(A, &pair.client, SIZES, &sizes);
    assert_status(
        QuerySecurityPackageInfoA((char *)(uintptr_t)context_package(&pair.client), &package),
        SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaxToken, package->cbMaxToken);
    FreeContextBuffer(package);
    ck_assert_uint_eq(sizes.cbMaxSignature, way->ntlm ? 16 : 28);
    ck_assert_uint_eq(sizes.cbSecurityTrailer, way->ntlm ? 16 : 60);
    ck_assert_uint_eq(sizes.cbBlockSize, way->ntlm ? 0 : 1);
    if (!way->ntlm) {
        ASK(A, &pair.client, STREAM_SIZES, &stream[0]);
        ASK(W, &pair.server, STREAM_SIZES, &stream[1]);
        ck_assert_mem_eq(&stream[0], &stream[1], sizeof(stream[0]));
        ck_assert_uint_eq(stream[0].cbHeader, sizes.cbSecurityTrailer);
        ck_assert_uint_eq(stream[0].cbTrailer, 0);
        ck_assert_uint_eq(stream[0].cbMaximumMessage, 65536);
        ck_assert_uint_eq(stream[0].cBuffers, 4);
        ck_assert_uint_eq(stream[0].cbBlockSize, 1);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(negotiated)
{
    const struct way *way = &ways[_i];
    SecPkgContext_NegotiationInfoA info;
    SecPkgContext_PackageInfoW wide;
    struct pair pair;

    open_way(&pair, way);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_NEGOTIATION_INFO, &info),
                  SEC_E_OK);
    ck_assert_uint_eq(info.NegotiationState, SECPKG_NEGOTIATION_IN_PROGRESS);
    ck_assert_str_eq(info.PackageInfo->Name, way->package);
    FreeContextBuffer(info.PackageInfo);
    ck_assert(pair_finish(&pair));
    for (int end = 0; end < 2; end++) {
        CtxtHandle *context = end ? &pair.server : &pair.client;

        assert_status(QueryContextAttributesA(context, SECPKG_ATTR_NEGOTIATION_INFO, &info),
                      SEC_E_OK);
        ck_assert_uint_eq(info.NegotiationState, SECPKG_NEGOTIATION_COMPLETE);
        ck_assert_str_eq(info.PackageInfo->Name, way->ntlm ? "NTLM" : "Kerberos");
        ck_assert_uint_eq(info.PackageInfo->wRPCID, way->ntlm ? 10 : 16);
        FreeContextBuffer(info.PackageInfo);
        assert_status(QueryContextAttributesW(context, SECPKG_ATTR_PACKAGE_INFO, &wide), SEC_E_OK);
        assert_text_w(wide.PackageInfo->Name, way->ntlm ? "NTLM" : "Kerberos");
        FreeContextBuffer(wide.PackageInfo);
    }
    pair_free(&pair);
}
END_TEST

/* Both ends have one key, and say what it is for. */
START_TEST(keys)
{
    const struct way *way = &ways[_i];
    SecPkgContext_SessionKey client, server;
    SecPkgContext_KeyInfoA info;
    SecPkgContext_KeyInfoW wide;
    struct pair pair;

    open_way(&pair, way);
    pair_establish(&pair);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_SESSION_KEY, &client),
                  SEC_E_OK);
    assert_status(QueryContextAttributesA(&pair.server, SECPKG_ATTR_SESSION_KEY, &server),
                  SEC_E_OK);
    ck_assert_uint_eq(client.SessionKeyLength, server.SessionKeyLength);
    ck_assert_uint_eq(client.SessionKeyLength, way->ntlm ? 16 : 32);
    ck_assert_mem_eq(client.SessionKey, server.SessionKey, client.SessionKeyLength);
    FreeContextBuffer(client.SessionKey);
    FreeContextBuffer(server.SessionKey);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_KEY_INFO, &info), SEC_E_OK);
    ck_assert_uint_eq(info.KeySize, way->ntlm ? 128 : 256);
    ck_assert_uint_eq(info.EncryptAlgorithm, way->ntlm ? 0x6801 : 18);
    ck_assert_str_eq(info.sEncryptAlgorithmName,
                     way->ntlm ? "RSADSI RC4" : "AES256-CTS-HMAC-SHA1-96");
    FreeContextBuffer(info.sSignatureAlgorithmName);
    FreeContextBuffer(info.sEncryptAlgorithmName);
    ASK(W, &pair.server, KEY_INFO, &wide);
    ck_assert_uint_eq(wide.KeySize, info.KeySize);
    ck_assert_uint_eq(wide.EncryptAlgorithm, info.EncryptAlgorithm);
    ck_assert_uint_eq(wide.SignatureAlgorithm, info.SignatureAlgorithm);
    assert_text_free_w(wide.sSignatureAlgorithmName, way->ntlm ? "HMAC-MD5" : "HMAC-SHA1-96");
    assert_text_free_w(wide.sEncryptAlgorithmName,
                       way->ntlm ? "RSADSI RC4" : "AES256-CTS-HMAC-SHA1-96");
    pair_free(&pair);
}
END_TEST

START_TEST(targets)
{
    const struct way *way = &ways[_i];
    SecPkgContext_ClientSpecifiedTarget asked;
    SecPkgContext_Flags flags;
    SecPkgContext_LastClientTokenStatus last;
    struct pair pair;

    open_way(&pair, way);
    pair_establish(&pair);
    if (!way->ntlm) {
        assert_status(
            QueryContextAttributesA(&pair.server, SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &asked),
            SEC_E_OK);
        assert_text_w(asked.sTargetName, "HTTP/localhost");
        FreeContextBuffer(asked.sTargetName);
    }
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
    ck_assert_uint_eq(flags.Flags, pair.client_flags);
    assert_status(QueryContextAttributesA(&pair.server, SECPKG_ATTR_FLAGS, &flags), SEC_E_OK);
    ck_assert_uint_eq(flags.Flags, pair.server_flags);
    assert_status(
        QueryContextAttributesA(&pair.server, SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, &last),
        SEC_E_OK);
    ck_assert_int_eq(last.LastClientTokenStatus, SecPkgAttrLastClientTokenYes);
    pair_free(&pair);
}
END_TEST

/* A counted object: it outlives its context, and tells who the client is. */
START_TEST(access_token)
{
    const struct way *way = &ways[_i];
    SecPkgContext_AccessToken token;
    void *queried = NULL;
    union {
        TOKEN_USER user;
        char octets[256];
    } info;
    char account[64], domain[64];
    DWORD needed = 0, account_size = sizeof(account), domain_size = sizeof(domain);
    SID_NAME_USE use;
    struct pair pair;

    open_way(&pair, way);
    pair_establish(&pair);
    assert_status(QueryContextAttributesA(&pair.server, SECPKG_ATTR_ACCESS_TOKEN, &token),
                  SEC_E_OK);
    assert_status(QuerySecurityContextToken(&pair.server, &queried), SEC_E_OK);
    pair_close(&pair);
    ck_assert(!GetTokenInformation(token.AccessToken, TokenUser, NULL, 0, &needed));
    ck_assert_uint_eq(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_le(needed, sizeof(info));
    ck_assert(GetTokenInformation(token.AccessToken, TokenUser, &info, sizeof(info), &needed));
    ck_assert(IsValidSid(info.user.User.Sid));
    ck_assert(ImpersonateLoggedOnUser(token.AccessToken));
    ck_assert(LookupAccountSidA(NULL, info.user.User.Sid, account, &account_size, domain,
                                &domain_size, &use));
    ck_assert_str_eq(account, "alice");
    ck_assert(RevertToSelf());
    ck_assert(CloseHandle(token.AccessToken));
    ck_assert(CloseHandle(queried));
    ck_assert(!CloseHandle(NULL));
    pair_free(&pair);
}
END_TEST

/* --- Credentials ---------------------------------------------------------------------------- */

/* Who a credential is, by every way it can be given. */
static const struct holder {
    const char *package, *user, *domain, *list, *name;
} holders[] = {
    {"Kerberos", NULL, NULL, NULL, "alice@LOOPBACK.TEST"},
    {"NTLM", NULL, NULL, NULL, "LOOPBACK\\alice"},
    {"Negotiate", NULL, NULL, NULL, "alice@LOOPBACK.TEST"},
    {"Negotiate", NULL, NULL, "!kerberos", "LOOPBACK\\alice"},
    {"Kerberos", "bob", "LOOPBACK.TEST", NULL, "LOOPBACK.TEST\\bob"},
    {"Kerberos", "bob@LOOPBACK.TEST", NULL, NULL, "bob@LOOPBACK.TEST"},
    {"NTLM", "bob", "LOOPBACK", NULL, "LOOPBACK\\bob"},
    {"NTLM", "LOOPBACK\\bob", NULL, NULL, "LOOPBACK\\bob"},
    {"Negotiate", "bob", "LOOPBACK", NULL, "LOOPBACK\\bob"},
    {"Negotiate", "bob", NULL, NULL, "bob"},
};

START_TEST(credential_names)
{
    const struct holder *row = &holders[_i];
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa(row->user, row->domain, row->user ? "a password" : NULL, row->list);
    SecPkgCredentials_NamesA narrow;
    SecPkgCredentials_NamesW wide;
    struct pair pair;

    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, row->package, NULL, &id), SEC_E_OK);
    for (int ex = 0; ex < 2; ex++) {
        assert_status(
            ex ? QueryCredentialsAttributesExA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &narrow,
                                               sizeof(narrow))
               : QueryCredentialsAttributesA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &narrow),
            SEC_E_OK);
        assert_text_free_a(narrow.sUserName, row->name);
        assert_status(
            ex ? QueryCredentialsAttributesExW(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &wide,
                                               sizeof(wide))
               : QueryCredentialsAttributesW(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &wide),
            SEC_E_OK);
        assert_text_free_w(wide.sUserName, row->name);
    }
    pair_free(&pair);
}
END_TEST

static SECURITY_STATUS query_cred(CredHandle *cred, ULONG attribute, union room *room, ULONG size,
                                  int form)
{
    memset(room, FILL, sizeof(*room));
    switch (form) {
    case 0:
        return QueryCredentialsAttributesA(cred, attribute, room);
    case 1:
        return QueryCredentialsAttributesW(cred, attribute, room);
    case 2:
        return QueryCredentialsAttributesExA(cred, attribute, room, size);
    default:
        return QueryCredentialsAttributesExW(cred, attribute, room, size);
    }
}

/* What a credential does not have leaves the buffer alone; nothing of it can be set. */
START_TEST(credential_refusals)
{
    static const ULONG others[] = {SECPKG_CRED_ATTR_SSI_PROVIDER,
                                   SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS,
                                   SECPKG_CRED_ATTR_CERT,
                                   0,
                                   0x7654,
                                   0xffffffff};
    union room room;
    struct pair pair;
    CredHandle none;

    open_way(&pair, &ways[_i]);
    SecInvalidateHandle(&none);
    for (int form = 0; form < 4; form++) {
        for (int i = 0; i < COUNT(others); i++) {
            assert_status(query_cred(&pair.client_cred, others[i], &room, sizeof(room), form),
                          SEC_E_UNSUPPORTED_FUNCTION);
            assert_untouched(&room, 0);
        }
        assert_status(query_cred(&none, SECPKG_CRED_ATTR_NAMES, &room, sizeof(room), form),
                      SEC_E_INVALID_HANDLE);
        if (form >= 2)
            assert_status(query_cred(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &room,
                                     sizeof(SecPkgCredentials_NamesA) - 1, form),
                          SEC_E_BUFFER_TOO_SMALL);
        assert_untouched(&room, 0);
    }
    for (int i = 0; i < COUNT(others); i++) {
        assert_status(SetCredentialsAttributesA(&pair.client_cred, others[i], &room, sizeof(room)),
                      SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(SetCredentialsAttributesW(&pair.client_cred, others[i], &room, sizeof(room)),
                      SEC_E_UNSUPPORTED_FUNCTION);
    }
    assert_status(QueryCredentialsAttributesA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, NULL),
                  SEC_E_INVALID_PARAMETER);
    pair_free(&pair);
}
END_TEST

/* The KDC says when a password ends, to the one who has logged on with it: bob's in 2035, in local
 * time. */
static const struct ending {
    const char *package, *user;
    bool ends;
} endings[] = {{"Kerberos", "alice", false},
               {"Kerberos", "bob", true},
               {"Negotiate", "alice", false},
               {"Negotiate", "bob", true}};

START_TEST(password_expiry)
{
    const struct ending *row = &endings[_i];
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a(row->user, "LOOPBACK", password_of(row->user));
    struct tm end = {.tm_year = 2035 - 1900, .tm_mon = 0, .tm_mday = 1};
    int64_t expected = (timegm(&end) + INT64_C(11644473600)) * 10000000;
    SecPkgContext_PasswordExpiry expiry;
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, row->package, &id);
    pair_establish(&pair);
    for (int form = 0; form < 2; form++) {
        if (form)
            ASK(W, &pair.client, PASSWORD_EXPIRY, &expiry);
        else
            ASK(A, &pair.client, PASSWORD_EXPIRY, &expiry);
        ck_assert_int_eq(expiry.tsPasswordExpires.QuadPart, row->ends ? expected : INT64_MAX);
    }
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("attributes");

    suite_add(s, table, COUNT(ways));
    suite_add(s, table_before_the_third_token, 2);
    suite_add(s, no_context, COUNT(ways));
    suite_add(s, nothing_is_set, COUNT(ways));
    suite_add(s, same_at_both_ends, COUNT(ways));
    suite_add(s, asked_target, COUNT(ways));
    suite_add(s, stream_sizes, COUNT(ways));
    suite_add(s, negotiated, COUNT(ways));
    suite_add(s, keys, COUNT(ways));
    suite_add(s, targets, COUNT(ways));
    suite_add(s, access_token, COUNT(ways));
    suite_add(s, credential_names, COUNT(holders));
    suite_add(s, credential_refusals, COUNT(ways));
    suite_add(s, password_expiry, COUNT(endings));
    return s;
}

CHECK_MAIN(suite)
