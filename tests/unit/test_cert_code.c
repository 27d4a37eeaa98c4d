/* SPDX-License-Identifier: MIT */
/* crypt32's codings: octets as text. */
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <wincrypt.h>

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

static Suite *suite(void)
{
    Suite *s = suite_create("codings");
    TCase *tc = tcase_create("octets as text");

    tcase_add_loop_test(tc, octets_become_text_and_octets_again, 0, COUNT(texts));
    tcase_add_loop_test(tc, every_length_goes_round, 0, COUNT(round_forms));
    tcase_add_loop_test(tc, forms_are_told_apart, 0, COUNT(anys));
    tcase_add_test(tc, text_calls_check_what_they_are_given);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
