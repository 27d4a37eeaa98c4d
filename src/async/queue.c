/* SPDX-License-Identifier: MIT */
/* An event loop's end: async contexts whose calls are done, and a descriptor that tells. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/api.h"
#include "async/async.h"

/* Guarded by async_lock(). The descriptor is readable as long as there is a context. */
struct sspi_async_queue {
    int descriptor;
    SspiAsyncContext *head, **tail;
};

static void queue_signal(struct sspi_async_queue *queue)
{
    uint64_t one = 1;

    while (write(queue->descriptor, &one, sizeof(one)) < 0)
        continue; /* interrupted: the counter itself is far from full */
}

static void queue_quiet(struct sspi_async_queue *queue)
{
    uint64_t count;

    if (read(queue->descriptor, &count, sizeof(count)) < 0)
        return; /* quiet already */
}

static void queue_remove(struct sspi_async_queue *queue, SspiAsyncContext *context)
{
    SspiAsyncContext **at = &queue->head;

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

SSPI_API int sspi_async_queue_descriptor(const sspi_async_queue *queue)
{
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

SSPI_API void sspi_async_queue_post(SspiAsyncContext *Handle, PVOID CallbackData)
{
    struct sspi_async_queue *queue = CallbackData;

    async_lock();
    if (!Handle->freed && Handle->queue == NULL) {
        Handle->queue = queue;
        Handle->queue_next = NULL;
        *queue->tail = Handle;
        queue->tail = &Handle->queue_next;
        if (queue->head == Handle)
            queue_signal(queue);
    }
    async_unlock();
}
