/* SPDX-License-Identifier: MIT */
/*
 * What wine.sh gives Wine's tests in the place of their own wine/test.h: each check that fails is a
 * line with its place, and all go on. What old versions of Windows do is no excuse (broken), and
 * Wine's own gaps are none (todo_wine). Nobody is asked over the network.
 */
#ifndef WINE_TEST_H
#define WINE_TEST_H

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <winsock2.h>

static struct {
    int passed, failed;
} tests;

static void __attribute__((format(printf, 4, 5)))
test_check(int passed, const char *file, int line, const char *format, ...)
{
    const char *slash = strrchr(file, '/');
    va_list arguments;

    tests.passed += passed != 0;
    tests.failed += passed == 0;
    if (passed)
        return;
    printf("%s:%d ", slash == NULL ? file : slash + 1, line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

#define START_TEST(name)                                                                           \
    static void test_##name(void);                                                                 \
    int main(void)                                                                                 \
    {                                                                                              \
        test_##name();                                                                             \
        printf("%d passed, %d failed\n", tests.passed, tests.failed);                              \
        return 0;                                                                                  \
    }                                                                                              \
    static void test_##name(void)

#define ok(condition, ...) test_check((condition) != 0, __FILE__, __LINE__, __VA_ARGS__)
#define broken(condition)  0
#define todo_wine
#define todo_wine_if(condition)
#define skip(...)     ((void)0)
#define win_skip(...) ((void)0)
#define trace(...)    ((void)0)
#define ARRAY_SIZE    ARRAYSIZE

#define wine_dbgstr_w(text)          "(text)"
#define wine_dbgstr_wn(text, length) "(text)"

/* The C library rounds up, so this is more than was asked for. */
static inline SIZE_T HeapSize(HANDLE heap, DWORD flags, const void *memory)
{
    (void)heap, (void)flags;
    return malloc_usable_size((void *)memory);
}

#define getaddrinfo(...)    EAI_NONAME
#define gethostbyname(name) NULL

#endif
