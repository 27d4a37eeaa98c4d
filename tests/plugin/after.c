/* SPDX-License-Identifier: MIT */
/*
 * What a context of the plugin's mechanisms is good for besides messages: values by OID, keys,
 * credentials that were handed over, another process.
 */
#include <check.h>
#include <gssapi/gssapi_krb5.h>
#include <schannel.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define CONSTANT(text) ((void *)(uintptr_t)(text))

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

/* --- Values by OID -------------------------------------------------------------------------- */

/* 10.n of the plugin's arc, which is what the mechanisms' OIDs have before their last octet. */
static gss_OID option_oid(enum mech_kind kind, uint8_t number)
{
    static uint8_t elements[32];
    static gss_OID_desc oid;

    oid = (gss_OID_desc){mechs[kind].oid.length + 1, elements};
    memcpy(elements, mechs[kind].oid.elements, oid.length - 2);
    elements[oid.length - 2] = 10;
    elements[oid.length - 1] = number;
    return &oid;
}

static OM_uint32 value_of(const struct gss_end *end, gss_OID oid, gss_buffer_set_t *set)
{
    OM_uint32 minor;

    *set = GSS_C_NO_BUFFER_SET;
    return gss_inquire_sec_context_by_oid(&minor, end->ctx, oid, set);
}

/* A value that is there at both ends: the same or, at least, of octets. */
static void both_have(gss_OID oid, bool same)
{
    gss_buffer_set_t ours, theirs;
    OM_uint32 minor;

    ck_assert_uint_eq(value_of(&initiator, oid, &ours), GSS_S_COMPLETE);
    ck_assert_uint_eq(value_of(&acceptor, oid, &theirs), GSS_S_COMPLETE);
    ck_assert_uint_ge(ours->count, 1);
    ck_assert_uint_gt(ours->elements[0].length, 0);
    if (same) {
        ck_assert_uint_eq(ours->elements[0].length, theirs->elements[0].length);
        ck_assert_mem_eq(ours->elements[0].value, theirs->elements[0].value,
                         ours->elements[0].length);
    }
    gss_release_buffer_set(&minor, &ours);
    gss_release_buffer_set(&minor, &theirs);
}

enum { ASK_KEY = 1, ASK_UNIQUE, ASK_ENDPOINT, ASK_CERTIFICATE, ASK_PACKAGE, FRAMING = 7 };

START_TEST(values_by_oid)
{
    static const char *const packages[MECH_COUNT] = {
        [MECH_NEGOTIATE] = "Kerberos",
        [MECH_TLS] = "Microsoft Unified Security Protocol Provider",
        [MECH_CREDSSP] = "Kerberos"};
    gss_buffer_set_t set;
    OM_uint32 minor;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    if (_i == MECH_TLS) /* it exports keys, but has none to tell */
        ck_assert_uint_eq(value_of(&initiator, option_oid(_i, ASK_KEY), &set), GSS_S_UNAVAILABLE);
    else {
        both_have(option_oid(_i, ASK_KEY), true);
        both_have(CONSTANT(GSS_C_INQ_SSPI_SESSION_KEY), true);
    }
    both_have(option_oid(_i, ASK_PACKAGE), true);
    ck_assert_uint_eq(value_of(&initiator, option_oid(_i, ASK_PACKAGE), &set), GSS_S_COMPLETE);
    ck_assert_uint_eq(set->elements[0].length, strlen(packages[_i]));
    ck_assert_mem_eq(set->elements[0].value, packages[_i], set->elements[0].length);
    gss_release_buffer_set(&minor, &set);
    if (_i != MECH_NEGOTIATE) {
        both_have(option_oid(_i, ASK_ENDPOINT), true);
        ck_assert_uint_eq(value_of(&initiator, option_oid(_i, ASK_CERTIFICATE), &set),
                          GSS_S_COMPLETE);
        gss_release_buffer_set(&minor, &set);
        ck_assert_uint_ne(value_of(&acceptor, option_oid(_i, ASK_CERTIFICATE), &set),
                          GSS_S_COMPLETE);
    }
    ck_assert_uint_eq(value_of(&initiator, option_oid(_i, 99), &set), GSS_S_UNAVAILABLE);
    ends_done();
}
END_TEST

