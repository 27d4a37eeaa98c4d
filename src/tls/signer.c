/* SPDX-License-Identifier: MIT */
/* RSA signatures by libcrypto: RFC 8017 8.1 and 8.2. */
#include "tls/signer.h"

#include <dlfcn.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

/* --- libcrypto ------------------------------------------------------------------------------ */

/* Its numbers that are part of its ABI. */
enum { PADDING_PKCS1 = 1, PADDING_PSS = 6, SALT_IS_DIGEST = -1 };

typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;
typedef struct evp_md_st EVP_MD;

static struct libcrypto {
    EVP_PKEY *(*d2i_AutoPrivateKey)(EVP_PKEY **, const unsigned char **, long);
    void (*EVP_PKEY_free)(EVP_PKEY *);
    EVP_PKEY_CTX *(*EVP_PKEY_CTX_new)(EVP_PKEY *, void *engine);
    void (*EVP_PKEY_CTX_free)(EVP_PKEY_CTX *);
    int (*EVP_PKEY_sign_init)(EVP_PKEY_CTX *);
    int (*EVP_PKEY_sign)(EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);
    int (*EVP_PKEY_CTX_set_rsa_padding)(EVP_PKEY_CTX *, int);
    int (*EVP_PKEY_CTX_set_rsa_pss_saltlen)(EVP_PKEY_CTX *, int);
    int (*EVP_PKEY_CTX_set_signature_md)(EVP_PKEY_CTX *, const EVP_MD *);
    const EVP_MD *(*EVP_get_digestbyname)(const char *);
} libcrypto;

#define SYMBOL(name)                                                                               \
    {                                                                                              \
#name, (void **)(void *)&libcrypto.name                                                    \
    }

static const struct {
    const char *name;
    void **place;
} symbols[] = {
    SYMBOL(d2i_AutoPrivateKey),
    SYMBOL(EVP_PKEY_free),
    SYMBOL(EVP_PKEY_CTX_new),
    SYMBOL(EVP_PKEY_CTX_free),
    SYMBOL(EVP_PKEY_sign_init),
    SYMBOL(EVP_PKEY_sign),
    SYMBOL(EVP_PKEY_CTX_set_rsa_padding),
    SYMBOL(EVP_PKEY_CTX_set_rsa_pss_saltlen),
    SYMBOL(EVP_PKEY_CTX_set_signature_md),
    SYMBOL(EVP_get_digestbyname),
};

static pthread_once_t libcrypto_once = PTHREAD_ONCE_INIT;
static bool libcrypto_found;

static void libcrypto_open(void)
{
    void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);

    for (size_t i = 0; library != NULL && i < sizeof(symbols) / sizeof(symbols[0]); i++)
        if ((*symbols[i].place = dlsym(library, symbols[i].name)) == NULL)
            return;
    libcrypto_found = library != NULL;
}

/* --- Signatures ----------------------------------------------------------------------------- */

struct signer {
    gnutls_privkey_t native;
    EVP_PKEY *key;
    unsigned bits;
};

/* RSA_RAW comes as a DigestInfo, which is what PKCS #1 pads; PSS as a digest. */
static const struct scheme {
    gnutls_sign_algorithm_t algorithm;
    const char *digest; /* NULL: PKCS #1 */
} schemes[] = {
    {GNUTLS_SIGN_RSA_RAW, NULL},
    {GNUTLS_SIGN_RSA_PSS_SHA256, "SHA256"},
    {GNUTLS_SIGN_RSA_PSS_SHA384, "SHA384"},
    {GNUTLS_SIGN_RSA_PSS_SHA512, "SHA512"},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, "SHA256"},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, "SHA384"},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, "SHA512"},
};

static const struct scheme *scheme_find(gnutls_sign_algorithm_t algorithm)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (schemes[i].algorithm == algorithm)
            return &schemes[i];
    return NULL;
}

static bool scheme_set(EVP_PKEY_CTX *context, const struct scheme *scheme)
{
    if (scheme->digest == NULL)
        return libcrypto.EVP_PKEY_CTX_set_rsa_padding(context, PADDING_PKCS1) > 0;
    return libcrypto.EVP_PKEY_CTX_set_rsa_padding(context, PADDING_PSS) > 0 &&
           libcrypto.EVP_PKEY_CTX_set_signature_md(
               context, libcrypto.EVP_get_digestbyname(scheme->digest)) > 0 &&
           libcrypto.EVP_PKEY_CTX_set_rsa_pss_saltlen(context, SALT_IS_DIGEST) > 0;
}

