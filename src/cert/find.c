/* SPDX-License-Identifier: MIT */
/* CertFindCertificateInStore(): a test for each kind of question. */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>

#include "cert/hashprop.h"
#include "cert/store.h"
#include "core/secret.h"
#include "core/text.h"

struct question {
    DWORD flags; /* dwFindFlags */
    DWORD info;  /* CERT_INFO_SUBJECT_FLAG or CERT_INFO_ISSUER_FLAG */
    DWORD property;
    const void *para;
    uint8_t *text; /* of a text in para, with letters folded; NULL: there is none */
    size_t text_size;
};

typedef bool test_fn(struct cert_element *element, const struct question *question);

static const CERT_INFO *info_of(const struct cert_element *element)
{
    return element->datum->info;
}

static bool blob_equal(const CRYPT_DATA_BLOB *a, const CRYPT_DATA_BLOB *b)
{
    return a->cbData == b->cbData &&
           (a->cbData == 0 || memcmp(a->pbData, b->pbData, a->cbData) == 0);
}

static bool test_any(struct cert_element *element, const struct question *question)
{
    (void)element, (void)question;
    return true;
}

/* The value of a property, computed or set, is the blob. */
static bool property_is(struct cert_element *element, DWORD id, const CRYPT_DATA_BLOB *wanted)
{
    BYTE value[CERT_HASH_MAX];
    CRYPT_DATA_BLOB blob = {sizeof(value), value};

    return CertGetCertificateContextProperty(&element->face.cert, id, value, &blob.cbData) &&
           blob_equal(&blob, wanted);
}

static bool test_hash(struct cert_element *element, const struct question *question)
{
    return property_is(element, question->property, question->para);
}

static const CERT_NAME_BLOB *name_of(const struct cert_element *element,
                                     const struct question *question)
{
    const CERT_INFO *info = info_of(element);

    return question->info == CERT_INFO_ISSUER_FLAG ? &info->Issuer : &info->Subject;
}

static bool test_name(struct cert_element *element, const struct question *question)
{
    return blob_equal(name_of(element, question), question->para);
}

/* A text with its letters folded, to be freed; NULL when that cannot be. */
static uint8_t *text_fold(const char *text, size_t *size)
{
    return u8_casefold((const uint8_t *)text, strlen(text), NULL, NULL, NULL, size);
}

/* The name as CERT_SIMPLE_NAME_STR, folded. */
static uint8_t *name_fold(const CERT_NAME_BLOB *name, size_t *size)
{
    CERT_NAME_BLOB blob = *name;
    DWORD room = CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_SIMPLE_NAME_STR, NULL, 0);
    char *text = malloc((size_t)room + 1);
    uint8_t *folded;

    if (text == NULL) {
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    text[0] = '\0';
    folded = CertNameToStrA(X509_ASN_ENCODING, &blob, CERT_SIMPLE_NAME_STR, text, room) == 0
                 ? NULL
                 : text_fold(text, size);
    free(text);
    return folded;
}

static bool test_name_str(struct cert_element *element, const struct question *question)
{
    size_t size = 0;
    uint8_t *name = name_fold(name_of(element, question), &size);
    bool found = name != NULL && question->text != NULL &&
                 (question->text_size == 0 ||
                  memmem(name, size, question->text, question->text_size) != NULL);

    free(name);
    return found;
}

static bool test_property(struct cert_element *element, const struct question *question)
{
    DWORD size = 0;

    return CertGetCertificateContextProperty(&element->face.cert, *(const DWORD *)question->para,
                                             NULL, &size);
}

static bool test_public_key(struct cert_element *element, const struct question *question)
{
    const CERT_PUBLIC_KEY_INFO *a = &info_of(element)->SubjectPublicKeyInfo;
    const CERT_PUBLIC_KEY_INFO *b = question->para;

    return b->Algorithm.pszObjId != NULL &&
           strcmp(a->Algorithm.pszObjId, b->Algorithm.pszObjId) == 0 &&
           a->PublicKey.cbData == b->PublicKey.cbData &&
           memcmp(a->PublicKey.pbData, b->PublicKey.pbData, a->PublicKey.cbData) == 0;
}

static bool test_key_spec(struct cert_element *element, const struct question *question)
{
    DWORD spec, size = sizeof(spec);

    return CertGetCertificateContextProperty(&element->face.cert, CERT_KEY_SPEC_PROP_ID, &spec,
                                             &size) &&
           spec == *(const DWORD *)question->para;
}

