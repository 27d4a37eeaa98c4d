/* SPDX-License-Identifier: MIT */
/*
 * Messages of Kerberos: SecBuffers to the IOV calls of the mechanism, in place, without copy or
 * allocation of ours. [MS-KILE] 3.4.5.4 (GSS_WrapEx and friends), RFC 4121 4.2.
 *
 *   TOKEN                        HEADER; the trailer is rotated into it, as Windows sends it
 *   DATA                         DATA
 *   DATA|READONLY_WITH_CHECKSUM  SIGN_ONLY (DCE/RPC header signing)
 *   any |READONLY                not touched
 *   PADDING                      PADDING; without it an RC4 message, such as WinRM's, is opened as
 *                                unpadded
 *   STREAM and DATA              STREAM and DATA: the plaintext is found inside the stream
 */
#include <string.h>

#include "core/buffer.h"
#include "core/native.h"
#include "gss/gsspkg.h"
#include "gss/oid.h"

/* Room for a padding buffer that the caller did not give. */
#define IOV_MAX_COUNT (BUFFER_COUNT_MAX + 1)

/* RFC 4121 4.2.6.2: the wrap token's first two octets, and its rotation count. */
#define CFX_WRAP_ID_0   0x05
#define CFX_WRAP_ID_1   0x04
#define CFX_RRC_OFFSET  6
#define CFX_HEADER_SIZE 16

#define RFC4757_CONFOUNDER_SIZE 8
#define RFC1964_FRAME           0x60 /* what RC4 tokens begin with, RFC 2743 3.1 */

/* What a message is made of. */
enum part_name { OTHER, TOKEN, DATA, PADDING, STREAM, PART_COUNT };

/* The buffers of one name in a list. */
struct part {
    SecBuffer *first;
    unsigned count;
};

/* A list as the mechanism wants it, and what was seen on the way: a message is looked at once. */
struct iov {
    gss_iov_buffer_desc element[IOV_MAX_COUNT];
    int count;
    struct part part[PART_COUNT];
    unsigned char spare_padding[16];
};

/* --- SecBuffers to IOV and back ------------------------------------------------------------- */

static const unsigned char part_names[] = {
    [SECBUFFER_TOKEN] = TOKEN,
    [SECBUFFER_DATA] = DATA,
    [SECBUFFER_PADDING] = PADDING,
    [SECBUFFER_STREAM] = STREAM,
};

/* What a part is to the IOV calls: those that wrap, and those that sign. */
static const OM_uint32 wrap_types[PART_COUNT] = {
    [OTHER] = GSS_IOV_BUFFER_TYPE_EMPTY,   [TOKEN] = GSS_IOV_BUFFER_TYPE_HEADER,
    [DATA] = GSS_IOV_BUFFER_TYPE_DATA,     [PADDING] = GSS_IOV_BUFFER_TYPE_PADDING,
    [STREAM] = GSS_IOV_BUFFER_TYPE_STREAM,
};
static const OM_uint32 mic_types[PART_COUNT] = {
    [OTHER] = GSS_IOV_BUFFER_TYPE_EMPTY,   [TOKEN] = GSS_IOV_BUFFER_TYPE_MIC_TOKEN,
    [DATA] = GSS_IOV_BUFFER_TYPE_DATA,     [PADDING] = GSS_IOV_BUFFER_TYPE_PADDING,
    [STREAM] = GSS_IOV_BUFFER_TYPE_STREAM,
};

static OM_uint32 iov_type_marked(OM_uint32 type, ULONG marks)
{
    if (marks & SECBUFFER_READONLY)
        return GSS_IOV_BUFFER_TYPE_EMPTY;
    if ((marks & SECBUFFER_READONLY_WITH_CHECKSUM) && type == GSS_IOV_BUFFER_TYPE_DATA)
        return GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
    return type;
}

