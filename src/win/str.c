/* SPDX-License-Identifier: MIT */
/* Microsoft's and Windows' functions on char text. Case is that of ASCII: no locale is asked. */
#include <sspi_string.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "win/win.h"

WIN_API char *sspi_strdup(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

static int ascii_lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

WIN_API int sspi_strnicmp(const char *a, const char *b, size_t most)
{
    for (size_t i = 0; i < most; i++) {
        int left = ascii_lower((unsigned char)a[i]), right = ascii_lower((unsigned char)b[i]);

        if (left != right)
            return left < right ? -1 : 1;
        if (left == 0)
            break;
    }
    return 0;
}

WIN_API int sspi_stricmp(const char *a, const char *b)
{
    return sspi_strnicmp(a, b, SIZE_MAX);
}

WIN_API char *sspi_strtok_s(char *text, const char *delimiters, char **state)
{
    return strtok_r(text, delimiters, state);
}

/* Appends at most most octets of source at target[used]; [N1570] K.3.7 without its handler. */
static errno_t text_append(char *target, size_t room, size_t used, const char *source, size_t most)
{
    size_t length;

    if (target == NULL || room == 0)
        return EINVAL;
    if (source == NULL || used >= room) {
        target[0] = '\0';
        return EINVAL;
    }
    length = strnlen(source, most < room - used ? most : room - used);
    if (length >= room - used) {
        target[0] = '\0';
        return ERANGE;
    }
    memmove(target + used, source, length);
    target[used + length] = '\0';
    return 0;
}

WIN_API errno_t sspi_strcpy_s(char *target, size_t room, const char *source)
{
    return text_append(target, room, 0, source, SIZE_MAX);
}

WIN_API errno_t sspi_strcat_s(char *target, size_t room, const char *source)
{
    return text_append(target, room, target == NULL ? 0 : strnlen(target, room), source, SIZE_MAX);
}

WIN_API errno_t sspi_strncpy_s(char *target, size_t room, const char *source, size_t most)
{
    bool cut = most == _TRUNCATE && room != 0 && source != NULL && strnlen(source, room) == room;
    errno_t result = text_append(target, room, 0, source, cut ? room - 1 : most);

    return cut && result == 0 ? STRUNCATE : result;
}

WIN_API errno_t sspi_memmove_s(void *target, size_t room, const void *source, size_t size)
{
    if (size == 0)
        return 0;
    if (target == NULL)
        return EINVAL;
    if (source == NULL || size > room) {
        memset(target, 0, room);
        return source == NULL ? EINVAL : ERANGE;
    }
    memmove(target, source, size);
    return 0;
}

WIN_API errno_t sspi_memcpy_s(void *target, size_t room, const void *source, size_t size)
{
    return sspi_memmove_s(target, room, source, size);
}

WIN_API int sspi_vsprintf_s(char *target, size_t room, const char *format, va_list arguments)
{
    int length;

    if (target == NULL || room == 0 || format == NULL) {
        errno = EINVAL;
        return -1;
    }
    length = vsnprintf(target, room, format, arguments);
    if (length < 0 || (size_t)length >= room) {
        target[0] = '\0';
        errno = ERANGE;
        return -1;
    }
    return length;
}

WIN_API int sspi_sprintf_s(char *target, size_t room, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = sspi_vsprintf_s(target, room, format, arguments);
    va_end(arguments);
    return length;
}

/* Microsoft's leaves no terminator where the text just fits; this one always does. */
WIN_API int sspi_snprintf(char *target, size_t room, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(target, room, format, arguments);
    va_end(arguments);
    return length < 0 || (room != 0 && (size_t)length >= room) ? -1 : length;
}

WIN_API int sspi_lstrlenA(LPCSTR lpString)
{
    return lpString == NULL ? 0 : (int)strlen(lpString);
}

static int lstr_compare(LPCSTR a, LPCSTR b, int (*compare)(const char *, const char *))
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return compare(a, b);
}

WIN_API int sspi_lstrcmpA(LPCSTR lpString1, LPCSTR lpString2)
{
    return lstr_compare(lpString1, lpString2, strcmp);
}

WIN_API int sspi_lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2)
{
    return lstr_compare(lpString1, lpString2, sspi_stricmp);
}

WIN_API LPSTR sspi_lstrcpyA(LPSTR lpString1, LPCSTR lpString2)
{
    return lpString1 == NULL || lpString2 == NULL ? NULL : strcpy(lpString1, lpString2);
}

WIN_API LPSTR sspi_lstrcatA(LPSTR lpString1, LPCSTR lpString2)
{
    return lpString1 == NULL || lpString2 == NULL ? NULL : strcat(lpString1, lpString2);
}

WIN_API LPSTR sspi_lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength)
{
    size_t length;

    if (lpString1 == NULL || lpString2 == NULL || iMaxLength <= 0)
        return NULL;
    length = strnlen(lpString2, (size_t)iMaxLength - 1);
    memmove(lpString1, lpString2, length);
    lpString1[length] = '\0';
    return lpString1;
}
