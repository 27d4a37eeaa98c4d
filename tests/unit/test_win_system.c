/* SPDX-License-Identifier: MIT */
/* windows.h beside text: errors, memory, locks, files, time, SIDs, accounts, tokens, modules,
 * sockets. */
#include <fcntl.h>
#include <ntstatus.h>
#include <pthread.h>
#include <sddl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <windows.h>
#include <winsock2.h>
#include <winternl.h>

#include "core/token.h"
#include "lib/check_main.h"
#include "win/account.h"
#include "win/win.h"

#define W(text) ((const WCHAR *)u"" text)

#define assert_fails(call, error)                                                                  \
    do {                                                                                           \
        SetLastError(4711);                                                                        \
        ck_assert(!(call));                                                                        \
        ck_assert_uint_eq(GetLastError(), (error));                                                \
    } while (0)

/* --- Errors --------------------------------------------------------------------------------- */

static void *error_of_thread(void *unused)
{
    (void)unused;
    ck_assert_uint_eq(GetLastError(), 0);
    SetLastError(1);
    return NULL;
}

START_TEST(test_errors)
{
    pthread_t thread;

    SetLastError(5);
    ck_assert_int_eq(pthread_create(&thread, NULL, error_of_thread, NULL), 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(GetLastError(), 5); /* each thread has its own */
    for (int code = 1; code < 140; code++) {
        errno = code;
        ck_assert(!win_fail_errno());
        ck_assert_uint_ne(GetLastError(), ERROR_SUCCESS);
        ck_assert_ptr_nonnull(win_error_text(GetLastError()));
    }
    ck_assert_uint_eq(win_error_from_errno(ENOENT), ERROR_FILE_NOT_FOUND);
    ck_assert_uint_eq(win_error_from_errno(EXDEV), ERROR_GEN_FAILURE);
}
END_TEST

/* What has a text ends like Windows' and fits the room it says. */
static void format_one(DWORD id)
{
    char exact[600], *made = NULL;
    WCHAR wide[600];
    DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, NULL, id, 0, exact, 600, NULL);

    if (length == 0) {
        ck_assert_uint_eq(GetLastError(), ERROR_MR_MID_NOT_FOUND);
        return;
    }
    ck_assert_uint_eq(strlen(exact), length);
    ck_assert_str_eq(exact + length - 2, "\r\n");
    ck_assert_uint_eq(FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, NULL, id, 0, exact, length, NULL),
                      0);
    ck_assert_uint_eq(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_eq(
        FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, NULL, id, 0, exact, length + 1, NULL), length);
    ck_assert_uint_eq(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, NULL, id, 0, wide, 600, NULL),
                      sspi_wcslen(wide));
    ck_assert_uint_eq(FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER |
                                         FORMAT_MESSAGE_MAX_WIDTH_MASK,
                                     NULL, id, 0, (LPSTR)(void *)&made, 700, NULL),
                      length - 1);
    ck_assert_int_eq(made[length - 2], ' ');
    made[699] = 0; /* as much as was asked for */
    LocalFree(made);
}

START_TEST(test_messages)
{
    char text[64];

    for (DWORD id = 0; id < 12000; id++)
        format_one(id);
    for (DWORD id = 0; id < 0x1000; id++) {
        format_one(0x80090000 + id);
        format_one(0x80092000 + id);
        format_one(0x800b0000 + id);
        format_one(0x80070000 + id);
        format_one(0x00090300 + id);
    }
    ck_assert_uint_gt(
        FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM, NULL, WSAECONNREFUSED, 0, text, 64, NULL), 2);
    assert_fails(FormatMessageA(FORMAT_MESSAGE_FROM_STRING, "x", 0, 0, text, 64, NULL),
                 ERROR_CALL_NOT_IMPLEMENTED);
    assert_fails(FormatMessageA(0, NULL, 5, 0, text, 64, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(FormatMessageA(FORMAT_MESSAGE_FROM_HMODULE, NULL, 5, 0, text, 64, NULL),
                 ERROR_MR_MID_NOT_FOUND);
    assert_fails(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, NULL, 5, 0, NULL, 64, NULL),
                 ERROR_INVALID_PARAMETER);
}
END_TEST

/* --- Memory and locks ----------------------------------------------------------------------- */

START_TEST(test_memory)
{
    HANDLE heap = GetProcessHeap();
    char *memory = LocalAlloc(LPTR, 16);

    for (int i = 0; i < 16; i++)
        ck_assert_int_eq(memory[i], 0);
    memory[15] = 'x';
    memory = LocalReAlloc(memory, 4096, LMEM_MOVEABLE);
    ck_assert_int_eq(memory[15], 'x');
    assert_fails(LocalReAlloc(memory, 1, LMEM_ZEROINIT), ERROR_NOT_SUPPORTED);
    ck_assert_ptr_null(LocalFree(memory));
    ck_assert_ptr_null(LocalFree(NULL));
    memory = LocalAlloc(LMEM_FIXED, 0);
    ck_assert_ptr_nonnull(memory);
    LocalFree(memory);
    assert_fails(LocalReAlloc(NULL, 1, 0), ERROR_INVALID_HANDLE);

    memory = HeapAlloc(heap, HEAP_ZERO_MEMORY, 8);
    ck_assert_int_eq(memory[7], 0);
    memory = HeapReAlloc(heap, 0, memory, 0);
    ck_assert_ptr_nonnull(memory);
    assert_fails(HeapReAlloc(heap, HEAP_ZERO_MEMORY, memory, 1), ERROR_NOT_SUPPORTED);
    assert_fails(HeapAlloc(NULL, 0, 1), ERROR_INVALID_HANDLE);
    assert_fails(HeapReAlloc(NULL, 0, memory, 1), ERROR_INVALID_HANDLE);
    assert_fails(HeapFree(NULL, 0, memory), ERROR_INVALID_HANDLE);
    memcpy(memory, "s", 1);
    SecureZeroMemory(memory, 1);
    ck_assert_int_eq(*memory, 0);
    ck_assert(HeapFree(heap, 0, memory));
    ck_assert(HeapFree(heap, 0, NULL));
}
END_TEST

