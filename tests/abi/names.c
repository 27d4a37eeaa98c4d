/* SPDX-License-Identifier: MIT */
/*
 * The part of Windows besides SSPI that the programs people port use: each type, macro and function
 * is named once. It compiles for Windows too, where it says the same.
 */
#define SECURITY_WIN32
#ifdef _WIN32
#include <winsock2.h>
#include <windows.h>
#include <lmcons.h>
#include <ntsecapi.h>
#include <sddl.h>
#include <security.h>
#else
#include <WinSock2.h>
#include <Windows.h>
#include <Lmcons.h>
#include <NTSecAPI.h>
#include <Sddl.h>
#include <Security.h>
#endif
#include <stdio.h>
#include <string.h>
#include <tchar.h>

#define SIZE(type, octets) _Static_assert(sizeof(type) == (octets), #type)

SIZE(BOOL, 4);
SIZE(BOOLEAN, 1);
SIZE(BYTE, 1);
SIZE(CHAR, 1);
SIZE(DWORD, 4);
SIZE(DWORDLONG, 8);
SIZE(FILETIME, 8);
SIZE(HANDLE, sizeof(void *));
SIZE(HINSTANCE, sizeof(void *));
SIZE(HLOCAL, sizeof(void *));
SIZE(HMODULE, sizeof(void *));
SIZE(HRESULT, 4);
SIZE(INT, 4);
SIZE(LARGE_INTEGER, 8);
SIZE(LONG, 4);
SIZE(LONGLONG, 8);
SIZE(LPBYTE, sizeof(void *));
SIZE(LPCSTR, sizeof(void *));
SIZE(LPCTSTR, sizeof(void *));
SIZE(LPCWSTR, sizeof(void *));
SIZE(LPDWORD, sizeof(void *));
SIZE(LPSTR, sizeof(void *));
SIZE(LPTSTR, sizeof(void *));
SIZE(LPVOID, sizeof(void *));
SIZE(LPWSTR, sizeof(void *));
SIZE(LUID, 8);
SIZE(NTSTATUS, 4);
SIZE(PBYTE, sizeof(void *));
SIZE(PCHAR, sizeof(void *));
SIZE(PULONG, sizeof(void *));
SIZE(PVOID, sizeof(void *));
SIZE(SECURITY_STATUS, 4);
SIZE(SHORT, 2);
SIZE(SIZE_T, sizeof(void *));
SIZE(SYSTEMTIME, 16);
SIZE(TCHAR, sizeof(TEXT("")));
SIZE(UCHAR, 1);
SIZE(UINT, 4);
SIZE(ULARGE_INTEGER, 8);
SIZE(ULONG, 4);
SIZE(ULONG_PTR, sizeof(void *));
SIZE(ULONGLONG, 8);
SIZE(USHORT, 2);
SIZE(WCHAR, 2);
SIZE(WORD, 2);
_Static_assert((SOCKET)INVALID_SOCKET + 1 == 0, "SOCKET");

/* Macros: what a program says with them. */
static CONST WORD language = MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT);
static CONST DWORD numbers[] = {
    CP_ACP,
    CP_UTF8,
    MB_ERR_INVALID_CHARS,
    FORMAT_MESSAGE_ALLOCATE_BUFFER,
    FORMAT_MESSAGE_FROM_SYSTEM,
    FORMAT_MESSAGE_IGNORE_INSERTS,
    FORMAT_MESSAGE_FROM_HMODULE,
    FORMAT_MESSAGE_MAX_WIDTH_MASK,
    GENERIC_READ,
    FILE_SHARE_READ,
    OPEN_EXISTING,
    FILE_ATTRIBUTE_NORMAL,
    LMEM_FIXED,
    LMEM_ZEROINIT,
    VER_PLATFORM_WIN32_NT,
    MAX_PATH,
    UNLEN,
    WSAEWOULDBLOCK,
    (DWORD)SOCKET_ERROR,
    TRUE,
    FALSE,
    INFINITE,
    HEAP_ZERO_MEMORY,
    FIELD_OFFSET(SYSTEMTIME, wMilliseconds),
};

static VOID WINAPI use(IN CONST VOID FAR *source, OUT PVOID target, SIZE_T size)
{
    CopyMemory(target, source, size);
    MoveMemory(target, source, size);
    ZeroMemory(target, size);
    SecureZeroMemory(target, size);
}

typedef void (*function)(void);
#define FUNCTION(name)                                                                             \
    {                                                                                              \
#name, (function)name                                                                      \
    }

