/* SPDX-License-Identifier: MIT */
/* The handle table: what is stale, doubly closed, forged or of the wrong kind never reaches an
 * object. */
#include "core/handle.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check_main.h"

struct thing {
    struct handled handled;
    int value;
};

static atomic_int destroyed;

static void thing_destroy(struct object *object)
{
    atomic_fetch_add(&destroyed, 1);
    free(object);
}

static const struct object_class thing_class = {"thing", thing_destroy};

/* A thing whose only reference is the table's. */
static struct thing *thing_open(enum handle_kind kind, SecHandle *handle)
{
    struct thing *thing = calloc(1, sizeof(*thing));

    ck_assert_ptr_nonnull(thing);
    object_init(&thing->handled.object, &thing_class);
    ck_assert_int_eq(handle_open(&thing->handled, kind, handle), SEC_E_OK);
    object_unref(&thing->handled.object);
    return thing;
}

START_TEST(test_opens_and_closes)
{
    SecHandle handle;
    struct thing *thing = thing_open(HANDLE_CONTEXT, &handle);
    struct handled *found = handle_pin(&handle, HANDLE_CONTEXT);

    ck_assert_ptr_eq(found, &thing->handled);
    handle_unpin(found);
    ck_assert_int_eq(atomic_load(&destroyed), 0);
    ck_assert_int_eq(handle_close(&handle, HANDLE_CONTEXT), SEC_E_OK);
    ck_assert_int_eq(atomic_load(&destroyed), 1);
}
END_TEST

START_TEST(test_is_never_a_callers_no_handle)
{
    for (int i = 0; i < 2000; i++) {
        SecHandle handle;

        thing_open(i & 1 ? HANDLE_CONTEXT : HANDLE_CREDENTIAL, &handle);
        ck_assert(handle.dwLower != 0 || handle.dwUpper != 0);
        ck_assert(handle.dwLower != (ULONG_PTR)-1 || handle.dwUpper != (ULONG_PTR)-1);
    }
}
END_TEST

START_TEST(test_refuses_stale_and_doubly_closed)
{
    SecHandle first, second;

    thing_open(HANDLE_CREDENTIAL, &first);
    ck_assert_int_eq(handle_close(&first, HANDLE_CREDENTIAL), SEC_E_OK);
    ck_assert_int_eq(handle_close(&first, HANDLE_CREDENTIAL), SEC_E_INVALID_HANDLE);
    ck_assert_ptr_null(handle_pin(&first, HANDLE_CREDENTIAL));
    /* The slot is used again, under another generation. */
    thing_open(HANDLE_CREDENTIAL, &second);
    ck_assert_uint_eq(first.dwLower, second.dwLower);
    ck_assert_uint_ne(first.dwUpper, second.dwUpper);
    ck_assert_ptr_null(handle_pin(&first, HANDLE_CREDENTIAL));
    ck_assert_int_eq(handle_close(&second, HANDLE_CREDENTIAL), SEC_E_OK);
}
END_TEST

START_TEST(test_refuses_wrong_kind_and_forged)
{
    SecHandle handle, forged;

    thing_open(HANDLE_CREDENTIAL, &handle);
    ck_assert_ptr_null(handle_pin(&handle, HANDLE_CONTEXT));
    ck_assert_int_eq(handle_close(&handle, HANDLE_CONTEXT), SEC_E_INVALID_HANDLE);
    forged = handle;
    forged.dwLower = (handle.dwLower & ~(ULONG_PTR)0xff) | HANDLE_CONTEXT;
    ck_assert_ptr_null(handle_pin(&forged, HANDLE_CONTEXT));
    forged = handle;
    forged.dwUpper += 1;
    ck_assert_ptr_null(handle_pin(&forged, HANDLE_CREDENTIAL));
    ck_assert_ptr_null(handle_pin(NULL, HANDLE_CREDENTIAL));
    for (unsigned bit = 0; bit < 2 * 8 * sizeof(ULONG_PTR); bit++) {
        ULONG_PTR *word = bit < 8 * sizeof(ULONG_PTR) ? &forged.dwLower : &forged.dwUpper;

        forged = handle;
        *word ^= (ULONG_PTR)1 << (bit % (8 * sizeof(ULONG_PTR)));
        ck_assert_ptr_null(handle_pin(&forged, HANDLE_CREDENTIAL));
    }
    memset(&forged, 0xff, sizeof(forged));
    ck_assert_ptr_null(handle_pin(&forged, HANDLE_CREDENTIAL));
    memset(&forged, 0, sizeof(forged));
    ck_assert_ptr_null(handle_pin(&forged, HANDLE_CREDENTIAL));
    ck_assert_int_eq(handle_close(&handle, HANDLE_CREDENTIAL), SEC_E_OK);
}
END_TEST

