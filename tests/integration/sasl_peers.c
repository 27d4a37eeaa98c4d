/* SPDX-License-Identifier: MIT */
/*
 * GSSAPI against peers that write RFC 4752's messages by hand on bare GSS-API: every offer and
 * choice that makes sense, those that do not, and every octet of both altered.
 */
#include <sspi.h>
#include <sspi_linux.h>
#include <stdint.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/gsspeer.h"
#include "lib/pair.h"
#include "lib/world.h"

#define MIT_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_SEQUENCE_FLAG)

static void open_pair(struct pair *pair, ULONG isc, ULONG asc)
{
    setenv("KRB5RCACHENAME", "none:", 1);
    pair_init(pair);
    pair->sasl = true;
    pair->isc = isc;
    pair->asc = asc;
    pair_acquire(pair, "Kerberos", NULL);
}

static void token_put(struct pair_token *token, gss_buffer_t from)
{
    OM_uint32 minor;

    ck_assert_uint_le(from->length, sizeof(token->data));
    memcpy(token->data, from->value, from->length);
    token->size = (ULONG)from->length;
    gss_release_buffer(&minor, from);
}

/* What the peer sends of its own. */
static void peer_wrap(const struct gsspeer *peer, int sealed, const void *text, size_t size,
                      struct pair_token *token)
{
    gss_buffer_desc in = {size, (void *)(uintptr_t)text}, out = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = peer->context;
    OM_uint32 minor;

    ck_assert_uint_eq(gss_wrap(&minor, context, sealed, GSS_C_QOP_DEFAULT, &in, NULL, &out),
                      GSS_S_COMPLETE);
    token_put(token, &out);
}

/* What it gets, which is signed and no more. */
static size_t peer_unwrap(const struct gsspeer *peer, const struct pair_token *token, uint8_t *text,
                          size_t room)
{
    gss_buffer_desc in = {token->size, (void *)(uintptr_t)token->data}, out = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = peer->context;
    int sealed = 1;
    OM_uint32 minor;
    size_t size;

    ck_assert_uint_eq(gss_unwrap(&minor, context, &in, &out, &sealed, NULL), GSS_S_COMPLETE);
    ck_assert_int_eq(sealed, 0);
    ck_assert_uint_le(out.length, room);
    size = out.length;
    memcpy(text, out.value, size);
    gss_release_buffer(&minor, &out);
    return size;
}

/*
 * RFC 4121 4.2.5: how far a token is rotated stands in its octets 6 and 7, which are not signed; a
 * turn all the way round changes nothing.
 */
static bool is_rotation(ULONG bit)
{
    return bit / 8 == 6 || bit / 8 == 7;
}

/* --- A server that is not ours -------------------------------------------------------------- */

/* The client is where the offer comes next. */
static void server_begin(struct gsspeer *peer, struct pair *pair)
{
    gss_buffer_desc in, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    memset(peer, 0, sizeof(*peer));
    pair->to_client.size = 0;
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    in = (gss_buffer_desc){pair->to_server.size, pair->to_server.data};
    ck_assert_uint_eq(gss_accept_sec_context(&minor, &peer->context, GSS_C_NO_CREDENTIAL, &in,
                                             GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &out,
                                             &peer->flags, NULL, NULL),
                      GSS_S_COMPLETE);
    if (out.length == 0) /* no mutual authentication: the offer comes at once */
        return;
    token_put(&pair->to_client, &out);
    assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(pair->to_server.size, 0);
}

#define I_CONF  ISC_REQ_CONFIDENTIALITY
#define I_INTEG ISC_REQ_INTEGRITY
#define A_CONF  ASC_REQ_CONFIDENTIALITY
#define A_INTEG ASC_REQ_INTEGRITY

#define QOP SEC_E_QOP_NOT_SUPPORTED
#define BAD SEC_E_INVALID_TOKEN

