/* SPDX-License-Identifier: MIT */
/* Credentials that were handed over: as octets, and as a token to act with. */
#include "credssp/handover.h"

#include <stddef.h>
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

static SECURITY_STATUS refuse(bool other)
{
    native_error_set(other ? "the client has handed over credentials of another kind"
                           : "the client has handed over no credentials");
    return other ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_NO_CREDENTIALS;
}

/* --- As octets ------------------------------------------------------------------------------ */

/* Where in the block a thing is, in the place of a pointer to it. */
static void *offset_of(size_t offset)
{
    return (void *)(uintptr_t)offset;
}

/* UTF-16 at the end; a text that is not there is empty. ended: a zero follows it. */
static SECURITY_STATUS text_append(struct blob *packed, const char *text, bool ended, size_t *size)
{
    SEC_WCHAR *units;
    SECURITY_STATUS status = text_to_w(text == NULL ? "" : text, &units, size);

    if (status != SEC_E_OK)
        return status;
    *size *= sizeof(*units);
    if (!blob_append(packed, units, *size + (ended ? sizeof(*units) : 0)))
        status = SEC_E_INSUFFICIENT_MEMORY;
    memory_wipe_free(units);
    return status;
}

static SECURITY_STATUS text_pack(struct blob *packed, const char *text, UNICODE_STRING *string)
{
    size_t at = packed->size, size = 0;
    SECURITY_STATUS status = text_append(packed, text, false, &size);

    string->Length = string->MaximumLength = (USHORT)size;
    string->Buffer = offset_of(at);
    return status;
}

static SECURITY_STATUS password_pack(const struct tscreds *creds, struct blob *packed)
{
    KERB_INTERACTIVE_LOGON logon = {.MessageType = KerbInteractiveLogon};
    SECURITY_STATUS status =
        blob_append(packed, &logon, sizeof(logon)) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;

    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.password.domain, &logon.LogonDomainName);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.password.user, &logon.UserName);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.password.password, &logon.Password);
    if (status == SEC_E_OK)
        memcpy(packed->data, &logon, sizeof(logon));
    return status;
}

#define CSP_TEXT offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer)

/* A name of the card's; offsets count characters. */
static SECURITY_STATUS csp_text(struct blob *csp, const char *text, ULONG *offset)
{
    size_t size;

    *offset = (ULONG)((csp->size - CSP_TEXT) / sizeof(SEC_WCHAR));
    return text_append(csp, text, true, &size);
}

static SECURITY_STATUS csp_pack(const struct tscreds *creds, struct blob *csp)
{
    KERB_SMARTCARD_CSP_INFO info = {.MessageType = 1, .KeySpec = creds->u.smartcard.key_spec};
    SECURITY_STATUS status =
        blob_append(csp, &info, CSP_TEXT) ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;

    if (status == SEC_E_OK)
        status = csp_text(csp, creds->u.smartcard.card, &info.nCardNameOffset);
    if (status == SEC_E_OK)
        status = csp_text(csp, creds->u.smartcard.reader, &info.nReaderNameOffset);
    if (status == SEC_E_OK)
        status = csp_text(csp, creds->u.smartcard.container, &info.nContainerNameOffset);
    if (status == SEC_E_OK)
        status = csp_text(csp, creds->u.smartcard.provider, &info.nCSPNameOffset);
    info.dwCspInfoLen = (DWORD)csp->size;
    if (status == SEC_E_OK)
        memcpy(csp->data, &info, CSP_TEXT);
    return status;
}

static SECURITY_STATUS smartcard_pack(const struct tscreds *creds, struct blob *packed)
{
    KERB_CERTIFICATE_LOGON logon = {.MessageType = KerbCertificateLogon};
    struct blob csp = {NULL, 0};
    SECURITY_STATUS status = csp_pack(creds, &csp);

    logon.CspData = offset_of(sizeof(logon));
    logon.CspDataLength = (ULONG)csp.size;
    if (status == SEC_E_OK &&
        !(blob_append(packed, &logon, sizeof(logon)) && blob_append(packed, csp.data, csp.size)))
        status = SEC_E_INSUFFICIENT_MEMORY;
    blob_wipe(&csp);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.smartcard.domain_hint, &logon.DomainName);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.smartcard.user_hint, &logon.UserName);
    if (status == SEC_E_OK)
        status = text_pack(packed, creds->u.smartcard.pin, &logon.Pin);
    if (status == SEC_E_OK)
        memcpy(packed->data, &logon, sizeof(logon));
    return status;
}

SECURITY_STATUS handover_pack(const struct tscreds *creds, struct blob *packed)
{
    SECURITY_STATUS status;

    *packed = (struct blob){NULL, 0};
    if (has_password(creds))
        status = password_pack(creds, packed);
    else if (creds->type == TSCREDS_SMARTCARD)
        status = smartcard_pack(creds, packed);
    else
        return refuse(creds->type == TSCREDS_REMOTE_GUARD);
    if (status != SEC_E_OK)
        blob_wipe(packed);
    return status;
}

/* --- Remote Credential Guard ---------------------------------------------------------------- */

static const struct tscreds_guard *guard_at(const struct tscreds *creds, size_t i)
{
    return i == 0 ? &creds->u.guard.logon : &creds->u.guard.supplemental[i - 1];
}

/* What the structures point to, behind them; the last row tells how large it all is. */
static size_t guard_size(const struct tscreds *creds, size_t count)
{
    size_t size = count * sizeof(struct sspi_guard_credential);

    for (size_t i = 0; i < count; i++)
        size += guard_at(creds, i)->octets.size + strlen(guard_at(creds, i)->package) + 1;
    return size;
}

SECURITY_STATUS handover_guard(const struct tscreds *creds, struct sspi_guard_credentials *out)
{
    size_t count = 1 + (size_t)creds->u.guard.supplemental_count;
    struct sspi_guard_credential *list;
    char *at;

    if (creds->type != TSCREDS_REMOTE_GUARD)
        return refuse(creds->type == TSCREDS_SMARTCARD || has_password(creds));
    list = calloc(1, guard_size(creds, count));
    if (list == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    at = (char *)(list + count);
    for (size_t i = 0; i < count; i++) {
        const struct tscreds_guard *from = guard_at(creds, i);

        list[i] = (struct sspi_guard_credential){at + from->octets.size, at, from->octets.size};
        memcpy(at, from->octets.data, from->octets.size);
        at += from->octets.size;
        at = stpcpy(at, from->package) + 1;
    }
    *out = (struct sspi_guard_credentials){count, list};
    return SEC_E_OK;
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
