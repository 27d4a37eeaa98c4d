/* SPDX-License-Identifier: MIT */
/* Routes: which mechanism, credential and name an initiator uses for a target. */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "core/trace.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/oid.h"
#include "gss/target.h"

/* Targets a credential remembers; the one not used for longest is forgotten. */
#define ROUTES_MAX 64

/* A ticket in its last seconds is fetched anew. */
#define EXPIRY_MARGIN 2

/* How long Negotiate stays with NTLM after Kerberos could not get a ticket. */
#define FALLBACK_SECONDS 60

/* --- Memory of routes ----------------------------------------------------------------------- */

static void route_destroy(struct object *object)
{
    struct route *route = (struct route *)object;
    OM_uint32 minor;

    gss_release_cred(&minor, &route->cred);
    gss_release_name(&minor, &route->name);
    if (route->tickets != NULL)
        object_unref(&route->tickets->object);
    ccache_stamp_free(&route->stamp);
    free(route->target);
    free(route);
}

static const struct object_class route_class = {"route", route_destroy};

static struct route *route_new(const char *target, unsigned needs, gss_OID mech)
{
    struct route *route = calloc(1, sizeof(*route));

    if (route == NULL)
        return NULL;
    object_init(&route->object, &route_class);
    route->needs = needs;
    route->mech = mech;
    route->stamp.kind = CCACHE_STABLE;
    if (target != NULL && (route->target = strdup(target)) == NULL) {
        object_unref(&route->object);
        return NULL;
    }
    return route;
}

void route_unref(struct route *route)
{
    if (route != NULL)
        object_unref(&route->object);
}

static bool route_leads_to(const struct route *route, const char *target, unsigned needs)
{
    if (route->needs != needs)
        return false;
    if (route->target == NULL || target == NULL)
        return route->target == target;
    return strcmp(route->target, target) == 0;
}

/* Takes the route to target out of the list; the lock is held. */
static struct route *route_take(struct gss_cred *cred, const char *target, unsigned needs)
{
    for (struct route **at = &cred->routes; *at != NULL; at = &(*at)->next) {
        struct route *route = *at;

        if (route_leads_to(route, target, needs)) {
            *at = route->next;
            return route;
        }
    }
    return NULL;
}

static void route_put_first(struct gss_cred *cred, struct route *route)
{
    route->next = cred->routes;
    cred->routes = route;
}

static bool route_valid(const struct route *route)
{
    if (route->expires != 0 && time(NULL) + EXPIRY_MARGIN >= route->expires)
        return false;
    return !ccache_stamp_changed(&route->stamp);
}

struct route *route_find(struct gss_cred *cred, const char *target, unsigned needs)
{
    struct route *route;

    pthread_mutex_lock(&cred->lock);
    route = route_take(cred, target, needs);
    if (route != NULL) {
        route_put_first(cred, route);
        object_ref(&route->object);
    }
    pthread_mutex_unlock(&cred->lock);
    if (route != NULL && !route_valid(route)) {
        route_unref(route);
        return NULL;
    }
    return route;
}

/* Cuts the list after its ROUTES_MAX first; the rest is returned. */
static struct route *routes_cut(struct gss_cred *cred)
{
    struct route **at = &cred->routes, *rest;

    for (unsigned i = 0; i < ROUTES_MAX && *at != NULL; i++)
        at = &(*at)->next;
    rest = *at;
    *at = NULL;
    return rest;
}

static void routes_unref(struct route *route)
{
    while (route != NULL) {
        struct route *next = route->next;

        route_unref(route);
        route = next;
    }
}

void route_remember(struct gss_cred *cred, struct route *route)
{
    struct route *old, *rest;

    object_ref(&route->object);
    pthread_mutex_lock(&cred->lock);
    old = route_take(cred, route->target, route->needs);
    route_put_first(cred, route);
    rest = routes_cut(cred);
    pthread_mutex_unlock(&cred->lock);
    route_unref(old);
    routes_unref(rest);
}

