/* SPDX-License-Identifier: MIT */
/* Certificate contexts, their properties, and the stores that hold them. */
#include "lib/store.h"

#include <gnutls/crypto.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "lib/check_main.h"

/* Constant bytes for a blob, whose member is not const. */
#define BYTES(text) ((BYTE *)(uintptr_t)(text))

static void expect_error(BOOL done, DWORD error)
{
    ck_assert(!done);
    ck_assert_uint_eq(GetLastError(), error);
}

static bool same(PCCERT_CONTEXT context, enum store_crt which)
{
    gnutls_datum_t der = certs_der(store_crt(which));
    bool equal = context->cbCertEncoded == der.size &&
                 memcmp(context->pbCertEncoded, der.data, der.size) == 0;

    gnutls_free(der.data);
    return equal;
}

/* --- Contexts ------------------------------------------------------------------------------- */

START_TEST(test_context_shows_the_certificate)
{
    PCCERT_CONTEXT context = store_context(STORE_END);
    gnutls_datum_t raw = {NULL, 0};

    ck_assert_uint_eq(context->dwCertEncodingType, X509_ASN_ENCODING);
    ck_assert(same(context, STORE_END));
    ck_assert_ptr_null(context->hCertStore);
    ck_assert_int_eq(gnutls_x509_crt_get_raw_dn(store_crt(STORE_END), &raw), 0);
    ck_assert_uint_eq(context->pCertInfo->Subject.cbData, raw.size);
    ck_assert_mem_eq(context->pCertInfo->Subject.pbData, raw.data, raw.size);
    gnutls_free(raw.data);
    ck_assert(gnutls_x509_crt_equals(cert_context_crt(context), store_crt(STORE_END)));
    ck_assert_ptr_eq(CertDuplicateCertificateContext(context), context);
    ck_assert(CertFreeCertificateContext(context));
    ck_assert(same(context, STORE_END));
    ck_assert(CertFreeCertificateContext(context));
    ck_assert_ptr_null(CertDuplicateCertificateContext(NULL));
    ck_assert(CertFreeCertificateContext(NULL));
}
END_TEST

/* Nothing is read outside the blob, and no part of a certificate is one. */
START_TEST(test_context_refuses_what_is_cut_or_longer)
{
    gnutls_datum_t der = certs_der(store_crt(STORE_END));

    for (unsigned size = 0; size < der.size; size++) {
        BYTE *part = malloc(size + 1);

        memcpy(part, der.data, size);
        part = realloc(part, size > 0 ? size : 1);
        SetLastError(0);
        ck_assert_ptr_null(CertCreateCertificateContext(X509_ASN_ENCODING, part, size));
        ck_assert_uint_eq(GetLastError() & 0xffffff00, (DWORD)CRYPT_E_ASN1_ERROR);
        free(part);
    }
    der.data = gnutls_realloc(der.data, der.size + 1);
    der.data[der.size] = 0;
    ck_assert_ptr_null(CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size + 1));
    ck_assert_ptr_null(CertCreateCertificateContext(X509_ASN_ENCODING, NULL, der.size));
    ck_assert_ptr_null(CertCreateCertificateContext(0, der.data, der.size));
    expect_error(FALSE, (DWORD)E_INVALIDARG);
    gnutls_free(der.data);
}
END_TEST

/* A flipped bit gives another certificate or none; what is accepted is whole. */
START_TEST(test_context_survives_bit_flips)
{
    gnutls_datum_t der = certs_der(store_crt(STORE_END));
    unsigned refused = 0;

    for (unsigned bit = 0; bit < 8 * der.size; bit++) {
        PCCERT_CONTEXT context;

        der.data[bit / 8] ^= (BYTE)(1 << bit % 8);
        context = CertCreateCertificateContext(X509_ASN_ENCODING, der.data, der.size);
        if (context == NULL)
            refused++;
        else
            ck_assert_mem_eq(context->pbCertEncoded, der.data, der.size);
        CertFreeCertificateContext(context);
        der.data[bit / 8] ^= (BYTE)(1 << bit % 8);
    }
    ck_assert_uint_gt(refused, der.size);
    gnutls_free(der.data);
}
END_TEST

