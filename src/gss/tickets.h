/* SPDX-License-Identifier: MIT */
/*
 * Kerberos tickets by credential cache. Whatever a credential starts from (a password, a delegated
 * ticket, S4U), the mechglue gets it as a cache, so that one kind of acquisition serves them all. A
 * cache made here is MEMORY, private to its owner and destroyed with it; the user's own is never
 * touched.
 */
#ifndef SSPI_GSS_TICKETS_H
#define SSPI_GSS_TICKETS_H

#include <gssapi/gssapi.h>
#include <krb5.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "core/identity.h"
#include "core/object.h"

struct tickets {
    struct object object;
    char *ccache;            /* its name, TYPE:residual */
    char *principal;         /* whose tickets they are */
    bool owned;              /* destroyed with this object */
    bool by_password;        /* by an AS exchange of ours, which told when the password ends */
    time_t expires;          /* end of the ticket-granting ticket; 0: not known */
    time_t password_expires; /* 0: never, or the KDC did not say */
};

/*
 * Asks the KDC for a ticket-granting ticket: one AS exchange, which may wait. *code is the Kerberos
 * error when the result is not SEC_E_OK.
 */
SECURITY_STATUS tickets_from_password(const struct identity *identity, struct tickets **out,
                                      krb5_error_code *code) __attribute__((warn_unused_result));

/* Copies the tickets of a krb5 credential (a delegated one) into a private cache. */
SECURITY_STATUS tickets_from_cred(gss_cred_id_t cred, struct tickets **out)
    __attribute__((warn_unused_result));

/* An existing cache by name. */
SECURITY_STATUS tickets_from_ccache(const char *name, struct tickets **out)
    __attribute__((warn_unused_result));

/*
 * Whose tickets the default cache holds (free() it) and when its ticket-granting ticket ends.
 * Nobody is asked. False: there is no such cache.
 */
bool tickets_default(char **principal, time_t *expires);

/*
 * The Kerberos principal that an identity names, e.g. alice@REALM; free() it. The domain is a realm
 * of krb5.conf (in its own or in upper case), the default realm or the default realm's first label;
 * a NetBIOS name that is none of these gives KRB5_REALM_UNKNOWN without asking anybody.
 */
krb5_error_code tickets_principal(krb5_context context, const struct identity *identity,
                                  char **principal);

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

/* Seconds that Kerberos lets clocks differ: libdefaults/clockskew of krb5.conf. */
int krb5_clockskew(void);

#endif
