/* SPDX-License-Identifier: MIT */
/* Stores that come from files and blobs, and the system's; CertSaveStore(), CryptQueryObject(). */
#include <fcntl.h>
#include <ftw.h>
#include <gnutls/pkcs7.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cert/cert.h"
#include "lib/check_main.h"
#include "lib/store.h"

static char folder[] = "/tmp/test-cert-files-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void setup(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("XDG_DATA_HOME", folder, 1);
    unsetenv("SSPI_CERT_ROOT");
}

static void teardown(void)
{
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    store_end();
}

static const char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void expect_error(BOOL done, DWORD error)
{
    ck_assert(!done);
    ck_assert_uint_eq(GetLastError(), error);
}

/* Appends to a file. */
static void file_add(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "ab");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static void file_add_pem(const char *path, enum store_crt which)
{
    gnutls_datum_t pem = store_pem(which);

    file_add(path, pem.data, pem.size);
    gnutls_free(pem.data);
}

static void crl_put(HCERTSTORE store)
{
    gnutls_datum_t crl = store_crl();

    ck_assert(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, crl.data, crl.size,
                                       CERT_STORE_ADD_NEW, NULL));
    gnutls_free(crl.data);
}

/* Two certificates and a list. */
static HCERTSTORE full_store(void)
{
    HCERTSTORE store = store_memory();

    CertFreeCertificateContext(store_put(store, STORE_END));
    CertFreeCertificateContext(store_put(store, STORE_AUTHORITY));
    crl_put(store);
    return store;
}

static CRYPT_DATA_BLOB saved(HCERTSTORE store, DWORD as)
{
    CRYPT_DATA_BLOB blob = {0, NULL};

    ck_assert(CertSaveStore(store, PKCS_7_ASN_ENCODING, as, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    ck_assert_uint_gt(blob.cbData, 0);
    blob.pbData = malloc(blob.cbData);
    blob.cbData--;
    expect_error(CertSaveStore(store, 0, as, CERT_STORE_SAVE_TO_MEMORY, &blob, 0), ERROR_MORE_DATA);
    ck_assert(CertSaveStore(store, 0, as, CERT_STORE_SAVE_TO_MEMORY, &blob, 0));
    return blob;
}

/* --- Blobs ---------------------------------------------------------------------------------- */

static const struct {
    DWORD as, content;
    LPCSTR provider;
} forms[] = {
    {CERT_STORE_SAVE_AS_STORE, CERT_QUERY_CONTENT_SERIALIZED_STORE, CERT_STORE_PROV_SERIALIZED},
    {CERT_STORE_SAVE_AS_PKCS7, CERT_QUERY_CONTENT_PKCS7_SIGNED, CERT_STORE_PROV_PKCS7},
};

START_TEST(test_saves_and_opens)
{
    HCERTSTORE store = full_store(), again;
    CRYPT_DATA_BLOB blob = saved(store, forms[_i].as);

    again = CertOpenStore(forms[_i].provider, 0, 0, 0, &blob);
    ck_assert_ptr_nonnull(again);
    ck_assert_uint_eq(store_count(again), 2);
    ck_assert_uint_eq(store_count_crls(again), 1);
    CertCloseStore(again, 0);
    ck_assert(CertSaveStore(store, 0, forms[_i].as, CERT_STORE_SAVE_TO_FILENAME_A,
                            (void *)(uintptr_t)path_of("saved"), 0));
    again =
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_READONLY_FLAG, path_of("saved"));
    ck_assert_uint_eq(store_count(again), 2);
    CertCloseStore(again, 0);
    CertCloseStore(store, 0);
    free(blob.pbData);
}
END_TEST

START_TEST(test_saves_to_anything)
{
    HCERTSTORE store = full_store(), again;
    WCHAR wide[256];
    HANDLE file = CreateFileA(path_of("handle"), GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    ck_assert(CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_FILE, file, 0));
    CloseHandle(file);
    again = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path_of("handle"));
    ck_assert_uint_eq(store_count(again), 2);
    CertCloseStore(again, 0);
    ck_assert_int_gt(MultiByteToWideChar(CP_UTF8, 0, path_of("wide"), -1, wide, 256), 0);
    ck_assert(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_PKCS7, CERT_STORE_SAVE_TO_FILENAME, wide, 0));
    ck_assert_int_eq(access(path_of("wide"), R_OK), 0);
    expect_error(
        CertSaveStore(store, 0, CERT_STORE_SAVE_AS_PKCS12, CERT_STORE_SAVE_TO_FILENAME, wide, 0),
        (DWORD)E_INVALIDARG);
    expect_error(CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, 9, wide, 0),
                 (DWORD)E_INVALIDARG);
    expect_error(CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, 1, NULL, 0),
                 (DWORD)E_INVALIDARG);
    expect_error(CertSaveStore(NULL, 0, CERT_STORE_SAVE_AS_STORE, 4, wide, 0), (DWORD)E_INVALIDARG);
    expect_error(CertSaveStore(store, 0, CERT_STORE_SAVE_AS_STORE, CERT_STORE_SAVE_TO_FILENAME_A,
                               (void *)(uintptr_t) "/nowhere/at/all", 0),
                 ERROR_FILE_NOT_FOUND);
    CertCloseStore(store, 0);
}
END_TEST

