/* SPDX-License-Identifier: MIT */
/*
 * What Microsoft documents of InitializeSecurityContext (CredSSP) and its counterpart: handles,
 * buffers and flags. What a logon comes to is in credssp_results.c.
 */
#define SCHANNEL_USE_BLACKLISTS
#include "lib/ends.h"

#include <schannel.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/pair.h"
#include "lib/world.h"

/* One call with everything in the test's hand. */
struct call {
    struct end *end;
    CredHandle *cred;
    CtxtHandle *context, *made;
    SecBufferDesc *in, *out;
    ULONG request; /* all of it */
};

static SECURITY_STATUS call_make(struct call *call)
{
    char *target = (char *)(uintptr_t)call->end->target;
    TimeStamp expiry;

    return call->end->server
               ? AcceptSecurityContext(call->cred, call->context, call->in, call->request,
                                       SECURITY_NETWORK_DREP, call->made, call->out,
                                       &call->end->flags, &expiry)
               : InitializeSecurityContextA(call->cred, call->context, target, call->request, 0,
                                            SECURITY_NETWORK_DREP, call->in, 0, call->made,
                                            call->out, &call->end->flags, NULL);
}

/* As end_advance() would make it. */
static struct call call_of(struct end *end, SecBufferDesc *in, SecBufferDesc *out)
{
    return (struct call){
        end, &end->cred, end->has_context ? &end->context : NULL,         &end->context,
        in,  out,        (end->server ? END_ASC : END_ISC) | end->request};
}

static const struct way mutual = {0, NULL, MUTUAL};

static void begin(void)
{
    ends_policy(ALLOW_ALL);
    ends_begin(&mutual);
}

static void established(void)
{
    end_is(&client, SEC_E_OK);
    end_is(&server, SEC_E_OK);
}

/* --- Output --------------------------------------------------------------------------------- */