/* Element i stands for buffer i. From the last to the first, which so is what stays noted. */
static void iov_from_buffers(struct iov *iov, const SecBufferDesc *list, const OM_uint32 *types)
{
    memset(iov->part, 0, sizeof(iov->part)); /* not the elements, which are many */
    for (ULONG i = list->cBuffers; i-- > 0;) {
        SecBuffer *buffer = &list->pBuffers[i];
        ULONG type = buffer_type(buffer);
        enum part_name name = type < sizeof(part_names) ? part_names[type] : OTHER;
        gss_iov_buffer_desc *element = &iov->element[i];

        iov->part[name].first = buffer;
        iov->part[name].count++;
        element->type = types[name];
        if (buffer->BufferType != type)
            element->type = iov_type_marked(element->type, buffer->BufferType);
        element->buffer.length = buffer->cbBuffer;
        element->buffer.value = buffer->pvBuffer;
    }
    iov->count = (int)list->cBuffers;
}

/* What the mechanism used of one buffer, which may be missing. */
static void iov_to_buffer(const struct iov *iov, const SecBufferDesc *list, SecBuffer *buffer)
{
    if (buffer != NULL)
        buffer->cbBuffer = (ULONG)iov->element[buffer - list->pBuffers].buffer.length;
}

/* What the mechanism made of all buffers when it opened them. */
static void iov_to_buffers(const struct iov *iov, const SecBufferDesc *list)
{
    for (ULONG i = 0; i < list->cBuffers; i++) {
        SecBuffer *buffer = &list->pBuffers[i];

        if (iov->element[i].type == GSS_IOV_BUFFER_TYPE_EMPTY ||
            iov->element[i].type == GSS_IOV_BUFFER_TYPE_SIGN_ONLY)
            continue;
        buffer->cbBuffer = (ULONG)iov->element[i].buffer.length;
    }
}

/*
 * Trap: the RC4 code of libgssapi_krb5 asserts that there is a padding buffer and aborts the
 * process. The key's type is the KDC's choice, so there always is one.
 */
static void iov_add_padding(struct iov *iov)
{
    gss_iov_buffer_desc *last = &iov->element[iov->count++];

    last->type = GSS_IOV_BUFFER_TYPE_PADDING;
    last->buffer.length = sizeof(iov->spare_padding);
    last->buffer.value = iov->spare_padding;
}

/* Plaintext that was not authentic, or came twice, does not stay with the caller. */
static void iov_wipe(const gss_iov_buffer_desc *element, int count)
{
    for (int i = 0; i < count; i++)
        if ((element[i].type == GSS_IOV_BUFFER_TYPE_DATA ||
             element[i].type == GSS_IOV_BUFFER_TYPE_STREAM) &&
            element[i].buffer.value != NULL)
            explicit_bzero(element[i].buffer.value, element[i].buffer.length);
}

/* --- Results -------------------------------------------------------------------------------- */

/* RFC 2744 5.24: a duplicate, old or late message is a success with a mark. A gap only counts as an
 * error where the order of messages was asked for. */
static SECURITY_STATUS order_check(const struct gss_context *context, OM_uint32 major)
{
    if (major & (GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN))
        return SEC_E_OUT_OF_SEQUENCE;
    if ((major & GSS_S_GAP_TOKEN) && (context->granted & GSS_C_SEQUENCE_FLAG))
        return SEC_E_OUT_OF_SEQUENCE;
    return SEC_E_OK;
}

static SECURITY_STATUS opened_status(const struct gss_context *context, const char *what,
                                     struct gss_result result)
{
    SECURITY_STATUS status;

    if (!GSS_ERROR(result.major))
        return order_check(context, result.major);
    status = gss_status(GSS_UNSEALING, what, result);
    /* A header whose fields make no sense is reported as a wrong parameter of ours. */
    return status == SEC_E_INTERNAL_ERROR ? SEC_E_INVALID_TOKEN : status;
}

/* --- Sizes ---------------------------------------------------------------------------------- */

/*
 * An RC4 token opens with a DER length that counts the data too, RFC 4757 7.3, so its size varies:
 * what is reported must do for every message. A multiple of the cipher's block.
 */
#define LONGEST_MESSAGE 0x3ffffff0

static SECURITY_STATUS wrap_sizes(struct gss_context *context, int conf, uint32_t *header,
                                  uint32_t *padding)
{
    unsigned char data[1]; /* only its length is looked at */
    gss_iov_buffer_desc iov[3] = {
        {.type = GSS_IOV_BUFFER_TYPE_HEADER},
        {.type = GSS_IOV_BUFFER_TYPE_DATA, .buffer = {LONGEST_MESSAGE, data}},
        {.type = GSS_IOV_BUFFER_TYPE_PADDING},
    };
    struct gss_result result = {.mech = oid_krb5};

    result.major =
        gss_wrap_iov_length(&result.minor, context->gss, conf, GSS_C_QOP_DEFAULT, NULL, iov, 3);
    *header = (uint32_t)iov[0].buffer.length;
    *padding = (uint32_t)iov[2].buffer.length;
    return gss_status(GSS_SEALING, "gss_wrap_iov_length", result);
}

