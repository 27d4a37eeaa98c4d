/* SPDX-License-Identifier: MIT */
/*
 * Many threads at once: handles that are stale, freed twice, forged or of another kind; one context
 * that seals in one thread and opens in another; credentials that many threads share; deletion
 * while a call is inside.
 */
#include <pthread.h>
#include <sched.h>
#include <sspi.h>
#include <sspi_linux.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

#define THREADS_MAX 32

static const struct way {
    const char *package, *list;
    bool sasl;
} ways[] = {
    {"Kerberos", NULL, false},         {"NTLM", NULL, false},    {"Negotiate", "!ntlm", false},
    {"Negotiate", "!kerberos", false}, {"Kerberos", NULL, true}, {"Negotiate", "!kerberos", true},
};

static void open_way(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(way->list);

    setenv("KRB5RCACHENAME", "none:", 1);
    pair_init(pair);
    pair->sasl = way->sasl;
    pair_acquire(pair, way->package, way->list != NULL ? &list : NULL);
}

static void run_threads(int count, void *(*run)(void *), void *data)
{
    pthread_t threads[THREADS_MAX];

    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, data), 0);
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
}

/* --- Handles -------------------------------------------------------------------------------- */

#define ROUNDS 200

struct bad_handles {
    SecHandle stale_context, stale_credential, live_context, live_credential;
};

/* Every call that takes a context, on one that is none. */
static void assert_no_context(SecHandle handle)
{
    unsigned char data[128] = {0};
    SecBuffer parts[] = {{64, SECBUFFER_TOKEN, data}, {16, SECBUFFER_DATA, data + 64}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    unsigned char room[256];
    void *token = NULL;
    SecBuffer packed = {0, SECBUFFER_EMPTY, NULL};

    assert_status(EncryptMessage(&handle, 0, &list, 0), SEC_E_INVALID_HANDLE);
    assert_status(DecryptMessage(&handle, &list, 0, NULL), SEC_E_INVALID_HANDLE);
    assert_status(MakeSignature(&handle, 0, &list, 0), SEC_E_INVALID_HANDLE);
    assert_status(VerifySignature(&handle, &list, 0, NULL), SEC_E_INVALID_HANDLE);
    assert_status(QueryContextAttributesA(&handle, SECPKG_ATTR_SIZES, room), SEC_E_INVALID_HANDLE);
    assert_status(SetContextAttributesA(&handle, SECPKG_ATTR_FLAGS, room, 4), SEC_E_INVALID_HANDLE);
    assert_status(ExportSecurityContext(&handle, 0, &packed, &token), SEC_E_INVALID_HANDLE);
    assert_status(ImpersonateSecurityContext(&handle), SEC_E_INVALID_HANDLE);
    assert_status(QuerySecurityContextToken(&handle, &token), SEC_E_INVALID_HANDLE);
    assert_status(CompleteAuthToken(&handle, &list), SEC_E_INVALID_HANDLE);
    assert_status(ApplyControlToken(&handle, &list), SEC_E_INVALID_HANDLE);
    assert_status(DeleteSecurityContext(&handle), SEC_E_INVALID_HANDLE);
}

static void assert_no_credential(SecHandle handle)
{
    unsigned char token[4096];
    SecBuffer part = {sizeof(token), SECBUFFER_TOKEN, token};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &part};
    unsigned char room[256];
    CtxtHandle context;
    ULONG flags;

    assert_status(
        InitializeSecurityContextA(&handle, NULL, (SEC_CHAR *)(uintptr_t) "HTTP/localhost", 0, 0,
                                   SECURITY_NATIVE_DREP, NULL, 0, &context, &list, &flags, NULL),
        SEC_E_INVALID_HANDLE);
    part.cbBuffer = 16;
    assert_status(AcceptSecurityContext(&handle, NULL, &list, 0, SECURITY_NATIVE_DREP, &context,
                                        &list, &flags, NULL),
                  SEC_E_INVALID_HANDLE);
    assert_status(QueryCredentialsAttributesA(&handle, SECPKG_CRED_ATTR_NAMES, room),
                  SEC_E_INVALID_HANDLE);
    assert_status(FreeCredentialsHandle(&handle), SEC_E_INVALID_HANDLE);
}

static void *misuse(void *data)
{
    const struct bad_handles *bad = data;

    for (int round = 0; round < ROUNDS; round++) {
        SecHandle forged = bad->live_context, zeros = {0, 0}, invalid;

        SecInvalidateHandle(&invalid);
        assert_no_context(bad->stale_context);
        assert_no_context(bad->live_credential); /* of the other kind */
        assert_no_context(zeros);
        assert_no_context(invalid);
        forged.dwUpper += 1 + (ULONG_PTR)round;
        assert_no_context(forged);
        forged = bad->live_context;
        forged.dwLower ^= (ULONG_PTR)1 << (8 + round % 40);
        if (forged.dwLower != bad->live_context.dwLower)
            forged.dwUpper ^= 0x5a5a5a;
        assert_no_context(forged);
        assert_no_credential(bad->stale_credential);
        assert_no_credential(bad->live_context);
        assert_no_credential(zeros);
        assert_no_credential(invalid);
    }
    return NULL;
}

