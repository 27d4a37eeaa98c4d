/* SPDX-License-Identifier: MIT */
/*
 * One cause, one status: the same under Kerberos and under Negotiate restricted to Kerberos, for
 * clients and for servers, raw and inside SPNEGO; and the native error names the cause.
 */
#include <krb5.h>
#include <sspi_linux.h>
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

/* The ways to have Kerberos and nothing else. */
static const struct way {
    const char *package, *list;
} ways[] = {{"Kerberos", NULL}, {"Negotiate", "!ntlm"}, {"Negotiate", "kerberos"}};

/* What stands between a client and a server's ticket. */
static void kdc_refuses(void)
{
    world_kdc("refused");
}

static void no_cache(void)
{
    world_ccache("absent");
}

static void cache_is_garbage(void)
{
    FILE *file = fopen(world_file("garbage"), "w");

    ck_assert_ptr_nonnull(file);
    fputs("this is no credential cache\n", file);
    fclose(file);
    world_ccache("garbage");
}

static void tgt_is_over(void)
{
    clock_shift(2 * DAY);
}

static void clock_is_fast(void)
{
    clock_shift(HOUR);
}

static void clock_is_slow(void)
{
    clock_shift(-HOUR);
}

/* The client corrects its clock by the KDC's otherwise. */
static void clock_is_fast_for_good(void)
{
    char conf[512];
    size_t size;
    unsigned char *text = file_read(getenv("KRB5_CONFIG"), &size);
    FILE *file;

    snprintf(conf, sizeof(conf), "%s", world_file("notimesync.conf"));
    file = fopen(conf, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "[libdefaults]\n  kdc_timesync = 0\n%s", text);
    fclose(file);
    free(text);
    world_kdc("notimesync");
    clock_shift(HOUR);
}

static const struct cause {
    const char *name;
    void (*arrange)(void);
    const char *user, *password; /* user NULL: ambient; password NULL: the user's own */
    const char *target;
    SECURITY_STATUS status;
    const char *native;
} causes[] = {
    {"unknown service, ambient", NULL, NULL, NULL, "HTTP/nobody.loopback.test",
     SEC_E_TARGET_UNKNOWN, "not found in Kerberos database"},
    {"unknown service, password", NULL, "alice", NULL, "HTTP/nobody.loopback.test",
     SEC_E_TARGET_UNKNOWN, "not found in Kerberos database"},
    {"unknown service class", NULL, NULL, NULL, "nosuch/localhost", SEC_E_TARGET_UNKNOWN,
     "not found in Kerberos database"},
    {"service of an unknown realm", NULL, NULL, NULL, "HTTP/localhost@NOWHERE.TEST",
     SEC_E_TARGET_UNKNOWN, "not found in Kerberos database"},
    {"no KDC, ambient", kdc_refuses, NULL, NULL, "HTTP/localhost",
     SEC_E_NO_AUTHENTICATING_AUTHORITY, "Cannot contact any KDC"},
    {"no KDC, password", kdc_refuses, "alice", NULL, "HTTP/localhost",
     SEC_E_NO_AUTHENTICATING_AUTHORITY, "Cannot contact any KDC"},
    {"unknown realm of a user", NULL, "alice@NOWHERE.TEST", "x", "HTTP/localhost",
     SEC_E_NO_AUTHENTICATING_AUTHORITY, "Cannot find KDC for realm"},
    {"unknown domain of a user", NULL, "NOWHERE\\alice", "x", "HTTP/localhost",
     SEC_E_NO_AUTHENTICATING_AUTHORITY, "Cannot find KDC for requested realm"},
    {"wrong password", NULL, "alice", "not this one", "HTTP/localhost", SEC_E_LOGON_DENIED,
     "Preauthentication failed"},
    {"wrong password without preauthentication", NULL, "nopreauth", "not this one",
     "HTTP/localhost", SEC_E_LOGON_DENIED, "Decrypt integrity check failed"},
    {"empty password", NULL, "alice", "", "HTTP/localhost", SEC_E_LOGON_DENIED, "password"},
    {"unknown user", NULL, "nobody", "x", "HTTP/localhost", SEC_E_LOGON_DENIED,
     "not found in Kerberos database"},
    {"locked user", NULL, "locked", NULL, "HTTP/localhost", SEC_E_LOGON_DENIED, "revoked"},
    {"disabled user", NULL, "disabled", NULL, "HTTP/localhost", SEC_E_LOGON_DENIED, "revoked"},
    {"expired user", NULL, "expired", NULL, "HTTP/localhost", SEC_E_LOGON_DENIED, "expired"},
    {"expired password", NULL, "pwexpired", NULL, "HTTP/localhost", SEC_E_LOGON_DENIED,
     "Password has expired"},
    {"password to be changed", NULL, "mustchange", NULL, "HTTP/localhost", SEC_E_LOGON_DENIED,
     "Password has expired"},
    {"no cache", no_cache, NULL, NULL, "HTTP/localhost", SEC_E_NO_CREDENTIALS, "absent"},
    {"a cache that is none", cache_is_garbage, NULL, NULL, "HTTP/localhost", SEC_E_NO_CREDENTIALS,
     "garbage"},
    {"expired ticket", tgt_is_over, NULL, NULL, "HTTP/localhost", SEC_E_NO_CREDENTIALS, "expired"},
    {"clock ahead, ambient", clock_is_fast, NULL, NULL, "HTTP/localhost", SEC_E_TIME_SKEW,
     "Clock skew too great"},
    {"clock behind, ambient", clock_is_slow, NULL, NULL, "HTTP/localhost", SEC_E_TIME_SKEW,
     "Clock skew too great"},
    {"clock ahead, password", clock_is_fast_for_good, "alice", NULL, "HTTP/localhost",
     SEC_E_TIME_SKEW, "skew"},
};

