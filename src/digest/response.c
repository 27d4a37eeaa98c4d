/* SPDX-License-Identifier: MIT */
/* A1, A2 and the response. */
#include "digest/response.h"

#include <string.h>

#include "core/text.h"

static struct digest_part part(const char *text)
{
    return (struct digest_part){text, strlen(text)};
}

SECURITY_STATUS digest_secret_make(const struct digest_algorithm *algorithm, const char *user,
                                   const char *realm, const char *password,
                                   struct digest_secret *secret)
{
    struct digest_part parts[] = {part(user), part(realm), part(password)};

    secret->algorithm = algorithm;
    return digest_hash(algorithm, parts, 3, secret->hash);
}

/*
 * The inner hash is in hexadecimal digits in HTTP (RFC 7616 3.4.2, and what everybody made of RFC
 * 2617) and as octets in SASL (RFC 2831 2.1.2.1).
 */
SECURITY_STATUS digest_session_make(const struct digest_secret *secret,
                                    const struct digest_claim *claim, uint8_t *session)
{
    const struct digest_algorithm *algorithm = secret->algorithm;
    char hex[DIGEST_HEX_SIZE];
    struct digest_part parts[4] = {{secret->hash, algorithm->size}};
    size_t count = 3;
    SECURITY_STATUS status;

    if (!algorithm->session) {
        memcpy(session, secret->hash, algorithm->size);
        return SEC_E_OK;
    }
    text_hex(secret->hash, algorithm->size, hex);
    if (!claim->sasl)
        parts[0] = part(hex);
    parts[1] = part(claim->nonce);
    parts[2] = part(claim->cnonce);
    if (claim->authzid != NULL)
        parts[count++] = part(claim->authzid);
    status = digest_hash(algorithm, parts, count, session);
    explicit_bzero(hex, sizeof(hex));
    return status;
}

/* SASL has no body to hash. RFC 2831 2.1.2.1 */
#define NO_BODY "00000000000000000000000000000000"

static SECURITY_STATUS a2_make(const struct digest_algorithm *algorithm,
                               const struct digest_claim *claim, enum digest_prover prover,
                               char hex[DIGEST_HEX_SIZE])
{
    const char *method = claim->sasl ? "AUTHENTICATE" : claim->method;
    struct digest_part parts[3] = {part(prover == DIGEST_CLIENT ? method : ""), part(claim->uri)};
    uint8_t hash[DIGEST_HASH_MAX];
    size_t count = 2;
    SECURITY_STATUS status;

    if (claim->qop != NULL && strcmp(claim->qop, "auth") != 0)
        parts[count++] = part(claim->sasl ? NO_BODY : claim->entity);
    status = digest_hash(algorithm, parts, count, hash);
    if (status == SEC_E_OK)
        text_hex(hash, algorithm->size, hex);
    return status;
}

SECURITY_STATUS digest_response_make(const struct digest_secret *secret,
                                     const struct digest_claim *claim, enum digest_prover prover,
                                     char response[DIGEST_HEX_SIZE])
{
    const struct digest_algorithm *algorithm = secret->algorithm;
    uint8_t hash[DIGEST_HASH_MAX];
    char session[DIGEST_HEX_SIZE], a2[DIGEST_HEX_SIZE];
    struct digest_part parts[6];
    size_t count = 0;
    SECURITY_STATUS status = digest_session_make(secret, claim, hash);

    if (status == SEC_E_OK)
        status = a2_make(algorithm, claim, prover, a2);
    if (status == SEC_E_OK)
        text_hex(hash, algorithm->size, session);
    explicit_bzero(hash, sizeof(hash));
    if (status != SEC_E_OK)
        return status;
    parts[count++] = part(session);
    parts[count++] = part(claim->nonce);
    if (claim->qop != NULL) {
        parts[count++] = part(claim->nc);
        parts[count++] = part(claim->cnonce);
        parts[count++] = part(claim->qop);
    }
    parts[count++] = part(a2);
    status = digest_hash(algorithm, parts, count, hash);
    if (status == SEC_E_OK)
        text_hex(hash, algorithm->size, response);
    explicit_bzero(session, sizeof(session));
    return status;
}
