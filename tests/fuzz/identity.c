/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: pAuthData (src/core/identity.h).  The input: the form, the form of the call, the
 * flags, then the texts; or, for the form that has no pointers, its octets.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "core/identity.h"
#include "core/winpr.h"

enum form { PLAIN, EX, EX2, WINPR, WINPR_V2, FORMS };

struct texts {
    void *text[4]; /* user, domain, password, packages */
    ULONG length[4];
    char *setting[3]; /* accounts, key table, cache */
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

static bool all_digits(const uint8_t *text, size_t count, bool utf16)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t at = text[utf16 ? 2 * i : i];

        if (at == 0 || strchr("0123456789abcdef", at) == NULL || (utf16 && text[2 * i + 1] != 0))
            return false;
    }
    return true;
}

static struct texts texts_read(struct fuzz_input *input, bool utf16)
{
    struct texts texts;
    size_t size;

    for (int i = 0; i < 4; i++) {
        texts.text[i] = fuzz_chunk(input, &size);
        texts.length[i] = (ULONG)(utf16 ? size / 2 : size);
        if (size == 0 && fuzz_u8(input) % 2) {
            free(texts.text[i]);
            texts.text[i] = NULL;
        }
    }
    for (int i = 0; i < 3; i++)
        texts.setting[i] = fuzz_text(input);
    /* WinPR 2 adds to the length of a password that is a hash; the digits alone are there. */
    if (texts.length[2] == IDENTITY_NTHASH_HEX && fuzz_u8(input) % 2 &&
        all_digits(texts.text[2], IDENTITY_NTHASH_HEX, utf16))
        texts.length[2] += WINPR_HASH_LENGTH_OFFSET;
    return texts;
}

static void texts_free(struct texts *texts)
{
    for (int i = 0; i < 4; i++)
        free(texts->text[i]);
    for (int i = 0; i < 3; i++)
        free(texts->setting[i]);
}

/* What an identity says must hold together. */
static void look_at(const void *auth_data, bool wide)
{
    struct identity *id;
    SECURITY_STATUS status = identity_read(auth_data, wide, &id);

    fuzz_check((status == SEC_E_OK) == (id != NULL), "an identity comes with success");
    if (id == NULL)
        return;
    if (id->explicit)
        fuzz_check(id->user != NULL && *id->user != '\0', "an explicit identity has a user");
    fuzz_check(id->nt_hash == NULL || strlen(id->nt_hash) == IDENTITY_NTHASH_HEX,
               "a hash has its length");
    identity_free(id);
}

static void play_plain(struct texts *texts, ULONG flags, bool wide)
{
    SEC_WINNT_AUTH_IDENTITY_W id = {
        .User = texts->text[0],
        .UserLength = texts->length[0],
        .Domain = texts->text[1],
        .DomainLength = texts->length[1],
        .Password = texts->text[2],
        .PasswordLength = texts->length[2],
        .Flags = flags & ~(ULONG)(WINPR_IDENTITY_EXTENDED | WINPR_IDENTITY_EXTENDED_V2),
    };

    look_at(&id, wide);
}

static void play_ex(struct texts *texts, ULONG flags, bool wide, enum form form)
{
    struct winpr_ntlm_settings ntlm = {.sam_file = texts->setting[0]};
    struct winpr_kerberos_settings krb5 = {.keytab = texts->setting[1], .cache = texts->setting[2]};
    struct winpr_ntlm_settings_v2 ntlm_v2 = {.size = sizeof ntlm_v2, .sam_file = texts->setting[0]};
    struct winpr_kerberos_settings_v2 krb5_v2 = {
        .size = sizeof krb5_v2, .keytab = texts->setting[1], .cache = texts->setting[2]};
    struct winpr_identity v1 = {.ntlm = &ntlm, .kerberos = &krb5};
    struct winpr_identity_v2 v2 = {
        .version = WINPR_IDENTITY_REVISION, .ntlm = &ntlm_v2, .kerberos = &krb5_v2};
    SEC_WINNT_AUTH_IDENTITY_EXW id = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof id,
        .User = texts->text[0],
        .UserLength = texts->length[0],
        .Domain = texts->text[1],
        .DomainLength = texts->length[1],
        .Password = texts->text[2],
        .PasswordLength = texts->length[2],
        .PackageList = texts->text[3],
        .PackageListLength = texts->length[3],
        .Flags = flags & ~(ULONG)(WINPR_IDENTITY_EXTENDED | WINPR_IDENTITY_EXTENDED_V2),
    };

    if (form == EX) {
        look_at(&id, wide);
    } else if (form == WINPR) {
        v1.identity = id;
        v1.identity.Flags |= WINPR_IDENTITY_EXTENDED;
        look_at(&v1, wide);
    } else {
        v2.identity = id;
        v2.identity.Flags |= WINPR_IDENTITY_EXTENDED_V2;
        look_at(&v2, wide);
    }
}

/* The self-relative form: only its head has to be as it should. */
static void play_ex2(struct fuzz_input *input, bool wide)
{
    size_t size;
    void *octets = fuzz_rest(input, &size);
    const USHORT header = sizeof(SEC_WINNT_AUTH_IDENTITY_EX2);
    ULONG version = 0;

    if (size >= sizeof(SEC_WINNT_AUTH_IDENTITY_EX2)) {
        memcpy(&version, octets, sizeof version);
        memcpy((char *)octets + offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, cbHeaderLength), &header,
               sizeof header);
    }
    if (version == SEC_WINNT_AUTH_IDENTITY_VERSION_2 && identity_fits(octets, size))
        look_at(octets, wide);
    free(octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    enum form form = fuzz_u8(&input) % FORMS;
    bool wide = fuzz_u8(&input) % 2;
    ULONG flags = fuzz_u32(&input);
    struct texts texts;

    if (form == WINPR || form == WINPR_V2) /* what FreeRDP passes, or it is no extension */
        flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | (flags & WINPR_IDENTITY_PASSWORD_HASH);
    if (form == EX2) {
        play_ex2(&input, wide);
        return 0;
    }
    texts = texts_read(&input, (flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) ||
                                   (!(flags & SEC_WINNT_AUTH_IDENTITY_ANSI) && wide));
    if (form == PLAIN)
        play_plain(&texts, flags, wide);
    else
        play_ex(&texts, flags, wide, form);
    texts_free(&texts);
    return 0;
}
