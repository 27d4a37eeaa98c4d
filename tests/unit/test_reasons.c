/* SPDX-License-Identifier: MIT */
/*
 * A call that is made wrongly says by sspi_native_error() what is wrong with it, and nothing that
 * an earlier call has left. What packages say of what comes from peers is tested with these.
 */
#include <string.h>

#include <sspi_linux.h>

#include "lib/check_main.h"
#include "lib/ident.h"

static struct ident ident;
static struct stream client, server;
static SecBuffer token;
static SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};

static void setup(void)
{
    ident_make(&ident, "CN=localhost", IDENT_EC);
    stream_init(&client, false);
    stream_init(&server, true);
    ck_assert_int_eq(ident_acquire(&client, 0, NULL, 0), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&server, 0, &ident, 0), SEC_E_OK);
    token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    /* the text of an earlier failure must not stand for another's */
    ck_assert_int_eq(DeleteSecurityContext(NULL), SEC_E_INVALID_HANDLE);
}

static void teardown(void)
{
    stream_free(&client);
    stream_free(&server);
    ident_free(&ident);
    certs_end();
}

static SECURITY_STATUS acquire(char *package, ULONG use, void *auth, CredHandle *credential)
{
    return AcquireCredentialsHandleA(NULL, package, use, NULL, auth, NULL, NULL, credential, NULL);
}

static SECURITY_STATUS initialize(CredHandle *credential, CtxtHandle *context, ULONG request,
                                  SecBufferDesc *in, CtxtHandle *made, SecBufferDesc *list)
{
    static char target[] = "localhost";
    ULONG flags;

    return InitializeSecurityContextA(credential, context, target, request, 0, 0, in, 0, made, list,
                                      &flags, NULL);
}

#define refused(call, status, text)                                                                \
    do {                                                                                           \
        ck_assert_int_eq(call, status);                                                            \
        ck_assert_msg(strstr(sspi_native_error(), text) != NULL, "%s: \"%s\"", #call,              \
                      sspi_native_error());                                                        \
    } while (0)

START_TEST(test_acquire)
{
    unsigned char list[] = "kerberoos", name[] = "ali\377e";
    static char unknown[] = "Negotiat", schannel[] = "Schannel", negotiate[] = "Negotiate";
    SEC_WINNT_AUTH_IDENTITY_EXA id = {.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                      .Length = sizeof(id),
                                      .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
                                      .PackageList = list,
                                      .PackageListLength = 9};
    SEC_WINNT_AUTH_IDENTITY_A user = {
        .User = name, .UserLength = 5, .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    SCHANNEL_CRED certificates = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1};
    PSecPkgInfoA info;
    CredHandle made, none = {0, 0};

    refused(acquire(unknown, SECPKG_CRED_OUTBOUND, NULL, &made), SEC_E_SECPKG_NOT_FOUND,
            "no package Negotiat: EnumerateSecurityPackages");
    refused(acquire(NULL, SECPKG_CRED_OUTBOUND, NULL, &made), SEC_E_SECPKG_NOT_FOUND,
            "no package was named");
    refused(QuerySecurityPackageInfoA(unknown, &info), SEC_E_SECPKG_NOT_FOUND, "Negotiat:");
    refused(acquire(schannel, 0, NULL, &made), SEC_E_UNKNOWN_CREDENTIALS, "fCredentialUse is 0x0");
    refused(acquire(schannel, SECPKG_CRED_OUTBOUND, NULL, NULL), SEC_E_INVALID_HANDLE,
            "phCredential is NULL");
    refused(acquire(schannel, SECPKG_CRED_OUTBOUND, &certificates, &made),
            SEC_E_UNKNOWN_CREDENTIALS, "cCreds is 1");
    refused(acquire(negotiate, SECPKG_CRED_OUTBOUND, &id, &made), SEC_E_NO_CREDENTIALS,
            "PackageList leaves no mechanism of Negotiate");
    refused(acquire(negotiate, SECPKG_CRED_OUTBOUND, &user, &made), SEC_E_UNKNOWN_CREDENTIALS,
            "of 5 octets, is no UTF-8");
    user.UserLength = 0;
    refused(acquire(negotiate, SECPKG_CRED_OUTBOUND, &user, &made), SEC_E_UNKNOWN_CREDENTIALS,
            "has no user");
    refused(FreeCredentialsHandle(&none), SEC_E_INVALID_HANDLE, "not made here, or was freed");
    refused(FreeCredentialsHandle(NULL), SEC_E_INVALID_HANDLE, "credential's handle is NULL");
}
END_TEST

