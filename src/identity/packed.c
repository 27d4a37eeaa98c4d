/* SPDX-License-Identifier: MIT */
/*
 * Secrets as one text. A password is that itself, unless more has to be said with it or it begins
 * like an encoded one; then the octets of a SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX follow a mark as
 * hexadecimal digits.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "identity/identity.h"

#define MARK      "@@sspi1:"
#define MARK_SIZE (sizeof(MARK) - 1)

/* Flags that belong to the identity and not to the memory it is in. */
#define FLAGS_KEPT                                                                                 \
    (SEC_WINNT_AUTH_IDENTITY_ONLY | SEC_WINNT_AUTH_IDENTITY_FLAGS_ID_PROVIDER |                    \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_USER | SEC_WINNT_AUTH_IDENTITY_FLAGS_NULL_DOMAIN)

bool packed_is(const char *text)
{
    return text != NULL && strncmp(text, MARK, MARK_SIZE) == 0;
}

/* --- Writing -------------------------------------------------------------------------------- */

/* UTF-16 of a part, which may be UTF-8. */
static SECURITY_STATUS part_widen(const struct authdata *data, struct authdata_part part,
                                  struct blob *wide)
{
    SEC_WCHAR *units = NULL;
    char *text;
    SECURITY_STATUS status = authdata_text(data, part, &text);

    if (status == SEC_E_OK)
        status = text_to_w(text, &units, &wide->size);
    wide->data = units;
    wide->size *= sizeof(*units);
    string_wipe_free(text);
    return status;
}

/* A password as packed credentials, in the way that Windows reads them. */
static SECURITY_STATUS password_pack(const struct authdata *data, struct blob *packed)
{
    static const GUID type = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT;
    SEC_WINNT_AUTH_PACKED_CREDENTIALS *head;
    struct blob wide = {NULL, 0};
    SECURITY_STATUS status = part_widen(data, data->secret, &wide);

    *packed = (struct blob){NULL, sizeof(*head) + wide.size};
    if (status == SEC_E_OK && packed->size > USHRT_MAX)
        status = SEC_E_INVALID_TOKEN;
    if (status == SEC_E_OK && (packed->data = calloc(1, packed->size)) == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK) {
        head = packed->data;
        head->cbHeaderLength = sizeof(*head);
        head->cbStructureLength = (USHORT)packed->size;
        head->AuthData.CredType = type;
        head->AuthData.CredData.ByteArrayOffset = sizeof(*head);
        head->AuthData.CredData.ByteArrayLength = (USHORT)wide.size;
        memcpy(head + 1, wide.data, wide.size);
    }
    blob_wipe(&wide);
    return status;
}

