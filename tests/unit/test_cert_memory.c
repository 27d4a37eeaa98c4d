/* SPDX-License-Identifier: MIT */
/*
 * Certificates, stores and keys where memory runs out, at each place in turn: an error that says
 * so, nothing lost, and never a chain that looks better than it is.
 */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <ncrypt.h>

#include "lib/check_main.h"
#include "lib/faults.h"
#include "lib/keyhome.h"
#include "lib/limbo.h"

#define RSA CERTS_RSA_1024

static const WCHAR password[] = {'p', 'w', 0};

/* What the trials work with, made while there is memory. */
static struct {
    PCCERT_CONTEXT cert; /* with its key */
    gnutls_datum_t pem;  /* of both */
    CRYPT_DATA_BLOB pfx, serialized, key;
} world;

static void pem_add(const gnutls_datum_t *part)
{
    world.pem.data = realloc(world.pem.data, world.pem.size + part->size);
    memcpy(world.pem.data + world.pem.size, part->data, part->size);
    world.pem.size += part->size;
}

static void pem_make(void)
{
    const gnutls_datum_t der = {world.cert->pbCertEncoded, world.cert->cbCertEncoded};
    gnutls_datum_t cert, key;

    certs_must(gnutls_pem_base64_encode2("CERTIFICATE", &der, &cert) == 0);
    certs_must(gnutls_x509_privkey_export2(certs_key(RSA), GNUTLS_X509_FMT_PEM, &key) == 0);
    pem_add(&cert);
    pem_add(&key);
    gnutls_free(cert.data);
    gnutls_free(key.data);
}

static HCERTSTORE memory_store(void)
{
    return CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
}

static void blobs_make(void)
{
    HCERTSTORE store = memory_store();

    certs_must(CertAddCertificateContextToStore(store, world.cert, CERT_STORE_ADD_ALWAYS, NULL));
    certs_must(PFXExportCertStoreEx(store, &world.pfx, password, NULL, EXPORT_PRIVATE_KEYS));
    world.pfx.pbData = malloc(world.pfx.cbData);
    certs_must(PFXExportCertStoreEx(store, &world.pfx, password, NULL, EXPORT_PRIVATE_KEYS));
    certs_must(CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY,
                             &world.serialized, 0));
    world.serialized.pbData = malloc(world.serialized.cbData);
    certs_must(CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_MEMORY,
                             &world.serialized, 0));
    CertCloseStore(store, 0);
}

static void key_make(void)
{
    gnutls_datum_t der;

    certs_must(gnutls_x509_privkey_export2(certs_key(RSA), GNUTLS_X509_FMT_DER, &der) == 0);
    certs_must(CryptDecodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, der.data, der.size, 0,
                                 NULL, &world.key.cbData));
    world.key.pbData = malloc(world.key.cbData);
    certs_must(CryptDecodeObject(X509_ASN_ENCODING, PKCS_RSA_PRIVATE_KEY, der.data, der.size, 0,
                                 world.key.pbData, &world.key.cbData));
    gnutls_free(der.data);
}

static void setup(void)
{
    gnutls_privkey_t key;

    keyhome_begin();
    setenv("SSPI_CERT_ROOT", "/nonexistent", 1);
    world.cert = keyhome_certificate(RSA);
    certs_must(gnutls_privkey_init(&key) == 0);
    certs_must(gnutls_privkey_import_x509(key, certs_key(RSA), GNUTLS_PRIVKEY_IMPORT_COPY) == 0);
    certs_must(cert_context_key_attach(world.cert, key));
    pem_make();
    blobs_make();
    key_make();
}

static void teardown(void)
{
    CertFreeCertificateContext(world.cert);
    free(world.pem.data);
    free(world.pfx.pbData);
    free(world.serialized.pbData);
    free(world.key.pbData);
    memset(&world, 0, sizeof(world));
    keyhome_end();
}

/* ---- Trials --------------------------------------------------------------------------------- */

/* Each does something from end to end, and frees what it has got; FALSE with the error set. */

