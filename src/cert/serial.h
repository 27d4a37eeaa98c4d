/* SPDX-License-Identifier: MIT */
/*
 * Windows' serialized stores: a head, then elements of a number, an encoding, a size and so many
 * bytes, those of the properties before the certificate they are about. All numbers little-endian.
 */
#ifndef SSPI_CERT_SERIAL_H
#define SSPI_CERT_SERIAL_H

#include "cert/growtext.h"
#include "cert/store.h"

/* Properties in a PEM file of ours: such elements in a block after their certificate. */
#define CERT_SERIAL_LABEL "SSPI CERTIFICATE PROPERTIES"

BOOL cert_serial_properties(struct cert_element *element, const BYTE *data, size_t size);
void cert_serial_write_properties(struct cert_text *text, const struct cert_element *element);

/* Whole stores, with the head. */
bool cert_serial_is_store(const void *data, size_t size);
BOOL cert_serial_load(struct cert_store *store, const BYTE *data, size_t size);
void cert_serial_write(struct cert_text *text, struct cert_store *store);

#endif
