/* SPDX-License-Identifier: MIT */
/*
 * Sessions that are taken up again: by whom they may be, how long, and what forbids it (Microsoft,
 * "InitializeSecurityContext (Schannel)", pszTargetName).
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/clock.h"
#include "lib/ident.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

struct creds {
    struct ident ident, client_ident;
    struct stream client, server;
};

static SECURITY_STATUS acquire(struct stream *stream, DWORD version, const struct ident *ident,
                               DWORD flags, DWORD lifespan)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~version};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | flags,
                            .dwSessionLifespan = lifespan,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    PCCERT_CONTEXT cert = ident == NULL ? NULL : ident->cert;

    auth.cCreds = ident != NULL;
    auth.paCred = &cert;
    return stream_acquire(stream, &auth);
}

static void creds_open(struct creds *creds, DWORD version)
{
    memset(creds, 0, sizeof(*creds));
    ident_make(&creds->ident, "CN=localhost", IDENT_EC);
    ident_make(&creds->client_ident, "CN=client", 1);
    stream_init(&creds->client, false);
    stream_init(&creds->server, true);
    ck_assert_int_eq(acquire(&creds->client, version, NULL, 0, 0), SEC_E_OK);
    ck_assert_int_eq(acquire(&creds->server, version, &creds->ident, 0, 0), SEC_E_OK);
}

static void creds_free(struct creds *creds)
{
    stream_free(&creds->client);
    stream_free(&creds->server);
    ident_free(&creds->ident);
    ident_free(&creds->client_ident);
    certs_end();
}

static void renew(struct stream *stream, DWORD version, const struct ident *ident, DWORD flags,
                  DWORD lifespan)
{
    ck_assert_int_eq(FreeCredentialsHandle(&stream->cred), SEC_E_OK);
    ck_assert_int_eq(acquire(stream, version, ident, flags, lifespan), SEC_E_OK);
}

static bool resumed(struct stream *stream)
{
    SecPkgContext_SessionInfo info;

    ck_assert_int_eq(QueryContextAttributesA(&stream->ctx, SECPKG_ATTR_SESSION_INFO, &info),
                     SEC_E_OK);
    return info.dwFlags & SSL_SESSION_RECONNECT;
}

/* A connection, with data both ways so that tickets arrive. True if it went on from another. */
static bool meet(struct creds *creds)
{
    bool again;

    stream_establish(&creds->client, &creds->server);
    again = resumed(&creds->client);
    ck_assert_int_eq(resumed(&creds->server), again);
    stream_say(&creds->server, &creds->client, "tickets come before this");
    stream_say(&creds->client, &creds->server, "and it works");
    return again;
}

static void part(struct creds *creds)
{
    stream_close(&creds->client);
    stream_close(&creds->server);
}

static bool meet_and_part(struct creds *creds)
{
    bool again = meet(creds);

    part(creds);
    return again;
}

/* --- Who may -------------------------------------------------------------------------------- */

START_TEST(same_target_and_credential)
{
    struct creds creds;

    creds_open(&creds, versions[_i]);
    ck_assert(!meet_and_part(&creds));
    for (unsigned i = 0; i < 4; i++) /* as often as one likes */
        ck_assert(meet_and_part(&creds));
    creds.client.target = "elsewhere.example";
    ck_assert(!meet_and_part(&creds));
    ck_assert(meet_and_part(&creds));
    creds.client.target = "localhost";
    ck_assert(meet_and_part(&creds));
    creds.client.target = NULL; /* nobody in particular has no session */
    ck_assert(!meet_and_part(&creds));
    ck_assert(!meet_and_part(&creds));
    creds_free(&creds);
}
END_TEST

