/* SPDX-License-Identifier: MIT */
/* Passwords, named or saved; the PIN of a smart card; tickets and the like for Remote Credential
 * Guard. */
#include "credssp/submit.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <ntsecapi.h>
#include <sspi_linux.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "credssp/saved.h"

static SECURITY_STATUS refuse(SECURITY_STATUS status, const char *why)
{
    native_error_set("credentials to hand over: %s", why);
    return status;
}

/* Text of a caller that is none is no credential. */
static SECURITY_STATUS text_result(SECURITY_STATUS status)
{
    return status == SEC_E_INVALID_PARAMETER
               ? refuse(SEC_E_UNKNOWN_CREDENTIALS, "a text that is not UTF-16")
               : status;
}

/* --- Passwords ------------------------------------------------------------------------------ */

static SECURITY_STATUS text_copy(const char *text, char **copy)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text != NULL && *copy == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS password_take(const struct identity *identity, struct tscreds *creds)
{
    SECURITY_STATUS status;

    if (identity->password == NULL)
        return SEC_E_OK;
    creds->type = TSCREDS_PASSWORD;
    status = text_copy(identity->domain, &creds->u.password.domain);
    if (status == SEC_E_OK)
        status = text_copy(identity->user, &creds->u.password.user);
    if (status == SEC_E_OK)
        status = text_copy(identity->password, &creds->u.password.password);
    return status;
}

static SECURITY_STATUS password_read(const void *data, bool wide, struct submit *submit)
{
    struct identity *identity;
    SECURITY_STATUS status = identity_read(data, wide, &identity);

    if (status != SEC_E_OK)
        return status;
    submit->kind = identity->explicit ? POLICY_FRESH : POLICY_DEFAULT;
    if (identity->explicit && identity->password == NULL && identity->nt_hash == NULL) {
        status = saved_find(identity);
        if (identity->password != NULL)
            submit->kind = POLICY_SAVED;
    }
    if (status == SEC_E_OK)
        status = password_take(identity, &submit->creds);
    if (submit->kind == POLICY_SAVED)
        submit->saved = identity;
    else
        identity_free(identity);
    return status;
}

/* --- Smart cards ---------------------------------------------------------------------------- */

static SECURITY_STATUS unicode_read(const UNICODE_STRING *string, char **text)
{
    if (string->Buffer == NULL && string->Length != 0)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "a text without octets");
    return text_result(
        text_from_utf16(string->Buffer, string->Length / sizeof(*string->Buffer), text));
}

#define CSP_TEXT offsetof(KERB_SMARTCARD_CSP_INFO, bBuffer)

/* A name of the card's, ended by a zero; an empty one is none. */
static SECURITY_STATUS csp_text(const KERB_CERTIFICATE_LOGON *logon, ULONG offset, char **text)
{
    size_t count = (logon->CspDataLength - CSP_TEXT) / sizeof(SEC_WCHAR), length = 0;
    SEC_WCHAR *units = memory_copy(logon->CspData + CSP_TEXT, count * sizeof(SEC_WCHAR));
    SECURITY_STATUS status = SEC_E_OK;

    if (units == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    while (offset < count && offset + length < count && units[offset + length] != 0)
        length++;
    if (offset >= count || offset + length == count)
        status = refuse(SEC_E_UNKNOWN_CREDENTIALS, "a name outside the card's data");
    else if (length != 0)
        status = text_result(text_from_utf16(units + offset, length, text));
    memory_wipe_free(units);
    return status;
}

static SECURITY_STATUS csp_read(const KERB_CERTIFICATE_LOGON *logon, struct tscreds *creds)
{
    KERB_SMARTCARD_CSP_INFO info = {.MessageType = 0};
    SECURITY_STATUS status;

    if (logon->CspData == NULL || logon->CspDataLength < CSP_TEXT)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "no data of the card");
    memcpy(&info, logon->CspData, CSP_TEXT);
    if (info.dwCspInfoLen != logon->CspDataLength)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "the card's data say another size");
    creds->u.smartcard.key_spec = info.KeySpec;
    status = csp_text(logon, info.nCardNameOffset, &creds->u.smartcard.card);
    if (status == SEC_E_OK)
        status = csp_text(logon, info.nReaderNameOffset, &creds->u.smartcard.reader);
    if (status == SEC_E_OK)
        status = csp_text(logon, info.nContainerNameOffset, &creds->u.smartcard.container);
    if (status == SEC_E_OK)
        status = csp_text(logon, info.nCSPNameOffset, &creds->u.smartcard.provider);
    return status;
}

static SECURITY_STATUS smartcard_read(const void *data, bool wide, struct submit *submit)
{
    const KERB_CERTIFICATE_LOGON *logon = data;
    struct tscreds *creds = &submit->creds;
    SECURITY_STATUS status;

    (void)wide; /* its text is UTF-16 in both forms */
    if (logon == NULL || logon->MessageType != KerbCertificateLogon)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "pSpnegoCred is no KERB_CERTIFICATE_LOGON");
    submit->kind = POLICY_FRESH;
    creds->type = TSCREDS_SMARTCARD;
    status = unicode_read(&logon->Pin, &creds->u.smartcard.pin);
    if (status == SEC_E_OK)
        status = unicode_read(&logon->UserName, &creds->u.smartcard.user_hint);
    if (status == SEC_E_OK)
        status = unicode_read(&logon->DomainName, &creds->u.smartcard.domain_hint);
    return status == SEC_E_OK ? csp_read(logon, creds) : status;
}

