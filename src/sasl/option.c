/* SPDX-License-Identifier: MIT */
/* Options of a SASL context: a row each says for whom, and up to which step, it can be set. */
#include <string.h>

#include "api/api.h"
#include "core/native.h"
#include "core/trace.h"
#include "sasl/sasl.h"

/* --- Getting -------------------------------------------------------------------------------- */

struct value {
    const void *data;
    size_t size;
    ULONG number; /* data points here, or not */
};

static void number_get(struct value *value, ULONG number)
{
    value->number = number;
    value->data = &value->number;
    value->size = sizeof(value->number);
}

static SECURITY_STATUS send_size_get(const struct sasl_ctx *ctx, struct value *value)
{
    bool known = ctx->profile->agrees && ctx->step == SASL_DONE;

    number_get(value, known ? ctx->send_data : ctx->send_size);
    return SEC_E_OK;
}

static SECURITY_STATUS receive_size_get(const struct sasl_ctx *ctx, struct value *value)
{
    number_get(value, ctx->receive_size);
    return SEC_E_OK;
}

static SECURITY_STATUS processing_get(const struct sasl_ctx *ctx, struct value *value)
{
    number_get(value, ctx->authz_processing);
    return SEC_E_OK;
}

static SECURITY_STATUS authz_get(const struct sasl_ctx *ctx, struct value *value)
{
    if (ctx->authz_processing == Sasl_AuthZIDForbidden)
        return SEC_E_UNSUPPORTED_FUNCTION;
    value->data = ctx->authz.data;
    value->size = ctx->authz.size;
    return SEC_E_OK;
}

/* --- Setting -------------------------------------------------------------------------------- */

static SECURITY_STATUS number_read(const void *data, ULONG size, ULONG most, ULONG *number)
{
    ULONG given;

    if (size < sizeof(given))
        return SEC_E_BUFFER_TOO_SMALL;
    memcpy(&given, data, sizeof(given));
    if (given > most)
        return SEC_E_INVALID_PARAMETER;
    *number = given;
    return SEC_E_OK;
}

static SECURITY_STATUS send_size_set(struct sasl_ctx *ctx, const void *data, ULONG size)
{
    return number_read(data, size, SASL_SIZE_MAX, &ctx->send_size);
}

static SECURITY_STATUS receive_size_set(struct sasl_ctx *ctx, const void *data, ULONG size)
{
    return number_read(data, size, SASL_SIZE_MAX, &ctx->receive_size);
}

static SECURITY_STATUS processing_set(struct sasl_ctx *ctx, const void *data, ULONG size)
{
    return number_read(data, size, Sasl_AuthZIDProcessed, &ctx->authz_processing);
}

/* A server's is what its client has sent. */
static SECURITY_STATUS authz_set(struct sasl_ctx *ctx, const void *data, ULONG size)
{
    struct blob copy;
    SECURITY_STATUS status;

    if (ctx->base.inbound || ctx->authz_processing == Sasl_AuthZIDForbidden)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = size == 0 ? SEC_E_OK : sasl_authz_check(data, size);
    if (status != SEC_E_OK)
        return status;
    copy = (struct blob){size == 0 ? NULL : memory_copy(data, size), size};
    if (size != 0 && copy.data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    blob_wipe(&ctx->authz);
    ctx->authz = copy;
    return SEC_E_OK;
}

/* --- The table ------------------------------------------------------------------------------ */

struct option {
    SECURITY_STATUS (*get)(const struct sasl_ctx *, struct value *);
    SECURITY_STATUS (*set)(struct sasl_ctx *, const void *data, ULONG size);
    enum sasl_step settable; /* up to this step; what was sent is what counts */
};

static const struct option options[] = {
    [SASL_OPTION_SEND_SIZE] = {send_size_get, send_size_set, SASL_CHOICE},
    [SASL_OPTION_RECV_SIZE] = {receive_size_get, receive_size_set, SASL_OFFER},
    [SASL_OPTION_AUTHZ_STRING] = {authz_get, authz_set, SASL_OFFER},
    [SASL_OPTION_AUTHZ_PROCESSING] = {processing_get, processing_set, SASL_CHOICE},
};

/* A profile that agrees on nothing has nothing to be said about it. */
static const struct option *option_find(const struct sasl_ctx *ctx, ULONG option)
{
    if (option >= sizeof(options) / sizeof(*options) || options[option].get == NULL)
        return NULL;
    return ctx->profile->agrees ? &options[option] : NULL;
}

static SECURITY_STATUS option_get(const struct sasl_ctx *ctx, ULONG option, void *data, ULONG size,
                                  ULONG *needed)
{
    const struct option *row = option_find(ctx, option);
    struct value value;
    SECURITY_STATUS status = row == NULL ? SEC_E_UNSUPPORTED_FUNCTION : row->get(ctx, &value);

    if (status != SEC_E_OK)
        return status;
    if (needed != NULL)
        *needed = (ULONG)value.size;
    if (size < value.size)
        return SEC_E_BUFFER_TOO_SMALL;
    if (value.size != 0 && data == NULL)
        return SEC_E_INVALID_PARAMETER;
    if (value.size != 0)
        memcpy(data, value.data, value.size);
    return SEC_E_OK;
}

static SECURITY_STATUS option_set(struct sasl_ctx *ctx, ULONG option, const void *data, ULONG size)
{
    const struct option *row = option_find(ctx, option);

    if (row == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (data == NULL && size != 0)
        return SEC_E_INVALID_PARAMETER;
    if (ctx->base.state == CTX_DEAD)
        return SEC_E_CONTEXT_EXPIRED;
    if (ctx->step > row->settable)
        return SEC_E_OUT_OF_SEQUENCE;
    return row->set(ctx, data, size);
}

/* --- The calls ------------------------------------------------------------------------------ */

/* Alone with the context; NULL for one that is not SASL's. */
static struct sasl_ctx *ctx_open(PCtxtHandle handle)
{
    struct handled *object = handle_pin_alone(handle, HANDLE_CONTEXT);

    if (object != NULL && !object_is(&object->object, &sasl_ctx_class)) {
        handle_unpin_alone(object);
        return NULL;
    }
    return (struct sasl_ctx *)object;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslGetContextOption(PCtxtHandle ContextHandle, ULONG Option,
                                                        PVOID Value, ULONG Size, PULONG Needed)
{
    struct sasl_ctx *ctx = ctx_open(ContextHandle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL) {
        status = option_get(ctx, Option, Value, Size, Needed);
        handle_unpin_alone(&ctx->base.handled);
    }
    return trace_result("SaslGetContextOption", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SaslSetContextOption(PCtxtHandle ContextHandle, ULONG Option,
                                                        PVOID Value, ULONG Size)
{
    struct sasl_ctx *ctx = ctx_open(ContextHandle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL) {
        status = option_set(ctx, Option, Value, Size);
        handle_unpin_alone(&ctx->base.handled);
    }
    return trace_result("SaslSetContextOption", status);
}
