/* SPDX-License-Identifier: MIT */
/* Credentials: what each structure asks for, shown by the handshake that comes of it. */
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"
#include "tls/status.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static SECURITY_STATUS acquire(ULONG use, const void *auth, CredHandle *cred)
{
    char package[] = UNISP_NAME_A;

    return AcquireCredentialsHandleA(NULL, package, use, NULL, (void *)(uintptr_t)auth, NULL, NULL,
                                     cred, NULL);
}

/* --- A handshake with a bare server that takes anything ------------------------------------- */

/* The suite that comes of a client's credential; 0 where there is no connection. */
static DWORD suite_with(const void *auth, const char *priority, unsigned key)
{
    struct ident ident;
    struct stream client;
    struct bare server;
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};

    ident_make(&ident, "CN=localhost", key);
    stream_init(&client, false);
    client.request |= ISC_REQ_MANUAL_CRED_VALIDATION;
    bare_open(&server, true, priority, NULL, &client.in);
    ident_give(&ident, &server);
    ck_assert_int_eq(stream_acquire(&client, auth), SEC_E_OK);
    bare_shake(&server, &client);
    if (client.status == SEC_E_OK)
        ck_assert_int_eq(QueryContextAttributesA(&client.ctx, SECPKG_ATTR_CIPHER_INFO, &info),
                         SEC_E_OK);
    stream_free(&client);
    bare_close(&server);
    ident_free(&ident);
    certs_end();
    return info.dwCipherSuite;
}

#define ANY    "NORMAL:%SERVER_PRECEDENCE"
#define ONLY12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:%SERVER_PRECEDENCE"
#define ONLY13 "NORMAL:-VERS-ALL:+VERS-TLS1.3:%SERVER_PRECEDENCE"

/* --- SCHANNEL_CRED -------------------------------------------------------------------------- */

static ALG_ID aes128[] = {CALG_AES_128}, ecdh_aes256[] = {CALG_ECDH_EPHEM, CALG_AES_256};

static const struct old_row {
    DWORD protocols, least, greatest, count;
    ALG_ID *list;
    const char *priority;
    DWORD suite; /* 0: no connection */
} old_rows[] = {
    {0, 0, 0, 0, NULL, ANY, 0xc030},
    {0, 0, 0, 0, NULL, ONLY13, 0},
    {SP_PROT_TLS1_3 | SP_PROT_TLS1_2, 0, 0, 0, NULL, ONLY13, 0},
    {SP_PROT_TLS1_2, 0, 0, 0, NULL, ONLY12, 0xc030},
    {0, 0, 128, 0, NULL, ANY, 0xc02f},
    {0, 256, 0, 0, NULL, ONLY12 ":-AES-256-GCM:-CHACHA20-POLY1305", 0xc014},
    {0, 0, 0, COUNT(aes128), aes128, ANY, 0xc02f},
    {0, 0, 0, COUNT(ecdh_aes256), ecdh_aes256, ANY, 0xc030},
};

START_TEST(older_structure)
{
    const struct old_row *row = &old_rows[_i];
    SCHANNEL_CRED auth = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .grbitEnabledProtocols = row->protocols,
                          .dwMinimumCipherStrength = row->least,
                          .dwMaximumCipherStrength = row->greatest,
                          .cSupportedAlgs = row->count,
                          .palgSupportedAlgs = row->list};

    ck_assert_uint_eq(suite_with(&auth, row->priority, IDENT_RSA), row->suite);
}
END_TEST

/* --- SCH_CREDENTIALS ------------------------------------------------------------------------ */

static WCHAR aes[] = {'A', 'E', 'S'};
static WCHAR gcm[] = {'C', 'h', 'a', 'i', 'n', 'i', 'n', 'g', 'M', 'o', 'd', 'e', 'G', 'C', 'M'};
static UNICODE_STRING modes[] = {{sizeof(gcm), sizeof(gcm), gcm}};

