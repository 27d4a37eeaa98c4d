/* SPDX-License-Identifier: MIT */
/* Credential handles: AcquireCredentialsHandle, AddCredentials, FreeCredentialsHandle. */
#include <string.h>

#include <windows.h>

#include "api/api.h"
#include "core/native.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "core/trace.h"

__attribute__((cold)) static void cred_missing(const CredHandle *handle)
{
    native_error_clear();
    native_error_set("the credential's handle is %s",
                     handle == NULL ? "NULL" : "none: it was not made here, or was freed");
}

struct cred *api_cred_pin(PCredHandle handle)
{
    struct cred *cred = (struct cred *)handle_pin(handle, HANDLE_CREDENTIAL);

    native_error_clear();
    if (cred == NULL)
        cred_missing(handle);
    return cred;
}

void api_cred_unpin(struct cred *cred)
{
    if (cred != NULL)
        handle_unpin(&cred->handled);
}

/*
 * The other bits (SECPKG_CRED_AUTOLOGON_RESTRICTED, _PROCESS_POLICY_ONLY ...) speak of Windows'
 * policy and are ignored; SECPKG_CRED_DEFAULT alone means the outbound default.
 */
static ULONG use_read(ULONG use)
{
    ULONG both = use & SECPKG_CRED_BOTH;

    return both == 0 && (use & SECPKG_CRED_DEFAULT) ? SECPKG_CRED_OUTBOUND : both;
}

static bool use_take(struct cred_request *request)
{
    ULONG use = use_read(request->use);

    if (use == 0)
        native_error_set("fCredentialUse is 0x%x: SECPKG_CRED_INBOUND is a server's, "
                         "SECPKG_CRED_OUTBOUND a client's",
                         (unsigned)request->use);
    request->use = use;
    return use != 0;
}

