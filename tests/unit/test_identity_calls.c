/* SPDX-License-Identifier: MIT */
/*
 * The calls on identities: what Windows is known to give, what is refused, and that no octet of a
 * marshalled, encoded or encrypted identity can be altered to something else unseen.
 */
#include <ntstatus.h>
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

#define W(text) (u##text)

typedef PSEC_WINNT_AUTH_IDENTITY_OPAQUE OPAQUE;

#define EXW_FLAGS (SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_MARSHALLED)

static bool same(PCWSTR a, PCWSTR b)
{
    size_t i = 0;

    if (a == NULL || b == NULL)
        return a == b;
    while (a[i] != 0 && a[i] == b[i])
        i++;
    return a[i] == b[i];
}

static OPAQUE encoded(PCWSTR user, PCWSTR domain, PCWSTR password)
{
    OPAQUE id = NULL;

    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(user, domain, password, &id), SEC_E_OK);
    ck_assert_int_eq(SspiValidateAuthIdentity(id), SEC_E_OK);
    return id;
}

/* Gives back what an identity says as strings, and frees them. */
static void assert_strings(OPAQUE id, PCWSTR user, PCWSTR domain, PCWSTR password)
{
    PCWSTR out[3] = {W("x"), W("x"), W("x")};

    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(id, &out[0], &out[1], &out[2]), SEC_E_OK);
    ck_assert(same(out[0], user));
    ck_assert(same(out[1], domain));
    ck_assert(same(out[2], password));
    for (int i = 0; i < 3; i++)
        SspiLocalFree((void *)(uintptr_t)out[i]);
}

/* --- Structures of the program's ------------------------------------------------------------ */

static unsigned char *unconst(const void *text)
{
    return (unsigned char *)(uintptr_t)text;
}

