/* SPDX-License-Identifier: MIT */
/*
 * Key containers on disk. A container's name may hold anything; its folder's has '%XX' for what is
 * not a letter, a digit or one of "-_.", and never begins with a dot.
 */
#include "cert/keyfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/native.h"
#include "core/secret.h"

/* A container's name as its user gives it, in bytes; NAME_MAX is 255 and a byte may take three. */
#define NAME_BYTES 84

/* No key of 16384 bits comes near. */
#define FILE_BYTES 65536

/* Before the PEM text of a key that may be exported. */
#define EXPORTABLE_LINE "Exportable: yes\n"

static const char *const file_names[KEYFILE_KINDS] = {
    [KEYFILE_CNG] = "key.pem",
    [AT_KEYEXCHANGE] = "exchange.pem",
    [AT_SIGNATURE] = "signature.pem",
};

static SECURITY_STATUS status_errno(const char *what)
{
    int code = errno;

    native_error_set("%s: %s", what, strerror(code));
    switch (code) {
    case ENOENT:
        return NTE_BAD_KEYSET;
    case EEXIST:
        return NTE_EXISTS;
    case ENOMEM:
        return NTE_NO_MEMORY;
    case EACCES:
    case EPERM:
    case EROFS:
        return NTE_PERM;
    default:
        return NTE_SYS_ERR;
    }
}

/* --- Paths ---------------------------------------------------------------------------------- */

static char *home_folder(void)
{
    const char *home = secure_getenv("HOME");
    struct passwd entry, *found = NULL;
    char room[4096];

    if (home != NULL && home[0] == '/')
        return strdup(home);
    if (getpwuid_r(geteuid(), &entry, room, sizeof(room), &found) == 0 && found != NULL &&
        found->pw_dir[0] == '/')
        return strdup(found->pw_dir);
    errno = ENOENT;
    return NULL;
}

