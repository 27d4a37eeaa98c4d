/* SPDX-License-Identifier: MIT */
/* What somebody between two ends does to what they send. */
#ifndef FUZZ_PLAN_H
#define FUZZ_PLAN_H

#include "fuzz.h"

#define PLAN_MAX 16

struct plan_change {
    uint8_t leg, operation, value;
    uint16_t offset;
};

struct plan {
    struct plan_change change[PLAN_MAX];
    size_t count;
};

/* All that is left of the input; legs: how many tokens and messages there are at most. */
struct plan plan_read(struct fuzz_input *input, unsigned legs);

/* What arrives of the size bytes that were sent, as many as *size says then, without one to spare;
 * *same tells whether it is that. free() it. */
uint8_t *plan_travel(const struct plan *plan, int leg, const uint8_t *sent, size_t *size,
                     bool *same);

#endif
