/* SPDX-License-Identifier: MIT */
/*
 * What the distribution trusts: GnuTLS knows whether that is a file or p11-kit. A program's
 * environment may name a PEM file instead, SSPI_CERT_ROOT.
 */
#include "cert/root.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cert/content.h"
#include "cert/file.h"
#include "core/secret.h"

/* How long what was read may be used: reading costs milliseconds, and roots come and go rarely. */
#define ROOT_SECONDS 60

/* Read for which file, how it was then, and when. */
static struct {
    pthread_mutex_t lock;
    struct cert_store *store;
    char *path;
    struct stat file;
    time_t when;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static time_t seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static bool same_path(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool cache_is_good(const char *path, const struct stat *file)
{
    return cache.store != NULL && same_path(cache.path, path) &&
           seconds_now() - cache.when < ROOT_SECONDS && same_file(&cache.file, file);
}

/* A file that a program names must be there, and whole. */
static BOOL load_file(struct cert_store *store, const char *path)
{
    size_t size = 0;
    void *data = cert_file_read(path, &size);
    BOOL done = data != NULL && cert_content_load(store, data, size) != 0;

    memory_wipe_free(data);
    return done;
}

/* Of a bundle, one certificate that GnuTLS takes and we do not hides only itself. */
static BOOL load_system(struct cert_store *store)
{
    gnutls_x509_trust_list_t list;
    gnutls_x509_trust_list_iter_t at = NULL;
    gnutls_x509_crt_t crt;

    if (gnutls_x509_trust_list_init(&list, 0) != 0)
        return win_fail(E_OUTOFMEMORY);
    gnutls_x509_trust_list_add_system_trust(list, 0, 0);
    while (gnutls_x509_trust_list_iter_get_ca(list, &at, &crt) == 0) {
        gnutls_datum_t der = {NULL, 0};

        if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) == 0)
            cert_store_add_der(store, CERT_KIND_CERTIFICATE, der.data, der.size,
                               CERT_STORE_ADD_ALWAYS, NULL);
        gnutls_free(der.data);
        gnutls_x509_crt_deinit(crt);
    }
    gnutls_x509_trust_list_deinit(list, 1);
    return TRUE;
}

static BOOL cache_fill(const char *path, const struct stat *file)
{
    struct cert_store *store = cert_store_new();
    char *copy = path == NULL ? NULL : strdup(path);

    if (store == NULL || (path != NULL && copy == NULL) ||
        !(path == NULL ? load_system(store) : load_file(store, path))) {
        object_unref(store == NULL ? NULL : &store->object);
        free(copy);
        return FALSE;
    }
    object_unref(cache.store == NULL ? NULL : &cache.store->object);
    free(cache.path);
    cache.store = store;
    cache.path = copy;
    cache.file = *file;
    cache.when = seconds_now();
    return TRUE;
}

struct cert_store *cert_root_get(void)
{
    const char *path = secure_getenv("SSPI_CERT_ROOT");
    struct cert_store *store = NULL;
    struct stat file;

    if (path == NULL || stat(path, &file) != 0)
        memset(&file, 0, sizeof(file));
    pthread_mutex_lock(&cache.lock);
    if (cache_is_good(path, &file) || cache_fill(path, &file)) {
        store = cache.store;
        object_ref(&store->object);
    }
    pthread_mutex_unlock(&cache.lock);
    return store;
}
