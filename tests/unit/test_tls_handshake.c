/* SPDX-License-Identifier: MIT */
/*
 * Handshakes of every kind: both versions, both kinds of keys, what a client does when it is asked
 * for a certificate, in pieces of every size, against ourselves and against a bare GnuTLS end.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};
static const unsigned keys[] = {IDENT_RSA, IDENT_EC};

/* What the client does about a certificate of its own. */
static const struct answer {
    bool asked;  /* the server asks */
    bool has;    /* the credential has one */
    bool second; /* another credential answers SEC_I_INCOMPLETE_CREDENTIALS */
    ULONG flags;
    unsigned parks; /* times that the call comes back */
    bool shown;     /* the server sees one */
} answers[] = {
    {false, false, false, 0, 0, false},
    {false, true, false, 0, 0, false},
    {true, true, false, 0, 0, true},
    {true, false, true, 0, 1, true},
    {true, false, false, 0, 1, false},
    {true, false, false, ISC_REQ_USE_SUPPLIED_CREDS, 0, false},
    {true, true, false, ISC_REQ_USE_SUPPLIED_CREDS, 0, true},
};

static const size_t chunks[] = {0, 1, 7};

/* --- Two ends of one table row -------------------------------------------------------------- */

struct ends {
    struct ident server_id, client_id;
    struct stream client, server;
    CredHandle second;
    bool has_second;
};

static void client_open(struct ends *ends, DWORD protocols, const struct answer *answer)
{
    stream_init(&ends->client, false);
    ends->client.request |= answer->flags;
    ck_assert_int_eq(
        ident_acquire(&ends->client, protocols, answer->has ? &ends->client_id : NULL, 0),
        SEC_E_OK);
    ends->has_second = answer->second;
    if (answer->second) {
        ident_credential(&ends->second, false, &ends->client_id);
        ends->client.second = &ends->second;
    }
}

static void server_open(struct ends *ends, DWORD protocols, const struct answer *answer)
{
    stream_init(&ends->server, true);
    if (answer->asked)
        ends->server.request |= ASC_REQ_MUTUAL_AUTH;
    ck_assert_int_eq(ident_acquire(&ends->server, protocols, &ends->server_id, 0), SEC_E_OK);
}

static void ends_name(struct ends *ends, unsigned key)
{
    memset(ends, 0, sizeof(*ends));
    ident_make(&ends->server_id, "CN=localhost", key);
    ident_make(&ends->client_id, "CN=client", 1);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->client);
    stream_free(&ends->server);
    if (ends->has_second)
        ck_assert_int_eq(FreeCredentialsHandle(&ends->second), SEC_E_OK);
    ident_free(&ends->server_id);
    ident_free(&ends->client_id);
    certs_end();
}

/* The certificate is this one, or there is none. */
static void cert_is(struct stream *stream, ULONG attribute, const struct ident *ident)
{
    PCCERT_CONTEXT cert = NULL;
    SECURITY_STATUS status = QueryContextAttributesA(&stream->ctx, attribute, &cert);

    if (ident == NULL) {
        ck_assert_int_eq(status, SEC_E_NO_CREDENTIALS);
        return;
    }
    ck_assert_int_eq(status, SEC_E_OK);
    ck_assert_uint_eq(cert->cbCertEncoded, ident->cert->cbCertEncoded);
    ck_assert_mem_eq(cert->pbCertEncoded, ident->cert->pbCertEncoded, cert->cbCertEncoded);
    ck_assert(CertFreeCertificateContext(cert));
}

static void remote_is(struct stream *stream, const struct ident *ident)
{
    cert_is(stream, SECPKG_ATTR_REMOTE_CERT_CONTEXT, ident);
}

static void local_is(struct stream *stream, const struct ident *ident)
{
    cert_is(stream, SECPKG_ATTR_LOCAL_CERT_CONTEXT, ident);
}

