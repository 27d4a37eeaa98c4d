/* SPDX-License-Identifier: MIT */
/*
 * A security package in a shared object, with all of Windows' table, for tests of
 * AddSecurityPackage. Its protocol has two legs: "TOY1" nonce name-and-proof, "TOY2" nonce proof.
 * The proofs and the messages' checks are no cryptography, but they notice each altered octet.
 *
 * TOY_TABLE in the environment makes the table another one: "a" or "w" one form only, "old" no
 * version, "none" no table, "short" version 1, "bare" no slots but those that are needed, "hollow"
 * not even those, "empty", "many", "twice", "nameless" and "taken" other lists of packages.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sspi.h>
#include <wdigest.h>

#include "lib/toymodule.h"

#define TOY __attribute__((visibility("default")))

#define PROOF      8
#define HELLO_SIZE (4 + TOY_NAME + PROOF + PROOF)
#define REPLY_SIZE (4 + PROOF + PROOF)

/* --- Memory: nobody else can free it -------------------------------------------------------- */

#define HEAD 32

static atomic_int live;

/* What is alive of allocations, credentials and contexts. */
TOY int toy_live(void);
TOY int toy_live(void)
{
    return atomic_load(&live);
}

static void *toy_alloc(size_t size)
{
    char *block = calloc(1, HEAD + size);

    atomic_fetch_add(&live, 1);
    return block + HEAD;
}

static SECURITY_STATUS SEC_ENTRY toy_free(void *memory)
{
    atomic_fetch_sub(&live, 1);
    free((char *)memory - HEAD);
    return SEC_E_OK;
}

/* Text in the form of the call. */
static void *toy_text(const char *text, int wide)
{
    size_t size = strlen(text) + 1;
    void *copy = toy_alloc(size * (wide ? 2 : 1));

    for (size_t i = 0; i < size; i++)
        if (wide)
            ((SEC_WCHAR *)copy)[i] = (unsigned char)text[i];
        else
            ((char *)copy)[i] = text[i];
    return copy;
}

/* Reads text of either form, and no more than fits. */
static void text_take(char out[TOY_NAME], const void *text, size_t length, int wide)
{
    memset(out, 0, TOY_NAME);
    for (size_t i = 0; text != NULL && i < length && i < TOY_NAME - 1; i++) {
        out[i] = wide ? (char)((const SEC_WCHAR *)text)[i] : ((const char *)text)[i];
        if (out[i] == '\0')
            return;
    }
}

/* --- What a protocol has in the place of cryptography --------------------------------------- */

static uint64_t mix(uint64_t state, const void *data, size_t size)
{
    const unsigned char *octets = data;

    for (size_t i = 0; i < size; i++)
        state = (state ^ octets[i]) * UINT64_C(0x100000001b3) + 0x9e37;
    return state;
}

struct toy_cred {
    ULONG use;
    unsigned count; /* users that were added */
    struct {
        char name[TOY_NAME], password[TOY_NAME];
    } users[4];
};

struct toy_ctx {
    int inbound, done, closed;
    char client[TOY_NAME], target[TOY_NAME], label[TOY_NAME];
    uint64_t nonce, key;
    ULONG sent, received;
};

static _Thread_local char impersonated[TOY_NAME];

static int name_is_ours(const void *package, int wide)
{
    char name[TOY_NAME];

    text_take(name, package, TOY_NAME, wide);
    return strcmp(name, TOY_PACKAGE) == 0;
}

static SECURITY_STATUS user_take(struct toy_cred *cred, const void *auth)
{
    const SEC_WINNT_AUTH_IDENTITY_A *id = auth;
    int wide;

    if (cred->count == sizeof(cred->users) / sizeof(cred->users[0]))
        return SEC_E_INSUFFICIENT_MEMORY;
    if (id == NULL) {
        strcpy(cred->users[cred->count++].name, *impersonated ? impersonated : "whoever");
        return SEC_E_OK;
    }
    wide = (id->Flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) != 0;
    text_take(cred->users[cred->count].name, id->User, id->UserLength, wide);
    text_take(cred->users[cred->count].password, id->Password, id->PasswordLength, wide);
    return *cred->users[cred->count++].name != '\0' ? SEC_E_OK : SEC_E_UNKNOWN_CREDENTIALS;
}