START_TEST(another_credential_of_the_client_begins_anew)
{
    struct creds creds;
    CredHandle first, second;

    creds_open(&creds, versions[_i]);
    ck_assert(!meet_and_part(&creds));
    first = creds.client.cred;
    ck_assert_int_eq(acquire(&creds.client, versions[_i], NULL, 0, 0), SEC_E_OK);
    second = creds.client.cred;
    ck_assert(!meet_and_part(&creds));
    creds.client.cred = first;
    ck_assert(meet_and_part(&creds));
    FreeCredentialsHandle(&second);
    creds_free(&creds);
}
END_TEST

/* The ticket of one server credential says nothing to another's. */
START_TEST(another_credential_of_the_server_begins_anew)
{
    struct creds creds;

    creds_open(&creds, versions[_i]);
    ck_assert(!meet_and_part(&creds));
    renew(&creds.server, versions[_i], &creds.ident, 0, 0);
    ck_assert(!meet_and_part(&creds));
    ck_assert(meet_and_part(&creds));
    creds_free(&creds);
}
END_TEST

/* What nobody has looked at is not taken for what was validated, so the server is refused. */
START_TEST(unvalidated_session_is_not_for_who_validates)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~versions[_i]};
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION};
    struct creds creds;

    auth.cTlsParameters = 1;
    auth.pTlsParameters = &parameters;
    creds_open(&creds, versions[_i]);
    FreeCredentialsHandle(&creds.client.cred);
    ck_assert_int_eq(stream_acquire(&creds.client, &auth), SEC_E_OK);
    creds.client.request |= ISC_REQ_MANUAL_CRED_VALIDATION;
    ck_assert(!meet_and_part(&creds));
    ck_assert(meet_and_part(&creds));
    creds.client.request &= ~(ULONG)ISC_REQ_MANUAL_CRED_VALIDATION;
    ck_assert(!stream_shake(&creds.client, &creds.server));
    ck_assert_int_eq(creds.client.status, SEC_E_UNTRUSTED_ROOT);
    creds_free(&creds);
}
END_TEST

/* --- What forbids it ------------------------------------------------------------------------ */

static const struct ban {
    DWORD client_lifespan, server_flags, server_lifespan;
} bans[] = {
    {0xffffffff, 0, 0},
    {0, SCH_CRED_DISABLE_RECONNECTS, 0},
    {0, 0, 0xffffffff},
};

START_TEST(credential_forbids_it)
{
    const struct ban *ban = &bans[_i / 2];
    struct creds creds;

    creds_open(&creds, versions[_i % 2]);
    renew(&creds.client, versions[_i % 2], NULL, 0, ban->client_lifespan);
    renew(&creds.server, versions[_i % 2], &creds.ident, ban->server_flags, ban->server_lifespan);
    for (unsigned i = 0; i < 3; i++)
        ck_assert(!meet_and_part(&creds));
    creds_free(&creds);
}
END_TEST

static void session_token(struct stream *stream, DWORD flags)
{
    SCHANNEL_SESSION_TOKEN token = {SCHANNEL_SESSION, flags};
    SecBuffer buffer = {sizeof(token), SECBUFFER_TOKEN, &token};
    SecBufferDesc list = {SECBUFFER_VERSION, 1, &buffer};

    ck_assert_int_eq(ApplyControlToken(&stream->ctx, &list), SEC_E_OK);
}

START_TEST(token_forbids_it)
{
    struct creds creds;

    creds_open(&creds, versions[_i]);
    ck_assert(!meet(&creds));
    session_token(&creds.client, SSL_SESSION_DISABLE_RECONNECTS);
    part(&creds);
    ck_assert(!meet(&creds));
    session_token(&creds.client, SSL_SESSION_ENABLE_RECONNECTS);
    part(&creds);
    ck_assert(meet_and_part(&creds));
    creds_free(&creds);
}
END_TEST

/* A child has the credential's handle, but it is another process. */
START_TEST(child_begins_anew)
{
    struct creds creds;
    int status;
    pid_t child;

    creds_open(&creds, versions[_i]);
    ck_assert(!meet_and_part(&creds));
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(meet_and_part(&creds) ? 1 : meet_and_part(&creds) ? 2 : 3);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 2); /* at the second time */
    ck_assert(meet_and_part(&creds));         /* the parent has lost nothing */
    creds_free(&creds);
}
END_TEST

