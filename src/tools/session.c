/* SPDX-License-Identifier: MIT */
/*
 * One connection. Each token and message is a frame: its length in four octets, highest first, and
 * that many octets. An empty frame from the server ends the negotiation.
 */
#include "tools/report.h"
#include "tools/tools.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <sspi_linux.h>

#define HEAD_SIZE  4U
#define FRAME_MAX  (1024U * 1024U)
#define CHUNK_SIZE 16384
#define TEXT_SIZE  512

/* A frame that comes in, octet by octet if need be. */
struct inflow {
    unsigned char head[HEAD_SIZE];
    unsigned char *body;
    uint32_t size;
    size_t got; /* of head and body together */
    const char *fault;
};

/* A frame that goes out. */
struct outflow {
    unsigned char *data; /* NULL: nothing is left to send */
    size_t size, sent;
};

struct session {
    int socket;
    CtxtHandle context;
    bool open;
    SecPkgContext_Sizes sizes;
    struct inflow in;
    struct outflow out;
};

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

/* --- Frames that come in -------------------------------------------------------------------- */

enum frame_state {
    FRAME_WHOLE,
    FRAME_PART, /* more is to come */
    FRAME_END,  /* the peer has closed its side between two frames */
    FRAME_BROKEN
};

static enum frame_state frame_broken(struct inflow *in, const char *fault)
{
    in->fault = fault;
    return FRAME_BROKEN;
}

static void frame_next(struct inflow *in)
{
    free(in->body);
    memset(in, 0, sizeof(*in));
}

/* The head is complete: room for the body. */
static enum frame_state frame_open(struct inflow *in)
{
    in->size = (uint32_t)in->head[0] << 24 | (uint32_t)in->head[1] << 16 |
               (uint32_t)in->head[2] << 8 | in->head[3];
    if (in->size > FRAME_MAX)
        return frame_broken(in, "what came is no message of this program");
    in->body = malloc(in->size + 1U);
    return in->body == NULL ? frame_broken(in, "not enough memory") : FRAME_PART;
}

/* Reads what there is of a frame; with MSG_DONTWAIT in flags it does not wait for more. */
static enum frame_state frame_read(int socket, struct inflow *in, int flags)
{
    while (in->got < HEAD_SIZE || in->got < HEAD_SIZE + (size_t)in->size) {
        bool head = in->got < HEAD_SIZE;
        unsigned char *at = head ? in->head + in->got : in->body + (in->got - HEAD_SIZE);
        ssize_t n =
            recv(socket, at, head ? HEAD_SIZE - in->got : HEAD_SIZE + in->size - in->got, flags);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return FRAME_PART;
        if (n < 0)
            return frame_broken(in, strerror(errno));
        if (n == 0)
            return in->got == 0 ? FRAME_END : frame_broken(in, "it ended inside a message");
        in->got += (size_t)n;
        if (head && in->got == HEAD_SIZE && frame_open(in) == FRAME_BROKEN)
            return FRAME_BROKEN;
    }
    return FRAME_WHOLE;
}

static int frame_complain(const struct inflow *in)
{
    complain("reading from the connection: %s", in->fault);
    return EXIT_NETWORK;
}

/* --- Frames that go out --------------------------------------------------------------------- */

/* Room for a frame of size octets; the body starts HEAD_SIZE into the data. */
static bool frame_reserve(struct outflow *out, size_t size)
{
    out->data = malloc(HEAD_SIZE + size);
    out->sent = 0;
    return out->data != NULL;
}

static void frame_close(struct outflow *out, uint32_t size)
{
    for (unsigned i = 0; i < HEAD_SIZE; i++)
        out->data[i] = (unsigned char)(size >> (8 * (HEAD_SIZE - 1 - i)));
    out->size = HEAD_SIZE + (size_t)size;
}

/* Sends what the connection takes now (MSG_DONTWAIT), or all. */
static int frame_send(int socket, struct outflow *out, int flags)
{
    while (out->data != NULL && out->sent < out->size) {
        ssize_t n = send(socket, out->data + out->sent, out->size - out->sent, flags);

        if (n >= 0)
            out->sent += (size_t)n;
        else if (errno == EAGAIN)
            return EXIT_OK;
        else if (errno != EINTR) {
            complain("writing to the connection: %s", strerror(errno));
            return EXIT_NETWORK;
        }
    }
    free(out->data);
    out->data = NULL;
    return EXIT_OK;
}

