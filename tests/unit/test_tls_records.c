/* SPDX-License-Identifier: MIT */
/*
 * Records that are sealed and opened beside the session: our end against a bare GnuTLS session,
 * with all that can come between the data.
 */
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "core/handle.h"
#include "lib/certs.h"
#include "lib/check_main.h"
#include "lib/stream.h"
#include "tls/tlspkg.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- The two ends --------------------------------------------------------------------------- */

static const struct suite_case {
    const char *priority;
    bool lane; /* its records are opened and sealed in place */
} suites[] = {
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CCM", true},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:-MAC-ALL:+SHA1:%NO_ETM", false},
    {"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-CBC:-MAC-ALL:+SHA1", false},
};

#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM"

/* Ours, and theirs: which is the server is the test's to say. */
struct ends {
    struct stream ours;
    struct bare theirs;
    gnutls_x509_crt_t crt;
    PCCERT_CONTEXT cert;
};

static void theirs_certify(struct ends *ends)
{
    ck_assert_int_eq(
        gnutls_certificate_set_x509_key(ends->theirs.x509, &ends->crt, 1, certs_key(0)), 0);
}

static void ours_certify(struct ends *ends)
{
    gnutls_datum_t der = certs_der(ends->crt);
    gnutls_privkey_t key;

    ends->cert = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    ck_assert_ptr_nonnull(ends->cert);
    ck_assert_int_eq(gnutls_privkey_init(&key), 0);
    ck_assert_int_eq(gnutls_privkey_import_x509(key, certs_key(0), GNUTLS_PRIVKEY_IMPORT_COPY), 0);
    ck_assert(cert_context_key_attach(ends->cert, key));
    gnutls_free(der.data);
}

static void ends_acquire(struct ends *ends)
{
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};

    if (ends->ours.server) {
        ours_certify(ends);
        auth.cCreds = 1;
        auth.paCred = &ends->cert;
    }
    ck_assert_int_eq(stream_acquire(&ends->ours, &auth), SEC_E_OK);
}

static void ends_meet_with_limit(struct ends *ends, bool ours_serves, const char *priority,
                                 size_t limit)
{
    static const struct certs_form form = {.name = "CN=localhost", .alt = "dns:localhost"};

    memset(ends, 0, sizeof(*ends));
    ends->crt = certs_make(&form, 0, NULL, 0);
    stream_init(&ends->ours, ours_serves);
    bare_open(&ends->theirs, !ours_serves, priority, NULL, &ends->ours.in);
    if (!ours_serves)
        theirs_certify(ends);
    if (limit != 0)
        ck_assert_int_eq(gnutls_record_set_max_recv_size(ends->theirs.session, limit), 0);
    ends_acquire(ends);
    ck_assert_int_eq(bare_shake(&ends->theirs, &ends->ours), 0);
    ck_assert_int_eq(ends->ours.status, SEC_E_OK);
}

static void ends_meet(struct ends *ends, bool ours_serves, const char *priority)
{
    ends_meet_with_limit(ends, ours_serves, priority, 0);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->ours);
    bare_close(&ends->theirs);
    if (ends->cert != NULL)
        CertFreeCertificateContext(ends->cert);
    gnutls_x509_crt_deinit(ends->crt);
    certs_end();
}

static struct tls_ctx *inside(struct ends *ends)
{
    struct handled *object = handle_pin(&ends->ours.ctx, HANDLE_CONTEXT);

    handle_unpin(object);
    if (!((struct tls_ctx *)object)->lanes_settled)
        tls_lanes_settle((struct tls_ctx *)object);
    return (struct tls_ctx *)object;
}

/* --- Data both ways ------------------------------------------------------------------------- */

static uint8_t plain[16384], opened[20000];

/* The next record with data; others before it are taken along. */
static void ours_hear(struct ends *ends, const void *data, size_t size)
{
    size_t got = 0;

    while (got == 0 && (size != 0 || ends->ours.in.size != 0))
        ck_assert_int_eq(stream_open(&ends->ours, opened, &got), SEC_E_OK);
    ck_assert_uint_eq(got, size);
    ck_assert_mem_eq(opened, data, size);
}

static void theirs_hear(struct ends *ends, const void *data, size_t size)
{
    size_t got = 0;

    while (got < size) {
        ssize_t code = gnutls_record_recv(ends->theirs.session, opened + got, sizeof(opened) - got);

        if (code == GNUTLS_E_AGAIN && ends->theirs.in.size != 0)
            continue;
        ck_assert_int_gt(code, 0);
        got += (size_t)code;
    }
    ck_assert_uint_eq(got, size);
    ck_assert_mem_eq(opened, data, size);
}

