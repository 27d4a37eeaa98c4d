/* SPDX-License-Identifier: MIT */
/* Legs of a negotiation. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "async/async.h"
#include "core/authdata.h"
#include "core/buffer.h"
#include "core/identity.h"
#include "core/text.h"
#include "identity/identity.h"

/* What the program gave, as it is or as a copy; and what the synchronous call gave. */
struct leg_call {
    struct async_call call;
    bool inbound, wide, has_cred, has_context, supplies;
    SecHandle cred, context;
    void *target, *supplied;
    ULONG request, data_rep;
    struct async_list in, out;
    /* where the program wants the results */
    PCtxtHandle new_context;
    PULONG attributes;
    PTimeStamp expiry;
    /* the results */
    SecHandle made;
    ULONG granted;
    TimeStamp end;
};

static PCtxtHandle handle_or_null(bool has, SecHandle *handle)
{
    return has ? handle : NULL;
}

static SECURITY_STATUS leg_initialize(struct leg_call *leg, PCredHandle cred, PCtxtHandle context)
{
    PSecBufferDesc in = async_list_desc(&leg->in), out = async_list_desc(&leg->out);

    return leg->wide ? InitializeSecurityContextW(cred, context, leg->target, leg->request, 0,
                                                  leg->data_rep, in, 0, &leg->made, out,
                                                  &leg->granted, &leg->end)
                     : InitializeSecurityContextA(cred, context, leg->target, leg->request, 0,
                                                  leg->data_rep, in, 0, &leg->made, out,
                                                  &leg->granted, &leg->end);
}

static SECURITY_STATUS leg_run(struct async_call *call)
{
    struct leg_call *leg = (struct leg_call *)call;
    PCredHandle cred = handle_or_null(leg->has_cred, &leg->cred);
    PCtxtHandle context = handle_or_null(leg->has_context, &leg->context);

    return leg->inbound
               ? AcceptSecurityContext(cred, context, async_list_desc(&leg->in), leg->request,
                                       leg->data_rep, &leg->made, async_list_desc(&leg->out),
                                       &leg->granted, &leg->end)
               : leg_initialize(leg, cred, context);
}

static bool leg_has_made(const struct leg_call *leg)
{
    return leg->made.dwLower != 0 || leg->made.dwUpper != 0;
}

static void leg_deliver(struct async_call *call)
{
    struct leg_call *leg = (struct leg_call *)call;

    async_list_deliver(&leg->out);
    async_list_report(&leg->in);
    if (leg->new_context != NULL && leg_has_made(leg))
        *leg->new_context = leg->made;
    if (leg->attributes != NULL)
        *leg->attributes = leg->granted;
    if (leg->expiry != NULL && call->status >= 0)
        *leg->expiry = leg->end;
}

/* A context that nobody has heard of ends here; one that was there before is still the program's.
 */
static void leg_fini(struct async_call *call)
{
    struct leg_call *leg = (struct leg_call *)call;

    if (!call->delivered)
        async_list_discard(&leg->out);
    if (!call->delivered && !leg->has_context && leg_has_made(leg))
        DeleteSecurityContext(&leg->made);
    async_list_fini(&leg->in);
    async_list_fini(&leg->out);
    SspiFreeAuthIdentity(leg->supplied);
    free(leg->target);
}

static const struct async_call_class leg_class = {leg_run, leg_deliver, leg_fini, false};

/* --- Copying -------------------------------------------------------------------------------- */

/* No more of it than says that it is too long. */
static void *text_copy(const void *text, bool wide)
{
    size_t unit = wide ? sizeof(SEC_WCHAR) : 1, length = 0;
    uint8_t *copy;

    while (length <= TEXT_MAX &&
           (wide ? ((const SEC_WCHAR *)text)[length] : (SEC_WCHAR)((const char *)text)[length]))
        length++;
    copy = calloc(length + 1, unit);
    if (copy != NULL)
        memcpy(copy, text, length * unit);
    return copy;
}

/* Of an EX2 all stands in the buffer. What FreeRDP's settings point at is not all known. */
static bool has_texts_elsewhere(const struct authdata *data)
{
    return data->form == AUTHDATA_PLAIN ||
           (data->form == AUTHDATA_EX && winpr_extension_of(data->flags) == WINPR_NO_EXTENSION);
}

/* The identity of this context alone has texts elsewhere. What is none is for the leg to say. */
static SECURITY_STATUS supplied_copy(struct leg_call *leg)
{
    SecBuffer *params = buffer_find(async_list_desc(&leg->in), SECBUFFER_PKG_PARAMS);
    struct authdata data;
    SECURITY_STATUS status;

    if (!leg->supplies || params == NULL || !identity_fits(params->pvBuffer, params->cbBuffer) ||
        authdata_read(params->pvBuffer, leg->wide, &data) != SEC_E_OK ||
        !has_texts_elsewhere(&data))
        return SEC_E_OK;
    status = block_make(&data, &leg->supplied);
    if (status == SEC_E_OK)
        params->pvBuffer = leg->supplied;
    return status;
}

/* The lane of a package whose legs wait for nobody is its own. */
static uint64_t lane_of_package(const struct package *package)
{
    return (uintptr_t)package;
}

