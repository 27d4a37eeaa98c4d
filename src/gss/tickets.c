/* SPDX-License-Identifier: MIT */
/* Kerberos tickets; the part that speaks libkrb5. */
#include "gss/tickets.h"

#include <errno.h>
#include <gssapi/gssapi_ext.h>
#include <stdlib.h>
#include <string.h>

#include "core/secret.h"
#include "gss/ccache.h"
#include "gss/krbconf.h"
#include "gss/oid.h"
#include "gss/status.h"
#include "gss/target.h"

static void ccache_destroy(const char *name)
{
    krb5_context context;
    krb5_ccache ccache;

    if (krb5_init_context(&context) != 0)
        return;
    if (krb5_cc_resolve(context, name, &ccache) == 0)
        krb5_cc_destroy(context, ccache);
    krb5_free_context(context);
}

static void tickets_destroy(struct object *object)
{
    struct tickets *tickets = (struct tickets *)object;

    if (tickets->owned && tickets->ccache != NULL)
        ccache_destroy(tickets->ccache);
    string_wipe_free(tickets->ccache);
    string_wipe_free(tickets->principal);
    memory_wipe_free(tickets);
}

static const struct object_class tickets_class = {"tickets", tickets_destroy};

static struct tickets *tickets_new(bool owned)
{
    struct tickets *tickets = calloc(1, sizeof(*tickets));

    if (tickets != NULL) {
        object_init(&tickets->object, &tickets_class);
        tickets->owned = owned;
    }
    return tickets;
}

/* A new MEMORY cache; its name goes into tickets. */
static krb5_error_code ccache_create(krb5_context context, struct tickets *tickets,
                                     krb5_ccache *ccache)
{
    char *name;
    krb5_error_code code = krb5_cc_new_unique(context, "MEMORY", NULL, ccache);

    if (code != 0)
        return code;
    code = krb5_cc_get_full_name(context, *ccache, &name);
    if (code == 0) {
        tickets->ccache = strdup(name);
        krb5_free_string(context, name);
        if (tickets->ccache == NULL)
            code = ENOMEM;
    }
    if (code != 0) {
        krb5_cc_destroy(context, *ccache);
        *ccache = NULL;
    }
    return code;
}

/* --- AS exchange ---------------------------------------------------------------------------- */

static void password_expiry_note(krb5_context context, void *data, krb5_timestamp password,
                                 krb5_timestamp account, krb5_boolean last_request)
{
    struct tickets *tickets = data;

    (void)context;
    (void)account;
    (void)last_request;
    /* krb5 counts seconds in 32 bits, unsigned since 2038 was near. */
    tickets->password_expires = (time_t)(uint32_t)password;
}

/* Who wants armour does not want to go without (RFC 6113 5.4.1). */
static krb5_error_code armor_set(krb5_context context, krb5_get_init_creds_opt *options,
                                 const char *ccache)
{
    krb5_error_code code = krb5_get_init_creds_opt_set_fast_ccache_name(context, options, ccache);

    return code != 0 ? code
                     : krb5_get_init_creds_opt_set_fast_flags(context, options, KRB5_FAST_REQUIRED);
}

/* What an identity wants of its ticket; nothing said is nothing set. */
static krb5_error_code options_set(krb5_context context, krb5_get_init_creds_opt *options,
                                   const struct identity *identity)
{
    const struct {
        const char *name, *value;
    } pkinit[] = {{"X509_user_identity", identity->pkinit_identity},
                  {"X509_anchors", identity->pkinit_anchors}};
    krb5_error_code code = 0;

    if (identity->lifetime > 0)
        krb5_get_init_creds_opt_set_tkt_life(options, identity->lifetime);
    if (identity->renew_lifetime > 0)
        krb5_get_init_creds_opt_set_renew_life(options, identity->renew_lifetime);
    if (identity->armor_ccache != NULL)
        code = armor_set(context, options, identity->armor_ccache);
    for (size_t i = 0; code == 0 && i < sizeof(pkinit) / sizeof(*pkinit); i++)
        if (pkinit[i].value != NULL)
            code =
                krb5_get_init_creds_opt_set_pa(context, options, pkinit[i].name, pkinit[i].value);
    return code;
}

