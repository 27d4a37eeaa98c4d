/* SPDX-License-Identifier: MIT */
/* crypt32's codings: octets as text, names as text, DER as structures. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <wincrypt.h>

#include "lib/certs.h"
#include "lib/check_main.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- Octets as text ------------------------------------------------------------------------- */

static const struct text_case {
    DWORD flags;
    const char *octets;
    DWORD size;
    const char *text;
} texts[] = {
    {CRYPT_STRING_BASE64, "f", 1, "Zg==\r\n"},
    {CRYPT_STRING_BASE64 | CRYPT_STRING_NOCR, "foobar", 6, "Zm9vYmFy\n"},
    {CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, "foobar", 6, "Zm9vYmFy"},
    {CRYPT_STRING_BASE64URI, "\xfb\xff\xfe", 3, "-__-"},
    {CRYPT_STRING_BASE64URI, "f", 1, "Zg"},
    {CRYPT_STRING_BASE64HEADER, "f", 1,
     "-----BEGIN CERTIFICATE-----\r\nZg==\r\n-----END CERTIFICATE-----\r\n"},
    {CRYPT_STRING_BASE64REQUESTHEADER, "f", 1,
     "-----BEGIN NEW CERTIFICATE REQUEST-----\r\nZg==\r\n-----END NEW CERTIFICATE "
     "REQUEST-----\r\n"},
    {CRYPT_STRING_BASE64X509CRLHEADER | CRYPT_STRING_NOCR, "f", 1,
     "-----BEGIN X509 CRL-----\nZg==\n-----END X509 CRL-----\n"},
    {CRYPT_STRING_HEXRAW | CRYPT_STRING_NOCRLF, "\x00\xab\x10", 3, "00ab10"},
    {CRYPT_STRING_HEXRAW, "\x00\xab\x10", 3, "00ab10\r\n"},
    {CRYPT_STRING_HEX, "0123456789abcdefX", 17,
     "30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66\r\n58\r\n"},
    {CRYPT_STRING_HEXADDR, "0123456789abcdefX", 17,
     "0000\t30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66\r\n0010\t58\r\n"},
    {CRYPT_STRING_HEXASCII, "AB\n", 3,
     "41 42 0a                                           AB.\r\n"},
};

static void *exact(const void *data, size_t size)
{
    void *copy = malloc(size == 0 ? 1 : size);

    return memcpy(copy, data, size);
}

START_TEST(octets_become_text_and_octets_again)
{
    const struct text_case *one = &texts[_i];
    size_t length = strlen(one->text);
    BYTE *octets = exact(one->octets, one->size), back[64];
    char text[512];
    WCHAR wide[512];
    DWORD count = 0, size = sizeof(back);

    ck_assert(CryptBinaryToStringA(octets, one->size, one->flags, NULL, &count));
    ck_assert_uint_eq(count, length + 1);
    count = (DWORD)length; /* no room for the terminator */
    ck_assert(!CryptBinaryToStringA(octets, one->size, one->flags, text, &count));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert_uint_eq(count, length + 1);
    ck_assert(CryptBinaryToStringA(octets, one->size, one->flags, text, &count));
    ck_assert_uint_eq(count, length);
    ck_assert_str_eq(text, one->text);
    count = sizeof(wide) / sizeof(wide[0]);
    ck_assert(CryptBinaryToStringW(octets, one->size, one->flags, wide, &count));
    ck_assert_uint_eq(count, length);
    for (size_t i = 0; i <= length; i++)
        ck_assert_uint_eq(wide[i], (unsigned char)text[i]);
    ck_assert(CryptStringToBinaryA(text, 0, one->flags & CRYPT_STRING_ENCODEMASK, back, &size, NULL,
                                   NULL));
    ck_assert_uint_eq(size, one->size);
    ck_assert_mem_eq(back, one->octets, one->size);
    size = sizeof(back);
    ck_assert(CryptStringToBinaryW(wide, 0, one->flags & CRYPT_STRING_ENCODEMASK, back, &size, NULL,
                                   NULL));
    ck_assert_uint_eq(size, one->size);
    free(octets);
}
END_TEST

static const DWORD round_forms[] = {
    CRYPT_STRING_BASE64HEADER, CRYPT_STRING_BASE64,  CRYPT_STRING_BASE64REQUESTHEADER,
    CRYPT_STRING_HEX,          CRYPT_STRING_HEXADDR, CRYPT_STRING_BASE64X509CRLHEADER,
    CRYPT_STRING_HEXASCII,     CRYPT_STRING_HEXRAW,  CRYPT_STRING_HEXASCIIADDR,
    CRYPT_STRING_BASE64URI,    CRYPT_STRING_BINARY};

START_TEST(every_length_goes_round)
{
    BYTE octets[100], back[100];
    char text[1000];

    for (DWORD size = 1; size <= sizeof(octets); size++) {
        DWORD count = sizeof(text), got = sizeof(back);

        for (DWORD i = 0; i < size; i++)
            octets[i] = (BYTE)(i * 37 + size);
        ck_assert(CryptBinaryToStringA(octets, size, round_forms[_i], text, &count));
        ck_assert(CryptStringToBinaryA(text, count, round_forms[_i], back, &got, NULL, NULL));
        ck_assert_uint_eq(got, size);
        ck_assert_mem_eq(back, octets, size);
    }
}
END_TEST

