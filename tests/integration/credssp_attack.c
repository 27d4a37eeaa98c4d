/* SPDX-License-Identifier: MIT */
/*
 * CredSSP against somebody who writes its messages by hand: versions, mechanisms and keys where he
 * is honest, and what comes of it where he is not.
 */
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/hand.h"
#include "lib/world.h"

static struct hand hand;

/* --- Honest --------------------------------------------------------------------------------- */

static const char *const lists[] = {"ntlm", "kerberos", "!kerberos"};
static const DWORD protocols[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};
static const unsigned keys[] = {IDENT_EC, IDENT_RSA};

enum { VERSIONS = 5, WAYS = 2 * 2 * 2 * 3 * VERSIONS };

static struct hand_way way_of(int i)
{
    struct hand_way way = {.version = 2 + (uint32_t)(i % VERSIONS)};

    i /= VERSIONS;
    way.serves = i % 2;
    way.protocol = protocols[i / 2 % 2];
    way.key = keys[i / 4 % 2];
    way.list = lists[i / 8];
    return way;
}

/* Any version, of either role, with any key: the logon, and the credentials only at its end. */
START_TEST(every_version_is_spoken)
{
    struct hand_way way = way_of(_i);

    hand_open(&hand, &way, NULL);
    hand.request = way.serves ? ISC_REQ_DELEGATE : 0;
    hand_meet(&hand);
    hand_finish(&hand);
    assert_status(hand.status, SEC_E_OK);
    ck_assert_int_eq(hand.step, way.serves ? HAND_BINDING : HAND_CREDENTIALS);
    ck_assert_uint_eq(hand.credentials, way.serves ? 1 : 0);
    hand_close(&hand);
}
END_TEST

/*
 * What a client of each version hears of a wrong password: the error code, or where its version has
 * none the alert that Windows sends.
 */
START_TEST(every_version_hears_a_refusal)
{
    struct hand_way way = {.protocol = protocols[_i % 2],
                           .key = IDENT_EC,
                           .list = "ntlm",
                           .version = 2 + (uint32_t)_i / 2};
    bool coded = way.version != 2 && way.version != 5;
    SEC_WINNT_AUTH_IDENTITY_EXA wrong = identity_exa("alice", NULL, "wrong", "ntlm");

    hand_open(&hand, &way, NULL);
    FreeCredentialsHandle(&hand.logon.client_cred);
    assert_status(pair_acquire_client(&hand.logon, "Negotiate", NULL, &wrong), SEC_E_OK);
    hand_meet(&hand);
    hand_finish(&hand);
    assert_status(hand.status, SEC_E_LOGON_DENIED);
    ck_assert_int_eq(hand.heard.failed, coded);
    ck_assert_uint_eq(hand.heard.error, coded ? 0xc000006d : 0); /* STATUS_LOGON_FAILURE */
    if (!coded)
        ck_assert_int_eq(gnutls_alert_get(hand.tls.session), GNUTLS_A_ACCESS_DENIED);
    hand_close(&hand);
}
END_TEST

/* --- Altered messages ----------------------------------------------------------------------- */

static struct flow made; /* octets that an attack made */

static struct asn_part made_part(const void *data, size_t size)
{
    flow_drop(&made, made.size);
    flow_add(&made, data, size);
    if (made.data == NULL) /* nothing, which is there */
        return (struct asn_part){(const uint8_t *)"", 0};
    return (struct asn_part){made.data, made.size};
}

static void version_is(struct hand_say *say, unsigned number)
{
    say->version = number;
}

static void nonce_goes(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->nonce = (struct asn_part){NULL, 0};
}

static void nonce_flips(struct hand_say *say, unsigned at)
{
    uint8_t nonce[TSREQUEST_NONCE_SIZE];

    memcpy(nonce, say->nonce.data, sizeof(nonce));
    nonce[at] ^= 0x80;
    say->nonce = made_part(nonce, sizeof(nonce));
}

