/* SPDX-License-Identifier: MIT */
/*
 * Every prefix and every single-bit flip of every token of a handshake, and lengths that point
 * elsewhere: a clear status, never another identity, and handles that can be deleted.
 */
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct way {
    const char *package, *list, *user;
    int legs;  /* that tokens travel on */
    int empty; /* the one without octets, RFC 4752 3.1; or 0 */
} ways[] = {
#ifdef MUTATE_SASL
    {"Kerberos", NULL, "alice@LOOPBACK.TEST", 5, 2},
    {"Negotiate", "!ntlm", "alice@LOOPBACK.TEST", 2, 0},
    {"Negotiate", "!kerberos", "LOOPBACK\\alice", 3, 0},
};
#define TURNS 10 /* all tokens of all ways */
#define SASL  true
#else
    {"Kerberos", NULL, "alice@LOOPBACK.TEST", 2, 0},
    {"NTLM", NULL, "LOOPBACK\\alice", 3, 0},
    {"Negotiate", "!ntlm", "alice@LOOPBACK.TEST", 2, 0},
    {"Negotiate", "!kerberos", "LOOPBACK\\alice", 3, 0},
};
#define TURNS 10
#define SASL  false
#endif

/* What both ends grant when nothing is changed. */
static ULONG client_granted, server_granted;

static void open_way(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(way->list);

    setenv("KRB5RCACHENAME", "none:", 1); /* a copy of a token is not what is looked for here */
    pair_init(pair);
    pair->sasl = SASL;
    pair_acquire(pair, way->package, way->list != NULL ? &list : NULL);
    pair_establish(pair);
    ck_assert_int_eq(pair->legs, way->legs - (way->empty != 0));
    client_granted = pair->client_flags;
    server_granted = pair->server_flags;
    pair_close(pair);
}

/* Token number leg is the client's when even. Its receiver's call: */
static SECURITY_STATUS deliver(struct pair *pair, int leg)
{
    return leg % 2 == 0 ? pair_accept(pair) : pair_initialize(pair);
}

static struct pair_token *token_of(struct pair *pair, int leg)
{
    return leg % 2 == 0 ? &pair->to_server : &pair->to_client;
}

static void start_again(struct pair *pair)
{
    pair_close(pair);
    pair->to_client.size = 0;
}

/* Contexts anew, up to where token number leg is on its way. */
static void advance(struct pair *pair, const struct way *way, int leg)
{
    start_again(pair);
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    for (int i = 0; i < leg; i++)
        ck_assert_int_ge(deliver(pair, i), 0);
    ck_assert((token_of(pair, leg)->size > 0) == (leg == 0 || leg != way->empty));
}

/* What a token that is not as it was sent may be told to be. */
static bool is_clear(SECURITY_STATUS status)
{
    static const SECURITY_STATUS known[] = {
        SEC_E_INVALID_TOKEN,   SEC_E_MESSAGE_ALTERED, SEC_E_LOGON_DENIED,
        SEC_E_WRONG_PRINCIPAL, SEC_E_CONTEXT_EXPIRED, SEC_E_UNSUPPORTED_FUNCTION,
        SEC_E_TIME_SKEW,       SEC_E_NO_CREDENTIALS,  SEC_E_KDC_UNKNOWN_ETYPE,
        SEC_E_OUT_OF_SEQUENCE, SEC_E_BAD_BINDINGS,    SEC_E_NO_KERB_KEY,
    };

    for (size_t i = 0; i < COUNT(known); i++)
        if (status == known[i])
            return true;
    return false;
}

/*
 * gss-ntlmssp finds an account in either case of letters, and by its name alone when no domain is
 * given; then it asks for its proof.
 */
static void assert_user(CtxtHandle *server, const struct way *way)
{
    const char *user = context_user(server), *account = strchr(way->user, '\\');

    if (account == NULL)
        ck_assert_str_eq(user, way->user);
    else
        ck_assert_msg(strcasecmp(user, way->user) == 0 || strcasecmp(user, account + 1) == 0,
                      "the user is %s", user);
}

/*
 * Delivers what was changed and goes on as long as both ends do. A change that nobody is to see,
 * as of an option in the clear, may end well: then it is the same user, and nothing more is
 * granted.
 */
static void assert_harmless(struct pair *pair, const struct way *way, int leg, const char *what,
                            size_t where)
{
    SECURITY_STATUS status = deliver(pair, leg);

    for (int next = leg + 1; status >= 0 && next < PAIR_LEGS_MAX; next++) {
        if (token_of(pair, next)->size == 0 && next != way->empty)
            break;
        status = deliver(pair, next);
    }
    ck_assert_msg(status >= 0 || is_clear(status), "%s, token %d, %s at %zu: %s; %s", way->package,
                  leg, what, where, sspi_status_name(status), sspi_native_error());
    if (status < 0)
        ck_assert_str_ne(sspi_native_error(), "");
    if (pair->client_open && pair->client_status == SEC_E_OK)
        ck_assert_uint_eq(pair->client_flags & ~client_granted, 0);
    if (pair->server_open && pair->server_status == SEC_E_OK) {
        ck_assert_uint_eq(pair->server_flags & ~server_granted, 0);
        assert_user(&pair->server, way);
    }
    if (pair->client_open)
        assert_status(DeleteSecurityContext(&pair->client), SEC_E_OK);
    if (pair->server_open)
        assert_status(DeleteSecurityContext(&pair->server), SEC_E_OK);
    pair->client_open = pair->server_open = false;
}

