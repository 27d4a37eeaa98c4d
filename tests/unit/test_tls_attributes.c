/* SPDX-License-Identifier: MIT */
/*
 * Attributes of TLS contexts, held against what the GnuTLS session at the other end says, and
 * against the registered names of what was agreed upon.
 */
#include <string.h>

#include "lib/check_main.h"
#include "lib/ident.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const DWORD versions[] = {SP_PROT_TLS1_2, SP_PROT_TLS1_3};

/* Ours and a bare one. */
struct ends {
    struct ident ident;
    struct stream ours;
    struct bare theirs;
};

static void ends_open(struct ends *ends, bool ours_serves, const char *priority, unsigned key)
{
    memset(ends, 0, sizeof(*ends));
    ident_make(&ends->ident, "CN=localhost", key);
    stream_init(&ends->ours, ours_serves);
    bare_open(&ends->theirs, !ours_serves, priority, NULL, &ends->ours.in);
    if (!ours_serves)
        ident_give(&ends->ident, &ends->theirs);
}

static void ends_meet(struct ends *ends, bool ours_serves, const char *priority)
{
    ends_open(ends, ours_serves, priority, IDENT_RSA);
    ck_assert_int_eq(ident_acquire(&ends->ours, 0, ours_serves ? &ends->ident : NULL, 0), SEC_E_OK);
    ck_assert_int_eq(bare_shake(&ends->theirs, &ends->ours), 0);
    ck_assert_int_eq(ends->ours.status, SEC_E_OK);
}

static void ends_part(struct ends *ends)
{
    stream_free(&ends->ours);
    bare_close(&ends->theirs);
    ident_free(&ends->ident);
    certs_end();
}

static SECURITY_STATUS query(struct ends *ends, ULONG attribute, void *buffer)
{
    return QueryContextAttributesA(&ends->ours.ctx, attribute, buffer);
}

/* --- Keys and bindings ---------------------------------------------------------------------- */

START_TEST(exported_keys_are_the_same_at_both_ends)
{
    static char label[] = "EXPORTER-Test";
    static UCHAR context[] = "context";
    struct ends ends;
    char theirs[100];
    SecPkgContext_KeyingMaterial material = {0, NULL};
    SecPkgContext_KeyingMaterialInfo info = {.cbLabel = sizeof(label),
                                             .pszLabel = label,
                                             .cbContextValue = 7,
                                             .pbContextValue = context,
                                             .cbKeyingMaterial = sizeof(theirs)};

    ends_meet(&ends, _i % 2, ident_priority(versions[_i / 2]));
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_KEYING_MATERIAL, &material), SEC_E_OUT_OF_SEQUENCE);
    ck_assert_int_eq(SetContextAttributesA(&ends.ours.ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                           sizeof(info) - 1),
                     SEC_E_BUFFER_TOO_SMALL);
    ck_assert_int_eq(SetContextAttributesA(&ends.ours.ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                           sizeof(info)),
                     SEC_E_OK);
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_KEYING_MATERIAL, &material), SEC_E_OK);
    ck_assert_int_eq(gnutls_prf_rfc5705(ends.theirs.session, strlen(label), label, 7,
                                        (const char *)context, sizeof(theirs), theirs),
                     0);
    ck_assert_uint_eq(material.cbKeyingMaterial, sizeof(theirs));
    ck_assert_mem_eq(material.pbKeyingMaterial, theirs, sizeof(theirs));
    ck_assert_int_eq(FreeContextBuffer(material.pbKeyingMaterial), SEC_E_OK);
    info.cbKeyingMaterial = 0;
    ck_assert_int_eq(SetContextAttributesA(&ends.ours.ctx, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                           sizeof(info)),
                     SEC_E_INVALID_PARAMETER);
    ends_part(&ends);
}
END_TEST

/* RFC 5216 2.3 and RFC 9190 2.3. */
START_TEST(eap_keys_are_the_same_at_both_ends)
{
    static const char old[] = "client EAP encryption", new[] = "EXPORTER_EAP_TLS_Key_Material";
    struct ends ends;
    SecPkgContext_EapKeyBlock block;
    char theirs[sizeof(block.rgbKeys)];

    ends_meet(&ends, _i % 2, ident_priority(versions[_i / 2]));
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_EAP_KEY_BLOCK, &block), SEC_E_OK);
    if (versions[_i / 2] == SP_PROT_TLS1_2)
        ck_assert_int_eq(gnutls_prf(ends.theirs.session, sizeof(old) - 1, old, 0, 0, NULL,
                                    sizeof(theirs), theirs),
                         0);
    else
        ck_assert_int_eq(gnutls_prf_rfc5705(ends.theirs.session, sizeof(new) - 1, new, 1, "\x0d",
                                            sizeof(theirs), theirs),
                         0);
    ck_assert_mem_eq(block.rgbKeys, theirs, sizeof(theirs));
    ends_part(&ends);
}
END_TEST

