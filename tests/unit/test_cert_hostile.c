/* SPDX-License-Identifier: MIT */
/*
 * Files and certificates that somebody made to be misread: names that are none, hashes that are
 * somebody else's, work without end, lines that hide what follows.
 */
#include <gnutls/pkcs12.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ncrypt.h>

#include "cert/cert.h"
#include "cert/key.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"
#include "lib/store.h"

#define EC 1

static HCERTSTORE memory_store(void)
{
    return CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
}

/* ---- Names ---------------------------------------------------------------------------------- */

/* An alternative name that says it is a user's and is no text: it ends where its octets do. */
START_TEST(user_name_that_is_no_text_is_shown_as_octets)
{
    static const BYTE der[] = {0x30, 0x14, 0xa0, 0x12, 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01,
                               0x82, 0x37, 0x14, 0x02, 0x03, 0xa0, 0x04, 0x04, 0x02, 0x41, 0x42};
    static const char expected[] = "Other Name:1.3.6.1.4.1.311.20.2.3=04 02 41 42";
    WCHAR text[256];
    DWORD size = sizeof(text);

    ck_assert(CryptFormatObject(X509_ASN_ENCODING, 0, 0, NULL, szOID_SUBJECT_ALT_NAME2, der,
                                sizeof(der), text, &size));
    ck_assert_uint_eq(size, sizeof(expected) * sizeof(WCHAR));
    for (size_t i = 0; i < sizeof(expected); i++)
        ck_assert_uint_eq(text[i], (WCHAR)expected[i]);
}
END_TEST

/* A host's name is not taken from the subject where the alternative names cannot be read. */
START_TEST(names_that_cannot_be_read_are_not_the_subjects)
{
    static const struct certs_form broken = {.name = "CN=victim.example",
                                             .alt = "dns:xyz.example",
                                             .octets = "78797a2e", /* "xyz.": Latin-1 instead */
                                             .others = "78ff7a2e"},
                                   none = {.name = "CN=old.example"};
    PCCERT_CONTEXT context = keyhome_context(&broken, EC), old = keyhome_context(&none, EC);
    char text[64];

    ck_assert_uint_eq(CertGetNameStringA(context, CERT_NAME_DNS_TYPE, 0, NULL, text, sizeof(text)),
                      1);
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(CertGetNameStringA(context, CERT_NAME_DNS_TYPE,
                                         CERT_NAME_SEARCH_ALL_NAMES_FLAG, NULL, text, sizeof(text)),
                      1);
    ck_assert_uint_eq(CertGetNameStringA(old, CERT_NAME_DNS_TYPE, 0, NULL, text, sizeof(text)),
                      sizeof("old.example"));
    CertFreeCertificateContext(old);
    CertFreeCertificateContext(context);
}
END_TEST

/* ---- Handles -------------------------------------------------------------------------------- */

/* A handle that a program set is not closed for one of another kind that it asks for. */
START_TEST(handle_that_was_set_stays)
{
    PCCERT_CONTEXT context = keyhome_certificate(CERTS_RSA_1024);
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle = 0, again = 0;
    NCRYPT_PROV_HANDLE provider;
    NCRYPT_KEY_HANDLE key = 0;
    gnutls_datum_t der;
    DWORD bits = 0, size = sizeof(again), spec = 0;
    BOOL callers = FALSE;

    certs_must(gnutls_x509_privkey_export2_pkcs8(certs_key(CERTS_RSA_1024), GNUTLS_X509_FMT_DER,
                                                 NULL, GNUTLS_PKCS_PLAIN, &der) == 0);
    ck_assert_int_eq(NCryptOpenStorageProvider(&provider, NULL, 0), 0);
    ck_assert_int_eq(NCryptImportKey(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, &key,
                                     der.data, der.size, 0),
                     0);
    ck_assert(CertSetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0,
                                                (const void *)key));
    ck_assert(CryptAcquireCertificatePrivateKey(context, CRYPT_ACQUIRE_CACHE_FLAG, NULL, &handle,
                                                &spec, &callers));
    ck_assert_uint_eq(spec, AT_KEYEXCHANGE);
    ck_assert(callers);
    CryptReleaseContext(handle, 0);
    ck_assert(
        CertGetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, &again, &size));
    ck_assert_uint_eq(again, key);
    ck_assert_int_eq(
        NCryptGetProperty(key, NCRYPT_LENGTH_PROPERTY, (PBYTE)&bits, sizeof(bits), &size, 0), 0);
    ck_assert_uint_eq(bits, 1024);
    gnutls_free(der.data);
    NCryptFreeObject(provider);
    CertFreeCertificateContext(context);
}
END_TEST

