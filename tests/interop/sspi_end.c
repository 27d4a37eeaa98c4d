/* SPDX-License-Identifier: MIT */
/* The context of an ordinary SSPI program; see sspi_end.h, and sspi_peer.c for the options. */
#include "sspi_end.h"

#include <stdlib.h>
#include <string.h>

/* ---- names and errors ---------------------------------------------------------------------- */

static const struct {
    const char *word, *package;
} packages[] = {
    {"krb5", "Kerberos"}, {"ntlm", "NTLM"}, {"spnego", "Negotiate"}, {"digest", "WDigest"}};

static const struct {
    unsigned peer;
    ULONG isc_req, isc_ret, asc_req, asc_ret;
} flag_map[] = {
    {PEER_MUTUAL, ISC_REQ_MUTUAL_AUTH, ISC_RET_MUTUAL_AUTH, ASC_REQ_MUTUAL_AUTH,
     ASC_RET_MUTUAL_AUTH},
    {PEER_CONF, ISC_REQ_CONFIDENTIALITY, ISC_RET_CONFIDENTIALITY, ASC_REQ_CONFIDENTIALITY,
     ASC_RET_CONFIDENTIALITY},
    {PEER_INTEG, ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY, ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY},
    {PEER_REPLAY, ISC_REQ_REPLAY_DETECT, ISC_RET_REPLAY_DETECT, ASC_REQ_REPLAY_DETECT,
     ASC_RET_REPLAY_DETECT},
    {PEER_SEQUENCE, ISC_REQ_SEQUENCE_DETECT, ISC_RET_SEQUENCE_DETECT, ASC_REQ_SEQUENCE_DETECT,
     ASC_RET_SEQUENCE_DETECT},
    {PEER_DCE, ISC_REQ_USE_DCE_STYLE, ISC_RET_USED_DCE_STYLE, ASC_REQ_USE_DCE_STYLE,
     ASC_RET_USED_DCE_STYLE},
    {PEER_DELEGATE, ISC_REQ_DELEGATE, ISC_RET_DELEGATE, ASC_REQ_DELEGATE, ASC_RET_DELEGATE},
    {PEER_IDENTIFY, ISC_REQ_IDENTIFY, ISC_RET_IDENTIFY, ASC_REQ_IDENTIFY, ASC_RET_IDENTIFY},
    {PEER_DATAGRAM, ISC_REQ_DATAGRAM, ISC_RET_DATAGRAM, ASC_REQ_DATAGRAM, ASC_RET_DATAGRAM},
    {PEER_NO_INTEG, ISC_REQ_NO_INTEGRITY, 0, 0, 0},
    {PEER_ANONYMOUS, ISC_REQ_NULL_SESSION, ISC_RET_NULL_SESSION, ASC_REQ_ALLOW_NULL_SESSION,
     ASC_RET_NULL_SESSION},
};

#define STATUS(name)                                                                               \
    {                                                                                              \
        name, #name                                                                                \
    }
