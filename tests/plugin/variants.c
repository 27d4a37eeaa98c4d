/* SPDX-License-Identifier: MIT */
/*
 * The mechanisms in other ways than the usual one: NTLM alone, clients with certificates, messages
 * in every form that gssapi_ext.h has; and what answers GSS_S_UNAVAILABLE.
 */
#include <check.h>
#include <gssapi/gssapi_krb5.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

#define CONSTANT(text) ((void *)(uintptr_t)(text))

static struct gss_end initiator, acceptor;

static void ends_init(enum mech_kind kind)
{
    ends_policy(ALLOW_ALL);
    mech_init(&initiator, kind, false);
    mech_init(&acceptor, kind, true);
}

static void ends_ready(enum mech_kind kind)
{
    ends_init(kind);
    mech_acquire(&initiator);
    mech_acquire(&acceptor);
}

static void ends_done(void)
{
    mech_free(&initiator);
    mech_free(&acceptor);
}

/* --- NTLM alone ----------------------------------------------------------------------------- */

static void acquire_ntlm(const char *framing)
{
    struct mech_store store;

    ends_init(MECH_NEGOTIATE);
    mech_acquire_from(&initiator, "alice",
                      mech_store(&store, "password", password_of("alice"), "packages", "ntlm",
                                 "framing", framing, NULL));
    mech_is(&initiator, GSS_S_COMPLETE);
    mech_acquire(&acceptor);
}

START_TEST(ntlm_alone)
{
    gss_buffer_desc text = {4, CONSTANT("text")}, token;
    OM_uint32 minor, major;

    acquire_ntlm("gss");
    mech_establish(&initiator, &acceptor);
    ck_assert_ptr_nonnull(strstr(mech_name_text(acceptor.source), "alice"));
    ck_assert_uint_eq(acceptor.flags & GSS_C_MUTUAL_FLAG, 0);
    mech_message(&initiator, &acceptor, "by NTLM");
    mech_message(&acceptor, &initiator, "and back");
    major = gss_get_mic(&minor, initiator.ctx, 0, &text, &token);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    major = gss_verify_mic(&minor, acceptor.ctx, &text, &token, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    gss_release_buffer(&minor, &token);
    ends_done();
}
END_TEST

/* The first token is NTLM's own, as Windows sends it, and a server of SSPI takes all of them. */
START_TEST(ntlm_raw)
{
    acquire_ntlm("raw");
    initiator.framed = false;
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_CONTINUE_NEEDED);
    ck_assert_uint_gt(initiator.token.length, 8);
    ck_assert_mem_eq(initiator.token.value, "NTLMSSP\0", 8);
    mech_close(&initiator);
    mech_acquire_sspi(&server, MECH_NEGOTIATE, true);
    mech_establish_sspi(&initiator, &server);
    end_close(&server);
    ends_done();
}
END_TEST

/* --- Clients with certificates -------------------------------------------------------------- */

static const struct {
    const char *certificate, *key, *ca;
    bool good;
} clients[] = {
    {"client.pem", "client-key.pem", "ca.pem", true},
    {NULL, NULL, "ca.pem", false},
    {"client.pem", "client-key.pem", "other-ca.pem", false},
};

static void acquire_certificates(int row)
{
    struct mech_store store;

    ends_init(MECH_TLS);
    mech_store(&store, "ca", world_file("ca.pem"), NULL);
    if (clients[row].certificate != NULL)
        mech_store(&store, "ca", world_file("ca.pem"), "certificate",
                   world_file(clients[row].certificate), "key", world_file(clients[row].key), NULL);
    mech_acquire_from(&initiator, NULL, &store.set);
    mech_is(&initiator, GSS_S_COMPLETE);
    mech_store(&store, "certificate", world_file("cert.pem"), "key", world_file("key.pem"), "ca",
               world_file(clients[row].ca), NULL);
    mech_acquire_from(&acceptor, NULL, &store.set);
    mech_is(&acceptor, GSS_S_COMPLETE);
}

