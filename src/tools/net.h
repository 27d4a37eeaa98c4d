/* SPDX-License-Identifier: MIT */
/* The command's connections over TCP. Each function complains for itself. */
#ifndef SSPI_TOOLS_NET_H
#define SSPI_TOOLS_NET_H

#include <stdbool.h>

/* A socket that is connected, by the first address that answers; or -1. */
int net_connect(const char *address, const char *port);

/* A socket that listens; prints where. Or -1. */
int net_listen(const char *address, const char *port);

/* HOST:PORT or [v6]:PORT, which is cut in two; without HOST *address is left. False, and without a
 * word, where there is no port. */
bool net_endpoint_read(char *text, const char **address, const char **port);

/* The same of a client: HOST[:PORT], which may be [v6] alone; without a port *port is left. False
 * without HOST. */
bool net_peer_read(char *text, const char **address, const char **port);

/*
 * Listens and gives one connection after the other to serve(), which closes it and returns an exit
 * code; with once only the first one, whose code is ours.
 */
int net_serve(const char *address, const char *port, bool once,
              int (*serve)(int socket, void *data), void *data);

#endif
