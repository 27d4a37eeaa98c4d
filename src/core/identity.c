/* SPDX-License-Identifier: MIT */
/* pAuthData. */
#include "core/identity.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "core/text.h"
#include "core/winpr.h"

/* Credentials that SspiEncryptAuthIdentity has closed must be opened before they are passed. */
#define FLAGS_ENCRYPTED                                                                            \
    (SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED |                                             \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |                                              \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |                                                \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED)

/* One view of the four layouts; lengths in code units of the text form. */
struct raw_text {
    const void *text;
    size_t length;
};

struct raw_identity {
    struct raw_text user, domain, password, packages;
    uint32_t flags;
    bool wide;
};

static SECURITY_STATUS raw_copy(struct raw_text raw, bool wide, char **out)
{
    SECURITY_STATUS status = wide ? text_from_utf16(raw.text, raw.length, out)
                                  : text_from_utf8(raw.text, raw.length, out);

    return status == SEC_E_INVALID_PARAMETER ? SEC_E_UNKNOWN_CREDENTIALS : status;
}

static bool flags_wide(uint32_t flags, bool wide)
{
    if (flags & SEC_WINNT_AUTH_IDENTITY_UNICODE)
        return true;
    return flags & SEC_WINNT_AUTH_IDENTITY_ANSI ? false : wide;
}

/* SEC_WINNT_AUTH_IDENTITY_A and _W have one layout. */
static void raw_from_plain(const SEC_WINNT_AUTH_IDENTITY_W *id, bool wide, struct raw_identity *raw)
{
    raw->user = (struct raw_text){id->User, id->UserLength};
    raw->domain = (struct raw_text){id->Domain, id->DomainLength};
    raw->password = (struct raw_text){id->Password, id->PasswordLength};
    raw->flags = id->Flags;
    raw->wide = flags_wide(id->Flags, wide);
}

static void raw_from_ex(const SEC_WINNT_AUTH_IDENTITY_EXW *id, bool wide, struct raw_identity *raw)
{
    raw->user = (struct raw_text){id->User, id->UserLength};
    raw->domain = (struct raw_text){id->Domain, id->DomainLength};
    raw->password = (struct raw_text){id->Password, id->PasswordLength};
    raw->packages = (struct raw_text){id->PackageList, id->PackageListLength};
    raw->flags = id->Flags;
    raw->wide = flags_wide(id->Flags, wide);
}

/* A part of a self-relative structure: bytes at offset, checked against its size. */
static bool part_find(const void *base, size_t size, uint32_t offset, uint32_t length,
                      struct raw_text *part)
{
    *part = (struct raw_text){NULL, 0};
    if (length == 0)
        return true;
    if (offset > size || length > size - offset)
        return false;
    *part = (struct raw_text){(const char *)base + offset, length};
    return true;
}

/* The same for UTF-16, whose length counts octets in EX2. */
static bool part_find_text(const void *base, size_t size, uint32_t offset, uint32_t length,
                           struct raw_text *part)
{
    if (length % sizeof(SEC_WCHAR) != 0 || !part_find(base, size, offset, length, part))
        return false;
    part->length /= sizeof(SEC_WCHAR);
    return true;
}

/* SEC_WINNT_AUTH_PACKED_CREDENTIALS: only its password form is a secret that a package here can
 * use. */
static SECURITY_STATUS packed_password(struct raw_text packed, struct raw_text *password)
{
    SEC_WINNT_AUTH_PACKED_CREDENTIALS head;
    SEC_WINNT_AUTH_DATA_PASSWORD data;
    static const GUID type = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT;
    struct raw_text inner;

    if (packed.length == 0)
        return SEC_E_OK;
    if (packed.length < sizeof(head))
        return SEC_E_UNKNOWN_CREDENTIALS;
    memcpy(&head, packed.text, sizeof(head));
    if (memcmp(&head.AuthData.CredType, &type, sizeof(type)) != 0)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (!part_find(packed.text, packed.length, head.AuthData.CredData.ByteArrayOffset,
                   head.AuthData.CredData.ByteArrayLength, &inner) ||
        inner.length < sizeof(data))
        return SEC_E_UNKNOWN_CREDENTIALS;
    memcpy(&data, inner.text, sizeof(data));
    if (!part_find_text(inner.text, inner.length, data.UnicodePassword.ByteArrayOffset,
                        data.UnicodePassword.ByteArrayLength, password))
        return SEC_E_UNKNOWN_CREDENTIALS;
    return SEC_E_OK;
}

