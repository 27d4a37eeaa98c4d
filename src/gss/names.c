/* SPDX-License-Identifier: MIT */
/* Who stands at the two ends of a context. */
#include <stdlib.h>
#include <string.h>

#include "gss/gsspkg.h"
#include "gss/krbconf.h"
#include "gss/oid.h"

static SECURITY_STATUS name_text(gss_name_t name, const gss_OID_desc *mech, char **out)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = mech};
    OM_uint32 minor;
    size_t length;
    SECURITY_STATUS status;

    result.major = gss_display_name(&result.minor, name, &text, NULL);
    status = gss_status(GSS_ACCEPTING, "gss_display_name", result);
    if (status != SEC_E_OK)
        return status;
    length = strnlen(text.value, text.length); /* gss-ntlmssp counts the terminator */
    *out = strndup(text.value, length);
    gss_release_buffer(&minor, &text);
    return *out == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

/*
 * The names of both ends, once. gss-ntlmssp crashes when an acceptor with default credentials is
 * asked for its own name, and has none to give to an initiator: there it is not asked.
 */
static SECURITY_STATUS names_ask(struct gss_context *context)
{
    struct gss_result result = {.mech = context->mech};
    gss_name_t initiator = GSS_C_NO_NAME, acceptor = GSS_C_NO_NAME;
    OM_uint32 minor;
    SECURITY_STATUS status;

    if (context->acceptor != GSS_C_NO_NAME ||
        (context->mech == oid_ntlm && context->initiator != GSS_C_NO_NAME))
        return SEC_E_OK;
    result.major = gss_inquire_context(&result.minor, context->gss, &initiator,
                                       context->mech == oid_ntlm ? NULL : &acceptor, NULL, NULL,
                                       NULL, NULL, NULL);
    status = gss_status(GSS_ACCEPTING, "gss_inquire_context", result);
    if (status == SEC_E_OK) {
        gss_release_name(&minor, &context->initiator);
        context->initiator = initiator;
        context->acceptor = acceptor;
    }
    return status;
}

SECURITY_STATUS gss_context_client(struct gss_context *context, char **name)
{
    SECURITY_STATUS status = names_ask(context);

    if (status == SEC_E_OK && context->initiator == GSS_C_NO_NAME)
        status = SEC_E_NO_CREDENTIALS;
    return status == SEC_E_OK ? name_text(context->initiator, context->mech, name) : status;
}

/* The server: its principal, or with NTLM the target the initiator named. */
SECURITY_STATUS gss_context_server(struct gss_context *context, char **name)
{
    SECURITY_STATUS status = names_ask(context);

    if (status != SEC_E_OK)
        return status;
    if (context->acceptor != GSS_C_NO_NAME)
        return name_text(context->acceptor, context->mech, name);
    *name = strdup(context->target != NULL ? context->target : "");
    return *name == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

SECURITY_STATUS gsspkg_name_principal(const char *user, const char *domain, char **principal)
{
    const struct identity identity = {.user = (char *)(uintptr_t)user,
                                      .domain = (char *)(uintptr_t)domain};
    krb5_context context = NULL;
    krb5_error_code code = krb5_init_context(&context);
    SECURITY_STATUS status;

    if (code == 0)
        code = krbconf_principal(context, &identity, principal);
    status = krb5_status(GSS_ACQUIRING, "looking for the realm of a name", context, code);
    krb5_free_context(context);
    return status;
}
