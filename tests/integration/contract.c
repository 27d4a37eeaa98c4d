/* SPDX-License-Identifier: MIT */
/*
 * The documented contract of InitializeSecurityContext and AcceptSecurityContext: buffers, the
 * sequence of calls. Flags are in flags.c, statuses by cause in status.c.
 */
#include <dlfcn.h>
#include <gssapi/gssapi.h>
#include <pthread.h>
#include <sspi_linux.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* The packages, and Negotiate with either mechanism inside. */
static const struct way {
    const char *package, *list, *negotiated;
} ways[] = {{"Kerberos", NULL, "Kerberos"},
            {"NTLM", NULL, "NTLM"},
            {"Negotiate", "!ntlm", "Kerberos"},
            {"Negotiate", "!kerberos", "NTLM"}};

static bool way_is_ntlm(const struct way *way)
{
    return strcmp(way->negotiated, "NTLM") == 0;
}

static void way_acquire(struct pair *pair, const struct way *way)
{
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(way->list);

    pair_init(pair);
    pair_acquire(pair, way->package, way->list == NULL ? NULL : &id);
}

/* --- Buffers -------------------------------------------------------------------------------- */

static SECURITY_STATUS initialize(struct pair *pair, ULONG isc, SecBufferDesc *in,
                                  SecBufferDesc *out)
{
    pair->client_status = InitializeSecurityContextA(
        &pair->client_cred, pair->client_open ? &pair->client : NULL,
        (SEC_CHAR *)(uintptr_t)pair->target, isc, 0, SECURITY_NATIVE_DREP, in, 0, &pair->client,
        out, &pair->client_flags, &pair->client_expiry);
    pair->client_open |= pair->client_status >= 0 || pair->client_status == SEC_E_BUFFER_TOO_SMALL;
    return pair->client_status;
}

static SECURITY_STATUS accept_into(struct pair *pair, ULONG asc, SecBuffer *token)
{
    SecBuffer in = {pair->to_server.size, SECBUFFER_TOKEN, pair->to_server.data};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, token};

    pair->server_status = AcceptSecurityContext(
        &pair->server_cred, pair->server_open ? &pair->server : NULL, &input, asc,
        SECURITY_NATIVE_DREP, &pair->server, &output, &pair->server_flags, &pair->server_expiry);
    pair->server_open |= pair->server_status >= 0 || pair->server_status == SEC_E_BUFFER_TOO_SMALL;
    return pair->server_status;
}

START_TEST(memory_is_allocated_on_request)
{
    struct pair pair;
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL}, answer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    way_acquire(&pair, &ways[_i]);
    assert_status(initialize(&pair, pair.isc | ISC_REQ_ALLOCATE_MEMORY, NULL, &output),
                  SEC_I_CONTINUE_NEEDED);
    ck_assert_ptr_nonnull(out.pvBuffer);
    ck_assert(pair.client_flags & ISC_RET_ALLOCATED_MEMORY);
    memcpy(pair.to_server.data, out.pvBuffer, out.cbBuffer);
    pair.to_server.size = out.cbBuffer;
    ck_assert_int_ge(accept_into(&pair, pair.asc | ASC_REQ_ALLOCATE_MEMORY, &answer), 0);
    ck_assert_ptr_nonnull(answer.pvBuffer);
    ck_assert(pair.server_flags & ASC_RET_ALLOCATED_MEMORY);
    ck_assert_uint_ne(answer.cbBuffer, 0);
    assert_status(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    assert_status(FreeContextBuffer(answer.pvBuffer), SEC_E_OK);
    pair_close(&pair);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(pair.client_flags & ISC_RET_ALLOCATED_MEMORY, 0);
    pair_free(&pair);
}
END_TEST