START_TEST(test_object_outlives_its_handle)
{
    SecHandle handle;
    struct handled *pinned;

    thing_open(HANDLE_CONTEXT, &handle);
    pinned = handle_pin(&handle, HANDLE_CONTEXT);
    ck_assert_ptr_nonnull(pinned);
    ck_assert_int_eq(handle_close(&handle, HANDLE_CONTEXT), SEC_E_OK);
    ck_assert_int_eq(atomic_load(&destroyed), 0);
    ck_assert_ptr_null(handle_pin(&handle, HANDLE_CONTEXT));
    handle_unpin(pinned);
    ck_assert_int_eq(atomic_load(&destroyed), 1);
}
END_TEST

#define THREADS 32
#define ROUNDS  2000

static SecHandle shared[8];
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int opened, closed;

/* Opens, pins, closes and double-closes handles that other threads do the same to. */
static void *hammer(void *seed)
{
    unsigned random = (unsigned)(uintptr_t)seed;

    for (int i = 0; i < ROUNDS; i++) {
        SecHandle mine, other;
        struct handled *pinned;
        unsigned slot;

        random = random * 1103515245U + 12345U;
        slot = (random >> 16) % 8;
        thing_open(HANDLE_CONTEXT, &mine);
        atomic_fetch_add(&opened, 1);
        pthread_mutex_lock(&shared_lock);
        other = shared[slot];
        shared[slot] = mine;
        pthread_mutex_unlock(&shared_lock);
        pinned = handle_pin(&other, HANDLE_CONTEXT);
        if (pinned != NULL)
            ck_assert_ptr_eq(pinned->object.class, &thing_class);
        if (handle_close(&other, HANDLE_CONTEXT) == SEC_E_OK)
            atomic_fetch_add(&closed, 1);
        ck_assert_int_eq(handle_close(&other, HANDLE_CONTEXT), SEC_E_INVALID_HANDLE);
        handle_unpin(pinned);
    }
    return NULL;
}

START_TEST(test_threads)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer, (void *)(uintptr_t)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 8; i++)
        if (handle_close(&shared[i], HANDLE_CONTEXT) == SEC_E_OK)
            atomic_fetch_add(&closed, 1);
    ck_assert_int_eq(atomic_load(&opened), THREADS * ROUNDS);
    ck_assert_int_eq(atomic_load(&closed), THREADS * ROUNDS);
    ck_assert_int_eq(atomic_load(&destroyed), THREADS * ROUNDS);
}
END_TEST

/* Half of the threads come by a handle, the other half pin first; one closes at the end. */
static SecHandle meeting;

static void *meet(void *by_handle)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct handled *object = by_handle != NULL ? handle_pin_alone(&meeting, HANDLE_CONTEXT)
                                                   : handle_pin(&meeting, HANDLE_CONTEXT);

        ck_assert_ptr_nonnull(object);
        if (by_handle == NULL)
            handle_alone_begin(object);
        ((struct thing *)object)->value++; /* no atomic: the call is alone */
        if (i % 16 == 0)
            sched_yield(); /* lets others find it taken */
        if (by_handle != NULL) {
            handle_unpin_alone(object);
        } else {
            handle_alone_end(object);
            handle_unpin(object);
        }
    }
    return NULL;
}

