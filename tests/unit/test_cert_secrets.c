/* SPDX-License-Identifier: MIT */
/*
 * Private keys and passwords in memory: no block that the library frees has one in it. What GnuTLS
 * frees is GnuTLS'.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ncrypt.h>

#include "cert/cert.h"
#include "lib/certs.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"

#define RSA CERTS_RSA_1024

static const WCHAR password[] = {'s', 'e', 's', 'a', 'm', 'e', 'O', 'p', 'e', 'n', 0};

/* ---- What is looked for --------------------------------------------------------------------- */

#define NEEDLES 6
#define NEEDLE  16 /* octets are enough to know it by */

static struct {
    unsigned char octets[NEEDLES][NEEDLE];
    size_t sizes[NEEDLES];
    unsigned count;
    volatile unsigned found; /* compilers know that free() touches neither */
    volatile bool looking;
} secrets;

static void needle_add(const void *octets, size_t size)
{
    size = size < NEEDLE ? size : NEEDLE;
    memcpy(secrets.octets[secrets.count], octets, size);
    secrets.sizes[secrets.count++] = size;
}

static void look_at(void *block)
{
    for (unsigned i = 0; block != NULL && secrets.looking && i < secrets.count; i++)
        if (memmem(block, malloc_usable_size(block), secrets.octets[i], secrets.sizes[i]) != NULL)
            secrets.found |= 1U << i;
}

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    look_at(block);
    __real_free(block);
}

/* What moves leaves what it was behind. */
void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    look_at(block);
    return __real_realloc(block, size);
}

/* ---- What has them -------------------------------------------------------------------------- */

static struct {
    PCCERT_CONTEXT cert;
    gnutls_datum_t pem, der;
    CRYPT_DATA_BLOB pfx, key;
} world;

static void needles_make(void)
{
    gnutls_datum_t n, e, d, p, q, u;
    unsigned char turned[NEEDLE];

    certs_must(gnutls_x509_privkey_export_rsa_raw(certs_key(RSA), &n, &e, &d, &p, &q, &u) == 0);
    needle_add(p.data + 8, NEEDLE);
    for (unsigned i = 0; i < NEEDLE; i++)
        turned[i] = p.data[8 + NEEDLE - 1 - i];
    needle_add(turned, NEEDLE);
    needle_add("sesameOpen", 10);
    needle_add(password, NEEDLE);
    needle_add(world.pem.data + world.pem.size / 2, NEEDLE);
    gnutls_free(n.data);
    gnutls_free(e.data);
    gnutls_free(d.data);
    gnutls_free(p.data);
    gnutls_free(q.data);
    gnutls_free(u.data);
}

static void pem_make(void)
{
    const gnutls_datum_t der = {world.cert->pbCertEncoded, world.cert->cbCertEncoded};
    gnutls_datum_t cert, key, all;

    certs_must(gnutls_pem_base64_encode2("CERTIFICATE", &der, &cert) == 0);
    certs_must(gnutls_x509_privkey_export2_pkcs8(certs_key(RSA), GNUTLS_X509_FMT_PEM, NULL,
                                                 GNUTLS_PKCS_PLAIN, &key) == 0);
    all.data = gnutls_malloc(cert.size + key.size);
    certs_must(all.data != NULL);
    all.size = cert.size + key.size;
    memcpy(all.data, key.data, key.size); /* so that the middle of it is the key's */
    memcpy(all.data + key.size, cert.data, cert.size);
    world.pem = all;
    world.pem.size = key.size;
    needles_make();
    world.pem.size = all.size;
    gnutls_free(cert.data);
    gnutls_free(key.data);
}

static void pfx_make(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);

    certs_must(CertAddCertificateContextToStore(store, world.cert, CERT_STORE_ADD_ALWAYS, NULL));
    certs_must(PFXExportCertStoreEx(store, &world.pfx, password, NULL, EXPORT_PRIVATE_KEYS));
    world.pfx.pbData = malloc(world.pfx.cbData);
    certs_must(PFXExportCertStoreEx(store, &world.pfx, password, NULL, EXPORT_PRIVATE_KEYS));
    CertCloseStore(store, 0);
}

static void key_make(void)
{
    const gnutls_x509_privkey_t key = certs_key(RSA);

    certs_must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_DER, &world.der) == 0);
    certs_must(CryptDecodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, world.der.data,
                                 world.der.size, 0, NULL, &world.key.cbData));
    world.key.pbData = malloc(world.key.cbData);
    certs_must(CryptDecodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, world.der.data,
                                 world.der.size, 0, world.key.pbData, &world.key.cbData));
}

static void setup(void)
{
    gnutls_privkey_t key;

    keyhome_begin();
    memset(&secrets, 0, sizeof(secrets));
    world.cert = keyhome_certificate(RSA);
    certs_must(gnutls_privkey_init(&key) == 0);
    certs_must(gnutls_privkey_import_x509(key, certs_key(RSA), GNUTLS_PRIVKEY_IMPORT_COPY) == 0);
    certs_must(cert_context_key_attach(world.cert, key));
    pem_make();
    pfx_make();
    key_make();
}

static void teardown(void)
{
    CertFreeCertificateContext(world.cert);
    gnutls_free(world.pem.data);
    gnutls_free(world.der.data);
    free(world.pfx.pbData);
    free(world.key.pbData);
    memset(&world, 0, sizeof(world));
    keyhome_end();
}

/* ---- Trials --------------------------------------------------------------------------------- */

