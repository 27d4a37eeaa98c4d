/* SPDX-License-Identifier: MIT */
/* Target names. */
#include "gss/target.h"

#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/text.h"
#include "gss/oid.h"
#include "gss/status.h"

/* A service needs a name before its slash, and a host after it. */
static bool has_service(const char *target)
{
    const char *slash = strchr(target, '/');

    return slash != NULL && slash != target && slash[1] != '\0';
}

bool target_is_hostbased(const char *target)
{
    const char *slash;

    if (target == NULL || *target == '\0' || strchr(target, '@') != NULL)
        return false;
    slash = strchr(target, '/');
    return slash == NULL || (has_service(target) && strchr(slash + 1, '/') == NULL);
}

/* "svc/host" and "svc/host@REALM" to "svc@host", without the realm. */
static char *hostbased_text(const char *target)
{
    const char *slash = strchr(target, '/');
    char *service, *text;

    if (slash == NULL)
        return text_join("host", "@", target);
    service = strndup(target, (size_t)(slash - target));
    if (service == NULL)
        return NULL;
    text = text_join(service, "@", slash + 1);
    free(service);
    if (text != NULL && strchr(target, '@') != NULL)
        *strrchr(text, '@') = '\0';
    return text;
}

/* NTLM knows a name without SPN as "@host": nothing is claimed about the target. */
static char *ntlm_text(const char *target)
{
    if (target != NULL && has_service(target))
        return hostbased_text(target);
    if (target == NULL || *target == '\0' || strchr(target, '@') != NULL)
        return strdup("@unspecified");
    return text_join("host", "@", target);
}

bool target_is_service(const char *target, const char *service)
{
    char *text = ntlm_text(target), *at = text == NULL ? NULL : strchr(text, '@');
    bool is = true;

    if (at != NULL && at != text) {
        *at = '/';
        is = text_equal_nocase(text, service);
    }
    free(text);
    return is;
}

static SECURITY_STATUS text_import(const char *text, gss_OID type, const gss_OID_desc *mech,
                                   gss_name_t *name)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    struct gss_result result = {.mech = mech};

    result.major = gss_import_name(&result.minor, &buffer, type, name);
    return gss_status(GSS_INITIATING, "gss_import_name", result);
}

SECURITY_STATUS target_import(const char *target, const gss_OID_desc *mech, gss_name_t *name)
{
    bool ntlm = oid_equal(mech, oid_ntlm);
    SECURITY_STATUS status;
    char *text;

    *name = GSS_C_NO_NAME;
    if (!ntlm && (target == NULL || *target == '\0')) {
        native_error_set("Kerberos needs the name of a service, and no target was given");
        return SEC_E_TARGET_UNKNOWN;
    }
    if (!ntlm && !target_is_hostbased(target))
        return text_import(target, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, mech, name);
    text = ntlm ? ntlm_text(target) : hostbased_text(target);
    if (text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = text_import(text, GSS_C_NT_HOSTBASED_SERVICE, mech, name);
    free(text);
    return status;
}

krb5_error_code target_name_principal(krb5_context context, gss_name_t name,
                                      krb5_principal *principal)
{
    gss_name_t canonical = GSS_C_NO_NAME;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *copy = NULL;
    krb5_error_code code = KRB5_PARSE_MALFORMED;

    if (gss_canonicalize_name(&minor, name, oid_krb5, &canonical) == GSS_S_COMPLETE &&
        gss_display_name(&minor, canonical, &text, NULL) == GSS_S_COMPLETE)
        copy = strndup(text.value, text.length);
    if (copy != NULL)
        code = krb5_parse_name(context, copy, principal);
    free(copy);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &canonical);
    return code;
}

krb5_error_code target_principal(krb5_context context, const char *target,
                                 krb5_principal *principal)
{
    gss_name_t name;
    OM_uint32 minor;
    krb5_error_code code;

    if (target_import(target, oid_krb5, &name) != SEC_E_OK)
        return KRB5_PARSE_MALFORMED;
    code = target_name_principal(context, name, principal);
    gss_release_name(&minor, &name);
    return code;
}
