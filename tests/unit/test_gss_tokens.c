/* SPDX-License-Identifier: MIT */
/* What comes from outside into the GSS packages: tokens, channel bindings, target names. */
#include <stdlib.h>
#include <string.h>

#include "gss/bindings.h"
#include "gss/negtoken.h"
#include "gss/ntlmtoken.h"
#include "gss/oid.h"
#include "gss/target.h"
#include "lib/check_main.h"

/* --- SPNEGO --------------------------------------------------------------------------------- */

/* NegTokenInit of RFC 4178 with krb5 and the mechToken "token", in its GSS frame. */
static const unsigned char init_token[] = {
    0x60, 0x28, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0xa0, 0x1e, 0x30, 0x1c,
    0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02,
    0x02, 0xa2, 0x0b, 0x04, 0x09, 't',  'o',  'k',  'e',  'n',  '-',  'o',  'n',  'e'};

/* NegTokenResp, accept-incomplete, with the responseToken "NTLMSSP\0". */
static const unsigned char resp_token[] = {0xa1, 0x13, 0x30, 0x11, 0xa0, 0x03, 0x0a,
                                           0x01, 0x01, 0xa2, 0x0a, 0x04, 0x08, 'N',
                                           'T',  'L',  'M',  'S',  'S',  'P',  0x00};

/* NegTokenResp, reject, and nothing else. */
static const unsigned char reject_token[] = {0xa1, 0x07, 0x30, 0x05, 0xa0, 0x03, 0x0a, 0x01, 0x02};

/* KRB-ERROR KRB_AP_ERR_MODIFIED (41) in the frame of RFC 4121. */
static const unsigned char error_token[] = {
    0x60, 0x4f, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03,
    0x00, 0x7e, 0x40, 0x30, 0x3e, 0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x03, 0x02, 0x01,
    0x1e, 0xa4, 0x11, 0x18, 0x0f, '2',  '0',  '2',  '6',  '0',  '1',  '0',  '1',  '0',
    '0',  '0',  '0',  '0',  '0',  'Z',  0xa5, 0x03, 0x02, 0x01, 0x00, 0xa6, 0x03, 0x02,
    0x01, 0x29, 0xa9, 0x06, 0x1b, 0x04, 'T',  'E',  'S',  'T',  0xaa, 0x0d, 0x30, 0x0b,
    0xa0, 0x03, 0x02, 0x01, 0x01, 0xa1, 0x04, 0x30, 0x02, 0x1b, 0x00};

START_TEST(test_inner)
{
    struct blob inner;

    ck_assert(negtoken_inner(init_token, sizeof(init_token), &inner));
    ck_assert_uint_eq(inner.size, 9);
    ck_assert_mem_eq(inner.data, "token-one", 9);
    blob_wipe(&inner);
    ck_assert(negtoken_inner(resp_token, sizeof(resp_token), &inner));
    ck_assert(negtoken_is_ntlm(inner.data, inner.size));
    blob_wipe(&inner);
}
END_TEST

START_TEST(test_reject)
{
    unsigned char other[sizeof(reject_token)];

    ck_assert(negtoken_is_reject(reject_token, sizeof(reject_token)));
    ck_assert(!negtoken_is_reject(reject_token, sizeof(reject_token) - 1));
    ck_assert(!negtoken_is_reject(resp_token, sizeof(resp_token)));
    ck_assert(!negtoken_is_reject(init_token, sizeof(init_token)));
    ck_assert(!negtoken_is_reject(error_token, sizeof(error_token)));
    memcpy(other, reject_token, sizeof(other));
    for (unsigned char state = 0; state < 8; state++) {
        other[sizeof(other) - 1] = state;
        ck_assert_int_eq(negtoken_is_reject(other, sizeof(other)), state == 2);
    }
}
END_TEST

