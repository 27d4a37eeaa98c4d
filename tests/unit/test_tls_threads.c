/* SPDX-License-Identifier: MIT */
/*
 * One TLS context and several threads: messages both ways, questions and control tokens at once, an
 * end in the middle of it, and a deletion. Nothing is sealed twice under one number.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"

#define MESSAGES 1500U
#define RECORD   128U
#define SIZE     4U

static struct ident ident;

static void setup(void)
{
    ident_make(&ident, "CN=localhost", IDENT_EC);
}

static void teardown(void)
{
    ident_free(&ident);
    certs_end();
}

/* Both ends, and what the client's threads do and have come to. */
struct scene {
    struct stream client, server;
    uint8_t sealed[MESSAGES][RECORD]; /* by the client */
    size_t sizes[MESSAGES];
    unsigned sealed_count, opened_count;
    struct flow from_server;
    SECURITY_STATUS sealing, opening, asking; /* the last ones */
    atomic_bool over;
};

static struct scene *scene_open(DWORD protocols)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    ck_assert_ptr_nonnull(scene);
    stream_init(&scene->client, false);
    stream_init(&scene->server, true);
    ck_assert_int_eq(ident_acquire(&scene->client, protocols, NULL, 0), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&scene->server, protocols, &ident, 0), SEC_E_OK);
    stream_establish(&scene->client, &scene->server);
    flow_add(&scene->from_server, scene->client.in.data, scene->client.in.size); /* tickets */
    for (uint32_t i = 0; i < MESSAGES; i++)
        ck_assert_int_eq(stream_seal(&scene->server, &i, sizeof(i), false, &scene->from_server),
                         SEC_E_OK);
    return scene;
}

static void scene_close(struct scene *scene)
{
    flow_free(&scene->from_server);
    stream_free(&scene->client);
    stream_free(&scene->server);
    free(scene);
}

/* ---- Threads; no assertions in them --------------------------------------------------------- */

