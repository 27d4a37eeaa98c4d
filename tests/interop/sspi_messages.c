/* SPDX-License-Identifier: MIT */
/* The messages of an SSPI program: every layout of buffers that SSPI callers use,
 * [MS-KILE] 3.4.5.4. */
#include "sspi_end.h"

#include <stdlib.h>
#include <string.h>

#ifndef SECQOP_WRAP_NO_ENCRYPT
#define SECQOP_WRAP_NO_ENCRYPT 0x80000001
#endif

/* ---- messages ------------------------------------------------------------------------------ */

/* A message in one block: room for the token, the text, room for padding. */
struct layout {
    struct peer_bytes block;
    SecBuffer list[6];
    size_t count;
};

static struct layout layout_new(const struct sspi_end *end, struct peer_bytes text)
{
    size_t trailer = end->sizes.cbSecurityTrailer, padding = end->sizes.cbBlockSize;
    struct layout layout = {.block = peer_bytes_new(trailer + text.length + padding)};

    memset(layout.block.data, 0, layout.block.length);
    if (text.length > 0)
        memcpy(layout.block.data + trailer, text.data, text.length);
    return layout;
}

static void layout_add(struct layout *layout, ULONG type, size_t at, size_t length)
{
    layout->list[layout->count++] = sspi_buffer(type, layout->block.data + at, length);
}

/* Everything but the token, in order, as long as it has become. */
static struct peer_bytes layout_body(const struct layout *layout)
{
    struct peer_bytes body = peer_bytes_new(layout->block.length);

    body.length = 0;
    for (size_t i = 0; i < layout->count; i++)
        if ((layout->list[i].BufferType & ~(ULONG)SECBUFFER_ATTRMASK) != SECBUFFER_TOKEN) {
            memcpy(body.data + body.length, layout->list[i].pvBuffer, layout->list[i].cbBuffer);
            body.length += layout->list[i].cbBuffer;
        }
    return body;
}

static struct peer_bytes layout_token(const struct layout *layout)
{
    for (size_t i = 0; i < layout->count; i++)
        if ((layout->list[i].BufferType & ~(ULONG)SECBUFFER_ATTRMASK) == SECBUFFER_TOKEN)
            return (struct peer_bytes){layout->list[i].pvBuffer, layout->list[i].cbBuffer};
    return (struct peer_bytes){0};
}

/* The numbers are the caller's to count for WinPR; Windows counts itself and takes them or 0. */
static ULONG next_number(const struct sspi_end *end, ULONG *number)
{
    bool counting = peer_listed(end->words.options, "numbered");

#ifdef PEER_WINPR
    counting = true;
#endif
    return counting ? (*number)++ : 0;
}

/* Encrypts the layout and gives the message, with the length of the token in front or without. */
static int layout_seal(struct sspi_end *end, struct layout *layout, ULONG qop, bool split,
                       struct peer_bytes *wire)
{
    SecBufferDesc desc = sspi_description(layout->list, layout->count);
    SECURITY_STATUS status = EncryptMessage(&end->ctx, qop, &desc, next_number(end, &end->sent));
    struct peer_bytes body;

    if (status == SEC_E_OK) {
        body = layout_body(layout);
        *wire = peer_join(layout_token(layout), body);
        free(body.data);
        if (!split) {
            wire->length -= 4;
            memmove(wire->data, wire->data + 4, wire->length);
        }
    }
    free(layout->block.data);
    return status == SEC_E_OK ? 0 : sspi_fail("EncryptMessage", status);
}

static int seal(struct sspi_end *end, struct peer_bytes text, size_t parts, bool padding, ULONG qop,
                bool split, struct peer_bytes *wire)
{
    struct layout layout = layout_new(end, text);
    size_t trailer = end->sizes.cbSecurityTrailer, at = 0;

    layout_add(&layout, SECBUFFER_TOKEN, 0, trailer);
    for (size_t i = 0; i < parts; i++) {
        size_t length = i + 1 == parts ? text.length - at : text.length / parts / 16 * 16;

        layout_add(&layout, SECBUFFER_DATA, trailer + at, length);
        at += length;
    }
    if (padding)
        layout_add(&layout, SECBUFFER_PADDING, trailer + text.length, end->sizes.cbBlockSize);
    return layout_seal(end, &layout, qop, split, wire);
}

static int decrypt(struct sspi_end *end, SecBuffer *list, size_t count, bool *sealed)
{
    SecBufferDesc desc = sspi_description(list, count);
    ULONG qop = 0;
    SECURITY_STATUS status =
        DecryptMessage(&end->ctx, &desc, next_number(end, &end->received), &qop);

    *sealed = qop != SECQOP_WRAP_NO_ENCRYPT;
    return status == SEC_E_OK ? 0 : sspi_fail("DecryptMessage", status);
}

static int write_token_data(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 1, false, 0, false, wire);
}

