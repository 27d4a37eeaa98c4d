/* SPDX-License-Identifier: MIT */
/* Attributes of a context that is established, by a table; and who a server's client is. */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/packageinfo.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "core/token.h"
#include "digest/charset.h"
#include "digest/digest.h"

#define SIGNATURE_SIZE 16U

/* A name as a program sees it: in UTF-8. */
static char *text_shown(const struct digest_ctx *ctx, const char *text)
{
    return ctx->latin ? digest_from_latin(text) : strdup(text);
}

/* REALM\user, as other packages name a client. */
static SECURITY_STATUS name_make(const struct digest_ctx *ctx, char **name)
{
    char *realm = text_shown(ctx, ctx->realm), *user = text_shown(ctx, ctx->user);

    *name = realm == NULL || user == NULL ? NULL
            : *realm == '\0'              ? strdup(user)
                                          : text_join(realm, "\\", user);
    free(realm);
    free(user);
    return *name != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS query_names(struct digest_ctx *ctx, void *buffer)
{
    return name_make(ctx, &((PSecPkgContext_NamesA)buffer)->sUserName);
}

static SECURITY_STATUS query_authority(struct digest_ctx *ctx, void *buffer)
{
    PSecPkgContext_AuthorityA authority = buffer;

    authority->sAuthorityName = text_shown(ctx, ctx->realm);
    return authority->sAuthorityName != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* HTTP's "signature" is a header field. */
static SECURITY_STATUS query_sizes(struct digest_ctx *ctx, void *buffer)
{
    ULONG trailer = ctx->sasl && ctx->integrity ? SIGNATURE_SIZE : 0;

    *(PSecPkgContext_Sizes)buffer = (SecPkgContext_Sizes){
        .cbMaxToken = ctx->base.package->max_token,
        .cbMaxSignature = ctx->sasl ? trailer : ctx->base.package->max_token,
        .cbBlockSize = 1,
        .cbSecurityTrailer = trailer,
    };
    return SEC_E_OK;
}

/* What the peer is ready to read at once. RFC 2831 2.1.1 */
static SECURITY_STATUS query_stream_sizes(struct digest_ctx *ctx, void *buffer)
{
    if (!ctx->sasl || !ctx->integrity)
        return SEC_E_UNSUPPORTED_FUNCTION;
    *(PSecPkgContext_StreamSizes)buffer = (SecPkgContext_StreamSizes){
        .cbTrailer = SIGNATURE_SIZE,
        .cbMaximumMessage = ctx->maxbuf - SIGNATURE_SIZE,
        .cBuffers = 2,
        .cbBlockSize = 1,
    };
    return SEC_E_OK;
}

static SECURITY_STATUS query_lifespan(struct digest_ctx *ctx, void *buffer)
{
    PSecPkgContext_Lifespan lifespan = buffer;

    (void)ctx;
    timestamp_set(&lifespan->tsStart, 0);
    timestamp_set(&lifespan->tsExpiry, TIMESTAMP_NEVER);
    return SEC_E_OK;
}

static SECURITY_STATUS query_key_info(struct digest_ctx *ctx, void *buffer)
{
    PSecPkgContext_KeyInfoA info = buffer;

    info->sSignatureAlgorithmName = strdup(ctx->sasl ? "HMAC-MD5" : ctx->algorithm->name);
    info->sEncryptAlgorithmName = strdup("");
    info->KeySize = 8 * ctx->algorithm->size;
    info->SignatureAlgorithm = info->EncryptAlgorithm = 0;
    if (info->sSignatureAlgorithmName != NULL && info->sEncryptAlgorithmName != NULL)
        return SEC_E_OK;
    free(info->sSignatureAlgorithmName);
    free(info->sEncryptAlgorithmName);
    return SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS query_package_info(struct digest_ctx *ctx, void *buffer)
{
    return package_info_a(ctx->base.package, &((PSecPkgContext_PackageInfoA)buffer)->PackageInfo);
}

static SECURITY_STATUS query_negotiation_info(struct digest_ctx *ctx, void *buffer)
{
    PSecPkgContext_NegotiationInfoA info = buffer;

    info->NegotiationState = SECPKG_NEGOTIATION_COMPLETE;
    return package_info_a(ctx->base.package, &info->PackageInfo);
}

static SECURITY_STATUS query_native_names(struct digest_ctx *ctx, void *buffer)
{
    PSecPkgContext_NativeNamesA names = buffer;
    char *client;
    SECURITY_STATUS status = name_make(ctx, &client);

    if (status != SEC_E_OK)
        return status;
    names->sServerName = strdup(ctx->uri);
    names->sClientName = client;
    if (names->sServerName != NULL)
        return SEC_E_OK;
    free(client);
    return SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS query_flags(struct digest_ctx *ctx, void *buffer)
{
    ((PSecPkgContext_Flags)buffer)->Flags = ctx->attributes;
    return SEC_E_OK;
}

/* What the last response was for. */
static SECURITY_STATUS query_target(struct digest_ctx *ctx, void *buffer)
{
    PSecPkgContext_Target target = buffer;

    target->Target = strdup(ctx->uri);
    if (target->Target == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    target->TargetLength = (ULONG)strlen(target->Target);
    return SEC_E_OK;
}

static SECURITY_STATUS token_make(struct digest_ctx *ctx, struct token **out)
{
    char *name;
    SECURITY_STATUS status;

    *out = NULL;
    if (!ctx->base.inbound)
        return digest_refuse(SEC_E_UNSUPPORTED_FUNCTION, "only a server has a client to act for");
    status = name_make(ctx, &name);
    if (status != SEC_E_OK)
        return status;
    *out = token_new(&(struct token_init){.user_name = name});
    free(name);
    return *out != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS query_token(struct digest_ctx *ctx, void *buffer)
{
    struct token *token;
    SECURITY_STATUS status = token_make(ctx, &token);

    if (status == SEC_E_OK)
        ((SecPkgContext_AccessToken *)buffer)->AccessToken = token_object(token);
    return status;
}

static const struct {
    ULONG attribute;
    SECURITY_STATUS (*query)(struct digest_ctx *, void *buffer);
} rows[] = {
    {SECPKG_ATTR_SIZES, query_sizes},
    {SECPKG_ATTR_NAMES, query_names},
    {SECPKG_ATTR_LIFESPAN, query_lifespan},
    {SECPKG_ATTR_STREAM_SIZES, query_stream_sizes},
    {SECPKG_ATTR_KEY_INFO, query_key_info},
    {SECPKG_ATTR_AUTHORITY, query_authority},
    {SECPKG_ATTR_PACKAGE_INFO, query_package_info},
    {SECPKG_ATTR_NEGOTIATION_INFO, query_negotiation_info},
    {SECPKG_ATTR_NATIVE_NAMES, query_native_names},
    {SECPKG_ATTR_FLAGS, query_flags},
    {SECPKG_ATTR_ACCESS_TOKEN, query_token},
    {SECPKG_ATTR_TARGET, query_target},
};

/* Nothing of a context that has not come to its end is told. */
static SECURITY_STATUS state_check(const struct digest_ctx *ctx)
{
    if (ctx->base.state == CTX_ESTABLISHED)
        return SEC_E_OK;
    return ctx->base.state == CTX_DEAD ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_HANDLE;
}

static SECURITY_STATUS row_query(struct digest_ctx *ctx, unsigned i, void *buffer)
{
    SECURITY_STATUS status;

    handle_alone_begin(&ctx->base.handled);
    status = state_check(ctx);
    if (status == SEC_E_OK)
        status = rows[i].query(ctx, buffer);
    handle_alone_end(&ctx->base.handled);
    return status;
}

SECURITY_STATUS digest_ctx_query(struct ctx *base, ULONG attribute, void *buffer)
{
    native_error_clear();
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].attribute == attribute)
            return row_query((struct digest_ctx *)base, i, buffer);
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS digest_ctx_token(struct ctx *base, struct token **out)
{
    struct digest_ctx *ctx = (struct digest_ctx *)base;
    SECURITY_STATUS status;

    native_error_clear();
    handle_alone_begin(&base->handled);
    status = state_check(ctx);
    if (status == SEC_E_OK)
        status = token_make(ctx, out);
    handle_alone_end(&base->handled);
    return status;
}
