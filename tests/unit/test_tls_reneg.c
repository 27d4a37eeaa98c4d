/* SPDX-License-Identifier: MIT */
/* Another handshake of TLS 1.2 on a connection that is in use: data come between its messages. */
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const suites[] = {
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CHACHA20-POLY1305",
    "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-CBC:-MAC-ALL:+SHA1",
};

#define RECORD 16384U
#define ROOM   (40U * RECORD)

struct ends {
    struct stream ours;
    struct bare theirs;
    struct ident ident;
    uint8_t *said, *heard;
    size_t said_size, heard_size;
};

static void ends_meet(struct ends *ends, bool ours_serves, const char *priority)
{
    memset(ends, 0, sizeof(*ends));
    ends->said = malloc(ROOM);
    ends->heard = malloc(ROOM);
    for (size_t i = 0; i < ROOM; i++)
        ends->said[i] = (uint8_t)(i * 7 + i / 251);
    ident_make(&ends->ident, "CN=localhost", IDENT_EC);
    stream_init(&ends->ours, ours_serves);
    bare_open(&ends->theirs, !ours_serves, priority, NULL, &ends->ours.in);
    if (!ours_serves)
        ident_give(&ends->ident, &ends->theirs);
    ck_assert_int_eq(ident_acquire(&ends->ours, 0, ours_serves ? &ends->ident : NULL, 0), SEC_E_OK);
    ck_assert_int_eq(bare_shake(&ends->theirs, &ends->ours), 0);
    ck_assert_int_eq(ends->ours.status, SEC_E_OK);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->ours);
    bare_close(&ends->theirs);
    ident_free(&ends->ident);
    certs_end();
    free(ends->said);
    free(ends->heard);
}

/* The next octets of what the peer has to say. */
static void theirs_say(struct ends *ends, size_t size)
{
    ck_assert_uint_le(ends->said_size + size, ROOM);
    while (size != 0) {
        size_t part = size < RECORD ? size : RECORD;

        ck_assert_int_eq(
            gnutls_record_send(ends->theirs.session, ends->said + ends->said_size, part),
            (ssize_t)part);
        ends->said_size += part;
        size -= part;
    }
}

/* One message. */
static SECURITY_STATUS ours_hear(struct ends *ends)
{
    uint8_t data[RECORD + 2048];
    size_t size = 0;
    SECURITY_STATUS status = stream_open(&ends->ours, data, &size);

    ck_assert_uint_le(size, RECORD);
    ck_assert_uint_le(ends->heard_size + size, ROOM);
    memcpy(ends->heard + ends->heard_size, data, size);
    ends->heard_size += size;
    return status;
}

/* Data, until there is something else. */
static SECURITY_STATUS ours_hear_all(struct ends *ends)
{
    SECURITY_STATUS status = SEC_E_OK;

    while (status == SEC_E_OK && ends->ours.in.size != 0) {
        size_t before = ends->ours.in.size;

        status = ours_hear(ends);
        if (status == SEC_E_OK)
            ck_assert_uint_lt(ends->ours.in.size, before); /* or some programs would wait */
    }
    ends->ours.arrived = 0;
    return status;
}

static void all_was_heard(const struct ends *ends)
{
    ck_assert_uint_eq(ends->heard_size, ends->said_size);
    ck_assert_mem_eq(ends->heard, ends->said, ends->said_size);
}

/* Both are there, and can be used as before. */
static void both_go_on(struct ends *ends)
{
    uint8_t echo[4];

    ck_assert_int_eq(stream_seal(&ends->ours, "echo", 4, false, &ends->theirs.in), SEC_E_OK);
    ck_assert_int_eq(gnutls_record_recv(ends->theirs.session, echo, sizeof(echo)), 4);
    ck_assert_mem_eq(echo, "echo", 4);
    theirs_say(ends, 10);
    ck_assert_int_eq(ours_hear_all(ends), SEC_E_OK);
    all_was_heard(ends);
}

/* --- A server that asks for it -------------------------------------------------------------- */

/* amounts of data: before its ServerHello and between that and the client's answer */
static const struct amounts {
    size_t before, within;
} amounts[] = {{1, 0}, {0, 1}, {100, 100}, {3 * RECORD, 0}, {20 * RECORD - 1, 10 * RECORD + 1}};

