/* SPDX-License-Identifier: MIT */
/*
 * Worker threads: started on demand, kept a few seconds for the next step, then gone.
 *
 * A task is shared by two sides, the caller that waits and the thread that runs. Its state, under
 * the pool's lock, says who owns the job when the other has left:
 *
 *   QUEUED  -> RUNNING -> DONE   the caller takes the job back
 *   QUEUED  -> (removed)         the caller gave up before a thread was free
 *   RUNNING -> ABANDONED         the caller gave up; the thread destroys the job when it returns
 *
 * A task that nobody waits for is abandoned from the start. A queued task stands in its lane until
 * it may begin, and then among the ready ones until a thread takes it.
 */
#include "core/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/* Threads that silent KDCs may hold at once; beyond it a step waits in the queue. */
#define WORKER_THREADS_MAX  256
#define WORKER_IDLE_SECONDS 5
#define WORKER_STACK_SIZE   (512 * 1024)
#define WORKER_EXIT_MS      1000 /* longer than any step that is answered */

enum task_state { TASK_QUEUED, TASK_RUNNING, TASK_DONE, TASK_ABANDONED };

struct task_list {
    struct worker_task *head, **tail;
};

struct worker_lane {
    struct worker_lane *next;
    uint64_t key;
    unsigned busy; /* tasks that are ready or run */
    struct task_list waiting;
};

