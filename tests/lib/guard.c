/* SPDX-License-Identifier: MIT */
/* Guarded buffers and messages. */
#include "lib/guard.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define STRIP       64
#define STRIP_OCTET 0xc5

/* The size, then a strip, the data, a strip. */
static unsigned char *strip_of(const unsigned char *data)
{
    return (unsigned char *)(uintptr_t)data - STRIP;
}

static size_t size_of(const unsigned char *data)
{
    size_t size;

    memcpy(&size, strip_of(data) - sizeof(size), sizeof(size));
    return size;
}

unsigned char *guard_new(size_t size)
{
    unsigned char *start = malloc(sizeof(size) + STRIP + size + STRIP);
    unsigned char *data = start + sizeof(size) + STRIP;

    ck_assert_ptr_nonnull(start);
    memcpy(start, &size, sizeof(size));
    memset(data - STRIP, STRIP_OCTET, STRIP);
    memset(data, GUARD_FILL, size);
    memset(data + size, STRIP_OCTET, STRIP);
    return data;
}

void guard_check(const unsigned char *data)
{
    size_t size = size_of(data);

    for (size_t i = 0; i < STRIP; i++) {
        ck_assert_msg(data[-1 - (ptrdiff_t)i] == STRIP_OCTET, "written %zu before the buffer",
                      i + 1);
        ck_assert_msg(data[size + i] == STRIP_OCTET, "written %zu behind the buffer of %zu", i,
                      size);
    }
}

void guard_free(unsigned char *data)
{
    if (data == NULL)
        return;
    guard_check(data);
    free(strip_of(data) - sizeof(size_t));
}

static unsigned char pattern_octet(size_t at, unsigned seed)
{
    uint32_t x = (uint32_t)at * 2654435761U + seed * 40503U + 0x9e3779b9U;

    x ^= x >> 15;
    x *= 0x2c1b3c6dU;
    return (unsigned char)(x >> 13);
}

void pattern_fill(unsigned char *data, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        data[i] = pattern_octet(i, seed);
}

bool pattern_matches(const unsigned char *data, size_t size, unsigned seed)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] != pattern_octet(i, seed))
            return false;
    return true;
}

bool pattern_remains(const unsigned char *data, size_t size, size_t of, unsigned seed)
{
    unsigned char window[8];
    size_t step = 1 + of / 64;

    for (size_t at = 0; at + sizeof(window) <= of; at += step) {
        for (size_t i = 0; i < sizeof(window); i++)
            window[i] = pattern_octet(at + i, seed);
        if (memmem(data, size, window, sizeof(window)) != NULL)
            return true;
    }
    return false;
}

void message_init(struct message *message)
{
    memset(message, 0, sizeof(*message));
    message->list.ulVersion = SECBUFFER_VERSION;
    message->list.pBuffers = message->parts;
}

SecBuffer *message_add(struct message *message, ULONG type, const void *content, ULONG size)
{
    ULONG i = message->list.cBuffers++;

    ck_assert_uint_lt(i, MESSAGE_PARTS);
    message->memory[i] = guard_new(size);
    message->given[i] = size;
    if (content != NULL && size != 0)
        memcpy(message->memory[i], content, size);
    message->parts[i] = (SecBuffer){size, type, message->memory[i]};
    return &message->parts[i];
}

SecBuffer *message_add_pattern(struct message *message, ULONG type, ULONG size, unsigned seed)
{
    SecBuffer *part = message_add(message, type, NULL, size);

    pattern_fill(part->pvBuffer, size, seed);
    return part;
}

void message_copy(struct message *copy, const struct message *message)
{
    message_init(copy);
    for (ULONG i = 0; i < message->list.cBuffers; i++)
        message_add(copy, message->parts[i].BufferType, message->parts[i].pvBuffer,
                    message->parts[i].cbBuffer);
}

void message_check(const struct message *message)
{
    for (ULONG i = 0; i < message->list.cBuffers; i++) {
        guard_check(message->memory[i]);
        ck_assert_uint_le(message->parts[i].cbBuffer, message->given[i]);
        ck_assert_ptr_eq(message->parts[i].pvBuffer, message->memory[i]);
    }
}

static unsigned char *append(const struct message *message, ULONG type, unsigned char *at)
{
    for (ULONG i = 0; i < message->list.cBuffers; i++)
        if (message->parts[i].BufferType == type && message->parts[i].cbBuffer != 0) {
            memcpy(at, message->parts[i].pvBuffer, message->parts[i].cbBuffer);
            at += message->parts[i].cbBuffer;
        }
    return at;
}

unsigned char *message_wire(const struct message *message, size_t *size)
{
    size_t most = 1;
    unsigned char *wire, *at;

    for (ULONG i = 0; i < message->list.cBuffers; i++)
        most += message->parts[i].cbBuffer;
    wire = malloc(most);
    ck_assert_ptr_nonnull(wire);
    at = append(message, SECBUFFER_TOKEN, wire);
    at = append(message, SECBUFFER_DATA, at);
    at = append(message, SECBUFFER_PADDING, at);
    *size = (size_t)(at - wire);
    return wire;
}

void message_free(struct message *message)
{
    for (ULONG i = 0; i < message->list.cBuffers; i++)
        guard_free(message->memory[i]);
    message_init(message);
}
