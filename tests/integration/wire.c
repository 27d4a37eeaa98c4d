/* SPDX-License-Identifier: MIT */
/*
 * What travels: raw Kerberos (RFC 4121 4.1), raw NTLMSSP ([MS-NLMP] 2.2) and SPNEGO (RFC 4178 4.2,
 * [MS-SPNG] 2.2), read by a small parser of this file's own.
 */
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* Bytes of somebody else's. */
struct view {
    const unsigned char *data;
    size_t size;
};

#define OID_KRB5   "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define OID_SPNEGO "\x2b\x06\x01\x05\x05\x02"
#define OID_NTLM   "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"
#define HINT_NAME  "not_defined_in_RFC4178@please_ignore"

/* Takes one DER element off the front; false when there is none. */
static bool der_next(struct view *in, unsigned *tag, struct view *content)
{
    size_t head = 2, size;

    if (in->size < 2)
        return false;
    size = in->data[1];
    if (size & 0x80) {
        size_t octets = size & 0x7f;

        if (octets == 0 || octets > 3 || in->size < 2 + octets)
            return false;
        for (size = 0; head < 2 + octets; head++)
            size = size << 8 | in->data[head];
    }
    if (size > in->size - head)
        return false;
    *tag = in->data[0];
    *content = (struct view){in->data + head, size};
    *in = (struct view){in->data + head + size, in->size - head - size};
    return true;
}

/* The first element must have this tag: what is in it. */
static struct view der_open(struct view in, unsigned tag)
{
    struct view content = {NULL, 0};
    unsigned got = 0;

    ck_assert_msg(der_next(&in, &got, &content) && got == tag, "element %#x where %#x belongs", got,
                  tag);
    return content;
}

/* A field of a SEQUENCE by its context tag; data NULL: it is absent. */
static struct view der_field(struct view sequence, unsigned number)
{
    struct view content;
    unsigned tag;

    while (der_next(&sequence, &tag, &content))
        if (tag == (0xa0 | number))
            return content;
    return (struct view){NULL, 0};
}

static bool view_is(struct view view, const char *bytes, size_t size)
{
    return view.size == size && memcmp(view.data, bytes, size) == 0;
}

#define VIEW_IS(view, literal) view_is(view, literal, sizeof(literal) - 1)

static bool view_starts(struct view view, const char *bytes, size_t size)
{
    return view.size >= size && memcmp(view.data, bytes, size) == 0;
}

static struct view token_view(const struct pair_token *token)
{
    return (struct view){token->data, token->size};
}

/* Behind the framing of RFC 2743 3.1: its OID, and what follows. */
static struct view framed(struct view token, struct view *oid)
{
    struct view rest = der_open(token, 0x60);
    unsigned tag = 0;

    ck_assert(der_next(&rest, &tag, oid) && tag == 0x06);
    return rest;
}

static struct view neg_init(struct view token)
{
    struct view oid, rest = framed(token, &oid);

    ck_assert(VIEW_IS(oid, OID_SPNEGO));
    return der_open(der_open(rest, 0xa0), 0x30);
}

static struct view neg_resp(struct view token)
{
    return der_open(der_open(token, 0xa1), 0x30);
}

/* A mechanism's place in mechTypes, from 0; -1: it is not offered. */
static int neg_offers(struct view init, const char *oid, size_t size)
{
    struct view list = der_open(der_field(init, 0), 0x30), one;
    unsigned tag;

    for (int i = 0; der_next(&list, &tag, &one); i++) {
        ck_assert_uint_eq(tag, 0x06);
        if (view_is(one, oid, size))
            return i;
    }
    return -1;
}

#define OFFERS(init, oid) neg_offers(init, oid, sizeof(oid) - 1)

static void assert_kerberos(struct view token, const char *id)
{
    struct view oid, rest = framed(token, &oid);

    ck_assert(VIEW_IS(oid, OID_KRB5));
    ck_assert(view_starts(rest, id, 2)); /* RFC 4121 4.1 */
}

static void assert_ntlm(struct view token, unsigned char type)
{
    ck_assert(view_starts(token, "NTLMSSP", 8));
    ck_assert_uint_ge(token.size, 12);
    ck_assert_uint_eq(token.data[8], type);
    ck_assert(view_starts((struct view){token.data + 9, 3}, "\0\0", 3));
}

static void kerberos_first(struct view token)
{
    assert_kerberos(token, "\x01\x00");
}

static void kerberos_answer(struct view token)
{
    assert_kerberos(token, "\x02\x00");
}

static void ntlm_first(struct view token)
{
    assert_ntlm(token, 1);
}

static void ntlm_answer(struct view token)
{
    assert_ntlm(token, 2);
}

