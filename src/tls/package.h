/* SPDX-License-Identifier: MIT */
/* What src/tls shows to the rest: its package. */
#ifndef SSPI_TLS_PACKAGE_H
#define SSPI_TLS_PACKAGE_H

#include "core/package.h"

extern const struct package tlspkg_unified, tlspkg_schannel;

#endif
