/* SPDX-License-Identifier: MIT */
/* Attributes of TLS contexts: what the connection is; certificates are in certquery.c. */
#include <stdlib.h>
#include <string.h>

#include <credssp.h>

#include "core/native.h"
#include "core/packageinfo.h"
#include "core/timestamp.h"
#include "tls/query.h"
#include "tls/record.h"
#include "tls/status.h"
#include "tls/suite.h"

static SECURITY_STATUS native(const char *what, int code)
{
    return code == GNUTLS_E_SUCCESS ? SEC_E_OK : tls_status(what, code, GNUTLS_A_CLOSE_NOTIFY);
}

/* --- Sizes ---------------------------------------------------------------------------------- */

static SECURITY_STATUS query_stream_sizes(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_StreamSizes *answer = buffer;
    struct tls_sizes sizes;

    tls_sizes_get(tls, &sizes);
    answer->cbHeader = sizes.header;
    answer->cbTrailer = sizes.trailer;
    answer->cbMaximumMessage = (ULONG)tls_limit_get(tls);
    answer->cBuffers = 4;
    answer->cbBlockSize = sizes.block;
    return SEC_E_OK;
}

/* There are no signatures apart from the messages. */
static SECURITY_STATUS query_sizes(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_Sizes *answer = buffer;
    struct tls_sizes sizes;

    tls_sizes_get(tls, &sizes);
    answer->cbMaxToken = tls->base.package->max_token;
    answer->cbMaxSignature = 0;
    answer->cbBlockSize = sizes.block;
    answer->cbSecurityTrailer = sizes.header + sizes.trailer;
    return SEC_E_OK;
}

/* --- Algorithms ----------------------------------------------------------------------------- */

static SECURITY_STATUS query_connection_info(struct tls_ctx *tls, void *buffer)
{
    struct suite_cipher cipher = suite_cipher_of(tls->session);
    struct suite_hash hash = suite_hash_of(tls->session);
    struct suite_exchange exchange = suite_exchange_of(tls->session, tls->base.inbound);

    *(SecPkgContext_ConnectionInfo *)buffer = (SecPkgContext_ConnectionInfo){
        .dwProtocol = suite_protocol(tls->session, tls->base.inbound),
        .aiCipher = cipher.id,
        .dwCipherStrength = cipher.bits,
        .aiHash = hash.id,
        .dwHashStrength = hash.bits,
        .aiExch = exchange.id,
        .dwExchStrength = exchange.bits,
    };
    return SEC_E_OK;
}

/* All these names are ASCII. */
static void name_put(WCHAR target[SZ_ALG_MAX_SIZE], const char *name)
{
    size_t i = 0;

    for (; name[i] != '\0' && i < SZ_ALG_MAX_SIZE - 1; i++)
        target[i] = (WCHAR)(unsigned char)name[i];
    target[i] = 0;
}

static SECURITY_STATUS query_connection_info_ex(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_ConnectionInfoEx *answer = buffer;
    struct suite_cipher cipher = suite_cipher_of(tls->session);
    struct suite_hash hash = suite_hash_of(tls->session);
    struct suite_exchange exchange = suite_exchange_of(tls->session, tls->base.inbound);

    memset(answer, 0, sizeof(*answer));
    answer->dwVersion = SECPKGCONTEXT_CONNECTION_INFO_EX_V1;
    answer->dwProtocol = suite_protocol(tls->session, tls->base.inbound);
    name_put(answer->szCipher, cipher.name);
    answer->dwCipherStrength = cipher.bits;
    name_put(answer->szHash, hash.name);
    answer->dwHashStrength = hash.bits;
    name_put(answer->szExchange, exchange.name);
    answer->dwExchStrength = exchange.bits;
    return SEC_E_OK;
}

