/* SPDX-License-Identifier: MIT */
/*
 * The search for a path, depth first (RFC 4158). Issuers are matched by the name and, where both
 * sides have them, by the key identifiers.
 */
#include "cert/path.h"

#include <string.h>

#include "cert/policy.h"

/* No peer makes us check more signatures than this for one chain. */
#define SIGNATURES_MAX 100

/* Nor walk over all roots, which takes milliseconds, more often than this. */
#define WALKS_MAX 2

struct search {
    const struct cert_sources *sources;
    const struct cert_terms *terms;
    struct cert_path path; /* the one being tried */
    struct cert_path *best;
    unsigned best_rank;
    unsigned signatures, walks;
    bool done;
};

/* The issuers that one certificate may have, tried as they come. */
struct fork {
    bool cyclic;            /* one is in the path already */
    bool signs;             /* one has the key that signed */
    struct cert_link wrong; /* the first that has not: taken if there is no better */
    bool wrong_anchored;
    bool loose; /* now those whose name is the same, but not its encoding */
};

static void search_extend(struct search *search);

void cert_path_clear(struct cert_path *path)
{
    for (unsigned i = 0; i < path->count; i++)
        if (path->links[i].context)
            CertFreeCertificateContext(path->links[i].context);
    memset(path, 0, sizeof(*path));
}

DWORD cert_path_error(const struct cert_path *path)
{
    DWORD error = 0;

    for (unsigned i = 0; i < path->count; i++)
        error |= path->links[i].error;
    return error;
}

static void path_copy(struct cert_path *target, const struct cert_path *source)
{
    cert_path_clear(target);
    *target = *source;
    for (unsigned i = 0; i < target->count; i++)
        if (target->links[i].context)
            target->links[i].context = CertDuplicateCertificateContext(target->links[i].context);
}

static bool path_has(const struct cert_path *path, gnutls_x509_crt_t crt)
{
    for (unsigned i = 0; i < path->count; i++)
        if (gnutls_x509_crt_equals(path->links[i].crt, crt))
            return true;
    return false;
}

/* Walks the certificates of a store: those of a subject, or all for NULL. previous is given back.
 */
static PCCERT_CONTEXT store_next(HCERTSTORE store, const gnutls_datum_t *subject,
                                 PCCERT_CONTEXT previous)
{
    CERT_NAME_BLOB blob;

    if (!subject)
        return CertEnumCertificatesInStore(store, previous);
    blob.cbData = subject->size;
    blob.pbData = subject->data;
    return CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SUBJECT_NAME, &blob,
                                      previous);
}

static bool store_has(HCERTSTORE store, gnutls_x509_crt_t crt)
{
    gnutls_datum_t name = {NULL, 0};
    PCCERT_CONTEXT found = NULL;
    bool has;

    if (gnutls_x509_crt_get_raw_dn(crt, &name) < 0)
        return win_fail(E_OUTOFMEMORY);
    do
        found = store_next(store, &name, found);
    while (found && !gnutls_x509_crt_equals(cert_context_crt(found), crt));
    gnutls_free(name.data);
    has = found != NULL;
    if (found)
        CertFreeCertificateContext(found);
    return has;
}

static bool search_trusts(const struct search *search, gnutls_x509_crt_t crt)
{
    return (search->sources->any_anchor || cert_is_self_signed(crt)) && search->sources->roots &&
           store_has(search->sources->roots, crt);
}

/* A store that cannot be read might have it. */
static DWORD search_distrust(const struct search *search, gnutls_x509_crt_t crt)
{
    HCERTSTORE store = search->sources->distrusted;

    if (!store || (!store_has(store, crt) && sspi_GetLastError() == (DWORD)CRYPT_E_NOT_FOUND))
        return 0;
    return CERT_TRUST_IS_EXPLICIT_DISTRUST;
}

/* The path goes no further: holds it to the terms and keeps it if it is the best so far. */
static void search_finish(struct search *search, bool anchored, DWORD error)
{
    struct cert_path saved = search->path;
    unsigned rank;

    search->path.anchored = anchored;
    search->path.links[search->path.count - 1].error |= error;
    for (unsigned i = 0; i < search->path.count; i++)
        search->path.links[i].error |= search_distrust(search, search->path.links[i].crt);
    cert_path_verify(&search->path, search->terms);
    rank = cert_policy_rank(cert_path_error(&search->path));
    if (search->best->count == 0 || rank > search->best_rank) {
        path_copy(search->best, &search->path);
        search->best_rank = rank;
        search->done = rank == CERT_POLICY_CLEAN;
    }
    search->path = saved;
}

/* Puts an issuer on top of the path, goes on from there, and takes it off again. */
static void search_climb(struct search *search, const struct cert_link *issuer,
                         const struct cert_link *subject, bool anchored)
{
    struct cert_link below = search->path.links[search->path.count - 1];

    search->path.links[search->path.count - 1] = *subject;
    search->path.links[search->path.count++] = *issuer;
    if (anchored)
        search_finish(search, true, 0);
    else
        search_extend(search);
    search->path.links[--search->path.count] = (struct cert_link){.crt = NULL};
    search->path.links[search->path.count - 1] = below;
}

