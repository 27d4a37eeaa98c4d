/* SPDX-License-Identifier: MIT */
/* A structure to DER, by its table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/form.h"
#include "win/win.h"

/* --- Parts ---------------------------------------------------------------------------------- */

/* An empty value is none: NULL. */
bool form_put(const struct der *der, const char *path, const void *data, size_t size)
{
    int code = size > FORM_DATA_MAX ? ASN1_VALUE_NOT_VALID
                                    : asn1_write_value(der->node, path, data, (int)size);

    return code == ASN1_SUCCESS ||
           win_fail(code == ASN1_MEM_ALLOC_ERROR ? ERROR_NOT_ENOUGH_MEMORY : CRYPT_E_ASN1_BADARGS);
}

bool form_put_none(const struct der *der, const char *path)
{
    return form_put(der, path, NULL, 0);
}

/* Digits and dots: what libtasn1 makes of anything else is not checked by it. */
bool form_put_oid(const struct der *der, const char *path, const char *oid)
{
    if (oid == NULL || oid[0] == '\0' || oid[strspn(oid, "0123456789.")] != '\0')
        return win_fail(CRYPT_E_ASN1_BADARGS);
    return form_put(der, path, oid, 1);
}

/* Octets; where there are none, libtasn1 would look for the end of a text at the pointer. */
bool form_put_blob(const struct der *der, const char *path, const CRYPT_DATA_BLOB *blob)
{
    return form_put(der, path, blob->cbData == 0 ? (const BYTE *)"" : blob->pbData, blob->cbData);
}

bool form_put_der(const struct der *der, const char *path, const CRYPT_DATA_BLOB *blob)
{
    struct asn_part contents;

    if (!der_strip((struct asn_part){blob->pbData, blob->cbData}, &contents))
        return win_fail(CRYPT_E_ASN1_BADARGS);
    return form_put(der, path, blob->pbData, blob->cbData);
}

/* --- Kinds ---------------------------------------------------------------------------------- */

static bool oid_write(const struct form_place *place, const void *in)
{
    const char *oid;

    memcpy(&oid, in, sizeof(oid));
    return form_put_oid(place->der, place->path, oid);
}

static bool any_write(const struct form_place *place, const void *in)
{
    return form_put_der(place->der, place->path, in);
}

static bool octets_write(const struct form_place *place, const void *in)
{
    return form_put_blob(place->der, place->path, in);
}

/* Big-endian; with a zero in front where the first bit would be taken for the sign. */
static bool big_write(const struct form_place *place, const void *in, bool is_unsigned)
{
    const CRYPT_INTEGER_BLOB *blob = in;
    BYTE *turned = blob->cbData > FORM_DATA_MAX ? NULL : calloc(blob->cbData + (size_t)2, 1);
    size_t lead = is_unsigned ? 1 : 0;
    bool is_put;

    if (turned == NULL)
        return win_fail(blob->cbData > FORM_DATA_MAX ? CRYPT_E_ASN1_BADARGS
                                                     : ERROR_NOT_ENOUGH_MEMORY);
    for (DWORD i = 0; i < blob->cbData; i++)
        turned[lead + i] = blob->pbData[blob->cbData - 1 - i];
    is_put = form_put(place->der, place->path, turned, blob->cbData == 0 ? 1 : lead + blob->cbData);
    free(turned);
    return is_put;
}

static bool integer_write(const struct form_place *place, const void *in)
{
    return big_write(place, in, false);
}

static bool unsigned_write(const struct form_place *place, const void *in)
{
    return big_write(place, in, true);
}

static bool signed_write(const struct form_place *place, const void *in)
{
    int number;
    BYTE octets[4];

    memcpy(&number, in, sizeof(number));
    for (unsigned i = 0; i < sizeof(octets); i++)
        octets[i] = (BYTE)((unsigned)number >> (24 - 8 * i));
    return form_put(place->der, place->path, octets, sizeof(octets));
}

static bool number_write(const struct form_place *place, const void *in)
{
    DWORD number;
    BYTE octets[5] = {0};

    memcpy(&number, in, sizeof(number));
    for (unsigned i = 1; i < sizeof(octets); i++)
        octets[i] = (BYTE)(number >> (32 - 8 * i));
    return form_put(place->der, place->path, octets, sizeof(octets));
}

static bool boolean_write(const struct form_place *place, const void *in)
{
    BOOL truth;

    memcpy(&truth, in, sizeof(truth));
    return form_put(place->der, place->path, truth ? "TRUE" : "FALSE", 1);
}

static size_t bits_count(const CRYPT_BIT_BLOB *bits)
{
    return bits->cbData == 0 ? 0 : (size_t)bits->cbData * 8 - (bits->cUnusedBits & 7);
}

static bool bits_put(const struct form_place *place, const BYTE *data, size_t count)
{
    return form_put(place->der, place->path, count == 0 ? (const BYTE *)"" : data, count);
}

static bool bits_write(const struct form_place *place, const void *in)
{
    const CRYPT_BIT_BLOB *bits = in;

    return bits_put(place, bits->pbData, bits_count(bits));
}

/* X.690 11.2.2: a list of named bits ends with the last that is set. */
static bool usage_write(const struct form_place *place, const void *in)
{
    const CRYPT_BIT_BLOB *bits = in;
    size_t count = bits_count(bits);

    while (count > 0 && !(bits->pbData[(count - 1) / 8] & 0x80 >> (count - 1) % 8))
        count--;
    return bits_put(place, bits->pbData, count);
}

