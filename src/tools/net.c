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

static const struct {
    int code;
    const char *advice;
} advice_rows[] = {
    {ECONNREFUSED, "; nobody listens there: does the server run, and is this its port?"},
    {ETIMEDOUT, "; nobody answers: is this the right host, and does a firewall let us through?"},
    {EADDRINUSE, "; another program has the port"},
    {EADDRNOTAVAIL, "; it is not an address of this machine"},
    {EACCES, "; ports below 1024 are for root"},
};

static void errno_complain(const char *tried, const char *address, const char *port)
{
    int code = errno;
    const char *advice = "";

    for (size_t i = 0; i < sizeof(advice_rows) / sizeof(advice_rows[0]); i++)
        if (advice_rows[i].code == code)
            advice = advice_rows[i].advice;
    complain("%s %s port %s: %s%s", tried, address, port, strerror(code), advice);
}

static struct addrinfo *addresses_find(const char *host, const char *port, int flags)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags}, *found = NULL;
    int error = getaddrinfo(host, port, &hints, &found);

    if (error == 0)
        return found;
    complain("looking up %s port %s: %s", host, port, gai_strerror(error));
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
            errno_complain("connecting to", address, port);
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
        errno_complain("listening on", address, port);
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

bool net_peer_read(char *text, const char **address, const char **port)
{
    size_t length = strlen(text);

    *address = NULL;
    if (strrchr(text, ':') != NULL && text[length - 1] != ']')
        return net_endpoint_read(text, address, port) && *address != NULL;
    if (*text == '[' && length > 2) {
        text[length - 1] = '\0';
        text++;
    }
    if (*text != '\0')
        *address = text;
    return *address != NULL;
}

int net_serve(const char *address, const char *port, bool once,
              int (*serve)(int socket, void *data), void *data)
{
    int s, result = EXIT_OK, listener = net_listen(address, port);

    if (listener < 0)
        return EXIT_NETWORK;
    do {
        s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (s >= 0) {
            result = serve(s, data);
        } else if (errno != EINTR && errno != ECONNABORTED) {
            complain("accepting a connection: %s", strerror(errno));
            result = EXIT_NETWORK;
            break;
        }
    } while (!once || s < 0);
    close(listener);
    return result;
}
