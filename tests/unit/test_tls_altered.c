/* SPDX-License-Identifier: MIT */
/*
 * Flights of a handshake cut short at every octet and altered in every bit, for both roles and
 * versions: an end that was lied to fails, waits, or notices at the latest with the next flight.
 * Records after it the same, of each kind: by the lanes and by the session.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"

/*
 * Sanitizers make a handshake take several times as long: there each octet loses one bit, another
 * one in each flight, and prefixes end at each of the first octets and then at every seventh.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SPARSE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SPARSE 1
#endif
#endif
#ifndef SPARSE
#define SPARSE 0
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* One program for each version, so that they run side by side. */
#ifndef ALTERED_VERSION
#define ALTERED_VERSION SP_PROT_TLS1_2
#endif

/* Certificates are small, so that flights are short. */
#define SERVER_EC  0
#define SERVER_RSA CERTS_RSA_1024
#define CLIENT_KEY 1

static const struct setting {
    const char *name;
    unsigned key;   /* the server's */
    bool certified; /* the client has a certificate, and is asked for it */
    bool resumed;
} settings[] = {
    {"ECDSA", SERVER_EC, false, false},
    {"RSA", SERVER_RSA, false, false},
    {"ECDSA with both certificates", SERVER_EC, true, false},
    {"RSA with both certificates", SERVER_RSA, true, false},
    {"resumed", SERVER_EC, false, true},
};

/* No handshake has more; a test's number is that of a setting and a flight. */
#define FLIGHTS 4
#define TESTS   ((int)COUNT(settings) * FLIGHTS)

struct ends {
    const struct setting *setting;
    struct ident ident, client_ident;
    struct stream client, server;
};

static void ends_open(struct ends *ends, const struct setting *setting)
{
    DWORD flags = setting->resumed ? 0 : SCH_CRED_DISABLE_RECONNECTS;

    memset(ends, 0, sizeof(*ends));
    ends->setting = setting;
    ident_make(&ends->ident, "CN=localhost", setting->key);
    ident_make(&ends->client_ident, "CN=client", CLIENT_KEY);
    stream_init(&ends->client, false);
    stream_init(&ends->server, true);
    if (setting->certified)
        ends->server.request |= ASC_REQ_MUTUAL_AUTH;
    ck_assert_int_eq(ident_acquire(&ends->client, ALTERED_VERSION,
                                   setting->certified ? &ends->client_ident : NULL, flags),
                     SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&ends->server, ALTERED_VERSION, &ends->ident, flags), SEC_E_OK);
}

static void ends_renew(struct ends *ends)
{
    stream_close(&ends->client);
    stream_close(&ends->server);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->client);
    stream_free(&ends->server);
    ident_free(&ends->client_ident);
    ident_free(&ends->ident);
    certs_end();
}

