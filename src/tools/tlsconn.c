/* SPDX-License-Identifier: MIT */
/*
 * One TLS connection. Whatever comes is gathered in one buffer and given to the handshake or to
 * DecryptMessage(); whatever is to go is queued. Nothing waits but poll(), so that two ends that
 * only write do not wait for each other for ever.
 */
#include "tools/report.h"
#include "tools/tls.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <sspi_linux.h>

#define IN_SIZE    65536U  /* some records: a call consumes every whole one, or the first */
#define OUT_MAX    262144U /* while more than this is queued, nothing is answered */
#define CHUNK_SIZE 16384U
#define LAST_WORDS 5  /* seconds for an alert to a peer that does not read */
#define LAST_READS 16 /* and how often it is heard while it does */

struct conn {
    const struct tls_end *end;
    const struct tls_options *options;
    bool inbound, rehearsal;
    int socket;
    CtxtHandle context;
    bool open;        /* context is there */
    bool handshaking; /* the next call is a leg */
    bool due;         /* and wants no input before it */
    bool established; /* once at least */
    bool supplied;    /* a certificate was asked for, and what there is was given */
    SecPkgContext_StreamSizes sizes;

    unsigned char *in;
    size_t got;
    struct {
        unsigned char *data;
        size_t size, sent, capacity;
    } out;

    bool input_end;   /* there is no more to send */
    bool closed;      /* close_notify is queued */
    bool peer_closed; /* close_notify has come */
    bool tcp_end;
    int lost; /* errno of a failed send: the peer may still have said why */
};

/* --- Octets --------------------------------------------------------------------------------- */