static SEC_WINNT_AUTH_IDENTITY_A plain_a(const char *user, const char *domain, const char *password)
{
    return (SEC_WINNT_AUTH_IDENTITY_A){
        .User = unconst(user),
        .UserLength = user == NULL ? 0 : (ULONG)strlen(user),
        .Domain = unconst(domain),
        .DomainLength = domain == NULL ? 0 : (ULONG)strlen(domain),
        .Password = unconst(password),
        .PasswordLength = password == NULL ? 0 : (ULONG)strlen(password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
}

static SEC_WINNT_AUTH_IDENTITY_EXA ex_a(const char *list)
{
    SEC_WINNT_AUTH_IDENTITY_A plain = plain_a("alice", "CORP", "secret");

    return (SEC_WINNT_AUTH_IDENTITY_EXA){
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(SEC_WINNT_AUTH_IDENTITY_EXA),
        .User = plain.User,
        .UserLength = plain.UserLength,
        .Domain = plain.Domain,
        .DomainLength = plain.DomainLength,
        .Password = plain.Password,
        .PasswordLength = plain.PasswordLength,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        .PackageList = unconst(list),
        .PackageListLength = list == NULL ? 0 : (ULONG)strlen(list),
    };
}

/* An EX2 as a program lays it out: the packed credentials first, the names behind them. */
union ex2 {
    SEC_WINNT_AUTH_IDENTITY_EX2 head;
    unsigned char octets[512];
};

static void ex2_add(union ex2 *id, ULONG *offset, USHORT *length, const void *octets, size_t size)
{
    *offset = id->head.cbStructureLength;
    *length = (USHORT)size;
    memcpy(id->octets + *offset, octets, size);
    id->head.cbStructureLength += (ULONG)size;
}

enum packing { DIRECT, VECTOR, CERTIFICATE };

/* Packed credentials: a password as Windows has it, as its declaration has it, or no password. */
static size_t pack(enum packing packing, const void *secret, size_t size, unsigned char *out)
{
    static const GUID types[] = {
        [DIRECT] = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT,
        [VECTOR] = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT,
        [CERTIFICATE] = SEC_WINNT_AUTH_DATA_TYPE_CERT_INIT,
    };
    SEC_WINNT_AUTH_DATA_PASSWORD vector = {{sizeof(vector), (USHORT)size}};
    size_t between = packing == VECTOR ? sizeof(vector) : 0;
    SEC_WINNT_AUTH_PACKED_CREDENTIALS head = {
        .cbHeaderLength = sizeof(head),
        .cbStructureLength = (USHORT)(sizeof(head) + between + size),
        .AuthData = {types[packing], {sizeof(head), (USHORT)(between + size)}},
    };

    memcpy(out, &head, sizeof(head));
    memcpy(out + sizeof(head), &vector, between);
    memcpy(out + sizeof(head) + between, secret, size);
    return sizeof(head) + between + size;
}

static const WCHAR user_w[] = u"alice", domain_w[] = u"CORP", secret_w[] = u"s\u00e9cret",
                   list_w[] = u"kerberos,!ntlm";

#define OCTETS(text) text, sizeof(text) - sizeof(WCHAR)

static void ex2_make(union ex2 *id, enum packing packing, bool list)
{
    unsigned char packed[128];
    size_t size = pack(packing, OCTETS(secret_w), packed);

    memset(id, 0, sizeof(*id));
    id->head.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    id->head.cbHeaderLength = sizeof(id->head);
    id->head.cbStructureLength = sizeof(id->head);
    ex2_add(id, &id->head.PackedCredentialsOffset, &id->head.PackedCredentialsLength, packed, size);
    ex2_add(id, &id->head.UserOffset, &id->head.UserLength, OCTETS(user_w));
    ex2_add(id, &id->head.DomainOffset, &id->head.DomainLength, OCTETS(domain_w));
    if (list)
        ex2_add(id, &id->head.PackageListOffset, &id->head.PackageListLength, OCTETS(list_w));
}

/* What a logon would read, the same for both. */
static void assert_reads_alike(const void *a, const void *b)
{
    struct identity *one, *other;
    SECURITY_STATUS status = identity_read(a, true, &one);

    ck_assert_int_eq(identity_read(b, true, &other), status);
    if (status != SEC_E_OK)
        return;
    ck_assert_pstr_eq(one->user, other->user);
    ck_assert_pstr_eq(one->domain, other->domain);
    ck_assert_pstr_eq(one->password, other->password);
    ck_assert_uint_eq(one->mechs, other->mechs);
    ck_assert_int_eq(one->explicit, other->explicit);
    identity_free(one);
    identity_free(other);
}

/* Every form, to begin with. */
enum { FORM_A, FORM_W, FORM_EXA, FORM_EXW, FORM_DIRECT, FORM_VECTOR, FORM_CERTIFICATE, FORMS };

union any {
    SEC_WINNT_AUTH_IDENTITY_A a;
    SEC_WINNT_AUTH_IDENTITY_W w;
    SEC_WINNT_AUTH_IDENTITY_EXA exa;
    SEC_WINNT_AUTH_IDENTITY_EXW exw;
    union ex2 ex2;
};

static void form_make(int form, union any *id)
{
    memset(id, 0, sizeof(*id));
    switch (form) {
    case FORM_A:
        id->a = plain_a("alice", "CORP", "s\303\251cret");
        break;
    case FORM_EXA:
        id->exa = ex_a("kerberos,!ntlm");
        break;
    case FORM_W:
        id->w = (SEC_WINNT_AUTH_IDENTITY_W){
            (void *)unconst(user_w),   5, (void *)unconst(domain_w),      4,
            (void *)unconst(secret_w), 6, SEC_WINNT_AUTH_IDENTITY_UNICODE};
        break;
    case FORM_EXW:
        id->exw = (SEC_WINNT_AUTH_IDENTITY_EXW){.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                                .Length = sizeof(id->exw),
                                                .User = (void *)unconst(user_w),
                                                .UserLength = 5,
                                                .Domain = (void *)unconst(domain_w),
                                                .DomainLength = 4,
                                                .Password = (void *)unconst(secret_w),
                                                .PasswordLength = 6,
                                                .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
                                                .PackageList = (void *)unconst(list_w),
                                                .PackageListLength = 14};
        break;
    default:
        ex2_make(&id->ex2,
                 form == FORM_DIRECT   ? DIRECT
                 : form == FORM_VECTOR ? VECTOR
                                       : CERTIFICATE,
                 form != FORM_DIRECT);
    }
}

/* --- Strings -------------------------------------------------------------------------------- */

/* Without any string Windows refuses, and leaves the pointer as it was. */
START_TEST(encode_nothing)
{
    OPAQUE id = &id;
    WCHAR half[] = {0xd800, 0};

    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(NULL, NULL, NULL, NULL), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(W("a"), NULL, NULL, NULL),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(NULL, NULL, NULL, &id), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiEncodeStringsAsAuthIdentity(W("a"), NULL, half, &id), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_eq(id, &id);
}
END_TEST

/* The structure that Windows makes. */
START_TEST(encode_layout)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *id = encoded(NULL, NULL, W("password"));

    ck_assert_uint_eq(id->Version, SEC_WINNT_AUTH_IDENTITY_VERSION);
    ck_assert_uint_eq(id->Length, sizeof(*id));
    ck_assert_ptr_null(id->User);
    ck_assert_uint_eq(id->UserLength, 0);
    ck_assert_ptr_null(id->Domain);
    ck_assert_ptr_eq(id->Password, (unsigned short *)(id + 1));
    ck_assert_uint_eq(id->PasswordLength, 8);
    ck_assert_uint_eq(id->Flags, EXW_FLAGS);
    ck_assert_ptr_null(id->PackageList);
    ck_assert_uint_eq(id->PackageListLength, 0);
    SspiFreeAuthIdentity(id);
}
END_TEST

static const struct {
    PCWSTR user, domain, password;
} names[] = {
    {u"username", u"domainname", u"password"},
    {u"username", NULL, u"password"},
    {u"username", NULL, NULL},
    {NULL, u"domainname", u"password"},
    {NULL, NULL, u"password"},
    {u"", u"", u""},
    {u"us\u00e9r\U0001f511", u"d", u"p\u20ac"},
    {u"user", NULL, u"@@sspi1:"},
    {u"user", u"d", u"@@sspi1:00"},
};

START_TEST(strings_there_and_back)
{
    OPAQUE id =
        encoded(names[_i].user, names[_i].domain, _i < 7 ? names[_i].password : W("password"));
    OPAQUE again;
    PCWSTR out[3];

    if (_i >= 7) { /* a password that looks like an encoded one cannot be given so */
        SEC_WINNT_AUTH_IDENTITY_EXW *exw = id;

        exw->Password = (void *)unconst(names[_i].password);
        exw->PasswordLength = _i == 7 ? 8 : 10;
    } else {
        assert_strings(id, names[_i].user, names[_i].domain, names[_i].password);
    }
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(id, &out[0], &out[1], &out[2]), SEC_E_OK);
    again = encoded(out[0], out[1], out[2]);
    assert_reads_alike(id, again);
    for (int i = 0; i < 3; i++)
        SspiFreeAuthIdentity((void *)(uintptr_t)out[i]); /* as Windows' manual has it */
    SspiFreeAuthIdentity(again);
    SspiFreeAuthIdentity(id);
}
END_TEST

