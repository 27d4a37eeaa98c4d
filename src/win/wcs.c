/* SPDX-License-Identifier: MIT */
/* The wcs* functions on 16-bit units. Case is that of ASCII. */
#include <sspi_string.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "win/win.h"

WIN_API size_t sspi_wcsnlen(const WCHAR *text, size_t most)
{
    size_t length = 0;

    while (length < most && text[length] != 0)
        length++;
    return length;
}

WIN_API size_t sspi_wcslen(const WCHAR *text)
{
    return sspi_wcsnlen(text, SIZE_MAX);
}

WIN_API WCHAR *sspi_wcschr(const WCHAR *text, WCHAR unit)
{
    for (; *text != unit; text++)
        if (*text == 0)
            return NULL;
    return (WCHAR *)(uintptr_t)text;
}

WIN_API WCHAR *sspi_wcsrchr(const WCHAR *text, WCHAR unit)
{
    const WCHAR *last = NULL;

    for (;; text++) {
        if (*text == unit)
            last = text;
        if (*text == 0)
            return (WCHAR *)(uintptr_t)last;
    }
}

WIN_API WCHAR *sspi_wcsstr(const WCHAR *text, const WCHAR *part)
{
    size_t length = sspi_wcslen(part);

    for (;; text++) {
        if (sspi_wcsncmp(text, part, length) == 0)
            return (WCHAR *)(uintptr_t)text;
        if (*text == 0)
            return NULL;
    }
}

static WCHAR unit_same(WCHAR unit)
{
    return unit;
}

static WCHAR unit_lower(WCHAR unit)
{
    return unit >= 'A' && unit <= 'Z' ? (WCHAR)(unit + ('a' - 'A')) : unit;
}

static int units_compare(const WCHAR *a, const WCHAR *b, size_t most, WCHAR (*fold)(WCHAR))
{
    for (size_t i = 0; i < most; i++) {
        WCHAR left = fold(a[i]), right = fold(b[i]);

        if (left != right)
            return left < right ? -1 : 1;
        if (left == 0)
            break;
    }
    return 0;
}

WIN_API int sspi_wcscmp(const WCHAR *a, const WCHAR *b)
{
    return units_compare(a, b, SIZE_MAX, unit_same);
}

WIN_API int sspi_wcsncmp(const WCHAR *a, const WCHAR *b, size_t most)
{
    return units_compare(a, b, most, unit_same);
}

WIN_API int sspi_wcsicmp(const WCHAR *a, const WCHAR *b)
{
    return units_compare(a, b, SIZE_MAX, unit_lower);
}

WIN_API int sspi_wcsnicmp(const WCHAR *a, const WCHAR *b, size_t most)
{
    return units_compare(a, b, most, unit_lower);
}

WIN_API WCHAR *sspi_wcscpy(WCHAR *target, const WCHAR *source)
{
    return memcpy(target, source, (sspi_wcslen(source) + 1) * sizeof(*source));
}

/* C11 7.29.4.2.2: what is left of most becomes zeros, and a longer source leaves no terminator. */
WIN_API WCHAR *sspi_wcsncpy(WCHAR *target, const WCHAR *source, size_t most)
{
    size_t length = sspi_wcsnlen(source, most);

    memcpy(target, source, length * sizeof(*source));
    memset(target + length, 0, (most - length) * sizeof(*source));
    return target;
}

WIN_API WCHAR *sspi_wcscat(WCHAR *target, const WCHAR *source)
{
    sspi_wcscpy(target + sspi_wcslen(target), source);
    return target;
}

WIN_API WCHAR *sspi_wcsdup(const WCHAR *text)
{
    size_t size = text == NULL ? 0 : (sspi_wcslen(text) + 1) * sizeof(*text);
    WCHAR *copy = text == NULL ? NULL : malloc(size);

    return copy == NULL ? NULL : memcpy(copy, text, size);
}

WIN_API WCHAR *sspi_wcstok_s(WCHAR *text, const WCHAR *delimiters, WCHAR **state)
{
    WCHAR *start = text == NULL ? *state : text;
    WCHAR *end;

    while (*start != 0 && sspi_wcschr(delimiters, *start) != NULL)
        start++;
    for (end = start; *end != 0 && sspi_wcschr(delimiters, *end) == NULL;)
        end++;
    *state = *end == 0 ? end : end + 1;
    *end = 0;
    return start == end ? NULL : start;
}

/* Appends at most most units of source at target[used]; [N1570] K.3.9.2 without its handler. */
static errno_t units_append(WCHAR *target, size_t room, size_t used, const WCHAR *source,
                            size_t most)
{
    size_t length;

    if (target == NULL || room == 0)
        return EINVAL;
    if (source == NULL || used >= room) {
        target[0] = 0;
        return EINVAL;
    }
    length = sspi_wcsnlen(source, most < room - used ? most : room - used);
    if (length >= room - used) {
        target[0] = 0;
        return ERANGE;
    }
    memmove(target + used, source, length * sizeof(*source));
    target[used + length] = 0;
    return 0;
}

WIN_API errno_t sspi_wcscpy_s(WCHAR *target, size_t room, const WCHAR *source)
{
    return units_append(target, room, 0, source, SIZE_MAX);
}

WIN_API errno_t sspi_wcscat_s(WCHAR *target, size_t room, const WCHAR *source)
{
    return units_append(target, room, target == NULL ? 0 : sspi_wcsnlen(target, room), source,
                        SIZE_MAX);
}

WIN_API errno_t sspi_wcsncpy_s(WCHAR *target, size_t room, const WCHAR *source, size_t most)
{
    bool cut =
        most == _TRUNCATE && room != 0 && source != NULL && sspi_wcsnlen(source, room) == room;
    errno_t result = units_append(target, room, 0, source, cut ? room - 1 : most);

    return cut && result == 0 ? STRUNCATE : result;
}

WIN_API int sspi_lstrlenW(LPCWSTR lpString)
{
    return lpString == NULL ? 0 : (int)sspi_wcslen(lpString);
}

static int lstr_compare(LPCWSTR a, LPCWSTR b, WCHAR (*fold)(WCHAR))
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return units_compare(a, b, SIZE_MAX, fold);
}

WIN_API int sspi_lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2)
{
    return lstr_compare(lpString1, lpString2, unit_same);
}

WIN_API int sspi_lstrcmpiW(LPCWSTR lpString1, LPCWSTR lpString2)
{
    return lstr_compare(lpString1, lpString2, unit_lower);
}

WIN_API LPWSTR sspi_lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
{
    return lpString1 == NULL || lpString2 == NULL ? NULL : sspi_wcscpy(lpString1, lpString2);
}

WIN_API LPWSTR sspi_lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
{
    return lpString1 == NULL || lpString2 == NULL ? NULL : sspi_wcscat(lpString1, lpString2);
}

WIN_API LPWSTR sspi_lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength)
{
    size_t length;

    if (lpString1 == NULL || lpString2 == NULL || iMaxLength <= 0)
        return NULL;
    length = sspi_wcsnlen(lpString2, (size_t)iMaxLength - 1);
    memmove(lpString1, lpString2, length * sizeof(*lpString2));
    lpString1[length] = 0;
    return lpString1;
}
