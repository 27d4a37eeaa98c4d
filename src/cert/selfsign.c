/* SPDX-License-Identifier: MIT */
/* CertCreateSelfSignCertificate(): a certificate written in DER (RFC 5280 4.1) and signed. */
#include <gnutls/crypto.h>
#include <libtasn1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert/context.h"
#include "cert/keyfile.h"
#include "cert/keyhandle.h"
#include "core/native.h"
#include "core/text.h"

#define RSA_BITS    2048
#define SERIAL_SIZE 16
#define OID_SIZE    128

/* Tags. */
#define SEQUENCE       0x30
#define INTEGER        0x02
#define BOOLEAN        0x01
#define BIT_STRING     0x03
#define OCTET_STRING   0x04
#define UTC_TIME       0x17
#define GENERAL_TIME   0x18
#define TAG_VERSION    0xa0 /* [0] EXPLICIT */
#define TAG_EXTENSIONS 0xa3

/* --- Writing DER ---------------------------------------------------------------------------- */

/* Octets that grow. The first failure sticks, and what follows does nothing. */
struct text {
    BYTE *data;
    size_t size;
    SECURITY_STATUS failed;
};

static void put(struct text *text, const void *data, size_t size)
{
    BYTE *grown;

    if (text->failed || size == 0)
        return;
    grown = size > UINT32_MAX / 2 - text->size ? NULL : realloc(text->data, text->size + size);
    if (grown == NULL) {
        text->failed = E_OUTOFMEMORY;
        return;
    }
    memcpy(grown + text->size, data, size);
    text->data = grown;
    text->size += size;
}

static void put_value(struct text *text, BYTE tag, const void *data, size_t size)
{
    unsigned char length[ASN1_MAX_LENGTH_SIZE];
    int count;

    asn1_length_der(size, length, &count);
    put(text, &tag, 1);
    put(text, length, (size_t)count);
    put(text, data, size);
}

/* What was written apart becomes the contents of one value, and is freed. */
static void put_whole(struct text *text, BYTE tag, struct text *contents)
{
    if (!text->failed)
        text->failed = contents->failed;
    put_value(text, tag, contents->data, contents->size);
    free(contents->data);
    *contents = (struct text){NULL, 0, SEC_E_OK};
}

static void put_oid(struct text *text, const char *oid)
{
    unsigned char der[OID_SIZE];
    int size = sizeof(der);

    if (oid == NULL || asn1_object_id_der(oid, der, &size, 0) != ASN1_SUCCESS)
        text->failed = E_INVALIDARG;
    else
        put(text, der, (size_t)size);
}

/* --- Signature algorithms ------------------------------------------------------------------- */

static const struct algorithm {
    const char *oid;
    gnutls_sign_algorithm_t sign;
    gnutls_pk_algorithm_t key;
    bool null; /* parameters, RFC 4055 5 and RFC 5758 3.2 */
} algorithms[] = {
    /* Of a kind of key the first is the one of a caller that names none. */
    {"1.2.840.113549.1.1.11", GNUTLS_SIGN_RSA_SHA256, GNUTLS_PK_RSA, true},
    {"1.2.840.113549.1.1.12", GNUTLS_SIGN_RSA_SHA384, GNUTLS_PK_RSA, true},
    {"1.2.840.113549.1.1.13", GNUTLS_SIGN_RSA_SHA512, GNUTLS_PK_RSA, true},
    {"1.2.840.113549.1.1.5", GNUTLS_SIGN_RSA_SHA1, GNUTLS_PK_RSA, true},
    {"1.2.840.10045.4.3.2", GNUTLS_SIGN_ECDSA_SHA256, GNUTLS_PK_ECDSA, false},
    {"1.2.840.10045.4.3.3", GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_PK_ECDSA, false},
    {"1.2.840.10045.4.3.4", GNUTLS_SIGN_ECDSA_SHA512, GNUTLS_PK_ECDSA, false},
};

