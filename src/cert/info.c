/* SPDX-License-Identifier: MIT */
/* CERT_INFO and CRL_INFO of DER. */
#include "cert/info.h"

#include <stdio.h>

#include "cert/der.h"

#define PATH 64

static void blob_set(CRYPT_DATA_BLOB *blob, struct der_part part)
{
    blob->cbData = (DWORD)part.size;
    blob->pbData = (BYTE *)(uintptr_t)part.data;
}

/* A number that is counted from 0, as versions are; 0 where it is absent. */
static DWORD small_number(const struct der *der, const char *path)
{
    struct der_part part = der_contents(der, path);

    /* An EXPLICIT tag has the number inside. */
    if (part.size >= 2 && part.data[0] == ASN1_TAG_INTEGER)
        der_strip(part, &part);
    return part.size == 1 ? part.data[0] : 0;
}

static bool public_key_read(const struct der *der, struct arena *arena, CERT_PUBLIC_KEY_INFO *key)
{
    return der_algorithm(der, "tbsCertificate.subjectPublicKeyInfo.algorithm", arena,
                         &key->Algorithm) &&
           der_bits(der, "tbsCertificate.subjectPublicKeyInfo.subjectPublicKey", &key->PublicKey);
}

bool cert_info_fill(struct arena *arena, const struct der *der, CERT_INFO *info)
{
    info->dwVersion = small_number(der, "tbsCertificate.version");
    blob_set(&info->Issuer, der_element(der, "tbsCertificate.issuer"));
    blob_set(&info->Subject, der_element(der, "tbsCertificate.subject"));
    return arena_integer(arena, der_contents(der, "tbsCertificate.serialNumber"),
                         &info->SerialNumber) &&
           der_algorithm(der, "tbsCertificate.signature", arena, &info->SignatureAlgorithm) &&
           der_time(der, "tbsCertificate.validity.notBefore", &info->NotBefore) &&
           der_time(der, "tbsCertificate.validity.notAfter", &info->NotAfter) &&
           public_key_read(der, arena, &info->SubjectPublicKeyInfo) &&
           der_bits(der, "tbsCertificate.issuerUniqueID", &info->IssuerUniqueId) &&
           der_bits(der, "tbsCertificate.subjectUniqueID", &info->SubjectUniqueId) &&
           der_extensions(der, "tbsCertificate.extensions", arena, &info->cExtension,
                          &info->rgExtension);
}

static bool entry_read(const struct der *der, unsigned index, struct arena *arena, PCRL_ENTRY entry)
{
    char path[PATH];

    snprintf(path, sizeof(path), "tbsCertList.revokedCertificates.?%u.userCertificate", index);
    if (!arena_integer(arena, der_contents(der, path), &entry->SerialNumber))
        return false;
    snprintf(path, sizeof(path), "tbsCertList.revokedCertificates.?%u.revocationDate", index);
    if (!der_time(der, path, &entry->RevocationDate))
        return false;
    snprintf(path, sizeof(path), "tbsCertList.revokedCertificates.?%u.crlEntryExtensions", index);
    return der_extensions(der, path, arena, &entry->cExtension, &entry->rgExtension);
}

static bool entries_read(const struct der *der, struct arena *arena, CRL_INFO *info)
{
    info->cCRLEntry = der_count(der, "tbsCertList.revokedCertificates");
    if (info->cCRLEntry == 0)
        return true;
    info->rgCRLEntry = arena_take(arena, info->cCRLEntry * sizeof(*info->rgCRLEntry));
    if (info->rgCRLEntry == NULL)
        return false;
    for (DWORD i = 0; i < info->cCRLEntry; i++)
        if (!entry_read(der, i + 1, arena, &info->rgCRLEntry[i]))
            return false;
    return true;
}

static bool cert_fill(struct arena *arena, const void *input)
{
    CERT_INFO *info = arena_take(arena, sizeof(*info));

    return info != NULL && cert_info_fill(arena, input, info);
}

bool crl_info_fill(struct arena *arena, const struct der *der, CRL_INFO *info)
{
    info->dwVersion = small_number(der, "tbsCertList.version");
    blob_set(&info->Issuer, der_element(der, "tbsCertList.issuer"));
    return der_algorithm(der, "tbsCertList.signature", arena, &info->SignatureAlgorithm) &&
           der_time(der, "tbsCertList.thisUpdate", &info->ThisUpdate) &&
           (der_element(der, "tbsCertList.nextUpdate").data == NULL ||
            der_time(der, "tbsCertList.nextUpdate", &info->NextUpdate)) &&
           entries_read(der, arena, info) &&
           der_extensions(der, "tbsCertList.crlExtensions", arena, &info->cExtension,
                          &info->rgExtension);
}

static bool crl_fill(struct arena *arena, const void *input)
{
    CRL_INFO *info = arena_take(arena, sizeof(*info));

    return info != NULL && crl_info_fill(arena, input, info);
}

static void *info_decode(const char *type, bool (*fill)(struct arena *, const void *),
                         const void *data, size_t size)
{
    struct der der;
    void *info;

    if (!der_open(&der, type, data, size))
        return NULL;
    info = arena_build(fill, &der, NULL);
    der_close(&der);
    return info;
}

CERT_INFO *cert_info_decode(const void *der, size_t size)
{
    return info_decode("SSPI-PKIX.Certificate", cert_fill, der, size);
}

CRL_INFO *crl_info_decode(const void *der, size_t size)
{
    return info_decode("SSPI-PKIX.CertificateList", crl_fill, der, size);
}
