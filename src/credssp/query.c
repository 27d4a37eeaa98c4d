/* SPDX-License-Identifier: MIT */
/* Attributes: our own, and those that one of the layers knows. Messages and control are TLS'. */
#include <string.h>

#include <windows.h>

#include <credssp.h>
#include <schannel.h>

#include "core/native.h"
#include "core/packageinfo.h"
#include "credssp/credssp.h"
#include "credssp/handover.h"

/* --- Our own -------------------------------------------------------------------------------- */

static SECURITY_STATUS query_package_info(struct credssp_ctx *ctx, void *buffer)
{
    return package_info_a(ctx->base.package, &((PSecPkgContext_PackageInfoA)buffer)->PackageInfo);
}

static SECURITY_STATUS query_flags(struct credssp_ctx *ctx, void *buffer)
{
    ((PSecPkgContext_Flags)buffer)->Flags = ctx->attributes;
    return SEC_E_OK;
}

static SECURITY_STATUS query_negotiation_package(struct credssp_ctx *ctx, void *buffer)
{
    SecPkgContext_NegotiationInfoA info;
    SECURITY_STATUS status = package_call(ctx->negotiate, ctx_query, ctx->negotiate,
                                          SECPKG_ATTR_NEGOTIATION_INFO, &info);

    if (status == SEC_E_OK)
        ((PSecPkgContext_PackageInfoA)buffer)->PackageInfo = info.PackageInfo;
    return status;
}

static SECURITY_STATUS query_server_auth(struct credssp_ctx *ctx, void *buffer)
{
    ((PSecPkgContext_Flags)buffer)->Flags = ctx->server_auth;
    return SEC_E_OK;
}

static SECURITY_STATUS query_creds(struct credssp_ctx *ctx, void *buffer)
{
    struct blob packed;
    SECURITY_STATUS status = handover_pack(&ctx->creds, &packed);

    if (status == SEC_E_OK)
        *(PSecPkgContext_ClientCreds)buffer =
            (SecPkgContext_ClientCreds){(ULONG)packed.size, packed.data};
    return status;
}

/* --- Of the layers -------------------------------------------------------------------------- */

enum { CLIENT = 1, SERVER = 2, EITHER = CLIENT | SERVER };

static const struct {
    ULONG attribute;
    unsigned role;
    SECURITY_STATUS (*query)(struct credssp_ctx *, void *buffer); /* NULL: Negotiate answers */
} rows[] = {
    {SECPKG_ATTR_PACKAGE_INFO, EITHER, query_package_info},
    {SECPKG_ATTR_FLAGS, EITHER, query_flags},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE, EITHER, query_negotiation_package},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS, CLIENT, query_server_auth},
    {SECPKG_ATTR_CREDS, SERVER, query_creds},
    {SECPKG_ATTR_CREDS_2, SERVER, query_creds},
    {SECPKG_ATTR_NAMES, EITHER, NULL},
    {SECPKG_ATTR_NATIVE_NAMES, EITHER, NULL},
    {SECPKG_ATTR_NEGOTIATION_INFO, EITHER, NULL},
    {SECPKG_ATTR_AUTHORITY, EITHER, NULL},
    {SECPKG_ATTR_LIFESPAN, EITHER, NULL},
};

static SECURITY_STATUS row_query(struct credssp_ctx *ctx, unsigned i, ULONG attribute, void *buffer)
{
    if (!(rows[i].role & (ctx->base.inbound ? SERVER : CLIENT)))
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (ctx->base.state != CTX_ESTABLISHED)
        return ctx->base.state == CTX_DEAD ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_HANDLE;
    return rows[i].query != NULL
               ? rows[i].query(ctx, buffer)
               : package_call(ctx->negotiate, ctx_query, ctx->negotiate, attribute, buffer);
}

SECURITY_STATUS credssp_ctx_query(struct ctx *base, ULONG attribute, void *buffer)
{
    struct credssp_ctx *ctx = (struct credssp_ctx *)base;

    native_error_clear();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].attribute == attribute)
            return row_query(ctx, i, attribute, buffer);
    return ctx->tls == NULL ? SEC_E_INVALID_HANDLE
                            : package_call(ctx->tls, ctx_query, ctx->tls, attribute, buffer);
}

SECURITY_STATUS credssp_ctx_control(struct ctx *base, const SecBufferDesc *list)
{
    struct ctx *tls = ((struct credssp_ctx *)base)->tls;

    return tls == NULL ? SEC_E_INVALID_HANDLE : package_call(tls, ctx_control, tls, list);
}

SECURITY_STATUS credssp_msg_seal(struct ctx *base, ULONG qop, const SecBufferDesc *list,
                                 ULONG sequence)
{
    struct ctx *tls = ((struct credssp_ctx *)base)->tls;

    return package_call(tls, msg_seal, tls, qop, list, sequence);
}

SECURITY_STATUS credssp_msg_unseal(struct ctx *base, const SecBufferDesc *list, ULONG sequence,
                                   ULONG *qop)
{
    struct ctx *tls = ((struct credssp_ctx *)base)->tls;

    return package_call(tls, msg_unseal, tls, list, sequence, qop);
}