static const struct {
    SECURITY_STATUS code;
    const char *name;
} statuses[] = {
    STATUS(SEC_E_BAD_BINDINGS),
    STATUS(SEC_E_BAD_PKGID),
    STATUS(SEC_E_BUFFER_TOO_SMALL),
    STATUS(SEC_E_CANNOT_INSTALL),
    STATUS(SEC_E_CONTEXT_EXPIRED),
    STATUS(SEC_E_CRYPTO_SYSTEM_INVALID),
    STATUS(SEC_E_DECRYPT_FAILURE),
    STATUS(SEC_E_ENCRYPT_FAILURE),
    STATUS(SEC_E_INCOMPLETE_CREDENTIALS),
    STATUS(SEC_E_INCOMPLETE_MESSAGE),
    STATUS(SEC_E_INSUFFICIENT_MEMORY),
    STATUS(SEC_E_INTERNAL_ERROR),
    STATUS(SEC_E_INVALID_HANDLE),
    STATUS(SEC_E_INVALID_TOKEN),
    STATUS(SEC_E_KDC_INVALID_REQUEST),
    STATUS(SEC_E_KDC_UNKNOWN_ETYPE),
    STATUS(SEC_E_LOGON_DENIED),
    STATUS(SEC_E_MESSAGE_ALTERED),
    STATUS(SEC_E_MUTUAL_AUTH_FAILED),
    STATUS(SEC_E_NO_AUTHENTICATING_AUTHORITY),
    STATUS(SEC_E_NO_CREDENTIALS),
    STATUS(SEC_E_NO_IMPERSONATION),
    STATUS(SEC_E_NOT_OWNER),
    STATUS(SEC_E_OUT_OF_SEQUENCE),
    STATUS(SEC_E_QOP_NOT_SUPPORTED),
    STATUS(SEC_E_SECPKG_NOT_FOUND),
    STATUS(SEC_E_TARGET_UNKNOWN),
    STATUS(SEC_E_TIME_SKEW),
    STATUS(SEC_E_UNKNOWN_CREDENTIALS),
    STATUS(SEC_E_UNSUPPORTED_FUNCTION),
    STATUS(SEC_E_UNTRUSTED_ROOT),
    STATUS(SEC_E_WRONG_PRINCIPAL),
};

int sspi_fail(const char *call, SECURITY_STATUS status)
{
    char number[16];

    for (size_t i = 0; i < COUNT(statuses); i++)
        if (statuses[i].code == status)
            return peer_fail(statuses[i].name, "from %s", call);
    snprintf(number, sizeof number, "%08x", (unsigned)status);
    return peer_fail(number, "from %s", call);
}

/* Character pointers are CHAR, unsigned char or BYTE, as the header at hand has it. */
static void *mutable(const char *text)
{
    union {
        const char *in;
        void *out;
    } pointer = {text};

    return pointer.out;
}

static void set_package(struct sspi_end *end)
{
    for (size_t i = 0; i < COUNT(packages); i++)
        if (end->words.mech != NULL && strcmp(packages[i].word, end->words.mech) == 0)
            end->package = packages[i].package;
    if (end->package == NULL) {
        fprintf(stderr, "sspi: mech= is not krb5, ntlm, spnego or digest\n");
        exit(2);
    }
}

/* "HTTP@host" is "HTTP/host" here. */
static void set_target(struct sspi_end *end)
{
    char *at;

    snprintf(end->target, sizeof end->target, "%s", end->words.target);
    if ((at = strchr(end->target, '@')) != NULL)
        *at = '/';
}

/* ---- credentials --------------------------------------------------------------------------- */

static ULONG credential_use(const struct sspi_end *end)
{
    if (peer_listed(end->words.options, "both"))
        return SECPKG_CRED_BOTH;
    return end->words.initiator ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND;
}

static SECURITY_STATUS acquire(struct sspi_end *end, void *identity)
{
    TimeStamp expiry;

    return AcquireCredentialsHandleA(NULL, mutable(end->package), credential_use(end), NULL,
                                     identity, NULL, NULL, &end->cred, &expiry);
}

