/* SPDX-License-Identifier: MIT */
/*
 * Text functions of Microsoft's C library, and the standard ones for WCHAR. Part of windows.h and
 * tchar.h.
 *
 * The C library's wcs* functions work on its own four-byte wchar_t. A program compiled with
 * -fshort-wchar, whose L"" literals are UTF-16, gets these in their place under the standard names;
 * any other program may call them as sspi_wcs* on WCHAR text. Case is that of ASCII.
 *
 * The *_s functions return 0 or an errno value: EINVAL for a NULL argument, ERANGE when the target
 * is too small. Then the target is an empty string where there is one; the program goes on, which
 * on Windows it does only with a handler for this case.
 */
#ifndef GSS_SSPI_STRING_H
#define GSS_SSPI_STRING_H

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* Before the macros below: C++ takes them back in this header. */
#ifdef __cplusplus
#include <cwchar>
#else
#include <wchar.h>
#endif

#include "windef.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef _ERRNO_T_DEFINED
#define _ERRNO_T_DEFINED
typedef int errno_t;
#endif

/* For a count: as much as fits. */
#ifndef _TRUNCATE
#define _TRUNCATE ((size_t)-1)
#endif
#ifndef STRUNCATE
#define STRUNCATE 80 /* the result when _TRUNCATE did cut */
#endif

/* --- WCHAR: the standard functions ---------------------------------------------------------- */

size_t sspi_wcslen(const WCHAR *text);
size_t sspi_wcsnlen(const WCHAR *text, size_t most);
WCHAR *sspi_wcschr(const WCHAR *text, WCHAR unit);
WCHAR *sspi_wcsrchr(const WCHAR *text, WCHAR unit);
WCHAR *sspi_wcsstr(const WCHAR *text, const WCHAR *part);
int sspi_wcscmp(const WCHAR *a, const WCHAR *b);
int sspi_wcsncmp(const WCHAR *a, const WCHAR *b, size_t most);
WCHAR *sspi_wcscpy(WCHAR *target, const WCHAR *source);
WCHAR *sspi_wcsncpy(WCHAR *target, const WCHAR *source, size_t most);
WCHAR *sspi_wcscat(WCHAR *target, const WCHAR *source);

/* --- WCHAR: Microsoft's functions ----------------------------------------------------------- */

WCHAR *sspi_wcsdup(const WCHAR *text); /* to be freed with free() */
int sspi_wcsicmp(const WCHAR *a, const WCHAR *b);
int sspi_wcsnicmp(const WCHAR *a, const WCHAR *b, size_t most);
WCHAR *sspi_wcstok_s(WCHAR *text, const WCHAR *delimiters, WCHAR **state);
errno_t sspi_wcscpy_s(WCHAR *target, size_t room, const WCHAR *source);
errno_t sspi_wcscat_s(WCHAR *target, size_t room, const WCHAR *source);
errno_t sspi_wcsncpy_s(WCHAR *target, size_t room, const WCHAR *source, size_t most);

/*
 * Writes formatted text of at most room units with its terminator. The format is Microsoft's: %s
 * and %c take WCHAR text, %hs and %S char text, %ls WCHAR; l is a 32-bit integer, ll and I64 are 64
 * bits. There is no floating point. Return the length, or -1 when it does not fit: then swprintf_s
 * leaves an empty string, _snwprintf what fits, without a terminator only if room is 0.
 */
int sspi_swprintf_s(WCHAR *target, size_t room, const WCHAR *format, ...);
int sspi_vswprintf_s(WCHAR *target, size_t room, const WCHAR *format, va_list arguments);
int sspi_snwprintf(WCHAR *target, size_t room, const WCHAR *format, ...);

#define _wcsdup     sspi_wcsdup
#define _wcsicmp    sspi_wcsicmp
#define _wcsnicmp   sspi_wcsnicmp
#define wcstok_s    sspi_wcstok_s
#define wcscpy_s    sspi_wcscpy_s
#define wcscat_s    sspi_wcscat_s
#define wcsncpy_s   sspi_wcsncpy_s
#define swprintf_s  sspi_swprintf_s
#define vswprintf_s sspi_vswprintf_s
#define _snwprintf  sspi_snwprintf

