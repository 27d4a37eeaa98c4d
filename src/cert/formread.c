/* SPDX-License-Identifier: MIT */
/* DER to a structure, by its table. */
#include <stdio.h>
#include <string.h>

#include "cert/form.h"
#include "win/win.h"

void form_path(char *out, const char *base, const char *path)
{
    const char *dot = *base != '\0' && *path != '\0' ? "." : "";

    /* No table is so deep; a path that is nowhere would be refused. */
    if (snprintf(out, FORM_PATH_MAX, "%s%s%s", base, dot, path) >= FORM_PATH_MAX)
        memcpy(out, "-", sizeof("-"));
}

struct asn_part form_contents(const struct form_place *place)
{
    struct asn_part part = der_contents(place->der, place->path), inner = {NULL, 0};

    if (!(place->flags & FORM_EXPLICIT))
        return part;
    der_strip(part, &inner);
    return inner;
}

static bool blob_set(void *out, struct asn_part part)
{
    const CRYPT_DATA_BLOB blob = {(DWORD)part.size, (BYTE *)(uintptr_t)part.data};

    memcpy(out, &blob, sizeof(blob));
    return true;
}

/* --- Kinds ---------------------------------------------------------------------------------- */

static bool oid_read(const struct form_place *place, void *out)
{
    char *text = NULL;
    bool is_read = der_oid(place->der, place->path, place->arena, &text);

    memcpy(out, &text, sizeof(text));
    return is_read;
}

static bool any_read(const struct form_place *place, void *out)
{
    return blob_set(out, place->flags & FORM_EXPLICIT ? der_contents(place->der, place->path)
                                                      : der_element(place->der, place->path));
}

static bool octets_read(const struct form_place *place, void *out)
{
    struct asn_part part = form_contents(place);

    return blob_set(out, part.size == 0 ? (struct asn_part){NULL, 0} : part);
}

static bool integer_read(const struct form_place *place, void *out)
{
    CRYPT_INTEGER_BLOB blob;

    if (!arena_integer(place->arena, form_contents(place), &blob))
        return false;
    memcpy(out, &blob, sizeof(blob));
    return true;
}

static bool unsigned_read(const struct form_place *place, void *out)
{
    CRYPT_UINT_BLOB blob;

    if (!arena_unsigned(place->arena, form_contents(place), &blob))
        return false;
    memcpy(out, &blob, sizeof(blob));
    return true;
}

static bool signed_read(const struct form_place *place, void *out)
{
    struct asn_part part = form_contents(place);
    int number = part.size != 0 && (part.data[0] & 0x80) ? -1 : 0;

    if (part.size == 0 || part.size > sizeof(number))
        return win_fail(CRYPT_E_ASN1_LARGE);
    for (size_t i = 0; i < part.size; i++)
        number = (int)((unsigned)number << 8 | part.data[i]);
    memcpy(out, &number, sizeof(number));
    return true;
}

static bool number_read(const struct form_place *place, void *out)
{
    struct asn_part part = form_contents(place);
    DWORD number = 0;

    if (part.size == 0 || part.size > 5 || (part.data[0] & 0x80) ||
        (part.size == 5 && part.data[0] != 0))
        return win_fail(CRYPT_E_ASN1_LARGE);
    for (size_t i = 0; i < part.size; i++)
        number = number << 8 | part.data[i];
    memcpy(out, &number, sizeof(number));
    return true;
}

static bool boolean_read(const struct form_place *place, void *out)
{
    BOOL truth = der_boolean(place->der, place->path);

    memcpy(out, &truth, sizeof(truth));
    return true;
}

static bool bits_read(const struct form_place *place, void *out)
{
    CRYPT_BIT_BLOB bits = {0, NULL, 0};

    if (!der_part_bits(form_contents(place), &bits))
        return false;
    memcpy(out, &bits, sizeof(bits));
    return true;
}

