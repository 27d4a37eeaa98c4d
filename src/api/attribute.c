/* SPDX-License-Identifier: MIT */
/* Attributes of contexts and credentials. */
#include "api/api.h"
#include "core/attrform.h"
#include "core/native.h"
#include "core/trace.h"

/* The W form is the package's own, or made of its A form. */
static SECURITY_STATUS context_answer(struct ctx *ctx, ULONG attribute, void *buffer, bool wide)
{
    SECURITY_STATUS status;

    if (buffer == NULL)
        return native_refuse(SEC_E_INVALID_PARAMETER, "pBuffer is NULL");
    if (wide && ctx->package->ops->ctx_query_w != NULL)
        return ctx->package->ops->ctx_query_w(ctx, attribute, buffer);
    status = package_call(ctx, ctx_query, ctx, attribute, buffer);
    return status == SEC_E_OK && wide ? attr_widen(attr_of_context(attribute), buffer) : status;
}

static SECURITY_STATUS context_query(PCtxtHandle handle, ULONG attribute, void *buffer, bool wide)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status =
        ctx == NULL ? SEC_E_INVALID_HANDLE : context_answer(ctx, attribute, buffer, wide);

    api_ctx_unpin(ctx);
    trace("QueryContextAttributes attribute=%u", (unsigned)attribute);
    return trace_result("QueryContextAttributes", status);
}

/* The Ex calls say how large the caller's structure is. */
static SECURITY_STATUS size_check(ULONG needed, ULONG given)
{
    native_error_clear();
    if (needed == 0)
        return native_refuse(SEC_E_UNSUPPORTED_FUNCTION, "no structure of this attribute is known");
    return given >= needed
               ? SEC_E_OK
               : native_refuse(SEC_E_BUFFER_TOO_SMALL,
                               "the attribute's structure has %u octets, cbBuffer is %u",
                               (unsigned)needed, (unsigned)given);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                           void *pBuffer)
{
    return context_query(phContext, ulAttribute, pBuffer, false);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                           void *pBuffer)
{
    return context_query(phContext, ulAttribute, pBuffer, true);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExA(PCtxtHandle phContext,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    SECURITY_STATUS status = size_check(attr_size(attr_of_context(ulAttribute)), cbBuffer);

    return status == SEC_E_OK ? context_query(phContext, ulAttribute, pBuffer, false) : status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    SECURITY_STATUS status = size_check(attr_size(attr_of_context(ulAttribute)), cbBuffer);

    return status == SEC_E_OK ? context_query(phContext, ulAttribute, pBuffer, true) : status;
}

/* No attribute that a package of the library lets a program set holds text of two forms. */
static SECURITY_STATUS context_take(struct ctx *ctx, ULONG attribute, const void *buffer,
                                    ULONG size, bool wide)
{
    if (buffer == NULL && size != 0)
        return SEC_E_INVALID_PARAMETER;
    if (wide && ctx->package->ops->ctx_set_w != NULL)
        return ctx->package->ops->ctx_set_w(ctx, attribute, buffer, size);
    return package_call(ctx, ctx_set, ctx, attribute, buffer, size);
}

static SECURITY_STATUS context_set(PCtxtHandle handle, ULONG attribute, const void *buffer,
                                   ULONG size, bool wide)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status =
        ctx == NULL ? SEC_E_INVALID_HANDLE : context_take(ctx, attribute, buffer, size, wide);

    api_ctx_unpin(ctx);
    trace("SetContextAttributes attribute=%u size=%u", (unsigned)attribute, (unsigned)size);
    return trace_result("SetContextAttributes", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                         void *pBuffer, ULONG cbBuffer)
{
    return context_set(phContext, ulAttribute, pBuffer, cbBuffer, false);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                         void *pBuffer, ULONG cbBuffer)
{
    return context_set(phContext, ulAttribute, pBuffer, cbBuffer, true);
}

static SECURITY_STATUS credential_answer(struct cred *cred, ULONG attribute, void *buffer,
                                         bool wide)
{
    SECURITY_STATUS status;

    if (buffer == NULL)
        return native_refuse(SEC_E_INVALID_PARAMETER, "pBuffer is NULL");
    if (wide && cred->package->ops->cred_query_w != NULL)
        return cred->package->ops->cred_query_w(cred, attribute, buffer);
    status = package_call(cred, cred_query, cred, attribute, buffer);
    return status == SEC_E_OK && wide ? attr_widen(attr_of_credential(attribute), buffer) : status;
}

static SECURITY_STATUS credential_query(PCredHandle handle, ULONG attribute, void *buffer,
                                        bool wide)
{
    struct cred *cred = api_cred_pin(handle);
    SECURITY_STATUS status =
        cred == NULL ? SEC_E_INVALID_HANDLE : credential_answer(cred, attribute, buffer, wide);

    api_cred_unpin(cred);
    trace("QueryCredentialsAttributes attribute=%u", (unsigned)attribute);
    return trace_result("QueryCredentialsAttributes", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesA(PCredHandle phCredential,
                                                               ULONG ulAttribute, void *pBuffer)
{
    return credential_query(phCredential, ulAttribute, pBuffer, false);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesW(PCredHandle phCredential,
                                                               ULONG ulAttribute, void *pBuffer)
{
    return credential_query(phCredential, ulAttribute, pBuffer, true);
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExA(PCredHandle phCredential,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer)
{
    SECURITY_STATUS status = size_check(attr_size(attr_of_credential(ulAttribute)), cbBuffer);

    return status == SEC_E_OK ? credential_query(phCredential, ulAttribute, pBuffer, false)
                              : status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer)
{
    SECURITY_STATUS status = size_check(attr_size(attr_of_credential(ulAttribute)), cbBuffer);

    return status == SEC_E_OK ? credential_query(phCredential, ulAttribute, pBuffer, true) : status;
}

/* KDC_PROXY_SETTINGS holds UTF-16 in both forms (FreeRDP passes the W structure to A). */
static SECURITY_STATUS credential_take(struct cred *cred, ULONG attribute, const void *buffer,
                                       ULONG size, bool wide)
{
    if (buffer == NULL && size != 0)
        return SEC_E_INVALID_PARAMETER;
    if (wide && cred->package->ops->cred_set_w != NULL)
        return cred->package->ops->cred_set_w(cred, attribute, buffer, size);
    return package_call(cred, cred_set, cred, attribute, buffer, size);
}

static SECURITY_STATUS credential_set(PCredHandle handle, ULONG attribute, const void *buffer,
                                      ULONG size, bool wide)
{
    struct cred *cred = api_cred_pin(handle);
    SECURITY_STATUS status =
        cred == NULL ? SEC_E_INVALID_HANDLE : credential_take(cred, attribute, buffer, size, wide);

    api_cred_unpin(cred);
    trace("SetCredentialsAttributes attribute=%u size=%u", (unsigned)attribute, (unsigned)size);
    return trace_result("SetCredentialsAttributes", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    return credential_set(phCredential, ulAttribute, pBuffer, cbBuffer, false);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    return credential_set(phCredential, ulAttribute, pBuffer, cbBuffer, true);
}
