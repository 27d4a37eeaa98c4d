/* SPDX-License-Identifier: MIT */
/*
 * Messages. Every slot is one message in one piece: token, data, padding. What was sealed at the
 * client's end is opened at the server's, in order; sealing again overwrites it.
 */
#include "bench/messages.h"

#include <stdlib.h>
#include <string.h>

#define PAIRS      4
#define BATCH_MAX  512
#define BATCH_SIZE (4U << 20) /* octets that a batch may take: more would measure the memory */
#define OVERHEAD   128

struct slot {
    unsigned char *token, *data;
    unsigned token_size, padding_size;
    gss_buffer_desc wrapped; /* of the bare side without IOV calls */
};

/* One side's contexts and its messages; turn says which pair comes next. */
struct stock {
    const struct messages *messages;
    unsigned turn;
    struct slot slots[BATCH_MAX];
    union {
        CtxtHandle ours[PAIRS][2];
        gss_ctx_id_t bare[PAIRS][2];
    } contexts; /* client, server */
};

struct messages {
    unsigned size, batch;
    ULONG token, signature, padding;
    struct stock ours, bare, again;
};

/* --- Memory --------------------------------------------------------------------------------- */

static void stock_start(struct stock *stock, const struct messages *messages)
{
    stock->messages = messages;
    for (unsigned i = 0; i < messages->batch; i++) {
        struct slot *slot = &stock->slots[i];

        slot->token = calloc(1, messages->size + OVERHEAD);
        if (slot->token == NULL)
            die("no memory");
        slot->data = slot->token + messages->token;
    }
}

static void stock_end(struct stock *stock)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < stock->messages->batch; i++) {
        free(stock->slots[i].token);
        gss_release_buffer(&minor, &stock->slots[i].wrapped);
    }
}

static void sizes_read(struct messages *messages)
{
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status =
        QueryContextAttributesA(&messages->ours.contexts.ours[0][0], SECPKG_ATTR_SIZES, &sizes);

    if (status != SEC_E_OK)
        die("SECPKG_ATTR_SIZES: 0x%08x", (unsigned)status);
    messages->token = sizes.cbSecurityTrailer;
    messages->signature = sizes.cbMaxSignature;
    messages->padding = sizes.cbBlockSize;
    if (messages->token + messages->signature + messages->padding > OVERHEAD)
        die("a message needs more than %u octets beside its data", OVERHEAD);
}

struct messages *messages_new(struct sspi_end *ours, struct gss_end *bare, unsigned size)
{
    struct messages *messages = calloc(1, sizeof(*messages));

    if (messages == NULL)
        die("no memory");
    messages->size = size;
    messages->batch = BATCH_SIZE / (size + OVERHEAD);
    if (messages->batch > BATCH_MAX)
        messages->batch = BATCH_MAX;
    for (unsigned i = 0; i < PAIRS; i++) {
        CtxtHandle *pair = messages->ours.contexts.ours[i];

        sspi_establish(ours, &pair[0], &pair[1]);
        gss_establish(bare, &messages->bare.contexts.bare[i][0],
                      &messages->bare.contexts.bare[i][1]);
        gss_establish(bare, &messages->again.contexts.bare[i][0],
                      &messages->again.contexts.bare[i][1]);
    }
    sizes_read(messages);
    stock_start(&messages->ours, messages);
    stock_start(&messages->bare, messages);
    stock_start(&messages->again, messages);
    return messages;
}

void messages_free(struct messages *messages)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        CtxtHandle *ours = messages->ours.contexts.ours[i];
        gss_ctx_id_t *bare = messages->bare.contexts.bare[i];
        gss_ctx_id_t *again = messages->again.contexts.bare[i];

        sspi_delete(&ours[0], &ours[1]);
        gss_delete(&bare[0], &bare[1]);
        gss_delete(&again[0], &again[1]);
    }
    stock_end(&messages->ours);
    stock_end(&messages->bare);
    stock_end(&messages->again);
    free(messages);
}

/* --- Ours ----------------------------------------------------------------------------------- */

static void sspi_expect(const char *call, SECURITY_STATUS status)
{
    if (status != SEC_E_OK)
        die("%s: 0x%08x", call, (unsigned)status);
}

