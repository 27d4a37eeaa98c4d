/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: DecryptMessage of TLS, and EncryptMessage between.  A peer that has the keys seals
 * what the input says, also what no peer should; see tls_message.h.  While it has been honest, all
 * that it said is heard, and it hears us in any case.
 */
#include "tls_message.h"
#include "tlsworld.h"

#include <gnutls/crypto.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX  16384
#define BODY_MAX  (DATA_MAX + 2048)
#define EMPTY_MAX 100 /* empty records are borne up to some number */
#define KEYS_MAX  7   /* new keys too, in a second of which there is but one */

enum { TYPE_HANDSHAKE = 22, TYPE_DATA = 23 };

/* GnuTLS 3.7 never comes back from an empty handshake record that follows a part of a message. The
 * lanes refuse it; where all is left to GnuTLS the peer does not send it. */
static bool is_endless(uint8_t type, size_t size)
{
    return type == TYPE_HANDSHAKE && size == 0 && getenv("SSPI_SCHANNEL") != NULL;
}

struct play {
    struct tls_end end;
    struct tls_peer peer;
    bool honest;
    unsigned empty, keys;
    struct tls_flow said; /* data that were sealed and not heard yet */
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_world();
    tls_world();
    return 0;
}

/* ---- What the peer seals -------------------------------------------------------------------- */

struct sealing {
    gnutls_aead_cipher_hd_t aead;
    bool inner_type;
    size_t explicit; /* octets of the nonce that are sent */
    uint8_t nonce[12], count[8];
};

/* RFC 5288 3: salt and number; RFC 8446 5.3, RFC 7905 2: the number XORed into the IV. */
static void nonce_make(struct sealing *sealing, const gnutls_datum_t *iv)
{
    memset(sealing->nonce, 0, sizeof sealing->nonce);
    memcpy(sealing->nonce, iv->data, iv->size);
    sealing->explicit = sizeof sealing->nonce - iv->size;
    for (size_t i = 0; i < sizeof sealing->count; i++)
        sealing->nonce[4 + i] ^= sealing->count[i];
}

/* False where the cipher is none of these. */
static bool sealing_open(struct sealing *sealing, gnutls_session_t session)
{
    gnutls_cipher_algorithm_t cipher = gnutls_cipher_get(session);
    gnutls_datum_t mac, iv, key;

    if (cipher == GNUTLS_CIPHER_AES_128_CBC ||
        gnutls_record_get_state(session, 0, &mac, &iv, &key, sealing->count) != 0 ||
        gnutls_aead_cipher_init(&sealing->aead, cipher, &key) != 0)
        return false;
    sealing->inner_type = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3;
    nonce_make(sealing, &iv);
    return true;
}

static void count_up(struct sealing *sealing, gnutls_session_t session)
{
    for (size_t i = sizeof sealing->count; i-- > 0 && ++sealing->count[i] == 0;)
        continue;
    gnutls_record_set_state(session, 0, sealing->count);
}

/* The text with its type and padding, as they are sealed; text has room for them. */
static size_t seal(struct sealing *sealing, uint8_t type, uint8_t *text, size_t size,
                   uint8_t *record)
{
    size_t sealed = BODY_MAX, body = sealing->explicit + size + 16;
    uint8_t aad[13];

    record[0] = sealing->inner_type ? TYPE_DATA : type;
    record[1] = record[2] = 3;
    record[3] = (uint8_t)(body >> 8);
    record[4] = (uint8_t)body;
    memcpy(record + 5, sealing->count, sealing->explicit);
    memcpy(aad, sealing->count, 8);
    memcpy(aad + 8, record, 3);
    aad[11] = (uint8_t)(size >> 8);
    aad[12] = (uint8_t)size;
    fuzz_check(gnutls_aead_cipher_encrypt(sealing->aead, sealing->nonce, sizeof sealing->nonce,
                                          sealing->inner_type ? record : aad,
                                          sealing->inner_type ? 5 : 13, 16, text, size,
                                          record + 5 + sealing->explicit, &sealed) == 0,
               "the peer can seal");
    return 5 + body;
}

