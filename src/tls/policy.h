/* SPDX-License-Identifier: MIT */
/*
 * Which versions and algorithms a credential allows: from Windows' words to a GnuTLS priority. The
 * system's GnuTLS policy is the base and has the last word: nothing that it forbids comes back.
 */
#ifndef SSPI_TLS_POLICY_H
#define SSPI_TLS_POLICY_H

#include <gnutls/gnutls.h>
#include <windows.h>
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>
#include <sspi.h>

struct tls_policy {
    DWORD protocols;   /* SP_PROT_* that stay, of both roles */
    ULONG64 forbidden; /* rows of the algorithm table, by bit */
};

/*
 * The policy of a credential. Returns SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION for what this library
 * does not do at all (DTLS, keys shared beforehand, NULL ciphers alone, parameters that are bound
 * to an application protocol); SEC_E_UNKNOWN_CREDENTIALS for a structure that contradicts itself.
 */
SECURITY_STATUS tls_policy_default(struct tls_policy *policy);
SECURITY_STATUS tls_policy_v4(struct tls_policy *policy, const SCHANNEL_CRED *cred);
SECURITY_STATUS tls_policy_v5(struct tls_policy *policy, const SCH_CREDENTIALS *cred);

/* The bits of a role: SECPKG_CRED_INBOUND or _OUTBOUND. */
DWORD tls_policy_side(ULONG use);

/* Its GnuTLS priority for a role; SEC_E_ALGORITHM_MISMATCH when nothing is left. */
SECURITY_STATUS tls_policy_priority(const struct tls_policy *policy, ULONG use,
                                    gnutls_priority_t *priority)
    __attribute__((warn_unused_result));

/*
 * What is left of the policy in its priority, for the attributes of credentials: the algorithms
 * once each (at most size, their number is returned), and the least and the greatest strength of
 * the ciphers, in bits.
 */
unsigned tls_policy_algorithms(const struct tls_policy *policy, gnutls_priority_t priority,
                               ALG_ID *list, unsigned size);
void tls_policy_strengths(const struct tls_policy *policy, gnutls_priority_t priority, DWORD *least,
                          DWORD *greatest);

#endif
