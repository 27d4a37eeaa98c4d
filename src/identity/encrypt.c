/* SPDX-License-Identifier: MIT */
/* SspiEncryptAuthIdentity and its opposite; SspiExcludePackage, which may have to do both. */
#include <string.h>

#include "api/api.h"
#include "core/native.h"
#include "core/text.h"
#include "core/trace.h"
#include "identity/identity.h"

#define OPTIONS                                                                                    \
    (SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_LOGON | SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS |   \
     SEC_WINNT_AUTH_IDENTITY_ENCRYPT_FOR_SYSTEM)

static SECURITY_STATUS refuse(SECURITY_STATUS status, const char *why)
{
    native_error_set("%s", why);
    return status;
}

/* Nothing on Linux keeps a key for all processes of one logon, or for the system alone. */
static SECURITY_STATUS options_check(ULONG options)
{
    if (options == 0 || (options & ~(ULONG)OPTIONS) != 0)
        return refuse(SEC_E_INVALID_PARAMETER, "there is no such option");
    if (options != SEC_WINNT_AUTH_IDENTITY_ENCRYPT_SAME_PROCESS)
        return refuse(SEC_E_UNSUPPORTED_FUNCTION,
                      "an identity can be encrypted for the same process only");
    return SEC_E_OK;
}

/* A secret that is not there cannot be encrypted: the flag says that it would be. */
static SECURITY_STATUS encrypt(void *identity)
{
    struct authdata data;
    struct blob closed = {NULL, 0};
    SECURITY_STATUS status = block_read(identity, &data);

    if (status != SEC_E_OK)
        return status;
    if (data.flags & (AUTHDATA_CLOSED | AUTHDATA_FOREIGN))
        return refuse(SEC_E_INVALID_PARAMETER, "this identity is encrypted already");
    if (data.secret.data != NULL)
        status = authdata_close(&data, &closed);
    if (status == SEC_E_OK)
        status = block_secret_set(identity, &data, &closed, data.flags | AUTHDATA_CLOSED);
    blob_wipe(&closed);
    return status;
}

static SECURITY_STATUS decrypt(void *identity)
{
    struct authdata data, open;
    struct blob opened = {NULL, 0};
    SECURITY_STATUS status = block_read(identity, &data);

    if (status != SEC_E_OK)
        return status;
    if (!(data.flags & (AUTHDATA_CLOSED | AUTHDATA_FOREIGN)))
        return refuse(SEC_E_INVALID_PARAMETER, "this identity is not encrypted");
    open = data;
    status = authdata_open(&open, &opened);
    if (status == SEC_E_OK)
        status = block_secret_set(identity, &data, &opened, open.flags);
    blob_wipe(&opened);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY SspiEncryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    native_error_clear();
    return trace_result("SspiEncryptAuthIdentity", encrypt(AuthData));
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiDecryptAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData)
{
    native_error_clear();
    return trace_result("SspiDecryptAuthIdentity", decrypt(EncryptedAuthData));
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiEncryptAuthIdentityEx(ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    SECURITY_STATUS status;

    native_error_clear();
    status = options_check(Options);
    return trace_result("SspiEncryptAuthIdentityEx",
                        status == SEC_E_OK ? encrypt(AuthData) : status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiDecryptAuthIdentityEx(ULONG Options, PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData)
{
    SECURITY_STATUS status;

    native_error_clear();
    status = options_check(Options);
    return trace_result("SspiDecryptAuthIdentityEx",
                        status == SEC_E_OK ? decrypt(EncryptedAuthData) : status);
}

SSPI_API BOOLEAN SEC_ENTRY
SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData)
{
    struct authdata data;

    return EncryptedAuthData != NULL && authdata_read(EncryptedAuthData, true, &data) == SEC_E_OK &&
           (data.flags & (AUTHDATA_CLOSED | AUTHDATA_FOREIGN)) != 0;
}

/* --- SspiExcludePackage --------------------------------------------------------------------- */

/* One name, which would not become several by what stands in it. */
static SECURITY_STATUS name_read(PCWSTR name, char **text)
{
    SECURITY_STATUS status = text_from_w(name, text);

    if (status != SEC_E_OK || *text == NULL)
        return status == SEC_E_INSUFFICIENT_MEMORY ? status : SEC_E_SECPKG_NOT_FOUND;
    return **text == '\0' || strpbrk(*text, "!, ") != NULL ? SEC_E_SECPKG_NOT_FOUND : SEC_E_OK;
}

/* The list as it was, and the name with the mark that forbids it. */
static char *list_extend(const char *list, const char *name)
{
    bool empty = list == NULL || *list == '\0';

    return text_join(empty ? "" : list, empty ? "!" : ",!", name);
}

static SECURITY_STATUS list_make(const struct authdata *data, const char *name, char **made)
{
    char *list;
    SECURITY_STATUS status = authdata_text(data, data->packages, &list);

    if (status != SEC_E_OK)
        return status;
    *made = list_extend(list, name);
    string_wipe_free(list);
    return *made == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

/* A plain identity has no list: it becomes an EX. */
static SECURITY_STATUS excluding_make(struct authdata *data, const char *list, void **identity)
{
    SEC_WCHAR *wide = NULL;
    size_t units = 0;
    SECURITY_STATUS status = data->wide ? text_to_w(list, &wide, &units) : SEC_E_OK;

    if (status != SEC_E_OK)
        return status;
    data->packages = data->wide ? (struct authdata_part){wide, units * sizeof(*wide)}
                                : (struct authdata_part){list, strlen(list)};
    if (data->form == AUTHDATA_PLAIN)
        data->form = AUTHDATA_EX;
    status = authdata_check(data);
    if (status == SEC_E_OK)
        status = block_make(data, identity);
    memory_wipe_free(wide);
    return status;
}

/* No identity is that of the process, with nothing said but the list. */
static SECURITY_STATUS excluding_read(const void *identity, struct authdata *data)
{
    if (identity != NULL)
        return block_read(identity, data);
    *data = (struct authdata){
        .form = AUTHDATA_EX, .wide = true, .flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    return SEC_E_OK;
}

static SECURITY_STATUS exclude(const void *identity, const char *name, void **made)
{
    struct authdata data;
    struct blob opened = {NULL, 0};
    bool closed;
    char *list = NULL;
    SECURITY_STATUS status = excluding_read(identity, &data);

    if (status != SEC_E_OK)
        return status;
    closed = data.flags & AUTHDATA_CLOSED;
    status = authdata_open(&data, &opened);
    if (status == SEC_E_OK)
        status = list_make(&data, name, &list);
    if (status == SEC_E_OK)
        status = excluding_make(&data, list, made);
    if (status == SEC_E_OK && closed) {
        status = encrypt(*made);
        if (status != SEC_E_OK)
            given_free(*made);
    }
    string_wipe_free(list);
    blob_wipe(&opened);
    return status;
}

SSPI_API SECURITY_STATUS SEC_ENTRY
SspiExcludePackage(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszPackageName,
                   PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppNewAuthIdentity)
{
    SECURITY_STATUS status = SEC_E_INVALID_TOKEN;
    void *made = NULL;
    char *name = NULL;

    native_error_clear();
    if (ppNewAuthIdentity != NULL)
        status = name_read(pszPackageName, &name);
    if (status == SEC_E_OK)
        status = exclude(AuthIdentity, name, &made);
    if (status == SEC_E_OK)
        *ppNewAuthIdentity = made;
    string_wipe_free(name);
    return trace_result("SspiExcludePackage", status);
}