/* Neither a part nor a damaged one is read beyond its end, or crashes. */
START_TEST(test_survives_damage)
{
    HCERTSTORE store = full_store(), again;
    CRYPT_DATA_BLOB blob = saved(store, forms[_i].as), part;

    for (DWORD size = 0; size < blob.cbData; size++) {
        part.cbData = size;
        part.pbData = malloc(size > 0 ? size : 1);
        memcpy(part.pbData, blob.pbData, size);
        SetLastError(0);
        ck_assert_ptr_null(CertOpenStore(forms[_i].provider, 0, 0, 0, &part));
        ck_assert_uint_ne(GetLastError(), 0);
        free(part.pbData);
    }
    for (DWORD bit = 0; bit < 8 * blob.cbData; bit += 3) {
        blob.pbData[bit / 8] ^= (BYTE)(1 << bit % 8);
        again = CertOpenStore(forms[_i].provider, 0, 0, 0, &blob);
        if (again != NULL)
            ck_assert_uint_le(store_count(again), 2);
        CertCloseStore(again, 0);
        blob.pbData[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    CertCloseStore(store, 0);
    free(blob.pbData);
}
END_TEST

/* A serialized store keeps properties, with all that a CRYPT_KEY_PROV_INFO points at. */
START_TEST(test_serialized_keeps_properties)
{
    HCERTSTORE store = store_memory(), again;
    PCCERT_CONTEXT context = store_put(store, STORE_END);
    CRYPT_KEY_PROV_PARAM params[2] = {{7, (BYTE *)(uintptr_t) "seven", 5, 1}, {8, NULL, 0, 2}};
    CRYPT_KEY_PROV_INFO info = {(LPWSTR)(uintptr_t)u"container", NULL, 24, 3, 2, params, 1};
    CRYPT_KEY_PROV_INFO *read;
    CRYPT_DATA_BLOB name = {8, (BYTE *)(uintptr_t)u"abc"}, blob;
    DWORD size = 0;

    ck_assert(CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    ck_assert(CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &name));
    ck_assert(CertSetCertificateContextProperty(context, CERT_NCRYPT_KEY_HANDLE_PROP_ID,
                                                CERT_STORE_NO_CRYPT_RELEASE_FLAG, &info));
    CertFreeCertificateContext(context);
    blob = saved(store, CERT_STORE_SAVE_AS_STORE);
    again = CertOpenStore(sz_CERT_STORE_PROV_SERIALIZED, 0, 0, 0, &blob);
    context = CertEnumCertificatesInStore(again, NULL);
    ck_assert_ptr_nonnull(context);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, 0), CERT_KEY_PROV_INFO_PROP_ID);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, CERT_KEY_PROV_INFO_PROP_ID),
                      CERT_FRIENDLY_NAME_PROP_ID);
    ck_assert_uint_eq(CertEnumCertificateContextProperties(context, CERT_FRIENDLY_NAME_PROP_ID), 0);
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, NULL, &size));
    read = malloc(size);
    ck_assert(CertGetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, read, &size));
    ck_assert_mem_eq(read->pwszContainerName, u"container", 20);
    ck_assert_ptr_null(read->pwszProvName);
    ck_assert_uint_eq(read->dwProvType, 24);
    ck_assert_uint_eq(read->dwFlags, 3);
    ck_assert_uint_eq(read->dwKeySpec, 1);
    ck_assert_uint_eq(read->cProvParam, 2);
    ck_assert_uint_eq(read->rgProvParam[0].cbData, 5);
    ck_assert_mem_eq(read->rgProvParam[0].pbData, "seven", 5);
    ck_assert_uint_eq(read->rgProvParam[1].dwParam, 8);
    free(read);
    CertFreeCertificateContext(context);
    CertCloseStore(again, 0);
    CertCloseStore(store, 0);
    free(blob.pbData);
}
END_TEST

