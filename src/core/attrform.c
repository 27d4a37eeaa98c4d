/* SPDX-License-Identifier: MIT */
/* Attribute structures: what they point at, and what becomes of it. One row per attribute. */
#include "core/attrform.h"

#include <credssp.h>
#include <schannel.h>
#include <sspi_linux.h>
#include <stddef.h>
#include <string.h>

#include "core/packageinfo.h"
#include "core/text.h"

#define POINTERS_MAX 2

enum attr_kind {
    ATTR_TEXT,      /* SEC_CHAR * or SEC_WCHAR *, by the form */
    ATTR_INFO,      /* a SecPkgInfo of the form */
    ATTR_WIDE_TEXT, /* SEC_WCHAR * in both */
    ATTR_OCTETS     /* with their count in a ULONG of the structure */
};

struct attr_pointer {
    enum attr_kind kind;
    size_t offset, count_offset;
};

struct attr_row {
    ULONG attribute;
    ULONG size;        /* of the structure */
    unsigned pointers; /* how many of the following hold */
    struct attr_pointer pointer[POINTERS_MAX];
};

#define TEXT1(name, type, a)                                                                       \
    {                                                                                              \
        name, sizeof(type), 1,                                                                     \
        {                                                                                          \
            {                                                                                      \
                ATTR_TEXT, offsetof(type, a), 0                                                    \
            }                                                                                      \
        }                                                                                          \
    }
#define TEXT2(name, type, a, b)                                                                    \
    {                                                                                              \
        name, sizeof(type), 2,                                                                     \
        {                                                                                          \
            {ATTR_TEXT, offsetof(type, a), 0},                                                     \
            {                                                                                      \
                ATTR_TEXT, offsetof(type, b), 0                                                    \
            }                                                                                      \
        }                                                                                          \
    }
#define INFO(name, type, a)                                                                        \
    {                                                                                              \
        name, sizeof(type), 1,                                                                     \
        {                                                                                          \
            {                                                                                      \
                ATTR_INFO, offsetof(type, a), 0                                                    \
            }                                                                                      \
        }                                                                                          \
    }
#define WIDE(name, type, a)                                                                        \
    {                                                                                              \
        name, sizeof(type), 1,                                                                     \
        {                                                                                          \
            {                                                                                      \
                ATTR_WIDE_TEXT, offsetof(type, a), 0                                               \
            }                                                                                      \
        }                                                                                          \
    }
#define OCTETS(name, type, count, a)                                                               \
    {                                                                                              \
        name, sizeof(type), 1,                                                                     \
        {                                                                                          \
            {                                                                                      \
                ATTR_OCTETS, offsetof(type, a), offsetof(type, count)                              \
            }                                                                                      \
        }                                                                                          \
    }
#define PLAIN(name, type)                                                                          \
    {                                                                                              \
        name, sizeof(type), 0,                                                                     \
        {                                                                                          \
            {                                                                                      \
                ATTR_TEXT, 0, 0                                                                    \
            }                                                                                      \
        }                                                                                          \
    }

