/* SPDX-License-Identifier: MIT */
/* Tickets from elsewhere: a KRB-CRED (RFC 4120 5.8) goes into the cache. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/native.h"
#include "gss/gsspkg.h"
#include "gss/krbcred.h"
#include "gss/ticketmsg.h"

static NTSTATUS submit_status(const struct ticket_call *call, krb5_error_code code)
{
    return ticket_status(
        krb5_status(GSS_ACQUIRING, "storing submitted tickets", call->context, code));
}

/* All of one client, each with a session key of its type's length, and none that has ended. */
static NTSTATUS creds_check(krb5_context context, krb5_creds *const *creds)
{
    size_t length;

    if (creds[0] == NULL)
        return STATUS_INVALID_PARAMETER;
    for (size_t i = 0; creds[i] != NULL; i++) {
        const krb5_keyblock *key = &creds[i]->keyblock;

        if (creds[i]->client == NULL || creds[i]->server == NULL ||
            krb5_is_config_principal(context, creds[i]->server) ||
            !krb5_principal_compare(context, creds[i]->client, creds[0]->client) ||
            krb5_c_keylengths(context, key->enctype, NULL, &length) != 0 || key->length != length)
            return STATUS_INVALID_PARAMETER;
        if ((time_t)(uint32_t)creds[i]->times.endtime <= time(NULL)) {
            native_error_set("a submitted ticket has ended");
            return STATUS_TIME_DIFFERENCE_AT_DC;
        }
    }
    return STATUS_SUCCESS;
}

/* --- Storing -------------------------------------------------------------------------------- */

/* Whether the cache has somebody else's tickets, which are not to be lost. */
static krb5_error_code cache_is_others(struct ticket_call *call, krb5_const_principal client,
                                       bool *fresh, bool *others)
{
    struct ticket_list list;
    krb5_principal owner;
    krb5_error_code code = krb5_cc_get_principal(call->context, call->ccache, &owner);

    *fresh = code != 0;
    *others = false;
    if (code != 0)
        return code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND ? 0 : code;
    *fresh = !krb5_principal_compare(call->context, owner, client);
    krb5_free_principal(call->context, owner);
    if (!*fresh)
        return 0;
    code = ticket_list_read(call->context, call->ccache, &list);
    *others = list.count != 0;
    ticket_list_free(call->context, &list);
    return code;
}

/* A new ticket stands in place of older ones for the same server. */
static krb5_error_code creds_store(struct ticket_call *call, krb5_creds *const *creds)
{
    krb5_error_code code = 0;

    for (size_t i = 0; code == 0 && creds[i] != NULL; i++) {
        krb5_cc_remove_cred(call->context, call->ccache, 0, creds[i]);
        code = krb5_cc_store_cred(call->context, call->ccache, creds[i]);
    }
    return code;
}

static NTSTATUS creds_submit(struct ticket_call *call, krb5_creds *const *creds)
{
    bool fresh, others;
    krb5_error_code code = cache_is_others(call, creds[0]->client, &fresh, &others);

    if (code == 0 && others) {
        native_error_set("the credential cache has tickets of another client: purge them first");
        return STATUS_LOGON_SESSION_COLLISION;
    }
    if (code == 0 && fresh)
        code = krb5_cc_initialize(call->context, call->ccache, creds[0]->client);
    if (code == 0)
        code = creds_store(call, creds);
    return submit_status(call, code);
}

NTSTATUS ticket_submit(struct ticket_call *call)
{
    const KERB_SUBMIT_TKT_REQUEST *request = call->message->data;
    const void *octets =
        ticket_octets(call->message, request->KerbCredOffset, request->KerbCredSize);
    const krb5_keyblock key = {.enctype = request->Key.KeyType,
                               .length = request->Key.Length,
                               .contents = (krb5_octet *)(uintptr_t)ticket_octets(
                                   call->message, request->Key.Offset, request->Key.Length)};
    const krb5_data cred = {.length = request->KerbCredSize, .data = (char *)(uintptr_t)octets};
    krb5_creds **creds = NULL;
    krb5_error_code code;
    NTSTATUS status;

    if (octets == NULL || cred.length == 0 || key.contents == NULL || request->Flags != 0)
        return STATUS_INVALID_PARAMETER;
    code = krbcred_read(call->context, key.length == 0 ? NULL : &key, &cred, &creds);
    if (code == ENOMEM)
        return STATUS_NO_MEMORY;
    if (code != 0) {
        (void)submit_status(call, code); /* for its text */
        return STATUS_INVALID_PARAMETER;
    }
    status = creds_check(call->context, creds);
    if (status == STATUS_SUCCESS)
        status = creds_submit(call, creds);
    krb5_free_tgt_creds(call->context, creds);
    return status;
}
