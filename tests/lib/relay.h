/* SPDX-License-Identifier: MIT */
/*
 * Somebody between CredSSP's ends (lib/ends.h): TLS with each of them, and their messages in the
 * clear.
 */
#ifndef TESTS_LIB_RELAY_H
#define TESTS_LIB_RELAY_H

#include "lib/ends.h"

/* Who he is and what he does; what passed. A test sets it before relay_run(). */
struct relay {
    bool has_key; /* the server's */
    bool to_server;
    unsigned message; /* the one that alter gets, counted by direction */
    /* size octets of DER; its contents begin at body */
    void (*alter)(unsigned char *text, size_t size, size_t body);
    unsigned passed[2]; /* to the client, to the server */
    unsigned credentials;
};

extern struct relay relay;

/* A logon through him; TLS with both first, then what they have to say. The ends stay open. */
void relay_run(const struct way *way);

#endif
