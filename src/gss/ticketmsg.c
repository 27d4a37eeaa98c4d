/* SPDX-License-Identifier: MIT */
/* Messages about tickets: which one it is, its parts, whose tickets it is about. */
#include "gss/ticketmsg.h"

#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "gss/gsspkg.h"

/* Windows tells these by an NTSTATUS, and the rest as they are. */
static const struct {
    SECURITY_STATUS status;
    NTSTATUS nt;
} status_rows[] = {
    {SEC_E_OK, STATUS_SUCCESS},
    {SEC_E_INSUFFICIENT_MEMORY, STATUS_NO_MEMORY},
    {SEC_E_INVALID_PARAMETER, STATUS_INVALID_PARAMETER},
    {SEC_E_INTERNAL_ERROR, STATUS_INTERNAL_ERROR},
    {SEC_E_LOGON_DENIED, STATUS_LOGON_FAILURE},
    {SEC_E_NO_AUTHENTICATING_AUTHORITY, STATUS_NO_LOGON_SERVERS},
    {SEC_E_TARGET_UNKNOWN, STATUS_NO_TRUST_SAM_ACCOUNT},
    {SEC_E_TIME_SKEW, STATUS_TIME_DIFFERENCE_AT_DC},
    {SEC_E_KDC_UNKNOWN_ETYPE, STATUS_KDC_UNKNOWN_ETYPE},
};

NTSTATUS ticket_status(SECURITY_STATUS status)
{
    for (size_t i = 0; i < sizeof(status_rows) / sizeof(*status_rows); i++)
        if (status_rows[i].status == status)
            return status_rows[i].nt;
    return status;
}

/* --- Parts of a message --------------------------------------------------------------------- */

const void *ticket_octets(const struct pkg_message *message, size_t offset, size_t size)
{
    if (offset > message->size || size > message->size - offset)
        return NULL;
    return (const uint8_t *)message->data + offset;
}

NTSTATUS ticket_text(const struct pkg_message *message, const UNICODE_STRING *string, char **text)
{
    const void *octets;
    SEC_WCHAR *units;
    SECURITY_STATUS status;

    *text = NULL;
    if (string->Length == 0)
        return (*text = strdup("")) == NULL ? STATUS_NO_MEMORY : STATUS_SUCCESS;
    octets = ticket_octets(message, (uintptr_t)string->Buffer - message->origin, string->Length);
    if (octets == NULL || string->Length % sizeof(*units) != 0)
        return STATUS_INVALID_PARAMETER;
    units = memory_copy(octets, string->Length); /* which may stand at an odd address */
    if (units == NULL)
        return STATUS_NO_MEMORY;
    status = text_from_utf16(units, string->Length / sizeof(*units), text);
    free(units);
    return ticket_status(status);
}

/* --- Whose tickets -------------------------------------------------------------------------- */

/* A thread that acts for a client has that client's tickets, or none. */
static SECURITY_STATUS tickets_take(struct ticket_call *call)
{
    struct token *token = token_current();

    if (token == NULL)
        return SEC_E_OK;
    call->tickets = gss_token_tickets(token);
    token_unref(token);
    if (call->tickets != NULL)
        return SEC_E_OK;
    native_error_set("the impersonated client has delegated no tickets");
    return SEC_E_NO_CREDENTIALS;
}

char *ticket_cache_name(const struct ticket_call *call)
{
    char *full, *name;

    if (krb5_cc_get_full_name(call->context, call->ccache, &full) != 0)
        return NULL;
    name = strdup(full);
    krb5_free_string(call->context, full);
    return name;
}

static SECURITY_STATUS call_open(struct ticket_call *call)
{
    SECURITY_STATUS status = tickets_take(call);
    krb5_error_code code;

    if (status != SEC_E_OK)
        return status;
    code = krb5_init_context(&call->context);
    if (code == 0)
        code = call->tickets != NULL
                   ? krb5_cc_resolve(call->context, call->tickets->ccache, &call->ccache)
                   : krb5_cc_default(call->context, &call->ccache);
    return krb5_status(GSS_ACQUIRING, "opening the credential cache", call->context, code);
}

