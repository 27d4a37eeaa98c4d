/* SPDX-License-Identifier: MIT */
/* Passwords that a user has saved: those of $NTLM_USER_FILE. */
#ifndef SSPI_CREDSSP_SAVED_H
#define SSPI_CREDSSP_SAVED_H

#include "core/identity.h"

/*
 * Gives an identity without a secret the password that is saved for it, if there is one. Passwords
 * that others can read, or that a set-id program would read for its caller, count as none.
 * SEC_E_INSUFFICIENT_MEMORY is the one failure.
 */
SECURITY_STATUS saved_find(struct identity *identity) __attribute__((warn_unused_result));

#endif
