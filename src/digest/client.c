/* SPDX-License-Identifier: MIT */
/* A client: challenges taken, responses made, the server's proof checked. */
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/text.h"
#include "digest/charset.h"
#include "digest/digest.h"

#define CNONCE_SIZE 16

/* --- A challenge ---------------------------------------------------------------------------- */

/* Its algorithm, or NULL where it can never be answered. */
static const struct digest_algorithm *challenge_algorithm(const struct digest_message *challenge,
                                                          bool sasl)
{
    const char *name = challenge->value[DIGEST_ALGORITHM];
    const struct digest_algorithm *algorithm = digest_algorithm_find(name);

    /* RFC 2831 2.1.1: it must be there, and be this. */
    if (sasl)
        return name != NULL && text_equal_nocase(name, "md5-sess") ? algorithm : NULL;
    /* A session needs cnonce, which needs qop. */
    if (algorithm != NULL && algorithm->session && challenge->value[DIGEST_QOP] == NULL)
        return NULL;
    return algorithm;
}

static SECURITY_STATUS challenge_check(const struct digest_message *challenge, bool sasl)
{
    const char *charset = challenge->value[DIGEST_CHARSET];

    if (challenge->value[DIGEST_NONCE] == NULL || (!sasl && challenge->value[DIGEST_REALM] == NULL))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a challenge without nonce or realm");
    if (charset != NULL && !text_equal_nocase(charset, "utf-8"))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a challenge in an unknown character set");
    return SEC_E_OK;
}

/* The strongest of the challenges that can be answered. Digest's own order is the table's. */
static SECURITY_STATUS challenge_choose(struct digest_input in, bool sasl,
                                        struct digest_message *best)
{
    const struct digest_algorithm *chosen = NULL;
    bool found = true;

    memset(best, 0, sizeof(*best));
    while (in.at < in.end && found) {
        struct digest_message challenge;
        const struct digest_algorithm *algorithm = NULL;
        SECURITY_STATUS status =
            digest_message_read(&in, DIGEST_OF_SERVER, sasl, &challenge, &found);

        if (status == SEC_E_OK && found)
            status = challenge_check(&challenge, sasl);
        if (status == SEC_E_OK && found)
            algorithm = challenge_algorithm(&challenge, sasl);
        if (algorithm != NULL && (chosen == NULL || algorithm < chosen)) {
            chosen = algorithm;
            digest_message_free(best);
            *best = challenge;
        } else {
            digest_message_free(&challenge);
        }
        if (status != SEC_E_OK)
            return status;
    }
    return chosen != NULL ? SEC_E_OK
                          : digest_refuse(SEC_E_ALGORITHM_MISMATCH,
                                          "no challenge with an algorithm that is known here");
}

/*
 * Integrity where it is asked for and can be had; where the server insists on it too. What came of
 * it is in the attributes, at which Microsoft tells a client to look.
 */
static SECURITY_STATUS qop_choose(struct digest_ctx *ctx, const char *offered, bool has_entity)
{
    bool wanted =
        ctx->base.request & (ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT);
    bool can = digest_list_has(offered, "auth-int") && (ctx->sasl || has_entity);
    bool plain = digest_list_has(offered, "auth") || (ctx->sasl && offered == NULL);

    ctx->integrity = can && (wanted || !plain);
    ctx->qop = ctx->integrity ? "auth-int" : plain ? "auth" : NULL;
    if (ctx->qop != NULL || (offered == NULL && !ctx->sasl))
        return SEC_E_OK;
    return digest_refuse(SEC_E_QOP_NOT_SUPPORTED,
                         "the server wants a quality of protection that cannot be had");
}

/* SASL's text is hashed in ISO 8859-1 where that can be. RFC 2831 2.1.2.1 */
static SECURITY_STATUS sasl_secret_of(struct digest_ctx *ctx, const char *password)
{
    char *texts[] = {ctx->latin ? strdup(ctx->user) : digest_to_latin(ctx->user),
                     ctx->latin ? strdup(ctx->realm) : digest_to_latin(ctx->realm),
                     digest_to_latin(password)};
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    if (texts[0] != NULL && texts[1] != NULL && texts[2] != NULL)
        status = digest_secret_make(ctx->algorithm, texts[0], texts[1], texts[2], &ctx->secret);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        string_wipe_free(texts[i]);
    return status;
}

