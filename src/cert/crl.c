/* SPDX-License-Identifier: MIT */
/* Revocation lists: contexts, and what stores do with them. */
#include <string.h>

#include "cert/store.h"

static const CRL_INFO *info_of(const struct cert_element *element)
{
    return element->datum->info;
}

/* --- Contexts ------------------------------------------------------------------------------- */

WIN_API PCCRL_CONTEXT CertCreateCRLContext(DWORD dwCertEncodingType, const BYTE *pbCrlEncoded,
                                           DWORD cbCrlEncoded)
{
    if (GET_CERT_ENCODING_TYPE(dwCertEncodingType) != X509_ASN_ENCODING) {
        win_fail(E_INVALIDARG);
        return NULL;
    }
    return cert_element_crl(cert_element_decode(CERT_KIND_CRL, pbCrlEncoded, cbCrlEncoded));
}

WIN_API PCCRL_CONTEXT CertDuplicateCRLContext(PCCRL_CONTEXT pCrlContext)
{
    return cert_element_crl(cert_element_hold(cert_element_from(pCrlContext)));
}

WIN_API BOOL CertFreeCRLContext(PCCRL_CONTEXT pCrlContext)
{
    cert_element_release(cert_element_from(pCrlContext));
    return TRUE;
}

/* Nothing here gives one: programs have the call for the types that CryptQueryObject() may find. */
WIN_API BOOL CertFreeCTLContext(PCCTL_CONTEXT pCtlContext)
{
    return pCtlContext == NULL || win_fail(E_INVALIDARG);
}

/* --- In stores ------------------------------------------------------------------------------ */

static BOOL crl_add(HCERTSTORE handle, struct cert_element *element, DWORD rule, bool link,
                    PCCRL_CONTEXT *out)
{
    struct cert_store *store = cert_store_from(handle);
    struct cert_element *stored = NULL;

    if (out != NULL)
        *out = NULL;
    if (store == NULL || element == NULL)
        return win_fail(E_INVALIDARG);
    if (!cert_store_add(store, element, rule, link, out == NULL ? NULL : &stored))
        return FALSE;
    if (out != NULL)
        *out = cert_element_crl(stored);
    return TRUE;
}

WIN_API BOOL CertAddCRLContextToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                      DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext)
{
    return crl_add(hCertStore, cert_element_from(pCrlContext), dwAddDisposition, false,
                   ppStoreContext);
}

WIN_API BOOL CertAddCRLLinkToStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pCrlContext,
                                   DWORD dwAddDisposition, PCCRL_CONTEXT *ppStoreContext)
{
    return crl_add(hCertStore, cert_element_from(pCrlContext), dwAddDisposition, true,
                   ppStoreContext);
}

WIN_API BOOL CertAddEncodedCRLToStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                      const BYTE *pbCrlEncoded, DWORD cbCrlEncoded,
                                      DWORD dwAddDisposition, PCCRL_CONTEXT *ppCrlContext)
{
    PCCRL_CONTEXT context = CertCreateCRLContext(dwCertEncodingType, pbCrlEncoded, cbCrlEncoded);
    BOOL done;

    if (ppCrlContext != NULL)
        *ppCrlContext = NULL;
    if (context == NULL)
        return FALSE;
    done = CertAddCRLContextToStore(hCertStore, context, dwAddDisposition, ppCrlContext);
    CertFreeCRLContext(context);
    return done;
}

WIN_API BOOL CertDeleteCRLFromStore(PCCRL_CONTEXT pCrlContext)
{
    struct cert_element *element = cert_element_from(pCrlContext);
    BOOL done = element == NULL || cert_store_remove(element);

    cert_element_release(element);
    return done;
}

/* --- Finding -------------------------------------------------------------------------------- */