static struct toy_cred *cred_of(PCredHandle handle)
{
    return (struct toy_cred *)handle->dwLower;
}

static struct toy_ctx *ctx_of(PCtxtHandle handle)
{
    return (struct toy_ctx *)handle->dwLower;
}

static SECURITY_STATUS acquire(const void *package, ULONG use, void *auth, PCredHandle handle,
                               PTimeStamp expiry, int wide)
{
    struct toy_cred *cred;
    SECURITY_STATUS status;

    if (!name_is_ours(package, wide))
        return SEC_E_SECPKG_NOT_FOUND;
    cred = toy_alloc(sizeof(*cred));
    cred->use = use;
    status = user_take(cred, auth);
    if (status != SEC_E_OK) {
        toy_free(cred);
        return status;
    }
    *handle = (CredHandle){(ULONG_PTR)cred, TOY_UPPER};
    expiry->QuadPart = TOY_EXPIRY;
    return SEC_E_OK;
}

static SECURITY_STATUS add(PCredHandle handle, const void *package, void *auth, PTimeStamp expiry,
                           int wide)
{
    if (!name_is_ours(package, wide))
        return SEC_E_SECPKG_NOT_FOUND;
    expiry->QuadPart = TOY_EXPIRY;
    return user_take(cred_of(handle), auth);
}

static SECURITY_STATUS SEC_ENTRY toy_FreeCredentialsHandle(PCredHandle handle)
{
    return toy_free(cred_of(handle));
}

/* --- Legs ----------------------------------------------------------------------------------- */

static SecBuffer *find(PSecBufferDesc list, ULONG type)
{
    for (ULONG i = 0; list != NULL && i < list->cBuffers; i++)
        if ((list->pBuffers[i].BufferType & ~SECBUFFER_ATTRMASK) == type)
            return &list->pBuffers[i];
    return NULL;
}

static SECURITY_STATUS token_put(PSecBufferDesc list, const void *token, ULONG size)
{
    SecBuffer *buffer = find(list, SECBUFFER_TOKEN);

    if (buffer == NULL || buffer->cbBuffer < size)
        return SEC_E_BUFFER_TOO_SMALL;
    memcpy(buffer->pvBuffer, token, size);
    buffer->cbBuffer = size;
    return SEC_E_OK;
}

static uint64_t proof_of(const char *name, const char *password, uint64_t nonce, uint64_t other)
{
    return mix(mix(mix(mix(0, name, strlen(name)), password, strlen(password)), &nonce, 8), &other,
               8);
}

static uint64_t nonce_new(void)
{
    static atomic_uint_fast64_t last;
    uint64_t now = atomic_fetch_add(&last, 1);

    return mix(1, &now, sizeof(now));
}

static SECURITY_STATUS ctx_new(struct toy_ctx **out, PCtxtHandle handle, int inbound)
{
    struct toy_ctx *ctx = toy_alloc(sizeof(*ctx));

    ctx->inbound = inbound;
    ctx->nonce = nonce_new();
    *handle = (CtxtHandle){(ULONG_PTR)ctx, TOY_UPPER};
    *out = ctx;
    return SEC_I_CONTINUE_NEEDED;
}

static SECURITY_STATUS hello(const struct toy_cred *cred, struct toy_ctx *ctx, PSecBufferDesc out)
{
    unsigned char token[HELLO_SIZE] = "TOY1";
    uint64_t proof;

    strcpy(ctx->client, cred->users[cred->count - 1].name);
    proof = proof_of(ctx->client, cred->users[cred->count - 1].password, ctx->nonce, 0);
    memcpy(token + 4, ctx->client, TOY_NAME);
    memcpy(token + 4 + TOY_NAME, &ctx->nonce, PROOF);
    memcpy(token + 4 + TOY_NAME + PROOF, &proof, PROOF);
    return token_put(out, token, sizeof(token));
}

