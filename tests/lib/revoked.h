/* SPDX-License-Identifier: MIT */
/* What is known about the status of a root's, an intermediate's and a leaf's certificate: a table.
 */
#ifndef TESTS_LIB_REVOKED_H
#define TESTS_LIB_REVOKED_H

#include "lib/limbo.h"

struct revoked_case {
    const char *id;
    DWORD flags; /* CERT_CHAIN_REVOCATION_CHECK_* */
    /* A staple's answers: 'l'eaf or 'o'ther with 'g'ood, 'r'evoked, 'u'nknown: "or lg"; NULL: none.
     */
    const char *staple;
    char signer;        /* the 'i'ssuer; a 'd'elegate; a stranger: 'x'; one with no right to: 'n' */
    time_t from, until; /* seconds from now, of staple and lists; 0: fresh */
    /* Lists: whose, 'i'ntermediate's or 'r'oot's, and what is on them: 'l'eaf, the 'i'ntermediate,
     * '-' nothing, 'x' signed with a wrong key, 'c' with a critical extension, 's' over SHA-1. */
    const char *lists;
    bool named; /* the leaf says where to ask */
    HRESULT result;
    DWORD trust;
};

extern const struct revoked_case revoked_cases[];
extern const unsigned revoked_count;

struct revoked_world {
    gnutls_x509_crt_t root, chain[2], other, helper;
    HCERTSTORE roots, extra, lists;
    gnutls_datum_t staple;
};

void revoked_make(const struct revoked_case *revoked, struct revoked_world *world);
void revoked_free(struct revoked_world *world);

#endif
