/* SPDX-License-Identifier: MIT */
/* What the registry names. */
#ifndef SSPI_CREDSSP_PACKAGE_H
#define SSPI_CREDSSP_PACKAGE_H

#include "core/package.h"

extern const struct package credssp_package, credssp_package_ts;

#endif
