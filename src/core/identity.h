/* SPDX-License-Identifier: MIT */
/*
 * What a caller's pAuthData says: user, domain, secret, and which mechanisms may use them.
 *
 * Read are SEC_WINNT_AUTH_IDENTITY A and W, EX, EX2, and FreeRDP's two extensions of EX. Whether
 * text is UTF-16 is decided by the structure's Flags and not by the A or W of the call, since
 * FreeRDP passes UTF-16 to the A function; only a structure that says neither goes by the call.
 */
#ifndef SSPI_CORE_IDENTITY_H
#define SSPI_CORE_IDENTITY_H

#include <sspi.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/winpr.h"

/* Mechanisms that Negotiate may choose, from PackageList: "kerberos", "!ntlm", "kerberos,ntlm" ...
 */
#define IDENTITY_MECH_KERBEROS 0x1U
#define IDENTITY_MECH_NTLM     0x2U
#define IDENTITY_MECH_ALL      (IDENTITY_MECH_KERBEROS | IDENTITY_MECH_NTLM)

#define IDENTITY_NTHASH_HEX 32

/* A caller's function that knows the NTOWFv2 of users. */
struct hash_source {
    winpr_hash_callback callback; /* or NULL */
    void *argument;
    bool says_zero; /* 0 is success, and nothing else */
};

/* Every string is UTF-8, owned and wiped by identity_free(); NULL means not given. */
struct identity {
    bool explicit; /* names a user: it must never be replaced by the ambient one */
    char *user;    /* without domain */
    char *domain;  /* NetBIOS name or realm; NULL when the user said none */
    bool upn;      /* the user wrote user@domain */
    char *password;
    char *nt_hash;  /* IDENTITY_NTHASH_HEX hexadecimal digits in place of the password */
    unsigned mechs; /* IDENTITY_MECH_* */

    /* What FreeRDP hands over beside the identity. */
    char *ccache;  /* Kerberos credential cache to use */
    char *keytab;  /* Kerberos keys of an acceptor */
    char *kdc_url; /* the KDC to ask before those of krb5.conf */
    char *armor_ccache, *pkinit_anchors, *pkinit_identity; /* for an AS exchange */
    int32_t start_time, renew_lifetime, lifetime;          /* seconds; 0: as the KDC likes */
    char *sam_file;                                        /* NTLM accounts of an acceptor */
    char *dns_computer;                                    /* its name */
    struct hash_source hash;                               /* asked in place of the file */
};

/*
 * Reads auth_data (NULL: the ambient identity). wide is the form of the call. *out is freed with
 * identity_free(). Returns SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY, SEC_E_UNKNOWN_CREDENTIALS for what
 * is not an identity: ill-formed or overlong text, a password without a user, a hash that is none,
 * and SEC_E_UNSUPPORTED_FUNCTION for credentials of a kind no package here can use.
 */
SECURITY_STATUS identity_read(const void *auth_data, bool wide, struct identity **out)
    __attribute__((warn_unused_result));

/* Whether size octets hold the whole of the structure that auth_data starts. */
bool identity_fits(const void *auth_data, size_t size);

void identity_free(struct identity *identity);

/* Another one like it, or NULL when memory runs out. */
struct identity *identity_copy(const struct identity *identity);

/*
 * Takes a user's name apart that has its domain in it, DOMAIN\user or user@domain, where no domain
 * is given. Returns SEC_E_OK, SEC_E_UNKNOWN_CREDENTIALS or SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS identity_split_name(struct identity *id) __attribute__((warn_unused_result));

#endif
