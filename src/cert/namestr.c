/* SPDX-License-Identifier: MIT */
/*
 * Names as text: CertNameToStr, CertGetNameString, CertRDNValueToStr, and what is looked for in
 * structures. Text is UTF-8 inside; in the A calls outside as well.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "cert/namekey.h"
#include "core/secret.h"
#include "core/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- A text that grows ---------------------------------------------------------------------- */

struct buffer {
    char *text;
    size_t size, capacity;
    bool failed;
};

static void put_failed(struct buffer *buffer)
{
    buffer->failed = true;
    win_fail(ERROR_NOT_ENOUGH_MEMORY);
}

static void put(struct buffer *buffer, const char *text, size_t size)
{
    if (buffer->capacity - buffer->size < size + 1) {
        size_t capacity = (buffer->size + size + 1) * 2;
        char *grown = realloc(buffer->text, capacity);

        if (grown == NULL) {
            put_failed(buffer);
            return;
        }
        buffer->text = grown;
        buffer->capacity = capacity;
    }
    memcpy(buffer->text + buffer->size, text, size);
    buffer->size += size;
    buffer->text[buffer->size] = '\0';
}

static void put_string(struct buffer *buffer, const char *text)
{
    put(buffer, text, strlen(text));
}

/* One character of Unicode; what is none becomes U+FFFD. */
static void put_point(struct buffer *buffer, uint32_t point)
{
    char bytes[4];

    if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        point = 0xfffd;
    if (point < 0x80) {
        bytes[0] = (char)point;
        put(buffer, bytes, 1);
        return;
    }
    bytes[3] = (char)(0x80 | (point & 0x3f));
    bytes[2] = (char)(0x80 | (point >> 6 & 0x3f));
    bytes[1] = (char)(0x80 | (point >> 12 & 0x3f));
    if (point < 0x800) {
        bytes[2] = (char)(0xc0 | point >> 6);
        put(buffer, bytes + 2, 2);
    } else if (point < 0x10000) {
        bytes[1] = (char)(0xe0 | point >> 12);
        put(buffer, bytes + 1, 3);
    } else {
        bytes[0] = (char)(0xf0 | point >> 18);
        put(buffer, bytes, 4);
    }
}

/* --- Values --------------------------------------------------------------------------------- */

static void put_hex(struct buffer *buffer, const CRYPT_DATA_BLOB *value)
{
    char digits[3];

    put_string(buffer, "#");
    for (DWORD i = 0; i < value->cbData; i++) {
        snprintf(digits, sizeof(digits), "%02x", value->pbData[i]);
        put(buffer, digits, 2);
    }
}

/* A number of so many octets in the machine's order, as Windows has them. */
static uint32_t unit_at(const BYTE *octets, DWORD size)
{
    uint32_t unit = 0;

    for (DWORD i = 0; i < size; i++)
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        unit = unit << 8 | octets[i];
#else
        unit = unit << 8 | octets[size - 1 - i];
#endif
    return unit;
}

