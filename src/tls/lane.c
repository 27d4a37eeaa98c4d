/* SPDX-License-Identifier: MIT */
/*
 * AEAD records in place: RFC 5246 6.2.3.3 with RFC 5288, 6655 and 7905; RFC 8446 5.2 and 5.3.
 */
#include "tls/lane.h"

#include <string.h>

#define NONCE         12U
#define TLS_1_2_AAD   13U
#define SESSION_COUNT 8U /* octets of GnuTLS' record number */
#define PLAIN_MAX_1_3 (RECORD_DATA_MAX + 256U)

/* --- Keys ----------------------------------------------------------------------------------- */

static const struct {
    gnutls_cipher_algorithm_t cipher;
    struct lane_shape tls12, tls13;
} shapes[] = {
    {GNUTLS_CIPHER_AES_128_GCM, {4, 8, 16, false}, {12, 0, 16, true}},
    {GNUTLS_CIPHER_AES_256_GCM, {4, 8, 16, false}, {12, 0, 16, true}},
    {GNUTLS_CIPHER_AES_128_CCM, {4, 8, 16, false}, {12, 0, 16, true}},
    {GNUTLS_CIPHER_AES_256_CCM, {4, 8, 16, false}, {12, 0, 16, true}},
    {GNUTLS_CIPHER_CHACHA20_POLY1305, {12, 0, 16, false}, {12, 0, 16, true}},
};

static const struct lane_shape *shape_find(gnutls_session_t session)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session);
    gnutls_protocol_t version = gnutls_protocol_get_version(session);

    if (version != GNUTLS_TLS1_2 && version != GNUTLS_TLS1_3)
        return NULL;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        if (shapes[i].cipher == cipher)
            return version == GNUTLS_TLS1_3 ? &shapes[i].tls13 : &shapes[i].tls12;
    return NULL;
}

static uint64_t number_read(const uint8_t octets[SESSION_COUNT])
{
    uint64_t number = 0;

    for (unsigned i = 0; i < SESSION_COUNT; i++)
        number = number << 8 | octets[i];
    return number;
}

static inline void number_write(uint8_t octets[SESSION_COUNT], uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(octets, &number, SESSION_COUNT);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "number_write() swaps");

void lane_close(struct lane *lane)
{
    if (lane->aead == NULL)
        return; /* then there is nothing else */
    gnutls_aead_cipher_deinit(lane->aead);
    gnutls_memset(lane, 0, sizeof(*lane));
}

static void keys_take(struct lane *lane, gnutls_session_t session, const struct lane_shape *shape,
                      const gnutls_datum_t *key, const gnutls_datum_t *iv)
{
    lane_close(lane);
    if (key->size != gnutls_cipher_get_key_size(gnutls_cipher_get(session)) ||
        gnutls_aead_cipher_init(&lane->aead, gnutls_cipher_get(session), key) != 0)
        return;
    lane->shape = *shape;
    memcpy(lane->iv, iv->data, iv->size);
}

/* RFC 8446 7.3: key and IV come from one secret, so they change together, and a ticket changes
 * neither. The four octets of TLS 1.2 are too few to tell. */
static bool keys_are_same(const struct lane *lane, const gnutls_datum_t *iv)
{
    return lane->aead != NULL && lane->shape.salt == sizeof(lane->iv) &&
           memcmp(lane->iv, iv->data, sizeof(lane->iv)) == 0;
}

void lane_take(struct lane *lane, gnutls_session_t session, bool reading)
{
    const struct lane_shape *shape = shape_find(session);
    gnutls_datum_t mac, iv, key;
    uint8_t count[SESSION_COUNT];

    if (shape == NULL || gnutls_record_get_state(session, reading, &mac, &iv, &key, count) != 0 ||
        iv.size != shape->salt) {
        lane_close(lane);
        return;
    }
    if (!keys_are_same(lane, &iv))
        keys_take(lane, session, shape, &key, &iv);
    lane->sequence = number_read(count);
}

int lane_give(const struct lane *lane, gnutls_session_t session, bool reading)
{
    uint8_t count[SESSION_COUNT];

    if (lane->aead == NULL)
        return GNUTLS_E_SUCCESS;
    number_write(count, lane->sequence);
    return gnutls_record_set_state(session, reading, count);
}

/* --- Nonce and associated data -------------------------------------------------------------- */

/*
 * What goes into the cipher beside key and text. Each is written as one vector: the cipher reads
 * both at once, in pieces that overlap, and a processor waits where these are not those that were
 * written.
 */
typedef uint64_t octets16 __attribute__((vector_size(16)));

struct lane_input {
    octets16 nonce, aad;
    size_t aad_size;
};

/* Octets as they lie in memory, to be put together in a register. */
static inline uint64_t octets8(const uint8_t *octets)
{
    uint64_t value;

    memcpy(&value, octets, sizeof(value));
    return value;
}

static inline uint32_t octets4(const uint8_t *octets)
{
    uint32_t value;

    memcpy(&value, octets, sizeof(value));
    return value;
}

/* One by one, for so they have just been written. */
static inline uint64_t octets3(const uint8_t *octets)
{
    return octets[0] | (uint64_t)octets[1] << 8 | (uint64_t)octets[2] << 16;
}

/* RFC 5288 3: the part that was sent follows the salt. RFC 8446 5.3, RFC 7905 2: the number is
 * XORed into the IV. */
