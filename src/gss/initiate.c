/* SPDX-License-Identifier: MIT */
/*
 * The legs of an initiator.
 *
 * Only the first leg can need a KDC. When a remembered route says it does not, the leg runs here,
 * on the caller's thread; otherwise it runs on a worker and the caller leaves after a time. The
 * worker's job owns all it touches, so an abandoned one goes on alone and frees itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/trace.h"
#include "core/worker.h"
#include "gss/flags.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/negtoken.h"
#include "gss/ntlmtoken.h"
#include "gss/oid.h"
#include "gss/target.h"

/* What gss_init_sec_context() takes and gives, apart from the route. */
struct step {
    OM_uint32 flags;
    struct bindings *bindings;
    gss_buffer_desc in;
    void *repaired; /* a copy of the token that gss-ntlmssp can read, or NULL */
    gss_ctx_id_t ctx;
    gss_buffer_desc out;
    OM_uint32 granted;
    gss_OID mech;
    struct lifetime lifetime;
};

/* The code of the KRB-ERROR in an answer or, where that is none, of what its reader said of it. */
static krb5_error_code code_under_spnego(const struct step *step, struct gss_result result)
{
    struct blob inner;
    krb5_error_code code;

    if (!negtoken_inner(step->in.value, step->in.length, &inner))
        return 0;
    code = negtoken_krb5_error(inner.data, inner.size);
    if (code == 0 && !negtoken_is_ntlm(inner.data, inner.size))
        code = gss_krb5_code_behind(result);
    blob_wipe(&inner);
    return code;
}

/* Under SPNEGO the mechglue renumbers the minor code: look at what the acceptor really sent. */
static SECURITY_STATUS status_under_spnego(const struct step *step, struct gss_result result,
                                           SECURITY_STATUS status)
{
    krb5_error_code code;

    if (status != SEC_E_INTERNAL_ERROR || step->in.length == 0)
        return status;
    code = code_under_spnego(step, result);
    if (code != 0)
        return gss_status_of_krb5(GSS_ANSWERED, code);
    if (!negtoken_is_reject(step->in.value, step->in.length))
        return gss_status_of_token(status, result);
    native_error_clear();
    native_error_set("the server rejects the negotiation and does not say why");
    return SEC_E_LOGON_DENIED;
}

static SECURITY_STATUS step_run(struct route *route, struct step *step)
{
    enum gss_doing doing = step->ctx == GSS_C_NO_CONTEXT ? GSS_INITIATING : GSS_ANSWERED;
    struct gss_result result = {.mech = route->mech};
    time_t now = time(NULL);
    SECURITY_STATUS status;

    if (ntlmtoken_is_unnamed_challenge(&step->in)) {
        native_error_set("the NTLM challenge has no name for its target");
        return SEC_E_INVALID_TOKEN;
    }
    result.major =
        gss_init_sec_context(&result.minor, route->cred, &step->ctx, route->name, route->mech,
                             step->flags, 0, bindings_gss(step->bindings), &step->in, &step->mech,
                             &step->out, &step->granted, &step->lifetime.left);
    step->lifetime.asked = time(NULL) == now ? now : 0;
    status = gss_status(doing, "gss_init_sec_context", result);
    if (route->mech == oid_spnego)
        status = status_under_spnego(step, result, status);
    return doing == GSS_ANSWERED ? gss_status_of_token(status, result) : status;
}

static void step_clear(struct step *step)
{
    OM_uint32 minor;

    gss_release_buffer(&minor, &step->out);
    if (step->ctx != GSS_C_NO_CONTEXT)
        gss_delete_sec_context(&minor, &step->ctx, GSS_C_NO_BUFFER);
}

/* A server that speaks first is answered by SPNEGO, whatever is inside. */
static unsigned route_needs(const struct gss_context *context, const gss_buffer_desc *hint)
{
    return (context->base.request & ISC_REQ_NO_INTEGRITY ? ROUTE_NO_INTEGRITY : 0) |
           (hint->length != 0 ? ROUTE_SPNEGO : 0);
}

/* --- The first leg as a job ----------------------------------------------------------------- */

struct first_leg {
    struct worker_job job;
    /* inputs */
    struct gss_cred *cred;
    char *target;
    unsigned needs;
    struct blob hint; /* a server's NegTokenInit2, [MS-SPNG] 3.1.5.2 */
    /* both */
    struct step step;
    /* outputs */
    struct route *route;
    SECURITY_STATUS status;
    char native[NATIVE_ERROR_SIZE];
};

