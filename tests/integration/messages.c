/* SPDX-License-Identifier: MIT */
/*
 * Messages: every layout, every size, both roles, for each mechanism; what is refused, and what a
 * refusal leaves behind. The tests are in messages_*.c.
 */
#include "messages.h"

#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"

/* RFC 4121, 4757, 8009: what the mechanism adds. */
static const struct enctype enctypes[] = {
    {17, 28, 60, 76, 28, false},
    {18, 28, 60, 76, 28, false},
    {19, 32, 64, 80, 32, false},
    {20, 40, 72, 88, 40, false},
    /* The DER length in front of an RC4 token takes one to five octets. */
    {23, 37, 49, 45, 49, true},
};

const struct enctype *messages_enctype(void)
{
    const struct enctype *row = enctypes;

    while (row->enctype != ENCTYPE)
        row++;
    return row;
}

const struct kind kinds[KINDS] = {
    {"Kerberos", "Kerberos", NULL, 0, 0, false, false},
    {"Kerberos DCE", "Kerberos", NULL, ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, false, true},
    {"Negotiate", "Negotiate", NULL, 0, 0, false, false},
    {"Negotiate DCE", "Negotiate", NULL, ISC_REQ_USE_DCE_STYLE, ASC_REQ_USE_DCE_STYLE, false, true},
    {"NTLM", "NTLM", NULL, 0, 0, true, false},
    {"Negotiate to NTLM", "Negotiate", "!kerberos", 0, 0, true, false},
};

const ULONG sizes[SIZES] = {0, 1, 15, 16, 17, 127, 128, 4095, 65536, 1048576};

void open_with(struct pair *pair, const struct kind *kind, ULONG isc)
{
    SEC_WINNT_AUTH_IDENTITY_EXA list = identity_ambient(kind->list);

    pair_init(pair);
    pair->isc = isc | kind->isc;
    pair->asc |= kind->asc;
    pair_acquire(pair, kind->package, kind->list != NULL ? &list : NULL);
    pair_establish(pair);
    ck_assert_str_eq(context_package(&pair->client), kind->ntlm ? "NTLM" : "Kerberos");
}

void open_pair(struct pair *pair, const struct kind *kind)
{
    open_with(pair, kind, PAIR_ISC);
}

SecPkgContext_Sizes sizes_of(CtxtHandle *context)
{
    SecPkgContext_Sizes result;

    assert_status(QueryContextAttributesA(context, SECPKG_ATTR_SIZES, &result), SEC_E_OK);
    return result;
}

void build(struct message *message, const SecPkgContext_Sizes *of, ULONG size, unsigned seed)
{
    message_init(message);
    message_add(message, SECBUFFER_TOKEN, NULL, of->cbSecurityTrailer);
    message_add_pattern(message, SECBUFFER_DATA, size, seed);
    message_add(message, SECBUFFER_PADDING, NULL, of->cbBlockSize);
}

void seal(CtxtHandle *from, struct message *message, ULONG size, unsigned seed)
{
    SecPkgContext_Sizes of = sizes_of(from);

    build(message, &of, size, seed);
    assert_status(EncryptMessage(from, 0, &message->list, 0), SEC_E_OK);
    message_check(message);
}

void stream_of(struct message *stream, const struct message *sealed)
{
    size_t size;
    unsigned char *wire = message_wire(sealed, &size);

    message_init(stream);
    message_add(stream, SECBUFFER_STREAM, wire, (ULONG)size);
    free(wire);
    stream->parts[stream->list.cBuffers++] = (SecBuffer){0, SECBUFFER_DATA, NULL};
}

void assert_in_stream(const struct message *stream, ULONG size, unsigned seed)
{
    const unsigned char *start = stream->memory[0], *at = stream->parts[1].pvBuffer;

    ck_assert_uint_eq(stream->parts[1].cbBuffer, size);
    ck_assert(at >= start && at + size <= start + stream->given[0]);
    ck_assert(pattern_matches(at, size, seed));
    guard_check(start);
}

void assert_unreadable(const struct message *message, ULONG size, unsigned seed)
{
    for (ULONG i = 0; i < message->list.cBuffers; i++)
        if (message->memory[i] != NULL)
            ck_assert_msg(!pattern_remains(message->memory[i], message->given[i], size, seed),
                          "text remains in part %u after: %s", (unsigned)i, sspi_native_error());
}

void ends(struct pair *pair, int turn, CtxtHandle **from, CtxtHandle **to)
{
    *from = turn % 2 == 0 ? &pair->client : &pair->server;
    *to = turn % 2 == 0 ? &pair->server : &pair->client;
}

void converse(struct pair *pair)
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

static Suite *suite(void)
{
    Suite *s = suite_create("messages");
    struct cases cases = {tcase_create("every kind"), tcase_create("Kerberos"),
                          tcase_create("NTLM")};

    layouts_add(&cases);
    signed_add(&cases);
    refused_add(&cases);
    gss_add(&cases);
    suite_add_tcase(s, cases.all);
    suite_add_tcase(s, cases.krb5);
    suite_add_tcase(s, cases.ntlm);
    return s;
}

CHECK_MAIN(suite)
