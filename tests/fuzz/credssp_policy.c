/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: the policy of who may be given credentials. The input: a target (chunk), then the
 * file.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "credssp/policy.h"

static int file;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char name[64];

    (void)argc;
    (void)argv;
    file = memfd_create("fuzz", MFD_CLOEXEC);
    fuzz_check(file >= 0 && fchmod(file, 0600) == 0, "there is memory for a file");
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    setenv("SSPI_CREDSSP_POLICY", name, 1);
    return 0;
}

static void file_set(const uint8_t *data, size_t size)
{
    fuzz_check(ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size,
               "the file can be written");
}

static void judge(const struct policy *policy, enum policy_creds creds, const char *target)
{
    SECURITY_STATUS known = policy_allows(policy, creds, target, true);
    SECURITY_STATUS unknown = policy_allows(policy, creds, target, false);

    fuzz_check(known == SEC_E_OK || known == SEC_E_DELEGATION_POLICY, "yes or no");
    fuzz_check(known == SEC_E_OK || unknown == known, "who is not known gets no more");
    fuzz_check(unknown == SEC_E_OK || unknown == SEC_E_DELEGATION_POLICY ||
                   unknown == SEC_E_POLICY_NLTM_ONLY,
               "yes, no, or were it known");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    struct policy policy = {0};
    char *target = fuzz_text(&input);
    uint8_t *text = fuzz_rest(&input, &size);

    file_set(text, size);
    if (policy_open(&policy) == SEC_E_OK) {
        for (unsigned i = 0; i < 2; i++)
            fuzz_check(policy.version_min[i] == 2 || policy.version_min[i] == 5,
                       "a version is wanted");
        judge(&policy, POLICY_FRESH, target);
        judge(&policy, POLICY_SAVED, target);
        judge(&policy, POLICY_DEFAULT, target);
    }
    policy_close(&policy);
    free(text);
    free(target);
    return 0;
}