/* As it travels: in UTF-8, or ISO 8859-1 for a SASL server that knows nothing else. */
static SECURITY_STATUS name_set(struct digest_ctx *ctx, char **place, const char *name)
{
    if (ctx->latin && !digest_is_latin(name))
        return digest_refuse(SEC_E_LOGON_DENIED, "the server takes names in ISO 8859-1 only");
    string_wipe_free(*place);
    *place = ctx->latin ? digest_to_latin(name) : strdup(name);
    return *place != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* The realm is the one of the identity, which is never tried for another. */
static SECURITY_STATUS identity_take(struct digest_ctx *ctx, const struct digest_message *challenge)
{
    const struct identity *id = ((struct digest_cred *)ctx->base.cred)->identity;
    const char *realm = challenge->value[DIGEST_REALM];
    SECURITY_STATUS status;

    if (!id->explicit)
        return digest_refuse(SEC_E_NO_CREDENTIALS, "a client needs a user and a password");
    if (id->password == NULL)
        return digest_refuse(SEC_E_LOGON_DENIED, "the identity has no password");
    status = name_set(ctx, &ctx->user, id->user);
    if (status == SEC_E_OK && id->domain != NULL && *id->domain != '\0')
        status = name_set(ctx, &ctx->realm, id->domain);
    else if (status == SEC_E_OK && !digest_text_set(&ctx->realm, realm != NULL ? realm : ""))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status != SEC_E_OK)
        return status;
    return ctx->sasl ? sasl_secret_of(ctx, id->password)
                     : digest_secret_make(ctx->algorithm, ctx->user, ctx->realm, id->password,
                                          &ctx->secret);
}

static SECURITY_STATUS challenge_keep(struct digest_ctx *ctx,
                                      const struct digest_message *challenge, bool has_entity)
{
    char cnonce[2 * CNONCE_SIZE + 1];
    SECURITY_STATUS status = digest_random_hex(CNONCE_SIZE, cnonce);

    ctx->algorithm = challenge_algorithm(challenge, ctx->sasl);
    ctx->algorithm_said = challenge->value[DIGEST_ALGORITHM] != NULL;
    ctx->latin = ctx->sasl && challenge->value[DIGEST_CHARSET] == NULL;
    ctx->count = 0;
    if (status == SEC_E_OK)
        status = qop_choose(ctx, challenge->value[DIGEST_QOP], has_entity);
    if (status == SEC_E_OK)
        status = digest_maxbuf_take(ctx, challenge->value[DIGEST_MAXBUF]);
    if (status == SEC_E_OK && (!digest_text_set(&ctx->nonce, challenge->value[DIGEST_NONCE]) ||
                               !digest_text_set(&ctx->opaque, challenge->value[DIGEST_OPAQUE]) ||
                               !digest_text_set(&ctx->cnonce, cnonce)))
        status = SEC_E_INSUFFICIENT_MEMORY;
    return status == SEC_E_OK ? identity_take(ctx, challenge) : status;
}

/* Whether neither what the one before led to is offered nor anything better. */
static bool quality_is_weaker(const struct digest_ctx *ctx, const char *offered)
{
    return ctx->qop != NULL && !digest_list_has(offered, "auth-int") &&
           (ctx->integrity || !digest_list_has(offered, "auth"));
}

/*
 * Another challenge refuses what was sent, unless it says that only the nonce was too old. Nobody
 * has signed it: it is not to lead to less than the first one did.
 */
static SECURITY_STATUS renewal_check(const struct digest_ctx *ctx,
                                     const struct digest_message *challenge)
{
    const char *stale = challenge->value[DIGEST_STALE];

    if (stale == NULL || !text_equal_nocase(stale, "true"))
        return digest_refuse(SEC_E_LOGON_DENIED, "the server did not take the response");
    if (challenge_algorithm(challenge, ctx->sasl) > ctx->algorithm)
        return digest_refuse(SEC_E_ALGORITHM_MISMATCH, "a weaker algorithm than before");
    if (quality_is_weaker(ctx, challenge->value[DIGEST_QOP]))
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "a weaker quality of protection than before");
    return SEC_E_OK;
}

SECURITY_STATUS digest_challenge_take(struct digest_ctx *ctx, struct digest_input in,
                                      bool has_entity)
{
    struct digest_message challenge;
    SECURITY_STATUS status = challenge_choose(in, ctx->sasl, &challenge);

    if (status == SEC_E_OK && ctx->nonce != NULL)
        status = renewal_check(ctx, &challenge);
    if (status == SEC_E_OK)
        status = challenge_keep(ctx, &challenge, has_entity);
    digest_message_free(&challenge);
    return status;
}

/* --- A response ----------------------------------------------------------------------------- */

static SECURITY_STATUS request_take(struct digest_ctx *ctx, const struct digest_request *request)
{
    if (request->uri == NULL)
        return digest_refuse(SEC_E_TARGET_UNKNOWN, "no URI: what is asked for?");
    if (!ctx->sasl && request->method == NULL)
        return digest_refuse(SEC_E_INVALID_PARAMETER, "no method of HTTP is given");
    if (!ctx->sasl && ctx->integrity && !digest_is_hash(ctx->algorithm, request->entity))
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "the hash of the body is wanting");
    if (ctx->count == UINT32_MAX)
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the nonce was used too often");
    ctx->count++;
    return digest_text_set(&ctx->uri, request->uri) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

