/* SPDX-License-Identifier: MIT */
/*
 * Every message of Digest cut short at every octet and altered in every bit, from the challenge to
 * the last proof: who was lied to says so, or has understood the same as was meant. Nobody but the
 * account's user gets in, and nothing is granted that would not have been.
 */
#include <stdlib.h>
#include <string.h>

#include "digest/directive.h"
#include "lib/check_main.h"
#include "lib/digestend.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

#define BODY "d41d8cd98f00b204e9800998ecf8427e"

enum { MESSAGES = 4 };

/* What passes: challenge and response; then SASL's proof, or the next request and its answer. */
static const struct way {
    const char *algorithm;
    struct digest_ask client, server;
    int messages;
} ways[] = {
    {"MD5", {"GET", "/", NULL, ISC_REQ_USE_HTTP_STYLE}, {"GET", "/", NULL, ASC_REQ_HTTP}, 4},
    {"SHA-256-sess",
     {"GET", "/", NULL, ISC_REQ_USE_HTTP_STYLE},
     {"GET", "/", NULL, ASC_REQ_HTTP},
     4},
    {"MD5",
     {"PUT", "/", BODY, ISC_REQ_USE_HTTP_STYLE | ISC_REQ_INTEGRITY},
     {"PUT", "/", BODY, ASC_REQ_HTTP | ASC_REQ_INTEGRITY},
     4},
    {"MD5", {NULL, "ldap/host.test", NULL, 0}, {NULL, NULL, NULL, 0}, 3},
    {"MD5",
     {NULL, "ldap/host.test", NULL, ISC_REQ_INTEGRITY},
     {NULL, NULL, NULL, ASC_REQ_INTEGRITY},
     3},
};

static struct digest_end client, server;

/* What both ends grant when nothing is changed. */
static ULONG client_granted, server_granted;

static bool is_sasl(const struct way *way)
{
    return way->client.method == NULL;
}

/* --- Messages ------------------------------------------------------------------------------- */

static bool is_from_client(const struct way *way, int number)
{
    return is_sasl(way) ? number == 1 : number == 1 || number == 2;
}

static struct digest_end *sender(const struct way *way, int number)
{
    return is_from_client(way, number) ? &client : &server;
}

/* Makes a message that does not come of the one before by itself. */
static SECURITY_STATUS message_make(const struct way *way, int number)
{
    if (number == 0)
        return digest_leg(&server, &way->server, NULL, 0);
    if (is_sasl(way) || number == 1)
        return SEC_E_OK;
    return digest_make(sender(way, number), number == 2 ? &way->client : &way->server);
}

static SECURITY_STATUS message_take(const struct way *way, int number, const char *text,
                                    size_t size)
{
    bool by_server = is_from_client(way, number);
    struct digest_end *end = by_server ? &server : &client;
    const struct digest_ask *ask = by_server ? &way->server : &way->client;

    return is_sasl(way) || number < 2 ? digest_leg(end, ask, text, size)
                                      : digest_verify(end, ask, text, size);
}

static SECURITY_STATUS message_pass(const struct way *way, int number)
{
    SECURITY_STATUS status = message_make(way, number);
    const struct digest_end *from = sender(way, number);

    return status < 0 ? status : message_take(way, number, from->token, from->size);
}

static void contexts_end(void)
{
    digest_end_reset(&client);
    digest_end_reset(&server);
    client.attributes = server.attributes = 0;
}

/* Contexts anew, up to where a message is on its way: from->token, from->size. */
static const struct digest_end *advance(const struct way *way, int number)
{
    contexts_end();
    for (int i = 0; i < number; i++)
        ck_assert_int_ge(message_pass(way, i), 0);
    ck_assert_int_ge(message_make(way, number), 0);
    ck_assert_uint_gt(sender(way, number)->size, 0);
    return sender(way, number);
}

static void way_open(const struct way *way)
{
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, DIGEST_END_PASSWORD),
                     SEC_E_OK);
    ck_assert_int_eq(digest_server_open_for(&server, way->algorithm), SEC_E_OK);
    for (int i = 0; i < way->messages; i++)
        ck_assert_int_ge(message_pass(way, i), 0);
    client_granted = client.attributes;
    server_granted = server.attributes;
}

static void way_close(const struct way *way)
{
    contexts_end();
    for (int i = 0; i < way->messages; i++) /* the credentials are as good as before */
        ck_assert_int_ge(message_pass(way, i), 0);
    digest_end_close(&client);
    digest_end_close(&server);
}

/* --- What becomes of one -------------------------------------------------------------------- */

static bool is_clear(SECURITY_STATUS status)
{
    static const SECURITY_STATUS known[] = {
        SEC_E_INVALID_TOKEN,        SEC_E_LOGON_DENIED,    SEC_E_MESSAGE_ALTERED,
        SEC_E_ALGORITHM_MISMATCH,   SEC_E_OUT_OF_SEQUENCE, SEC_E_QOP_NOT_SUPPORTED,
        SEC_E_UNSUPPORTED_FUNCTION, SEC_E_CONTEXT_EXPIRED, SEC_E_MUTUAL_AUTH_FAILED,
    };

    for (int i = 0; i < COUNT(known); i++)
        if (status == known[i])
            return true;
    return false;
}

