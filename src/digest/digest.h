/* SPDX-License-Identifier: MIT */
/*
 * Digest inside: HTTP's authentication (RFC 2617, RFC 7616) and SASL's DIGEST-MD5 (RFC 2831) behind
 * one package, as Windows has it. This is the folder's architecture on one page.
 *
 *   package.c    the descriptor and the operation table
 *   cred.c       credentials: a client's identity, a server's settings
 *   context.c    a context's life, and which leg a call is
 *   client.c     challenges taken, responses made      server.c  challenges made, responses judged
 *   message.c    after the logon: headers of further requests (HTTP), signatures (SASL)
 *   query.c      attributes
 *   request.c    what a caller says of a request: method, URI, body, realm
 *   directive.c  what travels                          response.c   what is proved
 *   algorithm.c  hashes                                charset.c    SASL's names
 *   nonce.c      a server's nonces                     accounts.c   whose passwords it knows
 *
 * Nothing here waits: there is no authority to ask.
 */
#ifndef SSPI_DIGEST_DIGEST_H
#define SSPI_DIGEST_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/identity.h"
#include "core/package.h"
#include "digest/accounts.h"
#include "digest/directive.h"
#include "digest/nonce.h"
#include "digest/package.h"
#include "digest/request.h"
#include "digest/response.h"

extern const struct package_ops digest_ops;

/* --- Credentials ---------------------------------------------------------------------------- */

struct digest_cred {
    struct cred base;
    struct identity *identity; /* of a client; its user is the name as it is sent */
    char *principal;           /* server: "ldap/host", which SASL's clients must mean; or NULL */
    _Atomic(struct digest_settings *) settings; /* server: set once, or NULL */
};

SECURITY_STATUS digest_cred_acquire(const struct package *, struct cred_request *, struct cred **);
SECURITY_STATUS digest_cred_query(struct cred *, ULONG attribute, void *buffer);
SECURITY_STATUS digest_cred_set(struct cred *, ULONG attribute, const void *buffer, ULONG size);

/* --- Contexts ------------------------------------------------------------------------------- */

/* What comes next. */
enum digest_step {
    DIGEST_STEP_CHALLENGE, /* client: from the server; server: to be made */
    DIGEST_STEP_RESPONSE,  /* server: from the client */
    DIGEST_STEP_BODY,      /* server: CompleteAuthToken(), with the body's hash */
    DIGEST_STEP_OUTCOME,   /* client of SASL: the server's proof */
    DIGEST_STEP_DONE
};

#define DIGEST_SASL_KEY 16

/* RFC 2831 2.1.1: the largest message that we read, and what a peer reads that says nothing. */
#define DIGEST_SASL_MAXBUF 65536U

/* One direction of SASL's integrity layer. RFC 2831 2.3 */
struct digest_lane {
    uint8_t key[DIGEST_SASL_KEY];
    uint32_t sequence;
};

struct digest_ctx {
    struct ctx base;
    bool sasl, integrity; /* integrity: qop is auth-int */
    enum digest_step step;
    ULONG attributes; /* ISC_RET_* or ASC_RET_* */
    const struct digest_algorithm *algorithm;
    bool algorithm_said; /* client: by the challenge */
    char *user, *realm;  /* as they travel; UTF-8, or ISO 8859-1 where SASL's peer wants that */
    char *nonce, *cnonce, *opaque, *uri;
    char *authzid;   /* server of SASL: as the client has sent it; or NULL */
    bool latin;      /* SASL's names are in ISO 8859-1 */
    const char *qop; /* "auth", "auth-int"; client: NULL where the server has none (RFC 2069) */
    uint32_t count;  /* of the last request */
    struct digest_secret secret;   /* once it is known */
    struct blob response;          /* STEP_BODY: the response that waits */
    struct digest_request request; /* STEP_BODY: and what it is for */
    uint32_t maxbuf;               /* SASL: the peer's */
    struct digest_lane out, in;
};

SECURITY_STATUS digest_ctx_init(struct ctx **, struct leg *);
SECURITY_STATUS digest_ctx_accept(struct ctx **, struct leg *);
SECURITY_STATUS digest_ctx_complete(struct ctx *, const SecBufferDesc *);
SECURITY_STATUS digest_ctx_query(struct ctx *, ULONG attribute, void *buffer);
SECURITY_STATUS digest_ctx_token(struct ctx *, struct token **);
SECURITY_STATUS digest_msg_sign(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
SECURITY_STATUS digest_msg_verify(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);
SECURITY_STATUS digest_msg_seal(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
SECURITY_STATUS digest_msg_unseal(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);

/* context.c: the peer's octets of a list; nothing where there are none. */
struct digest_input digest_input_of(const SecBufferDesc *);

/* context.c: in place of what was there. False: no memory. */
bool digest_text_set(char **place, const char *text);

/* context.c: SASL's keys, where there is integrity; the secret is there. */
SECURITY_STATUS digest_keys_make(struct digest_ctx *, const struct digest_claim *);

/* context.c: how large messages may be: the peer's word, or NULL for none; and ours, where there is
 * integrity. */
SECURITY_STATUS digest_maxbuf_take(struct digest_ctx *, const char *value);
void digest_maxbuf_write(const struct digest_ctx *, struct digest_writer *);

/* context.c: the last request anew, as its response was about it; nc is written out. */
struct digest_claim digest_claim_of(const struct digest_ctx *, char nc[9]);

/* client.c: takes the strongest challenge that is there, and none that offers less than the one
 * before. */
SECURITY_STATUS digest_challenge_take(struct digest_ctx *, struct digest_input, bool has_entity);

/* client.c: a response for one more request. */
SECURITY_STATUS digest_response_write(struct digest_ctx *, const struct digest_request *,
                                      struct digest_writer *);

/* client.c: whether the server has proved that it knows the password too. */
SECURITY_STATUS digest_outcome_check(struct digest_ctx *, struct digest_input, const char *entity);

/* server.c: the realm of all of a context's challenges, and then one of them. */
SECURITY_STATUS digest_realm_choose(struct digest_ctx *, const struct digest_request *);
SECURITY_STATUS digest_challenge_write(struct digest_ctx *, bool stale, struct digest_writer *);

/* server.c: proves that we know the password too; entity: of the answer's body, for auth-int. */
SECURITY_STATUS digest_outcome_write(struct digest_ctx *, const char *entity,
                                     struct digest_writer *);

/*
 * server.c: judges a response. SEC_E_OK; SEC_I_COMPLETE_NEEDED where the body's hash is wanting;
 * SEC_E_CONTEXT_EXPIRED where all is right but the nonce, which is no longer good;
 * SEC_E_OUT_OF_SEQUENCE for a replayed one; SEC_E_MESSAGE_ALTERED for another URI;
 * SEC_E_LOGON_DENIED, SEC_E_INVALID_TOKEN, SEC_E_ALGORITHM_MISMATCH, SEC_E_QOP_NOT_SUPPORTED.
 */
SECURITY_STATUS digest_response_judge(struct digest_ctx *, struct digest_input,
                                      const struct digest_request *);

#endif
