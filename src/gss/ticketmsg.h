/* SPDX-License-Identifier: MIT */
/*
 * Messages about Kerberos tickets (ntsecapi.h, LsaCallAuthenticationPackage): Windows' ticket cache
 * of a logon session is a credential cache here.
 *
 *   ticketmsg.c     which message it is, its parts, whose tickets it is about
 *   ticketlist.c    what is in the cache: query and purge
 *   ticketget.c     one ticket, from the cache or a KDC
 *   ticketsubmit.c  tickets from elsewhere, as a KRB-CRED
 *   ticketreply.c   how a reply is laid out
 */
#ifndef SSPI_GSS_TICKETMSG_H
#define SSPI_GSS_TICKETMSG_H

#include <krb5.h>
#include <ntsecapi.h>

#include "core/package.h"
#include "gss/tickets.h"

/* A message at work. */
struct ticket_call {
    const struct pkg_message *message;
    krb5_context context;
    struct tickets *tickets; /* of the client this thread acts for; NULL: the default cache */
    krb5_ccache ccache;      /* theirs */
    struct blob *reply;
};

NTSTATUS gsspkg_call(const struct package *, const struct pkg_message *, struct blob *reply);

/* What answers a message; its fixed part is all there, and the logon session is the caller's. */
NTSTATUS ticket_query(struct ticket_call *call);
NTSTATUS ticket_purge(struct ticket_call *call);
NTSTATUS ticket_purge_ex(struct ticket_call *call);
NTSTATUS ticket_get_tgt(struct ticket_call *call);
NTSTATUS ticket_get(struct ticket_call *call);
NTSTATUS ticket_submit(struct ticket_call *call);

/* The text of a counted string, which must lie within the message; an empty one may lie anywhere.
 * Free it. */
NTSTATUS ticket_text(const struct pkg_message *message, const UNICODE_STRING *string, char **text);

/* The octets at an offset of the message; NULL when they are not all in it. */
const void *ticket_octets(const struct pkg_message *message, size_t offset, size_t size);

/* What a caller is told of a failure: the NTSTATUS Windows has for it, else the SEC_E_ code. */
NTSTATUS ticket_status(SECURITY_STATUS status);

/* The name of the cache that a call is about; free() it. */
char *ticket_cache_name(const struct ticket_call *call);

/* --- Lists ---------------------------------------------------------------------------------- */

struct ticket_list {
    krb5_creds *creds;
    size_t count;
};

/* The tickets of a cache, without what krb5 keeps there for itself; a cache that is not there has
 * none. Free them in any case. */
krb5_error_code ticket_list_read(krb5_context context, krb5_ccache ccache,
                                 struct ticket_list *list);
void ticket_list_free(krb5_context context, struct ticket_list *list);

/* Whether it is a ticket-granting ticket, and one of its client's own realm. */
bool ticket_is_tgt(const krb5_creds *creds);
bool ticket_is_own_tgt(const krb5_creds *creds);

/* A name without its realm, to be freed. */
char *ticket_name(krb5_context context, krb5_const_principal principal);

/* --- Replies -------------------------------------------------------------------------------- */

/* A reply is laid out twice by the same code: to measure it, and into one allocation. */
struct reply {
    krb5_context context;
    uint8_t *base; /* NULL while it is measured */
    size_t used;
    NTSTATUS status; /* of what could not be laid out */
};

typedef void reply_layout(struct reply *reply, const void *what);

/* Lays a reply out; in *out is one allocation then. */
NTSTATUS reply_make(krb5_context context, reply_layout *layout, const void *what, struct blob *out);

/* Room in the reply, of zeros, or NULL while it is measured. */
void *reply_take(struct reply *reply, size_t size);

/* Octets; and a string, whose octets come into the reply. */
void *reply_octets(struct reply *reply, const void *data, size_t size);
UNICODE_STRING reply_text(struct reply *reply, const char *text);
UNICODE_STRING reply_counted(struct reply *reply, krb5_data text);

/* A moment as FILETIME counts; 0 stays 0. */
LARGE_INTEGER reply_time(krb5_timestamp when);

/* A reply of one ticket. cred: what stands for the encoded ticket instead; or NULL. */
struct reply_ticket {
    const krb5_creds *creds;
    const krb5_data *cred;
};

void reply_ticket_layout(struct reply *reply, const void *what);

#endif
