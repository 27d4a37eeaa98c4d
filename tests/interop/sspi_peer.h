/* SPDX-License-Identifier: MIT */
/* What sspi_peer.c (contexts) and sspi_messages.c (messages) share. */
#ifndef INTEROP_SSPI_PEER_H
#define INTEROP_SSPI_PEER_H

#define SECURITY_WIN32
#ifdef PEER_WINPR
#include <winpr/ntlm.h>
#include <winpr/sspi.h>
#else
#include <windows.h>
#include <sspi.h>
#endif

#include "peer.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What a context can do.  WinPR knows the buffers TOKEN and DATA alone, and has no MakeSignature.
 */
enum {
    FEATURE_KERBEROS = 1,
    FEATURE_NTLM = 2,
    FEATURE_STREAM = 4,
    FEATURE_ALL_BUFFERS = 8,
    FEATURE_SIGNATURES = 16
};

struct sspi_end {
    struct peer_words words;
    const char *package;
    CredHandle cred;
    CtxtHandle ctx;
    bool have_cred, have_ctx, done;
    char target[512];
    ULONG max_token, attributes, sent, received;
    struct peer_bytes bindings;
    SecPkgContext_Sizes sizes;
    char mech[32];
};

/* Reports the status of a call by its name; returns -1. */
int sspi_fail(const char *call, SECURITY_STATUS status);

SecBuffer sspi_buffer(ULONG type, void *data, size_t length);
SecBufferDesc sspi_description(SecBuffer *buffers, size_t count);

/* The ways to write and read messages; ends with a NULL name. */
extern const struct peer_format sspi_formats[];

#endif