#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
#define wcslen  sspi_wcslen
#define wcsnlen sspi_wcsnlen
#define wcschr  sspi_wcschr
#define wcsrchr sspi_wcsrchr
#define wcsstr  sspi_wcsstr
#define wcscmp  sspi_wcscmp
#define wcsncmp sspi_wcsncmp
#define wcscpy  sspi_wcscpy
#define wcsncpy sspi_wcsncpy
#define wcscat  sspi_wcscat
#define wcsdup  sspi_wcsdup
#endif

/* --- char: Microsoft's functions ------------------------------------------------------------ */

char *sspi_strdup(const char *text); /* to be freed with free() */
int sspi_stricmp(const char *a, const char *b);
int sspi_strnicmp(const char *a, const char *b, size_t most);
char *sspi_strtok_s(char *text, const char *delimiters, char **state);
errno_t sspi_strcpy_s(char *target, size_t room, const char *source);
errno_t sspi_strcat_s(char *target, size_t room, const char *source);
errno_t sspi_strncpy_s(char *target, size_t room, const char *source, size_t most);

/* On failure the whole target is zeros. */
errno_t sspi_memcpy_s(void *target, size_t room, const void *source, size_t size);
errno_t sspi_memmove_s(void *target, size_t room, const void *source, size_t size);

/* As printf(3), with the results of swprintf_s and _snwprintf. */
int sspi_sprintf_s(char *target, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int sspi_vsprintf_s(char *target, size_t room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));
int sspi_snprintf(char *target, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define _strdup    sspi_strdup
#define _stricmp   sspi_stricmp
#define _strnicmp  sspi_strnicmp
#define strtok_s   sspi_strtok_s
#define strcpy_s   sspi_strcpy_s
#define strcat_s   sspi_strcat_s
#define strncpy_s  sspi_strncpy_s
#define memcpy_s   sspi_memcpy_s
#define memmove_s  sspi_memmove_s
#define sprintf_s  sspi_sprintf_s
#define vsprintf_s sspi_vsprintf_s
#define _snprintf  sspi_snprintf

/* --- Windows' own --------------------------------------------------------------------------- */

/* NULL is a string of length 0 to lstrlen() and less than any other to lstrcmp(). */
int sspi_lstrlenA(LPCSTR lpString);
int sspi_lstrlenW(LPCWSTR lpString);
int sspi_lstrcmpA(LPCSTR lpString1, LPCSTR lpString2);
int sspi_lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2);
int sspi_lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2);
int sspi_lstrcmpiW(LPCWSTR lpString1, LPCWSTR lpString2);

/* The target has room, or the program is wrong. NULL arguments give NULL. */
LPSTR sspi_lstrcpyA(LPSTR lpString1, LPCSTR lpString2);
LPWSTR sspi_lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2);
LPSTR sspi_lstrcatA(LPSTR lpString1, LPCSTR lpString2);
LPWSTR sspi_lstrcatW(LPWSTR lpString1, LPCWSTR lpString2);

/* At most iMaxLength characters with the terminator. */
LPSTR sspi_lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength);
LPWSTR sspi_lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength);

#define lstrlenA  sspi_lstrlenA
#define lstrlenW  sspi_lstrlenW
#define lstrlen   SSPI_AW(sspi_lstrlen)
#define lstrcmpA  sspi_lstrcmpA
#define lstrcmpW  sspi_lstrcmpW
#define lstrcmp   SSPI_AW(sspi_lstrcmp)
#define lstrcmpiA sspi_lstrcmpiA
#define lstrcmpiW sspi_lstrcmpiW
#define lstrcmpi  SSPI_AW(sspi_lstrcmpi)
#define lstrcpyA  sspi_lstrcpyA
#define lstrcpyW  sspi_lstrcpyW
#define lstrcpy   SSPI_AW(sspi_lstrcpy)
#define lstrcatA  sspi_lstrcatA
#define lstrcatW  sspi_lstrcatW
#define lstrcat   SSPI_AW(sspi_lstrcat)
#define lstrcpynA sspi_lstrcpynA
#define lstrcpynW sspi_lstrcpynW
#define lstrcpyn  SSPI_AW(sspi_lstrcpyn)

/* As _snprintf() and _snwprintf(), with room for 1024 characters as on Windows. */
#define wsprintfA(target, ...) sspi_snprintf((target), 1024, __VA_ARGS__)
#define wsprintfW(target, ...) sspi_snwprintf((target), 1024, __VA_ARGS__)
#define wsprintf               SSPI_AW(wsprintf)

#ifdef __cplusplus
}
#endif

#endif
