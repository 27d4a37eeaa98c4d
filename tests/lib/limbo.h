/* SPDX-License-Identifier: MIT */
/*
 * Chains and what must be thought of them: a table after the cases that a validator is tried with
 * by x509-limbo, made at run time. Where we answer otherwise than it asks, the case says why.
 */
#ifndef TESTS_LIB_LIMBO_H
#define TESTS_LIB_LIMBO_H

#include <wincrypt.h>

#include "cert/cert.h"
#include "lib/certs.h"

#define LIMBO_NODES 18
#define LIMBO_SELF  (-1)

/* One certificate: what it says, its key, which of the nodes before it issued it (or SELF), and who
 * has it: 'r' the trust store, 's' the peer sends it, 'b' both, 'x' nobody. */
struct limbo_node {
    struct certs_form form;
    unsigned key;
    int issuer;
    char place;
};

/* The last node is the end certificate; those above are sent in the order from it up, or, with
 * swapped, the other way round. */
struct limbo_case {
    const char *id;
    struct limbo_node nodes[LIMBO_NODES];
    const char *host, *usage;
    HRESULT result;
    DWORD trust; /* CERT_TRUST_* */
    bool swapped;
    const char *deviation; /* x509-limbo wants the opposite: why not */
};

extern const struct limbo_case limbo_cases[];
extern const unsigned limbo_count;

/* A case, made. */
struct limbo_world {
    unsigned count;
    gnutls_x509_crt_t made[LIMBO_NODES];
    gnutls_x509_crt_t sent[LIMBO_NODES]; /* the end certificate first; not owned */
    unsigned sent_count;
    HCERTSTORE roots;
    HCERTSTORE extra; /* what is sent, as a store */
};

void limbo_make(const struct limbo_case *limbo, struct limbo_world *world);
void limbo_free(struct limbo_world *world);

/* Adds a certificate to a store; its context, counted. */
PCCERT_CONTEXT limbo_add(HCERTSTORE store, gnutls_x509_crt_t crt);

#endif
