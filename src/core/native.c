/* SPDX-License-Identifier: MIT */
/* The native error of this thread. */
#include "core/native.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/trace.h"

static _Thread_local char text[NATIVE_ERROR_SIZE];

/* What every call clears is reached without a call: one octet of the room that the loader keeps. */
static _Thread_local bool is_set __attribute__((tls_model("initial-exec")));

void native_error_clear(void)
{
    is_set = false;
}

/* kpasswd's texts have several lines; and a peer's must not steer the terminal they come to. The
 * controls of ISO 6429 above ASCII are two octets in UTF-8. */
static void controls_blank(char *text_at)
{
    for (unsigned char *at = (unsigned char *)text_at; *at != '\0'; at++)
        if (*at < ' ' || *at == 0x7f)
            *at = ' ';
        else if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
            at[0] = at[1] = ' ';
}

__attribute__((format(printf, 1, 0))) static void error_set(const char *format, va_list arguments)
{
    char now[NATIVE_ERROR_SIZE];

    vsnprintf(now, sizeof(now), format, arguments);
    controls_blank(now);
    trace("native error: %s", now);
    if (is_set)
        return;
    snprintf(text, sizeof(text), "%s", now);
    is_set = true;
}

void native_error_set(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    error_set(format, arguments);
    va_end(arguments);
}

SECURITY_STATUS native_refuse(SECURITY_STATUS status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    error_set(format, arguments);
    va_end(arguments);
    return status;
}

void native_error_adopt(const char *adopted)
{
    snprintf(text, sizeof(text), "%s", adopted);
    is_set = true;
}

const char *native_error_get(void)
{
    return is_set ? text : "";
}
