/* SPDX-License-Identifier: MIT */
/* Who may be given credentials: Windows' "Credentials Delegation" by its names and defaults. */
#include "lib/ends.h"

#include <fcntl.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* --- Lists ---------------------------------------------------------------------------------- */

#define NOBODY "AllowFreshCredentials =\nAllowFreshCredentialsWhenNTLMOnly =\n"

/* Fresh credentials of alice's for a target on this machine, by these packages (NULL: any). */
static const struct {
    const char *policy;
    const char *target;
    const char *list;
    ULONG request;
    SECURITY_STATUS status;
} judgements[] = {
    /* the defaults: remote desktops, however they are known */
    {"", "TERMSRV/localhost", NULL, MUTUAL, SEC_E_OK},
    {"", "termsrv/LOCALHOST", "ntlm", ISC_REQ_DELEGATE, SEC_E_OK},
    {"", "HTTP/localhost", NULL, MUTUAL, SEC_E_DELEGATION_POLICY},
    {"", "HTTP/localhost", NULL, ISC_REQ_MUTUAL_AUTH, SEC_E_OK},
    {"", "localhost", "ntlm", ISC_REQ_DELEGATE, SEC_E_DELEGATION_POLICY},
    /* names */
    {"AllowFreshCredentials = WSMAN/* http/LOCALHOST", "HTTP/localhost", NULL, MUTUAL, SEC_E_OK},
    {"AllowFreshCredentials = HTTP/local\n", "HTTP/localhost", NULL, MUTUAL,
     SEC_E_DELEGATION_POLICY},
    {"AllowFreshCredentials = HTTP/localhost*t\n", "HTTP/localhost", NULL, MUTUAL,
     SEC_E_DELEGATION_POLICY},
    {"AllowFreshCredentials = HTTP/*host\n", "HTTP/localhost", NULL, MUTUAL, SEC_E_OK},
    {"AllowFreshCredentials = *\n", "HTTP/localhost", NULL, MUTUAL, SEC_E_OK},
    {"AllowFreshCredentials = *st*\n", "HTTP/localhost", NULL, MUTUAL, SEC_E_DELEGATION_POLICY},
    {NOBODY, "TERMSRV/localhost", NULL, MUTUAL, SEC_E_DELEGATION_POLICY},
    /* how the server is known */
    {"AllowFreshCredentials = HTTP/*", "HTTP/localhost", "ntlm", ISC_REQ_DELEGATE,
     SEC_E_POLICY_NLTM_ONLY},
    {"AllowFreshCredentialsWhenNTLMOnly = HTTP/*", "HTTP/localhost", "ntlm", ISC_REQ_DELEGATE,
     SEC_E_OK},
    {"AllowFreshCredentialsWhenNTLMOnly = HTTP/*", "HTTP/localhost", NULL, MUTUAL, SEC_E_OK},
    {ALLOW_ALL, "HTTP/localhost", "ntlm", MUTUAL, SEC_E_MUTUAL_AUTH_FAILED},
    {ALLOW_ALL, "HTTP/localhost", "ntlm", ISC_REQ_MUTUAL_AUTH, SEC_E_MUTUAL_AUTH_FAILED},
    {ALLOW_ALL, "HTTP/localhost", "ntlm", 0, SEC_E_OK},
    /* never */
    {ALLOW_ALL "DenyFreshCredentials = */localhost", "HTTP/localhost", NULL, MUTUAL,
     SEC_E_DELEGATION_POLICY},
    {ALLOW_ALL "DenyFreshCredentials = TERMSRV/*", "HTTP/localhost", NULL, MUTUAL, SEC_E_OK},
    /* lists for others are not for these */
    {"AllowDefaultCredentials = *\nAllowSavedCredentials = *\n", "HTTP/localhost", NULL, MUTUAL,
     SEC_E_DELEGATION_POLICY},
    {ALLOW_ALL "DenyDefaultCredentials = *\nDenySavedCredentials = *\n", "HTTP/localhost", NULL,
     MUTUAL, SEC_E_OK},
    /* how the file is written: the last line counts */
    {"# none\n\n  ALLOWFRESHCREDENTIALS=HTTP/* # all\r\n", "HTTP/localhost", NULL, MUTUAL,
     SEC_E_OK},
    {ALLOW_ALL NOBODY, "HTTP/localhost", NULL, MUTUAL, SEC_E_DELEGATION_POLICY},
};

