/* SPDX-License-Identifier: MIT */
/*
 * What the tests of messages share: the kinds of context, and how a message is made for each. One
 * program per encryption type: ENCTYPE is the number of RFC 3961's registry that the realm around
 * it is limited to.
 */
#ifndef TESTS_INTEGRATION_MESSAGES_H
#define TESTS_INTEGRATION_MESSAGES_H

#include <check.h>
#include <sspi.h>
#include <stdbool.h>

#include "lib/guard.h"
#include "lib/pair.h"
#include "lib/world.h"

#ifndef ENCTYPE
#define ENCTYPE 18
#endif

/* What ENCTYPE adds to a message: a signature, a trailer, a trailer in DCE style. */
struct enctype {
    ULONG enctype, signature, trailer, trailer_dce, plain;
    bool pads;
};
const struct enctype *messages_enctype(void);

struct kind {
    const char *name, *package, *list;
    ULONG isc, asc;
    bool ntlm, dce;
};
#define KERBEROS 0
#define NTLM     4
#define KINDS    6
extern const struct kind kinds[KINDS];

#define SIZES 10
extern const ULONG sizes[SIZES];

/* An established pair; the second asks for what PAIR_ISC does. */
void open_with(struct pair *pair, const struct kind *kind, ULONG isc);
void open_pair(struct pair *pair, const struct kind *kind);

SecPkgContext_Sizes sizes_of(CtxtHandle *context);

/* TOKEN, DATA and PADDING, as a program makes them of SECPKG_ATTR_SIZES. */
void build(struct message *message, const SecPkgContext_Sizes *of, ULONG size, unsigned seed);

/* The same, sealed. */
void seal(CtxtHandle *from, struct message *message, ULONG size, unsigned seed);

/* A message in one piece, as a STREAM with an empty DATA behind it. */
void stream_of(struct message *stream, const struct message *sealed);

/* The DATA of a stream lies in it and holds the pattern. */
void assert_in_stream(const struct message *stream, ULONG size, unsigned seed);

/* Nothing readable is left anywhere in a message that was refused. */
void assert_unreadable(const struct message *message, ULONG size, unsigned seed);

/* Which end speaks: both are tried everywhere. */
void ends(struct pair *pair, int turn, CtxtHandle **from, CtxtHandle **to);

/* One message each way, in a layout that every kind has. */
void converse(struct pair *pair);

/* Each file adds its tests to the cases: of every kind, of Kerberos, of NTLM. */
struct cases {
    TCase *all, *krb5, *ntlm;
};
void layouts_add(const struct cases *cases);
void signed_add(const struct cases *cases);
void refused_add(const struct cases *cases);
void gss_add(const struct cases *cases);

#endif
