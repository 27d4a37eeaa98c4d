/* SPDX-License-Identifier: MIT */
/* CryptFormatObject: DER as people read it, in Windows' words; what has none in hexadecimal. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "win/win.h"

#include <wincrypt.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where text goes, and what stands between its parts. */
struct writer {
    FILE *out;
    DWORD type; /* CRYPT_FORMAT_* */
    bool lines;
    unsigned parts;
};

/* Between two parts a comma, or after each a line end. */
static void part_begin(struct writer *writer)
{
    if (writer->parts++ != 0 && !writer->lines)
        fputs(", ", writer->out);
}

static void part_end(struct writer *writer)
{
    if (writer->lines)
        fputs("\r\n", writer->out);
}

static void put_hex(struct writer *writer, const BYTE *data, DWORD size)
{
    for (DWORD i = 0; i < size; i++)
        fprintf(writer->out, i == 0 ? "%02x" : " %02x", data[i]);
}

static void put_wide(struct writer *writer, LPCWSTR wide)
{
    char *text = NULL;

    if (wide != NULL && text_from_w(wide, &text) == SEC_E_OK)
        fputs(text, writer->out);
    free(text);
}

static void put_name(struct writer *writer, const CERT_NAME_BLOB *name)
{
    static const struct {
        DWORD type, form;
    } forms[] = {
        {CRYPT_FORMAT_SIMPLE, CERT_SIMPLE_NAME_STR},
        {CRYPT_FORMAT_OID, CERT_OID_NAME_STR},
    };
    DWORD form = CERT_X500_NAME_STR, size;
    CERT_NAME_BLOB blob = *name;
    char *text;

    for (size_t i = 0; i < COUNT(forms); i++)
        if (writer->type & forms[i].type)
            form = forms[i].form;
    size = CertNameToStrA(X509_ASN_ENCODING, &blob, form, NULL, 0);
    text = malloc(size + 1);
    if (text != NULL && CertNameToStrA(X509_ASN_ENCODING, &blob, form, text, size) != 0)
        fputs(text, writer->out);
    free(text);
}

/* --- Alternative names ---------------------------------------------------------------------- */

static void put_address(struct writer *writer, const CRYPT_DATA_BLOB *address)
{
    char text[INET6_ADDRSTRLEN];
    int family = address->cbData == 4 ? AF_INET : AF_INET6;

    if ((address->cbData == 4 || address->cbData == 16) &&
        inet_ntop(family, address->pbData, text, sizeof(text)) != NULL)
        fputs(text, writer->out);
    else
        put_hex(writer, address->pbData, address->cbData);
}

/* A user's name, for LocalFree(), where that is text: then it is UTF-16, and ends with NUL. */
static CERT_NAME_VALUE *user_name(const CERT_OTHER_NAME *name)
{
    CERT_NAME_VALUE *value = NULL;
    DWORD size = 0;

    if (strcmp(name->pszObjId, szOID_NT_PRINCIPAL_NAME) != 0 ||
        !CryptDecodeObjectEx(X509_ASN_ENCODING, X509_UNICODE_ANY_STRING, name->Value.pbData,
                             name->Value.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &value, &size))
        return NULL;
    if (value->dwValueType >= CERT_RDN_NUMERIC_STRING)
        return value;
    LocalFree(value);
    return NULL;
}

static void put_other_name(struct writer *writer, const CERT_OTHER_NAME *name)
{
    CERT_NAME_VALUE *value = user_name(name);

    if (value != NULL) {
        fputs("Principal Name=", writer->out);
        put_wide(writer, (LPCWSTR)(const void *)value->Value.pbData);
    } else {
        fprintf(writer->out, "%s=", name->pszObjId);
        put_hex(writer, name->Value.pbData, name->Value.cbData);
    }
    LocalFree(value);
}

static void put_alt_name(struct writer *writer, const CERT_ALT_NAME_ENTRY *entry)
{
    static const char *const labels[] = {
        [CERT_ALT_NAME_OTHER_NAME] = "Other Name:",
        [CERT_ALT_NAME_RFC822_NAME] = "RFC822 Name=",
        [CERT_ALT_NAME_DNS_NAME] = "DNS Name=",
        [CERT_ALT_NAME_X400_ADDRESS] = "X400 Address=",
        [CERT_ALT_NAME_DIRECTORY_NAME] = "Directory Address:",
        [CERT_ALT_NAME_EDI_PARTY_NAME] = "EDI Party=",
        [CERT_ALT_NAME_URL] = "URL=",
        [CERT_ALT_NAME_IP_ADDRESS] = "IP Address=",
        [CERT_ALT_NAME_REGISTERED_ID] = "Registered ID=",
    };

    fputs(labels[entry->dwAltNameChoice], writer->out);
    switch (entry->dwAltNameChoice) {
    case CERT_ALT_NAME_OTHER_NAME:
        put_other_name(writer, entry->pOtherName);
        break;
    case CERT_ALT_NAME_RFC822_NAME:
    case CERT_ALT_NAME_DNS_NAME:
    case CERT_ALT_NAME_URL:
        put_wide(writer, entry->pwszDNSName);
        break;
    case CERT_ALT_NAME_DIRECTORY_NAME:
        put_name(writer, &entry->DirectoryName);
        break;
    case CERT_ALT_NAME_REGISTERED_ID:
        fputs(entry->pszRegisteredID, writer->out);
        break;
    default:
        put_address(writer, &entry->IPAddress);
    }
}