/* --- Negotiation ---------------------------------------------------------------------------- */

/* One leg on the peer's token. *out is the token to send, freed with FreeContextBuffer(). */
static SECURITY_STATUS leg(struct session *session, const struct options *options,
                           CredHandle *credential, bool inbound, SecBuffer *out, ULONG *flags,
                           TimeStamp *expiry)
{
    SecBuffer token = {session->in.size, SECBUFFER_TOKEN, session->in.body};
    SecBufferDesc in = {SECBUFFER_VERSION, 1, &token}, list = {SECBUFFER_VERSION, 1, out};
    CtxtHandle *known = session->open ? &session->context : NULL;
    ULONG request = (ULONG)options->request;

    *out = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    if (inbound)
        return AcceptSecurityContext(credential, known, &in, request | ASC_REQ_ALLOCATE_MEMORY,
                                     SECURITY_NATIVE_DREP, &session->context, &list, flags, expiry);
    return InitializeSecurityContextA(credential, known, (SEC_CHAR *)(uintptr_t)options->target,
                                      request | ISC_REQ_ALLOCATE_MEMORY, 0, SECURITY_NATIVE_DREP,
                                      session->open ? &in : NULL, 0, &session->context, &list,
                                      flags, expiry);
}

static int token_send(struct session *session, const SecBuffer *token)
{
    if (token->cbBuffer == 0)
        return EXIT_OK;
    if (!frame_reserve(&session->out, token->cbBuffer))
        return fail(SEC_E_INSUFFICIENT_MEMORY, "sending a token");
    memcpy(session->out.data + HEAD_SIZE, token->pvBuffer, token->cbBuffer);
    frame_close(&session->out, token->cbBuffer);
    return frame_send(session->socket, &session->out, 0);
}

static int token_receive(struct session *session)
{
    frame_next(&session->in);
    switch (frame_read(session->socket, &session->in, 0)) {
    case FRAME_WHOLE:
        return EXIT_OK;
    case FRAME_END:
        complain("the peer closed the connection while negotiating; why is to be seen on its side");
        return EXIT_AUTH;
    default:
        return frame_complain(&session->in);
    }
}

static int leg_fail(SECURITY_STATUS status, const struct options *options, bool inbound)
{
    if (inbound)
        return fail(status, "accepting a client with %s", options->package);
    return fail(status, "logging on to %s with %s%s%s", options->target, options->package,
                options->user != NULL ? " as " : "", options->user != NULL ? options->user : "");
}

/* A token goes out even when the leg failed: under EXTENDED_ERROR it tells the peer why. */
static int negotiate(struct session *session, const struct options *options, CredHandle *credential,
                     bool inbound, ULONG *flags, TimeStamp *expiry)
{
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
    bool receive = inbound;
    SecBuffer out;
    int result = EXIT_OK;

    while (status == SEC_I_CONTINUE_NEEDED && result == EXIT_OK) {
        if (receive)
            result = token_receive(session);
        receive = true;
        if (result != EXIT_OK)
            break;
        status = leg(session, options, credential, inbound, &out, flags, expiry);
        session->open |= status >= 0;
        if (status < 0)
            result = leg_fail(status, options, inbound);
        if (token_send(session, &out) != EXIT_OK && result == EXIT_OK)
            result = EXIT_NETWORK;
        FreeContextBuffer(out.pvBuffer);
    }
    frame_next(&session->in);
    return result;
}

/* A client may be done with its last token, as NTLM's is, and yet be refused for it: the server
 * says by an empty frame that it was not. */
static int agree(struct session *session, bool inbound)
{
    int result;

    if (inbound) {
        if (!frame_reserve(&session->out, 0))
            return fail(SEC_E_INSUFFICIENT_MEMORY, "answering the client");
        frame_close(&session->out, 0);
        return frame_send(session->socket, &session->out, 0);
    }
    result = token_receive(session);
    if (result == EXIT_OK && session->in.size != 0) {
        complain("the server goes on negotiating where nothing is left to negotiate");
        result = EXIT_AUTH;
    }
    frame_next(&session->in);
    return result;
}

