/* SPDX-License-Identifier: MIT */
/* TLS by SSPI, alone or with a logon in it. */
#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <credssp.h>
#include <schannel.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>
#include <wincrypt.h>

#include "bench/measure.h"
#include "bench/tls.h"

#define NO_SESSIONS   0xffffffffU
#define REQUEST_FLAGS (ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY | ISC_REQ_MANUAL_CRED_VALIDATION)
#define ACCEPT_FLAGS  (ASC_REQ_STREAM | ASC_REQ_CONFIDENTIALITY)

struct ends {
    CredHandle client, server;
    char *target;
    ULONG request;
};

struct pair {
    CtxtHandle client, server;
    SecPkgContext_StreamSizes sizes;
};

static void check(const char *call, SECURITY_STATUS status)
{
    if (status < 0)
        die("%s: %s: %s", call, sspi_status_name(status), sspi_native_error());
}

/* --- Credentials ---------------------------------------------------------------------------- */

static PCCERT_CONTEXT certificate(bool rsa)
{
    const gnutls_datum_t *pem = tls_pem(rsa);
    CERT_BLOB blob = {pem->size, pem->data};
    HCERTSTORE store;
    PCCERT_CONTEXT cert;

    if (!CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_CERT,
                          CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, &store, NULL, NULL) ||
        (cert = CertEnumCertificatesInStore(store, NULL)) == NULL)
        die("the certificate cannot be read: %u", (unsigned)GetLastError());
    CertCloseStore(store, 0);
    return cert;
}

#define NAME(text)                                                                                 \
    {                                                                                              \
        sizeof(text) - 2, sizeof(text), (PWSTR)(uintptr_t)text                                     \
    }

/* What is left of the default is AES-GCM of the wanted length. */
static void acquire(const struct tls_setting *setting, ULONG use, PCCERT_CONTEXT cert,
                    CredHandle *handle)
{
    DWORD bits = setting->bits;
    CRYPTO_SETTINGS off[] = {
        {TlsParametersCngAlgUsageCipher, NAME(u"AES"), 0, NULL, bits, bits},
        {TlsParametersCngAlgUsageCipher, NAME(u"CHACHA20_POLY1305"), 0, NULL, 0, 0},
    };
    TLS_PARAMETERS parameters = {
        .grbitDisabledProtocols = setting->tls13 ? SP_PROT_TLS1_2 : SP_PROT_TLS1_3,
        .cDisabledCrypto = 2,
        .pDisabledCrypto = off,
    };
    SCH_CREDENTIALS auth = {
        .dwVersion = SCH_CREDENTIALS_VERSION,
        .cCreds = cert == NULL ? 0 : 1,
        .paCred = &cert,
        .dwSessionLifespan = setting->resumed ? 0 : NO_SESSIONS,
        .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS,
        .cTlsParameters = 1,
        .pTlsParameters = &parameters,
    };
    CREDSSP_CRED both = {CredsspSubmitBufferBoth, &auth, cert == NULL ? setting->logon : NULL};
    char *package = (char *)(uintptr_t)(setting->logon == NULL ? UNISP_NAME_A : CREDSSP_NAME_A);
    TimeStamp expiry;

    check("AcquireCredentialsHandle",
          AcquireCredentialsHandleA(NULL, package, use, NULL,
                                    setting->logon == NULL ? (void *)&auth : &both, NULL, NULL,
                                    handle, &expiry));
}

static void *ours_open(const struct tls_setting *setting)
{
    struct ends *ends = calloc(1, sizeof(*ends));
    PCCERT_CONTEXT cert = certificate(setting->rsa);

    ends->target = (char *)(uintptr_t)(setting->logon == NULL ? TLS_TARGET : LOGON_TARGET);
    ends->request = REQUEST_FLAGS | (setting->logon == NULL ? 0 : ISC_REQ_DELEGATE);
    acquire(setting, SECPKG_CRED_OUTBOUND, NULL, &ends->client);
    acquire(setting, SECPKG_CRED_INBOUND, cert, &ends->server);
    CertFreeCertificateContext(cert);
    return ends;
}

static void ours_close(void *data)
{
    struct ends *ends = data;

    FreeCredentialsHandle(&ends->client);
    FreeCredentialsHandle(&ends->server);
    free(ends);
}

/* --- Connections ---------------------------------------------------------------------------- */

/* One call: what it is given, what it gives, and what of its input it leaves over. */
struct leg {
    SecBuffer in[2], out[1];
    SecBufferDesc input, output;
};

