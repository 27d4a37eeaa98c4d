/* SPDX-License-Identifier: MIT */
/* Attributes of TLS contexts: certificates, and bindings to them. */
#include <stdlib.h>
#include <string.h>

#include <credssp.h>

#include "cert/cert.h"
#include "core/native.h"
#include "tls/query.h"
#include "tls/status.h"

/* --- Channel bindings (RFC 5929) ------------------------------------------------------------ */

static SECURITY_STATUS bindings_make(const char *prefix, const gnutls_datum_t *data,
                                     SecPkgContext_Bindings *answer)
{
    size_t start = sizeof(SEC_CHANNEL_BINDINGS), length = strlen(prefix);
    uint8_t *block = calloc(1, start + length + data->size);
    SEC_CHANNEL_BINDINGS *bindings = (SEC_CHANNEL_BINDINGS *)(void *)block;

    if (block == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    bindings->cbApplicationDataLength = (ULONG)(length + data->size);
    bindings->dwApplicationDataOffset = (ULONG)start;
    memcpy(block + start, prefix, length);
    memcpy(block + start + length, data->data, data->size);
    answer->BindingsLength = (ULONG)(start + length + data->size);
    answer->Bindings = bindings;
    return SEC_E_OK;
}

static SECURITY_STATUS bindings_query(struct tls_ctx *tls, gnutls_channel_binding_t kind,
                                      const char *prefix, void *buffer)
{
    gnutls_datum_t data;
    int code = gnutls_session_channel_binding(tls->session, kind, &data);
    SECURITY_STATUS status;

    if (code != GNUTLS_E_SUCCESS)
        return tls_status("gnutls_session_channel_binding", code, GNUTLS_A_CLOSE_NOTIFY);
    status = bindings_make(prefix, &data, buffer);
    gnutls_free(data.data);
    return status;
}

/* TLS 1.3 has none (RFC 8446 C.5). */
SECURITY_STATUS tls_query_unique_bindings(struct tls_ctx *tls, void *buffer)
{
    if (gnutls_protocol_get_version(tls->session) >= GNUTLS_TLS1_3)
        return SEC_E_UNSUPPORTED_FUNCTION;
    return bindings_query(tls, GNUTLS_CB_TLS_UNIQUE, "tls-unique:", buffer);
}

SECURITY_STATUS tls_query_endpoint_bindings(struct tls_ctx *tls, void *buffer)
{
    return bindings_query(tls, GNUTLS_CB_TLS_SERVER_END_POINT, "tls-server-end-point:", buffer);
}

/* --- The peer's chain ----------------------------------------------------------------------- */

static const gnutls_datum_t *peers(struct tls_ctx *tls, unsigned *count)
{
    const gnutls_datum_t *raw = gnutls_certificate_get_peers(tls->session, count);

    return *count == 0 ? NULL : raw;
}

/* What came along and is no certificate is left out; the end certificate has to be one. */
static SECURITY_STATUS peers_add(HCERTSTORE store, const gnutls_datum_t *raw, unsigned count,
                                 PCCERT_CONTEXT *end)
{
    for (unsigned i = 0; i < count; i++) {
        if (CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, raw[i].data, raw[i].size,
                                             CERT_STORE_ADD_ALWAYS, i == 0 ? end : NULL))
            continue;
        if (win_no_memory())
            return SEC_E_INSUFFICIENT_MEMORY;
        if (i == 0)
            return SEC_E_CERT_UNKNOWN;
    }
    return SEC_E_OK;
}

