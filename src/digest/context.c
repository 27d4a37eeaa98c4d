/* SPDX-License-Identifier: MIT */
/* A context's life, and which leg a call is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wdigest.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/text.h"
#include "digest/digest.h"

/* --- Parts ---------------------------------------------------------------------------------- */

bool digest_text_set(char **place, const char *text)
{
    char *copy = text == NULL ? NULL : strdup(text);

    if (text != NULL && copy == NULL)
        return false;
    string_wipe_free(*place);
    *place = copy;
    return true;
}

struct digest_input digest_input_of(const SecBufferDesc *list)
{
    const SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);
    const char *text = token == NULL ? NULL : token->pvBuffer;

    return (struct digest_input){text, text == NULL ? text : text + token->cbBuffer};
}

struct digest_claim digest_claim_of(const struct digest_ctx *ctx, char nc[9])
{
    snprintf(nc, 9, "%08x", (unsigned)ctx->count);
    return (struct digest_claim){.sasl = ctx->sasl,
                                 .nonce = ctx->nonce,
                                 .cnonce = ctx->cnonce,
                                 .nc = nc,
                                 .qop = ctx->qop,
                                 .method = ctx->request.method,
                                 .uri = ctx->uri,
                                 .entity = ctx->request.entity,
                                 .authzid = ctx->authzid};
}

/* RFC 2831 2.1.1: no less than a signature and an octet, and no more than 24 bits. */
SECURITY_STATUS digest_maxbuf_take(struct digest_ctx *ctx, const char *value)
{
    unsigned long size = value == NULL ? DIGEST_SASL_MAXBUF : strtoul(value, NULL, 10);

    if (size <= 16 || size > 16777215)
        return digest_refuse(SEC_E_INVALID_TOKEN, "a maxbuf that cannot be");
    ctx->maxbuf = (uint32_t)size;
    return SEC_E_OK;
}

void digest_maxbuf_write(const struct digest_ctx *ctx, struct digest_writer *writer)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", DIGEST_SASL_MAXBUF);
    digest_write(writer, DIGEST_MAXBUF, ctx->sasl && ctx->integrity ? text : NULL);
}

static SECURITY_STATUS lane_open(const uint8_t *session, const char *magic,
                                 struct digest_lane *lane)
{
    uint8_t text[DIGEST_SASL_KEY + 80];
    size_t size = strlen(magic);
    struct digest_part part = {text, DIGEST_SASL_KEY + size};
    SECURITY_STATUS status;

    memcpy(text, session, DIGEST_SASL_KEY);
    memcpy(text + DIGEST_SASL_KEY, magic, size);
    lane->sequence = 0;
    status = digest_hash(digest_algorithm_find("MD5"), &part, 1, lane->key);
    explicit_bzero(text, sizeof(text));
    return status;
}

/* RFC 2831 2.3 */
SECURITY_STATUS digest_keys_make(struct digest_ctx *ctx, const struct digest_claim *claim)
{
    static const char from_client[] =
        "Digest session key to client-to-server signing key magic constant";
    static const char from_server[] =
        "Digest session key to server-to-client signing key magic constant";
    uint8_t session[DIGEST_HASH_MAX];
    SECURITY_STATUS status;

    if (!ctx->sasl || !ctx->integrity)
        return SEC_E_OK;
    status = digest_session_make(&ctx->secret, claim, session);
    if (status == SEC_E_OK)
        status = lane_open(session, from_client, ctx->base.inbound ? &ctx->in : &ctx->out);
    if (status == SEC_E_OK)
        status = lane_open(session, from_server, ctx->base.inbound ? &ctx->out : &ctx->in);
    explicit_bzero(session, sizeof(session));
    return status;
}

/* --- Beginning and end ---------------------------------------------------------------------- */

static void ctx_destroy(struct object *object)
{
    struct digest_ctx *ctx = (struct digest_ctx *)object;
    char **const texts[] = {&ctx->user,   &ctx->realm, &ctx->nonce,  &ctx->cnonce,
                            &ctx->opaque, &ctx->uri,   &ctx->authzid};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        string_wipe_free(*texts[i]);
    blob_wipe(&ctx->response);
    digest_request_free(&ctx->request);
    ctx_base_fini(&ctx->base);
    memory_wipe_free(ctx);
}

