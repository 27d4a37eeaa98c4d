/* SPDX-License-Identifier: MIT */
/* TSRequest, TSCredentials and the binding to the server's key, octet for octet. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "credssp/binding.h"
#include "credssp/tscreds.h"
#include "credssp/tsrequest.h"
#include "lib/check_main.h"

/* --- Octets --------------------------------------------------------------------------------- */

static unsigned nibble(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Exactly as large as it is, so that a sanitizer sees what reads past it. */
static struct blob octets(const char *hex)
{
    struct blob blob = {malloc(strlen(hex) / 2 + 1), strlen(hex) / 2};
    unsigned char *at = realloc(blob.data, blob.size != 0 ? blob.size : 1);

    ck_assert_ptr_nonnull(at);
    for (size_t i = 0; i < blob.size; i++)
        at[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    blob.data = at;
    return blob;
}

static void assert_octets(const void *data, size_t size, const char *hex)
{
    struct blob want = octets(hex);

    ck_assert_uint_eq(size, want.size);
    ck_assert_mem_eq(data, want.data, want.size);
    blob_wipe(&want);
}

/* --- TSRequest ------------------------------------------------------------------------------ */

#define NONCE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY   "3006020103020103" /* an RSAPublicKey, very small */

static const struct request_case {
    const char *der;
    uint32_t version;
    const char *token, *auth_info, *pubkey_auth, *nonce;
    bool failed;
    uint32_t error;
    bool ours; /* and we would write it so */
} requests[] = {
    {"303ba003020106a110300e300ca00a04084e544c4d53535000a5220420" NONCE, 6, "4e544c4d53535000",
     NULL, NULL, NONCE, false, 0, true},
    {"300da003020106a4060204c000006d", 6, NULL, NULL, NULL, NULL, true, 0xc000006d, true},
    {"300ea003020106a407020500c000006d", 6, NULL, NULL, NULL, NULL, true, 0xc000006d, false},
    {"301da003020102a3160414aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 2, NULL, NULL,
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, false, 0, true},
    {"300aa003020105a203040101", 5, NULL, "01", NULL, NULL, false, 0, true},
    {"3005a003020103", 3, NULL, NULL, NULL, NULL, false, 0, true},
    {"308105a003020106", 6, NULL, NULL, NULL, NULL, false, 0,
     false}, /* a longer length than need be */
    /* a token of no length is there all the same */
    {"300fa003020103a10830063004a0020400", 3, "", NULL, NULL, NULL, false, 0, true},
};

static void assert_part(struct asn_part part, const char *hex)
{
    ck_assert_int_eq(part.data != NULL, hex != NULL);
    if (hex != NULL)
        assert_octets(part.data, part.size, hex);
}

START_TEST(request_is_read)
{
    const struct request_case *test = &requests[_i];
    struct blob der = octets(test->der), again;
    struct tsrequest request;
    size_t frame;

    ck_assert_int_eq(tsrequest_frame(der.data, der.size, &frame), SEC_E_OK);
    ck_assert_uint_eq(frame, der.size);
    ck_assert_int_eq(tsrequest_decode(&request, der.data, der.size), SEC_E_OK);
    ck_assert_uint_eq(request.version, test->version);
    assert_part(request.token, test->token);
    assert_part(request.auth_info, test->auth_info);
    assert_part(request.pubkey_auth, test->pubkey_auth);
    assert_part(request.nonce, test->nonce);
    ck_assert_int_eq(request.failed, test->failed);
    ck_assert_uint_eq(request.error, test->error);
    ck_assert_int_eq(tsrequest_encode(&request, &again), SEC_E_OK);
    if (test->ours)
        assert_octets(again.data, again.size, test->der);
    else
        ck_assert_int_eq(tsrequest_decode(&request, again.data, again.size), SEC_E_OK);
    ck_assert_uint_eq(request.error, test->error);
    blob_wipe(&again);
    blob_wipe(&der);
}
END_TEST

static const char *const no_requests[] = {
    "",
    "30",
    "3000",                                           /* no version */
    "3080a0030201060000",                             /* indefinite length */
    "3005a00302010600",                               /* one octet more */
    "300aa003020106a003020106",                       /* the version twice */
    "300fa003020106a1003006a0040402abcd",             /* no NegoData */
    "3009a003020106a1023000",                         /* an empty one */
    "300ba003020106a10430023000",                     /* a token that is not there */
    "3015a003020106a10e300c3004a00204003004a0020400", /* two tokens */
    "300ca003020106a505040300010200",         /* a nonce of three octets, and one octet behind */
    "300ca003020106a5050403000102",           /* a nonce of three octets */
    "3010a003020106a4090207010203040506ff",   /* an error of 56 bits */
    "3010a003020106a40902070102030405060708", /* lengths that do not agree */
    "3009a00702050100000006",                 /* a version of 33 bits */
    "3005a0030201ff",                         /* version -1 */
    "300ea003020106a606040411223344ff",       /* an element that there is not */
    "300aa203040101a003020105",               /* another order */
    "300ca003020106a2800401010000",           /* indefinite length inside */
    "300ca003020106a2052403040101",           /* an OCTET STRING of parts */
    "300aa003020106a203040501",               /* longer inside than outside */
    "300aa003020106a204040101",               /* the same, a level higher */
    "300ca003020106a2050401010000",           /* more inside a tag than its value */
    "300ba003020106a2040401010000",           /* and behind it */
    "300fa003020106a203040101a203040101",     /* a field twice */
    "3105a003020106",
};

START_TEST(no_request_is_refused)
{
    struct blob der = octets(no_requests[_i]);
    struct tsrequest request;

    ck_assert_int_eq(tsrequest_decode(&request, der.data, der.size), SEC_E_INVALID_TOKEN);
    blob_wipe(&der);
}
END_TEST

/* Every prefix waits for more, and is no message; a larger buffer does not change the frame. */
START_TEST(frame_is_found_at_any_cut)
{
    struct blob der = octets(requests[0].der);
    struct tsrequest request;
    size_t frame;

    for (size_t size = 0; size < der.size; size++) {
        void *cut = memory_copy(der.data, size);

        ck_assert_int_eq(tsrequest_frame(cut, size, &frame), SEC_E_OK);
        ck_assert_uint_eq(frame, size < 2 ? 0 : der.size);
        ck_assert_int_eq(tsrequest_decode(&request, cut, size), SEC_E_INVALID_TOKEN);
        free(cut);
    }
    blob_wipe(&der);
}
END_TEST

static const struct {
    const char *start;
    SECURITY_STATUS status;
    size_t frame;
} frames[] = {
    {"307f", SEC_E_OK, 0x81},
    {"3081", SEC_E_OK, 0},
    {"308180", SEC_E_OK, 0x83},
    {"308201", SEC_E_OK, 0},
    {"30820100", SEC_E_OK, 0x104},
    {"3082fffc", SEC_E_OK, 0x10000},
    {"3082fffd", SEC_E_INVALID_TOKEN, 0},
    {"3083010000", SEC_E_INVALID_TOKEN, 0},
    {"3080", SEC_E_INVALID_TOKEN, 0},
    {"3084", SEC_E_INVALID_TOKEN, 0},
    {"30ff", SEC_E_INVALID_TOKEN, 0},
    {"31", SEC_E_INVALID_TOKEN, 0},
};

START_TEST(frame_of_a_start)
{
    struct blob start = octets(frames[_i].start);
    size_t frame;

    ck_assert_int_eq(tsrequest_frame(start.data, start.size, &frame), frames[_i].status);
    ck_assert_uint_eq(frame, frames[_i].frame);
    blob_wipe(&start);
}
END_TEST

static size_t tlv_size(size_t size)
{
    return size < 128 ? 2 + size : size < 256 ? 3 + size : size < 65536 ? 4 + size : 5 + size;
}

/* Lengths are the shortest there are, X.690 10.1; what is read has a limit. */
START_TEST(lengths_are_the_shortest)
{
    static const size_t sizes[] = {0,   1,   116, 117, 118,   119,   125,   126,   127,   128,  241,
                                   242, 250, 255, 256, 16384, 32767, 65518, 65519, 65520, 70000};
    size_t size = sizes[_i];
    uint8_t *octets = calloc(1, size + 1);
    struct tsrequest request = {.version = 6, .pubkey_auth = {octets, size}}, again;
    struct blob der;

    ck_assert_int_eq(tsrequest_encode(&request, &der), SEC_E_OK);
    ck_assert_uint_eq(der.size, tlv_size(5 + tlv_size(tlv_size(size))));
    ck_assert_int_eq(tsrequest_decode(&again, der.data, der.size),
                     der.size <= TSREQUEST_MAX ? SEC_E_OK : SEC_E_INVALID_TOKEN);
    if (der.size <= TSREQUEST_MAX)
        ck_assert_uint_eq(again.pubkey_auth.size, size);
    blob_wipe(&der);
    free(octets);
}
END_TEST

/* A flipped bit gives another message or none; nothing is read outside, nothing leaks. */
START_TEST(flipped_bits_of_a_request)
{
    struct blob der = octets(requests[_i].der), again;
    struct tsrequest request;

    for (size_t bit = 0; bit < der.size * 8; bit++) {
        unsigned char *at = (unsigned char *)der.data + bit / 8;

        *at ^= (unsigned char)(1U << bit % 8);
        if (tsrequest_decode(&request, der.data, der.size) == SEC_E_OK) {
            ck_assert_int_eq(tsrequest_encode(&request, &again), SEC_E_OK);
            blob_wipe(&again);
        }
        *at ^= (unsigned char)(1U << bit % 8);
    }
    blob_wipe(&der);
}
END_TEST

/* --- TSCredentials -------------------------------------------------------------------------- */

/* The example of [MS-CSSP] 4, a smart card. */
#define CARD                                                                                       \
    "3082010fa003020102a1820106048201023081ffa01a04186200620062006200620062006200620062006200"     \
    "62006200a181e03081dda003020101a22e042c4f004d004e0049004b0045005900200043006100720064004d"     \
    "0061006e002000330078003200310020003000a350044e6c0065002d004d00530053006d0061007200740063"     \
    "0061007200640055007300650072002d00380062006400610030003100390066002d0031003200360036002d"     \
    "002d0035003300320036003800a45404524d006900630072006f0073006f0066007400200042006100730065"     \
    "00200053006d00610072007400200043006100720064002000430072007900700074006f002000500072006f"     \
    "0076006900640065007200"

static const struct {
    const char *domain, *user, *password, *der;
} passwords[] = {
    {"Domain", "User", "Password",
     "303ba003020101a13404323030a00e040c44006f006d00610069006e00a10a04085500730065007200a2120410500"
     "0"
     "61007300730077006f0072006400"},
    {"", "", "", "3017a003020101a110040e300ca0020400a1020400a2020400"},
    {NULL, NULL, NULL, "3017a003020101a110040e300ca0020400a1020400a2020400"},
    /* beyond ASCII, and beyond 16 bits */
    {"", "\xc3\xbc", "\xf0\x9f\x94\x91",
     "301da003020101a11604143012a0020400a1040402fc00a20604043dd811dd"},
};

START_TEST(password_both_ways)
{
    struct blob der = octets(passwords[_i].der), made;
    const char *text[] = {passwords[_i].domain, passwords[_i].user, passwords[_i].password};
    struct tscreds creds = {.type = TSCREDS_PASSWORD,
                            .u.password = {(char *)(uintptr_t)text[0], (char *)(uintptr_t)text[1],
                                           (char *)(uintptr_t)text[2]}};

    ck_assert_int_eq(tscreds_encode(&creds, &made), SEC_E_OK);
    assert_octets(made.data, made.size, passwords[_i].der);
    ck_assert_int_eq(tscreds_decode(&creds, der.data, der.size), SEC_E_OK);
    ck_assert_int_eq(creds.type, TSCREDS_PASSWORD);
    ck_assert_str_eq(creds.u.password.domain, text[0] == NULL ? "" : text[0]);
    ck_assert_str_eq(creds.u.password.user, text[1] == NULL ? "" : text[1]);
    ck_assert_str_eq(creds.u.password.password, text[2] == NULL ? "" : text[2]);
    tscreds_wipe(&creds);
    blob_wipe(&made);
    blob_wipe(&der);
}
END_TEST

/* Clients such as rdesktop end each text with a zero. One within a text is none of its end. */
START_TEST(texts_may_end_with_a_zero)
{
    struct blob ended = octets("3027a003020101a120041e301ca006040444000000a10804065500760000"
                               "00a2080406500077000000"),
                within = octets("3021a003020101a11a04183016a0020400a10804065500000076"
                                "00a206040450007700");
    struct tscreds creds;

    ck_assert_int_eq(tscreds_decode(&creds, ended.data, ended.size), SEC_E_OK);
    ck_assert_str_eq(creds.u.password.domain, "D");
    ck_assert_str_eq(creds.u.password.user, "Uv");
    ck_assert_str_eq(creds.u.password.password, "Pw");
    tscreds_wipe(&creds);
    ck_assert_int_eq(tscreds_decode(&creds, within.data, within.size), SEC_E_INVALID_TOKEN);
    blob_wipe(&ended);
    blob_wipe(&within);
}
END_TEST

START_TEST(smart_card_of_the_specification)
{
    struct blob der = octets(CARD), made;
    struct tscreds creds;

    ck_assert_int_eq(tscreds_decode(&creds, der.data, der.size), SEC_E_OK);
    ck_assert_int_eq(creds.type, TSCREDS_SMARTCARD);
    ck_assert_str_eq(creds.u.smartcard.pin, "bbbbbbbbbbbb");
    ck_assert_uint_eq(creds.u.smartcard.key_spec, 1);
    ck_assert_str_eq(creds.u.smartcard.reader, "OMNIKEY CardMan 3x21 0");
    ck_assert_int_eq(tscreds_encode(&creds, &made), SEC_E_OK);
    assert_octets(made.data, made.size, CARD);
    blob_wipe(&made);
    tscreds_wipe(&creds);
    blob_wipe(&der);
}
END_TEST

START_TEST(remote_guard_both_ways)
{
    unsigned char ticket[] = {1, 2, 3}, hash[] = {4};
    static char ntlm[] = "NTLM", kerberos[] = "Kerberos";
    struct tscreds_guard more[] = {{ntlm, {hash, sizeof(hash)}}, {ntlm, {hash, 0}}};
    struct tscreds creds = {.type = TSCREDS_REMOTE_GUARD,
                            .u.guard = {{kerberos, {ticket, sizeof(ticket)}}, more, (unsigned)_i}};
    struct blob der;

    ck_assert_int_eq(tscreds_encode(&creds, &der), SEC_E_OK);
    ck_assert_int_eq(tscreds_decode(&creds, der.data, der.size), SEC_E_OK);
    ck_assert_str_eq(creds.u.guard.logon.package, "Kerberos");
    assert_octets(creds.u.guard.logon.octets.data, creds.u.guard.logon.octets.size, "010203");
    ck_assert_uint_eq(creds.u.guard.supplemental_count, (unsigned)_i);
    for (int i = 0; i < _i; i++) {
        ck_assert_str_eq(creds.u.guard.supplemental[i].package, "NTLM");
        ck_assert_uint_eq(creds.u.guard.supplemental[i].octets.size, i == 0 ? 1 : 0);
    }
    tscreds_wipe(&creds);
    blob_wipe(&der);
}
END_TEST

static const struct {
    const char *der;
    SECURITY_STATUS status;
} no_creds[] = {
    {"", SEC_E_INVALID_TOKEN},
    {"3017a003020103a110040e300ca0020400a1020400a2020400", SEC_E_UNKNOWN_CREDENTIALS},
    {"3017a003020102a110040e300ca0020400a1020400a2020400", SEC_E_INVALID_TOKEN},   /* no card */
    {"3018a003020101a111040f300ca0020400a1020400a202040000", SEC_E_INVALID_TOKEN}, /* one more */
    {"3018a003020101a111040f300da003040161a1020400a2020400", SEC_E_INVALID_TOKEN}, /* half a unit */
    {"3019a003020101a1120410300ea004040200d8a1020400a2020400",
     SEC_E_INVALID_TOKEN}, /* half a pair */
    {"301ba003020101a11404123010a006040400006100a1020400a2020400", SEC_E_INVALID_TOKEN}, /* NUL */
    {"3013a003020101a10c040a3008a0020400a1020400", SEC_E_INVALID_TOKEN}, /* no password */
    {"300ba003020101a10404023000", SEC_E_INVALID_TOKEN},                 /* nothing of a password */
    {"300ba003020102a10404023000", SEC_E_INVALID_TOKEN},                 /* of a card */
    {"300ba003020106a10404023000", SEC_E_INVALID_TOKEN},                 /* of tickets */
    {"300fa003020106a10804063004a0023000", SEC_E_INVALID_TOKEN},         /* of a logon */
    {"3014a003020102a10d040b3009a0020400a1033001ff", SEC_E_INVALID_TOKEN},
    {"3013a003020102a10c040a3008a0020400a1023000", SEC_E_INVALID_TOKEN}, /* of the card's data */
    {"3000", SEC_E_UNKNOWN_CREDENTIALS},
};

START_TEST(no_credentials_are_refused)
{
    struct blob der = octets(no_creds[_i].der);
    struct tscreds creds;

    ck_assert_int_eq(tscreds_decode(&creds, der.data, der.size), no_creds[_i].status);
    blob_wipe(&der);
}
END_TEST

START_TEST(altered_credentials)
{
    struct blob der = octets(_i == 0 ? passwords[0].der : CARD);
    struct tscreds creds;

    for (size_t size = 0; size < der.size; size++) {
        void *cut = memory_copy(der.data, size);

        ck_assert_int_eq(tscreds_decode(&creds, cut, size), SEC_E_INVALID_TOKEN);
        free(cut);
    }
    for (size_t bit = 0; bit < der.size * 8; bit++) {
        unsigned char *at = (unsigned char *)der.data + bit / 8;

        *at ^= (unsigned char)(1U << bit % 8);
        if (tscreds_decode(&creds, der.data, der.size) == SEC_E_OK)
            tscreds_wipe(&creds);
        *at ^= (unsigned char)(1U << bit % 8);
    }
    blob_wipe(&der);
}
END_TEST

/* --- The binding ---------------------------------------------------------------------------- */

static const struct {
    uint32_t version;
    bool by_client;
    const char *key, *value;
} bindings[] = {
    {5, true, KEY, "d1442d51d4e4d11ab4ed64fcba1eba6e0524445578a70f23ba1972c5cd8c45b1"},
    {6, true, KEY, "d1442d51d4e4d11ab4ed64fcba1eba6e0524445578a70f23ba1972c5cd8c45b1"},
    {6, false, KEY, "2d5bf37931e413469a972ec4dde5ee06463adcf7962a4949ef7806ffbabc4f18"},
    {2, true, KEY, KEY},
    {4, false, KEY, "3106020103020103"},
    {4, false, "ff0102", "000202"},
    {3, false, "ffff", "0000"},
};

START_TEST(binding_is_made)
{
    struct blob key = octets(bindings[_i].key), nonce = octets(NONCE), value;
    struct asn_part part = {key.data, key.size};

    ck_assert_int_eq(
        binding_make(bindings[_i].version, bindings[_i].by_client, part, nonce.data, &value),
        SEC_E_OK);
    assert_octets(value.data, value.size, bindings[_i].value);
    part = (struct asn_part){value.data, value.size};
    ck_assert(binding_equal(&value, part));
    part.size--;
    ck_assert(!binding_equal(&value, part));
    for (size_t bit = 0; bit < value.size * 8; bit++) {
        unsigned char *copy = memory_copy(value.data, value.size);

        copy[bit / 8] ^= (unsigned char)(1U << bit % 8);
        ck_assert(!binding_equal(&value, (struct asn_part){copy, value.size}));
        free(copy);
    }
    blob_wipe(&value);
    ck_assert(!binding_equal(&value, (struct asn_part){nonce.data, 0}));
    blob_wipe(&nonce);
    blob_wipe(&key);
}
END_TEST

/* --- First use ------------------------------------------------------------------------------ */

#define READERS 8

static pthread_barrier_t start;

static void *request_read(void *hex)
{
    struct blob der = octets(hex);
    struct tsrequest request;
    SECURITY_STATUS status;

    pthread_barrier_wait(&start);
    status = tsrequest_decode(&request, der.data, der.size);
    blob_wipe(&der);
    return status == SEC_E_OK && request.version == 6 ? hex : NULL;
}

/* libtasn1's tree of the module is made by whoever comes first, and here several do. */
START_TEST(first_readers_come_at_once)
{
    static char hex[] = "3005a003020106";
    pthread_t readers[READERS];
    void *result;

    ck_assert_int_eq(pthread_barrier_init(&start, NULL, READERS), 0);
    for (unsigned i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, request_read, hex), 0);
    for (unsigned i = 0; i < READERS; i++) {
        ck_assert_int_eq(pthread_join(readers[i], &result), 0);
        ck_assert_ptr_eq(result, hex);
    }
    pthread_barrier_destroy(&start);
}
END_TEST

/* --- The key that is bound ------------------------------------------------------------------ */

#define HEAD                                                                                       \
    "020101"                                                                                       \
    "3000"                                                                                         \
    "3000"                                                                                         \
    "3000"                                                                                         \
    "3000" /* serial, signature, issuer, validity, subject */
#define TAIL                                                                                       \
    "3000"                                                                                         \
    "03020001" /* the signature */

static const struct {
    const char *chain, *key; /* no key: refused */
} chains[] = {
    {"301c"
     "3014" HEAD "3007"
     "3000"
     "030300abcd" TAIL,
     "abcd"},
    {"301c"
     "3014" HEAD "3007"
     "3000"
     "030300abcd" TAIL "3003020101",
     "abcd"}, /* and others */
    {"3021"
     "3019"
     "a003020102" HEAD "3007"
     "3000"
     "030300abcd" TAIL,
     "abcd"}, /* version 3 */
    {"301c"
     "3014" HEAD "3007"
     "3000"
     "030304abc0" TAIL,
     NULL}, /* half an octet */
    {"301a"
     "3012" HEAD "3005"
     "3000"
     "030100" TAIL,
     NULL},
    {"301c"
     "3014" HEAD "3007"
     "3000"
     "040300abcd" TAIL,
     NULL},
    {"300f"
     "3007"
     "020101"
     "3000"
     "3000" TAIL,
     NULL},
    {"3003020101", NULL},
};

START_TEST(key_is_found)
{
    struct blob chain = octets(chains[_i].chain), key;
    SECURITY_STATUS status = binding_key((struct asn_part){chain.data, chain.size}, &key);

    ck_assert_int_eq(status, chains[_i].key != NULL ? SEC_E_OK : SEC_E_CERT_UNKNOWN);
    if (chains[_i].key != NULL)
        assert_octets(key.data, key.size, chains[_i].key);
    blob_wipe(&key);
    blob_wipe(&chain);
}
END_TEST

START_TEST(cut_chain_has_no_key)
{
    struct blob chain = octets(chains[0].chain), key;

    for (size_t size = 0; size < chain.size; size++)
        ck_assert_int_eq(binding_key((struct asn_part){chain.data, size}, &key),
                         SEC_E_CERT_UNKNOWN);
    blob_wipe(&chain);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *suite(void)
{
    Suite *all = suite_create("credssp messages");
    TCase *tests = tcase_create("messages");

    tcase_add_loop_test(tests, request_is_read, 0, COUNT(requests));
    tcase_add_loop_test(tests, no_request_is_refused, 0, COUNT(no_requests));
    tcase_add_test(tests, frame_is_found_at_any_cut);
    tcase_add_loop_test(tests, frame_of_a_start, 0, COUNT(frames));
    tcase_add_loop_test(tests, lengths_are_the_shortest, 0, 21);
    tcase_add_loop_test(tests, flipped_bits_of_a_request, 0, COUNT(requests));
    tcase_add_loop_test(tests, password_both_ways, 0, COUNT(passwords));
    tcase_add_test(tests, texts_may_end_with_a_zero);
    tcase_add_test(tests, smart_card_of_the_specification);
    tcase_add_loop_test(tests, remote_guard_both_ways, 0, 3);
    tcase_add_loop_test(tests, no_credentials_are_refused, 0, COUNT(no_creds));
    tcase_add_loop_test(tests, altered_credentials, 0, 2);
    tcase_add_loop_test(tests, binding_is_made, 0, COUNT(bindings));
    tcase_add_test(tests, first_readers_come_at_once);
    tcase_add_loop_test(tests, key_is_found, 0, COUNT(chains));
    tcase_add_test(tests, cut_chain_has_no_key);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