static void call_close(struct ticket_call *call)
{
    if (call->ccache != NULL)
        krb5_cc_close(call->context, call->ccache);
    krb5_free_context(call->context);
    if (call->tickets != NULL)
        object_unref(&call->tickets->object);
}

/* --- Which message -------------------------------------------------------------------------- */

/* All of these have the logon session's number behind their type. */
static const struct handler {
    KERB_PROTOCOL_MESSAGE_TYPE type;
    size_t size;      /* of the fixed part */
    NTSTATUS foreign; /* for another's logon session */
    NTSTATUS (*answer)(struct ticket_call *);
} handlers[] = {
    {KerbQueryTicketCacheMessage, sizeof(KERB_QUERY_TKT_CACHE_REQUEST), STATUS_PRIVILEGE_NOT_HELD,
     ticket_query},
    {KerbQueryTicketCacheExMessage, sizeof(KERB_QUERY_TKT_CACHE_REQUEST), STATUS_PRIVILEGE_NOT_HELD,
     ticket_query},
    {KerbQueryTicketCacheEx2Message, sizeof(KERB_QUERY_TKT_CACHE_REQUEST),
     STATUS_PRIVILEGE_NOT_HELD, ticket_query},
    {KerbQueryTicketCacheEx3Message, sizeof(KERB_QUERY_TKT_CACHE_REQUEST),
     STATUS_PRIVILEGE_NOT_HELD, ticket_query},
    {KerbRetrieveTicketMessage, sizeof(KERB_QUERY_TKT_CACHE_REQUEST), STATUS_PRIVILEGE_NOT_HELD,
     ticket_get_tgt},
    {KerbRetrieveEncodedTicketMessage, sizeof(KERB_RETRIEVE_TKT_REQUEST), STATUS_ACCESS_DENIED,
     ticket_get},
    {KerbPurgeTicketCacheMessage, sizeof(KERB_PURGE_TKT_CACHE_REQUEST), STATUS_PRIVILEGE_NOT_HELD,
     ticket_purge},
    {KerbPurgeTicketCacheExMessage, sizeof(KERB_PURGE_TKT_CACHE_EX_REQUEST),
     STATUS_PRIVILEGE_NOT_HELD, ticket_purge_ex},
    {KerbSubmitTicketMessage, sizeof(KERB_SUBMIT_TKT_REQUEST), STATUS_PRIVILEGE_NOT_HELD,
     ticket_submit},
};

static const struct handler *handler_find(ULONG type)
{
    for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++)
        if ((ULONG)handlers[i].type == type)
            return &handlers[i];
    return NULL;
}

static NTSTATUS handler_run(const struct handler *handler, const struct pkg_message *message,
                            struct blob *reply)
{
    struct ticket_call call = {.message = message, .reply = reply};
    const LUID *session;
    NTSTATUS status;

    if (message->size < handler->size)
        return STATUS_INVALID_PARAMETER;
    session = &((const KERB_QUERY_TKT_CACHE_REQUEST *)message->data)->LogonId;
    if (session->LowPart != 0 || session->HighPart != 0)
        return handler->foreign;
    status = ticket_status(call_open(&call));
    if (status == STATUS_SUCCESS)
        status = handler->answer(&call);
    call_close(&call);
    return status;
}

NTSTATUS gsspkg_call(const struct package *package, const struct pkg_message *message,
                     struct blob *reply)
{
    const struct handler *handler;
    ULONG type;

    native_error_clear();
    memcpy(&type, message->data, sizeof(type));
    handler = handler_find(type);
    if (gsspkg_kind(package)->mechs != IDENTITY_MECH_KERBEROS)
        return STATUS_NOT_SUPPORTED;
    if (type > KerbRetrieveKeyTabMessage)
        return STATUS_INVALID_PARAMETER;
    if (handler != NULL)
        return handler_run(handler, message, reply);
    native_error_set("Kerberos' message %u asks for what this library does not do", type);
    return STATUS_NOT_SUPPORTED;
}
