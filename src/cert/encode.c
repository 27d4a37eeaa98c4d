/* SPDX-License-Identifier: MIT */
/* CryptEncodeObjectEx: Windows' structures to DER, by one table. decode.c is the way back. */
#include "cert/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/der.h"
#include "core/text.h"
#include "win/win.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATH         64
#define DATA_MAX     (16 * 1024 * 1024) /* as much as der_open() reads */

/* --- Parts ---------------------------------------------------------------------------------- */

/* False, with the error set, for what the type does not take. An empty value is none: NULL. */
static bool put(const struct der *der, const char *path, const void *data, size_t size)
{
    int code =
        size > DATA_MAX ? ASN1_VALUE_NOT_VALID : asn1_write_value(der->node, path, data, (int)size);

    return code == ASN1_SUCCESS ||
           win_fail(code == ASN1_MEM_ALLOC_ERROR ? ERROR_NOT_ENOUGH_MEMORY : CRYPT_E_ASN1_BADARGS);
}

/* Digits and dots: what libtasn1 makes of anything else is not checked by it. */
static bool put_oid(const struct der *der, const char *path, const char *oid)
{
    if (oid == NULL || oid[0] == '\0' || oid[strspn(oid, "0123456789.")] != '\0')
        return win_fail(CRYPT_E_ASN1_BADARGS);
    return put(der, path, oid, 1);
}

static bool put_none(const struct der *der, const char *path)
{
    return put(der, path, NULL, 0);
}

/* Octets; where there are none, libtasn1 would look for the end of a text at the pointer. */
static bool put_blob(const struct der *der, const char *path, const CRYPT_DATA_BLOB *blob)
{
    return put(der, path, blob->cbData == 0 ? (const BYTE *)"" : blob->pbData, blob->cbData);
}

/* A value that is DER already: one TLV. */
static bool put_der(const struct der *der, const char *path, const CRYPT_DATA_BLOB *blob)
{
    struct der_part contents;

    if (!der_strip((struct der_part){blob->pbData, blob->cbData}, &contents))
        return win_fail(CRYPT_E_ASN1_BADARGS);
    return put(der, path, blob->pbData, blob->cbData);
}

static bool put_bits(const struct der *der, const char *path, const BYTE *data, size_t bits)
{
    return put(der, path, bits == 0 ? (const BYTE *)"" : data, bits);
}

static bool put_boolean(const struct der *der, const char *path, BOOL truth)
{
    return put(der, path, truth ? "TRUE" : "FALSE", 1);
}

/* Big-endian, with a leading zero where the sign would be taken for one. */
static bool put_number(const struct der *der, const char *path, DWORD number)
{
    BYTE octets[5] = {0, (BYTE)(number >> 24), (BYTE)(number >> 16), (BYTE)(number >> 8),
                      (BYTE)number};

    return put(der, path, octets, sizeof(octets));
}

/* --- Names ---------------------------------------------------------------------------------- */

static const struct {
    DWORD type;
    unsigned etype;
} string_types[] = {
    {CERT_RDN_OCTET_STRING, ASN1_ETYPE_OCTET_STRING},
    {CERT_RDN_NUMERIC_STRING, ASN1_ETYPE_NUMERIC_STRING},
    {CERT_RDN_PRINTABLE_STRING, ASN1_ETYPE_PRINTABLE_STRING},
    {CERT_RDN_T61_STRING, ASN1_ETYPE_TELETEX_STRING},
    {CERT_RDN_IA5_STRING, ASN1_ETYPE_IA5_STRING},
    {CERT_RDN_VISIBLE_STRING, ASN1_ETYPE_VISIBLE_STRING},
    {CERT_RDN_UNIVERSAL_STRING, ASN1_ETYPE_UNIVERSAL_STRING},
    {CERT_RDN_BMP_STRING, ASN1_ETYPE_BMP_STRING},
    {CERT_RDN_UTF8_STRING, ASN1_ETYPE_UTF8_STRING},
};

