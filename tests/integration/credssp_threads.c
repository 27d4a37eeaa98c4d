/* SPDX-License-Identifier: MIT */
/* CredSSP by many threads at once: both credentials shared, each logon its own. */
#include <pthread.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/ends.h"
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

static Suite *suite(void)
{
    Suite *all = suite_create("credssp threads");

    suite_add(all, credentials_are_shared, 4); /* those that hand something over */
    return all;
}

CHECK_MAIN(suite)
