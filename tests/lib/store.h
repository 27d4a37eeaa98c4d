/* SPDX-License-Identifier: MIT */
/* Certificates of tests/lib/certs.h as contexts, in stores. */
#ifndef TESTS_LIB_STORE_H
#define TESTS_LIB_STORE_H

#include <windows.h>

#include <wincrypt.h>

#include "lib/certs.h"

/* Three in a row, made once: a root, an authority, and an end certificate of key 2. */
enum store_crt { STORE_ROOT, STORE_AUTHORITY, STORE_END, STORE_OTHER, STORE_CRTS };
gnutls_x509_crt_t store_crt(enum store_crt which);

/* A context of one, in no store. */
PCCERT_CONTEXT store_context(enum store_crt which);

/* A new store in memory. */
HCERTSTORE store_memory(void);

/* Puts one into a store: the stored context. */
PCCERT_CONTEXT store_put(HCERTSTORE store, enum store_crt which);

/* How many certificates, and how many lists, a store shows. */
unsigned store_count(HCERTSTORE store);
unsigned store_count_crls(HCERTSTORE store);

/* A revocation list of the authority's, with the end certificate on it; gnutls_free() it. */
gnutls_datum_t store_crl(void);

/* PEM of a certificate, and of the key of a number; gnutls_free() them. */
gnutls_datum_t store_pem(enum store_crt which);
gnutls_datum_t store_key_pem(unsigned key);

/* Frees what was made. */
void store_end(void);

#endif
