/* SPDX-License-Identifier: MIT */
/*
 * One end of an SSPI context, as an ordinary program uses it: sspi_end.c has the context,
 * sspi_messages.c the messages.  Shared by sspi_peer, http_client, http_server and ldap_client.
 */
#ifndef INTEROP_SSPI_END_H
#define INTEROP_SSPI_END_H

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
    FEATURE_SIGNATURES = 16,
    FEATURE_SEALS = 32,
    FEATURE_NTLM_CLEAR = 64, /* EncryptMessage signs only */
    FEATURE_UNPADDED = 128   /* no message grows by padding, as RC4's do outside DCE style */
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
    ULONG padding; /* octets behind the data of every message */
    char mech[32];
};

/*
 * What the words ask for; ends the program with status 2 at words that make no sense.  Nothing is
 * called before the first step, which acquires the credential.
 */
void sspi_end_init(struct sspi_end *end, struct peer_words words);

/* One leg; as struct peer has it. */
int sspi_end_step(void *end, struct peer_bytes in, struct peer_bytes *out, bool *done);

/* After completion: sizes, mechanism, and lines about them to `out`. */
int sspi_end_info(void *end, FILE *out);

/* What the context can do, from the enum above. */
unsigned sspi_end_features(void *end);

/* Deletes the context, so that the next step begins another with the same credential. */
void sspi_end_reset(struct sspi_end *end);
void sspi_end_free(struct sspi_end *end);

/* Reports the status of a call by its name; returns -1. */
int sspi_fail(const char *call, SECURITY_STATUS status);

SecBuffer sspi_buffer(ULONG type, void *data, size_t length);
SecBufferDesc sspi_description(SecBuffer *buffers, size_t count);

/* The ways to write and read messages; ends with a NULL name. */
extern const struct peer_format sspi_formats[];

/* The first way of a format ("wrap") that the context can write or read; the program ends without
 * one. */
const struct peer_format *sspi_format(struct sspi_end *end, const char *format, bool write);

#endif
