/* SPDX-License-Identifier: MIT */
/*
 * A TLS client by Schannel: it connects over TCP, sends lines, expects them back, and prints what
 * was negotiated.
 *
 *   tlsclient HOST PORT SERVER [1.2|1.3]
 *
 * SERVER is the name that the certificate must have. Whether the certificate is good is judged in
 * the handshake: it must lead to a root of the system store.
 */
#include "tlsstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ULONG message_sizes[] = {100, 1000, 8000};
#define MESSAGES (sizeof(message_sizes) / sizeof(*message_sizes))

static SECURITY_STATUS credential_acquire(const char *version, CredHandle *credential)
{
    char package[] = UNISP_NAME_A;
    TLS_PARAMETERS parameters;
    SCH_CREDENTIALS wish;
    TimeStamp expiry;

    memset(&wish, 0, sizeof(wish));
    memset(&parameters, 0, sizeof(parameters));
    wish.dwVersion = SCH_CREDENTIALS_VERSION;
    wish.dwFlags = SCH_USE_STRONG_CRYPTO | SCH_CRED_NO_DEFAULT_CREDS;
    if (version != NULL) {
        parameters.grbitDisabledProtocols =
            ~(DWORD)(strcmp(version, "1.3") == 0 ? SP_PROT_TLS1_3 : SP_PROT_TLS1_2);
        wish.cTlsParameters = 1;
        wish.pTlsParameters = &parameters;
    }
    return AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &wish, NULL, NULL,
                                     credential, &expiry);
}

/* A line may come back in several records. */
static int line_exchange(struct stream *stream, char *line, char *back, ULONG size)
{
    SECURITY_STATUS status = stream_send(stream, line, size);
    ULONG wire = stream->tally.wire, got = 0, n;

    while (status == SEC_E_OK && got < size) {
        status = stream_receive(stream, back + got, &n);
        got += n;
    }
    if (status != SEC_E_OK)
        return complain("exchanging a message", status);
    if (got != size || memcmp(line, back, size) != 0) {
        fprintf(stderr, "the message came back changed\n");
        return -1;
    }
    printf("message: %u, %u\n", (unsigned)size, (unsigned)wire);
    return 0;
}

static int converse(struct stream *stream)
{
    static char line[STREAM_ROOM], back[2 * STREAM_ROOM];
    size_t i;

    for (i = 0; i < MESSAGES; i++) {
        memset(line, 'a' + (int)i, message_sizes[i]);
        line[message_sizes[i] - 1] = '\n';
        if (line_exchange(stream, line, back, message_sizes[i]) != 0)
            return -1;
    }
    return 0;
}

/* Says close_notify, and waits for the server's: without it the end may be an attacker's. */
static int finish(struct stream *stream)
{
    static char data[STREAM_ROOM];
    SECURITY_STATUS status = stream_shutdown(stream);
    ULONG size;

    while (status == SEC_E_OK)
        status = stream_receive(stream, data, &size);
    if (status != SEC_I_CONTEXT_EXPIRED)
        return complain("closing", status);
    printf("closed: yes\n");
    return 0;
}

static int run(SOCKET s, CredHandle *credential, char *server)
{
    struct stream *stream = malloc(sizeof(*stream));
    double start = milliseconds();
    SECURITY_STATUS status;
    int failed;

    if (stream == NULL)
        return 1;
    status = stream_open(stream, s, credential, server);
    if (status != SEC_E_OK) {
        complain("handshake", status);
        free(stream);
        return 1;
    }
    failed = stream_print(stream) || converse(stream) || finish(stream);
    if (!failed) {
        printf("messages: sealed %d, opened %d\n", stream->tally.sealed, stream->tally.opened);
        printf("time: %.1f ms\n", milliseconds() - start);
    }
    stream_free(stream);
    free(stream);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    CredHandle credential;
    SECURITY_STATUS status;
    WSADATA wsa;
    int result;

    if (argc < 4 || argc > 5 ||
        (argc == 5 && strcmp(argv[4], "1.2") != 0 && strcmp(argv[4], "1.3") != 0)) {
        fprintf(stderr, "usage: tlsclient HOST PORT SERVER [1.2|1.3]\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
        return 1;
    status = credential_acquire(argv[4], &credential);
    if (status != SEC_E_OK) {
        complain("AcquireCredentialsHandle", status);
        return 1;
    }
    result = run_with(argv[1], argv[2], run, &credential, argv[3]);
    FreeCredentialsHandle(&credential);
    WSACleanup();
    return result;
}
