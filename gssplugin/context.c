/* SPDX-License-Identifier: MIT */
/*
 * Contexts: from the first token to the last.
 *
 * One call of gss_init_sec_context() or gss_accept_sec_context() takes the whole of what the peer's
 * call gave, be it one flight of TLS or two, and gives all that is to be sent: tokens are whole
 * messages and a cut one is defective. Only the initiator's very first token may have the frame of
 * RFC 2743 3.1; an acceptor's always has it, since the mechglue finds the mechanism by it.
 */
#include <stdlib.h>
#include <string.h>

#include "mech.h"

#include <schannel.h>

SECURITY_STATUS context_new(const struct mech *mech, bool initiator, struct context **out)
{
    struct context *context = calloc(1, sizeof(*context));

    *out = context;
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    context->mech = mech;
    context->initiator = initiator;
    return SEC_E_OK;
}

void context_free(struct context *context)
{
    if (context == NULL)
        return;
    if (context->begun)
        DeleteSecurityContext(&context->handle);
    if (context->roots != NULL)
        CertCloseStore(context->roots, 0);
    free(context->target);
    free(context);
}

SECURITY_STATUS context_check(const struct context *context)
{
    if (context->closed)
        return SEC_I_CONTEXT_EXPIRED;
    return context->open ? SEC_E_OK : SEC_E_INVALID_HANDLE;
}

/* --- Legs ----------------------------------------------------------------------------------- */

/* By roots of our own, as soon as the certificate is there and before an answer goes out. */
static SECURITY_STATUS server_check(struct context *context)
{
    PCCERT_CONTEXT server = NULL;
    SECURITY_STATUS status;

    if (context->roots == NULL || context->verified || !context->begun)
        return SEC_E_OK;
    if (QueryContextAttributesA(&context->handle, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &server) !=
            SEC_E_OK ||
        server == NULL)
        return SEC_E_OK;
    status = cert_verify(server, context->roots, context->target);
    CertFreeCertificateContext(server);
    context->verified = status == SEC_E_OK;
    return status;
}

/* Whether the client has shown a certificate, which a server's package has judged by its roots. */
static bool client_known(struct context *context)
{
    PCCERT_CONTEXT client = NULL;
    ULONG attribute =
        context->initiator ? SECPKG_ATTR_LOCAL_CERT_CONTEXT : SECPKG_ATTR_REMOTE_CERT_CONTEXT;

    if (QueryContextAttributesA(&context->handle, attribute, &client) != SEC_E_OK || client == NULL)
        return false;
    CertFreeCertificateContext(client);
    return true;
}

static SECURITY_STATUS established(struct context *context, const struct step *step)
{
    bool tls = mech_is_tls(context->mech);
    bool wanted = tls && !context->initiator && (step->request & ASC_REQ_MUTUAL_AUTH) != 0;

    if (context->roots != NULL && !context->verified)
        return SEC_E_CERT_UNKNOWN;
    if (wanted && !client_known(context))
        return status_say(SEC_E_NO_CREDENTIALS, "the client has shown no certificate");
    context->flags = flag_granted(context, step->granted);
    if (tls && !client_known(context))
        context->flags |= GSS_C_ANON_FLAG;
    if (!context->initiator && step->bindings.pvBuffer != NULL)
        context->flags |= GSS_C_CHANNEL_BOUND_FLAG;
    context->open = true;
    return SEC_E_OK;
}

/* A refused server gets none of what was to be sent to it. */
static SECURITY_STATUS leg_run(struct context *context, struct step *step, const struct leg *leg,
                               const unsigned char *data, size_t size)
{
    SECURITY_STATUS status = size > UINT32_MAX ? SEC_E_INVALID_TOKEN : SEC_E_OK, checked;

    if (status == SEC_E_OK)
        status = step_bindings(leg->bindings, &step->bindings);
    if (status == SEC_E_OK && context->mech->stream && step->bindings.pvBuffer != NULL)
        status = status_say(SEC_E_BAD_BINDINGS, "TLS is a channel: it is bound to no other");
    if (status == SEC_E_OK) {
        status = step_run(context, step, data, size, leg->output);
        checked = server_check(context);
        if (status == SEC_E_OK && checked == SEC_E_OK)
            checked = established(context, step);
        if (checked != SEC_E_OK && (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)) {
            octets_free(leg->output);
            status = checked;
        }
    }
    free(step->bindings.pvBuffer);
    return status;
}

