/* SPDX-License-Identifier: MIT */
/*
 * Identities as octets, as text and encrypted: Windows' layout, every prefix, every bit turned
 * over, another process, and memory that runs out.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

#include <sspi.h>
#include <sspi_linux.h>

#include "core/identity.h"
#include "core/text.h"
#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/idforms.h"

#define W(text) (u##text)

#define EXW_FLAGS (SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_MARSHALLED)

/* --- Octets --------------------------------------------------------------------------------- */

/* The numbers that Windows puts in front. */
struct head {
    ULONG version, length, user, user_length, domain, domain_length, password, password_length;
    ULONG flags, packages, packages_length;
};

struct octets {
    char *data;
    ULONG size;
};

static struct octets marshalled(const void *id)
{
    struct octets octets = {NULL, 0};

    ck_assert_int_eq(SspiMarshalAuthIdentity(unconst(id), &octets.size, &octets.data), SEC_E_OK);
    return octets;
}

START_TEST(layout_of_exw)
{
    OPAQUE id = encoded(W("user"), W("domain"), W("password"));
    struct octets octets = marshalled(id);
    const struct head *head = (const struct head *)octets.data;
    SEC_WINNT_AUTH_IDENTITY_EXW *exw;

    SspiFreeAuthIdentity(id);
    ck_assert_uint_eq(octets.size, sizeof(*head) + 2 * 18 + 4);
    ck_assert_uint_eq(head->version, SEC_WINNT_AUTH_IDENTITY_VERSION);
    ck_assert_uint_eq(head->length, sizeof(*head));
    ck_assert_uint_eq(head->user, 44);
    ck_assert_uint_eq(head->user_length, 4);
    ck_assert_uint_eq(head->domain, 44 + 8);
    ck_assert_uint_eq(head->domain_length, 6);
    ck_assert_uint_eq(head->password, 44 + 20);
    ck_assert_uint_eq(head->password_length, 8);
    ck_assert_uint_eq(head->flags, EXW_FLAGS);
    ck_assert_uint_eq(head->packages, 0);
    ck_assert_uint_eq(head->packages_length, 0);
    ck_assert_mem_eq(octets.data + 44, u"userdomainpassword", 36);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(octets.size, octets.data, &id), SEC_E_OK);
    exw = id;
    ck_assert_ptr_eq(exw->User, (unsigned short *)(exw + 1));
    ck_assert_mem_eq(exw->Password, u"password", 16);
    ck_assert_uint_eq(exw->Flags, EXW_FLAGS);
    SspiFreeAuthIdentity(id);
    SspiLocalFree(octets.data);
}
END_TEST

/* A plain identity is marshalled like an EX, in its own characters. */
START_TEST(layout_of_a)
{
    SEC_WINNT_AUTH_IDENTITY_A plain = plain_a("user", "domain", "password");
    struct octets octets = marshalled(&plain);
    const struct head *head = (const struct head *)octets.data;
    SEC_WINNT_AUTH_IDENTITY_EXA *exa;
    OPAQUE id;

    ck_assert_uint_eq(octets.size, sizeof(*head) + 18 + 4);
    ck_assert_uint_eq(head->version, SEC_WINNT_AUTH_IDENTITY_VERSION);
    ck_assert_uint_eq(head->domain, 44 + 4);
    ck_assert_uint_eq(head->domain_length, 6);
    ck_assert_uint_eq(head->flags, SEC_WINNT_AUTH_IDENTITY_ANSI);
    ck_assert_mem_eq(octets.data + 44, "userdomainpassword", 18);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(octets.size, octets.data, &id), SEC_E_OK);
    exa = id;
    ck_assert_uint_eq(exa->Version, SEC_WINNT_AUTH_IDENTITY_VERSION);
    ck_assert_uint_eq(exa->Length, sizeof(*exa));
    ck_assert_ptr_eq(exa->User, (unsigned char *)(exa + 1));
    ck_assert_uint_eq(exa->Flags,
                      SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_MARSHALLED);
    SspiFreeAuthIdentity(id);
    SspiLocalFree(octets.data);
}
END_TEST

