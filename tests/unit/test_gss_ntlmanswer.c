/* SPDX-License-Identifier: MIT */
/*
 * Answers to NTLM challenges for servers that know the NTOWFv2: the vector of [MS-NLMP] 4.2.4, what
 * becomes of it, and everything that is nearly it.
 */
#include "gss/ntlmanswer.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gss/ntlmtoken.h"
#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

/* User "User", domain "Domain", password "Password", random session key 0x55 sixteen times. */
static const uint8_t response_key[16] = {0x0c, 0x86, 0x8a, 0x40, 0x3b, 0xfd, 0x7a, 0x93,
                                         0xa3, 0x00, 0x1e, 0xf2, 0x2e, 0xf0, 0x2e, 0x3f};

static const uint8_t negotiate[40] = {'N',  'T', 'L', 'M', 'S',  'S',  'P',  0,
                                      0x01, 0,   0,   0,   0x33, 0x82, 0x8a, 0xe2};

static const uint8_t challenge[56] = {
    'N', 'T', 'L', 'M', 'S',  'S',  'P',  0,    0x02, 0,    0,    0,    0,    0,    0,    0,
    56,  0,   0,   0,   0x33, 0x82, 0x8a, 0xe2, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};

static const uint8_t authenticate[] = {
    0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00, 0x03, 0x00, 0x00, 0x00, 0x18, 0x00, 0x18, 0x00,
    0x6c, 0x00, 0x00, 0x00, 0x54, 0x00, 0x54, 0x00, 0x84, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x0c, 0x00,
    0x48, 0x00, 0x00, 0x00, 0x08, 0x00, 0x08, 0x00, 0x54, 0x00, 0x00, 0x00, 0x10, 0x00, 0x10, 0x00,
    0x5c, 0x00, 0x00, 0x00, 0x10, 0x00, 0x10, 0x00, 0xd8, 0x00, 0x00, 0x00, 0x35, 0x82, 0x88, 0xe2,
    0x05, 0x01, 0x28, 0x0a, 0x00, 0x00, 0x00, 0x0f, 0x44, 0x00, 0x6f, 0x00, 0x6d, 0x00, 0x61, 0x00,
    0x69, 0x00, 0x6e, 0x00, 0x55, 0x00, 0x73, 0x00, 0x65, 0x00, 0x72, 0x00, 0x43, 0x00, 0x4f, 0x00,
    0x4d, 0x00, 0x50, 0x00, 0x55, 0x00, 0x54, 0x00, 0x45, 0x00, 0x52, 0x00, 0x86, 0xc3, 0x50, 0x97,
    0xac, 0x9c, 0xec, 0x10, 0x25, 0x54, 0x76, 0x4a, 0x57, 0xcc, 0xcc, 0x19, 0xaa, 0xaa, 0xaa, 0xaa,
    0xaa, 0xaa, 0xaa, 0xaa, 0x68, 0xcd, 0x0a, 0xb8, 0x51, 0xe5, 0x1c, 0x96, 0xaa, 0xbc, 0x92, 0x7b,
    0xeb, 0xef, 0x6a, 0x1c, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0x00, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x0c, 0x00, 0x44, 0x00, 0x6f, 0x00, 0x6d, 0x00, 0x61, 0x00, 0x69, 0x00, 0x6e, 0x00,
    0x01, 0x00, 0x0c, 0x00, 0x53, 0x00, 0x65, 0x00, 0x72, 0x00, 0x76, 0x00, 0x65, 0x00, 0x72, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc5, 0xda, 0xd2, 0x54, 0x4f, 0xc9, 0x79, 0x90,
    0x94, 0xce, 0x1c, 0xe9, 0x0b, 0xc9, 0xd0, 0x3e};

#define PROOF       0x84
#define BLOB        0x94
#define SESSION_KEY 0xd8
#define SIZE        sizeof(authenticate)

/* --- A source ------------------------------------------------------------------------------- */

static SECURITY_STATUS tell(void *argument, const SEC_WINNT_AUTH_IDENTITY_W *who,
                            const SecBuffer *proof, const uint8_t *session_key, const uint8_t *mic,
                            const SecBuffer *messages, uint8_t *hash)
{
    int *asked = argument;

    ck_assert_ptr_nonnull(who->User);
    ck_assert_ptr_nonnull(session_key);
    ck_assert_ptr_nonnull(mic);
    ck_assert_uint_ge(proof->cbBuffer, 8);
    ck_assert_uint_gt(messages->cbBuffer, sizeof(negotiate) + sizeof(challenge));
    memcpy(hash, response_key, sizeof(response_key));
    (*asked)++;
    return SEC_E_OK;
}

