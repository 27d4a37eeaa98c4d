/* SPDX-License-Identifier: MIT */
/* Programs take counted strings and NTSTATUS codes from here. */
#ifndef GSS_SSPI_SUBAUTH_H
#define GSS_SSPI_SUBAUTH_H

#include "ntstatus.h"
#include "windef.h"

#endif