/* --- Files ---------------------------------------------------------------------------------- */

START_TEST(test_file_of_pem)
{
    const char *path = path_of("bundle.pem");
    HCERTSTORE store;

    file_add(path, "a comment\n", 10);
    file_add_pem(path, STORE_END);
    file_add(path, "\n\n", 2);
    file_add_pem(path, STORE_AUTHORITY);
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_OPEN_EXISTING_FLAG, path);
    ck_assert_ptr_nonnull(store);
    ck_assert_uint_eq(store_count(store), 2);
    CertCloseStore(store, 0);
    /* Half a block is an error, not half a store. */
    file_add(path, "-----BEGIN CERTIFICATE-----\nMIIB", 32);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
}
END_TEST

START_TEST(test_file_of_der)
{
    const char *path = path_of("one.der");
    gnutls_datum_t der = certs_der(store_crt(STORE_END));
    WCHAR wide[256];
    HCERTSTORE store;

    file_add(path, der.data, der.size);
    gnutls_free(der.data);
    ck_assert_int_gt(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 256), 0);
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_W, 0, 0, 0, wide);
    ck_assert_uint_eq(store_count(store), 1);
    CertCloseStore(store, 0);
    store = CertOpenStore("file", 0, 0, 0, wide);
    ck_assert_uint_eq(store_count(store), 1);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_file_of_handle)
{
    HCERTSTORE store = full_store();
    CRYPT_DATA_BLOB blob = saved(store, CERT_STORE_SAVE_AS_PKCS7);
    HANDLE file;

    CertCloseStore(store, 0);
    file_add(path_of("handle"), blob.pbData, blob.cbData);
    file =
        CreateFileA(path_of("handle"), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    store = CertOpenStore(CERT_STORE_PROV_FILE, 0, 0, 0, file);
    ck_assert_ptr_nonnull(store);
    ck_assert_uint_eq(store_count(store), 2);
    CertCloseStore(store, 0);
    CloseHandle(file);
    free(blob.pbData);
}
END_TEST

START_TEST(test_file_flags)
{
    const char *path = path_of("new.pem");
    HCERTSTORE store;
    struct stat st;

    ck_assert_ptr_null(
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_OPEN_EXISTING_FLAG, path));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0,
                          CERT_STORE_CREATE_NEW_FLAG | CERT_FILE_STORE_COMMIT_ENABLE_FLAG, path);
    CertFreeCertificateContext(store_put(store, STORE_END));
    crl_put(store);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert(CertCloseStore(store, 0));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0600);
    ck_assert_ptr_null(
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_CREATE_NEW_FLAG, path));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_EXISTS);
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_READONLY_FLAG, path);
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert_uint_eq(store_count_crls(store), 1);
    expect_error(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store, NULL)),
                 (DWORD)E_ACCESSDENIED);
    CertCloseStore(store, 0);
    store =
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_FILE_STORE_COMMIT_ENABLE_FLAG, path);
    ck_assert(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store, NULL)));
    ck_assert(CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL));
    CertCloseStore(store, 0);
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path);
    ck_assert_uint_eq(store_count(store), 0);
    CertCloseStore(store, 0);
    ck_assert_ptr_null(
        CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, CERT_STORE_DELETE_FLAG, path));
    ck_assert_uint_eq(GetLastError(), 0);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(test_open_refuses)
{
    CRYPT_DATA_BLOB nothing = {0, NULL};

    ck_assert_ptr_null(CertOpenStore((LPCSTR)99, 0, 0, 0, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    ck_assert_ptr_null(CertOpenStore("Ldap", 0, 0, 0, NULL));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_PKCS7, 0, 0, 0, &nothing));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_EOD);
    /* Neither a folder nor a pipe is a file. */
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, folder));
    ck_assert_int_eq(mkfifo(path_of("pipe"), 0600), 0);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path_of("pipe")));
    file_add(path_of("text"), "neither this nor that", 21);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path_of("text")));
    ck_assert_uint_eq(GetLastError() & 0xffffff00, (DWORD)CRYPT_E_ASN1_ERROR);
}
END_TEST

