/* SPDX-License-Identifier: MIT */
/*
 * The legs of an acceptor. The mechglue tells raw NTLMSSP, raw Kerberos and SPNEGO apart, and
 * answers the empty first token of a server that speaks first with NegTokenInit2
 * ([MS-SPNG] 3.2.5.2).
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "gss/bound.h"
#include "gss/flags.h"
#include "gss/gsspkg.h"
#include "gss/negtoken.h"
#include "gss/ntlmtoken.h"
#include "gss/oid.h"

struct step {
    gss_cred_id_t keys;
    struct account account; /* of this client, in place of the keys; or none */
    gss_buffer_desc in;
    char nothing;
    void *repaired; /* a copy of the token that gss-ntlmssp can read, or NULL */
    gss_buffer_desc out;
    gss_OID mech;
    bool unbound; /* the mechanism is not told of the bindings: they are for audit alone */
    gss_cred_id_t delegated;
    struct lifetime lifetime;
};

/* --- Failures ------------------------------------------------------------------------------- */

/*
 * What the mechanism said of an AP-REQ, when it is asked outside SPNEGO. A request that is in order
 * there was refused because it had been seen before: these keys do not remember.
 */
static SECURITY_STATUS kerberos_ask_again(const struct gss_context *context,
                                          const struct blob *token, SECURITY_STATUS status)
{
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_cred_id_t keys = acceptor_keys_forgetful((const struct gss_cred *)context->base.cred);
    gss_buffer_desc in = {token->size, token->data}, out = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = oid_krb5};
    OM_uint32 minor;

    if (keys == GSS_C_NO_CREDENTIAL)
        return status;
    result.major =
        gss_accept_sec_context(&result.minor, &ctx, keys, &in, bindings_gss(context->bindings),
                               NULL, NULL, &out, NULL, NULL, NULL);
    status = GSS_ERROR(result.major) ? gss_status(GSS_ACCEPTING, "gss_accept_sec_context", result)
                                     : SEC_E_LOGON_DENIED;
    gss_release_buffer(&minor, &out);
    gss_release_cred(&minor, &keys);
    if (ctx != GSS_C_NO_CONTEXT)
        gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
    return status;
}

/* The krb5 code of an AP-REQ that failed inside SPNEGO: it is in the answer for a client that wants
 * one. */
static SECURITY_STATUS diagnose_kerberos(const struct gss_context *context, const struct step *step,
                                         const struct blob *token, SECURITY_STATUS status)
{
    struct blob answer;
    krb5_error_code code = 0;

    if (negtoken_inner(step->out.value, step->out.length, &answer)) {
        code = negtoken_krb5_error(answer.data, answer.size);
        blob_wipe(&answer);
    }
    if (code != 0)
        status = gss_status_of_krb5(GSS_ACCEPTING, code);
    return status != SEC_E_INTERNAL_ERROR ? status : kerberos_ask_again(context, token, status);
}

/* NTLM fails an acceptor with errno values: bindings by the major code, all else is the logon. */
static SECURITY_STATUS diagnose_ntlm(const struct gss_context *context, OM_uint32 major)
{
    if (GSS_ROUTINE_ERROR(major) == GSS_S_DEFECTIVE_TOKEN)
        return context->bindings != NULL ? SEC_E_BAD_BINDINGS : SEC_E_INVALID_TOKEN;
    return SEC_E_LOGON_DENIED;
}

static SECURITY_STATUS diagnose(const struct gss_context *context, const struct step *step,
                                struct gss_result result, SECURITY_STATUS status)
{
    struct blob inner = {NULL, 0};
    bool raw_ntlm = negtoken_is_ntlm(step->in.value, step->in.length);

    if (raw_ntlm) {
        if (GSS_ROUTINE_ERROR(result.major) == GSS_S_DEFECTIVE_TOKEN && result.minor == EACCES)
            status = diagnose_ntlm(context, result.major);
    } else if (negtoken_inner(step->in.value, step->in.length, &inner)) {
        if (negtoken_is_ntlm(inner.data, inner.size))
            status = diagnose_ntlm(context, result.major);
        else if (status == SEC_E_INTERNAL_ERROR)
            status = diagnose_kerberos(context, step, &inner, status);
        blob_wipe(&inner);
    }
    return status;
}

/* A credential that has the keys refuses a token with NO_CRED or BAD_MECH when it is not for it. */
static SECURITY_STATUS status_refine(const struct gss_context *context, const struct step *step,
                                     struct gss_result result)
{
    OM_uint32 routine = GSS_ROUTINE_ERROR(result.major);
    SECURITY_STATUS status = gss_status(GSS_ACCEPTING, "gss_accept_sec_context", result);

