/* SPDX-License-Identifier: MIT */
/* A password: never from the command line or the environment, which other users can read. */
#include "tools/report.h"
#include "tools/tools.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int fatal_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
#define FATAL_COUNT (sizeof(fatal_signals) / sizeof(*fatal_signals))

static volatile sig_atomic_t caught;

static void signal_note(int number)
{
    caught = number;
}

/*
 * One line of fd without its end, at most size octets with the terminator. Signals that are blocked
 * come in while it waits, by the mask `unblocked`, so that none is missed just before.
 */
static bool line_read(int fd, const sigset_t *unblocked, char *line, size_t size)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    size_t used = 0;
    char c;

    while (used + 1 < size) {
        ssize_t n = ppoll(&input, 1, NULL, unblocked) < 0 ? -1 : read(fd, &c, 1);

        if (n < 0 && errno == EINTR && caught == 0)
            continue;
        if (n < 0 || (n == 0 && used == 0))
            return false;
        if (n == 0 || c == '\n')
            break;
        line[used++] = c;
    }
    line[used] = '\0';
    return used + 1 < size;
}

/* Asks without echo. A signal must not leave the terminal so: it is held until that is undone. */
static bool line_ask(int tty, const struct termios *before, const char *what, char *line,
                     size_t size)
{
    struct sigaction note = {.sa_handler = signal_note}, old[FATAL_COUNT];
    struct termios silent = *before;
    sigset_t fatal, unblocked;
    bool got;

    caught = 0;
    sigemptyset(&fatal);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaddset(&fatal, fatal_signals[i]);
    sigprocmask(SIG_BLOCK, &fatal, &unblocked);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal_signals[i], &note, &old[i]);
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(tty, TCSAFLUSH, &silent); /* drops what was typed ahead, so before the question */
    dprintf(tty, "Password for %s: ", what);
    got = line_read(tty, &unblocked, line, size);
    tcsetattr(tty, TCSAFLUSH, before);
    dprintf(tty, "\n");
    for (size_t i = 0; i < FATAL_COUNT; i++)
        sigaction(fatal_signals[i], &old[i], NULL);
    sigprocmask(SIG_SETMASK, &unblocked, NULL);
    if (caught != 0)
        raise(caught);
    return got;
}

/* From the terminal itself, since standard input carries the messages. */
static bool password_prompt(const char *what, char *password, size_t size)
{
    struct termios before;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    bool got = false;

    if (tty >= 0 && tcgetattr(tty, &before) == 0) {
        got = line_ask(tty, &before, what, password, size);
        if (!got)
            complain("no password was entered");
    } else {
        complain("no terminal to ask for a password: use --password-fd");
    }
    if (tty >= 0)
        close(tty);
    return got;
}

bool password_fd_read(const char *text, int *fd)
{
    char *end;
    long value = strtol(text, &end, 10);

    *fd = (int)value;
    return *text >= '0' && *text <= '9' && *end == '\0' && value <= 1023;
}

bool password_get(int fd, const char *what, char *password, size_t size)
{
    if (fd < 0)
        return password_prompt(what, password, size);
    if (line_read(fd, NULL, password, size))
        return true;
    complain("no password on descriptor %d: its first line, of at most %zu octets, is wanted", fd,
             size - 2);
    return false;
}

static unsigned char *unconst(const char *text)
{
    return (unsigned char *)(uintptr_t)text;
}

bool logon_get(const char *user, const char *domain, int password_fd, struct logon *logon)
{
    SEC_WINNT_AUTH_IDENTITY_EXA *identity = &logon->identity;

    *logon = (struct logon){.identity = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                         .Length = sizeof(*identity),
                                         .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI}};
    if (!password_get(password_fd, user, logon->password, sizeof(logon->password)))
        return false;
    identity->User = unconst(user);
    identity->UserLength = (ULONG)strlen(user);
    identity->Domain = domain == NULL ? NULL : unconst(domain);
    identity->DomainLength = domain == NULL ? 0 : (ULONG)strlen(domain);
    identity->Password = (unsigned char *)logon->password;
    identity->PasswordLength = (ULONG)strlen(logon->password);
    return true;
}
