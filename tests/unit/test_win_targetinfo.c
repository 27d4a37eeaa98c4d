/* SPDX-License-Identifier: MIT */
/* CredMarshalTargetInfo and CredUnmarshalTargetInfo. */
#include <ntsecpkg.h>
#include <ntstatus.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lib/check_main.h"

#define L16(text)    ((WCHAR *)(uintptr_t)u##text)
#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

#define assert_nt(got, expected) ck_assert_int_eq((int)(got), (int)(expected))

static size_t wide_length(const WCHAR *text)
{
    size_t length = 0;

    while (text[length] != 0)
        length++;
    return length;
}

static bool wide_equal(const WCHAR *a, const WCHAR *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return wide_length(a) == wide_length(b) && memcmp(a, b, 2 * wide_length(a)) == 0;
}

/* --- Windows' own --------------------------------------------------------------------------- */

/* Behind host names, as Windows' SMB client writes them, and as attacks on it do: of the second the
 * octets between structure and names were not cleared. */
#define TEXT_OF_FILESERVER "1UWhRCAAAAAAAAAAUAAAAAAAAAAAAAAAAAAAAAfileserversBAAAA"
#define TEXT_OF_NOTHING    "1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAYBAAAA"
#define TEXT_UNCLEARED     "1UWhRCAAAAAAAAAAAAAAAAAAAAAAAAAAAAwbEAYBAAAA"

static const struct vector {
    const WCHAR *before, *text, *target;
    bool exact; /* as it is made here, too */
} vectors[] = {
    {L16("cifs/fileserver"), u"" TEXT_OF_FILESERVER, u"fileserver", true},
    {L16(""), u"" TEXT_OF_FILESERVER, u"fileserver", true},
    {L16("localhost"), u"" TEXT_OF_NOTHING, NULL, true},
    {L16("localhost"), u"" TEXT_UNCLEARED, NULL, false},
};

START_TEST(known)
{
    const struct vector *row = &vectors[_i];
    size_t before = wide_length(row->before), length = wide_length(row->text);
    WCHAR *whole = malloc(2 * (before + length));
    PCREDENTIAL_TARGET_INFORMATIONW info;
    PUSHORT text;
    ULONG size;

    memcpy(whole, row->before, 2 * before);
    memcpy(whole + before, row->text, 2 * length);
    assert_nt(CredUnmarshalTargetInfo(whole, (ULONG)(2 * (before + length)), &info, &size),
              STATUS_SUCCESS);
    ck_assert_uint_eq(size, 2 * length);
    ck_assert(wide_equal(info->TargetName, row->target));
    ck_assert(info->DnsServerName == NULL && info->PackageName == NULL && info->Flags == 0);
    ck_assert(info->CredTypeCount == 0 && info->CredTypes == NULL);
    assert_nt(CredMarshalTargetInfo(info, &text, &size), STATUS_SUCCESS);
    ck_assert_uint_eq(size, 2 * length);
    ck_assert_int_eq(text[length], 0);
    ck_assert(!row->exact || memcmp(text, row->text, size) == 0);
    LocalFree(text);
    LocalFree(info);
    free(whole);
}
END_TEST

/* --- Round trips ---------------------------------------------------------------------------- */

static DWORD types[] = {1, 2, 0xfedcba98};

static CREDENTIAL_TARGET_INFORMATIONW full = {
    .TargetName = L16("srv"),
    .NetbiosServerName = L16("SRV"),
    .DnsServerName = L16("srv.loopback.test"),
    .NetbiosDomainName = L16("LOOPBACK"),
    .DnsDomainName = L16("loopback.test"),
    .DnsTreeName = L16("\u00fc\u20ac"),
    .PackageName = L16("Kerberos"),
    .Flags = CRED_TI_VALID_FLAGS,
    .CredTypeCount = 3,
    .CredTypes = types,
};

static void assert_same(const CREDENTIAL_TARGET_INFORMATIONW *a,
                        const CREDENTIAL_TARGET_INFORMATIONW *b)
{
    LPWSTR const *left = &a->TargetName, *right = &b->TargetName;

    for (int i = 0; i < 7; i++)
        ck_assert_msg(wide_equal(left[i], right[i]), "name %d", i);
    ck_assert_uint_eq(a->Flags, b->Flags);
    ck_assert_uint_eq(a->CredTypeCount, b->CredTypeCount);
    if (a->CredTypeCount != 0)
        ck_assert_mem_eq(a->CredTypes, b->CredTypes, 4 * a->CredTypeCount);
}

