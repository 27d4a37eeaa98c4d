/* SPDX-License-Identifier: MIT */
/* The base types; all of them are in windef.h. */
#ifndef GSS_SSPI_BASETSD_H
#define GSS_SSPI_BASETSD_H

#include "windef.h"

#endif
