/* SPDX-License-Identifier: MIT */
/* Name constraints of an issuer: RFC 5280 4.2.1.10. */
#ifndef SSPI_CERT_CONSTRAINT_H
#define SSPI_CERT_CONSTRAINT_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <wincrypt.h>

bool cert_constraint_has(gnutls_x509_crt_t issuer);

/* CERT_TRUST_* bits for the names of a certificate that its issuer, or one above, may not certify.
 */
DWORD cert_constraint_check(gnutls_x509_crt_t issuer, gnutls_x509_crt_t crt);

#endif
