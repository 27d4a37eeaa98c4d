/* SPDX-License-Identifier: MIT */
/* One line on standard error per failure, and below it what the library underneath said. */
#include "tools/report.h"

#include <stdarg.h>
#include <stdio.h>

#include <sspi_linux.h>

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

int complain_usage(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    line_write(format, arguments, " (try: sspi --help)");
    va_end(arguments);
    return EXIT_USAGE;
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