/* What is not there is not found, and what is stays whole. */
START_TEST(bad_handles)
{
    struct bad_handles bad;
    struct pair gone, pair;

    open_way(&gone, &ways[0]);
    pair_establish(&gone);
    bad.stale_context = gone.client;
    bad.stale_credential = gone.client_cred;
    pair_free(&gone);
    open_way(&pair, &ways[0]);
    pair_establish(&pair);
    bad.live_context = pair.client;
    bad.live_credential = pair.client_cred;
    run_threads(THREADS_MAX, misuse, &bad);
    pair_message(&pair.client, &pair.server, "still there");
    pair_free(&pair);
}
END_TEST

/* Of all threads that delete one context, one does. */
static atomic_int deleted;

static void *delete_one(void *data)
{
    SecHandle handle = *(SecHandle *)data;

    if (DeleteSecurityContext(&handle) == SEC_E_OK)
        atomic_fetch_add(&deleted, 1);
    return NULL;
}

START_TEST(doubly_deleted)
{
    struct pair pair;

    open_way(&pair, &ways[0]);
    for (int round = 1; round <= 20; round++) {
        pair_establish(&pair);
        run_threads(THREADS_MAX, delete_one, &pair.client);
        ck_assert_int_eq(atomic_load(&deleted), round);
        pair.client_open = false;
        pair_close(&pair);
        pair.to_client.size = 0;
    }
    pair_free(&pair);
}
END_TEST

/* --- One context in two threads ------------------------------------------------------------- */

#define MESSAGES   1500
#define QUEUE_SIZE 16
#define TEXT_SIZE  200
#define WIRE_SIZE  400

struct wire {
    unsigned char data[WIRE_SIZE];
    ULONG size;
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct wire wires[QUEUE_SIZE];
    unsigned put, taken;
};

static void queue_put(struct queue *queue, const struct wire *wire)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->put - queue->taken == QUEUE_SIZE)
        pthread_cond_wait(&queue->changed, &queue->lock);
    queue->wires[queue->put++ % QUEUE_SIZE] = *wire;
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

