/* SPDX-License-Identifier: MIT */
/*
 * Contexts of the plugin's mechanisms by MIT's GSS-API: both sides by it, and with a program of
 * SSPI on either side. What both know afterwards, and messages of every form.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define PROTECTED (GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)

/* What a context of each mechanism is, as the test's credentials make it. */
static const struct {
    OM_uint32 initiator, acceptor; /* flags that must be there */
    const char *source;
    bool mic;
} facts[MECH_COUNT] = {
    [MECH_NEGOTIATE] = {PROTECTED | GSS_C_MUTUAL_FLAG, PROTECTED | GSS_C_MUTUAL_FLAG,
                        "alice@LOOPBACK.TEST", true},
    [MECH_CREDSSP] = {PROTECTED | GSS_C_MUTUAL_FLAG, PROTECTED, "alice@LOOPBACK.TEST", false},
    [MECH_TLS] = {PROTECTED | GSS_C_MUTUAL_FLAG, PROTECTED, NULL, false},
};

static struct gss_end initiator, acceptor;

static void ends_ready(enum mech_kind kind)
{
    ends_policy(ALLOW_ALL);
    mech_init(&initiator, kind, false);
    mech_init(&acceptor, kind, true);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
}

static void ends_done(void)
{
    mech_free(&initiator);
    mech_free(&acceptor);
}

/* --- Establishment -------------------------------------------------------------------------- */

static void flags_are(const struct gss_end *end, OM_uint32 wanted)
{
    ck_assert_msg((end->flags & wanted) == wanted, "%s: %#x lacks %#x",
                  end->accepts ? "acceptor" : "initiator", (unsigned)end->flags,
                  (unsigned)(wanted & ~end->flags));
    ck_assert_uint_ne(end->flags & GSS_C_TRANS_FLAG || end->kind != MECH_NEGOTIATE, 0);
}

static void mechanism_is(const struct gss_end *end)
{
    const gss_OID_desc *oid = &mechs[end->kind].oid;

    ck_assert_ptr_nonnull(end->actual);
    ck_assert_uint_eq(end->actual->length, oid->length);
    ck_assert_mem_eq(end->actual->elements, oid->elements, oid->length);
    ck_assert_uint_gt(end->lifetime, 0);
}

/* gss_inquire_context() says what the last leg said. */
static void inquired_is_same(const struct gss_end *end)
{
    gss_name_t source, target;
    OM_uint32 minor, major, lifetime, flags;
    gss_OID mech;
    int local, open;

    major = gss_inquire_context(&minor, end->ctx, &source, &target, &lifetime, &mech, &flags,
                                &local, &open);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(flags & ~GSS_C_PROT_READY_FLAG, end->flags & ~GSS_C_PROT_READY_FLAG);
    ck_assert_int_eq(local, !end->accepts);
    ck_assert_int_eq(open, 1);
    ck_assert_uint_gt(lifetime, 0);
    if (facts[end->kind].source != NULL)
        ck_assert_str_eq(mech_name_text(source), facts[end->kind].source);
    if (!end->accepts)
        ck_assert_ptr_nonnull(strstr(mech_name_text(target), "localhost"));
    gss_release_name(&minor, &source);
    gss_release_name(&minor, &target);
}

START_TEST(gss_both_sides)
{
    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    flags_are(&initiator, facts[_i].initiator);
    flags_are(&acceptor, facts[_i].acceptor);
    mechanism_is(&initiator);
    mechanism_is(&acceptor);
    if (facts[_i].source != NULL)
        ck_assert_str_eq(mech_name_text(acceptor.source), facts[_i].source);
    inquired_is_same(&initiator);
    inquired_is_same(&acceptor);
    mech_message(&initiator, &acceptor, "to the acceptor");
    mech_message(&acceptor, &initiator, "to the initiator");
    ends_done();
}
END_TEST

/* --- Messages ------------------------------------------------------------------------------- */

START_TEST(messages_of_all_sizes)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 1000, 16384, 16385, 100000};
    static char text[100000];
    gss_buffer_desc in = {0, text}, sealed, out;
    OM_uint32 minor, major;
    int conf;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7);
    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    for (int i = 0; i < COUNT(sizes); i++) {
        in.length = sizes[i];
        major = gss_wrap(&minor, initiator.ctx, 1, 0, &in, &conf, &sealed);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        ck_assert_uint_gt(sealed.length, in.length);
        major = gss_unwrap(&minor, acceptor.ctx, &sealed, &out, &conf, NULL);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        ck_assert_uint_eq(out.length, in.length);
        ck_assert_int_eq(in.length == 0 ? 0 : memcmp(out.value, in.value, in.length), 0);
        gss_release_buffer(&minor, &sealed);
        gss_release_buffer(&minor, &out);
    }
    ends_done();
}
END_TEST

