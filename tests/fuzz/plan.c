/* SPDX-License-Identifier: MIT */
/* See plan.h. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#define SPARE 32

enum { DO_XOR, DO_SET, DO_CUT, DO_APPEND, DO_INSERT, DO_DELETE, OPERATIONS };

struct plan plan_read(struct fuzz_input *input, unsigned legs)
{
    struct plan plan = {.count = 0};

    while (input->left > 0 && plan.count < PLAN_MAX) {
        struct plan_change *change = &plan.change[plan.count++];

        change->leg = (uint8_t)(fuzz_u8(input) % legs);
        change->operation = fuzz_u8(input) % OPERATIONS;
        change->offset = fuzz_u16(input);
        change->value = fuzz_u8(input);
    }
    return plan;
}

/* The bytes have SPARE more behind them. */
static size_t change_apply(const struct plan_change *change, uint8_t *bytes, size_t size,
                           size_t limit)
{
    size_t at = size == 0 ? 0 : change->offset % size;

    if (change->operation == DO_APPEND)
        at = size;
    switch (change->operation) {
    case DO_XOR:
    case DO_SET:
        if (size > 0)
            bytes[at] = (uint8_t)(change->value ^ (change->operation == DO_XOR ? bytes[at] : 0));
        return size;
    case DO_CUT:
        return at;
    case DO_APPEND:
    case DO_INSERT:
        if (size >= limit)
            return size;
        memmove(bytes + at + 1, bytes + at, size - at);
        bytes[at] = change->value;
        return size + 1;
    default:
        if (size == 0)
            return size;
        memmove(bytes + at, bytes + at + 1, size - at - 1);
        return size - 1;
    }
}

uint8_t *plan_travel(const struct plan *plan, int leg, const uint8_t *sent, size_t *size,
                     bool *same)
{
    size_t limit = *size + SPARE, length = *size;
    uint8_t *bytes = malloc(limit + 1), *exact;

    if (bytes == NULL)
        exit(EXIT_FAILURE);
    memcpy(bytes, sent, length);
    for (size_t i = 0; i < plan->count; i++)
        if (plan->change[i].leg == leg)
            length = change_apply(&plan->change[i], bytes, length, limit);
    *same = length == *size && memcmp(bytes, sent, length) == 0;
    *size = length;
    exact = malloc(length);
    if (exact == NULL)
        exit(EXIT_FAILURE);
    memcpy(exact, bytes, length);
    free(bytes);
    return exact;
}
