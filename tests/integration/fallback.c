/* SPDX-License-Identifier: MIT */
/*
 * When Negotiate goes on to NTLM: where no ticket can be had, and never where a secret was refused.
 * The ambient NTLM user is bob, the ambient Kerberos user alice: who it was tells what was used.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/clock.h"
#include "lib/pair.h"
#include "lib/world.h"

#define HOUR 3600L
#define DAY  (24 * HOUR)

/* A route by NTLM is looked at again after this time. */
#define FALLBACK_SECONDS 60

static const char unknown_service[] = "HTTP/nobody.loopback.test";

static void kdc_refuses(void)
{
    world_kdc("refused");
}

/* It is there, and never answers. */
static void kdc_is_silent(void)
{
    setenv("SSPI_KDC_TIMEOUT", "1", 1);
    world_kdc("silent");
}

static void no_cache(void)
{
    world_ccache("absent");
}

static void tgt_is_over(void)
{
    clock_shift(2 * DAY);
}

static void clock_is_fast(void)
{
    clock_shift(HOUR);
}

/* The server's account file, one per test. */
static const char *server_file(void)
{
    static char name[64];

    snprintf(name, sizeof(name), "tmp/ntlm.%ld", (long)getpid());
    return name;
}

/* What the server knows: the account even where Kerberos refuses it, so that NTLM would succeed. */
static void accounts_add(const char *domain, const char *user, const char *password)
{
    FILE *file = fopen(world_file(server_file()), "a");

    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s:%s:%s\n", domain, user, password);
    fclose(file);
}

static void accounts_use(const char *name)
{
    ck_assert_int_eq(setenv("NTLM_USER_FILE", world_file(name), 1), 0);
}

/* The client's first leg under its own account file, the rest under the server's. */
static SECURITY_STATUS pair_start(struct pair *pair)
{
    SECURITY_STATUS status;

    accounts_use("ntlm.bob");
    pair->to_client.size = 0;
    status = pair_initialize(pair);
    accounts_use(server_file());
    return status;
}

static bool is_raw_ntlm(const struct pair *pair)
{
    return pair->first.size > 8 && memcmp(pair->first.data, "NTLMSSP", 8) == 0;
}

#define KERBEROS "Kerberos"
#define NTLM     "NTLM"

