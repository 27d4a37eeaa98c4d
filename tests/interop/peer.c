/* SPDX-License-Identifier: MIT */
/* The common part of the interoperability peers in C; see peer.h and README.md. */
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- words --------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned flag;
} flag_names[] = {
    {"mutual", PEER_MUTUAL},     {"conf", PEER_CONF},         {"integ", PEER_INTEG},
    {"replay", PEER_REPLAY},     {"seq", PEER_SEQUENCE},      {"dce", PEER_DCE},
    {"deleg", PEER_DELEGATE},    {"identify", PEER_IDENTIFY}, {"datagram", PEER_DATAGRAM},
    {"no-integ", PEER_NO_INTEG}, {"anon", PEER_ANONYMOUS},
};
#define FLAG_COUNT (sizeof flag_names / sizeof flag_names[0])

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "peer: %s: %s\n", what, detail);
    exit(2);
}

bool peer_listed(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (list != NULL && *list != '\0') {
        size_t item = strcspn(list, ",");

        if (item == length && memcmp(list, word, length) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

static unsigned parse_flags(const char *list)
{
    unsigned flags = 0;

    while (*list != '\0') {
        size_t item = strcspn(list, ","), i = 0;

        while (i < FLAG_COUNT &&
               (strlen(flag_names[i].name) != item || memcmp(flag_names[i].name, list, item) != 0))
            i++;
        if (i == FLAG_COUNT)
            die("unknown flag", list);
        flags |= flag_names[i].flag;
        list += item + (list[item] == ',');
    }
    return flags;
}

/* The value if `word` is NAME=VALUE of this name, else NULL. */
static const char *value_of(const char *word, const char *name)
{
    size_t length = strlen(name);

    return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

struct peer_words peer_parse(int argc, char **argv)
{
    struct peer_words words = {0};
    const struct {
        const char *name, **value;
    } texts[] = {{"mech", &words.mech},         {"neg", &words.neg},
                 {"target", &words.target},     {"user", &words.user},
                 {"domain", &words.domain},     {"password-file", &words.password_file},
                 {"bindings", &words.bindings}, {"options", &words.options},
                 {"authz", &words.authz},       {"size", &words.size}};
    const char *value;

    for (int i = 1; i < argc; i++) {
        bool known = false;

        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
            if ((value = value_of(argv[i], texts[t].name)) != NULL) {
                *texts[t].value = value;
                known = true;
            }
        if ((value = value_of(argv[i], "flags")) != NULL)
            words.flags = parse_flags(value);
        else if (strcmp(argv[i], "role=init") == 0)
            words.initiator = true;
        else if (strcmp(argv[i], "role=accept") != 0 && !known)
            die("unknown word", argv[i]);
    }
    return words;
}

void peer_print_flags(FILE *out, unsigned flags)
{
    const char *separator = "";

    fputs("flags=", out);
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (flags & flag_names[i].flag) {
            fprintf(out, "%s%s", separator, flag_names[i].name);
            separator = ",";
        }
    fputc('\n', out);
}

void peer_print_hex(FILE *out, const char *name, const void *data, size_t length)
{
    const uint8_t *byte = data;

    fprintf(out, "%s=", name);
    while (length-- > 0)
        fprintf(out, "%02x", *byte++);
    fputc('\n', out);
}

char *peer_password(const struct peer_words *words)
{
    static char password[512];
    FILE *file = words->password_file == NULL ? NULL : fopen(words->password_file, "re");

    if (file == NULL)
        die("password-file", words->password_file == NULL ? "not given" : strerror(errno));
    password[fread(password, 1, sizeof password - 1, file)] = '\0';
    password[strcspn(password, "\n")] = '\0';
    fclose(file);
    return password;
}

/* ---- bytes --------------------------------------------------------------------------------- */

struct peer_bytes peer_bytes_new(size_t length)
{
    struct peer_bytes bytes = {malloc(length + 1), length};

    if (bytes.data == NULL)
        die("malloc", "no memory");
    return bytes;
}

struct peer_bytes peer_bytes_copy(const void *data, size_t length)
{
    struct peer_bytes bytes = peer_bytes_new(length);

    if (length > 0)
        memcpy(bytes.data, data, length);
    return bytes;
}

struct peer_bytes peer_join(struct peer_bytes head, struct peer_bytes body)
{
    struct peer_bytes wire = peer_bytes_new(4 + head.length + body.length);
    uint32_t length = htonl((uint32_t)head.length);

    memcpy(wire.data, &length, 4);
    if (head.length > 0)
        memcpy(wire.data + 4, head.data, head.length);
    if (body.length > 0)
        memcpy(wire.data + 4 + head.length, body.data, body.length);
    return wire;
}

int peer_part(struct peer_bytes wire, struct peer_bytes *head, struct peer_bytes *body)
{
    uint32_t length;

    if (wire.length < 4)
        return peer_fail("protocol", "a message of %zu bytes has no length", wire.length);
    memcpy(&length, wire.data, 4);
    length = ntohl(length);
    if (length > wire.length - 4)
        return peer_fail("protocol", "the head is longer than the message");
    *head = (struct peer_bytes){wire.data + 4, length};
    *body = (struct peer_bytes){wire.data + 4 + length, wire.length - 4 - length};
    return 0;
}

/* ---- frames -------------------------------------------------------------------------------- */

static bool read_all(int fd, void *data, size_t length)
{
    uint8_t *to = data;

    while (length > 0) {
        ssize_t got = read(fd, to, length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        length -= (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const void *data, size_t length)
{
    const uint8_t *from = data;

    while (length > 0) {
        ssize_t put = write(fd, from, length);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        from += put;
        length -= (size_t)put;
    }
    return true;
}

bool peer_frame_read(int fd, char *type, struct peer_bytes *payload)
{
    uint8_t head[5];
    uint32_t length;

    if (!read_all(fd, head, sizeof head))
        return false;
    *type = (char)head[0];
    memcpy(&length, head + 1, 4);
    length = ntohl(length);
    if (length > PEER_FRAME_MAX)
        return false;
    *payload = peer_bytes_new(length);
    if (read_all(fd, payload->data, length))
        return true;
    free(payload->data);
    return false;
}

bool peer_frame_write(int fd, char type, struct peer_bytes payload)
{
    uint8_t head[5] = {(uint8_t)type};
    uint32_t length = htonl((uint32_t)payload.length);

    memcpy(head + 1, &length, 4);
    return write_all(fd, head, sizeof head) && write_all(fd, payload.data, payload.length);
}

/* ---- requests ------------------------------------------------------------------------------ */

static char failure[2048];

int peer_fail(const char *code, const char *format, ...)
{
    va_list arguments;
    int length = snprintf(failure, sizeof failure, "%s ", code);

    va_start(arguments, format);
    vsnprintf(failure + length, sizeof failure - (size_t)length, format, arguments);
    va_end(arguments);
    for (char *c = failure; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    return -1;
}

const char *peer_failure(void)
{
    return failure;
}

static void print_formats(const struct peer *peer, unsigned features, bool write, FILE *out)
{
    const struct peer_format *format;

    fputs(write ? "write=" : "read=", out);
    for (format = peer->formats; format->name != NULL; format++)
        if ((format->needs & features) == format->needs &&
            (write ? !!format->write : !!format->read))
            fprintf(out, "%s ", format->name);
    fputc('\n', out);
}

static int serve_info(const struct peer *peer, void *self, struct peer_bytes *answer)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    int status;

    if (out == NULL)
        die("open_memstream", strerror(errno));
    status = peer->info(self, out);
    print_formats(peer, peer->features(self), true, out);
    print_formats(peer, peer->features(self), false, out);
    fclose(out);
    *answer = (struct peer_bytes){(uint8_t *)text, length};
    return status;
}

/* Splits "FORMAT/VARIANT NUL bytes" and finds the row. */
static const struct peer_format *find_format(const struct peer *peer, struct peer_bytes request,
                                             struct peer_bytes *bytes)
{
    const char *name = (const char *)request.data;
    size_t length = strnlen(name, request.length);
    const struct peer_format *format;

    if (length == request.length)
        return NULL;
    *bytes = (struct peer_bytes){request.data + length + 1, request.length - length - 1};
    for (format = peer->formats; format->name != NULL; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}

static int serve_write(const struct peer *peer, void *self, struct peer_bytes request,
                       struct peer_bytes *answer)
{
    struct peer_bytes text;
    const struct peer_format *format = find_format(peer, request, &text);

    if (format == NULL || format->write == NULL)
        return peer_fail("protocol", "no such format to write");
    return format->write(self, text, answer);
}

static int serve_read(const struct peer *peer, void *self, struct peer_bytes request,
                      struct peer_bytes *answer)
{
    struct peer_bytes wire, text = {0};
    const struct peer_format *format = find_format(peer, request, &wire);
    bool sealed = false;

    if (format == NULL || format->read == NULL)
        return peer_fail("protocol", "no such format to read");
    if (format->read(self, wire, &text, &sealed) != 0) {
        free(text.data);
        return -1;
    }
    *answer = peer_bytes_new(text.length + 1);
    answer->data[0] = sealed;
    if (text.length > 0)
        memcpy(answer->data + 1, text.data, text.length);
    free(text.data);
    return 0;
}

static bool answer_failure(struct peer_bytes token)
{
    size_t length = strlen(failure) + 1;
    struct peer_bytes payload = peer_bytes_new(length + token.length);
    bool sent;

    memcpy(payload.data, failure, length);
    if (token.length > 0)
        memcpy(payload.data + length, token.data, token.length);
    sent = peer_frame_write(STDOUT_FILENO, 'E', payload);
    free(payload.data);
    return sent;
}

static bool serve_one(const struct peer *peer, void *self, char type, struct peer_bytes request)
{
    struct peer_bytes answer = {0};
    bool done = false, sent;
    int status;

    snprintf(failure, sizeof failure, "unknown no reason given");
    if (type == 'T')
        status = peer->step(self, request, &answer, &done);
    else if (type == 'I')
        status = serve_info(peer, self, &answer);
    else if (type == 'W')
        status = serve_write(peer, self, request, &answer);
    else if (type == 'R')
        status = serve_read(peer, self, request, &answer);
    else
        status = peer_fail("protocol", "request of unknown type");

    if (status != 0)
        sent = answer_failure(answer);
    else
        sent = peer_frame_write(STDOUT_FILENO, type != 'T' ? 'K' : done ? 'D' : 'C', answer);
    free(answer.data);
    return sent;
}

int peer_serve(const struct peer *peer, void *self)
{
    struct peer_bytes request;
    char type;

    while (peer_frame_read(STDIN_FILENO, &type, &request)) {
        bool more = type != 'Q' && serve_one(peer, self, type, request);

        free(request.data);
        if (type == 'Q')
            return 0;
        if (!more)
            break;
    }
    fprintf(stderr, "peer: the pipe ended before its time\n");
    return 1;
}
