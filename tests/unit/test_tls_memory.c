/* SPDX-License-Identifier: MIT */
/*
 * A TLS connection where memory runs out, at each place in turn: a clear code, nothing lost, and
 * never a connection that is less than it says.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/ident.h"

#define UNISP ((SEC_CHAR *)(uintptr_t)UNISP_NAME_A)

static struct ident server_ident, client_ident;

static void setup(void)
{
    setenv("SSPI_CERT_ROOT", "/nonexistent", 1);
    ident_make(&server_ident, "CN=localhost", IDENT_EC);
    ident_make(&client_ident, "CN=client", IDENT_EC + 1);
}

static void teardown(void)
{
    ident_free(&server_ident);
    ident_free(&client_ident);
    certs_end();
}

/* TLS 1.2; a client that is asked for a certificate and has none; a server nobody trusts. */
enum { OLD = 1, ASKED = 2, VALIDATED = 4, ALL = 8 };

/* One end, by nothing but the library's calls. */
struct end {
    bool server;
    ULONG request;
    CredHandle cred;
    CtxtHandle ctx;
    SecBuffer token; /* for the other end */
};

static bool end_has_context(struct end *end)
{
    return SecIsValidHandle(&end->ctx);
}

static void end_init(struct end *end, bool server)
{
    memset(end, 0, sizeof(*end));
    end->server = server;
    end->request = server ? ASC_REQ_STREAM | ASC_REQ_MUTUAL_AUTH : ISC_REQ_STREAM;
    end->request |= ISC_REQ_ALLOCATE_MEMORY;
    SecInvalidateHandle(&end->cred);
    SecInvalidateHandle(&end->ctx);
}

static SECURITY_STATUS end_acquire(struct end *end, PCCERT_CONTEXT cert, unsigned how)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = how & OLD ? SP_PROT_TLS1_3 : 0};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .cCreds = cert == NULL ? 0 : 1,
                            .paCred = &cert,
                            .dwFlags = how & VALIDATED ? 0 : SCH_CRED_MANUAL_CRED_VALIDATION,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};

    return AcquireCredentialsHandleA(NULL, UNISP,
                                     end->server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL,
                                     &auth, NULL, NULL, &end->cred, NULL);
}

static void token_drop(struct end *end)
{
    FreeContextBuffer(end->token.pvBuffer);
    memset(&end->token, 0, sizeof(end->token));
}

