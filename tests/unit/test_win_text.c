/* SPDX-License-Identifier: MIT */
/* windows.h: text, in char and in 16-bit units. */
#include <errno.h>
#include <limits.h>
#include <sspi_string.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))
#define L16(text)    ((const WCHAR *)u##text)

static void assert_wide(const WCHAR *got, const WCHAR *expected)
{
    ck_assert_int_eq(sspi_wcscmp(got, expected), 0);
}

/* --- MultiByteToWideChar and WideCharToMultiByte -------------------------------------------- */

static const struct conversion {
    const char *bytes;
    int size; /* -1: ended by 0 */
    const WCHAR *wide;
    int units;
    bool ill_formed;
} conversions[] = {
    {"", -1, L16(""), 1, false},
    {"abc", -1, L16("abc"), 4, false},
    {"abc", 2, L16("ab"), 2, false},
    {"j\303\266rg", -1, L16("j\u00f6rg"), 5, false},
    {"\342\202\254", 3, L16("\u20ac"), 1, false},
    {"\360\237\230\200", 4, L16("\xd83d\xde00"), 2, false},
    {"a\xff"
     "b",
     3,
     L16("a\ufffd"
         "b"),
     3, true},
    {"\303", 1, L16("\ufffd"), 1, true},
    {"\355\240\200", 3, L16("\ufffd"), -1, true}, /* a surrogate; how many U+FFFD is not said */
    {"a\0b", 3, L16("a\0b"), 3, false},
};

