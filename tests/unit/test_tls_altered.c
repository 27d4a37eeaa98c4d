/* SPDX-License-Identifier: MIT */
/*
 * Flights of a handshake cut short (at each of the first octets, then at every seventh) and altered
 * in a bit of each octet, for both roles and versions: an end that was lied to fails, waits, or
 * notices at the latest with the next flight.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

struct ends {
    struct ident ident;
    struct stream client, server;
};

static void ends_open(struct ends *ends, DWORD version)
{
    memset(ends, 0, sizeof(*ends));
    ident_make(&ends->ident, "CN=localhost", IDENT_EC);
    stream_init(&ends->client, false);
    stream_init(&ends->server, true);
    /* Nothing is resumed: all handshakes are alike. */
    ck_assert_int_eq(ident_acquire(&ends->client, version, NULL, 0), SEC_E_OK);
    ck_assert_int_eq(
        ident_acquire(&ends->server, version, &ends->ident, SCH_CRED_DISABLE_RECONNECTS), SEC_E_OK);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->client);
    stream_free(&ends->server);
    ident_free(&ends->ident);
    certs_end();
}

/* Legs up to where a flight waits to be read; flight 0 is the client's first. NULL: no such one. */
static struct stream *lead_to(struct ends *ends, unsigned flight)
{
    struct stream *from = &ends->client, *to = &ends->server, *next;

    stream_close(&ends->client);
    stream_close(&ends->server);
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

/* A bit of each octet, another one in each flight. */
START_TEST(altered_flight_makes_no_connection)
{
    DWORD version = versions[_i % 2];
    unsigned flight = (unsigned)_i / 2;
    struct ends ends;
    struct stream *to;
    size_t size;
    bool outside;

    ends_open(&ends, version);
    to = lead_to(&ends, flight);
    size = to == NULL ? 0 : to->in.size;
    for (size_t at = 0; at < size; at++) {
        to = lead_to(&ends, flight);
        ck_assert_ptr_nonnull(to);
        if (at >= to->in.size)
            break; /* signatures differ in length */
        outside = is_outside(&to->in, at);
        to->in.data[at] ^= (uint8_t)(1U << (at * 5 + flight) % 8);
        if (!stream_shake(&ends.client, &ends.server))
            continue;
        ck_assert_msg(outside, "flight %u, octet %zu", flight, at);
        stream_say(&ends.client, &ends.server, "both see the same");
        stream_say(&ends.server, &ends.client, "and agree");
    }
    ends_part(&ends);
}
END_TEST

START_TEST(cut_flight_waits_for_the_rest)
{
    DWORD version = versions[_i % 2];
    unsigned flight = (unsigned)_i / 2;
    struct ends ends;
    struct stream *to;
    size_t size;

    ends_open(&ends, version);
    to = lead_to(&ends, flight);
    size = to == NULL ? 0 : to->in.size;
    for (size_t at = 1; at < size; at += at < 16 ? 1 : 7) {
        to = lead_to(&ends, flight);
        if (at >= to->in.size)
            break;
        to->chunk = at;
        stream_leg(to, to->server ? &ends.client.in : &ends.server.in);
        ck_assert_msg(to->status == SEC_E_INCOMPLETE_MESSAGE ||
                          to->status == SEC_I_CONTINUE_NEEDED || to->status == SEC_E_OK,
                      "0x%08x", (unsigned)to->status);
        to->chunk = 0;
        stream_establish(&ends.client, &ends.server);
    }
    ends_part(&ends);
}
END_TEST

/* The last octets of what ends a handshake are what vouches for all the rest. */
START_TEST(altered_finished_is_refused)
{
    struct ends ends;
    struct stream *to;

    ends_open(&ends, versions[_i]);
    for (unsigned bit = 0; bit < 16 * 8; bit++) {
        to = lead_to(&ends, 2); /* of the client, in both versions */
        ck_assert_ptr_eq(to, &ends.server);
        to->in.data[to->in.size - 1 - bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert(!stream_shake(&ends.client, &ends.server));
        ck_assert_int_lt(ends.server.status, 0);
        stream_leg(&ends.server, &ends.client.in);
        ck_assert_int_eq(ends.server.status, SEC_E_CONTEXT_EXPIRED);
    }
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS handshakes altered");
    TCase *tc = tcase_create("flights");

    tcase_add_loop_test(tc, altered_flight_makes_no_connection, 0, 8);
    tcase_add_loop_test(tc, cut_flight_waits_for_the_rest, 0, 8);
    tcase_add_loop_test(tc, altered_finished_is_refused, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