static const struct any_case {
    DWORD flags;
    const char *text;
    const char *octets; /* NULL: refused */
    DWORD form, skipped;
} anys[] = {
    {CRYPT_STRING_BASE64_ANY, "Zm9v", "foo", CRYPT_STRING_BASE64, 0},
    {CRYPT_STRING_BASE64_ANY, " Zm\r\n9 v ", "foo", CRYPT_STRING_BASE64, 0},
    {CRYPT_STRING_BASE64_ANY, "# mine\n-----BEGIN X-----\nZm9v\n-----END X-----\n", "foo",
     CRYPT_STRING_BASE64HEADER, 7},
    {CRYPT_STRING_ANY, "-----BEGIN X-----\nZm9v\n-----END X-----", "foo", CRYPT_STRING_BASE64HEADER,
     0},
    {CRYPT_STRING_ANY, "Zm9v", "foo", CRYPT_STRING_BASE64, 0},
    {CRYPT_STRING_ANY, "Zm9", "Zm9", CRYPT_STRING_BINARY, 0},
    {CRYPT_STRING_HEX_ANY, "66 6f 6F", "foo", CRYPT_STRING_HEX, 0},
    {CRYPT_STRING_HEX_ANY, "0000\t66 6f 6f\n", "foo", CRYPT_STRING_HEXADDR, 0},
    {CRYPT_STRING_BASE64, "Zm9v!", NULL, 0, 0},
    {CRYPT_STRING_BASE64, "Zm9", NULL, 0, 0},
    {CRYPT_STRING_BASE64, "", NULL, 0, 0},
    {CRYPT_STRING_BASE64HEADER, "Zm9v", NULL, 0, 0},
    {CRYPT_STRING_BASE64HEADER, "-----BEGIN X-----\nZm9v\n", NULL, 0, 0},
    {CRYPT_STRING_BASE64HEADER, "-----BEGIN X-----\nZm9v\n-----END X", NULL, 0, 0},
    {CRYPT_STRING_BASE64HEADER, "-----BEGIN X", NULL, 0, 0},
    {CRYPT_STRING_BASE64HEADER, "-----BEGIN X-----\nZm9v!\n-----END X-----\n", NULL, 0, 0},
    {CRYPT_STRING_HEX, "6", NULL, 0, 0},
    {CRYPT_STRING_HEX, "66 6", NULL, 0, 0},
    {CRYPT_STRING_HEX, "xy", NULL, 0, 0},
    {CRYPT_STRING_HEXADDR, "66 6f", NULL, 0, 0},
    {99, "Zm9v", NULL, 0, 0},
};

START_TEST(forms_are_told_apart)
{
    const struct any_case *one = &anys[_i];
    size_t length = strlen(one->text);
    char *text = exact(one->text, length);
    BYTE octets[64];
    DWORD size = sizeof(octets), skipped = 77, form = 77;
    /* A length of 0 says that it ends with NUL. */
    BOOL read = CryptStringToBinaryA(length == 0 ? "" : text, (DWORD)length, one->flags, octets,
                                     &size, &skipped, &form);

    ck_assert_int_eq(read, one->octets != NULL);
    if (!read)
        ck_assert_uint_eq(GetLastError(), ERROR_INVALID_DATA);
    else {
        ck_assert_uint_eq(size, strlen(one->octets));
        ck_assert_mem_eq(octets, one->octets, size);
        ck_assert_uint_eq(form, one->form);
        ck_assert_uint_eq(skipped, one->skipped);
    }
    free(text);
}
END_TEST

