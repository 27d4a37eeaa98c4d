/* SPDX-License-Identifier: MIT */
/* pAuthData in every layout, and what is refused. */
#include "core/identity.h"

#include <stdlib.h>
#include <string.h>

#include "core/winpr.h"
#include "lib/check_main.h"

static struct identity *id;

static void teardown(void)
{
    identity_free(id);
    id = NULL;
}

static SEC_WINNT_AUTH_IDENTITY_W plain_a(const char *user, const char *domain, const char *password)
{
    SEC_WINNT_AUTH_IDENTITY_W auth = {.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};

    auth.User = (void *)(uintptr_t)user;
    auth.UserLength = user ? (ULONG)strlen(user) : 0;
    auth.Domain = (void *)(uintptr_t)domain;
    auth.DomainLength = domain ? (ULONG)strlen(domain) : 0;
    auth.Password = (void *)(uintptr_t)password;
    auth.PasswordLength = password ? (ULONG)strlen(password) : 0;
    return auth;
}

static const SEC_WCHAR alice_w[] = {'a', 'l', 'i', 'c', 0xe9}, corp_w[] = {'C', 'O', 'R', 'P'},
                       secret_w[] = {'p', 0x20ac, 'w'};

static SEC_WINNT_AUTH_IDENTITY_W plain_w(void)
{
    SEC_WINNT_AUTH_IDENTITY_W auth = {.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};

    auth.User = (void *)(uintptr_t)alice_w;
    auth.UserLength = 5;
    auth.Domain = (void *)(uintptr_t)corp_w;
    auth.DomainLength = 4;
    auth.Password = (void *)(uintptr_t)secret_w;
    auth.PasswordLength = 3;
    return auth;
}

static void check_alice(void)
{
    ck_assert(id->explicit);
    ck_assert_str_eq(id->user, "alic\xc3\xa9");
    ck_assert_str_eq(id->domain, "CORP");
    ck_assert_str_eq(id->password, "p\xe2\x82\xacw");
    ck_assert(!id->upn);
}

START_TEST(test_null_is_ambient)
{
    ck_assert_int_eq(identity_read(NULL, false, &id), SEC_E_OK);
    ck_assert(!id->explicit);
    ck_assert_ptr_null(id->user);
    ck_assert_uint_eq(id->mechs, IDENTITY_MECH_ALL);
}
END_TEST

/* The Flags decide, whatever the call. */
START_TEST(test_flags_decide)
{
    SEC_WINNT_AUTH_IDENTITY_W wide = plain_w(),
                              narrow = plain_a("alic\xc3\xa9", "CORP", "p\xe2\x82\xacw");

    ck_assert_int_eq(identity_read(&wide, false, &id), SEC_E_OK);
    check_alice();
    teardown();
    ck_assert_int_eq(identity_read(&narrow, true, &id), SEC_E_OK);
    check_alice();
    teardown();
    wide.Flags = 0;
    ck_assert_int_eq(identity_read(&wide, true, &id), SEC_E_OK);
    check_alice();
    teardown();
    narrow.Flags = 0;
    ck_assert_int_eq(identity_read(&narrow, false, &id), SEC_E_OK);
    check_alice();
}
END_TEST

static const struct {
    const char *user, *domain; /* as given */
    const char *want_user, *want_domain;
    bool upn;
} forms[] = {
    {"alice", NULL, "alice", NULL, false},
    {"alice", "", "alice", NULL, false},
    {"alice", "CORP", "alice", "CORP", false},
    {"CORP\\alice", NULL, "alice", "CORP", false},
    {"CORP\\alice", "", "alice", "CORP", false},
    {"alice@corp.example", NULL, "alice", "corp.example", true},
    {"a@b@corp.example", NULL, "a@b", "corp.example", true},
    {"alice@corp.example", "CORP", "alice@corp.example", "CORP", false},
};

START_TEST(test_user_forms)
{
    SEC_WINNT_AUTH_IDENTITY_W auth = plain_a(forms[_i].user, forms[_i].domain, "pw");

    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_OK);
    ck_assert_str_eq(id->user, forms[_i].want_user);
    ck_assert_pstr_eq(id->domain, forms[_i].want_domain);
    ck_assert_int_eq(id->upn, forms[_i].upn);
}
END_TEST

