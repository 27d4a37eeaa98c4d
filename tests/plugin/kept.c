/* SPDX-License-Identifier: MIT */
/*
 * What becomes of credentials and contexts of the plugin's mechanisms beyond one another: tickets
 * that are kept, a service that acts for a user by itself, copies, what is said of failures, and
 * how a connection ends.
 */
#include <check.h>
#include <gssapi/gssapi_krb5.h>
#include <schannel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/world.h"

#define CONSTANT(text) ((void *)(uintptr_t)(text))
#define ALICE          "alice@LOOPBACK.TEST"

static struct gss_end initiator, acceptor;

static void ends_ready(enum mech_kind kind, OM_uint32 more)
{
    ends_policy(ALLOW_ALL);
    mech_init(&initiator, kind, false);
    mech_init(&acceptor, kind, true);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
    initiator.request |= more;
    mech_establish(&initiator, &acceptor);
}

static void ends_done(void)
{
    mech_free(&initiator);
    mech_free(&acceptor);
}

static void no_cache(void)
{
    char name[64];

    snprintf(name, sizeof(name), "tmp/absent.%ld", (long)getpid());
    world_ccache(name);
}

/* --- Tickets that are kept ------------------------------------------------------------------ */

static OM_uint32 keep(gss_cred_id_t cred, const char *cache, bool overwrite)
{
    struct mech_store store;
    gss_cred_usage_t usage = GSS_C_BOTH;
    OM_uint32 minor,
        major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, GSS_C_NO_OID, overwrite, 0,
                                    mech_store(&store, "ccache", cache, NULL), NULL, &usage);

    ck_assert(major != GSS_S_COMPLETE || usage == GSS_C_INITIATE);
    return major;
}

/* Another program of hers would go on with that cache. */
static void goes_on_by(const char *cache)
{
    struct gss_end onward, end;
    struct mech_store store;

    mech_init(&onward, MECH_NEGOTIATE, false);
    mech_init(&end, MECH_NEGOTIATE, true);
    mech_acquire_from(&onward, NULL, mech_store(&store, "ccache", cache, "framing", "gss", NULL));
    mech_is(&onward, GSS_S_COMPLETE);
    mech_acquire(&end);
    mech_establish(&onward, &end);
    ck_assert_str_eq(mech_name_text(end.source), ALICE);
    mech_free(&onward);
    mech_free(&end);
}

START_TEST(tickets_kept)
{
    char cache[128];

    snprintf(cache, sizeof(cache), "FILE:%s/tmp/kept.%ld", getenv("WORLD"), (long)getpid());
    ends_ready(MECH_NEGOTIATE, GSS_C_DELEG_FLAG);
    ck_assert_ptr_nonnull(acceptor.delegated);
    no_cache();
    ck_assert_uint_eq(keep(acceptor.delegated, cache, false), GSS_S_COMPLETE);
    ck_assert_uint_eq(keep(acceptor.delegated, cache, false), GSS_S_DUPLICATE_ELEMENT);
    ck_assert_uint_eq(keep(acceptor.delegated, cache, true), GSS_S_COMPLETE);
    goes_on_by(cache);
    ck_assert_uint_eq(keep(acceptor.delegated, "FILE:/nowhere/cache", true), GSS_S_NO_CRED);
    ends_done();
}
END_TEST

/* A password that was handed over stays in memory, and a server's keys are in its keytab. */
START_TEST(nothing_else_kept)
{
    ends_ready(MECH_CREDSSP, GSS_C_DELEG_FLAG);
    ck_assert_ptr_nonnull(acceptor.delegated);
    ck_assert_uint_eq(keep(acceptor.delegated, "MEMORY:kept", true), GSS_S_UNAVAILABLE);
    ck_assert_uint_eq(keep(acceptor.cred, "MEMORY:kept", true), GSS_S_UNAVAILABLE);
    ends_done();
}
END_TEST

/* --- A service acts for a user -------------------------------------------------------------- */

static OM_uint32 impersonate(gss_cred_id_t service, enum mech_kind kind, const char *user,
                             gss_cred_id_t *cred)
{
    gss_OID_set_desc wanted = {1, &mechs[kind].oid};
    gss_buffer_desc text = {strlen(user), CONSTANT(user)};
    gss_name_t name;
    OM_uint32 minor, major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);

    MECH_IS(major, minor, GSS_S_COMPLETE);
    major = gss_acquire_cred_impersonate_name(&minor, service, name, GSS_C_INDEFINITE, &wanted,
                                              GSS_C_INITIATE, cred, NULL, NULL);
    gss_release_name(&minor, &name);
    return major;
}

/* gss_acquire_cred_impersonate_name() has no store to say it in: 10.7 of the plugin's arc. */
static void frame(struct gss_end *end)
{
    unsigned char elements[32];
    gss_OID_desc oid = {mechs[end->kind].oid.length + 1, elements};
    gss_buffer_desc value = {3, CONSTANT("gss")};
    OM_uint32 minor, major;

    memcpy(elements, mechs[end->kind].oid.elements, oid.length - 2);
    elements[oid.length - 2] = 10;
    elements[oid.length - 1] = 7;
    major = gss_set_cred_option(&minor, &end->cred, &oid, &value);
    MECH_IS(major, minor, GSS_S_COMPLETE);
}