/* --- Adding --------------------------------------------------------------------------------- */

START_TEST(test_add_copies)
{
    HCERTSTORE store = store_memory();
    PCCERT_CONTEXT context = store_context(STORE_END);
    PCCERT_CONTEXT stored = NULL;
    CRYPT_DATA_BLOB name = {3, BYTES("abc")};
    DWORD size = 0;

    ck_assert(CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &name));
    ck_assert(CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_NEW, &stored));
    ck_assert_ptr_ne(stored, context);
    ck_assert_ptr_eq(stored->hCertStore, store);
    ck_assert(same(stored, STORE_END));
    /* The copy has its own properties. */
    ck_assert(CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, NULL));
    ck_assert(CertGetCertificateContextProperty(stored, CERT_FRIENDLY_NAME_PROP_ID, NULL, &size));
    ck_assert_uint_eq(size, 3);
    CertFreeCertificateContext(stored);
    CertFreeCertificateContext(context);
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}
END_TEST

START_TEST(test_add_links)
{
    HCERTSTORE store = store_memory(), other = store_memory();
    PCCERT_CONTEXT stored = store_put(store, STORE_END);
    PCCERT_CONTEXT link = NULL;
    CRYPT_DATA_BLOB name = {3, BYTES("abc")};
    DWORD size = 0;

    ck_assert(CertAddCertificateLinkToStore(other, stored, CERT_STORE_ADD_NEW, &link));
    ck_assert_ptr_eq(link->hCertStore, other);
    ck_assert(CertSetCertificateContextProperty(stored, CERT_FRIENDLY_NAME_PROP_ID, 0, &name));
    ck_assert(CertGetCertificateContextProperty(link, CERT_FRIENDLY_NAME_PROP_ID, NULL, &size));
    ck_assert_uint_eq(size, 3);
    CertFreeCertificateContext(stored);
    CertCloseStore(store, 0);
    ck_assert(same(link, STORE_END));
    CertFreeCertificateContext(link);
    CertCloseStore(other, 0);
}
END_TEST

/* What each CERT_STORE_ADD_* does when the same certificate is there. */
static const struct {
    DWORD rule;
    BOOL done;
    unsigned count;
    DWORD old_property, new_property; /* sizes afterwards; 0: it is gone */
} rules[] = {
    {CERT_STORE_ADD_NEW, FALSE, 1, 3, 0},
    {CERT_STORE_ADD_USE_EXISTING, TRUE, 1, 3, 5},
    {CERT_STORE_ADD_REPLACE_EXISTING, TRUE, 1, 0, 5},
    {CERT_STORE_ADD_ALWAYS, TRUE, 2, 3, 0},
    {CERT_STORE_ADD_REPLACE_EXISTING_INHERIT_PROPERTIES, TRUE, 1, 3, 5},
    {CERT_STORE_ADD_NEWER, FALSE, 1, 3, 0},
    {CERT_STORE_ADD_NEWER_INHERIT_PROPERTIES, FALSE, 1, 3, 0},
};

static DWORD property_size(PCCERT_CONTEXT context, DWORD id)
{
    DWORD size = 0;

    return CertGetCertificateContextProperty(context, id, NULL, &size) ? size : 0;
}

