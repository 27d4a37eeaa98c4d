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
} rows[] = {
    {SECPKG_ATTR_SIZES, "YYYYHH"},
    {SECPKG_ATTR_NAMES, "YYYYHH"},
    {SECPKG_ATTR_LIFESPAN, "YYYYHH"},
    {SECPKG_ATTR_DCE_INFO, "YYYYHH"},
    {SECPKG_ATTR_STREAM_SIZES, "YYUUHH"},
    {SECPKG_ATTR_KEY_INFO, "YYYYHH"},
    {SECPKG_ATTR_AUTHORITY, "YYYYHH"},
    {SECPKG_ATTR_PASSWORD_EXPIRY, "UUUUHU"}, /* nobody here has logged on by password */
    {SECPKG_ATTR_SESSION_KEY, "YYYYHH"},
    {SECPKG_ATTR_PACKAGE_INFO, "YYYYYY"},
    {SECPKG_ATTR_NEGOTIATION_INFO, "YYYYYY"},
    {SECPKG_ATTR_NATIVE_NAMES, "YYYYHH"},
    {SECPKG_ATTR_FLAGS, "YYYYHH"},
    {SECPKG_ATTR_TARGET_INFORMATION, "YUYUYU"},
    {SECPKG_ATTR_ACCESS_TOKEN, "UYUYUH"},
    {SECPKG_ATTR_TARGET, "YUYUYU"},
    {SECPKG_ATTR_AUTHENTICATION_ID, "YYYYHH"},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, "UYUUUH"},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, "UYUYUY"},
    {SECPKG_ATTR_USER_FLAGS, "UUUUUU"},
    {SECPKG_ATTR_PROTO_INFO, "UUUUUU"},
    {SECPKG_ATTR_USE_VALIDATED, "UUUUUU"},
    {SECPKG_ATTR_CREDENTIAL_NAME, "UUUUUU"},
    {SECPKG_ATTR_LOGOFF_TIME, "UUUUUU"},
    {SECPKG_ATTR_UNIQUE_BINDINGS, "UUUUUU"},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, "UUUUUU"},
    {SECPKG_ATTR_CREDS, "UUUUUU"},
    {SECPKG_ATTR_CONNECTION_INFO, "UUUUUU"},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, "UUUUUU"},
    {0x7654, "UUUUUU"},
    {0xffffffff, "UUUUUU"},
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

/* One attribute in both forms of the call, and of the call that knows the buffer's size. */
static void ask(CtxtHandle *context, const struct row *row, int column, const char *where)
{
    SECURITY_STATUS expected = status_of(row->expected[column]), got;
    union {
        unsigned char octets[256];
        void *align;
    } buffer;

    for (int form = 0; form < 3; form++) {
        memset(&buffer, FILL, sizeof(buffer));
        got = form == 0 ? QueryContextAttributesA(context, row->attribute, &buffer)
              : form == 1
                  ? QueryContextAttributesW(context, row->attribute, &buffer)
                  : QueryContextAttributesExA(context, row->attribute, &buffer, sizeof(buffer));
        ck_assert_msg(got == expected, "%s, attribute 0x%x, form %d: %s, not %s; %s", where,
                      (unsigned)row->attribute, form, sspi_status_name(got),
                      sspi_status_name(expected), sspi_native_error());
        if (got == SEC_E_OK)
            result_free(row->attribute, &buffer);
        else
            for (size_t i = 0; i < sizeof(buffer); i++)
                ck_assert_uint_eq(buffer.octets[i], FILL);
    }
    memset(&buffer, FILL, sizeof(buffer));
    got = QueryContextAttributesExA(context, row->attribute, &buffer, 1);
    ck_assert_msg(got < 0, "%s, attribute 0x%x fits one octet", where, (unsigned)row->attribute);
    ck_assert_uint_eq(buffer.octets[0], FILL);
    ck_assert_uint_eq(buffer.octets[1], FILL);
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
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_SIZES, NULL),
                  SEC_E_INVALID_PARAMETER);
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

