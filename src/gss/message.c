/* SPDX-License-Identifier: MIT */
/*
 * Messages: the way from the seam to a mechanism's own code. The seam lets one in at a time: bare
 * krb5 races when one thread seals and another opens.
 */
#include "core/buffer.h"
#include "core/native.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

static const struct gss_message_ops *message_ops(const struct gss_context *context)
{
    return context->mech == oid_ntlm ? &gss_message_ntlm : &gss_message_krb5;
}

SECURITY_STATUS gss_sizes(struct gss_context *context)
{
    return context->sizes.known ? SEC_E_OK : message_ops(context)->sizes(context);
}

/* A context without integrity cannot protect anything: NTLM would sign with nothing and say it did.
 */
static SECURITY_STATUS message_begin(struct gss_context *context)
{
    bool anyway = context->base.signs_anyway && context->mech != oid_ntlm;

    if (!(context->granted & GSS_C_INTEG_FLAG) && !anyway) {
        native_error_set("the context was negotiated without integrity");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    return gss_sizes(context);
}

static SECURITY_STATUS qop_refuse(ULONG qop)
{
    return native_refuse(SEC_E_QOP_NOT_SUPPORTED,
                         "fQOP is 0x%x: 0, or to seal SECQOP_WRAP_NO_ENCRYPT", (unsigned)qop);
}

SECURITY_STATUS gsspkg_msg_sign(struct ctx *ctx, ULONG qop, const SecBufferDesc *list,
                                ULONG sequence)
{
    struct gss_context *context = (struct gss_context *)ctx;
    SECURITY_STATUS status = message_begin(context);

    (void)sequence; /* both mechanisms count by themselves */
    if (status == SEC_E_OK)
        status = qop == 0 ? message_ops(context)->sign(context, list) : qop_refuse(qop);
    return status;
}

SECURITY_STATUS gsspkg_msg_verify(struct ctx *ctx, const SecBufferDesc *list, ULONG sequence,
                                  ULONG *qop)
{
    struct gss_context *context = (struct gss_context *)ctx;
    SECURITY_STATUS status = message_begin(context);

    (void)sequence;
    if (status == SEC_E_OK)
        status = message_ops(context)->verify(context, list);
    if (status == SEC_E_OK && qop != NULL && context->mech != oid_ntlm)
        *qop = 0;
    return status;
}

SECURITY_STATUS gsspkg_msg_seal(struct ctx *ctx, ULONG qop, const SecBufferDesc *list,
                                ULONG sequence)
{
    struct gss_context *context = (struct gss_context *)ctx;
    SECURITY_STATUS status = message_begin(context);

    (void)sequence;
    if (status == SEC_E_OK)
        status = qop == 0 || qop == SECQOP_WRAP_NO_ENCRYPT
                     ? message_ops(context)->seal(context, qop, list)
                     : qop_refuse(qop);
    return status;
}

SECURITY_STATUS gsspkg_msg_unseal(struct ctx *ctx, const SecBufferDesc *list, ULONG sequence,
                                  ULONG *qop)
{
    struct gss_context *context = (struct gss_context *)ctx;
    ULONG found = 0;
    SECURITY_STATUS status = message_begin(context);

    (void)sequence;
    if (status == SEC_E_OK)
        status = message_ops(context)->unseal(context, list, &found);
    if (status == SEC_E_OK && qop != NULL)
        *qop = found;
    return status;
}