void route_forget(struct gss_cred *cred, struct route *route)
{
    struct route **at;

    pthread_mutex_lock(&cred->lock);
    for (at = &cred->routes; *at != NULL && *at != route; at = &(*at)->next)
        continue;
    if (*at != NULL)
        *at = route->next;
    else
        route = NULL;
    pthread_mutex_unlock(&cred->lock);
    route_unref(route);
}

void routes_free(struct gss_cred *cred)
{
    routes_unref(cred->routes);
    cred->routes = NULL;
}

/* --- Tickets -------------------------------------------------------------------------------- */

static bool tickets_fresh(const struct tickets *tickets)
{
    return tickets != NULL &&
           (tickets->expires == 0 || time(NULL) + EXPIRY_MARGIN < tickets->expires);
}

/* Two threads may both have asked the KDC: the later tickets stay. */
static void tickets_keep(struct gss_cred *cred, struct tickets *tickets)
{
    struct tickets *old;

    object_ref(&tickets->object);
    pthread_mutex_lock(&cred->lock);
    old = cred->tickets;
    cred->tickets = tickets;
    pthread_mutex_unlock(&cred->lock);
    if (old != NULL)
        object_unref(&old->object);
}

struct tickets *gss_cred_tickets(struct gss_cred *cred)
{
    struct tickets *tickets;

    pthread_mutex_lock(&cred->lock);
    tickets = cred->tickets;
    if (tickets != NULL)
        object_ref(&tickets->object);
    pthread_mutex_unlock(&cred->lock);
    return tickets;
}

/* Forgets tickets in the name of another user that have run out: S4U2Self can give new ones. */
static struct tickets *tickets_renewable(struct gss_cred *cred)
{
    struct tickets *tickets = gss_cred_tickets(cred), *old = NULL;

    if (tickets == NULL || tickets_fresh(tickets) || cred->principal == NULL)
        return tickets;
    object_unref(&tickets->object);
    pthread_mutex_lock(&cred->lock);
    old = cred->tickets;
    cred->tickets = NULL;
    pthread_mutex_unlock(&cred->lock);
    if (old != NULL)
        object_unref(&old->object);
    return NULL;
}

static bool tickets_are_of(const struct tickets *tickets, const struct identity *identity)
{
    size_t user = identity->user != NULL ? strlen(identity->user) : 0;

    return user == 0 || (strncmp(tickets->principal, identity->user, user) == 0 &&
                         tickets->principal[user] == '@' &&
                         krbconf_realm_fits(identity, tickets->principal + user + 1));
}

/* A cache that the identity names, if it is the identity's. */
static struct tickets *tickets_named(const struct identity *identity)
{
    struct tickets *tickets;

    if (identity->ccache == NULL || tickets_from_ccache(identity->ccache, &tickets) != SEC_E_OK)
        return NULL;
    if (tickets_are_of(tickets, identity))
        return tickets;
    object_unref(&tickets->object);
    return NULL;
}

/* The tickets a credential starts from; *out NULL: the default cache, for an ambient credential. */
static SECURITY_STATUS tickets_get(struct gss_cred *cred, struct tickets **out,
                                   krb5_error_code *code)
{
    const struct identity *identity = cred->identity;
    SECURITY_STATUS status;

    *code = 0;
    *out = tickets_named(identity);
    if (*out == NULL && !identity->explicit && identity->ccache == NULL)
        *out = tickets_renewable(cred);
    if (*out != NULL || (!identity->explicit && identity->ccache == NULL))
        return SEC_E_OK;
    *code = KRB5_CC_NOTFOUND;
    if (!identity->explicit || identity->nt_hash != NULL) /* a hash is no Kerberos secret here */
        return SEC_E_NO_CREDENTIALS;
    *out = gss_cred_tickets(cred);
    if (tickets_fresh(*out))
        return SEC_E_OK;
    if (*out != NULL)
        object_unref(&(*out)->object);
    status = tickets_from_password(identity, out, code);
    if (status == SEC_E_OK)
        tickets_keep(cred, *out);
    return status;
}

/*
 * S4U2Self: a service asks for a ticket in the name of a user who did not come with one
 * ([MS-SFU] 3.1.5.1.1). The service's own tickets are the ambient ones.
 */