static void ours_say(struct ends *ends, size_t size, bool scattered)
{
    ck_assert_int_eq(stream_seal(&ends->ours, plain, size, scattered, &ends->theirs.in), SEC_E_OK);
    theirs_hear(ends, plain, size);
}

static void theirs_say(struct ends *ends, size_t size)
{
    ck_assert_int_eq(gnutls_record_send(ends->theirs.session, plain, size), (ssize_t)size);
    ours_hear(ends, plain, size);
}

static const size_t sizes[] = {1, 2, 15, 16, 17, 100, 1023, 1024, 16383, 16384};

START_TEST(data_pass_both_ways)
{
    const struct suite_case *suite = &suites[_i / 2];
    struct ends ends;

    for (size_t i = 0; i < sizeof(plain); i++)
        plain[i] = (uint8_t)(i * 7 + 3);
    ends_meet(&ends, _i % 2, suite->priority);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        ours_say(&ends, sizes[i], false);
        ours_say(&ends, sizes[i], true);
        theirs_say(&ends, sizes[i]);
    }
    ck_assert_int_eq(inside(&ends)->read_lane.aead != NULL, suite->lane);
    ck_assert_int_eq(inside(&ends)->write_lane.aead != NULL, suite->lane);
    ends_part(&ends);
}
END_TEST

/* Windows' EncryptMessage takes no data for data; GnuTLS does not. */
START_TEST(empty_message)
{
    const struct suite_case *suite = &suites[_i / 2];
    struct ends ends;

    ends_meet(&ends, _i % 2, suite->priority);
    ck_assert_int_eq(stream_seal(&ends.ours, NULL, 0, false, &ends.theirs.in),
                     suite->lane ? SEC_E_OK : SEC_E_UNSUPPORTED_FUNCTION);
    ours_say(&ends, 3, false);
    ends_part(&ends);
}
END_TEST

START_TEST(too_much_is_refused_and_harmless)
{
    struct ends ends;
    static uint8_t big[16385];

    ends_meet(&ends, false, suites[_i].priority);
    ck_assert_int_eq(stream_seal(&ends.ours, big, sizeof(big), false, &ends.theirs.in),
                     SEC_E_ENCRYPT_FAILURE);
    ck_assert_uint_eq(ends.theirs.in.size, 0);
    ours_say(&ends, 16384, false);
    ends_part(&ends);
}
END_TEST

/* RFC 8449: more than the peer takes would be fatal to it. */
START_TEST(peer_takes_small_records_only)
{
    struct ends ends;
    static const size_t limit = 600;

    ends_meet_with_limit(&ends, _i % 2, _i / 2 ? TLS12 : TLS13, limit);
    ck_assert_uint_eq(ends.ours.sizes.cbMaximumMessage, limit);
    ck_assert_int_eq(stream_seal(&ends.ours, plain, limit + 1, false, &ends.theirs.in),
                     SEC_E_ENCRYPT_FAILURE);
    ours_say(&ends, limit, false);
    theirs_say(&ends, 16384);
    ends_part(&ends);
}
END_TEST

/* --- What comes between the data ------------------------------------------------------------ */

/* RFC 8446 4.6.3: keys change once, or once on each side. */
START_TEST(peer_renews_its_keys)
{
    struct ends ends;
    bool answer = _i / 2;

    ends_meet(&ends, _i % 2, TLS13);
    for (unsigned round = 0; round < 5; round++) {
        ck_assert_int_eq(
            gnutls_session_key_update(ends.theirs.session, answer ? GNUTLS_KU_PEER : 0), 0);
        theirs_say(&ends, 100);
        /* The answer goes before our next data, in what one message has room for. */
        ours_say(&ends, 100, round % 2);
        theirs_say(&ends, 100);
        ours_say(&ends, 16384, false);
    }
    ck_assert_ptr_nonnull(inside(&ends)->read_lane.aead);
    ends_part(&ends);
}
END_TEST

