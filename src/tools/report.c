/* SPDX-License-Identifier: MIT */
/* One line on standard error per failure, and below it what the library underneath said. */
#include "tools/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sspi_linux.h>
#include <windows.h>

__attribute__((format(printf, 1, 0))) static void line_write(const char *format, va_list arguments,
                                                             const char *more)
{
    fputs("sspi: ", stderr);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "%s\n", more);
}

void complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    line_write(format, arguments, "");
    va_end(arguments);
}

static const char *command = "";

void report_command(const char *name)
{
    command = name;
}

int complain_usage(const char *format, ...)
{
    char hint[64];
    va_list arguments;

    snprintf(hint, sizeof(hint), " (try: sspi %s%s--help)", command, *command == '\0' ? "" : " ");
    va_start(arguments, format);
    line_write(format, arguments, hint);
    va_end(arguments);
    return EXIT_USAGE;
}

int report_end(int result)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return result;
    complain("writing to standard output: %s", strerror(errno));
    return result == EXIT_OK ? EXIT_NETWORK : result;
}

int fail(SECURITY_STATUS status, const char *tried, ...)
{
    const char *native = sspi_native_error();
    char why[512];
    va_list arguments;

    snprintf(why, sizeof(why), ": %s: %s", sspi_status_name(status), sspi_status_text(status));
    va_start(arguments, tried);
    line_write(tried, arguments, why);
    va_end(arguments);
    if (*native != '\0')
        complain("  %s", native);
    return EXIT_AUTH;
}

/* --- What a peer says ----------------------------------------------------------------------- */

const char *report_peer_wide(const WCHAR *wide, size_t units, char *text, size_t size)
{
    WCHAR plain[256] = {0};
    int used;

    for (size_t i = 0; i < units; i++) {
        if (i == sizeof(plain) / sizeof(*plain))
            return "(a very long name)";
        plain[i] = wide[i] < 0x20 || (wide[i] >= 0x7f && wide[i] < 0xa0) ? '?' : wide[i];
    }
    used = WideCharToMultiByte(CP_UTF8, 0, plain, (int)units, text, (int)size - 1, NULL, NULL);
    text[units == 0 || used < 0 ? 0 : used] = '\0';
    return text;
}

const char *report_peer(const char *name, char *text, size_t size)
{
    WCHAR wide[256];
    int units = MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, sizeof(wide) / sizeof(*wide));

    return units <= 0 ? "(a very long name)"
                      : report_peer_wide(wide, (size_t)units - 1, text, size);
}
