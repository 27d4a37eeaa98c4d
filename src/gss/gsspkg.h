/* SPDX-License-Identifier: MIT */
/*
 * The GSS packages inside: Kerberos, NTLM and Negotiate are three descriptors over one set of
 * operations. This is the folder's architecture on one page.
 *
 *   package.c    the descriptors and the operation table
 *   cred.c       what a credential is made of
 *   route.c      how an initiator reaches a target     initcred.c  mechanism credentials for it
 *   initiate.c   the legs of an initiator
 *   acceptor.c   the keys of an acceptor               accept.c    its legs
 *   account.c    NTLM accounts that its caller names   complete.c  and when they come late
 *   context.c    what both roles share                 names.c     who stands at both ends
 *   query.c      attributes
 *   message.c    messages: wrapkrb5.c and wrapntlm.c by mechanism
 *   transfer.c   export and import                     delegate.c  acting for a client
 *   password.c   changing a password
 *   ticketmsg.c  messages about tickets (ticketmsg.h)
 *   lane.c       what a first leg may have to wait for
 *   one noun each: tickets.c ccache.c krbconf.c target.c bindings.c flags.c status.c oid.c
 *   ntlmanswer.c    negtoken.c and ntlmtoken.c look into tokens, samfile.c into files
 */
#ifndef SSPI_GSS_GSSPKG_H
#define SSPI_GSS_GSSPKG_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <pthread.h>
#include <time.h>

#include "core/identity.h"
#include "core/package.h"
#include "core/token.h"
#include "gss/account.h"
#include "gss/bindings.h"
#include "gss/ccache.h"
#include "gss/status.h"
#include "gss/tickets.h"

/* What distinguishes the three packages. */
struct gsspkg_kind {
    unsigned mechs;  /* IDENTITY_MECH_* */
    bool negotiates; /* chooses among them on the wire, by SPNEGO */
};

static inline const struct gsspkg_kind *gsspkg_kind(const struct package *package)
{
    return package->data;
}

extern const struct package_ops gsspkg_ops;

/* --- Credentials ---------------------------------------------------------------------------- */

struct route;

struct gss_cred {
    struct cred base;
    struct identity *identity;
    char *principal; /* pszPrincipal, or NULL */
    unsigned mechs;  /* IDENTITY_MECH_* that may be used */
    pthread_mutex_t lock;

    /* Guarded by the lock, which no foreign call is made under. */
    struct tickets *tickets; /* of the password, delegated, or by S4U; NULL: the default cache */
    struct route *routes;

    struct acceptor *acceptor;
    struct gss_cred *_Atomic more; /* what AddCredentials added; referenced */
    time_t upgrade_at;             /* when to look again for tickets of the service's own */
};

SECURITY_STATUS gsspkg_cred_acquire(const struct package *, struct cred_request *, struct cred **);
SECURITY_STATUS gsspkg_cred_add(struct cred *, const struct package *, struct cred_request *);
SECURITY_STATUS gsspkg_cred_query(struct cred *, ULONG attribute, void *buffer);
SECURITY_STATUS gsspkg_cred_set(struct cred *, ULONG attribute, const void *buffer, ULONG size);

/* The tickets a credential holds of its own, with a reference; or NULL. */
struct tickets *gss_cred_tickets(struct gss_cred *cred);

/* The tickets to act for a token's client with, with a reference; or NULL. */
struct tickets *gss_token_tickets(const struct token *token);

/* A credential of the package for the identity behind a SECBUFFER_PKG_PARAMS buffer. */
SECURITY_STATUS gsspkg_cred_supplied(const struct package *, const void *auth_data, bool wide,
                                     struct gss_cred **);

/* --- Routes: how an initiator reaches a target ---------------------------------------------- */

/* What a context wants of its way, apart from the target. */
#define ROUTE_NO_INTEGRITY 0x1U /* ISC_REQ_NO_INTEGRITY */
#define ROUTE_SPNEGO       0x2U /* the server spoke first: its hint is answered, not passed over */

/*
 * What was learnt when a first leg to a target succeeded: the mechanism, its credential and the
 * target's name. While the ticket lasts the next leg needs no KDC and runs on the caller's thread.
 */
struct route {
    struct object object;
    struct route *next;
    char *target;   /* NULL: none was named */
    unsigned needs; /* ROUTE_* */
    gss_OID mech;   /* oid_krb5, oid_ntlm or oid_spnego */
    gss_cred_id_t cred;
    gss_name_t name;
    struct tickets *tickets; /* kept alive for cred; or NULL */
    time_t expires;          /* of the service ticket; 0: never */
    struct ccache_stamp stamp;
};

/* A route that needs no KDC, with a reference; or NULL. */
struct route *route_find(struct gss_cred *cred, const char *target, unsigned needs);

/* Remembers a route for the credential, in place of an older one to the same target. */
void route_remember(struct gss_cred *cred, struct route *route);

