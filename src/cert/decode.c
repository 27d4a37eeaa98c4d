/* SPDX-License-Identifier: MIT */
/*
 * CryptDecodeObjectEx: DER to Windows' structures, by one table. A structure is one block: what it
 * points at, a copy of the DER among it, lies behind it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/der.h"
#include "cert/info.h"
#include "cert/keyblob.h"
#include "core/text.h"
#include "win/win.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATH         64

/* --- Parts ---------------------------------------------------------------------------------- */

static void blob_set(CRYPT_DATA_BLOB *blob, struct der_part part)
{
    blob->cbData = (DWORD)part.size;
    blob->pbData = (BYTE *)(uintptr_t)part.data;
}

/* Text in UTF-8 as UTF-16 of the arena's. */
static bool wide_set(struct arena *arena, const char *text, size_t size, LPWSTR *out)
{
    SEC_WCHAR *wide = NULL;
    size_t units = 0;
    char *copy = NULL;
    bool set =
        text_from_utf8(text, size, &copy) == SEC_E_OK && text_to_w(copy, &wide, &units) == SEC_E_OK;

    *out = set ? arena_take(arena, (units + 1) * sizeof(WCHAR)) : NULL;
    if (*out != NULL)
        memcpy(*out, wide, units * sizeof(WCHAR));
    free(wide);
    free(copy);
    return *out != NULL || win_fail(CRYPT_E_ASN1_CORRUPT);
}

/* --- Names ---------------------------------------------------------------------------------- */

static const struct {
    BYTE tag;
    DWORD type;
} string_types[] = {
    {ASN1_TAG_OCTET_STRING, CERT_RDN_OCTET_STRING},
    {ASN1_TAG_NUMERIC_STRING, CERT_RDN_NUMERIC_STRING},
    {ASN1_TAG_PRINTABLE_STRING, CERT_RDN_PRINTABLE_STRING},
    {ASN1_TAG_TELETEX_STRING, CERT_RDN_T61_STRING},
    {ASN1_TAG_IA5_STRING, CERT_RDN_IA5_STRING},
    {ASN1_TAG_VISIBLE_STRING, CERT_RDN_VISIBLE_STRING},
    {ASN1_TAG_UNIVERSAL_STRING, CERT_RDN_UNIVERSAL_STRING},
    {ASN1_TAG_BMP_STRING, CERT_RDN_BMP_STRING},
    {ASN1_TAG_UTF8_STRING, CERT_RDN_UTF8_STRING},
};

/* What is no string stays as it is encoded. */
static void value_set(struct der_part part, CERT_RDN_ATTR *attribute)
{
    struct der_part contents;

    attribute->dwValueType = CERT_RDN_ENCODED_BLOB;
    for (size_t i = 0; i < COUNT(string_types) && part.size != 0; i++)
        if (string_types[i].tag == part.data[0] && der_strip(part, &contents)) {
            attribute->dwValueType = string_types[i].type;
            part = contents;
            break;
        }
    blob_set(&attribute->Value, part);
}

static bool rdn_fill(struct arena *arena, const struct der *der, unsigned number, CERT_RDN *rdn)
{
    char path[PATH];

    snprintf(path, sizeof(path), "?%u", number);
    rdn->cRDNAttr = der_count(der, path);
    rdn->rgRDNAttr = arena_take(arena, rdn->cRDNAttr * sizeof(*rdn->rgRDNAttr));
    for (DWORD i = 0; rdn->rgRDNAttr != NULL && i < rdn->cRDNAttr; i++) {
        snprintf(path, sizeof(path), "?%u.?%u.value", number, i + 1);
        value_set(der_element(der, path), &rdn->rgRDNAttr[i]);
        snprintf(path, sizeof(path), "?%u.?%u.type", number, i + 1);
        if (!der_oid(der, path, arena, &rdn->rgRDNAttr[i].pszObjId))
            return false;
    }
    return rdn->rgRDNAttr != NULL;
}

