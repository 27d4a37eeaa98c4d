/* SPDX-License-Identifier: MIT */
/* pAuthData. */
#include "core/identity.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/authdata.h"
#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "core/winpr.h"

static SECURITY_STATUS part_copy(const struct authdata *data, struct authdata_part part, char **out)
{
    SECURITY_STATUS status = authdata_text(data, part, out);

    return status != SEC_E_INVALID_PARAMETER
               ? status
               : native_refuse(SEC_E_UNKNOWN_CREDENTIALS,
                               "a text of the identity, of %zu octets, is no %s: its Flags say "
                               "which it is, and its lengths count characters",
                               part.size, data->wide ? "UTF-16" : "UTF-8");
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
static SECURITY_STATUS secret_read(const struct authdata *data, struct authdata_part password,
                                   struct identity *id)
{
    ULONG length = authdata_length(data, password);
    struct authdata_part hash = {password.data,
                                 IDENTITY_NTHASH_HEX * (data->wide ? sizeof(SEC_WCHAR) : 1)};
    bool offset = length == IDENTITY_NTHASH_HEX + WINPR_HASH_LENGTH_OFFSET;
    SECURITY_STATUS status;

    /* With WinPR 2's mark only 32 digits are there to be read: look at those first. */
    if (offset || (data->flags & WINPR_IDENTITY_PASSWORD_HASH)) {
        if (!offset && length != IDENTITY_NTHASH_HEX)
            return SEC_E_UNKNOWN_CREDENTIALS;
        status = part_copy(data, hash, &id->nt_hash);
        if (status == SEC_E_OK && is_nt_hash(id->nt_hash))
            return SEC_E_OK;
        string_wipe_free(id->nt_hash);
        id->nt_hash = NULL;
        if (!offset || (data->flags & WINPR_IDENTITY_PASSWORD_HASH))
            return SEC_E_UNKNOWN_CREDENTIALS;
    }
    return part_copy(data, password, &id->password);
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
    return *user != '\0' ? SEC_E_OK
                         : native_refuse(SEC_E_UNKNOWN_CREDENTIALS, "the identity has no user");
}

static SECURITY_STATUS packages_read(const struct authdata *data, struct identity *id)
{
    char *packages = NULL;
    SECURITY_STATUS status = part_copy(data, data->packages, &packages);

    if (status == SEC_E_OK)
        id->mechs = package_list_read(packages);
    string_wipe_free(packages);
    return status;
}

/*
 * A user without a secret stays explicit, with an empty password: it fails at the first leg rather
 * than use what the process happens to have. Only a structure with no user and no password at all,
 * which FreeRDP's server passes for its settings, means the ambient identity.
 */
static SECURITY_STATUS names_read(const struct authdata *data, struct identity *id)
{
    struct authdata_part password;
    SECURITY_STATUS status = authdata_password(data, &password);

    if (status != SEC_E_OK)
        return status;
    id->explicit = data->user.data != NULL || password.data != NULL || data->domain.data != NULL;
    if (!id->explicit)
        return SEC_E_OK;
    status = part_copy(data, data->user, &id->user);
    if (status == SEC_E_OK)
        status = part_copy(data, data->domain, &id->domain);
    if (status == SEC_E_OK)
        status = secret_read(data, password, id);
    if (status != SEC_E_OK)
        return status;
    if (id->user == NULL || *id->user == '\0')
        return native_refuse(
            SEC_E_UNKNOWN_CREDENTIALS,
            "the identity has no user: pAuthData is NULL for whoever is logged on");
    return identity_split_name(id);
}

static SECURITY_STATUS identity_fill(const void *auth_data, bool wide, struct identity *id)
{
    struct authdata data;
    struct blob opened = {NULL, 0};
    SECURITY_STATUS status = authdata_read(auth_data, wide, &data);
    uint32_t flags = data.flags; /* FreeRDP's extensions are told by all of them */

    if (status == SEC_E_OK)
        status = authdata_open(&data, &opened);
    if (status == SEC_E_OK)
        status = packages_read(&data, id);
    if (status == SEC_E_OK && data.form == AUTHDATA_EX)
        status = winpr_settings_read(auth_data, flags, id);
    if (status == SEC_E_OK)
        status = names_read(&data, id);
    blob_wipe(&opened);
    return status == SEC_E_DECRYPT_FAILURE ? SEC_E_UNKNOWN_CREDENTIALS : status;
}

SECURITY_STATUS identity_read(const void *auth_data, bool wide, struct identity **out)
{
    struct identity *id = calloc(1, sizeof(*id));
    SECURITY_STATUS status = SEC_E_OK;

    *out = NULL;
    if (id == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    id->mechs = IDENTITY_MECH_ALL;
    if (auth_data != NULL)
        status = identity_fill(auth_data, wide, id);
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
    if (authdata_form_of(auth_data) == AUTHDATA_EX) {
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
