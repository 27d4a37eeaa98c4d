/* SPDX-License-Identifier: MIT */
/* An event loop for one call. */
#include "lib/waiter.h"

#include <ntstatus.h>
#include <poll.h>

#include "lib/world.h"

SspiAsyncContext *async_new(sspi_async_queue *queue)
{
    SspiAsyncContext *async = SspiCreateAsyncContext();

    ck_assert_ptr_nonnull(async);
    assert_status(SspiSetAsyncNotifyCallback(async, sspi_async_queue_post, queue), SEC_E_OK);
    return async;
}

void waiter_init(struct waiter *waiter)
{
    waiter->queue = sspi_async_queue_new();
    ck_assert_ptr_nonnull(waiter->queue);
    waiter->async = async_new(waiter->queue);
}

void waiter_fini(struct waiter *waiter)
{
    SspiFreeAsyncContext(waiter->async);
    sspi_async_queue_free(waiter->queue);
}

bool queue_is_ready(sspi_async_queue *queue, int timeout_ms)
{
    struct pollfd at = {.fd = sspi_async_queue_descriptor(queue), .events = POLLIN};

    return poll(&at, 1, timeout_ms) == 1;
}

SspiAsyncContext *queue_wait(sspi_async_queue *queue)
{
    ck_assert(queue_is_ready(queue, -1));
    return sspi_async_queue_next(queue);
}

SECURITY_STATUS waiter_end(struct waiter *waiter, SECURITY_STATUS queued)
{
    SECURITY_STATUS status;

    assert_status(queued, SEC_E_OK);
    ck_assert_ptr_eq(queue_wait(waiter->queue), waiter->async);
    status = SspiGetAsyncCallStatus(waiter->async);
    ck_assert(status != SEC_I_ASYNC_CALL_PENDING);
    ck_assert_int_eq(SspiReinitAsyncContext(waiter->async), STATUS_SUCCESS);
    return status;
}
