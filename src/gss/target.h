/* SPDX-License-Identifier: MIT */
/*
 * pszTargetName to GSS names. Windows writes one string for every package; the mechanisms want
 *   Kerberos  a host-based service, or a principal when a realm or a user is named
 *   NTLM      a host-based service, which it puts into the AUTHENTICATE message as the target's SPN
 */
#ifndef SSPI_GSS_TARGET_H
#define SSPI_GSS_TARGET_H

#include <gssapi/gssapi.h>
#include <krb5.h>
#include <sspi.h>
#include <stdbool.h>

/*
 * The name of target for a mechanism (oid_krb5 or oid_ntlm), freed with gss_release_name().
 *   svc/host, svc/host:port   host-based "svc@host"; host canonicalisation is as krb5.conf says
 *   svc/host/domain           principal, as it is written
 *   svc/host@REALM, a@REALM   principal
 *   host                      host-based "host@host"
 *   NULL                      NTLM only: no SPN; Kerberos is SEC_E_TARGET_UNKNOWN
 */
SECURITY_STATUS target_import(const char *target, const gss_OID_desc *mech, gss_name_t *name)
    __attribute__((warn_unused_result));

/* Whether one host-based name serves both mechanisms, so that SPNEGO may offer both. */
bool target_is_hostbased(const char *target);

/* Whether service, as a server by NTLM names itself ("svc/host"), is what target asks for. A target
 * without a service asks for none. */
bool target_is_service(const char *target, const char *service);

/* The principal that the mechanism makes of a name, and will look for in a cache; and of a target.
 */
krb5_error_code target_name_principal(krb5_context context, gss_name_t name,
                                      krb5_principal *principal);
krb5_error_code target_principal(krb5_context context, const char *target,
                                 krb5_principal *principal);

#endif
