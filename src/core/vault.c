/* SPDX-License-Identifier: MIT */
/* The key of this process. */
#include "core/vault.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/native.h"

#define CIPHER GNUTLS_CIPHER_AES_256_GCM

/* In a page of its own, which a forked child finds empty. */
struct key {
    pid_t owner; /* 0: not made. Where the page is copied after all, another process. */
    unsigned char octets[32];
};

static struct key *key;
static pthread_mutex_t key_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void key_take(void)
{
    pthread_mutex_lock(&key_lock);
}

static void key_give(void)
{
    pthread_mutex_unlock(&key_lock);
}

/* No fork in between: the child would wait for a thread that it has not got. */
static void key_start(void)
{
    pthread_atfork(key_take, key_give, key_give);
}

static SECURITY_STATUS refuse(const char *what, const char *why)
{
    native_error_set("%s: %s", what, why);
    return SEC_E_INTERNAL_ERROR;
}

/* What a system does not have of the three it does without: containers may forbid mlock(). */
static struct key *page_new(void)
{
    void *page =
        mmap(NULL, sizeof(struct key), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    (void)mlock(page, sizeof(struct key));
    (void)madvise(page, sizeof(struct key), MADV_DONTDUMP);
    (void)madvise(page, sizeof(struct key), MADV_WIPEONFORK);
    return page;
}

static SECURITY_STATUS key_make(void)
{
    int code;

    if (key == NULL)
        key = page_new();
    if (key == NULL)
        return refuse("the key of this process", "there is no memory");
    if (key->owner == getpid())
        return SEC_E_OK;
    code = gnutls_rnd(GNUTLS_RND_KEY, key->octets, sizeof(key->octets));
    if (code != 0)
        return refuse("gnutls_rnd", gnutls_strerror(code));
    key->owner = getpid();
    return SEC_E_OK;
}

/* A cipher with the key of this process; nobody changes that once it is made. */
static SECURITY_STATUS cipher_new(gnutls_aead_cipher_hd_t *cipher)
{
    SECURITY_STATUS status;
    gnutls_datum_t datum;
    int code;

    pthread_once(&key_once, key_start);
    key_take();
    status = key_make();
    key_give();
    if (status != SEC_E_OK)
        return status;
    datum = (gnutls_datum_t){key->octets, sizeof(key->octets)};
    code = gnutls_aead_cipher_init(cipher, CIPHER, &datum);
    return code == 0 ? SEC_E_OK : refuse("gnutls_aead_cipher_init", gnutls_strerror(code));
}

SECURITY_STATUS vault_seal(const struct blob *bound, const void *octets, size_t size, void *out)
{
    unsigned char *nonce = out;
    size_t sealed = size + VAULT_TAG;
    gnutls_aead_cipher_hd_t cipher;
    SECURITY_STATUS status = cipher_new(&cipher);
    int code;

    if (status != SEC_E_OK)
        return status;
    code = gnutls_rnd(GNUTLS_RND_NONCE, nonce, VAULT_NONCE);
    if (code == 0)
        code = gnutls_aead_cipher_encrypt(cipher, nonce, VAULT_NONCE, bound->data, bound->size,
                                          VAULT_TAG, octets, size, nonce + VAULT_NONCE, &sealed);
    gnutls_aead_cipher_deinit(cipher);
    return code == 0 ? SEC_E_OK : refuse("gnutls_aead_cipher_encrypt", gnutls_strerror(code));
}

SECURITY_STATUS vault_open(const struct blob *bound, const void *sealed, size_t size, void *out)
{
    const unsigned char *nonce = sealed;
    gnutls_aead_cipher_hd_t cipher;
    SECURITY_STATUS status;
    size_t opened = size - VAULT_EXTRA;
    int code;

    if (size < VAULT_EXTRA)
        return SEC_E_DECRYPT_FAILURE;
    status = cipher_new(&cipher);
    if (status != SEC_E_OK)
        return status;
    code =
        gnutls_aead_cipher_decrypt(cipher, nonce, VAULT_NONCE, bound->data, bound->size, VAULT_TAG,
                                   nonce + VAULT_NONCE, size - VAULT_NONCE, out, &opened);
    gnutls_aead_cipher_deinit(cipher);
    if (code == 0)
        return SEC_E_OK;
    native_error_set("another process has encrypted this identity, or it was altered since");
    return SEC_E_DECRYPT_FAILURE;
}
