/* SPDX-License-Identifier: MIT */
/*
 * Signatures, the order in which messages may arrive, and the names of old.
 */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

/* --- Signatures ----------------------------------------------------------------------------- */

START_TEST(test_signature)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *from, *to;

    open_pair(&pair, kind);
    for (size_t i = 0; i < 2 * SIZES; i++) {
        ULONG size = sizes[i / 2], qop = 99;
        struct message message;
        SecPkgContext_Sizes of;

        if (kind->ntlm && size == 0)
            continue;
        ends(&pair, (int)i, &from, &to);
        of = sizes_of(from);
        message_init(&message);
        message_add_pattern(&message, SECBUFFER_DATA, size, 6);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbMaxSignature + 9);
        assert_status(MakeSignature(from, 0, &message.list, 0), SEC_E_OK);
        message_check(&message);
        ck_assert_uint_eq(message.parts[1].cbBuffer, of.cbMaxSignature);
        ck_assert(pattern_matches(message.parts[0].pvBuffer, size, 6));
        assert_status(VerifySignature(to, &message.list, 0, &qop), SEC_E_OK);
        message_check(&message);
        ck_assert_uint_eq(qop, kind->ntlm ? 99 : 0); /* Windows' NTLM leaves it alone */
        ck_assert(pattern_matches(message.parts[0].pvBuffer, size, 6));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* A signature over several parts is the one over their sum; READONLY has no part in it. */
