/* SPDX-License-Identifier: MIT */
/* Replies about tickets: one allocation, with all that its pointers point at. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "core/timestamp.h"
#include "gss/ticketmsg.h"

#define ALIGNMENT 8U

NTSTATUS reply_make(krb5_context context, reply_layout *layout, const void *what, struct blob *out)
{
    struct reply reply = {.context = context};

    layout(&reply, what);
    if (reply.status != STATUS_SUCCESS)
        return reply.status;
    if (reply.used > UINT32_MAX || (reply.base = calloc(1, reply.used)) == NULL)
        return STATUS_NO_MEMORY;
    reply.used = 0;
    layout(&reply, what);
    *out = (struct blob){reply.base, reply.used};
    if (reply.status != STATUS_SUCCESS)
        blob_wipe(out);
    return reply.status;
}

void *reply_take(struct reply *reply, size_t size)
{
    void *room = reply->base == NULL ? NULL : reply->base + reply->used;

    reply->used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return room;
}

void *reply_octets(struct reply *reply, const void *data, size_t size)
{
    void *room = reply_take(reply, size);

    if (room != NULL && size != 0)
        memcpy(room, data, size);
    return room;
}

/* Length leaves the terminator out, MaximumLength does not. */
UNICODE_STRING reply_text(struct reply *reply, const char *text)
{
    UNICODE_STRING string = {0, 0, NULL};
    SEC_WCHAR *wide = NULL;
    size_t units = 0, size;
    SECURITY_STATUS status =
        text == NULL ? SEC_E_INSUFFICIENT_MEMORY : text_to_w(text, &wide, &units);

    size = (units + 1) * sizeof(*wide);
    if (status == SEC_E_OK && size > UINT16_MAX)
        status = SEC_E_INTERNAL_ERROR;
    if (status != SEC_E_OK) {
        reply->status = ticket_status(status);
    } else {
        string.Length = (USHORT)(size - sizeof(*wide));
        string.MaximumLength = (USHORT)size;
        string.Buffer = reply_octets(reply, wide, size);
    }
    free(wide);
    return string;
}

UNICODE_STRING reply_counted(struct reply *reply, krb5_data text)
{
    char *copy = strndup(text.data == NULL ? "" : text.data, text.length);
    UNICODE_STRING string = reply_text(reply, copy);

    free(copy);
    return string;
}

LARGE_INTEGER reply_time(krb5_timestamp when)
{
    LARGE_INTEGER time = {.QuadPart = 0};

    /* krb5 counts seconds in 32 bits, unsigned since 2038 was near. */
    if (when != 0)
        time.QuadPart = timestamp_units((time_t)(uint32_t)when);
    return time;
}

/* --- One ticket ----------------------------------------------------------------------------- */

static PKERB_EXTERNAL_NAME external_name(struct reply *reply, krb5_const_principal principal)
{
    size_t count = (size_t)principal->length;
    PKERB_EXTERNAL_NAME name =
        reply_take(reply, offsetof(KERB_EXTERNAL_NAME, Names) + count * sizeof(UNICODE_STRING));

    for (size_t i = 0; i < count; i++) {
        UNICODE_STRING part = reply_counted(reply, principal->data[i]);

        if (name != NULL)
            name->Names[i] = part;
    }
    if (name != NULL) {
        name->NameType = (SHORT)principal->type;
        name->NameCount = (USHORT)count;
    }
    return name;
}

/* The realm a ticket is good in: of a ticket-granting one, the one it leads to. */
static krb5_data ticket_realm(const krb5_creds *creds)
{
    return ticket_is_tgt(creds) ? creds->server->data[1] : creds->server->realm;
}

static void times_set(KERB_EXTERNAL_TICKET *ticket, const krb5_ticket_times *times)
{
    ticket->StartTime = reply_time(times->starttime != 0 ? times->starttime : times->authtime);
    ticket->EndTime = reply_time(times->endtime);
    ticket->RenewUntil = reply_time(times->renew_till);
}

static void encoded_set(struct reply *reply, KERB_EXTERNAL_TICKET *ticket,
                        const struct reply_ticket *what)
{
    const krb5_data *encoded = what->cred != NULL ? what->cred : &what->creds->ticket;

    ticket->EncodedTicketSize = encoded->length;
    ticket->EncodedTicket = reply_octets(reply, encoded->data, encoded->length);
}

void reply_ticket_layout(struct reply *reply, const void *layout)
{
    const struct reply_ticket *what = layout;
    const krb5_creds *creds = what->creds;
    krb5_ticket *decoded = NULL;
    KERB_EXTERNAL_TICKET ticket = {.TicketFlags = (ULONG)creds->ticket_flags};
    void *room = reply_take(reply, sizeof(ticket));

    if (krb5_decode_ticket(&creds->ticket, &decoded) != 0) {
        reply->status = STATUS_INTERNAL_ERROR;
        return;
    }
    ticket.ServiceName = external_name(reply, decoded->server);
    ticket.TargetName = external_name(reply, creds->server);
    ticket.ClientName = external_name(reply, creds->client);
    ticket.DomainName = reply_counted(reply, decoded->server->realm);
    ticket.TargetDomainName = reply_counted(reply, ticket_realm(creds));
    ticket.AltTargetDomainName = reply_counted(reply, creds->client->realm);
    krb5_free_ticket(reply->context, decoded);
    ticket.SessionKey.KeyType = creds->keyblock.enctype;
    ticket.SessionKey.Length = creds->keyblock.length;
    ticket.SessionKey.Value = reply_octets(reply, creds->keyblock.contents, creds->keyblock.length);
    times_set(&ticket, &creds->times);
    encoded_set(reply, &ticket, what);
    if (room != NULL)
        memcpy(room, &ticket, sizeof(ticket));
    explicit_bzero(&ticket, sizeof(ticket));
}
