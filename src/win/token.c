/* SPDX-License-Identifier: MIT */
/* Access tokens under Windows' names: impersonation and what a token tells. */
#include "win/win.h"

#include <string.h>

#include "core/token.h"
#include "win/account.h"

/* The token of a HANDLE, or NULL with the error set. No reference is taken. */
static struct token *token_of(HANDLE handle)
{
    struct token *token = token_from_object(win_object(handle));

    if (token == NULL)
        win_fail(ERROR_INVALID_HANDLE);
    return token;
}

static BOOL impersonate(struct token *token)
{
    return token_impersonate(token) == SEC_E_OK ? TRUE : win_fail(ERROR_NO_SYSTEM_RESOURCES);
}

WIN_API BOOL sspi_ImpersonateLoggedOnUser(HANDLE hToken)
{
    struct token *token = token_of(hToken);

    return token != NULL && impersonate(token);
}

WIN_API BOOL sspi_RevertToSelf(void)
{
    return impersonate(NULL);
}

WIN_API BOOL sspi_SetThreadToken(PHANDLE Thread, HANDLE Token)
{
    if (Thread != NULL && *Thread != sspi_GetCurrentThread())
        return win_fail(ERROR_INVALID_HANDLE);
    return Token == NULL ? impersonate(NULL) : sspi_ImpersonateLoggedOnUser(Token);
}

WIN_API BOOL sspi_OpenThreadToken(HANDLE ThreadHandle, DWORD DesiredAccess, BOOL OpenAsSelf,
                                  PHANDLE TokenHandle)
{
    struct token *token;

    (void)DesiredAccess, (void)OpenAsSelf;
    if (ThreadHandle != sspi_GetCurrentThread())
        return win_fail(ERROR_INVALID_HANDLE);
    if (TokenHandle == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    token = token_current();
    if (token == NULL)
        return win_fail(ERROR_NO_TOKEN);
    *TokenHandle = token_object(token);
    return TRUE;
}

static SECURITY_IMPERSONATION_LEVEL level_of(const struct token *token)
{
    if (token_identify_only(token))
        return SecurityIdentification;
    return token_delegated(token) != NULL ? SecurityDelegation : SecurityImpersonation;
}

WIN_API BOOL sspi_DuplicateToken(HANDLE ExistingTokenHandle,
                                 SECURITY_IMPERSONATION_LEVEL ImpersonationLevel,
                                 PHANDLE DuplicateTokenHandle)
{
    struct token *token = token_of(ExistingTokenHandle);
    SECURITY_IMPERSONATION_LEVEL own;

    if (token == NULL)
        return FALSE;
    own = level_of(token);
    if (DuplicateTokenHandle == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    /* Tokens do not change: to lower one would mean to make another, which nothing here needs. */
    if (ImpersonationLevel > own ||
        (ImpersonationLevel < SecurityImpersonation && ImpersonationLevel != own))
        return win_fail(ERROR_BAD_IMPERSONATION_LEVEL);
    *DuplicateTokenHandle = token_object(token_ref(token));
    return TRUE;
}

/* Either structure is a SID's place (and attributes, always 0) with the SID behind it. */
static BOOL user_out(const struct token *token, void *out, DWORD room, DWORD *needed)
{
    const struct token_sid *sid = token_user_sid(token);
    TOKEN_USER user = {{NULL, 0}};
    struct token_sid made;

    if (sid == NULL && account_sid_of_name(token_user_name(token), &made))
        sid = &made;
    if (sid == NULL)
        return win_fail(ERROR_NONE_MAPPED);
    *needed = (DWORD)sizeof(user) + sid->size;
    if (out == NULL || room < *needed)
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    user.User.Sid = (char *)out + sizeof(user);
    memcpy(out, &user, sizeof(user));
    memcpy(user.User.Sid, sid->data, sid->size);
    return TRUE;
}

static BOOL number_out(DWORD number, void *out, DWORD room, DWORD *needed)
{
    *needed = sizeof(number);
    if (out == NULL || room < *needed)
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    memcpy(out, &number, sizeof(number));
    return TRUE;
}

WIN_API BOOL sspi_GetTokenInformation(HANDLE TokenHandle,
                                      TOKEN_INFORMATION_CLASS TokenInformationClass,
                                      LPVOID TokenInformation, DWORD TokenInformationLength,
                                      PDWORD ReturnLength)
{
    struct token *token = token_of(TokenHandle);
    DWORD needed = 0;
    BOOL done;

    if (token == NULL)
        return FALSE;
    switch (TokenInformationClass) {
    case TokenUser:
        done = user_out(token, TokenInformation, TokenInformationLength, &needed);
        break;
    case TokenType:
        done = number_out(TokenImpersonation, TokenInformation, TokenInformationLength, &needed);
        break;
    case TokenImpersonationLevel:
        done = number_out(level_of(token), TokenInformation, TokenInformationLength, &needed);
        break;
    default:
        done = win_fail(ERROR_INVALID_PARAMETER);
    }
    if (ReturnLength != NULL)
        *ReturnLength = needed;
    return done;
}
