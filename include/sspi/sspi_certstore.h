/* SPDX-License-Identifier: MIT */
/* Certificates, stores and their properties: part of <wincrypt.h>, not to be included by itself. */
#ifndef GSS_SSPI_CERTSTORE_H
#define GSS_SSPI_CERTSTORE_H

#include "wincrypt.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif

#endif