static const struct {
    const char *list;
    unsigned mechs;
} lists[] = {
    {"", IDENTITY_MECH_ALL},
    {"!ntlm", IDENTITY_MECH_KERBEROS},
    {"kerberos", IDENTITY_MECH_KERBEROS},
    {"Kerberos,NTLM", IDENTITY_MECH_ALL},
    {"kerberos, !ntlm", IDENTITY_MECH_KERBEROS},
    {"!kerberos", IDENTITY_MECH_NTLM},
    {"NTLM", IDENTITY_MECH_NTLM},
    {"!ntlm,!kerberos", 0},
    {"none", 0},
    {"negoextender", 0},
    {"!pku2u", IDENTITY_MECH_ALL},
    {"u2u,kerberos", IDENTITY_MECH_KERBEROS},
    {"averyveryverylongpackagename,ntlm", IDENTITY_MECH_NTLM},
};

START_TEST(test_package_list)
{
    SEC_WINNT_AUTH_IDENTITY_EXA auth = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof(auth),
        .User = (unsigned char *)(uintptr_t) "alice",
        .UserLength = 5,
        .Password = (unsigned char *)(uintptr_t) "pw",
        .PasswordLength = 2,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        .PackageList = (unsigned char *)(uintptr_t)lists[_i].list,
        .PackageListLength = (ULONG)strlen(lists[_i].list),
    };

    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_OK);
    ck_assert_uint_eq(id->mechs, lists[_i].mechs);
    ck_assert_str_eq(id->user, "alice");
}
END_TEST

/* What FreeRDP 3.0 to 3.30 and 3.31 pass to the A function. */
START_TEST(test_freerdp)
{
    static char sam[] = "users.sam", keytab[] = "svc.keytab", cache[] = "MEMORY:x";
    struct winpr_ntlm_settings ntlm = {.sam_file = sam};
    struct winpr_kerberos_settings kerberos = {.keytab = keytab, .cache = cache};
    struct winpr_ntlm_settings_v2 ntlm2 = {.size = sizeof(ntlm2), .sam_file = sam};
    struct winpr_kerberos_settings_v2 kerberos2 = {
        .size = sizeof(kerberos2), .keytab = keytab, .cache = cache};
    struct winpr_identity v1 = {.ntlm = &ntlm, .kerberos = &kerberos};
    struct winpr_identity_v2 v2 = {.version = 1, .ntlm = &ntlm2, .kerberos = &kerberos2};
    SEC_WINNT_AUTH_IDENTITY_EXW auth = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                        .Length = sizeof(auth)};

    auth.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED;
    v1.identity = auth;
    ck_assert_int_eq(identity_read(&v1, false, &id), SEC_E_OK);
    ck_assert(!id->explicit); /* settings of a server, and no user */
    ck_assert_str_eq(id->sam_file, sam);
    ck_assert_str_eq(id->keytab, keytab);
    ck_assert_str_eq(id->ccache, cache);
    teardown();

    auth.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED_V2;
    auth.User = (void *)(uintptr_t)alice_w;
    auth.UserLength = 5;
    auth.Domain = (void *)(uintptr_t)corp_w;
    auth.DomainLength = 4;
    auth.Password = (void *)(uintptr_t)secret_w;
    auth.PasswordLength = 3;
    v2.identity = auth;
    ck_assert_int_eq(identity_read(&v2, false, &id), SEC_E_OK);
    check_alice();
    ck_assert_str_eq(id->sam_file, sam);
    ck_assert_str_eq(id->ccache, cache);
}
END_TEST

/* Flags that are not FreeRDP's: then there is nothing behind the structure, and nothing is read. */
static const ULONG not_extended[] = {
    SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED | WINPR_IDENTITY_EXTENDED_V2,
    SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED | SEC_WINNT_AUTH_IDENTITY_ONLY,
    SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED_V2 | 0x400,
    SEC_WINNT_AUTH_IDENTITY_ANSI | WINPR_IDENTITY_EXTENDED,
    SEC_WINNT_AUTH_IDENTITY_ANSI | WINPR_IDENTITY_EXTENDED_V2,
    WINPR_IDENTITY_EXTENDED,
    WINPR_IDENTITY_EXTENDED_V2,
};

START_TEST(test_not_freerdp)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *auth = calloc(1, sizeof(*auth));

    auth->Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    auth->Length = sizeof(*auth);
    auth->Flags = not_extended[_i];
    ck_assert_int_eq(identity_read(auth, true, &id), SEC_E_OK);
    ck_assert_ptr_null(id->sam_file);
    ck_assert_ptr_null(id->keytab);
    ck_assert(id->hash.callback == NULL);
    free(auth);
}
END_TEST