static const struct offer {
    uint8_t text[5];
    size_t size;
    ULONG isc;
    SECURITY_STATUS status;
    uint8_t choice[4];
} offers[] = {
    {{7, 0, 0xff, 0xff}, 4, 0, SEC_E_OK, {1, 0, 0, 0}},
    {{7, 0, 0xff, 0xff}, 4, I_INTEG, SEC_E_OK, {2, 0, 0xff, 0xff}},
    {{7, 0, 0xff, 0xff}, 4, I_CONF, SEC_E_OK, {4, 0, 0xff, 0xff}},
    {{7, 0, 0xff, 0xff}, 4, ISC_REQ_MUTUAL_AUTH, SEC_E_OK, {1, 0, 0, 0}},
    {{7, 0xff, 0xff, 0xff}, 4, I_CONF, SEC_E_OK, {4, 0, 0xff, 0xff}},
    {{6, 0, 0xff, 0xff}, 4, 0, SEC_E_OK, {2, 0, 0xff, 0xff}}, /* the server wants one */
    {{4, 0, 0xff, 0xff}, 4, 0, SEC_E_OK, {4, 0, 0xff, 0xff}},
    {{5, 0, 0xff, 0xff}, 4, I_INTEG, SEC_E_OK, {4, 0, 0xff, 0xff}},
    {{0xff, 0, 0xff, 0xff}, 4, I_INTEG, SEC_E_OK, {2, 0, 0xff, 0xff}}, /* bits to come */
    {{1, 0, 0, 0}, 4, 0, SEC_E_OK, {1, 0, 0, 0}},
    {{7, 0, 0, 0}, 4, 0, SEC_E_OK, {1, 0, 0, 0}},
    /* no layer that the client takes */
    {{1, 0, 0, 0}, 4, I_INTEG, QOP, {0}},
    {{1, 0, 0, 0}, 4, I_CONF, QOP, {0}},
    {{3, 0, 0xff, 0xff}, 4, I_CONF, QOP, {0}},
    {{0, 0, 0, 0}, 4, 0, QOP, {0}},
    /* no room for data */
    {{6, 0, 0, 0}, 4, 0, QOP, {0}},
    {{7, 0, 0, 0}, 4, I_CONF, QOP, {0}},
    {{7, 0, 0, 1}, 4, I_CONF, QOP, {0}},
    {{7, 0, 0, 61}, 4, I_CONF, QOP, {0}},
    /* a size without a layer, and octets too few or too many */
    {{1, 0, 0, 1}, 4, 0, SEC_E_OK, {1, 0, 0, 0}},
    {{1, 0xff, 0xff, 0xff}, 4, I_INTEG, QOP, {0}},
    {{0, 0, 0xff, 0xff}, 4, 0, QOP, {0}},
    {{0xf8, 0, 0xff, 0xff}, 4, 0, QOP, {0}},
    {{0}, 0, 0, BAD, {0}},
    {{7}, 1, 0, BAD, {0}},
    {{7, 0, 0xff}, 3, 0, BAD, {0}},
    {{7, 0, 0xff, 0xff, 0}, 5, 0, BAD, {0}},
};

START_TEST(client_chooses)
{
    const struct offer *offer = &offers[_i / 2];
    int sealed = _i % 2; /* an offer is signed; a sealed one is no worse */
    uint8_t choice[64];
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, offer->isc, 0);
    server_begin(&peer, &pair);
    peer_wrap(&peer, sealed, offer->text, offer->size, &pair.to_client);
    ck_assert_msg(pair_initialize(&pair) == offer->status, "offer %d: %s, not %s: %s", _i / 2,
                  sspi_status_name(pair.client_status), sspi_status_name(offer->status),
                  sspi_native_error());
    if (offer->status == SEC_E_OK) {
        ck_assert_uint_eq(peer_unwrap(&peer, &pair.to_server, choice, sizeof(choice)), 4);
        ck_assert_mem_eq(choice, offer->choice, 4);
    } else {
        ck_assert_str_ne(sspi_native_error(), "");
        ck_assert_uint_eq(pair.to_server.size, 0);
        assert_status(pair_initialize(&pair), SEC_E_CONTEXT_EXPIRED);
    }
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

/* The identity follows the choice. */
START_TEST(client_names_an_identity)
{
    static const uint8_t offer[] = {7, 0, 0xff, 0xff};
    static const char right[] = "\4\0\xff\xff"
                                "bob";
    uint8_t choice[64];
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, I_CONF, 0);
    server_begin(&peer, &pair);
    assert_status(
        SaslSetContextOption(&pair.client, SASL_OPTION_AUTHZ_STRING, (void *)(uintptr_t) "bob", 3),
        SEC_E_OK);
    peer_wrap(&peer, 0, offer, sizeof(offer), &pair.to_client);
    assert_status(pair_initialize(&pair), SEC_E_OK);
    ck_assert_uint_eq(peer_unwrap(&peer, &pair.to_server, choice, sizeof(choice)),
                      sizeof(right) - 1);
    ck_assert_mem_eq(choice, right, sizeof(right) - 1);
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