static SECURITY_STATUS krb5_sizes(struct gss_context *context)
{
    unsigned char data[16];
    gss_iov_buffer_desc iov[2] = {
        {.type = GSS_IOV_BUFFER_TYPE_DATA, .buffer = {sizeof(data), data}},
        {.type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN},
    };
    struct gss_result result = {.mech = oid_krb5};
    uint32_t ignored;
    SECURITY_STATUS status;

    result.major = gss_get_mic_iov_length(&result.minor, context->gss, GSS_C_QOP_DEFAULT, iov, 2);
    status = gss_status(GSS_SEALING, "gss_get_mic_iov_length", result);
    context->sizes.signature = (uint32_t)iov[1].buffer.length;
    if (status == SEC_E_OK)
        status = wrap_sizes(context, 1, &context->sizes.trailer, &context->sizes.padding);
    if (status == SEC_E_OK)
        status = wrap_sizes(context, 0, &context->sizes.trailer_plain, &ignored);
    /*
     * Tokens that look alike sealed or not are RFC 4757's. For them libgssapi_krb5 counts a
     * confounder in signatures too, which have none.
     */
    if (context->sizes.trailer == context->sizes.trailer_plain)
        context->sizes.signature -= RFC4757_CONFOUNDER_SIZE;
    context->sizes.known = status == SEC_E_OK;
    return status;
}

/* --- Lists ---------------------------------------------------------------------------------- */

static SECURITY_STATUS list_refuse(void)
{
    return native_refuse(
        SEC_E_INVALID_TOKEN,
        "one SECBUFFER_TOKEN is wanted with a whole token or room for one, to seal "
        "and open also SECBUFFER_DATA, and at most one SECBUFFER_PADDING");
}

static SECURITY_STATUS token_small(const SecBuffer *token, ULONG wanted)
{
    return native_refuse(SEC_E_BUFFER_TOO_SMALL,
                         "SECBUFFER_TOKEN has room for %u octets, of %u: SECPKG_ATTR_SIZES says "
                         "how many",
                         token->pvBuffer == NULL ? 0 : (unsigned)token->cbBuffer, (unsigned)wanted);
}

/* --- Sealing -------------------------------------------------------------------------------- */

/* READONLY makes of a part none. */
static bool is_writable(const SecBuffer *buffer)
{
    return buffer != NULL && !(buffer->BufferType & SECBUFFER_READONLY);
}

static SECURITY_STATUS seal_check(const struct gss_context *context, bool conf,
                                  const struct iov *iov)
{
    const SecBuffer *token = iov->part[TOKEN].first, *pad = iov->part[PADDING].first;
    ULONG padding = is_writable(pad) ? pad->cbBuffer : 0;
    ULONG trailer = conf ? context->sizes.trailer : context->sizes.trailer_plain;

    if (iov->part[TOKEN].count != 1 || iov->part[PADDING].count > 1 || iov->part[DATA].count == 0 ||
        iov->part[STREAM].count != 0)
        return list_refuse();
    if (token->pvBuffer == NULL || token->cbBuffer < trailer)
        return token_small(token, trailer);
    /* RC4 adds an octet after the data, which must have a place. */
    if (padding < context->sizes.padding) {
        native_error_set("this key type needs a SECBUFFER_PADDING buffer of %u octets",
                         context->sizes.padding);
        return SEC_E_BUFFER_TOO_SMALL;
    }
    return SEC_E_OK;
}