static CRITICAL_SECTION section;
static int counter;

static void *count_up(void *unused)
{
    for (int i = 0; i < 10000; i++) {
        EnterCriticalSection(&section);
        counter++;
        LeaveCriticalSection(&section);
    }
    return unused;
}

static void *try_once(void *got)
{
    *(BOOL *)got = TryEnterCriticalSection(&section);
    if (*(BOOL *)got)
        LeaveCriticalSection(&section);
    return NULL;
}

START_TEST(test_critical_section)
{
    pthread_t threads[4];
    BOOL got;

    InitializeCriticalSection(&section);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, count_up, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(counter, 40000);
    EnterCriticalSection(&section);
    ck_assert(TryEnterCriticalSection(&section)); /* recursive */
    LeaveCriticalSection(&section);
    ck_assert_int_eq(pthread_create(&threads[0], NULL, try_once, &got), 0);
    pthread_join(threads[0], NULL);
    ck_assert_int_eq(got, FALSE);
    LeaveCriticalSection(&section);
    ck_assert_int_eq(pthread_create(&threads[0], NULL, try_once, &got), 0);
    pthread_join(threads[0], NULL);
    ck_assert_int_eq(got, TRUE);
    DeleteCriticalSection(&section);
}
END_TEST

/* --- Files ---------------------------------------------------------------------------------- */

