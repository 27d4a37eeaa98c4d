/* SPDX-License-Identifier: MIT */
/* ChangeAccountPassword, by kpasswd, in a realm whose policy wants eight characters of alice. */
#include <ntstatus.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define LONGER "a longer password"
#define SHORT  "short"

static SEC_CHAR *text(const char *constant)
{
    return (SEC_CHAR *)(uintptr_t)constant;
}

static SECURITY_STATUS change(const char *package, const char *domain, const char *user,
                              const char *old, const char *new)
{
    SecBuffer answer = {0, SECBUFFER_CHANGE_PASS_RESPONSE, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &answer};

    return ChangeAccountPasswordA(text(package), text(domain), text(user), text(old), text(new),
                                  FALSE, 0, &list);
}

static SECURITY_STATUS log_on(const char *user, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a(user, "LOOPBACK", password);
    struct pair pair;
    SECURITY_STATUS status;

    pair_init(&pair);
    assert_status(pair_acquire_client(&pair, "Kerberos", NULL, &id), SEC_E_OK);
    status = pair_initialize(&pair);
    pair_free(&pair);
    return status;
}

static const char *const packages[] = {"Kerberos", "Negotiate"};

/* The new one is in force, the old one no more; and back, as the tests share a realm. */
START_TEST(changes)
{
    const char *old = password_of("alice");

    assert_status(change(packages[_i], "LOOPBACK", "alice", old, LONGER), SEC_E_OK);
    assert_status(log_on("alice", old), SEC_E_LOGON_DENIED);
    assert_status(log_on("alice", LONGER), SEC_I_CONTINUE_NEEDED);
    assert_status(change(packages[_i], NULL, "alice@LOOPBACK.TEST", LONGER, old), SEC_E_OK);
    assert_status(log_on("alice", old), SEC_I_CONTINUE_NEEDED);
}
END_TEST

START_TEST(changes_wide)
{
    const char *old = password_of("bob");
    SEC_WCHAR *wide[] = {wide_text("kerberos", NULL), wide_text("LOOPBACK.TEST", NULL),
                         wide_text("bob", NULL), wide_text(old, NULL),
                         wide_text("p\303\244\342\202\254word", NULL)};
    SecBufferDesc none = {SECBUFFER_VERSION, 0, NULL};

    assert_status(
        ChangeAccountPasswordW(wide[0], wide[1], wide[2], wide[3], wide[4], FALSE, 0, &none),
        SEC_E_OK);
    assert_status(log_on("bob", "p\303\244\342\202\254word"), SEC_I_CONTINUE_NEEDED);
    assert_status(
        ChangeAccountPasswordW(wide[0], wide[1], wide[2], wide[4], wide[3], FALSE, 0, &none),
        SEC_E_OK);
    for (int i = 0; i < COUNT(wide); i++)
        free(wide[i]);
}
END_TEST

static const struct refusal {
    const char *package, *user, *old, *new;
    SECURITY_STATUS status;
} refusals[] = {
    {"Kerberos", "alice", "not the old one", LONGER, SEC_E_LOGON_DENIED},
    {"Negotiate", "alice", "not the old one", LONGER, SEC_E_LOGON_DENIED},
    {"Kerberos", "alice", "", LONGER, SEC_E_LOGON_DENIED},
    {"Kerberos", "nobody", "any", LONGER, SEC_E_LOGON_DENIED},
    {"Kerberos", "alice", NULL, SHORT, STATUS_PASSWORD_RESTRICTION}, /* NULL: the right one */
    {"NTLM", "alice", NULL, LONGER, SEC_E_UNSUPPORTED_FUNCTION},
    {"no such package", "alice", NULL, LONGER, SEC_E_SECPKG_NOT_FOUND},
};

/* Nothing has changed then. */
START_TEST(refuses)
{
    const struct refusal *row = &refusals[_i];
    const char *old = row->old != NULL ? row->old : password_of("alice");

    assert_status(change(row->package, "LOOPBACK", row->user, old, row->new), row->status);
    assert_status(log_on("alice", password_of("alice")), SEC_I_CONTINUE_NEEDED);
}
END_TEST

START_TEST(wants_all_of_it)
{
    const char *old = password_of("alice");

    assert_status(change("Kerberos", "LOOPBACK", NULL, old, LONGER), SEC_E_INVALID_PARAMETER);
    assert_status(change("Kerberos", "LOOPBACK", "alice", NULL, LONGER), SEC_E_INVALID_PARAMETER);
    assert_status(change("Kerberos", "LOOPBACK", "alice", old, NULL), SEC_E_INVALID_PARAMETER);
    assert_status(change(NULL, "LOOPBACK", "alice", old, LONGER), SEC_E_SECPKG_NOT_FOUND);
}
END_TEST

/* Nobody there, or nobody who answers: the wait is bounded. */
START_TEST(no_server)
{
    setenv("SSPI_KDC_TIMEOUT", "1", 1);
    world_kdc(_i ? "silent" : "refused");
    assert_status(change("Kerberos", "LOOPBACK", "alice", password_of("alice"), LONGER),
                  SEC_E_NO_AUTHENTICATING_AUTHORITY);
    ck_assert_str_ne(sspi_native_error(), "");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("password");

    suite_add(s, changes, COUNT(packages));
    suite_add(s, changes_wide, 1);
    suite_add(s, refuses, COUNT(refusals));
    suite_add(s, wants_all_of_it, 1);
    suite_add(s, no_server, 2);
    return s;
}

CHECK_MAIN(suite)