/* A leg into memory of the caller's: first a buffer that is too small, then one that is not. */
static void advance_by_own_memory(struct end *end, struct end *peer)
{
    static BYTE room[16384];
    size_t give = end->size;
    SecBuffer in[] = {{(ULONG)give, SECBUFFER_TOKEN, end->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {1, SECBUFFER_TOKEN, room};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    struct call call = call_of(end, &in_list, &out_list);
    size_t left;

    call.request &= ~(ULONG)ISC_REQ_ALLOCATE_MEMORY;
    room[1] = 0x5a;
    end->status = call_make(&call);
    if (end->status == SEC_E_INSUFFICIENT_MEMORY) {
        ck_assert_uint_gt(out.cbBuffer, 1);
        ck_assert_uint_le(out.cbBuffer, sizeof(room));
        ck_assert_uint_eq(room[1], 0x5a);
        end->has_context = true;
        call.context = &end->context;
        end->status = call_make(&call);
    }
    ck_assert_int_ge(end->status, 0);
    end->has_context = true;
    ck_assert_uint_eq(end->flags & ISC_RET_ALLOCATED_MEMORY, 0);
    left = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    memmove(end->in, end->in + give - left, left);
    end->size = left;
    end_give(peer, room, out.cbBuffer);
}

START_TEST(small_buffers_say_what_it_takes)
{
    begin();
    advance_by_own_memory(&client, &server);
    for (int turn = 0; turn < 20 && client.status != SEC_E_OK; turn++) {
        while (server.size != 0)
            advance_by_own_memory(&server, &client);
        while (client.size != 0 && client.status == SEC_I_CONTINUE_NEEDED)
            advance_by_own_memory(&client, &server);
    }
    advance_by_own_memory(&server, &client);
    established();
    ends_close();
}
END_TEST

/* The library's memory, asked for by one call and not by the next. */
START_TEST(memory_is_asked_for_call_by_call)
{
    begin();
    end_advance(&client, &server, 0);
    ck_assert_uint_ne(client.flags & ISC_RET_ALLOCATED_MEMORY, 0);
    advance_by_own_memory(&server, &client);
    ck_assert_uint_eq(server.flags & ASC_RET_ALLOCATED_MEMORY, 0);
    advance_by_own_memory(&client, &server);
    ends_close();
    begin();
    advance_by_own_memory(&client, &server);
    end_advance(&server, &client, server.size);
    ck_assert_uint_ne(server.flags & ASC_RET_ALLOCATED_MEMORY, 0);
    end_advance(&client, &server, client.size);
    ck_assert_uint_ne(client.flags & ISC_RET_ALLOCATED_MEMORY, 0);
    ends_close();
}
END_TEST

/* Without a place for a token there is no context, and the next call is a first one again. */
START_TEST(output_needs_a_place)
{
    SecBuffer data = {0, SECBUFFER_DATA, NULL};
    SecBufferDesc empty = {SECBUFFER_VERSION, 0, NULL}, other = {SECBUFFER_VERSION, 1, &data};
    SecBufferDesc *lists[] = {NULL, &empty, &other};
    struct call call;

    begin();
    call = call_of(&client, NULL, lists[_i]);
    assert_status(call_make(&call), SEC_E_INVALID_TOKEN);
    ends_shake();
    established();
    ends_close();
}
END_TEST

/* --- Input ---------------------------------------------------------------------------------- */

/* The first call has no input: there is nobody yet who could have sent it. */
START_TEST(a_first_call_needs_no_input)
{
    static char junk[] = "junk";
    SecBuffer in[] = {{_i == 0 ? 0 : sizeof(junk), SECBUFFER_TOKEN, _i == 0 ? NULL : junk},
                      {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    struct call call;

    begin();
    call = call_of(&client, &in_list, &out_list);
    assert_status(call_make(&call), _i == 0 ? SEC_I_CONTINUE_NEEDED : SEC_E_INVALID_TOKEN);
    ck_assert_uint_eq(in[1].BufferType, SECBUFFER_EMPTY);
    FreeContextBuffer(out.pvBuffer);
    client.has_context = _i == 0;
    ends_close();
}
END_TEST

static const struct {
    SecBuffer buffers[2];
    unsigned count;
    SECURITY_STATUS status;
} inputs[] = {
    {{{0, 0, NULL}, {0, 0, NULL}}, 0, SEC_E_INCOMPLETE_MESSAGE},
    {{{0, SECBUFFER_EMPTY, NULL}, {0, 0, NULL}}, 1, SEC_E_INCOMPLETE_MESSAGE},
    {{{0, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}}, 2, SEC_E_INCOMPLETE_MESSAGE},
    {{{5, SECBUFFER_TOKEN, NULL}, {0, SECBUFFER_EMPTY, NULL}}, 2, SEC_E_INVALID_TOKEN},
    {{{5, SECBUFFER_DATA, NULL}, {0, SECBUFFER_EMPTY, NULL}}, 2, SEC_E_INVALID_TOKEN},
};

/* A later leg without the peer's octets: the context stands, and goes on when they are there. */
START_TEST(a_later_call_needs_input)
{
    SecBuffer in[] = {inputs[_i].buffers[0], inputs[_i].buffers[1]};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, inputs[_i].count, in};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &out};
    struct call call;

    begin();
    end_advance(&client, &server, 0);
    call = call_of(&client, &in_list, &out_list);
    assert_status(call_make(&call), inputs[_i].status);
    end_drain(&server, &client);
    end_drain(&client, &server);
    end_is(&client, SEC_I_CONTINUE_NEEDED);
    ends_close();
}
END_TEST

/* Any part of a record or of the handshake is told how much more there must be, and stays. */
START_TEST(incomplete_input_is_told)
{
    struct end *end = _i == 0 ? &server : &client, *peer = _i == 0 ? &client : &server;
    SecBuffer in[] = {{0, SECBUFFER_TOKEN, end->in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    struct call call;

    begin();
    end_advance(&client, &server, 0);
    if (_i == 1)
        end_drain(peer, end);
    for (size_t size = 1; size < 10; size++) {
        in[0].cbBuffer = (ULONG)size;
        in[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
        call = call_of(end, &in_list, &out_list);
        assert_status(call_make(&call), SEC_E_INCOMPLETE_MESSAGE);
        ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
        ck_assert_uint_gt(in[1].cbBuffer, 0);
        ck_assert_uint_eq(out.cbBuffer, 0);
    }
    ends_shake();
    ends_close();
}
END_TEST

/* What follows the last message is not CredSSP's: it comes back as EXTRA. */
START_TEST(what_follows_is_left)
{
    begin();
    end_advance(&client, &server, 0);
    while (client.status == SEC_I_CONTINUE_NEEDED) {
        end_drain(&server, &client);
        end_drain(&client, &server);
    }
    end_is(&client, SEC_E_OK);
    end_give(&server, "RDP", 3);
    end_drain(&server, &client);
    established();
    ck_assert_uint_eq(server.size, 3);
    ck_assert_mem_eq(server.in, "RDP", 3);
    ends_close();
}
END_TEST

/* --- Handles -------------------------------------------------------------------------------- */

static void foreign_cred(const char *package, CredHandle *cred)
{
    char name[16];

    strcpy(name, package);
    assert_status(AcquireCredentialsHandleA(NULL, name, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                            NULL, cred, NULL),
                  SEC_E_OK);
}

/* One leg of another package's context. */
static void foreign_context(CredHandle *cred, CtxtHandle *context)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &out};
    char target[] = "HTTP/localhost";
    ULONG flags;

    ck_assert_int_ge(InitializeSecurityContextA(cred, NULL, target, ISC_REQ_ALLOCATE_MEMORY, 0, 0,
                                                NULL, 0, context, &out_list, &flags, NULL),
                     0);
    FreeContextBuffer(out.pvBuffer);
}

static const char *const foreigners[] = {SCHANNEL_NAME_A, "NTLM", "Negotiate", "Kerberos"};

/* A later leg with a credential of another package, and with another's context. */
START_TEST(handles_of_other_packages_are_refused)
{
    SecBuffer in[] = {{0, SECBUFFER_TOKEN, client.in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CredHandle cred;
    CtxtHandle context;
    struct call call;

    foreign_cred(foreigners[_i], &cred);
    foreign_context(&cred, &context);
    begin();
    end_advance(&client, &server, 0);
    end_drain(&server, &client);
    in[0].cbBuffer = (ULONG)client.size;
    call = call_of(&client, &in_list, &out_list);
    call.cred = &cred;
    assert_status(call_make(&call), SEC_E_WRONG_CREDENTIAL_HANDLE);
    call.cred = &server.cred;
    assert_status(call_make(&call), SEC_E_WRONG_CREDENTIAL_HANDLE);
    call = call_of(&client, &in_list, &out_list);
    call.context = call.made = &context;
    assert_status(call_make(&call), SEC_E_WRONG_CREDENTIAL_HANDLE);
    end_drain(&client, &server); /* nothing has happened to it */
    end_is(&client, SEC_I_CONTINUE_NEEDED);
    DeleteSecurityContext(&context);
    FreeCredentialsHandle(&cred);
    ends_close();
}
END_TEST

/* In the middle of the logon there is no other user. */
START_TEST(the_credential_stays)
{
    SEC_WINNT_AUTH_IDENTITY_A identity = identity_a("bob", NULL, password_of("bob"));
    CREDSSP_CRED auth = {CredsspPasswordCreds, NULL, &identity};
    static struct end other;
    SecBuffer in[] = {{0, SECBUFFER_TOKEN, client.in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in};
    struct call call;

    begin();
    assert_status(end_acquire_as(&other, false, &auth), SEC_E_OK);
    end_advance(&client, &server, 0);
    for (int turn = 0; turn < 2; turn++) {
        end_drain(&server, &client);
        if (turn < 1)
            end_drain(&client, &server);
    }
    ck_assert_uint_ne(client.size, 0);
    in[0].cbBuffer = (ULONG)client.size;
    call = call_of(&client, &in_list, NULL);
    call.cred = &other.cred;
    assert_status(call_make(&call), SEC_E_WRONG_CREDENTIAL_HANDLE);
    end_close(&other);
    ends_close();
}
END_TEST

START_TEST(wrong_handles_are_refused)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle gone;
    struct call call;

    begin();
    call = call_of(&client, NULL, &out_list);
    call.cred = NULL;
    assert_status(call_make(&call), SEC_E_INVALID_HANDLE);
    call = call_of(&client, NULL, &out_list);
    call.made = NULL;
    assert_status(call_make(&call), SEC_E_INVALID_HANDLE);
    call = call_of(&client, NULL, &out_list);
    call.cred = &server.cred; /* inbound only */
    assert_status(call_make(&call), SEC_E_NO_CREDENTIALS);
    end_advance(&client, &server, 0);
    server.context = client.context; /* a client's context is no server's */
    server.has_context = true;
    call = call_of(&server, NULL, &out_list);
    assert_status(call_make(&call), SEC_E_INVALID_HANDLE);
    server.has_context = false;
    gone = client.context;
    assert_status(DeleteSecurityContext(&client.context), SEC_E_OK);
    call = call_of(&client, NULL, &out_list);
    call.context = &gone;
    assert_status(call_make(&call), SEC_E_INVALID_HANDLE);
    assert_status(DeleteSecurityContext(&gone), SEC_E_INVALID_HANDLE);
    client.has_context = false;
    ends_close();
}
END_TEST

/* phNewContext may be phContext, or another place that gets the same handle. */
START_TEST(a_context_has_one_handle)
{
    SecBuffer in[] = {{0, SECBUFFER_TOKEN, client.in}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc in_list = {SECBUFFER_VERSION, 2, in}, out_list = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle other = {0, 0};
    struct call call;

    begin();
    end_advance(&client, &server, 0);
    end_drain(&server, &client);
    in[0].cbBuffer = (ULONG)client.size;
    call = call_of(&client, &in_list, &out_list);
    call.made = &other;
    assert_status(call_make(&call), SEC_I_CONTINUE_NEEDED);
    ck_assert_mem_eq(&other, &client.context, sizeof(other));
    FreeContextBuffer(out.pvBuffer);
    ends_close();
}
END_TEST

/* TLS asks for the host of a target by its name; RFC 6066 3: not by an address. */
static const struct {
    const char *target, *host;
} targets[] = {
    {"TERMSRV/localhost", "localhost"},
    {"TERMSRV/localhost:3389", "localhost"},
    {"TERMSRV/localhost/LOOPBACK.TEST", "localhost"},
    {"localhost", "localhost"},
    {"localhost:3389", "localhost"},
    {"TERMSRV/127.0.0.1:3389", ""},
    {"TERMSRV/[::1]:3389", ""},
    {"TERMSRV/[::1]", ""},
    {"TERMSRV/::1", ""},
};

START_TEST(tls_has_the_host_of_the_target)
{
    const char *want = targets[_i].host;
    PBYTE host;
    DWORD size;

    begin();
    client.target = targets[_i].target;
    end_advance(&client, &server, 0);
    end_is(&client, SEC_I_CONTINUE_NEEDED);
    assert_status(SslGetServerIdentity(server.in, (DWORD)server.size, &host, &size, 0), SEC_E_OK);
    ck_assert_uint_eq(size, strlen(want));
    ck_assert(size == 0 || memcmp(host, want, size) == 0);
    ends_close();
}
END_TEST

/* Past what a length of so many octets says. */
static size_t skip(const BYTE *data, size_t at, unsigned octets)
{
    size_t size = 0;

    for (unsigned i = 0; i < octets; i++)
        size = size << 8 | data[at + i];
    return at + octets + size;
}

#define HELLO_SESSION (5 + 4 + 2 + 32) /* RFC 8446 4.1.2: after headers, version and random */

/* Whether a ClientHello, in one record, has an extension. */
static bool hello_has(const BYTE *data, size_t size, unsigned extension)
{
    size_t at = skip(data, skip(data, skip(data, HELLO_SESSION, 1), 2), 1) + 2;

    ck_assert_uint_eq(data[0], 22);
    for (; at + 4 <= size; at = skip(data, at + 2, 2))
        if ((unsigned)(data[at] << 8 | data[at + 1]) == extension)
            return true;
    ck_assert_uint_eq(at, size);
    return false;
}

#define EXTENSION_VERSIONS       43
#define EXTENSION_SESSION_TICKET 35
#define EXTENSION_PRE_SHARED_KEY 41

/* Contexts do not know of each other: neither is a session of the other resumed, or offered. */
START_TEST(credentials_serve_many_contexts)
{
    SecPkgContext_SessionInfo info;

    begin();
    for (int round = 0; round < 3; round++) {
        end_advance(&client, &server, 0);
        ck_assert(hello_has(server.in, server.size, EXTENSION_VERSIONS));
        ck_assert(!hello_has(server.in, server.size, EXTENSION_SESSION_TICKET));
        ck_assert(!hello_has(server.in, server.size, EXTENSION_PRE_SHARED_KEY));
        while (server.status == SEC_I_CONTINUE_NEEDED) {
            end_drain(&server, &client);
            end_drain(&client, &server);
        }
        established();
        assert_status(QueryContextAttributesA(&server.context, SECPKG_ATTR_SESSION_INFO, &info),
                      SEC_E_OK);
        ck_assert_uint_eq(info.dwFlags & SSL_SESSION_RECONNECT, 0);
        DeleteSecurityContext(&client.context);
        DeleteSecurityContext(&server.context);
        client.has_context = server.has_context = false;
        client.status = server.status = SEC_I_CONTINUE_NEEDED;
    }
    ends_close();
}
END_TEST

/* After each number of legs both contexts go, and the credentials before or after them. */
START_TEST(contexts_may_go_at_any_time)
{
    begin();
    end_advance(&client, &server, 0);
    for (int leg = 0; leg < _i; leg++) {
        struct end *end = leg % 2 == 0 ? &server : &client,
                   *peer = leg % 2 == 0 ? &client : &server;

        if (end->status == SEC_I_CONTINUE_NEEDED)
            end_drain(end, peer);
    }
    if (_i % 2 != 0) {
        FreeCredentialsHandle(&client.cred);
        FreeCredentialsHandle(&server.cred);
        client.has_cred = server.has_cred = false;
    }
    ends_close();
}
END_TEST

/* --- Flags ---------------------------------------------------------------------------------- */

#define ISC_ALWAYS                                                                                 \
    (ISC_RET_SEQUENCE_DETECT | ISC_RET_REPLAY_DETECT | ISC_RET_CONFIDENTIALITY | ISC_RET_STREAM |  \
     ISC_RET_ALLOCATED_MEMORY | ISC_RET_MUTUAL_AUTH | ISC_RET_MANUAL_CRED_VALIDATION)
#define ASC_ALWAYS                                                                                 \
    (ASC_RET_SEQUENCE_DETECT | ASC_RET_REPLAY_DETECT | ASC_RET_CONFIDENTIALITY | ASC_RET_STREAM |  \
     ASC_RET_ALLOCATED_MEMORY)

/* One flag beside ALLOCATE_MEMORY, and what comes back beside what always does; the server is known
 * by Kerberos, which is said unasked. */
static const struct {
    bool is_server;
    ULONG request, answer;
} flags[] = {
    {false, 0, 0},
    {false, ISC_REQ_CONNECTION, ISC_RET_CONNECTION},
    {false, ISC_REQ_EXTENDED_ERROR, ISC_RET_EXTENDED_ERROR},
    {false, ISC_REQ_MANUAL_CRED_VALIDATION, 0},
    {false, ISC_REQ_SEQUENCE_DETECT, 0},
    {false, ISC_REQ_REPLAY_DETECT, 0},
    {false, ISC_REQ_CONFIDENTIALITY, 0},
    {false, ISC_REQ_INTEGRITY, ISC_RET_INTEGRITY},
    {false, ISC_REQ_STREAM, 0},
    {false, ISC_REQ_USE_SUPPLIED_CREDS, ISC_RET_USED_SUPPLIED_CREDS},
    {false, ISC_REQ_DELEGATE, ISC_RET_DELEGATE},
    {false, ISC_REQ_MUTUAL_AUTH, 0},
    {true, 0, 0},
    {true, ASC_REQ_CONNECTION, ASC_RET_CONNECTION},
    {true, ASC_REQ_DELEGATE, 0},
    {true, ASC_REQ_EXTENDED_ERROR, ASC_RET_EXTENDED_ERROR},
    {true, ASC_REQ_REPLAY_DETECT, 0},
    {true, ASC_REQ_SEQUENCE_DETECT, 0},
    {true, ASC_REQ_CONFIDENTIALITY, 0},
    {true, ASC_REQ_INTEGRITY, ASC_RET_INTEGRITY},
    {true, ASC_REQ_STREAM, 0},
    {true, ASC_REQ_MUTUAL_AUTH, 0},
};

START_TEST(flags_are_answered)
{
    struct end *asked = flags[_i].is_server ? &server : &client;
    SecPkgContext_Flags told;

    begin();
    client.request = 0;
    asked->request = flags[_i].request;
    client.bare = server.bare = true;
    ends_shake();
    established();
    ck_assert_uint_eq(asked->flags,
                      (flags[_i].is_server ? ASC_ALWAYS : ISC_ALWAYS) | flags[_i].answer);
    assert_status(QueryContextAttributesA(&asked->context, SECPKG_ATTR_FLAGS, &told), SEC_E_OK);
    ck_assert_uint_eq(told.Flags, asked->flags & ~(ULONG)ISC_RET_ALLOCATED_MEMORY);
    ends_close();
}
END_TEST

static const struct {
    bool is_server;
    ULONG request;
} refused[] = {
    {false, ISC_REQ_PROMPT_FOR_CREDS},
    {false, ISC_REQ_DATAGRAM},
    {true, ASC_REQ_DATAGRAM},
};

START_TEST(flags_are_refused)
{
    struct end *asked = refused[_i].is_server ? &server : &client;

    begin();
    end_advance(&client, &server, 0);
    if (!refused[_i].is_server)
        end_close(&client), begin();
    asked->request = refused[_i].request;
    end_advance(asked, asked == &server ? &client : &server, asked->size);
    end_is(asked, SEC_E_UNSUPPORTED_FUNCTION);
    ck_assert(!asked->has_context);
    ends_close();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("credssp_contract");

    suite_add(all, small_buffers_say_what_it_takes, 1);
    suite_add(all, memory_is_asked_for_call_by_call, 1);
    suite_add(all, output_needs_a_place, 3);
    suite_add(all, a_first_call_needs_no_input, 2);
    suite_add(all, a_later_call_needs_input, COUNT(inputs));
    suite_add(all, incomplete_input_is_told, 2);
    suite_add(all, what_follows_is_left, 1);
    suite_add(all, handles_of_other_packages_are_refused, COUNT(foreigners));
    suite_add(all, the_credential_stays, 1);
    suite_add(all, wrong_handles_are_refused, 1);
    suite_add(all, a_context_has_one_handle, 1);
    suite_add(all, tls_has_the_host_of_the_target, COUNT(targets));
    suite_add(all, credentials_serve_many_contexts, 1);
    suite_add(all, contexts_may_go_at_any_time, 8);
    suite_add(all, flags_are_answered, COUNT(flags));
    suite_add(all, flags_are_refused, COUNT(refused));
    return all;
}

CHECK_MAIN(suite)
