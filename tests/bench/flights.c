/* SPDX-License-Identifier: MIT */
/* A loop around a queue, as a server has it. */
#include "bench/flights.h"

#include <poll.h>
#include <sspi_linux.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/pairs.h"

#define LIVE_REALM   "LOOPBACK.TEST"
#define SILENT_REALM "SILENT.TEST"

#define REQUEST                                                                                    \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_INTEGRITY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_ALLOCATE_MEMORY)
#define ACCEPT (ASC_REQ_INTEGRITY | ASC_REQ_CONFIDENTIALITY | ASC_REQ_ALLOCATE_MEMORY)

struct flights {
    sspi_async_queue *queue;
    const char *user;
    char password[128];
    CredHandle client, server; /* client: of those without a user */
    struct flight **stranded;
    unsigned stranded_count;
};

/* The async context is the loop's handle for it. */
struct flight {
    SspiAsyncContext *async;
    CredHandle client;
    CtxtHandle ends[2];
    unsigned legs; /* made: the client's are the even ones */
    SecBuffer tokens[2];
    SecBufferDesc lists[2];
    ULONG attributes;
    TimeStamp expiry;
};

#define LEGS 3

static void check(const char *call, SECURITY_STATUS status)
{
    if (status < 0)
        die("%s: %s: %s", call, sspi_status_name(status), sspi_native_error());
}

static SEC_CHAR *text(const char *constant)
{
    return (SEC_CHAR *)(uintptr_t)constant;
}

/* --- Credentials ---------------------------------------------------------------------------- */

static void password_read(struct flights *flights)
{
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/password/%s", getenv("WORLD"), flights->user);
    file = fopen(path, "r");
    if (file == NULL || fgets(flights->password, sizeof(flights->password), file) == NULL)
        die("%s cannot be read", path);
    fclose(file);
}

static CredHandle acquire(ULONG use, SEC_WINNT_AUTH_IDENTITY_A *identity)
{
    CredHandle handle;

    check("AcquireCredentialsHandle",
          AcquireCredentialsHandleA(NULL, text("Kerberos"), use, NULL, identity, NULL, NULL,
                                    &handle, NULL));
    return handle;
}

static CredHandle acquire_client(struct flights *flights, const char *realm)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};

    if (flights->user == NULL)
        return flights->client;
    identity.User = (unsigned char *)text(flights->user);
    identity.UserLength = (ULONG)strlen(flights->user);
    identity.Domain = (unsigned char *)text(realm);
    identity.DomainLength = (ULONG)strlen(realm);
    identity.Password = (unsigned char *)flights->password;
    identity.PasswordLength = (ULONG)strlen(flights->password);
    return acquire(SECPKG_CRED_OUTBOUND, &identity);
}

struct flights *flights_new(const char *user)
{
    struct flights *flights = calloc(1, sizeof(*flights));

    if (flights == NULL || (flights->queue = sspi_async_queue_new()) == NULL)
        die("no memory");
    flights->user = user;
    flights->server = acquire(SECPKG_CRED_INBOUND, NULL);
    if (user == NULL)
        flights->client = acquire(SECPKG_CRED_OUTBOUND, NULL);
    else
        password_read(flights);
    return flights;
}

void flights_free(struct flights *flights)
{
    FreeCredentialsHandle(&flights->server);
    if (flights->user == NULL)
        FreeCredentialsHandle(&flights->client);
    sspi_async_queue_free(flights->queue);
    free(flights);
}

/* --- One logon ------------------------------------------------------------------------------ */

static void flight_begin(struct flights *flights, struct flight *flight, const char *realm)
{
    flight->client = acquire_client(flights, realm);
    flight->legs = 0;
    for (int i = 0; i < 2; i++)
        flight->lists[i] = (SecBufferDesc){SECBUFFER_VERSION, 1, &flight->tokens[i]};
}

static void token_drop(SecBuffer *token)
{
    FreeContextBuffer(token->pvBuffer);
    *token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
}

/* Makes or begins the next leg, with the peer's token. */
static SECURITY_STATUS flight_leg(struct flights *flights, struct flight *flight, bool async)
{
    unsigned end = flight->legs % 2;
    CtxtHandle *to = &flight->ends[end], *with = flight->legs < 2 ? NULL : to;
    SecBufferDesc *out = &flight->lists[end],
                  *in = flight->legs == 0 ? NULL : &flight->lists[1 - end];

    flight->tokens[end] = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    if (end == 1)
        return async
                   ? SspiAcceptSecurityContextAsync(flight->async, &flights->server, with, in,
                                                    ACCEPT, SECURITY_NATIVE_DREP, to, out,
                                                    &flight->attributes, &flight->expiry)
                   : AcceptSecurityContext(&flights->server, with, in, ACCEPT, SECURITY_NATIVE_DREP,
                                           to, out, &flight->attributes, &flight->expiry);
    return async ? SspiInitializeSecurityContextAsyncA(
                       flight->async, &flight->client, with, text(TARGET_SPN), REQUEST, 0,
                       SECURITY_NATIVE_DREP, in, 0, to, out, &flight->attributes, &flight->expiry)
                 : InitializeSecurityContextA(&flight->client, with, text(TARGET_SPN), REQUEST, 0,
                                              SECURITY_NATIVE_DREP, in, 0, to, out,
                                              &flight->attributes, &flight->expiry);
}