START_TEST(policy_judges)
{
    const struct way way = {0, judgements[_i].list, judgements[_i].request};

    ends_policy(judgements[_i].policy);
    ends_begin(&way);
    client.target = judgements[_i].target;
    ends_shake();
    end_is(&client, judgements[_i].status);
    if (client.status != SEC_E_OK)
        ck_assert_int_ne(server.status, SEC_E_OK);
    ends_close();
}
END_TEST

/* Whoever is logged on has tickets, and no password: there is nothing that could be handed over,
 * where it is allowed at all. */
static const struct {
    const char *policy;
    SECURITY_STATUS status;
} defaults[] = {
    {"", SEC_E_DELEGATION_POLICY},
    {ALLOW_ALL, SEC_E_DELEGATION_POLICY},
    {"AllowDefaultCredentials = HTTP/*\n", SEC_E_NO_CREDENTIALS},
    {"AllowDefaultCredentialsWhenNTLMOnly = HTTP/*\n", SEC_E_NO_CREDENTIALS},
    {"AllowDefaultCredentials = HTTP/*\nDenyDefaultCredentials = HTTP/localhost\n",
     SEC_E_DELEGATION_POLICY},
};

START_TEST(default_credentials_have_their_own_lists)
{
    ends_policy(defaults[_i].policy);
    end_acquire(&server, true, 0, NULL);
    end_acquire(&client, false, 0, NULL);
    client.request = MUTUAL;
    ends_shake();
    end_is(&client, defaults[_i].status);
    ends_close();
}
END_TEST

/* --- The file ------------------------------------------------------------------------------- */

static const char *const malformed[] = {
    "AllowFreshCredential = HTTP/*\n",
    "AllowFreshCredentials\n",
    "= HTTP/*\n",
    "AllowFreshCredentials: HTTP/*\n",
    "AllowEncryptionOracle = 3\n",
    "AllowEncryptionOracle = 00\n",
    "AllowEncryptionOracle =\n",
    "AllowEncryptionOracle = -1\n",
    ALLOW_ALL "\xff\xfe\n",
};

/* What is not understood might have been a prohibition: nothing is begun, of either role. */
static void assert_nothing_begins(void)
{
    static const struct way way = {0, NULL, 0};

    ends_begin(&way);
    end_advance(&client, &server, 0);
    end_is(&client, SEC_E_DELEGATION_POLICY);
    assert_native("CredSSP policy");
    end_give(&server, "\x16\x03\x01", 3);
    end_advance(&server, &client, 3);
    end_is(&server, SEC_E_DELEGATION_POLICY);
    ck_assert(!client.has_context && !server.has_context);
    ends_close();
}

START_TEST(malformed_files_are_refused)
{
    ends_policy(malformed[_i]);
    assert_nothing_begins();
}
END_TEST

static void file_is_everybodys(const char *name)
{
    ck_assert_int_eq(chmod(name, 0646), 0);
}

static void file_is_a_groups(const char *name)
{
    ck_assert_int_eq(chmod(name, 0664), 0);
}

/* Only who may give a file away can try; for others the case is one of the above. */
static void file_is_anothers(const char *name)
{
    if (chown(name, 12345, (gid_t)-1) != 0)
        file_is_everybodys(name);
}

static void file_is_gone(const char *name)
{
    ck_assert_int_eq(unlink(name), 0);
}

static void file_is_a_folder(const char *name)
{
    file_is_gone(name);
    ck_assert_int_eq(mkdir(name, 0700), 0);
}

static void (*const unsafe[])(const char *) = {file_is_everybodys, file_is_a_groups,
                                               file_is_anothers, file_is_gone, file_is_a_folder};

/* Who may write the file says where passwords go; and a file that is named has to be there. */
START_TEST(unsafe_files_are_refused)
{
    const char *name;

    ends_policy(ALLOW_ALL);
    name = getenv("SSPI_CREDSSP_POLICY");
    unsafe[_i](name);
    assert_nothing_begins();
    if (rmdir(name) != 0)
        unlink(name);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_policy");

    suite_add(all, policy_judges, COUNT(judgements));
    suite_add(all, default_credentials_have_their_own_lists, COUNT(defaults));
    suite_add(all, malformed_files_are_refused, COUNT(malformed));
    suite_add(all, unsafe_files_are_refused, COUNT(unsafe));
    return all;
}

CHECK_MAIN(suite)
