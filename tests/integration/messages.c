/* SPDX-License-Identifier: MIT */
/*
 * Messages: every layout, every size, both roles, for each mechanism; what is refused, and what a
 * refusal leaves behind. One program per encryption type: ENCTYPE is the number of RFC 3961's
 * registry that the realm around it is limited to.
 */
#include <sspi.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/guard.h"
#include "lib/pair.h"
#include "lib/world.h"

#ifndef ENCTYPE
#define ENCTYPE 18
#endif

/* RFC 4121, 4757, 8009: what the mechanism adds. */
static const struct {
    ULONG enctype, signature, trailer, trailer_dce, plain;
    bool pads;
} enctypes[] = {
    {17, 28, 60, 76, 28, false},
    {18, 28, 60, 76, 28, false},
    {19, 32, 64, 80, 32, false},
    {20, 40, 72, 88, 40, false},
    /* The DER length in front of an RC4 token takes one to five octets. */
    {23, 37, 49, 45, 49, true},
};

static size_t enctype_row(void)
{
    size_t i = 0;

    while (enctypes[i].enctype != ENCTYPE)
        i++;
    return i;
}

static const struct kind {
    const char *name, *package, *list;
    ULONG isc, asc;
    bool ntlm, dce;
} kinds[] = {
    {"Kerberos", "Kerberos", NULL, 0, 0, false, false},
    {"Kerberos DCE", "Kerberos", NULL, ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, false, true},
    {"Negotiate", "Negotiate", NULL, 0, 0, false, false},
    {"Negotiate DCE", "Negotiate", NULL, ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, false, true},
    {"NTLM", "NTLM", NULL, 0, 0, true, false},
    {"Negotiate to NTLM", "Negotiate", "!kerberos", 0, 0, true, false},
};
#define KINDS    ((int)(sizeof(kinds) / sizeof(*kinds)))
#define KERBEROS 0
#define NTLM     4

static const ULONG sizes[] = {0, 1, 15, 16, 17, 127, 128, 4095, 65536, 1048576};
#define SIZES (sizeof(sizes) / sizeof(*sizes))

static void open_with(struct pair *pair, const struct kind *kind, ULONG isc)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(kind->list);

    pair_init(pair);
    pair->isc = isc | kind->isc;
    pair->asc |= kind->asc;
    pair_acquire(pair, kind->package, kind->list != NULL ? &list : NULL);
    pair_establish(pair);
    ck_assert_str_eq(context_package(&pair->client), kind->ntlm ? "NTLM" : "Kerberos");
}

static void open_pair(struct pair *pair, const struct kind *kind)
{
    open_with(pair, kind, PAIR_ISC);
}

static SecPkgContext_Sizes sizes_of(CtxtHandle *context)
{
    SecPkgContext_Sizes result;

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &result), SEC_E_OK);
    return result;
}

/* TOKEN, DATA and PADDING, as a program makes them of SECPKG_ATTR_SIZES. */
static void build(struct message *message, const SecPkgContext_Sizes *of, ULONG size, unsigned seed)
{
    message_init(message);
    message_add(message, SECBUFFER_TOKEN, NULL, of->cbSecurityTrailer);
    message_add_pattern(message, SECBUFFER_DATA, size, seed);
    message_add(message, SECBUFFER_PADDING, NULL, of->cbBlockSize);
}

static void seal(CtxtHandle *from, struct message *message, ULONG size, unsigned seed)
{
    SecPkgContext_Sizes of = sizes_of(from);

    build(message, &of, size, seed);
    assert_status(EncryptMessage(from, 0, &message->list, 0), SEC_E_OK);
    message_check(message);
}

/* A message in one piece, as a STREAM with an empty DATA behind it. */
static void stream_of(struct message *stream, const struct message *sealed)
{
    size_t size;
    unsigned char *wire = message_wire(sealed, &size);

    message_init(stream);
    message_add(stream, SECBUFFER_STREAM, wire, (ULONG)size);
    free(wire);
    stream->parts[stream->list.cBuffers++] = (SecBuffer){0, SECBUFFER_DATA, NULL};
}

