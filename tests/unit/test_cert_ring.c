/* SPDX-License-Identifier: MIT */
/* Containers in memory: keys of PEM and PKCS #12 files by their names. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ncrypt.h>

#include "cert/cert.h"
#include "lib/certs.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"

#define EC   1
#define ROOM 1024

static const WCHAR password[] = {'p', 'w', 0};

/* The certificate of such a file; its store lives with it. */
static PCCERT_CONTEXT imported(unsigned number, DWORD flags)
{
    CRYPT_DATA_BLOB blob = keyhome_pfx(number, password);
    HCERTSTORE store = PFXImportCertStore(&blob, password, flags);
    PCCERT_CONTEXT context = CertEnumCertificatesInStore(store, NULL);

    ck_assert_ptr_nonnull(context);
    free(blob.pbData);
    CertCloseStore(store, 0);
    return context;
}

static void put(FILE *file, gnutls_datum_t *pem)
{
    certs_must(fwrite(pem->data, 1, pem->size, file) == pem->size);
    gnutls_free(pem->data);
}

/* A PEM file with a certificate and its key, which costs no hashing. */
static const char *pem_of(unsigned number)
{
    struct certs_form form = {.name = "CN=key.example"};
    gnutls_x509_crt_t crt = certs_make(&form, number, NULL, number);
    const char *path = keyhome_path("both.pem");
    FILE *file = fopen(path, "w");
    gnutls_datum_t pem;

    certs_must(file != NULL);
    certs_must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) == 0);
    put(file, &pem);
    certs_must(gnutls_x509_privkey_export2(certs_key(number), GNUTLS_X509_FMT_PEM, &pem) == 0);
    put(file, &pem);
    certs_must(fclose(file) == 0);
    gnutls_x509_crt_deinit(crt);
    return path;
}

static PCCERT_CONTEXT first_of(const char *path)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path);
    PCCERT_CONTEXT context = CertEnumCertificatesInStore(store, NULL);

    ck_assert_ptr_nonnull(context);
    CertCloseStore(store, 0);
    return context;
}

static PCCERT_CONTEXT loaded(unsigned number)
{
    return first_of(pem_of(number));
}

/* CERT_KEY_PROV_INFO in room of the test's; NULL when there is none. */
static CRYPT_KEY_PROV_INFO *named(PCCERT_CONTEXT context)
{
    static _Alignas(max_align_t) BYTE room[ROOM];
    DWORD size = sizeof(room);

    if (CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, room, &size))
        return (CRYPT_KEY_PROV_INFO *)(void *)room;
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    return NULL;
}

static void name_of(PCCERT_CONTEXT context, WCHAR name[64])
{
    CRYPT_KEY_PROV_INFO *info = named(context);
    size_t i = 0;

    ck_assert_ptr_nonnull(info);
    do
        name[i] = info->pwszContainerName[i];
    while (name[i++] != 0 && i < 64);
}

static SECURITY_STATUS opened(LPCWSTR name, DWORD spec, NCRYPT_KEY_HANDLE *key)
{
    NCRYPT_PROV_HANDLE provider;
    SECURITY_STATUS status;

    ck_assert_int_eq(NCryptOpenStorageProvider(&provider, NULL, 0), 0);
    status = NCryptOpenKey(provider, key, name, spec, 0);
    NCryptFreeObject(provider);
    return status;
}

static bool has_key(PCCERT_CONTEXT context)
{
    gnutls_privkey_t key;

    if (cert_context_key(context, &key) != SEC_E_OK)
        return false;
    gnutls_privkey_deinit(key);
    return true;
}

/* --- Names ---------------------------------------------------------------------------------- */

static const struct {
    unsigned key;
    const char *provider;
    DWORD type, spec;
} kinds[] = {
    {EC, "Microsoft Software Key Storage Provider", 0, 0},
    {CERTS_RSA_1024, MS_ENHANCED_PROV_A, PROV_RSA_FULL, AT_KEYEXCHANGE},
};