static bool put_string(const struct der *der, const char *path, unsigned etype,
                       const CRYPT_DATA_BLOB *value)
{
    BYTE header[ASN1_MAX_TL_SIZE], *whole;
    unsigned header_size = sizeof(header);
    bool is_put;

    if (value->cbData > DATA_MAX ||
        asn1_encode_simple_der(etype, value->cbData == 0 ? (const BYTE *)"" : value->pbData,
                               value->cbData, header, &header_size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_BADARGS);
    whole = malloc(header_size + value->cbData);
    if (whole == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    memcpy(whole, header, header_size);
    if (value->cbData != 0)
        memcpy(whole + header_size, value->pbData, value->cbData);
    is_put = put(der, path, whole, header_size + value->cbData);
    free(whole);
    return is_put;
}

static bool put_value(const struct der *der, const char *path, const CERT_RDN_ATTR *attribute)
{
    DWORD type = attribute->dwValueType & CERT_RDN_TYPE_MASK;

    if (type == CERT_RDN_ENCODED_BLOB)
        return put_der(der, path, &attribute->Value);
    for (size_t i = 0; i < COUNT(string_types); i++)
        if (string_types[i].type == type)
            return put_string(der, path, string_types[i].etype, &attribute->Value);
    return win_fail(CRYPT_E_ASN1_BADARGS);
}

static bool name_write(const struct der *der, const void *in)
{
    const CERT_NAME_INFO *name = in;

    for (DWORD i = 0; i < name->cRDN; i++) {
        if (!put(der, "", "NEW", 1))
            return false;
        for (DWORD k = 0; k < name->rgRDN[i].cRDNAttr; k++) {
            const CERT_RDN_ATTR *attribute = &name->rgRDN[i].rgRDNAttr[k];

            if (!put(der, "?LAST", "NEW", 1) ||
                !put_oid(der, "?LAST.?LAST.type", attribute->pszObjId) ||
                !put_value(der, "?LAST.?LAST.value", attribute))
                return false;
        }
    }
    return true;
}

/* --- Alternative names ---------------------------------------------------------------------- */

static bool put_wide(const struct der *der, const char *path, LPCWSTR wide)
{
    char *text = NULL;
    bool is_put = false;

    if (wide == NULL || text_from_w(wide, &text) != SEC_E_OK)
        return win_fail(CRYPT_E_INVALID_IA5_STRING);
    for (const char *at = text; *at != '\0'; at++)
        if (*at & 0x80) {
            free(text);
            return win_fail(CRYPT_E_INVALID_IA5_STRING);
        }
    is_put = put(der, path, text, strlen(text));
    free(text);
    return is_put;
}

static bool other_name_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_oid(der, "?LAST.otherName.typeId", entry->pOtherName->pszObjId) &&
           put_der(der, "?LAST.otherName.value", &entry->pOtherName->Value);
}

static bool mail_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_wide(der, "?LAST.rfc822Name", entry->pwszRfc822Name);
}

static bool dns_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_wide(der, "?LAST.dNSName", entry->pwszDNSName);
}

static bool directory_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_der(der, "?LAST.directoryName", &entry->DirectoryName);
}

static bool url_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_wide(der, "?LAST.uniformResourceIdentifier", entry->pwszURL);
}

static bool address_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_blob(der, "?LAST.iPAddress", &entry->IPAddress);
}

static bool id_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    return put_oid(der, "?LAST.registeredID", entry->pszRegisteredID);
}

/* X.400 addresses and EDI party names are nobody's any more. */
static const struct {
    DWORD type;
    const char *choice;
    bool (*write)(const struct der *der, const CERT_ALT_NAME_ENTRY *entry);
} alt_types[] = {
    {CERT_ALT_NAME_OTHER_NAME, "otherName", other_name_write},
    {CERT_ALT_NAME_RFC822_NAME, "rfc822Name", mail_write},
    {CERT_ALT_NAME_DNS_NAME, "dNSName", dns_write},
    {CERT_ALT_NAME_DIRECTORY_NAME, "directoryName", directory_write},
    {CERT_ALT_NAME_URL, "uniformResourceIdentifier", url_write},
    {CERT_ALT_NAME_IP_ADDRESS, "iPAddress", address_write},
    {CERT_ALT_NAME_REGISTERED_ID, "registeredID", id_write},
};

static bool alt_entry_write(const struct der *der, const CERT_ALT_NAME_ENTRY *entry)
{
    for (size_t i = 0; i < COUNT(alt_types); i++)
        if (alt_types[i].type == entry->dwAltNameChoice)
            return put(der, "", "NEW", 1) && put(der, "?LAST", alt_types[i].choice, 1) &&
                   alt_types[i].write(der, entry);
    return win_fail(E_INVALIDARG);
}

static bool alt_write(const struct der *der, const void *in)
{
    const CERT_ALT_NAME_INFO *info = in;

    for (DWORD i = 0; i < info->cAltEntry; i++)
        if (!alt_entry_write(der, &info->rgAltEntry[i]))
            return false;
    return true;
}

/* --- Extensions ----------------------------------------------------------------------------- */

