/* SPDX-License-Identifier: MIT */
/*
 * pg_client: logs in to PostgreSQL by GSS through SSPI and runs one query.
 *
 *     pg_client ADDRESS PORT USER QUERY [WORD...]        (words: README.md)
 *
 * With flags=conf the connection is GSS-encrypted from the first byte (PostgreSQL manual, 55.2.11),
 * else the login alone uses GSS (55.2.3).  It prints "row=" for the first column of every row and
 * "error=" for what the server objects to.
 */
#include "http.h"
#include "sspi_end.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEGS_MAX    8
#define PACKET_MAX  (1u << 20)
#define CHUNK_MAX   8192u
#define CODE_GSSENC 80877104u
#define PROTOCOL_3  196608u

/* Authentication requests of the server. */
enum { AUTH_OK = 0, AUTH_GSS = 7, AUTH_GSS_CONTINUE = 8 };

struct connection {
    int fd;
    bool encrypted;
    struct sspi_end end;
    struct peer_bytes opened;
    size_t taken;
};

static int fail(const char *text)
{
    printf("failed=%s\n", text);
    return -1;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static int read_exactly(int fd, void *data, size_t length)
{
    uint8_t *to = data;

    while (length > 0) {
        ssize_t got = read(fd, to, length);

        if (got <= 0)
            return fail("the server has gone");
        to += got;
        length -= (size_t)got;
    }
    return 0;
}

static int write_exactly(int fd, const void *data, size_t length)
{
    return write(fd, data, length) == (ssize_t)length ? 0 : fail("the server does not listen");
}

static uint32_t get32(const uint8_t *data)
{
    uint32_t value;

    memcpy(&value, data, sizeof value);
    return ntohl(value);
}

static void put32(uint8_t *data, uint32_t value)
{
    value = htonl(value);
    memcpy(data, &value, sizeof value);
}

/* A block behind four bytes of its length. */
static int read_block(int fd, struct peer_bytes *block)
{
    uint8_t head[4];

    if (read_exactly(fd, head, sizeof head) != 0)
        return -1;
    if (get32(head) > PACKET_MAX)
        return fail("a packet that is too long");
    *block = peer_bytes_new(get32(head));
    return read_exactly(fd, block->data, block->length);
}

static int write_block(int fd, struct peer_bytes block)
{
    struct peer_bytes framed = peer_join(block, (struct peer_bytes){0});
    int status = write_exactly(fd, framed.data, framed.length);

    free(framed.data);
    return status;
}

/* ---- the stream, sealed or not -----------------------------------------------------------------
 */

static int put(struct connection *connection, struct peer_bytes text)
{
    if (!connection->encrypted)
        return write_exactly(connection->fd, text.data, text.length);
    while (text.length > 0) {
        size_t chunk = text.length > CHUNK_MAX ? CHUNK_MAX : text.length;
        struct peer_bytes wire = {0};
        int status = sspi_format(&connection->end, "wrap", true)
                         ->write(&connection->end, (struct peer_bytes){text.data, chunk}, &wire);

        if (status != 0)
            return fail(peer_failure());
        status = write_block(connection->fd, wire);
        free(wire.data);
        if (status != 0)
            return -1;
        text.data += chunk;
        text.length -= chunk;
    }
    return 0;
}

static int open_packet(struct connection *connection)
{
    struct peer_bytes wire = {0};
    bool sealed = false;
    int status;

    free(connection->opened.data);
    connection->opened = (struct peer_bytes){0};
    connection->taken = 0;
    status = read_block(connection->fd, &wire);
    if (status == 0 && sspi_format(&connection->end, "wrap", false)
                               ->read(&connection->end, wire, &connection->opened, &sealed) != 0)
        status = fail(peer_failure());
    free(wire.data);
    return status == 0 && !sealed ? fail("a packet that is not sealed") : status;
}

static int get(struct connection *connection, void *data, size_t length)
{
    uint8_t *to = data;

    if (!connection->encrypted)
        return read_exactly(connection->fd, data, length);
    while (length > 0) {
        size_t part = connection->opened.length - connection->taken;

        if (part > length)
            part = length;
        if (part == 0 && open_packet(connection) != 0)
            return -1;
        memcpy(to, connection->opened.data + connection->taken, part);
        connection->taken += part;
        to += part;
        length -= part;
    }
    return 0;
}

/* ---- messages of the protocol ------------------------------------------------------------------
 */

/* Type 0 is the start-up message, which has none. */
static int send_message(struct connection *connection, char type, const void *data, size_t length)
{
    struct peer_bytes message = peer_bytes_new(5 + length);
    int status;

    message.data[0] = (uint8_t)type;
    put32(message.data + 1, (uint32_t)length + 4);
    memcpy(message.data + 5, data, length);
    status = put(connection,
                 type != 0 ? message : (struct peer_bytes){message.data + 1, message.length - 1});
    free(message.data);
    return status;
}

static int get_message(struct connection *connection, char *type, struct peer_bytes *body)
{
    uint8_t head[5];

    if (get(connection, head, sizeof head) != 0)
        return -1;
    *type = (char)head[0];
    if (get32(head + 1) < 4 || get32(head + 1) > PACKET_MAX)
        return fail("a message of no sensible length");
    *body = peer_bytes_new(get32(head + 1) - 4);
    body->data[body->length] = '\0';
    return get(connection, body->data, body->length);
}

static int send_startup(struct connection *connection, const char *user)
{
    uint8_t data[300];
    int length = 4;

    put32(data, PROTOCOL_3);
    length += snprintf((char *)data + 4, sizeof data - 5, "user%c%s%cdatabase%cpostgres%c", 0, user,
                       0, 0, 0);
    data[length++] = 0;
    return send_message(connection, 0, data, (size_t)length);
}

/* ---- the context -------------------------------------------------------------------------------
 */

static int step(struct connection *connection, struct peer_bytes in, struct peer_bytes *out,
                bool *done)
{
    if (*done || sspi_end_step(&connection->end, in, out, done) == 0)
        return 0;
    free(out->data);
    *out = (struct peer_bytes){0};
    return fail(peer_failure());
}

/* Tokens in blocks before anything else; then everything is sealed. */
static int start_encryption(struct connection *connection)
{
    struct peer_bytes theirs = {0}, ours = {0};
    uint8_t request[8], answer;
    bool done = false;
    int status;

    put32(request, sizeof request);
    put32(request + 4, CODE_GSSENC);
    if (write_exactly(connection->fd, request, sizeof request) != 0 ||
        read_exactly(connection->fd, &answer, 1) != 0)
        return -1;
    if (answer != 'G')
        return fail("the server does not encrypt");
    for (int i = 0; i < LEGS_MAX && !done; i++) {
        status = step(connection, theirs, &ours, &done);
        free(theirs.data);
        theirs = (struct peer_bytes){0};
        if (status == 0 && ours.length > 0)
            status = write_block(connection->fd, ours);
        free(ours.data);
        ours = (struct peer_bytes){0};
        if (status == 0 && !done)
            status = read_block(connection->fd, &theirs);
        if (status != 0)
            break;
    }
    free(theirs.data);
    connection->encrypted = done;
    return done ? sspi_end_info(&connection->end, stdout) : -1;
}

/* One authentication request of the server; *finished at the last. */
static int answer_request(struct connection *connection, struct peer_bytes body, bool *done,
                          bool *finished)
{
    uint32_t kind = body.length < 4 ? UINT32_MAX : get32(body.data);
    struct peer_bytes ours = {0};
    int status;

    *finished = kind == AUTH_OK;
    if (*finished)
        return 0;
    if (kind != AUTH_GSS && kind != AUTH_GSS_CONTINUE)
        return fail("the server wants another authentication");
    status = step(connection, (struct peer_bytes){body.data + 4, body.length - 4}, &ours, done);
    if (status == 0 && ours.length > 0)
        status = send_message(connection, 'p', ours.data, ours.length);
    free(ours.data);
    return status;
}

static void print_error(struct peer_bytes body)
{
    /* Fields: a letter and a text; M is the message for people. */
    for (size_t at = 0; at < body.length && body.data[at] != 0;) {
        const char *text = (const char *)body.data + at + 1;

        if (body.data[at] == 'M')
            printf("error=%s\n", text);
        at += 2 + strlen(text);
    }
}

static int log_in(struct connection *connection, const char *user)
{
    bool done = connection->encrypted, finished = false;
    int status = send_startup(connection, user);

    while (status == 0 && !finished) {
        struct peer_bytes body = {0};
        char type = 0;

        status = get_message(connection, &type, &body);
        if (status == 0 && type == 'E') {
            print_error(body);
            status = -1;
        } else if (status == 0 && type == 'R') {
            status = answer_request(connection, body, &done, &finished);
        }
        free(body.data);
    }
    return status;
}

/* ---- the query ---------------------------------------------------------------------------------
 */

/* The first column of a row: count of columns, length, text. */
static void print_row(struct peer_bytes body)
{
    if (body.length >= 6 && get32(body.data + 2) <= body.length - 6)
        printf("row=%.*s\n", (int)get32(body.data + 2), (char *)body.data + 6);
}

static int run_query(struct connection *connection, const char *query)
{
    int status = send_message(connection, 'Q', query, strlen(query) + 1), ready = 0;

    while (status == 0 && ready < 2) {
        struct peer_bytes body = {0};
        char type = 0;

        status = get_message(connection, &type, &body);
        if (status == 0 && type == 'D')
            print_row(body);
        if (status == 0 && type == 'E')
            print_error(body);
        ready += type == 'Z'; /* once after the login, once after the query */
        free(body.data);
    }
    return status;
}

int main(int argc, char **argv)
{
    static struct connection connection;
    int status;

    if (argc < 5) {
        fprintf(stderr, "usage: pg_client ADDRESS PORT USER QUERY [WORD...]\n");
        return 2;
    }
    sspi_end_init(&connection.end, peer_parse(argc - 4, argv + 4));
    connection.end.words.initiator = true;
    connection.fd = http_connect(argv[1], argv[2]);

    status = connection.end.words.flags & PEER_CONF ? start_encryption(&connection) : 0;
    if (status == 0)
        status = log_in(&connection, argv[3]);
    if (status == 0)
        status = run_query(&connection, argv[4]);

    free(connection.opened.data);
    sspi_end_free(&connection.end);
    close(connection.fd);
    return status == 0 ? 0 : 1;
}
