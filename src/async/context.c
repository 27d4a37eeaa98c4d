/* SPDX-License-Identifier: MIT */
/* Async contexts. */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "async/async.h"
#include "core/native.h"

#include <ntstatus.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t lock_once = PTHREAD_ONCE_INIT;

static void lock_take(void)
{
    pthread_mutex_lock(&lock);
}

static void lock_give(void)
{
    pthread_mutex_unlock(&lock);
}

/* Contexts and queues live on in a forked child, so none is caught in the middle of a change. The
 * pool's own handlers are there first: nothing is registered while the lock is held. */
static void lock_start(void)
{
    worker_generation();
    pthread_atfork(lock_take, lock_give, lock_give);
}

void async_lock(void)
{
    pthread_once(&lock_once, lock_start);
    lock_take();
}

void async_unlock(void)
{
    lock_give();
}

void async_context_ref(SspiAsyncContext *context)
{
    context->references++;
}

void async_context_unref(SspiAsyncContext *context)
{
    if (--context->references != 0)
        return;
    free(context->native);
    free(context);
}

/* A call that was pending when the process forked is nobody's in the child. */
static bool is_lost(const SspiAsyncContext *context)
{
    return context->state == ASYNC_PENDING && context->generation != worker_generation();
}

SSPI_API SspiAsyncContext *SEC_ENTRY SspiCreateAsyncContext(void)
{
    SspiAsyncContext *context = calloc(1, sizeof(*context));

    if (context != NULL)
        context->references = 1;
    return context;
}

SSPI_API void SEC_ENTRY SspiFreeAsyncContext(SspiAsyncContext *Handle)
{
    if (Handle == NULL)
        return;
    async_lock();
    Handle->freed = true;
    async_queue_leave(Handle);
    async_context_unref(Handle);
    async_unlock();
}

SSPI_API NTSTATUS SEC_ENTRY SspiReinitAsyncContext(SspiAsyncContext *Handle)
{
    NTSTATUS status = STATUS_INVALID_HANDLE;

    if (Handle == NULL)
        return status;
    async_lock();
    status = STATUS_DEVICE_BUSY;
    if (Handle->state != ASYNC_PENDING || is_lost(Handle)) {
        Handle->state = ASYNC_IDLE;
        Handle->status = SEC_E_OK;
        free(Handle->native);
        Handle->native = NULL;
        async_queue_leave(Handle);
        status = STATUS_SUCCESS;
    }
    async_unlock();
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiSetAsyncNotifyCallback(SspiAsyncContext *Context,
                                                              SspiAsyncNotifyCallback Callback,
                                                              void *CallbackData)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (Context == NULL)
        return SEC_E_INVALID_HANDLE;
    async_lock();
    if (Context->state == ASYNC_PENDING && !is_lost(Context)) {
        status = SEC_E_OUT_OF_SEQUENCE;
    } else {
        Context->callback = Callback;
        Context->callback_data = CallbackData;
    }
    async_unlock();
    return status;
}

SSPI_API BOOLEAN SEC_ENTRY SspiAsyncContextRequiresNotify(SspiAsyncContext *AsyncContext)
{
    bool set;

    if (AsyncContext == NULL)
        return FALSE;
    async_lock();
    set = AsyncContext->callback != NULL;
    async_unlock();
    return set;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiGetAsyncCallStatus(SspiAsyncContext *Handle)
{
    SECURITY_STATUS status;

    if (Handle == NULL)
        return SEC_E_INVALID_HANDLE;
    async_lock();
    if (Handle->state != ASYNC_PENDING)
        status = Handle->status;
    else
        status = is_lost(Handle) ? SEC_E_INTERNAL_ERROR : SEC_I_ASYNC_CALL_PENDING;
    if (Handle->native != NULL)
        native_error_adopt(Handle->native);
    async_unlock();
    return status;
}

SSPI_API void sspi_async_context_set_data(SspiAsyncContext *Handle, PVOID Data)
{
    if (Handle == NULL)
        return;
    async_lock();
    Handle->data = Data;
    async_unlock();
}

SSPI_API PVOID sspi_async_context_data(SspiAsyncContext *Handle)
{
    void *data;

    if (Handle == NULL)
        return NULL;
    async_lock();
    data = Handle->data;
    async_unlock();
    return data;
}
