/* SPDX-License-Identifier: MIT */
/*
 * What gss-ntlmssp 1.2 must not be given, or not as it is: messages of NTLM, [MS-NLMP] 2.2.1, raw
 * or inside SPNEGO. A frame is not trusted to be what it seems, so the messages are looked for.
 */
#ifndef SSPI_GSS_NTLMTOKEN_H
#define SSPI_GSS_NTLMTOKEN_H

#include <gssapi/gssapi.h>
#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/secret.h"

/* Whether a CHALLENGE gives its target a type and no name: a null pointer would be written through,
 * at the word of any server. */
bool ntlmtoken_is_unnamed_challenge(const gss_buffer_desc *token);

/* Whether a CHALLENGE of ours makes the client send a session key. */
bool ntlmtoken_asks_for_key(const gss_buffer_desc *token);

/* Whether an AUTHENTICATE comes without a whole one: where it was asked for, a null pointer would
 * be read through, at the word of any client. */
bool ntlmtoken_lacks_key(const gss_buffer_desc *token);

/* Whether a token is a raw AUTHENTICATE. */
bool ntlmtoken_is_authenticate(const gss_buffer_desc *token);

/* Whether there is an AUTHENTICATE in a token. */
bool ntlmtoken_has_authenticate(const gss_buffer_desc *token);

/*
 * Whether an AUTHENTICATE answers with LM or NTLMv1: for accounts of a file gss-ntlmssp may accept
 * an LM answer that only repeats what the client chose, when it believes itself in a domain.
 */
bool ntlmtoken_is_v1(const gss_buffer_desc *token);

/*
 * Who an AUTHENTICATE says it is of; both are to be freed. Returns SEC_E_OK, SEC_E_INVALID_TOKEN or
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS ntlmtoken_names(const gss_buffer_desc *token, char **user, char **domain)
    __attribute__((warn_unused_result));

#define NTLM_CHALLENGE_SIZE 8

/* The octets of a CHALLENGE that the answer is for, or NULL where there is none in the token. */
const uint8_t *ntlmtoken_challenge(const gss_buffer_desc *token);

/* The parts of an AUTHENTICATE with an NTLMv2 answer; they are where the token has them. */
struct ntlm_answer {
    struct blob message;  /* the whole of it */
    uint8_t *proof;       /* NTProofStr */
    struct blob blob;     /* what follows it in the answer, NTLMv2_CLIENT_CHALLENGE */
    uint8_t *session_key; /* EncryptedRandomSessionKey */
    uint8_t *mic;         /* or NULL */
};

/* Whether a token has such an answer, with a session key and without overlaps. */
bool ntlmtoken_answer(const gss_buffer_desc *token, struct ntlm_answer *answer);

/*
 * The service that a CHALLENGE says the server is, MsvAvTargetName of [MS-NLMP] 2.2.2.1, to be
 * freed; NULL: it does not say, or that it is not sure.
 */
char *ntlmtoken_target(const gss_buffer_desc *token);

/* The hash of channel bindings in an answer by NTLMv2, [MS-NLMP] 2.2.2.1; NULL where it has none.
 */
const uint8_t *ntlmtoken_bindings(const gss_buffer_desc *token);

/*
 * Makes readable what others send: curl, without the Version, and WinPR 2, whose challenge has two
 * charsets. *in then is *copy, to be freed. Only raw tokens. Returns SEC_E_OK or
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS ntlmtoken_repair(gss_buffer_desc *in, void **copy)
    __attribute__((warn_unused_result));

#endif