/* Every prefix and every flipped bit: an answer, and no read or leak that a sanitizer would see. */
static void mutate(const unsigned char *token, size_t size)
{
    unsigned char *copy;
    struct blob inner;

    for (size_t length = 0; length < size; length++) {
        copy = malloc(length + 1);
        memcpy(copy, token, length);
        if (negtoken_inner(copy, length, &inner))
            blob_wipe(&inner);
        negtoken_is_reject(copy, length);
        negtoken_krb5_error(copy, length);
        free(copy);
    }
    copy = malloc(size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        memcpy(copy, token, size);
        copy[bit / 8] ^= (unsigned char)(1U << (bit % 8));
        if (negtoken_inner(copy, size, &inner))
            blob_wipe(&inner);
        negtoken_is_reject(copy, size);
        negtoken_krb5_error(copy, size);
    }
    free(copy);
}

START_TEST(test_mutations)
{
    mutate(init_token, sizeof(init_token));
    mutate(resp_token, sizeof(resp_token));
    mutate(reject_token, sizeof(reject_token));
    mutate(error_token, sizeof(error_token));
}
END_TEST

/* 64 KiB of nested constructed DER must not exhaust the stack (CVE-2020-28196). */
START_TEST(test_depth)
{
    size_t size = 65536;
    unsigned char *nest = malloc(size);
    struct blob inner;

    for (size_t i = 0; i + 1 < size; i += 2) {
        nest[i] = 0x30;
        nest[i + 1] = 0x80;
    }
    ck_assert(!negtoken_inner(nest, size, &inner));
    nest[0] = 0xa0;
    ck_assert(!negtoken_inner(nest, size, &inner));
    ck_assert(
        !negtoken_inner(nest, size + 1, &inner)); /* larger than any token: not even looked at */
    free(nest);
}
END_TEST

START_TEST(test_krb5_error)
{
    unsigned char other[sizeof(error_token)];

    ck_assert_int_eq(negtoken_krb5_error(error_token, sizeof(error_token)),
                     KRB5KRB_AP_ERR_MODIFIED);
    ck_assert_int_eq(negtoken_krb5_error(init_token, sizeof(init_token)), 0);
    memcpy(other, error_token, sizeof(other));
    other[13] = 0x02; /* an AP-REP by its token id */
    ck_assert_int_eq(negtoken_krb5_error(other, sizeof(other)), 0);
}
END_TEST

/* A peer's number need not be one that there is: those of libkrb5 itself begin behind them. */
START_TEST(test_krb5_error_numbers)
{
    static const struct {
        unsigned char octets[5], size;
        krb5_error_code code;
    } numbers[] = {
        {{0x00}, 1, KRB5KDC_ERR_NONE},
        {{0x29}, 1, KRB5KRB_AP_ERR_MODIFIED},
        {{0x7f}, 1, ERROR_TABLE_BASE_krb5 + 127},
        {{0x00, 0x80}, 2, KRB5KRB_ERR_GENERIC},
        {{0x00, 0x9c}, 2, KRB5KRB_ERR_GENERIC}, /* KRB5_KDC_UNREACH, were it added */
        {{0x69, 0x38, 0xc5, 0x00}, 4, KRB5KRB_ERR_GENERIC},
        {{0x7f, 0xff, 0xff, 0xff}, 4, KRB5KRB_ERR_GENERIC},
        {{0x00, 0x80, 0x00, 0x00, 0x00}, 5, KRB5KRB_ERR_GENERIC},
        {{0x00, 0xff, 0xff, 0xff, 0xff}, 5, KRB5KRB_ERR_GENERIC},
    };
    static const size_t number_at = 57; /* the INTEGER's octet, with its three lengths before it */

    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        unsigned char more = numbers[i].size - 1, token[sizeof(error_token) + 4];

        memcpy(token, error_token, number_at);
        memcpy(token + number_at, numbers[i].octets, numbers[i].size);
        memcpy(token + number_at + numbers[i].size, error_token + number_at + 1,
               sizeof(error_token) - number_at - 1);
        token[1] += more;
        token[16] += more;
        token[18] += more;
        token[number_at - 3] += more;
        token[number_at - 1] += more;
        ck_assert_int_eq(negtoken_krb5_error(token, sizeof(error_token) + more), numbers[i].code);
    }
}
END_TEST

/* --- Bindings ------------------------------------------------------------------------------- */

struct bound {
    SEC_CHANNEL_BINDINGS head;
    char data[16];
};

static struct bound bound_make(void)
{
    struct bound bound;

