/* SPDX-License-Identifier: MIT */
/*
 * What is refused: altered and cut messages, lists of buffers that make no sense, contexts that are
 * not there.
 */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

/* --- Altered messages ----------------------------------------------------------------------- */

/* The 16 octets of RFC 4121 4.2.6.2 in front: wrong ones may make no token of it. */
static bool in_header(ULONG part, ULONG at)
{
    return part == 0 && (messages_enctype()->pads || at < 16);
}

static void assert_refused(const struct kind *kind, SECURITY_STATUS status, bool header, ULONG part,
                           ULONG at)
{
    ck_assert_msg(status == SEC_E_MESSAGE_ALTERED || (header && status == SEC_E_INVALID_TOKEN),
                  "%s, octet %u of part %u: %s", kind->name, (unsigned)at, (unsigned)part,
                  sspi_status_name(status));
}

/* Every octet of a message, in both layouts; the context itself takes no harm. */
START_TEST(test_altered)
{
    const struct kind *kind = &kinds[_i];
    struct message sealed;
    struct pair pair;
    ULONG qop = 99;

    open_pair(&pair, kind);
    seal(&pair.client, &sealed, 40, 8);
    for (ULONG part = 0; part < sealed.list.cBuffers; part++)
        for (ULONG at = 0; at < sealed.parts[part].cbBuffer; at++) {
            struct message message, stream;
            unsigned char *octet;

            message_copy(&message, &sealed);
            octet = (unsigned char *)message.parts[part].pvBuffer + at;
            *octet ^= 0x55;
            stream_of(&stream, &message);
            assert_refused(kind, DecryptMessage(&pair.server, &message.list, 0, &qop),
                           in_header(part, at), part, at);
            message_check(&message);
            assert_unreadable(&message, 40, 8);
            if (!kind->dce) {
                assert_refused(kind, DecryptMessage(&pair.server, &stream.list, 0, &qop),
                               in_header(part, at), part, at);
                assert_unreadable(&stream, 40, 8);
            }
            ck_assert_uint_eq(qop, 99);
            stream.list.cBuffers = 1;
            message_free(&stream);
            message_free(&message);
        }
    assert_status(DecryptMessage(&pair.server, &sealed.list, 0, &qop), SEC_E_OK);
    ck_assert(pattern_matches(sealed.parts[1].pvBuffer, 40, 8));
    message_free(&sealed);
    pair_free(&pair);
}
END_TEST

/* Every shorter message, cut at either end. */
START_TEST(test_cut)
{
    const struct kind *kind = &kinds[_i];
    struct message sealed;
    struct pair pair;
    unsigned char *wire;
    size_t size;

    open_pair(&pair, kind);
    seal(&pair.client, &sealed, 40, 8);
    wire = message_wire(&sealed, &size);
    for (size_t keep = 0; keep < size && !kind->dce; keep++)
        for (int from_end = 0; from_end < 2; from_end++) {
            struct message stream;
            SECURITY_STATUS status;

            message_init(&stream);
            message_add(&stream, SECBUFFER_STREAM, from_end ? wire + size - keep : wire,
                        (ULONG)keep);
            stream.parts[stream.list.cBuffers++] = (SecBuffer){0, SECBUFFER_DATA, NULL};
            status = DecryptMessage(&pair.server, &stream.list, 0, NULL);
            assert_refused(kind, status, true, 0, (ULONG)keep);
            assert_unreadable(&stream, 40, 8);
            stream.list.cBuffers = 1;
            message_free(&stream);
        }
    for (ULONG keep = 0; keep < sealed.parts[0].cbBuffer; keep++) {
        struct message message;

        message_copy(&message, &sealed);
        message.parts[0].cbBuffer = keep;
        assert_refused(kind, DecryptMessage(&pair.server, &message.list, 0, NULL), true, 0, keep);
        assert_unreadable(&message, 40, 8);
        message_free(&message);
    }
    assert_status(DecryptMessage(&pair.server, &sealed.list, 0, NULL), SEC_E_OK);
    free(wire);
    message_free(&sealed);
    pair_free(&pair);
}
END_TEST