static const struct algorithm *algorithm_find(const CRYPT_ALGORITHM_IDENTIFIER *named,
                                              const struct cert_key *key)
{
    const char *oid = named == NULL ? NULL : named->pszObjId;

    for (size_t i = 0; i < ARRAYSIZE(algorithms); i++)
        if (algorithms[i].key == key->algorithm &&
            (oid == NULL || strcmp(oid, algorithms[i].oid) == 0))
            return &algorithms[i];
    return NULL;
}

static void put_algorithm(struct text *text, const struct algorithm *algorithm)
{
    static const BYTE null[] = {5, 0};
    struct text parts = {NULL, 0, SEC_E_OK};

    put_oid(&parts, algorithm->oid);
    if (algorithm->null)
        put(&parts, null, sizeof(null));
    put_whole(text, SEQUENCE, &parts);
}

/* --- The parts of a certificate ------------------------------------------------------------- */

/* What the certificate is to say. */
struct form {
    const CERT_NAME_BLOB *subject;
    const CERT_EXTENSIONS *extensions;
    SYSTEMTIME from, until;
    const struct algorithm *algorithm;
};

/* RFC 5280 4.1.2.5: two digits of a year until 2049. */
static void put_time(struct text *text, const SYSTEMTIME *time)
{
    bool two = time->wYear >= 1950 && time->wYear < 2050;
    char digits[48];
    int size = snprintf(digits, sizeof(digits),
                        two ? "%02u%02u%02u%02u%02u%02uZ" : "%04u%02u%02u%02u%02u%02uZ",
                        two ? time->wYear % 100U : time->wYear, time->wMonth, time->wDay,
                        time->wHour, time->wMinute, time->wSecond);

    put_value(text, two ? UTC_TIME : GENERAL_TIME, digits, (size_t)size);
}

static void put_extension(struct text *text, const CERT_EXTENSION *extension)
{
    static const BYTE yes = 0xff;
    struct text parts = {NULL, 0, SEC_E_OK};

    put_oid(&parts, extension->pszObjId);
    if (extension->fCritical)
        put_value(&parts, BOOLEAN, &yes, 1);
    put_value(&parts, OCTET_STRING, extension->Value.pbData, extension->Value.cbData);
    put_whole(text, SEQUENCE, &parts);
}

static void put_extensions(struct text *text, const CERT_EXTENSIONS *extensions)
{
    struct text list = {NULL, 0, SEC_E_OK}, sequence = {NULL, 0, SEC_E_OK};

    if (extensions == NULL || extensions->cExtension == 0)
        return;
    for (DWORD i = 0; i < extensions->cExtension; i++)
        put_extension(&list, &extensions->rgExtension[i]);
    put_whole(&sequence, SEQUENCE, &list);
    put_whole(text, TAG_EXTENSIONS, &sequence);
}

/* A positive number of 127 bits that nobody has had: RFC 5280 4.1.2.2. */
static void put_serial(struct text *text)
{
    BYTE serial[SERIAL_SIZE];

    if (gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)) != GNUTLS_E_SUCCESS)
        text->failed = E_INVALIDARG;
    serial[0] = (BYTE)((serial[0] & 0x7f) | 0x40);
    put_value(text, INTEGER, serial, sizeof(serial));
}

static void put_public_key(struct text *text, const struct cert_key *key)
{
    gnutls_datum_t der = {NULL, 0};

    if (gnutls_pubkey_export2(key->public, GNUTLS_X509_FMT_DER, &der) != GNUTLS_E_SUCCESS)
        text->failed = E_INVALIDARG;
    put(text, der.data, der.size);
    gnutls_free(der.data);
}