/* An RSA signature is a number to Windows, and its numbers are little-endian. */
static bool signature_read(const struct form_place *place, void *out)
{
    CRYPT_BIT_BLOB bits = {0, NULL, 0};
    BYTE *turned;

    if (!der_part_bits(form_contents(place), &bits))
        return false;
    turned = arena_take(place->arena, bits.cbData);
    if (turned == NULL)
        return false;
    for (DWORD i = 0; i < bits.cbData; i++)
        turned[i] = bits.pbData[place->der->flags & CRYPT_DECODE_NO_SIGNATURE_BYTE_REVERSAL_FLAG
                                    ? i
                                    : bits.cbData - 1 - i];
    bits.pbData = turned;
    memcpy(out, &bits, sizeof(bits));
    return true;
}

static bool time_read(const struct form_place *place, void *out)
{
    return der_time(place->der, place->path, out);
}

static bool utc_time_read(const struct form_place *place, void *out)
{
    return der_utc_time(place->der, place->path, out);
}

static bool within_read(const struct form_place *place, void *out)
{
    return form_read(place->der, place->path, place->form, place->arena, out);
}

static bool pointer_read(const struct form_place *place, void *out)
{
    void *made = arena_take(place->arena, place->form->size);

    memcpy(out, &made, sizeof(made));
    return made != NULL && within_read(place, made);
}

static bool list_read(const struct form_place *place, void *out)
{
    struct form_list list = {der_count(place->der, place->path), NULL};
    char path[FORM_PATH_MAX], number[16];

    if (list.count == 0) /* Windows' array of nothing is somewhere all the same */
        return (place->flags & FORM_OPTIONAL) || (list.items = arena_take(place->arena, 0)) != NULL;
    list.items = arena_take(place->arena, list.count * place->form->size);
    memcpy(out, &list, sizeof(list));
    for (DWORD i = 0; list.items != NULL && i < list.count; i++) {
        snprintf(number, sizeof(number), "?%u", i + 1);
        form_path(path, place->path, number);
        if (!form_read(place->der, path, place->form, place->arena,
                       (char *)list.items + i * place->form->size))
            return false;
    }
    return list.items != NULL;
}

static bool call_read(const struct form_place *place, void *out)
{
    return place->codec->read(place, out);
}

static bool none_read(const struct form_place *place, void *out)
{
    (void)place;
    (void)out;
    return true;
}

static bool (*const readers[FORM_KINDS])(const struct form_place *place, void *out) = {
    [FORM_OID] = oid_read,
    [FORM_ANY] = any_read,
    [FORM_OCTETS] = octets_read,
    [FORM_INTEGER] = integer_read,
    [FORM_UNSIGNED] = unsigned_read,
    [FORM_SIGNED] = signed_read,
    [FORM_NUMBER] = number_read,
    [FORM_BOOLEAN] = boolean_read,
    [FORM_BITS] = bits_read,
    [FORM_USAGE] = bits_read,
    [FORM_SIGNATURE] = signature_read,
    [FORM_TIME] = time_read,
    [FORM_UTC_TIME] = utc_time_read,
    [FORM_WITHIN] = within_read,
    [FORM_POINTER] = pointer_read,
    [FORM_LIST] = list_read,
    [FORM_CALL] = call_read,
    [FORM_NONE] = none_read,
};

bool form_read(const struct der *der, const char *path, const struct form *form,
               struct arena *arena, void *out)
{
    for (const struct form_field *field = form->fields; field->kind != FORM_END; field++) {
        struct form_place place = {
            der, arena, field->flags, field->form, field->codec, {0},
        };
        BOOL present = TRUE;

        form_path(place.path, path, field->path);
        if ((field->flags & FORM_OPTIONAL) && !der_has(der, place.path))
            continue;
        if (field->present != 0)
            memcpy((char *)out + field->present - 1, &present, sizeof(present));
        if (!readers[field->kind](&place, (char *)out + field->offset))
            return false;
    }
    return true;
}