static SECURITY_STATUS tickets_impersonate(struct gss_cred *cred, struct tickets **out)
{
    struct initcred_store none = {.set = {0, NULL}};
    gss_OID_set_desc mechs = {1, oid_krb5};
    gss_cred_id_t service = GSS_C_NO_CREDENTIAL, user = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    struct gss_result result = {.mech = oid_krb5};
    OM_uint32 minor;
    SECURITY_STATUS status = initcred_acquire(oid_krb5, NULL, &none, &service, &minor);

    if (status == SEC_E_OK)
        status = initcred_name(cred->principal, oid_krb5, &name);
    if (status == SEC_E_OK) {
        result.major =
            gss_acquire_cred_impersonate_name(&result.minor, service, name, GSS_C_INDEFINITE,
                                              &mechs, GSS_C_INITIATE, &user, NULL, NULL);
        status = gss_status(GSS_INITIATING, "gss_acquire_cred_impersonate_name", result);
    }
    if (status == SEC_E_OK)
        status = tickets_from_cred(user, out);
    if (status == SEC_E_OK)
        tickets_keep(cred, *out);
    gss_release_name(&minor, &name);
    gss_release_cred(&minor, &user);
    gss_release_cred(&minor, &service);
    return status;
}

/* --- Making routes -------------------------------------------------------------------------- */

/*
 * One leg to nowhere with the krb5 mechanism itself: it fetches the ticket, so that SPNEGO after it
 * needs no KDC, and it fails with Kerberos' own code, which the mechglue renumbers under SPNEGO.
 */
static SECURITY_STATUS ticket_fetch(struct route *route, krb5_error_code *code)
{
    gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = oid_krb5};
    OM_uint32 minor, lifetime = 0;
    SECURITY_STATUS status;

    result.major = gss_init_sec_context(&result.minor, route->cred, &ctx, route->name, oid_krb5, 0,
                                        0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token,
                                        NULL, &lifetime);
    status = gss_status(GSS_INITIATING, "gss_init_sec_context", result);
    *code = (krb5_error_code)result.minor;
    route->expires = time(NULL) + (time_t)lifetime;
    gss_release_buffer(&minor, &token);
    gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
    return status;
}

/*
 * The name as the mechanism has it, once: otherwise every leg would import it again, and Kerberos
 * ask DNS for the host where krb5.conf wants host names canonicalised. SPNEGO still keeps the form
 * that both its mechanisms understand.
 */
static SECURITY_STATUS name_canonicalize(struct route *route)
{
    gss_name_t canonical = GSS_C_NO_NAME;
    struct gss_result result = {.mech = route->mech};
    OM_uint32 minor;

    result.major = gss_canonicalize_name(&result.minor, route->name, route->mech, &canonical);
    if (!GSS_ERROR(result.major)) {
        gss_release_name(&minor, &route->name);
        route->name = canonical;
    }
    return gss_status(GSS_INITIATING, "gss_canonicalize_name", result);
}

/* From the krb5 route to one by SPNEGO, with the same name where both mechanisms understand it. */
static SECURITY_STATUS route_negotiate(struct gss_cred *cred, struct route *route)
{
    bool with_ntlm = (cred->mechs & IDENTITY_MECH_NTLM) && !(route->needs & ROUTE_NO_INTEGRITY) &&
                     target_is_hostbased(route->target) &&
                     (!cred->identity->explicit || initcred_has_ntlm_secret(cred)) &&
                     (cred->identity->explicit || route->tickets == NULL);
    unsigned mechs =
        with_ntlm ? IDENTITY_MECH_KERBEROS | IDENTITY_MECH_NTLM : IDENTITY_MECH_KERBEROS;
    SECURITY_STATUS status;
    OM_uint32 minor;

    gss_release_cred(&minor, &route->cred);
    route->mech = oid_spnego;
    status = name_canonicalize(route);
    return status == SEC_E_OK ? initcred_spnego(cred, route->tickets, mechs, &route->cred) : status;
}

