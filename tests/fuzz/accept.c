/* SPDX-License-Identifier: MIT */
/* Fuzz target: AcceptSecurityContext.  An acceptor gets tokens that no client of ours made; see
 * tokens.h. */
#include "tokens.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return tokens_play(data, size, true);
}
