/* SPDX-License-Identifier: MIT */
/* The tickets of a cache: told, and taken out of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "gss/gsspkg.h"
#include "gss/ticketmsg.h"

/* --- Lists ---------------------------------------------------------------------------------- */

/* Takes the contents of creds over. */
static krb5_error_code list_add(struct ticket_list *list, const krb5_creds *creds)
{
    krb5_creds *more = reallocarray(list->creds, list->count + 1, sizeof(*more));

    if (more == NULL)
        return ENOMEM;
    list->creds = more;
    list->creds[list->count++] = *creds;
    return 0;
}

static krb5_error_code list_walk(krb5_context context, krb5_ccache ccache, struct ticket_list *list)
{
    krb5_cc_cursor cursor;
    krb5_creds creds;
    krb5_error_code code = krb5_cc_start_seq_get(context, ccache, &cursor);

    if (code != 0)
        return code;
    while (code == 0 && (code = krb5_cc_next_cred(context, ccache, &cursor, &creds)) == 0) {
        bool kept = !krb5_is_config_principal(context, creds.server);

        if (kept)
            code = list_add(list, &creds);
        if (!kept || code != 0)
            krb5_free_cred_contents(context, &creds);
    }
    krb5_cc_end_seq_get(context, ccache, &cursor);
    return code == KRB5_CC_END ? 0 : code;
}

krb5_error_code ticket_list_read(krb5_context context, krb5_ccache ccache, struct ticket_list *list)
{
    krb5_error_code code;

    *list = (struct ticket_list){NULL, 0};
    code = list_walk(context, ccache, list);
    return code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND ? 0 : code;
}

void ticket_list_free(krb5_context context, struct ticket_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        krb5_free_cred_contents(context, &list->creds[i]);
    free(list->creds);
    *list = (struct ticket_list){NULL, 0};
}