    if ((routine == GSS_S_NO_CRED || routine == GSS_S_BAD_MECH) &&
        (result.minor == 0 || routine == GSS_S_BAD_MECH))
        return context->keys->has_kerberos ? SEC_E_INVALID_TOKEN : status;
    return gss_status_of_token(diagnose(context, step, result, status), result);
}

/* --- Legs ----------------------------------------------------------------------------------- */

/* Whose token it is, and so whose minor code a failure has. */
static const gss_OID_desc *step_mech(const struct gss_context *context, const struct step *step)
{
    if (negtoken_is_ntlm(step->in.value, step->in.length))
        return oid_ntlm;
    if (gsspkg_kind(context->base.package)->negotiates &&
        (step->in.length == 0 || negtoken_is_spnego(step->in.value, step->in.length)))
        return oid_spnego;
    return oid_krb5;
}

static SECURITY_STATUS step_run(struct gss_context *context, struct step *step)
{
    struct gss_result result = {.mech = GSS_C_NO_OID};
    gss_name_t initiator = GSS_C_NO_NAME;
    time_t now = time(NULL);
    OM_uint32 minor;

    if (step->in.value == NULL)
        step->in.value = &step->nothing; /* the mechglue wants an address for no bytes */
    result.mech = step_mech(context, step);
    result.major = gss_accept_sec_context(&result.minor, &context->gss, step->keys, &step->in,
                                          bindings_gss(step->unbound ? NULL : context->bindings),
                                          &initiator, &step->mech, &step->out, &context->granted,
                                          &step->lifetime.left, &step->delegated);
    step->lifetime.asked = time(NULL) == now ? now : 0;
    if (initiator != GSS_C_NO_NAME) {
        gss_release_name(&minor, &context->initiator);
        context->initiator = initiator;
    }
    if (GSS_ERROR(result.major))
        return status_refine(context, step, result);
    return result.major & GSS_S_CONTINUE_NEEDED ? SEC_I_CONTINUE_NEEDED : SEC_E_OK;
}

/*
 * For audit a client that is bound elsewhere is let in. NTLM's bindings can be read, so that the
 * mechanism need not hear of ours; Kerberos' cannot, and it has to be asked again, by keys that do
 * not remember what they have seen: those that were asked first do.
 */
static SECURITY_STATUS step_audit(struct gss_context *context, struct step *step)
{
    bool audit = context->bindings != NULL && context->bindings->audit;
    gss_cred_id_t forgetful;
    SECURITY_STATUS status;
    OM_uint32 minor;

    context->bound_elsewhere = false;
    step->unbound = audit && ntlmtoken_has_authenticate(&step->in);
    status = step_run(context, step);
    if (status != SEC_E_BAD_BINDINGS || !audit || context->gss != GSS_C_NO_CONTEXT)
        return status;
    forgetful = acceptor_keys_forgetful((const struct gss_cred *)context->base.cred);
    if (forgetful == GSS_C_NO_CREDENTIAL)
        return status;
    context->bound_elsewhere = step->unbound = true;
    gss_release_buffer(&minor, &step->out);
    step->keys = forgetful;
    status = step_run(context, step);
    gss_release_cred(&minor, &forgetful);
    return status;
}

/* Delegated tickets become a cache of their own; losing them must not lose the context. */
static void delegated_take(struct gss_context *context, struct step *step)
{
    OM_uint32 minor;

    if (step->delegated == GSS_C_NO_CREDENTIAL)
        return;
    if (tickets_from_cred(step->delegated, &context->delegated) != SEC_E_OK)
        context->granted &= ~(OM_uint32)GSS_C_DELEG_FLAG;
    gss_release_cred(&minor, &step->delegated);
}

static SECURITY_STATUS input_check(const struct gss_context *context, const struct step *step,
                                   bool first)
{
    if (step->in.length != 0 || (first && gsspkg_kind(context->base.package)->negotiates))
        return SEC_E_OK;
    native_error_set("the client sent no token");
    return SEC_E_INVALID_TOKEN;
}

/* Whether the answer to an NTLM challenge is one that gss-ntlmssp can be given. */
static SECURITY_STATUS ntlm_check(const struct gss_context *context, struct step *step)
{
    if (context->ntlm_key_asked && ntlmtoken_lacks_key(&step->in)) {
        native_error_set("the client's NTLM message lacks the session key that was asked for");
        return SEC_E_INVALID_TOKEN;
    }
    if (ntlmtoken_is_v1(&step->in) && account_in_file(&context->accounts)) {
        native_error_set("the client answers with NTLMv1, which accounts in a file do not serve");
        return SEC_E_LOGON_DENIED;
    }
    return ntlmtoken_repair(&step->in, &step->repaired);
}

