/* SPDX-License-Identifier: MIT */
/* CertOpenStore() and what is done with a store as a whole. */
#include <stdint.h>
#include <string.h>

#include "cert/store.h"
#include "core/secret.h"
#include "core/text.h"

/* What pvPara is. */
enum para { PARA_NONE, PARA_BLOB, PARA_HANDLE, PARA_TEXT_A, PARA_TEXT_W };

static struct cert_store *open_memory(DWORD flags, const void *para)
{
    (void)para;
    if ((flags & CERT_STORE_DELETE_FLAG) != 0) {
        win_fail(ERROR_CALL_NOT_IMPLEMENTED);
        return NULL;
    }
    return cert_store_new();
}

static struct cert_store *open_collection(DWORD flags, const void *para)
{
    struct cert_store *store = open_memory(flags, para);

    if (store != NULL)
        store->collection = true;
    return store;
}

static struct cert_store *open_filename(DWORD flags, const void *name)
{
    return cert_store_open_filename(flags, name);
}

static struct cert_store *open_system(DWORD flags, const void *name)
{
    return cert_store_open_system(flags, name);
}

/* Names are for W forms, as on Windows. */
static const struct provider {
    LPCSTR number;
    const char *name;
    enum para para;
    struct cert_store *(*open)(DWORD flags, const void *para);
} providers[] = {
    {CERT_STORE_PROV_MEMORY, sz_CERT_STORE_PROV_MEMORY, PARA_NONE, open_memory},
    {CERT_STORE_PROV_FILE, NULL, PARA_HANDLE, cert_store_open_file},
    {CERT_STORE_PROV_PKCS7, sz_CERT_STORE_PROV_PKCS7, PARA_BLOB, cert_store_open_pkcs7},
    {CERT_STORE_PROV_SERIALIZED, sz_CERT_STORE_PROV_SERIALIZED, PARA_BLOB,
     cert_store_open_serialized},
    {CERT_STORE_PROV_FILENAME_A, NULL, PARA_TEXT_A, open_filename},
    {CERT_STORE_PROV_FILENAME_W, sz_CERT_STORE_PROV_FILENAME_W, PARA_TEXT_W, open_filename},
    {CERT_STORE_PROV_SYSTEM_A, NULL, PARA_TEXT_A, open_system},
    {CERT_STORE_PROV_SYSTEM_W, sz_CERT_STORE_PROV_SYSTEM_W, PARA_TEXT_W, open_system},
    {CERT_STORE_PROV_COLLECTION, sz_CERT_STORE_PROV_COLLECTION, PARA_NONE, open_collection},
    {CERT_STORE_PROV_SYSTEM_REGISTRY_A, NULL, PARA_TEXT_A, open_system},
    {CERT_STORE_PROV_SYSTEM_REGISTRY_W, sz_CERT_STORE_PROV_SYSTEM_REGISTRY_W, PARA_TEXT_W,
     open_system},
};

/* A provider is a small number or a name. */
static const struct provider *provider_find(LPCSTR wanted)
{
    bool number = ((uintptr_t)wanted >> 16) == 0;

    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
        const struct provider *row = &providers[i];

        if (number ? wanted == row->number
                   : row->name != NULL && text_equal_nocase(wanted, row->name))
            return row;
    }
    return NULL;
}

static struct cert_store *open_by_text(const struct provider *provider, DWORD flags,
                                       const void *para)
{
    struct cert_store *store = NULL;
    char *text = NULL;
    SECURITY_STATUS status = text_from_caller(para, provider->para == PARA_TEXT_W, &text);

    if (text == NULL)
        win_fail(win_text_error(status, (DWORD)E_INVALIDARG));
    else
        store = provider->open(flags, text);
    string_wipe_free(text);
    return store;
}

