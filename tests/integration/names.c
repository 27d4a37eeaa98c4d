/* SPDX-License-Identifier: MIT */
/* secext.h: names of users and this machine in their forms. */
#include <ctype.h>
#include <ntstatus.h>
#include <pwd.h>
#include <secext.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

static char host[256];

static void host_know(void)
{
    ck_assert_int_eq(gethostname(host, sizeof(host) - 1), 0);
}

static void assert_error(BOOLEAN result, DWORD error)
{
    ck_assert(!result);
    ck_assert_uint_eq(GetLastError(), error);
}

/* --- The caller ----------------------------------------------------------------------------- */

static void assert_user(EXTENDED_NAME_FORMAT form, const char *expected)
{
    char name[300];
    WCHAR wide[300];
    ULONG length, size = sizeof(name);
    SEC_WCHAR *text = wide_text(expected, &length);

    ck_assert(GetUserNameExA(form, name, &size));
    ck_assert_str_eq(name, expected);
    ck_assert_uint_eq(size, strlen(expected));
    size = 300;
    ck_assert(GetUserNameExW(form, wide, &size));
    ck_assert_uint_eq(size, length);
    ck_assert_mem_eq(wide, text, 2 * (length + 1));
    /* A character too few. */
    size = length;
    assert_error(GetUserNameExW(form, wide, &size), ERROR_MORE_DATA);
    ck_assert_uint_eq(size, length + 1);
    size = 0;
    assert_error(GetUserNameExA(form, NULL, &size), ERROR_MORE_DATA);
    ck_assert_uint_eq(size, strlen(expected) + 1);
    free(text);
}

/* The process's user by passwd, and by the ticket at hand. */
START_TEST(caller)
{
    const struct passwd *entry = getpwuid(geteuid());
    ULONG size = 300;
    char name[300];

    host_know();
    ck_assert_ptr_nonnull(entry);
    snprintf(name, sizeof(name), "%s\\%s", host, entry->pw_name);
    assert_user(NameSamCompatible, name);
    assert_user(NameUserPrincipal, "alice@LOOPBACK.TEST");
    assert_user(NameDnsDomain, "loopback.test\\alice");
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(entry->pw_gecos, ","), entry->pw_gecos);
    if (name[0] != '\0')
        assert_user(NameDisplay, name);
    else
        assert_error(GetUserNameExA(NameDisplay, name, &size), ERROR_NONE_MAPPED);
    assert_error(GetUserNameExA(NameCanonical, name, &size), ERROR_NONE_MAPPED);
    assert_error(GetUserNameExA(NameFullyQualifiedDN, name, &size), ERROR_NONE_MAPPED);
    assert_error(GetUserNameExA(NameUnknown, name, &size), ERROR_NO_SUCH_USER);
    assert_error(GetUserNameExA(NameSamCompatible, name, NULL), ERROR_INVALID_PARAMETER);
    world_ccache("tmp/absent");
    assert_error(GetUserNameExA(NameUserPrincipal, name, &size), ERROR_NONE_MAPPED);
}
END_TEST

START_TEST(impersonated)
{
    struct pair pair;
    char name[300];
    ULONG size = sizeof(name);

    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", NULL);
    pair_establish(&pair);
    world_ccache("tmp/absent");
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_user(NameUserPrincipal, "alice@LOOPBACK.TEST");
    assert_user(NameSamCompatible, "LOOPBACK.TEST\\alice");
    assert_user(NameDnsDomain, "loopback.test\\alice");
    assert_error(GetUserNameExA(NameDisplay, name, &size), ERROR_NONE_MAPPED);
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    pair_free(&pair);
}
END_TEST

/* --- This machine --------------------------------------------------------------------------- */

