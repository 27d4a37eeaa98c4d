/* SPDX-License-Identifier: MIT */
/* Kerberos tickets; the part that speaks libkrb5. */
#include "gss/tickets.h"

#include <ctype.h>
#include <errno.h>
#include <gssapi/gssapi_ext.h>
#include <profile.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/native.h"
#include "core/secret.h"
#include "core/text.h"
#include "gss/oid.h"
#include "gss/status.h"

#define CLOCKSKEW_DEFAULT 300

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
    if (code != 0)
        krb5_cc_destroy(context, *ccache);
    return code;
}

/* --- Realms ---------------------------------------------------------------------------------- */

static char *text_upper(const char *text)
{
    char *upper = strdup(text);

    for (char *at = upper; at != NULL && *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    return upper;
}

/* The spelling of krb5.conf's [realms] for a name, or NULL. */
static char *realm_configured(krb5_context context, const char *name)
{
    const char *path[] = {"realms", NULL};
    profile_t profile = NULL;
    char **names = NULL, *found = NULL;

    if (krb5_get_profile(context, &profile) != 0)
        return NULL;
    if (profile_get_subsection_names(profile, path, &names) == 0) {
        for (char **at = names; *at != NULL && found == NULL; at++)
            if (strcmp(*at, name) == 0)
                found = strdup(*at);
        for (char **at = names; *at != NULL && found == NULL; at++)
            if (strcasecmp(*at, name) == 0)
                found = strdup(*at);
        profile_free_list(names);
    }
    profile_release(profile);
    return found;
}

/* Whether name is realm, or realm's first label, as a NetBIOS domain name mostly is. */
static bool realm_answers_to(const char *realm, const char *name)
{
    size_t label = strcspn(realm, ".");

    return strcasecmp(realm, name) == 0 ||
           (strlen(name) == label && strncasecmp(realm, name, label) == 0);
}

static krb5_error_code realm_find(krb5_context context, const char *domain, char **realm)
{
    char *fallback = NULL;

    *realm = realm_configured(context, domain);
    if (*realm != NULL)
        return 0;
    if (krb5_get_default_realm(context, &fallback) == 0 && realm_answers_to(fallback, domain))
        *realm = strdup(fallback);
    else if (strchr(domain, '.') != NULL)
        *realm = text_upper(domain);
    krb5_free_default_realm(context, fallback);
    return *realm != NULL ? 0 : KRB5_REALM_UNKNOWN;
}

/* A user name may hold what the text form of a principal gives a meaning to. */
static char *user_escaped(const char *user)
{
    char *text = malloc(2 * strlen(user) + 1), *to = text;

    for (; text != NULL && *user != '\0'; user++) {
        if (*user == '@' || *user == '\\')
            *to++ = '\\';
        *to++ = *user;
    }
    if (text != NULL)
        *to = '\0';
    return text;
}

krb5_error_code tickets_principal(krb5_context context, const struct identity *identity,
                                  char **principal)
{
    char *realm = NULL, *user;
    krb5_error_code code = 0;

    *principal = NULL;
    if (identity->domain != NULL && *identity->domain != '\0')
        code = realm_find(context, identity->domain, &realm);
    else if (krb5_get_default_realm(context, &realm) != 0)
        code = KRB5_CONFIG_NODEFREALM;
    if (code != 0)
        return code;
    user = user_escaped(identity->user);
    if (user != NULL)
        *principal = text_join(user, "@", realm);
    free(user);
    free(realm);
    return *principal == NULL ? ENOMEM : 0;
}

/* --- AS exchange -------------------------------------------------------------------------------
 */

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

static krb5_error_code as_exchange(krb5_context context, struct tickets *tickets,
                                   const char *password)
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
        code = krb5_get_init_creds_opt_set_out_ccache(context, options, ccache);
    if (code == 0)
        code = krb5_get_init_creds_opt_set_expire_callback(context, options, password_expiry_note,
                                                           tickets);
    if (code == 0)
        code = krb5_get_init_creds_password(context, &creds, client, password, NULL, NULL, 0, NULL,
                                            options);
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
    krb5_context context = NULL;
    SECURITY_STATUS status;

    *out = NULL;
    *code = tickets == NULL ? ENOMEM : krb5_init_context(&context);
    if (*code != 0)
        goto done;
    *code = tickets_principal(context, identity, &tickets->principal);
    if (*code == 0)
        *code = password_check(identity);
    if (*code == 0)
        *code = as_exchange(context, tickets, identity->password);
done:
    status = krb5_status(GSS_INITIATING, "asking the KDC for a ticket with the password given",
                         context, *code);
    krb5_free_context(context);
    if (status == SEC_E_OK)
        *out = tickets;
    else if (tickets != NULL)
        object_unref(&tickets->object);
    return status;
}

/* --- Caches ------------------------------------------------------------------------------------
 */

