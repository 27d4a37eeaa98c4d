/* SPDX-License-Identifier: MIT */
/*
 * A process that has both this library and WinPR, which exports CloseHandle, CreateFileA and the
 * like: each half of the program keeps to its own, in whatever order they are linked.
 */
#define SECURITY_WIN32
#include <windows.h>
#include <security.h>
#include <stdio.h>

int winpr_event(void);

static int own_file(void)
{
    HANDLE file = CreateFileA("/dev/null", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                              FILE_ATTRIBUTE_NORMAL, NULL);

    if (file == INVALID_HANDLE_VALUE || !CloseHandle(file))
        return 1;
    SetLastError(0);
    return CloseHandle(NULL) || GetLastError() != ERROR_INVALID_HANDLE ? 2 : 0;
}

/* WinPR's packages have other sizes: the table that LoadLibrary() leads to is ours. */
static int own_table(void)
{
    INIT_SECURITY_INTERFACE_A init = (INIT_SECURITY_INTERFACE_A)GetProcAddress(
        LoadLibraryA("secur32.dll"), "InitSecurityInterfaceA");
    PSecurityFunctionTableA table = init == NULL ? NULL : init();
    PSecPkgInfoA package;
    int wrong;

    if (table == NULL ||
        table->QuerySecurityPackageInfoA((SEC_CHAR *)"Kerberos", &package) != SEC_E_OK)
        return 1;
    wrong = package->cbMaxToken != 48000;
    table->FreeContextBuffer(package);
    return wrong ? 2 : 0;
}

int main(void)
{
    int file = own_file(), event = winpr_event(), table = own_table();

    printf("file %d, event %d, table %d\n", file, event, table);
    return file == 0 && event == 0 && table == 0 ? 0 : 1;
}