static bool constraints_write(const struct der *der, const void *in)
{
    const CERT_BASIC_CONSTRAINTS2_INFO *info = in;

    return put_boolean(der, "cA", info->fCA) &&
           (info->fPathLenConstraint
                ? put_number(der, "pathLenConstraint", info->dwPathLenConstraint)
                : put_none(der, "pathLenConstraint"));
}

static bool purposes_write(const struct der *der, const void *in)
{
    const CERT_ENHKEY_USAGE *usage = in;

    for (DWORD i = 0; i < usage->cUsageIdentifier; i++)
        if (!put(der, "", "NEW", 1) || !put_oid(der, "?LAST", usage->rgpszUsageIdentifier[i]))
            return false;
    return true;
}

static bool extensions_write(const struct der *der, const void *in)
{
    const CERT_EXTENSIONS *list = in;

    for (DWORD i = 0; i < list->cExtension; i++) {
        const CERT_EXTENSION *extension = &list->rgExtension[i];

        if (!put(der, "", "NEW", 1) || !put_oid(der, "?LAST.extnID", extension->pszObjId) ||
            !put_boolean(der, "?LAST.critical", extension->fCritical) ||
            !put_blob(der, "?LAST.extnValue", &extension->Value))
            return false;
    }
    return true;
}

/* --- Single values -------------------------------------------------------------------------- */

static size_t bits_count(const CRYPT_BIT_BLOB *bits)
{
    return bits->cbData == 0 ? 0 : (size_t)bits->cbData * 8 - (bits->cUnusedBits & 7);
}

static bool bits_write(const struct der *der, const void *in)
{
    const CRYPT_BIT_BLOB *bits = in;

    return put_bits(der, "", bits->pbData, bits_count(bits));
}

/* X.690 11.2.2: a list of named bits ends with the last that is set. */
static bool usage_write(const struct der *der, const void *in)
{
    const CRYPT_BIT_BLOB *bits = in;
    size_t count = bits_count(bits);

    while (count > 0 && !(bits->pbData[(count - 1) / 8] & 0x80 >> (count - 1) % 8))
        count--;
    return put_bits(der, "", bits->pbData, count);
}

static bool octets_write(const struct der *der, const void *in)
{
    return put_blob(der, "", in);
}

static bool integer_write(const struct der *der, const void *in)
{
    int number;
    BYTE octets[4];

    memcpy(&number, in, sizeof(number));
    for (unsigned i = 0; i < sizeof(octets); i++)
        octets[i] = (BYTE)((unsigned)number >> (24 - 8 * i));
    return put(der, "", octets, sizeof(octets));
}

/* Windows' numbers are little-endian. */
static bool big_integer_write(const struct der *der, const void *in)
{
    const CRYPT_INTEGER_BLOB *blob = in;
    BYTE *turned = blob->cbData > DATA_MAX ? NULL : calloc(blob->cbData + (size_t)1, 1);
    bool is_put;

    if (turned == NULL)
        return win_fail(blob->cbData > DATA_MAX ? CRYPT_E_ASN1_BADARGS : ERROR_NOT_ENOUGH_MEMORY);
    for (DWORD i = 0; i < blob->cbData; i++)
        turned[i] = blob->pbData[blob->cbData - 1 - i];
    is_put = put(der, "", turned, blob->cbData == 0 ? 1 : blob->cbData);
    free(turned);
    return is_put;
}

/* RFC 3279 2.3.1: an RSA key's parameters are NULL, and Windows writes that for none of any key. */
static bool public_key_write(const struct der *der, const void *in)
{
    static BYTE null[] = {ASN1_TAG_NULL, 0};
    const CERT_PUBLIC_KEY_INFO *key = in;
    const CRYPT_DATA_BLOB none = {sizeof(null), null};

    return put_oid(der, "algorithm.algorithm", key->Algorithm.pszObjId) &&
           put_der(der, "algorithm.parameters",
                   key->Algorithm.Parameters.cbData == 0 ? &none : &key->Algorithm.Parameters) &&
           put_bits(der, "subjectPublicKey", key->PublicKey.pbData, bits_count(&key->PublicKey));
}

/* --- The table ------------------------------------------------------------------------------ */

