/* SPDX-License-Identifier: MIT */
/*
 * What an attacker would try on a TLS context: numbers of records that come twice, ends that look
 * like success, and what a peer was believed before it was somebody else.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert/cert.h"
#include "core/handle.h"
#include "lib/certs.h"
#include "lib/check_main.h"
#include "lib/duel.h"
#include "lib/stream.h"
#include "tls/tlspkg.h"

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM"

/* Our client and a bare server. */
struct ends {
    struct stream ours;
    struct bare theirs;
    gnutls_x509_crt_t crt;
};

static void ends_open_with(struct ends *ends, const char *priority, DWORD flags)
{
    static const struct certs_form form = {.name = "CN=localhost", .alt = "dns:localhost"};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwFlags = flags};

    memset(ends, 0, sizeof(*ends));
    ends->crt = certs_make(&form, 0, NULL, 0);
    stream_init(&ends->ours, false);
    bare_open(&ends->theirs, true, priority, NULL, &ends->ours.in);
    ck_assert_int_eq(
        gnutls_certificate_set_x509_key(ends->theirs.x509, &ends->crt, 1, certs_key(0)), 0);
    ck_assert_int_eq(stream_acquire(&ends->ours, &auth), SEC_E_OK);
}

static void ends_open(struct ends *ends)
{
    ends_open_with(ends, TLS12, SCH_CRED_MANUAL_CRED_VALIDATION);
}

static void ends_meet(struct ends *ends)
{
    ends_open(ends);
    ck_assert_int_eq(bare_shake(&ends->theirs, &ends->ours), 0);
    ck_assert_int_eq(ends->ours.status, SEC_E_OK);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->ours);
    bare_close(&ends->theirs);
    gnutls_x509_crt_deinit(ends->crt);
    certs_end();
}

static struct tls_ctx *inside(struct ends *ends)
{
    struct handled *object = handle_pin(&ends->ours.ctx, HANDLE_CONTEXT);

    handle_unpin(object);
    return (struct tls_ctx *)object;
}

/* --- Numbers of records --------------------------------------------------------------------- */

#define HEAD  5U
#define NONCE 8U /* RFC 5288 3 */

/* No nonce is seen twice in what one end has sent with one key. */
static void nonces_check(const struct flow *sent, unsigned least)
{
    const uint8_t *seen[8];
    unsigned count = 0;

    for (size_t at = 0; at < sent->size;) {
        size_t body = (size_t)sent->data[at + 3] << 8 | sent->data[at + 4];

        ck_assert_uint_lt(count, 8);
        ck_assert_uint_le(at + HEAD + body, sent->size);
        seen[count] = sent->data + at + HEAD;
        for (unsigned i = 0; i < count; i++)
            ck_assert_mem_ne(seen[i], seen[count], NONCE);
        count++;
        at += HEAD + body;
    }
    ck_assert_uint_ge(count, least);
}