/* The message is given in memory of just its size, so that a sanitizer sees what is behind it. */
static SECURITY_STATUS make(const uint8_t *message, size_t size, struct blob *answer,
                            char nt_hash[IDENTITY_NTHASH_HEX + 1])
{
    struct ntlm_exchange exchange = {
        {memory_copy(negotiate, sizeof(negotiate)), sizeof(negotiate)},
        {memory_copy(challenge, sizeof(challenge)), sizeof(challenge)}};
    int asked = 0;
    struct hash_source source = {tell, &asked, true};
    gss_buffer_desc token = {size, malloc(size)};
    SECURITY_STATUS status;

    if (size != 0)
        memcpy(token.value, message, size);
    status = ntlmanswer_make(&source, &exchange, &token, answer, nt_hash);
    ck_assert(status != SEC_E_OK || asked == 1);
    free(token.value);
    ntlmanswer_forget(&exchange);
    return status;
}

/* --- What is made --------------------------------------------------------------------------- */

static void hmac(const uint8_t key[16], const void *data, size_t size, uint8_t out[16])
{
    ck_assert_int_eq(gnutls_hmac_fast(GNUTLS_MAC_MD5, key, 16, data, size, out), 0);
}

static void rc4(const uint8_t key[16], const uint8_t from[16], uint8_t to[16])
{
    gnutls_datum_t datum = {(unsigned char *)(uintptr_t)key, 16};
    gnutls_cipher_hd_t cipher;

    ck_assert_int_eq(gnutls_cipher_init(&cipher, GNUTLS_CIPHER_ARCFOUR_128, &datum, NULL), 0);
    ck_assert_int_eq(gnutls_cipher_encrypt2(cipher, from, 16, to, 16), 0);
    gnutls_cipher_deinit(cipher);
}

/* NTOWFv2 from the hash that was made up: HMAC of "USERDomain" in UTF-16. */
static void key_of(const char *hex, uint8_t key[16])
{
    static const char name[] = "U\0S\0E\0R\0D\0o\0m\0a\0i\0n";
    uint8_t hash[16];
    unsigned octet;

    ck_assert_uint_eq(strlen(hex), 32);
    for (int i = 0; i < 16; i++) {
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &octet), 1);
        hash[i] = (uint8_t)octet;
    }
    hmac(hash, name, sizeof(name), key);
}

/* The session key in a message under a key, when its proof is right. */
static void session_key_of(const uint8_t *message, const uint8_t key[16], uint8_t session[16])
{
    uint8_t value[8 + SESSION_KEY - BLOB], proof[16], base[16];

    memcpy(value, challenge + 24, 8);
    memcpy(value + 8, message + BLOB, SESSION_KEY - BLOB);
    hmac(key, value, sizeof(value), proof);
    ck_assert_mem_eq(proof, message + PROOF, sizeof(proof));
    hmac(key, proof, sizeof(proof), base);
    rc4(base, message + SESSION_KEY, session);
}

START_TEST(test_vector)
{
    char hash[IDENTITY_NTHASH_HEX + 1], again[IDENTITY_NTHASH_HEX + 1];
    uint8_t key[16], session[16], expected[16];
    struct blob answer, other;

    memset(expected, 0x55, sizeof(expected));
    session_key_of(authenticate, response_key, session);
    ck_assert_mem_eq(session, expected, sizeof(expected)); /* the vector is what it says */
    ck_assert_int_eq(make(authenticate, SIZE, &answer, hash), SEC_E_OK);
    ck_assert_uint_eq(answer.size, SIZE);
    key_of(hash, key);
    session_key_of(answer.data, key, session);
    ck_assert_mem_eq(session, expected, sizeof(expected));
    /* Nothing else is changed, and the key is another one every time. */
    ck_assert_mem_eq(answer.data, authenticate, PROOF);
    ck_assert_mem_eq((uint8_t *)answer.data + BLOB, authenticate + BLOB, SESSION_KEY - BLOB);
    ck_assert_int_eq(make(authenticate, SIZE, &other, again), SEC_E_OK);
    ck_assert_str_ne(hash, again);
    blob_wipe(&answer);
    blob_wipe(&other);
}
END_TEST

/* With room for a MIC: one that is right is right afterwards, one that is wrong stays so. */
START_TEST(test_mic)
{
    static const int fields[] = {12, 20, 28, 36, 44, 52};
    uint8_t message[SIZE + 16], session[16], key[16], right[16], all[96 + SIZE + 16];
    char hash[IDENTITY_NTHASH_HEX + 1];
    struct blob answer;
    uint8_t *made;

    memcpy(message, authenticate, 72);
    memset(message + 72, 0, 16);
    memcpy(message + 88, authenticate + 72, SIZE - 72);
    for (int i = 0; i < COUNT(fields); i++)
        message[fields[i] + 4] = (uint8_t)(message[fields[i] + 4] + 16);
    memset(session, 0x55, sizeof(session));
    memcpy(all, negotiate, 40);
    memcpy(all + 40, challenge, 56);
    memcpy(all + 96, message, sizeof(message));
    hmac(session, all, sizeof(all), message + 72);
    if (_i != 0)
        message[72] ^= 1;
    ck_assert_int_eq(make(message, sizeof(message), &answer, hash), SEC_E_OK);
    made = answer.data;
    memcpy(all + 96, made, sizeof(message));
    memset(all + 96 + 72, 0, 16);
    hmac(session, all, sizeof(all), right);
    ck_assert((memcmp(made + 72, right, 16) == 0) == (_i == 0));
    if (_i != 0)
        ck_assert_mem_eq(made + 72, message + 72, 16);
    key_of(hash, key);
    ck_assert_mem_ne(made + PROOF + 16, message + PROOF + 16, 16);
    blob_wipe(&answer);
}
END_TEST

