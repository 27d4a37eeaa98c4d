/* SPDX-License-Identifier: MIT */
/*
 * The asynchronous calls: whole logons by them, what is copied and what is written when, callbacks,
 * contexts that are let go of, order, silent KDCs, forks.
 */
#include <ntstatus.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
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

#define TARGET "HTTP/localhost"

/* --- A logon -------------------------------------------------------------------------------- */

struct side {
    CredHandle cred;
    CtxtHandle ctx;
    bool open;
    SECURITY_STATUS status;
    ULONG flags;
    TimeStamp expiry;
    unsigned char token[PAIR_TOKEN_MAX];
    ULONG size;
};

struct logon {
    struct waiter waiter;
    struct side client, server;
    const char *target;
};

static SecBufferDesc list_of(SecBuffer *buffer)
{
    return (SecBufferDesc){SECBUFFER_VERSION, 1, buffer};
}

static void cred_acquire(struct logon *logon, struct side *side, const char *package, ULONG use,
                         const void *auth)
{
    char name[32];
    SECURITY_STATUS queued;

    snprintf(name, sizeof(name), "%s", package);
    queued = SspiAcquireCredentialsHandleAsyncA(logon->waiter.async, NULL, name, use, NULL,
                                                (void *)(uintptr_t)auth, NULL, NULL, &side->cred,
                                                &side->expiry);
    memset(name, 'x', sizeof(name));
    assert_status(waiter_end(&logon->waiter, queued), SEC_E_OK);
}

static void logon_begin(struct logon *logon, const char *package, const void *auth)
{
    memset(logon, 0, sizeof(*logon));
    waiter_init(&logon->waiter);
    logon->target = TARGET;
    cred_acquire(logon, &logon->client, package, SECPKG_CRED_OUTBOUND, auth);
    cred_acquire(logon, &logon->server, package, SECPKG_CRED_INBOUND, NULL);
}

/* The peer's token goes in and is scribbled over as soon as the call has been queued. */
static void client_leg(struct logon *logon)
{
    struct side *side = &logon->client;
    SecBuffer in = {logon->server.size, SECBUFFER_TOKEN, logon->server.token};
    SecBuffer out = {sizeof(side->token), SECBUFFER_TOKEN, side->token};
    SecBufferDesc in_list = list_of(&in), out_list = list_of(&out);
    char target[64];
    SECURITY_STATUS queued;

    snprintf(target, sizeof(target), "%s", logon->target);
    queued = SspiInitializeSecurityContextAsyncA(
        logon->waiter.async, &side->cred, side->open ? &side->ctx : NULL, target, PAIR_ISC, 0,
        SECURITY_NATIVE_DREP, in.cbBuffer == 0 ? NULL : &in_list, 0, &side->ctx, &out_list,
        &side->flags, &side->expiry);
    memset(target, 'x', sizeof(target));
    memset(logon->server.token, 'x', sizeof(logon->server.token));
    memset(&in_list, 'x', sizeof(in_list));
    memset(&in, 'x', sizeof(in));
    side->status = waiter_end(&logon->waiter, queued);
    side->open = side->status >= 0;
    side->size = out.cbBuffer;
}

static void server_leg(struct logon *logon)
{
    struct side *side = &logon->server;
    SecBuffer in = {logon->client.size, SECBUFFER_TOKEN, logon->client.token};
    SecBuffer out = {sizeof(side->token), SECBUFFER_TOKEN, side->token};
    SecBufferDesc in_list = list_of(&in), out_list = list_of(&out);
    SECURITY_STATUS queued = SspiAcceptSecurityContextAsync(
        logon->waiter.async, &side->cred, side->open ? &side->ctx : NULL, &in_list, PAIR_ASC,
        SECURITY_NATIVE_DREP, &side->ctx, &out_list, &side->flags, &side->expiry);

    memset(logon->client.token, 'x', sizeof(logon->client.token));
    side->status = waiter_end(&logon->waiter, queued);
    side->open = side->status >= 0;
    side->size = out.cbBuffer;
}

