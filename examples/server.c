/* SPDX-License-Identifier: MIT */
/*
 * An SSPI server: it takes connections one after the other, authenticates each client and answers
 * its protected messages.
 *
 *   server ADDRESS PORT PACKAGE COUNT
 *
 * PORT 0 lets the system choose; the port is printed first. It ends after COUNT connections.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST                                                                                    \
    (ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY |                   \
     ASC_REQ_INTEGRITY | ASC_REQ_CONNECTION | ASC_REQ_ALLOCATE_MEMORY)

/* What the client example sends: three sealed messages and a signed one. */
#define SEALED_MESSAGES 3

static int authenticate(SOCKET s, CredHandle *credential, CtxtHandle *context, ULONG *flags,
                        int *legs)
{
    SECURITY_STATUS status;
    TimeStamp expiry;
    int started = 0;

    do {
        struct frame frame;
        SecBuffer in, out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};

        status = SEC_E_INTERNAL_ERROR;
        if (frame_receive(s, &frame) == 0) {
            in.cbBuffer = frame.size;
            in.BufferType = SECBUFFER_TOKEN;
            in.pvBuffer = frame.data;
            status = AcceptSecurityContext(credential, started ? context : NULL, &input, REQUEST,
                                           SECURITY_NATIVE_DREP, context, &output, flags, &expiry);
            free(frame.data);
        }
        if (status != SEC_E_OK && status != SEC_I_CONTINUE_NEEDED) {
            fprintf(stderr, "AcceptSecurityContext: %s\n", status_message(status));
            if (started)
                DeleteSecurityContext(context);
            return -1;
        }
        started = 1;
        (*legs)++;
        if (out.cbBuffer != 0 && frame_send(s, out.pvBuffer, out.cbBuffer) != 0) {
            FreeContextBuffer(out.pvBuffer);
            DeleteSecurityContext(context);
            return -1;
        }
        FreeContextBuffer(out.pvBuffer);
    } while (status == SEC_I_CONTINUE_NEEDED);
    return 0;
}

/* Every message goes back as it came. */
static int converse(SOCKET s, CtxtHandle *context, struct tally *tally)
{
    unsigned char *data;
    ULONG size;
    int i, failed = 0;

    for (i = 0; i <= SEALED_MESSAGES && !failed; i++) {
        if (i < SEALED_MESSAGES)
            failed = sealed_receive(s, context, &data, &size, tally);
        else
            failed = signed_receive(s, context, &data, &size, tally);
        if (failed)
            break;
        if (i < SEALED_MESSAGES)
            failed = sealed_send(s, context, data, size, tally);
        else
            failed = signed_send(s, context, data, size, tally);
        free(data);
    }
    return failed;
}

static int serve(SOCKET s, CredHandle *credential, char *unused)
{
    struct tally tally = {0, 0, 0, 0, 0};
    CtxtHandle context;
    ULONG flags = 0;
    int legs = 0, failed;

    (void)unused;
    if (authenticate(s, credential, &context, &flags, &legs) != 0)
        return -1;
    failed = context_print(&context, flags, 1, legs) || converse(s, &context, &tally);
    if (!failed)
        printf("messages: sealed %d, opened %d, signed %d, verified %d\n", tally.sealed,
               tally.opened, tally.made, tally.verified);
    fflush(stdout);
    DeleteSecurityContext(&context);
    return failed;
}

int main(int argc, char **argv)
{
    CredHandle credential;
    SECURITY_STATUS status;
    TimeStamp expiry;
    WSADATA wsa;
    int count, result;

    if (argc != 5 || (count = atoi(argv[4])) <= 0) {
        fprintf(stderr, "usage: server ADDRESS PORT PACKAGE COUNT\n");
        return 2;
    }
    if (WSAStartup(MAKEWORD(2, 2), &wsa) != 0)
        return 1;
    status = AcquireCredentialsHandleA(NULL, argv[3], SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                       &credential, &expiry);
    if (status != SEC_E_OK) {
        fprintf(stderr, "AcquireCredentialsHandle: %s\n", status_message(status));
        return 1;
    }
    result = serve_on(argv[1], argv[2], count, serve, &credential, NULL);
    FreeCredentialsHandle(&credential);
    WSACleanup();
    return result;
}
