/* SPDX-License-Identifier: MIT */
/* The credentials of both layers: CREDSSP_CRED, CREDSSP_CRED_EX, or nothing. */
#include <stdlib.h>
#include <string.h>

#define SCHANNEL_USE_BLACKLISTS
#include <windows.h>

#include <credssp.h>
#include <schannel.h>

#include "core/native.h"
#include "credssp/credssp.h"

#define LIFESPAN_NONE 0xffffffffU /* of TLS sessions: [MS-CSSP] 3.1.5 has them never resumed */

/* --- The TLS layer -------------------------------------------------------------------------- */

/* Both structures without pointers of their own, so that a copy may differ. */
union tls_auth {
    DWORD version;
    SCHANNEL_CRED v4;
    SCH_CREDENTIALS v5;
};

/* The binding proves the server's key; its certificate is looked at where a program asks for it. */
static DWORD tls_flags(DWORD flags)
{
    if (!(flags & SCH_CRED_AUTO_CRED_VALIDATION))
        flags |= SCH_CRED_MANUAL_CRED_VALIDATION;
    return flags | SCH_CRED_DISABLE_RECONNECTS;
}

static SECURITY_STATUS tls_auth_read(const void *data, union tls_auth *auth)
{
    DWORD version = SCH_CREDENTIALS_VERSION;

    memset(auth, 0, sizeof(*auth));
    if (data != NULL)
        memcpy(&version, data, sizeof(version));
    if (version == SCHANNEL_CRED_VERSION) {
        auth->v4 = *(const SCHANNEL_CRED *)data;
        auth->v4.dwFlags = tls_flags(auth->v4.dwFlags);
        auth->v4.dwSessionLifespan = LIFESPAN_NONE;
    } else if (version == SCH_CREDENTIALS_VERSION) {
        if (data != NULL)
            auth->v5 = *(const SCH_CREDENTIALS *)data;
        auth->version = version;
        auth->v5.dwFlags = tls_flags(auth->v5.dwFlags);
        auth->v5.dwSessionLifespan = LIFESPAN_NONE;
    } else {
        native_error_set("pSchannelCred of version %u", version);
        return SEC_E_UNKNOWN_CREDENTIALS;
    }
    return SEC_E_OK;
}

static SECURITY_STATUS layer_acquire(const char *name, const struct cred_request *outer,
                                     const void *auth, struct cred **made)
{
    const struct package *package = package_find(name);
    struct cred_request request = {.use = outer->use, .auth_data = auth, .wide = outer->wide};

    return package == NULL ? SEC_E_SECPKG_NOT_FOUND
                           : package->ops->cred_acquire(package, &request, made);
}

static SECURITY_STATUS tls_acquire(struct credssp_cred *cred, const struct cred_request *request,
                                   const void *data)
{
    union tls_auth auth;
    SECURITY_STATUS status = tls_auth_read(data, &auth);

    return status != SEC_E_OK ? status : layer_acquire(UNISP_NAME_A, request, &auth, &cred->tls);
}

/* --- The credential ------------------------------------------------------------------------- */

static SECURITY_STATUS auth_read(const void *data, CREDSSP_CRED *auth, bool *redirected)
{
    const CREDSSP_CRED_EX *extended = data;

    *redirected = false;
    *auth = (CREDSSP_CRED){.Type = CredsspPasswordCreds};
    if (data == NULL)
        return SEC_E_OK;
    if (extended->Type != CredsspCredEx) {
        *auth = *(const CREDSSP_CRED *)data;
        return SEC_E_OK;
    }
    if (extended->Version != CREDSSP_CRED_EX_VERSION) {
        native_error_set("CREDSSP_CRED_EX of version %u", (unsigned)extended->Version);
        return SEC_E_UNKNOWN_CREDENTIALS;
    }
    if (extended->Flags & ~(ULONG)CREDSSP_FLAG_REDIRECT) {
        native_error_set("CREDSSP_CRED_EX with flags 0x%x", (unsigned)extended->Flags);
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    *auth = extended->Cred;
    *redirected = extended->Flags != 0;
    return SEC_E_OK;
}

static void cred_destroy(struct object *object)
{
    struct credssp_cred *cred = (struct credssp_cred *)object;

    if (cred->tls != NULL)
        object_unref(&cred->tls->handled.object);
    if (cred->negotiate != NULL)
        object_unref(&cred->negotiate->handled.object);
    submit_wipe(&cred->submit);
    free(cred);
}

static const struct object_class cred_class = {"CredSSP credential", cred_destroy};

/* A server's own identity only tells Negotiate what it may use. */
static SECURITY_STATUS layers_acquire(struct credssp_cred *cred, const CREDSSP_CRED *auth,
                                      const struct cred_request *request)
{
    SEC_WINNT_AUTH_IDENTITY_EXA room;
    SECURITY_STATUS status = layer_acquire(
        "Negotiate", request, submit_logon(&cred->submit, auth, &room), &cred->negotiate);

    return status == SEC_E_OK ? tls_acquire(cred, request, auth->pSchannelCred) : status;
}

SECURITY_STATUS credssp_cred_acquire(const struct package *package, struct cred_request *request,
                                     struct cred **made)
{
    CREDSSP_CRED auth;
    struct credssp_cred *cred;
    bool redirected;
    SECURITY_STATUS status;

    native_error_clear();
    status = auth_read(request->auth_data, &auth, &redirected);
    if (status != SEC_E_OK)
        return status;
    cred = calloc(1, sizeof(*cred));
    if (cred == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    cred_base_init(&cred->base, &cred_class, package, request->use);
    status = submit_read(&auth, redirected, request, &cred->submit);
    if (status == SEC_E_OK)
        status = layers_acquire(cred, &auth, request);
    if (status == SEC_E_OK)
        *made = &cred->base;
    else
        object_unref(&cred->base.handled.object);
    return status;
}

/* Who is named is the logon's affair. */
SECURITY_STATUS credssp_cred_query(struct cred *base, ULONG attribute, void *buffer)
{
    struct credssp_cred *cred = (struct credssp_cred *)base;
    struct cred *layer = attribute == SECPKG_CRED_ATTR_NAMES ? cred->negotiate : cred->tls;

    return package_call(layer, cred_query, layer, attribute, buffer);
}
