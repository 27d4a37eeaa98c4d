/* SPDX-License-Identifier: MIT */
/*
 * The `sspi` command inside: what its files share.
 *
 *   sspi.c      command line, packages, connections
 *   session.c   one connection: negotiation, what came of it, messages both ways
 *   tls.c       `sspi tls`: tls.h
 *   password.c  a password from a terminal or a descriptor
 *   net.c       connections over TCP
 *   report.c    what goes wrong, for a person; below the others
 */
#ifndef SSPI_TOOLS_TOOLS_H
#define SSPI_TOOLS_TOOLS_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

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

#endif
