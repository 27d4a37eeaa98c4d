/* SPDX-License-Identifier: MIT */
/* Certificates with their keys as credentials of either end, SSPI's or a bare GnuTLS one. */
#ifndef TESTS_LIB_IDENT_H
#define TESTS_LIB_IDENT_H

#include "lib/certs.h"
#include "lib/stream.h"

#define IDENT_EC  0
#define IDENT_RSA CERTS_RSA_2048

struct ident {
    gnutls_x509_crt_t crt;
    PCCERT_CONTEXT cert;
    unsigned key;
};

/* Signed by itself. */
void ident_make(struct ident *ident, const char *name, unsigned key);
void ident_free(struct ident *ident);

/* PEM of the certificate as GnuTLS takes it: into a bare end; as well as a root that it names. */
void ident_give(const struct ident *ident, struct bare *bare);
void ident_trust(const struct ident *ident, struct bare *bare);

/*
 * Acquires a credential: manual validation, the versions of protocols (SP_PROT_*, both sides; 0:
 * 1.2 and 1.3), a certificate or none, and other flags.
 */
SECURITY_STATUS ident_acquire(struct stream *stream, DWORD protocols, const struct ident *ident,
                              DWORD flags);

/* The same for a credential without a stream; it has to work. */
void ident_credential(CredHandle *cred, bool server, const struct ident *ident);

/* What GnuTLS calls the versions, for a bare end. */
const char *ident_priority(DWORD protocols);

#endif