static bool name_fill(struct arena *arena, const struct der *der, void *out)
{
    CERT_NAME_INFO *name = out;

    name->cRDN = der_count(der, "");
    name->rgRDN = arena_take(arena, name->cRDN * sizeof(*name->rgRDN));
    for (DWORD i = 0; name->rgRDN != NULL && i < name->cRDN; i++)
        if (!rdn_fill(arena, der, i + 1, &name->rgRDN[i]))
            return false;
    return name->rgRDN != NULL;
}

static const struct {
    const char *choice;
    DWORD type;
} alt_types[] = {
    {"otherName", CERT_ALT_NAME_OTHER_NAME},
    {"rfc822Name", CERT_ALT_NAME_RFC822_NAME},
    {"dNSName", CERT_ALT_NAME_DNS_NAME},
    {"x400Address", CERT_ALT_NAME_X400_ADDRESS},
    {"directoryName", CERT_ALT_NAME_DIRECTORY_NAME},
    {"ediPartyName", CERT_ALT_NAME_EDI_PARTY_NAME},
    {"uniformResourceIdentifier", CERT_ALT_NAME_URL},
    {"iPAddress", CERT_ALT_NAME_IP_ADDRESS},
    {"registeredID", CERT_ALT_NAME_REGISTERED_ID},
};

static bool other_name_fill(struct arena *arena, const struct der *der, const char *path,
                            CERT_ALT_NAME_ENTRY *entry)
{
    char name[PATH + sizeof(".typeId")];

    entry->pOtherName = arena_take(arena, sizeof(*entry->pOtherName));
    if (entry->pOtherName == NULL)
        return false;
    snprintf(name, sizeof(name), "%s.value", path);
    blob_set(&entry->pOtherName->Value, der_contents(der, name));
    snprintf(name, sizeof(name), "%s.typeId", path);
    return der_oid(der, name, arena, &entry->pOtherName->pszObjId);
}

static bool alt_value_fill(struct arena *arena, const struct der *der, const char *path,
                           CERT_ALT_NAME_ENTRY *entry)
{
    struct der_part value = der_contents(der, path);

    switch (entry->dwAltNameChoice) {
    case CERT_ALT_NAME_OTHER_NAME:
        return other_name_fill(arena, der, path, entry);
    case CERT_ALT_NAME_RFC822_NAME:
    case CERT_ALT_NAME_DNS_NAME:
    case CERT_ALT_NAME_URL:
        return wide_set(arena, (const char *)value.data, value.size, &entry->pwszDNSName);
    case CERT_ALT_NAME_REGISTERED_ID:
        return der_oid(der, path, arena, &entry->pszRegisteredID);
    default:
        blob_set(&entry->IPAddress, value);
        return true;
    }
}

static bool alt_entry_fill(struct arena *arena, const struct der *der, unsigned number,
                           CERT_ALT_NAME_ENTRY *entry)
{
    char path[PATH], choice[32];
    int size = sizeof(choice);

    snprintf(path, sizeof(path), "?%u", number);
    if (asn1_read_value(der->node, path, choice, &size) != ASN1_SUCCESS)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    snprintf(path, sizeof(path), "?%u.%s", number, choice);
    for (size_t i = 0; i < COUNT(alt_types); i++)
        if (strcmp(alt_types[i].choice, choice) == 0)
            entry->dwAltNameChoice = alt_types[i].type;
    return alt_value_fill(arena, der, path, entry);
}

static bool alt_fill(struct arena *arena, const struct der *der, void *out)
{
    CERT_ALT_NAME_INFO *info = out;

    info->cAltEntry = der_count(der, "");
    info->rgAltEntry = arena_take(arena, info->cAltEntry * sizeof(*info->rgAltEntry));
    for (DWORD i = 0; info->rgAltEntry != NULL && i < info->cAltEntry; i++)
        if (!alt_entry_fill(arena, der, i + 1, &info->rgAltEntry[i]))
            return false;
    return info->rgAltEntry != NULL;
}

