/* SPDX-License-Identifier: MIT */
/*
 * What MIT's mechglue finds in a mechanism by name: arguments in, results out. A function that is
 * not here is an empty slot, which the mechglue answers with GSS_S_UNAVAILABLE.
 *
 * Nothing here calls a gss_* function that takes a mechanism's objects: it would be the mechglue's.
 */
#pragma GCC visibility push(default)
#include <gssapi/gssapi_ext.h>
#pragma GCC visibility pop

#include <stdlib.h>
#include <string.h>

#include "forward.h"
#include "mech.h"

static struct name *name_of(gss_name_t name)
{
    return (struct name *)(void *)name;
}

static struct cred *cred_of(gss_cred_id_t cred)
{
    return (struct cred *)(void *)cred;
}

static struct context *context_of(gss_ctx_id_t context)
{
    return (struct context *)(void *)context;
}

/* Octets of a failed call are not for the caller. */
static OM_uint32 octets_answer(OM_uint32 *minor, SECURITY_STATUS status, struct octets *octets,
                               gss_buffer_t buffer)
{
    if (status == SEC_E_OK)
        octets_give(octets, buffer);
    else
        octets_free(octets);
    return status_answer(minor, status);
}

/* --- Mechanisms ----------------------------------------------------------------------------- */

OM_uint32 gss_indicate_mechs(OM_uint32 *minor, gss_OID_set *set)
{
    OM_uint32 major = gss_create_empty_oid_set(minor, set);

    for (size_t i = 0; i < mech_count && !GSS_ERROR(major); i++)
        major = gss_add_oid_set_member(minor, mech_oid(&mech_table[i]), set);
    return major;
}

OM_uint32 gss_inquire_attrs_for_mech(OM_uint32 *minor, gss_const_OID mech, gss_OID_set *attributes,
                                     gss_OID_set *known)
{
    const struct mech *found = mech_find(mech);

    return found == NULL ? GSS_S_BAD_MECH : mech_attributes(minor, found, attributes, known);
}

OM_uint32 gss_inquire_saslname_for_mech(OM_uint32 *minor, const gss_OID mech, gss_buffer_t sasl,
                                        gss_buffer_t name, gss_buffer_t description)
{
    const struct mech *found = mech_find(mech);

    return found == NULL ? GSS_S_BAD_MECH : mech_sasl(minor, found, sasl, name, description);
}

OM_uint32 gss_inquire_mech_for_saslname(OM_uint32 *minor, const gss_buffer_t sasl, gss_OID *mech)
{
    return mech_of_sasl(minor, sasl, mech);
}

OM_uint32 gss_display_status(OM_uint32 *minor, OM_uint32 status, int type, gss_OID mech,
                             OM_uint32 *message_context, gss_buffer_t text)
{
    (void)mech;
    *minor = 0;
    return type == GSS_C_MECH_CODE
               ? status_display(minor, (SECURITY_STATUS)status, message_context, text)
               : GSS_S_BAD_STATUS;
}

/* --- Names ---------------------------------------------------------------------------------- */

OM_uint32 gssspi_import_name_by_mech(OM_uint32 *minor, gss_OID mech, gss_buffer_t input,
                                     gss_OID type, gss_name_t *name)
{
    struct name *made = NULL;
    OM_uint32 major = name_import(minor, mech_find(mech), input, type, &made);

    *name = (gss_name_t)(void *)made;
    return major;
}

OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_t input, gss_OID type, gss_name_t *name)
{
    return gssspi_import_name_by_mech(minor, GSS_C_NO_OID, input, type, name);
}