/* Any octet of the offer altered, or missing at its end: it is signed. */
START_TEST(client_wants_its_offer_as_it_was)
{
    static const uint8_t offer[] = {7, 0, 0xff, 0xff};
    ULONG size = 1;
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, I_INTEG, 0);
    for (ULONG at = 0; at < 9 * size; at++) {
        server_begin(&peer, &pair);
        peer_wrap(&peer, 0, offer, sizeof(offer), &pair.to_client);
        size = pair.to_client.size;
        if (at < 8 * size)
            pair.to_client.data[at / 8] ^= (uint8_t)(1U << at % 8);
        else
            pair.to_client.size = at - 8 * size;
        ck_assert_msg(pair_initialize(&pair) < 0 || is_rotation(at), "change %u is not seen",
                      (unsigned)at);
        if (pair.client_status < 0)
            ck_assert_str_ne(sspi_native_error(), "");
        gsspeer_free(&peer);
        pair_close(&pair);
    }
    pair_free(&pair);
}
END_TEST

/* --- A client that is not ours -------------------------------------------------------------- */

/* The server has made its offer, which is this. */
static void client_begin(struct gsspeer *peer, struct pair *pair, OM_uint32 flags, uint8_t offer[4])
{
    uint8_t text[64];
    OM_uint32 major;

    gsspeer_open(peer, gsspeer_krb5, NULL);
    pair->to_client.size = 0;
    major = gsspeer_leg(peer, pair, gsspeer_krb5, flags);
    assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    if (major == GSS_S_CONTINUE_NEEDED) {
        ck_assert_uint_eq(gsspeer_leg(peer, pair, gsspeer_krb5, flags), GSS_S_COMPLETE);
        ck_assert_uint_eq(pair->to_server.size, 0);
        assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    }
    ck_assert_uint_eq(peer_unwrap(peer, &pair->to_client, text, sizeof(text)), 4);
    memcpy(offer, text, 4);
}

/* What the server can do and wants at least; without mutual authentication it is a leg less. */
static const struct {
    ULONG asc;
    OM_uint32 flags;
    uint8_t offer[4];
} wishes[] = {
    {0, MIT_FLAGS, {7, 0, 0xff, 0xff}},
    {0, MIT_FLAGS & ~(OM_uint32)GSS_C_MUTUAL_FLAG, {7, 0, 0xff, 0xff}},
    {A_INTEG, MIT_FLAGS, {6, 0, 0xff, 0xff}},
    {A_CONF, MIT_FLAGS, {4, 0, 0xff, 0xff}},
    {A_INTEG | A_CONF, 0, {4, 0, 0xff, 0xff}}, /* MIT's client can, whatever it asks for */
};

START_TEST(server_offers)
{
    uint8_t offer[4];
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, 0, wishes[_i].asc);
    client_begin(&peer, &pair, wishes[_i].flags, offer);
    ck_assert_mem_eq(offer, wishes[_i].offer, 4);
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

static const struct choice {
    const char *text;
    size_t size;
    ULONG asc;
    SECURITY_STATUS status;
    const char *authz;
} choices[] = {
#define CHOICE(text) text, sizeof(text) - 1
    {CHOICE("\1\0\0\0"), 0, SEC_E_OK, ""},
    {CHOICE("\2\0\xff\xff"), 0, SEC_E_OK, ""},
    {CHOICE("\4\0\xff\xff"), 0, SEC_E_OK, ""},
    {CHOICE("\4\xff\xff\xff"), A_CONF, SEC_E_OK, ""},
    {CHOICE("\4\0\xff\xff"
            "bob"),
     A_CONF, SEC_E_OK, "bob"},
    {CHOICE("\1\0\0\0"
            "u:alice@LOOPBACK.TEST"),
     0, SEC_E_OK, "u:alice@LOOPBACK.TEST"},
    /* not one, or not one of the offer */
    {CHOICE("\0\0\xff\xff"), 0, BAD, NULL},
    {CHOICE("\0\0\0\0"), 0, BAD, NULL},
    {CHOICE("\10\0\xff\xff"), 0, BAD, NULL},
    {CHOICE("\200\0\xff\xff"), 0, BAD, NULL},
    {CHOICE("\1\0\0\0"), A_INTEG, BAD, NULL},
    {CHOICE("\2\0\xff\xff"), A_CONF, BAD, NULL},
    {CHOICE("\1\0\0\0"), A_CONF, BAD, NULL},
    /* sizes */
    {CHOICE("\4\0\0\0"), 0, QOP, NULL},
    {CHOICE("\2\0\0\1"), 0, QOP, NULL},
    {CHOICE("\4\0\0\x3d"), 0, QOP, NULL},
    /* too short, and no text */
    {CHOICE(""), 0, BAD, NULL},
    {CHOICE("\4"), 0, BAD, NULL},
    {CHOICE("\4\0\xff"), 0, BAD, NULL},
    {CHOICE("\4\0\xff\xff"
            "b\0b"),
     0, BAD, NULL},
    {CHOICE("\4\0\xff\xff"
            "\0"),
     0, BAD, NULL},
    {CHOICE("\4\0\xff\xff"
            "\xc0\x80"),
     0, BAD, NULL},
    {CHOICE("\4\0\xff\xff"
            "\xed\xa0\x80"),
     0, BAD, NULL},
};

