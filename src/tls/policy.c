/* SPDX-License-Identifier: MIT */
/* Versions and algorithms, on top of the system's GnuTLS policy, which has the last word. */
#include "tls/policy.h"

#include <stdio.h>
#include <string.h>

#define PROTOCOLS_V4 (SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_2_SERVER)
#define PROTOCOLS_V5 (PROTOCOLS_V4 | SP_PROT_TLS1_3_CLIENT | SP_PROT_TLS1_3_SERVER)

static const struct {
    DWORD protocols;
    const char *name;
} versions[] = {
    {SP_PROT_TLS1_3, "TLS1.3"},
    {SP_PROT_TLS1_2, "TLS1.2"},
    {SP_PROT_TLS1_1, "TLS1.1"},
    {SP_PROT_TLS1_0, "TLS1.0"},
};

SECURITY_STATUS tls_policy_default(struct tls_policy *policy)
{
    policy->protocols = PROTOCOLS_V5;
    return SEC_E_OK;
}

SECURITY_STATUS tls_policy_v4(struct tls_policy *policy, const SCHANNEL_CRED *cred)
{
    policy->protocols =
        cred->grbitEnabledProtocols == 0 ? PROTOCOLS_V4 : cred->grbitEnabledProtocols;
    return SEC_E_OK;
}

SECURITY_STATUS tls_policy_v5(struct tls_policy *policy, const SCH_CREDENTIALS *cred)
{
    policy->protocols = PROTOCOLS_V5;
    if (cred->cTlsParameters != 0 && cred->pTlsParameters != NULL)
        policy->protocols = (SP_PROT_TLS1_0 | SP_PROT_TLS1_1 | SP_PROT_TLS1_2 | SP_PROT_TLS1_3) &
                            ~cred->pTlsParameters[0].grbitDisabledProtocols;
    return SEC_E_OK;
}

int tls_policy_priority(const struct tls_policy *policy, ULONG use, gnutls_priority_t *priority)
{
    char text[256] = "-VERS-ALL";
    DWORD role = use & SECPKG_CRED_INBOUND ? SP_PROT_TLS1_0_SERVER | SP_PROT_TLS1_1_SERVER |
                                                 SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER
                                           : SP_PROT_TLS1_0_CLIENT | SP_PROT_TLS1_1_CLIENT |
                                                 SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (versions[i].protocols & policy->protocols & role) {
            size_t length = strlen(text);

            snprintf(text + length, sizeof(text) - length, ":+VERS-%s", versions[i].name);
        }
    return gnutls_priority_init2(priority, text, NULL, GNUTLS_PRIORITY_INIT_DEF_APPEND);
}
