/* SPDX-License-Identifier: MIT */
/*
 * Sealed messages: how large, in which buffers, and with or without encryption.
 */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

/* --- Sizes ---------------------------------------------------------------------------------- */

START_TEST(test_sizes)
{
    const struct kind *kind = &kinds[_i];
    const struct enctype *enctype = messages_enctype();
    struct pair pair;
    CtxtHandle *from, *to;

    open_pair(&pair, kind);
    for (int turn = 0; turn < 2; turn++) {
        SecPkgContext_Sizes of;

        ends(&pair, turn, &from, &to);
        of = sizes_of(from);
        ck_assert_uint_eq(of.cbMaxToken, kind->ntlm ? 2888 : 48000);
        ck_assert_uint_eq(of.cbBlockSize, kind->ntlm ? 0 : 1);
        ck_assert_uint_eq(of.cbMaxSignature, kind->ntlm ? 16 : enctype->signature);
        ck_assert_uint_eq(of.cbSecurityTrailer, kind->ntlm  ? 16
                                                : kind->dce ? enctype->trailer_dce
                                                            : enctype->trailer);
    }
    pair_free(&pair);
}
END_TEST

/* The realm gives the type of key that this program is about. */
START_TEST(test_enctype)
{
    struct pair pair;
    SecPkgContext_KeyInfoA info;

    open_pair(&pair, &kinds[KERBEROS]);
    assert_status(QueryContextAttributesA(&pair.server, SECPKG_ATTR_KEY_INFO, &info), SEC_E_OK);
    ck_assert_uint_eq(info.EncryptAlgorithm, ENCTYPE);
    FreeContextBuffer(info.sEncryptAlgorithmName);
    FreeContextBuffer(info.sSignatureAlgorithmName);
    pair_free(&pair);
}
END_TEST

/* What comes out: the whole trailer, except where a DER length makes it vary. */
static ULONG used_of_trailer(const struct kind *kind, const SecPkgContext_Sizes *of, ULONG size)
{
    if (!kind->ntlm && messages_enctype()->pads && !kind->dce) {
        ULONG inside = size + 1 + 11 + 32; /* padding, OID, what RFC 4757 7.3 puts before it */

        return 45 + (inside < 0x80 ? 0 : inside < 0x100 ? 1 : inside < 0x10000 ? 2 : 3);
    }
    return of->cbSecurityTrailer;
}

START_TEST(test_token_shrinks)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;

    open_pair(&pair, kind);
    for (size_t i = 0; i < SIZES; i++) {
        SecPkgContext_Sizes of = sizes_of(&pair.client), large = of;
        struct message message;

        if (kind->ntlm && sizes[i] == 0)
            continue;
        large.cbSecurityTrailer += 50;
        large.cbBlockSize = 24;
        build(&message, &large, sizes[i], 1);
        assert_status(EncryptMessage(&pair.client, 0, &message.list, 0), SEC_E_OK);
        message_check(&message);
        ck_assert_uint_eq(message.parts[0].cbBuffer, used_of_trailer(kind, &of, sizes[i]));
        ck_assert_uint_eq(message.parts[1].cbBuffer, sizes[i]);
        if (kind->ntlm) /* not looked at */
            ck_assert_uint_eq(message.parts[2].cbBuffer, 24);
        else
            ck_assert_uint_eq(message.parts[2].cbBuffer, messages_enctype()->pads && !kind->dce);
        if (kind->ntlm)
            message.parts[2].cbBuffer = 0;
        assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL), SEC_E_OK);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, sizes[i], 1));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* One octet less than the size that is told does not suffice, and nothing is written. */