START_TEST(test_lone_calls)
{
    pthread_t threads[THREADS];
    struct thing *thing = thing_open(HANDLE_CONTEXT, &meeting);

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, meet, i % 2 != 0 ? &meeting : NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(thing->value, THREADS * ROUNDS);
    ck_assert_int_eq(handle_close(&meeting, HANDLE_CONTEXT), SEC_E_OK);
    ck_assert_int_eq(atomic_load(&destroyed), 1);
    ck_assert_ptr_null(handle_pin_alone(&meeting, HANDLE_CONTEXT));
}
END_TEST

/* Closing does not wait for a lone call, and the object outlives it. */
START_TEST(test_lone_call_outlives_its_handle)
{
    SecHandle handle;
    struct handled *object;

    thing_open(HANDLE_CONTEXT, &handle);
    ck_assert_ptr_null(handle_pin_alone(&handle, HANDLE_CREDENTIAL));
    object = handle_pin_alone(&handle, HANDLE_CONTEXT);
    ck_assert_ptr_nonnull(object);
    ck_assert_int_eq(handle_close(&handle, HANDLE_CONTEXT), SEC_E_OK);
    ck_assert_int_eq(atomic_load(&destroyed), 0);
    handle_unpin_alone(object);
    ck_assert_int_eq(atomic_load(&destroyed), 1);
}
END_TEST

/* --- Forks ---------------------------------------------------------------------------------- */

#define CHILD_SECONDS 30 /* only a child that hangs takes so long */
#define FORKS         200

/*
 * What a child did not find as it should be; 0: nothing. It says so by its end, and neither it nor
 * the threads beside it assert, for which Check has a lock of its own; nor do they allocate, for
 * which sanitizers have some.
 */
static void assert_child(int (*run)(void))
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        signal(SIGALRM, SIG_DFL); /* Check's would end the test without a word */
        alarm(CHILD_SECONDS);
        _exit(run());
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status), "the child ended by signal %d", WTERMSIG(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static atomic_bool over;

static void thing_stay(struct object *object)
{
    (void)object;
}

static const struct object_class lasting_class = {"lasting thing", thing_stay};

/* Opens and closes so many; what was wrong, or 0. */
static int come_and_go(int count)
{
    struct thing things[300];
    SecHandle handles[300];
    int wrong = 0;

    memset(things, 0, sizeof(things));
    for (int i = 0; i < count; i++) {
        object_init(&things[i].handled.object, &lasting_class);
        wrong |= handle_open(&things[i].handled, HANDLE_CONTEXT, &handles[i]) != SEC_E_OK;
    }
    for (int i = 0; i < count; i++) {
        struct handled *found = handle_pin(&handles[i], HANDLE_CONTEXT);

        wrong |= found == NULL ? 2 : 0;
        handle_unpin(found);
        wrong |= handle_close(&handles[i], HANDLE_CONTEXT) != SEC_E_OK ? 4 : 0;
        wrong |= atomic_load(&things[i].handled.object.refs) != 1 ? 8 : 0;
    }
    return wrong;
}

static void *come_and_go_on(void *unused)
{
    int wrong = 0;

    (void)unused;
    while (!atomic_load(&over))
        wrong |= come_and_go(10);
    return wrong == 0 ? NULL : &over;
}

/* More than are free, so that the child makes a chunk of its own. */
static int child_comes_and_goes(void)
{
    return come_and_go(300);
}

/* The table is never caught in the middle of a change. */
START_TEST(test_fork_while_others_open)
{
    pthread_t threads[4];
    void *wrong;

    atomic_store(&over, false);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go_on, NULL), 0);
    for (int i = 0; i < FORKS; i++)
        assert_child(child_comes_and_goes);
    atomic_store(&over, true);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &wrong);
        ck_assert_ptr_null(wrong);
    }
}
END_TEST

/* One thread is alone with the first of the two, and another waits for its end. */
static SecHandle taken, untouched;
static atomic_int inside;

