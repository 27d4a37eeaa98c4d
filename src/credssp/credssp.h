/* SPDX-License-Identifier: MIT */
/*
 * CredSSP inside: a TLS context that carries TSRequests, which carry the tokens of a Negotiate
 * context and at last the client's credentials. [MS-CSSP] 3.1.5. This is the folder's architecture
 * on one page.
 *
 *   package.c    the descriptors and the operation table
 *   cred.c       the credentials of both layers
 *   context.c    a context's exchanges, and which leg a call is
 *   leg.c        what both roles do in a leg: octets in, TLS, messages, octets out
 *   exchange.c   what both of them send and check
 *   client.c     a client's steps              server.c  a server's
 *   inner.c      the contexts of both layers, through the seam
 *   query.c      attributes, asked of either layer
 *   submit.c     what a program gives a client to hand over           saved.c   from a file
 *   handover.c   what a server does with the client's credentials
 *   tsrequest.c tscreds.c binding.c            what is sent
 *   policy.c     who may be given credentials  ntstatus.c  what a refusal is called
 *
 * The two contexts below are never in the handle table: they belong to this one, and a leg or a
 * message of this one is alone with them as the packages wish. Questions may come during a leg: who
 * asks is alone, and so is the leg where it makes these two or ends them.
 */
#ifndef SSPI_CREDSSP_CREDSSP_H
#define SSPI_CREDSSP_CREDSSP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/package.h"
#include "credssp/package.h"
#include "credssp/policy.h"
#include "credssp/submit.h"
#include "credssp/tscreds.h"
#include "credssp/tsrequest.h"

extern const struct package_ops credssp_ops;

/* What we speak; how much lower a peer's may be is policy's affair. */
#define CREDSSP_VERSION 6U

/* --- Credentials ---------------------------------------------------------------------------- */

struct credssp_cred {
    struct cred base;
    struct cred *tls, *negotiate;
    struct submit submit; /* what a client hands over */
};

SECURITY_STATUS credssp_cred_acquire(const struct package *, struct cred_request *, struct cred **);
SECURITY_STATUS credssp_cred_query(struct cred *, ULONG attribute, void *buffer);

/* --- Contexts ------------------------------------------------------------------------------- */

/* What the next message is for. */
enum credssp_step {
    STEP_TLS,         /* no message yet: the handshake */
    STEP_TOKENS,      /* the logon */
    STEP_BINDING,     /* client: the server proves its key */
    STEP_CREDENTIALS, /* server: what the client hands over */
    STEP_DONE
};

struct credssp_ctx {
    struct ctx base;
    struct ctx *tls, *negotiate; /* of our own; NULL before their first leg */
    char *target, *host;         /* client: whom the logon is for, and TLS' name of it */
    enum credssp_step step;
    bool closing; /* the next leg is TLS' last words */
    struct policy policy;
    DWORD server_auth;             /* client: CREDSSP_SERVER_AUTH_* by which the server is known */
    ULONG attributes;              /* ISC_RET_* or ASC_RET_* */
    _Atomic uint32_t peer_version; /* 0: none was said yet */
    uint8_t nonce[TSREQUEST_NONCE_SIZE];
    bool has_nonce;
    SecPkgContext_StreamSizes sizes; /* of TLS: asking again would take away why a leg failed */
    struct blob key;                 /* the server's SubjectPublicKey */
    struct blob in;                  /* messages as far as they have come */
    struct tscreds creds;            /* server: what the client handed over; type 0: nothing yet */
};

/* A leg's octets. */
struct credssp_leg {
    struct leg *leg;
    const uint8_t *in;
    size_t in_size, in_used;
    size_t missing;
    struct blob out; /* for the peer */
};

