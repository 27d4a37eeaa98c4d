/* SPDX-License-Identifier: MIT */
/* Names and their values, which no table describes: CHOICEs, and text in its many encodings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/form.h"
#include "cert/rdntext.h"
#include "core/text.h"
#include "win/win.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void blob_set(CRYPT_DATA_BLOB *blob, struct asn_part part)
{
    blob->cbData = (DWORD)part.size;
    blob->pbData = (BYTE *)(uintptr_t)part.data;
}

/* --- Values of names ------------------------------------------------------------------------ */

static const struct {
    BYTE tag;
    unsigned etype;
    DWORD type;
    DWORD unit; /* octets that make one: Windows has them in the machine's order */
} string_types[] = {
    {ASN1_TAG_OCTET_STRING, ASN1_ETYPE_OCTET_STRING, CERT_RDN_OCTET_STRING, 1},
    {ASN1_TAG_NUMERIC_STRING, ASN1_ETYPE_NUMERIC_STRING, CERT_RDN_NUMERIC_STRING, 1},
    {ASN1_TAG_PRINTABLE_STRING, ASN1_ETYPE_PRINTABLE_STRING, CERT_RDN_PRINTABLE_STRING, 1},
    {ASN1_TAG_TELETEX_STRING, ASN1_ETYPE_TELETEX_STRING, CERT_RDN_T61_STRING, 1},
    {ASN1_TAG_IA5_STRING, ASN1_ETYPE_IA5_STRING, CERT_RDN_IA5_STRING, 1},
    {ASN1_TAG_VISIBLE_STRING, ASN1_ETYPE_VISIBLE_STRING, CERT_RDN_VISIBLE_STRING, 1},
    {ASN1_TAG_UNIVERSAL_STRING, ASN1_ETYPE_UNIVERSAL_STRING, CERT_RDN_UNIVERSAL_STRING, 4},
    {ASN1_TAG_BMP_STRING, ASN1_ETYPE_BMP_STRING, CERT_RDN_BMP_STRING, 2},
    {ASN1_TAG_UTF8_STRING, ASN1_ETYPE_UTF8_STRING, CERT_RDN_UTF8_STRING, 1},
};

/* Octets of a value from DER's order, big-endian, to the machine's or back. */
static void units_turn(BYTE *to, const BYTE *from, DWORD size, DWORD unit)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    unit = 1;
#endif
    for (DWORD i = 0; i < size; i++)
        to[i] = from[i - i % unit + (unit - 1 - i % unit)];
}

static bool value_turn(struct arena *arena, DWORD unit, CRYPT_DATA_BLOB *value)
{
    BYTE *turned;

    if (unit == 1)
        return true;
    if (value->cbData % unit != 0)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    turned = arena_take(arena, value->cbData);
    if (turned == NULL)
        return false;
    units_turn(turned, value->pbData, value->cbData, unit);
    value->pbData = turned;
    return true;
}

/* What is no string stays as it is encoded. */
static bool value_take(const struct form_place *place, CERT_NAME_VALUE *value)
{
    struct asn_part part = der_element(place->der, place->path), contents;

    value->dwValueType = CERT_RDN_ENCODED_BLOB;
    blob_set(&value->Value, part);
    for (size_t i = 0; i < COUNT(string_types) && part.size != 0; i++)
        if (string_types[i].tag == part.data[0] && der_strip(part, &contents)) {
            value->dwValueType = string_types[i].type;
            blob_set(&value->Value, contents);
            return value_turn(place->arena, string_types[i].unit, &value->Value);
        }
    return true;
}

static bool value_read(const struct form_place *place, void *out)
{
    CERT_NAME_VALUE value;

    if (!value_take(place, &value))
        return false;
    memcpy(out, &value, sizeof(value));
    return true;
}

/* Octets and what is no string stay octets; the size counts no terminator. */
static bool wide_value_read(const struct form_place *place, void *out)
{
    CERT_NAME_VALUE value;
    DWORD units;
    WCHAR *wide;

    if (!value_take(place, &value))
        return false;
    if (value.dwValueType >= CERT_RDN_NUMERIC_STRING) {
        units = CertRDNValueToStrW(value.dwValueType, &value.Value, NULL, 0);
        wide = units == 0 ? NULL : arena_take(place->arena, units * sizeof(*wide));
        if (wide == NULL)
            return units != 0 || win_fail(CRYPT_E_ASN1_CORRUPT);
        CertRDNValueToStrW(value.dwValueType, &value.Value, wide, units);
        value.Value = (CRYPT_DATA_BLOB){(units - 1) * (DWORD)sizeof(*wide), (BYTE *)wide};
    }
    memcpy(out, &value, sizeof(value));
    return true;
}