static const struct binding {
    ULONG attribute;
    gnutls_channel_binding_t kind;
    const char *prefix;
} bindings[] = {
    {SECPKG_ATTR_UNIQUE_BINDINGS, GNUTLS_CB_TLS_UNIQUE, "tls-unique:"},
    {SECPKG_ATTR_ENDPOINT_BINDINGS, GNUTLS_CB_TLS_SERVER_END_POINT, "tls-server-end-point:"},
};

START_TEST(bindings_are_the_same_at_both_ends)
{
    const struct binding *binding = &bindings[_i % 2];
    DWORD version = versions[_i / 4];
    struct ends ends;
    SecPkgContext_Bindings answer = {0, NULL};
    gnutls_datum_t theirs = {NULL, 0};
    size_t prefix = strlen(binding->prefix);
    SECURITY_STATUS status;

    ends_meet(&ends, _i / 2 % 2, ident_priority(version));
    status = query(&ends, binding->attribute, &answer);
    if (version == SP_PROT_TLS1_3 && binding->attribute == SECPKG_ATTR_UNIQUE_BINDINGS) {
        ck_assert_int_eq(status, SEC_E_UNSUPPORTED_FUNCTION);
    } else {
        const uint8_t *at;

        ck_assert_int_eq(status, SEC_E_OK);
        ck_assert_int_eq(
            gnutls_session_channel_binding(ends.theirs.session, binding->kind, &theirs), 0);
        at = (const uint8_t *)answer.Bindings + answer.Bindings->dwApplicationDataOffset;
        ck_assert_uint_eq(answer.Bindings->cbApplicationDataLength, prefix + theirs.size);
        ck_assert_mem_eq(at, binding->prefix, prefix);
        ck_assert_mem_eq(at + prefix, theirs.data, theirs.size);
        ck_assert_uint_eq(answer.BindingsLength,
                          answer.Bindings->dwApplicationDataOffset + prefix + theirs.size);
        gnutls_free(theirs.data);
        ck_assert_int_eq(FreeContextBuffer(answer.Bindings), SEC_E_OK);
    }
    ends_part(&ends);
}
END_TEST

/* --- What was agreed upon ------------------------------------------------------------------- */

#define V12 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+"
#define V13 "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+"

static const struct agreed {
    const char *priority, *suite, *cipher, *hash;
    DWORD version, number, bits, hash_bits, header, trailer;
    ALG_ID id, hash_id;
} agreeds[] = {
    {V12 "AES-128-GCM", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "AES", "SHA256", SP_PROT_TLS1_2,
     0xc02f, 128, 0, 13, 16, CALG_AES_128, CALG_SHA_256},
    {V12 "AES-256-GCM", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "AES", "SHA384", SP_PROT_TLS1_2,
     0xc030, 256, 0, 13, 16, CALG_AES_256, CALG_SHA_384},
    {V12 "CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305",
     "SHA256", SP_PROT_TLS1_2, 0xcca8, 256, 0, 5, 16, 0, CALG_SHA_256},
    {V12 "AES-256-CBC:-MAC-ALL:+SHA1", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "AES", "SHA1",
     SP_PROT_TLS1_2, 0xc014, 256, 160, 21, 36, CALG_AES_256, CALG_SHA1},
    {V13 "AES-128-GCM", "TLS_AES_128_GCM_SHA256", "AES", "SHA256", SP_PROT_TLS1_3, 0x1301, 128, 0,
     5, 44, CALG_AES_128, CALG_SHA_256},
    {V13 "AES-256-GCM", "TLS_AES_256_GCM_SHA384", "AES", "SHA384", SP_PROT_TLS1_3, 0x1302, 256, 0,
     5, 44, CALG_AES_256, CALG_SHA_384},
    {V13 "CHACHA20-POLY1305", "TLS_CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305", "SHA256",
     SP_PROT_TLS1_3, 0x1303, 256, 0, 5, 44, 0, CALG_SHA_256},
};

static void text_is(const WCHAR *text, const char *expected)
{
    size_t i = 0;

    for (; expected[i] != '\0'; i++)
        ck_assert_uint_eq(text[i], (unsigned char)expected[i]);
    ck_assert_uint_eq(text[i], 0);
}

