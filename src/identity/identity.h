/* SPDX-License-Identifier: MIT */
/*
 * The calls on identities (SspiCopyAuthIdentity and the like), and what they are made of. All read
 * a structure through core/authdata.h, and make one as block.c lays it out.
 */
#ifndef SSPI_IDENTITY_IDENTITY_H
#define SSPI_IDENTITY_IDENTITY_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/authdata.h"

/* --- Memory that the calls give ------------------------------------------------------------- */

/*
 * Everything they give is known by its address until it is freed. So what is freed twice, or is not
 * theirs, does no harm; and which of the two calls that free is taken does not matter.
 */
void *given_new(size_t size);          /* zeroed; or NULL */
size_t given_size(const void *memory); /* 0 for what is not theirs */
void given_free(void *memory);         /* wiped; nothing happens to what is not theirs */

/* A text in UTF-8 as a W string, or NULL for NULL. */
SECURITY_STATUS given_wide(const char *text, PWSTR *out) __attribute__((warn_unused_result));

/* --- Identities ----------------------------------------------------------------------------- */

/* A caller's identity, read and checked: SEC_E_INVALID_TOKEN for what is none, NULL among it. */
SECURITY_STATUS block_read(const void *identity, struct authdata *data)
    __attribute__((warn_unused_result));

/* The user with the domain, DOMAIN\\user, or what the user wrote where there is none; NULL without
 * a user. */
SECURITY_STATUS block_user_name(const struct authdata *data, char **name)
    __attribute__((warn_unused_result));

/*
 * One block with everything in it, in the form that data names. The secret is the last part, and
 * behind it there is room to close it.
 */
SECURITY_STATUS block_make(const struct authdata *data, void **identity)
    __attribute__((warn_unused_result));

/*
 * Puts another secret in the place of an identity's own, and flags. Where it is longer the identity
 * must be a block of ours: SEC_E_INVALID_PARAMETER for another.
 */
SECURITY_STATUS block_secret_set(void *identity, const struct authdata *data,
                                 const struct blob *secret, uint32_t flags)
    __attribute__((warn_unused_result));

/* Wipes the secret of an identity, whosever it is, and leaves an empty one. */
void block_secret_wipe(void *identity);

/* --- Octets --------------------------------------------------------------------------------- */

/* An identity without pointers, freed with given_free(); and such octets read, checked, into a copy
 * (*copy, to be wiped) that data points into. */
SECURITY_STATUS flat_write(const struct authdata *data, void **octets, size_t *size)
    __attribute__((warn_unused_result));
SECURITY_STATUS flat_read(const void *octets, size_t size, struct blob *copy, struct authdata *data)
    __attribute__((warn_unused_result));

/* --- Text ----------------------------------------------------------------------------------- */

/*
 * The secret of an identity as one text, with what a user name and a domain cannot say: the
 * password, or where that does not suffice (a list of packages, credentials of another kind) an
 * encoded SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX. *text is NULL for no secret.
 */
SECURITY_STATUS packed_text(const struct authdata *data, char **text)
    __attribute__((warn_unused_result));

/* Whether such a text is an encoded one, or a password. */
bool packed_is(const char *text);

/* Completes data, whose names are there, by an encoded one; it points into *copy, to be wiped. */
SECURITY_STATUS packed_read(const char *text, struct blob *copy, struct authdata *data)
    __attribute__((warn_unused_result));

#endif