/* What is taken away of AES. */
static const struct new_row {
    DWORD disabled;
    bool setting, mode;
    DWORD least, greatest;
    const char *priority;
    DWORD suite;
} new_rows[] = {
    {0, false, false, 0, 0, ANY, 0x1302},
    {SP_PROT_TLS1_3, false, false, 0, 0, ANY, 0xc030},
    {SP_PROT_TLS1_2, false, false, 0, 0, ONLY12, 0},
    {0, true, false, 0, 0, ANY, 0x1303},
    {0, true, true, 0, 0, ANY, 0x1303},
    {SP_PROT_TLS1_3, true, true, 0, 0, ONLY12 ":-CHACHA20-POLY1305:-AES-256-CCM:-AES-128-CCM",
     0xc014},
    {0, true, false, 0, 128, ANY ":-CHACHA20-POLY1305", 0x1301},
    {0, true, false, 256, 0, ANY ":-CHACHA20-POLY1305", 0x1302},
};

START_TEST(newer_structure)
{
    const struct new_row *row = &new_rows[_i];
    CRYPTO_SETTINGS setting = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                               .strCngAlgId = {sizeof(aes), sizeof(aes), aes},
                               .cChainingModes = row->mode,
                               .rgstrChainingModes = modes,
                               .dwMinBitLength = row->least,
                               .dwMaxBitLength = row->greatest};
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = row->disabled,
                                 .cDisabledCrypto = row->setting,
                                 .pDisabledCrypto = &setting};
    SCH_CREDENTIALS auth = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};

    ck_assert_uint_eq(suite_with(&auth, row->priority, IDENT_RSA), row->suite);
}
END_TEST

START_TEST(no_structure)
{
    ck_assert_uint_eq(suite_with(NULL, ANY, IDENT_RSA), 0x1302);
    ck_assert_uint_eq(suite_with(NULL, ONLY12, IDENT_EC), 0xc02c);
}
END_TEST

/* --- What is refused ------------------------------------------------------------------------ */

static TLS_PARAMETERS no_versions = {.grbitDisabledProtocols = 0xffffffff},
                      for_alpn = {.cAlpnIds = 1}, no_settings = {.cDisabledCrypto = 1};

static const struct refusal_5 {
    SCH_CREDENTIALS auth;
    ULONG use;
    SECURITY_STATUS status;
} refusals_5[] = {
    {{.dwVersion = 5}, SECPKG_CRED_INBOUND, SEC_E_NO_CREDENTIALS},
    {{.dwVersion = 5}, SECPKG_CRED_BOTH, SEC_E_UNSUPPORTED_FUNCTION},
    {{.dwVersion = 6}, SECPKG_CRED_OUTBOUND, SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 5, .cCreds = 1}, SECPKG_CRED_OUTBOUND, SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 5, .cTlsParameters = 1}, SECPKG_CRED_OUTBOUND, SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 5, .cTlsParameters = 2, .pTlsParameters = &for_alpn},
     SECPKG_CRED_OUTBOUND,
     SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 5, .cTlsParameters = 1, .pTlsParameters = &for_alpn},
     SECPKG_CRED_OUTBOUND,
     SEC_E_UNSUPPORTED_FUNCTION},
    {{.dwVersion = 5, .cTlsParameters = 1, .pTlsParameters = &no_versions},
     SECPKG_CRED_OUTBOUND,
     SEC_E_ALGORITHM_MISMATCH},
    {{.dwVersion = 5, .cTlsParameters = 1, .pTlsParameters = &no_settings},
     SECPKG_CRED_OUTBOUND,
     SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 5, .dwFlags = SCH_USE_DTLS_ONLY},
     SECPKG_CRED_OUTBOUND,
     SEC_E_UNSUPPORTED_FUNCTION},
    {{.dwVersion = 5, .dwFlags = SCH_USE_PRESHAREDKEY_ONLY},
     SECPKG_CRED_OUTBOUND,
     SEC_E_UNSUPPORTED_FUNCTION},
};

START_TEST(newer_structures_refused)
{
    CredHandle cred;

    ck_assert_int_eq(acquire(refusals_5[_i].use, &refusals_5[_i].auth, &cred),
                     refusals_5[_i].status);
}
END_TEST