OM_uint32 gss_release_name(OM_uint32 *minor, gss_name_t *name)
{
    *minor = 0;
    name_free(name_of(*name));
    *name = GSS_C_NO_NAME;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_duplicate_name(OM_uint32 *minor, const gss_name_t name, gss_name_t *copy)
{
    struct name *made = NULL;
    SECURITY_STATUS status = name_copy(name_of(name), &made);

    *copy = (gss_name_t)(void *)made;
    return status_answer(minor, status);
}

OM_uint32 gss_display_name(OM_uint32 *minor, gss_name_t name, gss_buffer_t text, gss_OID *type)
{
    return status_answer(minor, name_display(name_of(name), text, type));
}

OM_uint32 gss_compare_name(OM_uint32 *minor, gss_name_t a, gss_name_t b, int *equal)
{
    *minor = 0;
    *equal = name_equal(name_of(a), name_of(b));
    return GSS_S_COMPLETE;
}

OM_uint32 gss_export_name(OM_uint32 *minor, const gss_name_t name, gss_buffer_t token)
{
    return name_export(minor, name_of(name), token);
}

OM_uint32 gss_inquire_names_for_mech(OM_uint32 *minor, gss_OID mech, gss_OID_set *types)
{
    return mech_find(mech) == NULL ? GSS_S_BAD_MECH : status_answer(minor, name_types(types));
}

/* --- Credentials ---------------------------------------------------------------------------- */

/* What an acquired credential tells besides itself. */
static OM_uint32 cred_answer(OM_uint32 *minor, SECURITY_STATUS status, struct cred *made,
                             gss_cred_id_t *cred, gss_OID_set *mechs, OM_uint32 *time)
{
    *cred = (gss_cred_id_t)(void *)made;
    if (status != SEC_E_OK)
        return status_answer(minor, status);
    if (time != NULL)
        *time = time_left(made->expiry);
    *minor = 0;
    return mechs == NULL ? GSS_S_COMPLETE : mech_set(minor, made->mech, mechs);
}

OM_uint32 gss_acquire_cred_from(OM_uint32 *minor, gss_name_t name, OM_uint32 time_request,
                                gss_OID_set desired, gss_cred_usage_t usage,
                                gss_const_key_value_set_t set, gss_cred_id_t *cred,
                                gss_OID_set *mechs, OM_uint32 *time)
{
    const struct mech *mech = mech_of_set(desired);
    struct store store;
    struct cred *made = NULL;
    SECURITY_STATUS status;

    (void)time_request;
    if (mech == NULL)
        return GSS_S_BAD_MECH;
    status = store_read(mech, set, &store);
    if (status == SEC_E_OK && name == GSS_C_NO_NAME && (set == NULL || set->count == 0))
        status = SEC_E_NO_CREDENTIALS; /* who tries every mechanism gets what there was before */
    if (status == SEC_E_OK)
        status = cred_acquire(mech, name_of(name), usage, &store, &made);
    return cred_answer(minor, status, made, cred, mechs, time);
}

OM_uint32 gss_acquire_cred(OM_uint32 *minor, gss_name_t name, OM_uint32 time_request,
                           gss_OID_set desired, gss_cred_usage_t usage, gss_cred_id_t *cred,
                           gss_OID_set *mechs, OM_uint32 *time)
{
    return gss_acquire_cred_from(minor, name, time_request, desired, usage, NULL, cred, mechs,
                                 time);
}

OM_uint32 gssspi_acquire_cred_with_password(OM_uint32 *minor, const gss_name_t name,
                                            const gss_buffer_t password, OM_uint32 time_request,
                                            const gss_OID_set desired, gss_cred_usage_t usage,
                                            gss_cred_id_t *cred, gss_OID_set *mechs,
                                            OM_uint32 *time)
{
    const struct mech *mech = mech_of_set(desired);
    struct store store = {{0}};
    struct cred *made = NULL;
    char *text = NULL;
    SECURITY_STATUS status;

    (void)time_request;
    if (mech == NULL)
        return GSS_S_BAD_MECH;
    status = mech->password ? text_of_buffer(password, &text) : SEC_E_UNSUPPORTED_FUNCTION;
    store.values[STORE_PASSWORD] = text;
    if (status == SEC_E_OK)
        status = cred_acquire(mech, name_of(name), usage, &store, &made);
    if (text != NULL)
        explicit_bzero(text, password->length);
    free(text);
    return cred_answer(minor, status, made, cred, mechs, time);
}

OM_uint32 gss_acquire_cred_impersonate_name(OM_uint32 *minor, const gss_cred_id_t service,
                                            const gss_name_t name, OM_uint32 time_request,
                                            const gss_OID_set desired, gss_cred_usage_t usage,
                                            gss_cred_id_t *cred, gss_OID_set *mechs,
                                            OM_uint32 *time)
{
    struct cred *made = NULL;
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;

    (void)time_request, (void)desired;
    if (service != GSS_C_NO_CREDENTIAL)
        status = cred_impersonate(cred_of(service), name_of(name), usage, &made);
    return cred_answer(minor, status, made, cred, mechs, time);
}

OM_uint32 gss_release_cred(OM_uint32 *minor, gss_cred_id_t *cred)
{
    *minor = 0;
    cred_free(cred_of(*cred));
    *cred = GSS_C_NO_CREDENTIAL;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_store_cred_into(OM_uint32 *minor, gss_cred_id_t handle, gss_cred_usage_t usage,
                              gss_OID mech, OM_uint32 overwrite, OM_uint32 as_default,
                              gss_const_key_value_set_t set, gss_OID_set *stored,
                              gss_cred_usage_t *usage_stored)
{
    const struct cred *cred = cred_of(handle);
    struct store store;
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;

    (void)mech, (void)as_default;
    if (cred != NULL)
        status = store_read(cred->mech, set, &store);
    if (status == SEC_E_OK && usage == GSS_C_ACCEPT)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    if (status == SEC_E_OK)
        status = cred_keep(cred, store.values[STORE_CCACHE], overwrite != 0);
    if (status == SEC_E_NOT_OWNER) {
        *minor = (OM_uint32)status;
        return GSS_S_DUPLICATE_ELEMENT;
    }
    if (status != SEC_E_OK)
        return status_answer(minor, status);
    if (usage_stored != NULL)
        *usage_stored = GSS_C_INITIATE;
    *minor = 0;
    return stored == NULL ? GSS_S_COMPLETE : mech_set(minor, cred->mech, stored);
}

OM_uint32 gss_store_cred(OM_uint32 *minor, const gss_cred_id_t cred, gss_cred_usage_t usage,
                         const gss_OID mech, OM_uint32 overwrite, OM_uint32 as_default,
                         gss_OID_set *stored, gss_cred_usage_t *usage_stored)
{
    return gss_store_cred_into(minor, cred, usage, mech, overwrite, as_default, NULL, stored,
                               usage_stored);
}

/*
 * Without these two the mechglue copies a credential by acquiring another of the same name, which
 * would be the process's own in place of the one with a password.
 */
OM_uint32 gss_export_cred(OM_uint32 *minor, gss_cred_id_t cred, gss_buffer_t token)
{
    (void)cred;
    *token = (gss_buffer_desc){0, NULL};
    return status_answer(minor, SEC_E_UNSUPPORTED_FUNCTION);
}

OM_uint32 gss_import_cred(OM_uint32 *minor, gss_buffer_t token, gss_cred_id_t *cred)
{
    (void)token;
    *cred = GSS_C_NO_CREDENTIAL;
    return status_answer(minor, SEC_E_UNSUPPORTED_FUNCTION);
}

OM_uint32 gss_inquire_cred(OM_uint32 *minor, gss_cred_id_t handle, gss_name_t *name,
                           OM_uint32 *time, gss_cred_usage_t *usage, gss_OID_set *mechs)
{
    const struct cred *cred = cred_of(handle);
    struct name *made = NULL;
    SECURITY_STATUS status = cred == NULL ? SEC_E_NO_CREDENTIALS : SEC_E_OK;

    if (status == SEC_E_OK && name != NULL)
        status = cred_name(cred, &made);
    if (status != SEC_E_OK)
        return status_answer(minor, status);
    if (name != NULL)
        *name = (gss_name_t)(void *)made;
    if (time != NULL)
        *time = time_left(cred->expiry);
    if (usage != NULL)
        *usage = cred->usage;
    *minor = 0;
    return mechs == NULL ? GSS_S_COMPLETE : mech_set(minor, cred->mech, mechs);
}

OM_uint32 gss_inquire_cred_by_mech(OM_uint32 *minor, gss_cred_id_t cred, gss_OID mech,
                                   gss_name_t *name, OM_uint32 *initiator_time,
                                   OM_uint32 *acceptor_time, gss_cred_usage_t *usage)
{
    gss_cred_usage_t own = GSS_C_BOTH;
    OM_uint32 time = 0, major;

    if (mech_find(mech) == NULL)
        return GSS_S_BAD_MECH;
    major = gss_inquire_cred(minor, cred, name, &time, &own, NULL);
    if (initiator_time != NULL)
        *initiator_time = own == GSS_C_ACCEPT ? 0 : time;
    if (acceptor_time != NULL)
        *acceptor_time = own == GSS_C_INITIATE ? 0 : time;
    if (usage != NULL)
        *usage = own;
    return major;
}

/* --- Contexts ------------------------------------------------------------------------------- */

static void context_tell(const struct context *context, gss_OID *mech, OM_uint32 *flags,
                         OM_uint32 *time)
{
    if (mech != NULL)
        *mech = context == NULL ? GSS_C_NO_OID : mech_oid(context->mech);
    if (flags != NULL)
        *flags = context == NULL ? 0 : context->flags;
    if (time != NULL)
        *time = context == NULL || !context->open ? 0 : time_left(context->expiry);
}

OM_uint32 gss_init_sec_context(OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *handle,
                               gss_name_t target, gss_OID mech, OM_uint32 request,
                               OM_uint32 time_request, gss_channel_bindings_t bindings,
                               gss_buffer_t input, gss_OID *actual, gss_buffer_t token,
                               OM_uint32 *flags, OM_uint32 *time)
{
    struct octets output = {0};
    const struct leg leg = {cred_of(cred), name_of(target), request, bindings, input, &output};
    struct context *context = context_of(*handle);
    const struct mech *found = mech_find(mech);
    SECURITY_STATUS status;

    (void)time_request;
    if (found == NULL)
        return GSS_S_BAD_MECH;
    status = context_initiate(&context, found, &leg);
    *handle = (gss_ctx_id_t)(void *)context;
    octets_give(&output, token);
    context_tell(context, actual, flags, time);
    return status_answer(minor, status);
}

OM_uint32 gss_accept_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_cred_id_t cred,
                                 gss_buffer_t input, gss_channel_bindings_t bindings,
                                 gss_name_t *source, gss_OID *mech, gss_buffer_t token,
                                 OM_uint32 *flags, OM_uint32 *time, gss_cred_id_t *delegated)
{
    struct octets output = {0};
    const struct leg leg = {cred_of(cred), NULL, 0, bindings, input, &output};
    struct context *context = context_of(*handle);
    struct name *client = NULL;
    struct cred *given = NULL;
    bool first = context == NULL;
    SECURITY_STATUS status = context_accept(&context, &leg);

    octets_give(&output, token);
    if (status == SEC_E_OK)
        status = context_accepted(context, source == NULL ? NULL : &client,
                                  delegated == NULL ? NULL : &given);
    if (status < 0 && first) { /* RFC 2744 5.1: nobody has it, nobody will end it */
        context_free(context);
        context = NULL;
    }
    *handle = (gss_ctx_id_t)(void *)context;
    context_tell(context, mech, flags, time);
    if (source != NULL)
        *source = (gss_name_t)(void *)client;
    if (delegated != NULL)
        *delegated = (gss_cred_id_t)(void *)given;
    return status_answer(minor, status);
}

OM_uint32 gss_delete_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t token)
{
    struct context *context = context_of(*handle);
    struct octets output = {0};

    *minor = 0;
    if (token != GSS_C_NO_BUFFER) {
        if (context == NULL || context_close(context, &output) != SEC_E_OK)
            octets_free(&output);
        octets_give(&output, token);
    }
    context_free(context);
    *handle = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_context_time(OM_uint32 *minor, gss_ctx_id_t handle, OM_uint32 *time)
{
    const struct context *context = context_of(handle);
    SECURITY_STATUS status = context_check(context);

    *time = status == SEC_E_OK ? time_left(context->expiry) : 0;
    if (status == SEC_E_OK && *time == 0)
        status = SEC_E_CONTEXT_EXPIRED;
    return status_answer(minor, status);
}

OM_uint32 gss_inquire_context(OM_uint32 *minor, gss_ctx_id_t handle, gss_name_t *source,
                              gss_name_t *target, OM_uint32 *time, gss_OID *mech, OM_uint32 *flags,
                              int *initiator, int *open)
{
    struct context *context = context_of(handle);
    struct name *ends[2] = {NULL, NULL};
    SECURITY_STATUS status = SEC_E_OK;

    if (context->open && (source != NULL || target != NULL))
        status = context_names(context, source == NULL ? NULL : &ends[0],
                               target == NULL ? NULL : &ends[1]);
    if (source != NULL)
        *source = (gss_name_t)(void *)ends[0];
    if (target != NULL)
        *target = (gss_name_t)(void *)ends[1];
    context_tell(context, mech, flags, time);
    if (initiator != NULL)
        *initiator = context->initiator;
    if (open != NULL)
        *open = context->open;
    return status_answer(minor, status);
}

/* The other end's token that is for no other call. */
OM_uint32 gss_process_context_token(OM_uint32 *minor, const gss_ctx_id_t context,
                                    gss_buffer_t token)
{
    return status_answer(minor, record_control(context_of(context), token));
}

OM_uint32 gss_export_sec_context(OM_uint32 *minor, gss_ctx_id_t *handle, gss_buffer_t token)
{
    struct context *context = context_of(*handle);
    struct octets output = {0};
    SECURITY_STATUS status = transfer_export(context, &output);

    if (status == SEC_E_OK) {
        context_free(context);
        *handle = GSS_C_NO_CONTEXT;
    }
    return octets_answer(minor, status, &output, token);
}

OM_uint32 gssspi_import_sec_context_by_mech(OM_uint32 *minor, gss_OID mech, gss_buffer_t token,
                                            gss_ctx_id_t *handle)
{
    const struct mech *found = mech_find(mech);
    struct context *context = NULL;
    SECURITY_STATUS status;

    if (found == NULL)
        return GSS_S_BAD_MECH;
    status = transfer_import(found, token, &context);
    *handle = (gss_ctx_id_t)(void *)context;
    return status_answer(minor, status);
}

/* --- Options -------------------------------------------------------------------------------- */

OM_uint32 gss_inquire_sec_context_by_oid(OM_uint32 *minor, const gss_ctx_id_t context,
                                         const gss_OID oid, gss_buffer_set_t *set)
{
    struct octets value = {0};
    gss_buffer_desc buffer;
    SECURITY_STATUS status = option_context_get(context_of(context), oid, &value);
    OM_uint32 major;

    if (status == SEC_E_OK) {
        buffer = (gss_buffer_desc){value.size, value.data};
        major = gss_add_buffer_set_member(minor, &buffer, set);
    } else {
        major = status_answer(minor, status);
    }
    octets_free(&value);
    return major;
}

OM_uint32 gss_set_sec_context_option(OM_uint32 *minor, gss_ctx_id_t *context, const gss_OID oid,
                                     const gss_buffer_t value)
{
    if (*context == GSS_C_NO_CONTEXT)
        return GSS_S_NO_CONTEXT;
    return status_answer(minor, option_context_set(context_of(*context), oid, value));
}

OM_uint32 gssspi_set_cred_option(OM_uint32 *minor, gss_cred_id_t *cred, const gss_OID oid,
                                 const gss_buffer_t value)
{
    if (*cred == GSS_C_NO_CREDENTIAL)
        return GSS_S_NO_CRED;
    return status_answer(minor, option_cred_set(cred_of(*cred), oid, value));
}

OM_uint32 gss_pseudo_random(OM_uint32 *minor, gss_ctx_id_t context, int kind,
                            const gss_buffer_t input, ssize_t size, gss_buffer_t output)
{
    struct octets octets = {0};
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (size >= 0)
        status = random_make(context_of(context), kind, input, (size_t)size, &octets);
    return octets_answer(minor, status, &octets, output);
}

/* --- Messages ------------------------------------------------------------------------------- */

static SECURITY_STATUS qop_check(gss_qop_t qop)
{
    return qop == GSS_C_QOP_DEFAULT ? SEC_E_OK : SEC_E_QOP_NOT_SUPPORTED;
}

OM_uint32 gss_wrap(OM_uint32 *minor, gss_ctx_id_t context, int seal, gss_qop_t qop,
                   gss_buffer_t input, int *sealed, gss_buffer_t token)
{
    struct octets output = {0};
    bool conf = seal != 0;
    SECURITY_STATUS status = qop_check(qop);

    if (status == SEC_E_OK)
        status = message_wrap(context_of(context), &conf, input, &output);
    if (sealed != NULL)
        *sealed = status == SEC_E_OK && conf;
    return octets_answer(minor, status, &output, token);
}

OM_uint32 gss_unwrap(OM_uint32 *minor, gss_ctx_id_t context, gss_buffer_t token,
                     gss_buffer_t output, int *sealed, gss_qop_t *qop)
{
    struct octets message = {0};
    bool conf = false;
    SECURITY_STATUS status = message_unwrap(context_of(context), token, &conf, &message);

    if (sealed != NULL)
        *sealed = status == SEC_E_OK && conf;
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return octets_answer(minor, status, &message, output);
}

OM_uint32 gss_get_mic(OM_uint32 *minor, gss_ctx_id_t context, gss_qop_t qop, gss_buffer_t message,
                      gss_buffer_t token)
{
    struct octets output = {0};
    SECURITY_STATUS status = qop_check(qop);

    if (status == SEC_E_OK)
        status = message_sign(context_of(context), message, &output);
    return octets_answer(minor, status, &output, token);
}

OM_uint32 gss_verify_mic(OM_uint32 *minor, gss_ctx_id_t context, gss_buffer_t message,
                         gss_buffer_t token, gss_qop_t *qop)
{
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return status_answer(minor, message_verify(context_of(context), message, token));
}

OM_uint32 gss_wrap_size_limit(OM_uint32 *minor, gss_ctx_id_t context, int seal, gss_qop_t qop,
                              OM_uint32 token, OM_uint32 *message)
{
    SECURITY_STATUS status = qop_check(qop);

    *message = 0;
    if (status == SEC_E_OK)
        status = message_limit(context_of(context), seal != 0, token, message);
    return status_answer(minor, status);
}

OM_uint32 gss_wrap_iov(OM_uint32 *minor, gss_ctx_id_t context, int seal, gss_qop_t qop, int *sealed,
                       gss_iov_buffer_desc *iov, int count)
{
    bool conf = seal != 0;
    SECURITY_STATUS status = qop_check(qop);

    if (status == SEC_E_OK)
        status = iov_wrap(context_of(context), &conf, iov, count);
    if (sealed != NULL)
        *sealed = status == SEC_E_OK && conf;
    return status_answer(minor, status);
}

OM_uint32 gss_unwrap_iov(OM_uint32 *minor, gss_ctx_id_t context, int *sealed, gss_qop_t *qop,
                         gss_iov_buffer_desc *iov, int count)
{
    bool conf = false;
    SECURITY_STATUS status = iov_unwrap(context_of(context), &conf, iov, count);

    if (sealed != NULL)
        *sealed = status == SEC_E_OK && conf;
    if (qop != NULL)
        *qop = GSS_C_QOP_DEFAULT;
    return status_answer(minor, status);
}

OM_uint32 gss_wrap_iov_length(OM_uint32 *minor, gss_ctx_id_t context, int seal, gss_qop_t qop,
                              int *sealed, gss_iov_buffer_desc *iov, int count)
{
    SECURITY_STATUS status = qop_check(qop);

    if (status == SEC_E_OK)
        status = iov_lengths(context_of(context), iov, count);
    if (sealed != NULL)
        *sealed = seal != 0;
    return status_answer(minor, status);
}
