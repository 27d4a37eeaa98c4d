/* SPDX-License-Identifier: MIT */
/*
 * One connection: octets within the time it may take, then the negotiation, TLS and CredSSP, and
 * last the server's word on whether the user may come in. [MS-RDPBCGR] 1.3.1.1, 5.4.2
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tools/rdp.h"
#include "tools/report.h"

/* --- Octets --------------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *peer_name(const struct rdp_conn *conn)
{
    return conn->options->end.listen ? "client" : "server";
}

/* The code, and why, unless nobody wants to know. */
__attribute__((format(printf, 3, 4))) static int give_up(const struct rdp_conn *conn, int code,
                                                         const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (!conn->quiet)
        complain("%s", text);
    return code;
}

static int closed(const struct rdp_conn *conn)
{
    return give_up(conn, EXIT_AUTH, "the %s closed the connection %s", peer_name(conn),
                   conn->doing);
}

/* Until the socket can do what is wanted, or no time is left. */
static int wait_for(struct rdp_conn *conn, short events)
{
    struct pollfd wait = {conn->socket, events, 0};
    int64_t left;
    int ready = 0;

    while (ready == 0 && (left = conn->deadline - now_ms()) > 0) {
        ready = poll(&wait, 1, (int)left);
        if (ready < 0 && errno != EINTR)
            return give_up(conn, EXIT_NETWORK, "poll: %s", strerror(errno));
        ready = ready < 0 ? 0 : ready;
    }
    if (ready > 0)
        return EXIT_OK;
    return give_up(conn, EXIT_NETWORK, "the %s took more than %u seconds %s", peer_name(conn),
                   conn->options->timeout, conn->doing);
}

int rdp_send(struct rdp_conn *conn, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t n = send(conn->socket, at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        int result = n < 0 && errno == EAGAIN ? wait_for(conn, POLLOUT) : EXIT_OK;

        if (result != EXIT_OK)
            return result;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return EXIT_OK; /* the peer may still have said why: reading tells */
        at += n < 0 ? 0 : n;
        size -= n < 0 ? 0 : (size_t)n;
    }
    return EXIT_OK;
}

int rdp_receive(struct rdp_conn *conn)
{
    ssize_t n = -1;

    if (conn->got == sizeof(conn->in))
        return give_up(conn, EXIT_AUTH, "what came %s is no message: none is so long", conn->doing);
    do {
        int result = wait_for(conn, POLLIN);

        if (result != EXIT_OK)
            return result;
        n = recv(conn->socket, conn->in + conn->got, sizeof(conn->in) - conn->got, MSG_DONTWAIT);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n > 0) {
        conn->got += (size_t)n;
        return EXIT_OK;
    }
    /* A peer that goes with octets of ours unread resets the connection, and means the same. */
    return n == 0 || errno == ECONNRESET
               ? closed(conn)
               : give_up(conn, EXIT_NETWORK, "reading from the connection: %s", strerror(errno));
}

void rdp_consume(struct rdp_conn *conn, size_t used)
{
    conn->got -= used;
    memmove(conn->in, conn->in + used, conn->got);
}

/* --- Legs ----------------------------------------------------------------------------------- */

static SECURITY_STATUS client_leg(struct rdp_conn *conn, SecBufferDesc *in, SecBufferDesc *out)
{
    const struct rdp_options *options = conn->options;
    ULONG flags = ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |
                  ISC_REQ_STREAM | ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY |
                  ISC_REQ_USE_SUPPLIED_CREDS | (options->delegates ? ISC_REQ_DELEGATE : 0) |
                  (options->mutual ? ISC_REQ_MUTUAL_AUTH : 0);

    return InitializeSecurityContextA(&conn->credential, conn->open ? &conn->context : NULL,
                                      (SEC_CHAR *)(uintptr_t)options->end.target, flags, 0,
                                      SECURITY_NATIVE_DREP, in, 0, &conn->context, out, &flags,
                                      NULL);
}

static SECURITY_STATUS server_leg(struct rdp_conn *conn, SecBufferDesc *in, SecBufferDesc *out)
{
    ULONG flags = ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY |
                  ASC_REQ_STREAM | ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY;

    return AcceptSecurityContext(&conn->credential, conn->open ? &conn->context : NULL, in, flags,
                                 SECURITY_NATIVE_DREP, &conn->context, out, &flags, NULL);
}

/* What a client's user can do. */
static const struct {
    SECURITY_STATUS status;
    const char *advice;
} advice_rows[] = {
    {SEC_E_CONTEXT_EXPIRED, "some servers refuse a user or a password so"},
    {SEC_E_UNTRUSTED_ROOT, "--ca FILE trusts an authority that the system does not"},
    {SEC_E_DELEGATION_POLICY, "credssp(7) has the policy; --no-delegation hands nothing over"},
    {SEC_E_POLICY_NLTM_ONLY, "credssp(7) has the policy; --no-delegation hands nothing over"},
};

