/* SPDX-License-Identifier: MIT */
/* The short names of what names are made of: CN, O, ... */
#ifndef SSPI_CERT_NAMEKEY_H
#define SSPI_CERT_NAMEKEY_H

#include <stddef.h>

/* The key that an OID is shown by; NULL for none. */
const char *name_key_of(const char *oid);

/* The OID of a key in any case, size octets long; NULL for none. */
const char *name_key_oid(const char *key, size_t size);

#endif
