/* SPDX-License-Identifier: MIT */
/* What contexts have cost when they are gone: after 200 of them as much as after 1,200. */
#include <check.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

/* A sanitizer looks for what is lost by itself, and takes longer. */
#if defined(__SANITIZE_ADDRESS__)
#define FIRST 10
#define MORE  20
#else
#define FIRST 200
#define MORE  1000
#endif
#define TRIES 3

/* gss-ntlmssp keeps 48 octets of every acceptor's credential, and now and then a few more. */
#define NTLM_CREDENTIAL 56

static struct gss_end initiator, acceptor;

static void ends_init(enum mech_kind kind)
{
    ends_policy(ALLOW_ALL);
    mech_init(&initiator, kind, false);
    mech_init(&acceptor, kind, true);
}

static void context_once(void)
{
    mech_establish(&initiator, &acceptor);
    mech_message(&initiator, &acceptor, "there");
    mech_message(&acceptor, &initiator, "and back");
    mech_close(&initiator);
    mech_close(&acceptor);
}

static void contexts(int count)
{
    while (count-- > 0)
        context_once();
}

/*
 * Octets that the next thousand add. What the last of them has left behind, such as a text, may be
 * longer than what the first had: then a thousand more are to show that it does not grow.
 */
static void nothing_is_added(void (*work)(int), size_t each)
{
    size_t before = 0, after = 1;

    work(FIRST);
    for (int try = 0; try < TRIES && after > before + MORE * each; try++) {
        before = mallinfo2().uordblks;
        work(MORE);
        after = mallinfo2().uordblks;
    }
    ck_assert_uint_le(after, before + MORE * each);
}

START_TEST(contexts_of_one_credential)
{
    ends_init(_i);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
    nothing_is_added(contexts, 0);
    mech_free(&initiator);
    mech_free(&acceptor);
}
END_TEST

static void credentials(int count)
{
    while (count-- > 0) {
        mech_acquire(&initiator);
        mech_acquire(&acceptor);
        mech_free(&initiator);
        mech_free(&acceptor);
    }
}

START_TEST(credentials_alone)
{
    ends_init(_i);
    nothing_is_added(credentials, _i == MECH_TLS ? 0 : NTLM_CREDENTIAL);
}
END_TEST

/* Contexts that fail cost no more: the acceptor gets half a token, the initiator nothing. */
static void failures(int count)
{
    while (count-- > 0) {
        mech_leg(&initiator, NULL, 0);
        mech_is(&initiator, GSS_S_CONTINUE_NEEDED);
        mech_leg(&acceptor, initiator.token.value, initiator.token.length / 2);
        mech_close(&initiator);
        mech_close(&acceptor);
    }
}

START_TEST(contexts_that_fail)
{
    ends_init(_i);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
    nothing_is_added(failures, 0);
    mech_free(&initiator);
    mech_free(&acceptor);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin memory");

    mech_begin();
    suite_add(all, contexts_of_one_credential, MECH_COUNT);
    suite_add(all, credentials_alone, MECH_COUNT);
    suite_add(all, contexts_that_fail, MECH_COUNT);
    return all;
}

/* What malloc() keeps for a thread would count as in use: the program starts again without that. */
int main(int argc, char **argv)
{
    if (argc > 0 && getenv("GLIBC_TUNABLES") == NULL) {
        setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
        execv("/proc/self/exe", argv);
    }
    return check_main(suite);
}
