/* SPDX-License-Identifier: MIT */
/* The policy's file: lines of "Name = values", as Windows names them. */
#include "core/text.h"
#include "credssp/policy.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/native.h"

#define POLICY_FILE SSPI_SYSCONFDIR "/sspi/credssp.conf"
#define SPACE       " \t\r\n"

/* Remote desktops may have credentials but for those of whoever is logged on: nobody has these. */
#define DESKTOPS "TERMSRV/*"

#define LISTS(kind, member) offsetof(struct policy, lists[kind].member)

static const struct setting {
    const char *name;
    size_t offset;
    const char *value; /* when the file says nothing */
} settings[] = {
    {"AllowFreshCredentials", LISTS(POLICY_FRESH, allow), DESKTOPS},
    {"AllowFreshCredentialsWhenNTLMOnly", LISTS(POLICY_FRESH, allow_ntlm), DESKTOPS},
    {"DenyFreshCredentials", LISTS(POLICY_FRESH, deny), ""},
    {"AllowSavedCredentials", LISTS(POLICY_SAVED, allow), DESKTOPS},
    {"AllowSavedCredentialsWhenNTLMOnly", LISTS(POLICY_SAVED, allow_ntlm), ""},
    {"DenySavedCredentials", LISTS(POLICY_SAVED, deny), ""},
    {"AllowDefaultCredentials", LISTS(POLICY_DEFAULT, allow), ""},
    {"AllowDefaultCredentialsWhenNTLMOnly", LISTS(POLICY_DEFAULT, allow_ntlm), ""},
    {"DenyDefaultCredentials", LISTS(POLICY_DEFAULT, deny), ""},
};

#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

/*
 * AllowEncryptionOracle (CVE-2018-0886): a server's key is bound safely from version 5 on. "Force
 * updated clients" wants it of every peer, "mitigated" no more of clients, "vulnerable" of none.
 */
static const uint32_t oracle_versions[][2] = {{5, 5}, {5, 2}, {2, 2}};

static char **value_of(struct policy *policy, const struct setting *setting)
{
    return (char **)((char *)policy + setting->offset);
}

/* A program's environment may name another file, but for a set-id program's. */
const char *policy_file(void)
{
    const char *named = secure_getenv("SSPI_CREDSSP_POLICY");

    return named != NULL ? named : POLICY_FILE;
}

const char *policy_setting(enum policy_creds creds)
{
    static const char *const names[POLICY_CREDS_COUNT] = {
        [POLICY_FRESH] = "AllowFreshCredentials",
        [POLICY_SAVED] = "AllowSavedCredentials",
        [POLICY_DEFAULT] = "AllowDefaultCredentials",
    };

    return names[creds];
}

static SECURITY_STATUS refuse(const char *what, const char *detail)
{
    return native_refuse(SEC_E_DELEGATION_POLICY, "CredSSP policy, %s: %s%s", policy_file(), what,
                         detail);
}

/* --- Reading -------------------------------------------------------------------------------- */

static SECURITY_STATUS value_set(char **value, const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    free(*value);
    *value = copy;
    return SEC_E_OK;
}

static SECURITY_STATUS oracle_set(struct policy *policy, const char *text)
{
    size_t level = (size_t)(unsigned char)text[0] - '0';

    if (text[0] == '\0' || text[1] != '\0' ||
        level >= sizeof(oracle_versions) / sizeof(oracle_versions[0]))
        return refuse("AllowEncryptionOracle is 0, 1 or 2, and not ", text);
    memcpy(policy->version_min, oracle_versions[level], sizeof(policy->version_min));
    return SEC_E_OK;
}

static SECURITY_STATUS setting_read(struct policy *policy, const char *name, const char *text)
{
    if (text_equal_nocase(name, "AllowEncryptionOracle"))
        return oracle_set(policy, text);
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (text_equal_nocase(settings[i].name, name))
            return value_set(value_of(policy, &settings[i]), text);
    return refuse("no such setting: ", name);
}

/* Without the space around it. */
static char *text_trim(char *text)
{
    size_t size;

    text += strspn(text, SPACE);
    for (size = strlen(text); size != 0 && strchr(SPACE, text[size - 1]) != NULL; size--)
        text[size - 1] = '\0';
    return text;
}

