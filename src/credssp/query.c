/* SPDX-License-Identifier: MIT */
/* Attributes: our own, and those that one of the layers knows. Messages and control are TLS'. */
#include <string.h>

#include <windows.h>

#include <credssp.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <wincrypt.h>

#include "core/native.h"
#include "core/packageinfo.h"
#include "core/token.h"
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

static SECURITY_STATUS query_version(struct credssp_ctx *ctx, void *buffer)
{
    *(SspiContext_CredsspVersion *)buffer =
        (SspiContext_CredsspVersion){ctx->peer_version, credssp_version(ctx)};
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

static SECURITY_STATUS query_guard(struct credssp_ctx *ctx, void *buffer)
{
    return handover_guard(&ctx->creds, buffer);
}

/* Both kinds of a token are one here: nobody has less rights at first. */
static SECURITY_STATUS query_token(struct credssp_ctx *ctx, void *buffer)
{
    struct token *token;
    SECURITY_STATUS status = handover_token(&ctx->creds, ctx->negotiate, &token);

    if (status == SEC_E_OK)
        ((SecPkgContext_AccessToken *)buffer)->AccessToken = token_object(token);
    return status;
}

/* What the engine for chains says of the server's certificate, asked for or not. */
static SECURITY_STATUS query_trust(struct credssp_ctx *ctx, void *buffer)
{
    CERT_CHAIN_PARA parameters = {.cbSize = sizeof(parameters)};
    PCCERT_CONTEXT cert;
    PCCERT_CHAIN_CONTEXT chain;
    SECURITY_STATUS status =
        package_call(ctx->tls, ctx_query, ctx->tls, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert);

    if (status != SEC_E_OK)
        return status;
    if (CertGetCertificateChain(NULL, cert, NULL, cert->hCertStore, &parameters, 0, NULL, &chain)) {
        *(PCERT_TRUST_STATUS)buffer = chain->TrustStatus;
        CertFreeCertificateChain(chain);
    } else {
        status = SEC_E_INTERNAL_ERROR;
    }
    CertFreeCertificateContext(cert);
    return status;
}

/* --- Of the layers -------------------------------------------------------------------------- */

enum { CLIENT = 1, SERVER = 2, EITHER = CLIENT | SERVER };

/* From when on; what is only of use to say why a logon failed is told after a failure too. */
enum { WHEN_DONE, WHEN_MECHANISM_IS_KNOWN, WHEN_VERSION_IS_KNOWN };

static const struct {
    ULONG attribute;
    unsigned role, when;
    SECURITY_STATUS (*query)(struct credssp_ctx *, void *buffer); /* NULL: Negotiate answers */
} rows[] = {
    {SECPKG_ATTR_PACKAGE_INFO, EITHER, WHEN_DONE, query_package_info},
    {SECPKG_ATTR_FLAGS, EITHER, WHEN_DONE, query_flags},
    {SECPKG_ATTR_NEGOTIATION_PACKAGE, EITHER, WHEN_MECHANISM_IS_KNOWN, query_negotiation_package},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS, CLIENT, WHEN_DONE, query_server_auth},
    {SECPKG_ATTR_CREDS, SERVER, WHEN_DONE, query_creds},
    {SECPKG_ATTR_CREDS_2, SERVER, WHEN_DONE, query_creds},
    {SECPKG_ATTR_NAMES, EITHER, WHEN_DONE, NULL},
    {SECPKG_ATTR_NATIVE_NAMES, EITHER, WHEN_DONE, NULL},
    {SECPKG_ATTR_NEGOTIATION_INFO, EITHER, WHEN_MECHANISM_IS_KNOWN, NULL},
    {SECPKG_ATTR_AUTHORITY, EITHER, WHEN_DONE, NULL},
    {SECPKG_ATTR_LIFESPAN, EITHER, WHEN_DONE, NULL},
    {SSPI_ATTR_CREDSSP_VERSION, EITHER, WHEN_VERSION_IS_KNOWN, query_version},
    {SSPI_ATTR_GUARD_CREDENTIALS, SERVER, WHEN_DONE, query_guard},
    {SECPKG_ATTR_ACCESS_TOKEN, SERVER, WHEN_DONE, query_token},
    {SECPKG_ATTR_C_ACCESS_TOKEN, SERVER, WHEN_DONE, query_token},
    {SECPKG_ATTR_C_FULL_ACCESS_TOKEN, SERVER, WHEN_DONE, query_token},
    {SECPKG_ATTR_CERT_TRUST_STATUS, CLIENT, WHEN_DONE, query_trust},
    {SECPKG_ATTR_SESSION_KEY, EITHER, WHEN_DONE, NULL},
};

