/* SPDX-License-Identifier: MIT */
/* Structures to DER inside. */
#ifndef SSPI_CERT_ENCODE_H
#define SSPI_CERT_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <wincrypt.h>

/* The DER of a name, to be freed with free(); NULL with the error set. */
uint8_t *name_encode(const CERT_NAME_INFO *name, size_t *size);

#endif
