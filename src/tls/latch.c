/* SPDX-License-Identifier: MIT */
/* Waiting for a latch: futex(2). */
#include "tls/latch.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Whoever leaves pays for no barrier, and so may overlook one who has just come; see latch.h. */
static const struct timespec look_again = {0, 1000000};

static bool taken_now(struct latch *latch)
{
    unsigned is_free = 0;

    return atomic_compare_exchange_strong_explicit(&latch->taken, &is_free, 1, memory_order_acquire,
                                                   memory_order_relaxed);
}

void latch_wait(struct latch *latch)
{
    atomic_fetch_add_explicit(&latch->waiting, 1, memory_order_seq_cst);
    while (!taken_now(latch))
        syscall(SYS_futex, &latch->taken, FUTEX_WAIT_PRIVATE, 1, &look_again, NULL, 0);
    atomic_fetch_sub_explicit(&latch->waiting, 1, memory_order_relaxed);
}

void latch_wake(struct latch *latch)
{
    syscall(SYS_futex, &latch->taken, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
