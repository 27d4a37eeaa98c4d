/* SPDX-License-Identifier: MIT */
/*
 * Credential caches: whose they are, and whether they have changed.
 */
#ifndef SSPI_GSS_CCACHE_H
#define SSPI_GSS_CCACHE_H

#include <krb5.h>
#include <sspi.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* The principal a cache holds tickets of; free() it. */
krb5_error_code ccache_principal(krb5_context context, krb5_ccache ccache, char **text);

/*
 * Looks at the caches of the default collection as gss_acquire_cred() will, up to the first that
 * is somebody's. One that cannot be read ends it, with libkrb5's code in *code, which is else 0:
 * MIT 1.20 would free an address that was never set (krb5_cccol_have_content()).
 */
SECURITY_STATUS ccache_collection_check(krb5_error_code *code) __attribute__((warn_unused_result));

/*
 * Whose tickets the default cache holds (free() it) and when its ticket-granting ticket ends.
 * Nobody is asked. False: there is no such cache.
 */
bool ccache_default(char **principal, time_t *expires);

/* How a cache can change behind our back. */
enum ccache_kind {
    CCACHE_STABLE,  /* in this process's memory */
    CCACHE_FILE,    /* a file: its stamp tells */
    CCACHE_UNSTABLE /* a collection, the kernel or a daemon: it may always have changed */
};

struct ccache_stamp {
    enum ccache_kind kind;
    char *path; /* CCACHE_FILE; owned */
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified;
};

/* The state of a cache (NULL: the default one) now. */
void ccache_stamp_take(struct ccache_stamp *stamp, const char *name);

/* Whether the cache may differ from what it was then. */
bool ccache_stamp_changed(const struct ccache_stamp *stamp);

void ccache_stamp_free(struct ccache_stamp *stamp);

#endif
