/* SPDX-License-Identifier: MIT */
/* Chains and what they are good for: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTCHAIN_H
#define GSS_SSPI_CERTCHAIN_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
