/* SPDX-License-Identifier: MIT */
/*
 * After the logon. HTTP: MakeSignature makes the header field of a client's next request, or of a
 * server's answer, and VerifySignature judges what came. SASL: signatures, RFC 2831 2.3.
 */
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "core/secret.h"
#include "digest/digest.h"

/* --- HTTP ----------------------------------------------------------------------------------- */

/* Where Windows' programs have the result: a PADDING buffer; a TOKEN one is as good. */
static SECURITY_STATUS header_put(const SecBufferDesc *list, const struct digest_writer *writer)
{
    SecBuffer *out = buffer_find(list, SECBUFFER_PADDING);

    if (out == NULL)
        out = buffer_find(list, SECBUFFER_TOKEN);
    if (out == NULL)
        return digest_refuse(SEC_E_INVALID_TOKEN, "no buffer for the header field");
    if (out->pvBuffer == NULL || out->cbBuffer < writer->size) {
        out->cbBuffer = (ULONG)writer->size;
        return SEC_E_BUFFER_TOO_SMALL;
    }
    memcpy(out->pvBuffer, writer->text, writer->size);
    out->cbBuffer = (ULONG)writer->size;
    return SEC_E_OK;
}

static SECURITY_STATUS http_sign(struct digest_ctx *ctx, const SecBufferDesc *list)
{
    struct digest_writer *writer = calloc(1, sizeof(*writer));
    struct digest_request request = {NULL, NULL, NULL, NULL};
    uint32_t count = ctx->count;
    SECURITY_STATUS status =
        writer == NULL ? SEC_E_INSUFFICIENT_MEMORY : digest_request_read(list, &request);

    if (status == SEC_E_OK)
        status = ctx->base.inbound ? digest_outcome_write(ctx, request.entity, writer)
                                   : digest_response_write(ctx, &request, writer);
    if (status == SEC_E_OK)
        status = header_put(list, writer);
    if (status != SEC_E_OK) /* it was not sent */
        ctx->count = count;
    digest_request_free(&request);
    memory_wipe_free(writer);
    return status;
}

static SECURITY_STATUS http_verify(struct digest_ctx *ctx, const SecBufferDesc *list)
{
    struct digest_input in = digest_input_of(list);
    struct digest_request request;
    SECURITY_STATUS status = digest_request_read(list, &request);

    if (status == SEC_E_OK)
        status = ctx->base.inbound ? digest_response_judge(ctx, in, &request)
                                   : digest_outcome_check(ctx, in, request.entity);
    digest_request_free(&request);
    if (status == SEC_I_COMPLETE_NEEDED)
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "the hash of the body is wanting");
    return status == SEC_E_LOGON_DENIED || status == SEC_E_MUTUAL_AUTH_FAILED
               ? SEC_E_MESSAGE_ALTERED
               : status;
}

/* --- SASL ----------------------------------------------------------------------------------- */

#define MAC_SIZE       10
#define TYPE_SIZE      2
#define SIGNATURE_SIZE (MAC_SIZE + TYPE_SIZE + 4)

static void number_put(uint8_t out[4], uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(number >> (24 - 8 * i));
}

/* The message is what the DATA buffers hold, one after another; or of a stream, a part of one. */
struct sasl_message {
    struct digest_part parts[BUFFER_COUNT_MAX + 1];
    size_t count;
};

static void data_add(struct sasl_message *message, const void *data, size_t size)
{
    message->parts[message->count++] = (struct digest_part){data, size};
}

static SECURITY_STATUS signature_make(const struct digest_lane *lane, struct sasl_message *message,
                                      uint8_t signature[SIGNATURE_SIZE])
{
    const struct digest_part key = {lane->key, sizeof(lane->key)};
    uint8_t number[4], mac[DIGEST_HASH_MAX];
    SECURITY_STATUS status;

    number_put(number, lane->sequence);
    message->parts[0] = (struct digest_part){number, sizeof(number)};
    status = digest_mac(digest_algorithm_find("MD5"), &key, message->parts, message->count, mac);
    memcpy(signature, mac, MAC_SIZE);
    memcpy(signature + MAC_SIZE, (const uint8_t[TYPE_SIZE]){0, 1}, TYPE_SIZE);
    memcpy(signature + MAC_SIZE + TYPE_SIZE, number, sizeof(number));
    return status;
}

