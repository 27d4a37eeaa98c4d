/* SPDX-License-Identifier: MIT */
/* An event loop's end: async contexts whose calls are done, and a descriptor that tells. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/api.h"
#include "async/async.h"

/* Guarded by async_lock(). The descriptor is readable as long as there is a context. */
struct sspi_async_queue {
    int descriptor;
    unsigned generation; /* of the process that the descriptor is of */
    SspiAsyncContext *head, **tail;
};

static void queue_signal(struct sspi_async_queue *queue)
{
    uint64_t one = 1;

    while (write(queue->descriptor, &one, sizeof(one)) < 0 && errno == EINTR)
        continue; /* the counter itself is far from full */
}

static void queue_quiet(struct sspi_async_queue *queue)
{
    uint64_t count;

    if (read(queue->descriptor, &count, sizeof(count)) < 0)
        return; /* quiet already */
}

/*
 * A forked child has its parent's counter under this number, and would take its parent's events: it
 * gets one of its own there.
 */
static void queue_own(struct sspi_async_queue *queue)
{
    int own;

    if (queue->generation == worker_generation())
        return;
    queue->generation = worker_generation();
    own = eventfd(queue->head != NULL, EFD_CLOEXEC | EFD_NONBLOCK);
    if (own < 0 || dup3(own, queue->descriptor, O_CLOEXEC) < 0)
        close(queue->descriptor);
    if (own >= 0)
        close(own);
}

static void queue_remove(struct sspi_async_queue *queue, SspiAsyncContext *context)
{
    SspiAsyncContext **at = &queue->head;

    queue_own(queue);
    while (*at != context)
        at = &(*at)->queue_next;
    *at = context->queue_next;
    if (queue->tail == &context->queue_next)
        queue->tail = at;
    context->queue = NULL;
    if (queue->head == NULL)
        queue_quiet(queue);
}

void async_queue_leave(SspiAsyncContext *context)
{
    if (context->queue != NULL)
        queue_remove(context->queue, context);
}

SSPI_API sspi_async_queue *sspi_async_queue_new(void)
{
    struct sspi_async_queue *queue = calloc(1, sizeof(*queue));

    if (queue == NULL)
        return NULL;
    queue->tail = &queue->head;
    queue->generation = worker_generation();
    queue->descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->descriptor >= 0)
        return queue;
    free(queue);
    return NULL;
}

SSPI_API void sspi_async_queue_free(sspi_async_queue *queue)
{
    if (queue == NULL)
        return;
    async_lock();
    while (queue->head != NULL)
        queue_remove(queue, queue->head);
    async_unlock();
    close(queue->descriptor);
    free(queue);
}

SSPI_API int sspi_async_queue_descriptor(sspi_async_queue *queue)
{
    async_lock();
    queue_own(queue);
    async_unlock();
    return queue->descriptor;
}

SSPI_API SspiAsyncContext *sspi_async_queue_next(sspi_async_queue *queue)
{
    SspiAsyncContext *context;

    async_lock();
    context = queue->head;
    if (context != NULL)
        queue_remove(queue, context);
    async_unlock();
    return context;
}

/* Whoever has seen the status by himself may have freed the context or made it ready meanwhile. */
SSPI_API void sspi_async_queue_post(SspiAsyncContext *Handle, PVOID CallbackData)
{
    struct sspi_async_queue *queue = CallbackData;

    async_lock();
    if (!Handle->freed && Handle->state == ASYNC_DONE && Handle->queue == NULL) {
        queue_own(queue);
        Handle->queue = queue;
        Handle->queue_next = NULL;
        *queue->tail = Handle;
        queue->tail = &Handle->queue_next;
        if (queue->head == Handle)
            queue_signal(queue);
    }
    async_unlock();
}