static void trial_pfx(void)
{
    CRYPT_DATA_BLOB out = {0, NULL};
    HCERTSTORE store = PFXImportCertStore(&world.pfx, password, CRYPT_EXPORTABLE);

    ck_assert_ptr_nonnull(store);
    ck_assert(PFXExportCertStoreEx(store, &out, password, NULL, EXPORT_PRIVATE_KEYS));
    CertCloseStore(store, 0);
    ck_assert(PFXVerifyPassword(&world.pfx, password, 0));
}

static void trial_folder(void)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT found;

    ck_assert(CertAddCertificateContextToStore(store, world.cert, CERT_STORE_ADD_ALWAYS, NULL));
    CertCloseStore(store, 0);
    store = CertOpenSystemStoreA(0, "MY");
    found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY, NULL,
                                       NULL);
    ck_assert_ptr_nonnull(found);
    CertFreeCertificateContext(found);
    CertCloseStore(store, 0);
}

static void trial_query(void)
{
    CRYPT_DATA_BLOB blob = {world.pem.size, world.pem.data};
    HCERTSTORE store = NULL;

    ck_assert(CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                               CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, &store, NULL,
                               NULL));
    CertCloseStore(store, 0);
}

static void trial_decode(void)
{
    BYTE blob[1024];
    DWORD size = sizeof(blob);

    ck_assert(CryptDecodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, world.der.data,
                                world.der.size, 0, blob, &size));
}

static void trial_text(void)
{
    char text[4096];
    BYTE octets[1024];
    WCHAR wide[4096];
    DWORD count = sizeof(text), size = sizeof(octets), units = 4096;

    ck_assert(
        CryptBinaryToStringA(world.key.pbData, world.key.cbData, CRYPT_STRING_HEX, text, &count));
    ck_assert(CryptStringToBinaryA(text, count, CRYPT_STRING_HEX, octets, &size, NULL, NULL));
    ck_assert(CryptBinaryToStringW(world.key.pbData, world.key.cbData, CRYPT_STRING_BASE64, wide,
                                   &units));
    size = sizeof(octets);
    ck_assert(CryptStringToBinaryW(wide, units, CRYPT_STRING_BASE64, octets, &size, NULL, NULL));
}

static void trial_capi(void)
{
    HCRYPTPROV provider;
    HCRYPTKEY key;
    BYTE blob[1024];
    DWORD size = sizeof(blob);

    ck_assert(CryptAcquireContextA(&provider, "secret", NULL, PROV_RSA_AES, CRYPT_NEWKEYSET));
    ck_assert(
        CryptImportKey(provider, world.key.pbData, world.key.cbData, 0, CRYPT_EXPORTABLE, &key));
    ck_assert(CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, blob, &size));
    CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
    ck_assert(CryptAcquireContextA(&provider, "secret", NULL, PROV_RSA_AES, 0));
    ck_assert(CryptGetUserKey(provider, AT_KEYEXCHANGE, &key));
    CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
}

static void trial_cng(void)
{
    static const WCHAR capi[] = {'C', 'A', 'P', 'I', 'P', 'R', 'I', 'V',
                                 'A', 'T', 'E', 'B', 'L', 'O', 'B', 0};
    static const WCHAR pkcs8[] = {'P', 'K', 'C', 'S', '8', '_', 'P', 'R', 'I',
                                  'V', 'A', 'T', 'E', 'K', 'E', 'Y', 0};
    static const WCHAR policy_name[] = {'E', 'x', 'p', 'o', 'r', 't', ' ',
                                        'P', 'o', 'l', 'i', 'c', 'y', 0};
    DWORD policy = NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG;
    NCRYPT_PROV_HANDLE provider;
    NCRYPT_KEY_HANDLE key;
    BYTE blob[2048];
    DWORD size;

    ck_assert_int_eq(NCryptOpenStorageProvider(&provider, NULL, 0), 0);
    ck_assert_int_eq(NCryptImportKey(provider, 0, capi, NULL, &key, world.key.pbData,
                                     world.key.cbData, NCRYPT_DO_NOT_FINALIZE_FLAG),
                     0);
    ck_assert_int_eq(NCryptSetProperty(key, policy_name, (PBYTE)&policy, sizeof(policy), 0), 0);
    ck_assert_int_eq(NCryptFinalizeKey(key, 0), 0);
    ck_assert_int_eq(NCryptExportKey(key, 0, pkcs8, NULL, blob, sizeof(blob), &size, 0), 0);
    NCryptFreeObject(key);
    NCryptFreeObject(provider);
}

static const struct {
    const char *name;
    void (*run)(void);
} trials[] = {
    {"pfx", trial_pfx},       {"folder", trial_folder}, {"query", trial_query},
    {"decode", trial_decode}, {"text", trial_text},     {"capi", trial_capi},
    {"cng", trial_cng},
};

START_TEST(nothing_secret_is_freed)
{
    secrets.looking = true;
    trials[_i].run();
    secrets.looking = false;
    ck_assert_msg(secrets.found == 0, "%s: needles 0x%x", trials[_i].name, secrets.found);
}
END_TEST

/* The test can fail: a block with a needle is seen. */
START_TEST(needle_is_found)
{
    char *volatile block = strdup("a sesameOpen"); /* a compiler might make nothing of it */

    ck_assert_ptr_nonnull(block);
    secrets.looking = true;
    free(block);
    secrets.looking = false;
    ck_assert_uint_eq(secrets.found, 1U << 2);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("cert secrets");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, nothing_secret_is_freed, 0, sizeof(trials) / sizeof(trials[0]));
    tcase_add_test(tests, needle_is_found);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
