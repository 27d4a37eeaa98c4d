/* SPDX-License-Identifier: MIT */
/* Functions of a mechanism that MIT's headers do not declare: the mechglue asks for them by name.
 */
#ifndef GSSPLUGIN_FORWARD_H
#define GSSPLUGIN_FORWARD_H

#pragma GCC visibility push(default)

#include <gssapi/gssapi_ext.h>

OM_uint32 gssspi_import_name_by_mech(OM_uint32 *minor, gss_OID mech, gss_buffer_t input,
                                     gss_OID type, gss_name_t *name);

OM_uint32 gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t name,
                                            const gss_buffer_t password, OM_uint32 time_request,
                                            const gss_OID_set desired, gss_cred_usage_t usage,
                                            gss_cred_id_t *cred, gss_OID_set *mechs,
                                            OM_uint32 *time);

OM_uint32 gssspi_import_sec_context_by_mech(OM_uint32 *minor, gss_OID mech, gss_buffer_t token,
                                            gss_ctx_id_t *handle);

/* Ours, or the mechglue finds its own function of this name, which asks ours, which is its own. */
OM_uint32 gssspi_set_cred_option(OM_uint32 *minor, gss_cred_id_t *cred, const gss_OID oid,
                                 const gss_buffer_t value);

#pragma GCC visibility pop

#endif
