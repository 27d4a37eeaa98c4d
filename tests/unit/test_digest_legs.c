/* SPDX-License-Identifier: MIT */
/* WDigest's contexts, client against server: the logons that succeed, and what each refusal is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest/response.h"
#include "lib/check_main.h"
#include "lib/clock.h"
#include "lib/digestend.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

#define HTTP_CLIENT ISC_REQ_USE_HTTP_STYLE

static struct digest_end client, server;

static const struct digest_ask http_ask = {"GET", "/dir/index.html", NULL, HTTP_CLIENT};
static const struct digest_ask sasl_ask = {NULL, "ldap/host.test", NULL, 0};

/* The same ask with a server's flag. */
static struct digest_ask as_server(const struct digest_ask *ask)
{
    struct digest_ask same = *ask;

    same.flags = ask->flags & HTTP_CLIENT ? ASC_REQ_HTTP : 0;
    if (ask->flags & ISC_REQ_INTEGRITY)
        same.flags |= ASC_REQ_INTEGRITY;
    if (!(ask->flags & HTTP_CLIENT))
        same.uri = NULL;
    return same;
}

static void ends_open(const char *password)
{
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, password), SEC_E_OK);
    ck_assert_int_eq(digest_server_open(&server, NULL, NULL), SEC_E_OK);
}

static void ends_close(void)
{
    digest_end_close(&client);
    digest_end_close(&server);
}

/* Up to the client's response, in client.token. */
static void respond(const struct digest_ask *ask, SECURITY_STATUS want)
{
    struct digest_ask server_ask = as_server(ask);

    ck_assert_int_eq(digest_leg(&server, &server_ask, NULL, 0), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(digest_leg(&client, ask, server.token, server.size), want);
}

static SECURITY_STATUS judge(const struct digest_ask *ask)
{
    struct digest_ask server_ask = as_server(ask);

    return digest_leg(&server, &server_ask, client.token, client.size);
}

static void assert_native(const char *part)
{
    ck_assert_msg(strstr(sspi_native_error(), part) != NULL, "%s", sspi_native_error());
}

/* --- HTTP ----------------------------------------------------------------------------------- */

static const char *const algorithms[] = {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess"};

START_TEST(http_by_every_algorithm)
{
    SecPkgContext_NamesA names;
    SecPkgContext_AuthorityA authority;

    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, DIGEST_END_PASSWORD),
                     SEC_E_OK);
    ck_assert_int_eq(digest_server_open_for(&server, algorithms[_i]), SEC_E_OK);
    respond(&http_ask, SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(client.token, algorithms[_i]));
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ck_assert_uint_eq(server.size, 0);
    ck_assert_uint_eq(server.attributes, ASC_REQ_HTTP);
    ck_assert_uint_eq(client.attributes, ISC_RET_USED_HTTP_STYLE);
    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_str_eq(names.sUserName, DIGEST_END_REALM "\\" DIGEST_END_USER);
    FreeContextBuffer(names.sUserName);
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_AUTHORITY, &authority),
                     SEC_E_OK);
    ck_assert_str_eq(authority.sAuthorityName, DIGEST_END_REALM);
    FreeContextBuffer(authority.sAuthorityName);
    ends_close();
}
END_TEST

/* As curl does it: each further request by MakeSignature, with the next count. */
START_TEST(http_further_requests)
{
    static const struct digest_ask next = {"POST", "/other?a=b", NULL, HTTP_CLIENT};
    char count[32];

    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    for (int i = 2; i < 20; i++) {
        ck_assert_int_eq(digest_make(&client, &next), SEC_E_OK);
        snprintf(count, sizeof(count), "nc=%08x,", (unsigned)i);
        ck_assert_ptr_nonnull(strstr(client.token, count));
        /* By either of the two ways that a server has. */
        if (i % 2)
            ck_assert_int_eq(digest_verify(&server, &next, client.token, client.size), SEC_E_OK);
        else
            ck_assert_int_eq(judge(&next), SEC_E_OK);
        ck_assert_int_eq(digest_verify(&server, &next, client.token, client.size),
                         SEC_E_OUT_OF_SEQUENCE);
    }
    ends_close();
}
END_TEST

/* A server that keeps no context: each request is the first of a new one. */
START_TEST(http_without_a_context)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    digest_end_reset(&server);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    digest_end_reset(&server);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OUT_OF_SEQUENCE); /* replayed */
    ck_assert_int_eq(digest_make(&client, &http_ask), SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ends_close();
}
END_TEST

START_TEST(http_stale_nonce)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    clock_shift(601);
    ck_assert_int_eq(judge(&http_ask), SEC_I_CONTINUE_NEEDED);
    ck_assert_ptr_nonnull(strstr(server.token, "stale=true"));
    ck_assert_int_eq(digest_leg(&client, &http_ask, server.token, server.size), SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    /* And on the way: what comes too late is not taken, and says so. */
    clock_shift(1202);
    ck_assert_int_eq(digest_make(&client, &http_ask), SEC_E_OK);
    ck_assert_int_eq(digest_verify(&server, &(struct digest_ask){"GET", NULL, NULL, 0},
                                   client.token, client.size),
                     SEC_E_CONTEXT_EXPIRED);
    clock_shift(0);
    ends_close();
}
END_TEST