static uint64_t lane_of_first(struct cred *cred, const void *target, bool wide)
{
    uint64_t lane = lane_of_package(cred->package);
    char *name = NULL;

    if (cred->package->ops->ctx_lane != NULL && text_from_caller(target, wide, &name) == SEC_E_OK)
        lane = cred->package->ops->ctx_lane(cred, name);
    string_wipe_free(name);
    return lane;
}

/* Whether a buffer of it is an identity. */
static bool leg_supplies(const struct leg_call *leg, const struct package *package)
{
    return !leg->inbound && package->ops->ctx_supplied &&
           (leg->request & ISC_REQ_USE_SUPPLIED_CREDS) != 0;
}

static SECURITY_STATUS lane_choose(struct leg_call *leg, const void *target)
{
    struct cred *cred = api_cred_pin(handle_or_null(leg->has_cred, &leg->cred));
    struct ctx *ctx = api_ctx_pin(handle_or_null(leg->has_context, &leg->context));
    SECURITY_STATUS status = SEC_E_OK;

    if (ctx != NULL) {
        leg->call.lane = lane_of_package(ctx->package);
        leg->out.allocates = (ctx->request & ISC_REQ_ALLOCATE_MEMORY) != 0;
    } else if (cred != NULL && !leg->has_context) {
        leg->call.lane =
            leg->inbound ? lane_of_package(cred->package) : lane_of_first(cred, target, leg->wide);
        leg->supplies = leg_supplies(leg, cred->package);
    } else {
        status = SEC_E_INVALID_HANDLE;
    }
    api_ctx_unpin(ctx);
    api_cred_unpin(cred);
    return status;
}

/* The two flags are one bit. */
_Static_assert(ISC_REQ_ALLOCATE_MEMORY == ASC_REQ_ALLOCATE_MEMORY, "either role's");

static SECURITY_STATUS leg_copy(struct leg_call *leg, const void *target, PSecBufferDesc in,
                                PSecBufferDesc out)
{
    SECURITY_STATUS status = lane_choose(leg, target);
    bool allocates = leg->out.allocates || (leg->request & ISC_REQ_ALLOCATE_MEMORY);

    if (status == SEC_E_OK)
        status = async_list_copy(&leg->in, in, false);
    if (status == SEC_E_OK)
        status = supplied_copy(leg);
    if (status == SEC_E_OK)
        status = async_list_copy(&leg->out, out, allocates);
    if (status == SEC_E_OK && target != NULL &&
        (leg->target = text_copy(target, leg->wide)) == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    return status;
}

/* What a leg is called with, as it came. */
struct leg_args {
    PCredHandle cred;
    PCtxtHandle context, new_context;
    const void *target;
    ULONG request, data_rep;
    PSecBufferDesc in, out;
    PULONG attributes;
    PTimeStamp expiry;
};

static struct leg_call *leg_new(const struct leg_args *args, bool inbound, bool wide)
{
    struct leg_call *leg = calloc(1, sizeof(*leg));

    if (leg == NULL)
        return NULL;
    leg->call.class = &leg_class;
    leg->inbound = inbound;
    leg->wide = wide;
    leg->has_cred = args->cred != NULL;
    leg->has_context = args->context != NULL;
    if (leg->has_cred)
        leg->cred = *args->cred;
    if (leg->has_context)
        leg->context = leg->call.serial = *args->context;
    leg->request = args->request;
    leg->data_rep = args->data_rep;
    leg->new_context = args->new_context;
    leg->attributes = args->attributes;
    leg->expiry = args->expiry;
    return leg;
}

static SECURITY_STATUS leg_submit(SspiAsyncContext *async, const struct leg_args *args,
                                  bool inbound, bool wide)
{
    struct leg_call *leg = leg_new(args, inbound, wide);
    SECURITY_STATUS status;

    if (leg == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = leg_copy(leg, args->target, args->in, args->out);
    if (status == SEC_E_OK)
        return async_call_submit(&leg->call, async);
    leg_fini(&leg->call);
    free(leg);
    return status;
}

/* --- The exported names --------------------------------------------------------------------- */

SSPI_API SECURITY_STATUS SEC_ENTRY SspiInitializeSecurityContextAsyncA(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    (void)Reserved1;
    (void)Reserved2;
    return leg_submit(AsyncContext,
                      &(struct leg_args){phCredential, phContext, phNewContext, pszTargetName,
                                         fContextReq, TargetDataRep, pInput, pOutput, pfContextAttr,
                                         ptsExpiry},
                      false, false);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiInitializeSecurityContextAsyncW(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPWSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    (void)Reserved1;
    (void)Reserved2;
    return leg_submit(AsyncContext,
                      &(struct leg_args){phCredential, phContext, phNewContext, pszTargetName,
                                         fContextReq, TargetDataRep, pInput, pOutput, pfContextAttr,
                                         ptsExpiry},
                      false, true);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiAcceptSecurityContextAsync(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    PSecBufferDesc pInput, ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
    PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    return leg_submit(AsyncContext,
                      &(struct leg_args){phCredential, phContext, phNewContext, NULL, fContextReq,
                                         TargetDataRep, pInput, pOutput, pfContextAttr, ptsExpiry},
                      true, false);
}
