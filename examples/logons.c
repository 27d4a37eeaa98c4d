/* SPDX-License-Identifier: MIT */
/* The legs of a logon by asynchronous calls. */
#include "logons.h"

#include <arpa/inet.h>
#include <sspi_linux.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define HEAD      4
#define FRAME_MAX 65536
#define REQUEST                                                                                    \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_INTEGRITY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY)
#define ACCEPT (ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY | ASC_REQ_ALLOCATE_MEMORY)

/* --- All of them ---------------------------------------------------------------------------- */

int logons_open(struct logons *all, char *package, const char *target, unsigned count)
{
    ULONG use = target == NULL ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND;
    SECURITY_STATUS status;

    memset(all, 0, sizeof(*all));
    all->target = target;
    all->count = count;
    all->queue = sspi_async_queue_new();
    if (all->queue == NULL) {
        perror("sspi_async_queue_new");
        return -1;
    }
    /* This asks nobody, so it need not be asynchronous. */
    status = AcquireCredentialsHandleA(NULL, package, use, NULL, NULL, NULL, NULL, &all->credential,
                                       NULL);
    if (status != SEC_E_OK) {
        fprintf(stderr, "AcquireCredentialsHandle: %s: %s\n", sspi_status_name(status),
                sspi_native_error());
        return -1;
    }
    return 0;
}

void logons_close(struct logons *all)
{
    FreeCredentialsHandle(&all->credential);
    sspi_async_queue_free(all->queue);
}

int logons_report(const struct logons *all)
{
    printf("logons: %u\nfailed: %u\nmost at once: %u\n", all->done, all->failed, all->most);
    return all->done == all->count ? 0 : 1;
}

void descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* --- A leg ---------------------------------------------------------------------------------- */

static void fail(struct logon *logon, const char *call, SECURITY_STATUS status)
{
    fprintf(stderr, "%s: %s: %s\n", call, sspi_status_name(status), sspi_native_error());
    logon->state = LOGON_FAILED;
    logon->all->failed++;
}

static int has_context(const struct logon *logon)
{
    return logon->context.dwLower != 0 || logon->context.dwUpper != 0;
}

/* The token goes in, and is copied before the call returns. */
static void leg_begin(struct logon *logon, unsigned char *token, size_t size)
{
    struct logons *all = logon->all;
    SecBuffer given = {(ULONG)size, SECBUFFER_TOKEN, token};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &given}, *in = token == NULL ? NULL : &list;
    CtxtHandle *context = has_context(logon) ? &logon->context : NULL;
    SECURITY_STATUS status;

    logon->token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    logon->tokens = (SecBufferDesc){SECBUFFER_VERSION, 1, &logon->token};
    status = all->target == NULL
                 ? SspiAcceptSecurityContextAsync(
                       logon->async, &all->credential, context, in, ACCEPT, SECURITY_NATIVE_DREP,
                       &logon->context, &logon->tokens, &logon->attributes, &logon->expiry)
                 : SspiInitializeSecurityContextAsyncA(
                       logon->async, &all->credential, context, (char *)(uintptr_t)all->target,
                       REQUEST, 0, SECURITY_NATIVE_DREP, in, 0, &logon->context, &logon->tokens,
                       &logon->attributes, &logon->expiry);
    if (status == SEC_E_OK)
        logon->state = LOGON_WORKS;
    else
        fail(logon, "a leg cannot be queued", status);
}

/* What the leg has for the peer, as a frame. */
static int frame_take(struct logon *logon)
{
    uint32_t head = htonl(logon->token.cbBuffer);

    if (logon->token.cbBuffer == 0)
        return 0;
    logon->out = malloc(HEAD + logon->token.cbBuffer);
    if (logon->out != NULL) {
        memcpy(logon->out, &head, HEAD);
        memcpy(logon->out + HEAD, logon->token.pvBuffer, logon->token.cbBuffer);
        logon->out_size = HEAD + logon->token.cbBuffer;
    }
    FreeContextBuffer(logon->token.pvBuffer);
    logon->token.pvBuffer = NULL;
    return logon->out == NULL ? -1 : 0;
}

