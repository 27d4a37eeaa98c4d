/* SPDX-License-Identifier: MIT */
/*
 * Windows' base types with Windows' widths on Linux: ULONG, LONG, DWORD and BOOL are 32 bits, WCHAR
 * is 16 bits, handles are pointers. Every other header of gss-sspi starts here.
 *
 * WCHAR is wchar_t when the program is compiled with -fshort-wchar, so that L"" literals are WCHAR
 * strings; otherwise it is the type of u"" literals. The library is the same for both. Passing a
 * text of four-byte wchar_t is a compile error, not a surprise at run time.
 *
 * WIN32, _WIN32, _WIN32_WINNT, WINVER and NTDDI_VERSION are never defined: a program that asks for
 * them finds the Unix it runs on.
 */
#ifndef GSS_SSPI_WINDEF_H
#define GSS_SSPI_WINDEF_H

#include <stddef.h>
#include <stdint.h>

#include "sal.h"
#include "sspi_neighbours.h"

#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif

/* One calling convention: the system's. */
#define WINAPI
#define APIENTRY
#define CALLBACK
#define NTAPI
#define STDMETHODCALLTYPE
#define FAR
#define NEAR
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __cdecl
#define __cdecl
#endif
#ifndef _cdecl
#define _cdecl
#endif
#ifndef __int64
#define __int64 long long
#endif

#ifndef CONST
#define CONST const
#endif
#ifndef VOID
#define VOID void
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#define MAX_PATH 260
#ifndef _MAX_PATH
#define _MAX_PATH MAX_PATH
#endif
/* For programs. The headers say 1: clang lets no array go on whose size a macro has made. */
#define ANYSIZE_ARRAY 1

/* The A or W form of a name, by UNICODE; the second joins with an underscore. */
#ifdef UNICODE
#define SSPI_AW(name)  name##W
#define SSPI_UAW(name) name##_W
#else
#define SSPI_AW(name)  name##A
#define SSPI_UAW(name) name##_A
#endif

/* --- Integers ------------------------------------------------------------------------------- */

typedef char CHAR, CCHAR, *PCHAR, *LPCH, *PCH;
typedef signed char INT8, *PINT8;
typedef unsigned char BYTE, UCHAR, UINT8, BOOLEAN;
typedef BYTE *PBYTE, *LPBYTE;
typedef UCHAR *PUCHAR;
typedef UINT8 *PUINT8;
typedef BOOLEAN *PBOOLEAN;
typedef const BYTE *LPCBYTE;

typedef int16_t SHORT, INT16, *PSHORT, *PINT16;
typedef uint16_t WORD, USHORT, UINT16, ATOM;
typedef WORD *PWORD, *LPWORD;
typedef USHORT *PUSHORT;
typedef UINT16 *PUINT16;

typedef int INT, BOOL, *PINT, *LPINT, *PBOOL, *LPBOOL;
typedef unsigned int UINT, *PUINT, *LPUINT;
typedef int32_t LONG, INT32, LONG32, *PLONG, *LPLONG, *PINT32, *PLONG32;
typedef uint32_t DWORD, ULONG, UINT32, ULONG32, DWORD32;
typedef DWORD *PDWORD, *LPDWORD, *PDWORD32;
typedef ULONG *PULONG, *LPULONG, *PULONG32;
typedef UINT32 *PUINT32;

typedef long long LONGLONG, INT64, LONG64, *PLONGLONG, *PINT64, *PLONG64;
typedef unsigned long long ULONGLONG, DWORDLONG, UINT64, ULONG64, DWORD64;
typedef ULONGLONG *PULONGLONG;
typedef DWORDLONG *PDWORDLONG;
typedef UINT64 *PUINT64;
typedef ULONG64 *PULONG64;
typedef DWORD64 *PDWORD64;

typedef intptr_t INT_PTR, LONG_PTR, *PINT_PTR, *PLONG_PTR;
typedef uintptr_t UINT_PTR, ULONG_PTR, DWORD_PTR, *PUINT_PTR, *PULONG_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;

typedef float FLOAT;
typedef double DOUBLE;

typedef void *PVOID, *LPVOID;
typedef const void *LPCVOID;

