/* SPDX-License-Identifier: MIT */
/* Accounts: names split into user and domain, and the SIDs that stand for them. */
#ifndef SSPI_WIN_ACCOUNT_H
#define SSPI_WIN_ACCOUNT_H

#include <stdbool.h>
#include <windef.h>

#include "core/token.h"

struct account {
    char *user;
    char *domain; /* "" when there is none */
};

/* Splits alice@REALM or DOM\alice into copies; account_clear() frees them. False: no memory. */
bool account_split(struct account *account, const char *name);
void account_clear(struct account *account);

/* The SID that holds a name, and the account of a SID; false when there is none. */
bool account_sid_of_name(const char *name, struct token_sid *sid);
bool account_of_sid(struct account *account, const void *sid, size_t size);

/* Of whom this thread acts for, else of the process. */
bool account_of_caller(struct account *account);

/* Copies a text out when the room (characters with terminator) suffices. *room becomes what is
 * needed. */
bool account_put(const char *text, bool wide, void *buffer, DWORD *room);

#endif
