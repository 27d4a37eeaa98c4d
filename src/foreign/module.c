/* SPDX-License-Identifier: MIT */
/* Modules: loading a shared object, and reading its tables no further than its version says. */
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/native.h"
#include "core/packageinfo.h"
#include "core/status.h"
#include "core/text.h"
#include "core/trace.h"
#include "foreign/foreign.h"

/* More than that in one module is a mistake. */
#define LIST_MAX PACKAGE_ADDED_MAX

static pthread_mutex_t modules_lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static const struct foreign_module *modules;

SECURITY_STATUS foreign_result(const struct package *package, const char *call,
                               SECURITY_STATUS status)
{
    if (status < 0)
        native_error_set("%s: %s: %s", foreign_module(package)->file, call, status_name(status));
    return status;
}

void foreign_free(const struct foreign_module *module, void *memory)
{
    if (memory == NULL)
        return;
    if (module->a.FreeContextBuffer != NULL)
        module->a.FreeContextBuffer(memory);
    else
        free(memory);
}

void foreign_give_back(void *module, void *memory)
{
    foreign_free(module, memory);
}

SECURITY_STATUS foreign_text_make(struct foreign_text *out, const char *text, bool wide)
{
    *out = (struct foreign_text){NULL, NULL};
    return wide ? text_to_w(text, &out->w, NULL) : text_from_a(text, &out->a);
}

void foreign_text_free(struct foreign_text *text)
{
    string_wipe_free(text->a);
    memory_wipe_free(text->w);
}

/* --- Tables --------------------------------------------------------------------------------- */

/* Where a table ends, by its version: what came with the next one is behind that. */
static const size_t table_sizes[] = {
    0,
    offsetof(SecurityFunctionTableA, SetContextAttributesA),
    offsetof(SecurityFunctionTableA, SetCredentialsAttributesA),
    offsetof(SecurityFunctionTableA, ChangeAccountPasswordA),
    offsetof(SecurityFunctionTableA, QueryContextAttributesExA),
    sizeof(SecurityFunctionTableA),
};

#define VERSION_MAX (sizeof(table_sizes) / sizeof(table_sizes[0]) - 1)

_Static_assert(sizeof(SecurityFunctionTableA) == sizeof(SecurityFunctionTableW) &&
                   offsetof(SecurityFunctionTableA, QueryContextAttributesExA) ==
                       offsetof(SecurityFunctionTableW, QueryContextAttributesExW),
               "the forms have the same slots");

static bool table_read(void *out, const void *table)
{
    ULONG version = table == NULL ? 0 : *(const ULONG *)table;

    memset(out, 0, sizeof(SecurityFunctionTableA));
    if (version != 0)
        memcpy(out, table, table_sizes[version > VERSION_MAX ? VERSION_MAX : version]);
    return version != 0;
}

/* A module with W functions alone has these in that table. */
static void common_slots_join(struct foreign_module *module)
{
#define JOIN(slot)                                                                                 \
    if (module->a.slot == NULL)                                                                    \
    module->a.slot = module->w.slot

    JOIN(FreeCredentialsHandle);
    JOIN(AcceptSecurityContext);
    JOIN(CompleteAuthToken);
    JOIN(DeleteSecurityContext);
    JOIN(ApplyControlToken);
    JOIN(ImpersonateSecurityContext);
    JOIN(RevertSecurityContext);
    JOIN(MakeSignature);
    JOIN(VerifySignature);
    JOIN(FreeContextBuffer);
    JOIN(ExportSecurityContext);
    JOIN(EncryptMessage);
    JOIN(DecryptMessage);
#undef JOIN
}

/* What no package can do without; any other slot may be empty. */
static const char *missing_slot(const struct foreign_module *module)
{
    if (module->a.EnumerateSecurityPackagesA == NULL &&
        module->w.EnumerateSecurityPackagesW == NULL)
        return "EnumerateSecurityPackages";
    if (module->a.AcquireCredentialsHandleA == NULL && module->w.AcquireCredentialsHandleW == NULL)
        return "AcquireCredentialsHandle";
    if (module->a.FreeCredentialsHandle == NULL)
        return "FreeCredentialsHandle";
    return module->a.DeleteSecurityContext == NULL ? "DeleteSecurityContext" : NULL;
}

/* The file's own entry point: dlsym() would find one in a library that the file needs, too. */
static void *entry_find(const struct foreign_module *module, const char *name)
{
    void *entry = dlsym(module->library, name), *owner = NULL;
    struct link_map *map = NULL;
    Dl_info place;

    if (entry == NULL || dlinfo(module->library, RTLD_DI_LINKMAP, &map) != 0 ||
        dladdr1(entry, &place, &owner, RTLD_DL_LINKMAP) == 0)
        return NULL;
    return owner == map ? entry : NULL;
}

