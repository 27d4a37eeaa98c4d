/* SPDX-License-Identifier: MIT */
/* Fuzz target: InitializeSecurityContext.  An initiator gets answers that no server of ours made;
 * see tokens.h. */
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
    return tokens_play(data, size, false);
}
