/* SPDX-License-Identifier: MIT */
/* Credentials of a module. The caller's identity is passed on as it is. */
#include <stdlib.h>

#include "core/attrform.h"
#include "core/native.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "foreign/foreign.h"

static void cred_destroy(struct object *self)
{
    struct foreign_cred *cred = (struct foreign_cred *)self;

    foreign_module(cred->base.package)->a.FreeCredentialsHandle(&cred->handle);
    free(cred);
}

static const struct object_class cred_class = {"credential of a module", cred_destroy};

/* --- Acquiring ------------------------------------------------------------------------------ */

static SECURITY_STATUS acquire(const struct foreign_package *package, struct cred_request *request,
                               CredHandle *handle)
{
    const struct foreign_module *module = package->module;
    bool wide = foreign_wide(module, AcquireCredentialsHandle, request->wide);
    struct foreign_text principal;
    SECURITY_STATUS status = foreign_text_make(&principal, request->principal, wide);
    TimeStamp expiry = request->expiry;
    void *auth = foreign_mutable(request->auth_data);

    if (status == SEC_E_OK)
        status =
            wide ? module->w.AcquireCredentialsHandleW(principal.w, package->theirs_w, request->use,
                                                       NULL, auth, NULL, NULL, handle, &expiry)
                 : module->a.AcquireCredentialsHandleA(principal.a, package->theirs, request->use,
                                                       NULL, auth, NULL, NULL, handle, &expiry);
    foreign_text_free(&principal);
    request->expiry = expiry;
    return status;
}

SECURITY_STATUS foreign_cred_acquire(const struct package *package, struct cred_request *request,
                                     struct cred **out)
{
    struct foreign_cred *cred = calloc(1, sizeof(*cred));
    SECURITY_STATUS status;

    native_error_clear();
    if (cred == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    cred_base_init(&cred->base, &cred_class, package, request->use);
    status = acquire(foreign_package(package), request, &cred->handle);
    if (status < 0) {
        free(cred);
        return foreign_result(package, "AcquireCredentialsHandle", status);
    }
    *out = &cred->base;
    return SEC_E_OK;
}

/* What the module calls a package: its own names, or that of another one. */
static SECURITY_STATUS add(const struct foreign_module *module, CredHandle *handle,
                           const struct foreign_text *principal, const struct foreign_text *package,
                           struct cred_request *request, bool wide)
{
    void *auth = foreign_mutable(request->auth_data);
    TimeStamp expiry = request->expiry;
    SECURITY_STATUS status =
        wide ? module->w.AddCredentialsW(handle, principal->w, package->w, request->use, auth, NULL,
                                         NULL, &expiry)
             : module->a.AddCredentialsA(handle, principal->a, package->a, request->use, auth, NULL,
                                         NULL, &expiry);

    request->expiry = expiry;
    return status;
}

SECURITY_STATUS foreign_cred_add(struct cred *base, const struct package *package,
                                 struct cred_request *request)
{
    struct foreign_cred *cred = (struct foreign_cred *)base;
    const struct foreign_module *module = foreign_module(base->package);
    bool wide = foreign_wide(module, AddCredentials, request->wide);
    bool own = package->ops == &foreign_ops && foreign_module(package) == module;
    struct foreign_text principal, name = {NULL, NULL};
    SECURITY_STATUS status;

    native_error_clear();
    if (!wide && module->a.AddCredentialsA == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = foreign_text_make(&principal, request->principal, wide);
    if (status == SEC_E_OK)
        status =
            foreign_text_make(&name, own ? foreign_package(package)->theirs : package->name, wide);
    if (status == SEC_E_OK)
        status = add(module, &cred->handle, &principal, &name, request, wide);
    foreign_text_free(&principal);
    foreign_text_free(&name);
    return foreign_result(base->package, "AddCredentials", status);
}

/* --- Attributes ----------------------------------------------------------------------------- */

/* One form, as copies of ours. */
static SECURITY_STATUS query(struct foreign_cred *cred, ULONG attribute, void *buffer, bool wide)
{
    const struct foreign_module *module = foreign_module(cred->base.package);
    SECURITY_STATUS status =
        wide ? module->w.QueryCredentialsAttributesW(&cred->handle, attribute, buffer)
             : module->a.QueryCredentialsAttributesA(&cred->handle, attribute, buffer);

    return status == SEC_E_OK ? attr_adopt(attr_of_credential(attribute), buffer, wide,
                                           foreign_give_back, foreign_mutable(module))
                              : status;
}

static SECURITY_STATUS query_form(struct cred *base, ULONG attribute, void *buffer, bool wide)
{
    struct foreign_cred *cred = (struct foreign_cred *)base;
    const struct foreign_module *module = foreign_module(base->package);
    bool other = foreign_wide(module, QueryCredentialsAttributes, wide);
    SECURITY_STATUS status;

    native_error_clear();
    if (!other && module->a.QueryCredentialsAttributesA == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = query(cred, attribute, buffer, other);
    if (status == SEC_E_OK && other != wide)
        status = wide ? attr_widen(attr_of_credential(attribute), buffer)
                      : attr_narrow(attr_of_credential(attribute), buffer);
    return foreign_result(base->package, "QueryCredentialsAttributes", status);
}

SECURITY_STATUS foreign_cred_query(struct cred *cred, ULONG attribute, void *buffer)
{
    return query_form(cred, attribute, buffer, false);
}

SECURITY_STATUS foreign_cred_query_w(struct cred *cred, ULONG attribute, void *buffer)
{
    return query_form(cred, attribute, buffer, true);
}

static SECURITY_STATUS set_form(struct cred *base, ULONG attribute, const void *buffer, ULONG size,
                                bool wide)
{
    struct foreign_cred *cred = (struct foreign_cred *)base;
    const struct foreign_module *module = foreign_module(base->package);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    native_error_clear();
    if (foreign_wide(module, SetCredentialsAttributes, wide))
        status = module->w.SetCredentialsAttributesW(&cred->handle, attribute,
                                                     foreign_mutable(buffer), size);
    else if (module->a.SetCredentialsAttributesA != NULL)
        status = module->a.SetCredentialsAttributesA(&cred->handle, attribute,
                                                     foreign_mutable(buffer), size);
    return foreign_result(base->package, "SetCredentialsAttributes", status);
}

SECURITY_STATUS foreign_cred_set(struct cred *cred, ULONG attribute, const void *buffer, ULONG size)
{
    return set_form(cred, attribute, buffer, size, false);
}

SECURITY_STATUS foreign_cred_set_w(struct cred *cred, ULONG attribute, const void *buffer,
                                   ULONG size)
{
    return set_form(cred, attribute, buffer, size, true);
}
