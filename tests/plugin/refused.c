/* SPDX-License-Identifier: MIT */
/*
 * What the plugin's mechanisms refuse, and how a GSS-API program learns why: the major, the minor,
 * which is the package's own status, and its text.
 */
#include <check.h>
#include <sspi_linux.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/mech.h"
#include "lib/pair.h"
#include "lib/world.h"

static struct gss_end initiator, acceptor;

static void ends_init(enum mech_kind kind)
{
    ends_policy(ALLOW_ALL);
    mech_init(&initiator, kind, false);
    mech_init(&acceptor, kind, true);
}

static void ends_done(void)
{
    mech_free(&initiator);
    mech_free(&acceptor);
}

/* The minor is the status, and its text begins with the status's name or tells it otherwise. */
static void why_is(const struct gss_end *end, OM_uint32 major, SECURITY_STATUS status)
{
    mech_is(end, major);
    ck_assert_msg((SECURITY_STATUS)end->minor == status, "%#x instead of %#x (%s): %s",
                  (unsigned)end->minor, (unsigned)status, sspi_status_name(status),
                  mech_minor_text(end->minor));
    ck_assert_msg(strstr(mech_minor_text(end->minor), sspi_status_name(status)) != NULL,
                  "no %s in '%s'", sspi_status_name(status), mech_minor_text(end->minor));
}

/* --- Without a credential of its own -------------------------------------------------------- */

START_TEST(nothing_without_a_credential)
{
    ends_init(_i);
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_NO_CRED);
    ck_assert_ptr_null(initiator.ctx);
    ck_assert_uint_eq(initiator.token.length, 0);
    initiator.framed = true;
    mech_acquire(&initiator);
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_CONTINUE_NEEDED);
    mech_leg(&acceptor, initiator.token.value, initiator.token.length);
    mech_is(&acceptor, GSS_S_NO_CRED);
    ck_assert_ptr_null(acceptor.ctx);
    ends_done();
}
END_TEST

/*
 * The mechglue numbers minors for the whole process: the same status of a second mechanism is
 * another number, but has its text.
 */
START_TEST(one_status_of_all)
{
    for (int i = 0; i < MECH_COUNT; i++) {
        ends_init(i);
        mech_leg(&initiator, NULL, 0);
        if (i == 0)
            why_is(&initiator, GSS_S_NO_CRED, SEC_E_NO_CREDENTIALS);
        mech_is(&initiator, GSS_S_NO_CRED);
        ck_assert_ptr_nonnull(strstr(mech_minor_text(initiator.minor), "SEC_E_NO_CREDENTIALS"));
        ends_done();
    }
}
END_TEST

/* A credential of another mechanism is none: the ambient one is not taken in its place. */
START_TEST(nothing_with_another_mechanism_s)
{
    static gss_OID_desc krb5 = {9, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
    gss_OID_set_desc wanted = {1, &krb5};
    OM_uint32 minor, major;

    ends_init(_i);
    major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &wanted, GSS_C_INITIATE, &initiator.cred,
                             NULL, NULL);
    MECH_IS(major, minor, GSS_S_COMPLETE);
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_NO_CRED);
    ends_done();
}
END_TEST

START_TEST(no_default_credential)
{
    ends_init(_i);
    ck_assert_uint_ne(mech_acquire_from(&initiator, NULL, GSS_C_NO_CRED_STORE), GSS_S_COMPLETE);
    ck_assert_ptr_null(initiator.cred);
    ck_assert_uint_ne(mech_acquire_from(&acceptor, NULL, GSS_C_NO_CRED_STORE), GSS_S_COMPLETE);
    ck_assert_ptr_null(acceptor.cred);
    ends_done();
}
END_TEST

/* --- Secrets and certificates --------------------------------------------------------------- */

static const struct {
    enum mech_kind kind;
    const char *user;
} logons[] = {
    {MECH_NEGOTIATE, "alice"},
    {MECH_NEGOTIATE, "nobody"},
    {MECH_CREDSSP, "alice"},
    {MECH_CREDSSP, "nobody"},
};

