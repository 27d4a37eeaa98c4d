/* SPDX-License-Identifier: MIT */
/*
 * Names in the forms of a directory, without one: what passwd, krb5.conf and the Kerberos tickets
 * at hand say. Nobody is asked whether a user of a realm exists.
 */
#include <ntstatus.h>
#include <pwd.h>
#include <secext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/package.h"
#include "core/text.h"
#include "win/account.h"
#include "win/win.h"

/* A NetBIOS name is no longer, [MS-NBTE] 2.2.1. */
#define NETBIOS_MAX 15

/* Somebody by all names that are known; NULL: none of this form. */
struct person {
    char *sam;       /* DOMAIN\user */
    char *principal; /* user@REALM */
    char *display;
};

static void person_clear(struct person *person)
{
    free(person->sam);
    free(person->principal);
    free(person->display);
}

/* --- Sources -------------------------------------------------------------------------------- */

static char *sam_name(const char *domain, const char *user)
{
    return domain == NULL || *domain == '\0' ? NULL : text_join(domain, "\\", user);
}

/* The name that passwd has for a person, which ends at the first comma. */
static char *display_of(const struct passwd *entry)
{
    size_t length = entry->pw_gecos == NULL ? 0 : strcspn(entry->pw_gecos, ",");

    return length == 0 ? NULL : strndup(entry->pw_gecos, length);
}

static char *display_of_uid(uid_t uid)
{
    char room[4096];
    struct passwd entry, *found;

    if (getpwuid_r(uid, &entry, room, sizeof(room), &found) != 0 || found == NULL)
        return NULL;
    return display_of(found);
}

/* By krb5.conf; domain NULL: of the default realm. */
static char *principal_of(const char *user, const char *domain)
{
    const struct package *kerberos = package_find("Kerberos");
    char *principal;

    if (kerberos == NULL || *user == '\0' ||
        kerberos->ops->name_principal(user, domain, &principal) != SEC_E_OK)
        return NULL;
    return principal;
}

/* Of the tickets that a context without explicit credentials would use; none are asked for. */
static char *principal_of_tickets(void)
{
    const struct package *kerberos = package_find("Kerberos");
    struct cred_request request = {.use = SECPKG_CRED_OUTBOUND};
    SecPkgCredentials_NamesA names = {NULL};
    struct cred *cred;

    if (kerberos == NULL || kerberos->ops->cred_acquire(kerberos, &request, &cred) != SEC_E_OK)
        return NULL;
    if (package_call(cred, cred_query, cred, SECPKG_CRED_ATTR_NAMES, &names) != SEC_E_OK)
        names.sUserName = NULL;
    object_unref(&cred->handled.object);
    return names.sUserName;
}

static char *realm_label(const char *realm)
{
    char *label = strndup(realm, strcspn(realm, "."));

    for (char *at = label; at != NULL && *at != '\0'; at++)
        *at = text_upper(*at);
    return label;
}

/* --- Persons -------------------------------------------------------------------------------- */

static void person_of_caller(struct person *person)
{
    struct token *token = token_current();
    struct account account;

    *person = (struct person){NULL, NULL, NULL};
    if (account_of_caller(&account)) {
        person->sam = sam_name(account.domain, account.user);
        account_clear(&account);
    }
    if (token == NULL) {
        person->principal = principal_of_tickets();
        person->display = display_of_uid(geteuid());
    } else if (strrchr(token_user_name(token), '@') != NULL) {
        person->principal = strdup(token_user_name(token));
    }
    token_unref(token);
}

/* This machine's account in its realm: HOST$. */
static bool person_of_machine(struct person *person)
{
    char host[256] = "", *label, *domain = NULL;
    char name[NETBIOS_MAX + 2];

    *person = (struct person){NULL, NULL, NULL};
    if (gethostname(host, sizeof(host) - 1) != 0 || (label = realm_label(host)) == NULL)
        return false;
    snprintf(name, sizeof(name), "%.*s$", NETBIOS_MAX, label);
    free(label);
    person->principal = principal_of(name, NULL);
    if (person->principal == NULL)
        return false;
    domain = realm_label(strrchr(person->principal, '@') + 1);
    person->sam = domain == NULL ? NULL : sam_name(domain, name);
    free(domain);
    return true;
}