static void logon_run(struct logon *logon)
{
    for (int i = 0; i < PAIR_LEGS_MAX; i++) {
        client_leg(logon);
        if (logon->client.status < 0 || logon->client.size == 0)
            return;
        server_leg(logon);
        if (logon->server.status < 0 || logon->server.size == 0)
            return;
    }
}

static void side_end(struct logon *logon, struct side *side)
{
    struct waiter *waiter = &logon->waiter;

    if (side->open)
        assert_status(waiter_end(waiter, SspiDeleteSecurityContextAsync(waiter->async, &side->ctx)),
                      SEC_E_OK);
    assert_status(waiter_end(waiter, SspiFreeCredentialsHandleAsync(waiter->async, &side->cred)),
                  SEC_E_OK);
}

static void logon_end(struct logon *logon)
{
    side_end(logon, &logon->client);
    side_end(logon, &logon->server);
    waiter_fini(&logon->waiter);
}

static const char *const packages[] = {"Kerberos", "Negotiate", "NTLM"};

START_TEST(logs_on)
{
    struct logon logon;

    logon_begin(&logon, packages[_i], NULL);
    logon_run(&logon);
    assert_status(logon.client.status, SEC_E_OK);
    assert_status(logon.server.status, SEC_E_OK);
    ck_assert_uint_ne(logon.client.flags & ISC_RET_CONFIDENTIALITY, 0);
    ck_assert_uint_ne(logon.server.flags & ASC_RET_CONFIDENTIALITY, 0);
    pair_message(&logon.client.ctx, &logon.server.ctx, "from one");
    pair_message(&logon.server.ctx, &logon.client.ctx, "to the other");
    logon_end(&logon);
}
END_TEST

/* The identity's memory is the program's again at once. */
START_TEST(copies_the_identity)
{
    struct logon logon;
    char user[] = "alice", domain[] = "LOOPBACK", *password = strdup(password_of("alice"));
    SEC_WINNT_AUTH_IDENTITY_A *id = malloc(sizeof(*id));

    *id = identity_a(user, domain, password);
    memset(&logon, 0, sizeof(logon));
    waiter_init(&logon.waiter);
    logon.target = TARGET;
    assert_status(SspiAcquireCredentialsHandleAsyncA(logon.waiter.async, NULL, (char[]){"Kerberos"},
                                                     SECPKG_CRED_OUTBOUND, NULL, id, NULL, NULL,
                                                     &logon.client.cred, NULL),
                  SEC_E_OK);
    memset(user, 'x', sizeof(user) - 1);
    memset(password, 'x', strlen(password));
    free(password);
    free(id);
    assert_status(waiter_end(&logon.waiter, SEC_E_OK), SEC_E_OK);
    cred_acquire(&logon, &logon.server, "Kerberos", SECPKG_CRED_INBOUND, NULL);
    logon_run(&logon);
    assert_status(logon.server.status, SEC_E_OK);
    ck_assert_str_eq(context_user(&logon.server.ctx), "alice@LOOPBACK.TEST");
    logon_end(&logon);
}
END_TEST

/* An identity for one context, in a buffer: its texts are the program's again, too. */
START_TEST(copies_the_supplied_identity)
{
    struct logon logon;
    char user[] = "bob", *password = strdup(password_of("bob"));
    SEC_WINNT_AUTH_IDENTITY_EXA *id = malloc(sizeof(*id));
    SecBuffer in = {sizeof(*id), SECBUFFER_PKG_PARAMS, id}, out;
    SecBufferDesc in_list = list_of(&in), out_list = list_of(&out);
    struct side *side = &logon.client;
    SECURITY_STATUS queued;

    logon_begin(&logon, "Kerberos", NULL);
    *id = identity_exa(user, "LOOPBACK.TEST", password, NULL);
    out = (SecBuffer){sizeof(side->token), SECBUFFER_TOKEN, side->token};
    queued =
        SspiInitializeSecurityContextAsyncA(logon.waiter.async, &side->cred, NULL, (char[]){TARGET},
                                            PAIR_ISC | ISC_REQ_USE_SUPPLIED_CREDS, 0, 0, &in_list,
                                            0, &side->ctx, &out_list, NULL, NULL);
    memset(user, 'x', sizeof(user) - 1);
    memset(password, 'x', strlen(password));
    free(password);
    free(id);
    assert_status(waiter_end(&logon.waiter, queued), SEC_I_CONTINUE_NEEDED);
    side->open = true;
    side->size = out.cbBuffer;
    server_leg(&logon);
    assert_status(logon.server.status, SEC_E_OK);
    ck_assert_str_eq(context_user(&logon.server.ctx), "bob@LOOPBACK.TEST");
    logon_end(&logon);
}
END_TEST