static SECURITY_STATUS SEC_ENTRY toy_DeleteSecurityContext(PCtxtHandle handle)
{
    return toy_free(ctx_of(handle));
}

/* The client's second leg: what the server says about the two nonces. */
static SECURITY_STATUS finish(const struct toy_cred *cred, struct toy_ctx *ctx, PSecBufferDesc in,
                              PSecBufferDesc out)
{
    const SecBuffer *token = find(in, SECBUFFER_TOKEN);
    const unsigned char *octets = token == NULL ? NULL : token->pvBuffer;
    uint64_t nonce, proof;

    if (token != NULL && token->cbBuffer < REPLY_SIZE && token->cbBuffer != 0)
        return SEC_E_INCOMPLETE_MESSAGE;
    if (token == NULL || token->cbBuffer != REPLY_SIZE || memcmp(octets, "TOY2", 4) != 0)
        return SEC_E_INVALID_TOKEN;
    memcpy(&nonce, octets + 4, PROOF);
    memcpy(&proof, octets + 4 + PROOF, PROOF);
    ctx->key = proof_of(ctx->client, cred->users[cred->count - 1].password, ctx->nonce, nonce);
    if (proof != mix(ctx->key, "server", 6))
        return SEC_E_MUTUAL_AUTH_FAILED;
    ctx->done = 1;
    return find(out, SECBUFFER_TOKEN) == NULL ? SEC_E_OK : token_put(out, "", 0);
}

static SECURITY_STATUS initialize(PCredHandle cred, PCtxtHandle old, const void *target,
                                  ULONG request, PSecBufferDesc in, PCtxtHandle handle,
                                  PSecBufferDesc out, ULONG *attributes, PTimeStamp expiry,
                                  int wide)
{
    struct toy_ctx *ctx;
    SECURITY_STATUS status;

    *attributes = request & (ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY);
    expiry->QuadPart = TOY_EXPIRY;
    if (request & ISC_REQ_ALLOCATE_MEMORY)
        return SEC_E_INTERNAL_ERROR; /* the contract: a module is never asked to */
    if (old != NULL)
        return finish(cred_of(cred), ctx_of(old), in, out);
    if (target == NULL)
        return SEC_E_TARGET_UNKNOWN;
    status = ctx_new(&ctx, handle, 0);
    text_take(ctx->target, target, TOY_NAME, wide);
    if (hello(cred_of(cred), ctx, out) == SEC_E_OK)
        return status;
    toy_free(ctx);
    return SEC_E_BUFFER_TOO_SMALL;
}

/* With EXTENDED_ERROR a refusal has a token that says so. */
static SECURITY_STATUS deny(ULONG request, PSecBufferDesc out)
{
    if (request & ASC_REQ_EXTENDED_ERROR)
        token_put(out, "TOYX", 4);
    return SEC_E_LOGON_DENIED;
}

static SECURITY_STATUS reply(const struct toy_cred *cred, struct toy_ctx *ctx,
                             const unsigned char *octets, ULONG request, PSecBufferDesc out)
{
    unsigned char token[REPLY_SIZE] = "TOY2";
    uint64_t nonce, proof;
    unsigned i = 0;

    memcpy(ctx->client, octets + 4, TOY_NAME - 1);
    memcpy(&nonce, octets + 4 + TOY_NAME, PROOF);
    memcpy(&proof, octets + 4 + TOY_NAME + PROOF, PROOF);
    while (i < cred->count && (strcmp(cred->users[i].name, ctx->client) != 0 ||
                               proof_of(ctx->client, cred->users[i].password, nonce, 0) != proof))
        i++;
    if (i == cred->count)
        return deny(request, out);
    ctx->key = proof_of(ctx->client, cred->users[i].password, nonce, ctx->nonce);
    ctx->done = 1;
    proof = mix(ctx->key, "server", 6);
    memcpy(token + 4, &ctx->nonce, PROOF);
    memcpy(token + 4 + PROOF, &proof, PROOF);
    return token_put(out, token, sizeof(token));
}