static void ours_seal_with(struct stock *stock, CtxtHandle *pair, unsigned count)
{
    const struct messages *messages = stock->messages;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        SecBuffer parts[3] = {
            {messages->token, SECBUFFER_TOKEN, slot->token},
            {messages->size, SECBUFFER_DATA, slot->data},
            {messages->padding, SECBUFFER_PADDING, slot->data + messages->size},
        };
        SecBufferDesc list = {SECBUFFER_VERSION, 3, parts};

        sspi_expect("EncryptMessage", EncryptMessage(&pair[0], 0, &list, 0));
        slot->token_size = parts[0].cbBuffer;
        slot->padding_size = parts[2].cbBuffer;
    }
}

static void ours_open_with(struct stock *stock, CtxtHandle *pair, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        SecBuffer parts[3] = {
            {slot->token_size, SECBUFFER_TOKEN, slot->token},
            {stock->messages->size, SECBUFFER_DATA, slot->data},
            {slot->padding_size, SECBUFFER_PADDING, slot->data + stock->messages->size},
        };
        SecBufferDesc list = {SECBUFFER_VERSION, 3, parts};

        sspi_expect("DecryptMessage", DecryptMessage(&pair[1], &list, 0, NULL));
    }
}

static void ours_sign_with(struct stock *stock, CtxtHandle *pair, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        SecBuffer parts[2] = {
            {stock->messages->signature, SECBUFFER_TOKEN, slot->token},
            {stock->messages->size, SECBUFFER_DATA, slot->data},
        };
        SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};

        sspi_expect("MakeSignature", MakeSignature(&pair[0], 0, &list, 0));
        slot->token_size = parts[0].cbBuffer;
    }
}

static void ours_verify_with(struct stock *stock, CtxtHandle *pair, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        SecBuffer parts[2] = {
            {slot->token_size, SECBUFFER_TOKEN, slot->token},
            {stock->messages->size, SECBUFFER_DATA, slot->data},
        };
        SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};

        sspi_expect("VerifySignature", VerifySignature(&pair[1], &list, 0, NULL));
    }
}

/* --- Bare, with IOV calls ------------------------------------------------------------------- */

static void gss_expect(const char *call, OM_uint32 major)
{
    if (major != GSS_S_COMPLETE)
        die("%s: 0x%08x", call, (unsigned)major);
}

static void iov_seal_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    const struct messages *messages = stock->messages;
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        gss_iov_buffer_desc iov[3] = {
            {GSS_IOV_BUFFER_TYPE_HEADER, {messages->token, slot->token}},
            {GSS_IOV_BUFFER_TYPE_DATA, {messages->size, slot->data}},
            {GSS_IOV_BUFFER_TYPE_PADDING, {messages->padding, slot->data + messages->size}},
        };

        gss_expect("gss_wrap_iov",
                   gss_wrap_iov(&minor, pair[0], 1, GSS_C_QOP_DEFAULT, NULL, iov, 3));
        slot->token_size = (unsigned)iov[0].buffer.length;
        slot->padding_size = (unsigned)iov[2].buffer.length;
    }
}

static void iov_open_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        unsigned size = stock->messages->size;
        gss_iov_buffer_desc iov[3] = {
            {GSS_IOV_BUFFER_TYPE_HEADER, {slot->token_size, slot->token}},
            {GSS_IOV_BUFFER_TYPE_DATA, {size, slot->data}},
            {GSS_IOV_BUFFER_TYPE_PADDING, {slot->padding_size, slot->data + size}},
        };

        gss_expect("gss_unwrap_iov", gss_unwrap_iov(&minor, pair[1], NULL, NULL, iov, 3));
    }
}

static void iov_sign_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    const struct messages *messages = stock->messages;
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        gss_iov_buffer_desc iov[2] = {
            {GSS_IOV_BUFFER_TYPE_MIC_TOKEN, {messages->signature, slot->token}},
            {GSS_IOV_BUFFER_TYPE_DATA, {messages->size, slot->data}},
        };

        gss_expect("gss_get_mic_iov", gss_get_mic_iov(&minor, pair[0], GSS_C_QOP_DEFAULT, iov, 2));
        slot->token_size = (unsigned)iov[0].buffer.length;
    }
}

static void iov_verify_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        gss_iov_buffer_desc iov[2] = {
            {GSS_IOV_BUFFER_TYPE_MIC_TOKEN, {slot->token_size, slot->token}},
            {GSS_IOV_BUFFER_TYPE_DATA, {stock->messages->size, slot->data}},
        };

        gss_expect("gss_verify_mic_iov", gss_verify_mic_iov(&minor, pair[1], NULL, iov, 2));
    }
}

/* --- Bare, without -------------------------------------------------------------------------- */

