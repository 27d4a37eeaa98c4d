/* SPDX-License-Identifier: MIT */
/*
 * NTLM accounts that a server's caller names, in place of NTLM_USER_FILE and winbindd.
 *
 * gss-ntlmssp reads them from a file, and only for a credential with a name of its own. So the leg
 * with the client's answer has such a credential, and a file of one line, which is in memory only:
 * the client that is there is looked up here. Every other leg has the server's usual keys.
 */
#ifndef SSPI_GSS_ACCOUNT_H
#define SSPI_GSS_ACCOUNT_H

#include <gssapi/gssapi.h>
#include <sspi.h>
#include <stdbool.h>

#include "core/identity.h"
#include "core/secret.h"
#include "gss/ntlmanswer.h"

struct account_source {
    const char *sam_file;           /* or NULL */
    const struct hash_source *hash; /* asked first; or NULL */
    const char *computer;           /* the server's DNS name; NULL: this machine's */
};

/* What one leg uses; zeros at first, and closed after it. */
struct account {
    gss_cred_id_t cred;
    int file;           /* when there is a credential with one; or -1 */
    struct blob answer; /* in place of the token; or empty */
};

#define ACCOUNT_NONE                                                                               \
    (struct account)                                                                               \
    {                                                                                              \
        GSS_C_NO_CREDENTIAL, -1,                                                                   \
        {                                                                                          \
            NULL, 0                                                                                \
        }                                                                                          \
    }

/*
 * Makes what the leg with this token needs: nothing, unless it is NTLM's and the source has
 * something to say. Returns SEC_E_OK, SEC_E_LOGON_DENIED for a client that has no account, or why
 * the accounts cannot be used.
 */
SECURITY_STATUS account_open(const struct account_source *source,
                             const struct ntlm_exchange *exchange, const gss_buffer_desc *token,
                             struct account *account) __attribute__((warn_unused_result));

void account_close(struct account *account);

/* Whether the caller has named any. */
static inline bool account_is_named(const struct account_source *source)
{
    return source->sam_file != NULL || source->hash != NULL;
}

/* Whether a file knows the accounts, the caller's or NTLM_USER_FILE, and not a domain. */
bool account_in_file(const struct account_source *source);

#endif
