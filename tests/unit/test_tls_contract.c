/* SPDX-License-Identifier: MIT */
/*
 * The contract of the handshake calls, of messages and of ApplyControlToken, row by row: flags,
 * buffers, results (Microsoft, "InitializeSecurityContext (Schannel)" and its neighbours).
 */
#include <stdlib.h>
#include <string.h>

#include "core/handle.h"
#include "core/package.h"
#include "lib/check_main.h"
#include "lib/ident.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

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
    ck_assert_int_eq(ident_acquire(&ends->client, version, NULL, 0), SEC_E_OK);
    ck_assert_int_eq(ident_acquire(&ends->server, version, &ends->ident, 0), SEC_E_OK);
}

static void ends_meet(struct ends *ends, DWORD version)
{
    ends_open(ends, version);
    stream_establish(&ends->client, &ends->server);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->client);
    stream_free(&ends->server);
    ident_free(&ends->ident);
    certs_end();
}

static SECURITY_STATUS call(struct stream *stream, SecBufferDesc *in, SecBufferDesc *out,
                            ULONG request)
{
    PCtxtHandle ctx = stream->ctx_open ? &stream->ctx : NULL;
    SECURITY_STATUS status;
    char target[] = "localhost";

    if (stream->server)
        status = AcceptSecurityContext(&stream->cred, ctx, in, request, 0, &stream->ctx, out,
                                       &stream->flags, NULL);
    else
        status = InitializeSecurityContextA(&stream->cred, ctx, target, request, 0, 0, in, 0,
                                            &stream->ctx, out, &stream->flags, NULL);
    return status;
}

/* --- Flags ---------------------------------------------------------------------------------- */

#define ISC_ALWAYS                                                                                 \
    (ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT | ISC_RET_CONFIDENTIALITY | ISC_RET_STREAM)
#define ASC_ALWAYS                                                                                 \
    (ASC_RET_REPLAY_DETECT | ASC_RET_SEQUENCE_DETECT | ASC_RET_CONFIDENTIALITY | ASC_RET_STREAM)

