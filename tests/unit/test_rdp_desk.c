/* SPDX-License-Identifier: MIT */
/* What `sspi rdp --listen` says to a client after the logon; cut anywhere, and to damaged requests.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/rdp.h"
#include "tools/report.h"

/* behind the others: Check has a macro fail() */
#include "lib/check_main.h"

/* --- The connection, in memory -------------------------------------------------------------- */

static struct {
    const unsigned char *in;
    size_t size, used, chunk;
    unsigned char out[16384];
    size_t said;
    bool hurried;
} wire;

int rdp_open(struct rdp_conn *conn, unsigned char *data, size_t size, size_t *got)
{
    size_t part = wire.size - wire.used;

    (void)conn;
    part = part < wire.chunk ? part : wire.chunk;
    part = part < size - *got ? part : size - *got;
    if (part == 0)
        return EXIT_AUTH;
    memcpy(data + *got, wire.in + wire.used, part);
    wire.used += part;
    *got += part;
    return EXIT_OK;
}

int rdp_seal(struct rdp_conn *conn, const void *data, ULONG size)
{
    (void)conn;
    ck_assert_uint_le(size, 1024);
    ck_assert_uint_le(size, sizeof(wire.out) - wire.said);
    memcpy(wire.out + wire.said, data, size);
    wire.said += size;
    return EXIT_OK;
}

void rdp_hurry(struct rdp_conn *conn, unsigned milliseconds)
{
    (void)conn;
    (void)milliseconds;
    wire.hurried = true;
}

static void run(const unsigned char *in, size_t size, size_t chunk)
{
    static struct rdp_conn conn;

    conn.offered = RDP_SSL | RDP_HYBRID;
    memset(&wire, 0, sizeof(wire));
    wire.in = in;
    wire.size = size;
    wire.chunk = chunk;
    rdp_desk(&conn);
}

/* --- A client ------------------------------------------------------------------------------- */

/* A connect initial with three channels; then 2.2.1.5 to 2.2.1.18 as far as a server looks. */
static const unsigned char initial[] = {
    0x03, 0,    0,    80,   0x02, 0xf0, 0x80, 0x7f, 0x65, 0x47, 0x04, 0x01, 0x01, 'D',  'u',  'c',
    'a',  0x80, 0x34, 0x01, 0xc0, 0x08, 0x00, 0x04, 0x00, 0x08, 0x00, 0x03, 0xc0, 0x2c, 0x00, 3,
    0,    0,    0,    'r',  'd',  'p',  'd',  'r',  0,    0,    0,    0,    0,    0,    0,    'r',
    'd',  'p',  's',  'n',  'd',  0,    0,    0,    0,    0,    0,    'c',  'l',  'i',  'p',  'r',
    'd',  'r',  0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0};
static const unsigned char erect[] = {3, 0, 0, 12, 2, 0xf0, 0x80, 0x04, 1, 0, 1, 0};
static const unsigned char attach[] = {3, 0, 0, 8, 2, 0xf0, 0x80, 0x28};
static const unsigned char join[] = {3, 0, 0, 12, 2, 0xf0, 0x80, 0x38, 0, 6, 3, 0xef};
static const unsigned char info[] = {3, 0,    0,    19, 2,    0xf0, 0x80, 0x64, 0, 6,
                                     3, 0xeb, 0x70, 4,  0x40, 0,    0,    0,    0};
static const unsigned char active[] = {3,    0,    0,    22, 2,    0xf0, 0x80, 0x64, 0,    6, 3,
                                       0xeb, 0x70, 0x80, 7,  0x07, 0,    0x13, 0,    0xef, 3, 0};
static const unsigned char fonts[] = {
    3,    0, 0, 40, 2, 0xf0, 0x80, 0x64, 0,    6, 3, 0xeb, 0x70, 26, 26, 0, 0x17, 0, 0xef, 3,
    0xea, 3, 1, 0,  0, 1,    26,   0,    0x27, 0, 0, 0,    0,    0,  0,  0, 3,    0, 50,   0};

