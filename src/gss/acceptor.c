/* SPDX-License-Identifier: MIT */
/*
 * The keys of an acceptor.
 *
 * A service that can also get a ticket of its own (from a client keytab, or a cache of its
 * principal) uses a credential for both roles: then MIT's mechanism keeps the client's ticket as
 * evidence for S4U2Proxy
 * ([MS-SFU] 3.1.5.2), which is what impersonation has where only constrained delegation exists.
 * Such a credential is acquired on a worker, at the first context, since it may ask a KDC.
 */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/trace.h"
#include "core/worker.h"
#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/oid.h"

/* After a KDC did not give the service its ticket, it is asked again only after a while. */
#define RETRY_SECONDS 60
#define EXPIRY_MARGIN 30

static void acceptor_destroy(struct object *object)
{
    struct acceptor *acceptor = (struct acceptor *)object;
    OM_uint32 minor;

    gss_release_cred(&minor, &acceptor->cred);
    free(acceptor);
}

static const struct object_class acceptor_class = {"acceptor", acceptor_destroy};

void acceptor_unref(struct acceptor *acceptor)
{
    if (acceptor != NULL)
        object_unref(&acceptor->object);
}

static SECURITY_STATUS name_import(const char *principal, gss_name_t *name)
{
    gss_buffer_desc text;
    struct gss_result result = {.mech = oid_krb5};
    const char *slash;
    char *hostbased = NULL;

    *name = GSS_C_NO_NAME;
    if (principal == NULL)
        return SEC_E_OK;
    /* Host-based where it can be, which NTLM and SPNEGO understand as well. */
    slash = strchr(principal, '/');
    if (slash != NULL && strchr(principal, '@') == NULL && (hostbased = strdup(principal)) == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (hostbased != NULL)
        hostbased[slash - principal] = '@';
    text.value = hostbased != NULL ? hostbased : (void *)(uintptr_t)principal;
    text.length = strlen(text.value);
    result.major =
        gss_import_name(&result.minor, &text,
                        hostbased != NULL ? GSS_C_NT_HOSTBASED_SERVICE : GSS_C_NT_USER_NAME, name);
    free(hostbased);
    return gss_status(GSS_ACQUIRING, "gss_import_name", result);
}

static bool set_has(gss_OID_set set, const gss_OID_desc *oid)
{
    for (size_t i = 0; set != GSS_C_NO_OID_SET && i < set->count; i++)
        if (oid_equal(&set->elements[i], oid))
            return true;
    return false;
}

static bool has_keytab(const struct gss_cred *cred)
{
    return cred->identity->keytab != NULL && (cred->mechs & IDENTITY_MECH_KERBEROS);
}

/*
 * gss-ntlmssp 1.2 takes a store without a server's name for one of a user, who accepts nobody, and
 * any client then has it go through a wild pointer. So NTLM comes without the keytab; and SPNEGO,
 * which hands the store on to all of its own, does not choose NTLM.
 */
static bool is_ntlm_apart(const struct gss_cred *cred)
{
    return has_keytab(cred) && cred->principal == NULL;
}

/* The mechanisms of a package: raw tokens of each, and SPNEGO where it negotiates. */
static gss_OID_set_desc mechs_for(const struct gss_cred *cred, gss_OID_desc mechs[4])
{
    gss_OID_set_desc set = {0, mechs};

    if (cred->mechs & IDENTITY_MECH_KERBEROS) {
        mechs[set.count++] = *oid_krb5;
        mechs[set.count++] = *oid_krb5_ms;
    }
    if ((cred->mechs & IDENTITY_MECH_NTLM) && !is_ntlm_apart(cred))
        mechs[set.count++] = *oid_ntlm;
    if (gsspkg_kind(cred->base.package)->negotiates)
        mechs[set.count++] = *oid_spnego;
    return set;
}

/* What SPNEGO may choose, in order; the mechglue's own choice would go beyond a package list. */
static SECURITY_STATUS neg_mechs_limit(const struct gss_cred *cred, struct acceptor *acceptor,
                                       gss_OID_set actual)
{
    gss_OID_desc mechs[2];
    gss_OID_set_desc set = {0, mechs};
    struct gss_result result = {.mech = oid_spnego};

    if (!set_has(actual, oid_spnego))
        return SEC_E_OK;
    if (cred->mechs & IDENTITY_MECH_KERBEROS)
        mechs[set.count++] = *oid_krb5;
    if ((cred->mechs & IDENTITY_MECH_NTLM) && !is_ntlm_apart(cred))
        mechs[set.count++] = *oid_ntlm;
    result.major = gss_set_neg_mechs(&result.minor, acceptor->cred, &set);
    return gss_status(GSS_ACQUIRING, "gss_set_neg_mechs", result);
}

/* Acquires for the mechanisms wanted; those that had a key are in *actual. */
static SECURITY_STATUS keys_acquire(const struct gss_cred *cred, gss_name_t name,
                                    gss_OID_set_desc *wanted, gss_cred_usage_t usage,
                                    struct acceptor *acceptor, gss_OID_set *actual)
{
    gss_key_value_element_desc element = {"keytab", cred->identity->keytab};
    gss_key_value_set_desc store = {1, &element};
    struct gss_result result = {.mech = &wanted->elements[0]};
    OM_uint32 lifetime = GSS_C_INDEFINITE;
    SECURITY_STATUS status;

    result.major = gss_acquire_cred_from(&result.minor, name, GSS_C_INDEFINITE, wanted, usage,
                                         has_keytab(cred) ? &store : NULL, &acceptor->cred, actual,
                                         usage == GSS_C_BOTH ? &lifetime : NULL);
    status = gss_status(GSS_ACQUIRING, "gss_acquire_cred", result);
    acceptor->has_kerberos = set_has(*actual, oid_krb5);
    if (lifetime != GSS_C_INDEFINITE)
        acceptor->expires = time(NULL) + (time_t)lifetime;
    return status;
}

/* Where the mechanism is not installed there is no NTLM, which a client's token will tell. */
static void ntlm_add(const struct gss_cred *cred, struct acceptor *acceptor)
{
    OM_uint32 minor;

    if ((cred->mechs & IDENTITY_MECH_NTLM) && is_ntlm_apart(cred))
        (void)gss_add_cred(&minor, acceptor->cred, GSS_C_NO_NAME, oid_ntlm, GSS_C_ACCEPT, 0,
                           GSS_C_INDEFINITE, NULL, NULL, NULL, NULL);
}

/* Why there is no Kerberos key: SPNEGO's own element comes to be without any. */
static SECURITY_STATUS keys_missing(const struct gss_cred *cred, gss_name_t name)
{
    gss_OID_set_desc krb5 = {1, oid_krb5};
    struct acceptor none = {.cred = GSS_C_NO_CREDENTIAL};
    gss_OID_set actual = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    SECURITY_STATUS status = keys_acquire(cred, name, &krb5, GSS_C_ACCEPT, &none, &actual);

    gss_release_cred(&minor, &none.cred);
    gss_release_oid_set(&minor, &actual);
    return status == SEC_E_OK ? SEC_E_NO_CREDENTIALS : status;
}

/* Acquires for accepting, or for both roles; the latter may wait. */
static SECURITY_STATUS acceptor_make(const struct gss_cred *cred, gss_cred_usage_t usage,
                                     struct acceptor **out)
{
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));
    gss_OID_desc mechs[4];
    gss_OID_set_desc wanted = mechs_for(cred, mechs);
    gss_OID_set actual = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    gss_name_t name;
    SECURITY_STATUS status;

    *out = NULL;
    if (acceptor == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    object_init(&acceptor->object, &acceptor_class);
    status = name_import(cred->principal, &name);
    if (status == SEC_E_OK)
        status = keys_acquire(cred, name, &wanted, usage, acceptor, &actual);
    if (status == SEC_E_OK && !(cred->mechs & IDENTITY_MECH_NTLM) && !acceptor->has_kerberos)
        status = keys_missing(cred, name);
    if (status == SEC_E_OK)
        status = neg_mechs_limit(cred, acceptor, actual);
    if (status == SEC_E_OK)
        ntlm_add(cred, acceptor);
    gss_release_name(&minor, &name);
    gss_release_oid_set(&minor, &actual);
    if (status == SEC_E_OK)
        *out = acceptor;
    else
        acceptor_unref(acceptor);
    return status;
}