static bool empty_a(char *target)
{
    return SslEmptyCacheA(target, 0);
}

static bool empty_w(char *target)
{
    WCHAR wide[64];

    for (size_t i = 0; target != NULL && i <= strlen(target); i++)
        wide[i] = (WCHAR)target[i];
    return SslEmptyCacheW(target == NULL ? NULL : wide, 0);
}

START_TEST(program_empties_the_cache)
{
    bool (*empty)(char *) = _i / 2 ? empty_w : empty_a;
    char here[] = "localhost", there[] = "elsewhere.example", bad[] = "\xff\xfe";
    struct creds creds;

    creds_open(&creds, versions[_i % 2]);
    ck_assert(!meet_and_part(&creds));
    ck_assert(empty(there));
    ck_assert(meet_and_part(&creds)); /* it is another's that went */
    ck_assert(empty(here));
    ck_assert(!meet_and_part(&creds));
    ck_assert(meet_and_part(&creds));
    ck_assert(empty(NULL));
    ck_assert(!meet_and_part(&creds));
    ck_assert(meet_and_part(&creds));
    ck_assert(!SslEmptyCacheA(bad, 0));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert(meet_and_part(&creds));
    creds_free(&creds);
    ck_assert(empty(NULL)); /* nothing is there */
}
END_TEST

/* A client that is not ours, and goes on from *session; *session becomes that of this connection.
 */
static bool bare_resumes(struct creds *creds, DWORD version, gnutls_datum_t *session)
{
    struct bare bare;
    char octet;
    bool again;

    bare_open(&bare, false, ident_priority(version), NULL, &creds->server.in);
    if (session->data != NULL)
        ck_assert_int_eq(gnutls_session_set_data(bare.session, session->data, session->size), 0);
    gnutls_free(session->data);
    ck_assert_int_eq(bare_shake(&bare, &creds->server), 0);
    ck_assert_int_eq(creds->server.status, SEC_E_OK);
    ck_assert_int_eq(stream_seal(&creds->server, "x", 1, false, &bare.in), SEC_E_OK);
    while (gnutls_record_recv(bare.session, &octet, 1) == GNUTLS_E_AGAIN)
        ck_assert_uint_gt(bare.in.size, 0);
    ck_assert_int_eq(gnutls_session_get_data2(bare.session, session), 0);
    again = gnutls_session_is_resumed(bare.session);
    ck_assert_int_eq(resumed(&creds->server), again);
    bare_close(&bare);
    stream_close(&creds->server);
    return again;
}

/* What a server has given out knows no name: it goes with all. */
START_TEST(tickets_go_with_the_whole_cache)
{
    gnutls_datum_t session = {NULL, 0};
    char here[] = "localhost";
    struct creds creds;

    creds_open(&creds, versions[_i]);
    ck_assert(!bare_resumes(&creds, versions[_i], &session));
    ck_assert(bare_resumes(&creds, versions[_i], &session));
    ck_assert(SslEmptyCacheA(here, 0));
    ck_assert(bare_resumes(&creds, versions[_i], &session));
    ck_assert(SslEmptyCacheA(NULL, 0));
    ck_assert(!bare_resumes(&creds, versions[_i], &session));
    ck_assert(bare_resumes(&creds, versions[_i], &session));
    gnutls_free(session.data);
    creds_free(&creds);
}
END_TEST

/* Seconds that pass, of a lifespan in ms. */
static const struct age {
    DWORD lifespan;
    long seconds;
    bool resumed;
} ages[] = {
    {60000, 30, true}, {60000, 70, false}, {0, 3600, true}, {0, 36100, false}, {60000, -30, false},
};