static SECURITY_STATUS acquire_plain(struct sspi_end *end)
{
    char *password = peer_password(&end->words);
    const char *domain = end->words.domain == NULL ? "" : end->words.domain;
    SEC_WINNT_AUTH_IDENTITY_A identity = {
        .User = mutable(end->words.user),
        .UserLength = (ULONG)strlen(end->words.user),
        .Domain = mutable(domain),
        .DomainLength = (ULONG)strlen(domain),
        .Password = (void *)password,
        .PasswordLength = (ULONG)strlen(password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };

    return acquire(end, &identity);
}

#ifndef PEER_WINPR

/* ASCII is all that the names of the test world need. */
static USHORT *widen(const char *text, USHORT *wide, size_t size)
{
    size_t i;

    for (i = 0; text[i] != '\0' && i < size - 1; i++)
        wide[i] = (unsigned char)text[i];
    wide[i] = 0;
    return wide;
}

static SECURITY_STATUS acquire_wide(struct sspi_end *end)
{
    USHORT user[256], domain[256], password[256], package[32];
    TimeStamp expiry;
    SEC_WINNT_AUTH_IDENTITY_W identity = {
        .User = (void *)widen(end->words.user, user, COUNT(user)),
        .UserLength = (ULONG)strlen(end->words.user),
        .Password = (void *)widen(peer_password(&end->words), password, COUNT(password)),
        .PasswordLength = (ULONG)strlen(peer_password(&end->words)),
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
    };

    if (end->words.domain != NULL) {
        identity.Domain = (void *)widen(end->words.domain, domain, COUNT(domain));
        identity.DomainLength = (ULONG)strlen(end->words.domain);
    }
    return AcquireCredentialsHandleW(NULL, (void *)widen(end->package, package, COUNT(package)),
                                     credential_use(end), NULL, &identity, NULL, NULL, &end->cred,
                                     &expiry);
}

/* What Negotiate may choose from is said in the package list, with or without a user. */
static SECURITY_STATUS acquire_listed(struct sspi_end *end)
{
    const char *user = end->words.user == NULL ? "" : end->words.user;
    const char *password = end->words.user == NULL ? "" : peer_password(&end->words);
    const char *domain = end->words.domain == NULL ? "" : end->words.domain;
    const char *list = strcmp(end->words.neg, "ntlm") == 0 ? "!kerberos" : "!ntlm";
    SEC_WINNT_AUTH_IDENTITY_EXA identity = {
        .Version = SEC_WINNT_AUTH_IDENTITY_VERSION,
        .Length = sizeof identity,
        .User = *user == '\0' ? NULL : mutable(user),
        .UserLength = (ULONG)strlen(user),
        .Domain = *domain == '\0' ? NULL : mutable(domain),
        .DomainLength = (ULONG)strlen(domain),
        .Password = *user == '\0' ? NULL : mutable(password),
        .PasswordLength = (ULONG)strlen(password),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        .PackageList = mutable(list),
        .PackageListLength = (ULONG)strlen(list),
    };

    return acquire(end, &identity);
}

static SECURITY_STATUS acquire_any(struct sspi_end *end)
{
    if (end->words.neg != NULL)
        return acquire_listed(end);
    if (end->words.user == NULL)
        return acquire(end, NULL);
    return peer_listed(end->words.options, "wide") ? acquire_wide(end) : acquire_plain(end);
}

#else

static SECURITY_STATUS acquire_any(struct sspi_end *end)
{
    return end->words.initiator ? acquire_plain(end) : acquire(end, NULL);
}

#endif

static int start(struct sspi_end *end)
{
    SecPkgInfoA *package;
    SECURITY_STATUS status = QuerySecurityPackageInfoA(mutable(end->package), &package);

    if (status != SEC_E_OK)
        return sspi_fail("QuerySecurityPackageInfo", status);
    end->max_token = package->cbMaxToken;
    FreeContextBuffer(package);
    status = acquire_any(end);
    if (status != SEC_E_OK)
        return sspi_fail("AcquireCredentialsHandle", status);
    end->have_cred = true;
    return 0;
}

/* ---- context ------------------------------------------------------------------------------- */

#define WANTED(end, side)                                                                          \
    static ULONG wanted_##side(const struct sspi_end *end)                                         \
    {                                                                                              \
        ULONG wanted = 0;                                                                          \
                                                                                                   \
        for (size_t i = 0; i < COUNT(flag_map); i++)                                               \
            if (end->words.flags & flag_map[i].peer)                                               \
                wanted |= flag_map[i].side##_req;                                                  \
        return wanted;                                                                             \
    }
WANTED(end, isc)
WANTED(end, asc)

static ULONG request(const struct sspi_end *end)
{
    const char *options = end->words.options;
    ULONG wanted;

    if (end->words.initiator) {
        wanted = wanted_isc(end) | ISC_REQ_CONNECTION;
        wanted |= peer_listed(options, "alloc") ? ISC_REQ_ALLOCATE_MEMORY : 0;
        wanted |= peer_listed(options, "extended-error") ? ISC_REQ_EXTENDED_ERROR : 0;
    } else {
        wanted = wanted_asc(end) | ASC_REQ_CONNECTION;
        wanted |= peer_listed(options, "alloc") ? ASC_REQ_ALLOCATE_MEMORY : 0;
        wanted |= peer_listed(options, "extended-error") ? ASC_REQ_EXTENDED_ERROR : 0;
#ifdef ASC_REQ_ALLOW_MISSING_BINDINGS
        wanted |= peer_listed(options, "allow-missing") ? ASC_REQ_ALLOW_MISSING_BINDINGS : 0;
#endif
    }
    return wanted;
}

/* The header of SEC_CHANNEL_BINDINGS and the application data right behind it. */
static void set_bindings(struct sspi_end *end)
{
    SEC_CHANNEL_BINDINGS header = {0};
    size_t length;

    if (end->words.bindings == NULL)
        return;
    length = strlen(end->words.bindings);
    header.cbApplicationDataLength = (ULONG)length;
    header.dwApplicationDataOffset = sizeof header;
    end->bindings = peer_bytes_new(sizeof header + length);
    memcpy(end->bindings.data, &header, sizeof header);
    memcpy(end->bindings.data + sizeof header, end->words.bindings, length);
}

SecBuffer sspi_buffer(ULONG type, void *data, size_t length)
{
    return (SecBuffer){.BufferType = type, .pvBuffer = data, .cbBuffer = (ULONG)length};
}

SecBufferDesc sspi_description(SecBuffer *buffers, size_t count)
{
    return (SecBufferDesc){
        .ulVersion = SECBUFFER_VERSION, .cBuffers = (ULONG)count, .pBuffers = buffers};
}

#ifdef PEER_WINPR

#define initialize_of(end) InitializeSecurityContextA
#define accept_of(end)     AcceptSecurityContext

static SECURITY_STATUS sasl_options(struct sspi_end *end)
{
    (void)end;
    return SEC_E_OK;
}

#else

#define initialize_of(end)                                                                         \
    (is_sasl(end) ? SaslInitializeSecurityContextA : InitializeSecurityContextA)
#define accept_of(end) (is_sasl(end) ? SaslAcceptSecurityContext : AcceptSecurityContext)

static bool is_sasl(const struct sspi_end *end)
{
    return peer_listed(end->words.options, "sasl");
}

static SECURITY_STATUS sasl_option(struct sspi_end *end, ULONG option, ULONG value)
{
    return SaslSetContextOption(&end->ctx, option, &value, sizeof value);
}

/* As soon as there is a context. */
static SECURITY_STATUS sasl_options(struct sspi_end *end)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (!is_sasl(end))
        return SEC_E_OK;
    if (end->words.authz != NULL)
        status = SaslSetContextOption(&end->ctx, SASL_OPTION_AUTHZ_STRING,
                                      mutable(end->words.authz), (ULONG)strlen(end->words.authz));
    if (status == SEC_E_OK && peer_listed(end->words.options, "authz-forbidden"))
        status = sasl_option(end, SASL_OPTION_AUTHZ_PROCESSING, Sasl_AuthZIDForbidden);
    if (status == SEC_E_OK && peer_listed(end->words.options, "no-layer"))
        status = sasl_option(end, SASL_OPTION_RECV_SIZE, 0);
    if (status != SEC_E_OK || end->words.size == NULL)
        return status;
    status = sasl_option(end, SASL_OPTION_SEND_SIZE, (ULONG)strtoul(end->words.size, NULL, 10));
    return status != SEC_E_OK
               ? status
               : sasl_option(end, SASL_OPTION_RECV_SIZE, (ULONG)strtoul(end->words.size, NULL, 10));
}

