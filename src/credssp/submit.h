/* SPDX-License-Identifier: MIT */
/* What a program gives a client to hand over, and as whom it logs on. */
#ifndef SSPI_CREDSSP_SUBMIT_H
#define SSPI_CREDSSP_SUBMIT_H

#include <windows.h>

#include <credssp.h>

#include "core/identity.h"
#include "core/package.h"
#include "credssp/policy.h"
#include "credssp/tscreds.h"

struct submit {
    struct tscreds creds;   /* type 0: nothing */
    enum policy_creds kind; /* by which of the policy's rules they may go */
    struct identity *saved; /* whose saved password it is; else NULL */
};

/*
 * Reads pSpnegoCred for a client; redirected: under CREDSSP_FLAG_REDIRECT. On success *submit is to
 * be wiped. Returns SEC_E_OK, SEC_E_UNKNOWN_CREDENTIALS for what is none of the structures,
 * SEC_E_UNSUPPORTED_FUNCTION where the flag or the role does not go with them,
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS submit_read(const CREDSSP_CRED *auth, bool redirected,
                            const struct cred_request *request, struct submit *submit)
    __attribute__((warn_unused_result));

/*
 * The identity that the logon is by, as pAuthData of Negotiate: what the program gave, or NULL for
 * whoever is logged on. room is for one that has to be made.
 */
const void *submit_logon(const struct submit *submit, const CREDSSP_CRED *auth,
                         SEC_WINNT_AUTH_IDENTITY_EXA *room);

void submit_wipe(struct submit *submit);

#endif
