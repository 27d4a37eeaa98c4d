/* SPDX-License-Identifier: MIT */
/*
 * Fibers, and what the sanitizers must know of them. A stack begins by makecontext(3); from then on
 * _setjmp() and _longjmp() change to it and back, which takes no system call: swapcontext() sets
 * the signal mask each time. Precedent: QEMU's coroutines.
 */
#undef _FORTIFY_SOURCE /* its longjmp() takes a stack that lies elsewhere for a mistake */
#include "tls/fiber.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* Built for shadow stacks, which swapcontext() changes too. */
#if defined(__SHSTK__) || (defined(__CET__) && (__CET__ & 2)) || defined(__ARM_FEATURE_GCS_DEFAULT)
#define FIBER_SWAPS 1
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define FIBER_TSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define FIBER_ASAN 1
#endif
#ifdef __SANITIZE_THREAD__
#define FIBER_TSAN 1
#endif

/* Valgrind's requests are a few instructions that do nothing elsewhere. */
#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define FIBER_VALGRIND 1
#endif
#endif
#ifndef FIBER_VALGRIND
#define VALGRIND_STACK_REGISTER(start, end)     0
#define VALGRIND_STACK_DEREGISTER(id)           ((void)(id))
#define VALGRIND_MAKE_MEM_UNDEFINED(from, size) ((void)0)
#endif

#ifdef FIBER_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef FIBER_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* GMP keeps up to 64 KiB of a large key's numbers on the stack. Only what is touched costs memory.
 */
#define FIBER_STACK (256 * 1024)

/* The part of it that is written over when it is wiped, and the kernel forgets the rest. */
#define FIBER_NEAR 8192

#ifdef FIBER_SWAPS
typedef ucontext_t place;
#else
typedef jmp_buf place;
#endif

struct fiber {
    place inside, outside; /* where each side goes on */
    void (*run)(void *);
    void *argument;
    char *map;
    size_t map_size;
    char *edge; /* nothing of the stack below is needed, when one is outside */
    bool begun, ended;
    bool last; /* it is not to be renewed any more */
    unsigned valgrind_stack;
#ifdef FIBER_ASAN
    void *fake_inside, *fake_outside;
    const void *outside_stack;
    size_t outside_size;
#endif
#ifdef FIBER_TSAN
    void *tsan_inside, *tsan_outside;
#endif
};

static void switch_begin(struct fiber *fiber, bool inward)
{
#ifdef FIBER_ASAN
    size_t guard = fiber->map_size - FIBER_STACK;

    if (inward)
        __sanitizer_start_switch_fiber(&fiber->fake_outside, fiber->map + guard, FIBER_STACK);
    else
        __sanitizer_start_switch_fiber(fiber->last ? NULL : &fiber->fake_inside,
                                       fiber->outside_stack, fiber->outside_size);
#endif
#ifdef FIBER_TSAN
    if (inward)
        fiber->tsan_outside = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(inward ? fiber->tsan_inside : fiber->tsan_outside, 0);
#endif
    (void)fiber;
    (void)inward;
}

static void switch_end(struct fiber *fiber, bool inward)
{
#ifdef FIBER_ASAN
    if (inward)
        __sanitizer_finish_switch_fiber(fiber->fake_inside, &fiber->outside_stack,
                                        &fiber->outside_size);
    else
        __sanitizer_finish_switch_fiber(fiber->fake_outside, NULL, NULL);
#endif
    (void)fiber;
    (void)inward;
}

static void fiber_switch(struct fiber *fiber, bool inward);

/* makecontext() passes nothing wider than int portably. */
static void fiber_main(unsigned high, unsigned low)
{
    struct fiber *fiber = (struct fiber *)(((uintptr_t)high << 32) | low);

    switch_end(fiber, true);
    while (!fiber->last) {
        fiber->run(fiber->argument);
        fiber->ended = true;
        fiber_park(fiber);
    }
    fiber_switch(fiber, false); /* for good: the sanitizers clear up */
}

/* Its signal mask is the caller's. */
static void context_make(const struct fiber *fiber, ucontext_t *context)
{
    uintptr_t self = (uintptr_t)fiber;

    getcontext(context);
    context->uc_link = NULL;
    context->uc_stack.ss_sp = fiber->map + (fiber->map_size - FIBER_STACK);
    context->uc_stack.ss_size = FIBER_STACK;
    makecontext(context, (void (*)(void))fiber_main, 2, (unsigned)(self >> 32), (unsigned)self);
}

