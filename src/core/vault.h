/* SPDX-License-Identifier: MIT */
/*
 * Octets that only this process can read: AES-256-GCM with a key that is made at first use, stays
 * in one page that is neither swapped nor dumped where the system lets it, and ends with the
 * process. A forked child does not inherit it.
 */
#ifndef SSPI_CORE_VAULT_H
#define SSPI_CORE_VAULT_H

#include <sspi.h>
#include <stddef.h>

#include "core/secret.h"

/* A nonce before and a tag behind what is sealed. */
#define VAULT_NONCE 12U
#define VAULT_TAG   16U
#define VAULT_EXTRA (VAULT_NONCE + VAULT_TAG)

/*
 * Seals size octets into out, which takes VAULT_EXTRA more; bound is what they must come with to be
 * opened. Returns SEC_E_OK or SEC_E_INTERNAL_ERROR.
 */
SECURITY_STATUS vault_seal(const struct blob *bound, const void *octets, size_t size, void *out)
    __attribute__((warn_unused_result));

/*
 * Opens size sealed octets into out, which takes VAULT_EXTRA fewer. Returns SEC_E_OK,
 * SEC_E_INTERNAL_ERROR, or SEC_E_DECRYPT_FAILURE for what this process has not sealed so.
 */
SECURITY_STATUS vault_open(const struct blob *bound, const void *sealed, size_t size, void *out)
    __attribute__((warn_unused_result));

#endif
