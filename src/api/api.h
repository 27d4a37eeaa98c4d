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

/* What the native error is of a context's handle that is invalid. */
void api_ctx_missing(PCtxtHandle handle) __attribute__((cold));
void api_ctx_unpin(struct ctx *ctx);

/* The package that a caller's text, of either form, means to a finder. SEC_E_SECPKG_NOT_FOUND where
 * that gives NULL, or there is no text; else the statuses of text_from_caller(). */
SECURITY_STATUS api_package_find(const void *name, bool wide,
                                 const struct package *(*find)(const char *),
                                 const struct package **package)
    __attribute__((warn_unused_result));

/*
 * One leg as InitializeSecurityContext and AcceptSecurityContext run it, for a call of that name:
 * handles are looked up and made, buffer lists checked, a token that did not fit is handed out.
 */
SECURITY_STATUS api_leg_run(const char *call, struct leg *leg, bool inbound, PCredHandle credential,
                            PCtxtHandle handle, PCtxtHandle new_handle, PULONG attributes,
                            PTimeStamp expiry);

/* The same for an initiator; target is text in the form that the leg says. */
SECURITY_STATUS api_leg_initialize(const char *call, struct leg *leg, const void *target,
                                   PCredHandle credential, PCtxtHandle handle,
                                   PCtxtHandle new_handle, PULONG attributes, PTimeStamp expiry);

#endif
