/* SPDX-License-Identifier: MIT */
/*
 * What the asynchronous calls give and cost: logons in flight against a loop of synchronous calls,
 * a silent KDC beside others, the share of each call, and memory. Runs inside a realm
 * (tests/world/with-realm --tickets HTTP/localhost). doc/performance.md explains the rows.
 */
#include <malloc.h>
#include <poll.h>
#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/creds.h"
#include "bench/flights.h"
#include "bench/report.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* What the project promises. */
#define SLOWER_MAX    2.0 /* times, beside as many logons to a silent realm */
#define IDLE_SIZE_MAX 512 /* octets of an async context */
static const struct target target_call = {.added = 10000};

/* --- Logons per second ---------------------------------------------------------------------- */

#define ROUNDS 3

struct run {
    struct flights *flights;
    unsigned count, in_flight;
};

static void run_flights(void *data)
{
    const struct run *run = data;

    flights_run(run->flights, run->count, run->in_flight);
}

static double run_rate(struct flights *flights, unsigned count, unsigned in_flight)
{
    struct run run = {flights, count, in_flight};

    return count / measure_seconds(run_flights, &run);
}

static void rate_row(const char *name, struct flights *flights, unsigned count, unsigned in_flight)
{
    double rates[ROUNDS], loops[ROUNDS], ratios[ROUNDS];
    struct figure ratio;

    for (unsigned i = 0; i < ROUNDS; i++) {
        loops[i] = run_rate(flights, count, 0);
        rates[i] = run_rate(flights, in_flight > count ? in_flight : count, in_flight);
        ratios[i] = rates[i] / loops[i];
    }
    ratio = measure_figure(ratios, ROUNDS);
    printf("%-30s %9u %9.0f %9.0f  %6.2f  [%.2f .. %.2f]\n", name, in_flight,
           measure_figure(rates, ROUNDS).median, measure_figure(loops, ROUNDS).median, ratio.median,
           ratio.min, ratio.max);
    fflush(stdout);
}

static void rates_report(const char *name, const char *user, unsigned count)
{
    static const unsigned in_flight[] = {1, 16, 256, 4096};
    struct flights *flights;

    if (!report_wanted(name))
        return;
    flights = flights_new(user);
    flights_run(flights, 16, 0);
    for (size_t i = 0; i < COUNT(in_flight); i++)
        rate_row(name, flights, count, in_flight[i]);
    flights_free(flights);
}

/* --- What a call costs more ----------------------------------------------------------------- */

#define AT_ONCE_MAX 64U

/* Frees of a handle that is none: nothing but the call itself. */
struct calls {
    sspi_async_queue *queue;
    SspiAsyncContext *async[AT_ONCE_MAX];
    unsigned at_once;
};

static void calls_open(struct calls *calls, unsigned at_once)
{
    calls->at_once = at_once;
    calls->queue = sspi_async_queue_new();
    for (unsigned i = 0; i < at_once; i++) {
        calls->async[i] = SspiCreateAsyncContext();
        if (calls->async[i] == NULL || calls->queue == NULL)
            die("no memory");
        SspiSetAsyncNotifyCallback(calls->async[i], sspi_async_queue_post, calls->queue);
    }
}

static void calls_close(struct calls *calls)
{
    for (unsigned i = 0; i < calls->at_once; i++)
        SspiFreeAsyncContext(calls->async[i]);
    sspi_async_queue_free(calls->queue);
}

static void calls_wait(struct calls *calls, unsigned count)
{
    struct pollfd at = {.fd = sspi_async_queue_descriptor(calls->queue), .events = POLLIN};

    while (count != 0) {
        SspiAsyncContext *async = sspi_async_queue_next(calls->queue);

        if (async == NULL) {
            poll(&at, 1, -1);
            continue;
        }
        SspiReinitAsyncContext(async);
        count--;
    }
}

static void calls_async(void *data, unsigned count)
{
    struct calls *calls = data;
    CredHandle none = {0, 0};

    while (count != 0) {
        unsigned now = count < calls->at_once ? count : calls->at_once;

        for (unsigned i = 0; i < now; i++)
            if (SspiFreeCredentialsHandleAsync(calls->async[i], &none) != SEC_E_OK)
                die("a call cannot be queued");
        calls_wait(calls, now);
        count -= now;
    }
}