static void client_is_asked(struct ends *ends, const struct amounts *amount)
{
    theirs_say(ends, 10);
    ck_assert_int_eq(gnutls_rehandshake(ends->theirs.session), 0);
    theirs_say(ends, amount->before);
    ck_assert_int_eq(ours_hear_all(ends), SEC_I_RENEGOTIATE);
    ck_assert_int_eq(stream_leg(&ends->ours, &ends->theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(gnutls_handshake(ends->theirs.session), GNUTLS_E_AGAIN);
    theirs_say(ends, amount->within);
}

START_TEST(data_of_a_server_come_between)
{
    const struct amounts *amount = &amounts[(size_t)_i / COUNT(suites)];
    struct ends ends;

    ends_meet(&ends, false, suites[(size_t)_i % COUNT(suites)]);
    client_is_asked(&ends, amount);
    ck_assert_int_eq(bare_shake(&ends.theirs, &ends.ours), 0);
    ck_assert_int_eq(ends.ours.status, SEC_E_OK);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_E_OK);
    all_was_heard(&ends);
    ck_assert_uint_gt(ends.ours.kept, 0);
    both_go_on(&ends);
    ends_part(&ends);
}
END_TEST

/* The same octet by octet, and with a certificate asked for, so that one call comes twice. */
START_TEST(data_of_a_server_come_in_pieces)
{
    struct ends ends;

    ends_meet(&ends, false, suites[0]);
    ends.ours.chunk = (size_t)_i;
    gnutls_certificate_server_set_request(ends.theirs.session, GNUTLS_CERT_REQUEST);
    client_is_asked(&ends, &amounts[2]);
    ck_assert_int_eq(bare_shake(&ends.theirs, &ends.ours), 0);
    ck_assert_int_eq(ends.ours.status, SEC_E_OK);
    ck_assert_uint_eq(ends.ours.asked, 1);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_E_OK);
    all_was_heard(&ends);
    both_go_on(&ends);
    ends_part(&ends);
}
END_TEST

/* A program of Windows that has no room for what is left over comes with nothing but new data. */
START_TEST(kept_data_come_with_the_next_record)
{
    struct ends ends;
    SecBuffer in = {0, SECBUFFER_TOKEN, NULL}, out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 1, &in}, list = {SECBUFFER_VERSION, 1, &out};

    ends_meet(&ends, false, suites[0]);
    client_is_asked(&ends, &amounts[0]);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(gnutls_handshake(ends.theirs.session), 0);
    in.pvBuffer = ends.ours.in.data;
    in.cbBuffer = (ULONG)ends.ours.in.size;
    ck_assert_int_eq(InitializeSecurityContextA(NULL, &ends.ours.ctx, NULL, 0, 0, 0, &in_list, 0,
                                                &ends.ours.ctx, &list, &ends.ours.flags, NULL),
                     SEC_E_OK);
    flow_drop(&ends.ours.in, ends.ours.in.size);
    theirs_say(&ends, 10);
    ck_assert_int_eq(ours_hear(&ends), SEC_E_OK);
    ck_assert_uint_eq(ends.heard_size, 11);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_E_OK);
    all_was_heard(&ends);
    both_go_on(&ends);
    ends_part(&ends);
}
END_TEST

/* --- A client that begins it ---------------------------------------------------------------- */

START_TEST(data_of_a_client_come_between)
{
    static const size_t sizes[] = {1, 100, 3 * RECORD};
    struct ends ends;

    ends_meet(&ends, true, suites[(size_t)_i % COUNT(suites)]);
    ck_assert_int_eq(gnutls_handshake(ends.theirs.session), GNUTLS_E_AGAIN);
    theirs_say(&ends, sizes[(size_t)_i / COUNT(suites)]);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_I_RENEGOTIATE);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(bare_shake(&ends.theirs, &ends.ours), 0);
    ck_assert_int_eq(ends.ours.status, SEC_E_OK);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_E_OK);
    all_was_heard(&ends);
    ck_assert_uint_gt(ends.ours.kept, 0);
    both_go_on(&ends);
    ends_part(&ends);
}
END_TEST

/* Our client begins by itself while the server is speaking. */
START_TEST(our_client_begins_among_data)
{
    struct ends ends;

    ends_meet(&ends, false, suites[(size_t)_i]);
    theirs_say(&ends, 1000);
    ends.ours.arrived = 0;
    ends.ours.closing = true; /* no input with this call */
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ends.ours.closing = false;
    ck_assert_int_eq(bare_shake(&ends.theirs, &ends.ours), 0);
    ck_assert_int_eq(ends.ours.status, SEC_E_OK);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_E_OK); /* what is left stays */
    ends.ours.arrived = 0;
    ends.ours.closing = true;
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_E_OUT_OF_SEQUENCE);
    ends.ours.closing = false;
    ck_assert_int_eq(ours_hear_all(&ends), SEC_E_OK);
    all_was_heard(&ends);
    both_go_on(&ends);
    ends_part(&ends);
}
END_TEST

