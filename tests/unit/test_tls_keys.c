/* SPDX-License-Identifier: MIT */
/*
 * Certificates with keys of every kind, of servers and of clients, signed for by GnuTLS and, where
 * the user wishes it, by libcrypto (SSPI_SCHANNEL).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cert/cert.h"
#include "lib/check_main.h"
#include "lib/duel.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define V12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define V13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* --- Keys ----------------------------------------------------------------------------------- */

enum { RSA, RSA_PSS, P256, P384, P521, ED25519, ED448, KINDS };

static const struct kind {
    gnutls_pk_algorithm_t algorithm;
    unsigned bits;
    gnutls_digest_algorithm_t digest; /* of its own certificate's signature */
} kinds[KINDS] = {
    [RSA] = {GNUTLS_PK_RSA, 2048, GNUTLS_DIG_SHA256},
    [RSA_PSS] = {GNUTLS_PK_RSA_PSS, 2048, GNUTLS_DIG_SHA256},
    [P256] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), GNUTLS_DIG_SHA256},
    [P384] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), GNUTLS_DIG_SHA384},
    [P521] = {GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1), GNUTLS_DIG_SHA512},
    [ED25519] = {GNUTLS_PK_EDDSA_ED25519, 256, GNUTLS_DIG_SHA512},
    [ED448] = {GNUTLS_PK_EDDSA_ED448, 448, GNUTLS_DIG_SHAKE_256},
};

static gnutls_x509_privkey_t keys[KINDS];

/* Once, before any test: they take long. */
static void keys_make(void)
{
    for (unsigned i = 0; i < KINDS; i++) {
        certs_must(gnutls_x509_privkey_init(&keys[i]) == 0);
        certs_must(gnutls_x509_privkey_generate(keys[i], kinds[i].algorithm, kinds[i].bits, 0) ==
                   0);
    }
}

static void keys_free(void)
{
    for (unsigned i = 0; i < KINDS; i++)
        gnutls_x509_privkey_deinit(keys[i]);
    certs_end();
}

/* A certificate that signs itself, with its key. */
static PCCERT_CONTEXT identity_make(int kind, gnutls_x509_crt_t *crt)
{
    gnutls_datum_t der;
    gnutls_privkey_t key;
    PCCERT_CONTEXT cert;

    ck_assert_int_eq(gnutls_x509_crt_init(crt), 0);
    gnutls_x509_crt_set_version(*crt, 3);
    gnutls_x509_crt_set_serial(*crt, "\1", 1);
    gnutls_x509_crt_set_dn(*crt, "CN=localhost", NULL);
    gnutls_x509_crt_set_activation_time(*crt, time(NULL) - 3600);
    gnutls_x509_crt_set_expiration_time(*crt, time(NULL) + 3600);
    ck_assert_int_eq(gnutls_x509_crt_set_key(*crt, keys[kind]), 0);
    ck_assert_int_eq(gnutls_x509_crt_sign2(*crt, *crt, keys[kind], kinds[kind].digest, 0), 0);
    ck_assert_int_eq(gnutls_x509_crt_export2(*crt, GNUTLS_X509_FMT_DER, &der), 0);
    cert = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    ck_assert_ptr_nonnull(cert);
    gnutls_free(der.data);
    ck_assert_int_eq(gnutls_privkey_init(&key), 0);
    ck_assert_int_eq(gnutls_privkey_import_x509(key, keys[kind], GNUTLS_PRIVKEY_IMPORT_COPY), 0);
    ck_assert(cert_context_key_attach(cert, key));
    return cert;
}

/* --- Handshakes ----------------------------------------------------------------------------- */