static SECURITY_STATUS query_cipher_info(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_CipherInfo *answer = buffer;
    struct suite suite = suite_of(tls->session);
    struct suite_cipher cipher = suite_cipher_of(tls->session);
    struct suite_hash hash = suite_hash_of(tls->session);
    struct suite_exchange exchange = suite_exchange_of(tls->session, tls->base.inbound);

    if (answer->dwVersion != SECPKGCONTEXT_CIPHERINFO_V1)
        return SEC_E_INVALID_PARAMETER;
    memset(answer, 0, sizeof(*answer));
    answer->dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    answer->dwProtocol = (DWORD)gnutls_protocol_get_version(tls->session) - GNUTLS_TLS1_0 + 0x0301;
    answer->dwCipherSuite = answer->dwBaseCipherSuite = suite.id;
    name_put(answer->szCipherSuite, suite.name);
    name_put(answer->szCipher, cipher.name);
    answer->dwCipherLen = cipher.bits;
    answer->dwCipherBlockLen = cipher.block;
    name_put(answer->szHash, hash.bits == 0 ? "" : hash.name);
    answer->dwHashLen = hash.bits;
    name_put(answer->szExchange, exchange.name);
    answer->dwMinExchangeLen = exchange.least;
    answer->dwMaxExchangeLen = exchange.most;
    name_put(answer->szCertificate, suite_certificate_of(tls->session));
    return SEC_E_OK;
}