START_TEST(wrong_passwords)
{
    struct mech_store store;

    ends_init(logons[_i].kind);
    mech_store(&store, "password", "not the password", NULL);
    if (logons[_i].kind == MECH_CREDSSP)
        mech_store(&store, "password", "not the password", "ca", world_file("ca.pem"), NULL);
    mech_acquire_from(&initiator, logons[_i].user, &store.set);
    mech_is(&initiator, GSS_S_COMPLETE);
    mech_acquire(&acceptor);
    ck_assert(!mech_shake(&initiator, &acceptor));
    ck_assert(GSS_ERROR(initiator.major));
    why_is(&initiator, GSS_S_DEFECTIVE_CREDENTIAL, SEC_E_LOGON_DENIED);
    ck_assert_uint_ne(acceptor.major, GSS_S_COMPLETE);
    ends_done();
}
END_TEST

static const struct {
    const char *certificate, *ca;
    SECURITY_STATUS status;
} certificates[] = {
    {"cert.pem", "ca.pem", SEC_E_OK},
    {"cert.pem", "other-ca.pem", SEC_E_UNTRUSTED_ROOT},
    {"stale.pem", "ca.pem", SEC_E_CERT_EXPIRED},
    {"elsewhere.pem", "ca.pem", SEC_E_WRONG_PRINCIPAL},
};

static void certificate_try(enum mech_kind kind, int row)
{
    struct mech_store store;

    ends_init(kind);
    mech_acquire_trusting(&initiator, certificates[row].ca);
    mech_store(&store, "certificate", world_file(certificates[row].certificate), "key",
               world_file("key.pem"), "keytab", world_file("service.keytab"), NULL);
    if (kind == MECH_TLS)
        store.set.count = 2;
    mech_acquire_from(&acceptor, NULL, &store.set);
    mech_is(&acceptor, GSS_S_COMPLETE);
    mech_shake(&initiator, &acceptor);
    if (certificates[row].status == SEC_E_OK)
        mech_is(&initiator, GSS_S_COMPLETE);
    else {
        ck_assert(GSS_ERROR(initiator.major));
        why_is(&initiator, initiator.major, certificates[row].status);
        ck_assert_uint_ne(acceptor.major, GSS_S_COMPLETE);
    }
    ends_done();
}

START_TEST(bad_certificates_of_tls)
{
    certificate_try(MECH_TLS, _i);
}
END_TEST

START_TEST(bad_certificates_of_credssp)
{
    certificate_try(MECH_CREDSSP, _i);
}
END_TEST

/* --- Credential stores ---------------------------------------------------------------------- */

static const struct {
    enum mech_kind kind;
    bool accepts;
    const char *pairs[6]; /* values that begin with @ are files of the world */
} stores[] = {
    {MECH_NEGOTIATE, false, {"pasword", "secret"}},
    {MECH_NEGOTIATE, false, {"password", "secret", "certificate", "@cert.pem"}},
    {MECH_NEGOTIATE, false, {"password", "secret", "password", "other"}},
    {MECH_NEGOTIATE, false, {"password", "secret", "framing", "sometimes"}},
    {MECH_NEGOTIATE, false, {"password", "secret", "packages", "digest"}},
    {MECH_NEGOTIATE, true, {"password", "secret"}},
    {MECH_TLS, false, {"password", "secret"}},
    {MECH_TLS, false, {"ca", "@nothing"}},
    {MECH_TLS, false, {"ca", "@key.pem"}},
    {MECH_TLS, true, {"certificate", "@cert.pem"}},
    {MECH_TLS, true, {"certificate", "@cert.pem", "key", "@client-key.pem"}},
    {MECH_TLS, true, {"certificate", "@nothing", "key", "@key.pem"}},
    {MECH_TLS, true, {"ca", "@ca.pem"}},
    {MECH_CREDSSP, true, {"keytab", "@service.keytab"}},
    {MECH_CREDSSP, false, {"password", "secret", "ca", "@nothing"}},
};

START_TEST(stores_refused)
{
    struct mech_store store = {.set = {0, store.elements}};
    const char *const *pair = stores[_i].pairs;

    for (; pair[0] != NULL; pair += 2)
        store.elements[store.set.count++] = (gss_key_value_element_desc){
            pair[0], pair[1][0] == '@' ? world_file(pair[1] + 1) : pair[1]};
    ends_init(stores[_i].kind);
    initiator.accepts = stores[_i].accepts;
    mech_acquire_from(
        &initiator, stores[_i].accepts || stores[_i].kind == MECH_TLS ? NULL : "alice", &store.set);
    ck_assert(GSS_ERROR(initiator.major));
    ck_assert_uint_ne(initiator.minor, 0);
    ck_assert_str_ne(mech_minor_text(initiator.minor), "");
    ck_assert_ptr_null(initiator.cred);
    ends_done();
}
END_TEST