static SECURITY_STATUS route_fill_kerberos(struct gss_cred *cred, struct route *route,
                                           krb5_error_code *code)
{
    SECURITY_STATUS status = tickets_get(cred, &route->tickets, code);

    if (status == SEC_E_OK)
        status = initcred_krb5(cred, route->tickets, &route->cred, code);
    if (status != SEC_E_OK && route->tickets == NULL && cred->principal != NULL &&
        !cred->identity->explicit) {
        status = tickets_impersonate(cred, &route->tickets);
        if (status == SEC_E_OK)
            status = initcred_krb5(cred, route->tickets, &route->cred, code);
    }
    if (status == SEC_E_OK && (route->target == NULL || *route->target == '\0'))
        *code = KRB5_SNAME_UNSUPP_NAMETYPE; /* nothing that a ticket could be for */
    if (status == SEC_E_OK)
        status = target_import(route->target, oid_krb5, &route->name);
    if (status == SEC_E_OK && cred->identity->kdc_url != NULL && route->tickets != NULL)
        status = tickets_for_server(route->tickets, cred->identity, route->name, code);
    if (status == SEC_E_OK && !gsspkg_kind(cred->base.package)->negotiates)
        status = name_canonicalize(route);
    if (status == SEC_E_OK)
        status = ticket_fetch(route, code);
    if (status >= 0 && gsspkg_kind(cred->base.package)->negotiates)
        status = route_negotiate(cred, route);
    if (status >= 0 && (route->needs & ROUTE_NO_INTEGRITY))
        status = initcred_clear_ci_flags(&route->cred, route->mech);
    if (status >= 0)
        ccache_stamp_take(&route->stamp, route->tickets != NULL ? route->tickets->ccache : NULL);
    return status >= 0 ? SEC_E_OK : status;
}

SECURITY_STATUS route_make_kerberos(struct gss_cred *cred, const char *target, unsigned needs,
                                    struct route **out, krb5_error_code *code)
{
    struct route *route = route_new(target, needs, oid_krb5);
    SECURITY_STATUS status;

    *out = NULL;
    *code = 0;
    if (route == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = route_fill_kerberos(cred, route, code);
    if (status == SEC_E_OK)
        *out = route;
    else
        route_unref(route);
    return status;
}

/*
 * NTLM for a server that has spoken SPNEGO. There it signs the list of mechanisms (RFC 4178 5), and
 * so negotiates signing whatever the client asked.
 */
static SECURITY_STATUS route_wrap_ntlm(struct gss_cred *cred, struct route *route)
{
    OM_uint32 minor;

    if (route->needs & ROUTE_NO_INTEGRITY) {
        native_error_set("NTLM inside SPNEGO is signed, which ISC_REQ_NO_INTEGRITY forbids");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    gss_release_cred(&minor, &route->cred);
    route->mech = oid_spnego;
    return initcred_spnego(cred, NULL, IDENTITY_MECH_NTLM, &route->cred);
}

SECURITY_STATUS route_make_ntlm(struct gss_cred *cred, const char *target, unsigned needs,
                                struct route **out)
{
    struct route *route = route_new(target, needs, oid_ntlm);
    SECURITY_STATUS status;

    *out = NULL;
    if (route == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = initcred_ntlm(cred, &route->cred);
    if (status == SEC_E_OK && (needs & ROUTE_SPNEGO))
        status = route_wrap_ntlm(cred, route);
    if (status == SEC_E_OK)
        status = target_import(target, oid_ntlm, &route->name);
    if (status == SEC_E_OK && route->name != GSS_C_NO_NAME)
        status = name_canonicalize(route);
    if (status != SEC_E_OK) {
        route_unref(route);
        return status;
    }
    if (cred->mechs & IDENTITY_MECH_KERBEROS) { /* Kerberos is asked again after a while */
        route->expires = time(NULL) + FALLBACK_SECONDS;
        ccache_stamp_take(&route->stamp, NULL);
        if (route->stamp.kind == CCACHE_UNSTABLE)
            route->stamp.kind = CCACHE_STABLE;
    }
    *out = route;
    return SEC_E_OK;
}
