/* SPDX-License-Identifier: MIT */
/* Contexts as octets, for another process: ours before what ExportSecurityContext() gives. */
#include <stdlib.h>
#include <string.h>

#include "mech.h"

/* In front of a packed context; in this machine's order, since no other can use it. */
struct head {
    unsigned char version, initiator;
    unsigned short target; /* octets of text that follow */
    OM_uint32 flags;
    TimeStamp expiry;
};

#define FORM_VERSION 1

/* The package keeps its own, which ends with the context: nothing is lost until all is here. */
SECURITY_STATUS transfer_export(struct context *context, struct octets *token)
{
    struct head head = {.version = FORM_VERSION, .initiator = context->initiator};
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};
    size_t target = context->target == NULL ? 0 : strlen(context->target);
    SECURITY_STATUS status = context_check(context);

    if (status == SEC_E_OK)
        status = ExportSecurityContext(&context->handle, 0, &packed, NULL);
    if (status == SEC_E_OK && target > UINT16_MAX)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    head.target = (unsigned short)target;
    head.flags = context->flags;
    head.expiry = context->expiry;
    if (status == SEC_E_OK)
        status = octets_add(token, &head, sizeof(head));
    if (status == SEC_E_OK)
        status = octets_add(token, context->target, target);
    if (status == SEC_E_OK)
        status = octets_add(token, packed.pvBuffer, packed.cbBuffer);
    if (packed.pvBuffer != NULL) {
        explicit_bzero(packed.pvBuffer, packed.cbBuffer);
        FreeContextBuffer(packed.pvBuffer);
    }
    return status;
}

SECURITY_STATUS transfer_import(const struct mech *mech, const gss_buffer_desc *token,
                                struct context **out)
{
    const unsigned char *at = token->value;
    struct head head;
    struct context *context;
    SecBuffer packed = {0, SECBUFFER_TOKEN, NULL};
    SECURITY_STATUS status;

    *out = NULL;
    if (token->length <= sizeof(head) || token->length > UINT32_MAX)
        return SEC_E_INVALID_TOKEN;
    memcpy(&head, at, sizeof(head));
    if (head.version != FORM_VERSION || head.initiator > 1 ||
        head.target >= token->length - sizeof(head))
        return SEC_E_INVALID_TOKEN;
    status = context_new(mech, head.initiator == 1, &context);
    if (status != SEC_E_OK)
        return status;
    at += sizeof(head);
    if (head.target != 0 && (context->target = strndup((const char *)at, head.target)) == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    packed.pvBuffer = (void *)(uintptr_t)(at + head.target);
    packed.cbBuffer = (ULONG)(token->length - sizeof(head) - head.target);
    if (status == SEC_E_OK)
        status = ImportSecurityContextA((SEC_CHAR *)(uintptr_t)mech->package, &packed, NULL,
                                        &context->handle);
    context->begun = context->open = status == SEC_E_OK;
    context->flags = head.flags;
    context->expiry = head.expiry;
    if (status == SEC_E_OK)
        *out = context;
    else
        context_free(context);
    return status;
}
