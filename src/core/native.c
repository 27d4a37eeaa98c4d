/* SPDX-License-Identifier: MIT */
/* The native error of this thread. */
#include "core/native.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/trace.h"

static _Thread_local char text[NATIVE_ERROR_SIZE];

void native_error_clear(void)
{
    text[0] = '\0';
}

void native_error_set(const char *format, ...)
{
    char now[NATIVE_ERROR_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(now, sizeof(now), format, arguments);
    va_end(arguments);
    for (char *at = now; *at != '\0'; at++) /* kpasswd's texts have several lines */
        if ((unsigned char)*at < ' ')
            *at = ' ';
    trace("native error: %s", now);
    if (text[0] == '\0')
        snprintf(text, sizeof(text), "%s", now);
}

const char *native_error_get(void)
{
    return text;
}
