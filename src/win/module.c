/* SPDX-License-Identifier: MIT */
/*
 * Libraries: the names of Windows' security libraries mean this one, others go to dlopen(3). An
 * HMODULE is what dlopen() gave.
 */
#include "win/win.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

/* The libraries this one stands for; kernel32, advapi32 and ntdll for what winbase.h offers. */
static const char *const own_names[] = {"secur32", "security", "sspicli",  "schannel",
                                        "crypt32", "ncrypt",   "bcrypt",   "credui",
                                        "credssp", "kernel32", "advapi32", "ntdll"};

/* Whether a name, with or without folder and ".dll", is one of those. */
static bool is_own_name(const char *name)
{
    const char *slash = strpbrk(name, "/\\");
    size_t length;

    for (; slash != NULL; slash = strpbrk(name, "/\\"))
        name = slash + 1;
    length = strlen(name);
    if (length > 4 && text_equal_nocase(name + length - 4, ".dll"))
        length -= 4;
    for (size_t i = 0; i < ARRAYSIZE(own_names); i++)
        if (strlen(own_names[i]) == length && text_equal_nocase_n(own_names[i], name, length))
            return true;
    return false;
}

/* Where this code lies: the library's file, or the program that it is linked into. */
static bool own_place(Dl_info *place)
{
    return dladdr((void *)(uintptr_t)&own_place, place) != 0;
}

/* A new reference to this library; mode is 0 or RTLD_NOLOAD. */
static void *own_open(void)
{
    Dl_info place;
    void *handle = own_place(&place) ? dlopen(place.dli_fname, RTLD_NOW | RTLD_NOLOAD) : NULL;

    /* dlopen() does not find a program by its file name. */
    return handle != NULL ? handle : dlopen(NULL, RTLD_NOW);
}

static HMODULE open_module(const char *name, int mode)
{
    void *handle;

    if (name == NULL || *name == '\0') {
        win_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    handle = is_own_name(name) ? own_open() : dlopen(name, RTLD_NOW | RTLD_LOCAL | mode);
    if (handle == NULL)
        win_fail(ERROR_MOD_NOT_FOUND);
    return handle;
}

/* Flags that ask for a file as data, or unresolved, would give something else than they promise. */
#define LOAD_FLAGS_KNOWN                                                                           \
    (LOAD_WITH_ALTERED_SEARCH_PATH | LOAD_LIBRARY_SEARCH_SYSTEM32 |                                \
     LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)

WIN_API HMODULE sspi_LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags)
{
    if (hFile != NULL || (dwFlags & ~(DWORD)LOAD_FLAGS_KNOWN)) {
        win_fail(hFile != NULL ? ERROR_INVALID_PARAMETER : ERROR_NOT_SUPPORTED);
        return NULL;
    }
    return open_module(lpLibFileName, 0);
}

WIN_API HMODULE sspi_LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags)
{
    HMODULE module;
    char *name;

    if (!win_text_from_w(lpLibFileName, &name))
        return NULL;
    module = sspi_LoadLibraryExA(name, hFile, dwFlags);
    free(name);
    return module;
}

WIN_API HMODULE sspi_LoadLibraryA(LPCSTR lpLibFileName)
{
    return sspi_LoadLibraryExA(lpLibFileName, NULL, 0);
}

WIN_API HMODULE sspi_LoadLibraryW(LPCWSTR lpLibFileName)
{
    return sspi_LoadLibraryExW(lpLibFileName, NULL, 0);
}

WIN_API HMODULE sspi_GetModuleHandleA(LPCSTR lpModuleName)
{
    void *handle =
        lpModuleName == NULL ? dlopen(NULL, RTLD_NOW) : open_module(lpModuleName, RTLD_NOLOAD);

    /* It stays loaded by whoever loaded it; this call takes no reference. */
    if (handle != NULL)
        dlclose(handle);
    return handle;
}

WIN_API HMODULE sspi_GetModuleHandleW(LPCWSTR lpModuleName)
{
    HMODULE module;
    char *name;

    if (!win_text_from_w(lpModuleName, &name))
        return NULL;
    module = sspi_GetModuleHandleA(name);
    free(name);
    return module;
}

/* dlsym() also looks into what a library needs: only what lies in this one is its own. */
static void *own_symbol(void *handle, const char *name, const Dl_info *own)
{
    void *address = dlsym(handle, name);
    Dl_info place;

    if (address == NULL || dladdr(address, &place) == 0 || place.dli_fbase != own->dli_fbase)
        return NULL;
    return address;
}

/* Windows' name of what windows.h offers is sspi_Name in here. */
static void *own_address(void *handle, const char *name, const Dl_info *own)
{
    void *address = own_symbol(handle, name, own);
    char *ours;

    if (address == NULL && asprintf(&ours, "sspi_%s", name) >= 0) {
        address = own_symbol(handle, ours, own);
        free(ours);
    }
    return address;
}

WIN_API FARPROC sspi_GetProcAddress(HMODULE hModule, LPCSTR lpProcName)
{
    void *handle = own_open();
    void *address = NULL;
    Dl_info own;

    /* A number in place of a name is an ordinal. */
    if (hModule != NULL && (ULONG_PTR)lpProcName > 0xffff && own_place(&own))
        address =
            hModule == handle ? own_address(handle, lpProcName, &own) : dlsym(hModule, lpProcName);
    if (handle != NULL)
        dlclose(handle);
    if (address == NULL)
        win_fail(ERROR_PROC_NOT_FOUND);
    return (FARPROC)(uintptr_t)address;
}

WIN_API BOOL sspi_FreeLibrary(HMODULE hLibModule)
{
    if (hLibModule == NULL || dlclose(hLibModule) != 0)
        return win_fail(ERROR_INVALID_HANDLE);
    return TRUE;
}