static int write_token_data_padding(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 1, true, 0, false, wire);
}

static int write_several(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 3, true, 0, false, wire);
}

static int write_no_encrypt(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 1, true, SECQOP_WRAP_NO_ENCRYPT, false, wire);
}

static int write_split(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 1, false, 0, true, wire);
}

static int write_split_padding(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 1, true, 0, true, wire);
}

static int write_split_several(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    return seal(self, text, 3, true, 0, true, wire);
}

/* The data is where the package says it is, inside the stream. */
static int read_stream(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length);
    SecBuffer list[] = {sspi_buffer(SECBUFFER_STREAM, copy.data, copy.length),
                        sspi_buffer(SECBUFFER_DATA, NULL, 0)};
    int status = decrypt(self, list, COUNT(list), sealed);
    const uint8_t *data = list[1].pvBuffer;

    if (status == 0 && list[1].cbBuffer > 0 &&
        (data < copy.data || data + list[1].cbBuffer > copy.data + copy.length))
        status = peer_fail("outside", "the data is outside the stream");
    if (status == 0)
        *text = peer_bytes_copy(list[1].pvBuffer, list[1].cbBuffer);
    free(copy.data);
    return status;
}

static int open_parts(struct sspi_end *end, struct peer_bytes token, struct peer_bytes body,
                      bool data_first, struct peer_bytes *text, bool *sealed)
{
    size_t padding = end->padding;
    SecBuffer list[3];
    SecBuffer *data = &list[data_first ? 0 : 1];
    int status;

    if (body.length < padding)
        return peer_fail("protocol", "shorter than its padding");
    list[data_first ? 1 : 0] = sspi_buffer(SECBUFFER_TOKEN, token.data, token.length);
    *data = sspi_buffer(SECBUFFER_DATA, body.data, body.length - padding);
    list[2] = sspi_buffer(SECBUFFER_PADDING, body.data + body.length - padding, padding);
    status = decrypt(end, list, padding > 0 ? 3 : 2, sealed);
    if (status == 0)
        *text = peer_bytes_copy(data->pvBuffer, data->cbBuffer);
    return status;
}

static int read_split_order(struct sspi_end *end, struct peer_bytes wire, bool data_first,
                            struct peer_bytes *text, bool *sealed)
{
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length), token, body;
    int status = peer_part(copy, &token, &body);

    if (status == 0)
        status = open_parts(end, token, body, data_first, text, sealed);
    free(copy.data);
    return status;
}

static int read_split(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    return read_split_order(self, wire, false, text, sealed);
}

static int read_split_data_first(void *self, struct peer_bytes wire, struct peer_bytes *text,
                                 bool *sealed)
{
    return read_split_order(self, wire, true, text, sealed);
}

/* A message of NTLM is the signature and the data, whoever wrote it. */
static int read_token_data_ntlm(void *self, struct peer_bytes wire, struct peer_bytes *text,
                                bool *sealed)
{
    struct sspi_end *end = self;
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length);
    size_t trailer = end->sizes.cbSecurityTrailer;
    int status;

    if (wire.length < trailer)
        status = peer_fail("protocol", "shorter than a signature");
    else
        status = open_parts(end, (struct peer_bytes){copy.data, trailer},
                            (struct peer_bytes){copy.data + trailer, copy.length - trailer}, false,
                            text, sealed);
    free(copy.data);
    return status;
}

/* RPC: the header and the security trailer are signed and stay readable, [MS-RPCE] 2.2.2.11. */
static int write_header(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct sspi_end *end = self;
    struct layout layout = layout_new(end, text);
    size_t trailer = end->sizes.cbSecurityTrailer,
           data = text.length - PEER_CLEAR_HEAD - PEER_CLEAR_TAIL;

    layout_add(&layout, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, trailer,
               PEER_CLEAR_HEAD);
    layout_add(&layout, SECBUFFER_DATA, trailer + PEER_CLEAR_HEAD, data);
    layout_add(&layout, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM,
               trailer + PEER_CLEAR_HEAD + data, PEER_CLEAR_TAIL);
    if (end->padding > 0)
        layout_add(&layout, SECBUFFER_PADDING, trailer + text.length, end->padding);
    layout_add(&layout, SECBUFFER_TOKEN, 0, trailer);
    return layout_seal(end, &layout, 0, true, wire);
}

