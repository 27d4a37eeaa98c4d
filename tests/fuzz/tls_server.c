/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: a TLS server.  The input: what it is like (1, TLS_WORLD_*), then what a client
 * sends, in chunks that come one after the other; what follows the handshake are messages.
 */
#include "tlsworld.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    tls_world();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tls_world_play(true, data, size);
    return 0;
}
