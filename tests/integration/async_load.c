/* SPDX-License-Identifier: MIT */
/*
 * Many asynchronous calls: thousands of logons, half of them to a realm that says nothing, in one
 * thread; and from many threads, by callbacks that go on, with forks in between.
 */
#include <ntstatus.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <windows.h>

#include "lib/check_main.h"
#include "lib/mute.h"
#include "lib/pair.h"
#include "lib/waiter.h"
#include "lib/world.h"

#define TARGET  "HTTP/localhost"
#define REQUEST (PAIR_ISC | ISC_REQ_ALLOCATE_MEMORY)

/* A first leg, whose token the library makes room for. */
struct logon {
    CredHandle cred;
    CtxtHandle ctx;
    SecBuffer token;
    SecBufferDesc list;
    ULONG attributes;
    TimeStamp expiry;
    bool silent; /* it is of the realm that says nothing */
};

static SECURITY_STATUS leg_begin(SspiAsyncContext *async, struct logon *logon)
{
    logon->token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    logon->list = (SecBufferDesc){SECBUFFER_VERSION, 1, &logon->token};
    return SspiInitializeSecurityContextAsyncA(async, &logon->cred, NULL, (char[]){TARGET}, REQUEST,
                                               0, SECURITY_NATIVE_DREP, NULL, 0, &logon->ctx,
                                               &logon->list, &logon->attributes, &logon->expiry);
}

/* --- One thread ----------------------------------------------------------------------------- */

#if defined(__SANITIZE_THREAD__)
#define HALF 512
#else
#define HALF 2048
#endif

static SspiAsyncContext *logon_begin(sspi_async_queue *queue, const char *realm)
{
    struct logon *logon = calloc(1, sizeof(*logon));
    SspiAsyncContext *async = async_new(queue);
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a("alice", realm, password_of("alice"));

    ck_assert_ptr_nonnull(logon);
    assert_status(AcquireCredentialsHandleA(NULL, (char[]){"Kerberos"}, SECPKG_CRED_OUTBOUND, NULL,
                                            &id, NULL, NULL, &logon->cred, NULL),
                  SEC_E_OK);
    logon->silent = strcmp(realm, MUTE_REALM) == 0;
    sspi_async_context_set_data(async, logon);
    assert_status(leg_begin(async, logon), SEC_E_OK);
    return async;
}

static void logon_end(SspiAsyncContext *async, SECURITY_STATUS status)
{
    struct logon *logon = sspi_async_context_data(async);

    assert_status(SspiGetAsyncCallStatus(async), status);
    SspiFreeAsyncContext(async);
    if (status == SEC_I_CONTINUE_NEEDED) {
        ck_assert_uint_gt(logon->token.cbBuffer, 0);
        FreeContextBuffer(logon->token.pvBuffer);
        assert_status(DeleteSecurityContext(&logon->ctx), SEC_E_OK);
    }
    assert_status(FreeCredentialsHandle(&logon->cred), SEC_E_OK);
    free(logon);
}

/* Nonsense, or nobody there: the one or the other ends it. */
static void logon_await_error(sspi_async_queue *queue)
{
    SspiAsyncContext *async = queue_wait(queue);
    SECURITY_STATUS status = SspiGetAsyncCallStatus(async);

    ck_assert_int_lt(status, 0);
    logon_end(async, status);
}

static bool logon_is_silent(SspiAsyncContext *async)
{
    return ((struct logon *)sspi_async_context_data(async))->silent;
}

/* As many as may be silent at once: the others have not begun. */
#define BEGUN 128

/* Half of them: each comes to its end. Returns for how many of the others MIT's library gave up
 * meanwhile. */
static int live_await(sspi_async_queue *queue)
{
    int given_up = 0;

    for (int left = HALF; left > 0;) {
        SspiAsyncContext *async = queue_wait(queue);

        if (logon_is_silent(async)) {
            logon_end(async, SEC_E_NO_AUTHENTICATING_AUTHORITY);
            given_up++;
        } else {
            logon_end(async, SEC_I_CONTINUE_NEEDED);
            left--;
        }
    }
    return given_up;
}

