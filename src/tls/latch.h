/* SPDX-License-Identifier: MIT */
/*
 * A lock for the way of messages, where nobody else is inside as good as always: one atomic
 * exchange to get in, one store to get out, no call. Who finds it taken sleeps.
 */
#ifndef SSPI_TLS_LATCH_H
#define SSPI_TLS_LATCH_H

#include <stdatomic.h>
#include <sys/single_threaded.h>

/* All zeros is a free one. */
struct latch {
    atomic_uint taken, waiting;
};

void latch_wait(struct latch *latch); /* takes it as soon as it is free */
void latch_wake(struct latch *latch);

static inline void latch_take(struct latch *latch)
{
    unsigned is_free = 0;

    if (__libc_single_threaded) /* nobody else is there, nor will be before this call's end */
        atomic_store_explicit(&latch->taken, 1, memory_order_relaxed);
    else if (!atomic_compare_exchange_strong_explicit(&latch->taken, &is_free, 1,
                                                      memory_order_acquire, memory_order_relaxed))
        latch_wait(latch);
}

/* A waiter that comes between the two lines is not woken: it looks again by itself. */
static inline void latch_leave(struct latch *latch)
{
    atomic_store_explicit(&latch->taken, 0, memory_order_release);
    if (atomic_load_explicit(&latch->waiting, memory_order_relaxed) != 0)
        latch_wake(latch);
}

#endif
