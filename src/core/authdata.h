/* SPDX-License-Identifier: MIT */
/*
 * The layouts of pAuthData: what a structure has, as it stands in memory, without copying any of
 * it. Whose secrets are closed (SspiEncryptAuthIdentity) is opened here, too.
 */
#ifndef SSPI_CORE_AUTHDATA_H
#define SSPI_CORE_AUTHDATA_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/secret.h"
#include "core/vault.h"

/* A secret that only the same process can open, and the kinds that nobody here can. */
#define AUTHDATA_CLOSED SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED
#define AUTHDATA_FOREIGN                                                                           \
    (SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |                                              \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |                                                \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED)

enum authdata_form {
    AUTHDATA_PLAIN, /* SEC_WINNT_AUTH_IDENTITY_A and _W, which have one layout */
    AUTHDATA_EX,    /* _EXA and _EXW */
    AUTHDATA_EX2
};

/* Octets of the caller's. data is NULL for what is not given; empty is not the same. */
struct authdata_part {
    const void *data;
    size_t size;
};

struct authdata {
    enum authdata_form form;
    bool wide; /* text is UTF-16; it may stand at an odd address */
    uint32_t flags;
    struct authdata_part user, domain, packages;
    struct authdata_part secret; /* the password; of EX2 the packed credentials */
};

/* Which layout a structure has: two words of it are read. */
enum authdata_form authdata_form_of(const void *auth_data);

/*
 * wide is the form of text where Flags do not tell. Returns SEC_E_OK, or SEC_E_UNKNOWN_CREDENTIALS
 * for an EX2 with a part outside itself.
 */
SECURITY_STATUS authdata_read(const void *auth_data, bool wide, struct authdata *data)
    __attribute__((warn_unused_result));

/*
 * Whether all of it makes sense, further than what AcquireCredentialsHandle() looks at: flags that
 * have a meaning, well-formed text, a secret that is a password or of a known kind. Returns
 * SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY or SEC_E_INVALID_TOKEN, with a native text.
 */
SECURITY_STATUS authdata_check(const struct authdata *data) __attribute__((warn_unused_result));

/* A part as UTF-8, freed with string_wipe_free(); NULL for what is not given. The statuses are
 * those of text_from_utf8(). */
SECURITY_STATUS authdata_text(const struct authdata *data, struct authdata_part part, char **out)
    __attribute__((warn_unused_result));

/*
 * Whether the password is an NT hash as WinPR 2 has them: 32 hexadecimal digits, and a length that
 * is 512 more. Nothing behind the digits is there to be read, or to be written.
 */
bool authdata_marks_hash(const struct authdata *data);

/* How many characters a part has, as structures but EX2 count it. */
static inline ULONG authdata_length(const struct authdata *data, struct authdata_part part)
{
    return (ULONG)(data->wide ? part.size / sizeof(SEC_WCHAR) : part.size);
}

/*
 * Where the password stands: the secret, or the part of packed credentials which is the password.
 * Returns SEC_E_OK, SEC_E_UNSUPPORTED_FUNCTION for credentials of another kind, or
 * SEC_E_UNKNOWN_CREDENTIALS for what is none.
 */
SECURITY_STATUS authdata_password(const struct authdata *data, struct authdata_part *password)
    __attribute__((warn_unused_result));

/* The same for the octets of packed credentials. */
SECURITY_STATUS authdata_unpack(struct authdata_part packed, struct authdata_part *password)
    __attribute__((warn_unused_result));

/* How much longer a closed secret is. */
#define AUTHDATA_CLOSED_EXTRA VAULT_EXTRA

/*
 * The secret, closed: a copy, freed with blob_wipe(), to which everything else of data is bound.
 * Returns SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY or SEC_E_INTERNAL_ERROR.
 */
SECURITY_STATUS authdata_close(const struct authdata *data, struct blob *closed)
    __attribute__((warn_unused_result));

/*
 * The secret of a closed identity, opened, with data then pointing into *opened instead; freed with
 * blob_wipe(). Nothing happens to one that is open. Returns SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY,
 * SEC_E_DECRYPT_FAILURE when it was closed by another process or was altered, and
 * SEC_E_UNSUPPORTED_FUNCTION for the foreign kinds.
 */
SECURITY_STATUS authdata_open(struct authdata *data, struct blob *opened)
    __attribute__((warn_unused_result));

#endif
