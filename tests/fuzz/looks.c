/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: looks into what others have made, without a context: KRB-CRED messages
 * (src/gss/krbcred.h), ClientHellos, target information and certificates.  The input: which, then
 * its octets.
 */
#include "fuzz.h"

#include <ntsecpkg.h>
#include <ntstatus.h>
#include <schannel.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include "gss/krbcred.h"

static krb5_context context;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    fuzz_check(krb5_init_context(&context) == 0, "Kerberos can be begun");
    return 0;
}

static bool within(const void *at, size_t size, const uint8_t *data, size_t length)
{
    const uint8_t *octets = at;

    return octets >= data && size <= length && octets + size <= data + length;
}

static void play_cred(uint8_t *data, size_t size)
{
    const krb5_data message = {.length = (unsigned)size, .data = (char *)data};
    krb5_creds **creds = NULL;

    if (krbcred_read(context, NULL, &message, &creds) != 0)
        return;
    fuzz_check(creds[0] != NULL, "there is a ticket");
    for (size_t i = 0; creds[i] != NULL; i++)
        fuzz_check(creds[i]->client != NULL && creds[i]->server != NULL, "it has both names");
    krb5_free_tgt_creds(context, creds);
}

static void play_hello(uint8_t *data, size_t size)
{
    SCH_EXTENSION_DATA extension = {0, NULL, 0};
    DWORD missing, length;
    PBYTE name;
    SECURITY_STATUS status =
        SslGetExtensions(data, (DWORD)size, &extension, 1, &missing, SCH_EXTENSIONS_OPTIONS_NONE);

    fuzz_check((status == SEC_E_INCOMPLETE_MESSAGE) == (missing != 0), "what is missing is told");
    fuzz_check(extension.pExtData == NULL ||
                   within(extension.pExtData, extension.cbExtData, data, size),
               "an extension lies within");
    if (SslGetServerIdentity(data, (DWORD)size, &name, &length, 0) != SEC_E_OK)
        fuzz_check(name == NULL && length == 0, "a failure tells no name");
    else
        fuzz_check(status == SEC_E_OK && (name == NULL || within(name, length, data, size)),
                   "the name lies within");
    SslGetExtensions(data, (DWORD)size, &extension, 1, &missing, SCH_NO_RECORD_HEADER);
}

static void play_info(uint8_t *data, size_t size)
{
    PCREDENTIAL_TARGET_INFORMATIONW info;
    ULONG length, again;
    PUSHORT text;

    if (CredUnmarshalTargetInfo((PUSHORT)(void *)data, (ULONG)size, &info, &length) !=
        STATUS_SUCCESS)
        return;
    fuzz_check(CredMarshalTargetInfo(info, &text, &again) == STATUS_SUCCESS && again == length,
               "what was read can be written, as long as it was");
    LocalFree(text);
    LocalFree(info);
}

static void play_certificate(uint8_t *data, size_t size)
{
    PX509Certificate certificate;

    if (SslCrackCertificate(data, (DWORD)size, FALSE, &certificate)) {
        fuzz_check(certificate->pszIssuer != NULL && certificate->pszSubject != NULL &&
                       certificate->pPublicKey != NULL &&
                       certificate->pPublicKey->cbKey <= 4 * size,
                   "all of it is there");
        SslFreeCertificate(certificate);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const plays[])(uint8_t *, size_t) = {play_cred, play_hello, play_info,
                                                       play_certificate};
    struct fuzz_input input = {data, size};
    unsigned which = fuzz_u8(&input);
    size_t length;
    uint8_t *octets = fuzz_rest(&input, &length);

    plays[which % ARRAYSIZE(plays)](octets, length);
    free(octets);
    return 0;
}
