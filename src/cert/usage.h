/* SPDX-License-Identifier: MIT */
/* What a certificate may be used for: RFC 5280 4.2.1.12. */
#ifndef SSPI_CERT_USAGE_H
#define SSPI_CERT_USAGE_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <wincrypt.h>

/* Whether a certificate is good for a usage; one that names none is good for any. */
bool cert_usage_allows(gnutls_x509_crt_t crt, const char *usage);

/*
 * The usages that a certificate names and those above it allow, one allocation for free(); NULL
 * when it names none, or any. What it names and cannot be read is no usage. False without memory.
 */
bool cert_usage_effective(gnutls_x509_crt_t crt, const gnutls_x509_crt_t *above, unsigned count,
                          PCERT_ENHKEY_USAGE *usage);

#endif