START_TEST(test_too_small)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;

    open_pair(&pair, kind);
    of = sizes_of(&pair.client);
    of.cbSecurityTrailer--;
    build(&message, &of, 100, 1);
    assert_status(EncryptMessage(&pair.client, 0, &message.list, 0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, 1));
    ck_assert_uint_eq(*(unsigned char *)message.parts[0].pvBuffer, GUARD_FILL);
    message_free(&message);

    message_init(&message);
    message_add_pattern(&message, SECBUFFER_DATA, 100, 1);
    message_add(&message, SECBUFFER_TOKEN, NULL, of.cbMaxSignature - 1);
    assert_status(MakeSignature(&pair.client, 0, &message.list, 0), SEC_E_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(*(unsigned char *)message.parts[1].pvBuffer, GUARD_FILL);
    message_free(&message);

    /* Neither has moved the sequence. */
    converse(&pair);
    pair_free(&pair);
}
END_TEST

/* RFC 4757 pads: without a place for it the message is refused, sealed or only signed. */
START_TEST(test_padding_needed)
{
    static const ULONG qops[] = {0, SECQOP_WRAP_NO_ENCRYPT};
    const struct kind *kind = &kinds[_i];
    bool needed = messages_enctype()->pads && !kind->ntlm && !kind->dce;
    struct pair pair;

    open_pair(&pair, kind);
    for (int i = 0; i < 2; i++) {
        SecPkgContext_Sizes of = sizes_of(&pair.client);
        struct message message;

        message_init(&message);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbSecurityTrailer);
        message_add_pattern(&message, SECBUFFER_DATA, 100, 1);
        assert_status(EncryptMessage(&pair.client, qops[i], &message.list, 0),
                      needed ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK);
        ck_assert(!needed || pattern_matches(message.parts[1].pvBuffer, 100, 1));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* READONLY forbids to write there, so it is no place for padding either. */
START_TEST(test_padding_readonly)
{
    static const ULONG qops[] = {0, SECQOP_WRAP_NO_ENCRYPT};
    const struct kind *kind = &kinds[_i];
    bool needed = messages_enctype()->pads && !kind->ntlm && !kind->dce;
    struct pair pair;

    open_pair(&pair, kind);
    for (int i = 0; i < (kind->ntlm ? 1 : 2); i++) {
        SecPkgContext_Sizes of = sizes_of(&pair.client);
        struct message message;

        message_init(&message);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbSecurityTrailer);
        message_add_pattern(&message, SECBUFFER_DATA, 100, 1);
        message_add(&message, SECBUFFER_PADDING | SECBUFFER_READONLY, NULL, 16);
        assert_status(EncryptMessage(&pair.client, qops[i], &message.list, 0),
                      needed ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK);
        ck_assert_uint_eq(message.parts[2].cbBuffer, 16);
        ck_assert_uint_eq(*(unsigned char *)message.parts[2].pvBuffer, GUARD_FILL);
        if (!needed) {
            assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL), SEC_E_OK);
            ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, 1));
        }
        message_free(&message);
    }
    converse(&pair);
    pair_free(&pair);
}
END_TEST

/* --- Layouts -------------------------------------------------------------------------------- */

START_TEST(test_token_data)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *from, *to;
    ULONG qop;

    open_pair(&pair, kind);
    for (size_t i = 0; i < 2 * SIZES; i++) {
        ULONG size = sizes[i / 2];
        struct message sealed, opened;

        if (kind->ntlm && size == 0)
            continue;
        ends(&pair, (int)i, &from, &to);
        seal(from, &sealed, size, 7);
        ck_assert(!pattern_remains(sealed.parts[1].pvBuffer, size, size, 7));
        message_copy(&opened, &sealed);
        qop = 99;
        assert_status(DecryptMessage(to, &opened.list, 0, &qop), SEC_E_OK);
        message_check(&opened);
        ck_assert_uint_eq(qop, 0);
        ck_assert_uint_eq(opened.parts[1].cbBuffer, size);
        ck_assert(pattern_matches(opened.parts[1].pvBuffer, size, 7));
        message_free(&opened);
        message_free(&sealed);
    }
    pair_free(&pair);
}
END_TEST

