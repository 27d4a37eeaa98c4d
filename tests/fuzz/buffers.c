/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: lists of buffers and the channel bindings in them (src/core/buffer.h,
 * src/gss/bindings.h).  The input: version and count of the list, then type and contents of each
 * buffer.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "gss/bindings.h"

#define BUFFERS_MAX 8

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

/* Reads every byte that the bindings claim to have. */
static void read_part(const gss_buffer_desc *part, unsigned *sum)
{
    for (size_t i = 0; i < part->length; i++)
        *sum += ((const uint8_t *)part->value)[i];
}

static void read_all(struct bindings *bindings)
{
    gss_channel_bindings_t gss = bindings_gss(bindings);
    volatile unsigned keep;
    unsigned sum = 0;

    if (gss == GSS_C_NO_CHANNEL_BINDINGS)
        return;
    read_part(&gss->initiator_address, &sum);
    read_part(&gss->acceptor_address, &sum);
    read_part(&gss->application_data, &sum);
    keep = sum;
    (void)keep;
}

static void use(const SecBufferDesc *desc)
{
    static const uint8_t token[] = "a token";
    struct bindings *bindings = NULL, *copy;

    if (bindings_read(desc, &bindings) == SEC_E_OK && bindings != NULL) {
        read_all(bindings);
        copy = bindings_copy(bindings);
        read_all(copy);
        free(copy);
    }
    free(bindings);
    if (buffer_token_put(desc, token, sizeof token, false, SEC_E_BUFFER_TOO_SMALL) == SEC_E_OK &&
        buffer_find(desc, SECBUFFER_TOKEN) != NULL)
        fuzz_check(buffer_find(desc, SECBUFFER_TOKEN)->cbBuffer == sizeof token,
                   "a token is put whole");
    buffer_token_clear(desc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    SecBuffer list[BUFFERS_MAX];
    void *memory[BUFFERS_MAX];
    SecBufferDesc desc = {fuzz_u8(&input), fuzz_u8(&input) % (BUFFERS_MAX + 1), list};
    size_t length;

    for (ULONG i = 0; i < desc.cBuffers; i++) {
        list[i].BufferType = fuzz_u32(&input);
        list[i].pvBuffer = memory[i] = fuzz_chunk(&input, &length);
        list[i].cbBuffer = (ULONG)length;
        if (fuzz_u8(&input) == 0xff)
            list[i].pvBuffer = NULL; /* a length without memory */
    }
    if (buffer_list_check(&desc) == SEC_E_OK)
        use(&desc);
    for (ULONG i = 0; i < desc.cBuffers; i++)
        free(memory[i]);
    return 0;
}