/* The principal a cache holds tickets of. */
static krb5_error_code ccache_principal(krb5_context context, krb5_ccache ccache, char **text)
{
    krb5_principal principal;
    char *name;
    krb5_error_code code = krb5_cc_get_principal(context, ccache, &principal);

    if (code != 0)
        return code;
    code = krb5_unparse_name(context, principal, &name);
    if (code == 0) {
        *text = strdup(name);
        krb5_free_unparsed_name(context, name);
        if (*text == NULL)
            code = ENOMEM;
    }
    krb5_free_principal(context, principal);
    return code;
}

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

/* --- Stamps ------------------------------------------------------------------------------------
 */

static void stamp_read(struct ccache_stamp *stamp)
{
    struct stat file;

    memset(&file, 0, sizeof(file));
    /* A file that is not there has the stamp of zeros: it differs once it appears. */
    if (stat(stamp->path, &file) != 0)
        memset(&file, 0, sizeof(file));
    stamp->device = file.st_dev;
    stamp->inode = file.st_ino;
    stamp->size = file.st_size;
    stamp->modified = file.st_mtim;
}

static void stamp_classify(struct ccache_stamp *stamp, const char *name)
{
    static const char file[] = "FILE:", memory[] = "MEMORY:";

    if (strncmp(name, memory, sizeof(memory) - 1) == 0) {
        stamp->kind = CCACHE_STABLE;
    } else if (strncmp(name, file, sizeof(file) - 1) == 0) {
        stamp->path = strdup(name + sizeof(file) - 1);
        stamp->kind = stamp->path == NULL ? CCACHE_UNSTABLE : CCACHE_FILE;
    } else if (name[0] == '/') {
        stamp->path = strdup(name);
        stamp->kind = stamp->path == NULL ? CCACHE_UNSTABLE : CCACHE_FILE;
    }
}

void ccache_stamp_take(struct ccache_stamp *stamp, const char *name)
{
    krb5_context context;

    memset(stamp, 0, sizeof(*stamp));
    stamp->kind = CCACHE_UNSTABLE;
    if (name != NULL) {
        stamp_classify(stamp, name);
    } else if (krb5_init_context(&context) == 0) {
        name = krb5_cc_default_name(context);
        if (name != NULL)
            stamp_classify(stamp, name);
        krb5_free_context(context);
    }
    if (stamp->kind == CCACHE_FILE)
        stamp_read(stamp);
}

bool ccache_stamp_changed(const struct ccache_stamp *stamp)
{
    struct ccache_stamp now = *stamp;

    if (stamp->kind != CCACHE_FILE)
        return stamp->kind == CCACHE_UNSTABLE;
    stamp_read(&now);
    return now.device != stamp->device || now.inode != stamp->inode || now.size != stamp->size ||
           now.modified.tv_sec != stamp->modified.tv_sec ||
           now.modified.tv_nsec != stamp->modified.tv_nsec;
}

void ccache_stamp_free(struct ccache_stamp *stamp)
{
    free(stamp->path);
    stamp->path = NULL;
}

static int clockskew = CLOCKSKEW_DEFAULT;
static pthread_once_t clockskew_once = PTHREAD_ONCE_INIT;

static void clockskew_read(void)
{
    krb5_context context;
    profile_t profile = NULL;
    int skew;

    if (krb5_init_context(&context) != 0)
        return;
    if (krb5_get_profile(context, &profile) == 0) {
        if (profile_get_integer(profile, "libdefaults", "clockskew", NULL, CLOCKSKEW_DEFAULT,
                                &skew) == 0)
            clockskew = skew;
        profile_release(profile);
    }
    krb5_free_context(context);
}

int krb5_clockskew(void)
{
    pthread_once(&clockskew_once, clockskew_read);
    return clockskew;
}

/* --- The default cache -------------------------------------------------------------------------
 */

/* The end of the newest ticket-granting ticket in a cache; 0: there is none. */
static time_t tgt_end(krb5_context context, krb5_ccache ccache)
{
    krb5_cc_cursor cursor;
    krb5_creds creds;
    time_t end = 0;

    if (krb5_cc_start_seq_get(context, ccache, &cursor) != 0)
        return 0;
    while (krb5_cc_next_cred(context, ccache, &cursor, &creds) == 0) {
        const krb5_data *service =
            creds.server->length == 2 ? krb5_princ_component(context, creds.server, 0) : NULL;
        time_t this_end = (time_t)(uint32_t)creds.times.endtime;

        if (service != NULL && service->length == sizeof(KRB5_TGS_NAME) - 1 &&
            memcmp(service->data, KRB5_TGS_NAME, service->length) == 0 && this_end > end)
            end = this_end;
        krb5_free_cred_contents(context, &creds);
    }
    krb5_cc_end_seq_get(context, ccache, &cursor);
    return end;
}

bool tickets_default(char **principal, time_t *expires)
{
    krb5_context context;
    krb5_ccache ccache;
    bool found = false;

    *principal = NULL;
    *expires = 0;
    if (krb5_init_context(&context) != 0)
        return false;
    if (krb5_cc_default(context, &ccache) == 0) {
        found = ccache_principal(context, ccache, principal) == 0;
        if (found)
            *expires = tgt_end(context, ccache);
        krb5_cc_close(context, ccache);
    }
    krb5_free_context(context);
    return found;
}
