/* SPDX-License-Identifier: MIT */
/*
 * Handles of keys and of what holds them: HCRYPTPROV, HCRYPTKEY, HCRYPTHASH, NCRYPT_*_HANDLE. Each
 * is the address of a counted object; one that is of another kind is refused, one that was closed
 * is not told apart, as on Windows.
 */
#ifndef SSPI_CERT_KEYHANDLE_H
#define SSPI_CERT_KEYHANDLE_H

#include <stdint.h>

#include "cert/key.h"

/* The object of a handle if it is of that class, else NULL. */
static inline void *key_handle_object(ULONG_PTR handle, const struct object_class *class)
{
    struct object *object = (struct object *)handle;

    return handle != 0 && handle != UINTPTR_MAX && object_is(object, class) ? object : NULL;
}

/* What a handle shows itself as. */
static inline ULONG_PTR key_handle_of(void *object)
{
    return (ULONG_PTR)object;
}

/* --- CryptoAPI: provider.c ------------------------------------------------------------------ */

/* A reference to the key of a provider, spec being AT_*; NTE_NO_KEY, NTE_BAD_UID. */
SECURITY_STATUS provider_handle_key(HCRYPTPROV handle, DWORD spec,
                                    struct cert_key **out) MUST_CHECK;

/* The same of an HCRYPTKEY. */
SECURITY_STATUS keyhandle_key(HCRYPTKEY handle, struct cert_key **out) MUST_CHECK;

/* A provider in memory that has this key as its AT_KEYEXCHANGE. Takes a reference of its own. */
SECURITY_STATUS provider_handle_new(struct cert_key *key, HCRYPTPROV *out) MUST_CHECK;

/* Whether it is one. */
bool provider_handle_is(HCRYPTPROV handle);

/* Another reference to a provider, which CryptReleaseContext() drops. */
void provider_handle_ref(HCRYPTPROV handle);

/* --- CNG: ncrypt.c -------------------------------------------------------------------------- */

SECURITY_STATUS ncrypt_handle_key(NCRYPT_KEY_HANDLE handle, struct cert_key **out) MUST_CHECK;
SECURITY_STATUS ncrypt_handle_new(struct cert_key *key, NCRYPT_KEY_HANDLE *out) MUST_CHECK;
bool ncrypt_handle_is(NCRYPT_KEY_HANDLE handle);

#endif
