/* SPDX-License-Identifier: MIT */
/* The last error of a thread, and what errno is in Windows' numbers. */
#include "win/win.h"

#include <errno.h>

static _Thread_local DWORD last_error;

WIN_API DWORD sspi_GetLastError(void)
{
    return last_error;
}

WIN_API void sspi_SetLastError(DWORD dwErrCode)
{
    last_error = dwErrCode;
}

BOOL win_fail(DWORD error)
{
    last_error = error;
    return FALSE;
}

static const struct {
    int code;
    DWORD error;
} errno_rows[] = {
    {EPERM, ERROR_ACCESS_DENIED},
    {ENOENT, ERROR_FILE_NOT_FOUND},
    {EIO, ERROR_GEN_FAILURE},
    {EBADF, ERROR_INVALID_HANDLE},
    {EAGAIN, ERROR_NOT_READY},
    {ENOMEM, ERROR_NOT_ENOUGH_MEMORY},
    {EACCES, ERROR_ACCESS_DENIED},
    {EFAULT, ERROR_NOACCESS},
    {EBUSY, ERROR_BUSY},
    {EEXIST, ERROR_FILE_EXISTS},
    {ENOTDIR, ERROR_PATH_NOT_FOUND},
    {EISDIR, ERROR_ACCESS_DENIED},
    {EINVAL, ERROR_INVALID_PARAMETER},
    {ENFILE, ERROR_TOO_MANY_OPEN_FILES},
    {EMFILE, ERROR_TOO_MANY_OPEN_FILES},
    {ETXTBSY, ERROR_SHARING_VIOLATION},
    {EFBIG, ERROR_DISK_FULL},
    {ENOSPC, ERROR_DISK_FULL},
    {EDQUOT, ERROR_DISK_FULL},
    {ESPIPE, ERROR_SEEK},
    {EROFS, ERROR_WRITE_PROTECT},
    {EPIPE, ERROR_BROKEN_PIPE},
    {ENAMETOOLONG, ERROR_FILENAME_EXCED_RANGE},
    {ENOTEMPTY, ERROR_DIR_NOT_EMPTY},
    {ELOOP, ERROR_BAD_PATHNAME},
    {EOVERFLOW, ERROR_INVALID_DATA},
    {ENOTSUP, ERROR_NOT_SUPPORTED},
    {ENOSYS, ERROR_CALL_NOT_IMPLEMENTED},
};

DWORD win_error_from_errno(int code)
{
    for (size_t i = 0; i < ARRAYSIZE(errno_rows); i++)
        if (errno_rows[i].code == code)
            return errno_rows[i].error;
    return ERROR_GEN_FAILURE;
}

BOOL win_fail_errno(void)
{
    return win_fail(win_error_from_errno(errno));
}