static const struct object_class ctx_class = {"Digest context", ctx_destroy};

/* What both roles are asked and answer; their values differ. */
static const struct flags {
    ULONG64 http, integrity, confidentiality, refused;
    ULONG http_told, integrity_told, mutual_told;
} flags[] = {
    {ISC_REQ_USE_HTTP_STYLE | ISC_REQ_HTTP,
     ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT, ISC_REQ_CONFIDENTIALITY,
     ISC_REQ_PROMPT_FOR_CREDS | ISC_REQ_DATAGRAM | ISC_REQ_NULL_SESSION, ISC_RET_USED_HTTP_STYLE,
     ISC_RET_INTEGRITY | ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT, ISC_RET_MUTUAL_AUTH},
    {ASC_REQ_HTTP, ASC_REQ_INTEGRITY | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT,
     ASC_REQ_CONFIDENTIALITY, ASC_REQ_DATAGRAM | ASC_REQ_PROXY_BINDINGS, ASC_REQ_HTTP,
     ASC_RET_INTEGRITY | ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT, ASC_RET_MUTUAL_AUTH},
};

static SECURITY_STATUS request_check(const struct leg *leg, bool inbound)
{
    if (leg->request & flags[inbound].refused)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if ((leg->request & flags[inbound].http) && (leg->request & flags[inbound].confidentiality))
        return digest_refuse(SEC_E_SECURITY_QOS_FAILED, "nothing is encrypted in HTTP");
    return SEC_E_OK;
}

static struct digest_ctx *ctx_make(const struct leg *leg, bool inbound)
{
    struct digest_ctx *ctx = calloc(1, sizeof(*ctx));

    if (ctx == NULL)
        return NULL;
    ctx_base_init(&ctx->base, &ctx_class, leg->cred->package, leg->cred, leg, inbound);
    ctx->sasl = !(leg->request & flags[inbound].http);
    ctx->integrity = inbound && (leg->request & flags[inbound].integrity);
    return ctx;
}

/* --- A client's legs ------------------------------------------------------------------------ */

static SECURITY_STATUS client_answer(struct digest_ctx *ctx, struct leg *leg,
                                     struct digest_input in, struct digest_writer *writer)
{
    struct digest_request request;
    SECURITY_STATUS status = digest_request_of_client(leg->in, leg->target, &request);

    if (status == SEC_E_OK)
        status = digest_challenge_take(ctx, in, request.entity != NULL);
    if (status == SEC_E_OK)
        status = digest_response_write(ctx, &request, writer);
    digest_request_free(&request);
    if (status != SEC_E_OK)
        return status;
    ctx->step = ctx->sasl ? DIGEST_STEP_OUTCOME : DIGEST_STEP_DONE;
    return ctx->sasl ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;
}

static SECURITY_STATUS client_leg(struct digest_ctx *ctx, struct leg *leg,
                                  struct digest_writer *writer)
{
    struct digest_input in = digest_input_of(leg->in);
    SECURITY_STATUS status;

    /* A program that calls before it has a challenge, as other packages want it. */
    if (in.at == in.end)
        return ctx->step == DIGEST_STEP_CHALLENGE
                   ? SEC_I_CONTINUE_NEEDED
                   : digest_refuse(SEC_E_INVALID_TOKEN, "nothing of the server to go on with");
    if (ctx->step == DIGEST_STEP_OUTCOME) {
        status = digest_outcome_check(ctx, in, NULL);
        if (status == SEC_E_OK)
            ctx->step = DIGEST_STEP_DONE;
        return status;
    }
    if (ctx->step == DIGEST_STEP_DONE && ctx->sasl)
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the exchange is over");
    return client_answer(ctx, leg, in, writer);
}

/* --- A server's legs ------------------------------------------------------------------------ */

static SECURITY_STATUS server_challenge(struct digest_ctx *ctx, bool stale,
                                        struct digest_writer *writer)
{
    SECURITY_STATUS status = digest_challenge_write(ctx, stale, writer);

    if (status != SEC_E_OK)
        return status;
    ctx->step = DIGEST_STEP_RESPONSE;
    return SEC_I_CONTINUE_NEEDED;
}