START_TEST(key_of_a_file_has_a_container)
{
    PCCERT_CONTEXT context = imported(kinds[_i].key, 0);
    CRYPT_KEY_PROV_INFO *info = named(context);
    DWORD spec = 99, size = sizeof(spec);

    ck_assert_ptr_nonnull(info);
    ck_assert_uint_eq(info->pwszContainerName[0], '{');
    ck_assert_uint_eq(info->pwszContainerName[37], '}');
    ck_assert_uint_eq(info->pwszContainerName[38], 0);
    for (size_t i = 0; i <= strlen(kinds[_i].provider); i++)
        ck_assert_uint_eq(info->pwszProvName[i], (WCHAR)kinds[_i].provider[i]);
    ck_assert_uint_eq(info->dwProvType, kinds[_i].type);
    ck_assert_uint_eq(info->dwKeySpec, kinds[_i].spec);
    ck_assert_uint_eq(info->dwFlags | info->cProvParam, 0);
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_SPEC_PROP_ID, &spec, &size));
    ck_assert_uint_eq(spec, kinds[_i].spec);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 0), CERT_KEY_PROV_INFO_PROP_ID);
    ck_assert_uint_ne(CertEnumCertificateContextProperties(context, CERT_KEY_PROV_INFO_PROP_ID),
                      CERT_KEY_PROV_INFO_PROP_ID);
    size = 3;
    ck_assert(!CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, info, &size));
    ck_assert_uint_eq(GetLastError(), ERROR_MORE_DATA);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(key_that_is_not_kept_has_none)
{
    PCCERT_CONTEXT context = imported(EC, PKCS12_NO_PERSIST_KEY);

    ck_assert_ptr_null(named(context));
    ck_assert_uint_ne(CertEnumCertificateContextProperties(context, 0), CERT_KEY_PROV_INFO_PROP_ID);
    ck_assert(has_key(context));
    CertFreeCertificateContext(context);
}
END_TEST

/* --- Opening -------------------------------------------------------------------------------- */

START_TEST(container_opens_by_cng)
{
    PCCERT_CONTEXT context = loaded(EC);
    WCHAR name[64], again[64], lower[64];
    NCRYPT_KEY_HANDLE key = 0, other = 0;
    DWORD size = 0;

    name_of(context, name);
    ck_assert_int_eq(opened(name, AT_SIGNATURE, &key), NTE_BAD_KEYSET);
    ck_assert_int_eq(opened(name, 0, &key), 0);
    ck_assert_int_eq(
        NCryptGetProperty(key, NCRYPT_NAME_PROPERTY, (PBYTE)again, sizeof(again), &size, 0), 0);
    ck_assert_mem_eq(again, name, size);
    for (size_t i = 0; i < 64; i++)
        lower[i] = name[i] >= 'A' && name[i] <= 'F' ? (WCHAR)(name[i] | 0x20) : name[i];
    ck_assert_int_eq(opened(lower, 0, &other), 0);
    NCryptFreeObject(other);

    /* It lives as long as anything has the key. */
    CertFreeCertificateContext(context);
    ck_assert_int_eq(opened(name, 0, &other), 0);
    NCryptFreeObject(other);
    NCryptFreeObject(key);
    ck_assert_int_eq(opened(name, 0, &other), NTE_BAD_KEYSET);
}
END_TEST

START_TEST(container_opens_by_cryptoapi)
{
    PCCERT_CONTEXT context = imported(CERTS_RSA_1024, 0), ec = loaded(EC);
    WCHAR name[64];
    char text[64] = "";
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;
    DWORD size = sizeof(text);

    name_of(context, name);
    ck_assert(CryptAcquireContextW(&provider, name, NULL, PROV_RSA_FULL, 0));
    ck_assert(CryptGetProvParam(provider, PP_CONTAINER, (BYTE *)text, &size, 0));
    ck_assert_uint_eq(size, 39);
    ck_assert_uint_eq((BYTE)text[1], name[1]);
    ck_assert(CryptGetUserKey(provider, AT_KEYEXCHANGE, &key));
    ck_assert(!CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, NULL, &size));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_KEY_STATE);
    CryptDestroyKey(key);
    ck_assert(!CryptGetUserKey(provider, AT_SIGNATURE, &key));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_NO_KEY);

    /* What is made in it stays in memory as well. */
    ck_assert(CryptGenKey(provider, AT_SIGNATURE, 1024U << 16, &key));
    CryptDestroyKey(key);
    ck_assert(CryptReleaseContext(provider, 0));
    ck_assert(!CryptAcquireContextW(&provider, name, NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_EXISTS);
    name_of(ec, name);
    ck_assert(!CryptAcquireContextW(&provider, name, NULL, PROV_RSA_FULL, 0));
    ck_assert_uint_eq(GetLastError(), (DWORD)NTE_BAD_KEYSET);
    CertFreeCertificateContext(context);
    CertFreeCertificateContext(ec);
}
END_TEST