/* Each name and each type there or not. */
START_TEST(round_trip)
{
    CREDENTIAL_TARGET_INFORMATIONW info = full;
    PCREDENTIAL_TARGET_INFORMATIONW back;
    LPWSTR *names = &info.TargetName;
    PUSHORT text;
    ULONG size, actual;

    for (int i = 0; i < 7; i++)
        if (_i & 1 << i)
            names[i] = NULL;
    info.CredTypeCount = (DWORD)_i % 4;
    assert_nt(CredMarshalTargetInfo(&info, &text, &size), STATUS_SUCCESS);
    assert_nt(CredUnmarshalTargetInfo(text, size, &back, &actual), STATUS_SUCCESS);
    ck_assert_uint_eq(actual, size);
    assert_same(back, &info);
    assert_nt(CredUnmarshalTargetInfo(text, size, NULL, &actual), STATUS_SUCCESS);
    assert_nt(CredUnmarshalTargetInfo(text, size, NULL, NULL), STATUS_SUCCESS);
    LocalFree(back);
    LocalFree(text);
}
END_TEST

/* --- Refusals ------------------------------------------------------------------------------- */

START_TEST(refused)
{
    CREDENTIAL_TARGET_INFORMATIONW info = full;
    WCHAR *lengthy = malloc(2 * 40000);
    PUSHORT text;
    ULONG size;

    assert_nt(CredMarshalTargetInfo(NULL, &text, &size), STATUS_INVALID_PARAMETER);
    assert_nt(CredMarshalTargetInfo(&info, NULL, &size), STATUS_INVALID_PARAMETER);
    assert_nt(CredMarshalTargetInfo(&info, &text, NULL), STATUS_INVALID_PARAMETER);
    info.CredTypes = NULL;
    assert_nt(CredMarshalTargetInfo(&info, &text, &size), STATUS_INVALID_PARAMETER);
    info = full;
    for (int i = 0; i < 40000; i++)
        lengthy[i] = 'x';
    lengthy[32768] = 0;
    info.DnsTreeName = lengthy;
    assert_nt(CredMarshalTargetInfo(&info, &text, &size), STATUS_NAME_TOO_LONG);
    lengthy[32767] = 0;
    assert_nt(CredMarshalTargetInfo(&info, &text, &size), STATUS_SUCCESS);
    LocalFree(text);
    free(lengthy);
    assert_nt(CredUnmarshalTargetInfo(NULL, 88, NULL, NULL), STATUS_INVALID_PARAMETER);
}
END_TEST

/* In memory of exactly its size. */
static NTSTATUS unmarshal(const void *data, size_t size)
{
    void *copy = malloc(size == 0 ? 1 : size);
    PCREDENTIAL_TARGET_INFORMATIONW info = NULL;
    NTSTATUS status;

    memcpy(copy, data, size);
    status = CredUnmarshalTargetInfo(copy, (ULONG)size, &info, NULL);
    free(copy);
    if (status == STATUS_SUCCESS)
        LocalFree(info);
    return status;
}

/* Of each prefix and suffix nothing is taken; of texts with an altered bit those that alter a name,
 * the flags or a type. */
START_TEST(altered)
{
    PUSHORT text;
    ULONG size;
    unsigned taken = 0;

    assert_nt(CredMarshalTargetInfo(&full, &text, &size), STATUS_SUCCESS);
    for (ULONG i = 0; i < size; i++)
        assert_nt(unmarshal(text, i), STATUS_INVALID_PARAMETER);
    for (ULONG i = 1; i < size; i++)
        assert_nt(unmarshal((char *)text + i, size - i), STATUS_INVALID_PARAMETER);
    for (ULONG i = 0; i < 8 * size; i++) {
        ((unsigned char *)text)[i / 8] ^= (unsigned char)(1U << i % 8);
        taken += unmarshal(text, size) == STATUS_SUCCESS;
        ((unsigned char *)text)[i / 8] ^= (unsigned char)(1U << i % 8);
    }
    ck_assert_uint_gt(taken, 0);
    ck_assert_uint_lt(taken, 8 * size);
    LocalFree(text);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("targetinfo");
    TCase *tc = tcase_create("targetinfo");

    tcase_add_loop_test(tc, known, 0, COUNT(vectors));
    tcase_add_loop_test(tc, round_trip, 0, 128);
    tcase_add_test(tc, refused);
    tcase_add_test(tc, altered);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
