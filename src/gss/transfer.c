/* SPDX-License-Identifier: MIT */
/*
 * Export and import of an established context: the mechanism's own interprocess token behind a head
 * of ours. All numbers are little-endian.
 *
 *   octets 0..3    "SSPX"
 *          4..7    format version, 1
 *          8..11   IDENTITY_MECH_* of the mechanism
 *         12..15   1 for an acceptor
 *         16..23   request flags
 *         24..27   attributes (ISC_RET_* or ASC_RET_*)
 *         28..31   GSS flags granted
 *         32..39   established, seconds since 1970
 *         40..47   ticket's end, the same; 0 never
 *         48..51   length of the target's name
 *         52..55   length of the mechanism's token
 *         56..     target's name, then the mechanism's token
 */
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

#define PACKED_VERSION 1U
#define HEAD_SIZE      56U
#define TIME_LAST      253402300799U /* the end of the year 9999 */

static const unsigned char packed_magic[4] = {'S', 'S', 'P', 'X'};

static unsigned char *put(unsigned char *at, uint64_t value, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        at[i] = (unsigned char)(value >> (8 * i));
    return at + octets;
}

static uint64_t get(const unsigned char **at, unsigned octets)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < octets; i++)
        value |= (uint64_t)(*at)[i] << (8 * i);
    *at += octets;
    return value;
}

/* What a mechanism's token mostly has room in: a PAC can make one larger. */
#define TOKEN_ROOM 4096U

static size_t target_size(const struct gss_context *context)
{
    return context->target != NULL ? strlen(context->target) : 0;
}

/* Room for the packed context with a token of that size, if there is not enough yet. */
static SECURITY_STATUS packed_reserve(const struct gss_context *context, size_t token,
                                      struct blob *room)
{
    size_t around = HEAD_SIZE + target_size(context);

    if (around > UINT32_MAX || token > UINT32_MAX - around)
        return SEC_E_INTERNAL_ERROR;
    if (room->size >= around + token)
        return SEC_E_OK;
    blob_wipe(room);
    room->data = malloc(around + token);
    if (room->data == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    room->size = around + token;
    return SEC_E_OK;
}

static SECURITY_STATUS packed_make(const struct gss_context *context, const gss_buffer_desc *token,
                                   struct blob *out)
{
    size_t target = target_size(context);
    SECURITY_STATUS status = packed_reserve(context, token->length, out);
    unsigned char *at;

    if (status != SEC_E_OK)
        return status;
    out->size = HEAD_SIZE + target + token->length;
    at = memcpy(out->data, packed_magic, sizeof(packed_magic));
    at = put(at + sizeof(packed_magic), PACKED_VERSION, 4);
    at = put(at, gss_context_mech(context), 4);
    at = put(at, context->base.inbound, 4);
    at = put(at, context->base.request, 8);
    at = put(at, context->attributes, 4);
    at = put(at, context->granted, 4);
    at = put(at, (uint64_t)context->established, 8);
    at = put(at, (uint64_t)context->expires, 8);
    at = put(at, target, 4);
    at = put(at, token->length, 4);
    if (target != 0)
        at = (unsigned char *)memcpy(at, context->target, target) + target;
    memcpy(at, token->value, token->length);
    return SEC_E_OK;
}

static SECURITY_STATUS context_restore(struct gss_context *context, gss_buffer_t token)
{
    struct gss_result result = {.mech = context->mech};

    result.major = gss_import_sec_context(&result.minor, token, &context->gss);
    return gss_status(GSS_SEALING, "gss_import_sec_context", result);
}

/*
 * The mechanism's export consumes the context. The original goes on from its own token where it is
 * to stay, and where it could not be packed.
 */
static SECURITY_STATUS export_end(struct gss_context *context, gss_buffer_t token, bool keep,
                                  SECURITY_STATUS status)
{
    SECURITY_STATUS restored = SEC_E_OK;

    if (token->length != 0 && (keep || status != SEC_E_OK))
        restored = context_restore(context, token);
    if (context->gss == GSS_C_NO_CONTEXT)
        ctx_become(&context->base, CTX_DEAD);
    return status == SEC_E_OK ? restored : status;
}

static SECURITY_STATUS export_locked(struct gss_context *context, bool keep, struct blob *out)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = context->mech};
    SECURITY_STATUS status;
    OM_uint32 minor;

    if (context->gss == GSS_C_NO_CONTEXT)
        return SEC_E_INVALID_HANDLE;
    status = packed_reserve(context, TOKEN_ROOM, out);
    if (status != SEC_E_OK)
        return status;
    result.major = gss_export_sec_context(&result.minor, &context->gss, &token);
    status = gss_status(GSS_SEALING, "gss_export_sec_context", result);
    if (status == SEC_E_OK)
        status = packed_make(context, &token, out);
    status = export_end(context, &token, keep, status);
    if (status != SEC_E_OK)
        blob_wipe(out);
    if (token.value != NULL)
        explicit_bzero(token.value, token.length);
    gss_release_buffer(&minor, &token);
    return status;
}

