/* SPDX-License-Identifier: MIT */
/* Handles that come and go. */
#include <stdlib.h>

#include "api/api.h"
#include "async/async.h"
#include "core/native.h"

/* --- AcquireCredentialsHandle --------------------------------------------------------------- */

/*
 * It asks nobody: a password becomes tickets in the first leg. So it is made at once, and what
 * pAuthData points at, whatever its form, is the program's again when the call returns. Only its
 * end is told by a worker.
 */
struct acquire_call {
    struct async_call call;
    PCredHandle handle;
    PTimeStamp expiry;
    SECURITY_STATUS status;
    SecHandle made;
    TimeStamp end;
};

static SECURITY_STATUS acquire_run(struct async_call *call)
{
    return ((struct acquire_call *)call)->status;
}

static void acquire_deliver(struct async_call *call)
{
    struct acquire_call *acquire = (struct acquire_call *)call;

    if (acquire->status != SEC_E_OK)
        return;
    *acquire->handle = acquire->made;
    if (acquire->expiry != NULL)
        *acquire->expiry = acquire->end;
}

static void acquire_fini(struct async_call *call)
{
    struct acquire_call *acquire = (struct acquire_call *)call;

    if (acquire->status == SEC_E_OK && !call->delivered)
        FreeCredentialsHandle(&acquire->made);
}

static const struct async_call_class acquire_class = {acquire_run, acquire_deliver, acquire_fini,
                                                      true};

static struct acquire_call *acquire_new(PCredHandle handle, PTimeStamp expiry)
{
    struct acquire_call *acquire = handle == NULL ? NULL : calloc(1, sizeof(*acquire));

    if (acquire == NULL)
        return NULL;
    acquire->call.class = &acquire_class;
    acquire->handle = handle;
    acquire->expiry = expiry;
    native_error_clear();
    return acquire;
}

static SECURITY_STATUS acquire_submit(struct acquire_call *acquire, SspiAsyncContext *async)
{
    if (acquire->status != SEC_E_OK)
        async_call_keep_native(&acquire->call);
    return async_call_submit(&acquire->call, async);
}

static SECURITY_STATUS acquire_missing(PCredHandle handle)
{
    return handle == NULL ? SEC_E_INVALID_HANDLE : SEC_E_INSUFFICIENT_MEMORY;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiAcquireCredentialsHandleAsyncA(
    SspiAsyncContext *AsyncContext, LPSTR pszPrincipal, LPSTR pszPackage, ULONG fCredentialUse,
    void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    struct acquire_call *acquire = acquire_new(phCredential, ptsExpiry);

    if (acquire == NULL)
        return acquire_missing(phCredential);
    acquire->status =
        AcquireCredentialsHandleA(pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData,
                                  pGetKeyFn, pvGetKeyArgument, &acquire->made, &acquire->end);
    return acquire_submit(acquire, AsyncContext);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiAcquireCredentialsHandleAsyncW(
    SspiAsyncContext *AsyncContext, LPWSTR pszPrincipal, LPWSTR pszPackage, ULONG fCredentialUse,
    void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
    PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    struct acquire_call *acquire = acquire_new(phCredential, ptsExpiry);

    if (acquire == NULL)
        return acquire_missing(phCredential);
    acquire->status =
        AcquireCredentialsHandleW(pszPrincipal, pszPackage, fCredentialUse, pvLogonId, pAuthData,
                                  pGetKeyFn, pvGetKeyArgument, &acquire->made, &acquire->end);
    return acquire_submit(acquire, AsyncContext);
}

/* --- FreeCredentialsHandle, DeleteSecurityContext ------------------------------------------- */

struct close_call {
    struct async_call call;
    SecHandle handle;
};

static SECURITY_STATUS free_run(struct async_call *call)
{
    return FreeCredentialsHandle(&((struct close_call *)call)->handle);
}

static SECURITY_STATUS delete_run(struct async_call *call)
{
    return DeleteSecurityContext(&((struct close_call *)call)->handle);
}

static void close_deliver(struct async_call *call)
{
    (void)call;
}

static void close_fini(struct async_call *call)
{
    (void)call;
}

/* Programs free the async context at once when they do not care for the end. */
static const struct async_call_class free_class = {free_run, close_deliver, close_fini, true};
static const struct async_call_class delete_class = {delete_run, close_deliver, close_fini, true};

static SECURITY_STATUS close_submit(SspiAsyncContext *async, const struct async_call_class *class,
                                    const SecHandle *handle)
{
    struct close_call *call;

    if (handle == NULL)
        return SEC_E_INVALID_HANDLE;
    call = calloc(1, sizeof(*call));
    if (call == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    call->call.class = class;
    call->handle = *handle;
    if (class == &delete_class)
        call->call.serial = *handle;
    return async_call_submit(&call->call, async);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiFreeCredentialsHandleAsync(SspiAsyncContext *AsyncContext,
                                                                  PCredHandle phCredential)
{
    return close_submit(AsyncContext, &free_class, phCredential);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiDeleteSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                                                  PCtxtHandle phContext)
{
    return close_submit(AsyncContext, &delete_class, phContext);
}