/* ---- PKCS #12 ------------------------------------------------------------------------------- */

static const WCHAR password[] = {'p', 'w', 0};

/* A sealed part, and how many rounds it takes to open it. */
static unsigned bag_seal(gnutls_pkcs12_bag_t *bag)
{
    static const struct certs_form form = {.name = "CN=x"};
    gnutls_x509_crt_t crt = certs_make(&form, EC, NULL, EC);
    unsigned schema, cipher, salt = 0, rounds = 0;

    certs_must(gnutls_pkcs12_bag_init(bag) == 0);
    certs_must(gnutls_pkcs12_bag_set_crt(*bag, crt) >= 0);
    certs_must(gnutls_pkcs12_bag_encrypt(*bag, "pw", GNUTLS_PKCS_PBES2_AES_128) == 0);
    gnutls_pkcs12_bag_enc_info(*bag, &schema, &cipher, NULL, &salt, &rounds, NULL);
    gnutls_x509_crt_deinit(crt);
    return rounds;
}

/* A file that anybody would open, but for the number of its parts. */
static CRYPT_DATA_BLOB bomb(void)
{
    gnutls_pkcs12_bag_t bag;
    unsigned rounds = bag_seal(&bag);
    gnutls_pkcs12_t pfx;
    gnutls_datum_t der;
    CRYPT_DATA_BLOB blob;

    certs_must(rounds >= 5000 && gnutls_pkcs12_init(&pfx) == 0);
    for (unsigned i = 0; i <= CERT_KEY_ROUNDS_ALL / rounds; i++)
        certs_must(gnutls_pkcs12_set_bag(pfx, bag) == 0);
    certs_must(gnutls_pkcs12_generate_mac2(pfx, GNUTLS_MAC_SHA256, "pw") == 0);
    certs_must(gnutls_pkcs12_export2(pfx, GNUTLS_X509_FMT_DER, &der) == 0);
    gnutls_pkcs12_bag_deinit(bag);
    gnutls_pkcs12_deinit(pfx);
    blob = (CRYPT_DATA_BLOB){der.size, malloc(der.size)};
    memcpy(blob.pbData, der.data, der.size);
    gnutls_free(der.data);
    return blob;
}

START_TEST(rounds_of_all_parts_are_counted)
{
    CRYPT_DATA_BLOB blob = bomb();

    ck_assert_ptr_null(PFXImportCertStore(&blob, password, 0));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_BAD_ENCODE);
    free(blob.pbData);
}
END_TEST

/* Nothing in it, a thousand times and once more. */
START_TEST(parts_without_end_are_refused)
{
    static const BYTE nothing[] = {5, 0};
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)nothing, sizeof(nothing)};
    gnutls_pkcs12_bag_t bag;
    gnutls_pkcs12_t pfx;
    gnutls_datum_t der;

    certs_must(gnutls_pkcs12_init(&pfx) == 0 && gnutls_pkcs12_bag_init(&bag) == 0);
    certs_must(gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_SECRET, &data) >= 0);
    for (unsigned i = 0; i <= 1000; i++)
        certs_must(gnutls_pkcs12_set_bag(pfx, bag) == 0);
    certs_must(gnutls_pkcs12_generate_mac2(pfx, GNUTLS_MAC_SHA256, "pw") == 0);
    certs_must(gnutls_pkcs12_export2(pfx, GNUTLS_X509_FMT_DER, &der) == 0);
    ck_assert_ptr_null(PFXImportCertStore(&(CRYPT_DATA_BLOB){der.size, der.data}, password, 0));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_BAD_ENCODE);
    gnutls_free(der.data);
    gnutls_pkcs12_bag_deinit(bag);
    gnutls_pkcs12_deinit(pfx);
}
END_TEST

