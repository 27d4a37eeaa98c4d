/* SPDX-License-Identifier: MIT */
/* Digest's parts: the RFCs' examples, what is read and what is not, nonces, accounts. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/text.h"
#include "digest/accounts.h"
#include "digest/charset.h"
#include "digest/directive.h"
#include "digest/nonce.h"
#include "digest/response.h"
#include "lib/check_main.h"
#include "lib/clock.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* --- Responses ------------------------------------------------------------------------------ */

#define RFC7616_NONCE  "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
#define RFC7616_CNONCE "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"

static const struct {
    const char *algorithm, *user, *realm, *password;
    struct digest_claim claim;
    const char *response, *rspauth;
} examples[] = {
    /* RFC 2617 3.5 */
    {"MD5",
     "Mufasa",
     "testrealm@host.com",
     "Circle Of Life",
     {.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      .cnonce = "0a4f113b",
      .nc = "00000001",
      .qop = "auth",
      .method = "GET",
      .uri = "/dir/index.html"},
     "6629fae49393a05397450978507c4ef1",
     NULL},
    /* The same without qop, as RFC 2069 2.4 has it after its erratum. */
    {"MD5",
     "Mufasa",
     "testrealm@host.com",
     "CircleOfLife",
     {.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093", .method = "GET", .uri = "/dir/index.html"},
     "1949323746fe6a43ef61f9606e7febea",
     NULL},
    /* RFC 7616 3.9.1 */
    {"MD5",
     "Mufasa",
     "http-auth@example.org",
     "Circle of Life",
     {.nonce = RFC7616_NONCE,
      .cnonce = RFC7616_CNONCE,
      .nc = "00000001",
      .qop = "auth",
      .method = "GET",
      .uri = "/dir/index.html"},
     "8ca523f5e9506fed4657c9700eebdbec",
     NULL},
    {"SHA-256",
     "Mufasa",
     "http-auth@example.org",
     "Circle of Life",
     {.nonce = RFC7616_NONCE,
      .cnonce = RFC7616_CNONCE,
      .nc = "00000001",
      .qop = "auth",
      .method = "GET",
      .uri = "/dir/index.html"},
     "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
     NULL},
    /* RFC 2831 4 */
    {"MD5-sess",
     "chris",
     "elwood.innosoft.com",
     "secret",
     {.sasl = true,
      .nonce = "OA6MG9tEQGm2hh",
      .cnonce = "OA6MHXh6VqTrRk",
      .nc = "00000001",
      .qop = "auth",
      .uri = "imap/elwood.innosoft.com"},
     "d388dad90d4bbd760a152321f2143af7",
     "ea40f60335c427b5527b84dbabcdfffd"},
    {"MD5-sess",
     "chris",
     "elwood.innosoft.com",
     "secret",
     {.sasl = true,
      .nonce = "OA9BSXrbuRhWay",
      .cnonce = "OA9BSuZWMSpW8m",
      .nc = "00000001",
      .qop = "auth",
      .uri = "acap/elwood.innosoft.com"},
     "6084c6db3fede7352c551284490fd0fc",
     "2f0b3d7c3c2e486600ef710726aa2eae"},
};

START_TEST(example_of_an_rfc)
{
    char response[DIGEST_HEX_SIZE];
    struct digest_secret secret;

    ck_assert_int_eq(digest_secret_make(digest_algorithm_find(examples[_i].algorithm),
                                        examples[_i].user, examples[_i].realm,
                                        examples[_i].password, &secret),
                     SEC_E_OK);
    ck_assert_int_eq(digest_response_make(&secret, &examples[_i].claim, DIGEST_CLIENT, response),
                     SEC_E_OK);
    ck_assert_str_eq(response, examples[_i].response);
    if (examples[_i].rspauth == NULL)
        return;
    ck_assert_int_eq(digest_response_make(&secret, &examples[_i].claim, DIGEST_SERVER, response),
                     SEC_E_OK);
    ck_assert_str_eq(response, examples[_i].rspauth);
}
END_TEST

START_TEST(algorithms_by_name)
{
    static const char *const names[] = {"SHA-256-sess", "SHA-256", "MD5-sess", "MD5"};

    for (int i = 0; i < COUNT(names); i++)
        ck_assert_ptr_eq(digest_algorithm_find(names[i]), &digest_algorithms[i]);
    ck_assert_str_eq(digest_algorithm_find(NULL)->name, "MD5");
    ck_assert_str_eq(digest_algorithm_find("md5-SESS")->name, "MD5-sess");
    ck_assert_ptr_null(digest_algorithm_find("SHA-512-256"));
    ck_assert_ptr_null(digest_algorithm_find(""));
}
END_TEST

/* --- Directives ----------------------------------------------------------------------------- */

/* Exactly as large as it is, so that a sanitizer sees what reads past it. */
static SECURITY_STATUS read_copy(const char *text, size_t size, enum digest_kind kind, bool sasl,
                                 struct digest_message *message, bool *found, bool *whole)
{
    char *copy = malloc(size != 0 ? size : 1);
    struct digest_input in = {copy, copy + size};
    SECURITY_STATUS status;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, size);
    status = digest_message_read(&in, kind, sasl, message, found);
    *whole = in.at == in.end;
    free(copy);
    return status;
}