START_TEST(who)
{
    const struct way *way = &ways[_i];
    SecPkgContext_NamesW wide;
    SecPkgContext_NativeNamesA native;
    SecPkgContext_AuthorityA authority;
    struct pair pair;

    open_way(&pair, way);
    pair_establish(&pair);
    ck_assert_str_eq(context_user(&pair.server), user_of(way));
    assert_status(QueryContextAttributesW(&pair.server, SECPKG_ATTR_NAMES, &wide), SEC_E_OK);
    assert_text_w(wide.sUserName, user_of(way));
    FreeContextBuffer(wide.sUserName);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_NATIVE_NAMES, &native),
                  SEC_E_OK);
    ck_assert_str_eq(native.sClientName, user_of(way));
    ck_assert_str_eq(native.sServerName,
                     way->ntlm ? "HTTP/localhost" : "HTTP/localhost@LOOPBACK.TEST");
    FreeContextBuffer(native.sClientName);
    FreeContextBuffer(native.sServerName);
    assert_status(QueryContextAttributesA(&pair.server, SECPKG_ATTR_AUTHORITY, &authority),
                  SEC_E_OK);
    ck_assert_str_eq(authority.sAuthorityName, way->ntlm ? "LOOPBACK" : "LOOPBACK.TEST");
    FreeContextBuffer(authority.sAuthorityName);
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

START_TEST(credentials)
{
    const struct way *way = &ways[_i];
    SecPkgCredentials_NamesA names;
    SecPkgCredentials_NamesW wide;
    unsigned char buffer[256];
    struct pair pair;

    open_way(&pair, way);
    assert_status(QueryCredentialsAttributesA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &names),
                  SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, "alice"));
    FreeContextBuffer(names.sUserName);
    assert_status(QueryCredentialsAttributesW(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &wide),
                  SEC_E_OK);
    FreeContextBuffer(wide.sUserName);
    memset(buffer, FILL, sizeof(buffer));
    assert_status(
        QueryCredentialsAttributesA(&pair.client_cred, SECPKG_CRED_ATTR_KDC_PROXY_SETTINGS, buffer),
        SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(QueryCredentialsAttributesA(&pair.client_cred, 0x7654, buffer),
                  SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(SetCredentialsAttributesA(&pair.client_cred, 0x7654, buffer, sizeof(buffer)),
                  SEC_E_UNSUPPORTED_FUNCTION);
    for (size_t i = 0; i < sizeof(buffer); i++)
        ck_assert_uint_eq(buffer[i], FILL);
    assert_status(QueryCredentialsAttributesExA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &names,
                                                sizeof(names)),
                  SEC_E_OK);
    FreeContextBuffer(names.sUserName);
    ck_assert_int_lt(
        QueryCredentialsAttributesExA(&pair.client_cred, SECPKG_CRED_ATTR_NAMES, &names, 1), 0);
    pair_free(&pair);
}
END_TEST

/* The KDC says when a password ends, to the one who has logged on with it. */
START_TEST(password_expiry)
{
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", "LOOPBACK", password_of("alice"));
    SecPkgContext_PasswordExpiry expiry;
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", &id);
    pair_establish(&pair);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_PASSWORD_EXPIRY, &expiry),
                  SEC_E_OK);
    ck_assert_int_eq(expiry.tsPasswordExpires.QuadPart, INT64_MAX);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("attributes");

    suite_add(s, table, COUNT(ways));
    suite_add(s, who, COUNT(ways));
    suite_add(s, negotiated, COUNT(ways));
    suite_add(s, keys, COUNT(ways));
    suite_add(s, targets, COUNT(ways));
    suite_add(s, access_token, COUNT(ways));
    suite_add(s, credentials, COUNT(ways));
    suite_add(s, password_expiry, 1);
    return s;
}

CHECK_MAIN(suite)
