/* SPDX-License-Identifier: MIT */
/*
 * The system stores. ROOT is what the distribution trusts; any other is a folder with one PEM file
 * for each certificate and its key: the user's in $XDG_DATA_HOME/sspi, the machine's in
 * SYSCONFDIR/sspi.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cert/content.h"
#include "cert/file.h"
#include "cert/root.h"
#include "core/secret.h"
#include "core/text.h"

#define STORE_NAME_MAX 64

/* --- Where ---------------------------------------------------------------------------------- */

static char *home_folder(void)
{
    const char *home = secure_getenv("HOME");
    struct passwd entry, *found = NULL;
    char text[4096];

    if (home != NULL && home[0] == '/')
        return strdup(home);
    if (getpwuid_r(geteuid(), &entry, text, sizeof(text), &found) != 0 || found == NULL)
        return NULL;
    return strdup(found->pw_dir);
}

/* The XDG base directory specification: a relative path is to be ignored. */
static char *user_folder(void)
{
    const char *data = secure_getenv("XDG_DATA_HOME");
    char *home, *folder;

    if (data != NULL && data[0] == '/')
        return text_join(data, "/", "sspi");
    home = home_folder();
    folder = home == NULL ? NULL : text_join(home, "/", ".local/share/sspi");
    free(home);
    return folder;
}

static char *system_folder(DWORD location)
{
    switch (location & CERT_SYSTEM_STORE_LOCATION_MASK) {
    case CERT_SYSTEM_STORE_LOCAL_MACHINE:
        return strdup(SSPI_SYSCONFDIR "/sspi");
    case CERT_SYSTEM_STORE_CURRENT_USER:
        return user_folder();
    default:
        return NULL;
    }
}

/* A store's name as a file's: small letters, nothing that leads elsewhere. */
static bool name_lower(const char *name, char lower[STORE_NAME_MAX])
{
    size_t size = strlen(name);

    if (size == 0 || size >= STORE_NAME_MAX || name[0] == '.')
        return false;
    for (size_t i = 0; i <= size; i++) {
        unsigned char c = (unsigned char)name[i];

        if (c != '\0' && !(c < 0x80 && isalnum(c)) && strchr(" ._-", c) == NULL)
            return false;
        lower[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return true;
}

/* These exist from the start. */
static bool is_predefined(const char *lower)
{
    static const char *const names[] = {"addressbook",  "authroot", "ca",    "disallowed",
                                        "my",           "root",     "trust", "trustedpublisher",
                                        "trustedpeople"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], lower) == 0)
            return true;
    return false;
}

/* mkdir -p, for the user's eyes only. */
static bool folder_make(const char *path)
{
    char *part = strdup(path);
    bool done = part != NULL;

    for (char *at = part == NULL ? NULL : strchr(part + 1, '/'); done && at != NULL;
         at = strchr(at + 1, '/')) {
        *at = '\0';
        done = mkdir(part, 0700) == 0 || errno == EEXIST;
        *at = '/';
    }
    done = done && (mkdir(path, 0700) == 0 || errno == EEXIST);
    free(part);
    return done;
}

/* --- A folder as a store -------------------------------------------------------------------- */

/* folder/sha1-in-hex.pem, or NULL. */
static char *element_path(const struct cert_store *store, const struct cert_element *element)
{
    BYTE hash[20];
    char name[2 * sizeof(hash) + sizeof(".pem")];

    if (gnutls_hash_fast(GNUTLS_DIG_SHA1, element->datum->der, element->datum->size, hash) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof(hash); i++)
        snprintf(name + 2 * i, 3, "%02x", hash[i]);
    memcpy(name + 2 * sizeof(hash), ".pem", sizeof(".pem"));
    return text_join(store->path, "/", name);
}

static BOOL folder_add(struct cert_store *store, struct cert_element *element)
{
    struct cert_text text = {.data = NULL};
    char *path = element_path(store, element);
    BOOL done;

    cert_content_print(&text, element, true);
    if (path == NULL || text.failed)
        done = win_fail(E_OUTOFMEMORY);
    else if (!folder_make(store->path))
        done = win_fail_errno();
    else
        done = cert_folder_is_own(store->path) && cert_file_write(path, text.data, text.size);
    cert_text_clear(&text);
    free(path);
    return done;
}

/* A file that was put there by hand, under another name, is not ours to delete. */
static BOOL folder_remove(struct cert_store *store, struct cert_element *element)
{
    char *path = element_path(store, element);
    BOOL done = path != NULL && unlink(path) == 0;

    if (path == NULL)
        win_fail(E_OUTOFMEMORY);
    else if (!done)
        win_fail(errno == ENOENT ? (DWORD)E_ACCESSDENIED : win_error_from_errno(errno));
    free(path);
    return done;
}

static int is_pem_file(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && size > 4 && strcmp(entry->d_name + size - 4, ".pem") == 0;
}

/* A file that cannot be read, or is no PEM, hides nothing but itself; only for want of memory the
 * whole is given up: who knows what is in it. */
static BOOL folder_load_file(struct cert_store *into, const char *folder, const char *name)
{
    char *path = text_join(folder, "/", name);
    size_t size = 0;
    void *data = path == NULL ? NULL : cert_file_read_own(path, &size);
    bool loaded = data != NULL && cert_content_load(into, data, size) != 0;

    memory_wipe_free(data);
    if (path == NULL)
        return win_fail(E_OUTOFMEMORY);
    free(path);
    return loaded || !win_no_memory();
}