START_TEST(keys_serve_for_so_many_records)
{
    struct ends ends;
    struct tls_ctx *tls;
    static const unsigned char last[8] = {0, 0, 0, 0, 0, 0xff, 0xff, 0xff};

    ends_meet(&ends, _i, TLS13);
    tls = inside(&ends);
    ours_say(&ends, 1, false); /* after the tickets */
    tls->write_lane.sequence = (1U << 24) - 1;
    ck_assert_int_eq(gnutls_record_set_state(ends.theirs.session, 1, last), 0);
    ours_say(&ends, 10, false);
    ck_assert_uint_eq(tls->write_lane.sequence, 1U << 24);
    ours_say(&ends, 10, false);
    ck_assert_uint_eq(tls->write_lane.sequence, 1);
    ours_say(&ends, 10, true);
    ends_part(&ends);
}
END_TEST

/* The session counts what it sends by itself, and the lanes go on from there. */
START_TEST(alert_goes_between_data)
{
    struct ends ends;
    uint8_t alert[] = {GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED};
    uint8_t block[128];
    SecBuffer buffers[] = {{0, SECBUFFER_STREAM_HEADER, block},
                           {2, SECBUFFER_DATA, NULL},
                           {0, SECBUFFER_STREAM_TRAILER, NULL},
                           {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

    ends_meet(&ends, _i % 2, _i / 2 ? TLS12 : TLS13);
    ours_say(&ends, 10, false);
    buffers[0].cbBuffer = ends.ours.sizes.cbHeader;
    buffers[1].pvBuffer = memcpy(block + buffers[0].cbBuffer, alert, 2);
    buffers[2].cbBuffer = ends.ours.sizes.cbTrailer;
    buffers[2].pvBuffer = block + buffers[0].cbBuffer + 2;
    ck_assert_int_eq(EncryptMessage(&ends.ours.ctx, SECQOP_WRAP_OOB_DATA, &list, 0), SEC_E_OK);
    flow_add(&ends.theirs.in, block,
             buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
    /* RFC 8446 6: in TLS 1.3 each means the end. */
    ck_assert_int_eq(gnutls_record_recv(ends.theirs.session, opened, sizeof(opened)),
                     _i / 2 ? GNUTLS_E_WARNING_ALERT_RECEIVED : GNUTLS_E_FATAL_ALERT_RECEIVED);
    ck_assert_int_eq(gnutls_alert_get(ends.theirs.session), GNUTLS_A_USER_CANCELED);
    if (_i / 2) {
        ours_say(&ends, 10, false);
        theirs_say(&ends, 10);
    }
    ends_part(&ends);
}
END_TEST

START_TEST(warning_of_the_peer_is_passed_over)
{
    struct ends ends;

    ends_meet(&ends, _i, TLS12);
    ck_assert_int_eq(
        gnutls_alert_send(ends.theirs.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), 0);
    theirs_say(&ends, 10);
    ours_say(&ends, 10, false);
    ends_part(&ends);
}
END_TEST

START_TEST(fatal_alert_ends_it)
{
    struct ends ends;
    size_t got;

    ends_meet(&ends, _i % 2, _i / 2 ? TLS12 : TLS13);
    ck_assert_int_eq(
        gnutls_alert_send(ends.theirs.session, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED), 0);
    while (stream_open(&ends.ours, opened, &got) == SEC_E_OK)
        ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_CONTEXT_EXPIRED);
    ck_assert_int_eq(stream_seal(&ends.ours, "x", 1, false, &ends.theirs.in),
                     SEC_E_CONTEXT_EXPIRED);
    ends_part(&ends);
}
END_TEST

START_TEST(close_notify_passes_both_ways)
{
    struct ends ends;
    size_t got;
    SECURITY_STATUS status;

    ends_meet(&ends, _i % 2, _i / 2 ? TLS12 : TLS13);
    ck_assert_int_eq(gnutls_bye(ends.theirs.session, GNUTLS_SHUT_WR), 0);
    while ((status = stream_open(&ends.ours, opened, &got)) == SEC_E_OK)
        ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(status, SEC_I_CONTEXT_EXPIRED);
    ours_say(&ends, 10, false); /* one direction is closed, the other is not */
    stream_shutdown(&ends.ours, &ends.theirs.in);
    ck_assert_int_eq(gnutls_record_recv(ends.theirs.session, opened, sizeof(opened)), 0);
    ck_assert_int_eq(stream_seal(&ends.ours, "x", 1, false, &ends.theirs.in),
                     SEC_E_CONTEXT_EXPIRED);
    ends_part(&ends);
}
END_TEST

/* --- What is not what it should be ---------------------------------------------------------- */

static void theirs_post(struct ends *ends, size_t size)
{
    ck_assert_int_eq(gnutls_record_send(ends->theirs.session, plain, size), (ssize_t)size);
}

/* Tickets come first; what follows is one record of data. */
static void skip_tickets(struct ends *ends)
{
    size_t got = 0;

    theirs_post(ends, 1);
    while (got == 0)
        ck_assert_int_eq(stream_open(&ends->ours, opened, &got), SEC_E_OK);
}

START_TEST(altered_record_ends_it_and_shows_nothing)
{
    struct ends ends;
    size_t got, length;
    SECURITY_STATUS status;
    uint8_t *record;

    memset(plain, 'p', sizeof(plain));
    ends_meet(&ends, _i % 2, suites[_i / 2].priority);
    skip_tickets(&ends);
    theirs_post(&ends, 200);
    length = ends.ours.in.size;
    record = ends.ours.in.data;
    record[length - 1] ^= 1;
    status = stream_open(&ends.ours, opened, &got);
    ck_assert_int_eq(status, SEC_E_MESSAGE_ALTERED);
    for (size_t i = 0; i < length; i++)
        ck_assert_uint_ne(record[i], 'p');
    ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_CONTEXT_EXPIRED);
    ends_part(&ends);
}
END_TEST

START_TEST(every_bit_counts)
{
    struct ends ends;
    struct tls_ctx *tls;
    struct lane kept;
    uint8_t record[64];
    size_t size, got;

    ends_meet(&ends, true, _i ? TLS12 : TLS13);
    tls = inside(&ends);
    theirs_post(&ends, 5);
    size = ends.ours.in.size;
    memcpy(record, ends.ours.in.data, size);
    kept = tls->read_lane;
    for (size_t bit = 0; bit < size * 8; bit++) {
        SECURITY_STATUS status;

        memcpy(ends.ours.in.data, record, size);
        ends.ours.in.size = size;
        ends.ours.in.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        status = stream_open(&ends.ours, opened, &got);
        ck_assert_msg(status < 0, "bit %zu: 0x%08x", bit, (unsigned)status);
        if (status != SEC_E_INCOMPLETE_MESSAGE && status != SEC_E_INVALID_TOKEN &&
            tls->read_lane.aead == NULL)
            break; /* the session took part and is over */
        tls->base.state = CTX_ESTABLISHED;
        tls->read_lane.sequence = kept.sequence;
    }
    ends_part(&ends);
}
END_TEST

START_TEST(replayed_and_reordered_records_are_refused)
{
    struct ends ends;
    uint8_t first[128];
    size_t size, got;

    ends_meet(&ends, true, _i % 2 ? TLS12 : TLS13);
    theirs_post(&ends, 5);
    size = ends.ours.in.size;
    memcpy(first, ends.ours.in.data, size);
    if (_i / 2) { /* the second one first */
        theirs_post(&ends, 5);
        flow_drop(&ends.ours.in, size);
    } else {
        ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_OK);
        flow_add(&ends.ours.in, first, size);
    }
    ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_MESSAGE_ALTERED);
    ends_part(&ends);
}
END_TEST

