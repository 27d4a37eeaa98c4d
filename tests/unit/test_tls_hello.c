/* SPDX-License-Identifier: MIT */
/* schannel.dll's helpers: a look into a ClientHello, and into a certificate. */
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <schannel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "lib/certs.h"
#include "lib/check_main.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(*(table))))

#define assert_status(got, expected) ck_assert_int_eq((int)(got), (int)(expected))

#define HELLO_MAX 4096

struct hello {
    unsigned char data[HELLO_MAX];
    size_t size;
};

/* --- ClientHellos --------------------------------------------------------------------------- */

/* What openssl s_client 3.0 sends: for TLS 1.3, for TLS 1.2, and without a name. */
static const char *const openssl_hellos[] = {
    "160301013e0100013a0303d08f5537e14ab945348e1b9165dc46992163df6bf0c7f046a2833988e68197cc20f05c66"
    "a4e4fad7ae70352b970f96eb66f0ef4430aa29e3b20426b8d1707a48f7003e130213031301c02cc030009fcca9cca8"
    "ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d003c0035002f00ff01"
    "0000b30000001600140000117777772e6c6f6f706261636b2e74657374000b000403000102000a00160014001d0017"
    "001e0019001801000101010201030104002300000016000000170000000d002a002804030503060308070808080908"
    "0a080b080408050806040105010601030303010302040205020602002b0009080304030303020301002d0002010100"
    "3300260024001d002092cf908e6ef6a7301cc4c4cda5f7a579bbfbed327ca236b3d3a083a92b4d0b71",
    "16030100d1010000cd03038cb6843837d1e56ea37b6183df26f0fceacd61ece00d4935abd64b6d7b926d38000038c0"
    "2cc030009fcca9cca8ccaac02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d009c003d"
    "003c0035002f00ff0100006c0000001600140000116f6c642e6c6f6f706261636b2e74657374000b00040300010200"
    "0a000c000a001d0017001e00190018002300000016000000170000000d002a00280403050306030807080808090"
    "80a080b080408050806040105010601030303010302040205020602",
    "16030100830100007f0303dd65cf7dbe03625630aec26095d9880431e0d758b8cf8db0c98044abc8b46597000004c0"
    "2f00ff01000052000b000403000102000a000c000a001d0017001e00190018002300000016000000170000000d002a"
    "0028040305030603080708080809080a080b080408050806040105010601030303010302040205020602",
};

static const char *const openssl_names[] = {"www.loopback.test", "old.loopback.test", NULL};

static void hello_openssl(struct hello *hello, int index)
{
    const char *hex = openssl_hellos[index];
    unsigned octet;

    for (hello->size = 0; hex[2 * hello->size] != '\0'; hello->size++) {
        ck_assert_int_eq(sscanf(hex + 2 * hello->size, "%2x", &octet), 1);
        hello->data[hello->size] = (unsigned char)octet;
    }
}

static ssize_t hello_keep(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct hello *hello = pointer;

    ck_assert_uint_le(size, sizeof(hello->data) - hello->size);
    memcpy(hello->data + hello->size, data, size);
    hello->size += size;
    return (ssize_t)size;
}

/* Nobody answers. */
static ssize_t hello_answer(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    (void)pointer;
    (void)data;
    (void)size;
    errno = EAGAIN;
    return -1;
}

/* GnuTLS's first message. */
static void hello_gnutls(struct hello *hello, const char *priority, const char *name)
{
    gnutls_certificate_credentials_t cred;
    gnutls_session_t session;

    hello->size = 0;
    ck_assert_int_eq(gnutls_certificate_allocate_credentials(&cred), 0);
    ck_assert_int_eq(gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NONBLOCK), 0);
    ck_assert_int_eq(gnutls_priority_set_direct(session, priority, NULL), 0);
    ck_assert_int_eq(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, cred), 0);
    if (name != NULL)
        ck_assert_int_eq(gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name)), 0);
    gnutls_transport_set_ptr(session, hello);
    gnutls_transport_set_push_function(session, hello_keep);
    gnutls_transport_set_pull_function(session, hello_answer);
    ck_assert_int_eq(gnutls_handshake(session), GNUTLS_E_AGAIN);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(cred);
    ck_assert_uint_gt(hello->size, 50);
}

