/* SPDX-License-Identifier: MIT */
/* FreeRDP's files of NTLM accounts, as winpr-hash writes them: user:domain:LM:NT::: a line. */
#ifndef SSPI_GSS_SAMFILE_H
#define SSPI_GSS_SAMFILE_H

#include <sspi.h>

#include "core/identity.h"

/*
 * Finds the NT hash of a user: by a line with his domain, else by one without any. The case
 * of ASCII letters does not count. Returns SEC_E_OK, SEC_E_LOGON_DENIED where there is no such
 * user, or SEC_E_NO_CREDENTIALS where the file cannot be read.
 */
SECURITY_STATUS samfile_find(const char *path, const char *user, const char *domain,
                             char nt_hash[IDENTITY_NTHASH_HEX + 1])
    __attribute__((warn_unused_result));

#endif