/* gss-ntlmssp cannot protect nothing; the refusal costs no sequence number. */
START_TEST(test_ntlm_empty)
{
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;

    open_pair(&pair, &kinds[_i]);
    of = sizes_of(&pair.client);
    build(&message, &of, 0, 1);
    assert_status(EncryptMessage(&pair.client, 0, &message.list, 0), SEC_E_UNSUPPORTED_FUNCTION);
    assert_native("empty");
    assert_status(MakeSignature(&pair.client, 0, &message.list, 0), SEC_E_UNSUPPORTED_FUNCTION);
    assert_status(VerifySignature(&pair.client, &message.list, 0, NULL),
                  SEC_E_UNSUPPORTED_FUNCTION);
    message_free(&message);
    converse(&pair);
    pair_free(&pair);
}
END_TEST

START_TEST(test_stream)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *from, *to;
    ULONG qop;

    open_pair(&pair, kind);
    for (size_t i = 0; i < 2 * SIZES; i++) {
        ULONG size = sizes[i / 2];
        struct message sealed, stream;

        if (kind->ntlm && size == 0)
            continue;
        ends(&pair, (int)i, &from, &to);
        seal(from, &sealed, size, 3);
        stream_of(&stream, &sealed);
        qop = 99;
        if (kind->dce) { /* its tokens have no end of their own */
            assert_status(DecryptMessage(to, &stream.list, 0, &qop), SEC_E_UNSUPPORTED_FUNCTION);
            assert_status(DecryptMessage(to, &sealed.list, 0, &qop), SEC_E_OK);
        } else {
            assert_status(DecryptMessage(to, &stream.list, 0, &qop), SEC_E_OK);
            assert_in_stream(&stream, size, 3);
        }
        ck_assert_uint_eq(qop, 0);
        message_free(&sealed);
        stream.list.cBuffers = 1;
        message_free(&stream);
    }
    pair_free(&pair);
}
END_TEST

/* Several DATA are one message: they can be opened in the same pieces, or in others. */
START_TEST(test_several_data)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *from, *to;

    open_pair(&pair, kind);
    for (int turn = 0; turn < 4; turn++) {
        struct message sealed, opened;
        SecPkgContext_Sizes of;
        unsigned char text[1040], *wire;
        size_t size;

        ends(&pair, turn, &from, &to);
        of = sizes_of(from);
        pattern_fill(text, sizeof(text), 5);
        message_init(&sealed);
        message_add(&sealed, SECBUFFER_DATA, text, 1000);
        message_add(&sealed, SECBUFFER_TOKEN, NULL, of.cbSecurityTrailer);
        message_add(&sealed, SECBUFFER_DATA, NULL, 0);
        message_add(&sealed, SECBUFFER_DATA, text + 1000, 3);
        message_add(&sealed, SECBUFFER_DATA, text + 1003, 37);
        message_add(&sealed, SECBUFFER_PADDING, NULL, of.cbBlockSize);
        message_add(&sealed, SECBUFFER_EMPTY, NULL, 10);
        assert_status(EncryptMessage(from, 0, &sealed.list, 0), SEC_E_OK);
        message_check(&sealed);
        wire = message_wire(&sealed, &size);
        if (turn < 2) {
            message_copy(&opened, &sealed);
            assert_status(DecryptMessage(to, &opened.list, 0, NULL), SEC_E_OK);
            ck_assert_mem_eq(opened.parts[0].pvBuffer, text, 1000);
            ck_assert_mem_eq(opened.parts[3].pvBuffer, text + 1000, 3);
            ck_assert_mem_eq(opened.parts[4].pvBuffer, text + 1003, 37);
        } else {
            ULONG token = sealed.parts[1].cbBuffer;

            message_init(&opened);
            message_add(&opened, SECBUFFER_TOKEN, wire, token);
            message_add(&opened, SECBUFFER_DATA, wire + token, 1040);
            message_add(&opened, SECBUFFER_PADDING, wire + token + 1040,
                        (ULONG)(size - token - 1040));
            assert_status(DecryptMessage(to, &opened.list, 0, NULL), SEC_E_OK);
            ck_assert_mem_eq(opened.parts[1].pvBuffer, text, 1040);
        }
        message_free(&opened);
        message_free(&sealed);
        free(wire);
    }
    pair_free(&pair);
}
END_TEST

