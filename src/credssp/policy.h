/* SPDX-License-Identifier: MIT */
/*
 * Who may be given a user's credentials: the settings of Windows' "Credentials Delegation" group
 * policy, in SYSCONFDIR/sspi/credssp.conf.
 */
#ifndef SSPI_CREDSSP_POLICY_H
#define SSPI_CREDSSP_POLICY_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Fresh ones are those that the program names, saved ones those that the user keeps for it to name;
 * default ones are those of whoever is logged on.
 */
enum policy_creds { POLICY_FRESH, POLICY_SAVED, POLICY_DEFAULT, POLICY_CREDS_COUNT };

/* The lists of service names for each, in the file's order of words; "" is a list without names. */
struct policy {
    struct policy_lists {
        char *allow, *allow_ntlm, *deny;
    } lists[POLICY_CREDS_COUNT];
    uint32_t version_min[2]; /* of a client's peer, and of a server's */
};

/*
 * Reads the file; without one Windows' defaults hold. What cannot be read or understood is
 * SEC_E_DELEGATION_POLICY with the native error: nobody is given anything then. To be freed.
 */
SECURITY_STATUS policy_open(struct policy *policy) __attribute__((warn_unused_result));
void policy_close(struct policy *policy);

/* For a person: the setting that allows these credentials, and the file it is in, or would be. */
const char *policy_setting(enum policy_creds creds);
const char *policy_file(void);

/*
 * Whether a target may have credentials. server_known: it was authenticated by Kerberos or by its
 * certificate. SEC_E_OK, SEC_E_DELEGATION_POLICY, or SEC_E_POLICY_NLTM_ONLY where only that is
 * missing.
 */
SECURITY_STATUS policy_allows(const struct policy *policy, enum policy_creds creds,
                              const char *target, bool server_known)
    __attribute__((warn_unused_result));

#endif
