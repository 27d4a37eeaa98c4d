/* SPDX-License-Identifier: MIT */
/*
 * Whether a client is bound to the server's channel: what the server asks for, and what it is told.
 */
#ifndef SSPI_GSS_BOUND_H
#define SSPI_GSS_BOUND_H

#include "gss/gsspkg.h"

/* Of a leg that the mechanism has passed. SEC_E_OK, or SEC_E_BAD_BINDINGS for bindings that are
 * missing where they are required. */
SECURITY_STATUS bound_require(const struct gss_context *context);

/* Fills the SECBUFFER_CHANNEL_BINDINGS_RESULT of the leg's output, if there is one: of the client's
 * token, and of what the mechanism said of it. */
void bound_tell(const struct gss_context *context, const struct leg *call,
                const gss_buffer_desc *token, SECURITY_STATUS said);

#endif