/* RPC without header signing: a READONLY part is neither written nor protected. */
START_TEST(test_readonly)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;

    open_pair(&pair, kind);
    of = sizes_of(&pair.client);
    message_init(&message);
    message_add_pattern(&message, SECBUFFER_DATA | SECBUFFER_READONLY, 24, 1);
    message_add_pattern(&message, SECBUFFER_DATA, 160, 2);
    message_add(&message, SECBUFFER_PADDING, NULL, of.cbBlockSize);
    message_add_pattern(&message, SECBUFFER_DATA | SECBUFFER_READONLY, 8, 3);
    message_add(&message, SECBUFFER_TOKEN, NULL, of.cbSecurityTrailer);
    assert_status(EncryptMessage(&pair.client, 0, &message.list, 0), SEC_E_OK);
    message_check(&message);
    ck_assert(pattern_matches(message.parts[0].pvBuffer, 24, 1));
    ck_assert(!pattern_remains(message.parts[1].pvBuffer, 160, 160, 2));
    ck_assert(pattern_matches(message.parts[3].pvBuffer, 8, 3));
    ((unsigned char *)message.parts[0].pvBuffer)[5] ^= 1;
    assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL), SEC_E_OK);
    message_check(&message);
    ck_assert(pattern_matches(message.parts[1].pvBuffer, 160, 2));
    ck_assert(pattern_matches(message.parts[3].pvBuffer, 8, 3));
    message_free(&message);
    pair_free(&pair);
}
END_TEST

static void build_rpc(struct message *message, const SecPkgContext_Sizes *of)
{
    message_init(message);
    message_add_pattern(message, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, 24, 1);
    message_add_pattern(message, SECBUFFER_DATA, 160, 2);
    message_add_pattern(message, SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM, 8, 3);
    message_add(message, SECBUFFER_TOKEN, NULL, of->cbSecurityTrailer);
    message_add(message, SECBUFFER_PADDING, NULL, of->cbBlockSize);
}

