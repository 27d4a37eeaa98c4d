/* SPDX-License-Identifier: MIT */
/* What a path is held to, RFC 5280 6.1; certificate policies are not processed. */
#include <gnutls/x509-ext.h>
#include <string.h>

#include "cert/constraint.h"
#include "cert/path.h"
#include "cert/scheme.h"
#include "cert/usage.h"
#include "core/timestamp.h"

/*
 * Times are ours, since a caller may name another than now. Windows and GnuTLS' NORMAL agree on
 * the floor of keys and hashes (RSA of 1024 bits; no MD5, no SHA-1); the system's configuration of
 * GnuTLS can raise it.
 */
#define VERIFY_FLAGS                                                                               \
    (GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW))

/* Whose fault is which bit of GnuTLS' verdict over one certificate and its issuer? */
static const struct {
    unsigned status;
    DWORD subject, issuer;
} verdicts[] = {
    {GNUTLS_CERT_SIGNATURE_FAILURE, CERT_TRUST_IS_NOT_SIGNATURE_VALID, 0},
    {GNUTLS_CERT_INSECURE_ALGORITHM,
     CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE, 0},
    {GNUTLS_CERT_SIGNER_NOT_CA, 0, CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
    {GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT, 0},
};

bool cert_is_named(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    gnutls_datum_t wanted = {NULL, 0}, name = {NULL, 0};
    bool same = gnutls_x509_crt_get_raw_issuer_dn(crt, &wanted) == 0 &&
                gnutls_x509_crt_get_raw_dn(issuer, &name) == 0 && wanted.size == name.size &&
                memcmp(wanted.data, name.data, name.size) == 0;

    gnutls_free(wanted.data);
    gnutls_free(name.data);
    return same;
}

bool cert_is_self_issued(gnutls_x509_crt_t crt)
{
    return cert_is_named(crt, crt);
}

bool cert_is_self_signed(gnutls_x509_crt_t crt)
{
    return gnutls_x509_crt_check_issuer(crt, crt) != 0;
}

static bool may_sign(gnutls_x509_crt_t issuer)
{
    unsigned usage;
    int result = gnutls_x509_crt_get_key_usage(issuer, &usage, NULL);

    return result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
           (result == 0 && (usage & GNUTLS_KEY_KEY_CERT_SIGN));
}

/* RFC 7633 4.2.2: a certificate asks for the TLS features that its issuer asks for. */
static bool features_allowed(gnutls_x509_crt_t issuer, gnutls_x509_crt_t subject)
{
    gnutls_x509_tlsfeatures_t features;
    bool allowed;

    if (gnutls_x509_tlsfeatures_init(&features) < 0)
        return false;
    allowed = gnutls_x509_crt_get_tlsfeatures(issuer, features, 0, NULL) ==
                  GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
              gnutls_x509_tlsfeatures_check_crt(features, subject) != 0;
    gnutls_x509_tlsfeatures_deinit(features);
    return allowed;
}

/*
 * GnuTLS reports the issuer's key usage, TLS features, name constraints and RSA-PSS parameters by
 * one bit. Name constraints are checked in constraint.c, so that they alone explain nothing here;
 * whatever has no other explanation counts as a signature that does not hold.
 */
static void link_constraint(struct cert_link *subject, struct cert_link *issuer)
{
    bool explained = cert_constraint_has(issuer->crt) &&
                     gnutls_x509_crt_get_pk_algorithm(issuer->crt, NULL) != GNUTLS_PK_RSA_PSS;

    if (!may_sign(issuer->crt)) {
        issuer->error |= CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
        explained = true;
    }
    if (!features_allowed(issuer->crt, subject->crt)) {
        subject->error |= CERT_TRUST_INVALID_POLICY_CONSTRAINTS;
        explained = true;
    }
    if (!explained)
        subject->error |= CERT_TRUST_IS_NOT_SIGNATURE_VALID;
}

static void link_verdict(struct cert_link *subject, struct cert_link *issuer, unsigned status)
{
    unsigned known = GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE;

    for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
        known |= verdicts[i].status;
        if (status & verdicts[i].status) {
            subject->error |= verdicts[i].subject;
            issuer->error |= verdicts[i].issuer;
        }
    }
    if (status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE)
        link_constraint(subject, issuer);
    /* "Invalid" without a reason is an encoding or a signature of a kind unknown to GnuTLS. */
    if ((status & ~known) || status == GNUTLS_CERT_INVALID)
        subject->error |= CERT_TRUST_IS_NOT_SIGNATURE_VALID;
}

static DWORD link_match(gnutls_x509_crt_t subject, gnutls_x509_crt_t issuer)
{
    unsigned char id[64];
    size_t size = sizeof(id);
    int named = gnutls_x509_crt_get_authority_key_id(subject, id, &size, NULL);

    size = sizeof(id);
    if (named == 0 && gnutls_x509_crt_get_subject_key_id(issuer, id, &size, NULL) == 0)
        return CERT_TRUST_HAS_KEY_MATCH_ISSUER;
    return CERT_TRUST_HAS_NAME_MATCH_ISSUER;
}

