/* SPDX-License-Identifier: MIT */
/*
 * Accounts and their SIDs. Three kinds of SID are understood: S-1-22-1-uid, Samba's form of a local
 * account; S-1-9-length-words, which holds a name itself; and that of the client this thread acts
 * for.
 */
#include "win/account.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "win/win.h"

#define SID_HEAD_SIZE 8U

/* A name's length comes first, then its octets, in the other fourteen sub-authorities. */
#define SID_NAME_MAX (4U * (SID_MAX_SUB_AUTHORITIES - 1))

/* SECURITY_RESOURCE_MANAGER_AUTHORITY: what Windows leaves to applications, [MS-DTYP] 2.4.1.1. */
static const uint8_t authority_name[6] = {0, 0, 0, 0, 0, 9};
static const uint8_t authority_unix[6] = {0, 0, 0, 0, 0, 22};

static bool account_set(struct account *account, const char *user, size_t user_size,
                        const char *domain, size_t domain_size)
{
    account->user = strndup(user, user_size);
    account->domain = strndup(domain, domain_size);
    if (account->user != NULL && account->domain != NULL)
        return true;
    account_clear(account);
    return false;
}

void account_clear(struct account *account)
{
    free(account->user);
    free(account->domain);
    account->user = account->domain = NULL;
}

bool account_split(struct account *account, const char *name)
{
    const char *backslash = strchr(name, '\\');
    const char *at = strrchr(name, '@');

    /* A principal's name may quote its own '@' with a backslash. */
    if (backslash != NULL && (backslash[1] != '@' || at == NULL))
        return account_set(account, backslash + 1, strlen(backslash + 1), name,
                           (size_t)(backslash - name));
    if (at != NULL && at > name)
        return account_set(account, name, (size_t)(at - name), at + 1, strlen(at + 1));
    return account_set(account, name, strlen(name), "", 0);
}

bool account_sid_of_name(const char *name, struct token_sid *sid)
{
    size_t length = strlen(name);
    uint32_t number = (uint32_t)length;
    unsigned words = (unsigned)(length + 3) / 4;

    if (length == 0 || length > SID_NAME_MAX)
        return false;
    memset(sid, 0, sizeof(*sid));
    sid->size = SID_HEAD_SIZE + 4 * (1 + words);
    sid->data[0] = SID_REVISION;
    sid->data[1] = (uint8_t)(1 + words);
    memcpy(sid->data + 2, authority_name, sizeof(authority_name));
    memcpy(sid->data + SID_HEAD_SIZE, &number, sizeof(number));
    memcpy(sid->data + SID_HEAD_SIZE + 4, name, length);
    return true;
}

static uint32_t sub_authority(const uint8_t *sid, unsigned index)
{
    uint32_t number;

    memcpy(&number, sid + SID_HEAD_SIZE + 4 * index, sizeof(number));
    return number;
}

static bool account_of_name_sid(struct account *account, const uint8_t *sid, size_t size)
{
    const char *text = (const char *)sid + SID_HEAD_SIZE + 4;
    uint32_t length = sid[1] > 1 ? sub_authority(sid, 0) : 0;
    char name[SID_NAME_MAX + 1];

    if (length == 0 || length > size - SID_HEAD_SIZE - 4 || memchr(text, 0, length) != NULL)
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    return account_split(account, name);
}

/* The domain of a local account is this machine. */
static bool account_of_uid(struct account *account, uid_t uid)
{
    char host[256] = "";
    char room[4096];
    struct passwd entry;
    struct passwd *found;

    if (getpwuid_r(uid, &entry, room, sizeof(room), &found) != 0 || found == NULL)
        return false;
    if (gethostname(host, sizeof(host) - 1) != 0)
        host[0] = '\0';
    return account_set(account, entry.pw_name, strlen(entry.pw_name), host, strlen(host));
}

static bool account_of_thread_sid(struct account *account, const void *sid, size_t size)
{
    struct token *token = token_current();
    const struct token_sid *own = token == NULL ? NULL : token_user_sid(token);
    bool found = own != NULL && own->size == size && memcmp(own->data, sid, size) == 0 &&
                 account_split(account, token_user_name(token));

    token_unref(token);
    return found;
}

