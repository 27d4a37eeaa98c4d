/* SPDX-License-Identifier: MIT */
/*
 * The mechanisms behind the packages, by object identifier.
 */
#ifndef SSPI_GSS_OID_H
#define SSPI_GSS_OID_H

#include <gssapi/gssapi.h>
#include <stdbool.h>

extern gss_OID_desc oid_krb5[1]; /* 1.2.840.113554.1.2.2, RFC 4121 */
extern gss_OID_desc
    oid_krb5_ms[1]; /* 1.2.840.48018.1.2.2, what Windows offers first [MS-SPNG] 3.1.1 */
extern gss_OID_desc oid_spnego[1]; /* 1.3.6.1.5.5.2, RFC 4178 */
extern gss_OID_desc oid_ntlm[1];   /* 1.3.6.1.4.1.311.2.2.10, [MS-NLMP] */

/* gss_inquire_sec_context_by_oid(): session key as SSPI has it, 1.2.840.113554.1.2.2.5.5. */
extern gss_OID_desc oid_session_key[1];

bool oid_equal(const gss_OID_desc *a, const gss_OID_desc *b);

/* "krb5", "ntlm", "spnego", or "unknown"; for the trace. */
const char *oid_name(const gss_OID_desc *oid);

/* An OID set without allocation. */
#define OID_SET(...)                                                                               \
    (&(gss_OID_set_desc){sizeof((gss_OID_desc[]){__VA_ARGS__}) / sizeof(gss_OID_desc),             \
                         (gss_OID_desc[]){__VA_ARGS__}})

#endif