START_TEST(other_buffers_stay_as_they_are)
{
    struct pair pair;
    char kept[] = "still here", empty[] = "";
    const ULONG bits[] = {0, SECBUFFER_READONLY, SECBUFFER_READONLY_WITH_CHECKSUM};
    SecBuffer in[] = {{0, SECBUFFER_EMPTY, NULL}, {0, SECBUFFER_EMPTY, empty}};
    SecBuffer out[] = {{0, SECBUFFER_EMPTY, NULL},
                       {sizeof(kept), SECBUFFER_DATA | bits[_i % COUNT(bits)], kept},
                       {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, NULL},
                       {7, SECBUFFER_MISSING, NULL}};
    SecBuffer before[COUNT(out)];
    SecBufferDesc input = {SECBUFFER_VERSION, COUNT(in), in},
                  output = {SECBUFFER_VERSION, COUNT(out), out};

    way_acquire(&pair, &ways[_i / COUNT(bits)]);
    out[2].pvBuffer = pair.to_server.data;
    memcpy(before, out, sizeof(out));
    assert_status(initialize(&pair, pair.isc, &input, &output), SEC_I_CONTINUE_NEEDED);
    pair.to_server.size = before[2].cbBuffer = out[2].cbBuffer;
    for (int i = 0; i < COUNT(out); i++) {
        ck_assert_ptr_eq(out[i].pvBuffer, before[i].pvBuffer);
        ck_assert_uint_eq(out[i].cbBuffer, before[i].cbBuffer);
        ck_assert_uint_eq(out[i].BufferType, before[i].BufferType);
    }
    ck_assert_str_eq(kept, "still here");
    ck_assert(pair_finish(&pair));
    pair_free(&pair);
}
END_TEST

/* One leg of an end, with lists of that version. */
static SECURITY_STATUS leg_of_version(struct pair *pair, bool inbound, ULONG version)
{
    struct pair_token *from = inbound ? &pair->to_server : &pair->to_client;
    struct pair_token *to = inbound ? &pair->to_client : &pair->to_server;
    SecBuffer in = {from->size, SECBUFFER_TOKEN, from->data};
    SecBuffer out = {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, to->data};
    SecBufferDesc input = {version, 1, &in}, output = {version, 1, &out};

    if (inbound) {
        pair->server_status = AcceptSecurityContext(
            &pair->server_cred, pair->server_open ? &pair->server : NULL, &input, pair->asc,
            SECURITY_NATIVE_DREP, &pair->server, &output, &pair->server_flags, NULL);
        pair->server_open |= pair->server_status >= 0;
    } else {
        initialize(pair, pair->isc, from->size == 0 ? NULL : &input, &output);
    }
    ck_assert_uint_eq(input.ulVersion, version);
    ck_assert_uint_eq(output.ulVersion, version);
    to->size = out.cbBuffer;
    return inbound ? pair->server_status : pair->client_status;
}

