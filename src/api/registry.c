/* SPDX-License-Identifier: MIT */
/*
 * Every package there is, in the order that EnumerateSecurityPackages reports: those of the
 * library, and those that an administrator or the program has added. The latter stand in slots that
 * are filled once and never emptied, so that a look-up needs no lock and a context may keep its
 * package for ever; deleting one takes the mark off that shows it.
 */
#include <pthread.h>
#include <stdlib.h>

#include "api/api.h"
#include "core/native.h"
#include "core/text.h"
#include "core/trace.h"
#include "credssp/package.h"
#include "digest/package.h"
#include "foreign/package.h"
#include "gss/package.h"
#include "tls/package.h"

const struct package *const package_table[] = {
    &gsspkg_negotiate,   &gsspkg_kerberos, &gsspkg_ntlm,
    &tlspkg_schannel,    &tlspkg_unified,  &credssp_package,
    &credssp_package_ts, &digest_package,  NULL,
};

_Static_assert(sizeof(package_table) / sizeof(package_table[0]) - 1 + PACKAGE_ADDED_MAX <=
                   PACKAGE_MAX,
               "a list has room for all");

static struct {
    pthread_mutex_t lock; /* of who adds or deletes */
    atomic_size_t used;
    struct added {
        const struct package *package; /* set before used counts it */
        atomic_bool listed;
    } slots[PACKAGE_ADDED_MAX];
} added = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- Looking up ----------------------------------------------------------------------------- */

static SECURITY_STATUS registry_add(const char *spec);

static _Thread_local bool configuring;

static void configure(void)
{
    configuring = true;
    foreign_configured(registry_add);
    configuring = false;
}

/* The files are read once, by the first question; a module that asks meanwhile sees what there is
 * so far. */
static void registry_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    if (!configuring)
        pthread_once(&once, configure);
}

/* Appends what is listed at this moment. */
static size_t added_list(const struct package **list)
{
    size_t used = atomic_load_explicit(&added.used, memory_order_acquire), count = 0;

    for (size_t i = 0; i < used; i++)
        if (atomic_load_explicit(&added.slots[i].listed, memory_order_acquire))
            list[count++] = added.slots[i].package;
    return count;
}

size_t package_all(const struct package *list[PACKAGE_MAX])
{
    size_t count = 0;

    registry_begin();
    for (; package_table[count] != NULL; count++)
        list[count] = package_table[count];
    return count + added_list(list + count);
}

const struct package *package_wanted(const char *name)
{
    const struct package *package = name == NULL ? NULL : package_find(name);

    if (package == NULL && name != NULL)
        native_error_set("there is no package %s: EnumerateSecurityPackages has all names", name);
    else if (package == NULL)
        native_error_set("no package was named");
    return package;
}

const struct package *package_find(const char *name)
{
    const struct package *list[PACKAGE_MAX];
    size_t count;

    for (const struct package *const *at = package_table; *at != NULL; at++)
        if (package_named(*at, name))
            return *at;
    registry_begin();
    count = added_list(list);
    for (size_t i = 0; i < count; i++)
        if (package_named(list[i], name))
            return list[i];
    return NULL;
}

/* --- Adding and deleting -------------------------------------------------------------------- */

static struct added *slot_of(const struct package *package)
{
    size_t used = atomic_load_explicit(&added.used, memory_order_relaxed);

    for (size_t i = 0; i < used; i++)
        if (added.slots[i].package == package)
            return &added.slots[i];
    return NULL;
}

/* Whether all of them can be added: names are free, and the slots suffice. */
static SECURITY_STATUS packages_check(const struct package *const *list, size_t count)
{
    size_t fresh = 0;

    for (size_t i = 0; i < count; i++) {
        bool taken = package_find(list[i]->name) != NULL;

        for (size_t j = 0; j < i; j++)
            taken |= text_equal_nocase(list[i]->name, list[j]->name);
        if (taken) {
            native_error_set("there is a package %s already", list[i]->name);
            return SEC_E_CANNOT_INSTALL;
        }
        fresh += slot_of(list[i]) == NULL;
    }
    if (fresh <= PACKAGE_ADDED_MAX - atomic_load_explicit(&added.used, memory_order_relaxed))
        return SEC_E_OK;
    native_error_set("a process can add %d packages", PACKAGE_ADDED_MAX);
    return SEC_E_INSUFFICIENT_MEMORY;
}