START_TEST(session_lives_so_long)
{
    const struct age *age = &ages[_i / 2];
    struct creds creds;

    creds_open(&creds, versions[_i % 2]);
    renew(&creds.client, versions[_i % 2], NULL, 0, age->lifespan);
    ck_assert(!meet_and_part(&creds));
    clock_shift(age->seconds);
    ck_assert_int_eq(meet_and_part(&creds), age->resumed);
    clock_shift(0);
    creds_free(&creds);
}
END_TEST

START_TEST(ticket_lives_so_long)
{
    struct creds creds;

    creds_open(&creds, versions[_i % 2]);
    renew(&creds.server, versions[_i % 2], &creds.ident, 0, 60000);
    ck_assert(!meet_and_part(&creds));
    clock_shift(_i / 2 ? 70 : 30);
    ck_assert_int_eq(meet_and_part(&creds), _i / 2 == 0);
    clock_shift(0);
    creds_free(&creds);
}
END_TEST

/* --- Certificates of clients ---------------------------------------------------------------- */

static bool client_is_known(struct creds *creds)
{
    PCCERT_CONTEXT cert = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesA(&creds->server.ctx, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &cert);

    if (status != SEC_E_OK) {
        ck_assert_int_eq(status, SEC_E_NO_CREDENTIALS);
        return false;
    }
    ck_assert_uint_eq(cert->cbCertEncoded, creds->client_ident.cert->cbCertEncoded);
    CertFreeCertificateContext(cert);
    return true;
}

/* A ticket without a certificate opens nothing where one is asked for; one with it keeps it. */
START_TEST(ticket_without_certificate)
{
    struct creds creds;

    creds_open(&creds, versions[_i]);
    renew(&creds.client, versions[_i], &creds.client_ident, 0, 0);
    ck_assert(!meet(&creds));
    ck_assert(!client_is_known(&creds));
    part(&creds);
    creds.server.request |= ASC_REQ_MUTUAL_AUTH;
    ck_assert(!meet(&creds));
    ck_assert(client_is_known(&creds));
    part(&creds);
    ck_assert(meet(&creds));
    ck_assert(client_is_known(&creds));
    part(&creds);
    creds_free(&creds);
}
END_TEST

/* And one with it is sealed with another key than where nobody asks. */
START_TEST(ticket_with_certificate)
{
    struct creds creds;

    creds_open(&creds, versions[_i]);
    renew(&creds.client, versions[_i], &creds.client_ident, 0, 0);
    creds.server.request |= ASC_REQ_MUTUAL_AUTH;
    ck_assert(!meet(&creds));
    ck_assert(client_is_known(&creds));
    part(&creds);
    creds.server.request &= ~(ULONG)ASC_REQ_MUTUAL_AUTH;
    ck_assert(!meet(&creds));
    ck_assert(!client_is_known(&creds));
    part(&creds);
    creds_free(&creds);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS sessions");
    TCase *tc = tcase_create("sessions");

    tcase_add_loop_test(tc, same_target_and_credential, 0, 2);
    tcase_add_loop_test(tc, another_credential_of_the_client_begins_anew, 0, 2);
    tcase_add_loop_test(tc, another_credential_of_the_server_begins_anew, 0, 2);
    tcase_add_loop_test(tc, unvalidated_session_is_not_for_who_validates, 0, 2);
    tcase_add_loop_test(tc, credential_forbids_it, 0, 2 * COUNT(bans));
    tcase_add_loop_test(tc, token_forbids_it, 0, 2);
    tcase_add_loop_test(tc, child_begins_anew, 0, COUNT(versions));
    tcase_add_loop_test(tc, program_empties_the_cache, 0, 4);
    tcase_add_loop_test(tc, tickets_go_with_the_whole_cache, 0, COUNT(versions));
    tcase_add_loop_test(tc, session_lives_so_long, 0, 2 * COUNT(ages));
    tcase_add_loop_test(tc, ticket_lives_so_long, 0, 4);
    tcase_add_loop_test(tc, ticket_without_certificate, 0, 2);
    tcase_add_loop_test(tc, ticket_with_certificate, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