/* The frame of one that is called lies below all that its caller keeps. */
__attribute__((noinline)) static char *stack_edge(void)
{
    return __builtin_frame_address(0);
}

/* Leaves one stack for the other, and returns once this one is come back to. */
#ifdef FIBER_SWAPS
static void fiber_switch(struct fiber *fiber, bool inward)
{
    if (!fiber->begun)
        context_make(fiber, &fiber->inside);
    fiber->begun = true;
    if (!inward)
        fiber->edge = stack_edge();
    switch_begin(fiber, inward);
    if (inward)
        swapcontext(&fiber->outside, &fiber->inside);
    else
        swapcontext(&fiber->inside, &fiber->outside);
    switch_end(fiber, !inward);
}
#else
/*
 * Apart, so that a frame of fiber_switch() stays small: one is on the fiber's stack for good.
 * Nobody returns from here, so AddressSanitizer would guard this frame's variables for ever.
 */
__attribute__((noinline, no_sanitize("address"))) static void fiber_begin(struct fiber *fiber)
{
    ucontext_t start;

    context_make(fiber, &start);
    fiber->begun = true;
    switch_begin(fiber, true);
    setcontext(&start);
}

static void fiber_switch(struct fiber *fiber, bool inward)
{
    if (_setjmp(inward ? fiber->outside : fiber->inside) == 0) {
        if (!fiber->begun)
            fiber_begin(fiber);
        if (!inward)
            fiber->edge = stack_edge();
        switch_begin(fiber, inward);
        _longjmp(inward ? fiber->inside : fiber->outside, 1);
    }
    switch_end(fiber, !inward);
}
#endif

static bool stack_map(struct fiber *fiber)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);

    fiber->map_size = guard + FIBER_STACK;
    fiber->map = mmap(NULL, fiber->map_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (fiber->map == MAP_FAILED)
        return false;
    if (mprotect(fiber->map, guard, PROT_NONE) == 0) {
        fiber->valgrind_stack =
            VALGRIND_STACK_REGISTER(fiber->map + guard, fiber->map + fiber->map_size);
        return true;
    }
    munmap(fiber->map, fiber->map_size);
    return false;
}

struct fiber *fiber_new(void (*run)(void *argument), void *argument)
{
    struct fiber *fiber = calloc(1, sizeof(*fiber));

    if (fiber == NULL || !stack_map(fiber)) {
        free(fiber);
        return NULL;
    }
    fiber->run = run;
    fiber->argument = argument;
#ifdef FIBER_TSAN
    fiber->tsan_inside = __tsan_create_fiber(0);
#endif
    return fiber;
}

/* To write over all of the stack would take too long; the kernel gives zeros for what it is told to
 * forget, if it can. What lies in one page with the frames that stay is written over. */
void fiber_wipe(struct fiber *fiber)
{
    char *end = fiber->map + fiber->map_size, *stack = end - FIBER_STACK;
    char *near = end - FIBER_NEAR;

    VALGRIND_MAKE_MEM_UNDEFINED(near, fiber->edge - near); /* a stack that nobody is on */
    explicit_bzero(near, (size_t)(fiber->edge - near));
    if (madvise(stack, (size_t)(near - stack), MADV_DONTNEED) != 0)
        explicit_bzero(stack, (size_t)(near - stack));
}

void fiber_renew(struct fiber *fiber, void (*run)(void *argument), void *argument)
{
    fiber->run = run;
    fiber->argument = argument;
    fiber->ended = false;
}

bool fiber_resume(struct fiber *fiber)
{
    fiber_switch(fiber, true);
    return fiber->ended;
}

void fiber_park(struct fiber *fiber)
{
    fiber_switch(fiber, false);
}

void fiber_free(struct fiber *fiber)
{
    if (fiber == NULL)
        return;
    fiber->last = true;
    if (fiber->begun)
        fiber_resume(fiber);
#ifdef FIBER_TSAN
    __tsan_destroy_fiber(fiber->tsan_inside);
#endif
    VALGRIND_STACK_DEREGISTER(fiber->valgrind_stack);
    munmap(fiber->map, fiber->map_size);
    free(fiber);
}