static void leg_open(struct leg *leg, const SecBuffer *token, uint8_t *memory)
{
    leg->in[0] = *token;
    leg->in[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    leg->input = (SecBufferDesc){SECBUFFER_VERSION, 2, leg->in};
    leg->out[0] = (SecBuffer){TLS_FLIGHT, SECBUFFER_TOKEN, memory};
    leg->output = (SecBufferDesc){SECBUFFER_VERSION, 1, leg->out};
}

static SECURITY_STATUS client_leg(const struct ends *ends, struct pair *pair, bool first,
                                  struct leg *leg)
{
    CredHandle client = ends->client;
    TimeStamp expiry;
    ULONG flags;
    SECURITY_STATUS status = InitializeSecurityContextA(
        &client, first ? NULL : &pair->client, ends->target, ends->request, 0, 0,
        first ? NULL : &leg->input, 0, &pair->client, &leg->output, &flags, &expiry);

    check("InitializeSecurityContext", status);
    return status;
}

static SECURITY_STATUS server_leg(const struct ends *ends, struct pair *pair, bool first,
                                  struct leg *leg)
{
    CredHandle server = ends->server;
    TimeStamp expiry;
    ULONG flags;
    SECURITY_STATUS status =
        AcceptSecurityContext(&server, first ? NULL : &pair->server, &leg->input, ACCEPT_FLAGS, 0,
                              &pair->server, &leg->output, &flags, &expiry);

    check("AcceptSecurityContext", status);
    return status;
}

/* Opens the first record of the stream, which then begins behind it. */
static size_t record_open(CtxtHandle *context, SecBuffer *stream)
{
    SecBuffer buffers[4] = {{stream->cbBuffer, SECBUFFER_DATA, stream->pvBuffer},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    check("DecryptMessage", DecryptMessage(context, &message, 0, NULL));
    stream->BufferType = buffers[3].BufferType;
    stream->cbBuffer = buffers[3].cbBuffer;
    stream->pvBuffer = buffers[3].pvBuffer;
    return buffers[1].cbBuffer;
}

/* A server of TLS 1.3 may send its ticket before the client is done: that is left over. */
static void shake(const struct ends *ends, struct pair *pair, SecBuffer *left)
{
    static uint8_t up[TLS_FLIGHT], down[2 * TLS_FLIGHT];
    SECURITY_STATUS ours = SEC_I_CONTINUE_NEEDED, theirs = SEC_I_CONTINUE_NEEDED;
    struct leg client, server = {.out = {{0, SECBUFFER_TOKEN, NULL}}};

    for (bool first = true; ours != SEC_E_OK || theirs != SEC_E_OK; first = false) {
        leg_open(&client, server.out, up);
        ours = client_leg(ends, pair, first, &client);
        server.out->cbBuffer = 0;
        *left = client.in[1];
        if (left->BufferType != SECBUFFER_EXTRA)
            *left = (SecBuffer){0, SECBUFFER_EXTRA, down};
        if (theirs == SEC_E_OK)
            continue;
        leg_open(&server, client.out, (uint8_t *)left->pvBuffer + left->cbBuffer);
        theirs = server_leg(ends, pair, first, &server);
        if (server.in[1].BufferType == SECBUFFER_EXTRA)
            die("the server leaves octets of a leg over");
    }
    left->cbBuffer += server.out->cbBuffer;
}

static void *ours_connect(void *data)
{
    struct pair *pair = malloc(sizeof(*pair));
    SecBuffer left;

    shake(data, pair, &left);
    while (left.BufferType == SECBUFFER_EXTRA && left.cbBuffer != 0) /* tickets */
        record_open(&pair->client, &left);
    pair->sizes.cbMaximumMessage = 0;
    return pair;
}

static void ours_disconnect(void *data)
{
    struct pair *pair = data;

    DeleteSecurityContext(&pair->client);
    DeleteSecurityContext(&pair->server);
    free(pair);
}

static bool ours_is_resumed(void *data)
{
    struct pair *pair = data;
    SecPkgContext_SessionInfo info;

    check("SECPKG_ATTR_SESSION_INFO",
          QueryContextAttributesA(&pair->client, SECPKG_ATTR_SESSION_INFO, &info));
    return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

static unsigned ours_bits(void *data)
{
    struct pair *pair = data;
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};

    check("SECPKG_ATTR_CIPHER_INFO",
          QueryContextAttributesA(&pair->server, SECPKG_ATTR_CIPHER_INFO, &info));
    return info.dwCipherLen;
}

/* Asked for once, with the first message. */
static const SecPkgContext_StreamSizes *sizes_of(struct pair *pair)
{
    if (pair->sizes.cbMaximumMessage == 0)
        check("SECPKG_ATTR_STREAM_SIZES",
              QueryContextAttributesA(&pair->client, SECPKG_ATTR_STREAM_SIZES, &pair->sizes));
    return &pair->sizes;
}

static void ours_exchange(void *data, const struct tls_message *message)
{
    struct pair *pair = data;
    const SecPkgContext_StreamSizes *sizes = sizes_of(pair);
    ULONG header = sizes->cbHeader;
    uint8_t *end = message->data + message->size;
    SecBuffer buffers[4] = {
        {header, SECBUFFER_STREAM_HEADER, message->data - header},
        {(ULONG)message->size, SECBUFFER_DATA, message->data},
        {sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, end},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBufferDesc sealed = {SECBUFFER_VERSION, 4, buffers};
    SecBuffer record = {0, SECBUFFER_DATA, message->data - header};
    size_t size;

    check("EncryptMessage", EncryptMessage(&pair->client, 0, &sealed, 0));
    record.cbBuffer = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
    size = record_open(&pair->server, &record);
    if (size != message->size)
        die("%zu octets were sealed and %zu opened", message->size, size);
}

const struct tls_way tls_ours = {
    .name = "SSPI",
    .open = ours_open,
    .close = ours_close,
    .connect = ours_connect,
    .disconnect = ours_disconnect,
    .is_resumed = ours_is_resumed,
    .bits = ours_bits,
    .exchange = ours_exchange,
};
