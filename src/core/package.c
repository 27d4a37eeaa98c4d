/* SPDX-License-Identifier: MIT */
/* What all packages share. */
#include "core/package.h"

#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/text.h"
#include "core/timestamp.h"

bool package_named(const struct package *package, const char *name)
{
    if (text_equal_nocase(package->name, name))
        return true;
    for (const char *const *alias = package->aliases; alias != NULL && *alias != NULL; alias++)
        if (text_equal_nocase(*alias, name))
            return true;
    return false;
}

SECURITY_STATUS package_lacks(const struct package *package)
{
    return native_refuse(SEC_E_UNSUPPORTED_FUNCTION, "the package %s has no such call",
                         package->name);
}

void cred_base_init(struct cred *cred, const struct object_class *class,
                    const struct package *package, ULONG use)
{
    object_init(&cred->handled.object, class);
    cred->handled.slot = NULL;
    cred->package = package;
    atomic_init(&cred->use, use);
}

void ctx_base_init(struct ctx *ctx, const struct object_class *class, const struct package *package,
                   struct cred *cred, const struct leg *leg, bool inbound)
{
    object_init(&ctx->handled.object, class);
    ctx->handled.slot = NULL;
    ctx->package = package;
    ctx->cred = cred;
    if (cred != NULL)
        object_ref(&cred->handled.object);
    ctx->inbound = inbound;
    ctx->signs_anyway = false;
    ctx->request = leg->request;
    atomic_init(&ctx->in_call, false);
    atomic_init(&ctx->state, CTX_NEGOTIATING);
    memset(&ctx->pending, 0, sizeof(ctx->pending));
}

void ctx_base_fini(struct ctx *ctx)
{
    blob_wipe(&ctx->pending.token);
    if (ctx->cred != NULL)
        object_unref(&ctx->cred->handled.object);
}

/* ISC_REQ_ALLOCATE_MEMORY and ASC_REQ_ALLOCATE_MEMORY, and what they answer, are one bit. */
_Static_assert(ISC_REQ_ALLOCATE_MEMORY == ASC_REQ_ALLOCATE_MEMORY &&
                   ISC_RET_ALLOCATED_MEMORY == ASC_RET_ALLOCATED_MEMORY,
               "one bit for both roles");

bool ctx_tells_errors(const struct ctx *ctx)
{
    return (ctx->request & (ctx->inbound ? ASC_REQ_EXTENDED_ERROR : ISC_REQ_EXTENDED_ERROR)) != 0;
}

/* For the repeated call; why it did not go out this time is what the caller hears. */
static SECURITY_STATUS token_keep(struct ctx *ctx, const struct leg *leg, const void *token,
                                  size_t size, SECURITY_STATUS status, SECURITY_STATUS why)
{
    ctx->pending.token.data = memory_copy(token, size);
    if (ctx->pending.token.data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    ctx->pending.token.size = size;
    ctx->pending.status = status;
    ctx->pending.attributes = leg->attributes;
    return why;
}

SECURITY_STATUS ctx_emit(struct ctx *ctx, struct leg *leg, const void *token, size_t size,
                         SECURITY_STATUS status)
{
    bool allocate = (ctx->request & ISC_REQ_ALLOCATE_MEMORY) != 0;
    SECURITY_STATUS put;

    if (status < 0 && (size == 0 || !ctx_tells_errors(ctx)))
        return status;
    put = buffer_token_put(leg->out, token, size, allocate, ctx->package->too_small);
    if (put == SEC_E_OK) {
        leg->emitted = true;
        if (allocate && size != 0)
            leg->attributes |= ISC_RET_ALLOCATED_MEMORY;
    }
    if (status < 0 || put == SEC_E_OK)
        return status;
    if (put == ctx->package->too_small || put == SEC_E_INVALID_TOKEN) /* no room, or no buffer */
        return token_keep(ctx, leg, token, size, status, put);
    return put;
}