static SECURITY_STATUS secret_pack(const struct authdata *data, struct blob *packed)
{
    *packed = (struct blob){NULL, 0};
    if (data->secret.data == NULL)
        return SEC_E_OK;
    if (data->form != AUTHDATA_EX2)
        return password_pack(data, packed);
    packed->data = memory_copy(data->secret.data, data->secret.size);
    packed->size = data->secret.size;
    return packed->data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS encode(const struct authdata *data, const struct blob *packed,
                              const struct blob *packages, char **text)
{
    SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX head;
    char *at;

    memset(&head, 0, sizeof(head)); /* what is between the members, too */
    head.cbHeaderLength = sizeof(head);
    head.Flags = data->flags & FLAGS_KEPT;
    head.PackedCredentials.ByteArrayOffset = sizeof(head);
    head.PackedCredentials.ByteArrayLength = (USHORT)packed->size;
    head.PackageList.ShortArrayOffset = (ULONG)(sizeof(head) + packed->size);
    head.PackageList.ShortArrayCount = (USHORT)(packages->size / sizeof(SEC_WCHAR));
    *text = malloc(MARK_SIZE + 2 * (sizeof(head) + packed->size + packages->size) + 1);
    if (*text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    at = stpcpy(*text, MARK);
    text_hex(&head, sizeof(head), at);
    text_hex(packed->data, packed->size, at + 2 * sizeof(head));
    text_hex(packages->data, packages->size, at + 2 * (sizeof(head) + packed->size));
    if (strlen(*text) <= TEXT_MAX)
        return SEC_E_OK;
    string_wipe_free(*text);
    *text = NULL;
    native_error_set("these credentials are too long to be encoded as text");
    return SEC_E_INVALID_TOKEN;
}

static SECURITY_STATUS pack(const struct authdata *data, char **text)
{
    struct blob packed = {NULL, 0}, packages = {NULL, 0};
    SECURITY_STATUS status = secret_pack(data, &packed);

    if (status == SEC_E_OK)
        status = part_widen(data, data->packages, &packages);
    if (status == SEC_E_OK)
        status = encode(data, &packed, &packages, text);
    blob_wipe(&packed);
    blob_wipe(&packages);
    return status;
}

SECURITY_STATUS packed_text(const struct authdata *data, char **text)
{
    struct authdata_part password;
    SECURITY_STATUS status = authdata_password(data, &password);

    *text = NULL;
    if (status == SEC_E_UNSUPPORTED_FUNCTION || data->packages.data != NULL ||
        (data->flags & FLAGS_KEPT) != 0)
        return pack(data, text);
    if (status == SEC_E_OK)
        status = authdata_text(data, password, text);
    if (status != SEC_E_OK || !packed_is(*text))
        return status;
    string_wipe_free(*text);
    *text = NULL;
    return pack(data, text);
}

/* --- Reading -------------------------------------------------------------------------------- */

static SECURITY_STATUS refuse(void)
{
    native_error_set("this text begins like encoded credentials (" MARK ") and is malformed");
    return SEC_E_INVALID_TOKEN;
}

static int digit_value(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = digit == '\0' ? NULL : strchr(digits, digit);

    return at == NULL ? -1 : (int)(at - digits);
}

static SECURITY_STATUS hex_read(const char *text, struct blob *octets)
{
    size_t digits = strlen(text);
    unsigned char *to;

    if (digits % 2 != 0)
        return refuse();
    *octets = (struct blob){malloc(digits / 2 + 1), digits / 2};
    if (octets->data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    to = octets->data;
    for (size_t i = 0; i < octets->size; i++) {
        int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return refuse();
        to[i] = (unsigned char)(high << 4 | low);
    }
    return SEC_E_OK;
}

/* A part of the octets; they are all of them, one behind the other. */
static bool part_take(const struct blob *octets, size_t *end, ULONG offset, size_t size,
                      struct authdata_part *part)
{
    if (offset != *end || size > octets->size - *end)
        return false;
    *part = (struct authdata_part){size == 0 ? NULL : (const char *)octets->data + offset, size};
    *end += size;
    return true;
}

/* A password goes into an EX, as one that is not encoded does. */
static SECURITY_STATUS secret_take(struct authdata *data)
{
    struct authdata_part password;
    SECURITY_STATUS status = authdata_unpack(data->secret, &password);

    if (status == SEC_E_UNSUPPORTED_FUNCTION) {
        data->form = AUTHDATA_EX2;
        data->flags &= ~(uint32_t)SEC_WINNT_AUTH_IDENTITY_UNICODE;
        return SEC_E_OK;
    }
    data->secret = password;
    return status == SEC_E_OK ? SEC_E_OK : refuse();
}

SECURITY_STATUS packed_read(const char *text, struct blob *copy, struct authdata *data)
{
    SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX head;
    size_t end = sizeof(head);
    SECURITY_STATUS status = hex_read(text + MARK_SIZE, copy);

    if (status != SEC_E_OK)
        return status;
    if (copy->size < sizeof(head))
        return refuse();
    memcpy(&head, copy->data, sizeof(head));
    if (head.cbHeaderLength != sizeof(head) || (head.Flags & ~(uint32_t)FLAGS_KEPT) != 0 ||
        !part_take(copy, &end, head.PackedCredentials.ByteArrayOffset,
                   head.PackedCredentials.ByteArrayLength, &data->secret) ||
        !part_take(copy, &end, head.PackageList.ShortArrayOffset,
                   head.PackageList.ShortArrayCount * sizeof(SEC_WCHAR), &data->packages) ||
        end != copy->size)
        return refuse();
    data->flags |= head.Flags;
    return secret_take(data);
}
