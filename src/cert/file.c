/* SPDX-License-Identifier: MIT */
/* Files that stores are kept in: read whole, written atomically. */
#include "cert/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "win/win.h"

static bool read_all(int fd, char *data, size_t size)
{
    size_t at = 0;

    while (at < size) {
        ssize_t got = read(fd, data + at, size - at);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return false;
        }
        at += (size_t)got;
    }
    return true;
}

static void *fd_read(int fd, size_t *size)
{
    struct stat st;
    char *data;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > (off_t)CERT_FILE_MAX) {
        win_fail(CRYPT_E_FILE_ERROR);
        return NULL;
    }
    *size = (size_t)st.st_size;
    data = malloc(*size + 1);
    if (data != NULL && read_all(fd, data, *size)) {
        data[*size] = '\0';
        return data;
    }
    win_fail_errno();
    memory_wipe_free(data);
    return NULL;
}

/* Who may write to it could have put in whatever is there. */
static bool is_own(const struct stat *st, const char *path)
{
    if ((st->st_uid == geteuid() || st->st_uid == 0) && !(st->st_mode & (S_IWGRP | S_IWOTH)))
        return true;
    native_error_set("%s belongs to another user, or others may write to it (chmod go-w)", path);
    return win_fail(E_ACCESSDENIED);
}

static bool fd_is_own(int fd, const char *path)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? is_own(&st, path) : win_fail_errno();
}

static void *path_read(const char *path, bool own, size_t *size)
{
    /* Not to wait for a pipe's writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    void *data = NULL;

    if (fd < 0) {
        win_fail_errno();
        return NULL;
    }
    if (!own || fd_is_own(fd, path))
        data = fd_read(fd, size);
    close(fd);
    return data;
}

void *cert_file_read(const char *path, size_t *size)
{
    return path_read(path, false, size);
}

void *cert_file_read_own(const char *path, size_t *size)
{
    return path_read(path, true, size);
}

bool cert_folder_is_own(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return errno == ENOENT || win_fail_errno();
    return is_own(&st, path);
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, data, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        data += put;
        size -= (size_t)put;
    }
    return fsync(fd) == 0;
}

/* mkstemp() makes it 0600. */
BOOL cert_file_write(const char *path, const void *data, size_t size)
{
    char *part = text_join(path, ".", "XXXXXX");
    int fd = part == NULL ? -1 : mkostemp(part, O_CLOEXEC);
    BOOL done = FALSE;

    if (fd >= 0) {
        done = write_all(fd, data, size);
        if (close(fd) != 0)
            done = FALSE;
        done = done && rename(part, path) == 0;
    }
    if (!done) {
        win_fail_errno();
        if (fd >= 0)
            unlink(part);
    }
    free(part);
    return done;
}
