/* SPDX-License-Identifier: MIT */
/*
 * The few dozen functions of Windows' kernel32 and advapi32 that SSPI programs call. They do what
 * Windows documents, or fail with the error named here; none of them only looks as if it worked.
 *
 * Each plain name is a macro for a function sspi_Name of this library: names such as CloseHandle
 * are exported by other libraries too, and theirs stay theirs.
 *
 * A BOOL function returns TRUE, or FALSE and sets GetLastError(). A strings are UTF-8.
 */
#ifndef GSS_SSPI_WINBASE_H
#define GSS_SSPI_WINBASE_H

#include <stdarg.h>
#include <string.h>

#include "winerror.h"
#include "winnt.h"

#ifdef __cplusplus
extern "C" {
#endif

#define INFINITE 0xffffffff

/* --- Errors --------------------------------------------------------------------------------- */

/* This thread's last error. A call that succeeds leaves it as it was. */
DWORD sspi_GetLastError(void);
void sspi_SetLastError(DWORD dwErrCode);
#define GetLastError sspi_GetLastError
#define SetLastError sspi_SetLastError

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS  0x00000200
#define FORMAT_MESSAGE_FROM_STRING     0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE    0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM     0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY  0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK  0x000000FF

/*
 * The text of an error: a SECURITY_STATUS or other HRESULT, a Win32 error or a WSAE* one. It is
 * English, whatever dwLanguageId says, and ends with "\r\n" (with a space under
 * FORMAT_MESSAGE_MAX_WIDTH_MASK).
 *
 * dwFlags    needs FORMAT_MESSAGE_FROM_SYSTEM; FROM_STRING is ERROR_CALL_NOT_IMPLEMENTED, and
 *            FROM_HMODULE finds nothing of its own. The texts have no inserts.
 * lpBuffer   room for nSize characters; with FORMAT_MESSAGE_ALLOCATE_BUFFER the address of a
 *            pointer, cast, which gets at least nSize characters to be freed with LocalFree()
 *
 * Returns the length in characters without the terminator, or 0: ERROR_MR_MID_NOT_FOUND for a code
 * that has no text, ERROR_INSUFFICIENT_BUFFER.
 */
DWORD sspi_FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                          LPSTR lpBuffer, DWORD nSize, va_list *Arguments);
DWORD sspi_FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId, DWORD dwLanguageId,
                          LPWSTR lpBuffer, DWORD nSize, va_list *Arguments);
#define FormatMessageA sspi_FormatMessageA
#define FormatMessageW sspi_FormatMessageW
#define FormatMessage  SSPI_AW(sspi_FormatMessage)

/* --- Libraries ------------------------------------------------------------------------------ */

#define DONT_RESOLVE_DLL_REFERENCES      0x00000001
#define LOAD_LIBRARY_AS_DATAFILE         0x00000002
#define LOAD_WITH_ALTERED_SEARCH_PATH    0x00000008
#define LOAD_LIBRARY_SEARCH_SYSTEM32     0x00000800
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS 0x00001000

/*
 * Loads a library. The names of Windows' security libraries (secur32, security, sspicli, schannel,
 * crypt32, ncrypt, bcrypt, credui) and of kernel32, advapi32 and ntdll, in any case, with or
 * without path and ".dll", mean this library; any other name is what dlopen(3) is given. dwFlags
 * may be the search flags, which change nothing; the others are ERROR_NOT_SUPPORTED. hFile is NULL.
 * NULL with ERROR_MOD_NOT_FOUND: there is no such library.
 */