/* One half is done while the other still waits, most of it for its turn. */
START_TEST(half_of_them_silent)
{
    static SspiAsyncContext *silent[HALF];
    sspi_async_queue *queue = sspi_async_queue_new();
    struct mute mute;
    int begun;

    mute_open(&mute);
    for (int i = 0; i < HALF; i++) {
        silent[i] = logon_begin(queue, MUTE_REALM);
        logon_begin(queue, "LOOPBACK.TEST");
    }
    begun = live_await(queue);
    ck_assert_int_lt(begun, HALF / 2 - BEGUN);
    for (int i = begun + BEGUN; i < HALF; i++)
        logon_end(silent[i], SEC_I_ASYNC_CALL_PENDING);
    mute_close(&mute);
    for (int i = 0; i < BEGUN; i++)
        logon_await_error(queue);
    sspi_async_queue_free(queue);
}
END_TEST

/* --- Many threads --------------------------------------------------------------------------- */

#define THREADS 32
#define CALLS   313 /* of each: 10,000 in all */

/*
 * Calls that begin one another: each callback makes the async context ready, or frees it and takes
 * a new one, and then begins the next call with it.
 */
struct chain {
    struct logon logon;
    SspiAsyncContext *async;
    unsigned calls;
    bool has_context;
    atomic_bool over;
};

static void chain_call(struct chain *chain);

static void chain_end(struct chain *chain)
{
    SspiFreeAsyncContext(chain->async);
    if (chain->has_context)
        assert_status(DeleteSecurityContext(&chain->logon.ctx), SEC_E_OK);
    atomic_store(&chain->over, true);
}

static void chain_next(SspiAsyncContext *async, void *data)
{
    struct chain *chain = data;

    ck_assert_ptr_eq(async, chain->async);
    assert_status(SspiGetAsyncCallStatus(async),
                  chain->has_context ? SEC_E_OK : SEC_I_CONTINUE_NEEDED);
    if (!chain->has_context)
        FreeContextBuffer(chain->logon.token.pvBuffer);
    chain->has_context = !chain->has_context;
    if (++chain->calls == CALLS) {
        chain_end(chain);
        return;
    }
    if (chain->calls % 5 == 0) {
        SspiFreeAsyncContext(async);
        chain->async = SspiCreateAsyncContext();
        SspiSetAsyncNotifyCallback(chain->async, chain_next, chain);
    } else {
        ck_assert_int_eq(SspiReinitAsyncContext(async), STATUS_SUCCESS);
    }
    chain_call(chain);
}

static void chain_call(struct chain *chain)
{
    assert_status(chain->has_context
                      ? SspiDeleteSecurityContextAsync(chain->async, &chain->logon.ctx)
                      : leg_begin(chain->async, &chain->logon),
                  SEC_E_OK);
}

/* The leg's end is waited for, the context's is not. */
static void leg_await(SspiAsyncContext *async, sspi_async_queue *queue, struct logon *logon)
{
    ck_assert_ptr_eq(queue_wait(queue), async);
    assert_status(SspiGetAsyncCallStatus(async), SEC_I_CONTINUE_NEEDED);
    FreeContextBuffer(logon->token.pvBuffer);
    ck_assert_int_eq(SspiReinitAsyncContext(async), STATUS_SUCCESS);
    assert_status(SspiDeleteSecurityContextAsync(async, &logon->ctx), SEC_E_OK);
    SspiFreeAsyncContext(async);
}

/* At any moment: what has come by then is ours, and nothing comes after. */
static void leg_let_go(SspiAsyncContext *async, struct logon *logon)
{
    SspiFreeAsyncContext(async);
    if (logon->token.pvBuffer == NULL)
        return;
    FreeContextBuffer(logon->token.pvBuffer);
    assert_status(DeleteSecurityContext(&logon->ctx), SEC_E_OK);
}