static void nonce_is_long(struct hand_say *say, unsigned size)
{
    static const uint8_t octets[64];

    say->nonce = made_part(octets, size);
}

static void token_goes(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->tokens[0] = (struct asn_part){NULL, 0};
}

static void token_twice(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->tokens[1] = say->tokens[0];
}

static void token_is(struct hand_say *say, unsigned size)
{
    static const char octets[] = "NTLMSSP\0\1\0\0\0";

    say->tokens[0] = (struct asn_part){(const uint8_t *)octets, size};
}

static void binding_goes(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->seal = (struct asn_part){NULL, 0};
}

static void binding_flips(struct hand_say *say, unsigned at)
{
    hand_seal(&hand, say);
    say->binding = made_part(say->binding.data, say->binding.size);
    made.data[at % made.size] ^= 1;
}

static void binding_is_cut(struct hand_say *say, unsigned size)
{
    hand_seal(&hand, say);
    say->binding.size = size;
}

static void binding_by_version(struct hand_say *say, unsigned version)
{
    uint8_t value[HAND_BINDING_MAX];

    say->seal = made_part(value, hand_binding(&hand, version, !hand.way.serves, value));
}

static void binding_of_the_other(struct hand_say *say, unsigned ignored)
{
    uint8_t value[HAND_BINDING_MAX];

    (void)ignored;
    say->seal = made_part(value, hand_binding(&hand, hand.way.version, hand.way.serves, value));
}

static void binding_of_another_key(struct hand_say *say, unsigned at)
{
    uint8_t value[HAND_BINDING_MAX];

    hand.key.data[hand.key.size - 1 - at] ^= 1;
    say->seal = made_part(value, hand_binding(&hand, hand.way.version, !hand.way.serves, value));
    hand.key.data[hand.key.size - 1 - at] ^= 1;
}

static void binding_is_empty(struct hand_say *say, unsigned size)
{
    say->seal = made_part("", size);
}

/* The package's own, back to it. */
static void binding_is_reflected(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->seal = (struct asn_part){NULL, 0};
    say->binding = made_part(hand.heard.pubkey_auth.data, hand.heard.pubkey_auth.size);
}

static void binding_is_early(struct hand_say *say, unsigned ignored)
{
    static const uint8_t octets[48];

    (void)ignored;
    say->binding = made_part(octets, sizeof(octets));
}

static void error_is(struct hand_say *say, unsigned which)
{
    static const struct {
        const char *octets;
        size_t size;
    } errors[] = {{"\xc0\x00\x00\x6d", 4},
                  {"\x00\xc0\x00\x00\x6d", 5},
                  {"\x00", 1},
                  {"\x01", 1},
                  {"\xc0\x00\xab\xcd", 4},
                  {"\x7f\xff\xff\xff", 4},
                  {"\xff", 1},
                  {"\x80\x09\x03\x0c", 4},
                  {"\x01\x02\x03\x04\x05\x06", 6}};

    say->error = made_part(errors[which].octets, errors[which].size);
}

static void creds_are_here(struct hand_say *say, unsigned size)
{
    static const uint8_t octets[64];

    if (say->step == HAND_CREDENTIALS)
        say->seal = (struct asn_part){NULL, 0};
    say->auth_info = made_part(octets, size);
}

static void creds_go(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->seal = (struct asn_part){NULL, 0};
}

static void creds_flip(struct hand_say *say, unsigned at)
{
    hand_seal(&hand, say);
    say->auth_info = made_part(say->auth_info.data, say->auth_info.size);
    made.data[(made.size + at) % made.size] ^= 1;
}

