/* SPDX-License-Identifier: MIT */
/*
 * An SSPI client: it authenticates over TCP, exchanges protected messages and prints what was
 * negotiated.
 *
 *   client HOST PORT PACKAGE TARGET [DOMAIN\USER]
 *
 * Without a user it logs on as whoever runs it; with one the password is the first line of its
 * input.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ULONG message_sizes[] = {100, 1024, 16384};
#define MESSAGES (sizeof(message_sizes) / sizeof(*message_sizes))

#define REQUEST                                                                                    \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |                       \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_CONNECTION | ISC_REQ_ALLOCATE_MEMORY)

static int authenticate(SOCKET s, CredHandle *credential, char *target, CtxtHandle *context,
                        ULONG *flags, int *legs)
{
    struct frame frame = {NULL, 0};
    SECURITY_STATUS status;
    TimeStamp expiry;
    int started = 0;

    do {
        SecBuffer in = {frame.size, SECBUFFER_TOKEN, frame.data};
        SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};

        status = InitializeSecurityContextA(credential, started ? context : NULL, target, REQUEST,
                                            0, SECURITY_NATIVE_DREP, started ? &input : NULL, 0,
                                            context, &output, flags, &expiry);
        free(frame.data);
        frame.data = NULL;
        if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED) {
            fprintf(stderr, "InitializeSecurityContext: %s\n", status_message(status));
            if (started)
                DeleteSecurityContext(context);
            return -1;
        }
        started = 1;
        (*legs)++;
        if (out.cbBuffer != 0 && frame_send(s, out.pvBuffer, out.cbBuffer) != 0)
            status = SEC_E_INTERNAL_ERROR;
        FreeContextBuffer(out.pvBuffer);
        if (status == SEC_I_CONTINUE_NEEDED && frame_receive(s, &frame) != 0)
            status = SEC_E_INTERNAL_ERROR;
        if (status == SEC_E_INTERNAL_ERROR) {
            fprintf(stderr, "the server closed the connection\n");
            DeleteSecurityContext(context);
            return -1;
        }
    } while (status == SEC_I_CONTINUE_NEEDED);
    return 0;
}

/* Sends a message of each size sealed, expects it back sealed; then one signed. */
static int converse(SOCKET s, CtxtHandle *context, struct tally *tally)
{
    unsigned char *text, *back;
    ULONG size;
    size_t i;

    for (i = 0; i <= MESSAGES; i++) {
        ULONG length = message_sizes[i < MESSAGES ? i : 0];
        int failed;

        text = malloc(length);
        if (text == NULL)
            return -1;
        memset(text, 'a' + (int)i, length);
        if (i < MESSAGES)
            failed = sealed_send(s, context, text, length, tally) ||
                     sealed_receive(s, context, &back, &size, tally);
        else
            failed = signed_send(s, context, text, length, tally) ||
                     signed_receive(s, context, &back, &size, tally);
        if (!failed) {
            if (size != length || memcmp(text, back, length) != 0) {
                fprintf(stderr, "the message came back changed\n");
                failed = 1;
            }
            free(back);
        }
        free(text);
        if (failed)
            return -1;
        printf("message: %u, %u\n", (unsigned)length, (unsigned)tally->wire);
    }
    return 0;
}

static int run(SOCKET s, CredHandle *credential, char *target)
{
    struct tally tally = {0, 0, 0, 0, 0};
    CtxtHandle context;
    ULONG flags = 0;
    int legs = 0, failed;
    double start = milliseconds();

    if (authenticate(s, credential, target, &context, &flags, &legs) != 0)
        return 1;
    failed = context_print(&context, flags, 0, legs) || converse(s, &context, &tally);
    if (!failed) {
        printf("messages: sealed %d, opened %d, signed %d, verified %d\n", tally.sealed,
               tally.opened, tally.made, tally.verified);
        printf("time: %.1f ms\n", milliseconds() - start);
    }
    DeleteSecurityContext(&context);
    return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
    SEC_WINNT_AUTH_IDENTITY_A identity;
    char password[256];
    CredHandle credential;
    SECURITY_STATUS status;
    TimeStamp expiry;
    WSADATA wsa;
    int result;

    if (argc < 5 || argc > 6) {
        fprintf(stderr, "usage: client HOST PORT PACKAGE TARGET [DOMAIN\\USER]\n");
        return 2;
    }
    if (argc == 6 && identity_read(&identity, argv[5], password, sizeof(password)) != 0) {
        fprintf(stderr, "no password on standard input\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
        return 1;
    status =
        AcquireCredentialsHandleA(NULL, argv[3], SECPKG_CRED_OUTBOUND, NULL,
                                  argc == 6 ? &identity : NULL, NULL, NULL, &credential, &expiry);
    SecureZeroMemory(password, sizeof(password));
    if (status != SEC_E_OK) {
        fprintf(stderr, "AcquireCredentialsHandle: %s\n", status_message(status));
        return 1;
    }
    result = run_with(argv[1], argv[2], run, &credential, argv[4]);
    FreeCredentialsHandle(&credential);
    WSACleanup();
    return result;
}