static void version_is(struct stream *stream, DWORD version)
{
    SecPkgContext_ConnectionInfo info;

    ck_assert_int_eq(QueryContextAttributesA(&stream->ctx, SECPKG_ATTR_CONNECTION_INFO, &info),
                     SEC_E_OK);
    ck_assert_uint_eq(info.dwProtocol,
                      version & (stream->server ? SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER
                                                : SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT));
}

/* --- Ours on both ends ---------------------------------------------------------------------- */

#define ROWS (COUNT(versions) * COUNT(keys) * COUNT(answers) * COUNT(chunks))

START_TEST(handshakes_with_ourselves)
{
    size_t row = (size_t)_i;
    const struct answer *answer = &answers[row % COUNT(answers)];
    DWORD version = versions[row / COUNT(answers) % COUNT(versions)];
    unsigned key = keys[row / COUNT(answers) / COUNT(versions) % COUNT(keys)];
    size_t chunk = chunks[row / COUNT(answers) / COUNT(versions) / COUNT(keys)];
    struct ends ends;

    ends_name(&ends, key);
    client_open(&ends, version, answer);
    server_open(&ends, version, answer);
    ends.client.chunk = ends.server.chunk = chunk;
    stream_establish(&ends.client, &ends.server);
    ck_assert_uint_eq(ends.client.asked, answer->parks);
    version_is(&ends.client, version);
    version_is(&ends.server, version);
    remote_is(&ends.client, &ends.server_id);
    remote_is(&ends.server, answer->shown ? &ends.client_id : NULL);
    local_is(&ends.server, &ends.server_id);
    local_is(&ends.client, answer->shown ? &ends.client_id : NULL);
    stream_say(&ends.client, &ends.server, "from the client");
    stream_say(&ends.server, &ends.client, "from the server");
    ends_part(&ends);
}
END_TEST

/* --- Against GnuTLS ------------------------------------------------------------------------- */