static void spnego_first(struct view token)
{
    struct view init = neg_init(token);

    ck_assert_int_eq(OFFERS(init, OID_KRB5), 0);
    ck_assert_int_ge(OFFERS(init, OID_NTLM), 1);
    kerberos_first(der_open(der_field(init, 2), 0x04));
}

static void spnego_first_kerberos_only(struct view token)
{
    struct view init = neg_init(token);

    ck_assert_int_eq(OFFERS(init, OID_KRB5), 0);
    ck_assert_int_eq(OFFERS(init, OID_NTLM), -1);
    kerberos_first(der_open(der_field(init, 2), 0x04));
}

/* The preferred mechanism was taken: no mechListMIC is needed, RFC 4178 5. */
static void spnego_answer(struct view token)
{
    struct view resp = neg_resp(token);

    ck_assert(VIEW_IS(der_field(resp, 0), "\x0a\x01\x00"));
    ck_assert(VIEW_IS(der_open(der_field(resp, 1), 0x06), OID_KRB5));
    kerberos_answer(der_open(der_field(resp, 2), 0x04));
}

/* DCE style has no framing, [MS-KILE] 3.4.5.1: AP-REQ, AP-REP, AP-REP. */
static void bare_ap_req(struct view token)
{
    ck_assert_ptr_nonnull(der_open(token, 0x6e).data);
}

static void bare_ap_rep(struct view token)
{
    ck_assert_ptr_nonnull(der_open(token, 0x6f).data);
}

/* Who sends what to whom. */
static const struct exchange {
    const char *client, *list, *server;
    ULONG isc, asc;
    void (*first)(struct view);
    void (*answer)(struct view); /* the server's first */
    const char *negotiated;
    int legs;
} exchanges[] = {
    {"Kerberos", NULL, "Kerberos", 0, 0, kerberos_first, kerberos_answer, "Kerberos", 2},
    {"Kerberos", NULL, "Negotiate", 0, 0, kerberos_first, kerberos_answer, "Kerberos", 2},
    {"NTLM", NULL, "NTLM", 0, 0, ntlm_first, ntlm_answer, "NTLM", 3},
    {"NTLM", NULL, "Negotiate", 0, 0, ntlm_first, ntlm_answer, "NTLM", 3},
    {"Negotiate", NULL, "Negotiate", 0, 0, spnego_first, spnego_answer, "Kerberos", 2},
    {"Negotiate", "!ntlm", "Negotiate", 0, 0, spnego_first_kerberos_only, spnego_answer, "Kerberos",
     2},
    {"Negotiate", "!kerberos", "Negotiate", 0, 0, ntlm_first, ntlm_answer, "NTLM", 3},
    {"Negotiate", "!kerberos", "NTLM", 0, 0, ntlm_first, ntlm_answer, "NTLM", 3},
    {"Kerberos", NULL, "Kerberos", ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, bare_ap_req,
     bare_ap_rep, "Kerberos", 3},
};

static void exchange_acquire(struct pair *pair, const char *client, const char *list,
                             const char *server)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(list);

    pair_init(pair);
    assert_status(pair_acquire_client(pair, client, NULL, list == NULL ? NULL : &id), SEC_E_OK);
    assert_status(pair_acquire_server(pair, server, NULL), SEC_E_OK);
}

START_TEST(tokens_have_their_shapes)
{
    const struct exchange *exchange = &exchanges[_i];
    struct pair pair;

    exchange_acquire(&pair, exchange->client, exchange->list, exchange->server);
    pair.isc |= exchange->isc;
    pair.asc |= exchange->asc;
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    exchange->first(token_view(&pair.to_server));
    ck_assert_int_ge(pair_accept(&pair), 0);
    exchange->answer(token_view(&pair.to_client));
    ck_assert_int_ge(pair_initialize(&pair), 0);
    if (exchange->legs == 3) {
        assert_status(pair.server_status, SEC_I_CONTINUE_NEEDED);
        if (exchange->isc & ISC_REQ_USE_DCE_STYLE)
            bare_ap_rep(token_view(&pair.to_server));
        else
            assert_ntlm(token_view(&pair.to_server), 3);
        assert_status(pair_accept(&pair), SEC_E_OK);
    }
    assert_status(pair.client_status, SEC_E_OK);
    assert_status(pair.server_status, SEC_E_OK);
    ck_assert_int_eq(pair.legs, exchange->legs);
    ck_assert_str_eq(context_package(&pair.server), exchange->negotiated);
    ck_assert_int_eq((pair.client_flags & ISC_RET_USED_DCE_STYLE) != 0, exchange->isc != 0);
    ck_assert_int_eq((pair.server_flags & ASC_RET_USED_DCE_STYLE) != 0, exchange->isc != 0);
    pair_free(&pair);
}
END_TEST