static int read_header(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct sspi_end *end = self;
    struct peer_bytes copy = peer_bytes_copy(wire.data, wire.length), token, body;
    int status = peer_part(copy, &token, &body);

    if (status == 0 && body.length < PEER_CLEAR_HEAD + PEER_CLEAR_TAIL + end->padding)
        status = peer_fail("protocol", "the message is too short");
    if (status == 0) {
        size_t data = body.length - PEER_CLEAR_HEAD - PEER_CLEAR_TAIL - end->padding;
        SecBuffer list[] = {
            sspi_buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, body.data,
                        PEER_CLEAR_HEAD),
            sspi_buffer(SECBUFFER_DATA, body.data + PEER_CLEAR_HEAD, data),
            sspi_buffer(SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM,
                        body.data + PEER_CLEAR_HEAD + data, PEER_CLEAR_TAIL),
            sspi_buffer(SECBUFFER_TOKEN, token.data, token.length),
            sspi_buffer(SECBUFFER_PADDING, body.data + body.length - end->padding, end->padding)};

        status = decrypt(end, list, COUNT(list) - (end->padding == 0), sealed);
        if (status == 0)
            *text = peer_bytes_copy(body.data, body.length - end->padding);
    }
    free(copy.data);
    return status;
}

/* ---- signatures ---------------------------------------------------------------------------- */

static int write_mic(void *self, struct peer_bytes text, struct peer_bytes *wire)
{
    struct sspi_end *end = self;
    struct peer_bytes signature = peer_bytes_new(end->sizes.cbMaxSignature);
    SecBuffer list[] = {sspi_buffer(SECBUFFER_DATA, text.data, text.length),
                        sspi_buffer(SECBUFFER_TOKEN, signature.data, signature.length)};
    SecBufferDesc desc = sspi_description(list, COUNT(list));
    SECURITY_STATUS status = MakeSignature(&end->ctx, 0, &desc, 0);

    if (status == SEC_E_OK)
        *wire = peer_join((struct peer_bytes){list[1].pvBuffer, list[1].cbBuffer}, text);
    free(signature.data);
    return status == SEC_E_OK ? 0 : sspi_fail("MakeSignature", status);
}

static int read_mic(void *self, struct peer_bytes wire, struct peer_bytes *text, bool *sealed)
{
    struct sspi_end *end = self;
    struct peer_bytes token, body;
    ULONG qop = 0;
    SECURITY_STATUS status;

    *sealed = false;
    if (peer_part(wire, &token, &body) != 0)
        return -1;

    SecBuffer list[] = {sspi_buffer(SECBUFFER_TOKEN, token.data, token.length),
                        sspi_buffer(SECBUFFER_DATA, body.data, body.length)};
    SecBufferDesc desc = sspi_description(list, COUNT(list));

    status = VerifySignature(&end->ctx, &desc, 0, &qop);
    if (status != SEC_E_OK)
        return sspi_fail("VerifySignature", status);
    *text = peer_bytes_copy(body.data, body.length);
    return 0;
}

const struct peer_format sspi_formats[] = {
    {"wrap/token-data", FEATURE_STREAM | FEATURE_SEALS | FEATURE_UNPADDED, write_token_data, NULL},
    {"wrap/token-data-ntlm", FEATURE_NTLM | FEATURE_SEALS, NULL, read_token_data_ntlm},
    {"wrap/token-data-padding", FEATURE_STREAM | FEATURE_ALL_BUFFERS | FEATURE_SEALS,
     write_token_data_padding, NULL},
    {"wrap/several", FEATURE_STREAM | FEATURE_ALL_BUFFERS | FEATURE_SEALS, write_several, NULL},
    {"wrap/stream", FEATURE_STREAM | FEATURE_ALL_BUFFERS | FEATURE_SEALS, NULL, read_stream},
    {"clear/no-encrypt", FEATURE_STREAM | FEATURE_KERBEROS, write_no_encrypt, read_stream},
    {"clear/token-data", FEATURE_NTLM_CLEAR, write_token_data, read_token_data_ntlm},
    {"split/token-data", FEATURE_SEALS | FEATURE_UNPADDED, write_split, NULL},
    {"split/token-first", FEATURE_SEALS, NULL, read_split},
    {"split/data-first", FEATURE_SEALS, NULL, read_split_data_first},
    {"split/padding", FEATURE_ALL_BUFFERS | FEATURE_SEALS, write_split_padding, NULL},
    {"split/several", FEATURE_ALL_BUFFERS | FEATURE_SEALS, write_split_several, NULL},
    {"mic/sspi", FEATURE_SIGNATURES, write_mic, read_mic},
    {"header/readonly", FEATURE_KERBEROS, write_header, read_header},
    {NULL, 0, NULL, NULL},
};

const struct peer_format *sspi_format(struct sspi_end *end, const char *format, bool write)
{
    unsigned features = sspi_end_features(end);
    size_t length = strlen(format);
    const struct peer_format *row;

    for (row = sspi_formats; row->name != NULL; row++)
        if (strncmp(row->name, format, length) == 0 && row->name[length] == '/' &&
            (row->needs & features) == row->needs && (write ? !!row->write : !!row->read))
            return row;
    fprintf(stderr, "sspi: the context has no way to %s format %s\n", write ? "write" : "read",
            format);
    exit(2);
}
