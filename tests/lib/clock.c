/* SPDX-License-Identifier: MIT */
/*
 * A clock that a test can set: the program's own time() and gettimeofday() stand before those of
 * libc, for libkrb5 and all other libraries in the process as well.
 */
#include "lib/clock.h"

#include <check.h>
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#define EXPORTED __attribute__((visibility("default")))

static atomic_long shift;

/* The two below must be what everybody in the process calls, or a test would show nothing. */
static void clock_check(void)
{
    ck_assert_uint_eq((uintptr_t)dlsym(RTLD_DEFAULT, "time"), (uintptr_t)time);
    ck_assert_uint_eq((uintptr_t)dlsym(RTLD_DEFAULT, "gettimeofday"), (uintptr_t)gettimeofday);
}

void clock_shift(long seconds)
{
    clock_check();
    atomic_store(&shift, seconds);
}

static struct timespec shifted_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += atomic_load(&shift);
    return now;
}

EXPORTED time_t time(time_t *out)
{
    time_t now = shifted_now().tv_sec;

    if (out != NULL)
        *out = now;
    return now;
}

EXPORTED int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now = shifted_now();

    (void)zone;
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