static void first_leg_destroy(struct worker_job *job)
{
    struct first_leg *leg = (struct first_leg *)job;

    step_clear(&leg->step);
    free(leg->step.bindings);
    route_unref(leg->route);
    blob_wipe(&leg->hint);
    free(leg->target);
    object_unref(&leg->cred->base.handled.object);
    free(leg);
}

static SECURITY_STATUS first_leg_kerberos(struct first_leg *leg, krb5_error_code *code)
{
    SECURITY_STATUS status =
        route_make_kerberos(leg->cred, leg->target, leg->needs, &leg->route, code);

    return status == SEC_E_OK ? step_run(leg->route, &leg->step) : status;
}

static SECURITY_STATUS first_leg_ntlm(struct first_leg *leg)
{
    SECURITY_STATUS status = route_make_ntlm(leg->cred, leg->target, leg->needs, &leg->route);

    return status == SEC_E_OK ? step_run(leg->route, &leg->step) : status;
}

/*
 * Kerberos first. NTLM, raw as Windows sends it when nothing else is possible, only where no ticket
 * could be had; a refused secret ends the matter. When NTLM has no credential either, Kerberos'
 * reason stands.
 */
static SECURITY_STATUS first_leg_try(struct first_leg *leg)
{
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS, ntlm;
    krb5_error_code code = 0;

    if (leg->cred->mechs & IDENTITY_MECH_KERBEROS) {
        status = first_leg_kerberos(leg, &code);
        if (status >= 0 || !(leg->cred->mechs & IDENTITY_MECH_NTLM) ||
            !gss_status_permits_ntlm(code))
            return status;
        trace("Negotiate: Kerberos gives no ticket, trying NTLM");
        route_unref(leg->route);
        leg->route = NULL;
    }
    ntlm = first_leg_ntlm(leg);
    if (ntlm >= 0)
        native_error_clear();
    return ntlm >= 0 || !(leg->cred->mechs & IDENTITY_MECH_KERBEROS) ? ntlm : status;
}

static void first_leg_run(struct worker_job *job)
{
    struct first_leg *leg = (struct first_leg *)job;

    native_error_clear();
    leg->status = first_leg_try(leg);
    snprintf(leg->native, sizeof(leg->native), "%s", native_error_get());
    if (leg->status >= 0)
        route_remember(leg->cred, leg->route);
}

static const struct worker_class first_leg_class = {first_leg_run, first_leg_destroy};

static struct first_leg *first_leg_new(struct gss_cred *cred, const struct leg *call,
                                       const struct gss_context *context, gss_buffer_t hint)
{
    struct first_leg *leg = calloc(1, sizeof(*leg));

    if (leg == NULL)
        return NULL;
    leg->job.class = &first_leg_class;
    leg->cred = cred;
    object_ref(&cred->base.handled.object);
    leg->needs = route_needs(context, hint);
    leg->step.flags = context->gss_request;
    if (call->target != NULL)
        leg->target = strdup(call->target);
    if (context->bindings != NULL)
        leg->step.bindings = bindings_copy(context->bindings);
    leg->hint.data = memory_copy(hint->value, hint->length);
    leg->hint.size = hint->length;
    leg->step.in = (gss_buffer_desc){leg->hint.size, leg->hint.data};
    if ((call->target != NULL && leg->target == NULL) || leg->hint.data == NULL ||
        (context->bindings != NULL && leg->step.bindings == NULL)) {
        first_leg_destroy(&leg->job);
        return NULL;
    }
    return leg;
}

/* --- Either way ----------------------------------------------------------------------------- */

/* A silent KDC is none. NTLM asks nobody, so it goes out here while the worker goes on waiting. */
static SECURITY_STATUS initiate_unanswered(struct gss_context *context, struct gss_cred *cred,
                                           const struct leg *call, struct step *step)
{
    const unsigned both = IDENTITY_MECH_KERBEROS | IDENTITY_MECH_NTLM;
    struct route *route = NULL;

    if ((cred->mechs & both) == both &&
        route_make_ntlm(cred, call->target, route_needs(context, &step->in), &route) == SEC_E_OK) {
        if (step_run(route, step) == SEC_I_CONTINUE_NEEDED) {
            route_remember(cred, route);
            context->route = route;
            native_error_clear();
            return SEC_I_CONTINUE_NEEDED;
        }
        route_unref(route);
    }
    native_error_clear();
    native_error_set("no answer from a KDC within %u ms (SSPI_KDC_TIMEOUT)", krbconf_kdc_timeout());
    return SEC_E_NO_AUTHENTICATING_AUTHORITY;
}

