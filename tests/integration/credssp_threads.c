/* SPDX-License-Identifier: MIT */
/* CredSSP by many threads at once: both credentials shared, each logon its own. */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/ends.h"

#include <pthread.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

enum { THREADS = 8, LOGONS = 3 };

/* An end without a context, by the credential of one that every thread has. */
static struct end *end_share(const struct end *shared)
{
    struct end *end = malloc(sizeof(*end));

    ck_assert_ptr_nonnull(end);
    memcpy(end, shared, sizeof(*end));
    return end;
}

static void assert_credentials(struct end *end)
{
    SecPkgContext_ClientCreds creds;

    assert_status(QueryContextAttributesA(&end->context, SECPKG_ATTR_CREDS, &creds), SEC_E_OK);
    FreeContextBuffer(creds.AuthBuffer);
}

static void log_on(void)
{
    struct end *mine = end_share(&client), *theirs = end_share(&server);

    end_advance(mine, theirs, 0);
    while (theirs->status == SEC_I_CONTINUE_NEEDED) {
        end_drain(theirs, mine);
        end_drain(mine, theirs);
    }
    end_is(mine, SEC_E_OK);
    end_is(theirs, SEC_E_OK);
    assert_credentials(theirs);
    message_passes(&mine->context, &theirs->context, "to the server");
    assert_status(DeleteSecurityContext(&mine->context), SEC_E_OK);
    assert_status(DeleteSecurityContext(&theirs->context), SEC_E_OK);
    free(mine);
    free(theirs);
}

static void *log_on_and_on(void *unused)
{
    (void)unused;
    for (int i = 0; i < LOGONS; i++)
        log_on();
    return NULL;
}

/* The first logon of all gets what the credential is lazy about. */
START_TEST(credentials_are_shared)
{
    pthread_t threads[THREADS];

    setenv("KRB5RCACHENAME", "none:", 1);
    ends_policy(ALLOW_ALL);
    ends_begin(&ways[_i]);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, log_on_and_on, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ends_close();
}
END_TEST

/* --- Another logon on the same context ------------------------------------------------------ */

static atomic_bool over;

/* What there is to ask, of either layer and of the context itself. */
static void *ask_and_ask(void *argument)
{
    CtxtHandle *context = argument;
    SecPkgContext_NamesA names;
    SecPkgContext_ConnectionInfo info;
    SspiContext_CredsspVersion version;
    intptr_t answers = 0;

    while (!atomic_load(&over)) {
        if (QueryContextAttributesA(context, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
            FreeContextBuffer(names.sUserName);
            answers++;
        }
        QueryContextAttributesA(context, SECPKG_ATTR_CONNECTION_INFO, &info);
        QueryContextAttributesA(context, SSPI_ATTR_CREDSSP_VERSION, &version);
    }
    return (void *)answers;
}

/* Microsoft: a call after success authenticates anew. What is asked meanwhile has an answer or
 * none, and never of what is gone. */
START_TEST(questions_while_it_begins_anew)
{
    pthread_t askers[2];
    void *answers;

    setenv("KRB5RCACHENAME", "none:", 1);
    ends_establish(&ways[0]);
    atomic_store(&over, false);
    ck_assert_int_eq(pthread_create(&askers[0], NULL, ask_and_ask, &client.context), 0);
    ck_assert_int_eq(pthread_create(&askers[1], NULL, ask_and_ask, &server.context), 0);
    for (int i = 0; i < 20; i++) {
        client.status = server.status = SEC_I_CONTINUE_NEEDED;
        ends_shake();
        end_is(&client, SEC_E_OK);
        end_is(&server, SEC_E_OK);
    }
    atomic_store(&over, true);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_join(askers[i], &answers), 0);
        ck_assert_int_ge((intptr_t)answers, 0);
    }
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp threads");

    suite_add(all, credentials_are_shared, 4); /* those that hand something over */
    suite_add(all, questions_while_it_begins_anew, 1);
    return all;
}

CHECK_MAIN(suite)