/* [MS-SPNG] 3.2.5.2: a server that speaks first; the client starts from what it offers. */
START_TEST(empty_input_gets_a_hint)
{
    struct pair pair;
    struct view init, hints;

    exchange_acquire(&pair, "Negotiate", NULL, "Negotiate");
    assert_status(pair_accept(&pair), SEC_I_CONTINUE_NEEDED);
    init = neg_init(token_view(&pair.to_client));
    ck_assert_int_ge(OFFERS(init, OID_KRB5), 0);
    ck_assert_int_ge(OFFERS(init, OID_NTLM), 0);
    ck_assert_ptr_null(der_field(init, 2).data);
    /* negHints: a name that no client may use, and no address, [MS-SPNG] 2.2.1. */
    hints = der_open(der_field(init, 3), 0x30);
    ck_assert(VIEW_IS(der_open(der_field(hints, 0), 0x1b), HINT_NAME));
    ck_assert_ptr_null(der_field(hints, 1).data);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    spnego_first(token_view(&pair.to_server));
    ck_assert(pair_finish(&pair));
    assert_peers(&pair.client, &pair.server, "Kerberos", "alice@LOOPBACK.TEST");
    pair_free(&pair);
}
END_TEST

START_TEST(only_negotiate_speaks_first)
{
    static const char *const packages[] = {"Kerberos", "NTLM"};
    struct pair pair;

    exchange_acquire(&pair, packages[_i], NULL, packages[_i]);
    assert_status(pair_accept(&pair), SEC_E_INVALID_TOKEN);
    ck_assert_uint_eq(pair.to_client.size, 0);
    pair_free(&pair);
}
END_TEST

/* Up to the client's last token: the server has no key, and so picks NTLM from the list. */
static void pick_ntlm(struct pair *pair)
{
    struct view resp;

    setenv("KRB5_KTNAME", world_file("no-such.keytab"), 1);
    exchange_acquire(pair, "Negotiate", NULL, "Negotiate");
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    spnego_first(token_view(&pair->to_server));
    assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    resp = neg_resp(token_view(&pair->to_client));
    ck_assert(VIEW_IS(der_field(resp, 0), "\x0a\x01\x03")); /* request-mic */
    ck_assert(VIEW_IS(der_open(der_field(resp, 1), 0x06), OID_NTLM));
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    resp = neg_resp(token_view(&pair->to_server));
    ntlm_first(der_open(der_field(resp, 2), 0x04));
    assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    resp = neg_resp(token_view(&pair->to_client));
    ntlm_answer(der_open(der_field(resp, 2), 0x04));
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    resp = neg_resp(token_view(&pair->to_server));
    assert_ntlm(der_open(der_field(resp, 2), 0x04), 3);
}

/* RFC 4178 5: the list was not protected by its first mechanism, so both sides must sign it. */
START_TEST(list_is_signed_when_another_mechanism_is_taken)
{
    struct pair pair;

    pick_ntlm(&pair);
    ck_assert_uint_eq(der_open(der_field(neg_resp(token_view(&pair.to_server)), 3), 0x04).size, 16);
    assert_status(pair_accept(&pair), SEC_E_OK);
    ck_assert_uint_eq(der_open(der_field(neg_resp(token_view(&pair.to_client)), 3), 0x04).size, 16);
    assert_status(pair_initialize(&pair), SEC_E_OK);
    assert_peers(&pair.client, &pair.server, "NTLM", "LOOPBACK\\alice");
    pair_message(&pair.client, &pair.server, "signed");
    pair_message(&pair.server, &pair.client, "signed");
    pair_free(&pair);
}
END_TEST

START_TEST(altered_list_signature_is_refused)
{
    struct pair pair;
    bool client = _i == 0;
    struct pair_token *token = client ? &pair.to_server : &pair.to_client;

    pick_ntlm(&pair);
    if (!client)
        assert_status(pair_accept(&pair), SEC_E_OK);
    ck_assert_ptr_nonnull(der_field(neg_resp(token_view(token)), 3).data);
    token->data[token->size - 12] ^= 1; /* the checksum in the signature, [MS-NLMP] 2.2.2.9.1 */
    if (client)
        ck_assert_int_lt(pair_accept(&pair), 0);
    else
        ck_assert_int_lt(pair_initialize(&pair), 0);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("wire");

    suite_add(suite, tokens_have_their_shapes, COUNT(exchanges));
    suite_add(suite, empty_input_gets_a_hint, 1);
    suite_add(suite, only_negotiate_speaks_first, 2);
    suite_add(suite, list_is_signed_when_another_mechanism_is_taken, 1);
    suite_add(suite, altered_list_signature_is_refused, 2);
    return suite;
}

CHECK_MAIN(suite)