START_TEST(layout_of_ex2)
{
    static SEC_WINNT_AUTH_IDENTITY_EX2 empty = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2,
        .cbHeaderLength = sizeof(empty),
        .cbStructureLength = sizeof(empty),
    };
    struct octets octets = marshalled(&empty);
    OPAQUE id;

    ck_assert_uint_eq(octets.size, sizeof(empty) + 8);
    ck_assert_mem_eq(octets.data, &empty, sizeof(empty));
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(octets.size, octets.data, &id), SEC_E_OK);
    ck_assert_mem_eq(id, &empty, sizeof(empty));
    SspiFreeAuthIdentity(id);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(sizeof(empty), octets.data, &id), SEC_E_OK);
    SspiFreeAuthIdentity(id);
    SspiLocalFree(octets.data);
}
END_TEST

static void assert_equal(const void *a, const void *b)
{
    BOOLEAN user = FALSE, all = FALSE;

    ck_assert_int_eq(SspiCompareAuthIdentities(unconst(a), unconst(b), &user, &all), SEC_E_OK);
    ck_assert(user && all);
}

START_TEST(there_and_back)
{
    union any id;
    struct octets octets;
    OPAQUE again;

    form_make(_i, &id);
    octets = marshalled(&id);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(octets.size, octets.data, &again), SEC_E_OK);
    assert_equal(&id, again);
    SspiFreeAuthIdentity(again);
    SspiLocalFree(octets.data);
}
END_TEST

START_TEST(octets_refused)
{
    SEC_WINNT_AUTH_IDENTITY_A bad = plain_a("al\xff", NULL, "pw");
    char octets[64] = {0};
    char *out = octets;
    ULONG size = 7;
    OPAQUE id = octets;

    ck_assert_int_eq(SspiMarshalAuthIdentity(NULL, &size, &out), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiMarshalAuthIdentity(&bad, &size, &out), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiMarshalAuthIdentity(&bad, NULL, &out), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiMarshalAuthIdentity(&bad, &size, NULL), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_eq(out, octets);
    ck_assert_uint_eq(size, 7);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(0, octets, &id), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(sizeof(octets), octets, &id), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(sizeof(octets), NULL, &id), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(sizeof(octets), octets, NULL), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_eq(id, octets);
}
END_TEST

/* What came of altered octets is an identity in every respect: all that reads one is content. */
static void assert_sound(OPAQUE id)
{
    struct octets octets = marshalled(id);
    struct identity *read;
    SECURITY_STATUS status;
    OPAQUE again;

    ck_assert_int_eq(SspiValidateAuthIdentity(id), SEC_E_OK);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(octets.size, octets.data, &again), SEC_E_OK);
    if (!SspiIsAuthIdentityEncrypted(id)) {
        assert_equal(id, again);
        status = identity_read(id, false, &read);
        ck_assert(status == SEC_E_OK || status == SEC_E_UNKNOWN_CREDENTIALS ||
                  status == SEC_E_UNSUPPORTED_FUNCTION);
        identity_free(read);
    }
    SspiFreeAuthIdentity(again);
    SspiLocalFree(octets.data);
}

/* In memory that ends where they end. */
static SECURITY_STATUS exact_unmarshal(const char *octets, size_t size, OPAQUE *id)
{
    char *exact = malloc(size == 0 ? 1 : size);
    SECURITY_STATUS status;

    memcpy(exact, octets, size);
    status = SspiUnmarshalAuthIdentity((ULONG)size, exact, id);
    free(exact);
    return status;
}

