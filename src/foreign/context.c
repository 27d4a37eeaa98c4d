/* SPDX-License-Identifier: MIT */
/*
 * Contexts of a module. Its tokens are written into memory of ours, so that it is never asked to
 * allocate, and a caller whose buffer is too small gets the token later without a second leg.
 */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/text.h"
#include "core/token.h"
#include "foreign/foreign.h"

static void ctx_destroy(struct object *self)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)self;

    if (ctx->open)
        foreign_module(ctx->base.package)->a.DeleteSecurityContext(&ctx->handle);
    ctx_base_fini(&ctx->base);
    free(ctx);
}

static const struct object_class ctx_class = {"context of a module", ctx_destroy};

static struct foreign_ctx *ctx_new(const struct package *package, struct cred *cred,
                                   const struct leg *leg, bool inbound)
{
    struct foreign_ctx *ctx = calloc(1, sizeof(*ctx));

    if (ctx != NULL)
        ctx_base_init(&ctx->base, &ctx_class, package, cred, leg, inbound);
    return ctx;
}

/* --- Legs ----------------------------------------------------------------------------------- */

/* The caller's output list with a token buffer of ours in the place of the caller's. */
struct output {
    SecBuffer buffers[BUFFER_COUNT_MAX];
    SecBufferDesc list;
    SecBuffer *token;
    void *space;
};