static int context_sign(EVP_PKEY_CTX *context, const struct scheme *scheme,
                        const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    size_t size = 0;

    if (libcrypto.EVP_PKEY_sign_init(context) <= 0 || !scheme_set(context, scheme) ||
        libcrypto.EVP_PKEY_sign(context, NULL, &size, hash->data, hash->size) <= 0)
        return GNUTLS_E_PK_SIGN_FAILED;
    signature->data = gnutls_malloc(size);
    if (signature->data == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    if (libcrypto.EVP_PKEY_sign(context, signature->data, &size, hash->data, hash->size) <= 0) {
        gnutls_free(signature->data);
        signature->data = NULL;
        return GNUTLS_E_PK_SIGN_FAILED;
    }
    signature->size = (unsigned)size;
    return GNUTLS_E_SUCCESS;
}

static int signer_sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *data,
                       unsigned flags, const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    const struct signer *signer = data;
    const struct scheme *scheme = scheme_find(algorithm);
    EVP_PKEY_CTX *context;
    int code;

    (void)key;
    (void)flags;
    if (scheme == NULL)
        return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    context = libcrypto.EVP_PKEY_CTX_new(signer->key, NULL);
    if (context == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    code = context_sign(context, scheme, hash, signature);
    libcrypto.EVP_PKEY_CTX_free(context);
    return code;
}

/* --- Secrets -------------------------------------------------------------------------------- */

#define SECRET 48U

/*
 * RFC 5246 7.4.7.1: a peer must not learn whether the padding was right. GnuTLS takes as long for
 * either, and leaves alone what is there if it was not: random octets of the right number.
 */
static int signer_decrypt(gnutls_privkey_t key, void *data, const gnutls_datum_t *sealed,
                          gnutls_datum_t *secret)
{
    const struct signer *signer = data;
    int code;

    (void)key;
    secret->data = gnutls_malloc(SECRET);
    if (secret->data == NULL)
        return GNUTLS_E_MEMORY_ERROR;
    secret->size = SECRET;
    code = gnutls_rnd(GNUTLS_RND_KEY, secret->data, SECRET);
    if (code != GNUTLS_E_SUCCESS) {
        gnutls_free(secret->data);
        secret->data = NULL;
        return code;
    }
    gnutls_privkey_decrypt_data2(signer->native, 0, sealed, secret->data, SECRET);
    return GNUTLS_E_SUCCESS;
}

/* --- The key -------------------------------------------------------------------------------- */

static int signer_info(gnutls_privkey_t key, unsigned flags, void *data)
{
    const struct signer *signer = data;
    gnutls_sign_algorithm_t algorithm = GNUTLS_FLAGS_TO_SIGN_ALGO(flags);

    (void)key;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return GNUTLS_PK_RSA;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return (int)signer->bits;
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return scheme_find(algorithm) != NULL ||
               (gnutls_sign_get_pk_algorithm(algorithm) == GNUTLS_PK_RSA);
    return flags & GNUTLS_PRIVKEY_INFO_SIGN_ALGO ? 0 : -1;
}

static void signer_free(struct signer *signer)
{
    if (signer->key != NULL)
        libcrypto.EVP_PKEY_free(signer->key);
    gnutls_privkey_deinit(signer->native);
    free(signer);
}

static void signer_deinit(gnutls_privkey_t key, void *data)
{
    (void)key;
    signer_free(data);
}

static EVP_PKEY *key_copy(gnutls_privkey_t native)
{
    gnutls_x509_privkey_t plain;
    gnutls_datum_t der;
    const unsigned char *at;
    EVP_PKEY *key = NULL;

    if (gnutls_privkey_export_x509(native, &plain) != GNUTLS_E_SUCCESS)
        return NULL;
    if (gnutls_x509_privkey_export2(plain, GNUTLS_X509_FMT_DER, &der) == GNUTLS_E_SUCCESS) {
        at = der.data;
        key = libcrypto.d2i_AutoPrivateKey(NULL, &at, (long)der.size);
        gnutls_memset(der.data, 0, der.size);
        gnutls_free(der.data);
    }
    gnutls_x509_privkey_deinit(plain);
    return key;
}

gnutls_privkey_t signer_wrap(gnutls_privkey_t native)
{
    struct signer *signer;
    gnutls_privkey_t key = NULL;
    unsigned bits = 0;

    pthread_once(&libcrypto_once, libcrypto_open);
    if (!libcrypto_found || gnutls_privkey_get_pk_algorithm(native, &bits) != GNUTLS_PK_RSA ||
        gnutls_privkey_get_type(native) != GNUTLS_PRIVKEY_X509)
        return native;
    signer = calloc(1, sizeof(*signer));
    if (signer == NULL)
        return native;
    signer->bits = bits;
    signer->key = key_copy(native);
    if (signer->key == NULL || gnutls_privkey_init(&key) != GNUTLS_E_SUCCESS ||
        gnutls_privkey_import_ext4(key, signer, NULL, signer_sign, signer_decrypt, signer_deinit,
                                   signer_info, 0) != GNUTLS_E_SUCCESS) {
        if (key != NULL)
            gnutls_privkey_deinit(key);
        if (signer->key != NULL)
            libcrypto.EVP_PKEY_free(signer->key);
        free(signer);
        return native;
    }
    signer->native = native;
    return key;
}
