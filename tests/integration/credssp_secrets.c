/* SPDX-License-Identifier: MIT */
/* A password that CredSSP hands over: nobody has it any more when the handles are gone. */
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <schannel.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/ends.h"
#include "lib/pair.h"
#include "lib/residue.h"
#include "lib/world.h"

/* A logon; how the records are sealed, if not by the lanes; what the server does with what it got.
 */
static const struct scene {
    DWORD disabled;
    const char *list, *records;
    const char *acts_by; /* the package by which the server logs on as the client */
    bool saved;          /* the client's password is in a file */
} scenes[] = {
    {0, "ntlm", NULL, "NTLM", false},
    {SP_PROT_TLS1_3, "ntlm", NULL, "NTLM", false},
    {0, "kerberos", NULL, "Kerberos", false},
    {SP_PROT_TLS1_3, "kerberos", NULL, "Negotiate", false},
    {0, "ntlm", "session", "NTLM", false},
    {SP_PROT_TLS1_3, "kerberos", "session", "Kerberos", false},
    {0, "kerberos", NULL, "Kerberos", true},
};

static struct pair onward;

static void acquire(const struct scene *scene)
{
    char secret[RESIDUE_MAX];
    SEC_WINNT_AUTH_IDENTITY_EXA identity;

    residue_write(secret);
    identity = identity_exa("alice", NULL, scene->saved ? NULL : secret, scene->list);
    end_acquire(&server, true, 0, NULL);
    end_acquire(&client, false, scene->disabled, &identity);
    explicit_bzero(secret, sizeof(secret));
    client.request = ISC_REQ_DELEGATE;
}

static void read_credentials(void)
{
    SecPkgContext_ClientCreds creds;

    assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_CREDS, &creds), SEC_E_OK);
    ck_assert_uint_eq(residue_in(creds.AuthBuffer, creds.AuthBufferLen), 1);
    FreeContextBuffer(creds.AuthBuffer);
}

static void log_on_as_client(const char *package)
{
    pair_init(&onward);
    assert_status(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    assert_status(pair_acquire_client(&onward, package, NULL, NULL), SEC_E_OK);
    assert_status(RevertSecurityContext(&server.context), SEC_E_OK);
    assert_status(pair_acquire_server(&onward, package, NULL), SEC_E_OK);
    pair_establish(&onward);
}

static void begin(const struct scene *scene)
{
    /* The server knows accounts by their hashes, or it would have the password itself. */
    setenv("NTLM_USER_FILE", world_file(scene->saved ? "ntlm.alice" : "ntlm.hashes"), 1);
    if (scene->records != NULL)
        setenv("SSPI_SCHANNEL", scene->records, 1);
    ends_policy(ALLOW_ALL "AllowSavedCredentials = *\n");
    residue_file(world_file("password/alice"));
}

/* The client's end, the server's, what it read, and the credential that it made of it. */
START_TEST(password_is_wiped)
{
    const struct scene *scene = &scenes[_i];

    begin(scene);
    ck_assert_uint_eq(residue_count(), 0);
    acquire(scene);
    ck_assert_uint_ge(residue_count(), 1); /* the search finds it while it is needed */
    ends_shake();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    end_close(&client);
    ck_assert_uint_ge(residue_count(), 1); /* the server's */
    read_credentials();
    log_on_as_client(scene->acts_by);
    end_close(&server);
    ck_assert_uint_ge(residue_count(), 1); /* the credential's */
    pair_free(&onward);
    ck_assert_uint_eq(residue_count(), 0);
}
END_TEST

/* A server that gets them and is ended at once; a client that is ended before it gives them. */
START_TEST(password_of_what_failed)
{
    begin(&scenes[_i]);
    acquire(&scenes[_i]);
    end_advance(&client, &server, 0);
    for (int turn = 0; turn < 2; turn++) {
        end_drain(&server, &client);
        end_drain(&client, &server);
    }
    end_close(&client);
    end_close(&server);
    ck_assert_uint_eq(residue_count(), 0);
}
END_TEST

/* Neither end says it in its trace. */
START_TEST(trace_is_silent)
{
    char path[600];
    unsigned char *text;
    size_t size;

    snprintf(path, sizeof(path), "%s.%ld", world_file("tmp/trace"), (long)getpid());
    setenv("SSPI_TRACE", path, 1);
    begin(&scenes[_i]);
    acquire(&scenes[_i]);
    ends_shake();
    end_is(&server, SEC_E_OK);
    read_credentials();
    log_on_as_client(scenes[_i].acts_by);
    ends_close();
    pair_free(&onward);
    text = file_read(path, &size);
    ck_assert_ptr_nonnull(strstr((char *)text, "AcceptSecurityContext"));
    ck_assert_uint_eq(residue_in(text, size), 0);
    free(text);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp secrets");

    if (!RESIDUE_IS_HIDDEN) {
        suite_add(all, password_is_wiped, COUNT(scenes));
        suite_add(all, password_of_what_failed, COUNT(scenes));
    }
    suite_add(all, trace_is_silent, COUNT(scenes));
    return all;
}

CHECK_MAIN(suite)