START_TEST(to_wide)
{
    const struct conversion *row = &conversions[_i];
    WCHAR room[16];
    int needed = MultiByteToWideChar(CP_UTF8, 0, row->bytes, row->size, NULL, 0);

    if (row->units >= 0) {
        ck_assert_int_eq(needed, row->units);
        memset(room, 0x5a, sizeof(room));
        ck_assert_int_eq(MultiByteToWideChar(CP_ACP, 0, row->bytes, row->size, room, needed),
                         needed);
        ck_assert_mem_eq(room, row->wide, (size_t)needed * sizeof(*room));
        ck_assert_uint_eq(room[needed], 0x5a5a);
        if (needed > 1) {
            ck_assert_int_eq(
                MultiByteToWideChar(CP_UTF8, 0, row->bytes, row->size, room, needed - 1), 0);
            ck_assert_uint_eq(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
        }
    }
    ck_assert_int_eq(
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, row->bytes, row->size, NULL, 0),
        row->ill_formed ? 0 : needed);
    if (row->ill_formed)
        ck_assert_uint_eq(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
}
END_TEST

START_TEST(to_bytes)
{
    static const WCHAR lone[] = {'a', 0xd800, 'b', 0};
    char room[16];

    ck_assert_int_eq(
        WideCharToMultiByte(CP_UTF8, 0, L16("j\u00f6rg"), -1, room, sizeof(room), NULL, NULL), 6);
    ck_assert_str_eq(room, "j\303\266rg");
    ck_assert_int_eq(WideCharToMultiByte(CP_UTF8, 0, lone, -1, room, sizeof(room), NULL, NULL), 6);
    ck_assert_str_eq(room, "a\357\277\275b");
    ck_assert_int_eq(
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, lone, -1, NULL, 0, NULL, NULL), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_NO_UNICODE_TRANSLATION);
    ck_assert_int_eq(WideCharToMultiByte(CP_UTF8, 0, L16("\u20ac"), 1, room, 2, NULL, NULL), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
}
END_TEST

START_TEST(conversions_refuse)
{
    WCHAR wide[4];
    char bytes[4];

    ck_assert_int_eq(MultiByteToWideChar(CP_UTF8, 0, NULL, -1, wide, 4), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert_int_eq(MultiByteToWideChar(CP_UTF8, 0, "a", 0, wide, 4), 0);
    ck_assert_int_eq(MultiByteToWideChar(CP_UTF8, 0, "a", -2, wide, 4), 0);
    ck_assert_int_eq(MultiByteToWideChar(CP_UTF8, 0, "a", 1, wide, -1), 0);
    ck_assert_int_eq(MultiByteToWideChar(437, 0, "a", 1, wide, 4), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert_int_eq(MultiByteToWideChar(CP_UTF8, 0x8000, "a", 1, wide, 4), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_FLAGS);
    ck_assert_int_eq(WideCharToMultiByte(CP_UTF8, 0, NULL, 1, bytes, 4, NULL, NULL), 0);
    ck_assert_int_eq(WideCharToMultiByte(CP_UTF8, 0, L16("a"), 1, bytes, 4, "?", NULL), 0);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
}
END_TEST

/* --- 16-bit text ---------------------------------------------------------------------------- */

START_TEST(wide_text_functions)
{
    static const WCHAR text[] = u"one two two";
    WCHAR room[12] = {0}, *copy, *state, *word;

    ck_assert_uint_eq(sspi_wcslen(text), 11);
    ck_assert_uint_eq(sspi_wcsnlen(text, 5), 5);
    ck_assert_ptr_eq(sspi_wcschr(text, 't'), text + 4);
    ck_assert_ptr_eq(sspi_wcsrchr(text, 't'), text + 8);
    ck_assert_ptr_null(sspi_wcschr(text, 'x'));
    ck_assert_ptr_eq(sspi_wcschr(text, 0), text + 11);
    ck_assert_ptr_eq(sspi_wcsstr(text, L16("two")), text + 4);
    ck_assert_ptr_null(sspi_wcsstr(text, L16("three")));
    ck_assert_ptr_eq(sspi_wcsstr(text, L16("")), text);
    ck_assert_int_lt(sspi_wcscmp(L16("a"), L16("b")), 0);
    ck_assert_int_gt(sspi_wcscmp(L16("b"), L16("a")), 0);
    ck_assert_int_eq(sspi_wcsncmp(L16("abx"), L16("aby"), 2), 0);
    ck_assert_int_eq(sspi_wcsicmp(L16("NTLM"), L16("ntlm")), 0);
    ck_assert_int_ne(sspi_wcsicmp(L16("NTLM"), L16("ntl")), 0);
    ck_assert_int_eq(sspi_wcsnicmp(L16("NTLMx"), L16("ntlmy"), 4), 0);
    assert_wide(sspi_wcscpy(room, L16("one")), L16("one"));
    assert_wide(sspi_wcscat(room, L16(" two")), L16("one two"));
    sspi_wcsncpy(room, L16("xyz"), 2);
    assert_wide(room, L16("xye two"));
    copy = sspi_wcsdup(text);
    word = sspi_wcstok_s(copy, L16(" "), &state);
    assert_wide(word, L16("one"));
    assert_wide(sspi_wcstok_s(NULL, L16(" "), &state), L16("two"));
    assert_wide(sspi_wcstok_s(NULL, L16(" "), &state), L16("two"));
    ck_assert_ptr_null(sspi_wcstok_s(NULL, L16(" "), &state));
    free(copy);
}
END_TEST

/* What does not fit leaves an empty text, and says so. */
START_TEST(bounded_copies)
{
    WCHAR wide[4];
    char bytes[4];

    ck_assert_int_eq(sspi_wcscpy_s(wide, 4, L16("abc")), 0);
    assert_wide(wide, L16("abc"));
    ck_assert_int_eq(sspi_wcscpy_s(wide, 4, L16("abcd")), ERANGE);
    ck_assert_uint_eq(wide[0], 0);
    ck_assert_int_eq(sspi_wcscpy_s(wide, 0, L16("a")), EINVAL);
    ck_assert_int_eq(sspi_wcscpy_s(wide, 4, NULL), EINVAL);
    ck_assert_int_eq(sspi_wcscpy_s(wide, 4, L16("ab")), 0);
    ck_assert_int_eq(sspi_wcscat_s(wide, 4, L16("c")), 0);
    ck_assert_int_eq(sspi_wcscat_s(wide, 4, L16("d")), ERANGE);
    ck_assert_int_eq(sspi_wcsncpy_s(wide, 4, L16("abcdef"), 3), 0);
    assert_wide(wide, L16("abc"));
    ck_assert_int_eq(sspi_strcpy_s(bytes, 4, "abc"), 0);
    ck_assert_int_eq(sspi_strcpy_s(bytes, 4, "abcd"), ERANGE);
    ck_assert_int_eq(bytes[0], 0);
    ck_assert_int_eq(sspi_strcpy_s(NULL, 4, "a"), EINVAL);
    ck_assert_int_eq(sspi_strcpy_s(bytes, 4, "ab"), 0);
    ck_assert_int_eq(sspi_strcat_s(bytes, 4, "cd"), ERANGE);
    ck_assert_int_eq(sspi_strncpy_s(bytes, 4, "abcdef", 3), 0);
    ck_assert_str_eq(bytes, "abc");
    ck_assert_int_eq(sspi_memcpy_s(bytes, 4, "wxyz", 4), 0);
    ck_assert_int_ne(sspi_memcpy_s(bytes, 4, "12345", 5), 0);
    ck_assert_int_ne(sspi_memmove_s(bytes, 4, NULL, 1), 0);
}
END_TEST

START_TEST(char_text_functions)
{
    char text[] = "a,b;;c", *state, *copy = sspi_strdup("Abc");
    char room[8];

    ck_assert_int_eq(sspi_stricmp(copy, "aBC"), 0);
    ck_assert_int_lt(sspi_stricmp("a", "B"), 0);
    ck_assert_int_eq(sspi_strnicmp("abX", "ABy", 2), 0);
    free(copy);
    ck_assert_str_eq(sspi_strtok_s(text, ",;", &state), "a");
    ck_assert_str_eq(sspi_strtok_s(NULL, ",;", &state), "b");
    ck_assert_str_eq(sspi_strtok_s(NULL, ",;", &state), "c");
    ck_assert_ptr_null(sspi_strtok_s(NULL, ",;", &state));
    ck_assert_int_eq(lstrlenA("abc"), 3);
    ck_assert_int_eq(lstrlenA(NULL), 0);
    ck_assert_int_eq(lstrlenW(L16("ab")), 2);
    ck_assert_int_eq(lstrcmpiA("x", "X"), 0);
    ck_assert_int_eq(lstrcmpiW(L16("x"), L16("X")), 0);
    ck_assert_int_lt(lstrcmpA("a", "b"), 0);
    ck_assert_str_eq(lstrcpynA(room, "abcdefghij", 4), "abc");
    ck_assert_str_eq(lstrcatA(room, "d"), "abcd");
    ck_assert_str_eq(lstrcpyA(room, "x"), "x");
}
END_TEST

/* --- Formats -------------------------------------------------------------------------------- */

#define FORMATTED(expected, ...)                                                                   \
    do {                                                                                           \
        WCHAR room_[64];                                                                           \
        ck_assert_int_eq(sspi_swprintf_s(room_, 64, __VA_ARGS__), (int)sspi_wcslen(expected));     \
        assert_wide(room_, expected);                                                              \
    } while (0)

START_TEST(formats)
{
    FORMATTED(L16("plain %"), L16("plain %%"));
    FORMATTED(L16("-7|  -7|-7  |0007"), L16("%d|%4d|%-4d|%04d"), -7, -7, -7, 7);
    FORMATTED(L16("4294967295 ff FF 0xff 17"), L16("%u %x %X %#x %o"), UINT_MAX, 255, 255, 255, 15);
    FORMATTED(L16("8a"), L16("%lx"), 0x8aU); /* 32 bits, as on Windows */
    FORMATTED(L16("123456789abcdef"), L16("%I64x"), 0x123456789abcdefULL);
    FORMATTED(L16("123456789abcdef"), L16("%llx"), 0x123456789abcdefULL);
    FORMATTED(L16("wide narrow c"), L16("%s %S %c"), L16("wide"), "narrow", 'c');
    FORMATTED(L16("wide narrow"), L16("%ls %hs"), L16("wide"), "narrow");
    FORMATTED(L16("[ab] [   ab] [ab   ]"), L16("[%.2s] [%5s] [%-5s]"), L16("abc"), L16("ab"),
              L16("ab"));
    FORMATTED(L16("(null)"), L16("%s"), NULL);
    FORMATTED(L16("\u00f6"), L16("%hs"), "\303\266");
}
END_TEST

/* A precision bounds what is read, and never leaves half a character; a width what is walked. */
START_TEST(formats_read_no_further)
{
    char narrow[3] = {'a', 'b', 'c'};
    WCHAR unended[3] = {'a', 'b', 'c'}, room[8];

    FORMATTED(L16("abc"), L16("%.3S"), narrow);
    FORMATTED(L16("abc"), L16("%.3s"), unended);
    FORMATTED(L16("0"), L16("%#o"), 0);
    FORMATTED(L16("a"), L16("%.2S"), "a\360\237\230\200");
    ck_assert_int_eq(sspi_swprintf_s(room, 8, L16("%*d"), INT_MAX, 1), -1);
    ck_assert_int_eq(sspi_wcscpy_s(room, 2, unended), ERANGE);
}
END_TEST

START_TEST(formats_are_bounded)
{
    WCHAR wide[4];
    char bytes[4];

    ck_assert_int_eq(sspi_swprintf_s(wide, 4, L16("%s"), L16("abcd")), -1);
    ck_assert_uint_eq(wide[0], 0);
    ck_assert_int_eq(sspi_swprintf_s(wide, 4, L16("%d"), 123), 3);
    ck_assert_int_lt(sspi_snwprintf(wide, 3, L16("abcdef")), 0);
    ck_assert_int_eq(sspi_sprintf_s(bytes, 4, "%d", 123), 3);
    ck_assert_int_eq(sspi_sprintf_s(bytes, 4, "%d", 1234), -1);
    ck_assert_int_eq(bytes[0], 0);
    ck_assert_int_lt(sspi_snprintf(bytes, 3, "abcdef"), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("windows.h text");
    TCase *tc = tcase_create("text");

    tcase_add_loop_test(tc, to_wide, 0, COUNT(conversions));
    tcase_add_test(tc, to_bytes);
    tcase_add_test(tc, conversions_refuse);
    tcase_add_test(tc, wide_text_functions);
    tcase_add_test(tc, bounded_copies);
    tcase_add_test(tc, char_text_functions);
    tcase_add_test(tc, formats);
    tcase_add_test(tc, formats_read_no_further);
    tcase_add_test(tc, formats_are_bounded);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