START_TEST(test_add_rules)
{
    HCERTSTORE store = store_memory();
    PCCERT_CONTEXT old = store_put(store, STORE_END), new = store_context(STORE_END);
    PCCERT_CONTEXT first;
    CRYPT_DATA_BLOB old_value = {3, BYTES("old")}, new_value = {5, BYTES("newer")};

    CertSetCertificateContextProperty(old, CERT_FIRST_USER_PROP_ID, 0, &old_value);
    CertSetCertificateContextProperty(new, CERT_FIRST_USER_PROP_ID + 1, 0, &new_value);
    SetLastError(0);
    ck_assert_int_eq(CertAddCertificateContextToStore(store, new, rules[_i].rule, NULL),
                     rules[_i].done);
    ck_assert_uint_eq(GetLastError(), rules[_i].done ? 0 : (DWORD)CRYPT_E_EXISTS);
    first = CertEnumCertificatesInStore(store, NULL);
    ck_assert_uint_eq(property_size(first, CERT_FIRST_USER_PROP_ID), rules[_i].old_property);
    ck_assert_uint_eq(property_size(first, CERT_FIRST_USER_PROP_ID + 1), rules[_i].new_property);
    CertFreeCertificateContext(first);
    ck_assert_uint_eq(store_count(store), rules[_i].count);
    /* Whatever became of it, the old one is still its holder's. */
    ck_assert(same(old, STORE_END));
    CertFreeCertificateContext(old);
    CertFreeCertificateContext(new);
    ck_assert(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}
END_TEST

START_TEST(test_add_refuses)
{
    HCERTSTORE store = store_memory();
    PCCERT_CONTEXT context = store_context(STORE_END), out = context;
    gnutls_datum_t der = certs_der(store_crt(STORE_END));

    expect_error(CertAddCertificateContextToStore(store, context, 0, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertAddCertificateContextToStore(store, context, 8, &out), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(out);
    expect_error(CertAddCertificateContextToStore(store, NULL, 1, NULL), (DWORD)E_INVALIDARG);
    expect_error(CertAddCertificateContextToStore(NULL, context, 1, NULL), (DWORD)E_INVALIDARG);
    ck_assert(!CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, der.size - 1,
                                                CERT_STORE_ADD_NEW, NULL));
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, der.size,
                                               CERT_STORE_ADD_NEW, &out));
    ck_assert(same(out, STORE_END));
    CertFreeCertificateContext(out);
    /* Without a store there is a context alone. */
    ck_assert(CertAddEncodedCertificateToStore(NULL, X509_ASN_ENCODING, der.data, der.size,
                                               CERT_STORE_ADD_ALWAYS, &out));
    ck_assert_ptr_null(out->hCertStore);
    CertFreeCertificateContext(out);
    gnutls_free(der.data);
    CertFreeCertificateContext(context);
    CertCloseStore(store, 0);
}
END_TEST

/* --- Lifetimes ------------------------------------------------------------------------------ */

START_TEST(test_context_outlives_store)
{
    HCERTSTORE store = store_memory();
    PCCERT_CONTEXT context = store_put(store, STORE_END);

    CertFreeCertificateContext(store_put(store, STORE_ROOT));
    expect_error(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG), (DWORD)CRYPT_E_PENDING_CLOSE);
    /* Its store is there as long as it is, and can be asked. */
    ck_assert_uint_eq(store_count(context->hCertStore), 2);
    CertFreeCertificateContext(context);
    ck_assert(CertCloseStore(NULL, 0));
}
END_TEST

START_TEST(test_store_duplicates)
{
    HCERTSTORE store = store_memory();

    ck_assert_ptr_eq(CertDuplicateStore(store), store);
    CertFreeCertificateContext(store_put(store, STORE_END));
    expect_error(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG), (DWORD)CRYPT_E_PENDING_CLOSE);
    ck_assert_uint_eq(store_count(store), 1);
    ck_assert(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG | CERT_CLOSE_STORE_FORCE_FLAG));
}
END_TEST

