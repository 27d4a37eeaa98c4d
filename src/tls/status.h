/* SPDX-License-Identifier: MIT */
/* GnuTLS results, TLS alerts and verdicts on certificates to SECURITY_STATUS, and back to alerts.
 */
#ifndef SSPI_TLS_STATUS_H
#define SSPI_TLS_STATUS_H

#include <gnutls/gnutls.h>
#include <sspi.h>

/*
 * The status for a GnuTLS error code. The native code and text are traced and remembered for this
 * thread; what names the call: "gnutls_handshake". An alert that the peer sent speaks through
 * alert, which matters only with the two codes that say so.
 */
SECURITY_STATUS tls_status(const char *what, int code, gnutls_alert_description_t alert)
    __attribute__((warn_unused_result));

/* The tables, without trace. */
SECURITY_STATUS tls_status_of_code(int code);
SECURITY_STATUS tls_status_of_alert(gnutls_alert_description_t alert);

/* What cert_check_run() found, as the call's status, and as the alert that tells the peer. */
SECURITY_STATUS tls_status_of_verdict(HRESULT verdict);
gnutls_alert_description_t tls_alert_of_verdict(HRESULT verdict);

#endif
