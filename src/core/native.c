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
    if (is_set)
        return;
    snprintf(text, sizeof(text), "%s", now);
    is_set = true;
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
