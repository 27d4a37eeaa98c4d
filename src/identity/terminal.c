/* SPDX-License-Identifier: MIT */
/* Questions on a terminal. */
#include "identity/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <winerror.h>

#include "core/native.h"

static const int fatal_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/* --- Open and close ------------------------------------------------------------------------- */

/* They stay pending: the program gets them by its own rules when the terminal is as it was. */
static int signals_hold(sigset_t *unblocked)
{
    sigset_t fatal;

    sigemptyset(&fatal);
    for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(*fatal_signals); i++)
        sigaddset(&fatal, fatal_signals[i]);
    pthread_sigmask(SIG_BLOCK, &fatal, unblocked);
    return signalfd(-1, &fatal, SFD_CLOEXEC | SFD_NONBLOCK);
}

ULONG terminal_open(struct terminal *terminal)
{
    terminal->fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal->fd >= 0 && tcgetattr(terminal->fd, &terminal->before) == 0) {
        terminal->signals = signals_hold(&terminal->unblocked);
        return ERROR_SUCCESS;
    }
    native_error_set("this process has no terminal to ask on (/dev/tty: %s)", strerror(errno));
    if (terminal->fd >= 0)
        close(terminal->fd);
    return ERROR_REQUIRES_INTERACTIVE_WINDOWSTATION;
}

void terminal_close(struct terminal *terminal)
{
    tcsetattr(terminal->fd, TCSAFLUSH, &terminal->before);
    close(terminal->fd);
    if (terminal->signals >= 0)
        close(terminal->signals);
    pthread_sigmask(SIG_SETMASK, &terminal->unblocked, NULL);
}

/* --- Writing -------------------------------------------------------------------------------- */

static void octets_write(int fd, const char *octets, size_t size)
{
    while (size != 0) {
        ssize_t n = write(fd, octets, size);

        if (n < 0 && errno != EINTR)
            return;
        octets += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
}

/* Control characters, those of eight bits too: in UTF-8 they are 0xc2 and 0x80 to 0x9f. */
static bool commands(unsigned char before, unsigned char octet)
{
    return (octet < 0x20 && octet != '\n') || octet == 0x7f ||
           (before == 0xc2 && octet >= 0x80 && octet < 0xa0);
}

void terminal_say(const struct terminal *terminal, const char *text)
{
    unsigned char before = 0;

    for (; *text != '\0'; text++) {
        octets_write(terminal->fd, commands(before, (unsigned char)*text) ? "?" : text, 1);
        before = (unsigned char)*text;
    }
}

/* --- Reading -------------------------------------------------------------------------------- */

/* A line at a time, which the person can correct; keys that would signal end the line. */
void terminal_listen(struct terminal *terminal, bool echo)
{
    struct termios mode = terminal->before;

    terminal->echo = echo;
    mode.c_iflag |= ICRNL;
    mode.c_lflag |= ICANON | ECHO;
    mode.c_lflag &= ~(tcflag_t)(ISIG | (echo ? 0 : ECHO));
    mode.c_cc[VEOL] = terminal->before.c_cc[VINTR];
    mode.c_cc[VEOL2] = terminal->before.c_cc[VQUIT];
    tcsetattr(terminal->fd, TCSAFLUSH, &mode);
}

static bool interrupts(const struct terminal *terminal, char key)
{
    cc_t octet = (cc_t)key;

    return octet != _POSIX_VDISABLE &&
           (octet == terminal->before.c_cc[VINTR] || octet == terminal->before.c_cc[VQUIT]);
}

/* The next octet; false for an end, a signal, a terminal that is gone. */
static bool key_read(const struct terminal *terminal, char *key)
{
    struct pollfd input[2] = {{.fd = terminal->fd, .events = POLLIN},
                              {.fd = terminal->signals, .events = POLLIN}};

    while (poll(input, 2, -1) < 0)
        if (errno != EINTR)
            return false;
    return input[1].revents == 0 && read(terminal->fd, key, 1) == 1 && !interrupts(terminal, *key);
}

static ULONG line_read(const struct terminal *terminal, char *line, size_t size)
{
    size_t used = 0;
    char key;

    for (;;) {
        if (!key_read(terminal, &key))
            return ERROR_CANCELLED;
        if (key == '\n')
            break;
        if (used + 1 < size)
            line[used] = key;
        used++;
    }
    line[used < size ? used : 0] = '\0';
    return used < size ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER;
}

ULONG terminal_line(const struct terminal *terminal, char *line, size_t size)
{
    ULONG error = line_read(terminal, line, size);

    if (!terminal->echo || error != ERROR_SUCCESS)
        octets_write(terminal->fd, "\n", 1);
    return error;
}
