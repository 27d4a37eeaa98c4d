/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: identities from outside.  The input: whether its octets go to
 * SspiUnmarshalAuthIdentity(), or are the encoded text of SspiEncodeStringsAsAuthIdentity() behind
 * its mark; then the octets.  What comes of them does everything that an identity can do.
 */
#include "fuzz.h"

#include <sspi.h>
#include <stdlib.h>
#include <string.h>

#include "core/identity.h"

typedef PSEC_WINNT_AUTH_IDENTITY_OPAQUE OPAQUE;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static void *unconst(const void *text)
{
    return (void *)(uintptr_t)text;
}

/* They are the same for a comparison, and for a logon. */
static void same(OPAQUE one, OPAQUE other)
{
    BOOLEAN user = FALSE, all = FALSE;
    SECURITY_STATUS status = SspiCompareAuthIdentities(one, other, &user, &all);

    if (status == SEC_E_UNSUPPORTED_FUNCTION || status == SEC_E_DECRYPT_FAILURE ||
        status == SEC_E_INVALID_TOKEN)
        return; /* not ours to open, or DOMAIN\ without a user */
    fuzz_check(status == SEC_E_OK && user && all, "an identity is the same afterwards");
}

static void octets(OPAQUE id)
{
    char *first, *second;
    ULONG first_size, second_size;
    OPAQUE again;

    fuzz_check(SspiMarshalAuthIdentity(id, &first_size, &first) == SEC_E_OK, "it has octets");
    fuzz_check(SspiUnmarshalAuthIdentity(first_size, first, &again) == SEC_E_OK,
               "which can be read");
    fuzz_check(SspiMarshalAuthIdentity(again, &second_size, &second) == SEC_E_OK &&
                   first_size == second_size,
               "and have one form");
    same(id, again);
    SspiLocalFree(first);
    SspiLocalFree(second);
    SspiFreeAuthIdentity(again);
}

static void text(OPAQUE id)
{
    PCWSTR out[3];
    OPAQUE again;
    SECURITY_STATUS status = SspiEncodeAuthIdentityAsStrings(id, &out[0], &out[1], &out[2]);

    if (status != SEC_E_OK) /* encrypted, or too long for a text */
        return;
    if (out[0] != NULL || out[1] != NULL || out[2] != NULL) {
        fuzz_check(SspiEncodeStringsAsAuthIdentity(out[0], out[1], out[2], &again) == SEC_E_OK,
                   "text can be read");
        SspiFreeAuthIdentity(again);
    }
    for (int i = 0; i < 3; i++)
        SspiLocalFree(unconst(out[i]));
}

static void encryption(OPAQUE id)
{
    OPAQUE copy;

    fuzz_check(SspiCopyAuthIdentity(id, &copy) == SEC_E_OK, "it can be copied");
    same(id, copy);
    if (!SspiIsAuthIdentityEncrypted(copy) && SspiEncryptAuthIdentity(copy) == SEC_E_OK) {
        same(id, copy);
        octets(copy);
        fuzz_check(SspiDecryptAuthIdentity(copy) == SEC_E_OK, "and is decrypted again");
        same(id, copy);
    } else {
        (void)SspiDecryptAuthIdentity(copy);
    }
    SspiZeroAuthIdentity(copy);
    fuzz_check(SspiValidateAuthIdentity(copy) == SEC_E_OK, "one without a secret is one");
    SspiFreeAuthIdentity(copy);
}

static void uses(OPAQUE id)
{
    struct identity *read;
    PCWSTR target, user;
    PUCHAR secret;
    ULONG type, size;
    OPAQUE without;

    if (identity_read(id, false, &read) == SEC_E_OK)
        identity_free(read);
    if (SspiPrepareForCredWrite(id, NULL, &type, &target, &user, &secret, &size) == SEC_E_OK) {
        SspiLocalFree(unconst(target));
        SspiLocalFree(unconst(user));
        SspiLocalFree(secret);
    }
    if (SspiExcludePackage(id, u"NTLM", &without) == SEC_E_OK) {
        octets(without);
        SspiFreeAuthIdentity(without);
    }
}

static void everything(OPAQUE id)
{
    fuzz_check(SspiValidateAuthIdentity(id) == SEC_E_OK, "what was made is valid");
    octets(id);
    text(id);
    encryption(id);
    uses(id);
}

/* The digits of the octets, behind the mark: what is fuzzed is what they say. */
static SECURITY_STATUS text_read(const uint8_t *data, size_t size, OPAQUE *id)
{
    static const char mark[] = "@@sspi1:", digits[] = "0123456789abcdef";
    WCHAR *wide = malloc((sizeof(mark) + 2 * size) * sizeof(*wide)), *at = wide;
    SECURITY_STATUS status;

    for (const char *c = mark; *c != '\0'; c++)
        *at++ = (WCHAR)*c;
    for (size_t i = 0; i < size; i++) {
        *at++ = (WCHAR)digits[data[i] >> 4];
        *at++ = (WCHAR)digits[data[i] & 0xf];
    }
    *at = 0;
    status = SspiEncodeStringsAsAuthIdentity(u"alice", NULL, wide, id);
    free(wide);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    bool as_text = fuzz_u8(&input) % 2;
    char *rest = fuzz_rest(&input, &size);
    OPAQUE id = NULL;
    SECURITY_STATUS status = as_text ? text_read((const uint8_t *)rest, size, &id)
                                     : SspiUnmarshalAuthIdentity((ULONG)size, rest, &id);

    fuzz_check(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN, "bad octets are refused");
    fuzz_check((status == SEC_E_OK) == (id != NULL), "an identity comes with success");
    if (id != NULL)
        everything(id);
    SspiFreeAuthIdentity(id);
    free(rest);
    return 0;
}
