/* SPDX-License-Identifier: MIT */
/* `sspi tls`: command line, credentials, and who connects to whom. */
#include "tools/tls.h"

#include "tools/net.h"
#include "tools/report.h"
#include "tools/tools.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CERTIFICATES_MAX 8U

/* --- Credentials ---------------------------------------------------------------------------- */

/* What a Windows program fills in by hand. */
struct request {
    PCCERT_CONTEXT certificates[CERTIFICATES_MAX];
    DWORD count, flags;
    HCERTSTORE roots; /* a server's; a client looks at its server by itself */
};

#define NEW_VERSIONS (SP_PROT_TLS1_2 | SP_PROT_TLS1_3)

/* TLS 1.0 and 1.1 can only be had by the older structure, TLS 1.3 only by the newer. */
static SECURITY_STATUS credential_get(const struct tls_options *options, struct request *request,
                                      CredHandle *credential)
{
    bool old = (options->versions & ~NEW_VERSIONS) != 0;
    SCHANNEL_CRED v4 = {.dwVersion = SCHANNEL_CRED_VERSION,
                        .cCreds = request->count,
                        .paCred = request->certificates,
                        .hRootStore = request->roots,
                        .grbitEnabledProtocols = options->versions,
                        .dwFlags = request->flags};
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = NEW_VERSIONS & ~options->versions};
    SCH_CREDENTIALS v5 = {.dwVersion = SCH_CREDENTIALS_VERSION,
                          .cCreds = request->count,
                          .paCred = request->certificates,
                          .hRootStore = request->roots,
                          .dwFlags = request->flags,
                          .cTlsParameters = options->versions == 0 ? 0 : 1,
                          .pTlsParameters = &parameters};

    return AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)UNISP_NAME_A,
                                     options->listen ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                     NULL, old ? (void *)&v4 : (void *)&v5, NULL, NULL, credential,
                                     NULL);
}

/* The library looks at a server by the system's roots alone: a file's are for us to apply. */
static DWORD validation_flags(const struct tls_options *options)
{
    if (options->listen)
        return 0;
    return options->no_verify || options->authorities != NULL
               ? SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS
               : SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS;
}

static void end_close(struct tls_end *end)
{
    if (end->roots != NULL)
        CertCloseStore(end->roots, 0);
    end->roots = NULL;
}

static int end_open(const struct tls_options *options, struct tls_end *end)
{
    struct request request = {.count = 0, .flags = validation_flags(options)};
    SECURITY_STATUS status = SEC_E_OK;
    int result = EXIT_OK;

    *end = (struct tls_end){.options = options};
    if (options->authorities != NULL && (end->roots = tls_store_open(options->authorities)) == NULL)
        return EXIT_USAGE;
    request.roots = options->listen ? end->roots : NULL;
    result = tls_own_read(options, request.certificates, CERTIFICATES_MAX, &request.count);
    if (result == EXIT_OK)
        status = credential_get(options, &request, &end->credential);
    for (DWORD i = 0; i < request.count; i++)
        CertFreeCertificateContext(request.certificates[i]);
    if (status != SEC_E_OK)
        result = fail(status, "acquiring %s credentials of Schannel",
                      options->listen ? "a server's" : "a client's");
    if (result != EXIT_OK)
        end_close(end);
    return result;
}

/* --- Both roles ----------------------------------------------------------------------------- */

static int client_connect(const struct tls_end *end, bool rehearsal)
{
    int s = net_connect(end->options->address, end->options->port);

    return s < 0 ? EXIT_NETWORK : tls_converse(s, end, rehearsal);
}

/* --resume: a first connection, so that there is a session to be taken up. */
static int client_run(const struct tls_end *end)
{
    int result = end->options->resume ? client_connect(end, true) : EXIT_OK;

    return result == EXIT_OK ? client_connect(end, false) : result;
}

static int server_converse(int s, void *data)
{
    return tls_converse(s, data, false);
}

static int tls_run(const struct tls_options *options)
{
    struct tls_end end;
    int result = end_open(options, &end);

    if (result != EXIT_OK)
        return result;
    result = options->listen
                 ? net_serve(options->address, options->port, options->once, server_converse, &end)
                 : client_run(&end);
    FreeCredentialsHandle(&end.credential);
    end_close(&end);
    return result;
}

/* --- Command line --------------------------------------------------------------------------- */

