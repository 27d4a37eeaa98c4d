/* SPDX-License-Identifier: MIT */
/* Containers in memory: a list of the keys that have one, which holds no reference to them. */
#include "cert/keyring.h"

#include <pthread.h>
#include <stdio.h>

#include "core/text.h"

#define CNG_PROVIDER_NAME "Microsoft Software Key Storage Provider"

/* The lock guards the list, and each key's place in it. */
static struct {
    pthread_mutex_t lock;
    struct cert_key *first;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void name_of(const struct cert_key *key, char name[KEYRING_NAME_SIZE])
{
    const unsigned char *id = key->id;

    snprintf(name, KEYRING_NAME_SIZE,
             "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}", id[0], id[1],
             id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12], id[13],
             id[14], id[15]);
}

/* --- The list ------------------------------------------------------------------------------- */

static void ring_remove(struct cert_key *key)
{
    if (key->ring.link == NULL)
        return;
    *key->ring.link = key->ring.next;
    if (key->ring.next != NULL)
        key->ring.next->ring.link = key->ring.link;
    key->ring = (struct cert_key_ring){NULL, NULL};
}

void keyring_add(struct cert_key *key)
{
    pthread_mutex_lock(&ring.lock);
    if (key->ring.link == NULL) {
        key->ring = (struct cert_key_ring){ring.first, &ring.first};
        if (ring.first != NULL)
            ring.first->ring.link = &key->ring.next;
        ring.first = key;
    }
    pthread_mutex_unlock(&ring.lock);
}

void keyring_forget(struct cert_key *key)
{
    pthread_mutex_lock(&ring.lock);
    ring_remove(key);
    pthread_mutex_unlock(&ring.lock);
}

/* Under the lock: the next key of that name from one on. */
static struct cert_key *ring_find(struct cert_key *from, const char *name)
{
    char own[KEYRING_NAME_SIZE];

    for (; from != NULL; from = from->ring.next) {
        name_of(from, own);
        if (text_equal_nocase(own, name))
            break;
    }
    return from;
}

/* The same key may have been read twice. */
bool keyring_delete(const char *name)
{
    struct cert_key *found;
    bool any = false;

    pthread_mutex_lock(&ring.lock);
    while ((found = ring_find(ring.first, name)) != NULL) {
        ring_remove(found);
        any = true;
    }
    pthread_mutex_unlock(&ring.lock);
    return any;
}

bool keyring_name(struct cert_key *key, char name[KEYRING_NAME_SIZE])
{
    bool has;

    pthread_mutex_lock(&ring.lock);
    has = key->ring.link != NULL;
    pthread_mutex_unlock(&ring.lock);
    if (has)
        name_of(key, name);
    return has;
}

bool keyring_would_be(const struct cert_key *key, LPCWSTR name)
{
    char own[KEYRING_NAME_SIZE];
    size_t i = 0;

    name_of(key, own);
    while (own[i] != '\0' && name != NULL && name[i] == (WCHAR)(unsigned char)own[i])
        i++;
    return name != NULL && own[i] == '\0' && name[i] == 0;
}

struct cert_key *keyring_find(const char *name)
{
    struct cert_key *found;

    if (name[0] != '{')
        return NULL;
    pthread_mutex_lock(&ring.lock);
    found = ring_find(ring.first, name);
    while (found != NULL && !object_ref_alive(&found->object))
        found = ring_find(found->ring.next, name);
    pthread_mutex_unlock(&ring.lock);
    return found;
}

/* --- CERT_KEY_PROV_INFO --------------------------------------------------------------------- */

static void widen(const char *text, WCHAR *wide)
{
    do
        *wide++ = (WCHAR)(unsigned char)*text;
    while (*text++ != '\0');
}

/* As PFXImportCertStore() of Windows chooses: CryptoAPI for RSA, and CNG for what that cannot do.
 */
bool keyring_describe(struct cert_key *key, struct keyring_info *described)
{
    bool capi = key->algorithm == GNUTLS_PK_RSA;
    char name[KEYRING_NAME_SIZE];

    if (!keyring_name(key, name))
        return false;
    widen(name, described->container);
    widen(capi ? MS_ENHANCED_PROV_A : CNG_PROVIDER_NAME, described->provider);
    described->info = (CRYPT_KEY_PROV_INFO){
        .pwszContainerName = described->container,
        .pwszProvName = described->provider,
        .dwProvType = capi ? PROV_RSA_FULL : 0,
        .dwKeySpec = capi ? AT_KEYEXCHANGE : 0,
    };
    return true;
}
