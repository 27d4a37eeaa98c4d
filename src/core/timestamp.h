/* SPDX-License-Identifier: MIT */
/*
 * TimeStamp: 100 ns units since 1601-01-01, in local time (the contract of ptsExpiry).
 */
#ifndef SSPI_CORE_TIMESTAMP_H
#define SSPI_CORE_TIMESTAMP_H

#include <sspi.h>
#include <time.h>

/* Never: 0x7fffffffffffffff, as Windows says for what does not expire. */
#define TIMESTAMP_NEVER INT64_MAX

/*
 * Writes *out; NULL is allowed, and so is an address aligned to four octets only (WinPR's
 * TimeStamp). timestamp_set_local() takes seconds since 1970 UTC and adds the offset of the zone at
 * that moment; as for localtime_r(), a program that changes TZ says so by tzset().
 */
void timestamp_set(TimeStamp *out, int64_t units);
void timestamp_set_local(TimeStamp *out, time_t when);

/* *out = *from, whatever the alignment of either. */
void timestamp_copy(TimeStamp *out, const TimeStamp *from);

/* The units of a UTC moment, without the zone: FILETIME. */
int64_t timestamp_units(time_t when);

#endif
