/* SPDX-License-Identifier: MIT */
/* CredSSP between our own two ends: TLS versions, mechanisms, and any cut of the stream. */
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <credssp.h>
#include <ntsecapi.h>
#include <schannel.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

#include "lib/check_main.h"
#include "lib/pair.h"

#define STREAM_MAX 65536

#define ISC                                                                                        \
    (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY | ISC_REQ_EXTENDED_ERROR)
#define ASC                                                                                        \
    (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM | ASC_REQ_CONFIDENTIALITY | ASC_REQ_EXTENDED_ERROR)

/* One end, with what has come for it and was not used yet. */
struct end {
    CredHandle cred;
    CtxtHandle context;
    bool has_context, server;
    SECURITY_STATUS status;
    unsigned char in[STREAM_MAX];
    size_t size;
    ULONG flags, request;
    size_t chunk; /* how much of the input one call gets; 0: all */
};

static PCCERT_CONTEXT certificate(void)
{
    static BYTE der[256];
    DWORD size = sizeof(der);
    CERT_NAME_BLOB name;
    PCCERT_CONTEXT cert;

    ck_assert(CertStrToNameA(X509_ASN_ENCODING, "CN=localhost", CERT_X500_NAME_STR, NULL, der,
                             &size, NULL));
    name = (CERT_NAME_BLOB){size, der};
    cert = CertCreateSelfSignCertificate(0, &name, 0, NULL, NULL, NULL, NULL, NULL);
    ck_assert_ptr_nonnull(cert);
    return cert;
}

static PCCERT_CONTEXT servers; /* the last one that a server has got */

static void acquire(struct end *end, bool server, DWORD disabled, void *identity)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = disabled};
    PCCERT_CONTEXT cert = server ? certificate() : NULL;
    SCH_CREDENTIALS tls = {.dwVersion = SCH_CREDENTIALS_VERSION,
                           .cCreds = server ? 1 : 0,
                           .paCred = &cert,
                           .cTlsParameters = 1,
                           .pTlsParameters = &parameters};
    CREDSSP_CRED auth = {CredsspSubmitBufferBoth, &tls, identity};
    TimeStamp expiry;
    char name[] = CREDSSP_NAME_A;
    SECURITY_STATUS status =
        AcquireCredentialsHandleA(NULL, name, server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                  NULL, &auth, NULL, NULL, &end->cred, &expiry);

    ck_assert_msg(status == SEC_E_OK, "%s: %s", sspi_status_name(status), sspi_native_error());
    memset(&end->context, 0, sizeof(end->context));
    end->has_context = false;
    end->server = server;
    end->status = SEC_I_CONTINUE_NEEDED;
    end->size = 0;
    if (cert != NULL && servers != NULL)
        CertFreeCertificateContext(servers);
    if (cert != NULL)
        servers = cert;
}

static void end_close(struct end *end)
{
    if (end->has_context)
        DeleteSecurityContext(&end->context);
    FreeCredentialsHandle(&end->cred);
}

