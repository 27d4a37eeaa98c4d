/* SPDX-License-Identifier: MIT */
/* Many threads with contexts of the plugin's mechanisms, by credentials that they share. */
#include <check.h>
#include <gssapi/gssapi_ext.h>
#include <pthread.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define THREADS 4
#define ROUNDS  12

static struct gss_end shared[2];

/* Both ends of a context in this thread; the credentials are everybody's. */
static void *converse(void *unused)
{
    struct gss_end initiator, acceptor;

    for (int i = 0; i < ROUNDS; i++) {
        initiator = shared[0];
        acceptor = shared[1];
        mech_establish(&initiator, &acceptor);
        mech_message(&initiator, &acceptor, "there");
        mech_message(&acceptor, &initiator, "and back");
        mech_close(&initiator);
        mech_close(&acceptor);
    }
    return unused;
}

/* A failure by a wrong token: statuses and texts of one thread are not another's. */
static void *refuse(void *unused)
{
    struct gss_end acceptor;

    for (int i = 0; i < ROUNDS; i++) {
        uint8_t token[64] = {0};
        size_t size = mech_header_make(shared[1].kind, 8, token);

        acceptor = shared[1];
        mech_leg(&acceptor, token, size + 8);
        ck_assert(GSS_ERROR(acceptor.major));
        ck_assert_uint_ne(acceptor.minor, 0);
        mech_close(&acceptor);
    }
    return unused;
}

/* Credentials come and go while contexts are made. */
static void *acquire(void *unused)
{
    struct gss_end end;

    for (int i = 0; i < ROUNDS; i++) {
        mech_init(&end, shared[0].kind, i % 2 == 1);
        mech_acquire(&end);
        mech_free(&end);
    }
    return unused;
}

START_TEST(many_threads)
{
    void *(*const work[])(void *) = {converse, converse, converse, converse, refuse, acquire};
    pthread_t threads[COUNT(work)];

    ends_policy(ALLOW_ALL);
    mech_init(&shared[0], _i, false);
    mech_init(&shared[1], _i, true);
    mech_acquire(&shared[0]);
    mech_acquire(&shared[1]);
    for (int i = 0; i < COUNT(work); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work[i], NULL), 0);
    for (int i = 0; i < COUNT(work); i++)
        pthread_join(threads[i], NULL);
    mech_free(&shared[0]);
    mech_free(&shared[1]);
}
END_TEST

static struct {
    uint8_t seed, octets[32];
} seeds[THREADS];

/* One context's pseudo-random octets, for a seed of this thread's. */
static void *draw(void *seed)
{
    gss_buffer_desc in = {1, seed}, first, out;
    OM_uint32 minor, major;

    for (int i = 0; i < 20 * ROUNDS; i++) {
        major = gss_pseudo_random(&minor, shared[0].ctx, GSS_C_PRF_KEY_FULL, &in, 32, &out);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        if (i == 0)
            first = out;
        ck_assert_uint_eq(out.length, 32);
        ck_assert_mem_eq(out.value, first.value, 32);
        if (i != 0)
            gss_release_buffer(&minor, &out);
    }
    memcpy(&seeds[*(uint8_t *)seed - 'a'].octets, first.value, 32);
    gss_release_buffer(&minor, &first);
    return NULL;
}

START_TEST(seeds_of_many)
{
    pthread_t threads[THREADS];

    ends_policy(ALLOW_ALL);
    mech_init(&shared[0], _i, false);
    mech_init(&shared[1], _i, true);
    mech_acquire(&shared[0]);
    mech_acquire(&shared[1]);
    mech_establish(&shared[0], &shared[1]);
    for (int i = 0; i < THREADS; i++) {
        seeds[i].seed = (uint8_t)('a' + i);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, draw, &seeds[i].seed), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 1; i < THREADS; i++)
        ck_assert_mem_ne(seeds[i].octets, seeds[i - 1].octets, sizeof(seeds[i].octets));
    mech_free(&shared[0]);
    mech_free(&shared[1]);
}
END_TEST

/* The first call of all, by many at once: the mechglue loads the plugin then. */
static pthread_barrier_t all_ready;

static void *first_call(void *unused)
{
    gss_OID_set set;
    OM_uint32 minor, major;

    pthread_barrier_wait(&all_ready);
    major = gss_indicate_mechs(&minor, &set);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    gss_release_oid_set(&minor, &set);
    return unused;
}

START_TEST(loaded_by_many)
{
    pthread_t threads[THREADS];

    pthread_barrier_init(&all_ready, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, first_call, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&all_ready);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin threads");

    mech_begin();
    suite_add(all, loaded_by_many, 1);
    suite_add(all, many_threads, MECH_COUNT);
    suite_add(all, seeds_of_many, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
