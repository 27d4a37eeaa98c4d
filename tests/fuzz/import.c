/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: ImportSecurityContext.  The input: a kind, then a packed context.  What can be
 * imported can also be asked, used and deleted.
 */
#include "ends.h"

#include "contexts.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static const struct {
    const uint8_t *packed;
    size_t size;
} contexts[] = {
    {context_krb5, sizeof context_krb5},
    {context_krb5_dce, sizeof context_krb5_dce},
    {context_ntlm, sizeof context_ntlm},
    {context_ntlm_signs, sizeof context_ntlm_signs},
};

/*
 * The mechanisms believe in what they exported: gss-ntlmssp down to indices into arrays, MIT asks
 * for memory before it looks how much there is to read, and loses it when there is less.  Who can
 * forge that has the keys anyway.  So only what we put before it is altered, 56 octets and a name.
 */
static bool is_forged(const uint8_t *blob, size_t size)
{
    enum { HEAD = 56 };

    for (size_t i = 0; i < sizeof contexts / sizeof contexts[0]; i++) {
        size_t token = contexts[i].size - HEAD;

        if (size >= token && memcmp(blob + size - token, contexts[i].packed + HEAD, token) == 0)
            return false;
    }
    return size > HEAD; /* what is shorter has nothing of theirs */
}

static void use(CtxtHandle *ctx)
{
    SecPkgContext_Sizes sizes;
    SecPkgContext_Flags flags;
    SecPkgContext_Lifespan lifespan;
    SecPkgContext_NamesA names = {NULL};
    uint8_t token[256] = {0}, text[16] = {0}, pad[16];
    SecBuffer list[] = {{sizeof token, SECBUFFER_TOKEN, token},
                        {sizeof text, SECBUFFER_DATA, text},
                        {sizeof pad, SECBUFFER_PADDING, pad}};
    SecBufferDesc desc = {SECBUFFER_VERSION, 3, list};

    QueryContextAttributesA(ctx, SECPKG_ATTR_SIZES, &sizes);
    QueryContextAttributesA(ctx, SECPKG_ATTR_FLAGS, &flags);
    QueryContextAttributesA(ctx, SECPKG_ATTR_LIFESPAN, &lifespan);
    if (QueryContextAttributesA(ctx, SECPKG_ATTR_NAMES, &names) == SEC_E_OK)
        FreeContextBuffer(names.sUserName);
    EncryptMessage(ctx, 0, &desc, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static SEC_CHAR packages[][10] = {"Kerberos", "NTLM", "Negotiate"};
    struct fuzz_input input = {data, size};
    SEC_CHAR *package = packages[fuzz_u8(&input) % 3];
    size_t length;
    void *blob = fuzz_rest(&input, &length);
    SecBuffer packed = {(ULONG)length, SECBUFFER_EMPTY, blob};
    CtxtHandle ctx;

    if (is_forged(blob, length)) {
        free(blob);
        return 0;
    }
    if (ImportSecurityContextA(package, &packed, NULL, &ctx) == SEC_E_OK) {
        use(&ctx);
        fuzz_check(DeleteSecurityContext(&ctx) == SEC_E_OK, "a context can be deleted");
    }
    free(blob);
    return 0;
}
