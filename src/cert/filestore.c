/* SPDX-License-Identifier: MIT */
/* Stores in one file or blob: PEM, DER, PKCS #7 or Windows' own form. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert/content.h"
#include "cert/file.h"
#include "cert/serial.h"
#include "core/secret.h"

/* An empty file is an empty store. */
static BOOL content_load(struct cert_store *store, const void *data, size_t size)
{
    BOOL done;

    if (size == 0)
        return TRUE;
    done = cert_serial_is_store(data, size) ? cert_serial_load(store, data, size)
                                            : cert_content_load(store, data, size) != 0;
    store->dirty = false;
    return done;
}

/* What was there is written as PEM with its properties, and the keys that may be exported. */
static BOOL file_commit(struct cert_store *store)
{
    struct cert_text text = {.data = NULL};
    BOOL done;

    for (int kind = 0; kind < CERT_KINDS; kind++)
        for (struct cert_element *e = store->lists[kind].first; e != NULL; e = e->next)
            cert_content_print(&text, e, false);
    done =
        text.failed ? win_fail(E_OUTOFMEMORY) : cert_file_write(store->path, text.data, text.size);
    cert_text_clear(&text);
    if (done)
        store->dirty = false;
    return done;
}

static const struct cert_backing file_backing = {.commit = file_commit};

static struct cert_store *drop(struct cert_store *store)
{
    object_unref(store == NULL ? NULL : &store->object);
    return NULL;
}

static struct cert_store *file_open(const char *name, bool must_exist, bool must_be_new)
{
    struct cert_store *store = cert_store_new();
    size_t size = 0;
    void *data;
    BOOL done;

    if (store == NULL)
        return NULL;
    data = cert_file_read(name, &size);
    if (data != NULL && must_be_new)
        done = win_fail(ERROR_FILE_EXISTS);
    else if (data == NULL)
        done = sspi_GetLastError() == ERROR_FILE_NOT_FOUND && !must_exist;
    else
        done = content_load(store, data, size);
    memory_wipe_free(data);
    return done ? store : drop(store);
}

struct cert_store *cert_store_open_filename(DWORD flags, const char *name)
{
    bool read_only = (flags & CERT_STORE_READONLY_FLAG) != 0;
    struct cert_store *store;

    if ((flags & CERT_STORE_DELETE_FLAG) != 0) {
        if (unlink(name) == 0)
            win_fail(ERROR_SUCCESS);
        else
            win_fail_errno();
        return NULL;
    }
    store = file_open(name, read_only || (flags & CERT_STORE_OPEN_EXISTING_FLAG) != 0,
                      (flags & CERT_STORE_CREATE_NEW_FLAG) != 0);
    if (store == NULL || (flags & CERT_FILE_STORE_COMMIT_ENABLE_FLAG) == 0 || read_only)
        return store;
    store->path = strdup(name);
    if (store->path == NULL) {
        win_fail(E_OUTOFMEMORY);
        return drop(store);
    }
    store->backing = &file_backing;
    store->access = CERT_ACCESS_STATE_WRITE_PERSIST_FLAG;
    return store;
}

/* The bytes from where the handle stands to the end. */
static char *handle_read(HANDLE file, size_t *size)
{
    LARGE_INTEGER whole;
    char *data;
    DWORD got = 0;

    if (!sspi_GetFileSizeEx(file, &whole))
        return NULL;
    if (whole.QuadPart < 0 || whole.QuadPart > (LONGLONG)CERT_FILE_MAX) {
        win_fail(CRYPT_E_FILE_ERROR);
        return NULL;
    }
    data = malloc((size_t)whole.QuadPart + 1);
    if (data == NULL)
        win_fail(E_OUTOFMEMORY);
    else if (sspi_ReadFile(file, data, (DWORD)whole.QuadPart, &got, NULL)) {
        *size = got;
        return data;
    }
    memory_wipe_free(data);
    return NULL;
}

struct cert_store *cert_store_open_file(DWORD flags, const void *handle)
{
    size_t size = 0;
    char *data = handle_read((HANDLE)(uintptr_t)handle, &size);
    struct cert_store *store = data == NULL ? NULL : cert_store_new();

    (void)flags;
    if (store != NULL && !content_load(store, data, size))
        store = drop(store);
    memory_wipe_free(data);
    return store;
}

typedef BOOL load_fn(struct cert_store *store, const BYTE *data, size_t size);

static struct cert_store *blob_open(const CRYPT_DATA_BLOB *blob, load_fn *load)
{
    struct cert_store *store = cert_store_new();

    if (store != NULL && !load(store, blob->pbData, blob->pbData == NULL ? 0 : blob->cbData))
        store = drop(store);
    return store;
}

static BOOL pkcs7_load(struct cert_store *store, const BYTE *data, size_t size)
{
    return cert_content_pkcs7(store, data, size);
}

struct cert_store *cert_store_open_pkcs7(DWORD flags, const void *blob)
{
    (void)flags;
    return blob_open(blob, pkcs7_load);
}

struct cert_store *cert_store_open_serialized(DWORD flags, const void *blob)
{
    (void)flags;
    return blob_open(blob, cert_serial_load);
}
