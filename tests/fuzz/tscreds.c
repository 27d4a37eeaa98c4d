/* SPDX-License-Identifier: MIT */
/* Fuzz target: TSCredentials. What is read is written in one form, and can be handed on. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "credssp/handover.h"
#include "credssp/tscreds.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static void hand_on(const struct tscreds *creds)
{
    struct blob packed;
    SECURITY_STATUS status = handover_pack(creds, &packed);

    fuzz_check(status == SEC_E_OK || status == SEC_E_NO_CREDENTIALS ||
                   (status == SEC_E_UNSUPPORTED_FUNCTION && creds->type != TSCREDS_PASSWORD),
               "a password can be handed on");
    blob_wipe(&packed);
}

static void round_trip(const struct tscreds *creds)
{
    struct tscreds again;
    struct blob once, twice;

    fuzz_check(tscreds_encode(creds, &once) == SEC_E_OK, "what was read can be written");
    fuzz_check(tscreds_decode(&again, once.data, once.size) == SEC_E_OK &&
                   again.type == creds->type,
               "and read again");
    fuzz_check(tscreds_encode(&again, &twice) == SEC_E_OK && once.size == twice.size &&
                   memcmp(once.data, twice.data, once.size) == 0,
               "and has one form");
    tscreds_wipe(&again);
    blob_wipe(&once);
    blob_wipe(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct tscreds creds;
    uint8_t *octets = fuzz_rest(&input, &size);

    if (tscreds_decode(&creds, octets, size) == SEC_E_OK) {
        round_trip(&creds);
        hand_on(&creds);
        tscreds_wipe(&creds);
    }
    free(octets);
    return 0;
}