/* A leg on a context that is established gets a new challenge as well, and goes on with it. */
START_TEST(http_stale_nonce_later)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    clock_shift(601);
    ck_assert_int_eq(digest_make(&client, &http_ask), SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(digest_leg(&client, &http_ask, server.token, server.size), SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ck_assert_int_eq(digest_make(&client, &http_ask), SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    clock_shift(0);
    ends_close();
}
END_TEST

/* Whatever somebody sends, who was logged on before goes on. */
START_TEST(http_refused_request_changes_nothing)
{
    static const char *const requests[] = {
        "nonsense", "username=\"alice\"",
        ("username=\"bob\",realm=\"test realm\",nonce=\"n\",uri=\"/dir/index.html\",cnonce=\"c\","
         "nc=00000001,response=\"00\",qop=auth")};
    struct digest_ask server_ask = as_server(&http_ask);

    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    for (int i = 0; i < COUNT(requests); i++) {
        const char *request = requests[i];

        ck_assert_int_lt(digest_leg(&server, &server_ask, request, strlen(request)), 0);
        ck_assert_int_lt(digest_verify(&server, &server_ask, request, strlen(request)), 0);
        ck_assert_int_eq(digest_make(&client, &http_ask), SEC_E_OK);
        ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    }
    ends_close();
}
END_TEST

/* A header field that found no room was not sent: its count is the next one's. */
START_TEST(http_field_without_room)
{
    char method[] = "GET", uri[] = "/";
    SecBuffer buffers[] = {{3, SECBUFFER_PKG_PARAMS, method},
                           {1, SECBUFFER_PKG_PARAMS, uri},
                           {10, SECBUFFER_PADDING, client.token}};
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};

    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ck_assert_int_eq(MakeSignature(&client.ctx, 0, &list, 0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_gt(buffers[2].cbBuffer, 10);
    ck_assert_int_eq(digest_make(&client, &http_ask), SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ends_close();
}
END_TEST

/* RFC 7616 3.3: stale only for who knows the password. */
START_TEST(http_stale_nonce_and_wrong_password)
{
    ends_open("another");
    respond(&http_ask, SEC_E_OK);
    clock_shift(601);
    ck_assert_int_eq(judge(&http_ask), SEC_E_LOGON_DENIED);
    clock_shift(0);
    ends_close();
}
END_TEST

START_TEST(http_challenge_again)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &http_ask, server.token, server.size), SEC_E_LOGON_DENIED);
    ends_close();
}
END_TEST

/* Whoever stands between the ends cannot lead a client on to less than it had. */
START_TEST(http_no_weaker_algorithm)
{
    static const char first[] = "realm=\"r\",nonce=\"1\",qop=\"auth\",algorithm=SHA-256";
    static const char weaker[] = "realm=\"r\",nonce=\"2\",qop=\"auth\",algorithm=MD5,stale=true";
    static const char same[] = "realm=\"r\",nonce=\"2\",qop=\"auth\",algorithm=SHA-256,stale=true";

    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &http_ask, first, strlen(first)), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &http_ask, weaker, strlen(weaker)),
                     SEC_E_ALGORITHM_MISMATCH);
    ck_assert_int_eq(digest_leg(&client, &http_ask, same, strlen(same)), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(client.token, "nc=00000001,"));
    digest_end_close(&client);
}
END_TEST

#define BODY "d41d8cd98f00b204e9800998ecf8427e"

static const struct {
    const char *first, *next;
    SECURITY_STATUS status;
} qualities[] = {
    {"auth,auth-int", "auth", SEC_E_QOP_NOT_SUPPORTED},
    {"auth-int", "auth", SEC_E_QOP_NOT_SUPPORTED},
    {"auth", NULL, SEC_E_QOP_NOT_SUPPORTED},
    {"auth", "auth-conf", SEC_E_QOP_NOT_SUPPORTED},
    {"auth-int", "auth,auth-int", SEC_E_OK},
    {"auth", "auth-int", SEC_E_OK},
    {"auth", "auth", SEC_E_OK},
    {NULL, NULL, SEC_E_OK},
    {NULL, "auth", SEC_E_OK},
};

static SECURITY_STATUS quality_offered(const char *quality, const char *rest)
{
    static const struct digest_ask ask = {"PUT", "/x", BODY, HTTP_CLIENT | ISC_REQ_INTEGRITY};
    char challenge[128];
    int size = snprintf(challenge, sizeof(challenge), "realm=\"r\",nonce=\"1\"%s%s%s%s",
                        quality == NULL ? "" : ",qop=\"", quality == NULL ? "" : quality,
                        quality == NULL ? "" : "\"", rest);

    return digest_leg(&client, &ask, challenge, (size_t)size);
}

/* Nobody signs a challenge: who sends another one must not get less than was had. */
START_TEST(http_no_weaker_quality)
{
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(quality_offered(qualities[_i].first, ""), SEC_E_OK);
    ck_assert_int_eq(quality_offered(qualities[_i].next, ",stale=true"), qualities[_i].status);
    digest_end_close(&client);
}
END_TEST

START_TEST(http_body)
{
    static const struct digest_ask ask = {"PUT", "/x", BODY, HTTP_CLIENT | ISC_REQ_INTEGRITY};
    struct digest_ask later = as_server(&ask), wrong;

    ends_open(DIGEST_END_PASSWORD);
    respond(&ask, SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(client.token, "qop=auth-int"));
    ck_assert_uint_eq(client.attributes, ISC_RET_USED_HTTP_STYLE | ISC_RET_INTEGRITY |
                                             ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT);
    ck_assert_int_eq(judge(&ask), SEC_E_OK);
    ck_assert_uint_eq(server.attributes, ASC_REQ_HTTP | ASC_RET_INTEGRITY | ASC_RET_REPLAY_DETECT |
                                             ASC_RET_SEQUENCE_DETECT);
    /* The body is read later: the leg waits for its hash. */
    ck_assert_int_eq(digest_make(&client, &ask), SEC_E_OK);
    later.entity = NULL;
    ck_assert_int_eq(digest_leg(&server, &later, client.token, client.size), SEC_I_COMPLETE_NEEDED);
    ck_assert_int_eq(digest_complete(&server, &(struct digest_ask){NULL, NULL, NULL, 0}),
                     SEC_E_QOP_NOT_SUPPORTED);
    wrong = (struct digest_ask){NULL, NULL, "00000000000000000000000000000000", 0};
    ck_assert_int_eq(digest_complete(&server, &wrong), SEC_E_MESSAGE_ALTERED);
    ck_assert_int_eq(digest_leg(&server, &later, client.token, client.size), SEC_I_COMPLETE_NEEDED);
    ck_assert_int_eq(digest_complete(&server, &(struct digest_ask){NULL, NULL, BODY, 0}), SEC_E_OK);
    ck_assert_int_eq(digest_complete(&server, &wrong), SEC_E_OK); /* nothing is waiting */
    /* Another body. */
    ck_assert_int_eq(digest_make(&client, &ask), SEC_E_OK);
    ck_assert_int_eq(digest_verify(&server, &(struct digest_ask){"PUT", "/x", wrong.entity, 0},
                                   client.token, client.size),
                     SEC_E_MESSAGE_ALTERED);
    ck_assert_int_eq(digest_verify(&server, &later, client.token, client.size),
                     SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(digest_verify(&server, &ask, client.token, client.size), SEC_E_OK);
    /* Without the hash of a body there is nothing to be made either. */
    ck_assert_int_eq(digest_make(&client, &later), SEC_E_QOP_NOT_SUPPORTED);
    ends_close();
}
END_TEST

/* A program that takes what waits for success has no context that is established. */
START_TEST(http_body_first)
{
    static const struct digest_ask ask = {"PUT", "/x", BODY, HTTP_CLIENT | ISC_REQ_INTEGRITY};
    struct digest_ask later = as_server(&ask);
    SecPkgContext_NamesA names;

    later.entity = NULL;
    for (int good = 0; good < 2; good++) {
        ends_open(DIGEST_END_PASSWORD);
        respond(&ask, SEC_E_OK);
        ck_assert_int_eq(digest_leg(&server, &later, client.token, client.size),
                         SEC_I_COMPLETE_NEEDED);
        ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_NAMES, &names),
                         SEC_E_INVALID_HANDLE);
        later.entity = good ? BODY : "00000000000000000000000000000000";
        ck_assert_int_eq(digest_complete(&server, &later), good ? SEC_E_OK : SEC_E_MESSAGE_ALTERED);
        later.entity = NULL;
        ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_NAMES, &names),
                         good ? SEC_E_OK : SEC_E_CONTEXT_EXPIRED);
        if (good)
            FreeContextBuffer(names.sUserName);
        ends_close();
    }
}
END_TEST

