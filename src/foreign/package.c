/* SPDX-License-Identifier: MIT */
/* Descriptors for the packages of a module, and what a program or a file calls them. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "foreign/foreign.h"
#include "foreign/package.h"

const struct package_ops foreign_ops = {
    .cred_acquire = foreign_cred_acquire,
    .cred_add = foreign_cred_add,
    .cred_query = foreign_cred_query,
    .cred_set = foreign_cred_set,
    .cred_query_w = foreign_cred_query_w,
    .cred_set_w = foreign_cred_set_w,
    .ctx_init = foreign_ctx_init,
    .ctx_accept = foreign_ctx_accept,
    .ctx_complete = foreign_ctx_complete,
    .ctx_control = foreign_ctx_control,
    .ctx_query = foreign_ctx_query,
    .ctx_set = foreign_ctx_set,
    .ctx_query_w = foreign_ctx_query_w,
    .ctx_set_w = foreign_ctx_set_w,
    .ctx_export = foreign_ctx_export,
    .ctx_import = foreign_ctx_import,
    .ctx_token = foreign_ctx_token,
    .ctx_impersonate = foreign_ctx_impersonate,
    .msg_sign = foreign_msg_sign,
    .msg_verify = foreign_msg_verify,
    .msg_seal = foreign_msg_seal,
    .msg_unseal = foreign_msg_unseal,
    .password_change = foreign_password_change,
};

/* A token has its length in a ULONG, and each leg takes as much memory. */
#define TOKEN_SIZE_MAX (1U << 20)
#define NAME_MAX_SIZE  256

static pthread_mutex_t packages_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct foreign_package *packages;

/* --- What a caller writes ------------------------------------------------------------------- */

struct spec {
    char *text;                /* all of it, cut into pieces */
    const char *ours, *theirs; /* NULL: every package by its own name */
    const char *file;
};

