/* SPDX-License-Identifier: MIT */
/* What is known about the status of certificates. */
#include "lib/revoked.h"

#include <string.h>

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* what is not said is 0 */

#define END       CERT_CHAIN_REVOCATION_CHECK_END_CERT
#define CHAIN     CERT_CHAIN_REVOCATION_CHECK_CHAIN
#define NO_ROOT   CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT
#define REVOKED   CERT_TRUST_IS_REVOKED
#define UNKNOWN   CERT_TRUST_REVOCATION_STATUS_UNKNOWN
#define OFFLINE   (UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION)
#define E_OFFLINE CRYPT_E_REVOCATION_OFFLINE
#define HOUR      ((time_t)3600)

const struct revoked_case revoked_cases[] = {
    {"nobody asks", 0, "lr", 'i', .lists = "il", .result = 0},
    {"nobody knows", END, .result = CRYPT_E_NO_REVOCATION_CHECK, .trust = UNKNOWN},
    {"somebody would know", END, .named = true, .result = E_OFFLINE, .trust = OFFLINE},

    {"good", END, "lg", 'i'},
    {"good, says a delegate", END, "lg", 'd'},
    {"revoked", END, "lr", 'i', .result = CRYPT_E_REVOKED, .trust = REVOKED},
    {"revoked, says a delegate", END, "lr", 'd', .result = CRYPT_E_REVOKED, .trust = REVOKED},
    {"unknown", END, "lu", 'i', .result = E_OFFLINE, .trust = OFFLINE},
    {"a good answer of the day before", END, "lg", 'i', -48 * HOUR, -24 * HOUR, .result = E_OFFLINE,
     .trust = OFFLINE},
    {"a good answer of tomorrow", END, "lg", 'i', 24 * HOUR, 48 * HOUR, .result = E_OFFLINE,
     .trust = OFFLINE},
    {"a good answer without an end", END, "lg", 'i', -HOUR, -1},
    {"an old good answer without an end", END, "lg", 'i', -100 * HOUR, -1, .result = E_OFFLINE,
     .trust = OFFLINE},
    {"an old revocation holds", END, "lr", 'i', -48 * HOUR, -24 * HOUR, .result = CRYPT_E_REVOKED,
     .trust = REVOKED},
    {"for another certificate", END, "og", 'i', .result = E_OFFLINE, .trust = OFFLINE},
    {"another is revoked", END, "or", 'i', .result = E_OFFLINE, .trust = OFFLINE},
    {"a good one before ours, which is revoked", END, "og lr", 'i', .result = CRYPT_E_REVOKED,
     .trust = REVOKED},
    {"a revoked one before ours, which is good", END, "or lg", 'i'},
    {"ours twice, good and revoked", END, "lg lr", 'i', .result = CRYPT_E_REVOKED,
     .trust = REVOKED},
    {"no answers", END, "", 'i', .result = E_OFFLINE, .trust = OFFLINE},
    {"a stranger says good", END, "lg", 'x', .result = E_OFFLINE, .trust = OFFLINE},
    {"a stranger says revoked", END, "lr", 'x', .result = E_OFFLINE, .trust = OFFLINE},
    {"one without the right says good", END, "lg", 'n', .result = E_OFFLINE, .trust = OFFLINE},

    {"not on the list", END, .lists = "i-"},
    {"on the list", END, .lists = "il", .result = CRYPT_E_REVOKED, .trust = REVOKED},
    {"on one of two lists", END, .lists = "i- il", .result = CRYPT_E_REVOKED, .trust = REVOKED},
    {"not on an old list", END, NULL, 0, -48 * HOUR, -24 * HOUR, "i-", .result = E_OFFLINE,
     .trust = OFFLINE},
    {"not on a list of tomorrow", END, NULL, 0, 24 * HOUR, 48 * HOUR, "i-", .result = E_OFFLINE,
     .trust = OFFLINE},
    {"on an old list", END, NULL, 0, -48 * HOUR, -24 * HOUR, "il", .result = CRYPT_E_REVOKED,
     .trust = REVOKED},
    {"a list without an end", END, NULL, 0, -HOUR, -1, "i-", .result = E_OFFLINE, .trust = OFFLINE},
    {"a list that another signed", END, .lists = "ix", .result = E_OFFLINE, .trust = OFFLINE},
    {"a list with a critical extension", END, .lists = "ic", .result = E_OFFLINE, .trust = OFFLINE},
    {"a list signed over SHA-1", END, .lists = "is", .result = E_OFFLINE, .trust = OFFLINE},
    {"the list of another issuer", END, .lists = "r-", .result = CRYPT_E_NO_REVOCATION_CHECK,
     .trust = UNKNOWN},
    {"good by staple, on the list", END, "lg", 'i', .lists = "il", .result = CRYPT_E_REVOKED,
     .trust = REVOKED},
    {"unknown by staple, not on the list", END, "lu", 'i', .lists = "i-"},

    {"the chain: only the leaf is known", NO_ROOT, "lg", 'i', .result = CRYPT_E_NO_REVOCATION_CHECK,
     .trust = UNKNOWN},
    {"the chain: all are known", NO_ROOT, "lg", 'i', .lists = "r-"},
    {"the chain: all are known by lists", CHAIN, .lists = "r- i-"},
    {"the chain: the intermediate is revoked", NO_ROOT, "lg", 'i', .lists = "ri",
     .result = CRYPT_E_REVOKED, .trust = REVOKED},
    {"the chain: the intermediate is revoked, the leaf unknown", CHAIN, .lists = "ri",
     .result = CRYPT_E_REVOKED, .trust = REVOKED | UNKNOWN},
    {"the end alone: the intermediate is revoked", END, "lg", 'i', .lists = "ri"},
};

