/* SPDX-License-Identifier: MIT */
/* Fuzz target: TSRequest. What is read can be written, and what was written is read as the same. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "credssp/tsrequest.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static bool part_same(const struct asn_part *one, const struct asn_part *two)
{
    return (one->data == NULL) == (two->data == NULL) && one->size == two->size &&
           (one->size == 0 || memcmp(one->data, two->data, one->size) == 0);
}

static bool same(const struct tsrequest *one, const struct tsrequest *two)
{
    return one->version == two->version && one->failed == two->failed && one->error == two->error &&
           part_same(&one->token, &two->token) && part_same(&one->auth_info, &two->auth_info) &&
           part_same(&one->pubkey_auth, &two->pubkey_auth) && part_same(&one->nonce, &two->nonce);
}

static void round_trip(const struct tsrequest *request)
{
    struct tsrequest again;
    struct blob once, twice;
    size_t frame;

    fuzz_check(tsrequest_encode(request, &once) == SEC_E_OK, "what was read can be written");
    fuzz_check(tsrequest_frame(once.data, once.size, &frame) == SEC_E_OK && frame == once.size,
               "it has the length that it says");
    fuzz_check(tsrequest_decode(&again, once.data, once.size) == SEC_E_OK && same(request, &again),
               "and is read as the same");
    fuzz_check(tsrequest_encode(&again, &twice) == SEC_E_OK && once.size == twice.size &&
                   memcmp(once.data, twice.data, once.size) == 0,
               "and has one form");
    blob_wipe(&once);
    blob_wipe(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct tsrequest request;
    uint8_t *octets = fuzz_rest(&input, &size);
    size_t frame;
    bool framed = tsrequest_frame(octets, size, &frame) == SEC_E_OK;

    fuzz_check(framed ? frame <= TSREQUEST_MAX : frame == 0, "a frame is within bounds");
    if (tsrequest_decode(&request, octets, size) == SEC_E_OK) {
        fuzz_check(framed && frame == size, "a message has a frame");
        round_trip(&request);
    }
    free(octets);
    return 0;
}
