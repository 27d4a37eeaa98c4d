/* SPDX-License-Identifier: MIT */
/*
 * When credentials and contexts end: to the second, in 100 ns since 1601, in local time, whatever
 * the zone; and the bound on a KDC that does not answer.
 */
#include <dirent.h>
#include <krb5.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct zone {
    const char *name;
    long offset; /* seconds east, in November */
} zones[] = {{"UTC0", 0}, {"EST5", -18000}, {"IST-5:30", 19800}, {"NZST-13", 46800}};

static const char *const packages[] = {"Kerberos", "Negotiate"};

/* The end of alice's ticket for a service in the default cache, as libkrb5 has it. */
static time_t ticket_end(const char *service)
{
    krb5_context context;
    krb5_ccache ccache;
    krb5_creds want, got;

    memset(&want, 0, sizeof(want));
    ck_assert_int_eq(krb5_init_context(&context), 0);
    ck_assert_int_eq(krb5_cc_default(context, &ccache), 0);
    ck_assert_int_eq(krb5_parse_name(context, "alice@LOOPBACK.TEST", &want.client), 0);
    ck_assert_int_eq(krb5_parse_name(context, service, &want.server), 0);
    ck_assert_int_eq(krb5_cc_retrieve_cred(context, ccache, 0, &want, &got), 0);
    krb5_free_principal(context, want.client);
    krb5_free_principal(context, want.server);
    krb5_free_cred_contents(context, &got);
    krb5_cc_close(context, ccache);
    krb5_free_context(context);
    return got.times.endtime;
}

static int64_t units(time_t utc, const struct zone *zone)
{
    return ((int64_t)utc + zone->offset + INT64_C(11644473600)) * 10000000;
}

static void enter_zone(const struct zone *zone)
{
    setenv("TZ", zone->name, 1);
    tzset();
}

START_TEST(tickets)
{
    const struct zone *zone = &zones[_i / 2];
    SecPkgContext_Lifespan span;
    struct pair pair;
    int64_t end, begin;

    enter_zone(zone);
    begin = units(time(NULL), zone);
    pair_init(&pair);
    pair_acquire(&pair, packages[_i % 2], NULL);
    pair_establish(&pair);
    end = units(ticket_end("HTTP/localhost@LOOPBACK.TEST"), zone);
    ck_assert_int_eq(pair.client_expiry.QuadPart, end);
    ck_assert_int_eq(pair.server_expiry.QuadPart, end);
    for (int side = 0; side < 2; side++) {
        assert_status(QueryContextAttributesA(side ? &pair.server : &pair.client,
                                              SECPKG_ATTR_LIFESPAN, &span),
                      SEC_E_OK);
        ck_assert_int_eq(span.tsExpiry.QuadPart, end);
        ck_assert_int_le(span.tsStart.QuadPart, units(time(NULL), zone));
        ck_assert_int_ge(span.tsStart.QuadPart, begin);
    }
    pair_free(&pair);
}
END_TEST

/* NTLM never ends. */
START_TEST(ntlm)
{
    struct pair pair;

    enter_zone(&zones[_i]);
    pair_init(&pair);
    pair_acquire(&pair, "NTLM", NULL);
    pair_establish(&pair);
    ck_assert_int_eq(pair.client_expiry.QuadPart, INT64_MAX);
    ck_assert_int_eq(pair.server_expiry.QuadPart, INT64_MAX);
    pair_free(&pair);
}
END_TEST

/* --- A KDC that does not answer ------------------------------------------------------------- */

/* Threads of this process. */
static int threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    int count = 0;

    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/*
 * MIT alone would be silent for longer, and say something else. What is abandoned goes on with what
 * it owns: the credential and the context may be freed, and others used.
 */
START_TEST(silent)
{
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", "LOOPBACK", password_of("alice"));
    struct pair pair;

    setenv("SSPI_KDC_TIMEOUT", "1", 1);
    world_kdc("silent");
    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", _i ? &id : NULL);
    pair.target = "host/srv.loopback.test"; /* no ticket in the cache */
    for (int again = 0; again < 3; again++) {
        assert_status(pair_initialize(&pair), SEC_E_NO_AUTHENTICATING_AUTHORITY);
        assert_native("SSPI_KDC_TIMEOUT");
    }
    pair_free(&pair);
    pair_init(&pair);
    pair_acquire(&pair, "NTLM", NULL);
    pair_establish(&pair);
    pair_free(&pair);
}
END_TEST

/* With the ticket at hand nobody is asked, and after the first time no thread is started. */
START_TEST(cached)
{
    struct pair pair;
    int before;

    world_kdc("silent");
    pair_init(&pair);
    pair_acquire(&pair, packages[_i], NULL);
    pair_establish(&pair);
    before = threads();
    for (int again = 0; again < 20; again++) {
        pair_close(&pair);
        pair.to_client.size = 0;
        pair_establish(&pair);
        ck_assert_int_le(threads(), before);
    }
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("expiry");

    suite_add(s, tickets, 2 * COUNT(zones));
    suite_add(s, ntlm, COUNT(zones));
    suite_add(s, silent, 2);
    suite_add(s, cached, COUNT(packages));
    return s;
}

CHECK_MAIN(suite)