static bool test_subject_cert(struct cert_element *element, const struct question *question)
{
    const CERT_INFO *a = info_of(element);
    const CERT_INFO *b = question->para;

    return blob_equal(&a->Issuer, &b->Issuer) && blob_equal(&a->SerialNumber, &b->SerialNumber);
}

static bool test_issuer_of(struct cert_element *element, const struct question *question)
{
    const struct cert_element *subject = cert_element_from(question->para);

    return gnutls_x509_crt_check_issuer(subject->datum->parsed.crt, element->datum->parsed.crt) !=
           0;
}

static bool test_existing(struct cert_element *element, const struct question *question)
{
    return cert_element_equal(element, cert_element_from(question->para));
}

static bool test_cert_id(struct cert_element *element, const struct question *question)
{
    const CERT_ID *id = question->para;
    const CERT_INFO *info = info_of(element);

    switch (id->dwIdChoice) {
    case CERT_ID_ISSUER_SERIAL_NUMBER:
        return blob_equal(&info->Issuer, &id->IssuerSerialNumber.Issuer) &&
               blob_equal(&info->SerialNumber, &id->IssuerSerialNumber.SerialNumber);
    case CERT_ID_KEY_IDENTIFIER:
        return property_is(element, CERT_KEY_IDENTIFIER_PROP_ID, &id->KeyId);
    case CERT_ID_SHA1_HASH:
        return property_is(element, CERT_SHA1_HASH_PROP_ID, &id->HashId);
    default:
        return false;
    }
}

static int hex_digit(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* A SHA-1 hash in hexadecimal, as certificate viewers show it: spaces do not count. */
static bool test_hash_str(struct cert_element *element, const struct question *question)
{
    BYTE value[20] = {0};
    CRYPT_DATA_BLOB blob = {sizeof(value), value};
    size_t digits = 0;

    for (const WCHAR *at = question->para; *at != 0; at++) {
        int digit = hex_digit(*at);

        if (*at == ' ')
            continue;
        if (digit < 0 || digits == 2 * sizeof(value))
            return false;
        value[digits / 2] = (BYTE)(value[digits / 2] << 4 | digit);
        digits++;
    }
    return digits == 2 * sizeof(value) && property_is(element, CERT_SHA1_HASH_PROP_ID, &blob);
}

static bool test_has_private_key(struct cert_element *element, const struct question *question)
{
    struct cert_bag *bag = element->bag;
    bool found;

    (void)question;
    pthread_mutex_lock(&bag->lock);
    found = bag->key != NULL || cert_bag_find(bag, CERT_KEY_PROV_INFO_PROP_ID) != NULL ||
            cert_bag_find(bag, CERT_KEY_CONTEXT_PROP_ID) != NULL;
    pthread_mutex_unlock(&bag->lock);
    return found;
}

/* --- Usages --------------------------------------------------------------------------------- */

/* Whether the extension names a usage; *any gets whether there is none at all, which allows all. */
static bool usage_named(gnutls_x509_crt_t crt, const char *wanted, bool *any)
{
    *any = true;
    for (unsigned i = 0;; i++) {
        char oid[128];
        size_t size = sizeof(oid);
        int status = gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &size, NULL);

        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return false;
        *any = false;
        if (status != 0)
            return false;
        if (wanted != NULL && strcmp(oid, wanted) == 0)
            return true;
    }
}

/* No usages asked for, or NULL: any certificate that has the extension. */
static bool test_usage(struct cert_element *element, const struct question *question)
{
    const CERT_ENHKEY_USAGE *wanted = question->para;
    bool or = (question->flags & CERT_FIND_OR_ENHKEY_USAGE_FLAG) != 0;
    gnutls_x509_crt_t crt = element->datum->parsed.crt;
    DWORD count = wanted == NULL ? 0 : wanted->cUsageIdentifier;
    DWORD named = 0;
    bool any;

    usage_named(crt, NULL, &any);
    if ((question->flags & CERT_FIND_NO_ENHKEY_USAGE_FLAG) != 0 && any)
        return true;
    if (any)
        return (question->flags & CERT_FIND_OPTIONAL_ENHKEY_USAGE_FLAG) != 0 ||
               (question->flags & CERT_FIND_VALID_ENHKEY_USAGE_FLAG) != 0;
    for (DWORD i = 0; i < count; i++)
        named += usage_named(crt, wanted->rgpszUsageIdentifier[i], &any);
    return or &&count > 0 ? named > 0 : named == count;
}

/* --- Finding -------------------------------------------------------------------------------- */