/* On a worker: the result moves from the job into the context and step. */
static SECURITY_STATUS initiate_waiting(struct gss_context *context, struct gss_cred *cred,
                                        const struct leg *call, struct step *step)
{
    struct first_leg *leg = first_leg_new(cred, call, context, &step->in);
    SECURITY_STATUS status;

    if (leg == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    switch (worker_run(&leg->job, krbconf_kdc_timeout())) {
    case WORKER_REFUSED:
        native_error_set("no thread can be started to ask the KDC");
        return SEC_E_INSUFFICIENT_MEMORY;
    case WORKER_TIMED_OUT:
        return initiate_unanswered(context, cred, call, step);
    case WORKER_DONE:
        break;
    }
    status = leg->status;
    if (leg->native[0] != '\0')
        native_error_set("%s", leg->native);
    if (status >= 0) {
        context->route = leg->route;
        leg->route = NULL;
        step->ctx = leg->step.ctx;
        leg->step.ctx = GSS_C_NO_CONTEXT;
        step->out = leg->step.out;
        leg->step.out = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        step->granted = leg->step.granted;
        step->mech = leg->step.mech;
        step->lifetime = leg->step.lifetime;
    }
    first_leg_destroy(&leg->job);
    return status;
}

/* A forwarded ticket is asked of the KDC for every context. */
static bool needs_kdc(const struct gss_context *context)
{
    return (context->gss_request & (GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG)) != 0;
}

static SECURITY_STATUS initiate_with(struct gss_context *context, struct gss_cred *cred,
                                     const struct leg *call, struct step *step)
{
    unsigned needs = route_needs(context, &step->in);
    SECURITY_STATUS status;

    context->route = needs_kdc(context) ? NULL : route_find(cred, call->target, needs);
    if (context->route == NULL)
        return initiate_waiting(context, cred, call, step);
    status = step_run(context->route, step);
    if (status < 0) {
        route_forget(cred, context->route);
        route_unref(context->route);
        context->route = NULL; /* another credential may have one */
    }
    return status;
}

/* What AddCredentials added is used where what stands before it has nothing for this target. */
static SECURITY_STATUS initiate_first(struct gss_context *context, struct gss_cred *cred,
                                      const struct leg *call, struct step *step)
{
    SECURITY_STATUS status = initiate_with(context, cred, call, step);

    while ((status == SEC_E_NO_CREDENTIALS || status == SEC_E_NO_AUTHENTICATING_AUTHORITY) &&
           (cred = atomic_load(&cred->more)) != NULL)
        status = initiate_with(context, cred, call, step);
    return status;
}

/* The peer's token; none on the first leg, unless the server spoke first. */
static gss_buffer_desc token_in(const struct leg *call)
{
    const SecBuffer *buffer = buffer_find(call->in, SECBUFFER_TOKEN);
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;

    if (buffer != NULL && buffer->pvBuffer != NULL) {
        token.length = buffer->cbBuffer;
        token.value = buffer->pvBuffer;
    }
    return token;
}

/* The credential of this context: the handle's, or the one in SECBUFFER_PKG_PARAMS. */
static SECURITY_STATUS cred_choose(struct gss_context *context, const struct leg *call,
                                   struct gss_cred **cred)
{
    const SecBuffer *params = buffer_find(call->in, SECBUFFER_PKG_PARAMS);

    *cred = (struct gss_cred *)context->base.cred;
    if (!(context->base.request & ISC_REQ_USE_SUPPLIED_CREDS) || params == NULL)
        return SEC_E_OK;
    if (!identity_fits(params->pvBuffer, params->cbBuffer))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (context->supplied == NULL) {
        SECURITY_STATUS status = gsspkg_cred_supplied(context->base.package, params->pvBuffer,
                                                      call->wide, &context->supplied);
        if (status != SEC_E_OK)
            return status;
    }
    *cred = context->supplied;
    return SEC_E_OK;
}

/*
 * gss-ntlmssp gives no answer to a challenge of another service than was asked for, and does not
 * say that this is why. Its servers tell their service where they were given one.
 */
static SECURITY_STATUS challenge_judge(const struct gss_context *context, const struct step *step,
                                       SECURITY_STATUS status)
{
    char *service = status == SEC_E_INVALID_TOKEN ? ntlmtoken_target(&step->in) : NULL;

    if (service != NULL && !target_is_service(context->target, service)) {
        native_error_clear();
        native_error_set(
            "the server says in its NTLM challenge that it is %s, and %s was asked for", service,
            context->target);
        status = SEC_E_WRONG_PRINCIPAL;
    }
    free(service);
    return status;
}

static SECURITY_STATUS later_leg(struct gss_context *context, struct step *step)
{
    SECURITY_STATUS status;

    if (step->in.length == 0) {
        native_error_set("the server sent no token");
        return SEC_E_INVALID_TOKEN;
    }
    status = ntlmtoken_repair(&step->in, &step->repaired);
    return status == SEC_E_OK ? challenge_judge(context, step, step_run(context->route, step))
                              : status;
}

static SECURITY_STATUS initiate(struct gss_context *context, struct leg *call, bool first)
{
    struct step step = {.flags = context->gss_request,
                        .in = token_in(call),
                        .ctx = context->gss,
                        .out = GSS_C_EMPTY_BUFFER};
    struct gss_cred *cred;
    SECURITY_STATUS status = bindings_read(call->in, &context->bindings), said;
    OM_uint32 minor;

    if (status != SEC_E_OK)
        return status;
    step.bindings = context->bindings;
    if (first) {
        status = cred_choose(context, call, &cred);
        /* Only a Negotiate server may have spoken first. */
        if (step.in.length != 0 && !gsspkg_kind(context->base.package)->negotiates)
            status =
                native_refuse(SEC_E_INVALID_TOKEN,
                              "a first leg takes no token: a server of %s does not speak first",
                              context->base.package->name);
        if (status == SEC_E_OK)
            status = initiate_first(context, cred, call, &step);
    } else {
        status = later_leg(context, &step);
    }
    context->gss = step.ctx;
    context->granted = step.granted;
    said = status;
    if (status == SEC_E_OK)
        status = gss_context_establish(context, call, step.mech, step.lifetime);
    status = gss_context_emit(context, call, &step.out, said, status);
    free(step.repaired);
    gss_release_buffer(&minor, &step.out);
    return status;
}

static SECURITY_STATUS initiate_new(struct ctx **out, struct leg *call)
{
    struct gss_context *context;
    SECURITY_STATUS status = gss_request_check(call->request, false);

    if (status != SEC_E_OK)
        return status;
    context = gss_context_new(call->cred->package, call->cred, call, false);
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    context->gss_request = flags_to_gss(call->request);
    status = initiate(context, call, true);
    if (status >= 0 || status == call->cred->package->too_small)
        *out = &context->base;
    else
        object_unref(&context->base.handled.object);
    return status;
}

/* A call on an established context without a token asks to authenticate again, from the start. */
static bool wants_again(const struct gss_context *context, const struct leg *call)
{
    return context->base.state == CTX_ESTABLISHED && token_in(call).length == 0;
}

SECURITY_STATUS gsspkg_ctx_init(struct ctx **ctx, struct leg *call)
{
    struct gss_context *context = (struct gss_context *)*ctx;
    SECURITY_STATUS status;
    bool again;

    native_error_clear();
    if (context == NULL)
        return initiate_new(ctx, call);
    if (context->base.cred == NULL)
        return SEC_E_OUT_OF_SEQUENCE; /* an imported context: it came without its credential */
    if (call->cred != NULL && call->cred != context->base.cred)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    again = wants_again(context, call);
    if (context->base.state == CTX_ESTABLISHED && !again)
        return native_refuse(SEC_E_OUT_OF_SEQUENCE,
                             "the negotiation is over, and the server has sent one more token");
    if (again) {
        gss_context_reset(context);
        call->target = context->target;
    }
    status = initiate(context, call, again);
    if (status < 0 && context->base.pending.token.data == NULL)
        ctx_become(&context->base, CTX_DEAD);
    return status;
}
