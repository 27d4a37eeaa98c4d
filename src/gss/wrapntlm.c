/* SPDX-License-Identifier: MIT */
/*
 * Messages of NTLM, over gss_wrap() and gss_get_mic() of gss-ntlmssp: it has no IOV calls, so a
 * message is copied once each way. A sealed message is signature (16 octets) and ciphertext of the
 * plaintext's length, [MS-NLMP] 3.4.4.
 *
 * The sequence number and RC4 state advance with every call, failed ones included: after one
 * message that does not verify, none will. The context is dead then.
 */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/secret.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

#define SIGNATURE_SIZE 16

static SECURITY_STATUS ntlm_sizes(struct gss_context *context)
{
    context->sizes.signature = SIGNATURE_SIZE;
    context->sizes.trailer = SIGNATURE_SIZE;
    context->sizes.trailer_plain = SIGNATURE_SIZE;
    context->sizes.padding = 0;
    context->sizes.known = true;
    return SEC_E_OK;
}

/* --- Gathering ------------------------------------------------------------------------------ */

static bool is_message(const SecBuffer *buffer)
{
    return buffer_type(buffer) == SECBUFFER_DATA && !(buffer->BufferType & SECBUFFER_READONLY);
}

/* The octets of all DATA buffers, and one of them that is not empty. */
static size_t message_size(const SecBufferDesc *list, const SecBuffer **only)
{
    size_t size = 0;

    *only = NULL;
    for (ULONG i = 0; i < list->cBuffers; i++) {
        if (!is_message(&list->pBuffers[i]) || list->pBuffers[i].cbBuffer == 0)
            continue;
        *only = size == 0 ? &list->pBuffers[i] : NULL;
        size += list->pBuffers[i].cbBuffer;
    }
    return size;
}

/* Copies the DATA buffers behind one another, or back from there. */
static void message_gather(const SecBufferDesc *list, unsigned char *at)
{
    for (ULONG i = 0; i < list->cBuffers; i++) {
        const SecBuffer *buffer = &list->pBuffers[i];

        if (is_message(buffer) && buffer->cbBuffer != 0)
            at = (unsigned char *)memcpy(at, buffer->pvBuffer, buffer->cbBuffer) + buffer->cbBuffer;
    }
}

static void message_scatter(const SecBufferDesc *list, const unsigned char *at)
{
    for (ULONG i = 0; i < list->cBuffers; i++) {
        const SecBuffer *buffer = &list->pBuffers[i];

        if (is_message(buffer) && buffer->cbBuffer != 0) {
            memcpy(buffer->pvBuffer, at, buffer->cbBuffer);
            at += buffer->cbBuffer;
        }
    }
}

/* The message in one piece: the only buffer itself, or a copy that *owned frees. */
static SECURITY_STATUS message_join(const SecBufferDesc *list, gss_buffer_t message, void **owned)
{
    const SecBuffer *only;

    *owned = NULL;
    message->length = message_size(list, &only);
    if (message->length == 0) {
        /* gss-ntlmssp refuses what is empty, and its state cannot be advanced without it. */
        native_error_set("gss-ntlmssp cannot protect an empty message");
        return SEC_E_UNSUPPORTED_FUNCTION;
    }
    if (only != NULL) {
        message->value = only->pvBuffer;
        return SEC_E_OK;
    }
    message->value = *owned = malloc(message->length);
    if (*owned == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    message_gather(list, *owned);
    return SEC_E_OK;
}

/* What this code cannot express: RPC header signing needs octets that are signed and not sealed. */
static SECURITY_STATUS list_check(const SecBufferDesc *list, bool sealing)
{
    const SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);

    if (buffer_count(list, SECBUFFER_TOKEN) != 1 || token->pvBuffer == NULL ||
        (sealing && (buffer_find(list, SECBUFFER_DATA) == NULL ||
                     buffer_find(list, SECBUFFER_STREAM) != NULL)))
        return native_refuse(SEC_E_INVALID_TOKEN, "one SECBUFFER_TOKEN with an address is wanted%s",
                             sealing ? ", SECBUFFER_DATA, and no SECBUFFER_STREAM" : "");
    for (ULONG i = 0; sealing && i < list->cBuffers; i++)
        if (list->pBuffers[i].BufferType & SECBUFFER_READONLY_WITH_CHECKSUM) {
            native_error_set("gss-ntlmssp cannot sign a header beside a sealed message");
            return SEC_E_UNSUPPORTED_FUNCTION;
        }
    return SEC_E_OK;
}

static SECURITY_STATUS token_small(const SecBuffer *token)
{
    return native_refuse(SEC_E_BUFFER_TOO_SMALL,
                         "SECBUFFER_TOKEN has %u octets, of %u: SECPKG_ATTR_SIZES says how many",
                         (unsigned)token->cbBuffer, SIGNATURE_SIZE);
}