/* Forgets a route that has failed. */
void route_forget(struct gss_cred *cred, struct route *route);

void route_unref(struct route *route);
void routes_free(struct gss_cred *cred);

/*
 * Makes routes. Both may wait for a KDC. *code is the Kerberos error behind a failure, which
 * decides whether NTLM may be tried.
 */
SECURITY_STATUS route_make_kerberos(struct gss_cred *cred, const char *target, unsigned needs,
                                    struct route **out, krb5_error_code *code);
SECURITY_STATUS route_make_ntlm(struct gss_cred *cred, const char *target, unsigned needs,
                                struct route **out);

/* --- Mechanism credentials of an initiator -------------------------------------------------- */

/* The cred store of an acquisition: at most a cache and two NTLM keys. It is used up, and wiped. */
struct initcred_store {
    char nt_hash[IDENTITY_NTHASH_HEX + 1];
    gss_key_value_element_desc elements[3];
    gss_key_value_set_desc set;
};

/*
 * Acquires for one mechanism, as user (NULL: the default) and from store (empty: the default
 * places). *minor is the mechanism's own code.
 */
SECURITY_STATUS initcred_acquire(gss_OID mech, const char *user, struct initcred_store *store,
                                 gss_cred_id_t *out, OM_uint32 *minor);

SECURITY_STATUS initcred_name(const char *user, const gss_OID_desc *mech, gss_name_t *name);

/* For a credential of ours. tickets NULL: the default cache. mechs: the IDENTITY_MECH_* to offer.
 * *code is the Kerberos error. */
SECURITY_STATUS initcred_krb5(const struct gss_cred *cred, const struct tickets *tickets,
                              gss_cred_id_t *out, krb5_error_code *code);
SECURITY_STATUS initcred_ntlm(const struct gss_cred *cred, gss_cred_id_t *out);
SECURITY_STATUS initcred_spnego(const struct gss_cred *cred, const struct tickets *tickets,
                                unsigned mechs, gss_cred_id_t *out);

/* Whether NTLM has something to prove an explicit identity with. */
bool initcred_has_ntlm_secret(const struct gss_cred *cred);

/* Takes the integrity and confidentiality flags away, which krb5 sets by itself. */
SECURITY_STATUS initcred_clear_ci_flags(gss_cred_id_t *cred, const gss_OID_desc *mech);

/* --- Acceptors ------------------------------------------------------------------------------ */

/* The keys an acceptor uses: one credential with an element for every mechanism it takes tokens of.
 */
struct acceptor {
    struct object object;
    gss_cred_id_t cred;
    bool has_kerberos; /* a Kerberos key was found */
    time_t expires; /* of the service's own tickets, for constrained delegation; 0: it has none */
};

/* Acquires the keys; nothing is sent. */
SECURITY_STATUS acceptor_acquire(struct gss_cred *cred);

/* The keys, with a reference. May ask a KDC for the service's own ticket, on a worker. */
struct acceptor *acceptor_get(struct gss_cred *cred);

void acceptor_unref(struct acceptor *acceptor);

/*
 * The Kerberos keys once more, in a credential that remembers no request and so can look at one a
 * second time. GSS_C_NO_CREDENTIAL: there are none.
 */
gss_cred_id_t acceptor_keys_forgetful(const struct gss_cred *cred);

/* --- Contexts ------------------------------------------------------------------------------- */

struct gss_context {
    struct ctx base;
    gss_ctx_id_t gss;
    gss_OID mech; /* once established: oid_krb5 or oid_ntlm */
    char *target; /* initiator: as the caller wrote it */
    struct route *route;
    struct acceptor *keys;          /* acceptor */
    struct account_source accounts; /* the same */
    struct hash_source hash;        /* of these */
    struct ntlm_exchange exchange;  /* as far as it has come; raw NTLM, or inside SPNEGO */
    char *sam_file;                 /* of the accounts, when it came after the credential */
    struct blob waiting;            /* the client's last token, for CompleteAuthToken */
    struct gss_cred *supplied;      /* SECBUFFER_PKG_PARAMS: in place of the credential handle's */
    OM_uint32 gss_request, granted;
    struct bindings *bindings;
    bool bound_elsewhere; /* acceptor: the client's bindings are not ours */
    ULONG attributes;     /* ISC_RET_* or ASC_RET_* of the established context */
    bool ntlm_key_asked;  /* acceptor: the last token was an NTLM challenge that asks for a key */
    gss_name_t initiator, acceptor;
    struct tickets *delegated;
    time_t established, expires; /* expires 0: never */
    struct {                     /* measured once, for this context's key */
        bool known;
        uint32_t signature, trailer, trailer_plain, padding;
    } sizes;
};

/* Whether all flags of a request can be served. */
SECURITY_STATUS gss_request_check(ULONG64 request, bool inbound);

