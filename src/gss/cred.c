/* SPDX-License-Identifier: MIT */
/* Credentials of the GSS packages. */
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

#include <credssp.h>

#include "core/native.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

static void cred_destroy(struct object *object)
{
    struct gss_cred *cred = (struct gss_cred *)object;
    struct gss_cred *more = atomic_load(&cred->more);

    routes_free(cred);
    acceptor_unref(cred->acceptor);
    if (cred->tickets != NULL)
        object_unref(&cred->tickets->object);
    identity_free(cred->identity);
    string_wipe_free(cred->principal);
    pthread_mutex_destroy(&cred->lock);
    if (more != NULL)
        object_unref(&more->base.handled.object);
    free(cred);
}

static const struct object_class cred_class = {"GSS credential", cred_destroy};

static struct gss_cred *cred_new(const struct package *package, ULONG use)
{
    struct gss_cred *cred = calloc(1, sizeof(*cred));

    if (cred == NULL)
        return NULL;
    cred_base_init(&cred->base, &cred_class, package, use);
    pthread_mutex_init(&cred->lock, NULL);
    atomic_init(&cred->more, NULL);
    return cred;
}

/*
 * A CREDSSP_CRED is for Schannel and Negotiate both: the identity in it is Negotiate's. It begins
 * with a small number, where an identity has a version or an address; malloc() gives none whose
 * lower half is one of these.
 */
static SECURITY_STATUS negotiate_part(const struct gsspkg_kind *kind, const void **auth_data)
{
    const CREDSSP_CRED *both = *auth_data;
    bool extended = both != NULL && both->Type == CredsspCredEx;

    if (extended)
        both = &((const CREDSSP_CRED_EX *)*auth_data)->Cred;
    switch (both == NULL ? 0 : both->Type) {
    case CredsspPasswordCreds:
    case CredsspSchannelCreds:
    case CredsspSubmitBufferBoth:
    case CredsspSubmitBufferBothOld:
        *auth_data = both->pSpnegoCred;
        return kind->negotiates ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
    case CredsspCertificateCreds:
        native_error_set("a smart card's credentials are for kinit, or for CredSSP to hand over");
        return SEC_E_UNSUPPORTED_FUNCTION;
    default:
        return extended ? SEC_E_UNKNOWN_CREDENTIALS : SEC_E_OK;
    }
}

/* The identity, and which of the package's mechanisms it leaves. */
static SECURITY_STATUS identity_take(struct gss_cred *cred, const void *auth_data, bool wide)
{
    const struct gsspkg_kind *kind = gsspkg_kind(cred->base.package);
    SECURITY_STATUS status = negotiate_part(kind, &auth_data);

    if (status == SEC_E_OK)
        status = identity_read(auth_data, wide, &cred->identity);
    if (status != SEC_E_OK)
        return status;
    cred->mechs = kind->mechs;
    if (kind->negotiates)
        cred->mechs &= cred->identity->mechs;
    return cred->mechs != 0 ? SEC_E_OK
                            : native_refuse(SEC_E_NO_CREDENTIALS,
                                            "the identity's PackageList leaves no mechanism of %s: "
                                            "it has names such as kerberos or !ntlm",
                                            cred->base.package->name);
}

/* A password that the client has handed over (CredSSP) serves every mechanism, and may be renewed.
 */
