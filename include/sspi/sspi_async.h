/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous calls: part of sspi.h. Windows offers them to drivers only; here they take the
 * text forms of user mode.
 *
 * A call that cannot finish at once gives SEC_I_ASYNC_CALL_PENDING; the arguments must then stay
 * valid until SspiGetAsyncCallStatus() gives something else.
 */
#ifndef GSS_SSPI_ASYNC_H
#define GSS_SSPI_ASYNC_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _SspiAsyncContext SspiAsyncContext;

/* Runs once when a pending call is done, on a thread of the library. */
typedef void (*SspiAsyncNotifyCallback)(SspiAsyncContext *Handle, PVOID CallbackData);

/* A place for one call at a time; NULL when there is no memory. Freed with SspiFreeAsyncContext().
 */
SspiAsyncContext *SEC_ENTRY SspiCreateAsyncContext(void);
void SEC_ENTRY SspiFreeAsyncContext(SspiAsyncContext *Handle);

/* Readies a finished context for the next call. */
NTSTATUS SEC_ENTRY SspiReinitAsyncContext(SspiAsyncContext *Handle);

/* Names the function to run when the next call is done. */
SECURITY_STATUS SEC_ENTRY SspiSetAsyncNotifyCallback(SspiAsyncContext *Context,
                                                     SspiAsyncNotifyCallback Callback,
                                                     void *CallbackData);
BOOLEAN SEC_ENTRY SspiAsyncContextRequiresNotify(SspiAsyncContext *AsyncContext);

/* The call's result, or SEC_I_ASYNC_CALL_PENDING. */
SECURITY_STATUS SEC_ENTRY SspiGetAsyncCallStatus(SspiAsyncContext *Handle);

/* The calls of the same name without Async. */
SECURITY_STATUS SEC_ENTRY SspiAcquireCredentialsHandleAsyncA(
    SspiAsyncContext *AsyncContext, LPSTR pszPrincipal, LPSTR pszPackage, ULONG fCredentialUse,
    void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY SspiAcquireCredentialsHandleAsyncW(
    SspiAsyncContext *AsyncContext, LPWSTR pszPrincipal, LPWSTR pszPackage, ULONG fCredentialUse,
    void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry);
#define SspiAcquireCredentialsHandleAsync SSPI_AW(SspiAcquireCredentialsHandleAsync)

SECURITY_STATUS SEC_ENTRY SspiInitializeSecurityContextAsyncA(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry);
SECURITY_STATUS SEC_ENTRY SspiInitializeSecurityContextAsyncW(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPWSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry);
#define SspiInitializeSecurityContextAsync SSPI_AW(SspiInitializeSecurityContextAsync)

SECURITY_STATUS SEC_ENTRY SspiAcceptSecurityContextAsync(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    PSecBufferDesc pInput, ULONG fContextReq, ULONG TargetDataRep, PCtxtHandle phNewContext,
    PSecBufferDesc pOutput, ULONG *pfContextAttr, PTimeStamp ptsExpiry);

SECURITY_STATUS SEC_ENTRY SspiFreeCredentialsHandleAsync(SspiAsyncContext *AsyncContext,
                                                         PCredHandle phCredential);
SECURITY_STATUS SEC_ENTRY SspiDeleteSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                                         PCtxtHandle phContext);

#ifdef __cplusplus
}
#endif

#endif