static SECURITY_STATUS credential_open(const char *package_name, struct cred_request *request,
                                       PCredHandle handle)
{
    const struct package *package;
    struct cred *cred = NULL;
    SECURITY_STATUS status;

    if (handle == NULL)
        return native_refuse(SEC_E_INVALID_HANDLE, "phCredential is NULL: it receives the handle");
    package = package_wanted(package_name);
    if (package == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    if (!use_take(request))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (package->ops->cred_acquire == NULL)
        return package_lacks(package);
    status = package->ops->cred_acquire(package, request, &cred);
    if (status != SEC_E_OK)
        return status;
    status = handle_open(&cred->handled, HANDLE_CREDENTIAL, handle);
    object_unref(&cred->handled.object); /* the table has its own */
    return status;
}

/* The two names of a call, in UTF-8. */
struct names {
    char *principal, *package;
};

static SECURITY_STATUS names_read(struct names *names, const void *principal, const void *package,
                                  bool wide)
{
    SECURITY_STATUS status = text_from_caller(principal, wide, &names->principal);

    names->package = NULL;
    if (status == SEC_E_OK)
        status = text_from_caller(package, wide, &names->package);
    return status;
}

static void names_free(struct names *names)
{
    string_wipe_free(names->principal);
    string_wipe_free(names->package);
}

static void request_trace(const char *call, const struct names *names,
                          const struct cred_request *request)
{
    trace("%s package=%s principal=%s use=%s%s identity=%s", call,
          names->package ? names->package : "(none)",
          names->principal ? names->principal : "(default)",
          request->use & SECPKG_CRED_INBOUND ? "in" : "",
          request->use & SECPKG_CRED_OUTBOUND ? "out" : "",
          request->auth_data ? "given" : "ambient");
}

/*
 * A LUID names a logon session. The caller's own is zero, as for LsaCallAuthenticationPackage;
 * those of others are what SE_TCB_NAME opens on Windows, and nothing does here.
 */
static SECURITY_STATUS logon_check(const void *logon_id)
{
    static const LUID own = {0, 0};

    if (logon_id == NULL || memcmp(logon_id, &own, sizeof(own)) == 0)
        return SEC_E_OK;
    return native_refuse(
        SEC_E_NOT_OWNER,
        "pvLogonID names another logon session: credentials are of one's own alone");
}

static SECURITY_STATUS credential_acquire(const void *principal, const void *package,
                                          const void *logon_id, struct cred_request *request,
                                          PCredHandle handle, PTimeStamp expiry)
{
    struct names names;
    SECURITY_STATUS status;

    native_error_clear();
    status = names_read(&names, principal, package, request->wide);
    if (status == SEC_E_OK)
        status = logon_check(logon_id);
    if (status == SEC_E_OK) {
        request->principal = names.principal;
        request_trace("AcquireCredentialsHandle", &names, request);
        timestamp_set(&request->expiry, TIMESTAMP_NEVER);
        status = credential_open(names.package, request, handle);
    }
    if (status == SEC_E_OK && expiry != NULL)
        timestamp_copy(expiry, &request->expiry);
    names_free(&names);
    return trace_result("AcquireCredentialsHandle", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage, ULONG fCredentialUse,
                          PVOID pvLogonID, PVOID pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                          PVOID pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    struct cred_request request = {.use = fCredentialUse, .auth_data = pAuthData, .wide = false};

    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    return credential_acquire(pszPrincipal, pszPackage, pvLogonID, &request, phCredential,
                              ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY
AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage, ULONG fCredentialUse,
                          PVOID pvLogonID, PVOID pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                          PVOID pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    struct cred_request request = {.use = fCredentialUse, .auth_data = pAuthData, .wide = true};

    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    return credential_acquire(pszPrincipal, pszPackage, pvLogonID, &request, phCredential,
                              ptsExpiry);
}

static SECURITY_STATUS credential_extend(struct cred *cred, const char *package_name,
                                         struct cred_request *request)
{
    const struct package *package =
        package_name == NULL ? cred->package : package_wanted(package_name);

    if (package == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    if (!use_take(request))
        return SEC_E_UNKNOWN_CREDENTIALS;
    timestamp_set(&request->expiry, TIMESTAMP_NEVER);
    return package_call(cred, cred_add, cred, package, request);
}

static SECURITY_STATUS credential_add(PCredHandle handle, const void *principal,
                                      const void *package, struct cred_request *request,
                                      PTimeStamp expiry)
{
    struct cred *cred = api_cred_pin(handle);
    struct names names;
    SECURITY_STATUS status;

    if (cred == NULL)
        return trace_result("AddCredentials", SEC_E_INVALID_HANDLE);
    status = names_read(&names, principal, package, request->wide);
    if (status == SEC_E_OK) {
        request->principal = names.principal;
        request_trace("AddCredentials", &names, request);
        status = credential_extend(cred, names.package, request);
    }
    if (status == SEC_E_OK && expiry != NULL)
        timestamp_copy(expiry, &request->expiry);
    names_free(&names);
    api_cred_unpin(cred);
    return trace_result("AddCredentials", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY AddCredentialsA(PCredHandle hCredentials, SEC_CHAR *pszPrincipal,
                                                   SEC_CHAR *pszPackage, ULONG fCredentialUse,
                                                   PVOID pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                   PVOID pvGetKeyArgument, PTimeStamp ptsExpiry)
{
    struct cred_request request = {.use = fCredentialUse, .auth_data = pAuthData, .wide = false};

    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    return credential_add(hCredentials, pszPrincipal, pszPackage, &request, ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY AddCredentialsW(PCredHandle hCredentials,
                                                   SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
                                                   ULONG fCredentialUse, PVOID pAuthData,
                                                   SEC_GET_KEY_FN pGetKeyFn, PVOID pvGetKeyArgument,
                                                   PTimeStamp ptsExpiry)
{
    struct cred_request request = {.use = fCredentialUse, .auth_data = pAuthData, .wide = true};

    (void)pGetKeyFn;
    (void)pvGetKeyArgument;
    return credential_add(hCredentials, pszPrincipal, pszPackage, &request, ptsExpiry);
}

SSPI_API SECURITY_STATUS SEC_ENTRY FreeCredentialsHandle(PCredHandle phCredential)
{
    SECURITY_STATUS status = handle_close(phCredential, HANDLE_CREDENTIAL);

    if (status != SEC_E_OK)
        cred_missing(phCredential);
    return trace_result("FreeCredentialsHandle", status);
}