static void data_gather(const SecBufferDesc *list, struct sasl_message *message)
{
    message->count = 1; /* the number's place */
    for (ULONG i = 0; i < list->cBuffers; i++)
        if (buffer_type(&list->pBuffers[i]) == SECBUFFER_DATA)
            data_add(message, list->pBuffers[i].pvBuffer, list->pBuffers[i].cbBuffer);
}

static SECURITY_STATUS lane_check(const struct digest_ctx *ctx, const struct digest_lane *lane)
{
    if (!ctx->integrity)
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "no integrity was agreed on");
    /* A number is of one message. */
    return lane->sequence == UINT32_MAX ? SEC_E_CONTEXT_EXPIRED : SEC_E_OK;
}

static SECURITY_STATUS sasl_sign(struct digest_ctx *ctx, const SecBufferDesc *list)
{
    SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);
    struct sasl_message message;
    SECURITY_STATUS status = lane_check(ctx, &ctx->out);

    if (status != SEC_E_OK)
        return status;
    if (token == NULL || token->pvBuffer == NULL || buffer_count(list, SECBUFFER_DATA) == 0)
        return digest_refuse(SEC_E_INVALID_TOKEN, "no message, or no place for its signature");
    if (token->cbBuffer < SIGNATURE_SIZE) {
        token->cbBuffer = SIGNATURE_SIZE;
        return SEC_E_BUFFER_TOO_SMALL;
    }
    data_gather(list, &message);
    status = signature_make(&ctx->out, &message, token->pvBuffer);
    if (status != SEC_E_OK)
        return status;
    ctx->out.sequence++;
    token->cbBuffer = SIGNATURE_SIZE;
    return SEC_E_OK;
}

/* The number says which message was meant to be next; one that is not next was lost or replayed. */
static SECURITY_STATUS signature_check(struct digest_ctx *ctx, struct sasl_message *message,
                                       const uint8_t *said, size_t size)
{
    uint8_t signature[SIGNATURE_SIZE];
    SECURITY_STATUS status = lane_check(ctx, &ctx->in);

    if (status != SEC_E_OK)
        return status;
    if (size != SIGNATURE_SIZE)
        return digest_refuse(SEC_E_INVALID_TOKEN, "a signature has 16 octets");
    status = signature_make(&ctx->in, message, signature);
    if (status != SEC_E_OK)
        return status;
    if (gnutls_memcmp(said + MAC_SIZE, signature + MAC_SIZE, SIGNATURE_SIZE - MAC_SIZE) != 0)
        return digest_refuse(SEC_E_OUT_OF_SEQUENCE, "the message is not the next one");
    if (gnutls_memcmp(said, signature, MAC_SIZE) != 0)
        return digest_refuse(SEC_E_MESSAGE_ALTERED, "the message is not as it was signed");
    ctx->in.sequence++;
    return SEC_E_OK;
}

static SECURITY_STATUS sasl_verify(struct digest_ctx *ctx, const SecBufferDesc *list)
{
    const SecBuffer *token = buffer_find(list, SECBUFFER_TOKEN);
    struct sasl_message message;

    if (token == NULL || token->pvBuffer == NULL)
        return digest_refuse(SEC_E_INVALID_TOKEN, "no signature");
    data_gather(list, &message);
    return signature_check(ctx, &message, token->pvBuffer, token->cbBuffer);
}

