/* SPDX-License-Identifier: MIT */
/* As much HTTP/1.1 as Negotiate needs (RFC 4559): heads, bodies of known length, tokens in base64.
 */
#ifndef INTEROP_HTTP_H
#define INTEROP_HTTP_H

#include "peer.h"

#define HTTP_HEAD_MAX (256 * 1024)

/* A head as text, without the empty line. */
struct http_head {
    char text[HTTP_HEAD_MAX];
};

/* Sockets with a bound on every read and write; -1 with a message on standard error. */
int http_connect(const char *host, const char *port);
int http_listen(const char *host, const char *port);
int http_accept(int listener);

/* False at the end of the stream, after the bound, or when the head is too long. */
bool http_read_head(int fd, struct http_head *head);

/* Reads and forgets the body that the head announces. */
bool http_skip_body(int fd, const struct http_head *head);
bool http_write(int fd, const char *text);

/*
 * The value of the nth header of this name ("" if it has none, NULL if there are fewer), in
 * malloc'd memory.
 */
char *http_header(const struct http_head *head, const char *name, int nth);

/* The status of a response, 0 if it is none. */
int http_status(const struct http_head *head);

/* "SCHEME base64", malloc'd; just SCHEME for an empty token. */
char *http_encode(const char *scheme, struct peer_bytes token);

/* The token if the value is of this scheme, with or without one; false if it is another or broken.
 */
bool http_decode(const char *value, const char *scheme, struct peer_bytes *token);

#endif
