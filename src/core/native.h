/* SPDX-License-Identifier: MIT */
/*
 * The native error below a SECURITY_STATUS: the text of the library that failed, or which argument
 * of the call makes no sense, kept per thread for the trace and for programs that tell their user
 * why (sspi_native_error).
 */
#ifndef SSPI_CORE_NATIVE_H
#define SSPI_CORE_NATIVE_H

#include <sspi.h>
#include <stddef.h>

#define NATIVE_ERROR_SIZE 384

/* Forgets what an earlier call left. */
void native_error_clear(void);

/* Remembers a text, and traces it. The first cause of a call wins over what follows from it. */
void native_error_set(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for the return statement: status. */
SECURITY_STATUS native_refuse(SECURITY_STATUS status, const char *format, ...)
    __attribute__((format(printf, 2, 3), cold));

/* The text of a call that was made on another thread, which has been traced there. */
void native_error_adopt(const char *text);

/* This thread's text, "" when there is none. */
const char *native_error_get(void);

#endif
