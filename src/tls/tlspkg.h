/* SPDX-License-Identifier: MIT */
/*
 * Schannel inside: one set of operations for both roles, over GnuTLS sessions. This is the folder's
 * architecture on one page.
 *
 *   package.c    the descriptors and the operation table
 *   cred.c       credentials: certificates, and what policy.c makes of versions and algorithms
 *   session.c    a GnuTLS session that reads and writes memory
 *   handshake.c  the legs of both roles     input.c   what they read, record by record
 *   drive.c      GnuTLS' handshake          fiber.c   the stack on which one can wait
 *   held.c       data that come within another handshake
 *   verify.c     is the peer who it should be?
 *   control.c    ApplyControlToken, closing, alerts
 *   message.c    messages: seal.c and unseal.c by direction
 *   lane.c       one direction's records in the caller's memory    lanes.c  whose turn it is
 *   latch.c      one direction's lock       limit.c   how much data the peer takes in one record
 *   record.c     where a record ends        sizes.c   what is added to a message
 *   query.c      attributes: certquery.c those of certificates, suite.c names of algorithms
 *   resume.c     sessions to be taken up again     cache.c   those of all credentials
 *   status.c     results
 *
 * A context reads its input one record at a time, so that nothing stays behind inside GnuTLS, and
 * what it did not need goes back to the caller as SECBUFFER_EXTRA.
 */
#ifndef SSPI_TLS_TLSPKG_H
#define SSPI_TLS_TLSPKG_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <schannel.h>
#include <wincrypt.h>

#include "core/package.h"
#include "tls/fiber.h"
#include "tls/lane.h"
#include "tls/latch.h"
#include "tls/policy.h"
#include "tls/resume.h"

extern const struct package_ops tlspkg_ops;
extern const struct package tlspkg_unified, tlspkg_schannel;

/* --- Credentials ---------------------------------------------------------------------------- */

/* A certificate of our own, with what GnuTLS wants of it. */
struct tls_identity {
    PCCERT_CONTEXT cert;
    gnutls_pcert_st *chain;
    unsigned count;
    gnutls_privkey_t key;
};

struct tls_cred {
    struct cred base;
    DWORD flags; /* SCH_CRED_*, SCH_* */
    struct tls_policy policy;
    time_t lifespan; /* of sessions that are resumed, in seconds; 0: none are */
    HCERTSTORE roots;
    struct tls_identity *identities;
    unsigned count;
    gnutls_priority_t priority;
    gnutls_certificate_credentials_t x509;
    struct resume *sessions;       /* a client's; or NULL */
    gnutls_datum_t ticket_keys[2]; /* a server's: without and with a client's certificate */
    struct fiber *_Atomic spare;   /* a client's, for its next handshake; or NULL */
    struct tls_cred *next, **link; /* cache.c; link is NULL outside its list */
};

SECURITY_STATUS tlspkg_cred_acquire(const struct package *, struct cred_request *, struct cred **);
SECURITY_STATUS tlspkg_cred_query(struct cred *, ULONG attribute, void *buffer);

/* cache.c: a credential is where SslEmptyCache() finds it; a server's tickets for a session. */
void tls_cache_enter(struct tls_cred *);
void tls_cache_leave(struct tls_cred *);
int tls_cache_tickets(const struct tls_cred *, bool certified, gnutls_session_t);

/* --- Contexts ------------------------------------------------------------------------------- */

/* What SECPKG_ATTR_KEYING_MATERIAL is to give. */
struct tls_exporter {
    struct blob label, context;
    DWORD size;
};

void tls_exporter_free(struct tls_exporter *); /* or NULL */

enum tls_closing { TLS_OPEN, TLS_CLOSE_ASKED, TLS_CLOSED };

/* How much has come of a handshake message that a record has cut short. */
struct tls_fragment {
    uint8_t head[4]; /* its type and length */
    uint32_t have;   /* octets of the head */
    uint32_t left;   /* octets of the body that are to come */
};

/* Data that came within another handshake, and how much of it was given to the caller. */
struct tls_held {
    uint8_t *data;
    size_t size, capacity, given;
    size_t record; /* octets of its last record that the caller has once more */
};

struct tls_ctx {
    struct ctx base;
    gnutls_session_t session;
    const char *target;      /* behind this structure; or NULL */
    struct cred *begun_with; /* the first credential, once another has taken its place; or NULL */

