/* SPDX-License-Identifier: MIT */
/* The values of names as text (X.680 41, RFC 5280 4.1.2.4). */
#include "cert/rdntext.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "win/win.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UNITS_MAX    (16 * 1024 * 1024)

bool rdn_is_printable(const CRYPT_DATA_BLOB *value)
{
    static const char others[] = " '()+,-./:=?";

    for (DWORD i = 0; i < value->cbData; i++) {
        char c = (char)value->pbData[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            memchr(others, c, sizeof(others) - 1) == NULL)
            return false;
    }
    return true;
}

bool rdn_is_ascii(const CRYPT_DATA_BLOB *value)
{
    for (DWORD i = 0; i < value->cbData; i++)
        if (value->pbData[i] & 0x80)
            return false;
    return true;
}

static bool is_numeric(const CRYPT_DATA_BLOB *value)
{
    for (DWORD i = 0; i < value->cbData; i++)
        if (value->pbData[i] != ' ' && (value->pbData[i] < '0' || value->pbData[i] > '9'))
            return false;
    return true;
}

static bool is_any(const CRYPT_DATA_BLOB *value)
{
    (void)value;
    return true;
}

/* --- From UTF-16 ---------------------------------------------------------------------------- */

/* A terminated copy, for the functions that end at a NUL; one inside is no text. */
static WCHAR *units_copy(const CRYPT_DATA_BLOB *wide, size_t *count)
{
    const WCHAR *from = (const WCHAR *)(const void *)wide->pbData;
    WCHAR *copy;

    *count = wide->cbData / sizeof(WCHAR);
    while (wide->cbData == 0 && from != NULL && from[*count] != 0)
        ++*count;
    if (*count > UNITS_MAX || wide->cbData % sizeof(WCHAR) != 0)
        return NULL;
    copy = calloc(*count + 1, sizeof(*copy));
    for (size_t i = 0; copy != NULL && i < *count; i++) {
        memcpy(&copy[i], from + i, sizeof(*copy));
        if (copy[i] == 0) {
            free(copy);
            return NULL;
        }
    }
    return copy;
}

/* Each character as one number of so many octets; false for one that does not fit. */
static bool points_write(const WCHAR *units, size_t count, size_t octets, CRYPT_DATA_BLOB *value)
{
    size_t made = 0;

    value->pbData = malloc(count * octets + 1);
    if (value->pbData == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    for (size_t i = 0; i < count; i++) {
        uint32_t point = units[i];
        WCHAR half = (WCHAR)point;

        if (octets == 4 && point >= 0xd800 && point < 0xdc00 && i + 1 < count)
            point = 0x10000 + ((point - 0xd800) << 10) + (units[++i] - 0xdc00U);
        if (octets == 1 && point > 0xff) {
            free(value->pbData);
            return win_fail(CRYPT_E_ASN1_BADARGS);
        }
        if (octets == 1)
            value->pbData[made] = (BYTE)point;
        else
            memcpy(value->pbData + made, octets == 2 ? (void *)&half : (void *)&point, octets);
        made += octets;
    }
    value->cbData = (DWORD)made;
    return true;
}

static const struct {
    DWORD type;
    size_t octets; /* of a character; 0: UTF-8 */
    bool (*is)(const CRYPT_DATA_BLOB *value);
    DWORD error;
} targets[] = {
    /* Without a type the first that it is. */
    {CERT_RDN_PRINTABLE_STRING, 0, rdn_is_printable, CRYPT_E_INVALID_PRINTABLE_STRING},
    {CERT_RDN_UTF8_STRING, 0, is_any, 0},
    {CERT_RDN_NUMERIC_STRING, 0, is_numeric, CRYPT_E_INVALID_NUMERIC_STRING},
    {CERT_RDN_IA5_STRING, 0, rdn_is_ascii, CRYPT_E_INVALID_IA5_STRING},
    {CERT_RDN_VISIBLE_STRING, 0, rdn_is_ascii, CRYPT_E_INVALID_IA5_STRING},
    {CERT_RDN_T61_STRING, 1, is_any, 0},
    {CERT_RDN_BMP_STRING, 2, is_any, 0},
    {CERT_RDN_UNIVERSAL_STRING, 4, is_any, 0},
};

/* Takes the UTF-8, and gives a value of it. */
static bool value_make(DWORD type, const WCHAR *units, size_t count, char *text,
                       CERT_NAME_VALUE *value)
{
    const CRYPT_DATA_BLOB plain = {(DWORD)strlen(text), (BYTE *)text};

    for (size_t i = 0; i < COUNT(targets); i++) {
        if (type != CERT_RDN_ANY_TYPE && targets[i].type != type)
            continue;
        if (!targets[i].is(&plain)) {
            if (type == CERT_RDN_ANY_TYPE)
                continue;
            free(text);
            return win_fail(targets[i].error);
        }
        value->dwValueType = targets[i].type;
        value->Value = plain;
        if (targets[i].octets == 0)
            return true;
        free(text);
        return points_write(units, count, targets[i].octets, &value->Value);
    }
    free(text);
    return win_fail(CRYPT_E_ASN1_BADARGS);
}

bool rdn_from_wide(const CERT_NAME_VALUE *wide, CERT_NAME_VALUE *value)
{
    size_t count;
    WCHAR *units = units_copy(&wide->Value, &count);
    char *text = NULL;
    bool made;

    if (units == NULL || text_from_w(units, &text) != SEC_E_OK) {
        free(units);
        return win_fail(CRYPT_E_ASN1_BADARGS);
    }
    made = value_make(wide->dwValueType & CERT_RDN_TYPE_MASK, units, count, text, value);
    free(units);
    return made;
}