static SECURITY_STATUS read_text(const char *text, enum digest_kind kind, bool sasl,
                                 struct digest_message *message)
{
    bool found, whole;

    return read_copy(text, strlen(text), kind, sasl, message, &found, &whole);
}

START_TEST(directives_are_read)
{
    static const char text[] = " Digest realm = \"a \\\"b\\\\ c\" ,, NONCE=\"x,y\",qop=auth,\r\n\t"
                               "other=\"ignored\", Stale=TRUE,algorithm=\"SHA-256\"";
    struct digest_message message;

    ck_assert_int_eq(read_text(text, DIGEST_OF_SERVER, false, &message), SEC_E_OK);
    ck_assert_str_eq(message.value[DIGEST_REALM], "a \"b\\ c");
    ck_assert_str_eq(message.value[DIGEST_NONCE], "x,y");
    ck_assert_str_eq(message.value[DIGEST_QOP], "auth");
    ck_assert_str_eq(message.value[DIGEST_STALE], "TRUE");
    ck_assert_str_eq(message.value[DIGEST_ALGORITHM], "SHA-256");
    ck_assert_ptr_null(message.value[DIGEST_OPAQUE]);
    digest_message_free(&message);
}
END_TEST

START_TEST(challenges_one_after_another)
{
    static const char text[] = "Negotiate YII/+==, Digest realm=\"a\",nonce=\"1\", Basic "
                               "realm=\"no, not\", Digest realm=\"b\", nonce=\"2\"";
    struct digest_input in = {text, text + strlen(text)};
    struct digest_message message;
    bool found;

    ck_assert_int_eq(digest_message_read(&in, DIGEST_OF_SERVER, false, &message, &found), SEC_E_OK);
    ck_assert(found);
    ck_assert_str_eq(message.value[DIGEST_NONCE], "1");
    digest_message_free(&message);
    ck_assert_int_eq(digest_message_read(&in, DIGEST_OF_SERVER, false, &message, &found), SEC_E_OK);
    ck_assert(found);
    ck_assert_str_eq(message.value[DIGEST_REALM], "b");
    ck_assert_str_eq(message.value[DIGEST_NONCE], "2");
    digest_message_free(&message);
    ck_assert_ptr_eq(in.at, in.end);
}
END_TEST

