/* SPDX-License-Identifier: MIT */
/*
 * The shapes in which an honest peer may put its messages: the version, the kind of the logon's
 * tokens, the last token with the binding or before it, error codes, and cuts.
 */
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/gsspeer.h"
#include "lib/hand.h"
#include "lib/world.h"

static struct hand hand;

/* A connection, up to the end of TLS. serves: the hand does; our end is the client then. */
static void meet(bool serves, DWORD protocol, const char *list, uint32_t version)
{
    struct hand_way way = {
        .serves = serves, .protocol = protocol, .list = list, .version = version};

    hand_open(&hand, &way, NULL);
    hand.request = serves ? ISC_REQ_DELEGATE : 0;
}

/* The logon is over at both ends, and the credentials went over once. */
static void assert_done(void)
{
    assert_status(hand.status, SEC_E_OK);
    ck_assert_int_eq(hand.step, hand.way.serves ? HAND_BINDING : HAND_CREDENTIALS);
    ck_assert_uint_eq(hand.credentials, hand.way.serves ? 1 : 0);
}

/* --- Versions ------------------------------------------------------------------------------- */

/* AllowEncryptionOracle says which versions a client's peer, and a server's, may have. */
static const uint32_t lowest[3][2] = {{5, 5}, {2, 5}, {2, 2}}; /* of our server's, our client's */

enum { LEVELS = 3, VERSIONS = 6 }; /* 2 to 7 */

static const char *const mechanisms[] = {"ntlm", "kerberos"};

START_TEST(policy_says_the_versions)
{
    uint32_t version = 2 + (uint32_t)(_i % VERSIONS);
    int level = _i / VERSIONS % LEVELS;
    bool serves = _i / VERSIONS / LEVELS % 2;
    SspiContext_CredsspVersion told;

    meet(serves, SP_PROT_TLS1_3, mechanisms[_i / VERSIONS / LEVELS / 2], version);
    if (version > 6)
        hand.way.version = 6; /* what is newer is taken for what is known: the binding of 6 */
    hand_oracle(level);
    hand_meet(&hand);
    while (true) {
        struct hand_say say;

        if (!hand_next(&hand, &say))
            break;
        say.version = version;
        hand_send(&hand, &say);
    }
    assert_status(QueryContextAttributesA(&hand.ctx, SSPI_ATTR_CREDSSP_VERSION, &told), SEC_E_OK);
    ck_assert_uint_eq(told.ulPeer, version);
    ck_assert_uint_eq(told.ulAgreed, version < 6 ? version : 6);
    if (version >= lowest[level][serves]) {
        assert_done();
    } else {
        assert_status(hand.status, SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_uint_eq(hand.credentials, 0);
    }
    /* [MS-CSSP] 3.1.5: STATUS_NOT_SUPPORTED, to clients whose version has error codes */
    ck_assert_int_eq(hand.heard.failed,
                     !serves && hand.status != SEC_E_OK && (version == 3 || version == 4));
    if (hand.heard.failed)
        ck_assert_uint_eq(hand.heard.error, 0xc00000bb);
    hand_close(&hand);
}
END_TEST

/* --- Tokens --------------------------------------------------------------------------------- */

static bool is_ntlm(struct asn_part token)
{
    return token.size > 8 && memcmp(token.data, "NTLMSSP", 8) == 0;
}

static const struct {
    const char *package;
    DWORD protocol;
    uint8_t first; /* octet of its first token */
} peers[] = {
    {"NTLM", SP_PROT_TLS1_2, 'N'},       {"NTLM", SP_PROT_TLS1_3, 'N'},
    {"Negotiate", SP_PROT_TLS1_2, 0x60}, {"Negotiate", SP_PROT_TLS1_3, 0x60},
    {"Kerberos", SP_PROT_TLS1_2, 0x60},  {"Kerberos", SP_PROT_TLS1_3, 0x60},
};

/* The hand's logon by a package of its own, and not by Negotiate as ours. */
static void speak(const char *package, const char *list)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_ambient(list);

    pair_free(&hand.logon);
    pair_init(&hand.logon);
    if (hand.way.serves)
        assert_status(pair_acquire_server(&hand.logon, package, NULL), SEC_E_OK);
    else
        assert_status(pair_acquire_client(&hand.logon, package, NULL, &identity), SEC_E_OK);
}

/* Raw NTLM and Kerberos as well as SPNEGO, and the last token with the binding or before it: then
 * our server waits for one message more. */
START_TEST(any_token_is_accepted)
{
    int i = _i / 2;
    bool apart = _i % 2 == 1;
    struct hand_say say;
    bool first = true;

    meet(false, peers[i].protocol, NULL, 6);
    speak(peers[i].package, NULL);
    hand_meet(&hand);
    while (hand_next(&hand, &say)) {
        if (first)
            ck_assert_uint_eq(say.tokens[0].data[0], peers[i].first);
        first = false;
        if (apart && say.step == HAND_BINDING && say.tokens[0].data != NULL) {
            struct hand_say token = say;

            token.step = HAND_TOKEN;
            token.seal = say.tokens[1];
            hand_send(&hand, &token);
            assert_status(hand.status, SEC_I_CONTINUE_NEEDED);
            ck_assert_ptr_null(hand.heard.pubkey_auth.data);
            say.tokens[0] = say.tokens[1];
        }
        hand_send(&hand, &say);
    }
    assert_done();
    hand_close(&hand);
}
END_TEST

