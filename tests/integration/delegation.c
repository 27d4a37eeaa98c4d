/* SPDX-License-Identifier: MIT */
/*
 * Acting for a client: what AcquireCredentialsHandle(NULL) gives to a thread that impersonates one.
 * The process' own user is bob, the client alice; HTTP/localhost may delegate to host/localhost.
 */
#include <pthread.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define ALICE "alice@LOOPBACK.TEST"
#define BOB   "bob@LOOPBACK.TEST"

static const char *const packages[] = {"Kerberos", "Negotiate"};

/* alice by password at a service of this process. */
static void log_on(struct pair *pair, const char *package, const char *service, ULONG more)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("alice", "LOOPBACK", password_of("alice"), "!ntlm");

    pair_init(pair);
    pair->target = service;
    pair->isc |= more;
    assert_status(pair_acquire_client(pair, package, NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(pair, package, service), SEC_E_OK);
    pair_establish(pair);
    ck_assert_str_eq(context_user(&pair->server), ALICE);
}

/* Goes on to a second service as whoever this thread is; the status of the first leg. */
static SECURITY_STATUS go_on(struct pair *next, const char *service)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient("!ntlm");
    SECURITY_STATUS status;

    pair_init(next);
    next->target = service;
    status = pair_acquire_client(next, "Negotiate", NULL, &list);
    return status != SEC_E_OK ? status : pair_initialize(next);
}

static void assert_goes_on_as(const char *service, const char *user)
{
    struct pair next;

    assert_status(go_on(&next, service), SEC_I_CONTINUE_NEEDED);
    ck_assert(RevertToSelf()); /* the second service is nobody but itself */
    assert_status(pair_acquire_server(&next, "Negotiate", service), SEC_E_OK);
    ck_assert(pair_finish(&next));
    ck_assert_str_eq(context_user(&next.server), user);
    pair_free(&next);
}

static void *another_thread(void *unused)
{
    (void)unused;
    assert_goes_on_as("host/localhost", BOB);
    return NULL;
}

static bool delegated(const struct pair *pair)
{
    ck_assert_int_eq((pair->client_flags & ISC_RET_DELEGATE) != 0,
                     (pair->server_flags & ASC_RET_DELEGATE) != 0);
    return (pair->server_flags & ASC_RET_DELEGATE) != 0;
}

/* HTTP/localhost is trusted: alice's ticket comes along, and is good for any service. */
START_TEST(forwarded)
{
    struct pair pair;
    pthread_t thread;

    log_on(&pair, packages[_i], "HTTP/localhost", ISC_REQ_DELEGATE);
    ck_assert(delegated(&pair));
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, another_thread, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_goes_on_as("cifs/localhost", ALICE);
    assert_goes_on_as("host/localhost", BOB); /* that has reverted */
    pair_free(&pair);
}
END_TEST

/* The same by its access token, which outlives the context. */
START_TEST(by_token)
{
    struct pair pair;
    void *token = NULL;

    log_on(&pair, packages[_i], "HTTP/localhost", ISC_REQ_DELEGATE);
    assert_status(QuerySecurityContextToken(&pair.server, &token), SEC_E_OK);
    pair_free(&pair);
    ck_assert(ImpersonateLoggedOnUser(token));
    assert_goes_on_as("cifs/localhost", ALICE);
    ck_assert(CloseHandle(token));
}
END_TEST

/* Only where it is asked for, and only to services that are trusted for it. */
START_TEST(not_forwarded)
{
    struct pair pair;

    log_on(&pair, packages[_i], "HTTP/localhost", 0);
    ck_assert(!delegated(&pair));
    pair_free(&pair);
    log_on(&pair, packages[_i], "ldap/localhost", ISC_REQ_DELEGATE);
    ck_assert(!delegated(&pair));
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    {
        struct pair next;

        assert_status(go_on(&next, "host/localhost"), SEC_E_NO_CREDENTIALS);
        pair_free(&next);
    }
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    assert_goes_on_as("host/localhost", BOB);
    pair_free(&pair);
}
END_TEST

/* S4U2Proxy, [MS-SFU] 3.2.5.2: nothing came along, and the KDC lets the service go on to one other.
 */
START_TEST(constrained)
{
    struct pair pair, next;

    world_ccache("absent"); /* the service's own ticket comes by KRB5_CLIENT_KTNAME */
    log_on(&pair, packages[_i], "HTTP/localhost", 0);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_goes_on_as("host/localhost", ALICE);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    ck_assert_int_lt(go_on(&next, "cifs/localhost"), 0);
    pair_free(&next);
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/* S4U2Self, [MS-SFU] 3.1.5.1: a service takes a user's name for its own use, without password. */
START_TEST(protocol_transition)
{
    struct pair pair;

    world_ccache("absent"); /* the process is the service: its keys are in KRB5_CLIENT_KTNAME */
    pair_init(&pair);
    pair.target = "host/localhost";
    assert_status(pair_acquire_client(&pair, "Kerberos", ALICE, NULL), SEC_E_OK);
    assert_status(pair_acquire_server(&pair, "Kerberos", "host/localhost"), SEC_E_OK);
    pair_establish(&pair);
    ck_assert_str_eq(context_user(&pair.server), ALICE);
    pair_free(&pair);
}
END_TEST

START_TEST(refusals)
{
    struct pair pair;

    log_on(&pair, "Kerberos", "HTTP/localhost", 0);
    assert_status(ImpersonateSecurityContext(&pair.client), SEC_E_NO_IMPERSONATION);
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK); /* nothing to revert */
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("delegation");

    suite_add(s, forwarded, COUNT(packages));
    suite_add(s, by_token, COUNT(packages));
    suite_add(s, not_forwarded, COUNT(packages));
    suite_add(s, constrained, COUNT(packages));
    suite_add(s, protocol_transition, 1);
    suite_add(s, refusals, 1);
    return s;
}

CHECK_MAIN(suite)
