/* SPDX-License-Identifier: MIT */
/* CertVerifyRevocation(), CertVerifyCRLRevocation(). */
#include <stdlib.h>
#include <string.h>

#include "cert/engine.h"

#define REVOCATION_HAS(para, member)                                                               \
    ((para) && (para)->cbSize >= offsetof(CERT_REVOCATION_PARA, member) + sizeof((para)->member))

/* Whether the issuer's key signed the subject. */
static bool issuer_signs(PCCERT_CONTEXT issuer, PCCERT_CONTEXT context)
{
    struct cert_link subject = {.crt = cert_context_crt(context)};
    struct cert_link above = {.crt = cert_context_crt(issuer)};

    cert_link_verify(&subject, &above, true);
    return (subject.error & CERT_TRUST_IS_NOT_SIGNATURE_VALID) == 0;
}

/* An authority may have had several keys, and not say in its certificates which is which. */
static PCCERT_CONTEXT store_issuer(HCERTSTORE store, PCCERT_CONTEXT context)
{
    PCCERT_CONTEXT issuer = NULL;

    do
        issuer = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_ISSUER_OF,
                                            context, issuer);
    while (issuer && !issuer_signs(issuer, context));
    return issuer;
}

/* The issuer of one of the certificates: counted, or NULL. */
static PCCERT_CONTEXT revocation_issuer(PCCERT_CONTEXT context, PCCERT_CONTEXT next,
                                        const CERT_REVOCATION_PARA *para)
{
    PCCERT_CONTEXT issuer = next;

    if (!issuer && REVOCATION_HAS(para, pIssuerCert))
        issuer = para->pIssuerCert;
    if (issuer)
        return CertDuplicateCertificateContext(issuer);
    for (DWORD i = 0; REVOCATION_HAS(para, rgCertStore) && i < para->cCertStore && !issuer; i++)
        issuer = store_issuer(para->rgCertStore[i], context);
    if (!issuer && cert_is_self_signed(cert_context_crt(context)))
        issuer = CertDuplicateCertificateContext(context);
    return issuer;
}

static HRESULT revocation_error(DWORD error)
{
    if (error & CERT_TRUST_IS_REVOKED)
        return CRYPT_E_REVOKED;
    if (error & CERT_TRUST_IS_OFFLINE_REVOCATION)
        return CRYPT_E_REVOCATION_OFFLINE;
    return error ? CRYPT_E_NO_REVOCATION_CHECK : S_OK;
}

static HRESULT revocation_of(const struct cert_terms *terms, PCCERT_CONTEXT context,
                             PCCERT_CONTEXT issuer)
{
    if (!issuer ||
        !gnutls_x509_crt_check_issuer(cert_context_crt(context), cert_context_crt(issuer)) ||
        !issuer_signs(issuer, context))
        return CRYPT_E_NO_REVOCATION_CHECK;
    return revocation_error(
        cert_revocation_check(terms, cert_context_crt(context), cert_context_crt(issuer), NULL));
}

/* Where lists are: the caller's stores and the system's. NULL without memory. */
static HCERTSTORE *revocation_stores(const CERT_REVOCATION_PARA *para,
                                     const struct cert_engine *engine, unsigned *count)
{
    DWORD given = REVOCATION_HAS(para, rgCertStore) ? para->cCertStore : 0;
    HCERTSTORE *stores = calloc((size_t)given + 1 + engine->store_count, sizeof(*stores));

    if (!stores)
        return NULL;
    *count = 0;
    if (REVOCATION_HAS(para, hCrlStore) && para->hCrlStore)
        stores[(*count)++] = para->hCrlStore;
    for (DWORD i = 0; i < given; i++)
        if (para->rgCertStore[i])
            stores[(*count)++] = para->rgCertStore[i];
    for (unsigned i = 0; i < engine->store_count; i++)
        stores[(*count)++] = engine->stores[i];
    return stores;
}

/* The first that is not known to be good, and why; cContext and S_OK if all are. */
static HRESULT revocation_first(const struct cert_terms *terms, PVOID *contexts, DWORD count,
                                DWORD flags, const CERT_REVOCATION_PARA *para, DWORD *index)
{
    HRESULT result = S_OK;

    for (*index = 0; *index < count; ++*index) {
        bool chained = (flags & CERT_VERIFY_REV_CHAIN_FLAG) && *index + 1 < count;
        PCCERT_CONTEXT context = contexts[*index];
        PCCERT_CONTEXT issuer =
            revocation_issuer(context, chained ? contexts[*index + 1] : NULL, para);

        result = revocation_of(terms, context, issuer);
        if (issuer)
            CertFreeCertificateContext(issuer);
        if (result != S_OK)
            break;
    }
    return result;
}

static bool revocation_is_fine(DWORD type, DWORD count, PVOID *contexts,
                               const CERT_REVOCATION_STATUS *status)
{
    if (type != CERT_CONTEXT_REVOCATION_TYPE || count == 0 || !contexts || !status)
        return false;
    for (DWORD i = 0; i < count; i++)
        if (!contexts[i])
            return false;
    return true;
}

WIN_API BOOL WINAPI CertVerifyRevocation(DWORD dwEncodingType, DWORD dwRevType, DWORD cContext,
                                         PVOID rgpvContext[], DWORD dwFlags,
                                         PCERT_REVOCATION_PARA pRevPara,
                                         PCERT_REVOCATION_STATUS pRevStatus)
{
    struct cert_terms terms = {.now = time(NULL)};
    struct cert_engine *engine;
    HCERTSTORE *stores;
    HRESULT result = E_OUTOFMEMORY;

    (void)dwEncodingType;
    if (!revocation_is_fine(dwRevType, cContext, rgpvContext, pRevStatus))
        return win_fail((DWORD)E_INVALIDARG);
    engine = cert_engine_get(HCCE_CURRENT_USER);
    if (!engine)
        return FALSE;
    stores = revocation_stores(pRevPara, engine, &terms.crl_count);
    terms.crls = stores;
    if (REVOCATION_HAS(pRevPara, pftTimeToUse) && pRevPara->pftTimeToUse)
        terms.now = cert_time(pRevPara->pftTimeToUse);
    if (stores)
        result = revocation_first(&terms, rgpvContext, cContext, dwFlags, pRevPara,
                                  &pRevStatus->dwIndex);
    free(stores);
    cert_engine_put(engine);
    pRevStatus->dwError = (DWORD)result;
    pRevStatus->dwReason = 0;
    return result == S_OK || win_fail((DWORD)result);
}

static bool serial_equal(const CRYPT_INTEGER_BLOB *a, const CRYPT_INTEGER_BLOB *b)
{
    return a->cbData == b->cbData &&
           (a->cbData == 0 || memcmp(a->pbData, b->pbData, a->cbData) == 0);
}

WIN_API BOOL WINAPI CertVerifyCRLRevocation(DWORD dwCertEncodingType, PCERT_INFO pCertId,
                                            DWORD cCrlInfo, PCRL_INFO rgpCrlInfo[])
{
    (void)dwCertEncodingType;
    for (DWORD i = 0; i < cCrlInfo; i++)
        for (DWORD j = 0; j < rgpCrlInfo[i]->cCRLEntry; j++)
            if (serial_equal(&pCertId->SerialNumber, &rgpCrlInfo[i]->rgCRLEntry[j].SerialNumber))
                return FALSE;
    return TRUE;
}
