/* SPDX-License-Identifier: MIT */
/* The base types; all of them are in windef.h. */
#ifndef GSS_SSPI_GUIDDEF_H
#define GSS_SSPI_GUIDDEF_H

#include "windef.h"

#endif
