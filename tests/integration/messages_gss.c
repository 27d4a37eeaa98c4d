/* SPDX-License-Identifier: MIT */
/*
 * Messages against bare GSS-API: what one end of ours seals, gss_unwrap() opens, and so back. Two
 * ends of ours could agree on a format of their own.
 */
#include "messages.h"

#include <gssapi/gssapi_ext.h>
#include <stdlib.h>
#include <string.h>

#include "lib/gsspeer.h"

/* One end of ours, established, and the GSS end it talks to. */
struct mixed {
    struct pair pair;
    CtxtHandle *ours;
    struct gsspeer peer;
};

static void mixed_open(struct mixed *mixed, const struct kind *kind, bool we_initiate)
{
    static const OM_uint32 common = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                                    GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(kind->list);
    bool negotiates = strcmp(kind->package, "Negotiate") == 0;
    gss_OID mech = kind->ntlm ? gsspeer_ntlm : gsspeer_krb5;
    struct pair *pair = &mixed->pair;

    pair_init(pair);
    pair->isc |= kind->isc;
    pair->asc |= kind->asc;
    pair_acquire(pair, kind->package, kind->list != NULL ? &list : NULL);
    mixed->ours = we_initiate ? &pair->client : &pair->server;
    if (we_initiate)
        gsspeer_accept(&mixed->peer, pair, negotiates ? gsspeer_spnego : mech,
                       negotiates ? mech : NULL);
    else
        gsspeer_initiate(&mixed->peer, pair, negotiates ? gsspeer_spnego : mech,
                         negotiates ? mech : NULL, common | (kind->dce ? GSS_C_DCE_STYLE : 0));
    ck_assert_str_eq(context_package(mixed->ours), kind->ntlm ? "NTLM" : "Kerberos");
}

static void mixed_close(struct mixed *mixed)
{
    gsspeer_free(&mixed->peer);
    pair_free(&mixed->pair);
}

