/* SPDX-License-Identifier: MIT */
/* What contexts of both roles share: birth, establishment, end. */
#include <errno.h>
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>
#include <string.h>

#include "core/flagname.h"
#include "core/native.h"
#include "core/timestamp.h"
#include "gss/flags.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/oid.h"

/* What a leg has built, apart from what the caller asked for. */
static void negotiated_free(struct gss_context *context)
{
    OM_uint32 minor;

    /* libgssapi_krb5 wants krb5.conf to release a name, and reads it again if no context has it. */
    gss_release_name(&minor, &context->initiator);
    gss_release_name(&minor, &context->acceptor);
    if (context->gss != GSS_C_NO_CONTEXT)
        gss_delete_sec_context(&minor, &context->gss, GSS_C_NO_BUFFER);
    route_unref(context->route);
    context->route = NULL;
    if (context->delegated != NULL)
        object_unref(&context->delegated->object);
    context->delegated = NULL;
    free(context->bindings);
    context->bindings = NULL;
}

static void context_destroy(struct object *object)
{
    struct gss_context *context = (struct gss_context *)object;

    negotiated_free(context);
    acceptor_unref(context->keys);
    if (context->supplied != NULL)
        object_unref(&context->supplied->base.handled.object);
    free(context->target);
    free(context->sam_file);
    blob_wipe(&context->waiting);
    ntlmanswer_forget(&context->exchange);
    ctx_base_fini(&context->base);
    free(context);
}

static const struct object_class context_class = {"GSS context", context_destroy};

struct gss_context *gss_context_new(const struct package *package, struct cred *cred,
                                    const struct leg *leg, bool inbound)
{
    struct gss_context *context = calloc(1, sizeof(*context));

    if (context == NULL)
        return NULL;
    if (leg->target != NULL && (context->target = strdup(leg->target)) == NULL) {
        free(context);
        return NULL;
    }
    ctx_base_init(&context->base, &context_class, package, cred, leg, inbound);
    return context;
}

SECURITY_STATUS gss_request_check(ULONG64 request, bool inbound)
{
    char text[256];
    SECURITY_STATUS status = flags_check(request, inbound);

    return status == SEC_E_OK ? status
                              : native_refuse(status,
                                              "no mechanism here serves DATAGRAM, NULL_SESSION and "
                                              "PROMPT_FOR_CREDS, and what is asked for is %s",
                                              flag_names(request, inbound, text, sizeof(text)));
}

void gss_context_reset(struct gss_context *context)
{
    ctx_become(&context->base, CTX_NEGOTIATING);
    handle_alone_begin(&context->base.handled);
    negotiated_free(context);
    memset(&context->sizes, 0, sizeof(context->sizes));
    handle_alone_end(&context->base.handled);
}

SECURITY_STATUS gss_context_enter(struct gss_context *context)
{
    handle_alone_begin(&context->base.handled);
    if (context->base.state == CTX_ESTABLISHED)
        return SEC_E_OK;
    handle_alone_end(&context->base.handled);
    return SEC_E_INVALID_HANDLE;
}

void gss_context_leave(struct gss_context *context)
{
    handle_alone_end(&context->base.handled);
}

unsigned gss_context_mech(const struct gss_context *context)
{
    return context->mech == oid_ntlm ? IDENTITY_MECH_NTLM : IDENTITY_MECH_KERBEROS;
}

_Static_assert(FLAGS_KERBEROS == IDENTITY_MECH_KERBEROS && FLAGS_NTLM == IDENTITY_MECH_NTLM,
               "one pair of bits for the two mechanisms");

/*
 * The ticket's end, to the second. The mechanism gives the time left from its own reading of the
 * clock, so it is asked until the clock stood still meanwhile; to an acceptor it adds the clock
 * skew.
 */
