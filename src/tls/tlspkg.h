/* SPDX-License-Identifier: MIT */
/* Schannel inside: one set of operations for both roles, over GnuTLS sessions. */
#ifndef SSPI_TLS_TLSPKG_H
#define SSPI_TLS_TLSPKG_H

#include "core/package.h"

#endif