SECURITY_STATUS gsspkg_ctx_export(struct ctx *ctx, ULONG flags, struct blob *out)
{
    struct gss_context *context = (struct gss_context *)ctx;
    bool keep = !(flags & SECPKG_CONTEXT_EXPORT_DELETE_OLD);
    SECURITY_STATUS status;

    native_error_clear();
    if (ctx->state != CTX_ESTABLISHED)
        return ctx->state == CTX_DEAD ? SEC_E_CONTEXT_EXPIRED : SEC_E_INVALID_HANDLE;
    if (flags & ~(ULONG)SECPKG_CONTEXT_EXPORT_DELETE_OLD)
        return SEC_E_UNSUPPORTED_FUNCTION; /* a fresh state, or one for the kernel */
    handle_alone_begin(&context->base.handled);
    status = export_locked(context, keep, out);
    handle_alone_end(&context->base.handled);
    return status;
}

/* --- Import --------------------------------------------------------------------------------- */

struct packed {
    uint32_t version, mech, inbound, attributes, granted, target_size, token_size;
    uint64_t request, established, expires;
    const unsigned char *target, *token;
};

static bool packed_read(const struct blob *blob, struct packed *packed)
{
    const unsigned char *at = blob->data;

    if (blob->size < HEAD_SIZE || memcmp(at, packed_magic, sizeof(packed_magic)) != 0)
        return false;
    at += sizeof(packed_magic);
    packed->version = (uint32_t)get(&at, 4);
    packed->mech = (uint32_t)get(&at, 4);
    packed->inbound = (uint32_t)get(&at, 4);
    packed->request = get(&at, 8);
    packed->attributes = (uint32_t)get(&at, 4);
    packed->granted = (uint32_t)get(&at, 4);
    packed->established = get(&at, 8);
    packed->expires = get(&at, 8);
    packed->target_size = (uint32_t)get(&at, 4);
    packed->token_size = (uint32_t)get(&at, 4);
    if (packed->target_size > blob->size - HEAD_SIZE ||
        packed->token_size != blob->size - HEAD_SIZE - packed->target_size)
        return false;
    packed->target = at;
    packed->token = at + packed->target_size;
    return packed->version == PACKED_VERSION && packed->inbound <= 1 &&
           packed->established <= TIME_LAST && packed->expires <= TIME_LAST &&
           (packed->mech == IDENTITY_MECH_KERBEROS || packed->mech == IDENTITY_MECH_NTLM);
}

/* Which end it is the mechanism knows as well. */
static SECURITY_STATUS end_check(const struct gss_context *context)
{
    struct gss_result result = {.mech = context->mech};
    int initiator = 0;
    SECURITY_STATUS status;

    result.major = gss_inquire_context(&result.minor, context->gss, NULL, NULL, NULL, NULL, NULL,
                                       &initiator, NULL);
    status = gss_status(GSS_UNSEALING, "gss_inquire_context", result);
    return status == SEC_E_OK && (initiator == 0) != context->base.inbound ? SEC_E_INVALID_TOKEN
                                                                           : status;
}

static SECURITY_STATUS context_fill(struct gss_context *context, const struct packed *packed)
{
    gss_buffer_desc token = {packed->token_size, (void *)(uintptr_t)packed->token};
    struct gss_result result = {.mech = context->mech};
    SECURITY_STATUS status;

    if (packed->target_size != 0) {
        context->target = strndup((const char *)packed->target, packed->target_size);
        if (context->target == NULL)
            return SEC_E_INSUFFICIENT_MEMORY;
    }
    context->attributes = packed->attributes;
    context->granted = packed->granted;
    context->established = (time_t)packed->established;
    context->expires = (time_t)packed->expires;
    result.major = gss_import_sec_context(&result.minor, &token, &context->gss);
    status = gss_status(GSS_UNSEALING, "gss_import_sec_context", result);
    if (status == SEC_E_OK)
        status = end_check(context);
    if (status == SEC_E_OK)
        ctx_become(&context->base, CTX_ESTABLISHED);
    return status < 0 ? SEC_E_INVALID_TOKEN : status;
}

SECURITY_STATUS gsspkg_ctx_import(const struct package *package, const struct blob *blob,
                                  struct ctx **out)
{
    struct packed packed;
    struct leg leg = {.request = 0};
    struct gss_context *context;
    SECURITY_STATUS status;

    native_error_clear();
    if (!packed_read(blob, &packed) || !(packed.mech & gsspkg_kind(package)->mechs))
        return SEC_E_INVALID_TOKEN;
    leg.request = packed.request;
    context = gss_context_new(package, NULL, &leg, packed.inbound != 0);
    if (context == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    context->mech = packed.mech == IDENTITY_MECH_NTLM ? oid_ntlm : oid_krb5;
    status = context_fill(context, &packed);
    if (status == SEC_E_OK)
        *out = &context->base;
    else
        object_unref(&context->base.handled.object);
    return status;
}
