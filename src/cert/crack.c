/* SPDX-License-Identifier: MIT */
/* SslCrackCertificate(): of a certificate what Windows' first TLS programs looked at. */
#include <schannel.h>
#include <stdlib.h>
#include <string.h>

#include "cert/cert.h"
#include "cert/info.h"
#include "core/secret.h"
#include "win/win.h"

#define SERIAL_SIZE sizeof(((X509Certificate *)NULL)->SerialNumber)

/* What goes behind the structure; all but info to be freed. */
struct parts {
    const CERT_INFO *info;
    char *issuer, *subject;
    void *key; /* PUBLICKEYBLOB, or the key's own octets */
    DWORD key_size;
};

static void parts_free(struct parts *parts)
{
    free(parts->issuer);
    free(parts->subject);
    free(parts->key);
}

static char *name_text(const CERT_NAME_BLOB *blob)
{
    CERT_NAME_BLOB name = *blob;
    DWORD length = CertNameToStrA(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, NULL, 0);
    char *text = malloc(length);

    if (text == NULL)
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
    else
        CertNameToStrA(X509_ASN_ENCODING, &name, CERT_X500_NAME_STR, text, length);
    return text;
}

/* Octets of a PUBLICKEYBLOB. */
static DWORD blob_size(const BLOBHEADER *blob)
{
    const RSAPUBKEY *key = (const RSAPUBKEY *)(blob + 1);

    return (DWORD)(sizeof(*blob) + sizeof(*key)) + (key->bitlen + 7) / 8;
}

static bool key_take(struct parts *parts)
{
    const CERT_PUBLIC_KEY_INFO *key = &parts->info->SubjectPublicKeyInfo;
    DWORD size;

    if (strcmp(key->Algorithm.pszObjId, szOID_RSA_RSA) == 0 &&
        CryptDecodeObjectEx(X509_ASN_ENCODING, RSA_CSP_PUBLICKEYBLOB, key->PublicKey.pbData,
                            key->PublicKey.cbData, CRYPT_DECODE_ALLOC_FLAG, NULL, &parts->key,
                            &size)) {
        parts->key_size = blob_size(parts->key);
        return true;
    }
    parts->key = memory_copy(key->PublicKey.pbData, key->PublicKey.cbData);
    parts->key_size = key->PublicKey.cbData;
    return parts->key != NULL || win_fail(ERROR_NOT_ENOUGH_MEMORY);
}

/* A serial number may have more octets than there is room for: the low ones are given. */
static void certificate_fill(X509Certificate *certificate, const struct parts *parts)
{
    const CERT_INFO *info = parts->info;
    const CRYPT_INTEGER_BLOB *serial = &info->SerialNumber;

    certificate->Version = info->dwVersion;
    memcpy(certificate->SerialNumber, serial->pbData,
           serial->cbData < SERIAL_SIZE ? serial->cbData : SERIAL_SIZE);
    certificate->SignatureAlgorithm = CertOIDToAlgId(info->SignatureAlgorithm.pszObjId);
    certificate->ValidFrom = info->NotBefore;
    certificate->ValidUntil = info->NotAfter;
}

/* One allocation: the structure, the key, the names. */
static X509Certificate *certificate_new(const struct parts *parts)
{
    size_t issuer = strlen(parts->issuer) + 1, subject = strlen(parts->subject) + 1;
    size_t key = offsetof(PctPublicKey, pKey) + parts->key_size;
    X509Certificate *certificate = calloc(1, sizeof(*certificate) + key + issuer + subject);
    PctPublicKey *public_key = (PctPublicKey *)(certificate + 1);

    if (certificate == NULL) {
        win_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    certificate_fill(certificate, parts);
    certificate->pPublicKey = public_key;
    public_key->Type = CertOIDToAlgId(parts->info->SubjectPublicKeyInfo.Algorithm.pszObjId);
    public_key->cbKey = parts->key_size;
    memcpy((char *)public_key + offsetof(PctPublicKey, pKey), parts->key, parts->key_size);
    certificate->pszIssuer = memcpy((char *)public_key + key, parts->issuer, issuer);
    certificate->pszSubject = memcpy(certificate->pszIssuer + issuer, parts->subject, subject);
    return certificate;
}

static X509Certificate *certificate_crack(const CERT_INFO *info)
{
    struct parts parts = {.info = info};
    X509Certificate *certificate = NULL;

    parts.issuer = name_text(&info->Issuer);
    if (parts.issuer != NULL)
        parts.subject = name_text(&info->Subject);
    if (parts.subject != NULL && key_take(&parts))
        certificate = certificate_new(&parts);
    parts_free(&parts);
    return certificate;
}

static bool signed_by_itself(CERT_INFO *info, const BYTE *der, DWORD size)
{
    return CryptVerifyCertificateSignature(0, X509_ASN_ENCODING, der, size,
                                           &info->SubjectPublicKeyInfo);
}

WIN_API BOOL SslCrackCertificate(PUCHAR pbCertificate, DWORD cbCertificate, DWORD dwFlags,
                                 PX509Certificate *ppCertificate)
{
    CERT_INFO *info;

    if (ppCertificate == NULL || pbCertificate == NULL || dwFlags > TRUE)
        return win_fail(ERROR_INVALID_PARAMETER);
    *ppCertificate = NULL;
    info = cert_info_decode(pbCertificate, cbCertificate);
    if (info == NULL)
        return FALSE;
    if (dwFlags == FALSE || signed_by_itself(info, pbCertificate, cbCertificate))
        *ppCertificate = certificate_crack(info);
    free(info);
    return *ppCertificate != NULL;
}

WIN_API VOID SslFreeCertificate(PX509Certificate pCertificate)
{
    free(pCertificate);
}
