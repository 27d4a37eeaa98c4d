/* SPDX-License-Identifier: MIT */
/*
 * SASL's exchanges where memory runs out, at each place in turn: a clear code, nothing lost, and
 * never a context that is less than it says.
 */
#include <sspi.h>
#include <sspi_linux.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/pair.h"
#include "lib/world.h"

static const struct way {
    const char *package, *list;
    bool agrees; /* on an identity, and a layer that signs */
} ways[] = {{"Kerberos", NULL, true}, {"Negotiate", "!ntlm", false}};

/* The identity is the last thing that the client says before its last leg. */
static SECURITY_STATUS identity_put(struct pair *pair, const struct way *way)
{
    static char name[] = "bob";

    return way->agrees ? SaslSetContextOption(&pair->client, SASL_OPTION_AUTHZ_STRING, name,
                                              sizeof(name) - 1)
                       : SEC_E_OK;
}

/* The first status that is no success; SEC_E_OK when all is done. */
static SECURITY_STATUS exchange(struct pair *pair, const struct way *way)
{
    SECURITY_STATUS status = pair_initialize(pair);

    if (status >= 0)
        status = identity_put(pair, way);
    if (status < 0 || pair_finish(pair))
        return status;
    return pair->client_status < 0 ? pair->client_status : pair->server_status;
}

static void assert_whole(struct pair *pair, const struct way *way)
{
    char name[8];
    ULONG size = 0;

    if (way->agrees) {
        assert_status(SaslGetContextOption(&pair->server, SASL_OPTION_AUTHZ_STRING, name,
                                           sizeof(name), &size),
                      SEC_E_OK);
        ck_assert_uint_eq(size, 3);
    }
    ck_assert_str_eq(context_user(&pair->server), "alice@LOOPBACK.TEST");
    pair_message(&pair->client, &pair->server, "whole");
}

START_TEST(exchange_without_memory)
{
    const struct way *way = &ways[_i];
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);
    unsigned number = 0;
    bool failed = true;
    struct pair pair;

    pair_init(&pair);
    pair.sasl = true;
    pair_acquire(&pair, way->package, way->list == NULL ? NULL : &id);
    for (; failed && number < FAULTS_MAX; number++) {
        SECURITY_STATUS status;

        faults_arm(number + 1);
        status = exchange(&pair, way);
        failed = faults_disarm();
        ck_assert_msg(status == SEC_E_OK || (failed && status == SEC_E_INSUFFICIENT_MEMORY),
                      "allocation %u: %s: %s", number + 1, sspi_status_name(status),
                      sspi_native_error());
        if (status == SEC_E_OK)
            assert_whole(&pair, way);
        pair_close(&pair);
    }
    ck_assert_uint_gt(number, way->agrees ? 15 : 5);
    ck_assert(!failed);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("sasl_memory");

    suite_add(s, exchange_without_memory, COUNT(ways));
    return s;
}

CHECK_MAIN(suite)
