/* SPDX-License-Identifier: MIT */
/* CNG's handles inside: what ncrypt.c and ncryptprop.c share. */
#ifndef SSPI_CERT_CNG_H
#define SSPI_CERT_CNG_H

#include <ncrypt.h>
#include <pthread.h>

#include "cert/keyhandle.h"

#define NCRYPT_PROVIDER_NAME "Microsoft Software Key Storage Provider"

struct ncrypt_provider {
    struct object object;
};

/* What a key of a name has been asked to be; the fields but key do not change once it is there. */
struct ncrypt_key {
    struct object object;
    pthread_mutex_t lock;
    struct cert_key *key; /* NULL: not made yet, or on a token that wants a PIN */
    char *name;           /* container or URI; NULL: nobody keeps it */
    bool memory;          /* the name is of keyring.c */
    DWORD spec;           /* which key of the container */
    gnutls_pk_algorithm_t algorithm;
    DWORD length; /* in bits */
    DWORD policy; /* NCRYPT_ALLOW_*EXPORT_FLAG */
    DWORD usage;
    bool made;
};

extern const struct object_class ncrypt_provider_class;
extern const struct object_class ncrypt_key_class;

/* A name that a program gave, in UTF-8, to be freed; NTE_INVALID_PARAMETER for none. */
SECURITY_STATUS ncrypt_text(LPCWSTR wide, char **text) MUST_CHECK;

/*
 * Hands size bytes to a caller's room by CNG's rule: none asks for the size, too little is
 * NTE_BUFFER_TOO_SMALL.
 */
SECURITY_STATUS ncrypt_answer(const void *data, size_t size, PBYTE room, DWORD room_size,
                              DWORD *result) MUST_CHECK;

#endif