static const struct cause {
    const char *name;
    void (*arrange)(void);
    const char *user, *password; /* user NULL: ambient; password NULL: the user's own */
    const char *target;
    const char *package; /* what comes of it, or NULL: the same status as without NTLM */
    const char *peer;    /* who it is then */
    SECURITY_STATUS alone;
} causes[] = {
    {"nothing, ambient", NULL, NULL, NULL, "HTTP/localhost", KERBEROS, "alice@LOOPBACK.TEST",
     SEC_E_OK},
    {"nothing, password", NULL, "LOOPBACK\\bob", NULL, "HTTP/localhost", KERBEROS,
     "bob@LOOPBACK.TEST", SEC_E_OK},
    {"unknown service, ambient", NULL, NULL, NULL, unknown_service, NTLM, "LOOPBACK\\bob",
     SEC_E_TARGET_UNKNOWN},
    {"unknown service, password", NULL, "LOOPBACK\\alice", NULL, unknown_service, NTLM,
     "LOOPBACK\\alice", SEC_E_TARGET_UNKNOWN},
    {"no target, ambient", NULL, NULL, NULL, NULL, NTLM, "LOOPBACK\\bob", SEC_E_TARGET_UNKNOWN},
    {"no target, password", NULL, "LOOPBACK\\alice", NULL, "", NTLM, "LOOPBACK\\alice",
     SEC_E_TARGET_UNKNOWN},
    {"service of an unknown realm, ambient", NULL, NULL, NULL, "HTTP/localhost@NOWHERE.TEST", NTLM,
     "LOOPBACK\\bob", SEC_E_TARGET_UNKNOWN},
    {"service of an unknown realm, password", NULL, "LOOPBACK\\alice", NULL,
     "HTTP/localhost@NOWHERE.TEST", NTLM, "LOOPBACK\\alice", SEC_E_TARGET_UNKNOWN},
    {"no KDC, ambient", kdc_refuses, NULL, NULL, "HTTP/localhost", NTLM, "LOOPBACK\\bob",
     SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {"no KDC, password", kdc_refuses, "LOOPBACK\\alice", NULL, "HTTP/localhost", NTLM,
     "LOOPBACK\\alice", SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {"silent KDC, ambient", kdc_is_silent, NULL, NULL, "HTTP/srv.loopback.test", NTLM,
     "LOOPBACK\\bob", SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {"silent KDC, password", kdc_is_silent, "LOOPBACK\\alice", NULL, "HTTP/localhost", NTLM,
     "LOOPBACK\\alice", SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {"unknown domain, password", NULL, "ELSEWHERE\\dora", "secret of dora", "HTTP/localhost", NTLM,
     "ELSEWHERE\\dora", SEC_E_NO_AUTHENTICATING_AUTHORITY},
    {"no cache, ambient", no_cache, NULL, NULL, "HTTP/localhost", NTLM, "LOOPBACK\\bob",
     SEC_E_NO_CREDENTIALS},
    {"expired ticket, ambient", tgt_is_over, NULL, NULL, "HTTP/localhost", NTLM, "LOOPBACK\\bob",
     SEC_E_NO_CREDENTIALS},
    {"clock ahead, ambient", clock_is_fast, NULL, NULL, "HTTP/localhost", NULL, NULL,
     SEC_E_TIME_SKEW},
    /* An AS exchange tells the KDC's time, which Kerberos goes by from then on. */
    {"clock ahead, password", clock_is_fast, "LOOPBACK\\alice", NULL, "HTTP/localhost", KERBEROS,
     "alice@LOOPBACK.TEST", SEC_E_OK},
    {"wrong password, password", NULL, "LOOPBACK\\alice", "another password", "HTTP/localhost",
     NULL, NULL, SEC_E_LOGON_DENIED},
    {"wrong password for an unknown service, password", NULL, "LOOPBACK\\alice", "another password",
     unknown_service, NULL, NULL, SEC_E_LOGON_DENIED},
    {"empty password, password", NULL, "LOOPBACK\\alice", "", "HTTP/localhost", NULL, NULL,
     SEC_E_LOGON_DENIED},
    {"unknown user, password", NULL, "LOOPBACK\\nobody", "secret of nobody", "HTTP/localhost", NULL,
     NULL, SEC_E_LOGON_DENIED},
    {"locked user, password", NULL, "LOOPBACK\\locked", NULL, "HTTP/localhost", NULL, NULL,
     SEC_E_LOGON_DENIED},
    {"disabled user, password", NULL, "LOOPBACK\\disabled", NULL, "HTTP/localhost", NULL, NULL,
     SEC_E_LOGON_DENIED},
    {"expired user, password", NULL, "LOOPBACK\\expired", NULL, "HTTP/localhost", NULL, NULL,
     SEC_E_LOGON_DENIED},
    {"expired password, password", NULL, "LOOPBACK\\pwexpired", NULL, "HTTP/localhost", NULL, NULL,
     SEC_E_LOGON_DENIED},
    {"password to be changed, password", NULL, "LOOPBACK\\mustchange", NULL, "HTTP/localhost", NULL,
     NULL, SEC_E_LOGON_DENIED},
};

/* Every account with the very password that the client will show. */
static void server_accounts(const struct cause *cause, const char *password)
{
    const char *mark = cause->user == NULL ? NULL : strchr(cause->user, '\\');
    char domain[64];

    accounts_add("LOOPBACK", "bob", password_of("bob"));
    if (mark == NULL)
        return;
    snprintf(domain, sizeof(domain), "%.*s", (int)(mark - cause->user), cause->user);
    accounts_add(domain, mark + 1, password);
}

static const char *const lists[] = {NULL, "kerberos,ntlm", "!ntlm", "kerberos"};

static bool list_has_ntlm(const char *list)
{
    return list == NULL || strcmp(list, "kerberos,ntlm") == 0;
}

START_TEST(table)
{
    const struct cause *cause = &causes[_i / COUNT(lists)];
    const char *list = lists[_i % COUNT(lists)], *password = cause->password;
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(list);
    SECURITY_STATUS expected = cause->alone, status;
    struct pair pair;

    pair_init(&pair);
    pair.target = cause->target;
    if (cause->user != NULL) {
        password = password != NULL ? password : password_of(strchr(cause->user, '\\') + 1);
        id = identity_exa(cause->user, NULL, password, list);
    }
    server_accounts(cause, password);
    if (cause->arrange != NULL)
        cause->arrange();
    pair_acquire(&pair, "Negotiate", &id);
    status = pair_start(&pair);
    clock_shift(0);
    if (cause->package != NULL && (list_has_ntlm(list) || expected == SEC_E_OK)) {
        ck_assert_msg(status >= 0, "%s: %s, %s", cause->name, sspi_status_name(status),
                      sspi_native_error());
        ck_assert_msg(is_raw_ntlm(&pair) == (strcmp(cause->package, NTLM) == 0),
                      "%s: not the first token of %s", cause->name, cause->package);
        ck_assert_msg(pair_finish(&pair), "%s: client %s, server %s: %s", cause->name,
                      sspi_status_name(pair.client_status), sspi_status_name(pair.server_status),
                      sspi_native_error());
        assert_peers(&pair.client, &pair.server, cause->package, cause->peer);
    } else {
        ck_assert_msg(status == expected, "%s, %s: %s, not %s", cause->name, list ? list : "any",
                      sspi_status_name(status), sspi_status_name(expected));
        ck_assert_str_ne(sspi_native_error(), "");
        ck_assert_uint_eq(pair.first.size, 0);
    }
    pair_free(&pair);
}
END_TEST

/* --- Kerberos' reason stands ---------------------------------------------------------------- */

static const struct reason {
    void (*arrange)(void);
    const char *target;
    SECURITY_STATUS status;
    const char *native;
} reasons[] = {
    {NULL, unknown_service, SEC_E_TARGET_UNKNOWN, "not found in Kerberos database"},
    {kdc_refuses, "HTTP/localhost", SEC_E_NO_AUTHENTICATING_AUTHORITY, "Cannot contact any KDC"},
    {kdc_is_silent, "HTTP/localhost", SEC_E_NO_AUTHENTICATING_AUTHORITY, "SSPI_KDC_TIMEOUT"},
    {no_cache, "HTTP/localhost", SEC_E_NO_CREDENTIALS, "absent"},
    {tgt_is_over, "HTTP/localhost", SEC_E_NO_CREDENTIALS, "expired"},
};

static const char *const no_accounts[] = {"ntlm.empty", "ntlm.absent"};

/* Where NTLM has no credential either, the reason why Kerberos gave no ticket is told. */
START_TEST(reason_stands)
{
    const struct reason *reason = &reasons[_i / COUNT(no_accounts)];
    struct pair pair;

    pair_init(&pair);
    pair.target = reason->target;
    accounts_use(no_accounts[_i % COUNT(no_accounts)]);
    if (reason->arrange != NULL)
        reason->arrange();
    assert_status(pair_acquire_client(&pair, "Negotiate", NULL, NULL), SEC_E_OK);
    assert_status(pair_initialize(&pair), reason->status);
    assert_native(reason->native);
    pair_free(&pair);
}
END_TEST

/* --- How long NTLM stays -------------------------------------------------------------------- */

/* One context by the pair's credentials; what it negotiated. */
static const char *negotiate(struct pair *pair)
{
    static char package[32];

    pair_close(pair);
    ck_assert_int_ge(pair_start(pair), 0);
    ck_assert_msg(pair_finish(pair), "client %s, server %s: %s",
                  sspi_status_name(pair->client_status), sspi_status_name(pair->server_status),
                  sspi_native_error());
    snprintf(package, sizeof(package), "%s", context_package(&pair->client));
    return package;
}

/* A ticket that comes later is used at once. */
START_TEST(until_a_ticket_comes)
{
    struct pair pair;

    pair_init(&pair);
    accounts_add("LOOPBACK", "bob", password_of("bob"));
    world_ccache("later");
    pair_acquire(&pair, "Negotiate", NULL);
    ck_assert_str_eq(negotiate(&pair), NTLM);
    ck_assert_str_eq(negotiate(&pair), NTLM);
    world_kinit("alice", world_file("later"), NULL);
    ck_assert_str_eq(negotiate(&pair), KERBEROS);
    ck_assert_str_eq(context_user(&pair.server), "alice@LOOPBACK.TEST");
    pair_free(&pair);
}
END_TEST

/* A KDC that comes back is asked again after a while; until then it is left alone. */
START_TEST(until_the_kdc_is_asked_again)
{
    struct pair pair;
    unsigned asked;

    pair_init(&pair);
    accounts_add("LOOPBACK", "bob", password_of("bob"));
    pair_acquire(&pair, "Negotiate", NULL);
    world_kdc("refused");
    ck_assert_str_eq(negotiate(&pair), NTLM);
    world_kdc("krb5");
    asked = world_requests();
    ck_assert_str_eq(negotiate(&pair), NTLM);
    ck_assert_uint_eq(world_requests(), asked);
    clock_shift(FALLBACK_SECONDS + 1);
    ck_assert_str_eq(negotiate(&pair), KERBEROS);
    ck_assert_uint_gt(world_requests(), asked);
    pair_free(&pair);
}
END_TEST

/* --- The list ------------------------------------------------------------------------------- */

static const char *const ntlm_only[] = {"ntlm", "!kerberos", "NTLM", " !Kerberos , ntlm"};

/* A list without Kerberos: the KDC is not asked, and the wrong Kerberos password does not matter.
 */
START_TEST(ntlm_alone)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("LOOPBACK\\alice", NULL, "another password", ntlm_only[_i]);
    struct pair pair;
    unsigned asked = world_requests();

    pair_init(&pair);
    accounts_add("LOOPBACK", "alice", "another password");
    pair_acquire(&pair, "Negotiate", &id);
    ck_assert_str_eq(negotiate(&pair), NTLM);
    ck_assert(is_raw_ntlm(&pair));
    ck_assert_str_eq(context_user(&pair.server), "LOOPBACK\\alice");
    ck_assert_uint_eq(world_requests(), asked);
    pair_free(&pair);
}
END_TEST

static const char *const nothing[] = {"!kerberos,!ntlm", "schannel", "kerberos,!kerberos"};

START_TEST(nothing_left)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(nothing[_i]);
    struct pair pair;

    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, "Negotiate", NULL, &id), SEC_E_NO_CREDENTIALS);
    ck_assert(!pair.client_cred_open);
}
END_TEST