START_TEST(test_legs)
{
    SecBuffer many[33] = {{0}}, addressless = {5, SECBUFFER_DATA, NULL};
    SecBuffer plain = {16, SECBUFFER_TOKEN, (void *)(uintptr_t) "GET / HTTP/1.1\r\n"};
    SecBufferDesc too_many = {SECBUFFER_VERSION, 33, many}, nowhere = {SECBUFFER_VERSION, 2, NULL},
                  wrong = {SECBUFFER_VERSION, 1, &addressless},
                  http = {SECBUFFER_VERSION, 1, &plain};
    CtxtHandle made, none = {0, 0};
    CredHandle never = {1, 2};
    const ULONG allocate = ISC_REQ_ALLOCATE_MEMORY;
    ULONG flags;

    refused(initialize(NULL, NULL, allocate, NULL, &made, &out), SEC_E_INVALID_HANDLE,
            "phCredential is NULL, and a first leg");
    refused(initialize(&client.cred, NULL, allocate, NULL, NULL, &out), SEC_E_INVALID_HANDLE,
            "phNewContext is NULL");
    refused(initialize(&never, NULL, allocate, NULL, &made, &out), SEC_E_INVALID_HANDLE,
            "credential's handle is none");
    refused(initialize(&client.cred, &none, allocate, NULL, &made, &out), SEC_E_INVALID_HANDLE,
            "context's handle is none");
    refused(initialize(&server.cred, NULL, allocate, NULL, &made, &out), SEC_E_NO_CREDENTIALS,
            "is a server's: it was acquired with SECPKG_CRED_INBOUND");
    refused(initialize(&client.cred, NULL, allocate, &too_many, &made, &out), SEC_E_INVALID_TOKEN,
            "a list of 33 buffers: at most 32");
    refused(initialize(&client.cred, NULL, allocate, NULL, &made, &nowhere), SEC_E_INVALID_TOKEN,
            "2 buffers whose pBuffers is NULL");
    refused(initialize(&client.cred, NULL, allocate, &wrong, &made, &out), SEC_E_INVALID_TOKEN,
            "buffer 0 of the list, type 1, has 5 octets and no address");
    refused(initialize(&client.cred, NULL, allocate | ISC_REQ_DATAGRAM, NULL, &made, &out),
            SEC_E_UNSUPPORTED_FUNCTION, "no flags of Schannel");
    refused(AcceptSecurityContext(&client.cred, NULL, &http, 0, 0, &made, &out, &flags, NULL),
            SEC_E_NO_CREDENTIALS, "is a client's");
    refused(AcceptSecurityContext(&server.cred, NULL, &http, ASC_REQ_ALLOCATE_MEMORY, 0, &made,
                                  &out, &flags, NULL),
            SEC_E_INVALID_TOKEN, "no record of TLS");
    ck_assert_int_eq(initialize(&client.cred, NULL, allocate, NULL, &made, &out),
                     SEC_I_CONTINUE_NEEDED);
    ck_assert_str_eq(sspi_native_error(), ""); /* what came before is forgotten */
    FreeContextBuffer(token.pvBuffer);
    refused(EncryptMessage(&made, 0, &out, 0), SEC_E_INVALID_HANDLE, "negotiation is not over");
    refused(AcceptSecurityContext(&server.cred, &made, &http, 0, 0, &made, &out, &flags, NULL),
            SEC_E_INVALID_HANDLE, "of another call: a client's");
    ck_assert_int_eq(DeleteSecurityContext(&made), SEC_E_OK);
    refused(DeleteSecurityContext(&made), SEC_E_INVALID_HANDLE, "it was deleted since");
}
END_TEST

START_TEST(test_messages)
{
    unsigned char room[256] = {0};
    SecBuffer parts[4] = {{5, SECBUFFER_DATA, room}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, parts};
    DWORD kind = 77;
    SecPkgContext_StreamSizes sizes;
    PCCERT_CONTEXT peer;
    char url[] = "https://localhost/";

    client.target = url; /* is not sent, for servers would end the handshake */
    stream_establish(&client, &server);
    refused(EncryptMessage(&client.ctx, 0, NULL, 0), SEC_E_INVALID_TOKEN, "pMessage is NULL");
    refused(EncryptMessage(&client.ctx, 0, &message, 0), SEC_E_INVALID_TOKEN,
            "SECBUFFER_STREAM_HEADER");
    parts[0] = (SecBuffer){2, SECBUFFER_STREAM_HEADER, room};
    parts[1] = (SecBuffer){5, SECBUFFER_DATA, room + 64};
    parts[2] = (SecBuffer){64, SECBUFFER_STREAM_TRAILER, room + 128};
    refused(EncryptMessage(&client.ctx, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL,
            "header of 2 octets");
    parts[1].cbBuffer = 1000000;
    refused(EncryptMessage(&client.ctx, 0, &message, 0), SEC_E_ENCRYPT_FAILURE,
            "1000000 octets at once");
    refused(EncryptMessage(&client.ctx, 77, &message, 0), SEC_E_QOP_NOT_SUPPORTED, "fQOP is 0x4d");
    message.cBuffers = 1;
    refused(DecryptMessage(&server.ctx, &message, 0, NULL), SEC_E_INVALID_TOKEN,
            "three SECBUFFER_EMPTY");
    refused(MakeSignature(&client.ctx, 0, &message, 0), SEC_E_UNSUPPORTED_FUNCTION,
            "has no such call");
    parts[0] = (SecBuffer){sizeof(kind), SECBUFFER_TOKEN, &kind};
    refused(ApplyControlToken(&client.ctx, &message), SEC_E_UNSUPPORTED_FUNCTION,
            "a token of type 77");
    refused(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_STREAM_SIZES, NULL),
            SEC_E_INVALID_PARAMETER, "pBuffer is NULL");
    refused(QueryContextAttributesA(&client.ctx, 999, &sizes), SEC_E_UNSUPPORTED_FUNCTION,
            "attribute 0x3e7 is none of this client's");
    refused(QueryContextAttributesExA(&client.ctx, SECPKG_ATTR_STREAM_SIZES, &sizes, 3),
            SEC_E_BUFFER_TOO_SMALL, "cbBuffer is 3");
    refused(QueryContextAttributesA(&server.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer),
            SEC_E_NO_CREDENTIALS, "ASC_REQ_MUTUAL_AUTH asks for one");
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_STREAM_SIZES, &sizes),
                     SEC_E_OK);
    ck_assert_str_eq(sspi_native_error(), "");
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("reasons");
    TCase *tc = tcase_create("calls made wrongly");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_acquire);
    tcase_add_test(tc, test_legs);
    tcase_add_test(tc, test_messages);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
