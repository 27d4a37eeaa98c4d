/* SPDX-License-Identifier: MIT */
/* RSA keys of PKCS #1 as the blobs of CryptoAPI and CNG, and back. */
#include <bcrypt.h>
#include <gnutls/abstract.h>
#include <stdlib.h>
#include <string.h>

#include "cert/form.h"
#include "cert/keyblob.h"
#include "win/win.h"

#define BITS_MAX 16384

/* A blob of a key, into the arena; drops the key. */
static bool blob_take(struct arena *arena, struct cert_key *key,
                      SECURITY_STATUS (*write)(const struct cert_key *key, BYTE *data, DWORD *size))
{
    DWORD size = 0;
    BYTE *blob;
    bool taken = false;

    if (write(key, NULL, &size) == SEC_E_OK) {
        blob = arena_take(arena, size);
        taken = blob != NULL && write(key, blob, &size) == SEC_E_OK;
    }
    cert_key_unref(key);
    return taken || win_fail(CRYPT_E_ASN1_CORRUPT);
}

static SECURITY_STATUS secret_blob(const struct cert_key *key, BYTE *data, DWORD *size)
{
    return key_to_capi(key, PRIVATEKEYBLOB, CALG_RSA_KEYX, data, size);
}

static SECURITY_STATUS public_blob(const struct cert_key *key, BYTE *data, DWORD *size)
{
    return key_to_capi(key, PUBLICKEYBLOB, CALG_RSA_KEYX, data, size);
}

static SECURITY_STATUS cng_blob(const struct cert_key *key, BYTE *data, DWORD *size)
{
    return key_to_cng(key, "RSAPUBLICBLOB", data, size);
}

/* --- Reading -------------------------------------------------------------------------------- */

