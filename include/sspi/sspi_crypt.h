/* SPDX-License-Identifier: MIT */
/* Keys, hashes and PKCS #12: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CRYPT_H
#define GSS_SSPI_CRYPT_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