static bool data_equal(krb5_data a, krb5_data b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool ticket_is_tgt(const krb5_creds *creds)
{
    static char name[] = KRB5_TGS_NAME;
    const krb5_data tgs = {.length = sizeof(name) - 1, .data = name};

    return creds->server->length == 2 && data_equal(creds->server->data[0], tgs);
}

bool ticket_is_own_tgt(const krb5_creds *creds)
{
    return ticket_is_tgt(creds) && data_equal(creds->server->data[1], creds->client->realm) &&
           data_equal(creds->server->realm, creds->client->realm);
}

char *ticket_name(krb5_context context, krb5_const_principal principal)
{
    char *text, *copy;

    if (krb5_unparse_name_flags(context, principal, KRB5_PRINCIPAL_UNPARSE_NO_REALM, &text) != 0)
        return NULL;
    copy = strdup(text);
    krb5_free_unparsed_name(context, text);
    return copy;
}

static NTSTATUS list_status(const struct ticket_call *call, krb5_error_code code)
{
    return ticket_status(krb5_status(GSS_ACQUIRING, "the credential cache", call->context, code));
}

/* --- Query ---------------------------------------------------------------------------------- */

/*
 * The four kinds of answer. Each entry is a part of the largest: the plain one begins with the
 * server's name, and the others end earlier.
 */
static const struct shape {
    KERB_PROTOCOL_MESSAGE_TYPE type;
    size_t offset, size;
} shapes[] = {
    {KerbQueryTicketCacheMessage, offsetof(KERB_TICKET_CACHE_INFO_EX3, ServerName),
     sizeof(KERB_TICKET_CACHE_INFO)},
    {KerbQueryTicketCacheExMessage, 0, sizeof(KERB_TICKET_CACHE_INFO_EX)},
    {KerbQueryTicketCacheEx2Message, 0, sizeof(KERB_TICKET_CACHE_INFO_EX2)},
    {KerbQueryTicketCacheEx3Message, 0, sizeof(KERB_TICKET_CACHE_INFO_EX3)},
};

_Static_assert(sizeof(KERB_TICKET_CACHE_INFO_EX) -
                           offsetof(KERB_TICKET_CACHE_INFO_EX, ServerName) ==
                       sizeof(KERB_TICKET_CACHE_INFO) &&
                   offsetof(KERB_TICKET_CACHE_INFO_EX3, TicketFlags) ==
                       offsetof(KERB_TICKET_CACHE_INFO_EX, TicketFlags) &&
                   offsetof(KERB_TICKET_CACHE_INFO_EX3, SessionKeyType) ==
                       offsetof(KERB_TICKET_CACHE_INFO_EX2, SessionKeyType),
               "one layout within the other");

struct query {
    const struct shape *shape;
    struct ticket_list list;
};

/* CacheFlags, as klist shows them: the ticket that others are had with. */
#define CACHE_FLAG_PRIMARY 0x1

static void name_layout(struct reply *reply, krb5_const_principal principal, UNICODE_STRING *name,
                        UNICODE_STRING *realm)
{
    char *text = ticket_name(reply->context, principal);

    *name = reply_text(reply, text);
    *realm = reply_counted(reply, principal->realm);
    free(text);
}

static LONG ticket_enctype(krb5_context context, const krb5_creds *creds)
{
    krb5_ticket *ticket;
    LONG type;

    if (krb5_decode_ticket(&creds->ticket, &ticket) != 0)
        return KERB_ETYPE_NULL;
    type = ticket->enc_part.enctype;
    krb5_free_ticket(context, ticket);
    return type;
}

static void entry_layout(struct reply *reply, const krb5_creds *creds,
                         KERB_TICKET_CACHE_INFO_EX3 *info)
{
    const krb5_ticket_times *times = &creds->times;

    memset(info, 0, sizeof(*info));
    name_layout(reply, creds->client, &info->ClientName, &info->ClientRealm);
    name_layout(reply, creds->server, &info->ServerName, &info->ServerRealm);
    info->StartTime = reply_time(times->starttime != 0 ? times->starttime : times->authtime);
    info->EndTime = reply_time(times->endtime);
    info->RenewTime = reply_time(times->renew_till);
    info->EncryptionType = ticket_enctype(reply->context, creds);
    info->TicketFlags = (ULONG)creds->ticket_flags;
    info->SessionKeyType = (ULONG)creds->keyblock.enctype;
    if (ticket_is_own_tgt(creds))
        info->CacheFlags = CACHE_FLAG_PRIMARY;
}

/* Room for one entry at least, since the response's type has one. */
static void query_layout(struct reply *reply, const void *what)
{
    const struct query *query = what;
    const struct shape *shape = query->shape;
    size_t count = query->list.count, head = offsetof(KERB_QUERY_TKT_CACHE_RESPONSE, Tickets);
    uint8_t *room = reply_take(reply, head + (count == 0 ? 1 : count) * shape->size);
    KERB_TICKET_CACHE_INFO_EX3 info;

    if (room != NULL) {
        ((KERB_QUERY_TKT_CACHE_RESPONSE *)(void *)room)->MessageType = shape->type;
        ((KERB_QUERY_TKT_CACHE_RESPONSE *)(void *)room)->CountOfTickets = (ULONG)count;
    }
    for (size_t i = 0; i < count; i++) {
        entry_layout(reply, &query->list.creds[i], &info);
        if (room != NULL)
            memcpy(room + head + i * shape->size, (uint8_t *)&info + shape->offset, shape->size);
    }
}

NTSTATUS ticket_query(struct ticket_call *call)
{
    const KERB_QUERY_TKT_CACHE_REQUEST *request = call->message->data;
    struct query query = {.shape = shapes};
    NTSTATUS status;

    while (query.shape->type != request->MessageType)
        query.shape++;
    status = list_status(call, ticket_list_read(call->context, call->ccache, &query.list));
    if (status == STATUS_SUCCESS)
        status = reply_make(call->context, query_layout, &query, call->reply);
    ticket_list_free(call->context, &query.list);
    return status;
}

/* --- Purge ---------------------------------------------------------------------------------- */

/* Which tickets: those that have all the names; "" is any. */
enum { PURGE_CLIENT, PURGE_CLIENT_REALM, PURGE_SERVER, PURGE_SERVER_REALM, PURGE_NAMES };

struct purge {
    char *names[PURGE_NAMES];
};

static void purge_free(struct purge *purge)
{
    for (int i = 0; i < PURGE_NAMES; i++)
        free(purge->names[i]);
}

static bool purge_any(const struct purge *purge)
{
    for (int i = 0; i < PURGE_NAMES; i++)
        if (*purge->names[i] != '\0')
            return false;
    return true;
}

static bool principal_matches(krb5_context context, krb5_const_principal principal,
                              const char *name, const char *realm)
{
    char *own_name = ticket_name(context, principal);
    char *own_realm = strndup(principal->realm.data, principal->realm.length);
    bool matches = own_name != NULL && own_realm != NULL &&
                   (*name == '\0' || text_equal_nocase(own_name, name)) &&
                   (*realm == '\0' || text_equal_nocase(own_realm, realm));

    free(own_name);
    free(own_realm);
    return matches;
}

static bool purge_matches(krb5_context context, const struct purge *purge, const krb5_creds *creds)
{
    return principal_matches(context, creds->client, purge->names[PURGE_CLIENT],
                             purge->names[PURGE_CLIENT_REALM]) &&
           principal_matches(context, creds->server, purge->names[PURGE_SERVER],
                             purge->names[PURGE_SERVER_REALM]);
}

/* The cache stays, and its owner in it. */
static NTSTATUS purge_all(struct ticket_call *call)
{
    krb5_principal owner;
    krb5_error_code code = krb5_cc_get_principal(call->context, call->ccache, &owner);

    if (code == KRB5_FCC_NOFILE || code == KRB5_CC_NOTFOUND)
        return STATUS_SUCCESS;
    if (code != 0)
        return list_status(call, code);
    code = krb5_cc_initialize(call->context, call->ccache, owner);
    krb5_free_principal(call->context, owner);
    return list_status(call, code);
}

static NTSTATUS purge_some(struct ticket_call *call, const struct purge *purge)
{
    struct ticket_list list;
    krb5_error_code code = ticket_list_read(call->context, call->ccache, &list);
    bool found = false;

    for (size_t i = 0; code == 0 && i < list.count; i++)
        if (purge_matches(call->context, purge, &list.creds[i])) {
            found = true;
            code = krb5_cc_remove_cred(call->context, call->ccache, 0, &list.creds[i]);
        }
    ticket_list_free(call->context, &list);
    if (code == 0 && !found)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return list_status(call, code);
}

static NTSTATUS purge_run(struct ticket_call *call,
                          const UNICODE_STRING *const strings[PURGE_NAMES])
{
    static const UNICODE_STRING any = {0, 0, NULL};
    struct purge purge = {{NULL}};
    NTSTATUS status = STATUS_SUCCESS;

    for (int i = 0; i < PURGE_NAMES && status == STATUS_SUCCESS; i++)
        status =
            ticket_text(call->message, strings[i] == NULL ? &any : strings[i], &purge.names[i]);
    if (status == STATUS_SUCCESS)
        status = purge_any(&purge) ? purge_all(call) : purge_some(call, &purge);
    purge_free(&purge);
    return status;
}

NTSTATUS ticket_purge(struct ticket_call *call)
{
    const KERB_PURGE_TKT_CACHE_REQUEST *request = call->message->data;

    return purge_run(call, (const UNICODE_STRING *const[]){
                               [PURGE_SERVER] = &request->ServerName,
                               [PURGE_SERVER_REALM] = &request->RealmName,
                               [PURGE_CLIENT] = NULL,
                           });
}

NTSTATUS ticket_purge_ex(struct ticket_call *call)
{
    const KERB_PURGE_TKT_CACHE_EX_REQUEST *request = call->message->data;
    const KERB_TICKET_CACHE_INFO_EX *template = &request->TicketTemplate;

    if (request->Flags & ~(ULONG)KERB_PURGE_ALL_TICKETS)
        return STATUS_INVALID_PARAMETER;
    if (request->Flags & KERB_PURGE_ALL_TICKETS)
        return purge_all(call);
    return purge_run(call, (const UNICODE_STRING *const[]){
                               [PURGE_CLIENT] = &template->ClientName,
                               [PURGE_CLIENT_REALM] = &template->ClientRealm,
                               [PURGE_SERVER] = &template->ServerName,
                               [PURGE_SERVER_REALM] = &template->ServerRealm,
                           });
}
