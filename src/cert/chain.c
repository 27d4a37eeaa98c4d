/* SPDX-License-Identifier: MIT */
/* CertGetCertificateChain() and what is done with a chain context; CertFindChainInStore(). */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cert/engine.h"
#include "cert/usage.h"

/* One allocation: the context, its one simple chain, and the elements. */
struct chain {
    CERT_CHAIN_CONTEXT context; /* first: what the caller has */
    atomic_uint references;
    CERT_SIMPLE_CHAIN simple;
    PCERT_SIMPLE_CHAIN simples[1];
    PCERT_CHAIN_ELEMENT pointers[CERT_CHAIN_MAX];
    CERT_CHAIN_ELEMENT elements[CERT_CHAIN_MAX];
    CERT_REVOCATION_INFO revocation[CERT_CHAIN_MAX];
    CERT_ENHKEY_USAGE *usages[CERT_CHAIN_MAX]; /* owned */
};

static struct chain *chain_of(PCCERT_CHAIN_CONTEXT context)
{
    return (struct chain *)(uintptr_t)context;
}

static void chain_free(struct chain *chain, unsigned count)
{
    for (unsigned i = 0; chain && i < count; i++) {
        CertFreeCertificateContext(chain->elements[i].pCertContext);
        free(chain->usages[i]);
    }
    free(chain);
}

static DWORD revocation_result(DWORD error)
{
    if (error & CERT_TRUST_IS_REVOKED)
        return (DWORD)CRYPT_E_REVOKED;
    if (error & CERT_TRUST_IS_OFFLINE_REVOCATION)
        return (DWORD)CRYPT_E_REVOCATION_OFFLINE;
    return error & CERT_TRUST_REVOCATION_STATUS_UNKNOWN ? (DWORD)CRYPT_E_NO_REVOCATION_CHECK : 0;
}

/* A usage that an authority does not have is none of those below it. NULL: any usage. */
static bool chain_usage(struct chain *chain, const struct cert_path *path, unsigned i)
{
    gnutls_x509_crt_t above[CERT_CHAIN_MAX];
    unsigned count = path->count - i - 1;

    for (unsigned j = 0; j < count; j++)
        above[j] = path->links[i + 1 + j].crt;
    if (!cert_usage_effective(path->links[i].crt, above, count, &chain->usages[i]))
        return false;
    chain->elements[i].pApplicationUsage = chain->usages[i];
    if (!chain->usages[i] && i + 1 < path->count)
        chain->elements[i].pApplicationUsage = chain->elements[i + 1].pApplicationUsage;
    return true;
}

static bool chain_add(struct chain *chain, const struct cert_path *path, unsigned i, DWORD flags)
{
    const struct cert_link *link = &path->links[i];
    CERT_CHAIN_ELEMENT *element = &chain->elements[i];

    chain->pointers[i] = element;
    element->cbSize = sizeof(*element);
    element->pCertContext = CertDuplicateCertificateContext(link->context);
    element->TrustStatus.dwErrorStatus = link->error;
    element->TrustStatus.dwInfoStatus = link->info;
    chain->simple.TrustStatus.dwErrorStatus |= link->error;
    if (cert_revocation_asked(path, flags) > i) {
        chain->revocation[i].cbSize = sizeof(chain->revocation[i]);
        chain->revocation[i].dwRevocationResult = revocation_result(link->error);
        element->pRevocationInfo = &chain->revocation[i];
    }
    return chain_usage(chain, path, i);
}

static struct chain *chain_new(const struct cert_path *path, DWORD flags)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    bool whole = chain != NULL;

    /* From the root down: what an authority may be used for bounds those below. */
    for (unsigned i = path->count; whole && i-- > 0;)
        whole = chain_add(chain, path, i, flags);
    if (!whole) {
        chain_free(chain, path->count);
        return NULL;
    }
    atomic_init(&chain->references, 1);
    chain->simple.cbSize = sizeof(chain->simple);
    chain->simple.TrustStatus.dwInfoStatus = CERT_TRUST_HAS_PREFERRED_ISSUER;
    chain->simple.cElement = path->count;
    chain->simple.rgpElement = chain->pointers;
    chain->simples[0] = &chain->simple;
    chain->context.cbSize = sizeof(chain->context);
    chain->context.TrustStatus = chain->simple.TrustStatus;
    chain->context.cChain = 1;
    chain->context.rgpChain = chain->simples;
    chain->context.dwCreateFlags = flags;
    gnutls_rnd(GNUTLS_RND_NONCE, &chain->context.ChainId, sizeof(chain->context.ChainId));
    return chain;
}

/* ---- CertGetCertificateChain ---------------------------------------------------------------- */

/* What the search works with: the stores of the engine, of the caller and of the certificate. */
struct request {
    struct cert_engine *engine;
    HCERTSTORE *stores;
    struct cert_sources sources;
    struct cert_terms terms;
    gnutls_datum_t staple;
};