/* Sealed as they should be, and no credentials. */
static void creds_seal(struct hand_say *say, unsigned which)
{
    static const struct {
        const char *octets;
        size_t size;
    } creds[] = {
        {"\x30", 1},
        {"\x30\x05\xa0\x03\x02\x01\x01", 7},                          /* of a type, and none */
        {"\x30\x0b\xa0\x03\x02\x01\x01\xa1\x04\x04\x02\x30\x00", 13}, /* no fields */
        {"\x30\x0b\xa0\x03\x02\x01\x09\xa1\x04\x04\x02\x30\x00", 13}, /* of no type */
        {"\x30\x80\xa0\x03\x02\x01\x01\xa1\x04\x04\x02\x30\x00\x00\x00", 15}, /* indefinite */
        {"\x30\x18\xa0\x03\x02\x01\x01\xa1\x11\x04\x0f\x30\x0d\xa0\x03\x04\x01\x61\xa1\x02"
         "\x04\x00\xa2\x02\x04\x00",
         26}}; /* half a character */

    say->seal = made_part(creds[which].octets, creds[which].size);
}

/* Signed, and for all to read: Kerberos can, NTLM does not know it. */
static void not_sealed(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    if (strcmp(hand.way.list, "kerberos") == 0)
        say->qop = SECQOP_WRAP_NO_ENCRYPT;
}

/* What was sealed before, once more. */
static void creds_are_the_binding(struct hand_say *say, unsigned ignored)
{
    (void)ignored;
    say->auth_info = made_part(hand.sealed.data, hand.sealed.size);
    say->seal = (struct asn_part){NULL, 0};
}

