/* SPDX-License-Identifier: MIT */
/*
 * Questions on the controlling terminal of the process. No signal handler of the program is
 * touched: keys that would signal end the question instead, and a signal from elsewhere is held
 * back until the terminal is as it was.
 */
#ifndef SSPI_IDENTITY_TERMINAL_H
#define SSPI_IDENTITY_TERMINAL_H

#include <signal.h>
#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct terminal {
    int fd;      /* /dev/tty */
    int signals; /* readable when one has come */
    bool echo;
    struct termios before;
    sigset_t unblocked;
};

/* Returns ERROR_SUCCESS, or ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION where there is none. */
ULONG terminal_open(struct terminal *terminal);
void terminal_close(struct terminal *terminal);

/* Writes a text without what would command the terminal; lines may end in it. */
void terminal_say(const struct terminal *terminal, const char *text);

/* Before a question: whether the answer is shown. What was typed ahead is dropped. */
void terminal_listen(struct terminal *terminal, bool echo);

/*
 * The answer, into size octets with the terminator. Returns ERROR_SUCCESS, ERROR_CANCELLED for the
 * keys that interrupt, an end of the input, or a signal, and ERROR_INSUFFICIENT_BUFFER for a line
 * that is too long.
 */
ULONG terminal_line(const struct terminal *terminal, char *line, size_t size);

#endif
