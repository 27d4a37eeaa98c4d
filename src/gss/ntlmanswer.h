/* SPDX-License-Identifier: MIT */
/*
 * A client's answer to an NTLM challenge, for servers that know a user by his NTOWFv2 and not by
 * the NT hash ([MS-NLMP] 3.3.2), as FreeRDP's hash callback does. gss-ntlmssp can only use the
 * latter. So the answer is checked here, and what is handed on is the same answer under an NT hash
 * of its own, made up for this once: same session key, same names, same client blob.
 */
#ifndef SSPI_GSS_NTLMANSWER_H
#define SSPI_GSS_NTLMANSWER_H

#include <gssapi/gssapi.h>
#include <sspi.h>

#include "core/identity.h"
#include "core/secret.h"

/* The first two messages of an exchange; the answer's proof and its MIC are of them as well. */
struct ntlm_exchange {
    struct blob negotiate, challenge;
};

/* Keeps what a leg got and gave, where it is these two messages, raw or inside SPNEGO. */
SECURITY_STATUS ntlmanswer_keep(struct ntlm_exchange *exchange, const gss_buffer_desc *got,
                                const gss_buffer_desc *given) __attribute__((warn_unused_result));
void ntlmanswer_forget(struct ntlm_exchange *exchange);

/*
 * Asks the source for the user's key and makes *answer of token, and the hash it is under. Returns
 * SEC_E_LOGON_DENIED when the source does not know the user or the answer is not his, or why the
 * answer cannot be used.
 */
SECURITY_STATUS ntlmanswer_make(const struct hash_source *source,
                                const struct ntlm_exchange *exchange, const gss_buffer_desc *token,
                                struct blob *answer, char nt_hash[IDENTITY_NTHASH_HEX + 1])
    __attribute__((warn_unused_result));

#endif