/* One call; what it gives is appended to the peer's input. False: it wants more. */
static bool advance(struct end *end, struct end *peer, size_t give)
{
    SecBuffer in[] = {{(ULONG)give, SECBUFFER_TOKEN, end->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *context = end->has_context ? &end->context : NULL;
    TimeStamp expiry;
    char target[] = "HTTP/localhost";
    size_t left = 0;

    end->status =
        end->server
            ? AcceptSecurityContext(&end->cred, context, &in_list, ASC, SECURITY_NATIVE_DREP,
                                    &end->context, &out_list, &end->flags, &expiry)
            : InitializeSecurityContextA(&end->cred, context, target, ISC | end->request, 0,
                                         SECURITY_NATIVE_DREP, give == 0 ? NULL : &in_list, 0,
                                         &end->context, &out_list, &end->flags, &expiry);
    if (end->status == SEC_E_INCOMPLETE_MESSAGE) {
        end->status = SEC_I_CONTINUE_NEEDED;
        return false;
    }
    end->has_context = end->has_context || end->status >= 0;
    if (in[1].BufferType == SECBUFFER_EXTRA)
        left = in[1].cbBuffer;
    memmove(end->in, end->in + give - left, end->size - give + left);
    end->size -= give - left;
    ck_assert_uint_le(peer->size + out.cbBuffer, STREAM_MAX);
    if (out.cbBuffer != 0)
        memcpy(peer->in + peer->size, out.pvBuffer, out.cbBuffer);
    peer->size += out.cbBuffer;
    FreeContextBuffer(out.pvBuffer);
    return true;
}

/* What there is for an end, in pieces that begin small and grow until they are taken. */
static void drain(struct end *end, struct end *peer)
{
    size_t give = end->chunk;

    while (end->size != 0 && end->status == SEC_I_CONTINUE_NEEDED) {
        if (end->chunk == 0 || give > end->size)
            give = end->size;
        if (advance(end, peer, give))
            give = end->chunk;
        else if (give == end->size)
            return;
        else
            give += end->chunk;
    }
}

static void shake(struct end *client, struct end *server)
{
    advance(client, server, 0);
    for (int turn = 0; turn < 40 && client->status >= 0 && server->status >= 0; turn++) {
        drain(server, client);
        drain(client, server);
    }
}

static void assert_status(const char *who, const struct end *end, SECURITY_STATUS want)
{
    ck_assert_msg(end->status == want, "%s: %s instead of %s: %s", who,
                  sspi_status_name(end->status), sspi_status_name(want), sspi_native_error());
}

/* --- Who may have what ---------------------------------------------------------------------- */

static void policy(const char *lines)
{
    const char *name = world_file("credssp.conf");
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    fputs(lines, file);
    ck_assert_int_eq(fclose(file), 0);
    setenv("SSPI_CREDSSP_POLICY", name, 1);
}

#define ALLOW_ALL "AllowFreshCredentials = *\nAllowFreshCredentialsWhenNTLMOnly = *\n"
#define MUTUAL    (ISC_REQ_DELEGATE | ISC_REQ_MUTUAL_AUTH)

static const struct way {
    DWORD disabled;
    const char *list;
    ULONG request;
} ways[] = {
    {0, NULL, MUTUAL},
    {SP_PROT_TLS1_3, NULL, MUTUAL},
    {0, "ntlm", ISC_REQ_DELEGATE},
    {SP_PROT_TLS1_3, "ntlm", ISC_REQ_DELEGATE},
    {0, "kerberos", 0},
    {SP_PROT_TLS1_3, "ntlm", 0},
};

static struct end client, server;

static void begin(const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity =
        identity_exa("alice", NULL, password_of("alice"), way->list);

    acquire(&server, true, 0, NULL);
    acquire(&client, false, way->disabled, &identity);
    client.request = way->request;
}

static void end(void)
{
    end_close(&client);
    end_close(&server);
}

static const size_t chunks[] = {0, 1, 2, 7, 1000};

#define WAY_COUNT   (int)(sizeof(ways) / sizeof(ways[0]))
#define CHUNK_COUNT (int)(sizeof(chunks) / sizeof(chunks[0]))

START_TEST(both_ends_agree)
{
    policy(ALLOW_ALL);
    begin(&ways[_i % WAY_COUNT]);
    client.chunk = server.chunk = chunks[_i / WAY_COUNT];
    shake(&client, &server);
    assert_status("client", &client, SEC_E_OK);
    assert_status("server", &server, SEC_E_OK);
    ck_assert_uint_eq(client.size + server.size, 0);
    end();
}
END_TEST

static const struct {
    const char *policy;
    const char *list;
    ULONG request;
    SECURITY_STATUS status;
} judgements[] = {
    {"", NULL, MUTUAL, SEC_E_DELEGATION_POLICY}, /* remote desktops only */
    {"", NULL, ISC_REQ_MUTUAL_AUTH, SEC_E_OK},
    {"AllowFreshCredentials = WSMAN/* http/LOCALHOST", NULL, MUTUAL, SEC_E_OK},
    {"AllowFreshCredentials = HTTP/*", "ntlm", ISC_REQ_DELEGATE, SEC_E_POLICY_NLTM_ONLY},
    {"AllowFreshCredentials = HTTP/*\nDenyFreshCredentials = */localhost", NULL, MUTUAL,
     SEC_E_DELEGATION_POLICY},
    {"AllowFreshCredentials = HTTP/local\n", NULL, MUTUAL, SEC_E_DELEGATION_POLICY},
    {"AllowFreshCredentials = HTTP/localhost*t\n", NULL, MUTUAL, SEC_E_DELEGATION_POLICY},
    {"AllowFreshCredential = HTTP/*\n", NULL, ISC_REQ_MUTUAL_AUTH, SEC_E_DELEGATION_POLICY},
    {"AllowFreshCredentials\n", NULL, ISC_REQ_MUTUAL_AUTH, SEC_E_DELEGATION_POLICY},
    {ALLOW_ALL, "ntlm", MUTUAL, SEC_E_MUTUAL_AUTH_FAILED},
    {ALLOW_ALL, "ntlm", ISC_REQ_MUTUAL_AUTH, SEC_E_MUTUAL_AUTH_FAILED},
};

START_TEST(policy_judges)
{
    const struct way way = {0, judgements[_i].list, judgements[_i].request};

    policy(judgements[_i].policy);
    begin(&way);
    shake(&client, &server);
    assert_status("client", &client, judgements[_i].status);
    if (client.status != SEC_E_OK)
        ck_assert_int_ne(server.status, SEC_E_OK);
    end();
}
END_TEST

/* --- What it leaves ------------------------------------------------------------------------- */

static void establish(const struct way *way)
{
    policy(ALLOW_ALL);
    begin(way);
    shake(&client, &server);
    assert_status("client", &client, SEC_E_OK);
    assert_status("server", &server, SEC_E_OK);
}

static void assert_utf16(const BYTE *base, const UNICODE_STRING *string, const char *text)
{
    const BYTE *at = base + (size_t)(uintptr_t)string->Buffer;

    ck_assert_uint_eq(string->Length, 2 * strlen(text));
    for (size_t i = 0; text[i] != '\0'; i++) {
        ck_assert_int_eq(at[2 * i], text[i]);
        ck_assert_int_eq(at[2 * i + 1], 0);
    }
}

START_TEST(server_gets_the_credentials)
{
    const struct way *way = &ways[_i];
    SecPkgContext_ClientCreds creds;
    KERB_INTERACTIVE_LOGON logon;
    SECURITY_STATUS status;

    establish(way);
    status = QueryContextAttributesA(&server.context, SECPKG_ATTR_CREDS, &creds);
    ck_assert_int_eq((server.flags & ASC_RET_DELEGATE) != 0, way->request & ISC_REQ_DELEGATE);
    ck_assert_int_eq((client.flags & ISC_RET_DELEGATE) != 0, way->request & ISC_REQ_DELEGATE);
    if (way->request & ISC_REQ_DELEGATE) {
        ck_assert_int_eq(status, SEC_E_OK);
        memcpy(&logon, creds.AuthBuffer, sizeof(logon));
        ck_assert_int_eq(logon.MessageType, KerbInteractiveLogon);
        assert_utf16(creds.AuthBuffer, &logon.UserName, "alice");
        assert_utf16(creds.AuthBuffer, &logon.LogonDomainName, "");
        assert_utf16(creds.AuthBuffer, &logon.Password, password_of("alice"));
        FreeContextBuffer(creds.AuthBuffer);
    } else {
        ck_assert_int_eq(status, SEC_E_NO_CREDENTIALS);
    }
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_CREDS, &creds),
                     SEC_E_UNSUPPORTED_FUNCTION);
    end();
}
END_TEST

