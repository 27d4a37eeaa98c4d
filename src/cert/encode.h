/* SPDX-License-Identifier: MIT */
/* Structures to DER inside. */
#ifndef SSPI_CERT_ENCODE_H
#define SSPI_CERT_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <wincrypt.h>

/*
 * The DER of a structure that CryptEncodeObjectEx() knows by number, to be freed with free(); a
 * signature is big-endian. NULL with the error set.
 */
uint8_t *struct_encode(LPCSTR number, const void *in, size_t *size);

#endif