/* FILETIME of local time to text. */
static const char *expiry_text(const TimeStamp *expiry, char *text, size_t size)
{
    int64_t units;
    time_t seconds;
    struct tm fields;

    memcpy(&units, expiry, sizeof(units));
    if (units == INT64_MAX)
        return "never";
    seconds = (time_t)(units / 10000000 - INT64_C(11644473600));
    gmtime_r(&seconds, &fields); /* the zone is in the value already */
    strftime(text, size, "%Y-%m-%d %H:%M:%S", &fields);
    return text;
}

/* Which mechanism it came to; a package that negotiates nothing may not know the question. */
static SECURITY_STATUS mechanism_ask(CtxtHandle *context, PSecPkgInfoA *mechanism)
{
    SecPkgContext_NegotiationInfoA info;
    SecPkgContext_PackageInfoA package;
    SECURITY_STATUS status = QueryContextAttributesA(context, SECPKG_ATTR_NEGOTIATION_INFO, &info);

    if (status == SEC_E_OK)
        *mechanism = info.PackageInfo;
    if (status != SEC_E_UNSUPPORTED_FUNCTION)
        return status;
    status = QueryContextAttributesA(context, SECPKG_ATTR_PACKAGE_INFO, &package);
    *mechanism = package.PackageInfo;
    return status;
}

static void name_show(const char *whose, const char *name)
{
    char text[TEXT_SIZE];

    fprintf(stderr, "%-10s %s\n", whose,
            name == NULL ? "(unknown)" : report_peer(name, text, sizeof(text)));
}

static int negotiated_show(struct session *session, const struct options *options, bool inbound,
                           ULONG flags, const TimeStamp *expiry)
{
    PSecPkgInfoA mechanism;
    SecPkgContext_NativeNamesA names = {NULL, NULL};
    char text[TEXT_SIZE], when[64];
    SECURITY_STATUS status = mechanism_ask(&session->context, &mechanism);

    if (status != SEC_E_OK)
        return fail(status, "asking what was negotiated");
    status = QueryContextAttributesA(&session->context, SECPKG_ATTR_SIZES, &session->sizes);
    if (status != SEC_E_OK) {
        FreeContextBuffer(mechanism);
        return fail(status, "asking for the sizes of messages");
    }
    QueryContextAttributesA(&session->context, SECPKG_ATTR_NATIVE_NAMES, &names);
    flags &= ~(ULONG)ISC_RET_ALLOCATED_MEMORY; /* the same bit for ASC_RET_; says nothing here */
    fprintf(stderr, "package    %s\n", options->package);
    fprintf(stderr, "mechanism  %s\n", mechanism->Name);
    name_show("client", names.sClientName);
    name_show("server", names.sServerName);
    fprintf(stderr, "flags      %s\n", sspi_flag_names(flags, inbound, text, sizeof(text)));
    fprintf(stderr, "expires    %s\n", expiry_text(expiry, when, sizeof(when)));
    fprintf(stderr, "sizes      token %u, signature %u, trailer %u, block %u\n",
            (unsigned)session->sizes.cbMaxToken, (unsigned)session->sizes.cbMaxSignature,
            (unsigned)session->sizes.cbSecurityTrailer, (unsigned)session->sizes.cbBlockSize);
    FreeContextBuffer(mechanism);
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
    return EXIT_OK;
}

/* --- Messages ------------------------------------------------------------------------------- */

/* Seals data into the frame that goes out next. */
static int message_seal(struct session *session, const void *data, ULONG size)
{
    ULONG trailer = session->sizes.cbSecurityTrailer, block = session->sizes.cbBlockSize;
    struct outflow *out = &session->out;
    SecBuffer parts[3];
    SecBufferDesc list = {SECBUFFER_VERSION, 3, parts};
    unsigned char *frame;
    SECURITY_STATUS status;

    if (!frame_reserve(out, (size_t)trailer + size + block))
        return fail(SEC_E_INSUFFICIENT_MEMORY, "sealing a message");
    frame = out->data + HEAD_SIZE;
    parts[0] = (SecBuffer){trailer, SECBUFFER_TOKEN, frame};
    parts[1] = (SecBuffer){size, SECBUFFER_DATA, frame + trailer};
    parts[2] = (SecBuffer){block, SECBUFFER_PADDING, frame + trailer + size};
    memcpy(frame + trailer, data, size);
    status = EncryptMessage(&session->context, 0, &list, 0);
    if (status != SEC_E_OK)
        return fail(status, "sealing a message");
    memmove(frame + parts[0].cbBuffer, frame + trailer, size + parts[2].cbBuffer);
    frame_close(out, parts[0].cbBuffer + size + parts[2].cbBuffer);
    return EXIT_OK;
}

