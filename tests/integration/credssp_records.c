/* SPDX-License-Identifier: MIT */
/*
 * CredSSP's messages and the records that carry them, by hand: any cut, too much and too little,
 * the end of TLS at each step, error codes, and somebody in the middle.
 */
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/hand.h"
#include "lib/world.h"

static struct hand hand;

/* Both roles, both mechanisms, both versions of TLS. */
enum { WAYS = 4 };

static struct hand_way way_of(int i, uint32_t version)
{
    return (struct hand_way){.serves = i % 2,
                             .protocol = i % 4 == 0 || i % 4 == 3 ? SP_PROT_TLS1_3 : SP_PROT_TLS1_2,
                             .key = IDENT_EC,
                             .list = i / 2 % 2 ? "kerberos" : "ntlm",
                             .version = version};
}

static void meet(int i, uint32_t version)
{
    struct hand_way way = way_of(i, version);

    hand_open(&hand, &way, NULL);
    hand.request = way.serves ? ISC_REQ_DELEGATE : 0;
    hand_meet(&hand);
}

static void assert_refused(SECURITY_STATUS status)
{
    assert_status(hand.status, status);
    ck_assert_uint_eq(hand.credentials, 0);
    ck_assert_str_ne(sspi_native_error(), "");
}

static void write_next(struct hand_say *say, struct flow *text)
{
    hand_seal(&hand, say);
    hand_write(say, text);
}

/* Honest up to a message; its octets. False: there is no such message. */
static bool stop_before(unsigned number, struct flow *text)
{
    struct hand_say say;

    while (hand_next(&hand, &say)) {
        if (say.number == number) {
            write_next(&say, text);
            return true;
        }
        hand_send(&hand, &say);
    }
    return false;
}

/* --- Cuts ----------------------------------------------------------------------------------- */

/* A message in as many records as it has octets: each prefix is waited upon, and not answered. */
START_TEST(every_prefix_waits)
{
    struct hand_say say;

    meet(_i, 6);
    while (hand_next(&hand, &say)) {
        struct flow text = {NULL, 0, 0};
        unsigned before = hand.messages;

        write_next(&say, &text);
        for (size_t i = 0; i < text.size; i++) {
            assert_status(hand.status, SEC_I_CONTINUE_NEEDED);
            ck_assert_uint_eq(hand.messages, before);
            hand_record(&hand, text.data + i, 1);
        }
        flow_free(&text);
    }
    assert_status(hand.status, SEC_E_OK);
    hand_close(&hand);
}
END_TEST

/* What stands where a message is due. */
static const struct {
    const char *octets;
    size_t size;
} starts[] = {{"\x31\x05", 2},         {"\x30\x80", 2},
              {"\x30\x83\x01\0\0", 5}, {"\x30\x84\0\0\0\x05", 6},
              {"\x30\0", 2},           {"\x30\x82\xff\xfd", 4},
              {"HTTP/1.1 200 OK", 15}, {"\x30\x05\xa0\x03\x02\x01\x06\0", 8}};

enum { STARTS = sizeof(starts) / sizeof(starts[0]), STEPS = 3 };

START_TEST(no_message_is_refused)
{
    int start = _i / STEPS % STARTS;
    struct flow text = {NULL, 0, 0};

    meet(_i / STEPS / STARTS, 6);
    if (stop_before((unsigned)_i % STEPS, &text)) {
        hand_record(&hand, starts[start].octets, starts[start].size);
        assert_refused(SEC_E_INVALID_TOKEN);
    } else {
        ck_assert(hand.way.serves); /* says less than a client */
        assert_status(hand.status, SEC_E_OK);
    }
    flow_free(&text);
    hand_close(&hand);
}
END_TEST

static void a_message_again(struct flow *text)
{
    struct flow copy = {NULL, 0, 0};

    flow_add(&copy, text->data, text->size);
    flow_add(text, copy.data, copy.size);
    flow_free(&copy);
}

static void an_octet_more(struct flow *text)
{
    flow_add(text, "", 1);
}

static void another_start(struct flow *text)
{
    flow_add(text, "\x30\x05\xa0", 3);
}

static void (*const additions[])(struct flow *) = {a_message_again, an_octet_more, another_start};

/* Nothing stands behind a message in its record. */
START_TEST(no_more_than_a_message)
{
    struct flow text = {NULL, 0, 0};

    meet(_i / STEPS / 3, 6);
    if (stop_before((unsigned)_i % STEPS, &text)) {
        additions[_i / STEPS % 3](&text);
        hand_record(&hand, text.data, text.size);
        assert_refused(SEC_E_INVALID_TOKEN);
    }
    flow_free(&text);
    hand_close(&hand);
}
END_TEST

