/* SPDX-License-Identifier: MIT */
/* What files and blobs may hold: certificates, CRLs and keys as DER, PEM or PKCS #7. */
#ifndef SSPI_CERT_CONTENT_H
#define SSPI_CERT_CONTENT_H

#include "cert/growtext.h"
#include "cert/store.h"

/*
 * Puts all that is in some bytes into a store that nobody else knows yet: DER of one certificate,
 * CRL or PKCS #7 message, or PEM with any number of them and of private keys, which are attached to
 * the certificates they fit. Returns the CERT_QUERY_CONTENT_FLAG_* of what was found, 0 with the
 * error set for none or for a part that is bad. A PEM block of another kind, and an encrypted one,
 * is passed over.
 */
DWORD cert_content_load(struct cert_store *store, const void *data, size_t size);

/* The certificates and CRLs of a PKCS #7 message in DER. */
BOOL cert_content_pkcs7(struct cert_store *store, const void *data, size_t size);

/* Whether there is a line of PEM. */
bool cert_content_is_pem(const void *data, size_t size);

/*
 * Writes an element as PEM: its properties, itself, and its key if that may be exported. Where it
 * is to be kept, so is a key that it has from nowhere else.
 */
void cert_content_print(struct cert_text *text, const struct cert_element *element, bool kept);

#endif
