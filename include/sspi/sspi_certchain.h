/* SPDX-License-Identifier: MIT */
/* Chains and what they are good for: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTCHAIN_H
#define GSS_SSPI_CERTCHAIN_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* With CERT_REVOCATION_PARA_HAS_EXTRA_FIELDS the structure is longer on Windows; not here. */
typedef struct _CERT_REVOCATION_PARA {
    DWORD cbSize;
    PCCERT_CONTEXT pIssuerCert;
    DWORD cCertStore;
    HCERTSTORE *rgCertStore;
    HCERTSTORE hCrlStore;
    LPFILETIME pftTimeToUse;
} CERT_REVOCATION_PARA, *PCERT_REVOCATION_PARA;

typedef struct _CERT_REVOCATION_STATUS {
    DWORD cbSize;
    DWORD dwIndex;
    DWORD dwError;
    DWORD dwReason;
    BOOL fHasFreshnessTime;
    DWORD dwFreshnessTime;
} CERT_REVOCATION_STATUS, *PCERT_REVOCATION_STATUS;

#define CERT_CONTEXT_REVOCATION_TYPE                 1
#define CERT_VERIFY_REV_CHAIN_FLAG                   0x1
#define CERT_VERIFY_CACHE_ONLY_BASED_REVOCATION      0x2
#define CERT_VERIFY_REV_ACCUMULATIVE_TIMEOUT_FLAG    0x4
#define CERT_VERIFY_REV_SERVER_OCSP_FLAG             0x8
#define CERT_VERIFY_REV_NO_OCSP_FAILOVER_TO_CRL_FLAG 0x10

/*
 * What holds of all that follows: nothing is fetched from the network. Issuers, revocation lists
 * and OCSP responses are those that the caller and the system's stores have.
 */

/*
 * Makes an engine: the roots and stores that chains are built from. It holds the stores it names.
 *
 * hExclusiveRoot      trusted instead of the system's ROOT; what is not self-signed in it only with
 *                     CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG in dwExclusiveFlags
 * hRestrictedRoot     a part of ROOT that alone is trusted; CERT_E_UNTRUSTEDROOT if it has others
 * hRestrictedOther    where issuers are looked for instead of CA
 * rghAdditionalStore  where else issuers and revocation lists are looked for
 *
 * The members before hExclusiveRoot must be there by cbSize. hExclusiveTrustedPeople must be NULL:
 * ERROR_NOT_SUPPORTED. Caches, trust lists (hRestrictedTrust) and dwFlags have no effect: nothing
 * is kept between two chains. Free *phChainEngine with CertFreeCertificateChainEngine(). Errors:
 * E_INVALIDARG, ERROR_NOT_ENOUGH_MEMORY.
 */
BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                             HCERTCHAINENGINE *phChainEngine);

/* NULL, HCCE_CURRENT_USER and HCCE_LOCAL_MACHINE are left alone. */
VOID WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine);

/*
 * Builds the chain of a certificate and says what is wrong with it: TrustStatus of the context, of
 * its one simple chain, and of each element, the certificate itself first. Success means that there
 * is a chain, not that it is good; CertVerifyCertificateChainPolicy() says that.
 *
 * hChainEngine      NULL: the system's; its ROOT is read anew at most every minute
 * pTime             the moment to look at, UTC; NULL: now
 * hAdditionalStore  issuers and revocation lists, besides those of the certificate's own store, of
 *                   the engine, and of the system's CA; NULL: none
 * pChainPara        RequestedUsage: at most 32 usages, all or any of which each element must allow.
 *                   RequestedIssuancePolicy and pStrongSignPara: ERROR_NOT_SUPPORTED
 * dwFlags           CERT_CHAIN_REVOCATION_CHECK_END_CERT, _CHAIN, _CHAIN_EXCLUDE_ROOT; others have
 *                   no effect. A root's own status is never asked for
 * pvReserved        NULL
 *
 * An OCSP response for the certificate is taken from its property CERT_OCSP_RESPONSE_PROP_ID. Where
 * nothing tells the status: CERT_TRUST_REVOCATION_STATUS_UNKNOWN, with
 * CERT_TRUST_IS_OFFLINE_REVOCATION if the certificate names who would know.
 *
 * Of several chains that of the least grave fault is given; lower quality contexts are not. Chains
 * have at most 16 certificates. pIssuanceUsage and pTrustListInfo are NULL. Certificate policies
 * are not processed; of names the strings' types do not matter, the case of letters does.
 *
 * Free *ppChainContext with CertFreeCertificateChain(). Errors: E_INVALIDARG,
 * ERROR_NOT_ENOUGH_MEMORY, ERROR_NOT_SUPPORTED.
 */
BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine, PCCERT_CONTEXT pCertContext,
                                    LPFILETIME pTime, HCERTSTORE hAdditionalStore,
                                    PCERT_CHAIN_PARA pChainPara, DWORD dwFlags, LPVOID pvReserved,
                                    PCCERT_CHAIN_CONTEXT *ppChainContext);

/* A further reference, returned; NULL is allowed. */
PCCERT_CHAIN_CONTEXT WINAPI CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);

/* Drops a reference; the last frees the chain and its certificates' references. */
VOID WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext);

/*
 * Judges a chain by a policy: pPolicyStatus->dwError is 0 or the gravest of its faults
 * (TRUST_E_CERT_SIGNATURE, CRYPT_E_REVOKED, CERT_E_CHAINING, CERT_E_UNTRUSTEDROOT,
 * TRUST_E_BASIC_CONSTRAINTS, CERT_E_INVALID_NAME, CERT_E_CRITICAL, CERT_E_MALFORMED,
 * CERT_E_INVALID_POLICY, CERT_E_WRONG_USAGE, CERT_E_EXPIRED, CERT_E_CN_NO_MATCH,
 * CRYPT_E_REVOCATION_OFFLINE, CRYPT_E_NO_REVOCATION_CHECK, in this order); lChainIndex and
 * lElementIndex are the place of it, -1 for none.
 *
 * CERT_CHAIN_POLICY_BASE               the chain's own faults, but those dwFlags of pPolicyPara
 *                                      (CERT_CHAIN_POLICY_*_FLAG) passes over
 * CERT_CHAIN_POLICY_SSL                the same, and by SSL_EXTRA_CERT_CHAIN_POLICY_PARA in
 *                                      pvExtraPolicyPara (NULL: none) the usage of dwAuthType, the
 *                                      server's name for AUTHTYPE_SERVER (NULL: any), less
 *                                      fdwChecks. The name is a DNS name, in Unicode or in
 * A-labels, or an IP address, and is looked for in subjectAltName alone: unlike on Windows, the
 * common name is never a host's name CERT_CHAIN_POLICY_BASIC_CONSTRAINTS  only who is an authority
 * and who is not
 *
 * FALSE when nothing was judged: ERROR_FILE_NOT_FOUND for any other policy, E_INVALIDARG.
 */
BOOL WINAPI CertVerifyCertificateChainPolicy(LPCSTR pszPolicyOID,
                                             PCCERT_CHAIN_CONTEXT pChainContext,
                                             PCERT_CHAIN_POLICY_PARA pPolicyPara,
                                             PCERT_CHAIN_POLICY_STATUS pPolicyStatus);

/*
 * The next chain of a certificate in the store after that of pPrevChainContext, which is freed; the
 * first for NULL. dwFindType is CERT_CHAIN_FIND_BY_ISSUER: pvFindPara is a
 * CERT_CHAIN_FIND_BY_ISSUER_PARA, whose usage, callback and issuers (any of the chain's) are looked
 * at; dwKeySpec and dwAcquirePrivateKeyFlags are not. The certificate has a private key unless
 * dwFindFlags has CERT_CHAIN_FIND_BY_ISSUER_NO_KEY_FLAG. Chains are the system engine's, with the
 * store for issuers. NULL at the end, with CRYPT_E_NOT_FOUND; E_INVALIDARG.
 */
PCCERT_CHAIN_CONTEXT WINAPI CertFindChainInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                 DWORD dwFindFlags, DWORD dwFindType,
                                                 const void *pvFindPara,
                                                 PCCERT_CHAIN_CONTEXT pPrevChainContext);

/*
 * Whether certificates are revoked. dwRevType is CERT_CONTEXT_REVOCATION_TYPE, rgpvContext has
 * cContext PCCERT_CONTEXTs; with CERT_VERIFY_REV_CHAIN_FLAG each is the issuer of the one before,
 * else all have pRevPara->pIssuerCert, or one of rgCertStore, or themselves for issuer. Lists come
 * from hCrlStore, rgCertStore and the system's CA. TRUE: none is revoked. FALSE:
 * pRevStatus->dwIndex is the first that is, or of which it is not known, and dwError, also by
 * GetLastError(), CRYPT_E_REVOKED, CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE; or
 * E_INVALIDARG.
 */
BOOL WINAPI CertVerifyRevocation(DWORD dwEncodingType, DWORD dwRevType, DWORD cContext,
                                 PVOID rgpvContext[], DWORD dwFlags, PCERT_REVOCATION_PARA pRevPara,
                                 PCERT_REVOCATION_STATUS pRevStatus);

/*
 * FALSE if the serial number of pCertId is on one of the lists. Neither issuer nor signature nor
 * time of the lists is looked at.
 */
BOOL WINAPI CertVerifyCRLRevocation(DWORD dwCertEncodingType, PCERT_INFO pCertId, DWORD cCrlInfo,
                                    PCRL_INFO rgpCrlInfo[]);

#ifdef __cplusplus
}
#endif

#endif