/* The response waits for the hash of the body, which a program has when it has read it. */
static SECURITY_STATUS server_wait(struct digest_ctx *ctx, struct digest_input in,
                                   struct digest_request *request)
{
    size_t size = (size_t)(in.end - in.at);

    blob_wipe(&ctx->response);
    ctx->response = (struct blob){memory_copy(in.at, size), size};
    if (ctx->response.data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    digest_request_free(&ctx->request);
    ctx->request = *request;
    memset(request, 0, sizeof(*request));
    ctx->step = DIGEST_STEP_BODY;
    return SEC_I_COMPLETE_NEEDED;
}

static SECURITY_STATUS server_judge(struct digest_ctx *ctx, struct digest_input in,
                                    struct digest_request *request, struct digest_writer *writer)
{
    SECURITY_STATUS status = digest_response_judge(ctx, in, request);

    if (status == SEC_E_CONTEXT_EXPIRED)
        return server_challenge(ctx, true, writer);
    if (status == SEC_I_COMPLETE_NEEDED)
        return server_wait(ctx, in, request);
    if (status == SEC_E_OK && ctx->sasl)
        status = digest_outcome_write(ctx, NULL, writer);
    if (status == SEC_E_OK)
        ctx->step = DIGEST_STEP_DONE;
    return status;
}

static SECURITY_STATUS server_leg_with(struct digest_ctx *ctx, struct digest_input in,
                                       struct digest_request *request, struct digest_writer *writer)
{
    bool over = ctx->step == DIGEST_STEP_DONE, first = ctx->step == DIGEST_STEP_CHALLENGE;
    SECURITY_STATUS status = first ? digest_realm_choose(ctx, request) : SEC_E_OK;

    if (status != SEC_E_OK)
        return status;
    if (over && (ctx->sasl || in.at == in.end))
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the exchange is over");
    if (in.at != in.end && !(first && ctx->sasl))
        return server_judge(ctx, in, request, writer);
    if (!first && ctx->sasl)
        return digest_refuse(SEC_E_INVALID_TOKEN, "nothing of the client to go on with");
    return in.at == in.end
               ? server_challenge(ctx, false, writer)
               : digest_refuse(SEC_E_INVALID_TOKEN, "a response without a challenge before it");
}

static SECURITY_STATUS server_leg(struct digest_ctx *ctx, struct leg *leg,
                                  struct digest_writer *writer)
{
    struct digest_request request;
    SECURITY_STATUS status = digest_request_read(leg->in, &request);