static SECURITY_STATUS output_frame(const struct context *context, struct octets *output)
{
    unsigned char head[FRAME_MAX];
    size_t size;
    SECURITY_STATUS status;

    if (!context->framed || output->size == 0)
        return SEC_E_OK;
    size = frame_make(context->mech, output->size, head);
    status = octets_reserve(output, size);
    if (status != SEC_E_OK)
        return status;
    memmove(output->data + size, output->data, output->size);
    memcpy(output->data, head, size);
    output->size += size;
    return SEC_E_OK;
}

static SECURITY_STATUS initiate_begin(struct context **out, const struct mech *mech,
                                      const struct leg *leg)
{
    struct context *context;
    SECURITY_STATUS status;

    if (leg->cred == NULL || leg->cred->mech != mech || !leg->cred->has_out)
        return status_say(
            SEC_E_NO_CREDENTIALS,
            "%s wants a credential of its own to initiate with: acquire one by its OID",
            mech->name);
    status = context_new(mech, true, &context);
    if (status != SEC_E_OK)
        return status;
    *out = context;
    context->framed = leg->cred->framed;
    context->roots = leg->cred->roots == NULL ? NULL : CertDuplicateStore(leg->cred->roots);
    status = name_target(leg->target, mech, &context->target);
    if (status == SEC_E_OK && !cred_permits(leg->cred, leg->target->text))
        status = status_say(SEC_E_DELEGATION_POLICY, "the credential's target_policy has no %s",
                            leg->target->text);
    return status;
}

static bool has_octets(const gss_buffer_desc *buffer)
{
    return buffer != GSS_C_NO_BUFFER && buffer->length != 0;
}

/* A context that could not be begun is not left to the caller (RFC 2744 5.19, 5.1). */
static SECURITY_STATUS leg_end(struct context **context, bool first, SECURITY_STATUS status)
{
    (void)status_keep(status);
    if (first && status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED) {
        context_free(*context);
        *context = NULL;
    }
    return status;
}

SECURITY_STATUS context_initiate(struct context **context, const struct mech *mech,
                                 const struct leg *leg)
{
    struct step step = {.cred = leg->cred};
    bool first = *context == NULL;
    SECURITY_STATUS status = SEC_E_OK;

    if (first)
        status = initiate_begin(context, mech, leg);
    else if ((*context)->open || !(*context)->initiator || !has_octets(leg->input))
        return SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK) {
        bool input = !first && has_octets(leg->input);

        step.request = flag_initiate(mech, leg->request);
        status = leg_run(*context, &step, leg, input ? leg->input->value : NULL,
                         input ? leg->input->length : 0);
    }
    if (first && (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)) {
        SECURITY_STATUS framed = output_frame(*context, leg->output);

        status = framed == SEC_E_OK ? status : framed;
    }
    return leg_end(context, first, status);
}

SECURITY_STATUS context_accept(struct context **context, const struct leg *leg)
{
    struct step step = {.cred = leg->cred};
    bool first = *context == NULL;
    const unsigned char *data;
    size_t size, head = 0;
    SECURITY_STATUS status = SEC_E_OK;

    if (leg->cred == NULL || !leg->cred->has_in)
        return status_say(SEC_E_NO_CREDENTIALS, "this wants a credential to accept with");
    if (!has_octets(leg->input))
        return SEC_E_INVALID_TOKEN;
    data = leg->input->value;
    size = leg->input->length;
    if (first) {
        head = frame_size(leg->cred->mech, data, size);
        status = head == 0 || head == size ? SEC_E_INVALID_TOKEN
                                           : context_new(leg->cred->mech, false, context);
    } else if ((*context)->open || (*context)->initiator || (*context)->mech != leg->cred->mech) {
        return SEC_E_INVALID_TOKEN;
    }
    if (status == SEC_E_OK) {
        step.request = flag_accept(leg->cred, leg->bindings != GSS_C_NO_CHANNEL_BINDINGS);
        status = leg_run(*context, &step, leg, data + head, size - head);
    }
    return leg_end(context, first, status);
}