/* Lists of packages and certificates, too. */
START_TEST(forms_as_strings)
{
    union any id;
    PCWSTR out[3], only;
    OPAQUE again;
    BOOLEAN user = FALSE, all = FALSE;

    form_make(_i, &id);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(&id, &out[0], &out[1], &out[2]), SEC_E_OK);
    ck_assert(same(out[0], user_w));
    ck_assert(same(out[1], domain_w));
    again = encoded(out[0], out[1], out[2]);
    ck_assert_int_eq(SspiCompareAuthIdentities(&id, again, &user, &all), SEC_E_OK);
    ck_assert(user && all);
    assert_reads_alike(&id, again);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(&id, NULL, &only, NULL), SEC_E_OK);
    ck_assert(same(only, domain_w));
    SspiLocalFree((void *)(uintptr_t)only);
    for (int i = 0; i < 3; i++)
        SspiLocalFree((void *)(uintptr_t)out[i]);
    SspiFreeAuthIdentity(again);
}
END_TEST

START_TEST(strings_refused)
{
    PCWSTR out[3] = {W("x"), W("x"), W("x")};
    SEC_WINNT_AUTH_IDENTITY_A bad = plain_a("al\xff", NULL, "pw");
    OPAQUE closed = encoded(W("alice"), NULL, W("pw"));

    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(NULL, &out[0], &out[1], &out[2]),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(&bad, &out[0], &out[1], &out[2]),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiEncryptAuthIdentity(closed), SEC_E_OK);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(closed, &out[0], &out[1], &out[2]),
                     STATUS_INVALID_PARAMETER);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(out[i]);
    SspiFreeAuthIdentity(closed);
}
END_TEST