static bool signature_write(const struct form_place *place, const void *in)
{
    const CRYPT_BIT_BLOB *bits = in;
    BYTE *turned;
    bool is_put;

    if (place->der->flags & CRYPT_ENCODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG)
        return bits_write(place, in);
    if (bits->cbData > FORM_DATA_MAX)
        return win_fail(CRYPT_E_ASN1_BADARGS);
    turned = malloc(bits->cbData + (size_t)1);
    if (turned == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    for (DWORD i = 0; i < bits->cbData; i++)
        turned[i] = bits->pbData[bits->cbData - 1 - i];
    is_put = bits_put(place, turned, bits_count(bits));
    free(turned);
    return is_put;
}

/* RFC 5280 4.1.2.5: two digits of a year from 1950 to 2049, four else. */
static bool time_text(const FILETIME *time, char *text, size_t size, bool *is_short)
{
    SYSTEMTIME at;

    if (!FileTimeToSystemTime(time, &at) || at.wYear > 9999)
        return win_fail(CRYPT_E_ASN1_BADARGS);
    *is_short = at.wYear >= 1950 && at.wYear < 2050;
    snprintf(text, size, *is_short ? "%02u%02u%02u%02u%02u%02uZ" : "%04u%02u%02u%02u%02u%02uZ",
             *is_short ? at.wYear % 100U : at.wYear, at.wMonth, at.wDay, at.wHour, at.wMinute,
             at.wSecond);
    return true;
}

static bool time_write(const struct form_place *place, const void *in)
{
    char text[48], path[FORM_PATH_MAX];
    bool is_short;
    const char *choice;

    if (!time_text(in, text, sizeof(text), &is_short))
        return false;
    choice = is_short ? "utcTime" : "generalTime";
    form_path(path, place->path, choice);
    return form_put(place->der, place->path, choice, 1) &&
           form_put(place->der, path, text, strlen(text));
}

static bool utc_time_write(const struct form_place *place, const void *in)
{
    char text[48];
    bool is_short;

    if (!time_text(in, text, sizeof(text), &is_short))
        return false;
    return is_short ? form_put(place->der, place->path, text, strlen(text))
                    : win_fail(CRYPT_E_ASN1_BADARGS);
}

static bool within_write(const struct form_place *place, const void *in)
{
    return form_write(place->der, place->path, place->form, in);
}

static bool pointer_write(const struct form_place *place, const void *in)
{
    const void *to;

    memcpy(&to, in, sizeof(to));
    return to == NULL ? win_fail(CRYPT_E_ASN1_BADARGS) : within_write(place, to);
}

static bool list_write(const struct form_place *place, const void *in)
{
    struct form_list list;
    char path[FORM_PATH_MAX];

    memcpy(&list, in, sizeof(list));
    form_path(path, place->path, "?LAST");
    for (DWORD i = 0; i < list.count; i++)
        if (!form_put(place->der, place->path, "NEW", 1) ||
            !form_write(place->der, path, place->form,
                        (const char *)list.items + i * place->form->size))
            return false;
    return true;
}

static bool call_write(const struct form_place *place, const void *in)
{
    return place->codec->write(place, in);
}

/* How many octets of a member say that there is nothing: they are 0 then. */
static const struct {
    bool (*write)(const struct form_place *place, const void *in);
    size_t head;
} writers[FORM_KINDS] = {
    [FORM_OID] = {oid_write, sizeof(LPSTR)},
    [FORM_ANY] = {any_write, sizeof(DWORD)},
    [FORM_OCTETS] = {octets_write, sizeof(DWORD)},
    [FORM_INTEGER] = {integer_write, sizeof(DWORD)},
    [FORM_UNSIGNED] = {unsigned_write, sizeof(DWORD)},
    [FORM_SIGNED] = {signed_write, sizeof(int)},
    [FORM_NUMBER] = {number_write, sizeof(DWORD)},
    [FORM_BOOLEAN] = {boolean_write, sizeof(BOOL)},
    [FORM_BITS] = {bits_write, sizeof(DWORD)},
    [FORM_USAGE] = {usage_write, sizeof(DWORD)},
    [FORM_SIGNATURE] = {signature_write, sizeof(DWORD)},
    [FORM_TIME] = {time_write, sizeof(FILETIME)},
    [FORM_UTC_TIME] = {utc_time_write, sizeof(FILETIME)},
    [FORM_WITHIN] = {within_write, sizeof(DWORD)},
    [FORM_POINTER] = {pointer_write, sizeof(void *)},
    [FORM_LIST] = {list_write, sizeof(DWORD)},
    [FORM_CALL] = {call_write, sizeof(DWORD)},
};

static bool is_absent(const struct form_field *field, const char *in)
{
    static const char nothing[sizeof(FILETIME)];
    BOOL present;

    if (!(field->flags & FORM_OPTIONAL))
        return false;
    if (field->present == 0)
        return memcmp(in + field->offset, nothing, writers[field->kind].head) == 0;
    memcpy(&present, in + field->present - 1, sizeof(present));
    return !present;
}

bool form_write(const struct der *der, const char *path, const struct form *form, const void *in)
{
    for (const struct form_field *field = form->fields; field->kind != FORM_END; field++) {
        struct form_place place = {
            der, NULL, field->flags, field->form, field->codec, {0},
        };

        form_path(place.path, path, field->path);
        if (is_absent(field, in)
                ? !form_put_none(der, place.path)
                : !writers[field->kind].write(&place, (const char *)in + field->offset))
            return false;
    }
    return true;
}