/* "[NAME[:THEIRS]=]FILE"; what has a slash before it is part of the file's name. */
static SECURITY_STATUS spec_read(const char *text, struct spec *spec)
{
    size_t head = strcspn(text, "=/");
    char *colon;

    *spec = (struct spec){.text = strdup(text)};
    if (spec->text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    spec->file = spec->text;
    if (text[head] == '=') {
        spec->text[head] = '\0';
        spec->ours = spec->theirs = spec->text;
        spec->file = spec->text + head + 1;
        if ((colon = strchr(spec->text, ':')) != NULL) {
            *colon = '\0';
            spec->theirs = colon + 1;
        }
    }
    if (*spec->file != '\0' && (spec->ours == NULL || (*spec->ours && *spec->theirs)))
        return SEC_E_OK;
    native_error_set("\"%s\" is not [NAME[:THEIRS]=]FILE", text);
    free(spec->text);
    return SEC_E_INVALID_PARAMETER;
}

/* --- Descriptors ---------------------------------------------------------------------------- */

static bool name_is_usable(const char *name)
{
    size_t size = strlen(name);

    return size != 0 && size < NAME_MAX_SIZE && strcspn(name, "=:/") == size;
}

static SECURITY_STATUS info_check(const struct foreign_module *module, const SecPkgInfoA *info,
                                  const char *name)
{
    const char *why = NULL;

    if (!name_is_usable(name))
        why = "its name is empty, too long or has one of \"=:/\" in it";
    else if (info->cbMaxToken == 0 || info->cbMaxToken > TOKEN_SIZE_MAX)
        why = "its largest token is none, or of more than a MiB";
    if (why != NULL)
        native_error_set("%s: package %s: %s", module->file, name, why);
    return why == NULL ? SEC_E_OK : SEC_E_CANNOT_INSTALL;
}

static void package_free(struct foreign_package *package)
{
    free(foreign_mutable(package->base.name));
    free(foreign_mutable(package->base.comment));
    free(package->theirs);
    free(package->theirs_w);
    free(package);
}

static SECURITY_STATUS package_make(const struct foreign_module *module, const SecPkgInfoA *info,
                                    const char *name, struct foreign_package **out)
{
    struct foreign_package *package = calloc(1, sizeof(*package));

    if (package == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    package->module = module;
    package->base = (struct package){.name = strdup(name),
                                     .comment = strdup(info->Comment),
                                     .capabilities = info->fCapabilities,
                                     .rpc_id = info->wRPCID,
                                     .max_token = info->cbMaxToken,
                                     .too_small = SEC_E_BUFFER_TOO_SMALL,
                                     .ops = &foreign_ops};
    package->theirs = strdup(info->Name);
    if (package->base.name != NULL && package->base.comment != NULL && package->theirs != NULL &&
        text_to_w(info->Name, &package->theirs_w, NULL) == SEC_E_OK) {
        *out = package;
        return SEC_E_OK;
    }
    package_free(package);
    return SEC_E_INSUFFICIENT_MEMORY;
}

static const struct foreign_package *package_known(const struct foreign_module *module,
                                                   const char *theirs, const char *name)
{
    const struct foreign_package *package = packages;

    while (package != NULL && (package->module != module || strcmp(package->theirs, theirs) != 0 ||
                               strcmp(package->base.name, name) != 0))
        package = package->next;
    return package;
}

/* The one that was made before, which contexts may have, or a new one. */
static SECURITY_STATUS package_get(const struct foreign_module *module, const SecPkgInfoA *info,
                                   const char *name, const struct package **out)
{
    const struct foreign_package *known;
    struct foreign_package *made = NULL;
    SECURITY_STATUS status = info_check(module, info, name);

    if (status != SEC_E_OK)
        return status;
    pthread_mutex_lock(&packages_lock);
    known = package_known(module, info->Name, name);
    if (known == NULL && (status = package_make(module, info, name, &made)) == SEC_E_OK) {
        made->next = packages;
        packages = known = made;
    }
    pthread_mutex_unlock(&packages_lock);
    *out = known == NULL ? NULL : &known->base;
    return status;
}

/* --- From a module to its packages ---------------------------------------------------------- */

static SECURITY_STATUS packages_choose(const struct foreign_module *module, const struct spec *spec,
                                       const PSecPkgInfoA *infos, ULONG there,
                                       const struct package *list[PACKAGE_ADDED_MAX], size_t *count)
{
    SECURITY_STATUS status = SEC_E_OK;

    for (ULONG i = 0; i < there && status == SEC_E_OK; i++) {
        if (spec->theirs != NULL && !text_equal_nocase(infos[i]->Name, spec->theirs))
            continue;
        status = package_get(module, infos[i], spec->ours != NULL ? spec->ours : infos[i]->Name,
                             &list[*count]);
        *count += status == SEC_E_OK;
    }
    if (status == SEC_E_OK && *count == 0) {
        native_error_set("%s: it has no package %s", module->file, spec->theirs);
        status = SEC_E_SECPKG_NOT_FOUND;
    }
    return status;
}

static SECURITY_STATUS module_packages(const struct foreign_module *module, const struct spec *spec,
                                       const struct package *list[PACKAGE_ADDED_MAX], size_t *count)
{
    PSecPkgInfoA infos[PACKAGE_ADDED_MAX];
    ULONG there;
    SECURITY_STATUS status = foreign_module_list(module, infos, &there);

    if (status == SEC_E_OK)
        status = packages_choose(module, spec, infos, there, list, count);
    for (ULONG i = 0; i < there; i++)
        memory_wipe_free(infos[i]);
    return status;
}

SECURITY_STATUS foreign_open(const char *text, const struct package *list[PACKAGE_ADDED_MAX],
                             size_t *count)
{
    const struct foreign_module *module;
    struct spec spec;
    SECURITY_STATUS status = spec_read(text, &spec);

    *count = 0;
    if (status != SEC_E_OK)
        return status;
    status = foreign_module_open(spec.file, &module);
    if (status == SEC_E_OK)
        status = module_packages(module, &spec, list, count);
    free(spec.text);
    return status;
}
