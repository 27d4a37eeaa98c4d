/* SPDX-License-Identifier: MIT */
/* Text: UTF-8 and UTF-16 by libunistring. */
#include "core/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "core/secret.h"

#define NOT_ASCII UINT64_C(0x8080808080808080)

/* How much of the text is ASCII from its beginning, at least: eight octets at a time, then one. */
static size_t ascii_length(const char *text, size_t length)
{
    uint64_t octets = 0;
    size_t plain = 0;

    while (length - plain >= sizeof(octets)) {
        memcpy(&octets, text + plain, sizeof(octets));
        if (octets & NOT_ASCII)
            break;
        plain += sizeof(octets);
    }
    while (plain < length && (unsigned char)text[plain] < 0x80)
        plain++;
    return plain;
}

/* Most text is ASCII, which needs no library. */
static bool utf8_is_well_formed(const char *text, size_t length)
{
    size_t plain;

    if (length > TEXT_MAX)
        return false;
    plain = ascii_length(text, length);
    return plain == length || u8_check((const uint8_t *)text + plain, length - plain) == NULL;
}

SECURITY_STATUS text_from_utf8(const char *text, size_t length, char **out)
{
    *out = NULL;
    if (text == NULL)
        return SEC_E_OK;
    if (!utf8_is_well_formed(text, length) || memchr(text, '\0', length) != NULL)
        return SEC_E_INVALID_PARAMETER;
    *out = malloc(length + 1);
    if (*out == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(*out, text, length);
    (*out)[length] = '\0';
    return SEC_E_OK;
}

/* A caller's UTF-16 may stand at an odd address: it is copied before it is read as units. */
SECURITY_STATUS text_from_utf16(const SEC_WCHAR *text, size_t length, char **out)
{
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;
    uint16_t *units;
    size_t size = 3 * length; /* a unit becomes at most three octets */

    *out = NULL;
    if (text == NULL)
        return SEC_E_OK;
    if (length > TEXT_MAX)
        return SEC_E_INVALID_PARAMETER;
    units = memory_copy(text, length * sizeof(*units));
    *out = malloc(size + 1);
    if (units == NULL || *out == NULL) {
        status = SEC_E_INSUFFICIENT_MEMORY;
        goto done;
    }
    if (u16_chr(units, length, 0) != NULL)
        goto done;
    if (length != 0 && u16_to_u8(units, length, (uint8_t *)*out, &size) != (uint8_t *)*out)
        goto done;
    (*out)[size] = '\0';
    status = SEC_E_OK;
done:
    memory_wipe_free(units);
    if (status != SEC_E_OK) {
        string_wipe_free(*out);
        *out = NULL;
    }
    return status;
}

SECURITY_STATUS text_check_a(const SEC_CHAR *text)
{
    return text == NULL || utf8_is_well_formed(text, strnlen(text, TEXT_MAX + 1))
               ? SEC_E_OK
               : SEC_E_INVALID_PARAMETER;
}

SECURITY_STATUS text_from_a(const SEC_CHAR *text, char **out)
{
    return text_from_utf8(text, text == NULL ? 0 : strnlen(text, TEXT_MAX + 1), out);
}

SECURITY_STATUS text_from_w(const SEC_WCHAR *text, char **out)
{
    const char *at = (const char *)text;
    size_t length = 0;
    SEC_WCHAR unit = 1;

    while (text != NULL && length <= TEXT_MAX) {
        memcpy(&unit, at + length * sizeof(unit), sizeof(unit));
        if (unit == 0)
            break;
        length++;
    }
    return text_from_utf16(text, length, out);
}

SECURITY_STATUS text_from_caller(const void *text, bool wide, char **out)
{
    return wide ? text_from_w(text, out) : text_from_a(text, out);
}

SECURITY_STATUS text_to_w(const char *text, SEC_WCHAR **out, size_t *units)
{
    size_t length, size;

    *out = NULL;
    if (units != NULL)
        *units = 0;
    if (text == NULL)
        return SEC_E_OK;
    length = strlen(text);
    size = length; /* an octet becomes at most one unit */
    *out = malloc((length + 1) * sizeof(**out));
    if (*out == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (length != 0 &&
        u8_to_u16((const uint8_t *)text, length, (uint16_t *)*out, &size) != (uint16_t *)*out) {
        memory_wipe_free(*out);
        *out = NULL;
        return SEC_E_INVALID_PARAMETER;
    }
    (*out)[size] = 0;
    if (units != NULL)
        *units = size;
    return SEC_E_OK;
}

void text_hex(const void *data, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *octets = data;

    for (size_t i = 0; i < size; i++) {
        *out++ = digits[octets[i] >> 4];
        *out++ = digits[octets[i] & 0xf];
    }
    *out = '\0';
}

bool text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && text_lower(*a) == text_lower(*b)) {
        a++;
        b++;
    }
    return text_lower(*a) == text_lower(*b);
}

bool text_equal_nocase_n(const void *a, const void *b, size_t size)
{
    const char *one = a, *other = b;

    for (size_t i = 0; i < size; i++)
        if (text_lower(one[i]) != text_lower(other[i]))
            return false;
    return true;
}

char *text_join(const char *a, const char *separator, const char *b)
{
    size_t size = strlen(a) + strlen(separator) + strlen(b) + 1;
    char *joined = malloc(size);

    if (joined != NULL)
        stpcpy(stpcpy(stpcpy(joined, a), separator), b);
    return joined;
}
