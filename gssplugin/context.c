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

#include "gss/flags.h"
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

/* --- Flags ---------------------------------------------------------------------------------- */

#define ISC_ALWAYS (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS)
#define ASC_ALWAYS                                                                                 \
    (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOW_MISSING_BINDINGS)

static bool row_counts(const struct flags_row *row, OM_uint32 gss)
{
    OM_uint32 means =
        row->gss == GSS_C_DELEG_FLAG ? GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG : row->gss;

    return row->rule == FLAGS_MAP && (gss & means) != 0;
}

static ULONG request_initiate(const struct context *context, OM_uint32 gss)
{
    ULONG64 request = ISC_ALWAYS;

    for (size_t i = 0; i < flags_table_size; i++)
        if (row_counts(&flags_table[i], gss))
            request |= flags_table[i].isc_req;
    /* TLS hands nothing over, whoever asks. */
    return (ULONG)(context->mech->stream && !context->mech->password ? request & ~ISC_REQ_DELEGATE
                                                                     : request);
}

/* An acceptor takes what the initiator wants; TLS asks for a certificate where it could judge it.
 */
static ULONG request_accept(const struct context *context, const struct cred *cred)
{
    ULONG64 request = ASC_ALWAYS;

    for (size_t i = 0; i < flags_table_size; i++)
        if (row_counts(&flags_table[i], ~(OM_uint32)GSS_C_ANON_FLAG))
            request |= flags_table[i].asc_req;
    if (context->mech->stream)
        request &= ~(ULONG64)(ASC_REQ_MUTUAL_AUTH | ASC_REQ_DELEGATE | ASC_REQ_USE_DCE_STYLE);
    if (context->mech->stream && !context->mech->password && cred->roots != NULL)
        request |= ASC_REQ_MUTUAL_AUTH;
    return (ULONG)request;
}

static OM_uint32 flags_granted(const struct context *context, ULONG granted)
{
    OM_uint32 gss = 0;

    for (size_t i = 0; i < flags_table_size; i++) {
        const struct flags_row *row = &flags_table[i];

        if (row->rule == FLAGS_MAP &&
            (granted & (context->initiator ? row->isc_ret : row->asc_ret)))
            gss |= row->gss;
    }
    if (context->mech->stream)
        gss |= GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    else
        gss |= GSS_C_TRANS_FLAG;
    /* A TLS server has proved its certificate's key in any case. */
    if (context->mech->stream && !context->mech->password)
        gss |= GSS_C_MUTUAL_FLAG;
    return gss | GSS_C_PROT_READY_FLAG;
}

/* --- One call of the package ---------------------------------------------------------------- */

/* The buffers of a leg; of the input, how much the package left over. */
struct step {
    ULONG request;
    const struct cred *cred;
    SecBuffer input[2], output[1], bindings;
    SecBufferDesc in, out;
    ULONG granted;
};

static void step_fill(struct step *step, const unsigned char *data, size_t size)
{
    ULONG count = 0;

    if (data != NULL) {
        step->input[count++] = (SecBuffer){(ULONG)size, SECBUFFER_TOKEN, (void *)(uintptr_t)data};
        step->input[count++] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    }
    if (step->bindings.pvBuffer != NULL) /* Negotiate leaves nothing over */
        step->input[count == 0 ? count++ : 1] = step->bindings;
    step->in = (SecBufferDesc){SECBUFFER_VERSION, count, step->input};
    step->output[0] = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    step->out = (SecBufferDesc){SECBUFFER_VERSION, 1, step->output};
}

static SECURITY_STATUS step_call(struct context *context, struct step *step)
{
    PCredHandle cred =
        step->cred == NULL
            ? NULL
            : (PCredHandle)(uintptr_t)(context->initiator ? &step->cred->out : &step->cred->in);
    PCtxtHandle old = context->begun ? &context->handle : NULL;
    PSecBufferDesc in = step->in.cBuffers == 0 ? NULL : &step->in;
    SecHandle made;
    SECURITY_STATUS status;

    SecInvalidateHandle(&made);
    if (context->initiator)
        status = InitializeSecurityContextA(cred, old, context->target, step->request, 0,
                                            SECURITY_NETWORK_DREP, in, 0, &made, &step->out,
                                            &step->granted, &context->expiry);
    else
        status = AcceptSecurityContext(cred, old, in, step->request, SECURITY_NETWORK_DREP, &made,
                                       &step->out, &step->granted, &context->expiry);
    if (!context->begun && SecIsValidHandle(&made) && (made.dwLower != 0 || made.dwUpper != 0)) {
        context->handle = made;
        context->begun = true;
    }
    return status;
}

static size_t step_left(const struct step *step)
{
    return step->in.cBuffers == 2 && step->input[1].BufferType == SECBUFFER_EXTRA
               ? step->input[1].cbBuffer
               : 0;
}

static SECURITY_STATUS step_emit(struct step *step, struct octets *output)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (step->output[0].pvBuffer != NULL) {
        status = octets_reserve(output, step->output[0].cbBuffer + FRAME_MAX);
        if (status == SEC_E_OK)
            status = octets_add(output, step->output[0].pvBuffer, step->output[0].cbBuffer);
        FreeContextBuffer(step->output[0].pvBuffer);
    }
    return status;
}