/* RFC 7235 4.1: challenges may stand in one field, and a scheme may have nothing behind it. */
START_TEST(schemes_without_parameters)
{
    static const char text[] = "Negotiate, Digest realm=\"a\", nonce=\"1\", NTLM ,Basic";
    struct digest_input in = {text, text + strlen(text)};
    struct digest_message message;
    bool found;

    ck_assert_int_eq(digest_message_read(&in, DIGEST_OF_SERVER, false, &message, &found), SEC_E_OK);
    ck_assert(found);
    ck_assert_str_eq(message.value[DIGEST_REALM], "a");
    ck_assert_str_eq(message.value[DIGEST_NONCE], "1");
    digest_message_free(&message);
    ck_assert_int_eq(digest_message_read(&in, DIGEST_OF_SERVER, false, &message, &found), SEC_E_OK);
    ck_assert(!found);
    digest_message_free(&message);
    ck_assert_ptr_eq(in.at, in.end);
    /* SASL has no schemes. */
    ck_assert_int_eq(read_text("nonce=\"n\",NTLM", DIGEST_OF_SERVER, true, &message),
                     SEC_E_INVALID_TOKEN);
    digest_message_free(&message);
}
END_TEST

START_TEST(realms_of_sasl)
{
    static const char text[] = "realm=\"a\",realm=\"b\",nonce=\"n\",algorithm=md5-sess";
    struct digest_message message;

    ck_assert_int_eq(read_text(text, DIGEST_OF_SERVER, true, &message), SEC_E_OK);
    ck_assert_uint_eq(message.realm_count, 2);
    ck_assert_str_eq(message.value[DIGEST_REALM], "a");
    ck_assert_str_eq(message.realms[1], "b");
    digest_message_free(&message);
    ck_assert_int_eq(read_text(text, DIGEST_OF_SERVER, false, &message), SEC_E_INVALID_TOKEN);
    digest_message_free(&message);
}
END_TEST

static const struct {
    const char *text;
    enum digest_kind kind;
    bool sasl;
} refused[] = {
    {"nonce=\"a\",nonce=\"b\"", DIGEST_OF_SERVER, false},
    {"nonce=\"a", DIGEST_OF_SERVER, false},
    {"nonce=\"a\\", DIGEST_OF_SERVER, false},
    {"nonce=\"a\\\"", DIGEST_OF_SERVER, false},
    {"nonce=", DIGEST_OF_SERVER, false},
    {"nonce", DIGEST_OF_SERVER, true},
    {"=x", DIGEST_OF_SERVER, false},
    {"nonce=\"a\"b", DIGEST_OF_SERVER, false},
    {"nonce=\"a\" realm=\"b\"", DIGEST_OF_SERVER, false},
    {"nonce=a b", DIGEST_OF_SERVER, false},
    {"nonce=\"a\r\nb\"", DIGEST_OF_SERVER, false},
    {"nonce=\"a\x7f\"", DIGEST_OF_SERVER, false},
    {"nonce=\"a\\\nb\"", DIGEST_OF_SERVER, false},
    {"nonce=a\xc3\xa4", DIGEST_OF_SERVER, false},
    {"algorithm=\"MD5 \"", DIGEST_OF_SERVER, false},
    {"stale=\"\"", DIGEST_OF_SERVER, false},
    {"realm=a,realm=b", DIGEST_OF_CLIENT, true},
    {"username=a,username=a", DIGEST_OF_CLIENT, false},
    {"nc=0000000G", DIGEST_OF_CLIENT, false},
    {"nc=000000001", DIGEST_OF_CLIENT, false},
    {"response=ABCDEF", DIGEST_OF_CLIENT, false},
    {"maxbuf=-1", DIGEST_OF_SERVER, true},
    {"maxbuf=123456789", DIGEST_OF_SERVER, true},
    {"Digest nonce=\"a\"", DIGEST_OF_SERVER, true},
};

START_TEST(directives_are_refused)
{
    struct digest_message message;

    ck_assert_int_eq(read_text(refused[_i].text, refused[_i].kind, refused[_i].sasl, &message),
                     SEC_E_INVALID_TOKEN);
    digest_message_free(&message);
}
END_TEST