SECURITY_STATUS credssp_ctx_init(struct ctx **, struct leg *);
SECURITY_STATUS credssp_ctx_accept(struct ctx **, struct leg *);
SECURITY_STATUS credssp_ctx_query(struct ctx *, ULONG attribute, void *buffer);
SECURITY_STATUS credssp_ctx_token(struct ctx *, struct token **);
SECURITY_STATUS credssp_ctx_control(struct ctx *, const SecBufferDesc *);
SECURITY_STATUS credssp_msg_seal(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
SECURITY_STATUS credssp_msg_unseal(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);

/* leg.c: one leg of either role; the context is dead where its failure cannot be mended. */
SECURITY_STATUS credssp_leg_run(struct credssp_ctx *, struct leg *);

/* client.c: whether a context may be begun. SEC_E_DELEGATION_POLICY, SEC_E_NO_CREDENTIALS. */
SECURITY_STATUS credssp_client_check(const struct credssp_ctx *);

/* client.c: the first message, once TLS is there. Both: what a message of the peer leads to. */
SECURITY_STATUS credssp_client_begin(struct credssp_ctx *, struct credssp_leg *);
SECURITY_STATUS credssp_client_step(struct credssp_ctx *, struct credssp_leg *,
                                    const struct tsrequest *);
SECURITY_STATUS credssp_server_step(struct credssp_ctx *, struct credssp_leg *,
                                    const struct tsrequest *);

/* server.c: tells a client that understands it why its message has failed. */
void credssp_server_fail(struct credssp_ctx *, struct credssp_leg *, SECURITY_STATUS why);

/* exchange.c: both roles send messages, with our version, and the binding, with a token or without.
 */
SECURITY_STATUS credssp_send(struct credssp_ctx *, struct credssp_leg *, struct tsrequest *);
SECURITY_STATUS credssp_binding_send(struct credssp_ctx *, struct credssp_leg *, struct asn_part);

/* SEC_E_OK, or SEC_E_MUTUAL_AUTH_FAILED where the peer sees another key in TLS. */
SECURITY_STATUS credssp_binding_verify(struct credssp_ctx *, struct asn_part sealed);

/* The lower of both versions; the peer has said its own. */
uint32_t credssp_version(const struct credssp_ctx *);

/* The status, and why as the native error. */
SECURITY_STATUS credssp_refuse(SECURITY_STATUS status, const char *why);

/* --- The layers below (inner.c) ------------------------------------------------------------- */

/* Octets in, octets out; extra of the former were not needed, or missing more are. */
struct inner_leg {
    const char *target;
    ULONG64 request;
    struct asn_part in;
    struct blob out;
    size_t extra, missing;
    ULONG attributes;
    TimeStamp expiry;
};

/* One leg of a layer's context: &ctx->tls or &ctx->negotiate, with a credential of that layer. */
SECURITY_STATUS inner_leg_run(struct credssp_ctx *ctx, struct ctx **layer, struct cred *cred,
                              struct inner_leg *leg) __attribute__((warn_unused_result));

/* Messages of the logon: signature and sealed octets in one. [MS-CSSP] 2.2.1.2 */
SECURITY_STATUS inner_wrap(struct ctx *negotiate, const struct blob *plain, struct blob *sealed)
    __attribute__((warn_unused_result));
SECURITY_STATUS inner_unwrap(struct ctx *negotiate, struct asn_part sealed, struct blob *plain)
    __attribute__((warn_unused_result));

/* Appends records with these octets. sizes: the context's. */
SECURITY_STATUS inner_tls_send(struct ctx *tls, const SecPkgContext_StreamSizes *sizes,
                               const struct blob *plain, struct blob *records)
    __attribute__((warn_unused_result));

/*
 * Opens the record that data starts with, in place, and appends what is in it. *used is its size.
 * SEC_E_INCOMPLETE_MESSAGE: *missing tells how much there should be more.
 */
SECURITY_STATUS inner_tls_receive(struct ctx *tls, uint8_t *data, size_t size, struct blob *plain,
                                  size_t *used, size_t *missing)
    __attribute__((warn_unused_result));

/* The contents of the subjectPublicKey of the server's certificate. */
SECURITY_STATUS inner_server_key(struct ctx *tls, struct blob *key)
    __attribute__((warn_unused_result));

/* blob grows by size octets of data (NULL: nothing is copied). False: no memory. */
bool blob_append(struct blob *blob, const void *data, size_t size);

#endif
