/* SPDX-License-Identifier: MIT */
/*
 * What the certificate calls share, and what Schannel needs of them.
 *
 * A PCCERT_CONTEXT that a program holds is the public face of a struct of ours. One of another
 * origin cannot be told apart, as on Windows: these calls trust it.
 */
#ifndef SSPI_CERT_CERT_H
#define SSPI_CERT_CERT_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <sspi.h>
#include <stddef.h>
#include <wincrypt.h>

#include "win/win.h"

/* The certificate as GnuTLS has it; it lives as long as the context. */
gnutls_x509_crt_t cert_context_crt(PCCERT_CONTEXT context);

/*
 * The private key that belongs to a context: one attached by a PEM or PKCS #12 import, or the one
 * its properties name (CERT_KEY_PROV_INFO, CERT_KEY_CONTEXT, CERT_NCRYPT_KEY_HANDLE). The caller
 * owns *key. Returns SEC_E_OK; SEC_E_NO_CREDENTIALS when there is none or it does not fit the
 * certificate; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS cert_context_key(PCCERT_CONTEXT context, gnutls_privkey_t *key)
    __attribute__((warn_unused_result));

/* Attaches a private key, which the context owns from now on. */
BOOL cert_context_key_attach(PCCERT_CONTEXT context, gnutls_privkey_t key);

#define CERT_CHAIN_MAX 16

/*
 * The certificates to send for a context, itself first: issuers are looked for in its own store
 * and in the system store CA; the root is left out unless with_root. Fills chain with at most
 * CERT_CHAIN_MAX references, each to be freed with CertFreeCertificateContext(); returns their
 * number.
 */
unsigned cert_context_chain(PCCERT_CONTEXT context, bool with_root, PCCERT_CONTEXT *chain);

/* One question of trust: is this chain good for that purpose? */
struct cert_check {
    const gnutls_x509_crt_t *chain; /* the end certificate first, as the peer sent them */
    unsigned count;
    HCERTSTORE roots;  /* trusted instead of the system's ROOT; NULL for that */
    const char *host;  /* DNS name, IDN in UTF-8, or IP address; NULL: no name is checked */
    const char *usage; /* OID, szOID_PKIX_KP_SERVER_AUTH ...; NULL: any */
    time_t now;
    DWORD flags;                  /* CERT_CHAIN_REVOCATION_CHECK_* */
    DWORD pardoned;               /* a status unknown (CERT_TRUST_REVOCATION_STATUS_UNKNOWN), or not
                                   * to be had (CERT_TRUST_IS_OFFLINE_REVOCATION) is no fault */
    const gnutls_datum_t *staple; /* OCSP response for the end certificate, or NULL */
    HCERTSTORE crls;              /* where CRLs may be found besides the system's, or NULL */
};

/*
 * Answers with 0 or one HRESULT, the gravest: CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING,
 * CERT_E_EXPIRED, CERT_E_CN_NO_MATCH, CERT_E_WRONG_USAGE, CRYPT_E_REVOKED,
 * CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE, TRUST_E_CERT_SIGNATURE,
 * TRUST_E_BASIC_CONSTRAINTS, CERT_E_INVALID_NAME ... *trust, if not NULL, gets every
 * CERT_TRUST_* error bit that holds.
 */
HRESULT cert_check_run(const struct cert_check *check, DWORD *trust);

#endif
