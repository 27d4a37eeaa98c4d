/* SPDX-License-Identifier: MIT */
/*
 * Access tokens: who a context's client is, and with which credentials a server may act for it.
 *
 * A token is counted and is what a HANDLE of ImpersonateLoggedOnUser, GetTokenInformation and
 * QuerySecurityContextToken points at. Each thread may carry one as its identity; no user id of the
 * process changes by that: it only decides what AcquireCredentialsHandle(NULL) gives on this
 * thread.
 */
#ifndef SSPI_CORE_TOKEN_H
#define SSPI_CORE_TOKEN_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/object.h"

/* A security identifier, [MS-DTYP] 2.4.2.2. */
#define TOKEN_SID_MAX 68

struct token_sid {
    uint32_t size;
    uint8_t data[TOKEN_SID_MAX];
};

/* What a token is made of; text in UTF-8, copied. */
struct token_init {
    const char *user_name;       /* alice@REALM or DOM\bob */
    const struct token_sid *sid; /* NULL when none is known */
    bool identify_only;          /* the client let the server look, not act (ISC_REQ_IDENTIFY) */
    struct object
        *delegated; /* a package's credentials to act for the client, or NULL; referenced */
};

struct token;

struct token *token_new(const struct token_init *init);
struct token *token_ref(struct token *token);
void token_unref(struct token *token);

/* The token behind a HANDLE's object, or NULL when it is something else. */
struct token *token_from_object(struct object *object);
struct object *token_object(struct token *token);

/* This thread's identity: NULL reverts to the process's. Returns SEC_E_OK or
 * SEC_E_NO_IMPERSONATION. */
SECURITY_STATUS token_impersonate(struct token *token);

/* This thread's token with a new reference, or NULL. */
struct token *token_current(void);

const char *token_user_name(const struct token *token);
const struct token_sid *token_user_sid(const struct token *token);
bool token_identify_only(const struct token *token);
struct object *token_delegated(const struct token *token);

#endif
