/* SPDX-License-Identifier: MIT */
/*
 * Thousands of logons in one thread, by libuv: a server, and the clients of one. Called like
 * epolllogons, and each can be the other's peer.
 *
 *     uvlogons server ADDRESS PORT PACKAGE COUNT
 *     uvlogons client HOST PORT PACKAGE COUNT TARGET
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "logons.h"

#define BACKLOG 4096

struct connection {
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    struct logon *logon;
    int ended; /* the peer has had the last word, and a leg is still under way */
};

static struct {
    uv_loop_t uv;
    uv_tcp_t listener;
    uv_poll_t legs; /* the queue's descriptor */
    struct logons logons;
    unsigned open;
} loop;

static void check(const char *what, int error)
{
    if (error >= 0)
        return;
    fprintf(stderr, "%s: %s\n", what, uv_strerror(error));
    exit(1);
}

/* --- Connections ---------------------------------------------------------------------------- */

static struct connection *connection_new(void)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (connection == NULL || (connection->logon = logon_new(&loop.logons, connection)) == NULL)
        check("a connection", UV_ENOMEM);
    check("uv_tcp_init", uv_tcp_init(&loop.uv, &connection->tcp));
    connection->tcp.data = connection;
    loop.open++;
    return connection;
}

/* The last one ends the loop: the queue is not watched any more. */
static void closed(uv_handle_t *tcp)
{
    free(tcp->data);
    if (--loop.open == 0 && loop.logons.begun == loop.logons.count)
        uv_close((uv_handle_t *)&loop.legs, NULL);
}

static void connection_close(struct connection *connection)
{
    if (uv_is_closing((uv_handle_t *)&connection->tcp))
        return;
    logon_free(connection->logon);
    connection->logon = NULL;
    uv_close((uv_handle_t *)&connection->tcp, closed);
}

/* A client closes when it is done, the server after it. */
static void connection_settle(struct connection *connection)
{
    enum logon_state state = connection->logon->state;

    if (state == LOGON_FAILED || connection->ended ||
        (state == LOGON_DONE && loop.logons.target != NULL))
        connection_close(connection);
}

static void written(uv_write_t *write, int error)
{
    struct connection *connection = write->data;

    if (connection->logon == NULL)
        return;
    logon_sent(connection->logon);
    if (error < 0)
        connection_close(connection);
    else
        connection_settle(connection);
}

static void connection_write(struct connection *connection)
{
    struct logon *logon = connection->logon;
    uv_buf_t frame = uv_buf_init((char *)logon->out, (unsigned)logon->out_size);

    connection->write.data = connection;
    if (logon->out == NULL)
        connection_settle(connection);
    else
        check("uv_write",
              uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &frame, 1, written));
}

static void room_give(uv_handle_t *tcp, size_t wanted, uv_buf_t *room)
{
    static char octets[16384]; /* read at once, and by one connection at a time */

    (void)tcp;
    (void)wanted;
    *room = uv_buf_init(octets, sizeof(octets));
}

static void heard(uv_stream_t *tcp, ssize_t size, const uv_buf_t *octets)
{
    struct connection *connection = tcp->data;

    if (size > 0)
        logon_feed(connection->logon, octets->base, (size_t)size);
    else if (size < 0 && connection->logon->state == LOGON_WORKS)
        connection->ended = 1;
    if (connection->logon->state == LOGON_FAILED || (size < 0 && !connection->ended))
        connection_close(connection);
}

static void connection_listen(struct connection *connection)
{
    check("uv_read_start", uv_read_start((uv_stream_t *)&connection->tcp, room_give, heard));
}

/* --- The loop's events ---------------------------------------------------------------------- */

static void legs_done(uv_poll_t *poll, int error, int events)
{
    struct logon *logon;

    (void)poll;
    (void)events;
    check("the queue", error);
    while ((logon = logons_next(&loop.logons)) != NULL)
        connection_write(logon->connection);
}

static void called(uv_stream_t *listener, int error)
{
    struct connection *connection = connection_new();

    check("a call", error);
    check("uv_accept", uv_accept(listener, (uv_stream_t *)&connection->tcp));
    connection_listen(connection);
    if (loop.logons.begun == loop.logons.count)
        uv_close((uv_handle_t *)listener, NULL);
}

/* A client speaks first. */
static void connected(uv_connect_t *connect, int error)
{
    struct connection *connection = connect->data;

    check("uv_tcp_connect", error);
    connection_listen(connection);
    logon_feed(connection->logon, NULL, 0);
    connection_settle(connection);
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

static void port_print(void)
{
    struct sockaddr_storage address;
    int size = sizeof(address);
    char port[16];

    if (uv_tcp_getsockname(&loop.listener, (struct sockaddr *)&address, &size) == 0 &&
        getnameinfo((struct sockaddr *)&address, (socklen_t)size, NULL, 0, port, sizeof(port),
                    NI_NUMERICSERV) == 0)
        printf("port: %s\n", port);
    fflush(stdout);
}

static void serve(const struct sockaddr *address)
{
    check("uv_tcp_init", uv_tcp_init(&loop.uv, &loop.listener));
    check("uv_tcp_bind", uv_tcp_bind(&loop.listener, address, 0));
    check("uv_listen", uv_listen((uv_stream_t *)&loop.listener, BACKLOG, called));
    port_print();
}

static void call(const struct sockaddr *address)
{
    for (unsigned i = 0; i < loop.logons.count; i++) {
        struct connection *connection = connection_new();

        connection->connect.data = connection;
        check("uv_tcp_connect",
              uv_tcp_connect(&connection->connect, &connection->tcp, address, connected));
    }
}

int main(int argc, char **argv)
{
    int server = argc == 6 && strcmp(argv[1], "server") == 0, result;
    struct addrinfo *address;

    if (!server && (argc != 7 || strcmp(argv[1], "client") != 0)) {
        fputs("usage: uvlogons server ADDRESS PORT PACKAGE COUNT\n"
              "       uvlogons client HOST PORT PACKAGE COUNT TARGET\n",
              stderr);
        return 2;
    }
    descriptors_raise();
    if (logons_open(&loop.logons, argv[4], argv[6], (unsigned)strtoul(argv[5], NULL, 10)) != 0)
        return 1;
    check("uv_loop_init", uv_loop_init(&loop.uv));
    check("uv_poll_init",
          uv_poll_init(&loop.uv, &loop.legs, sspi_async_queue_descriptor(loop.logons.queue)));
    check("uv_poll_start", uv_poll_start(&loop.legs, UV_READABLE, legs_done));
    address = address_of(argv[2], argv[3]);
    if (server)
        serve(address->ai_addr);
    else
        call(address->ai_addr);
    uv_run(&loop.uv, UV_RUN_DEFAULT);
    freeaddrinfo(address);
    uv_loop_close(&loop.uv);
    result = logons_report(&loop.logons);
    logons_close(&loop.logons);
    return result;
}
