/* SPDX-License-Identifier: MIT */
/*
 * The calls on identities: what Windows is known to give, what is refused, and that no octet of a
 * marshalled, encoded or encrypted identity can be altered to something else unseen.
 */
#include <ntstatus.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

#include <sspi.h>
#include <sspi_linux.h>
#include <wincred.h>

#include "core/identity.h"
#include "core/text.h"
#include "identity/identity.h"
#include "lib/check_main.h"
#include "lib/idforms.h"

#define W(text) (u##text)

#define EXW_FLAGS (SEC_WINNT_AUTH_IDENTITY_UNICODE | SEC_WINNT_AUTH_IDENTITY_MARSHALLED)

/* Gives back what an identity says as strings, and frees them. */
static void assert_strings(OPAQUE id, PCWSTR user, PCWSTR domain, PCWSTR password)
{
    PCWSTR out[3] = {W("x"), W("x"), W("x")};

    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(id, &out[0], &out[1], &out[2]), SEC_E_OK);
    ck_assert(same_w(out[0], user));
    ck_assert(same_w(out[1], domain));
    ck_assert(same_w(out[2], password));
    for (int i = 0; i < 3; i++)
        SspiLocalFree((void *)(uintptr_t)out[i]);
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

        exw->Password = unconst(names[_i].password);
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
    ck_assert(same_w(out[0], user_w));
    ck_assert(same_w(out[1], domain_w));
    again = encoded(out[0], out[1], out[2]);
    ck_assert_int_eq(SspiCompareAuthIdentities(&id, again, &user, &all), SEC_E_OK);
    ck_assert(user && all);
    assert_reads_alike(&id, again);
    ck_assert_int_eq(SspiEncodeAuthIdentityAsStrings(&id, NULL, &only, NULL), SEC_E_OK);
    ck_assert(same_w(only, domain_w));
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
/* WinPR 2 marks an NT hash by a length that goes beyond it: nothing is there to be touched. */
START_TEST(marked_hash)
{
    static const SEC_WCHAR digits[] = u"0123456789abcdef0123456789ABCDEF";
    const size_t size = sizeof(digits) - sizeof(*digits);
    SEC_WCHAR *hash = malloc(size);
    SEC_WINNT_AUTH_IDENTITY_W id = {.User = (void *)(uintptr_t)W("u"),
                                    .UserLength = 1,
                                    .Password = hash,
                                    .PasswordLength = 32 + 512,
                                    .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    OPAQUE copy;

    ck_assert_ptr_nonnull(hash);
    memcpy(hash, digits, size);
    ck_assert_int_eq(SspiValidateAuthIdentity(&id), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiCopyAuthIdentity(&id, &copy), SEC_E_INVALID_TOKEN);
    SspiZeroAuthIdentity(&id);
    for (size_t i = 0; i < size / sizeof(*hash); i++)
        ck_assert_uint_eq(hash[i], 0);
    ck_assert_uint_eq(id.PasswordLength, 0);
    free(hash);
}
END_TEST

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

/* --- Comparing ------------------------------------------------------------------------------ */

static const struct {
    PCWSTR one[3], other[3]; /* user, domain, password */
    bool user, all;
} pairs[] = {
    {{u"alice", u"CORP", u"pw"}, {u"alice", u"CORP", u"pw"}, true, true},
    {{u"alice", u"CORP", u"pw"}, {u"alice", u"CORP", u"pW"}, true, false},
    {{u"alice", u"CORP", u"pw"}, {u"alice", u"CORP", u"pw2"}, true, false},
    {{u"alice", u"CORP", u"pw"}, {u"alice", u"CORP", NULL}, true, false},
    {{u"alice", u"CORP", u""}, {u"alice", u"CORP", NULL}, true, false},
    {{u"alice", u"CORP", u"pw"}, {u"CORP\\alice", NULL, u"pw"}, true, true},
    {{u"alice", u"CORP", u"pw"}, {u"CORP\\alice", u"", u"pw"}, true, true},
    {{u"alice@corp.example", NULL, u"pw"}, {u"alice", u"corp.example", u"pw"}, true, true},
    {{u"alice", u"CORP", u"pw"}, {u"bob", u"CORP", u"pw"}, false, false},
    {{u"alice", u"CORP", u"pw"}, {u"Alice", u"CORP", u"pw"}, false, false},
    {{u"alice", u"CORP", u"pw"}, {u"alice", u"OTHER", u"pw"}, false, false},
    {{u"alice", NULL, u"pw"}, {u"alice", u"CORP", u"pw"}, false, false},
    {{NULL, NULL, u"pw"}, {u"alice", NULL, u"pw"}, false, false},
};

START_TEST(compares)
{
    OPAQUE one = encoded(pairs[_i].one[0], pairs[_i].one[1], pairs[_i].one[2]);
    OPAQUE other = encoded(pairs[_i].other[0], pairs[_i].other[1], pairs[_i].other[2]);
    BOOLEAN user = 7, all = 7;

    ck_assert_int_eq(SspiCompareAuthIdentities(one, other, &user, &all), SEC_E_OK);
    ck_assert_int_eq(user, pairs[_i].user);
    ck_assert_int_eq(all, pairs[_i].all);
    ck_assert_int_eq(SspiCompareAuthIdentities(other, one, NULL, &all), SEC_E_OK);
    ck_assert_int_eq(all, pairs[_i].all);
    SspiFreeAuthIdentity(one);
    SspiFreeAuthIdentity(other);
}
END_TEST

/* NULL is the ambient identity; what cannot be opened still names its user. */
START_TEST(compares_ends)
{
    OPAQUE id = encoded(W("alice"), NULL, W("pw"));
    SEC_WINNT_AUTH_IDENTITY_A bad = plain_a("al\xff", NULL, "pw");
    SEC_WINNT_AUTH_IDENTITY_A foreign = plain_a("alice", NULL, "pw");
    union any password, certificate;
    BOOLEAN user = 7, all = 7;

    ck_assert_int_eq(SspiCompareAuthIdentities(NULL, NULL, &user, &all), SEC_E_OK);
    ck_assert(user && all);
    ck_assert_int_eq(SspiCompareAuthIdentities(NULL, id, &user, &all), SEC_E_OK);
    ck_assert(!user && !all);
    form_make(FORM_DIRECT, &password);
    form_make(FORM_CERTIFICATE, &certificate);
    password.ex2.head.PackageListLength = certificate.ex2.head.PackageListLength = 0;
    ck_assert_int_eq(SspiCompareAuthIdentities(&password, &certificate, &user, &all), SEC_E_OK);
    ck_assert(user && !all);
    form_make(FORM_DIRECT, &certificate);
    certificate.ex2.head.Flags |= SEC_WINNT_AUTH_IDENTITY_ONLY;
    ck_assert_int_eq(SspiCompareAuthIdentities(&password, &certificate, &user, &all), SEC_E_OK);
    ck_assert(user && !all);
    user = all = TRUE;
    ck_assert_int_eq(SspiCompareAuthIdentities(id, &bad, &user, &all), SEC_E_INVALID_TOKEN);
    ck_assert(!user && !all);
    foreign.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED;
    ck_assert_int_eq(SspiCompareAuthIdentities(id, &foreign, &user, NULL), SEC_E_OK);
    ck_assert(user);
    ck_assert_int_eq(SspiCompareAuthIdentities(id, &foreign, &user, &all),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert(!user && !all);
    SspiFreeAuthIdentity(id);
}
END_TEST

/* --- Packages ------------------------------------------------------------------------------- */

static unsigned mechs_of(const void *id)
{
    struct identity *read;
    unsigned mechs;

    ck_assert_int_eq(identity_read(id, true, &read), SEC_E_OK);
    mechs = read->mechs;
    identity_free(read);
    return mechs;
}

/* Every form, open and encrypted; the original stays as it was. */
START_TEST(excludes)
{
    union any id;
    OPAQUE from, made;
    bool closed = _i >= FORM_CERTIFICATE, ambient = _i == 2 * FORM_CERTIFICATE;
    BOOLEAN user = FALSE;

    form_make(_i % FORM_CERTIFICATE, &id);
    ck_assert_int_eq(SspiCopyAuthIdentity(&id, &from), SEC_E_OK);
    if (closed)
        ck_assert_int_eq(SspiEncryptAuthIdentity(from), SEC_E_OK);
    ck_assert_int_eq(SspiExcludePackage(ambient ? NULL : from, W("NTLM"), &made), SEC_E_OK);
    ck_assert_int_eq(SspiIsAuthIdentityEncrypted(made), closed && !ambient);
    ck_assert_uint_eq(mechs_of(made), IDENTITY_MECH_KERBEROS);
    ck_assert_int_eq(SspiCompareAuthIdentities(ambient ? NULL : from, made, &user, NULL), SEC_E_OK);
    ck_assert(user);
    SspiFreeAuthIdentity(from);
    from = made;
    ck_assert_int_eq(SspiExcludePackage(from, W("kerberos"), &made), SEC_E_OK);
    ck_assert_uint_eq(mechs_of(made), 0);
    SspiFreeAuthIdentity(from);
    SspiFreeAuthIdentity(made);
}
END_TEST

/* An identity is made that says nothing but the list: still nobody's but the process'. */
START_TEST(excludes_ambient)
{
    OPAQUE made;
    struct identity *read;

    ck_assert_int_eq(SspiExcludePackage(NULL, W("negoexts"), &made), SEC_E_OK);
    ck_assert_int_eq(identity_read(made, false, &read), SEC_E_OK);
    ck_assert(!read->explicit);
    ck_assert_uint_eq(read->mechs, IDENTITY_MECH_ALL);
    identity_free(read);
    SspiFreeAuthIdentity(made);
}
END_TEST

START_TEST(excludes_refused)
{
    SEC_WINNT_AUTH_IDENTITY_A bad = plain_a("al\xff", NULL, "pw");
    OPAQUE made = &bad;

    ck_assert_int_eq(SspiExcludePackage(NULL, NULL, &made), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(SspiExcludePackage(NULL, W(""), &made), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(SspiExcludePackage(NULL, W("x,kerberos"), &made), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(SspiExcludePackage(NULL, W("!x"), &made), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(SspiExcludePackage(NULL, W("NTLM"), NULL), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiExcludePackage(&bad, W("NTLM"), &made), SEC_E_INVALID_TOKEN);
    ck_assert_ptr_eq(made, &bad);
}
END_TEST

/* --- Targets and stores --------------------------------------------------------------------- */

static const struct {
    PCWSTR target, host; /* NULL: none */
} targets[] = {
    {u"www.example.com", u"www.example.com"},
    {u"HTTP/www.example.com", u"www.example.com"},
    {u"HTTP/www.example.com:8080", u"www.example.com"},
    {u"HTTP/www.example.com@EXAMPLE.COM", u"www.example.com"},
    {u"ldap/dc.example.com/example.com", u"dc.example.com"},
    {u"www.example.com:443", u"www.example.com"},
    {u"\\\\server", u"server"},
    {u"TERMSRV/b\u00fccher.example", u"b\u00fccher.example"},
    {u"HTTP/192.0.2.1:80", u"192.0.2.1"},
    {u"HTTP/[2001:db8::1]:80", u"2001:db8::1"},
    {u"2001:db8::1", u"2001:db8::1"},
    {u"alice@EXAMPLE.COM", NULL},
    {u"HTTP/", NULL},
    {u"HTTP/:80", NULL},
    {u"\\\\", NULL},
    {u"", NULL},
    {NULL, NULL},
};

START_TEST(hosts)
{
    PWSTR host = NULL;
    SECURITY_STATUS status = SspiGetTargetHostName(targets[_i].target, &host);

    ck_assert_int_eq(status, targets[_i].host == NULL ? SEC_E_TARGET_UNKNOWN : SEC_E_OK);
    ck_assert(same_w(host, targets[_i].host));
    SspiLocalFree(host);
    ck_assert_int_eq(SspiGetTargetHostName(targets[_i].target, NULL), SEC_E_INVALID_TOKEN);
}
END_TEST

static void assert_entry(OPAQUE id, PCWSTR target, PCWSTR want_target, PCWSTR want_user)
{
    PCWSTR name, user;
    PUCHAR blob;
    ULONG type = 0, size = 0;

    ck_assert_int_eq(SspiPrepareForCredWrite(id, target, &type, &name, &user, &blob, &size),
                     SEC_E_OK);
    ck_assert_uint_eq(type, CRED_TYPE_DOMAIN_PASSWORD);
    ck_assert(same_w(name, want_target));
    ck_assert(same_w(user, want_user));
    ck_assert_uint_eq(size, 16);
    ck_assert_mem_eq(blob, u"password", 16);
    SspiLocalFree(unconst(name));
    SspiLocalFree(unconst(user));
    SspiLocalFree(blob);
}

/* What Windows gives, and the same of an encrypted one. */
START_TEST(writes)
{
    OPAQUE id = encoded(W("username"), W("domainname"), W("password"));

    for (int round = 0; round < 2; round++) {
        assert_entry(id, NULL, W("domainname\\username"), W("domainname\\username"));
        assert_entry(id, W("domainname2\\username2"), W("domainname2\\username2"),
                     W("domainname\\username"));
        if (round == 0)
            ck_assert_int_eq(SspiEncryptAuthIdentity(id), SEC_E_OK);
    }
    SspiFreeAuthIdentity(id);
    id = encoded(W("user@example.com"), NULL, W("password"));
    assert_entry(id, NULL, W("user@example.com"), W("user@example.com"));
    SspiFreeAuthIdentity(id);
}
END_TEST

START_TEST(reads)
{
    OPAQUE id = encoded(W("username"), W("domainname"), NULL);
    PCWSTR name = NULL;
    ULONG type = 0;

    ck_assert_int_eq(SspiPrepareForCredRead(id, W("server.example"), &type, &name), SEC_E_OK);
    ck_assert_uint_eq(type, CRED_TYPE_DOMAIN_PASSWORD);
    ck_assert(same_w(name, W("server.example")));
    SspiLocalFree(unconst(name));
    ck_assert_int_eq(SspiPrepareForCredRead(id, NULL, &type, &name), SEC_E_TARGET_UNKNOWN);
    ck_assert_int_eq(SspiPrepareForCredRead(NULL, W("x"), &type, &name), SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiPrepareForCredRead(id, W("x"), NULL, &name), SEC_E_INVALID_TOKEN);
    SspiFreeAuthIdentity(id);
}
END_TEST

START_TEST(store_refused)
{
    union any cert;
    OPAQUE nobody = encoded(NULL, NULL, W("pw"));
    PCWSTR name = NULL, user = NULL;
    PUCHAR blob = NULL;
    ULONG type, size;

    form_make(FORM_CERTIFICATE, &cert);
    ck_assert_int_eq(SspiPrepareForCredWrite(&cert, NULL, &type, &name, &user, &blob, &size),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(SspiPrepareForCredRead(&cert, W("x"), &type, &name),
                     SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(SspiPrepareForCredWrite(nobody, NULL, &type, &name, &user, &blob, &size),
                     SEC_E_UNKNOWN_CREDENTIALS);
    ck_assert_int_eq(SspiPrepareForCredWrite(NULL, NULL, &type, &name, &user, &blob, &size),
                     SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(SspiPrepareForCredWrite(nobody, NULL, &type, &name, &user, NULL, &size),
                     SEC_E_INVALID_TOKEN);
    ck_assert_ptr_null(name);
    ck_assert_ptr_null(user);
    ck_assert_ptr_null(blob);
    SspiFreeAuthIdentity(nobody);
}
END_TEST

/* --- Threads -------------------------------------------------------------------------------- */

static void *thread_run(void *shared)
{
    for (int i = 0; i < 50; i++) {
        union any id;
        OPAQUE own, copy;
        BOOLEAN all = FALSE;

        form_make(i % FORMS, &id);
        ck_assert_int_eq(SspiCopyAuthIdentity(&id, &own), SEC_E_OK);
        ck_assert_int_eq(SspiEncryptAuthIdentity(own), SEC_E_OK);
        ck_assert_int_eq(SspiCopyAuthIdentity(shared, &copy), SEC_E_OK);
        ck_assert_int_eq(SspiCompareAuthIdentities(shared, copy, NULL, &all), SEC_E_OK);
        ck_assert(all);
        ck_assert_int_eq(SspiDecryptAuthIdentity(own), SEC_E_OK);
        SspiFreeAuthIdentity(own);
        SspiFreeAuthIdentity(copy);
    }
    return NULL;
}

/* The first of them makes the key; one identity may be read by all. */
START_TEST(threads)
{
    OPAQUE shared = encoded(W("alice"), W("CORP"), W("password"));
    pthread_t thread[8];

    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, thread_run, shared), 0);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
    SspiFreeAuthIdentity(shared);
}
END_TEST

static atomic_bool over;

static void *come_and_go(void *unused)
{
    while (!over)
        given_free(given_new(8));
    return unused;
}

/* What another thread had in hand does not keep a forked child waiting. */
START_TEST(forks)
{
    pthread_t thread;
    int status;

    ck_assert_int_eq(pthread_create(&thread, NULL, come_and_go, NULL), 0);
    for (int i = 0; i < 200; i++) {
        pid_t child = fork();

        if (child == 0) {
            alarm(60);
            _exit(given_size(&status) == 0 ? 0 : 1);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_int_eq(status, 0);
    }
    over = true;
    pthread_join(thread, NULL);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("identity_calls");
    TCase *strings = tcase_create("strings"), *whole = tcase_create("whole"),
          *other = tcase_create("other");

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
    tcase_add_test(whole, marked_hash);
    tcase_add_test(whole, frees);
    suite_add_tcase(s, whole);
    tcase_add_loop_test(other, compares, 0, sizeof(pairs) / sizeof(*pairs));
    tcase_add_test(other, compares_ends);
    tcase_add_loop_test(other, excludes, 0, 2 * FORM_CERTIFICATE + 1);
    tcase_add_test(other, excludes_ambient);
    tcase_add_test(other, excludes_refused);
    tcase_add_loop_test(other, hosts, 0, sizeof(targets) / sizeof(*targets));
    tcase_add_test(other, writes);
    tcase_add_test(other, reads);
    tcase_add_test(other, store_refused);
    tcase_add_test(other, threads);
    tcase_add_test(other, forks);
    suite_add_tcase(s, other);
    return s;
}

CHECK_MAIN(suite)