/* --- Extensions ----------------------------------------------------------------------------- */

/* A number that fits; FALSE for one that does not, or is negative. */
static bool number_read(struct der_part part, DWORD *number)
{
    *number = 0;
    if (part.size == 0 || part.size > 5 || (part.data[0] & 0x80) ||
        (part.size == 5 && part.data[0] != 0))
        return win_fail(CRYPT_E_ASN1_LARGE);
    for (size_t i = 0; i < part.size; i++)
        *number = *number << 8 | part.data[i];
    return true;
}

static bool constraints_fill(struct arena *arena, const struct der *der, void *out)
{
    CERT_BASIC_CONSTRAINTS2_INFO *info = out;
    struct der_part length = der_contents(der, "pathLenConstraint");

    (void)arena;
    info->fCA = der_boolean(der, "cA");
    info->fPathLenConstraint = length.data != NULL;
    return length.data == NULL || number_read(length, &info->dwPathLenConstraint);
}

static bool purposes_fill(struct arena *arena, const struct der *der, void *out)
{
    CERT_ENHKEY_USAGE *usage = out;
    char path[PATH];

    usage->cUsageIdentifier = der_count(der, "");
    usage->rgpszUsageIdentifier =
        arena_take(arena, usage->cUsageIdentifier * sizeof(*usage->rgpszUsageIdentifier));
    for (DWORD i = 0; usage->rgpszUsageIdentifier != NULL && i < usage->cUsageIdentifier; i++) {
        snprintf(path, sizeof(path), "?%u", i + 1);
        if (!der_oid(der, path, arena, &usage->rgpszUsageIdentifier[i]))
            return false;
    }
    return usage->rgpszUsageIdentifier != NULL;
}

/* --- Single values -------------------------------------------------------------------------- */

static bool bits_fill(struct arena *arena, const struct der *der, void *out)
{
    (void)arena;
    return der_bits(der, "", out);
}

static bool octets_fill(struct arena *arena, const struct der *der, void *out)
{
    (void)arena;
    blob_set(out, der_contents(der, ""));
    return true;
}

static bool integer_fill(struct arena *arena, const struct der *der, void *out)
{
    struct der_part part = der_contents(der, "");
    int number = part.size != 0 && (part.data[0] & 0x80) ? -1 : 0;

    (void)arena;
    if (part.size == 0 || part.size > sizeof(number))
        return win_fail(CRYPT_E_ASN1_LARGE);
    for (size_t i = 0; i < part.size; i++)
        number = (int)((unsigned)number << 8 | part.data[i]);
    memcpy(out, &number, sizeof(number));
    return true;
}

static bool big_integer_fill(struct arena *arena, const struct der *der, void *out)
{
    return arena_integer(arena, der_contents(der, ""), out);
}

/* --- Certificates and keys ------------------------------------------------------------------ */

static bool cert_fill(struct arena *arena, const struct der *der, void *out)
{
    return cert_info_fill(arena, der, out);
}

static bool crl_fill(struct arena *arena, const struct der *der, void *out)
{
    return crl_info_fill(arena, der, out);
}

static bool public_key_fill(struct arena *arena, const struct der *der, void *out)
{
    CERT_PUBLIC_KEY_INFO *key = out;

    return der_algorithm(der, "algorithm", arena, &key->Algorithm) &&
           der_bits(der, "subjectPublicKey", &key->PublicKey);
}