START_TEST(prefixes)
{
    union any id;
    struct octets octets;
    OPAQUE again;
    ULONG whole = 0;

    form_make(_i, &id);
    octets = marshalled(&id);
    for (ULONG size = 0; size <= octets.size; size++) {
        SECURITY_STATUS status = exact_unmarshal(octets.data, size, &again);

        if (status == SEC_E_OK) {
            assert_equal(&id, again);
            SspiFreeAuthIdentity(again);
            whole++;
        } else {
            ck_assert_int_eq(status, SEC_E_INVALID_TOKEN);
            ck_assert_uint_eq(whole, 0);
        }
    }
    ck_assert_uint_eq(whole, _i < FORM_DIRECT ? 5 : 9); /* without some of the zeros */
    SspiLocalFree(octets.data);
}
END_TEST

START_TEST(bits)
{
    union any id;
    struct octets octets;
    OPAQUE again;
    unsigned refused = 0;

    form_make(_i, &id);
    octets = marshalled(&id);
    for (ULONG bit = 0; bit < 8 * octets.size; bit++) {
        octets.data[bit / 8] ^= (char)(1 << bit % 8);
        if (exact_unmarshal(octets.data, octets.size, &again) == SEC_E_OK) {
            assert_sound(again);
            SspiFreeAuthIdentity(again);
        } else {
            refused++;
        }
        octets.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    ck_assert_uint_gt(refused, 100);
    SspiLocalFree(octets.data);
}
END_TEST

/* --- Text ----------------------------------------------------------------------------------- */

/* A list of packages makes it an encoded text: each prefix, and each bit of each character. */
START_TEST(text_altered)
{
    union any id;
    PCWSTR text;
    WCHAR *altered;
    size_t length = 0;
    OPAQUE again;

    form_make(_i, &id);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(&id, NULL, NULL, &text), SEC_E_OK);
    while (text[length] != 0)
        length++;
    ck_assert_uint_gt(length, 40);
    altered = malloc((length + 1) * sizeof(*altered));
    memcpy(altered, text, (length + 1) * sizeof(*altered));
    for (size_t end = length - 1; end > 8; end--) {
        altered[end] = 0;
        ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(user_w, domain_w, altered, &again),
                         SEC_E_INVALID_TOKEN);
    }
    memcpy(altered, text, (length + 1) * sizeof(*altered));
    for (size_t bit = 8 * 16; bit < length * 16; bit++) { /* behind the mark */
        altered[bit / 16] = (WCHAR)(text[bit / 16] ^ 1 << bit % 16);
        if (SspiEncodeStringsAsAuthIdentity(user_w, domain_w, altered, &again) == SEC_E_OK) {
            assert_sound(again);
            SspiFreeAuthIdentity(again);
        }
        altered[bit / 16] = text[bit / 16];
    }
    free(altered);
    SspiLocalFree(unconst(text));
}
END_TEST

/* --- Encrypted ------------------------------------------------------------------------------ */

static OPAQUE copied(const void *id)
{
    OPAQUE copy = NULL;

    ck_assert_int_eq(SspiCopyAuthIdentity(unconst(id), &copy), SEC_E_OK);
    return copy;
}

static OPAQUE encrypted(int form)
{
    union any id;
    OPAQUE copy;

    form_make(form, &id);
    copy = copied(&id);
    ck_assert(!SspiIsAuthIdentityEncrypted(copy));
    ck_assert_int_eq(SspiEncryptAuthIdentity(copy), SEC_E_OK);
    ck_assert(SspiIsAuthIdentityEncrypted(copy));
    ck_assert_int_eq(SspiValidateAuthIdentity(copy), SEC_E_OK);
    return copy;
}

/* Whether the secret can be read in what is marshalled, which is all there is. */
static bool shows_secret(OPAQUE id)
{
    struct octets octets = marshalled(id);
    bool wide = memmem(octets.data, octets.size, secret_w, sizeof(secret_w) - 2) != NULL;
    bool narrow = memmem(octets.data, octets.size, "secret", 6) != NULL ||
                  memmem(octets.data, octets.size, "s\303\251cret", 7) != NULL;

    SspiLocalFree(octets.data);
    return wide || narrow;
}