struct worker_task {
    struct worker_task *next;
    struct task_list *list; /* where it stands while it is queued */
    struct worker_lane *lane;
    struct worker_job *job;
    enum task_state state;
    bool awaited;
    pthread_cond_t changed;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work, quiet;
    struct task_list ready;
    struct worker_lane awaited, *lanes; /* tasks with a caller that waits, and all others */
    unsigned threads, idle, ready_count, busy, running;
    bool waking; /* an idle thread was told to come and has not come yet */
    bool closing;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t pool_once = PTHREAD_ONCE_INIT;
static atomic_uint generation;
static _Thread_local bool on_worker;

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

/* --- Lists ---------------------------------------------------------------------------------- */

static void list_init(struct task_list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

static void list_push(struct task_list *list, struct worker_task *task)
{
    task->next = NULL;
    task->list = list;
    *list->tail = task;
    list->tail = &task->next;
}

static void list_remove(struct worker_task *task)
{
    struct worker_task **at = &task->list->head;

    while (*at != task)
        at = &(*at)->next;
    *at = task->next;
    if (task->list->tail == &task->next)
        task->list->tail = at;
}

/* --- Lanes ---------------------------------------------------------------------------------- */

static struct worker_lane *lane_find(uint64_t key)
{
    struct worker_lane *lane = pool.lanes;

    while (lane != NULL && lane->key != key)
        lane = lane->next;
    if (lane != NULL || (lane = calloc(1, sizeof(*lane))) == NULL)
        return lane;
    lane->key = key;
    list_init(&lane->waiting);
    lane->next = pool.lanes;
    pool.lanes = lane;
    return lane;
}

static void lane_drop_empty(struct worker_lane *lane)
{
    struct worker_lane **at = &pool.lanes;

    if (lane == &pool.awaited || lane->busy != 0 || lane->waiting.head != NULL)
        return;
    while (*at != lane)
        at = &(*at)->next;
    *at = lane->next;
    free(lane);
}

/* Who is waited for may have all threads there are. */
static bool lane_may_begin(const struct worker_lane *lane)
{
    unsigned left = WORKER_THREADS_MAX - pool.busy;

    return left != 0 && (lane == &pool.awaited || lane->busy < left);
}

static void task_ready(struct worker_task *task)
{
    list_push(&pool.ready, task);
    pool.ready_count++;
    pool.busy++;
    task->lane->busy++;
}

static bool lane_promote(struct worker_lane *lane)
{
    struct worker_task *task = lane->waiting.head;

    if (task == NULL || !lane_may_begin(lane))
        return false;
    list_remove(task);
    task_ready(task);
    return true;
}

/* A thread has become free: the lane that holds the fewest of them is the next. */
static void lanes_promote(void)
{
    struct worker_lane *next = NULL;

    if (lane_promote(&pool.awaited))
        return;
    for (struct worker_lane *lane = pool.lanes; lane != NULL; lane = lane->next)
        if (lane->waiting.head != NULL && (next == NULL || lane->busy < next->busy))
            next = lane;
    if (next != NULL)
        lane_promote(next);
}

static void lane_release(struct worker_lane *lane)
{
    lane->busy--;
    pool.busy--;
    lanes_promote();
    lane_drop_empty(lane);
}

/* --- The pool ------------------------------------------------------------------------------- */

/* A forked child has this memory but not the threads: it starts with an empty pool. */
static void pool_reset(void)
{
    pthread_mutex_init(&pool.lock, NULL);
    cond_init(&pool.work);
    cond_init(&pool.quiet);
    list_init(&pool.ready);
    list_init(&pool.awaited.waiting);
    pool.lanes = NULL;
    pool.awaited.busy = pool.threads = pool.idle = pool.ready_count = pool.busy = pool.running = 0;
    pool.waking = false;
    pool.closing = false;
}

static void pool_forked(void)
{
    pool_reset();
    on_worker = false;
    atomic_fetch_add(&generation, 1);
}

static void pool_start(void)
{
    pool_reset();
    pthread_atfork(NULL, NULL, pool_forked);
}

unsigned worker_generation(void)
{
    pthread_once(&pool_once, pool_start);
    return atomic_load(&generation);
}

/* At exit only what somebody waits for. */
static bool task_may_run(const struct worker_task *task)
{
    return !pool.closing || task->awaited;
}

static struct worker_task *task_take(void)
{
    struct worker_task *task = pool.ready.head;

    while (task != NULL && !task_may_run(task))
        task = task->next;
    if (task != NULL) {
        list_remove(task);
        pool.ready_count--;
    }
    return task;
}

static void task_free(struct worker_task *task)
{
    if (task->awaited)
        pthread_cond_destroy(&task->changed);
    free(task);
}

/* --- The end of the process ----------------------------------------------------------------- */

/*
 * MIT's library takes itself apart while the process ends, and so do OpenSSL and others under it.
 * No step begins any more, and those that are answered end before; one whose KDC is silent sleeps
 * through it.
 */
__attribute__((destructor)) static void pool_close(void)
{
    struct timespec until = deadline_after(WORKER_EXIT_MS);

    pthread_mutex_lock(&pool.lock);
    pool.closing = true;
    while (pool.running > on_worker && pthread_cond_timedwait(&pool.quiet, &pool.lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&pool.lock);
}

static pthread_once_t exit_once = PTHREAD_ONCE_INIT;

/* Destructors come after what atexit() was told, and OpenSSL tells it once a step has loaded it. */
static void exit_watch(void)
{
    atexit(pool_close);
}

/* --- A task --------------------------------------------------------------------------------- */

/* Tells who waits for it, or frees it. The lock is held on entry and on return. */
static void task_end(struct worker_task *task)
{
    lane_release(task->lane);
    if (task->state == TASK_RUNNING) {
        task->state = TASK_DONE;
        pthread_cond_signal(&task->changed);
        return;
    }
    pthread_mutex_unlock(&pool.lock);
    task->job->class->destroy(task->job);
    task_free(task);
    pthread_mutex_lock(&pool.lock);
}

/* The same. */
static void task_run(struct worker_task *task)
{
    if (task->awaited)
        task->state = TASK_RUNNING;
    pool.running++;
    pthread_mutex_unlock(&pool.lock);
    task->job->class->run(task->job);
    pthread_once(&exit_once, exit_watch);
    pthread_mutex_lock(&pool.lock);
    task_end(task);
    pool.running--;
    if (pool.closing)
        pthread_cond_signal(&pool.quiet);
}

/*
 * Wakes one thread at a time: while it comes, those that are awake may have done what there was.
 * Whoever leaves the wait, woken or not, makes room for the next. The lock is held.
 */
static void pool_wake(void)
{
    if (pool.waking || pool.idle == 0 || pool.ready_count == 0)
        return;
    pool.waking = true;
    pthread_cond_signal(&pool.work);
}

/* The next task, or NULL where none has come for a while. The lock is held. */
static struct worker_task *task_await(void)
{
    struct timespec until = deadline_after(WORKER_IDLE_SECONDS * 1000);
    struct worker_task *task;
    bool late = false;

    while ((task = task_take()) == NULL && !late) {
        pool.idle++;
        late = pthread_cond_timedwait(&pool.work, &pool.lock, &until) != 0;
        pool.idle--;
        pool.waking = false;
    }
    pool_wake(); /* this one may be long over its task */
    return task;
}

static void *worker_main(void *unused)
{
    struct worker_task *task;

    (void)unused;
    on_worker = true;
    pthread_mutex_lock(&pool.lock);
    while ((task = task_await()) != NULL)
        task_run(task);
    pool.threads--;
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

/* A program's signals are not for a worker. */
static bool thread_start(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_SIZE);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, &attributes, worker_main, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (!failed)
        pool.threads++;
    return !failed;
}

/*
 * Puts the task where it belongs and sees to it that there is a thread for it: one more if the idle
 * ones do not suffice. False: there is none at all.
 */
static bool task_queue(struct worker_task *task)
{
    if (!lane_may_begin(task->lane)) {
        list_push(&task->lane->waiting, task);
        return true;
    }
    if (pool.idle <= pool.ready_count && pool.threads < WORKER_THREADS_MAX && !thread_start() &&
        pool.threads == 0)
        return false;
    task_ready(task);
    pool_wake();
    return true;
}

/* --- With a caller that waits --------------------------------------------------------------- */

static void task_withdraw(struct worker_task *task)
{
    bool ready = task->list == &pool.ready;

    list_remove(task);
    if (!ready)
        return;
    pool.ready_count--;
    lane_release(task->lane);
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
    if (task->state == TASK_RUNNING)
        task->state = TASK_ABANDONED;
    else
        task_withdraw(task);
    return WORKER_TIMED_OUT;
}

static struct worker_task *task_new(struct worker_job *job, bool awaited)
{
    struct worker_task *task = calloc(1, sizeof(*task));

    if (task == NULL)
        return NULL;
    pthread_once(&pool_once, pool_start);
    task->job = job;
    task->awaited = awaited;
    task->state = awaited ? TASK_QUEUED : TASK_ABANDONED;
    if (awaited)
        cond_init(&task->changed);
    return task;
}

enum worker_end worker_run(struct worker_job *job, unsigned timeout_ms)
{
    struct worker_task *task;
    enum worker_end end = WORKER_REFUSED;
    enum task_state state = TASK_QUEUED;

    if (on_worker) {
        job->class->run(job);
        return WORKER_DONE;
    }
    task = task_new(job, true);
    if (task != NULL) {
        pthread_mutex_lock(&pool.lock);
        task->lane = &pool.awaited;
        if (task_queue(task))
            end = task_wait(task, timeout_ms);
        state = task->state;
        pthread_mutex_unlock(&pool.lock);
        if (state != TASK_ABANDONED)
            task_free(task);
    }
    if (end != WORKER_DONE && state != TASK_ABANDONED)
        job->class->destroy(job);
    return end;
}

/* --- Without -------------------------------------------------------------------------------- */

bool worker_submit(struct worker_job *job, uint64_t lane)
{
    struct worker_task *task = task_new(job, false);
    bool queued = false;

    if (task != NULL) {
        pthread_mutex_lock(&pool.lock);
        task->lane = lane_find(lane);
        if (task->lane != NULL && !(queued = task_queue(task)))
            lane_drop_empty(task->lane);
        pthread_mutex_unlock(&pool.lock);
    }
    if (!queued)
        free(task);
    if (queued || !on_worker)
        return queued;
    job->class->run(job); /* out of memory: here there is a thread at least */
    job->class->destroy(job);
    return true;
}
