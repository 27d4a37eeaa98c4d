/* SPDX-License-Identifier: MIT */
/*
 * Calls that may wait. Only a KDC makes a call wait, MIT's library has no bound of its own (a
 * silent one takes 17 to 40 s), so such a step runs on a worker thread: either its caller waits and
 * leaves after a time, or nobody waits at all. The step goes on alone then; all it touches belongs
 * to the job, which outlives the caller.
 *
 * Jobs that nobody waits for come in lanes, one for each thing that may be silent. A lane may hold
 * no more threads than are left free, so that a silent one leaves room for the others: alone it
 * gets half of all threads, the second one half of the rest, and so on.
 *
 * When the process ends no such job begins any more, and those that run have a second.
 */
#ifndef SSPI_CORE_WORKER_H
#define SSPI_CORE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

struct worker_job;

/* What runs, and what frees it: with the last of worker and caller, on either's thread. */
struct worker_class {
    void (*run)(struct worker_job *job);
    void (*destroy)(struct worker_job *job);
};

/* The first member of a structure with the inputs and outputs of the step. */
struct worker_job {
    const struct worker_class *class;
};

/* How a job ended for its caller. */
enum worker_end {
    WORKER_DONE,      /* run() has returned; its outputs may be read */
    WORKER_TIMED_OUT, /* still running; the job is no longer the caller's to read */
    WORKER_REFUSED    /* no thread could be had; run() was never called */
};

/*
 * Runs job on a worker and waits for it, at most timeout_ms milliseconds. Takes the caller's
 * ownership unless it answers WORKER_DONE: then the caller reads the outputs and calls destroy.
 * On a worker already, the job runs there and has all the time it needs.
 */
enum worker_end worker_run(struct worker_job *job, unsigned timeout_ms);

/*
 * Runs job on a worker when its lane is allowed one, and destroys it there. False: no thread could
 * be had, and the job is still the caller's; on a worker it is always true.
 */
bool worker_submit(struct worker_job *job, uint64_t lane) __attribute__((warn_unused_result));

/* Counts the forks that led to this process: threads of an earlier count are not in it. */
unsigned worker_generation(void);

#endif
