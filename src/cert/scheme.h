/* SPDX-License-Identifier: MIT */
/* Signature algorithms as certificates name them: by OID and parameters (RFC 5280 4.1.1.2). */
#ifndef SSPI_CERT_SCHEME_H
#define SSPI_CERT_SCHEME_H

#include "cert/key.h"

struct cert_scheme {
    gnutls_sign_algorithm_t sign;
    gnutls_digest_algorithm_t hash; /* UNKNOWN: the algorithm has one of its own */
    bool pss;                       /* RSASSA-PSS, RFC 4055 3, with a salt of so many octets */
    unsigned salt;
};

/*
 * What an identifier means. NTE_BAD_ALGID for one that is unknown here or forbidden by the system;
 * CRYPT_E_ASN1_* for parameters of RSASSA-PSS that are none.
 */
SECURITY_STATUS cert_scheme_read(const CRYPT_ALGORITHM_IDENTIFIER *identifier,
                                 struct cert_scheme *scheme) MUST_CHECK;

/*
 * Whether a key signed what X509_CERT decoded, its signature big-endian: that alone, whatever the
 * algorithm is worth. NTE_BAD_SIGNATURE, also for a key that is restricted to another hash or a
 * longer salt; else as cert_scheme_read(). The key is told what is meant, and for nothing else
 * afterwards.
 */
SECURITY_STATUS cert_scheme_check(const CERT_SIGNED_CONTENT_INFO *content,
                                  gnutls_pubkey_t key) MUST_CHECK;

/*
 * Whether a certificate has a signature by RSASSA-PSS that the issuer's key made. GnuTLS 3.7 itself
 * takes no other salt from an RSA key than one as long as the hash.
 */
bool cert_scheme_pss_holds(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer);

/*
 * Signs: *signature is big-endian, for gnutls_free(). NTE_NO_KEY without a secret half,
 * NTE_BAD_ALGID for an algorithm that is not the key's, NTE_NOT_SUPPORTED for a salt that is
 * shorter than the hash.
 */
SECURITY_STATUS cert_scheme_sign(const struct cert_scheme *scheme, const struct cert_key *key,
                                 const gnutls_datum_t *data, gnutls_datum_t *signature) MUST_CHECK;

#endif