/* A sealed message of ours in one piece is theirs to open. */
static void ours_to_theirs(struct mixed *mixed, ULONG qop, ULONG size)
{
    SecPkgContext_Sizes of = sizes_of(mixed->ours);
    gss_buffer_desc wire, text = GSS_C_EMPTY_BUFFER;
    struct message message;
    int conf = -1;
    OM_uint32 minor;

    build(&message, &of, size, 5);
    assert_status(EncryptMessage(mixed->ours, qop, &message.list, 0), SEC_E_OK);
    wire.value = message_wire(&message, &wire.length);
    ck_assert_uint_eq(gss_unwrap(&minor, mixed->peer.context, &wire, &text, &conf, NULL),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(conf != 0, qop == 0);
    ck_assert_uint_eq(text.length, size);
    ck_assert(pattern_matches(text.value, size, 5));
    if (size == 0)
        free(text.value); /* MIT allocates it all the same, but does not release it */
    gss_release_buffer(&minor, &text);
    free(wire.value);
    message_free(&message);
}

/* And theirs ours, as a stream. */
static void theirs_to_ours(struct mixed *mixed, bool encrypt, ULONG size)
{
    unsigned char *text = guard_new(size);
    gss_buffer_desc in = {size, text}, wire = GSS_C_EMPTY_BUFFER;
    struct message stream;
    ULONG qop = 99;
    int conf = -1;
    OM_uint32 minor;

    pattern_fill(text, size, 6);
    ck_assert_uint_eq(
        gss_wrap(&minor, mixed->peer.context, encrypt, GSS_C_QOP_DEFAULT, &in, &conf, &wire),
        GSS_S_COMPLETE);
    message_init(&stream);
    message_add(&stream, SECBUFFER_STREAM, wire.value, (ULONG)wire.length);
    stream.parts[stream.list.cBuffers++] = (SecBuffer){0, SECBUFFER_DATA, NULL};
    assert_status(DecryptMessage(mixed->ours, &stream.list, 0, &qop), SEC_E_OK);
    ck_assert_uint_eq(qop, encrypt ? 0 : SECQOP_WRAP_NO_ENCRYPT);
    assert_in_stream(&stream, size, 6);
    stream.list.cBuffers = 1;
    message_free(&stream);
    gss_release_buffer(&minor, &wire);
    guard_free(text);
}

/* Both roles of each kind whose tokens go in one piece; DCE style has its own way below. */
START_TEST(test_gss_wrap)
{
    const struct kind *kind = &kinds[_i / 2];
    struct mixed mixed;

    if (kind->dce)
        return;
    mixed_open(&mixed, kind, _i % 2 == 0);
    for (int i = 0; i < SIZES; i++) {
        if (kind->ntlm && sizes[i] == 0)
            continue;
        ours_to_theirs(&mixed, 0, sizes[i]);
        theirs_to_ours(&mixed, true, sizes[i]);
        if (kind->ntlm)
            continue;
        ours_to_theirs(&mixed, SECQOP_WRAP_NO_ENCRYPT, sizes[i]);
        theirs_to_ours(&mixed, false, sizes[i]);
    }
    mixed_close(&mixed);
}
END_TEST

START_TEST(test_gss_mic)
{
    const struct kind *kind = &kinds[_i / 2];
    struct mixed mixed;

    mixed_open(&mixed, kind, _i % 2 == 0);
    for (int i = 0; i < SIZES; i++) {
        SecPkgContext_Sizes of = sizes_of(mixed.ours);
        gss_buffer_desc text, mic;
        struct message message;
        OM_uint32 minor;

        if (kind->ntlm && sizes[i] == 0)
            continue;
        message_init(&message);
        message_add_pattern(&message, SECBUFFER_DATA, sizes[i], 3);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        assert_status(MakeSignature(mixed.ours, 0, &message.list, 0), SEC_E_OK);
        text = (gss_buffer_desc){sizes[i], message.parts[0].pvBuffer};
        mic = (gss_buffer_desc){message.parts[1].cbBuffer, message.parts[1].pvBuffer};
        ck_assert_uint_eq(gss_verify_mic(&minor, mixed.peer.context, &text, &mic, NULL),
                          GSS_S_COMPLETE);

        mic = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        ck_assert_uint_eq(gss_get_mic(&minor, mixed.peer.context, GSS_C_QOP_DEFAULT, &text, &mic),
                          GSS_S_COMPLETE);
        ck_assert_uint_le(mic.length, of.cbMaxSignature);
        memcpy(message.parts[1].pvBuffer, mic.value, mic.length);
        message.parts[1].cbBuffer = (ULONG)mic.length;
        assert_status(VerifySignature(mixed.ours, &message.list, 0, NULL), SEC_E_OK);
        gss_release_buffer(&minor, &mic);
        message_free(&message);
    }
    mixed_close(&mixed);
}
END_TEST

/* --- One piece, cut in two ------------------------------------------------------------------ */

#define CUT_SIZE 500

/* Opens theirs as TOKEN and DATA, cut anywhere: DATA has the text (and RC4's padding, which has no
 * place) or, without room for it, none. */
static void cut_open(struct mixed *mixed, bool encrypt, ULONG cut)
{
    unsigned char text[CUT_SIZE], *whole;
    gss_buffer_desc in = {CUT_SIZE, text}, wire = GSS_C_EMPTY_BUFFER;
    SecBuffer parts[2];
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    ULONG room, qop = 99;
    SECURITY_STATUS status;
    OM_uint32 minor;

    pattern_fill(text, CUT_SIZE, 4);
    ck_assert_uint_eq(
        gss_wrap(&minor, mixed->peer.context, encrypt, GSS_C_QOP_DEFAULT, &in, NULL, &wire),
        GSS_S_COMPLETE);
    whole = guard_new(wire.length);
    memcpy(whole, wire.value, wire.length);
    room = (ULONG)wire.length - cut;
    parts[0] = (SecBuffer){cut, SECBUFFER_TOKEN, whole};
    parts[1] = (SecBuffer){room, SECBUFFER_DATA, whole + cut};
    status = DecryptMessage(mixed->ours, &list, 0, &qop);
    if (room < CUT_SIZE) {
        ck_assert_int_ne(status, SEC_E_OK);
        ck_assert(!encrypt || !pattern_remains(whole, wire.length, CUT_SIZE, 4));
    } else if (status == SEC_E_OK) {
        ck_assert_uint_eq(qop, encrypt ? 0 : SECQOP_WRAP_NO_ENCRYPT);
        ck_assert_uint_eq(parts[1].cbBuffer, CUT_SIZE + messages_enctype()->pads);
        ck_assert(pattern_matches(parts[1].pvBuffer, CUT_SIZE, 4));
    }
    ck_assert_uint_le(parts[1].cbBuffer, room);
    guard_free(whole);
    gss_release_buffer(&minor, &wire);
}

/* A peer says by its message, and often by a length in front of it, how large the parts are. */
START_TEST(test_gss_cut)
{
    const struct kind *kind = &kinds[_i / 2];
    struct mixed mixed;
    ULONG sealed;

    if (kind->dce)
        return;
    mixed_open(&mixed, kind, _i % 2 == 0);
    sealed = sizes_of(mixed.ours).cbSecurityTrailer;
    for (ULONG cut = 0; cut < 2 * sealed + 40; cut++)
        for (int encrypt = 0; encrypt < 2; encrypt++)
            cut_open(&mixed, encrypt != 0, cut);
    mixed_close(&mixed);
}
END_TEST

/* --- DCE/RPC -------------------------------------------------------------------------------- */

/* A packet: a header and a trailer that are signed, a body that is sealed, the token. */
enum { HEAD, BODY, TAIL, TOKEN, PAD, RPC_PARTS };
#define HEAD_SIZE 24
#define BODY_SIZE 160
#define TAIL_SIZE 8

static void rpc_build(struct message *message, const SecPkgContext_Sizes *of)
{
    message_init(message);
    message_add_pattern(message, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, HEAD_SIZE, 1);
    message_add_pattern(message, SECBUFFER_DATA, BODY_SIZE, 2);
    message_add_pattern(message, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, TAIL_SIZE, 3);
    message_add(message, SECBUFFER_TOKEN, NULL, of->cbSecurityTrailer);
    message_add(message, SECBUFFER_PADDING, NULL, of->cbBlockSize);
}

/* The same memory as GSS-API sees it. */
static void rpc_view(gss_iov_buffer_desc *iov, const struct message *message)
{
    static const OM_uint32 types[RPC_PARTS] = {
        GSS_IOV_BUFFER_TYPE_SIGN_ONLY, GSS_IOV_BUFFER_TYPE_DATA, GSS_IOV_BUFFER_TYPE_SIGN_ONLY,
        GSS_IOV_BUFFER_TYPE_HEADER, GSS_IOV_BUFFER_TYPE_PADDING};

    for (int i = 0; i < RPC_PARTS; i++)
        iov[i] = (gss_iov_buffer_desc){types[i],
                                       {message->parts[i].cbBuffer, message->parts[i].pvBuffer}};
}

static void rpc_assert(const struct message *message)
{
    message_check(message);
    ck_assert(pattern_matches(message->parts[HEAD].pvBuffer, HEAD_SIZE, 1));
    ck_assert(pattern_matches(message->parts[BODY].pvBuffer, BODY_SIZE, 2));
    ck_assert(pattern_matches(message->parts[TAIL].pvBuffer, TAIL_SIZE, 3));
}

/* READONLY_WITH_CHECKSUM is what GSS_IOV_BUFFER_TYPE_SIGN_ONLY is. */
START_TEST(test_gss_rpc)
{
    const struct kind *kind = &kinds[_i / 2];
    gss_iov_buffer_desc iov[RPC_PARTS];
    struct message message;
    SecPkgContext_Sizes of;
    struct mixed mixed;
    OM_uint32 minor;
    int conf = 0;

    mixed_open(&mixed, kind, _i % 2 == 0);
    of = sizes_of(mixed.ours);
    rpc_build(&message, &of);
    assert_status(EncryptMessage(mixed.ours, 0, &message.list, 0), SEC_E_OK);
    rpc_view(iov, &message);
    ck_assert_uint_eq(gss_unwrap_iov(&minor, mixed.peer.context, &conf, NULL, iov, RPC_PARTS),
                      GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    rpc_assert(&message);
    message_free(&message);

    rpc_build(&message, &of);
    rpc_view(iov, &message);
    ck_assert_uint_eq(
        gss_wrap_iov(&minor, mixed.peer.context, 1, GSS_C_QOP_DEFAULT, &conf, iov, RPC_PARTS),
        GSS_S_COMPLETE);
    message.parts[TOKEN].cbBuffer = (ULONG)iov[TOKEN].buffer.length;
    message.parts[PAD].cbBuffer = (ULONG)iov[PAD].buffer.length;
    ck_assert(!pattern_remains(message.parts[BODY].pvBuffer, BODY_SIZE, BODY_SIZE, 2));
    assert_status(DecryptMessage(mixed.ours, &message.list, 0, NULL), SEC_E_OK);
    rpc_assert(&message);
    message_free(&message);
    mixed_close(&mixed);
}
END_TEST

void gss_add(const struct cases *cases)
{
    tcase_add_loop_test(cases->all, test_gss_wrap, 0, 2 * KINDS);
    tcase_add_loop_test(cases->all, test_gss_mic, 0, 2 * KINDS);
    tcase_add_loop_test(cases->krb5, test_gss_cut, 2 * KERBEROS, 2 * NTLM);
    tcase_add_loop_test(cases->krb5, test_gss_rpc, 2 * KERBEROS, 2 * NTLM);
}