static void leg_end(struct logon *logon, SECURITY_STATUS status)
{
    if (status < 0) {
        fail(logon, "a leg", status);
        return;
    }
    if (frame_take(logon) != 0) {
        fail(logon, "a frame", SEC_E_INSUFFICIENT_MEMORY);
    } else if (status == SEC_E_OK) {
        logon->state = LOGON_DONE;
        logon->all->done++;
    } else {
        logon->state = LOGON_WAITS;
    }
}

struct logon *logons_next(struct logons *all)
{
    SspiAsyncContext *async = sspi_async_queue_next(all->queue);
    struct logon *logon;
    SECURITY_STATUS status;

    if (async == NULL)
        return NULL;
    logon = sspi_async_context_data(async);
    status = SspiGetAsyncCallStatus(async);
    SspiReinitAsyncContext(async);
    leg_end(logon, status);
    return logon;
}

/* --- One of them ---------------------------------------------------------------------------- */

struct logon *logon_new(struct logons *all, void *connection)
{
    struct logon *logon = calloc(1, sizeof(*logon));

    if (logon == NULL || (logon->async = SspiCreateAsyncContext()) == NULL) {
        free(logon);
        return NULL;
    }
    logon->all = all;
    logon->connection = connection;
    sspi_async_context_set_data(logon->async, logon);
    SspiSetAsyncNotifyCallback(logon->async, sspi_async_queue_post, all->queue);
    all->begun++;
    if (all->begun - all->done - all->failed > all->most)
        all->most = all->begun - all->done - all->failed;
    return logon;
}

/* Who frees the async context at once does not wait for the end, and it comes all the same. */
static void context_delete(CtxtHandle *context)
{
    SspiAsyncContext *async = SspiCreateAsyncContext();

    SspiDeleteSecurityContextAsync(async, context);
    SspiFreeAsyncContext(async);
}

/*
 * The async context first: nothing is written to the rest after it. What a leg that ended just
 * before has given is ours.
 */
void logon_free(struct logon *logon)
{
    SspiFreeAsyncContext(logon->async);
    FreeContextBuffer(logon->token.pvBuffer);
    if (has_context(logon))
        context_delete(&logon->context);
    if (logon->state == LOGON_WAITS || logon->state == LOGON_WORKS)
        logon->all->failed++;
    free(logon->in);
    free(logon->out);
    free(logon);
}

static int in_append(struct logon *logon, const void *octets, size_t size)
{
    unsigned char *in = realloc(logon->in, logon->in_size + size + 1);

    if (in == NULL)
        return -1;
    if (size != 0)
        memcpy(in + logon->in_size, octets, size);
    logon->in = in;
    logon->in_size += size;
    return 0;
}

/* Its first frame begins the next leg, once it is all there. */
static void frame_read(struct logon *logon)
{
    uint32_t size;

    if (logon->in_size < HEAD)
        return;
    memcpy(&size, logon->in, HEAD);
    size = ntohl(size);
    if (size > FRAME_MAX) {
        fail(logon, "a frame", SEC_E_INVALID_TOKEN);
    } else if (logon->in_size >= HEAD + size) {
        leg_begin(logon, logon->in + HEAD, size);
        logon->in_size -= HEAD + size;
        memmove(logon->in, logon->in + HEAD + size, logon->in_size);
    }
}

/* The peers take turns. */
void logon_feed(struct logon *logon, const void *octets, size_t size)
{
    if (logon->state != LOGON_WAITS || logon->in_size + size > HEAD + FRAME_MAX)
        fail(logon, "octets out of turn", SEC_E_INVALID_TOKEN);
    else if (in_append(logon, octets, size) != 0)
        fail(logon, "octets", SEC_E_INSUFFICIENT_MEMORY);
    else if (logon->all->target != NULL && !has_context(logon))
        leg_begin(logon, NULL, 0);
    else
        frame_read(logon);
}

void logon_sent(struct logon *logon)
{
    free(logon->out);
    logon->out = NULL;
    logon->out_size = 0;
}
