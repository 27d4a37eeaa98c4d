/* SPDX-License-Identifier: MIT */
/* A context's life: its exchanges, one after another, and which of their legs a call is. */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/targethost.h"
#include "credssp/credssp.h"

/* --- Exchanges ------------------------------------------------------------------------------ */

/* What an exchange has brought, and its policy. */
static void exchange_free(struct credssp_ctx *ctx)
{
    if (ctx->tls != NULL)
        object_unref(&ctx->tls->handled.object);
    if (ctx->negotiate != NULL)
        object_unref(&ctx->negotiate->handled.object);
    ctx->tls = ctx->negotiate = NULL;
    blob_wipe(&ctx->key);
    blob_wipe(&ctx->in);
    tscreds_wipe(&ctx->creds);
    policy_close(&ctx->policy);
}

static void ctx_destroy(struct object *object)
{
    struct credssp_ctx *ctx = (struct credssp_ctx *)object;

    exchange_free(ctx);
    free(ctx->target);
    free(ctx->host);
    ctx_base_fini(&ctx->base);
    memory_wipe_free(ctx);
}

static const struct object_class ctx_class = {"CredSSP context", ctx_destroy};

/* What TLS calls the server: the target's host, or all of a target that names none. */
static char *tls_name(const char *target)
{
    const char *host = target;
    size_t length = target_host(&host);

    return length == 0 ? strdup(target) : strndup(host, length);
}

static bool target_keep(struct credssp_ctx *ctx, const char *target)
{
    if (target == NULL)
        return true;
    ctx->target = strdup(target);
    ctx->host = tls_name(target);
    return ctx->target != NULL && ctx->host != NULL;
}

static SECURITY_STATUS exchange_open(struct credssp_ctx *ctx)
{
    SECURITY_STATUS status = policy_open(&ctx->policy);

    return status == SEC_E_OK && !ctx->base.inbound ? credssp_client_check(ctx) : status;
}

static SECURITY_STATUS ctx_make(struct leg *leg, bool inbound, struct credssp_ctx **made)
{
    struct credssp_ctx *ctx = calloc(1, sizeof(*ctx));
    SECURITY_STATUS status;

    if (ctx == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    ctx_base_init(&ctx->base, &ctx_class, leg->cred->package, leg->cred, leg, inbound);
    status = target_keep(ctx, leg->target) ? exchange_open(ctx) : SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK)
        *made = ctx;
    else
        object_unref(&ctx->base.handled.object);
    return status;
}

/* --- Which leg it is ------------------------------------------------------------------------ */

static SECURITY_STATUS leg_first(struct ctx **base, struct leg *leg, bool inbound)
{
    struct credssp_ctx *made = NULL;
    SECURITY_STATUS status;

    native_error_clear();
    status = ctx_make(leg, inbound, &made);
    if (status != SEC_E_OK)
        return status;
    status = credssp_leg_run(made, leg);
    /* Where the token found no room the context waits; where memory was wanting there is none. */
    if (status >= 0 || made->base.pending.token.data != NULL)
        *base = &made->base;
    else
        object_unref(&made->base.handled.object);
    return status;
}

/* Another credential comes when TLS has asked for a certificate, or with a new exchange. */
static bool cred_fits(const struct credssp_ctx *ctx, struct cred *cred)
{
    if (cred == NULL || cred == ctx->base.cred)
        return true;
    return cred->package->ops == &credssp_ops &&
           (ctx->step == STEP_TLS || ctx->step == STEP_DONE) &&
           (cred->use & (ctx->base.inbound ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND));
}

/* What was acquired for another user is judged anew. */
static SECURITY_STATUS cred_take(struct credssp_ctx *ctx, struct cred *cred)
{
    if (cred == NULL || cred == ctx->base.cred)
        return SEC_E_OK;
    object_ref(&cred->handled.object);
    object_unref(&ctx->base.cred->handled.object);
    ctx->base.cred = cred;
    return ctx->base.inbound ? SEC_E_OK : credssp_client_check(ctx);
}

/* Everything is done anew, TLS first, and by the policy of now. */
static SECURITY_STATUS exchange_restart(struct credssp_ctx *ctx)
{
    ctx_become(&ctx->base, CTX_NEGOTIATING);
    handle_alone_begin(&ctx->base.handled);
    exchange_free(ctx);
    ctx->step = STEP_TLS;
    ctx->attributes = ctx->server_auth = 0;
    ctx->peer_version = 0;
    ctx->has_nonce = false;
    handle_alone_end(&ctx->base.handled);
    return exchange_open(ctx);
}

/* Microsoft: another call after success asks for the peer to be authenticated again. */
static bool starts_again(const struct credssp_ctx *ctx, const struct leg *leg)
{
    const SecBuffer *token = buffer_find(leg->in, SECBUFFER_TOKEN);
    bool has_input = token != NULL && token->cbBuffer != 0;

    return ctx->base.inbound == has_input;
}

static SECURITY_STATUS leg_later(struct credssp_ctx *ctx, struct leg *leg)
{
    bool over = ctx->step == STEP_DONE && !ctx->closing;
    SECURITY_STATUS status;

    native_error_clear();
    if (over && !starts_again(ctx, leg))
        return credssp_refuse(SEC_E_OUT_OF_SEQUENCE, "the exchange is over");
    /* Who gives the memory for a token is said with each call. */
    ctx->base.request &= ~(ULONG64)ISC_REQ_ALLOCATE_MEMORY;
    ctx->base.request |= leg->request & ISC_REQ_ALLOCATE_MEMORY;
    if (!cred_fits(ctx, leg->cred))
        return credssp_refuse(SEC_E_WRONG_CREDENTIAL_HANDLE, "a credential for something else");
    status = cred_take(ctx, leg->cred);
    if (status == SEC_E_OK && over)
        status = exchange_restart(ctx);
    if (status == SEC_E_OK)
        return credssp_leg_run(ctx, leg);
    ctx_become(&ctx->base, CTX_DEAD);
    return status;
}

static SECURITY_STATUS leg_of(struct ctx **base, struct leg *leg, bool inbound)
{
    return *base == NULL ? leg_first(base, leg, inbound)
                         : leg_later((struct credssp_ctx *)*base, leg);
}

/* Flags that no leg of this package can honour. */
#define ISC_REFUSED (ISC_REQ_PROMPT_FOR_CREDS | ISC_REQ_DATAGRAM)
#define ASC_REFUSED ASC_REQ_DATAGRAM

SECURITY_STATUS credssp_ctx_init(struct ctx **base, struct leg *leg)
{
    if (*base == NULL && (leg->request & ISC_REFUSED))
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (*base == NULL && leg->target == NULL)
        return credssp_refuse(SEC_E_TARGET_UNKNOWN,
                              "no target is named: whom are credentials for?");
    return leg_of(base, leg, false);
}

SECURITY_STATUS credssp_ctx_accept(struct ctx **base, struct leg *leg)
{
    if (*base == NULL && (leg->request & ASC_REFUSED))
        return SEC_E_UNSUPPORTED_FUNCTION;
    return leg_of(base, leg, true);
}
