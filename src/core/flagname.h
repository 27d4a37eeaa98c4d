/* SPDX-License-Identifier: MIT */
/*
 * Context flags by name, for the trace and for people.
 */
#ifndef SSPI_CORE_FLAGNAME_H
#define SSPI_CORE_FLAGNAME_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

/* "MUTUAL_AUTH|INTEGRITY"; an unnamed bit is in hexadecimal. Writes at most size bytes. */
const char *flag_names(ULONG64 flags, bool inbound, char *text, size_t size);

/* The bit of an ISC_REQ_ (or, inbound, ASC_REQ_) name without its prefix and without regard to
 * case; 0 when there is none. */
ULONG64 flag_from_name(const char *name, bool inbound);

#endif
