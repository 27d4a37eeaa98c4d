/* SPDX-License-Identifier: MIT */
/*
 * What the examples share: sockets, frames on them, and names for people. Ordinary Windows code: it
 * compiles with a Windows compiler, and on Linux with the headers of gss-sspi.
 */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#define WIN32_LEAN_AND_MEAN
#define SECURITY_WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <security.h>

/*
 * A server's life: listens, prints "port: 4711" at once, and calls serve for count connections,
 * which are closed after it. argument is passed on. Returns 0 when there were so many and all went
 * well, otherwise 1; serve's 0 is well.
 */
int serve_on(const char *address, const char *port, int count,
             int (*serve)(SOCKET s, CredHandle *credential, char *argument), CredHandle *credential,
             char *argument);

/* A client's: connects to PORT of host and calls run. Returns what that does, or 1 after a
 * complaint. */
int run_with(const char *host, const char *port,
             int (*run)(SOCKET s, CredHandle *credential, char *target), CredHandle *credential,
             char *target);

/* Fills one of a list of buffers. */
void buffer_set(SecBuffer *buffer, ULONG type, void *data, ULONG size);

/* 0, or -1 when the connection is gone. */
int send_all(SOCKET s, const char *data, size_t size);

/* A frame is its length in four octets, highest first, and that many octets. */
#define FRAME_MAX (1024 * 1024)

struct frame {
    unsigned char *data; /* malloc()ed by frame_receive() */
    ULONG size;
};

/* Both return 0, or -1 when the connection is gone or the frame is too long. */
int frame_send(SOCKET s, const void *data, ULONG size);
int frame_receive(SOCKET s, struct frame *frame);

/* "0x8009030c the logon was denied ...", in a buffer of the function. */
const char *status_message(SECURITY_STATUS status);

/* Prints "MUTUAL_AUTH CONFIDENTIALITY ...". */
void flags_print(ULONG flags, int inbound);

/* Prints what was negotiated: package, user, flags, sizes. */
int context_print(CtxtHandle *context, ULONG flags, int inbound, int legs);

/* How many messages went each way, and how long the last one sent was on the wire. */
struct tally {
    int sealed, opened, made, verified;
    ULONG wire;
};

/*
 * One message in each way of protecting it. send: protect data and send it; receive: receive a
 * frame and open it, *data is malloc()ed. All return 0 or print why not and return -1.
 */
int sealed_send(SOCKET s, CtxtHandle *context, const void *data, ULONG size, struct tally *tally);
int sealed_receive(SOCKET s, CtxtHandle *context, unsigned char **data, ULONG *size,
                   struct tally *tally);
int signed_send(SOCKET s, CtxtHandle *context, void *data, ULONG size, struct tally *tally);
int signed_receive(SOCKET s, CtxtHandle *context, unsigned char **data, ULONG *size,
                   struct tally *tally);

/* Prints what was tried and why it failed, and returns -1. */
int complain(const char *what, SECURITY_STATUS status);

/*
 * Fills identity from DOMAIN\USER and a password, the first line of the input; the strings are
 * those two buffers. Returns 0, or -1 when there is no password.
 */
int identity_read(SEC_WINNT_AUTH_IDENTITY_A *identity, char *user, char *password, size_t size);

/* Milliseconds of a clock that only runs forward enough for a table. */
double milliseconds(void);

#endif