static void assert_dead(CtxtHandle *dead)
{
    unsigned char token[16] = {0}, text[32] = {0};
    SecBuffer parts[] = {{sizeof(token), SECBUFFER_TOKEN, token},
                         {sizeof(text), SECBUFFER_DATA, text}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SecPkgContext_Sizes of;
    SecBuffer packed;

    assert_status(EncryptMessage(dead, 0, &list, 0), SEC_E_CONTEXT_EXPIRED);
    assert_status(DecryptMessage(dead, &list, 0, NULL), SEC_E_CONTEXT_EXPIRED);
    assert_status(MakeSignature(dead, 0, &list, 0), SEC_E_CONTEXT_EXPIRED);
    assert_status(VerifySignature(dead, &list, 0, NULL), SEC_E_CONTEXT_EXPIRED);
    assert_status(QueryContextAttributesA(dead, SECPKG_ATTR_SIZES, &of), SEC_E_CONTEXT_EXPIRED);
    assert_status(ExportSecurityContext(dead, 0, &packed, NULL), SEC_E_CONTEXT_EXPIRED);
    assert_status(CompleteAuthToken(dead, &list), SEC_E_CONTEXT_EXPIRED);
}

/* NTLM's key stream does not come back: after one altered message nothing more is believed. */
START_TEST(test_ntlm_altered)
{
    const struct kind *kind = &kinds[_i / 4];
    int how = _i % 4;
    struct message message;
    struct pair pair;
    SECURITY_STATUS status;

    if (!kind->ntlm)
        return;
    open_pair(&pair, kind);
    seal(&pair.client, &message, 40, 8);
    switch (how) {
    case 0: /* the text */
        ((unsigned char *)message.parts[1].pvBuffer)[3] ^= 1;
        status = DecryptMessage(&pair.server, &message.list, 0, NULL);
        break;
    case 1: /* the signature */
        ((unsigned char *)message.parts[0].pvBuffer)[7] ^= 1;
        status = DecryptMessage(&pair.server, &message.list, 0, NULL);
        break;
    case 2: /* sealed, and taken for signed */
        status = VerifySignature(&pair.server, &message.list, 0, NULL);
        break;
    default: /* from the other end: a reflection */
        status = DecryptMessage(&pair.client, &message.list, 0, NULL);
    }
    assert_status(status, SEC_E_MESSAGE_ALTERED);
    assert_unreadable(&message, 40, 8);
    assert_dead(how == 3 ? &pair.client : &pair.server);
    message_free(&message);
    pair_free(&pair); /* and is deleted in good order */
}
END_TEST

/* A replayed, late or early message is an altered one to NTLM, whatever was asked for. */
START_TEST(test_ntlm_order)
{
    struct message sealed[2], copy;
    struct pair pair;

    for (int how = 0; how < 2; how++) {
        open_with(&pair, &kinds[_i], ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY);
        seal(&pair.client, &sealed[0], 40, 8);
        seal(&pair.client, &sealed[1], 40, 9);
        message_copy(&copy, &sealed[0]);
        if (how == 0) {
            assert_status(DecryptMessage(&pair.server, &sealed[0].list, 0, NULL), SEC_E_OK);
            assert_status(DecryptMessage(&pair.server, &copy.list, 0, NULL), SEC_E_MESSAGE_ALTERED);
            assert_unreadable(&copy, 40, 8);
        } else {
            assert_status(DecryptMessage(&pair.server, &sealed[1].list, 0, NULL),
                          SEC_E_MESSAGE_ALTERED);
            assert_unreadable(&sealed[1], 40, 9);
        }
        assert_dead(&pair.server);
        message_free(&copy);
        message_free(&sealed[0]);
        message_free(&sealed[1]);
        pair_free(&pair);
    }
}
END_TEST

/* What is no NTLM message by its length never reaches the mechanism, and kills nothing. */
START_TEST(test_ntlm_short)
{
    struct pair pair;

    open_pair(&pair, &kinds[_i]);
    for (ULONG size = 0; size <= 40; size++) {
        struct message message;

        message_init(&message);
        message_add(&message, SECBUFFER_TOKEN, NULL, size);
        message_add_pattern(&message, SECBUFFER_DATA, 30, 1);
        if (size != 16) {
            assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL),
                          SEC_E_INVALID_TOKEN);
            assert_status(VerifySignature(&pair.server, &message.list, 0, NULL),
                          SEC_E_INVALID_TOKEN);
        }
        message_free(&message);
        message_init(&message);
        message_add(&message, SECBUFFER_STREAM, NULL, size);
        message.parts[message.list.cBuffers++] = (SecBuffer){0, SECBUFFER_DATA, NULL};
        if (size <= 16)
            assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL),
                          SEC_E_INVALID_TOKEN);
        message.list.cBuffers = 1;
        message_free(&message);
    }
    converse(&pair);
    pair_free(&pair);
}
END_TEST