/* --- Keys ----------------------------------------------------------------------------------- */

static void random_of(const struct gss_end *end, int kind, const char *seed, size_t size,
                      gss_buffer_t out)
{
    gss_buffer_desc in = {strlen(seed), CONSTANT(seed)};
    OM_uint32 minor, major = gss_pseudo_random(&minor, end->ctx, kind, &in, (ssize_t)size, out);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(out->length, size);
}

static bool same_octets(const gss_buffer_desc *a, const gss_buffer_desc *b)
{
    return a->length == b->length && memcmp(a->value, b->value, a->length) == 0;
}

START_TEST(pseudo_random)
{
    gss_buffer_desc ours, theirs, other, partial, more;
    OM_uint32 minor;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    random_of(&initiator, GSS_C_PRF_KEY_FULL, "seed", 40, &ours);
    random_of(&acceptor, GSS_C_PRF_KEY_FULL, "seed", 40, &theirs);
    random_of(&acceptor, GSS_C_PRF_KEY_FULL, "Seed", 40, &other);
    random_of(&acceptor, GSS_C_PRF_KEY_PARTIAL, "seed", 40, &partial);
    random_of(&initiator, GSS_C_PRF_KEY_FULL, "", 300, &more);
    ck_assert(same_octets(&ours, &theirs));
    ck_assert(!same_octets(&ours, &other));
    ck_assert(!same_octets(&ours, &partial));
    gss_release_buffer(&minor, &ours);
    gss_release_buffer(&minor, &theirs);
    gss_release_buffer(&minor, &other);
    gss_release_buffer(&minor, &partial);
    gss_release_buffer(&minor, &more);
    ends_done();
}
END_TEST

/* --- Another process ------------------------------------------------------------------------ */

static void exported_is_refused(struct gss_end *end)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_export_sec_context(&minor, &end->ctx, &token);

    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    ck_assert_ptr_nonnull(end->ctx);
}

/* Every prefix of an exported context is refused. */
static void import_is_strict(gss_buffer_t token)
{
    OM_uint32 minor;

    for (size_t size = 0; size < token->length; size++) {
        gss_buffer_desc part = {size, malloc(size + (size == 0))};
        gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;

        memcpy(part.value, token->value, size);
        ck_assert_msg(GSS_ERROR(gss_import_sec_context(&minor, &part, &ctx)), "%zu of %zu", size,
                      token->length);
        ck_assert_ptr_null(ctx);
        free(part.value);
    }
}

START_TEST(another_process)
{
    gss_buffer_desc token;
    OM_uint32 minor, major;
    int status;
    pid_t child;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    if (_i != MECH_NEGOTIATE)
        exported_is_refused(&acceptor);
    else {
        major = gss_export_sec_context(&minor, &acceptor.ctx, &token);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        ck_assert_ptr_null(acceptor.ctx);
        import_is_strict(&token);
        child = fork();
        if (child == 0) {
            major = gss_import_sec_context(&minor, &token, &acceptor.ctx);
            MECH_IS(major, minor, GSS_S_COMPLETE);
            mech_message(&initiator, &acceptor, "to another process");
            _exit(0);
        }
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        gss_release_buffer(&minor, &token);
    }
    ends_done();
}
END_TEST

/* --- Credentials handed over ---------------------------------------------------------------- */

/* The acceptor goes on as the client, to a server of its own, with what it got. */
static void go_on(enum mech_kind kind)
{
    gss_buffer_desc framing = {3, CONSTANT("gss")};
    struct gss_end onward, end;
    OM_uint32 minor, major;

    mech_init(&onward, kind, false);
    mech_init(&end, kind, true);
    mech_acquire(&end);
    onward.cred = acceptor.delegated;
    major = gss_set_cred_option(&minor, &onward.cred, option_oid(kind, FRAMING), &framing);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    onward.target = "host@localhost";
    mech_establish(&onward, &end);
    ck_assert_str_eq(mech_name_text(end.source), "alice@LOOPBACK.TEST");
    mech_message(&onward, &end, "on behalf of the client");
    onward.cred = GSS_C_NO_CREDENTIAL;
    mech_free(&onward);
    mech_free(&end);
}

