/* SPDX-License-Identifier: MIT */
/* The list of packages, and the function tables. */
#include <ctype.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

/* As Windows reports them. */
static const struct expected {
    const char *name, *comment;
    ULONG capabilities, max_token;
    USHORT rpc_id;
} packages[] = {
    {"Negotiate", "Microsoft Package Negotiator", 0x83bb3, 48256, 9},
    {"Kerberos", "Microsoft Kerberos V1.0", 0xf3bbf, 48000, 16},
    {"NTLM", "NTLM Security Package", 0x82b37, 2888, 10},
    {"Schannel", "Schannel Security Package", 0x107b3, 0x6000, 14},
    {"CREDSSP", "Microsoft CredSSP Security Provider", 0x10733, 90567, 0xffff},
    {"TSSSP", "TS Service Security Package", 0x10733, 90567, 22},
    {"WDigest", "Digest Authentication for Windows", 0x800304, 4096, 21},
};

static void assert_info(const SecPkgInfoA *info, const struct expected *expected)
{
    ck_assert_str_eq(info->Name, expected->name);
    ck_assert_str_eq(info->Comment, expected->comment);
    ck_assert_uint_eq(info->fCapabilities, expected->capabilities);
    ck_assert_uint_eq(info->cbMaxToken, expected->max_token);
    ck_assert_uint_eq(info->wRPCID, expected->rpc_id);
    ck_assert_uint_eq(info->wVersion, SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION);
}

static void assert_ascii_w(const SEC_WCHAR *wide, const char *text)
{
    for (size_t i = 0; i <= strlen(text); i++)
        ck_assert_uint_eq(wide[i], (unsigned char)text[i]);
}

/* All in one allocation each, as FreeContextBuffer() expects. */
START_TEST(enumerates)
{
    ULONG count = 0, count_w = 0;
    PSecPkgInfoA list;
    PSecPkgInfoW wide;

    ck_assert_int_eq(EnumerateSecurityPackagesA(&count, &list), SEC_E_OK);
    ck_assert_int_eq(EnumerateSecurityPackagesW(&count_w, &wide), SEC_E_OK);
    ck_assert_uint_ge(count, COUNT(packages));
    ck_assert_uint_eq(count_w, count);
    for (int i = 0; i < COUNT(packages); i++) {
        ULONG at = 0;

        while (at < count && strcmp(list[at].Name, packages[i].name) != 0)
            at++;
        ck_assert_uint_lt(at, count);
        assert_info(&list[at], &packages[i]);
        assert_ascii_w(wide[at].Name, packages[i].name);
        assert_ascii_w(wide[at].Comment, packages[i].comment);
        ck_assert_uint_eq(wide[at].fCapabilities, packages[i].capabilities);
    }
    ck_assert_int_eq(FreeContextBuffer(list), SEC_E_OK);
    ck_assert_int_eq(FreeContextBuffer(wide), SEC_E_OK);
}
END_TEST

/* In any case of letters. */
START_TEST(is_found)
{
    const struct expected *expected = &packages[_i];
    PSecPkgInfoA info;
    PSecPkgInfoW wide;
    SEC_WCHAR name_w[32];
    char name[32];

    for (int spelling = 0; spelling < 3; spelling++) {
        for (size_t i = 0; i <= strlen(expected->name); i++) {
            int letter = expected->name[i];

            name[i] = (char)(spelling == 0   ? letter
                             : spelling == 1 ? toupper(letter)
                                             : tolower(letter));
            name_w[i] = (SEC_WCHAR)name[i];
        }
        ck_assert_int_eq(QuerySecurityPackageInfoA(name, &info), SEC_E_OK);
        assert_info(info, expected);
        FreeContextBuffer(info);
        ck_assert_int_eq(QuerySecurityPackageInfoW(name_w, &wide), SEC_E_OK);
        assert_ascii_w(wide->Name, expected->name);
        FreeContextBuffer(wide);
    }
}
END_TEST

START_TEST(is_not_found)
{
    static const char *const names[] = {"", "NTLM ", "NTL", "kerberos5", "no such package"};
    CredHandle credential;
    PSecPkgInfoA info;

    for (int i = 0; i < COUNT(names); i++) {
        SEC_CHAR *name = (SEC_CHAR *)(uintptr_t)names[i];

        ck_assert_int_eq(QuerySecurityPackageInfoA(name, &info), SEC_E_SECPKG_NOT_FOUND);
        ck_assert_int_eq(AcquireCredentialsHandleA(NULL, name, SECPKG_CRED_OUTBOUND, NULL, NULL,
                                                   NULL, NULL, &credential, NULL),
                         SEC_E_SECPKG_NOT_FOUND);
    }
    ck_assert_int_lt(QuerySecurityPackageInfoA(NULL, &info), 0);
    ck_assert_int_eq(FreeContextBuffer(NULL), SEC_E_OK);
}
END_TEST