/* Keeps the first issuer with a wrong key, to show what is wrong if no right one turns up. */
static void fork_keep_wrong(struct fork *fork, const struct cert_link *issuer, bool anchored)
{
    if (fork->wrong.crt)
        return;
    fork->wrong = *issuer;
    fork->wrong_anchored = anchored;
    if (issuer->context)
        fork->wrong.context = CertDuplicateCertificateContext(issuer->context);
}

/* Tries a certificate as the issuer of the topmost. */
static void search_try(struct search *search, struct fork *fork, struct cert_link issuer,
                       bool anchored)
{
    struct cert_link subject = search->path.links[search->path.count - 1];
    struct cert_link bare = issuer;

    if (cert_is_named(subject.crt, issuer.crt) == fork->loose ||
        !gnutls_x509_crt_check_issuer(subject.crt, issuer.crt))
        return;
    if (path_has(&search->path, issuer.crt)) {
        fork->cyclic = true;
        return;
    }
    if (search->signatures >= SIGNATURES_MAX)
        return;
    search->signatures++;
    cert_link_verify(&subject, &issuer, anchored);
    if (subject.error & CERT_TRUST_IS_NOT_SIGNATURE_VALID) {
        fork_keep_wrong(fork, &bare, anchored);
        return;
    }
    fork->signs = true;
    search_climb(search, &issuer, &subject, anchored);
}

/* subject: the name to look for, or NULL for all that there are. */
static void search_store(struct search *search, struct fork *fork, HCERTSTORE store,
                         const gnutls_datum_t *subject, bool roots)
{
    PCCERT_CONTEXT found = NULL;

    while (store && !search->done && (found = store_next(store, subject, found)) != NULL) {
        struct cert_link issuer = {cert_context_crt(found), found, 0, 0};

        search_try(search, fork, issuer,
                   roots && (search->sources->any_anchor || cert_is_self_signed(issuer.crt)));
    }
    if (found)
        CertFreeCertificateContext(found);
}

static void search_issuers(struct search *search, struct fork *fork, const gnutls_datum_t *subject)
{
    const struct cert_sources *sources = search->sources;

    search_store(search, fork, sources->roots, subject, true);
    for (unsigned i = 0; i < sources->sent_count && !search->done; i++)
        search_try(search, fork, (struct cert_link){.crt = sources->sent[i]}, false);
    for (unsigned i = 0; i < sources->store_count; i++)
        search_store(search, fork, sources->stores[i], subject, false);
}

/*
 * Names are first looked for as they are encoded. Where that leads nowhere, GnuTLS compares them
 * whatever their strings' types (RFC 5280 7.1), which takes a walk over all there is; so not often.
 */
static void search_fork(struct search *search, struct fork *fork)
{
    gnutls_x509_crt_t subject = search->path.links[search->path.count - 1].crt;
    gnutls_datum_t name = {NULL, 0};

    if (gnutls_x509_crt_get_raw_issuer_dn(subject, &name) < 0)
        return;
    search_issuers(search, fork, &name);
    gnutls_free(name.data);
    if (!fork->signs && !cert_is_self_signed(subject) && search->walks < WALKS_MAX) {
        search->walks++;
        fork->loose = true;
        search_issuers(search, fork, NULL);
    }
}

static void search_climb_wrong(struct search *search, struct fork *fork)
{
    struct cert_link subject = search->path.links[search->path.count - 1];

    cert_link_verify(&subject, &fork->wrong, fork->wrong_anchored);
    search_climb(search, &fork->wrong, &subject, fork->wrong_anchored);
}

/* Nobody signed the topmost: the path ends with it, or shows who might have. */
static void search_end(struct search *search, struct fork *fork)
{
    if (cert_is_self_signed(search->path.links[search->path.count - 1].crt))
        search_finish(search, false, CERT_TRUST_IS_UNTRUSTED_ROOT);
    else if (fork->wrong.crt)
        search_climb_wrong(search, fork);
    else
        search_finish(search, false,
                      CERT_TRUST_IS_PARTIAL_CHAIN | (fork->cyclic ? CERT_TRUST_IS_CYCLIC : 0));
}

static void search_extend(struct search *search)
{
    struct fork fork = {.cyclic = false};

    if (search_trusts(search, search->path.links[search->path.count - 1].crt)) {
        search_finish(search, true, 0);
        return;
    }
    if (search->path.count == CERT_CHAIN_MAX) {
        search_finish(search, false, CERT_TRUST_IS_PARTIAL_CHAIN);
        return;
    }
    search_fork(search, &fork);
    if (!fork.signs)
        search_end(search, &fork);
    if (fork.wrong.context)
        CertFreeCertificateContext(fork.wrong.context);
}

void cert_path_find(const struct cert_sources *sources, const struct cert_terms *terms,
                    const struct cert_link *end, struct cert_path *best)
{
    struct search search = {.sources = sources, .terms = terms, .best = best};

    memset(best, 0, sizeof(*best));
    search.path.links[0] = *end;
    search.path.count = 1;
    search_extend(&search);
}
