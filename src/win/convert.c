/* SPDX-License-Identifier: MIT */
/*
 * MultiByteToWideChar and WideCharToMultiByte. Unlike core/text.c, which is strict, these put
 * U+FFFD for what is ill-formed unless the caller asks otherwise: that is their contract.
 */
#include "win/win.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "core/text.h"

_Static_assert(sizeof(WCHAR) == sizeof(uint16_t), "a WCHAR is a unit of UTF-16");

/* One character of the source; false for an ill-formed part, which then is U+FFFD. */
typedef bool take_fn(const void *source, size_t at, size_t size, ucs4_t *character, size_t *taken);

/* Writes a character where there is room: the units it takes, or a negative number. */
typedef int put_fn(void *target, size_t at, size_t room, ucs4_t character);

static bool take_u8(const void *source, size_t at, size_t size, ucs4_t *character, size_t *taken)
{
    const uint8_t *text = (const uint8_t *)source + at;
    int units = u8_mbtoucr(character, text, size - at);

    *taken = (size_t)(units > 0 ? units : u8_mbtouc(character, text, size - at));
    if (units <= 0)
        *character = 0xfffd;
    return units > 0;
}

static bool take_u16(const void *source, size_t at, size_t size, ucs4_t *character, size_t *taken)
{
    const uint16_t *text = (const uint16_t *)source + at;
    int units = u16_mbtoucr(character, text, size - at);

    *taken = units > 0 ? (size_t)units : 1;
    if (units <= 0)
        *character = 0xfffd;
    return units > 0;
}

static int put_u8(void *target, size_t at, size_t room, ucs4_t character)
{
    return u8_uctomb((uint8_t *)target + at, character, (ptrdiff_t)room);
}

static int put_u16(void *target, size_t at, size_t room, ucs4_t character)
{
    return u16_uctomb((uint16_t *)target + at, character, (ptrdiff_t)room);
}

struct conversion {
    const void *source;
    size_t size;
    take_fn *take;
    void *target;
    size_t room; /* 0: only count */
    put_fn *put;
    bool strict;
};

static int convert(const struct conversion *c)
{
    uint16_t scratch[4]; /* as much as any character takes, in either form */
    size_t used = 0;
    size_t taken;

    for (size_t at = 0; at < c->size; at += taken) {
        ucs4_t character;
        int units;

        if (!c->take(c->source, at, c->size, &character, &taken) && c->strict)
            return win_fail(ERROR_NO_UNICODE_TRANSLATION);
        units = c->room == 0 ? c->put(scratch, 0, 4, character)
                             : c->put(c->target, used, c->room - used, character);
        if (units < 0)
            return win_fail(ERROR_INSUFFICIENT_BUFFER);
        used += (size_t)units;
        if (used > INT_MAX)
            return win_fail(ERROR_INSUFFICIENT_BUFFER);
    }
    return (int)used;
}

static bool code_page_ok(UINT page)
{
    return page == CP_ACP || page == CP_OEMCP || page == CP_THREAD_ACP || page == CP_UTF8;
}

/* What both directions refuse; sizes are as the caller gave them. */
static bool arguments_ok(const void *source, int source_size, const void *target, int target_size)
{
    return source != NULL && source != target && source_size != 0 && source_size >= -1 &&
           target_size >= 0 && (target != NULL || target_size == 0);
}

WIN_API int sspi_MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCSTR lpMultiByteStr,
                                     int cbMultiByte, LPWSTR lpWideCharStr, int cchWideChar)
{
    struct conversion c = {lpMultiByteStr,
                           0,
                           take_u8,
                           lpWideCharStr,
                           (size_t)cchWideChar,
                           put_u16,
                           (dwFlags & MB_ERR_INVALID_CHARS) != 0};

    if (!code_page_ok(CodePage) ||
        !arguments_ok(lpMultiByteStr, cbMultiByte, lpWideCharStr, cchWideChar))
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwFlags & ~(DWORD)(MB_ERR_INVALID_CHARS | MB_PRECOMPOSED))
        return win_fail(ERROR_INVALID_FLAGS);
    c.size = cbMultiByte == -1 ? strlen(lpMultiByteStr) + 1 : (size_t)cbMultiByte;
    return convert(&c);
}

WIN_API int sspi_WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWSTR lpWideCharStr,
                                     int cchWideChar, LPSTR lpMultiByteStr, int cbMultiByte,
                                     LPCSTR lpDefaultChar, LPBOOL lpUsedDefaultChar)
{
    struct conversion c = {lpWideCharStr,
                           0,
                           take_u16,
                           lpMultiByteStr,
                           (size_t)cbMultiByte,
                           put_u8,
                           (dwFlags & WC_ERR_INVALID_CHARS) != 0};

    /*
     * Every character has its UTF-8, so there is never a default one; Windows wants NULL for both.
     */
    if (!code_page_ok(CodePage) ||
        !arguments_ok(lpWideCharStr, cchWideChar, lpMultiByteStr, cbMultiByte) ||
        (CodePage == CP_UTF8 && (lpDefaultChar != NULL || lpUsedDefaultChar != NULL)))
        return win_fail(ERROR_INVALID_PARAMETER);
    if (dwFlags & ~(DWORD)(WC_ERR_INVALID_CHARS | WC_NO_BEST_FIT_CHARS))
        return win_fail(ERROR_INVALID_FLAGS);
    if (lpUsedDefaultChar != NULL)
        *lpUsedDefaultChar = FALSE;
    c.size =
        cchWideChar == -1 ? u16_strlen((const uint16_t *)lpWideCharStr) + 1 : (size_t)cchWideChar;
    return convert(&c);
}

bool win_text_from_w(LPCWSTR text, char **out)
{
    SECURITY_STATUS status = text_from_w(text, out);

    if (status == SEC_E_INSUFFICIENT_MEMORY)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (status != SEC_E_OK)
        return win_fail(ERROR_INVALID_PARAMETER);
    return true;
}

DWORD win_text_length(const char *text, bool wide)
{
    int units;

    if (!wide)
        return (DWORD)strlen(text);
    units = sspi_MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    return units > 0 ? (DWORD)units - 1 : 0;
}

void win_text_copy(const char *text, bool wide, void *target)
{
    DWORD length = win_text_length(text, wide);

    if (wide)
        sspi_MultiByteToWideChar(CP_UTF8, 0, text, -1, target, (int)length + 1);
    else
        memcpy(target, text, length + 1);
}
