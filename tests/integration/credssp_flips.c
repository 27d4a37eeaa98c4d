/* SPDX-License-Identifier: MIT */
/*
 * Every octet of every TSRequest that either role is sent in a logon, altered: a clear status, no
 * credentials for a server that has not proved its key, and nobody else's for a server.
 */
#include <windows.h>

#include <credssp.h>
#include <ntsecapi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/check_main.h"
#include "lib/hand.h"
#include "lib/world.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SLOW true /* a few bits, then */
#else
#define SLOW false
#endif

static struct hand hand;

/* NTLM by both versions of TLS, Kerberos by one; either role. */
static const struct hand_way ways[] = {
    {false, SP_PROT_TLS1_3, IDENT_EC, "ntlm", 6},
    {true, SP_PROT_TLS1_3, IDENT_EC, "ntlm", 6},
    {false, SP_PROT_TLS1_2, IDENT_EC, "ntlm", 6},
    {true, SP_PROT_TLS1_2, IDENT_EC, "ntlm", 6},
    {false, SP_PROT_TLS1_3, IDENT_EC, "kerberos", 6},
    {true, SP_PROT_TLS1_3, IDENT_EC, "kerberos", 6},
};
enum { MESSAGES = 3, VARIES = 16 /* the times in a ticket's proof have fewer octets or more */ };

/* What a message that is not as it was sent may be told to be. */
static bool is_clear(SECURITY_STATUS status)
{
    static const SECURITY_STATUS known[] = {
        SEC_E_INVALID_TOKEN,      SEC_E_MESSAGE_ALTERED,     SEC_E_LOGON_DENIED,
        SEC_E_WRONG_PRINCIPAL,    SEC_E_CONTEXT_EXPIRED,     SEC_E_UNSUPPORTED_FUNCTION,
        SEC_E_TIME_SKEW,          SEC_E_NO_CREDENTIALS,      SEC_E_KDC_UNKNOWN_ETYPE,
        SEC_E_OUT_OF_SEQUENCE,    SEC_E_BAD_BINDINGS,        SEC_E_NO_KERB_KEY,
        SEC_E_MUTUAL_AUTH_FAILED, SEC_E_UNKNOWN_CREDENTIALS,
    };

    for (int i = 0; i < COUNT(known); i++)
        if (status == known[i])
            return true;
    return false;
}

/* The package's server has alice's password, and hers alone. */
static void assert_alice(void)
{
    const char *user = context_user(&hand.ctx), *account = strchr(user, '\\');
    SecPkgContext_ClientCreds creds;

    ck_assert_int_eq(strncasecmp(account == NULL ? user : account + 1, "alice", 5), 0);
    assert_status(QueryContextAttributesA(&hand.ctx, SECPKG_ATTR_CREDS, &creds), SEC_E_OK);
    FreeContextBuffer(creds.AuthBuffer);
}

static void assert_harmless(enum hand_step step, unsigned number, size_t at)
{
    if (hand.status == SEC_I_CONTINUE_NEEDED) { /* for what the length promises, or for us */
        gnutls_bye(hand.tls.session, GNUTLS_SHUT_WR);
        hand_deliver(&hand);
        assert_status(hand.status, SEC_E_CONTEXT_EXPIRED);
    }
    if (hand.status == SEC_E_OK && !hand.way.serves)
        assert_alice();
    if (hand.status != SEC_E_OK) {
        ck_assert_msg(is_clear(hand.status), "message %u, octet %zu: %s: %s", number, at,
                      sspi_status_name(hand.status), sspi_native_error());
        ck_assert_msg(*sspi_native_error() != '\0', "message %u, octet %zu: %s", number, at,
                      sspi_status_name(hand.status));
    }
    if (step == HAND_BINDING && hand.way.serves)
        ck_assert_int_ne(hand.status, SEC_E_OK);
    ck_assert_uint_eq(hand.credentials, hand.way.serves && hand.status == SEC_E_OK ? 1 : 0);
}

/* A logon in which a bit of this message is another. False: there is no such octet. */
static bool flip(unsigned number, size_t at, unsigned bit)
{
    struct flow text = {NULL, 0, 0};
    struct hand_say say;
    bool there = false;

    hand_meet(&hand);
    while (!there && hand_next(&hand, &say)) {
        hand_seal(&hand, &say);
        flow_drop(&text, text.size);
        hand_write(&say, &text);
        there = say.number == number && at < text.size;
        if (there)
            text.data[at] ^= (uint8_t)(1U << bit);
        hand_record(&hand, text.data, text.size);
    }
    if (there) {
        enum hand_step step = say.step;

        hand_finish(&hand);
        assert_harmless(step, number, at);
    }
    flow_free(&text);
    return there;
}

/* Which octets are of no seal and no token: of a logon that goes well. */
static size_t sizes_of(unsigned number, bool bare[4096])
{
    struct hand_say say;
    size_t size = 0;

    memset(bare, true, 4096 * sizeof(*bare));
    hand_meet(&hand);
    while (hand_next(&hand, &say)) {
        struct flow text = {NULL, 0, 0};
        struct tsrequest parts;

        hand_seal(&hand, &say);
        hand_write(&say, &text);
        if (say.number == number) {
            struct asn_part *part[] = {&parts.token, &parts.auth_info, &parts.pubkey_auth};

            size = text.size;
            ck_assert_uint_le(size, 4096);
            ck_assert_int_eq(tsrequest_decode(&parts, text.data, text.size), SEC_E_OK);
            for (int i = 0; i < 3; i++)
                if (part[i]->data != NULL)
                    memset(bare + (part[i]->data - text.data), false, part[i]->size);
        }
        hand_record(&hand, text.data, text.size);
        flow_free(&text);
    }
    assert_status(hand.status, SEC_E_OK);
    return size;
}

/* All bits of the message itself; one of each octet that a mechanism has made, see mutations.c. */
START_TEST(every_octet_altered)
{
    static bool bare[4096];
    unsigned number = (unsigned)_i % MESSAGES;
    size_t size;

    hand_open(&hand, &ways[_i / MESSAGES], NULL);
    hand.request = hand.way.serves ? ISC_REQ_DELEGATE : 0;
    size = sizes_of(number, bare);
    for (size_t at = 0; at < size; at += SLOW && !bare[at] ? 16 : 1)
        for (unsigned bit = 0; bit < (bare[at] && !SLOW ? 8 : 1); bit++)
            ck_assert(flip(number, at, (unsigned)(at + bit) % 8) || at + VARIES >= size);
    hand_close(&hand);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp flips");

    suite_add(all, every_octet_altered, COUNT(ways) * MESSAGES);
    return all;
}

CHECK_MAIN(suite)
