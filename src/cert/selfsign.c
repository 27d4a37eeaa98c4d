/* SPDX-License-Identifier: MIT */
/* CertCreateSelfSignCertificate(): a certificate (RFC 5280 4.1) written and signed. */
#include <gnutls/crypto.h>
#include <stdlib.h>

#include "cert/context.h"
#include "cert/encode.h"
#include "cert/keyfile.h"
#include "cert/keyhandle.h"
#include "cert/keyring.h"
#include "cert/scheme.h"
#include "core/native.h"
#include "core/text.h"

#define RSA_BITS    2048
#define SERIAL_SIZE 16

/* --- What it says --------------------------------------------------------------------------- */

/* What the certificate is to say. */
struct form {
    CERT_NAME_BLOB *subject;
    const CERT_EXTENSIONS *extensions;
    FILETIME from, until;
    CRYPT_ALGORITHM_IDENTIFIER algorithm;
};

/* Of a caller that names none. */
static const struct {
    gnutls_pk_algorithm_t key;
    const char *oid;
} usual_algorithms[] = {
    {GNUTLS_PK_RSA, szOID_RSA_SHA256RSA},
    {GNUTLS_PK_ECDSA, szOID_ECDSA_SHA256},
};

static LPSTR usual_algorithm(const struct cert_key *key)
{
    for (size_t i = 0; i < ARRAYSIZE(usual_algorithms); i++)
        if (usual_algorithms[i].key == key->algorithm)
            return (LPSTR)(uintptr_t)usual_algorithms[i].oid;
    return NULL;
}

/* A positive number of 127 bits that nobody has had: RFC 5280 4.1.2.2. */
static bool serial_make(BYTE serial[SERIAL_SIZE])
{
    int code = gnutls_rnd(GNUTLS_RND_NONCE, serial, SERIAL_SIZE);

    serial[SERIAL_SIZE - 1] = (BYTE)((serial[SERIAL_SIZE - 1] & 0x7f) | 0x40);
    return code == GNUTLS_E_SUCCESS;
}

/* The key as certificates have it, to be freed with LocalFree(); NULL with the error set. */
static CERT_PUBLIC_KEY_INFO *public_key(const struct cert_key *key)
{
    gnutls_datum_t der = {NULL, 0};
    CERT_PUBLIC_KEY_INFO *info = NULL;
    DWORD size = 0;

    if (gnutls_pubkey_export2(key->public, GNUTLS_X509_FMT_DER, &der) != GNUTLS_E_SUCCESS)
        win_fail(E_INVALIDARG);
    else
        CryptDecodeObjectEx(X509_ASN_ENCODING, X509_PUBLIC_KEY_INFO, der.data, der.size,
                            CRYPT_DECODE_ALLOC_FLAG, NULL, &info, &size);
    gnutls_free(der.data);
    return info;
}

/* The part that is signed, to be freed; NULL with the error set. */
static uint8_t *signed_part(const struct form *form, const struct cert_key *key, size_t *size)
{
    BYTE serial[SERIAL_SIZE];
    CERT_PUBLIC_KEY_INFO *public = public_key(key);
    CERT_INFO info = {.dwVersion = CERT_V3,
                      .SerialNumber = {sizeof(serial), serial},
                      .SignatureAlgorithm = form->algorithm,
                      .Issuer = *form->subject,
                      .NotBefore = form->from,
                      .NotAfter = form->until,
                      .Subject = *form->subject};
    uint8_t *der = NULL;

    if (form->extensions != NULL) {
        info.cExtension = form->extensions->cExtension;
        info.rgExtension = form->extensions->rgExtension;
    }
    if (public != NULL && serial_make(serial)) {
        info.SubjectPublicKeyInfo = *public;
        der = struct_encode(X509_CERT_TO_BE_SIGNED, &info, size);
    }
    LocalFree(public);
    return der;
}

