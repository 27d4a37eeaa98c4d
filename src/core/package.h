/* SPDX-License-Identifier: MIT */
/*
 * The seam between the exported calls and what serves them.
 *
 * A package is a constant descriptor and a constant table of operations; several packages may share
 * a table and differ by their data. An empty slot answers SEC_E_UNSUPPORTED_FUNCTION, in one place.
 * Above the seam nobody asks for a package's name; below it nobody sees a handle.
 */
#ifndef SSPI_CORE_PACKAGE_H
#define SSPI_CORE_PACKAGE_H

#include <sspi.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

#include "core/handle.h"
#include "core/secret.h"

struct package_ops;
struct token;

struct package {
    const char *name;           /* canonical spelling; found without regard to case */
    const char *const *aliases; /* ended by NULL; or NULL */
    const char *comment;
    ULONG capabilities;        /* SECPKG_FLAG_* */
    USHORT rpc_id;             /* RPC_C_AUTHN_* */
    ULONG max_token;           /* octets of the largest token */
    SECURITY_STATUS too_small; /* when a caller's output buffer does not hold the token */
    const struct package_ops *ops;
    const void *data; /* the package's own */
};

/* A credential. Packages put this first in a structure of theirs. */
struct cred {
    struct handled handled; /* its class is the package's; destroy() frees what the package holds */
    const struct package *package;
    _Atomic ULONG use; /* SECPKG_CRED_INBOUND, _OUTBOUND or both */
};

/* Where a context stands. */
enum ctx_state {
    CTX_NEGOTIATING, /* more legs to come */
    CTX_ESTABLISHED,
    CTX_DEAD /* a leg or a message failed beyond repair: only deletion is left */
};

/* A security context. It holds its credential, so the credential may be freed first. */
struct ctx {
    struct handled handled;
    const struct package *package;
    struct cred *cred; /* one reference; NULL for an imported context */
    ULONG64 request;   /* ISC_REQ_* or ASC_REQ_* of the first leg, which count for all legs */
    bool inbound;
    bool signs_anyway;   /* where nothing was negotiated, too: what RFC 4752 agrees on is signed */
    atomic_bool in_call; /* a leg is running: a second one is SEC_E_OUT_OF_SEQUENCE */
    _Atomic enum ctx_state state;
    struct { /* a token that did not fit; the repeated call hands it out */
        struct blob token;
        SECURITY_STATUS status;
        ULONG attributes;
        size_t extra; /* octets of that call's input that were left over, to be told then */
    } pending;
};

/* Not by an assignment: that would lock the bus. Whoever reads the state may have come just before.
 */
static inline void ctx_become(struct ctx *ctx, enum ctx_state state)
{
    atomic_store_explicit(&ctx->state, state, memory_order_release);
}

/* Where a leg begins, or what a leg must not meet; false where one is running. */
static inline bool ctx_enter(struct ctx *ctx)
{
    bool running;

    if (!__libc_single_threaded)
        return !atomic_exchange_explicit(&ctx->in_call, true, memory_order_acquire);
    running = atomic_load_explicit(&ctx->in_call, memory_order_relaxed);
    atomic_store_explicit(&ctx->in_call, true, memory_order_relaxed);
    return !running;
}

static inline void ctx_leave(struct ctx *ctx)
{
    atomic_store_explicit(&ctx->in_call, false, memory_order_release);
}

/* One leg: the arguments of InitializeSecurityContext or AcceptSecurityContext, text in UTF-8. */
struct leg {
    struct cred *cred;  /* NULL when a later leg names none */
    const char *target; /* ISC only; may be NULL */
    ULONG64 request;
    ULONG data_rep;
    const SecBufferDesc *in, *out; /* checked; either may be NULL */
    bool wide;                     /* the form of text in structures behind SECBUFFER_PKG_PARAMS */
    /* Operations that make a context of their own around one of the credential's package (SASL);
     * NULL: the package's. */
    const struct package_ops *over;
    /* results */
    ULONG attributes; /* ISC_RET_* or ASC_RET_* */
    TimeStamp expiry;
    bool emitted; /* ctx_emit() has written the caller's token */
};

/* What AcquireCredentialsHandle was given, text in UTF-8. */
struct cred_request {
    const char *principal; /* or NULL */
    ULONG use;             /* SECPKG_CRED_INBOUND, _OUTBOUND or both; nothing else */
    const void *auth_data; /* or NULL */
    bool wide;             /* the form of the call */
    TimeStamp expiry;      /* result */
};

/* Passwords for ChangeAccountPassword, text in UTF-8. */
struct password_change {
    const char *domain, *account, *old_password, *new_password;
    const SecBufferDesc *out;
};

/* What LsaCallAuthenticationPackage was given: a copy, in which addresses still count from where
 * the caller has it. */
struct pkg_message {
    const void *data;
    size_t size;
    uintptr_t origin;
};

/*
 * Attribute buffers are filled in their A form, which holds UTF-8; the caller's W form is made of
 * it above the seam by a table. What must be freed with FreeContextBuffer is one allocation each.
 */