/* A message and its signature in one piece: where the former ends is told by the DATA buffer. */
static SECURITY_STATUS stream_verify(struct digest_ctx *ctx, const SecBufferDesc *list)
{
    const SecBuffer *stream = buffer_find(list, SECBUFFER_STREAM);
    SecBuffer *data = buffer_find(list, SECBUFFER_DATA);
    struct sasl_message message = {.count = 1};
    size_t size = stream->cbBuffer;
    SECURITY_STATUS status;

    if (data == NULL || size < SIGNATURE_SIZE)
        return digest_refuse(SEC_E_INVALID_TOKEN, "a message shorter than its signature");
    size -= SIGNATURE_SIZE;
    data_add(&message, stream->pvBuffer, size);
    status = signature_check(ctx, &message, (uint8_t *)stream->pvBuffer + size, SIGNATURE_SIZE);
    if (status != SEC_E_OK)
        return status;
    data->pvBuffer = stream->pvBuffer;
    data->cbBuffer = (ULONG)size;
    return SEC_E_OK;
}

/* --- The slots ------------------------------------------------------------------------------ */

SECURITY_STATUS digest_msg_sign(struct ctx *base, ULONG qop, const SecBufferDesc *list,
                                ULONG sequence)
{
    struct digest_ctx *ctx = (struct digest_ctx *)base;

    (void)qop;
    (void)sequence; /* both protocols count for themselves */
    native_error_clear();
    return ctx->sasl ? sasl_sign(ctx, list) : http_sign(ctx, list);
}

SECURITY_STATUS digest_msg_verify(struct ctx *base, const SecBufferDesc *list, ULONG sequence,
                                  ULONG *qop)
{
    struct digest_ctx *ctx = (struct digest_ctx *)base;

    (void)sequence;
    native_error_clear();
    if (qop != NULL)
        *qop = ctx->sasl ? SECQOP_WRAP_NO_ENCRYPT : 0;
    return ctx->sasl ? sasl_verify(ctx, list) : http_verify(ctx, list);
}

/* RFC 2831 2.1.1: a message and its signature are no larger than the peer reads at once. */
static SECURITY_STATUS size_check(const struct digest_ctx *ctx, const SecBufferDesc *list)
{
    if (buffer_octets(list, SECBUFFER_DATA) + SIGNATURE_SIZE <= ctx->maxbuf)
        return SEC_E_OK;
    return digest_refuse(SEC_E_ENCRYPT_FAILURE,
                         "more data than the peer reads at once: cbMaximumMessage");
}

/* SASL's ciphers are RC4 and DES: who asks for secrecy is told that there is none. */
SECURITY_STATUS digest_msg_seal(struct ctx *base, ULONG qop, const SecBufferDesc *list,
                                ULONG sequence)
{
    struct digest_ctx *ctx = (struct digest_ctx *)base;
    SecBuffer *padding = buffer_find(list, SECBUFFER_PADDING);
    SECURITY_STATUS status;

    (void)sequence;
    native_error_clear();
    if (!ctx->sasl)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (qop != SECQOP_WRAP_NO_ENCRYPT)
        return digest_refuse(SEC_E_QOP_NOT_SUPPORTED, "messages are signed and never encrypted");
    status = size_check(ctx, list);
    if (status == SEC_E_OK)
        status = sasl_sign(ctx, list);
    if (status == SEC_E_OK && padding != NULL)
        padding->cbBuffer = 0; /* there is none to be sent */
    return status;
}

SECURITY_STATUS digest_msg_unseal(struct ctx *base, const SecBufferDesc *list, ULONG sequence,
                                  ULONG *qop)
{
    struct digest_ctx *ctx = (struct digest_ctx *)base;
    bool stream = buffer_find(list, SECBUFFER_STREAM) != NULL;

    (void)sequence;
    native_error_clear();
    if (!ctx->sasl)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (qop != NULL)
        *qop = SECQOP_WRAP_NO_ENCRYPT;
    if (buffer_octets(list, stream ? SECBUFFER_STREAM : SECBUFFER_DATA) +
            (stream ? 0 : SIGNATURE_SIZE) >
        DIGEST_SASL_MAXBUF)
        return digest_refuse(SEC_E_INVALID_TOKEN, "a message larger than what was told: maxbuf");
    return stream ? stream_verify(ctx, list) : sasl_verify(ctx, list);
}