static const struct attr_row context_rows[] = {
    PLAIN(SECPKG_ATTR_SIZES, SecPkgContext_Sizes),
    TEXT1(SECPKG_ATTR_NAMES, SecPkgContext_NamesA, sUserName),
    PLAIN(SECPKG_ATTR_LIFESPAN, SecPkgContext_Lifespan),
    PLAIN(SECPKG_ATTR_DCE_INFO, SecPkgContext_DceInfo),
    PLAIN(SECPKG_ATTR_STREAM_SIZES, SecPkgContext_StreamSizes),
    TEXT2(SECPKG_ATTR_KEY_INFO, SecPkgContext_KeyInfoA, sSignatureAlgorithmName,
          sEncryptAlgorithmName),
    TEXT1(SECPKG_ATTR_AUTHORITY, SecPkgContext_AuthorityA, sAuthorityName),
    PLAIN(SECPKG_ATTR_PASSWORD_EXPIRY, SecPkgContext_PasswordExpiry),
    OCTETS(SECPKG_ATTR_SESSION_KEY, SecPkgContext_SessionKey, SessionKeyLength, SessionKey),
    INFO(SECPKG_ATTR_PACKAGE_INFO, SecPkgContext_PackageInfoA, PackageInfo),
    INFO(SECPKG_ATTR_NEGOTIATION_INFO, SecPkgContext_NegotiationInfoA, PackageInfo),
    TEXT2(SECPKG_ATTR_NATIVE_NAMES, SecPkgContext_NativeNamesA, sClientName, sServerName),
    PLAIN(SECPKG_ATTR_FLAGS, SecPkgContext_Flags),
    OCTETS(SECPKG_ATTR_TARGET_INFORMATION, SecPkgContext_TargetInformation,
           MarshalledTargetInfoLength, MarshalledTargetInfo),
    PLAIN(SECPKG_ATTR_ACCESS_TOKEN, SecPkgContext_AccessToken),
    OCTETS(SECPKG_ATTR_TARGET, SecPkgContext_Target, TargetLength, Target),
    OCTETS(SECPKG_ATTR_AUTHENTICATION_ID, SecPkgContext_AuthzID, AuthzIDLength, AuthzID),
    WIDE(SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, SecPkgContext_ClientSpecifiedTarget, sTargetName),
    PLAIN(SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, SecPkgContext_LastClientTokenStatus),
    OCTETS(SECPKG_ATTR_UNIQUE_BINDINGS, SecPkgContext_Bindings, BindingsLength, Bindings),
    OCTETS(SECPKG_ATTR_ENDPOINT_BINDINGS, SecPkgContext_Bindings, BindingsLength, Bindings),
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
    OCTETS(SECPKG_ATTR_KEYING_MATERIAL, SecPkgContext_KeyingMaterial, cbKeyingMaterial,
           pbKeyingMaterial),
    PLAIN(SECPKG_ATTR_CONNECTION_INFO_EX, SecPkgContext_ConnectionInfoEx),
    PLAIN(SECPKG_ATTR_CERT_CHECK_RESULT, SecPkgContext_CertificateValidationResult),
    PLAIN(SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, SecPkgContext_CertificateValidationResult),
    PLAIN(SECPKG_ATTR_SERVER_AUTH_FLAGS, SecPkgContext_Flags),
    INFO(SECPKG_ATTR_NEGOTIATION_PACKAGE, SecPkgContext_PackageInfoA, PackageInfo),
    OCTETS(SECPKG_ATTR_CREDS, SecPkgContext_ClientCreds, AuthBufferLen, AuthBuffer),
    OCTETS(SECPKG_ATTR_CREDS_2, SecPkgContext_ClientCreds, AuthBufferLen, AuthBuffer),
    PLAIN(SSPI_ATTR_CREDSSP_VERSION, SspiContext_CredsspVersion),
    PLAIN(SECPKG_ATTR_C_ACCESS_TOKEN, SecPkgContext_AccessToken),
    PLAIN(SECPKG_ATTR_C_FULL_ACCESS_TOKEN, SecPkgContext_AccessToken),
    PLAIN(SECPKG_ATTR_CERT_TRUST_STATUS, CERT_TRUST_STATUS),
    PLAIN(SSPI_ATTR_GUARD_CREDENTIALS, struct sspi_guard_credentials),
};

static const struct attr_row credential_rows[] = {
    TEXT1(SECPKG_CRED_ATTR_NAMES, SecPkgCredentials_NamesA, sUserName),
    PLAIN(SECPKG_CRED_ATTR_CERT, PCCERT_CONTEXT),
    PLAIN(SECPKG_ATTR_SUPPORTED_ALGS, SecPkgCred_SupportedAlgs),
    PLAIN(SECPKG_ATTR_CIPHER_STRENGTHS, SecPkgCred_CipherStrengths),
    PLAIN(SECPKG_ATTR_SUPPORTED_PROTOCOLS, SecPkgCred_SupportedProtocols),
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const struct attr_row *row_find(const struct attr_row *rows, size_t count, ULONG attribute)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].attribute == attribute)
            return &rows[i];
    return NULL;
}

const struct attr_row *attr_of_context(ULONG attribute)
{
    return row_find(context_rows, COUNT(context_rows), attribute);
}

const struct attr_row *attr_of_credential(ULONG attribute)
{
    return row_find(credential_rows, COUNT(credential_rows), attribute);
}

ULONG attr_size(const struct attr_row *row)
{
    return row == NULL ? 0 : row->size;
}

/* --- One pointer ---------------------------------------------------------------------------- */

/* The caller's structure may be aligned for less than a pointer. */
static void *field_get(const void *buffer, const struct attr_pointer *pointer)
{
    void *value;

    memcpy(&value, (const char *)buffer + pointer->offset, sizeof(value));
    return value;
}

static void field_set(void *buffer, const struct attr_pointer *pointer, const void *value)
{
    memcpy((char *)buffer + pointer->offset, &value, sizeof(value));
}

