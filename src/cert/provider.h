/* SPDX-License-Identifier: MIT */
/* CryptoAPI's handles inside: what provider.c, provparam.c, provkey.c and hash.c share. */
#ifndef SSPI_CERT_PROVIDER_H
#define SSPI_CERT_PROVIDER_H

#include <pthread.h>

#include "cert/keyfile.h"
#include "cert/keyhandle.h"

/* The providers that Windows has and this library answers to. All do the same. */
struct provider_kind {
    const char *name;
    DWORD type;
    const char *type_name;
};

extern const struct provider_kind provider_kinds[];
extern const unsigned provider_kind_count;

/* An HCRYPTPROV. */
struct provider {
    struct object object;
    const struct provider_kind *kind;
    char *container; /* name or URI; NULL: CRYPT_VERIFYCONTEXT */
    bool memory;     /* nothing of it is on disk: keys live here, or came from keyring.c */
    pthread_mutex_t lock;
    struct cert_key *keys[KEYFILE_KINDS]; /* those that were used, by AT_*; guarded */
    char *pin;                            /* of a token; guarded */
    unsigned algorithm_next, container_next;
};

/* An HCRYPTKEY. */
struct provider_key {
    struct object object;
    struct cert_key *key;
    ALG_ID algorithm;
};

extern const struct object_class provider_class;
extern const struct object_class provider_key_class;

/* Makes a key the provider's, in its container too. */
SECURITY_STATUS provider_set_key(struct provider *provider, DWORD spec,
                                 struct cert_key *key) MUST_CHECK;

/* A reference to a provider's key: NTE_NO_KEY, NTE_BAD_KEY for a kind there is not. */
SECURITY_STATUS provider_get_key(struct provider *provider, DWORD spec,
                                 struct cert_key **out) MUST_CHECK;

/*
 * Hands size bytes to a caller's room by CryptoAPI's rule: none asks for the size, too little is
 * ERROR_MORE_DATA.
 */
SECURITY_STATUS provider_answer(const void *data, size_t size, BYTE *room,
                                DWORD *room_size) MUST_CHECK;

/* The result of a function: TRUE, or FALSE with the status as the error. */
static inline BOOL provider_result(SECURITY_STATUS status)
{
    return status == SEC_E_OK ? TRUE : win_fail((DWORD)status);
}

#endif