#endif

static SECURITY_STATUS call_context(struct sspi_end *end, SecBufferDesc *in, SecBufferDesc *out)
{
    CtxtHandle *old = end->have_ctx ? &end->ctx : NULL;
    TimeStamp expiry;
    SECURITY_STATUS status, set;

    if (end->words.initiator)
        status = initialize_of(end)(
            &end->cred, old, end->words.target == NULL ? NULL : mutable(end->target), request(end),
            0, SECURITY_NATIVE_DREP, in, 0, &end->ctx, out, &end->attributes, &expiry);
    else
        status = accept_of(end)(&end->cred, old, in, request(end), SECURITY_NATIVE_DREP, &end->ctx,
                                out, &end->attributes, &expiry);
    /* Success, or the token waits for a larger buffer: either way there is a context now. */
    if (status >= 0 || (status == SEC_E_BUFFER_TOO_SMALL && old == NULL))
        end->have_ctx = true;
    if (old != NULL || !end->have_ctx)
        return status;
    set = sasl_options(end);
    return set == SEC_E_OK ? status : set;
}

static bool completing(SECURITY_STATUS status)
{
    return status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE;
}

#ifdef PEER_WINPR

/* WinPR's NTLM server asks for the hash between the last token and its verification. */
static SECURITY_STATUS before_completing(struct sspi_end *end)
{
    SecPkgContext_AuthNtlmHash hash = {.Version = 1};
    char *password = peer_password(&end->words);

    if (!NTOWFv1A(password, (UINT32)strlen(password), hash.NtlmHash))
        return SEC_E_INTERNAL_ERROR;
    return SetContextAttributesA(&end->ctx, SECPKG_ATTR_AUTH_NTLM_HASH, &hash, sizeof hash);
}

