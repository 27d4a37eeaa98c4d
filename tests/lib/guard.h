/* SPDX-License-Identifier: MIT */
/*
 * Buffers between two strips of known octets, and messages made of them: what a call must not write
 * to is seen to be as it was.
 */
#ifndef TESTS_LIB_GUARD_H
#define TESTS_LIB_GUARD_H

#include <sspi.h>
#include <stdbool.h>
#include <stddef.h>

/* Memory with a strip before and behind it; filled with GUARD_FILL. guard_free() looks at both. */
#define GUARD_FILL 0x5aU
unsigned char *guard_new(size_t size);
void guard_check(const unsigned char *data);
void guard_free(unsigned char *data);

/* Octets that look like nothing else: the same for the same seed. */
void pattern_fill(unsigned char *data, size_t size, unsigned seed);
bool pattern_matches(const unsigned char *data, size_t size, unsigned seed);

/* Whether size octets hold 8 in a row of those that a pattern of a length begins with, or, of a
 * long one, of some of its parts. */
bool pattern_remains(const unsigned char *data, size_t size, size_t of, unsigned seed);

#define MESSAGE_PARTS 8

/* A SecBufferDesc whose buffers are guarded memory of its own. */
struct message {
    SecBufferDesc list;
    SecBuffer parts[MESSAGE_PARTS];
    unsigned char *memory[MESSAGE_PARTS];
    ULONG given[MESSAGE_PARTS];
};

void message_init(struct message *message);

/* One more part. Its memory holds content, or GUARD_FILL when content is NULL. */
SecBuffer *message_add(struct message *message, ULONG type, const void *content, ULONG size);

/* One more part with a pattern in it. */
SecBuffer *message_add_pattern(struct message *message, ULONG type, ULONG size, unsigned seed);

/* The same parts with what was used of them, in memory of their own. */
void message_copy(struct message *copy, const struct message *message);

/* No strip was written to, and no part has grown or moved. */
void message_check(const struct message *message);

/* TOKEN, DATA and PADDING behind one another, in this order: what goes over the wire. free() it. */
unsigned char *message_wire(const struct message *message, size_t *size);

/* Checks and frees. */
void message_free(struct message *message);

#endif