/* The DATA of a stream lies in it and holds the pattern. */
static void assert_in_stream(const struct message *stream, ULONG size, unsigned seed)
{
    const unsigned char *start = stream->memory[0], *at = stream->parts[1].pvBuffer;

    ck_assert_uint_eq(stream->parts[1].cbBuffer, size);
    ck_assert(at >= start && at + size <= start + stream->given[0]);
    ck_assert(pattern_matches(at, size, seed));
    guard_check(start);
}

/* Which end speaks: both are tried everywhere. */
static void ends(struct pair *pair, int turn, CtxtHandle **from, CtxtHandle **to)
{
    *from = turn % 2 == 0 ? &pair->client : &pair->server;
    *to = turn % 2 == 0 ? &pair->server : &pair->client;
}

/* One message each way, in a layout that every kind has. */
static void converse(struct pair *pair)
{
    CtxtHandle *from, *to;

    for (int turn = 0; turn < 2; turn++) {
        struct message message;

        ends(pair, turn, &from, &to);
        seal(from, &message, 60, 11);
        assert_status(DecryptMessage(to, &message.list, 0, NULL), SEC_E_OK);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, 60, 11));
        message_free(&message);
    }
}

/* --- Sizes ---------------------------------------------------------------------------------- */

START_TEST(test_sizes)
{
    const struct kind *kind = &kinds[_i];
    size_t row = enctype_row();
    struct pair pair;
    CtxtHandle *from, *to;

    open_pair(&pair, kind);
    for (int turn = 0; turn < 2; turn++) {
        SecPkgContext_Sizes of;

        ends(&pair, turn, &from, &to);
        of = sizes_of(from);
        ck_assert_uint_eq(of.cbMaxToken, kind->ntlm ? 2888 : 48000);
        ck_assert_uint_eq(of.cbBlockSize, kind->ntlm ? 0 : 1);
        ck_assert_uint_eq(of.cbMaxSignature, kind->ntlm ? 16 : enctypes[row].signature);
        ck_assert_uint_eq(of.cbSecurityTrailer, kind->ntlm  ? 16
                                                : kind->dce ? enctypes[row].trailer_dce
                                                            : enctypes[row].trailer);
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
    if (!kind->ntlm && enctypes[enctype_row()].pads && !kind->dce) {
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
            ck_assert_uint_eq(message.parts[2].cbBuffer,
                              enctypes[enctype_row()].pads && !kind->dce);
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
    bool needed = enctypes[enctype_row()].pads && !kind->ntlm && !kind->dce;
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
        if (!enctypes[enctype_row()].pads)
            ck_assert_uint_eq(message.parts[0].cbBuffer, enctypes[enctype_row()].plain);
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

/* --- Signatures ----------------------------------------------------------------------------- */

START_TEST(test_signature)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    CtxtHandle *from, *to;

    open_pair(&pair, kind);
    for (size_t i = 0; i < 2 * SIZES; i++) {
        ULONG size = sizes[i / 2], qop = 99;
        struct message message;
        SecPkgContext_Sizes of;

        if (kind->ntlm && size == 0)
            continue;
        ends(&pair, (int)i, &from, &to);
        of = sizes_of(from);
        message_init(&message);
        message_add_pattern(&message, SECBUFFER_DATA, size, 6);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbMaxSignature + 9);
        assert_status(MakeSignature(from, 0, &message.list, 0), SEC_E_OK);
        message_check(&message);
        ck_assert_uint_eq(message.parts[1].cbBuffer, of.cbMaxSignature);
        ck_assert(pattern_matches(message.parts[0].pvBuffer, size, 6));
        assert_status(VerifySignature(to, &message.list, 0, &qop), SEC_E_OK);
        message_check(&message);
        ck_assert_uint_eq(qop, kind->ntlm ? 99 : 0); /* Windows' NTLM leaves it alone */
        ck_assert(pattern_matches(message.parts[0].pvBuffer, size, 6));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* A signature over several parts is the one over their sum; READONLY has no part in it. */
START_TEST(test_signature_parts)
{
    const struct kind *kind = &kinds[_i];
    struct pair pair;
    SecPkgContext_Sizes of;
    unsigned char text[300];

    open_pair(&pair, kind);
    of = sizes_of(&pair.client);
    pattern_fill(text, sizeof(text), 6);
    for (int together = 0; together < 2; together++) {
        struct message parts, whole;

        message_init(&parts);
        message_add(&parts, SECBUFFER_DATA, text, 100);
        message_add(&parts, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        message_add_pattern(&parts, SECBUFFER_DATA | SECBUFFER_READONLY, 30, 1);
        message_add(&parts, SECBUFFER_DATA, text + 100, 200);
        message_init(&whole);
        message_add(&whole, SECBUFFER_DATA, text, 300);
        message_add(&whole, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        if (together) {
            assert_status(MakeSignature(&pair.client, 0, &whole.list, 0), SEC_E_OK);
            memcpy(parts.parts[1].pvBuffer, whole.parts[1].pvBuffer, of.cbMaxSignature);
            assert_status(VerifySignature(&pair.server, &parts.list, 0, NULL), SEC_E_OK);
        } else {
            assert_status(MakeSignature(&pair.client, 0, &parts.list, 0), SEC_E_OK);
            memcpy(whole.parts[1].pvBuffer, parts.parts[1].pvBuffer, of.cbMaxSignature);
            assert_status(VerifySignature(&pair.server, &whole.list, 0, NULL), SEC_E_OK);
        }
        message_free(&parts);
        message_free(&whole);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(test_signature_altered)
{
    const struct kind *kind = &kinds[_i];
    SecPkgContext_Sizes of;
    struct pair pair;
    ULONG qop = 99;

    for (ULONG part = 0; part < 2; part++) {
        struct message message;

        open_pair(&pair, kind);
        of = sizes_of(&pair.client);
        message_init(&message);
        message_add_pattern(&message, SECBUFFER_DATA, 100, 6);
        message_add(&message, SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
        assert_status(MakeSignature(&pair.client, 0, &message.list, 0), SEC_E_OK);
        ((unsigned char *)message.parts[part].pvBuffer)[message.parts[part].cbBuffer - 5] ^= 0x80;
        assert_status(VerifySignature(&pair.server, &message.list, 0, &qop), SEC_E_MESSAGE_ALTERED);
        ck_assert_uint_eq(qop, 99);
        message_free(&message);
        pair_free(&pair);
    }
}
END_TEST

/* --- Order ---------------------------------------------------------------------------------- */

#define TURNS 6

/* The order in which numbered messages arrive, and what each way to detect makes of it. */
static const struct {
    const char *name;
    ULONG isc;
    SECURITY_STATUS expected[TURNS];
} orders[] = {
    /* the first, again, the third (one is missing), the fourth, the second (late), the fifth */
    {"sequence",
     ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT,
     {SEC_E_OK, SEC_E_OUT_OF_SEQUENCE, SEC_E_OUT_OF_SEQUENCE, SEC_E_OK, SEC_E_OUT_OF_SEQUENCE,
      SEC_E_OK}},
    {"replay",
     ISC_REQ_REPLAY_DETECT,
     {SEC_E_OK, SEC_E_OUT_OF_SEQUENCE, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK}},
    {"neither", 0, {SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK}},
};
#define ORDERS ((int)(sizeof(orders) / sizeof(*orders)))

static const int arrival[TURNS] = {0, 0, 2, 3, 1, 4};

/* Nothing readable is left anywhere in a message that was refused. */
static void assert_unreadable(const struct message *message, ULONG size, unsigned seed)
{
    for (ULONG i = 0; i < message->list.cBuffers; i++)
        if (message->memory[i] != NULL)
            ck_assert_msg(!pattern_remains(message->memory[i], message->given[i], size, seed),
                          "text remains in part %u after: %s", (unsigned)i, sspi_native_error());
}

static void order_run(const struct kind *kind, int row, bool streamed)
{
    struct message sealed[TURNS];
    struct pair pair;

    open_with(&pair, kind,
              orders[row].isc | ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY);
    for (unsigned i = 0; i < TURNS; i++)
        seal(&pair.client, &sealed[i], 100, i);
    for (int turn = 0; turn < TURNS; turn++) {
        unsigned which = (unsigned)arrival[turn];
        struct message message;
        SECURITY_STATUS status;

        if (streamed)
            stream_of(&message, &sealed[which]);
        else
            message_copy(&message, &sealed[which]);
        status = DecryptMessage(&pair.server, &message.list, 0, NULL);
        ck_assert_msg(status == orders[row].expected[turn], "%s, %s, turn %d: %s", kind->name,
                      orders[row].name, turn, sspi_status_name(status));
        if (status == SEC_E_OK)
            ck_assert(pattern_matches(message.parts[1].pvBuffer, 100, which));
        else
            assert_unreadable(&message, 100, which);
        message.list.cBuffers = streamed ? 1 : message.list.cBuffers;
        message_free(&message);
    }
    for (int i = 0; i < TURNS; i++)
        message_free(&sealed[i]);
    pair_free(&pair);
}

START_TEST(test_order)
{
    for (int row = 0; row < ORDERS; row++) {
        order_run(&kinds[_i], row, false);
        if (!kinds[_i].dce)
            order_run(&kinds[_i], row, true);
    }
}
END_TEST

/* The same for signatures. */
START_TEST(test_signature_order)
{
    for (int row = 0; row < ORDERS; row++) {
        struct message signed_[TURNS];
        SecPkgContext_Sizes of;
        struct pair pair;

        open_with(&pair, &kinds[_i],
                  orders[row].isc | ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY |
                      ISC_REQ_INTEGRITY);
        of = sizes_of(&pair.client);
        for (unsigned i = 0; i < TURNS; i++) {
            message_init(&signed_[i]);
            message_add_pattern(&signed_[i], SECBUFFER_DATA, 100, i);
            message_add(&signed_[i], SECBUFFER_TOKEN, NULL, of.cbMaxSignature);
            assert_status(MakeSignature(&pair.client, 0, &signed_[i].list, 0), SEC_E_OK);
        }
        for (int turn = 0; turn < TURNS; turn++)
            assert_status(
                VerifySignature(&pair.server, &signed_[arrival[turn]].list, 0xffffffff, NULL),
                orders[row].expected[turn]);
        for (int i = 0; i < TURNS; i++)
            message_free(&signed_[i]);
        pair_free(&pair);
    }
}
END_TEST

/* MessageSeqNo is not looked at: the context counts. */
START_TEST(test_sequence_number_ignored)
{
    static const ULONG numbers[] = {0, 5, 5, 0xffffffff, 1};
    struct pair pair;

    open_pair(&pair, &kinds[_i]);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        SecPkgContext_Sizes of = sizes_of(&pair.client);
        struct message message;

        build(&message, &of, 50, 1);
        assert_status(EncryptMessage(&pair.client, 0, &message.list, numbers[i]), SEC_E_OK);
        assert_status(DecryptMessage(&pair.server, &message.list, 77, NULL), SEC_E_OK);
        ck_assert(pattern_matches(message.parts[1].pvBuffer, 50, 1));
        message_free(&message);
    }
    pair_free(&pair);
}
END_TEST

/* --- Altered messages ----------------------------------------------------------------------- */

/* The 16 octets of RFC 4121 4.2.6.2 in front: wrong ones may make no token of it. */
static bool in_header(const struct message *message, ULONG part, ULONG at)
{
    return part == 0 && (enctypes[enctype_row()].pads || at < 16) && message != NULL;
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
                           in_header(&message, part, at), part, at);
            message_check(&message);
            assert_unreadable(&message, 40, 8);
            if (!kind->dce) {
                assert_refused(kind, DecryptMessage(&pair.server, &stream.list, 0, &qop),
                               in_header(&message, part, at), part, at);
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

static Suite *suite(void)
{
    Suite *s = suite_create("messages");
    TCase *all = tcase_create("every kind"), *krb5 = tcase_create("Kerberos"),
          *ntlm = tcase_create("NTLM");

    tcase_add_loop_test(all, test_sizes, 0, KINDS);
    tcase_add_loop_test(all, test_token_shrinks, 0, KINDS);
    tcase_add_loop_test(all, test_too_small, 0, KINDS);
    tcase_add_loop_test(all, test_padding_needed, 0, KINDS);
    tcase_add_loop_test(all, test_token_data, 0, KINDS);
    tcase_add_loop_test(all, test_stream, 0, KINDS);
    tcase_add_loop_test(all, test_several_data, 0, KINDS);
    tcase_add_loop_test(all, test_readonly, 0, KINDS);
    tcase_add_loop_test(all, test_signature, 0, KINDS);
    tcase_add_loop_test(all, test_signature_parts, 0, KINDS);
    tcase_add_loop_test(all, test_signature_altered, 0, KINDS);
    tcase_add_loop_test(all, test_sequence_number_ignored, 0, KINDS);
    tcase_add_loop_test(all, test_shapes, 0, KINDS);
    tcase_add_loop_test(all, test_signature_shapes, 0, KINDS);
    tcase_add_loop_test(all, test_states, 0, KINDS);
    tcase_add_loop_test(all, test_old_names, 0, KINDS);
    tcase_add_test(krb5, test_enctype);
    tcase_add_loop_test(krb5, test_checksum, KERBEROS, NTLM);
    tcase_add_loop_test(krb5, test_no_encrypt, KERBEROS, NTLM);
    tcase_add_loop_test(krb5, test_no_encrypt_altered, KERBEROS, NTLM);
    tcase_add_loop_test(krb5, test_order, KERBEROS, NTLM);
    tcase_add_loop_test(krb5, test_signature_order, KERBEROS, NTLM);
    tcase_add_loop_test(krb5, test_altered, KERBEROS, NTLM);
    tcase_add_loop_test(krb5, test_cut, KERBEROS, NTLM);
    tcase_add_test(krb5, test_no_integrity); /* Kerberos, without DCE */
    tcase_add_loop_test(ntlm, test_ntlm_empty, NTLM, KINDS);
    tcase_add_loop_test(ntlm, test_ntlm_checksum, NTLM, KINDS);
    tcase_add_loop_test(ntlm, test_ntlm_no_encrypt, NTLM, KINDS);
    tcase_add_loop_test(ntlm, test_ntlm_sign_only, NTLM, KINDS);
    tcase_add_loop_test(ntlm, test_no_integrity, NTLM, KINDS);
    tcase_add_loop_test(ntlm, test_ntlm_altered, NTLM * 4, KINDS * 4);
    tcase_add_loop_test(ntlm, test_ntlm_order, NTLM, KINDS);
    tcase_add_loop_test(ntlm, test_ntlm_short, NTLM, KINDS);
    tcase_set_timeout(all, 120);
    tcase_set_timeout(krb5, 120);
    tcase_set_timeout(ntlm, 120);
    suite_add_tcase(s, all);
    suite_add_tcase(s, krb5);
    suite_add_tcase(s, ntlm);
    return s;
}

CHECK_MAIN(suite)