START_TEST(server_takes)
{
    const struct choice *choice = &choices[_i];
    uint8_t offer[4];
    char authz[64];
    ULONG size = 0;
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, 0, choice->asc);
    client_begin(&peer, &pair, MIT_FLAGS, offer);
    peer_wrap(&peer, 0, choice->text, choice->size, &pair.to_server);
    ck_assert_msg(pair_accept(&pair) == choice->status, "choice %d: %s, not %s: %s", _i,
                  sspi_status_name(pair.server_status), sspi_status_name(choice->status),
                  sspi_native_error());
    ck_assert_uint_eq(pair.to_client.size, 0);
    if (choice->status == SEC_E_OK) {
        assert_status(SaslGetContextOption(&pair.server, SASL_OPTION_AUTHZ_STRING, authz,
                                           sizeof(authz), &size),
                      SEC_E_OK);
        ck_assert_uint_eq(size, strlen(choice->authz));
        ck_assert_mem_eq(authz, choice->authz, size);
    } else {
        ck_assert_str_ne(sspi_native_error(), "");
        assert_status(pair_accept(&pair), SEC_E_CONTEXT_EXPIRED);
    }
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

/* Samba's client names the weaker layers too, and its sizes are where there is no layer. */
static const struct {
    uint8_t choice[4];
    ULONG asc, flags;
} strongest[] = {
    {{3, 0, 0xff, 0xff}, 0, ASC_RET_INTEGRITY},
    {{7, 0, 0xff, 0xff}, 0, ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY},
    {{7, 0, 0xff, 0xff}, A_CONF, ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY},
    {{3, 0, 0xff, 0xff}, A_INTEG, ASC_RET_INTEGRITY},
    {{1, 0, 0xff, 0xff}, 0, 0},
};

START_TEST(server_takes_the_strongest)
{
    uint8_t offer[4];
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, 0, strongest[_i].asc);
    client_begin(&peer, &pair, MIT_FLAGS, offer);
    peer_wrap(&peer, 0, strongest[_i].choice, 4, &pair.to_server);
    assert_status(pair_accept(&pair), SEC_E_OK);
    ck_assert_uint_eq(pair.server_flags & (ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY),
                      strongest[_i].flags);
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