static bool write_all(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t n = write(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

/* Room for size more octets in the queue. */
static unsigned char *out_reserve(struct conn *conn, size_t size)
{
    if (conn->out.sent == conn->out.size)
        conn->out.sent = conn->out.size = 0;
    if (size > conn->out.capacity - conn->out.size) {
        unsigned char *data = realloc(conn->out.data, conn->out.size + size);

        if (data == NULL)
            return NULL;
        conn->out.data = data;
        conn->out.capacity = conn->out.size + size;
    }
    return conn->out.data + conn->out.size;
}

static size_t out_left(const struct conn *conn)
{
    return conn->out.size - conn->out.sent;
}

static int out_put(struct conn *conn, const void *data, size_t size)
{
    unsigned char *room = out_reserve(conn, size);

    if (room == NULL)
        return fail(SEC_E_INSUFFICIENT_MEMORY, "queueing what is to be sent");
    memcpy(room, data, size);
    conn->out.size += size;
    return EXIT_OK;
}

/* Sends what the connection takes now (MSG_DONTWAIT), or all. */
static void out_send(struct conn *conn, int flags)
{
    while (out_left(conn) > 0) {
        ssize_t n = send(conn->socket, conn->out.data + conn->out.sent, out_left(conn), flags);

        if (n >= 0)
            conn->out.sent += (size_t)n;
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR) {
            conn->lost = errno;
            conn->out.sent = conn->out.size;
        }
    }
}

/*
 * At the end of a connection that has failed: its alert, if the peer takes it. What the peer has
 * sent meanwhile must be read, or the kernel resets the connection and the alert is lost.
 */
static void out_flush(struct conn *conn)
{
    struct timeval limit = {.tv_sec = LAST_WORDS};

    setsockopt(conn->socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    setsockopt(conn->socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    out_send(conn, 0);
    shutdown(conn->socket, SHUT_WR);
    for (unsigned i = 0; i < LAST_READS && recv(conn->socket, conn->in, IN_SIZE, 0) > 0; i++)
        continue;
}

/* Where a connection ends that is not at its end. */
static int cut_short(const struct conn *conn)
{
    if (!conn->established) {
        complain("the peer closed the connection during the handshake; why is to be seen on its "
                 "side");
        return EXIT_AUTH;
    }
    if (conn->rehearsal) /* nobody wanted anything of it, and some servers just go */
        return EXIT_OK;
    complain("the connection ended without close_notify: what came may be cut short");
    return EXIT_AUTH;
}

static int in_receive(struct conn *conn)
{
    ssize_t n = recv(conn->socket, conn->in + conn->got, IN_SIZE - conn->got, MSG_DONTWAIT);

    if (n > 0) {
        conn->got += (size_t)n;
        return EXIT_OK;
    }
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return EXIT_OK;
    conn->tcp_end = true;
    if (conn->peer_closed)
        return EXIT_OK;
    if (n == 0 && conn->lost == 0)
        return cut_short(conn);
    if (n < 0)
        complain("reading from the connection: %s", strerror(errno));
    else
        complain("writing to the connection: %s", strerror(conn->lost));
    return EXIT_NETWORK;
}

/* The last `left` octets are still to be looked at. */
static void in_consume(struct conn *conn, size_t left)
{
    memmove(conn->in, conn->in + conn->got - left, left);
    conn->got = left;
}

/* --- Handshakes ----------------------------------------------------------------------------- */

/* One leg; *token is freed by the caller. */
static SECURITY_STATUS leg(struct conn *conn, SecBufferDesc *in, SecBuffer *token)
{
    SecBuffer out[] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_ALERT, NULL}};
    SecBufferDesc answer = {SECBUFFER_VERSION, 2, out};
    CtxtHandle *known = conn->open ? &conn->context : NULL;
    CredHandle credential = conn->end->credential;
    ULONG flags = ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |
                  ISC_REQ_STREAM | ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY;
    SECURITY_STATUS status;

    if (conn->supplied)
        flags |= ISC_REQ_USE_SUPPLIED_CREDS;
    if (conn->inbound)
        status = AcceptSecurityContext(&credential, known, in,
                                       ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT |
                                           ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM |
                                           ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY |
                                           (conn->options->ask_client ? ASC_REQ_MUTUAL_AUTH : 0),
                                       SECURITY_NATIVE_DREP, &conn->context, &answer, &flags, NULL);
    else
        status = InitializeSecurityContextA(
            &credential, known, (SEC_CHAR *)(uintptr_t)conn->options->target, flags, 0,
            SECURITY_NATIVE_DREP, in, 0, &conn->context, &answer, &flags, NULL);
    conn->open |= status >= 0;
    FreeContextBuffer(out[1].pvBuffer);
    *token = out[0];
    return status;
}

/* The token goes out even when the leg failed: it tells the peer why. */
static int token_take(struct conn *conn, SecBuffer *token)
{
    int result = token->cbBuffer == 0 ? EXIT_OK : out_put(conn, token->pvBuffer, token->cbBuffer);

    FreeContextBuffer(token->pvBuffer);
    return result;
}

/* A control token, and the leg that makes something to send of it. */
static int control(struct conn *conn, void *data, ULONG size)
{
    SecBuffer token = {size, SECBUFFER_TOKEN, data};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status = ApplyControlToken(&conn->context, &list);

    if (status == SEC_E_OK)
        status = leg(conn, NULL, &token);
    if (status != SEC_E_OK)
        return fail(status, "closing the connection");
    return token_take(conn, &token);
}

static int close_notify(struct conn *conn)
{
    DWORD shutdown_token = SCHANNEL_SHUTDOWN;

    conn->closed = true;
    return control(conn, &shutdown_token, sizeof(shutdown_token));
}

static DWORD alert_for(HRESULT verdict)
{
    switch (verdict) {
    case CERT_E_EXPIRED:
        return TLS1_ALERT_CERTIFICATE_EXPIRED;
    case CERT_E_UNTRUSTEDROOT:
    case CERT_E_CHAINING:
        return TLS1_ALERT_UNKNOWN_CA;
    case CRYPT_E_REVOKED:
        return TLS1_ALERT_CERTIFICATE_REVOKED;
    default:
        return TLS1_ALERT_CERTIFICATE_UNKNOWN;
    }
}

/* A client's own judgement, where the library was told to leave it to us. */
static int server_judge(struct conn *conn)
{
    const struct tls_options *options = conn->options;
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, 0};
    PCCERT_CONTEXT server = NULL;
    HRESULT verdict;
    DWORD trust;
    SECURITY_STATUS status =
        QueryContextAttributesA(&conn->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &server);

    if (status != SEC_E_OK)
        return fail(status, "asking for the server's certificate");
    verdict = tls_server_verify(server, conn->end->roots, options->target, &trust);
    CertFreeCertificateContext(server);
    if (verdict == 0)
        return EXIT_OK;
    complain("the certificate is not one of %s by %s: %s: %s", options->target,
             options->authorities, sspi_status_name(verdict), sspi_status_text(verdict));
    tls_show_trust(trust, verdict);
    alert.dwAlertNumber = alert_for(verdict);
    control(conn, &alert, sizeof(alert));
    return EXIT_AUTH;
}