START_TEST(machine)
{
    char label[17] = "", expected[64], name[300];
    WCHAR wide[300];
    ULONG size = sizeof(name);

    host_know();
    for (int i = 0; i < 15 && host[i] != '\0' && host[i] != '.'; i++)
        label[i] = (char)toupper((unsigned char)host[i]);
    snprintf(expected, sizeof(expected), "LOOPBACK\\%s$", label);
    ck_assert(GetComputerObjectNameA(NameSamCompatible, name, &size));
    ck_assert_str_eq(name, expected);
    ck_assert_uint_eq(size, strlen(expected) + 1);
    ck_assert(GetComputerObjectNameW(NameSamCompatible, wide, &size));
    ck_assert_uint_eq(size, strlen(expected) + 1);
    --size;
    assert_error(GetComputerObjectNameW(NameSamCompatible, wide, &size), ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_eq(size, strlen(expected) + 1);
    snprintf(expected, sizeof(expected), "%s$@LOOPBACK.TEST", label);
    size = sizeof(name);
    ck_assert(GetComputerObjectNameA(NameUserPrincipal, name, &size));
    ck_assert_str_eq(name, expected);
    snprintf(expected, sizeof(expected), "loopback.test\\%s$", label);
    size = sizeof(name);
    ck_assert(GetComputerObjectNameA(NameDnsDomain, name, &size));
    ck_assert_str_eq(name, expected);
    assert_error(GetComputerObjectNameA(NameUniqueId, name, &size), ERROR_NONE_MAPPED);
    assert_error(GetComputerObjectNameA(NameUnknown, name, &size), ERROR_INVALID_PARAMETER);
    assert_error(GetComputerObjectNameA(NameDnsDomain, name, NULL), ERROR_INVALID_PARAMETER);
    setenv("KRB5_CONFIG", "/dev/null", 1);
    assert_error(GetComputerObjectNameA(NameSamCompatible, name, &size),
                 ERROR_CANT_ACCESS_DOMAIN_INFO);
}
END_TEST

/* --- Translation ---------------------------------------------------------------------------- */

static const struct translation {
    EXTENDED_NAME_FORMAT from, to;
    const char *name, *expected; /* NULL: ERROR_NONE_MAPPED */
} translations[] = {
    {NameSamCompatible, NameUserPrincipal, "LOOPBACK\\alice", "alice@LOOPBACK.TEST"},
    {NameSamCompatible, NameUserPrincipal, "loopback.test\\alice", "alice@LOOPBACK.TEST"},
    {NameSamCompatible, NameUserPrincipal, "OTHER.TEST\\carol", "carol@OTHER.TEST"},
    {NameSamCompatible, NameUserPrincipal, "NOBODYS\\alice", NULL},
    {NameSamCompatible, NameUserPrincipal, "alice", NULL},
    {NameSamCompatible, NameUserPrincipal, "LOOPBACK\\", NULL},
    {NameSamCompatible, NameUserPrincipal, "\\alice", NULL},
    {NameSamCompatible, NameSamCompatible, "loopback.test\\alice", "LOOPBACK\\alice"},
    {NameSamCompatible, NameDnsDomain, "LOOPBACK\\alice", "loopback.test\\alice"},
    {NameSamCompatible, NameDisplay, "LOOPBACK\\alice", NULL},
    {NameSamCompatible, NameCanonical, "LOOPBACK\\alice", NULL},
    {NameUserPrincipal, NameSamCompatible, "alice@LOOPBACK.TEST", "LOOPBACK\\alice"},
    {NameUserPrincipal, NameSamCompatible, "alice@loopback.test", "LOOPBACK\\alice"},
    {NameUserPrincipal, NameSamCompatible, "LOOPBACK\\alice", NULL},
    {NameUserPrincipal, NameDnsDomain, "alice@LOOPBACK.TEST", "loopback.test\\alice"},
    {NameDnsDomain, NameUserPrincipal, "loopback.test\\alice", "alice@LOOPBACK.TEST"},
    {NameUnknown, NameUserPrincipal, "LOOPBACK\\alice", "alice@LOOPBACK.TEST"},
    {NameUnknown, NameSamCompatible, "alice@LOOPBACK.TEST", "LOOPBACK\\alice"},
    {NameUnknown, NameSamCompatible, "alice", NULL},
    {NameDisplay, NameSamCompatible, "Alice", NULL},
};

START_TEST(translation)
{
    const struct translation *row = &translations[_i];
    SEC_WCHAR *wide = wide_text(row->name, NULL), *expected;
    char name[300];
    WCHAR buffer[300];
    ULONG size = 0, length;

    if (row->expected == NULL) {
        size = sizeof(name);
        assert_error(TranslateNameA(row->name, row->from, row->to, name, &size), ERROR_NONE_MAPPED);
        assert_error(TranslateNameW(wide, row->from, row->to, buffer, &size), ERROR_NONE_MAPPED);
        free(wide);
        return;
    }
    /* As PostgreSQL asks: first for the size. */
    assert_error(TranslateNameA(row->name, row->from, row->to, NULL, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_eq(size, strlen(row->expected) + 1);
    ck_assert(TranslateNameA(row->name, row->from, row->to, name, &size));
    ck_assert_str_eq(name, row->expected);
    ck_assert_uint_eq(size, strlen(row->expected) + 1);
    expected = wide_text(row->expected, &length);
    size = 300;
    ck_assert(TranslateNameW(wide, row->from, row->to, buffer, &size));
    ck_assert_uint_eq(size, length + 1);
    ck_assert_mem_eq(buffer, expected, 2 * size);
    size = length;
    assert_error(TranslateNameW(wide, row->from, row->to, buffer, &size),
                 ERROR_INSUFFICIENT_BUFFER);
    free(expected);
    free(wide);
}
END_TEST

START_TEST(translation_refused)
{
    static const WCHAR broken[] = {'A', '\\', 0xd800, 0};
    char name[300];
    WCHAR wide[300];
    ULONG size = sizeof(name);

    assert_error(TranslateNameA(NULL, NameUnknown, NameSamCompatible, name, &size),
                 ERROR_INVALID_PARAMETER);
    assert_error(TranslateNameA("A\\b", NameUnknown, NameSamCompatible, name, NULL),
                 ERROR_INVALID_PARAMETER);
    assert_error(TranslateNameA("A\\b", NameUnknown, NameUnknown, name, &size),
                 ERROR_INVALID_PARAMETER);
    assert_error(TranslateNameW(broken, NameUnknown, NameSamCompatible, wide, &size),
                 ERROR_INVALID_PARAMETER);
}
END_TEST

/* An account of passwd goes by this machine's name. */
START_TEST(translation_local)
{
    const struct passwd *entry = getpwuid(geteuid());
    char name[300], out[300], expected[300];
    ULONG size = sizeof(out);

    host_know();
    ck_assert_ptr_nonnull(entry);
    snprintf(name, sizeof(name), "%s\\%s", host, entry->pw_name);
    ck_assert(TranslateNameA(name, NameSamCompatible, NameSamCompatible, out, &size));
    ck_assert_str_eq(out, name);
    size = sizeof(out);
    assert_error(TranslateNameA(name, NameSamCompatible, NameUserPrincipal, out, &size),
                 ERROR_NONE_MAPPED);
    snprintf(expected, sizeof(expected), "%.*s", (int)strcspn(entry->pw_gecos, ","),
             entry->pw_gecos);
    if (expected[0] == '\0')
        return;
    ck_assert(TranslateNameA(name, NameSamCompatible, NameDisplay, out, &size));
    ck_assert_str_eq(out, expected);
}
END_TEST

/* --- Parts ---------------------------------------------------------------------------------- */

static const struct parsed {
    const char *name, *user, *domain; /* user NULL: refused */
    ULONG type;
} parses[] = {
    {"LOOPBACK\\alice", "alice", "LOOPBACK", NameSamCompatible},
    {"alice@LOOPBACK.TEST", "alice@LOOPBACK.TEST", "", NameUserPrincipal},
    {"A\\b@c", "b@c", "A", NameSamCompatible},
    {"A\\b\\c", "b\\c", "A", NameSamCompatible},
    {"\\alice", "alice", "", NameSamCompatible},
    {"alice", "alice", "", NameUnknown},
    {"", NULL, NULL, 0},
    {"A\\", NULL, NULL, 0},
    {"@REALM", NULL, NULL, 0},
};

static void assert_part(UNICODE_STRING part, const char *expected)
{
    ck_assert_uint_eq(part.Length, 2 * strlen(expected));
    for (size_t i = 0; i < strlen(expected); i++)
        ck_assert_int_eq(part.Buffer[i], expected[i]);
}

START_TEST(parse)
{
    const struct parsed *row = &parses[_i];
    SEC_WCHAR *name = wide_text(row->name, NULL);
    UNICODE_STRING user, domain;
    ULONG type = 99;
    NTSTATUS status = CredParseUserNameWithType(name, &user, &domain, &type);

    if (row->user == NULL) {
        ck_assert_int_eq((int)status, (int)STATUS_INVALID_ACCOUNT_NAME);
    } else {
        ck_assert_int_eq((int)status, STATUS_SUCCESS);
        ck_assert_uint_eq(type, row->type);
        assert_part(user, row->user);
        assert_part(domain, row->domain);
    }
    free(name);
}
END_TEST

START_TEST(parse_refused)
{
    UNICODE_STRING user, domain;
    WCHAR name[600];
    ULONG type;

    for (int i = 0; i < 600; i++)
        name[i] = 'x';
    name[514] = 0;
    ck_assert_int_eq((int)CredParseUserNameWithType(name, &user, &domain, &type),
                     (int)STATUS_INVALID_ACCOUNT_NAME);
    name[513] = 0;
    ck_assert_int_eq((int)CredParseUserNameWithType(name, &user, &domain, &type), STATUS_SUCCESS);
    ck_assert_int_eq((int)CredParseUserNameWithType(NULL, &user, &domain, &type),
                     (int)STATUS_INVALID_PARAMETER);
    ck_assert_int_eq((int)CredParseUserNameWithType(name, NULL, &domain, &type),
                     (int)STATUS_INVALID_PARAMETER);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("names");

    suite_add(s, caller, 1);
    suite_add(s, impersonated, 1);
    suite_add(s, machine, 1);
    suite_add(s, translation, COUNT(translations));
    suite_add(s, translation_refused, 1);
    suite_add(s, translation_local, 1);
    suite_add(s, parse, COUNT(parses));
    suite_add(s, parse_refused, 1);
    return s;
}

CHECK_MAIN(suite)
