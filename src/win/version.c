/* SPDX-License-Identifier: MIT */
/*
 * The version of Windows whose SSPI this is, in Windows' two ways: GetVersionEx() gives every
 * program that does not name later ones the number of Windows 8, RtlGetVersion() the true one.
 */
#include "win/win.h"

#include <ntstatus.h>
#include <string.h>

#define VERSION_TEXT "gss-sspi"

/* What the four structures begin with. */
struct version {
    DWORD size;
    DWORD major;
    DWORD minor;
    DWORD build;
    DWORD platform;
};

static const struct version told = {0, 6, 2, 9200, VER_PLATFORM_WIN32_NT};

/* The first whose Schannel knows TLS 1.3 and SCH_CREDENTIALS. */
static const struct version real = {0, 10, 0, 22000, VER_PLATFORM_WIN32_NT};

/* Either form; service_pack, the first of the longer structure's members, is where that is one. */
static void version_out(const struct version *version, void *out, void *text, bool wide,
                        void *service_pack)
{
    const struct {
        WORD major, minor, suite;
        BYTE product, reserved;
    } rest = {0, 0, 0, VER_NT_WORKSTATION, 0};
    size_t given = sizeof(*version) - sizeof(version->size);

    memcpy((char *)out + sizeof(version->size), &version->major, given);
    win_text_copy(VERSION_TEXT, wide, text);
    if (service_pack != NULL)
        memcpy(service_pack, &rest, sizeof(rest));
}

static void version_out_w(const struct version *version, LPOSVERSIONINFOW out)
{
    LPOSVERSIONINFOEXW longer = (LPOSVERSIONINFOEXW)out;

    version_out(version, out, out->szCSDVersion, true,
                out->dwOSVersionInfoSize < sizeof(*longer) ? NULL : &longer->wServicePackMajor);
}

WIN_API BOOL sspi_GetVersionExA(LPOSVERSIONINFOA lpVersionInformation)
{
    LPOSVERSIONINFOEXA longer = (LPOSVERSIONINFOEXA)lpVersionInformation;

    if (longer == NULL || longer->dwOSVersionInfoSize < sizeof(*lpVersionInformation))
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    version_out(&told, longer, longer->szCSDVersion, false,
                longer->dwOSVersionInfoSize < sizeof(*longer) ? NULL : &longer->wServicePackMajor);
    return TRUE;
}

WIN_API BOOL sspi_GetVersionExW(LPOSVERSIONINFOW lpVersionInformation)
{
    if (lpVersionInformation == NULL ||
        lpVersionInformation->dwOSVersionInfoSize < sizeof(*lpVersionInformation))
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    version_out_w(&told, lpVersionInformation);
    return TRUE;
}

WIN_API NTSTATUS sspi_RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation)
{
    if (lpVersionInformation == NULL ||
        lpVersionInformation->dwOSVersionInfoSize < sizeof(*lpVersionInformation))
        return STATUS_INVALID_PARAMETER;
    version_out_w(&real, lpVersionInformation);
    return STATUS_SUCCESS;
}
