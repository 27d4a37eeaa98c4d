/* SPDX-License-Identifier: MIT */
/* Time: FILETIME counts 100 ns since 1601-01-01, SYSTEMTIME is a calendar date. */
#include "win/win.h"

#include <string.h>
#include <time.h>

#define UNITS_PER_SECOND      INT64_C(10000000)
#define UNITS_PER_MILLISECOND INT64_C(10000)
#define SECONDS_1601_TO_1970  INT64_C(11644473600)

/* The first year SYSTEMTIME takes and the last. */
#define YEAR_MIN 1601
#define YEAR_MAX 30827

static int64_t units_of(const FILETIME *time)
{
    return (int64_t)((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime);
}

static void units_set(FILETIME *time, int64_t units)
{
    time->dwLowDateTime = (DWORD)((uint64_t)units & 0xffffffff);
    time->dwHighDateTime = (DWORD)((uint64_t)units >> 32);
}

static int64_t units_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (now.tv_sec + SECONDS_1601_TO_1970) * UNITS_PER_SECOND + now.tv_nsec / 100;
}

static void calendar_set(SYSTEMTIME *out, const struct tm *tm, int milliseconds)
{
    out->wYear = (WORD)(tm->tm_year + 1900);
    out->wMonth = (WORD)(tm->tm_mon + 1);
    out->wDayOfWeek = (WORD)tm->tm_wday;
    out->wDay = (WORD)tm->tm_mday;
    out->wHour = (WORD)tm->tm_hour;
    out->wMinute = (WORD)tm->tm_min;
    out->wSecond = (WORD)tm->tm_sec;
    out->wMilliseconds = (WORD)milliseconds;
}

static bool calendar_from_units(SYSTEMTIME *out, int64_t units)
{
    time_t seconds = units / UNITS_PER_SECOND - SECONDS_1601_TO_1970;
    struct tm tm;

    if (units < 0 || gmtime_r(&seconds, &tm) == NULL || tm.tm_year + 1900 > YEAR_MAX)
        return false;
    calendar_set(out, &tm, (int)(units % UNITS_PER_SECOND / UNITS_PER_MILLISECOND));
    return true;
}

WIN_API void sspi_GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
    units_set(lpSystemTimeAsFileTime, units_now());
}

WIN_API void sspi_GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
    calendar_from_units(lpSystemTime, units_now());
}

WIN_API void sspi_GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
    struct timespec now;
    struct tm tm;

    clock_gettime(CLOCK_REALTIME, &now);
    tzset();
    localtime_r(&now.tv_sec, &tm);
    calendar_set(lpSystemTime, &tm, (int)(now.tv_nsec / 1000000));
}

WIN_API BOOL sspi_FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime)
{
    return calendar_from_units(lpSystemTime, units_of(lpFileTime))
               ? TRUE
               : win_fail(ERROR_INVALID_PARAMETER);
}

WIN_API BOOL sspi_SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime)
{
    const SYSTEMTIME in = *lpSystemTime;
    struct tm tm = {.tm_year = in.wYear - 1900,
                    .tm_mon = in.wMonth - 1,
                    .tm_mday = in.wDay,
                    .tm_hour = in.wHour,
                    .tm_min = in.wMinute,
                    .tm_sec = in.wSecond};
    time_t seconds = timegm(&tm);

    /*
     * timegm() carries: a date that it had to change is none. The day of the week does not count.
     */
    if (in.wYear < YEAR_MIN || in.wYear > YEAR_MAX || tm.tm_mon != in.wMonth - 1 ||
        tm.tm_mday != in.wDay || tm.tm_hour != in.wHour || tm.tm_min != in.wMinute ||
        tm.tm_sec != in.wSecond || in.wMilliseconds > 999)
        return win_fail(ERROR_INVALID_PARAMETER);
    units_set(lpFileTime, (seconds + SECONDS_1601_TO_1970) * UNITS_PER_SECOND +
                              in.wMilliseconds * UNITS_PER_MILLISECOND);
    return TRUE;
}

/* Local time is ahead of UTC by this much, today. */
static int64_t local_offset(void)
{
    time_t now = time(NULL);
    struct tm tm;

    tzset();
    return localtime_r(&now, &tm) == NULL ? 0 : tm.tm_gmtoff * UNITS_PER_SECOND;
}

static BOOL shift(const FILETIME *from, FILETIME *to, int64_t offset)
{
    int64_t units;

    if (__builtin_add_overflow(units_of(from), offset, &units) || units < 0)
        return win_fail(ERROR_INVALID_PARAMETER);
    units_set(to, units);
    return TRUE;
}

WIN_API BOOL sspi_FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime)
{
    return shift(lpFileTime, lpLocalFileTime, local_offset());
}

WIN_API BOOL sspi_LocalFileTimeToFileTime(const FILETIME *lpLocalFileTime, LPFILETIME lpFileTime)
{
    return shift(lpLocalFileTime, lpFileTime, -local_offset());
}

WIN_API LONG sspi_CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2)
{
    uint64_t one = (uint64_t)units_of(lpFileTime1);
    uint64_t two = (uint64_t)units_of(lpFileTime2);

    return (one > two) - (one < two);
}

WIN_API ULONGLONG sspi_GetTickCount64(void)
{
    struct timespec up;

    clock_gettime(CLOCK_BOOTTIME, &up);
    return (ULONGLONG)up.tv_sec * 1000 + (ULONGLONG)up.tv_nsec / 1000000;
}

WIN_API DWORD sspi_GetTickCount(void)
{
    return (DWORD)(sspi_GetTickCount64() & 0xffffffff);
}

WIN_API void sspi_Sleep(DWORD dwMilliseconds)
{
    struct timespec left = {dwMilliseconds / 1000, (long)(dwMilliseconds % 1000) * 1000000};

    do {
        if (dwMilliseconds == INFINITE)
            left = (struct timespec){86400, 0};
        while (nanosleep(&left, &left) != 0)
            continue;
    } while (dwMilliseconds == INFINITE);
}