/* Status codes: an error is negative, zero and above is success. */
typedef LONG HRESULT;
typedef LONG NTSTATUS, *PNTSTATUS;
#ifndef __SECSTATUS_DEFINED__
#define __SECSTATUS_DEFINED__
typedef LONG SECURITY_STATUS;
#endif

typedef DWORD ACCESS_MASK, *PACCESS_MASK;
typedef DWORD LCID;
typedef WORD LANGID;

/* --- Text ----------------------------------------------------------------------------------- */

#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
typedef wchar_t WCHAR;
#elif defined(__cplusplus)
typedef char16_t WCHAR;
#else
typedef __CHAR16_TYPE__ WCHAR;
#endif

typedef char *PSTR, *LPSTR, *NPSTR;
typedef const char *PCSTR, *LPCSTR, *LPCCH, *PCCH;
typedef WCHAR *PWCHAR, *PWSTR, *LPWSTR, *PWCH, *LPWCH, *BSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR, *LPCWCH, *PCWCH;

/*
 * TEXT("") follows UNICODE. SSPI_W("") is a WCHAR literal however the program was compiled; Windows
 * has no such macro because there L"" always is one.
 */
#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
#define SSPI_W_(quote) L##quote
#else
#define SSPI_W_(quote) u##quote
#endif
#define SSPI_W(quote) SSPI_W_(quote)

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR;
typedef LPWSTR LPTSTR, PTSTR, LPTCH;
typedef LPCWSTR LPCTSTR, PCTSTR;
#define __TEXT(quote) SSPI_W_(quote)
#else
typedef char TCHAR, *PTCHAR;
typedef LPSTR LPTSTR, PTSTR, LPTCH;
typedef LPCSTR LPCTSTR, PCTSTR;
#define __TEXT(quote) quote
#endif
#define TEXT(quote) __TEXT(quote)

/* --- Handles -------------------------------------------------------------------------------- */

typedef void *HANDLE, **PHANDLE, **LPHANDLE;
typedef HANDLE HINSTANCE, HMODULE, HLOCAL, HGLOBAL, HKEY, HWND;
typedef void (*FARPROC)(void);

/* --- Structures ----------------------------------------------------------------------------- */

typedef union _LARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        LONG HighPart;
    };
    struct {
        DWORD LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    __extension__ struct {
        DWORD LowPart;
        DWORD HighPart;
    };
    struct {
        DWORD LowPart;
        DWORD HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

/* 100 ns units since 1601-01-01 UTC. */
typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;     /* 1 is January */
    WORD wDayOfWeek; /* 0 is Sunday */
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef struct _LUID {
    DWORD LowPart;
    LONG HighPart;
} LUID, *PLUID;

typedef struct _GUID {
    DWORD Data1;
    WORD Data2;
    WORD Data3;
    BYTE Data4[8];
} GUID, *LPGUID, UUID, CLSID, IID;
typedef const GUID *LPCGUID;

/* Counted strings; the lengths are in bytes and Buffer need not end with a zero. */
typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING, LSA_UNICODE_STRING, *PLSA_UNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, LSA_STRING, *PLSA_STRING;

/* --- Small macros --------------------------------------------------------------------------- */

#define LOBYTE(word)                      ((BYTE)((ULONG_PTR)(word)&0xff))
#define HIBYTE(word)                      ((BYTE)(((ULONG_PTR)(word) >> 8) & 0xff))
#define LOWORD(dword)                     ((WORD)((ULONG_PTR)(dword)&0xffff))
#define HIWORD(dword)                     ((WORD)(((ULONG_PTR)(dword) >> 16) & 0xffff))
#define MAKEWORD(low, high)               ((WORD)(((BYTE)(low)) | ((WORD)((BYTE)(high))) << 8))
#define MAKELONG(low, high)               ((LONG)(((WORD)(low)) | ((DWORD)((WORD)(high))) << 16))
#define FIELD_OFFSET(type, field)         ((LONG)offsetof(type, field))
#define ARRAYSIZE(array)                  (sizeof(array) / sizeof((array)[0]))
#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

#endif
