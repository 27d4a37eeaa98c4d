/* SPDX-License-Identifier: MIT */
/*
 * WDigest where something is wanting: each allocation fails in turn, MD5 is not allowed; what is
 * left of secrets; and many threads that do the same at once.
 */
#include <gnutls/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest/response.h"
#include "lib/check_main.h"
#include "lib/digestend.h"
#include "lib/faults.h"
#include "lib/residue.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

/* --- Memory --------------------------------------------------------------------------------- */

static const struct digest_ask asks[][2] = {
    {{"GET", "/", NULL, ISC_REQ_USE_HTTP_STYLE}, {"GET", "/", NULL, ASC_REQ_HTTP}},
    {{NULL, "ldap/host.test", NULL, ISC_REQ_INTEGRITY}, {NULL, NULL, NULL, ASC_REQ_INTEGRITY}},
};

/* All of a logon and what comes after it; the first status that is an error. */
static SECURITY_STATUS logon(struct digest_end *client, struct digest_end *server,
                             const struct digest_ask ask[2])
{
    SecPkgContext_NamesA names;
    SECURITY_STATUS status = digest_leg(server, &ask[1], NULL, 0);

    if (status >= 0)
        status = digest_leg(client, &ask[0], server->token, server->size);
    if (status >= 0)
        status = digest_leg(server, &ask[1], client->token, client->size);
    if (status >= 0 && ask[0].method == NULL)
        status = digest_leg(client, &ask[0], server->token, server->size);
    if (status >= 0 && ask[0].method != NULL)
        status = digest_make(client, &ask[0]);
    if (status >= 0 && ask[0].method != NULL)
        status = digest_verify(server, &ask[1], client->token, client->size);
    if (status >= 0)
        status = QueryContextAttributesA(&server->ctx, SECPKG_ATTR_NAMES, &names);
    if (status >= 0)
        FreeContextBuffer(names.sUserName);
    return status;
}

static SECURITY_STATUS everything(const struct digest_ask ask[2])
{
    struct digest_end client, server;
    SECURITY_STATUS status =
        digest_client_open(&client, DIGEST_END_USER, NULL, DIGEST_END_PASSWORD);

    if (status != SEC_E_OK)
        return status;
    status = digest_server_open(&server, NULL, NULL);
    if (status == SEC_E_OK)
        status = logon(&client, &server, ask);
    digest_end_close(&client);
    digest_end_close(&server);
    return status;
}

START_TEST(every_allocation)
{
    bool failed = true;

    for (unsigned number = 1; failed; number++) {
        SECURITY_STATUS status;

        ck_assert_uint_lt(number, FAULTS_MAX);
        faults_arm(number);
        status = everything(asks[_i]);
        failed = faults_disarm();
        ck_assert_msg(failed ? status == SEC_E_INSUFFICIENT_MEMORY : status == SEC_E_OK,
                      "allocation %u: %08x", number, (unsigned)status);
    }
}
END_TEST

/* --- Algorithms ----------------------------------------------------------------------------- */

static int md5_is_forbidden, no_hash;

/* What GnuTLS says under FIPS 140. */
int __real_gnutls_hash_init(gnutls_hash_hd_t *hash, gnutls_digest_algorithm_t algorithm);
int __wrap_gnutls_hash_init(gnutls_hash_hd_t *hash, gnutls_digest_algorithm_t algorithm);
int __wrap_gnutls_hash_init(gnutls_hash_hd_t *hash, gnutls_digest_algorithm_t algorithm)
{
    return no_hash || (md5_is_forbidden && algorithm == GNUTLS_DIG_MD5)
               ? GNUTLS_E_UNWANTED_ALGORITHM
               : __real_gnutls_hash_init(hash, algorithm);
}

START_TEST(no_md5)
{
    static const char md5[] = "realm=\"r\",nonce=\"n\",qop=\"auth\"";
    static const char sha256[] = "realm=\"r\",nonce=\"n\",qop=\"auth\",algorithm=SHA-256";
    struct digest_end client;

    md5_is_forbidden = 1;
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(digest_leg(&client, &asks[0][0], md5, strlen(md5)), SEC_E_ALGORITHM_MISMATCH);
    ck_assert_ptr_nonnull(strstr(sspi_native_error(), "no hash by MD5"));
    ck_assert_int_eq(digest_leg(&client, &asks[0][0], sha256, strlen(sha256)), SEC_E_OK);
    digest_end_close(&client);
    md5_is_forbidden = 0;
}
END_TEST

/* --- Secrets -------------------------------------------------------------------------------- */

/* Printable, of another process' each time, and nothing that a file of accounts could not hold. */
static void secret_make(char text[RESIDUE_MAX], size_t size, const char *letters)
{
    size_t count = strlen(letters);

    for (size_t i = 0; i < size; i++)
        text[i] = letters[(i * 7 + i / count + (size_t)getpid()) % count];
    text[size] = '\0';
    residue_set(text);
}

START_TEST(password_is_wiped)
{
    static const char http[] = "realm=\"r\",nonce=\"n\",qop=\"auth\"";
    static const char sasl[] = "realm=\"r\",nonce=\"n\",qop=\"auth\",algorithm=md5-sess";
    const char *challenge = _i == 0 ? http : sasl;
    struct digest_end client;
    char password[RESIDUE_MAX];

    secret_make(password, 40, "ABCDEFGHIJKLMNOPQRSTUVWXYZ!$%&/()=?");
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, password), SEC_E_OK);
    explicit_bzero(password, sizeof(password));
    ck_assert_uint_ge(residue_count(), 1); /* the search finds it while it is needed */
    ck_assert_int_ge(digest_leg(&client, &asks[_i][0], challenge, strlen(challenge)), 0);
    digest_end_close(&client);
    ck_assert_uint_eq(residue_count(), 0);
}
END_TEST