/* RPC with header signing: READONLY_WITH_CHECKSUM is signed and stays clear. */
START_TEST(test_checksum)
{
    const struct kind *kind = &kinds[_i];
    static const ULONG spoilt[] = {0, 1, 2};
    struct pair pair;
    SecPkgContext_Sizes of;

    open_with(&pair, kind, PAIR_ISC & ~ISC_REQ_SEQUENCE_DETECT); /* the refused ones are gaps */
    of = sizes_of(&pair.client);
    for (size_t i = 0; i <= sizeof(spoilt) / sizeof(*spoilt); i++) {
        struct message message;

        build_rpc(&message, &of);
        assert_status(EncryptMessage(&pair.client, 0, &message.list, 0), SEC_E_OK);
        message_check(&message);
        ck_assert(pattern_matches(message.parts[0].pvBuffer, 24, 1));
        ck_assert(!pattern_remains(message.parts[1].pvBuffer, 160, 160, 2));
        ck_assert(pattern_matches(message.parts[2].pvBuffer, 8, 3));
        if (i < sizeof(spoilt) / sizeof(*spoilt)) {
            ((unsigned char *)message.parts[spoilt[i]].pvBuffer)[5] ^= 1;
            assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL),
                          SEC_E_MESSAGE_ALTERED);
            ck_assert(!pattern_remains(message.parts[1].pvBuffer, 160, 160, 2));
        } else {
            assert_status(DecryptMessage(&pair.server, &message.list, 0, NULL), SEC_E_OK);
            ck_assert(pattern_matches(message.parts[1].pvBuffer, 160, 2));
        }
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* gss-ntlmssp has no way to sign what it does not seal. */
START_TEST(test_ntlm_checksum)
{
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;

    open_pair(&pair, &kinds[_i]);
    of = sizes_of(&pair.client);
    build_rpc(&message, &of);
    assert_status(EncryptMessage(&pair.client, 0, &message.list, 0), SEC_E_UNSUPPORTED_FUNCTION);
    assert_native("header");
    ck_assert(pattern_matches(message.parts[1].pvBuffer, 160, 2));
    message.parts[3].cbBuffer = 16;
    assert_status(DecryptMessage(&pair.client, &message.list, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION);
    message_free(&message);
    converse(&pair);
    pair_free(&pair);
}
END_TEST

/* --- Signed only ---------------------------------------------------------------------------- */

/* SECQOP_WRAP_NO_ENCRYPT: the text stays clear, and the other side is told. */
START_TEST(test_no_encrypt)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *from, *to;
    ULONG qop;

    open_pair(&pair, kind);
    for (size_t i = 0; i < 2 * SIZES; i++) {
        ULONG size = sizes[i / 2];
        struct message message, stream;
        SecPkgContext_Sizes of;

        ends(&pair, (int)i, &from, &to);
        of = sizes_of(from);
        build(&message, &of, size, 9);
        assert_status(EncryptMessage(from, SECQOP_WRAP_NO_ENCRYPT, &message.list, 0), SEC_E_OK);
        message_check(&message);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, size, 9));
        if (!messages_enctype()->pads)
            ck_assert_uint_eq(message.parts[0].cbBuffer, messages_enctype()->plain);
        qop = 99;
        if (i % 4 < 2 || kind->dce) {
            assert_status(DecryptMessage(to, &message.list, 0, &qop), SEC_E_OK);
            message_check(&message);
            ck_assert_uint_eq(message.parts[1].cbBuffer, size);
            ck_assert(pattern_matches(message.parts[1].pvBuffer, size, 9));
        } else {
            stream_of(&stream, &message);
            assert_status(DecryptMessage(to, &stream.list, 0, &qop), SEC_E_OK);
            assert_in_stream(&stream, size, 9);
            stream.list.cBuffers = 1;
            message_free(&stream);
        }
        ck_assert_uint_eq(qop, SECQOP_WRAP_NO_ENCRYPT);
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* One altered octet of a text that is only signed. */
START_TEST(test_no_encrypt_altered)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;
    ULONG qop = 99;

    open_pair(&pair, kind);
    of = sizes_of(&pair.client);
    build(&message, &of, 100, 9);
    assert_status(EncryptMessage(&pair.client, SECQOP_WRAP_NO_ENCRYPT, &message.list, 0), SEC_E_OK);
    ((unsigned char *)message.parts[1].pvBuffer)[50] ^= 0x20;
    assert_status(DecryptMessage(&pair.server, &message.list, 0, &qop), SEC_E_MESSAGE_ALTERED);
    ck_assert_uint_eq(qop, 99);
    ck_assert(!pattern_remains(message.parts[1].pvBuffer, 100, 100, 9));
    message_free(&message);
    pair_free(&pair);
}
END_TEST

/* An NTLM context that seals has one way to sign: EncryptMessage makes what VerifySignature takes.
 */
START_TEST(test_ntlm_no_encrypt)
{
    struct pair pair;
    SecPkgContext_Sizes of;
    struct message message;

    open_pair(&pair, &kinds[_i]);
    of = sizes_of(&pair.client);
    build(&message, &of, 100, 9);
    assert_status(EncryptMessage(&pair.client, SECQOP_WRAP_NO_ENCRYPT, &message.list, 0), SEC_E_OK);
    ck_assert_uint_eq(message.parts[0].cbBuffer, 16);
    ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, 9));
    assert_status(VerifySignature(&pair.server, &message.list, 0, NULL), SEC_E_OK);
    message_free(&message);
    converse(&pair);
    pair_free(&pair);
}
END_TEST