/* Authentication-Info: made by the server's MakeSignature, judged by the client's VerifySignature.
 */
START_TEST(http_server_proves_itself)
{
    static const struct digest_ask nothing = {NULL, NULL, NULL, 0};

    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ck_assert_int_eq(digest_make(&server, &nothing), SEC_E_OK);
    ck_assert_int_eq(digest_verify(&client, &nothing, server.token, server.size), SEC_E_OK);
    for (ULONG i = 0; i < server.size; i++) {
        char *at = &server.token[i], was = *at;

        *at = was == '0' ? '1' : '0';
        ck_assert_int_ne(digest_verify(&client, &nothing, server.token, server.size), SEC_E_OK);
        *at = was;
    }
    ends_close();
}
END_TEST

START_TEST(http_wrong_answers)
{
    static const struct {
        const char *user, *password;
    } cases[] = {{DIGEST_END_USER, "wrong"},
                 {DIGEST_END_USER, ""},
                 {"nobody", DIGEST_END_PASSWORD},
                 {"Alice", DIGEST_END_PASSWORD}};

    for (int i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(digest_client_open(&client, cases[i].user, NULL, cases[i].password),
                         SEC_E_OK);
        ck_assert_int_eq(digest_server_open(&server, NULL, NULL), SEC_E_OK);
        respond(&http_ask, SEC_E_OK);
        ck_assert_int_eq(judge(&http_ask), SEC_E_LOGON_DENIED);
        ck_assert_int_eq(judge(&http_ask), SEC_E_CONTEXT_EXPIRED); /* the context is dead */
        ends_close();
    }
}
END_TEST

static const struct {
    struct digest_ask ask;
    SECURITY_STATUS status;
} others[] = {
    {{"POST", "/dir/index.html", NULL, HTTP_CLIENT}, SEC_E_LOGON_DENIED},
    {{"GET", "/dir/index.htm", NULL, HTTP_CLIENT}, SEC_E_MESSAGE_ALTERED},
    {{NULL, "/dir/index.html", NULL, HTTP_CLIENT}, SEC_E_INVALID_PARAMETER},
    {{"GET", NULL, NULL, HTTP_CLIENT}, SEC_E_OK}, /* a server that compares by itself */
    {{"GET\r\n", NULL, NULL, HTTP_CLIENT}, SEC_E_INVALID_PARAMETER},
};

START_TEST(http_for_another_request)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(judge(&others[_i].ask), others[_i].status);
    ends_close();
}
END_TEST

/* A domain of the identity is the realm, and is never replaced by the server's. */
START_TEST(http_domain_is_the_realm)
{
    ck_assert_int_eq(
        digest_client_open(&client, "OTHER\\" DIGEST_END_USER, NULL, DIGEST_END_PASSWORD),
        SEC_E_OK);
    ck_assert_int_eq(digest_server_open(&server, NULL, NULL), SEC_E_OK);
    respond(&http_ask, SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(client.token, "username=\"alice\",realm=\"OTHER\""));
    ck_assert_int_eq(judge(&http_ask), SEC_E_LOGON_DENIED);
    ends_close();
    /* A name with an @ is one name. */
    ck_assert_int_eq(digest_client_open(&client, "alice@host.test", NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(digest_server_open(&server, NULL, NULL), SEC_E_OK);
    respond(&http_ask, SEC_E_OK);
    ck_assert_ptr_nonnull(
        strstr(client.token, "username=\"alice@host.test\",realm=\"test realm\""));
    ends_close();
}
END_TEST

static const struct {
    const char *challenge;
    SECURITY_STATUS status;
    const char *has; /* of the response */
} challenges[] = {
    {"realm=\"r\",nonce=\"n\",qop=\"auth\"", SEC_E_OK, "nc=00000001,response="},
    {"Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\", opaque=\"a\\\"b\"", SEC_E_OK,
     "qop=auth,opaque=\"a\\\"b\""},
    {"realm=\"r\",nonce=\"n\"", SEC_E_OK, "uri=\"/dir/index.html\",response="},
    {"realm=\"r\",nonce=\"n\",algorithm=MD5-sess", SEC_E_ALGORITHM_MISMATCH, NULL},
    {"realm=\"r\",nonce=\"n\",qop=\"auth-int\"", SEC_E_QOP_NOT_SUPPORTED, NULL},
    {"realm=\"r\",nonce=\"n\",qop=\"auth-conf\"", SEC_E_QOP_NOT_SUPPORTED, NULL},
    {"realm=\"r\",nonce=\"n\",qop=\"\"", SEC_E_QOP_NOT_SUPPORTED, NULL},
    {"realm=\"r\",qop=\"auth\"", SEC_E_INVALID_TOKEN, NULL},
    {"nonce=\"n\",qop=\"auth\"", SEC_E_INVALID_TOKEN, NULL},
    {"realm=\"r\",nonce=\"n\",qop=\"auth\",charset=latin1", SEC_E_INVALID_TOKEN, NULL},
    {"realm=\"r\",nonce=\"n\",qop=\"auth\",userhash=true", SEC_E_OK, "username=\"alice\""},
    {"Basic realm=\"r\"", SEC_E_ALGORITHM_MISMATCH, NULL},
    {"not a challenge", SEC_E_ALGORITHM_MISMATCH, NULL},
    {"nonsense", SEC_E_ALGORITHM_MISMATCH, NULL},
    /* RFC 7616 3.9.2 has an algorithm that is not here; of several the strongest is taken. */
    {"realm=\"api@example.org\",qop=\"auth\",algorithm=SHA-512-256,nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+"
     "57QdFR34I9HAbC/RVvkK\",opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\","
     "charset=UTF-8,userhash=true",
     SEC_E_ALGORITHM_MISMATCH, NULL},
    {"Digest realm=\"r\",nonce=\"1\",qop=\"auth\",algorithm=MD5, Digest realm=\"r\",nonce=\"2\","
     "qop=\"auth\",algorithm=SHA-256, Digest realm=\"r\",nonce=\"3\",algorithm=SHA-512-256",
     SEC_E_OK, "nonce=\"2\""},
    {"Digest realm=\"r\",nonce=\"2\",qop=\"auth\",algorithm=SHA-256, Digest realm=\"r\","
     "nonce=\"1\",qop=\"auth\",algorithm=MD5",
     SEC_E_OK, "algorithm=SHA-256"},
};

START_TEST(http_challenges)
{
    const char *challenge = challenges[_i].challenge;

    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &http_ask, challenge, strlen(challenge)),
                     challenges[_i].status);
    ck_assert_int_eq(client.open, challenges[_i].status == SEC_E_OK);
    if (challenges[_i].has != NULL)
        ck_assert_msg(strstr(client.token, challenges[_i].has) != NULL, "%s", client.token);
    digest_end_close(&client);
}
END_TEST

