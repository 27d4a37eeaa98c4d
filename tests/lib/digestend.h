/* SPDX-License-Identifier: MIT */
/* A client and a server of WDigest in one process, through SSPI's own calls. */
#ifndef TESTS_LIB_DIGESTEND_H
#define TESTS_LIB_DIGESTEND_H

#include <windows.h>

#define SECURITY_WIN32
#include <security.h>
#include <sspi_linux.h>
#include <stdbool.h>
#include <wdigest.h>

#define DIGEST_END_REALM    "test realm"
#define DIGEST_END_USER     "alice"
#define DIGEST_END_PASSWORD "a secret of alice"

struct digest_end {
    CredHandle cred;
    CtxtHandle ctx;
    bool inbound, open; /* open: there is a context */
    char token[8192];   /* what the last leg gave, with a terminator */
    ULONG size, attributes;
};

/* What a leg says of a request; NULL: nothing. */
struct digest_ask {
    const char *method, *uri, *entity;
    ULONG flags;
};

/* user NULL: no identity at all. */
SECURITY_STATUS digest_client_open(struct digest_end *, const char *user, const char *domain,
                                   const char *password);

/* settings NULL: an account of DIGEST_END_USER in DIGEST_END_REALM, whatever the algorithm. */
SECURITY_STATUS digest_server_open(struct digest_end *, const char *principal,
                                   const struct sspi_digest_server *settings);

/* The same with another algorithm. */
SECURITY_STATUS digest_server_open_for(struct digest_end *, const char *algorithm);

/* One leg, with size octets of the peer in a place that is exactly as large. */
SECURITY_STATUS digest_leg(struct digest_end *, const struct digest_ask *, const void *in,
                           size_t size);

/* MakeSignature, whose result is in token; VerifySignature; CompleteAuthToken. All for HTTP. */
SECURITY_STATUS digest_make(struct digest_end *, const struct digest_ask *);
SECURITY_STATUS digest_verify(struct digest_end *, const struct digest_ask *, const void *in,
                              size_t size);
SECURITY_STATUS digest_complete(struct digest_end *, const struct digest_ask *);

/* Ends the context, and with close the credential too. */
void digest_end_reset(struct digest_end *);
void digest_end_close(struct digest_end *);

/* Both sides up to the client's response; the server's challenge came first. */
SECURITY_STATUS digest_exchange(struct digest_end *client, struct digest_end *server,
                                const struct digest_ask *);

#endif