/* NTLM without CONFIDENTIALITY: what is sealed is signed, and the reader is told. */
START_TEST(test_ntlm_sign_only)
{
    struct pair pair;
    CtxtHandle *from, *to;

    open_with(&pair, &kinds[_i], ISC_REQ_INTEGRITY);
    ck_assert_uint_eq(pair.client_flags & ISC_RET_CONFIDENTIALITY, 0);
    ck_assert_uint_eq(pair.server_flags & ASC_RET_CONFIDENTIALITY, 0);
    ck_assert_uint_ne(pair.client_flags & ISC_RET_INTEGRITY, 0);
    for (int turn = 0; turn < 4; turn++) {
        struct message message, stream;
        ULONG qop = 99;

        ends(&pair, turn, &from, &to);
        seal(from, &message, 100, 4);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, 4));
        stream_of(&stream, &message);
        if (turn < 2) {
            assert_status(DecryptMessage(to, &message.list, 0, &qop), SEC_E_OK);
            ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, 4));
        } else {
            assert_status(DecryptMessage(to, &stream.list, 0, &qop), SEC_E_OK);
            assert_in_stream(&stream, 100, 4);
        }
        ck_assert_uint_eq(qop, SECQOP_WRAP_NO_ENCRYPT);
        stream.list.cBuffers = 1;
        message_free(&stream);
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* Nothing is protected on a context without integrity: NTLM would take any signature. */
START_TEST(test_no_integrity)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *end, *other;

    open_with(&pair, kind, ISC_REQ_NO_INTEGRITY | ISC_REQ_MUTUAL_AUTH);
    ck_assert_uint_eq(pair.client_flags & (ISC_RET_INTEGRITY | ISC_RET_CONFIDENTIALITY), 0);
    ck_assert_uint_eq(pair.server_flags & (ASC_RET_INTEGRITY | ASC_RET_CONFIDENTIALITY), 0);
    for (int turn = 0; turn < 2; turn++) {
        SecPkgContext_Sizes of;
        struct message message;

        ends(&pair, turn, &end, &other);
        of = sizes_of(end);
        build(&message, &of, 100, 4);
        assert_status(EncryptMessage(end, 0, &message.list, 0), SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(MakeSignature(end, 0, &message.list, 0), SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(DecryptMessage(end, &message.list, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION);
        assert_status(VerifySignature(end, &message.list, 0, NULL), SEC_E_UNSUPPORTED_FUNCTION);
        assert_native("without integrity");
        ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, 4));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

void layouts_add(const struct cases *cases)
{
    tcase_add_loop_test(cases->all, test_sizes, 0, KINDS);
    tcase_add_loop_test(cases->all, test_token_shrinks, 0, KINDS);
    tcase_add_loop_test(cases->all, test_too_small, 0, KINDS);
    tcase_add_loop_test(cases->all, test_padding_needed, 0, KINDS);
    tcase_add_loop_test(cases->all, test_padding_readonly, 0, KINDS);
    tcase_add_loop_test(cases->all, test_token_data, 0, KINDS);
    tcase_add_loop_test(cases->all, test_stream, 0, KINDS);
    tcase_add_loop_test(cases->all, test_several_data, 0, KINDS);
    tcase_add_loop_test(cases->all, test_readonly, 0, KINDS);
    tcase_add_test(cases->krb5, test_enctype);
    tcase_add_loop_test(cases->krb5, test_checksum, KERBEROS, NTLM);
    tcase_add_loop_test(cases->krb5, test_no_encrypt, KERBEROS, NTLM);
    tcase_add_loop_test(cases->krb5, test_no_encrypt_altered, KERBEROS, NTLM);
    tcase_add_test(cases->krb5, test_no_integrity); /* Kerberos, without DCE */
    tcase_add_loop_test(cases->ntlm, test_ntlm_empty, NTLM, KINDS);
    tcase_add_loop_test(cases->ntlm, test_ntlm_checksum, NTLM, KINDS);
    tcase_add_loop_test(cases->ntlm, test_ntlm_no_encrypt, NTLM, KINDS);
    tcase_add_loop_test(cases->ntlm, test_ntlm_sign_only, NTLM, KINDS);
    tcase_add_loop_test(cases->ntlm, test_no_integrity, NTLM, KINDS);
}