/* --- Validate, copy ------------------------------------------------------------------------- */

static const struct {
    const char *what;
    size_t offset;
    ULONG value;
} bad_ex[] = {
    {"FreeRDP's extension", offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, Flags), 0x101},
    {"both forms of text", offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, Flags), 3},
    {"a flag of nobody's", offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, Flags), 0x00100001},
    {"too long a name", offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, UserLength), 0x80000000U},
    {"a terminator within", offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, UserLength), 6},
    {"too short when closed", offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, Flags), 0x11},
};

START_TEST(validate_refused)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = ex_a(NULL);
    OPAQUE copy = &copy;

    ck_assert_int_eq(SspiValidateAuthIdentity(&id), SEC_E_OK);
    memcpy((char *)&id + bad_ex[_i].offset, &bad_ex[_i].value, sizeof(ULONG));
    ck_assert_msg(SspiValidateAuthIdentity(&id) == SEC_E_INVALID_TOKEN, "%s", bad_ex[_i].what);
    ck_assert_str_ne(sspi_native_error(), "");
    ck_assert_int_eq(SspiCopyAuthIdentity(&id, &copy), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_eq(copy, &copy);
}
END_TEST

START_TEST(validate_pointers)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = ex_a(NULL);

    ck_assert_int_eq(SspiValidateAuthIdentity(NULL), SEC_E_INVALID_TOKEN);
    id.Password = NULL;
    ck_assert_int_eq(SspiValidateAuthIdentity(&id), SEC_E_INVALID_TOKEN);
    id = ex_a(NULL);
    id.Domain = NULL;
    ck_assert_int_eq(SspiValidateAuthIdentity(&id), SEC_E_INVALID_TOKEN);
}
END_TEST

static const size_t ex2_offsets[] = {
    offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, UserOffset),
    offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, DomainOffset),
    offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListOffset),
    offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsOffset),
};

START_TEST(validate_ex2)
{
    union ex2 id;
    ULONG far = 0xfffffff0U;

    ex2_make(&id, DIRECT, true);
    ck_assert_int_eq(SspiValidateAuthIdentity(&id), SEC_E_OK);
    memcpy(id.octets + ex2_offsets[_i], &far, sizeof(far));
    ck_assert_int_eq(SspiValidateAuthIdentity(&id), SEC_E_INVALID_TOKEN);
}
END_TEST

