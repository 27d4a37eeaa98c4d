/* SPDX-License-Identifier: MIT */
/* CERT_INFO and CRL_INFO: what a certificate and a revocation list say (RFC 5280). */
#ifndef SSPI_CERT_INFO_H
#define SSPI_CERT_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include <windows.h>

#include <wincrypt.h>

/*
 * Decodes DER, to the last octet. One allocation, to be freed with free(); its blobs point into
 * der, which must outlive it. Numbers are little-endian. NULL with the error set.
 */
CERT_INFO *cert_info_decode(const void *der, size_t size);
CRL_INFO *crl_info_decode(const void *der, size_t size);

#endif
