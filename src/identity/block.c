/* SPDX-License-Identifier: MIT */
/* Identities in one block: a structure, the names, the list of packages, the secret. */
#include <limits.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "core/winpr.h"
#include "identity/identity.h"

/* A plain identity is what an EX has between its first two words and its list of packages. */
#define PLAIN_IN_EX offsetof(SEC_WINNT_AUTH_IDENTITY_EXW, User)

_Static_assert(offsetof(SEC_WINNT_AUTH_IDENTITY_EXW, Flags) - PLAIN_IN_EX ==
                   offsetof(SEC_WINNT_AUTH_IDENTITY_W, Flags),
               "the members of both follow each other in the same way");

static SEC_WINNT_AUTH_IDENTITY_W *plain_of(void *identity, enum authdata_form form)
{
    return (SEC_WINNT_AUTH_IDENTITY_W *)((char *)identity +
                                         (form == AUTHDATA_EX ? PLAIN_IN_EX : 0));
}

static size_t head_size(enum authdata_form form)
{
    static const size_t sizes[] = {
        [AUTHDATA_PLAIN] = sizeof(SEC_WINNT_AUTH_IDENTITY_W),
        [AUTHDATA_EX] = sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
        [AUTHDATA_EX2] = sizeof(SEC_WINNT_AUTH_IDENTITY_EX2),
    };

    return sizes[form];
}

SECURITY_STATUS block_read(const void *identity, struct authdata *data)
{
    SECURITY_STATUS status;

    if (identity == NULL) {
        native_error_set("there is no identity");
        return SEC_E_INVALID_TOKEN;
    }
    status = authdata_read(identity, true, data);
    if (status == SEC_E_OK)
        return authdata_check(data);
    native_error_set("this is no identity: a part is outside of it");
    return SEC_E_INVALID_TOKEN;
}

SECURITY_STATUS block_user_name(const struct authdata *data, char **name)
{
    char *user = NULL, *domain = NULL;
    SECURITY_STATUS status = authdata_text(data, data->user, &user);

    *name = NULL;
    if (status == SEC_E_OK)
        status = authdata_text(data, data->domain, &domain);
    if (status == SEC_E_OK && user != NULL && *user != '\0') {
        bool alone = domain == NULL || *domain == '\0';

        *name = text_join(alone ? "" : domain, alone ? "" : "\\", user);
        status = *name == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
    }
    string_wipe_free(user);
    string_wipe_free(domain);
    return status;
}

/* --- Layout --------------------------------------------------------------------------------- */

enum { USER, DOMAIN, PACKAGES, SECRET, PARTS };

/* Where each part goes, counted from the start of the block. */
struct layout {
    struct authdata_part parts[PARTS];
    size_t at[PARTS], end;
};

/* Packed credentials are structures; the others are text, which programs may expect to be ended. */
#define ALIGNMENT 8U

static void layout_make(const struct authdata *data, struct layout *layout)
{
    size_t at = head_size(data->form);
    size_t ended = data->form == AUTHDATA_EX2 ? 0 : sizeof(SEC_WCHAR);

    *layout = (struct layout){
        .parts = {data->user, data->domain, data->packages, data->secret},
    };
    for (int i = 0; i < PARTS; i++) {
        if (i == SECRET && data->form == AUTHDATA_EX2)
            at = (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        layout->at[i] = at;
        if (layout->parts[i].data != NULL)
            at += layout->parts[i].size + ended;
    }
    layout->end = at;
}

static void *part_put(char *block, const struct layout *layout, int part)
{
    if (layout->parts[part].data == NULL)
        return NULL;
    memcpy(block + layout->at[part], layout->parts[part].data, layout->parts[part].size);
    return block + layout->at[part];
}

/* What a call's own form has decided is said. */
static ULONG flags_told(const struct authdata *data)
{
    return data->flags | SEC_WINNT_AUTH_IDENTITY_MARSHALLED |
           (data->wide ? SEC_WINNT_AUTH_IDENTITY_UNICODE : SEC_WINNT_AUTH_IDENTITY_ANSI);
}

static void plain_put(char *block, const struct layout *layout, const struct authdata *data)
{
    *plain_of(block, data->form) = (SEC_WINNT_AUTH_IDENTITY_W){
        .User = part_put(block, layout, USER),
        .UserLength = authdata_length(data, data->user),
        .Domain = part_put(block, layout, DOMAIN),
        .DomainLength = authdata_length(data, data->domain),
        .Password = part_put(block, layout, SECRET),
        .PasswordLength = authdata_length(data, data->secret),
        .Flags = flags_told(data),
    };
}

static void ex_put(char *block, const struct layout *layout, const struct authdata *data)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *id = (SEC_WINNT_AUTH_IDENTITY_EXW *)block;

    id->Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    id->Length = sizeof(*id);
    id->PackageList = part_put(block, layout, PACKAGES);
    id->PackageListLength = authdata_length(data, data->packages);
    plain_put(block, layout, data);
}

/* Offset of a part that is there. */
static ULONG part_offset(char *block, const struct layout *layout, int part)
{
    return part_put(block, layout, part) == NULL ? 0 : (ULONG)layout->at[part];
}

