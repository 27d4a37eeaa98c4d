/* SPDX-License-Identifier: MIT */
/*
 * A server's accounts: what its program has set, else the file of SSPI_DIGEST_FILE. A file has
 * lines of user:realm:H(A1), as Apache's htdigest writes them; an H(A1) of SHA-256 is one of 64
 * digits.
 */
#ifndef SSPI_DIGEST_ACCOUNTS_H
#define SSPI_DIGEST_ACCOUNTS_H

#include <sspi_linux.h>

#include "digest/response.h"

/* A copy of what a program has set. */
struct digest_settings {
    const struct digest_algorithm *algorithm; /* of HTTP's challenges */
    char *realm, *file;                       /* or NULL */
    sspi_digest_find_fn find;                 /* or NULL */
    void *argument;
};

/* SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY, SEC_E_ALGORITHM_MISMATCH or SEC_E_INVALID_PARAMETER. */
SECURITY_STATUS digest_settings_make(const struct sspi_digest_server *, struct digest_settings **)
    __attribute__((warn_unused_result));

void digest_settings_free(struct digest_settings *);

/*
 * The secret of a user, by the algorithm that *secret names. settings may be NULL. Returns
 * SEC_E_OK, SEC_E_LOGON_DENIED where there is no such account, or SEC_E_NO_CREDENTIALS where there
 * are no accounts, or none that may be trusted.
 */
SECURITY_STATUS digest_account_find(const struct digest_settings *settings, const char *user,
                                    const char *realm, struct digest_secret *secret)
    __attribute__((warn_unused_result));

#endif