/* Who wants certificates alone gets no secrets. */
START_TEST(certificates_alone_come_without_keys)
{
    CRYPT_DATA_BLOB blob = keyhome_pfx(EC, password);
    PCCERT_CONTEXT found;
    HCERTSTORE store;
    gnutls_privkey_t key;

    store = PFXImportCertStore(&blob, password, PKCS12_ONLY_CERTIFICATES);
    found = CertEnumCertificatesInStore(store, NULL);
    ck_assert_ptr_nonnull(found);
    ck_assert_int_eq(cert_context_key(found, &key), SEC_E_NO_CREDENTIALS);
    CertFreeCertificateContext(found);
    CertCloseStore(store, 0);
    free(blob.pbData);
}
END_TEST

/* ---- PEM ------------------------------------------------------------------------------------ */

static DWORD count_in(const char *text)
{
    CRYPT_DATA_BLOB blob = {(DWORD)strlen(text), (BYTE *)(uintptr_t)text};
    HCERTSTORE store = NULL;
    PCCERT_CONTEXT context = NULL;
    DWORD count = 0;

    if (!CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_CERT,
                          CERT_QUERY_FORMAT_FLAG_BASE64_ENCODED, 0, NULL, NULL, NULL, &store, NULL,
                          NULL))
        return 0;
    while ((context = CertEnumCertificatesInStore(store, context)) != NULL)
        count++;
    CertCloseStore(store, 0);
    return count;
}

