/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: ImportSecurityContext.  The input: a kind, then a packed context.  What can be
 * imported can also be asked, used and deleted.
 */
#include "ends.h"

#include "contexts.h"

#include <stdlib.h>
#include <string.h>

/* MIT's import of what breaks off in the middle loses what came before, and asks for memory before
 * it looks how much there is to read; neither is ours to mend. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_leaks=0:allocator_may_return_null=1";
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

/*
 * gss-ntlmssp believes in what it exported, down to indices into arrays. Who can forge that has the
 * keys anyway; so of NTLM only what we put before it is altered, 56 octets and a name.
 */
static bool is_forged_ntlm(const uint8_t *blob, size_t size)
{
    enum { MECH_AT = 8, NTLM = 2, HEAD = 56 };
    const size_t token = sizeof context_ntlm - HEAD;

    return size > MECH_AT && blob[MECH_AT] == NTLM &&
           (size < token || memcmp(blob + size - token, context_ntlm + HEAD, token) != 0);
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

    if (is_forged_ntlm(blob, length)) {
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