/* Beside the chain. */
static void legs(const CredHandle *cred)
{
    sspi_async_queue *queue = sspi_async_queue_new();
    struct logon logon = {.cred = *cred};

    for (int i = 0; i < CALLS / 2; i++) {
        SspiAsyncContext *async = async_new(queue);

        assert_status(leg_begin(async, &logon), SEC_E_OK);
        if (i % 2 == 0)
            leg_await(async, queue, &logon);
        else
            leg_let_go(async, &logon);
    }
    sspi_async_queue_free(queue);
}

static void *hammer(void *data)
{
    const CredHandle *cred = data;
    struct chain chain = {.logon = {.cred = *cred}, .async = SspiCreateAsyncContext()};

    SspiSetAsyncNotifyCallback(chain.async, chain_next, &chain);
    chain_call(&chain);
    legs(cred);
    while (!atomic_load(&chain.over))
        usleep(1000);
    return NULL;
}

/* A sanitizer's own locks, unlike malloc()'s, do not survive a fork beside busy threads. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FORKS 0
#else
#define FORKS 8
#endif

/*
 * What was pending is lost to the child at once; calls of its own run on threads of its own, and
 * come to the queue that it has from its parent, without the parent's noticing. Nothing is asked of
 * libraries that may have been in the middle of something, Check among them.
 */
static int child_of_fork(SspiAsyncContext *pending, sspi_async_queue *queue)
{
    struct pollfd at = {.fd = sspi_async_queue_descriptor(queue), .events = POLLIN};
    CredHandle none = {0, 0};

    if (SspiGetAsyncCallStatus(pending) != SEC_E_INTERNAL_ERROR ||
        SspiReinitAsyncContext(pending) != STATUS_SUCCESS)
        return 1;
    for (int i = 0; i < 10; i++)
        if (SspiFreeCredentialsHandleAsync(pending, &none) != SEC_E_OK || poll(&at, 1, -1) != 1 ||
            sspi_async_queue_next(queue) != pending ||
            SspiGetAsyncCallStatus(pending) != SEC_E_INVALID_HANDLE ||
            SspiReinitAsyncContext(pending) != STATUS_SUCCESS)
            return 2;
    return 0;
}

static void forks(SspiAsyncContext *pending, sspi_async_queue *queue)
{
    int status;

    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(child_of_fork(pending, queue));
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(status == 0, "child %d: status 0x%x", i, (unsigned)status);
        ck_assert(!queue_is_ready(queue, 0));
    }
}

START_TEST(many_threads)
{
    static const char *const packages[] = {"NTLM", "Kerberos"};
    pthread_t threads[THREADS];
    CredHandle creds[2];
    struct mute mute;
    sspi_async_queue *queue = sspi_async_queue_new();
    SspiAsyncContext *pending;

    mute_open(&mute);
    pending = logon_begin(queue, MUTE_REALM);
    for (int i = 0; i < 2; i++)
        assert_status(AcquireCredentialsHandleA(NULL, (char *)(uintptr_t)packages[i],
                                                SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                                &creds[i], NULL),
                      SEC_E_OK);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, hammer, &creds[i % 2]), 0);
    forks(pending, queue);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        assert_status(FreeCredentialsHandle(&creds[i]), SEC_E_OK);
    assert_status(SspiGetAsyncCallStatus(pending), SEC_I_ASYNC_CALL_PENDING);
    mute_close(&mute);
    logon_await_error(queue);
    sspi_async_queue_free(queue);
}
END_TEST

static Suite *async_load_suite(void)
{
    Suite *suite = suite_create("async_load");

    suite_add(suite, half_of_them_silent, 1);
    suite_add(suite, many_threads, 1);
    return suite;
}

CHECK_MAIN(async_load_suite)