#define LOGON_FLAGS                                                                                \
    (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |               \
     GSS_C_INTEG_FLAG)

/* What goes into authInfo or pubKeyAuth; until the next one. */
static struct asn_part gss_sealed(struct gsspeer *peer, const void *data, size_t size)
{
    static gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc plain = {size, (void *)(uintptr_t)data};
    OM_uint32 minor;
    int conf;

    gss_release_buffer(&minor, &sealed);
    ck_assert_uint_eq(gss_wrap(&minor, peer->context, 1, GSS_C_QOP_DEFAULT, &plain, &conf, &sealed),
                      GSS_S_COMPLETE);
    return (struct asn_part){sealed.value, sealed.length};
}

static struct hand_say gss_say(void)
{
    return (struct hand_say){.version = 6, .nonce = {hand.nonce, sizeof(hand.nonce)}};
}

/*
 * NTLM within SPNEGO, as others have it: the server has the last word on the choice of NTLM, which
 * the client's binding waits for.
 */
START_TEST(ntlm_within_spnego_is_accepted)
{
    static struct pair pair;
    struct gsspeer peer;
    struct tscreds none = {.type = TSCREDS_PASSWORD};
    struct blob der;
    struct hand_say say;
    OM_uint32 major = GSS_S_CONTINUE_NEEDED;
    uint8_t value[HAND_BINDING_MAX];

    meet(false, _i == 0 ? SP_PROT_TLS1_2 : SP_PROT_TLS1_3, NULL, 6);
    hand_meet(&hand);
    gsspeer_open(&peer, gsspeer_spnego, gsspeer_ntlm);
    pair_init(&pair);
    for (int leg = 0; major != GSS_S_COMPLETE; leg++) {
        major = gsspeer_leg(&peer, &pair, gsspeer_spnego, LOGON_FLAGS);
        if (major == GSS_S_COMPLETE && pair.to_server.size == 0)
            break;
        say = gss_say();
        say.tokens[0] = (struct asn_part){pair.to_server.data, pair.to_server.size};
        ck_assert_uint_eq(say.tokens[0].data[0], leg == 0 ? 0x60 : 0xa1);
        hand_send(&hand, &say);
        assert_status(hand.status, SEC_I_CONTINUE_NEEDED);
        ck_assert_ptr_nonnull(hand.heard.token.data);
        ck_assert_ptr_null(hand.heard.pubkey_auth.data);
        memcpy(pair.to_client.data, hand.heard.token.data, hand.heard.token.size);
        pair.to_client.size = (ULONG)hand.heard.token.size;
    }
    say = gss_say();
    say.binding = gss_sealed(&peer, value, hand_binding(&hand, 6, true, value));
    hand_send(&hand, &say);
    assert_status(hand.status, SEC_I_CONTINUE_NEEDED);
    ck_assert_ptr_nonnull(hand.heard.pubkey_auth.data);
    ck_assert_int_eq(tscreds_encode(&none, &der), SEC_E_OK);
    say = gss_say();
    say.auth_info = gss_sealed(&peer, der.data, der.size);
    blob_wipe(&der);
    hand_send(&hand, &say);
    assert_status(hand.status, SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(context_user(&hand.ctx), "alice"));
    gsspeer_free(&peer);
    hand_close(&hand);
}
END_TEST

/*
 * Our client's last token goes with the binding where the logon is over with it; where the server
 * has the last word, as in SPNEGO with Kerberos, the binding goes alone. NTLM goes raw, as Windows
 * has it where nothing else is possible.
 */
static const struct {
    const char *list;
    DWORD protocol;
    bool raw, apart;
} clients[] = {
    {"ntlm", SP_PROT_TLS1_2, true, false},     {"ntlm", SP_PROT_TLS1_3, true, false},
    {NULL, SP_PROT_TLS1_2, false, true},       {NULL, SP_PROT_TLS1_3, false, true},
    {"kerberos", SP_PROT_TLS1_3, false, true},
};

START_TEST(our_client_binds_with_the_last_token)
{
    struct hand_say say;
    bool together = false, alone = false, raw = false;

    meet(true, clients[_i].protocol, clients[_i].list, 6);
    hand_meet(&hand);
    for (bool said = true; said;) {
        bool binds = hand.heard.pubkey_auth.data != NULL;

        raw |= hand.heard.token.data != NULL && is_ntlm(hand.heard.token);
        together |= binds && hand.heard.token.data != NULL;
        alone |= binds && hand.heard.token.data == NULL;
        said = hand_next(&hand, &say);
        if (said)
            hand_send(&hand, &say);
    }
    assert_done();
    ck_assert_int_eq(raw, clients[_i].raw);
    ck_assert_int_eq(alone, clients[_i].apart);
    ck_assert_int_eq(together, !clients[_i].apart);
    hand_close(&hand);
}
END_TEST