static SECURITY_STATUS output_make(struct output *output, const struct leg *leg, ULONG size)
{
    ULONG count = leg->out == NULL ? 0 : leg->out->cBuffers;

    if (count != 0)
        memcpy(output->buffers, leg->out->pBuffers, count * sizeof(SecBuffer));
    output->list = (SecBufferDesc){SECBUFFER_VERSION, count, output->buffers};
    output->token = buffer_find(&output->list, SECBUFFER_TOKEN);
    output->space = NULL;
    if (output->token == NULL)
        return SEC_E_OK;
    output->space = calloc(1, size);
    output->token->cbBuffer = size;
    output->token->pvBuffer = output->space;
    return output->space == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

/* Buffers beside the token go back as the module has left them. */
static void output_deliver(const struct output *output, const struct leg *leg)
{
    for (ULONG i = 0; i < output->list.cBuffers; i++)
        if (&output->buffers[i] != output->token)
            leg->out->pBuffers[i] = output->buffers[i];
}

/* A later leg may name no credential; the module gets that of the context, which lives as long. */
static PCredHandle cred_handle(const struct foreign_ctx *ctx, const struct leg *leg)
{
    struct foreign_cred *cred =
        (struct foreign_cred *)(leg->cred != NULL ? leg->cred : ctx->base.cred);

    return cred == NULL ? NULL : &cred->handle;
}

static SECURITY_STATUS call_initialize(struct foreign_ctx *ctx, struct leg *leg, PSecBufferDesc out)
{
    const struct foreign_module *module = foreign_module(ctx->base.package);
    bool wide = foreign_wide(module, InitializeSecurityContext, leg->wide);
    ULONG request = (ULONG)leg->request & ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
    PCtxtHandle old = ctx->open ? &ctx->handle : NULL;
    PSecBufferDesc in = foreign_mutable(leg->in);
    PCredHandle handle = cred_handle(ctx, leg);
    struct foreign_text target;
    SECURITY_STATUS status = foreign_text_make(&target, leg->target, wide);

    if (status == SEC_E_OK && !wide && module->a.InitializeSecurityContextA == NULL)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    else if (status == SEC_E_OK)
        status = wide ? module->w.InitializeSecurityContextW(handle, old, target.w, request, 0,
                                                             leg->data_rep, in, 0, &ctx->handle,
                                                             out, &leg->attributes, &leg->expiry)
                      : module->a.InitializeSecurityContextA(handle, old, target.a, request, 0,
                                                             leg->data_rep, in, 0, &ctx->handle,
                                                             out, &leg->attributes, &leg->expiry);
    foreign_text_free(&target);
    return foreign_result(ctx->base.package, "InitializeSecurityContext", status);
}

static SECURITY_STATUS call_accept(struct foreign_ctx *ctx, struct leg *leg, PSecBufferDesc out)
{
    const struct foreign_module *module = foreign_module(ctx->base.package);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (module->a.AcceptSecurityContext != NULL)
        status = module->a.AcceptSecurityContext(
            cred_handle(ctx, leg), ctx->open ? &ctx->handle : NULL, foreign_mutable(leg->in),
            (ULONG)leg->request & ~(ULONG)ASC_REQ_ALLOCATE_MEMORY, leg->data_rep, &ctx->handle, out,
            &leg->attributes, &leg->expiry);
    return foreign_result(ctx->base.package, "AcceptSecurityContext", status);
}

/* More octets are wanted, or a certificate: the same leg is to be called again. */
static bool is_repeated(SECURITY_STATUS status)
{
    return status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_I_INCOMPLETE_CREDENTIALS;
}

static void state_follow(struct foreign_ctx *ctx, SECURITY_STATUS status)
{
    if (is_repeated(status))
        return;
    ctx->unproved = status == SEC_I_COMPLETE_NEEDED;
    if (status < 0)
        ctx_become(&ctx->base, CTX_DEAD);
    else if (status == SEC_E_OK)
        ctx_become(&ctx->base, CTX_ESTABLISHED);
    else
        ctx_become(&ctx->base, CTX_NEGOTIATING);
}

/* What the repeated call tells of the input, if the token does not fit this time. */
static void extra_keep(struct foreign_ctx *ctx, const struct leg *leg)
{
    const SecBuffer *extra = buffer_find(leg->in, SECBUFFER_EXTRA);

    ctx->base.pending.extra = extra == NULL ? 0 : extra->cbBuffer;
}

static SECURITY_STATUS leg_emit(struct foreign_ctx *ctx, struct leg *leg,
                                const struct output *output, SECURITY_STATUS status)
{
    leg->attributes &= ~(ULONG)ISC_RET_ALLOCATED_MEMORY;
    output_deliver(output, leg);
    if (output->token == NULL || is_repeated(status))
        return status;
    if (output->token->cbBuffer > ctx->base.package->max_token) {
        native_error_set("%s: a token of more octets than there was room for",
                         foreign_module(ctx->base.package)->file);
        ctx_become(&ctx->base, CTX_DEAD);
        return SEC_E_INTERNAL_ERROR;
    }
    extra_keep(ctx, leg);
    return ctx_emit(&ctx->base, leg, output->token->pvBuffer, output->token->cbBuffer, status);
}

static SECURITY_STATUS leg_run(struct foreign_ctx *ctx, struct leg *leg)
{
    struct output output;
    SECURITY_STATUS status = output_make(&output, leg, ctx->base.package->max_token);

    if (status != SEC_E_OK)
        return status;
    status = ctx->base.inbound ? call_accept(ctx, leg, &output.list)
                               : call_initialize(ctx, leg, &output.list);
    ctx->open |= status >= 0;
    state_follow(ctx, status);
    status = leg_emit(ctx, leg, &output, status);
    memory_wipe_free(output.space);
    return status;
}

/* A credential of another package cannot come with a later leg. */
static SECURITY_STATUS leg_do(struct ctx **base, struct leg *leg, bool inbound)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)*base;
    SECURITY_STATUS status;

    native_error_clear();
    if (ctx != NULL && leg->cred != NULL && leg->cred->package != ctx->base.package)
        return SEC_E_INVALID_HANDLE;
    if (ctx != NULL)
        return leg_run(ctx, leg);
    ctx = ctx_new(leg->cred->package, leg->cred, leg, inbound);
    if (ctx == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = leg_run(ctx, leg);
    if (ctx->open && (status >= 0 || status == ctx->base.package->too_small))
        *base = &ctx->base;
    else
        object_unref(&ctx->base.handled.object);
    return status;
}

SECURITY_STATUS foreign_ctx_init(struct ctx **ctx, struct leg *leg)
{
    return leg_do(ctx, leg, false);
}

SECURITY_STATUS foreign_ctx_accept(struct ctx **ctx, struct leg *leg)
{
    return leg_do(ctx, leg, true);
}

SECURITY_STATUS foreign_ctx_complete(struct ctx *base, const SecBufferDesc *token)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;
    SECURITY_STATUS status;

    native_error_clear();
    status = foreign_call(ctx, CompleteAuthToken, &ctx->handle, foreign_mutable(token));
    if (ctx->unproved)
        state_follow(ctx, status);
    return foreign_result(base->package, "CompleteAuthToken", status);
}

SECURITY_STATUS foreign_ctx_control(struct ctx *base, const SecBufferDesc *input)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;

    native_error_clear();
    return foreign_result(
        base->package, "ApplyControlToken",
        foreign_call(ctx, ApplyControlToken, &ctx->handle, foreign_mutable(input)));
}

