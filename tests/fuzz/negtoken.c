/* SPDX-License-Identifier: MIT */
/* Fuzz target: the look into SPNEGO and Kerberos tokens (src/gss/negtoken.h).  The input: a token.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "gss/negtoken.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    size_t length;
    void *token = fuzz_rest(&input, &length);
    struct blob inner;

    if (negtoken_inner(token, length, &inner)) {
        fuzz_check(inner.size <= length, "an inner token is no longer than the outer");
        negtoken_is_ntlm(inner.data, inner.size);
        negtoken_krb5_error(inner.data, inner.size);
        blob_wipe(&inner);
    }
    negtoken_is_spnego(token, length);
    negtoken_is_reject(token, length);
    negtoken_krb5_error(token, length);
    free(token);
    return 0;
}
