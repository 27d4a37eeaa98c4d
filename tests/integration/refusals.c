/* SPDX-License-Identifier: MIT */
/*
 * Refusals that take an arrangement of their own: an answer meant for another, a KDC that knows no
 * way, errors that are sent to the peer, and a machine that has no room for one thread more.
 */
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* The ways to have one mechanism and nothing else. */
static const struct way {
    const char *package, *list, *negotiated;
} ways[] = {{"Kerberos", NULL, "Kerberos"},
            {"Negotiate", "!ntlm", "Kerberos"},
            {"NTLM", NULL, "NTLM"},
            {"Negotiate", "!kerberos", "NTLM"}};
#define KERBEROS_WAYS 2

static void way_acquire(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);

    pair_init(pair);
    assert_status(pair_acquire_client(pair, way->package, NULL, way->list == NULL ? NULL : &id),
                  SEC_E_OK);
    assert_status(pair_acquire_server(pair, way->package, NULL), SEC_E_OK);
}

/* --- An answer that was meant for another --------------------------------------------------- */

/*
 * Both contexts use one ticket. The AP-REP is sealed with the ticket's session key, not a subkey
 * (RFC 4120 5.5.2), so the other context can read it, and finds another time in it than its own.
 */
START_TEST(answer_for_another_context)
{
    struct pair one, other;

    way_acquire(&one, &ways[_i]);
    way_acquire(&other, &ways[_i]);
    assert_status(pair_initialize(&one), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&other), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&one), 0);
    ck_assert_int_ge(pair_accept(&other), 0);
    other.to_client = one.to_client;
    assert_status(pair_initialize(&other), SEC_E_MUTUAL_AUTH_FAILED);
    assert_native("Mutual authentication failed");
    ck_assert_uint_eq(other.to_server.size, 0);
    assert_status(pair_initialize(&other), SEC_E_CONTEXT_EXPIRED);
    assert_status(pair_initialize(&one), SEC_E_OK);
    pair_free(&one);
    pair_free(&other);
}
END_TEST

/* Both have a ticket of their own for the same service. */
START_TEST(answer_under_another_key)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("bob", "LOOPBACK", password_of("bob"), ways[_i].list);
    struct pair one, other;

    way_acquire(&one, &ways[_i]);
    pair_init(&other);
    assert_status(pair_acquire_client(&other, ways[_i].package, NULL, &id), SEC_E_OK);
    assert_status(pair_initialize(&one), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_initialize(&other), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&one), 0);
    other.to_client = one.to_client;
    assert_status(pair_initialize(&other), SEC_E_WRONG_PRINCIPAL);
    assert_native("Decrypt integrity check failed");
    ck_assert_uint_eq(other.to_server.size, 0);
    assert_status(pair_initialize(&other), SEC_E_CONTEXT_EXPIRED);
    pair_free(&one);
    pair_free(&other);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("refusals");

    suite_add(s, answer_for_another_context, KERBEROS_WAYS);
    suite_add(s, answer_under_another_key, KERBEROS_WAYS);
    return s;
}

CHECK_MAIN(suite)
