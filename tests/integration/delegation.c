/* SPDX-License-Identifier: MIT */
/*
 * Acting for a client: what AcquireCredentialsHandle(NULL) gives to a thread that impersonates one.
 * The process' own user is bob, the client alice; HTTP/localhost may delegate to host/localhost.
 */
#include <pthread.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define ALICE "alice@LOOPBACK.TEST"
#define BOB   "bob@LOOPBACK.TEST"

static const char *const packages[] = {"Kerberos", "Negotiate"};

/* A default cache that is not there. MIT's library makes it when it has a ticket by keytab, so that
 * it belongs to that service from then on: each test has another. */
static void no_cache(void)
{
    char name[64];

    snprintf(name, sizeof(name), "tmp/absent.%ld", (long)getpid());
    world_ccache(name);
}

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

static SECURITY_STATUS keep(CredHandle *cred, const char *cache, BOOL overwrite)
{
    SspiCredentials_KeepTickets wish = {.pszCache = cache, .fOverwrite = overwrite};

    return SetCredentialsAttributesA(cred, SSPI_CRED_ATTR_KEEP_TICKETS, &wish, sizeof(wish));
}

/* Her ticket, written where the service's own were: from then on the default cache is hers. */
START_TEST(kept)
{
    SspiCredentials_KeepTickets wish = {.pszCache = NULL};
    struct pair pair, next;

    log_on(&pair, packages[_i], "HTTP/localhost", ISC_REQ_DELEGATE);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_status(go_on(&next, "cifs/localhost"), SEC_I_CONTINUE_NEEDED);
    ck_assert(RevertToSelf());
    no_cache();
    assert_status(keep(&next.client_cred, NULL, FALSE), SEC_E_OK);
    assert_status(keep(&next.client_cred, NULL, FALSE), SEC_E_NOT_OWNER);
    assert_status(keep(&next.client_cred, NULL, TRUE), SEC_E_OK);
    assert_goes_on_as("host/localhost", ALICE);
    assert_status(keep(&next.client_cred, "FILE:/nowhere/cache", TRUE), SEC_E_NO_CREDENTIALS);
    assert_status(keep(&pair.server_cred, NULL, TRUE), SEC_E_NO_CREDENTIALS);
    assert_status(SetCredentialsAttributesA(&next.client_cred, SSPI_CRED_ATTR_KEEP_TICKETS, &wish,
                                            sizeof(wish) - 1),
                  SEC_E_BUFFER_TOO_SMALL);
    pair_free(&next);
    pair_free(&pair);
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

    no_cache(); /* the service's own ticket comes by KRB5_CLIENT_KTNAME */
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

    no_cache(); /* the process is the service: its keys are in KRB5_CLIENT_KTNAME */
    pair_init(&pair);
    pair.target = "host/localhost";
    assert_status(pair_acquire_client(&pair, "Kerberos", ALICE, NULL), SEC_E_OK);
    assert_status(pair_acquire_server(&pair, "Kerberos", "host/localhost"), SEC_E_OK);
    pair_establish(&pair);
    ck_assert_str_eq(context_user(&pair.server), ALICE);
    pair_free(&pair);
}
END_TEST

/* What a thread that acts for alice gets by name: alice's own, and nothing that is the process'. */
static const struct asked {
    const char *principal;
    SECURITY_STATUS status;
} asked[] = {
    {NULL, SEC_E_OK},
    {"", SEC_E_OK},
    {ALICE, SEC_E_OK},
    {BOB, SEC_E_NO_CREDENTIALS},
    {"HTTP/localhost", SEC_E_NO_CREDENTIALS},
    {"alice", SEC_E_NO_CREDENTIALS}, /* of which realm? */
};

