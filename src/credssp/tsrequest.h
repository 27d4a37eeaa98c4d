/* SPDX-License-Identifier: MIT */
/* TSRequest, the one message of CredSSP. [MS-CSSP] 2.2.1 */
#ifndef SSPI_CREDSSP_TSREQUEST_H
#define SSPI_CREDSSP_TSREQUEST_H

#include "core/asn.h"

#define TSREQUEST_NONCE_SIZE 32

/* One record of TLS holds a whole message but for large tickets; what is larger is no message. */
#define TSREQUEST_MAX 65536U

/* A field that is not in the message has no data. */
struct tsrequest {
    uint32_t version;
    struct asn_part token;       /* of SPNEGO or NTLM */
    struct asn_part auth_info;   /* TSCredentials, sealed */
    struct asn_part pubkey_auth; /* the binding to the server's key, sealed */
    struct asn_part nonce;       /* TSREQUEST_NONCE_SIZE octets, the client's */
    bool failed;                 /* there is an error code */
    uint32_t error;              /* NTSTATUS */
};

/*
 * How many octets the message has that data starts with; 0 when more must come to tell. Returns
 * SEC_E_INVALID_TOKEN for what is no TSRequest, or too large a one.
 */
SECURITY_STATUS tsrequest_frame(const void *data, size_t size, size_t *frame)
    __attribute__((warn_unused_result));

/*
 * Reads exactly one message; its parts point into data. Returns SEC_E_OK, SEC_E_INVALID_TOKEN, or
 * SEC_E_INSUFFICIENT_MEMORY. [MS-CSSP] allows several tokens in one message, and no implementation
 * sends more than one: more are refused, since no mechanism has a second.
 */
SECURITY_STATUS tsrequest_decode(struct tsrequest *request, const void *data, size_t size)
    __attribute__((warn_unused_result));

/* The DER of a message, to be freed with blob_wipe(). */
SECURITY_STATUS tsrequest_encode(const struct tsrequest *request, struct blob *der)
    __attribute__((warn_unused_result));

#endif
