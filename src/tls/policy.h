/* SPDX-License-Identifier: MIT */
/* Which versions and algorithms a credential allows: from Windows' words to a GnuTLS priority. */
#ifndef SSPI_TLS_POLICY_H
#define SSPI_TLS_POLICY_H

#include "tls/tlspkg.h"

struct tls_policy {
    DWORD protocols; /* SP_PROT_* that stay, of both roles */
};

SECURITY_STATUS tls_policy_default(struct tls_policy *policy);
SECURITY_STATUS tls_policy_v4(struct tls_policy *policy, const SCHANNEL_CRED *cred);
SECURITY_STATUS tls_policy_v5(struct tls_policy *policy, const SCH_CREDENTIALS *cred);

/* The GnuTLS priority for a role, on top of the system's own; a GnuTLS code. */
int tls_policy_priority(const struct tls_policy *policy, ULONG use, gnutls_priority_t *priority);

#endif