    memset(&bound, 0, sizeof(bound));
    bound.head.cbApplicationDataLength = 10;
    bound.head.dwApplicationDataOffset = sizeof(bound.head);
    memcpy(bound.data, "tls-unique", 10);
    return bound;
}

static SECURITY_STATUS bound_read(struct bound *bound, ULONG size, struct bindings **out)
{
    SecBuffer buffer = {size, SECBUFFER_CHANNEL_BINDINGS, bound};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &buffer};

    return bindings_read(&list, out);
}

START_TEST(test_bindings)
{
    struct bound bound = bound_make();
    struct bindings *read = NULL, *copy;

    ck_assert_int_eq(bindings_read(NULL, &read), SEC_E_OK);
    ck_assert_ptr_null(bindings_gss(read));
    ck_assert_int_eq(bound_read(&bound, sizeof(bound), &read), SEC_E_OK);
    ck_assert_uint_eq(read->gss.application_data.length, 10);
    ck_assert_mem_eq(read->gss.application_data.value, "tls-unique", 10);
    ck_assert_uint_eq(read->gss.initiator_addrtype, 0);
    copy = bindings_copy(read);
    free(read);
    ck_assert_mem_eq(copy->gss.application_data.value, "tls-unique", 10);
    free(copy);
    ck_assert_ptr_null(bindings_copy(NULL));
}
END_TEST

/* Each of the three parts, leading out of the buffer or into the head. */
START_TEST(test_bindings_bounds)
{
    static const size_t parts[][2] = {
        {offsetof(SEC_CHANNEL_BINDINGS, cbInitiatorLength),
         offsetof(SEC_CHANNEL_BINDINGS, dwInitiatorOffset)},
        {offsetof(SEC_CHANNEL_BINDINGS, cbAcceptorLength),
         offsetof(SEC_CHANNEL_BINDINGS, dwAcceptorOffset)},
        {offsetof(SEC_CHANNEL_BINDINGS, cbApplicationDataLength),
         offsetof(SEC_CHANNEL_BINDINGS, dwApplicationDataOffset)},
    };
    static const ULONG bad[][2] = {
        /* length, offset */
        {17, 32},         {1, 48},          {1, 0},           {1, 31},
        {0xffffffff, 32}, {0xfffffff0, 48}, {16, 0xfffffff0}, {0x80000000, 0x80000000}};
    struct bindings *read = NULL;
    struct bound bound;

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < sizeof(bad) / sizeof(*bad); j++) {
            bound = bound_make();
            memcpy((char *)&bound + parts[i][0], &bad[j][0], sizeof(ULONG));
            memcpy((char *)&bound + parts[i][1], &bad[j][1], sizeof(ULONG));
            ck_assert_int_eq(bound_read(&bound, sizeof(bound), &read), SEC_E_BAD_BINDINGS);
            ck_assert_ptr_null(read);
        }
    bound = bound_make();
    for (ULONG size = 1; size < sizeof(bound.head) + 10; size++)
        ck_assert_int_eq(bound_read(&bound, size, &read), SEC_E_BAD_BINDINGS);
}
END_TEST

/* --- Targets -------------------------------------------------------------------------------- */

static const struct {
    const char *target;
    bool hostbased;
    const char *krb5, *ntlm; /* displayed name; NULL: refused */
} targets[] = {
    {"HTTP/host.example", true, "HTTP@host.example", "HTTP@host.example"},
    {"HTTP/host.example:8080", true, "HTTP@host.example:8080", "HTTP@host.example:8080"},
    {"host.example", true, "host@host.example", "host@host.example"},
    {"HTTP/host.example@REALM", false, "HTTP/host.example@REALM", "HTTP@host.example"},
    {"ldap/dc.example/example", false, "ldap/dc.example/example", "ldap@dc.example/example"},
    {"alice@REALM", false, "alice@REALM", "@unspecified"},
    {NULL, false, NULL, "@unspecified"},
};

static void target_check(const char *target, const gss_OID_desc *mech, const char *want)
{
    gss_name_t name;
    gss_buffer_desc text;
    OM_uint32 minor;

    if (want == NULL) {
        ck_assert_int_eq(target_import(target, mech, &name), SEC_E_TARGET_UNKNOWN);
        return;
    }
    ck_assert_int_eq(target_import(target, mech, &name), SEC_E_OK);
    ck_assert_uint_eq(gss_display_name(&minor, name, &text, NULL), GSS_S_COMPLETE);
    ck_assert_uint_eq(text.length, strlen(want));
    ck_assert_mem_eq(text.value, want, text.length);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
}