/*
 * Feeds the whole input, which may hold more records than one call wants. What is left over at the
 * end may be the tickets of a server of SSPI, but no message.
 */
static SECURITY_STATUS steps_run(struct context *context, struct step *step,
                                 const unsigned char *data, size_t size, struct octets *output)
{
    SECURITY_STATUS status, emitted;
    size_t left;

    do {
        step_fill(step, data, size);
        status = step_call(context, step);
        emitted = step_emit(step, output);
        left = step_left(step);
        if (left > size)
            return SEC_E_INTERNAL_ERROR;
        if (left == size && status == SEC_I_CONTINUE_NEEDED && size != 0)
            return SEC_E_INVALID_TOKEN;
        data = data == NULL ? NULL : data + (size - left);
        size = left;
    } while (status == SEC_I_CONTINUE_NEEDED && left != 0 && emitted == SEC_E_OK);
    if (emitted != SEC_E_OK)
        return emitted;
    return status == SEC_E_OK && left != 0 ? record_absorb(context, data, left) : status;
}

/* --- Channel bindings ----------------------------------------------------------------------- */

/* RFC 2744 3.11's structure as SSPI has it: the same five parts, with the octets behind. */
static SECURITY_STATUS bindings_make(const struct gss_channel_bindings_struct *given,
                                     SecBuffer *out)
{
    const gss_buffer_desc *parts[3];
    SEC_CHANNEL_BINDINGS *head;
    unsigned char *at;
    size_t size = sizeof(*head);

    if (given == GSS_C_NO_CHANNEL_BINDINGS)
        return SEC_E_OK;
    parts[0] = &given->initiator_address;
    parts[1] = &given->acceptor_address;
    parts[2] = &given->application_data;
    for (size_t i = 0; i < 3; i++) {
        if (parts[i]->length > UINT16_MAX)
            return SEC_E_BAD_BINDINGS;
        size += parts[i]->length;
    }
    head = calloc(1, size);
    if (head == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    at = (unsigned char *)(head + 1);
    *head = (SEC_CHANNEL_BINDINGS){
        .dwInitiatorAddrType = given->initiator_addrtype,
        .cbInitiatorLength = (ULONG)parts[0]->length,
        .dwInitiatorOffset = (ULONG)sizeof(*head),
        .dwAcceptorAddrType = given->acceptor_addrtype,
        .cbAcceptorLength = (ULONG)parts[1]->length,
        .dwAcceptorOffset = (ULONG)(sizeof(*head) + parts[0]->length),
        .cbApplicationDataLength = (ULONG)parts[2]->length,
        .dwApplicationDataOffset = (ULONG)(size - parts[2]->length),
    };
    for (size_t i = 0; i < 3; i++) {
        if (parts[i]->length != 0)
            memcpy(at, parts[i]->value, parts[i]->length);
        at += parts[i]->length;
    }
    *out = (SecBuffer){(ULONG)size, SECBUFFER_CHANNEL_BINDINGS, head};
    return SEC_E_OK;
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
    bool tls = context->mech->stream && !context->mech->password;
    bool wanted = tls && !context->initiator && (step->request & ASC_REQ_MUTUAL_AUTH) != 0;

    if (context->roots != NULL && !context->verified)
        return SEC_E_CERT_UNKNOWN;
    if (wanted && !client_known(context))
        return SEC_E_NO_CREDENTIALS;
    context->flags = flags_granted(context, step->granted);
    if (tls && !client_known(context))
        context->flags |= GSS_C_ANON_FLAG;
    context->open = true;
    return SEC_E_OK;
}

/* A refused server gets none of what was to be sent to it. */
static SECURITY_STATUS leg_run(struct context *context, struct step *step, const struct leg *leg,
                               const unsigned char *data, size_t size)
{
    SECURITY_STATUS status = bindings_make(leg->bindings, &step->bindings), checked;

    if (status == SEC_E_OK && context->mech->stream && step->bindings.pvBuffer != NULL)
        status = SEC_E_BAD_BINDINGS; /* TLS is a channel: it is bound to none */
    if (status == SEC_E_OK) {
        status = steps_run(context, step, data, size, leg->output);
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
        return SEC_E_NO_CREDENTIALS;
    status = context_new(mech, true, &context);
    if (status != SEC_E_OK)
        return status;
    *out = context;
    context->framed = leg->cred->framed;
    context->roots = leg->cred->roots == NULL ? NULL : CertDuplicateStore(leg->cred->roots);
    status = name_target(leg->target, mech, &context->target);
    if (status == SEC_E_OK && !cred_permits(leg->cred, leg->target->text))
        status = SEC_E_DELEGATION_POLICY;
    return status;
}

static bool has_octets(const gss_buffer_desc *buffer)
{
    return buffer != GSS_C_NO_BUFFER && buffer->length != 0;
}

/* A context that could not be begun is not left to the caller (RFC 2744 5.19, 5.1). */
static SECURITY_STATUS leg_end(struct context **context, bool first, SECURITY_STATUS status)
{
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

        step.request = request_initiate(*context, leg->request);
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
        return SEC_E_NO_CREDENTIALS;
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
        step.request = request_accept(*context, leg->cred);
        status = leg_run(*context, &step, leg, data + head, size - head);
    }
    return leg_end(context, first, status);
}