START_TEST(handshakes_as_client_of_gnutls)
{
    size_t row = (size_t)_i;
    const struct answer *answer = &answers[row % COUNT(answers)];
    DWORD version = versions[row / COUNT(answers) % COUNT(versions)];
    unsigned key = keys[row / COUNT(answers) / COUNT(versions) % COUNT(keys)], count = 0;
    struct ends ends;
    struct bare bare;

    ends_name(&ends, key);
    client_open(&ends, version, answer);
    ends.client.chunk = chunks[row / COUNT(answers) / COUNT(versions) / COUNT(keys)];
    bare_open(&bare, true, ident_priority(version), NULL, &ends.client.in);
    ident_give(&ends.server_id, &bare);
    ident_trust(&ends.client_id, &bare);
    if (answer->asked)
        gnutls_certificate_server_set_request(bare.session, GNUTLS_CERT_REQUEST);
    ck_assert_int_eq(bare_shake(&bare, &ends.client), 0);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_uint_eq(ends.client.asked, answer->parks);
    ck_assert_int_eq(gnutls_certificate_get_peers(bare.session, &count) != NULL && count != 0,
                     answer->shown);
    version_is(&ends.client, version);
    remote_is(&ends.client, &ends.server_id);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

START_TEST(handshakes_as_server_of_gnutls)
{
    size_t row = (size_t)_i;
    const struct answer *answer = &answers[row % 4]; /* what else there is, is about our client */
    DWORD version = versions[row / 4 % COUNT(versions)];
    unsigned key = keys[row / 4 / COUNT(versions) % COUNT(keys)], count = 0;
    struct ends ends;
    struct bare bare;

    ends_name(&ends, key);
    server_open(&ends, version, answer);
    ends.server.chunk = chunks[row / 4 / COUNT(versions) / COUNT(keys)];
    bare_open(&bare, false, ident_priority(version), NULL, &ends.server.in);
    if (answer->has)
        ident_give(&ends.client_id, &bare);
    ck_assert_int_eq(bare_shake(&bare, &ends.server), 0);
    ck_assert_int_eq(ends.server.status, SEC_E_OK);
    remote_is(&ends.server, answer->asked && answer->has ? &ends.client_id : NULL);
    ck_assert_ptr_nonnull(gnutls_certificate_get_peers(bare.session, &count));
    version_is(&ends.server, version);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

/* Each record comes but for its last octet, then with the first octet of the next one. */
START_TEST(records_are_cut_around_their_ends)
{
    static const long around[] = {-1, 1};
    struct ends ends;

    ends_name(&ends, keys[_i % 2]);
    client_open(&ends, versions[_i / 2 % 2], &answers[2]);
    server_open(&ends, versions[_i / 2 % 2], &answers[2]);
    for (unsigned round = 0; round < 1000; round++) {
        struct stream *streams[] = {&ends.client, &ends.server};

        for (unsigned i = 0; i < 2; i++) {
            struct stream *one = streams[i], *other = streams[1 - i];
            size_t length;

            if (one->status == SEC_E_OK || (one->in.size == 0 && (i == 1 || one->ctx_open)))
                continue;
            ck_assert(one->status >= 0 || one->status == SEC_E_INCOMPLETE_MESSAGE);
            length = one->in.size < 5 ? one->in.size
                                      : 5U + (size_t)(one->in.data[3] << 8 | one->in.data[4]);
            length += (size_t)around[_i / 4];
            one->chunk =
                length > one->arrived && length <= one->in.size ? length - one->arrived : 1;
            stream_leg(one, &other->in);
        }
        if (ends.client.status == SEC_E_OK && ends.server.status == SEC_E_OK)
            break;
    }
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_int_eq(ends.server.status, SEC_E_OK);
    stream_say(&ends.client, &ends.server, "whole");
    ends_part(&ends);
}
END_TEST

/* --- A flight in other records -------------------------------------------------------------- */

static const size_t frames[] = {1, 3, 7, 100, 16384};

/* RFC 5246 6.2.1: messages may share a record, and one may be spread over several. */
static void reframe(struct flow *flow, size_t frame)
{
    struct flow messages = {NULL, 0, 0};

    for (size_t at = 0; at < flow->size;) {
        size_t size = (size_t)flow->data[at + 3] << 8 | flow->data[at + 4];

        ck_assert_uint_eq(flow->data[at], 22);
        flow_add(&messages, flow->data + at + 5, size);
        at += 5 + size;
    }
    flow_drop(flow, flow->size);
    for (size_t at = 0; at < messages.size; at += frame) {
        size_t left = messages.size - at, size = left < frame ? left : frame;
        uint8_t head[5] = {22, 3, 3, (uint8_t)(size >> 8), (uint8_t)size};

        flow_add(flow, head, sizeof(head));
        flow_add(flow, messages.data + at, size);
    }
    flow_free(&messages);
}

/* However the server's words are cut, the client is asked once, and waits where it has to. */
START_TEST(server_flight_is_cut_otherwise)
{
    const struct answer *answer = &answers[(size_t)_i % COUNT(answers)];
    struct ends ends;
    struct bare bare;

    ends_name(&ends, IDENT_EC);
    client_open(&ends, SP_PROT_TLS1_2, answer);
    bare_open(&bare, true, ident_priority(SP_PROT_TLS1_2), NULL, &ends.client.in);
    ident_give(&ends.server_id, &bare);
    ident_trust(&ends.client_id, &bare);
    if (answer->asked)
        gnutls_certificate_server_set_request(bare.session, GNUTLS_CERT_REQUEST);
    ck_assert_int_eq(stream_leg(&ends.client, &bare.in), SEC_I_CONTINUE_NEEDED);
    ck_assert_int_eq(gnutls_handshake(bare.session), GNUTLS_E_AGAIN);
    reframe(&ends.client.in, frames[(size_t)_i / COUNT(answers)]);
    ck_assert_int_eq(bare_shake(&bare, &ends.client), 0);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    ck_assert_uint_eq(ends.client.asked, answer->parks);
    remote_is(&ends.client, &ends.server_id);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

/* --- While a certificate is waited for ------------------------------------------------------ */

/* A bare server that asks, and a client that has none: parked. */
static void park(struct ends *ends, struct bare *bare, DWORD version)
{
    ends_name(ends, IDENT_EC);
    client_open(ends, version, &answers[4]);
    bare_open(bare, true, ident_priority(version), NULL, &ends->client.in);
    ident_give(&ends->server_id, bare);
    ident_trust(&ends->client_id, bare);
    ident_trust(&ends->server_id, bare);
    gnutls_certificate_server_set_request(bare->session, GNUTLS_CERT_REQUEST);
    for (unsigned i = 0; i < 10 && ends->client.asked == 0; i++) {
        stream_leg(&ends->client, &bare->in);
        gnutls_handshake(bare->session);
    }
    ck_assert_int_eq(ends->client.status, SEC_I_INCOMPLETE_CREDENTIALS);
}

START_TEST(issuers_are_known_while_parked)
{
    SecPkgContext_IssuerListInfoEx list = {NULL, 0};
    struct ends ends;
    struct bare bare;
    const struct ident *named[2];

    park(&ends, &bare, versions[_i]);
    ck_assert_int_eq(QueryContextAttributesA(&ends.client.ctx, SECPKG_ATTR_ISSUER_LIST_EX, &list),
                     SEC_E_OK);
    named[0] = &ends.client_id;
    named[1] = &ends.server_id;
    ck_assert_uint_eq(list.cIssuers, 2);
    for (unsigned i = 0; i < 2; i++) {
        const CERT_NAME_BLOB *subject = &named[i]->cert->pCertInfo->Subject;

        ck_assert_uint_eq(list.aIssuers[i].cbData, subject->cbData);
        ck_assert_mem_eq(list.aIssuers[i].pbData, subject->pbData, subject->cbData);
    }
    ck_assert_int_eq(FreeContextBuffer(list.aIssuers), SEC_E_OK);
    /* TLS 1.3 asks before it tells who it is (RFC 8446 2), and so does GnuTLS. */
    remote_is(&ends.client, versions[_i] == SP_PROT_TLS1_2 ? &ends.server_id : NULL);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

START_TEST(parked_context_is_deleted)
{
    struct ends ends;
    struct bare bare;

    park(&ends, &bare, versions[_i]);
    stream_close(&ends.client);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

/* The program has no more use for the first credential once it has another. */
START_TEST(first_credential_is_freed_while_parked)
{
    struct ends ends;
    struct bare bare;
    CredHandle second;

    park(&ends, &bare, versions[_i]);
    ident_credential(&second, false, &ends.client_id);
    ck_assert_int_eq(FreeCredentialsHandle(&ends.client.cred), SEC_E_OK);
    ends.client.cred = second;
    ck_assert_int_eq(bare_shake(&bare, &ends.client), 0);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    local_is(&ends.client, &ends.client_id);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

/* The same again with less than it was: more is missing, and nothing is lost. */
START_TEST(parked_input_comes_again_in_pieces)
{
    struct ends ends;
    struct bare bare;
    size_t whole;

    park(&ends, &bare, versions[_i]);
    whole = ends.client.arrived;
    ends.client.arrived = 3;
    ck_assert_int_eq(stream_leg(&ends.client, &bare.in), SEC_E_INCOMPLETE_MESSAGE);
    ends.client.arrived = whole;
    stream_leg(&ends.client, &bare.in);
    ck_assert_int_eq(bare_shake(&bare, &ends.client), 0);
    ck_assert_int_eq(ends.client.status, SEC_E_OK);
    bare_close(&bare);
    ends_part(&ends);
}
END_TEST

/* The rest of a handshake that is parked: the same credential once more, which has none. */
struct rest {
    struct ends ends;
    struct bare bare;
};

static void *go_on(void *argument)
{
    struct rest *rest = argument;

    ck_assert_int_eq(bare_shake(&rest->bare, &rest->ends.client), 0);
    ck_assert_int_eq(rest->ends.client.status, SEC_E_OK);
    return NULL;
}

START_TEST(parked_handshake_goes_on_in_another_thread)
{
    struct rest rest;
    pthread_t thread;

    park(&rest.ends, &rest.bare, versions[_i]);
    ck_assert_int_eq(pthread_create(&thread, NULL, go_on, &rest), 0);
    pthread_join(thread, NULL);
    stream_close(&rest.ends.client);
    bare_close(&rest.bare);
    ends_part(&rest.ends);
}
END_TEST

/* Each on a stack of its own; in another order than they came some go on, and some are given up. */
START_TEST(many_handshakes_are_parked)
{
    struct rest rests[24];

    for (size_t i = 0; i < COUNT(rests); i++)
        park(&rests[i].ends, &rests[i].bare, versions[i % 2]);
    for (size_t i = COUNT(rests); i-- > 0;) {
        if (i % 3 != 0)
            go_on(&rests[i]);
        stream_close(&rests[i].ends.client);
    }
    for (size_t i = 0; i < COUNT(rests); i++) {
        bare_close(&rests[i].bare);
        ends_part(&rests[i].ends);
    }
}
END_TEST

/* --- Threads -------------------------------------------------------------------------------- */

struct racer {
    CredHandle client, server;
    unsigned done;
};

static void *race(void *argument)
{
    struct racer *racer = argument;

    for (unsigned i = 0; i < 8; i++) {
        struct stream client, server;

        stream_init(&client, false);
        stream_init(&server, true);
        client.cred = racer->client;
        server.cred = racer->server;
        if (stream_shake(&client, &server))
            racer->done++;
        stream_close(&client);
        stream_close(&server);
    }
    return NULL;
}

START_TEST(one_credential_serves_two_threads)
{
    struct ident ident;
    struct racer racers[2];
    pthread_t threads[2];

    ident_make(&ident, "CN=localhost", IDENT_EC);
    ident_credential(&racers[0].client, false, NULL);
    ident_credential(&racers[0].server, true, &ident);
    racers[0].done = 0;
    racers[1] = racers[0];
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(racers[0].done + racers[1].done, 16);
    FreeCredentialsHandle(&racers[0].client);
    FreeCredentialsHandle(&racers[0].server);
    ident_free(&ident);
    certs_end();
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS handshakes");
    TCase *tc = tcase_create("tables");

    tcase_add_loop_test(tc, handshakes_with_ourselves, 0, ROWS);
    tcase_add_loop_test(tc, handshakes_as_client_of_gnutls, 0, ROWS);
    tcase_add_loop_test(tc, handshakes_as_server_of_gnutls, 0, ROWS / COUNT(answers) * 4);
    tcase_add_loop_test(tc, records_are_cut_around_their_ends, 0, 8);
    tcase_add_loop_test(tc, server_flight_is_cut_otherwise, 0, COUNT(answers) * COUNT(frames));
    suite_add_tcase(s, tc);
    tc = tcase_create("parked");
    tcase_add_loop_test(tc, issuers_are_known_while_parked, 0, COUNT(versions));
    tcase_add_loop_test(tc, parked_context_is_deleted, 0, COUNT(versions));
    tcase_add_loop_test(tc, first_credential_is_freed_while_parked, 0, COUNT(versions));
    tcase_add_loop_test(tc, parked_input_comes_again_in_pieces, 0, COUNT(versions));
    tcase_add_loop_test(tc, parked_handshake_goes_on_in_another_thread, 0, COUNT(versions));
    tcase_add_test(tc, many_handshakes_are_parked);
    suite_add_tcase(s, tc);
    tc = tcase_create("threads");
    tcase_add_test(tc, one_credential_serves_two_threads);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