/* --- Function tables ------------------------------------------------------------------------ */

/* Windows' order, slot by slot. The version stands before them. */
#define SLOT(table, index) (((void *const *)(const void *)(table))[1 + (index)])
#define IS(index, function)                                                                        \
    ck_assert_msg(SLOT(a, index) == (void *)(uintptr_t)function##A, "slot %d of A", index);        \
    ck_assert_msg(SLOT(w, index) == (void *)(uintptr_t)function##W, "slot %d of W", index)
#define SAME(index, function)                                                                      \
    ck_assert_msg(SLOT(a, index) == (void *)(uintptr_t)function &&                                 \
                      SLOT(w, index) == (void *)(uintptr_t)function,                               \
                  "slot %d", index)

START_TEST(tables)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    PSecurityFunctionTableW w = InitSecurityInterfaceW();

    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(w);
    ck_assert_uint_ge(a->dwVersion, SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION);
    ck_assert_uint_eq(a->dwVersion, w->dwVersion);
    IS(0, EnumerateSecurityPackages);
    IS(1, QueryCredentialsAttributes);
    IS(2, AcquireCredentialsHandle);
    SAME(3, FreeCredentialsHandle);
    ck_assert_ptr_null(SLOT(a, 4));
    IS(5, InitializeSecurityContext);
    SAME(6, AcceptSecurityContext);
    SAME(7, CompleteAuthToken);
    SAME(8, DeleteSecurityContext);
    SAME(9, ApplyControlToken);
    IS(10, QueryContextAttributes);
    SAME(11, ImpersonateSecurityContext);
    SAME(12, RevertSecurityContext);
    SAME(13, MakeSignature);
    SAME(14, VerifySignature);
    SAME(15, FreeContextBuffer);
    IS(16, QuerySecurityPackageInfo);
    SAME(17, EncryptMessage); /* Reserved3 and Reserved4: programs of NT 4 find them there */
    SAME(18, DecryptMessage);
    SAME(19, ExportSecurityContext);
    IS(20, ImportSecurityContext);
    IS(21, AddCredentials);
    ck_assert_ptr_null(SLOT(a, 22));
    SAME(23, QuerySecurityContextToken);
    SAME(24, EncryptMessage);
    SAME(25, DecryptMessage);
    IS(26, SetContextAttributes);
    IS(27, SetCredentialsAttributes);
    IS(28, ChangeAccountPassword);
    IS(29, QueryContextAttributesEx);
    IS(30, QueryCredentialsAttributesEx);
}
END_TEST

/* A call through the table is the call. */
START_TEST(calls_through)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    ULONG count = 0;
    PSecPkgInfoA list;
    CtxtHandle none;

    ck_assert_int_eq(a->EnumerateSecurityPackagesA(&count, &list), SEC_E_OK);
    ck_assert_uint_ge(count, COUNT(packages));
    ck_assert_int_eq(a->FreeContextBuffer(list), SEC_E_OK);
    SecInvalidateHandle(&none);
    ck_assert_int_eq(a->DeleteSecurityContext(&none), SEC_E_INVALID_HANDLE);
}
END_TEST

/* --- A program that knows no name of ours but InitSecurityInterface ------------------------- */

#define ROOM 4096

struct end {
    CredHandle credential;
    CtxtHandle context;
    bool open;
    unsigned char token[ROOM];
    ULONG size;
};

/* The message calls have one form: under Windows NT 4 they were Reserved3 and Reserved4. */
typedef SECURITY_STATUS(SEC_ENTRY *seal_fn)(PCtxtHandle, ULONG, PSecBufferDesc, ULONG);
typedef SECURITY_STATUS(SEC_ENTRY *unseal_fn)(PCtxtHandle, PSecBufferDesc, ULONG, PULONG);

static SECURITY_STATUS leg_out(const struct end *from, struct end *to, bool wide, bool inbound)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    PSecurityFunctionTableW w = InitSecurityInterfaceW();
    static SEC_WCHAR target_w[] = {'H', 'T', 'T', 'P', '/', 'h', 0};
    static SEC_CHAR target[] = "HTTP/h";
    SecBuffer in = {from->size, SECBUFFER_TOKEN, (void *)(uintptr_t)from->token};
    SecBuffer out = {ROOM, SECBUFFER_TOKEN, to->token};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 1, &in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *old = to->open ? &to->context : NULL;
    SecBufferDesc *given = from->size != 0 ? &in_list : NULL;
    ULONG flags = ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY, attributes;
    SECURITY_STATUS status;

    if (inbound)
        status = (wide ? w->AcceptSecurityContext : a->AcceptSecurityContext)(
            &to->credential, old, given, ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY,
            SECURITY_NATIVE_DREP, &to->context, &out_list, &attributes, NULL);
    else if (wide)
        status = w->InitializeSecurityContextW(&to->credential, old, target_w, flags, 0,
                                               SECURITY_NATIVE_DREP, given, 0, &to->context,
                                               &out_list, &attributes, NULL);
    else
        status = a->InitializeSecurityContextA(&to->credential, old, target, flags, 0,
                                               SECURITY_NATIVE_DREP, given, 0, &to->context,
                                               &out_list, &attributes, NULL);
    to->open |= status >= 0;
    to->size = out.cbBuffer;
    return status;
}

