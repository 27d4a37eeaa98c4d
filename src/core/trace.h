/* SPDX-License-Identifier: MIT */
/*
 * The trace: SSPI_TRACE=stderr or a file name, in the manner of KRB5_TRACE. One line per call, and
 * one with the native error where it broke. Secrets and keys never go there.
 */
#ifndef SSPI_CORE_TRACE_H
#define SSPI_CORE_TRACE_H

#include <sspi.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>

enum trace_state { TRACE_UNREAD, TRACE_OFF, TRACE_ON };

/* Set once, by the first question; every message asks. */
extern _Atomic enum trace_state trace_state;

/* Reads the environment (not in set-id processes). */
bool trace_open(void);

/* Whether anything is written. */
static inline bool trace_enabled(void)
{
    enum trace_state state = atomic_load_explicit(&trace_state, memory_order_acquire);

    return state != TRACE_OFF && (state == TRACE_ON || trace_open());
}

/* One line: time, thread, text. The text must not hold a secret. */
void trace_write(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The arguments are evaluated only when the trace is on. */
#define trace(...)                                                                                 \
    do {                                                                                           \
        if (trace_enabled())                                                                       \
            trace_write(__VA_ARGS__);                                                              \
    } while (0)

/* A call that ends: "name -> SEC_E_X", and the same status for the return statement. */
SECURITY_STATUS trace_result(const char *call, SECURITY_STATUS status);

/* "TOKEN[60] DATA[100] PADDING[0]"; writes at most size bytes with the terminator. */
const char *trace_buffers(const SecBufferDesc *list, char *text, size_t size);

#endif