/* --- The system's stores -------------------------------------------------------------------- */

START_TEST(test_my_is_a_folder)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "My"), again;
    PCCERT_CONTEXT context;
    CRYPT_DATA_BLOB name = {8, (BYTE *)(uintptr_t)u"abc"};
    DWORD size = 0, access_state = 0;
    struct stat st;

    ck_assert_ptr_nonnull(store);
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert_int_ne(stat(path_of("sspi"), &st), 0);
    context = store_put(store, STORE_END);
    size = sizeof(access_state);
    ck_assert(CertGetCertificateContextProperty(context, CERT_ACCESS_STATE_PROP_ID, &access_state,
                                                &size));
    ck_assert_uint_eq(access_state,
                      CERT_ACCESS_STATE_WRITE_PERSIST_FLAG | CERT_ACCESS_STATE_SYSTEM_STORE_FLAG);
    ck_assert_int_eq(stat(path_of("sspi/my"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0700);
    /* A property that is set later is kept as well. */
    ck_assert(CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &name));
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);

    again = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                          CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_OPEN_EXISTING_FLAG, u"MY");
    context = CertEnumCertificatesInStore(again, NULL);
    ck_assert_ptr_nonnull(context);
    ck_assert(CertGetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, NULL, &size));
    ck_assert_uint_eq(size, 8);
    ck_assert(CertDeleteCertificateFromStore(context));
    CertCloseStore(again, 0);
    again = CertOpenSystemStoreW(0, u"MY");
    ck_assert_uint_eq(store_count(again), 0);
    /* Another one that writes is seen after a look. */
    store = CertOpenSystemStoreA(0, "MY");
    CertFreeCertificateContext(store_put(store, STORE_END));
    ck_assert_uint_eq(store_count(again), 0);
    ck_assert(CertControlStore(again, 0, CERT_STORE_CTRL_RESYNC, NULL));
    ck_assert_uint_eq(store_count(again), 1);
    /* A context from before is still its holder's, and in no list. */
    context = CertEnumCertificatesInStore(again, NULL);
    ck_assert(CertControlStore(again, 0, CERT_STORE_CTRL_RESYNC, NULL));
    ck_assert_uint_eq(store_count(again), 1);
    ck_assert_uint_eq(context->pCertInfo->dwVersion, CERT_V3);
    CertFreeCertificateContext(context);
    expect_error(CertControlStore(again, 0, CERT_STORE_CTRL_NOTIFY_CHANGE, NULL),
                 ERROR_NOT_SUPPORTED);
    expect_error(CertControlStore(again, 0, 77, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertControlStore(NULL, 0, CERT_STORE_CTRL_RESYNC, NULL), (DWORD)E_INVALIDARG);
    CertCloseStore(store, 0);
    CertCloseStore(again, 0);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                                     CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_CREATE_NEW_FLAG,
                                     "MY"));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_EXISTS);
    again = CertOpenSystemStoreA(0, ".\\MY");
    ck_assert_uint_eq(store_count(again), 1);
    CertCloseStore(again, 0);
}
END_TEST

/* A folder has a certificate, and an issuer's list, once. */
START_TEST(test_my_has_each_once)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    struct certs_list list = {.revoked = store_crt(STORE_END), .from = time(NULL) - 1000};
    gnutls_datum_t old = certs_list(&list, store_crt(STORE_AUTHORITY), STORE_AUTHORITY), new;

    list.from += 500;
    new = certs_list(&list, store_crt(STORE_AUTHORITY), STORE_AUTHORITY);
    CertFreeCertificateContext(store_put(store, STORE_END));
    CertFreeCertificateContext(store_put(store, STORE_END));
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert(CertAddEncodedCRLToStore(store, 1, old.data, old.size, CERT_STORE_ADD_NEW, NULL));
    ck_assert(CertAddEncodedCRLToStore(store, 1, new.data, new.size, CERT_STORE_ADD_NEWER, NULL));
    CertCloseStore(store, 0);
    store = CertOpenSystemStoreA(0, "MY");
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert_uint_eq(store_count_crls(store), 1);
    ck_assert(CertDeleteCRLFromStore(CertEnumCRLsInStore(store, NULL)));
    ck_assert(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store, NULL)));
    CertCloseStore(store, 0);
    store = CertOpenSystemStoreA(0, "MY");
    ck_assert_uint_eq(store_count(store) + store_count_crls(store), 0);
    CertCloseStore(store, 0);
    gnutls_free(old.data);
    gnutls_free(new.data);
}
END_TEST