static SECURITY_STATUS certificate_sign(const struct form *form, const struct cert_key *key,
                                        CERT_SIGNED_CONTENT_INFO *content, PCCERT_CONTEXT *out)
{
    const gnutls_datum_t data = {content->ToBeSigned.pbData, content->ToBeSigned.cbData};
    gnutls_datum_t signature = {NULL, 0};
    struct cert_scheme scheme;
    SECURITY_STATUS status = cert_scheme_read(&form->algorithm, &scheme);
    uint8_t *der;
    size_t size;

    if (status == SEC_E_OK)
        status = cert_scheme_sign(&scheme, key, &data, &signature);
    if (status != SEC_E_OK)
        return status;
    content->SignatureAlgorithm = form->algorithm;
    content->Signature = (CRYPT_BIT_BLOB){signature.size, signature.data, 0};
    der = struct_encode(X509_CERT, content, &size);
    if (der != NULL)
        *out = CertCreateCertificateContext(X509_ASN_ENCODING, der, (DWORD)size);
    free(der);
    gnutls_free(signature.data);
    return *out == NULL ? (SECURITY_STATUS)GetLastError() : SEC_E_OK;
}

/* An extension that is not DER shows when the whole is read. */
static SECURITY_STATUS certificate_write(const struct form *form, const struct cert_key *key,
                                         PCCERT_CONTEXT *out)
{
    CERT_SIGNED_CONTENT_INFO content = {.ToBeSigned = {0, NULL}};
    SECURITY_STATUS status;
    size_t size;

    content.ToBeSigned.pbData = signed_part(form, key, &size);
    if (content.ToBeSigned.pbData == NULL)
        return (SECURITY_STATUS)GetLastError();
    content.ToBeSigned.cbData = (DWORD)size;
    status = certificate_sign(form, key, &content, out);
    free(content.ToBeSigned.pbData);
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

/* RFC 5280 4.1.2.5: no more than four digits of a year. */
static bool time_take(const SYSTEMTIME *time, FILETIME *out)
{
    return SystemTimeToFileTime(time, out) && time->wYear <= 9999;
}

/* From now, for a year. */
static bool times_fill(struct form *form, const SYSTEMTIME *from, const SYSTEMTIME *until)
{
    SYSTEMTIME start, end;

    if (from != NULL)
        start = *from;
    else
        GetSystemTime(&start);
    end = start;
    end.wYear++;
    if (end.wMonth == 2 && end.wDay == 29)
        end.wDay = 28;
    return time_take(&start, &form->from) && time_take(until != NULL ? until : &end, &form->until);
}

static SECURITY_STATUS create(struct form *form, const CRYPT_ALGORITHM_IDENTIFIER *algorithm,
                              struct cert_key *key, PCCERT_CONTEXT *out)
{
    if (key->secret == NULL)
        return NTE_NO_KEY;
    if (algorithm != NULL)
        form->algorithm = *algorithm;
    if (form->algorithm.pszObjId == NULL)
        form->algorithm.pszObjId = usual_algorithm(key);
    return form->algorithm.pszObjId == NULL ? NTE_BAD_ALGID : certificate_write(form, key, out);
}

/* The certificate has its key at hand, and where it is kept. */
static SECURITY_STATUS tie(PCCERT_CONTEXT context, struct cert_key *key,
                           const CRYPT_KEY_PROV_INFO *info, DWORD flags)
{
    if (flags & CERT_CREATE_SELFSIGN_NO_KEY_INFO)
        return SEC_E_OK;
    if (info == NULL)
        keyring_add(key);
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
    struct form form = {.subject = pSubjectIssuerBlob, .extensions = pExtensions};
    PCCERT_CONTEXT context = NULL;
    struct cert_key *key;
    SECURITY_STATUS status;

    native_error_clear();
    if (pSubjectIssuerBlob == NULL || pSubjectIssuerBlob->pbData == NULL ||
        dwFlags & ~(DWORD)CERT_CREATE_SELFSIGN_NO_KEY_INFO ||
        !times_fill(&form, pStartTime, pEndTime))
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
