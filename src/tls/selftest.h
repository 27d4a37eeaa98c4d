/* SPDX-License-Identifier: MIT */
/* Does this GnuTLS count and seal records as the lanes do? */
#ifndef SSPI_TLS_SELFTEST_H
#define SSPI_TLS_SELFTEST_H

#include <stdbool.h>

/*
 * Lets two sessions of GnuTLS meet in memory, in TLS 1.2 and 1.3, and exchanges records between a
 * lane and a session in both directions. Takes well under a millisecond: their secret is a shared
 * key.
 */
bool tls_selftest(void);

#endif