static SECURITY_STATUS text_other_form(const void *text, bool widen, void **other)
{
    SEC_WCHAR *wide = NULL;
    char *narrow = NULL;
    SECURITY_STATUS status = widen ? text_to_w(text, &wide, NULL) : text_from_w(text, &narrow);

    *other = widen ? (void *)wide : (void *)narrow;
    return status;
}

static SECURITY_STATUS info_other_form(const void *info, bool widen, void **other)
{
    PSecPkgInfoA narrow = NULL;
    PSecPkgInfoW wide = NULL;
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

    if (info != NULL)
        status = widen ? package_info_widen(info, &wide) : package_info_narrow(info, &narrow);
    *other = widen ? (void *)wide : (void *)narrow;
    return status;
}

static SECURITY_STATUS pointer_convert(const struct attr_pointer *pointer, void *buffer, bool widen)
{
    void *value = field_get(buffer, pointer), *other = value;
    SECURITY_STATUS status = SEC_E_OK;

    if (pointer->kind == ATTR_TEXT)
        status = text_other_form(value, widen, &other);
    else if (pointer->kind == ATTR_INFO)
        status = info_other_form(value, widen, &other);
    if (other != value)
        memory_wipe_free(value);
    field_set(buffer, pointer, other);
    return status;
}

static void row_release(const struct attr_row *row, void *buffer)
{
    for (unsigned i = 0; i < row->pointers; i++) {
        memory_wipe_free(field_get(buffer, &row->pointer[i]));
        field_set(buffer, &row->pointer[i], NULL);
    }
}

/* Every field is converted even after one failed, so that each is of the new form or NULL. */
static SECURITY_STATUS row_convert(const struct attr_row *row, void *buffer, bool widen)
{
    SECURITY_STATUS status = SEC_E_OK, one;

    for (unsigned i = 0; row != NULL && i < row->pointers; i++) {
        one = pointer_convert(&row->pointer[i], buffer, widen);
        status = status == SEC_E_OK ? one : status;
    }
    if (status != SEC_E_OK)
        row_release(row, buffer);
    return status;
}

SECURITY_STATUS attr_widen(const struct attr_row *row, void *buffer)
{
    return row_convert(row, buffer, true);
}

SECURITY_STATUS attr_narrow(const struct attr_row *row, void *buffer)
{
    return row_convert(row, buffer, false);
}

/* --- Taking over ---------------------------------------------------------------------------- */

static size_t wide_size(const SEC_WCHAR *text)
{
    size_t units = 0;

    while (text[units] != 0)
        units++;
    return (units + 1) * sizeof(*text);
}

static void *info_copy(const void *info, bool wide)
{
    PSecPkgInfoA narrow = NULL;
    PSecPkgInfoW copy = NULL;
    SECURITY_STATUS status;

    status = wide ? package_info_narrow(info, &narrow) : package_info_widen(info, &copy);
    if (status == SEC_E_OK)
        status = wide ? package_info_widen(narrow, &copy) : package_info_narrow(copy, &narrow);
    memory_wipe_free(wide ? (void *)narrow : (void *)copy);
    return status != SEC_E_OK ? NULL : wide ? (void *)copy : (void *)narrow;
}

static void *pointer_copy(const struct attr_pointer *pointer, const void *buffer, bool wide)
{
    const void *value = field_get(buffer, pointer);
    ULONG count;

    if (pointer->kind == ATTR_INFO)
        return info_copy(value, wide);
    if (pointer->kind == ATTR_OCTETS) {
        memcpy(&count, (const char *)buffer + pointer->count_offset, sizeof(count));
        return memory_copy(value, count);
    }
    return memory_copy(value, wide || pointer->kind == ATTR_WIDE_TEXT ? wide_size(value)
                                                                      : strlen(value) + 1);
}

SECURITY_STATUS attr_adopt(const struct attr_row *row, void *buffer, bool wide,
                           void (*give_back)(void *argument, void *original), void *argument)
{
    SECURITY_STATUS status = SEC_E_OK;

    for (unsigned i = 0; row != NULL && i < row->pointers; i++) {
        void *original = field_get(buffer, &row->pointer[i]), *copy;

        if (original == NULL)
            continue;
        copy = pointer_copy(&row->pointer[i], buffer, wide);
        if (copy == NULL)
            status = SEC_E_INSUFFICIENT_MEMORY;
        give_back(argument, original);
        field_set(buffer, &row->pointer[i], copy);
    }
    if (status != SEC_E_OK)
        row_release(row, buffer);
    return status;
}