START_TEST(text_calls_check_what_they_are_given)
{
    DWORD size = 2;
    BYTE octets[4];
    static const WCHAR foreign[] = {'Z', 0x20ac, '9', 'v', 0};

    ck_assert(!CryptStringToBinaryA(NULL, 0, CRYPT_STRING_BASE64, NULL, &size, NULL, NULL));
    ck_assert(!CryptStringToBinaryA("Zm9v", 0, CRYPT_STRING_BASE64, NULL, NULL, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert(!CryptStringToBinaryA("Zm9v", 0, CRYPT_STRING_BASE64, octets, &size, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert_uint_eq(size, 3);
    ck_assert(!CryptStringToBinaryW(foreign, 0, CRYPT_STRING_BASE64, octets, &size, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_DATA);
    ck_assert(!CryptBinaryToStringA(NULL, 1, CRYPT_STRING_BASE64, NULL, &size));
    ck_assert(!CryptBinaryToStringA(octets, 0, CRYPT_STRING_BASE64, NULL, &size));
    ck_assert(!CryptBinaryToStringA(octets, 1, CRYPT_STRING_ANY, NULL, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
}
END_TEST

/* --- Names as text -------------------------------------------------------------------------- */

static PCCERT_CONTEXT context_of(const struct certs_form *form)
{
    gnutls_x509_crt_t crt = certs_make(form, 0, NULL, 0);
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    return context;
}

static const struct name_case {
    const char *name; /* RFC 4514: the last part first */
    DWORD type;
    const char *text;
} names[] = {
    {"CN=one,O=Acme,C=DE", CERT_X500_NAME_STR, "C=DE, O=Acme, CN=one"},
    {"CN=one,O=Acme,C=DE", CERT_SIMPLE_NAME_STR, "DE, Acme, one"},
    {"CN=one,O=Acme,C=DE", CERT_OID_NAME_STR, "2.5.4.6=DE, 2.5.4.10=Acme, 2.5.4.3=one"},
    {"CN=one,O=Acme,C=DE", CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, "CN=one, O=Acme, C=DE"},
    {"CN=one,C=DE", CERT_X500_NAME_STR | CERT_NAME_STR_SEMICOLON_FLAG, "C=DE; CN=one"},
    {"CN=one,C=DE", CERT_X500_NAME_STR | CERT_NAME_STR_CRLF_FLAG, "C=DE\r\nCN=one"},
    {"CN=Smith\\, John", CERT_X500_NAME_STR, "CN=\"Smith, John\""},
    {"CN=Smith\\, John", CERT_X500_NAME_STR | CERT_NAME_STR_NO_QUOTING_FLAG, "CN=Smith, John"},
    {"CN=a\\\"b", CERT_X500_NAME_STR, "CN=\"a\"\"b\""},
    {"CN=\xc3\xbc\xe2\x82\xac\xf0\x9d\x84\x9e", CERT_SIMPLE_NAME_STR,
     "\xc3\xbc\xe2\x82\xac\xf0\x9d\x84\x9e"},
    {"DC=example,DC=com", CERT_X500_NAME_STR, "DC=com, DC=example"},
};

START_TEST(name_becomes_text)
{
    const struct name_case *one = &names[_i];
    struct certs_form form = {.name = one->name};
    PCCERT_CONTEXT context = context_of(&form);
    CERT_NAME_BLOB *subject = &context->pCertInfo->Subject;
    DWORD length = (DWORD)strlen(one->text);
    char text[128];
    WCHAR wide[128];
    DWORD units;

    ck_assert_uint_eq(CertNameToStrA(X509_ASN_ENCODING, subject, one->type, NULL, 0), length + 1);
    ck_assert_uint_eq(CertNameToStrA(X509_ASN_ENCODING, subject, one->type, text, sizeof(text)),
                      length + 1);
    ck_assert_str_eq(text, one->text);
    ck_assert_uint_eq(CertNameToStrA(X509_ASN_ENCODING, subject, one->type, text, length), 1);
    ck_assert_str_eq(text, "");
    memset(wide, 0xa5, sizeof(wide));
    ck_assert_uint_eq(CertNameToStrW(X509_ASN_ENCODING, subject, one->type, wide, 3), 3);
    ck_assert_uint_ne(wide[1], 0);
    ck_assert_uint_eq(wide[2], 0);
    ck_assert_uint_eq(wide[3], 0xa5a5);
    units = CertNameToStrW(X509_ASN_ENCODING, subject, one->type, wide, COUNT(wide));
    ck_assert_int_ne(
        WideCharToMultiByte(CP_UTF8, 0, wide, (int)units, text, sizeof(text), NULL, NULL), 0);
    ck_assert_str_eq(text, one->text);
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

START_TEST(what_is_no_name_has_no_text)
{
    static BYTE garbage[] = {0x30, 0x05, 1, 2};
    CERT_NAME_BLOB blob = {sizeof(garbage), garbage};
    char text[4] = "xyz";

    ck_assert_uint_eq(CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_X500_NAME_STR, text, 4), 1);
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(CertNameToStrA(X509_ASN_ENCODING, NULL, CERT_X500_NAME_STR, NULL, 0), 1);
}
END_TEST

static const struct value_case {
    DWORD type;
    const char *octets;
    DWORD size;
    const char *text;
} values[] = {
    {CERT_RDN_PRINTABLE_STRING, "abc", 3, "abc"},
    {CERT_RDN_UTF8_STRING, "\xc3\xbc", 2, "\xc3\xbc"},
    {CERT_RDN_UTF8_STRING, "a\0b", 3, "#610062"},
    {CERT_RDN_UTF8_STRING, "\xff", 1, "#ff"},
    {CERT_RDN_T61_STRING, "\xfc", 1, "\xc3\xbc"},
    /* Units are in the machine's order, which is Windows' on all that it runs on. */
    {CERT_RDN_BMP_STRING, "\x41\x00\xac\x20", 4, "A\xe2\x82\xac"},
    {CERT_RDN_BMP_STRING, "\x34\xd8\x1e\xdd", 4, "\xf0\x9d\x84\x9e"},
    {CERT_RDN_BMP_STRING, "\x34\xd8", 2, ""},
    {CERT_RDN_BMP_STRING, "\x1e\xdd", 2, "\xef\xbf\xbd"},
    {CERT_RDN_UNIVERSAL_STRING, "\x41\x00\x00\x00", 4, "A"},
    {CERT_RDN_OCTET_STRING, "\x01\xff", 2, "#01ff"},
    {99, "\x01", 1, "#01"},
};

START_TEST(value_becomes_text)
{
    const struct value_case *one = &values[_i];
    CERT_RDN_VALUE_BLOB blob = {one->size, exact(one->octets, one->size)};
    char text[64];
    WCHAR wide[64];

    ck_assert_uint_eq(CertRDNValueToStrA(one->type, &blob, text, sizeof(text)),
                      strlen(one->text) + 1);
    ck_assert_str_eq(text, one->text);
    ck_assert_uint_ge(CertRDNValueToStrW(one->type, &blob, NULL, 0), 1);
    ck_assert_uint_eq(CertRDNValueToStrA(one->type, &blob, text, 1), 1);
    ck_assert_str_eq(text, "");
    wide[0] = wide[1] = 0xa5a5;
    ck_assert_uint_eq(CertRDNValueToStrW(one->type, &blob, wide, 1), 1);
    ck_assert_uint_eq(wide[0], 0);
    ck_assert_uint_eq(wide[1], 0xa5a5);
    free(blob.pbData);
}
END_TEST

static const struct string_case {
    const char *name, *alt;
    DWORD type, flags;
    const char *parameter;
    const char *text;
} strings[] = {
    {"CN=plain.example", NULL, CERT_NAME_DNS_TYPE, 0, NULL, "plain.example"},
    {"CN=plain.example", "dns:a.example dns:b.example", CERT_NAME_DNS_TYPE, 0, NULL, "a.example"},
    {"CN=x", "dns:a.example mail:u@a.example uri:http://a.example/", CERT_NAME_EMAIL_TYPE, 0, NULL,
     "u@a.example"},
    {"CN=x", "dns:a.example mail:u@a.example uri:http://a.example/", CERT_NAME_URL_TYPE, 0, NULL,
     "http://a.example/"},
    {"CN=x", "dns:a.example", CERT_NAME_URL_TYPE, 0, NULL, ""},
    {"CN=x", "dns:a.example", CERT_NAME_UPN_TYPE, 0, NULL, ""},
    {"CN=x,O=y", NULL, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "x"},
    {"O=y", NULL, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "y"},
    {"O=y", NULL, CERT_NAME_FRIENDLY_DISPLAY_TYPE, 0, NULL, "y"},
    {"C=DE", "dns:a.example", CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL, "a.example"},
    {"CN=x,O=y", NULL, CERT_NAME_ATTR_TYPE, 0, "2.5.4.10", "y"},
    {"CN=x,O=y", NULL, CERT_NAME_ATTR_TYPE, 0, "2.5.4.11", ""},
    {"EMAIL=u@a.example,CN=x", NULL, CERT_NAME_ATTR_TYPE, 0, NULL, "u@a.example"},
    {"CN=x,O=y", NULL, CERT_NAME_RDN_TYPE, 0, NULL, "y, x"},
    {"CN=x,O=y", NULL, CERT_NAME_SIMPLE_DISPLAY_TYPE, CERT_NAME_ISSUER_FLAG, NULL, "x"},
    {"CN=x", NULL, 77, 0, NULL, ""},
};

START_TEST(certificate_has_names)
{
    const struct string_case *one = &strings[_i];
    struct certs_form form = {.name = one->name, .alt = one->alt};
    PCCERT_CONTEXT context = context_of(&form);
    void *parameter = (void *)(uintptr_t)one->parameter;
    char text[64];
    WCHAR wide[64];
    DWORD length = (DWORD)strlen(one->text) + 1;

    ck_assert_uint_eq(
        CertGetNameStringA(context, one->type, one->flags, parameter, text, sizeof(text)), length);
    ck_assert_str_eq(text, one->text);
    ck_assert_uint_eq(
        CertGetNameStringW(context, one->type, one->flags, parameter, wide, COUNT(wide)), length);
    for (DWORD i = 0; i < length; i++)
        ck_assert_uint_eq(wide[i], (unsigned char)text[i]);
    /* Without room for the terminator: nothing in A, what fits in W. */
    ck_assert_uint_eq(
        CertGetNameStringA(context, one->type, one->flags, parameter, text, length - 1),
        length == 1 ? length : 1);
    ck_assert_uint_eq(text[0], 0);
    ck_assert_uint_eq(
        CertGetNameStringW(context, one->type, one->flags, parameter, wide, length - 1),
        length == 1 ? length : length - 1);
    ck_assert_uint_eq(wide[length == 1 ? 0 : length - 2], 0);
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

/* Form 0 is the simple one. */
START_TEST(form_of_a_whole_name)
{
    struct certs_form form = {.name = "CN=x,O=y"};
    PCCERT_CONTEXT context = context_of(&form);
    DWORD simple = 0, x500 = CERT_X500_NAME_STR;
    char text[64];

    CertGetNameStringA(context, CERT_NAME_RDN_TYPE, 0, &simple, text, sizeof(text));
    ck_assert_str_eq(text, "y, x");
    CertGetNameStringA(context, CERT_NAME_RDN_TYPE, 0, &x500, text, sizeof(text));
    ck_assert_str_eq(text, "O=y, CN=x");
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

START_TEST(all_names_are_a_list)
{
    static const char expected[] = "a.example\0b.example\0";
    struct certs_form form = {.name = "CN=x", .alt = "dns:a.example mail:u@x dns:b.example"};
    PCCERT_CONTEXT context = context_of(&form);
    DWORD all = CERT_NAME_SEARCH_ALL_NAMES_FLAG;
    char text[64];
    WCHAR wide[64];

    ck_assert_uint_eq(CertGetNameStringA(context, CERT_NAME_DNS_TYPE, all, NULL, NULL, 0),
                      sizeof(expected));
    memset(text, 'x', sizeof(text));
    ck_assert_uint_eq(CertGetNameStringA(context, CERT_NAME_DNS_TYPE, all, NULL, text, 64),
                      sizeof(expected));
    ck_assert_mem_eq(text, expected, sizeof(expected));
    ck_assert_uint_eq(CertGetNameStringA(context, CERT_NAME_DNS_TYPE, all, NULL, text, 12), 1);
    ck_assert_uint_eq(text[0], 0);
    ck_assert_uint_eq(CertGetNameStringW(context, CERT_NAME_DNS_TYPE, all, NULL, wide, 64),
                      sizeof(expected));
    for (size_t i = 0; i < sizeof(expected); i++)
        ck_assert_uint_eq(wide[i], (unsigned char)expected[i]);
    ck_assert_uint_eq(CertGetNameStringA(context, CERT_NAME_URL_TYPE, all, NULL, text, 64), 1);
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

/* --- Text as names -------------------------------------------------------------------------- */

static const struct back_case {
    const char *text;
    DWORD type;
    const char *der;
    DWORD size;
} backs[] = {
    {"", CERT_X500_NAME_STR, "\x30\x00", 2},
    {"CN=a", CERT_X500_NAME_STR,
     "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01"
     "a",
     14},
    {" 2.5.4.3 = a ,", CERT_OID_NAME_STR,
     "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x13\x01"
     "a",
     14},
    {"CN=a", CERT_X500_NAME_STR | CERT_NAME_STR_FORCE_UTF8_DIR_STR_FLAG,
     "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
     "a",
     14},
    {"CN=\xc3\xbc", CERT_X500_NAME_STR,
     "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02\xc3\xbc", 15},
    {"cn=#6162", CERT_X500_NAME_STR,
     "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x04\x02"
     "ab",
     15},
    {"dc=a", CERT_X500_NAME_STR,
     "\x30\x13\x31\x11\x30\x0f\x06\x0a\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19\x16\x01"
     "a",
     21},
};

START_TEST(text_becomes_a_name)
{
    const struct back_case *one = &backs[_i];
    char *text = exact(one->text, strlen(one->text) + 1);
    const char *wrong = text;
    BYTE der[64];
    DWORD size = 0;

    ck_assert(CertStrToNameA(X509_ASN_ENCODING, text, one->type, NULL, NULL, &size, &wrong));
    ck_assert_uint_eq(size, one->size);
    ck_assert_ptr_null(wrong);
    size--;
    ck_assert(!CertStrToNameA(X509_ASN_ENCODING, text, one->type, NULL, der, &size, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert(CertStrToNameA(X509_ASN_ENCODING, text, one->type, NULL, der, &size, NULL));
    ck_assert_uint_eq(size, one->size);
    ck_assert_mem_eq(der, one->der, size);
    free(text);
}
END_TEST

/* Text, the same as it is written again, and the flags of reading. */
static const struct round_case {
    const char *text, *again;
    DWORD flags;
} rounds[] = {
    {"C=DE, O=\"a, b\", CN=c", "C=DE, O=\"a, b\", CN=c", 0},
    {"c=DE;st=x", "C=DE, S=x", 0},
    {"O=\"say \"\"hi\"\"\"", "O=\"say \"\"hi\"\"\"", 0},
    {"CN=a + OU=b, O=c", "CN=a + OU=b, O=c", 0},
    {"CN=a+b", "CN=\"a+b\"", CERT_NAME_STR_NO_PLUS_FLAG},
    {"CN=a;b,O=c", "CN=\"a;b\", O=c", CERT_NAME_STR_COMMA_FLAG},
    {"CN=a,b;O=c", "CN=\"a,b\", O=c", CERT_NAME_STR_SEMICOLON_FLAG},
    {"CN=a,b\r\nO=c\nL=d", "CN=\"a,b\", O=c, L=d", CERT_NAME_STR_CRLF_FLAG},
    {"CN=\"a\"", "CN=\"\"\"a\"\"\"", CERT_NAME_STR_NO_QUOTING_FLAG},
    {"CN=a, O=b, C=DE", "C=DE, O=b, CN=a", CERT_NAME_STR_REVERSE_FLAG},
    {"OID.1.2.3=x", "OID.1.2.3=x", 0},
    {"CN=", "CN=\"\"", 0},
    {"CN=#01ff", "CN=#01ff", 0},
    {"CN=\"#01ff\"", "CN=\"#01ff\"", 0},
};

START_TEST(name_text_goes_round)
{
    const struct round_case *one = &rounds[_i];
    BYTE der[128];
    CERT_NAME_BLOB name = {sizeof(der), der};
    char text[128];

    ck_assert(CertStrToNameA(X509_ASN_ENCODING, one->text, CERT_X500_NAME_STR | one->flags, NULL,
                             der, &name.cbData, NULL));
    ck_assert_uint_ne(
        CertNameToStrA(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, text, sizeof(text)), 0);
    ck_assert_str_eq(text, one->again);
}
END_TEST

static const struct wrong_case {
    const char *text;
    int where; /* in bytes; -1: nowhere */
    DWORD type;
    DWORD error;
} wrongs[] = {
    {"CN=a, =b", 6, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=a,,O=b", 5, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"NO=b", 0, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN", 0, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=a+", 5, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=\"a", 3, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=\"a\"b", 6, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=a\"b", 4, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=#616", 3, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"CN=#6x", 3, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"1..2=a", 0, CERT_X500_NAME_STR, CRYPT_E_INVALID_X500_STRING},
    {"C=D*", 2, CERT_X500_NAME_STR, CRYPT_E_INVALID_PRINTABLE_STRING},
    {"CN=\xc3\xbc, E=\xc3\xbc", 9, CERT_X500_NAME_STR, CRYPT_E_INVALID_IA5_STRING},
    {"CN=a", -1, CERT_SIMPLE_NAME_STR, ERROR_INVALID_PARAMETER},
};

START_TEST(what_is_no_name_says_where)
{
    const struct wrong_case *one = &wrongs[_i];
    const char *wrong = NULL;
    const WCHAR *wide_wrong = NULL;
    WCHAR wide[32] = {0};
    DWORD size = 0;

    ck_assert(!CertStrToNameA(X509_ASN_ENCODING, one->text, one->type, NULL, NULL, &size, &wrong));
    ck_assert_uint_eq(GetLastError(), one->error);
    ck_assert_int_eq(wrong == NULL ? -1 : (int)(wrong - one->text), one->where);
    ck_assert_int_ne(MultiByteToWideChar(CP_UTF8, 0, one->text, -1, wide, COUNT(wide)), 0);
    ck_assert(!CertStrToNameW(X509_ASN_ENCODING, wide, one->type, NULL, NULL, &size, &wide_wrong));
    ck_assert_uint_eq(GetLastError(), one->error);
    /* Two bytes of UTF-8 are one unit of UTF-16. */
    ck_assert_int_eq(wide_wrong == NULL ? -1 : (int)(wide_wrong - wide),
                     one->where - (strchr(one->text, 'E') != NULL ? 1 : 0));
}
END_TEST

/* --- DER as structures ---------------------------------------------------------------------- */

static const struct der_case {
    LPCSTR type;
    const char *der;
    DWORD size;
    DWORD error; /* 0: decoded, and looked at below */
} ders[] = {
    {X509_BASIC_CONSTRAINTS2, "\x30\x00", 2, 0},
    {X509_BASIC_CONSTRAINTS2, "\x30\x06\x01\x01\xff\x02\x01\x05", 8, 0},
    {X509_BASIC_CONSTRAINTS2, "\x31\x00", 2, CRYPT_E_ASN1_BADTAG},
    {X509_BASIC_CONSTRAINTS2, "\x30\x03\x01", 3, CRYPT_E_ASN1_EOD},
    {X509_BASIC_CONSTRAINTS2, "\x30", 1, CRYPT_E_ASN1_EOD},
    {X509_INTEGER, "\x02\x01\xff", 3, 0},
    {X509_INTEGER, "\x02\x05\x01\x00\x00\x00\x00", 7, CRYPT_E_ASN1_LARGE},
    {X509_MULTI_BYTE_INTEGER, "\x02\x03\x01\x02\x03", 5, 0},
    {X509_OCTET_STRING, "\x04\x02hi", 4, 0},
    {X509_BITS, "\x03\x02\x05\xa0", 4, 0},
    {X509_BITS, "\x03\x02\x09\xa0", 4, CRYPT_E_ASN1_CORRUPT},
    {szOID_KEY_USAGE, "\x03\x02\x05\xa0", 4, 0},
    {X509_ENHANCED_KEY_USAGE, "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01", 12, 0},
    {szOID_SUBJECT_ALT_NAME2,
     "\x30\x09\x82\x01"
     "a"
     "\x87\x04\x7f\x00\x00\x01",
     11, 0},
    {szOID_SUBJECT_ALT_NAME2,
     "\x30\x05\x82\x03"
     "a\0b",
     7, CRYPT_E_ASN1_CORRUPT},
    {(LPCSTR)99, "\x30\x00", 2, ERROR_FILE_NOT_FOUND},
    {"1.2.3", "\x30\x00", 2, ERROR_FILE_NOT_FOUND},
};

static void der_look(const struct der_case *one, const void *data)
{
    const CERT_BASIC_CONSTRAINTS2_INFO *constraints = data;
    const CRYPT_DATA_BLOB *blob = data;
    const CRYPT_BIT_BLOB *bits = data;
    const CERT_ENHKEY_USAGE *usage = data;
    const CERT_ALT_NAME_INFO *alt = data;

    if (one->type == X509_BASIC_CONSTRAINTS2) {
        ck_assert_int_eq(constraints->fCA, one->size > 2);
        ck_assert_int_eq(constraints->fPathLenConstraint, one->size > 2);
        ck_assert_uint_eq(constraints->dwPathLenConstraint, one->size > 2 ? 5 : 0);
    } else if (one->type == X509_INTEGER) {
        ck_assert_int_eq(*(const int *)data, -1);
    } else if (one->type == X509_MULTI_BYTE_INTEGER) {
        ck_assert_uint_eq(blob->cbData, 3);
        ck_assert_mem_eq(blob->pbData, "\3\2\1", 3); /* Windows' order */
    } else if (one->type == X509_OCTET_STRING) {
        ck_assert_uint_eq(blob->cbData, 2);
        ck_assert_mem_eq(blob->pbData, "hi", 2);
    } else if (one->type == X509_ENHANCED_KEY_USAGE) {
        ck_assert_uint_eq(usage->cUsageIdentifier, 1);
        ck_assert_str_eq(usage->rgpszUsageIdentifier[0], szOID_PKIX_KP_SERVER_AUTH);
    } else if (one->size == 11) {
        ck_assert_uint_eq(alt->cAltEntry, 2);
        ck_assert_uint_eq(alt->rgAltEntry[0].dwAltNameChoice, CERT_ALT_NAME_DNS_NAME);
        ck_assert_uint_eq(alt->rgAltEntry[0].pwszDNSName[0], 'a');
        ck_assert_uint_eq(alt->rgAltEntry[0].pwszDNSName[1], 0);
        ck_assert_uint_eq(alt->rgAltEntry[1].dwAltNameChoice, CERT_ALT_NAME_IP_ADDRESS);
        ck_assert_mem_eq(alt->rgAltEntry[1].IPAddress.pbData, "\x7f\0\0\1", 4);
    } else {
        ck_assert_uint_eq(bits->cbData, 1);
        ck_assert_uint_eq(bits->pbData[0], 0xa0);
        ck_assert_uint_eq(bits->cUnusedBits, 5);
    }
}

START_TEST(der_becomes_a_structure)
{
    const struct der_case *one = &ders[_i];
    BYTE *der = exact(one->der, one->size);
    DWORD size = 0, room;
    void *block;

    ck_assert_int_eq(
        CryptDecodeObject(X509_ASN_ENCODING, one->type, der, one->size, 0, NULL, &size),
        one->error == 0);
    if (one->error != 0) {
        ck_assert_uint_eq(GetLastError(), one->error);
        free(der);
        return;
    }
    room = size - 1;
    block = malloc(size);
    ck_assert(!CryptDecodeObject(X509_ASN_ENCODING, one->type, der, one->size, 0, block, &room));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert_uint_eq(room, size);
    ck_assert(CryptDecodeObject(X509_ASN_ENCODING, one->type, der, one->size, 0, block, &room));
    memset(der, 0, one->size); /* nothing points there */
    der_look(one, block);
    free(block);
    memcpy(der, one->der, one->size);
    ck_assert(CryptDecodeObjectEx(X509_ASN_ENCODING, one->type, der, one->size,
                                  CRYPT_DECODE_ALLOC_FLAG, NULL, &block, &size));
    der_look(one, block);
    LocalFree(block);
    free(der);
}
END_TEST

static unsigned taken, given_back;

static void *take(size_t size)
{
    taken++;
    return malloc(size);
}

static void give_back(void *block)
{
    given_back++;
    free(block);
}

START_TEST(caller_may_bring_its_memory)
{
    CRYPT_DECODE_PARA para = {sizeof(para), take, give_back};
    CERT_BASIC_CONSTRAINTS2_INFO *info = NULL;
    DWORD size = sizeof(info);

    ck_assert(CryptDecodeObjectEx(X509_ASN_ENCODING, X509_BASIC_CONSTRAINTS2,
                                  (const BYTE *)"\x30\x00", 2, CRYPT_DECODE_ALLOC_FLAG, &para,
                                  &info, &size));
    ck_assert_uint_eq(taken, 1);
    ck_assert(!info->fCA);
    give_back(info);
    ck_assert_uint_eq(given_back, 1);
}
END_TEST

/* PKCS #1 of a key that can be imported, and its numbers as CryptoAPI has them. */
START_TEST(rsa_key_becomes_a_blob)
{
    gnutls_datum_t der;
    gnutls_x509_privkey_t key = certs_key(CERTS_RSA_1024);
    BYTE *blob = NULL;
    DWORD size = 0;

    ck_assert_int_eq(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_DER, &der), 0);
    ck_assert(CryptDecodeObjectEx(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, der.data, der.size,
                                  CRYPT_DECODE_ALLOC_FLAG, NULL, &blob, &size));
    ck_assert_uint_ge(size, 596);
    ck_assert_uint_eq(blob[0], PRIVATEKEYBLOB);
    ck_assert_mem_eq(blob + 8, "RSA2", 4);
    LocalFree(blob);
    ck_assert(!CryptDecodeObjectEx(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, der.data, der.size / 2,
                                   CRYPT_DECODE_ALLOC_FLAG, NULL, &blob, &size));
    gnutls_free(der.data);
    certs_end();
}
END_TEST

static const LPCSTR broken_types[] = {X509_CERT_TO_BE_SIGNED, X509_NAME, X509_ALTERNATE_NAME};

static void decode_quietly(LPCSTR type, const BYTE *data, DWORD size)
{
    void *block = NULL;
    DWORD room = 0;

    if (CryptDecodeObjectEx(X509_ASN_ENCODING, type, data, size, CRYPT_DECODE_ALLOC_FLAG, NULL,
                            &block, &room))
        LocalFree(block);
    else
        ck_assert_uint_ne(GetLastError(), 0);
}

START_TEST(broken_der_is_refused)
{
    struct certs_form form = {.name = "CN=x,O=y", .alt = "dns:a.example ip:192.0.2.1 mail:u@x"};
    PCCERT_CONTEXT context = context_of(&form);
    PCERT_EXTENSION alt = CertFindExtension(szOID_SUBJECT_ALT_NAME2, context->pCertInfo->cExtension,
                                            context->pCertInfo->rgExtension);
    CRYPT_DATA_BLOB blobs[] = {
        {context->cbCertEncoded, context->pbCertEncoded}, context->pCertInfo->Subject, alt->Value};
    const CRYPT_DATA_BLOB *blob = &blobs[_i];

    for (DWORD size = 0; size < blob->cbData; size++) {
        BYTE *prefix = exact(blob->pbData, size);
        DWORD needed;

        ck_assert(!CryptDecodeObject(X509_ASN_ENCODING, broken_types[_i], prefix, size, 0, NULL,
                                     &needed));
        free(prefix);
    }
    for (DWORD bit = 0; bit < blob->cbData * 8; bit++) {
        BYTE *altered = exact(blob->pbData, blob->cbData);

        altered[bit / 8] ^= (BYTE)(1U << bit % 8);
        decode_quietly(broken_types[_i], altered, blob->cbData);
        free(altered);
    }
    CertFreeCertificateContext(context);
    certs_end();
}
END_TEST

/* A SEQUENCE whose length has more octets than there are is not one without contents. */
START_TEST(half_a_length_is_none)
{
    static const LPCSTR types[] = {X509_NAME, X509_ALTERNATE_NAME, X509_BASIC_CONSTRAINTS2,
                                   X509_ENHANCED_KEY_USAGE};
    DWORD size;

    for (BYTE octets = 0x81; octets <= 0x88; octets++) {
        BYTE der[] = {0x30, octets};

        ck_assert(
            !CryptDecodeObject(X509_ASN_ENCODING, types[_i], der, sizeof(der), 0, NULL, &size));
        ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    }
}
END_TEST

/* --- Structures as DER ---------------------------------------------------------------------- */

/* What decodes encodes to the same octets: there is one DER of a value. */
static const struct same_case {
    LPCSTR type;
    const char *der;
    DWORD size;
} sames[] = {
    {X509_BASIC_CONSTRAINTS2, "\x30\x00", 2},
    {X509_BASIC_CONSTRAINTS2, "\x30\x06\x01\x01\xff\x02\x01\x05", 8},
    {szOID_BASIC_CONSTRAINTS2, "\x30\x07\x01\x01\xff\x02\x02\x00\x80", 9},
    {X509_INTEGER, "\x02\x01\xff", 3},
    {X509_INTEGER, "\x02\x02\x00\x80", 4},
    {X509_MULTI_BYTE_INTEGER, "\x02\x03\x01\x02\x03", 5},
    {X509_ENUMERATED, "\x0a\x01\x04", 3},
    {X509_OCTET_STRING, "\x04\x02hi", 4},
    {X509_OCTET_STRING, "\x04\x00", 2},
    {X509_BITS, "\x03\x02\x05\xa0", 4},
    {X509_BITS, "\x03\x01\x00", 3},
    {szOID_KEY_USAGE, "\x03\x02\x05\xa0", 4},
    {X509_ENHANCED_KEY_USAGE, "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01", 12},
    {X509_ALTERNATE_NAME,
     "\x30\x09\x82\x01"
     "a"
     "\x87\x04\x7f\x00\x00\x01",
     11},
    {X509_ALTERNATE_NAME,
     "\x30\x0c\x81\x03"
     "a@b"
     "\x86\x01x\x88\x02\x2a\x03",
     14},
    {X509_ALTERNATE_NAME, "\x30\x04\xa4\x02\x30\x00", 6},
    {X509_ALTERNATE_NAME, "\x30\x0b\xa0\x09\x06\x02\x2a\x03\xa0\x03\x0c\x01u", 13},
    {X509_NAME,
     "\x30\x1a\x31\x18\x30\x08\x06\x03\x55\x04\x03\x13\x01"
     "a"
     "\x30\x0c\x06\x03\x55\x04\x0a\x30\x05\x02\x03\x01\x02\x03",
     28},
    {X509_PUBLIC_KEY_INFO, "\x30\x0e\x30\x08\x06\x02\x2a\x03\x06\x02\x2a\x04\x03\x02\x00\x01", 16},
};

START_TEST(structure_becomes_the_same_der)
{
    const struct same_case *one = &sames[_i];
    void *info = NULL, *block = NULL;
    BYTE der[64];
    DWORD size = sizeof(info), room = 0;

    ck_assert(CryptDecodeObjectEx(X509_ASN_ENCODING, one->type, (const BYTE *)one->der, one->size,
                                  CRYPT_DECODE_ALLOC_FLAG, NULL, &info, &size));
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, one->type, info, NULL, &room));
    ck_assert_uint_eq(room, one->size);
    room--;
    ck_assert(!CryptEncodeObject(X509_ASN_ENCODING, one->type, info, der, &room));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    ck_assert_uint_eq(room, one->size);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, one->type, info, der, &room));
    ck_assert_mem_eq(der, one->der, one->size);
    ck_assert(CryptEncodeObjectEx(X509_ASN_ENCODING, one->type, info, CRYPT_ENCODE_ALLOC_FLAG, NULL,
                                  &block, &room));
    ck_assert_mem_eq(block, one->der, one->size);
    LocalFree(block);
    LocalFree(info);
}
END_TEST

START_TEST(extensions_become_der)
{
    static const BYTE want[] = {0x30, 0x0f, 0x30, 0x0d, 0x06, 0x03, 0x55, 0x1d, 0x0f,
                                0x01, 0x01, 0xff, 0x04, 0x03, 0x03, 0x01, 0x00};
    BYTE usage[] = {0x03, 0x01, 0x00}, der[32];
    char oid[] = szOID_KEY_USAGE;
    CERT_EXTENSION extension = {oid, TRUE, {sizeof(usage), usage}};
    CERT_EXTENSIONS list = {1, &extension};
    DWORD size = sizeof(der);

    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_EXTENSIONS, &list, der, &size));
    ck_assert_uint_eq(size, sizeof(want));
    ck_assert_mem_eq(der, want, size);
}
END_TEST

/* X.690 11.2.2, which callers who count whole octets would break. */
START_TEST(key_usage_ends_with_its_last_bit)
{
    BYTE usage = CERT_DIGITAL_SIGNATURE_KEY_USAGE | CERT_KEY_ENCIPHERMENT_KEY_USAGE, der[8];
    CRYPT_BIT_BLOB bits = {1, &usage, 0};
    DWORD size = sizeof(der);

    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_KEY_USAGE, &bits, der, &size));
    ck_assert_uint_eq(size, 4);
    ck_assert_mem_eq(der, "\x03\x02\x05\xa0", 4);
    size = sizeof(der);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_BITS, &bits, der, &size));
    ck_assert_mem_eq(der, "\x03\x02\x00\xa0", 4);
}
END_TEST

/* Nothing is looked at where no bits are: neither what follows the octets nor what is in them. */
START_TEST(no_bits_are_no_octets)
{
    BYTE *octet = exact("\x03", 1), der[8];
    CRYPT_BIT_BLOB bits = {1, octet, 3};
    DWORD size = sizeof(der);

    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_KEY_USAGE, &bits, der, &size));
    ck_assert_uint_eq(size, 3);
    ck_assert_mem_eq(der, "\x03\x01\x00", 3);
    bits.cbData = 0;
    size = sizeof(der);
    ck_assert(CryptEncodeObject(X509_ASN_ENCODING, X509_BITS, &bits, der, &size));
    ck_assert_uint_eq(size, 3);
    ck_assert_mem_eq(der, "\x03\x01\x00", 3);
    free(octet);
}
END_TEST