/* What a file says of anybody is as good as a password. */
START_TEST(accounts_are_wiped)
{
    char path[] = "/tmp/test-digest-XXXXXX", hash[RESIDUE_MAX];
    struct sspi_digest_server settings = {.realm = DIGEST_END_REALM, .file = path};
    struct digest_end client, server;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    secret_make(hash, 32, "0123456789abcdef");
    ck_assert_int_gt(
        dprintf(fd, "alice:%s:%s\nbob:%s:%s\n", DIGEST_END_REALM, hash, DIGEST_END_REALM, hash), 0);
    close(fd);
    explicit_bzero(hash, sizeof(hash));
    ck_assert_int_eq(digest_client_open(&client, DIGEST_END_USER, NULL, "x"), SEC_E_OK);
    ck_assert_int_eq(digest_server_open(&server, NULL, &settings), SEC_E_OK);
    ck_assert_int_eq(logon(&client, &server, asks[0]), SEC_E_LOGON_DENIED);
    digest_end_close(&client);
    digest_end_close(&server);
    ck_assert_uint_eq(residue_count(), 0);
    unlink(path);
}
END_TEST

static struct digest_secret known;

static void *respond_without_hashes(void *response)
{
    static const struct digest_claim claim = {
        .nonce = "n", .cnonce = "c", .nc = "00000001", .qop = "auth", .method = "GET", .uri = "/"};

    return (void *)(intptr_t)digest_response_make(&known, &claim, DIGEST_CLIENT, response);
}

/* The way out in the middle leaves no H(A1) behind either, not on the stack. */
START_TEST(hash_is_wiped_where_the_next_one_fails)
{
    static unsigned char stack[256 * 1024] __attribute__((aligned(64)));
    static char response[DIGEST_HEX_SIZE];
    pthread_attr_t attributes;
    pthread_t thread;
    void *status;

    ck_assert_int_eq(digest_secret_make(digest_algorithm_find(_i == 0 ? "MD5" : "SHA-256"), "u",
                                        "r", "p", &known),
                     SEC_E_OK);
    pthread_attr_init(&attributes);
    ck_assert_int_eq(pthread_attr_setstack(&attributes, stack, sizeof(stack)), 0);
    no_hash = 1;
    ck_assert_int_eq(pthread_create(&thread, &attributes, respond_without_hashes, response), 0);
    ck_assert_int_eq(pthread_join(thread, &status), 0);
    no_hash = 0;
    pthread_attr_destroy(&attributes);
    ck_assert_int_eq((SECURITY_STATUS)(intptr_t)status, SEC_E_ALGORITHM_MISMATCH);
    ck_assert_ptr_null(memmem(stack, sizeof(stack), known.hash, known.algorithm->size));
}
END_TEST

/* --- Threads -------------------------------------------------------------------------------- */

#define THREADS 8
#define ROUNDS  50

static struct digest_end shared_client, shared_server;

static void *logons(void *argument)
{
    struct digest_end *client = calloc(1, sizeof(*client)), *server = calloc(1, sizeof(*server));
    intptr_t good = 0;

    (void)argument;
    for (int i = 0; i < ROUNDS; i++) {
        client->cred = shared_client.cred;
        server->cred = shared_server.cred;
        server->inbound = true;
        good += logon(client, server, asks[i % 2]) >= 0;
        digest_end_reset(client);
        digest_end_reset(server);
    }
    free(client);
    free(server);
    return (void *)good;
}

/* The same response at once: it is good for one of them. */
static void *replays(void *argument)
{
    struct digest_end *server = calloc(1, sizeof(*server));
    SECURITY_STATUS status;

    (void)argument;
    server->cred = shared_server.cred;
    server->inbound = true;
    status = digest_leg(server, &asks[0][1], shared_client.token, shared_client.size);
    digest_end_reset(server);
    free(server);
    return (void *)(intptr_t)(status == SEC_E_OK);
}

static intptr_t run_threads(void *(*run)(void *))
{
    pthread_t threads[THREADS];
    intptr_t sum = 0;

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *result;

        ck_assert_int_eq(pthread_join(threads[i], &result), 0);
        sum += (intptr_t)result;
    }
    return sum;
}

START_TEST(many_threads)
{
    ck_assert_int_eq(digest_client_open(&shared_client, DIGEST_END_USER, NULL, DIGEST_END_PASSWORD),
                     SEC_E_OK);
    ck_assert_int_eq(digest_server_open(&shared_server, NULL, NULL), SEC_E_OK);
    ck_assert_int_eq(run_threads(logons), THREADS * ROUNDS);
    ck_assert_int_eq(digest_leg(&shared_server, &asks[0][1], NULL, 0), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(
        digest_leg(&shared_client, &asks[0][0], shared_server.token, shared_server.size), SEC_E_OK);
    ck_assert_int_eq(run_threads(replays), 1);
    digest_end_close(&shared_client);
    digest_end_close(&shared_server);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("digest memory");
    TCase *tests = tcase_create("memory");

    tcase_add_loop_test(tests, every_allocation, 0, COUNT(asks));
    tcase_add_test(tests, no_md5);
    if (!RESIDUE_IS_HIDDEN) {
        tcase_add_loop_test(tests, hash_is_wiped_where_the_next_one_fails, 0, 2);
        tcase_add_loop_test(tests, password_is_wiped, 0, COUNT(asks));
        tcase_add_test(tests, accounts_are_wiped);
    }
    tcase_add_test(tests, many_threads);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