/* Lengths at their bound and one beyond: nonce, response, and all of it. */
START_TEST(lengths_are_bounded)
{
    static char text[DIGEST_INPUT_MAX + 2];
    struct digest_message message;
    bool found, whole;

    for (size_t size = 1024; size <= 1025; size++) {
        snprintf(text, sizeof(text), "nonce=\"%0*d\"", (int)size, 1);
        ck_assert_int_eq(read_text(text, DIGEST_OF_SERVER, false, &message),
                         size == 1024 ? SEC_E_OK : SEC_E_INVALID_TOKEN);
        digest_message_free(&message);
    }
    memset(text, ',', sizeof(text));
    ck_assert_int_eq(
        read_copy(text, DIGEST_INPUT_MAX, DIGEST_OF_SERVER, false, &message, &found, &whole),
        SEC_E_OK);
    ck_assert(!found);
    digest_message_free(&message);
    ck_assert_int_eq(
        read_copy(text, DIGEST_INPUT_MAX + 1, DIGEST_OF_SERVER, false, &message, &found, &whole),
        SEC_E_INVALID_TOKEN);
    digest_message_free(&message);
}
END_TEST

/* Whatever is cut off or turned over: it is read or refused, and never past its end. */
START_TEST(every_prefix_and_every_bit)
{
    static const char text[] = "Digest username=\"a\\\"b\",realm=\"r\",nonce=\"n\",uri=\"/\","
                               "cnonce=\"c\",nc=00000001,response=\"00\",qop=auth,algorithm=MD5";
    struct digest_message message;
    char altered[sizeof(text)];
    bool found, whole;

    for (size_t size = 0; size < strlen(text); size++) {
        SECURITY_STATUS status =
            read_copy(text, size, DIGEST_OF_CLIENT, false, &message, &found, &whole);

        ck_assert(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN);
        digest_message_free(&message);
    }
    for (size_t bit = 0; bit < 8 * strlen(text); bit++) {
        SECURITY_STATUS status;

        memcpy(altered, text, sizeof(text));
        altered[bit / 8] ^= (char)(1 << bit % 8);
        status =
            read_copy(altered, strlen(text), DIGEST_OF_CLIENT, false, &message, &found, &whole);
        ck_assert(status == SEC_E_OK || status == SEC_E_INVALID_TOKEN);
        for (int i = 0; i < DIGEST_DIRECTIVES; i++)
            for (const char *at = message.value[i]; at != NULL && *at != '\0'; at++)
                ck_assert((unsigned char)*at >= 0x20 && *at != 0x7f);
        digest_message_free(&message);
    }
}
END_TEST

START_TEST(words_of_a_list)
{
    ck_assert(digest_list_has("auth,auth-int", "auth-int"));
    ck_assert(digest_list_has(" auth-conf ,\tAUTH", "auth"));
    ck_assert(!digest_list_has("auth-int", "auth"));
    ck_assert(!digest_list_has("", "auth"));
    ck_assert(!digest_list_has(NULL, "auth"));
}
END_TEST

START_TEST(directives_are_written)
{
    struct digest_writer http = {.kind = DIGEST_OF_CLIENT};
    struct digest_writer sasl = {.kind = DIGEST_OF_CLIENT, .sasl = true};
    struct digest_writer server = {.kind = DIGEST_OF_SERVER};

    digest_write(&http, DIGEST_USERNAME, "a\"\\b");
    digest_write(&http, DIGEST_OPAQUE, NULL);
    digest_write(&http, DIGEST_QOP, "auth");
    digest_write(&http, DIGEST_RESPONSE, "00");
    ck_assert_int_eq(digest_written(&http), SEC_E_OK);
    ck_assert_str_eq(http.text, "username=\"a\\\"\\\\b\",qop=auth,response=\"00\"");
    digest_write(&sasl, DIGEST_RESPONSE, "00");
    ck_assert_str_eq(sasl.text, "response=00");
    digest_write(&server, DIGEST_QOP, "auth,auth-int");
    ck_assert_str_eq(server.text, "qop=\"auth,auth-int\"");
}
END_TEST

