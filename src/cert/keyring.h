/* SPDX-License-Identifier: MIT */
/*
 * Containers in memory. On Windows a key that comes with a certificate, from PKCS #12 for instance,
 * goes into a container on disk, which CERT_KEY_PROV_INFO then names. Here nothing is written that
 * nobody asked for: such a key has a container that lives as long as the key does, that is as long
 * as a certificate or a handle has it, and that programs of this process open by its name.
 */
#ifndef SSPI_CERT_KEYRING_H
#define SSPI_CERT_KEYRING_H

#include "cert/key.h"

/* "{" and a GUID and "}", of the public half: the same for the same key. */
#define KEYRING_NAME_SIZE 39

/* Gives a key its container; one that has one keeps it. */
void keyring_add(struct cert_key *key);

/* Takes it away: when the key is destroyed, or by its name. Whether there was such a container. */
void keyring_forget(struct cert_key *key);
bool keyring_delete(const char *name);

/* The name of a key's container; false when it has none. */
bool keyring_name(struct cert_key *key, char name[KEYRING_NAME_SIZE]);

/* Whether a name is that of a key's container, if it had one. */
bool keyring_would_be(const struct cert_key *key, LPCWSTR name);

/* A reference to the key of a container, or NULL. Case does not matter, as on Windows. */
struct cert_key *keyring_find(const char *name);

/* What CERT_KEY_PROV_INFO says of such a container. */
struct keyring_info {
    CRYPT_KEY_PROV_INFO info; /* its texts point behind it */
    WCHAR container[KEYRING_NAME_SIZE];
    WCHAR provider[64];
};
bool keyring_describe(struct cert_key *key, struct keyring_info *described);

#endif
