/* SPDX-License-Identifier: MIT */
/* Both ends of CredSSP in one process, for tests inside a realm; what passes between is octets. */
#ifndef TESTS_LIB_ENDS_H
#define TESTS_LIB_ENDS_H

#include <windows.h>

#include <credssp.h>
#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <wincrypt.h>

#define END_INPUT_MAX 65536

/* What every call asks for; an end's request comes on top. */
#define END_ISC                                                                                    \
    (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY | ISC_REQ_EXTENDED_ERROR)
#define END_ASC                                                                                    \
    (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_CONFIDENTIALITY | ASC_REQ_EXTENDED_ERROR)

/* One end, with what has come for it and was not used yet. */
struct end {
    CredHandle cred;
    CtxtHandle context;
    bool has_cred, has_context, server;
    SECURITY_STATUS
    status; /* of the last call; what is incomplete counts as SEC_I_CONTINUE_NEEDED */
    unsigned char in[END_INPUT_MAX];
    size_t size;
    ULONG flags, request;
    bool bare;          /* a call asks for no more than memory and request */
    const char *target; /* client */
    size_t chunk;       /* how much of the input one call gets at first; 0: all */
};

/* The two of a test; ends_begin() sets them. */
extern struct end client, server;

/* The certificate that a server got last; owned by the library. */
extern PCCERT_CONTEXT end_certificate;

/* A certificate of CN=localhost signed by itself, with a new key. */
PCCERT_CONTEXT end_certificate_make(void);

/* Gives an end a credential from pAuthData as it is, or with an identity and without these versions
 * of TLS (SP_PROT_*). A server has a new certificate. */
SECURITY_STATUS end_acquire_as(struct end *end, bool is_server, void *auth);
void end_acquire(struct end *end, bool is_server, DWORD disabled, void *identity);
void end_close(struct end *end);

/* Appends to what has come for an end. */
void end_give(struct end *end, const void *data, size_t size);

/*
 * One call with the first octets of the input; what it gives is appended to the peer's input.
 * False: it wants more.
 */
bool end_advance(struct end *end, struct end *peer, size_t give);

/* What there is for an end, in pieces that begin small and grow until they are taken. */
void end_drain(struct end *end, struct end *peer);

/* Calls of both until one has failed, or none has anything to say. */
void ends_shake(void);

/* An end's last status, told with the native error when it is another. */
void end_is(const struct end *end, SECURITY_STATUS want);

/* --- Ways to log on ------------------------------------------------------------------------- */

#define MUTUAL (ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH)

/* alice's logon, over TLS without these versions, with these packages (NULL: any). */
struct way {
    DWORD disabled;
    const char *list;
    ULONG request;
};

#define WAY_COUNT 6
extern const struct way ways[WAY_COUNT];

bool way_is_ntlm(const struct way *way);

/* Both have credentials; the rest is to come. */
void ends_begin(const struct way *way);

/* The same, under ALLOW_ALL, and a whole logon that has to work. */
void ends_establish(const struct way *way);

void ends_close(void);

/* --- Policy and messages -------------------------------------------------------------------- */

#define ALLOW_ALL "AllowFreshCredentials = *\nAllowFreshCredentialsWhenNTLMOnly = *\n"

/* The contents of the policy's file from now on. */
void ends_policy(const char *lines);

/* Text as one message from one end to the other. */
void message_passes(CtxtHandle *from, CtxtHandle *to, const char *text);

#endif
