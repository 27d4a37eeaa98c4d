/* SPDX-License-Identifier: MIT */
/* The layouts of pAuthData. */
#include "core/authdata.h"

#include <stdlib.h>
#include <string.h>

#include "core/identity.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/winpr.h"

/* --- Layouts -------------------------------------------------------------------------------- */

/* A version number in the first word, where a plain identity has the low half of a pointer. */
enum authdata_form authdata_form_of(const void *auth_data)
{
    uint32_t head[2];

    memcpy(head, auth_data, sizeof(head));
    if (head[0] == SEC_WINNT_AUTH_IDENTITY_VERSION &&
        head[1] == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW))
        return AUTHDATA_EX;
    if (head[0] == SEC_WINNT_AUTH_IDENTITY_VERSION_2 &&
        (head[1] & 0xffff) == sizeof(SEC_WINNT_AUTH_IDENTITY_EX2))
        return AUTHDATA_EX2;
    return AUTHDATA_PLAIN;
}

static bool flags_wide(uint32_t flags, bool wide)
{
    if (flags & SEC_WINNT_AUTH_IDENTITY_UNICODE)
        return true;
    return flags & SEC_WINNT_AUTH_IDENTITY_ANSI ? false : wide;
}

/* Lengths there count characters. */
static struct authdata_part part_of(const void *text, ULONG length, bool wide)
{
    return (struct authdata_part){text, wide ? length * sizeof(SEC_WCHAR) : length};
}

static void read_plain(const SEC_WINNT_AUTH_IDENTITY_W *id, bool wide, struct authdata *data)
{
    data->flags = id->Flags;
    data->wide = flags_wide(id->Flags, wide);
    data->user = part_of(id->User, id->UserLength, data->wide);
    data->domain = part_of(id->Domain, id->DomainLength, data->wide);
    data->secret = part_of(id->Password, id->PasswordLength, data->wide);
}

static void read_ex(const SEC_WINNT_AUTH_IDENTITY_EXW *id, bool wide, struct authdata *data)
{
    data->flags = id->Flags;
    data->wide = flags_wide(id->Flags, wide);
    data->user = part_of(id->User, id->UserLength, data->wide);
    data->domain = part_of(id->Domain, id->DomainLength, data->wide);
    data->secret = part_of(id->Password, id->PasswordLength, data->wide);
    data->packages = part_of(id->PackageList, id->PackageListLength, data->wide);
}

/* A part of a self-relative structure: octets at offset, checked against its size. */
static bool part_find(const void *base, size_t size, uint32_t offset, uint32_t length,
                      struct authdata_part *part)
{
    *part = (struct authdata_part){NULL, 0};
    if (length == 0)
        return true;
    if (offset > size || length > size - offset)
        return false;
    *part = (struct authdata_part){(const char *)base + offset, length};
    return true;
}

static bool part_find_text(const void *base, size_t size, uint32_t offset, uint32_t length,
                           struct authdata_part *part)
{
    return length % sizeof(SEC_WCHAR) == 0 && part_find(base, size, offset, length, part);
}

static bool read_ex2(const SEC_WINNT_AUTH_IDENTITY_EX2 *id, struct authdata *data)
{
    size_t size = id->cbStructureLength;

    data->flags = id->Flags;
    data->wide = true;
    return size >= sizeof(*id) &&
           part_find_text(id, size, id->UserOffset, id->UserLength, &data->user) &&
           part_find_text(id, size, id->DomainOffset, id->DomainLength, &data->domain) &&
           part_find_text(id, size, id->PackageListOffset, id->PackageListLength,
                          &data->packages) &&
           part_find(id, size, id->PackedCredentialsOffset, id->PackedCredentialsLength,
                     &data->secret);
}

SECURITY_STATUS authdata_read(const void *auth_data, bool wide, struct authdata *data)
{
    *data = (struct authdata){.form = authdata_form_of(auth_data)};
    if (data->form == AUTHDATA_EX2)
        return read_ex2(auth_data, data) ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
    if (data->form == AUTHDATA_EX)
        read_ex(auth_data, wide, data);
    else
        read_plain(auth_data, wide, data);
    return SEC_E_OK;
}

SECURITY_STATUS authdata_text(const struct authdata *data, struct authdata_part part, char **out)
{
    return data->wide ? text_from_utf16(part.data, part.size / sizeof(SEC_WCHAR), out)
                      : text_from_utf8(part.data, part.size, out);
}

/* --- Packed credentials --------------------------------------------------------------------- */

/*
 * Of the password type Windows takes the credentials' octets for the text itself. Programs that
 * follow the declaration put a SEC_WINNT_AUTH_DATA_PASSWORD there, whose offset is less than 65536:
 * as text that would have a NUL in it.
 */
