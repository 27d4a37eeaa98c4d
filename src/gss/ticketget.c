/* SPDX-License-Identifier: MIT */
/* One ticket, from the cache or from a KDC, which is asked on a worker. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/worker.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/krbcred.h"
#include "gss/target.h"
#include "gss/ticketmsg.h"

/* --- The worker's part ---------------------------------------------------------------------- */

struct retrieval {
    struct worker_job job;
    struct tickets *tickets; /* keeps a private cache there; or NULL */
    char *cache, *target;
    ULONG flags, options; /* TicketFlags, CacheOptions */
    krb5_enctype enctype;
    krb5_context context;
    krb5_creds *creds; /* what was found, */
    krb5_data cred;    /* and in a KRB-CRED when that was asked for, without a key, as on Windows */
    NTSTATUS status;
    char native[NATIVE_ERROR_SIZE];
};

/* What a cached ticket must be like. */
static bool creds_suit(const struct retrieval *retrieval, const krb5_creds *creds)
{
    return ((ULONG)creds->ticket_flags & retrieval->flags) == retrieval->flags;
}

/* A cache of the ticket-granting tickets alone, so that the rest has to be asked for. */
static krb5_error_code tgts_copy(krb5_context context, krb5_ccache from, krb5_ccache *to)
{
    struct ticket_list list = {NULL, 0};
    krb5_principal client;
    krb5_error_code code = krb5_cc_get_principal(context, from, &client);

    if (code != 0)
        return code;
    code = krb5_cc_new_unique(context, "MEMORY", NULL, to);
    if (code == 0)
        code = krb5_cc_initialize(context, *to, client);
    if (code == 0)
        code = ticket_list_read(context, from, &list);
    for (size_t i = 0; code == 0 && i < list.count; i++)
        if (ticket_is_tgt(&list.creds[i]))
            code = krb5_cc_store_cred(context, *to, &list.creds[i]);
    ticket_list_free(context, &list);
    krb5_free_principal(context, client);
    return code;
}

/* A ticket that no cache gave. MAX_LIFETIME implies that it is kept. */
static krb5_error_code ticket_fresh(struct retrieval *retrieval, krb5_ccache ccache,
                                    krb5_creds *wanted)
{
    const ULONG keep = KERB_RETRIEVE_TICKET_CACHE_TICKET | KERB_RETRIEVE_TICKET_MAX_LIFETIME;
    krb5_context context = retrieval->context;
    krb5_ccache aside = NULL;
    krb5_error_code code = tgts_copy(context, ccache, &aside);

    if (code == 0)
        code = krb5_get_credentials(context, 0, aside, wanted, &retrieval->creds);
    if (code == 0 && (retrieval->options & keep) && !ticket_is_tgt(retrieval->creds)) {
        krb5_cc_remove_cred(context, ccache, 0, retrieval->creds);
        code = krb5_cc_store_cred(context, ccache, retrieval->creds);
    }
    if (aside != NULL)
        krb5_cc_destroy(context, aside);
    return code;
}

static krb5_error_code ticket_find(struct retrieval *retrieval, krb5_ccache ccache,
                                   krb5_creds *wanted)
{
    const ULONG asked = KERB_RETRIEVE_TICKET_DONT_USE_CACHE | KERB_RETRIEVE_TICKET_MAX_LIFETIME;
    krb5_context context = retrieval->context;

    if (retrieval->options & asked)
        return ticket_fresh(retrieval, ccache, wanted);
    if (krb5_get_credentials(context, KRB5_GC_CACHED, ccache, wanted, &retrieval->creds) == 0 &&
        creds_suit(retrieval, retrieval->creds))
        return 0;
    krb5_free_creds(context, retrieval->creds);
    retrieval->creds = NULL;
    if (retrieval->options & KERB_RETRIEVE_TICKET_USE_CACHE_ONLY)
        return KRB5_CC_NOTFOUND;
    return ticket_fresh(retrieval, ccache, wanted);
}

/* krbtgt/REALM, of the client's own realm. */
static krb5_error_code tgs_name(krb5_context context, const char *target,
                                krb5_const_principal client, krb5_principal *server)
{
    char *realm = strndup(client->realm.data, client->realm.length);
    krb5_error_code code =
        krb5_parse_name_flags(context, target, KRB5_PRINCIPAL_PARSE_NO_REALM, server);

    if (code == 0)
        code = realm == NULL ? ENOMEM : krb5_set_principal_realm(context, *server, realm);
    free(realm);
    return code;
}

/* Targets are what InitializeSecurityContext makes of them, but krbtgt is never on a host. */
static krb5_error_code server_name(krb5_context context, const char *target,
                                   krb5_const_principal client, krb5_principal *server)
{
    static const char tgs[] = KRB5_TGS_NAME "/";

    if (strncmp(target, tgs, sizeof(tgs) - 1) == 0 && strchr(target, '@') == NULL)
        return tgs_name(context, target, client, server);
    return target_principal(context, target, server);
}

static krb5_error_code ticket_retrieve(struct retrieval *retrieval)
{
    krb5_context context = retrieval->context;
    krb5_ccache ccache = NULL;
    krb5_creds wanted;
    krb5_error_code code = krb5_cc_resolve(context, retrieval->cache, &ccache);

    memset(&wanted, 0, sizeof(wanted));
    wanted.keyblock.enctype = retrieval->enctype;
    if (code == 0)
        code = krb5_cc_get_principal(context, ccache, &wanted.client);
    if (code == KRB5_CC_NOTFOUND)
        code = KRB5_FCC_NOFILE; /* a MEMORY cache's word for the same */
    if (code == 0)
        code = server_name(context, retrieval->target, wanted.client, &wanted.server);
    if (code == 0)
        code = ticket_find(retrieval, ccache, &wanted);
    if (code == 0 && (retrieval->options & KERB_RETRIEVE_TICKET_AS_KERB_CRED))
        code = krbcred_make(context, retrieval->creds, &retrieval->cred);
    krb5_free_cred_contents(context, &wanted);
    if (ccache != NULL)
        krb5_cc_close(context, ccache);
    return code;
}