static const struct attack {
    const char *name;
    bool serves;         /* the hand */
    enum hand_step step; /* TOKEN: its first message */
    void (*alter)(struct hand_say *, unsigned);
    unsigned with;
    SECURITY_STATUS status, krb; /* krb: of Kerberos, if another */
} attacks[] = {
    /* versions */
    {"an older version", false, HAND_TOKEN, version_is, 4, SEC_E_UNSUPPORTED_FUNCTION, 0},
    {"version 0", false, HAND_TOKEN, version_is, 0, SEC_E_UNSUPPORTED_FUNCTION, 0},
    {"another version at first", false, HAND_TOKEN, version_is, 5, SEC_E_MESSAGE_ALTERED, 0},
    {"a newer version at first", false, HAND_TOKEN, version_is, 7, SEC_E_MESSAGE_ALTERED, 0},
    {"another version at the binding", false, HAND_BINDING, version_is, 5, SEC_E_MESSAGE_ALTERED,
     0},
    {"a newer version at the end", false, HAND_CREDENTIALS, version_is, 7, SEC_E_MESSAGE_ALTERED,
     0},
    {"an older version", true, HAND_TOKEN, version_is, 4, SEC_E_UNSUPPORTED_FUNCTION, 0},
    {"version 0", true, HAND_TOKEN, version_is, 0, SEC_E_UNSUPPORTED_FUNCTION, 0},
    {"a negative version", true, HAND_TOKEN, version_is, 0x86, SEC_E_INVALID_TOKEN, 0},
    {"another version at the binding", true, HAND_BINDING, version_is, 5, SEC_E_MESSAGE_ALTERED, 0},
    {"an older version at the binding", true, HAND_BINDING, version_is, 2, SEC_E_MESSAGE_ALTERED,
     0},
    /* the nonce */
    {"a nonce later only", false, HAND_TOKEN, nonce_goes, 0, SEC_E_OK, 0},
    {"a nonce at first only", false, HAND_BINDING, nonce_goes, 0, SEC_E_OK, 0},
    {"another nonce at first", false, HAND_TOKEN, nonce_flips, 0, SEC_E_MESSAGE_ALTERED, 0},
    {"another nonce at the binding", false, HAND_BINDING, nonce_flips, 31, SEC_E_MESSAGE_ALTERED,
     0},
    {"another nonce at the end", false, HAND_CREDENTIALS, nonce_flips, 7, SEC_E_MESSAGE_ALTERED, 0},
    {"a nonce of none", false, HAND_TOKEN, nonce_is_long, 0, SEC_E_INVALID_TOKEN, 0},
    {"a short nonce", false, HAND_TOKEN, nonce_is_long, 31, SEC_E_INVALID_TOKEN, 0},
    {"a long nonce", false, HAND_BINDING, nonce_is_long, 33, SEC_E_INVALID_TOKEN, 0},
    {"a short nonce of a server", true, HAND_TOKEN, nonce_is_long, 31, SEC_E_INVALID_TOKEN, 0},
    /* tokens */
    {"no token", false, HAND_TOKEN, token_goes, 0, SEC_E_INVALID_TOKEN, 0},
    {"two tokens", false, HAND_TOKEN, token_twice, 0, SEC_E_INVALID_TOKEN, 0},
    {"a token of nothing", false, HAND_TOKEN, token_is, 0, SEC_I_CONTINUE_NEEDED, 0},
    {"a token's start", false, HAND_TOKEN, token_is, 7, SEC_E_INVALID_TOKEN, 0},
    {"a token that is none", false, HAND_TOKEN, token_is, 12, SEC_E_INVALID_TOKEN, 0},
    {"no token", true, HAND_TOKEN, token_goes, 0, SEC_E_INVALID_TOKEN, 0},
    {"two tokens", true, HAND_TOKEN, token_twice, 0, SEC_E_INVALID_TOKEN, 0},
    {"a token of nothing", true, HAND_TOKEN, token_is, 0, SEC_E_INVALID_TOKEN, 0},
    {"a token that is none", true, HAND_TOKEN, token_is, 12, SEC_E_INVALID_TOKEN, 0},
    /* the binding */
    {"the binding alters", false, HAND_BINDING, binding_flips, 0, SEC_E_MESSAGE_ALTERED,
     SEC_E_INVALID_TOKEN},
    {"the binding alters", false, HAND_BINDING, binding_flips, 40, SEC_E_MESSAGE_ALTERED, 0},
    {"the binding of none", false, HAND_BINDING, binding_is_cut, 0, SEC_E_INVALID_TOKEN, 0},
    {"a short binding", false, HAND_BINDING, binding_is_cut, 15, SEC_E_INVALID_TOKEN, 0},
    {"the older binding", false, HAND_BINDING, binding_by_version, 4, SEC_E_MUTUAL_AUTH_FAILED, 0},
    {"the server's binding", false, HAND_BINDING, binding_of_the_other, 0, SEC_E_MUTUAL_AUTH_FAILED,
     0},
    {"another key's binding", false, HAND_BINDING, binding_of_another_key, 0,
     SEC_E_MUTUAL_AUTH_FAILED, 0},
    {"a binding of one octet", false, HAND_BINDING, binding_is_empty, 1, SEC_E_MUTUAL_AUTH_FAILED,
     0},
    {"the binding too early", false, HAND_TOKEN, binding_is_early, 0, SEC_E_INVALID_TOKEN, 0},
    {"no binding", false, HAND_CREDENTIALS, creds_go, 0, SEC_E_INVALID_TOKEN, 0},
    {"no binding", true, HAND_BINDING, binding_goes, 0, SEC_E_INVALID_TOKEN, 0},
    {"the binding alters", true, HAND_BINDING, binding_flips, 0, SEC_E_MESSAGE_ALTERED,
     SEC_E_INVALID_TOKEN},
    {"the binding alters", true, HAND_BINDING, binding_flips, 40, SEC_E_MESSAGE_ALTERED, 0},
    {"a short binding", true, HAND_BINDING, binding_is_cut, 15, SEC_E_INVALID_TOKEN, 0},
    {"the older binding", true, HAND_BINDING, binding_by_version, 4, SEC_E_MUTUAL_AUTH_FAILED, 0},
    {"the client's value sealed by the server", true, HAND_BINDING, binding_of_the_other, 0,
     SEC_E_MUTUAL_AUTH_FAILED, 0},
    {"another key's binding", true, HAND_BINDING, binding_of_another_key, 3,
     SEC_E_MUTUAL_AUTH_FAILED, 0},
    {"the client's binding back", true, HAND_BINDING, binding_is_reflected, 0,
     SEC_E_MESSAGE_ALTERED, 0},
    {"a binding of one octet", true, HAND_BINDING, binding_is_empty, 1, SEC_E_MUTUAL_AUTH_FAILED,
     0},
    {"the binding too early", true, HAND_TOKEN, binding_is_early, 0, SEC_E_INVALID_TOKEN, 0},
    {"a binding in the clear", false, HAND_BINDING, not_sealed, 0, SEC_E_OK, SEC_E_MESSAGE_ALTERED},
    {"a binding in the clear", true, HAND_BINDING, not_sealed, 0, SEC_E_OK, SEC_E_MESSAGE_ALTERED},
    {"credentials in the clear", false, HAND_CREDENTIALS, not_sealed, 0, SEC_E_OK,
     SEC_E_MESSAGE_ALTERED},
    {"the binding for credentials", false, HAND_CREDENTIALS, creds_are_the_binding, 0,
     SEC_E_MESSAGE_ALTERED, SEC_E_OUT_OF_SEQUENCE},
    /* errors */
    {"a client's error", false, HAND_TOKEN, error_is, 0, SEC_E_INVALID_TOKEN, 0},
    {"a client's error at the binding", false, HAND_BINDING, error_is, 2, SEC_E_INVALID_TOKEN, 0},
    {"a client's error at the end", false, HAND_CREDENTIALS, error_is, 1, SEC_E_INVALID_TOKEN, 0},
    /* credentials */
    {"credentials at first", false, HAND_TOKEN, creds_are_here, 40, SEC_E_INVALID_TOKEN, 0},
    {"credentials of nothing at first", false, HAND_TOKEN, creds_are_here, 0, SEC_E_INVALID_TOKEN,
     0},
    {"credentials at the binding", false, HAND_BINDING, creds_are_here, 40, SEC_E_INVALID_TOKEN, 0},
    {"credentials of a server", true, HAND_TOKEN, creds_are_here, 40, SEC_E_INVALID_TOKEN, 0},
    {"credentials of a server at the binding", true, HAND_BINDING, creds_are_here, 40,
     SEC_E_INVALID_TOKEN, 0},
    {"credentials of nothing", false, HAND_CREDENTIALS, creds_are_here, 0, SEC_E_INVALID_TOKEN, 0},
    {"credentials nobody sealed", false, HAND_CREDENTIALS, creds_are_here, 64,
     SEC_E_MESSAGE_ALTERED, SEC_E_INVALID_TOKEN},
    {"credentials alter", false, HAND_CREDENTIALS, creds_flip, 0, SEC_E_MESSAGE_ALTERED,
     SEC_E_INVALID_TOKEN},
    {"credentials alter at their end", false, HAND_CREDENTIALS, creds_flip, (unsigned)-1,
     SEC_E_MESSAGE_ALTERED, 0},
    {"credentials cut", false, HAND_CREDENTIALS, creds_seal, 0, SEC_E_INVALID_TOKEN, 0},
    {"credentials of none", false, HAND_CREDENTIALS, creds_seal, 1, SEC_E_INVALID_TOKEN, 0},
    {"credentials without fields", false, HAND_CREDENTIALS, creds_seal, 2, SEC_E_INVALID_TOKEN, 0},
    {"credentials of no type", false, HAND_CREDENTIALS, creds_seal, 3, SEC_E_UNKNOWN_CREDENTIALS,
     0},
    {"credentials of no length", false, HAND_CREDENTIALS, creds_seal, 4, SEC_E_INVALID_TOKEN, 0},
    {"half a character", false, HAND_CREDENTIALS, creds_seal, 5, SEC_E_INVALID_TOKEN, 0},
};