static int leg_fail(const struct rdp_conn *conn, SECURITY_STATUS status)
{
    if (conn->options->end.listen)
        return fail(status, "logging a client on");
    fail(status, "logging on to %s", conn->options->end.target);
    for (size_t i = 0; i < sizeof(advice_rows) / sizeof(advice_rows[0]); i++)
        if (advice_rows[i].status == status)
            complain("  %s", advice_rows[i].advice);
    return EXIT_AUTH;
}

/* A client's first leg takes no input: what there is came too early, and is for the next. */
static bool is_silent(const struct rdp_conn *conn)
{
    return !conn->options->end.listen && !conn->open;
}

/* One leg with what is there. Its token goes out even when it failed: it tells the peer why. */
static int leg(struct rdp_conn *conn, SECURITY_STATUS *status)
{
    SecBuffer in[] = {{(ULONG)conn->got, SECBUFFER_TOKEN, conn->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out = {SECBUFFER_VERSION, 1, &token};
    bool silent = is_silent(conn);
    int result = EXIT_OK;

    *status = conn->options->end.listen ? server_leg(conn, &in_list, &out)
                                        : client_leg(conn, silent ? NULL : &in_list, &out);
    conn->open |= *status >= 0;
    if (*status != SEC_E_INCOMPLETE_MESSAGE && !silent)
        rdp_consume(conn, conn->got - (in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0));
    if (*status < 0 && *status != SEC_E_INCOMPLETE_MESSAGE)
        result = leg_fail(conn, *status);
    if (token.cbBuffer != 0 && rdp_send(conn, token.pvBuffer, token.cbBuffer) != EXIT_OK)
        result = EXIT_NETWORK;
    FreeContextBuffer(token.pvBuffer);
    return result;
}

static bool is_in_tls(struct rdp_conn *conn)
{
    SecPkgContext_StreamSizes sizes;

    return conn->open &&
           QueryContextAttributesA(&conn->context, SECPKG_ATTR_STREAM_SIZES, &sizes) == SEC_E_OK;
}

/* A leg wants more than there is, or has used up what there was. */
static int logon(struct rdp_conn *conn)
{
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
    bool starved = conn->options->end.listen;
    int result = EXIT_OK;

    while (result == EXIT_OK && status != SEC_E_OK) {
        size_t before;
        bool silent = is_silent(conn);

        conn->doing = !is_in_tls(conn) ? "during the handshake of TLS"
                      : conn->options->end.listen
                          ? "during the logon; some refuse a server so"
                          : "during the logon; some refuse a user or password so";
        if (starved)
            result = rdp_receive(conn);
        before = conn->got;
        if (result == EXIT_OK)
            result = leg(conn, &status);
        starved = conn->got == 0 || (conn->got == before && !silent);
    }
    return result;
}

/* --- After the logon ------------------------------------------------------------------------ */

int rdp_seal(struct rdp_conn *conn, const void *data, ULONG size)
{
    SecPkgContext_StreamSizes sizes;
    unsigned char record[1280];
    SecBuffer parts[4] = {{0}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status =
        QueryContextAttributesA(&conn->context, SECPKG_ATTR_STREAM_SIZES, &sizes);

    if (status == SEC_E_OK && (size_t)sizes.cbHeader + size + sizes.cbTrailer > sizeof(record))
        status = SEC_E_BUFFER_TOO_SMALL;
    if (status == SEC_E_OK) {
        parts[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
        parts[1] = (SecBuffer){size, SECBUFFER_DATA, record + sizes.cbHeader};
        parts[2] =
            (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + size};
        memcpy(parts[1].pvBuffer, data, size);
        status = EncryptMessage(&conn->context, 0, &list, 0);
    }
    if (status != SEC_E_OK)
        return conn->quiet ? EXIT_AUTH : fail(status, "sealing the answer to the logon");
    return rdp_send(conn, record, (size_t)parts[0].cbBuffer + size + parts[2].cbBuffer);
}

static const SecBuffer *part_find(const SecBuffer parts[4], ULONG type)
{
    for (unsigned i = 0; i < 4; i++)
        if (parts[i].BufferType == type)
            return &parts[i];
    return NULL;
}

int rdp_open(struct rdp_conn *conn, unsigned char *data, size_t size, size_t *got)
{
    SecBuffer parts[4] = {{(ULONG)conn->got, SECBUFFER_DATA, conn->in}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status =
        conn->got == 0 ? SEC_E_INCOMPLETE_MESSAGE : DecryptMessage(&conn->context, &list, 0, NULL);
    const SecBuffer *part;
    size_t part_size;

    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return rdp_receive(conn);
    if (status == SEC_I_CONTEXT_EXPIRED)
        return closed(conn);
    if (status != SEC_E_OK)
        return conn->quiet ? EXIT_AUTH : fail(status, "opening the answer to the logon");
    part = part_find(parts, SECBUFFER_DATA);
    part_size = part == NULL ? 0 : part->cbBuffer;
    part_size = part_size < size - *got ? part_size : size - *got;
    if (part_size > 0)
        memcpy(data + *got, part->pvBuffer, part_size);
    *got += part_size;
    part = part_find(parts, SECBUFFER_EXTRA);
    rdp_consume(conn, conn->got - (part == NULL ? 0 : part->cbBuffer));
    return EXIT_OK;
}

/* Early User Authorization Result, [MS-RDPBCGR] 2.2.10.2 */
#define AUTHZ_SUCCESS       0U
#define AUTHZ_ACCESS_DENIED 5U

static int authorization_read(struct rdp_conn *conn)
{
    unsigned char data[4];
    size_t got = 0;
    int result = EXIT_OK;
    uint32_t code;

    conn->doing = "after the logon, instead of saying whether the user may come in";
    while (result == EXIT_OK && got < sizeof(data))
        result = rdp_open(conn, data, sizeof(data), &got);
    if (result != EXIT_OK)
        return result;
    code = (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
           (uint32_t)data[3] << 24;
    if (code == AUTHZ_SUCCESS)
        return EXIT_OK;
    complain("the server knows the user, and does not let him in: %s (0x%08x)",
             code == AUTHZ_ACCESS_DENIED ? "he has no right to log on by Remote Desktop"
                                         : "for a reason that is not known",
             (unsigned)code);
    return EXIT_AUTH;
}

static int authorization_say(struct rdp_conn *conn)
{
    static const unsigned char success[4] = {AUTHZ_SUCCESS, 0, 0, 0};

    return rdp_seal(conn, success, sizeof(success));
}

/* close_notify. Nobody is told of what goes wrong now: the logon stands. */
static void close_politely(struct rdp_conn *conn)
{
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};

    if (ApplyControlToken(&conn->context, &list) != SEC_E_OK)
        return;
    token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    if ((conn->options->end.listen ? server_leg(conn, NULL, &list)
                                   : client_leg(conn, NULL, &list)) == SEC_E_OK)
        send(conn->socket, token.pvBuffer, token.cbBuffer, MSG_DONTWAIT | MSG_NOSIGNAL);
    FreeContextBuffer(token.pvBuffer);
}

#define PATIENCE   5000 /* milliseconds */
#define LAST_READS 16

void rdp_hurry(struct rdp_conn *conn, unsigned milliseconds)
{
    int64_t end = now_ms() + milliseconds;

    conn->deadline = conn->deadline < end ? conn->deadline : end;
}

/* What the peer has sent meanwhile must be read, or the kernel resets the connection and our last
 * words are lost. */
static void hear_out(struct rdp_conn *conn)
{
    struct pollfd wait = {conn->socket, POLLIN, 0};

    shutdown(conn->socket, SHUT_WR);
    for (unsigned i = 0; i < LAST_READS && poll(&wait, 1, PATIENCE) > 0 &&
                         recv(conn->socket, conn->in, sizeof(conn->in), MSG_DONTWAIT) > 0;
         i++)
        continue;
}

/* --- The connection ------------------------------------------------------------------------- */

static int client_run(struct rdp_conn *conn, uint32_t security)
{
    int result = logon(conn);

    if (conn->open)
        rdp_show_logon(&conn->context, conn->options);
    if (result == EXIT_OK && security == RDP_HYBRID_EX)
        result = authorization_read(conn);
    if (result == EXIT_OK)
        rdp_show_verdict(security);
    return result;
}

static int server_run(struct rdp_conn *conn, uint32_t security)
{
    int result = logon(conn);

    if (conn->open)
        rdp_show_logon(&conn->context, conn->options);
    if (result == EXIT_OK)
        rdp_show_client(&conn->context);
    if (result == EXIT_OK && security == RDP_HYBRID_EX)
        result = authorization_say(conn);
    if (result == EXIT_OK) {
        conn->quiet = true; /* the logon stands */
        rdp_hurry(conn, 2 * PATIENCE);
        rdp_desk(conn);
    }
    return result;
}

static int run(struct rdp_conn *conn)
{
    uint32_t security;
    int result;

    conn->doing = conn->options->end.listen ? "without a request: it may only have looked"
                                            : "without an answer: is it one of Remote Desktop?";
    result = rdp_negotiate(conn, &security);
    if (result == EXIT_OK)
        result =
            conn->options->end.listen ? server_run(conn, security) : client_run(conn, security);
    if (result == EXIT_OK)
        close_politely(conn);
    hear_out(conn);
    return result;
}

int rdp_converse(int socket, const struct rdp_options *options, const CredHandle *credential)
{
    struct rdp_conn *conn = calloc(1, sizeof(*conn));
    int on = 1, result;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (conn == NULL) {
        result = fail(SEC_E_INSUFFICIENT_MEMORY, "starting a connection");
    } else {
        conn->options = options;
        conn->credential = *credential;
        conn->socket = socket;
        conn->deadline = now_ms() + (int64_t)options->timeout * 1000;
        result = run(conn);
        if (conn->open)
            DeleteSecurityContext(&conn->context);
        free(conn);
    }
    close(socket);
    return result;
}