static void put_alt_names(struct writer *writer, const void *info)
{
    const CERT_ALT_NAME_INFO *names = info;

    for (DWORD i = 0; i < names->cAltEntry; i++) {
        part_begin(writer);
        put_alt_name(writer, &names->rgAltEntry[i]);
        part_end(writer);
    }
}

/* --- What a key is for ---------------------------------------------------------------------- */

static const struct {
    DWORD octet;
    BYTE bit;
    const char *text;
} usages[] = {
    {0, CERT_DIGITAL_SIGNATURE_KEY_USAGE, "Digital Signature"},
    {0, CERT_NON_REPUDIATION_KEY_USAGE, "Non-Repudiation"},
    {0, CERT_KEY_ENCIPHERMENT_KEY_USAGE, "Key Encipherment"},
    {0, CERT_DATA_ENCIPHERMENT_KEY_USAGE, "Data Encipherment"},
    {0, CERT_KEY_AGREEMENT_KEY_USAGE, "Key Agreement"},
    {0, CERT_KEY_CERT_SIGN_KEY_USAGE, "Certificate Signing"},
    {0, CERT_OFFLINE_CRL_SIGN_KEY_USAGE, "Off-line CRL Signing"},
    {0, CERT_CRL_SIGN_KEY_USAGE, "CRL Signing"},
    {0, CERT_ENCIPHER_ONLY_KEY_USAGE, "Encipher Only"},
    {1, CERT_DECIPHER_ONLY_KEY_USAGE, "Decipher Only"},
};

static void put_usage(struct writer *writer, const void *info)
{
    const CRYPT_BIT_BLOB *bits = info;
    bool any = false;

    for (size_t i = 0; i < COUNT(usages); i++)
        if (usages[i].octet < bits->cbData && (bits->pbData[usages[i].octet] & usages[i].bit)) {
            fprintf(writer->out, "%s%s", any ? ", " : "", usages[i].text);
            any = true;
        }
    fputs(any ? " (" : "(", writer->out);
    put_hex(writer, bits->pbData, bits->cbData);
    fputs(")", writer->out);
    part_end(writer);
}

static void put_purposes(struct writer *writer, const void *info)
{
    const CERT_ENHKEY_USAGE *usage = info;

    for (DWORD i = 0; i < usage->cUsageIdentifier; i++) {
        PCCRYPT_OID_INFO known =
            CryptFindOIDInfo(CRYPT_OID_INFO_OID_KEY, usage->rgpszUsageIdentifier[i],
                             CRYPT_ENHKEY_USAGE_OID_GROUP_ID);

        part_begin(writer);
        if (known != NULL)
            put_wide(writer, known->pwszName);
        else
            fputs("Unknown Key Usage", writer->out);
        fprintf(writer->out, " (%s)", usage->rgpszUsageIdentifier[i]);
        part_end(writer);
    }
}

/* --- The others ----------------------------------------------------------------------------- */

static void put_constraints(struct writer *writer, const void *info)
{
    const CERT_BASIC_CONSTRAINTS2_INFO *constraints = info;

    part_begin(writer);
    fprintf(writer->out, "Subject Type=%s", constraints->fCA ? "CA" : "End Entity");
    part_end(writer);
    part_begin(writer);
    if (constraints->fPathLenConstraint)
        fprintf(writer->out, "Path Length Constraint=%u", constraints->dwPathLenConstraint);
    else
        fputs("Path Length Constraint=None", writer->out);
    part_end(writer);
}

static void put_octets(struct writer *writer, const void *info)
{
    const CRYPT_DATA_BLOB *blob = info;

    put_hex(writer, blob->pbData, blob->cbData);
    part_end(writer);
}

static void put_key_id(struct writer *writer, const void *info)
{
    const CERT_AUTHORITY_KEY_ID2_INFO *id = info;
    const CRYPT_INTEGER_BLOB *serial = &id->AuthorityCertSerialNumber;

    if (id->KeyId.cbData != 0) {
        part_begin(writer);
        fputs("KeyID=", writer->out);
        put_octets(writer, &id->KeyId);
    }
    if (id->AuthorityCertIssuer.cAltEntry != 0) {
        part_begin(writer);
        fputs("Certificate Issuer:", writer->out);
        put_alt_name(writer, &id->AuthorityCertIssuer.rgAltEntry[0]);
        part_end(writer);
    }
    if (serial->cbData == 0)
        return;
    part_begin(writer);
    fputs("Certificate SerialNumber=", writer->out);
    for (DWORD i = serial->cbData; i > 0; i--) /* its highest octet is the last */
        fprintf(writer->out, i == 1 ? "%02x" : "%02x ", serial->pbData[i - 1]);
    part_end(writer);
}