static const struct refusal_4 {
    SCHANNEL_CRED auth;
    SECURITY_STATUS status;
} refusals_4[] = {
    {{.dwVersion = 4, .cSupportedAlgs = 1}, SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 4, .cSupportedAlgs = 257, .palgSupportedAlgs = aes128},
     SEC_E_UNKNOWN_CREDENTIALS},
    {{.dwVersion = 4, .dwMinimumCipherStrength = 0xffffffff}, SEC_E_UNSUPPORTED_FUNCTION},
    {{.dwVersion = 4, .dwMaximumCipherStrength = 0xffffffff}, SEC_E_UNSUPPORTED_FUNCTION},
    {{.dwVersion = 4, .grbitEnabledProtocols = SP_PROT_TLS1_3}, SEC_E_ALGORITHM_MISMATCH},
    {{.dwVersion = 4, .grbitEnabledProtocols = SP_PROT_SSL3}, SEC_E_ALGORITHM_MISMATCH},
    {{.dwVersion = 4, .cCreds = 1}, SEC_E_UNKNOWN_CREDENTIALS},
};

START_TEST(older_structures_refused)
{
    CredHandle cred;

    ck_assert_int_eq(acquire(SECPKG_CRED_OUTBOUND, &refusals_4[_i].auth, &cred),
                     refusals_4[_i].status);
}
END_TEST

/* --- Attributes ----------------------------------------------------------------------------- */

START_TEST(attributes_of_credentials)
{
    SCHANNEL_CRED auth = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwMaximumCipherStrength = 128,
                          .cSupportedAlgs = 1,
                          .palgSupportedAlgs = aes128};
    SecPkgCred_SupportedProtocols protocols;
    SecPkgCred_CipherStrengths strengths;
    SecPkgCred_SupportedAlgs algorithms;
    SecPkgCredentials_NamesA names;
    CredHandle cred;
    bool found = false;

    ck_assert_int_eq(acquire(SECPKG_CRED_OUTBOUND, &auth, &cred), SEC_E_OK);
    ck_assert_int_eq(
        QueryCredentialsAttributesA(&cred, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols), SEC_E_OK);
    ck_assert_uint_eq(protocols.grbitProtocol, SP_PROT_TLS1_2_CLIENT);
    ck_assert_int_eq(QueryCredentialsAttributesA(&cred, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths),
                     SEC_E_OK);
    ck_assert_uint_eq(strengths.dwMinimumCipherStrength, 128);
    ck_assert_uint_eq(strengths.dwMaximumCipherStrength, 128);
    ck_assert_int_eq(QueryCredentialsAttributesA(&cred, SECPKG_ATTR_SUPPORTED_ALGS, &algorithms),
                     SEC_E_OK);
    for (DWORD i = 0; i < algorithms.cSupportedAlgs; i++) {
        found |= algorithms.palgSupportedAlgs[i] == CALG_AES_128;
        ck_assert_uint_ne(algorithms.palgSupportedAlgs[i], CALG_AES_256);
    }
    ck_assert(found);
    FreeContextBuffer(algorithms.palgSupportedAlgs);
    ck_assert_int_eq(QueryCredentialsAttributesA(&cred, SECPKG_CRED_ATTR_NAMES, &names),
                     SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(FreeCredentialsHandle(&cred), SEC_E_OK);
}
END_TEST

/* --- Results -------------------------------------------------------------------------------- */

/* No alert, no code and no verdict but success is ever taken for success. */
START_TEST(every_failure_is_one)
{
    for (int alert = 1; alert < 256; alert++)
        ck_assert_int_lt(tls_status_of_alert((gnutls_alert_description_t)alert), 0);
    for (int code = -500; code < 0; code++)
        ck_assert_int_lt(tls_status_of_code(code), 0);
    ck_assert_int_eq(tls_status_of_verdict(0), SEC_E_OK);
    for (HRESULT low = 0; low < 0x300; low++)
        ck_assert_int_lt(tls_status_of_verdict((HRESULT)0x800b0000 | low), 0);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS credentials");
    TCase *tc = tcase_create("credentials");

    tcase_add_loop_test(tc, older_structure, 0, COUNT(old_rows));
    tcase_add_loop_test(tc, newer_structure, 0, COUNT(new_rows));
    tcase_add_test(tc, no_structure);
    tcase_add_loop_test(tc, newer_structures_refused, 0, COUNT(refusals_5));
    tcase_add_loop_test(tc, older_structures_refused, 0, COUNT(refusals_4));
    tcase_add_test(tc, attributes_of_credentials);
    tcase_add_test(tc, every_failure_is_one);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