static const char help_text[] =
    "usage: sspi tls [OPTION...] HOST[:PORT]\n"
    "       sspi tls --listen --cert FILE [OPTION...] [[ADDRESS]:PORT]\n"
    "\n"
    "Connects with TLS, by Schannel's functions, shows what was negotiated and with\n"
    "whom on standard error, and carries standard input and output until both ends\n"
    "have closed. The port is 443 unless given.\n"
    "\n"
    "  -c, --cert FILE        our certificate, those of its issuers, and its private\n"
    "                         key, in PEM or PKCS #12; a server needs one\n"
    "  -k, --key NAME         the private key, where it is not in FILE: a token's, as\n"
    "                         pkcs11:token=T;object=O, or of a container\n"
    "      --password-fd N    the password of FILE, or the PIN of the token, is the\n"
    "                         first line of descriptor N, not asked on the terminal\n"
    "  -C, --ca FILE          PEM with the authorities that are trusted in place of\n"
    "                         the system's\n"
    "  -t, --target NAME      client: the server's name, where that is not HOST\n"
    "      --no-verify        client: take any certificate of the server\n"
    "  -P, --protocol LIST    only these: tls1.0, tls1.1, tls1.2, tls1.3; usual are\n"
    "                         the last two\n"
    "  -a, --alpn LIST        application protocols, the preferred first: h2,http/1.1\n"
    "      --resume           client: connect twice, the second time with the session\n"
    "                         of the first\n"
    "      --show             print the peer's certificates as PEM\n"
    "  -l, --listen           be the server, on 127.0.0.1 unless told otherwise\n"
    "      --ask-client-certificate\n"
    "                         server: ask for one; who has none is let in\n"
    "      --echo             send back what comes, in place of standard input\n"
    "      --once             server: end after one client, with its result\n"
    "      --trace            a line per SSPI call on standard error\n"
    "  -h, --help             this text\n"
    "\n"
    "Exit status: 0 done; 1 the handshake, the peer's certificate or a message was\n"
    "refused, or the peer went without closing; 2 wrong usage; 3 the network,\n"
    "standard input or standard output failed.\n"
    "\n"
    "Examples:\n"
    "  sspi tls --alpn h2,http/1.1 www.example.com </dev/null\n"
    "  printf 'GET / HTTP/1.0\\r\\n\\r\\n' | sspi tls --ca ca.pem localhost:8443\n"
    "  sspi tls --listen --echo --cert server.pem 127.0.0.1:4433\n"
    "  sspi tls --cert me.p12 --password-fd 3 www.example.com 3<password-file\n"
    "  sspi tls --cert me.pem --key 'pkcs11:token=T;object=me' www.example.com\n";

enum { OPTION_NO_VERIFY = OPTION_OWN, OPTION_RESUME, OPTION_SHOW, OPTION_ASK, OPTION_ECHO };

static const struct option long_options[] = {
    {"cert", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"ca", required_argument, NULL, 'C'},
    {"target", required_argument, NULL, 't'},
    {"no-verify", no_argument, NULL, OPTION_NO_VERIFY},
    {"protocol", required_argument, NULL, 'P'},
    {"alpn", required_argument, NULL, 'a'},
    {"resume", no_argument, NULL, OPTION_RESUME},
    {"show", no_argument, NULL, OPTION_SHOW},
    {"listen", no_argument, NULL, 'l'},
    {"ask-client-certificate", no_argument, NULL, OPTION_ASK},
    {"echo", no_argument, NULL, OPTION_ECHO},
    OPTIONS_COMMON,
};

/* "h2,http/1.1" to SEC_APPLICATION_PROTOCOLS. */
static bool alpn_read(char *list, struct tls_options *options)
{
    SEC_APPLICATION_PROTOCOLS head = {.ProtocolListsSize = 0};
    size_t start = offsetof(SEC_APPLICATION_PROTOCOLS, ProtocolLists) +
                   offsetof(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList);
    size_t used = start;

    for (char *name = strtok(list, ","); name != NULL; name = strtok(NULL, ",")) {
        size_t length = strlen(name);

        if (length > UINT8_MAX || used + 1 + length > sizeof(options->alpn))
            return false;
        options->alpn[used++] = (unsigned char)length;
        memcpy(options->alpn + used, name, length);
        used += length;
    }
    head.ProtocolListsSize = (ULONG)(used - offsetof(SEC_APPLICATION_PROTOCOLS, ProtocolLists));
    head.ProtocolLists[0].ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
    head.ProtocolLists[0].ProtocolListSize = (unsigned short)(used - start);
    memcpy(options->alpn, &head, start);
    options->alpn_size = (ULONG)used;
    return used > start;
}