static SECURITY_STATUS SEC_ENTRY toy_AcceptSecurityContext(PCredHandle cred, PCtxtHandle old,
                                                           PSecBufferDesc in, ULONG request,
                                                           ULONG data_rep, PCtxtHandle handle,
                                                           PSecBufferDesc out, ULONG *attributes,
                                                           PTimeStamp expiry)
{
    const SecBuffer *token = find(in, SECBUFFER_TOKEN);
    struct toy_ctx *ctx;
    SECURITY_STATUS status;

    (void)data_rep;
    *attributes = request & (ASC_REQ_MUTUAL_AUTH | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY);
    expiry->QuadPart = TOY_EXPIRY;
    if (old != NULL || token == NULL || token->cbBuffer != HELLO_SIZE ||
        memcmp(token->pvBuffer, "TOY1", 4) != 0)
        return SEC_E_INVALID_TOKEN;
    ctx_new(&ctx, handle, 1);
    status = reply(cred_of(cred), ctx, token->pvBuffer, request, out);
    if (status != SEC_E_OK)
        toy_free(ctx);
    return status == SEC_E_OK && (request & ASC_REQ_HTTP) ? SEC_I_COMPLETE_NEEDED : status;
}

/* As if there were a body to judge: "bad" is one that was altered. */
static SECURITY_STATUS SEC_ENTRY toy_CompleteAuthToken(PCtxtHandle handle, PSecBufferDesc list)
{
    const SecBuffer *token = find(list, SECBUFFER_TOKEN);

    if (token == NULL)
        return SEC_E_INVALID_TOKEN;
    if (token->cbBuffer == 3 && memcmp(token->pvBuffer, "bad", 3) == 0)
        return SEC_E_MESSAGE_ALTERED;
    return ctx_of(handle)->done ? SEC_E_OK : SEC_E_OUT_OF_SEQUENCE;
}

/* "bye" closes. */
static SECURITY_STATUS SEC_ENTRY toy_ApplyControlToken(PCtxtHandle handle, PSecBufferDesc in)
{
    const SecBuffer *token = find(in, SECBUFFER_TOKEN);

    if (token == NULL || token->cbBuffer != 3 || memcmp(token->pvBuffer, "bye", 3) != 0)
        return SEC_E_INVALID_TOKEN;
    ctx_of(handle)->closed = 1;
    return SEC_E_OK;
}

/* --- Messages ------------------------------------------------------------------------------- */

static uint64_t check_of(const struct toy_ctx *ctx, const SecBuffer *data, ULONG number)
{
    return mix(mix(ctx->key, &number, sizeof(number)), data->pvBuffer, data->cbBuffer);
}

static void stream(const struct toy_ctx *ctx, SecBuffer *data, ULONG number)
{
    uint64_t state = mix(ctx->key, &number, sizeof(number));

    for (ULONG i = 0; i < data->cbBuffer; i++) {
        state = mix(state, "s", 1);
        ((unsigned char *)data->pvBuffer)[i] ^= (unsigned char)(state >> 32);
    }
}

static SECURITY_STATUS protect(PCtxtHandle handle, PSecBufferDesc message, int seal)
{
    struct toy_ctx *ctx = ctx_of(handle);
    SecBuffer *token = find(message, SECBUFFER_TOKEN), *data = find(message, SECBUFFER_DATA);
    uint64_t check;

    if (ctx->closed)
        return SEC_E_CONTEXT_EXPIRED;
    if (token == NULL || data == NULL || token->cbBuffer < TOY_CHECK)
        return SEC_E_BUFFER_TOO_SMALL;
    check = check_of(ctx, data, ctx->sent);
    memcpy(token->pvBuffer, &check, TOY_CHECK);
    token->cbBuffer = TOY_CHECK;
    if (seal)
        stream(ctx, data, ctx->sent);
    ctx->sent++;
    return SEC_E_OK;
}

