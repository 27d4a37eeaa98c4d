/* SPDX-License-Identifier: MIT */
/* The question that Schannel asks: is this chain good? */
#include <string.h>

#include "cert/engine.h"
#include "cert/hostname.h"
#include "cert/policy.h"

static HRESULT path_judge(const struct cert_path *path, const char *host, DWORD *trust)
{
    static const struct cert_pardon none = {0, 0};
    DWORD errors[CERT_CHAIN_MAX];

    for (unsigned i = 0; i < path->count; i++)
        errors[i] = path->links[i].error;
    if (host && !cert_hostname_match(path->links[0].crt, host))
        errors[0] |= CERT_POLICY_OTHER_NAME;
    if (trust)
        *trust = cert_path_error(path);
    return cert_policy_judge(errors, path->count, &none, NULL);
}

HRESULT cert_check_run(const struct cert_check *check, DWORD *trust)
{
    struct cert_engine *engine;
    struct cert_path path;
    struct cert_link end = {.crt = NULL};
    HCERTSTORE crls[2];
    struct cert_sources sources = {.sent = check->chain};
    struct cert_terms terms = {.now = check->now,
                               .flags = check->flags,
                               .pardoned = check->pardoned,
                               .usages = &check->usage,
                               .usage_count = check->usage ? 1 : 0,
                               .staple = check->staple,
                               .crls = crls};
    HRESULT result;

    if (trust)
        *trust = CERT_TRUST_IS_PARTIAL_CHAIN;
    if (check->count == 0 || check->count > CERT_CHAIN_MAX)
        return CERT_E_CHAINING;
    engine = cert_engine_get(HCCE_CURRENT_USER);
    if (!engine)
        return E_OUTOFMEMORY;
    end.crt = check->chain[0];
    sources.sent_count = check->count;
    sources.roots = check->roots ? check->roots : engine->roots;
    sources.distrusted = engine->distrusted;
    sources.stores = engine->stores;
    sources.store_count = engine->store_count;
    if (check->crls)
        crls[terms.crl_count++] = check->crls;
    if (engine->store_count)
        crls[terms.crl_count++] = engine->stores[0];
    cert_path_find(&sources, &terms, &end, &path);
    result = path_judge(&path, check->host, trust);
    cert_path_clear(&path);
    cert_engine_put(engine);
    return result;
}