/* The end certificate, in a store of its own with those that came along. */
SECURITY_STATUS tls_query_remote_cert(struct tls_ctx *tls, void *buffer)
{
    unsigned count = 0;
    const gnutls_datum_t *raw = peers(tls, &count);
    PCCERT_CONTEXT end = NULL;
    SECURITY_STATUS status;
    HCERTSTORE store;

    if (raw == NULL)
        return native_refuse(SEC_E_NO_CREDENTIALS, "the peer has shown no certificate%s",
                             tls->base.inbound ? ": ASC_REQ_MUTUAL_AUTH asks for one" : "");
    store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    if (store == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = peers_add(store, raw, count, &end);
    CertCloseStore(store, 0);
    if (status == SEC_E_OK)
        memcpy(buffer, &end, sizeof(end));
    else if (end != NULL)
        CertFreeCertificateContext(end);
    return status;
}

/* One behind the other, as they came. */
SECURITY_STATUS tls_query_remote_certificates(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_Certificates *answer = buffer;
    unsigned count = 0;
    const gnutls_datum_t *raw = peers(tls, &count);
    size_t size = 0;
    uint8_t *chain, *at;

    if (raw == NULL)
        return SEC_E_NO_CREDENTIALS;
    for (unsigned i = 0; i < count; i++)
        size += raw[i].size;
    chain = at = malloc(size);
    if (chain == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (unsigned i = 0; i < count; at += raw[i].size, i++)
        memcpy(at, raw[i].data, raw[i].size);
    answer->cCertificates = count;
    answer->cbCertificateChain = (DWORD)size;
    answer->pbCertificateChain = chain;
    return SEC_E_OK;
}

/* What automatic validation has found; nobody asked it under manual validation. */
SECURITY_STATUS tls_query_cert_check(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_CertificateValidationResult *answer = buffer;

    if (!tls->verified)
        return SEC_E_UNSUPPORTED_FUNCTION;
    answer->dwChainErrorStatus = tls->trust;
    answer->hrVerifyChainStatus = tls->verdict;
    return SEC_E_OK;
}

/* How a client knows its server: by the certificate that was judged good, or not at all. */
SECURITY_STATUS tls_query_server_auth(struct tls_ctx *tls, void *buffer)
{
    ((PSecPkgContext_Flags)buffer)->Flags =
        tls->verified && tls->verdict == 0 ? CREDSSP_SERVER_AUTH_CERTIFICATE : 0;
    return SEC_E_OK;
}

/* --- Ours ----------------------------------------------------------------------------------- */

static bool is_ours(const struct tls_identity *identity, const gnutls_datum_t *shown)
{
    return identity->count != 0 && identity->chain[0].cert.size == shown->size &&
           memcmp(identity->chain[0].cert.data, shown->data, shown->size) == 0;
}

SECURITY_STATUS tls_query_local_cert(struct tls_ctx *tls, void *buffer)
{
    const struct tls_cred *cred = (const struct tls_cred *)tls->base.cred;
    const gnutls_datum_t *shown = gnutls_certificate_get_ours(tls->session);

    for (unsigned i = 0; shown != NULL && i < cred->count; i++)
        if (is_ours(&cred->identities[i], shown)) {
            PCCERT_CONTEXT cert = CertDuplicateCertificateContext(cred->identities[i].cert);

            memcpy(buffer, &cert, sizeof(cert));
            return SEC_E_OK;
        }
    return SEC_E_NO_CREDENTIALS;
}

/* The blobs and the names they point at are one allocation. */
SECURITY_STATUS tls_query_issuers(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_IssuerListInfoEx *answer = buffer;
    size_t size = tls->issuers.count * sizeof(CERT_NAME_BLOB);
    CERT_NAME_BLOB *names;
    uint8_t *at;

    for (unsigned i = 0; i < tls->issuers.count; i++)
        size += tls->issuers.names[i].size;
    names = calloc(1, size == 0 ? 1 : size);
    if (names == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    at = (uint8_t *)(names + tls->issuers.count);
    for (unsigned i = 0; i < tls->issuers.count; i++) {
        names[i].cbData = tls->issuers.names[i].size;
        names[i].pbData = at;
        memcpy(at, tls->issuers.names[i].data, names[i].cbData);
        at += names[i].cbData;
    }
    answer->aIssuers = names;
    answer->cIssuers = tls->issuers.count;
    return SEC_E_OK;
}