static krb5_error_code as_exchange(krb5_context context, struct tickets *tickets,
                                   const struct identity *identity)
{
    krb5_get_init_creds_opt *options = NULL;
    krb5_principal client = NULL;
    krb5_ccache ccache = NULL;
    krb5_creds creds;
    krb5_error_code code;

    memset(&creds, 0, sizeof(creds));
    code = krb5_parse_name(context, tickets->principal, &client);
    if (code == 0)
        code = ccache_create(context, tickets, &ccache);
    if (code == 0)
        code = krb5_get_init_creds_opt_alloc(context, &options);
    if (code == 0)
        code = options_set(context, options, identity);
    if (code == 0)
        code = krb5_get_init_creds_opt_set_out_ccache(context, options, ccache);
    if (code == 0)
        code = krb5_get_init_creds_opt_set_expire_callback(context, options, password_expiry_note,
                                                           tickets);
    if (code == 0)
        code = krb5_get_init_creds_password(context, &creds, client, identity->password, NULL, NULL,
                                            identity->start_time, NULL, options);
    if (code == 0)
        tickets->expires = (time_t)(uint32_t)creds.times.endtime;
    tickets->by_password = true;
    krb5_free_cred_contents(context, &creds);
    krb5_get_init_creds_opt_free(context, options);
    krb5_free_principal(context, client);
    if (ccache != NULL)
        krb5_cc_close(context, ccache);
    return code;
}

/* An empty password would make libkrb5 look for a prompter. */
static krb5_error_code password_check(const struct identity *identity)
{
    return identity->password == NULL || *identity->password == '\0' ? KRB5_LIBOS_CANTREADPWD : 0;
}

SECURITY_STATUS tickets_from_password(const struct identity *identity, struct tickets **out,
                                      krb5_error_code *code)
{
    struct tickets *tickets = tickets_new(true);
    struct krbconf conf = {NULL, -1};
    SECURITY_STATUS status;

    *out = NULL;
    *code = tickets == NULL ? ENOMEM : krbconf_open(identity, &conf);
    if (*code == 0)
        *code = krbconf_principal(conf.context, identity, &tickets->principal);
    if (*code == 0)
        *code = password_check(identity);
    if (*code == 0)
        *code = as_exchange(conf.context, tickets, identity);
    status = krb5_status(GSS_INITIATING, "asking the KDC for a ticket with the password given",
                         conf.context, *code);
    krbconf_close(&conf);
    if (status == SEC_E_OK)
        *out = tickets;
    else if (tickets != NULL)
        object_unref(&tickets->object);
    return status;
}

/* --- Service tickets ------------------------------------------------------------------------ */

static krb5_error_code tgs_exchange(krb5_context context, const char *cache, gss_name_t server)
{
    krb5_creds wanted, *got = NULL;
    krb5_ccache ccache = NULL;
    krb5_error_code code = krb5_cc_resolve(context, cache, &ccache);

    memset(&wanted, 0, sizeof(wanted));
    if (code == 0)
        code = krb5_cc_get_principal(context, ccache, &wanted.client);
    if (code == 0)
        code = target_name_principal(context, server, &wanted.server);
    if (code == 0)
        code = krb5_get_credentials(context, 0, ccache, &wanted, &got);
    krb5_free_creds(context, got);
    krb5_free_cred_contents(context, &wanted);
    if (ccache != NULL)
        krb5_cc_close(context, ccache);
    return code;
}

SECURITY_STATUS tickets_for_server(const struct tickets *tickets, const struct identity *identity,
                                   gss_name_t server, krb5_error_code *code)
{
    struct krbconf conf;
    SECURITY_STATUS status;

    *code = krbconf_open(identity, &conf);
    if (*code == 0)
        *code = tgs_exchange(conf.context, tickets->ccache, server);
    status = krb5_status(GSS_INITIATING, "asking the KDC for a ticket for the server", conf.context,
                         *code);
    krbconf_close(&conf);
    return status;
}

/* --- Caches --------------------------------------------------------------------------------- */

static krb5_error_code ccache_open(krb5_context context, struct tickets *tickets)
{
    krb5_ccache ccache;
    krb5_error_code code = krb5_cc_resolve(context, tickets->ccache, &ccache);

    if (code != 0)
        return code;
    code = ccache_principal(context, ccache, &tickets->principal);
    krb5_cc_close(context, ccache);
    return code;
}