static void put_signed_part(struct text *text, const struct form *form, const struct cert_key *key)
{
    static const BYTE version_3[] = {INTEGER, 1, 2};
    struct text parts = {NULL, 0, SEC_E_OK}, times = {NULL, 0, SEC_E_OK};

    put_value(&parts, TAG_VERSION, version_3, sizeof(version_3));
    put_serial(&parts);
    put_algorithm(&parts, form->algorithm);
    put(&parts, form->subject->pbData, form->subject->cbData);
    put_time(&times, &form->from);
    put_time(&times, &form->until);
    put_whole(&parts, SEQUENCE, &times);
    put(&parts, form->subject->pbData, form->subject->cbData);
    put_public_key(&parts, key);
    put_extensions(&parts, form->extensions);
    put_whole(text, SEQUENCE, &parts);
}

static SECURITY_STATUS put_signature(struct text *text, const struct form *form,
                                     const struct cert_key *key)
{
    gnutls_datum_t data = {text->data, (unsigned)text->size}, signature = {NULL, 0};
    struct text bits = {NULL, 0, SEC_E_OK};
    int code = gnutls_privkey_sign_data2(key->secret, form->algorithm->sign, 0, &data, &signature);

    if (code != GNUTLS_E_SUCCESS)
        return cert_key_status("gnutls_privkey_sign_data2", code, NTE_FAIL);
    put_algorithm(text, form->algorithm);
    put(&bits, "", 1); /* no unused bits */
    put(&bits, signature.data, signature.size);
    put_whole(text, BIT_STRING, &bits);
    gnutls_free(signature.data);
    return SEC_E_OK;
}

/* A name or an extension that is not DER shows when the whole is read. */
static SECURITY_STATUS write_certificate(const struct form *form, const struct cert_key *key,
                                         PCCERT_CONTEXT *out)
{
    struct text parts = {NULL, 0, SEC_E_OK}, whole = {NULL, 0, SEC_E_OK};
    SECURITY_STATUS status = SEC_E_OK;

    put_signed_part(&parts, form, key);
    if (!parts.failed)
        status = put_signature(&parts, form, key);
    put_whole(&whole, SEQUENCE, &parts);
    if (status == SEC_E_OK)
        status = whole.failed;
    if (status == SEC_E_OK) {
        *out = CertCreateCertificateContext(X509_ASN_ENCODING, whole.data, (DWORD)whole.size);
        if (*out == NULL)
            status = (SECURITY_STATUS)GetLastError();
    }
    free(whole.data);
    return status;
}

/* --- The key -------------------------------------------------------------------------------- */

/* The container of an info, which is made when there is none, and a new key in it. */
static SECURITY_STATUS key_into_container(const CRYPT_KEY_PROV_INFO *info, struct cert_key **out)
{
    DWORD kind = info->dwProvType == 0             ? KEYFILE_CNG
                 : info->dwKeySpec == AT_SIGNATURE ? AT_SIGNATURE
                                                   : AT_KEYEXCHANGE;
    char *name = NULL;
    SECURITY_STATUS status = text_from_w(info->pwszContainerName, &name);

    if (name == NULL || cert_key_is_url(name)) {
        free(name);
        return status == SEC_E_INSUFFICIENT_MEMORY ? NTE_NO_MEMORY : NTE_BAD_KEYSET_PARAM;
    }
    status = keyfile_create(name);
    if (status == SEC_E_OK || status == NTE_EXISTS)
        status = cert_key_generate(GNUTLS_PK_RSA, RSA_BITS, false, out);
    if (status == SEC_E_OK) {
        status = keyfile_save(name, kind, *out);
        if (status != SEC_E_OK)
            cert_key_unref(*out);
    }
    free(name);
    return status;
}

static SECURITY_STATUS key_choose(ULONG_PTR handle, const CRYPT_KEY_PROV_INFO *info,
                                  struct cert_key **out)
{
    SECURITY_STATUS status;

    if (ncrypt_handle_is(handle))
        return ncrypt_handle_key(handle, out);
    if (handle != 0) {
        DWORD spec =
            info != NULL && info->dwKeySpec == AT_KEYEXCHANGE ? AT_KEYEXCHANGE : AT_SIGNATURE;

        status = provider_handle_key(handle, spec, out);
        return status == NTE_NO_KEY
                   ? provider_handle_key(handle, AT_KEYEXCHANGE + AT_SIGNATURE - spec, out)
                   : status;
    }
    if (info == NULL) /* Windows makes a container of a random name */
        return cert_key_generate(GNUTLS_PK_RSA, RSA_BITS, false, out);
    status = cert_key_of_info(info, out);
    return status == NTE_BAD_KEYSET || status == NTE_NO_KEY ? key_into_container(info, out)
                                                            : status;
}