static bool password_find(struct authdata_part inner, struct authdata_part *password)
{
    SEC_WINNT_AUTH_DATA_PASSWORD head;
    ULONG offset;

    *password = inner;
    if (inner.size < sizeof(head))
        return inner.size % sizeof(SEC_WCHAR) == 0;
    memcpy(&head, inner.data, sizeof(head));
    offset = head.UnicodePassword.ByteArrayOffset;
    if (offset > 0xffff)
        return inner.size % sizeof(SEC_WCHAR) == 0;
    if (!part_find_text(inner.data, inner.size, offset, head.UnicodePassword.ByteArrayLength,
                        password))
        return false;
    if (password->size == 0)
        password->data = inner.data; /* given, and empty */
    return true;
}

SECURITY_STATUS authdata_unpack(struct authdata_part packed, struct authdata_part *password)
{
    static const GUID type = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT;
    SEC_WINNT_AUTH_PACKED_CREDENTIALS head;
    struct authdata_part inner;

    *password = (struct authdata_part){NULL, 0};
    if (packed.size == 0)
        return SEC_E_OK;
    if (packed.size < sizeof(head))
        return SEC_E_UNKNOWN_CREDENTIALS;
    memcpy(&head, packed.data, sizeof(head));
    if (memcmp(&head.AuthData.CredType, &type, sizeof(type)) != 0)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (!part_find(packed.data, packed.size, head.AuthData.CredData.ByteArrayOffset,
                   head.AuthData.CredData.ByteArrayLength, &inner))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (inner.size == 0)
        inner.data = packed.data; /* given, and empty */
    return password_find(inner, password) ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
}

SECURITY_STATUS authdata_password(const struct authdata *data, struct authdata_part *password)
{
    if (data->form == AUTHDATA_EX2)
        return authdata_unpack(data->secret, password);
    *password = data->secret;
    return SEC_E_OK;
}

/* --- Whether it makes sense ----------------------------------------------------------------- */

#define FLAGS_TEXT (SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE)
#define FLAGS_KNOWN                                                                                \
    (FLAGS_TEXT | SEC_WINNT_AUTH_IDENTITY_MARSHALLED | SEC_WINNT_AUTH_IDENTITY_ONLY |              \
     AUTHDATA_CLOSED | AUTHDATA_FOREIGN | SEC_WINNT_AUTH_IDENTITY_FLAGS_RESERVED |                 \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER | SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN |         \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER |                                                   \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_VALID_SSPIPFC_FLAGS)

/* Of what cannot be read as text. */
#define SECRET_MAX (TEXT_MAX * sizeof(SEC_WCHAR) + AUTHDATA_CLOSED_EXTRA)

static SECURITY_STATUS refuse(const char *why)
{
    native_error_set("this is no identity: %s", why);
    return SEC_E_INVALID_TOKEN;
}

static SECURITY_STATUS text_check(const struct authdata *data, struct authdata_part part,
                                  const char *why)
{
    SECURITY_STATUS status;
    char *text;

    if (part.data == NULL)
        return part.size == 0 ? SEC_E_OK : refuse(why);
    status = authdata_text(data, part, &text);
    string_wipe_free(text);
    return status == SEC_E_INVALID_PARAMETER ? refuse(why) : status;
}

bool authdata_marks_hash(const struct authdata *data)
{
    struct authdata_part digits = {data->secret.data,
                                   IDENTITY_NTHASH_HEX * (data->wide ? sizeof(SEC_WCHAR) : 1)};
    bool marked =
        data->form != AUTHDATA_EX2 && digits.data != NULL &&
        !(data->flags & (AUTHDATA_CLOSED | AUTHDATA_FOREIGN)) &&
        authdata_length(data, data->secret) == IDENTITY_NTHASH_HEX + WINPR_HASH_LENGTH_OFFSET;
    char *text = NULL;

    if (!marked || authdata_text(data, digits, &text) != SEC_E_OK)
        return false;
    marked = strspn(text, "0123456789abcdefABCDEF") == IDENTITY_NTHASH_HEX;
    string_wipe_free(text);
    return marked;
}

/* A kind that nobody here can use may be kept all the same, as it is. */
static SECURITY_STATUS secret_check(const struct authdata *data)
{
    struct authdata_part password;
    SECURITY_STATUS status;

    if (data->secret.data == NULL)
        return data->secret.size == 0 ? SEC_E_OK : refuse("a password without an address");
    if (data->secret.size > SECRET_MAX)
        return refuse("a password that is too long");
    if (authdata_marks_hash(data))
        return refuse("an NT hash in place of a password");
    if (data->flags & AUTHDATA_FOREIGN)
        return SEC_E_OK;
    if (data->flags & AUTHDATA_CLOSED)
        return data->secret.size >= AUTHDATA_CLOSED_EXTRA
                   ? SEC_E_OK
                   : refuse("what is encrypted is too short");
    status = authdata_password(data, &password);
    if (status == SEC_E_UNSUPPORTED_FUNCTION)
        return SEC_E_OK;
    if (status != SEC_E_OK)
        return refuse("malformed packed credentials");
    return text_check(data, password, "a malformed password");
}

