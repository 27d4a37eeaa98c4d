/* SPDX-License-Identifier: MIT */
/* Files as HANDLEs: synchronous, with the permissions of this system. */
#include "win/win.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    struct object object;
    int fd;
};

static void file_destroy(struct object *object)
{
    struct file *file = (struct file *)object;

    close(file->fd);
    free(file);
}

static const struct object_class file_class = {"file", file_destroy};

/* The descriptor of a HANDLE, or -1 with the error set. */
static int file_fd(HANDLE handle)
{
    struct object *object = win_object(handle);

    if (!object_is(object, &file_class)) {
        win_fail(ERROR_INVALID_HANDLE);
        return -1;
    }
    return ((struct file *)object)->fd;
}

static HANDLE file_new(int fd)
{
    struct file *file = malloc(sizeof(*file));

    if (file == NULL) {
        close(fd);
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_HANDLE_VALUE;
    }
    object_init(&file->object, &file_class);
    file->fd = fd;
    return file;
}

/* open(2)'s mode for what is asked; metadata alone (0) is read with it. */
static int access_mode(DWORD access)
{
    bool write = (access & (GENERIC_WRITE | GENERIC_ALL)) != 0;
    bool read = (access & (GENERIC_READ | GENERIC_ALL)) != 0;

    if (write)
        return read ? O_RDWR : O_WRONLY;
    return O_RDONLY;
}

/* Opens or makes a file so that no other process gets between: *existed tells which it was. */
static int open_or_create(const char *path, int flags, int existing_flags, bool *existed)
{
    for (int attempt = 0; attempt < 16; attempt++) {
        int fd = open(path, flags | O_CREAT | O_EXCL, 0666);

        *existed = fd < 0;
        if (fd >= 0 || errno != EEXIST)
            return fd;
        fd = open(path, flags | existing_flags);
        if (fd >= 0 || errno != ENOENT)
            return fd;
    }
    return -1;
}

static int open_by_disposition(const char *path, int flags, DWORD disposition, bool *existed)
{
    *existed = false;
    switch (disposition) {
    case CREATE_NEW:
        return open(path, flags | O_CREAT | O_EXCL, 0666);
    case CREATE_ALWAYS:
        return open_or_create(path, flags, O_TRUNC, existed);
    case OPEN_EXISTING:
        return open(path, flags);
    case OPEN_ALWAYS:
        return open_or_create(path, flags, 0, existed);
    case TRUNCATE_EXISTING:
        return open(path, flags | O_TRUNC);
    default:
        errno = EINVAL;
        return -1;
    }
}

#define FLAGS_REFUSED                                                                              \
    ((DWORD)FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_NO_BUFFERING)