    /* A message call has the lock of its direction; a leg, and what hands records to GnuTLS out of
     * turn, both: receiving first. */
    struct latch receiving, sending;

    struct lane read_lane, write_lane; /* application data, where the session leaves them to us */
    size_t peer_limit;                 /* the peer's wish (RFC 8449), or 0 */
    size_t data_max;                   /* so many octets of data are in one record at most */
    unsigned empty; /* messages without data in a row; in a handshake, warnings */
    struct tls_fragment fragment;
    enum tls_closing closing;

    struct { /* what the session may read: the rest of one record */
        const uint8_t *data;
        size_t size;
    } in;
    struct input *stream; /* a leg's input, where the next record comes from; or NULL */
    struct {              /* what the session has written */
        uint8_t *data;
        size_t size, capacity;
    } out;

    struct tls_held *held; /* data that came within another handshake (held.c); or NULL */

    struct resumable *taken; /* from the cache, until it is known whether it is taken up again */

    struct fiber *fiber; /* that a handshake runs on */
    size_t parked;       /* octets of the input that it has read before it parked */
    struct {             /* what the server said of the certificate it wants */
        gnutls_datum_t *names;
        unsigned count;
    } issuers;

    HRESULT verdict; /* on the peer's chain, once it was looked at */
    DWORD trust;     /* CERT_TRUST_* */

    ULONG attributes; /* ISC_RET_* or ASC_RET_* */
    int result;       /* of gnutls_handshake() */
    time_t established;
    struct tls_exporter *exporter; /* or NULL */

    size_t shown; /* of a record that is done with and was shown to a strict program */
    uint8_t asked_alert[2];
    uint8_t alert[2]; /* level and description of the last alert sent; level 0: none */

    /* Together, for the sake of the many contexts that only wait. */
    atomic_bool lanes_settled; /* the lanes have taken the keys, or will not */
    atomic_bool update_wanted; /* the peer waits for new keys (RFC 8446 4.6.3) */
    bool output_lent;          /* its memory is a leg's */
    bool output_lost;          /* some of it found no memory, which GnuTLS does not always tell */
    bool may_go_without;       /* USE_SUPPLIED_CREDS: no certificate is an answer too */
    bool waiting;              /* the fiber is parked where a certificate is wanted */
    bool abandoned;            /* it is to come to its end */
    bool first;                /* the next leg begins a handshake */
    bool keys_changed;  /* by the peer, in this handshake: what comes is no data until it is over */
    bool renegotiating; /* SEC_I_RENEGOTIATE was said: the next call is a leg */
    bool verified;      /* the peer's chain was looked at */
    bool no_reconnects;
    bool closed_by_peer;
};

/* Whether the peer's certificate is looked at, by the credential that there is now. */
static inline bool tls_ctx_validates(const struct tls_ctx *tls)
{
    const struct tls_cred *cred = (const struct tls_cred *)tls->base.cred;

    return !(cred->flags & SCH_CRED_MANUAL_CRED_VALIDATION) &&
           (tls->base.inbound || !(tls->base.request & ISC_REQ_MANUAL_CRED_VALIDATION));
}

static inline void tls_lock(struct tls_ctx *tls)
{
    latch_take(&tls->receiving);
    latch_take(&tls->sending);
}

static inline void tls_unlock(struct tls_ctx *tls)
{
    latch_leave(&tls->sending);
    latch_leave(&tls->receiving);
}

SECURITY_STATUS tlspkg_ctx_init(struct ctx **, struct leg *);
SECURITY_STATUS tlspkg_ctx_accept(struct ctx **, struct leg *);
SECURITY_STATUS tlspkg_ctx_control(struct ctx *, const SecBufferDesc *);
SECURITY_STATUS tlspkg_ctx_query(struct ctx *, ULONG attribute, void *buffer);
SECURITY_STATUS tlspkg_ctx_set(struct ctx *, ULONG attribute, const void *buffer, ULONG size);
SECURITY_STATUS tlspkg_msg_seal(struct ctx *, ULONG qop, const SecBufferDesc *, ULONG sequence);
SECURITY_STATUS tlspkg_msg_unseal(struct ctx *, const SecBufferDesc *, ULONG sequence, ULONG *qop);

/* session.c */
SECURITY_STATUS tls_session_new(struct tls_cred *, const struct leg *, bool inbound,
                                struct tls_ctx **);
