/* SPDX-License-Identifier: MIT */
/* The base types; all of them are in windef.h. */
#ifndef GSS_SSPI_MINWINDEF_H
#define GSS_SSPI_MINWINDEF_H

#include "windef.h"

#endif
