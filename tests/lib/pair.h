/* SPDX-License-Identifier: MIT */
/*
 * A client and a server of SSPI in one process, for tests inside a realm (see
 * tests/world/with-realm).
 */
#ifndef TESTS_LIB_PAIR_H
#define TESTS_LIB_PAIR_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

#define PAIR_TOKEN_MAX 50000
#define PAIR_LEGS_MAX  8

/* Everything a client usually asks for. */
#define PAIR_ISC                                                                                   \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |                       \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)
#define PAIR_ASC                                                                                   \
    (ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY)

struct pair_token {
    unsigned char data[PAIR_TOKEN_MAX];
    ULONG size;
};

struct pair {
    CredHandle client_cred, server_cred;
    bool client_cred_open, server_cred_open;
    CtxtHandle client, server;
    bool client_open, server_open;

    /* what pair_run() asks for */
    const char *target;
    ULONG isc, asc;
    bool sasl; /* by SASL's calls */
    SEC_CHANNEL_BINDINGS *client_bindings, *server_bindings;
    ULONG client_bindings_size, server_bindings_size;

    SEC_CHANNEL_BINDINGS_RESULT *result; /* the server asks for one; or NULL */
    /* what came of it */
    SECURITY_STATUS client_status, server_status;
    ULONG client_flags, server_flags;
    TimeStamp client_expiry, server_expiry;
    int legs; /* tokens that travelled */
    struct pair_token to_server, to_client;
    struct pair_token first; /* the client's first token, kept */
};

/* Zeros, the target HTTP/localhost, PAIR_ISC and PAIR_ASC. */
void pair_init(struct pair *pair);

/* Acquires both ends; auth is pAuthData of the client. Both statuses must be SEC_E_OK, or the test
 * fails. */
void pair_acquire(struct pair *pair, const char *package, const void *auth);

/* One end, returning the status; the handle is in the pair when it is SEC_E_OK. */
SECURITY_STATUS pair_acquire_client(struct pair *pair, const char *package, const char *principal,
                                    const void *auth);
SECURITY_STATUS pair_acquire_server(struct pair *pair, const char *package, const char *principal);

/* One call of either side; the other side's last token goes in, the answer goes to to_server or
 * to_client. */
SECURITY_STATUS pair_initialize(struct pair *pair);
SECURITY_STATUS pair_accept(struct pair *pair);

/* Legs until both are done or one has failed. True when both statuses are SEC_E_OK. */
bool pair_run(struct pair *pair);

/* The same after the client's first leg. */
bool pair_finish(struct pair *pair);

/* The same from the start, and the test fails with what was said when it does not work. */
void pair_establish(struct pair *pair);

/* Deletes the contexts; deletes the credentials as well. */
void pair_close(struct pair *pair);
void pair_free(struct pair *pair);

/* Seals text at one end with TOKEN, DATA and PADDING, and opens it as a stream at the other. */
void pair_message(CtxtHandle *from, CtxtHandle *to, const char *text);

/* An identity over strings that must outlive it. NULL domain or password: not given. */
SEC_WINNT_AUTH_IDENTITY_A identity_a(const char *user, const char *domain, const char *password);
SEC_WINNT_AUTH_IDENTITY_EXA identity_exa(const char *user, const char *domain, const char *password,
                                         const char *packages);

/* The password of a user of the realm, from the world's files; a static buffer per call of four. */
const char *password_of(const char *user);

/* The file NAME of the world's folder; a static buffer per call of four. */
const char *world_file(const char *name);

/* Bindings with application data; free() it. */
SEC_CHANNEL_BINDINGS *bindings_make(const char *text, ULONG *size);

#endif
