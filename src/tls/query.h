/* SPDX-License-Identifier: MIT */
/* Attributes for the table in query.c that are made elsewhere. */
#ifndef SSPI_TLS_QUERY_H
#define SSPI_TLS_QUERY_H

#include "tls/tlspkg.h"

/* eapkeys.c */
SECURITY_STATUS tls_query_eap_key_block(struct tls_ctx *, void *buffer);

/* certquery.c */
SECURITY_STATUS tls_query_unique_bindings(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_endpoint_bindings(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_remote_cert(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_remote_certificates(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_local_cert(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_issuers(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_cert_check(struct tls_ctx *, void *buffer);
SECURITY_STATUS tls_query_server_auth(struct tls_ctx *, void *buffer);

#endif
