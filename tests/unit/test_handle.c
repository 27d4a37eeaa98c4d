/* SPDX-License-Identifier: MIT */
/* The handle table: what is stale, doubly closed, forged or of the wrong kind never reaches an
 * object. */
#include "core/handle.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

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
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