/* A store that cannot be written says so, and has nothing that the disk has not. */
START_TEST(test_my_that_cannot_be_written)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT context = store_context(STORE_END);

    file_add(path_of("sspi"), "in the way", 10);
    ck_assert(!CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_NEW, NULL));
    ck_assert_uint_ne(GetLastError(), 0);
    ck_assert_uint_eq(store_count(store), 0);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
}
END_TEST

/* What a user puts there by hand is read, and not deleted. */
START_TEST(test_my_with_files_of_others)
{
    HCERTSTORE store = CertOpenSystemStoreA(0, "MY");

    ck_assert_int_eq(mkdir(path_of("sspi"), 0700), 0);
    ck_assert_int_eq(mkdir(path_of("sspi/my"), 0700), 0);
    file_add_pem(path_of("sspi/my/mine.pem"), STORE_END);
    file_add_pem(path_of("sspi/my/mine.pem"), STORE_AUTHORITY);
    file_add_pem(path_of("sspi/my/again.pem"), STORE_END);
    file_add(path_of("sspi/my/broken.pem"), "-----BEGIN CERTIFICATE-----", 27);
    file_add_pem(path_of("sspi/my/other.crt"), STORE_ROOT);
    ck_assert_uint_eq(store_count(store), 2);
    expect_error(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store, NULL)),
                 (DWORD)E_ACCESSDENIED);
    ck_assert_uint_eq(store_count(store), 2);
    CertCloseStore(store, 0);
}
END_TEST

/* The key of a context, if it is that of a number. */
static bool has_key(PCCERT_CONTEXT context, unsigned number)
{
    gnutls_privkey_t key = NULL;
    unsigned char a[32], b[32];
    size_t a_size = sizeof(a), b_size = sizeof(b);
    gnutls_pubkey_t public;
    bool equal;

    if (cert_context_key(context, &key) != SEC_E_OK)
        return false;
    ck_assert_int_eq(gnutls_pubkey_init(&public), 0);
    ck_assert_int_eq(gnutls_pubkey_import_privkey(public, key, 0, 0), 0);
    equal = gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, a, &a_size) == 0 &&
            gnutls_x509_privkey_get_key_id(certs_key(number), GNUTLS_KEYID_USE_SHA256, b,
                                           &b_size) == 0 &&
            memcmp(a, b, sizeof(a)) == 0;
    gnutls_pubkey_deinit(public);
    gnutls_privkey_deinit(key);
    return equal;
}

static void file_add_key(const char *path, unsigned number)
{
    gnutls_datum_t pem = store_key_pem(number);

    file_add(path, pem.data, pem.size);
    gnutls_free(pem.data);
}

/* A bundle gives each certificate its key, wherever it stands; then the user's store keeps it. */
START_TEST(test_keys_travel)
{
    const char *path = path_of("keys.pem");
    HCERTSTORE file, my;
    PCCERT_CONTEXT context;

    file_add_key(path, STORE_OTHER);
    file_add_pem(path, STORE_END);
    file_add_pem(path, STORE_AUTHORITY);
    file_add_key(path, STORE_END);
    file = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path);
    context = CertEnumCertificatesInStore(file, NULL);
    ck_assert(has_key(context, STORE_END));
    my = CertOpenSystemStoreA(0, "MY");
    ck_assert(CertAddCertificateContextToStore(my, context, CERT_STORE_ADD_NEW, NULL));
    context = CertEnumCertificatesInStore(file, context);
    ck_assert(!has_key(context, STORE_AUTHORITY));
    CertFreeCertificateContext(context);
    CertCloseStore(my, 0);
    CertCloseStore(file, 0);
    my = CertOpenSystemStoreA(0, "MY");
    context =
        CertFindCertificateInStore(my, X509_ASN_ENCODING, 0, CERT_FIND_HAS_PRIVATE_KEY, NULL, NULL);
    ck_assert_ptr_nonnull(context);
    ck_assert(has_key(context, STORE_END));
    CertFreeCertificateContext(context);
    CertCloseStore(my, 0);
}
END_TEST

/* Nor is a damaged key a certificate without one. */
START_TEST(test_keys_that_are_broken)
{
    static const char broken[] = "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n";
    const char *path = path_of("broken.pem");

    file_add_pem(path, STORE_END);
    file_add(path, broken, strlen(broken));
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_ASN1_CORRUPT);
}
END_TEST

