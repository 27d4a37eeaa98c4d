/* SPDX-License-Identifier: MIT */
/*
 * What an attacker, or an accident, would make of certificates and keys: usages that cannot be
 * read, keys that go where nobody sent them, folders that others may write to.
 */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>

#include <ncrypt.h>

#include "cert/cert.h"
#include "lib/check_main.h"
#include "lib/keyhome.h"
#include "lib/limbo.h"

#define EC 1

static PCCERT_CONTEXT with_key(unsigned number)
{
    PCCERT_CONTEXT context = keyhome_certificate(number);
    gnutls_privkey_t key;

    certs_must(gnutls_privkey_init(&key) == 0);
    certs_must(gnutls_privkey_import_x509(key, certs_key(number), GNUTLS_PRIVKEY_IMPORT_COPY) == 0);
    ck_assert(cert_context_key_attach(context, key));
    return context;
}

/* ---- What a certificate is for -------------------------------------------------------------- */

static PCCERT_CHAIN_CONTEXT chain_of(HCERTSTORE roots, PCCERT_CONTEXT end, HCERTSTORE extra)
{
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    CERT_CHAIN_ENGINE_CONFIG config = {.cbSize = sizeof(config), .hExclusiveRoot = roots};
    HCERTCHAINENGINE engine = NULL;
    PCCERT_CHAIN_CONTEXT chain = NULL;

    ck_assert(CertCreateCertificateChainEngine(&config, &engine));
    ck_assert(CertGetCertificateChain(engine, end, NULL, extra, &para, 0, NULL, &chain));
    CertFreeCertificateChainEngine(engine);
    return chain;
}

/* An extension that is no list of usages allows none: NULL would mean any. */
START_TEST(usages_that_cannot_be_read_are_none)
{
    static const struct limbo_case limbo = {
        .id = "bad usages",
        .nodes = {{{.name = "CN=Root", .authority = 1}, 0, LIMBO_SELF, 'r'},
                  {{.name = "CN=Leaf", .plain = szOID_ENHANCED_KEY_USAGE}, 1, 0, 's'}},
    };
    struct limbo_world made;
    PCCERT_CONTEXT end;
    PCCERT_CHAIN_CONTEXT chain;
    PCERT_ENHKEY_USAGE usage;

    limbo_make(&limbo, &made);
    end = limbo_add(made.extra, made.sent[0]);
    chain = chain_of(made.roots, end, made.extra);
    usage = chain->rgpChain[0]->rgpElement[0]->pApplicationUsage;
    ck_assert_ptr_nonnull(usage);
    ck_assert_uint_eq(usage->cUsageIdentifier, 0);
    CertFreeCertificateChain(chain);
    CertFreeCertificateContext(end);
    limbo_free(&made);
}
END_TEST

/* ---- Where keys go -------------------------------------------------------------------------- */

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 65536);

    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_gt(fread(text, 1, 65535, file), 0);
    fclose(file);
    return text;
}

/* A store whose key came from PKCS #12, with CRYPT_EXPORTABLE or without. */
static HCERTSTORE imported(DWORD flags)
{
    static const WCHAR password[] = {'p', 'w', 0};
    CRYPT_DATA_BLOB pfx = keyhome_pfx(EC, password);
    HCERTSTORE store = PFXImportCertStore(&pfx, password, flags);

    ck_assert_ptr_nonnull(store);
    free(pfx.pbData);
    return store;
}

static void move(HCERTSTORE from, HCERTSTORE to)
{
    PCCERT_CONTEXT own = CertEnumCertificatesInStore(from, NULL);

    ck_assert_ptr_nonnull(to);
    ck_assert(CertAddCertificateContextToStore(to, own, CERT_STORE_ADD_ALWAYS, NULL));
    CertFreeCertificateContext(own);
    ck_assert(CertCloseStore(from, 0));
    ck_assert(CertCloseStore(to, 0));
}

/* A store of certificates is given away: a key that may not be exported is not among them. */
START_TEST(key_that_may_not_be_exported_stays_out_of_files)
{
    DWORD flags = _i == 0 ? 0 : CRYPT_EXPORTABLE;
    char *text;

    move(imported(flags),
         CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_FILE_STORE_COMMIT_ENABLE_FLAG,
                       keyhome_path("given.pem")));
    text = file_text(keyhome_path("given.pem"));
    ck_assert_ptr_nonnull(strstr(text, "BEGIN CERTIFICATE"));
    ck_assert_int_eq(strstr(text, "PRIVATE KEY") != NULL, flags != 0);
    free(text);
}
END_TEST

