/* SPDX-License-Identifier: MIT */
/* What a server does with the credentials that were handed over to it. */
#ifndef SSPI_CREDSSP_HANDOVER_H
#define SSPI_CREDSSP_HANDOVER_H

#include <sspi_linux.h>

#include "core/package.h"
#include "credssp/tscreds.h"

/*
 * A password as a KERB_INTERACTIVE_LOGON, a smart card as a KERB_CERTIFICATE_LOGON, with text and
 * data behind it; the pointers in it are offsets from its beginning, as
 * CredUnPackAuthenticationBuffer() takes it. Freed with FreeContextBuffer(). SEC_E_NO_CREDENTIALS:
 * nothing was handed over. SEC_E_UNSUPPORTED_FUNCTION: it is something else.
 */
SECURITY_STATUS handover_pack(const struct tscreds *creds, struct blob *packed)
    __attribute__((warn_unused_result));

/* The same for Remote Credential Guard; out->list is freed with FreeContextBuffer(). */
SECURITY_STATUS handover_guard(const struct tscreds *creds, struct sspi_guard_credentials *out)
    __attribute__((warn_unused_result));

/*
 * The client's token, with which a thread may act for it: negotiate's, and if a password was handed
 * over, a credential of Negotiate's package made of it in place of what negotiate was lent.
 */
SECURITY_STATUS handover_token(const struct tscreds *creds, struct ctx *negotiate,
                               struct token **token) __attribute__((warn_unused_result));

#endif