static void package_show(const struct package *package)
{
    struct added *slot = slot_of(package);
    size_t used = atomic_load_explicit(&added.used, memory_order_relaxed);

    if (slot == NULL) {
        slot = &added.slots[used];
        slot->package = package;
        atomic_store_explicit(&added.used, used + 1, memory_order_release);
    }
    atomic_store_explicit(&slot->listed, true, memory_order_release);
}

/* All packages that spec names, or none. */
static SECURITY_STATUS registry_add(const char *spec)
{
    const struct package *list[PACKAGE_ADDED_MAX];
    size_t count;
    SECURITY_STATUS status;

    registry_begin();
    status = foreign_open(spec, list, &count);
    if (status != SEC_E_OK)
        return status;
    pthread_mutex_lock(&added.lock);
    status = packages_check(list, count);
    for (size_t i = 0; i < count && status == SEC_E_OK; i++)
        package_show(list[i]);
    pthread_mutex_unlock(&added.lock);
    return status;
}

static SECURITY_STATUS registry_delete(const char *name)
{
    const struct package *package;
    struct added *slot = NULL;

    registry_begin();
    pthread_mutex_lock(&added.lock);
    package = package_find(name);
    if (package != NULL && (slot = slot_of(package)) != NULL)
        atomic_store_explicit(&slot->listed, false, memory_order_release);
    pthread_mutex_unlock(&added.lock);
    if (package == NULL)
        return SEC_E_SECPKG_NOT_FOUND;
    if (slot == NULL)
        native_error_set("%s is a package of the library", package->name);
    return slot == NULL ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK;
}

/* --- The exported names --------------------------------------------------------------------- */

/* Size 0 is what programs pass that clear the structure and fill in nothing. */
static SECURITY_STATUS options_check(const SECURITY_PACKAGE_OPTIONS *options)
{
    const char *why = NULL;

    if (options == NULL)
        return SEC_E_OK;
    if (options->Size != 0 && options->Size < sizeof(*options))
        return SEC_E_INVALID_PARAMETER;
    if (options->Type == SECPKG_OPTIONS_TYPE_LSA)
        why = "packages of the LSA (SpLsaModeInitialize) cannot be added";
    else if (options->Flags & SECPKG_OPTIONS_PERMANENT)
        why = "a package becomes permanent by a file in sspi/packages.d";
    else if (options->Type > SECPKG_OPTIONS_TYPE_SSPI || options->Flags != 0)
        return SEC_E_INVALID_PARAMETER;
    if (why != NULL)
        native_error_set("%s", why);
    return why == NULL ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION;
}

static SECURITY_STATUS package_add(const void *name, bool wide,
                                   const SECURITY_PACKAGE_OPTIONS *options)
{
    char *text = NULL;
    SECURITY_STATUS status;

    native_error_clear();
    status = options_check(options);
    if (status == SEC_E_OK)
        status = text_from_caller(name, wide, &text);
    if (status == SEC_E_OK)
        status = text == NULL ? SEC_E_INVALID_PARAMETER : registry_add(text);
    trace("AddSecurityPackage name=%s", text == NULL ? "(none)" : text);
    string_wipe_free(text);
    return trace_result("AddSecurityPackage", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY AddSecurityPackageA(LPSTR pszPackageName,
                                                       PSECURITY_PACKAGE_OPTIONS pOptions)
{
    return package_add(pszPackageName, false, pOptions);
}

SSPI_API SECURITY_STATUS SEC_ENTRY AddSecurityPackageW(LPWSTR pszPackageName,
                                                       PSECURITY_PACKAGE_OPTIONS pOptions)
{
    return package_add(pszPackageName, true, pOptions);
}

static SECURITY_STATUS package_delete(const void *name, bool wide)
{
    char *text = NULL;
    SECURITY_STATUS status;

    native_error_clear();
    status = text_from_caller(name, wide, &text);
    if (status == SEC_E_OK)
        status = text == NULL ? SEC_E_INVALID_PARAMETER : registry_delete(text);
    trace("DeleteSecurityPackage name=%s", text == NULL ? "(none)" : text);
    string_wipe_free(text);
    return trace_result("DeleteSecurityPackage", status);
}

SSPI_API SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageA(SEC_CHAR *pszPackageName)
{
    return package_delete(pszPackageName, false);
}

SSPI_API SECURITY_STATUS SEC_ENTRY DeleteSecurityPackageW(SEC_WCHAR *pszPackageName)
{
    return package_delete(pszPackageName, true);
}