SECURITY_STATUS tickets_from_ccache(const char *name, struct tickets **out)
{
    struct tickets *tickets = tickets_new(false);
    krb5_context context = NULL;
    krb5_error_code code = tickets == NULL ? ENOMEM : krb5_init_context(&context);
    SECURITY_STATUS status;

    *out = NULL;
    if (code == 0) {
        tickets->ccache = strdup(name);
        code = tickets->ccache == NULL ? ENOMEM : ccache_open(context, tickets);
    }
    status = krb5_status(GSS_INITIATING, "opening the credential cache", context, code);
    krb5_free_context(context);
    if (status == SEC_E_OK)
        *out = tickets;
    else if (tickets != NULL)
        object_unref(&tickets->object);
    return status;
}

/* When a credential's tickets end; 0 when the mechanism does not say. */
static time_t cred_expires(gss_cred_id_t cred)
{
    OM_uint32 minor, lifetime = 0;

    if (gss_inquire_cred(&minor, cred, NULL, &lifetime, NULL, NULL) != GSS_S_COMPLETE ||
        lifetime == GSS_C_INDEFINITE)
        return 0;
    return time(NULL) + (time_t)lifetime;
}

/* A cache of its own, filled by the mechanism: it copies what makes a proxy credential, too. */
static SECURITY_STATUS cred_store(gss_cred_id_t cred, const char *ccache)
{
    gss_key_value_element_desc element = {"ccache", ccache};
    gss_key_value_set_desc store = {1, &element};
    struct gss_result result = {.mech = oid_krb5};

    result.major = gss_store_cred_into(&result.minor, cred, GSS_C_INITIATE, oid_krb5, 1, 0, &store,
                                       NULL, NULL);
    return gss_status(GSS_ACCEPTING, "gss_store_cred_into", result);
}

SECURITY_STATUS tickets_from_cred(gss_cred_id_t cred, struct tickets **out)
{
    struct tickets *tickets = tickets_new(true);
    krb5_context context = NULL;
    krb5_ccache ccache = NULL;
    krb5_error_code code = tickets == NULL ? ENOMEM : krb5_init_context(&context);
    SECURITY_STATUS status;

    *out = NULL;
    if (code == 0)
        code = ccache_create(context, tickets, &ccache);
    status = krb5_status(GSS_ACCEPTING, "making a cache for delegated tickets", context, code);
    if (status == SEC_E_OK)
        status = cred_store(cred, tickets->ccache);
    if (status == SEC_E_OK)
        status = krb5_status(GSS_ACCEPTING, "reading delegated tickets", context,
                             ccache_principal(context, ccache, &tickets->principal));
    if (status == SEC_E_OK)
        tickets->expires = cred_expires(cred);
    if (ccache != NULL)
        krb5_cc_close(context, ccache);
    krb5_free_context(context);
    if (status == SEC_E_OK)
        *out = tickets;
    else if (tickets != NULL)
        object_unref(&tickets->object);
    return status;
}

/* A cache that is someone's already is only written over where that is wanted. */
static krb5_error_code cache_fill(krb5_context context, krb5_ccache from, krb5_ccache into,
                                  bool overwrite)
{
    krb5_principal owner, previous;
    krb5_error_code code = krb5_cc_get_principal(context, from, &owner);

    if (code != 0)
        return code;
    if (!overwrite && krb5_cc_get_principal(context, into, &previous) == 0) {
        krb5_free_principal(context, previous);
        code = EEXIST;
    }
    if (code == 0)
        code = krb5_cc_initialize(context, into, owner);
    if (code == 0)
        code = krb5_cc_copy_creds(context, from, into);
    krb5_free_principal(context, owner);
    return code;
}

SECURITY_STATUS tickets_write(const struct tickets *tickets, const char *ccache, bool overwrite)
{
    krb5_context context = NULL;
    krb5_ccache from = NULL, into = NULL;
    krb5_error_code code = krb5_init_context(&context);
    SECURITY_STATUS status;

    if (code == 0)
        code = krb5_cc_resolve(context, tickets->ccache, &from);
    if (code == 0)
        code = ccache == NULL ? krb5_cc_default(context, &into)
                              : krb5_cc_resolve(context, ccache, &into);
    if (code == 0)
        code = cache_fill(context, from, into, overwrite);
    status = krb5_status(GSS_ACQUIRING, "keeping tickets in a cache", context, code);
    if (into != NULL)
        krb5_cc_close(context, into);
    if (from != NULL)
        krb5_cc_close(context, from);
    krb5_free_context(context);
    return code == EEXIST ? SEC_E_NOT_OWNER : status;
}