const unsigned revoked_count = sizeof(revoked_cases) / sizeof(*revoked_cases);

static time_t moment(time_t offset)
{
    return offset == 0 || offset == -1 ? offset : time(NULL) + offset;
}

static void make_staple(const struct revoked_case *revoked, struct revoked_world *world)
{
    struct certs_answer answers[4];
    bool by_issuer = revoked->signer == 'i';
    unsigned count = 0;

    for (const char *at = revoked->staple; *at; at += at[2] ? 3 : 2) {
        answers[count].crt = at[0] == 'l' ? world->chain[0] : world->other;
        answers[count].status = at[1];
        answers[count].from = moment(revoked->from);
        answers[count++].until = moment(revoked->until);
    }
    world->staple =
        certs_response(answers, count, world->chain[1], by_issuer ? world->chain[1] : world->helper,
                       by_issuer ? 1 : 5, !by_issuer);
}

static void make_list(const struct revoked_case *revoked, struct revoked_world *world,
                      const char *which)
{
    bool of_root = which[0] == 'r';
    unsigned key = of_root ? 0 : 1;
    struct certs_list list = {
        .from = moment(revoked->from),
        .until = moment(revoked->until),
        .revoked = which[1] == 'l'   ? world->chain[0]
                   : which[1] == 'i' ? world->chain[1]
                                     : NULL,
        .critical = which[1] == 'c' ? "2.5.29.28" : NULL, /* issuingDistributionPoint */
        .hash = which[1] == 's' ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256,
    };
    gnutls_datum_t der =
        certs_list(&list, of_root ? world->root : world->chain[1], which[1] == 'x' ? 7 : key);

    certs_must(CertAddEncodedCRLToStore(world->lists, X509_ASN_ENCODING, der.data, der.size,
                                        CERT_STORE_ADD_ALWAYS, NULL));
    gnutls_free(der.data);
}

/* Who signs the staple if it is not the issuer. */
static gnutls_x509_crt_t make_helper(const struct revoked_case *revoked,
                                     const struct revoked_world *world)
{
    const struct certs_form form = {.name = "CN=Responder",
                                    .purpose = revoked->signer == 'n' ? szOID_PKIX_KP_SERVER_AUTH
                                                                      : GNUTLS_KP_OCSP_SIGNING,
                                    .usage = GNUTLS_KEY_DIGITAL_SIGNATURE};

    return certs_make(&form, 5, revoked->signer == 'x' ? NULL : world->chain[1], 1);
}

void revoked_make(const struct revoked_case *revoked, struct revoked_world *world)
{
    const struct certs_form root = {.name = "CN=Root", .authority = 1};
    const struct certs_form issuer = {.name = "CN=Issuing CA", .authority = 1};
    const struct certs_form leaf = {.name = "CN=Leaf",
                                    .alt = "dns:www.example.com",
                                    .ocsp = revoked->named ? "http://ocsp.example/" : NULL};

    memset(world, 0, sizeof(*world));
    world->root = certs_make(&root, 0, NULL, 0);
    world->chain[1] = certs_make(&issuer, 1, world->root, 0);
    world->chain[0] = certs_make(&leaf, 9, world->chain[1], 1);
    world->other = certs_make(&leaf, 8, world->chain[1], 1);
    world->helper = make_helper(revoked, world);
    world->roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    world->extra = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    world->lists = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    CertFreeCertificateContext(limbo_add(world->roots, world->root));
    CertFreeCertificateContext(limbo_add(world->extra, world->chain[1]));
    if (revoked->staple)
        make_staple(revoked, world);
    for (const char *at = revoked->lists; at && *at; at += at[2] ? 3 : 2)
        make_list(revoked, world, at);
}

void revoked_free(struct revoked_world *world)
{
    gnutls_x509_crt_deinit(world->root);
    gnutls_x509_crt_deinit(world->chain[0]);
    gnutls_x509_crt_deinit(world->chain[1]);
    gnutls_x509_crt_deinit(world->other);
    gnutls_x509_crt_deinit(world->helper);
    gnutls_free(world->staple.data);
    CertCloseStore(world->roots, 0);
    CertCloseStore(world->extra, 0);
    CertCloseStore(world->lists, 0);
}