/* A record that our own lane seals with the peer's key: what a session would never send. */
static void forge(struct ends *ends, const uint8_t *inner, size_t size)
{
    struct lane lane = {.aead = NULL};
    uint8_t head[5] = {RECORD_DATA, 3, 3, 0, 0}, *record = malloc(5 + size + 16);
    size_t sealed = size + 16;
    uint8_t nonce[12];

    lane_take(&lane, ends->theirs.session, false);
    ck_assert_ptr_nonnull(lane.aead);
    memcpy(nonce, lane.iv, sizeof(nonce));
    for (unsigned i = 0; i < 8; i++)
        nonce[11 - i] ^= (uint8_t)(lane.sequence >> 8 * i);
    head[3] = (uint8_t)(sealed >> 8);
    head[4] = (uint8_t)sealed;
    memcpy(record, head, 5);
    ck_assert_int_eq(gnutls_aead_cipher_encrypt(lane.aead, nonce, 12, head, 5, 16, inner, size,
                                                record + 5, &sealed),
                     0);
    flow_add(&ends->ours.in, record, 5 + sealed);
    lane.sequence++;
    lane_give(&lane, ends->theirs.session, false);
    lane_close(&lane);
    free(record);
}

static uint8_t inner[16384 + 300];

static const struct forgery {
    size_t size, content; /* of the inner plain text; where its type stands */
    uint8_t type, first;
    SECURITY_STATUS status;
} forgeries[] = {
    {6, 5, RECORD_DATA, 0, SEC_E_OK},
    {200, 5, RECORD_DATA, 0, SEC_E_OK}, /* padding (RFC 8446 5.4) */
    {1, 0, RECORD_DATA, 0, SEC_E_OK},   /* nothing at all is data as well */
    {6, 6, 0, 0, SEC_E_ILLEGAL_MESSAGE},
    {0, 0, 0, 0, SEC_E_ILLEGAL_MESSAGE},
    {6, 5, 99, 0, SEC_E_ILLEGAL_MESSAGE},
    {16385, 16384, RECORD_DATA, 0, SEC_E_OK},
    {16386, 16385, RECORD_DATA, 0, SEC_E_ILLEGAL_MESSAGE},
    {16385, 16000, RECORD_DATA, 0, SEC_E_OK},
    {16386, 16000, RECORD_DATA, 0, SEC_E_ILLEGAL_MESSAGE}, /* padding counts as well */
    {16384 + 240, 16384, RECORD_DATA, 0, SEC_E_ILLEGAL_MESSAGE},
    {16384 + 241, 16384, RECORD_DATA, 0, SEC_E_ILLEGAL_MESSAGE},
};