static const char *secret_of(const struct cause *cause)
{
    return cause->password != NULL ? cause->password : password_of(cause->user);
}

START_TEST(client)
{
    const struct cause *cause = &causes[_i / COUNT(ways)];
    const struct way *way = &ways[_i % COUNT(ways)];
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        cause->user == NULL ? identity_ambient(way->list)
                            : identity_exa(cause->user, NULL, secret_of(cause), way->list);
    SECURITY_STATUS status;
    struct pair pair;

    pair_init(&pair);
    pair.target = cause->target;
    if (cause->arrange != NULL)
        cause->arrange();
    assert_status(pair_acquire_client(&pair, way->package, NULL, &id), SEC_E_OK);
    status = pair_initialize(&pair);
    ck_assert_msg(status == cause->status, "%s, %s %s: %s, not %s; native error: %s", cause->name,
                  way->package, way->list ? way->list : "", sspi_status_name(status),
                  sspi_status_name(cause->status), sspi_native_error());
    ck_assert_msg(strstr(sspi_native_error(), cause->native) != NULL,
                  "%s, %s: the native error is '%s', without '%s'", cause->name, way->package,
                  sspi_native_error(), cause->native);
    ck_assert(!pair.client_open);
    ck_assert_uint_eq(pair.to_server.size, 0);
    /* Not by chance either: the same again. */
    ck_assert_int_eq(pair_initialize(&pair), cause->status);
    pair_free(&pair);
}
END_TEST

/* --- The server's side, and what the client hears of it ------------------------------------- */

/* The service of target and its key are in the keytab no more: a copy without it takes its place.
 */
static void key_is_gone(const char *target)
{
    krb5_context context;
    krb5_keytab from, to;
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;
    krb5_principal gone;
    char name[600];

    snprintf(name, sizeof(name), "FILE:%s", world_file("fewer.keytab"));
    ck_assert_int_eq(krb5_init_context(&context), 0);
    ck_assert_int_eq(krb5_kt_default(context, &from), 0);
    ck_assert_int_eq(krb5_kt_resolve(context, name, &to), 0);
    ck_assert_int_eq(krb5_parse_name(context, target, &gone), 0);
    ck_assert_int_eq(krb5_kt_start_seq_get(context, from, &cursor), 0);
    while (krb5_kt_next_entry(context, from, &entry, &cursor) == 0) {
        if (!krb5_principal_compare(context, entry.principal, gone))
            ck_assert_int_eq(krb5_kt_add_entry(context, to, &entry), 0);
        krb5_free_keytab_entry_contents(context, &entry);
    }
    krb5_kt_end_seq_get(context, from, &cursor);
    krb5_free_principal(context, gone);
    krb5_kt_close(context, from);
    krb5_kt_close(context, to);
    krb5_free_context(context);
    ck_assert_int_eq(setenv("KRB5_KTNAME", world_file("fewer.keytab"), 1), 0);
}

/* Which package speaks at each end: raw, inside SPNEGO, raw to one that negotiates. */
static const struct ends {
    const char *client, *list, *server;
} ends[] = {{"Kerberos", NULL, "Kerberos"},
            {"Negotiate", "!ntlm", "Negotiate"},
            {"Kerberos", NULL, "Negotiate"}};