/*
 * [MS-NLMP] 3.2.5.1.1: the server picks UNICODE or OEM.  WinPR 2 answers with whatever the client
 * offered, both, which gss-ntlmssp refuses; so the offer of OEM (bit 1 of the flags at offset 12)
 * is taken out of the NEGOTIATE message before WinPR sees it.
 */
static void before_accepting(const struct sspi_end *end, struct peer_bytes in)
{
    static const uint8_t negotiate[] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1, 0, 0, 0};

    if (!end->words.initiator && peer_listed(end->words.options, "no-oem") && in.length >= 16 &&
        memcmp(in.data, negotiate, sizeof negotiate) == 0)
        in.data[12] &= (uint8_t)~2u;
}

#else

static void before_accepting(const struct sspi_end *end, struct peer_bytes in)
{
    (void)end;
    (void)in;
}

static SECURITY_STATUS before_completing(struct sspi_end *end)
{
    (void)end;
    return SEC_E_OK;
}

/* Through a blob, as if into another process. */
static SECURITY_STATUS export_and_import(struct sspi_end *end)
{
    SecBuffer packed = {0};
    SECURITY_STATUS status =
        ExportSecurityContext(&end->ctx, SECPKG_CONTEXT_EXPORT_DELETE_OLD, &packed, NULL);

    if (status != SEC_E_OK)
        return status;
    status = ImportSecurityContextA(mutable(end->package), &packed, NULL, &end->ctx);
    FreeContextBuffer(packed.pvBuffer);
    return status;
}

#endif