/* A message of this size: a version, and octets where the binding stands. */
static void message_of(size_t size, struct flow *text)
{
    uint8_t *octets = calloc(1, size);
    struct hand_say say = {.version = 6, .binding = {octets, size - 5 - 4 - 4 - 4}};

    hand_write(&say, text);
    ck_assert_uint_eq(text->size, size);
    free(octets);
}

/* [MS-CSSP] has no limit, we have; a message up to it is read to its end. */
START_TEST(size_has_a_limit)
{
    static const size_t sizes[] = {16384, 16385, 65535, 65536, 65537};
    size_t size = sizes[_i % COUNT(sizes)];
    struct flow text = {NULL, 0, 0};

    meet(_i / COUNT(sizes), 6);
    message_of(size, &text);
    for (size_t at = 0; at < size && hand.status == SEC_I_CONTINUE_NEEDED; at += 16384) {
        size_t part = size - at < 16384 ? size - at : 16384;

        hand_record(&hand, text.data + at, part);
        if (size <= TSREQUEST_MAX && at + part < size)
            assert_status(hand.status, SEC_I_CONTINUE_NEEDED);
        else
            assert_refused(SEC_E_INVALID_TOKEN);
    }
    flow_free(&text);
    hand_close(&hand);
}
END_TEST

/* --- The end of TLS ------------------------------------------------------------------------- */

static void close_notify(void)
{
    ck_assert_int_eq(gnutls_bye(hand.tls.session, GNUTLS_SHUT_WR), 0);
    hand_deliver(&hand);
    assert_refused(SEC_E_CONTEXT_EXPIRED);
}

static void fatal_alert(void)
{
    gnutls_alert_send(hand.tls.session, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED);
    hand_deliver(&hand);
    ck_assert_int_lt(hand.status, 0);
    assert_refused(hand.status);
}

static void half_and_close(void)
{
    hand_record(&hand, "\x30\x40\xa0\x03", 4);
    close_notify();
}

static void altered_record(void)
{
    gnutls_record_send(hand.tls.session, "\x30\x05\xa0\x03\x02\x01\x06", 7);
    hand.in.data[hand.in.size - 1] ^= 1;
    hand_deliver(&hand);
    assert_refused(SEC_E_MESSAGE_ALTERED);
}

static void no_record(void)
{
    flow_add(&hand.in, "GET / HTTP/1.0\r\n\r\n", 18);
    hand_deliver(&hand);
    ck_assert_int_lt(hand.status, 0);
    assert_refused(hand.status);
}

/* TLS 1.2's, from either side. */
static void another_handshake(void)
{
    if (hand.way.protocol != SP_PROT_TLS1_2)
        return;
    if (hand.way.serves)
        gnutls_rehandshake(hand.tls.session);
    else
        gnutls_handshake(hand.tls.session);
    hand_deliver(&hand);
    assert_refused(SEC_E_INVALID_TOKEN);
}

static void (*const endings[])(void) = {close_notify,   fatal_alert, half_and_close,
                                        altered_record, no_record,   another_handshake};
enum { ENDINGS = sizeof(endings) / sizeof(endings[0]) };

START_TEST(ends_at_any_step)
{
    struct flow text = {NULL, 0, 0};

    meet(_i / STEPS / ENDINGS, 6);
    if (stop_before((unsigned)_i % STEPS, &text))
        endings[_i / STEPS % ENDINGS]();
    flow_free(&text);
    hand_close(&hand);
}
END_TEST

/* What TLS has of its own between messages changes nothing. */
START_TEST(tls_goes_on)
{
    struct hand_say say;

    meet(_i, 6);
    while (hand_next(&hand, &say)) {
        if (hand.way.protocol == SP_PROT_TLS1_3)
            ck_assert_int_eq(gnutls_session_key_update(hand.tls.session, GNUTLS_KU_PEER), 0);
        else
            ck_assert_int_eq(
                gnutls_alert_send(hand.tls.session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION),
                0);
        hand_send(&hand, &say);
    }
    assert_status(hand.status, SEC_E_OK);
    hand_close(&hand);
}
END_TEST

/* --- After the end -------------------------------------------------------------------------- */

/* What comes with the last message is the program's; a logon anew has a TLS handshake of its own.
 */
START_TEST(what_follows_is_left)
{
    struct flow text = {NULL, 0, 0};
    SecBuffer parts[4] = {{0}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};

    meet(_i * 2, 6);
    ck_assert(stop_before(2, &text));
    gnutls_record_send(hand.tls.session, text.data, text.size);
    hand_record(&hand, "hello", 5);
    assert_status(hand.status, SEC_E_OK);
    parts[0] = (SecBuffer){(ULONG)hand.in.size, SECBUFFER_DATA, hand.in.data};
    assert_status(DecryptMessage(&hand.ctx, &list, 0, NULL), SEC_E_OK);
    ck_assert_uint_eq(parts[1].cbBuffer, 5);
    ck_assert_mem_eq(parts[1].pvBuffer, "hello", 5);
    flow_drop(&hand.in, hand.in.size);
    hand.status = SEC_I_CONTINUE_NEEDED;
    hand_record(&hand, text.data, text.size);
    assert_refused(SEC_E_ILLEGAL_MESSAGE);
    flow_free(&text);
    hand_close(&hand);
}
END_TEST

