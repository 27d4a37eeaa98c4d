/* SPDX-License-Identifier: MIT */
/*
 * Counts allocations. A program's own malloc() stands before the C library's for every library of
 * the process; both sides of a comparison pay the same one addition.
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "bench/measure.h"

/* glibc's own, behind the names it lets a program replace. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *data, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Thread_local unsigned long count;

unsigned long allocations(void)
{
    return count;
}

#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    count++;
    return __libc_malloc(size);
}

void *calloc(size_t members, size_t size)
{
    count++;
    return __libc_calloc(members, size);
}

void *realloc(void *data, size_t size)
{
    count++;
    return __libc_realloc(data, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count++;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **data, size_t alignment, size_t size)
{
    count++;
    *data = __libc_memalign(alignment, size);
    return *data != NULL ? 0 : ENOMEM;
}

#pragma GCC visibility pop
