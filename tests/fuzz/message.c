/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: DecryptMessage and VerifySignature.  The input: one of the contexts of contexts.h,
 * which is imported afresh, the call, and the buffers: how many, then type and contents of each.
 */
#include "ends.h"
#include "contexts.h"

#include <stdlib.h>
#include <string.h>

#define BUFFERS_MAX 6

static const struct {
    const char *package;
    const uint8_t *packed;
    size_t size;
} contexts[] = {
    {"Kerberos", context_krb5, sizeof context_krb5},
    {"Kerberos", context_krb5_dce, sizeof context_krb5_dce},
    {"NTLM", context_ntlm, sizeof context_ntlm},
    {"NTLM", context_ntlm_signs, sizeof context_ntlm_signs},
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static void import_context(size_t which, CtxtHandle *ctx)
{
    static uint8_t copy[sizeof context_krb5 + sizeof context_krb5_dce + sizeof context_ntlm +
                        sizeof context_ntlm_signs];
    SEC_CHAR package[10];
    SecBuffer packed = {(ULONG)contexts[which].size, SECBUFFER_EMPTY, copy};

    memcpy(copy, contexts[which].packed, contexts[which].size);
    memcpy(package, contexts[which].package, strlen(contexts[which].package) + 1);
    fuzz_check(ImportSecurityContextA(package, &packed, NULL, ctx) == SEC_E_OK,
               "what was exported can be imported");
}

/* The types that make sense, and any other. */
static ULONG buffer_type_of(struct fuzz_input *input)
{
    static const ULONG types[] = {SECBUFFER_DATA,
                                  SECBUFFER_TOKEN,
                                  SECBUFFER_PADDING,
                                  SECBUFFER_STREAM,
                                  SECBUFFER_EMPTY,
                                  SECBUFFER_DATA | SECBUFFER_READONLY,
                                  SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM};
    uint8_t which = fuzz_u8(input);

    return which < sizeof types / sizeof types[0] ? types[which] : fuzz_u32(input);
}

/* Where a stream was opened, its data lies in it; elsewhere buffers stay where they were. */
static void check_places(const SecBuffer *before, const SecBuffer *after, unsigned count)
{
    const uint8_t *stream = NULL, *end = NULL;

    for (unsigned i = 0; i < count; i++)
        if (before[i].BufferType == SECBUFFER_STREAM && stream == NULL) { /* the first counts */
            stream = before[i].pvBuffer;
            end = stream + before[i].cbBuffer;
        }
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *at = after[i].pvBuffer;

        if (at == before[i].pvBuffer)
            fuzz_check(after[i].cbBuffer <= before[i].cbBuffer, "no buffer grows");
        else
            fuzz_check(stream != NULL && at >= stream && at <= end &&
                           after[i].cbBuffer <= (size_t)(end - at),
                       "the data lies in the stream");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    size_t which = fuzz_u8(&input) % (sizeof contexts / sizeof contexts[0]), length;
    bool verify = fuzz_u8(&input) % 2;
    SecBuffer list[BUFFERS_MAX], before[BUFFERS_MAX];
    SecBufferDesc desc = {SECBUFFER_VERSION, fuzz_u8(&input) % (BUFFERS_MAX + 1), list};
    ULONG qop = 0;
    CtxtHandle ctx;
    SECURITY_STATUS status;

    for (ULONG i = 0; i < desc.cBuffers; i++) {
        list[i].BufferType = buffer_type_of(&input);
        list[i].pvBuffer = fuzz_chunk(&input, &length);
        list[i].cbBuffer = (ULONG)length;
    }
    memcpy(before, list, sizeof before);
    import_context(which, &ctx);
    status = verify ? VerifySignature(&ctx, &desc, 0, &qop) : DecryptMessage(&ctx, &desc, 0, &qop);
    if (status == SEC_E_OK)
        check_places(before, list, desc.cBuffers);
    fuzz_check(DeleteSecurityContext(&ctx) == SEC_E_OK, "a context can be deleted");
    for (ULONG i = 0; i < desc.cBuffers; i++)
        free(before[i].pvBuffer);
    return 0;
}
