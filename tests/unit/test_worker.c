/* SPDX-License-Identifier: MIT */
/* The worker: results, time limits, abandoned jobs, many at once, a forked child, exit(). */
#include "core/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/check_main.h"

/* Where a job waits until the test lets it go on. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool open;
};

struct job {
    struct worker_job base;
    struct gate *gate;
    int input, output;
};

static atomic_int begun, destroyed, ran;

static void job_run(struct worker_job *base)
{
    struct job *job = (struct job *)base;

    if (job->gate != NULL) {
        pthread_mutex_lock(&job->gate->lock);
        atomic_fetch_add(&begun, 1);
        while (!job->gate->open)
            pthread_cond_wait(&job->gate->opened, &job->gate->lock);
        pthread_mutex_unlock(&job->gate->lock);
    }
    job->output = job->input * 2;
    atomic_fetch_add(&ran, 1);
}

static void job_destroy(struct worker_job *base)
{
    free(base);
    atomic_fetch_add(&destroyed, 1);
}

static const struct worker_class job_class = {job_run, job_destroy};

static struct job *job_new(int input, struct gate *gate)
{
    struct job *job = calloc(1, sizeof(*job));

    job->base.class = &job_class;
    job->input = input;
    job->gate = gate;
    return job;
}

static void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->lock);
}

static void wait_for(atomic_int *counter, int value)
{
    struct timespec pause = {0, 1000000};

    while (atomic_load(counter) < value)
        nanosleep(&pause, NULL);
}

START_TEST(test_result)
{
    struct job *job = job_new(21, NULL);

    ck_assert_int_eq(worker_run(&job->base, 10000), WORKER_DONE);
    ck_assert_int_eq(job->output, 42);
    ck_assert_int_eq(atomic_load(&destroyed), 0);
    job_destroy(&job->base);
}
END_TEST

/* The caller leaves; the job goes on, owns itself and is destroyed once. One that no thread has
 * begun in time would be destroyed at once, so there is more time then. */
START_TEST(test_abandoned)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    int never_begun = -1;
    unsigned limit = 20;

    do {
        never_begun++;
        ck_assert_int_eq(worker_run(&job_new(1, &gate)->base, limit), WORKER_TIMED_OUT);
        limit *= 2;
    } while (atomic_load(&destroyed) > never_begun);
    gate_open(&gate);
    wait_for(&destroyed, never_begun + 1);
    ck_assert_int_eq(atomic_load(&ran), 1);
}
END_TEST

#define CALLERS 300 /* more than there may be threads */

static void *call_one(void *gate)
{
    struct job *job = job_new(1, gate);
    enum worker_end end = worker_run(&job->base, 60000);

    if (end == WORKER_DONE)
        job_destroy(&job->base);
    return (void *)(uintptr_t)(end == WORKER_DONE);
}

/* Beyond the limit of threads jobs wait in the queue and are all served. */
START_TEST(test_many)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    pthread_t callers[CALLERS];
    void *done;

    for (int i = 0; i < CALLERS; i++)
        ck_assert_int_eq(pthread_create(&callers[i], NULL, call_one, &gate), 0);
    gate_open(&gate);
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(callers[i], &done);
        ck_assert_ptr_nonnull(done);
    }
    ck_assert_int_eq(atomic_load(&ran), CALLERS);
    ck_assert_int_eq(atomic_load(&destroyed), CALLERS);
}
END_TEST

/* A job that nobody has begun when the time is over never runs. */
START_TEST(test_queued_and_given_up)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    struct job *job;
    int blocked = 0;

    for (; blocked < 256; blocked++) {
        job = job_new(1, &gate);
        ck_assert_int_eq(worker_run(&job->base, 1), WORKER_TIMED_OUT);
    }
    job = job_new(1, &gate);
    ck_assert_int_eq(worker_run(&job->base, 10), WORKER_TIMED_OUT);
    wait_for(&destroyed, 1); /* the last one, at once */
    gate_open(&gate);
    wait_for(&destroyed, blocked + 1);
    ck_assert_int_le(atomic_load(&ran), blocked);
}
END_TEST

