/* SPDX-License-Identifier: MIT */
/* TSCredentials: what a client hands over at the end. [MS-CSSP] 2.2.1.2 */
#ifndef SSPI_CREDSSP_TSCREDS_H
#define SSPI_CREDSSP_TSCREDS_H

#include <sspi.h>
#include <stdint.h>

#include "core/secret.h"

/* credType of TSCredentials */
enum tscreds_type { TSCREDS_PASSWORD = 1, TSCREDS_SMARTCARD = 2, TSCREDS_REMOTE_GUARD = 6 };

/* A package's credentials under Remote Credential Guard; the octets are that package's own. */
struct tscreds_guard {
    char *package;
    struct blob octets;
};

/* Text is UTF-8, owned and wiped by tscreds_wipe(); NULL where the message has none. */
struct tscreds {
    enum tscreds_type type;
    union {
        struct {
            char *domain, *user, *password; /* all empty: the client hands nothing over */
        } password;
        struct {
            char *pin, *user_hint, *domain_hint;
            uint32_t key_spec; /* AT_KEYEXCHANGE, AT_SIGNATURE */
            char *card, *reader, *container, *provider;
        } smartcard;
        struct {
            struct tscreds_guard logon, *supplemental;
            unsigned supplemental_count;
        } guard;
    } u;
};

/* Far above any set of credentials, tickets of Remote Credential Guard included. */
#define TSCREDS_MAX 65536U

/*
 * Reads TSCredentials; on success *creds is to be wiped. Returns SEC_E_OK, SEC_E_INVALID_TOKEN for
 * what is none, SEC_E_UNKNOWN_CREDENTIALS for another type of them, SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS tscreds_decode(struct tscreds *creds, const void *data, size_t size)
    __attribute__((warn_unused_result));

/* The DER, to be freed with blob_wipe(). Missing text of a password is sent as empty. */
SECURITY_STATUS tscreds_encode(const struct tscreds *creds, struct blob *der)
    __attribute__((warn_unused_result));

void tscreds_wipe(struct tscreds *creds);

#endif