static const struct {
    const unsigned char *data;
    size_t size;
} messages[] = {{initial, sizeof(initial)}, {erect, sizeof(erect)}, {attach, sizeof(attach)},
                {join, sizeof(join)},       {info, sizeof(info)},   {active, sizeof(active)},
                {fonts, sizeof(fonts)}};

static unsigned char whole[512];

static size_t whole_make(void)
{
    size_t size = 0;

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        memcpy(whole + size, messages[i].data, messages[i].size);
        size += messages[i].size;
    }
    return size;
}

/* --- What it hears -------------------------------------------------------------------------- */

/* The number'th message behind TPKT and X.224, which have to be right. */
static const unsigned char *reply(unsigned number, size_t *size)
{
    const unsigned char *at = wire.out;

    for (size_t left = wire.said; left > 0; number--) {
        ck_assert_uint_ge(left, 7);
        *size = (size_t)at[2] << 8 | at[3];
        ck_assert(at[0] == 3 && at[4] == 2 && at[5] == 0xf0 && at[6] == 0x80);
        ck_assert_uint_le(*size, left);
        if (number == 0) {
            *size -= 7;
            return at + 7;
        }
        at += *size;
        left -= *size;
    }
    return NULL;
}

static void reply_is(unsigned number, const void *octets, size_t size)
{
    size_t got;
    const unsigned char *at = reply(number, &got);

    ck_assert_ptr_nonnull(at);
    ck_assert_uint_eq(got, size);
    ck_assert_mem_eq(at, octets, size);
}

#define REPLY_IS(number, ...)                                                                      \
    reply_is(number, (const unsigned char[]){__VA_ARGS__},                                         \
             sizeof((const unsigned char[]){__VA_ARGS__}))

/* [MS-RDPBCGR] 4.1.4, with the client's protocols and as many channels as it wants. */
static const unsigned char response[] = {
    0x7f, 0x66, 0x82, 0x00, 0x65, 0x0a, 0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x1a, 0x02, 0x01, 0x22,
    0x02, 0x01, 0x03, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01, 0x02,
    0x03, 0x00, 0xff, 0xf8, 0x02, 0x01, 0x02, 0x04, 0x82, 0x00, 0x3f, 0x00, 0x05, 0x00, 0x14, 0x7c,
    0x00, 0x01, 0x2a, 0x14, 0x76, 0x0a, 0x01, 0x01, 0x00, 0x01, 0xc0, 0x00, 0x4d, 0x63, 0x44, 0x6e,
    0x80, 0x28, 0x01, 0x0c, 0x0c, 0x00, 0x04, 0x00, 0x08, 0x00, 0x03, 0x00, 0x00, 0x00, 0x03, 0x0c,
    0x10, 0x00, 0xeb, 0x03, 0x03, 0x00, 0xec, 0x03, 0xed, 0x03, 0xee, 0x03, 0x00, 0x00, 0x02, 0x0c,
    0x0c, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};

static void all_is_said(void)
{
    size_t size;

    reply_is(0, response, sizeof(response));
    REPLY_IS(1, 0x2e, 0x00, 0x00, 0x06);                         /* 4.1.7 */
    REPLY_IS(2, 0x3e, 0x00, 0x00, 0x06, 0x03, 0xef, 0x03, 0xef); /* 4.1.8.1.2 */
    REPLY_IS(3, 0x68, 0x00, 0x01, 0x03, 0xeb, 0x70, 0x80, 0x14, 0x80, 0, 0, 0, 0xff, 0x03, 0x10, 0,
             7, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0); /* 4.1.12 */
    ck_assert_ptr_nonnull(reply(4, &size));
    ck_assert_uint_eq(reply(4, &size)[10], 0x11); /* demand active */
    ck_assert_uint_eq(reply(5, &size)[22], 31);   /* synchronize */
    ck_assert_uint_eq(reply(6, &size)[22], 20);   /* control */
    ck_assert_uint_eq(reply(7, &size)[22], 20);
    ck_assert_uint_eq(reply(8, &size)[22], 40); /* fonts */
    REPLY_IS(9, 0x21, 0x80);                    /* 4.2.2 */
    ck_assert_ptr_null(reply(10, &size));
    ck_assert(wire.hurried);
}

