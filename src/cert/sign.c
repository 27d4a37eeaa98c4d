/* SPDX-License-Identifier: MIT */
/* Signing and checking of hash values. */
#include "cert/sign.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cert/keyblob.h"

static const struct {
    gnutls_pk_algorithm_t key;  /* what the form needs */
    gnutls_pk_algorithm_t sign; /* what GnuTLS calls it */
    unsigned sign_flags, check_flags;
} forms[] = {
    [SIGN_PKCS1] = {GNUTLS_PK_RSA, GNUTLS_PK_RSA, 0, 0},
    [SIGN_PKCS1_RAW] = {GNUTLS_PK_RSA, GNUTLS_PK_UNKNOWN, GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA,
                        GNUTLS_VERIFY_USE_TLS1_RSA},
    [SIGN_PSS] = {GNUTLS_PK_RSA, GNUTLS_PK_RSA_PSS, 0, 0},
    [SIGN_ECDSA] = {GNUTLS_PK_ECDSA, GNUTLS_PK_ECDSA, 0, 0},
};

/* PKCS #1's block has 11 octets beside the value. */
#define PKCS1_OVERHEAD 11

DWORD sign_size(const struct cert_key *key)
{
    DWORD octets = (key->bits + 7) / 8;

    return key->algorithm == GNUTLS_PK_ECDSA ? 2 * octets : octets;
}

gnutls_digest_algorithm_t sign_hash_of_size(DWORD size)
{
    static const gnutls_digest_algorithm_t hashes[] = {GNUTLS_DIG_SHA1, GNUTLS_DIG_SHA256,
                                                       GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA512};

    for (size_t i = 0; i < ARRAYSIZE(hashes); i++)
        if (gnutls_hash_get_len(hashes[i]) == size)
            return hashes[i];
    return GNUTLS_DIG_UNKNOWN;
}

/* Whether this key can do that, and the algorithm's name at GnuTLS. */
static SECURITY_STATUS sign_choose(const struct cert_key *key, enum sign_form form,
                                   gnutls_digest_algorithm_t hash, DWORD size,
                                   gnutls_sign_algorithm_t *algorithm)
{
    *algorithm = GNUTLS_SIGN_UNKNOWN;
    if (key->algorithm != forms[form].key &&
        !(form == SIGN_PSS && key->algorithm == GNUTLS_PK_RSA_PSS))
        return NTE_BAD_ALGID;
    if (form == SIGN_PKCS1_RAW)
        return size > 0 && size + PKCS1_OVERHEAD <= key->bits / 8 ? SEC_E_OK : NTE_BAD_LEN;
    *algorithm = gnutls_pk_to_sign(forms[form].sign, hash);
    if (*algorithm == GNUTLS_SIGN_UNKNOWN)
        return NTE_BAD_ALGID;
    return size == gnutls_hash_get_len(hash) ? SEC_E_OK : NTE_BAD_LEN;
}

static gnutls_datum_t datum_of(const BYTE *data, DWORD size)
{
    union {
        const BYTE *from;
        unsigned char *data;
    } cast = {data};

    return (gnutls_datum_t){cast.data, size};
}

/* --- ECDSA: SEQUENCE { r, s } to octets and back -------------------------------------------- */

/* GnuTLS gives an integer with a leading zero where its first bit is set. */
static bool put_integer(BYTE *to, size_t size, const gnutls_datum_t *from)
{
    const BYTE *data = from->data;
    size_t length = from->size;

    for (; length > 0 && *data == 0; length--)
        data++;
    if (length > size)
        return false;
    memset(to, 0, size - length);
    memcpy(to + size - length, data, length);
    return true;
}

static int ecdsa_flatten(const struct cert_key *key, gnutls_datum_t *signature)
{
    unsigned size = sign_size(key), half = size / 2;
    gnutls_datum_t r = {NULL, 0}, s = {NULL, 0};
    BYTE *flat = gnutls_malloc(size);
    int code = flat == NULL ? GNUTLS_E_MEMORY_ERROR : gnutls_decode_rs_value(signature, &r, &s);

    if (code == GNUTLS_E_SUCCESS &&
        !(put_integer(flat, half, &r) && put_integer(flat + half, half, &s)))
        code = GNUTLS_E_INTERNAL_ERROR;
    gnutls_free(r.data);
    gnutls_free(s.data);
    if (code != GNUTLS_E_SUCCESS) {
        gnutls_free(flat);
        return code;
    }
    gnutls_free(signature->data);
    *signature = (gnutls_datum_t){flat, size};
    return code;
}

static int ecdsa_wrap(const struct cert_key *key, const gnutls_datum_t *flat, gnutls_datum_t *der)
{
    unsigned half = sign_size(key) / 2;
    gnutls_datum_t r = {flat->data, half}, s;

    if (flat->size != 2 * half)
        return GNUTLS_E_PK_SIG_VERIFY_FAILED;
    s = (gnutls_datum_t){flat->data + half, half};
    return gnutls_encode_rs_value(der, &r, &s);
}

/* --- The two -------------------------------------------------------------------------------- */

SECURITY_STATUS sign_hash(const struct cert_key *key, enum sign_form form,
                          gnutls_digest_algorithm_t hash, const BYTE *value, DWORD size,
                          gnutls_datum_t *signature)
{
    gnutls_datum_t data = datum_of(value, size);
    gnutls_sign_algorithm_t algorithm;
    SECURITY_STATUS status;
    int code;

    if (key->secret == NULL)
        return NTE_NO_KEY;
    status = sign_choose(key, form, hash, size, &algorithm);
    if (status != SEC_E_OK)
        return status;
    *signature = (gnutls_datum_t){NULL, 0};
    code =
        gnutls_privkey_sign_hash2(key->secret, algorithm, forms[form].sign_flags, &data, signature);
    if (code == GNUTLS_E_SUCCESS && form == SIGN_ECDSA)
        code = ecdsa_flatten(key, signature);
    if (code == GNUTLS_E_SUCCESS)
        return SEC_E_OK;
    cert_key_datum_wipe(signature);
    return cert_key_status("gnutls_privkey_sign_hash2", code, NTE_FAIL);
}

/* Which hash is too weak is for the caller to say: it named it. */
SECURITY_STATUS sign_check(const struct cert_key *key, enum sign_form form,
                           gnutls_digest_algorithm_t hash, const BYTE *value, DWORD size,
                           const gnutls_datum_t *signature)
{
    gnutls_datum_t data = datum_of(value, size), der = {NULL, 0};
    gnutls_sign_algorithm_t algorithm;
    SECURITY_STATUS status = sign_choose(key, form, hash, size, &algorithm);
    int code = GNUTLS_E_SUCCESS;

    if (status != SEC_E_OK)
        return status;
    if (form == SIGN_ECDSA)
        code = ecdsa_wrap(key, signature, &der);
    if (code == GNUTLS_E_SUCCESS)
        code = gnutls_pubkey_verify_hash2(key->public, algorithm,
                                          forms[form].check_flags | GNUTLS_VERIFY_ALLOW_BROKEN,
                                          &data, form == SIGN_ECDSA ? &der : signature);
    gnutls_free(der.data);
    return cert_key_status("gnutls_pubkey_verify_hash2", code, NTE_BAD_SIGNATURE);
}
