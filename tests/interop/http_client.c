/* SPDX-License-Identifier: MIT */
/*
 * http_client: fetches one page from a server that wants Negotiate, NTLM or Kerberos, through SSPI.
 *
 *     http_client ADDRESS PORT PATH [WORD...]        (words: README.md)
 *
 * The scheme is NTLM for mech=ntlm, else Negotiate.  It prints "status=", "answers=" (how many
 * there were) and, when the context is complete, what it came to; exit status 0 if the page was
 * given and the context is complete.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* asprintf */
#endif
#include "http.h"
#include "sspi_end.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEGS_MAX 8

struct fetch {
    int fd;
    const char *path, *scheme;
    struct sspi_end end;
    struct http_head head;
    int answers;
    bool done;
};

/* One request, with the credentials if there are any; the status of the answer. */
static int ask(struct fetch *fetch, const char *credentials)
{
    char *request;
    bool sent;

    if (asprintf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n", fetch->path,
                 credentials == NULL ? "" : "Authorization: ",
                 credentials == NULL ? "" : credentials, credentials == NULL ? "" : "\r\n") < 0)
        return 0;
    sent = http_write(fetch->fd, request) && http_read_head(fetch->fd, &fetch->head) &&
           http_skip_body(fetch->fd, &fetch->head);
    free(request);
    fetch->answers += sent;
    return sent ? http_status(&fetch->head) : 0;
}

/* The token that the answer carries for our scheme; false if the scheme is not there. */
static bool challenge(const struct fetch *fetch, struct peer_bytes *token)
{
    char *value;
    bool found = false;

    for (int i = 0; !found && (value = http_header(&fetch->head, "WWW-Authenticate", i)); i++) {
        found = http_decode(value, fetch->scheme, token);
        free(value);
    }
    return found;
}

/* One leg: our token for theirs.  The value of the header, or NULL when there is nothing to say. */
static char *answer(struct fetch *fetch, struct peer_bytes theirs, bool *failed)
{
    struct peer_bytes ours = {0};
    char *value = NULL;

    *failed = sspi_end_step(&fetch->end, theirs, &ours, &fetch->done) != 0;
    if (!*failed && ours.length > 0)
        value = http_encode(fetch->scheme, ours);
    free(ours.data);
    return value;
}

static int authenticate(struct fetch *fetch)
{
    int status = ask(fetch, NULL);
    bool failed = false;

    for (int i = 0; i < LEGS_MAX && (status == 401 || status == 200) && !failed; i++) {
        struct peer_bytes theirs;
        char *value;

        if (fetch->done || !challenge(fetch, &theirs))
            break;
        if (i > 0 && theirs.length == 0) /* it does not go on: we are refused */
            break;
        value = answer(fetch, theirs, &failed);
        free(theirs.data);
        if (value == NULL)
            break;
        status = ask(fetch, value);
        free(value);
    }
    if (failed)
        printf("failed=%s\n", peer_failure());
    return status;
}

int main(int argc, char **argv)
{
    static struct fetch fetch;
    int status;

    if (argc < 4) {
        fprintf(stderr, "usage: http_client ADDRESS PORT PATH [WORD...]\n");
        return 2;
    }
    sspi_end_init(&fetch.end, peer_parse(argc - 3, argv + 3));
    fetch.end.words.initiator = true;
    fetch.scheme = strcmp(fetch.end.words.mech, "ntlm") == 0 ? "NTLM" : "Negotiate";
    fetch.path = argv[3];
    fetch.fd = http_connect(argv[1], argv[2]);

    status = authenticate(&fetch);
    printf("status=%d\nanswers=%d\ncomplete=%s\n", status, fetch.answers,
           fetch.done ? "yes" : "no");
    if (fetch.done)
        sspi_end_info(&fetch.end, stdout);
    sspi_end_free(&fetch.end);
    close(fetch.fd);
    return status == 200 && fetch.done ? 0 : 1;
}
