/* SPDX-License-Identifier: MIT */
/* Messages of one size on established contexts: the two sides of each comparison. */
#ifndef TESTS_BENCH_MESSAGES_H
#define TESTS_BENCH_MESSAGES_H

#include "bench/measure.h"
#include "bench/pairs.h"

struct messages;

/* Contexts by both ways, several of each: where the heap puts one must not decide a comparison. */
struct messages *messages_new(struct sspi_end *ours, struct gss_end *bare, unsigned size);
void messages_free(struct messages *messages);

enum message_call { MESSAGE_SEAL, MESSAGE_OPEN, MESSAGE_SIGN, MESSAGE_VERIFY };

/*
 * The trial of one call: the mechanism's IOV calls on the bare side, in place and with the same
 * buffers, or gss_wrap() and its like where the mechanism has no IOV calls.
 */
void messages_trial(struct messages *messages, enum message_call call, bool iov,
                    struct trial *trial);

/* Bare against bare: how far two equal things come out apart. */
void messages_trial_null(struct messages *messages, struct trial *trial);

#endif
