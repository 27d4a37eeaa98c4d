/* SPDX-License-Identifier: MIT */
/* Programs take counted strings and NTSTATUS codes from here. */
#ifndef GSS_SSPI_WINTERNL_H
#define GSS_SSPI_WINTERNL_H

#include "ntstatus.h"
#include "windef.h"

#endif
