/* SPDX-License-Identifier: MIT */
/*
 * Whom a server says that it trusts, and what a credential pardons of what could not be found out
 * about revocation: each flag its own, for each certificate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/check_main.h"
#include "lib/ident.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ROOT_KEY = 1, MIDDLE_KEY, LEAF_KEY };

static void store_add(HCERTSTORE store, gnutls_x509_crt_t crt)
{
    gnutls_datum_t der = certs_der(crt);

    ck_assert(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, der.size,
                                               CERT_STORE_ADD_ALWAYS, NULL));
    gnutls_free(der.data);
}

/* --- Announced names ------------------------------------------------------------------------ */

static unsigned heard;
static char names[4][64];

static int names_hear(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                      gnutls_pcert_st **certs, unsigned *count, gnutls_ocsp_data_st **ocsp,
                      unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags)
{
    (void)session;
    heard = (unsigned)info->nreqs;
    for (unsigned i = 0; i < heard && i < COUNT(names); i++) {
        size_t size = sizeof(names[i]);

        ck_assert_int_eq(gnutls_x509_rdn_get(&info->req_ca_rdn[i], names[i], &size), 0);
    }
    *certs = NULL;
    *count = 0;
    *ocsp = NULL;
    *ocsp_count = 0;
    *key = NULL;
    *flags = 0;
    return 0;
}

/* A server whose credential has these roots, NULL for none, and a bare client that listens. */
static void announce(HCERTSTORE roots, DWORD version, bool older)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~version};
    SCH_CREDENTIALS newer = {.dwVersion = SCH_CREDENTIALS_VERSION,
                             .cCreds = 1,
                             .hRootStore = roots,
                             .cTlsParameters = 1,
                             .pTlsParameters = &parameters};
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .hRootStore = roots};
    struct stream server;
    struct bare client;
    struct ident ident;

    heard = 99;
    ident_make(&ident, "CN=localhost", IDENT_EC);
    newer.paCred = old.paCred = &ident.cert;
    stream_init(&server, true);
    server.request |= ASC_REQ_MUTUAL_AUTH;
    ck_assert_int_eq(stream_acquire(&server, older ? (void *)&old : (void *)&newer), SEC_E_OK);
    bare_open(&client, false, ident_priority(version), NULL, &server.in);
    gnutls_certificate_set_retrieve_function3(client.x509, names_hear);
    ck_assert_int_eq(bare_shake(&client, &server), 0);
    ck_assert_int_eq(server.status, SEC_E_OK);
    stream_free(&server);
    bare_close(&client);
    ident_free(&ident);
}

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

START_TEST(names_of_the_roots_are_announced)
{
    static const struct certs_form first = {.name = "CN=First", .authority = 1},
                                   second = {.name = "CN=Second", .authority = 1};
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    gnutls_x509_crt_t crts[] = {certs_make(&first, 1, NULL, 0), certs_make(&second, 2, NULL, 0)};

    store_add(roots, crts[0]);
    store_add(roots, crts[1]);
    announce(roots, versions[_i / 2], _i == 0);
    ck_assert_uint_eq(heard, 2);
    ck_assert_int_ne(strcmp(names[0], names[1]), 0);
    for (unsigned i = 0; i < 2; i++)
        ck_assert(strcmp(names[i], "CN=First") == 0 || strcmp(names[i], "CN=Second") == 0);
    gnutls_x509_crt_deinit(crts[0]);
    gnutls_x509_crt_deinit(crts[1]);
    CertCloseStore(roots, 0);
    certs_end();
}
END_TEST

START_TEST(no_roots_announce_nobody)
{
    announce(NULL, versions[_i], false);
    ck_assert_uint_eq(heard, 0);
    certs_end();
}
END_TEST

/* 16 KiB is the most; of more, none rather than some. */
START_TEST(too_many_roots_announce_nobody)
{
    HCERTSTORE roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);

    for (unsigned i = 0; i < 16; i++) {
        char name[1100] = "";
        struct certs_form form = {.name = name, .authority = 1};
        gnutls_x509_crt_t crt;

        for (unsigned part = 0; part < 18; part++)
            snprintf(name + strlen(name), sizeof(name) - strlen(name), "%sOU=%02u%050u",
                     part == 0 ? "" : ",", i, part);
        crt = certs_make(&form, 1, NULL, 0);
        store_add(roots, crt);
        gnutls_x509_crt_deinit(crt);
    }
    announce(roots, versions[_i], false);
    ck_assert_uint_eq(heard, 0);
    CertCloseStore(roots, 0);
    certs_end();
}
END_TEST