/* PKCS #1 to the blob that CryptImportKey() takes. */
static bool rsa_key_fill(struct arena *arena, const void *data, size_t size)
{
    const gnutls_datum_t der = {(unsigned char *)(uintptr_t)data, (unsigned)size};
    gnutls_x509_privkey_t plain;
    struct cert_key *key = NULL;
    DWORD needed = 0;
    BYTE *blob;
    bool filled = false;

    if (gnutls_x509_privkey_init(&plain) != GNUTLS_E_SUCCESS)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (gnutls_x509_privkey_import(plain, &der, GNUTLS_X509_FMT_DER) != GNUTLS_E_SUCCESS) {
        gnutls_x509_privkey_deinit(plain);
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    }
    if (cert_key_own_x509(plain, true, &key) == SEC_E_OK &&
        key_to_capi(key, PRIVATEKEYBLOB, CALG_RSA_KEYX, NULL, &needed) == SEC_E_OK) {
        blob = arena_take(arena, needed);
        filled = blob != NULL &&
                 key_to_capi(key, PRIVATEKEYBLOB, CALG_RSA_KEYX, blob, &needed) == SEC_E_OK;
    }
    cert_key_unref(key);
    return filled || win_fail(CRYPT_E_ASN1_CORRUPT);
}

/* --- The table ------------------------------------------------------------------------------ */

static const struct decoder {
    LPCSTR number;
    const char *oid;  /* the extension of this form; or NULL */
    const char *type; /* of pkix.asn; NULL: an RSA key */
    size_t size;      /* of the structure */
    bool (*fill)(struct arena *arena, const struct der *der, void *out);
} decoders[] = {
    {X509_CERT_TO_BE_SIGNED, NULL, "SSPI-PKIX.Certificate", sizeof(CERT_INFO), cert_fill},
    {X509_CERT_CRL_TO_BE_SIGNED, NULL, "SSPI-PKIX.CertificateList", sizeof(CRL_INFO), crl_fill},
    {X509_NAME, NULL, "SSPI-PKIX.Name", sizeof(CERT_NAME_INFO), name_fill},
    {X509_PUBLIC_KEY_INFO, NULL, "SSPI-PKIX.SubjectPublicKeyInfo", sizeof(CERT_PUBLIC_KEY_INFO),
     public_key_fill},
    {X509_ALTERNATE_NAME, szOID_SUBJECT_ALT_NAME2, "SSPI-PKIX.GeneralNames",
     sizeof(CERT_ALT_NAME_INFO), alt_fill},
    {X509_ALTERNATE_NAME, szOID_ISSUER_ALT_NAME2, "SSPI-PKIX.GeneralNames",
     sizeof(CERT_ALT_NAME_INFO), alt_fill},
    {X509_BASIC_CONSTRAINTS2, szOID_BASIC_CONSTRAINTS2, "SSPI-PKIX.BasicConstraints",
     sizeof(CERT_BASIC_CONSTRAINTS2_INFO), constraints_fill},
    {X509_KEY_USAGE, szOID_KEY_USAGE, "SSPI-PKIX.Bits", sizeof(CRYPT_BIT_BLOB), bits_fill},
    {X509_ENHANCED_KEY_USAGE, szOID_ENHANCED_KEY_USAGE, "SSPI-PKIX.KeyPurposes",
     sizeof(CERT_ENHKEY_USAGE), purposes_fill},
    {X509_BITS, NULL, "SSPI-PKIX.Bits", sizeof(CRYPT_BIT_BLOB), bits_fill},
    {X509_OCTET_STRING, szOID_SUBJECT_KEY_IDENTIFIER, "SSPI-PKIX.Octets", sizeof(CRYPT_DATA_BLOB),
     octets_fill},
    {X509_INTEGER, NULL, "SSPI-PKIX.Integer", sizeof(int), integer_fill},
    {X509_MULTI_BYTE_INTEGER, NULL, "SSPI-PKIX.Integer", sizeof(CRYPT_INTEGER_BLOB),
     big_integer_fill},
    {X509_ENUMERATED, szOID_CRL_REASON_CODE, "SSPI-PKIX.Enumerated", sizeof(int), integer_fill},
    {PKCS_RSA_PRIVATE_KEY, NULL, NULL, 0, NULL},
};