/* Without a password there is no key, in either form. */
START_TEST(test_keys_that_are_encrypted)
{
    static const char old[] = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                              "DEK-Info: AES-256-CBC,00\n\nMIGH\n-----END RSA PRIVATE KEY-----\n";
    static const char new[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGH\n"
                              "-----END ENCRYPTED PRIVATE KEY-----\n";
    const char *path = path_of("encrypted.pem");
    HCERTSTORE store;

    file_add(path, old, strlen(old));
    file_add(path, new, strlen(new));
    file_add_pem(path, STORE_END);
    store = CertOpenStore(CERT_STORE_PROV_FILENAME_A, 0, 0, 0, path);
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert_ptr_null(
        CertFindCertificateInStore(store, 1, 0, CERT_FIND_HAS_PRIVATE_KEY, NULL, NULL));
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_system_names)
{
    char longest[66];
    const char *const bad[] = {"", "..", "a/b", "a\\b", ".hidden", "\xc3\xa4", longest};
    HCERTSTORE store;

    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_ptr_null(CertOpenSystemStoreA(0, bad[i]));
        ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    }
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                                     CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_OPEN_EXISTING_FLAG,
                                     "Mine"));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    ck_assert_ptr_null(
        CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, CERT_SYSTEM_STORE_SERVICES, "MY"));
    ck_assert_uint_eq(GetLastError(), ERROR_FILE_NOT_FOUND);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, 0, NULL));
    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, "MY");
    ck_assert_ptr_nonnull(store);
    CertCloseStore(store, 0);
    store = CertOpenSystemStoreA(0, "Mine");
    CertFreeCertificateContext(store_put(store, STORE_END));
    CertCloseStore(store, 0);
    ck_assert_int_eq(access(path_of("sspi/mine"), F_OK), 0);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                                     CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_DELETE_FLAG,
                                     "Mine"));
    ck_assert_uint_eq(GetLastError(), 0);
    ck_assert_int_ne(access(path_of("sspi/mine"), F_OK), 0);
}
END_TEST

START_TEST(test_root_is_a_file_that_is_named)
{
    const char *path = path_of("roots.pem");
    HCERTSTORE store;
    PCCERT_CONTEXT context = store_context(STORE_END);

    file_add_pem(path, STORE_ROOT);
    setenv("SSPI_CERT_ROOT", path, 1);
    store = CertOpenSystemStoreA(0, "ROOT");
    ck_assert_uint_eq(store_count(store), 1);
    expect_error(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_NEW, NULL),
                 (DWORD)E_ACCESSDENIED);
    expect_error(CertDeleteCertificateFromStore(CertEnumCertificatesInStore(store, NULL)),
                 (DWORD)E_ACCESSDENIED);
    CertCloseStore(store, 0);
    /* A file that changed is read again. */
    file_add_pem(path, STORE_OTHER);
    store = CertOpenSystemStoreA(0, "ROOT");
    ck_assert_uint_eq(store_count(store), 2);
    CertCloseStore(store, 0);
    /* One that is not there is trust in nobody. */
    setenv("SSPI_CERT_ROOT", path_of("no.pem"), 1);
    store = CertOpenSystemStoreA(0, "Root");
    ck_assert_uint_eq(store_count(store), 0);
    CertCloseStore(store, 0);
    ck_assert_ptr_null(CertOpenStore(CERT_STORE_PROV_SYSTEM_A, 0, 0,
                                     CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_DELETE_FLAG,
                                     "ROOT"));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_ACCESSDENIED);
    CertFreeCertificateContext(context);
}
END_TEST

/* ROOT is what GnuTLS trusts on this machine, as many. */
START_TEST(test_root_is_the_systems)
{
    gnutls_x509_trust_list_t list;
    HCERTSTORE store = CertOpenSystemStoreA(0, "ROOT");
    int trusted;

    ck_assert_int_eq(gnutls_x509_trust_list_init(&list, 0), 0);
    trusted = gnutls_x509_trust_list_add_system_trust(list, 0, 0);
    ck_assert_uint_eq(store_count(store), trusted < 0 ? 0 : (unsigned)trusted);
    gnutls_x509_trust_list_deinit(list, 1);
    CertCloseStore(store, 0);
}
END_TEST

/* --- CryptQueryObject() --------------------------------------------------------------------- */