#define ATTACKS COUNT(attacks)

/* Both mechanisms, in either TLS. */
static struct hand_way attack_way(int i, bool serves)
{
    struct hand_way way = {.serves = serves, .version = 6, .key = IDENT_EC};

    way.list = lists[i % 2];
    way.protocol = protocols[(i + 1) % 2];
    return way;
}

static bool is_due(const struct attack *attack, const struct hand_say *say)
{
    return say->step == attack->step && (say->step != HAND_TOKEN || say->number == 0);
}

static void play(const struct attack *attack)
{
    struct hand_say say;

    while (hand_next(&hand, &say)) {
        if (is_due(attack, &say))
            attack->alter(&say, attack->with);
        hand_send(&hand, &say);
    }
}

static void assert_end(const char *name, SECURITY_STATUS want)
{
    ck_assert_msg(hand.status == want, "%s, %s: %s instead of %s: %s", name, hand.way.list,
                  sspi_status_name(hand.status), sspi_status_name(want), sspi_native_error());
    ck_assert_uint_eq(hand.credentials, hand.way.serves && want == SEC_E_OK ? 1 : 0);
    if (want < 0)
        ck_assert_str_ne(sspi_native_error(), "");
}

START_TEST(altered_messages_fail)
{
    const struct attack *attack = &attacks[_i / 2];
    struct hand_way way = attack_way(_i, attack->serves);

    hand_open(&hand, &way, NULL);
    hand.request = way.serves ? ISC_REQ_DELEGATE : 0;
    hand_meet(&hand);
    play(attack);
    assert_end(attack->name, _i % 2 && attack->krb != 0 ? attack->krb : attack->status);
    hand_close(&hand);
    flow_free(&made);
}
END_TEST