/* --- The server decides --------------------------------------------------------------------- */

/* The client has a ticket, the server no key: SPNEGO agrees on NTLM, with the client's account. */
START_TEST(server_without_key)
{
    bool ambient = _i == 0;
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        ambient ? identity_ambient(NULL)
                : identity_exa("LOOPBACK\\alice", NULL, password_of("alice"), NULL);
    struct pair pair;

    pair_init(&pair);
    accounts_add("LOOPBACK", "bob", password_of("bob"));
    accounts_add("LOOPBACK", "alice", password_of("alice"));
    setenv("KRB5_KTNAME", world_file("absent.keytab"), 1);
    pair_acquire(&pair, "Negotiate", &id);
    ck_assert_str_eq(negotiate(&pair), NTLM);
    ck_assert(!is_raw_ntlm(&pair));
    assert_peers(&pair.client, &pair.server, NTLM, ambient ? "LOOPBACK\\bob" : "LOOPBACK\\alice");
    pair_message(&pair.client, &pair.server, "one way");
    pair_message(&pair.server, &pair.client, "and back");
    pair_free(&pair);
}
END_TEST

static SECURITY_STATUS acquire_server(struct pair *pair, const char *list)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(list);
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t) "Negotiate", SECPKG_CRED_INBOUND,
                                  NULL, &id, NULL, NULL, &pair->server_cred, NULL);

    pair->server_cred_open = status == SEC_E_OK;
    return status;
}