/* --- Shapes --------------------------------------------------------------------------------- */

static unsigned char space[4][256];

#define TOKEN_BUFFER                                                                               \
    {                                                                                              \
        128, SECBUFFER_TOKEN, space[0]                                                             \
    }
#define DATA_BUFFER                                                                                \
    {                                                                                              \
        64, SECBUFFER_DATA, space[1]                                                               \
    }
#define PAD_BUFFER                                                                                 \
    {                                                                                              \
        16, SECBUFFER_PADDING, space[2]                                                            \
    }

/* What no package can make a message of. kerberos, ntlm: the codes. */
static const struct {
    const char *name;
    ULONG count;
    SecBuffer parts[4];
    bool opening;
    SECURITY_STATUS kerberos, ntlm;
} shapes[] = {
    {"nothing", 0, {{0}}, false, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {"nothing", 0, {{0}}, true, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {"no TOKEN", 2, {DATA_BUFFER, PAD_BUFFER}, false, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {"no TOKEN", 2, {DATA_BUFFER, PAD_BUFFER}, true, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {"two TOKENs",
     4,
     {TOKEN_BUFFER, TOKEN_BUFFER, DATA_BUFFER, PAD_BUFFER},
     false,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"two TOKENs",
     4,
     {TOKEN_BUFFER, TOKEN_BUFFER, DATA_BUFFER, PAD_BUFFER},
     true,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"no DATA", 2, {TOKEN_BUFFER, PAD_BUFFER}, false, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {"no DATA", 2, {TOKEN_BUFFER, PAD_BUFFER}, true, SEC_E_INVALID_TOKEN, SEC_E_INVALID_TOKEN},
    {"two PADDINGs",
     4,
     {TOKEN_BUFFER, DATA_BUFFER, PAD_BUFFER, PAD_BUFFER},
     false,
     SEC_E_INVALID_TOKEN,
     SEC_E_OK},
    {"a STREAM to seal",
     4,
     {TOKEN_BUFFER, DATA_BUFFER, PAD_BUFFER, {64, SECBUFFER_STREAM, space[3]}},
     false,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"a STREAM without DATA",
     1,
     {{64, SECBUFFER_STREAM, space[3]}},
     true,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"a STREAM with two DATA",
     3,
     {{64, SECBUFFER_STREAM, space[3]}, {0, SECBUFFER_DATA, NULL}, {0, SECBUFFER_DATA, NULL}},
     true,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"an empty STREAM",
     2,
     {{0, SECBUFFER_STREAM, NULL}, {0, SECBUFFER_DATA, NULL}},
     true,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"DATA without an address",
     3,
     {TOKEN_BUFFER, {5, SECBUFFER_DATA, NULL}, PAD_BUFFER},
     false,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"STREAM without an address",
     2,
     {{5, SECBUFFER_STREAM, NULL}, {0, SECBUFFER_DATA, NULL}},
     true,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
    {"TOKEN without an address",
     3,
     {{128, SECBUFFER_TOKEN, NULL}, DATA_BUFFER, PAD_BUFFER},
     false,
     SEC_E_BUFFER_TOO_SMALL,
     SEC_E_INVALID_TOKEN},
    {"TOKEN without an address",
     3,
     {{128, SECBUFFER_TOKEN, NULL}, DATA_BUFFER, PAD_BUFFER},
     true,
     SEC_E_INVALID_TOKEN,
     SEC_E_INVALID_TOKEN},
};

static SECURITY_STATUS shape_try(CtxtHandle *context, SecBufferDesc *list, bool opening)
{
    return opening ? DecryptMessage(context, list, 0, NULL) : EncryptMessage(context, 0, list, 0);
}

START_TEST(test_shapes)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    SecBuffer many[33];
    SecBufferDesc list = {SECBUFFER_VERSION, 33, many};

    open_pair(&pair, kind);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
        SecBuffer parts[4];
        SecBufferDesc shape = {SECBUFFER_VERSION, shapes[i].count, parts};
        SECURITY_STATUS status, expected = kind->ntlm ? shapes[i].ntlm : shapes[i].kerberos;

        if (expected == SEC_E_OK)
            continue;
        memcpy(parts, shapes[i].parts, sizeof(parts));
        status = shape_try(&pair.client, &shape, shapes[i].opening);
        ck_assert_msg(status == expected, "%s, %s %s: %s", kind->name,
                      shapes[i].opening ? "open" : "seal", shapes[i].name,
                      sspi_status_name(status));
        ck_assert_msg(*sspi_native_error() != '\0', "%s, %s: no reason is told", kind->name,
                      shapes[i].name);
    }
    for (int i = 0; i < 33; i++)
        many[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    for (int opening = 0; opening < 2; opening++) {
        list.cBuffers = 33;
        assert_status(shape_try(&pair.client, &list, opening), SEC_E_INVALID_TOKEN);
        list.cBuffers = 0xffffffff;
        assert_status(shape_try(&pair.client, &list, opening), SEC_E_INVALID_TOKEN);
        list.cBuffers = 2;
        list.pBuffers = NULL;
        assert_status(shape_try(&pair.client, &list, opening), SEC_E_INVALID_TOKEN);
        list.pBuffers = many;
        assert_status(shape_try(&pair.client, NULL, opening), SEC_E_INVALID_TOKEN);
    }
    /* None of it has cost a number, or the context. */
    converse(&pair);
    ck_assert_str_eq(sspi_native_error(), ""); /* nor left its reason */
    pair_free(&pair);
}
END_TEST

START_TEST(test_signature_shapes)
{
    struct pair pair;
    unsigned char token[64] = {0}, text[8] = {0};
    SecBuffer parts[3] = {{sizeof(text), SECBUFFER_DATA, text},
                          {sizeof(token), SECBUFFER_TOKEN, token},
                          {sizeof(token), SECBUFFER_TOKEN, token}};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, parts};
    bool ntlm = kinds[_i].ntlm;

    open_pair(&pair, &kinds[_i]);
    assert_status(MakeSignature(&pair.client, 0, &list, 0), SEC_E_INVALID_TOKEN);
    assert_status(VerifySignature(&pair.client, &list, 0, NULL), SEC_E_INVALID_TOKEN);
    list.cBuffers = 3;
    assert_status(MakeSignature(&pair.client, 0, &list, 0), SEC_E_INVALID_TOKEN);
    assert_status(VerifySignature(&pair.client, &list, 0, NULL), SEC_E_INVALID_TOKEN);
    list.cBuffers = 2;
    assert_status(VerifySignature(&pair.client, &list, 0, NULL), SEC_E_INVALID_TOKEN);
    assert_status(MakeSignature(&pair.client, 1, &list, 0), SEC_E_QOP_NOT_SUPPORTED);
    assert_status(EncryptMessage(&pair.client, 1, &list, 0), SEC_E_QOP_NOT_SUPPORTED);
    parts[1].pvBuffer = NULL;
    assert_status(MakeSignature(&pair.client, 0, &list, 0),
                  ntlm ? SEC_E_INVALID_TOKEN : SEC_E_BUFFER_TOO_SMALL);
    assert_status(VerifySignature(&pair.client, &list, 0, NULL), SEC_E_INVALID_TOKEN);
    converse(&pair);
    pair_free(&pair);
}
END_TEST

/* A context that is not there yet, or is something else. */
START_TEST(test_states)
{
    struct pair pair;
    unsigned char token[64], text[8];
    SecBuffer parts[2] = {{sizeof(text), SECBUFFER_DATA, text},
                          {sizeof(token), SECBUFFER_TOKEN, token}};
    SecBufferDesc list = {SECBUFFER_VERSION, 2, parts};
    SEC_WINNT_AUTH_IDENTITY_EXA id = identity_ambient(kinds[_i].list);
    CtxtHandle wrong[3];

    pair_init(&pair);
    pair_acquire(&pair, kinds[_i].package, kinds[_i].list != NULL ? &id : NULL);
    ck_assert_int_eq(pair_initialize(&pair), SEC_I_CONTINUE_NEEDED);
    wrong[0] = pair.client;
    wrong[1] = pair.client_cred;
    wrong[2] = (CtxtHandle){0, 0};
    for (int i = 0; i < 3; i++) {
        assert_status(EncryptMessage(&wrong[i], 0, &list, 0), SEC_E_INVALID_HANDLE);
        assert_status(DecryptMessage(&wrong[i], &list, 0, NULL), SEC_E_INVALID_HANDLE);
        assert_status(MakeSignature(&wrong[i], 0, &list, 0), SEC_E_INVALID_HANDLE);
        assert_status(VerifySignature(&wrong[i], &list, 0, NULL), SEC_E_INVALID_HANDLE);
    }
    assert_status(EncryptMessage(NULL, 0, &list, 0), SEC_E_INVALID_HANDLE);
    pair_free(&pair);
}
END_TEST

/* NT 4's names of the two. */
START_TEST(test_old_names)
{
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;

    open_pair(&pair, &kinds[_i]);
    of = sizes_of(&pair.client);
    build(&message, &of, 40, 1);
    assert_status(SealMessage(&pair.client, 0, &message.list, 0), SEC_E_OK);
    assert_status(UnsealMessage(&pair.server, &message.list, 0, NULL), SEC_E_OK);
    ck_assert(pattern_matches(message.parts[1].pvBuffer, 40, 1));
    message_free(&message);
    pair_free(&pair);
}
END_TEST

void refused_add(const struct cases *cases)
{
    tcase_add_loop_test(cases->all, test_shapes, 0, KINDS);
    tcase_add_loop_test(cases->all, test_signature_shapes, 0, KINDS);
    tcase_add_loop_test(cases->all, test_states, 0, KINDS);
    tcase_add_loop_test(cases->all, test_old_names, 0, KINDS);
    tcase_add_loop_test(cases->krb5, test_altered, KERBEROS, NTLM);
    tcase_add_loop_test(cases->krb5, test_cut, KERBEROS, NTLM);
    tcase_add_loop_test(cases->ntlm, test_ntlm_altered, NTLM * 4, KINDS * 4);
    tcase_add_loop_test(cases->ntlm, test_ntlm_order, NTLM, KINDS);
    tcase_add_loop_test(cases->ntlm, test_ntlm_short, NTLM, KINDS);
}