START_TEST(delegated_is_used)
{
    static const enum mech_kind kinds[] = {MECH_NEGOTIATE, MECH_CREDSSP};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, major;

    ends_ready(kinds[_i]);
    initiator.request |= GSS_C_DELEG_FLAG;
    mech_establish(&initiator, &acceptor);
    ck_assert_uint_ne(initiator.flags & GSS_C_DELEG_FLAG, 0);
    ck_assert_uint_ne(acceptor.flags & GSS_C_DELEG_FLAG, 0);
    ck_assert_ptr_nonnull(acceptor.delegated);
    major = gss_inquire_cred(&minor, acceptor.delegated, &name, NULL, NULL, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_ptr_eq(strstr(mech_name_text(name), "alice"), mech_name_text(name));
    gss_release_name(&minor, &name);
    go_on(kinds[_i]);
    ends_done();
}
END_TEST

/* Taking what was handed over does not end what the program has its thread do. */
START_TEST(thread_acts_for_whom_it_did)
{
    SEC_WINNT_AUTH_IDENTITY_A bob = identity_a("bob", "LOOPBACK", password_of("bob"));
    HANDLE before, after;
    struct pair pair;

    pair_init(&pair);
    pair_acquire(&pair, "Kerberos", &bob);
    pair_establish(&pair);
    ends_ready(MECH_NEGOTIATE);
    initiator.request |= GSS_C_DELEG_FLAG;
    ck_assert_int_eq(ImpersonateSecurityContext(&pair.server), SEC_E_OK);
    ck_assert(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &before));
    mech_establish(&initiator, &acceptor);
    ck_assert_ptr_nonnull(acceptor.delegated);
    ck_assert(OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &after));
    ck_assert_ptr_eq(before, after);
    CloseHandle(before);
    CloseHandle(after);
    ck_assert_int_eq(RevertSecurityContext(&pair.server), SEC_E_OK);
    go_on(MECH_NEGOTIATE);
    ends_done();
    pair_free(&pair);
}
END_TEST

START_TEST(nothing_handed_over_unasked)
{
    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    if (_i != MECH_CREDSSP) /* which is what it is for */
        ck_assert_uint_eq(acceptor.flags & GSS_C_DELEG_FLAG, 0);
    if ((acceptor.flags & GSS_C_DELEG_FLAG) == 0)
        ck_assert_ptr_null(acceptor.delegated);
    ends_done();
}
END_TEST

/* --- Channel bindings ----------------------------------------------------------------------- */

START_TEST(channel_bindings)
{
    struct gss_channel_bindings_struct same = {.application_data = {9, CONSTANT("a channel")}},
                                       other = {.application_data = {9, CONSTANT("A channel")}};

    ends_ready(MECH_NEGOTIATE);
    initiator.bindings = acceptor.bindings = &same;
    mech_establish(&initiator, &acceptor);
    ck_assert_uint_ne(acceptor.flags & GSS_C_CHANNEL_BOUND_FLAG, 0);
    mech_close(&initiator);
    mech_close(&acceptor);
    acceptor.bindings = &other;
    mech_shake(&initiator, &acceptor);
    mech_is(&acceptor, GSS_S_BAD_BINDINGS);
    mech_close(&initiator);
    mech_close(&acceptor);
    initiator.bindings = GSS_C_NO_CHANNEL_BINDINGS; /* nor is one that has none */
    mech_shake(&initiator, &acceptor);
    mech_is(&acceptor, GSS_S_BAD_BINDINGS);
    mech_close(&initiator);
    mech_close(&acceptor);
    initiator.bindings = &same;
    acceptor.bindings = GSS_C_NO_CHANNEL_BINDINGS;
    mech_establish(&initiator, &acceptor);
    ck_assert_uint_eq(acceptor.flags & GSS_C_CHANNEL_BOUND_FLAG, 0);
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin afterwards");

    mech_begin();
    suite_add(all, values_by_oid, MECH_COUNT);
    suite_add(all, pseudo_random, MECH_COUNT);
    suite_add(all, another_process, MECH_COUNT);
    suite_add(all, delegated_is_used, 2);
    suite_add(all, thread_acts_for_whom_it_did, 1);
    suite_add(all, nothing_handed_over_unasked, MECH_COUNT);
    suite_add(all, channel_bindings, 1);
    return all;
}

CHECK_MAIN(suite)
