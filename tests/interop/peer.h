/* SPDX-License-Identifier: MIT */
/*
 * What the interoperability peers in C have in common: their words, the frames they speak with
 * `pipe`, and the layout of messages.  See README.md.
 */
#ifndef INTEROP_PEER_H
#define INTEROP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PEER_FRAME_MAX (1u << 20)

struct peer_bytes {
    uint8_t *data;
    size_t length;
};

enum peer_flag {
    PEER_MUTUAL = 1,
    PEER_CONF = 2,
    PEER_INTEG = 4,
    PEER_REPLAY = 8,
    PEER_SEQUENCE = 16,
    PEER_DCE = 32,
    PEER_DELEGATE = 64,
    PEER_IDENTIFY = 128,
    PEER_DATAGRAM = 256,
    PEER_NO_INTEG = 512,
    PEER_ANONYMOUS = 1024,
};

/* The words of the command line; a word that was not given is NULL or 0. */
struct peer_words {
    bool initiator;
    const char *mech, *neg, *target, *user, *domain, *password_file, *bindings, *options, *authz,
        *size;
    unsigned flags;
};

/*
 * One way to write and read messages.  `needs` is up to the peer: it lists a row when
 * (needs & features) == needs for the features of its context.
 */
struct peer_format {
    const char *name;
    unsigned needs;
    int (*write)(void *self, struct peer_bytes text, struct peer_bytes *wire);
    int (*read)(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed);
};

/*
 * Every call returns 0, or -1 after peer_fail().  Output bytes are allocated with malloc and
 * belong to the caller; step may leave a token for the other side even when it fails.
 */
struct peer {
    int (*step)(void *self, struct peer_bytes in, struct peer_bytes *out, bool *done);
    int (*info)(void *self, FILE *out);
    unsigned (*features)(void *self);
    const struct peer_format *formats; /* ends with a NULL name */
};

/* Reads the words; ends the program with status 2 at one that nobody knows. */
struct peer_words peer_parse(int argc, char **argv);

/* Is `word` among the comma separated words of `list` (which may be NULL)? */
bool peer_listed(const char *list, const char *word);

/* Prints "flags=" and the names of the flags. */
void peer_print_flags(FILE *out, unsigned flags);

/* Prints "NAME=" and the bytes in hex. */
void peer_print_hex(FILE *out, const char *name, const void *data, size_t length);

/* The content of the password file, NUL-terminated, without the newline; the program ends if it
 * cannot be read. */
char *peer_password(const struct peer_words *words);

/* Says why the request at hand failed; returns -1. */
int peer_fail(const char *code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What peer_fail said last: "CODE TEXT". */
const char *peer_failure(void);

/* malloc'd bytes; the program ends when there is no memory. */
struct peer_bytes peer_bytes_new(size_t length);
struct peer_bytes peer_bytes_copy(const void *data, size_t length);

/* The layout "length of head, head, body" of the formats mic, split and header. */
struct peer_bytes peer_join(struct peer_bytes head, struct peer_bytes body);
int peer_part(struct peer_bytes wire, struct peer_bytes *head, struct peer_bytes *body);

/* The clear parts before and after the sealed data in format "header". */
#define PEER_CLEAR_HEAD 24
#define PEER_CLEAR_TAIL 8

/* Serves requests until the end; returns the exit status of the program. */
int peer_serve(const struct peer *peer, void *self);

/* One frame; peer_frame_read returns false at the end of the stream or at a broken frame. */
bool peer_frame_read(int fd, char *type, struct peer_bytes *payload);
bool peer_frame_write(int fd, char type, struct peer_bytes payload);

#endif