/* What a store has goes into another, whose lock is held; all or nothing. */
static BOOL store_take(struct cert_store *store, struct cert_store *from,
                       struct cert_element *(*make)(const struct cert_element *,
                                                    struct cert_store *))
{
    for (int kind = 0; kind < CERT_KINDS; kind++) {
        for (struct cert_element *e = from->lists[kind].first; e != NULL; e = e->next) {
            struct cert_element *made = make(e, store);

            if (made == NULL) {
                cert_store_clear(store);
                return FALSE;
            }
            cert_store_append(store, made);
        }
    }
    return TRUE;
}

static BOOL folder_read(struct cert_store *into, const char *folder)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_pem_file, alphasort);
    BOOL done = count >= 0 || errno != ENOMEM || win_fail(E_OUTOFMEMORY);

    for (int i = 0; i < count; i++) {
        done = done && folder_load_file(into, folder, names[i]->d_name);
        free(names[i]);
    }
    free(names);
    return done;
}

static BOOL folder_load(struct cert_store *store)
{
    struct cert_store *read = cert_store_new();
    BOOL done = read != NULL && cert_folder_is_own(store->path) && folder_read(read, store->path) &&
                store_take(store, read, cert_element_link);

    object_unref(read == NULL ? NULL : &read->object);
    return done;
}

static const struct cert_backing folder_backing = {
    .load = folder_load, .add = folder_add, .remove = folder_remove};

/* --- ROOT ----------------------------------------------------------------------------------- */

static BOOL root_load(struct cert_store *store)
{
    struct cert_store *roots = cert_root_get();
    BOOL done = roots != NULL && store_take(store, roots, cert_element_copy);

    object_unref(roots == NULL ? NULL : &roots->object);
    return done;
}

static const struct cert_backing root_backing = {.load = root_load};

/* --- Opening -------------------------------------------------------------------------------- */

/* CERT_STORE_DELETE_FLAG: the folder with all that is ours in it. */
static void folder_delete(const char *path)
{
    struct dirent **names = NULL;
    int count = scandir(path, &names, is_pem_file, alphasort);

    for (int i = 0; i < count; i++) {
        char *file = text_join(path, "/", names[i]->d_name);

        if (file != NULL)
            unlink(file);
        free(file);
        free(names[i]);
    }
    free(names);
    if (rmdir(path) == 0)
        win_fail(ERROR_SUCCESS);
    else
        win_fail_errno();
}

static bool folder_may_open(const char *path, const char *lower, DWORD flags)
{
    bool exists = access(path, F_OK) == 0;

    if (exists && (flags & CERT_STORE_CREATE_NEW_FLAG) != 0)
        return win_fail(ERROR_FILE_EXISTS);
    if (!exists && (flags & CERT_STORE_OPEN_EXISTING_FLAG) != 0 && !is_predefined(lower))
        return win_fail(ERROR_FILE_NOT_FOUND);
    return true;
}

static struct cert_store *folder_open(char *path, const char *lower, DWORD flags)
{
    struct cert_store *store;

    if ((flags & CERT_STORE_DELETE_FLAG) != 0) {
        folder_delete(path);
        return NULL;
    }
    if (!folder_may_open(path, lower, flags))
        return NULL;
    store = cert_store_new();
    if (store == NULL)
        return NULL;
    store->path = strdup(path);
    if (store->path == NULL) {
        win_fail(E_OUTOFMEMORY);
        object_unref(&store->object);
        return NULL;
    }
    store->backing = &folder_backing;
    store->access = CERT_ACCESS_STATE_WRITE_PERSIST_FLAG | CERT_ACCESS_STATE_SYSTEM_STORE_FLAG;
    return store;
}

static struct cert_store *root_open(DWORD flags)
{
    struct cert_store *store;

    if ((flags & (CERT_STORE_DELETE_FLAG | CERT_STORE_CREATE_NEW_FLAG)) != 0) {
        win_fail((flags & CERT_STORE_DELETE_FLAG) != 0 ? (DWORD)E_ACCESSDENIED : ERROR_FILE_EXISTS);
        return NULL;
    }
    store = cert_store_new();
    if (store != NULL) {
        store->backing = &root_backing;
        store->read_only = true;
        store->access = CERT_ACCESS_STATE_SYSTEM_STORE_FLAG;
    }
    return store;
}

struct cert_store *cert_store_open_system(DWORD flags, const char *name)
{
    char lower[STORE_NAME_MAX];
    char *folder, *path;
    struct cert_store *store = NULL;

    if (strncmp(name, ".\\", 2) == 0)
        name += 2;
    if ((flags & CERT_SYSTEM_STORE_RELOCATE_FLAG) != 0 || !name_lower(name, lower)) {
        win_fail(E_INVALIDARG);
        return NULL;
    }
    errno = 0;
    folder = system_folder(flags);
    if (folder == NULL) {
        win_fail(errno == ENOMEM ? (DWORD)E_OUTOFMEMORY : ERROR_FILE_NOT_FOUND);
        return NULL;
    }
    path = text_join(folder, "/", lower);
    free(folder);
    if (path == NULL)
        win_fail(E_OUTOFMEMORY);
    else
        store = strcmp(lower, "root") == 0 ? root_open(flags) : folder_open(path, lower, flags);
    free(path);
    return store;
}