static const struct server_list {
    const char *client, *client_list, *server_list;
    const char *package; /* NULL: refused */
    SECURITY_STATUS status;
} server_lists[] = {
    {"Negotiate", NULL, "!ntlm", KERBEROS, SEC_E_OK},
    {"Negotiate", NULL, "ntlm", NTLM, SEC_E_OK},
    {"Negotiate", "!ntlm", "ntlm", NULL, SEC_E_NO_CREDENTIALS},
    {"Negotiate", "ntlm", "!ntlm", NULL, SEC_E_INVALID_TOKEN},
    {"NTLM", NULL, "!ntlm", NULL, SEC_E_INVALID_TOKEN},
    {"NTLM", NULL, "ntlm", NTLM, SEC_E_OK},
    {"Kerberos", NULL, "ntlm", NULL, SEC_E_NO_CREDENTIALS},
    {"Kerberos", NULL, "kerberos", KERBEROS, SEC_E_OK},
    {"Negotiate", "ntlm", "!kerberos", NTLM, SEC_E_OK},
    {"Negotiate", NULL, "kerberos,ntlm", KERBEROS, SEC_E_OK},
};

/* A list limits the server as well, raw tokens included. */
START_TEST(server_with_a_list)
{
    const struct server_list *row = &server_lists[_i];
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(row->client_list);
    struct pair pair;

    pair_init(&pair);
    accounts_add("LOOPBACK", "bob", password_of("bob"));
    assert_status(pair_acquire_client(&pair, row->client, NULL, &id), SEC_E_OK);
    assert_status(acquire_server(&pair, row->server_list), SEC_E_OK);
    if (row->package != NULL) {
        ck_assert_str_eq(negotiate(&pair), row->package);
        ck_assert_str_eq(context_package(&pair.server), row->package);
    } else {
        ck_assert_int_ge(pair_start(&pair), 0);
        assert_status(pair_accept(&pair), row->status);
        ck_assert_str_ne(sspi_native_error(), "");
    }
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("fallback");

    suite_add(s, table, COUNT(causes) * COUNT(lists));
    suite_add(s, reason_stands, COUNT(reasons) * COUNT(no_accounts));
    suite_add(s, until_a_ticket_comes, 1);
    suite_add(s, until_the_kdc_is_asked_again, 1);
    suite_add(s, ntlm_alone, COUNT(ntlm_only));
    suite_add(s, nothing_left, COUNT(nothing));
    suite_add(s, server_without_key, 2);
    suite_add(s, server_with_a_list, COUNT(server_lists));
    return s;
}

CHECK_MAIN(suite)
