/* SPDX-License-Identifier: MIT */
/*
 * Blocks of about a millisecond, A B A B ... and in every other round B A B A. Of a round's blocks
 * each side's lower quartile counts: what disturbs a block only ever lengthens it. Of the rounds'
 * ratios the median is the figure.
 */
#include "bench/measure.h"

#include <alloca.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define BLOCK_NS   1000000.0
#define BLOCKS_MAX 1000U

/* Nearly a page, in an odd number of steps: in turn, both sides take each of them. */
#define STACK_STEP  64U
#define STACK_STEPS 63U

static struct {
    unsigned rounds, blocks;
} setup = {MEASURE_ROUNDS_MIN, 50};

struct times {
    double cpu, wall; /* nanoseconds per operation */
};

void die(const char *format, ...)
{
    va_list arguments;

    fputs("bench: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(EXIT_FAILURE);
}

void measure_setup(unsigned rounds, unsigned milliseconds)
{
    if (rounds < MEASURE_ROUNDS_MIN)
        rounds = MEASURE_ROUNDS_MIN;
    setup.rounds = rounds > MEASURE_ROUNDS_MAX ? MEASURE_ROUNDS_MAX : rounds;
    setup.blocks = milliseconds < 1 ? 1 : milliseconds > BLOCKS_MAX ? BLOCKS_MAX : milliseconds;
}

static double clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Every block stands elsewhere on the stack: where the compiler puts a frame must not decide. */
static void run_anywhere(const struct side *side, unsigned count)
{
    static unsigned turn;
    volatile char *room = alloca(turn++ % STACK_STEPS * STACK_STEP + 1);

    room[0] = 0;
    side->run(side->data, count);
}

static struct times block_run(const struct side *side, unsigned count)
{
    struct times times;

    if (side->prepare != NULL)
        side->prepare(side->data, count);
    times.wall = clock_ns(CLOCK_MONOTONIC);
    times.cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    run_anywhere(side, count);
    times.cpu = (clock_ns(CLOCK_PROCESS_CPUTIME_ID) - times.cpu) / count;
    times.wall = (clock_ns(CLOCK_MONOTONIC) - times.wall) / count;
    return times;
}

static int double_compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

struct figure measure_figure(double *values, unsigned count)
{
    struct figure figure;

    qsort(values, count, sizeof(*values), double_compare);
    figure.min = values[0];
    figure.max = values[count - 1];
    figure.median =
        count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
    return figure;
}

static double quartile(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), double_compare);
    return values[count / 4];
}

/* How many operations make a block; it also warms both sides up. */
static unsigned block_size(const struct trial *trial)
{
    unsigned count = 1;
    double bare;

    for (;;) {
        block_run(&trial->ours, count);
        bare = block_run(&trial->bare, count).cpu;
        if (count * 2 > trial->block_max || bare * count >= BLOCK_NS / 1.5)
            return count;
        count *= 2;
    }
}

static double allocations_of(const struct side *side, unsigned count)
{
    unsigned long before;

    if (side->prepare != NULL)
        side->prepare(side->data, count);
    before = allocations();
    side->run(side->data, count);
    return (double)(allocations() - before) / count;
}

/* One round; ours and bare are each side's quartiles. */
static void round_run(const struct trial *trial, unsigned size, bool bare_first, struct times *ours,
                      struct times *bare)
{
    static double cpu[2][BLOCKS_MAX], wall[2][BLOCKS_MAX];
    const struct side *sides[2] = {&trial->ours, &trial->bare};

    for (unsigned i = 0; i < setup.blocks; i++)
        for (unsigned turn = 0; turn < 2; turn++) {
            unsigned which = bare_first ? 1 - turn : turn;
            struct times times = block_run(sides[which], size);

            cpu[which][i] = times.cpu;
            wall[which][i] = times.wall;
        }
    ours->cpu = quartile(cpu[0], setup.blocks);
    bare->cpu = quartile(cpu[1], setup.blocks);
    ours->wall = quartile(wall[0], setup.blocks);
    bare->wall = quartile(wall[1], setup.blocks);
}

void measure(const struct trial *trial, struct result *result)
{
    unsigned size = block_size(trial);
    double ratio[MEASURE_ROUNDS_MAX], wall_ratio[MEASURE_ROUNDS_MAX], added[MEASURE_ROUNDS_MAX];
    double ours_ns[MEASURE_ROUNDS_MAX], bare_ns[MEASURE_ROUNDS_MAX];

    for (unsigned i = 0; i < setup.rounds; i++) {
        struct times ours, bare;

        round_run(trial, size, i % 2 != 0, &ours, &bare);
        ratio[i] = ours.cpu / bare.cpu;
        wall_ratio[i] = ours.wall / bare.wall;
        added[i] = ours.cpu - bare.cpu;
        ours_ns[i] = ours.cpu;
        bare_ns[i] = bare.cpu;
    }
    result->ratio = measure_figure(ratio, setup.rounds);
    result->wall_ratio = measure_figure(wall_ratio, setup.rounds);
    result->added = measure_figure(added, setup.rounds);
    result->ours = measure_figure(ours_ns, setup.rounds).median;
    result->bare = measure_figure(bare_ns, setup.rounds).median;
    result->ours_allocations = allocations_of(&trial->ours, size);
    result->bare_allocations = allocations_of(&trial->bare, size);
}

double measure_seconds(void (*run)(void *data), void *data)
{
    double start = clock_ns(CLOCK_MONOTONIC);

    run(data);
    return (clock_ns(CLOCK_MONOTONIC) - start) / 1e9;
}
