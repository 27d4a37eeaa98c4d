/* SPDX-License-Identifier: MIT */
/* A program of ours in a process that has WinPR too; see coexist.h. */
#include "coexist.h"
#include "table_pair.h"

#include <stdint.h>
#include <string.h>

static char failure[256];

/* A handle of ours works with our calls, and is one only to them. */
const char *ours_windows(void)
{
    WCHAR wide[8];
    HANDLE file = CreateFileA("/dev/null", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return "CreateFile fails";
    if (!CloseHandle(file))
        return "CloseHandle does not know a file of CreateFile";
    SetLastError(ERROR_INVALID_PARAMETER);
    if (GetLastError() != ERROR_INVALID_PARAMETER)
        return "GetLastError forgets";
    if (MultiByteToWideChar(CP_UTF8, 0, "abc", -1, wide, 8) != 4 || wide[2] != 'c')
        return "MultiByteToWideChar is not what it should be";
    return NULL;
}

static bool is_user_token(void *token)
{
    union {
        TOKEN_USER user;
        unsigned char room[256];
    } answer;
    DWORD length = 0;

    return GetTokenInformation(token, TokenUser, &answer, sizeof answer, &length) &&
           CloseHandle(token);
}

const char *ours_context(const char *package)
{
    HMODULE module = LoadLibraryA("secur32.dll");
    union {
        FARPROC address;
        INIT_SECURITY_INTERFACE_A call;
    } init;

    if (module == NULL)
        return "LoadLibrary(secur32.dll) fails";
    init.address = GetProcAddress(module, "InitSecurityInterfaceA");
    if (init.address == NULL)
        return "GetProcAddress(InitSecurityInterfaceA) fails";
    if (!table_pair(init.call(), package, is_user_token, failure, sizeof failure))
        return failure;
    FreeLibrary(module);
    return NULL;
}

const char *ours_close_place(void)
{
    return coexist_place((const void *)(uintptr_t)&CloseHandle);
}

const char *ours_direct_place(void)
{
    return coexist_place((const void *)(uintptr_t)&AcquireCredentialsHandleA);
}

const char *ours_direct(const char *package)
{
    return table_pair(InitSecurityInterfaceA(), package, is_user_token, failure, sizeof failure)
               ? NULL
               : failure;
}