/* A credential that is for other targets is not for this one. */
START_TEST(targets_of_the_policy)
{
    static const struct {
        const char *policy;
        bool good;
    } policies[] = {{"HTTP/localhost", true},
                    {"HTTP/*", true},
                    {"*", true},
                    {"host/localhost", false},
                    {"HTTP/elsewhere.test", false}};
    struct mech_store store;

    for (int i = 0; i < COUNT(policies); i++) {
        ends_init(_i);
        mech_store(&store, "target_policy", policies[i].policy, "framing", "gss",
                   _i == MECH_TLS ? "ca" : "password",
                   _i == MECH_TLS ? world_file("ca.pem") : password_of("alice"), NULL);
        mech_acquire_from(&initiator, _i == MECH_TLS ? NULL : "alice", &store.set);
        mech_is(&initiator, GSS_S_COMPLETE);
        mech_leg(&initiator, NULL, 0);
        ck_assert_msg(GSS_ERROR(initiator.major) == (policies[i].good ? 0 : initiator.major),
                      "%s: %#x", policies[i].policy, (unsigned)initiator.major);
        ends_done();
    }
}
END_TEST

/* --- Contexts in the wrong state ------------------------------------------------------------ */

START_TEST(nothing_on_half_a_context)
{
    gss_buffer_desc text = {4, (void *)(uintptr_t) "text"}, out = GSS_C_EMPTY_BUFFER;
    gss_iov_buffer_desc iov[2] = {{GSS_IOV_BUFFER_TYPE_HEADER, {0, NULL}},
                                  {GSS_IOV_BUFFER_TYPE_DATA, {4, text.value}}};
    OM_uint32 minor, major, number;

    ends_init(_i);
    mech_acquire(&initiator);
    mech_leg(&initiator, NULL, 0);
    mech_is(&initiator, GSS_S_CONTINUE_NEEDED);
    major = gss_wrap(&minor, initiator.ctx, 1, 0, &text, NULL, &out);
    MECH_IS(major, minor, GSS_S_NO_CONTEXT);
    major = gss_unwrap(&minor, initiator.ctx, &text, &out, NULL, NULL);
    MECH_IS(major, minor, GSS_S_NO_CONTEXT);
    major = gss_wrap_size_limit(&minor, initiator.ctx, 1, 0, 1000, &number);
    MECH_IS(major, minor, GSS_S_NO_CONTEXT);
    major = gss_wrap_iov_length(&minor, initiator.ctx, 1, 0, NULL, iov, 2);
    MECH_IS(major, minor, GSS_S_NO_CONTEXT);
    major = gss_pseudo_random(&minor, initiator.ctx, GSS_C_PRF_KEY_FULL, &text, 16, &out);
    ck_assert(major == GSS_S_NO_CONTEXT || major == GSS_S_UNAVAILABLE);
    major = gss_context_time(&minor, initiator.ctx, &number);
    MECH_IS(major, minor, GSS_S_NO_CONTEXT);
    major = gss_export_sec_context(&minor, &initiator.ctx, &out);
    ck_assert(major == GSS_S_NO_CONTEXT || major == GSS_S_UNAVAILABLE);
    ck_assert_ptr_nonnull(initiator.ctx);
    ends_done();
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("plugin refusals");

    mech_begin();
    suite_add(all, nothing_without_a_credential, MECH_COUNT);
    suite_add(all, one_status_of_all, 1);
    suite_add(all, nothing_with_another_mechanism_s, MECH_COUNT);
    suite_add(all, no_default_credential, MECH_COUNT);
    suite_add(all, wrong_passwords, COUNT(logons));
    suite_add(all, bad_certificates_of_tls, COUNT(certificates));
    suite_add(all, bad_certificates_of_credssp, COUNT(certificates));
    suite_add(all, stores_refused, COUNT(stores));
    suite_add(all, targets_of_the_policy, MECH_COUNT);
    suite_add(all, nothing_on_half_a_context, MECH_COUNT);
    return all;
}

CHECK_MAIN(suite)
