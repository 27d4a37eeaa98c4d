/* SPDX-License-Identifier: MIT */
/*
 * Worker threads: started on demand, kept a few seconds for the next step, then gone.
 *
 * A task is shared by two sides, the caller that waits and the thread that runs. Its state, under
 * the pool's lock, says who owns the job when the other has left: QUEUED -> RUNNING -> DONE the
 * caller takes the job back QUEUED -> (removed)             the caller gave up before a thread was
 * free RUNNING -> ABANDONED            the caller gave up; the thread destroys the job when it
 * returns
 */
#include "core/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Threads that a silent KDC may hold at once; beyond it a step waits in the queue. */
#define WORKER_THREADS_MAX  256
#define WORKER_IDLE_SECONDS 5
#define WORKER_STACK_SIZE   (512 * 1024)

enum task_state { TASK_QUEUED, TASK_RUNNING, TASK_DONE, TASK_ABANDONED };

struct worker_task {
    struct worker_task *next;
    struct worker_job *job;
    enum task_state state;
    pthread_cond_t changed;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct worker_task *head, **tail;
    unsigned threads, idle, queued;
} pool;

static pthread_once_t pool_once = PTHREAD_ONCE_INIT;

/* Both conditions count on the clock that nobody sets. */
static void cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &attributes);
    pthread_condattr_destroy(&attributes);
}

static struct timespec deadline_after(unsigned ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* A forked child has this memory but not the threads: it starts with an empty pool. */
static void pool_reset(void)
{
    pthread_mutex_init(&pool.lock, NULL);
    cond_init(&pool.work);
    pool.head = NULL;
    pool.tail = &pool.head;
    pool.threads = pool.idle = pool.queued = 0;
}

static void pool_start(void)
{
    pool_reset();
    pthread_atfork(NULL, NULL, pool_reset);
}

static struct worker_task *queue_pop(void)
{
    struct worker_task *task = pool.head;

    if (task != NULL) {
        pool.head = task->next;
        if (pool.head == NULL)
            pool.tail = &pool.head;
        pool.queued--;
    }
    return task;
}

static void queue_push(struct worker_task *task)
{
    task->next = NULL;
    *pool.tail = task;
    pool.tail = &task->next;
    pool.queued++;
}

static void queue_remove(struct worker_task *task)
{
    struct worker_task **at = &pool.head;

    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
    if (pool.tail == &task->next)
        pool.tail = at;
    pool.queued--;
}

static void task_free(struct worker_task *task)
{
    pthread_cond_destroy(&task->changed);
    free(task);
}

/* Runs one task. The lock is held on entry and on return. */
static void task_run(struct worker_task *task)
{
    struct worker_job *job = task->job;

    task->state = TASK_RUNNING;
    pthread_mutex_unlock(&pool.lock);
    job->class->run(job);
    pthread_mutex_lock(&pool.lock);
    if (task->state == TASK_RUNNING) {
        task->state = TASK_DONE;
        pthread_cond_signal(&task->changed);
        return;
    }
    pthread_mutex_unlock(&pool.lock);
    job->class->destroy(job);
    task_free(task);
    pthread_mutex_lock(&pool.lock);
}

static void *worker_main(void *unused)
{
    struct worker_task *task;
    struct timespec until;

    (void)unused;
    pthread_mutex_lock(&pool.lock);
    for (;;) {
        task = queue_pop();
        if (task != NULL) {
            task_run(task);
            continue;
        }
        until = deadline_after(WORKER_IDLE_SECONDS * 1000);
        pool.idle++;
        while (pool.head == NULL && pthread_cond_timedwait(&pool.work, &pool.lock, &until) == 0)
            continue;
        pool.idle--;
        if (pool.head == NULL)
            break;
    }
    pool.threads--;
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

/* One more thread if the idle ones do not suffice; a program's signals are not for it. */
static bool thread_ensure(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int failed;

    if (pool.idle >= pool.queued || pool.threads >= WORKER_THREADS_MAX)
        return true;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, &attributes, worker_main, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failed)
        return pool.threads != 0;
    pool.threads++;
    return true;
}

/* Waits until the task is done or the time is over. The lock is held. */
static enum worker_end task_wait(struct worker_task *task, unsigned timeout_ms)
{
    struct timespec until = deadline_after(timeout_ms);

    while (task->state != TASK_DONE)
        if (pthread_cond_timedwait(&task->changed, &pool.lock, &until) != 0)
            break;
    if (task->state == TASK_DONE)
        return WORKER_DONE;
    if (task->state == TASK_RUNNING) {
        task->state = TASK_ABANDONED;
    } else {
        queue_remove(task);
        task->state = TASK_QUEUED;
    }
    return WORKER_TIMED_OUT;
}

enum worker_end worker_run(struct worker_job *job, unsigned timeout_ms)
{
    struct worker_task *task = calloc(1, sizeof(*task));
    enum worker_end end = WORKER_REFUSED;
    enum task_state state = TASK_QUEUED;

    if (task != NULL) {
        pthread_once(&pool_once, pool_start);
        task->job = job;
        cond_init(&task->changed);
        pthread_mutex_lock(&pool.lock);
        queue_push(task);
        if (thread_ensure()) {
            pthread_cond_signal(&pool.work);
            end = task_wait(task, timeout_ms);
        } else {
            queue_remove(task);
        }
        state = task->state;
        pthread_mutex_unlock(&pool.lock);
        if (state != TASK_ABANDONED)
            task_free(task);
    }
    if (end != WORKER_DONE && state != TASK_ABANDONED)
        job->class->destroy(job);
    return end;
}