HMODULE sspi_LoadLibraryA(LPCSTR lpLibFileName);
HMODULE sspi_LoadLibraryW(LPCWSTR lpLibFileName);
HMODULE sspi_LoadLibraryExA(LPCSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
HMODULE sspi_LoadLibraryExW(LPCWSTR lpLibFileName, HANDLE hFile, DWORD dwFlags);
#define LoadLibraryA   sspi_LoadLibraryA
#define LoadLibraryW   sspi_LoadLibraryW
#define LoadLibrary    SSPI_AW(sspi_LoadLibrary)
#define LoadLibraryExA sspi_LoadLibraryExA
#define LoadLibraryExW sspi_LoadLibraryExW
#define LoadLibraryEx  SSPI_AW(sspi_LoadLibraryEx)

/*
 * The same for a library that is loaded already, without a reference; NULL is the program itself.
 */
HMODULE sspi_GetModuleHandleA(LPCSTR lpModuleName);
HMODULE sspi_GetModuleHandleW(LPCWSTR lpModuleName);
#define GetModuleHandleA sspi_GetModuleHandleA
#define GetModuleHandleW sspi_GetModuleHandleW
#define GetModuleHandle  SSPI_AW(sspi_GetModuleHandle)

/*
 * The address of an exported function. In this library: what secur32 exports, and by Windows' name
 * what windows.h offers ("CloseHandle"). NULL with ERROR_PROC_NOT_FOUND, always so for an ordinal.
 */
FARPROC sspi_GetProcAddress(HMODULE hModule, LPCSTR lpProcName);
#define GetProcAddress sspi_GetProcAddress

BOOL sspi_FreeLibrary(HMODULE hLibModule);
#define FreeLibrary sspi_FreeLibrary

/* --- Memory --------------------------------------------------------------------------------- */

#define LMEM_FIXED    0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR          (LMEM_FIXED | LMEM_ZEROINIT)
#define LHND          (LMEM_MOVEABLE | LMEM_ZEROINIT)
#define GMEM_FIXED    LMEM_FIXED
#define GMEM_MOVEABLE LMEM_MOVEABLE
#define GMEM_ZEROINIT LMEM_ZEROINIT
#define GPTR          LPTR
#define GHND          LHND

/* Memory from malloc(3); nothing moves. LocalFree() takes NULL and returns NULL. */
HLOCAL sspi_LocalAlloc(UINT uFlags, SIZE_T uBytes);
HLOCAL sspi_LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags);
HLOCAL sspi_LocalFree(HLOCAL hMem);
#define LocalAlloc    sspi_LocalAlloc
#define LocalReAlloc  sspi_LocalReAlloc
#define LocalFree     sspi_LocalFree
#define GlobalAlloc   sspi_LocalAlloc
#define GlobalReAlloc sspi_LocalReAlloc
#define GlobalFree    sspi_LocalFree

#define HEAP_NO_SERIALIZE        0x00000001
#define HEAP_GENERATE_EXCEPTIONS 0x00000004 /* there are none: NULL is returned */
#define HEAP_ZERO_MEMORY         0x00000008

/* One heap, the process's. HeapReAlloc() with HEAP_ZERO_MEMORY is ERROR_NOT_SUPPORTED: sizes are
 * unknown. */
HANDLE sspi_GetProcessHeap(void);
LPVOID sspi_HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes);
LPVOID sspi_HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes);
BOOL sspi_HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem);
#define GetProcessHeap sspi_GetProcessHeap
#define HeapAlloc      sspi_HeapAlloc
#define HeapReAlloc    sspi_HeapReAlloc
#define HeapFree       sspi_HeapFree

#define CopyMemory(target, source, size) memcpy((target), (source), (size))
#define MoveMemory(target, source, size) memmove((target), (source), (size))
#define FillMemory(target, size, octet)  memset((target), (octet), (size))
#define ZeroMemory(target, size)         memset((target), 0, (size))
#define RtlCopyMemory                    CopyMemory
#define RtlMoveMemory                    MoveMemory
#define RtlFillMemory                    FillMemory
#define RtlZeroMemory                    ZeroMemory

/* Wipes memory; no compiler leaves it out. */
PVOID sspi_SecureZeroMemory(PVOID ptr, SIZE_T cnt);
#define SecureZeroMemory    sspi_SecureZeroMemory
#define RtlSecureZeroMemory sspi_SecureZeroMemory

/* --- Handles and files ---------------------------------------------------------------------- */

#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)

/* Gives up a file or an access token. ERROR_INVALID_HANDLE for NULL and the handles of this
 * process. */
BOOL sspi_CloseHandle(HANDLE hObject);
#define CloseHandle sspi_CloseHandle

#define CREATE_NEW        1
#define CREATE_ALWAYS     2
#define OPEN_EXISTING     3
#define OPEN_ALWAYS       4
#define TRUNCATE_EXISTING 5