static SECURITY_STATUS raw_from_ex2(const SEC_WINNT_AUTH_IDENTITY_EX2 *id, struct raw_identity *raw)
{
    size_t size = id->cbStructureLength;
    struct raw_text packed;

    if (size < sizeof(*id) ||
        !part_find_text(id, size, id->UserOffset, id->UserLength, &raw->user) ||
        !part_find_text(id, size, id->DomainOffset, id->DomainLength, &raw->domain) ||
        !part_find_text(id, size, id->PackageListOffset, id->PackageListLength, &raw->packages) ||
        !part_find(id, size, id->PackedCredentialsOffset, id->PackedCredentialsLength, &packed))
        return SEC_E_UNKNOWN_CREDENTIALS;
    raw->flags = id->Flags;
    raw->wide = true;
    return packed_password(packed, &raw->password);
}

/* A version number in the first word, where a plain identity has the low half of a pointer. */
static SECURITY_STATUS raw_read(const void *auth_data, bool wide, struct raw_identity *raw)
{
    uint32_t head[2];

    memcpy(head, auth_data, sizeof(head));
    if (head[0] == SEC_WINNT_AUTH_IDENTITY_VERSION &&
        head[1] == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW)) {
        raw_from_ex(auth_data, wide, raw);
        return SEC_E_OK;
    }
    if (head[0] == SEC_WINNT_AUTH_IDENTITY_VERSION_2 &&
        (head[1] & 0xffff) == sizeof(SEC_WINNT_AUTH_IDENTITY_EX2))
        return raw_from_ex2(auth_data, raw);
    raw_from_plain(auth_data, wide, raw);
    return SEC_E_OK;
}

/* "kerberos,!ntlm": a name allows, a name after '!' forbids; without a name that allows, all do. */
static unsigned package_list_read(const char *list)
{
    static const struct {
        const char *name;
        unsigned mech;
    } names[] = {{"kerberos", IDENTITY_MECH_KERBEROS}, {"ntlm", IDENTITY_MECH_NTLM}};
    unsigned allowed = 0, forbidden = 0;
    bool any_allowed = false;
    char word[16];

    for (const char *at = list; at != NULL && *at != '\0';) {
        bool negated;
        size_t length;

        at += strspn(at, ", ");
        negated = *at == '!';
        at += negated;
        length = strcspn(at, ", ");
        if (length != 0 && !negated)
            any_allowed = true;
        if (length < sizeof(word)) {
            memcpy(word, at, length);
            word[length] = '\0';
            for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (text_equal_nocase(word, names[i].name))
                    *(negated ? &forbidden : &allowed) |= names[i].mech;
        }
        at += length;
    }
    return (any_allowed ? allowed : IDENTITY_MECH_ALL) & ~forbidden;
}

static bool is_nt_hash(const char *text)
{
    return text != NULL && strlen(text) == IDENTITY_NTHASH_HEX &&
           strspn(text, "0123456789abcdefABCDEF") == IDENTITY_NTHASH_HEX;
}

/* Password, or the NT hash in its place. */
static SECURITY_STATUS secret_read(struct raw_identity *raw, struct identity *id)
{
    struct raw_text hash = {raw->password.text, IDENTITY_NTHASH_HEX};
    SECURITY_STATUS status;
    bool offset = raw->password.length == IDENTITY_NTHASH_HEX + WINPR_HASH_LENGTH_OFFSET;

    /* With WinPR 2's mark only 32 digits are there to be read: look at those first. */
    if (offset || (raw->flags & WINPR_IDENTITY_PASSWORD_HASH)) {
        if (!offset && raw->password.length != IDENTITY_NTHASH_HEX)
            return SEC_E_UNKNOWN_CREDENTIALS;
        status = raw_copy(hash, raw->wide, &id->nt_hash);
        if (status == SEC_E_OK && is_nt_hash(id->nt_hash))
            return SEC_E_OK;
        string_wipe_free(id->nt_hash);
        id->nt_hash = NULL;
        if (!offset || (raw->flags & WINPR_IDENTITY_PASSWORD_HASH))
            return SEC_E_UNKNOWN_CREDENTIALS;
    }
    return raw_copy(raw->password, raw->wide, &id->password);
}

/* Splits DOMAIN\user and user@domain where no domain was given apart. */
SECURITY_STATUS identity_split_name(struct identity *id)
{
    char *mark, *user, *domain;

    if (id->domain != NULL && *id->domain != '\0')
        return SEC_E_OK;
    string_wipe_free(id->domain);
    id->domain = NULL;
    mark = strchr(id->user, '\\');
    id->upn = mark == NULL && (mark = strrchr(id->user, '@')) != NULL;
    if (mark == NULL)
        return SEC_E_OK;
    *mark = '\0';
    user = strdup(id->upn ? id->user : mark + 1);
    domain = strdup(id->upn ? mark + 1 : id->user);
    string_wipe_free(id->user);
    id->user = user;
    id->domain = domain;
    if (user == NULL || domain == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    return *user != '\0' ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
}

static bool is_ex(const void *auth_data)
{
    uint32_t head[2];

    memcpy(head, auth_data, sizeof(head));
    return head[0] == SEC_WINNT_AUTH_IDENTITY_VERSION &&
           head[1] == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW);
}