static void queue_take(struct queue *queue, struct wire *wire)
{
    pthread_mutex_lock(&queue->lock);
    while (queue->put == queue->taken)
        pthread_cond_wait(&queue->changed, &queue->lock);
    *wire = queue->wires[queue->taken++ % QUEUE_SIZE];
    pthread_cond_broadcast(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

/* One direction: who seals, who opens, and what is on its way. */
struct lane {
    CtxtHandle *from, *to;
    struct queue queue;
};

static void *seal_all(void *data)
{
    struct lane *lane = data;
    SecPkgContext_Sizes sizes;

    assert_status(QueryContextAttributesA(lane->from, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    for (unsigned i = 0; i < MESSAGES; i++) {
        struct wire wire = {.size = sizes.cbSecurityTrailer + TEXT_SIZE};
        SecBuffer parts[] = {
            {sizes.cbSecurityTrailer, SECBUFFER_TOKEN, wire.data},
            {TEXT_SIZE, SECBUFFER_DATA, wire.data + sizes.cbSecurityTrailer},
        };
        SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};

        memset(parts[1].pvBuffer, (int)(i & 0xff), TEXT_SIZE);
        assert_status(EncryptMessage(lane->from, 0, &list, 0), SEC_E_OK);
        queue_put(&lane->queue, &wire);
    }
    return NULL;
}

static void *open_all(void *data)
{
    struct lane *lane = data;

    for (unsigned i = 0; i < MESSAGES; i++) {
        struct wire wire;
        SecBuffer parts[] = {{0, SECBUFFER_STREAM, wire.data}, {0, SECBUFFER_DATA, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
        const unsigned char *text;

        queue_take(&lane->queue, &wire);
        parts[0].cbBuffer = wire.size;
        assert_status(DecryptMessage(lane->to, &list, 0, NULL), SEC_E_OK);
        ck_assert_uint_eq(parts[1].cbBuffer, TEXT_SIZE);
        text = parts[1].pvBuffer;
        for (unsigned at = 0; at < TEXT_SIZE; at++)
            ck_assert_uint_eq(text[at], i & 0xff);
    }
    return NULL;
}

START_TEST(both_ways)
{
    static struct lane lanes[2];
    pthread_t threads[4];
    struct pair pair;

    open_way(&pair, &ways[_i]);
    pair_establish(&pair);
    for (int i = 0; i < 2; i++) {
        pthread_mutex_init(&lanes[i].queue.lock, NULL);
        pthread_cond_init(&lanes[i].queue.changed, NULL);
        lanes[i].from = i == 0 ? &pair.client : &pair.server;
        lanes[i].to = i == 0 ? &pair.server : &pair.client;
        pthread_create(&threads[2 * i], NULL, seal_all, &lanes[i]);
        pthread_create(&threads[2 * i + 1], NULL, open_all, &lanes[i]);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    pair_free(&pair);
}
END_TEST

/* --- One credential in many threads --------------------------------------------------------- */

#define SHARERS  8
#define CONTEXTS 15

static void *establish_some(void *data)
{
    const struct pair *shared = data;
    struct pair *pair = malloc(sizeof(*pair));

    ck_assert_ptr_nonnull(pair);
    pair_init(pair);
    pair->sasl = shared->sasl;
    pair->client_cred = shared->client_cred;
    pair->server_cred = shared->server_cred;
    for (int i = 0; i < CONTEXTS; i++) {
        pair->to_client.size = 0;
        pair_establish(pair);
        pair_message(&pair->client, &pair->server, "one of many");
        pair_message(&pair->server, &pair->client, "and back");
        pair_close(pair);
    }
    free(pair);
    return NULL;
}

START_TEST(shared_credentials)
{
    struct pair pair;

    open_way(&pair, &ways[_i]);
    run_threads(SHARERS, establish_some, &pair);
    pair_free(&pair);
}
END_TEST

/* --- Deletion under a call ------------------------------------------------------------------ */

static void *seal_until_gone(void *data)
{
    SecHandle handle = *(SecHandle *)data;
    SECURITY_STATUS status;

    do {
        unsigned char room[128] = {0};
        SecBuffer parts[] = {{64, SECBUFFER_TOKEN, room}, {32, SECBUFFER_DATA, room + 64}};
        SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};

        status = EncryptMessage(&handle, 0, &list, 0);
    } while (status == SEC_E_OK);
    assert_status(status, SEC_E_INVALID_HANDLE);
    return NULL;
}

START_TEST(deleted_inside)
{
    pthread_t threads[4];
    struct pair pair;

    open_way(&pair, &ways[_i]);
    for (int round = 0; round < 10; round++) {
        pair.to_client.size = 0;
        pair_establish(&pair);
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, seal_until_gone, &pair.client);
        sched_yield();
        assert_status(DeleteSecurityContext(&pair.client), SEC_E_OK);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        pair.client_open = false;
        pair_close(&pair);
    }
    pair_free(&pair);
}
END_TEST

/* --- Questions while a client authenticates again ------------------------------------------- */

#define AGAIN 20

struct questions {
    CtxtHandle server;
    atomic_bool over;
};

/* There is an answer, or no context that is established. */
static bool answered(SECURITY_STATUS status)
{
    ck_assert_msg(status == SEC_E_OK || status == SEC_E_INVALID_HANDLE, "%s: %s",
                  sspi_status_name(status), sspi_native_error());
    return status == SEC_E_OK;
}

static void *ask_on(void *data)
{
    struct questions *questions = data;
    CtxtHandle server = questions->server;

    while (!atomic_load(&questions->over)) {
        SecPkgContext_NativeNamesA names;
        SecPkgContext_SessionKey key;
        HANDLE token;

        if (answered(QueryContextAttributesA(&server, SECPKG_ATTR_NATIVE_NAMES, &names))) {
            ck_assert_ptr_nonnull(strstr(names.sClientName, "alice"));
            FreeContextBuffer(names.sClientName);
            FreeContextBuffer(names.sServerName);
        }
        if (answered(QueryContextAttributesA(&server, SECPKG_ATTR_SESSION_KEY, &key)))
            FreeContextBuffer(key.SessionKey);
        if (answered(QuerySecurityContextToken(&server, &token)))
            CloseHandle(token);
    }
    return NULL;
}

START_TEST(asked_while_begun_again)
{
    struct questions questions;
    pthread_t threads[4];
    struct pair pair;

    open_way(&pair, &ways[_i]);
    pair_establish(&pair);
    questions.server = pair.server;
    atomic_init(&questions.over, false);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_on, &questions), 0);
    for (int round = 0; round < AGAIN; round++) {
        assert_status(DeleteSecurityContext(&pair.client), SEC_E_OK);
        pair.client_open = false;
        pair_establish(&pair);
        pair_message(&pair.client, &pair.server, "once more");
    }
    atomic_store(&questions.over, true);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    pair_free(&pair);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("threads");

    suite_add(s, bad_handles, 1);
    suite_add(s, doubly_deleted, 1);
    suite_add(s, both_ways, COUNT(ways));
    suite_add(s, shared_credentials, COUNT(ways));
    suite_add(s, deleted_inside, COUNT(ways));
    suite_add(s, asked_while_begun_again, 4); /* SASL has no such thing */
    return s;
}

CHECK_MAIN(suite)