/* Whether there is another leg to be made. */
static bool flight_legged(struct flight *flight, SECURITY_STATUS status)
{
    check("a leg", status);
    if (flight->legs > 0)
        token_drop(&flight->tokens[1 - flight->legs % 2]);
    return ++flight->legs < LEGS;
}

static void flight_end(struct flights *flights, struct flight *flight)
{
    token_drop(&flight->tokens[0]);
    DeleteSecurityContext(&flight->ends[0]);
    DeleteSecurityContext(&flight->ends[1]);
    if (flights->user != NULL)
        FreeCredentialsHandle(&flight->client);
}

/* --- One after the other -------------------------------------------------------------------- */

static void run_one(struct flights *flights)
{
    struct flight flight;

    flight_begin(flights, &flight, LIVE_REALM);
    while (flight_legged(&flight, flight_leg(flights, &flight, false)))
        continue;
    flight_end(flights, &flight);
}

/* --- Many ----------------------------------------------------------------------------------- */

static void leg_begin(struct flights *flights, struct flight *flight)
{
    SECURITY_STATUS status = flight_leg(flights, flight, true);

    if (status != SEC_E_OK)
        die("a leg cannot be queued: %s", sspi_status_name(status));
}

static struct flight *flight_new(struct flights *flights)
{
    struct flight *flight = calloc(1, sizeof(*flight));

    if (flight == NULL || (flight->async = SspiCreateAsyncContext()) == NULL)
        die("no memory");
    SspiSetAsyncNotifyCallback(flight->async, sspi_async_queue_post, flights->queue);
    sspi_async_context_set_data(flight->async, flight);
    return flight;
}

static void flight_free(struct flight *flight)
{
    SspiFreeAsyncContext(flight->async);
    free(flight);
}

/* The next flight of which a leg is done. */
static struct flight *flight_wait(struct flights *flights)
{
    struct pollfd at = {.fd = sspi_async_queue_descriptor(flights->queue), .events = POLLIN};
    SspiAsyncContext *async;

    while ((async = sspi_async_queue_next(flights->queue)) == NULL)
        poll(&at, 1, -1);
    return sspi_async_context_data(async);
}

static void flight_start(struct flights *flights, struct flight *flight)
{
    flight_begin(flights, flight, LIVE_REALM);
    leg_begin(flights, flight);
}

/* Whether the logon is done. */
static bool flight_advance(struct flights *flights, struct flight *flight)
{
    SECURITY_STATUS status = SspiGetAsyncCallStatus(flight->async);

    SspiReinitAsyncContext(flight->async);
    if (flight_legged(flight, status)) {
        leg_begin(flights, flight);
        return false;
    }
    flight_end(flights, flight);
    return true;
}

void flights_run(struct flights *flights, unsigned count, unsigned in_flight)
{
    unsigned begun = 0;

    if (in_flight == 0)
        for (; begun < count; begun++)
            run_one(flights);
    for (; begun < in_flight && begun < count; begun++)
        flight_start(flights, flight_new(flights));
    for (unsigned left = in_flight == 0 ? 0 : count; left != 0;) {
        struct flight *flight = flight_wait(flights);

        if (!flight_advance(flights, flight))
            continue;
        left--;
        if (begun++ < count)
            flight_start(flights, flight);
        else
            flight_free(flight);
    }
}

/* --- A silent KDC --------------------------------------------------------------------------- */

void flights_strand(struct flights *flights, unsigned count)
{
    flights->stranded = calloc(count, sizeof(*flights->stranded));
    if (flights->stranded == NULL)
        die("no memory");
    for (; flights->stranded_count < count; flights->stranded_count++) {
        struct flight *flight = flight_new(flights);

        flights->stranded[flights->stranded_count] = flight;
        flight_begin(flights, flight, SILENT_REALM);
        leg_begin(flights, flight);
    }
}

void flights_let_go(struct flights *flights)
{
    for (unsigned i = 0; i < flights->stranded_count; i++) {
        struct flight *flight = flights->stranded[i];

        if (SspiGetAsyncCallStatus(flight->async) != SEC_I_ASYNC_CALL_PENDING)
            die("a silent KDC has answered, or MIT's library has given up: it took too long");
        FreeCredentialsHandle(&flight->client);
        flight_free(flight);
    }
    free(flights->stranded);
    flights->stranded = NULL;
    flights->stranded_count = 0;
}

void flights_wait_for_silence(struct flights *flights)
{
    struct flight flight;

    flight_begin(flights, &flight, SILENT_REALM);
    if (flight_leg(flights, &flight, false) == SEC_I_CONTINUE_NEEDED)
        die("a silent KDC has answered");
    FreeCredentialsHandle(&flight.client);
}
