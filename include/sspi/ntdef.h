/* SPDX-License-Identifier: MIT */
/* The base types; all of them are in windef.h. */
#ifndef GSS_SSPI_NTDEF_H
#define GSS_SSPI_NTDEF_H

#include "windef.h"

#endif