/* What a request's line cannot hold never gets into a header field. */
START_TEST(http_injection)
{
    static const char challenge[] = "realm=\"r\",nonce=\"n\",qop=\"auth\"";
    static const struct {
        struct digest_ask ask;
        const char *user;
        SECURITY_STATUS status;
    } cases[] = {
        {{"GET", "/a\r\nX: y", NULL, HTTP_CLIENT}, "u", SEC_E_INVALID_PARAMETER},
        {{"GET", "/a b", NULL, HTTP_CLIENT}, "u", SEC_E_INVALID_PARAMETER},
        {{"GET", "/a\"b", NULL, HTTP_CLIENT}, "u", SEC_E_INVALID_PARAMETER},
        {{"GET", NULL, NULL, HTTP_CLIENT}, "u", SEC_E_TARGET_UNKNOWN},
        {{NULL, "/", NULL, HTTP_CLIENT}, "u", SEC_E_INVALID_PARAMETER},
        {{"GET", "/", NULL, HTTP_CLIENT}, "u\r\nX: y", SEC_E_INVALID_TOKEN},
        {{"GET", "/", NULL, HTTP_CLIENT}, "u\"\\v", SEC_E_OK},
    };

    for (int i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(digest_client_open(&client, cases[i].user, "d", "x"), SEC_E_OK);
        ck_assert_int_eq(digest_leg(&client, &cases[i].ask, challenge, strlen(challenge)),
                         cases[i].status);
        if (cases[i].status == SEC_E_OK)
            ck_assert_ptr_nonnull(strstr(client.token, "username=\"u\\\"\\\\v\""));
        digest_end_close(&client);
    }
}
END_TEST

/* --- SASL ----------------------------------------------------------------------------------- */

static void sasl_logon(const struct digest_ask *ask)
{
    respond(ask, SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(judge(ask), SEC_E_OK);
    ck_assert_uint_ne(server.size, 0);
    ck_assert_int_eq(digest_leg(&client, ask, server.token, server.size), SEC_E_OK);
    ck_assert_uint_eq(client.size, 0);
}

START_TEST(sasl_auth)
{
    ends_open(DIGEST_END_PASSWORD);
    /* A program that begins without a challenge, as with other packages. */
    ck_assert_int_eq(digest_leg(&client, &sasl_ask, NULL, 0), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(client.size, 0);
    sasl_logon(&sasl_ask);
    ck_assert_uint_eq(client.attributes, ISC_RET_MUTUAL_AUTH);
    ck_assert_uint_eq(server.attributes, ASC_RET_MUTUAL_AUTH);
    ck_assert_int_eq(digest_leg(&client, &sasl_ask, "x", 1), SEC_E_OUT_OF_SEQUENCE);
    ends_close();
}
END_TEST

START_TEST(sasl_server_must_prove_itself)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&sasl_ask, SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(judge(&sasl_ask), SEC_E_OK);
    server.token[server.size - 1] = server.token[server.size - 1] == '0' ? '1' : '0';
    ck_assert_int_eq(digest_leg(&client, &sasl_ask, server.token, server.size),
                     SEC_E_MUTUAL_AUTH_FAILED);
    ck_assert_int_eq(digest_leg(&client, &sasl_ask, server.token, server.size),
                     SEC_E_CONTEXT_EXPIRED);
    ends_close();
}
END_TEST

START_TEST(sasl_for_another_service)
{
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, DIGEST_END_PASSWORD),
                     SEC_E_OK);
    for (int good = 0; good < 2; good++) {
        ck_assert_int_eq(
            digest_server_open(&server, good ? "LDAP/Host.test" : "ldap/other.test", NULL),
            SEC_E_OK);
        respond(&sasl_ask, SEC_I_CONTINUE_NEEDED);
        ck_assert_int_eq(judge(&sasl_ask), good ? SEC_E_OK : SEC_E_WRONG_PRINCIPAL);
        digest_end_close(&server);
        digest_end_reset(&client);
    }
    digest_end_close(&client);
}
END_TEST