START_TEST(forged_records_of_tls_1_3)
{
    const struct forgery *forgery = &forgeries[_i];
    struct ends ends;
    size_t got = 0;
    SECURITY_STATUS status;

    memset(inner, 0, sizeof(inner));
    memset(inner, 'x', forgery->content);
    if (forgery->content < forgery->size)
        inner[forgery->content] = forgery->type;
    if (forgery->type == 0)
        memset(inner, 0, sizeof(inner));
    ends_meet(&ends, true, TLS13);
    forge(&ends, inner, forgery->size);
    status = stream_open(&ends.ours, opened, &got);
    ck_assert_msg(forgery->status == SEC_E_OK ? status == SEC_E_OK : status < 0, "0x%08x",
                  (unsigned)status);
    if (status == SEC_E_OK)
        ck_assert_uint_eq(got, forgery->content);
    ends_part(&ends);
}
END_TEST

/* RFC 8446 5.1: data must not come between the parts of a handshake message. */
START_TEST(data_inside_a_handshake_message_are_refused)
{
    struct ends ends;
    size_t got;
    static const uint8_t half_ticket[] = {4, 0, 0, 100, 1, 2, 3, RECORD_HANDSHAKE};

    ends_meet(&ends, false, TLS13);
    skip_tickets(&ends);
    forge(&ends, half_ticket, sizeof(half_ticket));
    ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_OK);
    ck_assert_uint_eq(got, 0);
    theirs_post(&ends, 5);
    ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_ILLEGAL_MESSAGE);
    ends_part(&ends);
}
END_TEST

/* RFC 8446 5.1, 5.4: handshake messages that their records must not hold. */
START_TEST(odd_handshake_records_are_refused)
{
    static const struct {
        size_t size;
        uint8_t inner[12];
    } records[] = {
        {1, {RECORD_HANDSHAKE}}, /* nothing */
        {11, {24, 0, 0, 1, 0, 24, 0, 0, 1, 0, RECORD_HANDSHAKE}},
        {7, {24, 0, 0, 1, 0, 24, RECORD_HANDSHAKE}}, /* new keys, and the start of more */
    };
    struct ends ends;
    size_t got;

    ends_meet(&ends, true, TLS13);
    forge(&ends, records[_i].inner, records[_i].size);
    ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_ILLEGAL_MESSAGE);
    ends_part(&ends);
}
END_TEST

/* RFC 8446 4.6.3: a request for new keys is answered however it comes. */
START_TEST(request_for_new_keys_in_parts)
{
    static const uint8_t request[] = {24, 0, 0, 1, 1};
    struct ends ends;
    size_t got;

    ends_meet(&ends, true, TLS13);
    for (size_t i = 0; i < sizeof(request); i++) {
        const uint8_t part[] = {request[i], RECORD_HANDSHAKE};

        forge(&ends, part, sizeof(part));
        ck_assert_int_eq(stream_open(&ends.ours, opened, &got), SEC_E_OK);
        ck_assert(atomic_load(&inside(&ends)->update_wanted) == (i == sizeof(request) - 1));
    }
    ends_part(&ends);
}
END_TEST