SECURITY_STATUS gsspkg_ctx_init(struct ctx **, struct leg *);
uint64_t gsspkg_ctx_lane(struct cred *, const char *target);
SECURITY_STATUS gsspkg_ctx_accept(struct ctx **, struct leg *);
SECURITY_STATUS gsspkg_ctx_complete(struct ctx *, const SecBufferDesc *);
SECURITY_STATUS gsspkg_ctx_set(struct ctx *, ULONG attribute, const void *buffer, ULONG size);
SECURITY_STATUS gsspkg_ctx_query(struct ctx *, ULONG attribute, void *buffer);
SECURITY_STATUS gsspkg_ctx_export(struct ctx *, ULONG flags, struct blob *);
SECURITY_STATUS gsspkg_ctx_import(const struct package *, const struct blob *, struct ctx **);
SECURITY_STATUS gsspkg_ctx_token(struct ctx *, struct token **);

/* A new context for a role, without credential for an imported one; NULL when there is no memory.
 */
struct gss_context *gss_context_new(const struct package *package, struct cred *cred,
                                    const struct leg *leg, bool inbound);

/* One leg of an acceptor, on a context that was there or is new. */
SECURITY_STATUS gss_accept_leg(struct gss_context *context, struct leg *call, bool first);

/* Whether a leg may have to wait for accounts, whether this one has to, and the wait, which
 * CompleteAuthToken ends. */
bool gss_accept_may_wait(const struct gss_context *context);
bool gss_accept_must_wait(const struct gss_context *context, const struct leg *call);
SECURITY_STATUS gss_accept_wait(struct gss_context *context, struct leg *call);

/* Forgets everything negotiated: for a re-authentication. */
void gss_context_reset(struct gss_context *context);

/*
 * To ask an established context: nobody takes it back to its beginning until gss_context_leave().
 * SEC_E_INVALID_HANDLE where that has happened; it has not been entered then. Not to be nested.
 */
SECURITY_STATUS gss_context_enter(struct gss_context *context) __attribute__((warn_unused_result));
void gss_context_leave(struct gss_context *context);

/* What a leg was told about the ticket's end. */
struct lifetime {
    time_t asked; /* 0: the clock went on meanwhile */
    OM_uint32 left;
};

/* The mechanism is done: flags, names, expiry and state of the context are set from it. */
SECURITY_STATUS gss_context_establish(struct gss_context *context, struct leg *leg,
                                      const gss_OID_desc *mech, struct lifetime lifetime);

/*
 * Ends a leg, see ctx_emit(). said is the mechanism's own status: when that is no error and status,
 * what became of it here, is one, then the token tells the peer of success and stays here.
 */
SECURITY_STATUS gss_context_emit(struct gss_context *context, struct leg *leg, gss_buffer_t token,
                                 SECURITY_STATUS said, SECURITY_STATUS status)
    __attribute__((warn_unused_result));

/* The descriptor of Kerberos or NTLM for what an established context negotiated. */
const struct package *gss_context_package(const struct gss_context *context);

/*
 * The two ends as text, alice@REALM or DOMAIN\bob; free() it. The server of an NTLM context is the
 * target that the initiator named. The context has been entered.
 */
SECURITY_STATUS gss_context_client(struct gss_context *context, char **name);
SECURITY_STATUS gss_context_server(struct gss_context *context, char **name);

/* IDENTITY_MECH_* of the established mechanism. */
unsigned gss_context_mech(const struct gss_context *context);

/* --- Messages ------------------------------------------------------------------------------- */

/* Measures sizes of a context that has been entered. */
SECURITY_STATUS gss_sizes(struct gss_context *context);

SECURITY_STATUS gsspkg_msg_sign(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG);
SECURITY_STATUS gsspkg_msg_verify(struct ctx *, const SecBufferDesc *, ULONG, ULONG *qop);
SECURITY_STATUS gsspkg_msg_seal(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG);
SECURITY_STATUS gsspkg_msg_unseal(struct ctx *, const SecBufferDesc *, ULONG, ULONG *qop);

/* Behind these: one set per mechanism. */
struct gss_message_ops {
    SECURITY_STATUS (*sign)(struct gss_context *, const SecBufferDesc *);
    SECURITY_STATUS (*verify)(struct gss_context *, const SecBufferDesc *);
    SECURITY_STATUS (*seal)(struct gss_context *, ULONG qop, const SecBufferDesc *);
    SECURITY_STATUS (*unseal)(struct gss_context *, const SecBufferDesc *, ULONG *qop);
    SECURITY_STATUS (*sizes)(struct gss_context *);
};

extern const struct gss_message_ops gss_message_krb5;
extern const struct gss_message_ops gss_message_ntlm;

SECURITY_STATUS gsspkg_name_principal(const char *user, const char *domain, char **principal);

SECURITY_STATUS gsspkg_password_change(const struct package *, const struct password_change *);

#endif
