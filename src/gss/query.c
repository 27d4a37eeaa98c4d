/* SPDX-License-Identifier: MIT */
/*
 * Attributes of a context: a row per attribute says from which state it can be had and who fills
 * it. What a half-open context does not have is refused here and never asked of the mechanism
 * (CVE-2015-2695).
 */
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>
#include <string.h>

#include "core/native.h"
#include "core/packageinfo.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

/* RPC_C_AUTHZ_NAME: authorisation is by name. */
#define AUTHZ_BY_NAME 1

/* Nothing in these mechanisms limits a message; this is what a program can well allocate. */
#define STREAM_MESSAGE_MAX 65536
#define STREAM_BUFFERS     4

/* --- Names ---------------------------------------------------------------------------------- */

static SECURITY_STATUS query_names(struct gss_context *context, void *buffer)
{
    PSecPkgContext_NamesA names = buffer;

    return gss_context_client(context, &names->sUserName);
}

static SECURITY_STATUS query_native_names(struct gss_context *context, void *buffer)
{
    PSecPkgContext_NativeNamesA names = buffer;
    char *client, *server;
    SECURITY_STATUS status = gss_context_client(context, &client);

    if (status != SEC_E_OK)
        return status;
    status = gss_context_server(context, &server);
    if (status != SEC_E_OK) {
        free(client);
        return status;
    }
    names->sClientName = client;
    names->sServerName = server;
    return SEC_E_OK;
}

