/* SPDX-License-Identifier: MIT */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/ends.h"

#include <check.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pair.h"

struct end client, server;
PCCERT_CONTEXT end_certificate;

/* --- Credentials ---------------------------------------------------------------------------- */

PCCERT_CONTEXT end_certificate_make(void)
{
    static BYTE der[256], alt[] = "\x30\x0b\x82\x09localhost";
    static char alt_oid[] = szOID_SUBJECT_ALT_NAME2;
    CERT_EXTENSION extension = {alt_oid, FALSE, {sizeof(alt) - 1, alt}};
    CERT_EXTENSIONS extensions = {1, &extension};
    DWORD size = sizeof(der);
    CERT_NAME_BLOB name;
    PCCERT_CONTEXT cert;

    ck_assert(CertStrToNameA(X509_ASN_ENCODING, "CN=localhost", CERT_X500_NAME_STR, NULL, der,
                             &size, NULL));
    name = (CERT_NAME_BLOB){size, der};
    cert = CertCreateSelfSignCertificate(0, &name, 0, NULL, NULL, NULL, NULL, &extensions);
    ck_assert_ptr_nonnull(cert);
    return cert;
}

SECURITY_STATUS end_acquire_as(struct end *end, bool is_server, void *auth)
{
    TimeStamp expiry;
    char name[] = CREDSSP_NAME_A;
    SECURITY_STATUS status = AcquireCredentialsHandleA(
        NULL, name, is_server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, NULL, auth, NULL, NULL,
        &end->cred, &expiry);

    memset(&end->context, 0, sizeof(end->context));
    end->has_cred = status == SEC_E_OK;
    end->has_context = end->bare = false;
    end->server = is_server;
    end->status = SEC_I_CONTINUE_NEEDED;
    end->size = 0;
    end->target = "HTTP/localhost";
    return status;
}

/* The last one stays, for who would serve in this server's place. */
static void certificate_keep(PCCERT_CONTEXT cert)
{
    if (end_certificate != NULL)
        CertFreeCertificateContext(end_certificate);
    end_certificate = cert;
}

void end_acquire(struct end *end, bool is_server, DWORD disabled, void *identity)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = disabled};
    PCCERT_CONTEXT cert = is_server ? end_certificate_make() : NULL;
    SCH_CREDENTIALS tls = {.dwVersion = SCH_CREDENTIALS_VERSION,
                           .cCreds = is_server ? 1 : 0,
                           .paCred = &cert,
                           .cTlsParameters = 1,
                           .pTlsParameters = &parameters};
    CREDSSP_CRED auth = {CredsspSubmitBufferBoth, &tls, identity};
    SECURITY_STATUS status = end_acquire_as(end, is_server, &auth);

    ck_assert_msg(status == SEC_E_OK, "%s: %s", sspi_status_name(status), sspi_native_error());
    if (cert != NULL)
        certificate_keep(cert);
}

void end_close(struct end *end)
{
    if (end->has_context)
        DeleteSecurityContext(&end->context);
    if (end->has_cred)
        FreeCredentialsHandle(&end->cred);
    end->has_context = end->has_cred = false;
}

/* --- Legs ----------------------------------------------------------------------------------- */

void end_give(struct end *end, const void *data, size_t size)
{
    ck_assert_uint_le(end->size + size, END_INPUT_MAX);
    if (size != 0)
        memcpy(end->in + end->size, data, size);
    end->size += size;
}

static char *target_of(const struct end *end)
{
    return (char *)(uintptr_t)end->target;
}

static ULONG request_of(const struct end *end)
{
    if (end->bare)
        return ISC_REQ_ALLOCATE_MEMORY | end->request;
    return (end->server ? END_ASC : END_ISC) | end->request;
}

bool end_advance(struct end *end, struct end *peer, size_t give)
{
    SecBuffer in[] = {{(ULONG)give, SECBUFFER_TOKEN, end->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle *context = end->has_context ? &end->context : NULL;
    TimeStamp expiry;
    size_t left = 0;

    end->status =
        end->server
            ? AcceptSecurityContext(&end->cred, context, &in_list, request_of(end),
                                    SECURITY_NATIVE_DREP, &end->context, &out_list, &end->flags,
                                    &expiry)
            : InitializeSecurityContextA(&end->cred, context, target_of(end), request_of(end), 0,
                                         SECURITY_NATIVE_DREP, give == 0 ? NULL : &in_list, 0,
                                         &end->context, &out_list, &end->flags, &expiry);
    if (end->status == SEC_I_INCOMPLETE_CREDENTIALS)
        return true; /* the input is for the next call too */
    if (end->status == SEC_E_INCOMPLETE_MESSAGE) {
        end->status = SEC_I_CONTINUE_NEEDED;
        return false;
    }
    end->has_context = end->has_context || end->status >= 0;
    if (in[1].BufferType == SECBUFFER_EXTRA)
        left = in[1].cbBuffer;
    memmove(end->in, end->in + give - left, end->size - give + left);
    end->size -= give - left;
    end_give(peer, out.pvBuffer, out.cbBuffer);
    FreeContextBuffer(out.pvBuffer);
    return true;
}

void end_drain(struct end *end, struct end *peer)
{
    size_t give = end->chunk;

    while (end->size != 0 && end->status == SEC_I_CONTINUE_NEEDED) {
        if (end->chunk == 0 || give > end->size)
            give = end->size;
        if (end_advance(end, peer, give))
            give = end->chunk;
        else if (give == end->size)
            return;
        else
            give += end->chunk;
    }
}

void ends_shake(void)
{
    end_advance(&client, &server, 0);
    for (int turn = 0; turn < 40 && client.status >= 0 && server.status >= 0; turn++) {
        end_drain(&server, &client);
        end_drain(&client, &server);
    }
}

void end_is(const struct end *end, SECURITY_STATUS want)
{
    ck_assert_msg(end->status == want, "%s: %s instead of %s: %s",
                  end->server ? "server" : "client", sspi_status_name(end->status),
                  sspi_status_name(want), sspi_native_error());
}

/* --- Ways to log on ------------------------------------------------------------------------- */

const struct way ways[WAY_COUNT] = {
    {0, NULL, MUTUAL},
    {SP_PROT_TLS1_3, NULL, MUTUAL},
    {0, "ntlm", ISC_REQ_DELEGATE},
    {SP_PROT_TLS1_3, "ntlm", ISC_REQ_DELEGATE},
    {0, "kerberos", 0},
    {SP_PROT_TLS1_3, "ntlm", 0},
};

bool way_is_ntlm(const struct way *way)
{
    return way->list != NULL && strcmp(way->list, "ntlm") == 0;
}

void ends_begin(const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA identity =
        identity_exa("alice", NULL, password_of("alice"), way->list);

    end_acquire(&server, true, 0, NULL);
    end_acquire(&client, false, way->disabled, &identity);
    client.request = way->request;
    client.chunk = server.chunk = 0;
}

void ends_establish(const struct way *way)
{
    ends_policy(ALLOW_ALL);
    ends_begin(way);
    ends_shake();
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
}

void ends_close(void)
{
    end_close(&client);
    end_close(&server);
}

/* --- Policy and messages -------------------------------------------------------------------- */

void ends_policy(const char *lines)
{
    const char *name = world_file("credssp.conf");
    FILE *file = fopen(name, "w");

    ck_assert_ptr_nonnull(file);
    fputs(lines, file);
    ck_assert_int_eq(fclose(file), 0);
    setenv("SSPI_CREDSSP_POLICY", name, 1);
}

void message_passes(CtxtHandle *from, CtxtHandle *to, const char *text)
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