static SECURITY_STATUS finish_leg(struct sspi_end *end, SECURITY_STATUS status, SecBufferDesc *out)
{
    SECURITY_STATUS completed;

    if (completing(status)) {
        completed = before_completing(end);
        if (completed == SEC_E_OK)
            completed = CompleteAuthToken(&end->ctx, out);
        if (completed != SEC_E_OK)
            return completed;
    }
    end->done = status == SEC_E_OK || status == SEC_I_COMPLETE_NEEDED;
#ifndef PEER_WINPR
    if (end->done && peer_listed(end->words.options, "export"))
        return export_and_import(end);
#endif
    return SEC_E_OK;
}

static size_t input_buffers(struct sspi_end *end, struct peer_bytes in, SecBuffer *list)
{
    size_t count = 0;

    /* The first call of an initiator has no token, unless the server spoke first. */
    if (in.length > 0 || end->have_ctx || !end->words.initiator)
        list[count++] = sspi_buffer(SECBUFFER_TOKEN, in.data, in.length);
    if (end->bindings.length > 0)
        list[count++] =
            sspi_buffer(SECBUFFER_CHANNEL_BINDINGS, end->bindings.data, end->bindings.length);
    return count;
}

static bool too_small(SECURITY_STATUS status)
{
    return status == SEC_E_BUFFER_TOO_SMALL || status == SEC_E_INSUFFICIENT_MEMORY;
}

/* With "small" the first offer is one byte: the package must say so, and hand the token out later.
 */
static SECURITY_STATUS call_with_room(struct sspi_end *end, SecBufferDesc *in, SecBuffer *token,
                                      struct peer_bytes room)
{
    SecBufferDesc out = sspi_description(token, 1);
    SECURITY_STATUS status;

    if (peer_listed(end->words.options, "alloc")) {
        *token = sspi_buffer(SECBUFFER_TOKEN, NULL, 0);
        return call_context(end, in, &out);
    }
    if (peer_listed(end->words.options, "small")) {
        *token = sspi_buffer(SECBUFFER_TOKEN, room.data, 1);
        status = call_context(end, in, &out);
        if (!too_small(status))
            return status;
    }
    *token = sspi_buffer(SECBUFFER_TOKEN, room.data, room.length);
    return call_context(end, in, &out);
}

/* A failed call leaves a token only if it was asked to say why. */
static void take_token(struct sspi_end *end, SECURITY_STATUS status, SecBuffer *token,
                       struct peer_bytes *out)
{
    bool there = status >= 0 || (peer_listed(end->words.options, "extended-error") &&
                                 token->cbBuffer < end->max_token);

    out->length = there ? token->cbBuffer : 0;
    if (token->pvBuffer == out->data)
        return;
    if (out->length > 0)
        memcpy(out->data, token->pvBuffer, out->length);
    if (token->pvBuffer != NULL)
        FreeContextBuffer(token->pvBuffer);
    *token = sspi_buffer(SECBUFFER_TOKEN, NULL, 0);
}

int sspi_end_step(void *self, struct peer_bytes in, struct peer_bytes *out, bool *done)
{
    struct sspi_end *end = self;
    SecBuffer in_list[2], token;
    SecBufferDesc in_desc, out_desc = sspi_description(&token, 1);
    SECURITY_STATUS status;

    if (!end->have_cred && start(end) != 0)
        return -1;
    before_accepting(end, in);
    in_desc = sspi_description(in_list, input_buffers(end, in, in_list));
    *out = peer_bytes_new(end->max_token);
    status = call_with_room(end, in_desc.cBuffers > 0 ? &in_desc : NULL, &token, *out);
    take_token(end, status, &token, out);
    if (status < 0)
        return sspi_fail(
            end->words.initiator ? "InitializeSecurityContext" : "AcceptSecurityContext", status);
    status = finish_leg(end, status, &out_desc);
    *done = end->done;
    return status == SEC_E_OK ? 0 : sspi_fail("CompleteAuthToken or export", status);
}

/* ---- information --------------------------------------------------------------------------- */

