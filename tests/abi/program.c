/* SPDX-License-Identifier: MIT */
/*
 * A small Windows program: it lists the security packages, once linked with the library and once
 * through the table that it finds at run time, and asks who its user is. Exits with 0 when all say
 * the same.
 */
#define SECURITY_WIN32
#include <windows.h>
#include <security.h>
#include <stdio.h>

static const char *const wanted[] = {"Kerberos", "NTLM", "Negotiate"};

static PSecurityFunctionTableA load_table(void)
{
    HMODULE library = LoadLibraryA("secur32.dll");
    INIT_SECURITY_INTERFACE_A init;

    if (library == NULL)
        return NULL;
    init = (INIT_SECURITY_INTERFACE_A)GetProcAddress(library, "InitSecurityInterfaceA");
    return init == NULL ? NULL : init();
}

static int report(const char *what, SECURITY_STATUS status)
{
    char *text = NULL;

    FormatMessageA(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM, NULL, (DWORD)status,
                   0, (LPSTR)&text, 0, NULL);
    fprintf(stderr, "%s: 0x%08x %s\n", what, (unsigned)status, text == NULL ? "" : text);
    LocalFree(text);
    return 1;
}

/* The same package, asked for in both ways. */
static int compare(PSecurityFunctionTableA table, const char *name)
{
    PSecPkgInfoA linked, loaded;
    SECURITY_STATUS status;
    int differ;

    status = QuerySecurityPackageInfoA((char *)name, &linked);
    if (status != SEC_E_OK)
        return report(name, status);
    status = table->QuerySecurityPackageInfoA((char *)name, &loaded);
    if (status != SEC_E_OK)
        return report(name, status);
    printf("%s: %lu bytes, %s\n", linked->Name, (unsigned long)linked->cbMaxToken, linked->Comment);
    differ = lstrcmpA(linked->Name, loaded->Name) != 0 || linked->cbMaxToken != loaded->cbMaxToken;
    FreeContextBuffer(linked);
    table->FreeContextBuffer(loaded);
    return differ;
}

/* DOMAIN\user ends with the user's plain name, and a small buffer is told what it lacks. */
static int compare_names(void)
{
    char plain[256], full[600], small[2];
    DWORD plain_room = sizeof(plain);
    ULONG full_room = sizeof(full), small_room = sizeof(small);

    if (!GetUserNameA(plain, &plain_room) || !GetUserNameExA(NameSamCompatible, full, &full_room))
        return report("the user's name", HRESULT_FROM_WIN32(GetLastError()));
    if (full_room <= plain_room || lstrlenA(full) != (int)full_room ||
        full[full_room - plain_room] != '\\' ||
        lstrcmpA(full + full_room - plain_room + 1, plain) != 0)
        return 1;
    return GetUserNameExA(NameSamCompatible, small, &small_room) ||
           GetLastError() != ERROR_MORE_DATA || small_room != full_room + 1;
}

int main(void)
{
    PSecurityFunctionTableA table = load_table();
    size_t i;

    if (table == NULL)
        return report("secur32.dll", (SECURITY_STATUS)GetLastError());
    for (i = 0; i < ARRAYSIZE(wanted); i++)
        if (compare(table, wanted[i]) != 0)
            return 1;
    return compare_names();
}