/* Seals and opens in lists of that version. */
static void message_of_version(CtxtHandle *from, CtxtHandle *to, ULONG version)
{
    char text[] = "of another version";
    unsigned char token[128];
    SecBuffer parts[] = {{0, SECBUFFER_TOKEN, token}, {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc list = {version, COUNT(parts), parts};
    SecPkgContext_Sizes sizes;

    assert_status(QueryContextAttributesA(from, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_le(parts[0].cbBuffer = sizes.cbSecurityTrailer, sizeof(token));
    assert_status(EncryptMessage(from, 0, &list, 0), SEC_E_OK);
    assert_status(DecryptMessage(to, &list, 0, NULL), SEC_E_OK);
    ck_assert_str_eq(text, "of another version");
    assert_status(MakeSignature(from, 0, &list, 0), SEC_E_OK);
    assert_status(VerifySignature(to, &list, 0, NULL), SEC_E_OK);
    ck_assert_uint_eq(list.ulVersion, version);
}

START_TEST(version_of_a_list_is_not_looked_at)
{
    static const ULONG versions[] = {SECBUFFER_VERSION, 1, 0xffffffff};
    ULONG version = versions[_i % COUNT(versions)];
    struct pair pair;

    way_acquire(&pair, &ways[_i / COUNT(versions)]);
    assert_status(leg_of_version(&pair, false, version), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(leg_of_version(&pair, true, version), SEC_E_OK);
    assert_status(leg_of_version(&pair, false, version), SEC_E_OK);
    if (pair.server_status == SEC_I_CONTINUE_NEEDED)
        assert_status(leg_of_version(&pair, true, version), SEC_E_OK);
    message_of_version(&pair.client, &pair.server, version);
    message_of_version(&pair.server, &pair.client, version);
    pair_free(&pair);
}
END_TEST

/* The token waits, and comes whole from a repeated call: the exchange goes on from it. */
START_TEST(small_buffer_leaves_the_token_pending)
{
    struct pair pair;
    SecBuffer out = {0, SECBUFFER_TOKEN, pair.to_server.data};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    ULONG needed, sizes[3] = {0, 1, 0};

    way_acquire(&pair, &ways[_i]);
    assert_status(initialize(&pair, pair.isc, NULL, &output), SEC_E_BUFFER_TOO_SMALL);
    needed = out.cbBuffer;
    ck_assert_uint_gt(needed, 1);
    sizes[2] = needed - 1;
    for (int i = 0; i < COUNT(sizes); i++) {
        out.cbBuffer = sizes[i];
        assert_status(initialize(&pair, pair.isc, NULL, &output), SEC_E_BUFFER_TOO_SMALL);
        ck_assert_uint_eq(out.cbBuffer, needed);
    }
    assert_status(initialize(&pair, pair.isc, NULL, &output), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(out.cbBuffer, needed);
    pair.to_server.size = needed;
    out = (SecBuffer){1, SECBUFFER_TOKEN, pair.to_client.data};
    assert_status(accept_into(&pair, pair.asc, &out), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_gt(out.cbBuffer, 1);
    needed = out.cbBuffer;
    ck_assert_int_ge(accept_into(&pair, pair.asc, &out), 0);
    ck_assert_uint_eq(out.cbBuffer, needed);
    pair.to_client.size = needed;
    ck_assert_int_ge(pair_initialize(&pair), 0);
    if (pair.server_status == SEC_I_CONTINUE_NEEDED)
        assert_status(pair_accept(&pair), SEC_E_OK);
    assert_status(pair.client_status, SEC_E_OK);
    pair_message(&pair.client, &pair.server, "went on");
    pair_free(&pair);
}
END_TEST

/* A later leg's token waits for a place, too. Not each mechanism has one here. */
START_TEST(no_buffer_leaves_the_token_pending)
{
    struct pair pair;
    SecBuffer in = {0, SECBUFFER_TOKEN, pair.to_client.data}, out = {0, SECBUFFER_EMPTY, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};

    way_acquire(&pair, &ways[_i]);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&pair), 0);
    in.cbBuffer = (ULONG)pair.to_client.size;
    if (initialize(&pair, pair.isc, &input, &output) != SEC_E_OK) {
        assert_status(pair.client_status, SEC_E_INVALID_TOKEN);
        out = (SecBuffer){PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair.to_server.data};
        ck_assert_int_ge(initialize(&pair, pair.isc, &input, &output), 0);
        ck_assert_uint_gt(out.cbBuffer, 0);
        pair.to_server.size = out.cbBuffer;
    }
    if (pair.server_status == SEC_I_CONTINUE_NEEDED)
        assert_status(pair_accept(&pair), SEC_E_OK);
    assert_status(pair.client_status, SEC_E_OK);
    pair_message(&pair.client, &pair.server, "went on");
    pair_free(&pair);
}
END_TEST

/* ISC_REQ_USE_SUPPLIED_CREDS: whose context it is stands in SECBUFFER_PKG_PARAMS. */
START_TEST(supplied_credential_is_used)
{
    const struct way *way = &ways[_i / 2];
    bool asked = _i % 2;
    struct pair pair;
    SEC_WINNT_AUTH_IDENTITY_EXA id =
        identity_exa("bob", way_is_ntlm(way) ? "LOOPBACK" : NULL, password_of("bob"), way->list);
    SecBuffer in = {sizeof(id), SECBUFFER_PKG_PARAMS, &id}, out;
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
    const char *user = asked ? "bob" : "alice";

    way_acquire(&pair, way);
    out = (SecBuffer){PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair.to_server.data};
    assert_status(
        initialize(&pair, pair.isc | (asked ? ISC_REQ_USE_SUPPLIED_CREDS : 0), &input, &output),
        SEC_I_CONTINUE_NEEDED);
    pair.to_server.size = out.cbBuffer;
    ck_assert_msg(pair_finish(&pair), "%s", sspi_native_error());
    ck_assert_int_eq((pair.client_flags & ISC_RET_USED_SUPPLIED_CREDS) != 0, asked);
    ck_assert_ptr_nonnull(strstr(context_user(&pair.server), user));
    pair_free(&pair);
}
END_TEST

START_TEST(ill_formed_supplied_credential_is_refused)
{
    struct pair pair;
    SecBuffer in = {3, SECBUFFER_PKG_PARAMS, &pair}, out;
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};

    way_acquire(&pair, &ways[_i]);
    out = (SecBuffer){PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair.to_server.data};
    assert_status(initialize(&pair, pair.isc | ISC_REQ_USE_SUPPLIED_CREDS, &input, &output),
                  SEC_E_UNKNOWN_CREDENTIALS);
    pair_free(&pair);
}
END_TEST

/* --- Sequence ------------------------------------------------------------------------------- */

START_TEST(established_context_authenticates_again)
{
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    pair_establish(&pair);
    pair_message(&pair.client, &pair.server, "before");
    pair.to_client.size = 0;
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert(pair_finish(&pair));
    pair_message(&pair.client, &pair.server, "after");
    pair_message(&pair.server, &pair.client, "after");
    pair_free(&pair);
}
END_TEST

/*
 * A gate in front of the mechanism: the program's own gss_init_sec_context() and
 * gss_accept_sec_context() stand before the library's. Closed, it holds the first call that comes.
 */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    enum { GATE_OPEN, GATE_CLOSED, GATE_HOLDS } state;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, GATE_OPEN};

static void gate_set(int state)
{
    pthread_mutex_lock(&gate.lock);
    gate.state = state;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_wait_until_held(void)
{
    pthread_mutex_lock(&gate.lock);
    while (gate.state != GATE_HOLDS)
        pthread_cond_wait(&gate.moved, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void gate_pass(void)
{
    pthread_mutex_lock(&gate.lock);
    if (gate.state == GATE_CLOSED) {
        gate.state = GATE_HOLDS;
        pthread_cond_broadcast(&gate.moved);
        while (gate.state == GATE_HOLDS)
            pthread_cond_wait(&gate.moved, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

__attribute__((visibility("default"))) OM_uint32 gss_init_sec_context(
    OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *context, gss_name_t target, gss_OID mech,
    OM_uint32 flags, OM_uint32 wanted, gss_channel_bindings_t bindings, gss_buffer_t in,
    gss_OID *actual, gss_buffer_t out, OM_uint32 *granted, OM_uint32 *left)
{
    void *symbol = dlsym(RTLD_NEXT, "gss_init_sec_context");
    OM_uint32 (*mechanism)(OM_uint32 *, gss_cred_id_t, gss_ctx_id_t *, gss_name_t, gss_OID,
                           OM_uint32, OM_uint32, gss_channel_bindings_t, gss_buffer_t, gss_OID *,
                           gss_buffer_t, OM_uint32 *, OM_uint32 *);

    memcpy(&mechanism, &symbol, sizeof(mechanism));
    gate_pass();
    return mechanism(minor, cred, context, target, mech, flags, wanted, bindings, in, actual, out,
                     granted, left);
}

__attribute__((visibility("default"))) OM_uint32 gss_accept_sec_context(
    OM_uint32 *minor, gss_ctx_id_t *context, gss_cred_id_t cred, gss_buffer_t in,
    gss_channel_bindings_t bindings, gss_name_t *source, gss_OID *mech, gss_buffer_t out,
    OM_uint32 *flags, OM_uint32 *left, gss_cred_id_t *delegated)
{
    void *symbol = dlsym(RTLD_NEXT, "gss_accept_sec_context");
    OM_uint32 (*mechanism)(OM_uint32 *, gss_ctx_id_t *, gss_cred_id_t, gss_buffer_t,
                           gss_channel_bindings_t, gss_name_t *, gss_OID *, gss_buffer_t,
                           OM_uint32 *, OM_uint32 *, gss_cred_id_t *);

    memcpy(&mechanism, &symbol, sizeof(mechanism));
    gate_pass();
    return mechanism(minor, context, cred, in, bindings, source, mech, out, flags, left, delegated);
}

static void *run_again(void *argument)
{
    struct pair *pair = argument;

    pair->to_client.size = 0;
    pair_initialize(pair);
    return NULL;
}

/*
 * The first call is inside the mechanism, on a worker, since a ticket to forward is asked of the
 * KDC every time.
 */
START_TEST(second_call_at_once_is_out_of_sequence)
{
    struct pair pair;
    pthread_t thread;
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS second;
    CtxtHandle handle;
    ULONG flags;

    way_acquire(&pair, &ways[_i == 0 ? 0 : 2]);
    pair.isc |= ISC_REQ_DELEGATE;
    pair_establish(&pair);
    ck_assert(pair.client_flags & ISC_RET_DELEGATE);
    handle = pair.client;
    setenv("SSPI_KDC_TIMEOUT", "3600", 1);
    gate_set(GATE_CLOSED);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_again, &pair), 0);
    gate_wait_until_held();
    second = InitializeSecurityContextA(NULL, &handle, NULL, 0, 0, SECURITY_NATIVE_DREP, NULL, 0,
                                        &handle, &output, &flags, NULL);
    gate_set(GATE_OPEN);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_status(second, SEC_E_OUT_OF_SEQUENCE);
    assert_status(pair.client_status, SEC_I_CONTINUE_NEEDED);
    pair_free(&pair);
}
END_TEST

static void *run_accept(void *argument)
{
    pair_accept(argument);
    return NULL;
}

/* Up to a token that the server's context, already there, is to take. */
static void next_for_server(struct pair *pair, bool again)
{
    pair->isc |= ISC_REQ_USE_DCE_STYLE; /* gives Kerberos a third leg, as NTLM has */
    pair_establish(pair);
    if (again) {
        pair->to_client.size = 0;
    } else {
        pair_close(pair);
        assert_status(pair_initialize(pair), SEC_I_CONTINUE_NEEDED);
        assert_status(pair_accept(pair), SEC_I_CONTINUE_NEEDED);
    }
    ck_assert_int_ge(pair_initialize(pair), SEC_E_OK);
    ck_assert_uint_ne(pair->to_server.size, 0);
}

static void go_on(struct pair *pair)
{
    for (int i = 0; i < PAIR_LEGS_MAX; i++) {
        if (pair->client_status == SEC_I_CONTINUE_NEEDED)
            pair_initialize(pair);
        if (pair->server_status == SEC_I_CONTINUE_NEEDED)
            pair_accept(pair);
    }
    assert_status(pair->client_status, SEC_E_OK);
    assert_status(pair->server_status, SEC_E_OK);
}

static void assert_signs(CtxtHandle *from, CtxtHandle *to)
{
    char text[] = "the first went on";
    unsigned char token[64];
    SecBuffer parts[] = {{sizeof(token), SECBUFFER_TOKEN, token},
                         {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc list = {SECBUFFER_VERSION, COUNT(parts), parts};

    assert_status(MakeSignature(from, 0, &list, 0), SEC_E_OK);
    assert_status(VerifySignature(to, &list, 0, NULL), SEC_E_OK);
}

/* The first call is inside the mechanism; the second comes with the same token, and is not queued.
 */
START_TEST(second_accept_at_once_is_out_of_sequence)
{
    struct pair pair;
    pthread_t thread;
    SecBuffer in, out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS second;
    CtxtHandle handle;
    ULONG flags = 0;

    way_acquire(&pair, &ways[_i / 2]);
    next_for_server(&pair, _i % 2);
    in = (SecBuffer){pair.to_server.size, SECBUFFER_TOKEN, pair.to_server.data};
    handle = pair.server;
    gate_set(GATE_CLOSED);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_accept, &pair), 0);
    gate_wait_until_held();
    second = AcceptSecurityContext(&pair.server_cred, &handle, &input, ASC_REQ_ALLOCATE_MEMORY,
                                   SECURITY_NATIVE_DREP, &handle, &output, &flags, NULL);
    gate_set(GATE_OPEN);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    assert_status(second, SEC_E_OUT_OF_SEQUENCE);
    ck_assert_ptr_null(out.pvBuffer);
    ck_assert_uint_eq(flags, 0);
    ck_assert_int_ge(pair.server_status, SEC_E_OK);
    go_on(&pair);
    assert_signs(&pair.client, &pair.server);
    assert_signs(&pair.server, &pair.client);
    pair_free(&pair);
}
END_TEST

/* A server tells the client why, and only when it is asked to. */
START_TEST(extended_error_has_a_token_for_the_peer)
{
    struct pair pair;
    bool asked = _i == 1;

    way_acquire(&pair, &ways[0]);
    if (asked) {
        pair.isc |= ISC_REQ_EXTENDED_ERROR;
        pair.asc |= ASC_REQ_EXTENDED_ERROR;
    }
    pair.client_bindings = bindings_make("one", &pair.client_bindings_size);
    pair.server_bindings = bindings_make("two", &pair.server_bindings_size);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    assert_status(pair_accept(&pair), SEC_E_BAD_BINDINGS);
    ck_assert_int_eq(pair.to_client.size != 0, asked);
    if (asked) {
        ck_assert_uint_eq(pair.to_client.data[0], 0x60);
        ck_assert_int_lt(pair_initialize(&pair), 0);
    }
    free(pair.client_bindings);
    free(pair.server_bindings);
    pair_free(&pair);
}
END_TEST

/* --- Calls that cannot be served ------------------------------------------------------------ */

/* Lists of buffers without a place for the token, or that contradict themselves. */
static char some_data[4];
static SecBuffer data_only[] = {{sizeof(some_data), SECBUFFER_DATA, some_data}};
static SecBuffer no_address[] = {{4, SECBUFFER_DATA, NULL}};

static const struct bad_list {
    const char *name;
    ULONG count;
    SecBuffer *buffers;
} bad_lists[] = {
    {"no token buffer", 1, data_only},
    {"no buffers", 0, data_only},
    {"a count without buffers", 1, NULL},
    {"more than can be", 0xffffffff, data_only},
    {"a length without an address", 1, no_address},
};

/* A first leg of one end by its own words; handles and lists may be wrong. */
static SECURITY_STATUS call_end(bool inbound, CredHandle *cred, CtxtHandle *context,
                                SecBufferDesc *in, CtxtHandle *made, SecBufferDesc *out)
{
    static char target[] = "HTTP/localhost";

    return inbound ? AcceptSecurityContext(cred, context, in, ASC_REQ_ALLOCATE_MEMORY,
                                           SECURITY_NATIVE_DREP, made, out, NULL, NULL)
                   : InitializeSecurityContextA(cred, context, target, ISC_REQ_ALLOCATE_MEMORY, 0,
                                                SECURITY_NATIVE_DREP, in, 0, made, out, NULL, NULL);
}

START_TEST(output_needs_a_token_buffer)
{
    const struct way *way = &ways[_i / COUNT(bad_lists)];
    const struct bad_list *bad = &bad_lists[_i % COUNT(bad_lists)];
    SecBufferDesc output = {SECBUFFER_VERSION, bad->count, bad->buffers};
    struct pair pair;
    SecBuffer in;
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    CtxtHandle made = {0, 0};

    way_acquire(&pair, way);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    in = (SecBuffer){pair.to_server.size, SECBUFFER_TOKEN, pair.to_server.data};
    for (int inbound = 0; inbound < 2; inbound++) {
        CredHandle *cred = inbound ? &pair.server_cred : &pair.client_cred;
        SECURITY_STATUS got =
            call_end(inbound, cred, NULL, inbound ? &input : NULL, &made, &output);

        ck_assert_msg(got == SEC_E_INVALID_TOKEN, "%s, %s, inbound %d: %s", way->package, bad->name,
                      inbound, sspi_status_name(got));
        assert_status(DeleteSecurityContext(&made), SEC_E_INVALID_HANDLE);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(handles_must_be_what_they_are_used_as)
{
    struct pair pair;
    CredHandle none = {0, 0};
    CtxtHandle made, deleted;
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};

    way_acquire(&pair, &ways[_i]);
    pair_establish(&pair);
    for (int inbound = 0; inbound < 2; inbound++) {
        CredHandle *own = inbound ? &pair.server_cred : &pair.client_cred;
        CredHandle *other = inbound ? &pair.client_cred : &pair.server_cred;
        CtxtHandle *peer = inbound ? &pair.client : &pair.server;
        const struct {
            CredHandle *cred;
            CtxtHandle *context, *made;
            SECURITY_STATUS status;
        } calls[] = {
            {NULL, NULL, &made, SEC_E_INVALID_HANDLE},  {&none, NULL, &made, SEC_E_INVALID_HANDLE},
            {peer, NULL, &made, SEC_E_INVALID_HANDLE},  {own, NULL, NULL, SEC_E_INVALID_HANDLE},
            {other, NULL, &made, SEC_E_NO_CREDENTIALS}, {own, &none, &made, SEC_E_INVALID_HANDLE},
            {own, own, &made, SEC_E_INVALID_HANDLE},    {own, peer, &made, SEC_E_INVALID_HANDLE},
        };

        for (int i = 0; i < COUNT(calls); i++) {
            SECURITY_STATUS got =
                call_end(inbound, calls[i].cred, calls[i].context, NULL, calls[i].made, &output);

            ck_assert_msg(got == calls[i].status, "inbound %d, call %d: %s, not %s", inbound, i,
                          sspi_status_name(got), sspi_status_name(calls[i].status));
        }
    }
    pair_message(&pair.client, &pair.server, "nothing was disturbed");
    deleted = pair.client;
    pair_close(&pair);
    assert_status(call_end(false, &pair.client_cred, &deleted, NULL, &made, &output),
                  SEC_E_INVALID_HANDLE);
    pair_free(&pair);
}
END_TEST

/* The credential of the first leg, or none: another is refused, and the exchange goes on. */
START_TEST(later_leg_has_the_first_ones_credential)
{
    struct pair pair, other;
    SecBuffer in, out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};

    way_acquire(&pair, &ways[_i]);
    way_acquire(&other, &ways[_i]);
    assert_status(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&pair), 0);
    in = (SecBuffer){pair.to_client.size, SECBUFFER_TOKEN, pair.to_client.data};
    assert_status(call_end(false, &other.client_cred, &pair.client, &input, &pair.client, &output),
                  SEC_E_WRONG_CREDENTIAL_HANDLE);
    ck_assert_int_ge(pair_initialize(&pair), 0);
    in = (SecBuffer){pair.to_server.size, SECBUFFER_TOKEN, pair.to_server.data};
    assert_status(call_end(true, &other.server_cred, &pair.server, &input, &pair.server, &output),
                  SEC_E_WRONG_CREDENTIAL_HANDLE);
    ck_assert_ptr_null(out.pvBuffer);
    if (pair.server_status == SEC_I_CONTINUE_NEEDED)
        assert_status(call_end(true, NULL, &pair.server, &input, &pair.server, &output), SEC_E_OK);
    assert_status(FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    assert_status(pair.client_status, SEC_E_OK);
    pair_message(&pair.client, &pair.server, "went on");
    pair_free(&pair);
    pair_free(&other);
}
END_TEST

START_TEST(token_after_the_last_leg_is_out_of_sequence)
{
    struct pair pair;

    way_acquire(&pair, &ways[_i]);
    pair_establish(&pair);
    ck_assert_uint_ne(pair.to_client.size = pair.first.size, 0);
    memcpy(pair.to_client.data, pair.first.data, pair.first.size);
    assert_status(pair_initialize(&pair), SEC_E_OUT_OF_SEQUENCE);
    ck_assert_uint_eq(pair.to_server.size, 0);
    pair_message(&pair.client, &pair.server, "still established");
    pair_free(&pair);
}
END_TEST

static SECURITY_STATUS initialize_wide(struct pair *pair, SEC_WCHAR *target, SecBuffer *in)
{
    SecBuffer out = {PAIR_TOKEN_MAX, SECBUFFER_TOKEN, pair->to_server.data};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, in}, output = {SECBUFFER_VERSION, 1, &out};

    pair->client_status = InitializeSecurityContextW(
        &pair->client_cred, in == NULL ? NULL : &pair->client, target, pair->isc, 0,
        SECURITY_NATIVE_DREP, in == NULL ? NULL : &input, 0, &pair->client, &output,
        &pair->client_flags, &pair->client_expiry);
    pair->client_open |= pair->client_status >= 0;
    pair->to_server.size = out.cbBuffer;
    return pair->client_status;
}

START_TEST(wide_call_does_the_same)
{
    struct pair pair, narrow;
    SEC_WCHAR *target = wide_text("HTTP/localhost", NULL);
    SecBuffer in;

    way_acquire(&pair, &ways[_i]);
    way_acquire(&narrow, &ways[_i]);
    pair_establish(&narrow);
    assert_status(initialize_wide(&pair, target, NULL), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_ge(pair_accept(&pair), 0);
    in = (SecBuffer){pair.to_client.size, SECBUFFER_TOKEN, pair.to_client.data};
    assert_status(initialize_wide(&pair, target, &in), SEC_E_OK);
    if (pair.server_status == SEC_I_CONTINUE_NEEDED)
        assert_status(pair_accept(&pair), SEC_E_OK);
    ck_assert_uint_eq(pair.client_flags, narrow.client_flags);
    pair_message(&pair.server, &pair.client, "wide");
    free(target);
    pair_free(&pair);
    pair_free(&narrow);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("contract");

    suite_add(suite, memory_is_allocated_on_request, COUNT(ways));
    suite_add(suite, other_buffers_stay_as_they_are, COUNT(ways) * 3);
    suite_add(suite, version_of_a_list_is_not_looked_at, COUNT(ways) * 3);
    suite_add(suite, small_buffer_leaves_the_token_pending, COUNT(ways));
    suite_add(suite, no_buffer_leaves_the_token_pending, COUNT(ways));
    suite_add(suite, supplied_credential_is_used, COUNT(ways) * 2);
    suite_add(suite, ill_formed_supplied_credential_is_refused, COUNT(ways));
    suite_add(suite, established_context_authenticates_again, COUNT(ways));
    suite_add(suite, second_call_at_once_is_out_of_sequence, 2);
    suite_add(suite, second_accept_at_once_is_out_of_sequence, COUNT(ways) * 2);
    suite_add(suite, extended_error_has_a_token_for_the_peer, 2);
    suite_add(suite, output_needs_a_token_buffer, COUNT(ways) * COUNT(bad_lists));
    suite_add(suite, handles_must_be_what_they_are_used_as, COUNT(ways));
    suite_add(suite, later_leg_has_the_first_ones_credential, COUNT(ways));
    suite_add(suite, token_after_the_last_leg_is_out_of_sequence, COUNT(ways));
    suite_add(suite, wide_call_does_the_same, COUNT(ways));
    return suite;
}

CHECK_MAIN(suite)
