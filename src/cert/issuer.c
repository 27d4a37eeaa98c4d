/* SPDX-License-Identifier: MIT */
/* Who issued what: CertGetIssuerCertificateFromStore(), and the certificates that go with one. */
#include <time.h>

#include "cert/scheme.h"
#include "cert/store.h"

static bool signature_holds(gnutls_x509_crt_t subject, gnutls_x509_crt_t issuer)
{
    const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CA_SIGN |
                           GNUTLS_VERIFY_ALLOW_BROKEN;
    unsigned status = 0;

    if (gnutls_x509_crt_verify(subject, &issuer, 1, flags, &status) != 0 ||
        (status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0)
        return false;
    return (status & GNUTLS_CERT_SIGNATURE_FAILURE) == 0 || cert_scheme_pss_holds(subject, issuer);
}

/* Whether an issuer's name, key identifier and signature are those a certificate wants. */
static bool issued_by(gnutls_x509_crt_t subject, gnutls_x509_crt_t issuer)
{
    return gnutls_x509_crt_check_issuer(subject, issuer) != 0 && signature_holds(subject, issuer);
}

static struct cert_element *issuer_in(HCERTSTORE store, PCCERT_CONTEXT subject)
{
    PCCERT_CONTEXT issuer = NULL;

    if (store == NULL)
        return NULL;
    do
        issuer = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_ISSUER_OF,
                                            subject, issuer);
    while (issuer != NULL && !issued_by(cert_context_crt(subject), cert_context_crt(issuer)));
    return cert_element_from(issuer);
}

static bool is_self_signed(PCCERT_CONTEXT context)
{
    return issued_by(cert_context_crt(context), cert_context_crt(context));
}

static bool is_among(PCCERT_CONTEXT context, const PCCERT_CONTEXT *chain, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (cert_element_equal(cert_element_from(context), cert_element_from(chain[i])))
            return true;
    return false;
}

/* The first issuer that any of the stores has. */
static PCCERT_CONTEXT issuer_next(const HCERTSTORE *stores, unsigned count, PCCERT_CONTEXT subject)
{
    struct cert_element *issuer = NULL;

    for (unsigned i = 0; i < count && issuer == NULL; i++)
        issuer = issuer_in(stores[i], subject);
    return cert_element_cert(issuer);
}

unsigned cert_context_chain(PCCERT_CONTEXT context, bool with_root, PCCERT_CONTEXT *chain)
{
    HCERTSTORE stores[3] = {
        context->hCertStore,
        CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, "CA"),
        with_root
            ? CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, "ROOT")
            : NULL};
    unsigned count = 0;

    chain[count++] = CertDuplicateCertificateContext(context);
    while (count < CERT_CHAIN_MAX && !is_self_signed(chain[count - 1])) {
        PCCERT_CONTEXT issuer = issuer_next(stores, 3, chain[count - 1]);

        if (issuer == NULL || is_among(issuer, chain, count) ||
            (!with_root && is_self_signed(issuer))) {
            CertFreeCertificateContext(issuer);
            break;
        }
        chain[count++] = issuer;
    }
    CertCloseStore(stores[1], 0);
    CertCloseStore(stores[2], 0);
    return count;
}

/* --- CertGetIssuerCertificateFromStore() ---------------------------------------------------- */

static bool is_revoked(PCCERT_CONTEXT subject, PCCERT_CONTEXT issuer, bool *known)
{
    PCCRL_CONTEXT crl = NULL;
    bool revoked = false;

    *known = false;
    while (!revoked && issuer->hCertStore != NULL &&
           (crl = CertFindCRLInStore(issuer->hCertStore, X509_ASN_ENCODING,
                                     CRL_FIND_ISSUED_BY_SIGNATURE_FLAG, CRL_FIND_ISSUED_BY, issuer,
                                     crl)) != NULL) {
        PCRL_ENTRY entry = NULL;

        *known = true;
        revoked = CertFindCertificateInCRL(subject, crl, 0, NULL, &entry) && entry != NULL;
    }
    if (revoked)
        CertFreeCRLContext(crl);
    return revoked;
}

static bool is_in_time(PCCERT_CONTEXT context)
{
    time_t now = time(NULL);
    gnutls_x509_crt_t crt = cert_context_crt(context);

    return gnutls_x509_crt_get_activation_time(crt) <= now &&
           now <= gnutls_x509_crt_get_expiration_time(crt);
}

#define CHECKS                                                                                     \
    (CERT_STORE_SIGNATURE_FLAG | CERT_STORE_TIME_VALIDITY_FLAG | CERT_STORE_REVOCATION_FLAG)

WIN_API BOOL CertVerifySubjectCertificateContext(PCCERT_CONTEXT pSubject, PCCERT_CONTEXT pIssuer,
                                                 DWORD *pdwFlags)
{
    DWORD asked, failed = 0;
    bool known = true;

    if (pSubject == NULL || pdwFlags == NULL || (*pdwFlags & ~(DWORD)CHECKS) != 0)
        return win_fail(E_INVALIDARG);
    asked = *pdwFlags;
    if (pIssuer == NULL && (asked & (CERT_STORE_SIGNATURE_FLAG | CERT_STORE_REVOCATION_FLAG)) != 0)
        return win_fail(E_INVALIDARG);
    if ((asked & CERT_STORE_SIGNATURE_FLAG) != 0 &&
        !issued_by(cert_context_crt(pSubject), cert_context_crt(pIssuer)))
        failed |= CERT_STORE_SIGNATURE_FLAG;
    if ((asked & CERT_STORE_TIME_VALIDITY_FLAG) != 0 && !is_in_time(pSubject))
        failed |= CERT_STORE_TIME_VALIDITY_FLAG;
    if ((asked & CERT_STORE_REVOCATION_FLAG) != 0 && is_revoked(pSubject, pIssuer, &known))
        failed |= CERT_STORE_REVOCATION_FLAG;
    if (!known)
        failed |= CERT_STORE_REVOCATION_FLAG | CERT_STORE_NO_CRL_FLAG;
    *pdwFlags = failed;
    return TRUE;
}

WIN_API PCCERT_CONTEXT CertGetIssuerCertificateFromStore(HCERTSTORE hCertStore,
                                                         PCCERT_CONTEXT pSubjectContext,
                                                         PCCERT_CONTEXT pPrevIssuerContext,
                                                         DWORD *pdwFlags)
{
    PCCERT_CONTEXT issuer;

    if (pSubjectContext == NULL || pdwFlags == NULL || (*pdwFlags & ~(DWORD)CHECKS) != 0) {
        CertFreeCertificateContext(pPrevIssuerContext);
        win_fail(E_INVALIDARG);
        return NULL;
    }
    if (is_self_signed(pSubjectContext)) {
        CertFreeCertificateContext(pPrevIssuerContext);
        CertVerifySubjectCertificateContext(pSubjectContext, pSubjectContext, pdwFlags);
        win_fail(CRYPT_E_SELF_SIGNED);
        return NULL;
    }
    issuer = CertFindCertificateInStore(hCertStore, X509_ASN_ENCODING, 0, CERT_FIND_ISSUER_OF,
                                        pSubjectContext, pPrevIssuerContext);
    if (issuer != NULL)
        CertVerifySubjectCertificateContext(pSubjectContext, issuer, pdwFlags);
    return issuer;
}