/* The check and the data behind it, as they came; DATA then says where the latter are. */
static void stream_split(SecBuffer *whole, SecBuffer *token, SecBuffer *data)
{
    *token = (SecBuffer){TOY_CHECK, SECBUFFER_TOKEN, whole->pvBuffer};
    data->pvBuffer = (char *)whole->pvBuffer + TOY_CHECK;
    data->cbBuffer = whole->cbBuffer - TOY_CHECK;
}

static SECURITY_STATUS unprotect(PCtxtHandle handle, PSecBufferDesc message, ULONG *qop, int sealed)
{
    struct toy_ctx *ctx = ctx_of(handle);
    SecBuffer *token = find(message, SECBUFFER_TOKEN), *data = find(message, SECBUFFER_DATA);
    SecBuffer *whole = find(message, SECBUFFER_STREAM), head;
    uint64_t check;

    if (whole != NULL && data != NULL && whole->cbBuffer >= TOY_CHECK)
        stream_split(whole, token = &head, data);
    if (token == NULL || data == NULL || token->cbBuffer != TOY_CHECK)
        return SEC_E_INVALID_TOKEN;
    if (sealed)
        stream(ctx, data, ctx->received);
    check = check_of(ctx, data, ctx->received);
    if (memcmp(token->pvBuffer, &check, TOY_CHECK) != 0)
        return SEC_E_MESSAGE_ALTERED;
    ctx->received++;
    *qop = 7;
    return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY toy_MakeSignature(PCtxtHandle ctx, ULONG qop, PSecBufferDesc list,
                                                   ULONG sequence)
{
    (void)sequence;
    return qop == 0 ? protect(ctx, list, 0) : SEC_E_QOP_NOT_SUPPORTED;
}

static SECURITY_STATUS SEC_ENTRY toy_VerifySignature(PCtxtHandle ctx, PSecBufferDesc list,
                                                     ULONG sequence, ULONG *qop)
{
    (void)sequence;
    return unprotect(ctx, list, qop, 0);
}

static SECURITY_STATUS SEC_ENTRY toy_EncryptMessage(PCtxtHandle ctx, ULONG qop, PSecBufferDesc list,
                                                    ULONG sequence)
{
    (void)sequence;
    return qop == 0 ? protect(ctx, list, 1) : SEC_E_QOP_NOT_SUPPORTED;
}

static SECURITY_STATUS SEC_ENTRY toy_DecryptMessage(PCtxtHandle ctx, PSecBufferDesc list,
                                                    ULONG sequence, ULONG *qop)
{
    (void)sequence;
    return unprotect(ctx, list, qop, 1);
}

/* --- Attributes ----------------------------------------------------------------------------- */

static SECURITY_STATUS query(PCtxtHandle handle, ULONG attribute, void *buffer, int wide)
{
    const struct toy_ctx *ctx = ctx_of(handle);

    switch (attribute) {
    case SECPKG_ATTR_SIZES:
        *(PSecPkgContext_Sizes)buffer =
            (SecPkgContext_Sizes){TOY_MAX_TOKEN, TOY_CHECK, 0, TOY_CHECK};
        return SEC_E_OK;
    case SECPKG_ATTR_NAMES:
        if (!ctx->done)
            return SEC_E_INVALID_HANDLE;
        *(void **)buffer = toy_text(ctx->client, wide);
        return SEC_E_OK;
    case SECPKG_ATTR_ACCESS_TOKEN: /* one that means something to the module alone */
        *(void **)buffer = (void *)(uintptr_t)handle->dwLower;
        return SEC_E_OK;
    case SECPKG_ATTR_NATIVE_NAMES:
        ((void **)buffer)[0] = toy_text(ctx->client, wide);
        ((void **)buffer)[1] = toy_text(ctx->target, wide);
        return SEC_E_OK;
    case SECPKG_ATTR_SESSION_KEY:
        *(PSecPkgContext_SessionKey)buffer = (SecPkgContext_SessionKey){8, toy_alloc(8)};
        memcpy(((PSecPkgContext_SessionKey)buffer)->SessionKey, &ctx->key, 8);
        return SEC_E_OK;
    case TOY_ATTR_LABEL: /* a structure that nobody else knows: text in the form of the call */
        if (wide)
            for (int i = 0; i < TOY_NAME; i++)
                ((SEC_WCHAR *)buffer)[i] = (unsigned char)ctx->label[i];
        else
            memcpy(buffer, ctx->label, TOY_NAME);
        return SEC_E_OK;
    default:
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
}

static SECURITY_STATUS set(PCtxtHandle handle, ULONG attribute, void *buffer, ULONG size, int wide)
{
    if (attribute != TOY_ATTR_LABEL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    text_take(ctx_of(handle)->label, buffer, size / (wide ? 2 : 1), wide);
    return SEC_E_OK;
}

static SECURITY_STATUS cred_query(PCredHandle handle, ULONG attribute, void *buffer, int wide)
{
    const struct toy_cred *cred = cred_of(handle);

    if (attribute != SECPKG_CRED_ATTR_NAMES)
        return SEC_E_UNSUPPORTED_FUNCTION;
    *(void **)buffer = toy_text(cred->users[cred->count - 1].name, wide);
    return SEC_E_OK;
}

static SECURITY_STATUS cred_set(PCredHandle handle, ULONG attribute, void *buffer, ULONG size,
                                int wide)
{
    struct toy_cred *cred = cred_of(handle);

    if (attribute != TOY_ATTR_LABEL)
        return SEC_E_UNSUPPORTED_FUNCTION;
    text_take(cred->users[cred->count - 1].name, buffer, size / (wide ? 2 : 1), wide);
    return SEC_E_OK;
}

/* --- The rest ------------------------------------------------------------------------------- */

static SECURITY_STATUS SEC_ENTRY toy_ImpersonateSecurityContext(PCtxtHandle handle)
{
    if (!ctx_of(handle)->inbound)
        return SEC_E_NO_IMPERSONATION;
    strcpy(impersonated, ctx_of(handle)->client);
    return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY toy_RevertSecurityContext(PCtxtHandle handle)
{
    (void)handle;
    *impersonated = '\0';
    return SEC_E_OK;
}

static SECURITY_STATUS SEC_ENTRY toy_ExportSecurityContext(PCtxtHandle handle, ULONG flags,
                                                           PSecBuffer packed, void **token)
{
    if (flags & SECPKG_CONTEXT_EXPORT_DELETE_OLD)
        return SEC_E_INTERNAL_ERROR; /* the contract: the caller deletes */
    (void)token;
    *packed =
        (SecBuffer){sizeof(struct toy_ctx), SECBUFFER_EMPTY, toy_alloc(sizeof(struct toy_ctx))};
    memcpy(packed->pvBuffer, ctx_of(handle), sizeof(struct toy_ctx));
    return SEC_E_OK;
}

static SECURITY_STATUS import(const void *package, const SecBuffer *packed, PCtxtHandle handle,
                              int wide)
{
    struct toy_ctx *ctx;

    if (!name_is_ours(package, wide) || packed->cbBuffer != sizeof(*ctx))
        return SEC_E_INVALID_TOKEN;
    ctx_new(&ctx, handle, 0);
    memcpy(ctx, packed->pvBuffer, sizeof(*ctx));
    return SEC_E_OK;
}

static SECURITY_STATUS change(const void *package, const void *account, const void *old,
                              const void *new, int wide)
{
    char name[TOY_NAME], before[TOY_NAME], after[TOY_NAME];

    text_take(name, account, TOY_NAME, wide);
    text_take(before, old, TOY_NAME, wide);
    text_take(after, new, TOY_NAME, wide);
    if (!name_is_ours(package, wide))
        return SEC_E_SECPKG_NOT_FOUND;
    return strcmp(name, "alice") == 0 && strcmp(before, "old") == 0 && strcmp(after, "new") == 0
               ? SEC_E_OK
               : SEC_E_LOGON_DENIED;
}

/* --- What there is, and what the test wants it to be ---------------------------------------- */

static const char *mode(void)
{
    const char *mode = getenv("TOY_TABLE");

    return mode == NULL ? "" : mode;
}

static int mode_is(const char *name)
{
    return strcmp(mode(), name) == 0;
}

#define MANY 65

static SECURITY_STATUS list(ULONG *count, void **out, int wide)
{
    const char *name = mode_is("taken") ? "ntlm" : mode_is("nameless") ? "a=b" : TOY_PACKAGE;
    ULONG there = mode_is("empty") ? 0 : mode_is("many") ? MANY : mode_is("twice") ? 2 : 1;
    PSecPkgInfoA infos = toy_alloc((MANY + 1) * sizeof(*infos));
    SEC_WCHAR *wide_name = (SEC_WCHAR *)(infos + MANY); /* in the last one's place */

    for (ULONG i = 0; i < there; i++)
        infos[i] = (SecPkgInfoA){TOY_CAPABILITIES, 1, TOY_RPC_ID, TOY_MAX_TOKEN, NULL, NULL};
    for (size_t at = 0; at <= strlen(name); at++)
        wide_name[at] = (unsigned char)name[at];
    for (ULONG i = 0; i < there; i++) {
        infos[i].Name = wide ? (void *)wide_name : (void *)(uintptr_t)name;
        infos[i].Comment = wide ? (void *)(uintptr_t)u"A package for tests \u00e9"
                                : (void *)(uintptr_t)u8"A package for tests \u00e9";
    }
    *count = there;
    *out = infos;
    return SEC_E_OK;
}

/* --- Both forms ----------------------------------------------------------------------------- */

#define FORMS(X, TEXT, wide_)                                                                      \
    static SECURITY_STATUS SEC_ENTRY toy_EnumerateSecurityPackages##X(ULONG *count,                \
                                                                      PSecPkgInfo##X *infos)       \
    {                                                                                              \
        return list(count, (void **)infos, wide_);                                                 \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_AcquireCredentialsHandle##X(                              \
        TEXT *principal, TEXT *package, ULONG use, void *logon, void *auth, SEC_GET_KEY_FN key,    \
        void *argument, PCredHandle cred, PTimeStamp expiry)                                       \
    {                                                                                              \
        (void)principal, (void)logon, (void)key, (void)argument;                                   \
        return acquire(package, use, auth, cred, expiry, wide_);                                   \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_AddCredentials##X(                                        \
        PCredHandle cred, TEXT *principal, TEXT *package, ULONG use, void *auth,                   \
        SEC_GET_KEY_FN key, void *argument, PTimeStamp expiry)                                     \
    {                                                                                              \
        (void)principal, (void)use, (void)key, (void)argument;                                     \
        return add(cred, package, auth, expiry, wide_);                                            \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_InitializeSecurityContext##X(                             \
        PCredHandle cred, PCtxtHandle old, TEXT *target, ULONG request, ULONG reserved1,           \
        ULONG data_rep, PSecBufferDesc in, ULONG reserved2, PCtxtHandle ctx, PSecBufferDesc out,   \
        ULONG *attributes, PTimeStamp expiry)                                                      \
    {                                                                                              \
        (void)reserved1, (void)reserved2, (void)data_rep;                                          \
        return initialize(cred, old, target, request, in, ctx, out, attributes, expiry, wide_);    \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_QueryContextAttributes##X(PCtxtHandle ctx,                \
                                                                   ULONG attribute, void *buffer)  \
    {                                                                                              \
        return query(ctx, attribute, buffer, wide_);                                               \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_SetContextAttributes##X(PCtxtHandle ctx, ULONG attribute, \
                                                                 void *buffer, ULONG size)         \
    {                                                                                              \
        return set(ctx, attribute, buffer, size, wide_);                                           \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_QueryCredentialsAttributes##X(                            \
        PCredHandle cred, ULONG attribute, void *buffer)                                           \
    {                                                                                              \
        return cred_query(cred, attribute, buffer, wide_);                                         \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_SetCredentialsAttributes##X(                              \
        PCredHandle cred, ULONG attribute, void *buffer, ULONG size)                               \
    {                                                                                              \
        return cred_set(cred, attribute, buffer, size, wide_);                                     \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_ImportSecurityContext##X(                                 \
        TEXT *package, PSecBuffer packed, void *token, PCtxtHandle ctx)                            \
    {                                                                                              \
        (void)token;                                                                               \
        return import(package, packed, ctx, wide_);                                                \
    }                                                                                              \
    static SECURITY_STATUS SEC_ENTRY toy_ChangeAccountPassword##X(                                 \
        TEXT *package, TEXT *domain, TEXT *account, TEXT *old, TEXT *new, BOOLEAN impersonating,   \
        ULONG reserved, PSecBufferDesc out)                                                        \
    {                                                                                              \
        (void)domain, (void)impersonating, (void)reserved, (void)out;                              \
        return change(package, account, old, new, wide_);                                          \
    }                                                                                              \
    static void table_fill##X(SecurityFunctionTable##X *table)                                     \
    {                                                                                              \
        *table = (SecurityFunctionTable##X){                                                       \
            .dwVersion = mode_is("old")     ? 0                                                    \
                         : mode_is("short") ? 1                                                    \
                                            : 5,                                                   \
            .EnumerateSecurityPackages##X = toy_EnumerateSecurityPackages##X,                      \
            .AcquireCredentialsHandle##X = toy_AcquireCredentialsHandle##X,                        \
            .FreeCredentialsHandle = mode_is("hollow") ? NULL : toy_FreeCredentialsHandle,         \
            .DeleteSecurityContext = toy_DeleteSecurityContext,                                    \
            .FreeContextBuffer = toy_free,                                                         \
        };                                                                                         \
        if (mode_is("bare"))                                                                       \
            return;                                                                                \
        table->QueryCredentialsAttributes##X = toy_QueryCredentialsAttributes##X;                  \
        table->InitializeSecurityContext##X = toy_InitializeSecurityContext##X;                    \
        table->AcceptSecurityContext = toy_AcceptSecurityContext;                                  \
        table->CompleteAuthToken = toy_CompleteAuthToken;                                          \
        table->ApplyControlToken = toy_ApplyControlToken;                                          \
        table->QueryContextAttributes##X = toy_QueryContextAttributes##X;                          \
        table->ImpersonateSecurityContext = toy_ImpersonateSecurityContext;                        \
        table->RevertSecurityContext = toy_RevertSecurityContext;                                  \
        table->MakeSignature = toy_MakeSignature;                                                  \
        table->VerifySignature = toy_VerifySignature;                                              \
        table->ExportSecurityContext = toy_ExportSecurityContext;                                  \
        table->ImportSecurityContext##X = toy_ImportSecurityContext##X;                            \
        table->AddCredentials##X = toy_AddCredentials##X;                                          \
        table->EncryptMessage = toy_EncryptMessage;                                                \
        table->DecryptMessage = toy_DecryptMessage;                                                \
        table->SetContextAttributes##X = toy_SetContextAttributes##X;                              \
        table->SetCredentialsAttributes##X = toy_SetCredentialsAttributes##X;                      \
        table->ChangeAccountPassword##X = toy_ChangeAccountPassword##X;                            \
    }

FORMS(A, SEC_CHAR, 0)
FORMS(W, SEC_WCHAR, 1)

TOY PSecurityFunctionTableA SEC_ENTRY InitSecurityInterfaceA(void)
{
    static SecurityFunctionTableA table;

    table_fillA(&table);
    return mode_is("w") || mode_is("none") ? NULL : &table;
}

TOY PSecurityFunctionTableW SEC_ENTRY InitSecurityInterfaceW(void)
{
    static SecurityFunctionTableW table;

    table_fillW(&table);
    return mode_is("a") || mode_is("none") ? NULL : &table;
}
