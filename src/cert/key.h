/* SPDX-License-Identifier: MIT */
/*
 * Keys: a counted object round a GnuTLS key, which every kind of handle and every certificate with
 * a key holds a reference of. It does not change once it is made, so threads share it.
 *
 * These functions return 0 (SEC_E_OK) or an NTE_* code and then give nothing; GnuTLS' own text goes
 * to sspi_native_error().
 */
#ifndef SSPI_CERT_KEY_H
#define SSPI_CERT_KEY_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <string.h>

#include "cert/cert.h"
#include "core/object.h"

#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * A password is hashed so often at most: real files say up to a few hundred thousand, and one that
 * says four thousand millions is an attack.
 */
#define CERT_KEY_ROUNDS_MAX 2000000

/* And so often for all parts of one file together: GnuTLS asks for 600000 for each key. */
#define CERT_KEY_ROUNDS_ALL (32 * CERT_KEY_ROUNDS_MAX)

/* Where a key is among those that have a container in memory: keyring.c. */
struct cert_key_ring {
    struct cert_key *next, **link; /* link NULL: it has none */
};

/* SHA-256 of the public half as certificates have it. */
#define CERT_KEY_ID_SIZE 32

struct cert_key {
    struct object object;
    gnutls_privkey_t secret; /* NULL: only the public half is known */
    gnutls_pubkey_t public;
    gnutls_pk_algorithm_t algorithm;
    unsigned bits;
    bool exportable;
    unsigned char id[CERT_KEY_ID_SIZE];
    struct cert_key_ring ring; /* keyring.c's */
};

extern const struct object_class cert_key_class;

static inline void cert_key_unref(struct cert_key *key)
{
    object_unref(key == NULL ? NULL : &key->object);
}

/* A reference more; the key. */
static inline struct cert_key *cert_key_ref(struct cert_key *key)
{
    object_ref(&key->object);
    return key;
}

/* GnuTLS counts the octets of a curve's numbers, eight bits each: of P-521 they are 66. */
static inline unsigned cert_key_bits(int algorithm, unsigned bits)
{
    return algorithm == GNUTLS_PK_ECDSA && bits == 528 ? 521 : bits;
}

/* The status of a GnuTLS call that failed; fallback for a code that says nothing special. */
SECURITY_STATUS cert_key_status(const char *call, int code, HRESULT fallback) MUST_CHECK;

/* Each takes the GnuTLS key over, also when it fails. *out is the caller's. */
SECURITY_STATUS cert_key_own(gnutls_privkey_t secret, bool exportable,
                             struct cert_key **out) MUST_CHECK;
SECURITY_STATUS cert_key_own_x509(gnutls_x509_privkey_t secret, bool exportable,
                                  struct cert_key **out) MUST_CHECK;
SECURITY_STATUS cert_key_own_public(gnutls_pubkey_t public, struct cert_key **out) MUST_CHECK;

/*
 * A new key: RSA of so many bits, or EC on a curve (bits is then GNUTLS_CURVE_TO_BITS()).
 */
SECURITY_STATUS cert_key_generate(gnutls_pk_algorithm_t algorithm, unsigned bits, bool exportable,
                                  struct cert_key **out) MUST_CHECK;

/*
 * A key on a token, by RFC 7512 URI. pin, if not NULL, unlocks the token; without one what the URI
 * itself says does, by pin-source or pin-value. Nobody is asked.
 */
SECURITY_STATUS cert_key_open_url(const char *url, const char *pin,
                                  struct cert_key **out) MUST_CHECK;
bool cert_key_is_url(const char *name);

/*
 * PKCS #8 in DER or PEM, not encrypted; and encrypted in DER, where a NULL password is not "". Its
 * rounds are taken from those that may still be spent.
 */
SECURITY_STATUS cert_key_from_pkcs8(const void *data, size_t size, gnutls_x509_crt_fmt_t format,
                                    bool exportable, struct cert_key **out) MUST_CHECK;
SECURITY_STATUS cert_key_from_sealed(const void *data, size_t size, const char *password,
                                     bool exportable, unsigned *rounds_left,
                                     struct cert_key **out) MUST_CHECK;

/* Takes rounds from those left: false for more than that, or more than one password may have. */
bool cert_key_rounds_take(unsigned *left, unsigned rounds);

/*
 * A key as PKCS #8, for cert_key_datum_wipe(); encrypted unless password is NULL. NTE_NOT_SUPPORTED
 * for a key that cannot leave its token. Whether it may be exported is the caller's question.
 */
SECURITY_STATUS cert_key_to_pkcs8(const struct cert_key *key, gnutls_x509_crt_fmt_t format,
                                  const char *password, gnutls_datum_t *out) MUST_CHECK;

/* Wipes and frees what GnuTLS gave; leaves it empty. */
void cert_key_datum_wipe(gnutls_datum_t *datum);

/* The secret half as a GnuTLS key of the caller's own. NTE_NO_KEY when there is none. */
SECURITY_STATUS cert_key_copy(const struct cert_key *key, gnutls_privkey_t *out) MUST_CHECK;

/* The same of a certificate's key, and whether it is for this one. False without memory. */
bool cert_key_id_of(gnutls_x509_crt_t crt, unsigned char id[CERT_KEY_ID_SIZE]);
bool cert_key_fits(const struct cert_key *key, gnutls_x509_crt_t crt);

static inline bool cert_key_is(const struct cert_key *key, const unsigned char id[CERT_KEY_ID_SIZE])
{
    return memcmp(key->id, id, CERT_KEY_ID_SIZE) == 0;
}

/* A reference to a certificate's key, whether it fits or not. CRYPT_E_NO_KEY_PROPERTY: it has none.
 */
SECURITY_STATUS cert_key_find(PCCERT_CONTEXT context, struct cert_key **out) MUST_CHECK;

/* The key that a CRYPT_KEY_PROV_INFO names; and one of a container in memory alone, or NULL. */
SECURITY_STATUS cert_key_of_info(const CRYPT_KEY_PROV_INFO *info, struct cert_key **out) MUST_CHECK;
struct cert_key *cert_key_in_memory(const CRYPT_KEY_PROV_INFO *info);

#endif