/* Where "%" stands in it, a certificate. */
static const struct {
    const char *text;
    DWORD certificates;
} garbage[] = {
    {"%", 1},
    {"# -----BEGIN something that never ends\n%", 1},
    {"-----BEGIN JUNK-----\n%", 1},
    {"-----BEGIN JUNK-----\nAAAA\n%-----END JUNK-----\n", 1},
    {"-----BEGIN JUNK-----\nAAAA\n-----END JUNK-----\n%", 1},
    {"-----END CERTIFICATE-----\n%", 1},
    {"%-----BEGIN JUNK-----\n", 1},
    {"%-----BEGIN CERTIFICATE-----\nAAAA\n", 0}, /* cut short: who knows what was there */
    {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END JUNK-----\n%", 0},
    {"-----BEGIN CERTIFICATE-----\nAAAA\n%", 0},
};

START_TEST(lines_hide_no_certificate)
{
    gnutls_datum_t pem = store_pem(STORE_END);
    const char *at = strchr(garbage[_i].text, '%');
    char *text = calloc(1, strlen(garbage[_i].text) + pem.size + 1);

    memcpy(text, garbage[_i].text, (size_t)(at - garbage[_i].text));
    memcpy(text + strlen(text), pem.data, pem.size);
    memcpy(text + strlen(text), at + 1, strlen(at + 1));
    ck_assert_uint_eq(count_in(text), garbage[_i].certificates);
    free(text);
    gnutls_free(pem.data);
    store_end();
}
END_TEST

/* Many lines that begin something, and one that ends it: each is looked at once. */
START_TEST(lines_that_begin_are_passed_over_once)
{
    static const char line[] = "-----BEGIN A-----\n", end[] = "-----END A-----\n";
    const size_t lines = 100000;
    gnutls_datum_t pem = store_pem(STORE_END);
    char *text = malloc(lines * (sizeof(line) - 1) + sizeof(end) + pem.size);
    char *at = text;

    for (size_t i = 0; i < lines; i++)
        at = stpcpy(at, line);
    at = stpcpy(at, end);
    memcpy(at, pem.data, pem.size);
    at[pem.size] = '\0';
    ck_assert_uint_eq(count_in(text), 1);
    free(text);
    gnutls_free(pem.data);
    store_end();
}
END_TEST

/* ---- Serialized stores ---------------------------------------------------------------------- */

/* A store with one certificate, and before that an element of this number. */
static HCERTSTORE with_property(DWORD id, const void *value, DWORD size)
{
    static const BYTE head[8] = {0, 0, 0, 0, 'C', 'E', 'R', 'T'};
    HCERTSTORE store = memory_store(), made;
    PCCERT_CONTEXT context = store_put(store, STORE_END);
    CRYPT_DATA_BLOB blob = {0, NULL};
    BYTE *whole;
    DWORD piece[3] = {id, X509_ASN_ENCODING, size};

    ck_assert(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    blob.pbData = malloc(blob.cbData);
    ck_assert(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    whole = malloc(blob.cbData + sizeof(piece) + size);
    memcpy(whole, head, sizeof(head));
    memcpy(whole + sizeof(head), piece, sizeof(piece));
    memcpy(whole + sizeof(head) + sizeof(piece), value, size);
    memcpy(whole + sizeof(head) + sizeof(piece) + size, blob.pbData + sizeof(head),
           blob.cbData - sizeof(head));
    free(blob.pbData);
    blob = (CRYPT_DATA_BLOB){blob.cbData + (DWORD)sizeof(piece) + size, whole};
    made = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &blob);
    free(whole);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    return made;
}

static const DWORD hashes[] = {CERT_SHA1_HASH_PROP_ID, CERT_MD5_HASH_PROP_ID,
                               CERT_SHA256_HASH_PROP_ID, CERT_SIGNATURE_HASH_PROP_ID};

/* Who pins a certificate by its hash is not told by a file what that is. */
START_TEST(hash_in_a_file_is_not_believed)
{
    static BYTE false_hash[32];
    HCERTSTORE store = with_property(hashes[_i], false_hash, 20);
    CRYPT_DATA_BLOB wanted = {20, false_hash};
    PCCERT_CONTEXT context;
    BYTE value[32];
    DWORD size = sizeof(value);

    ck_assert_ptr_nonnull(store);
    ck_assert_ptr_null(CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SHA1_HASH,
                                                  &wanted, NULL));
    context = CertEnumCertificatesInStore(store, NULL);
    ck_assert(CertGetCertificateContextProperty(context, hashes[_i], value, &size));
    ck_assert(size != 20 || memcmp(value, false_hash, size) != 0);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    store_end();
}
END_TEST

static const struct {
    DWORD id, size;
} shapes[] = {
    {CERT_KEY_SPEC_PROP_ID, 1}, {CERT_DATE_STAMP_PROP_ID, 4}, {CERT_ACCESS_STATE_PROP_ID, 4}};

/* Nor does it say what has another shape, or is the store's to say. */
START_TEST(value_of_another_shape_is_not_taken)
{
    static const BYTE ones[4] = {1, 1, 1, 1};
    HCERTSTORE store = with_property(shapes[_i].id, ones, shapes[_i].size);
    PCCERT_CONTEXT context = CertEnumCertificatesInStore(store, NULL);
    DWORD value = 0, size = sizeof(value);
    BOOL has = CertGetCertificateContextProperty(context, shapes[_i].id, &value, &size);

    ck_assert(shapes[_i].id == CERT_ACCESS_STATE_PROP_ID ? has && value == 0 : !has);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    store_end();
}
END_TEST

/* ---- Revocation ----------------------------------------------------------------------------- */

/* Of two keys of one name the one that signed is asked, whichever is found first. */
START_TEST(other_key_of_the_name_hides_no_revocation)
{
    static const struct certs_form authority = {.name = "CN=CA",
                                                .authority = 1,
                                                .no_key_ids = true},
                                   end = {.name = "CN=end", .no_key_ids = true};
    HCERTSTORE store = memory_store();
    CERT_REVOCATION_PARA para = {.cbSize = sizeof(para), .cCertStore = 1, .rgCertStore = &store};
    CERT_REVOCATION_STATUS status = {.cbSize = sizeof(status)};
    gnutls_x509_crt_t keys[2], crt;
    gnutls_datum_t der, list;
    void *context;

    for (unsigned i = 0; i < 2; i++) {
        keys[i] = certs_make(&authority, 2 + i, NULL, 2 + i);
        der = certs_der(keys[i]);
        ck_assert(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, der.size,
                                                   CERT_STORE_ADD_ALWAYS, NULL));
        gnutls_free(der.data);
    }
    crt = certs_make(&end, EC, keys[_i], 2 + (unsigned)_i);
    list = certs_list(&(struct certs_list){.revoked = crt}, keys[_i], 2 + (unsigned)_i);
    ck_assert(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, list.data, list.size,
                                       CERT_STORE_ADD_ALWAYS, NULL));
    der = certs_der(crt);
    context =
        (void *)(uintptr_t)CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    ck_assert(!CertVerifyRevocation(X509_ASN_ENCODING, CERT_CONTEXT_REVOCATION_TYPE, 1, &context, 0,
                                    &para, &status));
    ck_assert_uint_eq(status.dwError, (DWORD)CRYPT_E_REVOKED);
    CertFreeCertificateContext(context);
    gnutls_free(der.data);
    gnutls_free(list.data);
    gnutls_x509_crt_deinit(crt);
    for (unsigned i = 0; i < 2; i++)
        gnutls_x509_crt_deinit(keys[i]);
    CertCloseStore(store, 0);
}
END_TEST