START_TEST(what_has_no_der_is_refused)
{
    static char letters[] = "a.b";
    static WCHAR umlaut[] = {0xfc, 0};
    BYTE open[] = {0x30, 0x05};
    LPSTR purpose = letters;
    CERT_ENHKEY_USAGE usage = {1, &purpose};
    CERT_ALT_NAME_ENTRY entry = {.dwAltNameChoice = CERT_ALT_NAME_DNS_NAME, .pwszDNSName = umlaut};
    CERT_ALT_NAME_INFO alt = {1, &entry};
    const struct {
        LPCSTR type;
        const void *info;
        DWORD choice;
        DWORD error;
    } refused[] = {
        {X509_ENHANCED_KEY_USAGE, &usage, 0, CRYPT_E_ASN1_BADARGS},
        {X509_ALTERNATE_NAME, &alt, CERT_ALT_NAME_DNS_NAME, CRYPT_E_INVALID_IA5_STRING},
        {X509_ALTERNATE_NAME, &alt, CERT_ALT_NAME_X400_ADDRESS, E_INVALIDARG},
        {X509_ALTERNATE_NAME, &alt, CERT_ALT_NAME_DIRECTORY_NAME, CRYPT_E_ASN1_BADARGS},
        {X509_ALTERNATE_NAME, NULL, 0, ERROR_INVALID_PARAMETER},
        {(LPCSTR)99, &alt, 0, ERROR_FILE_NOT_FOUND},
    };
    DWORD size = 0;

    for (size_t i = 0; i < COUNT(refused); i++) {
        entry.dwAltNameChoice = refused[i].choice;
        if (refused[i].choice == CERT_ALT_NAME_DIRECTORY_NAME)
            entry.DirectoryName = (CERT_NAME_BLOB){sizeof(open), open};
        ck_assert(
            !CryptEncodeObject(X509_ASN_ENCODING, refused[i].type, refused[i].info, NULL, &size));
        ck_assert_uint_eq(GetLastError(), refused[i].error);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("codings");
    TCase *tc = tcase_create("octets as text");

    tcase_add_loop_test(tc, octets_become_text_and_octets_again, 0, COUNT(texts));
    tcase_add_loop_test(tc, every_length_goes_round, 0, COUNT(round_forms));
    tcase_add_loop_test(tc, forms_are_told_apart, 0, COUNT(anys));
    tcase_add_test(tc, text_calls_check_what_they_are_given);
    suite_add_tcase(s, tc);
    tc = tcase_create("names as text");
    tcase_add_loop_test(tc, name_becomes_text, 0, COUNT(names));
    tcase_add_test(tc, what_is_no_name_has_no_text);
    tcase_add_loop_test(tc, value_becomes_text, 0, COUNT(values));
    tcase_add_loop_test(tc, certificate_has_names, 0, COUNT(strings));
    tcase_add_test(tc, form_of_a_whole_name);
    tcase_add_test(tc, all_names_are_a_list);
    suite_add_tcase(s, tc);
    tc = tcase_create("text as names");
    tcase_add_loop_test(tc, text_becomes_a_name, 0, COUNT(backs));
    tcase_add_loop_test(tc, name_text_goes_round, 0, COUNT(rounds));
    tcase_add_loop_test(tc, what_is_no_name_says_where, 0, COUNT(wrongs));
    suite_add_tcase(s, tc);
    tc = tcase_create("structures as DER");
    tcase_add_loop_test(tc, structure_becomes_the_same_der, 0, COUNT(sames));
    tcase_add_test(tc, extensions_become_der);
    tcase_add_test(tc, key_usage_ends_with_its_last_bit);
    tcase_add_test(tc, no_bits_are_no_octets);
    tcase_add_test(tc, what_has_no_der_is_refused);
    suite_add_tcase(s, tc);
    tc = tcase_create("DER as structures");
    tcase_add_loop_test(tc, der_becomes_a_structure, 0, COUNT(ders));
    tcase_add_test(tc, caller_may_bring_its_memory);
    tcase_add_test(tc, rsa_key_becomes_a_blob);
    tcase_add_loop_test(tc, broken_der_is_refused, 0, COUNT(broken_types));
    tcase_add_loop_test(tc, half_a_length_is_none, 0, 4);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