static SECURITY_STATUS stream_refuse(const SecBuffer *stream)
{
    return native_refuse(
        SEC_E_INVALID_TOKEN,
        "SECBUFFER_STREAM, of %u octets, wants one SECBUFFER_DATA beside it, and a "
        "message of NTLM at least %u",
        (unsigned)stream->cbBuffer, SIGNATURE_SIZE + 1);
}

/* --- Signatures ----------------------------------------------------------------------------- */

static SECURITY_STATUS ntlm_sign(struct gss_context *context, const SecBufferDesc *list)
{
    SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);
    gss_buffer_desc message, signature = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = oid_ntlm};
    SECURITY_STATUS status = list_check(list, false);
    OM_uint32 minor;
    void *owned = NULL;

    if (status == SEC_E_OK && token->cbBuffer < SIGNATURE_SIZE)
        status = token_small(token);
    if (status == SEC_E_OK)
        status = message_join(list, &message, &owned);
    if (status != SEC_E_OK)
        return status;
    result.major =
        gss_get_mic(&result.minor, context->gss, GSS_C_QOP_DEFAULT, &message, &signature);
    status = gss_status(GSS_SEALING, "gss_get_mic", result);
    if (status == SEC_E_OK && signature.length != SIGNATURE_SIZE)
        status = SEC_E_INTERNAL_ERROR;
    if (status == SEC_E_OK) {
        memcpy(token->pvBuffer, signature.value, SIGNATURE_SIZE);
        token->cbBuffer = SIGNATURE_SIZE;
    }
    gss_release_buffer(&minor, &signature);
    memory_wipe_free(owned);
    return status;
}

static SECURITY_STATUS context_kill(struct gss_context *context, SECURITY_STATUS status)
{
    ctx_become(&context->base, CTX_DEAD);
    return status == SEC_E_INSUFFICIENT_MEMORY ? status : SEC_E_MESSAGE_ALTERED;
}

/* Trap: gss_verify_mic() reads 16 octets whatever the length says. */
static SECURITY_STATUS ntlm_verify(struct gss_context *context, const SecBufferDesc *list)
{
    const SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);
    gss_buffer_desc message, signature;
    struct gss_result result = {.mech = oid_ntlm};
    SECURITY_STATUS status = list_check(list, false);
    void *owned = NULL;

    if (status == SEC_E_OK && token->cbBuffer != SIGNATURE_SIZE)
        status = native_refuse(SEC_E_INVALID_TOKEN, "a signature of NTLM has %u octets, not %u",
                               SIGNATURE_SIZE, (unsigned)token->cbBuffer);
    if (status == SEC_E_OK)
        status = message_join(list, &message, &owned);
    if (status != SEC_E_OK)
        return status;
    signature.length = token->cbBuffer;
    signature.value = token->pvBuffer;
    result.major = gss_verify_mic(&result.minor, context->gss, &message, &signature, NULL);
    status = gss_status(GSS_UNSEALING, "gss_verify_mic", result);
    memory_wipe_free(owned);
    return status == SEC_E_OK ? status : context_kill(context, status);
}

/* --- Sealing -------------------------------------------------------------------------------- */

static bool seals(const struct gss_context *context)
{
    return (context->granted & GSS_C_CONF_FLAG) != 0;
}

static SECURITY_STATUS wrap(struct gss_context *context, const SecBufferDesc *list,
                            gss_buffer_t message)
{
    SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    struct gss_result result = {.mech = oid_ntlm};
    SECURITY_STATUS status;
    OM_uint32 minor;
    int conf = 0;

    result.major =
        gss_wrap(&result.minor, context->gss, 1, GSS_C_QOP_DEFAULT, message, &conf, &sealed);
    status = gss_status(GSS_SEALING, "gss_wrap", result);
    if (status == SEC_E_OK && (!conf || sealed.length != message->length + SIGNATURE_SIZE))
        status = SEC_E_INTERNAL_ERROR;
    if (status == SEC_E_OK) {
        memcpy(token->pvBuffer, sealed.value, SIGNATURE_SIZE);
        token->cbBuffer = SIGNATURE_SIZE;
        message_scatter(list, (unsigned char *)sealed.value + SIGNATURE_SIZE);
    }
    gss_release_buffer(&minor, &sealed);
    return status;
}

/* Where sealing was not negotiated, or not wanted, the message is signed and stays clear, as on
 * Windows. */
static SECURITY_STATUS ntlm_seal(struct gss_context *context, ULONG qop, const SecBufferDesc *list)
{
    gss_buffer_desc message;
    SECURITY_STATUS status = list_check(list, true);
    void *owned = NULL;

    if (status != SEC_E_OK)
        return status;
    if (buffer_find(list, SECBUFFER_TOKEN)->cbBuffer < SIGNATURE_SIZE)
        return token_small(buffer_find(list, SECBUFFER_TOKEN));
    if (qop == SECQOP_WRAP_NO_ENCRYPT || !seals(context))
        return ntlm_sign(context, list);
    status = message_join(list, &message, &owned);
    if (status == SEC_E_OK)
        status = wrap(context, list, &message);
    memory_wipe_free(owned);
    return status;
}