static void http_write(const struct digest_ctx *ctx, const struct digest_claim *claim,
                       const char *response, struct digest_writer *writer)
{
    bool whole = claim->qop != NULL;

    digest_write(writer, DIGEST_USERNAME, ctx->user);
    digest_write(writer, DIGEST_REALM, ctx->realm);
    digest_write(writer, DIGEST_NONCE, claim->nonce);
    digest_write(writer, DIGEST_URI, claim->uri);
    digest_write(writer, DIGEST_CNONCE, whole ? claim->cnonce : NULL);
    digest_write(writer, DIGEST_NC, whole ? claim->nc : NULL);
    digest_write(writer, DIGEST_ALGORITHM, ctx->algorithm_said ? ctx->algorithm->name : NULL);
    digest_write(writer, DIGEST_RESPONSE, response);
    digest_write(writer, DIGEST_QOP, claim->qop);
    digest_write(writer, DIGEST_OPAQUE, ctx->opaque);
}

static void sasl_write(const struct digest_ctx *ctx, const struct digest_claim *claim,
                       const char *response, struct digest_writer *writer)
{
    digest_write(writer, DIGEST_CHARSET, ctx->latin ? NULL : "utf-8");
    digest_write(writer, DIGEST_USERNAME, ctx->user);
    digest_write(writer, DIGEST_REALM, *ctx->realm != '\0' ? ctx->realm : NULL);
    digest_write(writer, DIGEST_NONCE, claim->nonce);
    digest_write(writer, DIGEST_CNONCE, claim->cnonce);
    digest_write(writer, DIGEST_NC, claim->nc);
    digest_write(writer, DIGEST_DIGEST_URI, claim->uri);
    digest_write(writer, DIGEST_RESPONSE, response);
    digest_write(writer, DIGEST_QOP, claim->qop);
    digest_maxbuf_write(ctx, writer);
}

SECURITY_STATUS digest_response_write(struct digest_ctx *ctx, const struct digest_request *request,
                                      struct digest_writer *writer)
{
    char response[DIGEST_HEX_SIZE], nc[9];
    struct digest_claim claim;
    SECURITY_STATUS status = request_take(ctx, request);

    if (status != SEC_E_OK)
        return status;
    claim = digest_claim_of(ctx, nc);
    claim.method = request->method;
    claim.entity = request->entity;
    status = digest_response_make(&ctx->secret, &claim, DIGEST_CLIENT, response);
    if (status == SEC_E_OK)
        status = digest_keys_make(ctx, &claim);
    if (status != SEC_E_OK)
        return status;
    writer->kind = DIGEST_OF_CLIENT;
    (ctx->sasl ? sasl_write : http_write)(ctx, &claim, response, writer);
    return digest_written(writer);
}

/* --- The outcome ---------------------------------------------------------------------------- */

/* HTTP's server says for which request it is. RFC 7616 3.5 */
static bool is_echo(const struct digest_ctx *ctx, const struct digest_message *outcome,
                    const struct digest_claim *claim)
{
    const char *const *value = outcome->value;

    if (ctx->sasl || claim->qop == NULL)
        return true;
    return value[DIGEST_CNONCE] != NULL && strcmp(value[DIGEST_CNONCE], claim->cnonce) == 0 &&
           value[DIGEST_NC] != NULL && strcmp(value[DIGEST_NC], claim->nc) == 0 &&
           value[DIGEST_QOP] != NULL && strcmp(value[DIGEST_QOP], claim->qop) == 0;
}

static SECURITY_STATUS proof_check(struct digest_ctx *ctx, const struct digest_message *outcome,
                                   const char *entity)
{
    char proof[DIGEST_HEX_SIZE], nc[9];
    struct digest_claim claim = digest_claim_of(ctx, nc);
    SECURITY_STATUS status;

    if (!ctx->sasl && ctx->integrity && !digest_is_hash(ctx->algorithm, entity))
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "the hash of the body is wanting");
    claim.entity = entity;
    status = digest_response_make(&ctx->secret, &claim, DIGEST_SERVER, proof);
    if (status != SEC_E_OK)
        return status;
    if (outcome->value[DIGEST_RSPAUTH] == NULL ||
        !digest_equal(outcome->value[DIGEST_RSPAUTH], proof) || !is_echo(ctx, outcome, &claim))
        return digest_refuse(SEC_E_MUTUAL_AUTH_FAILED, "the server does not prove what it should");
    return SEC_E_OK;
}

/* The next request is with the server's next nonce; but a session is of its first one. */
static SECURITY_STATUS nextnonce_take(struct digest_ctx *ctx, const char *nonce)
{
    if (nonce == NULL || ctx->algorithm->session)
        return SEC_E_OK;
    ctx->count = 0;
    return digest_text_set(&ctx->nonce, nonce) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS digest_outcome_check(struct digest_ctx *ctx, struct digest_input in,
                                     const char *entity)
{
    struct digest_message outcome;
    bool found;
    SECURITY_STATUS status =
        digest_message_read(&in, DIGEST_OF_OUTCOME, ctx->sasl, &outcome, &found);

    if (status == SEC_E_OK && in.at != in.end)
        status = digest_refuse(SEC_E_INVALID_TOKEN, "more than one message");
    if (status == SEC_E_OK)
        status = proof_check(ctx, &outcome, entity);
    if (status == SEC_E_OK)
        status = nextnonce_take(ctx, outcome.value[DIGEST_NEXTNONCE]);
    digest_message_free(&outcome);
    return status;
}