static unsigned granted(const struct sspi_end *end)
{
    unsigned flags = 0;

    for (size_t i = 0; i < COUNT(flag_map); i++) {
        ULONG bit = end->words.initiator ? flag_map[i].isc_ret : flag_map[i].asc_ret;

        if (end->attributes & bit)
            flags |= flag_map[i].peer;
    }
    return flags;
}

static void print_key(struct sspi_end *end, FILE *out)
{
    SecPkgContext_SessionKey key = {0};

    if (QueryContextAttributesA(&end->ctx, SECPKG_ATTR_SESSION_KEY, &key) != SEC_E_OK)
        return;
    peer_print_hex(out, "key", key.SessionKey, key.SessionKeyLength);
    FreeContextBuffer(key.SessionKey);
}

#ifdef PEER_WINPR

static void learn_mech(struct sspi_end *end)
{
    snprintf(end->mech, sizeof end->mech, "ntlm");
}

static ULONG learn_padding(struct sspi_end *end)
{
    (void)end;
    return 0;
}

/* It says nothing of what it granted. */
static bool seals(const struct sspi_end *end)
{
    return end->words.flags & PEER_CONF;
}

static void print_names(struct sspi_end *end, FILE *out)
{
    SecPkgContext_AuthIdentity who = {0};

    if (!end->words.initiator &&
        QueryContextAttributesA(&end->ctx, SECPKG_ATTR_AUTH_IDENTITY, &who) == SEC_E_OK)
        fprintf(out, "source=%s\\%s\n", who.Domain, who.User);
}

#else

/* RFC 4757 7.3: RC4 knows one octet of padding. */
static ULONG learn_padding(struct sspi_end *end)
{
    enum { ETYPE_RC4 = 23 };
    SecPkgContext_KeyInfoA info = {0};
    bool rc4;

    if (QueryContextAttributesA(&end->ctx, SECPKG_ATTR_KEY_INFO, &info) != SEC_E_OK)
        return 0;
    rc4 = strcmp(end->mech, "krb5") == 0 && info.EncryptAlgorithm == ETYPE_RC4;
    FreeContextBuffer(info.sSignatureAlgorithmName);
    FreeContextBuffer(info.sEncryptAlgorithmName);
    return rc4 && !(end->attributes & ISC_RET_USED_DCE_STYLE);
}

static bool seals(const struct sspi_end *end)
{
    return granted(end) & PEER_CONF;
}

static void learn_mech(struct sspi_end *end)
{
    SecPkgContext_NegotiationInfoA info = {0};
    SECURITY_STATUS status =
        QueryContextAttributesA(&end->ctx, SECPKG_ATTR_NEGOTIATION_INFO, &info);

    if (status != SEC_E_OK) {
        snprintf(end->mech, sizeof end->mech, "%08x", (unsigned)status);
        return;
    }
    snprintf(end->mech, sizeof end->mech, "%s", (char *)info.PackageInfo->Name);
    for (size_t i = 0; i < COUNT(packages); i++)
        if (strcmp(packages[i].package, end->mech) == 0)
            snprintf(end->mech, sizeof end->mech, "%s", packages[i].word);
    FreeContextBuffer(info.PackageInfo);
}

/* What was agreed on, where anything was. */
static void print_sasl(struct sspi_end *end, FILE *out)
{
    char authz[256];
    ULONG size;

    if (!is_sasl(end))
        return;
    if (SaslGetContextOption(&end->ctx, SASL_OPTION_SEND_SIZE, &size, sizeof size, NULL) ==
        SEC_E_OK)
        fprintf(out, "send=%u\n", (unsigned)size);
    if (SaslGetContextOption(&end->ctx, SASL_OPTION_AUTHZ_STRING, authz, sizeof authz, &size) ==
        SEC_E_OK)
        fprintf(out, "authz=%.*s\n", (int)size, authz);
}

