/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: what turns text into other text, names or SIDs.  The input: which function, then its
 * arguments.
 */
#include "fuzz.h"

#include <windows.h>
#include <sddl.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "gss/oid.h"
#include "gss/target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    return 0;
}

static const UINT code_pages[] = {CP_ACP, CP_OEMCP, CP_UTF8, 1252, 20127, 0xffff};

/* The size asked for is the size that is needed, and one less does not do. */
static void play_widen(struct fuzz_input *input)
{
    UINT page = code_pages[fuzz_u8(input) % ARRAYSIZE(code_pages)];
    DWORD flags = fuzz_u8(input) % 2 ? MB_ERR_INVALID_CHARS : 0;
    size_t size;
    char *text = fuzz_rest(input, &size);
    int units = MultiByteToWideChar(page, flags, text, (int)size, NULL, 0);
    WCHAR *wide = malloc(units > 0 ? (size_t)units * sizeof *wide : 1);

    if (wide != NULL && units > 0) {
        fuzz_check(MultiByteToWideChar(page, flags, text, (int)size, wide, units) == units,
                   "the size asked for does");
        fuzz_check(units == 1 ||
                       MultiByteToWideChar(page, flags, text, (int)size, wide, units - 1) == 0,
                   "less than that does not");
    }
    free(wide);
    free(text);
}

static void play_narrow(struct fuzz_input *input)
{
    UINT page = code_pages[fuzz_u8(input) % ARRAYSIZE(code_pages)];
    DWORD flags = fuzz_u8(input) % 2 ? WC_ERR_INVALID_CHARS : 0;
    size_t size;
    WCHAR *wide = fuzz_rest(input, &size);
    int units = (int)(size / sizeof *wide),
        length = WideCharToMultiByte(page, flags, wide, units, NULL, 0, NULL, NULL);
    char *text = malloc(length > 0 ? (size_t)length : 1);

    if (text != NULL && length > 0) {
        fuzz_check(WideCharToMultiByte(page, flags, wide, units, text, length, NULL, NULL) ==
                       length,
                   "the size asked for does");
        fuzz_check(length == 1 || WideCharToMultiByte(page, flags, wide, units, text, length - 1,
                                                      NULL, NULL) == 0,
                   "less than that does not");
    }
    free(text);
    free(wide);
}

static void play_format(struct fuzz_input *input)
{
    DWORD flags = fuzz_u32(input) & ~(DWORD)FORMAT_MESSAGE_ALLOCATE_BUFFER, id = fuzz_u32(input);
    DWORD room = fuzz_u16(input) % 600;
    char *text = malloc(room > 0 ? room : 1);
    WCHAR *wide = malloc(room > 0 ? room * sizeof *wide : 1);

    if (text != NULL && wide != NULL && room > 0) {
        fuzz_check(FormatMessageA(flags, NULL, id, 0, text, room, NULL) < room,
                   "a text has an end");
        fuzz_check(FormatMessageW(flags, NULL, id, 0, wide, room, NULL) < room,
                   "a text has an end");
    }
    free(text);
    free(wide);
}

/* What was read is written as a text that is read as the same. */
static void play_sid(struct fuzz_input *input)
{
    char *text = fuzz_text(input);
    PSID sid = NULL, again = NULL;
    LPSTR written = NULL;

    if (ConvertStringSidToSidA(text, &sid)) {
        fuzz_check(IsValidSid(sid), "a SID is valid");
        fuzz_check(ConvertSidToStringSidA(sid, &written), "a SID can be written");
        fuzz_check(ConvertStringSidToSidA(written, &again), "a SID can be read again");
        fuzz_check(EqualSid(sid, again), "a SID stays what it is");
    }
    LocalFree(again);
    LocalFree(written);
    LocalFree(sid);
    free(text);
}

static void play_target(struct fuzz_input *input)
{
    const gss_OID_desc *mech = fuzz_u8(input) % 2 ? oid_krb5 : oid_ntlm;
    char *text = fuzz_text(input);
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    target_is_hostbased(text);
    if (target_import(text, mech, &name) == SEC_E_OK)
        fuzz_check(name != GSS_C_NO_NAME, "a name comes with success");
    gss_release_name(&minor, &name);
    free(text);
}

/* UTF-16 that is well formed comes back as it was. */
static void play_utf16(struct fuzz_input *input)
{
    size_t size, units, back_units;
    SEC_WCHAR *wide = fuzz_rest(input, &size), *back = NULL;
    char *text = NULL;

    units = size / sizeof *wide;
    if (text_from_utf16(wide, units, &text) == SEC_E_OK && text != NULL) {
        fuzz_check(text_to_w(text, &back, &back_units) == SEC_E_OK, "text has its UTF-16");
        fuzz_check(back_units >= units || memchr(wide, 0, size) != NULL, "nothing is lost");
        free(back);
    }
    free(text);
    free(wide);
}

static void play_utf8(struct fuzz_input *input)
{
    size_t size;
    char *octets = fuzz_rest(input, &size), *text = NULL;
    SEC_WCHAR *wide = NULL;
    size_t units;

    if (text_from_utf8(octets, size, &text) == SEC_E_OK && text != NULL &&
        text_to_w(text, &wide, &units) == SEC_E_OK)
        free(wide);
    free(text);
    free(octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const play[])(struct fuzz_input *) = {
        play_widen, play_narrow, play_format, play_sid, play_target, play_utf16, play_utf8};
    struct fuzz_input input = {data, size};

    play[fuzz_u8(&input) % ARRAYSIZE(play)](&input);
    return 0;
}