/* As long as any text may be, and one octet longer. */
START_TEST(server_takes_long_names)
{
    enum { MOST = 32767 };
    static char choice[4 + MOST + 1] = "\1\0\0\0";
    uint8_t offer[4];
    struct gsspeer peer;
    struct pair pair;

    memset(choice + 4, 'a', MOST + 1);
    open_pair(&pair, 0, 0);
    client_begin(&peer, &pair, MIT_FLAGS, offer);
    peer_wrap(&peer, 0, choice, (size_t)(4 + MOST + _i), &pair.to_server);
    assert_status(pair_accept(&pair), _i == 0 ? SEC_E_OK : SEC_E_INVALID_TOKEN);
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

START_TEST(server_wants_the_choice_as_it_was)
{
    static const char choice[] = "\2\0\xff\xff"
                                 "bob";
    uint8_t offer[4];
    ULONG size = 1;
    struct gsspeer peer;
    struct pair pair;

    open_pair(&pair, 0, 0);
    for (ULONG at = 0; at < 9 * size; at++) {
        client_begin(&peer, &pair, MIT_FLAGS, offer);
        peer_wrap(&peer, 0, choice, sizeof(choice) - 1, &pair.to_server);
        size = pair.to_server.size;
        if (at < 8 * size)
            pair.to_server.data[at / 8] ^= (uint8_t)(1U << at % 8);
        else
            pair.to_server.size = at - 8 * size;
        ck_assert_msg(pair_accept(&pair) < 0 || is_rotation(at), "change %u is not seen",
                      (unsigned)at);
        if (pair.server_status < 0)
            ck_assert_str_ne(sspi_native_error(), "");
        gsspeer_free(&peer);
        pair_close(&pair);
    }
    pair_free(&pair);
}
END_TEST

/* --- Messages of a peer that does not keep to what was agreed on ---------------------------- */

static SECURITY_STATUS message_open(CtxtHandle *to, struct pair_token *message, SecBuffer *data)
{
    SecBuffer parts[] = {{message->size, SECBUFFER_STREAM, message->data},
                         {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status = DecryptMessage(to, &list, 0, NULL);

    *data = parts[1];
    return status;
}

/* The server receives so much, and the client has agreed on the layer. */
static void client_agree(struct gsspeer *peer, struct pair *pair, ULONG receive, uint8_t layer)
{
    uint8_t offer[4], choice[] = {layer, 0, 0xff, 0xff};

    open_pair(pair, 0, 0);
    pair->to_server.size = 0;
    assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    assert_status(
        SaslSetContextOption(&pair->server, SASL_OPTION_RECV_SIZE, &receive, sizeof(receive)),
        SEC_E_OK);
    client_begin(peer, pair, MIT_FLAGS, offer);
    ck_assert_uint_eq((ULONG)offer[1] << 16 | (ULONG)offer[2] << 8 | offer[3], receive);
    peer_wrap(peer, 0, choice, sizeof(choice), &pair->to_server);
    assert_status(pair_accept(pair), SEC_E_OK);
}

/* What is only signed is nothing under a layer that seals, and ends the context. */
START_TEST(message_in_the_clear)
{
    struct pair_token message;
    struct gsspeer peer;
    struct pair pair;
    SecBuffer data;

    client_agree(&peer, &pair, 0xffff, 4);
    peer_wrap(&peer, 1, "sealed", 6, &message);
    assert_status(message_open(&pair.server, &message, &data), SEC_E_OK);
    ck_assert_mem_eq(data.pvBuffer, "sealed", 6);
    peer_wrap(&peer, 0, "signed", 6, &message);
    assert_status(message_open(&pair.server, &message, &data), SEC_E_MESSAGE_ALTERED);
    for (ULONG at = 0; at + 6 <= message.size; at++)
        ck_assert(memcmp(message.data + at, "signed", 6) != 0); /* nor does it stay there */
    peer_wrap(&peer, 1, "sealed", 6, &message);
    assert_status(message_open(&pair.server, &message, &data), SEC_E_CONTEXT_EXPIRED);
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

/* Under a layer that signs, a sealed message is welcome. */
START_TEST(message_sealed_beyond_need)
{
    struct pair_token message;
    struct gsspeer peer;
    struct pair pair;
    SecBuffer data;

    client_agree(&peer, &pair, 0xffff, 2);
    for (int sealed = 0; sealed < 2; sealed++) {
        peer_wrap(&peer, sealed, "text", 4, &message);
        assert_status(message_open(&pair.server, &message, &data), SEC_E_OK);
        ck_assert_mem_eq(data.pvBuffer, "text", 4);
    }
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

/* A message of the size that was told is read, a larger one is not looked at. */
START_TEST(message_larger_than_told)
{
    enum { RECEIVE = 500, HEAD = 60 };
    static const char text[RECEIVE];
    struct pair_token message;
    struct gsspeer peer;
    struct pair pair;
    SecBuffer data;

    client_agree(&peer, &pair, RECEIVE, 4);
    peer_wrap(&peer, 1, text, RECEIVE - HEAD, &message);
    ck_assert_uint_eq(message.size, RECEIVE);
    assert_status(message_open(&pair.server, &message, &data), SEC_E_OK);
    peer_wrap(&peer, 1, text, RECEIVE - HEAD + 1, &message);
    assert_status(message_open(&pair.server, &message, &data), SEC_E_INVALID_TOKEN);
    assert_native("SASL_OPTION_RECV_SIZE");
    gsspeer_free(&peer);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sasl_peers");

    suite_add(s, client_chooses, 2 * COUNT(offers));
    suite_add(s, client_names_an_identity, 1);
    suite_add(s, client_wants_its_offer_as_it_was, 1);
    suite_add(s, server_offers, COUNT(wishes));
    suite_add(s, server_takes, COUNT(choices));
    suite_add(s, server_takes_the_strongest, COUNT(strongest));
    suite_add(s, server_takes_long_names, 2);
    suite_add(s, server_wants_the_choice_as_it_was, 1);
    suite_add(s, message_in_the_clear, 1);
    suite_add(s, message_sealed_beyond_need, 1);
    suite_add(s, message_larger_than_told, 1);
    return s;
}

CHECK_MAIN(suite)
