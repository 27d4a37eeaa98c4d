/* SPDX-License-Identifier: MIT */
/*
 * `sspi rdp` inside: how a logon to a remote desktop begins, and no more of it.
 * [MS-RDPBCGR] 1.3.1.1
 *
 *   rdp.c       its command line, credentials, and both roles
 *   rdpconn.c   one connection: octets in time, the logon by CredSSP, what is said after it
 *   rdpnego.c   what comes before: the messages of X.224 that choose how the connection is secured
 *   rdpguard.c  Remote Credential Guard: what packages made of a logon, from files
 *   rdpdesk.c   what a client wants of a server after it
 *   rdpshow.c   what came of it
 */
#ifndef SSPI_TOOLS_RDP_H
#define SSPI_TOOLS_RDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sspi_linux.h>

#include "tools/tls.h"

/* [MS-RDPBCGR] 2.2.1.1.1 */
#define RDP_SSL           0x00000001U
#define RDP_HYBRID        0x00000002U /* TLS with CredSSP inside */
#define RDP_HYBRID_EX     0x00000008U /* and with a word on whether the user may come in */
#define RDP_IS_HYBRID(by) (((by) & (RDP_HYBRID | RDP_HYBRID_EX)) != 0)

#define RDP_GUARDS_MAX 8U

struct rdp_options {
    struct tls_options end; /* where, our certificate, --show, --once ... */
    const char *user, *domain, *package;
    const char *guards[RDP_GUARDS_MAX]; /* PACKAGE=FILE */
    unsigned guard_count;
    uint32_t security; /* RDP_*: what we offer, or take */
    bool restricted_admin, delegates, mutual, verifies;
    unsigned timeout; /* seconds that a connection may take */
};

#define RDP_INPUT_SIZE 65536U /* some records: a leg takes one or more of them */

struct rdp_conn {
    const struct rdp_options *options;
    CredHandle credential;
    int socket;
    int64_t deadline;  /* milliseconds of CLOCK_MONOTONIC */
    const char *doing; /* what is under way, for complaints: "during the logon; ..." */
    CtxtHandle context;
    bool open;        /* context is there */
    bool quiet;       /* nothing that goes wrong now is worth a word */
    uint32_t offered; /* server: RDP_* of the client */
    size_t got;
    unsigned char in[RDP_INPUT_SIZE];
};

/* The command. Returns an exit code. */
int rdp_main(int argc, char **argv);

/* All of these return an exit code, after a complaint where it is not EXIT_OK. */

/* rdpconn.c: a connection from its beginning to its end, which closes it. */
int rdp_converse(int socket, const struct rdp_options *options, const CredHandle *credential);

int rdp_send(struct rdp_conn *conn, const void *data, size_t size);

/* More of what the peer sends, at the end of conn->in. */
int rdp_receive(struct rdp_conn *conn);

/* Takes the first octets away. */
void rdp_consume(struct rdp_conn *conn, size_t used);

/* Sends a record with this, of at most 1 KiB. */
int rdp_seal(struct rdp_conn *conn, const void *data, ULONG size);

/* Appends what the next record brings to the *got octets of data, which has room for size. */
int rdp_open(struct rdp_conn *conn, unsigned char *data, size_t size, size_t *got);

/* From now on there are at most so many milliseconds left. */
void rdp_hurry(struct rdp_conn *conn, unsigned milliseconds);

/* rdpdesk.c: after the logon, until the client goes or has what it takes for a desktop. */
void rdp_desk(struct rdp_conn *conn);

/* What --remote-guard names, in memory; the caller closes it where it could be opened. */
struct rdp_guard {
    struct sspi_guard_credentials all; /* of list */
    struct sspi_guard_credential list[RDP_GUARDS_MAX];
    CRYPT_DATA_BLOB files[RDP_GUARDS_MAX];
    char *names[RDP_GUARDS_MAX];
    unsigned count;
};
int rdp_guard_open(const struct rdp_options *options, struct rdp_guard *guard);
void rdp_guard_close(struct rdp_guard *guard);

/* rdpguard.c: what a client handed over so, on standard error; false where it was nothing. */
bool rdp_guard_show(CtxtHandle *context);

/* rdpnego.c: agrees on one of RDP_*, by which CredSSP is to follow. */
int rdp_negotiate(struct rdp_conn *conn, uint32_t *security);

/* rdpshow.c: on standard error. */
void rdp_show_security(uint32_t security);
void rdp_show_modes(bool restricted_admin, bool guarded);
void rdp_show_logon(CtxtHandle *context, const struct rdp_options *options);
void rdp_show_client(CtxtHandle *context);
void rdp_show_verdict(uint32_t security);

#endif