bool form_rsa_secret_read(struct arena *arena, const void *data, size_t size)
{
    const gnutls_datum_t der = {(unsigned char *)(uintptr_t)data, (unsigned)size};
    gnutls_x509_privkey_t plain;
    struct cert_key *key = NULL;

    if (gnutls_x509_privkey_init(&plain) != GNUTLS_E_SUCCESS)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (gnutls_x509_privkey_import(plain, &der, GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS) {
        gnutls_x509_privkey_deinit(plain);
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    }
    if (cert_key_own_x509(plain, true, &key) != SEC_E_OK)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    return blob_take(arena, key, secret_blob);
}

/* A public key of its two numbers; NULL with the error set. */
static struct cert_key *public_key(const void *data, size_t size)
{
    struct der der;
    struct asn_part n, e;
    gnutls_datum_t modulus, exponent;
    gnutls_pubkey_t public = NULL;
    struct cert_key *key = NULL;

    if (!der_open(&der, "SSPI-PKIX.RSAPublicKey", data, size))
        return NULL;
    n = der_contents(&der, "modulus");
    e = der_contents(&der, "publicExponent");
    der_close(&der);
    modulus = (gnutls_datum_t){(unsigned char *)(uintptr_t)n.data, (unsigned)n.size};
    exponent = (gnutls_datum_t){(unsigned char *)(uintptr_t)e.data, (unsigned)e.size};
    if (n.size == 0 || e.size == 0 || (n.data[0] & 0x80) || (e.data[0] & 0x80) ||
        n.size > BITS_MAX / 8 + 1 || gnutls_pubkey_init(&public) != GNUTLS_E_SUCCESS) {
        win_fail(CRYPT_E_ASN1_CORRUPT);
        return NULL;
    }
    if (gnutls_pubkey_import_rsa_raw(public, &modulus, &exponent) != GNUTLS_E_SUCCESS) {
        gnutls_pubkey_deinit(public);
        win_fail(CRYPT_E_ASN1_CORRUPT);
        return NULL;
    }
    if (cert_key_own_public(public, &key) != SEC_E_OK)
        win_fail(CRYPT_E_ASN1_CORRUPT);
    return key;
}

static bool public_read(struct arena *arena, const void *data, size_t size,
                        SECURITY_STATUS (*write)(const struct cert_key *, BYTE *, DWORD *))
{
    struct cert_key *key = public_key(data, size);

    return key != NULL && blob_take(arena, key, write);
}

bool form_rsa_public_read(struct arena *arena, const void *data, size_t size)
{
    return public_read(arena, data, size, public_blob);
}

bool form_rsa_cng_read(struct arena *arena, const void *data, size_t size)
{
    return public_read(arena, data, size, cng_blob);
}

/* --- Writing -------------------------------------------------------------------------------- */

/* A caller's blob says its size only by the length of its numbers; 0 for one that cannot be. */
static size_t capi_size(const void *blob, BYTE kind)
{
    PUBLICKEYSTRUC head;
    RSAPUBKEY rsa;
    size_t octets;

    memcpy(&head, blob, sizeof(head));
    memcpy(&rsa, (const BYTE *)blob + sizeof(head), sizeof(rsa));
    if (head.bType != kind || rsa.bitlen == 0 || rsa.bitlen > BITS_MAX || rsa.bitlen % 16 != 0)
        return 0;
    octets = rsa.bitlen / 8;
    return sizeof(head) + sizeof(rsa) +
           (kind == PUBLICKEYBLOB ? octets : 2 * octets + 5 * ((octets + 1) / 2));
}

static size_t cng_size(const void *blob)
{
    BCRYPT_RSAKEY_BLOB head;

    memcpy(&head, blob, sizeof(head));
    if (head.Magic != BCRYPT_RSAPUBLIC_MAGIC || head.cbModulus > BITS_MAX / 8 ||
        head.cbPublicExp > BITS_MAX / 8)
        return 0;
    return sizeof(head) + head.cbModulus + head.cbPublicExp;
}

static uint8_t *refused(void)
{
    win_fail(CRYPT_E_ASN1_BADARGS);
    return NULL;
}

/* The key's two numbers; drops the key. */
static uint8_t *public_write(struct cert_key *key, size_t *size)
{
    gnutls_datum_t n = {NULL, 0}, e = {NULL, 0};
    struct der der;
    uint8_t *data = NULL;

    if (gnutls_pubkey_export_rsa_raw(key->public, &n, &e) == GNUTLS_E_SUCCESS &&
        der_new(&der, "SSPI-PKIX.RSAPublicKey")) {
        if (form_put(&der, "modulus", n.data, n.size) &&
            form_put(&der, "publicExponent", e.data, e.size))
            data = der_encode(&der, size);
        der_close(&der);
    }
    gnutls_free(n.data);
    gnutls_free(e.data);
    cert_key_unref(key);
    return data == NULL ? refused() : data;
}

uint8_t *form_rsa_public_write(const void *in, size_t *size)
{
    size_t blob = capi_size(in, PUBLICKEYBLOB);
    struct cert_key *key;
    ALG_ID algorithm;

    if (blob == 0 || key_from_capi(in, blob, true, &algorithm, &key) != SEC_E_OK)
        return refused();
    return public_write(key, size);
}

uint8_t *form_rsa_cng_write(const void *in, size_t *size)
{
    size_t blob = cng_size(in);
    struct cert_key *key;

    if (blob == 0 || key_from_cng("RSAPUBLICBLOB", in, blob, true, &key) != SEC_E_OK)
        return refused();
    return public_write(key, size);
}

/* PKCS #1 is what PKCS #8 has inside. */
uint8_t *form_rsa_secret_write(const void *in, size_t *size)
{
    size_t blob = capi_size(in, PRIVATEKEYBLOB);
    gnutls_x509_privkey_t plain = NULL;
    gnutls_datum_t der = {NULL, 0};
    struct cert_key *key;
    ALG_ID algorithm;
    uint8_t *data = NULL;

    if (blob == 0 || key_from_capi(in, blob, true, &algorithm, &key) != SEC_E_OK)
        return refused();
    if (gnutls_privkey_export_x509(key->secret, &plain) == GNUTLS_E_SUCCESS &&
        gnutls_x509_privkey_export2(plain, GNUTLS_X509_FMT_DER, &der) == GNUTLS_E_SUCCESS) {
        data = malloc(der.size);
        if (data != NULL)
            memcpy(data, der.data, der.size);
        *size = der.size;
    }
    cert_key_datum_wipe(&der);
    if (plain != NULL)
        gnutls_x509_privkey_deinit(plain);
    cert_key_unref(key);
    return data == NULL ? refused() : data;
}
