/* SPDX-License-Identifier: MIT */
/* A folder of key containers for one test, and certificates with keys that fit. */
#ifndef TESTS_LIB_KEYHOME_H
#define TESTS_LIB_KEYHOME_H

#include <wincrypt.h>

#include "lib/certs.h"

/* A fresh folder as $XDG_DATA_HOME, and its removal with what lies in it. */
void keyhome_begin(void);
void keyhome_end(void);

/* The path of something in it; one at a time. */
const char *keyhome_path(const char *leaf);

/* A self-signed certificate for a key of certs_key(). */
PCCERT_CONTEXT keyhome_certificate(unsigned key);

/* The same of any form. */
PCCERT_CONTEXT keyhome_context(const struct certs_form *form, unsigned key);

/* PKCS #12 with that of keyhome_certificate() and its key; free() pbData. */
CRYPT_DATA_BLOB keyhome_pfx(unsigned key, LPCWSTR password);

#endif