/* Equal, and of one block: nothing of the original is needed. */
START_TEST(copies)
{
    union any id, before;
    OPAQUE copy;
    BOOLEAN user = FALSE, all = FALSE;

    form_make(_i, &id);
    before = id;
    ck_assert_int_eq(SspiCopyAuthIdentity(&id, &copy), SEC_E_OK);
    ck_assert_int_eq(memcmp(&id, &before, sizeof(id)), 0);
    ck_assert_int_eq(SspiCompareAuthIdentities(&id, copy, &user, &all), SEC_E_OK);
    ck_assert(user && all);
    assert_reads_alike(&id, copy);
    if (_i == FORM_A || _i == FORM_W) { /* the form stays, for programs that look into it */
        const SEC_WINNT_AUTH_IDENTITY_A *plain = copy;

        ck_assert_uint_eq(plain->Flags, id.a.Flags | SEC_WINNT_AUTH_IDENTITY_MARSHALLED);
        ck_assert_uint_eq(plain->UserLength, 5);
        ck_assert_ptr_eq(plain->User, (const unsigned char *)(plain + 1));
    }
    SspiFreeAuthIdentity(copy);
    ck_assert_int_eq(SspiCopyAuthIdentity(&id, NULL), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiCopyAuthIdentity(NULL, &copy), SEC_E_INVALID_TOKEN);
}
END_TEST

/* --- Zero, free ----------------------------------------------------------------------------- */

START_TEST(zero)
{
    OPAQUE id = encoded(W("user"), W("domain"), W("password"));
    SEC_WINNT_AUTH_IDENTITY_EXW *exw = id;
    union ex2 ex2;
    char password[] = "password";
    SEC_WINNT_AUTH_IDENTITY_A own = plain_a("alice", NULL, password);

    SspiZeroAuthIdentity(id);
    for (int i = 0; i < 8; i++)
        ck_assert_uint_eq(exw->Password[i], 0);
    assert_strings(id, W("user"), W("domain"), W(""));
    SspiFreeAuthIdentity(id);
    SspiZeroAuthIdentity(&own);
    ck_assert_mem_eq(password, "\0\0\0\0\0\0\0\0", 8);
    ex2_make(&ex2, DIRECT, false);
    SspiZeroAuthIdentity(&ex2);
    for (ULONG i = ex2.head.PackedCredentialsOffset; i < ex2.head.UserOffset; i++)
        ck_assert_uint_eq(ex2.octets[i], 0);
    assert_strings(&ex2, user_w, domain_w, NULL);
    SspiZeroAuthIdentity(NULL);
}
END_TEST

/* Twice, by the other call, and what is not ours. */
START_TEST(frees)
{
    OPAQUE id = encoded(W("user"), NULL, W("password"));
    SEC_WINNT_AUTH_IDENTITY_A own = plain_a("alice", NULL, "pw");
    char *octets;
    ULONG size;

    ck_assert_int_eq(SspiMarshalAuthIdentity(id, &size, &octets), SEC_E_OK);
    SspiLocalFree(id);
    SspiFreeAuthIdentity(octets);
    SspiLocalFree(octets);
    SspiFreeAuthIdentity(id);
    SspiFreeAuthIdentity(&own);
    SspiLocalFree(&own);
    SspiFreeAuthIdentity(NULL);
    SspiLocalFree(NULL);
    ck_assert_uint_eq(own.UserLength, 5);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("identity_calls");
    TCase *strings = tcase_create("strings"), *whole = tcase_create("whole");

    tcase_add_test(strings, encode_nothing);
    tcase_add_test(strings, encode_layout);
    tcase_add_loop_test(strings, strings_there_and_back, 0, sizeof(names) / sizeof(*names));
    tcase_add_loop_test(strings, forms_as_strings, 0, FORMS);
    tcase_add_test(strings, strings_refused);
    suite_add_tcase(s, strings);
    tcase_add_loop_test(whole, validate_refused, 0, sizeof(bad_ex) / sizeof(*bad_ex));
    tcase_add_test(whole, validate_pointers);
    tcase_add_loop_test(whole, validate_ex2, 0, 4);
    tcase_add_loop_test(whole, copies, 0, FORMS);
    tcase_add_test(whole, zero);
    tcase_add_test(whole, frees);
    suite_add_tcase(s, whole);
    return s;
}

CHECK_MAIN(suite)