START_TEST(names_and_sizes_of_what_was_agreed)
{
    const struct agreed *row = &agreeds[_i / 2];
    struct ends ends;
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_ConnectionInfoEx info_ex;
    SecPkgContext_CipherInfo cipher = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    SecPkgContext_KeyInfoA key;
    SecPkgContext_KeyInfoW wide;
    SecPkgContext_StreamSizes *sizes;
    DWORD side = _i % 2 ? SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER
                        : SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;

    ends_meet(&ends, _i % 2, row->priority);
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_CONNECTION_INFO, &info), SEC_E_OK);
    ck_assert_uint_eq(info.dwProtocol, row->version & side);
    ck_assert_uint_eq(info.aiCipher, row->id);
    ck_assert_uint_eq(info.dwCipherStrength, row->bits);
    ck_assert_uint_eq(info.aiHash, row->hash_id);
    ck_assert_uint_eq(info.dwHashStrength, row->hash_bits);
    ck_assert_uint_eq(info.aiExch, row->version == SP_PROT_TLS1_2 ? CALG_ECDH_EPHEM : 0);
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_CONNECTION_INFO_EX, &info_ex), SEC_E_OK);
    text_is(info_ex.szCipher, row->cipher);
    text_is(info_ex.szHash, row->hash);
    text_is(info_ex.szExchange, row->version == SP_PROT_TLS1_2 ? "ECDH" : "");
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_CIPHER_INFO, &cipher), SEC_E_OK);
    text_is(cipher.szCipherSuite, row->suite);
    text_is(cipher.szCertificate, row->version == SP_PROT_TLS1_2 ? "RSA" : "");
    ck_assert_uint_eq(cipher.dwCipherSuite, row->number);
    ck_assert_uint_eq(cipher.dwProtocol, row->version == SP_PROT_TLS1_2 ? 0x303U : 0x304U);
    cipher.dwVersion = 9;
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_CIPHER_INFO, &cipher), SEC_E_INVALID_PARAMETER);
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_KEY_INFO, &key), SEC_E_OK);
    ck_assert_str_eq(key.sEncryptAlgorithmName, row->cipher);
    ck_assert_str_eq(key.sSignatureAlgorithmName, row->hash);
    FreeContextBuffer(key.sEncryptAlgorithmName);
    FreeContextBuffer(key.sSignatureAlgorithmName);
    ck_assert_int_eq(QueryContextAttributesW(&ends.ours.ctx, SECPKG_ATTR_KEY_INFO, &wide),
                     SEC_E_OK);
    text_is(wide.sEncryptAlgorithmName, row->cipher);
    FreeContextBuffer(wide.sEncryptAlgorithmName);
    FreeContextBuffer(wide.sSignatureAlgorithmName);
    sizes = &ends.ours.sizes;
    ck_assert_uint_eq(sizes->cbHeader, row->header);
    ck_assert_uint_eq(sizes->cbTrailer, row->trailer);
    ck_assert_uint_eq(sizes->cbMaximumMessage, 16384);
    ck_assert_uint_eq(sizes->cBuffers, 4);
    ends_part(&ends);
}
END_TEST

START_TEST(most_attributes_wait_for_the_end)
{
    static const ULONG waiting[] = {SECPKG_ATTR_STREAM_SIZES,  SECPKG_ATTR_CONNECTION_INFO,
                                    SECPKG_ATTR_CIPHER_INFO,   SECPKG_ATTR_SESSION_INFO,
                                    SECPKG_ATTR_EAP_KEY_BLOCK, SECPKG_ATTR_KEYING_MATERIAL,
                                    SECPKG_ATTR_FLAGS,         SECPKG_ATTR_ENDPOINT_BINDINGS};
    static uint8_t space[4096];
    struct ends ends;

    ends_open(&ends, false, "NORMAL", IDENT_EC);
    ck_assert_int_eq(ident_acquire(&ends.ours, 0, NULL, 0), SEC_E_OK);
    stream_leg(&ends.ours, &ends.theirs.in);
    for (unsigned i = 0; i < COUNT(waiting); i++)
        ck_assert_int_eq(query(&ends, waiting[i], space), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_REMOTE_CERT_CONTEXT, space), SEC_E_NO_CREDENTIALS);
    ck_assert_int_eq(query(&ends, SECPKG_ATTR_NEGOTIATION_INFO, space), SEC_E_UNSUPPORTED_FUNCTION);
    ends_part(&ends);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("TLS attributes");
    TCase *tc = tcase_create("attributes");

    tcase_add_loop_test(tc, exported_keys_are_the_same_at_both_ends, 0, 4);
    tcase_add_loop_test(tc, eap_keys_are_the_same_at_both_ends, 0, 4);
    tcase_add_loop_test(tc, bindings_are_the_same_at_both_ends, 0, 8);
    tcase_add_loop_test(tc, names_and_sizes_of_what_was_agreed, 0, 2 * COUNT(agreeds));
    tcase_add_test(tc, most_attributes_wait_for_the_end);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
