/* SPDX-License-Identifier: MIT */
/*
 * A look into SPNEGO tokens. The mechglue negotiates; this only finds the mechanism's token inside
 * one, to learn what a failure under SPNEGO really was: there the mechglue renumbers minor codes.
 */
#ifndef SSPI_GSS_NEGTOKEN_H
#define SSPI_GSS_NEGTOKEN_H

#include <krb5.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/secret.h"

/* The mechanism's token in a SPNEGO token (mechToken or responseToken), copied; false: there is
 * none. */
bool negtoken_inner(const void *token, size_t size, struct blob *inner);

/* Whether a server ends the negotiation with this answer, RFC 4178 4.2.2. */
bool negtoken_is_reject(const void *token, size_t size);

/* Whether a token is SPNEGO's, and not a mechanism's own: by its first octets, RFC 4178 4.2. */
bool negtoken_is_spnego(const void *token, size_t size);

/* Whether a mechanism token is NTLMSSP, [MS-NLMP] 2.2.1. */
bool negtoken_is_ntlm(const void *token, size_t size);

/* The code of a KRB-ERROR in the frame of RFC 4121 4.1, or 0. */
krb5_error_code negtoken_krb5_error(const void *token, size_t size);

#endif