/* An account of passwd, written with this machine's name as the domain. */
static bool person_of_local(struct person *person, const struct account *account)
{
    char host[256] = "", room[4096];
    struct passwd entry, *found;

    if (gethostname(host, sizeof(host) - 1) != 0 || !text_equal_nocase(host, account->domain) ||
        getpwnam_r(account->user, &entry, room, sizeof(room), &found) != 0 || found == NULL)
        return false;
    person->sam = sam_name(host, found->pw_name);
    person->display = display_of(found);
    return true;
}

/* Written with a realm, or with a domain that stands for one. */
static bool person_of_realm(struct person *person, const struct account *account)
{
    char *label;

    if (*account->domain == '\0')
        return false;
    person->principal = principal_of(account->user, account->domain);
    if (person->principal == NULL)
        return false;
    label = realm_label(strrchr(person->principal, '@') + 1);
    person->sam = label == NULL ? NULL : sam_name(label, account->user);
    free(label);
    return true;
}

/* What a name of a form must have in it, which tells the form of one that is not said. */
static bool name_has_form(const char *name, EXTENDED_NAME_FORMAT form)
{
    bool sam = strchr(name, '\\') != NULL;

    switch (form) {
    case NameUnknown:
        return sam || strchr(name, '@') != NULL;
    case NameSamCompatible:
    case NameDnsDomain:
        return sam;
    case NameUserPrincipal:
        return !sam && strchr(name, '@') != NULL;
    default:
        return false;
    }
}

static bool person_of_name(struct person *person, const char *name, EXTENDED_NAME_FORMAT form)
{
    struct account account;
    bool found;

    *person = (struct person){NULL, NULL, NULL};
    if (!name_has_form(name, form) || !account_split(&account, name))
        return false;
    found = person_of_local(person, &account) || person_of_realm(person, &account);
    account_clear(&account);
    return found;
}

/* --- Forms ---------------------------------------------------------------------------------- */

static char *form_sam(const struct person *person)
{
    return person->sam == NULL ? NULL : strdup(person->sam);
}

static char *form_principal(const struct person *person)
{
    return person->principal == NULL ? NULL : strdup(person->principal);
}

static char *form_display(const struct person *person)
{
    return person->display == NULL ? NULL : strdup(person->display);
}

/* The realm as a DNS name. */
static char *form_dns(const struct person *person)
{
    struct account account;
    char *name;

    if (person->principal == NULL || !account_split(&account, person->principal))
        return NULL;
    for (char *at = account.domain; *at != '\0'; at++)
        *at = text_lower(*at);
    name = sam_name(account.domain, account.user);
    account_clear(&account);
    return name;
}

static const struct {
    EXTENDED_NAME_FORMAT form;
    char *(*make)(const struct person *);
} forms[] = {
    {NameSamCompatible, form_sam},
    {NameUserPrincipal, form_principal},
    {NameDnsDomain, form_dns},
    {NameDisplay, form_display},
};

static char *person_name(const struct person *person, EXTENDED_NAME_FORMAT form)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++)
        if (forms[i].form == form)
            return forms[i].make(person);
    return NULL;
}

/* --- Calls ---------------------------------------------------------------------------------- */

/* How a call is answered: the caller's room, and the error for too little of it. */
struct answer {
    void *buffer;
    PULONG room;
    bool wide;
    DWORD small;
};

/* The person is used up. */
static BOOLEAN answer_give(const struct answer *answer, struct person *person,
                           EXTENDED_NAME_FORMAT form)
{
    char *name = person_name(person, form);
    DWORD error = ERROR_NONE_MAPPED;

    person_clear(person);
    if (name != NULL)
        error = account_put(name, answer->wide, answer->buffer, answer->room) ? ERROR_SUCCESS
                                                                              : answer->small;
    free(name);
    if (error != ERROR_SUCCESS)
        win_fail(error);
    return error == ERROR_SUCCESS;
}

/* The length it gives leaves the terminator out, unlike the other two. */
static BOOLEAN user_name(EXTENDED_NAME_FORMAT form, void *buffer, PULONG room, bool wide)
{
    const struct answer answer = {buffer, room, wide, ERROR_MORE_DATA};
    struct person person;

    if (room == NULL || form == NameUnknown)
        return (BOOLEAN)win_fail(room == NULL ? ERROR_INVALID_PARAMETER : ERROR_NO_SUCH_USER);
    person_of_caller(&person);
    if (!answer_give(&answer, &person, form))
        return FALSE;
    *room -= 1;
    return TRUE;
}