START_TEST(test_targets)
{
    ck_assert_int_eq(target_is_hostbased(targets[_i].target), targets[_i].hostbased);
    target_check(targets[_i].target, oid_krb5, targets[_i].krb5);
    target_check(targets[_i].target, oid_ntlm, targets[_i].ntlm);
}
END_TEST

/* What a server by NTLM says that it is. */
START_TEST(test_services)
{
    ck_assert(target_is_service("HTTP/localhost", "HTTP/localhost"));
    ck_assert(target_is_service("http/LOCALHOST", "HTTP/localhost"));
    ck_assert(target_is_service("HTTP/localhost@REALM", "HTTP/localhost"));
    ck_assert(target_is_service("localhost", "host/localhost"));
    ck_assert(target_is_service("alice@REALM", "HTTP/localhost")); /* no service is asked for */
    ck_assert(target_is_service(NULL, "HTTP/localhost"));
    ck_assert(!target_is_service("HTTP/unknown.test", "HTTP/localhost"));
    ck_assert(!target_is_service("ldap/localhost", "HTTP/localhost"));
    ck_assert(!target_is_service("localhost", "HTTP/localhost"));
    ck_assert(!target_is_service("HTTP/localhost:80", "HTTP/localhost"));
}
END_TEST

/* --- NTLM ----------------------------------------------------------------------------------- */

#define NTLM_ROOM 128

/* A message of a type with its flags, in front of which a frame may stand. */
static gss_buffer_desc ntlm_message(unsigned char room[NTLM_ROOM], size_t frame, unsigned char type,
                                    size_t flags_at, uint32_t flags, size_t size)
{
    memset(room, 0, NTLM_ROOM);
    memset(room, 0xa1, frame);
    memcpy(room + frame, "NTLMSSP", 8);
    room[frame + 8] = type;
    if (flags_at != 0)
        for (unsigned i = 0; i < 4; i++)
            room[frame + flags_at + i] = (unsigned char)(flags >> (8 * i));
    return (gss_buffer_desc){frame + size, room};
}

START_TEST(test_ntlm_challenge)
{
    unsigned char room[NTLM_ROOM];
    size_t frame = _i == 0 ? 0 : 31;
    gss_buffer_desc token = ntlm_message(room, frame, 2, 20, 0x00020000, 48);

    ck_assert(ntlmtoken_is_unnamed_challenge(&token));
    ck_assert(!ntlmtoken_asks_for_key(&token));
    room[frame + 12] = 8; /* it has a name */
    ck_assert(!ntlmtoken_is_unnamed_challenge(&token));
    token = ntlm_message(room, frame, 2, 20, 0x40000000, 48);
    ck_assert(!ntlmtoken_is_unnamed_challenge(&token)); /* and none is needed */
    ck_assert(ntlmtoken_asks_for_key(&token));
    for (token.length = 0; token.length < frame + 24; token.length++) {
        ck_assert(!ntlmtoken_asks_for_key(&token));
        ck_assert(!ntlmtoken_is_unnamed_challenge(&token));
    }
    token = ntlm_message(room, frame, 3, 20, 0x40020000, 48); /* another message */
    ck_assert(!ntlmtoken_asks_for_key(&token));
    ck_assert(!ntlmtoken_is_unnamed_challenge(&token));
}
END_TEST

START_TEST(test_ntlm_key)
{
    unsigned char room[NTLM_ROOM];
    size_t frame = _i == 0 ? 0 : 31;
    gss_buffer_desc token = ntlm_message(room, frame, 3, 60, 0, 88), none = {0, NULL};

    ck_assert(ntlmtoken_lacks_key(&token));
    room[frame + 52] = 15;
    ck_assert(ntlmtoken_lacks_key(&token));
    room[frame + 52] = 16;
    ck_assert(!ntlmtoken_lacks_key(&token));
    token.length = frame + 63; /* too short to be one */
    ck_assert(!ntlmtoken_lacks_key(&token));
    ck_assert(!ntlmtoken_lacks_key(&none));
}
END_TEST

