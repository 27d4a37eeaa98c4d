/* SPDX-License-Identifier: MIT */
/* Who the ends of a context are, and its end. */
#include <stdlib.h>

#include "mech.h"

#include <schannel.h>

/* One certificate of a TLS context; who shows none is nobody. */
static SECURITY_STATUS certificate_name(struct context *context, ULONG attribute,
                                        struct name **name)
{
    PCCERT_CONTEXT cert = NULL;
    char *subject = NULL;
    SECURITY_STATUS status = QueryContextAttributesA(&context->handle, attribute, &cert);

    if (status == SEC_E_NO_CREDENTIALS || (status == SEC_E_OK && cert == NULL))
        return name_make(NAME_ANONYMOUS, context->mech, "anonymous", name);
    if (status == SEC_E_OK)
        status = cert_subject(cert, &subject);
    if (status == SEC_E_OK)
        status = name_make(NAME_SUBJECT, context->mech, subject, name);
    if (cert != NULL)
        CertFreeCertificateContext(cert);
    free(subject);
    return status;
}

static SECURITY_STATUS tls_names(struct context *context, struct name **source,
                                 struct name **target)
{
    ULONG client =
        context->initiator ? SECPKG_ATTR_LOCAL_CERT_CONTEXT : SECPKG_ATTR_REMOTE_CERT_CONTEXT;
    ULONG server =
        context->initiator ? SECPKG_ATTR_REMOTE_CERT_CONTEXT : SECPKG_ATTR_LOCAL_CERT_CONTEXT;
    SECURITY_STATUS status = SEC_E_OK;

    if (source != NULL)
        status = certificate_name(context, client, source);
    if (status == SEC_E_OK && target != NULL)
        status = certificate_name(context, server, target);
    return status;
}

/* NTLM writes DOMAIN\user, also where there is no domain. */
static const char *client_text(const char *name)
{
    return name[0] == '\\' ? name + 1 : name;
}

/* An NTLM server has no name that a client could know; the one it was called by has to do. */
static SECURITY_STATUS logon_names(struct context *context, struct name **source,
                                   struct name **target)
{
    SecPkgContext_NativeNamesA names = {0};
    const char *server;
    SECURITY_STATUS status =
        QueryContextAttributesA(&context->handle, SECPKG_ATTR_NATIVE_NAMES, &names);

    if (status != SEC_E_OK)
        return status;
    server = names.sServerName != NULL && names.sServerName[0] != '\0' ? names.sServerName
                                                                       : context->target;
    if (source != NULL)
        status = name_make(NAME_USER, context->mech, client_text(names.sClientName), source);
    if (status == SEC_E_OK && target != NULL)
        status = server == NULL ? name_make(NAME_ANONYMOUS, context->mech, "anonymous", target)
                                : name_make(NAME_USER, context->mech, server, target);
    FreeContextBuffer(names.sClientName);
    FreeContextBuffer(names.sServerName);
    return status;
}

SECURITY_STATUS context_names(struct context *context, struct name **source, struct name **target)
{
    SECURITY_STATUS status;

    if (source != NULL)
        *source = NULL;
    if (target != NULL)
        *target = NULL;
    status = mech_is_tls(context->mech) ? tls_names(context, source, target)
                                        : logon_names(context, source, target);
    if (status != SEC_E_OK && source != NULL) {
        name_free(*source);
        *source = NULL;
    }
    return status;
}

SECURITY_STATUS context_accepted(struct context *context, struct name **client,
                                 struct cred **delegated)
{
    SECURITY_STATUS status = client == NULL ? SEC_E_OK : context_names(context, client, NULL);

    if (status != SEC_E_OK) {
        context->open = false;
        return status;
    }
    if (delegated != NULL && (context->flags & GSS_C_DELEG_FLAG) != 0 &&
        cred_delegated(&context->handle, context->mech, client == NULL ? NULL : *client,
                       delegated) != SEC_E_OK)
        context->flags &= ~(OM_uint32)GSS_C_DELEG_FLAG;
    return SEC_E_OK;
}

/* close_notify, by the two calls that Windows has for it [schannel(7), Ending]. */
SECURITY_STATUS context_close(struct context *context, struct octets *token)
{
    DWORD shutdown = SCHANNEL_SHUTDOWN;
    SecBuffer word = {sizeof(shutdown), SECBUFFER_TOKEN, &shutdown};
    SecBufferDesc control = {SECBUFFER_VERSION, 1, &word};
    SecBuffer alert = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &alert};
    ULONG granted;
    SECURITY_STATUS status;

    if (!context->mech->stream || !context->open)
        return SEC_E_OK;
    status = ApplyControlToken(&context->handle, &control);
    if (status == SEC_E_OK && context->initiator)
        status = InitializeSecurityContextA(NULL, &context->handle, context->target,
                                            ISC_REQ_ALLOCATE_MEMORY, 0, SECURITY_NETWORK_DREP, NULL,
                                            0, &context->handle, &out, &granted, NULL);
    else if (status == SEC_E_OK)
        status =
            AcceptSecurityContext(NULL, &context->handle, NULL, ASC_REQ_ALLOCATE_MEMORY,
                                  SECURITY_NETWORK_DREP, &context->handle, &out, &granted, NULL);
    if (alert.pvBuffer != NULL) {
        status = octets_add(token, alert.pvBuffer, alert.cbBuffer);
        FreeContextBuffer(alert.pvBuffer);
    }
    return status;
}