/* --- Remote Credential Guard ---------------------------------------------------------------- */

/* What fits into a message with some room to spare for what is around it. */
#define GUARD_MAX (TSCREDS_MAX - 4096)

static SECURITY_STATUS guard_one(const struct sspi_guard_credential *from,
                                 struct tscreds_guard *guard, size_t *left)
{
    SECURITY_STATUS status;

    if (from->package == NULL || (from->data == NULL && from->size != 0) || from->size > *left)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "a package's are not there, or too large");
    *left -= from->size;
    status = text_from_a(from->package, &guard->package);
    if (status != SEC_E_OK)
        return text_result(status);
    guard->octets = (struct blob){memory_copy(from->data, from->size), from->size};
    return guard->octets.data == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS guard_read(const void *data, bool wide, struct submit *submit)
{
    const struct sspi_guard_credentials *guard = data;
    struct tscreds *creds = &submit->creds;
    size_t left = GUARD_MAX, others;
    SECURITY_STATUS status;

    (void)wide; /* its text is UTF-8 in both forms */
    if (guard == NULL || guard->list == NULL || guard->count == 0 || guard->count > GUARD_MAX)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "pSpnegoCred is no sspi_guard_credentials");
    others = guard->count - 1;
    submit->kind = POLICY_DEFAULT;
    creds->type = TSCREDS_REMOTE_GUARD;
    status = guard_one(&guard->list[0], &creds->u.guard.logon, &left);
    if (status != SEC_E_OK || others == 0)
        return status;
    creds->u.guard.supplemental = calloc(others, sizeof(struct tscreds_guard));
    if (creds->u.guard.supplemental == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    creds->u.guard.supplemental_count = (unsigned)others;
    for (size_t i = 0; status == SEC_E_OK && i < others; i++)
        status = guard_one(&guard->list[i + 1], &creds->u.guard.supplemental[i], &left);
    return status;
}

/* --- All of them ---------------------------------------------------------------------------- */

static const struct kind {
    CREDSPP_SUBMIT_TYPE type;
    bool redirected; /* by CREDSSP_FLAG_REDIRECT */
    SECURITY_STATUS (*read)(const void *, bool wide, struct submit *);
} kinds[] = {
    {CredsspPasswordCreds, false, password_read},
    {CredsspSchannelCreds, false, password_read},
    {CredsspSubmitBufferBoth, false, password_read},
    {CredsspSubmitBufferBothOld, false, password_read},
    {CredsspCertificateCreds, false, smartcard_read},
    {SSPI_CREDSSP_REMOTE_GUARD, true, guard_read},
};

static const struct kind *kind_find(CREDSPP_SUBMIT_TYPE type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

SECURITY_STATUS submit_read(const CREDSSP_CRED *auth, bool redirected,
                            const struct cred_request *request, struct submit *submit)
{
    const struct kind *kind = kind_find(auth->Type);
    SECURITY_STATUS status;

    *submit = (struct submit){.kind = POLICY_FRESH};
    if (kind == NULL)
        return refuse(SEC_E_UNKNOWN_CREDENTIALS, "a type that is none");
    if (kind->redirected != redirected)
        return refuse(SEC_E_UNSUPPORTED_FUNCTION,
                      "CREDSSP_FLAG_REDIRECT goes with sspi_guard_credentials, and they with it");
    if (!(request->use & SECPKG_CRED_OUTBOUND))
        return kind->read == password_read
                   ? SEC_E_OK
                   : refuse(SEC_E_UNSUPPORTED_FUNCTION, "a server has none");
    status = kind->read(auth->pSpnegoCred, request->wide, submit);
    if (status != SEC_E_OK)
        submit_wipe(submit);
    return status;
}

/* The list that allows what an identity's own did. */
static const char *package_list(unsigned mechs)
{
    return mechs == IDENTITY_MECH_KERBEROS ? "kerberos"
           : mechs == IDENTITY_MECH_NTLM   ? "ntlm"
                                           : NULL;
}

static unsigned char *octets_of(const char *text, ULONG *length)
{
    *length = text == NULL ? 0 : (ULONG)strlen(text);
    return (unsigned char *)(uintptr_t)text;
}

const void *submit_logon(const struct submit *submit, const CREDSSP_CRED *auth,
                         SEC_WINNT_AUTH_IDENTITY_EXA *room)
{
    const struct identity *saved = submit->saved;

    if (submit->creds.type == TSCREDS_SMARTCARD || submit->creds.type == TSCREDS_REMOTE_GUARD)
        return NULL;
    if (saved == NULL)
        return auth->pSpnegoCred;
    *room = (SEC_WINNT_AUTH_IDENTITY_EXA){.Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
                                          .Length = sizeof(*room),
                                          .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    room->User = octets_of(saved->user, &room->UserLength);
    room->Domain = octets_of(saved->domain, &room->DomainLength);
    room->Password = octets_of(saved->password, &room->PasswordLength);
    room->PackageList = octets_of(package_list(saved->mechs), &room->PackageListLength);
    return room;
}

void submit_wipe(struct submit *submit)
{
    tscreds_wipe(&submit->creds);
    identity_free(submit->saved);
    submit->saved = NULL;
}