/* A program may delete what it stands on. */
START_TEST(test_enumeration_goes_on_after_a_deletion)
{
    HCERTSTORE store = store_memory();
    PCCERT_CONTEXT context;

    for (int i = 0; i < STORE_CRTS; i++)
        CertFreeCertificateContext(store_put(store, (enum store_crt)i));
    context = CertEnumCertificatesInStore(store, NULL);
    ck_assert(CertDeleteCertificateFromStore(CertDuplicateCertificateContext(context)));
    ck_assert(CertDeleteCertificateFromStore(CertDuplicateCertificateContext(context)));
    context = CertEnumCertificatesInStore(store, context);
    ck_assert(same(context, STORE_AUTHORITY));
    ck_assert(CertDeleteCertificateFromStore(CertDuplicateCertificateContext(context)));
    context = CertEnumCertificatesInStore(store, context);
    ck_assert(same(context, STORE_END));
    /* One that is replaced keeps its place. */
    ck_assert(
        CertAddCertificateContextToStore(store, context, CERT_STORE_ADD_REPLACE_EXISTING, NULL));
    context = CertEnumCertificatesInStore(store, context);
    ck_assert(same(context, STORE_OTHER));
    ck_assert_ptr_null(CertEnumCertificatesInStore(store, context));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert_uint_eq(store_count(store), 2);
    /* A context of another store is no place in this one. */
    ck_assert_ptr_null(CertEnumCertificatesInStore(store, store_context(STORE_END)));
    ck_assert(CertDeleteCertificateFromStore(NULL));
    ck_assert(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}
END_TEST

/* --- Collections ---------------------------------------------------------------------------- */

START_TEST(test_collection_shows_its_stores)
{
    HCERTSTORE low = store_memory(), high = store_memory();
    HCERTSTORE all = CertOpenStore(sz_CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    PCCERT_CONTEXT context = store_context(STORE_OTHER), stored = NULL;

    CertFreeCertificateContext(store_put(low, STORE_ROOT));
    CertFreeCertificateContext(store_put(high, STORE_END));
    ck_assert(CertAddStoreToCollection(all, low, CERT_PHYSICAL_STORE_ADD_ENABLE_FLAG, 1));
    ck_assert(CertAddStoreToCollection(all, high, 0, 2));
    ck_assert_uint_eq(store_count(all), 2);
    /* What is added goes where it may. */
    ck_assert(CertAddCertificateContextToStore(all, context, CERT_STORE_ADD_NEW, &stored));
    ck_assert_ptr_eq(stored->hCertStore, all);
    ck_assert_uint_eq(store_count(low), 2);
    ck_assert_uint_eq(store_count(high), 1);
    CertFreeCertificateContext(context);
    context = CertEnumCertificatesInStore(all, NULL);
    ck_assert(same(context, STORE_END));
    ck_assert_ptr_eq(context->hCertStore, all);
    /* Deleting reaches the store itself. */
    ck_assert(CertDeleteCertificateFromStore(stored));
    ck_assert_uint_eq(store_count(low), 1);
    CertCloseStore(low, 0);
    CertCloseStore(high, 0);
    context = CertEnumCertificatesInStore(all, context);
    ck_assert(same(context, STORE_ROOT));
    CertCloseStore(all, 0);
    CertFreeCertificateContext(context);
}
END_TEST

START_TEST(test_collection_refuses_circles)
{
    HCERTSTORE memory = store_memory();
    HCERTSTORE a = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    HCERTSTORE b = CertOpenStore(CERT_STORE_PROV_COLLECTION, 0, 0, 0, NULL);
    PCCERT_CONTEXT context = store_put(memory, STORE_END);

    expect_error(CertAddCertificateContextToStore(a, context, 1, NULL), (DWORD)E_ACCESSDENIED);
    expect_error(CertAddStoreToCollection(a, a, 0, 0), (DWORD)E_INVALIDARG);
    ck_assert(CertAddStoreToCollection(a, b, 0, 0));
    expect_error(CertAddStoreToCollection(b, a, 0, 0), (DWORD)E_INVALIDARG);
    expect_error(CertAddStoreToCollection(memory, a, 0, 0), (DWORD)E_INVALIDARG);
    /* The same store twice shows its content twice, and ends. */
    ck_assert(CertAddStoreToCollection(b, memory, 0, 0));
    ck_assert(CertAddStoreToCollection(b, memory, 0, 0));
    ck_assert_uint_eq(store_count(a), 2);
    CertRemoveStoreFromCollection(b, memory);
    ck_assert_uint_eq(store_count(a), 1);
    CertFreeCertificateContext(context);
    CertCloseStore(a, 0);
    CertCloseStore(b, 0);
    CertCloseStore(memory, 0);
}
END_TEST

/* --- Finding -------------------------------------------------------------------------------- */

/* The only certificate that answers; -1 for none. */
static int found(HCERTSTORE store, DWORD flags, DWORD type, const void *para)
{
    PCCERT_CONTEXT context =
        CertFindCertificateInStore(store, X509_ASN_ENCODING, flags, type, para, NULL);
    int which = -1;

    if (context == NULL) {
        ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
        return -1;
    }
    for (int i = 0; i < STORE_CRTS; i++)
        if (same(context, (enum store_crt)i))
            which = i;
    ck_assert_ptr_null(
        CertFindCertificateInStore(store, X509_ASN_ENCODING, flags, type, para, context));
    return which;
}

static HCERTSTORE all_store(void)
{
    HCERTSTORE store = store_memory();

    for (int i = 0; i < STORE_CRTS; i++)
        CertFreeCertificateContext(store_put(store, (enum store_crt)i));
    return store;
}

static const struct {
    DWORD type, property;
} by_property[] = {
    {CERT_FIND_SHA1_HASH, CERT_SHA1_HASH_PROP_ID},
    {CERT_FIND_MD5_HASH, CERT_MD5_HASH_PROP_ID},
    {CERT_FIND_SIGNATURE_HASH, CERT_SIGNATURE_HASH_PROP_ID},
    {CERT_FIND_KEY_IDENTIFIER, CERT_KEY_IDENTIFIER_PROP_ID},
    {CERT_FIND_PUBKEY_MD5_HASH, CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID},
};

START_TEST(test_find_by_hash)
{
    HCERTSTORE store = all_store();

    for (int i = 0; i < STORE_CRTS; i++) {
        PCCERT_CONTEXT context = store_context((enum store_crt)i);
        BYTE value[64];
        CRYPT_HASH_BLOB blob = {sizeof(value), value};

        ck_assert(CertGetCertificateContextProperty(context, by_property[_i].property, value,
                                                    &blob.cbData));
        ck_assert_int_eq(found(store, 0, by_property[_i].type, &blob), i);
        value[0] ^= 1;
        ck_assert_int_eq(found(store, 0, by_property[_i].type, &blob), -1);
        CertFreeCertificateContext(context);
    }
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_find_by_content)
{
    HCERTSTORE store = all_store();
    PCCERT_CONTEXT end = store_context(STORE_END), authority = store_context(STORE_AUTHORITY);
    CERT_ID id = {.dwIdChoice = CERT_ID_ISSUER_SERIAL_NUMBER};
    CERT_PUBLIC_KEY_INFO no_key = {{NULL, {0, NULL}}, {0, NULL, 0}};
    PCCERT_CONTEXT subject;

    ck_assert_int_eq(found(store, 0, CERT_FIND_SUBJECT_NAME, &end->pCertInfo->Subject), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_ISSUER_NAME, &end->pCertInfo->Issuer), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_SUBJECT_CERT, end->pCertInfo), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_EXISTING, end), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_ISSUER_OF, end), STORE_AUTHORITY);
    ck_assert_int_eq(found(store, 0, CERT_FIND_ISSUER_OF, authority), STORE_ROOT);
    ck_assert_int_eq(found(store, 0, CERT_FIND_PUBLIC_KEY, &end->pCertInfo->SubjectPublicKeyInfo),
                     STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_PUBLIC_KEY, &no_key), -1);
    id.IssuerSerialNumber.Issuer = end->pCertInfo->Issuer;
    id.IssuerSerialNumber.SerialNumber = end->pCertInfo->SerialNumber;
    ck_assert_int_eq(found(store, 0, CERT_FIND_CERT_ID, &id), STORE_END);
    {
        BYTE value[64];
        CRYPT_HASH_BLOB blob = {sizeof(value), value};

        ck_assert(
            CertGetCertificateContextProperty(end, CERT_SHA1_HASH_PROP_ID, value, &blob.cbData));
        id.dwIdChoice = CERT_ID_SHA1_HASH;
        id.HashId = blob;
        ck_assert_int_eq(found(store, 0, CERT_FIND_CERT_ID, &id), STORE_END);
        id.dwIdChoice = CERT_ID_KEY_IDENTIFIER;
        ck_assert_int_eq(found(store, 0, CERT_FIND_CERT_ID, &id), -1);
    }
    id.dwIdChoice = 9;
    ck_assert_int_eq(found(store, 0, CERT_FIND_CERT_ID, &id), -1);
    subject = CertGetSubjectCertificateFromStore(store, X509_ASN_ENCODING, end->pCertInfo);
    ck_assert(same(subject, STORE_END));
    CertFreeCertificateContext(subject);
    CertFreeCertificateContext(end);
    CertFreeCertificateContext(authority);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_find_by_hash_text)
{
    HCERTSTORE store = all_store();
    PCCERT_CONTEXT end = store_context(STORE_END);
    BYTE value[20];
    DWORD size = sizeof(value);
    WCHAR text[3 * sizeof(value) + 2] = {0};
    static const char digits[] = "0123456789abcdef", capitals[] = "0123456789ABCDEF";

    ck_assert(CertGetCertificateContextProperty(end, CERT_SHA1_HASH_PROP_ID, value, &size));
    for (unsigned i = 0; i < size; i++) {
        text[3 * i] = (WCHAR)digits[value[i] >> 4];
        text[3 * i + 1] = (WCHAR)capitals[value[i] & 15];
        text[3 * i + 2] = ' ';
    }
    ck_assert_int_eq(found(store, 0, CERT_FIND_HASH_STR, text), STORE_END);
    text[3 * size] = '0';
    ck_assert_int_eq(found(store, 0, CERT_FIND_HASH_STR, text), -1);
    text[3 * size - 2] = 0;
    ck_assert_int_eq(found(store, 0, CERT_FIND_HASH_STR, text), -1);
    CertFreeCertificateContext(end);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_find_by_text)
{
    HCERTSTORE store = all_store();

    ck_assert_int_eq(found(store, 0, CERT_FIND_SUBJECT_STR_A, "WWW.example"), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_SUBJECT_STR_W, u"the rOOt"), STORE_ROOT);
    ck_assert_int_eq(found(store, 0, CERT_FIND_ISSUER_STR_A, "authority"), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_ISSUER_STR_W, u"someone else"), STORE_OTHER);
    ck_assert_int_eq(found(store, 0, CERT_FIND_SUBJECT_STR_A, "nobody"), -1);
    /* All have the empty text; it is the first that counts. */
    {
        PCCERT_CONTEXT first =
            CertFindCertificateInStore(store, 1, 0, CERT_FIND_SUBJECT_STR_A, "", NULL);

        ck_assert(same(first, STORE_ROOT));
        CertFreeCertificateContext(first);
    }
    ck_assert_ptr_null(
        CertFindCertificateInStore(store, 1, 0, CERT_FIND_SUBJECT_STR_A, "\xff", NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_find_by_usage)
{
    HCERTSTORE store = all_store();
    char server[] = szOID_PKIX_KP_SERVER_AUTH, client[] = szOID_PKIX_KP_CLIENT_AUTH;
    LPSTR both[] = {server, client};
    CERT_ENHKEY_USAGE usage = {1, both};

    ck_assert_int_eq(found(store, 0, CERT_FIND_ENHKEY_USAGE, &usage), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_ENHKEY_USAGE, NULL), STORE_END);
    usage.cUsageIdentifier = 2;
    ck_assert_int_eq(found(store, 0, CERT_FIND_ENHKEY_USAGE, &usage), -1);
    ck_assert_int_eq(found(store, CERT_FIND_OR_ENHKEY_USAGE_FLAG, CERT_FIND_ENHKEY_USAGE, &usage),
                     STORE_END);
    usage.rgpszUsageIdentifier = both + 1;
    usage.cUsageIdentifier = 1;
    ck_assert_int_eq(found(store, 0, CERT_FIND_ENHKEY_USAGE, &usage), -1);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_find_by_property)
{
    HCERTSTORE store = all_store();
    PCCERT_CONTEXT end = NULL;
    DWORD id = CERT_FRIENDLY_NAME_PROP_ID, spec = AT_KEYEXCHANGE;
    CRYPT_DATA_BLOB name = {2, BYTES("\0")};
    CRYPT_KEY_PROV_INFO info = {.dwKeySpec = AT_KEYEXCHANGE};

    ck_assert_int_eq(found(store, 0, CERT_FIND_PROPERTY, &id), -1);
    ck_assert_int_eq(found(store, 0, CERT_FIND_HAS_PRIVATE_KEY, NULL), -1);
    ck_assert_int_eq(found(store, 0, CERT_FIND_KEY_SPEC, &spec), -1);
    while ((end = CertEnumCertificatesInStore(store, end)) != NULL && !same(end, STORE_END))
        continue;
    ck_assert(CertSetCertificateContextProperty(end, id, 0, &name));
    ck_assert_int_eq(found(store, 0, CERT_FIND_PROPERTY, &id), STORE_END);
    ck_assert(CertSetCertificateContextProperty(end, CERT_KEY_PROV_INFO_PROP_ID, 0, &info));
    ck_assert_int_eq(found(store, 0, CERT_FIND_HAS_PRIVATE_KEY, NULL), STORE_END);
    ck_assert_int_eq(found(store, 0, CERT_FIND_KEY_SPEC, &spec), STORE_END);
    spec = AT_SIGNATURE;
    ck_assert_int_eq(found(store, 0, CERT_FIND_KEY_SPEC, &spec), -1);
    CertFreeCertificateContext(end);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_find_refuses)
{
    HCERTSTORE store = all_store();
    CERT_RDN rdn = {0, NULL};

    ck_assert_ptr_null(CertFindCertificateInStore(store, 1, 0, CERT_FIND_SHA1_HASH, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertFindCertificateInStore(store, 1, 0, CERT_FIND_SUBJECT_ATTR, &rdn, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertFindCertificateInStore(store, 1, 0, 0xffff0000, &rdn, NULL));
    ck_assert_ptr_null(CertFindCertificateInStore(NULL, 1, 0, CERT_FIND_ANY, NULL, NULL));
    ck_assert_uint_eq(GetLastError(), (DWORD)E_INVALIDARG);
    ck_assert_ptr_null(CertFindCertificateInStore(store, 1, 0, CERT_FIND_SHA1_HASH, NULL,
                                                  CertEnumCertificatesInStore(store, NULL)));
    CertCloseStore(store, 0);
}
END_TEST

/* --- Issuers -------------------------------------------------------------------------------- */

START_TEST(test_issuer_in_store)
{
    HCERTSTORE store = all_store();
    PCCERT_CONTEXT end = store_context(STORE_END), root = store_context(STORE_ROOT);
    DWORD flags =
        CERT_STORE_SIGNATURE_FLAG | CERT_STORE_TIME_VALIDITY_FLAG | CERT_STORE_REVOCATION_FLAG;
    PCCERT_CONTEXT issuer = CertGetIssuerCertificateFromStore(store, end, NULL, &flags);
    gnutls_datum_t crl = store_crl();

    ck_assert(same(issuer, STORE_AUTHORITY));
    ck_assert_uint_eq(flags, CERT_STORE_REVOCATION_FLAG | CERT_STORE_NO_CRL_FLAG);
    ck_assert(CertAddEncodedCRLToStore(store, X509_ASN_ENCODING, crl.data, crl.size,
                                       CERT_STORE_ADD_NEW, NULL));
    flags = CERT_STORE_REVOCATION_FLAG;
    ck_assert(CertVerifySubjectCertificateContext(end, issuer, &flags));
    ck_assert_uint_eq(flags, CERT_STORE_REVOCATION_FLAG);
    flags = 0;
    ck_assert_ptr_null(CertGetIssuerCertificateFromStore(store, end, issuer, &flags));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_NOT_FOUND);
    ck_assert_ptr_null(CertGetIssuerCertificateFromStore(store, root, NULL, &flags));
    ck_assert_uint_eq(GetLastError(), (DWORD)CRYPT_E_SELF_SIGNED);
    flags = CERT_STORE_SIGNATURE_FLAG;
    ck_assert(CertVerifySubjectCertificateContext(end, root, &flags));
    ck_assert_uint_eq(flags, CERT_STORE_SIGNATURE_FLAG);
    expect_error(CertVerifySubjectCertificateContext(end, NULL, &flags), (DWORD)E_INVALIDARG);
    flags = 0x80;
    expect_error(CertVerifySubjectCertificateContext(end, root, &flags), (DWORD)E_INVALIDARG);
    gnutls_free(crl.data);
    CertFreeCertificateContext(end);
    CertFreeCertificateContext(root);
    CertCloseStore(store, 0);
}
END_TEST

START_TEST(test_chain_to_send)
{
    HCERTSTORE store = all_store();
    PCCERT_CONTEXT end = NULL, alone = store_context(STORE_ROOT), chain[CERT_CHAIN_MAX];

    while ((end = CertEnumCertificatesInStore(store, end)) != NULL && !same(end, STORE_END))
        continue;
    ck_assert_uint_eq(cert_context_chain(end, false, chain), 2);
    ck_assert_ptr_eq(chain[0], end);
    ck_assert(same(chain[1], STORE_AUTHORITY));
    CertFreeCertificateContext(chain[0]);
    CertFreeCertificateContext(chain[1]);
    ck_assert_uint_eq(cert_context_chain(end, true, chain), 3);
    ck_assert(same(chain[2], STORE_ROOT));
    for (int i = 0; i < 3; i++)
        CertFreeCertificateContext(chain[i]);
    ck_assert_uint_eq(cert_context_chain(alone, true, chain), 1);
    CertFreeCertificateContext(chain[0]);
    CertFreeCertificateContext(alone);
    CertFreeCertificateContext(end);
    CertCloseStore(store, 0);
}
END_TEST

/* --- Threads -------------------------------------------------------------------------------- */

static void *churn(void *store)
{
    for (int i = 0; i < 200; i++) {
        PCCERT_CONTEXT context = store_put(store, STORE_END), at = NULL;
        CRYPT_DATA_BLOB name = {4, BYTES("name")};

        CertSetCertificateContextProperty(context, CERT_FRIENDLY_NAME_PROP_ID, 0, &name);
        while ((at = CertEnumCertificatesInStore(store, at)) != NULL)
            property_size(at, CERT_FRIENDLY_NAME_PROP_ID);
        CertDeleteCertificateFromStore(context);
    }
    return NULL;
}

START_TEST(test_threads_share_a_store)
{
    HCERTSTORE store = store_memory();
    pthread_t threads[4];

    store_crt(STORE_END);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, store), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_uint_eq(store_count(store), 0);
    ck_assert(CertCloseStore(store, CERT_CLOSE_STORE_CHECK_FLAG));
}
END_TEST