static SECURITY_STATUS krb5_seal(struct gss_context *context, ULONG qop, const SecBufferDesc *list)
{
    struct iov iov;
    struct gss_result result = {.mech = oid_krb5};
    bool conf = qop != SECQOP_WRAP_NO_ENCRYPT;
    SECURITY_STATUS status;

    iov_from_buffers(&iov, list, wrap_types);
    status = seal_check(context, conf, &iov);
    if (status != SEC_E_OK)
        return status;
    if (!is_writable(iov.part[PADDING].first))
        iov_add_padding(&iov);
    result.major = gss_wrap_iov(&result.minor, context->gss, conf, GSS_C_QOP_DEFAULT, NULL,
                                iov.element, iov.count);
    if (GSS_ERROR(result.major))
        return gss_status(GSS_SEALING, "gss_wrap_iov", result);
    iov_to_buffer(&iov, list, iov.part[TOKEN].first);
    iov_to_buffer(&iov, list, iov.part[PADDING].first);
    return SEC_E_OK;
}

/* --- Opening -------------------------------------------------------------------------------- */

static SECURITY_STATUS unwrap(struct gss_context *context, gss_iov_buffer_desc *element, int count,
                              ULONG *qop)
{
    struct gss_result result = {.mech = oid_krb5};
    int conf = 0;
    SECURITY_STATUS status;

    result.major = gss_unwrap_iov(&result.minor, context->gss, &conf, NULL, element, count);
    status = opened_status(context, "gss_unwrap_iov", result);
    if (status != SEC_E_OK)
        iov_wipe(element, count); /* it decrypts before it verifies */
    *qop = conf ? 0 : SECQOP_WRAP_NO_ENCRYPT;
    return status;
}

/*
 * Trap: a token of RFC 1964 in a stream makes libgssapi_krb5 look at keys that a context with newer
 * ones does not have, through a null pointer: any peer could end the process with a few octets.
 */
static bool is_framed(const struct gss_context *context, const unsigned char *message, size_t size)
{
    if (context->sizes.padding != 0) /* RC4 */
        return size != 0 && message[0] == RFC1964_FRAME;
    return size >= CFX_HEADER_SIZE && message[0] == CFX_WRAP_ID_0 && message[1] == CFX_WRAP_ID_1;
}

/* Opens a whole message and says where its plaintext lies in it. */
static SECURITY_STATUS unwrap_stream(struct gss_context *context, void *message, size_t size,
                                     gss_buffer_t clear, ULONG *qop)
{
    gss_iov_buffer_desc element[2] = {
        {.type = GSS_IOV_BUFFER_TYPE_STREAM, .buffer = {size, message}},
        {.type = GSS_IOV_BUFFER_TYPE_DATA},
    };
    SECURITY_STATUS status =
        is_framed(context, message, size)
            ? unwrap(context, element, 2, qop)
            : native_refuse(SEC_E_INVALID_TOKEN,
                            "what came, of %zu octets, is no whole message of Kerberos", size);

    *clear = element[1].buffer;
    return status;
}

static bool is_unrotated(const unsigned char *token, size_t size)
{
    return size >= CFX_HEADER_SIZE && token[0] == CFX_WRAP_ID_0 && token[1] == CFX_WRAP_ID_1 &&
           token[CFX_RRC_OFFSET] == 0 && token[CFX_RRC_OFFSET + 1] == 0;
}

/*
 * A bare gss_wrap() does not rotate its trailer to the front, so its token cut at cbSecurityTrailer
 * is not header and ciphertext. Where TOKEN and DATA lie in one piece it can be opened as a stream.
 */
static bool is_cut_stream(const SecBuffer *token, const SecBuffer *data)
{
    return data->BufferType == SECBUFFER_DATA &&
           (unsigned char *)token->pvBuffer + token->cbBuffer == data->pvBuffer &&
           is_unrotated(token->pvBuffer, token->cbBuffer);
}

/*
 * Where it was cut is at the peer's word. The plaintext of a message that is only signed begins
 * inside TOKEN, and so may another's: then DATA has no room for it.
 */
static SECURITY_STATUS unseal_cut_stream(struct gss_context *context, const SecBuffer *token,
                                         SecBuffer *data, ULONG *qop)
{
    gss_buffer_desc clear;
    SECURITY_STATUS status = unwrap_stream(context, token->pvBuffer,
                                           (size_t)token->cbBuffer + data->cbBuffer, &clear, qop);

    if (status != SEC_E_OK)
        return status;
    if (clear.length > data->cbBuffer) {
        native_error_set("the message's text begins inside SECBUFFER_TOKEN: open it as a stream");
        explicit_bzero(clear.value, clear.length);
        return SEC_E_BUFFER_TOO_SMALL;
    }
    memmove(data->pvBuffer, clear.value, clear.length);
    data->cbBuffer = (ULONG)clear.length;
    return SEC_E_OK;
}

