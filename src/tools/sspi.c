/* SPDX-License-Identifier: MIT */
/*
 * sspi: try SSPI from a shell. `sspi packages` lists what there is; `sspi server` and `sspi client`
 * authenticate to each other over TCP, show what was negotiated, and carry standard input over
 * sealed messages.
 */
#include "tools/net.h"
#include "tools/rdp.h"
#include "tools/report.h"
#include "tools/tls.h"
#include "tools/tools.h"

#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sspi_linux.h>

/* --- Commands ------------------------------------------------------------------------------- */

static int credential_acquire(const struct options *options, ULONG use, CredHandle *credential)
{
    struct logon logon = {.password = ""};
    void *identity = options->user == NULL ? NULL : &logon.identity;
    SECURITY_STATUS status = SEC_E_OK;
    TimeStamp expiry;
    int result = EXIT_OK;

    if (identity != NULL && !logon_get(options->user, NULL, options->password_fd, &logon))
        result = EXIT_USAGE;
    else
        status = AcquireCredentialsHandleA((SEC_CHAR *)(uintptr_t)options->principal,
                                           (SEC_CHAR *)(uintptr_t)options->package, use, NULL,
                                           identity, NULL, NULL, credential, &expiry);
    explicit_bzero(&logon, sizeof(logon));
    return status == SEC_E_OK
               ? result
               : fail(status, "acquiring %s credentials of %s",
                      use == SECPKG_CRED_INBOUND ? "a server's" : "a client's", options->package);
}

static int packages_run(void)
{
    PSecPkgInfoA packages;
    ULONG count;
    int width = 0;
    SECURITY_STATUS status = EnumerateSecurityPackagesA(&count, &packages);

    if (status != SEC_E_OK)
        return fail(status, "listing packages");
    for (ULONG i = 0; i < count; i++)
        if ((int)strlen(packages[i].Name) > width)
            width = (int)strlen(packages[i].Name);
    printf("%-*s %-10s %4s %9s  %s\n", width, "NAME", "CAPS", "RPC", "MAXTOKEN", "COMMENT");
    for (ULONG i = 0; i < count; i++)
        printf("%-*s 0x%08x %4u %9u  %s\n", width, packages[i].Name,
               (unsigned)packages[i].fCapabilities, packages[i].wRPCID,
               (unsigned)packages[i].cbMaxToken, packages[i].Comment);
    FreeContextBuffer(packages);
    return EXIT_OK;
}

static int client_run(const struct options *options)
{
    CredHandle credential;
    int s, result = credential_acquire(options, SECPKG_CRED_OUTBOUND, &credential);

    if (result != EXIT_OK)
        return result;
    s = net_connect(options->address, options->port);
    result = s < 0 ? EXIT_NETWORK : session_run(s, options, &credential, false);
    FreeCredentialsHandle(&credential);
    return result;
}

struct server {
    const struct options *options;
    CredHandle credential;
};

static int server_converse(int s, void *data)
{
    struct server *server = data;

    return session_run(s, server->options, &server->credential, true);
}

static int server_run(const struct options *options)
{
    struct server server = {.options = options};
    int result = credential_acquire(options, SECPKG_CRED_INBOUND, &server.credential);

    if (result != EXIT_OK)
        return result;
    result = net_serve(options->address, options->port, options->once, server_converse, &server);
    FreeCredentialsHandle(&server.credential);
    return result;
}

/* --- Command line --------------------------------------------------------------------------- */

static const char help_text[] =
    "usage: sspi packages\n"
    "       sspi server [OPTION...] [[ADDRESS]:PORT]\n"
    "       sspi client [OPTION...] HOST:PORT\n"
    "       sspi tls ...           TLS: see sspi tls --help\n"
    "       sspi rdp ...           remote desktops: see sspi rdp --help\n"
    "\n"
    "Authenticates with Windows' security packages, shows what was negotiated, and\n"
    "carries standard input to the other side over sealed messages.\n"
    "\n"
    "  -p, --package NAME     the security package, default Negotiate\n"
    "  -t, --target SPN       client: the service, default host/HOST\n"
    "  -u, --user USER        client: USER, DOMAIN\\USER or USER@REALM in place of the\n"
    "                         ambient identity; the password is asked for on the\n"
    "                         terminal\n"
    "      --password-fd N    read the password from descriptor N, its first line\n"
    "  -n, --principal NAME   client: whose tickets; server: whose key, HTTP/host\n"
    "  -f, --flags LIST       the context flags to ask for, in place of the usual:\n"
    "                         mutual_auth,integrity; none is an empty LIST\n"
    "      --once             server: end after one client, with its result\n"
    "      --trace            a line per SSPI call on standard error\n"
    "  -h, --help             this text\n"
    "  -V, --version          the version\n"
    "\n"
    "Exit status: 0 done; 1 authentication or a message failed; 2 wrong usage;\n"
    "3 the network, standard input or standard output failed.\n"
    "\n"
    "Examples:\n"
    "  sspi packages\n"
    "  KRB5_KTNAME=service.keytab sspi server --once 127.0.0.1:4242\n"
    "  kinit alice && echo hello | sspi client -t host/localhost localhost:4242\n"
    "  sspi client -p NTLM -u 'CORP\\bob' --password-fd 3 server:4242 3<password-file\n";