/* --- What a call says ----------------------------------------------------------------------- */

START_TEST(wants_its_arguments)
{
    SspiAsyncContext *async = SspiCreateAsyncContext();
    CredHandle cred = {0, 0};
    SecBuffer bad = {4, SECBUFFER_CHANNEL_BINDINGS, NULL};
    SecBufferDesc list = list_of(&bad);

    assert_status(SspiFreeCredentialsHandleAsync(NULL, &cred), SEC_E_INVALID_HANDLE);
    assert_status(SspiFreeCredentialsHandleAsync(async, NULL), SEC_E_INVALID_HANDLE);
    assert_status(SspiDeleteSecurityContextAsync(async, NULL), SEC_E_INVALID_HANDLE);
    assert_status(SspiAcquireCredentialsHandleAsyncW(async, NULL, NULL, SECPKG_CRED_OUTBOUND, NULL,
                                                     NULL, NULL, NULL, NULL, NULL),
                  SEC_E_INVALID_HANDLE);
    assert_status(SspiInitializeSecurityContextAsyncW(async, NULL, NULL, NULL, 0, 0, 0, NULL, 0,
                                                      NULL, NULL, NULL, NULL),
                  SEC_E_INVALID_HANDLE);
    assert_status(
        SspiAcceptSecurityContextAsync(async, &cred, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL),
        SEC_E_INVALID_HANDLE);
    assert_status(AcquireCredentialsHandleA(NULL, (char[]){"NTLM"}, SECPKG_CRED_OUTBOUND, NULL,
                                            NULL, NULL, NULL, &cred, NULL),
                  SEC_E_OK);
    assert_status(SspiInitializeSecurityContextAsyncA(async, &cred, NULL, NULL, 0, 0, 0, &list, 0,
                                                      NULL, NULL, NULL, NULL),
                  SEC_E_INVALID_TOKEN);
    assert_status(SspiGetAsyncCallStatus(NULL), SEC_E_INVALID_HANDLE);
    assert_status(SspiGetAsyncCallStatus(async), SEC_E_OK);
    assert_status(SspiSetAsyncNotifyCallback(NULL, NULL, NULL), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(SspiReinitAsyncContext(NULL), STATUS_INVALID_HANDLE);
    ck_assert(!SspiAsyncContextRequiresNotify(NULL));
    SspiFreeAsyncContext(NULL);
    SspiFreeAsyncContext(async);
    FreeCredentialsHandle(&cred);
}
END_TEST

/* One call, and then not another before the context is readied. */
START_TEST(one_call_at_a_time)
{
    struct waiter waiter;
    CredHandle none = {0, 0};

    waiter_init(&waiter);
    ck_assert(SspiAsyncContextRequiresNotify(waiter.async));
    assert_status(SspiFreeCredentialsHandleAsync(waiter.async, &none), SEC_E_OK);
    ck_assert_ptr_eq(queue_wait(waiter.queue), waiter.async);
    assert_status(SspiGetAsyncCallStatus(waiter.async), SEC_E_INVALID_HANDLE);
    assert_status(SspiFreeCredentialsHandleAsync(waiter.async, &none), SEC_E_OUT_OF_SEQUENCE);
    ck_assert_int_eq(SspiReinitAsyncContext(waiter.async), STATUS_SUCCESS);
    assert_status(SspiGetAsyncCallStatus(waiter.async), SEC_E_OK);
    ck_assert(SspiAsyncContextRequiresNotify(waiter.async));
    assert_status(waiter_end(&waiter, SspiDeleteSecurityContextAsync(waiter.async, &none)),
                  SEC_E_INVALID_HANDLE);
    ck_assert(!queue_is_ready(waiter.queue, 0));
    waiter_fini(&waiter);
}
END_TEST

/* Who asks for the status hears on his thread what was said on another. */
START_TEST(tells_why)
{
    struct logon logon;
    CredHandle cred;
    LUID another = {1, 0};

    logon_begin(&logon, "Kerberos", NULL);
    assert_status(SspiAcquireCredentialsHandleAsyncA(logon.waiter.async, NULL, (char[]){"Kerberos"},
                                                     SECPKG_CRED_OUTBOUND, &another, NULL, NULL,
                                                     NULL, &cred, NULL),
                  SEC_E_OK);
    logon.target = "HTTP/nobody";
    ck_assert_ptr_eq(queue_wait(logon.waiter.queue), logon.waiter.async);
    assert_status(SspiGetAsyncCallStatus(logon.waiter.async), SEC_E_NOT_OWNER);
    assert_native("another logon session");
    ck_assert_int_eq(SspiReinitAsyncContext(logon.waiter.async), STATUS_SUCCESS);
    client_leg(&logon);
    assert_status(logon.client.status, SEC_E_TARGET_UNKNOWN);
    assert_native("not found in Kerberos database");
    logon_end(&logon);
}
END_TEST

/* The program's own pointer is kept, whatever becomes of the calls. */
START_TEST(keeps_data)
{
    struct waiter waiter;
    CredHandle none = {0, 0};

    waiter_init(&waiter);
    ck_assert_ptr_null(sspi_async_context_data(waiter.async));
    sspi_async_context_set_data(waiter.async, &waiter);
    assert_status(waiter_end(&waiter, SspiFreeCredentialsHandleAsync(waiter.async, &none)),
                  SEC_E_INVALID_HANDLE);
    ck_assert_ptr_eq(sspi_async_context_data(waiter.async), &waiter);
    sspi_async_context_set_data(NULL, &waiter);
    ck_assert_ptr_null(sspi_async_context_data(NULL));
    waiter_fini(&waiter);
}
END_TEST

/* --- Output --------------------------------------------------------------------------------- */

/* Room for the library to make, and too little of it. */
START_TEST(gives_tokens)
{
    struct logon logon;
    unsigned char small[3] = "ab";
    SecBuffer out = {sizeof(small), SECBUFFER_TOKEN, small};
    SecBufferDesc list = list_of(&out);
    struct side *side = &logon.client;
    SspiAsyncContext *async;

    logon_begin(&logon, "NTLM", NULL);
    async = logon.waiter.async;
    assert_status(waiter_end(&logon.waiter, SspiInitializeSecurityContextAsyncA(
                                                async, &side->cred, NULL, NULL, PAIR_ISC, 0, 0,
                                                NULL, 0, &side->ctx, &list, NULL, NULL)),
                  SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_gt(out.cbBuffer, sizeof(small));
    ck_assert_mem_eq(small, "ab", 3);
    out.pvBuffer = (void *)(uintptr_t)1; /* left over, and not to be looked at */
    assert_status(waiter_end(&logon.waiter,
                             SspiInitializeSecurityContextAsyncA(
                                 async, &side->cred, NULL, NULL, PAIR_ISC | ISC_REQ_ALLOCATE_MEMORY,
                                 0, 0, NULL, 0, &logon.server.ctx, &list, NULL, NULL)),
                  SEC_I_CONTINUE_NEEDED);
    ck_assert_mem_eq(out.pvBuffer, "NTLMSSP", 8);
    FreeContextBuffer(out.pvBuffer);
    assert_status(DeleteSecurityContext(&logon.server.ctx), SEC_E_OK);
    side->open = true;
    logon_end(&logon);
}
END_TEST

/* --- Callbacks ------------------------------------------------------------------------------ */

struct chain {
    SspiAsyncContext *async;
    int left, ran;
    pthread_t caller;
    CtxtHandle none;
    atomic_bool over;
};

/* Frees its own context at the end of the chain, and begins another call before. */
static void chain_next(SspiAsyncContext *async, void *data)
{
    struct chain *chain = data;

    ck_assert_ptr_eq(async, chain->async);
    ck_assert(!pthread_equal(pthread_self(), chain->caller));
    assert_status(SspiGetAsyncCallStatus(async), SEC_E_INVALID_HANDLE);
    chain->ran++;
    if (chain->left-- == 0) {
        SspiFreeAsyncContext(async);
        atomic_store(&chain->over, true);
        return;
    }
    ck_assert_int_eq(SspiReinitAsyncContext(async), STATUS_SUCCESS);
    assert_status(SspiDeleteSecurityContextAsync(async, &chain->none), SEC_E_OK);
}

START_TEST(calls_from_callbacks)
{
    struct chain chain = {.left = 1000, .caller = pthread_self(), .none = {0, 0}};

    chain.async = SspiCreateAsyncContext();
    assert_status(SspiSetAsyncNotifyCallback(chain.async, chain_next, &chain), SEC_E_OK);
    assert_status(SspiDeleteSecurityContextAsync(chain.async, &chain.none), SEC_E_OK);
    while (!atomic_load(&chain.over))
        usleep(1000);
    ck_assert_int_eq(chain.ran, 1001);
}
END_TEST

/* --- Impersonation -------------------------------------------------------------------------- */

/* The thread is itself again before the call begins; the call is somebody else's all the same. */
START_TEST(keeps_the_caller)
{
    struct pair pair;
    struct waiter waiter;
    struct side side = {.open = false};
    SecBuffer out = {sizeof(side.token), SECBUFFER_TOKEN, side.token};
    SecBufferDesc list = list_of(&out);
    SECURITY_STATUS queued;

    waiter_init(&waiter);
    pair_init(&pair);
    pair_acquire(&pair, "NTLM", NULL);
    pair_establish(&pair);
    assert_status(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    assert_status(AcquireCredentialsHandleA(NULL, (char[]){"Kerberos"}, SECPKG_CRED_OUTBOUND, NULL,
                                            NULL, NULL, NULL, &side.cred, NULL),
                  SEC_E_NO_CREDENTIALS);
    queued = SspiAcquireCredentialsHandleAsyncA(waiter.async, NULL, (char[]){"Kerberos"},
                                                SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                                &side.cred, NULL);
    assert_status(RevertSecurityContext(&pair.server), SEC_E_OK);
    assert_status(waiter_end(&waiter, queued), SEC_E_NO_CREDENTIALS);
    queued = SspiAcquireCredentialsHandleAsyncA(waiter.async, NULL, (char[]){"Kerberos"},
                                                SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                                &side.cred, NULL);
    assert_status(waiter_end(&waiter, queued), SEC_E_OK);
    assert_status(waiter_end(&waiter, SspiInitializeSecurityContextAsyncA(
                                          waiter.async, &side.cred, NULL, (char[]){TARGET},
                                          PAIR_ISC, 0, 0, NULL, 0, &side.ctx, &list, NULL, NULL)),
                  SEC_I_CONTINUE_NEEDED);
    DeleteSecurityContext(&side.ctx);
    FreeCredentialsHandle(&side.cred);
    pair_free(&pair);
    waiter_fini(&waiter);
}
END_TEST

/* --- Silence -------------------------------------------------------------------------------- */

static void leg_queue(SspiAsyncContext *async, struct side *side, SecBuffer *out,
                      SecBufferDesc *list, const char *target)
{
    char name[64];

    snprintf(name, sizeof(name), "%s", target);
    *out = (SecBuffer){sizeof(side->token), SECBUFFER_TOKEN, side->token};
    *list = list_of(out);
    assert_status(SspiInitializeSecurityContextAsyncA(async, &side->cred, NULL, name, PAIR_ISC, 0,
                                                      SECURITY_NATIVE_DREP, NULL, 0, &side->ctx,
                                                      list, &side->flags, &side->expiry),
                  SEC_E_OK);
}

#define SILENT 300 /* more than there may be threads */
#define LIVE   50

struct one {
    SspiAsyncContext *async;
    struct side side;
    SecBuffer out;
    SecBufferDesc list;
};

static struct one *one_begin(sspi_async_queue *queue, const char *user, const char *realm)
{
    struct one *one = calloc(1, sizeof(*one));
    SEC_WINNT_AUTH_IDENTITY_A id = identity_a(user, realm, password_of("alice"));

    one->async = async_new(queue);
    assert_status(AcquireCredentialsHandleA(NULL, (char[]){"Kerberos"}, SECPKG_CRED_OUTBOUND, NULL,
                                            &id, NULL, NULL, &one->side.cred, NULL),
                  SEC_E_OK);
    leg_queue(one->async, &one->side, &one->out, &one->list, TARGET);
    return one;
}

static void one_end(struct one *one, bool made)
{
    SspiFreeAsyncContext(one->async);
    if (made)
        assert_status(DeleteSecurityContext(&one->side.ctx), SEC_E_OK);
    assert_status(FreeCredentialsHandle(&one->side.cred), SEC_E_OK);
    free(one);
}

/* Who lets go of a call is not written to any more. */
static void let_go(struct one *one)
{
    assert_status(SspiGetAsyncCallStatus(one->async), SEC_I_ASYNC_CALL_PENDING);
    assert_status(SspiSetAsyncNotifyCallback(one->async, NULL, NULL), SEC_E_OUT_OF_SEQUENCE);
    ck_assert_int_eq(SspiReinitAsyncContext(one->async), STATUS_DEVICE_BUSY);
    assert_status(SspiFreeCredentialsHandleAsync(one->async, &one->side.cred),
                  SEC_E_OUT_OF_SEQUENCE);
    one_end(one, false);
}

/* A sanitizer's own locks, unlike malloc()'s, do not survive a fork beside busy threads. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NO_FORKS true
#else
#define NO_FORKS false
#endif

/* TSan starts one of its own with the first that a program starts. */
#if defined(__SANITIZE_THREAD__)
#define OWN_THREADS 1
#else
#define OWN_THREADS 0
#endif

/* What was pending is lost to the child at once; it begins calls of its own. */
static int child_of_fork(SspiAsyncContext *pending)
{
    struct waiter waiter;
    CredHandle cred;

    if (SspiGetAsyncCallStatus(pending) != SEC_E_INTERNAL_ERROR ||
        SspiReinitAsyncContext(pending) != STATUS_SUCCESS)
        return 1;
    waiter_init(&waiter);
    assert_status(
        waiter_end(&waiter, SspiAcquireCredentialsHandleAsyncA(waiter.async, NULL, (char[]){"NTLM"},
                                                               SECPKG_CRED_OUTBOUND, NULL, NULL,
                                                               NULL, NULL, &cred, NULL)),
        SEC_E_OK);
    waiter_fini(&waiter);
    return FreeCredentialsHandle(&cred) == SEC_E_OK ? 0 : 2;
}

static void fork_with(SspiAsyncContext *pending)
{
    int status;
    pid_t child;

    if (NO_FORKS)
        return;
    child = fork();
    if (child == 0)
        _exit(child_of_fork(pending));
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    assert_status(SspiGetAsyncCallStatus(pending), SEC_I_ASYNC_CALL_PENDING);
}

/* Logons to a realm that says nothing, more than there are threads, are in nobody's way. */
static void live_beside_silent(sspi_async_queue *queue)
{
    struct one *live[LIVE];
    int left = LIVE;

    for (int i = 0; i < LIVE; i++)
        live[i] = one_begin(queue, "alice", "LOOPBACK.TEST");
    while (left > 0) {
        SspiAsyncContext *done = queue_wait(queue);

        for (int i = 0; i < LIVE; i++)
            if (live[i]->async == done) {
                assert_status(SspiGetAsyncCallStatus(done), SEC_I_CONTINUE_NEEDED);
                left--;
            }
    }
    for (int i = 0; i < LIVE; i++)
        one_end(live[i], true);
}

/* A process that ends before MIT's library has given up pulls the ground from under it. */
START_TEST(silence)
{
    struct one *silent[SILENT];
    sspi_async_queue *queue = sspi_async_queue_new();
    struct mute mute;
    int threads = world_threads();

    mute_open(&mute);
    for (int i = 0; i < SILENT; i++)
        silent[i] = one_begin(queue, "alice", MUTE_REALM);
    live_beside_silent(queue);
    fork_with(silent[SILENT - 1]->async);
    for (int i = 0; i < SILENT; i++)
        let_go(silent[i]);
    sspi_async_queue_free(queue);
    mute_close(&mute);
    while (world_threads() > threads + OWN_THREADS)
        usleep(20000);
}
END_TEST

/* --- Order ---------------------------------------------------------------------------------- */

#define ROUNDS 50

/* A leg and the end of its context, queued together: each finds what the one before has left. */
START_TEST(keeps_the_order)
{
    struct logon logon;
    sspi_async_queue *queue = sspi_async_queue_new();

    logon_begin(&logon, "NTLM", NULL);
    for (int i = 0; i < ROUNDS; i++) {
        SspiAsyncContext *end = async_new(queue);
        SecBuffer in = {0, SECBUFFER_TOKEN, logon.server.token}, out;
        SecBufferDesc in_list = list_of(&in), list;
        struct side *side = &logon.client;

        side->open = logon.server.open = false;
        logon.server.size = 0;
        client_leg(&logon);
        server_leg(&logon);
        in.cbBuffer = logon.server.size;
        out = (SecBuffer){sizeof(side->token), SECBUFFER_TOKEN, side->token};
        list = list_of(&out);
        assert_status(SspiInitializeSecurityContextAsyncA(logon.waiter.async, &side->cred,
                                                          &side->ctx, NULL, PAIR_ISC, 0, 0,
                                                          &in_list, 0, NULL, &list, NULL, NULL),
                      SEC_E_OK);
        assert_status(SspiDeleteSecurityContextAsync(end, &side->ctx), SEC_E_OK);
        ck_assert_ptr_eq(queue_wait(queue), end);
        assert_status(SspiGetAsyncCallStatus(end), SEC_E_OK);
        assert_status(SspiGetAsyncCallStatus(logon.waiter.async), SEC_E_OK);
        assert_status(waiter_end(&logon.waiter, SEC_E_OK), SEC_E_OK);
        assert_status(DeleteSecurityContext(&side->ctx), SEC_E_INVALID_HANDLE);
        assert_status(DeleteSecurityContext(&logon.server.ctx), SEC_E_OK);
        SspiFreeAsyncContext(end);
    }
    logon.client.open = logon.server.open = false;
    logon_end(&logon);
    sspi_async_queue_free(queue);
}
END_TEST

static Suite *async_suite(void)
{
    Suite *suite = suite_create("async");

    suite_add(suite, logs_on, COUNT(packages));
    suite_add(suite, copies_the_identity, 1);
    suite_add(suite, copies_the_supplied_identity, 1);
    suite_add(suite, wants_its_arguments, 1);
    suite_add(suite, one_call_at_a_time, 1);
    suite_add(suite, tells_why, 1);
    suite_add(suite, keeps_data, 1);
    suite_add(suite, gives_tokens, 1);
    suite_add(suite, calls_from_callbacks, 1);
    suite_add(suite, keeps_the_caller, 1);
    suite_add(suite, silence, 1);
    suite_add(suite, keeps_the_order, 1);
    return suite;
}

CHECK_MAIN(async_suite)
