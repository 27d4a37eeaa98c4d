/* SPDX-License-Identifier: MIT */
/*
 * gss_pseudo_random() (RFC 4401). A TLS context has an exporter for it (RFC 5705); where there is
 * but a session key, HMAC-SHA-256 under it counts blocks, as in NIST SP 800-108's counter mode.
 * Both ends get the same, and a program that calls the package itself can compute it.
 */
#include <gnutls/crypto.h>
#include <pthread.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "mech.h"

#define LABEL     "EXPORTER-GSS-API-PRF"
#define KEY_LABEL "GSS-API PRF"
#define HASH_SIZE 32

static void number_put(unsigned char at[4], OM_uint32 number)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (unsigned char)(number >> (24 - 8 * i));
}

/* The kind of key (RFC 4401 2: full or partial) and the caller's octets. */
static SECURITY_STATUS seed_make(int kind, const gss_buffer_desc *input, struct octets *seed)
{
    unsigned char number[4];
    SECURITY_STATUS status;

    number_put(number, (OM_uint32)kind);
    status = octets_add(seed, number, sizeof(number));
    return status == SEC_E_OK ? octets_add(seed, input->value, input->length) : status;
}

/* It is told what to export and then asked for it: another thread's seed must not come between. */
static pthread_mutex_t exporter_lock = PTHREAD_MUTEX_INITIALIZER;

static SECURITY_STATUS random_exported(struct context *context, const struct octets *seed,
                                       size_t size, struct octets *output)
{
    static const gss_OID_desc oid = {ARC_SIZE + 2, (void *)(uintptr_t)(ARC "\x0a\x06")};
    SECURITY_STATUS status;

    pthread_mutex_lock(&exporter_lock);
    status = exporter_set(context, LABEL, seed->data, seed->size, size);
    if (status == SEC_E_OK)
        status = option_context_get(context, &oid, output);
    pthread_mutex_unlock(&exporter_lock);
    return status;
}

/* HMAC(key, counter | label | 0 | seed), block after block. */
static SECURITY_STATUS blocks_make(const struct octets *key, const struct octets *seed, size_t size,
                                   struct octets *output)
{
    unsigned char block[HASH_SIZE], number[4];
    gnutls_hmac_hd_t hmac;
    SECURITY_STATUS status = octets_reserve(output, size);

    if (status == SEC_E_OK && gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, key->data, key->size) < 0)
        status = SEC_E_INTERNAL_ERROR;
    if (status != SEC_E_OK)
        return status;
    for (OM_uint32 counter = 1; output->size < size && status == SEC_E_OK; counter++) {
        size_t left = size - output->size;

        number_put(number, counter);
        if (gnutls_hmac(hmac, number, sizeof(number)) < 0 ||
            gnutls_hmac(hmac, KEY_LABEL, sizeof(KEY_LABEL)) < 0 ||
            gnutls_hmac(hmac, seed->data, seed->size) < 0)
            status = SEC_E_INTERNAL_ERROR;
        gnutls_hmac_output(hmac, block);
        if (status == SEC_E_OK)
            status = octets_add(output, block, left < HASH_SIZE ? left : HASH_SIZE);
    }
    explicit_bzero(block, sizeof(block));
    gnutls_hmac_deinit(hmac, NULL);
    return status;
}

static SECURITY_STATUS random_keyed(struct context *context, const struct octets *seed, size_t size,
                                    struct octets *output)
{
    static const gss_OID_desc oid = {ARC_SIZE + 2, (void *)(uintptr_t)(ARC "\x0a\x01")};
    struct octets key = {0};
    SECURITY_STATUS status = option_context_get(context, &oid, &key);

    if (status == SEC_E_OK)
        status = blocks_make(&key, seed, size, output);
    octets_free(&key);
    return status;
}

SECURITY_STATUS random_make(struct context *context, int kind, const gss_buffer_desc *input,
                            size_t size, struct octets *output)
{
    bool tls = mech_is_tls(context->mech);
    struct octets seed = {0};
    SECURITY_STATUS status = context_check(context);

    if (status == SEC_E_OK && kind != GSS_C_PRF_KEY_FULL && kind != GSS_C_PRF_KEY_PARTIAL)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    if (status == SEC_E_OK)
        status = seed_make(kind, input, &seed);
    if (status == SEC_E_OK && size != 0)
        status = tls ? random_exported(context, &seed, size, output)
                     : random_keyed(context, &seed, size, output);
    octets_free(&seed);
    return status;
}
