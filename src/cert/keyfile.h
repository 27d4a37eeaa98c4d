/* SPDX-License-Identifier: MIT */
/*
 * Key containers: folders in the user's $XDG_DATA_HOME/sspi/keys (~/.local/share/sspi/keys), 0700,
 * with one PKCS #8 PEM file, 0600, for each kind of key in them. A name that is a RFC 7512 URI is
 * no folder but a key on a token.
 *
 * What is in such a file is not encrypted: as with an SSH key, the file's mode is what guards it.
 */
#ifndef SSPI_CERT_KEYFILE_H
#define SSPI_CERT_KEYFILE_H

#include "cert/key.h"

/* The kinds of key in a container, by Windows' numbers; 0 is CNG's. */
enum { KEYFILE_CNG = 0, KEYFILE_KINDS = AT_SIGNATURE + 1 };

/*
 * The path of something in the user's folder of this library, "keys" or "my", to be freed; NULL
 * with errno set when the user has no home or there is no memory. Nothing is created.
 */
char *keyfile_user_path(const char *leaf);

/* NTE_EXISTS when there is one; NTE_BAD_KEYSET_PARAM for a name that cannot be one. */
SECURITY_STATUS keyfile_create(const char *container) MUST_CHECK;

/* SEC_E_OK or NTE_BAD_KEYSET. */
SECURITY_STATUS keyfile_exists(const char *container) MUST_CHECK;

/* Removes a container and what is in it. NTE_BAD_KEYSET when there is none. */
SECURITY_STATUS keyfile_delete(const char *container) MUST_CHECK;

/* Removes one key, and the container with its last. NTE_BAD_KEYSET when there is no such key. */
SECURITY_STATUS keyfile_remove(const char *container, DWORD kind) MUST_CHECK;

/* NTE_NO_KEY when the container has no such key, NTE_BAD_KEYSET when there is no container,
 * NTE_KEYSET_ENTRY_BAD for a file that is not ours alone or holds no key. */
SECURITY_STATUS keyfile_load(const char *container, DWORD kind, struct cert_key **out) MUST_CHECK;

/* Writes a key in one step: another process sees the old one or the new one. */
SECURITY_STATUS keyfile_save(const char *container, DWORD kind,
                             const struct cert_key *key) MUST_CHECK;

/* The names of all containers in the order of their bytes, to be freed one by one and as a list. */
SECURITY_STATUS keyfile_list(char ***names, unsigned *count) MUST_CHECK;

#endif