START_TEST(test_files)
{
    char folder[] = "/tmp/sspi-unit.XXXXXX", path[64], text[16];
    WCHAR wide[64];
    LARGE_INTEGER size, place = {.QuadPart = -2};
    HANDLE file;
    DWORD count, high;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/f", folder);
    MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 64);
    ck_assert_ptr_eq(CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL),
                     INVALID_HANDLE_VALUE);
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    file = CreateFileW(wide, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_WRITE_THROUGH, NULL);
    ck_assert_ptr_ne(file, INVALID_HANDLE_VALUE);
    ck_assert_uint_eq(GetLastError(), ERROR_SUCCESS);
    ck_assert(WriteFile(file, "0123456789", 10, &count, NULL));
    ck_assert_uint_eq(count, 10);
    assert_fails(ReadFile(file, text, 1, &count, NULL), ERROR_INVALID_HANDLE); /* EBADF */
    assert_fails(WriteFile(file, "x", 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(WriteFile(file, "x", 1, &count, (LPOVERLAPPED)(void *)text), ERROR_NOT_SUPPORTED);
    ck_assert(CloseHandle(file));

    file = CreateFileA(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL);
    ck_assert_uint_eq(GetLastError(), ERROR_ALREADY_EXISTS);
    ck_assert(GetFileSizeEx(file, &size));
    ck_assert_int_eq(size.QuadPart, 10);
    ck_assert_uint_eq(GetFileSize(file, &high), 10);
    ck_assert_uint_eq(high, 0);
    ck_assert(SetFilePointerEx(file, place, &size, FILE_END));
    ck_assert_int_eq(size.QuadPart, 8);
    ck_assert(ReadFile(file, text, sizeof(text), &count, NULL));
    ck_assert_uint_eq(count, 2);
    ck_assert_mem_eq(text, "89", 2);
    ck_assert(ReadFile(file, text, sizeof(text), &count, NULL));
    ck_assert_uint_eq(count, 0);
    assert_fails(ReadFile(file, NULL, 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(SetFilePointerEx(file, place, NULL, FILE_BEGIN), ERROR_NEGATIVE_SEEK);
    assert_fails(SetFilePointerEx(file, place, NULL, 3), ERROR_INVALID_PARAMETER);
    place.QuadPart = INT64_C(0x1ffffffff);
    ck_assert(SetFilePointerEx(file, place, NULL, FILE_BEGIN));
    ck_assert_int_eq(truncate(path, place.QuadPart), 0);
    SetLastError(4711);
    ck_assert_uint_eq(GetFileSize(file, &high), INVALID_FILE_SIZE); /* a size, not a failure */
    ck_assert_uint_eq(GetLastError(), ERROR_SUCCESS);
    ck_assert_uint_eq(high, 1);
    ck_assert_uint_eq(GetFileSize(file, NULL), INVALID_FILE_SIZE);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert(CloseHandle(file));

    file = CreateFileA(path, GENERIC_ALL, 0, NULL, TRUNCATE_EXISTING, 0, NULL);
    ck_assert_uint_eq(GetFileSize(file, NULL), 0);
    ck_assert(CloseHandle(file));
    ck_assert_ptr_eq(CreateFileA(path, GENERIC_READ, 0, NULL, CREATE_NEW, 0, NULL),
                     INVALID_HANDLE_VALUE);
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_EXISTS);
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(test_file_arguments)
{
    static const WCHAR broken[] = {0xd800, 0};
    HANDLE none = INVALID_HANDLE_VALUE;
    LARGE_INTEGER size;
    DWORD count;

    ck_assert_ptr_eq(CreateFileA(NULL, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), none);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert_ptr_eq(CreateFileW(broken, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), none);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert_ptr_eq(
        CreateFileA("/", GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL), none);
    ck_assert_uint_eq(GetLastError(), ERROR_NOT_SUPPORTED);
    ck_assert_ptr_eq(CreateFileA("/", GENERIC_READ, 0, NULL, 9, 0, NULL), none);
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert_ptr_eq(CreateFileA("/", GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL), none);
    ck_assert_uint_eq(GetLastError(), ERROR_ACCESS_DENIED);
    assert_fails(CloseHandle(NULL), ERROR_INVALID_HANDLE);
    assert_fails(CloseHandle(INVALID_HANDLE_VALUE), ERROR_INVALID_HANDLE);
    assert_fails(CloseHandle(GetCurrentThread()), ERROR_INVALID_HANDLE);
    assert_fails(CloseHandle(GetProcessHeap()), ERROR_INVALID_HANDLE);
    assert_fails(ReadFile(none, &count, 1, &count, NULL), ERROR_INVALID_HANDLE);
    assert_fails(WriteFile(NULL, "", 0, &count, NULL), ERROR_INVALID_HANDLE);
    assert_fails(GetFileSizeEx(NULL, &size), ERROR_INVALID_HANDLE);
    ck_assert_uint_eq(GetFileSize(NULL, NULL), INVALID_FILE_SIZE);
    size.QuadPart = 0;
    assert_fails(SetFilePointerEx(NULL, size, NULL, 0), ERROR_INVALID_HANDLE);
    ck_assert_uint_eq(GetCurrentProcessId(), (DWORD)getpid());
    ck_assert_uint_eq(GetCurrentThreadId(), (DWORD)gettid());
}
END_TEST

/* --- Time ----------------------------------------------------------------------------------- */

static const struct {
    SYSTEMTIME calendar; /* year month weekday day hour minute second ms */
    uint64_t units;      /* 0: no date */
} dates[] = {
    {{1601, 1, 1, 1, 0, 0, 0, 1}, 10000},
    {{1970, 1, 4, 1, 0, 0, 0, 0}, UINT64_C(116444736000000000)},
    {{2000, 2, 2, 29, 12, 34, 56, 789}, UINT64_C(125963012967890000)},
    {{30827, 12, 5, 31, 23, 59, 59, 999}, UINT64_C(9223149887999990000)},
    {{1600, 12, 0, 31, 23, 59, 59, 999}, 0},
    {{30828, 1, 0, 1, 0, 0, 0, 0}, 0},
    {{65535, 65535, 0, 65535, 65535, 65535, 65535, 65535}, 0},
    {{2001, 2, 0, 29, 0, 0, 0, 0}, 0},
    {{2001, 0, 0, 1, 0, 0, 0, 0}, 0},
    {{2001, 13, 0, 1, 0, 0, 0, 0}, 0},
    {{2001, 1, 0, 0, 0, 0, 0, 0}, 0},
    {{2001, 1, 0, 1, 24, 0, 0, 0}, 0},
    {{2001, 1, 0, 1, 0, 60, 0, 0}, 0},
    {{2001, 1, 0, 1, 0, 0, 60, 0}, 0},
    {{2001, 1, 0, 1, 0, 0, 0, 1000}, 0},
};

START_TEST(test_dates)
{
    SYSTEMTIME back;
    FILETIME time;

    if (dates[_i].units == 0) {
        assert_fails(SystemTimeToFileTime(&dates[_i].calendar, &time), ERROR_INVALID_PARAMETER);
        return;
    }
    ck_assert(SystemTimeToFileTime(&dates[_i].calendar, &time));
    ck_assert_uint_eq((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime, dates[_i].units);
    ck_assert(FileTimeToSystemTime(&time, &back));
    ck_assert_mem_eq(&back, &dates[_i].calendar, sizeof(back));
}
END_TEST

START_TEST(test_times)
{
    FILETIME now, local, back, late = {0, 0x80000000}, last = {0xffffffff, 0x7fffffff},
                               zero = {0, 0};
    SYSTEMTIME utc, here;
    ULONGLONG before = GetTickCount64();
    int ahead;

    setenv("TZ", "NPT-5:45", 1);
    GetSystemTimeAsFileTime(&now);
    GetSystemTime(&utc);
    GetLocalTime(&here);
    ahead = (here.wHour * 60 + here.wMinute + 1440 - utc.wHour * 60 - utc.wMinute) % 1440;
    ck_assert(ahead == 345 || ahead == 346); /* a minute may have ended in between */
    ck_assert(FileTimeToLocalFileTime(&now, &local));
    ck_assert_int_eq((int64_t)(((uint64_t)local.dwHighDateTime << 32 | local.dwLowDateTime) -
                               ((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime)),
                     INT64_C(345) * 60 * 10000000);
    ck_assert(LocalFileTimeToFileTime(&local, &back));
    ck_assert_int_eq(CompareFileTime(&back, &now), 0);
    ck_assert_int_eq(CompareFileTime(&now, &local), -1);
    ck_assert_int_eq(CompareFileTime(&late, &last), 1); /* unsigned */
    assert_fails(FileTimeToSystemTime(&late, &utc), ERROR_INVALID_PARAMETER);
    assert_fails(FileTimeToSystemTime(&last, &utc), ERROR_INVALID_PARAMETER);
    assert_fails(FileTimeToLocalFileTime(&last, &back), ERROR_INVALID_PARAMETER);
    assert_fails(LocalFileTimeToFileTime(&zero, &back), ERROR_INVALID_PARAMETER);
    Sleep(2);
    ck_assert_uint_ge(GetTickCount64(), before + 1);
    ck_assert_uint_ge(GetTickCount() - (DWORD)(before & 0xffffffff), 1);
}
END_TEST

/* --- SIDs and accounts ---------------------------------------------------------------------- */

static const struct {
    const char *text;
    const char *printed; /* NULL: refused */
} sids[] = {
    {"S-1-5-21-1-2-4294967295", "S-1-5-21-1-2-4294967295"},
    {"s-1-22-1-1000", "S-1-22-1-1000"},
    {"S-1-0xffffffffffff-1", "S-1-0xffffffffffff-1"},
    {"S-1-4294967296-1", "S-1-0x000100000000-1"},
    {"S-1-5-0x20-0x220", "S-1-5-32-544"},
    {"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15"},
    {"S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16", NULL},
    {"S-1-5-4294967296", NULL},
    {"S-1-0x1000000000000-1", NULL},
    {"S-1-5-99999999999999999999999", NULL},
    {"S-1-5", NULL},
    {"S-1-5-", NULL},
    {"S-1-5--1", NULL},
    {"S-1-5-+1", NULL},
    {"S-1-5-1 ", NULL},
    {"S-1-5-0x", NULL},
    {"S-2-5-1", NULL},
    {"S-1", NULL},
    {"BA", NULL},
    {"", NULL},
};

START_TEST(test_sid_text)
{
    PSID sid = NULL, again;
    LPSTR text;
    LPWSTR wide;
    BYTE copy[SECURITY_MAX_SID_SIZE];

    if (sids[_i].printed == NULL) {
        assert_fails(ConvertStringSidToSidA(sids[_i].text, &sid), ERROR_INVALID_SID);
        return;
    }
    ck_assert(ConvertStringSidToSidA(sids[_i].text, &sid));
    ck_assert(ConvertSidToStringSidA(sid, &text));
    ck_assert_str_eq(text, sids[_i].printed);
    ck_assert(ConvertSidToStringSidW(sid, &wide));
    ck_assert(ConvertStringSidToSidW(wide, &again));
    ck_assert(EqualSid(sid, again));
    assert_fails(CopySid(GetLengthSid(sid) - 1, copy, sid), ERROR_INSUFFICIENT_BUFFER);
    ck_assert(CopySid(GetLengthSid(sid), copy, sid));
    ck_assert(EqualSid(copy, sid));
    copy[GetLengthSid(sid) - 1] ^= 1;
    assert_fails(EqualSid(copy, sid), ERROR_SUCCESS);
    LocalFree(text);
    LocalFree(wide);
    LocalFree(sid);
    LocalFree(again);
}
END_TEST

START_TEST(test_sid_refused)
{
    BYTE many[8] = {1, 16}, revision[8] = {2, 0}, good[12] = {1, 1, 0, 0, 0, 0, 0, 5};
    LPSTR text;
    PSID sid;

    ck_assert(!IsValidSid(NULL) && !IsValidSid(many) && !IsValidSid(revision));
    ck_assert_uint_eq(GetLengthSid(many), 0);
    assert_fails(ConvertSidToStringSidA(many, &text), ERROR_INVALID_SID);
    assert_fails(ConvertSidToStringSidA(good, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(ConvertSidToStringSidW(good, NULL), ERROR_INVALID_PARAMETER);
    assert_fails(ConvertStringSidToSidA(NULL, &sid), ERROR_INVALID_PARAMETER);
    assert_fails(ConvertStringSidToSidW(NULL, &sid), ERROR_INVALID_PARAMETER);
    assert_fails(ConvertStringSidToSidA("S-1-5-1", NULL), ERROR_INVALID_PARAMETER);
    assert_fails(EqualSid(good, many), ERROR_INVALID_SID);
    assert_fails(CopySid(12, good, many), ERROR_INVALID_SID);
    assert_fails(CopySid(12, NULL, good), ERROR_INSUFFICIENT_BUFFER);
}
END_TEST

static const struct {
    const char *name, *user, *domain;
} names[] = {
    {"alice@REALM", "alice", "REALM"},
    {"DOM\\bob", "bob", "DOM"},
    {"carol", "carol", ""},
    {"a\\@b@REALM", "a\\@b", "REALM"},
    {"DOM\\u@x", "u@x", "DOM"},
    {"@REALM", "@REALM", ""},
    {"user@", "user", ""},
    {"\\user", "user", ""},
    {"a@b@R", "a@b", "R"},
    {"HTTP/web@R", "HTTP/web", "R"},
    {"j\xc3\xb6rg@R", "j\xc3\xb6rg", "R"},
};

/* A name goes into a SID and comes back out, in either form. */
START_TEST(test_account_names)
{
    char user[64], domain[64];
    WCHAR wide[64], wide_domain[64];
    DWORD room = 64, domain_room = 64;
    struct account account;
    struct token_sid sid;
    SID_NAME_USE use;

    ck_assert(account_split(&account, names[_i].name));
    ck_assert_str_eq(account.user, names[_i].user);
    ck_assert_str_eq(account.domain, names[_i].domain);
    account_clear(&account);
    ck_assert(account_sid_of_name(names[_i].name, &sid));
    ck_assert_uint_eq(GetLengthSid(sid.data), sid.size);
    ck_assert(LookupAccountSidA(NULL, sid.data, user, &room, domain, &domain_room, &use));
    ck_assert_str_eq(user, names[_i].user);
    ck_assert_str_eq(domain, names[_i].domain);
    ck_assert_uint_eq(room, strlen(user));
    ck_assert_uint_eq(domain_room, strlen(domain));
    assert_fails(LookupAccountSidA(NULL, sid.data, user, &room, domain, &domain_room, &use),
                 ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_eq(room, strlen(user) + 1);
    ck_assert_uint_eq(domain_room, strlen(domain) + 1);
    room = domain_room = 64;
    ck_assert(LookupAccountSidW(NULL, sid.data, wide, &room, wide_domain, &domain_room, &use));
    ck_assert_uint_eq(room, sspi_wcslen(wide));
}
END_TEST

START_TEST(test_account_refused)
{
    char text[64];
    DWORD room = 64, domain_room = 64;
    struct token_sid sid;
    SID_NAME_USE use;
    BYTE forged[16] = {1, 2, 0, 0, 0, 0, 0, 9, 5, 0, 0, 0, 'a', 'b', 'c', 'd'};
    BYTE alone[8] = {1, 0, 0, 0, 0, 0, 0, 9};
    BYTE none[12] = {1, 1, 0, 0, 0, 0, 0, 5};
    BYTE nobody[16] = {1, 2, 0, 0, 0, 0, 0, 22, 1, 0, 0, 0, 0xef, 0xbe, 0xad, 0x5e};
    BYTE *const unknown[] = {forged, alone, none, nobody};
    char longest[58];

    for (size_t i = 0; i < ARRAYSIZE(unknown); i++)
        assert_fails(LookupAccountSidA(NULL, unknown[i], text, &room, text, &domain_room, &use),
                     ERROR_NONE_MAPPED);
    forged[8] = 4;
    ck_assert(LookupAccountSidA(NULL, forged, text, &room, text + 32, &domain_room, &use));
    forged[13] = 0; /* a NUL inside */
    assert_fails(LookupAccountSidA(NULL, forged, text, &room, text, &domain_room, &use),
                 ERROR_NONE_MAPPED);
    assert_fails(LookupAccountSidA("host", forged, text, &room, text, &domain_room, &use),
                 ERROR_INVALID_PARAMETER);
    assert_fails(LookupAccountSidA(NULL, NULL, text, &room, text, &domain_room, &use),
                 ERROR_INVALID_SID);
    memset(longest, 'a', sizeof(longest));
    longest[57] = '\0';
    ck_assert(!account_sid_of_name(longest, &sid));
    ck_assert(account_sid_of_name(longest + 1, &sid));
    ck_assert_uint_eq(sid.size, TOKEN_SID_MAX);
    ck_assert(!account_sid_of_name("", &sid));
}
END_TEST

START_TEST(test_own_names)
{
    char text[300], host[300];
    WCHAR wide[300];
    DWORD room = 300, needed;

    ck_assert(GetUserNameA(text, &room));
    ck_assert_uint_eq(room, strlen(text) + 1);
    needed = room--;
    assert_fails(GetUserNameA(text, &room), ERROR_INSUFFICIENT_BUFFER);
    ck_assert_uint_eq(room, needed);
    ck_assert(GetUserNameW(wide, &room));
    assert_fails(GetUserNameA(text, NULL), ERROR_INVALID_PARAMETER);
    room = 300;
    gethostname(host, sizeof(host));
    ck_assert(GetComputerNameA(text, &room));
    ck_assert_str_eq(text, host);
    ck_assert_uint_eq(room, strlen(host));
    assert_fails(GetComputerNameW(wide, &room), ERROR_BUFFER_OVERFLOW);
    ck_assert_uint_eq(room, strlen(host) + 1);
    ck_assert(GetComputerNameW(wide, &room));
}
END_TEST

START_TEST(test_version)
{
    OSVERSIONINFOA version = {.dwOSVersionInfoSize = sizeof(version)};
    OSVERSIONINFOW wide = {.dwOSVersionInfoSize = sizeof(wide) - 1};

    ck_assert(GetVersionExA(&version));
    ck_assert_uint_eq(version.dwMajorVersion, 6);
    ck_assert_uint_eq(version.dwMinorVersion, 2);
    ck_assert_uint_eq(version.dwPlatformId, VER_PLATFORM_WIN32_NT);
    ck_assert_uint_eq(version.dwOSVersionInfoSize, sizeof(version));
    assert_fails(GetVersionExW(&wide), ERROR_INSUFFICIENT_BUFFER);
    wide.dwOSVersionInfoSize++;
    ck_assert(GetVersionExW(&wide));
    assert_fails(GetVersionExA(NULL), ERROR_INSUFFICIENT_BUFFER);
}
END_TEST

/* Of the longer structures nothing is left as it was. */
START_TEST(test_version_longer)
{
    OSVERSIONINFOEXA version;
    OSVERSIONINFOEXW wide;

    memset(&version, 0xa5, sizeof(version));
    version.dwOSVersionInfoSize = sizeof(version);
    ck_assert(GetVersionExA((LPOSVERSIONINFOA)&version));
    ck_assert_uint_eq(version.dwBuildNumber, 9200);
    ck_assert_uint_eq(version.wServicePackMajor | version.wServicePackMinor, 0);
    ck_assert_uint_eq(version.wProductType, VER_NT_WORKSTATION);
    ck_assert_uint_eq(version.wReserved, 0);
    memset(&wide, 0xa5, sizeof(wide));
    wide.dwOSVersionInfoSize = sizeof(wide);
    ck_assert(GetVersionExW((LPOSVERSIONINFOW)&wide));
    ck_assert_uint_eq(wide.wProductType, VER_NT_WORKSTATION);
}
END_TEST

START_TEST(test_version_true)
{
    RTL_OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof(RTL_OSVERSIONINFOW) - 1};
    RTL_OSVERSIONINFOW *head = (RTL_OSVERSIONINFOW *)&version;

    ck_assert_int_eq(sspi_RtlGetVersion(head), STATUS_INVALID_PARAMETER);
    ck_assert_int_eq(sspi_RtlGetVersion(NULL), STATUS_INVALID_PARAMETER);
    version.dwOSVersionInfoSize++;
    version.wProductType = 0xa5;
    ck_assert_int_eq(sspi_RtlGetVersion(head), STATUS_SUCCESS);
    ck_assert_uint_eq(version.dwMajorVersion, 10);
    ck_assert_uint_eq(version.dwMinorVersion, 0);
    ck_assert_uint_eq(version.dwBuildNumber, 22000);
    ck_assert_uint_eq(version.wProductType, 0xa5);
    version.dwOSVersionInfoSize = sizeof(version);
    ck_assert_int_eq(sspi_RtlGetVersion(head), STATUS_SUCCESS);
    ck_assert_uint_eq(version.wProductType, VER_NT_WORKSTATION);
}
END_TEST

/* --- Tokens --------------------------------------------------------------------------------- */

START_TEST(test_tokens)
{
    struct token_init init = {"alice@REALM", NULL, _i != 0, NULL};
    HANDLE handle = token_object(token_new(&init)), second, thread = GetCurrentThread(), process;
    SECURITY_IMPERSONATION_LEVEL level = 0,
                                 own = _i ? SecurityIdentification : SecurityImpersonation;
    struct {
        TOKEN_USER user;
        BYTE sid[SECURITY_MAX_SID_SIZE];
    } user;
    char name[64], domain[64];
    DWORD needed, room = 64, domain_room = 64, type;
    SID_NAME_USE use;

    assert_fails(OpenThreadToken(thread, 0, TRUE, &second), ERROR_NO_TOKEN);
    assert_fails(GetTokenInformation(handle, TokenUser, NULL, 0, &needed),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_fails(GetTokenInformation(handle, TokenUser, &user, needed - 1, NULL),
                 ERROR_INSUFFICIENT_BUFFER);
    ck_assert(GetTokenInformation(handle, TokenUser, &user, needed, &needed));
    ck_assert(LookupAccountSidA(NULL, user.user.User.Sid, name, &room, domain, &domain_room, &use));
    ck_assert_str_eq(name, "alice");
    ck_assert_str_eq(domain, "REALM");
    ck_assert(GetTokenInformation(handle, TokenType, &type, sizeof(type), &needed));
    ck_assert_uint_eq(type, TokenImpersonation);
    ck_assert(GetTokenInformation(handle, TokenImpersonationLevel, &level, sizeof(level), &needed));
    ck_assert_int_eq(level, own);
    assert_fails(GetTokenInformation(handle, TokenImpersonationLevel, &level, 3, &needed),
                 ERROR_INSUFFICIENT_BUFFER);
    assert_fails(GetTokenInformation(handle, TokenPrivileges, &level, 4, &needed),
                 ERROR_INVALID_PARAMETER);

    ck_assert(DuplicateToken(handle, own, &second));
    ck_assert(CloseHandle(second));
    assert_fails(DuplicateToken(handle, own + 1, &second), ERROR_BAD_IMPERSONATION_LEVEL);
    assert_fails(DuplicateToken(handle, SecurityAnonymous, &second), ERROR_BAD_IMPERSONATION_LEVEL);
    assert_fails(DuplicateToken(handle, own, NULL), ERROR_INVALID_PARAMETER);

    ck_assert(ImpersonateLoggedOnUser(handle));
    room = 64;
    ck_assert(GetUserNameA(name, &room));
    ck_assert_str_eq(name, "alice");
    ck_assert(OpenThreadToken(thread, 0, TRUE, &second));
    ck_assert(CloseHandle(second));
    ck_assert(SetThreadToken(NULL, NULL));
    assert_fails(OpenThreadToken(thread, 0, TRUE, &second), ERROR_NO_TOKEN);
    ck_assert(SetThreadToken(&thread, handle));
    ck_assert(CloseHandle(handle)); /* the thread keeps it */
    ck_assert(GetUserNameA(name, &room));
    ck_assert(RevertToSelf());
    process = GetCurrentProcess();
    assert_fails(SetThreadToken(&process, NULL), ERROR_INVALID_HANDLE);
    assert_fails(OpenThreadToken(process, 0, TRUE, &second), ERROR_INVALID_HANDLE);
    assert_fails(OpenThreadToken(thread, 0, TRUE, NULL), ERROR_INVALID_PARAMETER);
}
END_TEST

/* A file's handle is no token, and a token no file. */
START_TEST(test_handle_kinds)
{
    struct token_init init = {"alice", NULL, false, NULL};
    HANDLE token = token_object(token_new(&init)), other;
    HANDLE file = CreateFileA("/dev/null", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    DWORD count;

    assert_fails(ReadFile(token, &other, 1, &count, NULL), ERROR_INVALID_HANDLE);
    assert_fails(ImpersonateLoggedOnUser(file), ERROR_INVALID_HANDLE);
    assert_fails(ImpersonateLoggedOnUser(NULL), ERROR_INVALID_HANDLE);
    assert_fails(DuplicateToken(file, SecurityImpersonation, &other), ERROR_INVALID_HANDLE);
    assert_fails(GetTokenInformation(file, TokenUser, NULL, 0, &count), ERROR_INVALID_HANDLE);
    ck_assert(CloseHandle(file));
    ck_assert(CloseHandle(token));
}
END_TEST

/* --- Counted strings ------------------------------------------------------------------------ */

START_TEST(test_counted_strings)
{
    static char text[0x10001];
    static WCHAR wide[0x8001];
    STRING counted;
    UNICODE_STRING wide_counted;

    RtlInitAnsiString(&counted, "Kerberos");
    ck_assert_uint_eq(counted.Length, 8);
    ck_assert_uint_eq(counted.MaximumLength, 9);
    ck_assert_str_eq(counted.Buffer, "Kerberos");
    RtlInitUnicodeString(&wide_counted, W("NTLM"));
    ck_assert_uint_eq(wide_counted.Length, 8);
    ck_assert_uint_eq(wide_counted.MaximumLength, 10);
    RtlInitString(&counted, NULL);
    RtlInitUnicodeString(&wide_counted, NULL);
    ck_assert_uint_eq(counted.Length | counted.MaximumLength, 0);
    ck_assert_uint_eq(wide_counted.Length | wide_counted.MaximumLength, 0);
    ck_assert_ptr_null(counted.Buffer);
    ck_assert_ptr_null(wide_counted.Buffer);
    memset(text, 'a', sizeof(text) - 1);
    for (size_t i = 0; i < ARRAYSIZE(wide) - 1; i++)
        wide[i] = 'a';
    RtlInitString(&counted, text);
    RtlInitUnicodeString(&wide_counted, wide);
    ck_assert_uint_eq(counted.Length, 0xfffe);
    ck_assert_uint_eq(counted.MaximumLength, 0xffff);
    ck_assert_uint_eq(wide_counted.Length, 0xfffc);
    ck_assert_uint_eq(wide_counted.MaximumLength, 0xfffe);
    ck_assert_uint_eq(RtlNtStatusToDosError(STATUS_ACCESS_DENIED), ERROR_ACCESS_DENIED);
}
END_TEST

/* --- Modules and sockets -------------------------------------------------------------------- */

START_TEST(test_modules)
{
    HMODULE own = LoadLibraryA("C:\\Windows\\System32\\SECUR32.dll"), wide;

    ck_assert_ptr_nonnull(own);
    wide = LoadLibraryW(W("sspicli"));
    ck_assert_ptr_eq(wide, own);
    ck_assert_ptr_eq(GetModuleHandleA("crypt32.DLL"), own);
    ck_assert_ptr_eq(GetModuleHandleW(W("kernel32")), own);
    ck_assert_ptr_nonnull(GetModuleHandleA(NULL));
    ck_assert(FreeLibrary(wide));
    ck_assert(FreeLibrary(own));
    assert_fails(LoadLibraryA("no-such-library.so.9"), ERROR_MOD_NOT_FOUND);
    assert_fails(LoadLibraryA(""), ERROR_INVALID_PARAMETER);
    assert_fails(LoadLibraryA(NULL), ERROR_INVALID_PARAMETER);
    assert_fails(LoadLibraryExA("secur32", NULL, LOAD_LIBRARY_AS_DATAFILE), ERROR_NOT_SUPPORTED);
    assert_fails(LoadLibraryExA("secur32", GetCurrentProcess(), 0), ERROR_INVALID_PARAMETER);
    assert_fails(GetModuleHandleA("no-such-library.so.9"), ERROR_MOD_NOT_FOUND);
    assert_fails(GetProcAddress(NULL, "AcquireCredentialsHandleA"), ERROR_PROC_NOT_FOUND);
    own = LoadLibraryExW(W("libc.so.6"), NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    ck_assert_ptr_nonnull((void *)(uintptr_t)GetProcAddress(own, "strlen"));
    assert_fails(GetProcAddress(own, "no_such_function"), ERROR_PROC_NOT_FOUND);
    assert_fails(GetProcAddress(own, (LPCSTR)(uintptr_t)17), ERROR_PROC_NOT_FOUND);
    ck_assert(FreeLibrary(own));
    assert_fails(FreeLibrary(NULL), ERROR_INVALID_HANDLE);
}
END_TEST

START_TEST(test_sockets)
{
    WSADATA data;
    int ends[2];
    unsigned long one = 1, waiting = 0;
    char octet;

    ck_assert_int_eq(WSAStartup(MAKEWORD(2, 2), &data), 0);
    ck_assert_uint_eq(data.wVersion, MAKEWORD(2, 2));
    ck_assert_int_eq(WSAStartup(MAKEWORD(1, 1), &data), 0);
    ck_assert_uint_eq(data.wVersion, MAKEWORD(1, 1));
    ck_assert_int_eq(WSAStartup(MAKEWORD(3, 0), &data), 0);
    ck_assert_uint_eq(data.wVersion, MAKEWORD(2, 2));
    ck_assert_int_eq(WSAStartup(0, &data), WSAVERNOTSUPPORTED);
    ck_assert_int_eq(WSAStartup(MAKEWORD(2, 2), NULL), WSAEFAULT);

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(ioctlsocket(ends[0], FIONBIO, &one), 0);
    ck_assert_int_eq((int)recv(ends[0], &octet, 1, 0), -1);
    ck_assert_int_eq(WSAGetLastError(), WSAEWOULDBLOCK);
    ck_assert_int_eq((int)send(ends[1], "abc", 3, 0), 3);
    ck_assert_int_eq(ioctlsocket(ends[0], FIONREAD, &waiting), 0);
    ck_assert_uint_eq(waiting, 3);
    one = 0;
    ck_assert_int_eq(ioctlsocket(ends[0], FIONBIO, &one), 0);
    ck_assert_int_eq(fcntl(ends[0], F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_eq(ioctlsocket(ends[0], FIONBIO, NULL), SOCKET_ERROR);
    ck_assert_int_eq(WSAGetLastError(), WSAEINVAL);
    ck_assert_int_eq(ioctlsocket(ends[0], 1, &one), SOCKET_ERROR);
    ck_assert_int_eq(closesocket(ends[0]), 0);
    ck_assert_int_eq(closesocket(ends[1]), 0);
    ck_assert_int_eq(ioctlsocket(-1, FIONBIO, &one), SOCKET_ERROR);
    ck_assert_int_eq(WSAGetLastError(), WSAEBADF);
    ck_assert_int_eq(ioctlsocket(-1, FIONREAD, &one), SOCKET_ERROR);

    for (int error = WSABASEERR; error < WSABASEERR + 200; error++)
        if (win_socket_error_text((DWORD)error) != NULL && error != WSAEINPROGRESS) {
            WSASetLastError(error);
            ck_assert_int_eq(WSAGetLastError(), error);
        }
    WSASetLastError(0);
    ck_assert_int_eq(WSAGetLastError(), 0);
    WSASetLastError(12345);
    ck_assert_int_eq(WSAGetLastError(), WSASYSCALLFAILURE);
    ck_assert_int_eq(WSACleanup(), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("windows.h system");
    TCase *tc = tcase_create("errors");

    tcase_add_test(tc, test_errors);
    tcase_add_test(tc, test_messages);
    suite_add_tcase(s, tc);
    tc = tcase_create("memory");
    tcase_add_test(tc, test_memory);
    tcase_add_test(tc, test_critical_section);
    suite_add_tcase(s, tc);
    tc = tcase_create("files");
    tcase_add_test(tc, test_files);
    tcase_add_test(tc, test_file_arguments);
    suite_add_tcase(s, tc);
    tc = tcase_create("time");
    tcase_add_loop_test(tc, test_dates, 0, ARRAYSIZE(dates));
    tcase_add_test(tc, test_times);
    suite_add_tcase(s, tc);
    tc = tcase_create("accounts");
    tcase_add_loop_test(tc, test_sid_text, 0, ARRAYSIZE(sids));
    tcase_add_test(tc, test_sid_refused);
    tcase_add_loop_test(tc, test_account_names, 0, ARRAYSIZE(names));
    tcase_add_test(tc, test_account_refused);
    tcase_add_test(tc, test_own_names);
    tcase_add_test(tc, test_version);
    tcase_add_test(tc, test_version_longer);
    tcase_add_test(tc, test_version_true);
    tcase_add_loop_test(tc, test_tokens, 0, 2);
    tcase_add_test(tc, test_handle_kinds);
    suite_add_tcase(s, tc);
    tc = tcase_create("modules");
    tcase_add_test(tc, test_counted_strings);
    tcase_add_test(tc, test_modules);
    tcase_add_test(tc, test_sockets);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