/* The server goes on as the client, by each mechanism. */
START_TEST(server_acts_for_the_client)
{
    static const char *const packages[] = {"Negotiate", "Kerberos", "NTLM"};
    static struct pair pair;
    SecPkgContext_NamesA names;

    establish(&ways[_i / 3]);
    pair_init(&pair);
    ck_assert_int_eq(ImpersonateSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(pair_acquire_client(&pair, packages[_i % 3], NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(RevertSecurityContext(&server.context), SEC_E_OK);
    ck_assert_int_eq(pair_acquire_server(&pair, packages[_i % 3], NULL), SEC_E_OK);
    pair_establish(&pair);
    ck_assert_int_eq(QueryContextAttributesA(&pair.server, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, "alice"));
    FreeContextBuffer(names.sUserName);
    pair_free(&pair);
    end();
}
END_TEST

START_TEST(attributes_of_both_layers)
{
    const struct way *way = &ways[_i];
    bool ntlm = way->list != NULL && strcmp(way->list, "ntlm") == 0;
    SecPkgContext_PackageInfoA info;
    SecPkgContext_ConnectionInfo connection;
    SecPkgContext_NamesA names;
    SecPkgContext_Flags flags;

    establish(way);
    ck_assert_int_eq(QueryContextAttributesA(&server.context, SECPKG_ATTR_NAMES, &names), SEC_E_OK);
    ck_assert_ptr_nonnull(strstr(names.sUserName, "alice"));
    FreeContextBuffer(names.sUserName);
    ck_assert_int_eq(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_NEGOTIATION_PACKAGE, &info), SEC_E_OK);
    ck_assert_str_eq(info.PackageInfo->Name, ntlm ? "NTLM" : "Kerberos");
    FreeContextBuffer(info.PackageInfo);
    ck_assert_int_eq(QueryContextAttributesA(&client.context, SECPKG_ATTR_PACKAGE_INFO, &info),
                     SEC_E_OK);
    ck_assert_str_eq(info.PackageInfo->Name, "CREDSSP");
    FreeContextBuffer(info.PackageInfo);
    ck_assert_int_eq(
        QueryContextAttributesA(&client.context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags), SEC_E_OK);
    ck_assert_uint_eq(flags.Flags, ntlm ? 0 : CREDSSP_SERVER_AUTH_NEGOTIATE);
    ck_assert_int_eq((client.flags & ISC_RET_MUTUAL_AUTH) != 0, !ntlm);
    ck_assert_int_eq(
        QueryContextAttributesA(&server.context, SECPKG_ATTR_SERVER_AUTH_FLAGS, &flags),
        SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(
        QueryContextAttributesA(&server.context, SECPKG_ATTR_CONNECTION_INFO, &connection),
        SEC_E_OK);
    ck_assert_uint_eq(connection.dwProtocol,
                      way->disabled == 0 ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_2_SERVER);
    end();
}
END_TEST

static void message_passes(CtxtHandle *from, CtxtHandle *to, const char *text)
{
    SecPkgContext_StreamSizes sizes;
    BYTE record[512];
    SecBuffer seal[4], open[4] = {{0}};
    SecBufferDesc seal_list = {SECBUFFER_VERSION, 4, seal};
    SecBufferDesc open_list = {SECBUFFER_VERSION, 4, open};
    ULONG qop;

    ck_assert_int_eq(QueryContextAttributesA(from, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
    memcpy(record + sizes.cbHeader, text, strlen(text));
    seal[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
    seal[1] = (SecBuffer){(ULONG)strlen(text), SECBUFFER_DATA, record + sizes.cbHeader};
    seal[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
                          record + sizes.cbHeader + strlen(text)};
    seal[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    ck_assert_int_eq(EncryptMessage(from, 0, &seal_list, 0), SEC_E_OK);
    open[0] =
        (SecBuffer){seal[0].cbBuffer + seal[1].cbBuffer + seal[2].cbBuffer, SECBUFFER_DATA, record};
    ck_assert_int_eq(DecryptMessage(to, &open_list, 0, &qop), SEC_E_OK);
    ck_assert_uint_eq(open[1].BufferType, SECBUFFER_DATA);
    ck_assert_uint_eq(open[1].cbBuffer, strlen(text));
    ck_assert_mem_eq(open[1].pvBuffer, text, strlen(text));
}

START_TEST(messages_pass)
{
    establish(&ways[_i]);
    message_passes(&client.context, &server.context, "to the server");
    message_passes(&server.context, &client.context, "to the client");
    message_passes(&client.context, &server.context, "again");
    end();
}
END_TEST

/* --- What must not succeed ------------------------------------------------------------------ */

/* The server says why by its error code, and the client by the status and in words. */
START_TEST(wrong_password_is_told)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity = identity_exa("alice", NULL, "wrong", "ntlm");

    policy(ALLOW_ALL);
    acquire(&server, true, 0, NULL);
    acquire(&client, false, _i == 0 ? 0 : SP_PROT_TLS1_3, &identity);
    client.request = ISC_REQ_DELEGATE;
    advance(&client, &server, 0);
    while (server.status == SEC_I_CONTINUE_NEEDED && client.status == SEC_I_CONTINUE_NEEDED) {
        drain(&server, &client);
        if (server.status == SEC_I_CONTINUE_NEEDED)
            drain(&client, &server);
    }
    assert_status("server", &server, SEC_E_LOGON_DENIED);
    ck_assert_uint_ne(client.size, 0);
    drain(&client, &server);
    assert_status("client", &client, SEC_E_LOGON_DENIED);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), "STATUS_LOGON_FAILURE"));
    end();
}
END_TEST

/* Somebody in the middle, and what he does with one of the messages. */
static struct relay {
    bool has_key; /* the server's */
    bool to_server;
    unsigned message; /* counted by direction */
    void (*alter)(unsigned char *text, size_t size, size_t body);
    unsigned passed[2], credentials;
} relay;

/* One end of TLS that he has, and what came through it. */
struct tap {
    CredHandle cred;
    CtxtHandle context;
    bool server, open, done;
    unsigned char in[STREAM_MAX];
    size_t size;
};

static void tap_acquire(struct tap *tap, bool accepts)
{
    PCCERT_CONTEXT cert = accepts ? relay.has_key ? servers : certificate() : NULL;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                            .cCreds = accepts ? 1 : 0,
                            .paCred = &cert};
    char name[] = UNISP_NAME_A;

    *tap = (struct tap){.server = accepts};
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, name,
                                               accepts ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                               NULL, &auth, NULL, NULL, &tap->cred, NULL),
                     SEC_E_OK);
    if (cert != NULL && cert != servers)
        CertFreeCertificateContext(cert);
}

