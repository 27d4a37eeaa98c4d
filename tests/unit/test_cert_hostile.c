/* SPDX-License-Identifier: MIT */
/*
 * Files and certificates that somebody made to be misread: names that are none, hashes that are
 * somebody else's, work without end, lines that hide what follows.
 */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ncrypt.h>

#include "cert/cert.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"
#include "lib/store.h"

#define EC 1

static PCCERT_CONTEXT context_of(const struct certs_form *form)
{
    gnutls_x509_crt_t crt = certs_make(form, EC, NULL, EC);
    gnutls_datum_t der = certs_der(crt);
    PCCERT_CONTEXT context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);

    ck_assert_ptr_nonnull(context);
    gnutls_free(der.data);
    gnutls_x509_crt_deinit(crt);
    return context;
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
    PCCERT_CONTEXT context = context_of(&broken), old = context_of(&none);
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

static Suite *suite(void)
{
    Suite *s = suite_create("hostile");
    TCase *tc = tcase_create("hostile");

    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, keyhome_begin, keyhome_end);
    tcase_add_test(tc, user_name_that_is_no_text_is_shown_as_octets);
    tcase_add_test(tc, names_that_cannot_be_read_are_not_the_subjects);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