static void act_seal(struct play *play, struct fuzz_input *input)
{
    static uint8_t text[DATA_MAX + 1 + 255], record[5 + BODY_MAX];
    uint8_t type = fuzz_u8(input);
    size_t padding = fuzz_u8(input), size, sealed;
    uint8_t *data = fuzz_chunk(input, &size);
    struct sealing sealing;

    if (size > DATA_MAX)
        size = DATA_MAX;
    play->empty += size == 0;
    if (type != TYPE_DATA || play->empty > EMPTY_MAX)
        play->honest = false;
    memcpy(text, data, size);
    if (is_endless(type, size)) {
        play->honest = false;
    } else if (sealing_open(&sealing, play->peer.session)) {
        sealed = size;
        if (sealing.inner_type) {
            text[size] = type;
            memset(text + size + 1, 0, padding);
            sealed += 1 + padding;
            play->honest &= sealed <= DATA_MAX + 1; /* RFC 8446 5.4 */
        }
        sealed = seal(&sealing, type, text, sealed, record);
        tls_flow_add(&play->end.in, record, sealed);
        count_up(&sealing, play->peer.session);
        gnutls_aead_cipher_deinit(sealing.aead);
        tls_flow_add(&play->said, data, size);
    } else if (type == TYPE_DATA && size > 0) {
        tls_world_turn(TLS_PARTY_PEER);
        gnutls_record_send(play->peer.session, data, size);
        tls_flow_add(&play->said, data, size);
    }
    free(data);
}

static void act_keys(struct play *play, struct fuzz_input *input)
{
    unsigned flags = fuzz_u8(input) % 2 ? GNUTLS_KU_PEER : 0;

    tls_world_turn(TLS_PARTY_PEER);
    if (gnutls_protocol_get_version(play->peer.session) != GNUTLS_TLS1_3)
        return;
    gnutls_session_key_update(play->peer.session, flags);
    play->honest &= ++play->keys <= KEYS_MAX;
}

/* ---- What comes through --------------------------------------------------------------------- */

static void act_raw(struct play *play, struct fuzz_input *input)
{
    size_t size;
    void *data = fuzz_chunk(input, &size);

    tls_flow_add(&play->end.in, data, size);
    play->honest &= size == 0;
    free(data);
}

static void act_alter(struct play *play, struct fuzz_input *input)
{
    size_t at = fuzz_u16(input);
    uint8_t bits = fuzz_u8(input);

    if (play->end.in.size == 0)
        return;
    play->end.in.data[at % play->end.in.size] ^= bits;
    play->honest &= bits == 0;
}

static void heard(struct play *play, const uint8_t *data, size_t size)
{
    if (play->honest) {
        fuzz_check(size == 0 ||
                       (size <= play->said.size && memcmp(data, play->said.data, size) == 0),
                   "what is heard was said");
        tls_flow_drop(&play->said, size);
    }
    tls_flow_drop(&play->end.in, play->end.in.size - play->end.left);
}

/* A TLS 1.2 peer that begins anew gets its legs, and is no longer believed. */
static void renegotiate(struct play *play)
{
    play->honest = false;
    play->end.established = false;
    tls_flow_drop(&play->end.in, play->end.in.size - play->end.left);
    tls_end_run(&play->end);
    play->end.over |= !play->end.established;
}

static void act_hear(struct play *play, struct fuzz_input *input)
{
    const uint8_t *data;
    size_t size;

    (void)input;
    tls_world_turn(TLS_PARTY_OURS);
    while (play->end.in.size > 0 && !play->end.over) {
        SECURITY_STATUS status = tls_end_decrypt(&play->end, &data, &size);

        fuzz_check(!play->honest || status >= 0, "an honest peer is heard");
        if (status == SEC_E_INCOMPLETE_MESSAGE)
            return;
        if (status == SEC_I_RENEGOTIATE) {
            renegotiate(play);
            continue;
        }
        play->end.over = status != SEC_E_OK;
        if (status >= 0)
            heard(play, data, size);
    }
    fuzz_check(!play->honest || play->said.size == 0, "all of it");
}