/*
 * A user without a secret stays explicit, with an empty password: it fails at the first leg rather
 * than use what the process happens to have. Only a structure with no user and no password at all,
 * which FreeRDP's server passes for its settings, means the ambient identity.
 */
static SECURITY_STATUS identity_fill(const void *auth_data, struct raw_identity *raw,
                                     struct identity *id)
{
    SECURITY_STATUS status;
    char *packages = NULL;

    if (raw->flags & FLAGS_ENCRYPTED)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = raw_copy(raw->packages, raw->wide, &packages);
    if (status != SEC_E_OK)
        return status;
    id->mechs = package_list_read(packages);
    string_wipe_free(packages);
    if (is_ex(auth_data)) {
        status = winpr_settings_read(auth_data, raw->flags, id);
        if (status != SEC_E_OK)
            return status;
    }
    id->explicit = raw->user.text != NULL || raw->password.text != NULL || raw->domain.text != NULL;
    if (!id->explicit)
        return SEC_E_OK;
    status = raw_copy(raw->user, raw->wide, &id->user);
    if (status == SEC_E_OK)
        status = raw_copy(raw->domain, raw->wide, &id->domain);
    if (status == SEC_E_OK)
        status = secret_read(raw, id);
    if (status != SEC_E_OK)
        return status;
    if (id->user == NULL || *id->user == '\0')
        return SEC_E_UNKNOWN_CREDENTIALS;
    return identity_split_name(id);
}

SECURITY_STATUS identity_read(const void *auth_data, bool wide, struct identity **out)
{
    struct raw_identity raw = {.flags = 0};
    struct identity *id = calloc(1, sizeof(*id));
    SECURITY_STATUS status = SEC_E_OK;

    *out = NULL;
    if (id == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    id->mechs = IDENTITY_MECH_ALL;
    if (auth_data != NULL) {
        status = raw_read(auth_data, wide, &raw);
        if (status == SEC_E_OK)
            status = identity_fill(auth_data, &raw, id);
    }
    if (status != SEC_E_OK) {
        identity_free(id);
        return status;
    }
    *out = id;
    return SEC_E_OK;
}

bool identity_fits(const void *auth_data, size_t size)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2;

    if (auth_data == NULL || size < sizeof(SEC_WINNT_AUTH_IDENTITY_W) || size < sizeof(ex2))
        return false;
    if (is_ex(auth_data)) {
        SEC_WINNT_AUTH_IDENTITY_EXW ex;

        if (size < sizeof(ex))
            return false;
        memcpy(&ex, auth_data, sizeof(ex));
        return size >= winpr_identity_size(ex.Flags);
    }
    memcpy(&ex2, auth_data, sizeof(ex2));
    return ex2.Version != SEC_WINNT_AUTH_IDENTITY_VERSION_2 || ex2.cbStructureLength <= size;
}

/* Every string of an identity. */
static const size_t texts[] = {
    offsetof(struct identity, user),           offsetof(struct identity, domain),
    offsetof(struct identity, password),       offsetof(struct identity, nt_hash),
    offsetof(struct identity, ccache),         offsetof(struct identity, keytab),
    offsetof(struct identity, sam_file),       offsetof(struct identity, dns_computer),
    offsetof(struct identity, kdc_url),        offsetof(struct identity, armor_ccache),
    offsetof(struct identity, pkinit_anchors), offsetof(struct identity, pkinit_identity),
};

#define TEXT_COUNT (sizeof(texts) / sizeof(texts[0]))

static char **text_of(const struct identity *id, size_t i)
{
    return (char **)((uintptr_t)id + texts[i]);
}

void identity_free(struct identity *id)
{
    if (id == NULL)
        return;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        string_wipe_free(*text_of(id, i));
    memory_wipe_free(id);
}

struct identity *identity_copy(const struct identity *id)
{
    struct identity *copy = memory_copy(id, sizeof(*id));
    bool whole = true;

    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        if (*text_of(id, i) != NULL) {
            *text_of(copy, i) = strdup(*text_of(id, i));
            whole = whole && *text_of(copy, i) != NULL;
        }
    if (whole)
        return copy;
    identity_free(copy);
    return NULL;
}