START_TEST(clients_with_certificates)
{
    acquire_certificates(_i);
    mech_shake(&initiator, &acceptor);
    if (clients[_i].good) {
        mech_is(&acceptor, GSS_S_COMPLETE);
        ck_assert_str_eq(mech_name_text(acceptor.source), "CN=alice");
        ck_assert_uint_eq(acceptor.flags & GSS_C_ANON_FLAG, 0);
        mech_message(&acceptor, &initiator, "to somebody");
    } else {
        ck_assert_msg(GSS_ERROR(acceptor.major), "%#x", (unsigned)acceptor.major);
        ck_assert_uint_ne(acceptor.minor, 0);
        ck_assert_ptr_null(acceptor.source);
    }
    ends_done();
}
END_TEST

START_TEST(nobody_is_anonymous)
{
    ends_ready(MECH_TLS);
    mech_establish(&initiator, &acceptor);
    ck_assert_uint_ne(acceptor.flags & GSS_C_ANON_FLAG, 0);
    ck_assert_uint_ne(initiator.flags & GSS_C_ANON_FLAG, 0);
    ck_assert_str_eq(mech_name_text(acceptor.source), "anonymous");
    ends_done();
}
END_TEST

/* --- Messages ------------------------------------------------------------------------------- */

/* Negotiate signs without sealing if it is asked to; TLS always seals, and says so. */
START_TEST(not_confidential)
{
    gss_buffer_desc text = {9, CONSTANT("in public")}, token, out;
    OM_uint32 minor, major;
    int conf = -1;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    major = gss_wrap(&minor, initiator.ctx, 0, 0, &text, &conf, &token);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, _i != MECH_NEGOTIATE);
    ck_assert_int_eq(memmem(token.value, token.length, text.value, text.length) != NULL,
                     _i == MECH_NEGOTIATE);
    major = gss_unwrap(&minor, acceptor.ctx, &token, &out, &conf, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, _i != MECH_NEGOTIATE);
    gss_release_buffer(&minor, &token);
    gss_release_buffer(&minor, &out);
    major = gss_wrap(&minor, initiator.ctx, 1, 1, &text, &conf, &token);
    MECH_IS(major, minor, GSS_S_BAD_QOP);
    ends_done();
}
END_TEST

/* What the mechglue is to allocate, and parts that are opened where they were sealed. */
START_TEST(vectors_in_parts)
{
    static char data[] = "sealed where it stands";
    const size_t size = sizeof(data) - 1;
    gss_iov_buffer_desc iov[4] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_DATA, {size, data}},
        {GSS_IOV_BUFFER_TYPE_PADDING | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}}};
    OM_uint32 minor, major;
    int conf = 0;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    major = gss_wrap_iov(&minor, initiator.ctx, 1, 0, &conf, iov, 4);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_int_eq(conf, 1);
    ck_assert_mem_ne(data, "sealed where it stands", size);
    ck_assert_uint_gt(iov[0].buffer.length, 0);
    major = gss_unwrap_iov(&minor, acceptor.ctx, &conf, NULL, iov, 4);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(iov[1].buffer.length, size);
    ck_assert_mem_eq(iov[1].buffer.value, "sealed where it stands", size);
    gss_release_iov_buffer(&minor, iov, 4);
    ends_done();
}
END_TEST

/* A stream whose data are wanted in memory of their own; and one that was altered. */
START_TEST(vectors_of_a_stream)
{
    gss_buffer_desc text = {4, CONSTANT("text")}, token;
    gss_iov_buffer_desc iov[2] = {
        {GSS_IOV_BUFFER_TYPE_STREAM, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_DATA | GSS_IOV_BUFFER_FLAG_ALLOCATE, {0, NULL}}};
    OM_uint32 minor, major;

    ends_ready(_i);
    mech_establish(&initiator, &acceptor);
    major = gss_wrap(&minor, initiator.ctx, 1, 0, &text, NULL, &token);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    iov[0].buffer = token;
    major = gss_unwrap_iov(&minor, acceptor.ctx, NULL, NULL, iov, 2);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(iov[1].buffer.length, 4);
    ck_assert_mem_eq(iov[1].buffer.value, "text", 4);
    ck_assert(iov[1].type & GSS_IOV_BUFFER_FLAG_ALLOCATED);
    gss_release_buffer(&minor, &iov[1].buffer);
    iov[1].type = GSS_IOV_BUFFER_TYPE_DATA;
    major = gss_unwrap_iov(&minor, acceptor.ctx, NULL, NULL, iov, 1);
    ck_assert(GSS_ERROR(major));
    ((uint8_t *)token.value)[token.length - 1] ^= 1;
    major = gss_unwrap_iov(&minor, acceptor.ctx, NULL, NULL, iov, 2);
    ck_assert(GSS_ERROR(major));
    gss_release_buffer(&minor, &token);
    ends_done();
}
END_TEST