/* The rest of a verdict, when the signature holds after all. */
static unsigned signature_pardon(unsigned status)
{
    status &= ~(unsigned)GNUTLS_CERT_SIGNATURE_FAILURE;
    return status == GNUTLS_CERT_INVALID ? 0 : status;
}

void cert_link_verify(struct cert_link *subject, struct cert_link *issuer, bool anchor)
{
    unsigned status = GNUTLS_CERT_INVALID;
    /* A root of version 1 cannot say that it is an authority; its place in the store does. */
    bool told = anchor && gnutls_x509_crt_get_version(issuer->crt) == 1;
    unsigned flags = VERIFY_FLAGS | (told ? 0 : GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT);

    subject->info |= link_match(subject->crt, issuer->crt) | CERT_TRUST_HAS_PREFERRED_ISSUER;
    if (gnutls_x509_crt_verify(subject->crt, &issuer->crt, 1, flags, &status) < 0)
        status |= GNUTLS_CERT_INVALID;
    if ((status & GNUTLS_CERT_SIGNATURE_FAILURE) &&
        cert_scheme_pss_holds(subject->crt, issuer->crt))
        status = signature_pardon(status);
    if (status)
        link_verdict(subject, issuer, status);
}

time_t cert_time(const FILETIME *when)
{
    int64_t units = (int64_t)((uint64_t)when->dwHighDateTime << 32 | when->dwLowDateTime);

    return (time_t)((units - timestamp_units(0)) / 10000000);
}

static void path_times(struct cert_path *path, time_t now)
{
    for (unsigned i = 0; i < path->count; i++) {
        time_t from = gnutls_x509_crt_get_activation_time(path->links[i].crt);
        time_t until = gnutls_x509_crt_get_expiration_time(path->links[i].crt);

        if (from == (time_t)-1 || until == (time_t)-1 || now < from || now > until)
            path->links[i].error |= CERT_TRUST_IS_NOT_TIME_VALID;
    }
}

/* Whether so many authorities may follow; what cannot be read allows none. */
static bool length_allows(gnutls_x509_crt_t issuer, int below)
{
    unsigned ca;
    int most = -1;
    int result = gnutls_x509_crt_get_basic_constraints(issuer, NULL, &ca, &most);

    return result < 0 ? result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE : most < 0 || below <= most;
}

/* RFC 5280 4.2.1.9: those that name themselves do not count. */
static void path_lengths(struct cert_path *path)
{
    int below = 0;

    for (unsigned i = 1; i < path->count; i++) {
        if (!length_allows(path->links[i].crt, below))
            path->links[i].error |= CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
        if (!cert_is_self_issued(path->links[i].crt))
            below++;
    }
}

/* RFC 5280 6.1.3 (b, c): all below, but authorities that name themselves. */
static void path_constraints(struct cert_path *path)
{
    for (unsigned i = path->count; i-- > 1;) {
        if (!cert_constraint_has(path->links[i].crt))
            continue;
        for (unsigned j = i; j-- > 0;)
            if (j == 0 || !cert_is_self_issued(path->links[j].crt))
                path->links[j].error |=
                    cert_constraint_check(path->links[i].crt, path->links[j].crt);
    }
}

/* A usage that the root or an authority has not is lost to all below, as on Windows. */
static void path_usages(struct cert_path *path, const struct cert_terms *terms)
{
    unsigned left = terms->usage_count < CERT_USAGES_MAX ? (1u << terms->usage_count) - 1 : ~0u;
    unsigned all = left;

    for (unsigned i = path->count; all && i-- > 0;) {
        for (unsigned u = 0; u < terms->usage_count && u < CERT_USAGES_MAX; u++)
            if ((left & 1u << u) && !cert_usage_allows(path->links[i].crt, terms->usages[u]))
                left &= ~(1u << u);
        if (terms->any_usage ? left == 0 : left != all)
            path->links[i].error |= CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
    }
}

unsigned cert_revocation_asked(const struct cert_path *path, DWORD flags)
{
    bool rooted = cert_is_self_signed(path->links[path->count - 1].crt);

    if (flags &
        (CERT_CHAIN_REVOCATION_CHECK_CHAIN | CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT))
        return rooted ? path->count - 1 : path->count;
    if (flags & CERT_CHAIN_REVOCATION_CHECK_END_CERT)
        return rooted && path->count == 1 ? 0 : 1;
    return 0;
}

/* A status is only as good as the path: of one that leads nowhere it is unknown. */
static void path_revocation(struct cert_path *path, const struct cert_terms *terms)
{
    unsigned scope = cert_revocation_asked(path, terms->flags);

    for (unsigned i = 0; i < scope; i++) {
        if (path->anchored && i + 1 < path->count)
            path->links[i].error |= cert_revocation_check(
                terms, path->links[i].crt, path->links[i + 1].crt, i == 0 ? terms->staple : NULL);
        else if (!path->anchored)
            path->links[i].error |=
                CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
    }
}

void cert_path_verify(struct cert_path *path, const struct cert_terms *terms)
{
    if (cert_is_self_signed(path->links[path->count - 1].crt))
        path->links[path->count - 1].info |= CERT_TRUST_IS_SELF_SIGNED;
    path_times(path, terms->now);
    path_lengths(path);
    path_constraints(path);
    path_usages(path, terms);
    path_revocation(path, terms);
}
