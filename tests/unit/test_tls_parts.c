/* SPDX-License-Identifier: MIT */
/* Parts of Schannel by themselves: frames of records, fibers, latches, kept sessions. */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "tls/fiber.h"
#include "tls/latch.h"
#include "tls/record.h"
#include "tls/resume.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- Frames --------------------------------------------------------------------------------- */

static const struct frame {
    uint8_t data[8];
    size_t size;
    SECURITY_STATUS status;
    size_t number; /* the record's size, or what is missing of it */
} frames[] = {
    {{0}, 0, SEC_E_INCOMPLETE_MESSAGE, 5},
    {{22}, 1, SEC_E_INCOMPLETE_MESSAGE, 4},
    {{22, 3, 1, 0}, 4, SEC_E_INCOMPLETE_MESSAGE, 1},
    {{22, 3, 3, 0, 2}, 5, SEC_E_INCOMPLETE_MESSAGE, 2},
    {{22, 3, 3, 0, 2, 9}, 6, SEC_E_INCOMPLETE_MESSAGE, 1},
    {{22, 3, 3, 0, 2, 9, 9}, 7, SEC_E_OK, 7},
    {{22, 3, 3, 0, 2, 9, 9, 22}, 8, SEC_E_OK, 7},
    {{23, 3, 3, 0, 0}, 5, SEC_E_OK, 5},
    {{20, 3, 0, 0, 0}, 5, SEC_E_OK, 5},
    {{21, 3, 4, 0, 0}, 5, SEC_E_OK, 5},
    {{23, 3, 3, 0x48, 0}, 5, SEC_E_INCOMPLETE_MESSAGE, 18432},
    {{23, 3, 3, 0x48, 1}, 5, SEC_E_INVALID_TOKEN, 0},
    {{19}, 1, SEC_E_INVALID_TOKEN, 0},
    {{24}, 1, SEC_E_INVALID_TOKEN, 0},
    {{0xfa, 0xfa, 0xfa, 0xfa}, 4, SEC_E_INVALID_TOKEN, 0},
    {{'G', 'E', 'T', ' ', '/'}, 5, SEC_E_INVALID_TOKEN, 0},
    {{22, 2, 0}, 3, SEC_E_INVALID_TOKEN, 0},
    {{22, 3, 5}, 3, SEC_E_INVALID_TOKEN, 0},
};

START_TEST(frame_is_found)
{
    const struct frame *frame = &frames[_i];
    struct record record = {0, 0};
    size_t missing = 0;
    uint8_t *exact = malloc(frame->size == 0 ? 1 : frame->size); /* a sanitizer sees each octet */

    memcpy(exact, frame->data, frame->size);
    ck_assert_int_eq(record_find(exact, frame->size, &record, &missing), frame->status);
    if (frame->status == SEC_E_OK) {
        ck_assert_uint_eq(record.size, frame->number);
        ck_assert_int_eq((int)record.type, frame->data[0]);
    } else {
        ck_assert_uint_eq(missing, frame->number);
    }
    free(exact);
}
END_TEST

/* --- Fibers --------------------------------------------------------------------------------- */

struct walk {
    struct fiber *fiber;
    unsigned steps, stops;
    pid_t seen[4]; /* pthread_self() is a constant to the compiler, even here */
};

static void walk_run(void *argument)
{
    struct walk *walk = argument;
    volatile char deep[32 * 1024]; /* a stack that holds something */

    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = 7;
    while (walk->steps < walk->stops) {
        walk->seen[walk->steps++] = gettid();
        fiber_park(walk->fiber);
        ck_assert_int_eq(deep[walk->steps], 7);
    }
}

static struct fiber *walk_start(struct walk *walk, unsigned stops)
{
    memset(walk, 0, sizeof(*walk));
    walk->stops = stops;
    walk->fiber = fiber_new(walk_run, walk);
    ck_assert_ptr_nonnull(walk->fiber);
    return walk->fiber;
}

START_TEST(fiber_parks_and_goes_on)
{
    struct walk walk;
    struct fiber *fiber = walk_start(&walk, 3);

    for (unsigned i = 1; i <= 3; i++) {
        ck_assert(!fiber_resume(fiber));
        ck_assert_uint_eq(walk.steps, i);
    }
    ck_assert(fiber_resume(fiber));
    fiber_free(fiber);
}
END_TEST

START_TEST(fiber_may_never_start)
{
    struct walk walk;

    fiber_free(walk_start(&walk, 1));
    fiber_free(NULL);
    ck_assert_uint_eq(walk.steps, 0);
}
END_TEST

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STACK_SANITIZED 1
#endif
#endif