START_TEST(flood_of_empty_messages_is_refused)
{
    struct ends ends;
    size_t got, count = 0;
    static const uint8_t empty[] = {RECORD_DATA};
    SECURITY_STATUS status;

    ends_meet(&ends, true, TLS13);
    do {
        forge(&ends, empty, sizeof(empty));
        status = stream_open(&ends.ours, opened, &got);
    } while (status == SEC_E_OK && ++count < 1000);
    ck_assert_int_eq(status, SEC_E_ILLEGAL_MESSAGE);
    ck_assert_uint_eq(count, 200);
    ends_part(&ends);
}
END_TEST

/* --- TLS 1.2 shakes hands again ------------------------------------------------------------- */

START_TEST(server_asks_for_another_handshake)
{
    struct ends ends;
    size_t got = 0;
    SECURITY_STATUS status;

    ends_meet(&ends, false, TLS12);
    ours_say(&ends, 10, false);
    ck_assert_int_eq(gnutls_rehandshake(ends.theirs.session), 0);
    while ((status = stream_open(&ends.ours, opened, &got)) == SEC_E_OK)
        ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(status, SEC_I_RENEGOTIATE);
    ck_assert_int_eq(stream_seal(&ends.ours, "x", 1, false, &ends.theirs.in),
                     SEC_E_CONTEXT_EXPIRED);
    ends.ours.arrived = 0;
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(bare_shake(&ends.theirs, &ends.ours), 0);
    ck_assert_int_eq(ends.ours.status, SEC_E_OK);
    ours_say(&ends, 10, false);
    theirs_say(&ends, 10);
    ends_part(&ends);
}
END_TEST

START_TEST(client_begins_another_handshake)
{
    struct ends ends;
    size_t got = 0;
    SECURITY_STATUS status;

    ends_meet(&ends, true, TLS12);
    theirs_say(&ends, 10);
    ck_assert_int_eq(gnutls_handshake(ends.theirs.session), GNUTLS_E_AGAIN);
    while ((status = stream_open(&ends.ours, opened, &got)) == SEC_E_OK)
        ck_assert_uint_eq(got, 0);
    ck_assert_int_eq(status, SEC_I_RENEGOTIATE);
    ends.ours.arrived = 0;
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(bare_shake(&ends.theirs, &ends.ours), 0);
    ck_assert_int_eq(ends.ours.status, SEC_E_OK);
    ours_say(&ends, 10, false);
    theirs_say(&ends, 10);
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS records");
    TCase *tc = tcase_create("data");

    tcase_add_loop_test(tc, data_pass_both_ways, 0, 2 * COUNT(suites));
    tcase_add_loop_test(tc, empty_message, 0, 2 * COUNT(suites));
    tcase_add_loop_test(tc, too_much_is_refused_and_harmless, 0, COUNT(suites));
    tcase_add_loop_test(tc, peer_takes_small_records_only, 0, 4);
    suite_add_tcase(s, tc);
    tc = tcase_create("between data");
    tcase_add_loop_test(tc, peer_renews_its_keys, 0, 4);
    tcase_add_loop_test(tc, keys_serve_for_so_many_records, 0, 2);
    tcase_add_loop_test(tc, alert_goes_between_data, 0, 4);
    tcase_add_loop_test(tc, warning_of_the_peer_is_passed_over, 0, 2);
    tcase_add_loop_test(tc, fatal_alert_ends_it, 0, 4);
    tcase_add_loop_test(tc, close_notify_passes_both_ways, 0, 4);
    tcase_add_test(tc, server_asks_for_another_handshake);
    tcase_add_test(tc, client_begins_another_handshake);
    suite_add_tcase(s, tc);
    tc = tcase_create("refused");
    tcase_add_loop_test(tc, altered_record_ends_it_and_shows_nothing, 0, 2 * COUNT(suites));
    tcase_add_loop_test(tc, every_bit_counts, 0, 2);
    tcase_add_loop_test(tc, replayed_and_reordered_records_are_refused, 0, 4);
    tcase_add_loop_test(tc, forged_records_of_tls_1_3, 0, COUNT(forgeries));
    tcase_add_test(tc, data_inside_a_handshake_message_are_refused);
    tcase_add_loop_test(tc, odd_handshake_records_are_refused, 0, 3);
    tcase_add_test(tc, request_for_new_keys_in_parts);
    tcase_add_test(tc, flood_of_empty_messages_is_refused);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