#define FILE_FLAG_BACKUP_SEMANTICS 0x02000000
#define FILE_FLAG_DELETE_ON_CLOSE  0x04000000
#define FILE_FLAG_SEQUENTIAL_SCAN  0x08000000
#define FILE_FLAG_RANDOM_ACCESS    0x10000000
#define FILE_FLAG_NO_BUFFERING     0x20000000
#define FILE_FLAG_OVERLAPPED       0x40000000
#define FILE_FLAG_WRITE_THROUGH    0x80000000

#define INVALID_FILE_SIZE 0xffffffff
#define FILE_BEGIN        0
#define FILE_CURRENT      1
#define FILE_END          2

/* Only its place in the prototypes: every call is synchronous, and wants NULL. */
typedef struct _OVERLAPPED OVERLAPPED, *LPOVERLAPPED;

/*
 * Opens a file; the name is a path of this system. A new file gets the permissions that umask(2)
 * leaves. dwShareMode is not enforced, as no Unix file system does. lpSecurityAttributes may be
 * NULL or say whether programs this one starts inherit the file. FILE_FLAG_WRITE_THROUGH makes
 * writes synchronous; OVERLAPPED, DELETE_ON_CLOSE, NO_BUFFERING and hTemplateFile are
 * ERROR_NOT_SUPPORTED, other flags are hints. INVALID_HANDLE_VALUE on failure. After CREATE_ALWAYS
 * and OPEN_ALWAYS GetLastError() is ERROR_ALREADY_EXISTS when the file was there, else 0.
 */
HANDLE sspi_CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                        LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
                        DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
HANDLE sspi_CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                        LPSECURITY_ATTRIBUTES lpSecurityAttributes, DWORD dwCreationDisposition,
                        DWORD dwFlagsAndAttributes, HANDLE hTemplateFile);
#define CreateFileA sspi_CreateFileA
#define CreateFileW sspi_CreateFileW
#define CreateFile  SSPI_AW(sspi_CreateFile)

/*
 * Reads or writes once; at the end of the file a read succeeds with 0 bytes. lpOverlapped is NULL.
 */
BOOL sspi_ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
                   LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped);
BOOL sspi_WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
                    LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped);
#define ReadFile  sspi_ReadFile
#define WriteFile sspi_WriteFile

/* The size in bytes; GetFileSize() gives the lower half, INVALID_FILE_SIZE on failure. */
BOOL sspi_GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize);
DWORD sspi_GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh);
#define GetFileSizeEx sspi_GetFileSizeEx
#define GetFileSize   sspi_GetFileSize

/*
 * Moves the place of the next read or write; dwMoveMethod is FILE_BEGIN, FILE_CURRENT or FILE_END.
 */
BOOL sspi_SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
                           PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod);
#define SetFilePointerEx sspi_SetFilePointerEx

/* --- Time ----------------------------------------------------------------------------------- */

void sspi_GetSystemTime(LPSYSTEMTIME lpSystemTime); /* UTC */
void sspi_GetLocalTime(LPSYSTEMTIME lpSystemTime);
void sspi_GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime);
#define GetSystemTime           sspi_GetSystemTime
#define GetLocalTime            sspi_GetLocalTime
#define GetSystemTimeAsFileTime sspi_GetSystemTimeAsFileTime

/* Between the two forms, from 1601 to 30827; ERROR_INVALID_PARAMETER outside of it. */
BOOL sspi_FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime);
BOOL sspi_SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime);
#define FileTimeToSystemTime sspi_FileTimeToSystemTime
#define SystemTimeToFileTime sspi_SystemTimeToFileTime

/*
 * Between UTC and local time, by the offset of today: as on Windows, not by that of the time given.
 */
BOOL sspi_FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime);
BOOL sspi_LocalFileTimeToFileTime(const FILETIME *lpLocalFileTime, LPFILETIME lpFileTime);
#define FileTimeToLocalFileTime sspi_FileTimeToLocalFileTime
#define LocalFileTimeToFileTime sspi_LocalFileTimeToFileTime

