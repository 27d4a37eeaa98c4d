/* SPDX-License-Identifier: MIT */
/* As much HTTP/1.1 as Negotiate needs, see http.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* asprintf */
#endif
#include "http.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BOUND_SECONDS 60

/* ---- sockets ------------------------------------------------------------------------------- */

static void bound(int fd)
{
    const struct timeval limit = {BOUND_SECONDS, 0};

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int open_socket(const char *host, const char *port,
                       int (*use)(int, const struct sockaddr *, socklen_t))
{
    const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *address = NULL;
    int fd = -1;

    if (getaddrinfo(host, port, &hints, &address) == 0)
        fd = socket(address->ai_family, SOCK_STREAM, 0);
    if (fd < 0 || use(fd, address->ai_addr, address->ai_addrlen) != 0) {
        fprintf(stderr, "http: %s port %s: %s\n", host, port, strerror(errno));
        exit(2);
    }
    freeaddrinfo(address);
    return fd;
}

int http_connect(const char *host, const char *port)
{
    int fd = open_socket(host, port, connect);

    bound(fd);
    return fd;
}

static int bind_and_listen(int fd, const struct sockaddr *address, socklen_t length)
{
    const int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, address, length) == 0 && listen(fd, 16) == 0 ? 0 : -1;
}

int http_listen(const char *host, const char *port)
{
    return open_socket(host, port, bind_and_listen);
}

int http_accept(int listener)
{
    int fd = accept(listener, NULL, NULL);

    if (fd >= 0)
        bound(fd);
    return fd;
}

/* ---- heads and bodies ---------------------------------------------------------------------- */

/* Byte by byte: nothing beyond the head may be taken. */
bool http_read_head(int fd, struct http_head *head)
{
    size_t length = 0;

    while (length < sizeof head->text - 1 && read(fd, head->text + length, 1) == 1) {
        length++;
        if (length >= 4 && memcmp(head->text + length - 4, "\r\n\r\n", 4) == 0) {
            head->text[length - 2] = '\0';
            return true;
        }
    }
    return false;
}

bool http_skip_body(int fd, const struct http_head *head)
{
    char *value = http_header(head, "Content-Length", 0), byte;
    long left = value == NULL ? 0 : atol(value);

    free(value);
    while (left > 0 && read(fd, &byte, 1) == 1)
        left--;
    return left <= 0;
}

bool http_write(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t put = send(fd, text, left, MSG_NOSIGNAL);

        if (put <= 0)
            return false;
        text += put;
        left -= (size_t)put;
    }
    return true;
}

char *http_header(const struct http_head *head, const char *name, int nth)
{
    size_t length = strlen(name);
    const char *line = strstr(head->text, "\r\n");

    for (; line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) != 0 || line[length] != ':' || nth-- > 0)
            continue;
        line += length + 1;
        line += strspn(line, " ");
        return strndup(line, strcspn(line, "\r\n"));
    }
    return NULL;
}

int http_status(const struct http_head *head)
{
    int status = 0;

    return sscanf(head->text, "HTTP/1.%*1d %3d", &status) == 1 ? status : 0;
}

/* ---- base64, RFC 4648 4 -------------------------------------------------------------------- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(const uint8_t *in, size_t count, char *out)
{
    uint32_t bits = (uint32_t)in[0] << 16;

    bits |= count > 1 ? (uint32_t)in[1] << 8 : 0;
    bits |= count > 2 ? in[2] : 0;
    for (size_t i = 0; i < 4; i++)
        out[i] = i > count ? '=' : alphabet[bits >> (18 - 6 * i) & 63];
}

char *http_encode(const char *scheme, struct peer_bytes token)
{
    size_t length = strlen(scheme), groups = (token.length + 2) / 3;
    char *value = malloc(length + 1 + groups * 4 + 1), *at;

    if (value == NULL)
        abort();
    at = value + sprintf(value, "%s%s", scheme, groups > 0 ? " " : "");
    for (size_t i = 0; i < groups; i++, at += 4) {
        size_t left = token.length - i * 3;

        encode_group(token.data + i * 3, left > 3 ? 3 : left, at);
    }
    *at = '\0';
    return value;
}

static bool decode_text(const char *text, struct peer_bytes *token)
{
    size_t length = strlen(text), count = strcspn(text, "=");
    uint32_t bits = 0;

    if (length % 4 != 0 || length - count > 2 || strspn(text + count, "=") != length - count)
        return false;
    *token = peer_bytes_new(length / 4 * 3);
    token->length = 0;
    for (size_t i = 0; i < count; i++) {
        const char *digit = strchr(alphabet, text[i]);

        if (digit == NULL) {
            free(token->data);
            return false;
        }
        bits = bits << 6 | (uint32_t)(digit - alphabet);
        if (i % 4 > 0)
            token->data[token->length++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return true;
}

bool http_decode(const char *value, const char *scheme, struct peer_bytes *token)
{
    size_t length = strlen(scheme);

    *token = (struct peer_bytes){0};
    if (value == NULL || strncasecmp(value, scheme, length) != 0)
        return false;
    if (value[length] == '\0')
        return true;
    return value[length] == ' ' && decode_text(value + length + 1, token);
}
