/* SPDX-License-Identifier: MIT */
/* SspiEncodeStringsAsAuthIdentity, SspiEncodeAuthIdentityAsStrings. */
#include <ntstatus.h>
#include <string.h>

#include "api/api.h"
#include "core/native.h"
#include "core/text.h"
#include "core/trace.h"
#include "identity/identity.h"

static struct authdata_part part_of(const SEC_WCHAR *text)
{
    size_t length = 0;

    while (text != NULL && length <= TEXT_MAX && text[length] != 0)
        length++;
    return (struct authdata_part){text, length * sizeof(*text)};
}

static SECURITY_STATUS strings_encode(struct authdata *data, void **identity)
{
    struct blob copy = {NULL, 0};
    char *secret = NULL;
    SECURITY_STATUS status = authdata_check(data);

    if (status == SEC_E_OK)
        status = authdata_text(data, data->secret, &secret);
    if (status == SEC_E_OK && packed_is(secret)) {
        status = packed_read(secret, &copy, data);
        if (status == SEC_E_OK)
            status = authdata_check(data);
    }
    if (status == SEC_E_OK)
        status = block_make(data, identity);
    string_wipe_free(secret);
    blob_wipe(&copy);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity)
{
    struct authdata data = {
        .form = AUTHDATA_EX,
        .wide = true,
        .flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
        .user = part_of(pszUserName),
        .domain = part_of(pszDomainName),
        .secret = part_of(pszPackedCredentialsString),
    };
    bool any = data.user.data != NULL || data.domain.data != NULL || data.secret.data != NULL;

    native_error_clear();
    return trace_result("SspiEncodeStringsAsAuthIdentity",
                        ppAuthIdentity == NULL || !any ? SEC_E_INVALID_TOKEN
                                                       : strings_encode(&data, ppAuthIdentity));
}

/* Gives a text where it is wanted, and frees it. */
static SECURITY_STATUS text_give(char *text, PCWSTR *out)
{
    PWSTR wide = NULL;
    SECURITY_STATUS status = out == NULL ? SEC_E_OK : given_wide(text, &wide);

    if (out != NULL)
        *out = wide;
    string_wipe_free(text);
    return status;
}

static SECURITY_STATUS part_give(const struct authdata *data, struct authdata_part part,
                                 PCWSTR *out)
{
    char *text;
    SECURITY_STATUS status = authdata_text(data, part, &text);

    return status == SEC_E_OK ? text_give(text, out) : status;
}

static SECURITY_STATUS identity_encode(const void *identity, PCWSTR *user, PCWSTR *domain,
                                       PCWSTR *packed)
{
    struct authdata data;
    char *text = NULL;
    SECURITY_STATUS status = block_read(identity, &data);

    if (status != SEC_E_OK)
        return status;
    if (data.flags & (AUTHDATA_CLOSED | AUTHDATA_FOREIGN)) {
        native_error_set("this identity is encrypted");
        return STATUS_INVALID_PARAMETER;
    }
    status = part_give(&data, data.user, user);
    if (status == SEC_E_OK)
        status = part_give(&data, data.domain, domain);
    if (status == SEC_E_OK && packed != NULL)
        status = packed_text(&data, &text);
    return status == SEC_E_OK ? text_give(text, packed) : status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR *ppszUserName,
                                PCWSTR *ppszDomainName, PCWSTR *ppszPackedCredentialsString)
{
    PCWSTR *const out[] = {ppszUserName, ppszDomainName, ppszPackedCredentialsString};
    SECURITY_STATUS status;

    native_error_clear();
    for (int i = 0; i < 3; i++)
        if (out[i] != NULL)
            *out[i] = NULL;
    status = identity_encode(pAuthIdentity, out[0], out[1], out[2]);
    for (int i = 0; i < 3 && status != SEC_E_OK; i++)
        if (out[i] != NULL) {
            given_free((void *)(uintptr_t)*out[i]);
            *out[i] = NULL;
        }
    return trace_result("SspiEncodeAuthIdentityAsStrings", status);
}
