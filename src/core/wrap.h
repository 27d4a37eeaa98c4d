/* SPDX-License-Identifier: MIT */
/*
 * Whole messages through the seam, as SASL and CredSSP send them: token, octets and padding in one.
 */
#ifndef SSPI_CORE_WRAP_H
#define SSPI_CORE_WRAP_H

#include "core/package.h"

/* Seals a copy of plain; qop as EncryptMessage() has it. */
SECURITY_STATUS ctx_wrap(struct ctx *ctx, ULONG qop, const struct blob *plain, struct blob *sealed)
    __attribute__((warn_unused_result));

/* Opens a copy of sealed; qop as DecryptMessage() tells it. */
SECURITY_STATUS ctx_unwrap(struct ctx *ctx, const void *sealed, size_t size, struct blob *plain,
                           ULONG *qop) __attribute__((warn_unused_result));

#endif
