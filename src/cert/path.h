/* SPDX-License-Identifier: MIT */
/*
 * Certification paths, RFC 5280 6: from an end certificate over its issuers to a root.
 *
 * A path is looked for (path.c) among the certificates that came with the end certificate, those of
 * the caller's stores and the roots. What a path is held to is in verify.c, revocation.c and
 * hostname.c; which of its faults is the gravest, in policy.c. cert_check_run() and
 * CertGetCertificateChain() both stand on this, so that they cannot disagree.
 */
#ifndef SSPI_CERT_PATH_H
#define SSPI_CERT_PATH_H

#include "cert/cert.h"

/* A certificate in its place of a path. */
struct cert_link {
    gnutls_x509_crt_t crt;
    PCCERT_CONTEXT context; /* the reference that crt lives by; NULL when it is the caller's */
    DWORD error, info;      /* CERT_TRUST_* */
};

struct cert_path {
    unsigned count;
    bool anchored; /* the last link is trusted */
    struct cert_link links[CERT_CHAIN_MAX];
};

/* Where issuers are looked for: roots first, then what was sent, then the stores in their order. */
struct cert_sources {
    HCERTSTORE roots;
    bool any_anchor;       /* what is in roots is trusted even when it is not self-signed */
    HCERTSTORE distrusted; /* what is in there makes no path; or NULL */
    const gnutls_x509_crt_t *sent;
    unsigned sent_count;
    const HCERTSTORE *stores;
    unsigned store_count;
};

/* What a path is held to. */
struct cert_terms {
    time_t now;
    DWORD flags;               /* CERT_CHAIN_REVOCATION_CHECK_* */
    DWORD pardoned;            /* as struct cert_check has it */
    const char *const *usages; /* OIDs; none: any usage will do */
    unsigned usage_count;      /* at most CERT_USAGES_MAX */
    bool any_usage;            /* one of them is enough */
    const gnutls_datum_t *staple;
    const HCERTSTORE *crls; /* where revocation lists are looked for */
    unsigned crl_count;
};

#define CERT_USAGES_MAX 32

/*
 * Finds the path for an end certificate that holds best: the first without a fault, or that whose
 * gravest fault is the least grave. end.context, if any, is duplicated.
 */
void cert_path_find(const struct cert_sources *sources, const struct cert_terms *terms,
                    const struct cert_link *end, struct cert_path *best);

/* Drops the references. */
void cert_path_clear(struct cert_path *path);

/* All faults and properties of a path. */
DWORD cert_path_error(const struct cert_path *path);

/*
 * Holds a certificate to the one above it: the signature, the algorithms, the issuer's right to
 * issue and its name constraints. The faults go to the one that has them. anchor: the issuer is
 * trusted.
 */
void cert_link_verify(struct cert_link *subject, struct cert_link *issuer, bool anchor);

/* Holds a whole path to the rest: times, path lengths, name constraints, usages, revocation. */
void cert_path_verify(struct cert_path *path, const struct cert_terms *terms);

/*
 * How many certificates, from the end certificate on, have their status asked for by
 * CERT_CHAIN_REVOCATION_CHECK_*. A root vouches for itself: nobody could revoke it.
 */
unsigned cert_revocation_asked(const struct cert_path *path, DWORD flags);

/* CERT_TRUST_IS_REVOKED, CERT_TRUST_REVOCATION_STATUS_UNKNOWN (and CERT_TRUST_IS_OFFLINE_...) or 0.
 */
DWORD cert_revocation_check(const struct cert_terms *terms, gnutls_x509_crt_t crt,
                            gnutls_x509_crt_t issuer, const gnutls_datum_t *staple);

/* Seconds since 1970, which a FILETIME's 100 ns since 1601 are rounded down to. */
time_t cert_time(const FILETIME *when);

/* Whether the certificate names another as its issuer, as that one's name is encoded. */
bool cert_is_named(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);

/*
 * Whether the certificate names itself as its issuer (RFC 5280 3.2), and whether it may have signed
 * itself: the key identifiers, if any, agree as well.
 */
bool cert_is_self_issued(gnutls_x509_crt_t crt);
bool cert_is_self_signed(gnutls_x509_crt_t crt);

#endif