static void calls_sync(void *data, unsigned count)
{
    CredHandle none = {0, 0};

    (void)data;
    while (count-- != 0)
        FreeCredentialsHandle(&none);
}

static void call_row(const char *name, unsigned at_once)
{
    struct calls calls;
    struct trial trial = {
        .ours = {NULL, calls_async, &calls}, .bare = {NULL, calls_sync, NULL}, .block_max = 128};

    if (!report_wanted(name))
        return;
    calls_open(&calls, at_once);
    report_row(name, &target_call, &trial);
    calls_close(&calls);
}

/* --- Memory --------------------------------------------------------------------------------- */

#define IDLE_CONTEXTS 10000U

static void idle_report(void)
{
    static SspiAsyncContext *contexts[IDLE_CONTEXTS];
    size_t before = mallinfo2().uordblks, size;

    for (unsigned i = 0; i < IDLE_CONTEXTS; i++)
        contexts[i] = SspiCreateAsyncContext();
    size = (mallinfo2().uordblks - before) / IDLE_CONTEXTS;
    for (unsigned i = 0; i < IDLE_CONTEXTS; i++)
        SspiFreeAsyncContext(contexts[i]);
    printf("\n%-40s %zu octets  <= %d: ", "an idle async context", size, IDLE_SIZE_MAX);
    report_verdict(size <= IDLE_SIZE_MAX);
}

/* --- A silent KDC --------------------------------------------------------------------------- */

static void silence_row(const char *name, double alone, double beside, bool promised)
{
    printf("%-40s %9.2f %9.2f  %6.2f", name, alone, beside, beside / alone);
    if (promised) {
        printf("  <= %.2f: ", SLOWER_MAX);
        report_verdict(beside / alone <= SLOWER_MAX);
    } else {
        putchar('\n');
    }
    fflush(stdout);
}

static void wait_then_run(void *data)
{
    const struct run *run = data;

    flights_wait_for_silence(run->flights);
    run_flights(data);
}

/* The clients of a server, one of whom is of a realm that is dead. */
static void stall_rows(struct flights *flights)
{
    struct run one_by_one = {flights, 100, 0}, loop = {flights, 100, 100};
    double alone;

    silence_row("100 logons behind a silent one: a loop", measure_seconds(run_flights, &one_by_one),
                measure_seconds(wait_then_run, &one_by_one), false);
    alone = measure_seconds(run_flights, &loop);
    flights_strand(flights, 1);
    silence_row("in flight, behind a silent one", alone, measure_seconds(run_flights, &loop), true);
    flights_let_go(flights);
}

#define HALF 2048U

/* Both halves are in flight at once. */
static void half_row(struct flights *flights)
{
    struct run half = {flights, HALF, HALF};
    double alone = measure_seconds(run_flights, &half);

    flights_strand(flights, HALF);
    silence_row("2048 in flight beside 2048 silent ones", alone,
                measure_seconds(run_flights, &half), true);
    flights_let_go(flights);
}

static void silence_report(void)
{
    struct flights *flights = flights_new("alice");

    printf("\n%-40s %9s %9s   ratio\n", "seconds", "alone", "beside");
    stall_rows(flights);
    half_row(flights);
    flights_free(flights);
}

int main(int argc, char **argv)
{
    credentials_copy();
    credentials_use(false, "ntlm.users");
    report_options(argc, argv, "asyncbench [OPTION...]");
    printf("\n%-30s %9s %9s %9s   ratio\n", "logons per second", "in flight", "async", "a loop");
    rates_report("a ticket at hand", NULL, 4096);
    rates_report("a password", "alice", 256);
    report_heading("a call that does nothing", "async", "sync");
    call_row("one after the other", 1);
    call_row("64 at once", AT_ONCE_MAX);
    if (report_wanted("memory"))
        idle_report();
    if (report_wanted("silence"))
        silence_report();
    report_end();
    fflush(stdout);
    _exit(EXIT_SUCCESS); /* MIT's library does not let its threads be left behind otherwise */
}