/* A list of an issuer: by name, and by signature when that is asked for. */
static bool issued_by(const struct cert_element *element, PCCERT_CONTEXT issuer, DWORD flags)
{
    const CERT_NAME_BLOB *a = &info_of(element)->Issuer;
    const CERT_NAME_BLOB *b = &issuer->pCertInfo->Subject;
    gnutls_x509_crt_t crt = cert_context_crt(issuer);
    unsigned status = 0;

    if (a->cbData != b->cbData || memcmp(a->pbData, b->pbData, a->cbData) != 0)
        return false;
    if ((flags & CRL_FIND_ISSUED_BY_SIGNATURE_FLAG) == 0)
        return true;
    return gnutls_x509_crl_verify(element->datum->parsed.crl, &crt, 1,
                                  GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                                      GNUTLS_VERIFY_DISABLE_CRL_CHECKS | GNUTLS_VERIFY_ALLOW_BROKEN,
                                  &status) == 0 &&
           (status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE)) == 0;
}

typedef bool test_fn(const struct cert_element *element, const void *para, DWORD flags);

static bool test_any(const struct cert_element *element, const void *para, DWORD flags)
{
    (void)element, (void)para, (void)flags;
    return true;
}

static bool test_issued_by(const struct cert_element *element, const void *para, DWORD flags)
{
    return para == NULL || issued_by(element, para, flags);
}

static bool test_existing(const struct cert_element *element, const void *para, DWORD flags)
{
    (void)flags;
    return para != NULL && cert_element_equal(element, cert_element_from(para));
}

static bool test_issued_for(const struct cert_element *element, const void *para, DWORD flags)
{
    const CRL_FIND_ISSUED_FOR_PARA *pair = para;

    return pair != NULL && pair->pIssuerCert != NULL &&
           issued_by(element, pair->pIssuerCert, flags);
}

static test_fn *const tests[] = {
    [CRL_FIND_ANY] = test_any,
    [CRL_FIND_ISSUED_BY] = test_issued_by,
    [CRL_FIND_EXISTING] = test_existing,
    [CRL_FIND_ISSUED_FOR] = test_issued_for,
};

WIN_API PCCRL_CONTEXT CertFindCRLInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                         DWORD dwFindFlags, DWORD dwFindType,
                                         const void *pvFindPara, PCCRL_CONTEXT pPrevCrlContext)
{
    struct cert_element *found = cert_element_from(pPrevCrlContext);
    struct cert_store *store = cert_store_from(hCertStore);

    (void)dwCertEncodingType;
    if (store == NULL || dwFindType >= sizeof(tests) / sizeof(tests[0])) {
        cert_element_release(found);
        win_fail(E_INVALIDARG);
        return NULL;
    }
    do
        found = cert_store_next(store, CERT_KIND_CRL, found);
    while (found != NULL && !tests[dwFindType](found, pvFindPara, dwFindFlags));
    if (found == NULL)
        win_fail(CRYPT_E_NOT_FOUND);
    return cert_element_crl(found);
}

WIN_API PCCRL_CONTEXT CertEnumCRLsInStore(HCERTSTORE hCertStore, PCCRL_CONTEXT pPrevCrlContext)
{
    return CertFindCRLInStore(hCertStore, X509_ASN_ENCODING, 0, CRL_FIND_ANY, NULL,
                              pPrevCrlContext);
}

WIN_API BOOL CertFindCertificateInCRL(PCCERT_CONTEXT pCert, PCCRL_CONTEXT pCrlContext,
                                      DWORD dwFlags, void *pvReserved, PCRL_ENTRY *ppCrlEntry)
{
    const CRYPT_INTEGER_BLOB *serial;

    (void)dwFlags, (void)pvReserved;
    if (pCert == NULL || pCrlContext == NULL || ppCrlEntry == NULL)
        return win_fail(E_INVALIDARG);
    serial = &pCert->pCertInfo->SerialNumber;
    *ppCrlEntry = NULL;
    for (DWORD i = 0; i < pCrlContext->pCrlInfo->cCRLEntry; i++) {
        PCRL_ENTRY entry = &pCrlContext->pCrlInfo->rgCRLEntry[i];

        if (entry->SerialNumber.cbData == serial->cbData &&
            memcmp(entry->SerialNumber.pbData, serial->pbData, serial->cbData) == 0) {
            *ppCrlEntry = entry;
            break;
        }
    }
    return TRUE;
}
