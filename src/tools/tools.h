/* SPDX-License-Identifier: MIT */
/*
 * The `sspi` command inside: what its files share.
 *
 *   sspi.c      command line, packages, connections
 *   session.c   one connection: negotiation, what came of it, messages both ways
 *   tls.c       `sspi tls`: tls.h
 *   rdp.c       `sspi rdp`: rdp.h
 *   option.c    options, and those that every command has
 *   password.c  a password from a terminal or a descriptor
 *   net.c       connections over TCP
 *   report.c    what goes wrong, for a person; below the others
 */
#ifndef SSPI_TOOLS_TOOLS_H
#define SSPI_TOOLS_TOOLS_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    const char *package, *target, *user, *principal, *address, *port;
    ULONG64 request;
    int password_fd; /* -1: ask on the terminal */
    bool once;
};

/* Authenticates over socket, shows what was negotiated and carries messages until both ends are
 * done. Closes socket and returns an exit code. */
int session_run(int socket, const struct options *options, CredHandle *credential, bool inbound);

/*
 * The password of what: the first line of descriptor fd, or for -1 what is entered on the terminal.
 * false after a complaint. The caller wipes it.
 */
bool password_get(int fd, const char *what, char *password, size_t size);

/* The value of --password-fd. */
bool password_fd_read(const char *text, int *fd);

#define PASSWORD_SIZE 1024

/* A user and a password, as a Windows program gives them. */
struct logon {
    SEC_WINNT_AUTH_IDENTITY_EXA identity;
    char password[PASSWORD_SIZE];
};

/* Gets the password; without a domain (NULL) the user may be DOMAIN\USER or USER@REALM. false after
 * a complaint. The caller wipes *logon, which must not be copied. */
bool logon_get(const char *user, const char *domain, int password_fd, struct logon *logon);

/* An option that is only kept: where in the command's structure, ended by option 0. */
struct option_slot {
    int option;
    enum { OPTION_TEXT, OPTION_FLAG } kind; /* a const char * to its value; a bool that it sets */
    size_t offset;
};

/* Keeps an option that has a slot; false where it has none. */
bool option_keep(const struct option_slot *slots, int option, void *options);

/* A name of a list and what it stands for: two or more, ended by NULL and 0. */
struct option_name {
    const char *name;
    uint32_t bits;
};

/* The bits of a list of names, at least one; what they are is the option's name. -1, or the exit
 * code after a complaint. */
int option_bits(char *list, const struct option_name *names, const char *what, uint32_t *bits);

/* Those of every command; its own begin behind them. */
enum { OPTION_PASSWORD_FD = 256, OPTION_ONCE, OPTION_TRACE, OPTION_OWN };
#define OPTIONS_COMMON                                                                             \
    {"password-fd", required_argument, NULL, OPTION_PASSWORD_FD},                                  \
        {"once", no_argument, NULL, OPTION_ONCE}, {"trace", no_argument, NULL, OPTION_TRACE},      \
        {"help", no_argument, NULL, 'h'},                                                          \
    {                                                                                              \
        NULL, 0, NULL, 0                                                                           \
    }

/* What a command does with an option that is not its own. -1: go on; otherwise the exit code. */
int option_common(int option, char **argv, const char *help, int *password_fd, bool *once);

#endif