START_TEST(test_signature_parts)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    SecPkgContext_Sizes of;
    unsigned char text[300];

    open_pair(&pair, kind);
    of = sizes_of(&pair.client);
    pattern_fill(text, sizeof(text), 6);
    for (int together = 0; together < 2; together++) {
        struct message parts, whole;

        message_init(&parts);
        message_add(&parts, SECBUFFER_DATA, text, 100);
        message_add(&parts, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        message_add_pattern(&parts, SECBUFFER_DATA | SECBUFFER_READONLY, 30, 1);
        message_add(&parts, SECBUFFER_DATA, text + 100, 200);
        message_init(&whole);
        message_add(&whole, SECBUFFER_DATA, text, 300);
        message_add(&whole, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        if (together) {
            assert_status(MakeSignature(&pair.client, 0, &whole.list, 0), SEC_E_OK);
            memcpy(parts.parts[1].pvBuffer, whole.parts[1].pvBuffer, of.cbMaxSignature);
            assert_status(VerifySignature(&pair.server, &parts.list, 0, NULL), SEC_E_OK);
        } else {
            assert_status(MakeSignature(&pair.client, 0, &parts.list, 0), SEC_E_OK);
            memcpy(whole.parts[1].pvBuffer, parts.parts[1].pvBuffer, of.cbMaxSignature);
            assert_status(VerifySignature(&pair.server, &whole.list, 0, NULL), SEC_E_OK);
        }
        message_free(&parts);
        message_free(&whole);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(test_signature_altered)
{
    const struct kind *kind = &kinds[_i];
    SecPkgContext_Sizes of;
    struct pair pair;
    ULONG qop = 99;

    for (ULONG part = 0; part < 2; part++) {
        struct message message;

        open_pair(&pair, kind);
        of = sizes_of(&pair.client);
        message_init(&message);
        message_add_pattern(&message, SECBUFFER_DATA, 100, 6);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        assert_status(MakeSignature(&pair.client, 0, &message.list, 0), SEC_E_OK);
        ((unsigned char *)message.parts[part].pvBuffer)[message.parts[part].cbBuffer - 5] ^= 0x80;
        assert_status(VerifySignature(&pair.server, &message.list, 0, &qop), SEC_E_MESSAGE_ALTERED);
        ck_assert_uint_eq(qop, 99);
        message_free(&message);
        pair_free(&pair);
    }
}
END_TEST

/* --- Order ---------------------------------------------------------------------------------- */

#define TURNS 6

/* The order in which numbered messages arrive, and what each way to detect makes of it. */
static const struct {
    const char *name;
    ULONG isc;
    SECURITY_STATUS expected[TURNS];
} orders[] = {
    /* the first, again, the third (one is missing), the fourth, the second (late), the fifth */
    {"sequence",
     ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT,
     {SEC_E_OK, SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE, SEC_E_OK, SEC_E_OUT_OF_SEQUENCE,
      SEC_E_OK}},
    {"replay",
     ISC_REQ_REPLAY_DETECT,
     {SEC_E_OK, SEC_E_OUT_OF_SEQUENCE, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK}},
    {"neither", 0, {SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK}},
};
#define ORDERS ((int)(sizeof(orders) / sizeof(*orders)))

static const int arrival[TURNS] = {0, 0, 2, 3, 1, 4};

static void order_run(const struct kind *kind, int row, bool streamed)
{
    struct message sealed[TURNS];
    struct pair pair;

    open_with(&pair, kind,
              orders[row].isc | ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY);
    for (unsigned i = 0; i < TURNS; i++)
        seal(&pair.client, &sealed[i], 100, i);
    for (int turn = 0; turn < TURNS; turn++) {
        unsigned which = (unsigned)arrival[turn];
        struct message message;
        SECURITY_STATUS status;

        if (streamed)
            stream_of(&message, &sealed[which]);
        else
            message_copy(&message, &sealed[which]);
        status = DecryptMessage(&pair.server, &message.list, 0, NULL);
        ck_assert_msg(status == orders[row].expected[turn], "%s, %s, turn %d: %s", kind->name,
                      orders[row].name, turn, sspi_status_name(status));
        if (status == SEC_E_OK)
            ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, which));
        else
            assert_unreadable(&message, 100, which);
        message.list.cBuffers = streamed ? 1 : message.list.cBuffers;
        message_free(&message);
    }
    for (int i = 0; i < TURNS; i++)
        message_free(&sealed[i]);
    pair_free(&pair);
}

START_TEST(test_order)
{
    for (int row = 0; row < ORDERS; row++) {
        order_run(&kinds[_i], row, false);
        if (!kinds[_i].dce)
            order_run(&kinds[_i], row, true);
    }
}
END_TEST

/* The same for signatures. */
START_TEST(test_signature_order)
{
    for (int row = 0; row < ORDERS; row++) {
        struct message signed_[TURNS];
        SecPkgContext_Sizes of;
        struct pair pair;

        open_with(&pair, &kinds[_i],
                  orders[row].isc | ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY |
                      ISC_REQ_INTEGRITY);
        of = sizes_of(&pair.client);
        for (unsigned i = 0; i < TURNS; i++) {
            message_init(&signed_[i]);
            message_add_pattern(&signed_[i], SECBUFFER_DATA, 100, i);
            message_add(&signed_[i], SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
            assert_status(MakeSignature(&pair.client, 0, &signed_[i].list, 0), SEC_E_OK);
        }
        for (int turn = 0; turn < TURNS; turn++)
            assert_status(
                VerifySignature(&pair.server, &signed_[arrival[turn]].list, 0xffffffff, NULL),
                orders[row].expected[turn]);
        for (int i = 0; i < TURNS; i++)
            message_free(&signed_[i]);
        pair_free(&pair);
    }
}
END_TEST

/* MessageSeqNo is not looked at: the context counts. */
START_TEST(test_sequence_number_ignored)
{
    static const ULONG numbers[] = {0, 5, 5, 0xffffffff, 1};
    struct pair pair;

    open_pair(&pair, &kinds[_i]);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        SecPkgContext_Sizes of = sizes_of(&pair.client);
        struct message message;

        build(&message, &of, 50, 1);
        assert_status(EncryptMessage(&pair.client, 0, &message.list, numbers[i]), SEC_E_OK);
        assert_status(DecryptMessage(&pair.server, &message.list, 77, NULL), SEC_E_OK);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, 50, 1));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

void signed_add(const struct cases *cases)
{
    tcase_add_loop_test(cases->all, test_signature, 0, KINDS);
    tcase_add_loop_test(cases->all, test_signature_parts, 0, KINDS);
    tcase_add_loop_test(cases->all, test_signature_altered, 0, KINDS);
    tcase_add_loop_test(cases->all, test_sequence_number_ignored, 0, KINDS);
    tcase_add_loop_test(cases->krb5, test_order, KERBEROS, NTLM);
    tcase_add_loop_test(cases->krb5, test_signature_order, KERBEROS, NTLM);
}
