/* SPDX-License-Identifier: MIT */
/* Text between UTF-8 and UTF-16, and time between two calendars. */
#include "core/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/secret.h"
#include "core/timestamp.h"
#include "lib/check_main.h"

/* Each row is one string in both forms. */
static const struct {
    const char *utf8;
    SEC_WCHAR utf16[8];
    size_t units;
} pairs[] = {
    {"", {0}, 0},
    {"alice", {'a', 'l', 'i', 'c', 'e'}, 5},
    {"\xc3\xa9", {0xe9}, 1},                   /* e acute */
    {"\xe2\x82\xac", {0x20ac}, 1},             /* euro sign */
    {"\xf0\x9f\x94\x91", {0xd83d, 0xdd11}, 2}, /* a key, beyond 16 bits */
    {"a\xf0\x90\x80\x80z", {'a', 0xd800, 0xdc00, 'z'}, 4},
};

START_TEST(test_both_ways)
{
    char *utf8;
    SEC_WCHAR *utf16;
    size_t units;

    ck_assert_int_eq(text_from_utf16(pairs[_i].utf16, pairs[_i].units, &utf8), SEC_E_OK);
    ck_assert_str_eq(utf8, pairs[_i].utf8);
    ck_assert_int_eq(text_to_w(utf8, &utf16, &units), SEC_E_OK);
    ck_assert_uint_eq(units, pairs[_i].units);
    ck_assert_mem_eq(utf16, pairs[_i].utf16, (units + 1) * sizeof(*utf16));
    string_wipe_free(utf8);
    ck_assert_int_eq(text_from_w(utf16, &utf8), SEC_E_OK);
    ck_assert_str_eq(utf8, pairs[_i].utf8);
    string_wipe_free(utf8);
    memory_wipe_free(utf16);
}
END_TEST

START_TEST(test_refuses_ill_formed)
{
    static const SEC_WCHAR high[] = {0xd83d, 'x'}, low[] = {0xdd11}, inner[] = {'a', 0, 'b'};
    static const char *const bad[] = {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80",
                                      "\xf5\x80\x80\x80"};
    char *out = (char *)1;

    ck_assert_int_eq(text_from_utf16(high, 2, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(text_from_utf16(high, 1, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(text_from_utf16(low, 1, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(text_from_utf16(inner, 3, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(text_from_utf8("a\0b", 3, &out), SEC_E_INVALID_PARAMETER);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        ck_assert_int_eq(text_from_utf8(bad[i], strlen(bad[i]), &out), SEC_E_INVALID_PARAMETER);
}
END_TEST

START_TEST(test_length_limit)
{
    char *text = malloc(TEXT_MAX + 2), *out;
    SEC_WCHAR *wide = malloc((TEXT_MAX + 2) * sizeof(*wide));

    memset(text, 'a', TEXT_MAX + 1);
    text[TEXT_MAX + 1] = '\0';
    for (size_t i = 0; i <= TEXT_MAX; i++)
        wide[i] = 'a';
    wide[TEXT_MAX + 1] = 0;
    ck_assert_int_eq(text_from_a(text, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(text_from_w(wide, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(text_from_utf8(text, 0x80000000U, &out), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(text_from_utf16(wide, 0x80000000U, &out), SEC_E_INVALID_PARAMETER);
    text[TEXT_MAX] = '\0';
    wide[TEXT_MAX] = 0;
    ck_assert_int_eq(text_from_a(text, &out), SEC_E_OK);
    ck_assert_uint_eq(strlen(out), TEXT_MAX);
    string_wipe_free(out);
    ck_assert_int_eq(text_from_w(wide, &out), SEC_E_OK);
    ck_assert_uint_eq(strlen(out), TEXT_MAX);
    string_wipe_free(out);
    free(text);
    free(wide);
}
END_TEST

START_TEST(test_null_is_null)
{
    char *out = (char *)1;
    SEC_WCHAR *wide = (SEC_WCHAR *)1;

    ck_assert_int_eq(text_from_a(NULL, &out), SEC_E_OK);
    ck_assert_ptr_null(out);
    out = (char *)1;
    ck_assert_int_eq(text_from_caller(NULL, true, &out), SEC_E_OK);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(text_to_w(NULL, &wide, NULL), SEC_E_OK);
    ck_assert_ptr_null(wide);
}
END_TEST

START_TEST(test_case)
{
    ck_assert(text_equal_nocase("Negotiate", "nEGOTIATE"));
    ck_assert(!text_equal_nocase("Negotiate", "Negotiat"));
    ck_assert(!text_equal_nocase("Negotiat", "Negotiate"));
    ck_assert(text_equal_nocase("", ""));
    /* No locale: bytes beyond ASCII must be the same. */
    ck_assert(!text_equal_nocase("\xc3\xa9", "\xc3\x89"));
}
END_TEST

/* Zones with a different offset in summer, to the east, and without whole hours. */
static const struct {
    const char *zone;
    time_t when;
    int offset;
} zones[] = {
    {"UTC0", 1700000000, 0},
    {"CET-1CEST,M3.5.0,M10.5.0/3", 1700000000, 3600}, /* November */
    {"CET-1CEST,M3.5.0,M10.5.0/3", 1689000000, 7200}, /* July */
    {"EST5EDT,M3.2.0,M11.1.0", 1700000000, -18000},
    {"IST-5:30", 1700000000, 19800},
};

START_TEST(test_timestamp_is_local)
{
    TimeStamp stamp;
    int64_t units;

    setenv("TZ", zones[_i].zone, 1);
    tzset();
    timestamp_set_local(&stamp, zones[_i].when);
    memcpy(&units, &stamp, sizeof(units));
    ck_assert_int_eq(units, (zones[_i].when + zones[_i].offset + INT64_C(11644473600)) * 10000000);
}
END_TEST

START_TEST(test_timestamp_alignment)
{
    unsigned char space[16] = {0};
    int64_t units;

    /* WinPR's TimeStamp stands at multiples of four. */
    timestamp_set((TimeStamp *)(void *)(space + 4), TIMESTAMP_NEVER);
    memcpy(&units, space + 4, sizeof(units));
    ck_assert_int_eq(units, INT64_MAX);
    timestamp_set(NULL, 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("text");
    TCase *tc = tcase_create("text"), *time_case = tcase_create("time");

    tcase_add_loop_test(tc, test_both_ways, 0, sizeof(pairs) / sizeof(*pairs));
    tcase_add_test(tc, test_refuses_ill_formed);
    tcase_add_test(tc, test_length_limit);
    tcase_add_test(tc, test_null_is_null);
    tcase_add_test(tc, test_case);
    tcase_add_loop_test(time_case, test_timestamp_is_local, 0, sizeof(zones) / sizeof(*zones));
    tcase_add_test(time_case, test_timestamp_alignment);
    suite_add_tcase(s, tc);
    suite_add_tcase(s, time_case);
    return s;
}

CHECK_MAIN(suite)