/* -1, 0 or 1. */
LONG sspi_CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2);
#define CompareFileTime sspi_CompareFileTime

/* Milliseconds since the machine started; the 32-bit one wraps after 49 days. */
DWORD sspi_GetTickCount(void);
ULONGLONG sspi_GetTickCount64(void);
#define GetTickCount   sspi_GetTickCount
#define GetTickCount64 sspi_GetTickCount64

/* INFINITE sleeps for ever. */
void sspi_Sleep(DWORD dwMilliseconds);
#define Sleep sspi_Sleep

/* --- Critical sections ---------------------------------------------------------------------- */

/* A recursive lock of this process; room for the C library's own. */
typedef struct _RTL_CRITICAL_SECTION {
    PVOID Opaque[8];
} RTL_CRITICAL_SECTION, CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;

void sspi_InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
void sspi_EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
BOOL sspi_TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
void sspi_LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
void sspi_DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection);
#define InitializeCriticalSection sspi_InitializeCriticalSection
#define EnterCriticalSection      sspi_EnterCriticalSection
#define TryEnterCriticalSection   sspi_TryEnterCriticalSection
#define LeaveCriticalSection      sspi_LeaveCriticalSection
#define DeleteCriticalSection     sspi_DeleteCriticalSection

/* --- Who and where -------------------------------------------------------------------------- */

#define MAX_COMPUTERNAME_LENGTH 255 /* 15 on Windows: host names are longer */

/*
 * The user this thread acts for: an impersonated client's name, else that of the process's user id.
 * *pcbBuffer and *nSize are the room in characters; what is written back is the length, with the
 * terminator for the user's name and without it for the computer's. FALSE when it is too small,
 * with ERROR_INSUFFICIENT_BUFFER (user) or ERROR_BUFFER_OVERFLOW (computer) and what is needed.
 */
BOOL sspi_GetUserNameA(LPSTR lpBuffer, LPDWORD pcbBuffer);
BOOL sspi_GetUserNameW(LPWSTR lpBuffer, LPDWORD pcbBuffer);
#define GetUserNameA sspi_GetUserNameA
#define GetUserNameW sspi_GetUserNameW
#define GetUserName  SSPI_AW(sspi_GetUserName)

BOOL sspi_GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize);
BOOL sspi_GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize);
#define GetComputerNameA sspi_GetComputerNameA
#define GetComputerNameW sspi_GetComputerNameW
#define GetComputerName  SSPI_AW(sspi_GetComputerName)

/*
 * The version whose SSPI this is: 6.2 on VER_PLATFORM_WIN32_NT, which is what Windows 8 and all
 * later ones tell a program that does not name them. szCSDVersion says that it is gss-sspi.
 */
BOOL sspi_GetVersionExA(LPOSVERSIONINFOA lpVersionInformation);
BOOL sspi_GetVersionExW(LPOSVERSIONINFOW lpVersionInformation);
#define GetVersionExA sspi_GetVersionExA
#define GetVersionExW sspi_GetVersionExW
#define GetVersionEx  SSPI_AW(sspi_GetVersionEx)

/*
 * The true one, 10.0.22000: Windows 11, whose Schannel knows TLS 1.3. Programs look it up in
 * ntdll.dll; no header of the SDK declares it. STATUS_INVALID_PARAMETER: the size is too small.
 */
NTSTATUS sspi_RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation);

/* --- Access tokens -------------------------------------------------------------------------- */

/* These stand for the caller itself; of the functions here only OpenThreadToken() takes one. */
HANDLE sspi_GetCurrentProcess(void);
HANDLE sspi_GetCurrentThread(void);
DWORD sspi_GetCurrentProcessId(void);
DWORD sspi_GetCurrentThreadId(void);
#define GetCurrentProcess   sspi_GetCurrentProcess
#define GetCurrentThread    sspi_GetCurrentThread
#define GetCurrentProcessId sspi_GetCurrentProcessId
#define GetCurrentThreadId  sspi_GetCurrentThreadId

/*
 * Makes this thread act as a token's client: see ImpersonateSecurityContext() in sspi.h for what
 * that means here. SetThreadToken() takes NULL as Thread and, as Token, NULL to revert.
 */
