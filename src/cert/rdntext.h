/* SPDX-License-Identifier: MIT */
/* The values of names as text, from one encoding to another. */
#ifndef SSPI_CERT_RDNTEXT_H
#define SSPI_CERT_RDNTEXT_H

#include <stdbool.h>

#include <windows.h>

#include <wincrypt.h>

/* X.680 41.4: the few characters of a PrintableString, and those of an IA5String. */
bool rdn_is_printable(const CRYPT_DATA_BLOB *value);
bool rdn_is_ascii(const CRYPT_DATA_BLOB *value);

/*
 * A value that is UTF-16 to one of its type; type 0 takes a PrintableString where it can and else a
 * UTF8String. An empty blob with a pointer is text that ends with NUL. The caller frees the new
 * value's octets. False with CRYPT_E_INVALID_*_STRING or CRYPT_E_ASN1_BADARGS.
 */
bool rdn_from_wide(const CERT_NAME_VALUE *wide, CERT_NAME_VALUE *value);

#endif
