/* SPDX-License-Identifier: MIT */
/* CertStrToName: text to a name, by the grammar that CertNameToStr writes (RFC 1779's). */
#include <stdlib.h>
#include <string.h>

#include "cert/encode.h"
#include "cert/namekey.h"
#include "cert/rdntext.h"
#include "core/text.h"
#include "win/win.h"

/* --- What is read --------------------------------------------------------------------------- */

/* The text, and the name it becomes: attributes in one array, grouped by joined. */
struct reading {
    const char *at;
    const char *separators; /* those between names */
    DWORD flags;
    char *arena; /* values and OIDs, never longer than the text and its terminators */
    size_t used;
    CERT_RDN_ATTR *attributes;
    bool *joined; /* to the one before, by a plus sign */
    DWORD count;
    const char *wrong; /* where reading stopped */
    DWORD error;
};

static bool stop(struct reading *reading, const char *where, DWORD error)
{
    reading->wrong = where;
    reading->error = error;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_space(struct reading *reading)
{
    while (is_space(*reading->at))
        reading->at++;
}

/* A copy with a terminator, in the arena. */
static char *keep(struct reading *reading, const char *text, size_t size)
{
    char *copy = reading->arena + reading->used;

    memcpy(copy, text, size);
    copy[size] = '\0';
    reading->used += size + 1;
    return copy;
}

/* --- Keys ----------------------------------------------------------------------------------- */

static bool is_oid(const char *text, size_t size)
{
    bool digit = false, dots = false;

    for (size_t i = 0; i < size; i++) {
        if (text[i] != '.' ? text[i] < '0' || text[i] > '9' : !digit)
            return false;
        digit = text[i] != '.';
        dots = dots || !digit;
    }
    return digit && dots;
}

static bool read_key(struct reading *reading, CERT_RDN_ATTR *attribute)
{
    const char *start = reading->at, *equals = strpbrk(start, "=,;+\"\r\n");
    size_t size = equals == NULL || *equals != '=' ? 0 : (size_t)(equals - start), name;
    const char *oid;

    while (size > 0 && is_space(start[size - 1]))
        size--;
    oid = name_key_oid(start, size);
    name =
        size > 4 && text_equal_nocase((char[]){start[0], start[1], start[2], start[3], 0}, "OID.")
            ? 4
            : 0;
    if (oid != NULL)
        attribute->pszObjId = (LPSTR)(uintptr_t)oid;
    else if (size != 0 && is_oid(start + name, size - name))
        attribute->pszObjId = keep(reading, start + name, size - name);
    else
        return stop(reading, start, CRYPT_E_INVALID_X500_STRING);
    reading->at = equals + 1;
    skip_space(reading);
    return true;
}

/* --- Values --------------------------------------------------------------------------------- */

static bool is_separator(const struct reading *reading, char c)
{
    return c == '\0' || strchr(reading->separators, c) != NULL ||
           (c == '+' && !(reading->flags & CERT_NAME_STR_NO_PLUS_FLAG));
}

/* Between quotes everything stands for itself; two of them are one. */
static bool read_quoted(struct reading *reading, CRYPT_DATA_BLOB *value)
{
    const char *start = reading->at++;
    char *copy = reading->arena + reading->used;
    size_t size = 0;

    while (*reading->at != '\0' && (reading->at[0] != '"' || reading->at[1] == '"')) {
        reading->at += *reading->at == '"' ? 1 : 0;
        copy[size++] = *reading->at++;
    }
    if (*reading->at == '\0')
        return stop(reading, start, CRYPT_E_INVALID_X500_STRING);
    reading->at++;
    reading->used += size;
    *value = (CRYPT_DATA_BLOB){(DWORD)size, (BYTE *)copy};
    return true;
}

static bool read_plain(struct reading *reading, CRYPT_DATA_BLOB *value)
{
    bool quotes = !(reading->flags & CERT_NAME_STR_NO_QUOTING_FLAG);
    const char *start = reading->at;
    size_t size;

    for (; !is_separator(reading, *reading->at); reading->at++)
        if (quotes && (*reading->at == '"' || *reading->at == '='))
            return stop(reading, reading->at, CRYPT_E_INVALID_X500_STRING);
    size = (size_t)(reading->at - start);
    while (size > 0 && is_space(start[size - 1]))
        size--;
    *value = (CRYPT_DATA_BLOB){(DWORD)size, (BYTE *)keep(reading, start, size)};
    return true;
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *found = c == '\0' ? NULL : strchr(digits, c);

    return found == NULL ? -1 : (int)((found - digits) % 16);
}

/* "#" and digits, in place: two make an octet. */
static bool value_from_hex(struct reading *reading, const char *start, CRYPT_DATA_BLOB *value)
{
    const char *digits = (const char *)value->pbData + 1;
    DWORD count = value->cbData - 1;

    for (DWORD i = 0; i < count; i++)
        if (count % 2 != 0 || digit_of(digits[i]) < 0)
            return stop(reading, start, CRYPT_E_INVALID_X500_STRING);
    for (DWORD i = 0; i < count / 2; i++)
        value->pbData[i] = (BYTE)(digit_of(digits[2 * i]) << 4 | digit_of(digits[2 * i + 1]));
    value->cbData = count / 2;
    return true;
}

/* RFC 5280 4.1.2.4 wants countries printable, and e-mail and domain parts in ASCII. */
static const struct {
    const char *oid;
    DWORD type;
    bool (*is)(const CRYPT_DATA_BLOB *value);
    DWORD error;
} fixed_types[] = {
    {szOID_COUNTRY_NAME, CERT_RDN_PRINTABLE_STRING, rdn_is_printable,
     CRYPT_E_INVALID_PRINTABLE_STRING},
    {szOID_DEVICE_SERIAL_NUMBER, CERT_RDN_PRINTABLE_STRING, rdn_is_printable,
     CRYPT_E_INVALID_PRINTABLE_STRING},
    {szOID_DN_QUALIFIER, CERT_RDN_PRINTABLE_STRING, rdn_is_printable,
     CRYPT_E_INVALID_PRINTABLE_STRING},
    {szOID_RSA_emailAddr, CERT_RDN_IA5_STRING, rdn_is_ascii, CRYPT_E_INVALID_IA5_STRING},
    {szOID_DOMAIN_COMPONENT, CERT_RDN_IA5_STRING, rdn_is_ascii, CRYPT_E_INVALID_IA5_STRING},
};

static bool choose_type(struct reading *reading, const char *start, CERT_RDN_ATTR *attribute)
{
    bool utf8 = reading->flags & CERT_NAME_STR_FORCE_UTF8_DIR_STR_FLAG;

    for (size_t i = 0; i < sizeof(fixed_types) / sizeof(fixed_types[0]); i++)
        if (strcmp(fixed_types[i].oid, attribute->pszObjId) == 0) {
            attribute->dwValueType = fixed_types[i].type;
            return fixed_types[i].is(&attribute->Value) ||
                   stop(reading, start, fixed_types[i].error);
        }
    attribute->dwValueType = !utf8 && rdn_is_printable(&attribute->Value)
                                 ? CERT_RDN_PRINTABLE_STRING
                                 : CERT_RDN_UTF8_STRING;
    return true;
}

static bool read_value(struct reading *reading, CERT_RDN_ATTR *attribute)
{
    const char *start = reading->at;
    bool quoted = *start == '"' && !(reading->flags & CERT_NAME_STR_NO_QUOTING_FLAG);

    if (!(quoted ? read_quoted : read_plain)(reading, &attribute->Value))
        return false;
    skip_space(reading);
    if (!is_separator(reading, *reading->at))
        return stop(reading, reading->at, CRYPT_E_INVALID_X500_STRING);
    if (!quoted && *start == '#' && attribute->Value.cbData != 0) {
        attribute->dwValueType = CERT_RDN_OCTET_STRING;
        return value_from_hex(reading, start, &attribute->Value);
    }
    return choose_type(reading, start, attribute);
}

/* --- Names ---------------------------------------------------------------------------------- */

/* One separator; a line end may be two characters. */
static void skip_separator(struct reading *reading)
{
    if (reading->at[0] == '\r' && reading->at[1] == '\n')
        reading->at++;
    if (*reading->at != '\0')
        reading->at++;
    skip_space(reading);
}

static bool read_name(struct reading *reading)
{
    bool joined = false;

    skip_space(reading);
    while (*reading->at != '\0') {
        CERT_RDN_ATTR *attribute = &reading->attributes[reading->count];

        if (!read_key(reading, attribute) || !read_value(reading, attribute))
            return false;
        reading->joined[reading->count++] = joined;
        joined = *reading->at == '+';
        skip_separator(reading);
    }
    return !joined || stop(reading, reading->at, CRYPT_E_INVALID_X500_STRING);
}

static const char *separators(DWORD flags)
{
    return flags & CERT_NAME_STR_COMMA_FLAG       ? ","
           : flags & CERT_NAME_STR_SEMICOLON_FLAG ? ";"
           : flags & CERT_NAME_STR_CRLF_FLAG      ? "\r\n"
                                                  : ",;";
}

/* Attributes to the names that they make, in the order of the text or the other. */
static void group(const struct reading *reading, CERT_RDN *rdns, CERT_NAME_INFO *name)
{
    for (DWORD i = 0; i < reading->count; i++) {
        if (!reading->joined[i])
            rdns[name->cRDN++].rgRDNAttr = &reading->attributes[i];
        rdns[name->cRDN - 1].cRDNAttr++;
    }
    name->rgRDN = rdns;
    for (DWORD i = 0; (reading->flags & CERT_NAME_STR_REVERSE_FLAG) && i < name->cRDN / 2; i++) {
        CERT_RDN first = rdns[i];

        rdns[i] = rdns[name->cRDN - 1 - i];
        rdns[name->cRDN - 1 - i] = first;
    }
}

/* Each attribute has an equals sign. */
static size_t attributes_most(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; text++)
        count += *text == '=';
    return count;
}