/* Member by member: what is between them stays zero, and goes where the identity goes. */
static void ex2_put(char *block, const struct layout *layout, const struct authdata *data)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 *id = (SEC_WINNT_AUTH_IDENTITY_EX2 *)block;

    id->Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    id->cbHeaderLength = sizeof(*id);
    id->cbStructureLength = (ULONG)layout->end;
    id->UserOffset = part_offset(block, layout, USER);
    id->UserLength = (USHORT)data->user.size;
    id->DomainOffset = part_offset(block, layout, DOMAIN);
    id->DomainLength = (USHORT)data->domain.size;
    id->PackedCredentialsOffset = part_offset(block, layout, SECRET);
    id->PackedCredentialsLength = (USHORT)data->secret.size;
    id->Flags = data->flags;
    id->PackageListOffset = part_offset(block, layout, PACKAGES);
    id->PackageListLength = (USHORT)data->packages.size;
}

static bool sizes_fit(const struct authdata *data)
{
    return data->form != AUTHDATA_EX2 ||
           (data->user.size <= USHRT_MAX && data->domain.size <= USHRT_MAX &&
            data->packages.size <= USHRT_MAX && data->secret.size <= USHRT_MAX);
}

SECURITY_STATUS block_make(const struct authdata *data, void **identity)
{
    static void (*const put[])(char *, const struct layout *, const struct authdata *) = {
        [AUTHDATA_PLAIN] = plain_put,
        [AUTHDATA_EX] = ex_put,
        [AUTHDATA_EX2] = ex2_put,
    };
    struct layout layout;

    if (!sizes_fit(data)) {
        native_error_set("SEC_WINNT_AUTH_IDENTITY_EX2 has no room for a part of this length");
        return SEC_E_INVALID_TOKEN;
    }
    layout_make(data, &layout);
    *identity = given_new(layout.end + AUTHDATA_CLOSED_EXTRA);
    if (*identity == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    put[data->form](*identity, &layout, data);
    return SEC_E_OK;
}

/* --- The secret in its place ---------------------------------------------------------------- */

/* The secret of an EX2 is the last part of it, or else those behind it stay where they are. */
static void ex2_size_set(SEC_WINNT_AUTH_IDENTITY_EX2 *id, const struct authdata *data, size_t size)
{
    size_t at = (size_t)((const char *)data->secret.data - (const char *)id);

    if (data->secret.data != NULL && at + data->secret.size == id->cbStructureLength)
        id->cbStructureLength = (ULONG)(at + size);
    id->PackedCredentialsLength = (USHORT)size;
}

static void secret_size_set(void *identity, const struct authdata *data, size_t size)
{
    struct authdata_part secret = {data->secret.data, size};

    if (data->form == AUTHDATA_EX2)
        ex2_size_set(identity, data, size);
    else
        plain_of(identity, data->form)->PasswordLength = authdata_length(data, secret);
}

static void flags_set(void *identity, enum authdata_form form, uint32_t flags)
{
    if (form == AUTHDATA_EX2)
        ((SEC_WINNT_AUTH_IDENTITY_EX2 *)identity)->Flags = flags;
    else
        plain_of(identity, form)->Flags = flags;
}

/* Where a part of a caller's structure stands, for writing. */
static void *writable(struct authdata_part part)
{
    return (void *)(uintptr_t)part.data;
}

/* Whether the block, if it is one of ours, has size octets where its secret begins. */
static bool has_room(const void *identity, const struct authdata *data, size_t size)
{
    uintptr_t start = (uintptr_t)identity, at = (uintptr_t)data->secret.data;
    size_t whole = given_size(identity);

    return at >= start + head_size(data->form) && at < start + whole && size <= start + whole - at;
}

SECURITY_STATUS block_secret_set(void *identity, const struct authdata *data,
                                 const struct blob *secret, uint32_t flags)
{
    bool grows = secret->size > data->secret.size;

    if (grows && (!has_room(identity, data, secret->size) ||
                  (data->form == AUTHDATA_EX2 && secret->size > USHRT_MAX))) {
        native_error_set("this identity has no room for what is encrypted: encrypt a copy that "
                         "SspiCopyAuthIdentity has made");
        return SEC_E_INVALID_PARAMETER;
    }
    if (data->secret.data != NULL && data->secret.size != 0)
        explicit_bzero(writable(data->secret), data->secret.size);
    if (secret->size != 0)
        memcpy(writable(data->secret), secret->data, secret->size);
    secret_size_set(identity, data, secret->size);
    flags_set(identity, data->form, flags);
    return SEC_E_OK;
}

void block_secret_wipe(void *identity)
{
    struct authdata data;

    if (identity == NULL || authdata_read(identity, true, &data) != SEC_E_OK)
        return;
    if (authdata_marks_hash(&data))
        data.secret.size -= WINPR_HASH_LENGTH_OFFSET * (data.wide ? sizeof(SEC_WCHAR) : 1);
    if (data.secret.data != NULL && data.secret.size != 0)
        explicit_bzero(writable(data.secret), data.secret.size);
    secret_size_set(identity, &data, 0);
    flags_set(identity, data.form, data.flags & ~(uint32_t)AUTHDATA_CLOSED);
}