static const size_t chunks[] = {1, 2, 3, 7, 100, sizeof(whole)};

START_TEST(a_client_gets_its_desktop)
{
    size_t size = whole_make();

    run(whole, size, chunks[_i]);
    all_is_said();
}
END_TEST

/* Whatever a request's sets of capabilities say of their size, the answer's are as long as they
 * say. */
START_TEST(capabilities_are_whole)
{
    size_t size, at = 8 + 6 + 8 + 4 + 4, count;
    const unsigned char *demand;

    run(whole, whole_make(), sizeof(whole));
    demand = reply(4, &size);
    ck_assert_uint_eq((size_t)demand[6] << 8 | demand[7], 0x8000 | (size - 8));
    ck_assert_uint_eq((size_t)demand[8] | (size_t)demand[9] << 8, size - 8);
    ck_assert_mem_eq(demand + 22, "RDP", 4);
    for (count = 0; at + 4 < size; count++)
        at += (size_t)demand[at + 2] | (size_t)demand[at + 3] << 8;
    ck_assert_uint_eq(count, demand[26]);
    ck_assert_uint_eq(at + 4, size); /* the session's number is behind them */
}
END_TEST

/* Settings whose length is cut off have none; what came behind the message is no part of it. */
START_TEST(settings_end_with_their_message)
{
    static unsigned char data[] = {3, 0,    0,    13, 2, 0xf0, 0x80, 0x7f, 'D', 'u', 'c', 'a', 0,
                                   0, 0x03, 0xc0, 8,  0, 31,   0,    0,    0,   0,   0,   0};
    size_t none, some;

    run(data, sizeof(data), sizeof(data));
    ck_assert_ptr_nonnull(reply(0, &none));
    data[12] = 0x80;
    run(data, sizeof(data), sizeof(data));
    ck_assert_ptr_nonnull(reply(0, &some));
    ck_assert_uint_eq(some, none);
}
END_TEST

/* A client that goes in the middle, wherever that is, gets what it has asked for and no more. */
START_TEST(cut_requests)
{
    size_t size = whole_make();

    for (size_t cut = 0; cut < size; cut++) {
        run(whole, cut, sizeof(whole));
        ck_assert(!wire.hurried);
        for (unsigned i = 0; reply(i, &(size_t){0}) != NULL; i++)
            ck_assert_uint_lt(i, 5);
    }
}
END_TEST

/* What comes of a damaged request is whole messages, or none. */
START_TEST(damaged_requests)
{
    size_t size = whole_make();

    for (size_t i = 0; i < size * 8; i++) {
        unsigned char *copy = malloc(size);

        ck_assert_ptr_nonnull(copy);
        memcpy(copy, whole, size);
        copy[i / 8] ^= (unsigned char)(1U << i % 8);
        run(copy, size, sizeof(whole));
        for (unsigned k = 0; reply(k, &(size_t){0}) != NULL; k++)
            continue;
        free(copy);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("rdp desk");
    TCase *tests = tcase_create("desk");

    tcase_add_loop_test(tests, a_client_gets_its_desktop, 0,
                        (int)(sizeof(chunks) / sizeof(chunks[0])));
    tcase_add_test(tests, capabilities_are_whole);
    tcase_add_test(tests, settings_end_with_their_message);
    tcase_add_test(tests, cut_requests);
    tcase_add_test(tests, damaged_requests);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