WIN_API HANDLE sspi_CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                                LPSECURITY_ATTRIBUTES lpSecurityAttributes,
                                DWORD dwCreationDisposition, DWORD dwFlagsAndAttributes,
                                HANDLE hTemplateFile)
{
    bool inherit = lpSecurityAttributes != NULL && lpSecurityAttributes->bInheritHandle;
    int flags = access_mode(dwDesiredAccess) | O_NOCTTY | (inherit ? 0 : O_CLOEXEC);
    bool existed;
    int fd;

    (void)dwShareMode;
    if ((dwFlagsAndAttributes & FLAGS_REFUSED) || hTemplateFile != NULL) {
        win_fail(ERROR_NOT_SUPPORTED);
        return INVALID_HANDLE_VALUE;
    }
    if (lpFileName == NULL) {
        win_fail(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    if (dwFlagsAndAttributes & FILE_FLAG_WRITE_THROUGH)
        flags |= O_SYNC;
    fd = open_by_disposition(lpFileName, flags, dwCreationDisposition, &existed);
    if (fd < 0) {
        win_fail_errno();
        return INVALID_HANDLE_VALUE;
    }
    if (dwCreationDisposition == CREATE_ALWAYS || dwCreationDisposition == OPEN_ALWAYS)
        sspi_SetLastError(existed ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return file_new(fd);
}

WIN_API HANDLE sspi_CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                                LPSECURITY_ATTRIBUTES lpSecurityAttributes,
                                DWORD dwCreationDisposition, DWORD dwFlagsAndAttributes,
                                HANDLE hTemplateFile)
{
    char *name;
    HANDLE handle;

    if (!win_text_from_w(lpFileName, &name))
        return INVALID_HANDLE_VALUE;
    handle = sspi_CreateFileA(name, dwDesiredAccess, dwShareMode, lpSecurityAttributes,
                              dwCreationDisposition, dwFlagsAndAttributes, hTemplateFile);
    free(name);
    return handle;
}

/* What a read or write that moved count bytes, or failed, tells its caller. */
static BOOL moved(ssize_t count, LPDWORD out)
{
    if (count < 0)
        return win_fail_errno();
    *out = (DWORD)count;
    return TRUE;
}

/* Descriptor, count and overlapped, the same for both directions. -1 with the error set. */
static int transfer_fd(HANDLE handle, LPDWORD count, LPOVERLAPPED overlapped)
{
    if (overlapped != NULL || count == NULL) {
        win_fail(overlapped != NULL ? ERROR_NOT_SUPPORTED : ERROR_INVALID_PARAMETER);
        return -1;
    }
    *count = 0;
    return file_fd(handle);
}

WIN_API BOOL sspi_ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
                           LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped)
{
    int fd = transfer_fd(hFile, lpNumberOfBytesRead, lpOverlapped);
    ssize_t count;

    if (fd < 0)
        return FALSE;
    do
        count = read(fd, lpBuffer, nNumberOfBytesToRead);
    while (count < 0 && errno == EINTR);
    return moved(count, lpNumberOfBytesRead);
}

WIN_API BOOL sspi_WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
                            LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped)
{
    int fd = transfer_fd(hFile, lpNumberOfBytesWritten, lpOverlapped);
    ssize_t count;

    if (fd < 0)
        return FALSE;
    do
        count = write(fd, lpBuffer, nNumberOfBytesToWrite);
    while (count < 0 && errno == EINTR);
    return moved(count, lpNumberOfBytesWritten);
}

WIN_API BOOL sspi_GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize)
{
    int fd = file_fd(hFile);
    struct stat status;

    if (fd < 0)
        return FALSE;
    if (fstat(fd, &status) != 0)
        return win_fail_errno();
    lpFileSize->QuadPart = status.st_size;
    return TRUE;
}

/* A size whose lower half is INVALID_FILE_SIZE is told from a failure by the error 0. */
WIN_API DWORD sspi_GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh)
{
    LARGE_INTEGER size;

    if (!sspi_GetFileSizeEx(hFile, &size))
        return INVALID_FILE_SIZE;
    if (lpFileSizeHigh == NULL && size.HighPart != 0) {
        win_fail(ERROR_INVALID_PARAMETER);
        return INVALID_FILE_SIZE;
    }
    if (lpFileSizeHigh != NULL)
        *lpFileSizeHigh = (DWORD)size.HighPart;
    if (size.LowPart == INVALID_FILE_SIZE)
        sspi_SetLastError(ERROR_SUCCESS);
    return size.LowPart;
}

WIN_API BOOL sspi_SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
                                   PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod)
{
    static const int whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    int fd = file_fd(hFile);
    off_t place;

    if (fd < 0)
        return FALSE;
    if (dwMoveMethod >= ARRAYSIZE(whence))
        return win_fail(ERROR_INVALID_PARAMETER);
    place = lseek(fd, liDistanceToMove.QuadPart, whence[dwMoveMethod]);
    if (place < 0)
        return win_fail(errno == EINVAL ? ERROR_NEGATIVE_SEEK : win_error_from_errno(errno));
    if (lpNewFilePointer != NULL)
        lpNewFilePointer->QuadPart = place;
    return TRUE;
}
