/* SPDX-License-Identifier: MIT */
/* A certificate of the user's system store MY. */
#include "mystore.h"

static int is_valid_now(PCCERT_CONTEXT certificate)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return CompareFileTime(&certificate->pCertInfo->NotBefore, &now) <= 0 &&
           CompareFileTime(&now, &certificate->pCertInfo->NotAfter) <= 0;
}

static int has_key(PCCERT_CONTEXT certificate)
{
    HCRYPTPROV_OR_NCRYPT_KEY_HANDLE key;
    DWORD spec;
    BOOL ours;

    return CryptAcquireCertificatePrivateKey(
        certificate, CRYPT_ACQUIRE_CACHE_FLAG | CRYPT_ACQUIRE_ALLOW_NCRYPT_KEY_FLAG, NULL, &key,
        &spec, &ours);
}

/* Each search goes on behind the last one's find, and frees it. */
static PCCERT_CONTEXT certificate_find(HCERTSTORE my, const char *subject)
{
    PCCERT_CONTEXT found = NULL;

    do
        found = CertFindCertificateInStore(my, X509_ASN_ENCODING, 0, CERT_FIND_SUBJECT_STR_A,
                                           subject, found);
    while (found != NULL && !(is_valid_now(found) && has_key(found)));
    return found;
}

PCCERT_CONTEXT my_certificate(const char *subject)
{
    HCERTSTORE my = CertOpenSystemStoreA(0, "MY");
    PCCERT_CONTEXT certificate;

    if (my == NULL)
        return NULL;
    certificate = certificate_find(my, subject);
    CertCloseStore(my, 0);
    return certificate;
}