static void end_acquire(struct end *end, bool wide, ULONG use)
{
    static SEC_WCHAR package_w[] = {'N', 'T', 'L', 'M', 0};
    static SEC_CHAR package[] = "NTLM";
    SECURITY_STATUS status =
        wide ? InitSecurityInterfaceW()->AcquireCredentialsHandleW(
                   NULL, package_w, use, NULL, NULL, NULL, NULL, &end->credential, NULL)
             : InitSecurityInterfaceA()->AcquireCredentialsHandleA(
                   NULL, package, use, NULL, NULL, NULL, NULL, &end->credential, NULL);

    ck_assert_int_eq(status, SEC_E_OK);
}

static void end_close(struct end *end, bool wide)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    PSecurityFunctionTableW w = InitSecurityInterfaceW();

    ck_assert_int_eq((wide ? w->DeleteSecurityContext : a->DeleteSecurityContext)(&end->context),
                     SEC_E_OK);
    ck_assert_int_eq((wide ? w->FreeCredentialsHandle : a->FreeCredentialsHandle)(&end->credential),
                     SEC_E_OK);
}

static void message(struct end *from, struct end *to, seal_fn seal, unseal_fn unseal)
{
    char text[] = "by the table", token[16];
    SecBuffer parts[] = {{sizeof(token), SECBUFFER_TOKEN, token},
                         {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};

    ck_assert_int_eq(seal(&from->context, 0, &list, 0), SEC_E_OK);
    ck_assert_str_ne(text, "by the table");
    ck_assert_int_eq(unseal(&to->context, &list, 0, NULL), SEC_E_OK);
    ck_assert_str_eq(text, "by the table");
}

static void mark(struct end *from, struct end *to, bool wide)
{
    PSecurityFunctionTableA a = InitSecurityInterfaceA();
    PSecurityFunctionTableW w = InitSecurityInterfaceW();
    char text[] = "signed by the table", token[16];
    SecBuffer parts[] = {{sizeof(token), SECBUFFER_TOKEN, token},
                         {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};

    ck_assert_int_eq((wide ? w->MakeSignature : a->MakeSignature)(&from->context, 0, &list, 0),
                     SEC_E_OK);
    ck_assert_int_eq((wide ? w->VerifySignature : a->VerifySignature)(&to->context, &list, 0, NULL),
                     SEC_E_OK);
}

/* Both forms: a whole exchange, with EncryptMessage where it is now and where it was. */
START_TEST(whole_exchange)
{
    bool wide = _i != 0;
    const void *table =
        wide ? (const void *)InitSecurityInterfaceW() : (const void *)InitSecurityInterfaceA();
    static struct end client, server;
    SecPkgContext_Sizes sizes;

    end_acquire(&client, wide, SECPKG_CRED_OUTBOUND);
    end_acquire(&server, wide, SECPKG_CRED_INBOUND);
    ck_assert_int_eq(leg_out(&server, &client, wide, false), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(leg_out(&client, &server, wide, true), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(leg_out(&server, &client, wide, false), SEC_E_OK);
    ck_assert_int_eq(leg_out(&client, &server, wide, true), SEC_E_OK);
    message(&client, &server, (seal_fn)(uintptr_t)SLOT(table, 24),
            (unseal_fn)(uintptr_t)SLOT(table, 18));
    message(&server, &client, (seal_fn)(uintptr_t)SLOT(table, 17),
            (unseal_fn)(uintptr_t)SLOT(table, 25));
    mark(&client, &server, wide);
    ck_assert_int_eq(wide ? InitSecurityInterfaceW()->QueryContextAttributesW(
                                &client.context, SECPKG_ATTR_SIZES, &sizes)
                          : InitSecurityInterfaceA()->QueryContextAttributesA(
                                &client.context, SECPKG_ATTR_SIZES, &sizes),
                     SEC_E_OK);
    ck_assert_uint_eq(sizes.cbMaxSignature, 16);
    end_close(&client, wide);
    end_close(&server, wide);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("packages");
    TCase *tc = tcase_create("packages");

    tcase_add_test(tc, enumerates);
    tcase_add_loop_test(tc, is_found, 0, COUNT(packages));
    tcase_add_test(tc, is_not_found);
    tcase_add_test(tc, tables);
    tcase_add_test(tc, calls_through);
    tcase_add_loop_test(tc, whole_exchange, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
