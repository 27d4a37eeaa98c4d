/* SPDX-License-Identifier: MIT */
/*
 * A KDC that never answers: no call waits longer for it than SSPI_KDC_TIMEOUT says, and who needs
 * no KDC waits for nobody. What is asked is who gave up, not how long it took: MIT's own end of
 * patience has another native text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define UNCACHED "host/localhost"

/* Until the workers have gone; the test's own end is the bound. */
static void threads_wait(int count)
{
    while (world_threads() > count)
        usleep(20000);
}

static const struct wait {
    const char *package, *user, *principal;
    const char *packages;
    const char *target;
} waits[] = {
    {"Kerberos", NULL, NULL, NULL, UNCACHED},
    {"Kerberos", "alice", NULL, NULL, "HTTP/localhost"},
    {"Negotiate", NULL, NULL, "!ntlm", UNCACHED},
    {"Negotiate", "alice", NULL, "!ntlm", "HTTP/localhost"},
    {"Negotiate", "alice", NULL, "kerberos", UNCACHED},
};

static void wait_acquire(struct pair *pair, const struct wait *wait)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        wait->user == NULL
            ? identity_ambient(wait->packages)
            : identity_exa(wait->user, "LOOPBACK", password_of(wait->user), wait->packages);

    pair_init(pair);
    pair->target = wait->target;
    assert_status(pair_acquire_client(pair, wait->package, wait->principal, &id), SEC_E_OK);
}

/* Twice on one credential: a call that was left alone is in nobody's way. */
START_TEST(bounded)
{
    struct pair pair;

    setenv("SSPI_KDC_TIMEOUT", "1", 1);
    world_kdc("silent");
    wait_acquire(&pair, &waits[_i]);
    for (int i = 0; i < 2; i++) {
        assert_status(pair_initialize(&pair), SEC_E_NO_AUTHENTICATING_AUTHORITY);
        assert_native("within 1000 ms (SSPI_KDC_TIMEOUT)");
        ck_assert(!pair.client_open);
        ck_assert_uint_eq(pair.to_server.size, 0);
    }
    pair_free(&pair);
}
END_TEST

/* Without the variable the bound is 10 s, and what is no number of seconds is as none. */
START_TEST(bound_default)
{
    struct pair pair;

    setenv("SSPI_KDC_TIMEOUT", "-1", 1);
    world_kdc("silent");
    wait_acquire(&pair, &waits[1]);
    assert_status(pair_initialize(&pair), SEC_E_NO_AUTHENTICATING_AUTHORITY);
    assert_native("within 10000 ms (SSPI_KDC_TIMEOUT)");
    pair_free(&pair);
}
END_TEST

/* The step that was left alone ends later, after all that the caller had is gone; it must free what
 * it holds and touch nothing else, which AddressSanitizer looks at. */
START_TEST(outlived)
{
    int before = world_threads();
    struct pair pair;

    setenv("SSPI_KDC_TIMEOUT", "1", 1);
    world_kdc("silent");
    wait_acquire(&pair, &waits[1]);
    assert_status(pair_initialize(&pair), SEC_E_NO_AUTHENTICATING_AUTHORITY);
    pair_free(&pair);
    ck_assert_int_gt(world_threads(), before);
    threads_wait(before);
}
END_TEST

/* A server has nobody to ask. */
START_TEST(server_asks_nobody)
{
    int before;
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", NULL);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    threads_wait(1);
    before = world_threads();
    setenv("SSPI_KDC_TIMEOUT", "3600", 1);
    world_kdc("silent");
    assert_status(pair_accept(&pair), SEC_E_OK);
    ck_assert_int_eq(world_threads(), before);
    pair_free(&pair);
}
END_TEST

/* A ticket in the cache is used at once, even the first time. */
START_TEST(cached_ticket)
{
    static const char *const packages[] = {"Kerberos", "Negotiate"};
    unsigned asked = world_requests();
    struct pair pair;

    setenv("SSPI_KDC_TIMEOUT", "3600", 1);
    world_kdc("silent");
    pair_init(&pair);
    pair_acquire(&pair, packages[_i], NULL);
    pair_establish(&pair);
    ck_assert_str_eq(context_package(&pair.client), "Kerberos");
    ck_assert_str_eq(context_user(&pair.server), "alice@LOOPBACK.TEST");
    ck_assert_uint_eq(world_requests(), asked);
    pair_free(&pair);
}
END_TEST

/* A target that is known needs no worker: none is there, and none comes. */
static const struct known {
    const char *package, *user, *negotiated;
} known[] = {
    {"Kerberos", NULL, "Kerberos"},
    {"Negotiate", "bob", "Kerberos"},
    {"NTLM", NULL, "NTLM"},
};

START_TEST(known_target)
{
    SEC_WINNT_AUTH_IDENTITY_A id;
    int before = world_threads();
    struct pair pair;

    if (known[_i].user != NULL)
        id = identity_a(known[_i].user, "LOOPBACK", password_of(known[_i].user));
    pair_init(&pair);
    pair_acquire(&pair, known[_i].package, known[_i].user == NULL ? NULL : &id);
    pair_establish(&pair);
    threads_wait(before);
    setenv("SSPI_KDC_TIMEOUT", "3600", 1);
    world_kdc("silent");
    for (int i = 0; i < 20; i++) {
        pair_close(&pair);
        pair_establish(&pair);
        ck_assert_str_eq(context_package(&pair.client), known[_i].negotiated);
        ck_assert_int_eq(world_threads(), before);
    }
    pair_free(&pair);
}
END_TEST

/* The same sight does see a worker where one is needed. */
START_TEST(unknown_target)
{
    int before = world_threads();
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", NULL);
    pair.target = UNCACHED;
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_gt(world_threads(), before); /* it idles for 5 s before it goes */
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("kdcbound");

    suite_add(s, bounded, COUNT(waits));
    suite_add(s, bound_default, 1);
    suite_add(s, outlived, 1);
    suite_add(s, server_asks_nobody, 1);
    suite_add(s, cached_ticket, 2);
    suite_add(s, known_target, COUNT(known));
    suite_add(s, unknown_target, 1);
    return s;
}

CHECK_MAIN(suite)
