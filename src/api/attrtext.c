/* SPDX-License-Identifier: MIT */
/* Attribute structures that hold text: what becomes of them in a W call. One row per attribute. */
#include "api/api.h"
#include "core/packageinfo.h"
#include "core/text.h"

#include <credssp.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stddef.h>
#include <string.h>

#define STRINGS_MAX 2

struct attribute_row {
    ULONG attribute;
    ULONG size;                  /* of the structure */
    unsigned strings;            /* how many of the offsets hold */
    size_t offsets[STRINGS_MAX]; /* of SEC_CHAR * that become SEC_WCHAR * */
    unsigned infos;              /* the same for one SecPkgInfo * */
    size_t info_offset;
};

#define TEXT1(name, type, a)                                                                       \
    {                                                                                              \
        name, sizeof(type), 1, {offsetof(type, a)}, 0, 0                                           \
    }
#define TEXT2(name, type, a, b)                                                                    \
    {                                                                                              \
        name, sizeof(type), 2, {offsetof(type, a), offsetof(type, b)}, 0, 0                        \
    }
#define INFO(name, type, a)                                                                        \
    {                                                                                              \
        name, sizeof(type), 0, {0}, 1, offsetof(type, a)                                           \
    }
#define PLAIN(name, type)                                                                          \
    {                                                                                              \
        name, sizeof(type), 0, {0}, 0, 0                                                           \
    }

static const struct attribute_row context_rows[] = {
    PLAIN(SECPKG_ATTR_SIZES, SecPkgContext_Sizes),
    TEXT1(SECPKG_ATTR_NAMES, SecPkgContext_NamesA, sUserName),
    PLAIN(SECPKG_ATTR_LIFESPAN, SecPkgContext_Lifespan),
    PLAIN(SECPKG_ATTR_DCE_INFO, SecPkgContext_DceInfo),
    PLAIN(SECPKG_ATTR_STREAM_SIZES, SecPkgContext_StreamSizes),
    TEXT2(SECPKG_ATTR_KEY_INFO, SecPkgContext_KeyInfoA, sSignatureAlgorithmName,
          sEncryptAlgorithmName),
    TEXT1(SECPKG_ATTR_AUTHORITY, SecPkgContext_AuthorityA, sAuthorityName),
    PLAIN(SECPKG_ATTR_PASSWORD_EXPIRY, SecPkgContext_PasswordExpiry),
    PLAIN(SECPKG_ATTR_SESSION_KEY, SecPkgContext_SessionKey),
    INFO(SECPKG_ATTR_PACKAGE_INFO, SecPkgContext_PackageInfoA, PackageInfo),
    INFO(SECPKG_ATTR_NEGOTIATION_INFO, SecPkgContext_NegotiationInfoA, PackageInfo),
    TEXT2(SECPKG_ATTR_NATIVE_NAMES, SecPkgContext_NativeNamesA, sClientName, sServerName),
    PLAIN(SECPKG_ATTR_FLAGS, SecPkgContext_Flags),
    PLAIN(SECPKG_ATTR_TARGET_INFORMATION, SecPkgContext_TargetInformation),
    PLAIN(SECPKG_ATTR_ACCESS_TOKEN, SecPkgContext_AccessToken),
    PLAIN(SECPKG_ATTR_TARGET, SecPkgContext_Target),
    PLAIN(SECPKG_ATTR_AUTHENTICATION_ID, SecPkgContext_AuthzID),
    PLAIN(SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, SecPkgContext_ClientSpecifiedTarget),
    PLAIN(SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, SecPkgContext_LastClientTokenStatus),
    PLAIN(SECPKG_ATTR_UNIQUE_BINDINGS, SecPkgContext_Bindings),
    PLAIN(SECPKG_ATTR_ENDPOINT_BINDINGS, SecPkgContext_Bindings),
    PLAIN(SECPKG_ATTR_APPLICATION_PROTOCOL, SecPkgContext_ApplicationProtocol),
    PLAIN(SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, SecPkgContext_NegotiatedTlsExtensions),
    PLAIN(SECPKG_ATTR_REMOTE_CERT_CONTEXT, PCCERT_CONTEXT),
    PLAIN(SECPKG_ATTR_LOCAL_CERT_CONTEXT, PCCERT_CONTEXT),
    PLAIN(SECPKG_ATTR_ISSUER_LIST_EX, SecPkgContext_IssuerListInfoEx),
    PLAIN(SECPKG_ATTR_CONNECTION_INFO, SecPkgContext_ConnectionInfo),
    PLAIN(SECPKG_ATTR_EAP_KEY_BLOCK, SecPkgContext_EapKeyBlock),
    PLAIN(SECPKG_ATTR_SESSION_INFO, SecPkgContext_SessionInfo),
    PLAIN(SECPKG_ATTR_REMOTE_CERTIFICATES, SecPkgContext_Certificates),
    PLAIN(SECPKG_ATTR_CIPHER_INFO, SecPkgContext_CipherInfo),
    PLAIN(SECPKG_ATTR_REMOTE_CERT_CHAIN, PCCERT_CONTEXT),
    PLAIN(SECPKG_ATTR_KEYING_MATERIAL, SecPkgContext_KeyingMaterial),
    PLAIN(SECPKG_ATTR_CONNECTION_INFO_EX, SecPkgContext_ConnectionInfoEx),
    PLAIN(SECPKG_ATTR_CERT_CHECK_RESULT, SecPkgContext_CertificateValidationResult),
    PLAIN(SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, SecPkgContext_CertificateValidationResult),
    PLAIN(SECPKG_ATTR_SERVER_AUTH_FLAGS, SecPkgContext_Flags),
    INFO(SECPKG_ATTR_NEGOTIATION_PACKAGE, SecPkgContext_PackageInfoA, PackageInfo),
    PLAIN(SECPKG_ATTR_CREDS, SecPkgContext_ClientCreds),
    PLAIN(SECPKG_ATTR_CREDS_2, SecPkgContext_ClientCreds),
    PLAIN(SSPI_ATTR_CREDSSP_VERSION, SspiContext_CredsspVersion),
    PLAIN(SECPKG_ATTR_C_ACCESS_TOKEN, SecPkgContext_AccessToken),
    PLAIN(SECPKG_ATTR_C_FULL_ACCESS_TOKEN, SecPkgContext_AccessToken),
    PLAIN(SECPKG_ATTR_CERT_TRUST_STATUS, CERT_TRUST_STATUS),
    PLAIN(SSPI_ATTR_GUARD_CREDENTIALS, struct sspi_guard_credentials),
};