/* Pairs of a CHALLENGE: who the server says it is, and how sure it is. */
static const struct {
    const char *pairs;
    size_t size;
    const char *target; /* or NULL */
} told[] = {
#define PAIRS(text) text, sizeof(text) - 1
    {PAIRS("\x09\0\x06\0a\0/\0b\0\0\0\0\0"), "a/b"},
    {PAIRS("\x01\0\x02\0N\0\x06\0\x04\0\0\0\0\0\x09\0\x06\0a\0/\0b\0\0\0\0\0"), "a/b"},
    {PAIRS("\x06\0\x04\0\x02\0\0\0\x09\0\x06\0a\0/\0b\0\0\0\0\0"), "a/b"},
    {PAIRS("\x06\0\x04\0\x04\0\0\0\x09\0\x06\0a\0/\0b\0\0\0\0\0"), NULL}, /* not verified */
    {PAIRS("\x09\0\x06\0a\0/\0b\0\x06\0\x04\0\x04\0\0\0\0\0\0\0"), NULL}, /* the same, told late */
    {PAIRS("\0\0\0\0\x09\0\x06\0a\0/\0b\0\0\0\0\0"), NULL},               /* behind the end */
    {PAIRS("\x09\0\x07\0a\0/\0b\0\0"), NULL},                             /* no UTF-16 */
    {PAIRS("\x09\0\x06\0a\0/\0b"), NULL},                                 /* cut short */
    {PAIRS("\x09\0\x02\0\0\xd8"), NULL},                                  /* half a character */
    {PAIRS("\x09\0\0\0\0\0\0\0"), NULL},                                  /* empty */
    {PAIRS("\x01\0\x02\0N\0\0\0\0\0"), NULL},
    {PAIRS(""), NULL},
};

START_TEST(test_ntlm_target)
{
    unsigned char room[NTLM_ROOM];
    size_t frame = _i % 2 == 0 ? 0 : 31;
    gss_buffer_desc token = ntlm_message(room, frame, 2, 20, 0x00800001, 48 + told[_i].size);
    char *target;

    room[frame + 40] = (unsigned char)told[_i].size;
    room[frame + 44] = 48;
    memcpy(room + frame + 48, told[_i].pairs, told[_i].size);
    target = ntlmtoken_target(&token);
    if (told[_i].target == NULL)
        ck_assert_ptr_null(target);
    else
        ck_assert_pstr_eq(target, told[_i].target);
    free(target);
    room[frame + 8] = 3; /* another message */
    ck_assert_ptr_null(ntlmtoken_target(&token));
    room[frame + 8] = 2;
    while (token.length-- > 0) { /* the pairs are no longer in the message */
        unsigned char *copy = malloc(token.length + 1);

        memcpy(copy, room, token.length);
        ck_assert_ptr_null(ntlmtoken_target(&(gss_buffer_desc){token.length, copy}));
        free(copy);
    }
}
END_TEST

/* [MS-NLMP] 2.2.1.1: without Version it has 32 octets, and gss-ntlmssp wants 40. */
START_TEST(test_ntlm_repair)
{
    unsigned char room[NTLM_ROOM], *repaired;
    gss_buffer_desc token = ntlm_message(room, 0, 1, 12, 0x00088207, 32);
    void *copy = NULL;

    ck_assert_int_eq(ntlmtoken_repair(&token, &copy), SEC_E_OK);
    ck_assert_ptr_nonnull(copy);
    ck_assert_ptr_eq(token.value, copy);
    ck_assert_uint_eq(token.length, 40);
    ck_assert_mem_eq(copy, room, 32);
    ck_assert_mem_eq((unsigned char *)copy + 32, "\0\0\0\0\0\0\0\0", 8);
    free(copy);
    /* AUTHENTICATE: the flag says Version, and the user's name begins in its place. */
    copy = NULL;
    token = ntlm_message(room, 0, 3, 60, 0x02000001, 90);
    room[36] = 8;
    room[40] = 64;
    ck_assert_int_eq(ntlmtoken_repair(&token, &copy), SEC_E_OK);
    repaired = copy;
    ck_assert_ptr_nonnull(repaired);
    ck_assert_uint_eq(repaired[63], 0);
    ck_assert_uint_eq(repaired[60], 1);
    free(copy);
}
END_TEST