/* --- What is nearly one --------------------------------------------------------------------- */

static bool is_within(size_t at, size_t from, size_t to)
{
    return at >= from && at < to;
}

/* A bit of the proof or of what it is of, or none at all: then it is not the user's. */
START_TEST(test_flips)
{
    uint8_t message[SIZE];
    char hash[IDENTITY_NTHASH_HEX + 1];
    struct blob answer;
    SECURITY_STATUS status;

    for (size_t at = 0; at < SIZE; at++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(message, authenticate, SIZE);
            message[at] ^= (uint8_t)(1 << bit);
            status = make(message, SIZE, &answer, hash);
            if (is_within(at, PROOF, SESSION_KEY))
                ck_assert_int_eq(status, SEC_E_LOGON_DENIED);
            ck_assert((status == SEC_E_OK) == (answer.data != NULL));
            blob_wipe(&answer);
        }
}
END_TEST

START_TEST(test_prefixes)
{
    char hash[IDENTITY_NTHASH_HEX + 1];
    struct blob answer;

    for (size_t size = 0; size < SIZE; size++) {
        ck_assert_int_lt(make(authenticate, size, &answer, hash), 0);
        ck_assert_ptr_null(answer.data);
    }
}
END_TEST

/* Fields that lead out of the message, into its head or into one another. */
static const struct {
    int field;
    uint32_t length, offset;
} bad_fields[] = {
    {20, 0x54, 0xffffffff}, {20, 0xffff, 0x84}, {20, 0x54, 0xe8}, {20, 0x54, 0x10},
    {20, 24, 0x84},         {20, 43, 0x84},     {20, 0, 0},       {52, 16, 0xfffffff8},
    {52, 15, 0xd8},         {52, 17, 0xd8},     {52, 0, 0xd8},    {52, 16, 0x84},
    {52, 16, 0x75},         {36, 0xffff, 0x54}, {36, 7, 0x54},    {36, 8, 0xfffffffe},
    {28, 0xffff, 0x48},     {28, 12, 0xe0},
};

START_TEST(test_fields)
{
    uint8_t message[SIZE];
    char hash[IDENTITY_NTHASH_HEX + 1];
    struct blob answer;

    memcpy(message, authenticate, SIZE);
    for (int i = 0; i < 2; i++)
        message[bad_fields[_i].field + i] = (uint8_t)(bad_fields[_i].length >> 8 * i);
    for (int i = 0; i < 4; i++)
        message[bad_fields[_i].field + 4 + i] = (uint8_t)(bad_fields[_i].offset >> 8 * i);
    ck_assert_int_lt(make(message, SIZE, &answer, hash), 0);
    ck_assert_ptr_null(answer.data);
}
END_TEST

/* No challenge was kept, or one that asks for no key. */
START_TEST(test_exchange)
{
    int asked = 0;
    struct hash_source source = {tell, &asked, true};
    struct ntlm_exchange exchange = {{NULL, 0}, {NULL, 0}};
    gss_buffer_desc token = {SIZE, (void *)(uintptr_t)authenticate};
    char hash[IDENTITY_NTHASH_HEX + 1];
    struct blob answer;
    uint8_t *flags;

    ck_assert_int_lt(ntlmanswer_make(&source, &exchange, &token, &answer, hash), 0);
    exchange.challenge =
        (struct blob){memory_copy(challenge, sizeof(challenge)), sizeof(challenge)};
    flags = (uint8_t *)exchange.challenge.data + 20;
    flags[3] &= 0xbf;
    ck_assert_int_eq(ntlmanswer_make(&source, &exchange, &token, &answer, hash),
                     SEC_E_LOGON_DENIED);
    ck_assert_int_eq(asked, 0);
    ntlmanswer_forget(&exchange);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("gss_ntlmanswer");
    TCase *tc = tcase_create("all");

    tcase_add_test(tc, test_vector);
    tcase_add_loop_test(tc, test_mic, 0, 2);
    tcase_add_test(tc, test_flips);
    tcase_add_test(tc, test_prefixes);
    tcase_add_loop_test(tc, test_fields, 0, COUNT(bad_fields));
    tcase_add_test(tc, test_exchange);
    suite_add_tcase(made, tc);
    return made;
}

CHECK_MAIN(suite)