/* AddressSanitizer may put such an array elsewhere, and looks at who reads of a frame that is gone;
 * ThreadSanitizer leaves holes in the frames that are still needed. */
#ifndef STACK_SANITIZED
/* What is left on the stack, from the deepest octet on. */
struct residue {
    uintptr_t left; /* an address there */
    size_t size;
};

static void residue_leave(void *argument)
{
    struct residue *residue = argument;
    volatile char secret[16 * 1024];
    size_t skip = sizeof(secret) - residue->size;

    residue->left = (uintptr_t)(secret + skip);
    for (size_t i = skip; i < sizeof(secret); i++)
        secret[i] = 7;
}

/* One octet alone may be part of an address that is needed yet. */
static size_t residue_count(const struct residue *residue)
{
    size_t longest = 0, row = 0;

    for (size_t i = 0; i < residue->size; i++) {
        row = ((const volatile char *)residue->left)[i] == 7 ? row + 1 : 0;
        longest = row > longest ? row : longest;
    }
    return longest < 8 ? 0 : longest;
}

START_TEST(fiber_is_wiped)
{
    struct residue residue = {0, _i % 2 ? 4000 : 16000};
    struct fiber *fiber = fiber_new(residue_leave, &residue);

    ck_assert_ptr_nonnull(fiber);
    for (unsigned round = 0; round < 3; round++) {
        ck_assert(fiber_resume(fiber));
        ck_assert_uint_gt(residue_count(&residue), residue.size / 2); /* the test would see it */
        fiber_wipe(fiber);
        ck_assert_uint_eq(residue_count(&residue), 0);
        fiber_renew(fiber, residue_leave, &residue);
    }
    fiber_free(fiber);
}
END_TEST
#endif

static void *resume_elsewhere(void *argument)
{
    ck_assert(!fiber_resume(argument));
    return NULL;
}

START_TEST(fiber_goes_on_in_another_thread)
{
    struct walk walk;
    struct fiber *fiber = walk_start(&walk, 2);
    pthread_t thread;

    ck_assert(!fiber_resume(fiber));
    ck_assert_int_eq(pthread_create(&thread, NULL, resume_elsewhere, fiber), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(walk.seen[0], gettid());
    ck_assert_int_ne(walk.seen[1], gettid());
    ck_assert(fiber_resume(fiber));
    fiber_free(fiber);
}
END_TEST

/* Each its own: what one leaves on its stack is not another's. */
START_TEST(fibers_take_turns)
{
    struct walk walks[8];

    for (size_t i = 0; i < COUNT(walks); i++)
        walk_start(&walks[i], 4);
    for (unsigned round = 0; round < 4; round++)
        for (size_t i = 0; i < COUNT(walks); i++)
            ck_assert(!fiber_resume(walks[i].fiber));
    for (size_t i = 0; i < COUNT(walks); i++) {
        ck_assert(fiber_resume(walks[i].fiber));
        fiber_free(walks[i].fiber);
    }
}
END_TEST

START_TEST(fiber_is_renewed)
{
    struct walk first, second;
    struct fiber *fiber = walk_start(&first, 1);

    ck_assert(!fiber_resume(fiber));
    ck_assert(fiber_resume(fiber));
    for (unsigned stops = 1; stops <= 3; stops++) {
        memset(&second, 0, sizeof(second));
        second.stops = stops;
        second.fiber = fiber;
        fiber_renew(fiber, walk_run, &second);
        for (unsigned i = 1; i <= stops; i++) {
            ck_assert(!fiber_resume(fiber));
            ck_assert_uint_eq(second.steps, i);
        }
        ck_assert(fiber_resume(fiber));
    }
    ck_assert_uint_eq(first.steps, 1);
    fiber_free(fiber);
}
END_TEST

/* As deep as a handshake may ever go: GMP keeps up to 64 KiB of a key's numbers on the stack. */
static void fill_stack(void *argument)
{
    volatile char deep[192 * 1024];
    struct walk *walk = argument;

    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = (char)i;
    fiber_park(walk->fiber);
    for (size_t i = 0; i < sizeof(deep); i++)
        if (deep[i] != (char)i)
            return;
    walk->steps = 1;
}

START_TEST(fiber_uses_a_deep_stack)
{
    struct walk walk = {.steps = 0};

    walk.fiber = fiber_new(fill_stack, &walk);
    ck_assert_ptr_nonnull(walk.fiber);
    ck_assert(!fiber_resume(walk.fiber));
    ck_assert(fiber_resume(walk.fiber));
    ck_assert_uint_eq(walk.steps, 1);
    fiber_free(walk.fiber);
}
END_TEST

#define MANY 500

START_TEST(many_fibers_are_parked)
{
    static struct walk walks[MANY];

    for (size_t i = 0; i < MANY; i++)
        ck_assert(!fiber_resume(walk_start(&walks[i], 1)));
    for (size_t i = MANY; i-- > 0;) {
        ck_assert(fiber_resume(walks[i].fiber));
        fiber_free(walks[i].fiber);
    }
}
END_TEST

/* --- The end of a fiber's stack --- */

#define STOPPED 42 /* the exit code of a child that came to the guard page, and not beyond */

static uintptr_t stack_top;

static void overrun_seen(int number, siginfo_t *info, void *context)
{
    uintptr_t depth = stack_top - (uintptr_t)info->si_addr;

    (void)number;
    (void)context;
    _exit(depth >= 250 * 1024 && depth <= 260 * 1024 ? STOPPED : 1);
}

static unsigned dig(unsigned depth);
static unsigned (*volatile dig_on)(unsigned) = dig; /* or a compiler makes a loop of it */

/* Touches every page on its way, as compiled code does that probes the stack. */
static unsigned dig(unsigned depth)
{
    volatile char page[1024];

    page[depth % sizeof(page)] = (char)depth;
    return depth == 4096 ? 0 : dig_on(depth + 1) + (unsigned)page[depth % sizeof(page)];
}

static void overrun(void *argument)
{
    char here;

    stack_top = (uintptr_t)&here;
    *(unsigned *)argument = dig_on(0);
}

/* A handler needs a stack that is not the one that has run out. */
static void overrun_in_child(void)
{
    static char memory[64 * 1024];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
    struct sigaction action = {.sa_sigaction = overrun_seen, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    unsigned sum;
    struct fiber *fiber = fiber_new(overrun, &sum);

    if (fiber != NULL && sigaltstack(&stack, NULL) == 0 && sigaction(SIGSEGV, &action, NULL) == 0)
        fiber_resume(fiber);
    _exit(2);
}

START_TEST(fiber_stops_at_its_guard_page)
{
    int status;
    pid_t child = fork();

    ck_assert_int_ne(child, -1);
    if (child == 0)
        overrun_in_child();
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), STOPPED);
}
END_TEST

