/* SPDX-License-Identifier: MIT */
/* What the files behind windows.h share: errors, text at the edge, and what a HANDLE points at. */
#ifndef SSPI_WIN_WIN_H
#define SSPI_WIN_WIN_H

#include <stdbool.h>
#include <windows.h>

#include "core/object.h"

#define WIN_API __attribute__((visibility("default")))

/* FALSE, with the error set. */
BOOL win_fail(DWORD error);

/* FALSE, with the error that errno stands for. */
BOOL win_fail_errno(void);

/* The Win32 error of an errno; ERROR_GEN_FAILURE for one that has none. */
DWORD win_error_from_errno(int code);

/* A sentence for a Win32 error or a general HRESULT, and one for a WSAE* error; NULL for others. */
const char *win_error_text(DWORD error);
const char *win_socket_error_text(DWORD error);

/*
 * UTF-8 of a caller's UTF-16, to be freed; NULL with the error set. NULL stays NULL, as a success.
 */
bool win_text_from_w(LPCWSTR text, char **out);

/* Whether the last error was that there is no memory. */
static inline bool win_no_memory(void)
{
    DWORD error = sspi_GetLastError();

    return error == ERROR_NOT_ENOUGH_MEMORY || error == (DWORD)E_OUTOFMEMORY ||
           error == (DWORD)NTE_NO_MEMORY;
}

/* The error of a text that was not taken: no memory, or what the call has for a bad one. */
static inline DWORD win_text_error(SECURITY_STATUS status, DWORD bad)
{
    return status == SEC_E_INSUFFICIENT_MEMORY ? ERROR_NOT_ENOUGH_MEMORY : bad;
}

/*
 * A UTF-8 text's length in bytes, or in 16-bit units of its UTF-16, without the terminator; and a
 * copy of it with the terminator into room that is known to suffice.
 */
DWORD win_text_length(const char *text, bool wide);
void win_text_copy(const char *text, bool wide, void *target);

/* The object of a HANDLE; NULL for NULL and for the handles of the process, thread and heap. */
struct object *win_object(HANDLE handle);

#endif
