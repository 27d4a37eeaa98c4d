/* SPDX-License-Identifier: MIT */
/*
 * Identities as octets. A plain identity and an EX become a head of eleven 32-bit numbers, where an
 * EX has pointers of its machine, and their texts; an EX2 is as it is. Windows puts zeros behind
 * either.
 */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "identity/identity.h"

struct head {
    uint32_t version, length;
    uint32_t user_offset, user_length; /* offsets count octets, lengths characters */
    uint32_t domain_offset, domain_length;
    uint32_t password_offset, password_length;
    uint32_t flags;
    uint32_t packages_offset, packages_length;
};

_Static_assert(sizeof(struct head) == 44, "Windows' numbers");

#define ZEROS_EX  4U
#define ZEROS_EX2 8U

/* --- Writing -------------------------------------------------------------------------------- */

/* Puts a part at *end; an empty one has its place, which one that is not given has not. */
static uint32_t part_put(char *octets, size_t *end, struct authdata_part part)
{
    uint32_t at = (uint32_t)*end;

    if (part.data == NULL)
        return 0;
    memcpy(octets + at, part.data, part.size);
    *end += part.size;
    return at;
}

static SECURITY_STATUS ex_write(const struct authdata *data, void **octets, size_t *size)
{
    struct head head = {
        .version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .length = sizeof(head),
        .user_length = authdata_length(data, data->user),
        .domain_length = authdata_length(data, data->domain),
        .password_length = authdata_length(data, data->secret),
        .flags = data->flags,
        .packages_length = authdata_length(data, data->packages),
    };
    size_t end = sizeof(head);

    *size = end + data->user.size + data->domain.size + data->secret.size + data->packages.size +
            ZEROS_EX;
    *octets = given_new(*size);
    if (*octets == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    head.user_offset = part_put(*octets, &end, data->user);
    head.domain_offset = part_put(*octets, &end, data->domain);
    head.password_offset = part_put(*octets, &end, data->secret);
    head.packages_offset = part_put(*octets, &end, data->packages);
    memcpy(*octets, &head, sizeof(head));
    return SEC_E_OK;
}

/* In the layout that every EX2 of ours has, whatever the caller's is. */
static SECURITY_STATUS ex2_write(const struct authdata *data, void **octets, size_t *size)
{
    const SEC_WINNT_AUTH_IDENTITY_EX2 *block;
    void *identity;
    SECURITY_STATUS status = block_make(data, &identity);

    if (status != SEC_E_OK)
        return status;
    block = identity;
    *size = block->cbStructureLength + ZEROS_EX2;
    *octets = given_new(*size);
    if (*octets != NULL)
        memcpy(*octets, block, block->cbStructureLength);
    given_free(identity);
    return *octets == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

SECURITY_STATUS flat_write(const struct authdata *data, void **octets, size_t *size)
{
    return data->form == AUTHDATA_EX2 ? ex2_write(data, octets, size)
                                      : ex_write(data, octets, size);
}

/* --- Reading -------------------------------------------------------------------------------- */

static SECURITY_STATUS refuse(const char *why)
{
    native_error_set("these octets are no identity: %s", why);
    return SEC_E_INVALID_TOKEN;
}

static bool part_find(const struct blob *octets, bool wide, uint32_t offset, uint32_t length,
                      struct authdata_part *part)
{
    size_t size = wide ? length * sizeof(SEC_WCHAR) : length;

    *part = (struct authdata_part){NULL, 0};
    if (offset == 0)
        return length == 0;
    if (offset < sizeof(struct head) || offset > octets->size || size > octets->size - offset)
        return false;
    *part = (struct authdata_part){(const char *)octets->data + offset, size};
    return true;
}

static SECURITY_STATUS ex_read(const struct blob *octets, struct authdata *data)
{
    struct head head;

    if (octets->size < sizeof(head))
        return refuse("they are too few");
    memcpy(&head, octets->data, sizeof(head));
    if (head.length != sizeof(head))
        return refuse("the head has another length");
    *data = (struct authdata){
        .form = AUTHDATA_EX,
        .flags = head.flags,
        .wide = (head.flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) ||
                !(head.flags & SEC_WINNT_AUTH_IDENTITY_ANSI),
    };
    if (!part_find(octets, data->wide, head.user_offset, head.user_length, &data->user) ||
        !part_find(octets, data->wide, head.domain_offset, head.domain_length, &data->domain) ||
        !part_find(octets, data->wide, head.password_offset, head.password_length, &data->secret) ||
        !part_find(octets, data->wide, head.packages_offset, head.packages_length, &data->packages))
        return refuse("a part is outside of them");
    return SEC_E_OK;
}

static SECURITY_STATUS ex2_read(const struct blob *octets, struct authdata *data)
{
    const SEC_WINNT_AUTH_IDENTITY_EX2 *id = octets->data;

    if (octets->size < sizeof(*id) || authdata_form_of(id) != AUTHDATA_EX2)
        return refuse("the head has another length");
    if (id->cbStructureLength > octets->size || authdata_read(id, true, data) != SEC_E_OK)
        return refuse("a part is outside of them");
    return SEC_E_OK;
}

static SECURITY_STATUS version_read(const struct blob *octets, struct authdata *data)
{
    uint32_t version = 0;

    if (octets->size >= sizeof(version))
        memcpy(&version, octets->data, sizeof(version));
    if (version == SEC_WINNT_AUTH_IDENTITY_VERSION)
        return ex_read(octets, data);
    return version == SEC_WINNT_AUTH_IDENTITY_VERSION_2 ? ex2_read(octets, data)
                                                        : refuse("the version is not known");
}

SECURITY_STATUS flat_read(const void *octets, size_t size, struct blob *copy, struct authdata *data)
{
    SECURITY_STATUS status;

    *copy = (struct blob){memory_copy(octets, size), size};
    if (copy->data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = version_read(copy, data);
    if (status == SEC_E_OK)
        status = authdata_check(data);
    if (status != SEC_E_OK)
        blob_wipe(copy);
    return status;
}