/* Settings of 3.31 that are shorter than today's, and a revision that is not known. */
START_TEST(test_freerdp_sizes)
{
    static char sam[] = "users.sam", name[] = "rdp.example.com", cache[] = "MEMORY:x";
    struct winpr_ntlm_settings_v2 ntlm = {.sam_file = sam, .dns_computer = name};
    struct winpr_kerberos_settings_v2 kerberos = {.cache = cache, .lifetime = 600};
    struct winpr_identity_v2 v2 = {.version = WINPR_IDENTITY_REVISION};
    const uint32_t sizes[] = {0, 8, offsetof(struct winpr_ntlm_settings_v2, dns_computer) + 7,
                              sizeof(ntlm), UINT32_MAX};

    v2.identity.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    v2.identity.Length = sizeof(v2.identity);
    v2.identity.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED_V2;
    v2.ntlm = &ntlm;
    v2.kerberos = &kerberos;
    for (int i = 0; i < 5; i++) {
        ntlm.size = sizes[i];
        kerberos.size = i < 3 ? 0 : sizeof(kerberos);
        ck_assert_int_eq(identity_read(&v2, false, &id), SEC_E_OK);
        ck_assert((id->sam_file != NULL) == (i >= 2));
        ck_assert((id->dns_computer != NULL) == (i >= 3));
        ck_assert((id->ccache != NULL) == (i >= 3));
        ck_assert_int_eq(id->lifetime, i < 3 ? 0 : 600);
        teardown();
    }
    v2.version++;
    ck_assert_int_eq(identity_read(&v2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    ck_assert_ptr_null(id);
}
END_TEST

#define HASH "0123456789abcdefABCDEF0123456789"

START_TEST(test_password_hash)
{
    SEC_WINNT_AUTH_IDENTITY_W auth = plain_a("alice", "CORP", HASH);
    char *text = malloc(544);

    auth.Flags |= WINPR_IDENTITY_PASSWORD_HASH;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_OK);
    ck_assert_str_eq(id->nt_hash, HASH);
    ck_assert_ptr_null(id->password);
    teardown();
    auth.Password = (void *)(uintptr_t) "nonsense";
    auth.PasswordLength = 8;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    /* WinPR 2 marks a hash by its length; only the digits are really there. */
    auth = plain_a("alice", "CORP", HASH);
    auth.PasswordLength += WINPR_HASH_LENGTH_OFFSET;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_OK);
    ck_assert_str_eq(id->nt_hash, HASH);
    teardown();
    /* A password that only happens to be so long stays a password. */
    memset(text, 'x', 544);
    auth.Password = (void *)text;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_OK);
    ck_assert_ptr_null(id->nt_hash);
    ck_assert_uint_eq(strlen(id->password), 544);
    free(text);
}
END_TEST

START_TEST(test_refused)
{
    static const SEC_WCHAR half[] = {0xd83d};
    SEC_WINNT_AUTH_IDENTITY_W auth;

    auth = plain_a(NULL, NULL, "password without a user");
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    auth = plain_a("", "", "");
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    auth = plain_a("alice", NULL, "\xff\xfe");
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    auth = plain_w();
    auth.User = (void *)(uintptr_t)half;
    auth.UserLength = 1;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    auth = plain_a("alice", NULL, "pw");
    auth.UserLength = 0x80000000U;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    auth = plain_a("alice", NULL, "pw");
    auth.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED; /* and it is not */
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    auth.Flags |= SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED;
    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_ptr_null(id);
}
END_TEST

/* A user without a password is explicit all the same: it must not become somebody else. */
START_TEST(test_no_password_stays_explicit)
{
    SEC_WINNT_AUTH_IDENTITY_W auth = plain_a("alice", NULL, NULL);

    ck_assert_int_eq(identity_read(&auth, false, &id), SEC_E_OK);
    ck_assert(id->explicit);
    ck_assert_ptr_null(id->password);
}
END_TEST

/* --- EX2: self-relative --------------------------------------------------------------------- */