static time_t ticket_end(const struct gss_context *context, struct lifetime lifetime)
{
    OM_uint32 minor;

    while (lifetime.asked == 0) {
        time_t now = time(NULL);

        if (gss_context_time(&minor, context->gss, &lifetime.left) != GSS_S_COMPLETE)
            return 0;
        lifetime.asked = time(NULL) == now ? now : 0;
    }
    if (lifetime.left == GSS_C_INDEFINITE)
        return 0;
    return lifetime.asked + (time_t)lifetime.left -
           (context->base.inbound ? krbconf_clockskew() : 0);
}

/*
 * What the mechanism says it granted, freed of what it only echoes. NTLM numbers and signs each
 * message, so replay and order are detected whenever it signs; its acceptor does not say so.
 */
static OM_uint32 granted_truth(const struct gss_context *context)
{
    OM_uint32 granted = context->granted;

    if (context->mech == oid_ntlm && context->base.inbound && (granted & GSS_C_INTEG_FLAG))
        granted |= GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;
    if (context->mech == oid_ntlm && !context->base.inbound)
        granted &= context->gss_request;
    return granted;
}

/*
 * RFC 8062 3: a ticket that names nobody is marked. Its name would tell as well, but libgssapi_krb5
 * reads the whole of krb5.conf for every name it displays, a tenth of what a context costs.
 */
static bool ticket_is_anonymous(const struct gss_context *context)
{
    OM_uint32 minor;
    krb5_flags flags;

    if (gss_krb5_get_tkt_flags(&minor, context->gss, &flags) != GSS_S_COMPLETE)
        return true;
    return (flags & TKT_FLG_ANONYMOUS) != 0;
}

static bool name_is_anonymous(gss_name_t name)
{
    OM_uint32 minor;
    gss_buffer_desc text;
    gss_OID type = GSS_C_NO_OID;
    bool anonymous;

    if (gss_display_name(&minor, name, &text, &type) != GSS_S_COMPLETE)
        return true;
    anonymous = oid_equal(type, GSS_C_NT_ANONYMOUS) || text.length == 0;
    gss_release_buffer(&minor, &text);
    return anonymous;
}

static bool is_anonymous(const struct gss_context *context)
{
    if ((context->granted & GSS_C_ANON_FLAG) || context->initiator == GSS_C_NO_NAME)
        return true;
    return context->mech == oid_ntlm ? name_is_anonymous(context->initiator)
                                     : ticket_is_anonymous(context);
}

/* A client without a name is let in only where the server said so. */
static SECURITY_STATUS anonymous_check(struct gss_context *context)
{
    if (!context->base.inbound || !is_anonymous(context) ||
        (context->base.request & ASC_REQ_ALLOW_NULL_SESSION))
        return SEC_E_OK;
    native_error_set("the client is anonymous, which ASC_REQ_ALLOW_NULL_SESSION would allow");
    return SEC_E_LOGON_DENIED;
}

SECURITY_STATUS gss_context_establish(struct gss_context *context, struct leg *leg,
                                      const gss_OID_desc *mech, struct lifetime lifetime)
{
    SECURITY_STATUS status;

    context->mech = oid_equal(mech, oid_ntlm) ? oid_ntlm : oid_krb5;
    status = anonymous_check(context);
    if (status != SEC_E_OK)
        return status;
    context->granted = granted_truth(context);
    context->attributes = flags_from_gss(context->base.request, context->granted,
                                         gss_context_mech(context), context->base.inbound);
    if (context->supplied != NULL)
        context->attributes |= ISC_RET_USED_SUPPLIED_CREDS;
    leg->attributes |= context->attributes;
    context->established = time(NULL);
    context->expires = context->mech == oid_krb5 ? ticket_end(context, lifetime) : 0;
    if (context->expires != 0)
        timestamp_set_local(&leg->expiry, context->expires);
    atomic_store_explicit(&context->base.state, CTX_ESTABLISHED, memory_order_release);
    return SEC_E_OK;
}

SECURITY_STATUS gss_context_emit(struct gss_context *context, struct leg *leg, gss_buffer_t token,
                                 SECURITY_STATUS said, SECURITY_STATUS status)
{
    bool withheld = said >= 0 && status < 0;

    return ctx_emit(&context->base, leg, token->value, withheld ? 0 : token->length, status);
}