static void retrieval_run(struct worker_job *job)
{
    struct retrieval *retrieval = (struct retrieval *)job;
    krb5_error_code code;

    native_error_clear();
    code = krb5_init_context(&retrieval->context);
    if (code == 0)
        code = ticket_retrieve(retrieval);
    retrieval->status =
        ticket_status(krb5_status(GSS_INITIATING, "retrieving a ticket", retrieval->context, code));
    if (code == KRB5_CC_NOTFOUND)
        retrieval->status = STATUS_OBJECT_NAME_NOT_FOUND;
    snprintf(retrieval->native, sizeof(retrieval->native), "%s", native_error_get());
}

static void retrieval_destroy(struct worker_job *job)
{
    struct retrieval *retrieval = (struct retrieval *)job;

    if (retrieval->cred.data != NULL)
        explicit_bzero(retrieval->cred.data, retrieval->cred.length);
    free(retrieval->cred.data);
    krb5_free_creds(retrieval->context, retrieval->creds);
    krb5_free_context(retrieval->context);
    if (retrieval->tickets != NULL)
        object_unref(&retrieval->tickets->object);
    free(retrieval->cache);
    free(retrieval->target);
    free(retrieval);
}

static const struct worker_class retrieval_class = {retrieval_run, retrieval_destroy};

/* --- The caller's part ---------------------------------------------------------------------- */

static NTSTATUS retrieval_new(struct ticket_call *call, const KERB_RETRIEVE_TKT_REQUEST *request,
                              struct retrieval **out)
{
    struct retrieval *retrieval = calloc(1, sizeof(*retrieval));
    NTSTATUS status = STATUS_NO_MEMORY;

    if (retrieval == NULL)
        return STATUS_NO_MEMORY;
    retrieval->job.class = &retrieval_class;
    retrieval->flags = request->TicketFlags;
    retrieval->options = request->CacheOptions;
    retrieval->enctype = request->EncryptionType;
    retrieval->tickets = call->tickets;
    if (call->tickets != NULL)
        object_ref(&call->tickets->object);
    retrieval->cache = ticket_cache_name(call);
    if (retrieval->cache != NULL)
        status = ticket_text(call->message, &request->TargetName, &retrieval->target);
    if (status == STATUS_SUCCESS)
        *out = retrieval;
    else
        retrieval_destroy(&retrieval->job);
    return status;
}

static NTSTATUS retrieval_reply(const struct retrieval *retrieval, struct blob *reply)
{
    const struct reply_ticket ticket = {retrieval->creds,
                                        retrieval->cred.data == NULL ? NULL : &retrieval->cred};

    if (retrieval->native[0] != '\0')
        native_error_set("%s", retrieval->native);
    if (retrieval->status != STATUS_SUCCESS)
        return retrieval->status;
    return reply_make(retrieval->context, reply_ticket_layout, &ticket, reply);
}

NTSTATUS ticket_get(struct ticket_call *call)
{
    const KERB_RETRIEVE_TKT_REQUEST *request = call->message->data;
    const ULONG contrary =
        KERB_RETRIEVE_TICKET_DONT_USE_CACHE | KERB_RETRIEVE_TICKET_USE_CACHE_ONLY;
    struct retrieval *retrieval;
    NTSTATUS status;

    if ((request->CacheOptions & contrary) == contrary || request->TargetName.Length == 0)
        return STATUS_INVALID_PARAMETER;
    if (request->CacheOptions & KERB_RETRIEVE_TICKET_USE_CREDHANDLE)
        return STATUS_NOT_SUPPORTED;
    status = retrieval_new(call, request, &retrieval);
    if (status != STATUS_SUCCESS)
        return status;
    switch (worker_run(&retrieval->job, krbconf_kdc_timeout())) {
    case WORKER_REFUSED:
        return STATUS_NO_MEMORY;
    case WORKER_TIMED_OUT:
        native_error_set("no answer from a KDC within %u ms (SSPI_KDC_TIMEOUT)",
                         krbconf_kdc_timeout());
        return STATUS_NO_LOGON_SERVERS;
    case WORKER_DONE:
        break;
    }
    status = retrieval_reply(retrieval, call->reply);
    retrieval_destroy(&retrieval->job);
    return status;
}

NTSTATUS ticket_get_tgt(struct ticket_call *call)
{
    struct ticket_list list;
    struct reply_ticket ticket = {NULL, NULL};
    krb5_error_code code = ticket_list_read(call->context, call->ccache, &list);
    NTSTATUS status = ticket_status(
        krb5_status(GSS_ACQUIRING, "reading the credential cache", call->context, code));

    for (size_t i = 0; i < list.count && ticket.creds == NULL; i++)
        if (ticket_is_own_tgt(&list.creds[i]))
            ticket.creds = &list.creds[i];
    if (status == STATUS_SUCCESS && ticket.creds == NULL) {
        native_error_set("the credential cache has no ticket-granting ticket");
        status = SEC_E_NO_CREDENTIALS;
    }
    if (status == STATUS_SUCCESS)
        status = reply_make(call->context, reply_ticket_layout, &ticket, call->reply);
    ticket_list_free(call->context, &list);
    return status;
}