/* A challenge is answered once: a response to another is not taken. */
START_TEST(sasl_replay)
{
    ends_open(DIGEST_END_PASSWORD);
    respond(&sasl_ask, SEC_I_CONTINUE_NEEDED);
    digest_end_reset(&server);
    ck_assert_int_eq(digest_leg(&server, &(struct digest_ask){NULL, NULL, NULL, 0}, NULL, 0),
                     SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(judge(&sasl_ask), SEC_E_OUT_OF_SEQUENCE);
    digest_end_reset(&server);
    ck_assert_int_eq(judge(&sasl_ask), SEC_E_INVALID_TOKEN); /* no challenge at all */
    ends_close();
}
END_TEST

static SECURITY_STATUS sasl_send(struct digest_end *end, char *text, char signature[16])
{
    SecBuffer buffers[] = {{(ULONG)strlen(text), SECBUFFER_DATA, text},
                           {16, SECBUFFER_TOKEN, signature}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};

    return MakeSignature(&end->ctx, 0, &list, 0);
}

static SECURITY_STATUS sasl_receive(struct digest_end *end, char *text, char signature[16])
{
    SecBuffer buffers[] = {{(ULONG)strlen(text), SECBUFFER_DATA, text},
                           {16, SECBUFFER_TOKEN, signature}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};

    return VerifySignature(&end->ctx, &list, 0, NULL);
}

START_TEST(sasl_integrity)
{
    static const struct digest_ask ask = {NULL, "ldap/host.test", NULL, ISC_REQ_INTEGRITY};
    char text[] = "a message", other[] = "b message", signature[16], stream[sizeof(text) + 15];
    SecPkgContext_Sizes sizes;
    SecPkgContext_StreamSizes stream_sizes;
    SecBuffer buffers[] = {{sizeof(stream), SECBUFFER_STREAM, stream}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};

    ends_open(DIGEST_END_PASSWORD);
    sasl_logon(&ask);
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaxSignature, 16);
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_STREAM_SIZES, &stream_sizes),
                     SEC_E_OK);
    ck_assert_uint_eq(stream_sizes.cbMaximumMessage, 65536 - 16);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(sasl_send(&client, text, signature), SEC_E_OK);
        ck_assert_int_eq(sasl_receive(&server, other, signature), SEC_E_MESSAGE_ALTERED);
        ck_assert_int_eq(sasl_receive(&client, text, signature),
                         i == 0 ? SEC_E_MESSAGE_ALTERED : SEC_E_OUT_OF_SEQUENCE); /* reflected */
        ck_assert_int_eq(sasl_receive(&server, text, signature), SEC_E_OK);
        ck_assert_int_eq(sasl_receive(&server, text, signature), SEC_E_OUT_OF_SEQUENCE);
    }
    /* As one piece, and the other way. */
    ck_assert_int_eq(sasl_send(&server, text, signature), SEC_E_OK);
    memcpy(stream, text, strlen(text));
    memcpy(stream + strlen(text), signature, 16);
    ck_assert_int_eq(DecryptMessage(&client.ctx, &list, 0, NULL), SEC_E_OK);
    ck_assert_ptr_eq(buffers[1].pvBuffer, stream);
    ck_assert_uint_eq(buffers[1].cbBuffer, strlen(text));
    ends_close();
}
END_TEST

/* --- A client that is not ours -------------------------------------------------------------- */

/* Its response for alice to the server's challenge, and what the server is to prove then. */
static void respond_by_hand(const char *qop, const char *authzid, const char *rest,
                            char proof[DIGEST_HEX_SIZE])
{
    char *nonce = strdup(strstr(server.token, "nonce=\"") + strlen("nonce=\""));
    struct digest_claim claim = {.sasl = true,
                                 .nonce = nonce,
                                 .cnonce = "c",
                                 .nc = "00000001",
                                 .qop = qop,
                                 .uri = "ldap/host.test",
                                 .authzid = authzid};
    char response[DIGEST_HEX_SIZE];
    struct digest_secret secret;

    ck_assert_ptr_nonnull(nonce);
    nonce[strcspn(nonce, "\"")] = '\0';
    ck_assert_int_eq(digest_secret_make(digest_algorithm_find("MD5-sess"), DIGEST_END_USER,
                                        DIGEST_END_REALM, DIGEST_END_PASSWORD, &secret),
                     SEC_E_OK);
    ck_assert_int_eq(digest_response_make(&secret, &claim, DIGEST_CLIENT, response), SEC_E_OK);
    ck_assert_int_eq(digest_response_make(&secret, &claim, DIGEST_SERVER, proof), SEC_E_OK);
    client.size = (ULONG)snprintf(
        client.token, sizeof(client.token),
        "charset=utf-8,username=\"%s\",realm=\"%s\",nonce=\"%s\",cnonce=\"c\",nc=00000001,"
        "digest-uri=\"ldap/host.test\",qop=%s,response=%s%s",
        DIGEST_END_USER, DIGEST_END_REALM, nonce, qop, response, rest);
    free(nonce);
}

static const struct {
    const char *authzid, *directive;
    SECURITY_STATUS status;
} identities[] = {
    {NULL, "", SEC_E_OK},
    {"alice", ",authzid=\"alice\"", SEC_E_OK},
    {"bob", ",authzid=\"bob\"", SEC_E_LOGON_DENIED},
    {NULL, ",authzid=\"alice\"", SEC_E_LOGON_DENIED}, /* not what the response is of */
};

/* RFC 2831 2.1.2.1, 2.1.3: the identity is in what both ends prove. */
START_TEST(sasl_client_that_says_as_whom)
{
    char proof[DIGEST_HEX_SIZE];

    ck_assert_int_eq(digest_server_open(&server, NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&server, &sasl_ask, NULL, 0), SEC_I_CONTINUE_NEEDED);
    respond_by_hand("auth", identities[_i].authzid, identities[_i].directive, proof);
    ck_assert_int_eq(judge(&sasl_ask), identities[_i].status);
    if (identities[_i].status == SEC_E_OK) {
        ck_assert_uint_eq(server.size, strlen("rspauth=") + strlen(proof));
        ck_assert_str_eq(server.token + strlen("rspauth="), proof);
    }
    digest_end_close(&server);
}
END_TEST