START_TEST(by_name)
{
    const struct asked *row = &asked[_i];
    struct pair pair, next;

    log_on(&pair, "Kerberos", "HTTP/localhost", ISC_REQ_DELEGATE);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    for (int form = 0; form < 2; form++) {
        SEC_WCHAR *name = row->principal ? wide_text(row->principal, NULL) : NULL;
        SEC_WCHAR *package = wide_text("Kerberos", NULL);
        SECURITY_STATUS status;

        pair_init(&next);
        next.target = "cifs/localhost";
        status = form ? AcquireCredentialsHandleW(name, package, SECPKG_CRED_OUTBOUND, NULL, NULL,
                                                  NULL, NULL, &next.client_cred, NULL)
                      : pair_acquire_client(&next, "Kerberos", row->principal, NULL);
        next.client_cred_open = status == SEC_E_OK;
        free(name);
        free(package);
        assert_status(status, row->status);
        if (status == SEC_E_OK) {
            assert_status(pair_acquire_server(&next, "Kerberos", "cifs/localhost"), SEC_E_OK);
            ck_assert(pair_run(&next));
            ck_assert_str_eq(context_user(&next.server), ALICE);
        }
        pair_free(&next);
    }
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/* Nothing was delegated: no name and no package gets the thread what is the process' own. */
START_TEST(nothing_delegated)
{
    static const char *const names[] = {NULL, ALICE, BOB};
    static const char *const of[] = {"Kerberos", "NTLM", "Negotiate"};
    struct pair pair, next;

    log_on(&pair, "Kerberos", "ldap/localhost", 0);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    for (int i = 0; i < COUNT(names) * COUNT(of); i++) {
        pair_init(&next);
        assert_status(pair_acquire_client(&next, of[i % COUNT(of)], names[i / COUNT(of)], NULL),
                      SEC_E_NO_CREDENTIALS);
        assert_native("");
        pair_free(&next);
    }
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    assert_goes_on_as("host/localhost", BOB);
    pair_free(&pair);
}
END_TEST

/* The server may look who the client is and not act for it, whatever else the client asked for. */
START_TEST(identify_only)
{
    struct pair pair, next;
    HANDLE token = NULL, again = NULL;

    log_on(&pair, packages[_i], "HTTP/localhost", ISC_REQ_IDENTIFY | ISC_REQ_DELEGATE);
    ck_assert_uint_ne(pair.server_flags & ASC_RET_IDENTIFY, 0);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_status(go_on(&next, "host/localhost"), SEC_E_NO_CREDENTIALS);
    pair_free(&next);
    ck_assert(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
    ck_assert(!DuplicateToken(token, SecurityImpersonation, &again));
    ck_assert(CloseHandle(token));
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    ck_assert(!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
    pair_free(&pair);
}
END_TEST

/* An NTLM client leaves nothing to go on with. */
START_TEST(ntlm_client)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("alice", "LOOPBACK", password_of("alice"), "!kerberos");
    struct pair pair, next;

    pair_init(&pair);
    pair.isc |= ISC_REQ_DELEGATE;
    pair_acquire(&pair, _i ? "Negotiate" : "NTLM", &id);
    pair_establish(&pair);
    ck_assert(!delegated(&pair));
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_status(go_on(&next, "host/localhost"), SEC_E_NO_CREDENTIALS);
    pair_free(&next);
    pair_init(&next);
    assert_status(pair_acquire_client(&next, "NTLM", NULL, NULL), SEC_E_NO_CREDENTIALS);
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    assert_status(pair_acquire_client(&next, "NTLM", NULL, NULL), SEC_E_OK);
    pair_free(&next);
    pair_free(&pair);
}
END_TEST

/* Who brings a password is who it says, and a handle is whose it was when it was acquired. */
START_TEST(what_stays)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_exa("bob", "LOOPBACK", password_of("bob"), "!ntlm");
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient("!ntlm");
    struct pair pair, next, own;

    pair_init(&own);
    own.target = "host/localhost";
    assert_status(pair_acquire_client(&own, packages[_i], NULL, &list), SEC_E_OK);
    log_on(&pair, packages[_i], "HTTP/localhost", ISC_REQ_DELEGATE);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    pair_init(&next);
    next.target = "host/localhost";
    assert_status(pair_acquire_client(&next, packages[_i], NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(&next, packages[_i], "host/localhost"), SEC_E_OK);
    pair_establish(&next);
    ck_assert_str_eq(context_user(&next.server), BOB);
    pair_free(&next);
    assert_status(pair_acquire_server(&own, packages[_i], "host/localhost"), SEC_E_OK);
    pair_establish(&own);
    ck_assert_str_eq(context_user(&own.server), BOB);
    pair_free(&own);
    pair_free(&pair); /* the thread acts for alice yet */
    assert_goes_on_as("cifs/localhost", ALICE);
}
END_TEST

/* Which service may go on where, by the KDC's rules: those of the service (classic) and those of
 * the one it goes on to (resource). */
static const struct rule {
    const char *from, *to;
    bool may;
} rules[] = {
    {"HTTP/localhost", "host/localhost", true},   {"HTTP/localhost", "cifs/localhost", false},
    {"nosuit/localhost", "host/localhost", true}, {"nosuit/localhost", "cifs/localhost", false},
    {"rbcd/localhost", "cifs/localhost", true},   {"rbcd/localhost", "host/localhost", false},
};

START_TEST(rule_of_the_kdc)
{
    const struct rule *rule = &rules[_i];
    struct pair pair, next;

    no_cache();
    log_on(&pair, "Negotiate", rule->from, 0);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    if (rule->may) {
        assert_goes_on_as(rule->to, ALICE);
    } else {
        ck_assert_int_lt(go_on(&next, rule->to), 0);
        assert_native("");
        pair_free(&next);
        assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    }
    pair_free(&pair);
}
END_TEST

/* S4U2Self says no: a user who does not exist, and a process that is no service. */
START_TEST(no_protocol_transition)
{
    struct pair pair;

    if (_i == 0)
        no_cache();
    else
        setenv("KRB5_CLIENT_KTNAME", world_file("absent.keytab"), 1);
    pair_init(&pair);
    pair.target = "host/localhost";
    assert_status(
        pair_acquire_client(&pair, "Kerberos", _i == 0 ? "nobody@LOOPBACK.TEST" : ALICE, NULL),
        SEC_E_OK);
    ck_assert_int_lt(pair_initialize(&pair), 0);
    ck_assert(!pair.client_open);
    assert_native("");
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
    suite_add(s, kept, COUNT(packages));
    suite_add(s, not_forwarded, COUNT(packages));
    suite_add(s, constrained, COUNT(packages));
    suite_add(s, protocol_transition, 1);
    suite_add(s, by_name, COUNT(asked));
    suite_add(s, nothing_delegated, 1);
    suite_add(s, identify_only, COUNT(packages));
    suite_add(s, ntlm_client, 2);
    suite_add(s, what_stays, COUNT(packages));
    suite_add(s, rule_of_the_kdc, COUNT(rules));
    suite_add(s, no_protocol_transition, 2);
    suite_add(s, refusals, 1);
    return s;
}

CHECK_MAIN(suite)
