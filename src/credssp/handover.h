/* SPDX-License-Identifier: MIT */
/* What a server does with the credentials that were handed over to it. */
#ifndef SSPI_CREDSSP_HANDOVER_H
#define SSPI_CREDSSP_HANDOVER_H

#include "core/package.h"
#include "credssp/tscreds.h"

/*
 * A password as a KERB_INTERACTIVE_LOGON with its text behind it; the Buffer members are offsets
 * from its beginning, as CredUnPackAuthenticationBuffer() takes it. Freed with FreeContextBuffer().
 * SEC_E_NO_CREDENTIALS: none was handed over. SEC_E_UNSUPPORTED_FUNCTION: it is no password.
 */
SECURITY_STATUS handover_pack(const struct tscreds *creds, struct blob *packed)
    __attribute__((warn_unused_result));

/*
 * The client's token, with which a thread may act for it: negotiate's, and if a password was handed
 * over, a credential of Negotiate's package made of it in place of what negotiate was lent.
 */
SECURITY_STATUS handover_token(const struct tscreds *creds, struct ctx *negotiate,
                               struct token **token) __attribute__((warn_unused_result));

SECURITY_STATUS credssp_ctx_token(struct ctx *, struct token **);

#endif