/* --- To another process --------------------------------------------------------------------- */

/* One octet says which side's it is, the module's follow. */
static SECURITY_STATUS pack(const struct ctx *base, const SecBuffer *buffer, struct blob *packed)
{
    char *octets = malloc((size_t)buffer->cbBuffer + 1);

    if (octets == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    octets[0] = base->inbound;
    if (buffer->cbBuffer != 0)
        memcpy(octets + 1, buffer->pvBuffer, buffer->cbBuffer);
    *packed = (struct blob){octets, (size_t)buffer->cbBuffer + 1};
    return SEC_E_OK;
}

/* Whoever calls deletes the old one by its handle here. */
SECURITY_STATUS foreign_ctx_export(struct ctx *base, ULONG flags, struct blob *packed)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;
    SecBuffer buffer = {0, SECBUFFER_EMPTY, NULL};
    void *token = NULL; /* there is no handle of the system's to hand on */
    SECURITY_STATUS status;

    native_error_clear();
    if (base->state != CTX_ESTABLISHED)
        return base->state == CTX_DEAD ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_HANDLE;
    status = foreign_call(ctx, ExportSecurityContext, &ctx->handle,
                          flags & ~(ULONG)SECPKG_CONTEXT_EXPORT_DELETE_OLD, &buffer, &token);
    if (status == SEC_E_OK) {
        status = pack(base, &buffer, packed);
        if (buffer.pvBuffer != NULL)
            explicit_bzero(buffer.pvBuffer, buffer.cbBuffer);
        foreign_free(foreign_module(base->package), buffer.pvBuffer);
    }
    return foreign_result(base->package, "ExportSecurityContext", status);
}

static SECURITY_STATUS import(const struct foreign_package *package, const struct blob *packed,
                              CtxtHandle *handle)
{
    const struct foreign_module *module = package->module;
    SecBuffer buffer = {(ULONG)packed->size - 1, SECBUFFER_EMPTY, (char *)packed->data + 1};

    if (module->a.ImportSecurityContextA != NULL)
        return module->a.ImportSecurityContextA(package->theirs, &buffer, NULL, handle);
    return module->w.ImportSecurityContextW == NULL
               ? SEC_E_UNSUPPORTED_FUNCTION
               : module->w.ImportSecurityContextW(package->theirs_w, &buffer, NULL, handle);
}

SECURITY_STATUS foreign_ctx_import(const struct package *package, const struct blob *packed,
                                   struct ctx **out)
{
    unsigned char side = *(const unsigned char *)packed->data;
    struct foreign_ctx *ctx;
    SECURITY_STATUS status;

    native_error_clear();
    if (side > 1)
        return SEC_E_INVALID_TOKEN;
    ctx = ctx_new(package, NULL, &(struct leg){.request = 0}, side == 1);
    if (ctx == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = import(foreign_package(package), packed, &ctx->handle);
    if (status == SEC_E_OK) {
        ctx->open = true;
        ctx_become(&ctx->base, CTX_ESTABLISHED);
        *out = &ctx->base;
    } else {
        object_unref(&ctx->base.handled.object);
    }
    return foreign_result(package, "ImportSecurityContext", status);
}

/* --- Acting for the client ------------------------------------------------------------------ */

/* A module's own HANDLE would mean nothing to CloseHandle(): the token has the client's name. */
SECURITY_STATUS foreign_ctx_token(struct ctx *base, struct token **token)
{
    SecPkgContext_NamesA names;
    SECURITY_STATUS status = SEC_E_NO_IMPERSONATION;

    if (base->inbound)
        status = foreign_ctx_query(base, SECPKG_ATTR_NAMES, &names);
    if (status != SEC_E_OK)
        return status;
    *token = token_new(&(struct token_init){.user_name = names.sUserName, .identify_only = true});
    string_wipe_free(names.sUserName);
    return *token == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

SECURITY_STATUS foreign_ctx_impersonate(struct ctx *base, bool begin)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;

    native_error_clear();
    if (begin && base->state != CTX_ESTABLISHED)
        return SEC_E_INVALID_HANDLE;
    return begin ? foreign_result(base->package, "ImpersonateSecurityContext",
                                  foreign_call(ctx, ImpersonateSecurityContext, &ctx->handle))
                 : foreign_result(base->package, "RevertSecurityContext",
                                  foreign_call(ctx, RevertSecurityContext, &ctx->handle));
}
