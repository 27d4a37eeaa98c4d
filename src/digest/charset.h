/* SPDX-License-Identifier: MIT */
/* SASL's names are UTF-8 or ISO 8859-1, and hashed as the latter where that can be. RFC 2831 2.1.2
 */
#ifndef SSPI_DIGEST_CHARSET_H
#define SSPI_DIGEST_CHARSET_H

#include <stdbool.h>

/* Whether UTF-8 can be said in ISO 8859-1. */
bool digest_is_latin(const char *utf8);

/* In ISO 8859-1, or a copy where that cannot be; from ISO 8859-1. NULL: no memory. The result is
 * freed with string_wipe_free(). */
char *digest_to_latin(const char *utf8);
char *digest_from_latin(const char *latin);

#endif