/* It can be read by a logon, compared, copied and marshalled, and is what it was afterwards. */
START_TEST(encrypts)
{
    union any id;
    OPAQUE closed = encrypted(_i), copy;
    struct octets octets;

    form_make(_i, &id);
    ck_assert(!shows_secret(closed));
    assert_equal(&id, closed);
    copy = copied(closed);
    ck_assert(SspiIsAuthIdentityEncrypted(copy));
    assert_equal(&id, copy);
    SspiFreeAuthIdentity(copy);
    octets = marshalled(closed);
    ck_assert_int_eq(SspiUnmarshalAuthIdentity(octets.size, octets.data, &copy), SEC_E_OK);
    SspiLocalFree(octets.data);
    assert_equal(&id, copy);
    ck_assert_int_eq(SspiDecryptAuthIdentity(copy), SEC_E_OK);
    ck_assert(!SspiIsAuthIdentityEncrypted(copy));
    ck_assert(shows_secret(copy));
    for (int i = 0; i < 3; i++) { /* as often as one likes, in the same place */
        ck_assert_int_eq(SspiDecryptAuthIdentity(closed), SEC_E_OK);
        assert_equal(copy, closed);
        ck_assert_int_eq(
            SspiEncryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, closed),
            SEC_E_OK);
    }
    ck_assert_int_eq(
        SspiDecryptAuthIdentityEx(SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS, closed), SEC_E_OK);
    assert_equal(&id, closed);
    SspiFreeAuthIdentity(copy);
    SspiFreeAuthIdentity(closed);
}
END_TEST

/* The same password never looks the same. */
START_TEST(never_alike)
{
    OPAQUE one = encrypted(FORM_EXW), other = encrypted(FORM_EXW);
    struct octets a = marshalled(one), b = marshalled(other);

    ck_assert_uint_eq(a.size, b.size);
    ck_assert_mem_ne(a.data, b.data, a.size);
    SspiLocalFree(a.data);
    SspiLocalFree(b.data);
    SspiFreeAuthIdentity(one);
    SspiFreeAuthIdentity(other);
}
END_TEST

/* No password, and an empty one, are not the same before or after. */
START_TEST(encrypts_nothing)
{
    OPAQUE none = encoded(W("alice"), NULL, NULL), empty = encoded(W("alice"), NULL, W(""));
    SEC_WINNT_AUTH_IDENTITY_EXW *exw = none;

    ck_assert_int_eq(SspiEncryptAuthIdentity(none), SEC_E_OK);
    ck_assert_int_eq(SspiEncryptAuthIdentity(empty), SEC_E_OK);
    ck_assert(SspiIsAuthIdentityEncrypted(none));
    ck_assert_int_eq(SspiDecryptAuthIdentity(none), SEC_E_OK);
    ck_assert_ptr_null(exw->Password);
    ck_assert_int_eq(SspiDecryptAuthIdentity(empty), SEC_E_OK);
    exw = empty;
    ck_assert_ptr_nonnull(exw->Password);
    ck_assert_uint_eq(exw->PasswordLength, 0);
    SspiFreeAuthIdentity(none);
    SspiFreeAuthIdentity(empty);
}
END_TEST

START_TEST(encrypt_refused)
{
    static const ULONG unsupported[] = {SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON,
                                        SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM, 3, 7};
    SEC_WINNT_AUTH_IDENTITY_A own = plain_a("alice", NULL, "secret");
    OPAQUE closed = encrypted(FORM_EXW), open = encoded(W("alice"), NULL, W("pw"));

    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(SspiEncryptAuthIdentityEx(unsupported[i], open),
                         SEC_E_UNSUPPORTED_FUNCTION);
        ck_assert_int_eq(SspiDecryptAuthIdentityEx(unsupported[i], closed),
                         SEC_E_UNSUPPORTED_FUNCTION);
    }
    ck_assert_int_eq(SspiEncryptAuthIdentityEx(0, open), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiDecryptAuthIdentityEx(8, closed), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiEncryptAuthIdentity(closed), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiDecryptAuthIdentity(open), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(SspiEncryptAuthIdentity(NULL), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiDecryptAuthIdentity(NULL), SEC_E_INVALID_TOKEN);
    ck_assert(!SspiIsAuthIdentityEncrypted(NULL));
    ck_assert_int_eq(SspiEncryptAuthIdentity(&own), SEC_E_INVALID_PARAMETER); /* no room */
    ck_assert_str_eq((const char *)own.Password, "secret");
    own.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED;
    ck_assert(SspiIsAuthIdentityEncrypted(&own));
    ck_assert_int_eq(SspiDecryptAuthIdentity(&own), SEC_E_UNSUPPORTED_FUNCTION);
    SspiFreeAuthIdentity(closed);
    SspiFreeAuthIdentity(open);
}
END_TEST

