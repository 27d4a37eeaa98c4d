/* SPDX-License-Identifier: MIT */
/* Faults in the order of their gravity, and CertVerifyCertificateChainPolicy(). */
#include "cert/policy.h"

#include <stdlib.h>
#include <string.h>

#include "cert/hostname.h"
#include "cert/path.h"
#include "cert/usage.h"

/*
 * A chain of forged or revoked certificates is worse than one to an unknown root, and that worse
 * than one whose terms are not met; what could not be asked comes last, so that it hides nothing.
 * This is the order in which Windows' base policy reports, with the name before the unknown.
 */
static const struct fault {
    DWORD bits;
    HRESULT error;
    struct cert_pardon pardon; /* any of these flags passes over it */
} faults[] = {
    {CERT_TRUST_IS_NOT_SIGNATURE_VALID, TRUST_E_CERT_SIGNATURE, {0, 0}},
    {CERT_TRUST_IS_EXPLICIT_DISTRUST, TRUST_E_EXPLICIT_DISTRUST, {0, 0}},
    {CERT_TRUST_IS_REVOKED, CRYPT_E_REVOKED, {0, SECURITY_FLAG_IGNORE_REVOCATION}},
    {CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_CYCLIC,
     CERT_E_CHAINING,
     {CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG, SECURITY_FLAG_IGNORE_UNKNOWN_CA}},
    {CERT_TRUST_IS_UNTRUSTED_ROOT,
     CERT_E_UNTRUSTEDROOT,
     {CERT_CHAIN_POLICY_ALLOW_UNKNOWN_CA_FLAG, SECURITY_FLAG_IGNORE_UNKNOWN_CA}},
    {CERT_TRUST_INVALID_BASIC_CONSTRAINTS,
     TRUST_E_BASIC_CONSTRAINTS,
     {CERT_CHAIN_POLICY_IGNORE_INVALID_BASIC_CONSTRAINTS_FLAG, 0}},
    {CERT_TRUST_INVALID_NAME_CONSTRAINTS | CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT | CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT,
     CERT_E_INVALID_NAME,
     {CERT_CHAIN_POLICY_IGNORE_INVALID_NAME_FLAG, 0}},
    {CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT,
     CERT_E_CRITICAL,
     {CERT_CHAIN_POLICY_IGNORE_NOT_SUPPORTED_CRITICAL_EXT_FLAG, 0}},
    {CERT_TRUST_INVALID_EXTENSION, CERT_E_MALFORMED, {0, 0}},
    {CERT_TRUST_INVALID_POLICY_CONSTRAINTS | CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY,
     CERT_E_INVALID_POLICY,
     {CERT_CHAIN_POLICY_IGNORE_INVALID_POLICY_FLAG, 0}},
    {CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
     CERT_E_WRONG_USAGE,
     {CERT_CHAIN_POLICY_IGNORE_WRONG_USAGE_FLAG, SECURITY_FLAG_IGNORE_WRONG_USAGE}},
    {CERT_TRUST_IS_NOT_TIME_VALID,
     CERT_E_EXPIRED,
     {CERT_CHAIN_POLICY_IGNORE_NOT_TIME_VALID_FLAG, SECURITY_FLAG_IGNORE_CERT_DATE_INVALID}},
    {CERT_POLICY_OTHER_NAME, CERT_E_CN_NO_MATCH, {0, SECURITY_FLAG_IGNORE_CERT_CN_INVALID}},
    {CERT_TRUST_IS_OFFLINE_REVOCATION,
     CRYPT_E_REVOCATION_OFFLINE,
     {0, SECURITY_FLAG_IGNORE_REVOCATION}},
    {CERT_TRUST_REVOCATION_STATUS_UNKNOWN,
     CRYPT_E_NO_REVOCATION_CHECK,
     {0, SECURITY_FLAG_IGNORE_REVOCATION}},
};

#define FAULTS (sizeof(faults) / sizeof(*faults))

unsigned cert_policy_rank(DWORD error)
{
    for (unsigned i = 0; i < FAULTS; i++)
        if (faults[i].bits & error)
            return i;
    return CERT_POLICY_CLEAN;
}

/* The flag that pardons an unknown revocation status depends on the place in the chain. */
static DWORD unknown_pardon(unsigned element, unsigned count)
{
    if (element == 0)
        return CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG;
    return element + 1 == count ? CERT_CHAIN_POLICY_IGNORE_ROOT_REV_UNKNOWN_FLAG
                                : CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG;
}

static bool is_pardoned(const struct fault *fault, const struct cert_pardon *pardon,
                        unsigned element, unsigned count)
{
    DWORD policy = fault->pardon.policy;

    if (fault->bits & (CERT_TRUST_IS_OFFLINE_REVOCATION | CERT_TRUST_REVOCATION_STATUS_UNKNOWN))
        policy |= unknown_pardon(element, count);
    return (policy & pardon->policy) || (fault->pardon.checks & pardon->checks);
}

HRESULT cert_policy_judge(const DWORD *errors, unsigned count, const struct cert_pardon *pardon,
                          LONG *element)
{
    for (unsigned row = 0; row < FAULTS; row++) {
        for (unsigned i = 0; i < count; i++) {
            if ((errors[i] & faults[row].bits) && !is_pardoned(&faults[row], pardon, i, count)) {
                if (element)
                    *element = (LONG)i;
                return faults[row].error;
            }
        }
    }
    if (element)
        *element = -1;
    return S_OK;
}

