/* SPDX-License-Identifier: MIT */
/*
 * The legs as a program without this library's habits might call them: each flag alone, buffers of
 * its own on every leg, lists of every shape, handles and names that are none (Microsoft,
 * "InitializeSecurityContext (Schannel)", "AcceptSecurityContext (Schannel)").
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/duel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SPACE        20000

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

/* --- Legs with memory of our own ------------------------------------------------------------ */

struct ends {
    struct ident ident;
    struct stream client, server;
};

static void ends_open(struct ends *ends, DWORD version)
{
    memset(ends, 0, sizeof(*ends));
    ident_make(&ends->ident, "CN=localhost", IDENT_EC);
    stream_init(&ends->client, false);
    stream_init(&ends->server, true);
    ends->client.request = ends->server.request = 0;
    ck_assert_int_eq(ident_acquire(&ends->client, version, NULL, 0), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&ends->server, version, &ends->ident, 0), SEC_E_OK);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->client);
    stream_free(&ends->server);
    ident_free(&ends->ident);
    certs_end();
}

static SECURITY_STATUS call(struct stream *stream, SecBufferDesc *in, SecBufferDesc *out)
{
    PCtxtHandle ctx = stream->ctx_open ? &stream->ctx : NULL;

    if (stream->server)
        stream->status = AcceptSecurityContext(&stream->cred, ctx, in, stream->request, 0,
                                               &stream->ctx, out, &stream->flags, NULL);
    else
        stream->status = InitializeSecurityContextA(
            &stream->cred, ctx, (SEC_CHAR *)(uintptr_t)stream->target, stream->request, 0, 0, in, 0,
            &stream->ctx, out, &stream->flags, NULL);
    if (stream->status >= 0 || stream->status == SEC_E_INSUFFICIENT_MEMORY)
        stream->ctx_open = true;
    return stream->status;
}