struct package_ops {
    SECURITY_STATUS (*cred_acquire)(const struct package *, struct cred_request *, struct cred **);
    SECURITY_STATUS (*cred_add)(struct cred *, const struct package *, struct cred_request *);
    SECURITY_STATUS (*cred_query)(struct cred *, ULONG attribute, void *buffer);
    SECURITY_STATUS (*cred_set)(struct cred *, ULONG attribute, const void *buffer, ULONG size);
    /* The W form of these two and of a context's, where a package has it from elsewhere. */
    SECURITY_STATUS (*cred_query_w)(struct cred *, ULONG attribute, void *buffer);
    SECURITY_STATUS (*cred_set_w)(struct cred *, ULONG attribute, const void *buffer, ULONG size);

    /* *ctx is NULL on the first leg. A context made there is the caller's even when the call fails
     * with the package's too_small; with any other error none is made. */
    SECURITY_STATUS (*ctx_init)(struct ctx **, struct leg *);
    SECURITY_STATUS (*ctx_accept)(struct ctx **, struct leg *);
    /* What a first leg may have to wait for, as a number: legs of one may all be stuck together. */
    uint64_t (*ctx_lane)(struct cred *, const char *target);
    /* A SECBUFFER_PKG_PARAMS of ctx_init() is an identity, under ISC_REQ_USE_SUPPLIED_CREDS. */
    bool ctx_supplied;
    SECURITY_STATUS (*ctx_complete)(struct ctx *, const SecBufferDesc *);
    SECURITY_STATUS (*ctx_control)(struct ctx *, const SecBufferDesc *);
    SECURITY_STATUS (*ctx_query)(struct ctx *, ULONG attribute, void *buffer);
    SECURITY_STATUS (*ctx_set)(struct ctx *, ULONG attribute, const void *buffer, ULONG size);
    SECURITY_STATUS (*ctx_query_w)(struct ctx *, ULONG attribute, void *buffer);
    SECURITY_STATUS (*ctx_set_w)(struct ctx *, ULONG attribute, const void *buffer, ULONG size);
    SECURITY_STATUS (*ctx_export)(struct ctx *, ULONG flags, struct blob *);
    SECURITY_STATUS (*ctx_import)(const struct package *, const struct blob *, struct ctx **);
    SECURITY_STATUS (*ctx_token)(struct ctx *, struct token **);
    /* Impersonation, begun or ended; where the slot is empty it is by the token. */
    SECURITY_STATUS (*ctx_impersonate)(struct ctx *, bool begin);

    /* The context is established, and the call alone with it (handle_pin_alone()), unless the
     * package lets its messages run side by side. */
    SECURITY_STATUS (*msg_sign)(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
    SECURITY_STATUS (*msg_verify)(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);
    SECURITY_STATUS (*msg_seal)(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
    SECURITY_STATUS (*msg_unseal)(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);

    SECURITY_STATUS (*password_change)(const struct package *, const struct password_change *);

    /* The principal that a user of a domain (NULL: the machine's own) is; nobody is asked. */
    SECURITY_STATUS (*name_principal)(const char *user, const char *domain, char **principal);

    /* Answers a message; the reply, if there is one, is one allocation. An NTSTATUS. */
    NTSTATUS (*pkg_call)(const struct package *, const struct pkg_message *, struct blob *reply);
};

/* Whether a name, without regard to case, is the package's or an alias of it. */
bool package_named(const struct package *package, const char *name);

/* The packages of the library itself, ended by NULL. */
extern const struct package *const package_table[];

/* No more can be added in the life of a process. */
#define PACKAGE_ADDED_MAX 64
#define PACKAGE_MAX       (PACKAGE_ADDED_MAX + 32)

/* Those and the added ones that have not been deleted; this is what EnumerateSecurityPackages
 * reports. Returns how many there are. A package stays where it is after it was deleted. */
size_t package_all(const struct package *list[PACKAGE_MAX]);

/* The package of a name or alias, or NULL. */
const struct package *package_find(const char *name);

/* The same for a call that cannot do without; the native error says that there is none. */
const struct package *package_wanted(const char *name);

/* Calls a slot, or says that it is empty. */
#define package_call(object, slot, ...)                                                            \
    ((object)->package->ops->slot == NULL ? package_lacks((object)->package)                       \
                                          : (object)->package->ops->slot(__VA_ARGS__))

/* What a call is that a package does not have: SEC_E_UNSUPPORTED_FUNCTION. */
SECURITY_STATUS package_lacks(const struct package *) __attribute__((cold));

/* Starts the common part of a new object: one reference, no handle yet. */
void cred_base_init(struct cred *cred, const struct object_class *, const struct package *,
                    ULONG use);
void ctx_base_init(struct ctx *ctx, const struct object_class *, const struct package *,
                   struct cred *, const struct leg *, bool inbound);

/* Frees the common part; a package's destroy() ends with it, before the memory of its own. */
void ctx_base_fini(struct ctx *ctx);

/* Whether a failed leg may have a token for the peer: only where the caller asked for one. */
bool ctx_tells_errors(const struct ctx *);

/*
 * Ends a leg with a token for the peer and the status that goes with it. When the caller's buffer
 * is too small the token stays in the context and the package's too_small is returned. With a
 * status that is an error the token goes out only under EXTENDED_ERROR and where it fits; the
 * status stays.
 */
SECURITY_STATUS ctx_emit(struct ctx *ctx, struct leg *leg, const void *token, size_t size,
                         SECURITY_STATUS status) __attribute__((warn_unused_result));

#endif
