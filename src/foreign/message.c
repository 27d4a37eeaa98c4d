/* SPDX-License-Identifier: MIT */
/* Messages and passwords: the caller's buffers, as they are. */
#include "core/native.h"
#include "foreign/foreign.h"

SECURITY_STATUS foreign_msg_sign(struct ctx *base, ULONG qop, const SecBufferDesc *message,
                                 ULONG sequence)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;

    return foreign_result(
        base->package, "MakeSignature",
        foreign_call(ctx, MakeSignature, &ctx->handle, qop, foreign_mutable(message), sequence));
}

SECURITY_STATUS foreign_msg_verify(struct ctx *base, const SecBufferDesc *message, ULONG sequence,
                                   ULONG *qop)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;
    ULONG unasked;

    return foreign_result(base->package, "VerifySignature",
                          foreign_call(ctx, VerifySignature, &ctx->handle, foreign_mutable(message),
                                       sequence, qop != NULL ? qop : &unasked));
}

SECURITY_STATUS foreign_msg_seal(struct ctx *base, ULONG qop, const SecBufferDesc *message,
                                 ULONG sequence)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;

    return foreign_result(
        base->package, "EncryptMessage",
        foreign_call(ctx, EncryptMessage, &ctx->handle, qop, foreign_mutable(message), sequence));
}

SECURITY_STATUS foreign_msg_unseal(struct ctx *base, const SecBufferDesc *message, ULONG sequence,
                                   ULONG *qop)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;
    ULONG unasked;

    return foreign_result(base->package, "DecryptMessage",
                          foreign_call(ctx, DecryptMessage, &ctx->handle, foreign_mutable(message),
                                       sequence, qop != NULL ? qop : &unasked));
}

/* --- Passwords ------------------------------------------------------------------------------ */

enum { DOMAIN, ACCOUNT, OLD, NEW, TEXTS };

static SECURITY_STATUS change(const struct foreign_package *package, struct foreign_text *text,
                              const struct password_change *request, bool wide)
{
    const struct foreign_module *module = package->module;
    PSecBufferDesc out = foreign_mutable(request->out);

    return wide ? module->w.ChangeAccountPasswordW(package->theirs_w, text[DOMAIN].w,
                                                   text[ACCOUNT].w, text[OLD].w, text[NEW].w, FALSE,
                                                   0, out)
                : module->a.ChangeAccountPasswordA(package->theirs, text[DOMAIN].a, text[ACCOUNT].a,
                                                   text[OLD].a, text[NEW].a, FALSE, 0, out);
}

SECURITY_STATUS foreign_password_change(const struct package *package,
                                        const struct password_change *request)
{
    const struct foreign_module *module = foreign_module(package);
    bool wide = foreign_wide(module, ChangeAccountPassword, false);
    const char *const texts[TEXTS] = {request->domain, request->account, request->old_password,
                                      request->new_password};
    struct foreign_text text[TEXTS] = {{NULL, NULL}};
    SECURITY_STATUS status = SEC_E_OK;

    native_error_clear();
    if (!wide && module->a.ChangeAccountPasswordA == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    for (int i = 0; i < TEXTS && status == SEC_E_OK; i++)
        status = foreign_text_make(&text[i], texts[i], wide);
    if (status == SEC_E_OK)
        status = change(foreign_package(package), text, request, wide);
    for (int i = 0; i < TEXTS; i++)
        foreign_text_free(&text[i]);
    return foreign_result(package, "ChangeAccountPassword", status);
}
