/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: CryptDecodeObjectEx, and CryptEncodeObjectEx with what comes of it.  The input:
 * which structure, then its DER.  All ways to have the structure come to the same, and what was
 * decoded and can be encoded is encoded as the same again.
 */
#include "fuzz.h"
#include "codes.h"

#include <stdlib.h>
#include <string.h>

#define CODING (X509_ASN_ENCODING | PKCS_7_ASN_ENCODING)

struct coded {
    BYTE *data;
    DWORD size;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static void *decode(LPCSTR structure, const struct coded *coded, DWORD flags, DWORD *size)
{
    void *block = NULL;

    SetLastError(0);
    if (CryptDecodeObjectEx(CODING, structure, coded->data, coded->size,
                            flags | CRYPT_DECODE_ALLOC_FLAG, NULL, &block, size)) {
        fuzz_check(block != NULL, "a block comes with success");
        return block;
    }
    fuzz_check(block == NULL, "no block comes with a failure");
    fuzz_check(GetLastError() != 0, "a failure has a reason");
    return NULL;
}

/* malloc() gives no octet to spare, so that a sanitizer sees what is written beyond the size. */
static void decode_into_room(LPCSTR structure, const struct coded *coded, DWORD expected)
{
    DWORD size = 0, less;
    void *room;

    fuzz_check(
        CryptDecodeObjectEx(CODING, structure, coded->data, coded->size, 0, NULL, NULL, &size) &&
            size == expected && size > 0,
        "the size is that of the block");
    room = malloc(size);
    fuzz_check(room != NULL, "memory");
    less = size - 1;
    fuzz_check(!CryptDecodeObject(CODING, structure, coded->data, coded->size, 0, room, &less) &&
                   GetLastError() == ERROR_MORE_DATA && less == size,
               "less room does not do");
    fuzz_check(CryptDecodeObject(CODING, structure, coded->data, coded->size, 0, room, &size) &&
                   size == expected,
               "the room asked for does");
    free(room);
}

static bool encode(LPCSTR structure, const void *block, struct coded *coded)
{
    coded->data = NULL;
    SetLastError(0);
    if (CryptEncodeObjectEx(CODING, structure, block, CRYPT_ENCODE_ALLOC_FLAG, NULL, &coded->data,
                            &coded->size))
        return true;
    fuzz_check(GetLastError() != 0, "a failure has a reason");
    return false;
}

static void round_trip(LPCSTR structure, const void *block)
{
    struct coded once, twice;
    DWORD size = 0;
    void *again;

    if (!encode(structure, block, &once))
        return;
    /* Of what is signed the part to sign is encoded. */
    again = decode(structure, &once, CRYPT_DECODE_TO_BE_SIGNED_FLAG, &size);
    fuzz_check(again != NULL, "what was encoded can be decoded");
    fuzz_check(encode(structure, again, &twice), "and encoded again");
    fuzz_check(once.size == twice.size && memcmp(once.data, twice.data, once.size) == 0,
               "as the same");
    LocalFree(twice.data);
    LocalFree(once.data);
    LocalFree(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    LPCSTR structure = code_structures[fuzz_u8(&input) % ARRAYSIZE(code_structures)];
    size_t length;
    struct coded coded = {fuzz_rest(&input, &length), 0};
    DWORD block_size = 0;
    void *block;

    coded.size = (DWORD)length;
    block = decode(structure, &coded, 0, &block_size);
    if (block != NULL) {
        decode_into_room(structure, &coded, block_size);
        round_trip(structure, block);
    }
    LocalFree(block);
    free(coded.data);
    return 0;
}