static void tap_close(struct tap *tap)
{
    if (tap->open)
        DeleteSecurityContext(&tap->context);
    FreeCredentialsHandle(&tap->cred);
}

static void give(struct end *end, const void *data, size_t size)
{
    ck_assert_uint_le(end->size + size, STREAM_MAX);
    if (size != 0)
        memcpy(end->in + end->size, data, size);
    end->size += size;
}

static void tap_keep(struct tap *tap, size_t left)
{
    memmove(tap->in, tap->in + tap->size - left, left);
    tap->size = left;
}

/* A leg of the handshake with a victim. */
static void tap_shake(struct tap *tap, struct end *victim)
{
    SecBuffer in[] = {{(ULONG)tap->size, SECBUFFER_TOKEN, tap->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *context = tap->open ? &tap->context : NULL;
    ULONG flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, got;
    char target[] = "localhost";
    SECURITY_STATUS status =
        tap->server ? AcceptSecurityContext(&tap->cred, context, &in_list,
                                            ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_STREAM, 0,
                                            &tap->context, &out_list, &got, NULL)
                    : InitializeSecurityContextA(&tap->cred, context, target, flags, 0, 0,
                                                 tap->size == 0 ? NULL : &in_list, 0, &tap->context,
                                                 &out_list, &got, NULL);

    ck_assert_msg(status >= 0, "%s: %s", sspi_status_name(status), sspi_native_error());
    tap->open = true;
    tap->done = status == SEC_E_OK;
    tap_keep(tap, in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    give(victim, out.pvBuffer, out.cbBuffer);
    FreeContextBuffer(out.pvBuffer);
}

static void relay_look(unsigned char *text, size_t size, bool to_server)
{
    size_t body = text[1] & 0x80 ? 2 + (text[1] & 0x7fU) : 2;

    ck_assert_uint_gt(size, body + 5);
    relay.credentials += text[body + 5] == 0xa2; /* [MS-CSSP] 2.2.1: authInfo behind the version */
    if (relay.passed[to_server]++ == relay.message && to_server == relay.to_server &&
        relay.alter != NULL)
        relay.alter(text, size, body);
}

/* What a victim has sealed for the tap goes on to the other victim. */
static void tap_forward(struct tap *from, struct tap *to, struct end *victim)
{
    while (from->size != 0) {
        SecBuffer open[4] = {{(ULONG)from->size, SECBUFFER_DATA, from->in}}, seal[4];
        SecBufferDesc open_list = {SECBUFFER_VERSION, 4, open};
        SecBufferDesc seal_list = {SECBUFFER_VERSION, 4, seal};
        SecPkgContext_StreamSizes sizes;
        unsigned char record[STREAM_MAX];
        size_t left;

        if (DecryptMessage(&from->context, &open_list, 0, NULL) != SEC_E_OK)
            return;
        left = open[3].BufferType == SECBUFFER_EXTRA ? open[3].cbBuffer : 0;
        ck_assert_int_eq(QueryContextAttributesA(&to->context, SECPKG_ATTR_STREAM_SIZES, &sizes),
                         SEC_E_OK);
        if (open[1].cbBuffer != 0) {
            size_t size = open[1].cbBuffer;

            memcpy(record + sizes.cbHeader, open[1].pvBuffer, size);
            relay_look(record + sizes.cbHeader, size, from->server);
            seal[0] = (SecBuffer){sizes.cbHeader, SECBUFFER_STREAM_HEADER, record};
            seal[1] = (SecBuffer){(ULONG)size, SECBUFFER_DATA, record + sizes.cbHeader};
            seal[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER,
                                  record + sizes.cbHeader + size};
            seal[3] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
            ck_assert_int_eq(EncryptMessage(&to->context, 0, &seal_list, 0), SEC_E_OK);
            give(victim, record, seal[0].cbBuffer + seal[1].cbBuffer + seal[2].cbBuffer);
        }
        tap_keep(from, left);
    }
}

/* An end's call, whose answer a tap gets. */
static void to_tap(struct end *victim, struct tap *tap)
{
    static struct end wire;

    wire.size = 0;
    drain(victim, &wire);
    ck_assert_uint_le(tap->size + wire.size, STREAM_MAX);
    memcpy(tap->in + tap->size, wire.in, wire.size);
    tap->size += wire.size;
}

/* TLS with both victims first, then what they have to say. */
static void relay_run(const struct way *way)
{
    static struct end wire;
    static struct tap facing_client, facing_server;

    policy(ALLOW_ALL);
    begin(way);
    tap_acquire(&facing_client, true);
    tap_acquire(&facing_server, false);
    wire.size = 0;
    advance(&client, &wire, 0);
    memcpy(facing_client.in, wire.in, wire.size);
    facing_client.size = wire.size;
    tap_shake(&facing_server, &server);
    while (!facing_server.done) {
        to_tap(&server, &facing_server);
        tap_shake(&facing_server, &server);
    }
    while (!facing_client.done) {
        tap_shake(&facing_client, &client);
        if (!facing_client.done)
            to_tap(&client, &facing_client);
    }
    for (int turn = 0; turn < 20 && server.status >= 0 && client.status >= 0; turn++) {
        to_tap(&client, &facing_client);
        tap_forward(&facing_client, &facing_server, &server);
        to_tap(&server, &facing_server);
        tap_forward(&facing_server, &facing_client, &client);
    }
    tap_close(&facing_client);
    tap_close(&facing_server);
}

/* With a key of his own he gets no further than the binding. */
START_TEST(relay_gets_no_credentials)
{
    relay = (struct relay){.has_key = false};
    relay_run(&ways[_i]);
    assert_status("server", &server, SEC_E_MUTUAL_AUTH_FAILED);
    ck_assert_int_ne(client.status, SEC_E_OK);
    ck_assert_uint_eq(relay.credentials, 0);
    end();
}
END_TEST

/* Who has the server's key is the server: the same relay sees all. */
START_TEST(relay_with_the_key_is_the_server)
{
    relay = (struct relay){.has_key = true};
    relay_run(&ways[_i]);
    assert_status("server", &server, SEC_E_OK);
    assert_status("client", &client, SEC_E_OK);
    ck_assert_uint_eq(relay.credentials, 1);
    end();
}
END_TEST

static void version_4(unsigned char *text, size_t size, size_t body)
{
    (void)size;
    text[body + 4] = 4;
}

static void version_5(unsigned char *text, size_t size, size_t body)
{
    (void)size;
    text[body + 4] = 5;
}

/* Of the nonce of a client, or of what a server has sealed. */
static void last_octet(unsigned char *text, size_t size, size_t body)
{
    (void)body;
    text[size - 1] ^= 1;
}

static const struct {
    bool to_server;
    unsigned message;
    void (*alter)(unsigned char *, size_t, size_t);
    SECURITY_STATUS status;
} alterations[] = {
    {true, 0, version_4, SEC_E_UNSUPPORTED_FUNCTION},
    {true, 1, version_5, SEC_E_MESSAGE_ALTERED},
    {true, 1, last_octet, SEC_E_MESSAGE_ALTERED},
    {false, 0, version_4, SEC_E_UNSUPPORTED_FUNCTION},
    {false, 1, version_5, SEC_E_MESSAGE_ALTERED},
    {false, 1, last_octet, SEC_E_MESSAGE_ALTERED},
};

#define ALTERATION_COUNT (int)(sizeof(alterations) / sizeof(alterations[0]))

/* Even with the key, what he alters comes to light before the credentials leave. */
START_TEST(altered_messages_are_noticed)
{
    int i = _i % ALTERATION_COUNT;

    relay = (struct relay){
        true, alterations[i].to_server, alterations[i].message, alterations[i].alter, {0, 0}, 0};
    relay_run(&ways[_i / ALTERATION_COUNT]);
    assert_status(relay.to_server ? "server" : "client", relay.to_server ? &server : &client,
                  alterations[i].status);
    ck_assert_uint_eq(relay.credentials, 0);
    end();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp");
    TCase *tests = tcase_create("exchange");

    tcase_add_loop_test(tests, both_ends_agree, 0, WAY_COUNT * CHUNK_COUNT);
    tcase_add_loop_test(tests, policy_judges, 0, (int)(sizeof(judgements) / sizeof(judgements[0])));
    tcase_add_loop_test(tests, server_gets_the_credentials, 0, WAY_COUNT);
    tcase_add_loop_test(tests, server_acts_for_the_client, 0, 12);
    tcase_add_loop_test(tests, attributes_of_both_layers, 0, WAY_COUNT);
    tcase_add_loop_test(tests, messages_pass, 0, WAY_COUNT);
    tcase_add_loop_test(tests, wrong_password_is_told, 0, 2);
    tcase_add_loop_test(tests, relay_gets_no_credentials, 0, WAY_COUNT);
    tcase_add_loop_test(tests, relay_with_the_key_is_the_server, 0, WAY_COUNT);
    tcase_add_loop_test(tests, altered_messages_are_noticed, 0, WAY_COUNT * ALTERATION_COUNT);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
