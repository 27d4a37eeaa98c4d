/* SPDX-License-Identifier: MIT */
/* The base types; all of them are in windef.h. */
#ifndef GSS_SSPI_WTYPES_H
#define GSS_SSPI_WTYPES_H

#include "windef.h"

#endif