struct ex2 {
    SEC_WINNT_AUTH_IDENTITY_EX2 head;
    SEC_WINNT_AUTH_PACKED_CREDENTIALS packed;
    SEC_WINNT_AUTH_DATA_PASSWORD password;
    SEC_WCHAR secret[3], user[5], domain[4], list[5];
};

static struct ex2 ex2_make(void)
{
    static const GUID type = SEC_WINNT_AUTH_DATA_TYPE_PASSWORD_INIT;
    static const SEC_WCHAR list[] = {'!', 'n', 't', 'l', 'm'};
    struct ex2 ex2;

    memset(&ex2, 0, sizeof(ex2));
    ex2.head.Version = SEC_WINNT_AUTH_IDENTITY_VERSION_2;
    ex2.head.cbHeaderLength = sizeof(ex2.head);
    ex2.head.cbStructureLength = sizeof(ex2);
    ex2.head.UserOffset = offsetof(struct ex2, user);
    ex2.head.UserLength = sizeof(ex2.user);
    ex2.head.DomainOffset = offsetof(struct ex2, domain);
    ex2.head.DomainLength = sizeof(ex2.domain);
    ex2.head.PackageListOffset = offsetof(struct ex2, list);
    ex2.head.PackageListLength = sizeof(ex2.list);
    ex2.head.PackedCredentialsOffset = offsetof(struct ex2, packed);
    ex2.head.PackedCredentialsLength =
        (USHORT)(offsetof(struct ex2, user) - offsetof(struct ex2, packed));
    ex2.packed.cbHeaderLength = sizeof(ex2.packed);
    ex2.packed.cbStructureLength = ex2.head.PackedCredentialsLength;
    ex2.packed.AuthData.CredType = type;
    ex2.packed.AuthData.CredData.ByteArrayOffset = sizeof(ex2.packed);
    ex2.packed.AuthData.CredData.ByteArrayLength =
        (USHORT)(sizeof(ex2.password) + sizeof(ex2.secret));
    ex2.password.UnicodePassword.ByteArrayOffset = sizeof(ex2.password);
    ex2.password.UnicodePassword.ByteArrayLength = sizeof(ex2.secret);
    memcpy(ex2.secret, secret_w, sizeof(ex2.secret));
    memcpy(ex2.user, alice_w, sizeof(ex2.user));
    memcpy(ex2.domain, corp_w, sizeof(ex2.domain));
    memcpy(ex2.list, list, sizeof(ex2.list));
    return ex2;
}

START_TEST(test_ex2)
{
    struct ex2 ex2 = ex2_make();

    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_OK);
    check_alice();
    ck_assert_uint_eq(id->mechs, IDENTITY_MECH_KERBEROS);
}
END_TEST

/* Windows takes the credentials' octets for the password itself. */
static const struct {
    ULONG offset; /* within the packed credentials */
    USHORT length, vector;
    SECURITY_STATUS status;
    const char *password;
} packings[] = {
    {offsetof(struct ex2, secret) - offsetof(struct ex2, packed), 6, 6, SEC_E_OK, "p\xe2\x82\xacw"},
    {offsetof(struct ex2, secret) - offsetof(struct ex2, packed), 4, 6, SEC_E_OK, "p\xe2\x82\xac"},
    {offsetof(struct ex2, secret) - offsetof(struct ex2, packed), 0, 6, SEC_E_OK, ""},
    {offsetof(struct ex2, password) - offsetof(struct ex2, packed), 14, 2, SEC_E_OK, "p"},
    {offsetof(struct ex2, password) - offsetof(struct ex2, packed), 14, 0, SEC_E_OK, ""},
    {offsetof(struct ex2, password) - offsetof(struct ex2, packed), 14, 3,
     SEC_E_UNKNOWN_CREDENTIALS, NULL},
    {offsetof(struct ex2, secret) - offsetof(struct ex2, packed), 5, 6, SEC_E_UNKNOWN_CREDENTIALS,
     NULL},
};

START_TEST(test_ex2_packing)
{
    struct ex2 ex2 = ex2_make();

    ex2.packed.AuthData.CredData.ByteArrayOffset = packings[_i].offset;
    ex2.packed.AuthData.CredData.ByteArrayLength = packings[_i].length;
    ex2.password.UnicodePassword.ByteArrayLength = packings[_i].vector;
    ck_assert_int_eq(identity_read(&ex2, false, &id), packings[_i].status);
    if (id != NULL)
        ck_assert_str_eq(id->password, packings[_i].password);
}
END_TEST

