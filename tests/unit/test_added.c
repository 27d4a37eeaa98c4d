/* SPDX-License-Identifier: MIT */
/*
 * Packages that a program adds: the toy module through every call, in both forms, where it has
 * both, one, or next to nothing; what cannot be added; and threads that add, delete and log on.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <windows.h>

#include <schannel.h>
#include <sspi_linux.h>
#include <wdigest.h>

#include "lib/check_main.h"
#include "lib/toymodule.h"

#define OK(call)            ck_assert_int_eq(call, SEC_E_OK)
#define FAILS(call, status) ck_assert_int_eq(call, status)

static char module_file[] = TOY_MODULE;
static char toy_a[] = TOY_PACKAGE;
static SEC_WCHAR toy_w[] = u"Toy";

/* --- The module ----------------------------------------------------------------------------- */

static SECURITY_STATUS module_add(const char *mode)
{
    setenv("TOY_TABLE", mode, 1);
    return AddSecurityPackageA(module_file, NULL);
}

/* What the module has allocated and nobody has given back. */
static int module_live(void)
{
    void *library = dlopen(module_file, RTLD_NOW | RTLD_NOLOAD);
    int (*live)(void) = NULL;

    ck_assert_ptr_nonnull(library);
    *(void **)&live = dlsym(library, "toy_live");
    dlclose(library);
    return live();
}

/* --- One logon, in the form of a test ------------------------------------------------------- */

struct side {
    CredHandle cred;
    CtxtHandle ctx;
    ULONG flags;
    TimeStamp expiry;
};

struct logon {
    bool wide;
    struct side client, server;
};

static SECURITY_STATUS acquire(struct side *side, ULONG use, const char *password, bool wide)
{
    SEC_WINNT_AUTH_IDENTITY_A a = {(void *)(uintptr_t) "alice",
                                   5,
                                   NULL,
                                   0,
                                   (void *)(uintptr_t)password,
                                   (ULONG)strlen(password),
                                   SEC_WINNT_AUTH_IDENTITY_ANSI};
    SEC_WCHAR word[TOY_NAME];
    SEC_WINNT_AUTH_IDENTITY_W w = {
        (void *)(uintptr_t)u"alice",    5, NULL, 0, word, (ULONG)strlen(password),
        SEC_WINNT_AUTH_IDENTITY_UNICODE};

    for (size_t i = 0; i <= strlen(password); i++)
        word[i] = (unsigned char)password[i];
    return wide ? AcquireCredentialsHandleW(NULL, toy_w, use, NULL, &w, NULL, NULL, &side->cred,
                                            &side->expiry)
                : AcquireCredentialsHandleA(NULL, toy_a, use, NULL, &a, NULL, NULL, &side->cred,
                                            &side->expiry);
}

static SecBufferDesc one(SecBuffer *buffer, ULONG type, void *data, ULONG size)
{
    *buffer = (SecBuffer){size, type, data};
    return (SecBufferDesc){SECBUFFER_VERSION, 1, buffer};
}

static SECURITY_STATUS initialize(struct logon *logon, bool first, ULONG request, SecBufferDesc *in,
                                  SecBufferDesc *out)
{
    struct side *client = &logon->client;
    static char target_a[] = "toys/chest";
    static SEC_WCHAR target_w[] = u"toys/chest";
    PCtxtHandle old = first ? NULL : &client->ctx;

    return logon->wide
               ? InitializeSecurityContextW(&client->cred, old, target_w, request, 0, 0, in, 0,
                                            &client->ctx, out, &client->flags, &client->expiry)
               : InitializeSecurityContextA(&client->cred, old, target_a, request, 0, 0, in, 0,
                                            &client->ctx, out, &client->flags, &client->expiry);
}

#define REQUEST (ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)

static void credentials_make(struct logon *logon, bool wide)
{
    memset(logon, 0, sizeof(*logon));
    logon->wide = wide;
    OK(acquire(&logon->client, SECPKG_CRED_OUTBOUND, "secret", wide));
    OK(acquire(&logon->server, SECPKG_CRED_INBOUND, "secret", wide));
    ck_assert_int_eq(logon->client.expiry.QuadPart, TOY_EXPIRY);
}

static void logon_make(struct logon *logon, bool wide)
{
    char hello[TOY_MAX_TOKEN], reply[TOY_MAX_TOKEN];
    SecBuffer buffers[3];
    SecBufferDesc first = one(&buffers[0], SECBUFFER_TOKEN, hello, sizeof(hello));
    SecBufferDesc second = one(&buffers[1], SECBUFFER_TOKEN, reply, sizeof(reply));
    SecBufferDesc none = one(&buffers[2], SECBUFFER_TOKEN, NULL, 0);

    credentials_make(logon, wide);
    FAILS(initialize(logon, true, REQUEST, NULL, &first), SEC_I_CONTINUE_NEEDED);
    OK(AcceptSecurityContext(&logon->server.cred, NULL, &first, ASC_REQ_INTEGRITY, 0,
                             &logon->server.ctx, &second, &logon->server.flags,
                             &logon->server.expiry));
    OK(initialize(logon, false, REQUEST, &second, &none));
    ck_assert_uint_eq(buffers[2].cbBuffer, 0);
    ck_assert_uint_eq(logon->client.flags,
                      ISC_RET_MUTUAL_AUTH | ISC_RET_CONFIDENTIALITY | ISC_RET_INTEGRITY);
    ck_assert_uint_eq(logon->server.flags, ASC_RET_INTEGRITY);
    ck_assert_int_eq(logon->server.expiry.QuadPart, TOY_EXPIRY);
}

static void logon_end(struct logon *logon)
{
    OK(DeleteSecurityContext(&logon->client.ctx));
    OK(DeleteSecurityContext(&logon->server.ctx));
    OK(FreeCredentialsHandle(&logon->client.cred));
    OK(FreeCredentialsHandle(&logon->server.cred));
}

/* --- Messages ------------------------------------------------------------------------------- */

typedef SECURITY_STATUS(SEC_ENTRY *protect_fn)(PCtxtHandle, ULONG, PSecBufferDesc, ULONG);
typedef SECURITY_STATUS(SEC_ENTRY *open_fn)(PCtxtHandle, PSecBufferDesc, ULONG, PULONG);