static bool string_put(const struct form_place *place, unsigned etype, DWORD unit,
                       const CRYPT_DATA_BLOB *value)
{
    BYTE header[ASN1_MAX_TL_SIZE], *whole;
    unsigned header_size = sizeof(header);
    bool is_put;

    if (value->cbData > FORM_DATA_MAX || value->cbData % unit != 0 ||
        asn1_encode_simple_der(etype, value->cbData == 0 ? (const BYTE *)"" : value->pbData,
                               value->cbData, header, &header_size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_BADARGS);
    whole = malloc(header_size + value->cbData);
    if (whole == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    memcpy(whole, header, header_size);
    units_turn(whole + header_size, value->pbData, value->cbData, unit);
    is_put = form_put(place->der, place->path, whole, header_size + value->cbData);
    free(whole);
    return is_put;
}

static bool value_put(const struct form_place *place, const CERT_NAME_VALUE *value)
{
    DWORD type = value->dwValueType & CERT_RDN_TYPE_MASK;

    if (type == CERT_RDN_ENCODED_BLOB)
        return form_put_der(place->der, place->path, &value->Value);
    for (size_t i = 0; i < COUNT(string_types); i++)
        if (string_types[i].type == type)
            return string_put(place, string_types[i].etype, string_types[i].unit, &value->Value);
    return win_fail(CRYPT_E_ASN1_BADARGS);
}

static bool value_write(const struct form_place *place, const void *in)
{
    CERT_NAME_VALUE value;

    memcpy(&value, in, sizeof(value));
    return value_put(place, &value);
}

static bool wide_value_write(const struct form_place *place, const void *in)
{
    CERT_NAME_VALUE value, narrow;
    DWORD type;
    bool is_put;

    memcpy(&value, in, sizeof(value));
    type = value.dwValueType & CERT_RDN_TYPE_MASK;
    if (type == CERT_RDN_ENCODED_BLOB || type == CERT_RDN_OCTET_STRING)
        return value_put(place, &value);
    if (!rdn_from_wide(&value, &narrow))
        return false;
    is_put = value_put(place, &narrow);
    free(narrow.Value.pbData);
    return is_put;
}

const struct form_codec form_value = {value_read, value_write};
const struct form_codec form_wide_value = {wide_value_read, wide_value_write};

/* --- Alternative names ---------------------------------------------------------------------- */

/* Text in UTF-8 as UTF-16 of the arena's. */
static bool wide_read(const struct form_place *place, void *out)
{
    struct asn_part part = der_contents(place->der, place->path);
    SEC_WCHAR *wide = NULL;
    size_t units = 0;
    char *copy = NULL;
    LPWSTR kept = NULL;
    SECURITY_STATUS status = text_from_utf8((const char *)part.data, part.size, &copy);

    if (status == SEC_E_OK)
        status = text_to_w(copy, &wide, &units);
    if (status == SEC_E_OK)
        kept = arena_take(place->arena, (units + 1) * sizeof(WCHAR));
    if (kept != NULL)
        memcpy(kept, wide, units * sizeof(WCHAR));
    free(wide);
    free(copy);
    memcpy(out, &kept, sizeof(kept));
    return kept != NULL || win_fail(win_text_error(status, (DWORD)CRYPT_E_ASN1_CORRUPT));
}

static bool wide_write(const struct form_place *place, const void *in)
{
    LPCWSTR wide;
    char *text = NULL;
    bool is_put = false;

    memcpy(&wide, in, sizeof(wide));
    if (wide == NULL || text_from_w(wide, &text) != SEC_E_OK)
        return win_fail(CRYPT_E_INVALID_IA5_STRING);
    for (const char *at = text; *at != '\0'; at++)
        if (*at & 0x80) {
            free(text);
            return win_fail(CRYPT_E_INVALID_IA5_STRING);
        }
    is_put = form_put(place->der, place->path, text, strlen(text));
    free(text);
    return is_put;
}

static const struct form_codec ia5 = {wide_read, wide_write};

static const struct form_field other_name_fields[] = {
    {"typeId", FORM_OID, 0, offsetof(CERT_OTHER_NAME, pszObjId), 0, NULL, NULL},
    {"value", FORM_ANY, FORM_EXPLICIT, offsetof(CERT_OTHER_NAME, Value), 0, NULL, NULL},
    {NULL, FORM_END, 0, 0, 0, NULL, NULL},
};

static const struct form other_name = {sizeof(CERT_OTHER_NAME), other_name_fields};

/* X.400 addresses and EDI party names are nobody's any more: they are read, but not written. */
static const struct alt_type {
    DWORD type;
    bool is_written;
    struct form_field fields[2];
} alt_types[] = {
#define ALT(type, is_written, path, kind, flags, form, codec)                                      \
    {                                                                                              \
        type, is_written,                                                                          \
            {                                                                                      \
                {path, kind, flags, offsetof(CERT_ALT_NAME_ENTRY, pOtherName), 0, form, codec},    \
                {NULL, FORM_END, 0, 0, 0, NULL, NULL},                                             \
            },                                                                                     \
    }
    ALT(CERT_ALT_NAME_OTHER_NAME, true, "otherName", FORM_POINTER, 0, &other_name, NULL),
    ALT(CERT_ALT_NAME_RFC822_NAME, true, "rfc822Name", FORM_CALL, 0, NULL, &ia5),
    ALT(CERT_ALT_NAME_DNS_NAME, true, "dNSName", FORM_CALL, 0, NULL, &ia5),
    ALT(CERT_ALT_NAME_X400_ADDRESS, false, "x400Address", FORM_ANY, FORM_EXPLICIT, NULL, NULL),
    ALT(CERT_ALT_NAME_DIRECTORY_NAME, true, "directoryName", FORM_ANY, FORM_EXPLICIT, NULL, NULL),
    ALT(CERT_ALT_NAME_EDI_PARTY_NAME, false, "ediPartyName", FORM_ANY, FORM_EXPLICIT, NULL, NULL),
    ALT(CERT_ALT_NAME_URL, true, "uniformResourceIdentifier", FORM_CALL, 0, NULL, &ia5),
    ALT(CERT_ALT_NAME_IP_ADDRESS, true, "iPAddress", FORM_OCTETS, 0, NULL, NULL),
    ALT(CERT_ALT_NAME_REGISTERED_ID, true, "registeredID", FORM_OID, 0, NULL, NULL),
};

static bool alt_name_read(const struct form_place *place, void *out)
{
    CERT_ALT_NAME_ENTRY *entry = out;
    char choice[32];
    int size = sizeof(choice);

    if (asn1_read_value(place->der->node, place->path, choice, &size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    for (size_t i = 0; i < COUNT(alt_types); i++)
        if (strcmp(alt_types[i].fields[0].path, choice) == 0) {
            const struct form form = {sizeof(*entry), alt_types[i].fields};

            entry->dwAltNameChoice = alt_types[i].type;
            return form_read(place->der, place->path, &form, place->arena, entry);
        }
    return win_fail(CRYPT_E_ASN1_CORRUPT);
}

static bool alt_name_write(const struct form_place *place, const void *in)
{
    const CERT_ALT_NAME_ENTRY *entry = in;

    for (size_t i = 0; i < COUNT(alt_types); i++)
        if (alt_types[i].is_written && alt_types[i].type == entry->dwAltNameChoice) {
            const struct form form = {sizeof(*entry), alt_types[i].fields};

            return form_put(place->der, place->path, alt_types[i].fields[0].path, 1) &&
                   form_write(place->der, place->path, &form, entry);
        }
    return win_fail(E_INVALIDARG);
}

const struct form_codec form_alt_name = {alt_name_read, alt_name_write};

static const struct form_field alt_entry_fields[] = {
    {"", FORM_CALL, 0, 0, 0, NULL, &form_alt_name},
    {NULL, FORM_END, 0, 0, 0, NULL, NULL},
};

static const struct form alt_entry = {sizeof(CERT_ALT_NAME_ENTRY), alt_entry_fields};

static const struct form_field alt_names_fields[] = {
    {"", FORM_LIST, 0, 0, 0, &alt_entry, NULL},
    {NULL, FORM_END, 0, 0, 0, NULL, NULL},
};

const struct form form_alt_names = {sizeof(CERT_ALT_NAME_INFO), alt_names_fields};

/* --- Names of distribution points ----------------------------------------------------------- */

static bool point_name_read(const struct form_place *place, void *out)
{
    CRL_DIST_POINT_NAME *name = out;
    char choice[32], path[FORM_PATH_MAX];
    int size = sizeof(choice);

    if (asn1_read_value(place->der->node, place->path, choice, &size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    name->dwDistPointNameChoice = CRL_DIST_POINT_ISSUER_RDN_NAME;
    if (strcmp(choice, "fullName") != 0)
        return true; /* Windows has no member for it */
    name->dwDistPointNameChoice = CRL_DIST_POINT_FULL_NAME;
    form_path(path, place->path, choice);
    return form_read(place->der, path, &form_alt_names, place->arena, &name->FullName);
}

static bool point_name_write(const struct form_place *place, const void *in)
{
    const CRL_DIST_POINT_NAME *name = in;
    char path[FORM_PATH_MAX];

    if (name->dwDistPointNameChoice != CRL_DIST_POINT_FULL_NAME)
        return win_fail(E_INVALIDARG);
    form_path(path, place->path, "fullName");
    return form_put(place->der, place->path, "fullName", 1) &&
           form_write(place->der, path, &form_alt_names, &name->FullName);
}

const struct form_codec form_point_name = {point_name_read, point_name_write};