/* By the keys of KRB5_CLIENT_KTNAME the process is a service, which asks for a ticket as alice. */
START_TEST(in_the_name_of)
{
    gss_cred_id_t none = GSS_C_NO_CREDENTIAL;
    struct gss_end service, end;
    struct mech_store store;

    no_cache();
    mech_init(&service, MECH_NEGOTIATE, false);
    mech_init(&initiator, MECH_NEGOTIATE, false);
    mech_init(&end, MECH_NEGOTIATE, true);
    mech_acquire_from(&service, NULL, mech_store(&store, "packages", "kerberos", NULL));
    mech_is(&service, GSS_S_COMPLETE);
    ck_assert_uint_eq(impersonate(service.cred, MECH_NEGOTIATE, ALICE, &initiator.cred),
                      GSS_S_COMPLETE);
    /* She is no service for that: what the process has by itself is not hers. */
    ck_assert_uint_eq(impersonate(initiator.cred, MECH_NEGOTIATE, "bob@LOOPBACK.TEST", &none),
                      GSS_S_UNAVAILABLE);
    mech_acquire(&end);
    initiator.target = "host@localhost";
    frame(&initiator);
    mech_establish(&initiator, &end);
    ck_assert_str_eq(mech_name_text(end.source), ALICE);
    mech_free(&service);
    mech_free(&initiator);
    mech_free(&end);
}
END_TEST

/* Who was named by a password or has none of these tickets is no such service. */
START_TEST(nobody_else_acts)
{
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;

    ends_ready(_i, 0);
    ck_assert_uint_eq(impersonate(initiator.cred, (enum mech_kind)_i, ALICE, &cred),
                      GSS_S_UNAVAILABLE);
    ck_assert_ptr_null(cred);
    ends_done();
}
END_TEST

/* --- Copies --------------------------------------------------------------------------------- */

/* The mechglue would take the process's own credential for a copy of one with a password. */
START_TEST(not_copied)
{
    gss_cred_id_t both = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor, major;

    ends_ready(_i, 0);
    major = gss_add_cred(&minor, initiator.cred, GSS_C_NO_NAME, CONSTANT(gss_mech_krb5),
                         GSS_C_INITIATE, 0, 0, &both, NULL, NULL, NULL);
    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    ck_assert_ptr_null(both);
    ends_done();
}
END_TEST

/* --- Sessions ------------------------------------------------------------------------------- */