static SECURITY_STATUS identity(const struct hello *hello, size_t size, BYTE **name, DWORD *length)
{
    return SslGetServerIdentity((PBYTE)(uintptr_t)hello->data, (DWORD)size, name, length, 0);
}

static void assert_identity(const struct hello *hello, const char *expected)
{
    PBYTE name = NULL;
    DWORD length = 99;

    assert_status(identity(hello, hello->size, &name, &length), SEC_E_OK);
    if (expected == NULL) {
        ck_assert(name == NULL && length == 0);
        return;
    }
    ck_assert_uint_eq(length, strlen(expected));
    ck_assert(name > hello->data && name + length <= hello->data + hello->size);
    ck_assert_mem_eq(name, expected, length);
}

START_TEST(identity_openssl)
{
    struct hello hello;

    hello_openssl(&hello, _i);
    assert_identity(&hello, openssl_names[_i]);
}
END_TEST

static const char *const priorities[] = {"NORMAL", "NORMAL:-VERS-ALL:+VERS-TLS1.3",
                                         "NORMAL:-VERS-ALL:+VERS-TLS1.2"};

START_TEST(identity_gnutls)
{
    struct hello hello;

    hello_gnutls(&hello, priorities[_i], "srv.loopback.test");
    assert_identity(&hello, "srv.loopback.test");
    hello_gnutls(&hello, priorities[_i], NULL);
    assert_identity(&hello, NULL);
}
END_TEST

START_TEST(identity_refused)
{
    struct hello hello;
    PBYTE name;
    DWORD length;

    hello_openssl(&hello, 0);
    assert_status(SslGetServerIdentity(NULL, 5, &name, &length, 0), SEC_E_INVALID_PARAMETER);
    assert_status(SslGetServerIdentity(hello.data, 5, NULL, &length, 0), SEC_E_INVALID_PARAMETER);
    assert_status(SslGetServerIdentity(hello.data, 5, &name, NULL, 0), SEC_E_INVALID_PARAMETER);
    assert_status(SslGetServerIdentity(hello.data, 5, &name, &length, 1), SEC_E_INVALID_PARAMETER);
    hello.data[5] = 2; /* ServerHello */
    assert_status(identity(&hello, hello.size, &name, &length), SEC_E_INVALID_TOKEN);
    ck_assert(name == NULL && length == 0);
    hello.data[0] = 23;
    assert_status(identity(&hello, 1, &name, &length), SEC_E_INVALID_TOKEN);
}
END_TEST

/* A record with the message's beginning only, and one with nothing in it. */
START_TEST(identity_records)
{
    struct hello hello;
    PBYTE name;
    DWORD length;

    hello_openssl(&hello, 0);
    hello.data[3] = 0;
    hello.data[4] = 100;
    assert_status(identity(&hello, hello.size, &name, &length), SEC_E_UNSUPPORTED_FUNCTION);
    hello.data[4] = 0;
    assert_status(identity(&hello, hello.size, &name, &length), SEC_E_INVALID_TOKEN);
}
END_TEST

/* In memory of exactly its size: each prefix asks for more, each altered bit does no harm, and what
 * is told lies within. */