/* A structure is named by a number, or by its extension's OID. */
static const struct decoder *decoder_find(LPCSTR name)
{
    for (size_t i = 0; i < COUNT(decoders); i++)
        if ((uintptr_t)name <= 0xffff
                ? decoders[i].number == name
                : decoders[i].oid != NULL && strcmp(decoders[i].oid, name) == 0)
            return &decoders[i];
    return NULL;
}

struct decoding {
    const struct decoder *decoder;
    const BYTE *data;
    DWORD size;
};

/* The DER is copied first, so that all that is found in it points into the block. */
static bool decoding_fill(struct arena *arena, const void *input)
{
    const struct decoding *decoding = input;
    const struct decoder *decoder = decoding->decoder;
    void *out = decoder->size == 0 ? NULL : arena_take(arena, decoder->size);
    BYTE *copy;
    struct der der;
    bool filled;

    if (decoder->fill == NULL)
        return rsa_key_fill(arena, decoding->data, decoding->size);
    copy = arena_take(arena, decoding->size);
    if (out == NULL || copy == NULL)
        return false;
    memcpy(copy, decoding->data, decoding->size);
    if (!der_open(&der, decoder->type, copy, decoding->size))
        return false;
    filled = decoder->fill(arena, &der, out);
    der_close(&der);
    return filled;
}

/* Into memory of LocalAlloc(), or of the caller's own function. */
static BOOL decoding_allocate(const struct decoding *decoding, const CRYPT_DECODE_PARA *para,
                              void *out, size_t size)
{
    bool own = para != NULL && para->cbSize >= offsetof(CRYPT_DECODE_PARA, pfnFree) &&
               para->pfnAlloc != NULL;
    bool can_free = own && para->cbSize >= sizeof(*para) && para->pfnFree != NULL;
    void *block = own ? para->pfnAlloc(size) : LocalAlloc(0, size);

    if (block == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (!arena_fill(decoding_fill, decoding, block, size)) {
        gnutls_memset(block, 0, size);
        if (can_free)
            para->pfnFree(block);
        else if (!own)
            LocalFree(block);
        return FALSE;
    }
    memcpy(out, &block, sizeof(block));
    return TRUE;
}

WIN_API BOOL CryptDecodeObjectEx(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                                 const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                                 PCRYPT_DECODE_PARA pDecodePara, void *pvStructInfo,
                                 DWORD *pcbStructInfo)
{
    struct decoding decoding = {decoder_find(lpszStructType), pbEncoded, cbEncoded};
    size_t size;
    DWORD room;

    if (!(dwCertEncodingType & (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)) ||
        decoding.decoder == NULL)
        return win_fail(ERROR_FILE_NOT_FOUND); /* what Windows says of what it has no code for */
    if (pbEncoded == NULL || pcbStructInfo == NULL)
        return win_fail(pcbStructInfo == NULL ? ERROR_INVALID_PARAMETER : CRYPT_E_ASN1_EOD);
    if (!arena_measure(decoding_fill, &decoding, &size))
        return FALSE;
    room = *pcbStructInfo;
    *pcbStructInfo = (DWORD)size;
    if (pvStructInfo == NULL)
        return TRUE;
    if (dwFlags & CRYPT_DECODE_ALLOC_FLAG)
        return decoding_allocate(&decoding, pDecodePara, pvStructInfo, size);
    if (room < size)
        return win_fail(ERROR_MORE_DATA);
    return arena_fill(decoding_fill, &decoding, pvStructInfo, size);
}

WIN_API BOOL CryptDecodeObject(DWORD dwCertEncodingType, LPCSTR lpszStructType,
                               const BYTE *pbEncoded, DWORD cbEncoded, DWORD dwFlags,
                               void *pvStructInfo, DWORD *pcbStructInfo)
{
    return CryptDecodeObjectEx(dwCertEncodingType, lpszStructType, pbEncoded, cbEncoded,
                               dwFlags & ~(DWORD)CRYPT_DECODE_ALLOC_FLAG, NULL, pvStructInfo,
                               pcbStructInfo);
}
