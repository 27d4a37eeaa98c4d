/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: crypt32's texts, to octets, to names, and back.  The input: which function, its
 * flags (4), then the text or the octets.  Both alphabets of a function come to the same, and what
 * was read can be written and is read as the same again.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <wincrypt.h>

#define CODING X509_ASN_ENCODING

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static void *room_of(size_t size)
{
    void *room = malloc(size > 0 ? size : 1);

    fuzz_check(room != NULL, "memory");
    return room;
}

/* ---- Octets as text ------------------------------------------------------------------------- */

struct octets {
    BYTE *data;
    DWORD size;
};

static bool octets_read(const char *text, DWORD length, DWORD flags, struct octets *octets)
{
    DWORD skipped = 0, form = 0, less;

    octets->size = 0;
    octets->data = NULL;
    SetLastError(0);
    if (!CryptStringToBinaryA(text, length, flags, NULL, &octets->size, &skipped, &form)) {
        fuzz_check(GetLastError() != 0, "a failure has a reason");
        return false;
    }
    fuzz_check(skipped <= length, "no more is skipped than there is");
    octets->data = room_of(octets->size);
    less = octets->size - 1;
    fuzz_check(octets->size == 0 ||
                   (!CryptStringToBinaryA(text, length, flags, octets->data, &less, NULL, NULL) &&
                    GetLastError() == ERROR_MORE_DATA),
               "less than the size does not do");
    fuzz_check(CryptStringToBinaryA(text, length, flags, octets->data, &octets->size, NULL, NULL),
               "the size asked for does");
    return true;
}

static void octets_read_wide(const char *text, DWORD length, DWORD flags,
                             const struct octets *expected)
{
    WCHAR *wide = room_of(length * sizeof *wide);
    BYTE *room = room_of(expected->size);
    DWORD size = expected->size;

    for (DWORD i = 0; i < length; i++)
        wide[i] = (unsigned char)text[i];
    if (CryptStringToBinaryW(wide, length, flags, room, &size, NULL, NULL))
        fuzz_check(size == expected->size && memcmp(room, expected->data, size) == 0,
                   "UTF-16 is read as UTF-8 is");
    free(room);
    free(wide);
}

/* Without ends of lines, addresses and characters are not told from the octets. */
static bool form_is_clear(DWORD flags)
{
    DWORD form = flags & CRYPT_STRING_ENCODEMASK;

    return !(flags & CRYPT_STRING_NOCRLF) ||
           (form != CRYPT_STRING_HEXASCII && form != CRYPT_STRING_HEXADDR &&
            form != CRYPT_STRING_HEXASCIIADDR);
}

static void octets_round_trip(const struct octets *octets, DWORD flags)
{
    struct octets again;
    DWORD size = 0;
    char *text;

    if (!CryptBinaryToStringA(octets->data, octets->size, flags, NULL, &size))
        return;
    text = room_of(size);
    fuzz_check(CryptBinaryToStringA(octets->data, octets->size, flags, text, &size),
               "the size asked for does");
    fuzz_check(octets_read(text, size, flags & CRYPT_STRING_ENCODEMASK, &again),
               "what was written can be read");
    fuzz_check(again.size == octets->size && memcmp(again.data, octets->data, again.size) == 0,
               "as the same");
    free(again.data);
    free(text);
}

/* A length of 0 says that the text has an end, so one of no characters is given with that. */
static void play_to_binary(struct fuzz_input *input)
{
    DWORD flags = fuzz_u32(input);
    size_t length;
    char *text = fuzz_rest(input, &length);
    struct octets octets;

    if (length > 0 && octets_read(text, (DWORD)length, flags, &octets)) {
        octets_read_wide(text, (DWORD)length, flags, &octets);
        free(octets.data);
    }
    free(text);
}

static void play_to_string(struct fuzz_input *input)
{
    DWORD flags = fuzz_u32(input);
    size_t length;
    struct octets octets = {fuzz_rest(input, &length), 0};

    octets.size = (DWORD)length;
    if (length > 0 && form_is_clear(flags))
        octets_round_trip(&octets, flags);
    free(octets.data);
}

/* ---- Names ---------------------------------------------------------------------------------- */

static char *name_write(CERT_NAME_BLOB *name, DWORD flags)
{
    DWORD size = CertNameToStrA(CODING, name, flags, NULL, 0);
    DWORD wide_size = CertNameToStrW(CODING, name, flags, NULL, 0);
    char *text = room_of(size);
    WCHAR *wide = room_of(wide_size * sizeof *wide);

    fuzz_check(size >= 1 && CertNameToStrA(CODING, name, flags, text, size) == size,
               "a name has a text of the size that is told");
    fuzz_check(wide_size >= 1 && wide_size <= size &&
                   CertNameToStrW(CODING, name, flags, wide, wide_size) == wide_size,
               "in UTF-16 too");
    fuzz_check(strlen(text) == size - 1, "which has an end");
    free(wide);
    return text;
}

static bool name_read(const char *text, DWORD flags, CERT_NAME_BLOB *name)
{
    LPCSTR where = NULL;

    name->cbData = 0;
    name->pbData = NULL;
    SetLastError(0);
    if (!CertStrToNameA(CODING, text, flags, NULL, NULL, &name->cbData, &where)) {
        fuzz_check(GetLastError() != 0, "a failure has a reason");
        fuzz_check(where == NULL || (where >= text && where <= text + strlen(text)),
                   "a failure is somewhere in the text");
        return false;
    }
    name->pbData = room_of(name->cbData);
    fuzz_check(CertStrToNameA(CODING, text, flags, NULL, name->pbData, &name->cbData, NULL),
               "the size asked for does");
    return true;
}

/* The types of strings may be others, which depends on the flags. */
static void name_round_trip(CERT_NAME_BLOB *name)
{
    char *text = name_write(name, CERT_X500_NAME_STR), *same;
    CERT_NAME_BLOB again;

    fuzz_check(name_read(text, CERT_X500_NAME_STR, &again), "what was written can be read");
    same = name_write(&again, CERT_X500_NAME_STR);
    fuzz_check(strcmp(same, text) == 0, "as the same");
    free(again.pbData);
    free(same);
    free(text);
}

static void play_to_name(struct fuzz_input *input)
{
    DWORD flags = fuzz_u32(input);
    char *text = fuzz_text(input);
    CERT_NAME_BLOB name;

    if (name_read(text, flags, &name)) {
        free(name_write(&name, flags));
        name_round_trip(&name);
        free(name.pbData);
    }
    free(text);
}

static void play_from_name(struct fuzz_input *input)
{
    DWORD flags = fuzz_u32(input);
    size_t length;
    CERT_NAME_BLOB name = {0, fuzz_rest(input, &length)};
    CERT_RDN_VALUE_BLOB value = {(DWORD)length, name.pbData};

    name.cbData = (DWORD)length;
    free(name_write(&name, flags));
    fuzz_check(CertRDNValueToStrA(flags % 16, &value, NULL, 0) >= 1, "a value has a text");
    free(name.pbData);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const play[])(struct fuzz_input *) = {play_to_binary, play_to_string,
                                                        play_to_name, play_from_name};
    struct fuzz_input input = {data, size};

    play[fuzz_u8(&input) % ARRAYSIZE(play)](&input);
    return 0;
}
