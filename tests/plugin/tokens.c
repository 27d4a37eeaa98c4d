/* SPDX-License-Identifier: MIT */
/*
 * Tokens that are not as they were sent: every beginning of each, and each with a bit the other
 * way. No harm is done, nobody becomes somebody else, and what fails says why.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define LEGS_MAX 12

/*
 * All of the first token, and of the next a bit of each octet, another place in each; all of all
 * with TOKENS_ALL in the environment, which takes minutes. Under a sanitizer everything takes
 * longer, and a part of them is enough there.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIRST  7
#define STRIDE 61
#else
#define FIRST  1
#define STRIDE 7
#endif

static size_t stride(size_t usual)
{
    return getenv("TOKENS_ALL") == NULL ? usual : 1;
}

static struct gss_end initiator, acceptor;
static char source[256];

/* --- Contexts ------------------------------------------------------------------------------- */

static struct gss_end *sender(int leg)
{
    return leg % 2 == 0 ? &initiator : &acceptor;
}

static struct gss_end *receiver(int leg)
{
    return leg % 2 == 0 ? &acceptor : &initiator;
}

/* Contexts anew, up to where token number leg is on its way; false: there is no such token. */
static bool advance(int leg)
{
    mech_close(&initiator);
    mech_close(&acceptor);
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_CONTINUE_NEEDED);
    for (int i = 0; i < leg; i++) {
        if (sender(i)->token.length == 0)
            return false;
        mech_leg(receiver(i), sender(i)->token.value, sender(i)->token.length);
        ck_assert(!GSS_ERROR(receiver(i)->major));
    }
    return sender(leg)->token.length != 0 && receiver(leg)->major == GSS_S_CONTINUE_NEEDED;
}

/* A token in memory of its own, so that what is read beyond it is found. */
static OM_uint32 deliver(int leg, size_t size)
{
    struct gss_end *to = receiver(leg);
    void *copy = malloc(size + (size == 0));

    if (size != 0)
        memcpy(copy, sender(leg)->token.value, size);
    to->major = GSS_S_CONTINUE_NEEDED;
    if (size != 0 || to->accepts)
        mech_leg(to, copy, size);
    else
        to->major = GSS_S_DEFECTIVE_TOKEN; /* an initiator cannot be told of nothing */
    free(copy);
    return to->major;
}

/* Goes on for as long as both do. */
static void go_on(int leg)
{
    for (leg++; leg < LEGS_MAX && !GSS_ERROR(receiver(leg - 1)->major); leg++) {
        if (sender(leg)->token.length == 0 || receiver(leg)->major != GSS_S_CONTINUE_NEEDED)
            return;
        deliver(leg, sender(leg)->token.length);
    }
}

static void assert_told(const struct gss_end *end)
{
    if (GSS_ERROR(end->major) && end->minor != 0)
        ck_assert_str_ne(mech_minor_text(end->minor), "");
}

/* Who came is who it was, and no flag was won. */
static void assert_harmless(OM_uint32 granted_initiator, OM_uint32 granted_acceptor)
{
    assert_told(&initiator);
    assert_told(&acceptor);
    if (initiator.major == GSS_S_COMPLETE)
        ck_assert_uint_eq(initiator.flags & ~granted_initiator, 0);
    if (acceptor.major != GSS_S_COMPLETE)
        return;
    ck_assert_uint_eq(acceptor.flags & ~granted_acceptor, 0);
    if (acceptor.source != GSS_C_NO_NAME)
        ck_assert_str_eq(mech_name_text(acceptor.source), source);
}

static OM_uint32 granted[2];

static void ends_ready(enum mech_kind kind)
{
    ends_policy(ALLOW_ALL);
    mech_init(&initiator, kind, false);
    mech_init(&acceptor, kind, true);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
    mech_establish(&initiator, &acceptor);
    granted[0] = initiator.flags;
    granted[1] = acceptor.flags;
    snprintf(source, sizeof(source), "%s",
             acceptor.source == GSS_C_NO_NAME ? "" : mech_name_text(acceptor.source));
}

static void ends_done(void)
{
    mech_free(&initiator);
    mech_free(&acceptor);
}

/* --- Tokens of establishment ---------------------------------------------------------------- */

START_TEST(beginnings)
{
    int leg = 0;

    ends_ready(_i);
    for (; leg < LEGS_MAX && advance(leg); leg++) {
        size_t whole = sender(leg)->token.length,
               step = stride(leg == 0 || whole < 200 ? FIRST : STRIDE);

        for (size_t size = 0; size < whole; size += step) {
            ck_assert(advance(leg));
            whole = sender(leg)->token.length;
            ck_assert_msg(deliver(leg, size) != GSS_S_COMPLETE, "token %d, %zu of %zu", leg, size,
                          whole);
            assert_told(receiver(leg));
        }
    }
    ck_assert_int_ge(leg, 2);
    ends_done();
}
END_TEST