/* WinPR 2 gives back both charsets that it was offered: [MS-NLMP] 2.2.2.5 says which it is. */
START_TEST(test_ntlm_two_charsets)
{
    unsigned char room[NTLM_ROOM], *repaired;
    gss_buffer_desc token = ntlm_message(room, 0, 2, 20, 0xe2898237, 56);
    void *copy = NULL;

    ck_assert_int_eq(ntlmtoken_repair(&token, &copy), SEC_E_OK);
    repaired = copy;
    ck_assert_ptr_nonnull(repaired);
    ck_assert_ptr_eq(token.value, copy);
    ck_assert_uint_eq(token.length, 56);
    ck_assert_uint_eq(repaired[20], 0x35);
    repaired[20] = room[20];
    ck_assert_mem_eq(repaired, room, 56);
    free(copy);
}
END_TEST

/* What needs no repair, or is none of these, is left alone. */
static const struct {
    size_t frame;
    unsigned char type;
    size_t flags_at;
    uint32_t flags;
    size_t size;
} whole[] = {
    {0, 1, 12, 0, 40}, /* with Version */
    {0, 1, 12, 0, 31}, /* too short to be one */
    {7, 1, 12, 0, 32}, /* not raw */
    {0, 2, 20, 1, 56}, /* Unicode */
    {0, 2, 20, 2, 56}, /* OEM */
    {0, 2, 20, 3, 23}, /* too short to be one */
    {7, 2, 20, 3, 56}, /* not raw */
    {0, 3, 60, 0, 88}, /* nothing in the Version's place */
    {0, 4, 20, 3, 56}, /* no message at all */
};

START_TEST(test_ntlm_no_repair)
{
    unsigned char room[NTLM_ROOM], before[NTLM_ROOM];
    gss_buffer_desc token = ntlm_message(room, whole[_i].frame, whole[_i].type, whole[_i].flags_at,
                                         whole[_i].flags, whole[_i].size),
                    given = token, none = {0, NULL};
    void *copy = NULL;

    memcpy(before, room, sizeof(room));
    ck_assert_int_eq(ntlmtoken_repair(&token, &copy), SEC_E_OK);
    ck_assert_ptr_null(copy);
    ck_assert_ptr_eq(token.value, given.value);
    ck_assert_uint_eq(token.length, given.length);
    ck_assert_mem_eq(room, before, sizeof(room));
    ck_assert_int_eq(ntlmtoken_repair(&none, &copy), SEC_E_OK);
    ck_assert_ptr_null(copy);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gss tokens");
    TCase *tc = tcase_create("spnego"), *bound = tcase_create("bindings"),
          *target = tcase_create("targets"), *ntlm = tcase_create("NTLM");

    tcase_add_test(tc, test_inner);
    tcase_add_test(tc, test_reject);
    tcase_add_test(tc, test_mutations);
    tcase_add_test(tc, test_depth);
    tcase_add_test(tc, test_krb5_error);
    tcase_add_test(tc, test_krb5_error_numbers);
    tcase_add_test(bound, test_bindings);
    tcase_add_test(bound, test_bindings_bounds);
    tcase_add_loop_test(target, test_targets, 0, sizeof(targets) / sizeof(*targets));
    suite_add_tcase(s, tc);
    tcase_add_test(target, test_services);
    suite_add_tcase(s, bound);
    tcase_add_loop_test(ntlm, test_ntlm_challenge, 0, 2);
    tcase_add_loop_test(ntlm, test_ntlm_key, 0, 2);
    tcase_add_loop_test(ntlm, test_ntlm_target, 0, sizeof(told) / sizeof(*told));
    tcase_add_test(ntlm, test_ntlm_repair);
    tcase_add_test(ntlm, test_ntlm_two_charsets);
    tcase_add_loop_test(ntlm, test_ntlm_no_repair, 0, sizeof(whole) / sizeof(*whole));
    suite_add_tcase(s, target);
    suite_add_tcase(s, ntlm);
    return s;
}

CHECK_MAIN(suite)
