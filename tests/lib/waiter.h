/* SPDX-License-Identifier: MIT */
/* Asynchronous calls whose end a test waits for. */
#ifndef TESTS_LIB_WAITER_H
#define TESTS_LIB_WAITER_H

#include <sspi.h>
#include <stdbool.h>

/* An async context, and a queue for it alone. */
struct waiter {
    SspiAsyncContext *async;
    sspi_async_queue *queue;
};

void waiter_init(struct waiter *waiter);
void waiter_fini(struct waiter *waiter);

/* What a queued call came to; the async context is ready again. queued is what the call returned,
 * and must be SEC_E_OK. */
SECURITY_STATUS waiter_end(struct waiter *waiter, SECURITY_STATUS queued);

/* A new async context that comes to a queue. */
SspiAsyncContext *async_new(sspi_async_queue *queue);

bool queue_is_ready(sspi_async_queue *queue, int timeout_ms);

/* The next context that is done. */
SspiAsyncContext *queue_wait(sspi_async_queue *queue);

#endif
