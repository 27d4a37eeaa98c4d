/* SPDX-License-Identifier: MIT */
/* ChangeAccountPassword by the Kerberos password protocol, RFC 3244: a ticket for kadmin/changepw
 * with the old password, then the request to kpasswd. Both ask the network, so they run on a
 * worker. */
#include <krb5.h>
#include <ntstatus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/worker.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"

static const char changepw_service[] = "kadmin/changepw";

struct change {
    struct worker_job job;
    struct identity identity;
    char *new_password;
    SECURITY_STATUS status;
    char native[NATIVE_ERROR_SIZE];
};

/*
 * RFC 3244 2: the result codes of the password server. Windows returns an NTSTATUS ([MS-ERREF]
 * 2.3.1) for a password that the policy refuses.
 */
static const struct {
    int code;
    SECURITY_STATUS status;
} result_rows[] = {
    {KRB5_KPASSWD_SUCCESS, SEC_E_OK},
    {KRB5_KPASSWD_MALFORMED, SEC_E_INVALID_TOKEN},
    {KRB5_KPASSWD_HARDERROR, SEC_E_INTERNAL_ERROR},
    {KRB5_KPASSWD_AUTHERROR, SEC_E_LOGON_DENIED},
    {KRB5_KPASSWD_SOFTERROR, STATUS_PASSWORD_RESTRICTION}, /* policy */
    {KRB5_KPASSWD_ACCESSDENIED, SEC_E_LOGON_DENIED},
    {KRB5_KPASSWD_INITIAL_FLAG_NEEDED, SEC_E_LOGON_DENIED},
};

static SECURITY_STATUS result_status(krb5_context context, int code, const krb5_data *code_text,
                                     const krb5_data *text)
{
    char *message = NULL;

    if (code != KRB5_KPASSWD_SUCCESS) {
        if (krb5_chpw_message(context, text, &message) == 0)
            native_error_set("kpasswd: %.*s: %s", (int)code_text->length, code_text->data, message);
        krb5_free_string(context, message);
    }
    for (size_t i = 0; i < sizeof(result_rows) / sizeof(*result_rows); i++)
        if (result_rows[i].code == code)
            return result_rows[i].status;
    return SEC_E_INTERNAL_ERROR;
}

static SECURITY_STATUS change_with_ticket(krb5_context context, struct change *change,
                                          krb5_creds *creds)
{
    krb5_data code_text = {0}, text = {0};
    int result = 0;
    krb5_error_code code =
        krb5_change_password(context, creds, change->new_password, &result, &code_text, &text);
    SECURITY_STATUS status = krb5_status(GSS_INITIATING, "krb5_change_password", context, code);

    if (status == SEC_E_OK)
        status = result_status(context, result, &code_text, &text);
    krb5_free_data_contents(context, &code_text);
    krb5_free_data_contents(context, &text);
    return status;
}

static SECURITY_STATUS change_try(krb5_context context, struct change *change)
{
    char *principal = NULL;
    krb5_principal client = NULL;
    krb5_creds creds;
    krb5_error_code code = krbconf_principal(context, &change->identity, &principal);
    SECURITY_STATUS status;

    memset(&creds, 0, sizeof(creds));
    if (code == 0)
        code = krb5_parse_name(context, principal, &client);
    if (code == 0 && *change->identity.password == '\0')
        code = KRB5_LIBOS_CANTREADPWD;
    if (code == 0)
        code = krb5_get_init_creds_password(context, &creds, client, change->identity.password,
                                            NULL, NULL, 0, changepw_service, NULL);
    status = krb5_status(GSS_INITIATING, "asking the KDC for kadmin/changepw", context, code);
    if (status == SEC_E_OK)
        status = change_with_ticket(context, change, &creds);
    krb5_free_cred_contents(context, &creds);
    krb5_free_principal(context, client);
    free(principal);
    return status;
}

static void change_run(struct worker_job *job)
{
    struct change *change = (struct change *)job;
    krb5_context context = NULL;

    native_error_clear();
    change->status =
        krb5_status(GSS_INITIATING, "krb5_init_context", NULL, krb5_init_context(&context));
    if (change->status == SEC_E_OK)
        change->status = change_try(context, change);
    krb5_free_context(context);
    snprintf(change->native, sizeof(change->native), "%s", native_error_get());
}

static void change_destroy(struct worker_job *job)
{
    struct change *change = (struct change *)job;

    string_wipe_free(change->identity.user);
    string_wipe_free(change->identity.domain);
    string_wipe_free(change->identity.password);
    string_wipe_free(change->new_password);
    memory_wipe_free(change);
}

static const struct worker_class change_class = {change_run, change_destroy};

static char *copy_or_null(const char *text)
{
    return text == NULL || *text == '\0' ? NULL : strdup(text);
}

SECURITY_STATUS gsspkg_password_change(const struct package *package,
                                       const struct password_change *request)
{
    struct change *change;
    SECURITY_STATUS status;

    native_error_clear();
    if (!(gsspkg_kind(package)->mechs & IDENTITY_MECH_KERBEROS))
        return SEC_E_UNSUPPORTED_FUNCTION; /* NTLM changes passwords over SAMR, which is not here */
    if (request->account == NULL || *request->account == '\0' || request->old_password == NULL ||
        request->new_password == NULL)
        return SEC_E_INVALID_PARAMETER;
    change = calloc(1, sizeof(*change));
    if (change == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    change->job.class = &change_class;
    change->identity.user = strdup(request->account);
    change->identity.domain = copy_or_null(request->domain);
    change->identity.password = strdup(request->old_password);
    change->new_password = strdup(request->new_password);
    if (change->identity.user == NULL || change->identity.password == NULL ||
        change->new_password == NULL)
        status = SEC_E_INSUFFICIENT_MEMORY;
    else
        status = identity_split_name(&change->identity);
    if (status != SEC_E_OK) {
        change_destroy(&change->job);
        return status;
    }
    switch (worker_run(&change->job, krbconf_kdc_timeout())) {
    case WORKER_REFUSED:
        native_error_set("no thread can be started to ask kpasswd");
        return SEC_E_INSUFFICIENT_MEMORY;
    case WORKER_TIMED_OUT:
        native_error_set("no answer from a KDC or kpasswd within %u ms (SSPI_KDC_TIMEOUT)",
                         krbconf_kdc_timeout());
        return SEC_E_NO_AUTHENTICATING_AUTHORITY;
    case WORKER_DONE:
        break;
    }
    status = change->status;
    if (change->native[0] != '\0')
        native_error_set("%s", change->native);
    change_destroy(&change->job);
    buffer_token_clear(request->out);
    return status;
}