static const struct refusal {
    const char *name;
    const char *target;
    void (*arrange)(const char *target); /* before the server's credential */
    long shift;                          /* of the server's clock */
    SECURITY_STATUS server, client;
    const char *native_server, *native_client;
} refusals[] = {
    {"another key", "cifs/localhost", NULL, 0, SEC_E_LOGON_DENIED, SEC_E_WRONG_PRINCIPAL,
     "found in keytab but cannot decrypt ticket", "found in keytab but cannot decrypt ticket"},
    {"an old key", "ldap/localhost", NULL, 0, SEC_E_NO_KERB_KEY, SEC_E_WRONG_PRINCIPAL,
     "keytab is likely out of date", "keytab is likely out of date"},
    {"no key for the service", "HTTP/localhost", key_is_gone, 0, SEC_E_WRONG_PRINCIPAL,
     SEC_E_WRONG_PRINCIPAL, "not found in keytab", "not found in keytab"},
    {"clock ahead", "HTTP/localhost", NULL, HOUR, SEC_E_TIME_SKEW, SEC_E_TIME_SKEW,
     "Clock skew too great", "Clock skew too great"},
    {"clock behind, ticket not yet valid", "HTTP/localhost", NULL, -HOUR, SEC_E_TIME_SKEW,
     SEC_E_TIME_SKEW, "not yet valid", "not yet valid"},
    {"ticket over", "HTTP/localhost", NULL, 2 * DAY, SEC_E_CONTEXT_EXPIRED, SEC_E_NO_CREDENTIALS,
     "expired", "expired"},
};

static void ends_acquire(struct pair *pair, const struct ends *end)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(end->list);

    assert_status(pair_acquire_client(pair, end->client, NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(pair, end->server, NULL), SEC_E_OK);
}

static void server_refuses(struct pair *pair, const struct refusal *refusal, const struct ends *end)
{
    clock_shift(refusal->shift);
    pair_accept(pair);
    clock_shift(0);
    ck_assert_msg(pair->server_status == refusal->server, "%s, %s to %s: server %s, not %s; %s",
                  refusal->name, end->client, end->server, sspi_status_name(pair->server_status),
                  sspi_status_name(refusal->server), sspi_native_error());
    assert_native(refusal->native_server);
    ck_assert(!pair->server_open);
}

START_TEST(server)
{
    const struct refusal *refusal = &refusals[_i / COUNT(ends)];
    const struct ends *end = &ends[_i % COUNT(ends)];
    struct pair pair;

    pair_init(&pair);
    pair.target = refusal->target;
    pair.asc |= ASC_REQ_EXTENDED_ERROR;
    if (refusal->arrange != NULL)
        refusal->arrange(refusal->target);
    ends_acquire(&pair, end);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    server_refuses(&pair, refusal, end);
    ck_assert_uint_ne(pair.to_client.size, 0);
    pair_initialize(&pair);
    ck_assert_msg(pair.client_status == refusal->client, "%s, %s to %s: client %s, not %s; %s",
                  refusal->name, end->client, end->server, sspi_status_name(pair.client_status),
                  sspi_status_name(refusal->client), sspi_native_error());
    assert_native(refusal->native_client);
    ck_assert_uint_eq(pair.to_server.size, 0);
    pair_free(&pair);
}
END_TEST

/* A client that waits for no answer gets none; the server's status is the same. */
START_TEST(server_one_way)
{
    const struct refusal *refusal = &refusals[_i / COUNT(ends)];
    const struct ends *end = &ends[_i % COUNT(ends)];
    struct pair pair;

    pair_init(&pair);
    pair.target = refusal->target;
    pair.isc &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    if (refusal->arrange != NULL)
        refusal->arrange(refusal->target);
    ends_acquire(&pair, end);
    ck_assert_int_ge(pair_initialize(&pair), 0);
    server_refuses(&pair, refusal, end);
    pair_free(&pair);
}
END_TEST

START_TEST(replay)
{
    const struct ends *end = &ends[_i / 2];
    struct pair pair;
    CtxtHandle first;

    pair_init(&pair);
    if (_i % 2)
        pair.isc &= ~(ULONG)ISC_REQ_MUTUAL_AUTH;
    ends_acquire(&pair, end);
    ck_assert_int_ge(pair_initialize(&pair), 0);
    assert_status(pair_accept(&pair), SEC_E_OK);
    first = pair.server;
    pair.server_open = false;
    assert_status(pair_accept(&pair), SEC_E_LOGON_DENIED);
    assert_native("replay");
    ck_assert(!pair.server_open);
    ck_assert_str_eq(context_user(&first), "alice@LOOPBACK.TEST");
    assert_status(DeleteSecurityContext(&first), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/* --- Servers without keys ------------------------------------------------------------------- */

static void keytab_is_absent(void)
{
    setenv("KRB5_KTNAME", world_file("absent.keytab"), 1);
}

static void keytab_is_empty(void)
{
    FILE *file = fopen(world_file("empty.keytab"), "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite("\5\2", 1, 2, file), 2);
    fclose(file);
    setenv("KRB5_KTNAME", world_file("empty.keytab"), 1);
}

static void keytab_is_garbage(void)
{
    FILE *file = fopen(world_file("garbage.keytab"), "w");

    ck_assert_ptr_nonnull(file);
    fputs("this is no keytab", file);
    fclose(file);
    setenv("KRB5_KTNAME", world_file("garbage.keytab"), 1);
}

static void (*const keytabs[])(void) = {keytab_is_absent, keytab_is_empty, keytab_is_garbage};

START_TEST(no_keys)
{
    const struct way *way = &ways[_i % COUNT(ways)];
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);
    CredHandle cred;

    keytabs[_i / COUNT(ways)]();
    assert_status(AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)way->package,
                                            SECPKG_CRED_INBOUND, NULL, &id, NULL, NULL, &cred,
                                            NULL),
                  SEC_E_NO_CREDENTIALS);
    assert_native("keytab");
}
END_TEST

