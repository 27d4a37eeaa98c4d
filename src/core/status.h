/* SPDX-License-Identifier: MIT */
/*
 * Names and sentences for status codes: one row per SEC_E_*, SEC_I_*, CRYPT_E_*, CERT_E_* and
 * TRUST_E_* code of winerror.h. Static strings; any thread may ask.
 */
#ifndef SSPI_CORE_STATUS_H
#define SSPI_CORE_STATUS_H

#include <sspi.h>

/* "SEC_E_INVALID_TOKEN"; "unknown status" for a code that has no row. Never NULL. */
const char *status_name(SECURITY_STATUS status);

/* One sentence that says what is wrong and what helps; NULL for a code that has no row. */
const char *status_text(SECURITY_STATUS status);

#endif
