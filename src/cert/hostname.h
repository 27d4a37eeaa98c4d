/* SPDX-License-Identifier: MIT */
/* Whether a certificate is for a name: RFC 6125, RFC 5280 4.2.1.6. */
#ifndef SSPI_CERT_HOSTNAME_H
#define SSPI_CERT_HOSTNAME_H

#include <gnutls/x509.h>
#include <stdbool.h>

/*
 * host: a DNS name (UTF-8, one trailing dot allowed) or an IP address, an IPv6 one with or without
 * brackets. Only the subjectAltName counts: a certificate without one is for no host.
 */
bool cert_hostname_match(gnutls_x509_crt_t crt, const char *host);

#endif
