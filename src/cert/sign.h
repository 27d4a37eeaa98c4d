/* SPDX-License-Identifier: MIT */
/* Signing and checking of hash values, in the forms that CryptoAPI and CNG have. */
#ifndef SSPI_CERT_SIGN_H
#define SSPI_CERT_SIGN_H

#include "cert/key.h"

enum sign_form {
    SIGN_PKCS1,     /* RSASSA-PKCS1-v1_5, RFC 8017 8.2 */
    SIGN_PKCS1_RAW, /* the same over the bare value: no DigestInfo */
    SIGN_PSS,       /* RSASSA-PSS with a salt as long as the hash, RFC 8017 8.1 */
    SIGN_ECDSA      /* r and s, big-endian, each as long as the curve's order */
};

/*
 * Signs a hash value of that algorithm (GNUTLS_DIG_UNKNOWN for SIGN_PKCS1_RAW). *signature is
 * big-endian, for cert_key_datum_wipe(). NTE_NO_KEY without a secret half, NTE_BAD_ALGID for a hash
 * or a form that the key cannot do, NTE_BAD_LEN for a value that is not of the hash's size.
 */
SECURITY_STATUS sign_hash(const struct cert_key *key, enum sign_form form,
                          gnutls_digest_algorithm_t hash, const BYTE *value, DWORD size,
                          gnutls_datum_t *signature) MUST_CHECK;

/* NTE_BAD_SIGNATURE for one that is not this key's; else as sign_hash(). */
SECURITY_STATUS sign_check(const struct cert_key *key, enum sign_form form,
                           gnutls_digest_algorithm_t hash, const BYTE *value, DWORD size,
                           const gnutls_datum_t *signature) MUST_CHECK;

/* The length of such a key's signatures in bytes. */
DWORD sign_size(const struct cert_key *key);

/* The hash of a size, which is all that CNG's ECDSA is told; UNKNOWN when there is none. */
gnutls_digest_algorithm_t sign_hash_of_size(DWORD size);

#endif