static const struct attribute_row credential_rows[] = {
    TEXT1(SECPKG_CRED_ATTR_NAMES, SecPkgCredentials_NamesA, sUserName),
    PLAIN(SECPKG_CRED_ATTR_CERT, PCCERT_CONTEXT),
    PLAIN(SECPKG_ATTR_SUPPORTED_ALGS, SecPkgCred_SupportedAlgs),
    PLAIN(SECPKG_ATTR_CIPHER_STRENGTHS, SecPkgCred_CipherStrengths),
    PLAIN(SECPKG_ATTR_SUPPORTED_PROTOCOLS, SecPkgCred_SupportedProtocols),
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct attribute_row *row_find(const struct attribute_row *rows, size_t count,
                                            ULONG attribute)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].attribute == attribute)
            return &rows[i];
    return NULL;
}

static SECURITY_STATUS string_widen(void *field)
{
    char *text;
    SEC_WCHAR *wide;
    SECURITY_STATUS status;

    memcpy(&text, field, sizeof(text));
    status = text_to_w(text, &wide, NULL);
    memory_wipe_free(text);
    memcpy(field, &wide, sizeof(wide));
    return status;
}

static SECURITY_STATUS info_widen(void *field)
{
    PSecPkgInfoA info;
    PSecPkgInfoW wide = NULL;
    const struct package *package;
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

    memcpy(&info, field, sizeof(info));
    package = package_find(info->Name);
    if (package != NULL)
        status = package_info_w(package, &wide);
    memory_wipe_free(info);
    memcpy(field, &wide, sizeof(wide));
    return status;
}

/* Every field is converted even after one failed, so that each ends as UTF-16 or NULL. */
static SECURITY_STATUS row_widen(const struct attribute_row *row, void *buffer)
{
    SECURITY_STATUS status = SEC_E_OK, one;

    for (unsigned i = 0; i < row->strings; i++) {
        one = string_widen((char *)buffer + row->offsets[i]);
        status = status == SEC_E_OK ? one : status;
    }
    for (unsigned i = 0; i < row->infos; i++) {
        one = info_widen((char *)buffer + row->info_offset);
        status = status == SEC_E_OK ? one : status;
    }
    return status;
}

static void row_release(const struct attribute_row *row, void *buffer)
{
    void *pointer, *none = NULL;

    for (unsigned i = 0; i < row->strings + row->infos; i++) {
        char *field = (char *)buffer + (i < row->strings ? row->offsets[i] : row->info_offset);

        memcpy(&pointer, field, sizeof(pointer));
        memory_wipe_free(pointer);
        memcpy(field, &none, sizeof(none));
    }
}

static SECURITY_STATUS widen(const struct attribute_row *row, void *buffer)
{
    SECURITY_STATUS status = row == NULL ? SEC_E_OK : row_widen(row, buffer);

    if (status != SEC_E_OK)
        row_release(row, buffer);
    return status;
}

SECURITY_STATUS api_attribute_widen(ULONG attribute, void *buffer)
{
    return widen(row_find(context_rows, COUNT(context_rows), attribute), buffer);
}

SECURITY_STATUS api_credential_attribute_widen(ULONG attribute, void *buffer)
{
    return widen(row_find(credential_rows, COUNT(credential_rows), attribute), buffer);
}

ULONG api_attribute_size(ULONG attribute)
{
    const struct attribute_row *row = row_find(context_rows, COUNT(context_rows), attribute);

    return row == NULL ? 0 : row->size;
}

ULONG api_credential_attribute_size(ULONG attribute)
{
    const struct attribute_row *row = row_find(credential_rows, COUNT(credential_rows), attribute);

    return row == NULL ? 0 : row->size;
}