static SECURITY_STATUS line_read(struct policy *policy, char *line)
{
    char *value;

    line[strcspn(line, "#")] = '\0';
    line = text_trim(line);
    if (*line == '\0')
        return SEC_E_OK;
    value = strchr(line, '=');
    if (value == NULL)
        return refuse("a line without \"=\": ", line);
    *value++ = '\0';
    return setting_read(policy, text_trim(line), text_trim(value));
}

static SECURITY_STATUS file_read(struct policy *policy, FILE *file)
{
    SECURITY_STATUS status = SEC_E_OK;
    char *line = NULL;
    size_t room = 0;
    ssize_t size;

    while (status == SEC_E_OK && (size = getline(&line, &room, file)) >= 0)
        status = strlen(line) == (size_t)size ? line_read(policy, line)
                                              : refuse("a line with a NUL in it", "");
    if (status == SEC_E_OK && ferror(file))
        status = refuse("it cannot be read", "");
    free(line);
    return status;
}

static SECURITY_STATUS defaults_set(struct policy *policy)
{
    SECURITY_STATUS status;

    memset(policy, 0, sizeof(*policy));
    status = oracle_set(policy, "0");
    for (size_t i = 0; i < SETTING_COUNT && status == SEC_E_OK; i++)
        status = value_set(value_of(policy, &settings[i]), settings[i].value);
    return status;
}

/* Who may write the file says where passwords go. */
static SECURITY_STATUS file_check(FILE *file)
{
    struct stat about;

    if (fstat(fileno(file), &about) != 0)
        return refuse(strerror(errno), "");
    if (about.st_uid != 0 && about.st_uid != geteuid())
        return refuse("the file is neither root's nor this user's", "");
    return about.st_mode & (S_IWGRP | S_IWOTH) ? refuse("others may write the file", "") : SEC_E_OK;
}

SECURITY_STATUS policy_open(struct policy *policy)
{
    bool named = secure_getenv("SSPI_CREDSSP_POLICY") != NULL;
    FILE *file = fopen(policy_file(), "re");
    SECURITY_STATUS status = SEC_E_OK;

    if (file == NULL && (named || errno != ENOENT))
        status = refuse(strerror(errno), "");
    if (file != NULL)
        status = file_check(file);
    if (status == SEC_E_OK)
        status = defaults_set(policy);
    if (status == SEC_E_OK && file != NULL)
        status = file_read(policy, file);
    if (file != NULL)
        fclose(file);
    if (status != SEC_E_OK)
        policy_close(policy);
    return status;
}

void policy_close(struct policy *policy)
{
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        free(*value_of(policy, &settings[i]));
        *value_of(policy, &settings[i]) = NULL;
    }
}

/* --- Judging -------------------------------------------------------------------------------- */

/* A service name may have one star, which stands for anything. */
static bool name_matches(const char *name, size_t size, const char *target)
{
    const char *star = memchr(name, '*', size);
    size_t head = star == NULL ? size : (size_t)(star - name);
    size_t tail = star == NULL ? 0 : size - head - 1;
    size_t length = strlen(target);

    if (star == NULL ? length != size : length < head + tail)
        return false;
    return text_equal_nocase_n(name, target, head) &&
           text_equal_nocase_n(name + size - tail, target + length - tail, tail);
}

static bool list_has(const char *list, const char *target)
{
    size_t size;

    for (list += strspn(list, SPACE); (size = strcspn(list, SPACE)) != 0;
         list += size, list += strspn(list, SPACE))
        if (name_matches(list, size, target))
            return true;
    return false;
}

SECURITY_STATUS policy_allows(const struct policy *policy, enum policy_creds creds,
                              const char *target, bool server_known)
{
    const struct policy_lists *lists = &policy->lists[creds];

    if (list_has(lists->deny, target))
        return SEC_E_DELEGATION_POLICY;
    if (list_has(lists->allow_ntlm, target))
        return SEC_E_OK;
    if (!list_has(lists->allow, target))
        return SEC_E_DELEGATION_POLICY;
    return server_known ? SEC_E_OK : SEC_E_POLICY_NLTM_ONLY;
}
