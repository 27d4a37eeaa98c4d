/* SPDX-License-Identifier: MIT */
/*
 * GSS-API and Kerberos results to SECURITY_STATUS. Every foreign call of this folder ends here.
 */
#ifndef SSPI_GSS_STATUS_H
#define SSPI_GSS_STATUS_H

#include <gssapi/gssapi.h>
#include <krb5.h>
#include <sspi.h>
#include <stdbool.h>

/* What was being done: the same code means different things to the two roles. */
enum gss_doing {
    GSS_ACQUIRING,
    GSS_INITIATING,
    GSS_ANSWERED, /* a later leg of an initiator: the acceptor's answer is what failed */
    GSS_ACCEPTING,
    GSS_SEALING,
    GSS_UNSEALING,
};

/* A result with the mechanism that gave it: minor codes are per mechanism. */
struct gss_result {
    OM_uint32 major, minor;
    const gss_OID_desc *mech;
};

/*
 * The status for a result. On failure the native code and text are traced and remembered for this
 * thread (native_error_get()), so it must be called on the thread that failed. what names the call:
 * "gss_wrap".
 */
SECURITY_STATUS gss_status(enum gss_doing doing, const char *what, struct gss_result result)
    __attribute__((warn_unused_result));

/* A peer's token was looked at: what no table explains, nor this machine, is the token's fault. */
SECURITY_STATUS gss_status_of_token(SECURITY_STATUS status, struct gss_result result)
    __attribute__((warn_unused_result));

/* The same for libkrb5. */
SECURITY_STATUS krb5_status(enum gss_doing doing, const char *what, krb5_context context,
                            krb5_error_code code) __attribute__((warn_unused_result));

/*
 * The krb5 code behind a failure of SPNEGO, or 0. The mechglue gives the codes of a mechanism
 * inside numbers of its own, and keeps nothing of them but the words.
 */
krb5_error_code gss_krb5_code_behind(struct gss_result result);

/* The tables, without trace. */
SECURITY_STATUS gss_status_of_major(enum gss_doing doing, OM_uint32 major);
SECURITY_STATUS gss_status_of_krb5(enum gss_doing doing, krb5_error_code code);
SECURITY_STATUS gss_status_of_ntlm(enum gss_doing doing, OM_uint32 minor);

/*
 * Whether Negotiate goes on to NTLM when Kerberos failed an initiator with this code: no ticket can
 * be had (unknown service, no KDC, no credentials). Never after a secret was refused.
 */
bool gss_status_permits_ntlm(krb5_error_code code);

#endif