/* Takes the peer's token, if there is one, and leaves its own. */
static SECURITY_STATUS end_leg(struct end *end, struct end *peer)
{
    SecBuffer in[] = {peer->token, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc taken = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc given = {SECBUFFER_VERSION, 1, &end->token};
    CtxtHandle *known = end_has_context(end) ? &end->ctx : NULL;
    ULONG flags;
    SECURITY_STATUS status;

    in[0].BufferType = end->token.BufferType = SECBUFFER_TOKEN;
    if (end->server)
        status = AcceptSecurityContext(&end->cred, known, &taken, end->request, 0, &end->ctx,
                                       &given, &flags, NULL);
    else
        status = InitializeSecurityContextA(&end->cred, known, (SEC_CHAR *)(uintptr_t) "localhost",
                                            end->request, 0, 0, known == NULL ? NULL : &taken, 0,
                                            &end->ctx, &given, &flags, NULL);
    if (status != SEC_I_INCOMPLETE_CREDENTIALS)
        token_drop(peer);
    return status;
}

static void end_free(struct end *end)
{
    token_drop(end);
    if (end_has_context(end))
        DeleteSecurityContext(&end->ctx);
    if (SecIsValidHandle(&end->cred))
        FreeCredentialsHandle(&end->cred);
}

/* Until both are done; the first failure. */
static SECURITY_STATUS ends_shake(struct end *client, struct end *server)
{
    SECURITY_STATUS mine = SEC_I_CONTINUE_NEEDED, theirs = SEC_I_CONTINUE_NEEDED;

    for (unsigned i = 0; i < 20; i++) {
        if (mine != SEC_E_OK)
            mine = end_leg(client, server);
        if (mine < 0 || (mine == SEC_E_OK && theirs == SEC_E_OK))
            return mine;
        if (mine != SEC_I_INCOMPLETE_CREDENTIALS && theirs != SEC_E_OK)
            theirs = end_leg(server, client);
        if (theirs < 0)
            return theirs;
    }
    return SEC_E_INTERNAL_ERROR;
}

/* A record from one to the other, with what comes before it: tickets. */
static SECURITY_STATUS end_says(struct end *from, struct end *to)
{
    unsigned char record[256];
    SecPkgContext_StreamSizes sizes;
    SecBuffer parts[] = {{0, SECBUFFER_STREAM_HEADER, record},
                         {4, SECBUFFER_DATA, NULL},
                         {0, SECBUFFER_STREAM_TRAILER, NULL},
                         {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
    SECURITY_STATUS status = QueryContextAttributesA(&from->ctx, SECPKG_ATTR_STREAM_SIZES, &sizes);

    if (status != SEC_E_OK)
        return status;
    memset(record, 'x', sizeof(record));
    parts[0].cbBuffer = sizes.cbHeader;
    parts[1].pvBuffer = record + sizes.cbHeader;
    parts[2] = (SecBuffer){sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes.cbHeader + 4};
    status = EncryptMessage(&from->ctx, 0, &list, 0);
    if (status != SEC_E_OK)
        return status;
    parts[0] = (SecBuffer){parts[0].cbBuffer + 4 + parts[2].cbBuffer, SECBUFFER_DATA, record};
    for (unsigned i = 1; i < 4; i++)
        parts[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    status = DecryptMessage(&to->ctx, &list, 0, NULL);
    if (status == SEC_E_OK && (parts[1].cbBuffer != 4 || memcmp(parts[1].pvBuffer, "xxxx", 4) != 0))
        return SEC_E_DECRYPT_FAILURE; /* no assertion: Check itself allocates */
    return status;
}

/* TLS 1.3's tickets, which the server's last token has. */
static SECURITY_STATUS end_absorbs(struct end *end, struct end *peer)
{
    while (peer->token.cbBuffer != 0) {
        SecBuffer parts[] = {{peer->token.cbBuffer, SECBUFFER_DATA, peer->token.pvBuffer},
                             {0, SECBUFFER_EMPTY, NULL},
                             {0, SECBUFFER_EMPTY, NULL},
                             {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};
        SECURITY_STATUS status = DecryptMessage(&end->ctx, &list, 0, NULL);

        if (status != SEC_E_OK)
            return status;
        if (parts[3].BufferType != SECBUFFER_EXTRA)
            break;
        memmove(peer->token.pvBuffer, parts[3].pvBuffer, parts[3].cbBuffer);
        peer->token.cbBuffer = parts[3].cbBuffer;
    }
    token_drop(peer);
    return SEC_E_OK;
}

static SECURITY_STATUS end_queries(struct end *end)
{
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_KeyInfoA key;
    SecPkgContext_NegotiatedTlsExtensions extensions;
    SecPkgContext_Bindings bindings;
    PCCERT_CONTEXT cert;
    SECURITY_STATUS status = QueryContextAttributesA(&end->ctx, SECPKG_ATTR_CONNECTION_INFO, &info);

    if (status == SEC_E_OK)
        status = QueryContextAttributesA(&end->ctx, SECPKG_ATTR_KEY_INFO, &key);
    if (status != SEC_E_OK)
        return status;
    FreeContextBuffer(key.sSignatureAlgorithmName);
    FreeContextBuffer(key.sEncryptAlgorithmName);
    status = QueryContextAttributesA(&end->ctx, SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, &extensions);
    if (status != SEC_E_OK)
        return status;
    FreeContextBuffer(extensions.Extensions);
    status = QueryContextAttributesA(&end->ctx, SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings);
    if (status != SEC_E_OK)
        return status;
    FreeContextBuffer(bindings.Bindings);
    status = QueryContextAttributesA(&end->ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert);
    if (status == SEC_E_OK)
        CertFreeCertificateContext(cert);
    return status;
}

static SECURITY_STATUS end_shuts_down(struct end *end, struct end *peer)
{
    DWORD shutdown_token = SCHANNEL_SHUTDOWN;
    SecBuffer buffer = {sizeof(shutdown_token), SECBUFFER_TOKEN, &shutdown_token};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status = ApplyControlToken(&end->ctx, &list);

    return status == SEC_E_OK ? end_leg(end, peer) : status;
}

/* All that a program does with a connection. */
static SECURITY_STATUS connection(struct end *client, struct end *server, unsigned how)
{
    SECURITY_STATUS status = end_acquire(server, server_ident.cert, how & OLD);

    if (status == SEC_E_OK)
        status = end_acquire(client, how & ASKED ? NULL : client_ident.cert, how);
    if (status == SEC_E_OK)
        status = ends_shake(client, server);
    if (status == SEC_E_OK)
        status = end_absorbs(client, server);
    if (status == SEC_E_OK)
        status = end_says(client, server);
    if (status == SEC_E_OK)
        status = end_says(server, client);
    if (status == SEC_E_OK)
        status = end_queries(client);
    if (status == SEC_E_OK)
        status = how & ASKED ? SEC_E_OK : end_queries(server);
    return status == SEC_E_OK ? end_shuts_down(client, server) : status;
}

START_TEST(every_allocation_of_a_connection)
{
    SECURITY_STATUS whole = _i & VALIDATED ? SEC_E_UNTRUSTED_ROOT : SEC_E_OK;
    SECURITY_STATUS status = SEC_E_OK;
    bool failed = true;

    for (unsigned number = 1; failed; number++) {
        struct end client, server;

        ck_assert_uint_lt(number, FAULTS_MAX);
        end_init(&client, false);
        end_init(&server, true);
        faults_arm(number);
        status = connection(&client, &server, (unsigned)_i);
        failed = faults_disarm();
        ck_assert_msg(status == whole || (failed && status == SEC_E_INSUFFICIENT_MEMORY),
                      "allocation %u: %08x", number, (unsigned)status);
        ck_assert(failed || number > 25);
        end_free(&client);
        end_free(&server);
    }
    ck_assert_int_eq(status, whole);
}
END_TEST

static SECURITY_STATUS exporter_set(struct end *end)
{
    BYTE context[] = {1, 2, 3};
    SecPkgContext_KeyingMaterialInfo info = {5, (LPSTR)(uintptr_t) "label", sizeof(context),
                                             context, 32};

    return SetContextAttributesA(&end->ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info, sizeof(info));
}

/* Half of what keys are made by makes other keys. */
START_TEST(keys_need_label_and_context)
{
    bool failed = true;

    for (unsigned number = 1; failed; number++) {
        SecPkgContext_KeyingMaterial material = {0, NULL};
        struct end client, server;
        SECURITY_STATUS status;

        end_init(&client, false);
        end_init(&server, true);
        ck_assert_int_eq(end_acquire(&server, server_ident.cert, 0), SEC_E_OK);
        ck_assert_int_eq(end_acquire(&client, client_ident.cert, 0), SEC_E_OK);
        ck_assert_int_eq(ends_shake(&client, &server), SEC_E_OK);
        faults_arm(number);
        status = exporter_set(&client);
        failed = faults_disarm();
        ck_assert_int_eq(status, failed ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK);
        status = QueryContextAttributesA(&client.ctx, SECPKG_ATTR_KEYING_MATERIAL, &material);
        ck_assert_int_eq(status, failed ? SEC_E_OUT_OF_SEQUENCE : SEC_E_OK);
        FreeContextBuffer(material.pbKeyingMaterial);
        end_free(&client);
        end_free(&server);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("tls memory");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, every_allocation_of_a_connection, 0, ALL);
    tcase_add_test(tests, keys_need_label_and_context);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