static const struct encoder {
    LPCSTR number;
    const char *oid;  /* the extension of this form; or NULL */
    const char *type; /* of pkix.asn */
    bool (*write)(const struct der *der, const void *in);
} encoders[] = {
    {X509_NAME, NULL, "SSPI-PKIX.Name", name_write},
    {X509_EXTENSIONS, szOID_CERT_EXTENSIONS, "SSPI-PKIX.Extensions", extensions_write},
    {X509_PUBLIC_KEY_INFO, NULL, "SSPI-PKIX.SubjectPublicKeyInfo", public_key_write},
    {X509_ALTERNATE_NAME, szOID_SUBJECT_ALT_NAME2, "SSPI-PKIX.GeneralNames", alt_write},
    {X509_ALTERNATE_NAME, szOID_ISSUER_ALT_NAME2, "SSPI-PKIX.GeneralNames", alt_write},
    {X509_BASIC_CONSTRAINTS2, szOID_BASIC_CONSTRAINTS2, "SSPI-PKIX.BasicConstraints",
     constraints_write},
    {X509_KEY_USAGE, szOID_KEY_USAGE, "SSPI-PKIX.Bits", usage_write},
    {X509_ENHANCED_KEY_USAGE, szOID_ENHANCED_KEY_USAGE, "SSPI-PKIX.KeyPurposes", purposes_write},
    {X509_BITS, NULL, "SSPI-PKIX.Bits", bits_write},
    {X509_OCTET_STRING, szOID_SUBJECT_KEY_IDENTIFIER, "SSPI-PKIX.Octets", octets_write},
    {X509_INTEGER, NULL, "SSPI-PKIX.Integer", integer_write},
    {X509_MULTI_BYTE_INTEGER, NULL, "SSPI-PKIX.Integer", big_integer_write},
    {X509_ENUMERATED, szOID_CRL_REASON_CODE, "SSPI-PKIX.Enumerated", integer_write},
};

static const struct encoder *encoder_find(LPCSTR name)
{
    for (size_t i = 0; i < COUNT(encoders); i++)
        if ((uintptr_t)name <= 0xffff
                ? encoders[i].number == name
                : encoders[i].oid != NULL && strcmp(encoders[i].oid, name) == 0)
            return &encoders[i];
    return NULL;
}

static uint8_t *encode(const char *type, bool (*write)(const struct der *, const void *),
                       const void *in, size_t *size)
{
    struct der der;
    uint8_t *data = NULL;

    if (!der_new(&der, type))
        return NULL;
    if (write(&der, in))
        data = der_encode(&der, size);
    der_close(&der);
    return data;
}

uint8_t *name_encode(const CERT_NAME_INFO *name, size_t *size)
{
    return encode("SSPI-PKIX.Name", name_write, name, size);
}

/* Into the caller's room, or memory of LocalAlloc() or of the caller's own function. */
static BOOL encoding_give(const uint8_t *data, size_t size, DWORD flags,
                          const CRYPT_ENCODE_PARA *para, void *out, DWORD *room)
{
    bool own = para != NULL && para->cbSize >= offsetof(CRYPT_ENCODE_PARA, pfnFree) &&
               para->pfnAlloc != NULL;
    bool allocates = out != NULL && (flags & CRYPT_ENCODE_ALLOC_FLAG);
    bool fits = out == NULL || allocates || *room >= size;
    void *block = out;

    *room = (DWORD)size;
    if (!fits)
        return win_fail(ERROR_MORE_DATA);
    if (allocates) {
        block = own ? para->pfnAlloc(size) : LocalAlloc(0, size);
        if (block == NULL)
            return win_fail(ERROR_NOT_ENOUGH_MEMORY);
        memcpy(out, &block, sizeof(block));
    }
    if (block != NULL)
        memcpy(block, data, size);
    return TRUE;
}

WIN_API BOOL CryptEncodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                 const void *pvStructInfo, DWORD dwFlags,
                                 PCRYPT_ENCODE_PARA pEncodePara, void *pvEncoded, DWORD *pcbEncoded)
{
    const struct encoder *encoder = encoder_find(lpszStructType);
    uint8_t *data;
    size_t size;
    BOOL given;

    if (!(dwCertEncodingType & (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)) || encoder == NULL)
        return win_fail(ERROR_FILE_NOT_FOUND); /* what Windows says of what it has no code for */
    if (pvStructInfo == NULL || pcbEncoded == NULL)
        return win_fail(ERROR_INVALID_PARAMETER);
    data = encode(encoder->type, encoder->write, pvStructInfo, &size);
    if (data == NULL)
        return FALSE;
    given = encoding_give(data, size, dwFlags, pEncodePara, pvEncoded, pcbEncoded);
    free(data);
    return given;
}

WIN_API BOOL CryptEncodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                               const void *pvStructInfo, BYTE *pbEncoded, DWORD *pcbEncoded)
{
    return CryptEncodeObjectEx(dwCertEncodingType, lpszStructType, pvStructInfo, 0, NULL, pbEncoded,
                               pcbEncoded);
}
