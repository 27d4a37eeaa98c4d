/* SPDX-License-Identifier: MIT */
/*
 * What is asked of, and told to, a context or a credential by an object identifier: ours are 10.n
 * of the arc. Answers that a package has not got are SEC_E_UNSUPPORTED_FUNCTION.
 */
#include <stdlib.h>
#include <string.h>

#include "mech.h"

#include <schannel.h>

#define OPTION_OID(n)                                                                              \
    {                                                                                              \
        ARC_SIZE + 2, (void *)(uintptr_t)(ARC "\x0a" n)                                            \
    }

/* What krb5 and gss-ntlmssp call the same: GSS_C_INQ_SSPI_SESSION_KEY. */
#define MIT_SESSION_KEY                                                                            \
    {                                                                                              \
        11, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05"                     \
    }

/* --- Answers -------------------------------------------------------------------------------- */

static SECURITY_STATUS answer_session_key(struct context *context, struct octets *value)
{
    SecPkgContext_SessionKey key = {0};
    SECURITY_STATUS status =
        QueryContextAttributesA(&context->handle, SECPKG_ATTR_SESSION_KEY, &key);

    if (status != SEC_E_OK)
        return status;
    status = octets_add(value, key.SessionKey, key.SessionKeyLength);
    explicit_bzero(key.SessionKey, key.SessionKeyLength);
    FreeContextBuffer(key.SessionKey);
    return status;
}

/* Only the application's part, which is what gss_channel_bindings_t wants of a TLS channel. */
static SECURITY_STATUS bindings_answer(struct context *context, ULONG attribute,
                                       struct octets *value)
{
    SecPkgContext_Bindings bindings = {0};
    SECURITY_STATUS status = QueryContextAttributesA(&context->handle, attribute, &bindings);
    const SEC_CHANNEL_BINDINGS *head = bindings.Bindings;

    if (status != SEC_E_OK)
        return status;
    status = octets_add(value, (const unsigned char *)head + head->dwApplicationDataOffset,
                        head->cbApplicationDataLength);
    FreeContextBuffer(bindings.Bindings);
    return status;
}

static SECURITY_STATUS answer_unique(struct context *context, struct octets *value)
{
    return bindings_answer(context, SECPKG_ATTR_UNIQUE_BINDINGS, value);
}

static SECURITY_STATUS answer_endpoint(struct context *context, struct octets *value)
{
    return bindings_answer(context, SECPKG_ATTR_ENDPOINT_BINDINGS, value);
}

static SECURITY_STATUS answer_certificate(struct context *context, struct octets *value)
{
    PCCERT_CONTEXT peer = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesA(&context->handle, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer);

    if (status == SEC_E_OK && peer == NULL)
        return SEC_E_NO_CREDENTIALS;
    if (status != SEC_E_OK)
        return status;
    status = octets_add(value, peer->pbCertEncoded, peer->cbCertEncoded);
    CertFreeCertificateContext(peer);
    return status;
}

/* The package that Negotiate has chosen, and CredSSP inside it; for TLS its own. */
static SECURITY_STATUS answer_package(struct context *context, struct octets *value)
{
    SecPkgContext_NegotiationInfoA chosen = {0};
    SecPkgContext_PackageInfoA own = {0};
    PSecPkgInfoA info = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesA(&context->handle, SECPKG_ATTR_NEGOTIATION_INFO, &chosen);

    info = chosen.PackageInfo;
    if (status == SEC_E_UNSUPPORTED_FUNCTION) {
        status = QueryContextAttributesA(&context->handle, SECPKG_ATTR_PACKAGE_INFO, &own);
        info = own.PackageInfo;
    }
    if (status == SEC_E_OK)
        status = octets_add(value, info->Name, strlen(info->Name));
    FreeContextBuffer(info);
    return status;
}

static SECURITY_STATUS answer_exported(struct context *context, struct octets *value)
{
    SecPkgContext_KeyingMaterial key = {0};
    SECURITY_STATUS status =
        QueryContextAttributesA(&context->handle, SECPKG_ATTR_KEYING_MATERIAL, &key);

    if (status != SEC_E_OK)
        return status;
    status = octets_add(value, key.pbKeyingMaterial, key.cbKeyingMaterial);
    explicit_bzero(key.pbKeyingMaterial, key.cbKeyingMaterial);
    FreeContextBuffer(key.pbKeyingMaterial);
    return status;
}

static const struct {
    gss_OID_desc oid;
    SECURITY_STATUS (*answer)(struct context *, struct octets *);
} answer_table[] = {
    {MIT_SESSION_KEY, answer_session_key},    {OPTION_OID("\x01"), answer_session_key},
    {OPTION_OID("\x02"), answer_unique},      {OPTION_OID("\x03"), answer_endpoint},
    {OPTION_OID("\x04"), answer_certificate}, {OPTION_OID("\x05"), answer_package},
    {OPTION_OID("\x06"), answer_exported},
};

SECURITY_STATUS option_context_get(struct context *context, const gss_OID_desc *oid,
                                   struct octets *value)
{
    SECURITY_STATUS status = context_check(context);

    if (status != SEC_E_OK)
        return status;
    for (size_t i = 0; i < COUNT(answer_table); i++)
        if (oid_equal(&answer_table[i].oid, oid))
            return answer_table[i].answer(context, value);
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/* --- What is told --------------------------------------------------------------------------- */

static const gss_OID_desc exporter_oid = OPTION_OID("\x06"), framing_oid = OPTION_OID("\x07");

SECURITY_STATUS exporter_set(struct context *context, const char *label, const void *data,
                             size_t data_size, size_t size)
{
    SecPkgContext_KeyingMaterialInfo info = {
        .cbLabel = (WORD)(strlen(label) + 1),
        .pszLabel = (LPSTR)(uintptr_t)label,
        .cbContextValue = (WORD)data_size,
        .pbContextValue = (PBYTE)(uintptr_t)data,
        .cbKeyingMaterial = (DWORD)size,
    };

    if (strlen(label) >= UINT16_MAX || data_size > UINT16_MAX || size > UINT32_MAX)
        return SEC_E_INVALID_PARAMETER;
    return SetContextAttributesA(&context->handle, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                 sizeof(info));
}

/* Four octets of length, the label with a NUL behind it, and the rest is the context (RFC 5705). */
static SECURITY_STATUS exporter_tell(struct context *context, const gss_buffer_desc *value)
{
    const unsigned char *at = value->value;
    const char *label = (const char *)at + 4;
    size_t size, used;

    if (value->length < 6 || memchr(label, '\0', value->length - 4) == NULL)
        return SEC_E_INVALID_PARAMETER;
    size = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
    used = 4 + strlen(label) + 1;
    return exporter_set(context, label, at + used, value->length - used, size);
}

SECURITY_STATUS option_context_set(struct context *context, const gss_OID_desc *oid,
                                   const gss_buffer_desc *value)
{
    SECURITY_STATUS status = context_check(context);

    if (status != SEC_E_OK)
        return status;
    return oid_equal(oid, &exporter_oid) ? exporter_tell(context, value)
                                         : SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS option_cred_set(struct cred *cred, const gss_OID_desc *oid,
                                const gss_buffer_desc *value)
{
    char *text = NULL;
    SECURITY_STATUS status;

    if (!oid_equal(oid, &framing_oid))
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = text_of_buffer(value, &text);
    if (status == SEC_E_OK)
        status = cred_framing(cred, text);
    free(text);
    return status;
}
