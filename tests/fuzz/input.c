/* SPDX-License-Identifier: MIT */
/* Reading a fuzzer's input; see fuzz.h. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t fuzz_u8(struct fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

uint16_t fuzz_u16(struct fuzz_input *input)
{
    uint8_t low = fuzz_u8(input);

    return (uint16_t)(low | fuzz_u8(input) << 8);
}

uint32_t fuzz_u32(struct fuzz_input *input)
{
    uint16_t low = fuzz_u16(input);

    return low | (uint32_t)fuzz_u16(input) << 16;
}

static void *take(struct fuzz_input *input, size_t size, size_t spare)
{
    uint8_t *copy = malloc(size + spare);

    if (copy == NULL)
        exit(EXIT_FAILURE);
    if (size > 0)
        memcpy(copy, input->at, size);
    memset(copy + size, 0, spare);
    input->at += size;
    input->left -= size;
    return copy;
}

static size_t chunk_size(struct fuzz_input *input)
{
    size_t size = fuzz_u16(input);

    return size < input->left ? size : input->left;
}

void *fuzz_chunk(struct fuzz_input *input, size_t *size)
{
    *size = chunk_size(input);
    return take(input, *size, 0);
}

void *fuzz_rest(struct fuzz_input *input, size_t *size)
{
    *size = input->left;
    return take(input, *size, 0);
}

char *fuzz_text(struct fuzz_input *input)
{
    return take(input, chunk_size(input), 4);
}

void fuzz_fail(const char *promise)
{
    fprintf(stderr, "fuzz: broken promise: %s\n", promise);
    abort();
}