static void *be_alone(void *unused)
{
    struct handled *object = handle_pin_alone(&taken, HANDLE_CONTEXT);

    ck_assert_ptr_nonnull(object);
    atomic_fetch_add(&inside, 1);
    while (!atomic_load(&over))
        sched_yield();
    handle_unpin_alone(object);
    return unused;
}

static void *wait_alone(void *unused)
{
    atomic_fetch_add(&inside, 1);
    handle_unpin_alone(handle_pin_alone(&taken, HANDLE_CONTEXT));
    return unused;
}

static void *be_alone_often(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct handled *object = handle_pin_alone(&untouched, HANDLE_CONTEXT);

        if (object == NULL)
            return &untouched;
        if (i % 16 == 0)
            sched_yield();
        handle_unpin_alone(object);
    }
    return unused;
}

/* The thread sanitizer does not let a child start any. */
#if defined(__SANITIZE_THREAD__)
#define CHILD_THREADS 0
#else
#define CHILD_THREADS 4
#endif

/* What another thread has in hand is not the child's; its own threads wait for each other. */
static int child_is_alone(void)
{
    pthread_t threads[CHILD_THREADS + 1];
    void *failed = NULL, *one;

    if (handle_pin_alone(&taken, HANDLE_CONTEXT) != NULL ||
        handle_pin(&taken, HANDLE_CONTEXT) != NULL)
        return 1;
    if (handle_close(&taken, HANDLE_CONTEXT) != SEC_E_INVALID_HANDLE)
        return 2;
    for (int i = 0; i < CHILD_THREADS; i++)
        if (pthread_create(&threads[i], NULL, be_alone_often, NULL) != 0)
            return 3;
    failed = be_alone_often(NULL);
    for (int i = 0; i < CHILD_THREADS; i++) {
        pthread_join(threads[i], &one);
        failed = failed == NULL ? one : failed;
    }
    if (failed != NULL || handle_close(&untouched, HANDLE_CONTEXT) != SEC_E_OK)
        return 4;
    return atomic_load(&destroyed) == 1 ? 0 : 5;
}

START_TEST(test_fork_while_another_is_alone)
{
    pthread_t alone, waiting;
    struct handled *object;

    atomic_store(&over, false);
    thing_open(HANDLE_CONTEXT, &taken);
    thing_open(HANDLE_CONTEXT, &untouched);
    ck_assert_int_eq(pthread_create(&alone, NULL, be_alone, NULL), 0);
    while (atomic_load(&inside) != 1)
        sched_yield();
    ck_assert_int_eq(pthread_create(&waiting, NULL, wait_alone, NULL), 0);
    while (atomic_load(&inside) != 2)
        sched_yield();
    for (int i = 0; i < 20; i++)
        assert_child(child_is_alone);
    atomic_store(&over, true);
    pthread_join(alone, NULL);
    pthread_join(waiting, NULL);
    /* In the parent all is as it was. */
    object = handle_pin_alone(&taken, HANDLE_CONTEXT);
    ck_assert_ptr_nonnull(object);
    handle_unpin_alone(object);
    ck_assert_int_eq(handle_close(&taken, HANDLE_CONTEXT), SEC_E_OK);
    ck_assert_int_eq(handle_close(&untouched, HANDLE_CONTEXT), SEC_E_OK);
    ck_assert_int_eq(atomic_load(&destroyed), 2);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("handle");
    TCase *tc = tcase_create("table");

    tcase_add_test(tc, test_opens_and_closes);
    tcase_add_test(tc, test_is_never_a_callers_no_handle);
    tcase_add_test(tc, test_refuses_stale_and_doubly_closed);
    tcase_add_test(tc, test_refuses_wrong_kind_and_forged);
    tcase_add_test(tc, test_object_outlives_its_handle);
    tcase_add_test(tc, test_threads);
    tcase_add_test(tc, test_lone_calls);
    tcase_add_test(tc, test_lone_call_outlives_its_handle);
    tcase_add_test(tc, test_fork_while_others_open);
    tcase_add_test(tc, test_fork_while_another_is_alone);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