static const struct row {
    int kind;
    const char *priority;
} rows[] = {
    {RSA, V12},
    {RSA, V13},
    {RSA, V12 ":-SIGN-ALL:+SIGN-RSA-SHA256"},
    {RSA, V12 ":-SIGN-ALL:+SIGN-RSA-SHA384"},
    {RSA, V12 ":-SIGN-ALL:+SIGN-RSA-SHA512"},
    {RSA, V12 ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256"},
    {RSA, V12 ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA512"},
    {RSA, V13 ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA384"},
    {RSA, V12 ":-KX-ALL:+RSA"},
    {RSA_PSS, V12},
    {RSA_PSS, V13},
    {RSA_PSS, V13 ":-SIGN-ALL:+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-RSAE-SHA256"},
    {P256, V12},
    {P256, V13},
    {P384, V12},
    {P384, V13},
    {P521, V12},
    {P521, V13},
    {ED25519, V12},
    {ED25519, V13},
    {ED448, V12},
    {ED448, V13},
};

static void credential_make(struct duel *duel, PCCERT_CONTEXT *cert)
{
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION,
                            .cCreds = 1,
                            .paCred = cert};

    ck_assert_int_eq(stream_acquire(&duel->ours, &auth), SEC_E_OK);
}

static bool signer_fits(int algorithm, int kind)
{
    gnutls_pk_algorithm_t pk = gnutls_sign_get_pk_algorithm((gnutls_sign_algorithm_t)algorithm);

    /* An RSA key makes PSS signatures as well. */
    return pk == kinds[kind].algorithm || (kind == RSA && pk == GNUTLS_PK_RSA_PSS);
}

START_TEST(keys_of_servers)
{
    const struct row *row = &rows[_i / 2];
    gnutls_x509_crt_t crt;
    PCCERT_CONTEXT cert = identity_make(row->kind, &crt);
    struct duel duel;

    if (_i % 2)
        setenv("SSPI_SCHANNEL", "libcrypto", 1);
    duel_open(&duel, true, row->priority, IDENT_EC);
    credential_make(&duel, &cert);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    if (strstr(row->priority, "+RSA") == NULL) /* which is without a signature */
        ck_assert(signer_fits(gnutls_sign_algorithm_get(duel.theirs.session), row->kind));
    duel_end(&duel);
    CertFreeCertificateContext(cert);
    gnutls_x509_crt_deinit(crt);
}
END_TEST

START_TEST(keys_of_clients)
{
    const struct row *row = &rows[_i / 2];
    gnutls_x509_crt_t crt;
    PCCERT_CONTEXT cert = identity_make(row->kind, &crt);
    const gnutls_datum_t *shown;
    unsigned count = 0;
    struct duel duel;

    if (_i % 2)
        setenv("SSPI_SCHANNEL", "libcrypto", 1);
    duel_open(&duel, false, row->priority,
              strstr(row->priority, "RSA") != NULL ? IDENT_RSA : IDENT_EC);
    gnutls_certificate_server_set_request(duel.theirs.session, GNUTLS_CERT_REQUIRE);
    credential_make(&duel, &cert);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_uint_eq(duel.ours.asked, 0);
    shown = gnutls_certificate_get_peers(duel.theirs.session, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(shown->size, cert->cbCertEncoded);
    ck_assert_mem_eq(shown->data, cert->pbCertEncoded, shown->size);
    ck_assert(signer_fits(gnutls_sign_algorithm_get_client(duel.theirs.session), row->kind));
    duel_end(&duel);
    CertFreeCertificateContext(cert);
    gnutls_x509_crt_deinit(crt);
}
END_TEST

/* It is as if there were none: the caller is asked for another. */
static const struct useless {
    int kind;
    const char *priority;
} uselesses[] = {
    {RSA, V12 ":-SIGN-ALL:+SIGN-ECDSA-SHA256"},
    {RSA, V13 ":-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256"},
    {ED25519, V12 ":-SIGN-ALL:+SIGN-ECDSA-SHA256"},
    {ED448, V13 ":-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-EDDSA-ED25519"},
    {RSA_PSS, V13 ":-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-RSA-PSS-RSAE-SHA256"},
};

START_TEST(key_that_cannot_sign_is_not_shown)
{
    const struct useless *row = &uselesses[_i];
    gnutls_x509_crt_t crt;
    PCCERT_CONTEXT cert = identity_make(row->kind, &crt);
    unsigned count = 0;
    struct duel duel;

    duel_open(&duel, false, row->priority, IDENT_EC);
    gnutls_certificate_server_set_request(duel.theirs.session, GNUTLS_CERT_REQUEST);
    credential_make(&duel, &cert);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_uint_eq(duel.ours.asked, 1);
    ck_assert_ptr_null(gnutls_certificate_get_peers(duel.theirs.session, &count));
    duel_end(&duel);
    CertFreeCertificateContext(cert);
    gnutls_x509_crt_deinit(crt);
}
END_TEST

/* A server with several: each client gets one that it can take. */
START_TEST(server_with_keys_of_two_kinds)
{
    static const char *const priorities[] = {V12 ":-KX-ALL:+ECDHE-RSA", V12 ":-KX-ALL:+ECDHE-ECDSA",
                                             V13 ":-SIGN-ALL:+SIGN-RSA-PSS-RSAE-SHA256",
                                             V13 ":-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256"};
    gnutls_x509_crt_t crts[2];
    PCCERT_CONTEXT certs[] = {identity_make(RSA, &crts[0]), identity_make(P256, &crts[1])}, own;
    SCH_CREDENTIALS auth = {.dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 2, .paCred = certs};
    struct duel duel;

    duel_open(&duel, true, priorities[_i], IDENT_EC);
    ck_assert_int_eq(stream_acquire(&duel.ours, &auth), SEC_E_OK);
    ck_assert_int_eq(duel_shake(&duel), SEC_E_OK);
    ck_assert_int_eq(QueryContextAttributesA(&duel.ours.ctx, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &own),
                     SEC_E_OK);
    ck_assert_uint_eq(own->cbCertEncoded, certs[_i % 2]->cbCertEncoded);
    ck_assert_mem_eq(own->pbCertEncoded, certs[_i % 2]->pbCertEncoded, own->cbCertEncoded);
    CertFreeCertificateContext(own);
    duel_end(&duel);
    for (unsigned i = 0; i < 2; i++) {
        CertFreeCertificateContext(certs[i]);
        gnutls_x509_crt_deinit(crts[i]);
    }
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS keys");
    TCase *tc = tcase_create("keys");

    tcase_add_unchecked_fixture(tc, keys_make, keys_free);
    tcase_add_loop_test(tc, keys_of_servers, 0, 2 * COUNT(rows));
    tcase_add_loop_test(tc, keys_of_clients, 0, 2 * COUNT(rows));
    tcase_add_loop_test(tc, key_that_cannot_sign_is_not_shown, 0, COUNT(uselesses));
    tcase_add_loop_test(tc, server_with_keys_of_two_kinds, 0, 4);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
