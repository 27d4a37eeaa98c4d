/* SPDX-License-Identifier: MIT */
/* AcquireCredentialsHandle for CredSSP: every structure it takes, its default parts, and others. */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/ends.h"

#include <schannel.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* By either form and any of the names. */
static SECURITY_STATUS acquire(struct end *end, bool wide, const char *name, ULONG use, void *auth)
{
    SEC_WCHAR *name_w = wide_text(name, NULL);
    char name_a[16];
    TimeStamp expiry;
    SECURITY_STATUS status;

    strcpy(name_a, name);
    status = wide ? AcquireCredentialsHandleW(NULL, name_w, use, NULL, auth, NULL, NULL, &end->cred,
                                              &expiry)
                  : AcquireCredentialsHandleA(NULL, name_a, use, NULL, auth, NULL, NULL, &end->cred,
                                              &expiry);
    free(name_w);
    end->has_cred = status == SEC_E_OK;
    end->has_context = end->bare = false;
    end->server = use == SECPKG_CRED_INBOUND;
    end->status = SEC_I_CONTINUE_NEEDED;
    end->size = end->chunk = 0;
    end->target = "HTTP/localhost";
    return status;
}

static const char *const names[] = {"CREDSSP", "credssp", "TSSSP"};

/* --- What is taken -------------------------------------------------------------------------- */

/* Either form of TLS' credentials, or none. */
enum tls { NO_TLS, SCHANNEL, SCH, TLS_KINDS };

struct tls_room {
    PCCERT_CONTEXT cert;
    SCHANNEL_CRED v4;
    SCH_CREDENTIALS v5;
};

static void *tls_make(struct tls_room *room, enum tls kind, bool is_server)
{
    room->cert = is_server ? end_certificate_make() : NULL;
    room->v4 = (SCHANNEL_CRED){
        .dwVersion = SCHANNEL_CRED_VERSION, .cCreds = is_server, .paCred = &room->cert};
    room->v5 = (SCH_CREDENTIALS){
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = is_server, .paCred = &room->cert};
    return kind == NO_TLS ? NULL : kind == SCH ? (void *)&room->v5 : (void *)&room->v4;
}

static void tls_free(struct tls_room *room)
{
    if (room->cert != NULL)
        CertFreeCertificateContext(room->cert);
}

static const CREDSPP_SUBMIT_TYPE passwords[] = {CredsspPasswordCreds, CredsspSchannelCreds,
                                                CredsspSubmitBufferBoth,
                                                CredsspSubmitBufferBothOld};

/* A pSpnegoCred, or NULL for whoever is logged on. */
enum spnego { AMBIENT, PLAIN, EXTENDED, SPNEGO_KINDS };

static void server_serves(void)
{
    struct tls_room room;
    CREDSSP_CRED auth = {CredsspPasswordCreds, tls_make(&room, SCH, true), NULL};

    assert_status(acquire(&server, false, "CREDSSP", SECPKG_CRED_INBOUND, &auth), SEC_E_OK);
    tls_free(&room);
}

/* All of them, in a CREDSSP_CRED and in a CREDSSP_CRED_EX, by A and W: each logs alice on. */
START_TEST(clients_credentials_are_taken)
{
    CREDSPP_SUBMIT_TYPE type = passwords[_i % 4];
    bool extended = _i / 4 % 2, wide = _i / 8 % 2;
    enum tls tls = _i % TLS_KINDS;
    enum spnego spnego = _i / 16;
    SEC_WINNT_AUTH_IDENTITY_A plain = identity_a("alice", NULL, password_of("alice"));
    SEC_WINNT_AUTH_IDENTITY_EXA ex = identity_exa("alice", NULL, password_of("alice"), "kerberos");
    void *identities[] = {NULL, &plain, &ex};
    struct tls_room room;
    CREDSSP_CRED inner = {type, tls_make(&room, tls, false), identities[spnego]};
    CREDSSP_CRED_EX outer = {CredsspCredEx, CREDSSP_CRED_EX_VERSION, 0, 0, inner};
    void *auth = extended ? (void *)&outer : (void *)&inner;

    ends_policy(ALLOW_ALL);
    server_serves();
    assert_status(acquire(&client, wide, names[_i % 3], SECPKG_CRED_OUTBOUND, auth), SEC_E_OK);
    client.request = spnego == AMBIENT ? 0 : MUTUAL;
    memset(&inner, 0xff, sizeof(inner)); /* it was copied */
    memset(&outer, 0xff, sizeof(outer));
    ends_shake();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    ck_assert_str_eq(context_user(&server.context), "alice@LOOPBACK.TEST");
    ends_close();
}
END_TEST

