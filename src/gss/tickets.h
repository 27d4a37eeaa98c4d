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

/*
 * Gets the ticket for a server into the cache, from the KDC that the identity names: the mechanism
 * would ask those of krb5.conf. *code is as above.
 */
SECURITY_STATUS tickets_for_server(const struct tickets *tickets, const struct identity *identity,
                                   gss_name_t server, krb5_error_code *code)
    __attribute__((warn_unused_result));

/* Copies the tickets of a krb5 credential (a delegated one) into a private cache. */
SECURITY_STATUS tickets_from_cred(gss_cred_id_t cred, struct tickets **out)
    __attribute__((warn_unused_result));

/* Copies them into a cache of the caller's (NULL: the default one), which is to be a new one unless
 * it may be overwritten: SEC_E_NOT_OWNER. */
SECURITY_STATUS tickets_write(const struct tickets *tickets, const char *ccache, bool overwrite)
    __attribute__((warn_unused_result));

/* An existing cache by name. */
SECURITY_STATUS tickets_from_ccache(const char *name, struct tickets **out)
    __attribute__((warn_unused_result));

#endif