/* Characters of so many octets each; two of UTF-16 may make one. */
static void put_units(struct buffer *buffer, const CRYPT_DATA_BLOB *value, DWORD octets)
{
    uint32_t high = 0;

    for (DWORD at = 0; at + octets <= value->cbData; at += octets) {
        uint32_t unit = unit_at(value->pbData + at, octets);

        if (octets == 2 && unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        if (high != 0 && unit >= 0xdc00 && unit < 0xe000)
            unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
        high = 0;
        put_point(buffer, unit);
    }
}

/* A text with a NUL inside is not what it seems: it is shown as octets. */
static bool put_utf8(struct buffer *buffer, const CRYPT_DATA_BLOB *value)
{
    char *text = NULL;
    SECURITY_STATUS status = text_from_utf8((const char *)value->pbData, value->cbData, &text);

    if (status == SEC_E_OK)
        put_string(buffer, text);
    else if (status == SEC_E_INSUFFICIENT_MEMORY)
        put_failed(buffer);
    else
        put_hex(buffer, value);
    free(text);
    return status == SEC_E_OK;
}

/* Whether it was text; else its octets are there. */
static bool put_value(struct buffer *buffer, DWORD type, const CRYPT_DATA_BLOB *value)
{
    switch (type) {
    case CERT_RDN_NUMERIC_STRING:
    case CERT_RDN_PRINTABLE_STRING:
    case CERT_RDN_IA5_STRING:
    case CERT_RDN_VISIBLE_STRING:
    case CERT_RDN_UTF8_STRING:
        return put_utf8(buffer, value);
    case CERT_RDN_T61_STRING: /* Latin-1 in practice (RFC 5280 says nothing) */
        put_units(buffer, value, 1);
        return true;
    case CERT_RDN_BMP_STRING:
        put_units(buffer, value, 2);
        return true;
    case CERT_RDN_UNIVERSAL_STRING:
        put_units(buffer, value, 4);
        return true;
    default:
        put_hex(buffer, value);
        return false;
    }
}

/* --- Whole names ---------------------------------------------------------------------------- */

static void put_key(struct buffer *buffer, const char *oid, DWORD form)
{
    const char *key = name_key_of(oid);

    if (form == CERT_SIMPLE_NAME_STR)
        return;
    if (form == CERT_X500_NAME_STR && key != NULL) {
        put_string(buffer, key);
        put_string(buffer, "=");
        return;
    }
    put_string(buffer, form == CERT_X500_NAME_STR ? "OID." : "");
    put_string(buffer, oid);
    put_string(buffer, "=");
}

/* Text that would be read as something else stands in quotes, and quotes are doubled. */
static void put_quoted(struct buffer *buffer, const char *text, DWORD flags)
{
    size_t size = strlen(text);
    bool needs = size == 0 || text[0] == ' ' || text[size - 1] == ' ' || text[0] == '#' ||
                 strpbrk(text, ",+=\"\n<>;\r") != NULL;

    if (!needs || (flags & CERT_NAME_STR_NO_QUOTING_FLAG)) {
        put(buffer, text, size);
        return;
    }
    put_string(buffer, "\"");
    for (size_t i = 0; i < size; i++)
        put(buffer, text[i] == '"' ? "\"\"" : &text[i], text[i] == '"' ? 2 : 1);
    put_string(buffer, "\"");
}

static void put_attribute(struct buffer *buffer, const CERT_RDN_ATTR *attribute, DWORD form,
                          DWORD flags)
{
    struct buffer value = {.text = NULL};

    put_key(buffer, attribute->pszObjId, form);
    if (!put_value(&value, attribute->dwValueType, &attribute->Value))
        flags |= CERT_NAME_STR_NO_QUOTING_FLAG; /* "#" and digits are read as the octets again */
    put_quoted(buffer, value.text == NULL ? "" : value.text, flags);
    buffer->failed |= value.failed;
    free(value.text);
}

static const char *separator(DWORD flags)
{
    return flags & CERT_NAME_STR_SEMICOLON_FLAG ? "; "
           : flags & CERT_NAME_STR_CRLF_FLAG    ? "\r\n"
                                                : ", ";
}

static void put_name(struct buffer *buffer, const CERT_NAME_INFO *name, DWORD type)
{
    DWORD form = type & 0xffff, flags = type & ~(DWORD)0xffff;

    if (form == 0)
        form = CERT_SIMPLE_NAME_STR;
    for (DWORD i = 0; i < name->cRDN; i++) {
        const CERT_RDN *rdn =
            &name->rgRDN[flags & CERT_NAME_STR_REVERSE_FLAG ? name->cRDN - 1 - i : i];

        if (i != 0)
            put_string(buffer, separator(flags));
        for (DWORD k = 0; k < rdn->cRDNAttr; k++) {
            if (k != 0)
                put_string(buffer, flags & CERT_NAME_STR_NO_PLUS_FLAG ? " " : " + ");
            put_attribute(buffer, &rdn->rgRDNAttr[k], form, flags);
        }
    }
}

/* A structure of DER, to be freed with LocalFree(); NULL with the error set. */
static void *decode(LPCSTR type, const CRYPT_DATA_BLOB *der)
{
    void *decoded = NULL;
    DWORD size = sizeof(decoded);

    return CryptDecodeObjectEx(X509_ASN_ENCODING, type, der->pbData, der->cbData,
                               CRYPT_DECODE_ALLOC_FLAG, NULL, &decoded, &size)
               ? decoded
               : NULL;
}

/*
 * A text into the caller's room; the number of characters with the terminator, so that "" counts 1.
 * Where the room ends Windows cuts a name in W. In A, and for a single value, it gives "".
 */
static DWORD text_give(const char *text, size_t size, bool wide, bool cut, void *room, DWORD count)
{
    SEC_WCHAR *units = NULL;
    size_t length = size;
    const void *from = text;

    if (wide && text_to_w(text, &units, &length) != SEC_E_OK)
        return 0;
    if (wide)
        from = units;
    if (room != NULL && count != 0) {
        size_t unit = wide ? sizeof(WCHAR) : 1, fits = cut ? count - 1U : 0;

        if (length < count)
            fits = length;
        memcpy(room, from, fits * unit);
        memset((char *)room + fits * unit, 0, unit);
        length = fits;
    }
    free(units);
    return (DWORD)length + 1;
}

static DWORD buffer_give(struct buffer *buffer, bool wide, bool cut, void *room, DWORD count)
{
    const char *text = buffer->text == NULL ? "" : buffer->text;
    DWORD given = buffer->failed ? 0 : text_give(text, buffer->size, wide, cut, room, count);

    free(buffer->text);
    return given;
}

static DWORD name_to_str(const CERT_NAME_BLOB *blob, DWORD type, bool wide, void *room, DWORD count)
{
    struct buffer buffer = {.text = NULL};
    CERT_NAME_INFO *name = blob == NULL ? NULL : decode(X509_NAME, blob);

    if (name != NULL)
        put_name(&buffer, name, type);
    LocalFree(name);
    return buffer_give(&buffer, wide, wide, room, count);
}

WIN_API DWORD CertNameToStrA(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                             LPSTR psz, DWORD csz)
{
    (void)dwCertEncodingType;
    return name_to_str(pName, dwStrType, false, psz, csz);
}

WIN_API DWORD CertNameToStrW(DWORD dwCertEncodingType, PCERT_NAME_BLOB pName, DWORD dwStrType,
                             LPWSTR psz, DWORD csz)
{
    (void)dwCertEncodingType;
    return name_to_str(pName, dwStrType, true, psz, csz);
}

static DWORD value_to_str(DWORD type, const CERT_RDN_VALUE_BLOB *value, bool wide, void *room,
                          DWORD count)
{
    struct buffer buffer = {.text = NULL};

    if (value != NULL)
        put_value(&buffer, type, value);
    return buffer_give(&buffer, wide, false, room, count);
}

WIN_API DWORD CertRDNValueToStrA(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPSTR psz,
                                 DWORD csz)
{
    return value_to_str(dwValueType, pValue, false, psz, csz);
}

WIN_API DWORD CertRDNValueToStrW(DWORD dwValueType, PCERT_RDN_VALUE_BLOB pValue, LPWSTR psz,
                                 DWORD csz)
{
    return value_to_str(dwValueType, pValue, true, psz, csz);
}

/* --- Looking for something ------------------------------------------------------------------ */

WIN_API PCERT_EXTENSION CertFindExtension(LPCSTR pszObjId, DWORD cExtensions,
                                          CERT_EXTENSION rgExtensions[])
{
    for (DWORD i = 0; pszObjId != NULL && rgExtensions != NULL && i < cExtensions; i++)
        if (strcmp(rgExtensions[i].pszObjId, pszObjId) == 0)
            return &rgExtensions[i];
    win_fail(CRYPT_E_NOT_FOUND);
    return NULL;
}

WIN_API PCERT_RDN_ATTR CertFindRDNAttr(LPCSTR pszObjId, PCERT_NAME_INFO pName)
{
    for (DWORD i = 0; pszObjId != NULL && pName != NULL && i < pName->cRDN; i++)
        for (DWORD k = 0; k < pName->rgRDN[i].cRDNAttr; k++)
            if (strcmp(pName->rgRDN[i].rgRDNAttr[k].pszObjId, pszObjId) == 0)
                return &pName->rgRDN[i].rgRDNAttr[k];
    win_fail(CRYPT_E_NOT_FOUND);
    return NULL;
}

/* --- CertGetNameString ---------------------------------------------------------------------- */

#define OID_UPN "1.3.6.1.4.1.311.20.2.3"

/* One question: which name of the certificate's subject or issuer? */
struct asked {
    PCCERT_CONTEXT cert;
    bool issuer, all;
    struct buffer *answer; /* with SEARCH_ALL_NAMES each ends with NUL */
};

static void answer(const struct asked *asked, const char *text)
{
    put_string(asked->answer, text);
    if (asked->all)
        put(asked->answer, "", 1);
}

static CERT_NAME_INFO *asked_name(const struct asked *asked)
{
    return decode(X509_NAME, asked->issuer ? &asked->cert->pCertInfo->Issuer
                                           : &asked->cert->pCertInfo->Subject);
}

/* The first of these attributes that the name has. */
static bool find_attribute(const struct asked *asked, const char *const *oids, size_t count)
{
    CERT_NAME_INFO *name = asked_name(asked);
    struct buffer value = {.text = NULL};
    PCERT_RDN_ATTR found = NULL;

    for (size_t i = 0; i < count && found == NULL && name != NULL; i++)
        found = CertFindRDNAttr(oids[i], name);
    if (found != NULL)
        put_value(&value, found->dwValueType, &found->Value);
    if (value.text != NULL)
        answer(asked, value.text);
    asked->answer->failed |= value.failed;
    free(value.text);
    LocalFree(name);
    return found != NULL;
}

static PCERT_EXTENSION asked_extension(const struct asked *asked)
{
    return CertFindExtension(asked->issuer ? szOID_ISSUER_ALT_NAME2 : szOID_SUBJECT_ALT_NAME2,
                             asked->cert->pCertInfo->cExtension,
                             asked->cert->pCertInfo->rgExtension);
}

static CERT_ALT_NAME_INFO *asked_alternatives(const struct asked *asked)
{
    PCERT_EXTENSION found = asked_extension(asked);

    return found == NULL ? NULL : decode(X509_ALTERNATE_NAME, &found->Value);
}

static bool is_upn(const CERT_ALT_NAME_ENTRY *entry)
{
    return strcmp(entry->pOtherName->pszObjId, OID_UPN) == 0;
}

/* The text of an entry, to be freed. A UPN is a UTF8String inside a tag. */
static char *entry_text(const CERT_ALT_NAME_ENTRY *entry)
{
    char *text = NULL;
    const CRYPT_DATA_BLOB *value;

    if (entry->dwAltNameChoice != CERT_ALT_NAME_OTHER_NAME)
        return text_from_w(entry->pwszDNSName, &text) == SEC_E_OK ? text : NULL;
    value = &entry->pOtherName->Value;
    if (value->cbData >= 2 && value->pbData[0] == 12 && value->pbData[1] < 0x80 &&
        value->pbData[1] == value->cbData - 2 &&
        text_from_utf8((const char *)value->pbData + 2, value->cbData - 2, &text) != SEC_E_OK)
        text = NULL;
    return text;
}

static bool find_alternative(const struct asked *asked, DWORD choice)
{
    CERT_ALT_NAME_INFO *names = asked_alternatives(asked);
    bool found = false;

    for (DWORD i = 0; names != NULL && i < names->cAltEntry && (!found || asked->all); i++) {
        const CERT_ALT_NAME_ENTRY *entry = &names->rgAltEntry[i];
        char *text;

        if (entry->dwAltNameChoice != choice ||
            (choice == CERT_ALT_NAME_OTHER_NAME && !is_upn(entry)) ||
            (text = entry_text(entry)) == NULL)
            continue;
        answer(asked, text);
        free(text);
        found = true;
    }
    LocalFree(names);
    return found;
}

#define OID_EMAIL "1.2.840.113549.1.9.1"

static void find_email(const struct asked *asked)
{
    static const char *const email[] = {OID_EMAIL};

    if (!find_alternative(asked, CERT_ALT_NAME_RFC822_NAME))
        find_attribute(asked, email, COUNT(email));
}

/* Alternative names that cannot be read are no reason to believe another. */
static bool has_unreadable(const struct asked *asked)
{
    CERT_ALT_NAME_INFO *names = asked_alternatives(asked);
    bool unreadable = names == NULL && asked_extension(asked) != NULL;

    LocalFree(names);
    return unreadable;
}

static void find_dns(const struct asked *asked)
{
    static const char *const common[] = {"2.5.4.3"};

    if (!find_alternative(asked, CERT_ALT_NAME_DNS_NAME) && !has_unreadable(asked))
        find_attribute(asked, common, COUNT(common));
}

static void find_simple(const struct asked *asked)
{
    static const char *const display[] = {"2.5.4.3", "2.5.4.11", "2.5.4.10", OID_EMAIL};

    if (!find_attribute(asked, display, COUNT(display)) &&
        !find_alternative(asked, CERT_ALT_NAME_RFC822_NAME))
        find_alternative(asked, CERT_ALT_NAME_DNS_NAME);
}

static void find_friendly(const struct asked *asked)
{
    DWORD size = 0;
    WCHAR *name;
    char *text = NULL;

    if (!asked->issuer &&
        CertGetCertificateContextProperty(asked->cert, CERT_FRIENDLY_NAME_PROP_ID, NULL, &size) &&
        (name = calloc(1, size + sizeof(WCHAR))) != NULL) {
        if (CertGetCertificateContextProperty(asked->cert, CERT_FRIENDLY_NAME_PROP_ID, name,
                                              &size) &&
            text_from_w(name, &text) == SEC_E_OK)
            answer(asked, text);
        free(text);
        free(name);
    }
    if (asked->answer->size == 0)
        find_simple(asked);
}

static void find_rdn(const struct asked *asked, const DWORD *type)
{
    CERT_NAME_INFO *name = asked_name(asked);
    struct buffer text = {.text = NULL};

    if (name != NULL)
        put_name(&text, name, type == NULL ? CERT_SIMPLE_NAME_STR : *type);
    if (text.text != NULL)
        answer(asked, text.text);
    asked->answer->failed |= text.failed;
    free(text.text);
    LocalFree(name);
}

static void name_find(const struct asked *asked, DWORD type, const void *parameter)
{
    const char *oid = parameter == NULL ? OID_EMAIL : parameter;

    switch (type) {
    case CERT_NAME_EMAIL_TYPE:
        find_email(asked);
        break;
    case CERT_NAME_RDN_TYPE:
        find_rdn(asked, parameter);
        break;
    case CERT_NAME_ATTR_TYPE:
        find_attribute(asked, &oid, 1);
        break;
    case CERT_NAME_SIMPLE_DISPLAY_TYPE:
        find_simple(asked);
        break;
    case CERT_NAME_FRIENDLY_DISPLAY_TYPE:
        find_friendly(asked);
        break;
    case CERT_NAME_DNS_TYPE:
        find_dns(asked);
        break;
    case CERT_NAME_URL_TYPE:
        find_alternative(asked, CERT_ALT_NAME_URL);
        break;
    case CERT_NAME_UPN_TYPE:
        find_alternative(asked, CERT_ALT_NAME_OTHER_NAME);
        break;
    }
}

/* Several names are a list that ends with an empty one; its NULs are ASCII's, so both forms count
 * them alike once each text is converted by itself. */
static DWORD list_give(const struct buffer *list, bool wide, void *room, DWORD count)
{
    DWORD total = 1;
    size_t unit = wide ? sizeof(WCHAR) : 1;

    for (size_t at = 0; at < list->size; at += strlen(list->text + at) + 1)
        total += text_give(list->text + at, strlen(list->text + at), wide, false, NULL, 0);
    if (room == NULL || count == 0)
        return total;
    memset(room, 0, count * unit);
    if (count < total) /* a list is given whole or not at all */
        return 1;
    for (size_t at = 0, used = 0; at < list->size; at += strlen(list->text + at) + 1)
        used += text_give(list->text + at, strlen(list->text + at), wide, false,
                          (char *)room + used * unit, count - (DWORD)used);
    return total;
}

static DWORD name_get(PCCERT_CONTEXT cert, DWORD type, DWORD flags, const void *parameter,
                      bool wide, void *room, DWORD count)
{
    struct buffer found = {.text = NULL};
    struct asked asked = {cert, (flags & CERT_NAME_ISSUER_FLAG) != 0,
                          (flags & CERT_NAME_SEARCH_ALL_NAMES_FLAG) != 0, &found};
    DWORD given;

    if (cert != NULL)
        name_find(&asked, type, parameter);
    if (!asked.all || found.failed)
        return buffer_give(&found, wide, wide, room, count);
    given = list_give(&found, wide, room, count);
    free(found.text);
    return given;
}

WIN_API DWORD CertGetNameStringA(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                 void *pvTypePara, LPSTR pszNameString, DWORD cchNameString)
{
    return name_get(pCertContext, dwType, dwFlags, pvTypePara, false, pszNameString, cchNameString);
}

WIN_API DWORD CertGetNameStringW(PCCERT_CONTEXT pCertContext, DWORD dwType, DWORD dwFlags,
                                 void *pvTypePara, LPWSTR pszNameString, DWORD cchNameString)
{
    return name_get(pCertContext, dwType, dwFlags, pvTypePara, true, pszNameString, cchNameString);
}