/* Negotiate has NTLM left; a Kerberos token finds no key there, raw or not. */
START_TEST(no_keys_but_ntlm)
{
    const struct ends *end = &ends[1 + _i / COUNT(keytabs)];
    struct pair pair;

    pair_init(&pair);
    keytabs[_i % COUNT(keytabs)]();
    ends_acquire(&pair, end);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_E_NO_CREDENTIALS);
    ck_assert_str_ne(sspi_native_error(), "");
    pair_free(&pair);
}
END_TEST

/* A server by name has that key only. */
START_TEST(key_by_name)
{
    const struct way *way = &ways[_i];
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);
    struct pair pair;

    pair_init(&pair);
    assert_status(AcquireCredentialsHandleA((SEC_CHAR *)(uintptr_t) "nosuch/localhost",
                                            (SEC_CHAR *)(uintptr_t)way->package,
                                            SECPKG_CRED_INBOUND, NULL, &id, NULL, NULL,
                                            &pair.server_cred, NULL),
                  SEC_E_NO_CREDENTIALS);
    assert_native("No key table entry found matching nosuch/localhost");
    assert_status(pair_acquire_client(&pair, way->package, NULL, &id), SEC_E_OK);
    assert_status(pair_acquire_server(&pair, way->package, "host/localhost"), SEC_E_OK);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_E_WRONG_PRINCIPAL);
    ck_assert_str_ne(sspi_native_error(), "");
    pair_close(&pair);
    pair.target = "host/localhost";
    pair_establish(&pair);
    pair_free(&pair);
}
END_TEST

/* --- NTLM ----------------------------------------------------------------------------------- */

static const struct ntlm_case {
    const char *name, *user, *password; /* password NULL: the user's own */
    const char *accounts;               /* of the server */
    SECURITY_STATUS server;
} ntlm_cases[] = {
    {"good", "alice", NULL, "ntlm.users", SEC_E_OK},
    {"wrong password", "alice", "not this one", "ntlm.users", SEC_E_LOGON_DENIED},
    {"empty password", "alice", "", "ntlm.users", SEC_E_LOGON_DENIED},
    {"unknown user", "nobody", "x", "ntlm.users", SEC_E_LOGON_DENIED},
    {"no account file", "alice", NULL, "ntlm.absent", SEC_E_LOGON_DENIED},
    {"empty account file", "alice", NULL, "ntlm.empty", SEC_E_LOGON_DENIED},
};

/* The client never learns of it: its last token is sent, then the server decides. */
START_TEST(ntlm)
{
    const struct ntlm_case *row = &ntlm_cases[_i / 2];
    const char *package = _i % 2 ? "Negotiate" : "NTLM";
    const char *password = row->password != NULL ? row->password : password_of(row->user);
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_exa(row->user, "LOOPBACK", password, "ntlm");
    struct pair pair;

    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, package, NULL, &id), SEC_E_OK);
    setenv("NTLM_USER_FILE", world_file(row->accounts), 1);
    assert_status(pair_acquire_server(&pair, package, NULL), SEC_E_OK);
    ck_assert(pair_run(&pair) == (row->server == SEC_E_OK));
    ck_assert_msg(pair.server_status == row->server, "%s, %s: %s; %s", row->name, package,
                  sspi_status_name(pair.server_status), sspi_native_error());
    assert_status(pair.client_status, SEC_E_OK);
    if (row->server == SEC_E_OK)
        ck_assert_str_eq(context_user(&pair.server), "LOOPBACK\\alice");
    else
        ck_assert_str_ne(sspi_native_error(), "");
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("status");

    suite_add(s, client, COUNT(causes) * COUNT(ways));
    suite_add(s, server, COUNT(refusals) * COUNT(ends));
    suite_add(s, server_one_way, COUNT(refusals) * COUNT(ends));
    suite_add(s, replay, COUNT(ends) * 2);
    suite_add(s, no_keys, COUNT(keytabs) * COUNT(ways));
    suite_add(s, no_keys_but_ntlm, COUNT(keytabs) * 2);
    suite_add(s, key_by_name, COUNT(ways));
    suite_add(s, ntlm, COUNT(ntlm_cases) * 2);
    return s;
}

CHECK_MAIN(suite)