static SECURITY_STATUS handed_over_take(struct gss_cred *cred, const struct gss_cred *lent)
{
    struct identity *identity = identity_copy(lent->identity);

    if (identity == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    identity_free(cred->identity);
    cred->identity = identity;
    return SEC_E_OK;
}

/*
 * A thread that impersonates has the client's tickets and nothing else: what the process itself
 * could use must not come in their place, by whatever name it is asked for. Named or not, the
 * tickets are not renewed by S4U2Self when they end, since that would be the process' own right.
 */
static SECURITY_STATUS delegated_take(struct gss_cred *cred, struct token *token)
{
    struct object *delegated = token_delegated(token);

    if (cred->principal != NULL && strcmp(cred->principal, token_user_name(token)) != 0) {
        native_error_set("this thread acts for %s and has no credentials of %s",
                         token_user_name(token), cred->principal);
        return SEC_E_NO_CREDENTIALS;
    }
    if (object_is(delegated, &cred_class))
        return handed_over_take(cred, (const struct gss_cred *)delegated);
    cred->mechs &= IDENTITY_MECH_KERBEROS;
    if (token_identify_only(token) || delegated == NULL || cred->mechs == 0) {
        native_error_set("the impersonated client has delegated no credentials for this package");
        return SEC_E_NO_CREDENTIALS;
    }
    string_wipe_free(cred->principal);
    cred->principal = NULL;
    object_ref(delegated);
    cred->tickets = (struct tickets *)delegated;
    return SEC_E_OK;
}

struct tickets *gss_token_tickets(const struct token *token)
{
    struct object *delegated = token_delegated(token);

    if (object_is(delegated, &cred_class))
        return gss_cred_tickets((struct gss_cred *)delegated);
    if (delegated == NULL || token_identify_only(token))
        return NULL;
    object_ref(delegated);
    return (struct tickets *)delegated;
}

static SECURITY_STATUS impersonated_take(struct gss_cred *cred)
{
    struct token *token = token_current();
    SECURITY_STATUS status;

    if (token == NULL)
        return SEC_E_OK;
    status = delegated_take(cred, token);
    token_unref(token);
    return status;
}

/* A server's keys are in a keytab: a password given for them must not be dropped in favour of that.
 */
static SECURITY_STATUS inbound_take(struct gss_cred *cred)
{
    if (!cred->identity->explicit)
        return acceptor_acquire(cred);
    native_error_set("a server's keys come from a keytab, not from a user and password");
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/* Only tickets end: those at hand, without asking anybody. A password can always get new ones. */
static void expiry_report(const struct gss_cred *cred, struct cred_request *request)
{
    char *principal = NULL;
    time_t end = 0;

    if (!(request->use & SECPKG_CRED_OUTBOUND) || !(cred->mechs & IDENTITY_MECH_KERBEROS) ||
        cred->identity->explicit)
        return;
    if (cred->tickets != NULL)
        end = cred->tickets->expires;
    else
        ccache_default(&principal, &end);
    string_wipe_free(principal);
    if (end != 0)
        timestamp_set_local(&request->expiry, end);
}

static SECURITY_STATUS cred_fill(struct gss_cred *cred, struct cred_request *request)
{
    SECURITY_STATUS status = identity_take(cred, request->auth_data, request->wide);

    if (status != SEC_E_OK)
        return status;
    if (request->principal != NULL && *request->principal != '\0' &&
        (cred->principal = strdup(request->principal)) == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (request->use & SECPKG_CRED_INBOUND)
        status = inbound_take(cred);
    if (status == SEC_E_OK && (request->use & SECPKG_CRED_OUTBOUND) && !cred->identity->explicit)
        status = impersonated_take(cred);
    if (status == SEC_E_OK)
        expiry_report(cred, request);
    return status;
}

SECURITY_STATUS gsspkg_cred_acquire(const struct package *package, struct cred_request *request,
                                    struct cred **out)
{
    struct gss_cred *cred = cred_new(package, request->use);
    SECURITY_STATUS status;

    native_error_clear();
    if (cred == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = cred_fill(cred, request);
    if (status == SEC_E_OK)
        *out = &cred->base;
    else
        object_unref(&cred->base.handled.object);
    return status;
}

SECURITY_STATUS gsspkg_cred_supplied(const struct package *package, const void *auth_data,
                                     bool wide, struct gss_cred **out)
{
    struct gss_cred *cred = cred_new(package, SECPKG_CRED_OUTBOUND);
    SECURITY_STATUS status;

    *out = NULL;
    if (cred == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = identity_take(cred, auth_data, wide);
    if (status == SEC_E_OK && !cred->identity->explicit)
        status = SEC_E_UNKNOWN_CREDENTIALS; /* supplied means supplied */
    if (status == SEC_E_OK)
        *out = cred;
    else
        object_unref(&cred->base.handled.object);
    return status;
}

/* --- AddCredentials ------------------------------------------------------------------------- */

/* The package an added credential is for: the handle's, or one mechanism of it. */
static SECURITY_STATUS added_mechs(const struct package *handle, const struct package *package,
                                   unsigned *mechs)
{
    if (package->ops != &gsspkg_ops ||
        (gsspkg_kind(package)->mechs & ~gsspkg_kind(handle)->mechs) != 0)
        return SEC_E_SECPKG_NOT_FOUND;
    *mechs = gsspkg_kind(package)->mechs;
    return SEC_E_OK;
}

static void cred_append(struct gss_cred *cred, struct gss_cred *added)
{
    struct gss_cred *next;

    pthread_mutex_lock(&cred->lock);
    next = cred;
    while (atomic_load(&next->more) != NULL)
        next = atomic_load(&next->more);
    atomic_store(&next->more, added);
    pthread_mutex_unlock(&cred->lock);
}

/* The first keys that a handle gets stay. */
static void acceptor_adopt(struct gss_cred *cred, struct gss_cred *added)
{
    pthread_mutex_lock(&cred->lock);
    if (cred->acceptor == NULL) {
        cred->acceptor = added->acceptor;
        object_ref(&cred->acceptor->object);
    }
    pthread_mutex_unlock(&cred->lock);
}

SECURITY_STATUS gsspkg_cred_add(struct cred *base, const struct package *package,
                                struct cred_request *request)
{
    struct gss_cred *cred = (struct gss_cred *)base;
    struct gss_cred *added;
    unsigned mechs;
    SECURITY_STATUS status = added_mechs(base->package, package, &mechs);

    native_error_clear();
    if (status != SEC_E_OK)
        return status;
    added = cred_new(base->package, request->use);
    if (added == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = cred_fill(added, request);
    added->mechs &= mechs;
    if (status == SEC_E_OK && added->mechs == 0)
        status = SEC_E_NO_CREDENTIALS;
    if (status != SEC_E_OK) {
        object_unref(&added->base.handled.object);
        return status;
    }
    if (request->use & SECPKG_CRED_INBOUND)
        acceptor_adopt(cred, added);
    cred_append(cred, added);
    atomic_fetch_or(&base->use, request->use);
    return SEC_E_OK;
}

/* --- Attributes ----------------------------------------------------------------------------- */

/* The user of the NTLM default, from the mechanism. */
static char *ntlm_default_user(void)
{
    gss_OID_set_desc mechs = {1, oid_ntlm};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *user = NULL;

    if (gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs, GSS_C_INITIATE, &cred,
                         NULL, NULL) == GSS_S_COMPLETE &&
        gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL) == GSS_S_COMPLETE &&
        name != GSS_C_NO_NAME && gss_display_name(&minor, name, &text, NULL) == GSS_S_COMPLETE)
        user = strndup(text.value, text.length);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
    gss_release_cred(&minor, &cred);
    return user;
}

static char *identity_name(const struct identity *identity)
{
    if (identity->domain == NULL)
        return strdup(identity->user);
    return identity->upn ? text_join(identity->user, "@", identity->domain)
                         : text_join(identity->domain, "\\", identity->user);
}

/* Whose credentials a handle holds; NULL when it holds none. */
static char *cred_user_name(struct gss_cred *cred)
{
    struct tickets *tickets;
    char *name = NULL;
    time_t end;

    if (cred->identity->explicit)
        return identity_name(cred->identity);
    if (cred->principal != NULL)
        return strdup(cred->principal);
    tickets = gss_cred_tickets(cred);
    if (tickets != NULL) {
        name = strdup(tickets->principal);
        object_unref(&tickets->object);
        return name;
    }
    if (cred->mechs & IDENTITY_MECH_KERBEROS)
        ccache_default(&name, &end);
    if (name == NULL && (cred->mechs & IDENTITY_MECH_NTLM))
        name = ntlm_default_user();
    return name;
}

SECURITY_STATUS gsspkg_cred_query(struct cred *base, ULONG attribute, void *buffer)
{
    char *name;

    native_error_clear();
    if (attribute != SECPKG_CRED_ATTR_NAMES)
        return SEC_E_UNSUPPORTED_FUNCTION;
    name = cred_user_name((struct gss_cred *)base);
    if (name == NULL)
        return SEC_E_NO_CREDENTIALS;
    ((PSecPkgCredentials_NamesA)buffer)->sUserName = name;
    return SEC_E_OK;
}

/* Only tickets that a credential holds by itself: those of a cache are kept already. */
static SECURITY_STATUS cred_keep(struct gss_cred *cred, const SspiCredentials_KeepTickets *keep)
{
    struct tickets *tickets = gss_cred_tickets(cred);
    SECURITY_STATUS status;

    if (tickets == NULL)
        return SEC_E_NO_CREDENTIALS;
    status = tickets_write(tickets, keep->pszCache, keep->fOverwrite != FALSE);
    object_unref(&tickets->object);
    return status;
}

/*
 * KDC_PROXY_SETTINGS: MIT's library takes a KDC proxy from krb5.conf (kdc = https://...), for the
 * whole process; a single credential cannot have its own.
 */
SECURITY_STATUS gsspkg_cred_set(struct cred *base, ULONG attribute, const void *buffer, ULONG size)
{
    native_error_clear();
    if (attribute == SSPI_CRED_ATTR_KEEP_TICKETS)
        return size < sizeof(SspiCredentials_KeepTickets)
                   ? SEC_E_BUFFER_TOO_SMALL
                   : cred_keep((struct gss_cred *)base, buffer);
    native_error_set("a KDC proxy is set in krb5.conf, for the process, not for one credential");
    return SEC_E_UNSUPPORTED_FUNCTION;
}
