/* SPDX-License-Identifier: MIT */
/*
 * Threads over TLS: credentials, trusted roots and sessions that many share, and contexts on which
 * one seals while another opens, keys change and attributes are asked for. For TSan above all.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/handle.h"
#include "lib/check_main.h"
#include "lib/ident.h"
#include "tls/tlspkg.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define THREADS       4U
#define HANDSHAKES    12U
#define MESSAGES      1500U
#define SIZE_MAX_SENT 700U

/* --- Credentials that are shared ------------------------------------------------------------ */

struct shared {
    struct ident ident;
    struct stream client, server; /* of which only the credentials are used */
    ULONG request;                /* of the server's legs */
    _Atomic unsigned met;
};

static void shared_meet(const struct shared *shared)
{
    struct stream client, server;

    stream_init(&client, false);
    stream_init(&server, true);
    client.cred = shared->client.cred;
    server.cred = shared->server.cred;
    server.request |= shared->request;
    stream_establish(&client, &server);
    stream_say(&server, &client, "a ticket goes before this"); /* in TLS 1.3 */
    stream_say(&client, &server, "and the answer");
    stream_close(&client);
    stream_close(&server);
}

static void *meet_often(void *argument)
{
    struct shared *shared = argument;

    for (unsigned i = 0; i < HANDSHAKES; i++) {
        shared_meet(shared);
        shared->met++;
    }
    return NULL;
}

static void run_threads(void *(*work)(void *), void *argument)
{
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, argument), 0);
    for (unsigned i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

static void shared_free(struct shared *shared)
{
    stream_free(&shared->client);
    stream_free(&shared->server);
    ident_free(&shared->ident);
    certs_end();
}

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

/* All connect to one target, so they take and leave its sessions all the time. */
START_TEST(threads_share_credentials)
{
    struct shared shared;

    memset(&shared, 0, sizeof(shared));
    ident_make(&shared.ident, "CN=localhost", IDENT_EC);
    stream_init(&shared.client, false);
    stream_init(&shared.server, true);
    ck_assert_int_eq(ident_acquire(&shared.client, versions[_i], &shared.ident, 0), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&shared.server, versions[_i], &shared.ident, 0), SEC_E_OK);
    run_threads(meet_often, &shared);
    shared.request = ASC_REQ_MUTUAL_AUTH;
    run_threads(meet_often, &shared);
    ck_assert_uint_eq(shared.met, 2 * THREADS * HANDSHAKES);
    shared_free(&shared);
}
END_TEST

/* A file of roots with the certificate, as SSPI_CERT_ROOT names one. */
static void root_write(const struct ident *ident, char path[])
{
    gnutls_datum_t pem;
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(gnutls_x509_crt_export2(ident->crt, GNUTLS_X509_FMT_PEM, &pem), 0);
    ck_assert_int_eq(write(fd, pem.data, pem.size), (ssize_t)pem.size);
    close(fd);
    gnutls_free(pem.data);
    ck_assert_int_eq(setenv("SSPI_CERT_ROOT", path, 1), 0);
}

/* Each looks at the server's chain, against the one store of roots. */
START_TEST(threads_share_roots)
{
    char path[] = "/tmp/sspi-roots-XXXXXX";
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_DISABLE_RECONNECTS};
    struct shared shared;

    memset(&shared, 0, sizeof(shared));
    ident_make(&shared.ident, "CN=localhost", IDENT_EC);
    root_write(&shared.ident, path);
    stream_init(&shared.client, false);
    stream_init(&shared.server, true);
    ck_assert_int_eq(stream_acquire(&shared.client, &auth), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&shared.server, 0, &shared.ident, 0), SEC_E_OK);
    run_threads(meet_often, &shared);
    ck_assert_uint_eq(shared.met, THREADS * HANDSHAKES);
    shared_free(&shared);
    unlink(path);
}
END_TEST

/* --- Contexts that are shared --------------------------------------------------------------- */

/* What is on its way from one end to the other. */
struct wire {
    pthread_mutex_t mutex;
    pthread_cond_t more;
    struct flow flow;
};

struct direction {
    struct stream *from, *to;
    struct wire wire;
};

static void wire_put(struct wire *wire, const SecBuffer parts[3])
{
    pthread_mutex_lock(&wire->mutex);
    for (unsigned i = 0; i < 3; i++)
        flow_add(&wire->flow, parts[i].pvBuffer, parts[i].cbBuffer);
    pthread_cond_signal(&wire->more);
    pthread_mutex_unlock(&wire->mutex);
}

static void wire_take(struct wire *wire, struct flow *to)
{
    pthread_mutex_lock(&wire->mutex);
    while (wire->flow.size == 0)
        pthread_cond_wait(&wire->more, &wire->mutex);
    flow_add(to, wire->flow.data, wire->flow.size);
    flow_drop(&wire->flow, wire->flow.size);
    pthread_mutex_unlock(&wire->mutex);
}

/* A message says which it is, in every octet. */
static size_t message_make(unsigned number, uint8_t *data)
{
    size_t size = 1 + number % SIZE_MAX_SENT;

    memset(data, (int)(number % 251), size);
    return size;
}