/* --- Latches -------------------------------------------------------------------------------- */

#define LATCH_ROUNDS 20000U

static struct {
    struct latch latch;
    unsigned inside, count;
} gate;

static void *gate_pass(void *unused)
{
    for (unsigned i = 0; i < LATCH_ROUNDS; i++) {
        latch_take(&gate.latch);
        ck_assert_uint_eq(gate.inside++, 0);
        gate.count++;
        if (i % 1000 == 0)
            usleep(10); /* so that others come and sleep */
        gate.inside--;
        latch_leave(&gate.latch);
    }
    return unused;
}

START_TEST(latch_lets_in_one_at_a_time)
{
    pthread_t threads[4];

    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, gate_pass, NULL), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(gate.count, COUNT(threads) * LATCH_ROUNDS);
}
END_TEST

/* --- Kept sessions -------------------------------------------------------------------------- */

static gnutls_datum_t session_of(const char *text)
{
    gnutls_datum_t session = {gnutls_malloc(strlen(text)), (unsigned)strlen(text)};

    memcpy(session.data, text, session.size);
    return session;
}

static void put(struct resume *resume, const char *target, bool validated, const char *text)
{
    struct resumable *fresh = resumable_new(target);

    fresh->validated = validated;
    fresh->session = session_of(text);
    resume_put(resume, fresh);
}

static void expect(struct resume *resume, const char *target, bool validated, const char *text)
{
    struct resumable *found = resume_take(resume, target, validated, 10);

    ck_assert_int_eq(found != NULL, text != NULL);
    if (found != NULL) {
        ck_assert_str_eq(found->target, target);
        ck_assert_uint_eq(found->session.size, strlen(text));
        ck_assert_mem_eq(found->session.data, text, found->session.size);
    }
    resumable_free(found);
}

START_TEST(session_is_for_its_target_and_mode)
{
    struct resume *resume = resume_new();

    put(resume, "a", true, "looked at");
    put(resume, "a", false, "not looked at");
    expect(resume, "b", true, NULL);
    expect(resume, "A", true, NULL);
    expect(resume, "a", true, "looked at");
    expect(resume, "a", true, NULL); /* for one use */
    expect(resume, "a", false, "not looked at");
    resume_free(resume);
}
END_TEST