/* ---- What we say ---------------------------------------------------------------------------- */

static SECURITY_STATUS say(struct play *play, const void *data, size_t size)
{
    SecPkgContext_StreamSizes sizes;
    uint8_t *head, *tail;
    void *text = malloc(size + 1);
    SECURITY_STATUS status =
        QueryContextAttributesA(&play->end.ctx, SECPKG_ATTR_STREAM_SIZES, &sizes);

    fuzz_check(status == SEC_E_OK && text != NULL, "what was established has sizes");
    memcpy(text, data, size);
    head = malloc(sizes.cbHeader);
    tail = malloc(sizes.cbTrailer);
    {
        SecBuffer buffers[4] = {{sizes.cbHeader, SECBUFFER_STREAM_HEADER, head},
                                {(ULONG)size, SECBUFFER_DATA, text},
                                {sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, tail},
                                {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

        status = EncryptMessage(&play->end.ctx, 0, &list, 0);
        for (unsigned i = 0; i < 3 && status == SEC_E_OK; i++)
            tls_flow_add(&play->peer.in, buffers[i].pvBuffer, buffers[i].cbBuffer);
    }
    free(tail);
    free(head);
    free(text);
    return status;
}

static void act_say(struct play *play, struct fuzz_input *input)
{
    uint8_t room[DATA_MAX];
    size_t size, got = 0;
    void *data = fuzz_chunk(input, &size);
    ssize_t code = GNUTLS_E_AGAIN;

    tls_world_turn(TLS_PARTY_OURS);
    if (size > 0 && size <= DATA_MAX && say(play, data, size) == SEC_E_OK) {
        tls_world_turn(TLS_PARTY_PEER);
        while (got < size && (code > 0 || code == GNUTLS_E_AGAIN) && play->peer.in.size > 0) {
            code = gnutls_record_recv(play->peer.session, room, sizeof room);
            fuzz_check(code != GNUTLS_E_DECRYPTION_FAILED, "our records can be opened");
            got += code > 0 ? (size_t)code : 0;
        }
        fuzz_check(got == size || !play->honest, "the peer hears us");
    }
    free(data);
}

/* ---- All of it ------------------------------------------------------------------------------ */

static void play_open(struct play *play, uint8_t what)
{
    static const char *const priorities[][4] = {
        {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM",
         "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305",
         "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CCM",
         "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC"},
        {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM",
         "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305",
         "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM",
         "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM"}};
    bool server = (what & TLS_MESSAGE_SERVER) != 0;

    memset(play, 0, sizeof *play);
    play->honest = true;
    tls_world_restart();
    tls_peer_open(&play->peer, !server,
                  priorities[what & TLS_MESSAGE_1_3][(what & TLS_MESSAGE_CIPHER) >> 2],
                  &play->end.in);
    tls_world_turn(TLS_PARTY_OURS);
    tls_end_open(&play->end, server, 0, &play->peer.in);
    fuzz_check(tls_world_meet(&play->end, &play->peer), "both ends meet");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const acts[TLS_ACTS])(struct play *, struct fuzz_input *) = {
        [TLS_ACT_RAW] = act_raw,   [TLS_ACT_SEAL] = act_seal, [TLS_ACT_ALTER] = act_alter,
        [TLS_ACT_HEAR] = act_hear, [TLS_ACT_SAY] = act_say,   [TLS_ACT_KEYS] = act_keys,
    };
    struct fuzz_input input = {data, size};
    struct play play;

    play_open(&play, fuzz_u8(&input));
    while (input.left > 0 && !play.end.over)
        acts[fuzz_u8(&input) % TLS_ACTS](&play, &input);
    act_hear(&play, &input);
    tls_end_close(&play.end);
    tls_peer_close(&play.peer);
    free(play.said.data);
    return 0;
}