WIN_API BOOLEAN GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize)
{
    return user_name(NameFormat, lpNameBuffer, nSize, false);
}

WIN_API BOOLEAN GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer, PULONG nSize)
{
    return user_name(NameFormat, lpNameBuffer, nSize, true);
}

static BOOLEAN machine_name(EXTENDED_NAME_FORMAT form, void *buffer, PULONG room, bool wide)
{
    const struct answer answer = {buffer, room, wide, ERROR_INSUFFICIENT_BUFFER};
    struct person person;

    if (room == NULL || form == NameUnknown)
        return (BOOLEAN)win_fail(ERROR_INVALID_PARAMETER);
    if (!person_of_machine(&person))
        return (BOOLEAN)win_fail(ERROR_CANT_ACCESS_DOMAIN_INFO);
    return answer_give(&answer, &person, form);
}

WIN_API BOOLEAN GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer,
                                       PULONG nSize)
{
    return machine_name(NameFormat, lpNameBuffer, nSize, false);
}

WIN_API BOOLEAN GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                       PULONG nSize)
{
    return machine_name(NameFormat, lpNameBuffer, nSize, true);
}

static BOOLEAN translate(const void *name, EXTENDED_NAME_FORMAT from, EXTENDED_NAME_FORMAT to,
                         void *buffer, PULONG room, bool wide)
{
    const struct answer answer = {buffer, room, wide, ERROR_INSUFFICIENT_BUFFER};
    struct person person;
    char *text = NULL;
    SECURITY_STATUS status;
    bool found;

    if (name == NULL || room == NULL || to == NameUnknown)
        return (BOOLEAN)win_fail(ERROR_INVALID_PARAMETER);
    status = text_from_caller(name, wide, &text);
    if (status != SEC_E_OK)
        return (BOOLEAN)win_fail(win_text_error(status, ERROR_INVALID_PARAMETER));
    found = person_of_name(&person, text, from);
    free(text);
    return found ? answer_give(&answer, &person, to) : (BOOLEAN)win_fail(ERROR_NONE_MAPPED);
}

WIN_API BOOLEAN TranslateNameA(LPCSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                               EXTENDED_NAME_FORMAT DesiredNameFormat, LPSTR lpTranslatedName,
                               PULONG nSize)
{
    return translate(lpAccountName, AccountNameFormat, DesiredNameFormat, lpTranslatedName, nSize,
                     false);
}

WIN_API BOOLEAN TranslateNameW(LPCWSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                               EXTENDED_NAME_FORMAT DesiredNameFormat, LPWSTR lpTranslatedName,
                               PULONG nSize)
{
    return translate(lpAccountName, AccountNameFormat, DesiredNameFormat, lpTranslatedName, nSize,
                     true);
}

/* --- Parts of a name ------------------------------------------------------------------------ */

static UNICODE_STRING part(LPWSTR text, size_t length)
{
    const USHORT size = (USHORT)(length * sizeof(WCHAR));

    return (UNICODE_STRING){size, size, length == 0 ? NULL : text};
}

/* No longer than CREDUI_MAX_USERNAME_LENGTH of wincred.h. */
#define USER_NAME_MAX 513

WIN_API NTSTATUS NTAPI CredParseUserNameWithType(LPWSTR UserName, PUNICODE_STRING User,
                                                 PUNICODE_STRING Domain, PULONG Type)
{
    size_t length = 0, backslash = SIZE_MAX, at = SIZE_MAX;

    if (UserName == NULL || User == NULL || Domain == NULL || Type == NULL)
        return STATUS_INVALID_PARAMETER;
    for (; length <= USER_NAME_MAX && UserName[length] != 0; length++) {
        if (UserName[length] == '\\' && backslash == SIZE_MAX)
            backslash = length;
        if (UserName[length] == '@')
            at = length;
    }
    if (length == 0 || length > USER_NAME_MAX || backslash == length - 1 || at == 0)
        return STATUS_INVALID_ACCOUNT_NAME;
    *Type = backslash != SIZE_MAX ? NameSamCompatible
            : at != SIZE_MAX      ? NameUserPrincipal
                                  : NameUnknown;
    *Domain = part(UserName, backslash == SIZE_MAX ? 0 : backslash);
    *User = backslash == SIZE_MAX ? part(UserName, length)
                                  : part(UserName + backslash + 1, length - backslash - 1);
    return STATUS_SUCCESS;
}