static BOOL trial_store(void)
{
    HCERTSTORE store = memory_store(), all = NULL;
    PCCERT_CONTEXT found = NULL;
    CRYPT_DATA_BLOB name = {4, (BYTE *)(uintptr_t) "a\0\0"};
    BOOL done;

    if (store == NULL)
        return FALSE;
    done = CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, world.cert->pbCertEncoded,
                                            world.cert->cbCertEncoded, CERT_STORE_ADD_NEW, &found);
    if (done)
        done = CertSetCertificateContextProperty(found, CERT_FRIENDLY_NAME_PROP_ID, 0, &name);
    CertFreeCertificateContext(found);
    found = NULL;
    if (done)
        all = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    done = done && all != NULL && CertAddStoreToCollection(all, store, 0, 0) &&
           (found = CertFindCertificateInStore(all, X509_ASN_ENCODING, 0, CERT_FIND_SUBJECT_STR_A,
                                               "key.example", NULL)) != NULL;
    CertFreeCertificateContext(found);
    CertCloseStore(all, 0);
    CertCloseStore(store, 0);
    return done;
}

static BOOL trial_folder(void)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT found = NULL;
    BOOL done = store != NULL && CertAddCertificateContextToStore(
                                     store, world.cert, CERT_STORE_ADD_REPLACE_EXISTING, NULL);

    CertCloseStore(store, 0);
    store = done ? CertOpenSystemStoreA(0, "MY") : NULL;
    if (store != NULL)
        found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY,
                                           NULL, NULL);
    CertFreeCertificateContext(found);
    CertCloseStore(store, 0);
    return found != NULL;
}

static BOOL trial_pfx(void)
{
    HCERTSTORE store = PFXImportCertStore(&world.pfx, password, CRYPT_EXPORTABLE);
    CRYPT_DATA_BLOB out = {0, NULL};
    BOOL done =
        store != NULL && PFXExportCertStoreEx(store, &out, password, NULL, EXPORT_PRIVATE_KEYS);

    CertCloseStore(store, 0);
    return done;
}

static BOOL trial_serialized(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &world.serialized);
    CRYPT_DATA_BLOB out = {0, NULL};
    BOOL done = store != NULL && CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE,
                                               CERT_STORE_SAVE_TO_MEMORY, &out, 0);

    CertCloseStore(store, 0);
    return done && out.cbData == world.serialized.cbData;
}

static BOOL trial_query(void)
{
    CRYPT_DATA_BLOB blob = {world.pem.size, world.pem.data};
    const void *context = NULL;
    HCERTSTORE store = NULL;
    BOOL done =
        CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, CERT_QUERY_CONTENT_FLAG_ALL,
                         CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, &store, NULL, &context);

    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
    return done;
}

static BOOL trial_code(void)
{
    CERT_NAME_INFO *name = NULL;
    BYTE *der = NULL;
    DWORD size = sizeof(name), der_size = sizeof(der);
    BOOL done =
        CryptDecodeObjectEx(X509_ASN_ENCODING, X509_NAME, world.cert->pCertInfo->Subject.pbData,
                            world.cert->pCertInfo->Subject.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL,
                            &name, &size) &&
        CryptEncodeObjectEx(X509_ASN_ENCODING, X509_NAME, name, CRYPT_ENCODE_ALLOC_FLAG, NULL, &der,
                            &der_size);

    LocalFree(der);
    LocalFree(name);
    return done;
}

static BOOL trial_text(void)
{
    BYTE der[256];
    DWORD size = sizeof(der), count = 512;
    char text[512];

    return CertStrToNameA(X509_ASN_ENCODING, "CN=\"a, b\", O=c", CERT_X500_NAME_STR, NULL, der,
                          &size, NULL) &&
           CryptBinaryToStringA(der, size, CRYPT_STRING_BASE64, text, &count) &&
           CryptStringToBinaryA(text, count, CRYPT_STRING_BASE64, der, &size, NULL, NULL);
}

static BOOL trial_capi(void)
{
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;
    HCRYPTHASH hash = 0;
    BYTE signature[256];
    DWORD size = sizeof(signature);
    BOOL done =
        CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT) &&
        CryptImportKey(provider, world.key.pbData, world.key.cbData, 0, CRYPT_EXPORTABLE, &key) &&
        CryptCreateHash(provider, CALG_SHA_256, 0, 0, &hash) &&
        CryptHashData(hash, (const BYTE *)"data", 4, 0) &&
        CryptSignHashA(hash, AT_KEYEXCHANGE, NULL, 0, signature, &size) &&
        CryptVerifySignatureA(hash, signature, size, key, NULL, 0);
    DWORD error = GetLastError();

    if (hash != 0)
        CryptDestroyHash(hash);
    if (key != 0)
        CryptDestroyKey(key);
    if (provider != 0)
        CryptReleaseContext(provider, 0);
    SetLastError(error);
    return done;
}

