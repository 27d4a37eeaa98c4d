/* SPDX-License-Identifier: MIT */
/* `sspi rdp`: command line, credentials, and who connects to whom. */
#include "tools/rdp.h"

#include <getopt.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <credssp.h>

#include "tools/net.h"
#include "tools/report.h"
#include "tools/tools.h"

#define CERTIFICATES_MAX 8U
#define TIMEOUT_USUAL    60U
#define TIMEOUT_MAX      86400U

/* --- Credentials ---------------------------------------------------------------------------- */

static int credential_get(const struct rdp_options *options, CREDSSP_CRED auth,
                          CredHandle *credential)
{
    bool listen = options->end.listen, guarded = auth.Type == SSPI_CREDSSP_REMOTE_GUARD;
    CREDSSP_CRED_EX all = {CredsspCredEx, CREDSSP_CRED_EX_VERSION,
                           guarded ? CREDSSP_FLAG_REDIRECT : 0, 0, auth};
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)CREDSSP_NAME_A,
                                  listen ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL, &all,
                                  NULL, NULL, credential, NULL);

    return status == SEC_E_OK ? EXIT_OK
                              : fail(status, "acquiring %s credentials of CredSSP",
                                     listen ? "a server's" : "a client's");
}

/* Without a user the ambient tickets are the logon; the packages can be chosen all the same. */
static int identity_open(const struct rdp_options *options, SCH_CREDENTIALS *tls,
                         CredHandle *credential)
{
    struct logon logon = {.identity = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                       .Length = sizeof(logon.identity),
                                       .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI}};
    int result = EXIT_USAGE;

    if (options->user == NULL ||
        logon_get(options->user, options->domain, options->end.password_fd, &logon)) {
        logon.identity.PackageList = (unsigned char *)(uintptr_t)options->package;
        logon.identity.PackageListLength =
            options->package == NULL ? 0 : (ULONG)strlen(options->package);
        result = credential_get(
            options, (CREDSSP_CRED){CredsspSubmitBufferBoth, tls, &logon.identity}, credential);
    }
    explicit_bzero(&logon, sizeof(logon));
    return result;
}

static int guard_open(const struct rdp_options *options, SCH_CREDENTIALS *tls,
                      CredHandle *credential)
{
    struct rdp_guard guard;
    int result = rdp_guard_open(options, &guard);

    if (result != EXIT_OK)
        return result;
    result = credential_get(options, (CREDSSP_CRED){SSPI_CREDSSP_REMOTE_GUARD, tls, &guard.all},
                            credential);
    rdp_guard_close(&guard);
    return result;
}

/*
 * CredSSP has no moment at which its caller could look at the certificate before the logon goes on,
 * so the library does, by the roots of the file: Schannel takes no others from a client.
 */
static bool authorities_take(const struct rdp_options *options)
{
    const char *file = options->end.authorities;
    HCERTSTORE store = file == NULL ? NULL : tls_store_open(file);

    if (store != NULL)
        CertCloseStore(store, 0);
    return file == NULL || (store != NULL && setenv("SSPI_CERT_ROOT", file, 1) == 0);
}

static int client_open(const struct rdp_options *options, CredHandle *credential)
{
    SCH_CREDENTIALS tls = {.dwVersion = SCH_CREDENTIALS_VERSION,
                           .dwFlags = SCH_CRED_NO_DEFAULT_CREDS |
                                      (options->verifies || options->end.authorities != NULL
                                           ? SCH_CRED_AUTO_CRED_VALIDATION
                                           : SCH_CRED_MANUAL_CRED_VALIDATION)};

    if (!authorities_take(options))
        return EXIT_USAGE;
    return options->guard_count > 0 ? guard_open(options, &tls, credential)
                                    : identity_open(options, &tls, credential);
}

/* A certificate that nobody vouches for, as servers of Remote Desktop have: the logon proves it. */
static int certificate_make(PCCERT_CONTEXT *certificate)
{
    BYTE der[256];
    CERT_NAME_BLOB name = {sizeof(der), der};

    *certificate = NULL;
    if (CertStrToNameA(X509_ASN_ENCODING, "CN=sspi rdp", CERT_X500_NAME_STR, NULL, der,
                       &name.cbData, NULL))
        *certificate = CertCreateSelfSignCertificate(0, &name, 0, NULL, NULL, NULL, NULL, NULL);
    return *certificate != NULL ? EXIT_OK
                                : fail((SECURITY_STATUS)GetLastError(), "making a certificate");
}

static int server_open(const struct rdp_options *options, CredHandle *credential)
{
    PCCERT_CONTEXT certificates[CERTIFICATES_MAX];
    unsigned count = 1;
    int result = options->end.certificate == NULL
                     ? certificate_make(&certificates[0])
                     : tls_own_read(&options->end, certificates, CERTIFICATES_MAX, &count);
    SCH_CREDENTIALS tls = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = count, .paCred = certificates};

    if (result != EXIT_OK)
        return result;
    result =
        credential_get(options, (CREDSSP_CRED){CredsspSubmitBufferBoth, &tls, NULL}, credential);
    for (unsigned i = 0; i < count; i++)
        CertFreeCertificateContext(certificates[i]);
    return result;
}

