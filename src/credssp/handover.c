/* SPDX-License-Identifier: MIT */
/* Credentials that were handed over: as octets, and as a token to act with. */
#include "credssp/handover.h"

#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <ntsecapi.h>

#include "core/native.h"
#include "core/text.h"
#include "core/token.h"
#include "credssp/credssp.h"

static bool has_password(const struct tscreds *creds)
{
    return creds->type == TSCREDS_PASSWORD && creds->u.password.user[0] != '\0';
}

static SECURITY_STATUS refuse(const struct tscreds *creds)
{
    bool other = creds->type != 0 && creds->type != TSCREDS_PASSWORD;

    native_error_set(other ? "the client has handed over credentials of another kind"
                           : "the client has handed over no credentials");
    return other ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_NO_CREDENTIALS;
}

/* --- As octets ------------------------------------------------------------------------------ */

static SECURITY_STATUS text_pack(struct blob *packed, const char *text, UNICODE_STRING *string)
{
    SEC_WCHAR *units;
    size_t count, at = packed->size;
    SECURITY_STATUS status = text_to_w(text, &units, &count);

    if (status != SEC_E_OK)
        return status;
    if (!blob_append(packed, units, count * sizeof(*units)))
        status = SEC_E_INSUFFICIENT_MEMORY;
    memory_wipe_free(units);
    string->Length = string->MaximumLength = (USHORT)(count * sizeof(*units));
    string->Buffer = (PWSTR)(uintptr_t)at;
    return status;
}

SECURITY_STATUS handover_pack(const struct tscreds *creds, struct blob *packed)
{
    KERB_INTERACTIVE_LOGON logon = {.MessageType = KerbInteractiveLogon};
    SECURITY_STATUS status;

    *packed = (struct blob){NULL, 0};
    if (!has_password(creds))
        return refuse(creds);
    status = blob_append(packed, &logon, sizeof(logon)) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.password.domain, &logon.LogonDomainName);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.password.user, &logon.UserName);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.password.password, &logon.Password);
    if (status == SEC_E_OK)
        memcpy(packed->data, &logon, sizeof(logon));
    else
        blob_wipe(packed);
    return status;
}

/* --- As a token ----------------------------------------------------------------------------- */

static SECURITY_STATUS cred_make(const struct tscreds *creds, const struct package *package,
                                 struct cred **made)
{
    const char *domain = creds->u.password.domain, *user = creds->u.password.user;
    const char *password = creds->u.password.password;
    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = (unsigned char *)(uintptr_t)user,
        .UserLength = (ULONG)strlen(user),
        .Domain = (unsigned char *)(uintptr_t)domain,
        .DomainLength = (ULONG)strlen(domain),
        .Password = (unsigned char *)(uintptr_t)password,
        .PasswordLength = (ULONG)strlen(password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
    struct cred_request request = {.use = SECPKG_CRED_OUTBOUND, .auth_data = &identity};

    return package->ops->cred_acquire(package, &request, made);
}

SECURITY_STATUS handover_token(const struct tscreds *creds, struct ctx *negotiate,
                               struct token **out)
{
    struct token *client;
    struct cred *cred = NULL;
    SECURITY_STATUS status = package_call(negotiate, ctx_token, negotiate, &client);

    if (status != SEC_E_OK || !has_password(creds)) {
        *out = status == SEC_E_OK ? client : NULL;
        return status;
    }
    status = cred_make(creds, negotiate->package, &cred);
    if (status == SEC_E_OK) {
        *out = token_new(&(struct token_init){.user_name = token_user_name(client),
                                              .sid = token_user_sid(client),
                                              .delegated = &cred->handled.object});
        status = *out == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
        object_unref(&cred->handled.object);
    }
    token_unref(client);
    return status;
}

SECURITY_STATUS credssp_ctx_token(struct ctx *base, struct token **out)
{
    struct credssp_ctx *ctx = (struct credssp_ctx *)base;

    return handover_token(&ctx->creds, ctx->negotiate, out);
}
