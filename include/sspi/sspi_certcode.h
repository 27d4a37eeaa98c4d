/* SPDX-License-Identifier: MIT */
/* Names, encodings and decodings of crypt32: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTCODE_H
#define GSS_SSPI_CERTCODE_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
