/* SPDX-License-Identifier: MIT */
/* Calls: one per async context, one at a time per security context. */
#include <stdlib.h>
#include <string.h>

#include "async/async.h"
#include "core/native.h"

/* --- One at a time -------------------------------------------------------------------------- */

#define SERIAL_BUCKETS 256U

/* By security context, the call that a worker has; the others stand behind it. */
static struct {
    struct async_call *buckets[SERIAL_BUCKETS];
    unsigned generation;
} serials;

static bool is_serial(const struct async_call *call)
{
    return call->serial.dwLower != 0 || call->serial.dwUpper != 0;
}

/* Where the call for the same security context stands in the table, or would. */
static struct async_call **serial_place(const struct async_call *call)
{
    const SecHandle *serial = &call->serial;
    struct async_call **at = &serials.buckets[(serial->dwLower ^ serial->dwUpper) % SERIAL_BUCKETS];

    while (*at != NULL &&
           ((*at)->serial.dwLower != serial->dwLower || (*at)->serial.dwUpper != serial->dwUpper))
        at = &(*at)->bucket_next;
    return at;
}

/* A forked child's calls are its own; those of its parent stay where they are. */
static void serials_check(void)
{
    if (serials.generation == worker_generation())
        return;
    memset(&serials, 0, sizeof(serials));
    serials.generation = worker_generation();
}

/* Whether the call may begin; if not it is kept behind the others. */
static bool serial_enter(struct async_call *call)
{
    struct async_call **at;

    if (!is_serial(call))
        return true;
    serials_check();
    at = serial_place(call);
    if (*at == NULL) {
        *at = call;
        return true;
    }
    for (at = &(*at)->behind; *at != NULL; at = &(*at)->next)
        continue;
    *at = call;
    return false;
}

/* The next one for the same security context takes the place of one that is done. */
static struct async_call *serial_leave(struct async_call *call)
{
    struct async_call **at, *next = call->behind;

    if (!is_serial(call))
        return NULL;
    at = serial_place(call);
    if (next == NULL) {
        *at = call->bucket_next;
        return NULL;
    }
    next->behind = next->next;
    next->next = NULL;
    next->bucket_next = call->bucket_next;
    *at = next;
    return next;
}

/* --- Running -------------------------------------------------------------------------------- */

static void call_free(struct async_call *call)
{
    call->class->fini(call);
    if (call->token != NULL)
        token_unref(call->token);
    free(call->native);
    free(call);
}

static void call_destroy(struct worker_job *job)
{
    call_free((struct async_call *)job);
}

static bool call_is_wanted(const struct async_call *call)
{
    bool wanted;

    async_lock();
    wanted = !call->context->freed || call->class->lasts;
    async_unlock();
    return wanted;
}

void async_call_keep_native(struct async_call *call)
{
    const char *text = native_error_get();

    if (call->native == NULL && *text != '\0')
        call->native = strdup(text);
}

/* As the thread that asked: a worker has no identity of its own. */
static void call_run_as(struct async_call *call)
{
    if (call->token != NULL && token_impersonate(call->token) != SEC_E_OK) {
        call->status = SEC_E_INTERNAL_ERROR;
        return;
    }
    native_error_clear();
    call->status = call->class->run(call);
    if (call->status < 0)
        async_call_keep_native(call);
    if (call->token != NULL)
        token_impersonate(NULL);
}

/* What the program is to be told, once the results are where it wants them. */
struct notice {
    SspiAsyncNotifyCallback callback;
    void *data;
};

/* With the lock. */
static struct notice call_deliver(struct async_call *call)
{
    SspiAsyncContext *context = call->context;

    call->class->deliver(call);
    call->delivered = true;
    context->status = call->status;
    context->native = call->native;
    call->native = NULL;
    context->state = ASYNC_DONE;
    return (struct notice){context->callback, context->callback_data};
}

static void call_unbind(struct async_call *call)
{
    async_lock();
    async_context_unref(call->context);
    async_unlock();
}

/* Ends a call, and returns the one that waited for that. */
static struct async_call *call_finish(struct async_call *call)
{
    struct notice notice = {NULL, NULL};
    struct async_call *next;

    async_lock();
    if (!call->context->freed)
        notice = call_deliver(call);
    next = serial_leave(call);
    async_unlock();
    if (notice.callback != NULL)
        notice.callback(call->context, notice.data);
    call_unbind(call);
    return next;
}

/* Without a thread for the call that waited it fails, and so does what waits for it. */
static void call_begin(struct async_call *call)
{
    while (call != NULL && !worker_submit(&call->job, call->lane)) {
        struct async_call *next;

        call->status = SEC_E_INSUFFICIENT_MEMORY;
        next = call_finish(call);
        call_free(call);
        call = next;
    }
}

static void call_run(struct worker_job *job)
{
    struct async_call *call = (struct async_call *)job;

    if (call_is_wanted(call))
        call_run_as(call);
    call_begin(call_finish(call));
}

static const struct worker_class call_class = {call_run, call_destroy};

/* --- Queueing ------------------------------------------------------------------------------- */

/* With the lock. */
static SECURITY_STATUS call_bind(struct async_call *call, SspiAsyncContext *context)
{
    if (context->state != ASYNC_IDLE)
        return SEC_E_OUT_OF_SEQUENCE;
    context->state = ASYNC_PENDING;
    context->generation = worker_generation();
    async_context_ref(context);
    call->context = context;
    return SEC_E_OK;
}

/* The queue would not have it, so it has never been. */
static SECURITY_STATUS call_withdraw(struct async_call *call)
{
    struct async_call *next;

    async_lock();
    call->context->state = ASYNC_IDLE;
    next = serial_leave(call);
    async_context_unref(call->context);
    async_unlock();
    call_free(call);
    call_begin(next);
    return SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS async_call_submit(struct async_call *call, SspiAsyncContext *context)
{
    SECURITY_STATUS status = SEC_E_INVALID_HANDLE;
    bool begins = false;

    call->job.class = &call_class;
    call->token = token_current();
    if (context != NULL) {
        async_lock();
        status = call_bind(call, context);
        begins = status == SEC_E_OK && serial_enter(call);
        async_unlock();
    }
    if (status != SEC_E_OK) {
        call_free(call);
        return status;
    }
    return !begins || worker_submit(&call->job, call->lane) ? SEC_E_OK : call_withdraw(call);
}