static bool client_resumes(struct ends *ends)
{
    SecPkgContext_SessionInfo info;

    ck_assert_int_eq(QueryContextAttributesA(&ends->client.ctx, SECPKG_ATTR_SESSION_INFO, &info),
                     SEC_E_OK);
    return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

/* Two ends that have met see the same. */
static void ends_agree(struct ends *ends)
{
    stream_say(&ends->client, &ends->server, "both see the same");
    stream_say(&ends->server, &ends->client, "and agree");
}

/* Whatever has happened, both credentials serve as before. What was said brings a ticket too. */
static void ends_meet(struct ends *ends)
{
    ends_renew(ends);
    stream_establish(&ends->client, &ends->server);
    ends_agree(ends);
}

/* Legs up to where a flight waits to be read; flight 0 is the client's first. NULL: no such one. */
static struct stream *lead_to(struct ends *ends, unsigned flight)
{
    struct stream *from = &ends->client, *to = &ends->server, *next;

    if (ends->setting->resumed) /* which takes a session each time */
        ends_meet(ends);
    ends_renew(ends);
    stream_leg(from, &to->in);
    for (unsigned i = 0; i < flight; i++) {
        next = from;
        from = to;
        to = next;
        if (from->status == SEC_E_OK)
            return NULL;
        stream_leg(from, &to->in);
    }
    return to->status == SEC_E_OK || to->in.size == 0 ? NULL : to;
}

/* ---- What may come of it -------------------------------------------------------------------- */

/*
 * What nothing vouches for: type and version of a record, of which the version means nothing
 * (RFC 8446 5.1), and the single octet of ChangeCipherSpec. GnuTLS looks at them with indulgence.
 */
static bool is_outside(const struct flow *flow, size_t at)
{
    size_t start = 0, size;

    for (;; start += size) {
        size = 5U + (size_t)(flow->data[start + 3] << 8 | flow->data[start + 4]);
        if (at < start + size)
            return at - start < 3 || (flow->data[start] == 20 && at - start == 5);
    }
}

/* What an end says of what it was sent. */
static const SECURITY_STATUS clear[] = {
    SEC_E_ALGORITHM_MISMATCH,   SEC_E_CERT_UNKNOWN,  SEC_E_DECRYPT_FAILURE,
    SEC_E_ILLEGAL_MESSAGE,      SEC_E_INVALID_TOKEN, SEC_E_MESSAGE_ALTERED,
    SEC_E_UNSUPPORTED_FUNCTION, /* another version */
};

static bool clear_has(SECURITY_STATUS status)
{
    for (size_t i = 0; i < COUNT(clear); i++)
        if (clear[i] == status)
            return true;
    return false;
}

/* An end that has failed says of what, and does nothing any more. */
static void expect_clear(struct stream *end, struct flow *out)
{
    if (end->status >= 0 || end->status == SEC_E_INCOMPLETE_MESSAGE)
        return;
    ck_assert_msg(clear_has(end->status), "0x%08x", (unsigned)end->status);
    if (!end->ctx_open)
        return;
    stream_leg(end, out);
    ck_assert_int_eq(end->status, SEC_E_CONTEXT_EXPIRED);
}

/* Both have what they were sent, of which one octet is another. */
static void expect_no_connection(struct ends *ends, unsigned flight, size_t at, bool outside)
{
    if (stream_shake(&ends->client, &ends->server)) {
        ck_assert_msg(outside, "%s: flight %u, octet %zu", ends->setting->name, flight, at);
        ends_agree(ends);
        return;
    }
    expect_clear(&ends->client, &ends->server.in);
    expect_clear(&ends->server, &ends->client.in);
}

/* ---- Bits ----------------------------------------------------------------------------------- */

/* False where the flight has no such octet: signatures differ in length. */
static bool alter(struct ends *ends, unsigned flight, size_t at, unsigned bit)
{
    struct stream *to = lead_to(ends, flight);
    bool outside;

    if (to == NULL || at >= to->in.size)
        return false;
    outside = is_outside(&to->in, at);
    to->in.data[at] ^= (uint8_t)(1U << bit);
    expect_no_connection(ends, flight, at, outside);
    return true;
}

START_TEST(altered_flight_makes_no_connection)
{
    const struct setting *setting = &settings[_i / FLIGHTS];
    unsigned flight = (unsigned)_i % FLIGHTS;
    struct ends ends;
    bool there = true;

    ends_open(&ends, setting);
    for (size_t at = 0; there; at++) {
        unsigned first = SPARSE ? (unsigned)(at * 5 + flight) % 8 : 0;

        for (unsigned bit = first; there && bit < (SPARSE ? first + 1 : 8); bit++)
            there = alter(&ends, flight, at, bit);
    }
    ends_meet(&ends);
    ends_part(&ends);
}
END_TEST

/* ---- Prefixes ------------------------------------------------------------------------------- */

START_TEST(cut_flight_waits_for_the_rest)
{
    unsigned flight = (unsigned)_i % FLIGHTS;
    struct ends ends;
    struct stream *to;

    ends_open(&ends, &settings[_i / FLIGHTS]);
    for (size_t at = 1;; at += SPARSE && at >= 16 ? 7 : 1) {
        to = lead_to(&ends, flight);
        if (to == NULL || at >= to->in.size)
            break;
        to->chunk = at;
        stream_leg(to, to->server ? &ends.client.in : &ends.server.in);
        ck_assert_msg(to->status == SEC_E_INCOMPLETE_MESSAGE ||
                          to->status == SEC_I_CONTINUE_NEEDED || to->status == SEC_E_OK,
                      "0x%08x", (unsigned)to->status);
        to->chunk = 0;
        stream_establish(&ends.client, &ends.server);
        ends_agree(&ends);
    }
    ends_part(&ends);
}
END_TEST

/* What the settings say is so, else the tests above look at something else. */
START_TEST(settings_are_what_they_say)
{
    const struct setting *setting = &settings[_i];
    struct ends ends;
    PCCERT_CONTEXT cert = NULL;

    ends_open(&ends, setting);
    ends_meet(&ends);
    ends_meet(&ends);
    ck_assert(client_resumes(&ends) == setting->resumed);
    QueryContextAttributesA(&ends.server.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert);
    ck_assert((cert != NULL) == setting->certified);
    CertFreeCertificateContext(cert);
    ends_part(&ends);
}
END_TEST

/* ---- Records -------------------------------------------------------------------------------- */

#define SAYING "what nobody alters"

static void send_data(gnutls_session_t session)
{
    ck_assert_int_eq(gnutls_record_send(session, SAYING, sizeof(SAYING)), sizeof(SAYING));
}

static void send_close(gnutls_session_t session)
{
    ck_assert_int_eq(gnutls_bye(session, GNUTLS_SHUT_WR), 0);
}

static void send_keys(gnutls_session_t session)
{
    ck_assert_int_eq(gnutls_session_key_update(session, GNUTLS_KU_PEER), 0);
}

static const struct record_case {
    const char *name;
    bool tls13, client;             /* only there; only of a server */
    void (*send)(gnutls_session_t); /* NULL: it is there after the handshake */
    SECURITY_STATUS status;         /* when it comes as it was sent */
    size_t size;                    /* of the data in it */
} records[] = {
    {"data", false, false, send_data, SEC_E_OK, sizeof(SAYING)},
    {"close_notify", false, false, send_close, SEC_I_CONTEXT_EXPIRED, 0},
    {"KeyUpdate", true, false, send_keys, SEC_E_OK, 0},
    {"a ticket", true, true, NULL, SEC_E_OK, 0},
};

/* Our end reads what a bare one sends. */
struct reader {
    const struct record_case *record;
    struct ident ident;
    gnutls_datum_t tickets;
    struct stream ours;
    struct bare theirs;
};

static void reader_open(struct reader *reader, const struct record_case *record, bool server)
{
    memset(reader, 0, sizeof(*reader));
    reader->record = record;
    ident_make(&reader->ident, "CN=localhost", SERVER_EC);
    ck_assert_int_eq(gnutls_session_ticket_key_generate(&reader->tickets), 0);
    stream_init(&reader->ours, server);
    ck_assert_int_eq(ident_acquire(&reader->ours, ALTERED_VERSION, server ? &reader->ident : NULL,
                                   SCH_CRED_DISABLE_RECONNECTS),
                     SEC_E_OK);
}

/* One record of that kind has arrived. */
static void reader_meet(struct reader *reader)
{
    bool ticket = reader->record->send == NULL;

    bare_open(&reader->theirs, !reader->ours.server, ident_priority(ALTERED_VERSION), NULL,
              &reader->ours.in);
    if (!reader->ours.server)
        ident_give(&reader->ident, &reader->theirs);
    if (ticket)
        ck_assert_int_eq(
            gnutls_session_ticket_enable_server(reader->theirs.session, &reader->tickets), 0);
    ck_assert_int_eq(bare_shake(&reader->theirs, &reader->ours), 0);
    ck_assert_int_eq(reader->ours.status, SEC_E_OK);
    if (ticket) /* they come in a row: one will do */
        reader->ours.in.size =
            5U + (size_t)(reader->ours.in.data[3] << 8 | reader->ours.in.data[4]);
    else
        reader->record->send(reader->theirs.session);
    ck_assert_uint_ne(reader->ours.in.size, 0);
}

static void reader_part(struct reader *reader)
{
    stream_close(&reader->ours);
    bare_close(&reader->theirs);
}

static void reader_free(struct reader *reader)
{
    stream_free(&reader->ours);
    gnutls_free(reader->tickets.data);
    ident_free(&reader->ident);
    certs_end();
}

/* It is opened as it was sent. */
static void expect_record(struct reader *reader)
{
    uint8_t data[256];
    size_t size;

    ck_assert_int_eq(stream_open(&reader->ours, data, &size), reader->record->status);
    ck_assert_uint_eq(size, reader->record->size);
    ck_assert_mem_eq(data, SAYING, size);
    ck_assert_uint_eq(reader->ours.in.size, 0);
}

/* GnuTLS does not look at a record's version in TLS 1.3, where it means nothing. */
static void expect_refusal(struct reader *reader, size_t at)
{
    uint8_t data[256];
    size_t size;
    SECURITY_STATUS status = stream_open(&reader->ours, data, &size);

    if (status >= 0) {
        ck_assert_msg(at == 1 || at == 2, "%s: octet %zu", reader->record->name, at);
        ck_assert_int_eq(status, reader->record->status);
        ck_assert_uint_eq(size, reader->record->size);
        return;
    }
    ck_assert_uint_eq(size, 0);
    if (status == SEC_E_INCOMPLETE_MESSAGE) { /* it says that it is longer */
        ck_assert(at == 3 || at == 4);
        return;
    }
    ck_assert_msg(clear_has(status), "0x%08x", (unsigned)status);
    ck_assert_int_eq(stream_open(&reader->ours, data, &size), SEC_E_CONTEXT_EXPIRED);
}

/* A test's number is that of a record, of our role, and of who opens records. */
#define RECORD_TESTS ((int)COUNT(records) * 4)

static bool record_chosen(int number, struct reader *reader)
{
    const struct record_case *record = &records[number / 4];
    bool server = number % 2;

    if ((record->tls13 && ALTERED_VERSION != SP_PROT_TLS1_3) || (record->client && server))
        return false;
    setenv("SSPI_SCHANNEL", number / 2 % 2 ? "session" : "", 1);
    reader_open(reader, record, server);
    return true;
}

START_TEST(altered_record_is_refused)
{
    struct reader reader;
    size_t bits = 8;

    if (!record_chosen(_i, &reader))
        return;
    for (size_t bit = 0; bit < bits; bit += SPARSE ? 5 : 1) {
        reader_meet(&reader);
        bits = 8 * reader.ours.in.size;
        reader.ours.in.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        expect_refusal(&reader, bit / 8);
        reader_part(&reader);
    }
    reader_meet(&reader);
    expect_record(&reader);
    reader_part(&reader);
    reader_free(&reader);
}
END_TEST

START_TEST(cut_record_waits_for_the_rest)
{
    struct reader reader;
    uint8_t data[256];
    size_t whole, size;

    if (!record_chosen(_i, &reader))
        return;
    reader_meet(&reader);
    whole = reader.ours.in.size;
    for (size_t cut = 0; cut < whole; cut++) {
        reader.ours.in.size = cut;
        ck_assert_int_eq(stream_open(&reader.ours, data, &size), SEC_E_INCOMPLETE_MESSAGE);
    }
    reader.ours.in.size = whole;
    expect_record(&reader);
    reader_part(&reader);
    reader_free(&reader);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS handshakes altered");
    TCase *tc = tcase_create("flights");

    tcase_add_loop_test(tc, settings_are_what_they_say, 0, (int)COUNT(settings));
    tcase_add_loop_test(tc, cut_flight_waits_for_the_rest, 0, TESTS);
    tcase_add_loop_test(tc, altered_flight_makes_no_connection, 0, TESTS);
    suite_add_tcase(s, tc);
    tc = tcase_create("records");
    tcase_add_loop_test(tc, cut_record_waits_for_the_rest, 0, RECORD_TESTS);
    tcase_add_loop_test(tc, altered_record_is_refused, 0, RECORD_TESTS);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
