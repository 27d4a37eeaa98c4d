/* SPDX-License-Identifier: MIT */
/* The packages that stand on the MIT mechglue. */
#ifndef SSPI_GSS_PACKAGE_H
#define SSPI_GSS_PACKAGE_H

#include "core/package.h"

extern const struct package gsspkg_negotiate, gsspkg_kerberos, gsspkg_ntlm;

#endif
