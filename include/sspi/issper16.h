/* SPDX-License-Identifier: MIT */
/* What sspi.h was called in 16-bit Windows. */
#ifndef GSS_SSPI_ISSPER16_H
#define GSS_SSPI_ISSPER16_H

#include "sspi.h"

#endif
