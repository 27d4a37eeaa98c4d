/* SPDX-License-Identifier: MIT */
/* Hashes, by GnuTLS. */
#include "digest/algorithm.h"

#include <string.h>

#include "core/native.h"
#include "core/text.h"

#define RANDOM_MAX 64

const struct digest_algorithm digest_algorithms[] = {
    {"SHA-256-sess", GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32, true},
    {"SHA-256", GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32, false},
    {"MD5-sess", GNUTLS_DIG_MD5, GNUTLS_MAC_MD5, 16, true},
    {"MD5", GNUTLS_DIG_MD5, GNUTLS_MAC_MD5, 16, false},
    {NULL, GNUTLS_DIG_UNKNOWN, GNUTLS_MAC_UNKNOWN, 0, false},
};

const struct digest_algorithm *digest_algorithm_find(const char *name)
{
    for (const struct digest_algorithm *at = digest_algorithms; at->name != NULL; at++)
        if (text_equal_nocase(at->name, name != NULL ? name : "MD5"))
            return at;
    return NULL;
}

static SECURITY_STATUS hash_failed(const struct digest_algorithm *algorithm, int code)
{
    native_error_set("Digest: no hash by %s: %s", algorithm->name, gnutls_strerror(code));
    return code == GNUTLS_E_MEMORY_ERROR ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_ALGORITHM_MISMATCH;
}

SECURITY_STATUS digest_hash(const struct digest_algorithm *algorithm,
                            const struct digest_part *parts, size_t count, uint8_t *out)
{
    gnutls_hash_hd_t hash;
    int code = gnutls_hash_init(&hash, algorithm->hash);

    if (code < 0)
        return hash_failed(algorithm, code);
    for (size_t i = 0; i < count && code >= 0; i++) {
        if (i != 0)
            code = gnutls_hash(hash, ":", 1);
        if (code >= 0)
            code = gnutls_hash(hash, parts[i].data, parts[i].size);
    }
    gnutls_hash_deinit(hash, out);
    return code < 0 ? hash_failed(algorithm, code) : SEC_E_OK;
}

SECURITY_STATUS digest_mac(const struct digest_algorithm *algorithm, const struct digest_part *key,
                           const struct digest_part *parts, size_t count, uint8_t *out)
{
    gnutls_hmac_hd_t mac;
    int code = gnutls_hmac_init(&mac, algorithm->mac, key->data, key->size);

    if (code < 0)
        return hash_failed(algorithm, code);
    for (size_t i = 0; i < count && code >= 0; i++)
        code = gnutls_hmac(mac, parts[i].data, parts[i].size);
    gnutls_hmac_deinit(mac, out);
    return code < 0 ? hash_failed(algorithm, code) : SEC_E_OK;
}

SECURITY_STATUS digest_random_hex(size_t size, char *text)
{
    uint8_t random[RANDOM_MAX];
    int code = size <= sizeof(random) ? gnutls_rnd(GNUTLS_RND_NONCE, random, size)
                                      : GNUTLS_E_INVALID_REQUEST;

    if (code < 0) {
        native_error_set("Digest: no random octets: %s", gnutls_strerror(code));
        return SEC_E_INTERNAL_ERROR;
    }
    text_hex(random, size, text);
    return SEC_E_OK;
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool digest_hex_read(const char *hex, uint8_t *octets, size_t size)
{
    if (strlen(hex) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        octets[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool digest_is_hash(const struct digest_algorithm *algorithm, const char *hex)
{
    uint8_t octets[DIGEST_HASH_MAX];

    return hex != NULL && digest_hex_read(hex, octets, algorithm->size);
}

bool digest_equal(const char *a, const char *b)
{
    size_t size = strlen(a);

    return size == strlen(b) && gnutls_memcmp(a, b, size) == 0;
}