struct answer {
    DWORD content, form;
    HCERTSTORE store;
    const void *context;
};

static BOOL query(const void *data, size_t size, DWORD contents, DWORD formats,
                  struct answer *answer)
{
    CERT_BLOB blob = {(DWORD)size, (BYTE *)(uintptr_t)data};
    HCRYPTMSG message = answer;
    DWORD encoding = 0;
    BOOL done = CryptQueryObject(CERT_QUERY_OBJECT_BLOB, &blob, contents, formats, 0, &encoding,
                                 &answer->content, &answer->form, &answer->store, &message,
                                 &answer->context);

    ck_assert_ptr_null(message);
    if (done)
        ck_assert_uint_eq(encoding, X509_ASN_ENCODING | PKCS_7_ASN_ENCODING);
    return done;
}

static BOOL query_all(const void *data, size_t size, struct answer *answer)
{
    return query(data, size, CERT_QUERY_CONTENT_FLAG_ALL, CERT_QUERY_FORMAT_FLAG_ALL, answer);
}

START_TEST(test_query_certificate)
{
    gnutls_datum_t der = certs_der(store_crt(STORE_END)), pem = store_pem(STORE_END);
    gnutls_datum_t base64 = {NULL, 0};
    char *hex = malloc(2 * der.size + 2);
    struct answer answer;

    ck_assert_int_eq(gnutls_base64_encode2(&der, &base64), 0);
    for (unsigned i = 0; i < der.size; i++)
        sprintf(hex + 2 * i, "%02x", der.data[i]);
    ck_assert(query_all(der.data, der.size, &answer));
    ck_assert_uint_eq(answer.content, CERT_QUERY_CONTENT_CERT);
    ck_assert_uint_eq(answer.form, CERT_QUERY_FORMAT_BINARY);
    ck_assert_uint_eq(store_count(answer.store), 1);
    CertFreeCertificateContext(answer.context);
    CertCloseStore(answer.store, 0);
    for (int i = 0; i < 2; i++) {
        const gnutls_datum_t *text = i == 0 ? &pem : &base64;

        ck_assert(query_all(text->data, text->size, &answer));
        ck_assert_uint_eq(answer.content, CERT_QUERY_CONTENT_CERT);
        ck_assert_uint_eq(answer.form, CERT_QUERY_FORMAT_BASE64_ENCODED);
        ck_assert_uint_eq(((PCCERT_CONTEXT)answer.context)->cbCertEncoded, der.size);
        CertFreeCertificateContext(answer.context);
        CertCloseStore(answer.store, 0);
    }
    ck_assert(query_all(hex, 2 * der.size, &answer));
    ck_assert_uint_eq(answer.form, CERT_QUERY_FORMAT_ASN_ASCII_HEX_ENCODED);
    CertFreeCertificateContext(answer.context);
    CertCloseStore(answer.store, 0);
    expect_error(
        query(der.data, der.size, CERT_QUERY_CONTENT_FLAG_CRL, CERT_QUERY_FORMAT_FLAG_ALL, &answer),
        (DWORD)CRYPT_E_NO_MATCH);
    expect_error(query(pem.data, pem.size, CERT_QUERY_CONTENT_FLAG_ALL,
                       CERT_QUERY_FORMAT_FLAG_BINARY, &answer),
                 (DWORD)CRYPT_E_NO_MATCH);
    ck_assert_ptr_null(answer.store);
    ck_assert_ptr_null(answer.context);
    free(hex);
    gnutls_free(base64.data);
    gnutls_free(pem.data);
    gnutls_free(der.data);
}
END_TEST

START_TEST(test_query_others)
{
    gnutls_datum_t crl = store_crl();
    HCERTSTORE store = full_store();
    struct answer answer;

    ck_assert(query_all(crl.data, crl.size, &answer));
    ck_assert_uint_eq(answer.content, CERT_QUERY_CONTENT_CRL);
    ck_assert_uint_eq(((PCCRL_CONTEXT)answer.context)->pCrlInfo->cCRLEntry, 1);
    CertFreeCRLContext(answer.context);
    CertCloseStore(answer.store, 0);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        CRYPT_DATA_BLOB blob = saved(store, forms[i].as);

        ck_assert(query_all(blob.pbData, blob.cbData, &answer));
        ck_assert_uint_eq(answer.content, forms[i].content);
        ck_assert_ptr_null(answer.context);
        ck_assert_uint_eq(store_count(answer.store), 2);
        CertCloseStore(answer.store, 0);
        free(blob.pbData);
    }
    CertCloseStore(store, 0);
    gnutls_free(crl.data);
}
END_TEST

