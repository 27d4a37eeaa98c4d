/* SPDX-License-Identifier: MIT */
/* Fuzz target: a client of CredSSP whose peer does as the input says; see credssp_play.h. */
#include "credssp_play.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    credssp_play_open(true);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    credssp_play(data, size);
    return 0;
}