/* --- Both roles ----------------------------------------------------------------------------- */

struct end {
    const struct rdp_options *options;
    CredHandle credential;
};

static int converse(int socket, void *data)
{
    const struct end *end = data;

    return rdp_converse(socket, end->options, &end->credential);
}

static int client_run(struct end *end)
{
    int s = net_connect(end->options->end.address, end->options->end.port);

    return s < 0 ? EXIT_NETWORK : converse(s, end);
}

static int rdp_run(const struct rdp_options *options)
{
    const struct tls_options *at = &options->end;
    struct end end = {.options = options};
    int result =
        at->listen ? server_open(options, &end.credential) : client_open(options, &end.credential);

    if (result != EXIT_OK)
        return result;
    result =
        at->listen ? net_serve(at->address, at->port, at->once, converse, &end) : client_run(&end);
    FreeCredentialsHandle(&end.credential);
    return result;
}

/* --- Command line --------------------------------------------------------------------------- */

static const char help_text[] =
    "usage: sspi rdp [OPTION...] HOST[:PORT]\n"
    "       sspi rdp --listen [OPTION...] [[ADDRESS]:PORT]\n"
    "\n"
    "Logs on to a remote desktop by TLS and CredSSP, and goes no further: says if the\n"
    "logon would succeed, what was negotiated, and why it fails. The port is 3389\n"
    "unless given. As an ordinary client it hands the password to the server, unless\n"
    "one of the options below says otherwise.\n"
    "\n"
    "  -u, --user USER        USER, DOMAIN\\USER or USER@REALM; the password is asked\n"
    "                         for on the terminal\n"
    "  -d, --domain DOMAIN    the user's domain or realm, where it is not in USER\n"
    "      --password-fd N    read the password from descriptor N, its first line;\n"
    "                         of a server the password of --cert\n"
    "      --no-delegation    prove the password, and hand nothing over\n"
    "      --restricted-admin ask the server for a logon without credentials; with\n"
    "                         tickets no --user is needed\n"
    "      --remote-guard PACKAGE=FILE\n"
    "                         Remote Credential Guard: log on by tickets, and hand\n"
    "                         over what the package has made, which is in FILE\n"
    "  -p, --package NAME     only kerberos, or only ntlm\n"
    "  -t, --target SPN       the service, default TERMSRV/HOST\n"
    "      --mutual           the server has to be proved: by Kerberos, or by its\n"
    "                         certificate under --verify or --ca\n"
    "      --verify           the server's certificate has to be good by the system's\n"
    "                         roots\n"
    "  -C, --ca FILE          the same by those of FILE, PEM\n"
    "  -s, --security LIST    what to offer, or as a server to take: ssl, hybrid,\n"
    "                         hybrid_ex; all of them unless given\n"
    "      --show             print the server's certificates as PEM\n"
    "      --timeout N        give up after N seconds, default 60\n"
    "  -l, --listen           be the server, on 127.0.0.1 unless told otherwise: says\n"
    "                         who logged on and what was handed over, and closes\n"
    "  -c, --cert FILE        server: certificate and private key, in PEM or PKCS\n"
    "                         #12; it makes one unless given\n"
    "  -k, --key NAME         server: the private key, where it is not in FILE\n"
    "      --once             server: end after one client, with its result\n"
    "      --trace            a line per SSPI call on standard error\n"
    "  -h, --help             this text\n"
    "\n"
    "Exit status: 0 the logon succeeds; 1 it does not, or the server does not speak\n"
    "CredSSP; 2 wrong usage; 3 the network or standard output failed.\n"
    "\n"
    "Examples:\n"
    "  sspi rdp -u 'CORP\\alice' desktop.example.com\n"
    "  sspi rdp -u alice@EXAMPLE.COM --mutual --password-fd 3 desktop 3<password-file\n"
    "  kinit alice && sspi rdp --restricted-admin desktop.example.com\n"
    "  NTLM_USER_FILE=users sspi rdp --listen --once 127.0.0.1:3389\n";

enum {
    OPTION_NO_DELEGATION = OPTION_OWN,
    OPTION_RESTRICTED_ADMIN,
    OPTION_REMOTE_GUARD,
    OPTION_MUTUAL,
    OPTION_VERIFY,
    OPTION_SHOW,
    OPTION_TIMEOUT
};

static const struct option long_options[] = {
    {"user", required_argument, NULL, 'u'},
    {"domain", required_argument, NULL, 'd'},
    {"no-delegation", no_argument, NULL, OPTION_NO_DELEGATION},
    {"restricted-admin", no_argument, NULL, OPTION_RESTRICTED_ADMIN},
    {"remote-guard", required_argument, NULL, OPTION_REMOTE_GUARD},
    {"package", required_argument, NULL, 'p'},
    {"target", required_argument, NULL, 't'},
    {"mutual", no_argument, NULL, OPTION_MUTUAL},
    {"verify", no_argument, NULL, OPTION_VERIFY},
    {"ca", required_argument, NULL, 'C'},
    {"security", required_argument, NULL, 's'},
    {"show", no_argument, NULL, OPTION_SHOW},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"listen", no_argument, NULL, 'l'},
    {"cert", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    OPTIONS_COMMON,
};

