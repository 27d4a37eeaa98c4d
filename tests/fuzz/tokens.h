/* SPDX-License-Identifier: MIT */
/*
 * Tokens out of nowhere, for one end.  The input: a kind and the requested flags, channel bindings,
 * then tokens until nothing is left.
 */
#ifndef FUZZ_TOKENS_H
#define FUZZ_TOKENS_H

#include "ends.h"

#include <stdlib.h>

static inline int tokens_play(const uint8_t *data, size_t size, bool inbound)
{
    struct fuzz_input input = {data, size};
    enum kind kind = fuzz_u8(&input) % KINDS;
    struct end end;
    size_t length;
    void *bindings, *token;

    end_init(&end, kind, inbound, ends_request(fuzz_u32(&input), inbound));
    bindings = fuzz_chunk(&input, &length);
    if (length > 0)
        end.bindings = (SecBuffer){(ULONG)length, SECBUFFER_CHANNEL_BINDINGS, bindings};
    if (!inbound)
        end_step(&end, NULL, 0);
    while (end.status >= 0 && input.left > 0) {
        token = fuzz_chunk(&input, &length);
        end_step(&end, token, length);
        free(token);
        end_check_client(&end);
    }
    end_free(&end);
    free(bindings);
    return 0;
}

#endif
