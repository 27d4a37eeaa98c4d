/* SPDX-License-Identifier: MIT */
/* Public keys as certificates have them (RFC 5280 4.1.2.7), for GnuTLS. */
#ifndef SSPI_CERT_PUBLICKEY_H
#define SSPI_CERT_PUBLICKEY_H

#include <gnutls/abstract.h>
#include <stdbool.h>

#include <windows.h>

#include <wincrypt.h>

/* A key of the caller's; false with the error set: CRYPT_E_ASN1_*, NTE_BAD_PUBLIC_KEY. */
bool public_key_import(const CERT_PUBLIC_KEY_INFO *info, gnutls_pubkey_t *out);

#endif