static SECURITY_STATUS tables_read(struct foreign_module *module)
{
    INIT_SECURITY_INTERFACE_A init_a =
        (INIT_SECURITY_INTERFACE_A)entry_find(module, SECURITY_ENTRYPOINT_ANSIA);
    INIT_SECURITY_INTERFACE_W init_w =
        (INIT_SECURITY_INTERFACE_W)entry_find(module, SECURITY_ENTRYPOINT_ANSIW);
    const char *missing = NULL;
    bool any = init_a != NULL && table_read(&module->a, init_a());

    any |= init_w != NULL && table_read(&module->w, init_w());
    common_slots_join(module);
    if (init_a == NULL && init_w == NULL)
        native_error_set("%s: it exports no %s or W", module->file, SECURITY_ENTRYPOINT_ANSIA);
    else if (!any)
        native_error_set("%s: it gives no table of version 1 or later", module->file);
    else if ((missing = missing_slot(module)) != NULL)
        native_error_set("%s: its table has no %s", module->file, missing);
    return any && missing == NULL ? SEC_E_OK : SEC_E_CANNOT_INSTALL;
}

/* --- Loading -------------------------------------------------------------------------------- */

static SECURITY_STATUS library_open(const char *file, void **library)
{
    const char *why;

    *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (*library != NULL)
        return SEC_E_OK;
    why = dlerror();
    native_error_set("%s", why == NULL ? file : why);
    /* A bare name was looked for in many places. */
    return strchr(file, '/') != NULL && access(file, F_OK) == 0 ? SEC_E_CANNOT_INSTALL
                                                                : SEC_E_SECPKG_NOT_FOUND;
}

static const struct foreign_module *module_known(const void *library)
{
    const struct foreign_module *module = modules;

    while (module != NULL && module->library != library)
        module = module->next;
    return module;
}

/* Only one that works is kept. */
static SECURITY_STATUS module_make(void *library, const char *file,
                                   const struct foreign_module **out)
{
    struct foreign_module *module = calloc(1, sizeof(*module));
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    if (module != NULL && (module->file = strdup(file)) != NULL) {
        module->library = library;
        status = tables_read(module);
    }
    if (status == SEC_E_OK) {
        module->next = modules;
        modules = module;
        *out = module;
        return SEC_E_OK;
    }
    if (module != NULL)
        free(module->file);
    free(module);
    return status;
}

/* The lock is held while the module makes its table, so that this happens once; a module that
 * loads another one meanwhile holds it already. */
SECURITY_STATUS foreign_module_open(const char *file, const struct foreign_module **out)
{
    void *library;
    SECURITY_STATUS status = library_open(file, &library);

    if (status != SEC_E_OK)
        return status;
    pthread_mutex_lock(&modules_lock);
    *out = module_known(library);
    if (*out == NULL)
        status = module_make(library, file, out);
    else
        dlclose(library); /* one reference keeps it */
    pthread_mutex_unlock(&modules_lock);
    if (status != SEC_E_OK)
        dlclose(library);
    return status;
}

/* --- Its packages --------------------------------------------------------------------------- */

static SECURITY_STATUS info_take(const struct foreign_module *module, bool wide, const void *all,
                                 ULONG i, PSecPkgInfoA *out)
{
    PSecPkgInfoW wider = NULL;
    SECURITY_STATUS status;

    if (wide)
        return package_info_narrow((const SecPkgInfoW *)all + i, out);
    status = package_info_widen((const SecPkgInfoA *)all + i, &wider);
    if (status == SEC_E_OK)
        status = package_info_narrow(wider, out);
    memory_wipe_free(wider);
    if (status == SEC_E_INVALID_PARAMETER)
        native_error_set("%s: a package's name or comment is no text", module->file);
    return status;
}

SECURITY_STATUS foreign_module_list(const struct foreign_module *module, PSecPkgInfoA *list,
                                    ULONG *count)
{
    PSecPkgInfoA narrow = NULL;
    PSecPkgInfoW wide = NULL;
    ULONG there = 0;
    bool w = foreign_wide(module, EnumerateSecurityPackages, false);
    SECURITY_STATUS status = w ? module->w.EnumerateSecurityPackagesW(&there, &wide)
                               : module->a.EnumerateSecurityPackagesA(&there, &narrow);
    void *all = w ? (void *)wide : (void *)narrow;

    *count = 0;
    if (status != SEC_E_OK || all == NULL || there == 0 || there > LIST_MAX) {
        native_error_set("%s: it lists no packages: %s", module->file, status_name(status));
        status = SEC_E_CANNOT_INSTALL;
    }
    for (ULONG i = 0; status == SEC_E_OK && i < there; i++) {
        status = info_take(module, w, all, i, &list[i]);
        *count += status == SEC_E_OK;
    }
    foreign_free(module, all);
    return status;
}