START_TEST(flips)
{
    int leg = 0;

    ends_ready(_i);
    for (; leg < LEGS_MAX && advance(leg); leg++) {
        size_t bits = 8 * sender(leg)->token.length, step = stride(leg == 0 ? FIRST : STRIDE);

        for (size_t bit = 0; bit < bits; bit += bit < 512 ? stride(FIRST) : step) {
            ck_assert(advance(leg));
            if (bit / 8 >= sender(leg)->token.length)
                break;
            ((uint8_t *)sender(leg)->token.value)[bit / 8] ^= (uint8_t)(1 << bit % 8);
            deliver(leg, sender(leg)->token.length);
            go_on(leg);
            assert_harmless(granted[0], granted[1]);
        }
    }
    ck_assert_int_ge(leg, 2);
    ends_done();
}
END_TEST

/* --- Messages ------------------------------------------------------------------------------- */

/* What was sealed opens to nothing but what it was. A context may be dead after it has refused. */
static void message_altered(size_t size, size_t bit)
{
    gss_buffer_desc text = {12, (void *)(uintptr_t) "some message"}, sealed, part, out;
    OM_uint32 minor, major;

    if (acceptor.ctx == GSS_C_NO_CONTEXT || initiator.ctx == GSS_C_NO_CONTEXT)
        mech_establish(&initiator, &acceptor);
    major = gss_wrap(&minor, initiator.ctx, 1, 0, &text, NULL, &sealed);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    if (bit < 8 * sealed.length)
        ((uint8_t *)sealed.value)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    part = (gss_buffer_desc){size < sealed.length ? size : sealed.length, malloc(sealed.length)};
    memcpy(part.value, sealed.value, part.length);
    major = gss_unwrap(&minor, acceptor.ctx, &part, &out, NULL, NULL);
    ck_assert_msg(GSS_ERROR(major), "%zu octets, bit %zu: %#x", part.length, bit, (unsigned)major);
    if (minor != 0)
        ck_assert_str_ne(mech_minor_text(minor), "");
    gss_release_buffer(&minor, &sealed);
    free(part.value);
    mech_close(&initiator);
    mech_close(&acceptor);
}

static size_t sealed_size(void)
{
    gss_buffer_desc text = {12, (void *)(uintptr_t) "some message"}, sealed;
    OM_uint32 minor, major = gss_wrap(&minor, initiator.ctx, 1, 0, &text, NULL, &sealed);
    size_t size = sealed.length;

    MECH_IS(major, minor, GSS_S_COMPLETE);
    gss_release_buffer(&minor, &sealed);
    mech_close(&initiator);
    mech_close(&acceptor);
    return size;
}

START_TEST(messages_altered)
{
    size_t size;

    ends_ready(_i);
    size = sealed_size();
    for (size_t part = 0; part < size; part++)
        message_altered(part, SIZE_MAX);
    for (size_t bit = 0; bit < 8 * size; bit += stride(STRIDE))
        message_altered(size, bit);
    ends_done();
}
END_TEST

/* Twice the same, and one that came before another. */
START_TEST(messages_out_of_order)
{
    gss_buffer_desc text = {12, (void *)(uintptr_t) "some message"}, sealed[2], out;
    OM_uint32 minor, major;

    ends_ready(_i);
    for (int i = 0; i < 2; i++) {
        major = gss_wrap(&minor, initiator.ctx, 1, 0, &text, NULL, &sealed[i]);
        MECH_IS(major, minor, GSS_S_COMPLETE);
    }
    major = gss_unwrap(&minor, acceptor.ctx, &sealed[0], &out, NULL, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    gss_release_buffer(&minor, &out);
    major = gss_unwrap(&minor, acceptor.ctx, &sealed[0], &out, NULL, NULL);
    ck_assert_uint_ne(major, GSS_S_COMPLETE);
    gss_release_buffer(&minor, &out);
    for (int i = 0; i < 2; i++)
        gss_release_buffer(&minor, &sealed[i]);
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin tokens");

    mech_begin();
    suite_add(all, beginnings, MECH_COUNT);
    suite_add(all, flips, MECH_COUNT);
    suite_add(all, messages_altered, MECH_COUNT);
    suite_add(all, messages_out_of_order, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
