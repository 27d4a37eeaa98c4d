/* SPDX-License-Identifier: MIT */
/* Properties that are computed from a certificate: its hashes, above all. */
#ifndef SSPI_CERT_HASHPROP_H
#define SSPI_CERT_HASHPROP_H

#include "cert/context.h"

#define CERT_HASH_MAX 64

/* The value of a property, written to value; returns its size, or 0 when there is none. */
size_t cert_hash_property(const struct cert_element *element, DWORD id, BYTE value[CERT_HASH_MAX]);

#endif