/* Of CryptAcquireCertificatePrivateKey's handle the container is told, too. */
START_TEST(handle_of_a_certificate_has_the_name)
{
    PCCERT_CONTEXT context = loaded(CERTS_RSA_1024);
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE handle = 0;
    WCHAR name[64], again[64] = {0};
    DWORD spec = 0, size = 0;
    BOOL callers = FALSE;

    name_of(context, name);
    ck_assert(CryptAcquireCertificatePrivateKey(context, 0, NULL, &handle, &spec, &callers));
    ck_assert_uint_eq(spec, AT_KEYEXCHANGE);
    ck_assert(CryptGetProvParam(handle, PP_CONTAINER, NULL, &size, 0));
    ck_assert_uint_eq(size, 39);
    CryptReleaseContext(handle, 0);
    ck_assert(CryptAcquireCertificatePrivateKey(context, CRYPT_ACQUIRE_ONLY_NCRYPT_KEY_FLAG, NULL,
                                                &handle, &spec, &callers));
    ck_assert_int_eq(
        NCryptGetProperty(handle, NCRYPT_NAME_PROPERTY, (PBYTE)again, sizeof(again), &size, 0), 0);
    ck_assert_mem_eq(again, name, size);
    NCryptFreeObject(handle);
    CertFreeCertificateContext(context);
}
END_TEST

/* --- Deleting ------------------------------------------------------------------------------- */

START_TEST(name_is_deleted_and_the_key_stays)
{
    PCCERT_CONTEXT context = loaded(CERTS_RSA_1024), twice = loaded(CERTS_RSA_1024);
    HCRYPTPROV provider = 0;
    NCRYPT_KEY_HANDLE key = 0;
    WCHAR name[64];

    name_of(context, name);
    ck_assert(CryptAcquireContextW(&provider, name, NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET));
    ck_assert_int_eq(opened(name, 0, &key), NTE_BAD_KEYSET);
    ck_assert_ptr_null(named(context));
    ck_assert_ptr_null(named(twice));
    ck_assert(has_key(context));
    CertFreeCertificateContext(twice);
    CertFreeCertificateContext(context);

    context = loaded(EC);
    name_of(context, name);
    ck_assert_int_eq(opened(name, 0, &key), 0);
    ck_assert_int_eq(NCryptDeleteKey(key, 0), 0);
    ck_assert_int_eq(opened(name, 0, &key), NTE_BAD_KEYSET);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(name_is_taken)
{
    PCCERT_CONTEXT context = loaded(EC);
    NCRYPT_PROV_HANDLE provider;
    NCRYPT_KEY_HANDLE key = 0;
    WCHAR name[64];

    name_of(context, name);
    ck_assert_int_eq(NCryptOpenStorageProvider(&provider, NULL, 0), 0);
    ck_assert_int_eq(NCryptCreatePersistedKey(provider, &key, NCRYPT_ECDSA_P256_ALGORITHM, name, 0,
                                              NCRYPT_OVERWRITE_KEY_FLAG),
                     NTE_EXISTS);
    NCryptFreeObject(provider);
    CertFreeCertificateContext(context);
}
END_TEST

/* --- The property --------------------------------------------------------------------------- */

/* Who is given the name has the key, also when nobody else has it any more. */
START_TEST(name_brings_the_key)
{
    PCCERT_CONTEXT context = loaded(EC);
    PCCERT_CONTEXT bare = CertCreateCertificateContext(X509_ASN_ENCODING, context->pbCertEncoded,
                                                       context->cbCertEncoded);

    ck_assert(!has_key(bare));
    ck_assert(
        CertSetCertificateContextProperty(bare, CERT_KEY_PROV_INFO_PROP_ID, 0, named(context)));
    CertFreeCertificateContext(context);
    ck_assert(has_key(bare));
    ck_assert(CertSetCertificateContextProperty(bare, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL));
    ck_assert(!has_key(bare));
    ck_assert_ptr_null(named(bare));
    CertFreeCertificateContext(bare);
}
END_TEST

START_TEST(name_taken_away_takes_the_key)
{
    PCCERT_CONTEXT context = loaded(EC);

    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL));
    ck_assert(!has_key(context));
    CertFreeCertificateContext(context);
}
END_TEST

