/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous calls: part of sspi.h. Windows offers them to drivers only; here they take the
 * text forms of user mode.
 *
 * Each call copies what it is given, the thread's impersonation too, and gives SEC_E_OK once it is
 * queued; a thread of the library then does the work. Where the results go (handles, attributes,
 * expiry, the buffers of pOutput, and pInput's array where it has a SECBUFFER_EMPTY to be filled
 * in) must stay valid until SspiGetAsyncCallStatus() gives something else than
 * SEC_I_ASYNC_CALL_PENDING, or until the async context is freed: nothing is written after either.
 * Calls for one security context run one after the other in the order they came.
 */
#ifndef GSS_SSPI_ASYNC_H
#define GSS_SSPI_ASYNC_H

#include "sspi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _SspiAsyncContext SspiAsyncContext;

/*
 * Runs once when a call is done and its results are there, on a thread of the library with a stack
 * of half a MiB. It may free or ready the context and begin the next call.
 */
typedef void (*SspiAsyncNotifyCallback)(SspiAsyncContext *Handle, PVOID CallbackData);

/* A place for one call at a time; NULL when there is no memory. Freed with SspiFreeAsyncContext().
 */
SspiAsyncContext *SEC_ENTRY SspiCreateAsyncContext(void);

/*
 * At any time; NULL is allowed. A call that is pending loses its results: a leg that has not begun
 * does not, a context that it made is deleted, the callback does not run. Credentials are freed and
 * contexts deleted all the same.
 */
void SEC_ENTRY SspiFreeAsyncContext(SspiAsyncContext *Handle);

/*
 * Readies a finished context for the next call; its callback stays. STATUS_SUCCESS,
 * STATUS_DEVICE_BUSY while a call is pending, STATUS_INVALID_HANDLE for NULL.
 */
NTSTATUS SEC_ENTRY SspiReinitAsyncContext(SspiAsyncContext *Handle);

/*
 * Names the function to run when the next call is done; NULL: none. SEC_E_OK, SEC_E_INVALID_HANDLE
 * for NULL, SEC_E_OUT_OF_SEQUENCE while a call is pending.
 */
SECURITY_STATUS SEC_ENTRY SspiSetAsyncNotifyCallback(SspiAsyncContext *Context,
                                                     SspiAsyncNotifyCallback Callback,
                                                     void *CallbackData);

/* Whether there is a callback. */
BOOLEAN SEC_ENTRY SspiAsyncContextRequiresNotify(SspiAsyncContext *AsyncContext);

/*
 * The call's result, or SEC_I_ASYNC_CALL_PENDING; SEC_E_OK before the first call. In a forked child
 * a call that its parent began is SEC_E_INTERNAL_ERROR. With an error, sspi_native_error() on this
 * thread says then what was behind it.
 */
SECURITY_STATUS SEC_ENTRY SspiGetAsyncCallStatus(SspiAsyncContext *Handle);

/*
 * The calls of the same name without Async. SEC_E_OK: it is queued, and the rest is told by
 * SspiGetAsyncCallStatus(). SEC_E_OUT_OF_SEQUENCE: the async context has a call, or had one and is
 * not readied. SEC_E_INVALID_HANDLE, SEC_E_INVALID_TOKEN: an argument is none.
 * SEC_E_INSUFFICIENT_MEMORY: neither memory nor a thread can be had.
 */
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

/* --- For event loops: not in Windows -------------------------------------------------------- */

/* Async contexts whose calls are done, in that order, and a descriptor to wait for them. */
typedef struct sspi_async_queue sspi_async_queue;

/* NULL when there is no memory or no descriptor. */
sspi_async_queue *sspi_async_queue_new(void);

/* When no call is pending that is to come here; NULL is allowed. */
void sspi_async_queue_free(sspi_async_queue *queue);

/*
 * Readable while the queue is not empty: for poll(), epoll and the like, and for nothing else. A
 * forked child asks for it again: it has one of its own, of the same number.
 */
int sspi_async_queue_descriptor(sspi_async_queue *queue);

/* The first context, which leaves the queue; NULL: it is empty. */
SspiAsyncContext *sspi_async_queue_next(sspi_async_queue *queue);

/* The callback for SspiSetAsyncNotifyCallback(); its CallbackData is the queue. */
void sspi_async_queue_post(SspiAsyncContext *Handle, PVOID CallbackData);

/*
 * What the program knows a context by, such as its connection: kept and given back, and not looked
 * at. NULL until it is set, and for NULL.
 */
void sspi_async_context_set_data(SspiAsyncContext *Handle, PVOID Data);
PVOID sspi_async_context_data(SspiAsyncContext *Handle);

#ifdef __cplusplus
}
#endif

#endif