static const struct option_slot slots[] = {
    {'u', OPTION_TEXT, offsetof(struct rdp_options, user)},
    {'d', OPTION_TEXT, offsetof(struct rdp_options, domain)},
    {'p', OPTION_TEXT, offsetof(struct rdp_options, package)},
    {'t', OPTION_TEXT, offsetof(struct rdp_options, end.target)},
    {'c', OPTION_TEXT, offsetof(struct rdp_options, end.certificate)},
    {'C', OPTION_TEXT, offsetof(struct rdp_options, end.authorities)},
    {'k', OPTION_TEXT, offsetof(struct rdp_options, end.key)},
    {'l', OPTION_FLAG, offsetof(struct rdp_options, end.listen)},
    {OPTION_SHOW, OPTION_FLAG, offsetof(struct rdp_options, end.show)},
    {OPTION_MUTUAL, OPTION_FLAG, offsetof(struct rdp_options, mutual)},
    {OPTION_VERIFY, OPTION_FLAG, offsetof(struct rdp_options, verifies)},
    {0, OPTION_TEXT, 0},
};

static const struct option_name securities[] = {
    {"ssl", RDP_SSL}, {"hybrid", RDP_HYBRID}, {"hybrid_ex", RDP_HYBRID_EX}, {NULL, 0}};

static int timeout_read(const char *text, unsigned *timeout)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || value == 0 || value > TIMEOUT_MAX)
        return complain_usage("--timeout wants a number of seconds, 1 to %u", TIMEOUT_MAX);
    *timeout = (unsigned)value;
    return -1;
}

/* -1: go on; otherwise the exit code. */
static int option_take(int option, char **argv, struct rdp_options *options)
{
    if (option_keep(slots, option, options))
        return -1;
    switch (option) {
    case OPTION_RESTRICTED_ADMIN:
        options->restricted_admin = true;
        options->delegates = false;
        return -1;
    case OPTION_REMOTE_GUARD:
        if (options->guard_count == RDP_GUARDS_MAX)
            return complain_usage("--remote-guard at most %u times", RDP_GUARDS_MAX);
        options->guards[options->guard_count++] = optarg;
        return -1;
    case OPTION_NO_DELEGATION:
        options->delegates = false;
        return -1;
    case 's':
        return option_bits(optarg, securities, "security", &options->security);
    case OPTION_TIMEOUT:
        return timeout_read(optarg, &options->timeout);
    default:
        return option_common(option, argv, help_text, &options->end.password_fd,
                             &options->end.once);
    }
}

/* What belongs to one role only, or needs something beside it. */
static const char *options_clash(const struct rdp_options *options)
{
    const struct tls_options *end = &options->end;
    bool asks = options->user != NULL || options->domain != NULL || options->package != NULL ||
                !options->delegates || options->guard_count > 0 || options->mutual ||
                options->verifies || end->authorities != NULL || end->target != NULL;

    if (end->listen && asks)
        return "only --cert, --key, --password-fd, --security, --show, --timeout, --once and "
               "--trace are a server's";
    if (!end->listen && (end->certificate != NULL || end->key != NULL || end->once))
        return "--cert, --key and --once are a server's: --listen";
    if (end->key != NULL && end->certificate == NULL)
        return "--key wants the certificate beside it: --cert";
    if (options->domain != NULL && options->user == NULL)
        return "--domain wants the user beside it: --user";
    if (options->guard_count > 0)
        return options->user != NULL || options->package != NULL || !options->delegates
                   ? "--remote-guard logs on by tickets, without --user, --package, "
                     "--no-delegation "
                     "and --restricted-admin"
                   : NULL;
    if (!end->listen && options->user == NULL && options->delegates)
        return "rdp wants --user, or --restricted-admin to log on by tickets";
    return NULL;
}

int rdp_main(int argc, char **argv)
{
    struct rdp_options options = {.end = {.port = "3389", .password_fd = -1},
                                  .security = RDP_SSL | RDP_HYBRID | RDP_HYBRID_EX,
                                  .delegates = true,
                                  .timeout = TIMEOUT_USUAL};
    struct tls_options *end = &options.end;
    char target[NI_MAXHOST + 16];
    int option, result = -1;
    const char *clash;

    opterr = 0;
    while (result < 0 &&
           (option = getopt_long(argc, argv, ":u:d:p:t:s:lc:k:C:h", long_options, NULL)) != -1)
        result = option_take(option, argv, &options);
    if (result >= 0)
        return result;
    clash = options_clash(&options);
    if (clash != NULL)
        return complain_usage("%s", clash);
    if (!tls_endpoint_take(argc - optind, argv + optind, end))
        return complain_usage(end->listen ? "rdp --listen wants [ADDRESS]:PORT"
                                          : "rdp wants HOST[:PORT]");
    if (end->target == NULL) {
        snprintf(target, sizeof(target), "TERMSRV/%s", end->address);
        end->target = target;
    }
    return rdp_run(&options);
}