static BOOL cng_result(SECURITY_STATUS status)
{
    SetLastError((DWORD)status);
    return status == SEC_E_OK;
}

static BOOL trial_cng(void)
{
    static const WCHAR type[] = {'C', 'A', 'P', 'I', 'P', 'R', 'I', 'V',
                                 'A', 'T', 'E', 'B', 'L', 'O', 'B', 0};
    WCHAR name[] = {'t', 'r', 'i', 'a', 'l', 0};
    NCryptBuffer part = {sizeof(name), NCRYPTBUFFER_PKCS_KEY_NAME, name};
    NCryptBufferDesc named = {NCRYPTBUFFER_VERSION, 1, &part};
    NCRYPT_PROV_HANDLE provider = 0;
    NCRYPT_KEY_HANDLE key = 0, again = 0;
    SECURITY_STATUS status = NCryptOpenStorageProvider(&provider, NULL, 0);

    if (status == SEC_E_OK)
        status = NCryptImportKey(provider, 0, type, &named, &key, world.key.pbData,
                                 world.key.cbData, NCRYPT_OVERWRITE_KEY_FLAG);
    if (status == SEC_E_OK)
        status = NCryptOpenKey(provider, &again, name, 0, 0);
    if (again != 0)
        NCryptFreeObject(again);
    if (key != 0)
        NCryptFreeObject(key);
    if (provider != 0)
        NCryptFreeObject(provider);
    return cng_result(status);
}

static BOOL trial_selfsigned(void)
{
    BYTE der[64];
    CERT_NAME_BLOB name = {sizeof(der), der};
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;
    PCCERT_CONTEXT cert = NULL;
    BOOL done = CertStrToNameA(X509_ASN_ENCODING, "CN=self", CERT_X500_NAME_STR, NULL, der,
                               &name.cbData, NULL) &&
                CryptAcquireContextA(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT) &&
                CryptImportKey(provider, world.key.pbData, world.key.cbData, 0, 0, &key) &&
                (cert = CertCreateSelfSignCertificate(provider, &name, 0, NULL, NULL, NULL, NULL,
                                                      NULL)) != NULL;
    DWORD error = GetLastError();

    CertFreeCertificateContext(cert);
    if (key != 0)
        CryptDestroyKey(key);
    if (provider != 0)
        CryptReleaseContext(provider, 0);
    SetLastError(error);
    return done;
}

static const struct {
    const char *name;
    BOOL (*run)(void);
} trials[] = {
    {"store", trial_store}, {"folder", trial_folder},
    {"pfx", trial_pfx},     {"serialized", trial_serialized},
    {"query", trial_query}, {"code", trial_code},
    {"text", trial_text},   {"capi", trial_capi},
    {"cng", trial_cng},     {"self-signed", trial_selfsigned},
};

static bool error_is_memory(DWORD error)
{
    return error == (DWORD)E_OUTOFMEMORY || error == ERROR_NOT_ENOUGH_MEMORY ||
           error == (DWORD)NTE_NO_MEMORY || error == (DWORD)SEC_E_INSUFFICIENT_MEMORY;
}

START_TEST(every_allocation_of_a_trial)
{
    bool failed = true;

    for (unsigned number = 1; failed; number++) {
        DWORD error;
        BOOL done;

        ck_assert_uint_lt(number, FAULTS_MAX);
        SetLastError(0);
        faults_arm(number);
        done = trials[_i].run();
        error = GetLastError();
        failed = faults_disarm();
        ck_assert_msg(done || (failed && error_is_memory(error)), "%s: allocation %u: %08x",
                      trials[_i].name, number, (unsigned)error);
    }
}
END_TEST

/* ---- Chains --------------------------------------------------------------------------------- */

