/* SPDX-License-Identifier: MIT */
/*
 * HTTP with CredSSP in it, as WinRM has it, for either end: tokens in headers, then sealed bodies.
 * Ordinary Windows code.
 */
#ifndef EXAMPLES_WSMAN_H
#define EXAMPLES_WSMAN_H

#define SCHANNEL_USE_BLACKLISTS /* SCH_CREDENTIALS, the way to TLS 1.3 */
#include "common.h"

#include <subauth.h>
#include <wincrypt.h>
#include <schannel.h>
#include <credssp.h>

/* Not every compiler's headers have these. */
#ifndef CREDSSP_NAME_A
#define CREDSSP_NAME_A "CREDSSP"
#endif
#ifndef SECPKG_ATTR_CREDS
#define SECPKG_ATTR_CREDS 0x80000080
#endif
#ifndef SECPKG_ATTR_NEGOTIATION_PACKAGE
#define SECPKG_ATTR_NEGOTIATION_PACKAGE 0x80000081
#endif

/* The largest message of HTTP. */
#define HTTP_ROOM (256 * 1024)

struct wsman {
    SOCKET socket;
    CredHandle *credential;
    char *target; /* whom the client wants to reach; NULL: this end is the server */
    CtxtHandle context;
    int begun; /* there is a context */
    int legs;
    ULONG flags;
    SecPkgContext_StreamSizes sizes;
    struct tally tally;
    char *head, *body; /* of the message that was received, in room; head is a string */
    ULONG head_size, body_size;
    ULONG held; /* octets in room */
    char room[HTTP_ROOM];
};

/*
 * wsman_open: the logon, by a client's POSTs and a server's answers, all on one connection. On
 * failure the peer has been told, and there is nothing to close.
 * wsman_send: one message whose body is sealed. start is the first line of its head.
 * wsman_receive: one message; *data is malloc()ed. SEC_E_CONTEXT_EXPIRED: the connection has ended.
 */
SECURITY_STATUS wsman_open(struct wsman *wsman, SOCKET s, CredHandle *credential, char *target);
SECURITY_STATUS wsman_send(struct wsman *wsman, const char *start, const void *data, ULONG size);
SECURITY_STATUS wsman_receive(struct wsman *wsman, unsigned char **data, ULONG *size);
void wsman_close(struct wsman *wsman);

#define WSMAN_REQUEST "POST /wsman HTTP/1.1"
#define WSMAN_ANSWER  "HTTP/1.1 200 OK"

/* Prints what was negotiated, in TLS and in the logon within. */
int wsman_print(struct wsman *wsman);

#endif