static bool has_text(const BYTE *data, DWORD size, const WCHAR *text)
{
    return memmem(data, size, text, 8 * sizeof(*text)) != NULL;
}

/* The name means nothing to another process: neither form of a store writes it. */
START_TEST(name_is_not_written)
{
    PCCERT_CONTEXT context = loaded(EC);
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL), again;
    CRYPT_DATA_BLOB blob = {0, NULL};
    WCHAR name[64];

    name_of(context, name);
    ck_assert(
        CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, named(context)));
    ck_assert(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_ALWAYS, NULL));
    ck_assert(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    blob.pbData = malloc(blob.cbData);
    ck_assert(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    ck_assert(!has_text(blob.pbData, blob.cbData, name));
    again = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &blob);
    ck_assert_ptr_nonnull(again);
    CertCloseStore(again, 0);
    free(blob.pbData);
    CertCloseStore(store, 0);
    CertFreeCertificateContext(context);
}
END_TEST

/* A certificate of MY has its key beside it, and a container as soon as it is read. */
START_TEST(key_of_my_has_a_container)
{
    PCCERT_CONTEXT context = loaded(EC), found;
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    NCRYPT_KEY_HANDLE key = 0;
    WCHAR name[64], again[64];

    name_of(context, name);
    ck_assert(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_ALWAYS, NULL));
    CertCloseStore(store, 0);
    CertFreeCertificateContext(context);
    ck_assert_int_eq(opened(name, 0, &key), NTE_BAD_KEYSET);
    store = CertOpenSystemStoreA(0, "MY");
    found = CertEnumCertificatesInStore(store, NULL);
    ck_assert_ptr_nonnull(found);
    name_of(found, again);
    ck_assert_mem_eq(again, name, 38 * sizeof(*name));
    ck_assert_int_eq(opened(name, 0, &key), 0);
    NCryptFreeObject(key);
    CertFreeCertificateContext(found);
    CertCloseStore(store, 0);
}
END_TEST

/* --- Threads -------------------------------------------------------------------------------- */

static WCHAR shared_name[64];
static const char *shared_file;

static void *comes_and_goes(void *unused)
{
    for (int i = 0; i < 300; i++)
        CertFreeCertificateContext(first_of(shared_file));
    return unused;
}

static void *is_looked_for(void *unused)
{
    for (int i = 0; i < 1000; i++) {
        NCRYPT_KEY_HANDLE key = 0;
        DWORD bits = 0, size = 0;

        if (opened(shared_name, 0, &key) != 0)
            continue;
        ck_assert_int_eq(
            NCryptGetProperty(key, NCRYPT_LENGTH_PROPERTY, (PBYTE)&bits, sizeof(bits), &size, 0),
            0);
        ck_assert_uint_eq(bits, 256);
        NCryptFreeObject(key);
    }
    return unused;
}

START_TEST(container_goes_while_it_is_opened)
{
    PCCERT_CONTEXT context;
    pthread_t threads[4];

    shared_file = pem_of(EC);
    context = first_of(shared_file);
    name_of(context, shared_name);
    CertFreeCertificateContext(context);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, i < 2 ? comes_and_goes : is_looked_for, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("ring");
    TCase *tc = tcase_create("containers");

    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, keyhome_begin, keyhome_end);
    tcase_add_loop_test(tc, key_of_a_file_has_a_container, 0, 2);
    tcase_add_test(tc, key_that_is_not_kept_has_none);
    tcase_add_test(tc, container_opens_by_cng);
    tcase_add_test(tc, container_opens_by_cryptoapi);
    tcase_add_test(tc, handle_of_a_certificate_has_the_name);
    tcase_add_test(tc, name_is_deleted_and_the_key_stays);
    tcase_add_test(tc, name_is_taken);
    tcase_add_test(tc, name_brings_the_key);
    tcase_add_test(tc, name_taken_away_takes_the_key);
    tcase_add_test(tc, name_is_not_written);
    tcase_add_test(tc, key_of_my_has_a_container);
    tcase_add_test(tc, container_goes_while_it_is_opened);
    suite_add_tcase(s, tc);
    return s;
}

CHECK_MAIN(suite)