START_TEST(test_query_file)
{
    const char *path = path_of("query.pem");
    WCHAR wide[256];
    const void *context = NULL;

    file_add_pem(path, STORE_END);
    ck_assert_int_gt(MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, 256), 0);
    ck_assert(CryptQueryObject(CERT_QUERY_OBJECT_FILE, wide, CERT_QUERY_CONTENT_FLAG_CERT,
                               CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, NULL, NULL,
                               &context));
    ck_assert_ptr_nonnull(context);
    CertFreeCertificateContext(context);
    ck_assert(CryptQueryObject(CERT_QUERY_OBJECT_FILE, wide, CERT_QUERY_CONTENT_FLAG_CERT,
                               CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, NULL, NULL, NULL));
    expect_error(CryptQueryObject(CERT_QUERY_OBJECT_FILE, u"/nowhere", ~0U, ~0U, 0, NULL, NULL,
                                  NULL, NULL, NULL, NULL),
                 ERROR_FILE_NOT_FOUND);
    expect_error(CryptQueryObject(0, wide, ~0U, ~0U, 0, NULL, NULL, NULL, NULL, NULL, NULL),
                 (DWORD)E_INVALIDARG);
    expect_error(CryptQueryObject(CERT_QUERY_OBJECT_FILE, NULL, ~0U, ~0U, 0, NULL, NULL, NULL, NULL,
                                  NULL, NULL),
                 (DWORD)E_INVALIDARG);
}
END_TEST

/* Every cut and some flips of PEM: an answer or an error, and nothing read beyond. */
START_TEST(test_query_survives_damage)
{
    gnutls_datum_t pem = store_pem(STORE_END);
    struct answer answer;

    for (unsigned size = 0; size < pem.size; size++) {
        char *part = malloc(size > 0 ? size : 1);

        memcpy(part, pem.data, size);
        if (query_all(part, size, &answer)) {
            /* Only what follows the block was cut. */
            ck_assert_uint_ge(size + 1, pem.size);
            CertFreeCertificateContext(answer.context);
            CertCloseStore(answer.store, 0);
        }
        free(part);
    }
    for (unsigned bit = 0; bit < 8 * pem.size; bit += 5) {
        pem.data[bit / 8] ^= (BYTE)(1 << bit % 8);
        if (query_all(pem.data, pem.size, &answer)) {
            CertFreeCertificateContext(answer.context);
            CertCloseStore(answer.store, 0);
        }
        pem.data[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    gnutls_free(pem.data);
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("cert_files");
    TCase *files = tcase_create("files"), *query = tcase_create("query");

    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_loop_test(files, test_saves_and_opens, 0, sizeof(forms) / sizeof(forms[0]));
    tcase_add_loop_test(files, test_survives_damage, 0, sizeof(forms) / sizeof(forms[0]));
    tcase_add_test(files, test_saves_to_anything);
    tcase_add_test(files, test_serialized_keeps_properties);
    tcase_add_test(files, test_file_of_pem);
    tcase_add_test(files, test_file_of_der);
    tcase_add_test(files, test_file_of_handle);
    tcase_add_test(files, test_file_flags);
    tcase_add_test(files, test_open_refuses);
    tcase_add_test(files, test_my_is_a_folder);
    tcase_add_test(files, test_my_has_each_once);
    tcase_add_test(files, test_my_that_cannot_be_written);
    tcase_add_test(files, test_my_with_files_of_others);
    tcase_add_test(files, test_keys_travel);
    tcase_add_test(files, test_keys_that_are_broken);
    tcase_add_test(files, test_keys_that_are_encrypted);
    tcase_add_test(files, test_system_names);
    tcase_add_test(files, test_root_is_a_file_that_is_named);
    tcase_add_test(files, test_root_is_the_systems);
    tcase_set_timeout(files, 120);
    suite_add_tcase(suite, files);
    tcase_add_checked_fixture(query, setup, teardown);
    tcase_add_test(query, test_query_certificate);
    tcase_add_test(query, test_query_others);
    tcase_add_test(query, test_query_file);
    tcase_add_test(query, test_query_survives_damage);
    tcase_set_timeout(query, 120);
    suite_add_tcase(suite, query);
    return suite;
}

CHECK_MAIN(suite)