static bool is_time(const struct credssp_ctx *ctx, unsigned when)
{
    switch (when) {
    case WHEN_VERSION_IS_KNOWN:
        return ctx->peer_version != 0;
    case WHEN_MECHANISM_IS_KNOWN:
        return ctx->negotiate != NULL && ctx->negotiate->state == CTX_ESTABLISHED;
    default:
        return ctx->base.state == CTX_ESTABLISHED;
    }
}

static SECURITY_STATUS row_query(struct credssp_ctx *ctx, unsigned i, ULONG attribute, void *buffer)
{
    if (!(rows[i].role & (ctx->base.inbound ? SERVER : CLIENT)))
        return native_refuse(SEC_E_UNSUPPORTED_FUNCTION, "attribute 0x%x is none of a %s",
                             (unsigned)attribute, ctx->base.inbound ? "server" : "client");
    if (!is_time(ctx, rows[i].when))
        return native_refuse(ctx->base.state == CTX_DEAD ? SEC_E_CONTEXT_EXPIRED
                                                         : SEC_E_INVALID_HANDLE,
                             "attribute 0x%x is not known %s", (unsigned)attribute,
                             ctx->base.state == CTX_DEAD ? "any more: the logon failed"
                                                         : "before the logon is over");
    return rows[i].query != NULL
               ? rows[i].query(ctx, buffer)
               : package_call(ctx->negotiate, ctx_query, ctx->negotiate, attribute, buffer);
}

static SECURITY_STATUS query(struct credssp_ctx *ctx, ULONG attribute, void *buffer)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].attribute == attribute)
            return row_query(ctx, i, attribute, buffer);
    return ctx->tls == NULL ? SEC_E_INVALID_HANDLE
                            : package_call(ctx->tls, ctx_query, ctx->tls, attribute, buffer);
}

SECURITY_STATUS credssp_ctx_query(struct ctx *base, ULONG attribute, void *buffer)
{
    SECURITY_STATUS status;

    native_error_clear();
    handle_alone_begin(&base->handled);
    status = query((struct credssp_ctx *)base, attribute, buffer);
    handle_alone_end(&base->handled);
    return status;
}

/* The caller has looked at the state, but before it was alone. */
SECURITY_STATUS credssp_ctx_token(struct ctx *base, struct token **out)
{
    struct credssp_ctx *ctx = (struct credssp_ctx *)base;
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    handle_alone_begin(&base->handled);
    if (base->state == CTX_ESTABLISHED)
        status = handover_token(&ctx->creds, ctx->negotiate, out);
    handle_alone_end(&base->handled);
    return status;
}

static bool is_closing(const SecBufferDesc *list)
{
    DWORD type;

    memcpy(&type, list->pBuffers[0].pvBuffer, sizeof(type));
    return type == SCHANNEL_SHUTDOWN || type == SCHANNEL_ALERT;
}

SECURITY_STATUS credssp_ctx_control(struct ctx *base, const SecBufferDesc *list)
{
    struct credssp_ctx *ctx = (struct credssp_ctx *)base;
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    handle_alone_begin(&base->handled);
    if (ctx->tls != NULL)
        status = package_call(ctx->tls, ctx_control, ctx->tls, list);
    if (status == SEC_E_OK) /* then the list has a token with a type */
        ctx->closing |= is_closing(list);
    handle_alone_end(&base->handled);
    return status;
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