static const struct format {
    const char *oid;
    LPCSTR number;
    void (*put)(struct writer *writer, const void *info);
} formats[] = {
    {szOID_SUBJECT_ALT_NAME2, X509_ALTERNATE_NAME, put_alt_names},
    {szOID_ISSUER_ALT_NAME2, X509_ALTERNATE_NAME, put_alt_names},
    {szOID_SUBJECT_ALT_NAME, X509_ALTERNATE_NAME, put_alt_names},
    {szOID_ISSUER_ALT_NAME, X509_ALTERNATE_NAME, put_alt_names},
    {szOID_KEY_USAGE, X509_KEY_USAGE, put_usage},
    {szOID_ENHANCED_KEY_USAGE, X509_ENHANCED_KEY_USAGE, put_purposes},
    {szOID_BASIC_CONSTRAINTS2, X509_BASIC_CONSTRAINTS2, put_constraints},
    {szOID_SUBJECT_KEY_IDENTIFIER, X509_OCTET_STRING, put_octets},
    {szOID_AUTHORITY_KEY_IDENTIFIER2, X509_AUTHORITY_KEY_ID2, put_key_id},
};

static bool put_known(struct writer *writer, LPCSTR type, const CRYPT_DATA_BLOB *der)
{
    void *info = NULL;
    DWORD size = 0;

    for (size_t i = 0; i < COUNT(formats); i++)
        if ((uintptr_t)type <= 0xffff ? formats[i].number == type
                                      : strcmp(formats[i].oid, type) == 0) {
            if (!CryptDecodeObjectEx(X509_ASN_ENCODING, formats[i].number, der->pbData, der->cbData,
                                     CRYPT_DECODE_ALLOC_FLAG, NULL, &info, &size))
                return false;
            formats[i].put(writer, info);
            LocalFree(info);
            return true;
        }
    return false;
}

static bool is_name(LPCSTR type, const CRYPT_DATA_BLOB *der)
{
    DWORD size;

    return (type == X509_NAME || type == X509_UNICODE_NAME) &&
           CryptDecodeObject(X509_ASN_ENCODING, X509_NAME, der->pbData, der->cbData, 0, NULL,
                             &size);
}

/* --- CryptFormatObject ---------------------------------------------------------------------- */

static BOOL text_give(const char *text, void *room, DWORD *room_size)
{
    SEC_WCHAR *wide = NULL;
    size_t units = 0, size;
    bool fits;

    if (text_to_w(text, &wide, &units) != SEC_E_OK)
        return win_fail(CRYPT_E_ASN1_CORRUPT);
    size = (units + 1) * sizeof(*wide);
    fits = room == NULL || *room_size >= size;
    *room_size = (DWORD)size;
    if (fits && room != NULL)
        memcpy(room, wide, size);
    free(wide);
    return fits || win_fail(ERROR_MORE_DATA);
}

WIN_API BOOL CryptFormatObject(DWORD dwCertEncodingType, DWORD dwFormatType, DWORD dwFormatStrType,
                               void *pFormatStruct, LPCSTR lpszStructType, const BYTE *pbEncoded,
                               DWORD cbEncoded, void *pbFormat, DWORD *pcbFormat)
{
    const CRYPT_DATA_BLOB der = {cbEncoded, (BYTE *)(uintptr_t)pbEncoded};
    struct writer writer = {NULL, dwFormatType, dwFormatStrType & CRYPT_FORMAT_STR_MULTI_LINE, 0};
    char *text = NULL;
    size_t size = 0;
    BOOL given = TRUE;

    (void)dwCertEncodingType;
    (void)pFormatStruct;
    if (pbEncoded == NULL || pcbFormat == NULL)
        return win_fail(E_INVALIDARG);
    writer.out = open_memstream(&text, &size);
    if (writer.out == NULL)
        return win_fail(ERROR_NOT_ENOUGH_MEMORY);
    if (is_name(lpszStructType, &der))
        put_name(&writer, &der);
    else if (!put_known(&writer, lpszStructType, &der)) {
        if (dwFormatStrType & CRYPT_FORMAT_STR_NO_HEX)
            given =
                win_fail(ERROR_FILE_NOT_FOUND); /* what Windows says of what it has no code for */
        put_hex(&writer, pbEncoded, cbEncoded);
    }
    if (fclose(writer.out) != 0)
        given = win_fail(ERROR_NOT_ENOUGH_MEMORY);
    given = given && text_give(text, pbFormat, pcbFormat);
    free(text);
    return given;
}
