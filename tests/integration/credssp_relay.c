/* SPDX-License-Identifier: MIT */
/* CredSSP with somebody in the middle: what he gets, and what comes of what he alters. */
#include "lib/relay.h"

#include <stdlib.h>

#include "lib/check_main.h"

/* With a key of his own he gets no further than the binding. */
START_TEST(relay_gets_no_credentials)
{
    relay = (struct relay){.has_key = false};
    relay_run(&ways[_i]);
    end_is(&server, SEC_E_MUTUAL_AUTH_FAILED);
    ck_assert_int_ne(client.status, SEC_E_OK);
    ck_assert_uint_eq(relay.credentials, 0);
    ends_close();
}
END_TEST

/* Who has the server's key is the server: the same relay sees all. */
START_TEST(relay_with_the_key_is_the_server)
{
    relay = (struct relay){.has_key = true};
    relay_run(&ways[_i]);
    end_is(&server, SEC_E_OK);
    end_is(&client, SEC_E_OK);
    ck_assert_uint_eq(relay.credentials, 1);
    ends_close();
}
END_TEST

static void version_4(unsigned char *text, size_t size, size_t body)
{
    (void)size;
    text[body + 4] = 4;
}

static void version_5(unsigned char *text, size_t size, size_t body)
{
    (void)size;
    text[body + 4] = 5;
}

/* Of the nonce of a client, or of what a server has sealed. */
static void last_octet(unsigned char *text, size_t size, size_t body)
{
    (void)body;
    text[size - 1] ^= 1;
}

static const struct {
    bool to_server;
    unsigned message;
    void (*alter)(unsigned char *, size_t, size_t);
    SECURITY_STATUS status;
} alterations[] = {
    {true, 0, version_4, SEC_E_UNSUPPORTED_FUNCTION},
    {true, 1, version_5, SEC_E_MESSAGE_ALTERED},
    {true, 1, last_octet, SEC_E_MESSAGE_ALTERED},
    {false, 0, version_4, SEC_E_UNSUPPORTED_FUNCTION},
    {false, 1, version_5, SEC_E_MESSAGE_ALTERED},
    {false, 1, last_octet, SEC_E_MESSAGE_ALTERED},
};

#define ALTERATION_COUNT (int)(sizeof(alterations) / sizeof(alterations[0]))

/* Even with the key, what he alters comes to light before the credentials leave. */
START_TEST(altered_messages_are_noticed)
{
    int i = _i % ALTERATION_COUNT;

    relay = (struct relay){
        true, alterations[i].to_server, alterations[i].message, alterations[i].alter, {0, 0}, 0};
    relay_run(&ways[_i / ALTERATION_COUNT]);
    end_is(relay.to_server ? &server : &client, alterations[i].status);
    ck_assert_uint_eq(relay.credentials, 0);
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_relay");
    TCase *tests = tcase_create("relay");

    tcase_add_loop_test(tests, relay_gets_no_credentials, 0, WAY_COUNT);
    tcase_add_loop_test(tests, relay_with_the_key_is_the_server, 0, WAY_COUNT);
    tcase_add_loop_test(tests, altered_messages_are_noticed, 0, WAY_COUNT * ALTERATION_COUNT);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
