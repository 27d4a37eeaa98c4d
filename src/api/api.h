/* SPDX-License-Identifier: MIT */
/*
 * The exported names and nothing else: arguments are checked, handles looked up, text converted,
 * and the package's operation called.
 */
#ifndef SSPI_API_API_H
#define SSPI_API_API_H

#include <sspi.h>

#include "core/package.h"

/* Everything else in the library is hidden. */
#define SSPI_API __attribute__((visibility("default")))

/* The object a handle names, alive until api_unpin(); NULL when the handle is invalid. */
struct cred *api_cred_pin(PCredHandle handle);
struct ctx *api_ctx_pin(PCtxtHandle handle);
void api_cred_unpin(struct cred *cred);
void api_ctx_unpin(struct ctx *ctx);

#endif