/* What gss_wrap_size_limit() promises is kept, and one octet more is too much. */
START_TEST(size_limits)
{
    static const OM_uint32 limits[] = {256, 1000, 4096, 20000, 65536};
    static char text[65536];
    gss_buffer_desc in = {0, text}, sealed;
    OM_uint32 minor, major, most;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    for (int i = 0; i < COUNT(limits); i++) {
        major = gss_wrap_size_limit(&minor, initiator.ctx, 1, 0, limits[i], &most);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        ck_assert_uint_lt(most, limits[i]);
        ck_assert_uint_gt(most, limits[i] - limits[i] / 100 - 200);
        in.length = most;
        major = gss_wrap(&minor, initiator.ctx, 1, 0, &in, NULL, &sealed);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        ck_assert_uint_le(sealed.length, limits[i]);
        gss_release_buffer(&minor, &sealed);
    }
    major = gss_wrap_size_limit(&minor, initiator.ctx, 1, 0, 1, &most);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(most, 0);
    ends_done();
}
END_TEST

START_TEST(signatures)
{
    gss_buffer_desc text = {4, (void *)(uintptr_t) "text"}, other = {4, (void *)(uintptr_t) "Text"};
    gss_buffer_desc token;
    OM_uint32 minor, major;
    gss_qop_t qop;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    major = gss_get_mic(&minor, initiator.ctx, 0, &text, &token);
    if (!facts[_i].mic)
        MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    else {
        MECH_IS(major, minor, GSS_S_COMPLETE);
        major = gss_verify_mic(&minor, acceptor.ctx, &text, &token, &qop);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        major = gss_verify_mic(&minor, acceptor.ctx, &other, &token, &qop);
        MECH_IS(major, minor, GSS_S_BAD_SIG);
        gss_release_buffer(&minor, &token);
    }
    ends_done();
}
END_TEST

/* Header, data, padding and trailer, sealed where they are; read as a stream, and piece by piece.
 */
static void iov_passes(struct gss_end *from, struct gss_end *to, const char *text)
{
    static char space[4096];
    size_t length = strlen(text), at = 0;
    gss_iov_buffer_desc iov[4] = {{GSS_IOV_BUFFER_TYPE_HEADER, {0, NULL}},
                                  {GSS_IOV_BUFFER_TYPE_DATA, {length, NULL}},
                                  {GSS_IOV_BUFFER_TYPE_PADDING, {0, NULL}},
                                  {GSS_IOV_BUFFER_TYPE_TRAILER, {0, NULL}}};
    gss_iov_buffer_desc stream[2] = {{GSS_IOV_BUFFER_TYPE_STREAM, {0, space}},
                                     {GSS_IOV_BUFFER_TYPE_DATA, {0, NULL}}};
    OM_uint32 minor, major;
    int conf;

    major = gss_wrap_iov_length(&minor, from->ctx, 1, 0, &conf, iov, 4);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    for (int i = 0; i < 4; i++) {
        iov[i].buffer.value = space + at;
        at += iov[i].buffer.length;
    }
    ck_assert_uint_lt(at, sizeof(space));
    memcpy(iov[1].buffer.value, text, length);
    major = gss_wrap_iov(&minor, from->ctx, 1, 0, &conf, iov, 4);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_int_ne(memcmp(iov[1].buffer.value, text, length), 0);
    for (int i = 0; i < 4; i++) {
        memmove(space + stream[0].buffer.length, iov[i].buffer.value, iov[i].buffer.length);
        stream[0].buffer.length += iov[i].buffer.length;
    }
    major = gss_unwrap_iov(&minor, to->ctx, &conf, NULL, stream, 2);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(stream[1].buffer.length, length);
    ck_assert_mem_eq(stream[1].buffer.value, text, length);
}

START_TEST(vectors)
{
    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    iov_passes(&initiator, &acceptor, "sealed where it is");
    iov_passes(&acceptor, &initiator, "and the other way");
    mech_message(&initiator, &acceptor, "and as one message after it");
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin contexts");

    mech_begin();
    suite_add(all, gss_both_sides, MECH_COUNT);
    suite_add(all, messages_of_all_sizes, MECH_COUNT);
    suite_add(all, size_limits, MECH_COUNT);
    suite_add(all, signatures, MECH_COUNT);
    suite_add(all, vectors, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