static SECURITY_STATUS unseal_stream(struct gss_context *context, const struct iov *iov, ULONG *qop)
{
    const SecBuffer *stream = iov->part[STREAM].first;
    SecBuffer *data = iov->part[DATA].first;
    gss_buffer_desc clear;
    SECURITY_STATUS status;

    if (iov->part[DATA].count != 1 || stream->pvBuffer == NULL)
        return native_refuse(SEC_E_INVALID_TOKEN,
                             "SECBUFFER_STREAM wants one SECBUFFER_DATA beside it");
    if (context->granted & GSS_C_DCE_STYLE)
        return SEC_E_UNSUPPORTED_FUNCTION; /* DCE tokens have no end of their own */
    status = unwrap_stream(context, stream->pvBuffer, stream->cbBuffer, &clear, qop);
    if (status == SEC_E_OK) {
        data->pvBuffer = clear.value;
        data->cbBuffer = (ULONG)clear.length;
    }
    return status;
}

static SECURITY_STATUS unseal_token(struct gss_context *context, struct iov *iov,
                                    const SecBufferDesc *list, ULONG *qop)
{
    const SecBuffer *token = iov->part[TOKEN].first;
    SECURITY_STATUS status;

    if (iov->part[TOKEN].count != 1 || token->pvBuffer == NULL || iov->part[DATA].count == 0 ||
        iov->part[PADDING].count > 1)
        return list_refuse();
    if (iov->part[DATA].count == 1 && is_cut_stream(token, iov->part[DATA].first))
        return unseal_cut_stream(context, token, iov->part[DATA].first, qop);
    status = unwrap(context, iov->element, iov->count, qop);
    if (status == SEC_E_OK)
        iov_to_buffers(iov, list);
    return status;
}

static SECURITY_STATUS krb5_unseal(struct gss_context *context, const SecBufferDesc *list,
                                   ULONG *qop)
{
    struct iov iov;

    iov_from_buffers(&iov, list, wrap_types);
    return iov.part[STREAM].count != 0 ? unseal_stream(context, &iov, qop)
                                       : unseal_token(context, &iov, list, qop);
}

/* --- Signatures ----------------------------------------------------------------------------- */

static SECURITY_STATUS krb5_sign(struct gss_context *context, const SecBufferDesc *list)
{
    SecBuffer *token;
    struct iov iov;
    struct gss_result result = {.mech = oid_krb5};

    iov_from_buffers(&iov, list, mic_types);
    token = iov.part[TOKEN].first;
    if (iov.part[TOKEN].count != 1 || iov.part[STREAM].count != 0)
        return list_refuse();
    if (token->pvBuffer == NULL || token->cbBuffer < context->sizes.signature)
        return token_small(token, context->sizes.signature);
    result.major =
        gss_get_mic_iov(&result.minor, context->gss, GSS_C_QOP_DEFAULT, iov.element, iov.count);
    if (GSS_ERROR(result.major))
        return gss_status(GSS_SEALING, "gss_get_mic_iov", result);
    iov_to_buffer(&iov, list, token);
    return SEC_E_OK;
}

static SECURITY_STATUS krb5_verify(struct gss_context *context, const SecBufferDesc *list)
{
    struct iov iov;
    struct gss_result result = {.mech = oid_krb5};

    iov_from_buffers(&iov, list, mic_types);
    /* Trap: gss_verify_mic_iov() aborts the process at a stream, and at a token without checksum.
     */
    if (iov.part[TOKEN].count != 1 || iov.part[TOKEN].first->pvBuffer == NULL ||
        iov.part[TOKEN].first->cbBuffer <= CFX_HEADER_SIZE || iov.part[STREAM].count != 0)
        return list_refuse();
    result.major = gss_verify_mic_iov(&result.minor, context->gss, NULL, iov.element, iov.count);
    return opened_status(context, "gss_verify_mic_iov", result);
}

const struct gss_message_ops gss_message_krb5 = {
    .sign = krb5_sign,
    .verify = krb5_verify,
    .seal = krb5_seal,
    .unseal = krb5_unseal,
    .sizes = krb5_sizes,
};