SECURITY_STATUS acceptor_acquire(struct gss_cred *cred)
{
    return acceptor_make(cred, GSS_C_ACCEPT, &cred->acceptor);
}

gss_cred_id_t acceptor_keys_forgetful(const struct gss_cred *cred)
{
    gss_OID_desc mechs[] = {*oid_krb5, *oid_krb5_ms, *oid_spnego};
    gss_OID_set_desc wanted = {3, mechs};
    gss_key_value_element_desc elements[] = {{"rcache", "none:"},
                                             {"keytab", cred->identity->keytab}};
    gss_key_value_set_desc store = {cred->identity->keytab != NULL ? 2 : 1, elements};
    gss_cred_id_t keys = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;
    gss_name_t name;

    if (name_import(cred->principal, &name) != SEC_E_OK)
        return GSS_C_NO_CREDENTIAL;
    (void)gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &wanted, GSS_C_ACCEPT, &store,
                                &keys, NULL, NULL);
    gss_release_name(&minor, &name);
    return keys;
}

/* --- Tickets of the service's own ----------------------------------------------------------- */

/* Whether a key of the keytab belongs to the principal of the default cache. */
static bool cache_is_service(krb5_context context, krb5_keytab keytab)
{
    krb5_ccache ccache = NULL;
    krb5_principal principal = NULL;
    krb5_keytab_entry entry;
    bool is = false;

    if (krb5_cc_default(context, &ccache) == 0 &&
        krb5_cc_get_principal(context, ccache, &principal) == 0 &&
        krb5_kt_get_entry(context, keytab, principal, 0, 0, &entry) == 0) {
        krb5_free_keytab_entry_contents(context, &entry);
        is = true;
    }
    krb5_free_principal(context, principal);
    if (ccache != NULL)
        krb5_cc_close(context, ccache);
    return is;
}