static Suite *suite(void)
{
    Suite *suite = suite_create("cert_store");
    TCase *context = tcase_create("context"), *store = tcase_create("store");
    TCase *find = tcase_create("find");

    tcase_add_checked_fixture(context, NULL, store_end);
    tcase_add_checked_fixture(store, NULL, store_end);
    tcase_add_checked_fixture(find, NULL, store_end);
    tcase_add_test(context, test_context_shows_the_certificate);
    tcase_add_test(context, test_context_refuses_what_is_cut_or_longer);
    tcase_add_test(context, test_context_survives_bit_flips);
    tcase_set_timeout(context, 60);
    suite_add_tcase(suite, context);
    tcase_add_test(store, test_add_copies);
    tcase_add_test(store, test_add_links);
    tcase_add_loop_test(store, test_add_rules, 0, sizeof(rules) / sizeof(rules[0]));
    tcase_add_test(store, test_add_refuses);
    tcase_add_test(store, test_context_outlives_store);
    tcase_add_test(store, test_store_duplicates);
    tcase_add_test(store, test_enumeration_goes_on_after_a_deletion);
    tcase_add_test(store, test_collection_shows_its_stores);
    tcase_add_test(store, test_collection_refuses_circles);
    tcase_add_test(store, test_threads_share_a_store);
    tcase_set_timeout(store, 60);
    suite_add_tcase(suite, store);
    tcase_add_loop_test(find, test_find_by_hash, 0, sizeof(by_property) / sizeof(by_property[0]));
    tcase_add_test(find, test_find_by_content);
    tcase_add_test(find, test_find_by_hash_text);
    tcase_add_test(find, test_find_by_text);
    tcase_add_test(find, test_find_by_usage);
    tcase_add_test(find, test_find_by_property);
    tcase_add_test(find, test_find_refuses);
    tcase_add_test(find, test_issuer_in_store);
    tcase_add_test(find, test_chain_to_send);
    suite_add_tcase(suite, find);
    return suite;
}

CHECK_MAIN(suite)