/* The flag of what is encrypted does not make room for FreeRDP's settings behind a structure. */
START_TEST(test_closed_is_not_extended)
{
    SEC_WINNT_AUTH_IDENTITY_EXW *ex = calloc(1, sizeof(*ex));

    ex->Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
    ex->Length = sizeof(*ex);
    ex->Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED |
                SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED;
    ck_assert_int_eq(identity_read(ex, false, &id), SEC_E_OK);
    ck_assert(!id->explicit);
    ck_assert_ptr_null(id->ccache);
    free(ex);
}
END_TEST

/* Every offset and length of the head, set to what leads outside. */
START_TEST(test_ex2_bounds)
{
    static const ULONG bad[] = {sizeof(struct ex2) - 1, sizeof(struct ex2), 0x7fffffff, 0xffffffff,
                                0xfffffff0};
    static const size_t offsets[] = {
        offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, UserOffset),
        offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, DomainOffset),
        offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListOffset),
        offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsOffset)};
    struct ex2 ex2;

    for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++)
        for (size_t j = 0; j < sizeof(bad) / sizeof(*bad); j++) {
            ex2 = ex2_make();
            memcpy((char *)&ex2 + offsets[i], &bad[j], sizeof(bad[j]));
            ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
        }
    ex2 = ex2_make();
    ex2.head.UserLength = 0xffff;
    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    ex2 = ex2_make();
    ex2.head.UserLength = 3; /* half a unit */
    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    ex2 = ex2_make();
    ex2.head.cbStructureLength = sizeof(ex2.head) - 1;
    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    ex2 = ex2_make();
    ex2.password.UnicodePassword.ByteArrayLength = 0xfffe;
    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    ex2 = ex2_make();
    ex2.packed.AuthData.CredData.ByteArrayLength = 4;
    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNKNOWN_CREDENTIALS);
    ex2 = ex2_make();
    ex2.packed.AuthData.CredType.Data1 ^= 1; /* a certificate, or something else */
    ck_assert_int_eq(identity_read(&ex2, false, &id), SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(test_fits)
{
    struct ex2 ex2 = ex2_make();
    SEC_WINNT_AUTH_IDENTITY_W plain = plain_w();
    SEC_WINNT_AUTH_IDENTITY_EXW ex = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                      .Length = sizeof(ex)};

    ck_assert(identity_fits(&plain, sizeof(plain)));
    ck_assert(!identity_fits(&plain, sizeof(plain) - 1));
    ck_assert(identity_fits(&ex, sizeof(ex)));
    ck_assert(!identity_fits(&ex, sizeof(plain)));
    ex.Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | WINPR_IDENTITY_EXTENDED;
    ck_assert(!identity_fits(&ex, sizeof(ex)));
    ex.Flags |= SEC_WINNT_AUTH_IDENTITY_ONLY; /* nothing that FreeRDP passes: it is Windows' */
    ck_assert(identity_fits(&ex, sizeof(ex)));
    ck_assert(identity_fits(&ex2, sizeof(ex2)));
    ck_assert(!identity_fits(&ex2, sizeof(ex2) - 1));
    ck_assert(!identity_fits(NULL, 4096));
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("identity");
    TCase *tc = tcase_create("read");

    tcase_add_checked_fixture(tc, NULL, teardown);
    tcase_add_test(tc, test_null_is_ambient);
    tcase_add_test(tc, test_flags_decide);
    tcase_add_loop_test(tc, test_user_forms, 0, sizeof(forms) / sizeof(*forms));
    tcase_add_loop_test(tc, test_package_list, 0, sizeof(lists) / sizeof(*lists));
    tcase_add_test(tc, test_freerdp);
    tcase_add_test(tc, test_freerdp_sizes);
    tcase_add_loop_test(tc, test_not_freerdp, 0,
                        (int)(sizeof(not_extended) / sizeof(*not_extended)));
    tcase_add_test(tc, test_password_hash);
    tcase_add_test(tc, test_refused);
    tcase_add_test(tc, test_no_password_stays_explicit);
    tcase_add_test(tc, test_ex2);
    tcase_add_loop_test(tc, test_ex2_packing, 0, sizeof(packings) / sizeof(*packings));
    tcase_add_test(tc, test_closed_is_not_extended);
    tcase_add_test(tc, test_ex2_bounds);
    tcase_add_test(tc, test_fits);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
