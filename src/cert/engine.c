/* SPDX-License-Identifier: MIT */
/*
 * Chain engines. That of the system is kept while ROOT is the same: a copy of its 140 certificates
 * takes a hundredth of a handshake. It is counted: who has the old one finishes with it.
 */
#include "cert/engine.h"

#include <pthread.h>
#include <stdlib.h>

#include "cert/root.h"

/* The engine of the system, and the ROOT that it was made for: root.c knows when that is out of
 * date. */
static struct {
    pthread_mutex_t lock;
    struct cert_engine *engine;
    struct cert_store *source;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void store_close(HCERTSTORE store)
{
    if (store)
        CertCloseStore(store, 0);
}

void cert_engine_put(struct cert_engine *engine)
{
    if (!engine || atomic_fetch_sub(&engine->references, 1) > 1)
        return;
    store_close(engine->roots);
    store_close(engine->distrusted);
    for (unsigned i = 0; i < engine->store_count; i++)
        store_close(engine->stores[i]);
    free(engine->stores);
    free(engine);
}

/* What the user distrusts, whatever the roots are. Who has no folder at all distrusts nothing. It
 * is read at once, so that a lack of memory is none of the chain's faults. */
static bool engine_distrust(struct cert_engine *engine)
{
    PCCERT_CONTEXT first;

    engine->distrusted = CertOpenSystemStoreA(0, "Disallowed");
    if (!engine->distrusted)
        return sspi_GetLastError() == ERROR_FILE_NOT_FOUND;
    first = CertEnumCertificatesInStore(engine->distrusted, NULL);
    CertFreeCertificateContext(first);
    return first || !win_no_memory();
}

/* An engine with room for some stores; roots is its own from now on. */
static struct cert_engine *engine_new(HCERTSTORE roots, unsigned stores)
{
    struct cert_engine *engine = calloc(1, sizeof(*engine));

    if (!engine)
        return NULL;
    engine->stores = calloc(stores, sizeof(*engine->stores));
    if (!engine->stores || !engine_distrust(engine)) {
        store_close(engine->distrusted);
        free(engine->stores);
        free(engine);
        return NULL;
    }
    atomic_init(&engine->references, 1);
    engine->roots = roots;
    return engine;
}

/* A store that cannot be opened is an empty one: nothing is trusted by it. */
static void engine_add(struct cert_engine *engine, HCERTSTORE store)
{
    if (store)
        engine->stores[engine->store_count++] = store;
}

static struct cert_engine *engine_new_system(void)
{
    HCERTSTORE roots = CertOpenSystemStoreA(0, "ROOT");
    struct cert_engine *engine = engine_new(roots, 1);

    if (!engine)
        store_close(roots);
    else
        engine_add(engine, CertOpenSystemStoreA(0, "CA"));
    return engine;
}

/* Makes the shared engine anew if ROOT is another than it was; takes the reference to source. */
static void shared_renew(struct cert_store *source)
{
    struct cert_engine *engine = shared.engine;

    if (engine && source == shared.source) {
        object_unref(&source->object);
        return;
    }
    shared.engine = engine_new_system();
    cert_engine_put(engine);
    if (shared.source)
        object_unref(&shared.source->object);
    shared.source = source;
}

/* Where ROOT cannot be read, nothing is trusted, and the next call tries again. */
static struct cert_engine *engine_get_system(void)
{
    struct cert_store *source = cert_root_get();
    struct cert_engine *engine;

    if (!source)
        return engine_new(NULL, 1);
    pthread_mutex_lock(&shared.lock);
    shared_renew(source);
    engine = shared.engine;
    if (engine)
        atomic_fetch_add(&engine->references, 1);
    pthread_mutex_unlock(&shared.lock);
    return engine;
}

struct cert_engine *cert_engine_get(HCERTCHAINENGINE handle)
{
    struct cert_engine *engine = handle;