/* The way and the token of a turn. */
static const struct way *turn(int number, int *leg)
{
    const struct way *way = ways;

    while (number >= way->legs)
        number -= way++->legs;
    *leg = number;
    return way;
}

START_TEST(prefixes)
{
    int leg;
    const struct way *way = turn(_i, &leg);
    struct pair pair;

    open_way(&pair, way);
    for (ULONG keep = 0;; keep++) {
        advance(&pair, way, leg);
        if (keep >= token_of(&pair, leg)->size)
            break;
        token_of(&pair, leg)->size = keep;
        assert_harmless(&pair, way, leg, "prefix", keep);
    }
    start_again(&pair);
    pair_establish(&pair); /* the credentials are as good as before */
    pair_free(&pair);
}
END_TEST

START_TEST(flips)
{
    int leg;
    const struct way *way = turn(_i, &leg);
    struct pair pair;

    open_way(&pair, way);
    for (size_t bit = 0;; bit++) {
        advance(&pair, way, leg);
        if (bit / 8 >= token_of(&pair, leg)->size)
            break;
        token_of(&pair, leg)->data[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_harmless(&pair, way, leg, "bit", bit);
    }
    start_again(&pair);
    pair_establish(&pair); /* the credentials are as good as before */
    pair_free(&pair);
}
END_TEST

#ifndef MUTATE_SASL

/* --- Lengths and offsets of NTLM ------------------------------------------------------------ */

/* [MS-NLMP] 2.2.1: where the fields (length, room, offset) of CHALLENGE and AUTHENTICATE stand. */
static const struct field {
    int leg;
    unsigned at;
} fields[] = {{1, 12}, {1, 40}, {2, 12}, {2, 20}, {2, 28}, {2, 36}, {2, 44}, {2, 52}};

static void put16(unsigned char *at, uint32_t value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

static void put32(unsigned char *at, uint32_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

START_TEST(ntlm_fields)
{
    const struct field *field = &fields[_i];
    struct pair pair;

    open_way(&pair, &ways[1]);
    for (unsigned change = 0; change < 14; change++) {
        struct pair_token *token;
        uint32_t size;

        advance(&pair, &ways[1], field->leg);
        token = token_of(&pair, field->leg);
        size = token->size;
        {
            const uint32_t values[] = {0, 1, size - 1, size, size + 1, 0x7fffffff, 0xffffffff};

            if (change < 7)
                put32(token->data + field->at + 4, values[change]);
            else
                put16(token->data + field->at, values[change - 7]);
        }
        assert_harmless(&pair, &ways[1], field->leg, "field change", change);
    }
    start_again(&pair);
    pair_establish(&pair); /* the credentials are as good as before */
    pair_free(&pair);
}
END_TEST

/* --- EC and RRC of Kerberos ----------------------------------------------------------------- */

#define CFX_EC  4
#define CFX_RRC 6

/*
 * RFC 4121 4.2.5: both stand in the clear, and the rotation is not signed. Whatever they say, what
 * comes out is the text or nothing.
 */
START_TEST(rotations)
{
    unsigned at = _i % 2 == 0 ? CFX_EC : CFX_RRC;
    static const char text[] = "a text of some octets";
    SecPkgContext_Sizes sizes;
    unsigned opened = 0;
    struct pair pair;

    open_way(&pair, &ways[0]);
    pair.isc = PAIR_ISC & ~(ULONG)(ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT);
    pair.asc = PAIR_ASC & ~(ULONG)(ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT);
    pair_establish(&pair);
    assert_status(QueryContextAttributesA(&pair.client, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    for (uint32_t value = 0; value <= 0xffff; value++) {
        unsigned char token[128], data[sizeof(text)];
        SecBuffer parts[] = {{sizes.cbSecurityTrailer, SECBUFFER_TOKEN, token},
                             {sizeof(data), SECBUFFER_DATA, data}};
        SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
        SECURITY_STATUS status;

        memcpy(data, text, sizeof(text));
        assert_status(EncryptMessage(&pair.client, 0, &list, 0), SEC_E_OK);
        token[at] = (unsigned char)(value >> 8);
        token[at + 1] = (unsigned char)value;
        status = DecryptMessage(&pair.server, &list, 0, NULL);
        ck_assert_msg(status == SEC_E_OK || is_clear(status), "value %u: %s", value,
                      sspi_status_name(status));
        if (status == SEC_E_OK) {
            ck_assert_mem_eq(parts[1].pvBuffer, text, sizeof(text));
            opened++;
        }
    }
    ck_assert_uint_ge(opened, 1);
    pair_message(&pair.client, &pair.server, "still there");
    pair_free(&pair);
}
END_TEST

#endif

static Suite *suite(void)
{
    Suite *s = suite_create("mutations");

    suite_add(s, prefixes, TURNS);
    suite_add(s, flips, TURNS);
#ifndef MUTATE_SASL
    suite_add(s, ntlm_fields, COUNT(fields));
    suite_add(s, rotations, 2);
#endif
    return s;
}

CHECK_MAIN(suite)