START_TEST(identity_altered)
{
    struct hello hello;
    unsigned char *copy;
    PBYTE name;
    DWORD length;

    hello_openssl(&hello, _i);
    for (size_t size = 0; size < hello.size; size++) {
        copy = malloc(size + 1);
        memcpy(copy, hello.data, size);
        copy = realloc(copy, size == 0 ? 1 : size);
        assert_status(SslGetServerIdentity(copy, (DWORD)size, &name, &length, 0),
                      SEC_E_INCOMPLETE_MESSAGE);
        ck_assert(name == NULL && length == 0);
        free(copy);
    }
    copy = malloc(hello.size);
    memcpy(copy, hello.data, hello.size);
    for (size_t bit = 0; bit < 8 * hello.size; bit++) {
        copy[bit / 8] ^= (unsigned char)(1U << bit % 8);
        if (SslGetServerIdentity(copy, (DWORD)hello.size, &name, &length, 0) != SEC_E_OK)
            ck_assert(name == NULL && length == 0);
        else
            ck_assert(name == NULL ||
                      (name >= copy && length <= hello.size && name + length <= copy + hello.size));
        copy[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    free(copy);
}
END_TEST

/* --- server_name by hand -------------------------------------------------------------------- */

static const struct list {
    unsigned char data[16];
    size_t size;
    SECURITY_STATUS status;
    const char *name;
} lists[] = {
    {{0, 4, 0, 0, 1, 'a'}, 6, SEC_E_OK, "a"},
    {{0, 8, 9, 0, 1, 'x', 0, 0, 1, 'a'}, 10, SEC_E_OK, "a"}, /* a type of tomorrow before it */
    {{0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b'}, 10, SEC_E_INVALID_TOKEN, NULL},
    {{0, 3, 0, 0, 0}, 5, SEC_E_INVALID_TOKEN, NULL},
    {{0, 0}, 2, SEC_E_INVALID_TOKEN, NULL},
    {{0, 4, 0, 0, 1, 'a', 0}, 7, SEC_E_INVALID_TOKEN, NULL},
    {{0, 5, 0, 0, 1, 'a'}, 6, SEC_E_INVALID_TOKEN, NULL},
    {{0, 4, 0, 0, 2, 'a'}, 6, SEC_E_INVALID_TOKEN, NULL},
    {{0, 4, 9, 0, 1, 'a'}, 6, SEC_E_INVALID_TOKEN, NULL},
    {{0}, 0, SEC_E_INVALID_TOKEN, NULL},
};

START_TEST(server_name)
{
    const struct list *row = &lists[_i];
    struct hello hello = {.size = 0};
    size_t body = 2 + 32 + 1 + 4 + 2 + 2 + 4 + row->size;
    const unsigned char head[] = {
        22, 3, 1, 0, (unsigned char)(body + 4), 1, 0, 0, (unsigned char)body, 3, 3};
    const unsigned char middle[] = {0,
                                    0,
                                    2,
                                    0x13,
                                    1,
                                    1,
                                    0,
                                    0,
                                    (unsigned char)(row->size + 4),
                                    0,
                                    0,
                                    0,
                                    (unsigned char)row->size};
    PBYTE name;
    DWORD length;

    memcpy(hello.data, head, sizeof(head));
    memcpy(hello.data + sizeof(head) + 32, middle, sizeof(middle));
    memcpy(hello.data + sizeof(head) + 32 + sizeof(middle), row->data, row->size);
    hello.size = sizeof(head) + 32 + sizeof(middle) + row->size;
    assert_status(identity(&hello, hello.size, &name, &length), row->status);
    if (row->name != NULL)
        assert_identity(&hello, row->name);
}
END_TEST

/* --- Extensions ----------------------------------------------------------------------------- */

#define BARE 5 /* octets of the record's header */

START_TEST(extensions)
{
    SCH_EXTENSION_DATA wanted[] = {{0x2b, NULL, 0}, {0x1234, (const BYTE *)"", 7}, {0x17, NULL, 9}};
    struct hello hello;
    DWORD missing = 99;

    hello_openssl(&hello, 0);
    assert_status(SslGetExtensions(hello.data, (DWORD)hello.size, wanted, 3, &missing,
                                   SCH_EXTENSIONS_OPTIONS_NONE),
                  SEC_E_OK);
    ck_assert_uint_eq(missing, 0);
    ck_assert_uint_eq(wanted[0].cbExtData, 9);
    ck_assert_mem_eq(wanted[0].pExtData, "\x08\x03\x04\x03\x03\x03\x02\x03\x01", 9);
    ck_assert(wanted[1].pExtData == NULL && wanted[1].cbExtData == 0);
    ck_assert(wanted[2].pExtData != NULL && wanted[2].cbExtData == 0);
    assert_status(SslGetExtensions(hello.data + BARE, (DWORD)hello.size - BARE, wanted, 3, &missing,
                                   SCH_NO_RECORD_HEADER),
                  SEC_E_OK);
    ck_assert_uint_eq(wanted[0].cbExtData, 9);
    assert_status(SslGetExtensions(hello.data, (DWORD)hello.size, NULL, 0, &missing,
                                   SCH_EXTENSIONS_OPTIONS_NONE),
                  SEC_E_OK);
}
END_TEST

START_TEST(extensions_refused)
{
    SCH_EXTENSION_DATA wanted[] = {{0x2b, (const BYTE *)"", 7}};
    struct hello hello;
    DWORD missing;

    hello_openssl(&hello, 0);
    assert_status(SslGetExtensions(NULL, 5, wanted, 1, &missing, SCH_EXTENSIONS_OPTIONS_NONE),
                  SEC_E_INVALID_PARAMETER);
    assert_status(SslGetExtensions(hello.data, 5, NULL, 1, &missing, SCH_EXTENSIONS_OPTIONS_NONE),
                  SEC_E_INVALID_PARAMETER);
    assert_status(SslGetExtensions(hello.data, 5, wanted, 1, NULL, SCH_EXTENSIONS_OPTIONS_NONE),
                  SEC_E_INVALID_PARAMETER);
    assert_status(SslGetExtensions(hello.data, 5, wanted, 1, &missing, (SchGetExtensionsOptions)2),
                  SEC_E_INVALID_PARAMETER);
    assert_status(
        SslGetExtensions(hello.data, (DWORD)hello.size, wanted, 1, &missing, SCH_NO_RECORD_HEADER),
        SEC_E_INVALID_TOKEN);
    ck_assert(wanted[0].pExtData == NULL && wanted[0].cbExtData == 0);
}
END_TEST

/* Who reads what is said to be missing has the message in the end. */
START_TEST(extensions_missing)
{
    const SchGetExtensionsOptions flags = _i ? SCH_NO_RECORD_HEADER : SCH_EXTENSIONS_OPTIONS_NONE;
    struct hello hello;
    const unsigned char *data;
    DWORD missing, have = 0, size;
    SECURITY_STATUS status;

    hello_openssl(&hello, 1);
    data = hello.data + (_i ? BARE : 0);
    size = (DWORD)hello.size - (_i ? BARE : 0);
    while ((status = SslGetExtensions(data, have, NULL, 0, &missing, flags)) ==
           SEC_E_INCOMPLETE_MESSAGE) {
        ck_assert_uint_gt(missing, 0);
        have += missing;
        ck_assert_uint_le(have, size);
    }
    assert_status(status, SEC_E_OK);
    ck_assert_uint_eq(have, size);
}
END_TEST

/* --- Certificates --------------------------------------------------------------------------- */

static const unsigned char serial[20] = {0x7f, 2,  3,  4,  5,  6,  7,  8,  9,  10,
                                         11,   12, 13, 14, 15, 16, 17, 18, 19, 20};

static gnutls_datum_t certificate(unsigned key)
{
    const struct certs_form form = {.name = "CN=srv.loopback.test,O=Loopback,C=TL"};
    gnutls_x509_crt_t crt = certs_make(&form, key, NULL, key);
    gnutls_datum_t der;

    ck_assert_int_eq(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)), 0);
    ck_assert_int_eq(gnutls_x509_crt_sign2(crt, crt, certs_key(key), GNUTLS_DIG_SHA256, 0), 0);
    der = certs_der(crt);
    gnutls_x509_crt_deinit(crt);
    return der;
}

START_TEST(crack_rsa)
{
    gnutls_datum_t der = certificate(CERTS_RSA_2048);
    PX509Certificate cracked;
    const BLOBHEADER *blob;
    PCCERT_CONTEXT context;
    char name[128];

    ck_assert(SslCrackCertificate(der.data, der.size, TRUE, &cracked));
    context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
    ck_assert_ptr_nonnull(context);
    ck_assert_uint_eq(cracked->Version, context->pCertInfo->dwVersion);
    for (int i = 0; i < 16; i++) /* the lowest first, of which there are 16 */
        ck_assert_uint_eq(((unsigned char *)cracked->SerialNumber)[i], serial[19 - i]);
    ck_assert_mem_eq(&cracked->ValidFrom, &context->pCertInfo->NotBefore, sizeof(FILETIME));
    ck_assert_mem_eq(&cracked->ValidUntil, &context->pCertInfo->NotAfter, sizeof(FILETIME));
    ck_assert_uint_eq(cracked->SignatureAlgorithm, CertOIDToAlgId(szOID_RSA_SHA256RSA));
    CertNameToStrA(X509_ASN_ENCODING, &context->pCertInfo->Subject, CERT_X500_NAME_STR, name,
                   sizeof(name));
    ck_assert_str_eq(cracked->pszSubject, name);
    ck_assert_str_eq(cracked->pszIssuer, name);
    ck_assert_ptr_nonnull(strstr(name, "srv.loopback.test"));
    ck_assert_uint_eq(cracked->pPublicKey->Type, CALG_RSA_KEYX);
    ck_assert_uint_eq(cracked->pPublicKey->cbKey, 8 + 12 + 256);
    blob = (const BLOBHEADER *)(const void *)cracked->pPublicKey->pKey;
    ck_assert_uint_eq(blob->bType, PUBLICKEYBLOB);
    CertFreeCertificateContext(context);
    SslFreeCertificate(cracked);
    gnutls_free(der.data);
}
END_TEST

START_TEST(crack_other_key)
{
    gnutls_datum_t der = certificate(0);
    PX509Certificate cracked;

    ck_assert(SslCrackCertificate(der.data, der.size, FALSE, &cracked));
    ck_assert_uint_eq(cracked->pPublicKey->cbKey, 65); /* a point of P-256 */
    ck_assert_uint_eq(cracked->pPublicKey->pKey[0], 4);
    SslFreeCertificate(cracked);
    SslFreeCertificate(NULL);
    gnutls_free(der.data);
}
END_TEST

START_TEST(crack_refused)
{
    gnutls_datum_t der = certificate(0);
    PX509Certificate cracked;

    ck_assert(!SslCrackCertificate(NULL, der.size, FALSE, &cracked));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert(!SslCrackCertificate(der.data, der.size, FALSE, NULL));
    ck_assert(!SslCrackCertificate(der.data, der.size, 2, &cracked));
    ck_assert_uint_eq(GetLastError(), ERROR_INVALID_PARAMETER);
    ck_assert(!SslCrackCertificate(der.data, der.size - 1, FALSE, &cracked));
    ck_assert(cracked == NULL && GetLastError() == (DWORD)CRYPT_E_ASN1_EOD);
    der.data[der.size - 1] ^= 1;
    ck_assert(SslCrackCertificate(der.data, der.size, FALSE, &cracked));
    SslFreeCertificate(cracked);
    ck_assert(!SslCrackCertificate(der.data, der.size, TRUE, &cracked));
    ck_assert(cracked == NULL && GetLastError() == (DWORD)NTE_BAD_SIGNATURE);
    gnutls_free(der.data);
}
END_TEST

START_TEST(crack_altered)
{
    gnutls_datum_t der = certificate(_i ? CERTS_RSA_1024 : 0);
    PX509Certificate cracked;
    unsigned char *copy;
    unsigned taken = 0;

    for (unsigned size = 0; size < der.size; size++) {
        copy = malloc(size + 1);
        memcpy(copy, der.data, size);
        ck_assert(!SslCrackCertificate(copy, size, FALSE, &cracked));
        free(copy);
    }
    for (unsigned bit = 0; bit < 8 * der.size; bit++) {
        der.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
        if (SslCrackCertificate(der.data, der.size, FALSE, &cracked)) {
            taken++;
            SslFreeCertificate(cracked);
        }
        der.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    ck_assert_uint_gt(taken, 0);
    gnutls_free(der.data);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("hello");
    TCase *tc = tcase_create("hello");

    tcase_add_loop_test(tc, identity_openssl, 0, COUNT(openssl_hellos));
    tcase_add_loop_test(tc, identity_gnutls, 0, COUNT(priorities));
    tcase_add_test(tc, identity_refused);
    tcase_add_test(tc, identity_records);
    tcase_add_loop_test(tc, identity_altered, 0, COUNT(openssl_hellos));
    tcase_add_loop_test(tc, server_name, 0, COUNT(lists));
    tcase_add_test(tc, extensions);
    tcase_add_test(tc, extensions_refused);
    tcase_add_loop_test(tc, extensions_missing, 0, 2);
    tcase_add_test(tc, crack_rsa);
    tcase_add_test(tc, crack_other_key);
    tcase_add_test(tc, crack_refused);
    tcase_add_loop_test(tc, crack_altered, 0, 2);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