BOOL sspi_ImpersonateLoggedOnUser(HANDLE hToken);
BOOL sspi_RevertToSelf(void);
BOOL sspi_SetThreadToken(PHANDLE Thread, HANDLE Token);
#define ImpersonateLoggedOnUser sspi_ImpersonateLoggedOnUser
#define RevertToSelf            sspi_RevertToSelf
#define SetThreadToken          sspi_SetThreadToken

/*
 * The token of this thread, to be closed with CloseHandle(). ERROR_NO_TOKEN: it acts for nobody.
 * ERROR_INVALID_HANDLE: another thread's. The access asked for is not checked: a token may be
 * looked at and impersonated by whoever holds it.
 */
BOOL sspi_OpenThreadToken(HANDLE ThreadHandle, DWORD DesiredAccess, BOOL OpenAsSelf,
                          PHANDLE TokenHandle);
#define OpenThreadToken sspi_OpenThreadToken

/*
 * One more handle of a token. The level may be the token's own, and SecurityImpersonation for one
 * that has SecurityDelegation; others are ERROR_BAD_IMPERSONATION_LEVEL.
 */
BOOL sspi_DuplicateToken(HANDLE ExistingTokenHandle,
                         SECURITY_IMPERSONATION_LEVEL ImpersonationLevel,
                         PHANDLE DuplicateTokenHandle);
#define DuplicateToken sspi_DuplicateToken

/*
 * Tells about a token: TokenUser (a TOKEN_USER with the SID behind it), TokenType,
 * TokenImpersonationLevel. Others are ERROR_INVALID_PARAMETER. *ReturnLength is the size that is
 * needed; ERROR_INSUFFICIENT_BUFFER when that is more than TokenInformationLength.
 *
 * The SID is the one the client's authority gave, or the local account's (S-1-22-1-uid). Where
 * there is neither, it holds the name itself, under the authority Windows leaves to applications:
 * S-1-9-length-name. LookupAccountSid() reads both back. ERROR_NONE_MAPPED: the name is too long
 * for that.
 */
BOOL sspi_GetTokenInformation(HANDLE TokenHandle, TOKEN_INFORMATION_CLASS TokenInformationClass,
                              LPVOID TokenInformation, DWORD TokenInformationLength,
                              PDWORD ReturnLength);
#define GetTokenInformation sspi_GetTokenInformation

/* --- Security identifiers ------------------------------------------------------------------- */

BOOL sspi_IsValidSid(PSID pSid);
DWORD sspi_GetLengthSid(PSID pSid); /* bytes */
BOOL sspi_EqualSid(PSID pSid1, PSID pSid2);
BOOL sspi_CopySid(DWORD nDestinationSidLength, PSID pDestinationSid, PSID pSourceSid);
#define IsValidSid   sspi_IsValidSid
#define GetLengthSid sspi_GetLengthSid
#define EqualSid     sspi_EqualSid
#define CopySid      sspi_CopySid

/*
 * The account of a SID that GetTokenInformation() gave, split into name and domain (of alice@REALM
 * the realm is the domain; of a local account the host). lpSystemName is NULL. *cchName and
 * *cchReferencedDomainName are the room in characters with terminator and become the lengths
 * without; when either is too small both say what is needed (ERROR_INSUFFICIENT_BUFFER).
 * ERROR_NONE_MAPPED: not known.
 */
BOOL sspi_LookupAccountSidA(LPCSTR lpSystemName, PSID Sid, LPSTR Name, LPDWORD cchName,
                            LPSTR ReferencedDomainName, LPDWORD cchReferencedDomainName,
                            PSID_NAME_USE peUse);
BOOL sspi_LookupAccountSidW(LPCWSTR lpSystemName, PSID Sid, LPWSTR Name, LPDWORD cchName,
                            LPWSTR ReferencedDomainName, LPDWORD cchReferencedDomainName,
                            PSID_NAME_USE peUse);
#define LookupAccountSidA sspi_LookupAccountSidA
#define LookupAccountSidW sspi_LookupAccountSidW
#define LookupAccountSid  SSPI_AW(sspi_LookupAccountSid)

#ifdef __cplusplus
}
#endif

#endif