/* The DER of a text, to be freed; NULL with the error set, and *wrong where it is in the text. */
static uint8_t *name_from_text(const char *text, DWORD type, size_t *size, const char **wrong)
{
    size_t most = attributes_most(text);
    CERT_RDN *rdns = calloc(most, sizeof(*rdns));
    struct reading reading = {
        .at = text,
        .separators = separators(type),
        .flags = type,
        .arena = malloc(2 * strlen(text) + 2 * most),
        .attributes = calloc(most, sizeof(CERT_RDN_ATTR)),
        .joined = calloc(most, sizeof(bool)),
        .error = ERROR_NOT_ENOUGH_MEMORY,
    };
    CERT_NAME_INFO name = {0, NULL};
    uint8_t *der = NULL;

    if (rdns != NULL && reading.arena != NULL && reading.attributes != NULL &&
        reading.joined != NULL && read_name(&reading)) {
        group(&reading, rdns, &name);
        der = struct_encode(X509_NAME, &name, size);
    } else {
        win_fail(reading.error);
    }
    *wrong = reading.wrong;
    free(reading.joined);
    free(reading.attributes);
    free(reading.arena);
    free(rdns);
    return der;
}

/* --- The calls ------------------------------------------------------------------------------ */

static BOOL der_give(const uint8_t *der, size_t size, BYTE *room, DWORD *room_size)
{
    bool fits = room == NULL || *room_size >= size;

    *room_size = (DWORD)size;
    if (!fits)
        return win_fail(ERROR_MORE_DATA);
    if (room != NULL)
        memcpy(room, der, size);
    return TRUE;
}