bool account_of_sid(struct account *account, const void *sid, size_t size)
{
    const uint8_t *bytes = sid;

    if (memcmp(bytes + 2, authority_unix, 6) == 0 && bytes[1] == 2 && sub_authority(bytes, 0) == 1)
        return account_of_uid(account, sub_authority(bytes, 1));
    if (memcmp(bytes + 2, authority_name, 6) == 0)
        return account_of_name_sid(account, bytes, size);
    return account_of_thread_sid(account, sid, size);
}

bool account_of_caller(struct account *account)
{
    struct token *token = token_current();
    bool found = token != NULL ? account_split(account, token_user_name(token))
                               : account_of_uid(account, geteuid());

    token_unref(token);
    return found;
}

/* The machine's name, as an account so that it is given out alike. */
static bool account_of_host(struct account *account)
{
    char host[256] = "";

    return gethostname(host, sizeof(host) - 1) == 0 &&
           account_set(account, host, strlen(host), "", 0);
}

bool account_put(const char *text, bool wide, void *buffer, DWORD *room)
{
    DWORD needed = win_text_length(text, wide) + 1;
    bool fits = buffer != NULL && needed <= *room;

    if (fits)
        win_text_copy(text, wide, buffer);
    *room = needed;
    return fits;
}

/*
 * Either name call: small is the error when the room is too small, counted the terminator's part.
 */
static BOOL name_out(bool (*find)(struct account *), void *buffer, DWORD *room, bool wide,
                     DWORD small, DWORD counted)
{
    struct account account;
    bool fits;

    if (room == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!find(&account))
        return win_fail(ERROR_NONE_MAPPED);
    fits = account_put(account.user, wide, buffer, room);
    account_clear(&account);
    if (!fits)
        return win_fail(small);
    *room -= 1 - counted;
    return TRUE;
}

WIN_API BOOL sspi_GetUserNameA(LPSTR lpBuffer, LPDWORD pcbBuffer)
{
    return name_out(account_of_caller, lpBuffer, pcbBuffer, false, ERROR_INSUFFICIENT_BUFFER, 1);
}

WIN_API BOOL sspi_GetUserNameW(LPWSTR lpBuffer, LPDWORD pcbBuffer)
{
    return name_out(account_of_caller, lpBuffer, pcbBuffer, true, ERROR_INSUFFICIENT_BUFFER, 1);
}

WIN_API BOOL sspi_GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize)
{
    return name_out(account_of_host, lpBuffer, nSize, false, ERROR_BUFFER_OVERFLOW, 0);
}

WIN_API BOOL sspi_GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize)
{
    return name_out(account_of_host, lpBuffer, nSize, true, ERROR_BUFFER_OVERFLOW, 0);
}

/* Where LookupAccountSid puts one of its two names. */
struct name_room {
    void *buffer;
    DWORD *room;
};

static BOOL lookup(LPCVOID system, PSID sid, struct name_room user, struct name_room domain,
                   PSID_NAME_USE use, bool wide)
{
    struct account account;
    bool fits;

    if (system != NULL || user.room == NULL || domain.room == NULL || use == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!sspi_IsValidSid(sid))
        return win_fail(ERROR_INVALID_SID);
    if (!account_of_sid(&account, sid, sspi_GetLengthSid(sid)))
        return win_fail(ERROR_NONE_MAPPED);
    fits = account_put(account.user, wide, user.buffer, user.room);
    fits = account_put(account.domain, wide, domain.buffer, domain.room) && fits;
    account_clear(&account);
    if (!fits)
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    --*user.room;
    --*domain.room;
    *use = SidTypeUser;
    return TRUE;
}

WIN_API BOOL sspi_LookupAccountSidA(LPCSTR lpSystemName, PSID Sid, LPSTR Name, LPDWORD cchName,
                                    LPSTR ReferencedDomainName, LPDWORD cchReferencedDomainName,
                                    PSID_NAME_USE peUse)
{
    return lookup(lpSystemName, Sid, (struct name_room){Name, cchName},
                  (struct name_room){ReferencedDomainName, cchReferencedDomainName}, peUse, false);
}

WIN_API BOOL sspi_LookupAccountSidW(LPCWSTR lpSystemName, PSID Sid, LPWSTR Name, LPDWORD cchName,
                                    LPWSTR ReferencedDomainName, LPDWORD cchReferencedDomainName,
                                    PSID_NAME_USE peUse)
{
    return lookup(lpSystemName, Sid, (struct name_room){Name, cchName},
                  (struct name_room){ReferencedDomainName, cchReferencedDomainName}, peUse, true);
}