char *keyfile_user_path(const char *leaf)
{
    const char *data = secure_getenv("XDG_DATA_HOME");
    char *home = NULL, *path = NULL;
    int length = -1;

    /* The XDG base directory specification: a relative path is to be ignored. */
    if (data != NULL && data[0] == '/') {
        length = asprintf(&path, "%s/sspi/%s", data, leaf);
    } else {
        home = home_folder();
        if (home != NULL)
            length = asprintf(&path, "%s/.local/share/sspi/%s", home, leaf);
    }
    free(home);
    return length < 0 ? NULL : path;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

static void folder_name(const char *container, char *name)
{
    for (const char *p = container; *p != '\0'; p++)
        if (is_plain(*p) && (p > container || *p != '.'))
            *name++ = *p;
        else
            name += sprintf(name, "%%%02X", (unsigned char)*p);
    *name = '\0';
}

static SECURITY_STATUS container_path(const char *container, char **path)
{
    char name[3 * NAME_BYTES + 1];
    char *keys;
    int length;

    if (container[0] == '\0' || strlen(container) > NAME_BYTES) {
        native_error_set("a key container's name has 1 to %d bytes", NAME_BYTES);
        return NTE_BAD_KEYSET_PARAM;
    }
    folder_name(container, name);
    keys = keyfile_user_path("keys");
    if (keys == NULL)
        return status_errno("the folder of key containers");
    length = asprintf(path, "%s/%s", keys, name);
    free(keys);
    return length < 0 ? NTE_NO_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS key_path(const char *container, DWORD kind, char **path)
{
    SECURITY_STATUS status;
    char *folder;
    int length;

    if (kind >= KEYFILE_KINDS)
        return NTE_BAD_KEY;
    status = container_path(container, &folder);
    if (status != SEC_E_OK)
        return status;
    length = asprintf(path, "%s/%s", folder, file_names[kind]);
    free(folder);
    return length < 0 ? NTE_NO_MEMORY : SEC_E_OK;
}

/* --- Containers ----------------------------------------------------------------------------- */

/* Makes the folders above the last one; an existing one keeps its mode. */
static bool make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        bool made;

        *slash = '\0';
        made = mkdir(path, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

SECURITY_STATUS keyfile_create(const char *container)
{
    SECURITY_STATUS status;
    char *path;

    status = container_path(container, &path);
    if (status != SEC_E_OK)
        return status;
    if (!make_parents(path) || mkdir(path, 0700) != 0)
        status = status_errno("creating a key container");
    free(path);
    return status;
}

SECURITY_STATUS keyfile_exists(const char *container)
{
    SECURITY_STATUS status;
    char *path;

    status = container_path(container, &path);
    if (status != SEC_E_OK)
        return status;
    if (access(path, X_OK) != 0)
        status = status_errno("looking for a key container");
    free(path);
    return status;
}

SECURITY_STATUS keyfile_remove(const char *container, DWORD kind)
{
    SECURITY_STATUS status;
    char *path;

    status = key_path(container, kind, &path);
    if (status != SEC_E_OK)
        return status;
    if (unlink(path) != 0)
        status = status_errno("deleting a key");
    *strrchr(path, '/') = '\0';
    /* The folder goes with its last key. */
    if (status == SEC_E_OK && rmdir(path) != 0 && errno != ENOTEMPTY && errno != EEXIST)
        status = status_errno("deleting a key container");
    free(path);
    return status;
}

SECURITY_STATUS keyfile_delete(const char *container)
{
    SECURITY_STATUS status = keyfile_exists(container);
    char *path;

    for (DWORD kind = 0; status == SEC_E_OK && kind < KEYFILE_KINDS; kind++) {
        status = keyfile_remove(container, kind);
        if (status == NTE_BAD_KEYSET) /* there was no such key */
            status = SEC_E_OK;
    }
    if (status == SEC_E_OK)
        status = container_path(container, &path);
    if (status != SEC_E_OK)
        return status;
    if (rmdir(path) != 0 && errno != ENOENT)
        status = status_errno("deleting a key container");
    free(path);
    return status;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* A file that others may write, or that is another user's, is not trusted with a key. */
static bool file_is_ours(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 077) == 0 && info.st_size > 0 && info.st_size <= FILE_BYTES;
}

static SECURITY_STATUS file_read(int fd, char *text, size_t *size)
{
    *size = 0;
    while (*size < FILE_BYTES) {
        ssize_t got = read(fd, text + *size, FILE_BYTES - *size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return status_errno("reading a key");
        if (got == 0)
            break;
        *size += (size_t)got;
    }
    text[*size] = '\0';
    return SEC_E_OK;
}

static SECURITY_STATUS key_read(int fd, struct cert_key **out)
{
    char *text = malloc(FILE_BYTES + 1);
    SECURITY_STATUS status;
    bool exportable;
    size_t size;

    if (text == NULL)
        return NTE_NO_MEMORY;
    status = file_read(fd, text, &size);
    if (status == SEC_E_OK) {
        exportable = strncmp(text, EXPORTABLE_LINE, sizeof(EXPORTABLE_LINE) - 1) == 0;
        status = cert_key_from_pkcs8(text, size, GNUTLS_X509_FMT_PEM, exportable, out);
        if (status == NTE_BAD_DATA)
            status = NTE_KEYSET_ENTRY_BAD;
    }
    memory_wipe_free(text);
    return status;
}

SECURITY_STATUS keyfile_load(const char *container, DWORD kind, struct cert_key **out)
{
    SECURITY_STATUS status;
    char *path;
    int fd;

    status = key_path(container, kind, &path);
    if (status != SEC_E_OK)
        return status;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    free(path);
    if (fd < 0) {
        status = status_errno("opening a key");
        return status == NTE_BAD_KEYSET && keyfile_exists(container) == SEC_E_OK ? NTE_NO_KEY
                                                                                 : status;
    }
    if (file_is_ours(fd)) {
        status = key_read(fd, out);
    } else {
        native_error_set("a key's file must be its user's own, with no access for others");
        status = NTE_KEYSET_ENTRY_BAD;
    }
    close(fd);
    return status;
}

static bool write_all(int fd, const void *data, size_t size)
{
    for (const char *p = data; size > 0;) {
        ssize_t put = write(fd, p, size);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        p += put;
        size -= (size_t)put;
    }
    return true;
}

/* A new file beside the old one, then over it: a crash leaves one whole. */
static SECURITY_STATUS file_replace(const char *path, const char *lead, const gnutls_datum_t *text)
{
    SECURITY_STATUS status = SEC_E_OK;
    char *fresh;
    int fd;

    if (asprintf(&fresh, "%s.XXXXXX", path) < 0)
        return NTE_NO_MEMORY;
    fd = mkostemp(fresh, O_CLOEXEC);
    if (fd < 0) {
        status = status_errno("writing a key");
    } else {
        bool written = write_all(fd, lead, strlen(lead)) && write_all(fd, text->data, text->size) &&
                       fsync(fd) == 0;

        if (close(fd) != 0 || !written || rename(fresh, path) != 0) {
            status = status_errno("writing a key");
            unlink(fresh);
        }
    }
    free(fresh);
    return status;
}

SECURITY_STATUS keyfile_save(const char *container, DWORD kind, const struct cert_key *key)
{
    gnutls_datum_t text = {NULL, 0};
    SECURITY_STATUS status;
    char *path;

    status = key_path(container, kind, &path);
    if (status != SEC_E_OK)
        return status;
    status = cert_key_to_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, &text);
    if (status == SEC_E_OK)
        status = file_replace(path, key->exportable ? EXPORTABLE_LINE : "", &text);
    cert_key_datum_wipe(&text);
    free(path);
    return status;
}

/* --- All of them ---------------------------------------------------------------------------- */

static int hex_value(char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)(found - digits);
}

/* The container's name of a folder's, in place; false for one that is not of our making. */
static bool container_name(char *name)
{
    char *to = name;

    if (name[0] == '.')
        return false;
    for (const char *p = name; *p != '\0'; p++, to++) {
        int high, low;

        if (*p != '%') {
            *to = *p;
            continue;
        }
        high = hex_value(p[1]);
        low = high < 0 ? -1 : hex_value(p[2]);
        if (low < 0)
            return false;
        *to = (char)(high << 4 | low);
        p += 2;
    }
    *to = '\0';
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    char *const *one = a, *const *other = b;

    return strcmp(*one, *other);
}

static SECURITY_STATUS list_add(char ***names, unsigned *count, const char *folder)
{
    char **more = reallocarray(*names, *count + 1, sizeof(**names));
    char *name = strdup(folder);

    if (more != NULL)
        *names = more;
    if (more == NULL || name == NULL) {
        free(name);
        return NTE_NO_MEMORY;
    }
    if (container_name(name))
        more[(*count)++] = name;
    else
        free(name);
    return SEC_E_OK;
}

SECURITY_STATUS keyfile_list(char ***names, unsigned *count)
{
    char *path = keyfile_user_path("keys");
    DIR *folder = path == NULL ? NULL : opendir(path);
    SECURITY_STATUS status = SEC_E_OK;

    *names = NULL;
    *count = 0;
    free(path);
    if (folder == NULL)
        return errno == ENOENT ? SEC_E_OK : status_errno("listing key containers");
    for (const struct dirent *entry; status == SEC_E_OK && (entry = readdir(folder)) != NULL;)
        status = list_add(names, count, entry->d_name);
    closedir(folder);
    if (status == SEC_E_OK && *count > 0)
        qsort(*names, *count, sizeof(**names), by_bytes);
    while (status != SEC_E_OK && *count > 0)
        free((*names)[--*count]);
    if (status != SEC_E_OK)
        free(*names);
    return status;
}