/* --- Refused -------------------------------------------------------------------------------- */

/* The server may say no; who has asked must not wait for an answer for ever. */
START_TEST(server_refuses)
{
    struct ends ends;
    struct flow alert = {NULL, 0, 0};

    ends_meet(&ends, false, suites[(size_t)_i]);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    theirs_say(&ends, 10);
    ck_assert_int_eq(
        gnutls_alert_send(ends.theirs.session, GNUTLS_AL_WARNING, GNUTLS_A_USER_CANCELED), 0);
    ck_assert_int_eq(stream_leg(&ends.ours, &alert), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(
        gnutls_alert_send(ends.theirs.session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION), 0);
    ck_assert_int_eq(stream_leg(&ends.ours, &alert), SEC_E_ILLEGAL_MESSAGE);
    ck_assert_uint_eq(alert.size, 0); /* an alert is not answered */
    ck_assert_int_eq(stream_leg(&ends.ours, &alert), SEC_E_CONTEXT_EXPIRED);
    ends_part(&ends);
}
END_TEST

/* A peer that goes on and on is not heard for ever. */
START_TEST(too_many_data_end_it)
{
    struct ends ends;

    ends_meet(&ends, false, suites[0]);
    ck_assert_int_eq(gnutls_rehandshake(ends.theirs.session), 0);
    theirs_say(&ends, 33 * RECORD);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_I_RENEGOTIATE);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_E_ILLEGAL_MESSAGE);
    ck_assert_int_lt(ours_hear(&ends), 0);
    ck_assert_uint_eq(ends.heard_size, 0);
    ends_part(&ends);
}
END_TEST

/* Under the new keys nobody may speak before Finished, which vouches for them. */
START_TEST(data_before_finished_end_it)
{
    static const uint8_t first[8];
    struct ends ends;
    size_t finished;

    ends_meet(&ends, false, suites[(size_t)_i]);
    ck_assert_int_eq(gnutls_rehandshake(ends.theirs.session), 0);
    ck_assert_int_eq(ours_hear_all(&ends), SEC_I_RENEGOTIATE);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(gnutls_handshake(ends.theirs.session), GNUTLS_E_AGAIN);
    ck_assert_int_eq(stream_leg(&ends.ours, &ends.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(gnutls_handshake(ends.theirs.session), 0);
    for (finished = 0; ends.ours.in.data[finished] != 20;) /* ticket, ChangeCipherSpec */
        finished +=
            5 + ((size_t)ends.ours.in.data[finished + 3] << 8 | ends.ours.in.data[finished + 4]);
    finished +=
        5 + ((size_t)ends.ours.in.data[finished + 3] << 8 | ends.ours.in.data[finished + 4]);
    ends.ours.in.size = finished;
    ck_assert_int_eq(gnutls_record_set_state(ends.theirs.session, 0, first), 0);
    theirs_say(&ends, 10);
    ck_assert_int_lt(stream_leg(&ends.ours, &ends.theirs.in), 0);
    ck_assert_int_lt(ours_hear(&ends), 0);
    ck_assert_uint_eq(ends.heard_size, 0);
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("TLS renegotiation");
    TCase *tests = tcase_create("data between");

    tcase_add_loop_test(tests, data_of_a_server_come_between, 0,
                        (int)(COUNT(amounts) * COUNT(suites)));
    tcase_add_loop_test(tests, data_of_a_server_come_in_pieces, 0, 3);
    tcase_add_test(tests, kept_data_come_with_the_next_record);
    tcase_add_loop_test(tests, data_of_a_client_come_between, 0, (int)(3 * COUNT(suites)));
    tcase_add_loop_test(tests, our_client_begins_among_data, 0, (int)COUNT(suites));
    suite_add_tcase(all, tests);
    tests = tcase_create("refused");
    tcase_add_loop_test(tests, server_refuses, 0, (int)COUNT(suites));
    tcase_add_test(tests, too_many_data_end_it);
    tcase_add_loop_test(tests, data_before_finished_end_it, 0, (int)COUNT(suites));
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