START_TEST(servers_credentials_are_taken)
{
    struct tls_room room;
    CREDSSP_CRED inner = {passwords[_i % 4],
                          tls_make(&room, _i / 4 % 2 == 0 ? SCH : SCHANNEL, true), NULL};
    CREDSSP_CRED_EX outer = {CredsspCredEx, CREDSSP_CRED_EX_VERSION, 0, 0, inner};
    bool wide = _i / 8 % 2;

    ends_policy(ALLOW_ALL);
    assert_status(acquire(&server, wide, names[_i % 3], SECPKG_CRED_INBOUND,
                          _i / 16 == 0 ? (void *)&inner : (void *)&outer),
                  SEC_E_OK);
    assert_status(acquire(&client, wide, "CREDSSP", SECPKG_CRED_OUTBOUND, NULL), SEC_E_OK);
    client.request = 0;
    ends_shake();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
    tls_free(&room);
    ends_close();
}
END_TEST

/* --- What is not ---------------------------------------------------------------------------- */

static SEC_WINNT_AUTH_IDENTITY_A nobody = {.User = (unsigned char *)(uintptr_t) "",
                                           .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
static SEC_WINNT_AUTH_IDENTITY_A somebody = {
    .User = (unsigned char *)(uintptr_t) "alice",
    .UserLength = 5,
    .Password = (unsigned char *)(uintptr_t) "\xff\xfe",
    .PasswordLength = 2,
    .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
};
static SEC_WINNT_AUTH_IDENTITY_A named = {
    .User = (unsigned char *)(uintptr_t) "alice",
    .UserLength = 5,
    .Password = (unsigned char *)(uintptr_t) "secret",
    .PasswordLength = 6,
    .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
};
static struct {
    DWORD version;
    BYTE rest[200];
} odd_tls = {77, {0}};

static const struct {
    ULONG use;
    CREDSSP_CRED_EX auth; /* of another type than CredsspCredEx: its Cred */
    SECURITY_STATUS status;
} wrong[] = {
    {SECPKG_CRED_OUTBOUND,
     {0, 0, 0, 0, {(CREDSPP_SUBMIT_TYPE)0, NULL, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_OUTBOUND,
     {0, 0, 0, 0, {(CREDSPP_SUBMIT_TYPE)3, NULL, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_INBOUND,
     {0, 0, 0, 0, {(CREDSPP_SUBMIT_TYPE)3, NULL, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_OUTBOUND,
     {CredsspCredEx, 1, 0, 0, {CredsspPasswordCreds, NULL, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_OUTBOUND,
     {CredsspCredEx, 0, 2, 0, {CredsspPasswordCreds, NULL, NULL}},
     SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_CRED_OUTBOUND,
     {CredsspCredEx, 0, 0, 0, {CredsspCredEx, NULL, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_OUTBOUND,
     {CredsspCredEx, 0, CREDSSP_FLAG_REDIRECT, 0, {CredsspPasswordCreds, NULL, NULL}},
     SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_CRED_OUTBOUND,
     {CredsspCredEx, 0, 0, 0, {SSPI_CREDSSP_REMOTE_GUARD, NULL, NULL}},
     SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_CRED_OUTBOUND,
     {0, 0, 0, 0, {CredsspCertificateCreds, NULL, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_INBOUND,
     {0, 0, 0, 0, {CredsspCertificateCreds, NULL, NULL}},
     SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_CRED_INBOUND,
     {CredsspCredEx, 0, CREDSSP_FLAG_REDIRECT, 0, {SSPI_CREDSSP_REMOTE_GUARD, NULL, NULL}},
     SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_CRED_OUTBOUND,
     {0, 0, 0, 0, {CredsspPasswordCreds, &odd_tls, NULL}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_OUTBOUND,
     {0, 0, 0, 0, {CredsspPasswordCreds, NULL, &nobody}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_OUTBOUND,
     {0, 0, 0, 0, {CredsspPasswordCreds, NULL, &somebody}},
     SEC_E_UNKNOWN_CREDENTIALS},
    {SECPKG_CRED_INBOUND,
     {0, 0, 0, 0, {CredsspPasswordCreds, NULL, &named}},
     SEC_E_UNSUPPORTED_FUNCTION},
    {SECPKG_CRED_INBOUND,
     {0, 0, 0, 0, {CredsspPasswordCreds, NULL, NULL}},
     SEC_E_NO_CREDENTIALS}, /* a server without a certificate */
    {SECPKG_CRED_BOTH,
     {0, 0, 0, 0, {CredsspPasswordCreds, NULL, NULL}},
     SEC_E_UNSUPPORTED_FUNCTION},
};

START_TEST(other_credentials_are_refused)
{
    CREDSSP_CRED_EX outer = wrong[_i].auth;
    CREDSSP_CRED inner = outer.Cred;
    void *auth = outer.Type == CredsspCredEx ? (void *)&outer : (void *)&inner;

    for (int wide = 0; wide < 2; wide++)
        assert_status(acquire(&client, wide, "CREDSSP", wrong[_i].use, auth), wrong[_i].status);
}
END_TEST

/* A server without any structure has no certificate either. */
START_TEST(a_server_needs_a_certificate)
{
    assert_status(acquire(&server, false, "CREDSSP", SECPKG_CRED_INBOUND, NULL),
                  SEC_E_NO_CREDENTIALS);
}
END_TEST

/* --- What is told of them ------------------------------------------------------------------- */

/* The user by the logon's layer, the protocols by TLS'. */
START_TEST(credentials_tell_of_both_layers)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a("alice", "LOOPBACK.TEST", password_of("alice"));
    CREDSSP_CRED auth = {CredsspPasswordCreds, NULL, &identity};
    SecPkgCredentials_NamesA user;
    SecPkgCred_SupportedProtocols protocols = {0};
    SecPkgCred_SupportedAlgs algorithms;

    assert_status(acquire(&client, _i, "CREDSSP", SECPKG_CRED_OUTBOUND, &auth), SEC_E_OK);
    assert_status(QueryCredentialsAttributesA(&client.cred, SECPKG_CRED_ATTR_NAMES, &user),
                  SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(user.sUserName, "alice"));
    FreeContextBuffer(user.sUserName);
    assert_status(
        QueryCredentialsAttributesA(&client.cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols),
        SEC_E_OK);
    ck_assert_uint_eq(protocols.grbitProtocol & (SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT),
                      SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT);
    assert_status(
        QueryCredentialsAttributesA(&client.cred, SECPKG_ATTR_SUPPORTED_ALGS, &algorithms),
        SEC_E_OK);
    FreeContextBuffer(algorithms.palgSupportedAlgs);
    assert_status(QueryCredentialsAttributesA(&client.cred, 0x7777, &user),
                  SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(QueryCredentialsAttributesA(&client.cred, SECPKG_CRED_ATTR_NAMES, NULL),
                  SEC_E_INVALID_PARAMETER);
    end_close(&client);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_acquire");

    suite_add(all, clients_credentials_are_taken, 16 * SPNEGO_KINDS);
    suite_add(all, servers_credentials_are_taken, 32);
    suite_add(all, other_credentials_are_refused, COUNT(wrong));
    suite_add(all, a_server_needs_a_certificate, 1);
    suite_add(all, credentials_tell_of_both_layers, 2);
    return all;
}

CHECK_MAIN(suite)