/* RFC 2831 2.1.1, 2.1.2: each end says how much it can read at once, signature and all. */
START_TEST(sasl_messages_have_a_size)
{
    static const struct digest_ask ask = {NULL, "ldap/host.test", NULL, ISC_REQ_INTEGRITY};
    static char text[65536 + 1];
    char proof[DIGEST_HEX_SIZE], signature[16] = "";
    struct digest_ask server_ask = as_server(&ask);
    SecPkgContext_StreamSizes sizes;
    SecBuffer buffers[] = {{0, SECBUFFER_DATA, text}, {16, SECBUFFER_TOKEN, signature}};
    SecBuffer stream[] = {{0, SECBUFFER_STREAM, text}, {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers}, one = {SECBUFFER_VERSION, 2, stream};

    ck_assert_int_eq(digest_server_open(&server, NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&server, &server_ask, NULL, 0), SEC_I_CONTINUE_NEEDED);
    ck_assert_ptr_nonnull(strstr(server.token, "maxbuf=65536"));
    respond_by_hand("auth-int", NULL, ",maxbuf=64", proof);
    ck_assert_int_eq(judge(&ask), SEC_E_OK);
    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_STREAM_SIZES, &sizes),
                     SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaximumMessage, 48);
    for (ULONG more = 2; more-- > 0;) {
        buffers[0].cbBuffer = 48 + more;
        ck_assert_int_eq(EncryptMessage(&server.ctx, SECQOP_WRAP_NO_ENCRYPT, &list, 0),
                         more != 0 ? SEC_E_ENCRYPT_FAILURE : SEC_E_OK);
        /* What comes is not as it was signed, where it is looked at. */
        buffers[0].cbBuffer = 65536 - 16 + more;
        ck_assert_int_eq(DecryptMessage(&server.ctx, &list, 0, NULL),
                         more != 0 ? SEC_E_INVALID_TOKEN : SEC_E_MESSAGE_ALTERED);
        stream[0].cbBuffer = 65536 + more;
        ck_assert_int_eq(DecryptMessage(&server.ctx, &one, 0, NULL),
                         more != 0 ? SEC_E_INVALID_TOKEN : SEC_E_OUT_OF_SEQUENCE);
    }
    digest_end_close(&server);
}
END_TEST

/* As other packages' programs have it: a place for padding, of which nothing is to be sent. */
START_TEST(sasl_needs_no_padding)
{
    static const struct digest_ask ask = {NULL, "ldap/host.test", NULL, ISC_REQ_INTEGRITY};
    char text[] = "a message", signature[16], padding[16];
    SecPkgContext_Sizes sizes;
    SecBuffer buffers[] = {{16, SECBUFFER_TOKEN, signature},
                           {9, SECBUFFER_DATA, text},
                           {0, SECBUFFER_PADDING, padding}};
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};

    ends_open(DIGEST_END_PASSWORD);
    sasl_logon(&ask);
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    buffers[2].cbBuffer = sizes.cbBlockSize;
    ck_assert_int_eq(EncryptMessage(&client.ctx, SECQOP_WRAP_NO_ENCRYPT, &list, 0), SEC_E_OK);
    ck_assert_uint_eq(buffers[0].cbBuffer, 16);
    ck_assert_uint_eq(buffers[1].cbBuffer, 9);
    ck_assert_uint_eq(buffers[2].cbBuffer, 0);
    ck_assert_int_eq(DecryptMessage(&server.ctx, &list, 0, NULL), SEC_E_OK);
    ends_close();
}
END_TEST

