/* SPDX-License-Identifier: MIT */
/* Attributes of a module's contexts: asked for in the caller's form, and copied. */
#include "core/attrform.h"
#include "core/native.h"
#include "core/packageinfo.h"
#include "core/token.h"
#include "foreign/foreign.h"

static SECURITY_STATUS query(struct foreign_ctx *ctx, ULONG attribute, void *buffer, bool wide)
{
    const struct foreign_module *module = foreign_module(ctx->base.package);
    SECURITY_STATUS status =
        wide ? module->w.QueryContextAttributesW(&ctx->handle, attribute, buffer)
             : module->a.QueryContextAttributesA(&ctx->handle, attribute, buffer);

    return status == SEC_E_OK ? attr_adopt(attr_of_context(attribute), buffer, wide,
                                           foreign_give_back, foreign_mutable(module))
                              : status;
}

/* The module does not know by which name its package was added. */
static SECURITY_STATUS package_info(const struct package *package, void *buffer, bool wide)
{
    return wide ? package_info_w(package, &((PSecPkgContext_PackageInfoW)buffer)->PackageInfo)
                : package_info_a(package, &((PSecPkgContext_PackageInfoA)buffer)->PackageInfo);
}

/* As QuerySecurityContextToken() gives it: CloseHandle() would take a module's own for one of ours.
 */
static SECURITY_STATUS access_token(struct ctx *base, void *buffer)
{
    struct token *token;
    SECURITY_STATUS status =
        base->state == CTX_ESTABLISHED ? foreign_ctx_token(base, &token) : SEC_E_INVALID_HANDLE;

    if (status == SEC_E_OK)
        ((SecPkgContext_AccessToken *)buffer)->AccessToken = token_object(token);
    return status;
}

static SECURITY_STATUS query_form(struct ctx *base, ULONG attribute, void *buffer, bool wide)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;
    const struct foreign_module *module = foreign_module(base->package);
    bool other = foreign_wide(module, QueryContextAttributes, wide);
    SECURITY_STATUS status;

    native_error_clear();
    if (attribute == SECPKG_ATTR_PACKAGE_INFO)
        return package_info(base->package, buffer, wide);
    if (attribute == SECPKG_ATTR_ACCESS_TOKEN)
        return access_token(base, buffer);
    if (!other && module->a.QueryContextAttributesA == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = query(ctx, attribute, buffer, other);
    if (status == SEC_E_OK && other != wide)
        status = wide ? attr_widen(attr_of_context(attribute), buffer)
                      : attr_narrow(attr_of_context(attribute), buffer);
    return foreign_result(base->package, "QueryContextAttributes", status);
}

SECURITY_STATUS foreign_ctx_query(struct ctx *ctx, ULONG attribute, void *buffer)
{
    return query_form(ctx, attribute, buffer, false);
}

SECURITY_STATUS foreign_ctx_query_w(struct ctx *ctx, ULONG attribute, void *buffer)
{
    return query_form(ctx, attribute, buffer, true);
}

static SECURITY_STATUS set_form(struct ctx *base, ULONG attribute, const void *buffer, ULONG size,
                                bool wide)
{
    struct foreign_ctx *ctx = (struct foreign_ctx *)base;
    const struct foreign_module *module = foreign_module(base->package);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    native_error_clear();
    if (foreign_wide(module, SetContextAttributes, wide))
        status =
            module->w.SetContextAttributesW(&ctx->handle, attribute, foreign_mutable(buffer), size);
    else if (module->a.SetContextAttributesA != NULL)
        status =
            module->a.SetContextAttributesA(&ctx->handle, attribute, foreign_mutable(buffer), size);
    return foreign_result(base->package, "SetContextAttributes", status);
}

SECURITY_STATUS foreign_ctx_set(struct ctx *ctx, ULONG attribute, const void *buffer, ULONG size)
{
    return set_form(ctx, attribute, buffer, size, false);
}

SECURITY_STATUS foreign_ctx_set_w(struct ctx *ctx, ULONG attribute, const void *buffer, ULONG size)
{
    return set_form(ctx, attribute, buffer, size, true);
}
