/* SPDX-License-Identifier: MIT */
/* Credentials: a client's identity, a server's settings. */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "digest/digest.h"

static void cred_destroy(struct object *object)
{
    struct digest_cred *cred = (struct digest_cred *)object;

    identity_free(cred->identity);
    free(cred->principal);
    digest_settings_free(atomic_load(&cred->settings));
    free(cred);
}

static const struct object_class cred_class = {"Digest credential", cred_destroy};

/* A name with an @ is one name here: what is behind it need not be the realm. */
static bool name_join(struct identity *id)
{
    char *whole;

    if (!id->upn)
        return true;
    whole = text_join(id->user, "@", id->domain);
    if (whole == NULL)
        return false;
    string_wipe_free(id->user);
    string_wipe_free(id->domain);
    id->user = whole;
    id->domain = NULL;
    id->upn = false;
    return true;
}

/* There is no logon whose password could be taken instead. */
static SECURITY_STATUS identity_check(struct identity *id, ULONG use)
{
    if (!id->explicit)
        return use == SECPKG_CRED_OUTBOUND
                   ? digest_refuse(SEC_E_NO_CREDENTIALS,
                                   "a client needs a user and a password: there are no others")
                   : SEC_E_OK;
    if (id->nt_hash != NULL)
        return digest_refuse(SEC_E_UNKNOWN_CREDENTIALS, "NTLM's hash does not replace a password");
    if (use == SECPKG_CRED_INBOUND)
        return digest_refuse(SEC_E_UNSUPPORTED_FUNCTION,
                             "a server has no password: its accounts are in a file");
    return name_join(id) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS cred_fill(struct digest_cred *cred, const struct cred_request *request)
{
    SECURITY_STATUS status = identity_read(request->auth_data, request->wide, &cred->identity);

    if (status == SEC_E_OK)
        status = identity_check(cred->identity, request->use);
    if (status == SEC_E_OK && request->principal != NULL && *request->principal != '\0') {
        cred->principal = strdup(request->principal);
        if (cred->principal == NULL)
            status = SEC_E_INSUFFICIENT_MEMORY;
    }
    return status;
}

SECURITY_STATUS digest_cred_acquire(const struct package *package, struct cred_request *request,
                                    struct cred **made)
{
    struct digest_cred *cred;
    SECURITY_STATUS status;

    native_error_clear();
    cred = calloc(1, sizeof(*cred));
    if (cred == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    cred_base_init(&cred->base, &cred_class, package, request->use);
    atomic_init(&cred->settings, NULL);
    status = cred_fill(cred, request);
    if (status == SEC_E_OK)
        *made = &cred->base;
    else
        object_unref(&cred->base.handled.object);
    return status;
}

SECURITY_STATUS digest_cred_query(struct cred *base, ULONG attribute, void *buffer)
{
    const struct identity *id = ((struct digest_cred *)base)->identity;
    PSecPkgCredentials_NamesA names = buffer;

    native_error_clear();
    if (attribute != SECPKG_CRED_ATTR_NAMES)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (id->user == NULL)
        return SEC_E_NO_CREDENTIALS;
    names->sUserName =
        id->domain == NULL ? strdup(id->user) : text_join(id->domain, "\\", id->user);
    return names->sUserName != NULL ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

/* Contexts look at the settings at any time, so there is no second setting. */
SECURITY_STATUS digest_cred_set(struct cred *base, ULONG attribute, const void *buffer, ULONG size)
{
    struct digest_cred *cred = (struct digest_cred *)base;
    struct digest_settings *settings, *none = NULL;
    SECURITY_STATUS status;

    native_error_clear();
    if (attribute != SSPI_CRED_ATTR_DIGEST_SERVER)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (size < sizeof(struct sspi_digest_server))
        return SEC_E_BUFFER_TOO_SMALL;
    if (!(base->use & SECPKG_CRED_INBOUND))
        return digest_refuse(SEC_E_UNSUPPORTED_FUNCTION, "accounts are for a server's credential");
    status = digest_settings_make(buffer, &settings);
    if (status != SEC_E_OK)
        return status;
    if (atomic_compare_exchange_strong(&cred->settings, &none, settings))
        return SEC_E_OK;
    digest_settings_free(settings);
    return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the accounts have been set before");
}