/* A block whose program has put its own password into it has no room there either. */
START_TEST(encrypt_elsewhere)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *id = encoded(W("alice"), NULL, W("pw"));
    WCHAR own[] = u"elsewhere";

    id->Password = own;
    id->PasswordLength = 9;
    ck_assert_int_eq(SspiEncryptAuthIdentity(id), SEC_E_INVALID_PARAMETER);
    ck_assert(same_w(own, W("elsewhere")));
    SspiFreeAuthIdentity(id);
}
END_TEST

/* Names, flags, list, and what is encrypted: nothing of it can be altered. */
START_TEST(encrypted_bits)
{
    OPAQUE closed = encrypted(_i), again;
    struct octets octets = marshalled(closed);
    union any id;

    form_make(_i, &id);
    for (ULONG bit = 0; bit < 8 * octets.size; bit++) {
        octets.data[bit / 8] ^= (char)(1 << bit % 8);
        if (exact_unmarshal(octets.data, octets.size, &again) == SEC_E_OK) {
            SECURITY_STATUS status = SspiDecryptAuthIdentity(again);
            struct identity *read;

            if (status == SEC_E_OK) {
                assert_equal(&id, again);
            } else {
                ck_assert(status == SEC_E_DECRYPT_FAILURE || status == SEC_E_INVALID_PARAMETER ||
                          status == SEC_E_UNSUPPORTED_FUNCTION);
                ck_assert(!shows_secret(again));
                if (SspiIsAuthIdentityEncrypted(again))
                    ck_assert_int_ne(identity_read(again, true, &read), SEC_E_OK);
            }
            SspiFreeAuthIdentity(again);
        }
        octets.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    SspiLocalFree(octets.data);
    SspiFreeAuthIdentity(closed);
}
END_TEST

/* A child has a key of its own: it opens what it encrypts, and nothing of its parent's. */
static int child_of(OPAQUE closed)
{
    OPAQUE own = encoded(W("alice"), NULL, W("pw"));
    struct identity *read;

    if (SspiDecryptAuthIdentity(closed) != SEC_E_DECRYPT_FAILURE)
        return 1;
    if (identity_read(closed, true, &read) != SEC_E_UNKNOWN_CREDENTIALS)
        return 2;
    if (SspiEncryptAuthIdentity(own) != SEC_E_OK || SspiDecryptAuthIdentity(own) != SEC_E_OK)
        return 3;
    return SspiDecryptAuthIdentity(closed) == SEC_E_DECRYPT_FAILURE ? 0 : 4;
}

START_TEST(another_process)
{
    OPAQUE closed = encrypted(FORM_EXW);
    int result;
    pid_t child = fork();

    if (child == 0)
        _exit(child_of(closed));
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    ck_assert(WIFEXITED(result));
    ck_assert_int_eq(WEXITSTATUS(result), 0);
    ck_assert_int_eq(SspiDecryptAuthIdentity(closed), SEC_E_OK);
    SspiFreeAuthIdentity(closed);
}
END_TEST

/* --- Without memory ------------------------------------------------------------------------- */

/* Everything once; SEC_E_INSUFFICIENT_MEMORY where there is none, and nothing is lost. */
static SECURITY_STATUS everything(const void *id)
{
    OPAQUE copy = NULL, again = NULL, excluding = NULL;
    PCWSTR text[3] = {NULL, NULL, NULL}, name = NULL, user = NULL;
    struct octets octets = {NULL, 0};
    PUCHAR password = NULL;
    ULONG type, size;
    BOOLEAN same;
    SECURITY_STATUS status = SspiCopyAuthIdentity(unconst(id), &copy);

    if (status == SEC_E_OK)
        status = SspiEncodeAuthIdentityAsStrings(copy, &text[0], &text[1], &text[2]);
    if (status == SEC_E_OK)
        status = SspiEncodeStringsAsAuthIdentity(text[0], text[1], text[2], &again);
    if (status == SEC_E_OK)
        status = SspiEncryptAuthIdentity(copy);
    if (status == SEC_E_OK)
        status = SspiExcludePackage(copy, W("NTLM"), &excluding);
    if (status == SEC_E_OK)
        status = SspiMarshalAuthIdentity(copy, &octets.size, &octets.data);
    SspiFreeAuthIdentity(again);
    again = NULL;
    if (status == SEC_E_OK)
        status = SspiUnmarshalAuthIdentity(octets.size, octets.data, &again);
    if (status == SEC_E_OK)
        status = SspiCompareAuthIdentities(copy, again, NULL, &same);
    if (status == SEC_E_OK)
        status = SspiPrepareForCredWrite(again, NULL, &type, &name, &user, &password, &size);
    if (status == SEC_E_OK)
        status = SspiDecryptAuthIdentity(again);
    for (int i = 0; i < 3; i++)
        SspiLocalFree(unconst(text[i]));
    SspiLocalFree(unconst(name));
    SspiLocalFree(unconst(user));
    SspiLocalFree(password);
    SspiLocalFree(octets.data);
    SspiFreeAuthIdentity(copy);
    SspiFreeAuthIdentity(again);
    SspiFreeAuthIdentity(excluding);
    return status;
}

START_TEST(without_memory)
{
    static const int forms[] = {FORM_EXA, FORM_EXW, FORM_VECTOR};
    union any id;
    unsigned number = 0;
    SECURITY_STATUS status;

    form_make(forms[_i], &id);
    ck_assert_int_eq(everything(&id), SEC_E_OK);
    do {
        faults_arm(++number);
        status = everything(&id);
        if (!faults_disarm())
            break;
        ck_assert_msg(status == SEC_E_INSUFFICIENT_MEMORY, "allocation %u: %s", number,
                      sspi_status_name(status));
    } while (number < FAULTS_MAX);
    ck_assert_int_eq(status, SEC_E_OK);
    ck_assert_uint_gt(number, 30);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("identity_blobs");
    TCase *octets = tcase_create("octets"), *closed = tcase_create("encrypted");

    tcase_add_test(octets, layout_of_exw);
    tcase_add_test(octets, layout_of_a);
    tcase_add_test(octets, layout_of_ex2);
    tcase_add_loop_test(octets, there_and_back, 0, FORMS);
    tcase_add_test(octets, octets_refused);
    tcase_add_loop_test(octets, prefixes, 0, FORMS);
    tcase_add_loop_test(octets, bits, 0, FORMS);
    tcase_add_loop_test(octets, text_altered, FORM_EXA, FORM_DIRECT);
    tcase_add_loop_test(octets, text_altered, FORM_VECTOR, FORMS);
    suite_add_tcase(s, octets);
    tcase_add_loop_test(closed, encrypts, 0, FORMS);
    tcase_add_test(closed, never_alike);
    tcase_add_test(closed, encrypts_nothing);
    tcase_add_test(closed, encrypt_refused);
    tcase_add_test(closed, encrypt_elsewhere);
    tcase_add_loop_test(closed, encrypted_bits, 0, FORMS);
    tcase_add_test(closed, another_process);
    tcase_add_loop_test(closed, without_memory, 0, 3);
    suite_add_tcase(s, closed);
    return s;
}

CHECK_MAIN(suite)