/* The child has none of the threads and starts its own. */
START_TEST(test_fork)
{
    struct job *job = job_new(3, NULL);
    int status;
    pid_t child;

    ck_assert_int_eq(worker_run(&job->base, 10000), WORKER_DONE);
    job_destroy(&job->base);
    child = fork();
    if (child == 0) {
        job = job_new(4, NULL);
        _exit(worker_run(&job->base, 10000) == WORKER_DONE && job->output == 8 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

/* --- Jobs that nobody waits for ------------------------------------------------------------- */

static void submit(int count, uint64_t lane, struct gate *gate)
{
    for (int i = 0; i < count; i++)
        ck_assert(worker_submit(&job_new(1, gate)->base, lane));
}

/*
 * However many are stuck in one lane, and in a second, another lane's go on; half of what there is
 * and half of the rest are what the stuck ones hold.
 */
START_TEST(test_lanes)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};

    submit(400, 1, &gate);
    submit(400, 2, &gate);
    submit(200, 3, NULL);
    wait_for(&destroyed, 200);
    ck_assert_int_eq(atomic_load(&ran), 200);
    gate_open(&gate);
    wait_for(&destroyed, 1000);
    ck_assert_int_eq(atomic_load(&ran), 1000);
}
END_TEST

/* Who waits is not behind those that nobody waits for. */
START_TEST(test_awaited_beside_lanes)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    struct job *job = job_new(21, NULL);

    submit(400, 1, &gate);
    ck_assert_int_eq(worker_run(&job->base, 60000), WORKER_DONE);
    ck_assert_int_eq(job->output, 42);
    job_destroy(&job->base);
    gate_open(&gate);
    wait_for(&destroyed, 401);
}
END_TEST

/* A job that runs another one does so on its own thread, and the limit of time is not for it. */
static void nested_run(struct worker_job *base)
{
    struct job *outer = (struct job *)base, *inner = job_new(21, NULL);
    pthread_t self = pthread_self();

    outer->output = worker_run(&inner->base, 0) == WORKER_DONE && inner->output == 42 &&
                    pthread_equal(self, pthread_self());
    job_destroy(&inner->base);
    atomic_fetch_add(&ran, 1);
}

static const struct worker_class nested_class = {nested_run, job_destroy};

START_TEST(test_nested)
{
    struct job *job = job_new(0, NULL);

    job->base.class = &nested_class;
    ck_assert_int_eq(worker_run(&job->base, 60000), WORKER_DONE);
    ck_assert_int_eq(job->output, 1);
    job_destroy(&job->base);
}
END_TEST

/*
 * What the parent's threads have is not the child's, which can tell by the count. The fork waits
 * until all that may begin have: a sanitizer's own locks, unlike malloc()'s, do not survive one.
 */
START_TEST(test_fork_with_lanes)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    unsigned before = worker_generation();
    int status;
    pid_t child;

    submit(300, 1, &gate);
    wait_for(&begun, 128);
    child = fork();
    if (child == 0) {
        submit(10, 1, NULL);
        wait_for(&destroyed, 10);
        _exit(worker_generation() != before ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_uint_eq(worker_generation(), before);
    gate_open(&gate);
    wait_for(&destroyed, 300);
}
END_TEST

/* --- The end of the process ----------------------------------------------------------------- */

#define LANE_THREADS 128 /* what one lane may have */

static struct gate end_gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
static int end_pipe[2];

static void end_run(struct worker_job *base)
{
    job_run(base);
    ck_assert_int_eq(write(end_pipe[1], "x", 1), 1);
}

static const struct worker_class end_class = {end_run, job_destroy};

static void end_gate_open(void)
{
    gate_open(&end_gate);
}

/* One job, after which exit() is watched for. */
static void end_begin(void)
{
    struct job *job = job_new(1, NULL);

    ck_assert_int_eq(worker_run(&job->base, 60000), WORKER_DONE);
    job_destroy(&job->base);
}

/* The last to be told, so the first: only now may the jobs go on. */
static void end_process(void)
{
    end_begin();
    atexit(end_gate_open);
    for (int i = 0; i < LANE_THREADS; i++) {
        struct job *job = job_new(i, &end_gate);

        job->base.class = &end_class;
        ck_assert(worker_submit(&job->base, 1));
    }
    wait_for(&begun, LANE_THREADS);
    exit(0);
}

/* Steps that run when the process ends are waited for. */
START_TEST(test_exit)
{
    char octets[LANE_THREADS + 2];
    int status, size, got = 0;
    pid_t child;

    ck_assert_int_eq(pipe(end_pipe), 0);
    child = fork();
    if (child == 0)
        end_process();
    close(end_pipe[1]);
    while ((size = (int)read(end_pipe[0], octets, sizeof(octets))) > 0)
        got += size;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_eq(got, LANE_THREADS);
}
END_TEST

static void end_process_stuck(void)
{
    end_begin();
    ck_assert(worker_submit(&job_new(1, &end_gate)->base, 1));
    wait_for(&begun, 1);
    exit(0);
}

/* One that never ends does not keep the process. */
START_TEST(test_exit_stuck)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        end_process_stuck();
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("worker");
    TCase *tc = tcase_create("jobs");

    tcase_add_test(tc, test_result);
    tcase_add_test(tc, test_abandoned);
    tcase_add_test(tc, test_many);
    tcase_add_test(tc, test_queued_and_given_up);
    tcase_add_test(tc, test_fork);
    tcase_add_test(tc, test_lanes);
    tcase_add_test(tc, test_awaited_beside_lanes);
    tcase_add_test(tc, test_nested);
    tcase_add_test(tc, test_fork_with_lanes);
    tcase_add_test(tc, test_exit);
    tcase_add_test(tc, test_exit_stuck);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
