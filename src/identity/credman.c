/* SPDX-License-Identifier: MIT */
/*
 * SspiPrepareForCredRead, SspiPrepareForCredWrite, SspiGetTargetHostName: an identity and a target
 * as a store of credentials has them (CredRead, CredWrite).
 */
#include <stdlib.h>
#include <string.h>
#include <wincred.h>

#include "api/api.h"
#include "core/native.h"
#include "core/targethost.h"
#include "core/text.h"
#include "core/trace.h"
#include "identity/identity.h"

static SECURITY_STATUS refuse(SECURITY_STATUS status, const char *why)
{
    native_error_set("%s", why);
    return status;
}

/* A caller's string, which must be there and not be empty. */
static SECURITY_STATUS target_read(PCWSTR target, char **text)
{
    SECURITY_STATUS status = text_from_w(target, text);

    if (status == SEC_E_INSUFFICIENT_MEMORY)
        return status;
    if (status == SEC_E_OK && *text != NULL && **text != '\0')
        return SEC_E_OK;
    return refuse(SEC_E_TARGET_UNKNOWN, "the target's name is missing or malformed");
}

/* --- Names for a store ---------------------------------------------------------------------- */

static SECURITY_STATUS type_check(const struct authdata *data)
{
    struct authdata_part password;
    SECURITY_STATUS status = SEC_E_OK;

    if (!(data->flags & AUTHDATA_CLOSED) && data->secret.data != NULL)
        status = authdata_password(data, &password);
    return status == SEC_E_UNSUPPORTED_FUNCTION
               ? refuse(status, "only passwords can be kept in a store of credentials")
               : status;
}

static SECURITY_STATUS read_prepare(const void *identity, PCWSTR target, PWSTR *out)
{
    struct authdata data;
    char *text = NULL;
    SECURITY_STATUS status = block_read(identity, &data);

    if (status == SEC_E_OK)
        status = type_check(&data);
    if (status == SEC_E_OK)
        status = target_read(target, &text);
    if (status == SEC_E_OK)
        status = given_wide(text, out);
    string_wipe_free(text);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiPrepareForCredRead(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
                       PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName)
{
    SECURITY_STATUS status = SEC_E_INVALID_TOKEN;
    PWSTR name;

    native_error_clear();
    if (pCredmanCredentialType != NULL && ppszCredmanTargetName != NULL)
        status = read_prepare(AuthIdentity, pszTargetName, &name);
    if (status == SEC_E_OK) {
        *pCredmanCredentialType = CRED_TYPE_DOMAIN_PASSWORD;
        *ppszCredmanTargetName = name;
    }
    return trace_result("SspiPrepareForCredRead", status);
}

/* What CredWrite() is given; each is freed with SspiLocalFree(). */
struct entry {
    PWSTR target, user, password;
};

static SECURITY_STATUS password_give(struct authdata *data, PWSTR *out)
{
    struct blob opened;
    struct authdata_part password;
    char *text = NULL;
    SECURITY_STATUS status = authdata_open(data, &opened);

    if (status == SEC_E_OK)
        status = type_check(data);
    if (status == SEC_E_OK)
        status = authdata_password(data, &password);
    if (status == SEC_E_OK)
        status = authdata_text(data, password, &text);
    if (status == SEC_E_OK)
        status = given_wide(text == NULL ? "" : text, out);
    string_wipe_free(text);
    blob_wipe(&opened);
    return status;
}

static SECURITY_STATUS write_prepare(const void *identity, PCWSTR target, struct entry *entry)
{
    struct authdata data;
    char *user = NULL, *text = NULL;
    SECURITY_STATUS status = block_read(identity, &data);

    if (status == SEC_E_OK)
        status = block_user_name(&data, &user);
    if (status == SEC_E_OK && user == NULL)
        status = refuse(SEC_E_UNKNOWN_CREDENTIALS, "the identity names no user");
    if (status == SEC_E_OK && target != NULL)
        status = target_read(target, &text);
    if (status == SEC_E_OK)
        status = given_wide(target == NULL ? user : text, &entry->target);
    if (status == SEC_E_OK)
        status = given_wide(user, &entry->user);
    if (status == SEC_E_OK)
        status = password_give(&data, &entry->password);
    string_wipe_free(user);
    string_wipe_free(text);
    return status;
}

/* Without the terminator, which is no part of a stored password. */
static ULONG text_octets(PCWSTR text)
{
    ULONG units = 0;

    while (text[units] != 0)
        units++;
    return units * (ULONG)sizeof(*text);
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
    PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName, PCWSTR *ppszCredmanUserName,
    PUCHAR *ppCredentialBlob, PULONG pCredentialBlobSize)
{
    struct entry entry = {NULL, NULL, NULL};
    SECURITY_STATUS status = SEC_E_INVALID_TOKEN;

    native_error_clear();
    if (pCredmanCredentialType != NULL && ppszCredmanTargetName != NULL &&
        ppszCredmanUserName != NULL && ppCredentialBlob != NULL && pCredentialBlobSize != NULL)
        status = write_prepare(AuthIdentity, pszTargetName, &entry);
    if (status == SEC_E_OK) {
        *pCredmanCredentialType = CRED_TYPE_DOMAIN_PASSWORD;
        *ppszCredmanTargetName = entry.target;
        *ppszCredmanUserName = entry.user;
        *ppCredentialBlob = (PUCHAR)entry.password;
        *pCredentialBlobSize = text_octets(entry.password);
    } else {
        given_free(entry.target);
        given_free(entry.user);
        given_free(entry.password);
    }
    return trace_result("SspiPrepareForCredWrite", status);
}

/* --- SspiGetTargetHostName ------------------------------------------------------------------ */

static SECURITY_STATUS host_name(PCWSTR target, PWSTR *host)
{
    char *text, *name;
    const char *at;
    size_t length;
    SECURITY_STATUS status = target_read(target, &text);

    if (status == SEC_E_OK) {
        at = text;
        length = target_host(&at);
        name = strndup(at, length);
        if (name == NULL)
            status = SEC_E_INSUFFICIENT_MEMORY;
        else if (length == 0)
            status = refuse(SEC_E_TARGET_UNKNOWN, "the target names no host");
        else
            status = given_wide(name, host);
        free(name);
    }
    string_wipe_free(text);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiGetTargetHostName(PCWSTR pszTargetName, PWSTR *pszHostName)
{
    SECURITY_STATUS status;

    native_error_clear();
    status = pszHostName == NULL ? SEC_E_INVALID_TOKEN : host_name(pszTargetName, pszHostName);
    return trace_result("SspiGetTargetHostName", status);
}