static SECURITY_STATUS query_key_info(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_KeyInfoA *answer = buffer;
    struct suite_cipher cipher = suite_cipher_of(tls->session);
    struct suite_hash hash = suite_hash_of(tls->session);
    char *signature = memory_copy(hash.name, strlen(hash.name) + 1);
    char *encrypt = memory_copy(cipher.name, strlen(cipher.name) + 1);

    if (signature == NULL || encrypt == NULL) {
        free(signature);
        free(encrypt);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    answer->sSignatureAlgorithmName = signature;
    answer->sEncryptAlgorithmName = encrypt;
    answer->KeySize = cipher.bits;
    answer->SignatureAlgorithm = hash.id;
    answer->EncryptAlgorithm = cipher.id;
    return SEC_E_OK;
}

/* --- The session ---------------------------------------------------------------------------- */

static SECURITY_STATUS query_session_info(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_SessionInfo *answer = buffer;
    size_t size = sizeof(answer->rgbSessionId);

    memset(answer, 0, sizeof(*answer));
    if (gnutls_session_is_resumed(tls->session))
        answer->dwFlags = SSL_SESSION_RECONNECT;
    if (gnutls_session_get_id(tls->session, answer->rgbSessionId, &size) == GNUTLS_E_SUCCESS)
        answer->cbSessionId = (DWORD)size;
    return SEC_E_OK;
}

static SECURITY_STATUS query_application_protocol(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_ApplicationProtocol *answer = buffer;
    gnutls_datum_t chosen;

    memset(answer, 0, sizeof(*answer));
    if (gnutls_alpn_get_selected_protocol(tls->session, &chosen) != GNUTLS_E_SUCCESS ||
        chosen.size > MAX_PROTOCOL_ID_SIZE)
        return SEC_E_OK; /* SecApplicationProtocolNegotiationStatus_None */
    answer->ProtoNegoStatus = SecApplicationProtocolNegotiationStatus_Success;
    answer->ProtoNegoExt = SecApplicationProtocolNegotiationExt_ALPN;
    answer->ProtocolIdSize = (unsigned char)chosen.size;
    memcpy(answer->ProtocolId, chosen.data, chosen.size);
    return SEC_E_OK;
}

/* RFC 6066, 7301, 7627, 5746: what can be learned of the extensions that both ends agreed upon. */
enum { EXT_SERVER_NAME = 0, EXT_ALPN = 16, EXT_MASTER_SECRET = 23, EXT_RENEGOTIATION = 0xff01 };

static SECURITY_STATUS query_extensions(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_NegotiatedTlsExtensions *answer = buffer;
    bool old = gnutls_protocol_get_version(tls->session) < GNUTLS_TLS1_3;
    unsigned short found[4];
    ULONG count = 0;
    gnutls_datum_t chosen;
    char name[256];
    size_t size = sizeof(name);
    unsigned type;

    if (tls->base.inbound &&
        gnutls_server_name_get(tls->session, name, &size, &type, 0) == GNUTLS_E_SUCCESS)
        found[count++] = EXT_SERVER_NAME;
    if (gnutls_alpn_get_selected_protocol(tls->session, &chosen) == GNUTLS_E_SUCCESS)
        found[count++] = EXT_ALPN;
    /* TLS 1.3 has both in other ways (RFC 8446 D): who offers them offers an older version. */
    if (old && gnutls_session_ext_master_secret_status(tls->session))
        found[count++] = EXT_MASTER_SECRET;
    if (old && gnutls_safe_renegotiation_status(tls->session))
        found[count++] = EXT_RENEGOTIATION;
    answer->Extensions = memory_copy(found, count * sizeof(found[0]));
    answer->ExtensionsCount = answer->Extensions == NULL ? 0 : count;
    return answer->Extensions == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* RFC 5705 and RFC 8446 7.5, with what SetContextAttributes() was given. */
static SECURITY_STATUS query_keying_material(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_KeyingMaterial *answer = buffer;
    const struct tls_exporter *exporter = tls->exporter;
    SECURITY_STATUS status;

    if (exporter == NULL)
        return SEC_E_OUT_OF_SEQUENCE;
    answer->pbKeyingMaterial = calloc(1, exporter->size);
    if (answer->pbKeyingMaterial == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    answer->cbKeyingMaterial = exporter->size;
    status = native("gnutls_prf_rfc5705",
                    gnutls_prf_rfc5705(tls->session, exporter->label.size, exporter->label.data,
                                       exporter->context.size, exporter->context.data,
                                       exporter->size, (char *)answer->pbKeyingMaterial));
    if (status != SEC_E_OK) {
        memory_wipe_free(answer->pbKeyingMaterial);
        memset(answer, 0, sizeof(*answer));
    }
    return status;
}

#define EXPORT_MAX 0xffffU

static bool blob_set(struct blob *blob, const void *data, size_t size)
{
    blob->data = data == NULL ? NULL : memory_copy(data, size);
    blob->size = blob->data == NULL ? 0 : size;
    return data == NULL || blob->data != NULL;
}

/* All of it or nothing: a label without its context would make other keys. */
static struct tls_exporter *exporter_new(const SecPkgContext_KeyingMaterialInfo *info)
{
    struct tls_exporter *exporter = calloc(1, sizeof(*exporter));

    /* Windows counts the label's terminator, the protocol does not. */
    if (exporter != NULL &&
        blob_set(&exporter->label, info->pszLabel, strnlen(info->pszLabel, info->cbLabel)) &&
        blob_set(&exporter->context, info->pbContextValue, info->cbContextValue)) {
        exporter->size = info->cbKeyingMaterial;
        return exporter;
    }
    tls_exporter_free(exporter);
    return NULL;
}

SECURITY_STATUS tlspkg_ctx_set(struct ctx *ctx, ULONG attribute, const void *buffer, ULONG size)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    const SecPkgContext_KeyingMaterialInfo *info = buffer;
    struct tls_exporter *exporter;

    native_error_clear();
    if (attribute != SECPKG_ATTR_KEYING_MATERIAL_INFO)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (size < sizeof(*info))
        return SEC_E_BUFFER_TOO_SMALL;
    if (info->pszLabel == NULL || info->cbKeyingMaterial == 0 ||
        info->cbKeyingMaterial > EXPORT_MAX ||
        (info->cbContextValue != 0 && info->pbContextValue == NULL))
        return SEC_E_INVALID_PARAMETER;
    exporter = exporter_new(info);
    tls_lock(tls);
    tls_exporter_free(tls->exporter);
    tls->exporter = exporter;
    tls_unlock(tls);
    return exporter != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

void tls_exporter_free(struct tls_exporter *exporter)
{
    if (exporter == NULL)
        return;
    blob_wipe(&exporter->label);
    blob_wipe(&exporter->context);
    free(exporter);
}

/* --- The rest ------------------------------------------------------------------------------- */

static SECURITY_STATUS query_lifespan(struct tls_ctx *tls, void *buffer)
{
    SecPkgContext_Lifespan *answer = buffer;

    timestamp_set_local(&answer->tsStart, tls->established);
    timestamp_set(&answer->tsExpiry, TIMESTAMP_NEVER);
    return SEC_E_OK;
}

static SECURITY_STATUS query_package_info(struct tls_ctx *tls, void *buffer)
{
    return package_info_a(tls->base.package, &((PSecPkgContext_PackageInfoA)buffer)->PackageInfo);
}

static SECURITY_STATUS query_flags(struct tls_ctx *tls, void *buffer)
{
    ((PSecPkgContext_Flags)buffer)->Flags = tls->attributes;
    return SEC_E_OK;
}

enum { HALF_OPEN = 1, CLIENT = 2, SERVER = 4, EITHER = CLIENT | SERVER };

static const struct {
    ULONG attribute;
    unsigned when;
    SECURITY_STATUS (*query)(struct tls_ctx *, void *buffer);
} rows[] = {
    {SECPKG_ATTR_SIZES, EITHER, query_sizes},
    {SECPKG_ATTR_LIFESPAN, EITHER, query_lifespan},
    {SECPKG_ATTR_STREAM_SIZES, EITHER, query_stream_sizes},
    {SECPKG_ATTR_KEY_INFO, EITHER, query_key_info},
    {SECPKG_ATTR_PACKAGE_INFO, EITHER | HALF_OPEN, query_package_info},
    {SECPKG_ATTR_FLAGS, EITHER, query_flags},
    {SECPKG_ATTR_APPLICATION_PROTOCOL, EITHER, query_application_protocol},
    {SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, EITHER, query_extensions},
    {SECPKG_ATTR_CONNECTION_INFO, EITHER, query_connection_info},
    {SECPKG_ATTR_CONNECTION_INFO_EX, EITHER, query_connection_info_ex},
    {SECPKG_ATTR_CIPHER_INFO, EITHER, query_cipher_info},
    {SECPKG_ATTR_SESSION_INFO, EITHER, query_session_info},
    {SECPKG_ATTR_EAP_KEY_BLOCK, EITHER, tls_query_eap_key_block},
    {SECPKG_ATTR_KEYING_MATERIAL, EITHER, query_keying_material},
    {SECPKG_ATTR_UNIQUE_BINDINGS, EITHER, tls_query_unique_bindings},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, EITHER, tls_query_endpoint_bindings},
    {SECPKG_ATTR_REMOTE_CERT_CONTEXT, EITHER | HALF_OPEN, tls_query_remote_cert},
    {SECPKG_ATTR_REMOTE_CERT_CHAIN, EITHER | HALF_OPEN, tls_query_remote_cert},
    {SECPKG_ATTR_REMOTE_CERTIFICATES, EITHER | HALF_OPEN, tls_query_remote_certificates},
    {SECPKG_ATTR_LOCAL_CERT_CONTEXT, EITHER | HALF_OPEN, tls_query_local_cert},
    {SECPKG_ATTR_ISSUER_LIST_EX, CLIENT | HALF_OPEN, tls_query_issuers},
    {SECPKG_ATTR_CERT_CHECK_RESULT, EITHER | HALF_OPEN, tls_query_cert_check},
    {SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, EITHER | HALF_OPEN, tls_query_cert_check},
    {SECPKG_ATTR_SERVER_AUTH_FLAGS, CLIENT, tls_query_server_auth},
};

SECURITY_STATUS tlspkg_ctx_query(struct ctx *ctx, ULONG attribute, void *buffer)
{
    struct tls_ctx *tls = (struct tls_ctx *)ctx;
    unsigned role = ctx->inbound ? SERVER : CLIENT;
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    native_error_clear();
    tls_lock(tls);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].attribute != attribute || !(rows[i].when & role))
            continue;
        if (rows[i].when & HALF_OPEN || ctx->state == CTX_ESTABLISHED)
            status = rows[i].query(tls, buffer);
        else
            status = ctx->state == CTX_DEAD ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_HANDLE;
        break;
    }
    tls_unlock(tls);
    if (status == SEC_E_UNSUPPORTED_FUNCTION || status == SEC_E_INVALID_HANDLE)
        native_error_set("attribute 0x%x is none of this %s's, or not known yet",
                         (unsigned)attribute, ctx->inbound ? "server" : "client");
    return status;
}