static void *seal_all(void *argument)
{
    struct scene *scene = argument;
    ULONG header = scene->client.sizes.cbHeader, trailer = scene->client.sizes.cbTrailer;

    for (uint32_t i = 0; i < MESSAGES; i++) {
        uint8_t *record = scene->sealed[i];
        SecBuffer parts[] = {{header, SECBUFFER_STREAM_HEADER, record},
                             {SIZE, SECBUFFER_DATA, record + header},
                             {trailer, SECBUFFER_STREAM_TRAILER, record + header + SIZE},
                             {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};

        memcpy(record + header, &i, SIZE);
        scene->sealing = EncryptMessage(&scene->client.ctx, 0, &list, 0);
        if (scene->sealing != SEC_E_OK)
            break;
        scene->sizes[i] = (size_t)parts[0].cbBuffer + SIZE + parts[2].cbBuffer;
        scene->sealed_count++;
    }
    return NULL;
}

static void *open_all(void *argument)
{
    struct scene *scene = argument;
    uint8_t *at = scene->from_server.data;
    size_t left = scene->from_server.size;

    while (left != 0) {
        SecBuffer parts[4] = {{(ULONG)left, SECBUFFER_DATA, at},
                              {0, SECBUFFER_EMPTY, NULL},
                              {0, SECBUFFER_EMPTY, NULL},
                              {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, parts};

        scene->opening = DecryptMessage(&scene->client.ctx, &list, 0, NULL);
        if (scene->opening != SEC_E_OK)
            break;
        if (parts[1].cbBuffer == SIZE) {
            uint32_t number;

            memcpy(&number, parts[1].pvBuffer, SIZE);
            scene->opened_count += number == scene->opened_count;
        }
        at += left - parts[3].cbBuffer;
        left = parts[3].cbBuffer;
    }
    return NULL;
}

static SECURITY_STATUS ask(struct scene *scene)
{
    SCHANNEL_SESSION_TOKEN session = {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS};
    SecBuffer token = {sizeof(session), SECBUFFER_TOKEN, &session};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    SecPkgContext_ConnectionInfo info;
    PCCERT_CONTEXT cert = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesA(&scene->client.ctx, SECPKG_ATTR_CONNECTION_INFO, &info);

    if (status == SEC_E_OK)
        status =
            QueryContextAttributesA(&scene->client.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert);
    CertFreeCertificateContext(cert);
    return status == SEC_E_OK ? ApplyControlToken(&scene->client.ctx, &list) : status;
}

static void *ask_all(void *argument)
{
    struct scene *scene = argument;

    do
        scene->asking = ask(scene);
    while (scene->asking == SEC_E_OK && !atomic_load(&scene->over));
    return NULL;
}

static void thread_start(pthread_t *thread, void *(*run)(void *), struct scene *scene)
{
    ck_assert_int_eq(pthread_create(thread, NULL, run, scene), 0);
}

/* ---- Tests ---------------------------------------------------------------------------------- */

static const DWORD protocols[] = {SP_PROT_TLS1_3, SP_PROT_TLS1_2};

/* What was sealed is what the peer gets, in its order. */
START_TEST(everything_at_once)
{
    struct scene *scene = scene_open(protocols[_i]);
    pthread_t sealer, opener, asker;

    thread_start(&sealer, seal_all, scene);
    thread_start(&opener, open_all, scene);
    thread_start(&asker, ask_all, scene);
    pthread_join(sealer, NULL);
    pthread_join(opener, NULL);
    atomic_store(&scene->over, true);
    pthread_join(asker, NULL);
    ck_assert_int_eq(scene->sealing, SEC_E_OK);
    ck_assert_int_eq(scene->opening, SEC_E_OK);
    ck_assert_int_eq(scene->asking, SEC_E_OK);
    ck_assert_uint_eq(scene->opened_count, MESSAGES);
    for (uint32_t i = 0; i < MESSAGES; i++) {
        uint32_t number = MESSAGES;
        uint8_t data[RECORD];
        size_t size;

        flow_add(&scene->server.in, scene->sealed[i], scene->sizes[i]);
        ck_assert_int_eq(stream_open(&scene->server, data, &size), SEC_E_OK);
        ck_assert_uint_eq(size, SIZE);
        memcpy(&number, data, SIZE);
        ck_assert_uint_eq(number, i);
    }
    scene_close(scene);
}
END_TEST

/* The context goes, its credential before it; whoever is in a call comes out of it. */
START_TEST(deletion_in_the_middle)
{
    struct scene *scene = scene_open(protocols[_i]);
    pthread_t sealer, opener, asker;

    thread_start(&asker, ask_all, scene);
    thread_start(&sealer, seal_all, scene);
    thread_start(&opener, open_all, scene);
    ck_assert_int_eq(FreeCredentialsHandle(&scene->client.cred), SEC_E_OK);
    ck_assert_int_eq(DeleteSecurityContext(&scene->client.ctx), SEC_E_OK);
    scene->client.cred_open = scene->client.ctx_open = false;
    pthread_join(sealer, NULL);
    pthread_join(opener, NULL);
    pthread_join(asker, NULL);
    ck_assert(scene->sealing == SEC_E_OK || scene->sealing == SEC_E_INVALID_HANDLE);
    ck_assert(scene->opening == SEC_E_OK || scene->opening == SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(scene->asking, SEC_E_INVALID_HANDLE);
    scene_close(scene);
}
END_TEST

#define HEAD 5U /* RFC 5288 3: then the number of the record, which the nonce is made of */

static uint64_t nonce_of(const uint8_t *record)
{
    uint64_t nonce;

    memcpy(&nonce, record + HEAD, sizeof(nonce));
    return nonce;
}

/* close_notify, or the hello of another handshake, gets a number of its own among the data. */
START_TEST(leg_in_the_middle)
{
    struct scene *scene = scene_open(SP_PROT_TLS1_2);
    struct flow sent = {NULL, 0, 0};
    pthread_t sealer;

    thread_start(&sealer, seal_all, scene);
    if (_i == 0)
        stream_shutdown(&scene->client, &sent);
    else
        ck_assert_int_eq(stream_leg(&scene->client, &sent), SEC_I_CONTINUE_NEEDED);
    pthread_join(sealer, NULL);
    ck_assert(scene->sealing != SEC_E_OK || scene->sealed_count == MESSAGES);
    ck_assert_uint_gt(sent.size, HEAD + sizeof(uint64_t));
    for (unsigned i = 0; i < scene->sealed_count; i++)
        ck_assert_uint_ne(nonce_of(scene->sealed[i]), nonce_of(sent.data));
    flow_free(&sent);
    scene_close(scene);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("tls threads");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, everything_at_once, 0, 2);
    tcase_add_loop_test(tests, deletion_in_the_middle, 0, 2);
    tcase_add_loop_test(tests, leg_in_the_middle, 0, 2);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