/* The last sealed message of a slot is released where the next one comes, inside the time. */
static void plain_seal_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        gss_buffer_desc message = {stock->messages->size, slot->data};

        gss_release_buffer(&minor, &slot->wrapped);
        gss_expect("gss_wrap",
                   gss_wrap(&minor, pair[0], 1, GSS_C_QOP_DEFAULT, &message, NULL, &slot->wrapped));
    }
}

static void plain_open_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        gss_buffer_desc clear = GSS_C_EMPTY_BUFFER;

        gss_expect("gss_unwrap",
                   gss_unwrap(&minor, pair[1], &stock->slots[i].wrapped, &clear, NULL, NULL));
        gss_release_buffer(&minor, &clear);
    }
}

static void plain_sign_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        gss_buffer_desc message = {stock->messages->size, slot->data};

        gss_release_buffer(&minor, &slot->wrapped);
        gss_expect("gss_get_mic",
                   gss_get_mic(&minor, pair[0], GSS_C_QOP_DEFAULT, &message, &slot->wrapped));
    }
}

static void plain_verify_with(struct stock *stock, gss_ctx_id_t *pair, unsigned count)
{
    OM_uint32 minor;

    for (unsigned i = 0; i < count; i++) {
        struct slot *slot = &stock->slots[i];
        gss_buffer_desc message = {stock->messages->size, slot->data};

        gss_expect("gss_verify_mic",
                   gss_verify_mic(&minor, pair[1], &message, &slot->wrapped, NULL));
    }
}

/* --- Trials --------------------------------------------------------------------------------- */

/* The next pair of contexts: what is opened was sealed just before, by the client of that pair. */
static CtxtHandle *ours_next(struct stock *stock)
{
    return stock->contexts.ours[stock->turn++ % PAIRS];
}

static gss_ctx_id_t *bare_next(struct stock *stock)
{
    return stock->contexts.bare[stock->turn++ % PAIRS];
}

/* For opening: the pair that was used last. */
static CtxtHandle *ours_last(struct stock *stock)
{
    return stock->contexts.ours[(stock->turn - 1) % PAIRS];
}

static gss_ctx_id_t *bare_last(struct stock *stock)
{
    return stock->contexts.bare[(stock->turn - 1) % PAIRS];
}

#define RUN(name, with, pick)                                                                      \
    static void name(void *data, unsigned count)                                                   \
    {                                                                                              \
        with(data, pick(data), count);                                                             \
    }

RUN(ours_seal, ours_seal_with, ours_next)
RUN(ours_open, ours_open_with, ours_last)
RUN(ours_sign, ours_sign_with, ours_next)
RUN(ours_verify, ours_verify_with, ours_last)
RUN(iov_seal, iov_seal_with, bare_next)
RUN(iov_open, iov_open_with, bare_last)
RUN(iov_sign, iov_sign_with, bare_next)
RUN(iov_verify, iov_verify_with, bare_last)
RUN(plain_seal, plain_seal_with, bare_next)
RUN(plain_open, plain_open_with, bare_last)
RUN(plain_sign, plain_sign_with, bare_next)
RUN(plain_verify, plain_verify_with, bare_last)

/* Opening is prepared by sealing. */
static const struct {
    struct side ours, iov, plain;
} calls[] = {
    [MESSAGE_SEAL] = {{NULL, ours_seal, NULL}, {NULL, iov_seal, NULL}, {NULL, plain_seal, NULL}},
    [MESSAGE_OPEN] = {{ours_seal, ours_open, NULL},
                      {iov_seal, iov_open, NULL},
                      {plain_seal, plain_open, NULL}},
    [MESSAGE_SIGN] = {{NULL, ours_sign, NULL}, {NULL, iov_sign, NULL}, {NULL, plain_sign, NULL}},
    [MESSAGE_VERIFY] = {{ours_sign, ours_verify, NULL},
                        {iov_sign, iov_verify, NULL},
                        {plain_sign, plain_verify, NULL}},
};

void messages_trial(struct messages *messages, enum message_call call, bool iov,
                    struct trial *trial)
{
    trial->ours = calls[call].ours;
    trial->ours.data = &messages->ours;
    trial->bare = iov ? calls[call].iov : calls[call].plain;
    trial->bare.data = &messages->bare;
    trial->block_max = messages->batch;
}

void messages_trial_null(struct messages *messages, struct trial *trial)
{
    trial->ours = trial->bare = calls[MESSAGE_SEAL].iov;
    trial->ours.data = &messages->again;
    trial->bare.data = &messages->bare;
    trial->block_max = messages->batch;
}
