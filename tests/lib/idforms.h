/* SPDX-License-Identifier: MIT */
/*
 * Identities in every form, of one user, for tests of the calls on them.
 */
#ifndef TESTS_LIB_IDFORMS_H
#define TESTS_LIB_IDFORMS_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

typedef PSEC_WINNT_AUTH_IDENTITY_OPAQUE OPAQUE;

/* Text of a program's: A is UTF-8. Each may be NULL. */
SEC_WINNT_AUTH_IDENTITY_A plain_a(const char *user, const char *domain, const char *password);
SEC_WINNT_AUTH_IDENTITY_EXA ex_a(const char *list); /* alice, CORP, secret */

/* A pointer without its const, as structures of SSPI want it. */
void *unconst(const void *text);

/* How an EX2 has its secret: a password as Windows takes it, one as its declaration says, or no
 * password. */
enum packing { DIRECT, VECTOR, CERTIFICATE };

union ex2 {
    SEC_WINNT_AUTH_IDENTITY_EX2 head;
    unsigned char octets[512];
};

/* An EX2 as a program lays it out: the packed credentials first, the names behind them. */
void ex2_make(union ex2 *id, enum packing packing, bool list);
void ex2_fill(union ex2 *id, enum packing packing, const WCHAR *user, const WCHAR *domain,
              const WCHAR *secret, const WCHAR *list);

/* The user of the forms below. */
extern const WCHAR user_w[6], domain_w[5], secret_w[7], list_w[15];

enum { FORM_A, FORM_W, FORM_EXA, FORM_EXW, FORM_DIRECT, FORM_VECTOR, FORM_CERTIFICATE, FORMS };

union any {
    SEC_WINNT_AUTH_IDENTITY_A a;
    SEC_WINNT_AUTH_IDENTITY_W w;
    SEC_WINNT_AUTH_IDENTITY_EXA exa;
    SEC_WINNT_AUTH_IDENTITY_EXW exw;
    union ex2 ex2;
};

void form_make(int form, union any *id);

/* Whether two W strings are the same; NULL is one of them. */
bool same_w(PCWSTR a, PCWSTR b);

/* By SspiEncodeStringsAsAuthIdentity(), which must do it. */
OPAQUE encoded(PCWSTR user, PCWSTR domain, PCWSTR password);

#endif
