/* SPDX-License-Identifier: MIT */
/* Making a handle of a package: what each of them wants in AcquireCredentialsHandle(). */
#ifndef GSSPLUGIN_ACQUIRE_H
#define GSSPLUGIN_ACQUIRE_H

#include "mech.h"

/* One handle to be made. Everything is the caller's. */
struct wish {
    const struct store *store;
    bool inbound;
    const char *principal; /* whose of the process's own; NULL */
    const char *user;      /* who logs on; NULL */
    PCCERT_CONTEXT own;    /* NULL: without a certificate */
    HCERTSTORE roots;      /* NULL: the system's */
};

typedef SECURITY_STATUS acquire_function(const struct wish *wish, const struct mech *mech,
                                         CredHandle *handle, TimeStamp *expiry);

acquire_function acquire_negotiate, acquire_tls, acquire_credssp;

#endif