/* In MY it is kept, and may not be exported when it is read again. */
START_TEST(key_that_may_not_be_exported_stays_so)
{
    DWORD flags = _i == 0 ? 0 : CRYPT_EXPORTABLE;
    CRYPT_DATA_BLOB pfx = {0, NULL};
    gnutls_privkey_t key = NULL;
    PCCERT_CONTEXT own;
    HCERTSTORE store;

    move(imported(flags), CertOpenSystemStoreA(0, "MY"));
    store = CertOpenSystemStoreA(0, "MY");
    own = CertEnumCertificatesInStore(store, NULL);
    ck_assert_int_eq(cert_context_key(own, &key), SEC_E_OK);
    gnutls_privkey_deinit(key);
    CertFreeCertificateContext(own);
    ck_assert_int_eq(
        PFXExportCertStoreEx(store, &pfx, NULL, NULL,
                             EXPORT_PRIVATE_KEYS | REPORT_NOT_ABLE_TO_EXPORT_PRIVATE_KEY),
        flags != 0);
    CertCloseStore(store, 0);
}
END_TEST

/* ---- Who may write -------------------------------------------------------------------------- */

static void my_fill(void)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT own = with_key(EC);

    ck_assert_ptr_nonnull(store);
    ck_assert(CertAddCertificateContextToStore(store, own, CERT_STORE_ADD_ALWAYS, NULL));
    CertFreeCertificateContext(own);
    CertCloseStore(store, 0);
}

static bool my_has_one(void)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT found = CertEnumCertificatesInStore(store, NULL);

    CertFreeCertificateContext(found);
    CertCloseStore(store, 0);
    return found != NULL;
}

/* What others may change is nobody's identity. */
START_TEST(folder_that_others_write_to_is_not_read)
{
    my_fill();
    ck_assert(my_has_one());
    ck_assert_int_eq(chmod(keyhome_path("sspi/my"), 0777), 0);
    ck_assert(!my_has_one());
    ck_assert_int_eq(chmod(keyhome_path("sspi/my"), 0755), 0);
    ck_assert(my_has_one());
}
END_TEST

static void my_chmod(mode_t mode)
{
    DIR *folder = opendir(keyhome_path("sspi/my"));
    const struct dirent *entry;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            ck_assert_int_eq(fchmodat(dirfd(folder), entry->d_name, mode, 0), 0);
    closedir(folder);
}

START_TEST(file_that_others_write_to_is_not_read)
{
    my_fill();
    my_chmod(0620);
    ck_assert(!my_has_one());
    my_chmod(0640);
    ck_assert(my_has_one());
}
END_TEST

START_TEST(folder_that_others_write_to_gets_no_key)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT own = with_key(EC);

    ck_assert_int_eq(mkdir(keyhome_path("sspi"), 0700), 0);
    ck_assert_int_eq(mkdir(keyhome_path("sspi/my"), 0700), 0);
    ck_assert_int_eq(chmod(keyhome_path("sspi/my"), 0777), 0);
    ck_assert(!CertAddCertificateContextToStore(store, own, CERT_STORE_ADD_ALWAYS, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_ACCESSDENIED);
    CertFreeCertificateContext(own);
    CertCloseStore(store, 0);
}
END_TEST

/* ---- Distrust ------------------------------------------------------------------------------- */

static HRESULT judge(PCCERT_CHAIN_CONTEXT chain)
{
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof(para)};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof(status)};

    ck_assert(CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_BASE, chain, &para, &status));
    return (HRESULT)status.dwError;
}

/* What the user put among the "Disallowed" is that wherever it stands in a chain. */
START_TEST(disallowed_certificate_is_distrusted)
{
    const struct limbo_case *limbo = &limbo_cases[1]; /* root, authority, leaf */
    struct limbo_world made;
    PCCERT_CONTEXT end, bad;
    PCCERT_CHAIN_CONTEXT chain;
    HCERTSTORE disallowed;

    limbo_make(limbo, &made);
    end = limbo_add(made.extra, made.sent[0]);
    chain = chain_of(made.roots, end, made.extra);
    ck_assert_int_eq(judge(chain), S_OK);
    CertFreeCertificateChain(chain);

    disallowed = CertOpenSystemStoreA(0, "Disallowed");
    bad = limbo_add(disallowed, made.made[_i]);
    chain = chain_of(made.roots, end, made.extra);
    ck_assert_int_eq(judge(chain), TRUST_E_EXPLICIT_DISTRUST);
    CertFreeCertificateChain(chain);
    ck_assert(CertDeleteCertificateFromStore(bad));
    CertCloseStore(disallowed, 0);
    CertFreeCertificateContext(end);
    limbo_free(&made);
}
END_TEST

