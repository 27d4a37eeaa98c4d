/* SPDX-License-Identifier: MIT */
/*
 * Asynchronous calls that need no realm: what of the program's memory they look at when, what they
 * say of their input, memory that runs out. Valgrind runs it, too.
 */
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <ntstatus.h>
#include <sched.h>
#include <schannel.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/waiter.h"
#include "lib/world.h"

#define REQUEST (ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY)

static struct waiter waiter;
static CredHandle cred;

static void setup(void)
{
    waiter_init(&waiter);
    assert_status(AcquireCredentialsHandleA(NULL, (char[]){UNISP_NAME_A}, SECPKG_CRED_OUTBOUND,
                                            NULL, NULL, NULL, NULL, &cred, NULL),
                  SEC_E_OK);
}

static void teardown(void)
{
    FreeCredentialsHandle(&cred);
    waiter_fini(&waiter);
}

/* A list with one buffer, each in memory of its own. */
static SecBufferDesc *list_new(const void *octets, ULONG size)
{
    SecBufferDesc *list = malloc(sizeof(*list));
    SecBuffer *buffer = malloc(sizeof(*buffer));

    *buffer = (SecBuffer){size, SECBUFFER_TOKEN, malloc(size + 1)};
    memcpy(buffer->pvBuffer, octets, size);
    *list = (SecBufferDesc){SECBUFFER_VERSION, 1, buffer};
    return list;
}

static void list_free(SecBufferDesc *list)
{
    free(list->pBuffers->pvBuffer);
    free(list->pBuffers);
    free(list);
}

/* Whatever goes in is the program's again as soon as the call is queued; of the output, all but the
 * array of buffers. */
START_TEST(inputs_may_go)
{
    SecBufferDesc *in = list_new("\x16\x03\x03", 3), *out = malloc(sizeof(*out));
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    char *target = strdup("localhost");
    CredHandle *handle = malloc(sizeof(*handle));
    CtxtHandle ctx = {0, 0}, *ours = malloc(sizeof(*ours));
    SECURITY_STATUS queued;

    *handle = cred;
    *out = (SecBufferDesc){SECBUFFER_VERSION, 1, &token};
    queued = SspiInitializeSecurityContextAsyncA(waiter.async, handle, NULL, target, REQUEST, 0, 0,
                                                 NULL, 0, &ctx, out, NULL, NULL);
    free(out);
    free(target);
    assert_status(waiter_end(&waiter, queued), SEC_I_CONTINUE_NEEDED);
    ck_assert_mem_eq(token.pvBuffer, "\x16\x03", 2);
    FreeContextBuffer(token.pvBuffer);
    *ours = ctx;
    token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    out = malloc(sizeof(*out));
    *out = (SecBufferDesc){SECBUFFER_VERSION, 1, &token};
    queued = SspiInitializeSecurityContextAsyncA(waiter.async, handle, ours, NULL, REQUEST, 0, 0,
                                                 in, 0, NULL, out, NULL, NULL);
    list_free(in);
    free(out);
    free(handle);
    free(ours);
    assert_status(waiter_end(&waiter, queued), SEC_E_INCOMPLETE_MESSAGE);
    assert_status(waiter_end(&waiter, SspiDeleteSecurityContextAsync(waiter.async, &ctx)),
                  SEC_E_OK);
}
END_TEST