    if (handle == HCCE_CURRENT_USER || handle == HCCE_LOCAL_MACHINE)
        engine = engine_get_system();
    else
        atomic_fetch_add(&engine->references, 1);
    if (!engine)
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
    return engine;
}

/* ---- CertCreateCertificateChainEngine ------------------------------------------------------- */

#define CONFIG_HAS(config, member)                                                                 \
    ((config)->cbSize >= offsetof(CERT_CHAIN_ENGINE_CONFIG, member) + sizeof((config)->member))

/* A restricted root is one of the system's as well. */
static bool is_part_of(HCERTSTORE part, HCERTSTORE whole)
{
    PCCERT_CONTEXT context = NULL, same;

    while ((context = CertEnumCertificatesInStore(part, context)) != NULL) {
        same = whole ? CertFindCertificateInStore(whole, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING,
                                                  context, NULL)
                     : NULL;
        if (!same) {
            CertFreeCertificateContext(context);
            return false;
        }
        CertFreeCertificateContext(same);
    }
    return true;
}

/* The roots of a configuration: those given, or the system's. NULL with the error set. */
static HCERTSTORE config_roots(const CERT_CHAIN_ENGINE_CONFIG *config, HCERTSTORE exclusive,
                               const struct cert_engine *system)
{
    if (exclusive)
        return CertDuplicateStore(exclusive);
    if (!config->hRestrictedRoot)
        return system->roots ? CertDuplicateStore(system->roots)
                             : CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    if (is_part_of(config->hRestrictedRoot, system->roots))
        return CertDuplicateStore(config->hRestrictedRoot);
    win_fail((DWORD)CERT_E_UNTRUSTEDROOT);
    return NULL;
}

static struct cert_engine *config_engine(const CERT_CHAIN_ENGINE_CONFIG *config,
                                         const struct cert_engine *system)
{
    HCERTSTORE exclusive = CONFIG_HAS(config, hExclusiveRoot) ? config->hExclusiveRoot : NULL;
    HCERTSTORE roots = config_roots(config, exclusive, system);
    struct cert_engine *engine;

    if (!roots)
        return NULL;
    engine = engine_new(roots, config->cAdditionalStore + 1);
    if (!engine) {
        store_close(roots);
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    engine->exclusive = exclusive != NULL;
    engine->any_anchor = exclusive && CONFIG_HAS(config, dwExclusiveFlags) &&
                         (config->dwExclusiveFlags & CERT_CHAIN_EXCLUSIVE_ENABLE_CA_FLAG);
    for (DWORD i = 0; i < config->cAdditionalStore; i++)
        if (config->rghAdditionalStore[i])
            engine_add(engine, CertDuplicateStore(config->rghAdditionalStore[i]));
    if (config->hRestrictedOther)
        engine_add(engine, CertDuplicateStore(config->hRestrictedOther));
    else if (system->store_count)
        engine_add(engine, CertDuplicateStore(system->stores[0]));
    return engine;
}

/* No person's certificate is trusted without a chain, and no more stores than anyone has. */
static bool config_is_fine(const CERT_CHAIN_ENGINE_CONFIG *config)
{
    if (!config || !CONFIG_HAS(config, CycleDetectionModulus) || config->cAdditionalStore > 1024 ||
        (config->cAdditionalStore && !config->rghAdditionalStore))
        return win_fail((DWORD)E_INVALIDARG);
    if (CONFIG_HAS(config, hExclusiveTrustedPeople) && config->hExclusiveTrustedPeople)
        return win_fail(ERROR_NOT_SUPPORTED);
    return true;
}

WIN_API BOOL WINAPI CertCreateCertificateChainEngine(PCERT_CHAIN_ENGINE_CONFIG pConfig,
                                                     HCERTCHAINENGINE *phChainEngine)
{
    struct cert_engine *system, *engine;

    if (!phChainEngine)
        return win_fail((DWORD)E_INVALIDARG);
    *phChainEngine = NULL;
    if (!config_is_fine(pConfig))
        return FALSE;
    system = cert_engine_get(HCCE_CURRENT_USER);
    if (!system)
        return FALSE;
    engine = config_engine(pConfig, system);
    cert_engine_put(system);
    *phChainEngine = engine;
    return engine != NULL;
}

WIN_API VOID WINAPI CertFreeCertificateChainEngine(HCERTCHAINENGINE hChainEngine)
{
    if (hChainEngine != HCCE_CURRENT_USER && hChainEngine != HCCE_LOCAL_MACHINE)
        cert_engine_put(hChainEngine);
}
