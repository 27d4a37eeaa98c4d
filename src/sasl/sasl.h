/* SPDX-License-Identifier: MIT */
/*
 * SASL inside: a profile is a SASL mechanism that one of the packages serves. Its context stands
 * around one of the package's, so that the handle that SaslInitializeSecurityContext() gives is
 * good for every other call. This is the folder's architecture on one page.
 *
 *   profile.c   the table of profiles, and the calls that look into it
 *   context.c   a context's legs: the package's, then the layer's where the profile has such
 *   layer.c     the agreement on a security layer, RFC 4752 3.1, 3.2
 *   message.c   messages and attributes: the package's, within what was agreed on
 *   option.c    SaslGetContextOption, SaslSetContextOption
 *   leg.c       SaslInitializeSecurityContext, SaslAcceptSecurityContext
 *
 * The context below is never in the handle table: it belongs to this one, and a leg or a message of
 * this one is alone with it as the package wishes.
 */
#ifndef SSPI_SASL_SASL_H
#define SSPI_SASL_SASL_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/package.h"

/* --- Profiles ------------------------------------------------------------------------------- */

struct sasl_profile {
    const char *name;    /* the mechanism's, as a protocol has it */
    const char *package; /* which serves it, where the library has that one */
    bool agrees;         /* on a security layer and an authorisation identity, RFC 4752 */
    bool server_first;   /* the server's challenge comes before anything of the client */
    bool (*identifies)(const uint8_t *token, size_t size); /* a client's first token, or not its */
};

/* Of a package, or NULL. */
const struct sasl_profile *sasl_profile_of(const struct package *package);

/* --- Contexts ------------------------------------------------------------------------------- */

/* RFC 4752 3.1: the bits of the security layers, the weakest first. */
enum { LAYER_NONE = 1, LAYER_SIGN = 2, LAYER_SEAL = 4 };

/* Its messages have a size of three octets; the default is Windows'. */
#define SASL_SIZE_MAX     0xffffffU
#define SASL_SIZE_DEFAULT 0xffffU

/* What the next leg is for. */
enum sasl_step {
    SASL_TOKENS, /* the package's */
    SASL_OFFER,  /* server: the client's empty answer, then the offer; client: the offer comes */
    SASL_CHOICE, /* server: the client's choice comes */
    SASL_DONE
};

struct sasl_ctx {
    struct ctx base;
    struct package face; /* the package below, with our operations */
    const struct sasl_profile *profile;
    struct ctx *below; /* of our own; NULL before its first leg */
    enum sasl_step step;
    bool waited; /* server: the client came without a token and was asked for one */
    ULONG attributes;
    TimeStamp expiry;
    unsigned layer;         /* agreed on; before: server, what was offered */
    uint32_t send_size;     /* the largest message that may go out, as the program wishes */
    uint32_t receive_size;  /* and that may come in */
    uint32_t send_data;     /* of a message that goes out, what of it may be data */
    ULONG authz_processing; /* SASL_AUTHZID_STATE */
    struct blob authz;      /* the authorisation identity, UTF-8; data NULL: none */
};

extern const struct package_ops sasl_ops;
extern const struct object_class sasl_ctx_class;

/* A leg's octets of the round, for the peer. */
SECURITY_STATUS sasl_layer_offer(struct sasl_ctx *, struct blob *out)
    __attribute__((warn_unused_result));
SECURITY_STATUS sasl_layer_choose(struct sasl_ctx *, const SecBuffer *offer, struct blob *out)
    __attribute__((warn_unused_result));
SECURITY_STATUS sasl_layer_accept(struct sasl_ctx *, const SecBuffer *choice)
    __attribute__((warn_unused_result));

/* The attributes of a context, and those under the layer that was agreed on. */
ULONG sasl_attributes(const struct sasl_ctx *);
ULONG sasl_layer_attributes(const struct sasl_ctx *);

/* Whether an identity may be sent: UTF-8 without NUL, of no more than TEXT_MAX octets. SEC_E_OK,
 * SEC_E_INVALID_PARAMETER or SEC_E_INSUFFICIENT_MEMORY. */
SECURITY_STATUS sasl_authz_check(const void *text, size_t size) __attribute__((warn_unused_result));

/* The operations of message.c. */
SECURITY_STATUS sasl_ctx_complete(struct ctx *, const SecBufferDesc *);
SECURITY_STATUS sasl_ctx_control(struct ctx *, const SecBufferDesc *);
SECURITY_STATUS sasl_ctx_query(struct ctx *, ULONG attribute, void *buffer);
SECURITY_STATUS sasl_ctx_set(struct ctx *, ULONG attribute, const void *buffer, ULONG size);
SECURITY_STATUS sasl_ctx_export(struct ctx *, ULONG flags, struct blob *);
SECURITY_STATUS sasl_ctx_token(struct ctx *, struct token **);
SECURITY_STATUS sasl_msg_sign(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
SECURITY_STATUS sasl_msg_verify(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);
SECURITY_STATUS sasl_msg_seal(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
SECURITY_STATUS sasl_msg_unseal(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);

/* The status, and why as the native error. */
SECURITY_STATUS sasl_refuse(SECURITY_STATUS status, const char *why);

#endif