/* What is missing of a record is told in the program's own array. */
START_TEST(reports_on_input)
{
    unsigned char head[] = {0x16, 3, 3};
    SecBuffer in[2] = {{sizeof(head), SECBUFFER_TOKEN, head}, {0, SECBUFFER_EMPTY, NULL}}, out;
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle ctx;

    out = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    assert_status(waiter_end(&waiter, SspiInitializeSecurityContextAsyncA(
                                          waiter.async, &cred, NULL, (char[]){"localhost"}, REQUEST,
                                          0, 0, NULL, 0, &ctx, &out_list, NULL, NULL)),
                  SEC_I_CONTINUE_NEEDED);
    FreeContextBuffer(out.pvBuffer);
    assert_status(waiter_end(&waiter, SspiInitializeSecurityContextAsyncA(
                                          waiter.async, &cred, &ctx, NULL, REQUEST, 0, 0, &in_list,
                                          0, NULL, &out_list, NULL, NULL)),
                  SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
    ck_assert_uint_eq(in[1].cbBuffer, 2);
    ck_assert_ptr_eq(in[0].pvBuffer, head);
    DeleteSecurityContext(&ctx);
}
END_TEST

static atomic_int posted;

static void post(SspiAsyncContext *async, void *queue)
{
    sspi_async_queue_post(async, queue);
    atomic_fetch_add(&posted, 1);
}

/* Contexts leave a queue by being freed or made ready, and the queue goes before the last. */
START_TEST(queues_and_contexts_part)
{
    sspi_async_queue *queue = sspi_async_queue_new();
    SspiAsyncContext *contexts[4];
    CredHandle none = {0, 0};

    for (int i = 0; i < 4; i++) {
        contexts[i] = SspiCreateAsyncContext();
        SspiSetAsyncNotifyCallback(contexts[i], post, queue);
        assert_status(SspiFreeCredentialsHandleAsync(contexts[i], &none), SEC_E_OK);
        while (atomic_load(&posted) <= i)
            sched_yield();
    }
    SspiFreeAsyncContext(contexts[1]);
    ck_assert_int_eq(SspiReinitAsyncContext(contexts[0]), STATUS_SUCCESS);
    sspi_async_queue_post(contexts[0], queue);
    ck_assert_ptr_eq(sspi_async_queue_next(queue), contexts[2]);
    ck_assert(queue_is_ready(queue, 0));
    ck_assert_int_eq(SspiReinitAsyncContext(contexts[3]), STATUS_SUCCESS);
    ck_assert_ptr_null(sspi_async_queue_next(queue));
    ck_assert(!queue_is_ready(queue, 0));
    sspi_async_queue_post(contexts[2], queue);
    ck_assert(queue_is_ready(queue, 0));
    sspi_async_queue_free(queue);
    sspi_async_queue_free(NULL);
    for (int i = 0; i < 4; i++)
        if (i != 1)
            SspiFreeAsyncContext(contexts[i]);
}
END_TEST

/* Wherever memory ends, in queueing or in the leg, it is said, and nothing is left. */
START_TEST(leg_without_memory)
{
    SecBuffer token;
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    unsigned number = 0, at_once = 0;
    bool failed = true;

    SspiSetAsyncNotifyCallback(waiter.async, NULL, NULL);
    for (; failed && number < FAULTS_MAX; number++) {
        CtxtHandle ctx = {77, 77};
        SECURITY_STATUS status;

        token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
        faults_arm(number + 1);
        status =
            SspiInitializeSecurityContextAsyncA(waiter.async, &cred, NULL, (char[]){"localhost"},
                                                REQUEST, 0, 0, NULL, 0, &ctx, &out, NULL, NULL);
        at_once += status != SEC_E_OK;
        while (status == SEC_E_OK || status == SEC_I_ASYNC_CALL_PENDING)
            status = SspiGetAsyncCallStatus(waiter.async);
        failed = faults_disarm();
        SspiReinitAsyncContext(waiter.async);
        FreeContextBuffer(token.pvBuffer);
        if (ctx.dwLower != 77 || ctx.dwUpper != 77)
            assert_status(DeleteSecurityContext(&ctx), SEC_E_OK);
        ck_assert_int_eq(failed, status != SEC_I_CONTINUE_NEEDED);
        if (failed)
            assert_status(status, SEC_E_INSUFFICIENT_MEMORY);
    }
    ck_assert_uint_gt(at_once, 3);
    ck_assert_uint_gt(number, at_once + 2);
    ck_assert(!failed);
}
END_TEST

static Suite *async_suite(void)
{
    Suite *suite = suite_create("async");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, inputs_may_go);
    tcase_add_test(tcase, reports_on_input);
    tcase_add_test(tcase, queues_and_contexts_part);
    tcase_add_test(tcase, leg_without_memory);
    suite_add_tcase(suite, tcase);
    return suite;
}

CHECK_MAIN(async_suite)