/* --- Somebody in the middle ----------------------------------------------------------------- */

static struct hand other; /* who faces the package's server */

/* What one of the hands has heard goes on by the other, in a version of his choice. */
static bool relay_one(struct hand *from, struct hand *to, unsigned *passed, uint32_t version)
{
    const struct tsrequest *heard = &from->heard;
    struct hand_say say = {.version = version,
                           .tokens = {heard->token},
                           .auth_info = heard->auth_info,
                           .binding = heard->pubkey_auth,
                           .nonce = heard->nonce};
    uint8_t code[] = {(uint8_t)(heard->error >> 24), (uint8_t)(heard->error >> 16),
                      (uint8_t)(heard->error >> 8), (uint8_t)heard->error};

    if (*passed == from->messages || to->status != SEC_I_CONTINUE_NEEDED)
        return false;
    *passed = from->messages;
    if (heard->failed)
        say.error = (struct asn_part){code, sizeof(code)};
    if (version < 5)
        say.nonce = (struct asn_part){NULL, 0};
    hand_send(to, &say);
    return true;
}

static struct hand_way relay_way(int i, bool serves)
{
    struct hand_way way = way_of(i / 2 / VERSIONS * 2 * VERSIONS + i % VERSIONS);

    way.serves = serves;
    return way;
}

/* Both TLS connections are his; the server's key he has or not. */
START_TEST(relay_needs_the_key)
{
    bool has_key = _i / VERSIONS % 2;
    struct hand_way to_client = relay_way(_i, true), to_server = relay_way(_i, false);
    unsigned of_client = 0, of_server = 0;

    to_client.key = to_client.key == IDENT_EC ? IDENT_EC + 1 : CERTS_RSA_2047;
    hand_open(&hand, &to_client, NULL);
    hand_open(&other, &to_server, NULL);
    hand.request = ISC_REQ_DELEGATE;
    if (has_key)
        hand_ident(&hand, &other);
    hand_meet(&hand);
    hand_meet(&other);
    while (relay_one(&hand, &other, &of_client, to_client.version) ||
           relay_one(&other, &hand, &of_server, to_client.version))
        continue;
    assert_status(other.status, has_key ? SEC_E_OK : SEC_E_MUTUAL_AUTH_FAILED);
    ck_assert_uint_eq(hand.credentials, has_key ? 1 : 0);
    ck_assert_int_eq(hand.status == SEC_E_OK, has_key);
    hand_close(&hand);
    hand_close(&other);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp attack");

    suite_add(all, every_version_is_spoken, WAYS);
    suite_add(all, every_version_hears_a_refusal, 2 * VERSIONS);
    suite_add(all, altered_messages_fail, 2 * ATTACKS);
    suite_add(all, relay_needs_the_key, WAYS);
    return all;
}

CHECK_MAIN(suite)