/* What a response's hash is of, or is it. What is left out has a default that is as good. */
static const enum digest_directive proved[] = {
    DIGEST_USERNAME, DIGEST_REALM, DIGEST_NONCE,    DIGEST_CNONCE,     DIGEST_NC,
    DIGEST_URI,      DIGEST_QOP,   DIGEST_RESPONSE, DIGEST_DIGEST_URI,
};

static void assert_same(const struct way *way, const char *sent, size_t sent_size, const char *came,
                        size_t came_size)
{
    struct digest_input in[] = {{sent, sent + sent_size}, {came, came + came_size}};
    struct digest_message read[2];
    bool found;

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(
            digest_message_read(&in[i], DIGEST_OF_CLIENT, is_sasl(way), &read[i], &found),
            SEC_E_OK);
    for (int i = 0; i < COUNT(proved); i++) {
        const char *one = read[0].value[proved[i]], *other = read[1].value[proved[i]];

        if (proved[i] == DIGEST_QOP && other == NULL)
            other = "auth"; /* RFC 2831 2.1.2 */
        ck_assert(one == NULL ? other == NULL : other != NULL && strcmp(one, other) == 0);
    }
    digest_message_free(&read[0]);
    digest_message_free(&read[1]);
}

static void assert_alice(void)
{
    SecPkgContext_NamesA names;

    ck_assert_int_eq(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_str_eq(names.sUserName, DIGEST_END_REALM "\\" DIGEST_END_USER);
    FreeContextBuffer(names.sUserName);
}

/* Whether the other end has something to go on with. A server may have asked again. */
static bool goes_on(const struct way *way, int number, SECURITY_STATUS status)
{
    if (is_from_client(way, number))
        return status == SEC_E_OK;
    return status >= 0 && (number != 0 || client.size != 0);
}

static void assert_let_in(const struct way *way, int number, SECURITY_STATUS status)
{
    if (is_from_client(way, number) && status == SEC_E_OK)
        assert_alice();
}

/*
 * Takes what was changed and goes on as long as both ends do. text is as large as it is, and
 * nothing behind it is there to be read.
 */
static void assert_harmless(const struct way *way, int number, const char *text, size_t size,
                            const char *what, size_t where)
{
    const struct digest_end *from = sender(way, number);
    SECURITY_STATUS status = message_take(way, number, text, size);

    assert_let_in(way, number, status);
    if (is_from_client(way, number) && status == SEC_E_OK)
        assert_same(way, from->token, from->size, text, size);
    for (int next = number + 1; goes_on(way, next - 1, status) && next < way->messages; next++) {
        status = message_pass(way, next);
        assert_let_in(way, next, status);
    }
    ck_assert_msg(status >= 0 || is_clear(status), "message %d, %s %zu: %s: %s", number, what,
                  where, sspi_status_name(status), sspi_native_error());
    if (status < 0)
        ck_assert_str_ne(sspi_native_error(), "");
    ck_assert_uint_eq(client.attributes & ~client_granted, 0);
    ck_assert_uint_eq(server.attributes & ~server_granted, 0);
}

/* --- Changes -------------------------------------------------------------------------------- */

static char *copy_of(const char *text, size_t size)
{
    char *copy = malloc(size != 0 ? size : 1);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, size);
    return copy;
}

/* The way and the message of a turn; there is none for each. */
static const struct way *turn(int number, int *message)
{
    *message = number % MESSAGES;
    return &ways[number / MESSAGES];
}

START_TEST(prefixes)
{
    int number;
    const struct way *way = turn(_i, &number);

    way_open(way);
    for (size_t keep = 0; number < way->messages; keep++) {
        const struct digest_end *from = advance(way, number);
        char *text;

        if (keep >= from->size)
            break;
        text = copy_of(from->token, keep);
        assert_harmless(way, number, text, keep, "prefix", keep);
        free(text);
    }
    way_close(way);
}
END_TEST

START_TEST(flips)
{
    int number;
    const struct way *way = turn(_i, &number);

    way_open(way);
    for (size_t bit = 0; number < way->messages; bit++) {
        const struct digest_end *from = advance(way, number);
        size_t size = from->size;
        char *text;

        if (bit / 8 >= size)
            break;
        text = copy_of(from->token, size);
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        assert_harmless(way, number, text, size, "bit", bit);
        free(text);
    }
    way_close(way);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("digest altered");
    TCase *tests = tcase_create("altered");

    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, prefixes, 0, COUNT(ways) * MESSAGES);
    tcase_add_loop_test(tests, flips, 0, COUNT(ways) * MESSAGES);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