static void request_end(struct request *request)
{
    free(request->staple.data);
    free(request->stores);
    cert_engine_put(request->engine);
}

static bool request_stores(struct request *request, PCCERT_CONTEXT context, HCERTSTORE additional)
{
    struct cert_engine *engine = request->engine;
    unsigned count = 0;

    request->stores = calloc(engine->store_count + 2, sizeof(*request->stores));
    if (!request->stores)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (additional)
        request->stores[count++] = additional;
    if (context->hCertStore && context->hCertStore != additional)
        request->stores[count++] = context->hCertStore;
    for (unsigned i = 0; i < engine->store_count; i++)
        request->stores[count++] = engine->stores[i];
    request->sources.roots = engine->roots;
    request->sources.distrusted = engine->distrusted;
    request->sources.any_anchor = engine->any_anchor;
    request->sources.stores = request->terms.crls = request->stores;
    request->sources.store_count = request->terms.crl_count = count;
    return true;
}

/* The response that a server stapled to the certificate is one of its properties. */
static bool request_staple(struct request *request, PCCERT_CONTEXT context)
{
    DWORD size = 0;

    if (!CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, NULL, &size) ||
        size == 0)
        return true;
    request->staple.data = malloc(size);
    if (!request->staple.data)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (CertGetCertificateContextProperty(context, CERT_OCSP_RESPONSE_PROP_ID, request->staple.data,
                                          &size)) {
        request->staple.size = size;
        request->terms.staple = &request->staple;
    }
    return true;
}

#define PARA_HAS(para, member)                                                                     \
    ((para)->cbSize >= offsetof(CERT_CHAIN_PARA, member) + sizeof((para)->member))

static bool usages_are_fine(const CERT_USAGE_MATCH *match)
{
    if (match->dwType > USAGE_MATCH_TYPE_OR || match->Usage.cUsageIdentifier > CERT_USAGES_MAX ||
        (match->Usage.cUsageIdentifier && !match->Usage.rgpszUsageIdentifier))
        return false;
    for (DWORD i = 0; i < match->Usage.cUsageIdentifier; i++)
        if (!match->Usage.rgpszUsageIdentifier[i])
            return false;
    return true;
}

/* Demands that we do not look at are refused, not passed over. */
static bool para_is_fine(const CERT_CHAIN_PARA *para)
{
    if (!para || !PARA_HAS(para, RequestedUsage) || !usages_are_fine(&para->RequestedUsage))
        return win_fail((DWORD)E_INVALIDARG);
    if ((PARA_HAS(para, RequestedIssuancePolicy) &&
         para->RequestedIssuancePolicy.Usage.cUsageIdentifier) ||
        (PARA_HAS(para, pStrongSignPara) && para->pStrongSignPara))
        return win_fail(ERROR_NOT_SUPPORTED);
    return true;
}

static bool request_begin(struct request *request, HCERTCHAINENGINE engine, PCCERT_CONTEXT context,
                          const FILETIME *when, HCERTSTORE additional, const CERT_CHAIN_PARA *para)
{
    const CERT_ENHKEY_USAGE *usage = &para->RequestedUsage.Usage;

    request->engine = cert_engine_get(engine);
    if (!request->engine)
        return false;
    request->terms.now = when ? cert_time(when) : time(NULL);
    request->terms.usages = (const char *const *)usage->rgpszUsageIdentifier;
    request->terms.usage_count = usage->cUsageIdentifier;
    request->terms.any_usage = para->RequestedUsage.dwType == USAGE_MATCH_TYPE_OR;
    return request_stores(request, context, additional) && request_staple(request, context);
}

WIN_API BOOL WINAPI CertGetCertificateChain(HCERTCHAINENGINE hChainEngine,
                                            PCCERT_CONTEXT pCertContext, LPFILETIME pTime,
                                            HCERTSTORE hAdditionalStore,
                                            PCERT_CHAIN_PARA pChainPara, DWORD dwFlags,
                                            LPVOID pvReserved, PCCERT_CHAIN_CONTEXT *ppChainContext)
{
    struct request request = {.engine = NULL};
    struct chain *chain = NULL;
    struct cert_link end = {.context = pCertContext};
    struct cert_path path;

    if (ppChainContext)
        *ppChainContext = NULL;
    if (!pCertContext || !ppChainContext || pvReserved)
        return win_fail((DWORD)E_INVALIDARG);
    if (!para_is_fine(pChainPara))
        return FALSE;
    if (request_begin(&request, hChainEngine, pCertContext, pTime, hAdditionalStore, pChainPara)) {
        request.terms.flags = dwFlags;
        end.crt = cert_context_crt(pCertContext);
        cert_path_find(&request.sources, &request.terms, &end, &path);
        if (request.engine->exclusive && path.anchored)
            path.links[path.count - 1].info |= CERT_TRUST_IS_FROM_EXCLUSIVE_TRUST_STORE;
        chain = chain_new(&path, dwFlags);
        if (!chain)
            win_fail(ERROR_NOT_ENOUGH_MEMORY);
        cert_path_clear(&path);
    }
    request_end(&request);
    *ppChainContext = chain ? &chain->context : NULL;
    return chain != NULL;
}