/* Flags of FreeRDP's, which announce more behind the structure, are among the unknown. */
SECURITY_STATUS authdata_check(const struct authdata *data)
{
    SECURITY_STATUS status;

    if (data->flags & ~(uint32_t)FLAGS_KNOWN)
        return refuse("unknown flags");
    if ((data->flags & FLAGS_TEXT) == FLAGS_TEXT)
        return refuse("text in two forms at once");
    if (data->form == AUTHDATA_EX2 && (data->flags & SEC_WINNT_AUTH_IDENTITY_ANSI))
        return refuse("SEC_WINNT_AUTH_IDENTITY_EX2 has no ANSI form");
    status = text_check(data, data->user, "a malformed user name");
    if (status == SEC_E_OK)
        status = text_check(data, data->domain, "a malformed domain name");
    if (status == SEC_E_OK)
        status = text_check(data, data->packages, "a malformed list of packages");
    return status == SEC_E_OK ? secret_check(data) : status;
}

/* --- Closed secrets ------------------------------------------------------------------------- */

/* What is bound to a closed secret: the rest of the identity, each part with its size. */
static SECURITY_STATUS bound_make(const struct authdata *data, struct blob *bound)
{
    const struct authdata_part *const parts[] = {&data->user, &data->domain, &data->packages};
    uint32_t head[2 + 3] = {data->form == AUTHDATA_EX2, data->flags & ~(uint32_t)AUTHDATA_CLOSED};
    char *at;

    bound->size = sizeof(head);
    for (int i = 0; i < 3; i++) {
        head[2 + i] = parts[i]->data == NULL ? UINT32_MAX : (uint32_t)parts[i]->size;
        bound->size += parts[i]->data == NULL ? 0 : parts[i]->size;
    }
    bound->data = malloc(bound->size);
    if (bound->data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    at = mempcpy(bound->data, head, sizeof(head));
    for (int i = 0; i < 3; i++)
        if (parts[i]->data != NULL)
            at = mempcpy(at, parts[i]->data, parts[i]->size);
    return SEC_E_OK;
}

SECURITY_STATUS authdata_close(const struct authdata *data, struct blob *closed)
{
    struct blob bound = {NULL, 0};
    SECURITY_STATUS status = bound_make(data, &bound);

    *closed = (struct blob){NULL, data->secret.size + AUTHDATA_CLOSED_EXTRA};
    if (status == SEC_E_OK) {
        closed->data = malloc(closed->size);
        status = closed->data == NULL
                     ? SEC_E_INSUFFICIENT_MEMORY
                     : vault_seal(&bound, data->secret.data, data->secret.size, closed->data);
    }
    if (status != SEC_E_OK)
        blob_wipe(closed);
    free(bound.data);
    return status;
}

static SECURITY_STATUS secret_open(const struct authdata *data, struct blob *opened)
{
    struct blob bound = {NULL, 0};
    SECURITY_STATUS status;

    if (data->secret.size < AUTHDATA_CLOSED_EXTRA)
        return SEC_E_DECRYPT_FAILURE;
    opened->size = data->secret.size - AUTHDATA_CLOSED_EXTRA;
    opened->data = malloc(opened->size + 1);
    if (opened->data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = bound_make(data, &bound);
    if (status == SEC_E_OK)
        status = vault_open(&bound, data->secret.data, data->secret.size, opened->data);
    free(bound.data);
    return status;
}

/* An identity without a secret has its flag, and nothing that could be sealed. */
SECURITY_STATUS authdata_open(struct authdata *data, struct blob *opened)
{
    SECURITY_STATUS status = SEC_E_OK;

    *opened = (struct blob){NULL, 0};
    if (data->flags & AUTHDATA_FOREIGN) {
        native_error_set("this identity is encrypted for Windows' system or for another process");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    if (!(data->flags & AUTHDATA_CLOSED))
        return SEC_E_OK;
    if (data->secret.data != NULL)
        status = secret_open(data, opened);
    if (status != SEC_E_OK) {
        blob_wipe(opened);
        return status;
    }
    data->flags &= ~(uint32_t)AUTHDATA_CLOSED;
    data->secret = (struct authdata_part){opened->data, opened->size};
    return SEC_E_OK;
}
