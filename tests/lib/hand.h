/* SPDX-License-Identifier: MIT */
/*
 * CredSSP by hand: one end is our package, the other a bare TLS session and a context of Negotiate,
 * between which the test writes each TSRequest itself, honest or not.
 */
#ifndef TESTS_LIB_HAND_H
#define TESTS_LIB_HAND_H

#include "credssp/tscreds.h"
#include "credssp/tsrequest.h"
#include "lib/ident.h"
#include "lib/pair.h"

struct hand_way {
    bool serves;      /* the hand; the package is the client then */
    DWORD protocol;   /* SP_PROT_TLS1_* */
    unsigned key;     /* of the certificate: IDENT_* */
    const char *list; /* packages of the logon: "ntlm", "kerberos" */
    uint32_t version; /* that the hand speaks */
};

/* What the next message is for. */
enum hand_step { HAND_TOKEN, HAND_BINDING, HAND_CREDENTIALS, HAND_DONE };

/* A message before it is written; parts point into the hand. */
struct hand_say {
    enum hand_step step;
    unsigned number; /* of the hand's messages, from 0 */
    uint32_t version;
    struct asn_part tokens[2]; /* the second one is never there in an honest message */
    struct asn_part auth_info, binding, error, nonce;
    struct asn_part seal; /* what goes into auth_info or binding, by step, once it is sealed */
    ULONG qop;            /* how */
};

struct hand {
    struct hand_way way;
    const char *password;         /* what is handed over: alice's */
    struct ident ident;           /* of whoever serves */
    const struct ident *borrowed; /* of another, which a hand that serves shows instead */

    /* the package's end */
    CredHandle cred;
    CtxtHandle ctx;
    bool ctx_open;
    void (*enter)(void), (*leave)(void); /* around its calls; NULL: nothing */
    ULONG request, flags;                /* besides what every context asks for */
    SECURITY_STATUS status;
    struct flow in; /* for it */

    /* the hand's */
    struct bare tls;
    bool tls_open;
    int tls_code;
    struct pair logon;
    enum hand_step step;
    unsigned said;
    uint8_t nonce[TSREQUEST_NONCE_SIZE];
    struct flow key, plain, sealed;

    /* what the package has said */
    struct flow text; /* its last message */
    struct tsrequest heard;
    unsigned credentials; /* its messages with authInfo */
    unsigned messages;
};

/* Credentials of both ends, for as many connections as are wanted. A client of the package is alice
 * with this password; NULL: her own. The policy is that of hand_policy(). */
void hand_open(struct hand *hand, const struct hand_way *way, const char *password);

/* The same outside of a realm, under the policy that there is; NULL: whoever is logged on. */
void hand_open_as(struct hand *hand, const struct hand_way *way, const char *password);
void hand_close(struct hand *hand);

/* A hand that serves has the certificate of the server that another one faces from now on. */
void hand_ident(struct hand *hand, const struct hand *other);

/* A connection, up to the end of TLS; what was there is dropped. */
void hand_meet(struct hand *hand);
bool hand_try(struct hand *hand); /* the same, which may fail */
void hand_part(struct hand *hand);

/* The honest answer to all that the hand has heard; false when it has nothing to say, or will not:
 * its own logon has failed, or the package's binding is not of its key. */
bool hand_next(struct hand *hand, struct hand_say *say);

/* Seals what is to be sealed, if it was not yet. */
void hand_seal(struct hand *hand, struct hand_say *say);

/* Writes a message that is sealed; appends to out. */
void hand_write(const struct hand_say *say, struct flow *out);

/* One record of these octets, the package's calls, and what it says then. */
void hand_record(struct hand *hand, const void *data, size_t size);
void hand_send(struct hand *hand, struct hand_say *say);

/* What lies in hand->in goes to the package; what it says is heard. */
void hand_deliver(struct hand *hand);

/* Honest messages until there are none. */
void hand_finish(struct hand *hand);

/* The binding's value of either end, for a version; into value, whose size is told. */
#define HAND_BINDING_MAX 1024
size_t hand_binding(const struct hand *hand, uint32_t version, bool by_client,
                    uint8_t value[HAND_BINDING_MAX]);

/* The policy of a realm's tests: who may be given credentials, and from what version on. */
void hand_policy(uint32_t version);
void hand_oracle(int level); /* AllowEncryptionOracle */

#endif
