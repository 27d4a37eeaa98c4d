/* SPDX-License-Identifier: MIT */
/* What a caller says of a request, in buffers of type SECBUFFER_PKG_PARAMS that go by their order.
 */
#ifndef SSPI_DIGEST_REQUEST_H
#define SSPI_DIGEST_REQUEST_H

#include <sspi.h>

/* NULL: nothing was said. */
struct digest_request {
    char *method, *uri;
    char *entity; /* H(entity-body) in hexadecimal digits */
    char *realm;
};

/*
 * Who reads which: InitializeSecurityContext has the URI in pszTargetName, so its buffers are
 * method and body; all others' are method, URI, body, realm, of which the last is UTF-16. The
 * result is freed with digest_request_free(), after a failure too. SEC_E_OK,
 * SEC_E_INSUFFICIENT_MEMORY or SEC_E_INVALID_PARAMETER for what cannot be in a request's line.
 */
SECURITY_STATUS digest_request_of_client(const SecBufferDesc *, const char *uri,
                                         struct digest_request *)
    __attribute__((warn_unused_result));
SECURITY_STATUS digest_request_read(const SecBufferDesc *, struct digest_request *)
    __attribute__((warn_unused_result));

void digest_request_free(struct digest_request *);

#endif