static const struct option long_options[] = {
    {"package", required_argument, NULL, 'p'},
    {"target", required_argument, NULL, 't'},
    {"user", required_argument, NULL, 'u'},
    {"principal", required_argument, NULL, 'n'},
    {"flags", required_argument, NULL, 'f'},
    {"version", no_argument, NULL, 'V'},
    OPTIONS_COMMON,
};

/* "mutual_auth,integrity" to bits. */
static bool flags_read(char *list, bool inbound, ULONG64 *flags)
{
    *flags = 0;
    for (char *name = strtok(list, ", |"); name != NULL; name = strtok(NULL, ", |")) {
        ULONG64 bit = sspi_flag_value(name, inbound);

        if (bit == 0 || bit > UINT32_MAX) {
            complain("there is no flag %s%s: %s lists them", inbound ? "ASC_REQ_" : "ISC_REQ_",
                     name, inbound ? "AcceptSecurityContext(3)" : "InitializeSecurityContext(3)");
            return false;
        }
        *flags |= bit;
    }
    return true;
}

static const struct option_slot slots[] = {
    {'p', OPTION_TEXT, offsetof(struct options, package)},
    {'t', OPTION_TEXT, offsetof(struct options, target)},
    {'u', OPTION_TEXT, offsetof(struct options, user)},
    {'n', OPTION_TEXT, offsetof(struct options, principal)},
    {0, OPTION_TEXT, 0},
};

/* -1: go on; otherwise the exit code. */
static int option_take(int option, char **argv, bool inbound, struct options *options)
{
    if (option_keep(slots, option, options))
        return -1;
    switch (option) {
    case 'f':
        return flags_read(optarg, inbound, &options->request) ? -1 : EXIT_USAGE;
    case 'V':
        puts("sspi (gss-sspi) " PACKAGE_VERSION);
        return EXIT_OK;
    default:
        return option_common(option, argv, help_text, &options->password_fd, &options->once);
    }
}

static int options_read(int argc, char **argv, bool inbound, struct options *options)
{
    int option, result = -1;

    opterr = 0;
    while (result < 0 &&
           (option = getopt_long(argc, argv, ":p:t:u:n:f:hV", long_options, NULL)) != -1)
        result = option_take(option, argv, inbound, options);
    return result;
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
    if (optind != argc - 1 || !net_endpoint_read(argv[optind], &options.address, &options.port) ||
        options.address == NULL)
        return complain_usage("client wants HOST:PORT");
    if (options.once)
        return complain_usage("--once is a server's");
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
    if (optind < argc - 1 ||
        (optind < argc && !net_endpoint_read(argv[optind], &options.address, &options.port)))
        return complain_usage("server wants [ADDRESS]:PORT");
    if (options.target != NULL)
        return complain_usage("--target is a client's; a server has --principal");
    return server_run(&options);
}

static int packages_main(int argc, char **argv)
{
    struct options none = {.password_fd = -1};
    int result = options_read(argc, argv, false, &none);

    if (result >= 0)
        return result;
    return optind == argc ? packages_run() : complain_usage("packages wants no argument");
}

static int command_run(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*main)(int argc, char **argv);
        const char *help; /* its own */
    } commands[] = {{"client", client_main, ""},
                    {"server", server_main, ""},
                    {"tls", tls_main, "tls"},
                    {"rdp", rdp_main, "rdp"},
                    {"packages", packages_main, ""}};
    struct options none = {.password_fd = -1};
    int result;

    for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0) {
            report_command(commands[i].help);
            return commands[i].main(argc - 1, argv + 1);
        }
    result = options_read(argc, argv, false, &none);
    return result >= 0 ? result
                       : complain_usage("the command is packages, server, client, tls or rdp");
}

/* A connection must not become standard input, output or error, where one of them was closed. */
static bool standard_files_open(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!standard_files_open()) {
        complain("standard input, output or error is closed, and there is no /dev/null for it");
        return EXIT_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    return report_end(command_run(argc, argv));
}
