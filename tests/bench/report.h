/* SPDX-License-Identifier: MIT */
/* What the benchmarks share beside measuring: options, rows of figures, and what was promised. */
#ifndef TESTS_BENCH_REPORT_H
#define TESTS_BENCH_REPORT_H

#include <stdbool.h>

#include "bench/measure.h"

/* The project's promise for a row; 0 promises nothing. */
struct target {
    double ratio, faster, added; /* at most; as many times at least; nanoseconds at most */
    enum { ALLOCATE_ANY, ALLOCATE_NO_MORE, ALLOCATE_NONE } allocations;
};

/*
 * --rounds N, --milliseconds N for each side, row and round, and --only TEXT. Anything else prints
 * the program's usage, followed by these, and ends it.
 */
void report_options(int argc, char **argv, const char *usage);
unsigned report_number(const char *text);

/* Whether --only lets a row of this name be measured. */
bool report_wanted(const char *name);

/* The names of both sides stand above their times. */
void report_heading(const char *title, const char *ours, const char *other);

/* Measures and prints a row. target may be NULL. */
void report_row(const char *name, const struct target *target, const struct trial *trial);

/* Ends a line of the caller's own: "met" or "MISSED", counted. */
void report_verdict(bool met);
void report_end(void);

#endif