/* --- Error codes ---------------------------------------------------------------------------- */

static const struct {
    const char *der; /* of the INTEGER's contents */
    size_t size;
    SECURITY_STATUS status;
    const char *told;
} errors[] = {
    {"\xc0\x00\x00\x6d", 4, SEC_E_LOGON_DENIED, "STATUS_LOGON_FAILURE"},
    {"\x00\xc0\x00\x00\x6d", 5, SEC_E_LOGON_DENIED, "STATUS_LOGON_FAILURE"},
    {"\x00\xc0\x00\x02\x34", 5, SEC_E_LOGON_DENIED, "STATUS_ACCOUNT_LOCKED_OUT"},
    {"\xc0\x00\x00\xbb", 4, SEC_E_UNSUPPORTED_FUNCTION, "STATUS_NOT_SUPPORTED"},
    {"\xc0\x00\x00\x5e", 4, SEC_E_NO_AUTHENTICATING_AUTHORITY, "STATUS_NO_LOGON_SERVERS"},
    {"\x00\xc0\x00\x01\x33", 5, SEC_E_TIME_SKEW, "STATUS_TIME_DIFFERENCE_AT_DC"},
    {"\x12\x34\x56", 3, SEC_E_LOGON_DENIED, "0x00123456"},
};

enum { MOMENTS = 2 };

/* In four octets or five, at any time, alone or beside an answer: our client stops. */
START_TEST(error_codes_end_the_logon)
{
    int i = _i / MOMENTS / 2, moment = _i / 2 % MOMENTS;
    struct hand_say say;

    meet(true, SP_PROT_TLS1_3, "ntlm", 6);
    hand_meet(&hand);
    for (int number = 0; hand_next(&hand, &say); number++) {
        if (number == moment) {
            if (_i % 2 == 0)
                say = (struct hand_say){.step = HAND_TOKEN, .version = 6};
            say.error = (struct asn_part){(const uint8_t *)errors[i].der, errors[i].size};
        }
        hand_send(&hand, &say);
        if (number >= moment)
            break;
    }
    assert_status(hand.status, errors[i].status);
    assert_native(errors[i].told);
    ck_assert_uint_eq(hand.credentials, 0);
    hand_close(&hand);
}
END_TEST

/* --- Cuts ----------------------------------------------------------------------------------- */

/* A message in several records, one octet in each at worst; before each of our end's calls one of
 * them has come, or all. */
static void send_cut(struct hand_say *say, size_t piece, bool at_once)
{
    struct flow text = {NULL, 0, 0};

    hand_seal(&hand, say);
    hand_write(say, &text);
    for (size_t at = 0; at < text.size; at += piece) {
        size_t size = text.size - at < piece ? text.size - at : piece;

        if (at_once)
            ck_assert_int_eq(gnutls_record_send(hand.tls.session, text.data + at, size),
                             (ssize_t)size);
        else
            hand_record(&hand, text.data + at, size);
    }
    if (at_once)
        hand_deliver(&hand);
    flow_free(&text);
}

static const size_t pieces[] = {1, 2, 5, 100};

START_TEST(messages_may_be_cut_into_records)
{
    struct hand_say say;

    meet(_i % 2 == 0, _i / 2 % 2 == 0 ? SP_PROT_TLS1_2 : SP_PROT_TLS1_3, "ntlm", 6);
    hand_meet(&hand);
    while (hand_next(&hand, &say))
        send_cut(&say, pieces[_i / 8], _i / 4 % 2 == 0);
    assert_done();
    hand_close(&hand);
}
END_TEST

/* --- Sessions ------------------------------------------------------------------------------- */

/* [MS-CSSP] 3.1.5: none is resumed; our server gives no ticket to do it with. */
START_TEST(no_tickets_are_given)
{
    struct hand_say say;

    meet(false, _i == 0 ? SP_PROT_TLS1_2 : SP_PROT_TLS1_3, "ntlm", 6);
    hand_meet(&hand);
    while (hand_next(&hand, &say))
        hand_send(&hand, &say);
    assert_done();
    ck_assert_uint_eq(gnutls_session_get_flags(hand.tls.session) & GNUTLS_SFLAGS_SESSION_TICKET, 0);
    ck_assert_int_eq(gnutls_session_is_resumed(hand.tls.session), 0);
    hand_close(&hand);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_wire");

    suite_add(all, policy_says_the_versions, VERSIONS * LEVELS * 2 * COUNT(mechanisms));
    suite_add(all, any_token_is_accepted, 2 * COUNT(peers));
    suite_add(all, ntlm_within_spnego_is_accepted, 2);
    suite_add(all, our_client_binds_with_the_last_token, COUNT(clients));
    suite_add(all, error_codes_end_the_logon, COUNT(errors) * MOMENTS * 2);
    suite_add(all, messages_may_be_cut_into_records, 8 * COUNT(pieces));
    suite_add(all, no_tickets_are_given, 2);
    return all;
}

CHECK_MAIN(suite)