/* One call with all there is to read, and room for so many octets of answer; EXTRA stays. */
static SECURITY_STATUS leg(struct stream *stream, uint8_t *space, ULONG *room)
{
    SecBuffer in[2] = {{(ULONG)stream->in.size, SECBUFFER_TOKEN, stream->in.data},
                       {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer token = {*room, SECBUFFER_TOKEN, space};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, list = {SECBUFFER_VERSION, 1, &token};

    call(stream, &in_list, &list);
    *room = token.cbBuffer;
    if (stream->status >= 0)
        flow_drop(&stream->in,
                  stream->in.size - (in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0));
    else
        ck_assert_uint_ne(in[1].BufferType, SECBUFFER_EXTRA);
    return stream->status;
}

/* The caller's own memory, which is large enough. */
static SECURITY_STATUS turn(struct stream *stream, struct flow *to)
{
    uint8_t *space = malloc(SPACE);
    ULONG room = SPACE;

    if (leg(stream, space, &room) >= 0 && room != 0)
        flow_add(to, space, room);
    free(space);
    return stream->status;
}

static bool is_due(const struct stream *stream)
{
    return stream->status == SEC_I_CONTINUE_NEEDED &&
           (stream->in.size != 0 || (!stream->server && !stream->ctx_open));
}

static void shake(struct ends *ends)
{
    while (is_due(&ends->client) || is_due(&ends->server)) {
        if (is_due(&ends->client))
            turn(&ends->client, &ends->server.in);
        if (is_due(&ends->server))
            turn(&ends->server, &ends->client.in);
    }
}

/* --- Each flag alone ------------------------------------------------------------------------ */

#define ISC_ALWAYS                                                                                 \
    (ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY | ISC_RET_STREAM)
#define ASC_ALWAYS                                                                                 \
    (ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY | ASC_RET_STREAM)

/* Those that do something; all others ask for what is there anyway, or for nothing. */
static const struct flag {
    bool server;
    ULONG asked, returned;
    SECURITY_STATUS status;
} flags[] = {
    {false, ISC_REQ_DELEGATE, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {false, ISC_REQ_PROMPT_FOR_CREDS, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {false, ISC_REQ_DATAGRAM, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {false, ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_USED_SUPPLIED_CREDS, SEC_E_OK},
    {false, ISC_REQ_ALLOCATE_MEMORY, ISC_RET_ALLOCATED_MEMORY, SEC_E_OK},
    {false, ISC_REQ_CONNECTION, ISC_RET_CONNECTION, SEC_E_OK},
    {false, ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR, SEC_E_OK},
    {false, ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY, SEC_E_OK},
    {false, ISC_REQ_MANUAL_CRED_VALIDATION, ISC_RET_MANUAL_CRED_VALIDATION, SEC_E_OK},
    {true, ASC_REQ_DELEGATE, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {true, ASC_REQ_DATAGRAM, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {true, ASC_REQ_ALLOCATE_MEMORY, ASC_RET_ALLOCATED_MEMORY, SEC_E_OK},
    {true, ASC_REQ_CONNECTION, ASC_RET_CONNECTION, SEC_E_OK},
    {true, ASC_REQ_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR, SEC_E_OK},
    {true, ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY, SEC_E_OK},
};

static struct flag flag_find(bool server, ULONG asked)
{
    for (unsigned i = 0; i < COUNT(flags); i++)
        if (flags[i].server == server && flags[i].asked == asked)
            return flags[i];
    return (struct flag){server, asked, 0, SEC_E_OK};
}

/* What memory was allocated must not be the caller's, and is to be freed. */
static void shake_with_memory(struct ends *ends)
{
    struct stream *allocating = ends->client.request != 0 ? &ends->client : &ends->server;

    while (is_due(&ends->client) || is_due(&ends->server)) {
        struct stream *stream = is_due(&ends->client) ? &ends->client : &ends->server;
        struct stream *other = stream == &ends->client ? &ends->server : &ends->client;
        SecBuffer in[2] = {{(ULONG)stream->in.size, SECBUFFER_TOKEN, stream->in.data},
                           {0, SECBUFFER_EMPTY, NULL}};
        uint8_t *space = calloc(1, SPACE);
        SecBuffer token = {stream == allocating ? 3 : SPACE, SECBUFFER_TOKEN, space};
        SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, list = {SECBUFFER_VERSION, 1, &token};

        ck_assert_int_ge(call(stream, &in_list, &list), 0);
        flow_drop(&stream->in, stream->in.size);
        flow_add(&other->in, token.pvBuffer, token.cbBuffer);
        ck_assert_int_eq((stream->flags & ISC_RET_ALLOCATED_MEMORY) != 0, stream == allocating);
        if (token.pvBuffer != space)
            ck_assert_int_eq(FreeContextBuffer(token.pvBuffer), SEC_E_OK);
        ck_assert(token.cbBuffer == 0 || (token.pvBuffer != space) == (stream == allocating));
        free(space);
    }
}

START_TEST(each_flag_alone)
{
    struct flag flag = flag_find(_i / 64, 1U << _i / 2 % 32);
    struct ends ends;
    struct stream *asking;
    ULONG client = ISC_ALWAYS, server = ASC_ALWAYS;

    ends_open(&ends, versions[_i % 2]);
    asking = flag.server ? &ends.server : &ends.client;
    *(flag.server ? &server : &client) |= flag.returned;
    asking->request = flag.asked;
    if (flag.server && flag.asked == ASC_REQ_MUTUAL_AUTH) { /* the client goes without */
        ends.client.request = ISC_REQ_USE_SUPPLIED_CREDS;
        client |= ISC_RET_USED_SUPPLIED_CREDS;
    }
    if (flag.asked == ISC_REQ_ALLOCATE_MEMORY)
        shake_with_memory(&ends);
    else
        shake(&ends);
    ck_assert_int_eq(asking->status, flag.status);
    if (flag.status == SEC_E_OK) {
        ck_assert_int_eq(ends.client.status, SEC_E_OK);
        ck_assert_int_eq(ends.server.status, SEC_E_OK);
        ck_assert_uint_eq(ends.client.flags, client);
        ck_assert_uint_eq(ends.server.flags, server);
    } else {
        ck_assert(!asking->ctx_open);
    }
    ends_part(&ends);
}
END_TEST

/* --- Both ends known to each other ---------------------------------------------------------- */

/* Data of the server bring the tickets of TLS 1.3 along. */
static void part_for_now(struct ends *ends)
{
    ck_assert_int_eq(
        QueryContextAttributesA(&ends->server.ctx, SECPKG_ATTR_STREAM_SIZES, &ends->server.sizes),
        SEC_E_OK);
    stream_say(&ends->server, &ends->client, "data");
    stream_close(&ends->client);
    stream_close(&ends->server);
}

static void both_were_seen(struct ends *ends, ULONG asked, bool again)
{
    SecPkgContext_SessionInfo info;

    shake(ends);
    ck_assert_int_eq(ends->client.status, SEC_E_OK);
    ck_assert_int_eq(ends->server.status, SEC_E_OK);
    ck_assert_uint_eq(ends->client.flags, ISC_ALWAYS | (asked ? ISC_RET_MUTUAL_AUTH : 0));
    ck_assert_uint_eq(ends->server.flags, ASC_ALWAYS | ASC_RET_MUTUAL_AUTH);
    ck_assert_int_eq(QueryContextAttributesA(&ends->server.ctx, SECPKG_ATTR_SESSION_INFO, &info),
                     SEC_E_OK);
    ck_assert_uint_eq(info.dwFlags, again ? SSL_SESSION_RECONNECT : 0);
}

/* Looked at, and found good: MUTUAL_AUTH, for those who have asked for it; also next time. */
START_TEST(mutual_auth_is_said_of_who_was_seen)
{
    DWORD version = versions[_i % 2];
    ULONG asked = _i / 2 ? ISC_REQ_MUTUAL_AUTH : 0;
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~version};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .cCreds = 1,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    struct ends ends;
    char path[DUEL_PATH];

    memset(&ends, 0, sizeof(ends));
    ident_make(&ends.ident, "CN=localhost", IDENT_EC);
    duel_root(ends.ident.crt, path);
    ck_assert(
        CertAddCertificateContextToStore(roots, ends.ident.cert, CERT_STORE_ADD_ALWAYS, NULL));
    auth.paCred = &ends.ident.cert;
    stream_init(&ends.client, false);
    stream_init(&ends.server, true);
    ck_assert_int_eq(stream_acquire(&ends.client, &auth), SEC_E_OK);
    auth.hRootStore = roots;
    ck_assert_int_eq(stream_acquire(&ends.server, &auth), SEC_E_OK);
    ends.client.request = asked;
    ends.server.request = ASC_REQ_MUTUAL_AUTH;
    both_were_seen(&ends, asked, false);
    part_for_now(&ends);
    both_were_seen(&ends, asked, true);
    CertCloseStore(roots, 0);
    unlink(path);
    ends_part(&ends);
}
END_TEST

/* --- Memory of the caller's ----------------------------------------------------------------- */

/* One octet less is not enough on any leg, nothing is written to it, and nothing is lost. */
static void turn_twice(struct stream *stream, struct flow *to)
{
    uint8_t *space = malloc(SPACE), *copy = malloc(SPACE);
    ULONG room = 0, needed;

    memset(space, 0xa5, SPACE);
    memset(copy, 0xa5, SPACE);
    if (leg(stream, space, &room) == SEC_E_INSUFFICIENT_MEMORY) {
        needed = room--;
        ck_assert_int_eq(leg(stream, space, &room), SEC_E_INSUFFICIENT_MEMORY);
        ck_assert_uint_eq(room, needed);
        ck_assert_mem_eq(space, copy, SPACE);
        ck_assert_int_ge(leg(stream, space, &room), 0);
        ck_assert_uint_eq(room, needed);
        flow_add(to, space, room);
    } else {
        ck_assert_uint_eq(room, 0);
        ck_assert_int_ge(stream->status, 0);
    }
    free(copy);
    free(space);
}

START_TEST(no_leg_loses_what_does_not_fit)
{
    struct ends ends;

    ends_open(&ends, versions[_i]);
    while (is_due(&ends.client) || is_due(&ends.server)) {
        if (is_due(&ends.client))
            turn_twice(&ends.client, &ends.server.in);
        if (is_due(&ends.server))
            turn_twice(&ends.server, &ends.client.in);
    }
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_int_eq(ends.server.status, SEC_E_OK);
    ends_part(&ends);
}
END_TEST

/* What follows the last flight is still there when the answer to it finds its place. */
START_TEST(no_leg_loses_what_follows)
{
    static const char early[] = "\x17\x03\x03\x00\x20 what has no meaning to a leg";
    struct ends ends;
    struct stream *last;

    ends_open(&ends, versions[_i]);
    turn(&ends.client, &ends.server.in);
    turn(&ends.server, &ends.client.in);
    turn(&ends.client, &ends.server.in);
    last = &ends.server; /* answers with its Finished, or with tickets */
    flow_add(&last->in, early, sizeof(early));
    turn_twice(last, &ends.client.in);
    ck_assert_int_eq(last->status, SEC_E_OK);
    ck_assert_uint_eq(last->in.size, sizeof(early));
    ck_assert_mem_eq(last->in.data, early, sizeof(early));
    ends_part(&ends);
}
END_TEST

/* A later leg without a place for its answer: the answer waits for the next call. */
START_TEST(no_place_for_the_answer)
{
    SecBuffer alert = {0, SECBUFFER_ALERT, NULL};
    SecBufferDesc outs[] = {{SECBUFFER_VERSION, 0, NULL}, {SECBUFFER_VERSION, 1, &alert}};
    struct ends ends;
    SecBuffer in[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in};

    ends_open(&ends, versions[_i / 3]);
    ck_assert_int_eq(call(&ends.client, NULL, _i % 3 == 2 ? NULL : &outs[_i % 3]),
                     SEC_E_INVALID_TOKEN);
    ck_assert(!ends.client.ctx_open);
    turn(&ends.client, &ends.server.in);
    turn(&ends.server, &ends.client.in);
    in[0].pvBuffer = ends.client.in.data;
    in[0].cbBuffer = (ULONG)ends.client.in.size;
    ck_assert_int_eq(call(&ends.client, &in_list, _i % 3 == 2 ? NULL : &outs[_i % 3]),
                     SEC_E_INVALID_TOKEN);
    turn(&ends.client, &ends.server.in);
    shake(&ends);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_int_eq(ends.server.status, SEC_E_OK);
    ends_part(&ends);
}
END_TEST

/* Whatever else the list has, the first TOKEN counts, and only what a leg needs is looked at. */
static const struct shape {
    ULONG version, count;
    SecBuffer buffers[4]; /* TOKEN without a pointer: here goes the input */
    SECURITY_STATUS status;
} shapes[] = {
    {SECBUFFER_VERSION, 1, {{0, SECBUFFER_TOKEN, NULL}}, SEC_I_CONTINUE_NEEDED},
    {7, 2, {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}}, SEC_I_CONTINUE_NEEDED},
    {SECBUFFER_VERSION,
     2,
     {{0, SECBUFFER_EMPTY, NULL}, {0, SECBUFFER_TOKEN, NULL}},
     SEC_I_CONTINUE_NEEDED},
    {SECBUFFER_VERSION,
     3,
     {{0, SECBUFFER_TOKEN, NULL},
      {3, SECBUFFER_TOKEN, (uint8_t[]){1, 2, 3}},
      {0, SECBUFFER_EMPTY, NULL}},
     SEC_I_CONTINUE_NEEDED},
    {SECBUFFER_VERSION,
     2,
     {{0, SECBUFFER_TOKEN | SECBUFFER_READONLY, NULL}, {0, SECBUFFER_EMPTY, NULL}},
     SEC_I_CONTINUE_NEEDED},
    {SECBUFFER_VERSION,
     2,
     {{0, SECBUFFER_TOKEN | SECBUFFER_READONLY_WITH_CHECKSUM, NULL}, {0, SECBUFFER_EMPTY, NULL}},
     SEC_I_CONTINUE_NEEDED},
    {SECBUFFER_VERSION,
     4,
     {{0, SECBUFFER_TOKEN, NULL},
      {3, SECBUFFER_PKG_PARAMS, (uint8_t[]){1, 2, 3}},
      {3, SECBUFFER_CHANNEL_BINDINGS, (uint8_t[]){1, 2, 3}},
      {0, SECBUFFER_EMPTY, NULL}},
     SEC_I_CONTINUE_NEEDED},
    {SECBUFFER_VERSION, 1, {{0, SECBUFFER_EMPTY, NULL}}, SEC_E_INCOMPLETE_MESSAGE},
    {SECBUFFER_VERSION, 0, {{0, 0, NULL}}, SEC_E_INCOMPLETE_MESSAGE},
    {SECBUFFER_VERSION, 33, {{0, 0, NULL}}, SEC_E_INVALID_TOKEN},
    {SECBUFFER_VERSION, 1, {{5, SECBUFFER_DATA, NULL}}, SEC_E_INVALID_TOKEN},
};

START_TEST(lists_of_input)
{
    const struct shape *shape = &shapes[_i / 2];
    bool server = _i % 2;
    struct ends ends;
    struct stream *stream;
    SecBuffer in[4];
    SecBufferDesc in_list = {shape->version, shape->count, in};
    uint8_t *space = malloc(SPACE), *copy = malloc(SPACE);
    SecBuffer token = {SPACE, SECBUFFER_TOKEN, space};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    bool given = false;

    ends_open(&ends, SP_PROT_TLS1_2);
    turn(&ends.client, &ends.server.in);
    if (!server)
        turn(&ends.server, &ends.client.in);
    stream = server ? &ends.server : &ends.client;
    memcpy(copy, stream->in.data, stream->in.size);
    memcpy(in, shape->buffers, sizeof(in));
    for (unsigned i = 0; i < 4; i++)
        if ((in[i].BufferType & ~(ULONG)SECBUFFER_ATTRMASK) == SECBUFFER_TOKEN && !given) {
            in[i].cbBuffer = (ULONG)stream->in.size;
            in[i].pvBuffer = stream->in.data;
            given = true;
        }
    ck_assert_int_eq(call(stream, &in_list, &list), shape->status);
    ck_assert_mem_eq(stream->in.data, copy, stream->in.size);
    if (shape->status == SEC_I_CONTINUE_NEEDED) {
        flow_drop(&stream->in, stream->in.size);
        flow_add(server ? &ends.client.in : &ends.server.in, space, token.cbBuffer);
    } else {
        turn(stream, server ? &ends.client.in : &ends.server.in); /* it has done no harm */
    }
    shake(&ends);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_int_eq(ends.server.status, SEC_E_OK);
    free(copy);
    free(space);
    ends_part(&ends);
}
END_TEST

/* Length without a pointer, pointer without a length: neither is input. */
START_TEST(token_that_is_none)
{
    static uint8_t octets[] = {22, 3, 3};
    struct ends ends;
    SecBuffer in[2] = {{_i / 2 ? 3 : 0, SECBUFFER_TOKEN, _i / 2 ? NULL : octets},
                       {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, list = {SECBUFFER_VERSION, 1, &token};

    ends_open(&ends, versions[_i % 2]);
    ck_assert_int_eq(call(&ends.server, &in_list, &list), SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
    ck_assert_uint_eq(in[1].cbBuffer, 5);
    in[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    turn(&ends.client, &ends.server.in);
    ck_assert_int_eq(call(&ends.client, &in_list, &list), SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
    ends.client.status = SEC_I_CONTINUE_NEEDED;
    ends.server.status = SEC_I_CONTINUE_NEEDED;
    shake(&ends);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ends_part(&ends);
}
END_TEST

/* The page: "unless the client context was initiated by the server". */
START_TEST(server_asks_for_the_first_hello)
{
    uint8_t request[] = {22, 3, 3, 0, 4, 0, 0, 0, 0};
    struct ends ends;

    ends_open(&ends, SP_PROT_TLS1_2);
    flow_add(&ends.client.in, request, sizeof(request));
    turn(&ends.client, &ends.server.in);
    ck_assert_int_eq(ends.client.status, SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(ends.client.in.size, 0);
    shake(&ends);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_int_eq(ends.server.status, SEC_E_OK);
    ends_part(&ends);
}
END_TEST

/* --- Handles -------------------------------------------------------------------------------- */

START_TEST(handles_that_are_none)
{
    struct ends ends;
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    CtxtHandle ctx, never = {~(ULONG_PTR)0, ~(ULONG_PTR)0};
    CredHandle freed;
    ULONG got;

    ends_open(&ends, 0);
    ck_assert_int_eq(
        InitializeSecurityContextA(NULL, NULL, NULL, 0, 0, 0, NULL, 0, &ctx, &list, &got, NULL),
        SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(InitializeSecurityContextA(&ends.client.cred, NULL, NULL, 0, 0, 0, NULL, 0,
                                                NULL, &list, &got, NULL),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(InitializeSecurityContextA(&ends.client.cred, &never, NULL, 0, 0, 0, NULL, 0,
                                                &ctx, &list, &got, NULL),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(AcceptSecurityContext(NULL, NULL, NULL, 0, 0, &ctx, &list, &got, NULL),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        AcceptSecurityContext(&ends.server.cred, NULL, NULL, 0, 0, NULL, &list, &got, NULL),
        SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(
        AcceptSecurityContext(&ends.server.cred, &never, NULL, 0, 0, &ctx, &list, &got, NULL),
        SEC_E_INVALID_HANDLE);
    turn(&ends.client, &ends.server.in);
    ck_assert_int_eq(DeleteSecurityContext(&ends.client.ctx), SEC_E_OK);
    ck_assert_int_eq(call(&ends.client, NULL, &list), SEC_E_INVALID_HANDLE);
    ends.client.ctx_open = false;
    freed = ends.client.cred;
    ck_assert_int_eq(FreeCredentialsHandle(&ends.client.cred), SEC_E_OK);
    ends.client.cred_open = false;
    ck_assert_int_eq(
        InitializeSecurityContextA(&freed, NULL, NULL, 0, 0, 0, NULL, 0, &ctx, &list, &got, NULL),
        SEC_E_INVALID_HANDLE);
    ends_part(&ends);
}
END_TEST

/* Later calls need neither the credential nor a second handle, nor a place for flags. */
START_TEST(later_calls_need_the_context_only)
{
    struct ends ends;
    uint8_t *space = malloc(SPACE);
    SecBuffer in[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer token = {SPACE, SECBUFFER_TOKEN, space};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, list = {SECBUFFER_VERSION, 1, &token};
    TimeStamp expiry;

    ends_open(&ends, SP_PROT_TLS1_2);
    turn(&ends.client, &ends.server.in);
    turn(&ends.server, &ends.client.in);
    FreeCredentialsHandle(&ends.client.cred);
    FreeCredentialsHandle(&ends.server.cred);
    ends.client.cred_open = ends.server.cred_open = false;
    in[0].pvBuffer = ends.client.in.data;
    in[0].cbBuffer = (ULONG)ends.client.in.size;
    ck_assert_int_eq(InitializeSecurityContextA(NULL, &ends.client.ctx, NULL, 0, 0, 0, &in_list, 0,
                                                NULL, &list, NULL, NULL),
                     SEC_I_CONTINUE_NEEDED);
    in[0] = token;
    token = (SecBuffer){0, SECBUFFER_TOKEN, NULL};
    ck_assert_int_eq(
        AcceptSecurityContext(NULL, &ends.server.ctx, &in_list, 0, 0, NULL, &list, NULL, &expiry),
        SEC_E_OK);
    ck_assert_int_eq(expiry.QuadPart, INT64_MAX); /* a connection does not expire */
    ck_assert_int_eq(FreeContextBuffer(token.pvBuffer), SEC_E_OK);
    ck_assert_int_eq(CompleteAuthToken(&ends.server.ctx, &list), SEC_E_OK);
    free(space);
    ends_part(&ends);
}
END_TEST

/* --- Names ---------------------------------------------------------------------------------- */

/* What a server hears of the target; "": nothing; NULL: the call is refused. */
static const struct name {
    const char *target, *heard;
} names[] = {
    {"www.example.com", "www.example.com"},
    {"www.example.com.", "www.example.com"},
    {"WWW.Example.COM", "WWW.Example.COM"},
    {"b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example"},
    {"", ""},
    {".", ""},
    {"192.0.2.1", ""},
    {"2001:db8::1", ""},
    {"\xff\xfe.example", NULL},
};

static void heard_is(struct duel *duel, const char *heard)
{
    char name[300];
    size_t size = sizeof(name);
    unsigned type;
    int code = gnutls_server_name_get(duel->theirs.session, name, &size, &type, 0);

    if (heard[0] == '\0') {
        ck_assert_int_eq(code, GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
    } else {
        ck_assert_int_eq(code, 0);
        ck_assert_str_eq(name, heard);
    }
}

START_TEST(targets_are_told_to_servers)
{
    const struct name *row = &names[_i / 2];
    DWORD version = versions[_i % 2];
    struct duel duel;

    duel_begin(&duel, false, version, ident_priority(version), IDENT_EC);
    duel.ours.target = row->target;
    if (row->heard == NULL) {
        ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_E_TARGET_UNKNOWN);
        ck_assert(!duel.ours.ctx_open);
    } else {
        ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
        heard_is(&duel, row->heard);
    }
    duel_end(&duel);
}
END_TEST

/* RFC 1035 2.3.4: a name has at most 255 octets. A longer one is of no server. */
START_TEST(long_targets)
{
    char target[1025];
    struct duel duel;

    for (int i = 0; i < _i; i++)
        target[i] = i % 50 == 49 ? '.' : 'a';
    target[_i] = '\0';
    duel_begin(&duel, false, 0, "NORMAL", IDENT_EC);
    duel.ours.target = target;
    if (_i > 255) {
        ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_E_TARGET_UNKNOWN);
        ck_assert(!duel.ours.ctx_open);
    } else {
        ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
        heard_is(&duel, target);
    }
    duel_end(&duel);
}
END_TEST

START_TEST(wide_targets)
{
    static SEC_WCHAR good[] = {'w', 'w', 'w', '.', 'x', 0}, bad[] = {'w', 0xd800, '.', 'x', 0};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    struct duel duel;
    ULONG got;

    duel_begin(&duel, false, 0, "NORMAL", IDENT_EC);
    ck_assert_int_eq(InitializeSecurityContextW(&duel.ours.cred, NULL, bad, 0, 0, 0, NULL, 0,
                                                &duel.ours.ctx, &list, &got, NULL),
                     SEC_E_TARGET_UNKNOWN);
    ck_assert_int_eq(InitializeSecurityContextW(&duel.ours.cred, NULL, good, 0, 0, 0, NULL, 0,
                                                &duel.ours.ctx, &list, &got, NULL),
                     SEC_I_CONTINUE_NEEDED);
    duel.ours.ctx_open = true;
    flow_add(&duel.theirs.in, token.pvBuffer, token.cbBuffer);
    FreeContextBuffer(token.pvBuffer);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    heard_is(&duel, "www.x");
    duel_end(&duel);
}
END_TEST

/* --- Application protocols ------------------------------------------------------------------ */

#define SEVEN "\1a\1b\1c\1d\1e\1f\1g"
#define LONG  "a name of one and thirty octets"

static const struct protocols {
    const char *list;
    ULONG size;
    SECURITY_STATUS status; /* of the first leg of a client */
} protocols[] = {
#define LIST(text, status)                                                                         \
    {                                                                                              \
        text, sizeof(text) - 1, status                                                             \
    }
    LIST("\0\0\0\0", SEC_I_CONTINUE_NEEDED),              /* none at all */
    LIST("\x6\0\0\0\2\0\0\0\0\0", SEC_I_CONTINUE_NEEDED), /* an empty list */
    LIST("\x9\0\0\0\2\0\0\0\3\0\2h2", SEC_I_CONTINUE_NEEDED),
    LIST("\x9\0\0\0\2\0\0\0\3\0\2h2 and what is beyond", SEC_I_CONTINUE_NEEDED),
    LIST("\x9\0\0\0\7\0\0\0\3\0\2h2", SEC_I_CONTINUE_NEEDED), /* of a kind to come */
    LIST("\x12\0\0\0\1\0\0\0\3\0\2h1\2\0\0\0\3\0\2h2", SEC_I_CONTINUE_NEEDED), /* two lists */
    LIST("\x16\0\0\0\2\0\0\0\x10\0" SEVEN "\1h", SEC_I_CONTINUE_NEEDED),
    LIST("\x18\0\0\0\2\0\0\0\x12\0" SEVEN "\1h\1i", SEC_E_UNSUPPORTED_FUNCTION),
    LIST("\x26\0\0\0\2\0\0\0\x20\0\x1f" LONG, SEC_I_CONTINUE_NEEDED),
    LIST("\x27\0\0\0\2\0\0\0\x21\0\x20" LONG "s", SEC_E_UNSUPPORTED_FUNCTION),
    LIST("\x7\0\0\0\2\0\0\0\1\0\0", SEC_E_INVALID_TOKEN),   /* a name of nothing */
    LIST("\x9\0\0\0\2\0\0\0\3\0\3h2", SEC_E_INVALID_TOKEN), /* a name past its list */
    LIST("\x9\0\0\0\2\0\0\0\4\0\2h2", SEC_E_INVALID_TOKEN), /* a list past all lists */
    LIST("\xa\0\0\0\2\0\0\0\3\0\2h2", SEC_E_INVALID_TOKEN), /* lists past the buffer */
    LIST("\xff\xff\xff\xff\2\0\0\0\3\0\2h2", SEC_E_INVALID_TOKEN),
    LIST("\x9\0\0\0\2\0\0\0\xff\xff\2h2", SEC_E_INVALID_TOKEN),
    LIST("\x5\0\0\0\2\0\0\0\0", SEC_E_INVALID_TOKEN), /* half a head */
    LIST("\1", SEC_E_INVALID_TOKEN),
};

START_TEST(lists_of_protocols)
{
    const struct protocols *row = &protocols[_i];
    struct ends ends;

    ends_open(&ends, 0);
    ends.client.alpn = row->list;
    ends.client.alpn_size = row->size;
    ck_assert_int_eq(stream_leg(&ends.client, &ends.server.in), row->status);
    stream_close(&ends.client);
    ends.client.alpn = NULL;
    flow_drop(&ends.server.in, ends.server.in.size);
    turn(&ends.client, &ends.server.in);
    ends.server.alpn = row->list;
    ends.server.alpn_size = row->size;
    ck_assert_int_eq(stream_leg(&ends.server, &ends.client.in), row->status);
    ck_assert_int_eq(ends.server.ctx_open, row->status >= 0);
    ends_part(&ends);
}
END_TEST

/* --- While a certificate is waited for ------------------------------------------------------ */

static void park(struct duel *duel, DWORD version)
{
    duel_begin(duel, false, version, ident_priority(version), IDENT_EC);
    gnutls_certificate_server_set_request(duel->theirs.session, GNUTLS_CERT_REQUEST);
    ck_assert_int_eq(stream_leg(&duel->ours, &duel->theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(gnutls_handshake(duel->theirs.session), GNUTLS_E_AGAIN);
    ck_assert_int_eq(stream_leg(&duel->ours, &duel->theirs.in), SEC_I_INCOMPLETE_CREDENTIALS);
    ck_assert_uint_eq(duel->theirs.in.size, 0);
}

START_TEST(shutdown_while_parked)
{
    struct duel duel;

    park(&duel, versions[_i]);
    stream_shutdown(&duel.ours, &duel.theirs.in);
    ck_assert_uint_ne(duel.theirs.in.size, 0);
    ck_assert_int_lt(gnutls_handshake(duel.theirs.session), 0);
    ck_assert_int_eq(gnutls_alert_get(duel.theirs.session), GNUTLS_A_CLOSE_NOTIFY);
    ck_assert_int_eq(turn(&duel.ours, &duel.theirs.in), SEC_E_INCOMPLETE_MESSAGE);
    duel_end(&duel);
}
END_TEST

/* Asked again and again, and told at last to go on without. */
START_TEST(parked_for_a_while)
{
    struct duel duel;
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};

    park(&duel, versions[_i]);
    ck_assert_int_eq(EncryptMessage(&duel.ours.ctx, 0, &list, 0), SEC_E_INVALID_HANDLE);
    duel.ours.request |= ISC_REQ_USE_SUPPLIED_CREDS;
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_uint_eq(duel.ours.asked, 1);
    duel_end(&duel);
}
END_TEST

/* --- After the handshake -------------------------------------------------------------------- */

/* Our server asks, among data that its client does not answer at once. */
START_TEST(server_wishes_another_handshake)
{
    uint8_t data[64];
    size_t size;
    struct duel duel;

    duel_meet(&duel, true, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(duel.theirs.in.size, 0);
    ck_assert_int_eq(gnutls_record_recv(duel.theirs.session, data, sizeof(data)),
                     GNUTLS_E_REHANDSHAKE);
    ck_assert_int_eq(gnutls_record_send(duel.theirs.session, "data", 4), 4);
    ck_assert_int_eq(stream_open(&duel.ours, data, &size), SEC_E_OK);
    ck_assert_uint_eq(size, 4);
    ck_assert_int_eq(gnutls_handshake(duel.theirs.session), GNUTLS_E_AGAIN);
    ck_assert_int_eq(stream_open(&duel.ours, data, &size), SEC_I_RENEGOTIATE);
    duel.ours.arrived = 0;
    ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_int_eq(stream_seal(&duel.ours, "anew", 4, false, &duel.theirs.in), SEC_E_OK);
    ck_assert_int_eq(gnutls_record_recv(duel.theirs.session, data, sizeof(data)), 4);
    duel_end(&duel);
}
END_TEST

/* The next record is one: then all there is is EXTRA. Or it is "data". */
static bool ticket_is_shown(struct duel *duel)
{
    struct flow *in = &duel->ours.in;
    SecBuffer buffers[4] = {{(ULONG)in->size, SECBUFFER_DATA, in->data},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = DecryptMessage(&duel->ours.ctx, &list, 0, NULL);

    if (status == SEC_I_RENEGOTIATE) {
        ck_assert_uint_eq(buffers[1].cbBuffer, 0);
        ck_assert_uint_eq(buffers[3].BufferType, SECBUFFER_EXTRA);
        ck_assert_ptr_eq(buffers[3].pvBuffer, in->data);
        ck_assert_uint_eq(buffers[3].cbBuffer, in->size);
        return true;
    }
    ck_assert_int_eq(status, SEC_E_OK);
    ck_assert_uint_eq(buffers[1].cbBuffer, 4);
    ck_assert_mem_eq(buffers[1].pvBuffer, "data", 4);
    return false;
}

/* SSPI_SCHANNEL=strict: as on Windows a ticket is a wish for a leg, which takes it away. */
START_TEST(strict_programs_see_tickets)
{
    size_t before;
    unsigned seen = 0;
    gnutls_datum_t key;
    struct duel duel;

    setenv("SSPI_SCHANNEL", "strict", 1);
    duel_begin(&duel, false, SP_PROT_TLS1_3, ident_priority(SP_PROT_TLS1_3), IDENT_EC);
    ck_assert_int_eq(gnutls_session_ticket_key_generate(&key), 0);
    ck_assert_int_eq(gnutls_session_ticket_enable_server(duel.theirs.session, &key), 0);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_int_eq(gnutls_record_send(duel.theirs.session, "data", 4), 4);
    while (ticket_is_shown(&duel)) {
        seen++;
        before = duel.ours.in.size;
        duel.ours.arrived = 0;
        duel.ours.status = SEC_I_CONTINUE_NEEDED;
        ck_assert_int_eq(stream_leg(&duel.ours, &duel.theirs.in), SEC_E_OK);
        ck_assert_uint_lt(duel.ours.in.size, before);
        ck_assert_uint_eq(duel.theirs.in.size, 0);
    }
    ck_assert_uint_ge(seen, 1);
    gnutls_free(key.data);
    duel_end(&duel);
}
END_TEST

START_TEST(messages_have_no_quality)
{
    struct duel duel;
    ULONG qop = 7;
    SecBuffer buffers[4] = {{0, SECBUFFER_DATA, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

    duel_meet(&duel, _i, SP_PROT_TLS1_2, ident_priority(SP_PROT_TLS1_2), IDENT_EC);
    ck_assert_int_eq(gnutls_record_send(duel.theirs.session, "data", 4), 4);
    buffers[0].pvBuffer = duel.ours.in.data;
    buffers[0].cbBuffer = (ULONG)duel.ours.in.size;
    ck_assert_int_eq(DecryptMessage(&duel.ours.ctx, &list, 0, &qop), SEC_E_OK);
    ck_assert_uint_eq(qop, 0);
    duel_end(&duel);
}
END_TEST

/* An ALERT buffer of the caller's, with and without room. */
START_TEST(alert_goes_to_the_callers_memory)
{
    static const uint8_t untouched[4] = {9, 9, 9, 9}, unsupported_version[4] = {2, 70, 9, 9};
    uint8_t octets[4] = {9, 9, 9, 9}, *space;
    SecBuffer in[2] = {{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out[2] = {{SPACE, SECBUFFER_TOKEN, NULL},
                        {_i ? 1 : sizeof(octets), SECBUFFER_ALERT, octets}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, list = {SECBUFFER_VERSION, 2, out};
    struct ends ends;

    ends_open(&ends, 0);
    turn(&ends.client, &ends.server.in);
    ends.server.in.data[9] = 2; /* the version of SSL 2 */
    in[0] = (SecBuffer){(ULONG)ends.server.in.size, SECBUFFER_TOKEN, ends.server.in.data};
    out[0].pvBuffer = space = malloc(SPACE);
    ends.server.request = ASC_REQ_EXTENDED_ERROR;
    ck_assert_int_lt(call(&ends.server, &in_list, &list), 0);
    ck_assert_mem_eq(octets, _i ? untouched : unsupported_version, sizeof(octets));
    ck_assert_uint_eq(out[1].cbBuffer, _i ? 1 : 2);
    ck_assert_uint_eq(out[0].cbBuffer, 7); /* and to the client */
    ck_assert_mem_eq(space + 5, unsupported_version, 2);
    free(space);
    ends_part(&ends);
}
END_TEST

START_TEST(alert_is_empty_without_one)
{
    uint8_t octets[4] = {9, 9, 9, 9};
    SecBuffer out[2] = {{0, SECBUFFER_TOKEN, NULL}, {sizeof(octets), SECBUFFER_ALERT, octets}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, out};
    struct ends ends;

    ends_open(&ends, 0);
    ck_assert_int_eq(call(&ends.client, NULL, &list), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_ne(out[0].cbBuffer, 0);
    ck_assert_uint_eq(out[1].cbBuffer, 0);
    ck_assert_ptr_eq(out[1].pvBuffer, octets);
    ck_assert_uint_eq(octets[0], 9);
    FreeContextBuffer(out[0].pvBuffer);
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS legs");
    TCase *tc = tcase_create("flags");

    tcase_add_loop_test(tc, each_flag_alone, 0, 128);
    tcase_add_loop_test(tc, mutual_auth_is_said_of_who_was_seen, 0, 4);
    suite_add_tcase(s, tc);
    tc = tcase_create("buffers");
    tcase_add_loop_test(tc, no_leg_loses_what_does_not_fit, 0, 2);
    tcase_add_loop_test(tc, no_leg_loses_what_follows, 0, 2);
    tcase_add_loop_test(tc, no_place_for_the_answer, 0, 6);
    tcase_add_loop_test(tc, lists_of_input, 0, 2 * COUNT(shapes));
    tcase_add_loop_test(tc, token_that_is_none, 0, 4);
    tcase_add_test(tc, server_asks_for_the_first_hello);
    suite_add_tcase(s, tc);
    tc = tcase_create("handles");
    tcase_add_test(tc, handles_that_are_none);
    tcase_add_test(tc, later_calls_need_the_context_only);
    suite_add_tcase(s, tc);
    tc = tcase_create("names");
    tcase_add_loop_test(tc, targets_are_told_to_servers, 0, 2 * COUNT(names));
    tcase_add_loop_test(tc, long_targets, 254, 258);
    tcase_add_loop_test(tc, long_targets, 1024, 1025);
    tcase_add_test(tc, wide_targets);
    tcase_add_loop_test(tc, lists_of_protocols, 0, COUNT(protocols));
    suite_add_tcase(s, tc);
    tc = tcase_create("parked");
    tcase_add_loop_test(tc, shutdown_while_parked, 0, 2);
    tcase_add_loop_test(tc, parked_for_a_while, 0, 2);
    suite_add_tcase(s, tc);
    tc = tcase_create("after");
    tcase_add_test(tc, server_wishes_another_handshake);
    tcase_add_test(tc, strict_programs_see_tickets);
    tcase_add_loop_test(tc, messages_have_no_quality, 0, 2);
    tcase_add_loop_test(tc, alert_goes_to_the_callers_memory, 0, 2);
    tcase_add_test(tc, alert_is_empty_without_one);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
