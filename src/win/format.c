/* SPDX-License-Identifier: MIT */
/* FormatMessage: the text of an error, in the caller's room or in new memory. */
#include "win/win.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"

/* Room for the longest text of all tables and its end. */
#define MESSAGE_MAX 512

static const char *text_of(DWORD id)
{
    const char *text = status_text((SECURITY_STATUS)id);

    if (text == NULL || id == ERROR_SUCCESS)
        text = win_error_text(id);
    return text == NULL ? win_socket_error_text(id) : text;
}

/* The whole message in UTF-8; false with the error set. */
static bool compose(DWORD flags, DWORD id, char message[MESSAGE_MAX])
{
    bool one_line = (flags & FORMAT_MESSAGE_MAX_WIDTH_MASK) == FORMAT_MESSAGE_MAX_WIDTH_MASK;
    const char *text = text_of(id);
    int length;

    if (flags & FORMAT_MESSAGE_FROM_STRING)
        return win_fail(ERROR_CALL_NOT_IMPLEMENTED);
    if (!(flags & (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_FROM_HMODULE)))
        return win_fail(ERROR_INVALID_PARAMETER);
    if (text == NULL || !(flags & FORMAT_MESSAGE_FROM_SYSTEM))
        return win_fail(ERROR_MR_MID_NOT_FOUND);
    length = snprintf(message, MESSAGE_MAX, "%s%s", text, one_line ? " " : "\r\n");
    return length < MESSAGE_MAX ? true : win_fail(ERROR_INTERNAL_ERROR);
}

static DWORD format(DWORD flags, DWORD id, void *buffer, DWORD room, bool wide)
{
    size_t unit = wide ? sizeof(WCHAR) : 1;
    char message[MESSAGE_MAX];
    DWORD length;
    void *target = buffer;

    if (buffer == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    if (!compose(flags, id, message))
        return 0;
    length = win_text_length(message, wide);
    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
        target = calloc(room > length ? room : length + 1, unit);
        memcpy(buffer, &target, sizeof(target));
        if (target == NULL)
            return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    } else if (length >= room) {
        return win_fail(ERROR_INSUFFICIENT_BUFFER);
    }
    win_text_copy(message, wide, target);
    return length;
}

WIN_API DWORD sspi_FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                  DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
                                  va_list *Arguments)
{
    (void)lpSource, (void)dwLanguageId, (void)Arguments;
    return format(dwFlags, dwMessageId, lpBuffer, nSize, false);
}

WIN_API DWORD sspi_FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                  DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
                                  va_list *Arguments)
{
    (void)lpSource, (void)dwLanguageId, (void)Arguments;
    return format(dwFlags, dwMessageId, lpBuffer, nSize, true);
}
