/* SPDX-License-Identifier: MIT */
/*
 * Thousands of logons in one thread, by epoll(7): a server, and the clients of one.
 *
 *     epolllogons server ADDRESS PORT PACKAGE COUNT
 *     epolllogons client HOST PORT PACKAGE COUNT TARGET
 *
 * COUNT logons are made, each on a connection of its own; the clients' all at once. A frame on the
 * wire is a length in four octets, highest first, and a token. Credentials are the default ones.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "logons.h"

#define EVENTS 64

struct connection {
    int fd;
    size_t sent; /* of logon->out */
    struct logon *logon;
    struct connection *next_dead;
};

static struct {
    int epoll, listener;
    struct logons logons;
    unsigned open;
    struct connection *dead; /* events of this turn may still name them */
} loop = {.listener = -1};

static void watch(int operation, int fd, unsigned events, void *data)
{
    struct epoll_event event = {.events = events, .data.ptr = data};

    if (epoll_ctl(loop.epoll, operation, fd, &event) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

/* --- Connections ---------------------------------------------------------------------------- */

static void connection_new(int fd)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (connection == NULL || (connection->logon = logon_new(&loop.logons, connection)) == NULL) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    connection->fd = fd;
    loop.open++;
    /* A client is told by EPOLLOUT that it is connected, and speaks first. */
    watch(EPOLL_CTL_ADD, fd, loop.logons.target == NULL ? EPOLLIN : EPOLLOUT, connection);
}

static void connection_close(struct connection *connection)
{
    if (connection->fd < 0)
        return;
    close(connection->fd);
    connection->fd = -1;
    logon_free(connection->logon);
    connection->next_dead = loop.dead;
    loop.dead = connection;
    loop.open--;
}

static void bury_dead(void)
{
    while (loop.dead != NULL) {
        struct connection *connection = loop.dead;

        loop.dead = connection->next_dead;
        free(connection);
    }
}

/* A client closes when it is done, the server after it. While a leg is under way the peer is not
 * heard: its end, if it had the last word, must not end the leg. */
static void connection_settle(struct connection *connection)
{
    enum logon_state state = connection->logon->state;

    if (state == LOGON_FAILED || (state == LOGON_DONE && loop.logons.target != NULL))
        connection_close(connection);
    else
        watch(EPOLL_CTL_MOD, connection->fd, state == LOGON_WORKS ? 0 : EPOLLIN, connection);
}

static void connection_write(struct connection *connection)
{
    struct logon *logon = connection->logon;

    while (connection->sent < logon->out_size) {
        ssize_t n = send(connection->fd, logon->out + connection->sent,
                         logon->out_size - connection->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN) {
            watch(EPOLL_CTL_MOD, connection->fd, EPOLLOUT, connection);
            return;
        }
        if (n < 0) {
            connection_close(connection);
            return;
        }
        connection->sent += (size_t)n;
    }
    connection->sent = 0;
    logon_sent(logon);
    connection_settle(connection);
}

static void connection_read(struct connection *connection)
{
    unsigned char octets[16384];
    ssize_t n = recv(connection->fd, octets, sizeof(octets), 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        connection_close(connection);
        return;
    }
    logon_feed(connection->logon, octets, (size_t)n);
    connection_settle(connection);
}

static void connection_event(struct connection *connection, unsigned events)
{
    struct logon *logon = connection->logon;

    if (connection->fd < 0)
        return;
    if (!(events & EPOLLOUT)) {
        connection_read(connection);
    } else if (logon->out != NULL) {
        connection_write(connection);
    } else {
        logon_feed(logon, NULL, 0); /* connected, or the first read will say why not */
        connection_settle(connection);
    }
}

/* --- The loop ------------------------------------------------------------------------------- */

/* The descriptor of the queue is readable: legs are done. */
static void legs_event(void)
{
    struct logon *logon;

    while ((logon = logons_next(&loop.logons)) != NULL)
        connection_write(logon->connection);
}

static void listener_event(void)
{
    while (loop.logons.begun < loop.logons.count) {
        int fd = accept4(loop.listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0)
            return;
        connection_new(fd);
    }
    close(loop.listener);
    loop.listener = -1;
}

static void run(void)
{
    struct epoll_event events[EVENTS];

    while (loop.listener >= 0 || loop.open != 0) {
        int n = epoll_wait(loop.epoll, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == &loop.logons)
                legs_event();
            else if (events[i].data.ptr == &loop)
                listener_event();
            else
                connection_event(events[i].data.ptr, events[i].events);
        }
        bury_dead();
    }
}

/* --- Server and client ---------------------------------------------------------------------- */

static struct addrinfo *address_of(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int failed = getaddrinfo(host, port, &hints, &found);

    if (failed == 0)
        return found;
    fprintf(stderr, "%s: %s\n", host, gai_strerror(failed));
    exit(1);
}

static int socket_new(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        return fd;
    perror("socket");
    exit(1);
}

static void port_print(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    char port[16];

    if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
        getnameinfo((struct sockaddr *)&address, size, NULL, 0, port, sizeof(port),
                    NI_NUMERICSERV) == 0)
        printf("port: %s\n", port);
    fflush(stdout);
}

static void serve(const struct addrinfo *address)
{
    loop.listener = socket_new(address);
    if (bind(loop.listener, address->ai_addr, address->ai_addrlen) != 0 ||
        listen(loop.listener, SOMAXCONN) != 0) {
        perror("listen");
        exit(1);
    }
    watch(EPOLL_CTL_ADD, loop.listener, EPOLLIN, &loop);
    port_print(loop.listener);
}

static void call(const struct addrinfo *address)
{
    for (unsigned i = 0; i < loop.logons.count; i++) {
        int fd = socket_new(address);

        if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
            perror("connect");
            exit(1);
        }
        connection_new(fd);
    }
}

int main(int argc, char **argv)
{
    int server = argc == 6 && strcmp(argv[1], "server") == 0, result;
    struct addrinfo *address;

    if (!server && (argc != 7 || strcmp(argv[1], "client") != 0)) {
        fputs("usage: epolllogons server ADDRESS PORT PACKAGE COUNT\n"
              "       epolllogons client HOST PORT PACKAGE COUNT TARGET\n",
              stderr);
        return 2;
    }
    descriptors_raise();
    if (logons_open(&loop.logons, argv[4], argv[6], (unsigned)strtoul(argv[5], NULL, 10)) != 0)
        return 1;
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(EPOLL_CTL_ADD, sspi_async_queue_descriptor(loop.logons.queue), EPOLLIN, &loop.logons);
    address = address_of(argv[2], argv[3]);
    if (server)
        serve(address);
    else
        call(address);
    run();
    freeaddrinfo(address);
    close(loop.epoll);
    result = logons_report(&loop.logons);
    logons_close(&loop.logons);
    return result;
}