    if (status == SEC_E_OK)
        status = server_leg_with(ctx, digest_input_of(leg->in), &request, writer);
    digest_request_free(&request);
    return status;
}

/* --- Either --------------------------------------------------------------------------------- */

static void attributes_tell(struct digest_ctx *ctx)
{
    const struct flags *told = &flags[ctx->base.inbound];

    ctx->attributes = ctx->sasl ? 0 : told->http_told;
    if (ctx->step == DIGEST_STEP_DONE && ctx->integrity)
        ctx->attributes |= told->integrity_told;
    if (ctx->step == DIGEST_STEP_DONE && ctx->sasl)
        ctx->attributes |= told->mutual_told;
}

/* Whether a logon lies behind it; a server's may have one more request that waits for its body. */
static bool is_over(const struct digest_ctx *ctx)
{
    return ctx->base.inbound ? ctx->user != NULL : ctx->step == DIGEST_STEP_DONE;
}

/*
 * A request that is refused later says nothing about those before it: whoever can reach a server
 * can send one.
 */
static void state_set(struct digest_ctx *ctx, bool was_over, SECURITY_STATUS status)
{
    if (status < 0 && was_over && !ctx->sasl)
        ctx->step = DIGEST_STEP_DONE;
    else if (status < 0)
        ctx_become(&ctx->base, CTX_DEAD);
    if (ctx->base.state != CTX_DEAD)
        ctx_become(&ctx->base, ctx->step == DIGEST_STEP_DONE ? CTX_ESTABLISHED : CTX_NEGOTIATING);
}

static SECURITY_STATUS leg_run(struct digest_ctx *ctx, struct leg *leg)
{
    struct digest_writer *writer = calloc(1, sizeof(*writer));
    bool was_over = is_over(ctx);
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    if (writer != NULL) {
        writer->sasl = ctx->sasl;
        status = ctx->base.inbound ? server_leg(ctx, leg, writer) : client_leg(ctx, leg, writer);
        if (status >= 0 && digest_written(writer) != SEC_E_OK)
            status = SEC_E_INVALID_TOKEN;
    }
    state_set(ctx, was_over, status);
    attributes_tell(ctx);
    leg->attributes |= ctx->attributes;
    if (status >= 0)
        status = ctx_emit(&ctx->base, leg, writer->text, writer->size, status);
    memory_wipe_free(writer);
    return status;
}

static SECURITY_STATUS leg_first(struct ctx **base, struct leg *leg, bool inbound)
{
    struct digest_ctx *ctx;
    SECURITY_STATUS status = request_check(leg, inbound);

    if (status != SEC_E_OK)
        return status;
    ctx = ctx_make(leg, inbound);
    if (ctx == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = leg_run(ctx, leg);
    /* Where the token found no room the context waits. */
    if (status >= 0 || ctx->base.pending.token.data != NULL)
        *base = &ctx->base;
    else
        object_unref(&ctx->base.handled.object);
    return status;
}

static SECURITY_STATUS leg_later(struct digest_ctx *ctx, struct leg *leg)
{
    SECURITY_STATUS status;

    if (leg->cred != NULL && leg->cred != ctx->base.cred)
        return digest_refuse(SEC_E_WRONG_CREDENTIAL_HANDLE, "the context is of another credential");
    /* Who gives the memory for a token is said with each call. */
    ctx->base.request &= ~(ULONG64)ISC_REQ_ALLOCATE_MEMORY;
    ctx->base.request |= leg->request & ISC_REQ_ALLOCATE_MEMORY;
    handle_alone_begin(&ctx->base.handled);
    status = leg_run(ctx, leg);
    handle_alone_end(&ctx->base.handled);
    return status;
}

static SECURITY_STATUS leg_of(struct ctx **base, struct leg *leg, bool inbound)
{
    native_error_clear();
    return *base == NULL ? leg_first(base, leg, inbound)
                         : leg_later((struct digest_ctx *)*base, leg);
}

SECURITY_STATUS digest_ctx_init(struct ctx **base, struct leg *leg)
{
    return leg_of(base, leg, false);
}

SECURITY_STATUS digest_ctx_accept(struct ctx **base, struct leg *leg)
{
    return leg_of(base, leg, true);
}

/* --- CompleteAuthToken ---------------------------------------------------------------------- */

/* The body's hash, and what else the list says anew. */
static SECURITY_STATUS complete(struct digest_ctx *ctx, const SecBufferDesc *list)
{
    struct digest_input in = {ctx->response.data, (char *)ctx->response.data + ctx->response.size};
    struct digest_request request;
    bool was_over = is_over(ctx);
    SECURITY_STATUS status = digest_request_read(list, &request);

    if (status == SEC_E_OK && request.method == NULL &&
        !digest_text_set(&request.method, ctx->request.method))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK && request.uri == NULL &&
        !digest_text_set(&request.uri, ctx->request.uri))
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK)
        status = digest_response_judge(ctx, in, &request);
    digest_request_free(&request);
    if (status == SEC_I_COMPLETE_NEEDED)
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "the hash of the body is wanting");
    if (status == SEC_E_OK)
        ctx->step = DIGEST_STEP_DONE;
    state_set(ctx, was_over, status);
    attributes_tell(ctx);
    return status == SEC_E_LOGON_DENIED ? SEC_E_MESSAGE_ALTERED : status;
}

SECURITY_STATUS digest_ctx_complete(struct ctx *base, const SecBufferDesc *list)
{
    struct digest_ctx *ctx = (struct digest_ctx *)base;
    SECURITY_STATUS status = SEC_E_OK; /* a program that calls this after every leg */

    native_error_clear();
    handle_alone_begin(&base->handled);
    if (ctx->step == DIGEST_STEP_BODY)
        status = complete(ctx, list);
    handle_alone_end(&base->handled);
    return status;
}
