/* SPDX-License-Identifier: MIT */
/*
 * Revocation by what is at hand: an OCSP response stapled to the end certificate (RFC 6960) and the
 * lists of the given stores (RFC 5280 5, 6.3). Nothing is ever fetched.
 */
#include <gnutls/ocsp.h>
#include <stdlib.h>
#include <string.h>

#include "cert/path.h"

/* A response without an end counts as fresh this long, as GnuTLS has it. */
#define OCSP_FRESH ((time_t)3 * 24 * 60 * 60)

/* What the sources say, which a later one adds to; a revocation is never taken back. */
struct status {
    bool good, revoked;
    bool stale; /* somebody could have told, and did not */
};

static bool is_fresh(time_t from, time_t until, time_t now)
{
    return from != (time_t)-1 && until != (time_t)-1 && from <= now && now <= until;
}

/* ---- OCSP ----------------------------------------------------------------------------------- */

/* One answer of a response; there may be others for other certificates, in any order. */
static void status_add_answer(struct status *status, gnutls_ocsp_resp_t response, unsigned index,
                              gnutls_x509_crt_t crt, time_t now)
{
    unsigned verdict;
    time_t from, until;

    if (gnutls_ocsp_resp_check_crt(response, index, crt) < 0 ||
        gnutls_ocsp_resp_get_single(response, index, NULL, NULL, NULL, NULL, &verdict, &from,
                                    &until, NULL, NULL) < 0)
        return;
    if (until == (time_t)-1 && from != (time_t)-1)
        until = from + OCSP_FRESH;
    if (verdict == GNUTLS_OCSP_CERT_REVOKED)
        status->revoked = true;
    else if (verdict == GNUTLS_OCSP_CERT_GOOD && is_fresh(from, until, now))
        status->good = true;
    else
        status->stale = true;
}

/* Signed by the issuer itself or by one it charged with that (RFC 6960 4.2.2.2). */
static bool response_is_signed(gnutls_ocsp_resp_t response, gnutls_x509_crt_t issuer)
{
    unsigned fault = ~0u;

    return gnutls_ocsp_resp_get_status(response) == GNUTLS_OCSP_RESP_SUCCESSFUL &&
           gnutls_ocsp_resp_verify_direct(response, issuer, &fault, 0) == 0 && fault == 0;
}

static void status_add_staple(struct status *status, const gnutls_datum_t *staple,
                              gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, time_t now)
{
    gnutls_ocsp_resp_t response;
    unsigned verdict;

    if (gnutls_ocsp_resp_init(&response) < 0)
        return;
    status->stale = true;
    if (gnutls_ocsp_resp_import2(response, staple, GNUTLS_X509_FMT_DER) == 0 &&
        response_is_signed(response, issuer))
        for (unsigned i = 0; gnutls_ocsp_resp_get_single(response, i, NULL, NULL, NULL, NULL,
                                                         &verdict, NULL, NULL, NULL, NULL) == 0;
             i++)
            status_add_answer(status, response, i, crt, now);
    gnutls_ocsp_resp_deinit(response);
}

/* ---- lists ---------------------------------------------------------------------------------- */

/*
 * Lists for part of the certificates, of other issuers' and of changes say so by an extension that
 * must be understood (RFC 5280 5.2.4, 5.2.5); none is.
 */
static bool list_is_plain(gnutls_x509_crl_t list)
{
    for (unsigned i = 0;; i++) {
        char oid[128];
        size_t size = sizeof(oid);
        unsigned critical = 1;
        int result = gnutls_x509_crl_get_extension_info(list, i, oid, &size, &critical);

        if (result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return true;
        if (result < 0 || critical)
            return false;
    }
}

static bool list_is_signed(gnutls_x509_crl_t list, gnutls_x509_crt_t issuer)
{
    const unsigned timely =
        GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
    int algorithm = gnutls_x509_crl_get_signature_algorithm(list);
    unsigned status = GNUTLS_CERT_INVALID;

    if (algorithm < 0 || !gnutls_sign_is_secure2((gnutls_sign_algorithm_t)algorithm,
                                                 GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS))
        return false;
    if (gnutls_x509_crl_verify(list, &issuer, 1, 0, &status) < 0)
        return false;
    /* Times are held to the caller's clock, not to GnuTLS'. */
    return status == 0 || ((status & timely) && !(status & ~(timely | GNUTLS_CERT_INVALID)));
}

static void status_add_list(struct status *status, const gnutls_datum_t *der, gnutls_x509_crt_t crt,
                            gnutls_x509_crt_t issuer, time_t now)
{
    gnutls_x509_crl_t list;

    if (gnutls_x509_crl_init(&list) < 0)
        return;
    status->stale = true;
    if (gnutls_x509_crl_import(list, der, GNUTLS_X509_FMT_DER) == 0 && list_is_plain(list) &&
        list_is_signed(list, issuer)) {
        if (gnutls_x509_crt_check_revocation(crt, &list, 1) != 0)
            status->revoked = true;
        else if (is_fresh(gnutls_x509_crl_get_this_update(list),
                          gnutls_x509_crl_get_next_update(list), now))
            status->good = true;
    }
    gnutls_x509_crl_deinit(list);
}

static void status_add_store(struct status *status, HCERTSTORE store, gnutls_x509_crt_t crt,
                             gnutls_x509_crt_t issuer, time_t now)
{
    gnutls_datum_t name = {NULL, 0};
    PCCRL_CONTEXT list = NULL;

    if (gnutls_x509_crt_get_raw_issuer_dn(crt, &name) < 0)
        return;
    while ((list = CertEnumCRLsInStore(store, list)) != NULL) {
        gnutls_datum_t der = {list->pbCrlEncoded, list->cbCrlEncoded};

        if (list->pCrlInfo->Issuer.cbData == name.size &&
            memcmp(list->pCrlInfo->Issuer.pbData, name.data, name.size) == 0)
            status_add_list(status, &der, crt, issuer, now);
    }
    gnutls_free(name.data);
}

/* ---- both ----------------------------------------------------------------------------------- */

/* Whether the certificate names somebody who would know. */
static bool names_responder(gnutls_x509_crt_t crt)
{
    gnutls_datum_t uri = {NULL, 0}, der = {NULL, 0};
    bool names =
        gnutls_x509_crt_get_authority_info_access(crt, 0, GNUTLS_IA_OCSP_URI, &uri, NULL) == 0 ||
        gnutls_x509_crt_get_extension_by_oid2(crt, GNUTLS_X509EXT_OID_CRL_DIST_POINTS, 0, &der,
                                              NULL) == 0;

    gnutls_free(uri.data);
    gnutls_free(der.data);
    return names;
}

DWORD cert_revocation_check(const struct cert_terms *terms, gnutls_x509_crt_t crt,
                            gnutls_x509_crt_t issuer, const gnutls_datum_t *staple)
{
    struct status status = {false, false, false};

    if (staple && staple->size > 0)
        status_add_staple(&status, staple, crt, issuer, terms->now);
    for (unsigned i = 0; i < terms->crl_count; i++)
        status_add_store(&status, terms->crls[i], crt, issuer, terms->now);
    if (status.revoked)
        return CERT_TRUST_IS_REVOKED;
    if (status.good)
        return 0;
    if (status.stale || names_responder(crt))
        return terms->pardoned & CERT_TRUST_IS_OFFLINE_REVOCATION
                   ? 0
                   : CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
    return CERT_TRUST_REVOCATION_STATUS_UNKNOWN & ~terms->pardoned;
}