START_TEST(unfit_is_not_written)
{
    static const char *const values[] = {"a\r\nX: y", "a\nb", "\x01", "a\x7f"};
    static char large[DIGEST_TOKEN_MAX + 1];
    struct digest_writer writer = {.kind = DIGEST_OF_CLIENT};

    for (int i = 0; i < COUNT(values); i++) {
        struct digest_writer one = {.kind = DIGEST_OF_CLIENT};

        digest_write(&one, DIGEST_USERNAME, values[i]);
        ck_assert_int_eq(digest_written(&one), SEC_E_INVALID_TOKEN);
    }
    memset(large, 'a', sizeof(large) - 1);
    digest_write(&writer, DIGEST_URI, large + 6);
    ck_assert_int_eq(digest_written(&writer), SEC_E_OK);
    ck_assert_uint_eq(writer.size, DIGEST_TOKEN_MAX);
    digest_write(&writer, DIGEST_QOP, "auth");
    ck_assert_int_eq(digest_written(&writer), SEC_E_INVALID_TOKEN);
    ck_assert_uint_eq(writer.size, DIGEST_TOKEN_MAX);
}
END_TEST

/* --- Character sets ------------------------------------------------------------------------- */

START_TEST(latin_and_back)
{
    static const struct {
        const char *utf8, *latin;
    } cases[] = {{"plain", "plain"},
                 {"J\xc3\xa4s\xc3\xb8n", "J\xe4s\xf8n"},
                 {"\xc2\x80\xc3\xbf", "\x80\xff"}};

    for (int i = 0; i < COUNT(cases); i++) {
        char *latin = digest_to_latin(cases[i].utf8), *utf8 = digest_from_latin(cases[i].latin);

        ck_assert(digest_is_latin(cases[i].utf8));
        ck_assert_str_eq(latin, cases[i].latin);
        ck_assert_str_eq(utf8, cases[i].utf8);
        free(latin);
        free(utf8);
    }
    ck_assert(!digest_is_latin("\xc5\x81"));
    char *same = digest_to_latin("\xc5\x81\xc3\xa4");
    ck_assert_str_eq(same, "\xc5\x81\xc3\xa4");
    free(same);
}
END_TEST

/* --- Nonces --------------------------------------------------------------------------------- */

START_TEST(nonce_is_known_again)
{
    char nonce[DIGEST_NONCE_SIZE], other[DIGEST_NONCE_SIZE];

    ck_assert_int_eq(digest_nonce_make("r", "MD5", nonce), SEC_E_OK);
    ck_assert_int_eq(digest_nonce_make("r", "MD5", other), SEC_E_OK);
    ck_assert_str_ne(nonce, other);
    ck_assert(digest_nonce_is_good(nonce, "r", "MD5"));
    ck_assert(!digest_nonce_is_good(nonce, "r2", "MD5"));
    ck_assert(!digest_nonce_is_good(nonce, "r", "SHA-256"));
    ck_assert(!digest_nonce_is_good("", "r", "MD5"));
    for (size_t i = 0; i < strlen(nonce); i++) {
        memcpy(other, nonce, sizeof(other));
        other[i] = other[i] == '0' ? '1' : '0';
        ck_assert(!digest_nonce_is_good(other, "r", "MD5"));
        memcpy(other, nonce, sizeof(other));
        other[i] = '\0';
        ck_assert(!digest_nonce_is_good(other, "r", "MD5"));
    }
}
END_TEST

START_TEST(nonce_grows_old)
{
    char nonce[DIGEST_NONCE_SIZE];

    ck_assert_int_eq(digest_nonce_make("r", "MD5", nonce), SEC_E_OK);
    clock_shift(DIGEST_NONCE_LIFE - 60);
    ck_assert(digest_nonce_is_good(nonce, "r", "MD5"));
    clock_shift(DIGEST_NONCE_LIFE + 1);
    ck_assert(!digest_nonce_is_good(nonce, "r", "MD5"));
    clock_shift(-60); /* from the future */
    ck_assert(!digest_nonce_is_good(nonce, "r", "MD5"));
    clock_shift(0);
}
END_TEST