/* ---- CertVerifyCertificateChainPolicy ------------------------------------------------------- */

#define SSL_HAS(para, member)                                                                      \
    ((para)->cbSize >= offsetof(SSL_EXTRA_CERT_CHAIN_POLICY_PARA, member) + sizeof((para)->member))

/* A chain under judgement: its elements' faults, to which a policy adds. */
struct policy_case {
    const CERT_SIMPLE_CHAIN *chain;
    DWORD errors[CERT_CHAIN_MAX];
    struct cert_pardon pardon;
};

typedef bool (*policy_add)(struct policy_case *policy, const CERT_CHAIN_POLICY_PARA *para);

static bool base_add(struct policy_case *policy, const CERT_CHAIN_POLICY_PARA *para)
{
    (void)policy;
    (void)para;
    return true;
}

static gnutls_x509_crt_t element_crt(const struct policy_case *policy, DWORD index)
{
    return cert_context_crt(policy->chain->rgpElement[index]->pCertContext);
}

static bool ssl_add_name(struct policy_case *policy, LPCWSTR server)
{
    char *host = NULL;

    if (!win_text_from_w(server, &host))
        return false;
    if (host && !cert_hostname_match(element_crt(policy, 0), host))
        policy->errors[0] |= CERT_POLICY_OTHER_NAME;
    free(host);
    return true;
}

/* A client looks at a server's certificate, for its name too; a server at a client's. */
static bool ssl_add(struct policy_case *policy, const CERT_CHAIN_POLICY_PARA *para)
{
    const SSL_EXTRA_CERT_CHAIN_POLICY_PARA *ssl = para ? para->pvExtraPolicyPara : NULL;
    const char *usage;

    if (!ssl)
        return true;
    if (!SSL_HAS(ssl, pwszServerName) ||
        (ssl->dwAuthType != AUTHTYPE_SERVER && ssl->dwAuthType != AUTHTYPE_CLIENT))
        return win_fail((DWORD)E_INVALIDARG);
    policy->pardon.checks = ssl->fdwChecks;
    usage =
        ssl->dwAuthType == AUTHTYPE_SERVER ? szOID_PKIX_KP_SERVER_AUTH : szOID_PKIX_KP_CLIENT_AUTH;
    for (DWORD i = 0; i < policy->chain->cElement; i++)
        if (!cert_usage_allows(element_crt(policy, i), usage))
            policy->errors[i] |= CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
    return ssl->dwAuthType == AUTHTYPE_CLIENT || ssl_add_name(policy, ssl->pwszServerName);
}

/* Is the end certificate what the caller says, an authority or none? */
static bool constraints_add(struct policy_case *policy, const CERT_CHAIN_POLICY_PARA *para)
{
    const DWORD both = BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG |
                       BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG;
    DWORD wanted = para ? para->dwFlags & both : 0;
    bool authority = gnutls_x509_crt_get_ca_status(element_crt(policy, 0), NULL) > 0;

    for (DWORD i = 0; i < policy->chain->cElement; i++)
        policy->errors[i] &= CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
    if ((wanted == BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_CA_FLAG && !authority) ||
        (wanted == BASIC_CONSTRAINTS_CERT_CHAIN_POLICY_END_ENTITY_FLAG && authority))
        policy->errors[0] |= CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
    return true;
}

static const struct {
    LPCSTR oid;
    policy_add add;
} policies[] = {
    {CERT_CHAIN_POLICY_BASE, base_add},
    {CERT_CHAIN_POLICY_SSL, ssl_add},
    {CERT_CHAIN_POLICY_BASIC_CONSTRAINTS, constraints_add},
};

static policy_add policy_find(LPCSTR oid)
{
    for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++)
        if (policies[i].oid == oid)
            return policies[i].add;
    return NULL;
}

WIN_API BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                                     PCCERT_CHAIN_CONTEXT pChainContext,
                                                     PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                                     PCERT_CHAIN_POLICY_STATUS pPolicyStatus)
{
    policy_add add = policy_find(pszPolicyOID);
    struct policy_case policy = {.chain = NULL};
    LONG element;

    if (!add)
        return win_fail(ERROR_FILE_NOT_FOUND);
    if (!pChainContext || !pPolicyStatus || pChainContext->cChain == 0)
        return win_fail((DWORD)E_INVALIDARG);
    policy.chain = pChainContext->rgpChain[0];
    policy.pardon.policy = pPolicyPara ? pPolicyPara->dwFlags : 0;
    for (DWORD i = 0; i < policy.chain->cElement; i++)
        policy.errors[i] = policy.chain->rgpElement[i]->TrustStatus.dwErrorStatus;
    if (!add(&policy, pPolicyPara))
        return FALSE;
    pPolicyStatus->dwError =
        (DWORD)cert_policy_judge(policy.errors, policy.chain->cElement, &policy.pardon, &element);
    pPolicyStatus->lElementIndex = element;
    pPolicyStatus->lChainIndex = element < 0 ? -1 : 0;
    return TRUE;
}