/* Several records in one token are one message, and a part of one is none. */
START_TEST(records_together)
{
    gss_buffer_desc text = {4, CONSTANT("text")}, tokens[2], both, out;
    OM_uint32 minor, major;

    ends_ready(_i == 0 ? MECH_TLS : MECH_CREDSSP);
    mech_establish(&initiator, &acceptor);
    for (int i = 0; i < 2; i++) {
        major = gss_wrap(&minor, initiator.ctx, 1, 0, &text, NULL, &tokens[i]);
        MECH_IS(major, minor, GSS_S_COMPLETE);
    }
    both.length = tokens[0].length + tokens[1].length;
    both.value = malloc(both.length);
    memcpy(both.value, tokens[0].value, tokens[0].length);
    memcpy((char *)both.value + tokens[0].length, tokens[1].value, tokens[1].length);
    major = gss_unwrap(&minor, acceptor.ctx, &both, &out, NULL, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    ck_assert_uint_eq(out.length, 8);
    ck_assert_mem_eq(out.value, "texttext", 8);
    gss_release_buffer(&minor, &out);
    for (int i = 0; i < 2; i++)
        gss_release_buffer(&minor, &tokens[i]);
    free(both.value);
    ends_done();
}
END_TEST

/* --- What there is not ---------------------------------------------------------------------- */

START_TEST(unavailable)
{
    static gss_OID_desc unknown = {3, CONSTANT("\x2a\x03\x04")};
    gss_buffer_desc value = {4, CONSTANT("text")}, out = GSS_C_EMPTY_BUFFER;
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    gss_cred_id_t copy = GSS_C_NO_CREDENTIAL;
    struct gss_channel_bindings_struct bindings = {.application_data = {4, value.value}};
    OM_uint32 minor, major;

    ends_ready(_i);
    major = gss_export_cred(&minor, initiator.cred, &out);
    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    major = gss_add_cred(&minor, initiator.cred, GSS_C_NO_NAME, CONSTANT(gss_mech_krb5),
                         GSS_C_INITIATE, 0, 0, &copy, NULL, NULL, NULL);
    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    major = gss_inquire_cred_by_oid(&minor, initiator.cred, &unknown, &set);
    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    major = gss_set_cred_option(&minor, &initiator.cred, &unknown, &value);
    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    if (_i != MECH_NEGOTIATE) {
        initiator.bindings = &bindings;
        mech_leg(&initiator, NULL, 0);
        mech_is(&initiator, GSS_S_BAD_BINDINGS);
        initiator.bindings = GSS_C_NO_CHANNEL_BINDINGS;
    }
    mech_establish(&initiator, &acceptor);
    major = gss_set_sec_context_option(&minor, &initiator.ctx, &unknown, &value);
    MECH_IS(major, minor, GSS_S_UNAVAILABLE);
    major = gss_localname(&minor, acceptor.source, &mechs[_i].oid, &out);
    ck_assert(GSS_ERROR(major));
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin variants");

    mech_begin();
    suite_add(all, ntlm_alone, 1);
    suite_add(all, ntlm_raw, 1);
    suite_add(all, clients_with_certificates, COUNT(clients));
    suite_add(all, nobody_is_anonymous, 1);
    suite_add(all, not_confidential, MECH_COUNT);
    suite_add(all, vectors_in_parts, MECH_COUNT);
    suite_add(all, vectors_of_a_stream, MECH_COUNT);
    suite_add(all, records_together, 2);
    suite_add(all, unavailable, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