static void *send_all(void *argument)
{
    struct direction *way = argument;
    ULONG head = way->from->sizes.cbHeader, tail = way->from->sizes.cbTrailer;
    uint8_t *block = malloc(head + SIZE_MAX_SENT + tail);

    for (unsigned i = 0; i < MESSAGES; i++) {
        size_t size = message_make(i, block + head);
        SecBuffer buffers[4] = {{head, SECBUFFER_STREAM_HEADER, block},
                                {(ULONG)size, SECBUFFER_DATA, block + head},
                                {tail, SECBUFFER_STREAM_TRAILER, block + head + size},
                                {0, SECBUFFER_EMPTY, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

        ck_assert_int_eq(EncryptMessage(&way->from->ctx, 0, &list, 0), SEC_E_OK);
        wire_put(&way->wire, buffers);
    }
    free(block);
    return NULL;
}

/* One record, if it is there; the number of the next message. */
static unsigned open_one(struct direction *way, struct flow *in, unsigned number)
{
    SecBuffer buffers[4] = {{(ULONG)in->size, SECBUFFER_DATA, in->data},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = DecryptMessage(&way->to->ctx, &list, 0, NULL);
    uint8_t expected[SIZE_MAX_SENT];

    if (status == SEC_E_INCOMPLETE_MESSAGE) {
        wire_take(&way->wire, in);
        return number;
    }
    ck_assert_int_eq(status, SEC_E_OK);
    if (buffers[1].cbBuffer != 0) { /* else a ticket or new keys */
        ck_assert_uint_eq(buffers[1].cbBuffer, message_make(number, expected));
        ck_assert_mem_eq(buffers[1].pvBuffer, expected, buffers[1].cbBuffer);
        number++;
    }
    flow_drop(in, in->size - (buffers[3].BufferType == SECBUFFER_EXTRA ? buffers[3].cbBuffer : 0));
    return number;
}

static void *receive_all(void *argument)
{
    struct direction *way = argument;
    struct flow in = {NULL, 0, 0};
    unsigned number = 0;

    wire_take(&way->wire, &in);
    while (number < MESSAGES)
        number = open_one(way, &in, number);
    flow_free(&in);
    return NULL;
}

/* --- What goes on meanwhile ----------------------------------------------------------------- */

struct meanwhile {
    struct stream *end;
    _Atomic bool done;
};

static void keys_ask(struct stream *end)
{
    struct handled *object = handle_pin(&end->ctx, HANDLE_CONTEXT);

    atomic_store(&((struct tls_ctx *)object)->update_wanted, true);
    handle_unpin(object);
}

/* GnuTLS takes more new keys in a second for an attack. */
#define KEYS_MAX 6

static void *ask_all(void *argument)
{
    struct meanwhile *meanwhile = argument;
    unsigned keys = 0;
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_StreamSizes sizes;

    while (!meanwhile->done) {
        PCtxtHandle ctx = &meanwhile->end->ctx;

        ck_assert_int_eq(QueryContextAttributesA(ctx, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
        ck_assert_int_eq(QueryContextAttributesA(ctx, SECPKG_ATTR_CONNECTION_INFO, &info),
                         SEC_E_OK);
        if (keys++ < KEYS_MAX) /* TLS 1.2 knows nothing of it */
            keys_ask(meanwhile->end);
        usleep(1000);
    }
    return NULL;
}

/* --- One seals while another opens ---------------------------------------------------------- */

static void way_open(struct direction *way, struct stream *from, struct stream *to)
{
    memset(way, 0, sizeof(*way));
    way->from = from;
    way->to = to;
    pthread_mutex_init(&way->wire.mutex, NULL);
    pthread_cond_init(&way->wire.more, NULL);
    flow_add(&way->wire.flow, to->in.data, to->in.size); /* tickets */
}

static void way_close(struct direction *way)
{
    flow_free(&way->wire.flow);
    pthread_cond_destroy(&way->wire.more);
    pthread_mutex_destroy(&way->wire.mutex);
}

/* Both ends send and receive at the same time, so that each context has two threads, and a third.
 */
static void exchange(struct stream *client, struct stream *server)
{
    struct direction ways[2];
    struct meanwhile meanwhile = {client, false};
    pthread_t threads[4], third;

    way_open(&ways[0], client, server);
    way_open(&ways[1], server, client);
    ck_assert_int_eq(pthread_create(&third, NULL, ask_all, &meanwhile), 0);
    for (unsigned i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, i % 2 ? receive_all : send_all, &ways[i / 2]), 0);
    for (unsigned i = 0; i < COUNT(threads); i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    meanwhile.done = true;
    ck_assert_int_eq(pthread_join(third, NULL), 0);
    way_close(&ways[0]);
    way_close(&ways[1]);
}

static const struct {
    DWORD version;
    const char *schannel;
} paths[] = {
    {SP_PROT_TLS1_2, ""},
    {SP_PROT_TLS1_3, ""},
    {SP_PROT_TLS1_2, "session"},
    {SP_PROT_TLS1_3, "session"},
};

/* SSPI_SCHANNEL is read once in a process, and each test is one. */
START_TEST(one_seals_while_another_opens)
{
    struct shared shared;

    setenv("SSPI_SCHANNEL", paths[_i].schannel, 1);
    memset(&shared, 0, sizeof(shared));
    ident_make(&shared.ident, "CN=localhost", IDENT_EC);
    stream_init(&shared.client, false);
    stream_init(&shared.server, true);
    ck_assert_int_eq(ident_acquire(&shared.client, paths[_i].version, NULL, 0), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&shared.server, paths[_i].version, &shared.ident, 0), SEC_E_OK);
    stream_establish(&shared.client, &shared.server);
    exchange(&shared.client, &shared.server);
    shared_free(&shared);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS shared by threads");
    TCase *tc = tcase_create("threads");

    tcase_add_loop_test(tc, threads_share_credentials, 0, (int)COUNT(versions));
    tcase_add_test(tc, threads_share_roots);
    tcase_add_loop_test(tc, one_seals_while_another_opens, 0, (int)COUNT(paths));
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