/* What is returned besides what every connection has; or why it is refused. */
static const struct flag_row {
    bool server;
    ULONG asked, returned;
    SECURITY_STATUS status;
} flag_rows[] = {
    {false, 0, 0, SEC_E_OK},
    {false, ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY, SEC_E_OK},
    {false, ISC_REQ_CONFIDENTIALITY, 0, SEC_E_OK},
    {false, ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT, 0, SEC_E_OK},
    {false, ISC_REQ_CONNECTION, ISC_RET_CONNECTION, SEC_E_OK},
    {false, ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR, SEC_E_OK},
    {false, ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_USED_SUPPLIED_CREDS, SEC_E_OK},
    {false, ISC_REQ_MANUAL_CRED_VALIDATION, ISC_RET_MANUAL_CRED_VALIDATION, SEC_E_OK},
    {false, ISC_REQ_MUTUAL_AUTH, 0, SEC_E_OK}, /* nobody has looked at the server */
    {false, ISC_REQ_DELEGATE, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {false, ISC_REQ_PROMPT_FOR_CREDS, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {false, ISC_REQ_DATAGRAM, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {true, 0, 0, SEC_E_OK},
    {true, ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY, SEC_E_OK},
    {true, ASC_REQ_CONFIDENTIALITY, 0, SEC_E_OK},
    {true, ASC_REQ_CONNECTION, ASC_RET_CONNECTION, SEC_E_OK},
    {true, ASC_REQ_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR, SEC_E_OK},
    {true, ASC_REQ_MUTUAL_AUTH, 0, SEC_E_OK}, /* the client has shown nothing */
    {true, ASC_REQ_DELEGATE, 0, SEC_E_UNSUPPORTED_FUNCTION},
    {true, ASC_REQ_DATAGRAM, 0, SEC_E_UNSUPPORTED_FUNCTION},
};

START_TEST(flags_are_answered)
{
    const struct flag_row *row = &flag_rows[_i / 2];
    struct ends ends;
    struct stream *stream;
    SecPkgContext_Flags flags;
    ULONG expected = row->returned | (row->server ? ASC_ALWAYS : ISC_ALWAYS);

    ends_open(&ends, versions[_i % 2]);
    stream = row->server ? &ends.server : &ends.client;
    stream->request = row->asked;
    if (row->status != SEC_E_OK) {
        stream_shake(&ends.client, &ends.server);
        ck_assert_int_eq(stream->status, row->status);
        ck_assert(!stream->ctx_open);
    } else {
        stream_establish(&ends.client, &ends.server);
        ck_assert_uint_eq(stream->flags & ~(ULONG)ISC_RET_ALLOCATED_MEMORY, expected);
        ck_assert_int_eq(QueryContextAttributesA(&stream->ctx, SECPKG_ATTR_FLAGS, &flags),
                         SEC_E_OK);
        ck_assert_uint_eq(flags.Flags & ~(ULONG)ISC_RET_ALLOCATED_MEMORY, expected);
    }
    ends_part(&ends);
}
END_TEST

_Static_assert((int)ISC_RET_ALLOCATED_MEMORY == (int)ASC_RET_ALLOCATED_MEMORY, "one bit");

/* --- The first call ------------------------------------------------------------------------- */

/* NULL, no buffers, an empty one: all of them begin. */
START_TEST(first_call_of_a_client)
{
    SecBuffer empty[2] = {{0, SECBUFFER_EMPTY, NULL}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc inputs[] = {{SECBUFFER_VERSION, 0, NULL}, {SECBUFFER_VERSION, 2, empty}};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    ULONG request = _i / 3 ? ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY : ISC_REQ_STREAM;
    struct ends ends;

    ends_open(&ends, 0);
    ck_assert_int_eq(call(&ends.client, _i % 3 == 0 ? NULL : &inputs[_i % 3 - 1], &out, request),
                     SEC_I_CONTINUE_NEEDED);
    ends.client.ctx_open = true;
    ck_assert_uint_gt(token.cbBuffer, 5);
    ck_assert_ptr_nonnull(token.pvBuffer);
    ck_assert(ends.client.flags & ISC_RET_ALLOCATED_MEMORY);
    ck_assert_uint_eq(((uint8_t *)token.pvBuffer)[0], 22);
    flow_add(&ends.server.in, token.pvBuffer, token.cbBuffer);
    ck_assert_int_eq(FreeContextBuffer(token.pvBuffer), SEC_E_OK);
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

/* curl names no buffer for the token, and takes the context only if memory is said to be allocated:
 * also at the end, when a client of TLS 1.2 has nothing to send. */
START_TEST(empty_buffer_takes_the_token)
{
    SecBuffer token = {0, SECBUFFER_EMPTY, NULL};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    struct ends ends;

    ends_open(&ends, versions[_i]);
    ck_assert_int_eq(call(&ends.client, NULL, &out, ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY),
                     SEC_I_CONTINUE_NEEDED);
    ends.client.ctx_open = true;
    ends.client.request |= ISC_REQ_ALLOCATE_MEMORY;
    ck_assert_uint_eq(token.BufferType, SECBUFFER_TOKEN);
    ck_assert_uint_gt(token.cbBuffer, 5);
    flow_add(&ends.server.in, token.pvBuffer, token.cbBuffer);
    ck_assert_int_eq(FreeContextBuffer(token.pvBuffer), SEC_E_OK);
    stream_establish(&ends.client, &ends.server);
    ck_assert(ends.client.flags & ISC_RET_ALLOCATED_MEMORY);
    ends_part(&ends);
}
END_TEST

START_TEST(no_output_is_an_invalid_token)
{
    struct ends ends;

    ends_open(&ends, 0);
    ck_assert_int_eq(call(&ends.client, NULL, NULL, ISC_REQ_STREAM), SEC_E_INVALID_TOKEN);
    ends_part(&ends);
}
END_TEST

/* The token that did not fit comes with the next call, whole. */
START_TEST(small_output_keeps_the_token)
{
    static uint8_t space[4096];
    SecBuffer token = {10, SECBUFFER_TOKEN, space};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    struct ends ends;
    ULONG needed;

    ends_open(&ends, versions[_i]);
    ck_assert_int_eq(call(&ends.client, NULL, &out, ISC_REQ_STREAM), SEC_E_INSUFFICIENT_MEMORY);
    ends.client.ctx_open = true;
    needed = token.cbBuffer;
    ck_assert_uint_gt(needed, 10);
    for (unsigned i = 0; i < sizeof(space); i++)
        ck_assert_uint_eq(space[i], 0);
    token.cbBuffer = needed - 1;
    ck_assert_int_eq(call(&ends.client, NULL, &out, ISC_REQ_STREAM), SEC_E_INSUFFICIENT_MEMORY);
    token.cbBuffer = needed;
    ck_assert_int_eq(call(&ends.client, NULL, &out, ISC_REQ_STREAM), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(token.cbBuffer, needed);
    flow_add(&ends.server.in, space, needed);
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

START_TEST(credential_must_be_of_the_role_and_package)
{
    struct ends ends;
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    SEC_WINNT_AUTH_IDENTITY_A identity = {.User = (unsigned char *)(uintptr_t) "u",
                                          .UserLength = 1,
                                          .Password = (unsigned char *)(uintptr_t) "p",
                                          .PasswordLength = 1,
                                          .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    CredHandle swap, other;
    CtxtHandle ctx;
    char ntlm[] = "NTLM", target[] = "localhost";
    ULONG flags;

    ends_open(&ends, 0);
    swap = ends.client.cred;
    ends.client.cred = ends.server.cred;
    ends.server.cred = swap;
    ck_assert_int_eq(call(&ends.client, NULL, &out, 0), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(call(&ends.server, NULL, &out, 0), SEC_E_NO_CREDENTIALS);
    ends.server.cred = ends.client.cred;
    ends.client.cred = swap;
    stream_leg(&ends.client, &ends.server.in);
    stream_leg(&ends.server, &ends.client.in);
    /* The other role's call. */
    ck_assert_int_eq(AcceptSecurityContext(&ends.server.cred, &ends.client.ctx, NULL, 0, 0, &ctx,
                                           &out, &flags, NULL),
                     SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(AcquireCredentialsHandleA(NULL, ntlm, SECPKG_CRED_OUTBOUND, NULL, &identity,
                                               NULL, NULL, &other, NULL),
                     SEC_E_OK);
    ck_assert_int_eq(InitializeSecurityContextA(&other, &ends.client.ctx, target, 0, 0, 0, NULL, 0,
                                                &ctx, &out, &flags, NULL),
                     SEC_E_WRONG_CREDENTIAL_HANDLE);
    FreeCredentialsHandle(&other);
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

/* --- Pieces of the stream ------------------------------------------------------------------- */

/* How much is missing of any piece of a record, and that nothing else is touched. */
START_TEST(missing_is_exact)
{
    struct ends ends;
    struct stream *stream;
    size_t record;
    static uint8_t space[8];

    ends_open(&ends, versions[_i % 2]);
    stream_leg(&ends.client, &ends.server.in);
    if (_i / 2)
        stream_leg(&ends.server, &ends.client.in);
    stream = _i / 2 ? &ends.client : &ends.server;
    record = 5U + (size_t)(stream->in.data[3] << 8 | stream->in.data[4]);
    for (size_t have = 0; have < record; have += have < 8 ? 1 : 13) {
        SecBuffer in[2] = {{(ULONG)have, SECBUFFER_TOKEN, stream->in.data},
                           {0, SECBUFFER_EMPTY, NULL}};
        SecBuffer token = {sizeof(space), SECBUFFER_TOKEN, space};
        SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out = {SECBUFFER_VERSION, 1, &token};

        ck_assert_int_eq(call(stream, &in_list, &out, 0), SEC_E_INCOMPLETE_MESSAGE);
        ck_assert_uint_eq(in[0].BufferType, SECBUFFER_TOKEN);
        ck_assert_uint_eq(in[0].cbBuffer, have);
        ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
        ck_assert_uint_eq(in[1].cbBuffer, have < 5 ? 5 - have : record - have);
        ck_assert_uint_eq(token.cbBuffer, sizeof(space));
        ck_assert_uint_eq(token.BufferType, SECBUFFER_TOKEN);
    }
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

/* What follows the last flight is the program's. */
START_TEST(extra_is_exact)
{
    struct ends ends;
    size_t data;

    ends_open(&ends, versions[_i]);
    stream_leg(&ends.client, &ends.server.in);
    stream_leg(&ends.server, &ends.client.in);
    if (versions[_i] == SP_PROT_TLS1_2) {
        stream_leg(&ends.client, &ends.server.in);
        flow_add(&ends.server.in, "\x17\x03\x03\x01", 4); /* the beginning of a record */
        ck_assert_int_eq(stream_leg(&ends.server, &ends.client.in), SEC_E_OK);
        ck_assert_uint_eq(ends.server.in.size, 4);
    } else {
        ck_assert_int_eq(stream_leg(&ends.client, &ends.server.in), SEC_E_OK);
        ck_assert_int_eq(stream_seal(&ends.client, "early", 5, false, &ends.server.in), SEC_E_OK);
        data = 5 + 5 + 1 + 16;
        ck_assert_int_eq(stream_leg(&ends.server, &ends.client.in), SEC_E_OK);
        ck_assert_uint_eq(ends.server.in.size, data);
    }
    ends_part(&ends);
}
END_TEST

START_TEST(garbage_is_an_invalid_token)
{
    static uint8_t octets[] = {0xfa, 0, 0xff};
    struct ends ends;
    struct stream *stream;
    uint8_t block[64];
    SecBuffer in[2] = {{sizeof(block), SECBUFFER_TOKEN, block}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer token = {8, SECBUFFER_TOKEN, (uint8_t[8]){0}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out = {SECBUFFER_VERSION, 1, &token};

    memset(block, octets[_i % 3], sizeof(block));
    ends_open(&ends, 0);
    stream = _i / 3 ? &ends.client : &ends.server;
    if (!stream->server)
        stream_leg(stream, &ends.server.in);
    ck_assert_int_eq(call(stream, &in_list, &out, 0), SEC_E_INVALID_TOKEN);
    ck_assert_uint_eq(token.cbBuffer, 0);
    if (stream->ctx_open)
        ck_assert_int_eq(call(stream, &in_list, &out, 0), SEC_E_CONTEXT_EXPIRED);
    ends_part(&ends);
}
END_TEST

START_TEST(no_input_in_the_middle_is_incomplete)
{
    SecBuffer token = {8, SECBUFFER_TOKEN, (uint8_t[8]){0}};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    struct ends ends;

    ends_open(&ends, versions[_i]);
    stream_leg(&ends.client, &ends.server.in);
    ck_assert_int_eq(call(&ends.client, NULL, &out, 0), SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(token.cbBuffer, 8);
    ck_assert_int_eq(call(&ends.server, NULL, &out, 0), SEC_E_INCOMPLETE_MESSAGE);
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

/* --- Alerts --------------------------------------------------------------------------------- */

/* A client that knows no root refuses the server; the server learns it only if it is told. */
START_TEST(refusal_is_told_under_extended_error)
{
    bool told = _i / 2;
    struct ends ends;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION};
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~versions[_i % 2]};

    auth.cTlsParameters = 1;
    auth.pTlsParameters = &parameters;
    ends_open(&ends, versions[_i % 2]);
    FreeCredentialsHandle(&ends.client.cred);
    ck_assert_int_eq(stream_acquire(&ends.client, &auth), SEC_E_OK);
    if (!told)
        ends.client.request &= ~(ULONG)ISC_REQ_EXTENDED_ERROR;
    ck_assert(!stream_shake(&ends.client, &ends.server));
    ck_assert_int_eq(ends.client.status, SEC_E_UNTRUSTED_ROOT);
    ck_assert_uint_eq(ends.client.alert[0], told ? 2 : 0);
    ck_assert_uint_eq(ends.client.alert[1], told ? 48 : 0); /* unknown_ca */
    ck_assert_int_eq(ends.server.status, told ? SEC_E_UNTRUSTED_ROOT : SEC_I_CONTINUE_NEEDED);
    stream_leg(&ends.client, &ends.server.in);
    ck_assert_int_eq(ends.client.status, SEC_E_CONTEXT_EXPIRED);
    ends_part(&ends);
}
END_TEST

/* --- Two threads, and what is reserved ------------------------------------------------------ */

/* As it is while another thread is within a leg of the context. */
START_TEST(leg_beside_a_leg_is_refused)
{
    struct ends ends;
    struct handled *object;
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};

    ends_open(&ends, versions[_i % 2]);
    stream_leg(&ends.client, &ends.server.in);
    object = handle_pin(&ends.client.ctx, HANDLE_CONTEXT);
    ((struct ctx *)object)->in_call = true;
    ck_assert_int_eq(call(&ends.client, NULL, &list, 0), SEC_E_OUT_OF_SEQUENCE);
    ((struct ctx *)object)->in_call = false;
    handle_unpin(object);
    stream_establish(&ends.client, &ends.server); /* nothing was lost by it */
    stream_say(&ends.client, &ends.server, "one after the other");
    ends_part(&ends);
}
END_TEST

/* The page wants zeros; nobody looks. */
START_TEST(reserved_parameters_are_ignored)
{
    struct ends ends;
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    SEC_CHAR target[] = "localhost";

    ends_open(&ends, versions[_i % 2]);
    ck_assert_int_eq(InitializeSecurityContextA(&ends.client.cred, NULL, target,
                                                ISC_REQ_ALLOCATE_MEMORY, 7, SECURITY_NETWORK_DREP,
                                                NULL, 9, &ends.client.ctx, &list,
                                                &ends.client.flags, NULL),
                     SEC_I_CONTINUE_NEEDED);
    ends.client.ctx_open = true;
    flow_add(&ends.server.in, token.pvBuffer, token.cbBuffer);
    FreeContextBuffer(token.pvBuffer);
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

/* TLS has no signatures apart from its records. */
START_TEST(messages_are_not_signed)
{
    uint8_t data[] = "data", space[64];
    SecBuffer buffers[] = {{4, SECBUFFER_DATA, data}, {sizeof(space), SECBUFFER_TOKEN, space}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, buffers};
    struct ends ends;

    ends_meet(&ends, versions[_i % 2]);
    ck_assert_int_eq(MakeSignature(&ends.client.ctx, 0, &list, 0), SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert_int_eq(VerifySignature(&ends.server.ctx, &list, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION);
    stream_say(&ends.client, &ends.server, "sealed");
    ends_part(&ends);
}
END_TEST

/* --- Application protocols ------------------------------------------------------------------ */

#define ALPN_H2   "\x9\0\0\0\2\0\0\0\3\0\2h2"
#define ALPN_BOTH "\x12\0\0\0\2\0\0\0\xc\0\x8http/1.1\2h2"
#define ALPN_HTTP "\xf\0\0\0\2\0\0\0\x9\0\x8http/1.1"
#define ALPN_NPN  "\x9\0\0\0\1\0\0\0\3\0\2h2"

static const struct alpn_row {
    const char *client;
    ULONG client_size;
    const char *server;
    ULONG server_size;
    const char *chosen; /* NULL: refused; "": none */
} alpn_rows[] = {
    {ALPN_H2, sizeof(ALPN_H2) - 1, ALPN_H2, sizeof(ALPN_H2) - 1, "h2"},
    {ALPN_H2, sizeof(ALPN_H2) - 1, ALPN_BOTH, sizeof(ALPN_BOTH) - 1, "h2"},
    {ALPN_BOTH, sizeof(ALPN_BOTH) - 1, ALPN_H2, sizeof(ALPN_H2) - 1, "h2"},
    {ALPN_BOTH, sizeof(ALPN_BOTH) - 1, ALPN_BOTH, sizeof(ALPN_BOTH) - 1, "http/1.1"},
    {ALPN_H2, sizeof(ALPN_H2) - 1, ALPN_HTTP, sizeof(ALPN_HTTP) - 1, NULL},
    {ALPN_H2, sizeof(ALPN_H2) - 1, NULL, 0, ""},
    {NULL, 0, ALPN_H2, sizeof(ALPN_H2) - 1, ""},
    {ALPN_NPN, sizeof(ALPN_NPN) - 1, ALPN_H2, sizeof(ALPN_H2) - 1, ""},
};

static void protocol_is(struct stream *stream, const char *chosen)
{
    SecPkgContext_ApplicationProtocol answer;

    ck_assert_int_eq(
        QueryContextAttributesA(&stream->ctx, SECPKG_ATTR_APPLICATION_PROTOCOL, &answer), SEC_E_OK);
    ck_assert_int_eq(answer.ProtoNegoStatus, chosen[0] != '\0'
                                                 ? SecApplicationProtocolNegotiationStatus_Success
                                                 : SecApplicationProtocolNegotiationStatus_None);
    ck_assert_uint_eq(answer.ProtocolIdSize, strlen(chosen));
    ck_assert_mem_eq(answer.ProtocolId, chosen, strlen(chosen));
}

START_TEST(application_protocols)
{
    const struct alpn_row *row = &alpn_rows[_i / 2];
    struct ends ends;

    ends_open(&ends, versions[_i % 2]);
    ends.client.alpn = row->client;
    ends.client.alpn_size = row->client_size;
    ends.server.alpn = row->server;
    ends.server.alpn_size = row->server_size;
    if (row->chosen == NULL) {
        ck_assert(!stream_shake(&ends.client, &ends.server));
        ck_assert_int_eq(ends.server.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        ck_assert_int_eq(ends.client.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        ck_assert_uint_eq(ends.server.alert[1], 120);
    } else {
        stream_establish(&ends.client, &ends.server);
        protocol_is(&ends.client, row->chosen);
        protocol_is(&ends.server, row->chosen);
    }
    ends_part(&ends);
}
END_TEST

START_TEST(cut_lists_of_protocols_are_refused)
{
    struct ends ends;

    ends_open(&ends, 0);
    ends.client.alpn = malloc((size_t)_i); /* so that a sanitizer sees a read past its end */
    memcpy((void *)(uintptr_t)ends.client.alpn, ALPN_BOTH, (size_t)_i);
    ends.client.alpn_size = (ULONG)_i;
    ck_assert_int_eq(stream_leg(&ends.client, &ends.server.in), SEC_E_INVALID_TOKEN);
    ck_assert(!ends.client.ctx_open);
    free((void *)(uintptr_t)ends.client.alpn);
    ends_part(&ends);
}
END_TEST

/* --- After the handshake -------------------------------------------------------------------- */

START_TEST(another_leg_of_an_established_context)
{
    struct ends ends;
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out = {SECBUFFER_VERSION, 1, &token};
    uint8_t data[64];
    size_t got;

    ends_meet(&ends, versions[_i]);
    if (versions[_i] == SP_PROT_TLS1_3) {
        ck_assert_int_eq(call(&ends.client, NULL, &out, 0), SEC_E_UNSUPPORTED_FUNCTION);
        stream_say(&ends.client, &ends.server, "as before");
    } else {
        ck_assert_int_eq(call(&ends.client, NULL, &out, 0), SEC_I_CONTINUE_NEEDED);
        ck_assert_uint_gt(token.cbBuffer, 5);
        flow_add(&ends.server.in, token.pvBuffer, token.cbBuffer);
        FreeContextBuffer(token.pvBuffer);
        ck_assert_int_eq(stream_open(&ends.server, data, &got), SEC_I_RENEGOTIATE);
        ends.client.status = ends.server.status = SEC_I_CONTINUE_NEEDED;
        ends.client.arrived = ends.server.arrived = 0;
        stream_leg(&ends.server, &ends.client.in);
        stream_establish(&ends.client, &ends.server);
        stream_say(&ends.client, &ends.server, "anew");
        stream_say(&ends.server, &ends.client, "too");
    }
    ends_part(&ends);
}
END_TEST

/* --- The buffers of messages ---------------------------------------------------------------- */

enum { H = SECBUFFER_STREAM_HEADER, D = SECBUFFER_DATA, T = SECBUFFER_STREAM_TRAILER };
enum { E = SECBUFFER_EMPTY, TOKEN = SECBUFFER_TOKEN };

static const struct shape {
    ULONG count, types[5];
    SECURITY_STATUS status;
} seal_shapes[] =
    {
        {4, {H, D, T, E, 0}, SEC_E_OK},
        {3, {H, D, T, 0, 0}, SEC_E_OK},
        {5, {E, H, D, T, E}, SEC_E_OK},
        {4, {D, H, T, E, 0}, SEC_E_OK},
        {3, {H, E, T, 0, 0}, SEC_E_INVALID_TOKEN},
        {3, {E, D, T, 0, 0}, SEC_E_INVALID_TOKEN},
        {3, {H, D, E, 0, 0}, SEC_E_INVALID_TOKEN},
        {4, {H, D, D, T, 0}, SEC_E_INVALID_TOKEN},
        {4, {H, H, D, T, 0}, SEC_E_INVALID_TOKEN},
        {1, {D, 0, 0, 0, 0}, SEC_E_INVALID_TOKEN},
        {2, {TOKEN, D, 0, 0, 0}, SEC_E_INVALID_TOKEN},
},
  open_shapes[] = {
      {4, {D, E, E, E, 0}, SEC_E_OK},
      {4, {E, D, E, E, 0}, SEC_E_OK},
      {5, {D, E, E, E, E}, SEC_E_OK},
      {3, {D, E, E, 0, 0}, SEC_E_INVALID_TOKEN},
      {4, {E, E, E, E, 0}, SEC_E_INVALID_TOKEN},
      {4, {D, D, E, E, 0}, SEC_E_INVALID_TOKEN},
      {4, {D, E, E, TOKEN, 0}, SEC_E_INVALID_TOKEN},
      {4, {TOKEN, E, E, E, 0}, SEC_E_INVALID_TOKEN},
      {5, {D, E, E, E, D}, SEC_E_INVALID_TOKEN},
      {1, {D, 0, 0, 0, 0}, SEC_E_INVALID_TOKEN},
};

START_TEST(seal_takes_these_shapes)
{
    const struct shape *shape = &seal_shapes[_i / 2];
    struct ends ends;
    SecBuffer buffers[5];
    SecBufferDesc list = {SECBUFFER_VERSION, shape->count, buffers};
    static uint8_t space[5][100];

    ends_meet(&ends, versions[_i % 2]);
    for (unsigned i = 0; i < 5; i++) {
        ULONG type = shape->types[i];

        buffers[i] = (SecBuffer){type == H   ? ends.client.sizes.cbHeader
                                 : type == T ? ends.client.sizes.cbTrailer
                                 : type == E ? 0U
                                             : 10U,
                                 type, type == E ? NULL : space[i]};
    }
    ck_assert_int_eq(EncryptMessage(&ends.client.ctx, 0, &list, 0), shape->status);
    if (shape->status != SEC_E_OK) /* and no harm is done */
        stream_say(&ends.client, &ends.server, "still well");
    ends_part(&ends);
}
END_TEST

START_TEST(open_takes_these_shapes)
{
    const struct shape *shape = &open_shapes[_i / 2];
    struct ends ends;
    SecBuffer buffers[5] = {{0, 0, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, shape->count, buffers};
    uint8_t data[64];
    size_t got;

    ends_meet(&ends, versions[_i % 2]);
    ck_assert_int_eq(stream_seal(&ends.client, "text", 4, false, &ends.server.in), SEC_E_OK);
    for (unsigned i = 0; i < 5; i++) {
        buffers[i].BufferType = shape->types[i];
        if (shape->types[i] != E) {
            buffers[i].pvBuffer = ends.server.in.data;
            buffers[i].cbBuffer = (ULONG)ends.server.in.size;
        }
    }
    ck_assert_int_eq(DecryptMessage(&ends.server.ctx, &list, 0, NULL), shape->status);
    if (shape->status != SEC_E_OK) {
        ck_assert_int_eq(stream_open(&ends.server, data, &got), SEC_E_OK);
        ck_assert_uint_eq(got, 4);
    }
    ends_part(&ends);
}
END_TEST

START_TEST(small_room_for_header_or_trailer)
{
    struct ends ends;
    uint8_t header[64], data[10], trailer[64];
    SecBuffer buffers[3] = {{0, H, header}, {10, D, data}, {0, T, trailer}};
    SecBufferDesc list = {SECBUFFER_VERSION, 3, buffers};

    ends_meet(&ends, versions[_i]);
    buffers[0].cbBuffer = ends.client.sizes.cbHeader - 1;
    buffers[2].cbBuffer = ends.client.sizes.cbTrailer;
    ck_assert_int_eq(EncryptMessage(&ends.client.ctx, 0, &list, 0), SEC_E_BUFFER_TOO_SMALL);
    buffers[0].cbBuffer = ends.client.sizes.cbHeader;
    buffers[2].cbBuffer = 15;
    ck_assert_int_eq(EncryptMessage(&ends.client.ctx, 0, &list, 0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(EncryptMessage(&ends.client.ctx, 7, &list, 0), SEC_E_QOP_NOT_SUPPORTED);
    stream_say(&ends.client, &ends.server, "all is well");
    ends_part(&ends);
}
END_TEST

/* Both of the first buffers tell; the caller gives the same again with more behind it. */
START_TEST(incomplete_message_says_what_is_missing)
{
    struct ends ends;
    uint8_t data[64];
    size_t got, whole;

    ends_meet(&ends, versions[_i]);
    ck_assert_int_eq(stream_seal(&ends.client, "0123456789", 10, false, &ends.server.in), SEC_E_OK);
    whole = ends.server.in.size;
    for (size_t have = 0; have < whole; have++) {
        uint8_t *piece = malloc(have);
        SecBuffer buffers[4] = {{(ULONG)have, D, piece}, {0, E, NULL}, {0, E, NULL}, {0, E, NULL}};
        SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};

        memcpy(piece, ends.server.in.data, have);
        ck_assert_int_eq(DecryptMessage(&ends.server.ctx, &list, 0, NULL),
                         SEC_E_INCOMPLETE_MESSAGE);
        for (unsigned i = 0; i < 2; i++) {
            ck_assert_uint_eq(buffers[i].BufferType, SECBUFFER_MISSING);
            ck_assert_uint_eq(buffers[i].cbBuffer, have < 5 ? 5 - have : whole - have);
        }
        ck_assert_ptr_eq(buffers[0].pvBuffer, piece);
        free(piece);
    }
    ck_assert_int_eq(stream_open(&ends.server, data, &got), SEC_E_OK);
    ck_assert_uint_eq(got, 10);
    ends_part(&ends);
}
END_TEST

START_TEST(messages_before_the_handshake_is_over)
{
    struct ends ends;
    uint8_t space[3][64];
    SecBuffer buffers[4] = {{64, H, space[0]}, {10, D, space[1]}, {64, T, space[2]}, {0, E, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;

    ends_open(&ends, versions[_i]);
    stream_leg(&ends.client, &ends.server.in);
    status = EncryptMessage(&ends.client.ctx, 0, &list, 0);
    ck_assert_msg(status < 0, "0x%08x", (unsigned)status);
    buffers[0].BufferType = buffers[2].BufferType = E;
    status = DecryptMessage(&ends.client.ctx, &list, 0, NULL);
    ck_assert_msg(status < 0, "0x%08x", (unsigned)status);
    stream_establish(&ends.client, &ends.server);
    ends_part(&ends);
}
END_TEST

/* --- ApplyControlToken ---------------------------------------------------------------------- */

static const struct control_row {
    ULONG type, size;
    DWORD words[3];
    SECURITY_STATUS status;
} control_rows[] = {
    {TOKEN, 4, {SCHANNEL_SHUTDOWN, 0, 0}, SEC_E_OK},
    {TOKEN, 5, {SCHANNEL_SHUTDOWN, 0, 0}, SEC_E_OK},
    {TOKEN, 2, {SCHANNEL_SHUTDOWN, 0, 0}, SEC_E_UNSUPPORTED_FUNCTION},
    {TOKEN, 0, {SCHANNEL_SHUTDOWN, 0, 0}, SEC_E_UNSUPPORTED_FUNCTION},
    {SECBUFFER_ALERT, 4, {SCHANNEL_SHUTDOWN, 0, 0}, SEC_E_INVALID_TOKEN},
    {D, 4, {SCHANNEL_SHUTDOWN, 0, 0}, SEC_E_INVALID_TOKEN},
    {TOKEN, 4, {SCHANNEL_RENEGOTIATE, 0, 0}, SEC_E_UNSUPPORTED_FUNCTION},
    {TOKEN, 4, {99, 0, 0}, SEC_E_UNSUPPORTED_FUNCTION},
    {TOKEN, 12, {SCHANNEL_ALERT, 1, 90}, SEC_E_OK},
    {TOKEN, 12, {SCHANNEL_ALERT, 2, 40}, SEC_E_OK},
    {TOKEN, 12, {SCHANNEL_ALERT, 0, 40}, SEC_E_INVALID_TOKEN},
    {TOKEN, 12, {SCHANNEL_ALERT, 3, 40}, SEC_E_INVALID_TOKEN},
    {TOKEN, 12, {SCHANNEL_ALERT, 2, 256}, SEC_E_INVALID_TOKEN},
    {TOKEN, 8, {SCHANNEL_ALERT, 2, 40}, SEC_E_INVALID_TOKEN},
    {TOKEN, 8, {SCHANNEL_SESSION, 1, 0}, SEC_E_OK},
    {TOKEN, 8, {SCHANNEL_SESSION, 2, 0}, SEC_E_OK},
    {TOKEN, 8, {SCHANNEL_SESSION, 3, 0}, SEC_E_INVALID_TOKEN},
    {TOKEN, 8, {SCHANNEL_SESSION, 0, 0}, SEC_E_INVALID_TOKEN},
    {TOKEN, 4, {SCHANNEL_SESSION, 1, 0}, SEC_E_INVALID_TOKEN},
};

START_TEST(control_tokens)
{
    const struct control_row *row = &control_rows[_i];
    struct ends ends;
    DWORD words[3];
    SecBuffer buffers[2] = {{row->size, row->type, words}, {row->size, row->type, words}};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, buffers};

    memcpy(words, row->words, sizeof(words));
    ends_meet(&ends, 0);
    ck_assert_int_eq(ApplyControlToken(NULL, &list), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(ApplyControlToken(&ends.client.ctx, NULL), SEC_E_INTERNAL_ERROR);
    ck_assert_int_eq(ApplyControlToken(&ends.client.ctx, &list), row->status);
    ck_assert_int_eq(ApplyControlToken(&ends.server.ctx, &list), row->status);
    list.cBuffers = 2;
    ck_assert_int_eq(ApplyControlToken(&ends.client.ctx, &list), SEC_E_INVALID_TOKEN);
    if (row->status != SEC_E_OK) /* nothing was done */
        stream_say(&ends.client, &ends.server, "as before");
    ends_part(&ends);
}
END_TEST

/* Before the handshake is over the alert goes out in clear; a second leg has nothing to say. */
START_TEST(shutdown_before_the_end_of_the_handshake)
{
    struct ends ends;
    struct flow out = {NULL, 0, 0};
    SecBuffer token = {8, SECBUFFER_TOKEN, (uint8_t[8]){0}};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};

    ends_open(&ends, versions[_i % 2]);
    stream_leg(&ends.client, &ends.server.in);
    if (_i / 2)
        stream_leg(&ends.server, &ends.client.in);
    stream_shutdown(&ends.client, &out);
    ck_assert_uint_eq(out.size, 7);
    ck_assert_uint_eq(out.data[0], 21);
    ck_assert_mem_eq(out.data + 3, "\0\2\1\0", 4);
    ck_assert_int_eq(call(&ends.client, NULL, &list, 0), SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(token.cbBuffer, 8);
    flow_free(&out);
    ends_part(&ends);
}
END_TEST

START_TEST(shutdown_of_an_established_context)
{
    struct ends ends;
    struct stream *one, *other;
    SecBuffer token = {8, SECBUFFER_TOKEN, (uint8_t[8]){0}};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status;
    uint8_t data[64];
    size_t got;

    ends_meet(&ends, versions[_i % 2]);
    one = _i / 2 ? &ends.server : &ends.client;
    other = _i / 2 ? &ends.client : &ends.server;
    stream_shutdown(one, &other->in);
    do
        status = stream_open(other, data, &got);
    while (status == SEC_E_OK);
    ck_assert_int_eq(status, SEC_I_CONTEXT_EXPIRED);
    ck_assert_int_eq(call(one, NULL, &list, 0), SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_int_eq(stream_seal(one, "x", 1, false, &other->in), SEC_E_CONTEXT_EXPIRED);
    stream_say(other, one, "half closed");
    ends_part(&ends);
}
END_TEST

/* A loop that hands in what has come gets it back for DecryptMessage(), with the close_notify. */
START_TEST(shutdown_reads_nothing)
{
    struct ends ends;
    struct stream *one, *other;
    struct flow out = {NULL, 0, 0};
    DWORD type = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &token};
    uint8_t data[64];
    size_t got = 0;

    ends_meet(&ends, versions[_i % 2]);
    one = _i / 2 ? &ends.server : &ends.client;
    other = _i / 2 ? &ends.client : &ends.server;
    ck_assert_int_eq(stream_seal(other, "and", 3, false, &one->in), SEC_E_OK);
    flow_add(&one->in, "\27\3", 2); /* of the next one */
    ck_assert_int_eq(ApplyControlToken(&one->ctx, &list), SEC_E_OK);
    one->closing = true;
    one->arrived = one->in.size;
    ck_assert_int_eq(stream_leg(one, &out), SEC_E_OK);
    ck_assert_uint_gt(out.size, 0);
    ck_assert_uint_eq(one->arrived, one->in.size); /* all of it is left */
    one->in.size -= 2;
    while (got == 0)
        ck_assert_int_eq(stream_open(one, data, &got), SEC_E_OK);
    ck_assert_uint_eq(got, 3);
    ck_assert_mem_eq(data, "and", 3);
    flow_free(&out);
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS contract");
    TCase *tc = tcase_create("legs");

    tcase_add_loop_test(tc, flags_are_answered, 0, 2 * COUNT(flag_rows));
    tcase_add_loop_test(tc, first_call_of_a_client, 0, 6);
    tcase_add_loop_test(tc, empty_buffer_takes_the_token, 0, 2);
    tcase_add_test(tc, no_output_is_an_invalid_token);
    tcase_add_loop_test(tc, small_output_keeps_the_token, 0, COUNT(versions));
    tcase_add_test(tc, credential_must_be_of_the_role_and_package);
    tcase_add_loop_test(tc, missing_is_exact, 0, 4);
    tcase_add_loop_test(tc, extra_is_exact, 0, COUNT(versions));
    tcase_add_loop_test(tc, garbage_is_an_invalid_token, 0, 6);
    tcase_add_loop_test(tc, no_input_in_the_middle_is_incomplete, 0, COUNT(versions));
    tcase_add_loop_test(tc, refusal_is_told_under_extended_error, 0, 4);
    tcase_add_loop_test(tc, another_leg_of_an_established_context, 0, COUNT(versions));
    suite_add_tcase(s, tc);
    tc = tcase_create("calls");
    tcase_add_loop_test(tc, leg_beside_a_leg_is_refused, 0, COUNT(versions));
    tcase_add_loop_test(tc, reserved_parameters_are_ignored, 0, COUNT(versions));
    tcase_add_loop_test(tc, messages_are_not_signed, 0, COUNT(versions));
    suite_add_tcase(s, tc);
    tc = tcase_create("application protocols");
    tcase_add_loop_test(tc, application_protocols, 0, 2 * COUNT(alpn_rows));
    tcase_add_loop_test(tc, cut_lists_of_protocols_are_refused, 1, sizeof(ALPN_BOTH) - 1);
    suite_add_tcase(s, tc);
    tc = tcase_create("messages");
    tcase_add_loop_test(tc, seal_takes_these_shapes, 0, 2 * COUNT(seal_shapes));
    tcase_add_loop_test(tc, open_takes_these_shapes, 0, 2 * COUNT(open_shapes));
    tcase_add_loop_test(tc, small_room_for_header_or_trailer, 0, COUNT(versions));
    tcase_add_loop_test(tc, incomplete_message_says_what_is_missing, 0, COUNT(versions));
    tcase_add_loop_test(tc, messages_before_the_handshake_is_over, 0, COUNT(versions));
    suite_add_tcase(s, tc);
    tc = tcase_create("control");
    tcase_add_loop_test(tc, control_tokens, 0, COUNT(control_rows));
    tcase_add_loop_test(tc, shutdown_before_the_end_of_the_handshake, 0, 4);
    tcase_add_loop_test(tc, shutdown_of_an_established_context, 0, 4);
    tcase_add_loop_test(tc, shutdown_reads_nothing, 0, 4);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
