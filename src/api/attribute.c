/* SPDX-License-Identifier: MIT */
/* Attributes of contexts and credentials. */
#include "api/api.h"
#include "core/trace.h"

static SECURITY_STATUS context_query(PCtxtHandle handle, ULONG attribute, void *buffer, bool wide)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL && buffer == NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (ctx != NULL)
        status = package_call(ctx, ctx_query, ctx, attribute, buffer);
    if (status == SEC_E_OK && wide)
        status = api_attribute_widen(attribute, buffer);
    api_ctx_unpin(ctx);
    trace("QueryContextAttributes attribute=%u", (unsigned)attribute);
    return trace_result("QueryContextAttributes", status);
}

/* The Ex calls say how large the caller's structure is. */
static SECURITY_STATUS size_check(ULONG needed, ULONG given)
{
    if (needed == 0)
        return SEC_E_UNSUPPORTED_FUNCTION;
    return given < needed ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK;
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
    SECURITY_STATUS status = size_check(api_attribute_size(ulAttribute), cbBuffer);

    return status == SEC_E_OK ? context_query(phContext, ulAttribute, pBuffer, false) : status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryContextAttributesExW(PCtxtHandle phContext,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    SECURITY_STATUS status = size_check(api_attribute_size(ulAttribute), cbBuffer);

    return status == SEC_E_OK ? context_query(phContext, ulAttribute, pBuffer, true) : status;
}

static SECURITY_STATUS context_set(PCtxtHandle handle, ULONG attribute, const void *buffer,
                                   ULONG size)
{
    struct ctx *ctx = api_ctx_pin(handle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (ctx != NULL && buffer == NULL && size != 0)
        status = SEC_E_INVALID_PARAMETER;
    else if (ctx != NULL)
        status = package_call(ctx, ctx_set, ctx, attribute, buffer, size);
    api_ctx_unpin(ctx);
    trace("SetContextAttributes attribute=%u size=%u", (unsigned)attribute, (unsigned)size);
    return trace_result("SetContextAttributes", status);
}

/* No attribute that a package here lets a program set holds text of two forms. */
SSPI_API SECURITY_STATUS SEC_ENTRY SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                                         void *pBuffer, ULONG cbBuffer)
{
    return context_set(phContext, ulAttribute, pBuffer, cbBuffer);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                                         void *pBuffer, ULONG cbBuffer)
{
    return context_set(phContext, ulAttribute, pBuffer, cbBuffer);
}

static SECURITY_STATUS credential_query(PCredHandle handle, ULONG attribute, void *buffer,
                                        bool wide)
{
    struct cred *cred = api_cred_pin(handle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (cred != NULL && buffer == NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (cred != NULL)
        status = package_call(cred, cred_query, cred, attribute, buffer);
    if (status == SEC_E_OK && wide)
        status = api_credential_attribute_widen(attribute, buffer);
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
    SECURITY_STATUS status = size_check(api_credential_attribute_size(ulAttribute), cbBuffer);

    return status == SEC_E_OK ? credential_query(phCredential, ulAttribute, pBuffer, false)
                              : status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY QueryCredentialsAttributesExW(PCredHandle phCredential,
                                                                 ULONG ulAttribute, void *pBuffer,
                                                                 ULONG cbBuffer)
{
    SECURITY_STATUS status = size_check(api_credential_attribute_size(ulAttribute), cbBuffer);

    return status == SEC_E_OK ? credential_query(phCredential, ulAttribute, pBuffer, true) : status;
}

static SECURITY_STATUS credential_set(PCredHandle handle, ULONG attribute, const void *buffer,
                                      ULONG size)
{
    struct cred *cred = api_cred_pin(handle);
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;

    if (cred != NULL && buffer == NULL)
        status = SEC_E_INVALID_PARAMETER;
    else if (cred != NULL)
        status = package_call(cred, cred_set, cred, attribute, buffer, size);
    api_cred_unpin(cred);
    trace("SetCredentialsAttributes attribute=%u size=%u", (unsigned)attribute, (unsigned)size);
    return trace_result("SetCredentialsAttributes", status);
}

/* KDC_PROXY_SETTINGS holds UTF-16 in both forms (FreeRDP passes the W structure to A). */
SSPI_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesA(PCredHandle phCredential,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    return credential_set(phCredential, ulAttribute, pBuffer, cbBuffer);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SetCredentialsAttributesW(PCredHandle phCredential,
                                                             ULONG ulAttribute, void *pBuffer,
                                                             ULONG cbBuffer)
{
    return credential_set(phCredential, ulAttribute, pBuffer, cbBuffer);
}
