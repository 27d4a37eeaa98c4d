/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous calls inside: each copies what it is given, and a worker makes the synchronous
 * call of the same name with the copies. This is the folder's architecture on one page.
 *
 *   context.c    async contexts: state, result, callback
 *   queue.c      an event loop's end: contexts that are done, and a descriptor
 *   call.c       calls: queueing, one at a time per security context, completion
 *   list.c       buffer lists: a copy for the worker, and back
 *   leg.c        InitializeSecurityContext, AcceptSecurityContext
 *   handle.c     AcquireCredentialsHandle, FreeCredentialsHandle, DeleteSecurityContext
 *
 * One lock guards the state of all async contexts and the order of calls; it is held for some
 * assignments and copies, never across a call into a package or into the program.
 */
#ifndef SSPI_ASYNC_ASYNC_H
#define SSPI_ASYNC_ASYNC_H

#include <pthread.h>
#include <sspi.h>
#include <stdbool.h>

#include "core/token.h"
#include "core/worker.h"

/* --- Async contexts ------------------------------------------------------------------------- */

enum async_state { ASYNC_IDLE, ASYNC_PENDING, ASYNC_DONE };

struct sspi_async_queue;

/* All but the count is guarded by async_lock(). */
struct _SspiAsyncContext {
    unsigned references; /* the program's, the running call's, a queue's */
    enum async_state state;
    bool freed;          /* the program has let go of it */
    unsigned generation; /* of the process that made the pending call */
    SECURITY_STATUS status;
    char *native; /* the native error behind it; or NULL */
    SspiAsyncNotifyCallback callback;
    void *callback_data;
    void *data;                     /* the program's own */
    struct sspi_async_queue *queue; /* in which it stands */
    struct _SspiAsyncContext *queue_next;
};

void async_lock(void);
void async_unlock(void);

/* With the lock. The last reference frees. */
void async_context_ref(SspiAsyncContext *context);
void async_context_unref(SspiAsyncContext *context);

/* queue.c: a context that the program frees leaves the queue. With the lock. */
void async_queue_leave(SspiAsyncContext *context);

/* --- Calls ---------------------------------------------------------------------------------- */

struct async_call;

struct async_call_class {
    SECURITY_STATUS (*run)(struct async_call *call); /* on a worker, without the lock */
    void (*deliver)(struct async_call *call);        /* with the lock: results to the program */
    void (*fini)(struct async_call *call); /* frees what it holds, results that nobody had, too */
    bool lasts; /* it happens even if the program lets go of its context */
};

/* The first member of every call's structure, which comes from calloc(). */
struct async_call {
    struct worker_job job;
    const struct async_call_class *class;
    SspiAsyncContext *context;
    struct token *token; /* whom the calling thread impersonates; or NULL */
    SecHandle serial;    /* the security context it is for, alone; {0, 0}: none */
    struct async_call *bucket_next, *behind, *next; /* call.c: those for the same one */
    uint64_t lane;
    SECURITY_STATUS status;
    char *native; /* see above */
    bool delivered;
};

/*
 * Queues the call and owns it from now on, whatever it returns: SEC_E_OK, SEC_E_INVALID_HANDLE
 * without a context, SEC_E_OUT_OF_SEQUENCE where the context has a call already, or
 * SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS async_call_submit(struct async_call *call, SspiAsyncContext *context);

/* Keeps what this thread's native error says, where the call's has not been kept before. */
void async_call_keep_native(struct async_call *call);

/* --- Buffer lists --------------------------------------------------------------------------- */

/* A list of the program's and a copy of it, with memory of its own behind each buffer. */
struct async_list {
    SecBuffer *theirs; /* the array alone: the list around it need not last; NULL: there is none */
    bool allocates;
    SecBufferDesc desc;      /* of the copy */
    SecBuffer *ours, *given; /* the copy, and as it was before the call */
};

/*
 * allocates: the buffers are for addresses that the call gives. SEC_E_INVALID_TOKEN for a list that
 * is none, SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS async_list_copy(struct async_list *list, PSecBufferDesc theirs, bool allocates)
    __attribute__((warn_unused_result));

/* What the call is given; NULL where the program gave none. */
PSecBufferDesc async_list_desc(struct async_list *list);

/* What a call has put into the copy's buffers goes into theirs. */
void async_list_deliver(struct async_list *list);

/* What it has said of its input in EMPTY buffers goes into theirs, and points into their octets. */
void async_list_report(struct async_list *list);

/* Frees the tokens that were allocated for a program that does not want them. */
void async_list_discard(struct async_list *list);
void async_list_fini(struct async_list *list);

#endif