static int peer_judge(struct conn *conn)
{
    const struct tls_options *options = conn->options;
    const char *by = options->authorities != NULL ? options->authorities : "the system's roots";
    int result;

    if (conn->inbound)
        return EXIT_OK;
    if (options->no_verify) {
        fputs("verified   no: --no-verify\n", stderr);
        return EXIT_OK;
    }
    result = options->authorities != NULL ? server_judge(conn) : EXIT_OK;
    if (result == EXIT_OK)
        fprintf(stderr, "verified   %s, by %s\n", options->target, by);
    return result;
}

/* TLS 1.3 has no second handshake; a leg that says so has only taken a ticket. */
static bool was_handshake(struct conn *conn)
{
    SecPkgContext_ConnectionInfo info = {.dwProtocol = 0};

    QueryContextAttributesA(&conn->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    return !conn->established || !(info.dwProtocol & SP_PROT_TLS1_3);
}

static int handshake_done(struct conn *conn)
{
    SECURITY_STATUS status;

    conn->handshaking = conn->supplied = false;
    if (!was_handshake(conn))
        return EXIT_OK;
    status = QueryContextAttributesA(&conn->context, SECPKG_ATTR_STREAM_SIZES, &conn->sizes);
    if (status != SEC_E_OK)
        return fail(status, "asking for the sizes of messages");
    tls_show_negotiated(&conn->context, conn->established ? "renegotiated" : NULL);
    tls_show_peer(&conn->context, conn->options);
    conn->established = true;
    return peer_judge(conn);
}

static int handshake_failed(struct conn *conn, SECURITY_STATUS status)
{
    SecPkgContext_CertificateValidationResult check;
    int result = conn->inbound ? fail(status, "accepting a client")
                               : fail(status, "connecting to %s", conn->options->target);

    if (!conn->open ||
        QueryContextAttributesA(&conn->context, SECPKG_ATTR_CERT_CHECK_RESULT, &check) != SEC_E_OK)
        return result;
    if (check.hrVerifyChainStatus != 0) {
        complain("  the certificate: %s: %s", sspi_status_name(check.hrVerifyChainStatus),
                 sspi_status_text(check.hrVerifyChainStatus));
        tls_show_trust(check.dwChainErrorStatus, check.hrVerifyChainStatus);
        tls_show_peer(&conn->context, conn->options);
    }
    return result;
}

/* The same input goes in once more, and what we have for certificates is all there is. */
static void certificate_wanted(struct conn *conn)
{
    complain("the server asks for a certificate, and %s", conn->options->certificate == NULL
                                                              ? "there is no --cert"
                                                              : "that of --cert is none it takes");
    tls_show_issuers(&conn->context);
    conn->supplied = true;
    conn->due = true;
}

static int handshake_step(struct conn *conn)
{
    SecBuffer in[] = {{(ULONG)conn->got, SECBUFFER_TOKEN, conn->in},
                      {0, SECBUFFER_EMPTY, NULL},
                      {conn->options->alpn_size, SECBUFFER_APPLICATION_PROTOCOLS,
                       (void *)(uintptr_t)conn->options->alpn}};
    SecBufferDesc list = {SECBUFFER_VERSION, !conn->open && in[2].cbBuffer != 0 ? 3 : 2, in};
    SecBufferDesc opening = {SECBUFFER_VERSION, 1, &in[2]};
    bool first = !conn->inbound && !conn->open;
    SecBuffer token;
    SECURITY_STATUS status = leg(conn,
                                 !first                ? &list
                                 : in[2].cbBuffer != 0 ? &opening
                                                       : NULL,
                                 &token);
    int result = EXIT_OK;

    conn->due = false;
    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return token_take(conn, &token);
    if (status == SEC_I_INCOMPLETE_CREDENTIALS) {
        certificate_wanted(conn);
        return token_take(conn, &token);
    }
    if (status < 0)
        result = handshake_failed(conn, status);
    if (token_take(conn, &token) != EXIT_OK || result != EXIT_OK)
        return EXIT_AUTH;
    in_consume(conn, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    return status == SEC_E_OK ? handshake_done(conn) : EXIT_OK;
}

/* --- Messages ------------------------------------------------------------------------------- */

static int message_seal(struct conn *conn, const void *data, ULONG size)
{
    ULONG head = conn->sizes.cbHeader, tail = conn->sizes.cbTrailer;
    unsigned char *record = out_reserve(conn, (size_t)head + size + tail);
    SecBuffer parts[] = {{head, SECBUFFER_STREAM_HEADER, record},
                         {size, SECBUFFER_DATA, record + head},
                         {tail, SECBUFFER_STREAM_TRAILER, record + head + size},
                         {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status;

    if (record == NULL)
        return fail(SEC_E_INSUFFICIENT_MEMORY, "sealing a message");
    memcpy(record + head, data, size);
    status = EncryptMessage(&conn->context, 0, &list, 0);
    if (status != SEC_E_OK)
        return fail(status, "sealing a message");
    conn->out.size += (size_t)parts[0].cbBuffer + size + parts[2].cbBuffer;
    return EXIT_OK;
}

/* No larger than a record holds: with a peer's wish (RFC 8449) that is less than what came. */
static int message_send(struct conn *conn, const unsigned char *data, size_t size)
{
    int result = EXIT_OK;

    while (size > 0 && result == EXIT_OK) {
        size_t part = size < conn->sizes.cbMaximumMessage ? size : conn->sizes.cbMaximumMessage;

        result = message_seal(conn, data, (ULONG)part);
        data += part;
        size -= part;
    }
    return result;
}

static int message_use(struct conn *conn, const SecBuffer *data)
{
    if (data->cbBuffer == 0)
        return EXIT_OK;
    if (conn->options->echo && !conn->closed)
        return message_send(conn, data->pvBuffer, data->cbBuffer);
    if (write_all(STDOUT_FILENO, data->pvBuffer, data->cbBuffer))
        return EXIT_OK;
    complain("writing to standard output: %s", strerror(errno));
    return EXIT_NETWORK;
}

static const SecBuffer *part_find(const SecBufferDesc *list, ULONG type)
{
    for (ULONG i = 0; i < list->cBuffers; i++)
        if (list->pBuffers[i].BufferType == type)
            return &list->pBuffers[i];
    return NULL;
}

static int message_open(struct conn *conn)
{
    SecBuffer parts[4] = {{(ULONG)conn->got, SECBUFFER_DATA, conn->in},
                          {0, SECBUFFER_EMPTY, NULL},
                          {0, SECBUFFER_EMPTY, NULL},
                          {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    const SecBuffer *data, *extra;
    SECURITY_STATUS status = DecryptMessage(&conn->context, &list, 0, NULL);
    int result = EXIT_OK;

    if (status == SEC_E_INCOMPLETE_MESSAGE)
        return EXIT_OK;
    if (status < 0)
        return fail(status, "opening a message");
    data = part_find(&list, SECBUFFER_DATA);
    extra = part_find(&list, SECBUFFER_EXTRA);
    if (data != NULL)
        result = message_use(conn, data);
    in_consume(conn, extra == NULL ? 0 : extra->cbBuffer);
    conn->peer_closed |= status == SEC_I_CONTEXT_EXPIRED;
    conn->handshaking = conn->due = status == SEC_I_RENEGOTIATE;
    return result;
}

/* All that can be done with what has come. */
static int in_process(struct conn *conn)
{
    int result = EXIT_OK;
    size_t before;
    bool was_handshaking;

    do {
        if (conn->peer_closed)
            conn->got = 0; /* RFC 8446 6.1: what follows close_notify is ignored */
        before = conn->got;
        was_handshaking = conn->handshaking;
        if (conn->handshaking && (conn->due || conn->got > 0))
            result = handshake_step(conn);
        else if (conn->got > 0)
            result = message_open(conn);
        /* What a handshake leaves may be as much as it was given, and is for the next call. */
    } while (result == EXIT_OK &&
             ((conn->got > 0 && (conn->got != before || conn->handshaking != was_handshaking)) ||
              conn->due));
    if (result == EXIT_OK && conn->got == IN_SIZE) {
        complain("what came is no TLS: no record is so long");
        result = EXIT_AUTH;
    }
    return result;
}

/* --- Both ways ------------------------------------------------------------------------------ */

/* One chunk of standard input. */
static int input_seal(struct conn *conn)
{
    unsigned char chunk[CHUNK_SIZE];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

    if (n > 0)
        return message_send(conn, chunk, (size_t)n);
    if (n < 0 && errno == EINTR)
        return EXIT_OK;
    conn->input_end = true;
    if (n < 0) {
        complain("reading standard input: %s", strerror(errno));
        return EXIT_NETWORK;
    }
    return EXIT_OK;
}

/* Standard input is not waited for when nobody is there to hear it, nor a terminal when the peer
 * says no more. */
static int input_close(struct conn *conn)
{
    conn->input_end |= conn->tcp_end || conn->lost != 0 || (conn->established && conn->rehearsal) ||
                       (conn->peer_closed && (conn->options->echo || isatty(STDIN_FILENO)));
    if (!conn->input_end || conn->closed || conn->handshaking)
        return EXIT_OK;
    return close_notify(conn);
}

static bool is_over(const struct conn *conn)
{
    return conn->tcp_end || (conn->peer_closed && conn->closed && out_left(conn) == 0);
}

static int wait_for_something(struct conn *conn, struct pollfd wait[2])
{
    bool reads = out_left(conn) < OUT_MAX || !conn->options->echo;
    bool takes = !conn->handshaking && !conn->input_end && !conn->options->echo &&
                 !conn->rehearsal && out_left(conn) == 0;

    wait[0] = (struct pollfd){
        conn->socket, (short)((reads ? POLLIN : 0) | (out_left(conn) > 0 ? POLLOUT : 0)), 0};
    wait[1] = (struct pollfd){takes ? STDIN_FILENO : -1, POLLIN, 0};
    if (poll(wait, 2, -1) >= 0)
        return EXIT_OK;
    wait[0].revents = wait[1].revents = 0;
    if (errno == EINTR)
        return EXIT_OK;
    complain("poll: %s", strerror(errno));
    return EXIT_NETWORK;
}

static int converse(struct conn *conn)
{
    struct pollfd wait[2];
    int result = EXIT_OK;

    if (!conn->inbound)
        result = handshake_step(conn);
    while (result == EXIT_OK && !is_over(conn)) {
        out_send(conn, MSG_DONTWAIT);
        result = wait_for_something(conn, wait);
        if (result == EXIT_OK && (wait[0].revents & ~POLLOUT) != 0)
            result = in_receive(conn);
        if (result == EXIT_OK && conn->got > 0)
            result = in_process(conn);
        if (result == EXIT_OK && !conn->handshaking && !conn->input_end && wait[1].revents != 0)
            result = input_seal(conn);
        if (result == EXIT_OK)
            result = input_close(conn);
        if (result == EXIT_OK)
            out_send(conn, MSG_DONTWAIT);
    }
    return result;
}

int tls_converse(int socket, const struct tls_end *end, bool rehearsal)
{
    struct conn conn = {.end = end,
                        .options = end->options,
                        .inbound = end->options->listen,
                        .rehearsal = rehearsal,
                        .socket = socket,
                        .handshaking = true,
                        .in = malloc(IN_SIZE)};
    int on = 1, result = EXIT_AUTH;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (conn.in == NULL)
        fail(SEC_E_INSUFFICIENT_MEMORY, "starting a connection");
    else
        result = converse(&conn);
    if (result != EXIT_OK && conn.in != NULL && !conn.tcp_end)
        out_flush(&conn);
    if (conn.open)
        DeleteSecurityContext(&conn.context);
    free(conn.in);
    free(conn.out.data);
    close(socket);
    return result;
}