/* Opens the frame that has come in and writes it out. */
static int message_open(struct session *session)
{
    SecBuffer parts[2] = {{session->in.size, SECBUFFER_STREAM, session->in.body},
                          {0, SECBUFFER_DATA, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    ULONG qop = 0;
    SECURITY_STATUS status = DecryptMessage(&session->context, &list, 0, &qop);

    if (status != SEC_E_OK)
        return fail(status, "opening a message");
    if (write_all(STDOUT_FILENO, parts[1].pvBuffer, parts[1].cbBuffer))
        return EXIT_OK;
    complain("writing to standard output: %s", strerror(errno));
    return EXIT_NETWORK;
}

/* All whole messages there are; *end is set when the peer has closed its side. */
static int messages_receive(struct session *session, bool *end)
{
    int result = EXIT_OK;

    while (result == EXIT_OK) {
        switch (frame_read(session->socket, &session->in, MSG_DONTWAIT)) {
        case FRAME_WHOLE:
            result = message_open(session);
            frame_next(&session->in);
            break;
        case FRAME_PART:
            return EXIT_OK;
        case FRAME_END:
            *end = true;
            return EXIT_OK;
        case FRAME_BROKEN:
            return frame_complain(&session->in);
        }
    }
    return result;
}

/* One chunk of standard input; *end is set when there is no more. */
static int input_seal(struct session *session, bool *end)
{
    char chunk[CHUNK_SIZE];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

    if (n > 0)
        return message_seal(session, chunk, (ULONG)n);
    if (n < 0 && errno == EINTR)
        return EXIT_OK;
    *end = true;
    if (n < 0) {
        complain("reading standard input: %s", strerror(errno));
        return EXIT_NETWORK;
    }
    return EXIT_OK;
}

/*
 * Standard input to the peer, the peer to standard output, until both have ended; a terminal is not
 * waited for once the peer has. Nothing here waits for the connection but poll(): two ends that
 * only write would wait for each other for ever.
 */
static int converse(struct session *session)
{
    bool peer_end = false, input_end = false, closed = false;
    int result = EXIT_OK;

    while (result == EXIT_OK && !(peer_end && closed)) {
        bool sending = session->out.data != NULL;
        struct pollfd wait[2] = {{peer_end && !sending ? -1 : session->socket,
                                  (short)((peer_end ? 0 : POLLIN) | (sending ? POLLOUT : 0)), 0},
                                 {sending || input_end ? -1 : STDIN_FILENO, POLLIN, 0}};

        if (poll(wait, 2, -1) < 0 && errno != EINTR) {
            complain("poll: %s", strerror(errno));
            return EXIT_NETWORK;
        }
        if (!peer_end && (wait[0].revents & ~POLLOUT) != 0)
            result = messages_receive(session, &peer_end);
        input_end |= peer_end && isatty(STDIN_FILENO);
        if (result == EXIT_OK && !input_end && wait[1].revents != 0)
            result = input_seal(session, &input_end);
        if (result == EXIT_OK)
            result = frame_send(session->socket, &session->out, MSG_DONTWAIT);
        if (input_end && !closed && session->out.data == NULL) {
            shutdown(session->socket, SHUT_WR);
            closed = true;
        }
    }
    return result;
}

int session_run(int socket, const struct options *options, CredHandle *credential, bool inbound)
{
    struct session session = {.socket = socket};
    int on = 1;
    ULONG flags = 0;
    TimeStamp expiry;
    int result;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    result = negotiate(&session, options, credential, inbound, &flags, &expiry);
    if (result == EXIT_OK)
        result = agree(&session, inbound);
    if (result == EXIT_OK)
        result = negotiated_show(&session, options, inbound, flags, &expiry);
    if (result == EXIT_OK)
        result = converse(&session);
    if (session.open)
        DeleteSecurityContext(&session.context);
    frame_next(&session.in);
    free(session.out.data);
    close(socket);
    return result;
}
