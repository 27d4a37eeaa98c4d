/* SPDX-License-Identifier: MIT */
/*
 * A client of HTTP with CredSSP, as WinRM's are: it logs on, hands its password over, sends sealed
 * messages, expects them back, and prints what was negotiated.
 *
 *   wsmanclient HOST PORT TARGET DOMAIN\USER [1.2|1.3]
 *
 * The password is the first line of its input. TARGET is the service, "WSMAN/host". Nobody looks at
 * the server's certificate: the logon proves that its key is the server's.
 */
#include "wsman.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ULONG message_sizes[] = {100, 1000, 40000};
#define MESSAGES (sizeof(message_sizes) / sizeof(*message_sizes))

static SECURITY_STATUS credential_acquire(SEC_WINNT_AUTH_IDENTITY_A *identity, const char *version,
                                          CredHandle *credential)
{
    char package[] = CREDSSP_NAME_A;
    TLS_PARAMETERS parameters;
    SCH_CREDENTIALS tls;
    CREDSSP_CRED both;
    TimeStamp expiry;

    memset(&tls, 0, sizeof(tls));
    memset(&parameters, 0, sizeof(parameters));
    tls.dwVersion = SCH_CREDENTIALS_VERSION;
    tls.dwFlags = SCH_USE_STRONG_CRYPTO | SCH_CRED_NO_DEFAULT_CREDS |
                  SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_SERVERNAME_CHECK;
    if (version != NULL) {
        parameters.grbitDisabledProtocols =
            ~(DWORD)(strcmp(version, "1.3") == 0 ? SP_PROT_TLS1_3 : SP_PROT_TLS1_2);
        tls.cTlsParameters = 1;
        tls.pTlsParameters = &parameters;
    }
    both.Type = CredsspSubmitBufferBoth;
    both.pSchannelCred = &tls;
    both.pSpnegoCred = identity;
    return AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &both, NULL, NULL,
                                     credential, &expiry);
}

static int message_exchange(struct wsman *wsman, const char *text, ULONG size)
{
    unsigned char *back = NULL;
    ULONG got = 0;
    SECURITY_STATUS status = wsman_send(wsman, WSMAN_REQUEST, text, size);
    int same;

    if (status == SEC_E_OK)
        status = wsman_receive(wsman, &back, &got);
    if (status != SEC_E_OK)
        return complain("exchanging a message", status);
    same = got == size && memcmp(text, back, size) == 0;
    free(back);
    if (!same) {
        fprintf(stderr, "the message came back changed\n");
        return -1;
    }
    printf("message: %u, %u\n", (unsigned)size, (unsigned)wsman->tally.wire);
    return 0;
}

static int converse(struct wsman *wsman)
{
    static char text[40000];
    size_t i;

    for (i = 0; i < MESSAGES; i++) {
        memset(text, 'a' + (int)i, message_sizes[i]);
        if (message_exchange(wsman, text, message_sizes[i]) != 0)
            return -1;
    }
    return 0;
}

static int run(SOCKET s, CredHandle *credential, char *target)
{
    struct wsman *wsman = malloc(sizeof(*wsman));
    double start = milliseconds();
    SECURITY_STATUS status;
    int failed;

    if (wsman == NULL)
        return 1;
    status = wsman_open(wsman, s, credential, target);
    if (status != SEC_E_OK) {
        complain("logging on", status);
        free(wsman);
        return 1;
    }
    failed = wsman_print(wsman) || converse(wsman);
    if (!failed) {
        printf("messages: sealed %d, opened %d\n", wsman->tally.sealed, wsman->tally.opened);
        printf("time: %.1f ms\n", milliseconds() - start);
    }
    wsman_close(wsman);
    free(wsman);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    SEC_WINNT_AUTH_IDENTITY_A identity;
    char password[256];
    CredHandle credential;
    SECURITY_STATUS status;
    WSADATA wsa;
    int result;

    if (argc < 5 || argc > 6 ||
        (argc == 6 && strcmp(argv[5], "1.2") != 0 && strcmp(argv[5], "1.3") != 0)) {
        fprintf(stderr, "usage: wsmanclient HOST PORT TARGET DOMAIN\\USER [1.2|1.3]\n");
        return 2;
    }
    if (identity_read(&identity, argv[4], password, sizeof(password)) != 0) {
        fprintf(stderr, "no password on standard input\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
        return 1;
    status = credential_acquire(&identity, argv[5], &credential);
    SecureZeroMemory(password, sizeof(password));
    if (status != SEC_E_OK) {
        complain("AcquireCredentialsHandle", status);
        return 1;
    }
    result = run_with(argv[1], argv[2], run, &credential, argv[3]);
    FreeCredentialsHandle(&credential);
    WSACleanup();
    return result;
}