/* --- CertCreateSelfSignCertificate ---------------------------------------------------------- */

static bool time_is_sound(const SYSTEMTIME *time)
{
    FILETIME discard;

    return SystemTimeToFileTime(time, &discard) && time->wYear <= 9999;
}

/* From now, for a year. */
static void times_fill(struct form *form, const SYSTEMTIME *from, const SYSTEMTIME *until)
{
    if (from != NULL)
        form->from = *from;
    else
        GetSystemTime(&form->from);
    form->until = form->from;
    form->until.wYear++;
    if (form->until.wMonth == 2 && form->until.wDay == 29)
        form->until.wDay = 28;
    if (until != NULL)
        form->until = *until;
}

static SECURITY_STATUS create(const struct form *form, const CRYPT_ALGORITHM_IDENTIFIER *algorithm,
                              struct cert_key *key, PCCERT_CONTEXT *out)
{
    struct form whole = *form;

    if (key->secret == NULL)
        return NTE_NO_KEY;
    whole.algorithm = algorithm_find(algorithm, key);
    if (whole.algorithm == NULL)
        return NTE_BAD_ALGID;
    return write_certificate(&whole, key, out);
}

/* The certificate has its key at hand, and where it is kept. */
static SECURITY_STATUS tie(PCCERT_CONTEXT context, struct cert_key *key,
                           const CRYPT_KEY_PROV_INFO *info, DWORD flags)
{
    if (flags & CERT_CREATE_SELFSIGN_NO_KEY_INFO)
        return SEC_E_OK;
    cert_context_slot_set(context, &key->object);
    return info == NULL ||
                   CertSetCertificateContextProperty(context, CERT_KEY_PROV_INFO_PROP_ID, 0, info)
               ? SEC_E_OK
               : (SECURITY_STATUS)GetLastError();
}

static PCCERT_CONTEXT give_up(SECURITY_STATUS status)
{
    win_fail((DWORD)status);
    return NULL;
}

WIN_API PCCERT_CONTEXT CertCreateSelfSignCertificate(
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE hCryptProvOrNCryptKey, PCERT_NAME_BLOB pSubjectIssuerBlob,
    DWORD dwFlags, PCRYPT_KEY_PROV_INFO pKeyProvInfo,
    PCRYPT_ALGORITHM_IDENTIFIER pSignatureAlgorithm, PSYSTEMTIME pStartTime, PSYSTEMTIME pEndTime,
    PCERT_EXTENSIONS pExtensions)
{
    struct form form = {pSubjectIssuerBlob, pExtensions, {0}, {0}, NULL};
    PCCERT_CONTEXT context = NULL;
    struct cert_key *key;
    SECURITY_STATUS status;

    native_error_clear();
    times_fill(&form, pStartTime, pEndTime);
    if (pSubjectIssuerBlob == NULL || pSubjectIssuerBlob->pbData == NULL ||
        dwFlags & ~(DWORD)CERT_CREATE_SELFSIGN_NO_KEY_INFO || !time_is_sound(&form.from) ||
        !time_is_sound(&form.until))
        return give_up(E_INVALIDARG);
    status = key_choose(hCryptProvOrNCryptKey, pKeyProvInfo, &key);
    if (status != SEC_E_OK)
        return give_up(status);
    status = create(&form, pSignatureAlgorithm, key, &context);
    if (status == SEC_E_OK)
        status = tie(context, key, pKeyProvInfo, dwFlags);
    cert_key_unref(key);
    if (status == SEC_E_OK)
        return context;
    if (context != NULL)
        CertFreeCertificateContext(context);
    return give_up(status);
}