/* The chain of a case, and what the policy of its usage thinks of it; E_FAIL where there is none.
 */
static HRESULT chain_judge(HCERTSTORE roots, PCCERT_CONTEXT end, HCERTSTORE extra,
                           const struct limbo_case *limbo)
{
    LPSTR usage[] = {(LPSTR)(uintptr_t)limbo->usage};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .hExclusiveRoot = roots};
    CERT_CHAIN_POLICY_PARA policy = {.cbSize = sizeof(policy)};
    CERT_CHAIN_POLICY_STATUS verdict = {.cbSize = sizeof(verdict), .dwError = (DWORD)E_FAIL};
    HCERTCHAINENGINE engine = NULL;
    PCCERT_CHAIN_CONTEXT chain = NULL;

    if (limbo->usage != NULL)
        para.RequestedUsage.Usage = (CERT_ENHKEY_USAGE){1, usage};
    if (CertCreateCertificateChainEngine(&config, &engine) &&
        CertGetCertificateChain(engine, end, NULL, extra, &para, 0, NULL, &chain))
        CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_BASE, chain, &policy, &verdict);
    CertFreeCertificateChain(chain);
    CertFreeCertificateChainEngine(engine);
    return (HRESULT)verdict.dwError;
}

START_TEST(no_chain_gets_better)
{
    const struct limbo_case *limbo = &limbo_cases[_i];
    struct limbo_world made;
    PCCERT_CONTEXT end;
    HRESULT whole;
    bool failed = true;

    limbo_make(limbo, &made);
    end = limbo_add(made.extra, made.sent[0]);
    whole = chain_judge(made.roots, end, made.extra, limbo);
    for (unsigned number = 1; failed; number += number < 50 ? 1 : 11) { /* of many, some */
        HRESULT verdict;

        ck_assert_uint_lt(number, FAULTS_MAX);
        faults_arm(number);
        verdict = chain_judge(made.roots, end, made.extra, limbo);
        failed = faults_disarm();
        ck_assert_msg(verdict != S_OK || whole == S_OK, "%s: allocation %u", limbo->id, number);
    }
    CertFreeCertificateContext(end);
    limbo_free(&made);
}
END_TEST

/* GnuTLS' own memory ran out while it looked for a path length: there may have been one. */
static int lengths_unread;

int __real_gnutls_x509_crt_get_basic_constraints(gnutls_x509_crt_t crt, unsigned *critical,
                                                 unsigned *ca, int *length);
int __wrap_gnutls_x509_crt_get_basic_constraints(gnutls_x509_crt_t crt, unsigned *critical,
                                                 unsigned *ca, int *length);
int __wrap_gnutls_x509_crt_get_basic_constraints(gnutls_x509_crt_t crt, unsigned *critical,
                                                 unsigned *ca, int *length)
{
    return lengths_unread ? GNUTLS_E_MEMORY_ERROR
                          : __real_gnutls_x509_crt_get_basic_constraints(crt, critical, ca, length);
}

START_TEST(path_length_that_cannot_be_read_is_a_fault)
{
    struct limbo_world made;
    PCCERT_CONTEXT end;

    limbo_make(&limbo_cases[1], &made); /* with an intermediate */
    end = limbo_add(made.extra, made.sent[0]);
    ck_assert_int_eq(chain_judge(made.roots, end, made.extra, &limbo_cases[1]), S_OK);
    lengths_unread = 1;
    ck_assert_int_eq(chain_judge(made.roots, end, made.extra, &limbo_cases[1]),
                     TRUST_E_BASIC_CONSTRAINTS);
    lengths_unread = 0;
    CertFreeCertificateContext(end);
    limbo_free(&made);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("cert memory");
    TCase *some = tcase_create("trials"), *chains = tcase_create("chains");

    tcase_add_checked_fixture(some, setup, teardown);
    tcase_add_loop_test(some, every_allocation_of_a_trial, 0, sizeof(trials) / sizeof(trials[0]));
    suite_add_tcase(all, some);
    tcase_add_loop_test(chains, no_chain_gets_better, 0, (int)limbo_count);
    tcase_add_test(chains, path_length_that_cannot_be_read_is_a_fault);
    suite_add_tcase(all, chains);
    return all;
}

CHECK_MAIN(suite)
