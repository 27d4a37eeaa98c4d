/* SPDX-License-Identifier: MIT */
/*
 * What ties the logon to the TLS server: a value that only somebody who sees the same server's key
 * and has the session key of the logon can make. [MS-CSSP] 3.1.5
 */
#ifndef SSPI_CREDSSP_BINDING_H
#define SSPI_CREDSSP_BINDING_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/asn.h"
#include "core/secret.h"

/* From this version on values are hashes with a nonce, and no octet string of a server's choice. */
#define BINDING_VERSION_HASHED 5U

/*
 * The octets of the subjectPublicKey of the certificate that a chain begins with: a copy, to be
 * freed with blob_wipe(). SEC_E_CERT_UNKNOWN: there are none.
 */
SECURITY_STATUS binding_key(struct asn_part chain, struct blob *key)
    __attribute__((warn_unused_result));

/*
 * The value that one end sends: by the client for the server or the other way round. key is the
 * contents of the certificate's subjectPublicKey; nonce has TSREQUEST_NONCE_SIZE octets and is not
 * looked at below BINDING_VERSION_HASHED. To be freed with blob_wipe().
 */
SECURITY_STATUS binding_make(uint32_t version, bool by_client, struct asn_part key,
                             const uint8_t *nonce, struct blob *value)
    __attribute__((warn_unused_result));

/* Whether both are the same, in a time that does not tell where they differ. */
bool binding_equal(const struct blob *expected, struct asn_part received);

#endif
