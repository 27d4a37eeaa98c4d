/* SPDX-License-Identifier: MIT */
/* A server: challenges made, responses judged, its own proof given. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/secret.h"
#include "core/text.h"
#include "digest/charset.h"
#include "digest/digest.h"

static const struct digest_settings *settings_of(const struct digest_ctx *ctx)
{
    return atomic_load(&((struct digest_cred *)ctx->base.cred)->settings);
}

/* --- A challenge ---------------------------------------------------------------------------- */

SECURITY_STATUS digest_realm_choose(struct digest_ctx *ctx, const struct digest_request *request)
{
    const struct digest_settings *settings = settings_of(ctx);
    char host[HOST_NAME_MAX + 1] = "";
    const char *realm = request->realm;

    if (realm == NULL && settings != NULL)
        realm = settings->realm;
    if (realm == NULL && gethostname(host, sizeof(host) - 1) == 0)
        realm = host;
    /* SASL's is MD5-sess and no other. */
    ctx->algorithm = digest_algorithm_find(ctx->sasl ? "MD5-sess" : NULL);
    if (!ctx->sasl && settings != NULL)
        ctx->algorithm = settings->algorithm;
    ctx->qop = ctx->integrity ? "auth-int" : "auth";
    return digest_text_set(&ctx->realm, realm) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS digest_challenge_write(struct digest_ctx *ctx, bool stale,
                                       struct digest_writer *writer)
{
    char nonce[DIGEST_NONCE_SIZE];
    SECURITY_STATUS status = digest_nonce_make(ctx->realm, ctx->algorithm->name, nonce);

    if (status != SEC_E_OK)
        return status;
    if (!digest_text_set(&ctx->nonce, nonce))
        return SEC_E_INSUFFICIENT_MEMORY;
    ctx->count = 0;
    writer->kind = DIGEST_OF_SERVER;
    digest_write(writer, DIGEST_REALM, ctx->realm);
    digest_write(writer, DIGEST_NONCE, nonce);
    digest_write(writer, DIGEST_QOP, ctx->qop);
    digest_write(writer, DIGEST_ALGORITHM, ctx->sasl ? "md5-sess" : ctx->algorithm->name);
    digest_write(writer, DIGEST_CHARSET, "utf-8");
    digest_maxbuf_write(ctx, writer);
    digest_write(writer, DIGEST_STALE, stale ? "true" : NULL);
    return digest_written(writer);
}

/* --- Who it is ------------------------------------------------------------------------------ */

/* RFC 8187 3.2: UTF-8''J%C3%A4s. What is not a digit is no name, and so is a 0. */
static bool percent_decode(const char *from, char *to)
{
    for (; *from != '\0'; from++, to++) {
        char digits[3] = "";

        *to = *from;
        if (*from != '%')
            continue;
        digits[0] = from[1];
        digits[1] = from[1] == '\0' ? '\0' : from[2];
        if (strspn(digits, "0123456789abcdefABCDEF") != 2)
            return false;
        *to = (char)strtoul(digits, NULL, 16);
        if ((unsigned char)*to < 0x20 || *to == 0x7f)
            return false;
        from += 2;
    }
    *to = '\0';
    return true;
}

#define EXTENDED "UTF-8''"

static SECURITY_STATUS extended_name_read(const char *value, char **name)
{
    size_t mark = strlen(EXTENDED);

    if (strlen(value) < mark || !text_equal_nocase_n(value, EXTENDED, mark))
        return digest_refuse(SEC_E_INVALID_TOKEN, "username* in an unknown character set");
    *name = strdup(value + mark);
    if (*name == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    return percent_decode(value + mark, *name)
               ? SEC_E_OK
               : digest_refuse(SEC_E_INVALID_TOKEN, "username* is ill-formed");
}

/* In UTF-8, whatever it came in. */
static SECURITY_STATUS name_read(const struct digest_message *response, bool latin, char **name)
{
    const char *plain = response->value[DIGEST_USERNAME];
    const char *extended = response->value[DIGEST_USERNAME_EXT];
    SECURITY_STATUS status = SEC_E_OK;

    if ((plain == NULL) == (extended == NULL))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a response with no user's name, or two");
    if (extended != NULL)
        status = extended_name_read(extended, name);
    else
        *name = latin ? digest_from_latin(plain) : strdup(plain);
    if (status != SEC_E_OK)
        return status;
    if (*name == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    return text_check_a(*name) == SEC_E_OK
               ? SEC_E_OK
               : digest_refuse(SEC_E_INVALID_TOKEN, "a user's name that is no UTF-8");
}

/* --- What it is about ----------------------------------------------------------------------- */

static bool is_true(const char *value)
{
    return value != NULL && text_equal_nocase(value, "true");
}

static const enum digest_directive http_needs[] = {
    DIGEST_REALM, DIGEST_NONCE, DIGEST_URI, DIGEST_RESPONSE, DIGEST_QOP, DIGEST_NC, DIGEST_CNONCE,
};
static const enum digest_directive sasl_needs[] = {
    DIGEST_REALM, DIGEST_NONCE, DIGEST_DIGEST_URI, DIGEST_RESPONSE, DIGEST_NC, DIGEST_CNONCE,
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool is_whole(const struct digest_message *response, bool sasl)
{
    const enum digest_directive *needs = sasl ? sasl_needs : http_needs;

    for (size_t i = 0; i < (sasl ? COUNT(sasl_needs) : COUNT(http_needs)); i++)
        if (response->value[needs[i]] == NULL)
            return false;
    return strlen(response->value[DIGEST_NC]) == 8;
}

/* What was offered, and nothing else. */
static SECURITY_STATUS offer_check(const struct digest_ctx *ctx,
                                   const struct digest_message *response)
{
    const char *algorithm = response->value[DIGEST_ALGORITHM], *qop = response->value[DIGEST_QOP];
    const char *charset = response->value[DIGEST_CHARSET];

    if (!ctx->sasl && digest_algorithm_find(algorithm) != ctx->algorithm)
        return digest_refuse(SEC_E_ALGORITHM_MISMATCH, "another algorithm than was offered");
    if (strcmp(qop != NULL ? qop : "auth", ctx->qop) != 0)
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED,
                             "another quality of protection than was offered");
    if (is_true(response->value[DIGEST_USERHASH]))
        return digest_refuse(SEC_E_UNSUPPORTED_FUNCTION, "hashed user names were not offered");
    if (charset != NULL && !text_equal_nocase(charset, "utf-8"))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a response in an unknown character set");
    return SEC_E_OK;
}

/* HTTP's URI is the request's own, where the program has said it. */
static SECURITY_STATUS http_check(const struct digest_ctx *ctx, const struct digest_claim *claim,
                                  const struct digest_request *request)
{
    if (request->method == NULL)
        return digest_refuse(SEC_E_INVALID_PARAMETER, "no method of HTTP is given");
    if (request->uri != NULL && strcmp(request->uri, claim->uri) != 0)
        return digest_refuse(SEC_E_MESSAGE_ALTERED, "the response is for another URI");
    if (!ctx->integrity)
        return SEC_E_OK;
    if (request->entity == NULL)
        return SEC_I_COMPLETE_NEEDED;
    return digest_is_hash(ctx->algorithm, request->entity)
               ? SEC_E_OK
               : digest_refuse(SEC_E_INVALID_PARAMETER, "the hash of the body is none");
}

/* SASL's challenge is answered once, and for this service. RFC 2831 2.1.2 */
static SECURITY_STATUS sasl_check(const struct digest_ctx *ctx, const struct digest_claim *claim)
{
    const char *principal = ((struct digest_cred *)ctx->base.cred)->principal;

    if (strcmp(claim->nonce, ctx->nonce) != 0 || strcmp(claim->nc, "00000001") != 0)
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the response is to another challenge");
    if (principal != NULL && !text_equal_nocase(principal, claim->uri))
        return digest_refuse(SEC_E_WRONG_PRINCIPAL, "the response is for another service");
    return SEC_E_OK;
}

/* Acting as somebody else is not for this package to allow. */
static bool authzid_fits(const char *authzid, const char *user)
{
    return authzid == NULL || *authzid == '\0' || strcmp(authzid, user) == 0;
}

/* --- Whether it is true --------------------------------------------------------------------- */

/* Whoever it is, the same is done: a name that has no account takes as long. */
static SECURITY_STATUS response_check(const struct digest_ctx *ctx, const char *user,
                                      const struct digest_claim *claim, const char *said,
                                      struct digest_secret *secret)
{
    char response[DIGEST_HEX_SIZE];
    SECURITY_STATUS found, status;

    *secret = (struct digest_secret){.algorithm = ctx->algorithm};
    found = digest_account_find(settings_of(ctx), user, ctx->realm, secret);
    if (found != SEC_E_OK && found != SEC_E_LOGON_DENIED)
        return found;
    status = digest_response_make(secret, claim, DIGEST_CLIENT, response);
    if (status != SEC_E_OK)
        return status;
    if (!digest_equal(said, response) || found != SEC_E_OK)
        return digest_refuse(SEC_E_LOGON_DENIED, "the response is not this user's");
    return SEC_E_OK;
}

/* Only after the response was found to be true does a nonce count as used. RFC 7616 3.3 */
static SECURITY_STATUS nonce_check(const struct digest_ctx *ctx, const char *nonce, uint32_t count)
{
    bool again = ctx->user != NULL && strcmp(nonce, ctx->nonce) == 0;

    if (ctx->sasl)
        return SEC_E_OK;
    if (!digest_nonce_is_good(nonce, ctx->realm, ctx->algorithm->name))
        return digest_refuse(SEC_E_CONTEXT_EXPIRED, "the nonce is too old, or not ours");
    if (again && count != ctx->count + 1)
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the requests are not one after another");
    switch (digest_nonce_use(nonce, count)) {
    case DIGEST_USE_NEW:
        return SEC_E_OK;
    case DIGEST_USE_REPLAYED:
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the nonce was used with this count");
    default:
        return digest_refuse(SEC_E_CONTEXT_EXPIRED, "the nonce may have been used");
    }
}

static SECURITY_STATUS claim_keep(struct digest_ctx *ctx, const char *user,
                                  const struct digest_claim *claim, uint32_t count,
                                  const struct digest_secret *secret)
{
    ctx->secret = *secret;
    ctx->count = count;
    if (!digest_text_set(&ctx->user, user) || !digest_text_set(&ctx->nonce, claim->nonce) ||
        !digest_text_set(&ctx->cnonce, claim->cnonce) || !digest_text_set(&ctx->uri, claim->uri) ||
        !digest_text_set(&ctx->authzid, claim->authzid))
        return SEC_E_INSUFFICIENT_MEMORY;
    return digest_keys_make(ctx, claim);
}

/* A context is one user's. */
static SECURITY_STATUS claim_judge(struct digest_ctx *ctx, const struct digest_message *response,
                                   const struct digest_claim *claim, const char *user)
{
    uint32_t count = (uint32_t)strtoul(claim->nc, NULL, 16);
    struct digest_secret secret;
    SECURITY_STATUS status;

    if (strcmp(response->value[DIGEST_REALM], ctx->realm) != 0 ||
        !authzid_fits(claim->authzid, user) || (ctx->user != NULL && strcmp(ctx->user, user) != 0))
        return digest_refuse(SEC_E_LOGON_DENIED, "the response is for another realm or user");
    status = response_check(ctx, user, claim, response->value[DIGEST_RESPONSE], &secret);
    if (status == SEC_E_OK)
        status = nonce_check(ctx, claim->nonce, count);
    if (status == SEC_E_OK)
        status = claim_keep(ctx, user, claim, count, &secret);
    explicit_bzero(&secret, sizeof(secret));
    return status;
}

static SECURITY_STATUS message_judge(struct digest_ctx *ctx, const struct digest_message *response,
                                     const struct digest_request *request)
{
    const char *const *value = response->value;
    struct digest_claim claim = {.sasl = ctx->sasl,
                                 .nonce = value[DIGEST_NONCE],
                                 .cnonce = value[DIGEST_CNONCE],
                                 .nc = value[DIGEST_NC],
                                 .qop = ctx->qop,
                                 .method = request->method,
                                 .uri = value[ctx->sasl ? DIGEST_DIGEST_URI : DIGEST_URI],
                                 .entity = request->entity,
                                 .authzid = value[DIGEST_AUTHZID]};
    bool latin = ctx->sasl && value[DIGEST_CHARSET] == NULL;
    char *user = NULL;
    SECURITY_STATUS status;

    if (!is_whole(response, ctx->sasl))
        return digest_refuse(SEC_E_INVALID_TOKEN, "a response that lacks something");
    status = offer_check(ctx, response);
    if (status == SEC_E_OK)
        status = ctx->sasl ? sasl_check(ctx, &claim) : http_check(ctx, &claim, request);
    if (status == SEC_E_OK)
        status = digest_maxbuf_take(ctx, value[DIGEST_MAXBUF]);
    if (status == SEC_E_OK)
        status = name_read(response, latin, &user);
    if (status == SEC_E_OK)
        status = claim_judge(ctx, response, &claim, user);
    string_wipe_free(user);
    return status;
}

SECURITY_STATUS digest_response_judge(struct digest_ctx *ctx, struct digest_input in,
                                      const struct digest_request *request)
{
    struct digest_message response;
    bool found;
    SECURITY_STATUS status =
        digest_message_read(&in, DIGEST_OF_CLIENT, ctx->sasl, &response, &found);

    if (status == SEC_E_OK && (!found || in.at != in.end))
        status = digest_refuse(SEC_E_INVALID_TOKEN, "not one response");
    if (status == SEC_E_OK)
        status = message_judge(ctx, &response, request);
    digest_message_free(&response);
    return status;
}

/* --- The outcome ---------------------------------------------------------------------------- */

SECURITY_STATUS digest_outcome_write(struct digest_ctx *ctx, const char *entity,
                                     struct digest_writer *writer)
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
    writer->kind = DIGEST_OF_OUTCOME;
    digest_write(writer, DIGEST_RSPAUTH, proof);
    if (!ctx->sasl) {
        digest_write(writer, DIGEST_QOP, claim.qop);
        digest_write(writer, DIGEST_CNONCE, claim.cnonce);
        digest_write(writer, DIGEST_NC, claim.nc);
    }
    return digest_written(writer);
}
