/* SPDX-License-Identifier: MIT */
/* One end of ours against a bare GnuTLS one, with the certificate of whoever serves. */
#ifndef TESTS_LIB_DUEL_H
#define TESTS_LIB_DUEL_H

#include "lib/ident.h"

struct duel {
    struct ident ident;
    struct stream ours;
    struct bare theirs;
};

/* Both ends are there, ours without a credential. */
void duel_open(struct duel *duel, bool ours_serves, const char *priority, unsigned key);

/* Ours has a credential for these versions (SP_PROT_*; 0: 1.2 and 1.3), and validates nothing. */
void duel_begin(struct duel *duel, bool ours_serves, DWORD protocols, const char *priority,
                unsigned key);

/* All of it, and the handshake, which has to work. */
void duel_meet(struct duel *duel, bool ours_serves, DWORD protocols, const char *priority,
               unsigned key);

/* Handshakes of both ends until nothing moves any more; what ours says. */
SECURITY_STATUS duel_shake(struct duel *duel);

void duel_end(struct duel *duel);

/* Makes a certificate this process's only system root, in a file that is the caller's to unlink. */
#define DUEL_PATH 32
void duel_root(gnutls_x509_crt_t root, char path[DUEL_PATH]);

#endif