/* ---- Numbers -------------------------------------------------------------------------------- */

/* P-521 has 521 bits, however many octets hold them. */
START_TEST(curve_of_521_bits_has_521)
{
    PCCERT_CONTEXT context = keyhome_certificate(CERTS_P521);
    DWORD bits = 0, size = sizeof(bits);

    ck_assert_uint_eq(
        CertGetPublicKeyLength(X509_ASN_ENCODING, &context->pCertInfo->SubjectPublicKeyInfo), 521);
    ck_assert(CertGetCertificateContextProperty(context, CERT_SUBJECT_PUB_KEY_BIT_LENGTH_PROP_ID,
                                                &bits, &size));
    ck_assert_uint_eq(bits, 521);
    CertFreeCertificateContext(context);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

static Suite *suite(void)
{
    Suite *s = suite_create("hostile");
    TCase *tc = tcase_create("hostile");

    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, keyhome_begin, keyhome_end);
    tcase_add_test(tc, user_name_that_is_no_text_is_shown_as_octets);
    tcase_add_test(tc, names_that_cannot_be_read_are_not_the_subjects);
    tcase_add_test(tc, handle_that_was_set_stays);
    tcase_add_test(tc, rounds_of_all_parts_are_counted);
    tcase_add_test(tc, parts_without_end_are_refused);
    tcase_add_test(tc, certificates_alone_come_without_keys);
    tcase_add_loop_test(tc, lines_hide_no_certificate, 0, COUNT(garbage));
    tcase_add_test(tc, lines_that_begin_are_passed_over_once);
    tcase_add_loop_test(tc, hash_in_a_file_is_not_believed, 0, COUNT(hashes));
    tcase_add_loop_test(tc, value_of_another_shape_is_not_taken, 0, COUNT(shapes));
    tcase_add_loop_test(tc, other_key_of_the_name_hides_no_revocation, 0, 2);
    tcase_add_test(tc, curve_of_521_bits_has_521);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
