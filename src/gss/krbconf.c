/* SPDX-License-Identifier: MIT */
/* What krb5.conf and the environment say. */
#include "gss/krbconf.h"

#include <ctype.h>
#include <errno.h>
#include <profile.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/secret.h"
#include "core/text.h"

#define CLOCKSKEW_DEFAULT   300
#define KDC_TIMEOUT_DEFAULT 10U
#define KDC_TIMEOUT_MAX     3600U

/* --- Realms --------------------------------------------------------------------------------- */

static char *upper_copy(const char *text)
{
    char *upper = strdup(text);

    for (char *at = upper; at != NULL && *at != '\0'; at++)
        *at = text_upper(*at);
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
            if (text_equal_nocase(*at, name))
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

    return text_equal_nocase(realm, name) ||
           (strlen(name) == label && text_equal_nocase_n(realm, name, label));
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
        *realm = upper_copy(domain);
    krb5_free_default_realm(context, fallback);
    return *realm != NULL ? 0 : KRB5_REALM_UNKNOWN;
}

bool krbconf_realm_fits(const struct identity *identity, const char *realm)
{
    krb5_context context;
    char *named = NULL;
    bool fits;

    if (identity->domain == NULL || *identity->domain == '\0')
        return true;
    if (krb5_init_context(&context) != 0)
        return false;
    fits = realm_find(context, identity->domain, &named) != 0 || text_equal_nocase(named, realm);
    free(named);
    krb5_free_context(context);
    return fits;
}

/* --- A KDC of one identity's own ------------------------------------------------------------ */

#define FILE_PATH_SIZE  32
#define KRB5_CONF_USUAL "/etc/krb5.conf"

/* What could end the value, or begin another line. */
static bool is_one_value(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isgraph((unsigned char)*text) || strchr("{}[]\"\\*#;", *text) != NULL)
            return false;
    return true;
}

static krb5_error_code kdc_file_write(const char *realm, const char *url, int *file)
{
    bool whole = strstr(url, "://") != NULL;
    int size;

    if (!is_one_value(realm) || !is_one_value(url))
        return KRB5_CONFIG_BADFORMAT;
    *file = memfd_create("krb5.conf", MFD_CLOEXEC);
    if (*file < 0)
        return errno;
    size = dprintf(*file, "[realms]\n%s = {\nkdc = %s%s%s\n}\n", realm, whole ? "" : "https://",
                   url, whole ? "" : "/KdcProxy");
    return size < 0 ? errno : 0;
}

/* The usual files behind this one; libkrb5 does not say which these are, but knows no others. */
static krb5_error_code context_behind(int file, krb5_context *context)
{
    const char *usual = secure_getenv("KRB5_CONFIG");
    char first[FILE_PATH_SIZE], *all;
    profile_t profile = NULL;
    krb5_error_code code;

    snprintf(first, sizeof(first), "/proc/self/fd/%d", file);
    all = text_join(first, ":", usual != NULL ? usual : KRB5_CONF_USUAL);
    if (all == NULL)
        return ENOMEM;
    code = (krb5_error_code)profile_init_path(all, &profile);
    if (code == 0)
        code = krb5_init_context_profile(profile, 0, context);
    if (profile != NULL)
        profile_abandon(profile);
    free(all);
    return code;
}

static krb5_error_code kdc_put_first(const struct identity *identity, struct krbconf *conf)
{
    char *principal = NULL, *realm;
    krb5_error_code code = krbconf_principal(conf->context, identity, &principal);

    if (code != 0)
        return code;
    realm = strrchr(principal, '@');
    code = realm == NULL ? KRB5_REALM_UNKNOWN
                         : kdc_file_write(realm + 1, identity->kdc_url, &conf->file);
    string_wipe_free(principal);
    krb5_free_context(conf->context);
    conf->context = NULL;
    return code == 0 ? context_behind(conf->file, &conf->context) : code;
}

krb5_error_code krbconf_open(const struct identity *identity, struct krbconf *conf)
{
    krb5_error_code code;

    *conf = (struct krbconf){NULL, -1};
    code = krb5_init_context(&conf->context);
    if (code == 0 && identity->kdc_url != NULL && identity->user != NULL)
        code = kdc_put_first(identity, conf);
    return code;
}

void krbconf_close(struct krbconf *conf)
{
    krb5_free_context(conf->context);
    if (conf->file >= 0)
        close(conf->file);
    *conf = (struct krbconf){NULL, -1};
}

/* --- Principals ----------------------------------------------------------------------------- */

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