/* Who asks for secrecy hears that there is none. */
START_TEST(sasl_no_secrecy)
{
    static const struct digest_ask ask = {NULL, "ldap/host.test", NULL,
                                          ISC_REQ_INTEGRITY | ISC_REQ_CONFIDENTIALITY};
    static const char only[] = "realm=\"r\",nonce=\"n\",qop=\"auth-conf\",cipher=\"rc4,3des\","
                               "algorithm=md5-sess,charset=utf-8";
    char text[] = "a message", signature[16];
    SecBuffer buffers[] = {{9, SECBUFFER_DATA, text}, {16, SECBUFFER_TOKEN, signature}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};

    ends_open(DIGEST_END_PASSWORD);
    sasl_logon(&ask);
    ck_assert_uint_eq(client.attributes & ISC_RET_CONFIDENTIALITY, 0);
    ck_assert_uint_ne(client.attributes & ISC_RET_INTEGRITY, 0);
    ck_assert_int_eq(EncryptMessage(&client.ctx, 0, &list, 0), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(EncryptMessage(&client.ctx, SECQOP_WRAP_NO_ENCRYPT, &list, 0), SEC_E_OK);
    ck_assert_int_eq(sasl_receive(&server, text, signature), SEC_E_OK);
    digest_end_reset(&client);
    ck_assert_int_eq(digest_leg(&client, &ask, only, strlen(only)), SEC_E_QOP_NOT_SUPPORTED);
    ends_close();
}
END_TEST

START_TEST(sasl_without_integrity)
{
    char text[] = "a message", signature[16] = "";

    ends_open(DIGEST_END_PASSWORD);
    sasl_logon(&sasl_ask);
    ck_assert_int_eq(sasl_send(&client, text, signature), SEC_E_QOP_NOT_SUPPORTED);
    ck_assert_int_eq(sasl_receive(&server, text, signature), SEC_E_QOP_NOT_SUPPORTED);
    ends_close();
}
END_TEST

static const struct {
    const char *challenge, *user;
    SECURITY_STATUS status;
    const char *has;
} sasl_challenges[] = {
    /* RFC 2831 4 */
    {"realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\",qop=\"auth\",algorithm=md5-sess,"
     "charset=utf-8",
     "chris", SEC_I_CONTINUE_NEEDED,
     "charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\",nonce=\"OA6MG9tEQGm2hh\","},
    {"nonce=\"n\",algorithm=md5-sess", "u", SEC_I_CONTINUE_NEEDED, "username=\"u\",nonce="},
    {"nonce=\"n\",algorithm=md5-sess,qop=\"auth-int\"", "u", SEC_I_CONTINUE_NEEDED,
     "qop=auth-int,maxbuf=65536"},
    {"nonce=\"n\",algorithm=md5-sess,charset=utf-8", "J\xc3\xa4s", SEC_I_CONTINUE_NEEDED,
     "username=\"J\xc3\xa4s\""},
    {"nonce=\"n\",algorithm=md5-sess", "J\xc3\xa4s", SEC_I_CONTINUE_NEEDED, "username=\"J\xe4s\""},
    {"nonce=\"n\",algorithm=md5-sess", "\xc5\x81", SEC_E_LOGON_DENIED, NULL},
    {"nonce=\"n\"", "u", SEC_E_ALGORITHM_MISMATCH, NULL},
    {"nonce=\"n\",algorithm=MD5", "u", SEC_E_ALGORITHM_MISMATCH, NULL},
    {"nonce=\"n\",algorithm=SHA-256-sess", "u", SEC_E_ALGORITHM_MISMATCH, NULL},
    {"nonce=\"n\",algorithm=md5-sess,maxbuf=16", "u", SEC_E_INVALID_TOKEN, NULL},
    {"nonce=\"n\",algorithm=md5-sess,maxbuf=16777216", "u", SEC_E_INVALID_TOKEN, NULL},
    {"algorithm=md5-sess", "u", SEC_E_INVALID_TOKEN, NULL},
};

START_TEST(sasl_challenges_taken)
{
    const char *challenge = sasl_challenges[_i].challenge;

    ck_assert_int_eq(digest_client_open(&client, sasl_challenges[_i].user, NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &sasl_ask, challenge, strlen(challenge)),
                     sasl_challenges[_i].status);
    if (sasl_challenges[_i].has != NULL)
        ck_assert_msg(strstr(client.token, sasl_challenges[_i].has) != NULL, "%s", client.token);
    digest_end_close(&client);
}
END_TEST

/* --- Either --------------------------------------------------------------------------------- */

START_TEST(credentials)
{
    struct sspi_digest_server settings = {.algorithm = "MD6"};
    unsigned char name[] = "u";
    SEC_WINNT_AUTH_IDENTITY_A identity = {.User = name,
                                          .UserLength = 1,
                                          .Password = name,
                                          .PasswordLength = 1,
                                          .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    char package[] = "WDigest";
    SecPkgCredentials_NamesA names;
    CredHandle cred;

    ck_assert_int_eq(digest_client_open(&client, NULL, NULL, NULL), SEC_E_NO_CREDENTIALS);
    assert_native("user and a password");
    ck_assert_int_eq(digest_client_open(&client, "", NULL, "x"), SEC_E_UNKNOWN_CREDENTIALS);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, &identity,
                                               NULL, NULL, &cred, NULL),
                     SEC_E_UNSUPPORTED_FUNCTION);
    /* Both uses without an identity: a server it is, and no client. */
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_BOTH, NULL, NULL, NULL,
                                               NULL, &client.cred, NULL),
                     SEC_E_OK);
    client.open = client.inbound = false;
    ck_assert_int_eq(digest_leg(&client, &http_ask, "realm=\"r\",nonce=\"n\"", 19),
                     SEC_E_NO_CREDENTIALS);
    FreeCredentialsHandle(&client.cred);
    /* A user without a password is not somebody else. */
    ck_assert_int_eq(digest_client_open(&client, "dom\\u", NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &http_ask, "realm=\"r\",nonce=\"n\"", 19),
                     SEC_E_LOGON_DENIED);
    ck_assert_int_eq(QueryCredentialsAttributesA(&client.cred, SECPKG_CRED_ATTR_NAMES, &names),
                     SEC_E_OK);
    ck_assert_str_eq(names.sUserName, "dom\\u");
    FreeContextBuffer(names.sUserName);
    /* Settings are a server's, whole, known, and said once. */
    settings.algorithm = NULL;
    ck_assert_int_eq(SetCredentialsAttributesA(&client.cred, SSPI_CRED_ATTR_DIGEST_SERVER,
                                               &settings, sizeof(settings)),
                     SEC_E_UNSUPPORTED_FUNCTION);
    digest_end_close(&client);
    settings.algorithm = "MD6";
    ck_assert_int_eq(digest_server_open(&server, NULL, &settings), SEC_E_ALGORITHM_MISMATCH);
    settings.algorithm = "sha-256";
    ck_assert_int_eq(SetCredentialsAttributesA(&server.cred, SSPI_CRED_ATTR_DIGEST_SERVER,
                                               &settings, sizeof(settings) - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(SetCredentialsAttributesA(&server.cred, SSPI_CRED_ATTR_DIGEST_SERVER,
                                               &settings, sizeof(settings)),
                     SEC_E_OK);
    ck_assert_int_eq(SetCredentialsAttributesA(&server.cred, SSPI_CRED_ATTR_DIGEST_SERVER,
                                               &settings, sizeof(settings)),
                     SEC_E_OUT_OF_SEQUENCE);
    digest_end_close(&server);
}
END_TEST

START_TEST(flags_that_are_refused)
{
    static const struct {
        ULONG isc, asc;
        SECURITY_STATUS status;
    } cases[] = {
        {ISC_REQ_DATAGRAM, ASC_REQ_DATAGRAM, SEC_E_UNSUPPORTED_FUNCTION},
        {ISC_REQ_PROMPT_FOR_CREDS, ASC_REQ_PROXY_BINDINGS, SEC_E_UNSUPPORTED_FUNCTION},
        {ISC_REQ_USE_HTTP_STYLE | ISC_REQ_CONFIDENTIALITY, ASC_REQ_HTTP | ASC_REQ_CONFIDENTIALITY,
         SEC_E_SECURITY_QOS_FAILED},
    };
    struct digest_ask ask = {"GET", "/", NULL, 0};

    ends_open("x");
    for (int i = 0; i < COUNT(cases); i++) {
        ask.flags = cases[i].isc;
        ck_assert_int_eq(digest_leg(&client, &ask, NULL, 0), cases[i].status);
        ask.flags = cases[i].asc;
        ck_assert_int_eq(digest_leg(&server, &ask, NULL, 0), cases[i].status);
    }
    ends_close();
}
END_TEST

/* A token that found no room waits for the same call with more. */
START_TEST(small_buffers)
{
    SecBuffer output = {10, SECBUFFER_TOKEN, client.token};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &output};
    ULONG attributes;

    ends_open(DIGEST_END_PASSWORD);
    ck_assert_int_eq(AcceptSecurityContext(&server.cred, NULL, NULL, ASC_REQ_HTTP, 0, &server.ctx,
                                           &out, &attributes, NULL),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_gt(output.cbBuffer, 10);
    ck_assert_int_eq(AcceptSecurityContext(&server.cred, &server.ctx, NULL, ASC_REQ_HTTP, 0,
                                           &server.ctx, &out, &attributes, NULL),
                     SEC_I_CONTINUE_NEEDED);
    server.open = true;
    ck_assert_int_eq(digest_leg(&client, &http_ask, client.token, output.cbBuffer), SEC_E_OK);
    output = (SecBuffer){10, SECBUFFER_PADDING, client.token};
    ck_assert_int_eq(MakeSignature(&client.ctx, 0, &out, 0), SEC_E_TARGET_UNKNOWN);
    ends_close();
}
END_TEST

START_TEST(realm_of_the_call)
{
    static SEC_WCHAR realm[] = {'t', 'e', 's', 't', ' ', 'r', 'e', 'a', 'l', 'm', 0};
    SecBuffer input[] = {{0, SECBUFFER_TOKEN, NULL},
                         {0, SECBUFFER_PKG_PARAMS, NULL},
                         {0, SECBUFFER_PKG_PARAMS, NULL},
                         {0, SECBUFFER_PKG_PARAMS, NULL},
                         {sizeof(realm), SECBUFFER_PKG_PARAMS, realm}};
    SecBuffer output = {sizeof(server.token) - 1, SECBUFFER_TOKEN, server.token};
    SecBufferDesc in = {SECBUFFER_VERSION, 5, input}, out = {SECBUFFER_VERSION, 1, &output};
    struct sspi_digest_server settings = {.realm = "not this"};
    ULONG attributes;

    ck_assert_int_eq(digest_server_open(&server, NULL, &settings), SEC_E_OK);
    ck_assert_int_eq(AcceptSecurityContext(&server.cred, NULL, &in, ASC_REQ_HTTP, 0, &server.ctx,
                                           &out, &attributes, NULL),
                     SEC_I_CONTINUE_NEEDED);
    server.token[output.cbBuffer] = '\0';
    ck_assert_ptr_nonnull(strstr(server.token, "realm=\"test realm\","));
    DeleteSecurityContext(&server.ctx);
    realm[0] = 0xd800; /* half a letter */
    ck_assert_int_eq(AcceptSecurityContext(&server.cred, NULL, &in, ASC_REQ_HTTP, 0, &server.ctx,
                                           &out, &attributes, NULL),
                     SEC_E_INVALID_PARAMETER);
    digest_end_close(&server);
}
END_TEST

START_TEST(who_the_client_is)
{
    SecPkgContext_AccessToken token;
    SecPkgContext_Target target;
    SecPkgContext_PackageInfoW info;

    ends_open(DIGEST_END_PASSWORD);
    respond(&http_ask, SEC_E_OK);
    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_ACCESS_TOKEN, &token),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(judge(&http_ask), SEC_E_OK);
    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_ACCESS_TOKEN, &token),
                     SEC_E_OK);
    CloseHandle(token.AccessToken);
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_ACCESS_TOKEN, &token),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_TARGET, &target), SEC_E_OK);
    ck_assert_str_eq(target.Target, http_ask.uri);
    FreeContextBuffer(target.Target);
    ck_assert_int_eq(QueryContextAttributesW(&server.ctx, SECPKG_ATTR_PACKAGE_INFO, &info),
                     SEC_E_OK);
    ck_assert_uint_eq(info.PackageInfo->wRPCID, 21);
    ck_assert_uint_eq(info.PackageInfo->cbMaxToken, 4096);
    FreeContextBuffer(info.PackageInfo);
    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_SESSION_KEY, &info),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.ctx), SEC_E_OK);
    ck_assert_int_eq(RevertSecurityContext(&server.ctx), SEC_E_OK);
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("digest legs");
    TCase *tests = tcase_create("legs");

    tcase_add_loop_test(tests, http_by_every_algorithm, 0, COUNT(algorithms));
    tcase_add_test(tests, http_further_requests);
    tcase_add_test(tests, http_without_a_context);
    tcase_add_test(tests, http_stale_nonce);
    tcase_add_test(tests, http_stale_nonce_and_wrong_password);
    tcase_add_test(tests, http_stale_nonce_later);
    tcase_add_test(tests, http_refused_request_changes_nothing);
    tcase_add_test(tests, http_field_without_room);
    tcase_add_test(tests, http_challenge_again);
    tcase_add_test(tests, http_no_weaker_algorithm);
    tcase_add_loop_test(tests, http_no_weaker_quality, 0, COUNT(qualities));
    tcase_add_test(tests, http_body);
    tcase_add_test(tests, http_body_first);
    tcase_add_test(tests, http_server_proves_itself);
    tcase_add_test(tests, http_wrong_answers);
    tcase_add_loop_test(tests, http_for_another_request, 0, COUNT(others));
    tcase_add_test(tests, http_domain_is_the_realm);
    tcase_add_loop_test(tests, http_challenges, 0, COUNT(challenges));
    tcase_add_test(tests, http_injection);
    tcase_add_test(tests, sasl_auth);
    tcase_add_test(tests, sasl_server_must_prove_itself);
    tcase_add_test(tests, sasl_for_another_service);
    tcase_add_test(tests, sasl_replay);
    tcase_add_test(tests, sasl_integrity);
    tcase_add_loop_test(tests, sasl_client_that_says_as_whom, 0, COUNT(identities));
    tcase_add_test(tests, sasl_messages_have_a_size);
    tcase_add_test(tests, sasl_needs_no_padding);
    tcase_add_test(tests, sasl_no_secrecy);
    tcase_add_test(tests, sasl_without_integrity);
    tcase_add_loop_test(tests, sasl_challenges_taken, 0, COUNT(sasl_challenges));
    tcase_add_test(tests, credentials);
    tcase_add_test(tests, flags_that_are_refused);
    tcase_add_test(tests, small_buffers);
    tcase_add_test(tests, realm_of_the_call);
    tcase_add_test(tests, who_the_client_is);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