/* The session has sent its ClientHello: the lanes' count is not the true one any more. */
START_TEST(end_within_a_renegotiation_uses_no_number_twice)
{
    struct ends ends;
    struct flow sent = {NULL, 0, 0};

    ends_meet(&ends);
    ck_assert_int_eq(stream_seal(&ends.ours, "data", 4, false, &sent), SEC_E_OK);
    ck_assert_int_eq(stream_leg(&ends.ours, &sent), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(stream_seal(&ends.ours, "data", 4, false, &sent), SEC_E_INVALID_HANDLE);
    stream_shutdown(&ends.ours, &sent);
    nonces_check(&sent, 3);
    flow_free(&sent);
    ends_part(&ends);
}
END_TEST

/* A thread that was let in before the leg of another has begun gets the lock after it. */
START_TEST(message_that_waited_for_a_leg_is_refused)
{
    struct ends ends;
    struct flow sent = {NULL, 0, 0};
    uint8_t block[128] = {0};
    SecBuffer buffers[] = {{13, SECBUFFER_STREAM_HEADER, block},
                           {4, SECBUFFER_DATA, block + 13},
                           {64, SECBUFFER_STREAM_TRAILER, block + 17},
                           {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc list = {SECBUFFER_VERSION, 4, buffers};
    SecBuffer read[] = {{64, SECBUFFER_DATA, block},
                        {0, SECBUFFER_EMPTY, NULL},
                        {0, SECBUFFER_EMPTY, NULL},
                        {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc reading = {SECBUFFER_VERSION, 4, read};

    ends_meet(&ends);
    ck_assert_int_eq(stream_seal(&ends.ours, "data", 4, false, &sent), SEC_E_OK);
    ck_assert_int_eq(stream_leg(&ends.ours, &sent), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_lt(tlspkg_msg_seal(&inside(&ends)->base, 0, &list, 0), 0);
    ck_assert_int_lt(tlspkg_msg_unseal(&inside(&ends)->base, &reading, 0, NULL), 0);
    ck_assert_uint_eq(read[0].cbBuffer, 64);
    stream_shutdown(&ends.ours, &sent);
    nonces_check(&sent, 3);
    flow_free(&sent);
    ends_part(&ends);
}
END_TEST

/* --- Ends ----------------------------------------------------------------------------------- */

/* close_notify, as a warning and as a fatal alert, is not the end that a handshake should have. */
START_TEST(close_notify_within_the_handshake_is_a_failure)
{
    const uint8_t alert[] = {21, 3, 3, 0, 2, (uint8_t)(1 + _i), 0};
    struct ends ends;
    struct flow sent = {NULL, 0, 0};

    ends_open(&ends);
    ck_assert_int_eq(stream_leg(&ends.ours, &sent), SEC_I_CONTINUE_NEEDED);
    flow_add(&ends.ours.in, alert, sizeof(alert));
    ck_assert_int_lt(stream_leg(&ends.ours, &sent), 0);
    flow_free(&sent);
    ends_part(&ends);
}
END_TEST

/* The legs had memory of the caller's; the one that closes has none, and is given some. */
START_TEST(end_is_allocated_where_it_is_asked_for)
{
    struct ends ends;
    struct flow sent = {NULL, 0, 0};

    ends_meet(&ends);
    inside(&ends)->base.request &= ~(ULONG64)ISC_REQ_ALLOCATE_MEMORY;
    stream_shutdown(&ends.ours, &sent);
    ck_assert_uint_gt(sent.size, HEAD);
    flow_free(&sent);
    ends_part(&ends);
}
END_TEST

/* --- Messages of nothing -------------------------------------------------------------------- */

/* RFC 8446 4: the three octets before a message's body say how long it is. */
static int length_clear(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                        const gnutls_datum_t *message)
{
    (void)session;
    (void)type;
    (void)when;
    if (!incoming)
        memset(message->data - 3, 0, 3);
    return 0;
}

static const struct {
    gnutls_handshake_description_t type;
    const char *priority;
} emptied[] = {
    {GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS, TLS13},
    {GNUTLS_HANDSHAKE_SERVER_HELLO, TLS13},
    {GNUTLS_HANDSHAKE_SERVER_HELLO, TLS12},
};

/* Such a message has no octets to look at, not even the place of one. */
START_TEST(message_without_a_body_leads_nowhere)
{
    struct ends ends;

    ends_open_with(&ends, emptied[_i].priority, SCH_CRED_MANUAL_CRED_VALIDATION);
    gnutls_handshake_set_hook_function(ends.theirs.session, emptied[_i].type, GNUTLS_HOOK_PRE,
                                       length_clear);
    bare_shake(&ends.theirs, &ends.ours);
    ck_assert_int_ne(ends.ours.status, SEC_E_OK); /* or what is left of the body is waited for */
    ends_part(&ends);
}
END_TEST

/* --- What was believed ---------------------------------------------------------------------- */

/*
 * The server asks for a certificate, and another credential comes: its rules are those that count,
 * in TLS 1.2 too, which has shown the server's certificate before.
 */
static const struct second {
    DWORD first_flags, flags;
    const char *target;
    bool known; /* the server's issuer */
    SECURITY_STATUS status;
    bool verified;
} seconds[] = {
    {SCH_CRED_MANUAL_CRED_VALIDATION, 0, "localhost", true, SEC_E_OK, true},
    {SCH_CRED_MANUAL_CRED_VALIDATION, 0, "localhost", false, SEC_E_UNTRUSTED_ROOT, true},
    {SCH_CRED_MANUAL_CRED_VALIDATION, 0, "other.test", true, SEC_E_WRONG_PRINCIPAL, true},
    {SCH_CRED_NO_SERVERNAME_CHECK, 0, "other.test", true, SEC_E_WRONG_PRINCIPAL, true},
    {SCH_CRED_NO_SERVERNAME_CHECK, SCH_CRED_NO_SERVERNAME_CHECK, "other.test", true, SEC_E_OK,
     true},
    {SCH_CRED_MANUAL_CRED_VALIDATION, SCH_CRED_MANUAL_CRED_VALIDATION, "localhost", false, SEC_E_OK,
     false},
};

/* What it keeps is a session of a server that was looked at by its rules, or none that counts. */
static void assert_kept(struct ends *ends, const struct second *second)
{
    const struct tls_ctx *tls = inside(ends);
    struct resume *sessions = ((struct tls_cred *)tls->base.cred)->sessions;
    struct resumable *good, *other;

    ck_assert_int_eq(tls->verified, second->verified);
    good = resume_take(sessions, tls->target, true, 1000);
    other = resume_take(sessions, tls->target, false, 1000);
    ck_assert(second->verified || good == NULL);
    ck_assert(!second->verified || other == NULL);
    resumable_free(good);
    resumable_free(other);
}

START_TEST(second_credential_is_the_one_that_judges)
{
    const struct second *second = &seconds[_i / 2];
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwFlags = second->flags};
    char path[DUEL_PATH];
    struct stream other;
    struct ends ends;

    ends_open_with(&ends, _i % 2 ? TLS13 : TLS12, second->first_flags);
    if (second->known)
        duel_root(ends.crt, path);
    stream_init(&other, false);
    ck_assert_int_eq(stream_acquire(&other, &auth), SEC_E_OK);
    gnutls_certificate_server_set_request(ends.theirs.session, GNUTLS_CERT_REQUEST);
    ends.ours.target = second->target;
    ends.ours.second = &other.cred;
    bare_shake(&ends.theirs, &ends.ours);
    ck_assert_uint_eq(ends.ours.asked, 1);
    ck_assert_int_eq(ends.ours.status, second->status);
    if (second->status == SEC_E_OK)
        assert_kept(&ends, second);
    stream_free(&other);
    ends_part(&ends);
    if (second->known)
        unlink(path);
}
END_TEST

/* A server's credential is none to answer a server with. */
START_TEST(second_credential_is_a_clients)
{
    struct ident ident;
    CredHandle servers;
    struct ends ends;

    ends_open(&ends);
    ident_make(&ident, "CN=Client", IDENT_RSA);
    ident_credential(&servers, true, &ident);
    gnutls_certificate_server_set_request(ends.theirs.session, GNUTLS_CERT_REQUEST);
    ends.ours.second = &servers;
    bare_shake(&ends.theirs, &ends.ours);
    ck_assert_uint_eq(ends.ours.asked, 1);
    ck_assert_int_eq(ends.ours.status, SEC_E_WRONG_CREDENTIAL_HANDLE);
    FreeCredentialsHandle(&servers);
    ident_free(&ident);
    ends_part(&ends);
}
END_TEST

/* RFC 8446 4.6.1: no ticket lives longer than a week. */
START_TEST(no_session_lives_longer_than_a_week)
{
    struct ends ends;
    struct stream other;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwSessionLifespan = 0xfffffffe};
    struct handled *cred;

    ends_open(&ends);
    stream_init(&other, false);
    ck_assert_int_eq(stream_acquire(&other, &auth), SEC_E_OK);
    cred = handle_pin(&other.cred, HANDLE_CREDENTIAL);
    ck_assert_int_eq(((struct tls_cred *)cred)->lifespan, 7 * 24 * 60 * 60);
    handle_unpin(cred);
    stream_free(&other);
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("tls review");
    TCase *tests = tcase_create("all");

    tcase_add_test(tests, end_within_a_renegotiation_uses_no_number_twice);
    tcase_add_test(tests, message_that_waited_for_a_leg_is_refused);
    tcase_add_loop_test(tests, close_notify_within_the_handshake_is_a_failure, 0, 2);
    tcase_add_loop_test(tests, message_without_a_body_leads_nowhere, 0, COUNT(emptied));
    tcase_add_loop_test(tests, second_credential_is_the_one_that_judges, 0, 2 * COUNT(seconds));
    tcase_add_test(tests, second_credential_is_a_clients);
    tcase_add_test(tests, end_is_allocated_where_it_is_asked_for);
    tcase_add_test(tests, no_session_lives_longer_than_a_week);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