/* A child does not know what its parent has seen of a nonce. */
START_TEST(nonce_is_of_one_process)
{
    char nonce[DIGEST_NONCE_SIZE];
    int status;
    pid_t child;

    ck_assert_int_eq(digest_nonce_make("r", "MD5", nonce), SEC_E_OK);
    child = fork();
    if (child == 0)
        _exit(digest_nonce_is_good(nonce, "r", "MD5") ? 1 : 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert(digest_nonce_is_good(nonce, "r", "MD5"));
}
END_TEST

static bool same_number;

/* In place of the C library's. */
pid_t getpid(void)
{
    return same_number ? 1 : (pid_t)syscall(SYS_getpid);
}

/* Numbers of processes come again: what one child has seen its later namesake does not know. */
START_TEST(nonce_is_of_no_namesake)
{
    char nonce[DIGEST_NONCE_SIZE];
    int status;
    pid_t child;

    same_number = true;
    ck_assert_int_eq(digest_nonce_make("r", "MD5", nonce), SEC_E_OK);
    child = fork();
    if (child == 0)
        _exit(digest_nonce_is_good(nonce, "r", "MD5") ? 1 : 0);
    same_number = false;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(counts_are_used_once)
{
    char nonce[DIGEST_NONCE_SIZE];

    ck_assert_int_eq(digest_nonce_make("r", "MD5", nonce), SEC_E_OK);
    ck_assert_int_eq(digest_nonce_use(nonce, 0), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use(nonce, 1), DIGEST_USE_NEW);
    ck_assert_int_eq(digest_nonce_use(nonce, 1), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use(nonce, 3), DIGEST_USE_NEW);
    ck_assert_int_eq(digest_nonce_use(nonce, 2), DIGEST_USE_NEW);
    ck_assert_int_eq(digest_nonce_use(nonce, 2), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use(nonce, 3), DIGEST_USE_REPLAYED);
    /* Far ahead, and what is behind the window: 64 counts. */
    ck_assert_int_eq(digest_nonce_use(nonce, 100), DIGEST_USE_NEW);
    ck_assert_int_eq(digest_nonce_use(nonce, 36), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use(nonce, 37), DIGEST_USE_NEW);
    ck_assert_int_eq(digest_nonce_use(nonce, 37), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use(nonce, UINT32_MAX), DIGEST_USE_NEW);
    ck_assert_int_eq(digest_nonce_use(nonce, UINT32_MAX), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use(nonce, 101), DIGEST_USE_REPLAYED);
    ck_assert_int_eq(digest_nonce_use("00", 1), DIGEST_USE_REPLAYED);
}
END_TEST

/* The table is bounded: what it forgot is not taken again. */
START_TEST(forgotten_is_not_taken)
{
    enum { MANY = 20000 };
    char(*nonces)[DIGEST_NONCE_SIZE] = calloc(MANY, sizeof(*nonces));
    int forgotten = 0;

    ck_assert_ptr_nonnull(nonces);
    for (int i = 0; i < MANY; i++) {
        ck_assert_int_eq(digest_nonce_make("r", "MD5", nonces[i]), SEC_E_OK);
        ck_assert_int_eq(digest_nonce_use(nonces[i], 1), DIGEST_USE_NEW);
    }
    for (int i = 0; i < MANY; i++) {
        enum digest_use use = digest_nonce_use(nonces[i], 1);

        ck_assert_int_ne(use, DIGEST_USE_NEW);
        forgotten += use == DIGEST_USE_UNKNOWN;
    }
    ck_assert_int_ge(forgotten, MANY - 1024 * 8);
    ck_assert_int_eq(digest_nonce_use(nonces[MANY - 1], 2), DIGEST_USE_NEW);
    free(nonces);
}
END_TEST

/* --- Accounts ------------------------------------------------------------------------------- */

#define MD5_1    "0123456789abcdef0123456789abcdef"
#define MD5_2    "11111111111111111111111111111111"
#define SHA256_1 MD5_2 MD5_1

static char path[] = "/tmp/test-digest-XXXXXX";

static void file_write(const char *text, mode_t mode)
{
    int fd;

    memcpy(strrchr(path, '-') + 1, "XXXXXX", 6);
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

static SECURITY_STATUS find(const char *user, const char *realm, const char *algorithm, char *hex)
{
    struct digest_settings settings = {.file = path};
    struct digest_secret secret = {.algorithm = digest_algorithm_find(algorithm)};
    SECURITY_STATUS status = digest_account_find(&settings, user, realm, &secret);

    text_hex(secret.hash, secret.algorithm->size, hex);
    return status;
}

START_TEST(account_of_a_file)
{
    char hex[DIGEST_HEX_SIZE];

    file_write("# a comment\n\nalice:r:" MD5_1 "\r\nalice:r:" SHA256_1 "\nalice:r:" MD5_2
               "\nalice:a:b:" MD5_2 "\nbad:r:12\nbad:r\nworse:r:" MD5_1 "0\n:r:" MD5_1
               "\nlast:r:" MD5_2,
               0640);
    ck_assert_int_eq(find("alice", "r", "MD5", hex), SEC_E_OK);
    ck_assert_str_eq(hex, MD5_1);
    ck_assert_int_eq(find("alice", "r", "MD5-sess", hex), SEC_E_OK);
    ck_assert_str_eq(hex, MD5_1);
    ck_assert_int_eq(find("alice", "r", "SHA-256", hex), SEC_E_OK);
    ck_assert_str_eq(hex, SHA256_1);
    ck_assert_int_eq(find("alice", "a:b", "MD5", hex), SEC_E_OK);
    ck_assert_str_eq(hex, MD5_2);
    ck_assert_int_eq(find("last", "r", "MD5", hex), SEC_E_OK);
    ck_assert_int_eq(find("last", "r", "SHA-256", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("Alice", "r", "MD5", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("alice", "R", "MD5", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("alice:a", "b", "MD5", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("bad", "r", "MD5", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("worse", "r", "MD5", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("# a comment", "", "MD5", hex), SEC_E_LOGON_DENIED);
    unlink(path);
}
END_TEST

START_TEST(long_line_is_none)
{
    static char text[9000];
    char hex[DIGEST_HEX_SIZE];

    /* What would be a line of its own begins where a buffer of 4096 ends. */
    memset(text, 'x', 4095);
    strcpy(text + 4095, "alice:r:" MD5_1 "\nbob:r:" MD5_1 "\n");
    file_write(text, 0600);
    ck_assert_int_eq(find("alice", "r", "MD5", hex), SEC_E_LOGON_DENIED);
    ck_assert_int_eq(find("bob", "r", "MD5", hex), SEC_E_OK);
    unlink(path);
}
END_TEST

START_TEST(file_must_be_private)
{
    static const struct {
        mode_t mode;
        SECURITY_STATUS status;
    } cases[] = {{0600, SEC_E_OK},
                 {0440, SEC_E_OK},
                 {0640, SEC_E_OK},
                 {0660, SEC_E_NO_CREDENTIALS},
                 {0644, SEC_E_NO_CREDENTIALS},
                 {0602, SEC_E_NO_CREDENTIALS},
                 {0601, SEC_E_NO_CREDENTIALS}};
    char hex[DIGEST_HEX_SIZE];

    for (int i = 0; i < COUNT(cases); i++) {
        file_write("alice:r:" MD5_1 "\n", cases[i].mode);
        ck_assert_int_eq(find("alice", "r", "MD5", hex), cases[i].status);
        unlink(path);
    }
    ck_assert_int_eq(find("alice", "r", "MD5", hex), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(mkfifo(path, 0600), 0); /* does not wait for a writer */
    ck_assert_int_eq(find("alice", "r", "MD5", hex), SEC_E_NO_CREDENTIALS);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(find("alice", "r", "MD5", hex), SEC_E_NO_CREDENTIALS);
    rmdir(path);
}
END_TEST

START_TEST(file_of_the_environment)
{
    struct digest_secret secret = {.algorithm = digest_algorithm_find("MD5")};

    unsetenv("SSPI_DIGEST_FILE");
    ck_assert_int_eq(digest_account_find(NULL, "alice", "r", &secret), SEC_E_NO_CREDENTIALS);
    file_write("alice:r:" MD5_1 "\n", 0600);
    setenv("SSPI_DIGEST_FILE", path, 1);
    ck_assert_int_eq(digest_account_find(NULL, "alice", "r", &secret), SEC_E_OK);
    unsetenv("SSPI_DIGEST_FILE");
    unlink(path);
}
END_TEST

static SECURITY_STATUS find_any(void *argument, const char *user, const char *realm,
                                const char *algorithm, unsigned char *hash, size_t size)
{
    ck_assert_str_eq(realm, "r");
    ck_assert_uint_eq(size, strcmp(algorithm, "MD5") == 0 ? 16 : 32);
    memset(hash, *user, size);
    return *(SECURITY_STATUS *)argument;
}

START_TEST(accounts_of_a_program)
{
    static const char *const algorithms[] = {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess"};
    SECURITY_STATUS answer = SEC_E_OK;
    struct digest_settings settings = {.find = find_any, .argument = &answer, .file = path};

    for (int i = 0; i < COUNT(algorithms); i++) {
        struct digest_secret secret = {.algorithm = digest_algorithm_find(algorithms[i])};

        answer = SEC_E_OK;
        ck_assert_int_eq(digest_account_find(&settings, "u", "r", &secret), SEC_E_OK);
        ck_assert_int_eq(secret.hash[secret.algorithm->size - 1], 'u');
        answer = SEC_E_NO_AUTHENTICATING_AUTHORITY;
        ck_assert_int_eq(digest_account_find(&settings, "u", "r", &secret),
                         SEC_E_NO_AUTHENTICATING_AUTHORITY);
        answer = 1; /* neither success nor an error */
        ck_assert_int_eq(digest_account_find(&settings, "u", "r", &secret), SEC_E_LOGON_DENIED);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("digest parts");
    TCase *tests = tcase_create("parts");

    tcase_add_loop_test(tests, example_of_an_rfc, 0, COUNT(examples));
    tcase_add_test(tests, algorithms_by_name);
    tcase_add_test(tests, directives_are_read);
    tcase_add_test(tests, challenges_one_after_another);
    tcase_add_test(tests, schemes_without_parameters);
    tcase_add_test(tests, realms_of_sasl);
    tcase_add_loop_test(tests, directives_are_refused, 0, COUNT(refused));
    tcase_add_test(tests, lengths_are_bounded);
    tcase_add_test(tests, every_prefix_and_every_bit);
    tcase_add_test(tests, words_of_a_list);
    tcase_add_test(tests, directives_are_written);
    tcase_add_test(tests, unfit_is_not_written);
    tcase_add_test(tests, latin_and_back);
    tcase_add_test(tests, nonce_is_known_again);
    tcase_add_test(tests, nonce_grows_old);
    tcase_add_test(tests, nonce_is_of_one_process);
    tcase_add_test(tests, nonce_is_of_no_namesake);
    tcase_add_test(tests, counts_are_used_once);
    tcase_add_test(tests, forgotten_is_not_taken);
    tcase_add_test(tests, account_of_a_file);
    tcase_add_test(tests, long_line_is_none);
    tcase_add_test(tests, file_must_be_private);
    tcase_add_test(tests, file_of_the_environment);
    tcase_add_test(tests, accounts_of_a_program);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