/* By CERT_COMPARE_*; what has no test is E_INVALIDARG. */
static const struct {
    test_fn *test;
    DWORD property;
    bool optional; /* pvFindPara may be NULL */
} tests[] = {
    [CERT_COMPARE_ANY] = {test_any, 0, true},
    [CERT_COMPARE_SHA1_HASH] = {test_hash, CERT_SHA1_HASH_PROP_ID, false},
    [CERT_COMPARE_NAME] = {test_name, 0, false},
    [CERT_COMPARE_MD5_HASH] = {test_hash, CERT_MD5_HASH_PROP_ID, false},
    [CERT_COMPARE_PROPERTY] = {test_property, 0, false},
    [CERT_COMPARE_PUBLIC_KEY] = {test_public_key, 0, false},
    [CERT_COMPARE_NAME_STR_A] = {test_name_str, 0, false},
    [CERT_COMPARE_NAME_STR_W] = {test_name_str, 0, false},
    [CERT_COMPARE_KEY_SPEC] = {test_key_spec, 0, false},
    [CERT_COMPARE_ENHKEY_USAGE] = {test_usage, 0, true},
    [CERT_COMPARE_SUBJECT_CERT] = {test_subject_cert, 0, false},
    [CERT_COMPARE_ISSUER_OF] = {test_issuer_of, 0, false},
    [CERT_COMPARE_EXISTING] = {test_existing, 0, false},
    [CERT_COMPARE_SIGNATURE_HASH] = {test_hash, CERT_SIGNATURE_HASH_PROP_ID, false},
    [CERT_COMPARE_KEY_IDENTIFIER] = {test_hash, CERT_KEY_IDENTIFIER_PROP_ID, false},
    [CERT_COMPARE_CERT_ID] = {test_cert_id, 0, false},
    [CERT_COMPARE_PUBKEY_MD5_HASH] = {test_hash, CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID, false},
    [CERT_COMPARE_HASH_STR] = {test_hash_str, 0, false},
    [CERT_COMPARE_HAS_PRIVATE_KEY] = {test_has_private_key, 0, true},
};

/* The text to look for. Ill-formed it is a bad argument. */
static bool question_text(struct question *question, const void *para, DWORD compare)
{
    char *text = NULL;
    SECURITY_STATUS status = text_from_caller(para, compare == CERT_COMPARE_NAME_STR_W, &text);

    if (status != SEC_E_OK)
        return win_fail(win_text_error(status, (DWORD)E_INVALIDARG));
    question->text = text_fold(text, &question->text_size);
    string_wipe_free(text);
    return question->text != NULL || win_fail(ERROR_NOT_ENOUGH_MEMORY);
}

/* NULL, with the error set, where there is no such question. */
static test_fn *test_find(DWORD type, const void *para, struct question *question)
{
    DWORD compare = type >> CERT_COMPARE_SHIFT;

    win_fail(E_INVALIDARG);
    if (compare >= sizeof(tests) / sizeof(tests[0]) || (para == NULL && !tests[compare].optional))
        return NULL;
    question->info = type & CERT_COMPARE_MASK;
    question->property = tests[compare].property;
    if (tests[compare].test == test_name_str && !question_text(question, para, compare))
        return NULL;
    return tests[compare].test;
}

WIN_API PCCERT_CONTEXT CertFindCertificateInStore(HCERTSTORE hCertStore, DWORD dwCertEncodingType,
                                                  DWORD dwFindFlags, DWORD dwFindType,
                                                  const void *pvFindPara,
                                                  PCCERT_CONTEXT pPrevCertContext)
{
    struct cert_element *found = cert_element_from(pPrevCertContext);
    struct cert_store *store = cert_store_from(hCertStore);
    struct question question = {.flags = dwFindFlags, .para = pvFindPara};
    test_fn *test = test_find(dwFindType, pvFindPara, &question);

    (void)dwCertEncodingType;
    if (store == NULL || test == NULL) {
        free(question.text);
        cert_element_release(found);
        return NULL;
    }
    win_fail(CRYPT_E_NOT_FOUND);
    do
        found = cert_store_next(store, CERT_KIND_CERTIFICATE, found);
    while (found != NULL && !test(found, &question));
    free(question.text);
    if (found == NULL && !win_no_memory())
        win_fail(CRYPT_E_NOT_FOUND);
    return cert_element_cert(found);
}

WIN_API PCCERT_CONTEXT CertGetSubjectCertificateFromStore(HCERTSTORE hCertStore,
                                                          DWORD dwCertEncodingType,
                                                          PCERT_INFO pCertId)
{
    return CertFindCertificateInStore(hCertStore, dwCertEncodingType, 0, CERT_FIND_SUBJECT_CERT,
                                      pCertId, NULL);
}