void tls_output_clear(struct tls_ctx *); /* and free its memory */
bool tls_output_reserve(struct tls_ctx *, size_t size);

/* Memory for what the session writes in one call; what is left of it then is copied. */
void tls_output_lend(struct tls_ctx *, uint8_t *memory, size_t size);
void tls_output_take_back(struct tls_ctx *);

/* input.c: takes the next record of the leg's input, if a whole one is there. */
bool tls_input_next(struct tls_ctx *);

/*
 * input.c: tells the caller what the leg has not used of its input, if any of it: now, or with
 * the token for which there was no room.
 */
void tls_input_left(struct tls_ctx *, const SecBufferDesc *in, size_t used, SECURITY_STATUS);

/*
 * held.c: opens the record of data in tls->in and keeps what is in it; a result of GnuTLS. The next
 * piece, if there is one, is for octets of the caller's stream, and valid until the next is asked.
 */
struct tls_held_piece {
    uint8_t *data;
    size_t size, octets;
};
int tls_held_receive(struct tls_ctx *, size_t record_size);
bool tls_held_next(struct tls_ctx *, struct tls_held_piece *);
void tls_held_taken(struct tls_ctx *, const struct tls_held_piece *);
void tls_held_clear(struct tls_ctx *);

/*
 * drive.c: lets the session read and write; a result of GnuTLS. may_ask: what it reads may ask for
 * a certificate. The second leads one that is parked in GnuTLS out of there.
 */
int tls_handshake_advance(struct tls_ctx *, bool may_ask);
void tls_handshake_abandon(struct tls_ctx *);

/* session.c: a client's session may be taken up again, or must not. */
void tls_session_remember(struct tls_ctx *);
void tls_session_forget(struct tls_ctx *);

/* identity.c: our certificates, and which of them a peer is shown */
SECURITY_STATUS tls_identity_open(struct tls_identity *, PCCERT_CONTEXT, bool with_root);
void tls_identity_close(struct tls_identity *);
int tls_identity_give(const struct tls_identity *, gnutls_certificate_credentials_t);
int tls_identity_choose(gnutls_session_t, const struct gnutls_cert_retr_st *, gnutls_pcert_st **,
                        unsigned *count, gnutls_ocsp_data_st **, unsigned *ocsp_count,
                        gnutls_privkey_t *, unsigned *flags);
int tls_issuers_announce(HCERTSTORE roots, gnutls_certificate_credentials_t);
void tls_issuers_clear(struct tls_ctx *);

/* alpn.c: takes SECBUFFER_APPLICATION_PROTOCOLS, if it is there. */
SECURITY_STATUS tls_alpn_set(struct tls_ctx *, const SecBufferDesc *);

/* control.c */
SECURITY_STATUS tls_close(struct tls_ctx *, struct leg *);
void tls_alert_send(struct tls_ctx *, gnutls_alert_level_t, gnutls_alert_description_t);
void tls_alert_for(struct tls_ctx *, int code); /* the alert that belongs to an error of GnuTLS */

/*
 * lanes.c: the lanes take the record keys from the session, give the count back before it reads or
 * writes by itself, or leave everything to it. Under both locks.
 */
void tls_lanes_take(struct tls_ctx *);
int tls_lanes_give(struct tls_ctx *);
void tls_lanes_close(struct tls_ctx *);

/* New keys are taken when the first message comes, which calls the second with no lock held. */
void tls_lanes_put_off(struct tls_ctx *);
void tls_lanes_settle(struct tls_ctx *);
bool tls_is_strict(void);
bool tls_signs_by_libcrypto(void);

/* limit.c: what a session hears of the peer's limit; and what comes of it, when it is there. */
void tls_limit_listen(struct tls_ctx *);
size_t tls_limit_get(const struct tls_ctx *);

/* sizes.c; by this record TLS 1.3 announces new keys, before the data. */
#define TLS_KEY_UPDATE_RECORD 27U

struct tls_sizes {
    ULONG header, trailer; /* the most that goes before and after the data of one message */
    ULONG trailer_least;   /* what always does, when there is no second record */
    ULONG block;
};
void tls_sizes_get(const struct tls_ctx *, struct tls_sizes *);

/* verify.c: GnuTLS calls it when the peer's chain is there. */
int tls_verify_peer(gnutls_session_t session);

#endif