static bool has_client_keytab(krb5_context context)
{
    krb5_keytab keytab;
    bool has = false;

    if (krb5_kt_client_default(context, &keytab) == 0) {
        has = krb5_kt_have_content(context, keytab) == 0;
        krb5_kt_close(context, keytab);
    }
    return has;
}

/* Local checks only: no KDC is asked. */
static bool service_has_tickets(const struct gss_cred *cred)
{
    krb5_context context;
    krb5_keytab keytab;
    bool has;

    if (krb5_init_context(&context) != 0)
        return false;
    has = has_client_keytab(context);
    if (!has &&
        (cred->identity->keytab != NULL ? krb5_kt_resolve(context, cred->identity->keytab, &keytab)
                                        : krb5_kt_default(context, &keytab)) == 0) {
        has = cache_is_service(context, keytab);
        krb5_kt_close(context, keytab);
    }
    krb5_free_context(context);
    return has;
}

struct upgrade {
    struct worker_job job;
    struct gss_cred *cred;
    struct acceptor *made;
};

static void upgrade_run(struct worker_job *job)
{
    struct upgrade *upgrade = (struct upgrade *)job;

    native_error_clear();
    if (acceptor_make(upgrade->cred, GSS_C_BOTH, &upgrade->made) == SEC_E_OK &&
        upgrade->made->has_kerberos)
        return;
    /* NTLM's keys alone would take the place of Kerberos'. */
    acceptor_unref(upgrade->made);
    upgrade->made = NULL;
    trace("no ticket for the service itself: constrained delegation is off for now");
}

static void upgrade_destroy(struct worker_job *job)
{
    struct upgrade *upgrade = (struct upgrade *)job;

    acceptor_unref(upgrade->made);
    object_unref(&upgrade->cred->base.handled.object);
    free(upgrade);
}

static const struct worker_class upgrade_class = {upgrade_run, upgrade_destroy};

/* Keys with a ticket of the service's own, or NULL. */
static struct acceptor *acceptor_upgraded(struct gss_cred *cred)
{
    struct upgrade *upgrade = calloc(1, sizeof(*upgrade));
    struct acceptor *made = NULL;

    if (upgrade == NULL)
        return NULL;
    upgrade->job.class = &upgrade_class;
    upgrade->cred = cred;
    object_ref(&cred->base.handled.object);
    if (worker_run(&upgrade->job, krbconf_kdc_timeout()) != WORKER_DONE)
        return NULL;
    made = upgrade->made;
    upgrade->made = NULL;
    upgrade_destroy(&upgrade->job);
    return made;
}

/* Whether this thread is the one to look for the service's own tickets now. */
static bool upgrade_is_due(struct gss_cred *cred)
{
    time_t now = time(NULL);
    bool due = false;

    pthread_mutex_lock(&cred->lock);
    if (cred->acceptor->has_kerberos && now >= cred->upgrade_at) {
        cred->upgrade_at = now + RETRY_SECONDS;
        due = true;
    }
    pthread_mutex_unlock(&cred->lock);
    return due;
}

/* The new keys take the place of the old; until their ticket ends nothing more is to be done. */
static void acceptor_replace(struct gss_cred *cred, struct acceptor *made)
{
    struct acceptor *old;

    pthread_mutex_lock(&cred->lock);
    old = cred->acceptor;
    cred->acceptor = made;
    cred->upgrade_at = made->expires - EXPIRY_MARGIN;
    pthread_mutex_unlock(&cred->lock);
    acceptor_unref(old);
}

struct acceptor *acceptor_get(struct gss_cred *cred)
{
    struct acceptor *acceptor;

    if (upgrade_is_due(cred) && service_has_tickets(cred)) {
        struct acceptor *made = acceptor_upgraded(cred);

        if (made != NULL)
            acceptor_replace(cred, made);
    }
    pthread_mutex_lock(&cred->lock);
    acceptor = cred->acceptor;
    object_ref(&acceptor->object);
    pthread_mutex_unlock(&cred->lock);
    return acceptor;
}