static const struct {
    const char *name;
    function address;
} functions[] = {
    FUNCTION(CloseHandle),
    FUNCTION(CreateFileA),
    FUNCTION(CreateFileW),
    FUNCTION(DeleteCriticalSection),
    FUNCTION(EnterCriticalSection),
    FUNCTION(FileTimeToSystemTime),
    FUNCTION(FormatMessageA),
    FUNCTION(FormatMessageW),
    FUNCTION(FreeLibrary),
    FUNCTION(GetFileSizeEx),
    FUNCTION(GetLastError),
    FUNCTION(GetModuleHandleA),
    FUNCTION(GetModuleHandleW),
    FUNCTION(GetProcAddress),
    FUNCTION(GetProcessHeap),
    FUNCTION(GetSystemTime),
    FUNCTION(GetSystemTimeAsFileTime),
    FUNCTION(GetTokenInformation),
    FUNCTION(GetUserNameA),
    FUNCTION(GetUserNameW),
    FUNCTION(GetVersionExA),
    FUNCTION(GetVersionExW),
    FUNCTION(HeapAlloc),
    FUNCTION(HeapFree),
    FUNCTION(ImpersonateLoggedOnUser),
    FUNCTION(InitializeCriticalSection),
    FUNCTION(LeaveCriticalSection),
    FUNCTION(LoadLibraryA),
    FUNCTION(LoadLibraryExA),
    FUNCTION(LoadLibraryExW),
    FUNCTION(LoadLibraryW),
    FUNCTION(LocalAlloc),
    FUNCTION(LocalFree),
    FUNCTION(MultiByteToWideChar),
    FUNCTION(ReadFile),
    FUNCTION(RevertToSelf),
    FUNCTION(SetLastError),
    FUNCTION(Sleep),
    FUNCTION(SystemTimeToFileTime),
    FUNCTION(WSACleanup),
    FUNCTION(WSAGetLastError),
    FUNCTION(WSAStartup),
    FUNCTION(WideCharToMultiByte),
    FUNCTION(closesocket),
    FUNCTION(lstrcmpA),
    FUNCTION(lstrcmpW),
    FUNCTION(lstrcpyA),
    FUNCTION(lstrcpyW),
    FUNCTION(lstrlenA),
    FUNCTION(lstrlenW),
    FUNCTION(memcpy_s),
    FUNCTION(sprintf_s),
    FUNCTION(strcpy_s),
    FUNCTION(_strdup),
    FUNCTION(_stricmp),
    FUNCTION(_tcschr),
    FUNCTION(_tcscmp),
    FUNCTION(_tcscpy),
    FUNCTION(_tcslen),
    FUNCTION(_tcsrchr),
    FUNCTION(_wcsdup),
    FUNCTION(_wcsnicmp),
    FUNCTION(wcstok_s),
    FUNCTION(swprintf_s),
#if defined(_WIN32) || __SIZEOF_WCHAR_T__ == 2
    FUNCTION(wcschr),
    FUNCTION(wcscmp),
    FUNCTION(wcslen),
    FUNCTION(wcsncmp),
#endif
    FUNCTION(CreateFile),
    FUNCTION(FormatMessage),
    FUNCTION(GetModuleHandle),
    FUNCTION(GetUserName),
    FUNCTION(GetVersionEx),
    FUNCTION(LoadLibrary),
    FUNCTION(LoadLibraryEx),
    FUNCTION(lstrcmp),
    FUNCTION(lstrcpy),
    FUNCTION(lstrlen),
};

/* As Windows programs declare what they have. */
_Success_(return != FALSE) _Must_inspect_result_ static BOOL
    annotated(_In_reads_bytes_opt_(size) const BYTE *data, _In_ DWORD size,
              _Out_writes_to_(room, *used) BYTE *target, _In_range_(1, 4) DWORD room,
              _Out_ DWORD *used, _Reserved_ void *reserved)
{
    (void)reserved;
    _Analysis_assume_(size != 0);
    *used = data == NULL ? 0 : size;
    return *used <= room && memcpy(target, data, *used) != NULL;
}

/* As programs ask that look whether there is TLS 1.3. */
static BOOL version_is_new(void)
{
    typedef LONG(WINAPI * get_version)(RTL_OSVERSIONINFOEXW *);
    HMODULE module = GetModuleHandle(_T("ntdll.dll"));
    get_version get = (get_version)(void *)GetProcAddress(module, "RtlGetVersion");
    RTL_OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof(version)};

    return get != NULL && get(&version) == 0 && version.dwMajorVersion >= 10;
}

int main(void)
{
    CRITICAL_SECTION lock;
    OSVERSIONINFO version = {.dwOSVersionInfoSize = sizeof(version)};
    TCHAR text[] = _T("SSPI");
    BYTE one[4] = {1, 2, 3, 4}, other[4];
    SOCKADDR_IN address = {.sin_family = AF_INET};
    TCHAR line[1024];
    size_t i;
    DWORD used;

    if (!annotated(one, sizeof(one), other, sizeof(other), &used, NULL) || used != sizeof(one))
        return 5;
    for (i = 0; i < ARRAYSIZE(functions); i++)
        if (functions[i].address == NULL)
            return 1;
    use(one, other, sizeof(one));
    wsprintf(line, TEXT("%s/%d"), text, 443);
    if (lstrcmp(line, TEXT("SSPI/443")) != 0)
        return 3;
    if (!version_is_new())
        return 4;
    InitializeCriticalSection(&lock);
    DeleteCriticalSection(&lock);
    if (FAILED(SEC_E_OK) || !SUCCEEDED(SEC_I_CONTINUE_NEEDED) || lstrlen(text) != 4 ||
        other[0] != 0 || address.sin_port != 0 || language != 0x400 || numbers[1] != 65001 ||
        !GetVersionEx(&version) || INVALID_HANDLE_VALUE == NULL)
        return 2;
    printf("%u names\n", (unsigned)ARRAYSIZE(functions));
    return 0;
}
