/* SPDX-License-Identifier: MIT */
/* One leg of a context: the calls of the package that it takes. */
#include <stdlib.h>
#include <string.h>

#include "mech.h"

/* The buffers of one call of a package. */
struct buffers {
    SecBuffer input[2], output[1];
    SecBufferDesc in, out;
};

static void buffers_fill(struct buffers *buffers, const SecBuffer *bindings,
                         const unsigned char *data, size_t size)
{
    ULONG count = 0;

    if (data != NULL) {
        buffers->input[count++] =
            (SecBuffer){(ULONG)size, SECBUFFER_TOKEN, (void *)(uintptr_t)data};
        buffers->input[count++] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    }
    if (bindings->pvBuffer != NULL) /* Negotiate leaves nothing over */
        buffers->input[count == 0 ? count++ : 1] = *bindings;
    buffers->in = (SecBufferDesc){SECBUFFER_VERSION, count, buffers->input};
    buffers->output[0] = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    buffers->out = (SecBufferDesc){SECBUFFER_VERSION, 1, buffers->output};
}

static SECURITY_STATUS package_call(struct context *context, struct step *step,
                                    struct buffers *buffers)
{
    PCredHandle cred =
        step->cred == NULL
            ? NULL
            : (PCredHandle)(uintptr_t)(context->initiator ? &step->cred->out : &step->cred->in);
    PCtxtHandle old = context->begun ? &context->handle : NULL;
    PSecBufferDesc in = buffers->in.cBuffers == 0 ? NULL : &buffers->in;
    SecHandle made;
    SECURITY_STATUS status;

    SecInvalidateHandle(&made);
    if (context->initiator)
        status = InitializeSecurityContextA(cred, old, context->target, step->request, 0,
                                            SECURITY_NETWORK_DREP, in, 0, &made, &buffers->out,
                                            &step->granted, &context->expiry);
    else
        status = AcceptSecurityContext(cred, old, in, step->request, SECURITY_NETWORK_DREP, &made,
                                       &buffers->out, &step->granted, &context->expiry);
    if (!context->begun && SecIsValidHandle(&made) && (made.dwLower != 0 || made.dwUpper != 0)) {
        context->handle = made;
        context->begun = true;
    }
    return status;
}

static size_t buffers_left(const struct buffers *buffers)
{
    return buffers->in.cBuffers == 2 && buffers->input[1].BufferType == SECBUFFER_EXTRA
               ? buffers->input[1].cbBuffer
               : 0;
}

static SECURITY_STATUS buffers_emit(struct buffers *buffers, struct octets *output)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (buffers->output[0].pvBuffer != NULL) {
        status = octets_reserve(output, buffers->output[0].cbBuffer + FRAME_MAX);
        if (status == SEC_E_OK)
            status = octets_add(output, buffers->output[0].pvBuffer, buffers->output[0].cbBuffer);
        FreeContextBuffer(buffers->output[0].pvBuffer);
    }
    return status;
}

SECURITY_STATUS step_run(struct context *context, struct step *step, const unsigned char *data,
                         size_t size, struct octets *output)
{
    struct buffers buffers;
    SECURITY_STATUS status, emitted;
    size_t left;

    do {
        buffers_fill(&buffers, &step->bindings, data, size);
        status = status_keep(package_call(context, step, &buffers));
        emitted = buffers_emit(&buffers, output);
        left = buffers_left(&buffers);
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

/* The same five parts, with the octets behind. */
SECURITY_STATUS step_bindings(const struct gss_channel_bindings_struct *given, SecBuffer *out)
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