static inline octets16 nonce_make(const struct lane *lane, const uint8_t *explicit)
{
    uint64_t low = octets8(lane->iv), high = octets4(lane->iv + 8), number;

    if (lane->shape.explicit != 0) {
        number = octets8(explicit);
        low &= UINT32_MAX;
        high = 0;
    } else {
        number = __builtin_bswap64(lane->sequence);
    }
    return (octets16){low ^ number << 32, high ^ number >> 32};
}

/* TLS 1.3 authenticates the head as it is sent; TLS 1.2 number, type, version and the text's size.
 */
static inline void input_make(const struct lane *lane, const uint8_t *head, size_t text,
                              struct lane_input *input)
{
    input->nonce = nonce_make(lane, head + RECORD_HEAD);
    if (lane->shape.inner_type) {
        input->aad =
            (octets16){octets3(head) | (uint64_t)head[3] << 24 | (uint64_t)head[4] << 32, 0};
        input->aad_size = RECORD_HEAD;
        return;
    }
    input->aad = (octets16){__builtin_bswap64(lane->sequence),
                            octets3(head) | (uint64_t)(uint8_t)(text >> 8) << 24 |
                                (uint64_t)(uint8_t)text << 32};
    input->aad_size = TLS_1_2_AAD;
}

static inline void head_write(const struct lane *lane, uint8_t *head, size_t size)
{
    size_t body = lane->shape.explicit + size + lane_tail(lane);

    head[0] = RECORD_DATA;
    head[1] = 3;
    head[2] = 3;
    head[3] = (uint8_t)(body >> 8);
    head[4] = (uint8_t)body;
    if (lane->shape.explicit != 0)
        number_write(head + RECORD_HEAD, lane->sequence); /* never used twice with one key */
}

/* --- Sealing and opening -------------------------------------------------------------------- */

static int seal_in_a_row(struct lane *lane, const struct lane_input *input, uint8_t *text,
                         size_t size)
{
    size_t sealed = size + lane->shape.tag;

    return gnutls_aead_cipher_encrypt(lane->aead, &input->nonce, NONCE, &input->aad,
                                      input->aad_size, lane->shape.tag, text, size, text, &sealed);
}

/* Slower: GnuTLS makes two passes over what is not in one piece. */
static int seal_scattered(struct lane *lane, const struct lane_input *input, uint8_t *data,
                          size_t size, uint8_t *tail)
{
    giovec_t aad = {(void *)(uintptr_t)&input->aad, input->aad_size};
    giovec_t text[2] = {{data, size}, {tail, lane_tail(lane) - lane->shape.tag}};
    size_t tag = lane->shape.tag;

    return gnutls_aead_cipher_encryptv2(lane->aead, &input->nonce, NONCE, &aad, 1, text,
                                        text[1].iov_len == 0 ? 1 : 2, tail + text[1].iov_len, &tag);
}

int lane_seal(struct lane *lane, uint8_t *head, uint8_t *data, size_t size, uint8_t *tail)
{
    struct lane_input input;
    size_t inner = lane->shape.inner_type ? 1 : 0;
    int code;

    head_write(lane, head, size);
    input_make(lane, head, size, &input);
    if (inner != 0)
        tail[0] = RECORD_DATA;
    if (data + size == tail)
        code = seal_in_a_row(lane, &input, data, size + inner);
    else
        code = seal_scattered(lane, &input, data, size, tail);
    if (code == GNUTLS_E_SUCCESS)
        lane->sequence++;
    return code;
}

/* RFC 8446 5.4: the type is the last octet that is not zero, and there must be one. */
static int inner_type_read(const uint8_t *text, size_t *size, enum record_type *type)
{
    size_t end = *size;

    while (end > 0 && text[end - 1] == 0)
        end--;
    if (end == 0)
        return GNUTLS_E_UNEXPECTED_PACKET;
    *type = text[end - 1];
    *size = end - 1;
    return GNUTLS_E_SUCCESS;
}

static size_t text_size(const struct lane *lane, size_t record_size)
{
    return record_size - lane_head(lane) - lane->shape.tag;
}

int lane_open(struct lane *lane, uint8_t *record, size_t record_size, enum record_type *type,
              size_t *size)
{
    struct lane_input input;
    uint8_t *text = record + lane_head(lane);
    int code;

    if (record_size < lane_head(lane) + lane_tail(lane))
        return GNUTLS_E_DECRYPTION_FAILED;
    if (lane->shape.inner_type && record_size > RECORD_HEAD + PLAIN_MAX_1_3)
        return GNUTLS_E_RECORD_OVERFLOW;
    *size = text_size(lane, record_size);
    input_make(lane, record, *size, &input);
    code = gnutls_aead_cipher_decrypt(lane->aead, &input.nonce, NONCE, &input.aad, input.aad_size,
                                      lane->shape.tag, text, *size + lane->shape.tag, text, size);
    if (code != GNUTLS_E_SUCCESS)
        return code;
    *type = record[0];
    if (lane->shape.inner_type && *size > RECORD_DATA_MAX + 1) /* with its type and padding */
        return GNUTLS_E_RECORD_OVERFLOW;
    if (lane->shape.inner_type)
        code = inner_type_read(text, size, type);
    if (code == GNUTLS_E_SUCCESS && *size > RECORD_DATA_MAX)
        code = GNUTLS_E_RECORD_OVERFLOW;
    if (code == GNUTLS_E_SUCCESS)
        lane->sequence++;
    return code;
}

int lane_close_again(struct lane *lane, uint8_t *record, size_t record_size)
{
    struct lane_input input;
    size_t size = text_size(lane, record_size);

    lane->sequence--;
    input_make(lane, record, size, &input);
    return seal_in_a_row(lane, &input, record + lane_head(lane), size);
}