/* ---- Threads -------------------------------------------------------------------------------- */

#define ROUNDS 100

static void *keys_set(void *argument)
{
    PCCERT_CONTEXT context = argument;
    WCHAR type[] = {'E', 'C', 'D', 'S', 'A', '_', 'P', '2', '5', '6', 0};
    NCRYPT_PROV_HANDLE provider = 0;
    bool done = NCryptOpenStorageProvider(&provider, NULL, 0) == 0;

    for (unsigned i = 0; done && i < ROUNDS; i++) {
        NCRYPT_KEY_HANDLE key = 0;

        done = NCryptCreatePersistedKey(provider, &key, type, NULL, 0, 0) == 0 &&
               NCryptFinalizeKey(key, 0) == 0 &&
               CertSetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0,
                                                 (const void *)key);
    }
    NCryptFreeObject(provider);
    return done ? argument : NULL;
}

/* A handle that another thread takes away is still good for who has begun to use it. */
START_TEST(handle_that_is_taken_away)
{
    PCCERT_CONTEXT context = keyhome_certificate(EC);
    void *done = NULL;
    pthread_t setter;

    ck_assert_int_eq(pthread_create(&setter, NULL, keys_set, (void *)(uintptr_t)context), 0);
    for (unsigned i = 0; i < 20 * ROUNDS; i++) {
        gnutls_privkey_t key = NULL;

        ck_assert_int_eq(cert_context_key(context, &key), SEC_E_NO_CREDENTIALS); /* another's */
    }
    pthread_join(setter, &done);
    ck_assert_ptr_nonnull(done);
    CertFreeCertificateContext(context);
}
END_TEST

/* ---- Arguments ------------------------------------------------------------------------------ */

/* A parameter with a size and no octets is refused before anybody looks at its last one. */
START_TEST(parameter_without_octets_is_refused)
{
    WCHAR name[] = {'n', 0};
    CRYPT_KEY_PROV_PARAM param = {PP_SIGNATURE_PIN, NULL, 4, 0};
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = name, .cProvParam = 1, .rgProvParam = &param};
    PCCERT_CONTEXT context = keyhome_certificate(EC);

    ck_assert(!CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(usage_without_text_is_refused)
{
    LPSTR usages[] = {NULL};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para),
                            .RequestedUsage = {USAGE_MATCH_TYPE_AND, {1, usages}}};
    PCCERT_CONTEXT context = keyhome_certificate(EC);
    PCCERT_CHAIN_CONTEXT chain;

    ck_assert(!CertGetCertificateChain(NULL, context, NULL, NULL, &para, 0, NULL, &chain));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    CertFreeCertificateContext(context);
}
END_TEST

static Suite *suite(void)
{
    Suite *all = suite_create("cert review");
    TCase *tests = tcase_create("all");

    tcase_add_checked_fixture(tests, keyhome_begin, keyhome_end);
    tcase_add_test(tests, usages_that_cannot_be_read_are_none);
    tcase_add_loop_test(tests, key_that_may_not_be_exported_stays_out_of_files, 0, 2);
    tcase_add_loop_test(tests, key_that_may_not_be_exported_stays_so, 0, 2);
    tcase_add_test(tests, folder_that_others_write_to_is_not_read);
    tcase_add_test(tests, folder_that_others_write_to_gets_no_key);
    tcase_add_test(tests, file_that_others_write_to_is_not_read);
    tcase_add_loop_test(tests, disallowed_certificate_is_distrusted, 0, 3);
    tcase_add_test(tests, handle_that_is_taken_away);
    tcase_add_test(tests, parameter_without_octets_is_refused);
    tcase_add_test(tests, usage_without_text_is_refused);
    suite_add_tcase(all, tests);
    return all;
}

CHECK_MAIN(suite)
