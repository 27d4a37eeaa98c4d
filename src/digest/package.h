/* SPDX-License-Identifier: MIT */
/* WDigest, for the list of packages. */
#ifndef SSPI_DIGEST_PACKAGE_H
#define SSPI_DIGEST_PACKAGE_H

#include "core/package.h"

extern const struct package digest_package;

#endif
