/* SPDX-License-Identifier: MIT */
/* Where both sides of a comparison take their credentials from. */
#ifndef TESTS_BENCH_CREDS_H
#define TESTS_BENCH_CREDS_H

#include <stdbool.h>

/* Copies the realm's tickets, and the keys of the one service, to memory. Once, at the start. */
void credentials_copy(void);

/* From now on: tickets and keys of files or of memory, and the NTLM accounts of $WORLD/accounts. */
void credentials_use(bool from_files, const char *accounts);

#endif
