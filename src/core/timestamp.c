/* SPDX-License-Identifier: MIT */
/* Time in Windows' units. */
#include "core/timestamp.h"

#include <string.h>

#define UNITS_PER_SECOND     INT64_C(10000000)
#define SECONDS_1601_TO_1970 INT64_C(11644473600)

void timestamp_set(TimeStamp *out, int64_t units)
{
    _Static_assert(sizeof(*out) == sizeof(units), "a TimeStamp is eight octets");
    if (out != NULL)
        memcpy((void *)out, &units, sizeof(units));
}

void timestamp_copy(TimeStamp *out, const TimeStamp *from)
{
    memcpy((void *)out, (const void *)from, sizeof(*out));
}

int64_t timestamp_units(time_t when)
{
    int64_t seconds, units;

    if (__builtin_add_overflow((int64_t)when, SECONDS_1601_TO_1970, &seconds) ||
        __builtin_mul_overflow(seconds, UNITS_PER_SECOND, &units))
        return when < 0 ? 0 : INT64_MAX; /* a time from outside: as far as there is */
    return units;
}

void timestamp_set_local(TimeStamp *out, time_t when)
{
    struct tm local;

    if (localtime_r(&when, &local) == NULL)
        timestamp_set(out, timestamp_units(when));
    else
        timestamp_set(out, timestamp_units(when + local.tm_gmtoff));
}
