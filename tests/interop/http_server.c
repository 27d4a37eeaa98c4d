/* SPDX-License-Identifier: MIT */
/*
 * http_server: gives one page to whom SSPI knows, by Negotiate or NTLM; the page is the name.
 *
 *     http_server ADDRESS PORT [WORD...]       (words: README.md; mech= is what Negotiate may be)
 *
 * One connection at a time, and one context per connection, as NTLM has it.  It serves until it is
 * ended.  A refusal says why in the header X-Failure.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* asprintf */
#endif
#include "http.h"
#include "sspi_end.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each scheme has a credential of its own; index 0 is Negotiate. */
static struct {
    const char *scheme;
    struct sspi_end end;
} ends[2] = {{.scheme = "Negotiate"}, {.scheme = "NTLM"}};

static bool respond(int fd, int status, const char *headers, const char *body)
{
    char *response;
    bool sent;

    if (asprintf(&response, "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                 status == 200 ? "OK" : "Unauthorized", headers, strlen(body), body) < 0)
        return false;
    sent = http_write(fd, response);
    free(response);
    return sent;
}

static bool refuse(int fd, const char *why)
{
    char *headers;
    bool sent;

    if (asprintf(&headers, "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n%s%s%s",
                 why == NULL ? "" : "X-Failure: ", why == NULL ? "" : why,
                 why == NULL ? "" : "\r\n") < 0)
        return false;
    sent = respond(fd, 401, headers, "");
    free(headers);
    return sent;
}

/* The name of the client, as programs learn it; malloc'd. */
static char *client_name(struct sspi_end *end)
{
    char *text = NULL, *line;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL || sspi_end_info(end, out) != 0)
        return NULL;
    fclose(out);
    line = strstr(text, "\nname=");
    line = strndup(line == NULL ? "?" : line + 6, line == NULL ? 1 : strcspn(line + 6, "\n"));
    free(text);
    return line;
}

static bool grant_or_go_on(int fd, struct sspi_end *end, bool done, const char *value)
{
    char *headers, *name;
    bool sent;

    if (asprintf(&headers, "WWW-Authenticate: %s\r\n", value) < 0)
        return false;
    name = done ? client_name(end) : strdup("");
    sent = respond(fd, done ? 200 : 401, headers, name == NULL ? "" : name);
    free(name);
    free(headers);
    return sent;
}

static bool authenticate(int fd, int number, struct peer_bytes theirs)
{
    struct sspi_end *end = &ends[number].end;
    struct peer_bytes ours = {0};
    bool done = false, sent;
    char *value;

    if (end->done)
        sspi_end_reset(end);
    if (sspi_end_step(end, theirs, &ours, &done) != 0) {
        sent = refuse(fd, peer_failure());
        sspi_end_reset(end);
    } else {
        value = http_encode(ends[number].scheme, ours);
        sent = grant_or_go_on(fd, end, done, value);
        free(value);
    }
    free(ours.data);
    return sent;
}

static bool serve_request(int fd, const struct http_head *head)
{
    char *value = http_header(head, "Authorization", 0);
    struct peer_bytes theirs;
    bool sent = false, known = false;

    for (int i = 0; i < 2 && !known; i++)
        if (http_decode(value, ends[i].scheme, &theirs)) {
            known = true;
            sent = authenticate(fd, i, theirs);
            free(theirs.data);
        }
    free(value);
    return known ? sent : refuse(fd, NULL);
}

static void serve_connection(int fd)
{
    static struct http_head head;

    while (http_read_head(fd, &head) && http_skip_body(fd, &head) && serve_request(fd, &head))
        ;
    for (int i = 0; i < 2; i++)
        sspi_end_reset(&ends[i].end);
    close(fd);
}

int main(int argc, char **argv)
{
    struct peer_words words;
    int listener, fd;

    if (argc < 3) {
        fprintf(stderr, "usage: http_server ADDRESS PORT [WORD...]\n");
        return 2;
    }
    words = peer_parse(argc - 2, argv + 2);
    if (words.mech == NULL)
        words.mech = "spnego";
    sspi_end_init(&ends[0].end, words);
    words.mech = "ntlm";
    sspi_end_init(&ends[1].end, words);
    listener = http_listen(argv[1], argv[2]);
    while ((fd = http_accept(listener)) >= 0)
        serve_connection(fd);
    return 1;
}