START_TEST(newer_session_takes_the_place)
{
    struct resume *resume = resume_new();

    put(resume, "a", true, "old");
    put(resume, "a", true, "new");
    expect(resume, "a", true, "new");
    expect(resume, "a", true, NULL);
    resume_free(resume);
}
END_TEST

START_TEST(oldest_session_goes)
{
    struct resume *resume = resume_new();
    char name[16];

    for (int i = 0; i <= RESUME_SLOTS; i++) {
        snprintf(name, sizeof(name), "host%d", i);
        put(resume, name, true, name);
    }
    expect(resume, "host0", true, NULL);
    expect(resume, "host1", true, "host1");
    expect(resume, name, true, name);
    resume_free(resume);
}
END_TEST

START_TEST(session_expires_and_is_forgotten)
{
    struct resume *resume = resume_new();

    put(resume, "a", true, "x");
    ck_assert_ptr_null(resume_take(resume, "a", true, -1));
    expect(resume, "a", true, NULL); /* what is too old is gone */
    put(resume, "a", true, "x");
    put(resume, "a", false, "y");
    put(resume, "b", false, "z");
    resume_forget(resume, "a");
    expect(resume, "a", true, NULL);
    expect(resume, "a", false, NULL);
    expect(resume, "b", false, "z");
    put(resume, "c", false, "left to resume_free()");
    resume_free(resume);
    resume_free(NULL);
}
END_TEST

/* Its time is the one when it was made, however often it is taken and given back. */
START_TEST(session_that_comes_back_is_as_old)
{
    struct resume *resume = resume_new();
    time_t now = time(NULL);
    struct resumable *session;

    put(resume, "a", true, "x");
    session = resume_take(resume, "a", true, 10);
    ck_assert_ptr_nonnull(session);
    session->made = now - 8;
    resume_put(resume, session);
    ck_assert(!resume_has(resume, "a", true, now));
    ck_assert(resume_has(resume, "a", true, now - 8));
    ck_assert(!resume_has(resume, "a", false, now - 8));
    session = resume_take(resume, "a", true, 1000);
    ck_assert_int_eq(session->made, now - 8);
    ck_assert(!resume_has(resume, "a", true, now - 8));
    resume_put(resume, session);
    ck_assert_ptr_null(resume_take(resume, "a", true, 7));
    resume_free(resume);
}
END_TEST

/* They close up behind it. */
START_TEST(session_is_taken_from_the_middle)
{
    struct resume *resume = resume_new();

    put(resume, "a", true, "1");
    put(resume, "b", true, "2");
    put(resume, "c", true, "3");
    expect(resume, "b", true, "2");
    expect(resume, "b", true, NULL);
    expect(resume, "c", true, "3");
    put(resume, "d", true, "4");
    expect(resume, "a", true, "1");
    expect(resume, "d", true, "4");
    resume_free(resume);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("parts of Schannel");
    TCase *tc = tcase_create("frames");

    tcase_add_loop_test(tc, frame_is_found, 0, COUNT(frames));
    suite_add_tcase(s, tc);
    tc = tcase_create("fibers");
    tcase_add_test(tc, fiber_parks_and_goes_on);
    tcase_add_test(tc, fiber_may_never_start);
    tcase_add_test(tc, fiber_goes_on_in_another_thread);
    tcase_add_test(tc, fibers_take_turns);
    tcase_add_test(tc, fiber_is_renewed);
#ifndef STACK_SANITIZED
    tcase_add_loop_test(tc, fiber_is_wiped, 0, 2);
#endif
    tcase_add_test(tc, fiber_uses_a_deep_stack);
    tcase_add_test(tc, many_fibers_are_parked);
    tcase_add_test(tc, fiber_stops_at_its_guard_page);
    suite_add_tcase(s, tc);
    tc = tcase_create("latches");
    tcase_add_test(tc, latch_lets_in_one_at_a_time);
    suite_add_tcase(s, tc);
    tc = tcase_create("kept sessions");
    tcase_add_test(tc, session_is_for_its_target_and_mode);
    tcase_add_test(tc, newer_session_takes_the_place);
    tcase_add_test(tc, oldest_session_goes);
    tcase_add_test(tc, session_expires_and_is_forgotten);
    tcase_add_test(tc, session_that_comes_back_is_as_old);
    tcase_add_test(tc, session_is_taken_from_the_middle);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