/* --- Opening -------------------------------------------------------------------------------- */

/* sealed: signature and ciphertext in one piece. Trap: fewer than 16 octets must not get there. */
static SECURITY_STATUS unwrap(struct gss_context *context, gss_buffer_t sealed, gss_buffer_t clear)
{
    struct gss_result result = {.mech = oid_ntlm};
    SECURITY_STATUS status;
    int conf = 0;

    result.major = gss_unwrap(&result.minor, context->gss, sealed, clear, &conf, NULL);
    status = gss_status(GSS_UNSEALING, "gss_unwrap", result);
    if (status == SEC_E_OK && clear->length != sealed->length - SIGNATURE_SIZE)
        status = SEC_E_INTERNAL_ERROR;
    return status == SEC_E_OK ? status : context_kill(context, status);
}

static void clear_release(gss_buffer_t clear)
{
    OM_uint32 minor;

    if (clear->value != NULL)
        explicit_bzero(clear->value, clear->length);
    gss_release_buffer(&minor, clear);
}

static SECURITY_STATUS unseal_stream(struct gss_context *context, const SecBufferDesc *list)
{
    const SecBuffer *stream = buffer_find(list, SECBUFFER_STREAM);
    SecBuffer *data = buffer_find(list, SECBUFFER_DATA);
    gss_buffer_desc sealed, clear = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status;

    if (buffer_count(list, SECBUFFER_DATA) != 1 || stream->pvBuffer == NULL ||
        stream->cbBuffer <= SIGNATURE_SIZE)
        return stream_refuse(stream);
    sealed.length = stream->cbBuffer;
    sealed.value = stream->pvBuffer;
    status = unwrap(context, &sealed, &clear);
    if (status == SEC_E_OK) {
        data->pvBuffer = (unsigned char *)stream->pvBuffer + SIGNATURE_SIZE;
        data->cbBuffer = (ULONG)clear.length;
        memcpy(data->pvBuffer, clear.value, clear.length);
    }
    clear_release(&clear);
    return status;
}

static SECURITY_STATUS unseal_token(struct gss_context *context, const SecBufferDesc *list)
{
    const SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN), *only;
    gss_buffer_desc sealed, clear = GSS_C_EMPTY_BUFFER;
    SECURITY_STATUS status = list_check(list, true);
    size_t size = message_size(list, &only);

    if (status != SEC_E_OK)
        return status;
    if (token->cbBuffer != SIGNATURE_SIZE || size == 0)
        return SEC_E_INVALID_TOKEN;
    sealed.length = SIGNATURE_SIZE + size;
    sealed.value = malloc(sealed.length);
    if (sealed.value == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(sealed.value, token->pvBuffer, SIGNATURE_SIZE);
    message_gather(list, (unsigned char *)sealed.value + SIGNATURE_SIZE);
    status = unwrap(context, &sealed, &clear);
    if (status == SEC_E_OK)
        message_scatter(list, clear.value);
    clear_release(&clear);
    free(sealed.value);
    return status;
}

/* A signed message as a stream: the signature, then the text. */
static SECURITY_STATUS verify_stream(struct gss_context *context, const SecBufferDesc *list)
{
    const SecBuffer *stream = buffer_find(list, SECBUFFER_STREAM);
    SecBuffer *data = buffer_find(list, SECBUFFER_DATA);
    SecBuffer parts[2];
    const SecBufferDesc split = {SECBUFFER_VERSION, 2, parts};
    SECURITY_STATUS status;

    if (buffer_count(list, SECBUFFER_DATA) != 1 || stream->pvBuffer == NULL ||
        stream->cbBuffer <= SIGNATURE_SIZE)
        return stream_refuse(stream);
    parts[0] = (SecBuffer){SIGNATURE_SIZE, SECBUFFER_TOKEN, stream->pvBuffer};
    parts[1] = (SecBuffer){stream->cbBuffer - SIGNATURE_SIZE, SECBUFFER_DATA,
                           (unsigned char *)stream->pvBuffer + SIGNATURE_SIZE};
    status = ntlm_verify(context, &split);
    if (status == SEC_E_OK) {
        data->pvBuffer = parts[1].pvBuffer;
        data->cbBuffer = parts[1].cbBuffer;
    }
    return status;
}

static SECURITY_STATUS ntlm_unseal(struct gss_context *context, const SecBufferDesc *list,
                                   ULONG *qop)
{
    bool stream = buffer_find(list, SECBUFFER_STREAM) != NULL;

    *qop = seals(context) ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    if (seals(context))
        return stream ? unseal_stream(context, list) : unseal_token(context, list);
    return stream ? verify_stream(context, list) : ntlm_verify(context, list);
}

const struct gss_message_ops gss_message_ntlm = {
    .sign = ntlm_sign,
    .verify = ntlm_verify,
    .seal = ntlm_seal,
    .unseal = ntlm_unseal,
    .sizes = ntlm_sizes,
};
