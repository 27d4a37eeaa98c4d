/* SPDX-License-Identifier: MIT */
/* What the `sspi` command says to its user when something goes wrong, and how it ends. */
#ifndef SSPI_TOOLS_REPORT_H
#define SSPI_TOOLS_REPORT_H

#include <stddef.h>
#include <windows.h>

#include <sspi.h>

/* Exit codes, sspi(1). */
enum { EXIT_OK = 0, EXIT_AUTH = 1, EXIT_USAGE = 2, EXIT_NETWORK = 3 };

/* One line on standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a wrong command line, with whose help there is. Returns EXIT_USAGE. */
int complain_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Which command has a help of its own, "" for none. */
void report_command(const char *name);

/* The exit code of a command that has ended with result: what it wrote must have arrived. */
int report_end(int result);

/* What was tried, the SEC_E name and text, and below it the native error. Returns EXIT_AUTH. */
int fail(SECURITY_STATUS status, const char *tried, ...) __attribute__((format(printf, 2, 3)));

/* A peer's name in text of that size, without what could steer a terminal: UTF-8, or so many
 * units. */
const char *report_peer(const char *name, char *text, size_t size);
const char *report_peer_wide(const WCHAR *wide, size_t units, char *text, size_t size);

#endif
