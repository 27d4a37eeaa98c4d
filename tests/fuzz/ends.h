/* SPDX-License-Identifier: MIT */
/* Both ends of contexts in the world of fuzz.h. */
#ifndef FUZZ_ENDS_H
#define FUZZ_ENDS_H

#include "fuzz.h"

#include <sspi.h>

#define TOKEN_MAX 48256

/* Packages, and how Negotiate is led to NTLM. */
enum kind { KIND_KERBEROS, KIND_NTLM, KIND_NEGOTIATE, KIND_NEGOTIATE_NTLM, KINDS };

struct end {
    enum kind kind;
    bool inbound, sasl; /* sasl: by SASL's calls */
    CredHandle *cred;   /* NULL: the one of its kind */
    CtxtHandle ctx;
    bool open;
    SECURITY_STATUS status; /* of the last call */
    ULONG request, granted;
    SecBuffer bindings; /* none: of size 0 */
    uint8_t *token;     /* the last output, in TOKEN_MAX bytes */
    ULONG size;
};

/* One credential for each kind and use serves the whole process. */
CredHandle *ends_credential(enum kind kind, bool inbound);

/* What a client or server asks for: some of the flags that either side knows. */
ULONG ends_request(uint32_t bits, bool inbound);

void end_init(struct end *end, enum kind kind, bool inbound, ULONG request);

/* One call of ISC or ASC with a token, which may be NULL; the status is in end->status. */
void end_step(struct end *end, const void *token, size_t size);

/* Deletes the context, which must be possible whatever happened. */
void end_free(struct end *end);

/* An acceptor that is done must have alice for a client, nobody else. */
void end_check_client(struct end *end);

/* Both ends until they are done; ends the program if that fails. */
void ends_establish(struct end *client, struct end *server);

#endif