/*
 * What a hash source has to see: of one that came with the credential, or of one that may come when
 * the answer waits (complete.c).
 */
static SECURITY_STATUS exchange_keep(struct gss_context *context, const struct step *step)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (context->accounts.hash != NULL || gss_accept_may_wait(context))
        status = ntlmanswer_keep(&context->exchange, &step->in, &step->out);
    return status == SEC_E_OK ? SEC_I_CONTINUE_NEEDED : status;
}

/* The keys of this leg: the server's, or an account of the client's own. */
static SECURITY_STATUS keys_choose(const struct gss_context *context, struct step *step)
{
    SECURITY_STATUS status =
        account_open(&context->accounts, &context->exchange, &step->in, &step->account);

    if (step->account.answer.data != NULL)
        step->in = (gss_buffer_desc){step->account.answer.size, step->account.answer.data};
    step->keys =
        step->account.cred != GSS_C_NO_CREDENTIAL ? step->account.cred : context->keys->cred;
    return status;
}

SECURITY_STATUS gss_accept_leg(struct gss_context *context, struct leg *call, bool first)
{
    const SecBuffer *buffer = buffer_find(call->in, SECBUFFER_TOKEN);
    struct step step = {
        .account = ACCOUNT_NONE, .out = GSS_C_EMPTY_BUFFER, .delegated = GSS_C_NO_CREDENTIAL};
    SECURITY_STATUS status = bindings_read(call->in, &context->bindings), said;
    OM_uint32 minor;

    if (status != SEC_E_OK)
        return status;
    if (buffer != NULL && buffer->pvBuffer != NULL) {
        step.in.length = buffer->cbBuffer;
        step.in.value = buffer->pvBuffer;
    }
    status = input_check(context, &step, first);
    if (status == SEC_E_OK)
        status = ntlm_check(context, &step);
    if (status == SEC_E_OK)
        status = keys_choose(context, &step);
    if (status == SEC_E_OK)
        status = step_audit(context, &step);
    if (status == SEC_I_CONTINUE_NEEDED)
        status = exchange_keep(context, &step);
    said = status;
    bound_tell(context, call, &step.in, said);
    if (status == SEC_E_OK)
        status = bound_require(context);
    if (status == SEC_E_OK) {
        delegated_take(context, &step);
        status = gss_context_establish(context, call, step.mech, step.lifetime);
    }
    context->ntlm_key_asked = ntlmtoken_asks_for_key(&step.out);
    status = gss_context_emit(context, call, &step.out, said, status);
    account_close(&step.account);
    free(step.repaired);
    gss_release_buffer(&minor, &step.out);
    gss_release_cred(&minor, &step.delegated);
    return status;
}

/* What FreeRDP 3 says of a server's accounts comes with the credential. */
static void accounts_take(struct gss_context *context)
{
    const struct identity *identity = ((const struct gss_cred *)context->base.cred)->identity;

    context->accounts.sam_file = identity->sam_file;
    context->accounts.computer = identity->dns_computer;
    if (identity->hash.callback != NULL) {
        context->hash = identity->hash;
        context->accounts.hash = &context->hash;
    }
}

static SECURITY_STATUS accept_new(struct ctx **out, struct leg *call)
{
    struct gss_context *context;
    SECURITY_STATUS status = gss_request_check(call->request, true);

    if (status != SEC_E_OK)
        return status;
    context = gss_context_new(call->cred->package, call->cred, call, true);
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    context->keys = acceptor_get((struct gss_cred *)call->cred);
    accounts_take(context);
    status = gss_accept_leg(context, call, true);
    if (status >= 0 || status == call->cred->package->too_small)
        *out = &context->base;
    else
        object_unref(&context->base.handled.object);
    return status;
}

SECURITY_STATUS gsspkg_ctx_accept(struct ctx **ctx, struct leg *call)
{
    struct gss_context *context = (struct gss_context *)*ctx;
    SECURITY_STATUS status;
    bool again;

    native_error_clear();
    if (context == NULL)
        return accept_new(ctx, call);
    if (context->base.cred == NULL)
        return SEC_E_OUT_OF_SEQUENCE; /* an imported context: it came without its credential */
    if (call->cred != NULL && call->cred != context->base.cred)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    if (context->waiting.data != NULL)
        return SEC_E_OUT_OF_SEQUENCE; /* for CompleteAuthToken */
    again = context->base.state == CTX_ESTABLISHED;
    if (again)
        gss_context_reset(context); /* the client authenticates again */
    status = gss_accept_must_wait(context, call) ? gss_accept_wait(context, call)
                                                 : gss_accept_leg(context, call, again);
    if (status < 0 && context->base.pending.token.data == NULL)
        ctx_become(&context->base, CTX_DEAD);
    return status;
}
