/* SPDX-License-Identifier: MIT */
/* What is proved and how: RFC 2617 3.2.2, RFC 7616 3.4, RFC 2831 2.1.2. */
#ifndef SSPI_DIGEST_RESPONSE_H
#define SSPI_DIGEST_RESPONSE_H

#include <stdbool.h>

#include "digest/algorithm.h"

/* H(user:realm:password): what an account file has, and as good as the password for that realm. */
struct digest_secret {
    const struct digest_algorithm *algorithm;
    uint8_t hash[DIGEST_HASH_MAX];
};

/* What one response is about; text as it travels, unquoted. */
struct digest_claim {
    bool sasl;
    const char *nonce, *cnonce, *nc, *qop; /* qop NULL: RFC 2069, without the two before it */
    const char *method;                    /* HTTP's; SASL has one of its own */
    const char *uri;                       /* digest-uri in SASL */
    const char *entity;                    /* H(entity-body) for auth-int in HTTP */
    const char *authzid;                   /* SASL; or NULL */
};

SECURITY_STATUS digest_secret_make(const struct digest_algorithm *, const char *user,
                                   const char *realm, const char *password, struct digest_secret *)
    __attribute__((warn_unused_result));

/* H(A1), from which a SASL context has its keys too. */
SECURITY_STATUS digest_session_make(const struct digest_secret *, const struct digest_claim *,
                                    uint8_t *session) __attribute__((warn_unused_result));

/* Who proves it: the client by response, the server by rspauth. */
enum digest_prover { DIGEST_CLIENT, DIGEST_SERVER };

SECURITY_STATUS digest_response_make(const struct digest_secret *, const struct digest_claim *,
                                     enum digest_prover, char response[DIGEST_HEX_SIZE])
    __attribute__((warn_unused_result));

#endif
