/* SPDX-License-Identifier: MIT */
/* What krb5.conf and the environment say. */
#include "gss/krbconf.h"

#include <ctype.h>
#include <errno.h>
#include <profile.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

#define CLOCKSKEW_DEFAULT   300
#define KDC_TIMEOUT_DEFAULT 10U
#define KDC_TIMEOUT_MAX     3600U

/* --- Realms --------------------------------------------------------------------------------- */

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

krb5_error_code krbconf_principal(krb5_context context, const struct identity *identity,
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

/* --- Numbers -------------------------------------------------------------------------------- */

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

int krbconf_clockskew(void)
{
    pthread_once(&clockskew_once, clockskew_read);
    return clockskew;
}

static unsigned kdc_timeout_seconds = KDC_TIMEOUT_DEFAULT;
static pthread_once_t kdc_timeout_once = PTHREAD_ONCE_INIT;

/* SSPI_KDC_TIMEOUT, whole seconds; what is no such number leaves the default. */
static void kdc_timeout_read(void)
{
    const char *text = getenv("SSPI_KDC_TIMEOUT");
    char *end;
    unsigned long seconds;

    if (text == NULL || *text < '0' || *text > '9')
        return;
    seconds = strtoul(text, &end, 10);
    if (*end == '\0' && seconds != 0 && seconds <= KDC_TIMEOUT_MAX)
        kdc_timeout_seconds = (unsigned)seconds;
}

unsigned krbconf_kdc_timeout(void)
{
    pthread_once(&kdc_timeout_once, kdc_timeout_read);
    return kdc_timeout_seconds * 1000;
}
