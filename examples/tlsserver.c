/* SPDX-License-Identifier: MIT */
/*
 * A TLS server by Schannel: it takes connections one after the other and sends back what it hears.
 *
 *   tlsserver ADDRESS PORT SUBJECT COUNT
 *
 * Its certificate is one of the user's system store MY whose subject contains SUBJECT, and has a
 * private key. PORT 0 lets the system choose; the port is printed first. It ends after COUNT
 * connections.
 */
#include "mystore.h"
#include "tlsstream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SECURITY_STATUS credential_acquire(const char *subject, CredHandle *credential)
{
    char package[] = UNISP_NAME_A;
    SCH_CREDENTIALS wish;
    PCCERT_CONTEXT certificate = my_certificate(subject);
    SECURITY_STATUS status;
    TimeStamp expiry;

    if (certificate == NULL)
        return SEC_E_NO_CREDENTIALS;
    memset(&wish, 0, sizeof(wish));
    wish.dwVersion = SCH_CREDENTIALS_VERSION;
    wish.dwFlags = SCH_USE_STRONG_CRYPTO;
    wish.cCreds = 1;
    wish.paCred = &certificate;
    status = AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, &wish, NULL, NULL,
                                       credential, &expiry);
    CertFreeCertificateContext(certificate);
    return status;
}

/* Everything goes back as it came, until the client says close_notify. */
static SECURITY_STATUS echo(struct stream *stream)
{
    static char data[STREAM_ROOM];
    SECURITY_STATUS status;
    ULONG size;

    do {
        status = stream_receive(stream, data, &size);
        if (status == SEC_E_OK)
            status = stream_send(stream, data, size);
    } while (status == SEC_E_OK);
    return status;
}

static int converse(struct stream *stream)
{
    SECURITY_STATUS status = echo(stream);

    if (status != SEC_I_CONTEXT_EXPIRED)
        return complain("exchanging messages", status);
    status = stream_shutdown(stream);
    if (status != SEC_E_OK)
        return complain("closing", status);
    printf("closed: yes\nmessages: sealed %d, opened %d\n", stream->tally.sealed,
           stream->tally.opened);
    return 0;
}

static int serve(SOCKET s, CredHandle *credential, char *unused)
{
    struct stream *stream = malloc(sizeof(*stream));
    SECURITY_STATUS status;
    int failed;

    (void)unused;
    if (stream == NULL)
        return -1;
    status = stream_open(stream, s, credential, NULL);
    if (status != SEC_E_OK) {
        free(stream);
        return complain("handshake", status);
    }
    failed = stream_print(stream) || converse(stream);
    fflush(stdout);
    stream_free(stream);
    free(stream);
    return failed;
}

int main(int argc, char **argv)
{
    CredHandle credential;
    SECURITY_STATUS status;
    WSADATA wsa;
    int count, result;

    if (argc != 5 || (count = atoi(argv[4])) <= 0) {
        fprintf(stderr, "usage: tlsserver ADDRESS PORT SUBJECT COUNT\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
        return 1;
    status = credential_acquire(argv[3], &credential);
    if (status != SEC_E_OK) {
        fprintf(stderr, "a certificate for %s from the store MY: %s\n", argv[3],
                status_message(status));
        return 1;
    }
    result = serve_on(argv[1], argv[2], count, serve, &credential, NULL);
    FreeCredentialsHandle(&credential);
    WSACleanup();
    return result;
}