static const struct option_name versions[] = {{"tls1.0", SP_PROT_TLS1_0},
                                              {"tls1.1", SP_PROT_TLS1_1},
                                              {"tls1.2", SP_PROT_TLS1_2},
                                              {"tls1.3", SP_PROT_TLS1_3},
                                              {NULL, 0}};

/* -1: go on; otherwise the exit code. */
static int versions_read(char *list, struct tls_options *options)
{
    int result = option_bits(list, versions, "protocol", &options->versions);

    if (result < 0 && (options->versions & SP_PROT_TLS1_3) && (options->versions & ~NEW_VERSIONS))
        return complain_usage("Schannel has no credentials for tls1.3 together with tls1.0 or "
                              "tls1.1");
    return result;
}

static const struct option_slot slots[] = {
    {'c', OPTION_TEXT, offsetof(struct tls_options, certificate)},
    {'k', OPTION_TEXT, offsetof(struct tls_options, key)},
    {'C', OPTION_TEXT, offsetof(struct tls_options, authorities)},
    {'t', OPTION_TEXT, offsetof(struct tls_options, target)},
    {'l', OPTION_FLAG, offsetof(struct tls_options, listen)},
    {OPTION_NO_VERIFY, OPTION_FLAG, offsetof(struct tls_options, no_verify)},
    {OPTION_RESUME, OPTION_FLAG, offsetof(struct tls_options, resume)},
    {OPTION_SHOW, OPTION_FLAG, offsetof(struct tls_options, show)},
    {OPTION_ASK, OPTION_FLAG, offsetof(struct tls_options, ask_client)},
    {OPTION_ECHO, OPTION_FLAG, offsetof(struct tls_options, echo)},
    {0, OPTION_TEXT, 0},
};

/* -1: go on; otherwise the exit code. */
static int option_take(int option, char **argv, struct tls_options *options)
{
    if (option_keep(slots, option, options))
        return -1;
    switch (option) {
    case 'P':
        return versions_read(optarg, options);
    case 'a':
        return alpn_read(optarg, options) ? -1 : complain_usage("--alpn wants a list of names");
    default:
        return option_common(option, argv, help_text, &options->password_fd, &options->once);
    }
}

/* What belongs to one role only. */
static const char *options_clash(const struct tls_options *options)
{
    if (options->listen && options->certificate == NULL)
        return "a server needs --cert";
    if (options->listen && (options->no_verify || options->resume || options->target != NULL))
        return "--target, --no-verify and --resume are a client's";
    if (!options->listen && (options->ask_client || options->once))
        return "--ask-client-certificate and --once are a server's: --listen";
    if (options->key != NULL && options->certificate == NULL)
        return "--key wants the certificate beside it: --cert";
    if (options->no_verify && options->authorities != NULL)
        return "either --ca or --no-verify";
    return NULL;
}

bool tls_endpoint_take(int count, char **words, struct tls_options *options)
{
    if (options->listen) {
        options->address = "127.0.0.1";
        options->port = "0";
    }
    if (count == 0)
        return options->listen;
    return count == 1 && (options->listen ? net_endpoint_read : net_peer_read)(
                             words[0], &options->address, &options->port);
}

int tls_main(int argc, char **argv)
{
    struct tls_options options = {.port = "443", .password_fd = -1};
    int option, result = -1;
    const char *clash;

    opterr = 0;
    while (result < 0 &&
           (option = getopt_long(argc, argv, ":c:k:C:t:P:a:lh", long_options, NULL)) != -1)
        result = option_take(option, argv, &options);
    if (result >= 0)
        return result;
    clash = options_clash(&options);
    if (clash != NULL)
        return complain_usage("%s", clash);
    if (!tls_endpoint_take(argc - optind, argv + optind, &options))
        return complain_usage(options.listen ? "tls --listen wants [ADDRESS]:PORT"
                                             : "tls wants HOST[:PORT]");
    if (options.target == NULL)
        options.target = options.address;
    return tls_run(&options);
}