/* Who vouched for the client: its realm or domain. */
static SECURITY_STATUS query_authority(struct gss_context *context, void *buffer)
{
    PSecPkgContext_AuthorityA authority = buffer;
    char *client, *mark;
    SECURITY_STATUS status = gss_context_client(context, &client);

    if (status != SEC_E_OK)
        return status;
    mark = strrchr(client, '@');
    if (mark != NULL)
        authority->sAuthorityName = strdup(mark + 1);
    else
        authority->sAuthorityName = strndup(client, strcspn(client, "\\"));
    free(client);
    return authority->sAuthorityName == NULL ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static SECURITY_STATUS query_authentication_id(struct gss_context *context, void *buffer)
{
    PSecPkgContext_AuthzID id = buffer;
    char *client;
    SECURITY_STATUS status = gss_context_client(context, &client);

    if (status != SEC_E_OK)
        return status;
    id->AuthzIDLength = (ULONG)strlen(client);
    id->AuthzID = client;
    return SEC_E_OK;
}

/* Both forms of the call have the client's name in UTF-16 here. */
static SECURITY_STATUS query_dce_info(struct gss_context *context, void *buffer)
{
    PSecPkgContext_DceInfo info = buffer;
    SEC_WCHAR *wide;
    char *client;
    SECURITY_STATUS status = gss_context_client(context, &client);

    if (status != SEC_E_OK)
        return status;
    status = text_to_w(client, &wide, NULL);
    free(client);
    if (status != SEC_E_OK)
        return status;
    info->AuthzSvc = AUTHZ_BY_NAME;
    info->pPac = wide;
    return SEC_E_OK;
}

/* --- Target --------------------------------------------------------------------------------- */

static SECURITY_STATUS query_target(struct gss_context *context, void *buffer)
{
    PSecPkgContext_Target target = buffer;
    char *text;

    if (context->target == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    text = strdup(context->target);
    if (text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    target->TargetLength = (ULONG)strlen(text);
    target->Target = text;
    return SEC_E_OK;
}

/* The target's name in UTF-16, without terminator. */
static SECURITY_STATUS query_target_information(struct gss_context *context, void *buffer)
{
    PSecPkgContext_TargetInformation info = buffer;
    SEC_WCHAR *wide;
    size_t units;
    SECURITY_STATUS status;

    if (context->target == NULL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = text_to_w(context->target, &wide, &units);
    if (status != SEC_E_OK)
        return status;
    info->MarshalledTargetInfoLength = (ULONG)(units * sizeof(*wide));
    info->MarshalledTargetInfo = (unsigned char *)wide;
    return SEC_E_OK;
}

/*
 * The service name the client asked for, without the realm: Kerberos has it in the ticket. NTLM's
 * is in an AV pair of the client's response, which gss-ntlmssp does not show.
 */
static SECURITY_STATUS query_client_target(struct gss_context *context, void *buffer)
{
    PSecPkgContext_ClientSpecifiedTarget target = buffer;
    char *name, *realm;
    SECURITY_STATUS status;

    if (context->mech == oid_ntlm)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = gss_context_server(context, &name);
    if (status != SEC_E_OK)
        return status;
    realm = strrchr(name, '@');
    if (realm != NULL)
        *realm = '\0';
    status = text_to_w(name, &target->sTargetName, NULL);
    free(name);
    return status;
}

/* --- Keys and sizes ------------------------------------------------------------------------- */

static SECURITY_STATUS query_sizes(struct gss_context *context, void *buffer)
{
    PSecPkgContext_Sizes sizes = buffer;
    SECURITY_STATUS status = gss_sizes(context);

    if (status != SEC_E_OK)
        return status;
    sizes->cbMaxToken = gss_context_package(context)->max_token;
    sizes->cbMaxSignature = context->sizes.signature;
    sizes->cbBlockSize = context->mech == oid_ntlm ? 0 : 1;
    sizes->cbSecurityTrailer = context->sizes.trailer;
    return SEC_E_OK;
}

/* NTLM has none on Windows either. */
static SECURITY_STATUS query_stream_sizes(struct gss_context *context, void *buffer)
{
    PSecPkgContext_StreamSizes sizes = buffer;
    SECURITY_STATUS status;

    if (context->mech == oid_ntlm)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = gss_sizes(context);
    if (status != SEC_E_OK)
        return status;
    sizes->cbHeader = context->sizes.trailer;
    sizes->cbTrailer = context->sizes.padding;
    sizes->cbMaximumMessage = STREAM_MESSAGE_MAX;
    sizes->cBuffers = STREAM_BUFFERS;
    sizes->cbBlockSize = 1;
    return SEC_E_OK;
}

/* The key, and for Kerberos the OID of its encryption type; release with gss_release_buffer_set().
 */
static SECURITY_STATUS session_key(struct gss_context *context, gss_buffer_set_t *set)
{
    struct gss_result result = {.mech = context->mech};
    SECURITY_STATUS status;

    *set = GSS_C_NO_BUFFER_SET;
    result.major =
        gss_inquire_sec_context_by_oid(&result.minor, context->gss, oid_session_key, set);
    status = gss_status(GSS_ACCEPTING, "gss_inquire_sec_context_by_oid", result);
    if (status == SEC_E_OK && (*set == GSS_C_NO_BUFFER_SET || (*set)->count == 0))
        status = SEC_E_UNSUPPORTED_FUNCTION;
    return status;
}

static void session_key_release(gss_buffer_set_t *set)
{
    OM_uint32 minor;

    for (size_t i = 0; *set != GSS_C_NO_BUFFER_SET && i < (*set)->count; i++)
        explicit_bzero((*set)->elements[i].value, (*set)->elements[i].length);
    gss_release_buffer_set(&minor, set);
}

static SECURITY_STATUS query_session_key(struct gss_context *context, void *buffer)
{
    PSecPkgContext_SessionKey key = buffer;
    gss_buffer_set_t set;
    unsigned char *copy = NULL;
    SECURITY_STATUS status = session_key(context, &set);

    if (status == SEC_E_OK) {
        copy = memory_copy(set->elements[0].value, set->elements[0].length);
        if (copy == NULL) {
            status = SEC_E_INSUFFICIENT_MEMORY;
        } else {
            key->SessionKeyLength = (ULONG)set->elements[0].length;
            key->SessionKey = copy;
        }
    }
    session_key_release(&set);
    return status;
}

/* The encryption types of RFC 3961 and its kin, with the checksum each brings. */
struct enctype_row {
    unsigned char enctype;
    LONG checksum;
    const char *signature, *encrypt;
};

static const struct enctype_row enctype_rows[] = {
    {17, 15, "HMAC-SHA1-96", "AES128-CTS-HMAC-SHA1-96"},
    {18, 16, "HMAC-SHA1-96", "AES256-CTS-HMAC-SHA1-96"},
    {19, 19, "HMAC-SHA256-128", "AES128-CTS-HMAC-SHA256-128"},
    {20, 20, "HMAC-SHA384-192", "AES256-CTS-HMAC-SHA384-192"},
    {23, -138, "HMAC-MD5", "RC4-HMAC"},
    {25, 17, "CMAC-CAMELLIA128", "CAMELLIA128-CTS-CMAC"},
    {26, 18, "CMAC-CAMELLIA256", "CAMELLIA256-CTS-CMAC"},
};

/* [MS-NLMP] 3.4: RC4 and HMAC-MD5; the numbers are CALG_RC4 and KERB_CHECKSUM_HMAC_MD5. */
static const struct enctype_row ntlm_row = {0, -138, "HMAC-MD5", "RSADSI RC4"};
#define CALG_RC4_VALUE 0x6801

/* The last arc of the OID that comes with the key is the encryption type. */
static const struct enctype_row *enctype_find(const gss_buffer_set_t set)
{
    const unsigned char *oid;
    unsigned char enctype;

    if (set->count < 2 || set->elements[1].length == 0)
        return NULL;
    oid = set->elements[1].value;
    enctype = oid[set->elements[1].length - 1];
    for (size_t i = 0; i < sizeof(enctype_rows) / sizeof(*enctype_rows); i++)
        if (enctype_rows[i].enctype == enctype)
            return &enctype_rows[i];
    return NULL;
}

static SECURITY_STATUS key_info_fill(PSecPkgContext_KeyInfoA info, const struct enctype_row *row,
                                     size_t key_size)
{
    char *signature = strdup(row->signature), *encrypt = strdup(row->encrypt);

    if (signature == NULL || encrypt == NULL) {
        free(signature);
        free(encrypt);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    info->sSignatureAlgorithmName = signature;
    info->sEncryptAlgorithmName = encrypt;
    info->KeySize = (ULONG)(key_size * 8);
    info->SignatureAlgorithm = (ULONG)row->checksum;
    info->EncryptAlgorithm = row == &ntlm_row ? CALG_RC4_VALUE : row->enctype;
    return SEC_E_OK;
}

static SECURITY_STATUS query_key_info(struct gss_context *context, void *buffer)
{
    const struct enctype_row *row = &ntlm_row;
    gss_buffer_set_t set;
    SECURITY_STATUS status = session_key(context, &set);

    if (status == SEC_E_OK && context->mech != oid_ntlm)
        row = enctype_find(set);
    if (status == SEC_E_OK && row == NULL)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    if (status == SEC_E_OK)
        status = key_info_fill(buffer, row, set->elements[0].length);
    session_key_release(&set);
    return status;
}

/* --- The rest ------------------------------------------------------------------------------- */

static SECURITY_STATUS query_lifespan(struct gss_context *context, void *buffer)
{
    PSecPkgContext_Lifespan span = buffer;

    timestamp_set_local(&span->tsStart, context->established);
    if (context->expires == 0)
        timestamp_set(&span->tsExpiry, TIMESTAMP_NEVER);
    else
        timestamp_set_local(&span->tsExpiry, context->expires);
    return SEC_E_OK;
}

/* The KDC tells when a password ends to the one who logs on with it, and to nobody else. */
static SECURITY_STATUS query_password_expiry(struct gss_context *context, void *buffer)
{
    PSecPkgContext_PasswordExpiry expiry = buffer;
    const struct tickets *tickets = context->route != NULL ? context->route->tickets : NULL;

    if (context->mech != oid_krb5 || tickets == NULL || !tickets->by_password)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (tickets->password_expires == 0)
        timestamp_set(&expiry->tsPasswordExpires, TIMESTAMP_NEVER);
    else
        timestamp_set_local(&expiry->tsPasswordExpires, tickets->password_expires);
    return SEC_E_OK;
}

/* What was negotiated; before that is known, what negotiates. */
static const struct package *package_now(const struct gss_context *context)
{
    return context->base.state == CTX_ESTABLISHED ? gss_context_package(context)
                                                  : context->base.package;
}

static SECURITY_STATUS query_package_info(struct gss_context *context, void *buffer)
{
    return package_info_a(package_now(context),
                          &((PSecPkgContext_PackageInfoA)buffer)->PackageInfo);
}

static SECURITY_STATUS query_negotiation_info(struct gss_context *context, void *buffer)
{
    PSecPkgContext_NegotiationInfoA info = buffer;
    PSecPkgInfoA package;
    SECURITY_STATUS status = package_info_a(package_now(context), &package);

    if (status != SEC_E_OK)
        return status;
    info->PackageInfo = package;
    info->NegotiationState = context->base.state == CTX_ESTABLISHED
                                 ? SECPKG_NEGOTIATION_COMPLETE
                                 : SECPKG_NEGOTIATION_IN_PROGRESS;
    return SEC_E_OK;
}

static SECURITY_STATUS query_flags(struct gss_context *context, void *buffer)
{
    ((PSecPkgContext_Flags)buffer)->Flags = context->attributes;
    return SEC_E_OK;
}

/* A new reference: the caller closes it with CloseHandle(). */
static SECURITY_STATUS query_access_token(struct gss_context *context, void *buffer)
{
    struct token *token;
    SECURITY_STATUS status = gsspkg_ctx_token(&context->base, &token);

    if (status == SEC_E_OK)
        ((PSecPkgContext_AccessToken)buffer)->AccessToken = token_object(token);
    return status;
}

/* Once a mechanism is done it wants no more; until then another token follows. */
static SECURITY_STATUS query_last_token(struct gss_context *context, void *buffer)
{
    ((PSecPkgContext_LastClientTokenStatus)buffer)->LastClientTokenStatus =
        context->base.state == CTX_ESTABLISHED ? SecPkgAttrLastClientTokenYes
                                               : SecPkgAttrLastClientTokenNo;
    return SEC_E_OK;
}

enum {
    HALF_OPEN = 0x1, /* can be had before the context is established */
    INITIATOR = 0x2,
    ACCEPTOR = 0x4,
    EITHER = INITIATOR | ACCEPTOR,
    ENTERS = 0x8 /* the context by itself, and asks others in between */
};

static const struct query_row {
    ULONG attribute;
    unsigned when;
    SECURITY_STATUS (*query)(struct gss_context *, void *);
} query_rows[] = {
    {SECPKG_ATTR_SIZES, EITHER, query_sizes},
    {SECPKG_ATTR_NAMES, EITHER, query_names},
    {SECPKG_ATTR_LIFESPAN, EITHER, query_lifespan},
    {SECPKG_ATTR_DCE_INFO, EITHER, query_dce_info},
    {SECPKG_ATTR_STREAM_SIZES, EITHER, query_stream_sizes},
    {SECPKG_ATTR_KEY_INFO, EITHER, query_key_info},
    {SECPKG_ATTR_AUTHORITY, EITHER, query_authority},
    {SECPKG_ATTR_PASSWORD_EXPIRY, INITIATOR, query_password_expiry},
    {SECPKG_ATTR_SESSION_KEY, EITHER, query_session_key},
    {SECPKG_ATTR_PACKAGE_INFO, EITHER | HALF_OPEN, query_package_info},
    {SECPKG_ATTR_NEGOTIATION_INFO, EITHER | HALF_OPEN, query_negotiation_info},
    {SECPKG_ATTR_NATIVE_NAMES, EITHER, query_native_names},
    {SECPKG_ATTR_FLAGS, EITHER, query_flags},
    {SECPKG_ATTR_TARGET_INFORMATION, INITIATOR | HALF_OPEN, query_target_information},
    {SECPKG_ATTR_ACCESS_TOKEN, ACCEPTOR | ENTERS, query_access_token},
    {SECPKG_ATTR_TARGET, INITIATOR | HALF_OPEN, query_target},
    {SECPKG_ATTR_AUTHENTICATION_ID, EITHER, query_authentication_id},
    {SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, ACCEPTOR, query_client_target},
    {SECPKG_ATTR_LAST_CLIENT_TOKEN_STATUS, ACCEPTOR | HALF_OPEN, query_last_token},
};

static const struct query_row *query_find(ULONG attribute)
{
    for (size_t i = 0; i < sizeof(query_rows) / sizeof(*query_rows); i++)
        if (query_rows[i].attribute == attribute)
            return &query_rows[i];
    return NULL;
}

SECURITY_STATUS gsspkg_ctx_query(struct ctx *ctx, ULONG attribute, void *buffer)
{
    struct gss_context *context = (struct gss_context *)ctx;
    const struct query_row *row = query_find(attribute);
    SECURITY_STATUS status;

    native_error_clear();
    if (row == NULL || !(row->when & (ctx->inbound ? ACCEPTOR : INITIATOR)))
        return native_refuse(SEC_E_UNSUPPORTED_FUNCTION, "attribute %u is none of a %s with %s",
                             (unsigned)attribute, ctx->inbound ? "server" : "client",
                             ctx->package->name);
    if (ctx->state == CTX_NEGOTIATING && !(row->when & HALF_OPEN))
        return native_refuse(SEC_E_INVALID_HANDLE,
                             "attribute %u is not known before the negotiation is over",
                             (unsigned)attribute);
    if (ctx->state == CTX_DEAD)
        return native_refuse(SEC_E_CONTEXT_EXPIRED,
                             "an earlier call failed, and ended the context: begin another");
    if (row->when & (HALF_OPEN | ENTERS))
        return row->query(context, buffer);
    status = gss_context_enter(context);
    if (status != SEC_E_OK)
        return status;
    status = row->query(context, buffer);
    gss_context_leave(context);
    return status;
}