static bool session_resumed(struct end *end)
{
    SecPkgContext_SessionInfo info;

    ck_assert_int_eq(QueryContextAttributesA(&end->context, SECPKG_ATTR_SESSION_INFO, &info),
                     SEC_E_OK);
    return (info.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

/*
 * A server of SSPI gives out tickets. The certificate is looked at again when one is used: by
 * authorities of the credential it is nobody's of them, and the session does not help.
 */
START_TEST(sessions_taken_up)
{
    static struct end server_end;

    mech_acquire_sspi(&server_end, MECH_TLS, true);
    mech_init(&initiator, MECH_TLS, false);
    initiator.framed = true;
    mech_acquire_trusting(&initiator, "sspi.pem");
    for (int i = 0; i < 2; i++) {
        mech_establish_sspi(&initiator, &server_end);
        ck_assert_int_eq(session_resumed(&server_end), i == 1);
        mech_close(&initiator);
        DeleteSecurityContext(&server_end.context);
        server_end.has_context = false;
        server_end.status = SEC_I_CONTINUE_NEEDED;
        server_end.size = 0;
    }
    gss_release_cred(&initiator.minor, &initiator.cred);
    mech_acquire_trusting(&initiator, "other-ca.pem");
    ck_assert(!mech_shake_sspi(&initiator, &server_end));
    ck_assert(GSS_ERROR(initiator.major));
    mech_free(&initiator);
    end_close(&server_end);
}
END_TEST

/* --- What is said of a failure -------------------------------------------------------------- */

/* The mistakes of a program's author, which no package sees. */
static const struct mistake {
    enum mech_kind kind;
    const char *key, *value, *words;
} mistakes[] = {
    {MECH_TLS, "password", "secret", "sspi-tls has no key password"},
    {MECH_TLS, "certificate", "/nowhere/cert.pem", "/nowhere/cert.pem"},
    {MECH_TLS, "ca", "/nowhere/ca.pem", "/nowhere/ca.pem"},
    {MECH_TLS, "key", "/nowhere/key.pem", "a key without its certificate"},
    {MECH_TLS, "framing", "odd", "framing is \"gss\" or \"raw\""},
    {MECH_NEGOTIATE, "password", "secret", "a password of nobody"},
    {MECH_CREDSSP, "colour", "blue", "sspi-credssp has no key colour"},
};

START_TEST(mistakes_named)
{
    const struct mistake *row = &mistakes[_i];
    struct mech_store store;

    mech_init(&initiator, row->kind, false);
    mech_acquire_from(&initiator, NULL, mech_store(&store, row->key, row->value, NULL));
    ck_assert(GSS_ERROR(initiator.major));
    ck_assert_msg(strstr(mech_minor_text(initiator.minor), row->words) != NULL, "%s",
                  mech_minor_text(initiator.minor));
    ck_assert_ptr_null(strstr(mech_minor_text(initiator.minor), "secret"));
    mech_free(&initiator);
}
END_TEST

/* The text is that of the failure, not of one before. */
START_TEST(each_has_its_own)
{
    struct mech_store store;

    mech_init(&initiator, _i, false);
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_NO_CRED);
    ck_assert_ptr_nonnull(strstr(mech_minor_text(initiator.minor), "acquire one by its OID"));
    mech_acquire_from(&initiator, NULL, mech_store(&store, NULL));
    mech_is(&initiator, GSS_S_NO_CRED);
    ck_assert_ptr_null(strstr(mech_minor_text(initiator.minor), "acquire one by its OID"));
    mech_free(&initiator);
}
END_TEST

/* --- The end of a connection ---------------------------------------------------------------- */

static OM_uint32 unwrap(struct gss_end *end, gss_buffer_t token, const char *want)
{
    gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = gss_unwrap(&minor, end->ctx, token, &message, NULL, NULL);

    if (major == GSS_S_COMPLETE) {
        ck_assert_uint_eq(message.length, strlen(want));
        ck_assert_mem_eq(message.value, want, message.length);
    }
    gss_release_buffer(&minor, &message);
    return major;
}

static void close_with_token(struct gss_end *end, gss_buffer_t token)
{
    OM_uint32 minor, major = gss_delete_sec_context(&minor, &end->ctx, token);

    MECH_IS(major, minor, GSS_S_COMPLETE);
}

START_TEST(told_of_the_end)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major;

    ends_ready(_i, 0);
    close_with_token(&initiator, &token);
    if (_i == MECH_NEGOTIATE) {
        ck_assert_uint_eq(token.length, 0);
    } else {
        major = gss_process_context_token(&minor, acceptor.ctx, &token);
        MECH_IS(major, minor, GSS_S_COMPLETE);
        ck_assert_uint_eq(unwrap(&acceptor, &token, ""), GSS_S_CONTEXT_EXPIRED);
    }
    gss_release_buffer(&minor, &token);
    ends_done();
}
END_TEST

/* A last message and the end in one token: first the one, then the other. */
START_TEST(message_before_the_end)
{
    static const enum mech_kind streams[] = {MECH_TLS, MECH_CREDSSP};
    gss_buffer_desc text = {4, CONSTANT("last")}, message, end, both;
    OM_uint32 minor, major;

    ends_ready(streams[_i], 0);
    major = gss_wrap(&minor, initiator.ctx, 1, GSS_C_QOP_DEFAULT, &text, NULL, &message);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    close_with_token(&initiator, &end);
    both.length = message.length + end.length;
    both.value = malloc(both.length);
    ck_assert_ptr_nonnull(both.value);
    memcpy(both.value, message.value, message.length);
    memcpy((char *)both.value + message.length, end.value, end.length);
    ck_assert_uint_eq(unwrap(&acceptor, &both, "last"), GSS_S_COMPLETE);
    ck_assert_uint_eq(unwrap(&acceptor, &both, ""), GSS_S_CONTEXT_EXPIRED);
    free(both.value);
    gss_release_buffer(&minor, &message);
    gss_release_buffer(&minor, &end);
    ends_done();
}
END_TEST

/* A message is none of the tokens that are for no other call, nor is one of Negotiate's. */
START_TEST(no_message_passes_for_an_end)
{
    gss_buffer_desc text = {4, CONSTANT("text")}, token;
    OM_uint32 minor, major;

    ends_ready(_i, 0);
    major = gss_wrap(&minor, initiator.ctx, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    major = gss_process_context_token(&minor, acceptor.ctx, &token);
    MECH_IS(major, minor, _i == MECH_NEGOTIATE ? GSS_S_UNAVAILABLE : GSS_S_DEFECTIVE_TOKEN);
    gss_release_buffer(&minor, &token);
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin keeping");

    mech_begin();
    suite_add(all, tickets_kept, 1);
    suite_add(all, nothing_else_kept, 1);
    suite_add(all, in_the_name_of, 1);
    suite_add(all, nobody_else_acts, MECH_COUNT);
    suite_add(all, not_copied, MECH_COUNT);
    suite_add(all, sessions_taken_up, 1);
    suite_add(all, mistakes_named, sizeof(mistakes) / sizeof(*mistakes));
    suite_add(all, each_has_its_own, MECH_COUNT);
    suite_add(all, told_of_the_end, MECH_COUNT);
    suite_add(all, message_before_the_end, 2);
    suite_add(all, no_message_passes_for_an_end, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
