/* SPDX-License-Identifier: MIT */
/*
 * Comparing two ways to do one thing, in one process: short blocks of both in turn, so that what
 * the machine does meanwhile hits both alike.
 */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stdio.h>

/* One way. Both functions do or prepare count operations; prepare() may be NULL and is not timed.
 */
struct side {
    void (*prepare)(void *data, unsigned count);
    void (*run)(void *data, unsigned count);
    void *data;
};

struct trial {
    struct side ours, bare;
    unsigned block_max; /* operations that fit one block */
};

/* Median over the rounds, and the spread. */
struct figure {
    double median, min, max;
};

struct result {
    struct figure ratio;      /* ours to bare, processor time */
    struct figure wall_ratio; /* the same by the clock on the wall */
    struct figure added;      /* nanoseconds of processor time more, per operation */
    double ours, bare;        /* nanoseconds of processor time, per operation */
    double ours_allocations, bare_allocations; /* per operation */
};

#define MEASURE_ROUNDS_MIN 9
#define MEASURE_ROUNDS_MAX 99

/* Rounds and milliseconds of each side per round; rounds is kept within the limits above. */
void measure_setup(unsigned rounds, unsigned milliseconds);

void measure(const struct trial *trial, struct result *result);

/* What a benchmark has measured by itself; sorts the values. */
struct figure measure_figure(double *values, unsigned count);

/* By the clock on the wall, for a run of some seconds. */
double measure_seconds(void (*run)(void *data), void *data);

/* Allocations of this thread so far; count.c counts them. */
unsigned long allocations(void);

/* Ends the program: a benchmark of something that does not work is none. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