/* --- Error codes ---------------------------------------------------------------------------- */

static const struct {
    const char *octets;
    size_t size;
    SECURITY_STATUS status;
    const char *says;
} errors[] = {
    {"\xc0\x00\x00\x6d", 4, SEC_E_LOGON_DENIED, "STATUS_LOGON_FAILURE"},
    {"\x00\xc0\x00\x00\x6d", 5, SEC_E_LOGON_DENIED, "STATUS_LOGON_FAILURE"},
    {"\xc0\x00\x00\xbb", 4, SEC_E_UNSUPPORTED_FUNCTION, "STATUS_NOT_SUPPORTED"},
    {"\x00", 1, SEC_E_LOGON_DENIED, "0x00000000"},
    {"\x01", 1, SEC_E_LOGON_DENIED, "0x00000001"},
    {"\xc0\x00\xab\xcd", 4, SEC_E_LOGON_DENIED, "0xc000abcd"},
    {"\x7f\xff\xff\xff", 4, SEC_E_LOGON_DENIED, "0x7fffffff"},
    {"\xff", 1, SEC_E_LOGON_DENIED, "0xffffffff"},
    {"\x01\x02\x03\x04\x05", 5, SEC_E_INVALID_TOKEN, "32 bits"},
    {"\x01\x02\x03\x04\x05\x06", 6, SEC_E_INVALID_TOKEN, "32 bits"},
};
enum { ERRORS = sizeof(errors) / sizeof(errors[0]), VERSIONS = 5, SERVER_STEPS = 2 };

/* A server's error code ends it at once, in any version, whatever else stands in the message. */
START_TEST(error_code_ends_it)
{
    int error = _i / SERVER_STEPS % ERRORS;
    struct asn_part code = {(const uint8_t *)errors[error].octets, errors[error].size};
    bool alone = _i % 2 == 0;
    unsigned heard;
    struct hand_say say;

    meet(1 + _i / SERVER_STEPS % 2 * 2, 2 + (uint32_t)(_i / SERVER_STEPS / ERRORS));
    while (hand_next(&hand, &say) && say.number != (unsigned)(_i / 2 % SERVER_STEPS))
        hand_send(&hand, &say);
    heard = hand.messages;
    if (alone)
        say = (struct hand_say){.step = say.step, .version = say.version};
    say.error = code;
    hand_send(&hand, &say);
    assert_refused(errors[error].status);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), errors[error].says));
    ck_assert_uint_eq(hand.messages, heard);
    hand_close(&hand);
}
END_TEST

/* A server that fails says so to the versions that know error codes, [MS-CSSP] 2.2.1. */
START_TEST(server_tells_its_error)
{
    uint32_t version = 2 + (uint32_t)_i;
    struct hand_say say;

    meet(0, version);
    ck_assert(hand_next(&hand, &say));
    hand_send(&hand, &say);
    ck_assert(hand_next(&hand, &say));
    say.error = (struct asn_part){(const uint8_t *)"", 1};
    hand_send(&hand, &say);
    assert_refused(SEC_E_INVALID_TOKEN);
    ck_assert_int_eq(hand.heard.failed, version != 2 && version != 5);
    ck_assert_uint_eq(hand.heard.error, hand.heard.failed ? 0xc000000d : 0);
    hand_close(&hand);
}
END_TEST

/* A version that policy does not want is refused in words that it understands. */
START_TEST(server_tells_an_old_version)
{
    struct hand_say say;

    meet(0, 6);
    ck_assert(hand_next(&hand, &say));
    say.version = 2 + (uint32_t)_i;
    hand_send(&hand, &say);
    assert_refused(SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_uint_eq(hand.messages, _i == 0 ? 0 : 1);
    ck_assert_uint_eq(hand.heard.error, _i == 0 ? 0 : 0xc00000bb);
    hand_close(&hand);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp records");

    suite_add(all, every_prefix_waits, WAYS);
    suite_add(all, no_message_is_refused, WAYS * STARTS * STEPS);
    suite_add(all, no_more_than_a_message, WAYS * 3 * STEPS);
    suite_add(all, size_has_a_limit, 2 * 5);
    suite_add(all, ends_at_any_step, WAYS * ENDINGS * STEPS);
    suite_add(all, tls_goes_on, WAYS);
    suite_add(all, what_follows_is_left, 2);
    suite_add(all, error_code_ends_it, SERVER_STEPS * ERRORS * VERSIONS);
    suite_add(all, server_tells_its_error, VERSIONS);
    suite_add(all, server_tells_an_old_version, 3);
    return all;
}

CHECK_MAIN(suite)