WIN_API PCCERT_CHAIN_CONTEXT WINAPI
CertDuplicateCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext)
{
    if (pChainContext)
        atomic_fetch_add(&chain_of(pChainContext)->references, 1);
    return pChainContext;
}

WIN_API VOID WINAPI CertFreeCertificateChain(PCCERT_CHAIN_CONTEXT pChainContext)
{
    if (pChainContext && atomic_fetch_sub(&chain_of(pChainContext)->references, 1) == 1)
        chain_free(chain_of(pChainContext), chain_of(pChainContext)->simple.cElement);
}

/* ---- CertFindChainInStore ------------------------------------------------------------------- */

#define FIND_HAS(para, member)                                                                     \
    ((para)->cbSize >= offsetof(CERT_CHAIN_FIND_BY_ISSUER_PARA, member) + sizeof((para)->member))

/* Whether the chain has one of the issuers; no list of issuers is content with any. */
static bool chain_has_issuer(PCCERT_CHAIN_CONTEXT chain, const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];

    for (DWORD i = 0; i < simple->cElement; i++) {
        const CERT_NAME_BLOB *issuer = &simple->rgpElement[i]->pCertContext->pCertInfo->Issuer;

        for (DWORD j = 0; j < para->cIssuer; j++)
            if (para->rgIssuer[j].cbData == issuer->cbData &&
                memcmp(para->rgIssuer[j].pbData, issuer->pbData, issuer->cbData) == 0)
                return true;
    }
    return para->cIssuer == 0;
}

static bool context_has_key(PCCERT_CONTEXT context)
{
    gnutls_privkey_t key;

    if (cert_context_key(context, &key) != SEC_E_OK)
        return false;
    gnutls_privkey_deinit(key);
    return true;
}

static bool context_fits(PCCERT_CONTEXT context, DWORD flags,
                         const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    if (para->pszUsageIdentifier &&
        !cert_usage_allows(cert_context_crt(context), para->pszUsageIdentifier))
        return false;
    if (!(flags & CERT_CHAIN_FIND_BY_ISSUER_NO_KEY_FLAG) && !context_has_key(context))
        return false;
    return !para->pfnFindCallback || para->pfnFindCallback(context, para->pvFindArg);
}

static PCCERT_CHAIN_CONTEXT chain_find(HCERTSTORE store, PCCERT_CONTEXT context, DWORD flags,
                                       const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    CERT_CHAIN_PARA plain = {.cbSize = sizeof(plain)};
    PCCERT_CHAIN_CONTEXT chain;

    if (!context_fits(context, flags, para) ||
        !CertGetCertificateChain(NULL, context, NULL, store, &plain, 0, NULL, &chain))
        return NULL;
    if (chain_has_issuer(chain, para))
        return chain;
    CertFreeCertificateChain(chain);
    return NULL;
}

static bool find_is_fine(HCERTSTORE store, DWORD type, const CERT_CHAIN_FIND_BY_ISSUER_PARA *para)
{
    return store && type == CERT_CHAIN_FIND_BY_ISSUER && para && FIND_HAS(para, pvFindArg) &&
           (para->cIssuer == 0 || para->rgIssuer);
}

WIN_API PCCERT_CHAIN_CONTEXT WINAPI CertFindChainInStore(HCERTSTORE hCertStore,
                                                         DWORD dwCertEncodingType,
                                                         DWORD dwFindFlags, DWORD dwFindType,
                                                         const void *pvFindPara,
                                                         PCCERT_CHAIN_CONTEXT pPrevChainContext)
{
    const CERT_CHAIN_FIND_BY_ISSUER_PARA *para = pvFindPara;
    PCCERT_CHAIN_CONTEXT chain = NULL;
    PCCERT_CONTEXT context = NULL;
    bool fine = find_is_fine(hCertStore, dwFindType, para);

    (void)dwCertEncodingType;
    if (pPrevChainContext) {
        context = CertDuplicateCertificateContext(
            pPrevChainContext->rgpChain[0]->rgpElement[0]->pCertContext);
        CertFreeCertificateChain(pPrevChainContext);
    }
    while (fine && !chain && (context = CertEnumCertificatesInStore(hCertStore, context)) != NULL)
        chain = chain_find(hCertStore, context, dwFindFlags, para);
    if (context)
        CertFreeCertificateContext(context);
    if (!chain)
        win_fail((DWORD)(fine ? CRYPT_E_NOT_FOUND : E_INVALIDARG));
    return chain;
}
