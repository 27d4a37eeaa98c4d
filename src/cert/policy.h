/* SPDX-License-Identifier: MIT */
/* Which fault of a chain is the gravest, and its HRESULT: one table for all. */
#ifndef SSPI_CERT_POLICY_H
#define SSPI_CERT_POLICY_H

#include <wincrypt.h>

/* Beside the bits of CERT_TRUST_STATUS: the end certificate is for another name. */
#define CERT_POLICY_OTHER_NAME 0x80000000u

/* A rank: the higher, the less grave. */
#define CERT_POLICY_CLEAN ((unsigned)-1)
unsigned cert_policy_rank(DWORD error);

/* What is not looked at. */
struct cert_pardon {
    DWORD policy; /* CERT_CHAIN_POLICY_* flags */
    DWORD checks; /* SECURITY_FLAG_IGNORE_* */
};

/*
 * The gravest unpardoned fault of a chain's elements, the end certificate first: 0 or an HRESULT.
 * *element, if not NULL, gets the index of the first that has it, or -1.
 */
HRESULT cert_policy_judge(const DWORD *errors, unsigned count, const struct cert_pardon *pardon,
                          LONG *element);

#endif
