/* SPDX-License-Identifier: MIT */
/* The command's connections over TCP. */
#include "tools/net.h"

#include "tools/report.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct addrinfo *addresses_find(const char *host, const char *port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);

    if (error == 0)
        return found;
    complain("%s port %s: %s", host, port, gai_strerror(error));
    return NULL;
}

int net_connect(const char *address, const char *port)
{
    struct addrinfo *addresses = addresses_find(address, port, 0);
    int s = -1;

    for (struct addrinfo *at = addresses; at != NULL && s < 0; at = at->ai_next) {
        s = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (s >= 0 && connect(s, at->ai_addr, at->ai_addrlen) != 0) {
            close(s);
            s = -1;
        }
    }
    if (addresses != NULL) {
        if (s < 0)
            complain("connecting to %s port %s: %s", address, port, strerror(errno));
        freeaddrinfo(addresses);
    }
    return s;
}

static void port_show(int listener)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);
    char address[NI_MAXHOST], port[NI_MAXSERV];

    if (getsockname(listener, (struct sockaddr *)&name, &size) == 0 &&
        getnameinfo((struct sockaddr *)&name, size, address, sizeof(address), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        fprintf(stderr, "listening on %s port %s\n", address, port);
}

int net_listen(const char *address, const char *port)
{
    struct addrinfo *found = addresses_find(address, port, AI_PASSIVE);
    int one = 1, s = -1;

    if (found == NULL)
        return -1;
    s = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
    if (s >= 0)
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (s >= 0 && (bind(s, found->ai_addr, found->ai_addrlen) != 0 || listen(s, 16) != 0)) {
        close(s);
        s = -1;
    }
    if (s < 0)
        complain("listening on %s port %s: %s", address, port, strerror(errno));
    else
        port_show(s);
    freeaddrinfo(found);
    return s;
}

bool net_endpoint_read(char *text, const char **address, const char **port)
{
    char *colon = strrchr(text, ':');

    if (colon == NULL || colon[1] == '\0')
        return false;
    *colon = '\0';
    *port = colon + 1;
    if (*text == '[' && colon > text && colon[-1] == ']') {
        colon[-1] = '\0';
        text++;
    }
    if (*text != '\0')
        *address = text;
    return true;
}