static void message_pass(PCtxtHandle from, PCtxtHandle to, protect_fn protect, open_fn open,
                         bool altered)
{
    char check[TOY_CHECK], text[] = "a message";
    SecBuffer buffers[2] = {{sizeof(check), SECBUFFER_TOKEN, check},
                            {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    ULONG qop = 0;

    OK(protect(from, 0, &message, 0));
    text[0] ^= altered;
    FAILS(open(to, &message, 0, &qop), altered ? SEC_E_MESSAGE_ALTERED : SEC_E_OK);
    if (!altered)
        ck_assert_uint_eq(qop, 7);
    if (!altered)
        ck_assert_str_eq(text, "a message");
}

static void messages_pass(PCtxtHandle from, PCtxtHandle to)
{
    message_pass(from, to, EncryptMessage, DecryptMessage, false);
    message_pass(from, to, MakeSignature, VerifySignature, false);
    message_pass(from, to, SealMessage, UnsealMessage, false);
}

/* --- Attributes ----------------------------------------------------------------------------- */

static bool text_is(const void *text, bool wide, const char *wanted)
{
    for (size_t i = 0; i <= strlen(wanted); i++)
        if ((wide ? ((const SEC_WCHAR *)text)[i] : (unsigned char)((const char *)text)[i]) !=
            (unsigned char)wanted[i])
            return false;
    return true;
}

static SECURITY_STATUS query(PCtxtHandle ctx, ULONG attribute, void *buffer, ULONG size, bool wide)
{
    if (size != 0)
        return wide ? QueryContextAttributesExW(ctx, attribute, buffer, size)
                    : QueryContextAttributesExA(ctx, attribute, buffer, size);
    return wide ? QueryContextAttributesW(ctx, attribute, buffer)
                : QueryContextAttributesA(ctx, attribute, buffer);
}

static void context_attributes(struct logon *logon)
{
    PCtxtHandle server = &logon->server.ctx;
    bool wide = logon->wide;
    SecPkgContext_Sizes sizes;
    SecPkgContext_NamesA names;
    SecPkgContext_NativeNamesA both;
    SecPkgContext_SessionKey key, other;
    SecPkgContext_PackageInfoA package;

    OK(query(server, SECPKG_ATTR_SIZES, &sizes, 0, wide));
    ck_assert_uint_eq(sizes.cbMaxSignature, TOY_CHECK);
    OK(query(server, SECPKG_ATTR_NAMES, &names, sizeof(names), wide));
    ck_assert(text_is(names.sUserName, wide, "alice"));
    FreeContextBuffer(names.sUserName);
    OK(query(&logon->client.ctx, SECPKG_ATTR_NATIVE_NAMES, &both, 0, wide));
    ck_assert(text_is(both.sClientName, wide, "alice"));
    ck_assert(text_is(both.sServerName, wide, "toys/chest"));
    FreeContextBuffer(both.sClientName);
    FreeContextBuffer(both.sServerName);
    OK(query(server, SECPKG_ATTR_SESSION_KEY, &key, 0, wide));
    OK(query(&logon->client.ctx, SECPKG_ATTR_SESSION_KEY, &other, 0, wide));
    ck_assert_uint_eq(key.SessionKeyLength, 8);
    ck_assert_mem_eq(key.SessionKey, other.SessionKey, 8);
    FreeContextBuffer(key.SessionKey);
    FreeContextBuffer(other.SessionKey);
    OK(query(server, SECPKG_ATTR_PACKAGE_INFO, &package, 0, wide));
    ck_assert(text_is(package.PackageInfo->Name, wide, TOY_PACKAGE));
    FreeContextBuffer(package.PackageInfo);
    FAILS(query(server, SECPKG_ATTR_LIFESPAN, &sizes, 0, wide), SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(query(server, SECPKG_ATTR_NAMES, &names, 1, wide), SEC_E_BUFFER_TOO_SMALL);
}

/* A structure that only the module knows, in the form that it has. */
static void label_attribute(struct logon *logon, bool module_wide)
{
    static const SEC_WCHAR label_w[TOY_NAME] = u"red";
    static const char label_a[TOY_NAME] = "red";
    PCtxtHandle ctx = &logon->client.ctx;
    unsigned char got[2 * TOY_NAME] = {0};
    void *label = module_wide ? (void *)(uintptr_t)label_w : (void *)(uintptr_t)label_a;
    ULONG size = module_wide ? sizeof(label_w) : sizeof(label_a);

    OK(logon->wide ? SetContextAttributesW(ctx, TOY_ATTR_LABEL, label, size)
                   : SetContextAttributesA(ctx, TOY_ATTR_LABEL, label, size));
    OK(query(ctx, TOY_ATTR_LABEL, got, 0, logon->wide));
    ck_assert_mem_eq(got, label, size);
    FAILS(SetContextAttributesA(ctx, SECPKG_ATTR_SIZES, label, size), SEC_E_UNSUPPORTED_FUNCTION);
}

static void credential_attributes(struct logon *logon, bool module_wide)
{
    PCredHandle cred = &logon->client.cred;
    bool wide = logon->wide;
    SecPkgCredentials_NamesA names;
    void *bob = module_wide ? (void *)(uintptr_t)u"bob" : (void *)(uintptr_t) "bob";

    OK(wide ? QueryCredentialsAttributesW(cred, SECPKG_CRED_ATTR_NAMES, &names)
            : QueryCredentialsAttributesA(cred, SECPKG_CRED_ATTR_NAMES, &names));
    ck_assert(text_is(names.sUserName, wide, "alice"));
    FreeContextBuffer(names.sUserName);
    OK(wide ? SetCredentialsAttributesW(cred, TOY_ATTR_LABEL, bob, module_wide ? 8 : 4)
            : SetCredentialsAttributesA(cred, TOY_ATTR_LABEL, bob, module_wide ? 8 : 4));
    OK(wide ? QueryCredentialsAttributesExW(cred, SECPKG_CRED_ATTR_NAMES, &names, sizeof(names))
            : QueryCredentialsAttributesExA(cred, SECPKG_CRED_ATTR_NAMES, &names, sizeof(names)));
    ck_assert(text_is(names.sUserName, wide, "bob"));
    FreeContextBuffer(names.sUserName);
    FAILS(QueryCredentialsAttributesA(cred, SECPKG_ATTR_SUPPORTED_ALGS, &names),
          SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(SetCredentialsAttributesA(cred, SECPKG_ATTR_SUPPORTED_ALGS, bob, 1),
          SEC_E_UNSUPPORTED_FUNCTION);
}

/* --- The rest of the calls ------------------------------------------------------------------ */

static void context_moves(struct logon *logon)
{
    SecBuffer packed = {0};
    CtxtHandle moved;
    char ntlm[] = "NTLM";

    OK(ExportSecurityContext(&logon->client.ctx, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, NULL));
    FAILS(DeleteSecurityContext(&logon->client.ctx), SEC_E_INVALID_HANDLE);
    ck_assert_int_ne(ImportSecurityContextA(ntlm, &packed, NULL, &moved), SEC_E_OK);
    OK(logon->wide ? ImportSecurityContextW(toy_w, &packed, NULL, &moved)
                   : ImportSecurityContextA(toy_a, &packed, NULL, &moved));
    FreeContextBuffer(packed.pvBuffer);
    logon->client.ctx = moved;
    messages_pass(&logon->client.ctx, &logon->server.ctx);
}

/* It stays a server's; octets that no export gave are refused. */
static void server_moves(struct logon *logon)
{
    SecBuffer packed = {0};
    CtxtHandle moved;
    HANDLE token;

    OK(ExportSecurityContext(&logon->server.ctx, 0, &packed, NULL));
    OK(ImportSecurityContextA(toy_a, &packed, NULL, &moved));
    OK(QuerySecurityContextToken(&moved, &token));
    ck_assert(CloseHandle(token));
    OK(DeleteSecurityContext(&moved));
    *(unsigned char *)packed.pvBuffer = 2;
    FAILS(ImportSecurityContextA(toy_a, &packed, NULL, &moved), SEC_E_INVALID_TOKEN);
    *(unsigned char *)packed.pvBuffer = 1;
    packed.cbBuffer--;
    FAILS(ImportSecurityContextA(toy_a, &packed, NULL, &moved), SEC_E_INVALID_TOKEN);
    packed.cbBuffer = 1;
    FAILS(ImportSecurityContextA(toy_a, &packed, NULL, &moved), SEC_E_INVALID_TOKEN);
    FreeContextBuffer(packed.pvBuffer);
}

static void client_is_acted_for(struct logon *logon)
{
    SecPkgCredentials_NamesA names;
    CredHandle cred;
    HANDLE token;

    OK(ImpersonateSecurityContext(&logon->server.ctx));
    OK(AcquireCredentialsHandleA(NULL, toy_a, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL, &cred,
                                 NULL));
    OK(RevertSecurityContext(&logon->server.ctx));
    OK(QueryCredentialsAttributesA(&cred, SECPKG_CRED_ATTR_NAMES, &names));
    ck_assert_str_eq(names.sUserName, "alice");
    FreeContextBuffer(names.sUserName);
    OK(FreeCredentialsHandle(&cred));
    FAILS(ImpersonateSecurityContext(&logon->client.ctx), SEC_E_NO_IMPERSONATION);
    OK(QuerySecurityContextToken(&logon->server.ctx, &token));
    ck_assert(CloseHandle(token));
    FAILS(QuerySecurityContextToken(&logon->client.ctx, &token), SEC_E_NO_IMPERSONATION);
    OK(QueryContextAttributesA(&logon->server.ctx, SECPKG_ATTR_ACCESS_TOKEN, &token));
    ck_assert(CloseHandle(token));
    FAILS(QueryContextAttributesW(&logon->client.ctx, SECPKG_ATTR_ACCESS_TOKEN, &token),
          SEC_E_NO_IMPERSONATION);
}

static void password_changes(bool wide)
{
    static SEC_WCHAR alice_w[] = u"alice", old_w[] = u"old", new_w[] = u"new";
    static char alice[] = "alice", old[] = "old", new[] = "new";

    OK(wide ? ChangeAccountPasswordW(toy_w, NULL, alice_w, old_w, new_w, FALSE, 0, NULL)
            : ChangeAccountPasswordA(toy_a, NULL, alice, old, new, FALSE, 0, NULL));
    FAILS(wide ? ChangeAccountPasswordW(toy_w, NULL, alice_w, new_w, old_w, FALSE, 0, NULL)
               : ChangeAccountPasswordA(toy_a, NULL, alice, new, old, FALSE, 0, NULL),
          SEC_E_LOGON_DENIED);
}

static void more_credentials(struct logon *logon)
{
    SEC_WINNT_AUTH_IDENTITY_A id = {(void *)(uintptr_t) "carol", 5, NULL, 0, NULL, 0,
                                    SEC_WINNT_AUTH_IDENTITY_ANSI};
    PCredHandle cred = &logon->client.cred;
    ULONG use = SECPKG_CRED_OUTBOUND;

    OK(logon->wide ? AddCredentialsW(cred, NULL, toy_w, use, &id, NULL, NULL, NULL)
                   : AddCredentialsA(cred, NULL, toy_a, use, &id, NULL, NULL, NULL));
    OK(AddCredentialsA(cred, NULL, NULL, use, &id, NULL, NULL, NULL));
    FAILS(AddCredentialsA(cred, NULL, (char *)(uintptr_t) "NTLM", use, &id, NULL, NULL, NULL),
          SEC_E_SECPKG_NOT_FOUND);
    id.UserLength = 0;
    FAILS(AddCredentialsA(cred, NULL, toy_a, use, &id, NULL, NULL, NULL),
          SEC_E_UNKNOWN_CREDENTIALS);
}

static void context_closes(struct logon *logon)
{
    char bye[] = "bye", hi[] = "hi", check[TOY_CHECK];
    SecBuffer buffers[2] = {{3, SECBUFFER_TOKEN, bye}, {3, SECBUFFER_DATA, hi}};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, buffers};

    OK(CompleteAuthToken(&logon->client.ctx, &list));
    FAILS(CompleteAuthToken(&logon->client.ctx, NULL), SEC_E_INVALID_TOKEN);
    OK(ApplyControlToken(&logon->client.ctx, &list));
    FAILS(ApplyControlToken(&logon->client.ctx, &(SecBufferDesc){SECBUFFER_VERSION, 0, NULL}),
          SEC_E_INVALID_TOKEN);
    list.cBuffers = 2;
    buffers[0] = (SecBuffer){sizeof(check), SECBUFFER_TOKEN, check};
    FAILS(EncryptMessage(&logon->client.ctx, 0, &list, 0), SEC_E_CONTEXT_EXPIRED);
}

/* The module's table, and the form of the calls. */
static const struct {
    const char *table;
    bool wide, module_wide;
} forms[] = {{"", false, false}, {"", true, true},   {"a", false, false},
             {"a", true, false}, {"w", false, true}, {"w", true, true}};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

START_TEST(test_every_call)
{
    struct logon logon;

    OK(module_add(forms[_i].table));
    logon_make(&logon, forms[_i].wide);
    messages_pass(&logon.client.ctx, &logon.server.ctx);
    messages_pass(&logon.server.ctx, &logon.client.ctx);
    message_pass(&logon.client.ctx, &logon.server.ctx, EncryptMessage, DecryptMessage, true);
    logon_end(&logon);
    logon_make(&logon, forms[_i].wide);
    context_attributes(&logon);
    label_attribute(&logon, forms[_i].module_wide);
    credential_attributes(&logon, forms[_i].module_wide);
    context_moves(&logon);
    server_moves(&logon);
    client_is_acted_for(&logon);
    password_changes(forms[_i].wide);
    more_credentials(&logon);
    context_closes(&logon);
    logon_end(&logon);
    OK(forms[_i].wide ? DeleteSecurityPackageW(toy_w) : DeleteSecurityPackageA(toy_a));
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* --- Legs that go otherwise ----------------------------------------------------------------- */

START_TEST(test_token_waits_for_room)
{
    struct logon logon;
    char hello[TOY_MAX_TOKEN];
    SecBuffer buffer, allocated, in;
    SecBufferDesc list = one(&buffer, SECBUFFER_TOKEN, hello, 3);
    SecBufferDesc reply = one(&allocated, SECBUFFER_TOKEN, NULL, 0);

    OK(module_add(""));
    credentials_make(&logon, false);
    FAILS(initialize(&logon, true, REQUEST, NULL, &list), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_gt(buffer.cbBuffer, 3);
    FAILS(initialize(&logon, false, REQUEST, NULL, &list), SEC_I_CONTINUE_NEEDED);
    in = buffer;
    list.pBuffers = &in;
    OK(AcceptSecurityContext(&logon.server.cred, NULL, &list,
                             ASC_REQ_INTEGRITY | ASC_REQ_ALLOCATE_MEMORY, 0, &logon.server.ctx,
                             &reply, &logon.server.flags, NULL));
    ck_assert_uint_eq(logon.server.flags, ASC_RET_INTEGRITY | ASC_RET_ALLOCATED_MEMORY);
    OK(initialize(&logon, false, REQUEST, &reply, NULL));
    FreeContextBuffer(allocated.pvBuffer);
    messages_pass(&logon.client.ctx, &logon.server.ctx);
    logon_end(&logon);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* Until CompleteAuthToken() has judged it a client is nobody; and where it is refused he stays so.
 */
START_TEST(test_completed)
{
    struct logon logon;
    char hello[TOY_MAX_TOKEN], reply[TOY_MAX_TOKEN], body[4] = "bad";
    SecBuffer buffers[3];
    SecBufferDesc first = one(&buffers[0], SECBUFFER_TOKEN, hello, sizeof(hello));
    SecBufferDesc second = one(&buffers[1], SECBUFFER_TOKEN, reply, sizeof(reply));
    SecBufferDesc third = one(&buffers[2], SECBUFFER_TOKEN, body, _i ? 3 : 0);
    PVOID token;

    OK(module_add(""));
    credentials_make(&logon, false);
    FAILS(initialize(&logon, true, REQUEST, NULL, &first), SEC_I_CONTINUE_NEEDED);
    FAILS(AcceptSecurityContext(&logon.server.cred, NULL, &first, ASC_REQ_INTEGRITY | ASC_REQ_HTTP,
                                0, &logon.server.ctx, &second, &logon.server.flags, NULL),
          SEC_I_COMPLETE_NEEDED);
    FAILS(QuerySecurityContextToken(&logon.server.ctx, &token), SEC_E_INVALID_HANDLE);
    FAILS(QueryContextAttributesA(&logon.server.ctx, SECPKG_ATTR_ACCESS_TOKEN, &token),
          SEC_E_INVALID_HANDLE);
    FAILS(ImpersonateSecurityContext(&logon.server.ctx), SEC_E_INVALID_HANDLE);
    FAILS(CompleteAuthToken(&logon.server.ctx, &third), _i ? SEC_E_MESSAGE_ALTERED : SEC_E_OK);
    FAILS(ImpersonateSecurityContext(&logon.server.ctx), _i ? SEC_E_INVALID_HANDLE : SEC_E_OK);
    if (_i == 0) {
        OK(RevertSecurityContext(&logon.server.ctx));
        OK(initialize(&logon, false, REQUEST, &second, NULL));
        messages_pass(&logon.client.ctx, &logon.server.ctx);
    }
    logon_end(&logon);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

START_TEST(test_logon_denied)
{
    struct logon logon;
    char hello[TOY_MAX_TOKEN], reply[TOY_MAX_TOKEN];
    SecBuffer buffers[2];
    SecBufferDesc first = one(&buffers[0], SECBUFFER_TOKEN, hello, sizeof(hello));
    SecBufferDesc second = one(&buffers[1], SECBUFFER_TOKEN, reply, sizeof(reply));
    ULONG request = ASC_REQ_INTEGRITY | (_i ? ASC_REQ_EXTENDED_ERROR : 0);

    OK(module_add(""));
    memset(&logon, 0, sizeof(logon));
    OK(acquire(&logon.client, SECPKG_CRED_OUTBOUND, "guess", false));
    OK(acquire(&logon.server, SECPKG_CRED_INBOUND, "secret", false));
    FAILS(initialize(&logon, true, REQUEST, NULL, &first), SEC_I_CONTINUE_NEEDED);
    FAILS(AcceptSecurityContext(&logon.server.cred, NULL, &first, request, 0, &logon.server.ctx,
                                &second, &logon.server.flags, NULL),
          SEC_E_LOGON_DENIED);
    ck_assert_uint_eq(buffers[1].cbBuffer, _i ? 4 : 0);
    if (_i)
        ck_assert_mem_eq(reply, "TOYX", 4);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), "AcceptSecurityContext"));

    /* a reply that is cut short, then one that is none */
    memset(reply, 0, sizeof(reply));
    buffers[1].cbBuffer = 5;
    FAILS(initialize(&logon, false, REQUEST, &second, NULL), SEC_E_INCOMPLETE_MESSAGE);
    buffers[1].cbBuffer = 20;
    FAILS(initialize(&logon, false, REQUEST, &second, NULL), SEC_E_INVALID_TOKEN);
    FAILS(initialize(&logon, false, REQUEST, &second, NULL), SEC_E_CONTEXT_EXPIRED);
    OK(DeleteSecurityContext(&logon.client.ctx));
    OK(FreeCredentialsHandle(&logon.client.cred));
    OK(FreeCredentialsHandle(&logon.server.cred));
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* A credential of another package does not fit a context of this one. */
START_TEST(test_credentials_of_others)
{
    struct logon logon;
    CredHandle toy, ntlm;
    char package[] = "NTLM", hello[TOY_MAX_TOKEN];
    SecBuffer buffer;
    SecBufferDesc list = one(&buffer, SECBUFFER_TOKEN, hello, sizeof(hello));

    OK(module_add(""));
    credentials_make(&logon, false);
    FAILS(initialize(&logon, true, REQUEST, NULL, &list), SEC_I_CONTINUE_NEEDED);
    OK(AcquireCredentialsHandleA(NULL, package, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL, &ntlm,
                                 NULL));
    toy = logon.client.cred;
    logon.client.cred = ntlm;
    FAILS(initialize(&logon, false, REQUEST, &list, NULL), SEC_E_INVALID_HANDLE);
    OK(FreeCredentialsHandle(&ntlm));
    OK(FreeCredentialsHandle(&toy));
    OK(FreeCredentialsHandle(&logon.server.cred));
    OK(DeleteSecurityContext(&logon.client.ctx));
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* Version 1 ends before SetContextAttributes; what is behind it in memory is not called. */
START_TEST(test_short_table)
{
    struct logon logon;
    char label[TOY_NAME] = "red";

    OK(module_add("short"));
    logon_make(&logon, false);
    messages_pass(&logon.client.ctx, &logon.server.ctx);
    FAILS(SetContextAttributesA(&logon.client.ctx, TOY_ATTR_LABEL, label, sizeof(label)),
          SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(SetContextAttributesW(&logon.client.ctx, TOY_ATTR_LABEL, label, sizeof(label)),
          SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(SetCredentialsAttributesW(&logon.client.cred, TOY_ATTR_LABEL, label, sizeof(label)),
          SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(ChangeAccountPasswordA(toy_a, NULL, label, label, label, FALSE, 0, NULL),
          SEC_E_UNSUPPORTED_FUNCTION);
    logon_end(&logon);
}
END_TEST

START_TEST(test_bare_table)
{
    struct logon logon;
    SecPkgCredentials_NamesW names;
    char octets[TOY_MAX_TOKEN] = {0};
    SecBuffer buffer;
    SecBufferDesc list = one(&buffer, SECBUFFER_TOKEN, octets, sizeof(octets));
    CtxtHandle ctx;
    int i;

    OK(module_add("bare"));
    credentials_make(&logon, false);
    for (i = 0; i < 2; i++, logon.wide = true)
        FAILS(initialize(&logon, true, REQUEST, NULL, &list), SEC_E_UNSUPPORTED_FUNCTION);
    buffer.cbBuffer = sizeof(octets);
    FAILS(AcceptSecurityContext(&logon.server.cred, NULL, &list, 0, 0, &ctx, &list, NULL, NULL),
          SEC_E_UNSUPPORTED_FUNCTION);
    buffer.cbBuffer = sizeof(octets);
    FAILS(ImportSecurityContextA(toy_a, &buffer, NULL, &ctx), SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(QueryCredentialsAttributesW(&logon.client.cred, SECPKG_CRED_ATTR_NAMES, &names),
          SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(AddCredentialsW(&logon.client.cred, NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                          NULL),
          SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(SetCredentialsAttributesA(&logon.client.cred, TOY_ATTR_LABEL, octets, 1),
          SEC_E_UNSUPPORTED_FUNCTION);
    OK(FreeCredentialsHandle(&logon.client.cred));
    OK(FreeCredentialsHandle(&logon.server.cred));
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* --- The list ------------------------------------------------------------------------------- */

static bool is_listed(const char *name)
{
    PSecPkgInfoA infos;
    PSecPkgInfoW wide;
    ULONG count, wide_count;
    int found = 0, wide_found = 0;

    OK(EnumerateSecurityPackagesA(&count, &infos));
    OK(EnumerateSecurityPackagesW(&wide_count, &wide));
    for (ULONG i = 0; i < count; i++)
        found += strcmp(infos[i].Name, name) == 0;
    for (ULONG i = 0; i < wide_count; i++)
        wide_found += text_is(wide[i].Name, true, name);
    FreeContextBuffer(infos);
    FreeContextBuffer(wide);
    ck_assert_int_eq(found, wide_found);
    ck_assert_int_le(found, 1);
    return found;
}

START_TEST(test_listed)
{
    static SEC_WCHAR file_w[sizeof(module_file)];
    PSecPkgInfoA info;
    PSecPkgInfoW wide;
    SECURITY_PACKAGE_OPTIONS options = {.Size = sizeof(options), .Type = SECPKG_OPTIONS_TYPE_SSPI};

    for (size_t i = 0; i < sizeof(module_file); i++)
        file_w[i] = (unsigned char)module_file[i];
    setenv("TOY_TABLE", forms[_i].table, 1);
    ck_assert(!is_listed(TOY_PACKAGE));
    FAILS(QuerySecurityPackageInfoA(toy_a, &info), SEC_E_SECPKG_NOT_FOUND);
    FAILS(DeleteSecurityPackageA(toy_a), SEC_E_SECPKG_NOT_FOUND);
    OK(AddSecurityPackageW(file_w, &options));
    ck_assert(is_listed(TOY_PACKAGE));
    OK(QuerySecurityPackageInfoA(toy_a, &info));
    ck_assert_uint_eq(info->fCapabilities, TOY_CAPABILITIES);
    ck_assert_uint_eq(info->wRPCID, TOY_RPC_ID);
    ck_assert_uint_eq(info->cbMaxToken, TOY_MAX_TOKEN);
    ck_assert_str_eq(info->Comment, "A package for tests \xc3\xa9");
    OK(QuerySecurityPackageInfoW(toy_w, &wide));
    ck_assert_mem_eq(wide->Comment, u"A package for tests \u00e9", 22 * sizeof(SEC_WCHAR));
    FreeContextBuffer(info);
    FreeContextBuffer(wide);
    OK(DeleteSecurityPackageW(toy_w));
    ck_assert(!is_listed(TOY_PACKAGE));
    OK(AddSecurityPackageA(module_file, NULL));
    ck_assert(is_listed(TOY_PACKAGE));
}
END_TEST

static SECURITY_STATUS spec_add(const char *prefix)
{
    char spec[sizeof(module_file) + 64];

    snprintf(spec, sizeof(spec), "%s%s", prefix, module_file);
    return AddSecurityPackageA(spec, NULL);
}

START_TEST(test_other_name)
{
    struct logon logon;
    SecPkgContext_PackageInfoA info;

    setenv("TOY_TABLE", "", 1);
    OK(spec_add("Game:Toy="));
    ck_assert(is_listed("Game"));
    ck_assert(!is_listed(TOY_PACKAGE));
    OK(spec_add("Toy="));
    OK(DeleteSecurityPackageA(toy_a));
    strcpy(toy_a, "GAM");
    FAILS(acquire(&logon.client, SECPKG_CRED_OUTBOUND, "secret", false), SEC_E_SECPKG_NOT_FOUND);
    OK(spec_add("GAM:toy="));
    logon_make(&logon, false);
    OK(QueryContextAttributesA(&logon.server.ctx, SECPKG_ATTR_PACKAGE_INFO, &info));
    ck_assert_str_eq(info.PackageInfo->Name, "GAM");
    FreeContextBuffer(info.PackageInfo);
    logon_end(&logon);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

START_TEST(test_deleted_while_in_use)
{
    struct logon logon;
    CtxtHandle late;
    char hello[TOY_MAX_TOKEN];
    SecBuffer buffer;
    SecBufferDesc list = one(&buffer, SECBUFFER_TOKEN, hello, sizeof(hello));

    OK(module_add(""));
    logon_make(&logon, true);
    OK(DeleteSecurityPackageA(toy_a));
    FAILS(DeleteSecurityPackageA(toy_a), SEC_E_SECPKG_NOT_FOUND);
    messages_pass(&logon.client.ctx, &logon.server.ctx);
    context_attributes(&logon);
    late = logon.client.ctx; /* even a new context of the old credential */
    FAILS(initialize(&logon, true, REQUEST, NULL, &list), SEC_I_CONTINUE_NEEDED);
    OK(DeleteSecurityContext(&late));
    logon_end(&logon);
    FAILS(acquire(&logon.client, SECPKG_CRED_OUTBOUND, "secret", false), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* --- What cannot be added ------------------------------------------------------------------- */

START_TEST(test_no_module)
{
    static char nothing[] = "/nonexistent/toy.so", nowhere[] = "no-such-module.so",
                text[] = TOY_SOURCE, library[] = "libm.so.6", empty[] = "";

    FAILS(AddSecurityPackageA(nothing, NULL), SEC_E_SECPKG_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), nothing));
    FAILS(AddSecurityPackageA(nowhere, NULL), SEC_E_SECPKG_NOT_FOUND);
    FAILS(AddSecurityPackageA(text, NULL), SEC_E_CANNOT_INSTALL);
    FAILS(AddSecurityPackageA(library, NULL), SEC_E_CANNOT_INSTALL);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), "InitSecurityInterfaceA"));
    FAILS(AddSecurityPackageA(empty, NULL), SEC_E_INVALID_PARAMETER);
    FAILS(AddSecurityPackageA(NULL, NULL), SEC_E_INVALID_PARAMETER);
    FAILS(AddSecurityPackageW(NULL, NULL), SEC_E_INVALID_PARAMETER);
    FAILS(DeleteSecurityPackageA(NULL), SEC_E_INVALID_PARAMETER);
    FAILS(DeleteSecurityPackageW(NULL), SEC_E_INVALID_PARAMETER);
}
END_TEST

static const struct {
    const char *table, *says;
    SECURITY_STATUS status;
} bad_tables[] = {
    {"none", "version", SEC_E_CANNOT_INSTALL},
    {"old", "version", SEC_E_CANNOT_INSTALL},
    {"hollow", "FreeCredentialsHandle", SEC_E_CANNOT_INSTALL},
    {"empty", "lists", SEC_E_CANNOT_INSTALL},
    {"many", "lists", SEC_E_CANNOT_INSTALL},
    {"twice", "already", SEC_E_CANNOT_INSTALL},
    {"taken", "ntlm", SEC_E_CANNOT_INSTALL},
    {"nameless", "a=b", SEC_E_CANNOT_INSTALL},
};

START_TEST(test_bad_tables)
{
    FAILS(module_add(bad_tables[_i].table), bad_tables[_i].status);
    ck_assert_msg(strstr(sspi_native_error(), bad_tables[_i].says) != NULL, "%s",
                  sspi_native_error());
    ck_assert(!is_listed(TOY_PACKAGE));
}
END_TEST

START_TEST(test_names)
{
    static const char *const malformed[] = {"=", ":=", "a:=", ":Toy="};

    setenv("TOY_TABLE", "", 1);
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        FAILS(spec_add(malformed[i]), SEC_E_INVALID_PARAMETER);
    FAILS(AddSecurityPackageA((char *)(uintptr_t) "Toy=", NULL), SEC_E_INVALID_PARAMETER);
    FAILS(spec_add("Game:Tool="), SEC_E_SECPKG_NOT_FOUND);
    FAILS(spec_add("a:b:Toy="), SEC_E_SECPKG_NOT_FOUND);
    FAILS(spec_add("kerberos:Toy="), SEC_E_CANNOT_INSTALL);
    FAILS(spec_add("Schannel:Toy="), SEC_E_CANNOT_INSTALL);
    OK(module_add(""));
    FAILS(module_add(""), SEC_E_CANNOT_INSTALL);
    FAILS(spec_add("TOY:Toy="), SEC_E_CANNOT_INSTALL);
    FAILS(DeleteSecurityPackageA((char *)(uintptr_t) "Negotiate"), SEC_E_UNSUPPORTED_FUNCTION);
    FAILS(DeleteSecurityPackageW((SEC_WCHAR *)(uintptr_t)u"ntlm"), SEC_E_UNSUPPORTED_FUNCTION);
}
END_TEST

START_TEST(test_options)
{
    SECURITY_PACKAGE_OPTIONS options;

    setenv("TOY_TABLE", "", 1);
    memset(&options, 0, sizeof(options));
    options.Size = sizeof(options) - 1;
    FAILS(AddSecurityPackageA(module_file, &options), SEC_E_INVALID_PARAMETER);
    options.Size = sizeof(options);
    options.Type = SECPKG_OPTIONS_TYPE_LSA;
    FAILS(AddSecurityPackageA(module_file, &options), SEC_E_UNSUPPORTED_FUNCTION);
    options.Type = 3;
    FAILS(AddSecurityPackageA(module_file, &options), SEC_E_INVALID_PARAMETER);
    options.Type = SECPKG_OPTIONS_TYPE_SSPI;
    options.Flags = SECPKG_OPTIONS_PERMANENT;
    FAILS(AddSecurityPackageA(module_file, &options), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), "packages.d"));
    options.Flags = 2;
    FAILS(AddSecurityPackageA(module_file, &options), SEC_E_INVALID_PARAMETER);
    memset(&options, 0, sizeof(options));
    options.Signature = (void *)(uintptr_t) "ignored";
    options.SignatureSize = 7;
    OK(AddSecurityPackageA(module_file, &options));
}
END_TEST

/* The slots are for different packages: the same one comes back to its own. */
START_TEST(test_limit)
{
    char name[32];

    setenv("TOY_TABLE", "", 1);
    for (int i = 0; i < 200; i++) {
        OK(spec_add("Toy="));
        OK(DeleteSecurityPackageA(toy_a));
    }
    for (int i = 1; i < 64; i++) {
        snprintf(name, sizeof(name), "t%d:Toy=", i);
        OK(spec_add(name));
    }
    FAILS(spec_add("t64:Toy="), SEC_E_INSUFFICIENT_MEMORY);
    OK(spec_add("Toy="));
    ck_assert(is_listed("t63"));
}
END_TEST

/* --- Asynchronous calls --------------------------------------------------------------------- */

static SECURITY_STATUS wait_for(SspiAsyncContext *async, SECURITY_STATUS queued)
{
    SECURITY_STATUS status;

    OK(queued);
    while ((status = SspiGetAsyncCallStatus(async)) == SEC_I_ASYNC_CALL_PENDING)
        usleep(1000);
    SspiReinitAsyncContext(async);
    return status;
}

static SECURITY_STATUS acquire_async(SspiAsyncContext *async, struct side *side, bool wide)
{
    SEC_WINNT_AUTH_IDENTITY_A id = {
        (void *)(uintptr_t) "alice", 5, NULL, 0, (void *)(uintptr_t) "secret", 6,
        SEC_WINNT_AUTH_IDENTITY_ANSI};

    return wait_for(
        async, wide ? SspiAcquireCredentialsHandleAsyncW(async, NULL, toy_w, SECPKG_CRED_OUTBOUND,
                                                         NULL, &id, NULL, NULL, &side->cred, NULL)
                    : SspiAcquireCredentialsHandleAsyncA(async, NULL, toy_a, SECPKG_CRED_OUTBOUND,
                                                         NULL, &id, NULL, NULL, &side->cred, NULL));
}

static SECURITY_STATUS initialize_async(SspiAsyncContext *async, struct logon *logon, bool first,
                                        SecBufferDesc *in, SecBufferDesc *out)
{
    static char target_a[] = "toys/chest";
    static SEC_WCHAR target_w[] = u"toys/chest";
    struct side *client = &logon->client;
    PCredHandle cred = first ? &client->cred : NULL; /* later legs need not name it */
    PCtxtHandle old = first ? NULL : &client->ctx;

    return wait_for(
        async,
        logon->wide
            ? SspiInitializeSecurityContextAsyncW(async, cred, old, target_w, REQUEST, 0, 0, in, 0,
                                                  &client->ctx, out, &client->flags, NULL)
            : SspiInitializeSecurityContextAsyncA(async, cred, old, target_a, REQUEST, 0, 0, in, 0,
                                                  &client->ctx, out, &client->flags, NULL));
}

START_TEST(test_async)
{
    struct logon logon;
    SspiAsyncContext *async = SspiCreateAsyncContext();
    char hello[TOY_MAX_TOKEN], reply[TOY_MAX_TOKEN];
    SecBuffer buffers[2];
    SecBufferDesc first = one(&buffers[0], SECBUFFER_TOKEN, hello, sizeof(hello));
    SecBufferDesc second = one(&buffers[1], SECBUFFER_TOKEN, reply, sizeof(reply));

    OK(module_add(forms[_i].table));
    credentials_make(&logon, forms[_i].wide);
    OK(FreeCredentialsHandle(&logon.client.cred));
    OK(acquire_async(async, &logon.client, logon.wide));
    FAILS(initialize_async(async, &logon, true, NULL, &first), SEC_I_CONTINUE_NEEDED);
    OK(wait_for(async, SspiAcceptSecurityContextAsync(async, &logon.server.cred, NULL, &first, 0, 0,
                                                      &logon.server.ctx, &second,
                                                      &logon.server.flags, NULL)));
    OK(initialize_async(async, &logon, false, &second, NULL));
    messages_pass(&logon.client.ctx, &logon.server.ctx);
    OK(wait_for(async, SspiDeleteSecurityContextAsync(async, &logon.client.ctx)));
    OK(wait_for(async, SspiFreeCredentialsHandleAsync(async, &logon.client.cred)));
    OK(DeleteSecurityContext(&logon.server.ctx));
    OK(FreeCredentialsHandle(&logon.server.cred));
    SspiFreeAsyncContext(async);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

/* --- Threads -------------------------------------------------------------------------------- */

#define THREADS 16
#define ROUNDS  40

/* A package of its own, over and over. */
static void *comes_and_goes(void *argument)
{
    char spec[sizeof(module_file) + 32], name[24];

    snprintf(name, sizeof(name), "own%d", *(int *)argument);
    snprintf(spec, sizeof(spec), "%s:Toy=%s", name, module_file);
    for (int i = 0; i < ROUNDS; i++) {
        OK(AddSecurityPackageA(spec, NULL));
        ck_assert(is_listed(name));
        OK(DeleteSecurityPackageA(name));
        ck_assert(!is_listed(name));
    }
    return NULL;
}

/* Toy itself comes and goes: whoever got a credential in time has a whole logon by it. */
static void *logs_on(void *argument)
{
    struct logon logon = {.wide = false};
    char hello[TOY_MAX_TOKEN], reply[TOY_MAX_TOKEN];
    SecBuffer buffers[2];

    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        SecBufferDesc first = one(&buffers[0], SECBUFFER_TOKEN, hello, sizeof(hello));
        SecBufferDesc second = one(&buffers[1], SECBUFFER_TOKEN, reply, sizeof(reply));
        SECURITY_STATUS status;

        while ((status = acquire(&logon.client, SECPKG_CRED_BOTH, "secret", false)) != SEC_E_OK)
            FAILS(status, SEC_E_SECPKG_NOT_FOUND);
        FAILS(initialize(&logon, true, REQUEST, NULL, &first), SEC_I_CONTINUE_NEEDED);
        OK(AcceptSecurityContext(&logon.client.cred, NULL, &first, 0, 0, &logon.server.ctx, &second,
                                 &logon.server.flags, NULL));
        OK(initialize(&logon, false, REQUEST, &second, NULL));
        messages_pass(&logon.client.ctx, &logon.server.ctx);
        OK(DeleteSecurityContext(&logon.client.ctx));
        OK(DeleteSecurityContext(&logon.server.ctx));
        OK(FreeCredentialsHandle(&logon.client.cred));
    }
    return NULL;
}

static atomic_bool stop;

/* It is there half of the time, and at the end. */
static void *toggles(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop)) {
        OK(AddSecurityPackageA(module_file, NULL));
        usleep(200);
        OK(DeleteSecurityPackageA(toy_a));
        usleep(100);
    }
    return NULL;
}

/* All of them ask at once, and the first question reads the administrator's folder. */
static pthread_barrier_t start;

static void *asks_first(void *argument)
{
    (void)argument;
    pthread_barrier_wait(&start);
    for (int i = 0; i < ROUNDS; i++)
        ck_assert(is_listed("Steady"));
    return NULL;
}

START_TEST(test_first_question)
{
    char folder[] = "/tmp/gss-sspi-added.XXXXXX", path[64];
    pthread_t threads[THREADS];
    FILE *file;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.conf", folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "Steady:Toy=%s\n", module_file);
    fclose(file);
    ck_assert_int_eq(chmod(path, 0644), 0);
    ck_assert_int_eq(chmod(module_file, 0755), 0);
    setenv("SSPI_PACKAGES", folder, 1);
    setenv("TOY_TABLE", "", 1);
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, asks_first, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
    OK(DeleteSecurityPackageA((char *)(uintptr_t) "Steady"));
    unlink(path);
    rmdir(folder);
}
END_TEST

START_TEST(test_threads)
{
    pthread_t threads[THREADS], toggler;
    int numbers[THREADS];

    setenv("TOY_TABLE", "", 1);
    OK(AddSecurityPackageA(module_file, NULL));
    OK(DeleteSecurityPackageA(toy_a));
    ck_assert_int_eq(pthread_create(&toggler, NULL, toggles, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, i % 2 ? comes_and_goes : logs_on, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&stop, true);
    pthread_join(toggler, NULL);
    ck_assert_int_eq(module_live(), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("added packages");
    TCase *tc = tcase_create("added");

    tcase_add_loop_test(tc, test_every_call, 0, FORMS);
    tcase_add_test(tc, test_token_waits_for_room);
    tcase_add_loop_test(tc, test_completed, 0, 2);
    tcase_add_loop_test(tc, test_logon_denied, 0, 2);
    tcase_add_test(tc, test_credentials_of_others);
    tcase_add_test(tc, test_short_table);
    tcase_add_test(tc, test_bare_table);
    tcase_add_loop_test(tc, test_listed, 0, FORMS);
    tcase_add_test(tc, test_other_name);
    tcase_add_test(tc, test_deleted_while_in_use);
    tcase_add_test(tc, test_no_module);
    tcase_add_loop_test(tc, test_bad_tables, 0, sizeof(bad_tables) / sizeof(bad_tables[0]));
    tcase_add_test(tc, test_names);
    tcase_add_test(tc, test_options);
    tcase_add_test(tc, test_limit);
    tcase_add_loop_test(tc, test_async, 0, FORMS);
    tcase_add_test(tc, test_first_question);
    tcase_add_test(tc, test_threads);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
