/* SPDX-License-Identifier: MIT */
/*
 * sspi: try SSPI from a shell. `sspi packages` lists what there is; `sspi server` and `sspi client`
 * authenticate to each other over TCP, show what was negotiated, and carry standard input over
 * sealed messages. Each token and message is preceded by its length in four octets, highest first.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <sspi.h>
#include <sspi_linux.h>

/* Exit codes, sspi(1). */
enum { EXIT_OK = 0, EXIT_AUTH = 1, EXIT_USAGE = 2, EXIT_NETWORK = 3 };

#define FRAME_MAX    (1024 * 1024)
#define CHUNK_SIZE   16384
#define PASSWORD_MAX 1024
#define TEXT_SIZE    512

struct options {
    const char *package, *target, *user, *principal, *address, *port;
    ULONG64 request;
    int password_fd;
    bool once;
};

struct session {
    int socket;
    CtxtHandle context;
    bool open;
    SecPkgContext_Sizes sizes;
};

/* --- Saying what went wrong ----------------------------------------------------------------------
 */

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void complain(const char *format, ...)
{
    va_list arguments;

    fputs("sspi: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* What was tried, the SEC_E name and text, and below it the native error. */
static int fail(const char *tried, SECURITY_STATUS status)
{
    const char *native = sspi_native_error();

    complain("%s: %s: %s", tried, sspi_status_name(status), sspi_status_text(status));
    if (*native != '\0')
        complain("  %s", native);
    return EXIT_AUTH;
}

/* --- Frames --------------------------------------------------------------------------------------
 */

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

/* Reads exactly size octets; false at the end of the stream. */
static bool read_all(int fd, void *data, size_t size)
{
    char *at = data;

    while (size > 0) {
        ssize_t n = read(fd, at, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

static bool frame_send(int fd, const void *data, uint32_t size)
{
    unsigned char head[4] = {(unsigned char)(size >> 24), (unsigned char)(size >> 16),
                             (unsigned char)(size >> 8), (unsigned char)size};

    return write_all(fd, head, sizeof(head)) && write_all(fd, data, size);
}

/* *data is malloc()ed. False: the peer is gone, or what it sent is no frame. */
static bool frame_receive(int fd, unsigned char **data, uint32_t *size)
{
    unsigned char head[4];

    *data = NULL;
    if (!read_all(fd, head, sizeof(head)))
        return false;
    *size = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    if (*size > FRAME_MAX)
        return false;
    *data = malloc(*size + 1U);
    if (*data != NULL && read_all(fd, *data, *size))
        return true;
    free(*data);
    *data = NULL;
    return false;
}

/* --- Password ------------------------------------------------------------------------------------
 */

/* One line of fd, at most size octets with the terminator. */
static bool line_read(int fd, char *line, size_t size)
{
    size_t used = 0;
    char c;

    while (used + 1 < size) {
        ssize_t n = read(fd, &c, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && used == 0))
            return false;
        if (n == 0 || c == '\n')
            break;
        line[used++] = c;
    }
    line[used] = '\0';
    return used + 1 < size;
}

/* From the terminal itself, since standard input carries the messages. */
static bool password_prompt(const char *user, char *password, size_t size)
{
    struct termios before, silent;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    bool got;

    if (tty < 0 || tcgetattr(tty, &before) != 0) {
        complain("no terminal to ask for a password: use --password-fd");
        if (tty >= 0)
            close(tty);
        return false;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(tty, TCSAFLUSH, &silent);
    dprintf(tty, "Password for %s: ", user);
    got = line_read(tty, password, size);
    dprintf(tty, "\n");
    tcsetattr(tty, TCSAFLUSH, &before);
    close(tty);
    return got;
}

static bool password_get(const struct options *options, char *password, size_t size)
{
    if (options->password_fd < 0)
        return password_prompt(options->user, password, size);
    if (line_read(options->password_fd, password, size))
        return true;
    complain("no password on descriptor %d", options->password_fd);
    return false;
}

/* --- Credentials ---------------------------------------------------------------------------------
 */

static int credential_acquire(const struct options *options, ULONG use, CredHandle *credential)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    char password[PASSWORD_MAX];
    TimeStamp expiry;
    SECURITY_STATUS status;

    if (options->user != NULL) {
        if (!password_get(options, password, sizeof(password)))
            return EXIT_USAGE;
        identity.User = (unsigned char *)(uintptr_t)options->user;
        identity.UserLength = (ULONG)strlen(options->user);
        identity.Password = (unsigned char *)password;
        identity.PasswordLength = (ULONG)strlen(password);
    }
    status = AcquireCredentialsHandleA(
        (SEC_CHAR *)(uintptr_t)options->principal, (SEC_CHAR *)(uintptr_t)options->package, use,
        NULL, options->user != NULL ? &identity : NULL, NULL, NULL, credential, &expiry);
    explicit_bzero(password, sizeof(password));
    return status == SEC_E_OK ? EXIT_OK : fail("acquiring credentials", status);
}

/* --- Negotiation ---------------------------------------------------------------------------------
 */

static void buffers_set(SecBufferDesc *list, SecBuffer *buffer, void *data, ULONG size)
{
    *buffer = (SecBuffer){size, SECBUFFER_TOKEN, data};
    *list = (SecBufferDesc){SECBUFFER_VERSION, 1, buffer};
}

/* One leg. *out is the token to send, freed with FreeContextBuffer(). */
static SECURITY_STATUS leg(struct session *session, const struct options *options,
                           CredHandle *credential, bool inbound, SecBufferDesc *in, SecBuffer *out,
                           ULONG *flags, TimeStamp *expiry)
{
    SecBufferDesc list = {SECBUFFER_VERSION, 1, out};
    CtxtHandle *known = session->open ? &session->context : NULL;
    ULONG request = (ULONG)options->request;

    *out = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    if (inbound)
        return AcceptSecurityContext(credential, known, in, request | ASC_REQ_ALLOCATE_MEMORY,
                                     SECURITY_NATIVE_DREP, &session->context, &list, flags, expiry);
    return InitializeSecurityContextA(credential, known, (SEC_CHAR *)(uintptr_t)options->target,
                                      request | ISC_REQ_ALLOCATE_MEMORY, 0, SECURITY_NATIVE_DREP,
                                      session->open ? in : NULL, 0, &session->context, &list, flags,
                                      expiry);
}

static int negotiate(struct session *session, const struct options *options, CredHandle *credential,
                     bool inbound, ULONG *flags, TimeStamp *expiry)
{
    unsigned char *token = NULL;
    uint32_t size = 0;
    SecBuffer in, out;
    SecBufferDesc list;
    SECURITY_STATUS status = SEC_I_CONTINUE_NEEDED;
    bool receive = inbound, sent;

    while (status == SEC_I_CONTINUE_NEEDED) {
        if (receive && !frame_receive(session->socket, &token, &size)) {
            complain("the peer closed the connection while negotiating; its log says why");
            return EXIT_AUTH;
        }
        receive = true;
        buffers_set(&list, &in, token, size);
        status = leg(session, options, credential, inbound, &list, &out, flags, expiry);
        free(token);
        token = NULL;
        session->open |= status >= 0;
        sent = out.cbBuffer == 0 || frame_send(session->socket, out.pvBuffer, out.cbBuffer);
        FreeContextBuffer(out.pvBuffer);
        if (status < 0)
            return fail(inbound ? "accepting a client" : "logging on", status);
        if (!sent) {
            complain("sending a token: %s", strerror(errno));
            return EXIT_NETWORK;
        }
    }
    return EXIT_OK;
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

static int negotiated_show(struct session *session, const struct options *options, bool inbound,
                           ULONG flags, const TimeStamp *expiry)
{
    SecPkgContext_NegotiationInfoA info;
    SecPkgContext_NativeNamesA names = {NULL, NULL};
    char text[TEXT_SIZE], when[64];
    SECURITY_STATUS status =
        QueryContextAttributesA(&session->context, SECPKG_ATTR_NEGOTIATION_INFO, &info);

    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&session->context, SECPKG_ATTR_SIZES, &session->sizes);
    if (status != SEC_E_OK)
        return fail("asking what was negotiated", status);
    QueryContextAttributesA(&session->context, SECPKG_ATTR_NATIVE_NAMES, &names);
    fprintf(stderr, "package    %s\n", options->package);
    fprintf(stderr, "mechanism  %s\n", info.PackageInfo->Name);
    fprintf(stderr, "client     %s\n", names.sClientName ? names.sClientName : "(unknown)");
    fprintf(stderr, "server     %s\n", names.sServerName ? names.sServerName : "(unknown)");
    fprintf(stderr, "flags      %s\n", sspi_flag_names(flags, inbound, text, sizeof(text)));
    fprintf(stderr, "expires    %s\n", expiry_text(expiry, when, sizeof(when)));
    fprintf(stderr, "sizes      token %u, signature %u, trailer %u, block %u\n",
            (unsigned)session->sizes.cbMaxToken, (unsigned)session->sizes.cbMaxSignature,
            (unsigned)session->sizes.cbSecurityTrailer, (unsigned)session->sizes.cbBlockSize);
    FreeContextBuffer(info.PackageInfo);
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
    return EXIT_OK;
}

/* --- Messages
 * ------------------------------------------------------------------------------------- */

static int sealed_send(struct session *session, const void *data, ULONG size)
{
    ULONG trailer = session->sizes.cbSecurityTrailer, block = session->sizes.cbBlockSize;
    unsigned char *frame = malloc(trailer + size + block);
    SecBuffer parts[3];
    SecBufferDesc list = {SECBUFFER_VERSION, 3, parts};
    SECURITY_STATUS status;
    bool sent;

    if (frame == NULL)
        return fail("sealing a message", SEC_E_INSUFFICIENT_MEMORY);
    parts[0] = (SecBuffer){trailer, SECBUFFER_TOKEN, frame};
    parts[1] = (SecBuffer){size, SECBUFFER_DATA, frame + trailer};
    parts[2] = (SecBuffer){block, SECBUFFER_PADDING, frame + trailer + size};
    memcpy(frame + trailer, data, size);
    status = EncryptMessage(&session->context, 0, &list, 0);
    if (status != SEC_E_OK) {
        free(frame);
        return fail("sealing a message", status);
    }
    memmove(frame + parts[0].cbBuffer, frame + trailer, size + parts[2].cbBuffer);
    sent = frame_send(session->socket, frame, parts[0].cbBuffer + size + parts[2].cbBuffer);
    free(frame);
    if (!sent)
        complain("sending a message: %s", strerror(errno));
    return sent ? EXIT_OK : EXIT_NETWORK;
}

/* *end is set when the peer has closed its side. */
static int sealed_receive(struct session *session, bool *end)
{
    unsigned char *frame;
    uint32_t size;
    SecBuffer parts[2];
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status;
    ULONG qop = 0;
    bool written;

    *end = !frame_receive(session->socket, &frame, &size);
    if (*end)
        return EXIT_OK;
    parts[0] = (SecBuffer){size, SECBUFFER_STREAM, frame};
    parts[1] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    status = DecryptMessage(&session->context, &list, 0, &qop);
    written = status == SEC_E_OK && write_all(STDOUT_FILENO, parts[1].pvBuffer, parts[1].cbBuffer);
    free(frame);
    if (status != SEC_E_OK)
        return fail("opening a message", status);
    if (!written)
        complain("writing to standard output: %s", strerror(errno));
    return written ? EXIT_OK : EXIT_NETWORK;
}

/* Standard input to the peer, the peer to standard output, until both have ended. */
static int converse(struct session *session)
{
    struct pollfd wait[2] = {{session->socket, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    char chunk[CHUNK_SIZE];
    bool end = false;
    int result = EXIT_OK;

    while (result == EXIT_OK && !end) {
        if (poll(wait, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            complain("poll: %s", strerror(errno));
            return EXIT_NETWORK;
        }
        if (wait[0].revents != 0)
            result = sealed_receive(session, &end);
        if (result == EXIT_OK && wait[1].fd >= 0 && wait[1].revents != 0) {
            ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));

            if (n > 0) {
                result = sealed_send(session, chunk, (ULONG)n);
            } else {
                wait[1].fd = -1;
                shutdown(session->socket, SHUT_WR);
            }
        }
    }
    return result;
}

static int session_run(int socket, const struct options *options, CredHandle *credential,
                       bool inbound)
{
    struct session session = {.socket = socket};
    ULONG flags = 0;
    TimeStamp expiry;
    int result = negotiate(&session, options, credential, inbound, &flags, &expiry);

    if (result == EXIT_OK)
        result = negotiated_show(&session, options, inbound, flags, &expiry);
    if (result == EXIT_OK)
        result = converse(&session);
    if (session.open)
        DeleteSecurityContext(&session.context);
    close(socket);
    return result;
}

/* --- Commands
 * ------------------------------------------------------------------------------------- */

static int packages_run(void)
{
    PSecPkgInfoA packages;
    ULONG count;
    SECURITY_STATUS status = EnumerateSecurityPackagesA(&count, &packages);

    if (status != SEC_E_OK)
        return fail("listing packages", status);
    printf("%-12s %-10s %4s %9s  %s\n", "NAME", "CAPS", "RPC", "MAXTOKEN", "COMMENT");
    for (ULONG i = 0; i < count; i++)
        printf("%-12s 0x%08x %4u %9u  %s\n", packages[i].Name, (unsigned)packages[i].fCapabilities,
               packages[i].wRPCID, (unsigned)packages[i].cbMaxToken, packages[i].Comment);
    FreeContextBuffer(packages);
    return EXIT_OK;
}

static struct addrinfo *addresses_find(const char *host, const char *port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);

    if (error == 0)
        return found;
    complain("%s port %s: %s", host, port, gai_strerror(error));
    return NULL;
}

static int client_connect(const struct options *options)
{
    struct addrinfo *addresses = addresses_find(options->address, options->port, 0);
    int s = -1;

    for (struct addrinfo *at = addresses; at != NULL && s < 0; at = at->ai_next) {
        s = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (s >= 0 && connect(s, at->ai_addr, at->ai_addrlen) != 0) {
            close(s);
            s = -1;
        }
    }
    if (addresses != NULL) {
        if (s < 0)
            complain("connecting to %s port %s: %s", options->address, options->port,
                     strerror(errno));
        freeaddrinfo(addresses);
    }
    return s;
}

static int client_run(const struct options *options)
{
    CredHandle credential;
    int s, result = credential_acquire(options, SECPKG_CRED_OUTBOUND, &credential);

    if (result != EXIT_OK)
        return result;
    s = client_connect(options);
    result = s < 0 ? EXIT_NETWORK : session_run(s, options, &credential, false);
    FreeCredentialsHandle(&credential);
    return result;
}

static void port_show(int listener)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    char address[NI_MAXHOST], port[NI_MAXSERV];

    if (getsockname(listener, (struct sockaddr *)&name, &size) == 0 &&
        getnameinfo((struct sockaddr *)&name, size, address, sizeof(address), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        fprintf(stderr, "listening on %s port %s\n", address, port);
}

static int server_listen(const struct options *options)
{
    struct addrinfo *found =
        addresses_find(options->address, options->port, AI_PASSIVE | AI_NUMERICHOST);
    int one = 1, s = -1;

    if (found == NULL)
        return -1;
    s = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
    if (s >= 0)
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (s >= 0 && (bind(s, found->ai_addr, found->ai_addrlen) != 0 || listen(s, 16) != 0)) {
        close(s);
        s = -1;
    }
    if (s < 0)
        complain("listening on %s port %s: %s", options->address, options->port, strerror(errno));
    freeaddrinfo(found);
    return s;
}

/* One client after the other; with --once the first one's result is ours. */
static int server_run(const struct options *options)
{
    CredHandle credential;
    int listener, s, result = credential_acquire(options, SECPKG_CRED_INBOUND, &credential);

    if (result != EXIT_OK)
        return result;
    listener = server_listen(options);
    if (listener < 0) {
        FreeCredentialsHandle(&credential);
        return EXIT_NETWORK;
    }
    port_show(listener);
    do {
        s = accept(listener, NULL, NULL);
        if (s < 0 && errno != EINTR) {
            complain("accepting a connection: %s", strerror(errno));
            result = EXIT_NETWORK;
            break;
        }
        if (s >= 0)
            result = session_run(s, options, &credential, true);
    } while (!options->once || s < 0);
    close(listener);
    FreeCredentialsHandle(&credential);
    return result;
}

/* --- Command line
 * --------------------------------------------------------------------------------- */

static const char help_text[] =
    "usage: sspi packages\n"
    "       sspi server [OPTION...] [[ADDRESS]:PORT]\n"
    "       sspi client [OPTION...] HOST:PORT\n"
    "\n"
    "Authenticates with Windows' security packages, shows what was negotiated, and\n"
    "carries standard input to the other side over sealed messages.\n"
    "\n"
    "  -p, --package NAME     Negotiate (default), Kerberos, NTLM ...; see sspi packages\n"
    "  -t, --target SPN       client: the service, default host/HOST\n"
    "  -u, --user USER        client: USER, DOMAIN\\USER or USER@REALM instead of the\n"
    "                         ambient identity; asks for the password on the terminal\n"
    "  -n, --principal NAME   whose tickets, or a server's key: HTTP/host\n"
    "      --password-fd N    read the password from descriptor N, its first line\n"
    "  -f, --flags LIST       context flags asked for, such as mutual_auth,integrity\n"
    "      --once             server: end after one client, with its result\n"
    "      --trace            a line per SSPI call on standard error\n"
    "  -h, --help             this text\n"
    "  -V, --version\n"
    "\n"
    "Exit status: 0 done; 1 authentication or a message failed; 2 wrong usage;\n"
    "3 the network failed.\n"
    "\n"
    "Examples:\n"
    "  sspi packages\n"
    "  KRB5_KTNAME=service.keytab sspi server --once 127.0.0.1:4242\n"
    "  kinit alice && echo hello | sspi client -t host/localhost localhost:4242\n"
    "  sspi client -p NTLM -u 'CORP\\bob' --password-fd 3 server:4242 3<password-file\n";

enum { OPTION_PASSWORD_FD = 256, OPTION_ONCE, OPTION_TRACE };

static const struct option long_options[] = {
    {"package", required_argument, NULL, 'p'},
    {"target", required_argument, NULL, 't'},
    {"user", required_argument, NULL, 'u'},
    {"principal", required_argument, NULL, 'n'},
    {"password-fd", required_argument, NULL, OPTION_PASSWORD_FD},
    {"flags", required_argument, NULL, 'f'},
    {"once", no_argument, NULL, OPTION_ONCE},
    {"trace", no_argument, NULL, OPTION_TRACE},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0},
};

static int usage(const char *why)
{
    complain("%s (try: sspi --help)", why);
    return EXIT_USAGE;
}

/* "mutual_auth,integrity" to bits. */
static bool flags_read(char *list, bool inbound, ULONG64 *flags)
{
    for (char *name = strtok(list, ", |"); name != NULL; name = strtok(NULL, ", |")) {
        ULONG64 bit = sspi_flag_value(name, inbound);

        if (bit == 0 || bit > UINT32_MAX) {
            complain("there is no flag %s%s", inbound ? "ASC_REQ_" : "ISC_REQ_", name);
            return false;
        }
        *flags |= bit;
    }
    return true;
}

/* HOST:PORT, [v6]:PORT; the string is cut. */
static bool endpoint_read(char *text, struct options *options)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL || colon[1] == '\0')
        return false;
    *colon = '\0';
    options->port = colon + 1;
    if (*text == '[' && colon > text && colon[-1] == ']') {
        colon[-1] = '\0';
        text++;
    }
    if (*text != '\0')
        options->address = text;
    return true;
}

static bool number_read(const char *text, int *number)
{
    char *end;
    long value = strtol(text, &end, 10);

    *number = (int)value;
    return *text != '\0' && *end == '\0' && value >= 0 && value <= 1023;
}

/* -1: go on; otherwise the exit code. */
static int options_read(int argc, char **argv, bool inbound, struct options *options)
{
    int option;

    while ((option = getopt_long(argc, argv, "p:t:u:n:f:hV", long_options, NULL)) != -1) {
        switch (option) {
        case 'p':
            options->package = optarg;
            break;
        case 't':
            options->target = optarg;
            break;
        case 'u':
            options->user = optarg;
            break;
        case 'n':
            options->principal = optarg;
            break;
        case 'f':
            options->request = 0;
            if (!flags_read(optarg, inbound, &options->request))
                return EXIT_USAGE;
            break;
        case OPTION_PASSWORD_FD:
            if (!number_read(optarg, &options->password_fd))
                return usage("--password-fd wants a descriptor number");
            break;
        case OPTION_ONCE:
            options->once = true;
            break;
        case OPTION_TRACE:
            setenv("SSPI_TRACE", "stderr", 1);
            break;
        case 'h':
            fputs(help_text, stdout);
            return EXIT_OK;
        case 'V':
            puts("sspi (gss-sspi) " PACKAGE_VERSION);
            return EXIT_OK;
        default:
            return usage("unknown option");
        }
    }
    return -1;
}

static int client_main(int argc, char **argv)
{
    struct options options = {.package = "Negotiate",
                              .password_fd = -1,
                              .request = ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT |
                                         ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY |
                                         ISC_REQ_INTEGRITY};
    char target[NI_MAXHOST + 8];
    int result = options_read(argc, argv, false, &options);

    if (result >= 0)
        return result;
    if (optind != argc - 1 || !endpoint_read(argv[optind], &options) || options.address == NULL)
        return usage("client wants HOST:PORT");
    if (options.target == NULL) {
        snprintf(target, sizeof(target), "host/%s", options.address);
        options.target = target;
    }
    return client_run(&options);
}

static int server_main(int argc, char **argv)
{
    struct options options = {.package = "Negotiate",
                              .password_fd = -1,
                              .address = "127.0.0.1",
                              .port = "0",
                              .request = ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |
                                         ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY};
    int result = options_read(argc, argv, true, &options);

    if (result >= 0)
        return result;
    if (optind < argc - 1 || (optind < argc && !endpoint_read(argv[optind], &options)))
        return usage("server wants [ADDRESS]:PORT");
    return server_run(&options);
}

int main(int argc, char **argv)
{
    struct options none = {.password_fd = -1};
    int result;

    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "client") == 0)
        return client_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "server") == 0)
        return server_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "packages") == 0 && argc == 2)
        return packages_run();
    result = options_read(argc, argv, false, &none);
    return result >= 0 ? result : usage("the command is packages, server or client");
}