static void print_names(struct sspi_end *end, FILE *out)
{
    SecPkgContext_NamesA names = {0};
    SecPkgContext_NativeNamesA native = {0};

    if (QueryContextAttributesA(&end->ctx, SECPKG_ATTR_NAMES, &names) == SEC_E_OK) {
        fprintf(out, "name=%s\n", (char *)names.sUserName);
        FreeContextBuffer(names.sUserName);
    }
    if (QueryContextAttributesA(&end->ctx, SECPKG_ATTR_NATIVE_NAMES, &native) != SEC_E_OK)
        return;
    if (native.sClientName != NULL)
        fprintf(out, "source=%s\n", (char *)native.sClientName);
    if (native.sServerName != NULL)
        fprintf(out, "target=%s\n", (char *)native.sServerName);
    print_sasl(end, out);
    FreeContextBuffer(native.sClientName);
    FreeContextBuffer(native.sServerName);
}

#endif

/* NTLM protects no empty message: gss-ntlmssp refuses it, and WinPR's HMAC of nothing fails. */
static void print_limits(const struct sspi_end *end, FILE *out)
{
    bool ntlm = strcmp(end->mech, "ntlm") == 0;

    fprintf(out, "min=%d\n", ntlm);
    fprintf(out, "block=%d\n", end->attributes & ISC_RET_USED_DCE_STYLE ? 16 : 1);
#ifndef PEER_WINPR
    if (ntlm)
        fprintf(out, "dead=SEC_E_CONTEXT_EXPIRED\n");
#endif
}

int sspi_end_info(void *self, FILE *out)
{
    struct sspi_end *end = self;
    SECURITY_STATUS status = QueryContextAttributesA(&end->ctx, SECPKG_ATTR_SIZES, &end->sizes);

    if (status != SEC_E_OK)
        return sspi_fail("QueryContextAttributes(SIZES)", status);
    learn_mech(end);
    end->padding = learn_padding(end);
    fprintf(out, "mech=%s\n", end->mech);
    fprintf(out, "sizes=token %u, signature %u, block %u, trailer %u\n",
            (unsigned)end->sizes.cbMaxToken, (unsigned)end->sizes.cbMaxSignature,
            (unsigned)end->sizes.cbBlockSize, (unsigned)end->sizes.cbSecurityTrailer);
    print_limits(end, out);
    peer_print_flags(out, granted(end));
    print_names(end, out);
    print_key(end, out);
    return 0;
}

unsigned sspi_end_features(void *self)
{
    struct sspi_end *end = self;
    bool ntlm = strcmp(end->mech, "ntlm") == 0;
    unsigned features = ntlm ? FEATURE_NTLM : FEATURE_KERBEROS;

    if (seals(end))
        features |= FEATURE_SEALS;
    else if (ntlm && (granted(end) & PEER_INTEG))
        features |= FEATURE_NTLM_CLEAR;
#ifndef PEER_WINPR
    features |= FEATURE_ALL_BUFFERS | FEATURE_SIGNATURES;
#endif
    if (end->padding == 0)
        features |= FEATURE_UNPADDED;
    /* In DCE style a message is never one stream. */
    return end->attributes & ISC_RET_USED_DCE_STYLE ? features : features | FEATURE_STREAM;
}

/* ---- life ---------------------------------------------------------------------------------- */

void sspi_end_init(struct sspi_end *end, struct peer_words words)
{
    *end = (struct sspi_end){.words = words};
    set_package(end);
    if (words.target != NULL)
        set_target(end);
    set_bindings(end);
}

void sspi_end_reset(struct sspi_end *end)
{
    if (end->have_ctx)
        DeleteSecurityContext(&end->ctx);
    end->have_ctx = end->done = false;
}

void sspi_end_free(struct sspi_end *end)
{
    sspi_end_reset(end);
    if (end->have_cred)
        FreeCredentialsHandle(&end->cred);
    end->have_cred = false;
    free(end->bindings.data);
    end->bindings = (struct peer_bytes){0};
}