/* --- Unfit certificates --------------------------------------------------------------------- */

/* The client has a certificate, but of none whom the server names; a second credential has one. */
START_TEST(certificate_of_another_issuer_does_not_do)
{
    static const struct certs_form form = {.name = "CN=Taken", .authority = 1};
    SecPkgContext_IssuerListInfoEx issuers = {NULL, 0};
    struct ident known, unknown;
    gnutls_x509_crt_t taken;
    struct stream client;
    struct bare server;
    CredHandle second;

    ident_make(&known, "CN=Taken", IDENT_EC);
    ident_make(&unknown, "CN=Unknown", 1);
    taken = certs_make(&form, ROOT_KEY, NULL, 0);
    stream_init(&client, false);
    ck_assert_int_eq(ident_acquire(&client, versions[_i % 2], &unknown, 0), SEC_E_OK);
    ident_credential(&second, false, &known);
    client.second = _i / 2 ? &second : NULL;
    bare_open(&server, true, ident_priority(versions[_i % 2]), NULL, &client.in);
    ident_give(&known, &server);
    ck_assert_int_eq(gnutls_certificate_set_x509_trust(server.x509, &taken, 1), 1);
    gnutls_certificate_server_set_request(server.session, GNUTLS_CERT_REQUEST);
    ck_assert_int_eq(bare_shake(&server, &client), 0);
    ck_assert_int_eq(client.status, SEC_E_OK);
    ck_assert_uint_eq(client.asked, 1);
    ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_ISSUER_LIST_EX, &issuers),
                     SEC_E_OK);
    ck_assert_uint_eq(issuers.cIssuers, 1);
    FreeContextBuffer(issuers.aIssuers);
    ck_assert_int_eq(gnutls_certificate_get_peers(server.session, &(unsigned){0}) != NULL, _i / 2);
    stream_free(&client);
    FreeCredentialsHandle(&second);
    bare_close(&server);
    gnutls_x509_crt_deinit(taken);
    ident_free(&known);
    ident_free(&unknown);
    certs_end();
}
END_TEST

/* --- Pardons -------------------------------------------------------------------------------- */

/* Nobody can be asked about the end certificate; about its issuer nobody is named. */
struct chain {
    gnutls_x509_crt_t root, middle, leaf;
};

static void chain_make(struct chain *chain)
{
    static const struct certs_form root = {.name = "CN=Root", .authority = 1},
                                   middle = {.name = "CN=Middle", .authority = 1},
                                   leaf = {.name = "CN=Leaf",
                                           .alt = "dns:localhost",
                                           .ocsp = "http://ocsp.example/"};

    chain->root = certs_make(&root, ROOT_KEY, NULL, 0);
    chain->middle = certs_make(&middle, MIDDLE_KEY, chain->root, ROOT_KEY);
    chain->leaf = certs_make(&leaf, LEAF_KEY, chain->middle, MIDDLE_KEY);
}

static void chain_free(struct chain *chain)
{
    gnutls_x509_crt_deinit(chain->root);
    gnutls_x509_crt_deinit(chain->middle);
    gnutls_x509_crt_deinit(chain->leaf);
}

static void chain_give(const struct chain *chain, struct bare *bare)
{
    gnutls_x509_crt_t list[] = {chain->leaf, chain->middle};

    ck_assert_int_eq(gnutls_certificate_set_x509_key(bare->x509, list, 2, certs_key(LEAF_KEY)), 0);
}

#define UNKNOWN SCH_CRED_IGNORE_NO_REVOCATION_CHECK
#define OFFLINE SCH_CRED_IGNORE_REVOCATION_OFFLINE
#define END     SCH_CRED_REVOCATION_CHECK_END_CERT
#define CHAIN   SCH_CRED_REVOCATION_CHECK_CHAIN
#define MOST    SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT

static const struct {
    DWORD flags;
    SECURITY_STATUS status;
} pardons[] = {
    {0, SEC_E_OK},
    {UNKNOWN | OFFLINE, SEC_E_OK},
    {END, CRYPT_E_REVOCATION_OFFLINE},
    {END | UNKNOWN, CRYPT_E_REVOCATION_OFFLINE},
    {END | OFFLINE, SEC_E_OK},
    {CHAIN, CRYPT_E_REVOCATION_OFFLINE},
    {CHAIN | UNKNOWN, CRYPT_E_REVOCATION_OFFLINE},
    {CHAIN | OFFLINE, CRYPT_E_NO_REVOCATION_CHECK},
    {CHAIN | UNKNOWN | OFFLINE, SEC_E_OK},
    {MOST | UNKNOWN, CRYPT_E_REVOCATION_OFFLINE},
    {MOST | OFFLINE, CRYPT_E_NO_REVOCATION_CHECK},
    {MOST | UNKNOWN | OFFLINE, SEC_E_OK},
};

START_TEST(each_pardon_is_its_own)
{
    struct ident ident;
    struct stream server;
    struct bare client;
    struct chain chain;
    SCH_CREDENTIALS auth = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1, .dwFlags = pardons[_i].flags};

    chain_make(&chain);
    ident_make(&ident, "CN=localhost", IDENT_EC);
    auth.paCred = &ident.cert;
    auth.hRootStore = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    store_add(auth.hRootStore, chain.root);
    stream_init(&server, true);
    server.request |= ASC_REQ_MUTUAL_AUTH;
    ck_assert_int_eq(stream_acquire(&server, &auth), SEC_E_OK);
    CertCloseStore(auth.hRootStore, 0);
    bare_open(&client, false, ident_priority(SP_PROT_TLS1_2), NULL, &server.in);
    chain_give(&chain, &client);
    bare_shake(&client, &server);
    ck_assert_int_eq(server.status, pardons[_i].status);
    stream_free(&server);
    bare_close(&client);
    ident_free(&ident);
    chain_free(&chain);
    certs_end();
}
END_TEST

/* A client's roots are the system's, which is this file. */
static void roots_write(const struct chain *chain, char *name)
{
    gnutls_datum_t pem;
    int number = mkstemp(name);

    ck_assert_int_ge(number, 0);
    ck_assert_int_eq(gnutls_x509_crt_export2(chain->root, GNUTLS_X509_FMT_PEM, &pem), 0);
    ck_assert_int_eq(write(number, pem.data, pem.size), (ssize_t)pem.size);
    close(number);
    setenv("SSPI_CERT_ROOT", name, 1);
    gnutls_free(pem.data);
}

/* What is pardoned about revocation says nothing about a name. */
START_TEST(pardon_does_not_cover_a_missing_name)
{
    static const SECURITY_STATUS results[] = {SEC_E_WRONG_PRINCIPAL, SEC_E_OK};
    char file[] = "/tmp/tls-trust-XXXXXX";
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = CHAIN | UNKNOWN | OFFLINE};
    struct stream client;
    struct bare server;
    struct chain chain;

    chain_make(&chain);
    roots_write(&chain, file);
    stream_init(&client, false);
    client.target = _i == 0 ? NULL : "localhost";
    ck_assert_int_eq(stream_acquire(&client, &auth), SEC_E_OK);
    bare_open(&server, true, ident_priority(SP_PROT_TLS1_2), NULL, &client.in);
    chain_give(&chain, &server);
    bare_shake(&server, &client);
    ck_assert_int_eq(client.status, results[_i]);
    stream_free(&client);
    bare_close(&server);
    chain_free(&chain);
    certs_end();
    unlink(file);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("TLS trust");
    TCase *tests = tcase_create("announced");

    tcase_add_loop_test(tests, names_of_the_roots_are_announced, 0, 3);
    tcase_add_loop_test(tests, no_roots_announce_nobody, 0, 2);
    tcase_add_loop_test(tests, too_many_roots_announce_nobody, 0, 2);
    suite_add_tcase(all, tests);
    tests = tcase_create("unfit");
    tcase_add_loop_test(tests, certificate_of_another_issuer_does_not_do, 0, 4);
    suite_add_tcase(all, tests);
    tests = tcase_create("pardoned");
    tcase_add_loop_test(tests, each_pardon_is_its_own, 0, (int)COUNT(pardons));
    tcase_add_loop_test(tests, pardon_does_not_cover_a_missing_name, 0, 2);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