/* *where becomes the number of characters before the error; SIZE_MAX for none. */
static BOOL str_to_name(const void *x500, bool wide, DWORD type, BYTE *room, DWORD *room_size,
                        size_t *where)
{
    DWORD form = type & 0xffff;
    char *text = NULL;
    const char *wrong = NULL;
    uint8_t *der;
    size_t size = 0;
    BOOL given = FALSE;
    SECURITY_STATUS status;

    if (x500 == NULL || room_size == NULL || form == CERT_SIMPLE_NAME_STR ||
        form > CERT_X500_NAME_STR)
        return win_fail(ERROR_INVALID_PARAMETER);
    status = text_from_caller(x500, wide, &text);
    if (status != SEC_E_OK)
        return win_fail(win_text_error(status, (DWORD)CRYPT_E_INVALID_X500_STRING));
    der = name_from_text(text, type, &size, &wrong);
    if (der != NULL)
        given = der_give(der, size, room, room_size);
    if (wrong != NULL) {
        text[wrong - text] = '\0';
        *where = win_text_length(text, wide);
    }
    free(der);
    free(text);
    return given;
}

WIN_API BOOL CertStrToNameA(DWORD dwCertEncodingType, LPCSTR pszX500, DWORD dwStrType,
                            void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded, LPCSTR *ppszError)
{
    size_t where = SIZE_MAX;
    BOOL given = str_to_name(pszX500, false, dwStrType, pbEncoded, pcbEncoded, &where);

    (void)dwCertEncodingType;
    (void)pvReserved;
    if (ppszError != NULL)
        *ppszError = where == SIZE_MAX ? NULL : pszX500 + where;
    return given;
}

WIN_API BOOL CertStrToNameW(DWORD dwCertEncodingType, LPCWSTR pszX500, DWORD dwStrType,
                            void *pvReserved, BYTE *pbEncoded, DWORD *pcbEncoded,
                            LPCWSTR *ppszError)
{
    size_t where = SIZE_MAX;
    BOOL given = str_to_name(pszX500, true, dwStrType, pbEncoded, pcbEncoded, &where);

    (void)dwCertEncodingType;
    (void)pvReserved;
    if (ppszError != NULL)
        *ppszError = where == SIZE_MAX ? NULL : pszX500 + where;
    return given;
}