WIN_API HCERTSTORE CertOpenStore(LPCSTR lpszStoreProvider, DWORD dwEncodingType,
                                 HCRYPTPROV_LEGACY hCryptProv, DWORD dwFlags, const void *pvPara)
{
    const struct provider *provider = provider_find(lpszStoreProvider);
    struct cert_store *store = NULL;

    (void)dwEncodingType, (void)hCryptProv;
    if (provider == NULL)
        win_fail(ERROR_FILE_NOT_FOUND);
    else if (provider->para >= PARA_TEXT_A)
        store = open_by_text(provider, dwFlags, pvPara);
    else if (provider->para != PARA_NONE && pvPara == NULL)
        win_fail(E_INVALIDARG);
    else
        store = provider->open(dwFlags, pvPara);
    if (store != NULL && (dwFlags & CERT_STORE_READONLY_FLAG) != 0)
        store->read_only = true;
    return store;
}

WIN_API HCERTSTORE CertOpenSystemStoreA(HCRYPTPROV_LEGACY hProv, LPCSTR szSubsystemProtocol)
{
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, hProv, CERT_SYSTEM_STORE_CURRENT_USER,
                         szSubsystemProtocol);
}

WIN_API HCERTSTORE CertOpenSystemStoreW(HCRYPTPROV_LEGACY hProv, LPCWSTR szSubsystemProtocol)
{
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, hProv, CERT_SYSTEM_STORE_CURRENT_USER,
                         szSubsystemProtocol);
}

WIN_API HCERTSTORE CertDuplicateStore(HCERTSTORE hCertStore)
{
    struct cert_store *store = cert_store_from(hCertStore);

    if (store != NULL)
        object_ref(&store->object);
    return store;
}

WIN_API BOOL CertCloseStore(HCERTSTORE hCertStore, DWORD dwFlags)
{
    struct cert_store *store;
    bool pending;

    if (hCertStore == NULL)
        return TRUE;
    store = cert_store_from(hCertStore);
    if (store == NULL)
        return FALSE;
    pending = atomic_load(&store->object.refs) > 1;
    object_unref(&store->object);
    if (pending && (dwFlags & CERT_CLOSE_STORE_CHECK_FLAG) != 0)
        return win_fail(CRYPT_E_PENDING_CLOSE);
    return TRUE;
}

/* What the store holds is forgotten, and read again at the next question. */
static BOOL store_resync(struct cert_store *store)
{
    struct cert_list old[CERT_KINDS];

    if (store->backing == NULL || store->backing->load == NULL)
        return TRUE;
    pthread_mutex_lock(&store->lock);
    memcpy(old, store->lists, sizeof(old));
    memset(store->lists, 0, sizeof(store->lists));
    for (int kind = 0; kind < CERT_KINDS; kind++)
        for (struct cert_element *e = old[kind].first; e != NULL; e = e->next)
            e->listed = false;
    store->loaded = false;
    pthread_mutex_unlock(&store->lock);
    for (int kind = 0; kind < CERT_KINDS; kind++) {
        while (old[kind].first != NULL) {
            struct cert_element *element = old[kind].first;

            old[kind].first = element->next;
            object_unref(&element->object);
        }
    }
    return TRUE;
}

static BOOL store_commit(struct cert_store *store, DWORD flags)
{
    BOOL done = TRUE;

    pthread_mutex_lock(&store->lock);
    if ((flags & CERT_STORE_CTRL_COMMIT_CLEAR_FLAG) != 0)
        store->dirty = false;
    if ((store->dirty || (flags & CERT_STORE_CTRL_COMMIT_FORCE_FLAG) != 0) &&
        store->backing != NULL && store->backing->commit != NULL)
        done = store->backing->commit(store);
    pthread_mutex_unlock(&store->lock);
    return done;
}

WIN_API BOOL CertControlStore(HCERTSTORE hCertStore, DWORD dwFlags, DWORD dwCtrlType,
                              void const *pvCtrlPara)
{
    struct cert_store *store = cert_store_from(hCertStore);

    (void)pvCtrlPara;
    if (store == NULL)
        return FALSE;
    switch (dwCtrlType) {
    case CERT_STORE_CTRL_RESYNC:
        return store_resync(store);
    case CERT_STORE_CTRL_COMMIT:
        return store_commit(store, dwFlags);
    case CERT_STORE_CTRL_NOTIFY_CHANGE:
    case CERT_STORE_CTRL_AUTO_RESYNC:
    case CERT_STORE_CTRL_CANCEL_NOTIFY:
        return win_fail(ERROR_NOT_SUPPORTED);
    default:
        return win_fail(E_INVALIDARG);
    }
}
